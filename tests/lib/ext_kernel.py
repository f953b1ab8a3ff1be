# SPDX-License-Identifier: GPL-2.0-only
"""What tests of ashlar_ext in Python share: the family, the kernel's log, where in the source an offset is."""

import ctypes
import os
import re
import subprocess

import genl

TREE = genl.TREE
CLONE_NEWNET = 0x40000000
STATES = ("starting", "running", "trial", "frozen", "quarantined", "dead")
LIBC = ctypes.CDLL(None, use_errno=True)


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode:
        raise SystemExit(f"Bail out! {' '.join(command)}: {done.stdout.strip()}")
    return done.stdout


def enter(name):
    with open("/proc/1/ns/net" if name is None else f"/run/netns/{name}", "rb") as file:
        if LIBC.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {name}")


class Shim:
    """The family, from one namespace."""

    spec = genl.Spec(genl.load("ashlar_ext"))

    def __init__(self):
        self.sock = genl.Genl()
        self.id = self.sock.family(self.spec.name)["id"]

    @classmethod
    def enum(cls, name):
        return [e["name"] for d in cls.spec.data["definitions"] if d["name"] == name for e in d["entries"]]

    def ask(self, op, dump=False, **values):
        known = self.spec.of(op)
        body = b""
        for name, value in values.items():
            what = known[name.replace("_", "-")]
            kind = what["type"]
            if kind == "string":
                data = value.encode() + b"\0"
            elif kind == "binary":
                data = value
            elif kind == "flag":
                data = b""
            else:
                data = int(value).to_bytes(genl.BY_LENGTH[kind], "little", signed=kind[0] == "s")
            body += genl.attr(what["number"], data)
        names = {a["number"]: a for a in known.values()}
        out = []
        for message in self.sock.request(self.id, self.spec.ops[op]["number"], body, dump):
            got = {}
            for number, data in message:
                what = names[number]
                kind = what["type"]
                value = data.rstrip(b"\0").decode() if kind == "string" else data if kind == "binary" else True \
                    if kind == "flag" else int.from_bytes(data, "little", signed=kind[0] == "s")
                if what.get("multi-attr"):
                    got.setdefault(what["name"], []).append(value)
                else:
                    got[what["name"]] = value
            out.append(got)
        return out


class Log:
    """What the kernel says that it should not."""

    def __init__(self):
        with open(os.path.join(TREE, "scripts", "vm", "complaints"), encoding="utf-8") as file:
            lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
        self.wrong = re.compile("|".join(f"(?:{x})" for x in lines if not x.startswith("!")))
        self.fine = re.compile("|".join(f"(?:{x[1:]})" for x in lines if x.startswith("!")))
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def complaint(self):
        found = None
        while True:
            try:
                line = os.read(self.fd, 8192).decode("utf-8", "replace").partition(";")[2].split("\n")[0]
            except BrokenPipeError:
                continue
            except BlockingIOError:
                return found
            if not found and self.wrong.search(line) and not self.fine.search(line):
                found = line


def taint():
    with open("/proc/sys/kernel/tainted", encoding="ascii") as file:
        return int(file.read())


def places(module, offsets):
    """Of offsets in a module's functions: lists of (file's name, line), the innermost first."""
    offsets = sorted(offsets)
    start = int(re.search(r"^(\w+) \w ashlar_text_start$", run("nm", module), re.M).group(1), 16)
    # The address is that behind the call which told of the fault.
    text = run("addr2line", "-i", "-a", "-j", ".text", "-e", module, *[hex(start + o - 1) for o in offsets])
    found, at = {}, None
    for line in text.splitlines():
        if line.startswith("0x"):
            at = int(line, 16) - start + 1
            found[at] = []
        else:
            place = re.match(r".*?(\w+\.[ch]):(\d+)", line)
            if place:
                found[at].append((place.group(1), int(place.group(2))))
    return found
