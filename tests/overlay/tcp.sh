#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300 soak=debug
#
# What else TCP can do works over the overlay; what the fast path cannot carry falls back and says why.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

# open_fast NAME CLIENT SERVER [OPTION...]
open_fast()
{
	t open "$@" && t path "$1" hostA path=fast
}

half_close() { open_fast half cA1 cB1 && t half half && t close half; }
urgent() { open_fast urgent cA1 cB1 && t urgent urgent && t close urgent; }
reset() { open_fast reset cA1 cB1 && t rst reset "$1"; }

# No listener: the server's own stack refuses, and quickly.
refused()
{
	local began=$SECONDS

	t connect refused cA1 10.88.0.2 "$1"
	local status=$?

	((SECONDS - began < 5)) || echo "it took $((SECONDS - began)) s"
	return $status
}

# host_own PORT: a connection between the hosts themselves, with this port at both ends
host_own()
{
	timeout 60 python3 - "$1" <<-'END'
		import ctypes, os, socket, sys

		def tcp(host):
		    netns = os.open("/run/netns/" + host, os.O_RDONLY)
		    assert ctypes.CDLL(None).setns(netns, 0) == 0
		    sock = socket.socket()
		    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		    sock.bind(("", int(sys.argv[1])))
		    return sock

		server, client = tcp("hostB"), tcp("hostA")
		server.listen()
		client.connect(("192.168.77.2", int(sys.argv[1])))
		peer, _ = server.accept()
		client.sendall(bytes(10000))
		assert peer.recv(10000, socket.MSG_WAITALL) == bytes(10000)
		peer.sendall(b"y")
		assert client.recv(1) == b"y"
	END
}

# The client's device sends probes although nobody writes.
keepalive_probes()
{
	local before

	before=$(t dev cA1 eth0) &&
		topo_wait 20 probes_more "$(cut -d ' ' -f 4 <<<"$before")"
}

probes_more()
{
	local now

	now=$(t dev cA1 eth0) && (($(cut -d ' ' -f 4 <<<"$now") >= $1 + 3))
}

# falls_back REASON OPTION...
falls_back()
{
	local reason=$1

	shift
	t carry cA1 cB1 fallback bytes=100K "reason=$reason" "$@"
}

ov_begin
ov_hosts 2
# A server that lets SYNs go unanswered keeps others off the fast path for a while: it has an address of its own.
ov_container hostB cB2 10.88.0.12
check "containers reach each other by the fallback" ov_warm
ov_up

check "half-closed, the other direction goes on" half_close
check "urgent data comes out of band" urgent
check "a reset by the client is seen by the server" reset c
check "a reset by the server is seen by the client" reset s
check "no conn outlives a reset" t conns hostA 0 timeout=30
check "no conn outlives a reset at the server" t conns hostB 0 timeout=30
check_fails "a port without a listener refuses" "^ECONNREFUSED" refused 999
check "a full backlog lets its callers wait" t backlog cA1 cB2

# The suite has 7340-7347.
check "the port before the suite's is the hosts' own" host_own 7339
check "and the one behind" host_own 7348
check "and others" host_own 7777
check_module_fails "the suite's are not" "Address already in use" host_own 7347

check "a maximum segment size set by the client" open_fast maxseg cA1 cB1 c:maxseg=700
check "is kept to by both" test "$(t mss maxseg c)" -le 700 -a "$(t mss maxseg s)" -le 700
check "and data flows" t xfer maxseg bytes=200K
t close maxseg
check "bound to the container's device" t carry cA1 cB1 fast bytes=100K c:dev=eth0
check "marked by the application" t carry cA1 cB1 fast bytes=100K mark=7

check "a connection with keepalive" open_fast keep cA1 cB1 c:keepalive=1,1,3
check "keepalive probes are sent" keepalive_probes
check "and the connection lasts" t xfer keep bytes=10K
check "the server's container drops all" ov_nft cB1 <<-END
	table ip deaf {
		chain in { type filter hook input priority 0; policy drop; }
		chain out { type filter hook output priority 0; policy drop; }
	}
END
check "keepalive finds the other end dead" t error keep c ETIMEDOUT timeout=20
ov_nft_flush cB1
t close keep

# TIME_WAIT at either end: the tuple is used again, and the conn is a new one.
check "the tuple again, from the client's TIME_WAIT" t timewait again cA1 cB1 c
check "takes the fast path" t path again hostA path=fast
check "and carries data" t xfer again bytes=100K
t close again
check "the tuple again, from the server's TIME_WAIT" t timewait again cA1 cB1 s
check "carries data" t xfer again bytes=100K
t close again

check "many connections at once" t many cA1 cB1 n=40 bytes=4K

# What the option has no room beside, or the fast path cannot carry.
for ns in cA1 cB1; do
	ip netns exec $ns sysctl -qw net.ipv4.tcp_fastopen=3
done
check "fast open: the first asks for a cookie" t carry cA1 cB1 fallback bytes=100K tfo
check "fast open: the next has data in its SYN" falls_back tcp-option tfo
check "MD5 signatures" falls_back tcp-option c:md5=10.88.0.2 s:md5=10.88.0.1
check_fails "MD5 signatures by one end alone do not connect" "timeout" \
	t open md5 cA1 cB1 c:md5=10.88.0.2 c:timeout=2
if ip netns exec cA1 test -e /proc/sys/net/mptcp; then
	check "MPTCP" falls_back tcp-option mptcp
else
	skip "MPTCP" "not in this kernel"
fi
check "IP options" falls_back ip-options c:ipopts=01010100
check "a transparent socket" falls_back socket c:transparent
check "a plain one after all of these" t carry cA1 cB1 fast bytes=100K
check_module_fails "a reason that is not the reason is noticed" "reason is ip-options" \
	falls_back nat c:ipopts=01010100 within=0.5

# Long idle: nothing forgets a connection that is merely silent.
check "idle connections" open_fast idle cA1 cB1
if ov_soak; then
	sleep 400
fi
check "are still known at both hosts" t path idle hostB side=s path=fast state=open
check "and carry data" t carry cA1 cB1 fast bytes=100K
check "each of them" t xfer idle bytes=100K
t close idle
check "all conns have ended" t conns hostA 0 timeout=60
ov_end
