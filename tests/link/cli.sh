#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=240 soak=debug
#
# The tool and netlink of links, repairs and topologies: grammar, statuses, sentences, JSON, batches, events, who may do
# what, and one screen on which a bad link is all explained.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh
. tests/lib/cli.sh

# fits OBJECT...: on a screen of 100 columns
fits() { local text; text=$(a "$@") && echo "$text" && ! grep -Eq '^.{101}' <<<"$text"; }

key=$(mktemp)
echo "$LI_KEY" >"$key"

li_begin
ln_unload
check "help works without the module" "$ASHLAR" link help
check "of a verb, too" "$ASHLAR" help link add
check "of repairs" "$ASHLAR" help repair "done"
check "of topologies" "$ASHLAR" help topology load
check "without the module it says which to load" \
	says 2 "^ashlar: the module is not loaded: modprobe ashlar_link$" "$ASHLAR" link show
check "but misuse is misuse" says 1 '"sho"' "$ASHLAR" link sho
check "and what needs no kernel is done" sh -c "$ASHLAR topology generate fat-tree 4 | $ASHLAR topology plan - corrupting \
	\"\$($ASHLAR topology generate fat-tree 4 | jq -r '.links[0].name')=1e-4\""
ln_load

check "a wire" ln_wire hA t0 hB t0
li_bonds active-backup u0 u1 >"$KT_LOG"
check "nothing to show yet" shows '. == []' link show
check "nor here" shows '. == []' repair show
check "the host has none" shows 'if type == "array" then .[0] else . end | .links == 0' host show

# --- grammar
misuse '"lnik"' lnik show
misuse '"sho"' link sho
misuse 'missing' link add
misuse '"t9"' link add t9
misuse '"colour"' link add t0 colour red
misuse '"action".*missing' link add t0 action
misuse 'twice' link add t0 keep 1 keep 2
misuse '"maybe"' link add t0 action maybe
misuse '"eleven"' link add t0 keep eleven
misuse '"lots"' link add t0 healthy-loss lots
misuse '"1.5"' link add t0 healthy-loss 1.5
misuse '/nonexistent' link add t0 key-file /nonexistent
check "a key of another length" says 1 "32 hex|key" a link add t0 key-file /etc/hostname
misuse 'say what to set' link set t0
misuse 'missing' link drain
misuse '"one"' repair "done" one
misuse '"zz"' host set id zz
misuse '"many"' topology show many
check "nothing of this was done" shows '. == []' link show

# --- the kernel's sentences
refused 'no link' link show t0
refused 'no link' link set t0 keep 2
refused 'no link' link del t0
refused 'no link' link drain t0
refused 'Ethernet' link add lo
refused 'add its members' link add bond0
refused '.' link add t0 sample 1
refused '.' link add t0 false-per-million 0
refused '2 to 1000 times' link add t0 healthy-loss 1e-8 corrupting-loss 1e-8
refused 'greater than hold-max' link add t0 hold 100 hold-max 50
check "a host has a number" a host set id 2a
check "links" a link add t0 key-file "$key" component lc0
a link add u0 action drain key-file "$key" sample 100 slow 200 beat 100 keep 1 component lc1
a link add u1 action drain key-file "$key" sample 100 slow 200 beat 100
refused 'a link already' link add t0
refused 'in use' host set id 2b
refused 'no such repair' repair show 77
refused 'no such repair' repair "done" 77
refused 'no such repair' repair withdraw 77
refused 'no topology' topology show
refused 'no topology' topology flush
refused 'no topology' topology set x service out
refused 'hold-max' link set t0 hold 100000 hold-max 50
check "of which nothing was done" shows '.[0]."hold-s" == 60' link show t0
check "a key is set or dropped" says 2 "either" a link set t0 key-file "$key" drop-key

# --- what is shown
check "links in JSON" shows 'map(.device) | sort == ["t0", "u0", "u1"]' link show
check "one of them" shows 'length == 1 and .[0].device == "u0" and .[0].action == "drain" and .[0].keep == 1 and
	.[0]."group-device" == "bond0" and .[0]."group-kind" == "bond" and .[0].keyed == true and
	.[0]."healthy-loss" == 10000 and .[0].state == "watch"' link show u0
check "a key is never shown" shows '.[0] | has("key") | not' link show u0
check "nor in text" sh -c "! $ASHLAR -n hA -s link show u0 | grep -i ${LI_KEY:4:12}"
check "counters in JSON" shows 'if type == "array" then .[0] else . end | .links == 3 and ."sample-netdev" >= 0' stats show link
check "the host in JSON" shows 'if type == "array" then .[0] else . end | .id | test("^0x0*2a$")' host show
check "history in JSON" shows 'length >= 3 and all(.[]; has("frames"))' link history
check "of one link" shows 'all(.[]; .device == "u0")' link history u0
for object in link repair host stats; do
	check "pretty JSON of $object is JSON" shows 'type == "array" or type == "object"' -p $object show
	check "text of $object" says 0 '^$' a $object show
done
check "all of a link" prints 'light here' -s link show u0
check_fails "a filter that does not fit fails" . shows '.[0].device == "u1"' link show u0
check "a change" a link set t0 keep 2 component lc7 sample 500
check "is shown" shows '.[0] | .keep == 2 and .component == "lc7" and ."sample-ms" == 500' link show t0

# --- each namespace its own
check "another host sees none of this" sh -c "[ \"\$($ASHLAR -n hB -j link show)\" = '[]' ]"
check "nor does this machine" sh -c "[ \"\$($ASHLAR -j link show)\" = '[]' ]"
check "nor can it delete it" says 2 "no link" "$ASHLAR" -n hB link del t0

# --- batches
cat >"$KT_LOG.batch" <<-END
	# the other end
	link add u0 action drain key-file $key sample 100 slow 200 beat 100

	link add u1 action drain key-file $key sample 100 slow 200 beat 100
	link add u1
	link add t0
END
check "a batch stops at its first error" says 2 "batch:5: .*link already" b -b "$KT_LOG.batch"
check "what came before is done, what comes after is not" ln_json hB link 'map(.device) | sort == ["u0", "u1"]'
printf 'link add t0\nlink dell t0\n' >"$KT_LOG.batch"
check "and at misuse" says 1 'batch:2: "dell"' b -b "$KT_LOG.batch"
check "they believe each other" ln_wait 20 ln_json hA "link show" '[.[] | select(."peer-trusted")] | length == 2'

# --- events
"$ASHLAR" -n hA -j monitor >"$KT_LOG.events" &
KT_PIDS+=("$!")
"$ASHLAR" -n hA link monitor >"$KT_LOG.links" &
KT_PIDS+=("$!")
told() { a link set t0 keep 1 && grep -q t0 "$1"; } # FILE: its monitor listens
check "events are watched" ln_wait 20 told "$KT_LOG.events"
check "those of links alone" ln_wait 20 told "$KT_LOG.links"
a link set t0 keep 3
a link del t0
a link add t0 key-file "$key"
cat >"$KT_LOG.golden" <<-'END'
	["link-ntf","set","t0",3]
	["link-ntf","del","t0",3]
	["link-ntf","new","t0",1]
END
# From the first change to 3 on: what came before was for told.
news()
{
	jq -c 'select(.msg.device == "t0" and (.msg.event | IN("new", "set", "del"))) |
		[.name, .msg.event, .msg.device, .msg.keep]' "$KT_LOG.events" | sed -n '/,3]$/,$p'
}
golden() { news | diff "$1" -; }
check "each change is told as it was" ln_wait 20 golden "$KT_LOG.golden"
check_fails "a difference would be seen" "[<>] " golden "$key"

# --- one screen
ln_nic hA u0 rx_power 700
a link set u0 optics 1000
ln_wait 20 ln_json hA "link show u0" '.[0]."rx-power" == 700' >"$KT_LOG"
li_bad hA u0 && li_bad hA u1
check "two links go bad, one goes out" ln_wait 30 ln_json hA link 'any(.[]; .state == "drained") and any(.[]; .why == "guard")'
ln_wait 30 ln_json hA repair 'length == 2' >"$KT_LOG"
check "one screen names the bad links" prints '^u[01] ' link show
check "in which direction" prints '^DEV.* RX.* TX' link show
check "how bad" prints 'corrupting [0-9.]+e-3 \[' link show
check "how sure that is" prints 'wrong<[0-9]+e-[0-9]+' link show
check "what was done" prints 'drained' link show
check "why not more" prints 'guard' link show
check "what to do with hands" prints 'clean connector at u0' link show
check "with both" prints 'reseat transceiver at u1' link show
check "it fits 100 columns" fits link show
check "the repairs" prints 'clean connector' repair show
check "they fit 100 columns" fits repair show
check "all there is about one" prints 'LOW' -s link show u0
check "the other end names its own part" sh -c "$ASHLAR -n hB link show | grep -Eq '(clean|reseat)'"

# --- who may
nobody() { nsenter --net=/run/netns/hA setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
tool=$(command -v "$ASHLAR")
check "an ordinary user may not look" says 2 "[Pp]ermi" nobody "$tool" link show
check "nor change" says 2 "[Pp]ermi" nobody "$tool" link del u0
check "nor may root of another user namespace" says 2 "[Pp]ermi" nsenter --net=/run/netns/hA \
	unshare --user --map-root-user "$tool" link show

rm -f "$key"
check "links go" a link del t0
check "drained ones, too" sh -c "$ASHLAR -n hA link del u0 && $ASHLAR -n hA link del u1"
check "to the last" shows '. == []' link show
check "their repairs are known still" shows 'length == 2' repair show
li_end
