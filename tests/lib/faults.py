# SPDX-License-Identifier: GPL-2.0-only
"""Fail every allocation that a command makes, one after the other (/proc/thread-self/fail-nth).

Prints KTAP lines without numbers and plan: "ok NAME" or "not ok NAME".
"""

import ctypes
import errno
import os
import random
import re
import socket
import struct
import time

LIBC = ctypes.CDLL(None, use_errno=True)
HOME = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
UAPI = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../include/uapi/linux")
LIMIT = 600
SOAK = bool(os.environ.get("ASHLAR_SOAK"))

# Of the family at hand: its name, its numbers by name, and what of its objects is the configuration.
FAMILY = ""
E = {}
SHOWN = {}
# Objects of which there is one at most, and which are not dumped.
ONES = ()


def use(family, shown, ones=()):
    global FAMILY, ONES
    FAMILY, ONES = family, ones
    SHOWN.update(shown)
    with open(os.path.join(UAPI, family + ".h"), encoding="ascii") as file:
        for body_text in re.findall(r"enum[^{]*{([^}]*)}", file.read()):
            value = -1
            for name, given in re.findall(r"(\w+)(?:\s*=\s*([^,\n]+))?\s*(?:,|\n|$)", body_text):
                if given and not given.strip().isdigit():
                    continue
                value = int(given) if given else value + 1
                E[name.replace(family.upper() + "_", "")] = value


def enter(ns):
    fd = os.open("/run/netns/" + ns, os.O_RDONLY)
    if LIBC.setns(fd, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def leave():
    if LIBC.setns(HOME, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")


class Fault:
    """The NTH allocation inside of the block fails; .hit tells whether there was one."""

    def __init__(self, nth):
        self.nth = nth
        self.hit = False

    def __enter__(self):
        self.fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        self.text = b"%d" % self.nth
        os.write(self.fd, self.text)
        return self

    @staticmethod
    def once(call):
        """None if the fault hits just here; then there is none left."""
        try:
            return call()
        except OSError as err:
            if err.errno != errno.EFAULT:
                raise
            return None

    def __exit__(self, *unused):
        # Reading gives what is left. The copies to and from user space count as allocations and fail in their turn.
        left = self.once(lambda: os.pread(self.fd, 16, 0))
        self.hit = left is not None and int(left) == 0
        if not self.hit:
            self.once(lambda: os.pwrite(self.fd, b"0", 0))
        os.close(self.fd)


class Genl:
    def __init__(self, ns):
        enter(ns)
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        leave()
        self.sock.bind((0, 0))
        self.seq = 1
        self.family = 16
        self.groups = {}
        for payload in self.transact(3, attr(2, FAMILY.encode() + b"\0")):
            told = attrs(payload)
            self.family = struct.unpack("=H", told[1][0])[0]
            for group in attrs(told[7][0]).values():
                group = attrs(group[0])
                self.groups[group[1][0].rstrip(b"\0").decode()] = struct.unpack("=I", group[2][0])[0]

    def listen(self, group):
        """What happens is told to this socket, so that telling it takes memory."""
        # SOL_NETLINK, NETLINK_ADD_MEMBERSHIP
        self.sock.setsockopt(270, 1, self.groups[group])

    def message(self, command, body, flags, version=1):
        payload = struct.pack("=BBH", command, version, 0) + body
        self.seq += 1
        return struct.pack("=IHHII", 16 + len(payload), self.family, flags, self.seq, 0) + payload

    def receive(self):
        """Messages that are there already: requests are served while they are sent."""
        out, code = [], None
        while True:
            try:
                data = self.sock.recv(1 << 17, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return out, code
            except OSError as err:
                if err.errno != errno.ENOBUFS:
                    raise
                code = errno.ENOBUFS
                continue
            while len(data) >= 16:
                size, kind, _, seq, _ = struct.unpack_from("=IHHII", data)
                if seq == self.seq:
                    if kind == 2:
                        code = -struct.unpack_from("=i", data, 16)[0]
                    elif kind == 3:
                        code = 0
                    else:
                        out.append(data[20:size])
                data = data[(size + 3) & ~3:]

    def transact(self, command, body=b"", flags=5, version=1):
        self.sock.send(self.message(command, body, flags, version))
        out, code = self.receive()
        if code:
            raise OSError(code, os.strerror(code))
        return out

    def dump(self, command):
        """In full, however many messages it takes."""
        self.sock.send(self.message(command, b"", 0x301))
        out, code = self.receive()
        end = time.monotonic() + 20
        while code is None and time.monotonic() < end:
            more, code = self.receive()
            out += more
        return [attrs(m) for m in out]


def attr(kind, value):
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def attrs(data):
    out = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4:
            break
        out.setdefault(kind & 0x3fff, []).append(data[4:size])
        data = data[(size + 3) & ~3:]
    return out


def u8(value):
    return struct.pack("=B", value)


def u16(value):
    return struct.pack("=H", value)


def u32(value):
    return struct.pack("=I", value)


ip4 = socket.inet_aton


def one(genl, command):
    try:
        return [attrs(m) for m in genl.transact(command)]
    except OSError as err:
        if err.errno != errno.ENOENT:
            raise
        return []


def state(genl):
    out = {}
    for what, keys in SHOWN.items():
        command = E[f"CMD_{what}_GET"]
        found = one(genl, command) if what in ONES else genl.dump(command)
        out[what] = sorted(str([m.get(E[f"A_{what}_{k}"]) for k in keys]) for m in found)
    return out


def body(what, **values):
    return b"".join(attr(E[f"A_{what}_{k}"], v) for k, v in values.items())


def result(fine, name):
    print(f"{'ok' if fine else 'not ok'} {name}", flush=True)
    return fine


def sweep(genl, name, command, request, undo, prepare=None, every=1):
    """COMMAND with its first allocation failing, its second, ... until none is left to fail.

    UNDO is a command and its request, or a function; PREPARE is called before each turn. Only each EVERYth, from any
    one on, where most are another command's, too; all in the long version.
    """
    first = 1 if SOAK else random.randint(1, every)
    every = 1 if SOAK else every
    def take_back():
        if callable(undo):
            undo()
        else:
            genl.transact(*undo)

    def set_out():
        if prepare:
            prepare()

    before = state(genl)
    set_out()
    genl.transact(command, request)
    after = state(genl)
    take_back()
    if state(genl) != before:
        return result(False, f"{name}: its opposite does not undo it")
    if before == after:
        return result(False, f"{name}: does nothing")
    refused = done = 0
    for nth in range(first, LIMIT, every):
        set_out()
        message = genl.message(command, request, 5)
        with Fault(nth) as fault:
            try:
                genl.sock.send(message)
                code = None
            except OSError as err:
                code = err.errno
        said = genl.receive()[1]
        code = said if code is None else code
        now = state(genl)
        if now not in (before, after) or (code not in (0, None, errno.ENOBUFS) and now != before):
            return result(False, f"{name}: half done when allocation {nth} fails ({code}): {now}")
        if now == after:
            done += 1
            take_back()
            if state(genl) != before:
                return result(False, f"{name}: cannot be undone after allocation {nth} failed")
        else:
            refused += 1
        if not fault.hit:
            if now != after:
                return result(False, f"{name}: fails without a fault ({code})")
            some = f", each {every}th from {first} on" if every > 1 else ""
            print(f"# {name}: {nth - 1} allocations{some}, refused {refused}, done {done}")
            return result(refused > 0, name)
    return result(False, f"{name}: no end after {LIMIT} allocations")


def look(genl, name, command, flags, request=b"", prepare=None):
    """A command that leaves the configuration as it is."""
    before = state(genl)
    for nth in range(1, LIMIT):
        if prepare:
            prepare()
        message = genl.message(command, request, flags)
        with Fault(nth) as fault:
            try:
                genl.sock.send(message)
            except OSError:
                pass
        genl.receive()
        if not fault.hit:
            print(f"# {name}: {nth - 1} allocations")
            return result(state(genl) == before, name)
    return result(False, f"{name}: no end")
