# SPDX-License-Identifier: GPL-2.0-only
"""The own code of extensions, on the bare machine: built for user space without checks, precise, and fast.

Instructions are those of the extension's own functions, counted by callgrind: what the run time's calls do is not
among them. Time cannot be told apart so: it is processor time of the whole program beyond that of one whose extension
does nothing, and so has the run time's calls in it on both sides.
"""

import os
import re
import subprocess
import tempfile

import ext_build
import icount

SIDES = {"plain": "--plain", "hosted": None, "fast": "--fast"}
PLACES = {"plain": "user-plain", "hosted": "user", "fast": "user-fast"}
MICRO = {"flow table": "flow", "checksum loop": "checksum", "list walk": "list"}
COUNTED = 2000
TIMED = 150000
OWN = re.compile(r"(^|/)(extensions|bench/lib/ext_\w+)/|include/ashlar/ext\.h:|:ashlar_ext_window\b")

# Arrays of the extensions, as an operator would set them: all of the made packets' sources and their destination.
MAPS = {
    "filter": ["rules=05000000:" + "0a000000" + "00" * 28 + "0800041101000000" + "00" * 16],
    "balancer": ["services=00000000:0aff0001" + "00" * 12 + "0035041100000000" + "6712000000000000"] +
                [f"backends={i:02x}000000:0a0200{i + 1:02x}" + "00" * 12 + "0035020100000000" for i in range(8)],
    "policer": ["rates=00000000:0a000000" + "00" * 12 + "0408010000000000" + "00f2052a01000000" + "00286bee00000000"],
}


def cases():
    """{case: (program, arguments)}"""
    found = {}
    for name in ext_build.EXTENSIONS:
        arguments = [word for text in MAPS[name] for word in ("--map", text)] + ["--request", "commit"]
        found[name] = (name, arguments)
    for case, entry in MICRO.items():
        found[case] = ("micro", ["--entry", entry] + (["--size", "1400"] if entry == "checksum" else []))
    return found


def build():
    for option in SIDES.values():
        for name in ext_build.EXTENSIONS + ext_build.OWN:
            ext_build.run(["scripts/ext-build", ext_build.directory(name), "--user"] + ([option] if option else []),
                          f"cannot build {name} {option or ''}")


def program(side, name):
    return os.path.join(icount.ROOT, "build", "ext", PLACES[side], name)


def own_instructions(side, name, arguments, packets):
    with tempfile.TemporaryDirectory() as place:
        out = os.path.join(place, "out")
        ext_build.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program(side, name), "--quiet",
                       *arguments, "--generate", str(packets)], f"{name} under valgrind")
        text = ext_build.run(["callgrind_annotate", "--threshold=100", "--auto=no", out], "callgrind_annotate")
    total = 0
    for line in text.splitlines():
        found = re.match(r"\s*([\d,]+)\s+\(\s*[\d.]+%\)\s+(\S+)", line)
        if found and OWN.search(found.group(2)):
            total += int(found.group(1).replace(",", ""))
    return total


def instructions(side, name, arguments):
    """Per packet; what is done once is in both runs."""
    few, many = (own_instructions(side, name, arguments, n) for n in (COUNTED, 3 * COUNTED))
    return (many - few) / (2 * COUNTED)


def seconds(side, name, arguments):
    """Processor time of a run, in ns per packet."""
    command = [program(side, name), "--quiet", *arguments, "--generate", str(TIMED)]
    with open(os.devnull, "w", encoding="ascii") as null:
        with subprocess.Popen(command, stdout=null, stdin=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        icount.die(f"{name}: status {process.returncode}")
    return usage.ru_utime * 1e9 / TIMED


def round_of(number, name, arguments):
    """{side: ns per packet of own code and calls}, one round."""
    sides = list(SIDES)
    turn = number % len(sides)
    sides = sides[turn:] + sides[:turn]
    # The same packets, nothing done to them.
    size = arguments[arguments.index("--size"):][:2] if "--size" in arguments else []
    idle = seconds("plain", "noop", size)
    return {side: seconds(side, name, arguments) - idle for side in sides}


def measure(rounds, verbose):
    build()
    report = {"method": "native", "cases": {}}
    for case, (name, arguments) in cases().items():
        entry = {side: {"insns_per_packet": round(instructions(side, name, arguments), 1)} for side in SIDES}
        times = [round_of(number, name, arguments) for number in range(rounds)]
        for side in SIDES:
            entry[side]["ns_per_packet"] = icount.summary([t[side] for t in times], 1)
            if side != "plain":
                ratio = entry[side]["insns_per_packet"] / entry["plain"]["insns_per_packet"]
                entry[side]["insns"] = {"median": round(ratio, 4)}
                entry[side]["time"] = icount.summary([t[side] / t["plain"] for t in times], 4)
        report["cases"][case] = entry
        if verbose:
            print(f"native {case}: {entry}", flush=True)
    return report


def show(report):
    print("\nown code in user space, ratio to plain: instructions; time [min-max]")
    for case, sides in report["cases"].items():
        line = f"  {case:14} plain {sides['plain']['insns_per_packet']:.0f} instructions"
        for side in ("hosted", "fast"):
            time = sides[side]["time"]
            line += (f"; {side} {sides[side]['insns']['median']:.3f}, {time['median']:.3f} "
                     f"[{time['min']:.3f}-{time['max']:.3f}]")
        print(line)
