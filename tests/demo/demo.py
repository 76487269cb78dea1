#!/usr/bin/env python3
"""Runs the whole loop with nothing attached: a virtual board sends an IMU's lines over a serial line,
the agent fuses, learns and hands the int8 model to a microcontroller (our firmware on an emulated
Cortex-M4F, or built for this machine where QEMU is missing), which infers on the same windows.

A second run goes on learning where the first one ended; --fresh starts anew. Ctrl-C ends cleanly.
"""
import argparse
import contextlib
import ctypes
import json
import os
import pathlib
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time

STOP_SECONDS = 5
PR_SET_PDEATHSIG = 1


def arguments():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--recording", nargs="?", const="", metavar="FILE",
                        help="play this recording of gestures instead of the simulation (without FILE: "
                             "gesture5/gestures.csv in $HALTERE_DATA, default ../shared/data)")
    parser.add_argument("--summary", type=pathlib.Path, metavar="FILE", help="write the summary as JSON")
    parser.add_argument("--speed", type=float, default=6.0, help="times faster than real time (default 6)")
    parser.add_argument("--takes", type=int, default=200, help="simulated gestures (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the simulation, or of the recording's order")
    parser.add_argument("--fresh", action="store_true", help="forget what earlier runs learned")
    parser.add_argument("--host-firmware", action="store_true", help="do not use QEMU even if it is there")
    return parser.parse_args()


def die_with_parent():
    """In the child: end when this script does, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(command, **options):
    # A session of its own: Ctrl-C reaches this script alone, which ends the others in order.
    return subprocess.Popen([str(word) for word in command], start_new_session=True,
                            preexec_fn=die_with_parent, **options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_microcontroller(options, folder):
    """The firmware's process and the device the agent opens for it."""
    image = options.root / "build/cross/firmware_mps2_an386.elf"
    qemu = shutil.which("qemu-system-arm")
    if qemu and image.exists() and not options.host_firmware:
        port = free_port()
        uart = f"socket,id=uart,host=127.0.0.1,port={port},server=on,wait=off,nodelay=on"
        process = start([qemu, "-M", "mps2-an386", "-display", "none", "-monitor", "none", "-chardev", uart,
                         "-serial", "chardev:uart", "-serial", "null", "-kernel", image],
                        stderr=(folder / "qemu.log").open("w"))
        return process, f"tcp://127.0.0.1:{port}", "emulated Cortex-M4F (QEMU mps2-an386)"
    link = folder / "microcontroller"
    process = start([options.root / "build/firmware_host", "--link", link], stdout=subprocess.DEVNULL)
    wait_for(link)
    return process, str(link), "host build of the firmware (no QEMU or no cross compiler here)"


def wait_for(path, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > deadline:
            sys.exit(f"demo: {path} did not appear")
        time.sleep(0.02)


def start_board(options, folder):
    link = folder / "board"
    command = [options.root / "build/virtual_board", "--link", link, "--seed", options.seed,
               "--speed", options.speed, "--takes", options.takes]
    if options.recording:
        command += ["--recording", options.recording]
    process = start(command, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()  # its device; the next line comes when all has been sent
    return process, link


def stop(process, how=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode


def summarise(report, chip):
    """The agent's report plus what a person asks first."""
    model = report["models"]["gesture"]
    return {**report, "prequential_accuracy": model["prequential"]["accuracy"], "mcu": report["mcus"]["tag"],
            "microcontroller": chip}


def print_summary(summary):
    mcu = summary["mcu"]
    agreement = mcu.get("agreement")
    print(f"""
  samples               {summary['samples']} ({summary['dropped']} dropped)
  prequential accuracy  {100 * summary['prequential_accuracy']:.1f} % (each window predicted before it was learned)
  microcontroller       {summary['microcontroller']}, core {mcu.get('core')}
  model on it           version {mcu.get('model_version')}
  inferences there      {mcu.get('inferences')}, {'none compared' if agreement is None else f'{100 * agreement:.2f} % equal to the board to the bit'}
  memory of the agent   {summary['rss_kib'] / 1024:.1f} MiB
""")


def main() -> int:
    options = arguments()
    options.root = options.root or pathlib.Path(__file__).resolve().parents[2]
    if options.recording == "":
        options.recording = os.environ.get("HALTERE_DATA", options.root / "../shared/data") / pathlib.Path("gesture5/gestures.csv")
    if options.recording and not pathlib.Path(options.recording).is_file():
        sys.exit(f"demo: there is no recording {options.recording}")
    folder = options.root / "build/demo" / ("recording" if options.recording else "simulation")
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    report_path = folder / "report.json"
    report_path.unlink(missing_ok=True)

    interrupted = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.append(True))

    with contextlib.ExitStack() as cleanup:
        firmware, device, chip = start_microcontroller(options, folder)
        cleanup.callback(stop, firmware)
        board, board_device = start_board(options, folder)
        cleanup.callback(stop, board)
        print(f"board: {'takes of ' + str(options.recording) + ', in random order' if options.recording else 'simulated gestures'}"
              f" on {os.path.relpath(board_device)}, {options.speed:g} times real time\nmicrocontroller: {chip} on {device}")
        agent = start([options.root / "build/haltere", "run", options.root / "config/gesture.yaml",
                       "--set", f"imu.device={board_device}", "--set", f"tag.device={device}",
                       "--set", f"agent.state={folder / 'state'}", "--report", report_path])
        cleanup.callback(stop, agent, signal.SIGINT)
        board_said = selectors.DefaultSelector()
        board_said.register(board.stdout, selectors.EVENT_READ)
        while not interrupted and agent.poll() is None and not board_said.select(0.05):
            pass
        if not interrupted and agent.poll() is None:
            time.sleep(1.0)  # the last windows still travel to the microcontroller and back
        code = stop(agent, signal.SIGINT)
    if code != 0 or not report_path.exists():
        print(f"demo: the agent ended with exit code {code}", file=sys.stderr)
        return 1
    summary = summarise(json.loads(report_path.read_text()), chip)
    print_summary(summary)
    if options.summary:
        options.summary.write_text(json.dumps(summary, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
