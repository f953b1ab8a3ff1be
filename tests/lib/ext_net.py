#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Traffic for the tests of the extensions that ship: clients and servers in several network namespaces, one process.

Reads commands, one a line, and answers each with "ok WORDS" or "fail WHY"; tests/lib/ext_net.sh keeps one running for
a test. A namespace is named as by ip-netns(8). What a server answers begins with its name, so that a client knows
whom it has.
"""

import os
import select
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

# pylint: disable=wrong-import-position
from ends import Failure, Netns, fail, name_of  # noqa: E402

HELP = """
udp NAME NS ADDR PORT                a server that answers every datagram; tcp NAME ...: every line, on every connection
sink NAME NS ADDR PORT               one that only counts; got NAME: datagrams and bytes since it was last asked
close NAME                           a server or a connection
ask NS ADDR PORT SPORT [from=ADDR] [timeout=S]
                                     a datagram to a server: prints who answered
spread KEY NS ADDR PORT FIRST COUNT [timeout=S]
                                     asks from so many ports; prints who answered how many, "-": nobody
changed KEY KEY [but=NAME]           how many ports of the first, but for NAME's, have another server in the second
connect NAME NS ADDR PORT [sport=N] [timeout=S]
                                     a connection; prints who answers
held NAME NS ADDR PORT SPORT         a datagram socket that stays; prints who answers
say NAME [timeout=S] [size=N]        again, on either, with so many bytes: the same one, or failure
late SERVER NS ADDR SPORT            the server sends a datagram to it of its own accord; prints whether it came
raw NS SRC DST PROTO HEX [frag=OFF[+]] [id=N] [count=N]
                                     IPv4 packets with these bytes after the header
tcpraw NS SRC DST SPORT DPORT FLAGS  a segment without payload; FLAGS is a number
flood NS SRC DST DPORT COUNT         datagrams from COUNT ports, from 10000 on
pour NS ADDR PORT SIZE COUNT EVERY RATE BURST [from=ADDR]
                                     COUNT datagrams of SIZE bytes of payload, EVERY microseconds apart or more; prints how
                                     many would pass a bucket of RATE bytes a second and BURST, and how long it took, in
                                     microseconds
"""

LIMIT = 20
SERVERS = {}
ENDS = {}
SPREADS = {}


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def make(ns, address, kind, port=0, source=None):
    """A socket of the namespace; of a client, bound to a port."""
    with Netns(ns):
        sock = socket.socket(family(address), kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if source or port:
        sock.bind((source or ("::" if family(address) == socket.AF_INET6 else "0.0.0.0"), port))
    return sock


class Server:
    """Runs in the thread of all servers."""

    poll = select.epoll()
    by_fd = {}

    def __init__(self, name, kind, sock):
        self.name = name
        self.kind = kind
        self.sock = sock
        self.count = self.bytes = 0
        self.lock = threading.Lock()
        sock.setblocking(False)
        self.socks = {}
        self.watch(sock)

    def watch(self, sock):
        self.socks[sock.fileno()] = sock
        Server.by_fd[sock.fileno()] = (self, sock)
        Server.poll.register(sock.fileno(), select.EPOLLIN)

    def forget(self, sock):
        Server.poll.unregister(sock.fileno())
        Server.by_fd.pop(sock.fileno(), None)
        self.socks.pop(sock.fileno(), None)
        sock.close()

    def close(self):
        for sock in list(self.socks.values()):
            self.forget(sock)

    def ready(self, sock):
        if self.kind == "tcp" and sock is self.sock:
            child, _ = sock.accept()
            child.setblocking(False)
            self.watch(child)
        elif self.kind == "tcp":
            data = sock.recv(65536)
            if data:
                sock.send(self.name.encode() + b" " + data)
            else:
                self.forget(sock)
        else:
            while True:
                data, peer = sock.recvfrom(65536)
                with self.lock:
                    self.count += 1
                    self.bytes += len(data)
                if self.kind == "udp":
                    sock.sendto(self.name.encode() + b" " + data, peer)

    @classmethod
    def serve(cls):
        while True:
            for fd, _ in cls.poll.poll():
                server, sock = cls.by_fd.get(fd, (None, None))
                if not server:
                    continue
                try:
                    server.ready(sock)
                except BlockingIOError:
                    pass
                except OSError:
                    if sock is not server.sock:
                        server.forget(sock)


def serve(kind, name, ns, address, port):
    sock = make(ns, address, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM, int(port), address)
    if kind == "tcp":
        sock.listen(128)
    else:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    SERVERS[name] = Server(name, kind, sock)


def options(words):
    return dict(word.split("=", 1) for word in words)


def exchange(sock, text, timeout):
    """Who answered. What else comes is the answer to a question that was given up."""
    heard = b""
    sock.settimeout(timeout)
    sock.send(text)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        data = sock.recv(65536)
        if not data:
            fail("the connection is closed")
        # A stream comes in parts, each of which the server answers.
        heard = heard + data if sock.type == socket.SOCK_STREAM else data
        name = heard.partition(b" ")[0]
        if text in heard.replace(name + b" ", b""):
            return name.decode()
    raise socket.timeout


def ask(ns, address, port, sport, source=None, timeout=LIMIT):
    with make(ns, address, socket.SOCK_DGRAM, int(sport), source) as sock:
        sock.connect((address, int(port)))
        return exchange(sock, b"who_are_you_%d." % time.monotonic_ns(), timeout)


def spread(key, ns, address, port, first, count, timeout=LIMIT):
    found = {}
    for sport in range(int(first), int(first) + int(count)):
        try:
            found[sport] = ask(ns, address, port, sport, timeout=timeout)
        except OSError:
            found[sport] = "-"
    SPREADS[key] = found
    return " ".join(f"{name}:{list(found.values()).count(name)}" for name in sorted(set(found.values())))


def changed(one, other, but=None):
    a, b = SPREADS[one], SPREADS[other]
    return str(sum(name not in (but, b[port]) for port, name in a.items()))


def connect(name, ns, address, port, sport=0, timeout=LIMIT):
    sock = make(ns, address, socket.SOCK_STREAM, int(sport))
    # Who is closed does not go on trying.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
    sock.settimeout(timeout)
    try:
        sock.connect((address, int(port)))
    except OSError:
        sock.close()
        raise
    ENDS[name] = [sock, None]
    return say(name, timeout)


def held(name, ns, address, port, sport):
    sock = make(ns, address, socket.SOCK_DGRAM, int(sport))
    sock.connect((address, int(port)))
    ENDS[name] = [sock, None]
    return say(name)


def say(name, timeout=LIMIT, size=0):
    end = ENDS[name]
    who = exchange(end[0], b"who_are_you_%d.%s" % (time.monotonic_ns(), b"." * int(size)), timeout)
    if end[1] not in (None, who):
        fail(f"{who} answers, not {end[1]}")
    end[1] = who
    return who


def late(server, ns, address, sport):
    """Of its own accord means: from the port that would answer, without a question."""
    with make(ns, address, socket.SOCK_DGRAM, int(sport), address) as sock:
        sock.settimeout(1)
        SERVERS[server].sock.sendto(b"late", (address, int(sport)))
        try:
            return sock.recv(100).decode()
        except socket.timeout:
            return fail("it did not come")


def close(name):
    if name in SERVERS:
        SERVERS.pop(name).close()
    else:
        ENDS.pop(name)[0].close()


def got(name):
    server = SERVERS[name]
    with server.lock:
        said = f"{server.count} {server.bytes}"
        server.count = server.bytes = 0
    return said


# --- packets by hand -------------------------------------------------------------------------------------------

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_packet(source, dest, proto, payload, frag=0, ident=1):
    """The kernel fills in length and checksum."""
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, ident, frag, 64, proto, 0, socket.inet_aton(source),
                       socket.inet_aton(dest)) + payload


def pseudo(source, dest, proto, payload):
    return socket.inet_aton(source) + socket.inet_aton(dest) + struct.pack("!BBH", 0, proto, len(payload)) + payload


def raw_socket(ns):
    with Netns(ns):
        sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    return sock


def raw(ns, source, dest, proto, payload, frag="0", count=1, **more):
    offset = int(frag.rstrip("+")) // 8 | (0x2000 if frag.endswith("+") else 0)
    packet = ip_packet(source, dest, int(proto), bytes.fromhex(payload), offset, int(more.get("id", 1)))
    with raw_socket(ns) as sock:
        for _ in range(int(count)):
            sock.sendto(packet, (dest, 0))


def tcpraw(ns, source, dest, sport, dport, flags):
    head = struct.pack("!HHIIBBHHH", int(sport), int(dport), 1000, 1000, 0x50, int(flags, 0), 1000, 0, 0)
    head = head[:16] + struct.pack("!H", checksum(pseudo(source, dest, 6, head))) + head[18:]
    with raw_socket(ns) as sock:
        sock.sendto(ip_packet(source, dest, 6, head), (dest, 0))


def flood(ns, source, dest, dport, count):
    with raw_socket(ns) as sock:
        for i in range(int(count)):
            head = struct.pack("!HHHH", 10000 + i, int(dport), 8, 0)
            sock.sendto(ip_packet(source, dest, 17, head, ident=i & 0xffff), (dest, 0))


def pour(ns, address, port, size, count, every, rate, burst, source=None):
    """A packet is as large as its network header and all behind it."""
    size, count, every, rate, burst = (int(x) for x in (size, count, every, rate, burst))
    whole = size + 8 + (40 if ":" in address else 20)
    left, passed, data = float(burst), 0, b"x" * size
    with make(ns, address, socket.SOCK_DGRAM, 0, source) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        sock.connect((address, int(port)))
        begin = before = due = time.monotonic_ns()
        for _ in range(count):
            # Who is late does not hurry afterwards.
            while time.monotonic_ns() < due:
                time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
            now = time.monotonic_ns()
            due = now + every * 1000
            sock.send(data)
            left = min(burst, left + (now - before) * rate / 1e9)
            before = now
            if left >= whole:
                left -= whole
                passed += 1
        took = time.monotonic_ns() - begin
    return f"{passed} {took // 1000}"


COMMANDS = {"ask": ask, "spread": spread, "changed": changed, "connect": connect, "held": held,
            "say": say, "late": late, "close": close, "got": got, "raw": raw, "tcpraw": tcpraw, "flood": flood,
            "pour": pour}


def obey(words):
    if words[0] in ("udp", "tcp", "sink"):
        return serve(*words)
    plain = [word for word in words[1:] if "=" not in word]
    named = options(word for word in words[1:] if "=" in word)
    if "from" in named:
        named["source"] = named.pop("from")
    if "timeout" in named:
        named["timeout"] = float(named["timeout"])
    return COMMANDS[words[0]](*plain, **named)


def main():
    threading.Thread(target=Server.serve, daemon=True).start()
    for line in sys.stdin:
        try:
            answer = "ok " + (obey(line.split()) or "")
        except Failure as error:
            answer = f"fail {error}"
        except socket.timeout:
            answer = "fail nobody answers"
        except OSError as error:
            answer = "fail " + name_of(error.errno)
        except (KeyError, TypeError, ValueError) as error:
            answer = f"fail what is \"{line.strip()}\"? {error!r}"
        print(answer, flush=True)
    # The thread of the servers waits for ever.
    os._exit(0)


if __name__ == "__main__":
    main()
