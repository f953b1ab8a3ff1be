# SPDX-License-Identifier: GPL-2.0-only
"""Does the netlink spec say what the live family does: operations, who may use them, groups, what each accepts?"""

import copy
import struct
import subprocess

import genl

ADMIN, DO, DUMP, UNS_ADMIN = 1, 2, 4, 0x10
# enum netlink_attribute_type
TYPES = {"flag": 1, "u8": 2, "u16": 3, "u32": 4, "u64": 5, "s32": 8, "binary": 10, "string": 12}
TYPE, MIN_U, MAX_U, MIN_LEN, MAX_LEN = 1, 4, 5, 6, 7


def expected(what):
    """What the kernel should tell of an attribute's policy."""
    checks = what.get("checks", {})
    out = {"type": TYPES[what["type"]]}
    if what["type"] in ("u8", "u16", "u32", "u64"):
        out["min"] = checks.get("min", 0)
        out["max"] = checks.get("max", (1 << 8 * genl.BY_LENGTH[what["type"]]) - 1)
    elif what["type"] == "string":
        out["max-len"] = checks["max-len"]
    elif what["type"] == "binary":
        out["min-len"] = checks.get("exact-len", checks.get("min-len"))
        out["max-len"] = checks.get("exact-len", checks.get("max-len"))
    return out


def told(what):
    out = {"type": struct.unpack("=I", what[TYPE])[0]}
    for key, number, size in (("min", MIN_U, "=Q"), ("max", MAX_U, "=Q"), ("min-len", MIN_LEN, "=I"),
                              ("max-len", MAX_LEN, "=I")):
        if number in what:
            out[key] = struct.unpack(size, what[number])[0]
    return out


def differences(spec, family, policies):
    """In what the live family is not as the spec says."""
    out = []
    if family["version"] != spec.data["version"]:
        out.append(f"version {family['version']}")
    groups = {g["name"] for g in spec.data["mcast-groups"]["list"]}
    if set(family["groups"]) != groups:
        out.append(f"groups {sorted(family['groups'])}")
    known = {op["number"]: name for name, op in spec.ops.items() if "notify" not in op}
    out += [f"operation {n} is not in the spec" for n in family["ops"] if n not in known]
    for number, name in known.items():
        op = spec.ops[name]
        if number not in family["ops"]:
            out.append(f"{name} is missing")
            continue
        want = DO * ("do" in op) | DUMP * ("dump" in op) | UNS_ADMIN * ("uns-admin-perm" in op.get("flags", [])) | \
            ADMIN * ("admin-perm" in op.get("flags", []))
        have = family["ops"][number] & (ADMIN | DO | DUMP | UNS_ADMIN)
        if want != have:
            out.append(f"{name}: flags {have:#x}, not {want:#x}")
        # Linux 6.12 tells the policies of all operations that only dump as those of operation 0: one has to fit.
        have = policies.get(number) or ("do" not in op and policies.get(0)) or [{}]
        out += [f"{name}: {text}" for text in min((policy(spec, name, modes) for modes in have), key=len)]
    return out


def policy(spec, name, modes):
    out = []
    known = spec.of(name)
    want = {known[n]["number"]: (n, expected(known[n])) for n in spec.requested(name)}
    for mode, table in modes.items():
        for number in sorted(set(want) | set(table)):
            if number not in want:
                out.append(f"accepts attribute {number} (mode {mode})")
            elif number not in table:
                out.append(f"does not accept {want[number][0]} (mode {mode})")
            elif told(table[number]) != want[number][1]:
                out.append(f"{want[number][0]}: {told(table[number])}, not {want[number][1]}")
    if want and not modes:
        out.append("has no policy")
    return out


def find(data, kind, name):
    where = data["operations"]["list"] if kind == "operation" else \
        next(s for s in data["attribute-sets"] if s["name"] == kind)["attributes"]
    return next(x for x in where if x["name"] == name)


def counters(netlink, family, spec):
    """What is wrong with the answer to stats-get."""
    answer = netlink.request(family["id"], spec.ops["stats-get"]["number"])[0]
    known = {a["number"]: name for name, a in spec.of("stats-get").items()}
    out, seen = [], set()
    for number, payload in answer:
        name = known.get(number)
        if name == "pad":
            continue
        seen.add(name)
        if name is None or len(payload) != 8:
            out.append(f"attribute {number} of {len(payload)} bytes")
    missing = set(spec.ops["stats-get"]["do"]["reply"]["attributes"]) - seen
    return out + [f"{name} is missing" for name in sorted(missing)]


def test(family_name, altered):
    """The whole test of a family. ALTERED: by name, functions that make the spec wrong in one way each."""
    subprocess.run(["modprobe", family_name], check=True)
    data = genl.load(family_name)
    netlink = genl.Genl()
    family = netlink.family(family_name)
    policies = netlink.policies(family["id"])
    failed = 0

    print("KTAP version 1")
    print(f"1..{2 + len(altered)}")

    def result(number, name, problems):
        nonlocal failed
        for problem in problems:
            print(f"# {problem}")
        failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {number} {name}", flush=True)

    spec = genl.Spec(data)
    result(1, "the family is as the spec says", differences(spec, family, policies))
    result(2, "stats-get tells every counter of the spec", counters(netlink, family, spec))
    for number, (name, alter) in enumerate(altered.items(), 3):
        wrong = copy.deepcopy(data)
        alter(wrong)
        found = differences(genl.Spec(wrong), family, policies)
        result(number, f"noticed: {name}", [] if found else ["the altered spec was found right"])
    return 1 if failed else 0
