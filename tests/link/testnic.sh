#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ashlar-test: kernels=stock,debug timeout=240 soak=debug
#
# The NIC that the tests of ashlar_link stand on does what it is told, and is seen to by ordinary programs.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/link.sh

et() { nsenter --net="/run/netns/$1" ethtool "${@:2}"; }
reached() { nsenter --net="/run/netns/$1" ping -q -c 1 -W "${3:-5}" "$2"; }
gone() { [ ! -e "$LN_SYS/$1/class/net/$2" ]; }

# said PATTERN...: what was asked last has such lines
said()
{
	local pattern

	cat "$KT_LOG.said"
	for pattern; do
		if ! grep -qE -- "$pattern" "$KT_LOG.said"; then
			echo "no $pattern"
			return 1
		fi
	done
}

says() { "${@:2}" >"$KT_LOG.said"; said "$1"; }
lacks() { "${@:2}" >"$KT_LOG.said" && ! grep -E -- "$1" "$KT_LOG.said"; }

# sent COUNT NAME=LOW[..HIGH]...: so many frames go from A to B, and B's counters grow by so much
sent()
{
	local count=$1 pair name now
	local -A before=()

	shift
	for pair; do
		before[${pair%%=*}]=$(ln_get hB t0 "${pair%%=*}") || return
	done
	ln_send hA t0 "$count" ${SIZE:+"$SIZE"} || return
	for pair; do
		name=${pair%%=*}
		now=$(($(ln_get hB t0 "$name") - before[$name]))
		echo "$name grew by $now"
		pair=${pair#*=}
		((now >= ${pair%%..*} && now <= ${pair##*..})) || return
	done
}

# How many of 5000 frames are struck, and that the rest arrives.
struck()
{
	local before

	before=$(ln_get hB t0 rx_fcs)
	ln_nic hB t0 seed "$1" && ln_send hA t0 5000 && echo $(($(ln_get hB t0 rx_fcs) - before))
}

same() { local a b; a=$(struck "$1") && b=$(struck "$2") && echo "$a $b" && [ "$a" = "$b" ]; }

stat_is() # NAME VALUE: a netdev counter of B
{
	local value

	value=$(ln_stat hB t0 "$1") && echo "$1 is $value" && [ "$value" = "$2" ]
}

errors() { local n; n=$(ln_get "$1" t0 rx_fcs) && echo "$n errors" && ((n > 0)); }
mac() { et hB -S t0 --groups eth-mac >"$KT_LOG.said"; said "${@/#/eth-mac-}"; }
mac_lacks() { lacks "$1" et hB -S t0 --groups eth-mac; }
fec() { et hB -I --show-fec t0 >"$KT_LOG.said"; said "$@"; }
optics() { et hB -m t0 >"$KT_LOG.said"; said "$@"; }
unchanged() { et hB -m t0 >"$KT_LOG.again" && cmp "$KT_LOG.page" "$KT_LOG.again"; }

restore() # ATTR VALUE...: what the checks below begin with
{
	ln_nic hB t0 fcs_ppm 0 loss_ppm 0 missed_ppm 0 dropped_ppm 0 fcs_every 0 "$@" && ln_nic hB t0 reset 1
}

ln_begin_nic
check "a wire between two namespaces" ln_wire hA t0 hB t0
check "is an ordinary device" says "link/ether" ip -n hA link show t0
check "every frame arrives" sent 5000 rx_frames=5000 rx_fcs=0 rx_bytes=300000
check "and is counted by its sender" ln_grew hA t0 tx_frames 5000
check_fails "a frame too many is noticed" "rx_frames grew by 10" sent 10 rx_frames=11
SIZE=20
check "a frame is 60 bytes long at least" sent 10 rx_frames=10 rx_bytes=600
SIZE=1000
check "or as long as it is" sent 10 rx_frames=10 rx_bytes=10000 rx_multicast=10 rx_broadcast=0
SIZE=

# Five standard deviations of the binomial: 100 of 10000 and 10.
restore fcs_ppm 10000 seed 1
check "one in a hundred is corrupted" sent 10000 rx_fcs=50..150 rx_frames=9850..9950
check "as its netdev counters tell" stat_is rx_crc_errors "$(ln_get hB t0 rx_fcs)"
check "and ethtool -S" mac "FrameCheckSequenceErrors: $(ln_get hB t0 rx_fcs)$" \
	"FramesReceivedOK: $(ln_get hB t0 rx_frames)$"
check_fails "the other direction is clean" "^0 errors" errors hA
check "the same seed strikes the same number" same 7 7
check_fails "another seed another" "^[0-9]+ [0-9]+$" same 7 1234
restore fcs_every 1000
check "each thousandth" sent 5000 rx_fcs=5 rx_frames=4995
restore loss_ppm 100000
check "loss is seen by nobody" sent 5000 rx_lost=400..600 rx_frames=4400..4600 rx_fcs=0 rx_missed=0 rx_dropped=0
restore missed_ppm 100000 dropped_ppm 100000
check "congestion" sent 5000 rx_missed=400..600 rx_dropped=350..550 rx_fcs=0
check "is no corruption" stat_is rx_crc_errors 0
check "but missed frames" stat_is rx_missed_errors "$(ln_get hB t0 rx_missed)"
check_fails "more than all is refused" "out of range" ln_nic hB t0 fcs_ppm 1000001

restore
check "counters are stepped together" ln_nic hB t0 step "rx_fcs=12 rx_frames=1000000000"
check "frames" stat_is rx_packets 1000000000
check "errors" stat_is rx_crc_errors 12
check_fails "an unknown counter is refused" "No such file" ln_nic hB t0 step "rx_fcs=1 rx_fish=1"
check "and nothing is stepped" stat_is rx_crc_errors 12
check "and by themselves" ln_nic hB t0 rx_fcs +3
check "by so much" stat_is rx_crc_errors 15
ln_nic hB t0 cache_ms 3600000 rx_fcs +1
check "a cache tells what it knows" stat_is rx_crc_errors 15
check_fails "not what is" "rx_crc_errors is 15" stat_is rx_crc_errors 16
ln_nic hB t0 cache_ms 0
check "until it is off" stat_is rx_crc_errors 16
ln_nic hB t0 width 32 rx_frames 4294967290 rx_frames +10
check "a register of 32 bits wraps" stat_is rx_packets 4
ln_nic hB t0 width 64
check "one of 64 does not" stat_is rx_packets 4294967300
check "a reset" ln_nic hB t0 reset 1
check "is one" stat_is rx_crc_errors 0

check "a speed" says "Speed: 100000Mb/s" et hA t0
check "is set by ethtool" et hA -s t0 speed 25000 duplex full autoneg off
check "and shown" says "Speed: 25000Mb/s" et hA t0
check_fails "half duplex is refused" "not supported" et hA -s t0 speed 25000 duplex half autoneg off

ln_nic hB t0 fec_corrected 1234 fec_uncorrectable 5
check "FEC is shown with its blocks" fec "Active FEC encoding: RS$" " corrected_blocks: 1234$" "uncorrectable_blocks: 5$"
ln_nic hB t0 fec_lanes 4
check "by lane as well" fec "Lane 3: +308$"
ln_nic hB t0 fec 1 fec_lanes 0
check "another FEC" fec "Active FEC encoding: BaseR$"
ln_nic hB t0 no_fec 2
check "which counts nothing" lacks corrected_blocks et hB -I --show-fec t0
ln_nic hB t0 no_fec 1
check_fails "and none at all" "not supported" et hB --show-fec t0
ln_nic hB t0 no_fec 0 fec 3 rate fec_corrected=1000000
check "codewords come by themselves" ln_wait 20 ln_grew hB t0 fec_corrected 1000000

ln_nic hB t0 no_mac 2 rx_fcs 9
check "a MAC that tells nothing" mac_lacks FramesReceivedOK
ln_nic hB t0 no_mac 3
check "nothing but its errors" mac_lacks FramesReceivedOK
check "these" said "FrameCheckSequenceErrors: 9$"
ln_nic hB t0 no_mac 0 no_crc 1
check "it tells again" mac "FramesReceivedOK: [0-9]+$"
check "and the netdev counter does not" stat_is rx_crc_errors 0

ln_nic hB t0 rx_power 4500 tx_power 5500
check "the module's light is enough" optics "Receiver signal average optical power *: 0.4500 mW" \
	"Laser output power *: 0.5500 mW" "Laser rx power low warning *: Off"
ln_nic hB t0 rx_power 700
check "is too little" optics "Laser rx power low alarm *: On"
cp "$KT_LOG.said" "$KT_LOG.page"
ln_nic hB t0 begin_errno 19
check_fails "an absent device tells nothing" "No such device" et hB -m t0
ln_nic hB t0 begin_errno 0 module_errno 5
check_fails "nor does a bad bus" "Input/output error" et hB -m t0
ln_nic hB t0 module_errno 0 module_ms 200
check "a slow one does" optics "0.0700 mW"
ln_nic hB t0 module_ms 0 ddm 0
check "a module without diagnostics" lacks "optical power" et hB -m t0
# A slope of 2, and 2.0 as a float.
ln_nic hB t0 ddm 1 external 1 cal_tx_slope 0x200 cal_rx_1 0x40000000
check "one that is to be calibrated" optics "Laser output power *: 1.1000 mW" \
	"Receiver signal average optical power *: 0.1400 mW"
ln_nic hB t0 external 0 module_id 0x11
check "a module of another kind" optics "0x11 \(QSFP28\)"
ln_nic hB t0 module_id 3 garbage 3
check "nonsense for limits" optics "Laser rx power low alarm threshold *: 1.2589 mW"
for garbage in 1 2 3 4 5 6; do
	ln_nic hB t0 garbage "$garbage"
	et hB -m t0 >"$KT_LOG.garbage" 2>&1
	check_fails "garbage $garbage is no module" "differ" cmp "$KT_LOG.page" "$KT_LOG.garbage"
done
ln_nic hB t0 garbage 0
check "no garbage is" unchanged
check "all was asked by the rules" ln_clean hB t0
check "and much" ln_grew hB t0 calls_module 10
ln_nic hB t0 module_legacy 1
check "a driver of old says the same" unchanged
# 6.1's own fallback asks after complete; 6.12's does not.
if ln_grew hB t0 calls_outside 1; then
	check_fails "though that is asked against the rules" "calls of t0 outside" ln_clean hB t0
else
	skip "though that is asked against the rules" "this kernel asks by the rules"
fi
ln_nic hB t0 calls_outside 0 calls_asleep 0 calls_no_rtnl 1
check_fails "a call without the lock is seen" "1 calls of t0 no_rtnl" ln_clean hB t0
ln_nic hB t0 module_legacy 0 no_module 1
check_fails "no module" "not supported" et hB -m t0

ln_nic hB t0 rate fec_corrected=0
check "a device that is away" ln_nic hB t0 present 0
check_fails "is not asked" "No such device" et hB -S t0 --groups eth-mac
check "it comes back" ln_nic hB t0 present 1
check "no light at one end" ln_nic hB t0 signal 0
check "is no carrier here" ln_carrier hB t0 0
check "nor there" ln_carrier hA t0 0
check_fails "a frame cannot leave" "frames:" ln_send hA t0 10
check "light" ln_nic hB t0 signal 1
check "is a carrier" ln_wait 10 ln_carrier hA t0 1
check "an end is closed" ip -n hB link set t0 down
check "and the other has no carrier" ln_carrier hA t0 0

bonded()
{
	ln_pair hA u0 hB u0 && ln_pair hA u1 hB u1 &&
		ln_bond hA bond0 active-backup u0 u1 && ln_bond hB bond0 active-backup u0 u1 &&
		ln_up hA bond0 10.0.0.1/24 && ln_up hB bond0 10.0.0.2/24
}

check "they are members of bonds" bonded
check "which carry traffic" ln_wait 30 reached hA 10.0.0.2
check "at their speed" says "^Speed: 100000 Mbps" nsenter --net=/run/netns/hA cat /proc/net/bonding/bond0
check "one goes dark" ln_nic hA u0 signal 0
check "the other carries it" ln_wait 30 reached hA 10.0.0.2 1
check "both" ln_nic hA u1 signal 0
check_fails "nothing does" "100% packet loss|unreachable" reached hA 10.0.0.2 1

check "a namespace is deleted" ip netns del hB
check "and the other ends go" ln_wait 30 gone hA u0
check "all of them" ln_wait 10 gone hA t0
check_fails "a name too long is refused" "leaves no room" ip link add name abcdefghijklmno type testnic
check_fails "and a bad address" "not the address" ip link add name x0 address 01:00:00:00:00:01 type testnic
check "a pair in one namespace" ip link add name x0 type testnic
check "is deleted by either end" ip link del x0p
check_fails "both ends" "does not exist" ip link show x0

# Nothing of it holds the module, whatever is done to it.
busy()
{
	while ln_send hC y0 2000 && ln_nic hC y0 signal 0 signal 1 rx_fcs +1 speed 10000; do
		:
	done 2>/dev/null
}

check "another wire" ln_wire hC y0 hD y0
busy &
KT_PIDS+=("$!")
check "with frames on it" ln_wait 120 ln_grew hD y0 rx_frames 3000
check "the module is unloaded" rmmod ashlar_testnic
check "and its devices with it" gone hC y0
check "it is loaded again" modprobe ashlar_testnic
ln_end
