#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=debug timeout=300
#
# Memory runs out at every allocation of every netlink command in turn: nothing is done by half, nothing leaks.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/ext.sh
. tests/lib/alloc.sh

al_can || { echo "1..0 # SKIP no fault injection in this kernel"; exit; }
ex_need sample sample-new

ex_begin
check "faults can be injected" al_quiet
check "a wire" ex_wire
check "an extension" "$ASHLAR" ext load "$(ex_ko sample)"
check "and its next version" "$ASHLAR" ext load "$(ex_ko sample-new)"
al_pass_on tests/lib/faults_ext.py xA "$(ex_build sample)" "$(ex_build sample-new)"
check "it goes on" ex_attach xA sample look input drop
check "packets pass" ex_ping 2
check "it ends" "$ASHLAR" ext revoke sample netns xA
check "it goes" ex_unload
ex_end
