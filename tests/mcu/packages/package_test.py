#!/usr/bin/env python3
"""The package is complete, says what Arduino, PlatformIO and Zephyr want, and its examples compile.

    package_test.py --cmake CMAKE FOLDER      FOLDER: to work in
"""
import argparse
import importlib.util
import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
ARDUINO = pathlib.Path("/usr/share/arduino/hardware/arduino/avr")
# Arduino library specification 1.5.
CATEGORIES = {"Display", "Communication", "Signal Input/Output", "Sensors", "Device Control", "Timing", "Data Storage",
              "Data Processing", "Other"}
CMAKE = "cmake"
FOLDER = pathlib.Path(".")

spec = importlib.util.spec_from_file_location("pack", ROOT / "mcu/packages/pack.py")
pack = importlib.util.module_from_spec(spec)
sys.dont_write_bytecode = True
spec.loader.exec_module(pack)


def properties(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pack.pack(FOLDER, "https://example.org/haltere")

    def test_holds_all_sources_and_nothing_twice(self):
        packed = {path.relative_to(self.folder / "src") for path in (self.folder / "src").rglob("*") if path.is_file()}
        self.assertEqual(packed, set(pack.sources()) | {pathlib.Path("Haltere.h")})
        self.assertGreater(len(packed), 60)
        for path in pack.sources():
            self.assertEqual((self.folder / "src" / path).read_bytes(), (ROOT / path).read_bytes(), path)

    def test_every_include_is_in_it(self):
        include = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
        for path in (self.folder / "src").rglob("*"):
            for target in include.findall(path.read_text()) if path.is_file() else []:
                self.assertTrue((self.folder / "src" / target).is_file(), f"{path}: {target}")

    def test_library_properties_are_as_arduino_wants(self):
        found = properties(self.folder / "library.properties")
        for field in ["name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"]:
            self.assertTrue(found.get(field), field)
        self.assertRegex(found["name"], r"^[A-Za-z0-9][A-Za-z0-9 _.\-]{0,62}$")
        self.assertRegex(found["version"], r"^\d+\.\d+\.\d+$")
        self.assertIn(found["category"], CATEGORIES)
        self.assertNotIn("arduino", found["name"].lower())
        self.assertLess(len(found["sentence"]), 120)
        self.assertTrue((self.folder / "src" / found["includes"]).is_file())

    def test_versions_agree(self):
        wanted = properties(self.folder / "library.properties")["version"]
        self.assertEqual(json.loads((self.folder / "library.json").read_text())["version"], wanted)
        self.assertIn(f"VERSION {wanted}", (ROOT / "CMakeLists.txt").read_text())

    def test_library_json_names_what_is_there(self):
        found = json.loads((self.folder / "library.json").read_text())
        self.assertTrue((self.folder / "src" / found["headers"]).is_file())
        for example in found["examples"]:
            for file in example["files"]:
                self.assertTrue((self.folder / example["base"] / file).is_file(), file)
        self.assertEqual({example["name"] for example in found["examples"]},
                         {path.name for path in (self.folder / "examples").iterdir()})

    def test_examples_are_sketches(self):
        for example in (self.folder / "examples").iterdir():
            self.assertTrue((example / f"{example.name}.ino").is_file(), example)

    def test_zephyr_finds_the_sources(self):
        module = (self.folder / "zephyr/module.yml").read_text()
        for key, target in re.findall(r"^  (cmake|kconfig): (\S+)$", module, re.M):
            self.assertTrue((self.folder / target).exists(), key)
        script = FOLDER / "zephyr.cmake"
        script.write_text(f"""
function(zephyr_library_named name)
endfunction()
function(zephyr_library_compile_options)
endfunction()
function(zephyr_include_directories folder)
  if(NOT EXISTS ${{folder}}/mcu/firmware/runtime.hpp)
    message(FATAL_ERROR "no headers in ${{folder}}")
  endif()
endfunction()
function(zephyr_library_sources)
  list(LENGTH ARGN count)
  message(STATUS "sources: ${{count}}")
endfunction()
set(CONFIG_HALTERE y)
include({self.folder}/zephyr/CMakeLists.txt)
""")
        run = subprocess.run([CMAKE, "-P", script], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        compiled = [path for path in pack.sources() if path.suffix in {".cpp", ".S"}]
        self.assertIn(f"sources: {len(compiled)}", run.stdout)

    @unittest.skipUnless(ARDUINO.is_dir() and shutil.which("avr-g++"), "arduino-core-avr is not installed")
    def test_examples_compile_for_an_arduino_mega(self):
        for example in sorted((self.folder / "examples").iterdir()):
            command = ["avr-g++", "-std=gnu++14", "-Os", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-threadsafe-statics",
                       "-ffunction-sections", "-mmcu=atmega2560", "-DF_CPU=16000000L", "-DARDUINO=10819", "-DARDUINO_ARCH_AVR",
                       "-I", ARDUINO / "cores/arduino", "-I", ARDUINO / "variants/mega", "-I", self.folder / "src",
                       "-include", "Arduino.h", "-x", "c++", "-c", example / f"{example.name}.ino", "-o",
                       FOLDER / f"{example.name}.o"]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmake", default=CMAKE)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    CMAKE = arguments.cmake
    FOLDER = arguments.folder
    FOLDER.mkdir(parents=True, exist_ok=True)
    unittest.main(argv=sys.argv[:1])
