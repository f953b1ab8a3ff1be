# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the extensions that ship share: a router between clients and
# servers, which the extension under test stands in, and traffic. Source it from
# the top of the tree.
#
#   en_begin NAME...    ex_begin, ex_need NAME... and the helper tests/lib/ext_net.py
#   en_net              router xR; clients xA, xC and servers xS1 to xS4, each on
#                       a device of its name at the router: 10.1.1.2, 10.1.2.2,
#                       10.2.N.2, fd00:1:1::2, ..., the router is .1 and ::1
#   t COMMAND...        asks the helper (see HELP there): prints its answer, fails
#                       if that is a failure
#   r WORD...           the tool in the router
#   en_on NAME FAIL ENTRY HOOK PRIORITY ...
#                       loaded, approved with 16 MB, attached to each hook; "-"
#                       is priority 0
#   en_off NAME         detached and unloaded
#   en_count NAME MAP NUMBER
#                       prints a counter
#   en_counts NAME MAP  prints the sum of all
#   en_mark NAME        remember the extension's map "counts"; en_moved NUMBER=N ...
#                       those, and no others, have moved by so much since; N+: by
#                       at least so much
#   en_commit NAME [COUNT]
#                       the request "commit": it answers so many
#   en_get NS URL       by curl: prints the status, fails unless it is 200
#   en_stat NAME FIELD  prints a field of the instance, e.g. accepted
#   en_runs NAME BUILD STATE
#                       is an instance of that build in that state?
#   en_grew NAME MAP NUMBER VALUE
#                       is the counter at least so high? For ex_wait.
#   en_load NS URL      wrk, a connection for each page, until en_load_end, which
#                       fails if a page did; then EN_PAGES is how many came
#
# Values of maps, as words for "ashlar map set":
#
#   en_le16, en_le32, en_le64 N
#   en_be16 N, en_addr ADDR  (16 bytes; IPv4 has the first four)
#   en_rule [src=A/B] [dst=A/B] [family=4|6] [proto=N] [action=1|2] [dport=A-B]
#                       of extensions/filter/filter.h; [sport=A-B]
#   en_rate ADDR/BITS RATE BURST ACTION [HOST] [MARK]
#                       of extensions/policer/policer.h
#   en_service ADDR PORT PROTO
#   en_backend ADDR PORT HEALTH [WEIGHT]
#                       of extensions/balancer/balancer.h; down 1, up 2, drain 3

. tests/lib/ext.sh

EN_BACKLOG=
EN_PAGES=0
EN_WRK=
EN_COUNTS=
EN_NAME=

en_begin()
{
	ex_need "$@"
	ex_begin
	trap en_exit EXIT
	coproc EN_HELPER { exec tests/lib/ext_net.py; }
	# shellcheck disable=SC2153
	exec {EN_OUT}<&"${EN_HELPER[0]}" {EN_IN}>&"${EN_HELPER[1]}"
}

# The helper's sockets hold the namespaces.
en_exit()
{
	local pid=${EN_HELPER_PID:-}

	[ -z "$EN_WRK" ] || kill "$EN_WRK" 2>/dev/null
	[ -z "$EN_BACKLOG" ] || echo "$EN_BACKLOG" >/proc/sys/net/core/netdev_max_backlog
	[ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null
	kt_exit
}

t()
{
	local line

	printf '%s\n' "$*" >&"$EN_IN"
	if ! IFS= read -r -t 600 line <&"$EN_OUT"; then
		echo "Bail out! the helper does not answer: $*"
		exit 1
	fi
	[[ $line = "ok "?* || $line = fail* ]] && echo "${line#* }"
	[[ $line = ok* ]]
}

r() { ex_tool xR "$@"; }

# en_site NS DEV NET: NET is like 1:1, for 10.1.1.0/24 and fd00:1:1::/64
en_site()
{
	local ns=$1 net=$2

	topo_netns "$ns" && ip netns exec "$ns" sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 >default/disable_ipv6 &&
		echo 0 >all/disable_ipv6 && echo 0 >default/router_solicitations && echo 0 >default/accept_ra' || return
	topo_ip xR <<-END || return
		link add $ns type veth peer name e0 netns $ns
		addr add 10.${net/:/.}.1/24 dev $ns
		addr add fd00:$net::1/64 dev $ns nodad
		link set $ns up
	END
	topo_ip "$ns" <<-END
		addr add 10.${net/:/.}.2/24 dev e0
		addr add fd00:$net::2/64 dev e0 nodad
		link set e0 up
		route add default via 10.${net/:/.}.1
		route add default via fd00:$net::1
	END
}

en_net()
{
	local i

	topo_netns xR && ip netns exec xR sh -c 'cd /proc/sys/net && echo 0 >ipv6/conf/default/disable_ipv6 &&
		echo 0 >ipv6/conf/all/disable_ipv6 && echo 1 >ipv4/ip_forward && echo 1 >ipv6/conf/all/forwarding &&
		echo 0 >ipv4/icmp_ratelimit' || return
	# A flood is not to be lost where nobody looks.
	EN_BACKLOG=$(</proc/sys/net/core/netdev_max_backlog)
	echo 100000 >/proc/sys/net/core/netdev_max_backlog
	en_site xA 1:1 && en_site xC 1:2 || return
	for i in 1 2 3 4; do
		en_site xS$i 2:$i || return
	done
	ex_wait 20 ip netns exec xA ping -q -n -c 1 -W 2 10.2.1.2 &&
		ex_wait 20 ip netns exec xA ping -q -n -c 1 -W 2 fd00:2:1::2
}

en_on()
{
	local name=$1 fail=$2 priority

	shift 2
	"$ASHLAR" ext load "$(ex_ko "$name")" && "$ASHLAR" ext approve "$name" netns xR memory 16M || return
	while (($#)); do
		priority=$3
		[ "$priority" != - ] || priority=0
		r ext attach "$name" entry "$1" hook "$2" priority "$priority" fail "$fail" || return
		shift 3
	done
}

en_off() { r ext detach "$1" && "$ASHLAR" ext unload "$1"; }

en_count() { r -j map get "$1" "$2" "$3" | jq '.[0]."value-number"'; }
en_counts() { r -j map dump "$1" "$2" | jq 'map(."value-number") | add'; }
en_list() { r -j map dump "$1" "$2" | jq -c 'map(."value-number")'; }
en_stat() { r -j ext show "$1" | jq "[.[].instances[]][0].\"$2\""; }

en_runs()
{
	local filter="[.[].instances[]] | any(.build == \"$2\" and .state == \"$3\")"

	[ "$(r -j ext show "$1" | jq "$filter")" = true ]
}

en_grew()
{
	local now

	now=$(en_count "$1" "$2" "$3") && [ "${now:-0}" -ge "$4" ]
}

en_load()
{
	ip netns exec "$1" wrk -t 1 -c 8 --timeout 60s -d 1h -H "Connection: close" "$2" >"$KT_LOG.wrk" 2>&1 &
	EN_WRK=$!
}

en_load_end()
{
	kill -INT "$EN_WRK"
	wait "$EN_WRK"
	EN_WRK=
	cat "$KT_LOG.wrk"
	EN_PAGES=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' "$KT_LOG.wrk")
	EN_PAGES=${EN_PAGES:-0}
	((EN_PAGES > 0)) && ! grep -Eq 'Socket errors|Non-2xx' "$KT_LOG.wrk"
}

en_mark()
{
	EN_NAME=$1
	EN_COUNTS=$(en_list "$1" counts) && [ -n "$EN_COUNTS" ]
}

# Are connections tracked in the router, as Open vSwitch has it, which is part of the debug kernel? Fragments are joined
# then before all hooks but prerouting's first, and those that fit no whole come no farther. Asked when some have begun.
en_joins()
{
	local count

	count=$(ip netns exec xR cat /proc/sys/net/netfilter/nf_conntrack_count 2>/dev/null) && [ "$count" -gt 0 ]
}

en_moved()
{
	local now

	now=$(en_list "$EN_NAME" counts) && [ -n "$now" ] || return
	jq -en --argjson a "$EN_COUNTS" --argjson b "$now" --arg want "$*" '
		[range($a | length) | {key: tostring, value: ($b[.] - $a[.])}] | from_entries as $d |
		($want | split(" ") | map(split("=") | {key: .[0], value: .[1]}) | from_entries) as $w |
		$d | to_entries | map(select(.value != 0 or $w[.key])) | map(. as $e | ($w[$e.key] // "0") as $v |
			{key: .key, value: .value, good: (if $v | endswith("+") then .value >= ($v[:-1] | tonumber)
				else .value == ($v | tonumber) end)}) |
		(map(select(.good | not)) | length == 0) as $good | if $good then . else error(tojson) end'
}

en_commit()
{
	local answer

	answer=$(r -j ext request "$1" entry commit | jq -r .data) || return
	echo "$answer"
	[ -z "${2:-}" ] || [ "hex:$answer" = "$(en_word "$(en_le32 "$2")")" ]
}

en_get()
{
	local status

	status=$(ip netns exec "$1" curl -s -g -o /dev/null --connect-timeout "${3:-5}" --max-time 60 -w '%{http_code}' "$2")
	echo "$status"
	[ "$status" = 200 ]
}

en_word() { local IFS=; echo "hex:$*"; }
en_le16() { printf '%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)); }
en_be16() { printf '%04x' "$1"; }
en_le32() { printf '%s%s' "$(en_le16 $(($1 & 65535)))" "$(en_le16 $(($1 >> 16 & 65535)))"; }
en_le64() { printf '%s%s' "$(en_le32 $(($1 & 0xffffffff)))" "$(en_le32 $(($1 >> 32 & 0xffffffff)))"; }

en_addr()
{
	local words head tail i

	if [[ $1 != *:* ]]; then
		IFS=. read -ra words <<<"$1"
		printf '%02x%02x%02x%02x%024d' "${words[@]}" 0
		return
	fi
	IFS=: read -ra head <<<"${1%%::*}"
	tail=()
	[[ $1 != *::* ]] || IFS=: read -ra tail <<<"${1#*::}"
	for ((i = 0; i < ${#head[@]}; i++)); do
		printf '%04x' "0x${head[i]}"
	done
	for ((i = ${#head[@]} + ${#tail[@]}; i < 8; i++)); do
		printf 0000
	done
	for ((i = 0; i < ${#tail[@]}; i++)); do
		printf '%04x' "0x${tail[i]}"
	done
}

en_rule()
{
	local src=0.0.0.0/0 dst=0.0.0.0/0 family=0 proto=0 action=1 sport=0-0 dport=0-0 word

	for word; do
		local "${word?}"
	done
	printf 'hex:%s%s' "$(en_addr "${src%/*}")" "$(en_addr "${dst%/*}")"
	printf '%02x%02x%02x%02x%02x000000' "${src#*/}" "${dst#*/}" "$family" "$proto" "$action"
	printf '%s%s%s%s%016d\n' "$(en_le16 "${sport%-*}")" "$(en_le16 "${sport#*-}")" "$(en_le16 "${dport%-*}")" \
		"$(en_le16 "${dport#*-}")" 0
}

en_rate()
{
	local family=4

	[[ $1 != *:* ]] || family=6
	printf 'hex:%s%02x%02x%02x%02x%s%s%s\n' "$(en_addr "${1%/*}")" $family "${1#*/}" "$4" "${5:-0}" \
		"$(en_le32 "${6:-0}")" "$(en_le64 "$2")" "$(en_le64 "$3")"
}

en_service()
{
	local family=4

	[[ $1 != *:* ]] || family=6
	printf 'hex:%s%s%02x%02x%08d%s\n' "$(en_addr "$1")" "$(en_be16 "$2")" $family "$3" 0 "$(en_le64 4711)"
}

en_backend() { printf 'hex:%s%s%02x%02x%08d\n' "$(en_addr "$1")" "$(en_be16 "$2")" "$3" "${4:-1}" 0; }
