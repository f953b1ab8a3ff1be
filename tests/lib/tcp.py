#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Both ends of TCP connections between network namespaces, in one process.

Reads commands, one a line, and answers each with one line, "ok WORDS" or "fail WHY". tests/lib/overlay.sh keeps
one running for a test: starting an interpreter costs more than most checks. HELP below lists the commands.
A namespace is named as by ip-netns(8), "-" is this process's own. Nothing here sleeps for a fixed time to let
something happen: what is waited for is a condition, with a deadline.
"""

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

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

LIBC = ctypes.CDLL(None, use_errno=True)
HERE = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
ASHLAR = os.environ.get("ASHLAR", "ashlar")
PLAIN = bool(os.environ.get("ASHLAR_PLAIN"))
SLOW = 6 if os.environ.get("ASHLAR_KERNEL") == "debug" else 2
BLOB = os.urandom(1 << 18)

TCP_MD5SIG, TCP_FASTOPEN, TCP_INFO = 14, 23, 11
MSG_FASTOPEN = 0x20000000
IPPROTO_MPTCP = 262


class Failure(Exception):
    pass


def fail(text):
    raise Failure(text)


def name_of(number):
    return errno.errorcode.get(number, str(number))


def why(err):
    """ETIMEDOUT is the connection's own; that our patience ended has no number."""
    return name_of(err.errno) if err.errno else "timeout"


class Netns:
    """Sockets made inside belong to the namespace; the thread returns to its own afterwards."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        if self.name != "-":
            fd = os.open("/run/netns/" + self.name, os.O_RDONLY | os.O_CLOEXEC)
            if LIBC.setns(fd, 0x40000000):
                raise OSError(ctypes.get_errno(), "setns")
            os.close(fd)

    def __exit__(self, *unused):
        if self.name != "-" and LIBC.setns(HERE, 0x40000000):
            os.abort()


class Pair:
    """A connection: the client's and the server's socket, either may be in another process."""

    def __init__(self, client=None, server=None):
        self.c = client
        self.s = server
        self.tuple = client.getsockname() + client.getpeername() if client else None
        self.error = {"c": None, "s": None}
        self.lone = {}

    def end(self, side):
        return self.c if side == "c" else self.s

    def close(self):
        for sock in (self.c, self.s):
            if sock:
                sock.close()


SITES = {}
LISTENERS = {}
PAIRS = {}


def get(name):
    return PAIRS.get(name) or fail(f"no connection {name}")


def host_of(name):
    return SITES[name][0]


def addr_of(name):
    return SITES[name][1]


# --- sockets ---------------------------------------------------------------------------------------------------

def md5_key(address):
    peer = struct.pack("=HH4s120x", socket.AF_INET, 0, socket.inet_aton(address))
    return peer + struct.pack("=BBHi80s", 0, 0, 6, 0, b"secret")


def apply(sock, options):
    for key, value in options:
        if key == "maxseg":
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, int(value))
        elif key == "nodelay":
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        elif key == "md5":
            sock.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, md5_key(value))
        elif key == "ipopts":
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes.fromhex(value))
        elif key == "dev":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, value.encode() + b"\0")
        elif key == "transparent":
            sock.setsockopt(socket.SOL_IP, socket.IP_TRANSPARENT, 1)
        elif key == "mark":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, int(value))
        elif key == "keepalive":
            idle, interval, count = (int(x) for x in value.split(","))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)
        elif key not in ("tfo", "mptcp", "port", "backlog", "timeout", "from", "sport"):
            fail(f"unknown option {key}")


def split(options, side):
    """Options of one end: those without a prefix and those with this end's."""
    out = []
    for key, value in options:
        if key[1:2] != ":":
            out.append((key, value))
        elif key[0] == side:
            out.append((key[2:], value))
    return out


def make(ns, options):
    keys = dict(options)
    with Netns(ns):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP if "mptcp" in keys else 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    apply(sock, options)
    return sock


def listener(ns, address, options):
    keys = dict(options)
    sock = make(ns, options)
    if "tfo" in keys:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
    sock.bind((address, int(keys.get("port", 0))))
    sock.listen(int(keys.get("backlog", 128)))
    return sock


def fast_open(sock, to):
    """Without a cookie yet, the SYN asks for one and the data follows the handshake."""
    try:
        sock.sendto(b"fast open", MSG_FASTOPEN, to)
    except BlockingIOError:
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        poll.poll(15000 * SLOW)
        sock.sendall(b"fast open")


def dial(ns, address, port, options):
    """A connected socket; its failure tells the error's name and how long it took."""
    keys = dict(options)
    sock = make(ns, options)
    start = time.monotonic()
    try:
        if "from" in keys or "sport" in keys:
            sock.bind((keys.get("from", "0.0.0.0"), int(keys.get("sport", 0))))
        sock.settimeout(float(keys.get("timeout", 15)) * SLOW / 2)
        if "tfo" in keys:
            fast_open(sock, (address, port))
        else:
            sock.connect((address, port))
    except OSError as err:
        sock.close()
        fail(f"{why(err)} {time.monotonic() - start:.2f}")
    return sock


def take(sock, timeout=15.0):
    sock.settimeout(timeout * SLOW)
    try:
        conn, _ = sock.accept()
    except socket.timeout:
        fail("nothing to accept")
    conn.settimeout(timeout * SLOW)
    return conn


def open_pair(cns, sns, options, address=None):
    theirs = split(options, "s")
    server = listener(sns, addr_of(sns), theirs)
    try:
        client = dial(cns, address or addr_of(sns), server.getsockname()[1], split(options, "c"))
        accepted = take(server)
    finally:
        server.close()
    pair = Pair(client, accepted)
    if "tfo" in dict(theirs):
        if accepted.recv(9, socket.MSG_WAITALL) != b"fast open":
            fail("the data of the fast open is wrong")
    return pair


# --- transfers -------------------------------------------------------------------------------------------------

class Flow:
    """One end of a transfer: sends SIZE random bytes and their digest, and checks as many that come."""

    def __init__(self, sock, size, label):
        self.sock, self.size, self.label = sock, size, label
        self.left = size
        self.hash_out, self.hash_in = hashlib.sha256(), hashlib.sha256()
        self.out = b""
        self.got = 0
        self.tail = b""
        self.sent_all = False
        sock.setblocking(False)

    def refill(self):
        if self.left:
            start = int.from_bytes(os.urandom(2), "little")
            self.out = memoryview(BLOB)[start:start + min(self.left, len(BLOB) - start)]
            self.left -= len(self.out)
            self.hash_out.update(self.out)
        elif not self.sent_all:
            self.out = memoryview(self.hash_out.digest())
            self.sent_all = True

    def events(self):
        want = 0 if self.got == self.size + 32 else select.POLLIN
        if self.out or not self.sent_all:
            want |= select.POLLOUT
        return want

    def write(self):
        while True:
            if not self.out:
                self.refill()
                if not self.out:
                    return
            try:
                self.out = self.out[self.sock.send(self.out):]
            except BlockingIOError:
                return

    def read(self):
        try:
            data = self.sock.recv(min(1 << 18, self.size + 32 - self.got))
        except BlockingIOError:
            return
        if not data:
            fail(f"{self.label}: end of file after {self.got} of {self.size} bytes")
        body = max(0, min(len(data), self.size - self.got))
        self.hash_in.update(data[:body])
        self.tail += data[body:]
        self.got += len(data)

    def finish(self, flip):
        if flip:
            self.hash_in.update(b"\1")
        self.sock.settimeout(15.0 * SLOW)
        if self.hash_in.digest() != self.tail:
            fail(f"{self.label}: sha256 differs")


def drive(flows, seconds):
    """Until all have sent and received all, or no byte has moved for SECONDS."""
    last = time.monotonic()
    by_fd = {f.sock.fileno(): f for f in flows}
    poll = select.poll()
    state = {}
    for fd, flow in by_fd.items():
        state[fd] = flow.events()
        poll.register(fd, state[fd])
    while by_fd:
        ready = poll.poll(200)
        for fd, event in ready:
            flow = by_fd[fd]
            try:
                if event & (select.POLLIN | select.POLLHUP | select.POLLERR) and state[fd] & select.POLLIN:
                    flow.read()
                if event & (select.POLLOUT | select.POLLERR):
                    flow.write()
            except OSError as err:
                fail(f"{flow.label}: {name_of(err.errno)} after {flow.got} of {flow.size} bytes")
            want = flow.events()
            if not want:
                poll.unregister(fd)
                del by_fd[fd]
            elif want != state[fd]:
                poll.modify(fd, want)
            state[fd] = want
        now = time.monotonic()
        if ready:
            last = now
        elif now - last > seconds:
            flow = next(iter(by_fd.values()))
            fail(f"{flow.label}: no progress for {seconds:.0f} s after {flow.got} of {flow.size} bytes")


def size_of(text):
    units = {"K": 1 << 10, "M": 1 << 20}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def transfer(pairs, size, flip=False):
    """Both ways at once over each of PAIRS (label: pair)."""
    start = time.monotonic()
    flows = []
    for label, pair in pairs.items():
        if pair.s:
            flows.append(Flow(pair.s, size, label + " server"))
        elif pair.c:
            pair.c.sendall(struct.pack("=Q", size))
        if pair.c:
            flows.append(Flow(pair.c, size, label + " client"))
    drive(flows, 20 * SLOW)
    for number, flow in enumerate(flows):
        flow.finish(flip and not number)
    return time.monotonic() - start


def check_names(pair, caddr, saddr, translated=None):
    seen = {"client's own": pair.c.getsockname() if pair.c else None, "server's peer": pair.s.getpeername() if pair.s else None,
            "client's peer": pair.c.getpeername() if pair.c else None, "server's own": pair.s.getsockname() if pair.s else None}
    want = {"client's own": caddr, "server's peer": translated or caddr, "client's peer": saddr, "server's own": saddr}
    for what, value in seen.items():
        if value and value[0] != want[what]:
            fail(f"address: {what} is {value[0]}, not {want[what]}")
    if pair.c and pair.s and not translated and (seen["client's own"] != seen["server's peer"] or seen["client's peer"] != seen["server's own"]):
        fail("address: the ends disagree on the ports")


# --- what the module says ----------------------------------------------------------------------------------------

def ask(host, *words):
    command = [ASHLAR] + (["-n", host] if host != "-" else []) + ["-j", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        fail(f"{' '.join(command)}: status {done.returncode}: {done.stderr.decode().strip()}")
    try:
        return json.loads(done.stdout)
    except ValueError:
        fail(f"{' '.join(command)}: not JSON: {done.stdout[:200]!r}")
    return None


def conns(host):
    return [{k.replace("-", "_"): v for k, v in conn.items()} for conn in ask(host, "conn", "show")]


def tuple_of(conn):
    return conn["local"], conn["local_port"], conn["remote"], conn["remote_port"]


def find(host, pair, side):
    mine = pair.tuple if side == "c" else pair.tuple[2:] + pair.tuple[:2]
    for conn in conns(host):
        if tuple_of(conn) == mine:
            return conn
    return None


def until(seconds, probe, what):
    """Call PROBE until it says yes; it gives (yes, what it saw)."""
    end = time.monotonic() + seconds * SLOW
    while True:
        done, seen = probe()
        if done:
            return seen
        if time.monotonic() > end:
            fail(f"{what}: {seen}")
        time.sleep(0.05)


def expect_conn(host, pair, side, want, seconds=5.0):
    def probe():
        conn = find(host, pair, side)
        if conn is None:
            return want.get("path") == "none", "none"
        bad = [f"{k} is {conn.get(k)}" for k, v in want.items() if str(conn.get(k, "none")) != v]
        return not bad, " and ".join(bad) + (f" (reason {conn.get('reason')})" if bad else "")
    until(seconds, probe, f"conn on {host}")


def expect_bytes(host, pair, side, size):
    """That the conn itself has carried them; other connections do not disturb this count."""
    conn = find(host, pair, side)
    for key in ("tx_bytes", "rx_bytes"):
        # Counted without a lock, so that two CPUs may lose one now and then.
        if not conn or conn[key] < size * 9 // 10:
            fail(f"the conn on {host} counts only {conn and conn[key]} {key}")


def counters(ns, dev):
    with Netns(ns), open("/proc/thread-self/net/dev", encoding="ascii") as file:
        for line in file:
            key, _, rest = line.partition(":")
            if key.strip() == dev:
                n = [int(x) for x in rest.split()]
                return {"rx_bytes": n[0], "rx_packets": n[1], "tx_bytes": n[8], "tx_packets": n[9]}
    return fail(f"{ns} has no device {dev}")


# --- background ----------------------------------------------------------------------------------------------------

class Stream:
    """A client sends chunks, the server echoes them, the client compares."""

    def __init__(self, pair, chunk, every):
        self.pair, self.chunk, self.every = pair, chunk, every
        self.expected = bytearray()
        self.out_c, self.out_s = bytearray(), bytearray()
        self.echoed = 0
        self.due = self.moved = time.monotonic()
        self.stall = 0.0
        self.wrong = None
        pair.c.setblocking(False)
        pair.s.setblocking(False)

    def dead(self):
        return self.wrong or any(self.pair.error.values())

    def over(self):
        return self.wrong or all(self.pair.error.values())

    def fds(self, now):
        if now >= self.due and len(self.expected) < 8 * self.chunk and not self.dead():
            start = int.from_bytes(os.urandom(2), "little")
            data = BLOB[start:start + self.chunk]
            if not self.expected:
                self.moved = now
            self.expected += data
            self.out_c += data
            self.due = now + self.every
        if self.expected:
            self.stall = max(self.stall, now - self.moved)
        for side, out in (("c", self.out_c), ("s", self.out_s)):
            if not self.pair.error[side]:
                yield self.pair.end(side).fileno(), side, select.POLLIN | (select.POLLOUT if out else 0)

    def handle(self, side, event, now):
        sock = self.pair.end(side)
        out = self.out_c if side == "c" else self.out_s
        try:
            if event & (select.POLLIN | select.POLLERR | select.POLLHUP):
                data = sock.recv(1 << 16)
                if not data:
                    self.pair.error[side] = "EOF"
                elif side == "s":
                    self.out_s += data
                elif self.expected[:len(data)] != data:
                    self.wrong = f"wrong bytes after {self.echoed}"
                else:
                    del self.expected[:len(data)]
                    self.echoed += len(data)
                    self.moved = now
            if out:
                del out[:sock.send(out)]
        except BlockingIOError:
            pass
        except OSError as err:
            self.pair.error[side] = name_of(err.errno)


class Churn:
    """A connection, a question, its echo, the end; and again."""

    def __init__(self, cns, sns):
        self.cns = cns
        self.server = listener(sns, addr_of(sns), [])
        self.server.setblocking(False)
        self.to = self.server.getsockname()
        self.accepted = []
        self.client = None
        self.done = 0
        self.slowest = 0.0
        self.failed = []
        self.start = 0.0
        self.got = b""

    def dead(self):
        return len(self.failed) > 20

    over = dead

    def fds(self, now):
        if self.client is None:
            self.client = make(self.cns, [])
            self.client.setblocking(False)
            self.client.connect_ex(self.to)
            self.start, self.got, self.asked = now, b"", False
        yield self.client.fileno(), "c", select.POLLIN if self.asked else select.POLLOUT
        yield self.server.fileno(), "l", select.POLLIN
        for sock in self.accepted:
            yield sock.fileno(), sock, select.POLLIN
        if now - self.start > 30 * SLOW:
            self.lost("timeout")

    def lost(self, why):
        self.failed.append(why)
        self.client.close()
        self.client = None

    def handle(self, side, event, now):
        try:
            if side == "l":
                sock, _ = self.server.accept()
                sock.setblocking(False)
                self.accepted.append(sock)
            elif side == "c":
                if self.client is None:
                    return
                if not self.asked:
                    if self.client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                        self.lost("refused")
                        return
                    self.client.send(BLOB[:600])
                    self.asked = True
                else:
                    data = self.client.recv(1000)
                    self.got += data
                    if len(self.got) >= 600 or not data:
                        if self.got != BLOB[:600]:
                            self.lost(f"{len(self.got)} bytes, wrong")
                            return
                        self.done += 1
                        self.slowest = max(self.slowest, now - self.start)
                        self.client.close()
                        self.client = None
            else:
                data = side.recv(1000)
                if data:
                    side.send(data)
                else:
                    self.accepted.remove(side)
                    side.close()
        except BlockingIOError:
            pass
        except OSError as err:
            if side == "c":
                self.lost(name_of(err.errno))
            elif side in self.accepted:
                self.accepted.remove(side)
                side.close()

    def close(self):
        for sock in [self.server, self.client, *self.accepted]:
            if sock:
                sock.close()


class Pump(threading.Thread):
    """Moves all background work; everything of it is touched under the lock only."""

    def __init__(self):
        super().__init__(daemon=True)
        self.lock = threading.Lock()
        self.work = {}
        self.start()

    def run(self):
        while True:
            poll = select.poll()
            by_fd = {}
            now = time.monotonic()
            with self.lock:
                for item in [w for group in self.work.values() for w in group]:
                    if item.over():
                        continue
                    for fd, side, events in item.fds(now):
                        by_fd[fd] = (item, side)
                        poll.register(fd, events)
            ready = poll.poll(20)
            now = time.monotonic()
            with self.lock:
                alive = {id(w) for group in self.work.values() for w in group}
                for fd, event in ready:
                    item, side = by_fd[fd]
                    if id(item) in alive and not event & select.POLLNVAL:
                        item.handle(side, event, now)


class Queue(threading.Thread):
    """Accepts what nftables queues in a namespace; counts it."""

    def __init__(self, ns, number):
        super().__init__(daemon=True)
        with Netns(ns):
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.sock.bind((0, 0))
        self.number = number
        self.seen = 0
        self.config(1, struct.pack("!BBH", 1, 0, socket.AF_INET))
        self.config(2, struct.pack("!IB", 0, 1))
        self.start()

    def send(self, kind, body, flags=1):
        message = struct.pack("=BBH", 0, 0, socket.htons(self.number)) + body
        self.sock.send(struct.pack("=IHHII", 16 + len(message), 0x300 | kind, flags, 0, 0) + message)

    def config(self, kind, value):
        self.send(2, struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4), 5)
        answer = self.sock.recv(4096)
        code = struct.unpack_from("=i", answer, 16)[0]
        if code:
            fail(f"nfqueue: {name_of(-code)}")

    def run(self):
        while True:
            data = self.sock.recv(1 << 16)
            while len(data) >= 16:
                length, kind = struct.unpack_from("=IH", data)
                if kind == 0x300:
                    self.verdict(data[20:length])
                data = data[(length + 3) & ~3:]

    def verdict(self, attrs):
        while len(attrs) >= 4:
            length, kind = struct.unpack_from("=HH", attrs)
            if kind & 0x3fff == 1:
                self.seen += 1
                self.send(1, struct.pack("=HH", 12, 2) + struct.pack("!I", 1) + attrs[4:8])
                return
            attrs = attrs[(length + 3) & ~3:]


PUMP = Pump()
QUEUES = {}


# --- commands --------------------------------------------------------------------------------------------------------

def keywords(words):
    return [tuple(w.split("=", 1)) if "=" in w else (w, "") for w in words]


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


def group(name):
    found = [p for n, p in PAIRS.items() if n.startswith(name + ".")]
    return found or fail(f"no connections {name}")


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


def flat(stats):
    if isinstance(stats, list):
        stats = stats[0] if stats else {}
    return {k.replace("-", "_"): v for k, v in stats.items()}


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
    return struct.unpack("i", fcntl.ioctl(sock, 0x541B, bytes(4)))[0]


def cmd_close(name):
    pairs = [name] if name in PAIRS else [n for n in PAIRS if n.startswith(name + ".")]
    with PUMP.lock:
        PUMP.work.pop(name, None)
    for key in pairs:
        PAIRS.pop(key).close()
    return ""


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


def cmd_nfqueue(ns, number):
    QUEUES[ns] = Queue(ns, int(number))
    return ""


def cmd_queued(ns):
    return str(QUEUES[ns].seen)


def cmd_streams(name, cns, sns, *words):
    keys = dict(keywords(words))
    made = []
    for number in range(int(keys.get("n", 1))):
        pair = open_pair(cns, sns, [(k, v) for k, v in keys.items() if k not in ("n", "chunk", "every")])
        PAIRS[f"{name}.{number}"] = pair
        made.append(Stream(pair, int(keys.get("chunk", 4096)), float(keys.get("every", 0.05))))
    with PUMP.lock:
        PUMP.work.setdefault(name, []).extend(made)
    return f"{len(made)}"


def verdict(stream):
    errors = [f"{side} end: {e}" for side, e in stream.pair.error.items() if e]
    if stream.wrong or errors:
        return f"{stream.pair.tuple}: {stream.wrong or ', '.join(errors)} after {stream.echoed} bytes"
    return None


def cmd_alive(name, *words):
    keys = dict(keywords(words))
    more = size_of(keys.get("bytes", "20K"))
    with PUMP.lock:
        streams = list(PUMP.work[name])
        start = [s.echoed for s in streams]

    def probe():
        with PUMP.lock:
            bad = [v for v in map(verdict, streams) if v]
            slow = [s for s, n in zip(streams, start) if s.echoed < n + more]
        if bad:
            raise Failure("; ".join(bad))
        return not slow, f"{len(slow)} of {len(streams)} make no progress"
    until(float(keys.get("timeout", 20)), probe, name)
    return f"{len(streams)} streams"


# That all of them have ended with this error at the end SIDE.
def cmd_ended(name, side, want, *words):
    seconds = float(dict(keywords(words)).get("timeout", 10))

    def probe():
        with PUMP.lock:
            seen = [s.pair.error[side] for s in PUMP.work[name]]
        return all(e == want for e in seen), f"{side} ends see {seen}, not {want}"
    until(seconds, probe, name)
    return ""


def cmd_stall(*words):
    now = time.monotonic()
    with PUMP.lock:
        streams = [s for g in PUMP.work.values() for s in g if isinstance(s, Stream)]
        longest = max((max(s.stall, now - s.moved if s.expected else 0) for s in streams), default=0.0)
        if words:
            for stream in streams:
                stream.stall = 0.0
                stream.moved = now
    return f"{longest:.2f}"


def cmd_churn(name, cns, sns, *words):
    keys = dict(keywords(words))
    made = [Churn(cns, sns) for _ in range(int(keys.get("n", 1)))]
    with PUMP.lock:
        PUMP.work[name] = made
    return ""


# Wait until a churn has completed that many more.
def cmd_churned(name, count):
    with PUMP.lock:
        start = sum(c.done for c in PUMP.work[name])

    def probe():
        with PUMP.lock:
            done = sum(c.done for c in PUMP.work[name]) - start
            lost = [f for c in PUMP.work[name] for f in c.failed]
        if lost:
            raise Failure(f"{len(lost)} failed: {lost[:5]}")
        return done >= int(count), f"{done} of {count}"
    until(30, probe, name)
    return ""


def cmd_stop(name):
    with PUMP.lock:
        group_ = PUMP.work.pop(name)
    bad, total, slowest = [], 0, 0.0
    for item in group_:
        if isinstance(item, Churn):
            total += item.done
            bad += item.failed
            slowest = max(slowest, item.slowest)
            item.close()
        else:
            total += item.echoed
            bad += [v for v in [verdict(item)] if v]
            slowest = max(slowest, item.stall)
    cmd_close(name)
    if bad:
        fail(f"{len(bad)} failed: {'; '.join(bad[:5])}")
    return f"{total} done, slowest {slowest:.2f} s"


def main():
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        try:
            command = globals().get("cmd_" + words[0])
            if not command:
                fail(f"unknown command {words[0]}")
            answer = "ok " + command(*words[1:])
        except Failure as err:
            answer = f"fail {err}"
        except OSError as err:
            answer = f"fail {name_of(err.errno)} {err}"
        except (KeyError, ValueError, TypeError, IndexError) as err:
            answer = f"fail {type(err).__name__}: {err} in \"{line.strip()}\" at line {err.__traceback__.tb_next.tb_lineno}"
        print(answer.replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
