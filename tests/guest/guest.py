#!/usr/bin/env python3
"""Runs a command on a Debian kernel under QEMU, over this machine's own files.

    guest.py [--module NAME[,OPTIONS]]... [--timeout S] [--verbose] -- COMMAND [ARGUMENT...]

The guest sees the machine's root file system read-only through 9p with a tmpfs on top, so programs
built here just run and what they write is thrown away. Exits with the command's exit code, with 77
(skipped) when QEMU or a kernel package cannot be had, 124 past the time limit, 125 when the guest
gave no answer. The kernel is fetched with `apt-get download` once, into $HALTERE_CACHE
(~/.cache/haltere). Always emulated (TCG): the boot takes about 5 s.
"""
import argparse
import fcntl
import glob
import io
import lzma
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

BOOT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "boot")
CACHE = os.environ.get("HALTERE_CACHE", os.path.expanduser("~/.cache/haltere"))
QEMU = "qemu-system-x86_64"
BUSYBOX = "/bin/busybox"
BOOT_MODULES = "virtio_pci 9pnet_virtio 9p overlay virtio_console".split()
SKIPPED, LATE, NO_ANSWER = 77, 124, 125


def give_up(message, code=NO_ANSWER):
    print("guest: " + message, file=sys.stderr)
    sys.exit(code)


def read_bytes(path):
    with open(path, "rb") as file:
        data = file.read()
    return lzma.decompress(data) if path.endswith(".xz") else data


# ---- the kernel -------------------------------------------------------------
def kernel_package():
    """Name of the package that linux-image-amd64 stands for now; it changes with each update."""
    shown = subprocess.run(["apt-cache", "show", "--no-all-versions", "linux-image-amd64"],
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    found = re.search(r"^Depends: (linux-image-[^ ,]+)", shown.stdout, re.M)
    return found.group(1) if found else None


def fetch_kernel(tree):
    package = kernel_package()
    if not package:
        give_up("SKIPPED: apt knows no linux-image-amd64 (run apt-get update)", SKIPPED)
    fetched = subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package],
                             cwd=tree, stdout=sys.stderr, check=False)
    packages = glob.glob(tree + "/*.deb")
    if fetched.returncode != 0 or not packages:
        give_up("SKIPPED: apt-get could not download " + package, SKIPPED)
    subprocess.run(["dpkg-deb", "-x", packages[0], tree], check=True)
    os.unlink(packages[0])
    if not os.path.isdir(tree + "/lib/modules"):  # Debian 13 has /usr/lib/modules only
        os.symlink("usr/lib", tree + "/lib")
    version = os.listdir(tree + "/lib/modules")[0]
    subprocess.run([BUSYBOX, "depmod", "-b", tree, version], check=True)
    unpack_image(glob.glob(tree + "/boot/vmlinuz-*")[0], tree + "/vmlinux")


def unpack_image(image, vmlinux):
    """Cuts the ELF kernel out of a bzImage: it boots without firmware and without unpacking itself."""
    data = read_bytes(image)
    offset, length = struct.unpack_from("<II", data, 0x248)  # payload_offset, payload_length
    payload = data[(data[0x1F1] + 1) * 512 + offset:][:length]
    if payload[:6] == b"\xfd7zXZ\0":
        elf = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(payload)
    elif shutil.which("zstd"):
        elf = subprocess.run(["zstd", "-dcq"], input=payload[:-4], stdout=subprocess.PIPE,
                             check=True).stdout
    else:
        return shutil.copy(image, vmlinux)  # QEMU starts it as it is, only slower
    with open(vmlinux, "wb") as file:
        file.write(elf)
    return vmlinux


def kernel_tree():
    """The unpacked kernel package, fetched by the first of several runs."""
    tree = os.path.join(CACHE, "guest-kernel")
    os.makedirs(CACHE, exist_ok=True)
    with open(tree + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(tree + "/complete"):
            shutil.rmtree(tree, ignore_errors=True)
            os.makedirs(tree)
            fetch_kernel(tree)
            with open(tree + "/complete", "w", encoding="ascii"):
                pass
    return tree


def module_name(path):
    return re.sub(r"\.ko(\..*)?$", "", os.path.basename(path)).replace("-", "_")


def with_dependencies(modules, names):
    """Files (below `modules`) of the named modules and what they need, in loading order."""
    needs = {}
    with open(modules + "/modules.dep", encoding="ascii") as file:
        for line in file:
            path, _, rest = line.partition(":")
            needs[module_name(path)] = (path, rest.split())
    order = []

    def visit(name):
        if name not in needs:
            return  # built in
        path, others = needs[name]
        for other in others:
            visit(module_name(other))
        if path not in order:
            order.append(path)

    for name in names:
        visit(name.replace("-", "_"))
    return order


# ---- the initramfs ----------------------------------------------------------
class Cpio:
    """Writes the newc format that the kernel unpacks."""

    def __init__(self):
        self.out = io.BytesIO()
        self.count = 0
        self.folders = set()

    def _entry(self, name, mode, data=b""):
        self.count += 1
        encoded = name.encode() + b"\0"
        fields = (self.count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        self.out.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))

    def add(self, name, data):
        parts = name.split("/")[:-1]
        for i in range(1, len(parts) + 1):
            folder = "/".join(parts[:i])
            if folder not in self.folders:
                self.folders.add(folder)
                self._entry(folder, 0o40755)
        self._entry(name, 0o100755, data)

    def finish(self):
        self._entry("TRAILER!!!", 0)
        return self.out.getvalue()


def job_script(options):
    """What the guest runs: load the modules, then become the command."""
    lines = ["PATH=/run/guest/bin:$PATH"]
    for module in options.module:  # "i2c-stub,chip_addr=0x48,0x68": the first comma ends the name
        name, _, arguments = module.partition(",")
        lines.append(shlex.join(["modprobe", name] + shlex.split(arguments)) + " || exit 125")
    lines += ["export HOME=/root LANG=C.UTF-8 PATH", "cd " + shlex.quote(os.getcwd()),
              "exec " + shlex.join(options.command)]
    return ("\n".join(lines) + "\n").encode()


def make_initramfs(options, modules, path):
    boot = with_dependencies(modules, BOOT_MODULES)
    archive = Cpio()
    archive.add("bin/busybox", read_bytes(BUSYBOX))
    for module in boot:
        archive.add("modules/" + module_name(module) + ".ko",
                    read_bytes(os.path.join(modules, module)))
    for name in ("init", "root", "job"):
        archive.add("init" if name == "init" else "guest/" + name, read_bytes(BOOT + "/" + name))
    archive.add("guest/command", job_script(options))
    archive.add("guest/settings", ("BOOT_MODULES=%s\nKERNEL=%s\n" % (
        shlex.quote(" ".join(module_name(m) + ".ko" for m in boot)),
        shlex.quote(os.path.basename(modules)))).encode())
    with open(path, "wb") as file:
        file.write(archive.finish())


# ---- the machine ------------------------------------------------------------
def share(tag, path):
    return ["-fsdev", "local,id=%s,path=%s,security_model=none,multidevs=remap,readonly=on"
            % (tag, path.replace(",", ",,")),
            "-device", "virtio-9p-pci,fsdev=%s,mount_tag=%s" % (tag, tag)]


def channel(name, target):
    return ["-chardev", "file,id=%s,path=%s,append=on" % (name, target),
            "-device", "virtserialport,chardev=%s,name=%s" % (name, name)]


def machine(tree, modules, work, out, err):
    arguments = ("console=ttyS0,115200 quiet loglevel=5 panic=-1 mitigations=off nokaslr "
                 "cryptomgr.notests tsc=reliable no_timer_check")
    return [QEMU, "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "1024",
            "-nodefaults", "-display", "none", "-no-reboot", "-kernel", tree + "/vmlinux",
            "-initrd", work + "/initramfs", "-append", arguments,
            "-serial", "file:%s/console" % work,
            "-add-fd", "fd=%d,set=1" % out, "-add-fd", "fd=%d,set=2" % err,
            "-device", "virtio-serial-pci", *channel("out", "/dev/fdset/1"),
            *channel("err", "/dev/fdset/2"), *channel("code", work + "/code"),
            *share("root", "/"), *share("modules", modules)]


def pump(source, target):
    while data := os.read(source, 65536):
        while data:
            data = data[os.write(target, data):]


def boot(options, tree, work):
    modules = glob.glob(tree + "/lib/modules/*")[0]
    make_initramfs(options, modules, work + "/initramfs")
    (out_end, out), (err_end, err) = os.pipe(), os.pipe()
    command = machine(tree, modules, work, out, err)
    if options.verbose:
        print("guest: " + shlex.join(command), file=sys.stderr)
    with open(work + "/qemu", "wb") as log:
        qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                pass_fds=(out, err))
    os.close(out)
    os.close(err)
    pumps = [threading.Thread(target=pump, args=ends, daemon=True)
             for ends in ((out_end, 1), (err_end, 2))]
    for each in pumps:
        each.start()
    try:
        qemu.wait(options.timeout)
        late = False
    except subprocess.TimeoutExpired:
        late = True
    finally:
        qemu.kill()
        qemu.wait()
        for each in pumps:
            each.join(5)
    return late


def exit_code(work, late):
    try:
        with open(work + "/code", encoding="ascii") as file:
            return int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        for name in ("qemu", "console"):
            if os.path.exists(work + "/" + name):
                with open(work + "/" + name, errors="replace", encoding="utf-8") as file:
                    sys.stderr.write("".join(file.readlines()[-25:]))
        print("guest: %s" % ("past the time limit" if late else "no answer"), file=sys.stderr)
        return LATE if late else NO_ANSWER


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", action="append", default=[], metavar="NAME[,OPTIONS]")
    parser.add_argument("--timeout", type=float, default=240)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    for needed in (QEMU, "busybox", "apt-get", "dpkg-deb"):
        if not shutil.which(needed):
            give_up("SKIPPED: no " + needed + " here", SKIPPED)
    tree = kernel_tree()
    started = time.monotonic()
    work = tempfile.mkdtemp(prefix="haltere-guest-")
    try:
        code = exit_code(work, boot(options, tree, work))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("guest: exit code %d after %.1f s" % (code, time.monotonic() - started), file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
