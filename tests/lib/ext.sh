# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of ashlar_ext share. Source it from the top of the tree.
#
#   ex_need NAME...     the extensions were built for this kernel (by
#                       scripts/ext-tests, before the machine booted); else
#                       the test fails
#   ex_ko NAME          prints the module's file: NAME is its directory's
#   ex_module NAME      prints what its module is called
#   ex_build NAME       prints its build
#   ex_begin            KTAP header, ashlar_ext
#   ex_end              all goes; the plan; the last command of a test
#   check, check_fails, skip, kt_...
#                       see tests/lib/ktap.sh
#   ex_load, ex_unload  ashlar_ext, and every extension with it
#   ex_wire             two namespaces, xA and xB, 10.9.0.1 and 10.9.0.2, each
#                       with the device e0
#   ex_tool NS WORD...  the tool in a namespace
#   ex_attach NS NAME ENTRY HOOK VERDICT [WORD...]
#                       approved there and attached; VERDICT on failure
#   ex_ping [COUNT]     xB pings xA: all answers come
#   ex_lost [COUNT]     none comes
#   ex_json NS "OBJECT [VERB ...]" FILTER
#                       prints what jq makes of "ashlar -j OBJECT show"; fails
#                       if that is null or false
#   ex_state NS NAME STATE
#                       is the instance in it?
#   ex_wait SECONDS COMMAND...
#                       until COMMAND succeeds
#   ex_untainted        taint is what it was when the test began, but for what
#                       loading modules of one's own adds

. tests/lib/ktap.sh

EX_DIR=${ASHLAR_TREE:-$PWD}/build/ext/${ASHLAR_KERNEL:-stock}
EX_TAINT=

ex_ko() { echo "$EX_DIR/$1.ko"; }
ex_module() { modinfo -F name "$EX_DIR/$1.ko"; }
ex_build() { local module; module=$(ex_module "$1") && echo "${module##*_}"; }
ex_tool() { "$ASHLAR" -n "$@"; }
ex_wait() { topo_wait "$@"; }

ex_need()
{
	local name

	for name; do
		if [ ! -e "$EX_DIR/$name.ko" ]; then
			echo "Bail out! the extension $name was not built: see build/log/ext-${ASHLAR_KERNEL:-stock}-$name.log"
			exit 1
		fi
	done
}

ex_begin()
{
	kt_begin
	ex_load || kt_bail "cannot load the module"
	EX_TAINT=$(</proc/sys/kernel/tainted)
}

ex_end()
{
	local name

	for name in $(ex_hosted); do
		"$ASHLAR" ext detach "${name%_*}" >/dev/null 2>&1
	done
	kt_end
}

ex_load() { modprobe ashlar_ext; }

# The modules that ashlar_ext hosts.
ex_hosted()
{
	local module users

	while read -r module _ _ users _; do
		if [ "$module" = ashlar_ext ] && [ "$users" != - ]; then
			echo "${users//,/ }"
		fi
	done </proc/modules
}

ex_unload()
{
	local name

	for name in $(ex_hosted); do
		"$ASHLAR" ext unload "${name%_*}" build "${name##*_}" || return
	done
	rmmod ashlar_ext
}

ex_wire()
{
	topo_netns xA && topo_netns xB || return
	topo_ip xA <<-END || return
		link add e0 type veth peer name e0 netns xB
		addr add 10.9.0.1/24 dev e0
		link set e0 up
	END
	topo_ip xB <<-END || return
		addr add 10.9.0.2/24 dev e0
		link set e0 up
	END
	ex_wait 10 ex_ping
}

ex_attach()
{
	local ns=$1 name=$2 entry=$3 hook=$4 verdict=$5

	shift 5
	"$ASHLAR" ext approve "$name" netns "$ns" &&
		ex_tool "$ns" ext attach "$name" entry "$entry" hook "$hook" "$@" fail "$verdict"
}

ex_ping() { ip netns exec xB ping -q -n -i 0.05 -c "${1:-1}" -W 2 10.9.0.1; }

ex_lost()
{
	local text

	text=$(ip netns exec xB ping -q -n -i 0.05 -c "${1:-1}" -W 1 10.9.0.1)
	echo "$text"
	grep -q ' 0 received' <<<"$text"
}

ex_json()
{
	local words text

	read -ra words <<<"$2"
	[ ${#words[@]} -gt 1 ] || words+=(show)
	# Of nothing, jq thinks well.
	text=$(ex_tool "$1" -j "${words[@]}") && [ -n "$text" ] && jq -e "$3" <<<"$text"
}

ex_state()
{
	ex_json "$1" "ext show $2" "[.[].instances[] | select(.state == \"$3\")] | length == 1"
}

ex_untainted() { [ "$(</proc/sys/kernel/tainted)" = "$EX_TAINT" ]; }
