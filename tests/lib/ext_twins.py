#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Inside the virtual machine: tests/lib/ext_twins.py NAME... runs these unsafe twins of the bug suite, one after the
other, each in a process of its own, and looks whether the kernel says what the suite's table has for it. A name that
begins with "!" is the end of the machine: it is begun, and tests/ext-twins reads the console.
"""

import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import ext_bugs  # noqa: E402

DEVICE = "/dev/extbugs"
LEAKS = "/sys/kernel/debug/kmemleak"
PATIENCE = 20


class Log:
    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)
        self.lines = []

    def take(self):
        while True:
            try:
                self.lines.append(os.read(self.fd, 8192).decode("utf-8", "replace").partition(";")[2].split("\n")[0])
            except BrokenPipeError:
                continue
            except BlockingIOError:
                return self.lines


def run(name):
    """The twin, in a child that it may kill; waits as long as it is not stuck."""
    pid = os.fork()
    if pid == 0:
        try:
            with open(DEVICE, "wb", buffering=0) as file:
                file.write(name.encode())
        except OSError as error:
            print(f"# {name}: {error}", flush=True)
        os._exit(0)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.02)
    return False


def said(log, witness):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for line in log.take():
            if re.search(witness, line):
                return line
        time.sleep(0.1)
    return None


def returned(witness):
    with open(DEVICE, encoding="ascii") as file:
        got = int(file.read(), 0)
    words = witness.split()
    good = got != int(words[2], 0) if words[1] == "not" else got == int(words[1], 0)
    return f"value 0x{got:x}" if good else None


def leaked(witness):
    """Memory counts as lost when it is older than a few seconds, and on the second scan for certain."""
    time.sleep(6)
    for _ in range(2):
        with open(LEAKS, "w", encoding="ascii") as file:
            file.write("scan")
    with open(LEAKS, encoding="ascii", errors="replace") as file:
        text = file.read()
    with open(LEAKS, "w", encoding="ascii") as file:
        file.write("clear")
    return next((line for line in text.splitlines() if re.search(witness, line)), None)


def main():
    rows = {row.twin: row for row in ext_bugs.suite() if row.twin != "none"}
    subprocess.run(["modprobe", "ashlar_extbugs"], check=True)
    # Most bugs of a process are the end of that process only.
    with open("/proc/sys/kernel/panic_on_oops", "w", encoding="ascii") as file:
        file.write("0")
    log = Log()
    for name in sys.argv[1:]:
        row = rows[name.lstrip("!")]
        log.take()
        log.lines.clear()
        if name.startswith("!"):
            print(f"# last {row.twin}", flush=True)
            run(row.twin)
            time.sleep(3 * PATIENCE)
            continue
        ended = run(row.twin)
        if row.witness.startswith("value "):
            line = returned(row.witness) if ended else None
        elif row.twin.startswith("leak_mem"):
            line = leaked(row.witness)
        else:
            line = said(log, row.witness)
        if line is None:
            for text in log.take()[:40]:
                print("# | " + text)
        print(f"{'ok' if line else 'not ok'} {row.twin}: {row.klass}: {line or 'not seen: ' + row.witness}", flush=True)


if __name__ == "__main__":
    main()
