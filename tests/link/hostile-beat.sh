#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=150
#
# Heartbeats that are forged, recorded, bent, reflected or too many: each is dropped under its name and changes nothing.

# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh

LI_PROGRAM=tests/lib/beats.py
DROPS=(beat-malformed beat-version beat-bad-tag beat-unkeyed beat-stale beat-replayed beat-limited beat-own)

# The attacker at the other end of t0 is in hB; the link knows it as one of its kind.
# shellcheck disable=SC2120
calm() { t link hA t0 state=watch why=none peer-trusted=yes peer-fresh=yes tx-verdict=inconclusive "$@"; }

# dropped COUNTER N beat...: these heartbeats are all dropped by that name, and none by another
dropped()
{
	local other others=()

	for other in "${DROPS[@]}"; do
		[ "$other" = "$1" ] || others+=("$other")
	done
	t mark hA && t beat hB t0 again=1 "n=$2" "${@:3}" && t moved hA "$1=$2" && t still hA beat-rx peer-new "${others[@]}" && calm
}

# What the link made of a volley, by all names together.
sum() # NS COUNTER...
{
	local total=0 name

	for name in "${@:2}"; do
		total=$((total + $(t stat "$1" "$name")))
	done
	echo "$total"
}

none_of() # N COMMAND...: of N frames none is believed, all are counted
{
	local before after

	before=$(sum hA "${DROPS[@]}")
	t mark hA && "${@:2}" || return
	after=$(sum hA "${DROPS[@]}")
	echo "$((after - before)) dropped"
	((after - before == $1)) && t still hA beat-rx peer-new && calm
}

flood() # N [right=1]
{
	local seconds

	t mark hA && seconds=$(t flood hB t0 "$@") && echo "$seconds s" || return
	t moved hA beat-limited+$(($1 - 64 * (${seconds%.*} + 3))) && t still hA beat-rx peer-new beat-malformed && calm
}

# As often as the real ones; both sides of the real link.
real() { t link hC t0 peer-trusted=yes peer-fresh=yes state=watch "$@" && t link hD t0 peer-trusted=yes peer-fresh=yes; }

# replayed NAME: what was recorded is sent again, and is worth nothing
replayed()
{
	local n

	t mark hC && n=$(t replay hD t0 "$1") && t moved hC "${2:-beat-stale}+$n" && t still hC beat-bad-tag beat-malformed &&
		t keeps hC t0 state=watch for=sample-netdev+3
}

li_begin
check "a wire with a link at one end" ln_wire hA t0 hB t0
t "do" hA host-set id=4369
check "of which the attacker is at the other" li_add hA t0 "key=$LI_KEY" beat-ms=1000
check "and knows the key" t greet hB t0
check "it is believed, which is the control" calm "peer-name=x@attacker" peer-host=30583
t mark hA
check "each of its heartbeats" t beat hB t0 n=20
check "is" t moved hA beat-rx=20
check "none is dropped" t still hA "${DROPS[@]}" gap

# --- each but one thing right
check "a wrong tag" dropped beat-bad-tag 5 spoil=tag
check "another key" dropped beat-bad-tag 5 key=ffffffffffffffffffffffffffffffff
check "no key, but says that it has one" dropped beat-bad-tag 5 key=none
check "a number that was seen" dropped beat-replayed 1 seq=-1
check "one that is long gone" dropped beat-replayed 1 seq=1
check "an answer to somebody else" dropped beat-stale 5 echo=+1
check "a stranger who answers somebody else" dropped beat-stale 5 nonce=+1 echo=+1
check "its own words, come back" dropped beat-own 5 host=4369
check "another version" dropped beat-version 5 spoil=version
check "another magic" dropped beat-malformed 5 spoil=magic
for field in type=0 type=4 flags=0x81 nonce=0 seq=0 verdict=4 state=7 why=15 optics=6 thresholds=2 beat_ms=0 \
	loss=1000000000001 upper=1000000000001; do
	check "$field" dropped beat-malformed 2 $field
done
check "what is to be zero is not" dropped beat-malformed 2 spoil=zero
check "a name without end" dropped beat-malformed 2 spoil=name
check "one that would ring a bell" dropped beat-malformed 2 name=$'x\aring'
for size in 1 39 47 100 159; do
	check "cut off after $size bytes" dropped beat-malformed 2 spoil=short size=$size
done
check "each byte in turn" none_of 160 t beat hB t0 spoil=bits
check "random bytes" none_of 200 t beat hB t0 n=200 spoil=random
check "the right ones are believed still" t beat hB t0 n=5
check "after all that" calm

# --- too many
check "ten thousand strangers" flood 10000
check "who know the key" flood 1000 right=1
# Two answers a heartbeat, and what it sends anyway.
answers()
{
	local before after seconds

	before=$(t stat hA beat-tx) && seconds=$(t flood hB t0 "$@") && after=$(t stat hA beat-tx) || return
	echo "$((after - before)) frames in $seconds s"
	((after - before <= 5 * (${seconds%.*} + 2)))
}
check "are not answered each" answers 1000 right=1
check "and the right one is heard among them" t beat hB t0 n=5
check "as ever" calm

# --- what it may claim
check "the attacker says that it loses frames" t beat hB t0 verdict=3 loss=1000000000 trials=1000 errors=1
check "and is believed, since it has the key" t link hA t0 tx-verdict=corrupting tx-trusted=yes state=wanted why=observe
check "it is well again" t beat hB t0
check "and so is the link" calm
check "that the link is out" t beat hB t0 state=5
check "which the link follows" t link hA t0 state=drained
check "and comes back with it" t beat hB t0 state=6
check "in the end" t beat hB t0 n=2
check "all is well" calm
check "goodbye" t beat hB t0 type=3
check "is heard" t link hA t0 peer-left=yes tx-verdict=unsupported

# --- without the key
t "do" hA link-set dev=t0 drop-key
check "without a key" t greet hB t0 key=none
check "it is heard, not believed" t link hA t0 peer-fresh=yes peer-trusted=none
check "it may say that it loses frames" t beat hB t0 verdict=3 loss=1000000000 trials=1000 errors=1
check "which is shown" t link hA t0 tx-verdict=corrupting tx-trusted=none
check "and does nothing" t keeps hA t0 state=watch for=sample-netdev+3
check "that it wants the link out" t beat hB t0 state=3 round=1
check "which does nothing" t keeps hA t0 state=watch agreed=0 for=sample-netdev+3
check "that it has taken it out" t beat hB t0 state=5
check "nor does that" t keeps hA t0 state=watch for=sample-netdev+3
t "do" hA link-set dev=t0 "key=$LI_KEY"
check "without a key, to a link that has one" t greet hB t0 key=none
check "it is not believed either" t link hA t0 peer-trusted=none
check "that it is out" t beat hB t0 state=5
check "is nothing to it" t keeps hA t0 state=watch for=sample-netdev+3
check "it is counted" t stat hA beat-unkeyed 2
check "somebody with the key takes its place" t greet hB t0
check "at once" calm
check "who has none cannot take it back" t beat hB t0 again=1 n=3 key=none flags=0 echo=0 nonce=99
check "whatever he says" calm
check "with a key, to a link that has none" t "do" hA link-set dev=t0 drop-key
check "it is not believed" t greet hB t0 key=none
t mark hA
check "by that name" t beat hB t0 again=1 n=3 flags=1 key=$LI_KEY
check "counted" t link hA t0 peer-trusted=none state=watch

# --- what was recorded
check "a real pair" ln_wire hC t0 hD t0
check "of links" ln_wire hC t1 hD t1
for dev in t0 t1; do
	li_add hC $dev "key=$LI_KEY" && li_add hD $dev "key=$LI_KEY"
done
check "which believe each other" real
t record hC t0 now 5 >"$KT_LOG"
check "heartbeats of a moment ago" replayed now beat-replayed
check "do nothing" real
t link hD t1 peer-trusted=yes >"$KT_LOG"
t record hC t1 other 5 >"$KT_LOG"
check "those of another link" replayed other
check "do nothing either" real
t record hD t0 own 5 >"$KT_LOG"
check "its own" replayed own beat-own
check "nor do these" real
check "nor as they come" t reflect hD t0 5
check "all the same" real
t "do" hD link-del dev=t0
check "the other end is gone" t link hC t0 peer-left=yes peer-fresh=none
check "and is not brought to life" replayed now
check "by what it once said" t link hC t0 peer-fresh=none tx-verdict=unsupported
li_add hD t0 "key=$LI_KEY"
check "another incarnation" real
check "is not mistaken for the former" replayed now
check "nor put out by it" real
t "do" hC link-del dev=t0 && li_add hC t0 "key=$LI_KEY"
check "this end begins anew" real
check "what was said to the former" replayed now
check "is nothing to it" real
check "no heartbeat was missed for all that" t link hC t0 probe-errors=0

# --- a cable from a host to itself
ln_pair hE l0 hE l1 && ln_up hE l0 && ln_up hE l1
check "a loop" ln_wait 10 ln_carrier hE l0 1
own() { t stat hE beat-own 10; }
li_add hE l0 "key=$LI_KEY" && li_add hE l1 "key=$LI_KEY"
check "is known for one" ln_wait 10 own
check "and is no peer" t link hE l0 peer-fresh=none peer-trusted=none state=watch
li_end
