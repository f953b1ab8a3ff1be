# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of ashlar_overlay share. Source it from the top of the tree.
#
#   ov_begin [WHY]      KTAP header, the module, the helper tests/lib/tcp.py
#   ov_end              the plan; the last command of a test
#   check NAME COMMAND...
#                       a result: the command succeeds
#   check_fails NAME PATTERN COMMAND...
#                       a result: it fails, and says so in these words (regexp)
#   check_module, check_module_fails
#                       the same, skipped where only the fallback is tested
#   skip NAME WHY
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
#   ov_soak             is this the long version?
#   ov_start PROGRAM... a program in the background that ends with the test
#   ov_serve NS iperf3|nginx|memcached [PORT]
#                       a server, ready; nginx serves /page of 100 kB
#
# With ASHLAR_PLAIN set the module stays out and nothing but the fallback is
# tested: all results that do not tell of the module must be the same.

. tests/lib/topo.sh

# The helper makes a namespace without a process of its own.
topo_netns() { t netns "$1"; }

OV_COUNT=0
OV_FAILED=0
OV_VNIS=()
OV_UNDERLAY=()
OV_PIDS=()
OV_LOG=
OV_SINCE=0

ov_begin()
{
	echo "KTAP version 1"
	trap ov_exit EXIT
	OV_LOG=$(mktemp)
	coproc OV_HELPER { exec tests/lib/tcp.py; }
	# shellcheck disable=SC2153
	exec {OV_OUT}<&"${OV_HELPER[0]}" {OV_IN}>&"${OV_HELPER[1]}"
	ov_plain || ov_load || ov_bail "cannot load the module"
}

ov_exit()
{
	local pid

	[ -z "${OV_HELPER_PID:-}" ] || t nonetns
	for pid in "${OV_PIDS[@]}" ${OV_HELPER_PID:+"$OV_HELPER_PID"}; do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$OV_LOG" "$OV_LOG".*
}

ov_bail()
{
	ov_said
	echo "Bail out! $*"
	exit 1
}

ov_end()
{
	echo "1..$OV_COUNT"
	((OV_FAILED == 0)) || exit 1
}

ov_plain() { [ -n "${ASHLAR_PLAIN:-}" ]; }
ov_soak() { [ -n "${ASHLAR_SOAK:-}" ]; }
ov_debug() { [ "${ASHLAR_KERNEL:-}" = debug ]; }

# What a command has said, as comments.
ov_said()
{
	local line

	while IFS= read -r line || [ -n "$line" ]; do
		echo "# $line"
	done <"$OV_LOG"
}

# ov_says PATTERN: does a line of it match?
ov_says()
{
	local line

	while IFS= read -r line || [ -n "$line" ]; do
		[[ $line =~ $1 ]] && return
	done <"$OV_LOG"
	return 1
}

# ov_result STATUS NAME [WHY]
ov_result()
{
	local took=$((${EPOCHREALTIME/./} - OV_SINCE))

	OV_COUNT=$((OV_COUNT + 1))
	printf '# %d.%03d s\n' $((took / 1000000)) $((took / 1000 % 1000))
	if [ "$1" = 0 ]; then
		ov_said
		echo "ok $OV_COUNT $2"
	else
		OV_FAILED=$((OV_FAILED + 1))
		[ -z "${3:-}" ] || echo "# $3"
		ov_said
		echo "not ok $OV_COUNT $2"
	fi
}

# Commands run in this shell, not in a subshell: they may set variables.
check()
{
	local name=$1

	shift
	OV_SINCE=${EPOCHREALTIME/./}
	"$@" >"$OV_LOG" 2>&1
	ov_result $? "$name" "failed: $*"
}

check_fails()
{
	local name=$1 pattern=$2

	shift 2
	OV_SINCE=${EPOCHREALTIME/./}
	if "$@" >"$OV_LOG" 2>&1; then
		ov_result 1 "$name" "must fail: $*"
	else
		ov_says "$pattern"
		ov_result $? "$name" "must fail by \"$pattern\": $*"
	fi
}

check_module()
{
	if ov_plain; then skip "$1" "no module"; else check "$@"; fi
}

check_module_fails()
{
	if ov_plain; then skip "$1" "no module"; else check_fails "$@"; fi
}

skip()
{
	OV_COUNT=$((OV_COUNT + 1))
	echo "ok $OV_COUNT $1 # SKIP $2"
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

ov_start()
{
	"$@" >>"$OV_LOG.program" 2>&1 &
	OV_PIDS+=("$!")
}

# ov_listens NS PORT: somebody listens there
ov_listens() { ip netns exec "$1" ss -Htln "sport = :$2" | grep -q .; }

# ov_serve NS iperf3|nginx|memcached [PORT]: starts a server and waits until it listens
ov_serve()
{
	local ns=$1 dir=$OV_LOG.$1.$2 port=$3

	mkdir -p "$dir"
	case $2 in
	iperf3)
		ov_start ip netns exec "$ns" iperf3 -s -p "${port:=5201}"
		;;
	memcached)
		ov_start ip netns exec "$ns" memcached -u root -U 0 -t 1 -m 32 -p "${port:=11211}"
		;;
	nginx)
		head -c 100000 /dev/urandom >"$dir/page"
		cat >"$dir/conf" <<-END
			user root;
			daemon off;
			worker_processes 1;
			pid $dir/pid;
			events { }
			http {
				access_log off;
				client_body_temp_path $dir/tmp;
				proxy_temp_path $dir/tmp;
				fastcgi_temp_path $dir/tmp;
				uwsgi_temp_path $dir/tmp;
				scgi_temp_path $dir/tmp;
				server { listen ${port:=80}; root $dir; }
			}
		END
		ov_start ip netns exec "$ns" nginx -e "$dir/error" -c "$dir/conf"
		;;
	esac
	topo_wait 60 ov_listens "$ns" "$port"
}
