#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=120
"""The netlink spec of ashlar_overlay says what the live family does."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from spec import find, test  # pylint: disable=wrong-import-position

# Each makes the spec wrong in one way.
ALTERED = {
    "an operation more": lambda d: d["operations"]["list"].append(
        {"name": "stats-reset", "attribute-set": "stats", "do": {"request": {"attributes": []}}}),
    "an operation less": lambda d: d["operations"]["list"].pop(),
    "another permission": lambda d: find(d, "operation", "conn-get").update(flags=["admin-perm"]),
    "no dump": lambda d: find(d, "operation", "endpoint-get").pop("dump"),
    "an attribute more in a request":
        lambda d: find(d, "operation", "policy-new")["do"]["request"]["attributes"].append("hits"),
    "an attribute less in a request":
        lambda d: find(d, "operation", "network-new")["do"]["request"]["attributes"].remove("default"),
    "another type": lambda d: find(d, "underlay", "exid").update(type="u32"),
    "another upper bound": lambda d: find(d, "network", "vni")["checks"].update(max=0xfffffe),
    "another lower bound": lambda d: find(d, "underlay", "option-kind")["checks"].update(min=252),
    "another length": lambda d: find(d, "underlay", "key")["checks"].update({"exact-len": 32}),
    "another group": lambda d: d["mcast-groups"]["list"][0].update(name="events"),
    "another version": lambda d: d.update(version=2),
}

if __name__ == "__main__":
    sys.exit(test("ashlar_overlay", ALTERED))
