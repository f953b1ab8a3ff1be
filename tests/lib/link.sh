# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of ashlar_link share. Source it from the top of the tree.
#
#   ln_begin            KTAP header, ashlar_testnic and ashlar_link
#   ln_begin_nic        the same without ashlar_link
#   ln_end              the plan; the last command of a test
#   check, check_fails, skip, kt_...
#                       see tests/lib/ktap.sh
#   ln_load, ln_unload  ashlar_link
#   ln_netns NS...      namespaces, if they are not there yet
#   ln_pair NSA DEVA NSB DEVB
#                       a wire between two namespaces, which are made if need
#                       be: DEVA at one end, DEVB at the other, both down
#   ln_up NS DEV [ADDR/LEN]
#   ln_wire NSA DEVA NSB DEVB
#                       ln_pair, both ends up and with carrier
#   ln_bond NS BOND "MODE [OPTION VALUE]..." DEV...
#                       a bond, up, of these devices; MODE as for ip-link(8)
#   ln_nic NS DEV ATTR VALUE [ATTR VALUE]...
#                       settings of this end of a wire, see below
#   ln_get NS DEV ATTR  prints one
#   ln_grew NS DEV ATTR VALUE
#                       is it at least VALUE? For ln_wait.
#   ln_stat NS DEV NAME prints a netdev counter, e.g. rx_crc_errors
#   ln_carrier NS DEV 0|1
#                       is the carrier off, on?
#   ln_clean NS DEV     has everybody called the device's ethtool operations by
#                       the rules (RTNL, begin and complete, device present,
#                       its parent awake)?
#   ln_send NS DEV COUNT [SIZE [TYPE]]
#                       real frames, which nobody answers
#   ln_wait SECONDS COMMAND...
#                       until COMMAND succeeds
#   ln_json NS "OBJECT [VERB ...]" FILTER
#                       prints what jq makes of "ashlar -j OBJECT show"; fails
#                       if that is null or false
#
# Attributes of a test NIC, each end its own; what goes wrong with frames is set
# where they arrive. Tables: tests/modules/testnic/sysfs.c.
#
#   fcs_ppm, loss_ppm, missed_ppm, dropped_ppm
#                       of a million frames, so many are corrupted (counted as
#                       FCS errors), lost unseen, missed, dropped (congestion);
#                       fcs_every ... each Nth; seed N starts chance anew
#   rx_frames rx_bytes rx_fcs rx_missed rx_dropped rx_symbol fec_corrected
#   fec_uncorrectable tx_frames ...
#                       counters: "N" sets, "+N" steps. "step" takes several at
#                       once, "rx_fcs=12 rx_frames=1000000000"; "rate" the same,
#                       a second while there is a carrier; "reset 1": all are 0
#   cache_ms            what is shown is up to so old
#   width               counters wrap at so many bits
#   speed (Mb/s), fec (0 none, 1 BASE-R, 2 RS528, 3 RS544), fec_lanes
#   signal 0            no light arrives: both ends lose the carrier
#   present 0           the device is away, as in suspend
#   no_mac, no_phy, no_fec
#                       1: no such operation, 2: it fills in nothing; no_mac 3:
#                       it fills in nothing but the FCS errors
#   no_crc, no_module   1: rx_crc_errors is always 0; there is no module
#   begin_errno, module_errno, module_ms
#                       what fails (5: EIO), how long a read of the module takes
#   module_legacy       1: read by get_module_eeprom
#   module_id           3 SFP, 0x11 QSFP28, 0x18 QSFP-DD
#   garbage             1 random bytes, 2 random values, 3 low alarm = high
#                       alarm, 4 all ones, 5 all zeros, 6 short reads
#   ddm, external       it monitors; it is to be calibrated (cal_...)
#   temperature, voltage, bias, tx_power, rx_power
#                       as in the EEPROM (power in 0.1 uW); with
#                       _high_alarm, _low_alarm, _high_warning, _low_warning
#   rx_lost, calls_...  what happened unseen; how often was the device asked

. tests/lib/ktap.sh

LN_SYS=
LN_NETNS=()

ln_begin_nic()
{
	kt_begin
	trap ln_exit EXIT
	LN_SYS=$(mktemp -d)
	modprobe ashlar_testnic || kt_bail "cannot load the test NIC"
}

ln_begin()
{
	ln_begin_nic
	ln_load || kt_bail "cannot load the module"
}

ln_exit()
{
	local ns

	for ns in "${LN_NETNS[@]}"; do
		umount "$LN_SYS/$ns"
		rmdir "$LN_SYS/$ns"
		ip netns del "$ns" 2>/dev/null
	done
	rmdir "$LN_SYS"
	kt_exit
}

ln_end() { kt_end; }
ln_load() { modprobe ashlar_link; }
ln_unload() { rmmod ashlar_link; }
ln_wait() { topo_wait "$@"; }

# A namespace's sysfs is mounted for this shell, which then reads and writes it
# without a process of its own: these cost much in an emulated machine.
ln_netns()
{
	local ns

	for ns; do
		[ ! -d "$LN_SYS/$ns" ] || continue
		topo_netns "$ns" && mkdir "$LN_SYS/$ns" || return
		nsenter --net="/run/netns/$ns" mount -t sysfs "$ns" "$LN_SYS/$ns" || return
		LN_NETNS+=("$ns")
	done
}

ln_pair()
{
	ln_netns "$1" "$3" || return
	# The other end is born under a name that nobody else has.
	topo_ip "$1" <<-END
		link add name lnwire type testnic
		link set lnwire name $2
		link set lnwirep netns $3 name $4
	END
}

ln_up()
{
	if [ -n "${3:-}" ]; then
		ip -n "$1" addr add "$3" dev "$2" || return
	fi
	ip -n "$1" link set "$2" up
}

ln_wire()
{
	ln_pair "$@" && ln_up "$1" "$2" && ln_up "$3" "$4" &&
		ln_wait 10 ln_carrier "$1" "$2" 1 && ln_wait 10 ln_carrier "$3" "$4" 1
}

ln_bond()
{
	local ns=$1 bond=$2 mode=$3 dev

	shift 3
	{
		echo "link add $bond type bond miimon 100 mode $mode"
		for dev; do
			echo "link set $dev down"
			echo "link set $dev master $bond"
		done
		echo "link set $bond up"
	} | topo_ip "$ns"
}

ln_nic()
{
	local dir=$LN_SYS/$1/class/net/$2/testnic

	shift 2
	while (($#)); do
		echo "$2" >"$dir/$1" || return
		shift 2
	done
}

ln_get()
{
	local value

	read -r value <"$LN_SYS/$1/class/net/$2/testnic/$3" && echo "$value"
}

ln_grew()
{
	local value

	read -r value <"$LN_SYS/$1/class/net/$2/testnic/$3" && ((value >= $4))
}

ln_stat()
{
	local value

	read -r value <"$LN_SYS/$1/class/net/$2/statistics/$3" && echo "$value"
}

# A device that is down has none to tell of.
ln_carrier()
{
	local value=0

	read -r value 2>/dev/null <"$LN_SYS/$1/class/net/$2/carrier"
	[ "${value:-0}" = "$3" ]
}

ln_clean()
{
	local dir=$LN_SYS/$1/class/net/$2/testnic name value bad=0

	for name in no_rtnl outside absent asleep; do
		read -r value <"$dir/calls_$name" || return
		if [ "$value" != 0 ]; then
			echo "$value calls of $2 $name"
			bad=1
		fi
	done
	[ "$(<"$dir/calls_begin")" = "$(<"$dir/calls_complete")" ] ||
		{ echo "begin and complete of $2 differ"; bad=1; }
	return $bad
}

ln_send() { tests/lib/frames.py "$@"; }

ln_json()
{
	local words

	read -ra words <<<"$2"
	((${#words[@]} > 1)) || words+=(show)
	"$ASHLAR" -n "$1" -j "${words[@]}" | jq -er "$3"
}
