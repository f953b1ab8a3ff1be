// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/net/DEV/testnic/: a file for each setting and each counter, and
 *
 *   step   "NAME=N ...": counters grow by these, all at once
 *   rate   "NAME=N ...": counters grow by themselves by so much a second while
 *          there is a carrier; the rates of the others stay
 *   reset  any word: all of the device's counters are 0
 *
 * A counter takes "N" and "+N". Numbers are decimal, 0x or 0. Writes are all or
 * nothing. A file is gone before its device is, so a write finds it alive.
 */
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/rtnetlink.h>
#include <linux/sfp.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>

#include "testnic.h"

#define TN_MAX_RATE	1000000000ULL
#define TN_MAX_ERRNO	133

struct tn_attr {
	const char *name;
	u64 max;
	u64 initial;
	u64 min;
	/* The carrier, the operations or the settings of the link depend on it. */
	bool rtnl;
	struct device_attribute dev;
};

static struct tn_attr settings[TN_SETTINGS] = {
	/* Of the frames that arrive, so many in a million, and each Nth (0: none). */
	[TN_PPM + TN_FATE_FCS] = { "fcs_ppm", 1000000 },
	[TN_PPM + TN_FATE_LOST] = { "loss_ppm", 1000000 },
	[TN_PPM + TN_FATE_MISSED] = { "missed_ppm", 1000000 },
	[TN_PPM + TN_FATE_DROPPED] = { "dropped_ppm", 1000000 },
	[TN_EVERY + TN_FATE_FCS] = { "fcs_every", U32_MAX },
	[TN_EVERY + TN_FATE_LOST] = { "loss_every", U32_MAX },
	[TN_EVERY + TN_FATE_MISSED] = { "missed_every", U32_MAX },
	[TN_EVERY + TN_FATE_DROPPED] = { "dropped_every", U32_MAX },
	/* Writing it starts the random fates anew. */
	[TN_SEED] = { "seed", U64_MAX, 1 },

	/* Light arrives; Mb/s; the device is there (0: as in suspend). */
	[TN_SIGNAL] = { "signal", 1, 1, .rtnl = true },
	[TN_SPEED] = { "speed", 1000000, 100000, .rtnl = true },
	[TN_PRESENT] = { "present", 1, 1, .rtnl = true },

	/* enum tn_fec; into how many lanes the statistics are split (0: a total). */
	[TN_FEC] = { "fec", TN_FEC_RS544, TN_FEC_RS544, .rtnl = true },
	[TN_FEC_LANES] = { "fec_lanes", ETHTOOL_MAX_LANES },

	/* What is shown is up to so old, and has so many bits. */
	[TN_CACHE_MS] = { "cache_ms", 3600000 },
	[TN_WIDTH] = { "width", 64, 64, 8 },

	/* enum tn_lack; the netdev counters know no CRC errors; no module at all. */
	[TN_NO_MAC] = { "no_mac", TN_LACK_FRAMES, .rtnl = true },
	[TN_NO_PHY] = { "no_phy", TN_LACK_VALUES, .rtnl = true },
	[TN_NO_FEC] = { "no_fec", TN_LACK_VALUES, .rtnl = true },
	[TN_NO_CRC] = { "no_crc", 1 },
	[TN_NO_MODULE] = { "no_module", 1, .rtnl = true },
	/* What ethtool_ops::begin fails with. */
	[TN_BEGIN_ERRNO] = { "begin_errno", TN_MAX_ERRNO },

	/* Read by get_module_eeprom, not by page; what a read fails with; how long it takes. */
	[TN_MODULE_LEGACY] = { "module_legacy", 1, .rtnl = true },
	[TN_MODULE_ERRNO] = { "module_errno", TN_MAX_ERRNO },
	[TN_MODULE_MS] = { "module_ms", 60000 },
	/* SFF-8024: 0x03 SFP, 0x11 QSFP28, 0x18 QSFP-DD (CMIS); enum tn_garbage. */
	[TN_MODULE_ID] = { "module_id", U8_MAX, SFF8024_ID_SFP },
	[TN_GARBAGE] = { "garbage", TN_GARBAGE_SHORT },
	/* It monitors; what it shows is to be calibrated by these, which are as in the EEPROM. */
	[TN_DDM] = { "ddm", 1, 1 },
	[TN_EXTERNAL] = { "external", 1 },
	[TN_CAL_BIAS_SLOPE] = { "cal_bias_slope", U16_MAX, 0x100 },
	[TN_CAL_BIAS_OFFSET] = { "cal_bias_offset", U16_MAX },
	[TN_CAL_TX_SLOPE] = { "cal_tx_slope", U16_MAX, 0x100 },
	[TN_CAL_TX_OFFSET] = { "cal_tx_offset", U16_MAX },
	[TN_CAL_RX_1] = { "cal_rx_1", U32_MAX, 0x3f800000 },
	[TN_CAL_RX_0] = { "cal_rx_0", U32_MAX },
	/* As in the EEPROM: 1/256 degree, 0.1 mV, 2 uA, 0.1 uW. */
	[TN_SENSOR + TN_TEMPERATURE] = { "temperature", U16_MAX, 35 * 256 },
	[TN_SENSOR + TN_VOLTAGE] = { "voltage", U16_MAX, 33000 },
	[TN_SENSOR + TN_BIAS] = { "bias", U16_MAX, 3000 },
	[TN_SENSOR + TN_TX_POWER] = { "tx_power", U16_MAX, 5500 },
	[TN_SENSOR + TN_RX_POWER] = { "rx_power", U16_MAX, 4500 },
	[TN_LIMIT + 0] = { "temperature_high_alarm", U16_MAX, 75 * 256 },
	[TN_LIMIT + 1] = { "temperature_low_alarm", U16_MAX },
	[TN_LIMIT + 2] = { "temperature_high_warning", U16_MAX, 70 * 256 },
	[TN_LIMIT + 3] = { "temperature_low_warning", U16_MAX, 5 * 256 },
	[TN_LIMIT + 4] = { "voltage_high_alarm", U16_MAX, 36300 },
	[TN_LIMIT + 5] = { "voltage_low_alarm", U16_MAX, 29700 },
	[TN_LIMIT + 6] = { "voltage_high_warning", U16_MAX, 34650 },
	[TN_LIMIT + 7] = { "voltage_low_warning", U16_MAX, 31350 },
	[TN_LIMIT + 8] = { "bias_high_alarm", U16_MAX, 6000 },
	[TN_LIMIT + 9] = { "bias_low_alarm", U16_MAX, 500 },
	[TN_LIMIT + 10] = { "bias_high_warning", U16_MAX, 5500 },
	[TN_LIMIT + 11] = { "bias_low_warning", U16_MAX, 1000 },
	[TN_LIMIT + 12] = { "tx_power_high_alarm", U16_MAX, 12589 },
	[TN_LIMIT + 13] = { "tx_power_low_alarm", U16_MAX, 1479 },
	[TN_LIMIT + 14] = { "tx_power_high_warning", U16_MAX, 10000 },
	[TN_LIMIT + 15] = { "tx_power_low_warning", U16_MAX, 1862 },
	[TN_LIMIT + 16] = { "rx_power_high_alarm", U16_MAX, 12589 },
	[TN_LIMIT + 17] = { "rx_power_low_alarm", U16_MAX, 794 },
	[TN_LIMIT + 18] = { "rx_power_high_warning", U16_MAX, 10000 },
	[TN_LIMIT + 19] = { "rx_power_low_warning", U16_MAX, 1000 },
};

static struct tn_attr counters[TN_COUNTERS] = {
	[TN_RX_FRAMES] = { "rx_frames" },
	[TN_RX_BYTES] = { "rx_bytes" },
	[TN_RX_MULTICAST] = { "rx_multicast" },
	[TN_RX_BROADCAST] = { "rx_broadcast" },
	[TN_RX_FCS] = { "rx_fcs" },
	[TN_RX_MISSED] = { "rx_missed" },
	[TN_RX_DROPPED] = { "rx_dropped" },
	[TN_RX_SYMBOL] = { "rx_symbol" },
	[TN_FEC_CORRECTED] = { "fec_corrected" },
	[TN_FEC_UNCORRECTABLE] = { "fec_uncorrectable" },
	[TN_TX_FRAMES] = { "tx_frames" },
	[TN_TX_BYTES] = { "tx_bytes" },
	[TN_TX_DROPPED] = { "tx_dropped" },
	/* Not the device's: what happened unseen, and who called. */
	[TN_RX_LOST] = { "rx_lost" },
	[TN_CALLS_BEGIN] = { "calls_begin" },
	[TN_CALLS_COMPLETE] = { "calls_complete" },
	[TN_CALLS_STATS64] = { "calls_stats64" },
	[TN_CALLS_STATS] = { "calls_stats" },
	[TN_CALLS_MODULE] = { "calls_module" },
	[TN_CALLS_NO_RTNL] = { "calls_no_rtnl" },
	[TN_CALLS_OUTSIDE] = { "calls_outside" },
	[TN_CALLS_ABSENT] = { "calls_absent" },
	[TN_CALLS_ASLEEP] = { "calls_asleep" },
};

static struct tn_dev *dev_of(struct device *dev)
{
	return netdev_priv(to_net_dev(dev));
}

static ssize_t setting_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tn_attr *a = container_of(attr, struct tn_attr, dev);

	return sysfs_emit(buf, "%llu\n", tn_get(dev_of(dev), a - settings));
}

static void setting_set(struct tn_dev *tn, unsigned int setting, u64 value)
{
	spin_lock_bh(&tn->lock);
	WRITE_ONCE(tn->set[setting], value);
	if (setting == TN_SEED)
		tn_seed(tn);
	spin_unlock_bh(&tn->lock);
}

static void setting_apply(struct tn_dev *tn, unsigned int setting)
{
	ASSERT_RTNL();
	tn_ops_apply(tn);
	tn_carrier(tn);
	/* Nothing stops the queues: a frame that is sent meanwhile arrives. */
	if (tn_get(tn, TN_PRESENT))
		set_bit(__LINK_STATE_PRESENT, &tn->dev->state);
	else
		clear_bit(__LINK_STATE_PRESENT, &tn->dev->state);
	if (setting == TN_SPEED || setting == TN_FEC)
		netdev_state_change(tn->dev);
}

static ssize_t setting_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct tn_attr *a = container_of(attr, struct tn_attr, dev);
	struct tn_dev *tn = dev_of(dev);
	u64 value;
	int err;

	err = kstrtou64(buf, 0, &value);
	if (err)
		return err;
	if (value < a->min || value > a->max)
		return -ERANGE;
	if (!a->rtnl) {
		setting_set(tn, a - settings, value);
		return count;
	}
	/* Who deletes the device holds RTNL and waits for this write. */
	if (!rtnl_trylock())
		return restart_syscall();
	setting_set(tn, a - settings, value);
	setting_apply(tn, a - settings);
	rtnl_unlock();
	return count;
}

static ssize_t counter_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tn_attr *a = container_of(attr, struct tn_attr, dev);
	struct tn_dev *tn = dev_of(dev);
	u64 value;

	spin_lock_bh(&tn->lock);
	tn_settle(tn);
	value = tn->count[a - counters];
	spin_unlock_bh(&tn->lock);
	return sysfs_emit(buf, "%llu\n", value);
}

static ssize_t counter_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	struct tn_attr *a = container_of(attr, struct tn_attr, dev);
	struct tn_dev *tn = dev_of(dev);
	bool step = buf[0] == '+';
	u64 value;
	int err;

	err = kstrtou64(buf + step, 0, &value);
	if (err)
		return err;
	spin_lock_bh(&tn->lock);
	tn_settle(tn);
	tn->count[a - counters] = value + (step ? tn->count[a - counters] : 0);
	spin_unlock_bh(&tn->lock);
	return count;
}

/* "NAME=N" into value[]; marks which. */
static int parse_pair(char *word, u64 *value, unsigned long *which)
{
	char *number = strchr(word, '=');
	int i, err;

	if (!number)
		return -EINVAL;
	*number++ = 0;
	for (i = 0; i < TN_DEVICE_COUNTERS; i++) {
		if (strcmp(word, counters[i].name))
			continue;
		err = kstrtou64(number, 0, &value[i]);
		__set_bit(i, which);
		return err;
	}
	return -ENOENT;
}

static int parse_pairs(const char *buf, u64 *value, unsigned long *which)
{
	char *copy, *rest, *word;
	int err = 0;

	copy = kstrdup(buf, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!err && (word = strsep(&rest, " \t\n")))
		if (*word)
			err = parse_pair(word, value, which);
	kfree(copy);
	return err ?: (*which ? 0 : -EINVAL);
}

static ssize_t step_store(struct device *dev, struct device_attribute *attr, const char *buf,
			  size_t count)
{
	struct tn_dev *tn = dev_of(dev);
	u64 value[TN_DEVICE_COUNTERS] = {};
	unsigned long which = 0;
	int i, err;

	err = parse_pairs(buf, value, &which);
	if (err)
		return err;
	spin_lock_bh(&tn->lock);
	for (i = 0; i < TN_DEVICE_COUNTERS; i++)
		tn->count[i] += value[i];
	spin_unlock_bh(&tn->lock);
	return count;
}

static ssize_t rate_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct tn_dev *tn = dev_of(dev);
	int i, len = 0;
	u64 rate;

	for (i = 0; i < TN_DEVICE_COUNTERS; i++) {
		rate = READ_ONCE(tn->rate[i]);
		if (rate)
			len += sysfs_emit_at(buf, len, "%s=%llu ", counters[i].name, rate);
	}
	return len + sysfs_emit_at(buf, len, "\n");
}

static ssize_t rate_store(struct device *dev, struct device_attribute *attr, const char *buf,
			  size_t count)
{
	struct tn_dev *tn = dev_of(dev);
	u64 value[TN_DEVICE_COUNTERS] = {};
	unsigned long which = 0;
	int i, err;

	err = parse_pairs(buf, value, &which);
	if (err)
		return err;
	for (i = 0; i < TN_DEVICE_COUNTERS; i++)
		if (value[i] > TN_MAX_RATE)
			return -ERANGE;
	spin_lock_bh(&tn->lock);
	tn_settle(tn);
	for_each_set_bit(i, &which, TN_DEVICE_COUNTERS) {
		WRITE_ONCE(tn->rate[i], value[i]);
		tn->part[i] = 0;
	}
	spin_unlock_bh(&tn->lock);
	return count;
}

static ssize_t reset_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	struct tn_dev *tn = dev_of(dev);

	spin_lock_bh(&tn->lock);
	tn_settle(tn);
	memset(tn->count, 0, TN_DEVICE_COUNTERS * sizeof(tn->count[0]));
	memset(tn->part, 0, sizeof(tn->part));
	spin_unlock_bh(&tn->lock);
	return count;
}

static DEVICE_ATTR_WO(step);
static DEVICE_ATTR_RW(rate);
static DEVICE_ATTR_WO(reset);

/* Filled in by tn_sysfs_init(); the last is NULL. */
static struct attribute *attrs[TN_SETTINGS + TN_COUNTERS + 4];

const struct attribute_group tn_group = {
	.name = "testnic",
	.attrs = attrs,
};

static struct attribute *attr_init(struct tn_attr *a)
{
	a->dev.attr.name = a->name;
	a->dev.attr.mode = 0644;
	return &a->dev.attr;
}

void tn_sysfs_init(void)
{
	struct attribute **at = attrs;
	int i;

	for (i = 0; i < TN_SETTINGS; i++) {
		settings[i].dev.show = setting_show;
		settings[i].dev.store = setting_store;
		*at++ = attr_init(&settings[i]);
	}
	for (i = 0; i < TN_COUNTERS; i++) {
		counters[i].dev.show = counter_show;
		counters[i].dev.store = counter_store;
		*at++ = attr_init(&counters[i]);
	}
	*at++ = &dev_attr_step.attr;
	*at++ = &dev_attr_rate.attr;
	*at++ = &dev_attr_reset.attr;
}

void tn_defaults(struct tn_dev *tn)
{
	int i;

	for (i = 0; i < TN_SETTINGS; i++)
		tn->set[i] = settings[i].initial;
	tn->settled = ktime_get_ns();
	spin_lock_bh(&tn->lock);
	tn_seed(tn);
	spin_unlock_bh(&tn->lock);
}
