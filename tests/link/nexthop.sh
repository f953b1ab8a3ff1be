#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=240
#
# Nexthop groups, which the helper replaces: reweighted, drained, returned as they were; a helper that is not there, that
# cannot, that is killed; and a device that is set down.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh

OPTS=(nh-group=10 relapse-s=0 probe-pps=100 probe-len=100)

bad() { ln_nic "$1" "$2" fcs_ppm 20000 rate "fec_corrected=1000 fec_uncorrectable=200"; }
good() { ln_nic "$1" "$2" fcs_ppm 0 rate "fec_corrected=1000 fec_uncorrectable=0"; }

paths() # NS OTHER'S NUMBER
{
	ip netns exec "$1" sysctl -qw net.ipv4.fib_multipath_hash_policy=1 &&
		topo_ip "$1" <<-END
			addr add 10.9.0.$((3 - $2))/32 dev lo
			nexthop add id 1 via 10.1.0.$2 dev p0
			nexthop add id 2 via 10.2.0.$2 dev p1
			nexthop add id 10 group 1,3/2,5
			route add 10.9.0.$2/32 nhid 10 src 10.9.0.$((3 - $2))
		END
}

setup()
{
	local dev

	for dev in p0 p1; do
		ln_pair hA $dev hB $dev && ln_up hA $dev 10.$((${dev#p} + 1)).0.1/24 &&
			ln_up hB $dev 10.$((${dev#p} + 1)).0.2/24 && li_proof hA $dev && li_proof hB $dev || return
	done
	paths hA 2 && paths hB 1
}

links() # KEY=VALUE...
{
	local dev

	for dev in p0 p1; do
		li_both $dev "${OPTS[@]}" "$@" && t link hA $dev peer-trusted=yes && t link hB $dev peer-trusted=yes || return
	done
}

# group NS WORDS: it is so, as ip-nexthop(8) writes it
group()
{
	local said

	said=$(ip -n "$1" nexthop show id 10) && echo "$said" && [[ "$said " =~ ^id\ 10\ group\ $2\  ]]
}

becomes() { ln_wait 20 group "$@"; }

helper() # NS
{
	"$ASHLAR" -n "$1" link helper >>"$KT_LOG.helper" 2>&1 &
	KT_PIDS+=("$!")
	HELPER[$1]=$!
	t host "$1" helper=yes
}

ended() # NS SIGNAL STATUS
{
	local status

	kill "-$2" "${HELPER[$1]}"
	wait "${HELPER[$1]}"
	status=$?
	echo "status $status"
	[ $status = "$3" ] && t host "$1" helper=none
}

gone() # NS: the helper ends by itself, and says so
{
	wait "${HELPER[$1]}"
	[ $? = 2 ] && grep -q "module is gone" "$KT_LOG.helper"
}

declare -A HELPER=()
li_begin
check "two paths in a nexthop group" setup
t "do" hA host-set id=1 && t "do" hB host-set id=2
check "are links" links action=drain
check "of it" t link hA p0 group-kind=nexthop group-id=10
t site hA hA 10.9.0.1 0
t site hB hB 10.9.0.2 0
check "traffic flows" t streams flow hA hB n=8 every=0.05
check "all of it" t alive flow bytes=10K

# --- who counts
check "one other link is left" t link hA p0 group-left=1
check "in a group of one" ip -n hA nexthop replace id 10 group 1,3
# Looked at when it matters, or something changes.
t "do" hA link-set dev=p0 keep=1
check "none is, whatever it was told" t link hA p0 group-left=0
check "it is as it was" ip -n hA nexthop replace id 10 group 1,3/2,5
t "do" hA link-set dev=p0 keep=1
check "with one left" t link hA p0 group-left=1

# --- no helper
bad hB p0
check "without a helper it is wanted, not done" t link hA p0 state=wanted why=helper-absent
check "and stays so" t keeps hA p0 state=wanted why=helper-absent for=sample-ethtool+5
check "in the group as well" group hA 1,3/2,5
check "a helper at the end that decides" helper hA
check "is not enough" t keeps hB p0 state!=drained for=sample-ethtool+5
check "one at either end" helper hB
check "catches up" t link hA p0 state=drained timeout=40
check "at both ends" t link hB p0 state=drained
check "the group is replaced without it" becomes hA 2,5
check "there, too" becomes hB 2,5
check "traffic goes on" t alive flow bytes=10K
check_fails "there is no second helper" "another helper" "$ASHLAR" -n hA link helper
good hB p0
check "it comes back when proven" t link hA p0 state=watch
check "at both ends" t link hB p0 state=watch
check "with its weight" becomes hA 1,3/2,5
check "there, too" becomes hB 1,3/2,5
check "jobs were asked and done" t stat hA job-done 2
check "traffic goes on" t alive flow bytes=10K

# --- reweighted
for dev in p0 p1; do
	t "do" hA link-set dev=$dev action=reweight
	t "do" hB link-set dev=$dev action=reweight
done
bad hB p0
check "reweighted" t link hA p0 state=reweighted
# Less than one it cannot have, so that the others get more.
check "to the smallest share" becomes hA "1/2,[0-9]{2,}"
check "in the other group as well" becomes hB "1/2,[0-9]{2,}"
check "as long as it corrupts" t keeps hB p0 state=reweighted for=sample-ethtool+8
good hB p0
# In service, what it carries is what counts.
t "do" hB link-forget dev=p0
check "and back when it is proven" t link hB p0 state=watch timeout=40
check "with its weight" becomes hB 1,3/2,5
check "at the other end" becomes hA 1,3/2,5

# --- a helper that is killed, or ends
for dev in p0 p1; do
	t "do" hA link-set dev=$dev action=drain
	t "do" hB link-set dev=$dev action=drain
done
check "a helper is killed" ended hA KILL 137
bad hB p0
check "which is noticed" t link hA p0 state=wanted why=helper-absent
check "another takes over" helper hA
check "and does what is due" t link hA p0 state=drained timeout=40
check "in the group" becomes hA 2,5
check "it ends when told" ended hA TERM 0
good hB p0
check "what is drained stays so" group hA 2,5
check "the next one brings it back" helper hA
check "as it was" becomes hA 1,3/2,5
check "at both ends" becomes hB 1,3/2,5
t link hA p0 state=watch >"$KT_LOG" && t link hB p0 state=watch >"$KT_LOG"

bad hB p0
check "a drained link" t link hA p0 state=drained
check "is deleted" t "do" hA link-del dev=p0
check "and its group is put right" becomes hA 1,3/2,5
check "at the other end as well" becomes hB 1,3/2,5
good hB p0
check "it is linked again" li_add hA p0 "key=$LI_KEY" "${OPTS[@]}" action=drain
check "and believed" t link hA p0 peer-trusted=yes state=watch
t link hB p0 state=watch peer-trusted=yes >"$KT_LOG"

# --- down
t "do" hA link-set dev=p0 action=down
check "the guard is asked for the group" t link hA p0 group-left=1
bad hB p0
check "a link that may go down" t link hA p0 state=drained timeout=40
check "does" ln_wait 20 sh -c "! ip -n hA link show dev p0 up | grep -q p0"
check "traffic goes on over the other" t alive flow bytes=10K timeout=40
good hB p0
check "it cannot prove itself" t keeps hA p0 state=drained for=sample-ethtool+5
check "it comes back by hand" a link return p0 force
check "up" ln_wait 20 ln_carrier hA p0 1
check "with its place in the group" becomes hA 1,3/2,5
check "and the other end follows" becomes hB 1,3/2,5
t "do" hA link-set dev=p0 action=drain
t link hA p0 state=watch >"$KT_LOG"
t link hB p0 state=watch peer-trusted=yes >"$KT_LOG"

# --- a helper that cannot
check "the group is deleted" ip -n hA nexthop del id 10
bad hB p0
check "what cannot be done is told" t link hA p0 state=wanted why=helper-failed timeout=40
check "with the error" t link hA p0 job-error=2
check "and counted" t stat hA job-failed 1
check "and not done over and over" t keeps hA p0 state=wanted why=helper-failed for=sample-ethtool+5
check "helpers end when told" ended hA TERM 0
check "both" ended hB TERM 0

# --- the module goes
good hB p0
check "a helper is there" helper hB
check "a link is drained by force" b link drain p1 force
check "from the group" becomes hB 1,3
check "the module goes" ln_unload
check "and its helper" gone hB
check "which has put the group right" group hB 1,3/2,5
reweighted() # ON-LEAVE
{
	good hB p0 && ln_load && li_add hB p0 "${OPTS[@]}" action=reweight peer=none "on-leave=$1" &&
		li_add hB p1 "${OPTS[@]}" action=reweight peer=none && helper hB && bad hB p0 &&
		t link hB p0 state=reweighted && becomes hB "1/2,[0-9]{2,}"
}
check "a link is reweighted" reweighted return
check "and the module goes" ln_unload
check "with its helper" gone hB
check "which gives it its weight back" group hB 1,3/2,5
check "one that is to stay as it is" reweighted stay
check "and the module goes" ln_unload
check "with its helper" gone hB
check "stays so" group hB "1/2,[0-9]{2,}"
((KT_FAILED == 0)) || sed 's/^/# /' "$KT_LOG.helper"
li_end
