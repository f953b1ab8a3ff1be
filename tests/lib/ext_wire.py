# SPDX-License-Identifier: GPL-2.0-only
"""Two namespaces on a wire, xA and xB, 10.9.0.1 and 10.9.0.2, each with the device e0, and datagrams between them."""

import contextlib
import os
import re
import select
import signal
import socket

from ext_kernel import enter, run


def sender(ns, to):
    enter(ns)
    try:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect((to, 7))
        return sock
    finally:
        enter(None)


class Wire:
    def __init__(self):
        for ns in ("xA", "xB"):
            run("ip", "netns", "add", ns)
        run("ip", "-n", "xA", "link", "add", "e0", "type", "veth", "peer", "name", "e0", "netns", "xB")
        for ns, last in (("xA", 1), ("xB", 2)):
            run("ip", "-n", ns, "link", "set", "lo", "up")
            run("ip", "-n", ns, "addr", "add", f"10.9.0.{last}/24", "dev", "e0")
            run("ip", "-n", ns, "link", "set", "e0", "up")
        for ns, other, last in (("xA", "xB", 2), ("xB", "xA", 1)):
            address = re.search(r"link/ether (\S+)", run("ip", "-n", other, "link", "show", "e0")).group(1)
            run("ip", "-n", ns, "neigh", "add", f"10.9.0.{last}", "dev", "e0", "lladdr", address)
        enter("xB")
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.receiver.bind(("10.9.0.2", 7))
        enter(None)
        self.sender = sender("xA", "10.9.0.2")

    def served(self, patience=2.0):
        """Whether a datagram arrives in xB."""
        while select.select([self.receiver], [], [], 0)[0]:
            self.receiver.recv(2048)
        self.sender.send(b"\x40" * 64)
        return bool(select.select([self.receiver], [], [], patience)[0])

    @staticmethod
    def steer(cpu):
        """What xB receives is dealt with on that processor."""
        run("ip", "netns", "exec", "xB", "sh", "-c", f"echo {1 << cpu:x} >/sys/class/net/e0/queues/rx-0/rps_cpus")

    @staticmethod
    def send_on(cpu):
        os.sched_setaffinity(0, {cpu})
        socks = [sender("xA", "10.9.0.2"), sender("xB", "10.9.0.1")]
        while True:
            for sock in socks:
                # The other end refuses, or a hook drops.
                with contextlib.suppress(OSError):
                    sock.send(b"\x40" * 64)

    @contextlib.contextmanager
    def flood(self, cpus):
        """Meanwhile datagrams go both ways from these processors."""
        children = []
        for cpu in cpus:
            pid = os.fork()
            if not pid:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                try:
                    self.send_on(cpu)
                finally:
                    os._exit(1)
            children.append(pid)
        try:
            yield
        finally:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
