#!/usr/bin/env python3
"""Reports the flash and RAM that a part adds to an empty image; fails above the limit."""
import argparse
import pathlib
import subprocess
import sys


def flash_and_ram(size: str, image: str):
    text, data, bss = subprocess.run([size, image], capture_output=True, text=True,
                                     check=True).stdout.splitlines()[1].split()[:3]
    return int(text) + int(data), int(data) + int(bss)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", required=True)
    parser.add_argument("--core", required=True)
    parser.add_argument("--part", default="inference core")
    parser.add_argument("--limit", type=int, required=True, help="bytes of flash")
    parser.add_argument("--report", type=pathlib.Path, required=True)
    parser.add_argument("empty")
    parser.add_argument("image")
    options = parser.parse_args()
    before, after = flash_and_ram(options.size, options.empty), flash_and_ram(options.size, options.image)
    flash, ram = after[0] - before[0], after[1] - before[1]
    print(f"{options.part} on {options.core}: {flash} bytes of flash, {ram} bytes of RAM")
    if flash > options.limit:
        print(f"error: more than {options.limit} bytes of flash")
        return 1
    options.report.write_text(f"{flash} {ram}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
