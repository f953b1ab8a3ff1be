#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=400
"""Netlink messages to ashlar_overlay that are malformed, random or almost valid; see tests/lib/fuzz.py."""

import errno
import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
import fuzz  # pylint: disable=wrong-import-position
import genl  # pylint: disable=wrong-import-position


class Overlay(fuzz.Fuzzer):
    name = "ashlar_overlay"
    dumps = ("underlay-get", "network-get", "endpoint-get", "policy-get")
    objects = ("underlay", "network", "endpoint", "policy", "peer", "conn", "stats")
    volatile = ("key-age", "nonce-age", "n-peers", "hits", "n-endpoints", "n-policies")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.site = os.open("/run/netns/site", os.O_RDONLY)

    @staticmethod
    def configure():
        """A namespace with an uplink, and a container's namespace."""
        fuzz.unshare(fuzz.CLONE_NEWNET)
        fuzz.run("ip", "link", "set", "lo", "up")
        fuzz.run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1")
        fuzz.run("ip", "addr", "add", "192.168.77.1/24", "dev", "up0")
        fuzz.run("ip", "link", "set", "up0", "up")
        fuzz.run("ip", "link", "set", "up1", "up")
        fuzz.run("ip", "netns", "add", "site")
        fuzz.run("ip", "-n", "site", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")

    def named(self, name):
        rng = self.rng
        if name in ("addr", "host", "src", "dst", "local", "remote", "peer"):
            return rng.choice([bytes([10, 7, rng.randrange(4), rng.randrange(256)]),
                               bytes([192, 168, 77, rng.randrange(5)]), bytes(12) + b"\1\2\3\4"])
        if name == "vni":
            return struct.pack("=I", rng.choice([7, 7, 7, 8, 0xffffff]))
        if name in ("name", "underlay"):
            return rng.choice([b"u0\0", b"u1\0", b"\0", b"a" * 15 + b"\0"])
        if name == "device":
            return rng.choice([b"eth0\0", b"lo\0", b"up0\0"])
        if name in ("ifindexes", "ifindex", "fallback-ifindex"):
            return struct.pack("=I", rng.choice([1, 2, 3, 4, 0x7fffffff]))
        if name == "netns-fd":
            return struct.pack("=I", rng.choice([0, self.site, self.site, self.netlink.sock.fileno(), 12345]))
        if name == "netns-pid":
            return struct.pack("=I", rng.choice([1, os.getpid(), os.getppid(), 0x7fffffff]))
        return None

    def restore(self):
        request = self.try_request
        vni = struct.pack("=I", 7)
        uplink = struct.pack("=I", socket.if_nametoindex("up0"))
        request("underlay-new", name=b"u0\0", ifindexes=uplink, addr=bytes([192, 168, 77, 1]), key=fuzz.KEY)
        request("network-new", vni=vni, underlay=b"u0\0")
        request("endpoint-new", vni=vni, addr=bytes([10, 7, 0, 3]), host=bytes([192, 168, 77, 2]))
        request("endpoint-new", vni=vni, addr=bytes([10, 7, 0, 2]), netns_fd=struct.pack("=I", self.site),
                device=b"eth0\0")
        request("policy-new", vni=vni, pref=struct.pack("=I", 10), action=struct.pack("=I", 1), dport_lo=b"\x16\0")

    def foreign(self, outside):
        problems = []
        attributes = self.spec.of("endpoint-new")
        for name, value in (("netns-fd", outside), ("netns-pid", os.getppid())):
            body = genl.attr(attributes["vni"]["number"], struct.pack("=I", 7)) + \
                genl.attr(attributes["addr"]["number"], bytes([10, 7, 0, 9])) + \
                genl.attr(attributes[name]["number"], struct.pack("=I", value)) + \
                genl.attr(attributes["device"]["number"], b"eth0\0")
            try:
                self.netlink.request(self.id, self.numbers["endpoint-new"], body)
                problems.append(f"{name} named a foreign namespace")
            except genl.Refused as error:
                # A process of another user namespace may not even be seen.
                if error.errno not in (errno.EPERM, errno.ESRCH):
                    problems.append(f"{name}: {error}")
        return problems


if __name__ == "__main__":
    sys.exit(fuzz.test(Overlay))
