# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Topologies of network namespaces: hosts on a wire, VXLAN overlays on the
# hosts, containers on the overlays. Source it in bash; needs root, iproute2
# and, for topo_ashlar_*, the CLI in PATH (or in $ASHLAR) and the module.
#
#   topo_hosts N            hosts hostA, hostB, ...: eth0, 192.168.77.1, .2, ...
#                           on the wire. Two hosts share a veth pair, more hang
#                           on a bridge in the namespace "wire".
#   topo_overlay VNI [MTU]  an ordinary VXLAN overlay on every host: device
#                           vx<VNI> in bridge br<VNI>, flooding to all hosts
#   topo_container HOST NAME ADDR [VNI]
#                           namespace NAME with eth0 = ADDR/24, its veth peer
#                           v<NAME> in HOST's bridge of the VNI (default: the
#                           last topo_overlay)
#   topo_container_del NAME
#   topo_ashlar_underlay [ARG...]
#                           underlay u0 on every host; ARGs go to the CLI
#   topo_ashlar VNI [ARG...]
#                           the network (fallback vx<VNI>; ARGs go to the CLI)
#                           and an endpoint for each container of the VNI, on
#                           every host
#   topo_wait_live [SECONDS]
#                           until every host sees every other as live
#   topo_wait SECONDS COMMAND...
#                           until COMMAND succeeds
#   topo_counter NS DEV NAME
#                           prints a counter of the device, e.g. tx_packets
#   topo_cleanup            deletes every namespace made here
#
# What was made is in TOPO_HOSTS (names), TOPO_CONTAINERS (names), TOPO_ADDR
# (of host or container), TOPO_HOST and TOPO_VNI (of container), TOPO_MTU (of
# VNI).

ASHLAR=${ASHLAR:-ashlar}
TOPO_KEY=${TOPO_KEY:-000102030405060708090a0b0c0d0e0f}
TOPO_NET=${TOPO_NET:-192.168.77}

TOPO_HOSTS=()
TOPO_CONTAINERS=()
TOPO_LAST_VNI=
declare -gA TOPO_ADDR=() TOPO_HOST=() TOPO_VNI=() TOPO_MTU=()

# A process costs much in an emulated machine, so what can be said to one "ip" is.
topo_ip() { ip -n "$1" -batch -; }

# Router solicitations and duplicate address detection are noise in every
# measurement and count, so there is no IPv6; tests of it set disable_ipv6 back
# to 0. It must be said in each namespace: unlike other settings, this one is not
# inherited by devconf_inherit_init_net.
topo_netns()
{
	ip netns add "$1" && ip netns exec "$1" sh -c 'cd /proc/sys/net/ipv6/conf &&
		echo 1 >default/disable_ipv6 && echo 1 >all/disable_ipv6 && ip link set lo up'
}

# topo_pair NS1 DEV1 NS2 DEV2: a veth pair, each end born where it belongs
topo_pair()
{
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
}

topo_hosts()
{
	local n=$1 i host

	for ((i = 0; i < n; i++)); do
		printf -v host 'host\\x%x' $((65 + i))
		printf -v host '%b' "$host"
		topo_netns "$host" || return
		TOPO_HOSTS+=("$host")
		TOPO_ADDR[$host]=$TOPO_NET.$((i + 1))
	done

	if ((n == 2)); then
		topo_pair hostA eth0 hostB eth0 || return
	else
		topo_netns wire || return
		{
			echo "link add wire type bridge"
			echo "link set wire up"
			for host in "${TOPO_HOSTS[@]}"; do
				echo "link add p$host master wire type veth peer name eth0 netns $host"
				echo "link set p$host up"
			done
		} | topo_ip wire || return
	fi

	for host in "${TOPO_HOSTS[@]}"; do
		topo_ip "$host" <<-END || return
			addr add ${TOPO_ADDR[$host]}/24 dev eth0
			link set eth0 up
		END
	done
}

topo_overlay()
{
	local vni=$1 mtu=${2:-1450} host other

	for host in "${TOPO_HOSTS[@]}"; do
		topo_ip "$host" <<-END || return
			link add br$vni mtu $mtu type bridge
			link add vx$vni mtu $mtu type vxlan id $vni dstport 4789 local ${TOPO_ADDR[$host]} dev eth0
			link set vx$vni master br$vni up
			link set br$vni up
		END
		((${#TOPO_HOSTS[@]} > 1)) || continue
		for other in "${TOPO_HOSTS[@]}"; do
			[ "$other" = "$host" ] ||
				echo "fdb append 00:00:00:00:00:00 dev vx$vni dst ${TOPO_ADDR[$other]}"
		done | bridge -n "$host" -batch - || return
	done
	TOPO_LAST_VNI=$vni
	TOPO_MTU[$vni]=$mtu
}

topo_container()
{
	local host=$1 name=$2 addr=$3 vni=${4:-$TOPO_LAST_VNI} mtu

	mtu=${TOPO_MTU[$vni]:-1450}
	topo_netns "$name" || return
	topo_ip "$host" <<-END || return
		link add v$name mtu $mtu master br$vni type veth peer name eth0 mtu $mtu netns $name
		link set v$name up
	END
	topo_ip "$name" <<-END || return
		link set eth0 up
		addr add $addr/24 dev eth0
	END
	TOPO_CONTAINERS+=("$name")
	TOPO_ADDR[$name]=$addr
	TOPO_HOST[$name]=$host
	TOPO_VNI[$name]=$vni
}

topo_container_del()
{
	local name left=()

	# The veth pair goes now; with the namespace it would go some time later.
	ip -n "$1" link del eth0 || return
	ip netns del "$1" || return
	for name in "${TOPO_CONTAINERS[@]}"; do
		[ "$name" = "$1" ] || left+=("$name")
	done
	TOPO_CONTAINERS=("${left[@]}")
	unset "TOPO_ADDR[$1]" "TOPO_HOST[$1]" "TOPO_VNI[$1]"
}

topo_ashlar_underlay()
{
	local host

	for host in "${TOPO_HOSTS[@]}"; do
		echo "$TOPO_KEY" |
			"$ASHLAR" -n "$host" underlay add u0 dev eth0 \
				addr "${TOPO_ADDR[$host]}" key-file - "$@" || return
	done
}

topo_ashlar()
{
	local vni=$1 host name

	shift
	for host in "${TOPO_HOSTS[@]}"; do
		"$ASHLAR" -n "$host" network add "$vni" underlay u0 \
			fallback "vx$vni" "$@" || return
		for name in "${TOPO_CONTAINERS[@]}"; do
			[ "${TOPO_VNI[$name]}" = "$vni" ] || continue
			if [ "${TOPO_HOST[$name]}" = "$host" ]; then
				"$ASHLAR" -n "$host" endpoint add "$vni" \
					"${TOPO_ADDR[$name]}" \
					netns "$name" dev eth0 || return
			else
				"$ASHLAR" -n "$host" endpoint add "$vni" \
					"${TOPO_ADDR[$name]}" \
					host "${TOPO_ADDR[${TOPO_HOST[$name]}]}" || return
			fi
		done
	done
}

topo_wait()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		if ((SECONDS >= end)); then
			echo "topo: gave up waiting for: $*" >&2
			return 1
		fi
		sleep 0.1
	done
}

# topo_live HOST COUNT: all of the host's peers, at least COUNT, are live
topo_live()
{
	local states

	states=$("$ASHLAR" -n "$1" -j peer show 2>/dev/null |
		grep -o '"state": *"[^"]*"') || return
	! grep -qv '"live"' <<<"$states" &&
		(($(grep -c . <<<"$states") >= $2))
}

topo_wait_live()
{
	local host

	for host in "${TOPO_HOSTS[@]}"; do
		topo_wait "${1:-10}" topo_live "$host" $((${#TOPO_HOSTS[@]} - 1)) ||
			return
	done
}

topo_counter()
{
	ip netns exec "$1" cat "/sys/class/net/$2/statistics/$3"
}

topo_cleanup()
{
	local ns

	for ns in "${TOPO_CONTAINERS[@]}" "${TOPO_HOSTS[@]}" wire; do
		ip netns del "$ns" 2>/dev/null
	done
	TOPO_CONTAINERS=()
	TOPO_HOSTS=()
	TOPO_ADDR=()
	TOPO_HOST=()
	TOPO_VNI=()
	TOPO_MTU=()
	TOPO_LAST_VNI=
	return 0
}
