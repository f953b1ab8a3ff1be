# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests with failing allocations share; source it after tests/lib/MODULE.sh.
#
#   al_can              can this kernel inject faults?
#   al_quiet            sleeping allocations and single pages fail as well,
#                       without a stack trace each
#   al_pass_on COMMAND...
#                       the results of a program of tests/lib/faults.py become
#                       results here

AL_FAULTS=/sys/kernel/debug

al_can() { [ -e $AL_FAULTS/failslab ]; }

al_quiet()
{
	local kind

	for kind in failslab fail_page_alloc; do
		echo N >$AL_FAULTS/$kind/ignore-gfp-wait &&
			echo 0 >$AL_FAULTS/$kind/verbose || return
	done
	echo 0 >$AL_FAULTS/fail_page_alloc/min-order
}

al_pass_on()
{
	local line

	while IFS= read -r line; do
		case $line in
		"ok "*) : >"$KT_LOG"; kt_result 0 "${line#ok }" ;;
		"not ok "*) : >"$KT_LOG"; kt_result 1 "${line#not ok }" ;;
		*) echo "$line" ;;
		esac
	done < <("$@" 2>&1 || echo "not ok ends well: $*")
}
