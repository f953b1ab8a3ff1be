#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=debug timeout=300
#
# Memory runs out at every allocation in turn: nothing is done by half, nothing leaks, connections take the fallback.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

faults=/sys/kernel/debug
ov_plain && { echo "1..0 # SKIP no module"; exit; }
[ -e $faults/failslab ] || { echo "1..0 # SKIP no fault injection in this kernel"; exit; }

# Sleeping allocations and single pages fail as well, without a stack trace each.
quiet()
{
	local kind

	for kind in failslab fail_page_alloc; do
		echo N >$faults/$kind/ignore-gfp-wait &&
			echo 0 >$faults/$kind/verbose || return
	done
	echo 0 >$faults/fail_page_alloc/min-order
}

# The results of faults.py become results here.
pass_on()
{
	local line

	while IFS= read -r line; do
		case $line in
		"ok "*) : >"$OV_LOG"; ov_result 0 "${line#ok }" ;;
		"not ok "*) : >"$OV_LOG"; ov_result 1 "${line#not ok }" ;;
		*) echo "$line" ;;
		esac
	done < <("$@" 2>&1 || echo "not ok ends well: $*")
}

# conns_fail PERCENT: so many of the allocations of conns fail, whoever makes them; 0: none
conns_fail()
{
	[ "$(cat /sys/kernel/slab/ashlar_conn/failslab)" = 1 ] &&
		echo Y >$faults/failslab/cache-filter &&
		echo -1 >$faults/failslab/times &&
		echo "$1" >$faults/failslab/probability
}

ov_begin
check "faults can be injected" quiet
ov_hosts 2
check "containers reach each other by the fallback" ov_warm
pass_on tests/lib/faults.py config hostA cA1
check "the machine is as it was" "$ASHLAR" -n hostA -j underlay show
ov_up
check "a transfer takes the fast path" t carry cA1 cB1 fast bytes=100K
pass_on tests/lib/faults.py connect hostA cA1 cB1 10.88.0.2
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
