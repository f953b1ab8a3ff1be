#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Fail every allocation that a command or a connection makes, one after the other (/proc/thread-self/fail-nth).

faults.py config HOST SITE       every netlink command in the namespace HOST, which has no underlay yet; local
                                 endpoints live in SITE, on eth0. After each failure the configuration is what it
                                 was before or what it should become.
faults.py connect HOST CLIENT SERVER ADDR
                                 a connection from the namespace CLIENT to ADDR, which lives in SERVER

Prints KTAP lines without numbers and plan: "ok NAME" or "not ok NAME".
"""

import ctypes
import errno
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
HOME = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
HEADER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../include/uapi/linux/ashlar_overlay.h")
LIMIT = 600
SWEEPS = 4


def enums():
    out = {}
    with open(HEADER, encoding="ascii") as file:
        for body in re.findall(r"enum[^{]*{([^}]*)}", file.read()):
            value = -1
            for name, given in re.findall(r"(\w+)(?:\s*=\s*([^,\n]+))?\s*(?:,|\n|$)", body):
                if given and not given.strip().isdigit():
                    continue
                value = int(given) if given else value + 1
                out[name.replace("ASHLAR_OVERLAY_", "")] = value
    return out


E = enums()


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
        answer = self.transact(3, b"\1\0\0\0"[:0] + attr(2, b"ashlar_overlay\0"), version=1)
        for payload in answer:
            self.family = struct.unpack("=H", attrs(payload)[1][0])[0]

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
SHOWN = {
    "UNDERLAY": ("NAME", "ADDR", "KEY_PRINT", "KEY_PREV_PRINT"),
    "NETWORK": ("VNI", "UNDERLAY", "DEFAULT", "N_ENDPOINTS", "N_POLICIES"),
    "ENDPOINT": ("VNI", "ADDR", "HOST", "IFINDEX"),
    "POLICY": ("VNI", "PREF", "ACTION", "SRC", "SRC_LEN", "DPORT_LO"),
}


def state(genl):
    out = {}
    for what, keys in SHOWN.items():
        out[what] = sorted(str([m.get(E[f"A_{what}_{k}"]) for k in keys]) for m in genl.dump(E[f"CMD_{what}_GET"]))
    return out


def body(what, **values):
    return b"".join(attr(E[f"A_{what}_{k}"], v) for k, v in values.items())


def result(fine, name):
    print(f"{'ok' if fine else 'not ok'} {name}", flush=True)
    return fine


def sweep(genl, name, command, request, undo):
    """COMMAND with its first allocation failing, its second, ... until none is left to fail."""
    before = state(genl)
    genl.transact(command, request)
    after = state(genl)
    genl.transact(*undo)
    if state(genl) != before:
        return result(False, f"{name}: its opposite does not undo it")
    if before == after:
        return result(False, f"{name}: does nothing")
    refused = done = 0
    for nth in range(1, LIMIT):
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
            genl.transact(*undo)
            if state(genl) != before:
                return result(False, f"{name}: cannot be undone after allocation {nth} failed")
        else:
            refused += 1
        if not fault.hit:
            if now != after:
                return result(False, f"{name}: fails without a fault ({code})")
            print(f"# {name}: {nth - 1} allocations, refused {refused}, done {done}")
            return result(refused > 0, name)
    return result(False, f"{name}: no end after {LIMIT} allocations")


def look(genl, name, command, flags):
    """A command that only reads."""
    before = state(genl)
    for nth in range(1, LIMIT):
        message = genl.message(command, b"", flags)
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


def config(host, site):
    genl = Genl(host)
    place = os.open("/run/netns/" + site, os.O_RDONLY)
    enter(host)
    index = socket.if_nametoindex("eth0")
    leave()
    name, key = b"u0\0", bytes(range(16))
    under = body("UNDERLAY", NAME=name, IFINDEXES=u32(index), ADDR=ip4("192.168.77.1"), KEY=key)
    remote = body("ENDPOINT", VNI=u32(88), ADDR=ip4("10.88.0.2"), HOST=ip4("192.168.77.2"))
    moved = body("ENDPOINT", VNI=u32(88), ADDR=ip4("10.88.0.2"), HOST=ip4("192.168.77.3"))
    local = body("ENDPOINT", VNI=u32(88), ADDR=ip4("10.88.0.1"), NETNS_FD=u32(place), DEVICE=b"eth0\0")
    rule = body("POLICY", VNI=u32(88), PREF=u32(10), ACTION=u32(0), SRC=ip4("10.99.0.0"), SRC_LEN=u8(16), DPORT_LO=u16(80))
    network = body("NETWORK", VNI=u32(88), UNDERLAY=name)
    vni = u32(88)
    denied = body("NETWORK", VNI=vni, DEFAULT=u32(0))
    allowed = body("NETWORK", VNI=vni, DEFAULT=u32(1))

    def pair(what, new, old):
        """Adding, and then removing, each undone by the other."""
        add, remove = (E[f"CMD_{what}_NEW"], new), (E[f"CMD_{what}_DEL"], old)
        fine = sweep(genl, f"{what.lower()} add", *add, remove)
        genl.transact(*add)
        return sweep(genl, f"{what.lower()} del", *remove, add) and fine

    fine = pair("UNDERLAY", under, body("UNDERLAY", NAME=name))
    fine &= pair("NETWORK", network, body("NETWORK", VNI=vni))
    fine &= pair("ENDPOINT", remote, body("ENDPOINT", VNI=vni, ADDR=ip4("10.88.0.2")))
    fine &= pair("ENDPOINT", local, body("ENDPOINT", VNI=vni, ADDR=ip4("10.88.0.1")))
    fine &= pair("POLICY", rule, body("POLICY", VNI=vni, PREF=u32(10)))
    fine &= sweep(genl, "endpoint set", E["CMD_ENDPOINT_SET"], moved, (E["CMD_ENDPOINT_SET"], remote))
    fine &= sweep(genl, "network set", E["CMD_NETWORK_SET"], denied, (E["CMD_NETWORK_SET"], allowed))
    fine &= sweep(genl, "policy flush", E["CMD_POLICY_FLUSH"], body("POLICY", VNI=vni), (E["CMD_POLICY_NEW"], rule))
    for what in ("UNDERLAY", "NETWORK", "ENDPOINT", "POLICY", "PEER", "CONN"):
        fine &= look(genl, f"{what.lower()} show", E[f"CMD_{what}_GET"], 0x301)
    fine &= look(genl, "stats show", E["CMD_STATS_GET"], 5)
    genl.transact(E["CMD_ENDPOINT_FLUSH"], body("ENDPOINT", VNI=vni))
    genl.transact(E["CMD_NETWORK_DEL"], body("NETWORK", VNI=vni))
    genl.transact(E["CMD_UNDERLAY_DEL"], body("UNDERLAY", NAME=name))
    return fine


def stat(host, name):
    done = subprocess.run([os.environ.get("ASHLAR", "ashlar"), "-n", host, "-j", "stats", "show"], check=True,
                          stdout=subprocess.PIPE)
    found = json.loads(done.stdout)
    return (found[0] if isinstance(found, list) else found)[name]


def once(client_ns, server, nth):
    """One connection and a byte each way; the error, or None."""
    enter(client_ns)
    client = socket.socket()
    leave()
    # No call but connect() is to be hit.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("=qq", 30, 0))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("=qq", 30, 0))
    address = server.getsockname()
    try:
        with Fault(nth) as fault:
            client.connect(address)
        hit = fault.hit
        accepted, _ = server.accept()
        client.sendall(b"a")
        if accepted.recv(1) != b"a":
            return hit, "wrong byte"
        accepted.close()
        return hit, None
    except OSError as err:
        return fault.hit, errno.errorcode.get(err.errno, str(err))
    finally:
        client.close()


def connect(host, client, server, address):
    enter(server)
    listening = socket.socket()
    leave()
    listening.bind((address, 0))
    listening.listen(64)
    listening.settimeout(30)
    failed = {}
    short = stat(host, "conn-alloc-failed")
    # Not every connection allocates in the same order (caches, tables that grow), so one sweep may miss one.
    for _ in range(SWEEPS):
        for nth in range(1, LIMIT):
            hit, error = once(client, listening, nth)
            if error:
                failed[nth] = error
            if not hit:
                break
        print(f"# {nth - 1} allocations; connect failed at {failed}")
        if hit or error or stat(host, "conn-alloc-failed") > short:
            break
    fine = result(not hit and not error, "a connection outlives each allocation that fails, or is refused")
    bad = {n: e for n, e in failed.items() if e not in ("ENOMEM", "ENOBUFS", "EAGAIN", "EFAULT")}
    fine &= result(not bad, f"a refusal is for want of memory {bad or ''}")
    short = stat(host, "conn-alloc-failed") - short
    print(f"# {short} of the failures were the conn's own")
    return result(short > 0, "the module counts its own failures") and fine


if __name__ == "__main__":
    MODES = {"config": config, "connect": connect}
    sys.exit(0 if MODES[sys.argv[1]](*sys.argv[2:]) else 1)
