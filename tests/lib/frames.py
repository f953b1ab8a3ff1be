#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0-only
"""Send raw Ethernet frames from a device, many and fast.

tests/lib/frames.py NETNS DEV COUNT [SIZE] [TYPE]

NETNS is named as by ip-netns(8), "-" is this process's own. The frames go to the group address 03:00:00:00:00:01
with an experimental TYPE (default 0x88b5), SIZE bytes long (default 60), by a ring that the kernel empties itself. Returns
when all are gone; it does not tell whether any arrived.
"""

import ctypes
import mmap
import os
import socket
import struct
import sys

SOL_PACKET = 263
PACKET_TX_RING, PACKET_VERSION, PACKET_LOSS, PACKET_QDISC_BYPASS = 13, 10, 14, 20
TPACKET_V2, TP_STATUS_SEND_REQUEST = 1, 1
HEADER = 32             # struct tpacket2_hdr; in a ring to send, the frame follows it
# No more than fit into the receiver's queue at once.
FRAMES = 512


def enter(netns):
    if netns == "-":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open("/run/netns/" + netns, os.O_RDONLY)
    if libc.setns(fd, 0):
        raise OSError(ctypes.get_errno(), "setns " + netns)
    os.close(fd)


def main():
    if not 4 <= len(sys.argv) <= 6:
        sys.exit(__doc__)
    netns, dev, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    size = int(sys.argv[4]) if len(sys.argv) > 4 else 60
    kind = int(sys.argv[5], 0) if len(sys.argv) > 5 else 0x88b5
    enter(netns)
    if not 14 <= size <= 2000:
        sys.exit(f"frames: cannot send {size} bytes")
    slot = 256
    while slot < HEADER + size:
        slot *= 2

    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((dev, 0))
    sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
    sock.setsockopt(SOL_PACKET, PACKET_LOSS, 1)
    sock.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    block = mmap.PAGESIZE
    sock.setsockopt(SOL_PACKET, PACKET_TX_RING, struct.pack("IIII", block, FRAMES * slot // block, slot, FRAMES))
    ring = mmap.mmap(sock.fileno(), FRAMES * slot)
    mac = sock.getsockname()[4]
    frame = bytes.fromhex("030000000001") + mac + struct.pack("!H", kind)
    frame += bytes(size - len(frame))
    for number in range(FRAMES):
        start = number * slot + HEADER
        ring[start:start + size] = frame

    number = 0
    while count:
        burst = min(count, FRAMES)
        for _ in range(burst):
            struct.pack_into("II", ring, number * slot, TP_STATUS_SEND_REQUEST, size)
            number = (number + 1) % FRAMES
        sock.send(b"")
        count -= burst


if __name__ == "__main__":
    try:
        main()
    except OSError as why:
        sys.exit(f"frames: {why}")
