#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# SYNs to the suite's ports that no host of the suite has sent make no conn, are counted by name, and are answered by
# nothing larger than themselves. Each time, the same SYN made right makes a conn.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh
. tests/overlay/hostile.sh

# A right one, and its end.
right()
{
	local status

	deaf && f syn right n=1 +conn_in +rx_fast ~tx_fast ~tx_fallback ~conn_fell_back conns=1 && ended
	status=$?
	hears && return "$status"
}

# genuine NAME: the SYN of a connection that was opened, used and closed
genuine()
{
	t connect "$1" cA1 10.88.0.2 5000 && t accept server "$1" && t xfer "$1" bytes=2K &&
		t path "$1" hostA path=fast && f keep "$1" syn && t close "$1" && ended
}

# flood COUNT: what is beyond the bound is refused, and refusals have a bound of their own
flood()
{
	f syn right "n=$1" +conn_in=16 "+rx_syn_half_open_limit=$(($1 - 16))" conns=16 \
		~rx_fast ~tx_fast ~refused_tx ~dg_limited ~tx_fallback
}

half_open() { t conns hostB 16 state=syn-recv; }

anew() { ov_down hostB && ov_configure hostB && ov_live; }

OV_UNDERLAY=(half-open-max 16)
hostile_begin
t listen server cB1 port=5000 >/dev/null
f memory mark >/dev/null

check "a SYN as a host would send it" right
check "without the option" f syn none +rx_syn_no_option
check "of another kind of option" f syn kind +rx_syn_no_option
check "of another experiment" f syn exid +rx_syn_no_option
check "with an option that is too short" f syn short +rx_syn_bad_option
check "whose option has no length" f syn zero +rx_syn_bad_option
check "whose option ends behind the header" f syn beyond +rx_syn_bad_option
check "whose option is not aligned" f syn unaligned +rx_syn_bad_option
check "with two options" f syn twice +rx_syn_bad_option
check "with the option and fast open" f syn fastopen +rx_syn_bad_option
check "with the option and a signature" f syn signed +rx_syn_bad_option
check "with another tag" f syn tag +rx_syn_bad_tag
check "with the tag of another key" f syn key +rx_syn_bad_tag
check "with the tag of another network" f syn vni +rx_syn_bad_tag
check "with the tag of another sequence number" f syn seq +rx_syn_bad_tag
check "with the tag of another underlay port" f syn uport +rx_syn_bad_tag
check "with the tag of another overlay port" f syn oport +rx_syn_bad_tag
check "with the tag of another epoch" f syn nonce +rx_syn_bad_tag
check "with a wrong checksum" f syn csum +rx_syn_bad_csum
check "from a peer that does not own the endpoint" f syn right from=hostC +rx_syn_wrong_host
check "from a host that is no peer" f syn right from=stranger
check "on a device that is no uplink" f syn right via=side +rx_wrong_device
check "to an endpoint that is elsewhere" f syn right dst=3 +rx_syn_unknown_endpoint +refused_tx
check "to an endpoint that is unknown" f syn right dst=77 +rx_syn_unknown_endpoint +refused_tx
check "from an endpoint that is unknown" f syn right src=77 +rx_syn_unknown_endpoint +refused_tx
check "many with another tag" f syn tag n=100 +rx_syn_bad_tag
check "random segments to the suite's ports" f noise tcp n=500
check "and a right one still makes a conn" right

check "the SYN of a connection that is over" genuine over
deaf
check "sent again ten times, makes one conn" f replay over n=10 +conn_in=1 +rx_syn_repeated=9 conns=1 \
	~rx_fast ~tx_fast ~conn_fell_back ~tx_fallback
check "that ends" ended
hears
check "the SYN of a connection that is open" t open live cA1 cB1
f keep live syn >/dev/null
check "sent again ten times, is answered by the container" f replay live n=10 +rx_syn_repeated ~rx_fast ~tx_fast
check "and the connection goes on" t xfer live bytes=50K
check "on the fast path" t path live hostB side=s path=fast
t close live
ended
check "in the next epoch" anew
check "the SYNs of the last are old" f replay over n=5 +rx_syn_bad_tag
check "while new ones are not" right

check "SYNs that nobody follows up" deaf
check "fill the peer's share of half-open conns" flood 64
check "and no more" half_open
check "a container connects all the same" t carry cC1 cB1 fast bytes=50K
check "one of the peer, too" t carry cA1 cB1 fallback bytes=50K reason=refused
check "they end" t conns hostB 0 state=syn-recv timeout=40
hears
check "all of them" ended
check "and there is room again" right
t unlisten server
hostile_end
