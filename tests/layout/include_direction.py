#!/usr/bin/env python3
"""Checks every #include "..." of the project against the rooms' allowed directions.

Exit code 1 and one line per offence. The table mirrors the README's folder table.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALLOWED = {
    "config": {"config"},
    "sensors": {"sensors", "config"},
    "fusion": {"fusion", "config", "sensors/sample.hpp", "models/kernels"},
    "models/kernels": {"models/kernels"},
    "models": {"models", "models/kernels", "config"},
    "learner": {"learner", "models", "models/kernels", "config"},
    "mcu/link": {"mcu/link"},
    "mcu/firmware": {"mcu/firmware", "mcu/link", "models/kernels"},
    "agent": {"agent", "config", "sensors", "fusion", "learner", "models", "models/kernels", "mcu/link"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def room_of(path: str) -> str:
    """Longest folder of the table that holds `path`; empty when none does."""
    return max((room for room in ALLOWED if path.startswith(room + "/")), key=len, default="")


def offences(source: str, text: str):
    allowed = ALLOWED[room_of(source)]
    for target in INCLUDE.findall(text):
        if not (ROOT / target).is_file():
            yield f'{source}: "{target}" is not a path from the root'
        elif target not in allowed and room_of(target) not in allowed:
            yield f'{source}: may not include "{target}"'


def main() -> int:
    found, files = [], 0
    for path in sorted(ROOT.rglob("*")):
        source = path.relative_to(ROOT).as_posix()
        if path.suffix not in {".hpp", ".cpp", ".h", ".c"} or not room_of(source):
            continue
        files += 1
        found += offences(source, path.read_text())
    for line in found:
        print(line)
    print(f"{files} files checked, {len(found)} offences")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
