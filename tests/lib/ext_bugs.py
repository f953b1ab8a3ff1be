# SPDX-License-Identifier: GPL-2.0-only
"""
The table of the bug suite, read from the comments of tests/ext/bugs.

A comment that begins with "bug: NAME" (suite), "control: NAME" (what nobody claims to catch) or "refused: NAME" (the
directory of that name, which must not build) is a row. Its other lines:

  class    of the issue
  row      of the table in reference/ext.md, and the module that had the bug
  about    a sentence; for a row, how it was reduced
  via      request (default); hook: the datagram of the test meets it; "hook, then request NAME"
  in       32-bit words of the request
  reads    bytes of the answer that must be as the outcome says
  outcome  aborted CODE...: by one of these faults, at a line that is marked BUG (or BUG of NAME)
           harmless VALUE: the request's answer, -ERROR, or the hook's verdict
           reclaimed KIND N: given back when the instance ends
           refused: does not build
           more than one, separated by ", or "
  within   milliseconds that it may take at most
  at       what is at the address, words of the spec's enum place
  race     the outcome of the --race build
  fixed    what the entry NAME_fixed answers; without it there is no such entry
  twin     NAME: REGEX: of tests/modules/extbugs, and what the debug kernel says then; "value VALUE", "value not VALUE":
           what it returns; "none: why"
  message  REGEX: what ext-build says of what it refuses
"""

import copy
import glob
import os
import re

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUGS = os.path.join(TREE, "tests", "ext", "bugs")
SUITE = os.path.join(BUGS, "suite")
REFUSED = os.path.join(BUGS, "refused")

KEYS = ("class", "row", "about", "via", "in", "reads", "outcome", "within", "at", "race", "fixed", "twin", "message")
HEAD = re.compile(r"^ \* (bug|control|refused): (\w+)$")
PAIR = re.compile(r"^ \* (\w+): (.*)$")
MARK = re.compile(r"/\* BUG(?: of ([\w ]+))? \*/")
CODES = ("NONE RANGE BOUNDS OBJECT READONLY NULL FUEL STACK USTACK DIV SHIFT ICALL UNREACHABLE OVERFLOW RACE".split() +
         [None] * 17 + "STOP TRAP HANDLE BUFFER FREE REFCOUNT LOCK_ORDER LOCK_HELD LOCK_TIME CONTEXT ARGUMENT VERDICT".split())


class Outcome:
    """One of those that a row declares."""

    def __init__(self, text, where):
        words = text.split()
        self.text = text
        self.kind = words[0]
        self.codes, self.value, self.owned = (), None, None
        if self.kind == "aborted":
            self.codes = words[1:]
            if not self.codes or any(c not in CODES for c in self.codes):
                raise ValueError(f"{where}: unknown fault in '{text}'")
        elif self.kind == "harmless":
            self.value = value(words[1])
        elif self.kind == "reclaimed":
            self.owned = (words[1], int(words[2]))
        elif self.kind in ("accept", "drop"):
            self.kind, self.value = "harmless", self.kind
        elif re.match(r"-?(0x)?[0-9a-f]+$", self.kind):
            self.kind, self.value = "harmless", value(words[0])
        elif self.kind != "refused":
            raise ValueError(f"{where}: unknown outcome '{text}'")


def value(text):
    return text if text in ("accept", "drop") else int(text, 0)


class Row:
    def __init__(self, kind, name, path, line):
        self.kind = kind
        self.name = name
        self.path = path
        self.line = line
        self.keys = {}
        self.lines = set()      # (file's name, line) of the marks

    def finish(self):
        where = f"{self.path}:{self.line}"
        get = self.keys.get
        self.klass = get("class") or ("control" if self.kind == "control" else None)
        self.row = get("row")
        self.about = get("about", "")
        self.via, _, self.then = get("via", "request").partition(", then request ")
        self.words = [int(w, 0) & 0xffffffff for w in get("in", "").split()]
        self.reads = int(get("reads", "8"))
        self.outcomes = [Outcome(t, where) for t in get("outcome", "refused").split(", or ")]
        self.race = Outcome(get("race"), where) if get("race") else None
        self.at = get("at", "").split()
        self.within = int(get("within", "10000")) / 1000
        self.fixed = value(get("fixed")) if get("fixed") else None
        self.twin, _, self.witness = get("twin", "none: ").partition(": ")
        self.message = get("message")
        if not self.klass or not get("outcome" if self.kind != "refused" else "message"):
            raise ValueError(f"{where}: {self.name} lacks its class, outcome or message")

    def input(self):
        """Bytes of the request; there is no empty one."""
        return b"".join(w.to_bytes(4, "little") for w in self.words or [0])

    def codes(self):
        return {code for outcome in self.outcomes for code in outcome.codes}

    def allows(self, kind):
        return any(o.kind == kind for o in self.outcomes)


def parse(path):
    rows, row, inside, key, owed = [], None, False, None, []
    name = os.path.basename(path)
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            head, pair = HEAD.match(line), PAIR.match(line)
            if head:
                row = Row(head.group(1), head.group(2), path, number)
                rows.append(row)
                inside, key = True, None
            elif inside and line == " */":
                inside = False
            elif inside and pair:
                key = pair.group(1)
                if key not in KEYS:
                    raise ValueError(f"{path}:{number}: unknown word '{key}'")
                row.keys[key] = pair.group(2)
            elif inside and key and line.startswith(" *"):
                row.keys[key] += " " + line[2:].strip()
            mark = MARK.search(line)
            if mark and mark.group(1):
                owed.append((mark.group(1).split(), (name, number)))
            elif mark and row:
                row.lines.add((name, number))
    return rows, owed


def read(paths):
    rows, owed = [], []
    for path in sorted(paths):
        more, marks = parse(path)
        rows += more
        owed += marks
    by_name = {row.name: row for row in rows}
    if len(by_name) != len(rows):
        names = [row.name for row in rows]
        raise ValueError("twice: " + " ".join(sorted({n for n in names if names.count(n) > 1})))
    for names, place in owed:
        for name in names:
            by_name[name].lines.add(place)
    for row in rows:
        row.finish()
    return rows


def suite():
    """Rows with an entry in the extension bugs: bugs and controls."""
    return read(glob.glob(os.path.join(SUITE, "*.c")))


def refused():
    """Rows that must not build, each a directory of its own."""
    return read(glob.glob(os.path.join(REFUSED, "*", "*.c")))


def tally(results):
    """The count that the suite ends with: of (class, contained), lines of text."""
    classes = {}
    for klass, good in results:
        sums = classes.setdefault(klass, [0, 0])
        sums[0] += good
        sums[1] += 1
    width = max(map(len, classes), default=0)
    lines = [f"{klass:{width}}  {good}/{total}" for klass, (good, total) in sorted(classes.items())]
    good, total = sum(s[0] for s in classes.values()), sum(s[1] for s in classes.values())
    return lines + [f"{good} rows contained / {total} rows in the suite"]


class Seen:
    """
    What a row did: the fault's code by name or None, where (file's name and line, the innermost first), what is at the
    address ("" is not known), the answer's bytes or the error below 0 that the request returned, the hook's verdict, and
    what was given back for it in the end, by kind.
    """

    def __init__(self, fault=None, places=(), at="", answer=None, verdict=None, reclaimed=None):
        self.fault, self.places, self.at = fault, list(places), at
        self.answer, self.verdict, self.reclaimed = answer, verdict, reclaimed or {}

    def __str__(self):
        if self.fault:
            return f"aborted {self.fault} at " + " ".join(f"{f}:{n}" for f, n in self.places) + f" ({self.at})"
        answer = self.answer.hex()[:80] if isinstance(self.answer, bytes) else self.answer
        return f"answer {answer}, verdict {self.verdict}, reclaimed {self.reclaimed}"


def answers(want, reads, seen):
    if want in ("accept", "drop"):
        return seen.verdict == want
    if want < 0:
        return seen.answer == want
    return isinstance(seen.answer, bytes) and seen.answer == want.to_bytes(reads, "little")


def judge(row, seen, exact=False):
    """Whether it is as the row declares; what is wrong otherwise. Exact: what is at the address must be known."""
    if seen.fault:
        if seen.fault not in row.codes():
            return False, f"{seen}, declared {row.keys['outcome']}"
        if row.lines and not row.lines & set(seen.places):
            return False, f"{seen}, marked {sorted(row.lines)}"
        if row.at and (seen.at or exact) and seen.at not in row.at:
            return False, f"{seen}, not at {' or '.join(row.at)}"
        return True, str(seen)
    for outcome in row.outcomes:
        if outcome.kind == "harmless" and answers(outcome.value, row.reads, seen):
            return True, f"harmless: {outcome.text}"
        if outcome.kind == "reclaimed" and seen.reclaimed.get(outcome.owned[0].replace("_", " "), 0) >= outcome.owned[1]:
            return True, f"reclaimed: {seen.reclaimed}"
    return False, f"{seen}, declared {row.keys['outcome']}"


def others(row, seen):
    """Rows that declare something else than what was seen of this one; none of them may be judged good."""
    def other(**keys):
        new = copy.copy(row)
        new.keys = {**row.keys, **keys}
        new.finish()
        return new

    fault = next(code for code in ("FUEL", "DIV") if code not in row.codes())
    yield other(outcome=f"aborted {fault}")
    if seen.fault:
        yield other(outcome="harmless 0x5ec7e7")
        if row.lines:
            moved = other()
            moved.lines = {(name, line + 1000) for name, line in row.lines}
            yield moved
        if row.at:
            yield other(at="state" if seen.at != "state" else "heap")
    else:
        yield other(outcome="harmless -9999")
        yield other(outcome="reclaimed packet 1000")
        yield other(outcome="drop" if seen.verdict != "drop" else "accept")


def judge_fixed(row, seen):
    return not seen.fault and answers(row.fixed, 8, seen), str(seen)
