#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""What ashlar_link thinks of its links, in several network namespaces at once, by netlink; and traffic between them.

Reads commands as tests/lib/tcp.py does and knows all of its commands, too; tests/lib/link.sh keeps one running for a
test (ln_ask). HELP below lists what is added. Nothing is polled by processes, which are dear in an emulated machine, and
what is waited for is a condition, with a deadline.
"""

import collections
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

# pylint: disable=wrong-import-position
import tcp  # noqa: E402
from ends import Failure, Netns, SLOW, fail, name_of, obey, until  # noqa: E402

HELP = """
do NS OP [KEY=VALUE]... [FLAG]...    an operation of the spec; dev=NAME is a device. Fails with the kernel's sentence
link NS DEV WANT...                  wait until the link is so; WANT is KEY=VALUE, != < > >= <= or ~ (regexp), "none" if not
                                     told; timeout= seconds
keeps NS DEV WANT... for=COUNTER+N   it is so, and stays so until a counter has moved by N
get NS DEV KEY...                    values, "none" if not told
links NS N                           wait until there are so many
repair NS WANT...                    wait until there is a ticket like this (dev=NAME); prints its number
norepair NS WANT...                  there is none
accuracy NS KIND DONE WORKED         how good this kind of repair was
topology NS WANT..., node NS NAME WANT..., tlink NS NAME WANT...
                                     as link
mark NS...                           remember all counters
moved NS COUNTER+N... COUNTER=N...   wait until they have moved by at least N, or exactly, since mark
still NS COUNTER...                  they have not moved since mark
stat NS COUNTER [LEAST]
members NS:BOND NS:BOND              from now on, watch who is a member; a link has the same name at both ends
member NS:BOND NAME,...|none         wait until these and no others are
least A B BOTH                       since then, never fewer were members at one end, at the other, at both; prints all
watch NS...                          listen to events from now on; events NS: forget those that came
event NS WANT...                     wait until one like this has come
story NS DEV                         the link's states and reasons in the order in which they were told
addrs NS DEV                         hardware address
"""

SPEC = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../tools/ashlar/gen_link.h")
SIZES = {"U8": "B", "U16": "H", "U32": "I", "U64": "Q", "U64_HEX": "Q", "U32_HEX": "I", "S32": "i"}
GENL_CTRL, CTRL_GETFAMILY = 16, 3
REQUEST, ACK, DUMP = 1, 4, 0x300
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
SOL_NETLINK, LISTEN_ALL_NSID = 270, 8
IFLA_IFNAME, IFLA_MASTER = 3, 10


class Refused(Failure):
    """The kernel's no."""


def read_spec():
    """Attribute sets (number and type by name), operations, names of values: from the tool's tables."""
    with open(SPEC, encoding="ascii") as file:
        text = file.read()
    values = {name: re.findall(r'^\t\{ "([^"]+)"', body, re.M)
              for name, body in re.findall(r"struct spec_value (\w+)_values\[\] = {(.*?)\n};", text, re.S)}
    sets = {}
    for name, body in re.findall(r"struct spec_attr (\w+)_attrs\[\] = {(.*?)\n};", text, re.S):
        attrs = {}
        found = re.findall(r'\.name = "([^"]+)",\s*\.type = SPEC_(\w+)(?:,\s*\.values = &enum_(\w+))?', body)
        for number, (key, kind, enum) in enumerate(found, 1):
            attrs[key] = (number, kind, values.get(enum))
        sets[name.replace("_", "-")] = attrs
    ops = re.findall(r'\[ASHLAR_LINK_CMD_\w+\] = {\s*"([^"]+)", "([^"]+)"', text)
    return sets, {op: (number, group) for number, (op, group) in enumerate(ops, 1)}


SETS, OPS = read_spec()
EVENTS = {number: (op, group) for op, (number, group) in OPS.items()}


def pack(kind, payload):
    return struct.pack("=HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def unpack(data):
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4:
            break
        yield kind & 0x3fff, data[at + 4:at + size]
        at += (size + 3) & ~3


def index_of(ns, dev):
    with Netns(ns):
        try:
            return socket.if_nametoindex(dev)
        except OSError:
            return fail(f"no device {dev} in {ns}")


def encode(ns, group, words):
    out = b""
    for word in words:
        key, given, value = word.partition("=")
        if key == "dev":
            key, value = "ifindex", str(index_of(ns, value))
        number, kind, names = SETS[group].get(key) or fail(f"no attribute {key}")
        if not given:
            payload = b""
        elif kind == "STRING":
            payload = value.encode() + b"\0"
        elif kind == "BINARY":
            payload = bytes.fromhex(value)
        else:
            payload = struct.pack("=" + SIZES[kind], names.index(value) if names else int(value, 0))
        out += pack(number, payload)
    return out


BY_NUMBER = {group: {number: (key, kind, names) for key, (number, kind, names) in attrs.items()}
             for group, attrs in SETS.items()}


def decode(group, data):
    out = {}
    for number, payload in unpack(data):
        key, kind, names = BY_NUMBER[group][number]
        if kind == "FLAG":
            out[key] = True
        elif kind == "STRING":
            out[key] = payload.rstrip(b"\0").decode()
        elif kind in SIZES:
            value, = struct.unpack("=" + SIZES[kind], payload)
            out[key] = names[value] if names else value
    return out


class Genl:
    """A generic netlink socket of a namespace."""

    def __init__(self, ns):
        with Netns(ns):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.bind((0, 0))
        for option in (10, 11, 12):
            self.sock.setsockopt(270, option, 1)
        self.sock.settimeout(30 * SLOW)
        self.seq = 0
        self.buffer = bytearray(1 << 16)
        self.group = 0
        self.id = self.resolve()

    def message(self, family, cmd, body, flags):
        self.seq += 1
        return struct.pack("=IHHIIBBH", 20 + len(body), family, REQUEST | flags, self.seq, 0, cmd, 1, 0) + body

    def request(self, family, cmd, body=b"", flags=ACK):
        self.sock.send(self.message(family, cmd, body, flags))
        out = []
        while True:
            size = self.sock.recv_into(self.buffer)
            data, at = bytes(memoryview(self.buffer)[:size]), 0
            while at + 16 <= size:
                length, kind, nlflags, seq, _ = struct.unpack_from("=IHHII", data, at)
                part = data[at + 16:at + length]
                at += (length + 3) & ~3
                if seq != self.seq:
                    continue
                if kind not in (2, 3):
                    out.append(part[4:])
                    continue
                code = struct.unpack_from("=i", part)[0] if len(part) >= 4 else 0
                if code >= 0:
                    return out
                tail = part[20:] if kind == 2 else part[4:]
                text = dict(unpack(tail)).get(1, b"") if nlflags & 0x200 else b""
                raise Refused(f"{name_of(-code)}: {text.rstrip(chr(0).encode()).decode()}")

    def resolve(self):
        told = dict(unpack(self.request(GENL_CTRL, CTRL_GETFAMILY, pack(2, b"ashlar_link\0"))[0]))
        for _, group in unpack(told[7]):
            self.group, = struct.unpack("=I", dict(unpack(group))[2])
        return struct.unpack("=H", told[1])[0]

    def op(self, name, body=b"", dump=False):
        number, group = OPS[name]
        return [decode(group, m) for m in self.request(self.id, number, body, DUMP if dump else ACK)]


SOCKETS = {}


def genl(ns):
    """The module may have been unloaded since, and its family has another number then."""
    if ns not in SOCKETS:
        SOCKETS[ns] = Genl(ns)
    return SOCKETS[ns]


def call(ns, op, words=(), dump=False):
    try:
        return genl(ns).op(op, encode(ns, OPS[op][1], words), dump)
    except (Refused, OSError) as err:
        if "ENOENT: " != str(err) and not isinstance(err, OSError):
            raise
    SOCKETS.pop(ns, None)
    return genl(ns).op(op, encode(ns, OPS[op][1], words), dump)


def cmd_do(ns, op, *words):
    call(ns, op, words)
    return ""


# --- conditions --------------------------------------------------------------------------------------------------

def wants(words):
    """Conditions and options: timeout= and for= are none of the object's."""
    conditions, options = [], {}
    for word in words:
        key, how, value = re.fullmatch(r"([a-z0-9-]+)(!=|>=|<=|=|<|>|~)(.*)", word).groups()
        if key in ("timeout", "for"):
            options[key] = value
        else:
            conditions.append((key, how, value))
    return conditions, options


def holds(seen, how, value):
    if how in ("=", "!="):
        text = "none" if seen is None else "yes" if seen is True else str(seen)
        return (text == value) == (how == "=")
    if seen is None:
        return False
    if how == "~":
        return bool(re.search(value, str(seen)))
    want = float(value)
    return {">": seen > want, "<": seen < want, ">=": seen >= want, "<=": seen <= want}[how]


def misses(thing, conditions):
    return [f"{key} is {thing.get(key, 'none')}" for key, how, value in conditions if not holds(thing.get(key), how, value)]


def wait_for(what, ask, words):
    conditions, options = wants(words)

    def probe():
        thing = ask()
        if thing is None:
            return False, "not there"
        bad = misses(thing, conditions)
        return not bad, " and ".join(bad) + (f" ({context(thing)})" if bad else "")
    until(float(options.get("timeout", 15)), probe, what)
    return ""


def context(thing):
    keys = ("state", "why", "rx-verdict", "tx-verdict", "peer-state", "group-left", "rx-trials", "rx-errors")
    return " ".join(f"{k}={thing[k]}" for k in keys if k in thing)


def one(ns, op, words):
    try:
        return call(ns, op, words)[0]
    except Refused:
        return None


def cmd_link(ns, dev, *words):
    return wait_for(f"{dev} in {ns}", lambda: one(ns, "link-get", ["dev=" + dev]), words)


def cmd_node(ns, name, *words):
    return wait_for(f"{name} in {ns}", lambda: one(ns, "node-get", ["name=" + name]), words)


def cmd_tlink(ns, name, *words):
    return wait_for(f"{name} in {ns}", lambda: one(ns, "topology-link-get", ["name=" + name]), words)


def cmd_topology(ns, *words):
    return wait_for(f"topology of {ns}", lambda: one(ns, "topology-get", []), words)


def cmd_host(ns, *words):
    return wait_for(f"host {ns}", lambda: one(ns, "host-get", []), words)


def stats(ns):
    return call(ns, "stats-get")[0]


def cmd_keeps(ns, dev, *words):
    conditions, options = wants(words)
    counter, _, more = options["for"].partition("+")
    end = stats(ns)[counter] + int(more)
    deadline = time.monotonic() + 60 * SLOW
    while True:
        bad = misses(call(ns, "link-get", ["dev=" + dev])[0], conditions)
        if bad:
            fail(" and ".join(bad))
        now = stats(ns)[counter]
        if now >= end:
            return ""
        if time.monotonic() > deadline:
            fail(f"{counter} is only {now} of {end}")
        time.sleep(0.05)


def cmd_get(ns, dev, *keys):
    link = call(ns, "link-get", ["dev=" + dev])[0]
    return " ".join(str(link.get(key, "none")) for key in keys)


def cmd_links(ns, count):
    def probe():
        links = call(ns, "link-get", dump=True)
        return len(links) == int(count), f"{len(links)} links"
    until(10, probe, ns)
    return ""


def tickets(ns, words):
    words = ["device=" + w[4:] if w.startswith("dev=") else w for w in words]
    conditions, options = wants(words)
    found = call(ns, "repair-get", dump=True)
    return [t for t in found if not misses(t, conditions)], found, options


def cmd_repair(ns, *words):
    def probe():
        fit, found, _ = tickets(ns, words)
        seen = "; ".join(" ".join(f"{k}={v}" for k, v in t.items()) for t in found)
        return bool(fit), str(fit[0]["id"]) if fit else seen
    return until(float(tickets(ns, words)[2].get("timeout", 15)), probe, "no such ticket")


def cmd_norepair(ns, *words):
    fit = tickets(ns, words)[0]
    if fit:
        fail(f"there is one: {fit[0]}")
    return ""


def cmd_accuracy(ns, kind, done, worked):
    for row in call(ns, "accuracy-get", dump=True):
        if row["repair"] == kind:
            if (row["done"], row["worked"]) == (int(done), int(worked)):
                return ""
            fail(f"{row}")
    return "" if done == worked == "0" else fail("not told")


# --- counters ----------------------------------------------------------------------------------------------------

MARKS = {}


def cmd_mark(*names):
    for ns in names:
        MARKS[ns] = stats(ns)
    return ""


def cmd_moved(ns, *words):
    def probe():
        now, bad = stats(ns), []
        for word in words:
            key, how, count = re.fullmatch(r"([a-z-]+)([+=])(\d+)", word).groups()
            by = now[key] - MARKS[ns][key]
            if by < int(count) or (how == "=" and by != int(count)):
                bad.append(f"{key} moved by {by}")
        return not bad, " and ".join(bad)
    until(10, probe, ns)
    return ""


def cmd_still(ns, *words):
    now = stats(ns)
    bad = [f"{key} moved by {now[key] - MARKS[ns][key]}" for key in words if now[key] != MARKS[ns][key]]
    return fail(" and ".join(bad)) if bad else ""


def cmd_stat(ns, key, least="0"):
    """A counter; fails if it is less."""
    now = stats(ns)[key]
    return str(now) if now >= int(least) else fail(f"{now}")


# --- members of bonds --------------------------------------------------------------------------------------------

def number_of(ns):
    """What the namespace is called in messages to this one."""
    subprocess.run(["ip", "netns", "set", ns, "auto"], stderr=subprocess.DEVNULL, check=False)
    known = subprocess.run(["ip", "-j", "netns", "list"], stdout=subprocess.PIPE, check=True).stdout
    number = {one["name"]: one.get("id") for one in json.loads(known)}.get(ns)
    return fail(f"{ns} has no number") if number is None else number


class Members(threading.Thread):
    """Every change of who is a member, as rtnetlink tells it, at both ends of a bond."""

    def __init__(self, ends):
        super().__init__(daemon=True)
        self.ends = ends
        self.lock = threading.Lock()
        self.now = {end: {} for end in ends}
        self.bond = {}
        self.number = {}
        self.lost = False
        # One queue for the events of all namespaces, so that they are in order.
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.setsockopt(SOL_NETLINK, LISTEN_ALL_NSID, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)
        self.sock.bind((0, 1))
        for end in ends:
            ns, _, bond = end.partition(":")
            self.number[number_of(ns)] = end
            self.bond[end] = index_of(ns, bond)
            with Netns(ns):
                sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            with sock:
                sock.send(struct.pack("=IHHIIBxHiII", 32, RTM_GETLINK, REQUEST | DUMP, 1, 0, 0, 0, 0, 0, 0))
                while self.take(sock.recv(1 << 16), end):
                    pass
        self.least = None
        self.measure()

    def take(self, data, end):
        at = 0
        while at + 16 <= len(data):
            size, kind = struct.unpack_from("=IH", data, at)
            if kind == 3:
                return False
            if kind in (RTM_NEWLINK, RTM_DELLINK) and data[at + 16] == 0:
                self.change(end, kind, data[at + 16:at + size])
            at += (size + 3) & ~3
        return True

    def change(self, end, kind, body):
        attrs = dict(unpack(body[16:]))
        name = attrs[IFLA_IFNAME].rstrip(b"\0").decode()
        master = struct.unpack("=I", attrs[IFLA_MASTER])[0] if IFLA_MASTER in attrs else 0
        if kind == RTM_NEWLINK and master == self.bond[end]:
            self.now[end][name] = True
        else:
            self.now[end].pop(name, None)

    def measure(self):
        a, b = (set(self.now[end]) for end in self.ends)
        sizes = (len(a), len(b), len(a & b))
        self.least = tuple(map(min, sizes, self.least or sizes))

    def run(self):
        while True:
            try:
                data, notes = self.sock.recvmsg(1 << 16, 64)[:2]
            except OSError:
                self.lost = True
                continue
            number = [struct.unpack("=i", value)[0] for level, kind, value in notes
                      if (level, kind) == (SOL_NETLINK, LISTEN_ALL_NSID)]
            with self.lock:
                if number and number[0] in self.number:
                    self.take(data, self.number[number[0]])
                    self.measure()


MEMBERS = {}


def cmd_members(*ends):
    MEMBERS["now"] = Members(ends)
    MEMBERS["now"].start()
    return ""


def cmd_member(end, names):
    watch = MEMBERS["now"]

    def probe():
        with watch.lock:
            seen = sorted(watch.now[end])
        return (",".join(seen) or "none") == ",".join(sorted(names.split(","))), " ".join(seen) or "none"
    until(20, probe, f"members of {end}")
    return ""


def cmd_least(*want):
    watch = MEMBERS["now"]
    with watch.lock:
        least, lost = watch.least, watch.lost
    if lost:
        fail("events were lost")
    text = " ".join(map(str, least))
    return fail(text) if any(x < int(y) for x, y in zip(least, want)) else text


# --- events ------------------------------------------------------------------------------------------------------

class Events(threading.Thread):
    def __init__(self, ns):
        super().__init__(daemon=True)
        genl_ = Genl(ns)
        self.sock = genl_.sock
        self.sock.settimeout(None)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)
        self.sock.setsockopt(270, 1, genl_.group)
        self.lock = threading.Lock()
        self.seen = collections.deque(maxlen=5000)

    def run(self):
        while True:
            data = self.sock.recv(1 << 16)
            at = 0
            while at + 20 <= len(data):
                size, = struct.unpack_from("=I", data, at)
                op, group = EVENTS.get(data[at + 16], (None, None))
                if op:
                    message = decode(group, data[at + 20:at + size])
                    message["op"] = op
                    with self.lock:
                        self.seen.append(message)
                at += (size + 3) & ~3


LISTENERS = {}


def cmd_watch(*names):
    for ns in names:
        LISTENERS[ns] = Events(ns)
        LISTENERS[ns].start()
    return ""


def cmd_events(ns):
    with LISTENERS[ns].lock:
        count = len(LISTENERS[ns].seen)
        LISTENERS[ns].seen.clear()
    return str(count)


def heard(ns):
    with LISTENERS[ns].lock:
        return list(LISTENERS[ns].seen)


def cmd_event(ns, *words):
    words = ["device=" + w[4:] if w.startswith("dev=") else w for w in words]
    conditions, options = wants(words)

    def probe():
        seen = heard(ns)
        return any(not misses(m, conditions) for m in seen), f"{len(seen)} others"
    until(float(options.get("timeout", 15)), probe, "no such event")
    return ""


def cmd_story(ns, dev):
    out = []
    for message in heard(ns):
        if message["op"] != "link-ntf" or message.get("event") != "state" or message.get("device") != dev:
            continue
        out.append(message["state"] + ("" if message["why"] == "none" else ":" + message["why"]))
    return " ".join(out)


def cmd_addrs(ns, dev):
    with Netns(ns):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with sock:
        sock.bind((dev, 0))
        return sock.getsockname()[4].hex(":")


# Of a program that knows these commands, too.
COMMANDS = (globals(), *tcp.COMMANDS)

if __name__ == "__main__":
    obey(*COMMANDS)
