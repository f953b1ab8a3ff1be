#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Heartbeats that ashlar_link did not send, made to the byte, and what it makes of them.

Knows all of tests/lib/links.py, and what HELP below lists. The attacker is at the other end of the wire, in the namespace
NS; it knows the key, so that each frame is right in all but what is to be refused, and the same frame unspoilt is its
control. Everything is made here from the format's description alone (modules/link/beat.c), the hash too.
"""

import os
import random
import select
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

# pylint: disable=wrong-import-position
import links  # noqa: E402
from ends import Netns, SLOW, fail, obey  # noqa: E402
from packets import siphash, vectors  # noqa: E402

HELP = """
greet NS DEV [key=HEX|none] [FIELD=VALUE]...
                          become the other end: until the link answers, and one heartbeat more
beat NS DEV [n=] [spoil=] [key=] [again=1] [FIELD=VALUE]...
                          heartbeats of this session, the next numbers, which are used again if they are not to be
                          believed; FIELD=+N, -N is relative. SPOIL: tag, magic,
                          version, short (cut to SIZE=), zero (what is to be 0), name, bits (each byte in turn, a frame
                          each), random (n frames of random bytes)
flood NS DEV N [right=1]  greetings of as many strangers, with a wrong tag or the right one; prints the seconds it took
record NS DEV NAME N      keep N frames that arrive there
replay NS DEV NAME        send them, as they are, from there
reflect NS DEV N          N frames that arrive are sent back as they are
"""

ETHERTYPE = 0x88b5
GROUP = bytes.fromhex("0180c200000e")
HEAD = struct.Struct(">HBBB3xQQQQ")
BODY = struct.Struct(">BBBBBxHHHHHIIIIQQQQQQ32s")
FULL, PROBE, BYE = 1, 2, 3
KEYED = 1
BODY_FIELDS = ("verdict", "state", "why", "optics", "thresholds", "bias", "txp", "rxp", "txlow", "rxlow", "ifindex", "round",
               "agree", "beat_ms", "loss", "upper", "trials", "errors", "beats", "drops", "name")
NO_KEY = bytes(16)


class Session:
    """What the attacker is towards a link."""

    def __init__(self, ns, dev):
        with Netns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.bind((dev, ETHERTYPE))
        self.mac = self.sock.getsockname()[4]
        self.key = NO_KEY
        self.fields = {"magic": 0x4153, "version": 1, "type": FULL, "flags": 0, "host": 0x7777, "nonce": 0, "echo": 0, "seq": 0,
                       "verdict": 1, "state": 0, "why": 0, "optics": 0, "thresholds": 0, "bias": 0, "txp": 0, "rxp": 0,
                       "txlow": 0, "rxlow": 0, "ifindex": 7, "round": 0, "agree": 0, "beat_ms": 60000, "loss": 0, "upper": 0,
                       "trials": 0, "errors": 0, "beats": 0, "drops": 0, "name": "x@attacker"}

    def send(self, frame):
        while True:
            try:
                self.sock.send(GROUP + self.mac + struct.pack(">H", ETHERTYPE) + frame)
                return
            except BlockingIOError:
                select.select([], [self.sock], [])

    def next(self, seconds):
        """The next heartbeat that arrives, after its Ethernet header."""
        self.sock.settimeout(seconds * SLOW)
        while True:
            try:
                data, address = self.sock.recvfrom(2048)
            except socket.timeout:
                return fail("no heartbeat comes")
            if address[2] != socket.PACKET_OUTGOING and data[:6] == GROUP:
                return data[14:]

    def drain(self):
        self.sock.setblocking(False)
        try:
            while True:
                self.sock.recv(2048)
        except BlockingIOError:
            pass


SESSIONS = {}
KEPT = {}


def session(ns, dev):
    if (ns, dev) not in SESSIONS:
        SESSIONS[ns, dev] = Session(ns, dev)
    return SESSIONS[ns, dev]


def encode(fields, key):
    out = HEAD.pack(*(fields[k] for k in ("magic", "version", "type", "flags", "host", "nonce", "echo", "seq")))
    if fields["type"] != PROBE:
        name = fields["name"]
        out += BODY.pack(*(fields[k] for k in BODY_FIELDS[:-1]), name if isinstance(name, bytes) else name.encode())
    return out + struct.pack(">Q", siphash(out, key))


def changed(fields, words):
    out = dict(fields)
    for key, value in words.items():
        if key not in out:
            fail(f"no field {key}")
        if key == "name":
            out[key] = value
        elif value[0] in "+-":
            out[key] = out[key] + int(value) & (1 << 64) - 1
        else:
            out[key] = int(value, 0)
    return out


def options(words, **defaults):
    words = dict(w.split("=", 1) for w in words)
    return {k: words.pop(k, v) for k, v in defaults.items()}, words


def key_of(text, default):
    return NO_KEY if text == "none" else bytes.fromhex(text) if text else default


def cmd_greet(ns, dev, *words):
    given, words = options(words, key="000102030405060708090a0b0c0d0e0f")
    me = session(ns, dev)
    me.key = key_of(given["key"], None)
    me.fields = changed(Session(ns, dev).fields, words)
    me.fields["flags"] |= KEYED if given["key"] != "none" else 0
    me.fields["nonce"] = random.getrandbits(63) + 1
    me.drain()
    end = time.monotonic() + 10 * SLOW
    heard = None
    while True:
        # At most one answer in half a heartbeat's time.
        me.fields["seq"] += 1
        me.send(encode(dict(me.fields, type=FULL, echo=0), me.key))
        heard = HEAD.unpack_from(me.next(10))
        while heard[6] != me.fields["nonce"] and select.select([me.sock], [], [], 0.05)[0]:
            heard = HEAD.unpack_from(me.next(10))
        if heard[6] == me.fields["nonce"]:
            break
        if time.monotonic() > end:
            fail("nobody answers a greeting")
    me.fields["echo"] = heard[5]
    return cmd_beat(ns, dev)


def spoilt(kind, frame, given):
    if kind == "tag":
        return frame[:-1] + bytes([frame[-1] ^ 1])
    if kind == "short":
        return frame[:int(given["size"])]
    return frame


def refit(kind, fields, key):
    """Wrong in a way that the tag does not tell."""
    frame = bytearray(encode(fields, key)[:-8])
    if kind == "magic":
        frame[0] ^= 1
    elif kind == "version":
        frame[2] = 2
    elif kind == "zero":
        frame[6] = 1
    elif kind == "name":
        frame[120:152] = b"x" * 32
    return bytes(frame) + struct.pack(">Q", siphash(bytes(frame), key))


def cmd_beat(ns, dev, *words):
    given, words = options(words, n="1", spoil="", key="", size="0", again="")
    me = session(ns, dev)
    key = key_of(given["key"], me.key)
    count, kind = int(given["n"]), given["spoil"]
    if kind == "random":
        dice = random.Random(1)
        for number in range(count):
            data = dice.randbytes(dice.randrange(46, 300))
            me.send(struct.pack(">HBB", 0x4153, 1, dice.randrange(1, 4)) + data if number & 1 else data)
        return ""
    if kind == "bits":
        me.fields["seq"] += 1
        frame = encode(changed(me.fields, words), key)
        for at in range(len(frame)):
            me.send(frame[:at] + bytes([frame[at] ^ 1 << at % 8]) + frame[at + 1:])
        me.fields["seq"] -= 1
        return str(len(frame))
    for _ in range(count):
        me.fields["seq"] += 1
        fields = changed(me.fields, words)
        if kind in ("magic", "version", "zero", "name"):
            frame = refit(kind, fields, key)
        else:
            frame = spoilt(kind, encode(fields, key), given)
        me.send(frame)
    # Numbers that are not believed would be missed if they were not used again.
    if given["again"]:
        me.fields["seq"] -= count
    return ""


def cmd_flood(ns, dev, count, *words):
    me = session(ns, dev)
    right = bool(words)
    frame = bytearray(encode(dict(me.fields, type=FULL, echo=0, nonce=1, seq=1), me.key))
    start = time.monotonic()
    for number in range(int(count)):
        struct.pack_into(">Q", frame, 16, number + 1)
        if right:
            struct.pack_into(">Q", frame, len(frame) - 8, siphash(bytes(frame[:-8]), me.key))
        me.send(frame)
    return f"{time.monotonic() - start:.1f}"


def cmd_record(ns, dev, name, count):
    me = session(ns, dev)
    me.drain()
    KEPT[name] = [me.next(10) for _ in range(int(count))]
    return ""


def cmd_replay(ns, dev, name):
    for frame in KEPT[name]:
        session(ns, dev).send(frame)
    return str(len(KEPT[name]))


def cmd_reflect(ns, dev, count):
    me = session(ns, dev)
    me.drain()
    for _ in range(int(count)):
        me.send(me.next(10))
    return ""


if __name__ == "__main__":
    vectors()
    obey(globals(), *links.COMMANDS)
