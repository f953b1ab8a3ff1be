# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the tool say of it. The test that sources it, behind
# tests/lib/MODULE.sh, defines a(): the tool where the test's objects are.
#
#   says STATUS PATTERN COMMAND...
#                       the command's status, and what it says on standard error
#   misuse PATTERN WORD...
#   refused PATTERN WORD...
#                       results: the words make no sense; the kernel says no
#   shows FILTER WORD...
#                       the tool's JSON satisfies the filter
#   prints PATTERN WORD...
#                       its text says so

says()
{
	local status=$1 pattern=$2 error got

	shift 2
	error=$("$@" 2>&1 >/dev/null </dev/null)
	got=$?
	echo "status $got: $error"
	[ $got = "$status" ] && grep -Eq -- "$pattern" <<<"$error"
}

misuse() { check "misuse, \"${*:2}\"" says 1 "^ashlar: .*$1" a "${@:2}"; }
refused() { check "refused, \"${*:2}\"" says 2 "^ashlar: .*$1" a "${@:2}"; }

shows()
{
	a -j "${@:2}" >"$KT_LOG.json" || return
	jq -e "$1" "$KT_LOG.json" >/dev/null || { cat "$KT_LOG.json"; return 1; }
}

prints()
{
	local text

	text=$(a "${@:2}") && echo "$text" && grep -Eq -- "$1" <<<"$text"
}
