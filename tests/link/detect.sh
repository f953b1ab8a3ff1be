#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=240 soak=debug
#
# What is corruption, from 1e-3 down to 1e-7, by each stream of evidence, and is seen at both ends; and what is none:
# congestion, a stray error, a burst, counters that wrap, start anew or are not there, a carrier that comes and goes.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh

LOOKS=sample-ethtool+8

# anew: nothing is known of the link, and the line is idle and clean
forget()
{
	local end

	for end in hA hB; do
		ln_nic $end t0 fcs_ppm 0 fcs_every 0 loss_every 0 missed_ppm 0 dropped_ppm 0 rate \
			"rx_frames=0 rx_fcs=0 fec_corrected=0 fec_uncorrectable=0 rx_missed=0 rx_dropped=0" || return
	done
	# What was there before is read before it is forgotten.
	t keeps hB t0 for=sample-ethtool+2 && t keeps hB t0 for=sample-netdev+3 &&
		t "do" hA link-forget dev=t0 && t "do" hB link-forget dev=t0 &&
		t link hA t0 state=watch rx-verdict=inconclusive tx-verdict=inconclusive &&
		t link hB t0 state=watch rx-verdict=inconclusive tx-verdict=inconclusive
}

anew() { forget >"$KT_LOG" 2>&1 || kt_bail "the link cannot be made anew"; }

# found LOSS STREAM: B receives it and knows, to within a factor of 3; A is told
found()
{
	t link hB t0 rx-verdict=corrupting "rx-stream=$2" "rx-lower<=$(($1 * 3))" "rx-upper>=$(($1 / 3))" timeout=40 &&
		t link hA t0 tx-verdict=corrupting tx-trusted=yes "tx-loss>$(($1 / 10))"
}

# The other direction of the same link.
other() { t link hA t0 'rx-verdict!=corrupting' && t link hB t0 'tx-verdict!=corrupting'; }

# fine [CONDITION]...: B finds nothing, however often it looks
fine() { t keeps hB t0 'rx-verdict!=corrupting' "$@" "for=${MORE:-$LOOKS}" && t link hA t0 'tx-verdict!=corrupting'; }

flood()
{
	kt_start tests/lib/frames.py hA t0 2000000
	FLOOD=${KT_PIDS[-1]}
}

end_flood() { kill "$FLOOD" && wait "$FLOOD"; true; }

step() { ln_nic hB t0 step "$1"; }

# steps N WORDS: that often, each in a reading of its own
steps()
{
	local n=$1

	while ((n--)); do
		step "$2" && t keeps hB t0 for=sample-ethtool+2 || return
	done
}

flaps()
{
	local n

	for ((n = 0; n < 5; n++)); do
		ln_nic hB t0 signal 0 && step "rx_fcs=50 rx_frames=100" && ln_nic hB t0 signal 1 &&
			step "rx_fcs=50 rx_frames=100" && ln_wait 10 ln_carrier hB t0 1 &&
			t keeps hB t0 'rx-verdict!=corrupting' for=sample-ethtool+3 || return
	done
}

li_begin
check "a wire" ln_wire hA t0 hB t0
check "one end alone" li_add hA t0 "key=$LI_KEY"
check "knows nothing of the other direction" t link hA t0 tx-verdict=unsupported peer-fresh=none rx-verdict=inconclusive
check "the other" li_add hB t0 "key=$LI_KEY"
check "they believe each other" t link hA t0 peer-trusted=yes tx-verdict=inconclusive
check "both" t link hB t0 peer-trusted=yes "peer-name~t0@" fcs-support=yes fec-support=yes
t watch hA hB

# --- real frames
ln_nic hB t0 seed 1 fcs_ppm 1000
flood
check "one frame in a thousand is found" found 1000000000 fcs
end_flood
check "the other direction is clean" other
check "an event has told it" t event hB dev=t0 event=verdict rx-verdict=corrupting
check "at the other end as well" t event hA dev=t0 event=verdict tx-verdict=corrupting
check "it is not acted upon" t link hB t0 state=wanted why=observe
check_fails "a wrong rate would be noticed" "rx-lower is|rx-upper is" \
	t link hB t0 rx-verdict=corrupting "rx-lower>100000000000" timeout=1
check "what is forgotten is forgotten" forget
ln_nic hB t0 seed 2 fcs_ppm 100
flood
check "one in ten thousand" found 100000000 fcs
end_flood
check "in one direction" other

# --- the rates of a busy line
for rate in "1000000 5" "10000000 6" "100000000 7"; do
	anew
	ln_nic hB t0 rate "rx_frames=${rate% *} rx_fcs=10"
	check "a loss of 1e-${rate#* }" found $((10 ** (12 - ${rate#* }))) fcs
	check "of 1e-${rate#* }, not in the other direction" other
done
anew
ln_nic hB t0 speed 800000 rate "rx_frames=1000000000 rx_fcs=3"
MORE=sample-ethtool+25
check "3e-9 is within what a link may lose" fine
MORE=
check "though there were errors" t link hB t0 "fcs-errors>5"
check "and it is healthy" t link hB t0 rx-verdict=healthy
check "as the other end knows" t link hA t0 tx-verdict=healthy
ln_nic hB t0 speed 100000

# --- other streams
anew
ln_nic hB t0 rate fec_corrected=1000000
check "what FEC corrects is no loss" fine "fec-errors=0"
check "and its codewords are proof of health" t link hB t0 fec-verdict=healthy rx-verdict=healthy rx-stream=fec
ln_nic hB t0 rate "fec_corrected=1000000 fec_uncorrectable=20"
check "what it cannot correct is" found 1000000 fec
check "not in the other direction" other

for end in hA hB; do
	ln_nic $end t0 no_mac 1 no_phy 1 no_fec 1 no_crc 1
done
anew
check "a device without counters is no healthy one" t link hB t0 fec-support=no probe-support=yes
li_good hB t0
MORE=sample-netdev+30
check "however many frames it receives" fine 'rx-verdict!=healthy' 'fcs-verdict!=healthy'
MORE=
li_quiet hB t0
ln_nic hB t0 loss_every 5
check "but heartbeats are missed" t link hB t0 rx-verdict=corrupting rx-stream=probe timeout=40
check "as the other end hears" t link hA t0 tx-verdict=corrupting tx-trusted=yes
check "which misses none" other
check "they are counted" t stat hB gap 3
ln_nic hB t0 loss_every 0

ln_nic hB t0 no_mac 3
anew
check "a driver that tells of nothing but errors" steps 3 "rx_fcs=5 rx_frames=100000"
check "is believed" t link hB t0 rx-verdict=corrupting rx-stream=fcs "fcs-trials>=300000"
ln_nic hB t0 no_mac 1 no_crc 0
anew
check "one with netdev counters alone" steps 3 "rx_fcs=5 rx_frames=100000"
check "as well" t link hB t0 rx-verdict=corrupting rx-stream=fcs fcs-support=yes
anew
ln_nic hB t0 rate rx_frames=100000000
check "and is healthy, since they were seen to move" t link hB t0 fcs-verdict=healthy rx-verdict=healthy
ln_nic hB t0 no_crc 1

# --- congestion
for ppm in 10000 300000 800000; do
	anew
	ln_nic hB t0 missed_ppm $ppm dropped_ppm $ppm
	MORE=sample-netdev+40
	check "of a million frames $ppm are missed and dropped: congestion" fine
	MORE=
done
check "which is shown as such" t link hB t0 "rx-drops>0" 'rx-verdict!=corrupting'
ln_nic hB t0 missed_ppm 0 dropped_ppm 0
anew
check "a queue of the other end drops what it took" tc -n hA qdisc replace dev t0 root netem loss 30%
MORE=sample-netdev+40
check "which its device does not count, and is congestion" fine
MORE=
check "as is told" t link hB t0 "tx-drops>0"
check "the queue is whole again" tc -n hA qdisc del dev t0 root
anew
ln_nic hB t0 rate "rx_missed=100000 rx_dropped=100000 rx_frames=100000"
check "as are drops of other frames" fine
ln_nic hB t0 rate "rx_missed=0 rx_dropped=0 rx_frames=0" loss_every 5
check "when it is over, heartbeats are missed again" t link hB t0 rx-verdict=corrupting rx-stream=probe timeout=40
for end in hA hB; do
	ln_nic $end t0 no_mac 0 no_phy 0 no_fec 0 no_crc 0
done

# --- what is not enough
anew
step "rx_fcs=1 rx_frames=1"
check "one stray error in a quiet hour" fine
check "is known" t link hB t0 fcs-errors=1 fcs-events=1
anew
step "rx_fcs=100000 rx_frames=100000"
check "a burst of errors in one reading" fine
check "is known, too" t link hB t0 fcs-errors=100000 fcs-events=1
check "a second one" steps 1 "rx_fcs=100000 rx_frames=100000"
check "is still no verdict" fine
check "the third is" steps 1 "rx_fcs=100000 rx_frames=100000"
check "corruption" t link hB t0 rx-verdict=corrupting

# --- counters as drivers have them
anew
t mark hB
step "rx_frames=50000000 rx_fcs=0"
t keeps hB t0 for=sample-ethtool+2
ln_nic hB t0 reset 1
check "counters that start anew" t moved hB counter-reset+1
check "are no corruption" fine
check "nor are errors that came with it" ln_nic hB t0 rx_fcs 1000000000000
check "from nowhere" fine fcs-errors=0
ln_nic hB t0 reset 1 width 32 rx_frames 4294000000
anew
t mark hB
check "a counter of 32 bits wraps" steps 2 "rx_frames=2000000 rx_fcs=0"
check "and is not taken for one that starts anew" t still hB counter-reset
check "nothing is lost by it" t link hB t0 "fcs-trials>=4000000" "fcs-trials<5000000"
check "it is counted" t moved hB counter-wrap+1
ln_nic hB t0 width 64
anew
ln_nic hB t0 cache_ms 1500 rate "rx_frames=10000000 rx_fcs=10"
check "counters that are cached tell as much" found 1000000 fcs
ln_nic hB t0 cache_ms 0

anew
check "a carrier that comes and goes, noisily" flaps
check "is no corruption" fine
check "the same errors on a line that is up" steps 3 "rx_fcs=50 rx_frames=100"
check "are" t link hB t0 rx-verdict=corrupting

check "all was asked by the rules" ln_clean hB t0
check "a link is taken away" t "do" hB link-del dev=t0
check "which its other end hears" t link hA t0 peer-left=yes
check "and knows no more" t link hA t0 tx-verdict=unsupported
li_end
