#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Fail every allocation that a command of ashlar_ext makes; see faults.py.

faults_ext.py HOST BUILD NEWER    in the namespace HOST, where nothing is approved: the builds of "sample", both loaded
"""

import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import faults  # pylint: disable=wrong-import-position
from faults import E, Genl, body, look, sweep, u32  # pylint: disable=wrong-import-position

faults.use("ashlar_ext", {
    "APPROVAL": ("NAME", "ANY", "MEMORY", "FUEL"),
    "INSTANCE": ("NAME", "BUILD", "STATE", "FUEL"),
    "HOOK": ("NAME", "ENTRY", "HOOK", "FAIL"),
    "MAP": ("EXT", "NAME", "ENTRIES"),
})
NAME = b"sample\0"
# These make an instance, as "start" does.
MAKES = 5


def u64(value):
    return struct.pack("=Q", value)


def approvals(genl):
    """The commands about an approval; in the end there is one."""
    named = body("APPROVAL", NAME=NAME)
    add, remove = (E["CMD_APPROVAL_NEW"], named), (E["CMD_APPROVAL_DEL"], named)
    fine = sweep(genl, "approve", *add, remove)
    genl.transact(*add)
    fine &= sweep(genl, "approve otherwise", E["CMD_APPROVAL_NEW"], body("APPROVAL", NAME=NAME, FUEL=u64(5000000)),
                  (E["CMD_APPROVAL_NEW"], body("APPROVAL", NAME=NAME, FUEL=u64(1000000))))
    return sweep(genl, "revoke", *remove, add) and fine


def hooks(genl, build):
    """The commands about instances and hooks; in the end there is one of each."""
    named = body("INSTANCE", NAME=NAME)
    place = body("HOOK", NAME=NAME, ENTRY=b"look\0", HOOK=u32(1))
    start = (E["CMD_INSTANCE_NEW"], body("INSTANCE", NAME=NAME, BUILD=build))
    end = (E["CMD_INSTANCE_DEL"], named)
    attach = (E["CMD_HOOK_NEW"], place + body("HOOK", FAIL=u32(1)))

    def approved():
        """Three quarantines in short order are one too many."""
        genl.transact(E["CMD_APPROVAL_NEW"], body("APPROVAL", NAME=NAME))

    def again():
        approved()
        genl.transact(E["CMD_INSTANCE_RESTART"], named)

    def both():
        genl.transact(*start)
        genl.transact(*attach)

    def quarantined():
        approved()
        genl.transact(E["CMD_INSTANCE_QUARANTINE"], named)

    fine = sweep(genl, "start", *start, end)
    fine &= sweep(genl, "attach and start", *attach, end, every=MAKES)
    genl.transact(*start)
    fine &= sweep(genl, "attach", *attach, (E["CMD_HOOK_DEL"], place))
    genl.transact(*attach)
    fine &= sweep(genl, "detach", E["CMD_HOOK_DEL"], place, attach)
    fine &= sweep(genl, "set", E["CMD_INSTANCE_SET"], body("INSTANCE", NAME=NAME, FUEL=u64(2000)),
                  (E["CMD_INSTANCE_SET"], body("INSTANCE", NAME=NAME, FUEL=u64(1000000))))
    fine &= sweep(genl, "quarantine", E["CMD_INSTANCE_QUARANTINE"], named, again)
    quarantined()
    fine &= look(genl, "report", E["CMD_REPORT_GET"], 5, body("REPORT", NAME=NAME))
    fine &= look(genl, "reports", E["CMD_REPORT_GET"], 0x301)
    fine &= sweep(genl, "restart", E["CMD_INSTANCE_RESTART"], named, quarantined, prepare=approved, every=MAKES)
    again()
    return sweep(genl, "end", *end, both) and fine


def upgrades(genl, build, newer):
    """From one build to the other, and back."""
    def to(which, trial=0):
        return E["CMD_INSTANCE_UPGRADE"], body("INSTANCE", NAME=NAME, BUILD=which, TRIAL_MS=u32(trial))

    named = body("INSTANCE", NAME=NAME)
    fine = sweep(genl, "upgrade", *to(newer), to(build), every=MAKES)
    fine &= sweep(genl, "upgrade on trial", *to(newer, 60000), (E["CMD_INSTANCE_ROLLBACK"], named), every=MAKES)
    return fine


def maps(genl):
    """The commands about maps and requests."""
    which = body("ELEMENT", EXT=NAME, MAP=b"flows\0")
    key = which + body("ELEMENT", KEY=bytes(8))
    write = (E["CMD_ELEMENT_SET"], key + body("ELEMENT", VALUE=bytes(8)))
    fine = sweep(genl, "map set", *write, (E["CMD_ELEMENT_DEL"], key))
    genl.transact(*write)
    fine &= sweep(genl, "map del", E["CMD_ELEMENT_DEL"], key, write)
    fine &= sweep(genl, "map flush", E["CMD_MAP_FLUSH"], body("MAP", EXT=NAME, NAME=b"flows\0"), write)
    fine &= look(genl, "map get", E["CMD_ELEMENT_GET"], 5, key)
    fine &= look(genl, "map dump", E["CMD_ELEMENT_GET"], 0x301, which)
    fine &= look(genl, "map show one", E["CMD_MAP_GET"], 5, body("MAP", EXT=NAME, NAME=b"mode\0"))
    for entry in (b"echo\0", b"refuse\0"):
        fine &= look(genl, f"request {entry[:-1].decode()}", E["CMD_REQUEST"], 5,
                     body("REQUEST", NAME=NAME, ENTRY=entry, DATA=b"hello"))
    return fine


def main(host, build, newer):
    genl, listener = Genl(host), Genl(host)
    listener.listen("monitor")
    build, newer = build.encode() + b"\0", newer.encode() + b"\0"
    fine = approvals(genl)
    fine &= hooks(genl, build)
    fine &= upgrades(genl, build, newer)
    fine &= maps(genl)
    for what in ("EXT", "VETO", "APPROVAL", "INSTANCE", "HOOK", "MAP"):
        fine &= look(genl, f"{what.lower()} show", E[f"CMD_{what}_GET"], 0x301)
    fine &= look(genl, "ext show one", E["CMD_EXT_GET"], 5, body("EXT", NAME=NAME))
    fine &= look(genl, "instance show one", E["CMD_INSTANCE_GET"], 5, body("INSTANCE", NAME=NAME))
    fine &= look(genl, "lines", E["CMD_LOG_GET"], 0x301, body("LOG", NAME=NAME))
    fine &= look(genl, "stats", E["CMD_STATS_GET"], 5)
    genl.transact(E["CMD_APPROVAL_DEL"], body("APPROVAL", NAME=NAME))
    return fine


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
