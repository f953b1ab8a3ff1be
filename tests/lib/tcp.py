#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Both ends of TCP connections between network namespaces, in one process.

Reads commands, one a line, and answers each with one line, "ok WORDS" or "fail WHY". tests/lib/overlay.sh keeps
one running for a test: starting an interpreter costs more than most checks. HELP below lists the commands.
A namespace is named as by ip-netns(8), "-" is this process's own. Nothing here sleeps for a fixed time to let
something happen: what is waited for is a condition, with a deadline. ends.py has the connections, pump.py the background.
"""

import ctypes
import errno
import fcntl
import os
import select
import socket
import struct
import sys
import termios
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

# pylint: disable=wrong-import-position
import pump  # noqa: E402
from ends import (BLOB, LIBC, LISTENERS, PAIRS, PLAIN, SITES, SLOW, TCP_INFO, Failure, Flow, Netns, Pair, addr_of,
                  ask, check_names, conns, counters, dial, drive, expect_bytes, expect_conn, fail, flat, get,
                  group, host_of, keywords, listener, make, name_of, obey, open_pair, size_of, take, transfer,
                  until, why)  # noqa: E402
from pump import PUMP  # noqa: E402

HELP = """
site NAME HOST ADDR VNI              tell of a container; the commands below take its NAME for a namespace
netns NAME...                        make namespaces, without IPv6 but with lo; nonetns removes those made here
listen L NS [port=] [backlog=] [OPT] a listener; accept L NAME takes a connection from it; unlisten L
serve L NS port=                     a listener whose connections are served by themselves (two machines)
connect N NS ADDR PORT [timeout=]    a client's end; fails with the error's name and the time it took
open N CNS SNS [OPT]                 listen, connect and accept in one; OPT c:OPT s:OPT for one end alone
names N CADDR SADDR                  do both ends see the overlay's addresses, and each other's ports?
xfer N[,N] [bytes=] [flip=1]         random bytes both ways at once, SHA-256 compared; flip spoils one at the end
carry C S PATH [bytes=] [within=] [...]  open, names, xfer, close, and: did it take PATH (fast, fallback, local)?
many C,C S,S n= [bytes=]             that many connections at once, each with its own check
path N HOST [side=c|s] KEY=VALUE...  wait until "conn show" on HOST says so of this connection
conns HOST N [KEY=VALUE...]          wait until that many conns are there
stat HOST COUNTER                    a counter of "stats show"
peer HOST ADDR STATE                 wait for a peer's state
dev NS DEV                           rx_bytes rx_packets tx_bytes tx_packets
half, urgent, rst, mss, segment, arrives, close, error, ended, backlog, timewait, udp, nfqueue: see their comments
streams N C S n= [chunk=] [every=]   long-lived connections with a checked echo, in the background
alive N [bytes=]                     wait until each of them has progressed that much more
stall [reset=1]                      the longest time without progress since the last reset
churn N C S [n=]                     short connections, one after the other, in the background; stop N: how many
"""

def cmd_site(name, host, address, vni):
    SITES[name] = (host, address, vni)
    return ""


MADE = []


def make_netns(name, done):
    """In a thread of its own, which ends in the new namespace."""
    try:
        path = "/run/netns/" + name
        os.makedirs("/run/netns", exist_ok=True)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o444))
        if LIBC.unshare(0x40000000) or LIBC.mount(b"/proc/thread-self/ns/net", path.encode(), b"none", 4096, None):
            raise OSError(ctypes.get_errno(), "unshare or mount")
        for what in ("all", "default"):
            with open(f"/proc/sys/net/ipv6/conf/{what}/disable_ipv6", "w", encoding="ascii") as file:
                file.write("1")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            fcntl.ioctl(sock, 0x8914, struct.pack("16sH14x", b"lo", 0x41))
        done.append("")
    except OSError as err:
        done.append(str(err))


def cmd_netns(*names):
    for name in names:
        done = []
        thread = threading.Thread(target=make_netns, args=(name, done))
        thread.start()
        thread.join()
        if done[0]:
            fail(f"{name}: {done[0]}")
        MADE.append(name)
    return ""


def cmd_nonetns():
    while MADE:
        path = "/run/netns/" + MADE.pop()
        LIBC.umount2(path.encode(), 2)
        if os.path.exists(path):
            os.unlink(path)
    return ""


def cmd_listen(name, ns, *words):
    options = keywords(words)
    LISTENERS[name] = listener(ns, addr_of(ns) if ns in SITES else "0.0.0.0", options)
    return str(LISTENERS[name].getsockname()[1])


def cmd_unlisten(name):
    LISTENERS.pop(name).close()
    return ""


def cmd_accept(lname, name, *words):
    sock = take(LISTENERS[lname], float(dict(keywords(words)).get("timeout", 15)))
    if name in PAIRS:
        PAIRS[name].s = sock
    else:
        PAIRS[name] = Pair(None, sock)
        PAIRS[name].tuple = sock.getpeername() + sock.getsockname()
    return " ".join(str(x) for x in PAIRS[name].tuple)


def serve(sock):
    while True:
        conn, peer = sock.accept()
        try:
            conn.settimeout(60.0 * SLOW)
            size = struct.unpack("=Q", conn.recv(8, socket.MSG_WAITALL))[0]
            flow = Flow(conn, size, "server")
            drive([flow], 20 * SLOW)
            flow.finish(False)
            conn.sendall(socket.inet_aton(peer[0]) + socket.inet_aton(conn.getsockname()[0]))
            conn.close()
        except (OSError, Failure, struct.error) as err:
            print(f"# server: {err}", file=sys.stderr, flush=True)
            conn.close()


def cmd_serve(name, ns, *words):
    port = cmd_listen(name, ns, *words)
    threading.Thread(target=serve, args=(LISTENERS[name],), daemon=True).start()
    return port


# The client of a served connection: transfer, and the addresses that the server saw.
def cmd_ask(cns, address, port, *words):
    keys = dict(keywords(words))
    sock = dial(cns, address, int(port), [])
    pair = Pair(sock)
    seconds = transfer({"c": pair}, size_of(keys.get("bytes", "4M")))
    seen = sock.recv(8, socket.MSG_WAITALL)
    check_names(pair, keys["caddr"], keys["saddr"])
    names = [socket.inet_ntoa(seen[:4]), socket.inet_ntoa(seen[4:])]
    if names != [keys["caddr"], keys["saddr"]]:
        fail(f"address: the server saw {names}")
    PAIRS[keys.get("name", "ask")] = pair
    return f"{seconds:.2f} s"


def cmd_connect(name, ns, address, port, *words):
    start = time.monotonic()
    PAIRS[name] = Pair(dial(ns, address, int(port), keywords(words)))
    return f"{time.monotonic() - start:.2f}"


def cmd_open(name, cns, sns, *words):
    keys = keywords(words)
    address = dict(keys).get("to")
    PAIRS[name] = open_pair(cns, sns, [k for k in keys if k[0] != "to"], address)
    return " ".join(str(x) for x in PAIRS[name].tuple)


def cmd_names(name, caddr, saddr):
    check_names(get(name), caddr, saddr)
    return ""


def cmd_xfer(names, *words):
    keys = dict(keywords(words))
    size = size_of(keys.get("bytes", "4M"))
    seconds = transfer({n: get(n) for n in names.split(",")}, size, "flip" in keys)
    return f"{size} bytes {seconds:.2f} s"


def cmd_carry(cns, sns, path, *words):
    """Open, check the names, transfer and close; what the devices counted tells which path it was."""
    own = ("bytes", "flip", "reason", "names", "seen", "within")
    given = keywords(words)
    keys = dict(given)
    size = size_of(keys.get("bytes", "1M"))
    options = [k for k in given if k[0] not in own]
    pair = open_pair(cns, sns, options)
    hosts = {cns: host_of(cns), sns: host_of(sns)}
    tunnels = [] if path == "local" else [(host, "vx" + SITES[cns][2]) for host in hosts.values()]
    before = [counters(*t) for t in tunnels]
    boxes = [counters(n, "eth0") for n in (cns, sns)]
    try:
        check_names(pair, addr_of(cns), addr_of(sns), keys.get("seen"))
        seconds = transfer({"carry": pair}, size, "flip" in keys)
        grown = [counters(*t)["tx_bytes"] - b["tx_bytes"] for t, b in zip(tunnels, before)]
        if not PLAIN:
            want = {"path": path}
            if "reason" in keys:
                want["reason"] = keys["reason"]
            expect_conn(hosts[cns], pair, "c", want, *([float(keys["within"])] if "within" in keys else []))
            if path != "fallback":
                expect_conn(hosts[sns], pair, "s", {"path": path})
            if path == "fast":
                expect_bytes(hosts[cns], pair, "c", size)
                expect_bytes(hosts[sns], pair, "s", size)
            for grew, (host, dev) in zip(grown, tunnels):
                if path == "fast" and not PUMP.work and grew > 20000 + size // 20:
                    fail(f"the fallback carried {grew} bytes on {host}")
        for grew, (host, dev) in zip(grown, tunnels):
            if path == "fallback" and grew < size:
                fail(f"the fallback carried only {grew} bytes on {host}")
        for name, old in zip((cns, sns), boxes):
            new = counters(name, "eth0")
            if new["rx_bytes"] - old["rx_bytes"] < size or new["tx_bytes"] - old["tx_bytes"] < size:
                fail(f"the counters of {name}'s device did not move with the data")
    finally:
        pair.close()
    return f"{size} bytes {seconds:.2f} s"


def cmd_many(clients, servers, *words):
    keys = dict(keywords(words))
    clients, servers = clients.split(","), servers.split(",")
    count, size = int(keys.get("n", 40)), size_of(keys.get("bytes", "2K"))
    listening = [listener(s, addr_of(s), []) for s in servers]
    socks = []
    start = time.monotonic()
    for number in range(count):
        sock = make(clients[number % len(clients)], [])
        sock.setblocking(False)
        to = listening[number // len(clients) % len(listening)].getsockname()
        code = sock.connect_ex(to)
        if code not in (0, errno.EINPROGRESS):
            fail(f"connect: {name_of(code)}")
        socks.append(sock)
    pairs, waiting = {}, {}
    by_name = {}
    for sock in listening:
        sock.setblocking(False)
    end = start + 30 * SLOW
    for sock in socks:
        waiting[sock.getsockname()] = sock
    while len(pairs) < count:
        for sock in listening:
            try:
                while True:
                    conn, peer = sock.accept()
                    by_name[peer] = conn
                    pairs[str(peer)] = Pair(waiting[peer], conn)
            except BlockingIOError:
                pass
        if time.monotonic() > end:
            fail(f"{len(pairs)} of {count} were accepted")
        select.select(listening, [], [], 0.1)
    transfer(pairs, size)
    for sock in listening:
        sock.close()
    if keys.get("keep"):
        PAIRS.update({f"{keys['keep']}.{n}": p for n, p in enumerate(pairs.values())})
    else:
        for pair in pairs.values():
            pair.close()
    return f"{count} in {time.monotonic() - start:.2f} s"


def cmd_path(name, host, *words):
    keys = dict(keywords(words))
    side = keys.pop("side", "c")
    seconds = float(keys.pop("timeout", 10))
    if PLAIN:
        return ""
    for pair in ([get(name)] if name in PAIRS else group(name)):
        expect_conn(host, pair, side, keys, seconds)
    return ""


def cmd_conns(host, count, *words):
    want = dict(keywords(words))
    seconds = float(want.pop("timeout", 10))
    if PLAIN:
        return ""

    def probe():
        seen = [c for c in conns(host) if all(str(c.get(k)) == v for k, v in want.items())]
        rest = [f"{c['state']} {c['path']}" for c in seen[:3]]
        return len(seen) == int(count), f"{len(seen)} instead of {count}: {', '.join(rest)}"
    until(seconds, probe, f"conns on {host}")
    return ""


def cmd_stat(host, name):
    if PLAIN:
        return "0"
    return str(flat(ask(host, "stats", "show"))[name])


# Wait until a counter of "stats show" has reached a value.
def cmd_stat_at_least(host, name, value, *words):
    if PLAIN:
        return ""
    seconds = float(dict(keywords(words)).get("timeout", 10))

    def probe():
        now = flat(ask(host, "stats", "show"))[name]
        return now >= int(value), now if now >= int(value) else f"{name} is {now}, less than {value}"
    return f"{until(seconds, probe, host)}"


def cmd_peer(host, address, state, *words):
    seconds = float(dict(keywords(words)).get("timeout", 20))

    def probe():
        seen = {p.get("addr", p.get("address")): p["state"] for p in ask(host, "peer", "show")}
        return seen.get(address, "none") == state, f"peer {address} is {seen.get(address)}, not {state}"
    if not PLAIN:
        until(seconds, probe, host)
    return ""


def cmd_dev(ns, dev):
    n = counters(ns, dev)
    return f"{n['rx_bytes']} {n['rx_packets']} {n['tx_bytes']} {n['tx_packets']}"


# The client ends its direction; the server sees that, still sends, and the client still hears.
def cmd_half(name):
    pair = get(name)
    pair.c.sendall(b"question")
    pair.c.shutdown(socket.SHUT_WR)
    heard = b""
    while True:
        data = pair.s.recv(1000)
        if not data:
            break
        heard += data
    pair.s.sendall(BLOB[:100000])
    pair.s.shutdown(socket.SHUT_WR)
    answer = b""
    while True:
        data = pair.c.recv(1 << 16)
        if not data:
            break
        answer += data
    if heard != b"question" or answer != BLOB[:100000]:
        fail("the data is wrong")
    return ""


# Both ways: a byte out of band between two in band, seen by poll as priority.
def cmd_urgent(name):
    pair = get(name)
    for sender, receiver in ((pair.c, pair.s), (pair.s, pair.c)):
        sender.sendall(b"before")
        sender.send(b"!", socket.MSG_OOB)
        sender.sendall(b"after")
        poll = select.poll()
        poll.register(receiver, select.POLLPRI)
        if not poll.poll(5000 * SLOW):
            fail("no urgent data came")
        if receiver.recv(1, socket.MSG_OOB) != b"!":
            fail("the urgent byte is wrong")
        heard = b""
        while len(heard) < 11:
            heard += receiver.recv(11 - len(heard))
        if heard != b"beforeafter":
            fail(f"in band came {heard!r}")
    return ""


def await_error(sock, seconds):
    """The error or the end that the socket reports, within so many seconds."""
    sock.settimeout(seconds * SLOW)
    try:
        while sock.recv(1 << 16):
            pass
        return "EOF"
    except OSError as err:
        return why(err)


# One end ends the connection with a reset; the other sees that.
def cmd_rst(name, side):
    pair = get(name)
    mine, theirs = (pair.c, pair.s) if side == "c" else (pair.s, pair.c)
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    mine.close()
    seen = await_error(theirs, 10)
    theirs.close()
    del PAIRS[name]
    return seen if seen == "ECONNRESET" else fail(f"the other end sees {seen}")


# Wait for what an end will report: EOF, or an error's name.
def cmd_error(name, side, want, *words):
    seconds = float(dict(keywords(words)).get("timeout", 10))
    pairs = [get(name)] if name in PAIRS else group(name)
    for pair in pairs:
        seen = pair.error[side] or await_error(pair.end(side), seconds)
        if seen != want:
            fail(f"{side} end sees {seen}, not {want}")
    return ""


def cmd_mss(name, side):
    sock = get(name).end(side)
    info = sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 192)
    return str(struct.unpack_from("=I", info, 16)[0])


# One end sends one full segment, which nothing joins on its way; "arrives" waits for it at the other.
def cmd_segment(name, side):
    pair = get(name)
    size = int(cmd_mss(name, side))
    pair.end(side).sendall(BLOB[:size])
    pair.lone[side] = size
    return str(size)


def cmd_arrives(name, side, *words):
    pair = get(name)
    sock = pair.end("s" if side == "c" else "c")
    seconds = float(dict(keywords(words)).get("timeout", 20))
    until(seconds, lambda: (sock_holds(sock) >= pair.lone[side], "it does not arrive"), name)
    if sock.recv(pair.lone[side], socket.MSG_WAITALL) != BLOB[:pair.lone[side]]:
        fail("the data is wrong")
    return ""


def sock_holds(sock):
    """Bytes that can be read at once."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, bytes(4)))[0]


# A listener that accepts nothing until it is full: those that wait get in once it accepts.
def cmd_backlog(cns, sns):
    server = listener(sns, addr_of(sns), [("backlog", "1")])
    socks = []
    for _ in range(4):
        sock = make(cns, [])
        sock.setblocking(False)
        sock.connect_ex(server.getsockname())
        socks.append(sock)
    end = time.monotonic() + 1.5 * SLOW
    done = set()
    while time.monotonic() < end and len(done) < len(socks):
        _, ready, _ = select.select([], [s for s in socks if s not in done], [], 0.2)
        done.update(ready)
    waiting = len(socks) - len(done)
    if not waiting:
        fail("the backlog took all")
    for _ in socks:
        pair = take(server, 40)
        pair.sendall(b"welcome")
    for sock in socks:
        sock.settimeout(20 * SLOW)
        if sock.recv(7, socket.MSG_WAITALL) != b"welcome":
            fail("the data is wrong")
        sock.close()
    server.close()
    return f"{waiting} waited"


# The same four-tuple again, while the end SIDE of the last connection still rests in TIME_WAIT.
def cmd_timewait(name, cns, sns, side, *words):
    server = listener(sns, addr_of(sns), [])
    port = server.getsockname()[1]
    options = keywords(words)
    first = dial(cns, addr_of(sns), port, options)
    other = take(server)
    sport = str(first.getsockname()[1])
    active, passive = (first, other) if side == "c" else (other, first)
    active.shutdown(socket.SHUT_WR)
    if await_error(passive, 10) != "EOF":
        fail("no end of file")
    passive.close()
    if await_error(active, 10) != "EOF":
        fail("no end of file")
    active.close()
    def probe():
        try:
            return True, dial(cns, addr_of(sns), port, options + [("sport", sport), ("from", addr_of(cns))])
        except Failure as err:
            return False, err
    again = until(20, probe, "the tuple again")
    PAIRS[name] = Pair(again, take(server))
    server.close()
    return sport


# A datagram of SIZE bytes and its echo.
def cmd_udp(cns, sns, size):
    def sock(ns):
        with Netns(ns):
            return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client, server = sock(cns), sock(sns)
    server.bind((addr_of(sns), 0))
    data = BLOB[:int(size)]
    for _ in range(8):
        client.sendto(data, server.getsockname())
        server.settimeout(1.0 * SLOW)
        client.settimeout(1.0 * SLOW)
        try:
            heard, peer = server.recvfrom(1 << 16)
            server.sendto(heard, peer)
            answer = client.recv(1 << 16)
        except socket.timeout:
            continue
        if answer != data:
            fail("the data is wrong")
        if peer[0] != addr_of(cns):
            fail(f"address: the server saw {peer[0]}")
        return ""
    return fail("no echo")


# Of a program that knows these commands, too.
COMMANDS = (globals(), vars(pump))

if __name__ == "__main__":
    obey(*COMMANDS)
