#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# The policer that ships, hosted, between real programs: what each source gets of what it sends, against a bucket that
# the sender keeps itself; what others notice of it; and what packets get when it fails or goes.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/ext_net.sh

SENT=0 MODEL=0 TOOK=0 GOT=0 SEEN=0

# enum policer_count of extensions/policer/policer.h; values of "rate_counts": packets, bytes within; over
UNLIMITED=0 DROPPED=1 MARKED=2
DROP=1 MARK=2

# The router hears more than what is sent here: IPv6 speaks of its own accord.
moved() { ex_wait 20 en_moved "$@"; }
rate() { r map set policer rates "$1" "$2"; }
same() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
counted() { en_list policer rate_counts | jq -c ".[$1 * 4:$1 * 4 + 4]"; }

# pours COUNT SIZE EVERY RATE BURST [NS ADDR WORD...]: sends to the server, by a bucket that is full; sets SENT, MODEL
# (what one at the sender lets pass), TOOK (us), GOT
pours()
{
	local ns=${6:-xA} addr=${7:-10.2.1.2} sink=sink

	[[ $addr != *:* ]] || sink=sink6
	t got $sink >"$KT_LOG.got"
	sleep 0.5
	SENT=$1
	SEEN=$(seen)
	read -r MODEL TOOK <<<"$(t pour "$ns" "$addr" 6000 "$2" "$1" "$3" "$4" "$5" "${@:8}")"
	GOT=0
	ex_wait 60 arrived $sink
	echo "$SENT sent in $TOOK us, $GOT came; a bucket at the sender lets $MODEL pass"
}

# What the policer has judged.
seen()
{
	local rates

	rates=$(en_list policer rate_counts | jq '[range(0; length; 4) as $i | .[$i] + .[$i + 2]] | add')
	echo $((rates + $(en_count policer counts $UNLIMITED)))
}

# All were judged, and nothing more comes.
arrived()
{
	local n

	[ "$(seen)" -ge $((SEEN + SENT)) ] || return
	read -r n _ <<<"$(t got "$1")"
	GOT=$((GOT + n))
	[ "$n" = 0 ]
}

# holds RATE BURST SIZE: what came is what the rate allows (SIZE is a whole packet's): never more, and nearly all that
# the sender's own bucket allows. Two packets and 2 %, since a packet is judged a little after it is sent.
holds()
{
	echo "$((GOT * $3)) bytes of $(($1 * TOOK / 1000000 + $2)) came, $GOT of $MODEL packets"
	((GOT * $3 <= ($1 * TOOK / 1000000 + $2) * 102 / 100 + 2 * $3)) && ((GOT * 100 >= MODEL * 95))
}

en_begin policer
check "a router between clients and a server" en_net
check "servers" t sink sink xS1 10.2.1.2 6000
t sink sink6 xS1 fd00:2:1::2 6000
check "IPv6 addresses of one network" ip -n xA addr add fd00:1:1::3/64 dev e0 nodad
for port in 5201 5202 5203; do
	kt_serve xS1 iperf3 $port
done

check "it stands in the way" en_on policer accept police prerouting -
en_mark policer
check "without a rate" pours 200 972 500 1000000 1000000
check "all comes" same "$GOT" 200
check "and is counted" moved $UNLIMITED=200+
check "a rate is written: 50 kB a second, 20 kB at once" rate 3 "$(en_rate 10.1.0.0/16 50000 20000 $DROP)"
en_mark policer
check "it holds from the commit on" pours 200 972 500 1000000 1000000
check "not before" same "$GOT" 200
check "nobody counted otherwise" moved $UNLIMITED=200+
check "one rate" en_commit policer 1

# --- what one source gets
en_mark policer
check "ten times as much as the rate" pours 1000 972 2000 50000 20000
check "is cut to it" holds 50000 20000 1000
lost=$((SENT - GOT))
check "the counters know each packet" same "$(counted 3)" "[$GOT,$((GOT * 1000)),$lost,$((lost * 1000))]"
check "what was over was dropped" moved $DROPPED=$lost $UNLIMITED=0+
check "the rate was cut, not more: control" test "$GOT" -lt $((SENT / 2)) -a "$GOT" -gt 20
check "below the rate" pours 100 472 20000 50000 20000
check "nothing is lost" same "$GOT" 100

# --- what others notice
flood() { kt_start ip netns exec xC iperf3 -c 10.2.1.2 -p "$1" -u -b 8M -l 972 -t 3600; }
received() { ip netns exec xR cat /sys/class/net/xC/statistics/rx_packets; }
grown() { [ "$(received)" -gt "$1" ]; }
before=$(received)
flood 5201
check "another source sends far more than it may" ex_wait 60 grown $((before + 500))
check "this one, of the same rate, below it" pours 100 472 20000 50000 20000
check "does not notice" same "$GOT" 100
check "while the other was over it" grown $((before + 600))
kill "${KT_PIDS[-1]}"
check "a rate of its own for one network of these" rate 4 "$(en_rate 10.1.2.0/24 200000 40000 $DROP)"
check "two rates" en_commit policer 2
check "the longer prefix decides" pours 1000 972 1000 200000 40000 xC
check "so much it gets" holds 200000 40000 1000
check "and the first its own" pours 400 972 2500 50000 20000
check "as before" holds 50000 20000 1000
check "what servers send has no rate" ip netns exec xS1 ping -q -n -c 5 -i 0.1 -s 1000 10.1.1.2

# --- TCP, whose large segments are cut later
check "TCP" sh -c "ip netns exec xC iperf3 -c 10.2.1.2 -p 5202 -t 6 -J >$KT_LOG.tcp"
bits=$(jq '.end.sum_received.bytes * 8 / .end.sum_received.seconds | floor' "$KT_LOG.tcp")
echo "# $bits bits a second"
check "gets along with its rate" test "$bits" -gt 200000
check "and does not get more" test "$bits" -lt $((200000 * 8 * 5 / 4))

# --- IPv6: a source is a /64
check "a rate for IPv6" rate 0 "$(en_rate ::/0 20000 60000 $DROP)"
en_commit policer 3 >"$KT_LOG"
since=${EPOCHREALTIME/./}
check "as much as is there at once, and more" pours 200 952 500 20000 60000 xA fd00:2:1::2 from=fd00:1:1::2
check "is cut" holds 20000 60000 1000
t pour xA fd00:2:1::2 6000 952 100 500 20000 60000 from=fd00:1:1::3 >"$KT_LOG"
read -r GOT _ <<<"$(t got sink6)"
took=$((${EPOCHREALTIME/./} - since))
echo "# another address: $GOT came, $took us after the first"
check "another address of the network has little left" test $((GOT * 1000)) -le $((20000 * took / 1000000 + 2000))
check "another network" pours 55 952 1000 20000 60000 xC fd00:2:1::2
check "has its own" same "$GOT" 55
rate 0 "$(en_rate ::/0 1000 1 0)"

# --- mark instead of drop
rate 3 "$(en_rate 10.1.0.0/16 50000 20000 $MARK 0 7)"
en_commit policer 2 >"$KT_LOG"
check "what is over may be marked" ip -n xR rule add fwmark 7 blackhole
en_mark policer
pours 500 972 2000 50000 20000 >"$KT_LOG"
check "and routed by that" holds 50000 20000 1000
check "each of them" moved $MARKED=$((SENT - GOT)) $UNLIMITED=0+
ip -n xR rule del fwmark 7
pours 300 972 2000 50000 20000 >"$KT_LOG"
check "else it passes" same "$GOT" 300

# --- what the operator may not write
rate 3 "$(en_rate 10.1.0.0/16 50000 20000 $DROP)"
en_commit policer 2 >"$KT_LOG"
check "a rate of nothing" rate 9 "$(en_rate 10.3.0.0/16 10 20000 $DROP)"
check_fails "is refused at the commit" "Invalid argument|the extension refused" r ext request policer entry commit
pours 300 972 2000 50000 20000 >"$KT_LOG"
check "the others hold" holds 50000 20000 1000
rate 9 "$(en_rate 10.3.0.0/16 10 1 0)"

# --- failure, and the end
check "the operator takes it out" r ext quarantine policer
t got sink >"$KT_LOG"
t pour xA 10.2.1.2 6000 972 300 1000 1 1 >"$KT_LOG"
all() { read -r GOT _ <<<"$(t got sink)"; TOTAL=$((TOTAL + GOT)); [ $TOTAL = 300 ]; }
TOTAL=0
check "then all pass, as was said" ex_wait 20 all
check "that is counted" test "$(en_stat policer failed-accepted)" -ge 300
check "restarted" r ext restart policer
pours 500 972 2000 50000 20000 >"$KT_LOG"
check "the rates hold at once" holds 50000 20000 1000
flood 5203
before=$(received)
check "packets come" ex_wait 60 grown $((before + 200))
check "it goes meanwhile" en_off policer
before=$(received)
check "they go on" ex_wait 60 grown $((before + 200))
check "it comes back meanwhile" en_on policer accept police prerouting -
sees() { [ "$(en_count policer counts $UNLIMITED)" -gt 100 ]; }
check "and sees them" ex_wait 20 sees
kill "${KT_PIDS[-1]}"
en_off policer >"$KT_LOG"
check "the kernel does not mind" ex_untainted
ex_end
