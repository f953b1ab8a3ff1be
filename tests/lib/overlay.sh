# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of ashlar_overlay share. Source it from the top of the tree.
#
#   ov_begin [WHY]      KTAP header, the module, the helper tests/lib/tcp.py
#   ov_end              the plan; the last command of a test
#   check, check_fails, skip
#                       see tests/lib/ktap.sh; what is there is here by ov_ too
#   check_module, check_module_fails
#                       the same, skipped where only the fallback is tested
#   t COMMAND...        asks the helper (see HELP in tests/lib/tcp.py): prints
#                       its answer, fails if that is a failure
#   ov_hosts N [VNI]    topo_hosts, topo_overlay and a container on each host:
#                       cA1 = 10.VNI.0.1 on hostA, cB1 = 10.VNI.0.2, ...
#   ov_container ...    topo_container, and tells the helper
#   ov_up               underlay and networks on all hosts; all peers live
#   ov_down HOST        takes the host's configuration away again
#   ov_configure HOST   underlay, networks and endpoints of one host;
#                       OV_UNDERLAY are more words for the underlay
#   ov_load, ov_unload  the module
#   ov_nft NS           loads the rules on stdin; ov_nft_flush NS
#
# With ASHLAR_PLAIN set the module stays out and nothing but the fallback is
# tested: all results that do not tell of the module must be the same.

. tests/lib/ktap.sh

# The helper makes a namespace without a process of its own.
topo_netns() { t netns "$1"; }

# shellcheck disable=SC2034 # the tests use them
declare -n OV_LOG=KT_LOG OV_PIDS=KT_PIDS
OV_VNIS=()
OV_UNDERLAY=()

ov_begin()
{
	kt_begin
	trap ov_exit EXIT
	coproc OV_HELPER { exec tests/lib/tcp.py; }
	# shellcheck disable=SC2153
	exec {OV_OUT}<&"${OV_HELPER[0]}" {OV_IN}>&"${OV_HELPER[1]}"
	ov_plain || ov_load || ov_bail "cannot load the module"
}

ov_exit()
{
	[ -z "${OV_HELPER_PID:-}" ] || t nonetns
	KT_PIDS+=(${OV_HELPER_PID:+"$OV_HELPER_PID"})
	kt_exit
}

ov_bail() { kt_bail "$@"; }
ov_end() { kt_end; }
ov_result() { kt_result "$@"; }
ov_soak() { kt_soak; }
ov_debug() { kt_debug; }
ov_start() { kt_start "$@"; }
ov_serve() { kt_serve "$@"; }
ov_plain() { [ -n "${ASHLAR_PLAIN:-}" ]; }

check_module()
{
	if ov_plain; then skip "$1" "no module"; else check "$@"; fi
}

check_module_fails()
{
	if ov_plain; then skip "$1" "no module"; else check_fails "$@"; fi
}

t()
{
	local line

	printf '%s\n' "$*" >&"$OV_IN"
	if ! IFS= read -r -t 600 line <&"$OV_OUT"; then
		echo "Bail out! the helper does not answer: $*"
		exit 1
	fi
	[[ $line = "ok "?* || $line = fail* ]] && echo "${line#* }"
	[[ $line = ok* ]]
}

ov_load() { modprobe ashlar_overlay; }
ov_unload() { rmmod ashlar_overlay; }

ov_hosts()
{
	local host vni=${2:-88}

	topo_hosts "$1" >"$OV_LOG" 2>&1 || ov_bail "cannot make the hosts"
	ov_overlay "$vni"
	for host in "${TOPO_HOSTS[@]}"; do
		ov_container "$host" "c${host#host}1" "10.$vni.0.${TOPO_ADDR[$host]##*.}"
	done
}

# ov_overlay VNI [MTU]
ov_overlay()
{
	topo_overlay "$@" >"$OV_LOG" 2>&1 || ov_bail "cannot make the overlay $1"
	OV_VNIS+=("$1")
}

ov_container()
{
	topo_container "$@" >"$OV_LOG" 2>&1 || ov_bail "cannot make the container $2"
	t site "$2" "$1" "$3" "${TOPO_VNI[$2]}"
}

# Also resolves the neighbours, so that no request for them falls into a measurement.
ov_warm()
{
	local name other

	for name in "${TOPO_CONTAINERS[@]}"; do
		for other in "${TOPO_CONTAINERS[@]}"; do
			[[ $name < $other ]] || continue
			[ "${TOPO_VNI[$name]}" = "${TOPO_VNI[$other]}" ] || continue
			t udp "$name" "$other" 100 || return
		done
	done
}

# The words of the underlay of a host; a test may have its own.
ov_underlay()
{
	echo "dev eth0 addr ${TOPO_ADDR[$1]}"
}

# ov_batch HOST: what the tool is told to configure the host
ov_batch()
{
	local host=$1 vni name where

	echo "underlay add u0 $(ov_underlay "$host") key-file $OV_LOG.key ${OV_UNDERLAY[*]}"
	for vni in "${OV_VNIS[@]}"; do
		echo "network add $vni underlay u0 fallback vx$vni"
		for name in "${TOPO_CONTAINERS[@]}"; do
			[ "${TOPO_VNI[$name]:-}" = "$vni" ] || continue
			if [ "${TOPO_HOST[$name]}" = "$host" ]; then
				where="netns $name dev eth0"
			else
				where="host ${TOPO_ADDR[${TOPO_HOST[$name]}]}"
			fi
			echo "endpoint add $vni ${TOPO_ADDR[$name]} $where"
		done
	done
}

ov_configure()
{
	ov_plain && return
	(umask 077 && echo "$TOPO_KEY" >"$OV_LOG.key")
	ov_batch "$1" >"$OV_LOG.batch"
	"$ASHLAR" -n "$1" -b "$OV_LOG.batch"
}

ov_down()
{
	local vni

	ov_plain && return
	for vni in "${OV_VNIS[@]}"; do
		"$ASHLAR" -n "$1" endpoint flush "$vni" &&
			"$ASHLAR" -n "$1" network del "$vni" || return
	done
	"$ASHLAR" -n "$1" underlay del u0
}

ov_up()
{
	local host

	ov_plain && return
	for host in "${TOPO_HOSTS[@]}"; do
		ov_configure "$host" >"$OV_LOG" 2>&1 ||
			ov_bail "cannot configure $host"
	done
	ov_live >"$OV_LOG" 2>&1 || ov_bail "the peers are not live"
}

# Every host sees every other as live.
ov_live()
{
	local host other

	for host in "${TOPO_HOSTS[@]}"; do
		for other in "${TOPO_HOSTS[@]}"; do
			[ "$host" = "$other" ] ||
				t peer "$host" "${TOPO_ADDR[$other]}" live || return
		done
	done
}

ov_nft() { ip netns exec "$1" nft -f -; }
ov_nft_flush() { ip netns exec "$1" nft flush ruleset; }

# A counter of "stats show" has grown: ov_grew HOST NAME OLD [MORE]
ov_grew() { t stat_at_least "$1" "$2" $(($3 + ${4:-1})); }
