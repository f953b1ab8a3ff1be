#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=debug timeout=300
#
# Memory runs out at every allocation in turn: nothing is done by half, nothing leaks, connections take the fallback.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh
. tests/lib/alloc.sh

ov_plain && { echo "1..0 # SKIP no module"; exit; }
al_can || { echo "1..0 # SKIP no fault injection in this kernel"; exit; }

# conns_fail PERCENT: so many of the allocations of conns fail, whoever makes them; 0: none
conns_fail()
{
	[ "$(cat /sys/kernel/slab/ashlar_conn/failslab)" = 1 ] &&
		echo Y >$AL_FAULTS/failslab/cache-filter &&
		echo -1 >$AL_FAULTS/failslab/times &&
		echo "$1" >$AL_FAULTS/failslab/probability
}

ov_begin
check "faults can be injected" al_quiet
ov_hosts 2
check "containers reach each other by the fallback" ov_warm
al_pass_on tests/lib/faults_overlay.py config hostA cA1
check "the machine is as it was" "$ASHLAR" -n hostA -j underlay show
ov_up
check "a transfer takes the fast path" t carry cA1 cB1 fast bytes=100K
al_pass_on tests/lib/faults_overlay.py connect hostA cA1 cB1 10.88.0.2
check "the fast path is there afterwards" t carry cA1 cB1 fast bytes=100K

failed=$(t stat hostA conn_alloc_failed)
check "no conn can be had at all" conns_fail 100
check "connections work" t open poor cA1 cB1
check "and carry data" t xfer poor bytes=100K
t close poor
check "several of them" t many cA1 cB1 n=10
check "which is counted" ov_grew hostA conn_alloc_failed "$failed" 5
check "half of the conns can be had" conns_fail 50
check "connections all work" t many cA1 cB1 n=30
check "memory is there again" conns_fail 0
check "with memory a transfer takes the fast path" t carry cA1 cB1 fast bytes=100K
check "no conn is left" t conns hostA 0 timeout=30
check "nor at the other host" t conns hostB 0 timeout=30
ov_end
