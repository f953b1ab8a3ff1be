#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300 soak=debug
#
# Bonds of two links, monitored at both ends, with traffic: what corrupts goes out at both ends and comes back when it
# is proven, whatever else happens the last member stays, and nobody acts on his own.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh

OPTS=(action=drain relapse-s=600 probe-pps=100 probe-len=100)

# What arrives at this end is corrupted, and FEC cannot correct it.
bad() { ln_nic "$1" "$2" fcs_ppm 50000 rate "fec_corrected=1000 fec_uncorrectable=200"; }
good() { ln_nic "$1" "$2" fcs_ppm 0 rate "fec_corrected=1000 fec_uncorrectable=0"; }

out() { t link hA "$1" state=drained "${@:2}" && t link hB "$1" state=drained; }
back() { t link hA "$1" state=watch "${@:2}" && t link hB "$1" state=watch; }
members() { t member hA:bond0 "$1" && t member hB:bond0 "$1"; }

links() # KEY=VALUE...
{
	local dev

	for dev in u0 u1; do
		li_both $dev "${OPTS[@]}" "$@" || return
	done
	for dev in u0 u1; do
		t link hA $dev peer-trusted=yes group-kind=bond && t link hB $dev peer-trusted=yes || return
	done
}

unlinks()
{
	local dev

	for dev in u0 u1; do
		t "do" hA link-del "dev=$dev" && t "do" hB link-del "dev=$dev" || return
	done
}

setup()
{
	li_bonds "$1" u0 u1 || return
	for dev in u0 u1; do
		li_proof hA $dev && li_proof hB $dev || return
	done
	t members hA:bond0 hB:bond0
}

ends() # NS NS: a bond at either end, monitored
{
	local ns

	echo "$LI_KEY" >"$KT_LOG.key"
	ln_pair "$1" v0 "$2" v0 && ln_pair "$1" v1 "$2" v1 || return
	for ns; do
		ln_bond "$ns" bond0 balance-rr v0 v1 && ln_up "$ns" bond0 && "$ASHLAR" -n "$ns" -b - <<-END || return
			link add v0 action drain key-file $KT_LOG.key beat 100
			link add v1 action drain key-file $KT_LOG.key beat 100
		END
	done
	ln_wait 20 ln_json "$1" "link show" 'all(.[]; ."peer-trusted")' &&
		ln_wait 20 ln_json "$2" "link show" 'all(.[]; ."peer-trusted")'
}

# told NS FILTER: what the monitor has told of u0's states, as the filter makes it
told()
{
	jq -rs "[.[] | select(.name == \"link-ntf\" and .msg.event == \"state\" and .msg.device == \"u0\") | .msg | $2] |
		reduce .[] as \$x ([]; if last == \$x then . else . + [\$x] end) | join(\" \")" "$KT_LOG.$1"
}

# An end that asks does not hear the answer.
deaf()
{
	t "do" hB link-set dev=u0 beat-ms=3000 && t link hA u0 "peer-heard-ms>200" && ln_nic hA u0 loss_every 1 &&
		t "do" hA link-drain dev=u0 && t link hA u0 state=pending && t link hB u0 state=pending agreed!=0
}

golden() # NS FILTER WANT
{
	local said

	said=$(told "$1" "$2") && echo "$said" && [ "$said" = "$3" ]
}

# Both ends lose another link at the same time.
round()
{
	bad "$1" u0 && bad "$2" u1 || return
	# One of them goes, at both ends; the other has to stay.
	ln_wait 30 one_out || return
	t link hA "$LEFT" state=wanted why=guard timeout=20 &&
		t keeps hA "$LEFT" state=wanted for=sample-ethtool+3 && members "$LEFT" || return
	good "$1" u0 && good "$2" u1 && t "do" hA link-forget "dev=$LEFT" && t "do" hB link-forget "dev=$LEFT" &&
		back u0 && back u1 && members u0,u1
}

one_out()
{
	LEFT=
	if t link hA u0 state=drained timeout=0; then
		LEFT=u1
	elif t link hA u1 state=drained timeout=0; then
		LEFT=u0
	fi
	[ -n "$LEFT" ]
}

li_begin
check "a bond of two links" setup balance-rr
t "do" hA host-set id=1 && t "do" hB host-set id=2
check "monitored at both ends" links
t site hA hA 10.0.0.1 0
t site hB hB 10.0.0.2 0
t watch hA hB
"$ASHLAR" -n hA -j link monitor >"$KT_LOG.hA" &
KT_PIDS+=("$!")
"$ASHLAR" -n hB -j link monitor >"$KT_LOG.hB" &
KT_PIDS+=("$!")
heard() { t "do" "$1" link-set dev=u0 history-s=1 && [ -s "$KT_LOG.$1" ]; }
check "and watched" ln_wait 60 heard hA
check "both" ln_wait 60 heard hB
check "traffic flows" t streams flow hA hB n=2 every=0.02
check "over both" t alive flow

# --- out, and back
t mark hA hB
bad hB u0
check "a link that corrupts goes out at both ends" out u0
check "of the bonds as well" members u1
check "the one with the lower identifier decides" t link hA u0 peer-decides=none
check "the other follows" t link hB u0 peer-decides=yes
check "its traffic goes on" t alive flow
check "it does not come back while it corrupts" t keeps hA u0 state=drained for=sample-ethtool+12
check "nor at the other end" t link hB u0 state=drained rx-verdict!=healthy
check "though it is asked" t moved hB probe-rx+10
check "and has a ticket" t repair hB dev=u0 state=open
good hB u0
check "it comes back when it is proven" back u0
check "into the bonds" members u0,u1
check "once" t moved hA drained=1 returned=1
check "at either end" t moved hB drained=1 returned=1
check "the one that decides has told so" golden hA '.state + (if .why == "none" then "" else ":" + .why end)' \
	"pending acting drained:no-proof drained:hold-down returning watch"
# It may know that the link is bad before it is asked, or not.
F='select(.state != "wanted") | .state'
check "and the one that follows" golden hB "$F" "pending acting drained returning watch"
check_fails "another story would be noticed" . golden hB "$F" "pending acting drained watch"
check "traffic goes on" t alive flow
check "there was always one in service" t least 1 1 1

# --- relapse, and a second one
bad hA u0
check "a relapse" out u0 relapses=1
check "has to hold twice as long" t link hA u0 "hold-ms>1000" "hold-ms<=2000"
check "it is counted" t moved hA relapsed=1
bad hA u1
check "another bad link stays, or nothing would be left" t link hA u1 state=wanted why=guard
check "which is counted" t moved hA guard-refused+1
check "however long" t keeps hA u1 state=wanted why=guard for=sample-ethtool+10
check "at the other end as well" members u1
check "it carries what there is" t alive flow timeout=40
good hA u0
check "the first comes back" t member hA:bond0 u0
check "and the second one goes, now that it may" out u1
check "traffic goes on over the first" t alive flow
good hA u1
check "the second one comes back" back u1
check "both are there" members u0,u1
check "one was always there" t least 1 1 1

# --- both ends at once
for dev in u0 u1; do
	t "do" hA link-set dev=$dev relapse-s=0 hold-s=1
	t "do" hB link-set dev=$dev relapse-s=0 hold-s=1
done
check "both ends lose another link at once: one goes" round hA hB
check "the other way round" round hB hA
check "and again" round hA hB
check "never both" t least 1 1 1
check "traffic goes on" t alive flow
bad hA u0
t "do" hB link-drain dev=u1
check "one end's hands and the other's errors" ln_wait 30 one_out
check "do no better" t link hA "$LEFT" state!=drained
good hA u0
t "do" hA link-forget dev=u0
t "do" hA link-return dev=u0
t "do" hB link-return dev=u1
t "do" hA link-return dev=u1
check "both are back" members u0,u1
check "one was always there, even so" t least 1 1 1

# --- a witness that saw nothing
check "FEC is content" t link hB u0 fec-verdict=healthy
ln_nic hB u0 fcs_ppm 50000
check "frames are broken behind its back" out u0
good hB u0
check "it is content still" t link hB u0 fec-verdict=healthy
check "but has no say" t keeps hB u0 state=drained fec-support=blind rx-verdict=inconclusive for=sample-ethtool+8
check "at the other end neither" t link hA u0 state=drained why=no-proof
ln_nic hB u0 rate "fec_corrected=1000 fec_uncorrectable=0 rx_frames=100000000"
check "good frames have" back u0
check "and FEC has again" t link hB u0 fec-support=yes
ln_nic hB u0 rate "fec_corrected=1000 fec_uncorrectable=0 rx_frames=0"
check "both are in service" members u0,u1

# --- by hand
check "a link is drained by hand" a link drain u0
check "at both ends" out u0 why=operator by-hand=yes
check "and stays there, healthy as it is" t keeps hA u0 state=drained why=operator for=sample-ethtool+8
check "the last one is not" a link drain u1
check "which is told" t link hA u1 state=wanted why=guard drain-asked=yes
check "nor is it taken" members u1
check "unless it is forced" a link drain u1 force
check "and then it is" t member hA:bond0 none
check "shown as what it is" t link hA u1 state=drained by-hand=yes
check "it comes back by force" a link return u1 force
check "at once" t member hA:bond0 u1
check "the first one when it is proven" a link return u0
check "at both ends" members u0,u1
back u0 >"$KT_LOG" && back u1 >"$KT_LOG"
check "somebody takes it out and puts it back" a link drain u0
out u0 >"$KT_LOG"
check "by his own means" sh -c "ip -n hA link set u0 down && ip -n hA link set u0 master bond0"
check "and so be it" back u0
check "traffic has survived" t alive flow timeout=40

# --- words that are lost, and a no
t mark hA hB
t "do" hB link-set dev=u1 keep=2
check "an end that cannot spare it" t "do" hA link-drain dev=u0
check "says no for its reason" t moved hB guard-refused+1
check "and that is that, at once" t link hA u0 state=wanted why=no-agreement drain-asked=yes timeout=4
check "which is counted" t moved hA agreement-refused+1
check "nothing is done" members u0,u1
t "do" hA link-return dev=u0
t "do" hB link-set dev=u1 keep=1
check "nor wanted any more" back u0
check "an end that is deaf does not hear that the other agrees" deaf
check "and gives up" t link hA u0 state=wanted why=no-agreement timeout=20
check "which is counted" t moved hA agreement-timeout=1
check "so does the other" t link hB u0 state=watch agreed=0
check "nobody has done anything" members u0,u1
t "do" hA link-return dev=u0
ln_nic hA u0 loss_every 0
t "do" hB link-set dev=u0 beat-ms=100
check "all is as it was" members u0,u1
back u0 >"$KT_LOG"

# --- on nobody's word alone
check "no key" unlinks
OPTS+=(hold-s=1)
li_add hA u0 "${OPTS[@]}" && li_add hB u0 "${OPTS[@]}" && li_add hA u1 "${OPTS[@]}" && li_add hB u1 "${OPTS[@]}"
check "the ends hear each other" t link hA u0 peer-fresh=yes peer-trusted=none
t members hA:bond0 hB:bond0
bad hA u0
check "but do not believe" t link hA u0 state=wanted why=no-key
check "and nothing is done" t keeps hA u0 state=wanted why=no-key for=sample-ethtool+8
check "the other end has no say" t link hB u0 state=watch tx-verdict=corrupting tx-trusted=none
t "do" hA link-set dev=u0 "key=$LI_KEY"
t "do" hB link-set dev=u0 key=ffffffffffffffffffffffffffffffff
check "with different keys they are strangers" t link hA u0 state=wanted why=no-peer
check "which is counted" t stat hA beat-bad-tag 1
t "do" hB link-del dev=u0
check "nobody is there" t link hA u0 state=wanted why=no-peer peer-fresh=none
check "and nothing is done" t keeps hA u0 state=wanted for=sample-ethtool+8
check "no member has gone" t least 2 2 2
t "do" hA link-set dev=u1 peer=none
t "do" hA link-set dev=u0 peer=none
check "unless there need be nobody" t link hA u0 state=drained
check "at this end" t member hA:bond0 u1
good hA u0
check "its own proof is enough" t member hA:bond0 u0,u1
check "traffic is still the same" t alive flow timeout=60
check "to the last byte" t stop flow

# --- the end of it, in every state
unlinks >/dev/null
t "do" hA link-del dev=u0
t "do" hA link-del dev=u1
t "do" hB link-del dev=u1
OPTS=(action=drain relapse-s=0 probe-pps=100 probe-len=100)
check "linked again" links
bad hB u0
check "drained" out u0
check "and deleted" t "do" hA link-del dev=u0
check "it is back" t member hA:bond0 u0,u1
check "at the other end, too" t member hB:bond0 u0,u1
check "which was told" t link hB u0 peer-left=yes 'state!=drained'
good hB u0
unlinks >/dev/null
t "do" hB link-del dev=u0
t "do" hA link-del dev=u1
t "do" hB link-del dev=u1
check "one that is to stay out" links on-leave=stay
bad hB u0
check "is drained" out u0
check "and deleted" t "do" hA link-del dev=u0
check "it stays out" t keeps hA u1 state=watch for=sample-ethtool+4
check "here" t member hA:bond0 u1
check "and there" t member hB:bond0 u1
good hB u0
check "it comes back by hand" sh -c "ip -n hA link set u0 down && ip -n hA link set u0 master bond0"
check "and force" b link return u0 force
check "at both ends" members u0,u1
t "do" hB link-del dev=u0
t "do" hA link-del dev=u1
t "do" hB link-del dev=u1
check "while it asks" links
check "and is not answered" deaf
check "it is deleted" t "do" hA link-del dev=u0
check "nothing was done" members u0,u1
check "and nobody waits" t link hB u0 state=watch agreed=0 peer-left=yes
ln_nic hA u0 loss_every 0
t "do" hB link-del dev=u0
t "do" hA link-del dev=u1
t "do" hB link-del dev=u1
check "once more" links on-leave=stay
check "it is not answered" deaf
check "and the module goes" ln_unload
check "with nothing done" members u0,u1
ln_nic hA u0 loss_every 0
check "the module" ln_load
t "do" hA host-set id=1
check "a last time" links
bad hA u1
check "drained" out u1
check "and the module goes" ln_unload
check "both are back" members u0,u1
check "again" ln_load
t "do" hA host-set id=1
good hA u1
check "it can be used again" links
bad hA u1
check "as before" out u1
check "the bond goes" ip -n hA link del bond0
good hA u1
check "and the link is in no group when it is back" t link hA u1 state=watch group-kind=none
check "its device goes" ip -n hA link del u1
check "and the link" t links hA 1
check "at the other end as well" t links hB 1

# --- active-backup
check "the other devices go" ip -n hA link del u0
check "and the other bond" ip -n hB link del bond0
check "a bond with one active link" setup active-backup
check "monitored" links
check "carries traffic" t streams more hA hB n=1 every=0.02
check "somewhere" t alive more
bad hB u0
check "its active link goes out" out u0
check "and the other takes over" t alive more
good hB u0
check "it comes back" members u0,u1
check "one was always there" t least 1 1 1
check "no byte was lost" t stop more

# --- the namespace; nobody else may hold it
unlinks >/dev/null
for ns in hC hD; do
	ln_netns $ns
done
check "another bond" ends hC hD
check "drained by hand" "$ASHLAR" -n hC link drain v0
state() { ln_json "$1" "link show v0" ".[0].state == \"$2\""; }
check "at both ends" ln_wait 30 state hC drained
check "indeed" ln_wait 30 state hD drained
check "a namespace goes" ip netns del hD
check "and the links with its devices" ln_wait 30 ln_json hC link '. == []'
check "the bond is left" ip -n hC link show bond0
check "and the module can go" ln_unload
li_end
