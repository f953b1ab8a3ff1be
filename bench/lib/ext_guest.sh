#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The half of bench/ext that runs in the VM: three namespaces in a row, pktgen
# sends from the first by the second to the third, and what the second does with
# each packet is the plan's affair. Prints "RESULT ROUND CASE SIDE JSON" for each
# line of the plan:
#
#   run ROUND CASE SIDE PACKETS
#
# CASE is what is at the hooks: none, empty (a hook that accepts), noop, filter,
# balancer, policer, or one of micro's: flow, checksum, list. SIDE is how: send (packets are dropped by the second's
# ip_rcv(): the cost of sending), bare (as it is), plain (a module of ordinary
# code), hosted, fast (by the shim), bpf.
#
# The clock counts instructions: 2 ns each (scripts/vm/run --icount). pktgen is
# a kernel thread and its packets are forwarded before it makes the next one, so
# no user space and no idle time is in the figures.

set -u
cd "$(dirname "$0")/../.." || exit 1

PLAN=$1
NS_PER_INSN=2
FLOWS=1000
FAKE_MAC=02:00:00:00:00:99
KERNEL=${ASHLAR_BENCH_KERNEL:-stock}
WORK=build/bench/ext-$KERNEL

die()
{
	echo "ext_guest: $*" >&2
	exit 1
}

setup()
{
	local ns

	modprobe pktgen || die "no pktgen"
	for ns in gen mid sink; do
		{ ip netns add $ns && ip -n $ns link set lo up; } || die "no namespace $ns"
		ip netns exec $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
	{ ip -n gen link add eth0 type veth peer name in0 netns mid &&
		ip -n sink link add eth0 type veth peer name out0 netns mid; } || die "no wires"
	for ns in "gen eth0" "mid in0" "mid out0" "sink eth0"; do
		# shellcheck disable=SC2086
		set -- $ns
		ip netns exec "$1" ethtool -K "$2" gro off tx off rx off >/dev/null 2>&1
		ip -n "$1" link set "$2" up || die "$2 does not come up"
	done
	ip netns exec mid sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.in0.rp_filter=0 net.ipv4.conf.out0.rp_filter=0
	{ ip -n mid addr add 10.1.0.1/24 dev in0 && ip -n mid addr add 10.2.0.1/24 dev out0 &&
		ip -n mid neigh add 10.1.0.2 lladdr $FAKE_MAC dev in0 nud permanent &&
		ip -n mid neigh add 10.2.0.2 lladdr $FAKE_MAC dev out0 nud permanent; } || die "no addresses"
	ip -n mid route add 192.0.2.0/24 via 10.2.0.2
	if [ -e "$WORK/shim" ]; then
		modprobe ashlar_ext || die "no shim"
	fi
}

mac_of() { ip netns exec "$1" cat "/sys/class/net/$2/address"; }
received() { ip netns exec "$1" cat "/sys/class/net/eth0/statistics/rx_packets"; }

# pktgen NS COUNT DST_MAC SRC DST SPORTS DPORTS: sends; prints microseconds
pktgen()
{
	local ns=$1 count=$2 mac=$3 src=$4 dst=$5 sports=$6 dports=$7 line result

	for line in "rem_device_all" "add_device eth0"; do
		echo "$line" | ip netns exec "$ns" tee /proc/net/pktgen/kpktgend_0 >/dev/null || return
	done
	for line in "count $count" "pkt_size 60" "delay 0" "clone_skb 0" "flag UDPCSUM" \
		"dst_mac $mac" "src_min $src" "src_max $src" "dst $dst" \
		"udp_src_min ${sports%-*}" "udp_src_max ${sports#*-}" \
		"udp_dst_min ${dports%-*}" "udp_dst_max ${dports#*-}"; do
		echo "$line" | ip netns exec "$ns" tee /proc/net/pktgen/eth0 >/dev/null || return
	done
	echo start | ip netns exec "$ns" tee /proc/net/pktgen/pgctrl >/dev/null || return
	result=$(ip netns exec "$ns" sed -n 's/^Result: OK: \([0-9]*\)(.*/\1/p' /proc/net/pktgen/eth0)
	[ -n "$result" ] && echo "$result"
}

# The numbers of maps are in the host's byte order: little-endian.
le32() { printf '%02x%02x%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }
le64() { le32 $(($1 & 0xffffffff)); le32 $(($1 >> 32)); }
zeros() { printf '%0*d' $(($1 * 2)) 0; }

# settings CASE: lines "MAP KEY-HEX VALUE-HEX"
settings()
{
	case $1 in
	filter)
		# Everything from 10.1.0.0/16 by UDP.
		echo "rules $(le32 5) 0a010000$(zeros 12)$(zeros 16)10000411010000000000000000000000$(le32 0)$(le32 0)"
		;;
	balancer)
		echo "services $(le32 0) c0000201$(zeros 12)0009041100000000$(le64 4711)"
		echo "backends $(le32 0) 0a020002$(zeros 12)0009020100000000"
		;;
	policer)
		echo "rates $(le32 0) 0a000000$(zeros 12)04080100$(le32 0)$(le64 125000000000)$(le64 4000000000)"
		;;
	esac
}

# The extension that has it.
ext_of()
{
	case $1 in
	empty) echo noop ;;
	flow | checksum | list) echo micro ;;
	*) echo "$1" ;;
	esac
}

hooks_of()
{
	case $1 in
	empty) echo "empty:0:0" ;;
	noop) echo "pass:0:0" ;;
	filter) echo "filter:2:0" ;;
	balancer) echo "in:0:-250 out:4:250" ;;
	policer) echo "police:2:0" ;;
	*) echo "$1:0:0" ;;
	esac
}

plain_on()
{
	local hooks map key value

	hooks=$(hooks_of "$1")
	insmod "$WORK/exttwin_plain.ko" || return
	echo "start $(ext_of "$1") ${hooks// /,}" | ip netns exec mid tee /dev/exttwin >/dev/null || return
	settings "$1" | while read -r map key value; do
		echo "set $map $key $value" >/dev/exttwin || return
	done || return
	case $1 in filter | balancer | policer) echo "request commit" >/dev/exttwin ;; esac
}

hosted_on()
{
	local case=$1 ext names=(prerouting input forward output postrouting) hook map key value words

	ext=$(ext_of "$case")
	ashlar ext load "$WORK/$2/$ext.ko" >/dev/null && ashlar ext approve "$ext" any memory 16M || return
	for hook in $(hooks_of "$case"); do
		IFS=: read -ra words <<<"$hook"
		ashlar -n mid ext attach "$ext" entry "${words[0]}" hook "${names[words[1]]}" \
			priority "${words[2]}" fail drop || return
	done
	settings "$case" | while read -r map key value; do
		ashlar -n mid map set "$case" "$map" "hex:$key" "hex:$value" || return
	done || return
	case $case in filter | balancer | policer) ashlar -n mid ext request "$case" entry commit >/dev/null ;; esac
}

on()
{
	case $2 in
	plain) plain_on "$1" ;;
	hosted | fast) hosted_on "$1" "$2" ;;
	bpf)
		ip netns exec mid "$WORK/bpf_noop" &
		BPF=$!
		sleep 1
		kill -0 $BPF
		;;
	esac
}

off()
{
	case $2 in
	plain) rmmod exttwin_plain ;;
	hosted | fast) ashlar -n mid ext detach "$(ext_of "$1")" >/dev/null && ashlar ext unload "$(ext_of "$1")" >/dev/null ;;
	bpf)
		kill "$BPF"
		wait "$BPF" 2>/dev/null
		true
		;;
	esac
}

# send CASE SIDE COUNT: from the first to the third
send()
{
	local mac dst=10.2.0.2

	mac=$(mac_of mid in0)
	[ "$2" = send ] && mac=$FAKE_MAC
	[ "$1" = balancer ] && dst=192.0.2.1
	pktgen gen "$3" "$mac" 10.1.0.2 $dst 1000-$((999 + FLOWS)) 9-9
}

run()
{
	local round=$1 case=$2 side=$3 count=$4 before us got

	on "$case" "$side" || die "cannot set up $case $side"
	# Each flow is begun, answered and known before it is measured.
	send "$case" "$side" $((FLOWS * 2)) >/dev/null || die "pktgen"
	if [ "$side" != send ]; then
		pktgen sink $FLOWS "$(mac_of mid out0)" 10.2.0.2 10.1.0.2 9-9 1000-$((999 + FLOWS)) >/dev/null || die "pktgen back"
		send "$case" "$side" $FLOWS >/dev/null
	fi
	# Memory that waits for its readers is freed before, not meanwhile; idle time is skipped.
	sleep 6
	before=$(received sink)
	us=$(send "$case" "$side" "$count") || die "pktgen"
	got=$(($(received sink) - before))
	off "$case" "$side" || die "cannot take down $case $side"
	[ "$side" = send ] || [ $got = "$count" ] || die "$case $side: $got of $count packets came out"
	echo "RESULT $round $case $side {\"insns\":$((us * 1000 / NS_PER_INSN)),\"packets\":$count}"
}

setup
while read -r word round case side count; do
	case $word in
	run) run "$round" "$case" "$side" "$count" ;;
	"" | \#*) ;;
	*) die "what is $word?" ;;
	esac
done <"$PLAN"
echo "DONE $(uname -r)"
