#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=400
"""
The bug suite of ashlar_ext in the kernel: each bug of tests/ext/bugs/suite has the outcome that is declared for it, its
fixed version works, and always: the kernel is silent, its taint is what it was, a packet is served by the failure verdict
and by the instance after its restart, what was owned is given back, and the extension can be unloaded.
"""

import os
import re
import select
import socket
import subprocess
import sys
import time

TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
TREE = os.path.dirname(TESTS)
sys.path.insert(0, os.path.join(TESTS, "lib"))
import ext_bugs  # noqa: E402
import genl  # noqa: E402
from ext_kernel import STATES, Log, Shim, enter, places, run, taint  # noqa: E402

KERNEL = os.environ.get("ASHLAR_KERNEL", "stock")
KO = os.path.join(TREE, "build", "ext", KERNEL, "suite.ko")
ASHLAR = os.environ.get("ASHLAR", "ashlar")
PREROUTING, INPUT = 0, 1
DROP, ACCEPT = 0, 1
# All that a call does is checked by the debug kernel.
SLOW = float(os.environ.get("ASHLAR_TIMEOUT_SCALE") or 1) * (4 if KERNEL == "debug" else 1)


class Stage:
    """Two namespaces on a wire, the extension at work in the second."""

    def __init__(self):
        run("modprobe", "ashlar_ext")
        for ns in ("xA", "xB"):
            run("ip", "netns", "add", ns)
        run("ip", "-n", "xA", "link", "add", "e0", "type", "veth", "peer", "name", "e0", "netns", "xB")
        for ns, last in (("xA", 1), ("xB", 2)):
            run("ip", "-n", ns, "link", "set", "lo", "up")
            run("ip", "-n", ns, "addr", "add", f"10.9.0.{last}/24", "dev", "e0")
            run("ip", "-n", ns, "link", "set", "e0", "up")
        run("ip", "-n", "xA", "neigh", "add", "10.9.0.2", "dev", "e0", "lladdr",
            re.search(r"link/ether (\S+)", run("ip", "-n", "xB", "link", "show", "e0")).group(1))
        run(ASHLAR, "ext", "load", KO)
        self.host = Shim()
        enter("xB")
        self.shim = Shim()
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.receiver.bind(("10.9.0.2", 7))
        enter("xA")
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.connect(("10.9.0.2", 7))
        enter(None)
        self.host.ask("approval-new", name="bugs", any=True)
        self.shim.ask("hook-new", name="bugs", entry="pass", hook=INPUT, fail=ACCEPT)
        self.faults = 0

    def served(self, patience=2.0):
        """Whether the datagram arrives."""
        while select.select([self.receiver], [], [], 0)[0]:
            self.receiver.recv(2048)
        self.sender.send(b"\x40" * 64)
        return bool(select.select([self.receiver], [], [], patience)[0])

    def instance(self):
        return self.shim.ask("instance-get", name="bugs")[0]

    def state(self):
        return STATES[self.instance()["state"]]

    def request(self, entry, data):
        """The answer's bytes, or the error, be it the entry's or the shim's."""
        try:
            got = self.shim.ask("request", name="bugs", entry=entry, data=data)[0]
        except genl.Refused as error:
            return -error.errno
        return got["result"] if got["result"] < 0 else got.get("data", b"")

    def restart(self):
        """As an operator does it: approved anew, which ends the extension's own quarantine, and started anew."""
        end = time.monotonic() + 5
        while True:
            self.host.ask("approval-new", name="bugs", any=True)
            try:
                return self.shim.ask("instance-restart", name="bugs")
            except genl.Refused:
                # What its fault leads to may be under way.
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def report(self):
        """The report of the end that has just been, by a fault or by the operator, complete."""
        begin = time.monotonic()
        end = begin + 10
        while time.monotonic() < end:
            try:
                got = self.shim.ask("report-get", name="bugs")[0]
                new = got.get("faults", 0) > self.faults or got["age-ms"] < (time.monotonic() - begin) * 1000 + 500
                if new and self.state() == "quarantined":
                    self.faults = got.get("faults", 0)
                    return got
            except genl.Refused:
                pass
            time.sleep(0.02)
        return None

    def act(self, row, entry):
        """Calls a row's entry; the answer and the verdict."""
        if row.via == "request":
            return self.request(entry, row.input()), None
        self.shim.ask("hook-new", name="bugs", entry=entry, hook=PREROUTING, fail=ACCEPT)
        verdict = "accept" if self.served() else "drop"
        # Only the entry's own word counts; who came by the failure verdict has a report.
        answer = self.request(row.then, row.input()) if row.then else None
        self.shim.ask("hook-del", name="bugs", entry=entry, hook=PREROUTING)
        return answer, verdict

    def faulted(self, row):
        """Whether it came to a fault; those of timers and work take a while."""
        end = time.monotonic() + (3 if row.codes() else 0)
        while True:
            if self.state() == "quarantined":
                return True
            if time.monotonic() > end:
                return False
            time.sleep(0.02)

    def end(self):
        self.shim.ask("instance-del", name="bugs")
        run(ASHLAR, "ext", "unload", "bugs")


class Suite:
    def __init__(self):
        self.log = Log()
        self.stage = Stage()
        self.taint = taint()
        self.cause = Shim.enum("cause")
        self.place = Shim.enum("place")
        self.done = []          # (row, seen, offset, problems)
        self.fixed = []         # (row, good, why)

    def check(self, row):
        stage, seen, problems = self.stage, ext_bugs.Seen(), []
        offset = None
        start = time.monotonic()
        seen.answer, seen.verdict = stage.act(row, row.name)
        if time.monotonic() - start > row.within * SLOW:
            problems.append(f"took {time.monotonic() - start:.1f} s, at most {row.within * SLOW:.1f} are declared")
        faulted = stage.faulted(row)
        if not faulted and row.allows("reclaimed"):
            stage.shim.ask("instance-quarantine", name="bugs")
        if faulted or row.allows("reclaimed"):
            report = stage.report()
            if report is None:
                problems.append("no report")
            else:
                seen.reclaimed = dict(zip(report.get("reclaimed", []), report.get("reclaimed-count", [])))
                if faulted:
                    word = self.cause[report["fault"]]
                    seen.fault = word.upper().replace("-", "_")
                    seen.at = self.place[report.get("place", 0)].replace("unknown", "")
                    offset = report.get("offset")
            if not stage.served():
                problems.append("no packet by the failure verdict")
            if isinstance(stage.request("served", b"\0\0\0\0"), bytes):
                problems.append("a request was served in quarantine")
            stage.restart()
        before = stage.request("served", b"\0\0\0\0")
        if not stage.served():
            problems.append("no packet after the restart")
        after = stage.request("served", b"\0\0\0\0")
        if not isinstance(before, bytes) or after == before:
            problems.append(f"the instance does not serve: {before}, {after}")
        complaint = self.log.complaint()
        if complaint:
            problems.append(f"the kernel: {complaint}")
        if stage.shim.ask("stats-get")[0]["unbalanced"]:
            problems.append("an instance ended, and not all that it owned had come back")
        if taint() != self.taint:
            problems.append(f"taint {self.taint} became {taint()}")
            self.taint = taint()
        self.done.append((row, seen, offset, problems))

    def check_fixed(self, row):
        seen = ext_bugs.Seen()
        seen.answer, seen.verdict = self.stage.act(row, row.name + "_fixed")
        if self.stage.state() == "quarantined":
            report = self.stage.report()
            seen.fault = self.cause[report["fault"]] if report else "?"
            self.stage.restart()
        self.fixed.append((row, *ext_bugs.judge_fixed(row, seen)))

    def negative(self):
        """What is said of each row is not said of an instance that serves nothing, nor of one that is in use."""
        stage = self.stage
        stage.shim.ask("hook-new", name="bugs", entry="pass", hook=PREROUTING, fail=DROP)
        stage.shim.ask("instance-quarantine", name="bugs")
        stage.report()
        lost = not stage.served(0.5)
        stage.restart()
        stage.shim.ask("hook-del", name="bugs", entry="pass", hook=PREROUTING)
        used = subprocess.run([ASHLAR, "ext", "unload", "bugs"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode
        return [(lost, "a failure verdict that drops serves no packet"),
                (used == 2, "an extension that is in use is not unloaded"), (stage.served(), "which serves again")]

    def lines(self):
        """Places of all offsets."""
        return places(KO, {o for _, _, o, _ in self.done if o is not None})

    def tell(self):
        lines, tally = self.lines(), []
        results = []
        for row, seen, offset, problems in self.done:
            seen.places = lines.get(offset, [])
            good, why = ext_bugs.judge(row, seen, True)
            if good and any(ext_bugs.judge(other, seen, True)[0] for other in ext_bugs.others(row, seen)):
                good, why = False, f"another outcome would be as good ({why})"
            if problems:
                good, why = False, f"{'; '.join(problems)} ({why})"
            results.append((good, f"{row.kind} {row.name}: {why}"))
            if row.kind == "bug":
                tally.append((row.klass, good))
        results += [(good, f"fixed {row.name}: {why}") for row, good, why in self.fixed]
        return results, tally


def main():
    if not os.path.exists(KO):
        print("KTAP version 1\nBail out! the extension was not built")
        return 1
    print("KTAP version 1", flush=True)
    suite = Suite()
    only = sys.argv[1:]
    for row in ext_bugs.suite():
        if only and row.name not in only:
            continue
        print(f"# {row.name}", flush=True)
        suite.check(row)
        if row.fixed is not None:
            suite.check_fixed(row)
    results, tally = suite.tell()
    results += suite.negative()
    try:
        suite.stage.end()
        results.append((True, "the extension is unloaded"))
    except (SystemExit, genl.Refused) as error:
        results.append((False, f"the extension is unloaded: {error}"))
    complaint = suite.log.complaint()
    results.append((not complaint, f"the kernel is silent to the end: {complaint}"))
    for number, (good, text) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} {text}")
    print(f"1..{len(results)}")
    print("# " + "\n# ".join(ext_bugs.tally(tally)))
    return int(not all(good for good, _ in results))


if __name__ == "__main__":
    sys.exit(main())
