# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2004,SC2034,SC2153
#
# Open vSwitch on the hosts of topo.sh: a Geneve overlay per host pair.
#
# A kernel datapath belongs to a network namespace, and a switch daemon sees
# the datapaths of its own namespace only, so every host gets a database and a
# daemon of its own, told apart by their run directories.
#
#   ovs_overlay VNI               bridge brovs on every host, tunnels between all
#   ovs_container HOST NAME ADDR  like topo_container, plugged into brovs
#   ovs_cleanup                   ends the daemons, unloads the datapath; call it
#                                 before topo_cleanup

OVS_MTU=1450

ovs_run()
{
	echo "/run/ashlar-ovs/$1"
}

ovs_vsctl()
{
	local host=$1

	shift
	ovs-vsctl --db="unix:$(ovs_run "$host")/db.sock" "$@"
}

ovs_daemons()
{
	local host=$1 run

	run=$(ovs_run "$host")
	mkdir -p "$run" || return
	ovsdb-tool create "$run/conf.db" \
		/usr/share/openvswitch/vswitch.ovsschema || return
	ip netns exec "$host" env OVS_RUNDIR="$run" ovsdb-server \
		"$run/conf.db" --remote="punix:$run/db.sock" \
		--pidfile="$run/ovsdb.pid" --unixctl="$run/ovsdb.ctl" \
		-vconsole:off --log-file="$run/ovsdb.log" --detach || return
	ovs_vsctl "$host" --no-wait init || return
	ip netns exec "$host" env OVS_RUNDIR="$run" ovs-vswitchd \
		"unix:$run/db.sock" \
		--pidfile="$run/vswitchd.pid" --unixctl="$run/vswitchd.ctl" \
		-vconsole:off --log-file="$run/vswitchd.log" --detach
}

ovs_overlay()
{
	local vni=$1 host other

	modprobe openvswitch || return
	for host in "${TOPO_HOSTS[@]}"; do
		ovs_daemons "$host" || return
		ovs_vsctl "$host" add-br brovs || return
		for other in "${TOPO_HOSTS[@]}"; do
			[ "$other" = "$host" ] && continue
			ovs_vsctl "$host" add-port brovs "g$other" -- \
				set interface "g$other" type=geneve \
				options:remote_ip="${TOPO_ADDR[$other]}" \
				options:key="$vni" || return
		done
	done
}

ovs_container()
{
	local host=$1 name=$2 addr=$3

	topo_netns "$name" || return
	topo_pair "$name" eth0 "$host" "v$name" || return
	ip -n "$host" link set "v$name" mtu $OVS_MTU up || return
	ip -n "$name" link set eth0 mtu $OVS_MTU up || return
	ip -n "$name" addr add "$addr/24" dev eth0 || return
	ovs_vsctl "$host" add-port brovs "v$name" || return
	TOPO_CONTAINERS+=("$name")
	TOPO_ADDR[$name]=$addr
	TOPO_HOST[$name]=$host
}

# ovs_stop PIDFILE
ovs_stop()
{
	local pid

	pid=$(cat "$1" 2>/dev/null) || return 0
	kill "$pid"
	while [ -d "/proc/$pid" ]; do
		sleep 0.1
	done
}

ovs_cleanup()
{
	local host run

	for host in "${TOPO_HOSTS[@]}"; do
		run=$(ovs_run "$host")
		[ -d "$run" ] || continue
		ovs_vsctl "$host" --if-exists del-br brovs
		ovs_stop "$run/vswitchd.pid"
		ovs_stop "$run/ovsdb.pid"
		rm -r "$run"
	done
	[ ! -d /sys/module/openvswitch ] || modprobe -r openvswitch
}
