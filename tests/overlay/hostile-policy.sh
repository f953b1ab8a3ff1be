#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# However a container makes its SYNs, a connection that the policy denies does not come about. The same SYNs do
# get through, and are answered, where it allows them.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh
. tests/overlay/hostile.sh

deny() { "$ASHLAR" -n "$1" policy add 88 pref 10 action deny src 10.88.0.1 dst 10.88.0.2; }
allow() { "$ASHLAR" -n "$1" policy flush 88; }

# through HOW KIND: all five are answered, and for each answer there is a half-open conn for a while
through() { f "$1" "$2" to=hostB ~tx_fallback +conn_adopted conns=5 && f called 5; }

# stopped HOST COUNTER HOW KIND [WORD...]: none is
stopped() { f "$3" "$4" "to=$1" "+$2" "${@:5}" && f called 0; }

# At the server's host: denied there, and the other host is told.
denied_in() { stopped hostB policy_denied_in "$1" "$2" +cut_tx; }

hostile_begin
t listen server cB1 port=5000 tfo >/dev/null
f memory mark >/dev/null

for kind in plain flags data fastopen ipopts split tiny; do
	if [ "$kind" != tiny ]; then
		check "allowed: from a raw socket: $kind" through raw "$kind"
	fi
	check "allowed: past the container's stack: $kind" through frame "$kind"
done
# What cannot be judged does not leave at all, so that no policy must be there. With Open vSwitch in the kernel every
# namespace tracks connections, and so puts fragments together before they come to us.
if ov_debug; then
	check "allowed: in pieces that are put together" through raw tiny
else
	check "in pieces that cannot be judged" stopped hostA tx_fragment raw tiny
fi

check "the client's host denies" deny hostA
for kind in plain flags data fastopen ipopts split; do
	check "denied at the client's host: $kind" stopped hostA policy_denied_out raw "$kind"
done
if ov_debug; then
	check "denied at the client's host: in pieces that are put together" stopped hostA policy_denied_out raw tiny
else
	check "denied at the client's host: tiny" stopped hostA tx_fragment raw tiny
fi
check "another host's rules are its own" allow hostA

check "the server's host denies" deny hostB
for kind in plain flags data fastopen ipopts split tiny; do
	if [ "$kind" != tiny ]; then
		check "denied at the server's host: $kind" denied_in raw "$kind"
	fi
	check "denied at the server's host, past the container's stack: $kind" denied_in frame "$kind"
done
check "denied on the fast path" f syn right +policy_denied_in +refused_tx
check "others may connect" t carry cC1 cB1 fast bytes=20K
check "its rules go" allow hostB
check "and all may connect" t carry cA1 cB1 fast bytes=20K
t unlisten server
hostile_end
