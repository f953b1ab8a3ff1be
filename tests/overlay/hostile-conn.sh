#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# Who knows a live conn's underlay tuple, but not its numbers, can do nothing to it; who knows them, no more than slow it.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh
. tests/overlay/hostile.sh

FAR=0x40000000

# Both connections, both ends, as they were.
unharmed()
{
	local name

	for name in live other; do
		t path "$name" hostA path=fast && t path "$name" hostB side=s path=fast || return
	done
}

intact() { t xfer live,other bytes=20K; }

# Again idle, its numbers known anew.
again()
{
	t close live
	idle live
}

fell_back() # HOST SIDE
{
	t path live "$1" "side=$2" path=fallback reason=reset && t path other "$1" "side=$2" path=fast
}

hostile_begin
f memory mark >/dev/null
check "two connections" idle live
check "on the fast path" idle other

for to in hostB hostA; do
	from=hostA
	[ "$to" = hostA ] && from=hostB
	set -- "from=$from" "to=$to"
	check "$to: RSTs beyond the window" f segment live "$@" flags=R "at=$FAR" +rx_rst_refused
	check "$to: RSTs before the window" f segment live "$@" flags=R at=-100000 +rx_rst_refused
	check "$to: RSTs that acknowledge" f segment live "$@" flags=RA "at=$FAR" +rx_rst_refused
	check "$to: RSTs in the window with a wrong checksum" f segment live "$@" flags=R spoil=csum +rx_rst_refused
	check "$to: RSTs from another port" f segment live "$@" flags=R uport=31999 +rx_unknown_conn
	check "$to: segments from another port" f segment live "$@" uport=31998 payload=64 +rx_unknown_conn +unknown_tx
	check "$to: data beyond the window" f segment live "$@" "at=$FAR" payload=100 +rx_fast ~tx_fast
	check "$to: data before the window" f segment live "$@" at=-100000 payload=100 +rx_fast ~tx_fast
	check "$to: data with a wrong checksum" f segment live "$@" spoil=csum payload=100 +rx_fast ~tx_fast
	check "$to: SYN-ACKs" f segment live "$@" flags=SA "at=$FAR" n=1 +rx_fast ~tx_fast
	check "$to: ICMP errors beyond what is in flight" f icmp live "$@" "at=$FAR" +rx_icmp_refused
	check "$to: ICMP errors with a wrong checksum" f icmp live "$@" spoil=csum +rx_icmp_refused
	check "$to: a smaller MTU for nothing in flight" f icmp live "$@" code=4 value=600 "at=$FAR" +rx_icmp_refused
	check "$to: ICMP errors about another port" f icmp live "$@" uport=31997
	check "$to: an ICMP error about the last segment arrives" f icmp live "$@" n=1 +rx_icmp +rx_fast ~tx_fast
	check "$to: the connections are as they were" unharmed
done
check "RSTs of another host" f segment live from=hostC flags=R +rx_unknown_conn
check "RSTs on another device" f segment live via=side flags=R +rx_wrong_device
check "data on another device" f segment live via=side payload=100 +rx_wrong_device
check "ICMP errors on another device" f icmp live via=side +rx_wrong_device
check "leave the connections" unharmed
check "and their data" intact

check "idle again" again
check "FINs beyond the window" f segment live flags=FA "at=$FAR" +rx_fast ~tx_fast
check "or before it" f segment live flags=FA at=-100000 payload=40 +rx_fast ~tx_fast
check "end nothing" intact
check "on the fast path" unharmed
check "not even a direction" t half live

check "idle once more" again
check "a FIN with the right number" f segment live flags=FA n=1 +rx_fast ~tx_fast
check "does end a direction" t error live s EOF
t close live
t close other

for to in hostB hostA; do
	side=s from=hostA
	[ "$to" = hostA ] && side=c from=hostB
	check "$to: a connection" idle live
	check "$to: and its neighbour" idle other
	check "$to: a RST in the window" f segment live "from=$from" "to=$to" flags=R at=1 n=1 +rx_rst +conn_fell_back
	check "$to: moves this conn to the fallback, and no other" fell_back "$to" "$side"
	check "$to: the peer is live" t peer "$to" "${TOPO_ADDR[$from]}" live timeout=1
	check "$to: the transfer goes on" intact
	check "$to: until the conn is fast again" fast_again "$to" "$side"
	check "$to: with its data" intact
	t close live
	t close other
done
check "RSTs to everybody while many transfer" t streams many cA1 cB1 n=6
check "are of no use" f segment live flags=R n=200 uport=31996 +rx_unknown_conn ~rx_fast ~tx_fast
check "to whom they interrupt" t alive many
check "no byte was lost" t stop many
hostile_end
