#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300 soak=debug
#
# Whatever cannot take the fast path takes the ordinary overlay, unharmed, and says why.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh

ping_once() { ip netns exec "$1" ping -q -c 1 -W 5 "${@:3}" "$2"; }

# nft_counted NS: all counters of the namespace's rules have moved
nft_counted()
{
	local rules

	rules=$(ip netns exec "$1" nft list ruleset) || return
	echo "$rules"
	grep -q 'counter packets [1-9]' <<<"$rules" &&
		! grep -q 'counter packets 0 ' <<<"$rules"
}

queued() { (($(t queued "$1") >= $2)); }

# detour REASON SERVER: a SYN that was kept from the fast path. Others to this server wait for half a minute.
detour()
{
	local want=$1

	t open detour cA1 "$2" && t path detour hostA path=fallback "reason=$want" &&
		t xfer detour bytes=50K && t close detour
}

ov_begin
ov_hosts 3
ov_container hostA cA2 10.88.0.11
ov_container hostB cB2 10.88.0.12
ov_overlay 99
# The same addresses in another network.
ov_container hostA dA1 10.88.0.1 99
ov_container hostB dB1 10.88.0.2 99
# A container nobody has told of.
ov_container hostB stranger 10.88.0.50 88
unset 'TOPO_CONTAINERS[-1]'
check "containers reach each other by the fallback" ping_once cA1 10.88.0.2
ov_up

check "three hosts: A to B" t carry cA1 cB1 fast bytes=100K
check "three hosts: B to C" t carry cB1 cC1 fast bytes=100K
check "three hosts: C to A" t carry cC1 cA1 fast bytes=100K
check "several containers a host" t carry cA2 cB2 fast bytes=100K
check "two networks with the same addresses: one" t open one cA1 cB1 port=777 c:sport=7777
check "two networks with the same addresses: the other" t open other dA1 dB1 port=777 c:sport=7777
check "both at once, each its own bytes" t xfer one,other bytes=200K
check_module "two conns of one tuple" t conns hostA 2 path=fast local_port=7777
check_module "told apart by their network" t conns hostA 1 local_port=7777 vni=99
t close one
t close other

check "UDP" t udp cA1 cB1 500
check "fragmented UDP" t udp cA1 cB1 9000
check "ICMP" ping_once cA1 10.88.0.2
check "fragmented ICMP" ping_once cA1 10.88.0.2 -s 5000
check "an endpoint that is not known" t carry cA1 stranger fallback bytes=100K reason=unknown-endpoint
check "a container that is not managed calls" t open in stranger cA1
check "and is heard" t xfer in bytes=50K
t close in

# Rules in the containers see what they would see without the module.
check "stateful rules in both containers" ov_nft cA1 <<-END
	table ip s {
		chain in {
			type filter hook input priority 0; policy drop;
			ct state established counter accept
		}
		chain out {
			type filter hook output priority 0; policy drop;
			ct state new,established counter accept
		}
		chain post {
			type filter hook postrouting priority 0;
			ct state new,established counter accept
		}
	}
END
ip netns exec cA1 nft list ruleset | sed 's/ct state established/ct state new,established/' | ov_nft cB1
check "let a connection pass on the fast path" t carry cA1 cB1 fast bytes=200K
check "and count it at the client" nft_counted cA1
check "and count it at the server" nft_counted cB1
check_fails "but not one that they forbid" "^timeout" t connect no cB1 10.88.0.1 9 timeout=1.5
ov_nft_flush cA1
ov_nft_flush cB1
check "a rule of the server's container that refuses a port" ov_nft cB1 <<-END
	table ip s { chain in {
		type filter hook input priority 0;
		tcp dport 4444 counter reject with tcp reset
	}; }
END
check_fails "refuses it" "^ECONNREFUSED" t connect no cA1 10.88.0.2 4444
check "and no other" t carry cA1 cB1 fast bytes=50K
ov_nft_flush cB1

check "the client's container translates its address" ov_nft cA1 <<-END
	table ip n { chain post {
		type nat hook postrouting priority 100;
		ip daddr 10.88.0.2 snat to 10.88.0.101
	}; }
END
ip -n cA1 addr add 10.88.0.101/24 dev eth0
check "SNAT" t carry cA1 cB1 fallback bytes=50K seen=10.88.0.101 reason=nat
ov_nft_flush cA1
check "the client's container masquerades" ov_nft cA1 <<-END
	table ip n { chain post { type nat hook postrouting priority 100; counter masquerade; }; }
END
check "masquerading to the same address" t open masq cA1 cB1
check "carries data" t xfer masq bytes=50K
check "and passed the rule" nft_counted cA1
t close masq
ov_nft_flush cA1
check "the client's container redirects" ov_nft cA1 <<-END
	table ip n { chain out {
		type nat hook output priority -100;
		ip daddr 10.88.0.77 dnat to 10.88.0.2
	}; }
END
check "DNAT" t open dnat cA1 cB1 to=10.88.0.77
check "carries data" t xfer dnat bytes=50K
check "by the fallback" t conns hostA 1 path=fallback reason=nat state=open
t close dnat
ov_nft_flush cA1

for hook in output postrouting; do
	check "a program judges the packets at $hook" t nfqueue cA1 "$((${#hook}))"
	ov_nft cA1 <<-END
		table ip q { chain c {
			type filter hook $hook priority 0;
			tcp dport != 0 queue num ${#hook}
		}; }
	END
	check "and lets them pass" t carry cA1 cB1 fast bytes=100K
	check "and has seen them" queued cA1 5
	ov_nft_flush cA1
done
check "a program judges the packets that arrive" t nfqueue cB1 3
ov_nft cB1 <<-END
	table ip q { chain c { type filter hook input priority 0; meta l4proto tcp queue num 3; }; }
END
check "and lets those pass" t carry cA1 cB1 fast bytes=100K
check "and has seen those" queued cB1 5
ov_nft_flush cB1

# The host's own rules.
check "the host tracks connections and drops what is invalid" ov_nft hostB <<-END
	table ip h {
		chain in { type filter hook input priority 0; ct state invalid counter drop; ct state established accept; }
		chain out { type filter hook output priority 0; ct state invalid counter drop; }
	}
END
check "which concerns no container" t carry cA1 cB1 fast bytes=300K
check "nor the other direction" t carry cB1 cA1 fast bytes=300K
ov_nft_flush hostB
check "the client's host drops the suite's ports going out" ov_nft hostA <<-END
	table ip h { chain out { type filter hook output priority 0; tcp dport 7340-7347 counter drop; }; }
END
check "its connections fall back" detour firewall cB1
ov_nft_flush hostA
check "the server's host drops the suite's ports coming in" ov_nft hostB <<-END
	table ip h { chain in { type filter hook input priority 0; tcp dport 7340-7347 counter drop; }; }
END
check "connections to it fall back" detour no-progress cB2
ov_nft_flush hostB
check "a middle box drops the suite's ports" ov_nft wire <<-END
	table bridge h { chain f {
		type filter hook forward priority 10;
		tcp dport 7340-7347 counter drop
	}; }
END
check "connections through it fall back" detour no-progress cC1
ov_nft_flush wire
check "others are not affected" t carry dA1 dB1 fast bytes=50K
check "nor the other direction" t carry cB1 cA1 fast bytes=50K
ov_soak && check "after half a minute all are fast" topo_wait 60 t carry cA1 cB1 fast bytes=50K

# A peer without the module, as its hosts see it.
check "a host leaves the suite" ov_down hostC
check "and is missed" t peer hostA 192.168.77.3 gone
check "connections to it fall back" t carry cA2 cC1 fallback bytes=50K reason=peer-not-live
check "and from it" t open from cC1 cA1
check "with their data" t xfer from bytes=50K
t close from
check "a host joins the suite" ov_configure hostC
check "is seen" ov_live
check "and reached on the fast path" t carry cB1 cC1 fast bytes=50K
check_module_fails "a peer that is live is not lost" "is live, not lost" t peer hostA 192.168.77.3 lost timeout=0.2
ov_end
