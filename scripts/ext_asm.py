# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/ext-build does to an extension's assembly.

The backstop: each instruction gets a label; an entry of the exception table leads from it to its landing pad, which is a
call. So where a trap was is known by which pad was called: ashlar_ext_trap() of the shim finds the return address on the
stack. Returns by thunk are listed for the kernel to patch. And what only the finished code shows is defined here: where
text and pads begin and end, and how deep the stack goes.
"""

import os
import re

INSTRUCTION = re.compile(r"^\t([a-z][a-z0-9]*)\b(.*)$")
PREFIX = ("lock", "rep", "repne", "repe", "notrack", "data16")
PAD_SIZE = 5
EX_TYPE_DEFAULT = 1


def calls(tree):
    """What an extension may import: the calls of ext_api.h and the pass's own."""
    with open(os.path.join(tree, "include/ashlar/ext_api.h"), encoding="utf-8") as file:
        names = re.findall(r"^\s*X\((\w+),", file.read(), re.M)
    return [f"ashlar_ext_{name}" for name in names + ["fail", "window", "range", "race", "trap"]]


class Assembly:
    def __init__(self, text):
        self.lines = text.splitlines()

    def functions(self):
        """Name and lines of each function."""
        name, body = None, []
        for line in self.lines:
            found = re.match(r"^([A-Za-z_][\w.$]*):", line)
            if found and re.search(rf"# @{re.escape(found.group(1))}$", line) and not line.startswith("ashlar_"):
                name, body = found.group(1), []
            elif line.startswith(".Lfunc_end") and name:
                yield name, body
                name = None
            elif name:
                body.append(line)

    def frames(self):
        """Bytes of the processor's stack that each function takes, its return address included."""
        sizes = {}
        for name, body in self.functions():
            size = 8
            for line in body:
                pushed = re.match(r"^\tpushq\s", line)
                moved = re.match(r"^\tsubq\s+\$(\d+), %rsp", line)
                aligned = re.match(r"^\tandq\s+\$-(\d+), %rsp", line)
                size += 8 if pushed else int(moved.group(1)) if moved else int(aligned.group(1)) if aligned else 0
            sizes[name] = size
        return sizes

    def deepest(self):
        """
        The largest sum of frames along calls. Functions that call each other in a circle count together, once: how often
        they may is seen at run time.
        """
        sizes = self.frames()
        below = {}
        for name, body in self.functions():
            below[name] = {m.group(1) for m in (re.match(r"^\t(?:callq|jmp)\s+([\w.$]+)", line) for line in body)
                           if m and m.group(1) in sizes}
        reach = {}
        for name in sizes:
            reach[name], todo = set(), list(below[name])
            while todo:
                to = todo.pop()
                if to not in reach[name]:
                    reach[name].add(to)
                    todo += below[to]
        done = {}

        def depth(name):
            if name not in done:
                circle = {name} | {to for to in reach[name] if name in reach[to]}
                behind = {to for one in circle for to in below[one]} - circle
                done[name] = sum(sizes[one] for one in circle) + max(map(depth, behind), default=0)
            return done[name]

        return max(map(depth, sizes), default=0)

    def body(self, anywhere=False):
        """
        The lines, with a label in front of each instruction of text and of each return; how many there are.

        anywhere: other sections may have code, too, that of sanitizers
        """
        out, section, labelled, returns, begun = [], ".text", 0, 0, False
        after_prefix = False
        for line in self.lines:
            found = re.match(r"^\t\.(text|section|data|bss|rodata)\b\s*([^,\s]*)", line)
            if found:
                section = found.group(2) if found.group(1) == "section" else "." + found.group(1)
                out.append(line)
                if section == ".text" and not begun:
                    out.append("ashlar_text_start:")
                    begun = True
                continue
            instruction = INSTRUCTION.match(line)
            if instruction and section != ".text" and section.startswith(".text") and not anywhere:
                raise ValueError(f"code in section {section}, which the backstop does not cover")
            if instruction and section == ".text":
                if not after_prefix:
                    out.append(f".Lax{labelled}:")
                    labelled += 1
                after_prefix = instruction.group(1) in PREFIX and not instruction.group(2).strip()
                if re.match(r"^\tjmp\s+__x86_return_thunk\b", line):
                    out.append(f".Lar{returns}:")
                    returns += 1
            out.append(line)
        return out, labelled, returns

    def for_kernel(self, name, build):
        out, n, returns = self.body()
        out += ["\t.text", "ashlar_text_end:", "\t.p2align 4, 0xcc", ".Lax_common:", "\tjmp ashlar_ext_trap",
                "\t.byte 0xcc", "ashlar_pads_start:"]
        for k in range(n):
            # Five bytes each, not the assembler's choice.
            out.append(f"\t.byte 0xe8\n\t.long .Lax_common - . - 4\t# {k}")
        out += ["ashlar_pads_end:", '\t.section __ex_table,"a",@progbits', "\t.p2align 2"]
        for k in range(n):
            out += [f"\t.long .Lax{k} - .", f"\t.long ashlar_pads_start + {k * PAD_SIZE} - .", f"\t.long {EX_TYPE_DEFAULT}"]
        out += ['\t.section .rodata,"a",@progbits', "\t.p2align 2", "ashlar_pad_ips:"]
        out += [f"\t.long .Lax{k} - ashlar_text_start" for k in range(n)]
        if returns:
            out += ['\t.section .return_sites,"a",@progbits']
            out += [f"\t.long .Lar{k} - ." for k in range(returns)]
        out += ['\t.section .modinfo,"a",@progbits']
        out += [f'\t.asciz "{info}"' for info in ("license=GPL", "import_ns=ASHLAR_EXT", f"description=extension {name} {build}")]
        return "\n".join(out + self.numbers(n)) + "\n"

    def for_user(self, sanitized):
        out, _, _ = self.body(anywhere=sanitized)
        out += ["\t.text", "ashlar_text_end:", "ashlar_pads_start:", "ashlar_pads_end:", "ashlar_pad_ips:",
                '\t.section .note.GNU-stack,"",@progbits']
        return "\n".join(out + self.numbers(0)) + "\n"

    def numbers(self, pads):
        return [f"\t.set ashlar_nr_pads, {pads}", f"\t.set ashlar_stack_max, {self.deepest()}"]
