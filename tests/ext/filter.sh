#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# The filter that ships, hosted, between real programs: what its rules let pass and what they do not, connections and
# their end, tables that are full, fragments, and what packets get when it fails or goes.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/ext_net.sh

# enum filter_count of extensions/filter/filter.h
KNOWN=0 NEW=1 RELATED=2 FRAGMENT=4 DENIED=6 REVOKED=7 INVALID=8 UNRELATED=9 LOST=10 MALFORMED=11
POLICY=128
OPENING=8192

ask() { t ask xA 10.2.1.2 "$@"; }
pings() { ip netns exec xA ping -q -n -c "${2:-1}" -i 0.1 -W 3 -s "${3:-56}" "$1"; }
pings_not() { ! ip netns exec xA ping -q -n -c 1 -W 1 -s "${2:-56}" "$1"; }
rule() { echo "map set filter rules $1 $(en_rule "${@:2}")"; }
# Words for the tool, which takes many lines at once: processes cost much.
tell() { r -b -; }
# settings POLICY UDP-SECONDS UNANSWERED-SECONDS
settings()
{
	r map set filter settings 0 \
		"$(en_word "$(printf %02x "$1")" 000000 "$(en_le32 0)" "$(en_le32 "$2")" "$(en_le32 "$3")")"
}
# Packets may still be on their way.
moved() { ex_wait 20 en_moved "$@"; }

# Whether the server may still speak to the client, which it may as long as the question lives.
too_late() { sleep 2.2 && t late one xA 10.1.1.2 4300; }
same() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }

# Everything that the hook saw has its counter, and the instance's own say the same.
agree()
{
	same "$(en_counts filter counts)" $(($(en_stat filter accepted) + $(en_stat filter dropped)))
}

en_begin filter
check "a router between clients and servers" en_net
check "servers" t udp one xS1 10.2.1.2 5000
t sink away xS1 10.2.1.2 5002
t udp two xS1 10.2.1.2 5001
t udp six xS1 fd00:2:1::2 5000
t tcp lines xS1 10.2.1.2 7000
t tcp back xA 10.1.1.2 7000
kt_serve xS1 nginx

# --- the policy
check "without the filter all pass" en_get xA http://10.2.1.2/page
check "it is loaded and stands in the way" en_on filter drop filter forward -
check "nobody passes without a rule" pings_not 10.2.1.2
check "it is the policy that says so" same "$(en_count filter rule_counts $POLICY)" 1
check "by IPv6, too" pings_not fd00:2:1::2
check_fails "nor by TCP" "000" en_get xA http://10.2.1.2/page 2
{
	rule 5 src=10.1.1.0/24 family=4 proto=6 dport=80-80
	rule 6 src=10.1.1.0/24 family=4 proto=17 dport=5000-5000
	rule 7 family=4 proto=1 dport=2048-2048
	rule 8 family=6 src=fd00:1:1::/64 dst=fd00:2:1::2/128
	rule 9 src=10.1.1.0/24 family=4 proto=6 dport=7000-7000
	rule 10 src=10.1.1.0/24 family=4 proto=17 dport=5002-5002
} >"$KT_LOG.batch"
check "rules are written" tell <"$KT_LOG.batch"
check "which holds from the commit on, not before" pings_not 10.2.1.2
check "six rules" en_commit filter 6

# --- what rules say
en_mark filter
check "a ping passes" pings 10.2.1.2 5
check "its packets are counted" moved $NEW=1 $KNOWN=9
check "a page comes" en_get xA http://10.2.1.2/page
check_fails "not to another network" "000" en_get xC http://10.2.1.2/page 2
check "a datagram is answered" ask 5000 4000
en_mark filter
check_fails "not at another port" "nobody" ask 5001 4001 timeout=1
check "it was denied" moved $DENIED=1
check_fails "nor to another network's" "nobody" t ask xC 10.2.1.2 5000 4002 timeout=1
en_mark filter
check_fails "the server begins nothing" "nobody" t connect wrong xS1 10.1.1.2 7000 timeout=1
check "but is denied" moved $DENIED=1+
check "IPv6 passes by its own rule" t ask xA fd00:2:1::2 5000 4000
check "a ping, too" pings fd00:2:1::2
check_fails "from nowhere else" "nobody" t ask xC fd00:2:1::2 5000 4000 timeout=1
before=$(en_count filter rule_counts 5)
check "each connection counts with its rule" en_get xA http://10.2.1.2/page
check "once" same "$(en_count filter rule_counts 5)" $((before + 1))

# --- state
en_mark filter
t tcpraw xA 10.1.1.2 10.2.1.2 4100 80 0x10
t tcpraw xA 10.1.1.2 10.2.1.2 4101 80 0x12
t tcpraw xA 10.1.1.2 10.2.1.2 4102 80 0x06
check "TCP that begins in its middle, by an answer, by nonsense" moved $INVALID=3 $KNOWN=0+
en_mark filter
t raw xA 10.1.1.2 10.2.1.2 6 0fa00050
check "a header that is cut off" moved $MALFORMED=1
check_fails "an answer that nobody asked for" "did not come" t late one xA 10.1.1.2 4200
check "a question" t held question xA 10.2.1.2 5000 4201
en_mark filter
t raw xA 10.1.1.2 10.2.1.2 1 "03030000000000004500001c00010000401100000a0201020a0101021388106900080000"
check "an error about it passes" moved $RELATED=1
en_mark filter
t raw xA 10.1.1.2 10.2.1.2 1 "03030000000000004500001c00010000401100000a0201020a0101021389106900080000"
check "about another, it does not" moved $UNRELATED=1
t close one
check_fails "a port where nobody listens is told" "ECONNREFUSED" t say question
t close question
t udp one xS1 10.2.1.2 5000

# --- connections end
check "a question is answered" ask 5000 4299
check "the server may speak as long as it is known" t late one xA 10.1.1.2 4299
check "short timeouts" settings 0 2 1
check "hold" en_commit filter 6
check "a question is answered in time" ask 5000 4300
check_fails "later nobody may answer" "did not come" too_late
en_mark filter
check "the same ends again" ask 5000 4300
check "are a new connection" moved $NEW=1 $KNOWN=1
settings 0 0 0
en_commit filter 6 >"$KT_LOG"
check "a long one" t connect long xA 10.2.1.2 7000
check "its rule goes" tell < <(rule 9 action=0)
check "it goes on before the commit" t say long
en_commit filter 5 >"$KT_LOG"
en_mark filter
check_fails "and not after it" "nobody" t say long timeout=1
check "new rules end it" moved $REVOKED=1 $INVALID=1+
t close long
rule 9 src=10.1.1.0/24 family=4 proto=6 dport=7000-7000 | tell
en_commit filter 6 >"$KT_LOG"

# --- what the operator may not write
check "a rule that makes no sense" r map set filter rules 3 "hex:$(printf '%064d' 0)2800040001000000$(printf '%032d' 0)"
check_fails "is refused at the commit" "Invalid argument|the extension refused" r ext request filter entry commit
check "the others hold" ask 5000 4400
r map set filter rules 3 "hex:$(printf '%0112d' 0)"
check "gone, it is no matter" en_commit filter 6

# --- fragments
if en_joins; then
	FRAGMENTS=() LATE=() DENIED_FIRST=() PASSED_FIRST=("$NEW=1")
else
	FRAGMENTS=("$FRAGMENT=4") LATE=("$LOST=1") DENIED_FIRST=("$DENIED=1" "$LOST=1") PASSED_FIRST=("$NEW=1" "$LOST=1")
fi
en_mark filter
check "a ping in three fragments" pings 10.2.1.2 1 4000
check "the later ones go as the first" moved $NEW=1 $KNOWN=1 "${FRAGMENTS[@]}"
en_mark filter
check "by IPv6" pings fd00:2:1::2 1 4000
check "as well" moved $NEW=1 $KNOWN=1 "${FRAGMENTS[@]}"
en_mark filter
t raw xA 10.1.1.2 10.2.1.2 17 "$(printf '%064d' 0)" frag=64 id=77
check "one whose first was not seen" moved "${LATE[@]}"
en_mark filter
t raw xA 10.1.1.2 10.2.1.2 17 "0fa013890050000000000000" frag=0+ id=78
t raw xA 10.1.1.2 10.2.1.2 17 "$(printf '%064d' 0)" frag=64 id=78
check "one whose first was denied" moved "${DENIED_FIRST[@]}"
en_mark filter
t raw xA 10.1.1.2 10.2.1.2 17 "0fa113880050000000000000" frag=0+ id=79
t raw xA 10.1.1.2 10.2.1.2 17 "$(printf '%064d' 0)" frag=8 id=79
check "one that would overwrite what was judged" moved "${PASSED_FIRST[@]}"

# --- a full table
check "a connection" t connect long xA 10.2.1.2 7000
en_mark filter
check "more openings than there is room for" t flood xA 10.1.1.2 10.2.1.2 5002 $((OPENING + 1000))
check "find room all the same" moved $NEW=$((OPENING + 1000))
entries=$(r -j map show filter opening | jq '.[0].entries')
check "the table is full, not fuller" test "$entries" -le $OPENING -a "$entries" -gt $((OPENING / 2))
check "what is established is not pushed out" t say long
check "new ones come in" t ask xA 10.2.1.2 5000 4500
check "nothing was counted twice, and nothing not" ex_wait 20 agree

# --- failure, and the end
check "the operator takes it out" r ext quarantine filter
check_fails "nothing passes, as was said" "nobody" t say long timeout=1
check "new ones neither" pings_not 10.2.1.2
check "that is counted" test "$(en_stat filter failed-dropped)" -gt 0
check "restarted" r ext restart filter
check "the connection is known: tables outlive an instance" t say long
check "the rules are, too" ask 5000 4600
check_fails "and no more than they" "nobody" ask 5001 4601 timeout=1
traffic()
{
	while ip netns exec xA curl -s -o /dev/null --max-time 60 http://10.2.1.2/page; do
		echo .
	done >"$KT_LOG.pages"
}
traffic &
KT_PIDS+=("$!")
pages() { [ "$(wc -l <"$KT_LOG.pages")" -ge "$1" ]; }
check "pages come" ex_wait 60 pages 3
check "it goes meanwhile" en_off filter
seen=$(wc -l <"$KT_LOG.pages")
check "they go on" ex_wait 60 pages $((seen + 3))
check "what was denied passes now" ask 5001 4700
check "it comes back meanwhile, to let pass if it fails" en_on filter accept filter forward -
r ext quarantine filter
check "then all pass" ask 5001 4701
check "which is counted" test "$(en_stat filter failed-accepted)" -gt 0
kill "${KT_PIDS[-1]}"
en_off filter >"$KT_LOG"
check "the kernel does not mind" ex_untainted
ex_end
