#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=120
"""The netlink spec of ashlar_link says what the live family does."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from spec import find, test  # pylint: disable=wrong-import-position

# Each makes the spec wrong in one way.
ALTERED = {
    "an operation more": lambda d: d["operations"]["list"].append(
        {"name": "stats-reset", "attribute-set": "stats", "do": {"request": {"attributes": []}}}),
    "an operation less": lambda d: d["operations"]["list"].pop(),
    "another permission": lambda d: find(d, "operation", "helper-set").update(flags=["admin-perm"]),
    "no dump": lambda d: find(d, "operation", "link-get").pop("dump"),
    "an attribute more in a request":
        lambda d: find(d, "operation", "link-new")["do"]["request"]["attributes"].append("drop-key"),
    "an attribute less in a request":
        lambda d: find(d, "operation", "job-done")["do"]["request"]["attributes"].remove("job"),
    "another type": lambda d: find(d, "node", "tier").update(type="u16"),
    "another upper bound": lambda d: find(d, "topology-link", "a")["checks"].update(max=0x20000),
    "another lower bound": lambda d: find(d, "link", "beat-ms")["checks"].update(min=99),
    "another bound of 64 bits": lambda d: find(d, "link", "healthy-loss")["checks"].update(max=999999999),
    "another length": lambda d: find(d, "link", "key")["checks"].update({"exact-len": 32}),
    "another group": lambda d: d["mcast-groups"]["list"][0].update(name="events"),
    "another version": lambda d: d.update(version=2),
}


if __name__ == "__main__":
    sys.exit(test("ashlar_link", ALTERED))
