# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the hostile tests share. Source it from the top of the tree, after tests/lib/overlay.sh.
#
#   hostile_begin       three hosts on a bridge, their containers, an attacker who hears the wire, and a device of
#                       hostB that is no uplink: "side", to the same attacker
#   hostile_end         nothing is left, and all still works
#   f COMMAND...        asks tests/lib/forge.py (see HELP there), as t asks tests/lib/tcp.py
#   deaf, hears         hostA does not hear the answers to SYNs that pretend to be its own
#   lost                no SYN of hostA's arrives
#   silent HOST         its datagrams do not leave; spoken to, it listens
#   idle NAME [OPT...]  an open connection of which forge.py knows all numbers
#   ended               no conns on hostB
#   fast_again HOST SIDE
#                       the connection "live" goes on until its conn has returned to the fast path

# A conn asks for the fast path when it has something to send.
fast_again() # HOST SIDE
{
	for _ in 1 2 3 4 5 6 7 8; do
		t xfer live bytes=1K && t path live "$1" "side=$2" path=fast timeout=2 && return
	done
	return 1
}

f() { OV_IN=$FORGE_IN OV_OUT=$FORGE_OUT t "$@"; }

hostile_begin()
{
	ov_begin
	if ov_plain; then
		skip "forged packets" "no module"
		ov_end
		exit
	fi
	mkfifo "$OV_LOG.asked" "$OV_LOG.answered"
	tests/lib/forge.py <"$OV_LOG.asked" >"$OV_LOG.answered" &
	OV_PIDS+=("$!")
	exec {FORGE_IN}>"$OV_LOG.asked" {FORGE_OUT}<"$OV_LOG.answered"
	ov_hosts 3
	{
		topo_pair hostB side wire side &&
			ip -n hostB link set side up && ip -n wire link set side up &&
			# A half-open connection ends soon.
			ip netns exec cB1 sysctl -qw net.ipv4.tcp_synack_retries=1 &&
			ov_warm && f watch hostA hostB hostC
	} >"$OV_LOG" 2>&1 || ov_bail "cannot make the attacker"
	ov_up
}

hostile_end()
{
	check "no conn is left" ended
	check "nor memory" f memory same
	check "the others' connections are fast as ever" t carry cA1 cB1 fast bytes=50K
	check "in the other direction, too" t carry cB1 cA1 fast bytes=50K
	check "and from the third host" t carry cC1 cB1 fast bytes=50K
	ov_end
}

hears() { ov_nft_flush wire; }

# These chains come behind br_netfilter, where it is built in: it hands packets on to higher priorities only.
deaf()
{
	ov_nft wire <<-END
		table bridge deaf { chain f {
			type filter hook forward priority 10;
			iifname "phostB" oifname "phostA" tcp sport 7340-7347 drop
		}; }
	END
}

lost()
{
	ov_nft wire <<-END
		table bridge lost { chain f {
			type filter hook forward priority 10;
			iifname "phostA" tcp dport 7340-7347 drop
		}; }
	END
}

silent()
{
	ov_nft wire <<-END
		table bridge silent { chain f {
			type filter hook forward priority 10;
			iifname "p$1" udp dport 7340 drop
		}; }
	END
}

idle()
{
	local tuple

	tuple=$(t open "$1" cA1 cB1 "${@:2}") && t xfer "$1" bytes=2K || return
	# shellcheck disable=SC2086
	t path "$1" hostA path=fast && t path "$1" hostB side=s path=fast && f learn "$1" $tuple
}

ended() { t conns hostB 0 timeout=40 && t conns hostA 0 timeout=40; }
