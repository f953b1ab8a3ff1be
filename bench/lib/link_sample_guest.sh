#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench/lib/link_sample_guest.sh PLAN, a file that says LINKS SECONDS: in the VM
# that counts instructions, what it costs to monitor LINKS links (both ends of LINKS / 2
# wires) at the default intervals, with a key: the sampling alone, and with a
# heartbeat a second sent and received for each. Prints
#
#   BUSY without|sampling|beats MICROSECONDS SECONDS
#                                             time that the processor was not idle
#   RTNL NANOSECONDS                          the longest hold of rtnl
#   LINKS N                                   how many were monitored
#   SAMPLES NETDEV ETHTOOL OPTICS BEATS       what was done while sampling alone
#   BEATS N                                   received in the last of the three

set -u
cd "$(dirname "$0")/../.." || exit 1

read -r LINKS SECONDS_EACH <"$1"
KEY=$(mktemp)
BATCH=$(mktemp)

die()
{
	echo "link_sample_guest: $*" >&2
	exit 1
}

# Idle time is exact, because the tick is off while nothing runs.
idle_us()
{
	local idle

	read -r _ idle </proc/uptime
	echo $((${idle/./} * 10000))
}

# busy LABEL: for so long nothing happens but what happens by itself
busy()
{
	local idle from to

	idle=$(idle_us)
	from=${EPOCHREALTIME/./}
	sleep "$SECONDS_EACH"
	to=${EPOCHREALTIME/./}
	idle=$(($(idle_us) - idle))
	echo "BUSY $1 $((to - from - idle)) $(((to - from) / 1000000))"
}

wires()
{
	local i

	for ((i = 0; i < LINKS / 2; i++)); do
		echo "link add name w$i type testnic"
		echo "link set w$i up"
		echo "link set w${i}p up"
	done
}

links()
{
	local i

	for ((i = 0; i < LINKS / 2; i++)); do
		echo "link $1 w$i $2"
		echo "link $1 w${i}p $2"
	done
}

# Two ends on one host would be a loop, so the far ends get a host of their own.
far()
{
	local i

	ip netns add far || return
	for ((i = 0; i < LINKS / 2; i++)); do
		echo "link set w${i}p netns far"
	done | ip -batch - || return
	for ((i = 0; i < LINKS / 2; i++)); do
		echo "link set w${i}p up"
	done | ip -n far -batch -
}

counters()
{
	local ns

	for ns in "" "-n far"; do
		# shellcheck disable=SC2086
		ashlar $ns -j stats show link | jq -r '[."sample-netdev", ."sample-ethtool", ."sample-optics", ."beat-rx"] | @tsv'
	done | awk '{ a += $1; b += $2; c += $3; d += $4 } END { print a, b, c, d }'
}

echo 000102030405060708090a0b0c0d0e0f >"$KEY"
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
modprobe ashlar_testnic || die "no test NIC"
modprobe ashlar_link || die "no module"
wires | ip -batch - || die "no wires"
far || die "no far end"
sleep 5
busy without
# told VERB WORDS: to all links
told()
{
	links "$@" >"$BATCH"
	grep -v 'w[0-9]*p' "$BATCH" >"$BATCH.near"
	grep 'w[0-9]*p' "$BATCH" >"$BATCH.far"
	if ! ashlar -b "$BATCH.near" || ! ashlar -n far -b "$BATCH.far"; then
		die "cannot $1 the links"
	fi
	# Sessions begin, optics are read for the first time.
	sleep 10
}

told add "key-file $KEY beat 60000"
before=$(counters)
busy sampling
after=$(counters)
told set "beat 1000"
beats=$(counters)
busy beats
beats=$(($(counters | cut -d' ' -f4) - $(cut -d' ' -f4 <<<"$beats")))
echo "SAMPLES $(paste -d' ' <(echo "$before" | tr ' ' '\n') <(echo "$after" | tr ' ' '\n') | awk '{ printf "%d ", $2 - $1 }')"
echo "BEATS $beats"
echo "LINKS $(($(ashlar -j link show | jq length) + $(ashlar -n far -j link show | jq length)))"
echo "RTNL $( (ashlar -j host show; ashlar -n far -j host show) | jq -s 'flatten | map(."rtnl-max-ns") | max')"
