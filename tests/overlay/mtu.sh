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

containers_mtu()
{
	ip -n cA1 link set eth0 mtu "$1" && ip -n cB1 link set eth0 mtu "$1"
}

# The client is no endpoint to the server's host (any more), so that its connections fall back.
cut_off()
{
	ov_plain && return
	"$ASHLAR" -n hostB endpoint del 88 10.88.0.1 && t path wide hostB side=s path=fallback
}

put_back()
{
	ov_plain && return
	"$ASHLAR" -n hostB endpoint add 88 10.88.0.1 host 192.168.77.1 && ov_live
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

# single NAME: a full segment each way, alone, so that nothing is joined with it
single()
{
	t segment "$1" c && t arrives "$1" c && t segment "$1" s && t arrives "$1" s
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

# A container's own device bounds what its stack sends by it. What comes in is another matter: Linux drops what
# is larger than the device, unless it is several segments in one, and tells nobody. So by the fallback, as on
# any overlay, both ends' devices must be as narrow, or the sender find out by itself.
check "the client's device narrows" ip -n cA1 link set eth0 mtu 1200
check_module "the fast path goes on" t xfer fast bytes=200K
check_module "with single segments, too" single fast
check "by the fallback, what the client sends arrives" t segment slow c
check "as before" t arrives slow c
check "a single segment to it is sent" t segment slow s
check_fails "and is lost, with or without the module" "does not arrive" t arrives slow s timeout=1
check "the server's device narrows as much" ip -n cB1 link set eth0 mtu 1200
check "it arrives" t arrives slow s
check "all go on" t xfer fast,slow bytes=200K
check "with single segments" single slow
check "and new connections" t carry cA1 cB1 fast bytes=200K
check "and new ones by the fallback" t carry cA1 cB1 fallback bytes=200K c:transparent
check "the devices widen" containers_mtu 1450
check "all go on at that" t xfer fast,slow bytes=200K
check "the client's device narrows alone again" ip -n cA1 link set eth0 mtu 1200
check "new connections work" t carry cA1 cB1 fast bytes=200K
check "by the fallback, too" t carry cA1 cB1 fallback bytes=200K c:transparent
check "the server's stack looks out for such holes" ip netns exec cB1 sysctl -qw net.ipv4.tcp_mtu_probing=1
check "a single segment to the client" t segment slow s
check "arrives even so" t arrives slow s
check "and all that follows" t xfer fast,slow bytes=200K
# The fast path's segments are the underlay's: what the narrower device could take is not known where they are sent.
check "a new connection" t open wide cA1 cB1
check "carries" t xfer wide bytes=200K
check "with single segments" single wide
check "falls back" cut_off
check "goes on" t xfer wide bytes=200K
check "with single segments, once its stack has found out" single wide
check "the endpoint comes back" put_back
check "the client's device widens" containers_mtu 1450
for name in fast slow new wide; do
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
