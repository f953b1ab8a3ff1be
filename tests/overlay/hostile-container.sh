#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# A container cannot speak for its host, even where the host forwards and translates for it, and even if it had the key;
# nor can a user without rights configure the suite, or lay hands on namespaces of others.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh
. tests/overlay/hostile.sh

# The host is the container's router, as it often is.
router()
{
	ip -n hostA addr add 10.88.0.254/24 dev br88 &&
		ip netns exec hostA sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
			net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.br88.rp_filter=0 &&
		ov_nft hostA <<-END
			table ip router {
				chain post { type nat hook postrouting priority 100; oifname "eth0" masquerade; }
				chain pre {
					type nat hook prerouting priority -100;
					tcp dport 80 dnat to 192.168.77.2:7340
				}
			}
		END
}

passes() { f cross "$@" && f crossed 5; }
stopped() { f cross "$1" "+$2" "${@:3}" && f crossed 0; }

as_nobody()
{
	ip netns exec hostA setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$@"
}

# Root of a user namespace of its own, with a host and a container of its own. COMMAND is run after its configuration;
# the word OWN stands for its container.
as_tenant()
{
	# shellcheck disable=SC2016
	unshare -Urn bash -c '
		exec 3< <(unshare -n bash -c "ip link add d0 type dummy; echo \$\$; exec sleep infinity")
		read -r own <&3
		ip link set lo up &&
			ip addr add 192.0.2.1/32 dev lo &&
			echo 0f0e0d0c0b0a09080706050403020100 |
			"$0" underlay add own dev lo addr 192.0.2.1 key-file - &&
			"$0" network add 5 underlay own &&
			"${@/#OWN/$own}"
		status=$?
		kill "$own"
		exit "$status"
	' "$ASHLAR" "$@"
}

foreign() { as_tenant "$ASHLAR" endpoint add 5 10.5.0.1 netns "$1" dev eth0; }
hides_key() { ! "$ASHLAR" -n hostA -j underlay show | grep -i "$TOPO_KEY"; }

hostile_begin
f memory mark >/dev/null
check "a container's host forwards and masquerades" router
check "packets to other ports of another host leave" passes other
check "datagrams, too" passes other-udp dst=192.168.77.2

check "SYNs to the suite's ports do not" stopped syn tx_forged
check "nor in pieces" stopped split tx_forged
check "nor segments" stopped ack tx_forged
check "nor from the suite's ports" stopped from-suite tx_forged
check "nor by a port that the host redirects" stopped dnat tx_forged
check "nor datagrams" stopped udp tx_forged
check "nor with the host's own address" f cross syn as=192.168.77.1 ~tx_forged
check "not even in silence" f crossed 0
check "the same SYN from the host itself makes a conn" deaf
check "where the host has sent it" f syn right n=1 dport=9 +conn_in +rx_fast conns=1 \
	~tx_fast ~tx_fallback ~conn_fell_back
hears
check "which ends" ended

check "SYNs to the suite's ports of the container's own host" stopped syn rx_wrong_device dst=192.168.77.1
check "as if from another host" stopped syn rx_wrong_device dst=192.168.77.1 as=192.168.77.2
check "segments as if from another host" stopped ack rx_wrong_device dst=192.168.77.1 as=192.168.77.2
check "datagrams to it" stopped udp dg_wrong_device dst=192.168.77.1
check "as if from another host, too" stopped udp dg_wrong_device dst=192.168.77.1 as=192.168.77.2
check "a live connection" idle live
check "cannot be reached from a container" f segment live to=hostA from=hostB via=cA1 flags=R +rx_wrong_device
check "nor by its data" f segment live to=hostA from=hostB via=cA1 payload=50 +rx_wrong_device
check "nor by datagrams" f dg unknown conn=live to=hostA from=hostB via=cA1 +dg_wrong_device
check "which works from the wire" f dg unknown conn=live to=hostA from=hostB n=1 +unknown_rx +conn_fell_back
check "the connection goes on" t xfer live bytes=20K
t close live

for words in "network add 77 underlay u0" "network set 88 default deny" "network del 88" \
	"endpoint add 88 10.88.0.77 host 192.168.77.2" "endpoint del 88 10.88.0.2" "endpoint flush 88" \
	"policy add 88 pref 1 action deny" "policy flush 88" "underlay set u0 drop-previous-key" "underlay del u0"; do
	# shellcheck disable=SC2086
	check_fails "a user without rights: $words" "not permitted" as_nobody "$ASHLAR" $words
done
check "nothing has changed" t carry cA1 cB1 fast bytes=20K
check "he who has rights may" "$ASHLAR" -n hostA network add 77 underlay u0
"$ASHLAR" -n hostA network del 77

check "a tenant configures namespaces of his own" as_tenant "$ASHLAR" endpoint add 5 10.5.0.1 netns OWN dev d0
check_fails "but cannot name another's" "CAP_NET_ADMIN" foreign /run/netns/cA1
check_fails "nor by a process in it" "Permission denied|CAP_NET_ADMIN" foreign $$
check_fails "nor configure another's" "not permitted" \
	ip netns exec hostA unshare -Ur "$ASHLAR" network add 77 underlay u0
check "nobody sees the key" hides_key
ov_nft_flush hostA
hostile_end
