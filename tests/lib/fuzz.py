# SPDX-License-Identifier: GPL-2.0-only
"""Malformed, random and almost valid netlink messages to a family.

The kernel stays quiet (the runner sees to that), the family goes on answering, a message that is refused changes
nothing, the key never comes back, and nobody gets anywhere without the capability. ASHLAR_FUZZ_COUNT sets the
number of messages, ASHLAR_FUZZ_SEED the seed.
"""

import ctypes
import os
import random
import socket
import struct
import subprocess
import sys
import time

import genl

KEY = bytes.fromhex("6b657973706163652d6e657665722121")
COUNT = int(os.environ.get("ASHLAR_FUZZ_COUNT", "100000" if os.environ.get("ASHLAR_SOAK") else "10000"))
SEED = int(os.environ.get("ASHLAR_FUZZ_SEED", time.time_ns() & 0xffffffff))
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def unshare(flags):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")


def run(*words, **kwargs):
    return subprocess.run(words, check=True, **kwargs)


class Fuzzer:
    """What is known of a family is in a subclass."""

    name = ""           # of the family and its module
    dumps = ()          # the operations that show the configuration
    shows = ()          # those that show it as one object
    objects = ()        # of the tool
    volatile = ()       # what changes by itself, or by what is shown elsewhere

    def __init__(self, spec, rng, aim=False):
        self.spec = spec
        self.aim = aim
        self.rng = rng
        self.netlink = genl.Genl()
        self.family = self.netlink.family(self.name)
        self.id = self.family["id"]
        self.numbers = {name: op["number"] for name, op in spec.ops.items()}
        self.readers = {self.numbers[n] for n in self.numbers if n.endswith("-get")}
        self.leaked = 0

    @staticmethod
    def configure():
        """What the messages need, in a network namespace of the test's own."""
        unshare(CLONE_NEWNET)

    def named(self, name):
        """A value for an attribute that means something, or None."""

    def restore(self):
        """What the messages aim at, as far as it is not there."""

    def foreign(self, outside):
        """What is reached from a user namespace of one's own that should not be."""
        return []

    def try_request(self, op, **values):
        known = self.spec.of(op)
        body = b"".join(genl.attr(known[key.replace("_", "-")]["number"], value) for key, value in values.items())
        try:
            return self.netlink.request(self.id, self.numbers[op], body)
        except genl.Refused:
            return []

    # Values.

    def value(self, what):
        """A value that the spec allows."""
        rng, kind, checks = self.rng, what["type"], what.get("checks", {})
        named = self.named(what["name"])
        if named is not None:
            return named
        if kind in genl.BY_LENGTH:
            size = genl.BY_LENGTH[kind]
            low, high = checks.get("min", 0), checks.get("max", (1 << 8 * size) - 1)
            value = rng.choice([low, high, rng.randint(low, high)]) if kind[0] == "u" else 0
            return value.to_bytes(size, sys.byteorder)
        if kind == "binary":
            return KEY if what["name"] == "key" else rng.randbytes(checks["max-len"])
        return b"" if kind == "flag" else b"x\0"

    def valid(self, name):
        """The attributes of a request that may be in order."""
        out = []
        known = self.spec.of(name)
        wanted = sorted(self.spec.requested(name), key=lambda n: known[n]["number"])
        for attribute in wanted:
            what = known[attribute]
            if self.rng.random() < 0.85:
                out.append([what["number"], self.value(what), None])
        return out

    # Mutations of a list of [type, payload, length that is told].

    def mutate(self, items):
        rng = self.rng
        for _ in range(rng.randint(1, 3)):
            how = rng.randrange(11)
            item = rng.choice(items) if items else None
            if how == 0:
                items.append([rng.randrange(0x10000), rng.randbytes(rng.randrange(40)), None])
            elif item is None:
                continue
            elif how == 1:
                items.remove(item)
            elif how == 2:
                items.append(list(item))
            elif how == 3:
                item[1] = rng.randbytes(rng.choice([0, 1, 3, 4, 5, 8, 15, 16, 17, 64, 300]))
            elif how == 4:
                item[1] = item[1][:rng.randrange(len(item[1]) + 1)]
            elif how == 5:
                item[2] = rng.choice([0, 1, 3, 4, 5, 0x7fff, 0xffff, len(item[1]) + 8])
            elif how == 6:
                item[0] ^= rng.choice([0x8000, 0x4000, 1, 2, 4, 0x40])
            elif how == 7:
                item[1] = bytes(b ^ (1 << rng.randrange(8) if rng.random() < 0.2 else 0) for b in item[1])
            elif how == 8:
                rng.shuffle(items)
            elif how == 9:
                # An attribute in an attribute, deep.
                nested = item[1]
                for _ in range(rng.randint(1, 20)):
                    nested = genl.attr(item[0] | 0x8000, nested)[:1000]
                item[1] = nested
            else:
                item[1] = (rng.choice([0, 1, -1, 1 << 31, -1 << 31, 255, 256, 65535]) & 0xffffffffffffffff) \
                    .to_bytes(8, sys.byteorder)[:max(1, len(item[1]))]
        return items

    def message(self):
        """One message and its command."""
        rng = self.rng
        flags = rng.choice([4, 4, 4, 4, 0x304, 0x300, rng.randrange(0x10000)]) | 4
        how = rng.random()
        if how < 0.15:
            cmd, body = rng.randrange(256), rng.randbytes(rng.choice([0, 1, 2, 3, 4, 5, 16, 100, 2000]))
        else:
            name = rng.choice(list(self.numbers))
            cmd = self.numbers[name]
            items = self.valid(name)
            if how > 0.45:
                items = self.mutate(items)
            body = b"".join(genl.attr(*item) for item in items)
        data = self.netlink.message(self.id, cmd, body, flags, rng.choice([1, 1, 1, 0, 2, 255]))
        how = rng.random()
        if how < 0.05:
            data = data[:rng.randrange(16, len(data) + 1)]
        elif how < 0.08:
            data = struct.pack("=I", rng.choice([0, 15, 16, 19, 20, len(data) + 4, 0xffffffff])) + data[4:]
        elif how < 0.10:
            data = data[:18] + rng.randbytes(2) + data[20:]
        return cmd, data

    # The kernel.

    def send(self, data):
        """The errors (0: carried out) that came back; a dump is read to its end."""
        errors = []
        try:
            self.netlink.sock.send(data)
        except OSError as error:
            return [error.errno]
        while True:
            try:
                answer = self.netlink.receive(socket.MSG_DONTWAIT)
            except BlockingIOError:
                return errors
            except OSError as error:
                errors.append(error.errno)
                continue
            if KEY in answer:
                self.leaked += 1
            while len(answer) >= 16:
                size, kind = struct.unpack_from("=IH", answer)
                if kind == genl.NLMSG_ERROR:
                    error, _, about, flags = struct.unpack_from("=iIHH", answer, 16)
                    # What is no request, or for nobody, is acknowledged and no more.
                    if error or (about == self.id and flags & genl.NLM_F_REQUEST):
                        errors.append(-error)
                answer = answer[(size + 3) & ~3:]

    def config(self):
        """The configuration, without what changes by itself."""
        out = {}
        for name in self.dumps + self.shows:
            names = {a["number"]: n for n, a in self.spec.of(name).items()}
            shown = self.netlink.request(self.id, self.numbers[name], dump=True) if name in self.dumps else \
                self.try_request(name)
            out[name] = sorted([(names.get(k), v) for k, v in message if names.get(k) not in self.volatile]
                               for message in shown)
        return out

    def run(self, count):
        """How many were carried out, how many refused; what a refusal changed."""
        problems, done, refused = [], 0, 0
        before, dirty, last = self.config(), False, []
        for index in range(count):
            if self.aim and not index % 50:
                self.restore()
                before, last = self.config(), []
            cmd, data = self.message()
            errors = self.send(data)
            last.append(data)
            refused += any(errors)
            if cmd not in self.readers and 0 in errors:
                done += 1
                dirty = True
            if dirty or not index % 25:
                now = self.config()
                if now != before and not dirty:
                    what = "; ".join(f"{n}: {[m for m in before[n] if m not in now[n]]} became "
                                     f"{[m for m in now[n] if m not in before[n]]}" for n in now if now[n] != before[n])
                    problems.append(f"changed by refused messages: {what}, by " + " | ".join(x.hex() for x in last))
                before, dirty, last = now, False, []
        return done, refused, problems


def child(function):
    """Run FUNCTION in a process of its own: what it found wrong."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reader)
        try:
            problems = function()
        except BaseException as error:  # pylint: disable=broad-except
            problems = [repr(error)]
        os.write(writer, "\n".join(problems).encode()[:60000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    _, status = os.waitpid(pid, 0)
    return text.splitlines() + ([f"status {status}"] if status else [])


def become_nobody():
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)


def without_capability(kind, spec, seed):
    """In the namespace of the configuration, as nobody."""
    become_nobody()
    fuzzer = kind(spec, random.Random(seed))
    problems = []
    for _ in range(max(COUNT // 10, 100)):
        cmd, data = fuzzer.message()
        if 0 in fuzzer.send(data):
            problems.append(f"command {cmd} was carried out: {data.hex()}")
    return problems


def own_user_namespace(kind, spec, seed):
    """In a user and network namespace of its own, as nobody: all is allowed there, and nothing elsewhere."""
    become_nobody()
    outside = os.open("/proc/self/ns/net", os.O_RDONLY)
    unshare(CLONE_NEWUSER | CLONE_NEWNET)
    fuzzer = kind(spec, random.Random(seed))
    return fuzzer.run(max(COUNT // 10, 100))[2] + fuzzer.foreign(outside)


def answers(fuzzer):
    """What is wrong after all of it."""
    try:
        fuzzer.restore()
        fuzzer.config()
        fuzzer.netlink.request(fuzzer.id, fuzzer.numbers["stats-get"])
        for item in fuzzer.objects:
            run("ashlar", "-j", item, "show", stdout=subprocess.DEVNULL)
    except (genl.Refused, subprocess.CalledProcessError) as error:
        return [str(error)]
    return []


def test(kind):
    """The whole test of a family; KIND is its subclass of Fuzzer."""
    run("modprobe", kind.name)
    print("KTAP version 1")
    print("1..6")
    print(f"# {COUNT} messages, seed {SEED}", flush=True)
    kind.configure()
    spec = genl.Spec(genl.load(kind.name))
    fuzzer = kind(spec, random.Random(SEED), aim=True)
    failed = 0

    def result(number, name, problems):
        nonlocal failed
        for problem in problems[:5]:
            print(f"# {problem[:2000]}")
        failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} {name}", flush=True)

    fuzzer.restore()
    before = fuzzer.config()
    problems = [f"no {name} to aim at" for name in before if not before[name]]
    problems += child(lambda: without_capability(kind, spec, SEED + 1))
    if fuzzer.config() != before:
        problems.append("the configuration changed")
    result(1, "without the capability nothing is carried out", problems)

    problems = child(lambda: own_user_namespace(kind, spec, SEED + 2))
    if fuzzer.config() != before:
        problems.append("the configuration of another namespace changed")
    result(2, "from a user namespace of one's own nothing else is reached", problems)

    done, refused, problems = fuzzer.run(COUNT)
    print(f"# {done} changes carried out, {refused} messages refused")
    result(3, "what is refused changes nothing", problems)
    result(4, "messages of both kinds were tried", [] if done > COUNT / 200 and refused > COUNT / 4 else
           [f"{done} carried out, {refused} refused"])
    result(5, "the key is never told", [f"{fuzzer.leaked} answers held it"] if fuzzer.leaked else [])
    result(6, "the family goes on answering", answers(fuzzer))
    return 1 if failed else 0
