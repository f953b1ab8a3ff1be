#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=200
"""
The --race build: the bug suite's race is told, with the lines of both accesses, by the family and by the tool, and what
does the same under a lock runs to its end; so do the other requests of the suite that have no bug.
"""

import json
import os
import subprocess
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
TREE = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "lib"))
import ext_bugs  # noqa: E402
import genl  # noqa: E402
from ext_kernel import STATES, Log, Shim, places, run, taint  # noqa: E402

KO = os.path.join(TREE, "build", "ext", os.environ.get("ASHLAR_KERNEL", "stock"), "suite-race.ko")
SOURCE = os.path.join(ext_bugs.SUITE, "locks.c")
ASHLAR = os.environ.get("ASHLAR", "ashlar")
INPUT, ACCEPT = 1, 1
PATIENCE = 60
TURNS = 20


def marked():
    with open(SOURCE, encoding="utf-8") as file:
        return {("locks.c", n) for n, line in enumerate(file, 1) if "/* RACE */" in line}


class Test:
    def __init__(self):
        self.number = self.failed = 0
        run("modprobe", "ashlar_ext")
        run(ASHLAR, "ext", "load", KO)
        self.shim, self.log, self.taint = Shim(), Log(), taint()
        self.approve()
        self.shim.ask("hook-new", name="bugs", entry="pass", hook=INPUT, fail=ACCEPT)

    def approve(self):
        self.shim.ask("approval-new", name="bugs", any=True, fuel=100000000)

    def check(self, good, text, seen=""):
        complaint = self.log.complaint()
        if complaint:
            good, seen = False, f"the kernel: {complaint}"
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} {text}" + ("" if good else f": {seen}"), flush=True)

    def request(self, entry, *words):
        data = b"".join(w.to_bytes(4, "little") for w in words or (0,))
        try:
            got = self.shim.ask("request", name="bugs", entry=entry, data=data)[0]
        except genl.Refused as error:
            return -error.errno
        return got["result"] if got["result"] < 0 else int.from_bytes(got.get("data", b""), "little")

    def state(self):
        return STATES[self.shim.ask("instance-get", name="bugs")[0]["state"]]

    def wait(self, what):
        end = time.monotonic() + PATIENCE
        while not what() and time.monotonic() < end:
            time.sleep(0.02)
        return what()

    def report(self):
        def told():
            try:
                return self.state() == "quarantined" and self.shim.ask("report-get", name="bugs")[0]
            except genl.Refused:
                return None
        return self.wait(told) or {}

    def restart(self):
        def again():
            if self.state() == "running":
                return True
            self.approve()
            try:
                self.shim.ask("instance-restart", name="bugs")
            except genl.Refused:
                return False
            return True
        return self.wait(again)

    def race(self):
        """It need not be seen at once, nor when the two do not meet."""
        for turn in range(TURNS):
            self.request("race", 20000)
            if self.state() != "running":
                break
        report = self.report()
        cause = Shim.enum("cause")[report.get("fault", 0)]
        self.check(cause == "race", "the race is told", f"{cause}, {turn + 1} times")
        both = [report.get("offset"), report.get("other-offset")]
        if None in both:
            self.check(False, "both accesses are told", report)
            return
        lines = places(KO, both)
        seen = [lines.get(offset, []) for offset in both]
        self.check(all(marked() & set(place) for place in seen), "at the lines of both accesses", f"{seen}, {marked()}")
        tool = subprocess.run([ASHLAR, "-j", "ext", "report", "bugs"], stdout=subprocess.PIPE, text=True, check=False)
        got = json.loads(tool.stdout or "[{}]")[0]
        self.check(all(any(f"locks.c:{n}" in line for _, n in marked() for line in got.get(key, []))
                       for key in ("line", "other-line")), "which the tool tells, too", got)
        text = run(ASHLAR, "ext", "report", "bugs")
        self.check("against" in text and "same lock" in text, "in words", text)
        self.check(self.restart(), "it starts again", self.state())

    def fixed(self):
        self.check(self.request("race_fixed", 2000) == 4000, "under a lock none is told", self.report() if
                   self.state() != "running" else "wrong sum")
        for row in ext_bugs.suite():
            if row.fixed is None or row.via != "request" or row.name == "race":
                continue
            got = self.request(row.name + "_fixed", *row.words)
            good = self.state() == "running"
            self.check(good, f"none in {row.name}_fixed", "" if good else self.report())
            if not good:
                print(f"# {row.name}_fixed answered {got}")
                self.restart()

    def end(self):
        self.shim.ask("instance-del", name="bugs")
        run(ASHLAR, "ext", "unload", "bugs")
        self.check(taint() == self.taint, "the taint is as it was", taint())
        print(f"1..{self.number}")


def main():
    print("KTAP version 1", flush=True)
    if not os.path.exists(KO):
        print("Bail out! the extension was not built")
        return 1
    test = Test()
    test.race()
    test.fixed()
    test.end()
    return int(test.failed != 0)


if __name__ == "__main__":
    sys.exit(main())
