# SPDX-License-Identifier: GPL-2.0-only
"""What bench/ext measures, built: hosted extensions, and the same sources as ordinary code by the same compiler."""

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess

import icount

EXTENSIONS = ["filter", "balancer", "policer"]
# Entries of bench/lib/ext_micro.
MICRO = ["flow", "checksum", "list"]
OWN = ["noop", "micro"]


def ext_build_module():
    """scripts/ext-build, for its flags: both sides are compiled with the same."""
    path = os.path.join(icount.ROOT, "scripts", "ext-build")
    loader = importlib.machinery.SourceFileLoader("ext_build_script", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def run(command, what):
    done = subprocess.run(command, cwd=icount.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode:
        icount.die(f"{what}:\n{done.stdout.strip()}")
    return done.stdout


def directory(name):
    return os.path.join("bench", "lib", "ext_" + name) if name in OWN else os.path.join("extensions", name)


def work_dir(kernel):
    path = os.path.join(icount.BUILD, "ext-" + kernel)
    os.makedirs(path, exist_ok=True)
    return path


def plain_module(kernel, kdir):
    """exttwin_plain.ko: tests/modules/exttwin with the extensions' part by clang."""
    script = ext_build_module()
    source = os.path.join(icount.ROOT, "tests", "modules", "exttwin")
    place = os.path.join(work_dir(kernel), "plain")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    for name in ["main.c", "pkt.c", "map.c", "misc.c", "twin.h"]:
        os.symlink(os.path.join(source, name), os.path.join(place, name))
    for name in EXTENSIONS + OWN:
        run(["clang" + script.LLVM, "--target=x86_64-pc-linux-gnu", *script.COMMON, *script.KERNEL, "-Iinclude", "-w",
             "-c", "-o", os.path.join(place, name + ".o_shipped"), os.path.join(source, name + ".c")],
            f"cannot compile {name} as ordinary code")
        # modpost looks there for the sources' version.
        with open(os.path.join(place, f".{name}.o.cmd"), "w", encoding="ascii") as f:
            f.write("# plain\n")
    with open(os.path.join(place, "Kbuild"), "w", encoding="ascii") as f:
        f.write("obj-m := exttwin_plain.o\n"
                f"exttwin_plain-y := main.o pkt.o map.o misc.o {' '.join(n + '.o' for n in EXTENSIONS + OWN)}\n"
                f"ccflags-y += -I{icount.ROOT}/include\n")
    run(["make", "-s", "-C", kdir, f"M={place}", "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules"],
        "cannot build the module of ordinary code")
    shutil.copy(os.path.join(place, "exttwin_plain.ko"), work_dir(kernel))


def hosted_modules(kernel):
    for side, options in [("hosted", []), ("fast", ["--fast"])]:
        place = os.path.join(work_dir(kernel), side)
        os.makedirs(place, exist_ok=True)
        for name in EXTENSIONS + OWN:
            run(["scripts/ext-build", directory(name), "--kernel", kernel, *options, "-o",
                 os.path.join(place, name + ".ko")], f"cannot build {name}")


def bpf_tool(kernel):
    run(["gcc", "-O2", "-Wall", "-o", os.path.join(work_dir(kernel), "bpf_noop"), "bench/lib/ext_bpf.c"],
        "cannot compile the eBPF program's holder")


def build(kernel, hosted):
    root = run(["scripts/vm/kernel", kernel], f"no kernel {kernel}").strip().splitlines()[-1]
    plain_module(kernel, os.path.join(root, "build"))
    bpf_tool(kernel)
    shim = os.path.join(work_dir(kernel), "shim")
    if hosted:
        run(["make", "vm-ready", f"KERNEL={kernel}"], "cannot build the shim")
        hosted_modules(kernel)
        with open(shim, "w", encoding="ascii") as f:
            f.write("1\n")
    elif os.path.exists(shim):
        os.remove(shim)
