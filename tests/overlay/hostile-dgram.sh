#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# Datagrams that no host of the suite has sent, or has sent earlier, or that do not fit: each is counted by name and
# changes nothing. Each time, the same datagram made right does what it says.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh
. tests/overlay/hostile.sh

# spoilt WORD COUNTER: two of every type
spoilt() { f dg all n=16 conn=live "spoil=$1" "+$2"; }
unbound() { f dg bound n=14 conn=live "spoil=$1" "+$2"; }

unharmed() { t path live hostA path=fast && t path live hostB side=s path=fast && live; }
live() { t peer hostB 192.168.77.1 live timeout=1 && t peer hostA 192.168.77.2 live timeout=1; }

again()
{
	t close live
	idle live
}

hostile_begin
f memory mark >/dev/null
t listen server cB1 port=5000 >/dev/null
check "a connection" idle live

check "of every type, with another tag" spoilt tag dg_bad_tag
check "with the tag of another key" spoilt key dg_bad_tag
check "of another incarnation of the sender" unbound boot dg_bad_tag
check "of another epoch" unbound nonce dg_bad_tag
check "of another protocol" spoilt magic dg_malformed
check "of another version" spoilt version dg_malformed
check "of a type that is none" spoilt type dg_malformed
check "of type 0" spoilt zero dg_malformed
check "with a byte more" spoilt longer dg_malformed
check "with a byte less" spoilt shorter dg_malformed
check "much too long" spoilt huge dg_malformed
check "empty" spoilt empty dg_malformed
check "with a head alone" spoilt head dg_malformed
check "from another port" spoilt sport dg_malformed
check "from a host that is no peer" f dg all n=16 conn=live from=stranger +dg_unknown_host
check "on a device that is no uplink" f dg all n=16 conn=live via=side +dg_wrong_device
check "random bytes" f noise udp n=2000
check "the connection and the peers are as they were" unharmed

FAR=0x40000000
check "unknown conn, about a segment not sent yet" f dg unknown conn=live at=1 +dg_out_of_window
check "unknown conn, about one sent long ago" f dg unknown conn=live at=-$FAR +dg_out_of_window
check "unknown conn, about no conn" f dg unknown at=1 +dg_no_conn
check "refused, about a connection that is open" f dg refused conn=live +dg_out_of_window
check "denied, about a connection that is open" f dg denied conn=live +dg_out_of_window
check "cut, beyond the window" f dg cut conn=live "at=$FAR" +dg_out_of_window
check "cut, before the window" f dg cut conn=live "at=-$FAR" +dg_out_of_window
check "cut, of no conn" f dg cut +dg_no_conn
check "cut, by a host that does not own the endpoint" f dg cut from=hostC conn=live +dg_unknown_host
check "resume, beyond the window" f dg resume conn=live "at=$FAR" +dg_out_of_window
check "resume, to ports that are not the suite's" f dg resume conn=live spoil=ports +resume_rx +dg_malformed
check "resume, by a host that does not own the endpoint" f dg resume from=hostC conn=live +dg_unknown_host
check "resume, of an endpoint that is unknown" f dg resume dst=77 +dg_unknown_host
check "resume, of no conn" f dg resume ~dg_out_of_window ~dg_no_conn ~conn_adopted
check "its answer, beyond the window" f dg resume-ack conn=live "at=$FAR" +dg_out_of_window
check "its answer, of no conn" f dg resume-ack +dg_no_conn
check "its answer, of a conn that did not ask" f dg resume-ack conn=live +resume_rx
check "all leave the connection alone" unharmed
check "and its data" t xfer live bytes=50K

check "hellos of earlier" f dg hello +dg_stale +hello_rx
check "many of them, with a question" f dg hello flags=1 n=300 +hello_rx=300 ~dg_stale ~dg_limited
check "leave the peers live" live
check "and connections fast" t carry cA1 cB1 fast bytes=20K
check "both ways" t carry cB1 cA1 fast bytes=20K
silent hostB
check "who hears the answer" f dg hello flags=1 n=1 +hello_rx +dg_stale
check "and has the key, is believed" f dg hello echo=fresh n=1 +hello_rx
hears
check "by that he changed nothing" t carry cA1 cB1 fast bytes=20K

# Now those that do what they say.
check "idle again" again
check "unknown conn, about the last segment" f dg unknown conn=live n=1 +unknown_rx +conn_fell_back
check "moves the conn to the fallback" t path live hostB side=s path=fallback reason=unknown-conn
check "it carries its data" t xfer live bytes=50K
check "until it is fast again" fast_again hostB s
check "and idle again" again
check "cut, in the window" f dg cut conn=live n=1 +cut_rx +conn_cut ~tx_fallback ~tx_fast
check "resets the connection" t error live s ECONNRESET
check "at both ends" t error live c ECONNRESET
f keep cut cut >/dev/null 2>&1
t close live
check "a host leaves" ov_down hostA
check "and says farewell" f keep bye bye
check "which counts once" f replay bye +dg_stale
check "when the host has returned" ov_configure hostA
check "and is live" ov_live
check "an old incarnation's farewell is heard in vain" f replay bye +dg_bad_tag
check "the peers stay live" live
check "bye" f dg bye at=1 n=1 +bye_rx
check "is believed until the next hello" t peer hostB 192.168.77.1 live
check "again, it is heard in vain" f dg bye at=1 n=1 +dg_stale
check "the peers stay live still" live

# A SYN without an answer, and what may be said of it.
lost
check "refused moves the SYN it names to the fallback, and no other" f refuse +dg_out_of_window=3 +refused_rx=1 \
	+conn_fell_back=1 +conn_out=1 conns=1 ~tx_fast ~tx_fallback ~tx_probe
hears
t unlisten server
hostile_end
