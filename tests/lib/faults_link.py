#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Fail every allocation that a command of ashlar_link makes; see faults.py.

faults_link.py HOST DEV OTHER    in the namespace HOST, which has no link yet: DEV becomes one, OTHER has a ticket
"""

import os
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import faults  # pylint: disable=wrong-import-position
from faults import E, Genl, body, enter, leave, look, sweep, u8, u32  # pylint: disable=wrong-import-position

faults.use("ashlar_link", {
    "LINK": ("IFINDEX", "ACTION", "KEEP", "COMPONENT", "TOPOLOGY_LINK", "KEYED"),
    "TOPOLOGY": ("CAPACITY", "NODES", "LINKS"),
    "NODE": ("NAME", "TIER", "BOUND"),
    "TOPOLOGY_LINK": ("NAME", "LOCKED"),
    "HOST": ("ID",),
}, ones=("TOPOLOGY", "HOST"))


def links(genl, index):
    """The commands about a link."""
    key = bytes(range(16))
    named = body("LINK", IFINDEX=u32(index))
    new = body("LINK", IFINDEX=u32(index), KEEP=u32(1), COMPONENT=b"card1\0", TOPOLOGY_LINK=b"l0\0", KEY=key)
    busy = body("LINK", IFINDEX=u32(index), KEEP=u32(2), COMPONENT=b"card2\0", TOPOLOGY_LINK=b"l1\0")
    idle = body("LINK", IFINDEX=u32(index), KEEP=u32(1), COMPONENT=b"card1\0", TOPOLOGY_LINK=b"l0\0")
    add, remove = (E["CMD_LINK_NEW"], new), (E["CMD_LINK_DEL"], named)
    fine = sweep(genl, "link add", *add, remove)
    genl.transact(*add)
    # The memory that taking one away needs is the kernel's own, which waits for it.
    fine &= look(genl, "link show one", E["CMD_LINK_GET"], 5, named)
    fine &= sweep(genl, "link set", E["CMD_LINK_SET"], busy, (E["CMD_LINK_SET"], idle))
    fine &= sweep(genl, "link del", *remove, add)
    for what in ("FORGET", "DRAIN", "RETURN"):
        fine &= look(genl, f"link {what.lower()}", E[f"CMD_LINK_{what}"], 5, named)
    return fine


def topologies(genl):
    """The commands about a topology; the one that is built has two nodes and two links."""
    node = body("NODE", NAME=b"s0\0", TIER=u8(1))
    link = body("TOPOLOGY_LINK", NAME=b"l1\0", A=u32(0), B=u32(1))
    commit, flush = (E["CMD_TOPOLOGY_COMMIT"], b""), (E["CMD_TOPOLOGY_FLUSH"], b"")
    begin = (E["CMD_TOPOLOGY_BEGIN"], body("TOPOLOGY", CAPACITY=u32(500), NODES=u32(2), LINKS=u32(2)))

    def begun():
        genl.transact(*begin)
        genl.transact(E["CMD_NODE_NEW"], body("NODE", NAME=b"t0\0", TIER=u8(0)))

    def built():
        begun()
        genl.transact(E["CMD_NODE_NEW"], node)
        genl.transact(E["CMD_TOPOLOGY_LINK_NEW"], body("TOPOLOGY_LINK", NAME=b"l0\0", A=u32(0), B=u32(1)))

    def complete():
        built()
        genl.transact(E["CMD_TOPOLOGY_LINK_NEW"], link)

    def in_force():
        complete()
        genl.transact(*commit)

    fine = look(genl, "topology begin", begin[0], 5, begin[1])
    fine &= look(genl, "node add", E["CMD_NODE_NEW"], 5, node, prepare=begun)
    fine &= look(genl, "topology link add", E["CMD_TOPOLOGY_LINK_NEW"], 5, link, prepare=built)
    fine &= sweep(genl, "topology commit", *commit, flush, prepare=complete)
    in_force()
    fine &= sweep(genl, "topology link set", E["CMD_TOPOLOGY_LINK_SET"],
                  body("TOPOLOGY_LINK", NAME=b"l1\0", LOCKED=u8(1)),
                  (E["CMD_TOPOLOGY_LINK_SET"], body("TOPOLOGY_LINK", NAME=b"l1\0", LOCKED=u8(0))))
    fine &= look(genl, "topology show", E["CMD_TOPOLOGY_GET"], 5)
    for what in ("NODE", "TOPOLOGY_LINK"):
        fine &= look(genl, f"{what.lower()} show", E[f"CMD_{what}_GET"], 0x301)
    return sweep(genl, "topology flush", *flush, in_force) and fine


def main(host, device, other):
    genl, listener = Genl(host), Genl(host)
    listener.listen("monitor")
    enter(host)
    index = socket.if_nametoindex(device)
    ticketed = socket.if_nametoindex(other)
    leave()
    fine = links(genl, index)
    fine &= topologies(genl)
    for what in ("LINK", "HISTORY", "REPAIR", "ACCURACY"):
        fine &= look(genl, f"{what.lower()} show", E[f"CMD_{what}_GET"], 0x301)
    for what in ("HOST_GET", "STATS_GET"):
        fine &= look(genl, f"{what.lower()}", E[f"CMD_{what}"], 5)
    fine &= look(genl, "helper", E["CMD_HELPER_SET"], 5)
    fine &= look(genl, "job done", E["CMD_JOB_DONE"], 5, body("LINK", IFINDEX=u32(ticketed), JOB=u32(1)))
    one = body("REPAIR", ID=genl.dump(E["CMD_REPAIR_GET"])[0][E["A_REPAIR_ID"]][0])
    for what in ("GET", "DONE", "DEL"):
        fine &= look(genl, f"repair {what.lower()}", E[f"CMD_REPAIR_{what}"], 5, one)
    genl.transact(E["CMD_LINK_DEL"], body("LINK", IFINDEX=u32(index)))
    return fine


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
