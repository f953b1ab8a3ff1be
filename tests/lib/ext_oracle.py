#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
What random programs (ext_random.py) have to do: what the same source does in user space under ASan and UBSan, without
checks of ours. prepare() writes the source of some and asks; judge() compares. Also a program, for scripts/ext-tests:

ext_oracle.py: prepares those of `make check`, by the batch, in build/ext-programs/randomFIRST/; prints these directories.
Beside each is randomFIRST.json, what the programs have to do.
"""

import concurrent.futures
import glob
import hashlib
import json
import os
import re
import subprocess
import sys

LIB = os.path.dirname(os.path.realpath(__file__))
TREE = os.path.dirname(os.path.dirname(LIB))
sys.path.insert(0, LIB)
import ext_bugs  # noqa: E402  pylint: disable=wrong-import-position
import ext_random  # noqa: E402  pylint: disable=wrong-import-position

# So many make one extension.
BATCH = 25
# Those of `make check`, and where they are.
CHECK, PLACE = "1-100", os.path.join(TREE, "build", "ext-programs")
INPUT = b"".join(n.to_bytes(4, "little") for n in ext_random.WORDS)
GUARD = os.path.join(TREE, "build", "ext-user", "guard.so")
WORDS = {code.lower().replace("_", "-"): code for code in ext_bugs.CODES if code}
WORDS.update({"second-stack": "USTACK", "indirect-call": "ICALL"})
SAID = re.compile(r"ERROR: AddressSanitizer: |runtime error: |^fault: ", re.M)


class Wrong(Exception):
    """The programs cannot be had: says why."""


def build(directory, out, *options):
    return subprocess.run([os.path.join(TREE, "scripts", "ext-build"), directory, *options, "-o", out], cwd=TREE,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)


def must_build(directory, out, *options):
    done = build(directory, out, *options, "--no-gate")
    if done.returncode:
        raise Wrong(f"{directory} {' '.join(options)}: does not build: {done.stdout.strip()[-300:]}")
    return out


def execute(program, entry, env):
    """Status and text of one program in user space."""
    try:
        done = subprocess.run([program, "--no-packets", "--request", f"{entry}={INPUT.hex()}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120,
                              check=False, env={**os.environ, **env})
    except subprocess.TimeoutExpired:
        return -1, "hung"
    return done.returncode, done.stdout


def answer(text):
    """Bytes and their number, or the error."""
    found = re.search(r"^request \w+: (-?\d+ ?[0-9a-f]*)$", text, re.M)
    return found.group(1) if found else None


def digest(text):
    """Of all that the oracle's word follows from."""
    made = hashlib.sha256(text.encode())
    for name in sorted(glob.glob(os.path.join(TREE, "tools", "ext*", "*.[chS]*")) + [
            os.path.join(TREE, "scripts", "ext-build"), os.path.realpath(__file__)] +
            glob.glob(os.path.join(TREE, "include", "ashlar", "ext*.h"))):
        with open(name, "rb") as file:
            made.update(file.read())
    return made.hexdigest()


def batches(first, last):
    """Seeds, by the extension."""
    return [list(range(n, min(n + BATCH, last + 1))) for n in range(first, last + 1, BATCH)]


def known_programs(directory):
    with open(directory.rstrip("/") + ".json", encoding="utf-8") as file:
        return json.load(file)["programs"]


def prepare(out, seeds):
    """
    The directory of an extension with a program for each seed, and {entry: what it has to do}: fault (as drawn, or None),
    line, answer. Where the oracle does not agree with what was drawn, the generator is wrong.
    """
    name = f"random{seeds[0]}"
    directory = os.path.join(out, name)
    os.makedirs(directory, exist_ok=True)
    text, entries = ext_random.source(name, seeds)
    source, known = os.path.join(directory, name + ".c"), directory + ".json"
    if not os.path.exists(source) or open(source, encoding="utf-8").read() != text:
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
    of = digest(text)
    try:
        with open(known, encoding="utf-8") as file:
            found = json.load(file)
        if found["of"] == of:
            return directory, found["programs"]
    except (OSError, ValueError, KeyError):
        pass
    program = must_build(directory, directory + ".oracle", "--oracle")
    programs = {}
    for entry, (fault, line) in entries.items():
        status, said = execute(program, entry, {"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=0"})
        got = answer(said)
        bad = bool(SAID.search(said)) or got is None
        if bad != bool(fault):
            raise Wrong(f"{source} {entry}: the generator drew {fault or 'no fault'}, the oracle says, with status {status}: "
                        + said.strip()[-300:])
        programs[entry] = {"fault": fault, "line": line, "answer": None if bad else got}
    with open(known + ".new", "w", encoding="utf-8") as file:
        json.dump({"of": of, "programs": programs}, file, indent=1)
    os.replace(known + ".new", known)
    return directory, programs


def guard():
    os.makedirs(os.path.dirname(GUARD), exist_ok=True)
    subprocess.run([os.environ.get("CC", "gcc"), "-O1", "-shared", "-fPIC", "-o", GUARD,
                    os.path.join(LIB, "ext_guard.c")], check=True)


def judge(expected, fault, line, got):
    """
    What is wrong with what a program did, or None.

    fault: word of ext_abi.h, or None
    line: where, the innermost
    got: its answer as answer() has it, or None
    """
    drawn = expected["fault"]
    if not drawn:
        if fault:
            return f"{fault} in line {line}, but it has no fault"
        return None if got == expected["answer"] else f"answers {got}, oracle {expected['answer']}"
    if not fault:
        return f"{drawn} in line {expected['line']} went unseen: answers {got}"
    if fault not in ext_random.FAULTS[drawn]:
        return f"{drawn} in line {expected['line']} was seen as {fault} in line {line}"
    return None if line == expected["line"] else f"{drawn} in line {expected['line']} was seen in line {line}"


def hosted(directory, programs):
    """Wrong ones, {entry: why}, of the instrumented programs in user space, with a pattern around their region."""
    program = must_build(directory, directory + ".hosted", "--user")
    wrong = {}
    for entry, expected in programs.items():
        status, text = execute(program, entry, {"LD_PRELOAD": GUARD})
        found = re.search(r"^fault: ([\w-]+) .*\n(?:  .*\n)*?  at \S*?:(\d+)", text, re.M)
        fault, line = (WORDS.get(found.group(1), found.group(1)), int(found.group(2))) if found else (None, None)
        if status in (77, 78):
            why = "wrote outside of its region" if status == 77 else "the pattern around its region was not laid"
        elif (status == 3) != bool(found) or status not in (0, 3):
            why = f"status {status}, which is not what it says"
        else:
            why = judge(expected, fault, line, answer(text))
        if why:
            wrong[entry] = why
            with open(f"{directory}.{entry}.log", "w", encoding="utf-8") as file:
                file.write(text)
    return wrong


def main():
    first, last = map(int, CHECK.split("-"))
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for directory, _ in pool.map(lambda seeds: prepare(PLACE, seeds), batches(first, last)):
                print(os.path.relpath(directory, TREE) + "/")
    except Wrong as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
