#!/usr/bin/env python3
"""Reports the flash that images of a part add to an empty one; fails when the first is above the limit."""
import argparse
import pathlib
import subprocess
import sys


def flash(size: str, image: str):
    text, data = subprocess.run([size, image], capture_output=True, text=True, check=True).stdout.splitlines()[1].split()[:2]
    return int(text) + int(data)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", required=True)
    parser.add_argument("--core", required=True)
    parser.add_argument("--part", default="inference core")
    parser.add_argument("--limit", type=int, required=True, help="bytes of flash")
    parser.add_argument("--report", type=pathlib.Path, required=True)
    parser.add_argument("empty")
    parser.add_argument("images", nargs="+", help="the part alone; then with all layers, with all checks")
    options = parser.parse_args()
    empty = flash(options.size, options.empty)
    sizes = [flash(options.size, image) - empty for image in options.images]
    more = "".join(f"; with all {what} {size}" for what, size in zip(("layers", "checks"), sizes[1:]))
    print(f"{options.part} on {options.core}: {sizes[0]} bytes of flash{more}")
    if sizes[0] > options.limit:
        print(f"error: more than {options.limit} bytes of flash")
        return 1
    options.report.write_text(" ".join(map(str, sizes)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
