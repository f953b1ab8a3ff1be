# SPDX-License-Identifier: GPL-2.0-only
"""Both ends of TCP connections between network namespaces: sockets, transfers, what the module says of them.

What tests/lib/tcp.py and the programs like it share. A namespace is named as by ip-netns(8), "-" is this process's own.
"""

import ctypes
import errno
import hashlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

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


def group(name):
    found = [p for n, p in PAIRS.items() if n.startswith(name + ".")]
    return found or fail(f"no connections {name}")


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


def flat(stats):
    if isinstance(stats, list):
        stats = stats[0] if stats else {}
    return {k.replace("-", "_"): v for k, v in stats.items()}


# --- a program that is told what to do ----------------------------------------------------------------------------

def keywords(words):
    return [tuple(w.split("=", 1)) if "=" in w else (w, "") for w in words]


def obey(*tables):
    """Reads commands, one a line; each is cmd_NAME in the first table that has it. Answers with "ok WORDS" or "fail WHY"."""
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        try:
            name = "cmd_" + words[0].replace("-", "_")
            command = next((t[name] for t in tables if name in t), None) or fail(f"unknown command {words[0]}")
            answer = "ok " + command(*words[1:])
        except Failure as err:
            answer = f"fail {err}"
        except OSError as err:
            answer = f"fail {name_of(err.errno)} {err}"
        except (KeyError, ValueError, TypeError, IndexError, AttributeError, struct.error) as err:
            place = err.__traceback__
            while place.tb_next:
                place = place.tb_next
            file = os.path.basename(place.tb_frame.f_code.co_filename)
            answer = f"fail {type(err).__name__}: {err} in \"{line.strip()}\" at {file}:{place.tb_lineno}"
        print(answer.replace("\n", " "), flush=True)
