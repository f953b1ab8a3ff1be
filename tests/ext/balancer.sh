#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=600 soak=debug
#
# The balancer that ships, hosted, between real programs: who gets which connection and keeps it, what moves when a
# backend goes or comes, live connections through all of that, a fault and an upgrade.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/ext_net.sh

# enum balancer_count and balancer_health of extensions/balancer/balancer.h
NEW=1 MOVED=2 OUT=3 ICMP=4 NOBODY=5 FRAGMENT=6
DOWN=1 UP=2 DRAIN=3
VIP=192.0.2.1 VIP6=2001:db8::1
PORTS=200

moved() { ex_wait 20 en_moved "$@"; }
same() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
# Words for the tool, which takes many lines at once: processes cost much.
service() { echo "map set balancer services $1 $(en_service "${@:2}")"; }
# health SERVICE N VALUE: of the backend N, 1 to 4
PORT_OF=(5300 7000 80 5300)
health()
{
	local addr=10.2.$2.2

	[ "$1" != 3 ] || addr=fd00:2:$2::2
	echo "map set balancer backends $(($1 * 64 + $2)) $(en_backend "$addr" "${PORT_OF[$1]}" "$3")"
}
tell() { r -b -; }
forget() { r map flush balancer conns && r map flush balancer answers; }

# spread KEY: who answers which port, from the table alone
spread() { forget && t spread "$1" xA $VIP 53 20000 $PORTS; }

# Shares of the backends b1 to b4: about a quarter each.
fair()
{
	local said n

	forget
	said=$(t spread "$1" xA $VIP 53 20000 $PORTS)
	echo "$said"
	for n in 1 2 3 4; do
		[[ " $said " =~ \ b$n:([0-9]+)\  ]] && ((BASH_REMATCH[1] * 8 > PORTS)) || return
	done
	[[ $said != *-:* ]]
}

lacks() { local said; said=$(spread "$1") && echo "$said" && [[ " $said" != *" $2:"* && " $said" != *" -:"* ]]; }
as_first() { fair more && same "$(t changed first more)" 0; }
few() { local n; n=$(t changed "$@") && echo "$n of $PORTS have moved without need" && ((n * 20 <= PORTS)); }

# Names of connections on the backend.
held_by()
{
	local i

	for ((i = 0; i < ${#WHO[@]}; i++)); do
		[ "${WHO[i]}" != "$1" ] || echo "c$i"
	done
}

connect_all()
{
	local i

	WHO=()
	for ((i = 0; i < 12; i++)); do
		WHO+=("$(t connect c$i xA $VIP 80 sport=$((30000 + i)))")
	done
	echo "${WHO[*]}"
	[[ ${WHO[*]} != *nobody* ]]
}

all_say() { local i; for ((i = 0; i < ${#WHO[@]}; i++)); do t say c$i || return; done; }

en_begin balancer balancer-bug
check "a router between clients and backends" en_net
for n in 1 2 3 4; do
	t udp b$n xS$n 10.2.$n.2 5300
	t udp s$n xS$n fd00:2:$n::2 5300
	t tcp l$n xS$n 10.2.$n.2 7000
	check "nginx at backend $n" kt_serve xS$n nginx
done
check "it stands at both hooks" en_on balancer drop in prerouting -250 out postrouting 250
for n in 1 2 3 4; do
	for ((i = 0; i < 4; i++)); do
		health $i $n $UP
	done
done >"$KT_LOG.batch"
{
	service 0 $VIP 53 17
	service 1 $VIP 80 6
	service 2 $VIP 8080 6
	service 3 $VIP6 53 17
} >>"$KT_LOG.batch"
check "services and backends are written" tell <"$KT_LOG.batch"
check_fails "nothing holds before the commit" "nobody|EHOSTUNREACH|ENETUNREACH" t ask xA $VIP 53 19999 timeout=1
check "four services" en_commit balancer 4

# --- who gets what
en_mark balancer
check "each backend has its share" fair first
check "all of them counted, there and back" moved $NEW=$PORTS $OUT=$PORTS
en_mark balancer
check "asked again" t spread again xA $VIP 53 20000 $PORTS
check "all are known" moved 0=$PORTS $OUT=$PORTS
check "and have whom they had" same "$(t changed first again)" 0
check "when the connections are forgotten" spread again
check "the hash says the same" same "$(t changed first again)" 0
check "from another client" t spread other xC $VIP 53 20000 $PORTS
check "it says something else: control" test "$(t changed first other)" -gt $((PORTS / 4))
check "IPv6" t spread six xA $VIP6 53 20000 40
check "too" same "$(t changed six six but=-)" 0
check "every one was answered" test "$(t spread six xA $VIP6 53 20000 40 | grep -c -- -:)" = 0

# --- a backend goes, and comes back
check "one goes, without a commit" tell < <(health 0 2 $DOWN)
check "it gets nothing any more" ex_wait 30 lacks less b2
check "few of the others' have moved" few first less but=b2
health 0 2 $UP | tell
check "it comes back" ex_wait 30 fair more
# The table may have changed in the midst of that.
check "all is as it was" ex_wait 30 as_first
health 0 2 0 | tell
r ext request balancer entry commit >"$KT_LOG"
check "one is taken away" ex_wait 30 lacks less b2
check "few of the others' have moved, again" few first less but=b2
health 0 2 $UP | tell
r ext request balancer entry commit >"$KT_LOG"
for n in 1 2 3 4; do
	health 0 $n $DOWN
done | tell
nobody() { forget; [ "$(t spread none xA $VIP 53 20000 1 timeout=1)" = -:1 ]; }
en_mark balancer
check "when all are down" ex_wait 30 nobody
check "nobody answers, and that is counted" moved $NOBODY=1+ $NEW=0+ $OUT=0+ 0=0+
for n in 1 2 3 4; do
	health 0 $n $UP
done | tell
check "all are up" ex_wait 30 fair more

# --- connections
check "TCP" connect_all
check "at more than one backend" test "$(printf '%s\n' "${WHO[@]}" | sort -u | wc -l)" -gt 1
check "stay where they are" all_say
who=${WHO[0]}
health 1 "${who#l}" $DRAIN | tell
# Eight new ones have others.
drained()
{
	local i got good=1

	TRY=$((TRY + 8))
	for ((i = 0; i < 8; i++)); do
		got=$(t connect new xA $VIP 80 sport=$((30100 + TRY + i))) || return
		t close new
		[ "$got" != "$who" ] || good=0
	done
	((good))
}
TRY=0
check "a backend takes no new ones" ex_wait 30 drained
check "its own stay" all_say
en_mark balancer
health 1 "${who#l}" $DOWN | tell
gone() { ! t say c0 timeout=1; }
check "when it is down" ex_wait 30 gone
check "they are sent elsewhere, where nobody knows them" moved $MOVED=1+ 0=0+ $NEW=0+ $OUT=0+
others() { local i; for ((i = 0; i < ${#WHO[@]}; i++)); do [ "${WHO[i]}" = "$who" ] || t say c$i || return; done; }
check "the others' do not notice" others
health 1 "${who#l}" $UP | tell
r ext request balancer entry commit >"$KT_LOG"
for ((n = 0; n < ${#WHO[@]}; n++)); do
	t close c$n
done

# --- programs
sent() { ip netns exec xR cat "/sys/class/net/xS$1/statistics/tx_packets"; }
# pages N: connections have begun, so many more than FROM
from() { FROM=$(en_count balancer counts $NEW); }
pages() { en_grew balancer counts $NEW $((FROM + $1)); }
before=("$(sent 1)" "$(sent 2)" "$(sent 3)" "$(sent 4)")
from
en_load xA http://$VIP:8080/page
check "wrk, a connection for each page" ex_wait 120 pages 60
check "none fails" en_load_end
# One more to see whether somebody is there; up to eight are begun and not answered at the end.
begun=$(($(en_count balancer counts $NEW) - FROM))
check "what wrk and the balancer say is the same" test $begun -ge "$EN_PAGES" -a $begun -le $((EN_PAGES + 9))
for n in 1 2 3 4; do
	check "backend $n has a part of it" test "$(sent $n)" -gt $((before[n - 1] + 20))
done

# --- what does not fit
en_mark balancer
t pour xA $VIP 53 3000 1 1 1 1 >"$KT_LOG"
if en_joins; then
	check "fragments come as one" moved $NEW=1 $OUT=1 $ICMP=0+
else
	check "fragments are dropped" moved $FRAGMENT=3
fi
check "a socket" t held one xA $VIP 53 21000
who=$(t say one)
t close "$who"
en_mark balancer
check_fails "hears that its backend does not listen" "ECONNREFUSED" t say one
check "by an error about its own packet" moved $ICMP=1 0=1
t close one
t udp "$who" "xS${who#b}" "10.2.${who#b}.2" 5300
for n in 1 2 3 4; do
	ip -n xR link set "xS$n" mtu 1300
done
en_mark balancer
check "a path with a smaller MTU" t connect big xA $VIP 80
check "carries what is too large for it" t say big size=8000
check "since errors find the sender" moved $ICMP=1+ 0=0+ $NEW=0+ $OUT=0+
t close big
for n in 1 2 3 4; do
	ip -n xR link set "xS$n" mtu 1500
done

# --- what the operator may not write
check "a service of no protocol that is known" tell < <(service 5 $VIP 99 99)
check_fails "is refused at the commit" "Invalid argument|the extension refused" r ext request balancer entry commit
check "the others hold" t ask xA $VIP 53 22000
r map set balancer services 5 "hex:$(printf '%064d' 0)"
check "gone, it is no matter" en_commit balancer 4

# --- a bug in the next version (tests/ext/balancer-bug.patch), found within its trial
check "connections" connect_all
t spread first xA $VIP 53 20000 $PORTS >"$KT_LOG"
old=$(ex_build balancer)
check "the next version" r ext upgrade balancer "$(ex_ko balancer-bug)" trial 3000s
check "is on trial" en_runs balancer "$(ex_build balancer-bug)" trial
check "knows its connections and services" all_say
from
en_load xA http://$VIP:8080/page
check "under load it fails, and the old version is back" ex_wait 120 en_runs balancer "$old" running
from
check "pages come" ex_wait 120 pages 30
check "none has failed in all that time" en_load_end
check "connections are known" all_say
check "as before" t spread again xA $VIP 53 20000 $PORTS
check "for everybody" same "$(t changed first again)" 0
says() { r ext report balancer | grep -E "$1"; }
check "the report names the line" says 'balancer-bug/main.c:[0-9]+ note\(\)'
check "the kernel does not mind a bit" ex_untainted

# --- failure, and the end
check "the operator takes it out" r ext quarantine balancer
check_fails "nothing passes, as was said" "nobody" t say c0 timeout=1
check "restarted" r ext restart balancer
check "connections go on" all_say
from
en_load xA http://$VIP:8080/page
check "pages come" ex_wait 120 pages 10
check "it goes meanwhile" r ext detach balancer
check_fails "and the service with it" "nobody|EHOSTUNREACH|ENETUNREACH" t ask xA $VIP 53 23000 timeout=1
check "the backends themselves are there" t ask xA 10.2.1.2 5300 23000
for n in $(r -j ext show balancer | jq -r '.[].build'); do
	check "build $n is unloaded" "$ASHLAR" ext unload balancer build "$n"
done
check "the kernel does not mind" ex_untainted
ex_end
