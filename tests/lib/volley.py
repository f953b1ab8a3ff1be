# SPDX-License-Identifier: GPL-2.0-only
"""Packets that are sent to a host, what is heard of it on the wire, and what its counters say of them.

Hosts are on the ports phostA, phostB, ... of the bridge in the namespace "wire".
"""

import ctypes
import socket
import struct

from ends import Netns, ask, fail, flat, keywords, until
from packets import PORT, RST, SYN, VNI, Packet, address

# What hosts do by themselves, now and then.
BACKGROUND = {"hello_tx", "hello_rx", "dg_tx", "dg_rx", "dg_stale"}
GAUGES = {"conns", "endpoints", "peers"}


# --- the wire ----------------------------------------------------------------------------------------------------

class Tap:
    """A packet socket on a device: hears what comes in there, and sends."""

    def __init__(self, ns, dev):
        self.what = f"{dev} in {ns}"
        with Netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        # The head of IPv4 packets.
        code = b"".join(struct.pack("=HBBI", *step_) for step_ in (
            (0x28, 0, 0, 12), (0x15, 0, 1, 0x0800), (6, 0, 0, 256), (6, 0, 0, 0)))
        program = ctypes.create_string_buffer(code)
        self.sock.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HP", 4, ctypes.addressof(program)))    # SO_ATTACH_FILTER
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)        # SO_RCVBUFFORCE
        self.sock.setsockopt(263, 23, 1)                            # PACKET_IGNORE_OUTGOING
        self.sock.bind((dev, 0x0003))                               # ETH_P_ALL
        self.sock.setblocking(False)
        self.mac = self.sock.getsockname()[4]

    def hear(self):
        while True:
            try:
                frame = self.sock.recv(512)
            except BlockingIOError:
                return
            if len(frame) >= 34:
                yield Packet(frame[14:])

    def send(self, mac, packet):
        self.sock.send(mac + self.mac + b"\x08\x00" + packet)


TAPS = {}
MACS = {}
HEARD = []          # (tap, packet)
HELLOS = {}         # of a host: the last


def listen():
    for name, tap in TAPS.items():
        for packet in tap.hear():
            HEARD.append((name, packet))
            if packet.hello:
                HELLOS[packet.src] = packet.hello
    return len(HEARD)


def tap_of(ns, dev):
    if (ns, dev) not in TAPS:
        TAPS[(ns, dev)] = Tap(ns, dev)
    return TAPS[(ns, dev)]


def mac_of(ns, dev):
    if (ns, dev) not in MACS:
        with Netns(ns), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
            sock.bind((dev, 0))
            MACS[(ns, dev)] = sock.getsockname()[4]
    return MACS[(ns, dev)]


def hello_field(host, offset):
    listen()
    hello = HELLOS.get(address(host)) or fail(f"no hello of {host} was heard")
    return struct.unpack_from("!Q", hello, offset)[0]


def boot_of(host):
    return hello_field(host, 8)


def nonce_of(host):
    return hello_field(host, 16)


# --- what a volley did -------------------------------------------------------------------------------------------

class Words:
    """The words of a command: expectations and options."""

    def __init__(self, words, **defaults):
        self.keys = {"n": "5", "from": "hostA", "to": "hostB", "via": "wire", "conns": "0", **defaults}
        self.must, self.may = {}, set()
        marked = []
        for key, value in keywords(words):
            if key[0] == "+":
                marked.append((key[1:], value))
            elif key[0] == "~":
                self.may.add(key[1:])
            elif key in self.keys:
                self.keys[key] = value
            else:
                fail(f"unknown word {key}")
        self.n = int(self.keys["n"])
        self.must = {key: int(value or self.n) for key, value in marked}

    def __getitem__(self, key):
        return self.keys[key]


def stats(host):
    return {k: v for k, v in flat(ask(host, "stats", "show")).items() if isinstance(v, int)}


def transmit(words, packets):
    if words["via"] == "wire":
        tap, mac = tap_of("wire", "p" + words["to"]), mac_of(words["to"], "eth0")
    elif words["via"] == "side":
        tap, mac = tap_of("wire", "side"), mac_of(words["to"], "side")
    else:
        tap, mac = tap_of(words["via"], "eth0"), mac_of(words["to"], f"br{VNI}")
    for packet in packets:
        tap.send(mac, packet)


def moved(host, before, want):
    now = {}

    def probe():
        now.update(stats(host))
        missing = [f"{k} by {now[k] - before[k]} of {n}" for k, n in want.items() if now[k] - before[k] < n]
        return not missing, "moved " + ", ".join(missing)
    until(8, probe, host)
    return now


def volley(words, packets, send=transmit):
    """Send them to the host, and see that its counters, conns and answers are as WORDS tell."""
    host = words["to"]
    old = stats(host)
    unknown = [k for k in list(words.must) + list(words.may) if k not in old]
    if unknown:
        fail(f"no counters {unknown}")
    mark = listen()
    send(words, packets)
    new = moved(host, old, words.must)
    listen()
    wrong = []
    for key in new.keys() - words.may - BACKGROUND - GAUGES:
        if new[key] - old[key] != words.must.get(key, 0):
            wrong.append(f"{key} moved by {new[key] - old[key]}, not {words.must.get(key, 0)}")
    more = new["conns"] - old["conns"]
    if more > int(words["conns"]):
        wrong.append(f"{more} conns more, not {words['conns']}")
    wrong += answers(words, packets, mark)
    if wrong:
        fail("; ".join(wrong))
    return ""


def answers(words, packets, mark):
    """What the host said on the wire to whom the packets came from."""
    sent = [Packet(p) for p in packets]
    ports = {p.sport for p in sent if p.proto == 6}
    said = [p for tap, p in HEARD[mark:] if tap == ("wire", "p" + words["to"]) and p.dst in {s.src for s in sent} and
            not p.hello and ((p.proto == 6 and p.dport in ports) or p.proto == 1 or (p.proto == 17 and p.dport == PORT))]
    # That TCP repeats its answer to a SYN that is right is its own business.
    said = list({(p.proto, p.dport, p.seq) if p.flags & SYN else n: p for n, p in enumerate(said)}.values())
    largest = max((p.len for p in sent), default=0)
    wrong = []
    if any(p.proto == 6 and p.flags & RST for p in said):
        wrong.append("a RST was sent")
    if any(p.len > largest for p in said):
        wrong.append(f"an answer of {max(p.len for p in said)} bytes to packets of {largest}")
    if sum(p.len for p in said) > sum(p.len for p in sent):
        wrong.append(f"{len(said)} answers are more than the {len(sent)} packets")
    return wrong
