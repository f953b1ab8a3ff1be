#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/lib/two_vm.sh A|B: what tests/two-vm runs in each machine. A is the client and tells the results; B serves
# until A has said that it is done.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

me=$1
bye_port=7777

# The machine's own namespace is the host; it gets the name that the shared code knows it by.
setup()
{
	local other

	ip netns attach "host$me" $$ || return
	TOPO_ADDR[hostA]=192.168.77.1 TOPO_ADDR[hostB]=192.168.77.2
	TOPO_HOSTS=("host$me")
	other=host$([ "$me" = A ] && echo B || echo A)
	ip addr add "${TOPO_ADDR[host$me]}/24" dev eth0 &&
		ip link set eth0 up &&
		ip link add br88 mtu 1450 type bridge &&
		ip link add vx88 mtu 1450 type vxlan id 88 dstport 4789 \
			local "${TOPO_ADDR[host$me]}" remote "${TOPO_ADDR[$other]}" dev eth0 &&
		ip link set vx88 master br88 up &&
		ip link set br88 up || return
	OV_VNIS+=(88)
	TOPO_LAST_VNI=88
}

# What lives on the other machine is known by name only.
strangers()
{
	TOPO_CONTAINERS=(cA1 cB1)
	TOPO_HOST[cA1]=hostA TOPO_HOST[cB1]=hostB
	TOPO_VNI[cA1]=88 TOPO_VNI[cB1]=88
	TOPO_ADDR[cA1]=10.88.0.1 TOPO_ADDR[cB1]=10.88.0.2
}

reached() { ip netns exec cA1 ping -q -c 1 -W 1 10.88.0.2 >/dev/null; }

ask() { t ask cA1 10.88.0.2 5000 caddr=10.88.0.1 saddr=10.88.0.2 "$@"; }

# fast: a transfer that the tunnel does not carry
fast()
{
	local before after

	before=$(topo_counter hostA vx88 tx_bytes)
	ask bytes=4M || return
	after=$(topo_counter hostA vx88 tx_bytes)
	echo "the fallback carried $((after - before)) bytes"
	((after - before < 100000))
}

serve()
{
	setup >"$OV_LOG" 2>&1 || ov_bail "cannot set up"
	ov_container hostB cB1 10.88.0.2
	strangers
	t serve served cB1 port=5000
	t listen bye - port=$bye_port
	ov_configure hostB >"$OV_LOG" 2>&1 || ov_bail "cannot configure"
	check "A says that it is done" t accept bye bye timeout=250
}

call()
{
	setup >"$OV_LOG" 2>&1 || ov_bail "cannot set up"
	ov_container hostA cA1 10.88.0.1
	strangers
	check "the containers reach each other by the fallback" topo_wait 200 reached
	check "a transfer by the fallback" ask bytes=1M
	check_fails "which the fallback has carried" "fallback carried [0-9]{7}" fast
	check "the host is configured" ov_configure hostA
	check "the other host is live" t peer hostA 192.168.77.2 live timeout=100
	check "a transfer takes the fast path" fast
	check "by a conn that says so" t conns hostA 1 path=fast remote=10.88.0.2 remote_port=5000
	check "the module is unloaded" ov_unload
	check "transfers go on by the fallback" ask bytes=1M
	check "the module is loaded again" ov_load
	check "and the host configured" ov_configure hostA
	check "the other host is live again" t peer hostA 192.168.77.2 live timeout=100
	check "transfers are fast again" fast
	check "the other machine is told to stop" t connect bye - 192.168.77.2 $bye_port
}

ov_begin
case $me in
A) call ;;
B) serve ;;
esac
ov_end
