#!/usr/bin/env python3
"""Fails when the archives need symbols that a bare microcontroller does not have.

Allowed are mem* and the compiler's own helpers (on Arm __aeabi_* and __gnu_*, on AVR also for its start), which every C
compiler brings.
"""
import argparse
import pathlib
import re
import subprocess
import sys

ALLOWED = re.compile(r"^(mem(cpy|move|set|cmp)|__aeabi_\w+|__gnu_thumb1_case_\w+"
                     r"|__(tablejump2?|(pro|epi)logue_(saves|restores)|u?mul\w*[hs]i3|u?divmod[qhs]i4|cmpdi2(_s8)?"
                     r"|umulsidi3|adddi3_s8|rotldi3|do_(copy_data|clear_bss))(__)?"
                     r"|__(u?div|u?mod|u?divmod|mul|add|sub|neg|ashl|ashr|lshr|cl[zt]|fixuns|fix|float|floatun"
                     r"|eq|ne|lt|le|gt|ge|unord)[sd][fi][sd]?[fi]?[23]?)$")


def symbols(nm: str, archive: str, defined: bool):
    option = "--defined-only" if defined else "--undefined-only"
    listing = subprocess.run([nm, "--format=posix", option, archive], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in listing.stdout.splitlines() if len(line.split()) > 1}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nm", required=True)
    parser.add_argument("--report", type=pathlib.Path, required=True)
    parser.add_argument("archives", nargs="+")
    options = parser.parse_args()
    own = set().union(*(symbols(options.nm, archive, True) for archive in options.archives))
    needed = set().union(*(symbols(options.nm, archive, False) for archive in options.archives)) - own
    foreign = sorted(name for name in needed if not ALLOWED.match(name))
    for name in foreign:
        print(f"error: not freestanding: {name} is needed by {', '.join(options.archives)}")
    if foreign:
        return 1
    options.report.write_text("\n".join(sorted(needed)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
