#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=240
#
# Each cause of corruption, as both ends' light shows it, and what to do with hands about it; modules that show nothing
# or nonsense; and what becomes of a repair that was done.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh

# light NS DEV SENT RECEIVED: in 0.1 uW; too little is less than 1862 and 1000
light() { ln_nic "$1" "$2" tx_power "$3" rx_power "$4"; }

# What is there is seen at both ends.
lit() # SENT AT A, RECEIVED AT A, SENT AT B, RECEIVED AT B
{
	light hA t0 "$1" "$2" && light hB t0 "$3" "$4" &&
		t link hB t0 "tx-power=$3" "rx-power=$4" "far-tx-power=$1" "far-rx-power=$2" &&
		t link hA t0 "far-tx-power=$3" "far-rx-power=$4"
}

# What was wrong with the line is no more, and forgotten.
fixed()
{
	local dev=${1:-t0} ns

	li_quiet hA "$dev" && li_quiet hB "$dev" && t keeps hB "$dev" for=sample-ethtool+2 || return
	t "do" hA link-forget "dev=$dev" && t "do" hB link-forget "dev=$dev" &&
		t link hA "$dev" state=watch rx-verdict=inconclusive tx-verdict=inconclusive &&
		t link hB "$dev" state=watch rx-verdict=inconclusive tx-verdict=inconclusive || return
	for ns in hA hB; do
		until t norepair $ns "dev=$dev" state=open >/dev/null; do
			t "do" $ns repair-del "id=$(t repair $ns "dev=$dev" state=open)" || return
		done
	done
}

anew() { fixed "$@" >"$KT_LOG" 2>&1 || kt_bail "the link cannot be made anew"; }

# says REPAIR [CONDITION]...: so says the end that receives, and so does the one that sends
says()
{
	t repair hB dev=t0 state=open direction=rx "repair=$1" "${@:2}" &&
		t link hB t0 "repair=$1" &&
		t repair hA dev=t0 state=open direction=tx "repair=$1"
}

shown() # NS REPAIR: by the tool, in both ways
{
	ln_json "$1" repair "any(.[]; .device == \"t0\" and .repair == \"$2\" and .state == \"open\")" &&
		ln_json "$1" "link show t0" ".[0].repair == \"$2\""
}

# The module of B is so, and so is what is known of it.
module() # STATE ATTR VALUE...
{
	ln_nic hB t0 "${@:2}" && t link hB t0 "optics-state~^($1)$" && t link hA t0 "far-optics-state~^($1)$"
}

li_begin
check "a wire" ln_wire hA t0 hB t0
check "is a link" li_both t0
check "with light" lit 5500 4500 5500 4500
check "which is known for what it is" t link hB t0 optics-state=ok optics-thresholds=yes far-optics-state=ok
check "there is nothing to do" t norepair hB dev=t0
check "at all" t link hB t0 repair=none ticket=none

# --- the five causes
lit 1000 4500 5500 900 >"$KT_LOG"
li_bad hB t0
check "a laser that decays at the other end" says replace-far-transceiver unsure=none
check "is told by the tool" shown hB replace-far-transceiver
check "with the evidence" ln_json hB repair '.[0] | ."far-tx-power" == 1000 and ."far-tx-low" == 1862 and ."rx-power" == 900'
check "and by an unhurried reader of the other end" shown hA replace-far-transceiver
anew
lit 5500 800 5500 900 >"$KT_LOG"
li_bad hB t0
check "little light at both ends" says replace-fibre unsure=none
check "told" shown hB replace-fibre
anew
lit 5500 4500 5500 900 >"$KT_LOG"
li_bad hB t0
check "little light where it is lost alone" says clean-connector unsure=none
check "told" shown hB clean-connector
anew
lit 5500 900 5500 4500 >"$KT_LOG"
li_bad hB t0
check "little light where it is not lost is not the cause" says reseat-transceiver unsure=none
anew
lit 5500 4500 1000 4500 >"$KT_LOG"
li_bad hB t0
check "nor is a weak laser that sends the other way" says reseat-transceiver
anew
lit 5500 4500 5500 4500 >"$KT_LOG"
li_bad hB t0
check "light enough" says reseat-transceiver unsure=none
check "told" shown hB reseat-transceiver

# --- modules that tell nothing, or lie
anew
check "a module of another kind" module other module_id 0x11
li_bad hB t0
check "shows no light, and that is told" says reseat-transceiver unsure=yes
anew
check "another one" module other module_id 0x18
check "none at all" module unsupported module_id 3 no_module 1
li_bad hB t0
check "nor does this" says reseat-transceiver unsure=yes
check "which the tool tells" ln_json hB "repair show" 'any(.[]; .state == "open" and .unsure == true)'
anew
check "one without diagnostics" module unsupported no_module 0 ddm 0
check "one on a bad bus" module error ddm 1 module_errno 5
check "one that fills in too little" module error module_errno 0 garbage 6
check "one of random bytes" module "garbage|other" garbage 1
check "of random values" module "ok|garbage" garbage 2
check "of ones" module garbage garbage 4
check "of zeroes" module garbage garbage 5
check "one with nonsense for limits" module ok garbage 3
check "is judged by a common one" t link hB t0 optics-thresholds=none rx-low=1995
li_bad hB t0
check "and that is told" says reseat-transceiver unsure=yes
anew
check "one that is to be calibrated" module ok garbage 0 external 1
check "by its constants" t link hB t0 rx-power=4500 optics-thresholds=yes
check "one read in the old way" module ok external 0 module_legacy 1
check "is read right" t link hB t0 rx-power=4500 tx-power=5500
ln_nic hB t0 module_legacy 0
check "no light at all is a figure" lit 5500 4500 5500 0
li_bad hB t0
check "and little" says clean-connector unsure=none
anew
# The old way is the kernel's own, and asks after complete; the others are ours.
check "all was asked by the rules" sh -c "[ $(ln_get hB t0 calls_no_rtnl)$(ln_get hB t0 calls_absent) = 00 ]"

# --- a component
check "three links more" ln_wire hA t1 hB t1
ln_wire hA t2 hB t2 >"$KT_LOG"
for dev in t0 t1 t2; do
	[ $dev = t0 ] || li_both $dev
	t "do" hB link-set dev=$dev component=lc0
done >"$KT_LOG"
t "do" hB link-set dev=t2 component=lc1
lit 5500 4500 5500 4500 >"$KT_LOG"
li_bad hB t0 && li_bad hB t2
check "two that share nothing" t repair hB dev=t2 state=open repair=reseat-transceiver shared=0
check "are two faults" t repair hB dev=t0 state=open repair=reseat-transceiver shared=0
ln_nic hB t1 rate "rx_frames=10000000 rx_fcs=10"
check "a third that loses much less" t repair hB dev=t1 state=open shared=0
li_bad hB t1
anew t1
li_bad hB t1
check "one that shares a card, and loses as much" t repair hB dev=t1 state=open repair=replace-component shared=1 component=lc0
check "and so it is for the other" t repair hB dev=t0 state=open repair=replace-component shared=1
check "not for the third" t repair hB dev=t2 state=open repair=reseat-transceiver
check "a link goes" b link del t1
check "and its ticket stays" t repair hB dev=t1 state=open
# --- done, relapsed, done, worked
for dev in t0 t2; do
	anew $dev
done
t "do" hB link-set dev=t0 component=
li_bad hB t0
check "a plug" says reseat-transceiver shared=0
id=$(t repair hB dev=t0 state=open)
check "the number is the link's, too" t link hB t0 "ticket=$id"
li_quiet hB t0
check "it is reseated" b repair "done" "$id"
check "which the ticket tells" t repair hB "id=$id" state=done
check "what was known is forgotten" t link hB t0 rx-verdict=inconclusive repair=none ticket=none
check "it is said once" sh -c "! $ASHLAR -n hB repair done $id"
check "nothing is known of how good it was" t accuracy hB reseat-transceiver 1 0
li_bad hB t0
check "it has not helped" t repair hB "id=$id" state=relapsed
check "so that the transceiver is to be replaced" t repair hB dev=t0 state=open repair=replace-transceiver
check "told" shown hB replace-transceiver
id=$(t repair hB dev=t0 state=open)
li_quiet hB t0
check "it is" b repair "done" "$id"
check "that is not enough" t keeps hB t0 rx-verdict=inconclusive for=sample-ethtool+5
check "it is not known yet" t repair hB "id=$id" state=done
li_good hB t0
check "but this is" t repair hB "id=$id" state=worked
check "the link is healthy" t link hB t0 rx-verdict=healthy
check "one of one" t accuracy hB replace-transceiver 1 1
check "none of one" t accuracy hB reseat-transceiver 1 0
check "told" ln_json hB "repair accuracy" 'any(.[]; .repair == "replace-transceiver" and .worked == 1)'
check "what is closed is not withdrawn" sh -c "! $ASHLAR -n hB repair withdraw $id"
li_bad hB t0
check "a fault after it is another matter" t repair hB dev=t0 state=open
check "and the old one has worked all the same" t repair hB "id=$id" state=worked
id=$(t repair hB dev=t0 state=open)
li_quiet hB t0
fixed >"$KT_LOG"
check "what is withdrawn" t repair hB "id=$id" state=withdrawn
check "counts for nothing" t accuracy hB replace-transceiver 1 1

check "all was told as JSON" ln_json hB "repair show" 'length > 10'
li_end
