#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=400
"""Netlink messages to ashlar_link that are malformed, random or almost valid; see tests/lib/fuzz.py."""

import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
import fuzz  # pylint: disable=wrong-import-position

# What the operator says of a link; all else moves with time, evidence and wishes.
SAID = {"ifindex", "action", "peer", "on-leave", "keep", "nh-group", "healthy-loss", "corrupting-loss",
        "false-per-million", "miss-per-million", "sample-ms", "slow-ms", "optics-ms", "beat-ms", "probe-pps",
        "probe-len", "history-s", "hold-s", "hold-max-s", "relapse-s", "component", "topology-link", "keyed",
        "id", "name", "a", "b", "locked", "tier", "bound", "capacity", "nodes", "links"}


def u32(value):
    return struct.pack("=I", value)


class Link(fuzz.Fuzzer):
    name = "ashlar_link"
    dumps = ("link-get", "node-get", "topology-link-get")
    shows = ("host-get", "topology-get")
    objects = ("link", "repair", "topology", "host", "stats")

    def __init__(self, spec, *args, **kwargs):
        super().__init__(spec, *args, **kwargs)
        self.volatile = {a for s in spec.sets.values() for a in s} - SAID

    @staticmethod
    def configure():
        """Two ends of a wire, and a device that is no link."""
        fuzz.unshare(fuzz.CLONE_NEWNET)
        for words in ("link set lo up", "link add up0 type veth peer name up1", "link set up0 up", "link set up1 up",
                      "link add d0 type dummy"):
            fuzz.run("ip", *words.split())

    def named(self, name):
        rng = self.rng
        if name == "ifindex":
            return u32(rng.choice([1, 2, 3, 4, 5, 0x7fffffff]))
        if name in ("nodes", "links"):
            # The most there may be is a lot of memory: seldom.
            return u32(rng.choice([1, 2, 2, 3]) if rng.random() < 0.99 else 0x20000)
        if name in ("name", "topology-link", "component"):
            return rng.choice([b"t0\0", b"s0\0", b"l0\0", b"\0", b"a" * 31 + b"\0"])
        if name in ("a", "b", "tier"):
            value = rng.choice([0, 1, 1, 2])
            return bytes([value]) if name == "tier" else u32(value)
        if name == "probe-pps":
            return u32(rng.choice([0, 1, 10]))
        if name in ("job", "nh-group"):
            return u32(rng.choice([0, 1, 2]))
        return None

    def restore(self):
        request = self.try_request
        for index, device in enumerate(("up0", "up1")):
            request("link-new", ifindex=u32(socket.if_nametoindex(device)), key=fuzz.KEY,
                    topology_link=b"l%d\0" % index)
        if not self.try_request("topology-get"):
            request("topology-begin", capacity=u32(500), nodes=u32(2), links=u32(2))
            request("node-new", name=b"t0\0", tier=b"\0")
            request("node-new", name=b"s0\0", tier=b"\1")
            request("topology-link-new", name=b"l0\0", a=u32(0), b=u32(1))
            request("topology-link-new", name=b"l9\0", a=u32(0), b=u32(1))
            request("topology-commit")


if __name__ == "__main__":
    sys.exit(fuzz.test(Link))
