#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300
#
# The module is unloaded and loaded over and over under eight long connections and many short ones.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

cycles=10
ov_debug && cycles=3
ov_soak && cycles=100

cycle()
{
	local host

	ov_unload || return
	t alive long bytes=10K || return
	ov_load || return
	for host in hostA hostB; do
		ov_configure $host || return
	done
	t alive long bytes=10K || return
	# Now and then the connections are back on the fast path when the next unload comes.
	(($1 % 3)) || t path long hostA path=fast timeout=30
}

cycled()
{
	local i

	for ((i = 0; i < cycles; i++)); do
		cycle $i || return
	done
}

ov_begin
OV_UNDERLAY=(hello 1)
ov_hosts 2
check "containers reach each other by the fallback" ov_warm
ov_up
check "long connections" t streams long cA1 cB1 n=8
check "on the fast path" t path long hostA path=fast
check "short connections" t churn short cA1 cB1 n=2
check "which succeed" t churned short 5
t stall reset=1 >"$OV_LOG"
check_module "$cycles times unloaded and loaded" cycled
check "short connections still succeed" t churned short 5
check "the longest stall" t stall
check "no short connection failed" t stop short
check "no byte was lost or changed" t stop long

# That a failure would be seen:
check "a stream" t streams victim cA1 cB1
ip -n cB1 link set eth0 down
check_fails "that makes no progress is noticed" "make no progress" t alive victim timeout=1
ov_end
