# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the end-to-end tests of ashlar_link share besides tests/lib/link.sh.
# Source it from the top of the tree.
#
#   li_begin            ln_begin, and the helper tests/lib/links.py, or LI_PROGRAM
#   li_end              ln_end
#   t COMMAND...        asks the helper (see HELP in tests/lib/links.py): prints
#                       its answer, fails if that is a failure
#   li_add NS DEV [KEY=VALUE]...
#                       a link that is looked at often
#   li_both DEV [KEY=VALUE]...
#                       at both ends, hA and hB, with the key LI_KEY
#   li_bad NS DEV [PPM] what arrives there is corrupted from now on, at the
#                       rate of a busy line; li_good NS DEV: no more, and the
#                       line goes on
#   li_quiet NS DEV     the line is idle again
#   a WORD..., b WORD...
#                       the tool in hA, hB
#   li_bonds MODE DEV...
#                       wires DEV between hA and hB, in bond0 at both ends, as
#                       10.0.0.1 and 10.0.0.2
#   li_proof NS DEV     its FEC is alive: it can prove itself
#   li_reload           the module again

. tests/lib/link.sh

LI_KEY=000102030405060708090a0b0c0d0e0f
LI_FAST=(sample-ms=100 slow-ms=200 optics-ms=1000 beat-ms=100 hold-s=1 hold-max-s=600 history-s=1)

li_begin()
{
	ln_begin
	trap li_exit EXIT
	coproc LI_HELPER { exec "${LI_PROGRAM:-tests/lib/links.py}"; }
	# shellcheck disable=SC2153
	exec {LI_OUT}<&"${LI_HELPER[0]}" {LI_IN}>&"${LI_HELPER[1]}"
}

# The helper's sockets hold the namespaces.
li_exit()
{
	local pid=${LI_HELPER_PID:-}

	[ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null
	ln_exit
}

li_end() { ln_end; }

t()
{
	local line

	printf '%s\n' "$*" >&"$LI_IN"
	if ! IFS= read -r -t 600 line <&"$LI_OUT"; then
		echo "Bail out! the helper does not answer: $*"
		exit 1
	fi
	[[ $line = "ok "?* || $line = fail* ]] && echo "${line#* }"
	[[ $line = ok* ]]
}

a() { "$ASHLAR" -n hA "$@"; }
b() { "$ASHLAR" -n hB "$@"; }

li_add() { t "do" "$1" link-new "dev=$2" "${LI_FAST[@]}" "${@:3}"; }

li_both()
{
	local dev=$1

	shift
	li_add hA "$dev" "key=$LI_KEY" "$@" && li_add hB "$dev" "key=$LI_KEY" "$@"
}

li_bad() { ln_nic "$1" "$2" rate "rx_frames=1000000 rx_fcs=${3:-1000}"; }
li_good() { ln_nic "$1" "$2" rate "rx_frames=100000000 rx_fcs=0"; }
li_quiet() { ln_nic "$1" "$2" rate "rx_frames=0 rx_fcs=0"; }
li_proof() { ln_nic "$1" "$2" speed 400000 rate fec_corrected=1000; }

li_bonds()
{
	local mode=$1 dev

	shift
	for dev; do
		ln_pair hA "$dev" hB "$dev" || return
	done
	ln_bond hA bond0 "$mode" "$@" && ln_bond hB bond0 "$mode" "$@" &&
		ln_up hA bond0 10.0.0.1/24 && ln_up hB bond0 10.0.0.2/24 || return
	for dev; do
		ln_wait 10 ln_carrier hA "$dev" 1 && ln_wait 10 ln_carrier hB "$dev" 1 || return
	done
}

li_reload() { ln_unload && ln_load; }
