#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Packets that the suite did not send, made to the byte, and what became of them.

Reads commands as tests/lib/tcp.py does; tests/overlay/hostile.sh keeps one running. HELP below lists the commands.
The attacker knows the key and hears the wire, so that each packet is right in all but what a check spoils; the same
packet unspoilt is that check's control. packets.py makes them, volley.py sends them and looks what became of them.
"""

import os
import random
import select
import socket
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

# pylint: disable=wrong-import-position
from ends import SLOW, Failure, Netns, conns, fail, obey, tuple_of, until  # noqa: E402
from packets import (ACK, EXID, FIN, KEY, M32, MAGIC, PORT, PORTS, PSH, RST, SYN, TYPES, URG, VNI, address, checksum,
                     endpoint, ip4, mapped, mended, option, siphash, tcp4, udp4, vectors)  # noqa: E402
from volley import (HEARD, HELLOS, Words, boot_of, hello_field, listen, mac_of, nonce_of, stats, tap_of, transmit,
                    volley)  # noqa: E402

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

KEPT = {}
LIVE = {}
OBJECTS = {}
LAST = {"by": None, "mark": 0}


def cmd_watch(*hosts):
    vectors()
    for host in hosts:
        tap_of("wire", "p" + host)
    return ""


# --- SYNs --------------------------------------------------------------------------------------------------------

NEXT = {"uport": 28000, "oport": 40000}

VARIANTS = ("right", "none", "tag", "kind", "exid", "short", "zero", "beyond", "twice", "fastopen", "signed", "seq",
            "uport", "oport", "nonce", "key", "vni", "csum", "unaligned")


def step(what):
    NEXT[what] += 1
    return NEXT[what]


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


if __name__ == "__main__":
    obey(globals())
