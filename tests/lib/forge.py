#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Packets that the suite did not send, made to the byte, and what became of them.

Reads commands as tests/lib/tcp.py does; tests/overlay/hostile.sh keeps one running. HELP below lists the commands.
The attacker knows the key and hears the wire, so that each packet is right in all but what a check spoils; the same
packet unspoilt is that check's control. Everything is made here from the formats' description alone, the hashes too.

Hosts are at 192.168.77.1, .2, ... on the ports phostA, phostB, ... of the bridge in the namespace "wire"; endpoint
NUMBER of network 88 is 10.88.0.NUMBER.
"""

import ctypes
import os
import random
import select
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

# pylint: disable=wrong-import-position
from tcp import SLOW, Failure, Netns, ask, conns, fail, flat, keywords, tuple_of, until  # noqa: E402

HELP = """
watch HOST...                    hear the wire at these hosts' ports from now on
syn VARIANT KEY=VALUE...         SYNs with the option; VARIANT is right, or what is wrong (VARIANTS)
keep NAME KIND [from=]           keep the last packet of a KIND (syn, hello, bye, unknown, cut, resume) that was heard
replay NAME                      send what was kept, unchanged
learn NAME OVERLAY-TUPLE         the underlay tuple and the sequence numbers of an open, idle connection
segment NAME [at=] [flags=] [payload=] [uport=] [spoil=csum]
                                 on its tuple, AT bytes from where the receiver expects it; UPORT is the client's
icmp NAME [at=] [type=] [code=]  an error that quotes a segment of the receiver's
refuse                           of a SYN that waits: denied and refused, but another SYN; refused, this one
dg TYPE [spoil=] [conn=] [at=]   a datagram with the right tag, unless spoilt (SPOIL); TYPE may be "all", or "bound"
                                 for all but hellos
noise tcp|udp                    random packets
raw KIND by=NS                   SYNs from a raw socket in a container (KINDS), frame KIND: from a packet socket
cross KIND by=NS                 packets of a container to a host's suite port
called COUNT                     wait until so many SYN-ACKs came to the container that "raw" or "frame" sent from
crossed COUNT                    wait until so many packets of the last "cross" have left hostA on the wire
memory mark|same                 objects of conns
All that send: n= how many; from= to= HOST (default hostA, hostB); via=wire|side|NS; +COUNTER[=K] a counter of the
receiver's that must move by n (or K), ~COUNTER one that may; conns=K up to this many more conns; all other counters and
conns must stay, and the answers on the wire may be neither more nor larger than what was sent, and no RST.
"""

KEY = bytes.fromhex(os.environ.get("TOPO_KEY", "000102030405060708090a0b0c0d0e0f"))
VNI = 88
PORT = 7340
PORTS = range(7340, 7348)
EXID = 0x4153
MAGIC = 0x4153
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
M32 = 0xffffffff
M64 = 0xffffffffffffffff
# What hosts do by themselves, now and then.
BACKGROUND = {"hello_tx", "hello_rx", "dg_tx", "dg_rx", "dg_stale"}
GAUGES = {"conns", "endpoints", "peers"}
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
KEPT = {}
LIVE = {}
OBJECTS = {}
LAST = {"by": None, "mark": 0}


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


def address(host):
    return f"192.168.77.{ord(host[4]) - 64}" if host.startswith("host") else "192.168.77.99"


def endpoint(number):
    return f"10.{VNI}.0.{number}"


def hello_field(host, offset):
    listen()
    hello = HELLOS.get(address(host)) or fail(f"no hello of {host} was heard")
    return struct.unpack_from("!Q", hello, offset)[0]


def boot_of(host):
    return hello_field(host, 8)


def nonce_of(host):
    return hello_field(host, 16)


def cmd_watch(*hosts):
    vectors()
    for host in hosts:
        tap_of("wire", "p" + host)
    return ""


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


# --- SYNs --------------------------------------------------------------------------------------------------------

NEXT = {"uport": 28000, "oport": 40000}

VARIANTS = ("right", "none", "tag", "kind", "exid", "short", "zero", "beyond", "twice", "fastopen", "signed", "seq",
            "uport", "oport", "nonce", "key", "vni", "csum", "unaligned")


def step(what):
    NEXT[what] += 1
    return NEXT[what]


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


def syn(fields, spoil):
    mss = struct.pack("!BBH", 2, 4, 1460)
    opt = option(fields, spoil)
    text = {"none": mss, "short": mss + opt[:1] + b"\x13" + opt[2:19] + b"\x01", "zero": mss + opt[:1] + b"\0" + opt[2:],
            "beyond": mss + opt[:1] + b"\x15" + opt[2:], "twice": opt + opt,
            "fastopen": mss + opt + b"\x22\x02\x01\x01", "signed": opt + b"\x13\x12" + bytes(16) + b"\x01\x01",
            "unaligned": mss + b"\x01" + opt + b"\x01\x01\x01"}.get(spoil, mss + opt)
    return ip4(fields["u_src"], fields["u_dst"], 6,
               tcp4(fields["u_src"], fields["u_dst"], fields["u_sport"], fields["u_dport"], fields["seq"], options=text,
                    bad=spoil == "csum"), 0x4000)


def syns(words, spoil="right"):
    if spoil not in VARIANTS:
        fail(f"unknown variant {spoil}")
    nonce = nonce_of(words["to"])
    for _ in range(words.n):
        yield syn({"o_src": endpoint(words["src"]), "o_dst": endpoint(words["dst"]), "o_sport": step("oport"),
                   "o_dport": int(words["dport"]), "u_src": address(words["from"]), "u_dst": address(words["to"]),
                   "u_sport": step("uport"), "u_dport": random.choice(PORTS), "seq": random.getrandbits(32),
                   "nonce": nonce}, spoil)


def cmd_syn(spoil, *given):
    words = Words(given, src="1", dst="2", dport="5000")
    return volley(words, list(syns(words, spoil)))


def cmd_keep(name, kind, *given):
    words = Words(given)
    found = []

    def probe():
        listen()
        found[:] = [p for _, p in HEARD if p.kind() == kind and p.src == address(words["from"]) and
                    p.dst == address(words["to"]) and len(p.raw) == p.len]
        return bool(found), "nothing"
    until(5, probe, f"{kind} from {words['from']} to {words['to']}")
    KEPT[name] = mended(found[-1].raw)
    return ""


def cmd_replay(name, *given):
    words = Words(given)
    return volley(words, [KEPT[name]] * words.n)


# --- conns -------------------------------------------------------------------------------------------------------

def cmd_learn(name, laddr, lport, raddr, rport):
    mine = (laddr, int(lport), raddr, int(rport))
    conn = next((c for c in conns("hostA") if tuple_of(c) == mine), None) or fail(f"no conn {mine}")
    uport, suite = conn["underlay_local_port"], conn["underlay_remote_port"]

    # Only an idle connection, whose ends have acknowledged all, has numbers that can be learnt. An earlier one may have
    # had the same tuple.
    def probe():
        listen()
        there, back = [], []
        for _, p in HEARD:
            if p.proto == 6 and (p.src, p.sport, p.dport) == (address("hostA"), uport, suite):
                if p.flags & (SYN | ACK) == SYN and (not there or p.seq != there[0].seq):
                    there, back = [], []
                there.append(p)
            elif p.proto == 6 and (p.src, p.sport, p.dport) == (address("hostB"), suite, uport):
                back.append(p)
        if not there or not back:
            return False, "nothing was heard"
        ends = {"hostA": newest(p.end for p in there), "hostB": newest(p.end for p in back)}
        acks = {"hostB": newest(p.ack for p in there if p.flags & ACK), "hostA": newest(p.ack for p in back)}
        LIVE[name] = {"ports": {"hostA": uport, "hostB": suite}, "next": ends, "overlay": {
            "hostA": mine, "hostB": mine[2:] + mine[:2]}}
        return ends == acks, f"sent {ends}, acknowledged {acks}"
    until(5, probe, f"conn {uport}:{suite}")
    return f"{uport} {suite}"


def newest(numbers):
    best = None
    for number in numbers:
        if best is None or 0 < (number - best & M32) < 1 << 31:
            best = number
    return best


def flag_bits(text):
    names = {"F": FIN, "S": SYN, "R": RST, "P": PSH, "A": ACK, "U": URG}
    return sum(names[c] for c in text)


def ports_of(conn, words):
    """Of hosts; another client's port may be given."""
    return {"hostA": int(words["uport"] or conn["ports"]["hostA"]), "hostB": conn["ports"]["hostB"]}


def cmd_segment(name, *given):
    words = Words(given, at="0", flags="A", payload="0", spoil="", uport="")
    conn = LIVE[name]
    src, dst = words["from"], words["to"]
    near = "hostA" if dst == "hostB" else "hostB"
    ports = ports_of(conn, words)
    # As long as TCP's own segments, with their time stamps.
    packets = [ip4(address(src), address(dst), 6, tcp4(
        address(src), address(dst), ports[near], ports[dst], conn["next"][near] + int(words["at"], 0) + k,
        conn["next"][dst], flag_bits(words["flags"]), b"\x01" * 12, b"\xee" * int(words["payload"]),
        words["spoil"] == "csum"), 0x4000) for k in range(words.n)]
    return volley(words, packets)


def cmd_icmp(name, *given):
    words = Words(given, at="0", type="3", code="1", value="0", spoil="", uport="")
    conn = LIVE[name]
    dst = words["to"]
    near = "hostA" if dst == "hostB" else "hostB"
    ports = ports_of(conn, words)
    quote = ip4(address(dst), address(near), 6, struct.pack(
        "!HHI", ports[dst], ports[near], conn["next"][dst] + int(words["at"], 0) & M32), 0x4000)
    body = struct.pack("!BBHI", int(words["type"]), int(words["code"]), 0, int(words["value"])) + quote
    body = body[:2] + struct.pack("!H", checksum(body) ^ (0x5555 if words["spoil"] == "csum" else 0)) + body[4:]
    return volley(words, [ip4(address(words["from"]), address(dst), 1, body)] * words.n)


# --- datagrams ---------------------------------------------------------------------------------------------------

SPOIL = ("", "tag", "boot", "nonce", "key", "magic", "version", "type", "zero", "longer", "shorter", "sport", "ports",
         "empty", "head", "huge")


def dgram_body(words, kind):
    """All but the tag."""
    src, dst = words["from"], words["to"]
    head = struct.pack("!HBB", MAGIC ^ (words["spoil"] == "magic"), 1 + (words["spoil"] == "version"), {
        "type": 9, "zero": 0}.get(words["spoil"], TYPES[kind]))
    at = int(words["at"], 0)
    conn = LIVE.get(words["conn"])
    near = "hostA" if dst == "hostB" else "hostB"
    if kind == "hello":
        known = src if src.startswith("host") else "hostA"
        last = HELLOS.get(address(known)) or fail(f"no hello of {known} was heard")
        echo = last[32:40]
        if words["echo"] == "fresh":
            echo = struct.pack("!Q", hello_field(dst, 24))
        return head + struct.pack("!I", int(words["flags"])) + last[8:32] + echo + last[40:48]
    if kind in ("bye", "refused", "denied", "unknown"):
        if not conn:
            return head + struct.pack("!HHI", 0, 0, at & M32)
        # About a packet of the receiver's.
        return head + struct.pack("!HHI", conn["ports"][near], conn["ports"][dst], conn["next"][dst] + at & M32)
    if conn:
        local, remote = conn["overlay"][near][:2], conn["overlay"][near][2:]
        u_lport, u_rport = conn["ports"][near], conn["ports"][dst]
        seq, ack = conn["next"][near] + at & M32, conn["next"][dst]
    else:
        local, remote = (endpoint(words["src"]), step("oport")), (endpoint(words["dst"]), 5000)
        u_lport, u_rport, seq, ack = step("uport"), PORT, random.getrandbits(32), random.getrandbits(32)
    if words["spoil"] == "ports":
        u_lport, u_rport = 22, 22
    return head + struct.pack("!IHHHHII", VNI, local[1], remote[1], u_lport, u_rport, seq, ack) + \
        mapped(local[0]) + mapped(remote[0])


def dgram(words, kind):
    if words["spoil"] not in SPOIL:
        fail(f"unknown way to spoil: {words['spoil']}")
    src, dst, spoil = words["from"], words["to"], words["spoil"]
    body = dgram_body(words, kind)
    boot = nonce = 0
    if kind != "hello":
        boot, nonce = boot_of(src if src.startswith("host") else "hostA"), nonce_of(dst)
    key = bytes(reversed(KEY)) if spoil == "key" else KEY
    data = mapped(address(src)) + mapped(address(dst))
    data += struct.pack("!QQ", boot ^ (spoil == "boot"), nonce ^ (spoil == "nonce"))
    payload = body + struct.pack("!Q", siphash(data + body, key) ^ (spoil == "tag"))
    payload = {"longer": payload + b"\0", "shorter": payload[:-1], "empty": b"", "head": payload[:4],
               "huge": payload + bytes(1000)}.get(spoil, payload)
    return ip4(address(src), address(dst), 17, udp4(address(src), address(dst), PORT + (spoil == "sport"), PORT, payload))


def cmd_dg(kind, *given):
    words = Words(given, spoil="", conn="", at="0", flags="0", echo="", src="1", dst="2")
    # What says who sent it, to whom and when is not in a hello's tag.
    kinds = {"all": list(TYPES), "bound": [k for k in TYPES if k != "hello"]}.get(kind, [kind])
    if words.n % len(kinds):
        fail(f"{words.n} datagrams of {len(kinds)} types")
    return volley(words, [dgram(words, kinds[number % len(kinds)]) for number in range(words.n)])


def cmd_refuse(*given):
    """A container calls, and while its SYN waits for an answer: about another SYN, then about this one."""
    words = Words(given, to="hostA", at="0", flags="0", echo="", src="1", dst="2", spoil="", conn="call",
                  **{"from": "hostB"})
    packets = []
    with Netns("cA1"):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with sock:
        def send(words, packets):
            mark = listen()
            sock.setblocking(False)
            sock.connect_ex((endpoint(words["dst"]), 5000))

            def probe():
                listen()
                found = [p for tap, p in HEARD[mark:] if tap == ("wire", "phostA") and p.kind() == "syn"]
                if found:
                    seen = found[0]
                    LIVE["call"] = {"ports": {"hostA": seen.sport, "hostB": seen.dport}, "next": {"hostA": seen.seq}}
                return bool(found), "none"
            until(2, probe, "SYN")
            for kind, at in (("refused", "1"), ("denied", "1"), ("denied", "-1"), ("refused", "0")):
                words.keys["at"] = at
                packets.append(dgram(words, kind))
            transmit(words, packets)
        volley(words, packets, send)
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        if not poll.poll(8000 * SLOW):
            fail("no connection")
        error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            fail(os.strerror(error))
    return ""


# --- noise -------------------------------------------------------------------------------------------------------

def noise_udp(words, dice):
    for _ in range(words.n):
        body = dice.randbytes(dice.choice((0, 3, 4, 12, 20, 56, 68, dice.randrange(200))))
        if dice.random() < 0.6:
            size = len(body)
            body = (struct.pack("!HBB", MAGIC, 1, dice.randrange(10)) + body)[:size]
        # No checksum.
        yield ip4(address(words["from"]), address(words["to"]), 17,
                  struct.pack("!HHHH", PORT, PORT, 8 + len(body), 0) + body)


def noise_tcp(words, dice):
    src, dst = address(words["from"]), address(words["to"])
    for _ in range(words.n):
        options = dice.randbytes(4 * dice.randrange(11))
        if dice.random() < 0.5 and len(options) >= 20:
            options = struct.pack("!BBH", 253, dice.choice((20, 20, 4, 1, 0, 255)), EXID) + options[4:]
        body = tcp4(src, dst, dice.randrange(65536), dice.choice(PORTS), dice.getrandbits(32), dice.getrandbits(32),
                    dice.choice((SYN, SYN, dice.randrange(256))), options, dice.randbytes(dice.randrange(64)),
                    dice.random() < 0.2)
        if dice.random() < 0.1:
            body = body[:12] + bytes([dice.randrange(256)]) + body[13:]
        yield ip4(src, dst, 6, body)


def cmd_noise(kind, *given):
    """Whatever it is, it is dropped under one name or another, and each once."""
    words = Words(given, seed=str(random.getrandbits(32)))
    print(f"# seed {words['seed']}", file=sys.stderr, flush=True)
    dice = random.Random(int(words["seed"]))
    names = {"udp": ("dg_malformed", "dg_bad_tag"),
             "tcp": ("rx_unknown_conn", "rx_malformed", "rx_syn_no_option", "rx_syn_bad_option", "rx_syn_bad_csum",
                     "rx_syn_unknown_endpoint", "rx_syn_bad_tag")}[kind]
    host = words["to"]
    before = stats(host)

    def dropped(now):
        return sum(now[k] - before[k] for k in names)

    words.may |= set(names) | {"dg_limited", "unknown_tx", "refused_tx"}
    packets = list(noise_udp(words, dice) if kind == "udp" else noise_tcp(words, dice))
    sender = transmit

    def all_dropped(words, packets):
        sender(words, packets)
        until(20, lambda: (dropped(stats(host)) >= words.n, f"{dropped(stats(host))} of {words.n} dropped"), host)
    try:
        volley(words, packets, all_dropped)
        if dropped(stats(host)) != words.n:
            fail(f"{dropped(stats(host))} drops of {words.n} packets")
    except Failure as err:
        fail(f"seed {words['seed']}: {err}")
    return ""


# --- containers --------------------------------------------------------------------------------------------------

KINDS = ("plain", "data", "ipopts", "split", "tiny", "flags", "fastopen", "tagged")


def container_syn(words, kind, src, dst):
    """A SYN of a container's, as one or more packets."""
    opts = struct.pack("!BBH", 2, 4, 1400)
    flags = SYN
    if kind == "flags":
        flags = SYN | PSH | URG
    if kind == "split":
        opts += b"\x01\x01\x01\x01"
    if kind == "fastopen":
        opts += b"\x22\x0a" + bytes(range(8)) + b"\x01\x01"
    sport, dport, seq = step("oport"), int(words["dport"]), random.getrandbits(32)
    if kind == "tagged":
        opts += option({"o_src": src, "o_dst": dst, "o_sport": sport, "o_dport": dport, "u_src": address("hostA"),
                        "u_dst": address("hostB"), "u_sport": step("uport"), "u_dport": PORT, "seq": seq,
                        "nonce": nonce_of("hostB")})
    seg = tcp4(src, dst, sport, dport, seq, flags=flags, options=opts,
               payload=b"hello" * 20 if kind in ("data", "fastopen") else b"")
    if kind == "ipopts":
        return [ip4(src, dst, 6, seg, options=b"\x01\x01\x01\x00")]
    if kind in ("split", "tiny"):
        first, ident = 24 if kind == "split" else 8, random.randrange(1, 65536)
        return [ip4(src, dst, 6, seg[:first], 0x2000, ident=ident), ip4(src, dst, 6, seg[first:], first // 8, ident=ident)]
    return [ip4(src, dst, 6, seg)]


def shoot(given, kind, send):
    words = Words(given, by="cA1", src="1", dst="2", dport="5000", far="cB1")
    if kind not in KINDS:
        fail(f"unknown kind {kind}")
    packets = []
    for _ in range(words.n):
        packets += container_syn(words, kind, endpoint(words["src"]), endpoint(words["dst"]))
    LAST["by"] = (words["by"], "eth0")
    tap_of(*LAST["by"])
    LAST["mark"] = listen()
    return volley(words, packets, send)


def cmd_raw(kind, *given):
    def send(words, packets):
        with Netns(words["by"]):
            sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        with sock:
            for packet in packets:
                try:
                    sock.sendto(packet, (endpoint(words["dst"]), 0))
                except (ConnectionRefusedError, PermissionError):
                    pass
    return shoot(given, kind, send)


def cmd_frame(kind, *given):
    def send(words, packets):
        tap, mac = tap_of(words["by"], "eth0"), mac_of(words["far"], "eth0")
        for packet in packets:
            tap.send(mac, packet)
    return shoot(given, kind, send)


def came():
    listen()
    return {p.dport for tap, p in HEARD[LAST["mark"]:] if tap == LAST["by"] and p.flags & (SYN | ACK) == SYN | ACK}


def cmd_called(count):
    if not int(count):
        return fail(f"{len(came())} SYN-ACKs came") if came() else ""
    until(8, lambda: (len(came()) == int(count), f"{len(came())} SYN-ACKs"), "of " + count)
    return ""


CROSS = ("syn", "ack", "udp", "from-suite", "other", "other-udp", "dnat", "split")


def cross_packets(words, kind):
    src = words["as"] or endpoint(words["src"])
    dst = words["dst"]
    suite = random.choice(PORTS)
    for _ in range(words.n):
        uport = step("uport")
        seq = random.getrandbits(32)
        fields = {"o_src": endpoint("1"), "o_dst": endpoint("2"), "o_sport": step("oport"), "o_dport": 5000,
                  "u_src": address("hostA"), "u_dst": dst, "u_sport": uport, "u_dport": suite, "seq": seq,
                  "nonce": nonce_of("hostB")}
        opts = struct.pack("!BBH", 2, 4, 1460) + option(fields)
        if kind in ("syn", "split"):
            seg = tcp4(src, dst, uport, suite, seq, options=opts)
        elif kind == "ack":
            seg = tcp4(src, dst, uport, suite, seq, seq, ACK, payload=b"x" * 40)
        elif kind == "from-suite":
            seg = tcp4(src, dst, suite, uport, seq, seq, SYN | ACK)
        elif kind == "other":
            seg = tcp4(src, dst, uport, 9, seq)
        elif kind == "dnat":
            seg = tcp4(src, dst, uport, 80, seq, options=opts)
        else:
            ports = (PORT, PORT) if kind == "udp" else (uport, 9)
            seg = udp4(src, dst, *ports, struct.pack("!HBB", MAGIC, 1, 9) + bytes(52))
        proto = 17 if kind in ("udp", "other-udp") else 6
        if kind == "split":
            ident = random.randrange(1, 65536)
            yield ip4(src, dst, proto, seg[:8], 0x2000, ident=ident)
            yield ip4(src, dst, proto, seg[8:], 1, ident=ident)
        else:
            yield ip4(src, dst, proto, seg)


def cmd_cross(kind, *given):
    """From a container through its own host, which is TO here."""
    words = Words(given, to="hostA", by="cA1", src="1", dst="192.168.77.2", **{"as": ""})
    if kind not in CROSS:
        fail(f"unknown kind {kind}")
    LAST["mark"] = listen()

    def send(words, packets):
        tap, mac = tap_of(words["by"], "eth0"), mac_of(words["to"], f"br{VNI}")
        for packet in packets:
            tap.send(mac, packet)
    return volley(words, list(cross_packets(words, kind)), send)


def cmd_crossed(count):
    """TCP, or UDP that is no hello, from hostA to hostB since the last "cross"; VXLAN and the tests' own aside."""
    def seen():
        listen()
        return len([p for tap, p in HEARD[LAST["mark"]:] if tap == ("wire", "phostA") and p.dst == address("hostB") and
                    p.dport != 4789 and not (p.proto == 17 and p.hello and p.sport == PORT)])
    if not int(count):
        return fail(f"{seen()} packets left the host") if seen() else ""
    until(8, lambda: (seen() == int(count), f"{seen()} packets"), "of " + count)
    return ""


# --- memory ------------------------------------------------------------------------------------------------------

def cmd_memory(what):
    """The objects of the conns' cache; those that a CPU keeps at hand count, so that a slab each may be more."""
    try:
        seen = {}
        for name in ("objects", "objs_per_slab"):
            with open(f"/sys/kernel/slab/ashlar_conn/{name}", encoding="ascii") as file:
                seen[name] = int(file.read().split()[0])
    except OSError:
        return "not told"
    if what == "mark":
        OBJECTS["mark"] = seen["objects"]
        return f"{seen['objects']}"
    slack = (os.cpu_count() + 1) * seen["objs_per_slab"] * 2

    def probe():
        with open("/sys/kernel/slab/ashlar_conn/objects", encoding="ascii") as file:
            now = int(file.read().split()[0])
        return now <= OBJECTS["mark"] + slack, f"{now} objects, {OBJECTS['mark']} before"
    return str(until(10, probe, "conns"))


def main():
    for line in sys.stdin:
        words = line.split()
        try:
            command = globals().get("cmd_" + words[0].replace("-", "_")) or fail(f"unknown command {words[0]}")
            answer = "ok " + command(*words[1:])
        except Failure as err:
            answer = f"fail {err}"
        except OSError as err:
            answer = f"fail {err}"
        except (KeyError, ValueError, TypeError, IndexError, struct.error) as err:
            place = err.__traceback__
            while place.tb_next:
                place = place.tb_next
            answer = f"fail {type(err).__name__}: {err} in \"{line.strip()}\" at line {place.tb_lineno}"
        print(answer.replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
