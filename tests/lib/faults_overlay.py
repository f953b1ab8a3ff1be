#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Fail every allocation that a command of ashlar_overlay or a connection makes; see faults.py.

faults_overlay.py config HOST SITE
                                 every netlink command in the namespace HOST, which has no underlay yet; local
                                 endpoints live in SITE, on eth0. After each failure the configuration is what it
                                 was before or what it should become.
faults_overlay.py connect HOST CLIENT SERVER ADDR
                                 a connection from the namespace CLIENT to ADDR, which lives in SERVER
"""

import errno
import json
import os
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import faults  # pylint: disable=wrong-import-position
from faults import E, LIMIT, Fault, Genl, body, enter, ip4, leave, look, result, sweep, u8, u16, u32  # pylint: disable=wrong-import-position

# A sweep may miss an allocation, so there are several.
SWEEPS = 4

faults.use("ashlar_overlay", {
    "UNDERLAY": ("NAME", "ADDR", "KEY_PRINT", "KEY_PREV_PRINT"),
    "NETWORK": ("VNI", "UNDERLAY", "DEFAULT", "N_ENDPOINTS", "N_POLICIES"),
    "ENDPOINT": ("VNI", "ADDR", "HOST", "IFINDEX"),
    "POLICY": ("VNI", "PREF", "ACTION", "SRC", "SRC_LEN", "DPORT_LO"),
})


def config(host, site):
    genl = Genl(host)
    place = os.open("/run/netns/" + site, os.O_RDONLY)
    enter(host)
    index = socket.if_nametoindex("eth0")
    leave()
    name, key = b"u0\0", bytes(range(16))
    under = body("UNDERLAY", NAME=name, IFINDEXES=u32(index), ADDR=ip4("192.168.77.1"), KEY=key)
    remote = body("ENDPOINT", VNI=u32(88), ADDR=ip4("10.88.0.2"), HOST=ip4("192.168.77.2"))
    moved = body("ENDPOINT", VNI=u32(88), ADDR=ip4("10.88.0.2"), HOST=ip4("192.168.77.3"))
    local = body("ENDPOINT", VNI=u32(88), ADDR=ip4("10.88.0.1"), NETNS_FD=u32(place), DEVICE=b"eth0\0")
    rule = body("POLICY", VNI=u32(88), PREF=u32(10), ACTION=u32(0), SRC=ip4("10.99.0.0"), SRC_LEN=u8(16), DPORT_LO=u16(80))
    network = body("NETWORK", VNI=u32(88), UNDERLAY=name)
    vni = u32(88)
    denied = body("NETWORK", VNI=vni, DEFAULT=u32(0))
    allowed = body("NETWORK", VNI=vni, DEFAULT=u32(1))

    def pair(what, new, old):
        """Adding, and then removing, each undone by the other."""
        add, remove = (E[f"CMD_{what}_NEW"], new), (E[f"CMD_{what}_DEL"], old)
        fine = sweep(genl, f"{what.lower()} add", *add, remove)
        genl.transact(*add)
        return sweep(genl, f"{what.lower()} del", *remove, add) and fine

    fine = pair("UNDERLAY", under, body("UNDERLAY", NAME=name))
    fine &= pair("NETWORK", network, body("NETWORK", VNI=vni))
    fine &= pair("ENDPOINT", remote, body("ENDPOINT", VNI=vni, ADDR=ip4("10.88.0.2")))
    fine &= pair("ENDPOINT", local, body("ENDPOINT", VNI=vni, ADDR=ip4("10.88.0.1")))
    fine &= pair("POLICY", rule, body("POLICY", VNI=vni, PREF=u32(10)))
    fine &= sweep(genl, "endpoint set", E["CMD_ENDPOINT_SET"], moved, (E["CMD_ENDPOINT_SET"], remote))
    fine &= sweep(genl, "network set", E["CMD_NETWORK_SET"], denied, (E["CMD_NETWORK_SET"], allowed))
    fine &= sweep(genl, "policy flush", E["CMD_POLICY_FLUSH"], body("POLICY", VNI=vni), (E["CMD_POLICY_NEW"], rule))
    for what in ("UNDERLAY", "NETWORK", "ENDPOINT", "POLICY", "PEER", "CONN"):
        fine &= look(genl, f"{what.lower()} show", E[f"CMD_{what}_GET"], 0x301)
    fine &= look(genl, "stats show", E["CMD_STATS_GET"], 5)
    genl.transact(E["CMD_ENDPOINT_FLUSH"], body("ENDPOINT", VNI=vni))
    genl.transact(E["CMD_NETWORK_DEL"], body("NETWORK", VNI=vni))
    genl.transact(E["CMD_UNDERLAY_DEL"], body("UNDERLAY", NAME=name))
    return fine


def stat(host, name):
    done = subprocess.run([os.environ.get("ASHLAR", "ashlar"), "-n", host, "-j", "stats", "show"], check=True,
                          stdout=subprocess.PIPE)
    found = json.loads(done.stdout)
    return (found[0] if isinstance(found, list) else found)[name]


def once(client_ns, server, nth):
    """One connection and a byte each way; the error, or None."""
    enter(client_ns)
    client = socket.socket()
    leave()
    # No call but connect() is to be hit.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("=qq", 30, 0))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("=qq", 30, 0))
    address = server.getsockname()
    try:
        with Fault(nth) as fault:
            client.connect(address)
        hit = fault.hit
        accepted, _ = server.accept()
        client.sendall(b"a")
        if accepted.recv(1) != b"a":
            return hit, "wrong byte"
        accepted.close()
        return hit, None
    except OSError as err:
        return fault.hit, errno.errorcode.get(err.errno, str(err))
    finally:
        client.close()


def connect(host, client, server, address):
    enter(server)
    listening = socket.socket()
    leave()
    listening.bind((address, 0))
    listening.listen(64)
    listening.settimeout(30)
    failed = {}
    short = stat(host, "conn-alloc-failed")
    # Not every connection allocates in the same order (caches, tables that grow), so one sweep may miss one.
    for _ in range(SWEEPS):
        for nth in range(1, LIMIT):
            hit, error = once(client, listening, nth)
            if error:
                failed[nth] = error
            if not hit:
                break
        print(f"# {nth - 1} allocations; connect failed at {failed}")
        if hit or error or stat(host, "conn-alloc-failed") > short:
            break
    fine = result(not hit and not error, "a connection outlives each allocation that fails, or is refused")
    bad = {n: e for n, e in failed.items() if e not in ("ENOMEM", "ENOBUFS", "EAGAIN", "EFAULT")}
    fine &= result(not bad, f"a refusal is for want of memory {bad or ''}")
    short = stat(host, "conn-alloc-failed") - short
    print(f"# {short} of the failures were the conn's own")
    return result(short > 0, "the module counts its own failures") and fine


if __name__ == "__main__":
    MODES = {"config": config, "connect": connect}
    sys.exit(0 if MODES[sys.argv[1]](*sys.argv[2:]) else 1)
