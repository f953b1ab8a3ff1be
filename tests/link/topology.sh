#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=180
#
# A topology: what would take a ToR below its share of paths stays; what others tell of their links counts; nonsense is
# refused in a sentence and changes nothing.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/links.sh

OPTS=(action=drain relapse-s=0 probe-pps=100 probe-len=100)

bad() { ln_nic "$1" "$2" rate "fec_corrected=1000 fec_uncorrectable=200"; }
good() { ln_nic "$1" "$2" rate "fec_corrected=1000 fec_uncorrectable=0"; }

# Two ToRs, two aggs, two spines: four paths each. hA is tor1, its links are the first two.
fabric() # CAPACITY [JSON OF MORE LINKS]
{
	local links="" a b

	for a in 1 2; do
		for b in 1 2; do
			links+="{\"a\": \"tor$a\", \"b\": \"agg$b\"}, {\"a\": \"agg$a\", \"b\": \"spine$b\"}, "
		done
	done
	cat <<-END
		{"capacity": $1, "nodes": [
			{"name": "tor1", "tier": 0}, {"name": "tor2", "tier": 0, "capacity": 0},
			{"name": "agg1", "tier": 1}, {"name": "agg2", "tier": 1},
			{"name": "spine1", "tier": 2}, {"name": "spine2", "tier": 2}],
		"links": [ ${links%, }${2:+, $2} ]}
	END
}

load() { fabric "$@" | a topology load -; }

setup()
{
	local dev

	li_bonds balance-rr u0 u1 || return
	t "do" hA host-set id=1 && t "do" hB host-set id=2 || return
	for dev in u0 u1; do
		li_proof hA $dev && li_proof hB $dev &&
			li_add hA $dev "key=$LI_KEY" "${OPTS[@]}" topology-link=tor1--agg$((${dev#u} + 1)) &&
			li_add hB $dev "key=$LI_KEY" "${OPTS[@]}" || return
	done
	t link hA u0 peer-trusted=yes && t link hA u1 peer-trusted=yes && t link hB u0 peer-trusted=yes
}

# refused PATTERN JSON: by the tool or the kernel, in a sentence
refused()
{
	local error

	error=$(a topology load - <<<"$2" 2>&1)
	case $? in
	1 | 2)
		echo "$error"
		[[ $error =~ ^ashlar:\ .*$1 ]]
		;;
	*)
		return 1
		;;
	esac
}

kernel() # PATTERN OP...: the kernel's sentence
{
	local error

	error=$(t "do" hA "${@:2}") && return 1
	echo "$error"
	[[ $error =~ $1 ]]
}

nodes() { t "do" hA node-new name=t tier="$1" && t "do" hA node-new name=x tier="$2"; }

li_begin
check "a ToR with two uplinks" setup
t watch hA
check_fails "it has no topology" "there is no topology" a topology flush
check "it is told one" load 0.75
check "which is an event" t event hA op=topology-ntf event=new
check "it knows its own links in it" t topology hA nodes=6 links=8 tors=2 local=2 out=0 capacity=750
check "and its paths" t node hA tor1 paths=4 paths-full=4 need=3
check "those of others" t node hA tor2 paths=4 need=0 bound=0
check "the tool shows them" ln_json hA "topology show nodes" 'length == 6 and (.[] | select(.name == "tor1") | .paths) == 4'
check "links as well" ln_json hA "topology show links" 'length == 8 and any(.[]; .name == "agg1--spine2" and .service == "in")'

bad hB u0
check "a link that the ToR needs" t link hA u0 state=wanted why=topology violated=tor1
check "stays" t keeps hA u0 state=wanted why=topology for=sample-ethtool+6
check "which is counted" t stat hA topology-refused 1
check "and told" ln_json hA "link show u0" '.[0].violated == "tor1"'
check "the topology knows that it corrupts" t topology hA corrupting=1 "penalty>100000"
check "its share is all there" t topology hA worst-share=1000
check "the ToR is content with less" load 0.5
check "and the link may go" t link hA u0 state=drained
check "at both ends" t link hB u0 state=drained
check "which costs paths" t node hA tor1 paths=2 need=2
check "and is known as out" t tlink hA tor1--agg1 service=out
check "the worst ToR is named" t topology hA out=1 worst=tor1 worst-share=500
good hB u0
check "it comes back" t link hA u0 state=watch
check "with its paths" t node hA tor1 paths=4
check "and the optimizer looks for more" t topology hA "runs>0" proven=yes
check "the other end is back" t link hB u0 state=watch

# --- a link without light
ln_nic hB u0 signal 0
check "a link that goes by itself is known as out" t tlink hA tor1--agg1 service=out
check "and costs paths" t node hA tor1 paths=2
ln_nic hB u0 signal 1
check "when it comes, it is in" t tlink hA tor1--agg1 service=in
check "with its paths" t node hA tor1 paths=4

# --- links of others
check "somebody's link is out" a topology set agg2--spine1 service out
check "which costs paths" t node hA tor1 paths=3
check "and is an event" t event hA op=topology-link-ntf name=agg2--spine1 service=out
bad hB u0
check "now the link is needed" t link hA u0 state=wanted why=topology violated=tor1
check "and stays" t keeps hA u0 state=wanted for=sample-ethtool+4
check "that one comes back" a topology set agg2--spine1 service in
check "and this one may go" t link hA u0 state=drained
good hB u0
check "it comes back as well" t link hA u0 state=watch
t link hB u0 state=watch >"$KT_LOG"
check "somebody's link corrupts" a topology set agg1--spine1 loss 1e-4
check "which is known" t topology hA corrupting=1 penalty=100000000
check "and planned for" t tlink hA agg1--spine1 loss=100000000
check "it is well again" a topology set agg1--spine1 loss 0
check "that is known, too" t topology hA corrupting=0 penalty=0
check_fails "of its own links the host knows by itself" "link of this host" a topology set tor1--agg1 service out
check_fails "of an unknown one nobody does" "no link of this name" a topology set nowhere service out
check "but it may be told to leave one alone" a topology set tor1--agg1 locked 1
bad hB u0
check "and does" t link hA u0 state=wanted why=topology violated=none
check "for as long" t keeps hA u0 state=wanted why=topology for=sample-ethtool+5
check "as it is told to" a topology set tor1--agg1 locked 0
check "and no longer" t link hA u0 state=drained
good hB u0
t link hA u0 state=watch >"$KT_LOG"
t link hB u0 state=watch >"$KT_LOG"

# --- links that the topology does not know
t "do" hA link-set dev=u0 topology-link=elsewhere
bad hB u0
check "a link that the topology does not know" t link hA u0 state=wanted why=topology violated=none
check "is not counted among its own" t topology hA local=1
check_fails "two links are not the same one" "another link" a link set u1 topology-link elsewhere
check "the topology is forgotten" a topology flush
check "which is an event" t event hA op=topology-ntf event=del
check "and the guard alone decides" t link hA u0 state=drained
good hB u0
t link hA u0 state=watch >"$KT_LOG"
t "do" hA link-set dev=u0 topology-link=tor1--agg1

# --- nonsense
check "a topology" load 0.5
check_fails "another namespace has none of it" "there is no topology" b topology show
check "not JSON" refused 'line [0-9]' '{"nodes": ['
check "no object" refused 'must be an object' '[]'
check "no lists" refused 'must be lists' '{"nodes": 1, "links": 2}'
check "an unknown word" refused '"colour" is not known' '{"colour": 1, "nodes": [], "links": []}'
check "nothing" refused . '{"nodes": [], "links": []}'
N='{"name": "t", "tier": 0}, {"name": "x", "tier": 1}'
check "a name twice" refused 'another node has this name' "{\"nodes\": [$N, {\"name\": \"t\", \"tier\": 1}], \"links\": []}"
check "a link to nowhere" refused 'not there' "{\"nodes\": [$N], \"links\": [{\"a\": \"t\", \"b\": \"y\"}]}"
check "a link to itself" refused 'tier' "{\"nodes\": [$N], \"links\": [{\"a\": \"t\", \"b\": \"t\"}]}"
check "a link over two tiers" refused 'tier' "{\"nodes\": [$N, {\"name\": \"y\", \"tier\": 2}],
	\"links\": [{\"a\": \"t\", \"b\": \"x\"}, {\"a\": \"x\", \"b\": \"y\"}, {\"a\": \"t\", \"b\": \"y\"}]}"
check "a tier that there is not" refused 'tier' '{"nodes": [{"name": "t", "tier": 8}], "links": []}'
check "no ToR" refused 'ToR|tier' '{"nodes": [{"name": "x", "tier": 1}, {"name": "y", "tier": 2}], "links": [{"a": "x", "b": "y"}]}'
check "a ToR whose uplinks lead nowhere" refused '"t2"' "{\"nodes\": [$N, {\"name\": \"t2\", \"tier\": 0},
	{\"name\": \"y\", \"tier\": 1}, {\"name\": \"z\", \"tier\": 2}],
	\"links\": [{\"a\": \"t\", \"b\": \"x\"}, {\"a\": \"x\", \"b\": \"z\"}, {\"a\": \"t2\", \"b\": \"y\"}]}"
check "a capacity of more than all" refused '0 to 1' "{\"capacity\": 1.5, \"nodes\": [$N], \"links\": [{\"a\": \"t\", \"b\": \"x\"}]}"
check "a name that is too long" refused '1 to 31' \
	"{\"nodes\": [{\"name\": \"$(printf 'n%.0s' {1..32})\", \"tier\": 0}, $N], \"links\": [{\"a\": \"t\", \"b\": \"x\"}]}"

# What the tool would not say, the kernel is told without it.
check "nothing is begun" kernel "no topology was begun" node-new name=t tier=0
check "without numbers" kernel "begins with" topology-begin capacity=500
check "a capacity of more than all, to the kernel" kernel "EINVAL|ERANGE" topology-begin capacity=1001 nodes=2 links=1
check "more nodes than there may be" kernel "EINVAL|ERANGE" topology-begin capacity=500 nodes=4000000000 links=1
check "one is begun" t "do" hA topology-begin capacity=500 nodes=2 links=1
check_fails "and nobody else begins one meanwhile" "somebody else" load 0.5
check "it is not whole" kernel "fewer are told" topology-commit
check "and so given up" kernel "no topology was begun" topology-commit
check "begun again" t "do" hA topology-begin capacity=500 nodes=2 links=1
check "without a name" kernel "name is missing" node-new tier=0
check "nodes" nodes 0 2
check "one too many" kernel "more are told" node-new name=y tier=0
check "a link without ends" kernel "two ends" topology-link-new name=l a=0
check "to a node that is not there" kernel "told before" topology-link-new name=l a=0 b=2
check "over two tiers" t "do" hA topology-link-new name=l a=0 b=1
check "makes no topology" kernel "tier" topology-commit
check "the one before is in force" t topology hA nodes=6 local=2
t "do" hA topology-begin capacity=500 nodes=2 links=1
check "a network on its side" nodes 0 0
check "in which nothing leads up" t "do" hA topology-link-new name=l a=0 b=1
check "makes none either" kernel "tier|path" topology-commit
check "nor is one in force that was begun" t topology hA nodes=6
check "the fast check took less than a millisecond" t topology hA "check-max-ns<1000000"
check "one much larger" sh -c "$ASHLAR topology generate fat-tree 8 | $ASHLAR -n hA topology load -"
check "takes its place" t topology hA nodes=80 links=256 tors=32 local=0
check "the module goes, and all of it" ln_unload
li_end
