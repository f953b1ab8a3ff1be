#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=120
#
# The backstop: an extension that traps, as none can by itself, is ended by its landing pads like by any other fault.
# tests/modules/exttrap spoils its registers.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/ext.sh

ex_need sample

a() { ex_tool xA "$@"; }
module=$(ex_module sample)

# In which function; what the build adds to it need not be of a line.
told() # ENTRY KIND FAULTS
{
	a -j ext report sample >"$KT_LOG.json" || return
	jq -e ".[0] | .fault == \"trap\" and .entry == \"$1\" and .kind == \"$2\" and .faults == $3 and has(\"offset\") and
		.function[-1] == \"$1\" and (.line[-1] | test(\"sample[.]c:\"))" "$KT_LOG.json" || {
		cat "$KT_LOG.json"
		return 1
	}
}

echoes() { [ "$(a ext request sample entry echo text 'hello there')" = 'hello there' ]; }

# What it takes until it runs again.
mended()
{
	check "an untouched one is as before" rmmod ashlar_exttrap
	check "approved anew" "$ASHLAR" ext approve sample netns xA
	check "it begins anew" a ext restart sample
	check "packets pass" ex_ping 2
	check "requests are answered" echoes
}

ex_begin
check "a wire" ex_wire
check "an extension" "$ASHLAR" ext load "$(ex_ko sample)"
check "at work" ex_attach xA sample look input drop
check "packets pass" ex_ping 2
check "requests are answered" echoes
check "nothing went wrong yet" sh -c "[ \"\$($ASHLAR -n xA -j ext report)\" = '[]' ]"

check "a request that will trap" modprobe ashlar_exttrap "at=$module:count"
check_fails "has no answer" "did what it must not" a ext request sample entry count
check "is told" told count request 1
check "packets get the failure verdict" ex_lost
mended

check "a hook that will trap" modprobe ashlar_exttrap "at=$module:look"
check "gives the failure verdict" ex_lost
check "is told" told look hook 2
mended

check "one that will use what is not mapped" modprobe ashlar_exttrap "at=$module:look" value=0xffff800000000000
check "gives the failure verdict" ex_lost
check "is told" told look hook 3
mended

check "the kernel is not tainted" ex_untainted
check "it ends" "$ASHLAR" ext revoke sample netns xA
check "it goes" ex_unload
ex_end
