#!/usr/bin/env python3
"""Packs the runtime for microcontrollers as one folder that is an Arduino library, a PlatformIO library and a Zephyr module.

    mcu/packages/pack.py --out build/package [--url URL]

Its sources are the project's own, copied from mcu/ and models/kernels/; they find each other by the same paths below src/. `--url`
is where the library is published, which Arduino's library manager demands. Writes OUT/Haltere and OUT/Haltere-VERSION.zip.
"""
import argparse
import pathlib
import re
import shutil

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDERS = ["mcu/firmware", "mcu/link", "models/kernels"]
ALSO = ["mcu/firmware/ports/shared/slots_in_ram.hpp"]
SUFFIXES = {".cpp", ".hpp", ".h", ".S", ".inc"}


def sources():
    """Paths from the root of all that runs on a microcontroller, but the ports."""
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).iterdir()) if path.suffix in SUFFIXES]
    return [path.relative_to(ROOT) for path in found] + [pathlib.Path(path) for path in ALSO]


def copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def version():
    return re.search(r"^version=(.+)$", (HERE / "library.properties").read_text(), re.M).group(1)


def pack(out, url=""):
    folder = out / "Haltere"
    if folder.exists():
        shutil.rmtree(folder)
    for path in sources():
        copy(ROOT / path, folder / "src" / path)
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts:
            copy(path, folder / path.relative_to(HERE))
    copy(ROOT / "LICENSE", folder / "LICENSE")
    properties = folder / "library.properties"
    properties.write_text(properties.read_text().replace("url=\n", f"url={url}\n"))
    shutil.make_archive(str(out / f"Haltere-{version()}"), "zip", out, "Haltere")
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--url", default="")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    print(pack(arguments.out, arguments.url))


if __name__ == "__main__":
    main()
