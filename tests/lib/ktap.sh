# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Results in KTAP, and programs that end with the test. tests/lib/MODULE.sh
# sources it, from the top of the tree.
#
#   kt_begin            KTAP header
#   kt_end              the plan; the last command of a test
#   kt_bail WHY         the test cannot go on
#   check NAME COMMAND...
#                       a result: the command succeeds
#   check_fails NAME PATTERN COMMAND...
#                       a result: it fails, and says so in these words (regexp)
#   skip NAME WHY
#   kt_soak             is this the long version?
#   kt_debug            is this the debug kernel?
#   kt_start PROGRAM... a program in the background that ends with the test
#   kt_serve NS iperf3|nginx|memcached [PORT]
#                       a server, ready; nginx serves /page of 100 kB
#
# KT_LOG holds what the last command said; names that begin with it are free
# for scratch files, which go with the test.

. tests/lib/topo.sh

KT_COUNT=0
KT_FAILED=0
KT_PIDS=()
KT_LOG=
KT_SINCE=0

kt_begin()
{
	echo "KTAP version 1"
	trap kt_exit EXIT
	KT_LOG=$(mktemp)
}

kt_exit()
{
	local pid

	for pid in "${KT_PIDS[@]}"; do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$KT_LOG" "$KT_LOG".*
}

kt_bail()
{
	kt_said
	echo "Bail out! $*"
	exit 1
}

kt_end()
{
	echo "1..$KT_COUNT"
	((KT_FAILED == 0)) || exit 1
}

kt_soak() { [ -n "${ASHLAR_SOAK:-}" ]; }
kt_debug() { [ "${ASHLAR_KERNEL:-}" = debug ]; }

# What a command has said, as comments.
kt_said()
{
	local line

	while IFS= read -r line || [ -n "$line" ]; do
		echo "# $line"
	done <"$KT_LOG"
}

# kt_says PATTERN: does a line of it match?
kt_says()
{
	local line

	while IFS= read -r line || [ -n "$line" ]; do
		[[ $line =~ $1 ]] && return
	done <"$KT_LOG"
	return 1
}

# kt_result STATUS NAME [WHY]
kt_result()
{
	local took=$((${EPOCHREALTIME/./} - KT_SINCE))

	KT_COUNT=$((KT_COUNT + 1))
	printf '# %d.%03d s\n' $((took / 1000000)) $((took / 1000 % 1000))
	if [ "$1" = 0 ]; then
		kt_said
		echo "ok $KT_COUNT $2"
	else
		KT_FAILED=$((KT_FAILED + 1))
		[ -z "${3:-}" ] || echo "# $3"
		kt_said
		echo "not ok $KT_COUNT $2"
	fi
}

# Commands run in this shell, not in a subshell: they may set variables.
check()
{
	local name=$1

	shift
	KT_SINCE=${EPOCHREALTIME/./}
	"$@" >"$KT_LOG" 2>&1
	kt_result $? "$name" "failed: $*"
}

check_fails()
{
	local name=$1 pattern=$2

	shift 2
	KT_SINCE=${EPOCHREALTIME/./}
	if "$@" >"$KT_LOG" 2>&1; then
		kt_result 1 "$name" "must fail: $*"
	else
		kt_says "$pattern"
		kt_result $? "$name" "must fail by \"$pattern\": $*"
	fi
}

skip()
{
	KT_COUNT=$((KT_COUNT + 1))
	echo "ok $KT_COUNT $1 # SKIP $2"
}

kt_start()
{
	"$@" >>"$KT_LOG.program" 2>&1 &
	KT_PIDS+=("$!")
}

# kt_listens NS PORT: somebody listens there
kt_listens() { ip netns exec "$1" ss -Htln "sport = :$2" | grep -q .; }

# kt_serve NS iperf3|nginx|memcached [PORT]: starts a server and waits until it listens
kt_serve()
{
	local ns=$1 dir=$KT_LOG.$1.$2 port=${3:-}

	mkdir -p "$dir"
	case $2 in
	iperf3)
		kt_start ip netns exec "$ns" iperf3 -s -p "${port:=5201}"
		;;
	memcached)
		kt_start ip netns exec "$ns" memcached -u root -U 0 -t 1 -m 32 -p "${port:=11211}"
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
		kt_start ip netns exec "$ns" nginx -e "$dir/error" -c "$dir/conf"
		;;
	esac
	topo_wait 60 kt_listens "$ns" "$port"
}
