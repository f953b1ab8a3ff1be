#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=300 soak=debug
#
# The tool and the module's netlink: grammar, statuses, sentences, JSON, batches, events, who may do what.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/overlay.sh
. tests/lib/cli.sh

ov_plain && { echo "1..0 # SKIP no module"; exit; }

a() { "$ASHLAR" -n hostA "$@"; }

key=$(mktemp)
echo "$TOPO_KEY" >"$key"

# --- without the module and without objects
ov_begin
ov_unload
check "help works without the module" "$ASHLAR" help
check "help of an object too" "$ASHLAR" policy help
check "and of a verb" "$ASHLAR" help endpoint add
check "without the module it says which to load" \
	says 2 "^ashlar: the module is not loaded: modprobe ashlar_overlay$" "$ASHLAR" conn show
check "but misuse is misuse" says 1 "no such object" "$ASHLAR" bridge show
ov_load
ov_hosts 2
ov_container hostA cA2 10.88.0.11
check "nothing to show yet" shows '. == []' underlay show
check "nor here" shows '. == []' conn show

# --- grammar
misuse '"bridge"' bridge show
misuse '"sho"' conn sho
misuse '"colour"' network add 88 underlay u0 colour red
misuse 'missing' network add
misuse 'missing' network add 88
misuse '"underlay"' network add 88 underlay
misuse 'twice' network add 88 underlay u0 underlay u0
misuse '"eleven"' network add eleven underlay u0
misuse '"10.88.0"' endpoint add 88 10.88.0 host 192.168.77.2
misuse '"maybe"' policy add 88 pref 1 action maybe
misuse '"10.88.0.0/33"' policy add 88 pref 1 action deny src 10.88.0.0/33
misuse '"70000"' policy add 88 pref 1 action deny dport 70000
misuse 'either' endpoint add 88 10.88.0.1
misuse 'either' endpoint add 88 10.88.0.1 host 192.168.77.2 netns cA1 dev eth0
misuse 'no such namespace|nowhere' endpoint add 88 10.88.0.1 netns nowhere dev eth0
misuse '"lan9"' underlay add u0 dev lan9 addr 192.168.77.1 key-file "$key"
misuse '/nonexistent' underlay add u0 dev eth0 addr 192.168.77.1 key-file /nonexistent
misuse 'together' conn show vni 88 local 10.88.0.1:1
check "a key of another length" says 1 "32 hex|key" a underlay add u0 dev eth0 addr 192.168.77.1 key-file /etc/hostname
check "a namespace that is not there" says 1 '"nowhere"' "$ASHLAR" -n nowhere conn show
check "nothing of this was done" shows '. == []' underlay show

# --- the kernel's sentences
refused 'no underlay has this name' network add 88 underlay u0
refused 'not an address of this host' underlay add u0 dev eth0 addr 192.168.77.9 key-file "$key"
refused 'overlap' underlay add u0 dev eth0 addr 192.168.77.1 sports 7000-8000 key-file "$key"
refused 'at least 16' underlay add u0 dev eth0 addr 192.168.77.1 sports 9000-9005 key-file "$key"
check "an underlay" a underlay add u0 dev eth0 addr 192.168.77.1 key-file "$key"
refused 'has this name already' underlay add u0 dev eth0 addr 192.168.77.1 key-file "$key"
refused 'has this address already' underlay add u1 dev eth0 addr 192.168.77.1 key-file "$key"
refused 'no underlay has this name' underlay del u1
refused 'current key already' underlay set u0 key-file "$key"
refused 'no previous key' underlay set u0 drop-previous-key
check "a network" a network add 88 underlay u0 fallback vx88
refused 'has this VNI already' network add 88 underlay u0
refused '.' network add 16777216 underlay u0
refused 'still uses' underlay del u0
refused 'no network has this VNI' endpoint add 89 10.88.0.1 host 192.168.77.2
check "a remote endpoint" a endpoint add 88 10.88.0.2 host 192.168.77.2
check "a local endpoint" a endpoint add 88 10.88.0.1 netns cA1 dev eth0
refused 'has an endpoint with this address already' endpoint add 88 10.88.0.2 host 192.168.77.2
refused 'own address' endpoint add 88 10.88.0.3 host 192.168.77.1
refused 'another namespace' endpoint add 88 10.88.0.3 netns hostA dev eth0
refused 'no such device' endpoint add 88 10.88.0.3 netns cA2 dev eth7
refused 'Ethernet' endpoint add 88 10.88.0.3 netns cA2 dev lo
refused 'no endpoint with this address' endpoint del 88 10.88.0.77
refused 'no endpoint with this address' endpoint set 88 10.88.0.77 host 192.168.77.2
refused 'not the address of one host' endpoint add 88 224.0.0.1 host 192.168.77.2
refused 'IPv6' endpoint add 88 fd00::1 host 192.168.77.2
refused 'still has endpoints' network del 88
check "a rule" a policy add 88 pref 10 action deny src 10.88.0.0/25 dport 23
refused 'this preference exists' policy add 88 pref 10 action allow
refused 'no policy' policy del 88 pref 11
refused 'beyond the prefix' policy add 88 pref 12 action deny src 10.88.0.1/24
refused 'greater than the last' policy add 88 pref 13 action deny dport 80-70
refused 'no conn' conn show vni 88 local 10.88.0.1:1 remote 10.88.0.2:2

# --- what is shown
check "underlays in JSON" shows 'length == 1 and .[0].name == "u0" and .[0].devices == ["eth0"] and
	.[0].addr == "192.168.77.1" and .[0]."ports-lo" == 7340 and .[0]."rest-ms" == 1000' underlay show
check "a key is never shown" shows '.[0] | has("key") | not' underlay show u0
check "nor in text" says 0 '^$' sh -c "! $ASHLAR -n hostA underlay show | grep -i ${TOPO_KEY:4:12}"
check "networks in JSON" shows '.[0] == {"vni": 88, "underlay": "u0", "fallback-ifindex": .[0]."fallback-ifindex",
	"fallback-device": "vx88", "default": "allow", "n-endpoints": 2, "n-policies": 1}' network show
check "endpoints in JSON" shows '(map(.addr) | sort) == ["10.88.0.1", "10.88.0.2"]' endpoint show 88
check "one endpoint in JSON" shows 'length == 1 and .[0].host == "192.168.77.2"' endpoint show 88 10.88.0.2
check "rules in JSON" shows '.[0] | .pref == 10 and .action == "deny" and .src == "10.88.0.0" and
	."src-len" == 25 and ."dport-lo" == 23 and .hits == 0' policy show
check "peers in JSON" shows '.[0].addr == "192.168.77.2" and .[0].state == "unknown"' peer show
check "counters in JSON" shows 'if type == "array" then .[0] else . end | .endpoints == 2 and
	."conn-cut" == 0 and all(.[]; type == "number")' stats show
for object in underlay network endpoint policy peer conn stats; do
	check "pretty JSON of $object is JSON" shows 'type == "array" or type == "object"' -p $object show
	check "text of $object" says 0 '^$' a $object show
done
check_fails "a filter that does not fit fails" . shows '.[0].name == "u1"' underlay show

# --- each namespace its own
check "another host sees none of this" says 0 '^$' sh -c "[ \"\$($ASHLAR -n hostB -j underlay show)\" = '[]' ]"
check "nor does this machine" says 0 '^$' sh -c "[ \"\$($ASHLAR -j endpoint show)\" = '[]' ]"
check "nor can it delete it" says 2 "no underlay has this name" "$ASHLAR" -n hostB underlay del u0

# --- batches stop at the first error and name the line; a command is done in whole or not at all
cat >"$OV_LOG.batch" <<-END
	# two rules, then one that exists
	policy add 88 pref 20 action allow
	policy add 88 pref 21 action allow

	policy add 88 pref 10 action allow
	policy add 88 pref 22 action allow
END
check "a batch stops at its first error" says 2 "batch:5: a policy with this preference exists" a -b "$OV_LOG.batch"
check "what came before is done, what comes after is not" shows 'map(.pref) == [10, 20, 21]' policy show 88
printf 'policy del 88 pref 20\npolicy dell 88\n' >"$OV_LOG.batch"
check "and at misuse" says 1 'batch:2: "dell"' a -b "$OV_LOG.batch"
check "a batch from standard input" sh -c "echo 'policy del 88 pref 21' | $ASHLAR -n hostA -b -"
check "a move that is refused" says 2 "no such device" a endpoint set 88 10.88.0.1 netns cA2 dev eth7
check "has moved nothing" shows '.[0] | has("ifindex")' endpoint show 88 10.88.0.1

# --- events
"$ASHLAR" -n hostA -j monitor >"$OV_LOG.events" &
OV_PIDS+=("$!")
probe() { a network set 88 default deny && a network set 88 default allow && grep -q . "$OV_LOG.events"; }
check "events are watched" topo_wait 20 probe
quiet() { local n; n=$(wc -l <"$OV_LOG.events") && [ "$n" -ge "$1" ]; }
: >"$OV_LOG.marker"
seen=$(wc -l <"$OV_LOG.events")
a policy add 88 pref 30 action deny dst 10.88.0.2/32 dport 80-90
a policy del 88 pref 30
a endpoint add 88 10.88.0.9 host 192.168.77.2
a endpoint set 88 10.88.0.9 host 192.168.77.5
a endpoint del 88 10.88.0.9
a network set 88 default deny
cat >"$OV_LOG.golden" <<-'END'
	["policy-ntf","new",30,"deny"]
	["policy-ntf","del",30,"deny"]
	["endpoint-ntf","new","10.88.0.9","192.168.77.2"]
	["endpoint-ntf","set","10.88.0.9","192.168.77.5"]
	["endpoint-ntf","del","10.88.0.9","192.168.77.5"]
	["network-ntf","set",88,"deny"]
END
check "each change is told" topo_wait 20 quiet $((seen + 6))
golden()
{
	tail -n +$((seen + 1)) "$OV_LOG.events" | grep -v '"peer-ntf"' |
		jq -c '[.name, .msg.event] + (.msg | if has("pref") then [.pref, .action]
			elif has("addr") then [.addr, .host] else [.vni, .default] end)' |
		diff "$1" -
}
check "as it was" golden "$OV_LOG.golden"
check_fails "a difference would be seen" "[<>] " golden "$key"

# --- who may
nobody() { ip netns exec hostA setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
foreign() { ip netns exec hostA unshare --user --map-root-user "$@"; }
tool=$(command -v "$ASHLAR")
check "an ordinary user may not look" says 2 "[Pp]ermi" nobody "$tool" conn show
check "nor change" says 2 "[Pp]ermi" nobody "$tool" network del 88
check "nor may root of another user namespace" says 2 "[Pp]ermi" foreign "$tool" conn show
check "whose own network namespace is its own affair" says 0 '^$' foreign unshare --net "$tool" conn show
check "but may not name another's" says 2 "CAP_NET_ADMIN|[Pp]ermi" unshare --user --map-root-user --net sh -c "
	ip link set lo up && ip addr add 192.0.2.1/32 dev lo &&
	echo $TOPO_KEY | $tool underlay add u0 dev lo addr 192.0.2.1 key-file - &&
	$tool network add 1 underlay u0 && $tool endpoint add 1 10.0.0.1 netns cA2 dev eth0"

rm -f "$key"
check "all endpoints go at once" a endpoint flush 88
check "and the network" a network del 88
check "and the underlay" a underlay del u0
check "to the last" shows '. == []' underlay show
ov_end
