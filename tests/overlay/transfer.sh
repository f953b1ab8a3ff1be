#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300
#
# Data arrives whole and by the fast path, under every offload and every trouble of the wire.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

size=4M
ov_soak && size=64M
ov_debug && ! ov_soak && size=1M

offloads()
{
	local host

	for host in hostA hostB; do
		ip netns exec "$host" ethtool -K eth0 "$@" >/dev/null || return
	done
}

# wire NETEM...: what happens to every packet between the hosts; none: nothing
wire()
{
	local host

	for host in hostA hostB; do
		(($#)) || tc -n "$host" qdisc del dev eth0 root 2>/dev/null
		if (($#)); then
			tc -n "$host" qdisc replace dev eth0 root netem limit 10000 "$@" || return
		fi
	done
	return 0
}

ov_begin
ov_hosts 2
ov_container hostA cA2 10.88.0.3
ov_container hostB cB2 10.88.0.4
check "containers reach each other by the fallback" ov_warm
ov_up

check "a transfer takes the fast path" t carry cA1 cB1 fast "bytes=$size"
check "and the other way" t carry cB1 cA1 fast bytes=1M
check "bound to a source address" t carry cA1 cB1 fast bytes=100K c:from=10.88.0.1
check "to a second container" t carry cA1 cB2 fast bytes=100K
check_fails "a byte that is spoiled is found" "sha256 differs" \
	t carry cA1 cB1 fast bytes=100K flip=1
check_module_fails "a transfer by the fast path is none by the fallback" "path is fast" \
	t carry cA1 cB1 fallback bytes=100K within=0.5

# Between the hosts themselves, the ends see the hosts' addresses.
t site hostA hostA 192.168.77.1 88
t site hostB hostB 192.168.77.2 88
check "the hosts' own connections are left alone" t open host hostA hostB
check_fails "the host network has not the overlay's addresses" "address: client's own is 192.168.77.1" \
	t names host 10.88.0.1 10.88.0.2
t close host

for feature in tso gso gro tx rx; do
	offloads "$feature" off >"$OV_LOG" 2>&1
	check "without $feature" t carry cA1 cB1 fast bytes=1M
	offloads "$feature" on >"$OV_LOG" 2>&1
done
check "offloads are switched off" offloads tso off gso off gro off tx off rx off sg off
check "without any offload" t carry cA1 cB1 fast bytes=1M
check "offloads are switched on" offloads rx on tx on sg on gso on tso on gro on

check "the wire loses packets" wire loss 1%
check "with loss" t carry cA1 cB1 fast bytes=300K
check "the wire reorders packets" wire delay 5ms reorder 75% 50%
check "with reordering" t carry cA1 cB1 fast bytes=300K
check "the wire duplicates packets" wire duplicate 10%
check "with duplicates" t carry cA1 cB1 fast bytes=300K
check "the wire delays packets" wire delay 30ms 10ms
check "with delay" t carry cA1 cB1 fast bytes=300K
check "the wire corrupts packets" wire corrupt 1%
check "with corruption" t carry cA1 cB1 fast bytes=300K
check "the wire is good again" wire

# A sender must feel a full queue below it: else all of this is dropped many times over.
check "a narrow wire" tc -n hostA qdisc add dev eth0 root tbf rate 40mbit burst 20k limit 60k
check "through a narrow wire" t carry cA1 cB1 fast bytes=1M
check "the wire is wide again" tc -n hostA qdisc del dev eth0 root

check "many short connections between several containers" \
	t many cA1,cA2 cB1,cB2 n=60 bytes=2K
check "the client's conns end with their connections" t conns hostA 0 timeout=30
check "the server's conns end with their connections" t conns hostB 0 timeout=30
check "connections are still there to be counted" t many cA1 cB1 n=5 bytes=1K keep=kept
check "the conn table shows open connections" t conns hostA 5 path=fast state=open
check_module_fails "a conn that is not there is missed" "conns on hostA: 5" t conns hostA 6 timeout=0.2
t close kept
check "and they end" t conns hostA 0 timeout=30
ov_end
