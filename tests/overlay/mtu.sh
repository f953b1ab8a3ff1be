#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300 soak=debug
#
# Connections use the whole MTU of their path, and follow it when it changes, with a router between the hosts.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

# Two hosts, each on a wire of its own to the router "wire".
routed_hosts()
{
	local host i=0

	topo_netns wire || return
	ip netns exec wire sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv4.icmp_ratelimit=0 || return
	for host in hostA hostB; do
		i=$((i + 1))
		topo_netns $host && topo_pair $host eth0 wire p$host || return
		TOPO_HOSTS+=("$host")
		TOPO_ADDR[$host]=192.168.77.$i
		ip -n $host addr add 192.168.77.$i/32 dev eth0 &&
			ip -n $host link set eth0 up &&
			ip -n wire addr add 192.168.77.254/32 dev p$host &&
			ip -n wire link set p$host up &&
			ip -n $host route add 192.168.77.254 dev eth0 &&
			ip -n $host route add default via 192.168.77.254 dev eth0 src 192.168.77.$i &&
			ip -n wire route add 192.168.77.$i dev p$host || return
	done
}

# What the router lets pass in one piece.
router_mtu()
{
	ip -n wire route replace 192.168.77.1 dev phostA mtu "$1" &&
		ip -n wire route replace 192.168.77.2 dev phostB mtu "$1"
}

devices_mtu()
{
	local host

	for host in hostA hostB; do
		ip -n wire link set p$host mtu "$1" &&
			ip -n $host link set eth0 mtu "$1" || return
	done
}

forget_mtu()
{
	ip -n hostA route flush cache && ip -n hostB route flush cache
}

# mss_is NAME LOW HIGH: both ends send segments of that size (less the timestamps' 12)
mss_is()
{
	local c s

	c=$(t mss "$1" c) && s=$(t mss "$1" s) || return
	echo "client $c, server $s"
	((c >= $2 && c <= $3 && s >= $2 && s <= $3))
}

ov_begin
routed_hosts >"$OV_LOG" 2>&1 || ov_bail "cannot make the hosts"
ov_overlay 88
ov_container hostA cA1 10.88.0.1
ov_container hostB cB1 10.88.0.2
check "containers reach each other by the fallback" ov_warm
ov_up

# 1500 - 40 - 12, and 1450 - 40 - 12
check "a connection on the fast path" t open fast cA1 cB1
check "carries data" t xfer fast bytes=1M
check "on the fast path" t path fast hostA path=fast
check_module "has the underlay's segment size" mss_is fast 1448 1460
check_module_fails "which is not the fallback's" "client 14[4-6]" mss_is fast 1 1398
check "a connection on the fallback" t open slow cA1 cB1 c:transparent
check "carries its data" t xfer slow bytes=1M
check "on the fallback" t path slow hostA path=fallback
check "has the fallback's segment size" mss_is slow 1300 1410

icmp=$(t stat hostA rx_icmp)
check "the router narrows" router_mtu 1300
check "the fast path follows" t xfer fast bytes=1M
check_module "because its ICMP errors are translated" ov_grew hostA rx_icmp "${icmp:-0}"
check_module "down to the router's size" mss_is fast 1000 1260
check "and is still fast" t path fast hostA path=fast
check "the fallback goes on" t xfer slow bytes=1M
check "a new connection works" t carry cA1 cB1 fast bytes=1M
check "the router widens" router_mtu 1500
check "the hosts forget" forget_mtu
check "all go on" t xfer fast,slow bytes=1M
check "a new connection" t open new cA1 cB1
check "carries data, too" t xfer new bytes=1M
check_module "at the full size again" mss_is new 1448 1460

check "streams" t streams live cA1 cB1 n=3 chunk=20000
check "flow" t alive live
check "the hosts' devices narrow below them" devices_mtu 1280
check "they go on" t alive live bytes=300K
check "so do the others" t xfer fast,slow,new bytes=500K
check "a new connection works at that size" t carry cA1 cB1 fast bytes=500K
check "the hosts' devices widen" devices_mtu 1500
check "the streams go on" t alive live bytes=300K
check "nothing was lost" t stop live
check "a new connection works at the full size" t carry cA1 cB1 fast bytes=500K

# The container's own device: what its stack was told to respect, it does.
check "the client's device narrows" ip -n cA1 link set eth0 mtu 1200
check "its connections go on" t xfer fast,slow bytes=200K
check "and new ones" t carry cA1 cB1 fast bytes=200K
check "the client's device widens" ip -n cA1 link set eth0 mtu 1450
for name in fast slow new; do
	t close $name
done

# Jumbo frames need nothing but a wide wire.
check "the devices take jumbo frames" devices_mtu 9000
check "the router passes them" router_mtu 9000
# What the fallback learned of the narrow path stays for ten minutes.
ip -n hostA route flush cache
ip -n hostB route flush cache
check "a connection over the wide wire" t open jumbo cA1 cB1
check "carries" t xfer jumbo bytes=1M
check_module "jumbo segments" mss_is jumbo 8900 8960
check "the wire narrows under it" router_mtu 1400
check "it goes on" t xfer jumbo bytes=1M
t close jumbo
ov_end
