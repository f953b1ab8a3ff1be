# SPDX-License-Identifier: GPL-2.0-only
"""The packets of the suite, made to the byte from the formats' description alone, the hashes too.

Hosts are at 192.168.77.1, .2, ...; endpoint NUMBER of network 88 is 10.88.0.NUMBER.
"""

import os
import random
import socket
import struct

from ends import fail

KEY = bytes.fromhex(os.environ.get("TOPO_KEY", "000102030405060708090a0b0c0d0e0f"))
VNI = 88
PORT = 7340
PORTS = range(7340, 7348)
EXID = 0x4153
MAGIC = 0x4153
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
M32 = 0xffffffff
M64 = 0xffffffffffffffff
TYPES = {"hello": 1, "bye": 2, "refused": 3, "denied": 4, "unknown": 5, "cut": 6, "resume": 7, "resume-ack": 8}




# --- hashes ------------------------------------------------------------------------------------------------------

def rotl(value, by):
    return (value << by | value >> (32 - by)) & M32


def siphash(data, key):
    """SipHash-2-4. Written out, since the machine that it runs on may be emulated."""
    k0, k1 = struct.unpack("<QQ", key)
    v0, v1 = k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d
    v2, v3 = k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573
    data += bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    words = struct.unpack(f"<{len(data) // 8}Q", data)
    for number in range(len(words) + 1):
        last = number == len(words)
        word = 0 if last else words[number]
        v3 ^= word
        if last:
            v2 ^= 0xff
        for _ in range(4 if last else 2):
            v0 = (v0 + v1) & M64
            v1 = ((v1 << 13 | v1 >> 51) & M64) ^ v0
            v0 = (v0 << 32 | v0 >> 32) & M64
            v2 = (v2 + v3) & M64
            v3 = ((v3 << 16 | v3 >> 48) & M64) ^ v2
            v0 = (v0 + v3) & M64
            v3 = ((v3 << 21 | v3 >> 43) & M64) ^ v0
            v2 = (v2 + v1) & M64
            v1 = ((v1 << 17 | v1 >> 47) & M64) ^ v2
            v2 = (v2 << 32 | v2 >> 32) & M64
        v0 ^= word
    return v0 ^ v1 ^ v2 ^ v3


def endpoint_id(address):
    """The kernel's jhash2() over the address as four words, least byte first; the VNI is its initial value."""
    k = struct.unpack("<4I", mapped(address))
    a = b = c = (0xdeadbeef + (len(k) << 2) + VNI) & M32
    a, b, c = (a + k[0]) & M32, (b + k[1]) & M32, (c + k[2]) & M32
    for by in ((4, 6, 8), (16, 19, 4)):
        a = (a - c & M32) ^ rotl(c, by[0])
        c = c + b & M32
        b = (b - a & M32) ^ rotl(a, by[1])
        a = a + c & M32
        c = (c - b & M32) ^ rotl(b, by[2])
        b = b + a & M32
    a = a + k[3] & M32
    for turn in (14, 11, 25, 16, 4, 14, 24):
        a, b, c = b, c, a
        b = (b ^ a) - rotl(a, turn) & M32
    return b


def vectors():
    if siphash(bytes(range(15)), bytes(range(16))) != 0xa129ca6149be45e5:
        fail("siphash differs from its reference")


# --- packets -----------------------------------------------------------------------------------------------------

def mapped(address):
    return bytes(10) + b"\xff\xff" + socket.inet_aton(address)


def checksum(data):
    data += bytes(len(data) & 1)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip4(src, dst, proto, body, fragment=0, options=b"", ident=None):
    ident = random.randrange(1, 65536) if ident is None else ident
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(body), ident, fragment,
                       64, proto, 0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def tcp4(src, dst, sport, dport, seq, ack=0, flags=SYN, options=b"", payload=b"", bad=False):
    body = struct.pack("!HHIIBBHHH", sport, dport, seq & M32, ack & M32, (5 + len(options) // 4) << 4, flags, 64240,
                       0, 0) + options + payload
    pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack("!BBH", 0, 6, len(body))
    return body[:16] + struct.pack("!H", checksum(pseudo + body) ^ (0x5555 if bad else 0)) + body[18:]


def udp4(src, dst, sport, dport, payload):
    body = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack("!BBH", 0, 17, len(body))
    return body[:6] + struct.pack("!H", checksum(pseudo + body) or 0xffff) + payload


def mended(raw):
    """Between namespaces, the checksum is left for a device that never comes."""
    at = 16 if raw[9] == 6 else 6
    body = raw[20:20 + at] + b"\0\0" + raw[22 + at:]
    total = checksum(raw[12:20] + struct.pack("!BBH", 0, raw[9], len(body)) + body)
    return raw[:20 + at] + struct.pack("!H", total or 0xffff) + raw[22 + at:]


class Packet:
    """What was heard, or sent: an IPv4 packet, perhaps cut off."""

    def __init__(self, raw):
        self.raw = raw
        self.len, = struct.unpack_from("!H", raw, 2)
        self.proto = raw[9]
        self.src, self.dst = socket.inet_ntoa(raw[12:16]), socket.inet_ntoa(raw[16:20])
        self.body = raw[(raw[0] & 15) * 4:]
        self.sport = self.dport = self.flags = 0
        self.seq = self.ack = self.end = 0
        self.hello = None
        self.type = 0
        first = not struct.unpack_from("!H", raw, 6)[0] & 0x1fff
        if first and self.proto in (6, 17) and len(self.body) >= 8:
            self.sport, self.dport = struct.unpack_from("!HH", self.body)
        if first and self.proto == 6 and len(self.body) >= 20:
            self.seq, self.ack, doff, self.flags = struct.unpack_from("!IIBB", self.body, 4)
            size = self.len - (raw[0] & 15) * 4 - (doff >> 4) * 4
            self.end = self.seq + size + bool(self.flags & SYN) + bool(self.flags & FIN) & M32
        if first and self.proto == 17 and self.sport == PORT and self.dport == PORT and len(self.body) >= 12:
            if struct.unpack_from("!HB", self.body, 8) == (MAGIC, 1):
                self.type = self.body[11]
                if self.type == 1 and len(self.body) == 64:
                    self.hello = self.body[8:]

    def kind(self):
        if self.proto == 6 and self.flags & (SYN | ACK) == SYN and self.dport in PORTS:
            return "syn"
        return next((name for name, number in TYPES.items() if number == self.type), None)


def address(host):
    return f"192.168.77.{ord(host[4]) - 64}" if host.startswith("host") else "192.168.77.99"


def endpoint(number):
    return f"10.{VNI}.0.{number}"


def option(fields, spoil=""):
    """fields: o_src, o_dst, o_sport, o_dport, u_src, u_dst, u_sport, u_dport, seq, nonce"""
    vni = VNI + (spoil == "vni")
    key = bytes(reversed(KEY)) if spoil == "key" else KEY
    opt = struct.pack("!BBHIIHHI", 254 if spoil == "kind" else 253, 20, EXID ^ (spoil == "exid"),
                      endpoint_id(fields["o_src"]), endpoint_id(fields["o_dst"]), fields["o_sport"], fields["o_dport"], 0)
    data = struct.pack("!QII", fields["nonce"] ^ (spoil == "nonce"), vni, fields["seq"] ^ (spoil == "seq"))
    data += socket.inet_aton(fields["o_src"]) + socket.inet_aton(fields["o_dst"])
    data += struct.pack("!HH", fields["o_sport"], fields["o_dport"])
    data += socket.inet_aton(fields["u_src"]) + socket.inet_aton(fields["u_dst"])
    data += struct.pack("!HH", fields["u_sport"] ^ (spoil == "uport"), fields["u_dport"])
    tag = siphash(data, key) >> 32 ^ (spoil == "tag")
    opt = opt[:16] + struct.pack("!I", tag)
    if spoil == "oport":
        opt = opt[:14] + struct.pack("!H", fields["o_dport"] ^ 1) + opt[16:]
    return opt
