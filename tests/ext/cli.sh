#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=480 soak=debug
#
# The tool and netlink of extensions and maps: grammar, statuses, sentences, JSON, events, who may do what, and the
# report of a fault with its source line.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/ext.sh
. tests/lib/cli.sh

ex_need sample sample-new sample-plain

a() { ex_tool xA "$@"; }

# What may not change while commands are refused.
config() { a -j ext show | jq -c '[.[] | {name, build, approvals, hooks, state: [.instances[].state]}]'; }

ko=$(ex_ko sample)
new=$(ex_ko sample-new)
build=$(ex_build sample)
newer=$(ex_build sample-new)

ex_begin
rmmod ashlar_ext
check "help works without the module" "$ASHLAR" ext help
check "of a verb, too" "$ASHLAR" help ext attach
check "of maps" "$ASHLAR" help map "set"
check "without the module it says which to load" \
	says 2 "^ashlar: the module is not loaded: modprobe ashlar_ext$" "$ASHLAR" ext show
check "also when an extension is loaded" says 2 "modprobe ashlar_ext$" "$ASHLAR" ext load "$ko"
check "but misuse is misuse" says 1 '"sho"' "$ASHLAR" ext sho
ex_load
check "a wire" ex_wire
check "nothing to show yet" shows '. == []' ext show
check "nor here" shows '. == []' map show
check "text says so" prints 'no extension is loaded' ext show
check "nothing went wrong yet" shows '. == []' ext report

# --- loading
misuse 'missing' ext load
misuse '/nonexistent' ext load /nonexistent
misuse 'not a kernel module' ext load /etc/hostname
misuse '"more"' ext load "$ko" more
refused 'no such extension is loaded' ext unload sample
refused 'no such extension' ext show sample
check "one without checks is refused, with the reason" says 2 "the load gate refuses it: ." a ext load "$(ex_ko sample-plain)"
check "an extension is loaded" a ext load "$ko"
refused 'loaded already' ext load "$ko"
check "it is shown" shows ".[0] | .name == \"sample\" and .version == \"1.0\" and .build == \"$build\" and .precise and
	.instances == [] and .approvals == [] and (.entry | index(\"look\")) != null and
	.[\"entry-kind\"][.entry | index(\"look\")] == \"hook\" and (.map | index(\"flows\")) != null" ext show sample
check "in words" prints 'look \(hook\)' ext show
check "and where it is approved: nowhere" prints 'nowhere' ext show
check "its module's file is remembered" cmp "$ko" "/run/ashlar/ext/$(ex_module sample).ko"

# --- approval
refused 'not approved' ext attach sample entry look hook input fail drop
refused 'no such extension is at work' ext detach sample
misuse 'not both' ext approve sample any netns xA
misuse '"nowhere"' ext approve sample netns nowhere
misuse '"4Q"' ext approve sample memory 4Q
misuse '"101"' ext approve sample cpu 101
misuse '"all"' ext approve sample fuel all
misuse '"-1"' ext approve sample pps -1
refused '.' ext approve sample memory 1K
refused '.' ext approve sample fuel 1
refused '.' ext revoke sample
check "nothing of this was done" shows '.[0].approvals == []' ext show
check "it is approved" "$ASHLAR" ext approve sample netns xA memory 2M fuel 500000 lock-us 500 pps 100000 cpu 50%
check "with its quotas" shows '.[0].approvals | length == 1 and (.[0] | .memory == 2097152 and .fuel == 500000 and
	."lock-ns" == 500000 and .pps == 100000 and ."cpu-permille" == 500)' ext show
check "in words, too" prints 'approved +xA: memory 2M, fuel 500000, lock 500us, pps 100000, cpu 50.0%' ext show

# --- attaching
misuse '"fail" is missing: .*(drop|accept)' ext attach sample entry look hook input
misuse '"entry" is missing' ext attach sample hook input fail drop
misuse '"hook" is missing' ext attach sample entry look fail drop
misuse '"maybe"' ext attach sample entry look hook input fail maybe
misuse '"uphill"' ext attach sample entry look hook uphill fail drop
misuse '"dev" is missing' ext attach sample entry look hook ingress fail drop
misuse 'only ingress' ext attach sample entry look hook input dev e0 fail drop
misuse '"e9"' ext attach sample entry look hook ingress dev e9 fail drop
misuse '"first"' ext attach sample entry look hook input priority first fail drop
misuse 'twice' ext attach sample entry look hook input fail drop fail drop
refused '.' ext attach sample entry nothing hook input fail drop
refused '.' ext attach sample entry echo hook input fail drop
refused 'every protocol' ext attach sample entry look hook ingress dev e0 family ipv4 fail drop
check "nothing of this was done" shows '.[0] | .hooks == [] and .instances == []' ext show
check "it is attached" a ext attach sample entry look hook input fail drop
check "and once more, elsewhere" a ext attach sample entry look hook ingress dev e0 priority -5 fail accept
refused '.' ext attach sample entry look hook input fail drop
check "packets pass" ex_ping 3
check "and are counted" shows '.[0].instances[0] | .state == "running" and .accepted >= 6 and .dropped == 0 and
	.runs >= 6 and .faults == 0 and ."memory-used" > 0 and has("fuel-max") and .build == "'"$build"'"' ext show
check "hooks are shown" shows '.[0].hooks | length == 2 and any(.[]; .hook == "input" and .fail == "drop" and
	.family == "both" and .priority == 0 and .entry == "look") and any(.[]; .hook == "ingress" and .device == "e0" and
	.priority == -5 and .fail == "accept")' ext show
check "in words" prints 'ingress e0, both, priority -5: look, or on failure accept' ext show
check "use against quota" prints 'memory .* of 2M, fuel [0-9]+ of 500000' ext show
refused 'not attached there' ext detach sample entry look hook forward
check "one hook goes" a ext detach sample entry look hook ingress dev e0
check "the other stays" shows '.[0].hooks | length == 1 and .[0].hook == "input"' ext show
refused 'an instance uses it' ext unload sample

# --- quotas
misuse 'say what to set' ext set sample
refused 'no such extension is at work' ext set nobody fuel 1000
refused '.' ext set sample memory 32M
check "which was not done" shows '.[0].instances[0].memory == 2097152' ext show
check "within the approval" a ext set sample fuel 400000 pps 50000
check "it is" shows '.[0].instances[0] | .fuel == 400000 and .pps == 50000 and .memory == 2097152' ext show

# --- requests
misuse '"entry" is missing' ext request sample
misuse '"0g"' ext request sample entry echo hex 0g
misuse 'not both' ext request sample entry echo hex 00 text x
refused '.' ext request sample entry nothing
refused '.' ext request sample entry look
refused 'no such extension is at work' ext request nobody entry echo
check "a request is answered" sh -c "[ \"\$($ASHLAR -n xA ext request sample entry echo text 'hello there')\" = 'hello there' ]"
check "in bytes" sh -c "$ASHLAR -n xA ext request sample entry echo hex 00ff10 | grep -q '^0000  00 ff 10'"
check "in JSON" shows '.result == 2 and .data == "0a0b"' ext request sample entry echo hex 0a:0b
check "an answer may be an error" says 2 "Invalid argument" a ext request sample entry refuse
check "which is one in JSON" sh -c "$ASHLAR -n xA -j ext request sample entry refuse 2>/dev/null | jq -e '.result == -22'"

# --- maps
check "maps are shown" shows 'map(.name) | sort == ["flows", "mode", "recent", "seen"]' map show sample
check "one of them" shows 'length == 1 and (.[0] | .type == "hash" and ."key-size" == 8 and ."value-size" == 8 and
	."max-entries" == 64 and .entries == 0 and .schema == 1 and .ext == "sample")' map show sample flows
check "in a table" prints 'sample +flows +hash +8:8 +0/64' map show
refused 'no such map' map show sample none
refused 'no such map' map get sample none 1
refused 'no such map' map flush nobody flows
misuse '"KEY"' map get sample flows
misuse '"ten"' map get sample flows ten
misuse '"hex:00": the key is 8 bytes' map get sample flows hex:00
misuse 'a number of 4 bytes' map set sample mode 0 0x100000000
refused 'no such entry' map get sample flows 1
refused 'no such entry' map get sample mode 4
refused 'no such entry' map del sample flows 1
refused 'cannot go' map del sample mode 0
check "an entry is written" a map set sample flows hex:0a09000100500000 77
refused 'has such an entry' map set sample flows hex:0a09000100500000 78 create
refused 'no such entry' map set sample flows 5 78 replace
refused 'not be there' map set sample flows 5 78 create replace
check "and read" shows '.[0] | ."value-number" == 77 and .value == "4d00000000000000" and .key == "0a09000100500000"' \
	map get sample flows hex:0a09000100500000
check "in words" prints 'hex:0a09000100500000.*77 \(hex:4d00000000000000\)' map dump sample flows
check "replaced" a map set sample flows hex:0a09000100500000 78 replace
check "and another" a map set sample flows 5 1
check "all of them" shows 'length == 2' map dump sample flows
check "an array's are all there" shows 'length == 4 and all(.[]; ."value-number" == 0)' map dump sample mode
check "counters are summed" shows 'any(.[]; ."value-number" >= 3)' map dump sample seen
check "an address is a key" a map set sample recent 10.9.0.2 5
check "in the packet's byte order" shows '.[0].key == "0a090002"' map get sample recent 10.9.0.2
check "one goes" a map del sample flows 5
check "the other stays" shows 'length == 1' map dump sample flows
check "all go" a map flush sample flows
check "that was all" shows '. == []' map dump sample flows
# shellcheck disable=SC2016
check "the map fills up" sh -c 'for i in $(seq 65); do echo "map set sample flows $i 1"; done | '"$ASHLAR"' -n xA -b - 2>&1 |
	grep -q "65: the map is full"'
check "a map that drops the oldest does not" sh -c "seq 40 | sed 's/.*/map set sample recent & 1/' | $ASHLAR -n xA -b -"
a map flush sample flows

# --- each namespace its own
check "another namespace sees none of it" sh -c "[ \"\$($ASHLAR -n xB -j map show)\" = '[]' ]"
check "it cannot attach what is not approved there" says 2 "not approved" \
	"$ASHLAR" -n xB ext attach sample entry look hook input fail drop
check "nor end what is elsewhere" says 2 "no such extension is at work" "$ASHLAR" -n xB ext detach sample
check "the host sees all if it asks" sh -c "$ASHLAR -j ext show all | jq -e '.[0].instances | length == 1'"
check "and only its own if it does not" sh -c "$ASHLAR -j ext show | jq -e '.[0].instances | length == 0'"

# --- events
"$ASHLAR" -n xA -j monitor >"$KT_LOG.events" &
KT_PIDS+=("$!")
told() { a ext set sample fuel 300000 && grep -q instance-ntf "$KT_LOG.events"; }
check "events are watched" ex_wait 20 told
news() { jq -se "any(.[]; $1)" "$KT_LOG.events"; }
check "a line that the extension writes" a map set sample mode 0 5
ex_ping >"$KT_LOG"
a map set sample mode 0 0
check "is told" ex_wait 10 news '.name == "log-ntf" and (.msg.line | startswith("packet "))'

# --- a fault
check "a verdict" a map set sample mode 0 1
check "is carried out" ex_lost
check "and counted" shows '.[0].instances[0].dropped >= 1' ext show
check "a fault to order" a map set sample mode 0 2
check "gives the failure verdict" ex_lost 2
check "the instance is in quarantine" ex_wait 10 ex_state xA sample quarantined
check "the kernel does not mind" ex_untainted
check "what happened is known" shows '.[0] | .fault == "bounds" or .fault == "object"' ext report sample
check "on which line" shows '.[0] | .line[0] | test("tests/ext/sample/sample.c:[0-9]+$")' ext report sample
check "in which function" shows '.[0].function | index("beyond") != null' ext report sample
check "which entry" shows '.[0] | .entry == "look" and .kind == "hook" and .name == "sample"' ext report sample
check "which access" shows '.[0] | .size == 4 and .write and .place != "unknown"' ext report sample
check "after which calls" shows '.[0].call | index("map_lookup") != null' ext report sample
check "what was taken back" shows '.[0].reclaimed | index("memory block") != null' ext report sample
check "the page says where" prints 'where +tests/ext/sample/sample.c:[0-9]+ beyond\(\)' ext report sample
check "what" prints 'what .*object' ext report sample
check "what to do" prints 'to do' ext report
check "all reports are one" shows 'length == 1' ext report
check "a line can be had from a file" prints 'where +tests/ext/sample/sample.c' ext report sample module "$ko"
check "not from another build's" prints "is $(ex_module sample-new), not" ext report sample module "$new"
misuse '/nonexistent' ext report sample module /nonexistent
check "show says where to look" prints 'ashlar ext report sample' ext show
check "the report was told" ex_wait 10 news '.name == "report-ntf" and .msg.entry == "look"'
check "the failure verdicts are counted" shows '.[0].instances[0]."failed-dropped" >= 2' ext show
refused '.' ext request sample entry echo text x
refused 'in quarantine already' ext quarantine sample
a map set sample mode 0 0
check "it is restarted" a ext restart sample
check "on the same hook" shows '.[0] | (.instances[0].state == "running") and (.hooks | length == 1)' ext show
check "and serves" ex_ping 2
refused '.' ext restart sample

# --- other faults, by hand
check "the operator may quarantine" a ext quarantine sample
check "which is told" shows '.[0].fault == "stopped"' ext report sample
check "packets get the failure verdict" ex_lost
check "restarted once more" a ext restart sample

# --- upgrade
misuse 'missing' ext upgrade sample
misuse '"never"' ext upgrade sample "$new" trial never
refused '.' ext upgrade sample ffff
refused 'no such extension is at work' ext upgrade nobody "$build"
ex_ping 3 >"$KT_LOG"
check "a request tells the state" a -j ext request sample entry count
before=$(a -j ext request sample entry count | jq -r .data)
check "an upgrade from a file" a ext upgrade sample "$new" trial 60s
check "is on trial" shows "[.[].instances[] | select(.state == \"trial\")] | length == 1 and .[0].build == \"$newer\" and
	.[0].previous == \"$build\" and .[0].\"trial-ms\" <= 60000" ext show
check "both builds are loaded" shows 'map(.build) | length == 2' ext show sample
check "the state came with it" sh -c "[ \"\$($ASHLAR -n xA -j ext request sample entry count | jq -r .data)\" = $before ]"
check "packets pass" ex_ping 2
check "a fault within the trial" a map set sample mode 0 2
ex_ping >"$KT_LOG"
a map set sample mode 0 0
check "brings the old one back" ex_wait 10 shows "[.[].instances[] | select(.state == \"running\" and .build == \"$build\")] |
	length == 1" ext show
check "packets pass again" ex_ping 2
check "which is told" ex_wait 10 news '.name == "instance-ntf" and .msg.event == "rolled-back"'
check "upgraded by its build" a ext upgrade sample "$newer" trial 60s
check "taken back by hand" a ext rollback sample
refused '.' ext rollback sample
check "upgraded for good" a ext upgrade sample "$newer" trial 0s
check "it is" shows "[.[].instances[]] | length == 1 and .[0].build == \"$newer\" and .[0].state == \"running\"" ext show
check "the old one can go" a ext unload sample build "$build"

# --- who may
nobody() { nsenter --net=/run/netns/xA setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
tool=$(command -v "$ASHLAR")
check "an ordinary user may not look" says 2 "[Pp]ermi" nobody "$tool" ext show
check "nor attach" says 2 "[Pp]ermi" nobody "$tool" ext attach sample entry look hook output fail drop
check "nor write" says 2 "[Pp]ermi" nobody "$tool" map set sample mode 0 1
check "nor load" says 2 "[Pp]ermi|root" nobody "$tool" ext load "$new"
other() { unshare --user --map-root-user --net "$tool" "$@"; }
check "root of another user namespace may not approve" says 2 "[Pp]ermi" other ext approve sample
check "nor see what is not approved there" sh -c "[ \"\$(unshare --user --map-root-user --net $tool -j ext show)\" = '[]' ]"
check "nor all instances" says 2 "host's administrator" other ext show all
check "nor attach it" says 2 "not approved" other ext attach sample entry look hook input fail drop
container() { setpriv --bounding-set -sys_module "$tool" "$@"; }
check "a container that administers networks may look" container ext show
check "it may not approve" says 2 "CAP_SYS_MODULE" container ext approve sample any
"$ASHLAR" ext approve sample any memory 1M
check "nor revoke" says 2 "CAP_SYS_MODULE" container ext revoke sample any
check "approved for all, it may" other ext start sample
check "in the end" "$ASHLAR" ext revoke sample any

# --- the end
before=$(config)
check "an approval is taken back" "$ASHLAR" ext revoke sample netns xA
check "and the instance ends" shows '[.[].instances[]] == []' ext show
check "the wire does not mind" ex_ping
check "it was there before" test "$before" != "$(config)"
check "the extension goes" ex_unload
check "its file, too" sh -c "! ls /run/ashlar/ext/sample_* 2>/dev/null"
ex_end
