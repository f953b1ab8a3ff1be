#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The half of bench/growth that runs in the VM. Carries out a plan, a file of
# one command per line:
#
#   setup                    hostA and four peers, the module, its overlay
#   grow CONNS ENDPOINTS     fill the tables
#   shrink                   empty them again
#   run STATE ROUND CASE COLUMN OPS WARMUP MODE [SIZE]
#   slabs LABEL              print "SLAB LABEL NAME OBJECTS SIZE" for each cache

set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/topo.sh

VNI=89
# The crowd's client has addresses besides its first; its servers have 102-105.
SOURCES=(10.89.0.101 10.89.0.201 10.89.0.202 10.89.0.203)
FILES=/tmp/growth
CROWD=
ENDPOINTS=0

die()
{
	echo "growth_guest: $*" >&2
	exit 1
}

# The first of a host's containers is measured, the second takes part in the
# crowd.
setup()
{
	local host i=0 source letter

	mkdir -p $FILES
	topo_hosts 5 || die "no hosts"
	topo_overlay $VNI || die "no overlay"
	for host in "${TOPO_HOSTS[@]}"; do
		i=$((i + 1))
		letter=${host#host}
		topo_container "$host" "c${letter}1" "10.89.0.$i" ||
			die "no container"
		topo_container "$host" "c${letter}2" "10.89.0.$((100 + i))" ||
			die "no container"
	done

	modprobe ashlar_overlay || die "cannot load the module"
	# shellcheck disable=SC2119
	topo_ashlar_underlay || die "cannot configure the underlay"
	topo_ashlar $VNI default allow || die "cannot configure the network"
	for source in "${SOURCES[@]:1}"; do
		ip -n cA2 addr add "$source/24" dev eth0 || die "no address"
		for host in "${TOPO_HOSTS[@]}"; do
			if [ "$host" = hostA ]; then
				"$ASHLAR" -n hostA endpoint add $VNI "$source" \
					netns cA2 dev eth0
			else
				"$ASHLAR" -n "$host" endpoint add $VNI "$source" \
					host "${TOPO_ADDR[hostA]}"
			fi || die "no endpoint"
		done
	done
	topo_wait_live 30 || die "no peer became live"
	ip netns exec cA2 sysctl -qw net.ipv4.ip_local_port_range="1024 65535"
}

# endpoints_of HOST COUNT VERB: lines for the batch, spread over the other hosts
endpoints_of()
{
	local host hosts=

	for host in "${TOPO_HOSTS[@]}"; do
		[ "$host" = "$1" ] || hosts+=" ${TOPO_ADDR[$host]}"
	done
	awk -v n="$2" -v verb="$3" -v vni=$VNI -v hosts="$hosts" 'BEGIN {
		k = split(hosts, host, " ")
		for (i = 0; i < n; i++) {
			printf "endpoint %s %d 10.%d.%d.%d", verb, vni,
				64 + int(i / 65536), int(i / 256) % 256, i % 256
			print verb == "add" ? " host " host[i % k + 1] : ""
		}
	}'
}

batch()
{
	local host

	for host in hostA hostB; do
		endpoints_of $host "$2" "$1" >"$FILES/batch"
		"$ASHLAR" -n $host -b "$FILES/batch" || die "the batch failed"
	done
}

tunnel_packets()
{
	topo_counter hostA vx$VNI tx_packets
}

grow()
{
	local conns=$1 before letter servers=() sources line=

	ENDPOINTS=$2
	batch add "$ENDPOINTS"
	echo "# $ENDPOINTS endpoints"
	sources=$(printf '%s,' "${SOURCES[@]}")
	for letter in B C D E; do
		servers+=("c${letter}2:${TOPO_ADDR[c${letter}2]}")
	done
	before=$(tunnel_packets)
	coproc CROWD_IO {
		exec build/bench/crowd "$conns" cA2 "${sources%,}" "${servers[@]}"
	}
	CROWD=$CROWD_IO_PID
	read -r line <&"${CROWD_IO[0]}"
	[ "${line-}" = ready ] || die "the crowd did not get in"
	before=$(($(tunnel_packets) - before))
	echo "# $conns connections, $before packets in the tunnel"
	if ((before > 100 + conns / 10)); then
		"$ASHLAR" -n hostA stats show
		"$ASHLAR" -n hostB stats show
		die "connections fell back"
	fi
}

conns_left()
{
	(($("$ASHLAR" -n hostA conn show | wc -l) < 100))
}

shrink()
{
	kill "$CROWD"
	wait "$CROWD"
	batch del "$ENDPOINTS"
	topo_wait 300 conns_left || die "the connections stay"
}

run()
{
	local state=$1 round=$2 case=$3 column=$4 ops=$5 warmup=$6 before out
	local client=hostA server=hostB address

	if [ "$column" = ashlar ]; then
		client=cA1
		server=cB1
	fi
	address=${TOPO_ADDR[$server]}
	shift 6
	before=$(tunnel_packets)
	out=$(build/bench/pingpong -i 1 -c $client -s $server -n "$ops" \
		-w "$warmup" "$address" "$@") || die "$case, $column failed"
	if (($(tunnel_packets) - before > 20 + (ops + warmup) / 50)); then
		"$ASHLAR" -n hostA stats show
		die "$case, $column fell back"
	fi
	echo "RESULT $state $round $case $column $out"
	[ "$1" != crr ] || sleep 61
}

slabs()
{
	awk -v label="$1" 'NR > 2 { print "SLAB", label, $1, $2, $4 }' /proc/slabinfo
}

while read -r -a line; do
	case ${line[0]} in
	setup | grow | shrink | run | slabs)
		"${line[@]}"
		;;
	*)
		die "bad command in the plan: ${line[*]}"
		;;
	esac
done <"$1"
echo "DONE $(uname -r)"
