# SPDX-License-Identifier: GPL-2.0-only
"""What goes on in the background while a test does something else: long-lived streams, short connections, queues.

Part of tests/lib/tcp.py, whose HELP lists the commands.
"""

import os
import select
import socket
import struct
import threading
import time

from ends import (BLOB, PAIRS, SLOW, Failure, Netns, addr_of, fail, keywords, listener, make, name_of, open_pair,
                  size_of, until)

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


def cmd_close(name):
    pairs = [name] if name in PAIRS else [n for n in PAIRS if n.startswith(name + ".")]
    with PUMP.lock:
        PUMP.work.pop(name, None)
    for key in pairs:
        PAIRS.pop(key).close()
    return ""
