#!/usr/bin/env python3
"""Runs clang-tidy over C++ sources in parallel; sources that passed unchanged are skipped.

A source is unchanged when it, every header of the project, .clang-tidy and its compile command are.
"""
import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder with compile_commands.json")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("files", nargs="*")
    return parser.parse_args()


def tidy(build: pathlib.Path, source: pathlib.Path):
    run = subprocess.run(["clang-tidy", "--quiet", "-p", str(build), str(source)],
                         capture_output=True, text=True, check=False)
    return run.returncode, run.stdout


def main() -> int:
    options = arguments()
    commands = {pathlib.Path(c["file"]).resolve(): c["command"]
                for c in json.loads((options.build / "compile_commands.json").read_text())}
    listed = {(ROOT / f).resolve() for f in options.files}
    shared = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for header in sorted(ROOT.rglob("*.hpp")):
        if "build" not in header.relative_to(ROOT).parts:
            shared.update(header.read_bytes())
    passed = options.build / "lint"
    passed.mkdir(exist_ok=True)

    work = []
    for source in sorted(listed & commands.keys()):
        key = shared.copy()
        key.update(source.read_bytes() + commands[source].encode())
        if not (passed / key.hexdigest()).exists():
            work.append((source, passed / key.hexdigest()))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for (source, stamp), (code, output) in zip(work, pool.map(lambda w: tidy(options.build, w[0]), work)):
            if code == 0:
                stamp.touch()
            else:
                failed += 1
                print(output.strip())
    print(f"clang-tidy: {len(work)} sources analysed, {len(listed & commands.keys()) - len(work)} unchanged, "
          f"{failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
