#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=debug timeout=300
#
# Memory runs out at every allocation of every netlink command in turn: nothing is done by half, nothing leaks.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh
. tests/lib/alloc.sh

al_can || { echo "1..0 # SKIP no fault injection in this kernel"; exit; }

# ticket NS DEV: there is one
ticket() { ln_json "$1" repair "map(select(.device == \"$2\")) | length >= 1"; }

li_begin
check "faults can be injected" al_quiet
check "two wires" eval 'ln_wire hA e0 hB e0 && ln_wire hA e1 hB e1'
check "one is a link" li_add hA e1 peer=none
check "and corrupts" li_bad hA e1
check "so that it has a ticket" ln_wait 60 ticket hA e1
al_pass_on tests/lib/faults_link.py hA e0 e1
check "it goes on: a link" li_add hA e0 peer=none
check "a link that corrupts" li_bad hA e0
check "is found" ln_wait 60 ticket hA e0
li_end
