# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmarks in a VM that counts instructions have in common."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.join(ROOT, "build", "bench")
NAME = os.path.basename(sys.argv[0])


def die(message):
    sys.exit(f"bench/{NAME}: {message}")


def compile_tool(name):
    """Builds bench/NAME.c; a run that is using the old one keeps it."""
    os.makedirs(BUILD, exist_ok=True)
    source, target = os.path.join(ROOT, "bench", name + ".c"), os.path.join(BUILD, name)
    if os.path.exists(target) and os.path.getmtime(target) > os.path.getmtime(source):
        return
    new = f"{target}.{os.getpid()}"
    if subprocess.run(["gcc", "-O2", "-Wall", "-o", new, source], check=False).returncode:
        die(f"cannot compile {name}.c")
    os.replace(new, target)


def boot(script, plan, mem, timeout, options=()):
    """Runs the guest's script on the plan, a list of lines.

    Yields the words of each line that starts with a word in capitals; other
    lines are the script's talk and go to stderr. Dies if the VM fails.
    """
    with tempfile.NamedTemporaryFile("w", dir=BUILD, prefix=NAME + "-",
                                     suffix=".plan", encoding="ascii") as f:
        f.write("\n".join(plan) + "\n")
        f.flush()
        os.chmod(f.name, 0o644)
        command = [os.path.join(ROOT, "scripts", "vm", "run"), "--icount",
                   "--name", f"bench-{NAME}-{os.getpid()}", "--mem", str(mem),
                   "--timeout", str(timeout), *options, "--",
                   os.path.join(ROOT, "bench", "lib", script), f.name]
        # pylint: disable=consider-using-with
        vm = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              errors="replace")
        try:
            for line in vm.stdout:
                words = line.split()
                if words and words[0].isupper() and words[0].isalpha():
                    yield words
                else:
                    print(line, end="", file=sys.stderr, flush=True)
        except BaseException:
            vm.terminate()
            raise
        finally:
            vm.wait()
    if vm.returncode:
        die(f"the VM returned {vm.returncode}")


def summary(series, digits):
    return {"median": round(statistics.median(series), digits),
            "min": round(min(series), digits),
            "max": round(max(series), digits)}


def write(path, report):
    with open(path, "w", encoding="ascii") as f:
        json.dump(report, f, indent=1)
        f.write("\n")
