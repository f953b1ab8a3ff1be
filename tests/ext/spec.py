#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=120
"""The netlink spec of ashlar_ext says what the live family does."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from spec import find, test  # pylint: disable=wrong-import-position

# Each makes the spec wrong in one way.
ALTERED = {
    "an operation more": lambda d: d["operations"]["list"].append(
        {"name": "stats-reset", "attribute-set": "stats", "do": {"request": {"attributes": []}}}),
    "an operation less": lambda d: d["operations"]["list"].pop(),
    "a permission that is too wide": lambda d: find(d, "operation", "approval-new").update(flags=["uns-admin-perm"]),
    "one that is too narrow": lambda d: find(d, "operation", "hook-new").update(flags=["admin-perm"]),
    "no dump": lambda d: find(d, "operation", "report-get").pop("dump"),
    "an attribute more in a request":
        lambda d: find(d, "operation", "instance-set")["do"]["request"]["attributes"].append("build"),
    "an attribute less in a request":
        lambda d: find(d, "operation", "hook-new")["do"]["request"]["attributes"].remove("fail"),
    "another type": lambda d: find(d, "hook", "priority").update(type="u32"),
    "another upper bound": lambda d: find(d, "hook", "hook")["checks"].update(max=4),
    "another lower bound of 64 bits": lambda d: find(d, "approval", "fuel")["checks"].update(min=99),
    "another length": lambda d: find(d, "element", "key")["checks"].update({"max-len": 65}),
    "another group": lambda d: d["mcast-groups"]["list"][0].update(name="events"),
    "another version": lambda d: d.update(version=2),
}


if __name__ == "__main__":
    sys.exit(test("ashlar_ext", ALTERED))
