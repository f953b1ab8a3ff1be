#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300
#
# Who may connect to whom is decided at both ends, on every path, and for connections that are open already.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

policy() { "$ASHLAR" -n "$1" policy "${@:2}"; }

# refused NAME CLIENT SERVER [OPTION...]: and soon
refused()
{
	local name=$1

	shift
	check_fails "$name" "^ECONNREFUSED [0-3]\." t open refused "$@"
}

# grew NAME HOST COUNTER OLD
grew() { check "$1" ov_grew "$2" "$3" "$4"; }

# streams on the fast path and on the fallback, and others that no rule here concerns
open_live()
{
	t streams fast cA1 cB1 n=2 && t path fast hostA path=fast &&
		t streams slow cA1 cB1 n=2 c:transparent=1 &&
		t path slow hostA path=fallback &&
		t streams other cA2 cB1 n=2 && t path other hostA path=fast &&
		t alive fast && t alive slow && t alive other
}

# all_cut: both ends of each were reset
all_cut()
{
	t ended fast c ECONNRESET && t ended fast s ECONNRESET &&
		t ended slow c ECONNRESET && t ended slow s ECONNRESET
}

# Closes what is left; that of the streams that were cut, stop reports an error.
close_live()
{
	t stop fast
	t stop slow
	t stop other
}

ov_begin
ov_hosts 2
ov_container hostA cA2 10.88.0.11
check "containers reach each other by the fallback" ov_warm
ov_up
if ov_plain; then
	skip "policy" "no module"
	ov_end
	exit
fi

check "by default all may connect" t carry cA1 cB1 fast bytes=50K

out=$(t stat hostA policy_denied_out)
check "the client's host denies" policy hostA add 88 pref 10 action deny src 10.88.0.1/32
refused "the fast path" cA1 cB1
refused "the fallback" cA1 cB1 c:transparent
refused "IP options" cA1 cB1 c:ipopts=01010100
refused "fast open" cA1 cB1 tfo
check_fails "an endpoint that is not known" "^ECONNREFUSED" t connect refused cA1 10.88.0.99 9
grew "is denied and counted" hostA policy_denied_out $((out + 3))
check "others connect" t carry cA2 cB1 fast bytes=50K
check "in the other direction, too" t carry cB1 cA1 fast bytes=50K
check "UDP is not its business" t udp cA1 cB1 500
check "the rule goes" policy hostA del 88 pref 10
check "and all connect" t carry cA1 cB1 fast bytes=50K

in=$(t stat hostB policy_denied_in)
check "the server's host denies" policy hostB add 88 pref 10 action deny src 10.88.0.1
refused "the fast path to it" cA1 cB1
check_fails "the fallback to it" "^(ECONNREFUSED|timeout)" t open refused cA1 cB1 c:transparent c:timeout=3
check_fails "IP options to it" "^(ECONNREFUSED|timeout)" t open refused cA1 cB1 c:ipopts=01010100 c:timeout=3
grew "are denied and counted" hostB policy_denied_in $((in + 2))
check "other clients connect" t carry cA2 cB1 fast bytes=50K
check "its rules go" policy hostB flush 88
check "and all connect again" t carry cA1 cB1 fast bytes=50K

check "a range of ports is denied" policy hostA add 88 pref 10 action deny dst 10.88.0.2 dport 5000-5999
check "below it" t carry cA1 cB1 fast bytes=10K s:port=4999
refused "its first" cA1 cB1 s:port=5000
refused "its last" cA1 cB1 s:port=5999
check "above it" t carry cA1 cB1 fast bytes=10K s:port=6000
check "an earlier rule allows one of them" policy hostA add 88 pref 5 action allow dst 10.88.0.0/24 dport 5500
check "which connects" t carry cA1 cB1 fast bytes=10K s:port=5500
refused "unlike its neighbour" cA1 cB1 s:port=5501
check "a still earlier one denies a prefix" policy hostA add 88 pref 1 action deny src 10.88.0.0/30
refused "with what was allowed" cA1 cB1 s:port=5500
check "but not beyond the prefix" t carry cA2 cB1 fast bytes=10K s:port=5500
check "all rules go" policy hostA flush 88

check "nothing is allowed by default" "$ASHLAR" -n hostA network set 88 default deny
refused "nobody connects" cA1 cB1
refused "nor from outside" cB1 cA1
check "one rule allows one direction" policy hostA add 88 pref 10 action allow src 10.88.0.1 dst 10.88.0.2
check "which connects" t carry cA1 cB1 fast bytes=10K
refused "while the other does not" cB1 cA1
check "all is allowed by default" "$ASHLAR" -n hostA network set 88 default allow
policy hostA flush 88

check "connections on both paths" open_live
check "a rule that does not concern them" policy hostA add 88 pref 9 action deny dst 10.88.0.77
check "leaves them alone: fast" t alive fast
check "leaves them alone: fallback" t alive slow
cut=$(t stat hostA conn_cut)
check "the client's host denies them" policy hostA add 88 pref 10 action deny src 10.88.0.1
check "they are reset at both ends" all_cut
grew "and counted" hostA conn_cut "$cut" 4
check "others are not" t alive other
close_live >"$OV_LOG" 2>&1
policy hostA flush 88
check "new ones connect" t carry cA1 cB1 fast bytes=10K

check "again connections on both paths" open_live
cut=$(t stat hostB conn_cut)
check "the server's host denies them" policy hostB add 88 pref 10 action deny src 10.88.0.1
check "they are reset at both ends by the server's host" all_cut
grew "and counted there" hostB conn_cut "$cut" 4
check "others are still not" t alive other
close_live >"$OV_LOG" 2>&1
policy hostB flush 88

# Revoked while the hosts do not hear each other, or one of them has left.
check "connections whose hosts will not hear" open_live
ov_nft hostA <<-END
	table ip h {
		chain in { type filter hook input priority 0; udp dport 7340 drop; }
		chain out { type filter hook output priority 0; udp dport 7340 drop; }
	}
END
check "are denied" policy hostA add 88 pref 10 action deny src 10.88.0.1
check "and reset at their own end all the same" t ended fast c ECONNRESET
check "others go on" t alive other
ov_nft_flush hostA
close_live >"$OV_LOG" 2>&1
check "the conns end" t conns hostA 0 timeout=60
ov_end
