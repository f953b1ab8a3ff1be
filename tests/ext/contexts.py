#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=200
"""
Invocations in every context at once: a request faults while hooks run on another processor; packets and timers interrupt
a request of the same instance, and fault within it; what sleeps, and timers and work, while the instance is quarantined,
restarted or deleted, while its namespace goes, and while extension and shim are unloaded. Others are stopped, packets get
the failure verdict, nothing is left, and the kernel is silent.
"""

import os
import struct
import subprocess
import sys
import threading
import time

TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
TREE = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "lib"))
import genl  # noqa: E402
from ext_kernel import STATES, Log, Shim, enter, places, run, taint  # noqa: E402
from ext_wire import Wire  # noqa: E402

NAME = "contexts"
KO = os.path.join(TREE, "build", "ext", os.environ.get("ASHLAR_KERNEL", "stock"), NAME + ".ko")
SOURCE = os.path.join(TESTS, "ext", NAME, NAME + ".c")
ASHLAR = os.environ.get("ASHLAR", "ashlar")
PREROUTING, INPUT, OUTPUT, POSTROUTING, DROP, ACCEPT = 0, 1, 3, 4, 0, 1
FIELDS = ("inside", "busy", "asleep", "packets", "nested", "ticks", "jobs", "linger-us")
PATIENCE = 60
FUEL = 100000000


def wait(what, patience=PATIENCE):
    end = time.monotonic() + patience
    while True:
        got = what()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.01)


class Ask(threading.Thread):
    """
    A request in a thread of its own, on a processor if one is named; .answer is bytes, or the error below 0. again: it is
    made again and again, until it is refused.
    """

    def __init__(self, entry, *words, cpu=None, again=False):
        super().__init__(daemon=True)
        self.entry, self.words, self.cpu, self.again, self.answer = entry, words, cpu, again, None
        self.start()

    def run(self):
        if self.cpu is not None:
            os.sched_setaffinity(0, {self.cpu})
        enter("xB")
        shim = Shim()
        self.answer = ask(shim, self.entry, *self.words)
        while self.again and isinstance(self.answer, bytes):
            self.answer = ask(shim, self.entry, *self.words)

    def end(self):
        """What became of it: None, it did not end."""
        self.again = False
        self.join(PATIENCE)
        return self.answer


def ask(shim, entry, *words):
    try:
        got = shim.ask("request", name=NAME, entry=entry, data=struct.pack(f"{len(words) or 1}I", *(words or (0,))))[0]
    except genl.Refused as error:
        return -error.errno
    return got["result"] if got["result"] < 0 else got.get("data", b"")


def at_least(got, count):
    return isinstance(got, bytes) and struct.unpack("I", got)[0] >= count


class Test:
    def __init__(self):
        self.number = self.failed = 0
        self.hosted = True      # the shim is loaded
        print("KTAP version 1", flush=True)
        run("modprobe", "ashlar_ext")
        self.wire = Wire()
        self.log = Log()
        self.taint = taint()
        self.host = Shim()
        self.shim = self.within("xB")

    @staticmethod
    def within(ns):
        enter(ns)
        try:
            return Shim()
        finally:
            enter(None)

    # --- results ----------------------------------------------------------------------------------------------------

    def check(self, good, text, seen=""):
        complaint = self.log.complaint()
        if complaint:
            good, seen = False, f"the kernel: {complaint}"
        if self.hosted and self.host_stats()["unbalanced"]:
            good, seen = False, "an instance ended, and not all that it owned had come back"
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} {text}" + ("" if good else f": {seen}"), flush=True)
        return good

    # --- the instance -----------------------------------------------------------------------------------------------

    def load(self):
        run(ASHLAR, "ext", "load", KO)
        self.approve()

    def approve(self):
        self.host.ask("approval-new", name=NAME, any=True, fuel=FUEL)

    def attach(self, entry, hook=INPUT, fail=ACCEPT):
        self.shim.ask("hook-new", name=NAME, entry=entry, hook=hook, fail=fail)

    def detach(self, entry, hook=INPUT):
        self.shim.ask("hook-del", name=NAME, entry=entry, hook=hook)

    def state(self):
        return STATES[self.shim.ask("instance-get", name=NAME)[0]["state"]]

    def counts(self):
        got = ask(self.shim, "counts")
        return dict(zip(FIELDS, struct.unpack("8I", got))) if isinstance(got, bytes) else {}

    def report(self):
        def complete():
            try:
                return self.state() == "quarantined" and self.shim.ask("report-get", name=NAME)[0]
            except genl.Refused:
                return None
        return wait(complete)

    def restart(self):
        def again():
            try:
                self.approve()
                self.shim.ask("instance-restart", name=NAME)
            except genl.Refused:
                return False
            return True
        return wait(again)

    def delete(self):
        self.shim.ask("instance-del", name=NAME)

    def unload(self):
        run(ASHLAR, "ext", "unload", NAME)

    def fault_is(self, text, entry):
        """The report is of that entry, at the marked line."""
        report = self.report() or {}
        cause = Shim.enum("cause")[report.get("fault", 0)]
        with open(SOURCE, encoding="utf-8") as file:
            line = 1 + next(n for n, t in enumerate(file) if "/* BUG */" in t)
        where = places(KO, [report["offset"]]).get(report["offset"], []) if "offset" in report else []
        self.check(report.get("entry") == entry and cause in ("bounds", "object") and (NAME + ".c", line) in where, text,
                   f"{cause} in {report.get('entry')} at {where}, line {line} is marked")
        return report

    def serves(self, text):
        self.check(self.restart(), f"{text}: restarted", self.state())
        before = self.counts().get("packets", 0)
        self.check(self.wire.served() and self.counts().get("packets", 0) > before, f"{text}: it serves packets again",
                   self.counts())

    # --- many processors --------------------------------------------------------------------------------------------

    def others_inside(self):
        """Datagrams both ways from both processors, at three hooks, and a request faults as soon as one is inside."""
        for entry, hook in (("linger", PREROUTING), ("linger_too", OUTPUT), ("linger", POSTROUTING)):
            self.attach(entry, hook, DROP)
        stopped = 0
        for turn in range(20):
            ask(self.shim, "setup", 20000)
            before = self.host_stats()
            with self.wire.flood([0, 1]):
                faulted = Ask("strike", 2000).end()
                quarantined = wait(lambda: self.state() == "quarantined")
            stopped += self.host_stats()["run-stopped"] - before["run-stopped"]
            if faulted != -130 or not quarantined or stopped:
                break
            self.restart()
        self.check(faulted == -130, "a request faults while hooks run on another processor", faulted)
        self.check(stopped > 0, "a hook that was under way was stopped", f"none, {turn + 1} times")
        self.fault_is("the report is the request's, not that of who was stopped", "strike")
        self.check(not self.wire.served(0.5), "packets get the failure verdict", "one came through")
        self.serves("after it")
        for entry, hook in (("linger", PREROUTING), ("linger_too", OUTPUT), ("linger", POSTROUTING)):
            self.detach(entry, hook)

    def host_stats(self):
        return self.shim.ask("stats-get")[0]

    # --- one within the other ---------------------------------------------------------------------------------------

    @staticmethod
    def interrupted():
        """What a request on processor 0 answers. One that begins when ksoftirqd is due there keeps that waiting, and all
        softirqs with it, until it ends: the next one then."""
        for _ in range(5):
            got = Ask("wait_within", 20, 5000, cpu=0).end()
            if at_least(got, 20):
                break
        return got

    def nested(self):
        """Packets for processor 0 interrupt a request that runs there."""
        self.wire.steer(0)
        self.attach("pass", PREROUTING)
        with self.wire.flood([1]):
            got = self.interrupted()
        self.check(at_least(got, 20), "20 packets interrupt a request of the same instance", got)
        self.detach("pass", PREROUTING)
        self.check(Ask("pend", cpu=0).end() == struct.pack("I", 1), "timers and work are under way", "")
        got = wait(lambda: self.counts().get("ticks", 0) > 20 and self.counts().get("jobs", 0) > 5)
        self.check(got, "and run", self.counts())
        got = self.interrupted()
        self.check(at_least(got, 20), "20 timers interrupt a request", got)
        self.attach("spoil", PREROUTING, DROP)
        with self.wire.flood([1]):
            got = Ask("wait_within", 1000000, 5000, cpu=0).end()
        self.check(got == -130, "a packet's fault ends the request that it interrupted", got)
        report = self.fault_is("the report is the packet's", "spoil")
        left = dict(zip(report.get("reclaimed", []), report.get("reclaimed-count", [])))
        self.check(left.get("timer", 0) >= 4, "timers were taken back", left)
        self.check(not self.wire.served(0.5), "packets get the failure verdict", "one came through")
        self.detach("spoil", PREROUTING)
        self.serves("after it")
        self.check(self.counts()["ticks"] == 0 and self.counts()["jobs"] == 0, "nothing of before runs on", self.counts())

    # --- sleepers, timers, work -------------------------------------------------------------------------------------

    def sleepers(self, count=3):
        """Requests asleep, four seconds each, and timers and work besides."""
        got = [Ask("rest", 4, again=True) for _ in range(count)]
        good = wait(lambda: self.counts().get("asleep") == count)
        good = good and ask(self.shim, "pend") == struct.pack("I", 1) and wait(
            lambda: self.counts().get("ticks", 0) > 4 and self.counts().get("asleep") == count + 1)
        self.check(good, f"{count} requests and a work item sleep, timers and work go on", self.counts())
        return got

    def ended(self, sleeping, text):
        got = [request.end() for request in sleeping]
        # One that was about to return may have done so.
        self.check(None not in got and any(isinstance(a, int) for a in got), f"{text}: they have ended", got)

    def ends(self):
        sleeping = self.sleepers()
        self.shim.ask("instance-quarantine", name=NAME)
        self.ended(sleeping, "quarantined")
        report = self.report() or {}
        left = dict(zip(report.get("reclaimed", []), report.get("reclaimed-count", [])))
        self.check(left.get("timer", 0) >= 4 and left.get("memory block", 0) >= 3, "what they held is back", left)
        self.serves("quarantined")
        sleeping = self.sleepers()
        self.shim.ask("instance-quarantine", name=NAME)
        self.check(self.restart(), "restarted at once", self.state())
        self.ended(sleeping, "restarted")
        sleeping = self.sleepers()
        busy = subprocess.run([ASHLAR, "ext", "unload", NAME], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.check(busy.returncode == 2, "it cannot be unloaded under them", busy)
        busy = subprocess.run(["rmmod", "ashlar_ext"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.check(busy.returncode != 0, "nor can the shim", busy)
        self.delete()
        self.ended(sleeping, "deleted")
        self.check(self.wire.served(), "without it packets pass", "")

    def namespace(self):
        """A namespace goes with its instance, whose timers and work are under way."""
        run("ip", "netns", "add", "xC")
        shim = self.within("xC")
        shim.ask("hook-new", name=NAME, entry="pass", hook=INPUT, fail=DROP)
        got = ask(shim, "pend")
        shim.sock.sock.close()
        self.check(got == struct.pack("I", 1) and self.users() == 1, "another namespace's instance has timers and work", got)
        run("ip", "netns", "del", "xC")
        self.check(wait(lambda: not self.users()), "it goes with the namespace", self.users())

    def users(self):
        return sum(ext.get("users", 0) for ext in self.host.ask("ext-get", dump=True))

    def unloaded(self):
        """All goes while requests sleep: what asks is told so."""
        self.attach("pass")
        sleeping = self.sleepers()
        start = time.monotonic()
        self.delete()
        self.unload()
        run("rmmod", "ashlar_ext")
        self.hosted = False
        self.check(True, f"extension and shim are unloaded, {time.monotonic() - start:.1f} s")
        self.ended(sleeping, "unloaded")
        self.check(self.wire.served(), "packets pass", "")
        self.check(taint() == self.taint, "the taint is as it was", taint())


def main():
    if not os.path.exists(KO):
        print("KTAP version 1\nBail out! the extension was not built")
        return 1
    test = Test()
    test.load()
    test.attach("pass")
    test.others_inside()
    test.nested()
    test.ends()
    test.namespace()
    test.unloaded()
    print(f"1..{test.number}")
    return int(test.failed != 0)


if __name__ == "__main__":
    sys.exit(main())
