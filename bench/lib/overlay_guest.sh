#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The half of bench/overlay that runs in the VM: builds the topology, then
# carries out the plan, a file of one command per line, and prints a line
# "RESULT ROUND CASE COLUMN JSON" for each measurement. What is measured when
# is the plan's affair; this script only knows how.
#
#   setup COLUMN...          everything but Open vSwitch
#   offload tso|gso          what the wire takes over from the stack
#   module on|off            load and configure, or unload
#   switch on|off            start Open vSwitch, or stop and unload it
#   pause SECONDS
#   run ROUND CASE COLUMN OPS WARMUP MODE [SIZE]
#
# A column name ending in _ct is the pair of namespaces with conntrack and five
# counting rules; "untouched" is the pair of the column host.
#
# Nothing that one column needs may weigh upon another. Netfilter's hooks cost
# every namespace something as soon as one has any, so the rules exist only
# while they are measured. Loading Open vSwitch turns on connection tracking in
# all namespaces (a sixth of the host's cost), so it comes and goes like the
# module does.

set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/topo.sh
. bench/lib/ovs.sh

PINGPONG=${PINGPONG:-build/bench/pingpong}
PLAN=$1

declare -A CLIENT=() SERVER=() ADDRESS=()

die()
{
	echo "overlay_guest: $*" >&2
	exit 1
}

note()
{
	echo "# $*"
}

# pair COLUMN CLIENT SERVER: who measures a column
pair()
{
	CLIENT[$1]=$2
	SERVER[$1]=$3
	ADDRESS[$1]=${TOPO_ADDR[$3]}
}

# Every packet of a connection passes each of the five at its hook; conntrack
# runs because a rule asks for its state.
rules()
{
	ip netns exec "$1" nft -f - <<-END
	table ip bench
	delete table ip bench
	table ip bench {
		chain prerouting {
			type filter hook prerouting priority filter
			counter
		}
		chain input {
			type filter hook input priority filter
			ct state new,established,related counter
			ip protocol tcp counter
		}
		chain output {
			type filter hook output priority filter
			ct state new,established,related counter
		}
		chain postrouting {
			type filter hook postrouting priority filter
			counter
		}
	}
	END
}

# rules_saw NETNS: the smallest of the rules' packet counters
rules_saw()
{
	ip netns exec "$1" nft list table ip bench |
		sed -n 's/.*packets \([0-9]*\).*/\1/p' | sort -n | head -n 1
}

# Hosts of their own for host_ct, because rules in hostA would weigh upon every
# column that passes through it.
setup_host_ct()
{
	topo_netns hostX && topo_netns hostY &&
		topo_pair hostX eth0 hostY eth0 &&
		ip -n hostX addr add 192.168.78.1/24 dev eth0 &&
		ip -n hostY addr add 192.168.78.2/24 dev eth0 &&
		ip -n hostX link set eth0 up &&
		ip -n hostY link set eth0 up || return
	CLIENT[host_ct]=hostX
	SERVER[host_ct]=hostY
	ADDRESS[host_ct]=192.168.78.2
}

setup()
{
	local column

	topo_hosts 2 || die "no hosts"
	pair host hostA hostB
	pair untouched hostA hostB
	for column; do
		note "setting up $column"
		case $column in
		host)
			setup_host_ct
			;;
		vxlan)
			topo_overlay 88 &&
				topo_container hostA cA1 10.88.0.1 &&
				topo_container hostB cB1 10.88.0.2 &&
				topo_container hostA cA2 10.88.0.3 &&
				topo_container hostB cB2 10.88.0.4 &&
				pair vxlan cA1 cB1 && pair vxlan_ct cA2 cB2
			;;
		ashlar)
			topo_overlay 89 &&
				topo_container hostA cA3 10.89.0.1 &&
				topo_container hostB cB3 10.89.0.2 &&
				topo_container hostA cA4 10.89.0.3 &&
				topo_container hostB cB4 10.89.0.4 &&
				pair ashlar cA3 cB3 && pair ashlar_ct cA4 cB4
			;;
		ovs)
			;;
		*)
			die "no such column: $column"
			;;
		esac || die "cannot set up $column"
	done

	# The first run of a boot is off by more than the rest differ.
	"$PINGPONG" -c hostA -s hostB -n 2000 "${ADDRESS[host]}" rr 64 \
		>/dev/null || die "no ping-pong between the hosts"
}

# GSO: the sender's stack still builds large segments, the wire cuts them in
# software at its egress because it claims no TSO, and the receiving end of the
# wire puts them together again by GRO (veth polls by NAPI when GRO is on).
offload()
{
	local state=on ns

	[ "$1" = gso ] && state=off
	for ns in hostA hostB hostX hostY; do
		[ -e "/run/netns/$ns" ] || continue
		ip netns exec $ns ethtool -K eth0 gso on gro on tso "$state" \
			>/dev/null || die "$ns: cannot switch TSO $state"
	done
}

module()
{
	case $1 in
	on)
		modprobe ashlar_overlay || die "cannot load the module"
		# shellcheck disable=SC2119
		topo_ashlar_underlay || die "cannot configure the underlay"
		topo_ashlar 89 default allow || die "cannot configure the network"
		topo_wait_live 30 || die "no peer became live"
		;;
	off)
		modprobe -r ashlar_overlay || die "cannot unload the module"
		;;
	esac
}

switch()
{
	local name

	case $1 in
	on)
		ovs_overlay 90 || die "cannot start Open vSwitch"
		for name in A5:1 B5:2 A6:3 B6:4; do
			ovs_container "host${name:0:1}" "c${name%:*}" \
				"10.90.0.${name#*:}" || die "cannot plug in"
		done
		pair ovs cA5 cB5
		pair ovs_ct cA6 cB6
		;;
	off)
		for name in cA5 cB5 cA6 cB6; do
			topo_container_del "$name" || die "cannot delete $name"
		done
		ovs_cleanup || die "cannot stop Open vSwitch"
		;;
	esac
}

# fallback_packets: what went through the tunnel below the column ashlar
fallback_packets()
{
	local a b

	a=$(topo_counter hostA vx89 tx_packets) || return
	b=$(topo_counter hostB vx89 tx_packets) || return
	echo $((a + b))
}

run()
{
	local round=$1 case=$2 column=$3 ops=$4 warmup=$5 before=0 out ns saw
	local client=${CLIENT[$3]} server=${SERVER[$3]} address=${ADDRESS[$3]}

	shift 5
	[[ $column = *_ct ]] && for ns in "$client" "$server"; do
		rules "$ns" || die "$ns: cannot set the rules"
	done
	[[ $column = ashlar* ]] && before=$(fallback_packets)

	out=$("$PINGPONG" -i 1 -c "$client" -s "$server" -n "$ops" \
		-w "$warmup" "$address" "$@") ||
		die "round $round, $case, $column failed"
	echo "RESULT $round $case $column $out"

	# The path that is measured is the path that is meant. Neighbour
	# discovery and stragglers of closed connections do use the tunnel.
	if [[ $column = ashlar* ]]; then
		saw=$(($(fallback_packets) - before))
		if ((saw > 20 + (ops + warmup) / 50)); then
			"$ASHLAR" -n hostA conn show >&2
			"$ASHLAR" -n hostA stats show >&2
			"$ASHLAR" -n hostB stats show >&2
			die "$case: $saw packets of $column fell back"
		fi
	fi
	[[ $column = *_ct ]] && for ns in "$client" "$server"; do
		saw=$(rules_saw "$ns")
		((saw >= ops / 8)) ||
			die "$case, $column: a rule in $ns saw ${saw:-no} packets only"
		ip netns exec "$ns" nft delete table ip bench ||
			die "$ns: cannot delete the rules"
	done
	return 0
}

cleanup()
{
	ovs_cleanup
	topo_cleanup
	ip netns del hostX 2>/dev/null
	ip netns del hostY 2>/dev/null
}

trap cleanup EXIT
while read -r -a line; do
	case ${line[0]} in
	setup | offload | module | switch | run)
		"${line[@]}"
		;;
	pause)
		sleep "${line[1]}"
		;;
	*)
		die "bad command in the plan: ${line[*]}"
		;;
	esac
done <"$PLAN"
echo "DONE $(uname -r)"
