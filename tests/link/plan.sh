#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock timeout=120
#
# Topologies without a kernel: files that are right and files that are not, what is planned and why, simulations that
# can be repeated.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/ktap.sh

kt_begin
file=$KT_LOG.json

# plan FILTER WORD...: the plan as JSON satisfies the filter
plan()
{
	local filter=$1

	shift
	"$ASHLAR" -j topology plan "$file" "$@" >"$KT_LOG.plan" || return
	jq -e "$filter" "$KT_LOG.plan" >/dev/null || { cat "$KT_LOG.plan"; return 1; }
}

# file TEXT: a topology of this text
file() { printf '%s' "$1" >"$file"; }

# refuses PATTERN TEXT
refuses()
{
	file "$2"
	check_fails "refused: $1" "^ashlar: .*$1" "$ASHLAR" topology plan "$file"
}

# counts FILTER GENERATOR...: what is generated satisfies the filter
counts()
{
	local filter=$1

	shift
	"$ASHLAR" topology generate "$@" | jq -e "$filter"
}

# simulate WORD...: the result, without what is different each time
simulate()
{
	"$ASHLAR" -j topology simulate facebook pods 3 hours 3000 "$@" | jq -e 'del(.policies[].seconds)'
}

same() { [ "$(simulate seed 5)" = "$(simulate seed 5)" ]; }
other() { [ "$(simulate seed 5)" != "$(simulate seed 6)" ]; }

# --- generators
check "a fat tree of k-port switches has k^3/2 links" \
	counts '(.links | length) == 256 and (.nodes | length) == 80' fat-tree 8
check "a pod of the Facebook fabric has 384 links" \
	counts '(.links | length) == 768 and (.nodes | length) == 2 * 52 + 192' facebook pods 2
check_fails "an odd fat tree" "even number" "$ASHLAR" topology generate fat-tree 5
check_fails "a fat tree that is too large" "2 to 128" "$ASHLAR" topology generate fat-tree 130
check_fails "no such topology" "must be fat-tree or facebook" "$ASHLAR" topology generate torus 3

# --- plans
"$ASHLAR" topology generate facebook pods 1 >"$file"
check "nothing corrupts, nothing goes" plan '.out == [] and .stay == [] and .proven'
check "one link goes" plan '[.out[].link] == ["tor0-3--agg0-1"] and .penalty == 0' \
	corrupting tor0-3--agg0-1=1e-5
check "of two links of a ToR the worse goes, and it is said why the other stays" \
	plan '[.out[].link] == ["tor0-3--agg0-1"] and .proven and .penalty == 1e-5 and
		(.stay[0] | .tor == "tor0-3" and .paths == 96 and .need == 144)' \
	corrupting tor0-3--agg0-0=1e-5 tor0-3--agg0-1=1e-4
check "48 links to the spine may go, the 49th may not" \
	plan '(.out | length) == 48 and [.stay[].link] == ["agg0-1--spine1-0"] and .proven' \
	corrupting agg0-1--spine1-0=1e-6 agg0-0--spine0-{0..47}=1e-5
check "a link that is out counts" plan '.out == [] and .stay[0].paths == 95' \
	capacity 0.5 out tor0-0--agg0-{0,1} corrupting agg0-2--spine2-0=1e-3
check "a ToR that is short already loses nothing more" \
	plan '.out == [] and (.short | length) == 1 and .short[0].tor == "tor0-0"' \
	out tor0-0--agg0-{0,1} corrupting agg0-2--spine2-0=1e-3
check "a link that must stay does" plan '.out == [] and .stay[0].tor == null' \
	corrupting tor0-0--agg0-0=1e-3 stay tor0-0--agg0-0
check "without a bound all may go" plan '(.out | length) == 4 and .penalty == 0' \
	capacity 0 corrupting tor0-0--agg0-{0..3}=0.5
check "without budget the plan is safe, and not called proven" \
	plan '(.out | length) == 1 and .proven == false' \
	budget 0 corrupting tor0-3--agg0-0=1e-5 tor0-3--agg0-1=1e-4
check_fails "no such link" "no such link" "$ASHLAR" topology plan "$file" out tor0-0--agg9-9
check_fails "no loss rate" "loss rate is" "$ASHLAR" topology plan "$file" corrupting tor0-0--agg0-0=2
check_fails "no capacity" "0 to 1" "$ASHLAR" topology plan "$file" capacity 75

# --- files
file '{"nodes":[{"name":"t","tier":0,"capacity":0.5},{"name":"s","tier":1}],
	"links":[{"a":"t","b":"s"},{"a":"s","b":"t"},{"a":"t","b":"s","name":"third"}]}'
check "parallel links are counted, a ToR has a bound of its own" \
	plan '[.out[].link] == ["s--t"] and [.stay[].link] == ["third"] and .stay[0].need == 2' \
	corrupting third=1e-5 s--t=1e-4
refuses "line 1" '{"nodes":'
refuses "must be lists" '{"nodes":3,"links":[]}'
refuses '"node" is not known' '{"node":[],"nodes":[],"links":[]}'
refuses "no node is a ToR" '{"nodes":[],"links":[]}'
refuses "without links" '{"nodes":[{"name":"t","tier":0}],"links":[]}'
refuses '"tier" must be' '{"nodes":[{"name":"t","tier":8}],"links":[]}'
refuses "1 to 31 characters" '{"nodes":[{"name":"","tier":0}],"links":[]}'
refuses "no name may have" '{"nodes":[{"name":"a b","tier":0}],"links":[]}'
refuses "another node has" '{"nodes":[{"name":"t","tier":0},{"name":"t","tier":1}],"links":[]}'
refuses "only a ToR" '{"nodes":[{"name":"t","tier":1,"capacity":1}],"links":[]}'
refuses "three digits" '{"capacity":0.12345,"nodes":[],"links":[]}'
refuses 'links\[0\]: leads to a node' '{"nodes":[{"name":"t","tier":0}],"links":[{"a":"t","b":"u"}]}'
refuses "not neighbours" '{"nodes":[{"name":"t","tier":0},{"name":"s","tier":2}],"links":[{"a":"t","b":"s"}]}'
refuses "no path to the spine" '{"nodes":[{"name":"t","tier":0},{"name":"a","tier":1},{"name":"s","tier":2}],
	"links":[{"a":"t","b":"a"}]}'

# --- simulations
check "a seed repeats a simulation" same
check "another seed is another one" other
check "nothing is ever short, and the optimizer beats the switches" \
	jq -e 'all(.policies[]; .short == 0) and (.policies | map({(.policy): .penalty}) | add |
		.optimizer < .["switch-local"] and .optimizer < .["fast-check"])' <(simulate)

kt_end
