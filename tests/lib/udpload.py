#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Ask a memcached by UDP, one request at a time, and count those that get no answer.

tests/lib/udpload.py ADDRESS PORT

Each SIGUSR1 prints a line about the time since the last one: "N requests, M unanswered, P %". A request that has
no answer in 0.2 s has none.
"""

import signal
import socket
import struct
import sys

TIMEOUT = 0.2
asked = lost = 0
tell = False


def wanted(_signal, _frame):
    global tell  # pylint: disable=global-statement
    tell = True


def ask(client, number):
    """The frame header of memcached's UDP protocol, then the text protocol."""
    client.send(struct.pack("!HHHH", number & 0xffff, 0, 1, 0) + b"get key\r\n")
    try:
        while True:
            answer = client.recv(2048)
            if struct.unpack("!H", answer[:2])[0] == number & 0xffff:
                return answer[8:].startswith((b"END", b"VALUE"))
    except (socket.timeout, ConnectionError):
        return False


def main():
    global asked, lost, tell  # pylint: disable=global-statement
    signal.signal(signal.SIGUSR1, wanted)
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.connect((sys.argv[1], int(sys.argv[2])))
    client.settimeout(TIMEOUT)
    number = 0
    # The server may be a little late.
    while not ask(client, number):
        number += 1
    while True:
        number += 1
        good = ask(client, number)
        asked += 1
        lost += not good
        if tell:
            tell = False
            print(f"{asked} requests, {lost} unanswered, {100 * lost / asked:.2f} %", flush=True)
            asked = lost = 0


if __name__ == "__main__":
    main()
