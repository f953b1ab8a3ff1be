# SPDX-License-Identifier: GPL-2.0-only
"""Generic netlink over a raw socket, and a family's spec, for tests."""

import errno
import os
import socket
import struct

import yaml

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP = 1, 2, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_NESTED = 0x8000
NLA_TYPE = 0x3fff
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_STRICT = 270, 10, 11, 12
NETLINK_GENERIC, GENL_ID_CTRL = 16, 16
GETFAMILY, GETPOLICY = 3, 10
BY_LENGTH = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "s32": 4}


def attr(kind, payload=b"", length=None):
    """An attribute; LENGTH lies about its length."""
    size = 4 + len(payload) if length is None else length
    return struct.pack("=HH", size & 0xffff, kind & 0xffff) + payload + bytes(-len(payload) % 4)


def attrs(data):
    """Type and payload of each attribute."""
    out = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        if size < 4 or size > len(data):
            raise ValueError(f"attribute of length {size} in {len(data)} bytes")
        out.append((kind & NLA_TYPE, data[4:size]))
        data = data[(size + 3) & ~3:]
    return out


class Refused(Exception):
    """The kernel's errno and its sentence."""

    def __init__(self, code, text):
        super().__init__(f"{errno.errorcode.get(code, code)}: {text}")
        self.errno = code
        self.text = text


class Genl:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.bind((0, 0))
        for option in (NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_STRICT):
            self.sock.setsockopt(SOL_NETLINK, option, 1)
        self.seq = 0
        # One buffer for all: fresh memory is dear under emulation.
        self.buffer = bytearray(1 << 16)

    def receive(self, flags=0):
        size = self.sock.recv_into(self.buffer, len(self.buffer), flags)
        return bytes(memoryview(self.buffer)[:size])

    def message(self, family, cmd, body=b"", flags=NLM_F_ACK, version=1):
        self.seq += 1
        size = 20 + len(body)
        return struct.pack("=IHHII", size, family, NLM_F_REQUEST | flags, self.seq, 0) + \
            struct.pack("=BBH", cmd, version, 0) + body

    def request(self, family, cmd, body=b"", dump=False):
        """The answers' attributes, each as a list of type and payload."""
        self.sock.send(self.message(family, cmd, body, NLM_F_DUMP if dump else NLM_F_ACK))
        out = []
        while True:
            data = self.receive()
            while len(data) >= 16:
                size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
                part, data = data[16:size], data[(size + 3) & ~3:]
                if seq != self.seq:
                    continue
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    code = struct.unpack_from("=i", part)[0] if len(part) >= 4 else 0
                    if code >= 0:
                        return out
                    rest = part[20:] if kind == NLMSG_ERROR else part[4:]
                    text = dict(attrs(rest)).get(1, b"") if flags & 0x200 else b""
                    raise Refused(-code, text.rstrip(b"\0").decode())
                out.append(attrs(part[4:]))

    def family(self, name):
        """What the controller tells: id, version, operations (flags by number) and groups."""
        told = dict(self.request(GENL_ID_CTRL, GETFAMILY, attr(2, name.encode() + b"\0"))[0])
        ops = {}
        for _, op in attrs(told.get(6, b"")):
            op = dict(attrs(op))
            ops[struct.unpack("=I", op[1])[0]] = struct.unpack("=I", op[2])[0]
        groups = {}
        for _, group in attrs(told.get(7, b"")):
            group = dict(attrs(group))
            groups[group[1].rstrip(b"\0").decode()] = struct.unpack("=I", group[2])[0]
        return {"id": struct.unpack("=H", told[1])[0], "version": struct.unpack("=I", told[3])[0],
                "ops": ops, "groups": groups}

    def policies(self, family):
        """By operation, once for each time it is told: which of do and dump have a policy, and what it accepts."""
        ops, tables = {}, {}
        for message in self.request(GENL_ID_CTRL, GETPOLICY, attr(1, struct.pack("=H", family)), dump=True):
            for kind, data in message:
                if kind == 9:
                    for op, modes in attrs(data):
                        ops.setdefault(op, []).append({m: struct.unpack("=I", index)[0] for m, index in attrs(modes)})
                elif kind == 8:
                    for index, table in attrs(data):
                        for number, what in attrs(table):
                            tables.setdefault(index, {})[number] = dict(attrs(what))
        return {op: [{mode: tables.get(index, {}) for mode, index in modes.items()} for modes in times]
                for op, times in ops.items()}


class Spec:
    """A netlink spec: numbers for names, names for numbers."""

    def __init__(self, data):
        self.data = data
        self.name = data["name"]
        self.sets = {}
        for group in data["attribute-sets"]:
            self.sets[group["name"]] = {a["name"]: {**a, "number": n} for n, a in enumerate(group["attributes"], 1)}
        self.ops = {op["name"]: {**op, "number": n} for n, op in enumerate(data["operations"]["list"], 1)}

    def of(self, op):
        """The attributes of an operation, by name."""
        op = self.ops[op]
        return self.sets[(self.ops[op["notify"]] if "notify" in op else op)["attribute-set"]]

    def requested(self, op):
        """Names that the operation accepts."""
        return {n for mode in ("do", "dump")
                for n in self.ops[op].get(mode, {}).get("request", {}).get("attributes", [])}


def load(name):
    with open(os.path.join(TREE, "Documentation", "netlink", "specs", name + ".yaml"), encoding="utf-8") as file:
        return yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
