# SPDX-License-Identifier: GPL-2.0-only
"""
Random small extensions, with one known fault or with none. generate(seed) is the text of one request, its entry's name
and its fault: the same for the same seed. What is drawn is valid C without undefined behaviour but for the fault, whose
line is marked BUG; what it depends on comes with the request, so that the compiler cannot know.
"""

import random

TYPES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}

# name: codes of ashlar_ext that are right for it
FAULTS = {
    "over-read": {"BOUNDS", "OBJECT", "RANGE"},
    "over-write": {"BOUNDS", "OBJECT", "RANGE", "READONLY"},
    "under-read": {"BOUNDS", "OBJECT", "RANGE"},
    "under-write": {"BOUNDS", "OBJECT", "RANGE"},
    # What is mapped neither in the arena nor in its shadow is left to the processor.
    "far-read": {"BOUNDS", "OBJECT", "RANGE", "TRAP"},
    "far-write": {"BOUNDS", "OBJECT", "RANGE", "TRAP"},
    "copy-over": {"BOUNDS", "OBJECT", "RANGE", "BUFFER"},
    "fill-over": {"BOUNDS", "OBJECT", "RANGE", "BUFFER"},
    "freed-read": {"BOUNDS", "OBJECT", "RANGE"},
    "freed-write": {"BOUNDS", "OBJECT", "RANGE"},
    "freed-twice": {"FREE"},
    "freed-inside": {"FREE"},
    "null": {"RANGE", "NULL"},
    "wild": {"RANGE"},
    "divide": {"DIV"},
    "shift": {"SHIFT"},
    "call": {"ICALL"},
}

HEAD = """// SPDX-License-Identifier: GPL-2.0-only
/* Made by tests/lib/ext_random.py. */
#include <ashlar/ext.h>

struct state {
	u64 words[32];
};

EXTENSION("@NAME@", "1", 1, struct state);

typedef u64 (*mixer)(u64 v);

static noinline u64 mix_a(u64 v) { return v * 0x9e3779b97f4a7c15ULL + 1; }
static noinline u64 mix_b(u64 v) { return v ^ v >> 29; }
static noinline u64 mix_c(u64 v) { return (v << 7 | v >> 57) + 3; }
static const mixer mixers[] = { mix_a, mix_b, mix_c };

static inline u32 arg(const void *in, u32 len, u32 n) { const u32 *w = in; return n < len / 4 ? w[n] : 0; }
static enum ext_verdict pass(ext_pkt pkt) { return EXT_ACCEPT; }
EXT_HOOK(pass);
static noinline u64 depth(u64 v, u32 n) { return n ? depth(v + n, n - 1) * 3 + 1 : v; }
"""

# The request: its words are 0 to 7, whatever the program.
WORDS = list(range(8))


class Array:
    """Something with elements: where it lies, of which type, how many."""

    def __init__(self, name, place, kind, count):
        self.name, self.place, self.kind, self.count = name, place, kind, count
        self.size = TYPES[kind]

    @property
    def writable(self):
        return self.place != "const"


class Program:
    def __init__(self, seed, fault):
        self.rng = random.Random(f"ashlar {seed}")
        self.name = f"r{seed}"
        self.fault = fault
        self.lines = []
        self.before = []        # tables and functions of its own
        self.indent = 1
        self.arrays = []
        self.heap = []
        self.fresh = 0
        self.loops = 0

    def out(self, text):
        self.lines.append("\t" * self.indent + text)

    def word(self, n):
        """A value that the compiler does not know: n, as it comes with the request, n below 8."""
        return f"arg(in, len, {n})"

    def hidden(self, n):
        """Any number, hidden."""
        low = n & 7
        return f"({n - low}LL + (s64){self.word(low)})" if n != low else self.word(n)

    def new(self, prefix):
        self.fresh += 1
        return f"{prefix}{self.fresh}"

    # --- expressions -------------------------------------------------------------------------------------------

    def expr(self, depth=2):
        r = self.rng
        if depth == 0 or r.random() < 0.25:
            return r.choice(["acc", f"{r.randrange(1 << 16)}ULL", self.word(r.randrange(8)), self.load()])
        a, b = self.expr(depth - 1), self.expr(depth - 1)
        kind = r.randrange(7)
        if kind == 0:
            return f"({a} / (({b} & 0xff) + 1))"
        if kind == 1:
            return f"((u64)({a}) << (({b}) & 31))"
        if kind == 2:
            return f"(({a}) > ({b}) ? {a} : {self.load()})"
        return f"({a} {r.choice(['+', '-', '*', '^', '|'])} {b})"

    def index(self, count):
        return f"({self.expr(1)}) % {count}U"

    def load(self):
        a = self.rng.choice(self.arrays)
        return f"{a.name}[{self.rng.randrange(a.count)}]" if self.rng.random() < 0.6 else \
            f"{a.name}[(acc >> {self.rng.randrange(9)}) % {a.count}U]"

    # --- statements --------------------------------------------------------------------------------------------

    def statement(self, depth):
        r = self.rng
        kinds = [self.assign, self.store, self.fill, self.copy, self.call, self.walk, self.mixed, self.pointer, self.recurse,
                 self.record, self.state, self.churn]
        if depth:
            kinds += [self.loop, self.branch, self.nest, self.loop, self.cases]
        return r.choice(kinds)(depth)

    def block(self, depth, most=3):
        self.indent += 1
        for _ in range(self.rng.randrange(1, most + 1)):
            self.statement(depth - 1 if depth else 0)
        self.indent -= 1

    def assign(self, _):
        self.out(f"acc = acc * 31 + {self.expr()};")

    def target(self):
        return self.rng.choice([a for a in self.arrays if a.writable])

    def store(self, _):
        a = self.target()
        self.out(f"{a.name}[{self.index(a.count)}] {self.rng.choice(['=', '+=', '^='])} {self.expr(1)};")

    def fill(self, _):
        a = self.target()
        self.out(f"memset({a.name}, {self.rng.randrange(256)}, ({self.expr(1)}) % {a.count * a.size + 1}U);")

    def copy(self, _):
        a, b = self.target(), self.rng.choice(self.arrays)
        most = min(a.count * a.size, b.count * b.size) + 1
        self.out(f"{self.rng.choice(['memmove', 'memcpy']) if a is not b else 'memmove'}"
                 f"({a.name}, {b.name}, ({self.expr(1)}) % {most}U);")

    def call(self, _):
        a = self.rng.choice(self.arrays)
        name = f"{self.name}_{self.new('f')}"
        const = "" if a.writable else "const "
        body = f"p[i] = p[i] * 3 + i;\n\t\tsum += p[i];" if a.writable and self.rng.random() < 0.5 else "sum = sum * 5 + p[i];"
        self.before.append(f"static {self.rng.choice(['noinline ', ''])}u64 {name}({const}{a.kind} *p, u32 n)\n{{\n"
                           f"\tu64 sum = n;\n\n\tfor (u32 i = 0; i < n; i++) {{\n\t\t{body}\n\t}}\n\treturn sum;\n}}\n")
        self.out(f"acc += {name}({a.name}, ({self.expr(1)}) % {a.count + 1}U);")

    def walk(self, _):
        a, q = self.rng.choice(self.arrays), self.new("q")
        step = self.rng.randrange(1, 4)
        self.out(f"for (const {a.kind} *{q} = {a.name}; {q} + {step} <= {a.name} + {a.count}; {q} += {step})")
        self.out(f"\tacc = acc * 7 + {q}[{self.rng.randrange(step)}];")

    def mixed(self, _):
        self.out(f"acc = mixers[({self.expr(1)}) % 3U](acc);")

    def pointer(self, _):
        a = self.target()
        same = [b for b in self.arrays if b.kind == a.kind and b.writable]
        b, q = self.rng.choice(same), self.new("q")
        self.out(f"{a.kind} *{q} = acc & {1 << self.rng.randrange(6)} ? {a.name} : {b.name};")
        self.out(f"{q}[{self.index(min(a.count, b.count))}] += acc;")

    def recurse(self, _):
        self.out(f"acc = depth(acc, ({self.expr(1)}) % 9U);")

    def record(self, _):
        name, fields = self.new("rec"), []
        for n in range(self.rng.randrange(2, 6)):
            kind = self.rng.choice(list(TYPES))
            fields.append(f"{kind} m{n}{self.rng.choice(['', '[3]', ''])};")
        fields.append("u32 last;")
        self.out(f"struct {{ {' '.join(fields)} }} {name} = {{}}, {name}b;")
        self.out(f"{name}.last = {self.expr(1)};")
        self.out(f"{name}b = {name};")
        self.out(f"acc += {name}b.last + ((u8 *)&{name}b)[({self.expr(1)}) % sizeof({name}b)];")

    def state(self, _):
        n = self.rng.randrange(32)
        self.out(f"ext_state(struct state)->words[{n}] = {self.expr(1)};")
        self.out(f"acc ^= ext_state(struct state)->words[{n}] + ext_state(struct state)->words[{n}];")

    def churn(self, _):
        """An object goes and another one comes in its place."""
        if not self.heap:
            return self.assign(0)
        a = self.rng.choice(self.heap)
        q = self.new("q")
        self.out(f"{a.kind} *{q} = ext_alloc({a.count * a.size});")
        self.out(f"if ({q}) {{")
        self.out(f"\t{q}[0] = {a.name}[{a.count - 1}];")
        self.out(f"\text_free({a.name});")
        self.out(f"\t{a.name} = {q};")
        return self.out("}")

    def loop(self, depth):
        i = self.new("i")
        self.out(f"for (u32 {i} = 0; {i} < {self.rng.choice([str(self.rng.randrange(1, 9)), self.word(self.rng.randrange(8))])}"
                 f"; {i}++) {{")
        self.loops += 1
        if self.loops < 3:
            self.block(depth, 2)
        else:
            self.out(f"\tacc += {i};")
        self.loops -= 1
        self.out("}")

    def branch(self, depth):
        self.out(f"if (({self.expr(1)}) & {1 << self.rng.randrange(8)}) {{")
        self.block(depth)
        if self.rng.random() < 0.5:
            self.out("} else {")
            self.block(depth)
        self.out("}")

    def nest(self, depth):
        a = self.target()
        i, j = self.new("i"), self.new("j")
        n = self.rng.randrange(1, a.count + 1)
        self.out(f"for (u32 {i} = 0; {i} < {n}; {i}++)")
        self.out(f"\tfor (u32 {j} = {i}; {j} < {n}; {j}++)")
        self.out(f"\t\t{a.name}[{j}] += {a.name}[{j} - {i}] + {i};")

    def cases(self, depth):
        self.out(f"switch (({self.expr(1)}) & 3) {{")
        for n in range(3):
            self.out(f"case {n}: {{")
            self.block(depth, 2)
            self.out("\tbreak;")
            self.out("}")
        self.out("}")

    # --- the fault ---------------------------------------------------------------------------------------------

    def bug(self, text):
        self.out(text + "\t/* BUG */")

    def inject(self):
        r, f = self.rng, self.fault
        a = r.choice(self.arrays)
        w = self.target()
        # No further than a red zone is wide.
        over = r.randrange(0, max(1, 8 // a.size))
        if f == "over-read":
            self.bug(f"acc += {a.name}[{self.hidden(a.count + over)}];")
        elif f == "over-write":
            self.bug(f"{w.name}[{self.hidden(w.count)}] = acc;")
        elif f == "under-read":
            b = r.choice(self.heap)
            self.bug(f"acc += {b.name}[(s64){self.word(0)} - 1];")
        elif f == "under-write":
            b = r.choice(self.heap)
            self.bug(f"{b.name}[(s64){self.word(1)} - 2] = acc;")
        elif f in ("far-read", "far-write"):
            b = r.choice(self.heap)
            # Elsewhere in the arena, in its shadow, in the guards, and in what others have behind and before.
            far = r.choice([-1, 1]) * ((1 << r.randrange(14, 28)) + 8 * r.randrange(1000)) // b.size
            self.bug(f"acc += {b.name}[{self.hidden(far)}];" if f == "far-read" else f"{b.name}[{self.hidden(far)}] = acc;")
        elif f == "copy-over":
            b = r.choice(self.heap)
            q = self.new("q")
            self.out(f"u8 {q}[{b.count * b.size + 64}] = {{}};")
            self.bug(f"memcpy({b.name}, {q}, {self.hidden(b.count * b.size + r.randrange(1, 9))});")
            self.out(f"acc += {q}[acc & 63];")
        elif f == "fill-over":
            self.bug(f"memset({w.name}, 1, {self.hidden(w.count * w.size + r.randrange(1, 9))});")
        elif f in ("freed-read", "freed-write", "freed-twice", "freed-inside"):
            b = r.choice(self.heap)
            if f == "freed-inside":
                self.bug(f"ext_free((u8 *){b.name} + {self.hidden(8 * r.randrange(1, 3))});")
                return
            self.out(f"ext_free({b.name});")
            if f == "freed-twice":
                self.bug(f"ext_free({b.name});")
            elif f == "freed-read":
                self.bug(f"acc += {b.name}[{self.hidden(r.randrange(b.count))}];")
            else:
                self.bug(f"{b.name}[{self.hidden(r.randrange(b.count))}] = acc;")
        elif f == "null":
            self.bug(f"acc += *(u32 *)({self.word(0)} + {r.randrange(64)}ULL * 4 * {self.word(0)});")
        elif f == "wild":
            self.bug(f"*(u32 *)({self.hidden(0x7777000000000000 + r.randrange(1 << 20) * 8)}) = acc;")
        elif f == "divide":
            self.bug(f"acc = {r.choice(['acc /', 'acc %', '77U /'])} {self.word(0)};")
        elif f == "shift":
            self.bug(f"acc {r.choice(['<<=', '>>='])} {self.hidden(64 + r.randrange(100))};")
        elif f == "call":
            self.bug(f"acc = ((mixer)(u64){self.hidden(r.choice([0, 0x1000, 0x123456789]))})(acc);")

    # --- the whole ---------------------------------------------------------------------------------------------

    def text(self):
        r = self.rng
        for n in range(r.randrange(1, 4)):
            kind = r.choice(list(TYPES))
            self.heap.append(Array(f"h{n}", "heap", kind, max(8 // TYPES[kind], r.randrange(2, 40))))
        local = [Array(f"l{n}", "local", r.choice(list(TYPES)), r.randrange(2, 24)) for n in range(r.randrange(1, 4))]
        table = Array(f"{self.name}_t", "const", r.choice(list(TYPES)), r.randrange(4, 20))
        self.arrays = self.heap + local + [table]
        values = ", ".join(str(r.randrange(1 << min(31, 8 * table.size))) for _ in range(table.count))
        self.before.append(f"static const {table.kind} {table.name}[{table.count}] = {{ {values} }};\n")
        for a in self.heap:
            self.out(f"{a.kind} *{a.name} = ext_alloc({a.count * a.size});")
        for a in local:
            self.out(f"{a.kind} {a.name}[{a.count}] = {{}};")
        self.out(f"u64 acc = {r.randrange(1 << 30)} + {self.word(3)};")
        self.out("")
        self.out("if (" + " || ".join(f"!{a.name}" for a in self.heap) + ") {")
        for a in self.heap:
            self.out(f"\text_free({a.name});")
        self.out("\treturn -EXT_ENOMEM;")
        self.out("}")
        self.out("memset(ext_state(struct state), 0, sizeof(struct state));")
        total = r.randrange(4, 12)
        when = r.randrange(total) if self.fault else -1
        for n in range(total):
            if n == when:
                self.inject()
            self.statement(2)
        for a in self.heap + local:
            self.out(f"acc = acc * 131 + {a.name}[{self.index(a.count)}];")
        for a in self.heap:
            self.out(f"ext_free({a.name});")
        self.out("if (room < 8)")
        self.out("\treturn -EXT_EMSGSIZE;")
        self.out("*(u64 *)out = acc;")
        self.out("return 8;")
        return "\n".join(self.before) + f"\nstatic s32 {self.name}(const void *in, u32 len, void *out, u32 room)\n{{\n" + \
            "\n".join(self.lines) + f"\n}}\nEXT_REQUEST({self.name});\n"


def generate(seed):
    """(entry's name, its fault or None, text)"""
    rng = random.Random(f"kind {seed}")
    fault = rng.choice([None, *FAULTS, *FAULTS]) if rng.random() < 0.6 else None
    program = Program(seed, fault)
    return program.name, fault, program.text()


def source(name, seeds):
    """One extension with a request for each seed: (text, {entry: (fault, line of the mark)})."""
    text, entries = HEAD.replace("@NAME@", name), {}
    for seed in seeds:
        entry, fault, body = generate(seed)
        start = text.count("\n") + 1
        line = next((start + n for n, t in enumerate(("\n" + body).split("\n")) if "/* BUG */" in t), None)
        entries[entry] = (fault, line)
        text += "\n" + body
    return text, entries
