#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300 soak=debug
#
# Two uplinks to each host: connections spread over both, and outlive either.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

# Each host has its address on lo, and routes to the other by both wires.
hosts()
{
	local host i=0 other=2 dev

	topo_netns hostA && topo_netns hostB || return
	topo_pair hostA eth0 hostB eth0 && topo_pair hostA eth1 hostB eth1 || return
	for host in hostA hostB; do
		i=$((i + 1))
		TOPO_HOSTS+=("$host")
		TOPO_ADDR[$host]=10.255.0.$i
		ip netns exec $host sysctl -qw net.ipv4.fib_multipath_hash_policy=1 \
			net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.default.rp_filter=0 || return
		ip -n $host addr add 10.255.0.$i/32 dev lo || return
		for dev in eth0 eth1; do
			ip netns exec $host sysctl -qw net.ipv4.conf.$dev.rp_filter=0 || return
			ip -n $host addr add 192.168.${dev#eth}.$i/24 dev $dev &&
				ip -n $host link set $dev up || return
		done
		routes $host $other || return
		other=1
	done
}

# routes HOST OTHER: an interface that comes back has lost its routes
routes()
{
	ip -n "$1" route replace "10.255.0.$2" src "${TOPO_ADDR[$1]}" \
		nexthop via "192.168.0.$2" dev eth0 nexthop via "192.168.1.$2" dev eth1
}

# second_wire: it is there anew, and all routes are by it
second_wire()
{
	local host i other

	topo_pair hostA eth1 hostB eth1 || return
	for host in "hostA 1 2" "hostB 2 1"; do
		read -r host i other <<<"$host"
		ip netns exec "$host" sysctl -qw net.ipv4.conf.eth1.rp_filter=0 &&
			ip -n "$host" addr add "192.168.1.$i/24" dev eth1 &&
			ip -n "$host" link set eth1 up &&
			ip -n "$host" route replace "10.255.0.$other" src "${TOPO_ADDR[$host]}" \
				via "192.168.1.$other" dev eth1 || return
	done
}

# uplink HOST there|gone: what the underlay has of eth1
uplink()
{
	"$ASHLAR" -n "$1" -j underlay show |
		jq -e --arg want "$2" '.[0] | .devices[1] == "eth1" and (.ifindexes[1] == 0) == ($want == "gone")' >/dev/null
}

overlay()
{
	local host other=10.255.0.2

	for host in hostA hostB; do
		ip -n $host link add br88 mtu 1450 type bridge &&
			ip -n $host link add vx88 mtu 1450 type vxlan id 88 dstport 4789 \
				local "${TOPO_ADDR[$host]}" remote $other &&
			ip -n $host link set vx88 master br88 up &&
			ip -n $host link set br88 up || return
		other=10.255.0.1
	done
	TOPO_LAST_VNI=88
	OV_VNIS+=(88)
}

ov_underlay()
{
	echo "dev eth0,eth1 addr ${TOPO_ADDR[$1]}"
}

# spread: both wires carry much of a transfer by many connections
spread()
{
	local before=() after=() i

	for i in 0 1; do
		before+=("$(topo_counter hostA eth$i tx_bytes)")
	done
	t many cA1 cB1 n=40 bytes=20K || return
	for i in 0 1; do
		after+=("$(topo_counter hostA eth$i tx_bytes)")
		echo "eth$i: $((after[i] - before[i])) bytes"
		((after[i] - before[i] > 80000)) || return
	done
}

ov_begin
{ hosts && overlay; } >"$OV_LOG" 2>&1 || ov_bail "cannot make the hosts"
ov_container hostA cA1 10.88.0.1
ov_container hostB cB1 10.88.0.2
check "containers reach each other by the fallback" ov_warm
ov_up
check "a transfer takes the fast path" t carry cA1 cB1 fast bytes=300K
check_module "many connections take both wires" spread
check "streams" t streams live cA1 cB1 n=6
check "flow" t alive live
check "on the fast path" t path live hostA path=fast
check "one wire is cut at both ends" ip -n hostA link set eth0 down
ip -n hostB link set eth0 down
check "the streams go on" t alive live timeout=40
check "new connections work" t carry cA1 cB1 fast bytes=100K
check_module_fails "they have only one wire" "eth0: " spread
check "the wire is repaired" ip -n hostA link set eth0 up
ip -n hostB link set eth0 up
check "its routes return" routes hostA 2
routes hostB 1
check "the other one is cut" ip -n hostA link set eth1 down
ip -n hostB link set eth1 down
check "the streams go on by the first" t alive live timeout=40
check "new connections work by the first" t carry cA1 cB1 fast bytes=100K
for host in "hostA 2" "hostB 1"; do
	ip -n "${host% *}" route replace "10.255.0.${host#* }" \
		src "${TOPO_ADDR[${host% *}]}" via "192.168.0.${host#* }" dev eth0
done
check "an uplink's device is deleted" ip -n hostA link del eth1
check "new connections work without it" t carry cA1 cB1 fast bytes=100K
check_module "the underlay knows which one is missing" uplink hostA gone
check "a device of that name comes" second_wire
check_module "it takes the place" uplink hostA there
check_module "at the other host too" uplink hostB there
check "the first one is deleted" ip -n hostA link del eth0
check "connections go by the new one" t carry cA1 cB1 fast bytes=100K
check "nothing was lost" t stop live
ov_end
