#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600
"""Netlink messages to ashlar_ext that are malformed, random or almost valid; see tests/lib/fuzz.py."""

import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
import fuzz  # pylint: disable=wrong-import-position
import genl  # pylint: disable=wrong-import-position

KERNEL = os.environ.get("ASHLAR_KERNEL", "stock")
# What was said of an object; all else moves with time and packets.
SAID = {"name", "ext", "any", "netns", "memory", "fuel", "lock-ns", "pps", "cpu-permille", "build", "previous", "entry",
        "hook", "ifindex", "device", "family", "priority", "fail", "type", "key-size", "value-size", "max-entries",
        "schema", "state"}
RUNNING, TRIAL = struct.pack("=I", 1), struct.pack("=I", 2)
NAMES = 6 * [b"sample\0"] + [b"nobody\0", b"\0", b"a" * 31 + b"\0"]


def u32(value):
    return struct.pack("=I", value)


def sample(which="sample"):
    return os.path.join(genl.TREE, "build", "ext", KERNEL, which + ".ko")


class Ext(fuzz.Fuzzer):
    name = "ashlar_ext"
    dumps = ("approval-get", "instance-get", "hook-get", "map-get")
    objects = ("ext", "map", "stats")
    builds = []

    def __init__(self, spec, *args, **kwargs):
        super().__init__(spec, *args, **kwargs)
        self.volatile = {a for s in spec.sets.values() for a in s} - SAID

    @staticmethod
    def configure():
        """A namespace with devices, and two builds of one extension."""
        fuzz.unshare(fuzz.CLONE_NEWNET)
        for words in ("link set lo up", "link add d0 type dummy", "link set d0 up"):
            fuzz.run("ip", *words.split())
        for which in ("sample", "sample-new"):
            fuzz.run("ashlar", "ext", "load", sample(which))
            done = fuzz.run("modinfo", "-F", "name", sample(which), stdout=subprocess.PIPE, text=True)
            Ext.builds.append(done.stdout.strip().rsplit("_", 1)[1].encode() + b"\0")

    def named(self, name):
        rng = self.rng
        choices = {
            "name": NAMES, "ext": NAMES, "build": self.builds + [b"ffff\0"],
            "entry": [b"look\0", b"look\0", b"echo\0", b"count\0", b"refuse\0", b"start\0", b"none\0"],
            "map": [b"mode\0", b"flows\0", b"recent\0", b"seen\0", b"none\0"],
            "ifindex": [u32(1), u32(2), u32(3), u32(77)],
            "memory": [struct.pack("=Q", m) for m in (1 << 16, 1 << 20, 4 << 20, 32 << 20)],
            # A trial that ends meanwhile would be a change by nobody.
            "trial-ms": [u32(0), u32(600000)],
            "pps": [u32(0), u32(1), u32(1000)],
            "netns-fd": [u32(0), u32(3), u32(99)],
            "key": [u32(0), u32(1), u32(3), u32(4), bytes(8)],
            "value": [u32(0), u32(1), bytes(8)],
            "data": [b"x", b"four", bytes(4096)],
        }
        return rng.choice(choices[name]) if name in choices else None

    def config(self):
        """A trial ends by time: before and after, the same version serves."""
        out = super().config()
        for instance in out["instance-get"]:
            if ("state", TRIAL) in instance:
                instance[:] = [("state", RUNNING) if name == "state" else (name, value)
                               for name, value in instance if name != "previous"]
        return out

    def restore(self):
        request = self.try_request
        request("approval-new", name=b"sample\0", any=b"")
        request("instance-restart", name=b"sample\0")
        request("instance-new", name=b"sample\0", build=self.builds[0])
        request("hook-new", name=b"sample\0", entry=b"look\0", hook=u32(1), fail=u32(1))
        request("element-set", ext=b"sample\0", map=b"mode\0", key=u32(0), value=u32(0))

    def foreign(self, outside):
        """An approval takes more than to be root of one's own."""
        known = self.spec.of("approval-new")
        body = genl.attr(known["name"]["number"], b"sample\0") + genl.attr(known["netns-fd"]["number"], u32(outside))
        try:
            self.netlink.request(self.id, self.numbers["approval-new"], body)
        except genl.Refused:
            return []
        return ["an extension could be approved for another namespace"]


if __name__ == "__main__":
    if not os.path.exists(sample()):
        print("Bail out! the extension was not built")
        sys.exit(1)
    status = fuzz.test(Ext)
    # The extension goes before the shim.
    subprocess.run(["ashlar", "ext", "revoke", "sample", "any"], check=False)
    subprocess.run(["ashlar", "ext", "unload", "sample"], check=False)
    sys.exit(status)
