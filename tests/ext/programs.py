#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=240
"""
tests/ext/programs.py [DIRECTORY...]: random programs in the kernel. Each does what the same source does in user space under
ASan and UBSan: it returns the same, or its fault is reported, by its kind and line. Always: the kernel is silent, the
pattern around the arenas is intact, nothing is left, and the instance can be restarted.

A directory is one that tests/lib/ext_oracle.py has prepared, such as build/ext-programs/random1, whose module is
build/ext/KERNEL/random1.ko; by default all that scripts/ext-tests builds.
"""

import glob
import os
import re
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
TREE = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "lib"))
import ext_oracle  # noqa: E402
import genl  # noqa: E402
from ext_kernel import STATES, Log, Shim, places, run, taint  # noqa: E402

KERNEL = os.environ.get("ASHLAR_KERNEL", "stock")
ASHLAR = os.environ.get("ASHLAR", "ashlar")
INPUT_HOOK, ACCEPT = 1, 1
PATIENCE = 60
KPTR = "/proc/sys/kernel/kptr_restrict"


class Guard:
    """The pattern around arenas."""

    @staticmethod
    def say(word):
        with open("/dev/extguard", "w", encoding="ascii") as file:
            file.write(word)

    @staticmethod
    def look():
        """What is wrong with it, or None."""
        with open("/dev/extguard", encoding="ascii") as file:
            text = file.read().strip()
        return None if text == "intact" else text

    @staticmethod
    def around():
        """How many arenas there are, and how many of them have a side of the pattern on both sides."""
        areas = []
        with open(KPTR, encoding="ascii") as file:
            before = file.read()
        # Else addresses are told as hashes.
        with open(KPTR, "w", encoding="ascii") as file:
            file.write("1")
        with open("/proc/vmallocinfo", encoding="ascii") as file:
            for line in file:
                low, high, owner = re.match(r"0x(\w+)-0x(\w+)\s+\d+(.*)", line).groups()
                areas.append((int(low, 16), int(high, 16), owner))
        with open(KPTR, "w", encoding="ascii") as file:
            file.write(before)
        sides = [(low, high) for low, high, owner in areas if "[ashlar_extguard]" in owner]
        # An arena's region is what a side is.
        arenas = [(low, high) for low, high, owner in areas
                  if "[ashlar_ext]" in owner and sides and high - low == sides[0][1] - sides[0][0]]
        both = [(low, high) for low, high in arenas if low in {h for _, h in sides} and high in {s for s, _ in sides}]
        return len(arenas), len(both)


class Batch:
    """An extension of programs, at work."""

    def __init__(self, directory, test):
        self.name = os.path.basename(directory.rstrip("/"))
        self.ko = os.path.join(TREE, "build", "ext", KERNEL, self.name + ".ko")
        self.programs = ext_oracle.known_programs(directory)
        self.test, self.shim = test, test.shim
        self.seen = {}          # entry: (fault's word or None, offset, answer)
        self.wrong = {}         # entry: [what]

    def blame(self, entry, text):
        self.wrong.setdefault(entry, []).append(text)

    def begin(self):
        run(ASHLAR, "ext", "load", self.ko)
        self.shim.ask("approval-new", name=self.name, any=True)
        # It is what makes the instance; the namespace has no packets.
        self.shim.ask("hook-new", name=self.name, entry="pass", hook=INPUT_HOOK, fail=ACCEPT)

    def state(self):
        return STATES[self.shim.ask("instance-get", name=self.name)[0]["state"]]

    def wait(self, what):
        end = time.monotonic() + PATIENCE
        while True:
            got = what()
            if got or time.monotonic() > end:
                return got
            time.sleep(0.005)

    def report(self, faults):
        """The report of one more fault, complete."""
        try:
            got = self.shim.ask("report-get", name=self.name)[0]
        except genl.Refused:
            return None
        return got if got.get("faults", 0) > faults and self.state() == "quarantined" else None

    def restart(self):
        """Approved anew, which ends the extension's own quarantine."""
        try:
            self.shim.ask("approval-new", name=self.name, any=True)
            self.shim.ask("instance-restart", name=self.name)
        except genl.Refused:
            return False
        return True

    def program(self, entry):
        fault, offset, answer = None, None, None
        before = self.shim.ask("instance-get", name=self.name)[0].get("faults", 0)
        try:
            got = self.shim.ask("request", name=self.name, entry=entry, data=ext_oracle.INPUT)[0]
            answer = str(got["result"]) + (" " + got["data"].hex() if got.get("data") else "")
        except genl.Refused as error:
            answer = str(-error.errno)
        if self.state() != "running":
            report = self.wait(lambda: self.report(before))
            if report is None:
                self.blame(entry, "no report of its fault")
            else:
                fault = self.test.causes[report["fault"]].upper().replace("-", "_")
                offset = report.get("offset")
                if report.get("entry") != entry:
                    self.blame(entry, f"the report is of {report.get('entry')}")
            if not self.wait(self.restart):
                self.blame(entry, "no restart")
        self.seen[entry] = fault, offset, answer
        unbalanced = self.shim.ask("stats-get")[0]["unbalanced"] and "not all that it owned came back"
        for what in (Guard.look(), self.test.log.complaint(), self.test.tainted(), unbalanced):
            if what:
                self.blame(entry, f"harm: {what}")

    def run(self):
        """Those without a fault come first, on one instance: nothing of them may be left in it."""
        self.begin()
        arenas, both = Guard.around()
        if not arenas or arenas != both:
            self.blame("all", f"of {arenas} arenas {both} have the pattern around them")
        order = sorted(self.programs, key=lambda entry: self.programs[entry]["fault"] is not None)
        good = [entry for entry in order if not self.programs[entry]["fault"]]
        for entry in good:
            self.program(entry)
        faults = self.shim.ask("instance-get", name=self.name)[0].get("faults", 0)
        self.shim.ask("instance-quarantine", name=self.name)
        report = self.wait(lambda: self.report(faults))
        left = dict(zip(report.get("reclaimed", []), report.get("reclaimed-count", []))) if report else "no report"
        if left:
            self.blame("all", f"left by those without a fault: {left}")
        if not self.wait(self.restart):
            self.blame("all", "no restart")
        for entry in order[len(good):]:
            self.program(entry)
        arenas, both = Guard.around()
        if not both:
            self.blame("all", "in the end no arena has the pattern around it")
        self.shim.ask("instance-del", name=self.name)
        run(ASHLAR, "ext", "unload", self.name)
        self.judge()

    def judge(self):
        lines = places(self.ko, {offset for _, offset, _ in self.seen.values() if offset is not None})
        for entry, (fault, offset, answer) in self.seen.items():
            place = lines.get(offset) or [(None, None)]
            why = ext_oracle.judge(self.programs[entry], fault, place[0][1], answer)
            if why:
                self.blame(entry, why)


class Test:
    def __init__(self):
        run("modprobe", "ashlar_ext")
        run("modprobe", "ashlar_extguard")
        self.shim = Shim()
        self.causes = Shim.enum("cause")
        self.log = Log()
        self.taint = taint()
        self.number = 0
        self.failed = 0

    def tainted(self):
        now, self.taint = taint(), self.taint
        return f"taint {self.taint} became {now}" if now & ~self.taint else None

    def result(self, good, text):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} {text}", flush=True)

    def pattern(self):
        """It can be laid, and what harms it is seen."""
        Guard.say("arm")
        self.result(Guard.look() is None, "a pattern is laid around arenas to come")
        Guard.say("harm")
        self.result(Guard.look() is not None, f"one wrong byte of it is seen: {Guard.look()}")
        Guard.say("mend")

    def batch(self, directory):
        start = time.monotonic()
        batch = Batch(directory, self)
        batch.run()
        for entry, texts in sorted(batch.wrong.items()):
            print(f"# {directory} {entry}: {'; '.join(texts)}")
        count = len(batch.programs)
        faults = sum(1 for p in batch.programs.values() if p["fault"])
        self.result(not batch.wrong, f"{batch.name}: {count - len(batch.wrong.keys() - {'all'})} of {count} programs, "
                    f"{faults} with a fault, are as the oracle has it, {time.monotonic() - start:.1f} s")
        return batch

    def negative(self, batch):
        """What the test would not see, were it blind: each kind of disagreement is one."""
        bad = next(e for e, p in batch.programs.items() if p["fault"] and batch.seen[e][0])
        good = next(e for e, p in batch.programs.items() if not p["fault"])
        for entry, change in ((good, {"answer": "8 0000000000000000"}), (good, {"fault": "divide", "line": 1}),
                              (bad, {"line": batch.programs[bad]["line"] + 1}), (bad, {"fault": None})):
            batch.wrong, kept = {}, batch.programs[entry]
            batch.programs[entry] = {**kept, **change}
            batch.judge()
            self.result(list(batch.wrong) == [entry], f"an oracle that is wrong is told from the kernel: {change}")
            batch.programs[entry] = kept


def main():
    directories = sys.argv[1:] or sorted(glob.glob(os.path.join(ext_oracle.PLACE, "random*/")))
    print("KTAP version 1", flush=True)
    if not directories or not all(os.path.exists(os.path.join(TREE, "build", "ext", KERNEL, os.path.basename(
            d.rstrip("/")) + ".ko")) for d in directories):
        print("Bail out! the random programs were not built: see scripts/ext-tests")
        return 1
    test = Test()
    test.pattern()
    for number, directory in enumerate(directories):
        batch = test.batch(directory)
        if not number and not batch.wrong:
            test.negative(batch)
    Guard.say("disarm")
    run("rmmod", "ashlar_extguard")
    print(f"1..{test.number}")
    return int(test.failed != 0)


if __name__ == "__main__":
    sys.exit(main())
