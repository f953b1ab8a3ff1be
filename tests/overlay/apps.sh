#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300 soak=debug
#
# Programs that know nothing of the overlay work over it, on the fast path.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

seconds=2
ov_soak && seconds=30

bytes() { echo $(($(topo_counter hostA vx88 tx_bytes) + $(topo_counter hostB vx88 tx_bytes))); }

# fast LEAST COMMAND...: the command moves at least so many bytes, less than a tenth of them by the fallback
fast()
{
	local least=$1 before tunnel moved

	shift
	before=("$(bytes)" "$(topo_counter cA1 eth0 tx_bytes)" "$(topo_counter cA1 eth0 rx_bytes)")
	"$@" || return
	tunnel=$(($(bytes) - before[0]))
	moved=$(($(topo_counter cA1 eth0 tx_bytes) - before[1] + $(topo_counter cA1 eth0 rx_bytes) - before[2]))
	echo "$moved bytes, $tunnel of them by the fallback"
	((moved >= least)) && { ov_plain || ((tunnel * 10 < moved)); }
}

in_a() { ip netns exec cA1 "$@"; }

load_iperf3() { in_a timeout 100 iperf3 -c 10.88.0.2 -t $seconds "$@" | tail -n 4; }

load_wrk()
{
	in_a timeout 100 wrk -t 1 -c 8 -d ${seconds}s --timeout 30s "$@" "http://10.88.0.2/page" >"$OV_LOG.wrk"
	cat "$OV_LOG.wrk"
	grep -q 'requests in' "$OV_LOG.wrk" && ! grep -Eq 'Socket errors|Non-2xx' "$OV_LOG.wrk"
}

load_memcached()
{
	in_a timeout 100 memcaslap -s 10.88.0.2:11211 -T 1 -c 8 -t ${seconds}s >"$OV_LOG.memcaslap" 2>&1
	tail -n 1 "$OV_LOG.memcaslap"
	grep -Eq 'TPS: [1-9]' "$OV_LOG.memcaslap"
}

page()
{
	in_a curl -s -m 60 -o "$OV_LOG.page" http://10.88.0.2/page && cmp "$OV_LOG.page" "$OV_LOG.cB1.nginx/page"
}

ov_begin
ov_hosts 2
check "containers reach each other by the fallback" ov_warm
ov_up
check "iperf3 serves" ov_serve cB1 iperf3
check "nginx serves" ov_serve cB1 nginx
check "memcached serves" ov_serve cB1 memcached
check "iperf3" fast 1000000 load_iperf3
check "iperf3, reverse" fast 1000000 load_iperf3 -R
check "iperf3, four streams" fast 1000000 load_iperf3 -P 4
check "a page is whole" page
check "nginx under wrk" fast 200000 load_wrk
check "nginx under wrk, a connection a request" fast 200000 load_wrk -H "Connection: close"
check "memcached under memcaslap" fast 20000 load_memcached
check_fails "too little traffic is noticed" "0 of them by the fallback" fast 1000000 true
check_fails "a server that is not there is noticed" . in_a curl -s -S -m 5 http://10.88.0.2:81/page
check "the conns end" t conns hostA 0 timeout=40
ov_end
