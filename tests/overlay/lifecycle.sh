#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300
#
# Endpoints, devices, hosts, keys and the module itself come and go under live connections; none is lost.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

endpoint() { "$ASHLAR" -n "$1" endpoint "${@:2}"; }

mute() # HOST: it neither hears nor says anything to other hosts' modules
{
	ov_nft "$1" <<-END
		table ip mute {
			chain in { type filter hook input priority 0; udp dport 7340 counter drop; }
			chain out { type filter hook output priority 0; udp dport 7340 counter drop; }
		}
	END
}

# The container cB1 and its sockets stay; its device goes and comes back in another host.
rehome()
{
	local mac

	mac=$(ip netns exec cB1 cat /sys/class/net/eth0/address) &&
		ip -n cB1 link del eth0 &&
		topo_pair cB1 eth0 "$1" vcB1 &&
		ip -n cB1 link set eth0 address "$mac" mtu 1450 up &&
		ip -n cB1 addr add 10.88.0.2/24 dev eth0 &&
		ip -n "$1" link set vcB1 mtu 1450 master br88 up || return
	TOPO_HOST[cB1]=$1
	t site cB1 "$1" 10.88.0.2 88
	t udp cB1 cA1 100
}

everywhere()
{
	local host

	for host in "${TOPO_HOSTS[@]}"; do
		"$@" "$host" || return
	done
}

moved() { endpoint "$1" set 88 10.88.0.2 host 192.168.77.3; }

rotate()
{
	echo 0f0e0d0c0b0a09080706050403020100 |
		"$ASHLAR" -n "$1" underlay set u0 key-file -
}

drop_previous() { "$ASHLAR" -n "$1" underlay set u0 drop-previous-key; }

reload() { ov_load && everywhere ov_configure; }

resumed() # NAME OLD
{
	ov_grew hostA conn_resumed "$2" && t path "$1" hostA path=fast timeout=30
}

ov_begin
OV_UNDERLAY=(hello 1)
ov_hosts 3
# Each host owns an endpoint, whatever moves.
ov_container hostB cB2 10.88.0.12
check "containers reach each other by the fallback" ov_warm
ov_up
if ov_plain; then
	skip "lifecycle" "no module"
	ov_end
	exit
fi

check "streams" t streams a cA1 cB1 n=4
check "and in the other direction" t streams b cB1 cA1 n=2
check "are on the fast path" t path a hostA path=fast
check "all of them" t path b hostA side=s path=fast
check "and flow" t alive a

# Endpoints
check "the client's host forgets the server's endpoint" endpoint hostA del 88 10.88.0.2
check "the streams leave the fast path" t path a hostA path=fallback reason=endpoint
check "and go on" t alive a
check "both ways" t alive b
check "it learns of it again" endpoint hostA add 88 10.88.0.2 host 192.168.77.2
check "new connections are fast" t carry cA1 cB1 fast bytes=50K
check "the server's host forgets its own endpoint" endpoint hostB del 88 10.88.0.2
check "the streams go on" t alive a
check "new connections work" t open new cA1 cB1
check "and carry data" t xfer new bytes=50K
t close new
check "it learns of it once more" endpoint hostB add 88 10.88.0.2 netns cB1 dev eth0
check "new connections are fast again" t carry cA1 cB1 fast bytes=50K
check "the streams still go on" t alive a

# The container moves with its address: its device is deleted and made anew in another host.
check "streams to a container that will move" t streams mv cA1 cB1 n=2
check "are fast" t path mv hostA path=fast
check "the container moves" rehome hostC
check "the streams follow by the fallback" t alive mv timeout=40
check "the hosts learn of the move" moved hostA
moved hostB
check "its new host, too" endpoint hostC set 88 10.88.0.2 netns cB1 dev eth0
check "new connections reach it on the fast path" t carry cA1 cB1 fast bytes=50K
check "the streams go on after the move" t alive mv
check "the older ones, too" t alive a
check "and those of its own" t alive b
t stop mv >"$OV_LOG"

# Keys
check "one host has a new key" rotate hostA
check "connections are fast meanwhile" t carry cA1 cC1 fast bytes=50K
check "in both directions" t carry cC1 cA1 fast bytes=50K
check "the others follow" rotate hostB
rotate hostC
check "the previous key ends" everywhere drop_previous
check "new connections are fast with the new key" t carry cA1 cC1 fast bytes=50K
check "the streams have not noticed" t alive a
TOPO_KEY=0f0e0d0c0b0a09080706050403020100

# Silence
check "a host falls silent" mute hostC
check "which is noticed" t peer hostA 192.168.77.3 lost timeout=20
check "new connections fall back" t carry cA1 cB1 fallback bytes=50K reason=peer-not-live
check "the streams go on in silence" t alive a
check "it speaks again" ov_nft_flush hostC
check "and is heard" t peer hostA 192.168.77.3 live
check "and is reached" ov_live
check "new connections are fast after the silence" t carry cA1 cB1 fast bytes=50K

# One host leaves the suite, with and without a word.
check "streams to a host that will leave" t streams leave cA1 cC1 n=4
check "are on the fast path to it" t path leave hostA path=fast
resumed=$(t stat hostA conn_resumed)
check "it leaves" ov_down hostC
check "the streams fall back" t path leave hostA path=fallback
check "and live" t alive leave
check "it comes back" ov_configure hostC
check "the streams are fast again" resumed leave "$resumed"
check "and live on" t alive leave
mute hostC
check "it leaves without a word" ov_down hostC
check "the streams live" t alive leave
check "on the fallback" t path leave hostA path=fallback timeout=30
ov_nft_flush hostC
resumed=$(t stat hostA conn_resumed)
check "it comes back again" ov_configure hostC
check "the streams are fast once more" resumed leave "$resumed"
check "and live once more" t alive leave
check "no byte of them was lost" t stop leave

# The module
check "short connections in the background" t churn churn cA1 cC1 n=2
check "which succeed" t churned churn 5
t stall reset=1 >"$OV_LOG"
check "the module is unloaded" ov_unload
check "the streams go on without it" t alive a
check "so do short connections" t churned churn 5
check "the module is loaded" reload
check "the streams go on with it" t alive a
check "the peers are live" ov_live
check "the streams are fast" t path a hostA path=fast timeout=30
check "as the counters say" ov_grew hostA conn_resumed 0
check "and go on, resumed" t alive a
check "so do the short ones" t churned churn 5
check "no short connection failed" t stop churn
check "the longest stall" t stall

# Namespaces end with connections in them.
check "streams in a container that ends" t streams end cA1 cC1 n=3
check "are fast before" t path end hostA path=fast
ip netns del cC1
check "the container and its connections end" t close end
check "the client's conns end" t conns hostA 0 remote=10.88.0.3 timeout=60
# Its host, too; cB1 lives there by now, so that the streams end with it.
check "no byte of the streams was lost" t stop a
check "nor of those of the other direction" t stop b
check "a connection to a host that ends" t open dying cA1 cB1
check "is fast before" t path dying hostA path=fast
check "the host ends" ip netns del hostC
check "which is noticed" t peer hostA 192.168.77.3 gone timeout=20
t close dying
ov_container hostB cB9 10.88.0.9
check "the other hosts go on" endpoint hostB add 88 10.88.0.9 netns cB9 dev eth0
check "and learn" endpoint hostA add 88 10.88.0.9 host 192.168.77.2
check "and connect on the fast path" t carry cA1 cB9 fast bytes=50K
ov_end
