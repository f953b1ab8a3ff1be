/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pair of Ethernet devices with a wire between them, for tests. Everything
 * that can go wrong on a wire is set at the end that receives it.
 *
 * Lock         What                                  Context
 * RTNL         peer, up, ops, the carrier, and those  process
 *              settings that change one of them
 * tn->lock     everything else in struct tn_dev       any but hard interrupts
 *
 * A pair is unlinked before either end is unregistered, so who follows @peer
 * under RCU holds a device that is freed a grace period later at the earliest.
 */
#ifndef ASHLAR_TESTNIC_H
#define ASHLAR_TESTNIC_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/spinlock.h>

/* What may happen to a frame that arrives. */
enum tn_fate {
	TN_FATE_FCS,		/* corrupted: dropped, counted as such */
	TN_FATE_LOST,		/* gone, and no counter tells */
	TN_FATE_MISSED,		/* congestion in the device */
	TN_FATE_DROPPED,	/* congestion in the host */
	TN_FATES,
	TN_FATE_GOOD = TN_FATES,
};

enum tn_limit {
	TN_HIGH_ALARM,
	TN_LOW_ALARM,
	TN_HIGH_WARNING,
	TN_LOW_WARNING,
	TN_LIMITS,
};

/* In the order of SFF-8472, which gives each of them its limits and a value. */
enum tn_sensor {
	TN_TEMPERATURE,
	TN_VOLTAGE,
	TN_BIAS,
	TN_TX_POWER,
	TN_RX_POWER,
	TN_SENSORS,
};

enum tn_fec {
	TN_FEC_NONE,
	TN_FEC_BASER,
	TN_FEC_RS528,
	TN_FEC_RS544,
};

/* How much of a group of statistics the device has (no_mac, no_phy, no_fec). */
enum tn_lack {
	TN_LACK_NOTHING,
	TN_LACK_OPERATION,	/* the operation is not there */
	TN_LACK_VALUES,		/* it is, and fills in nothing */
	TN_LACK_FRAMES,		/* MAC: it fills in nothing but the FCS errors */
};

enum tn_garbage {
	TN_GARBAGE_NONE,
	TN_GARBAGE_ALL,		/* random bytes, others at each read */
	TN_GARBAGE_VALUES,	/* the same, but the module says rightly what it is */
	TN_GARBAGE_LIMITS,	/* the low alarm is the high alarm */
	TN_GARBAGE_ONES,
	TN_GARBAGE_ZEROS,
	TN_GARBAGE_SHORT,	/* half of what was asked for */
};

/* Settings: a file each in /sys/class/net/DEV/testnic, see sysfs.c. */
enum tn_setting {
	TN_PPM,					/* of each fate */
	TN_EVERY = TN_PPM + TN_FATES,
	TN_SEED = TN_EVERY + TN_FATES,
	TN_SIGNAL,
	TN_SPEED,
	TN_PRESENT,
	TN_FEC,
	TN_FEC_LANES,
	TN_CACHE_MS,
	TN_WIDTH,
	TN_NO_MAC,
	TN_NO_PHY,
	TN_NO_FEC,
	TN_NO_CRC,
	TN_NO_MODULE,
	TN_BEGIN_ERRNO,
	TN_MODULE_LEGACY,
	TN_MODULE_ERRNO,
	TN_MODULE_MS,
	TN_MODULE_ID,
	TN_GARBAGE,
	TN_DDM,
	TN_EXTERNAL,
	TN_CAL_BIAS_SLOPE,
	TN_CAL_BIAS_OFFSET,
	TN_CAL_TX_SLOPE,
	TN_CAL_TX_OFFSET,
	TN_CAL_RX_1,
	TN_CAL_RX_0,
	TN_SENSOR,				/* of each sensor */
	TN_LIMIT = TN_SENSOR + TN_SENSORS,	/* of each sensor */
	TN_SETTINGS = TN_LIMIT + TN_SENSORS * TN_LIMITS,
};

/* Counters; those before TN_DEVICE_COUNTERS are what the device shows. */
enum tn_counter {
	TN_RX_FRAMES,
	TN_RX_BYTES,
	TN_RX_MULTICAST,
	TN_RX_BROADCAST,
	TN_RX_FCS,
	TN_RX_MISSED,
	TN_RX_DROPPED,
	TN_RX_SYMBOL,
	TN_FEC_CORRECTED,
	TN_FEC_UNCORRECTABLE,
	TN_TX_FRAMES,
	TN_TX_BYTES,
	TN_TX_DROPPED,
	TN_DEVICE_COUNTERS,
	TN_RX_LOST = TN_DEVICE_COUNTERS,
	TN_CALLS_BEGIN,
	TN_CALLS_COMPLETE,
	TN_CALLS_STATS64,
	TN_CALLS_STATS,		/* MAC, PHY, FEC */
	TN_CALLS_MODULE,
	TN_CALLS_NO_RTNL,
	TN_CALLS_OUTSIDE,	/* of begin and complete */
	TN_CALLS_ABSENT,
	TN_CALLS_ASLEEP,
	TN_COUNTERS,
};

/**
 * struct tn_dev - one end of a wire
 * @dev: the device this is the private part of
 * @peer: the other end; NULL once the pair is being deleted
 * @up: it is open
 * @ops: its own, because what it lacks is settable
 * @lock: protects what follows
 * @link: the carrier as the counters see it; without it rates stand still
 * @random: state of the generator behind the random fates
 * @until: frames since the last that met with the fate by "every"
 * @set: settings
 * @count: counters as they are
 * @rate: what each counter gains a second by itself
 * @part: the part of the next one it has gained, in billionths
 * @settled: when the rates were last added, ns
 * @shown: the counters as the device showed them last
 * @shown_at: when that was, ns
 */
struct tn_dev {
	struct net_device *dev;
	struct net_device __rcu *peer;
	bool up;
	struct ethtool_ops ops;

	spinlock_t lock;
	bool link;
	u64 random;
	u64 until[TN_FATES];
	u64 set[TN_SETTINGS];
	u64 count[TN_COUNTERS];
	u64 rate[TN_DEVICE_COUNTERS];
	u64 part[TN_DEVICE_COUNTERS];
	u64 settled;
	u64 shown[TN_DEVICE_COUNTERS];
	u64 shown_at;
};

/* count.c */
u64 tn_get(const struct tn_dev *tn, unsigned int setting);
void tn_count(struct tn_dev *tn, enum tn_counter counter);
void tn_count_sent(struct tn_dev *tn, unsigned int len);
enum tn_fate tn_count_arrived(struct tn_dev *tn, const struct ethhdr *eth, unsigned int len);
void tn_settle(struct tn_dev *tn);
void tn_show(struct tn_dev *tn, u64 *out);
void tn_seed(struct tn_dev *tn);
u64 tn_random(struct tn_dev *tn);

/* netdev.c */
void tn_setup(struct net_device *dev);
void tn_carrier(struct tn_dev *tn);

/* ethtool.c */
void tn_ops_apply(struct tn_dev *tn);
void tn_called(struct net_device *dev, enum tn_counter counter);

/* optics.c */
int tn_module_info(struct net_device *dev, struct ethtool_modinfo *info);
int tn_module_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom, u8 *data);
int tn_module_page(struct net_device *dev, const struct ethtool_module_eeprom *page,
		   struct netlink_ext_ack *extack);

/* sysfs.c */
extern const struct attribute_group tn_group;
void tn_defaults(struct tn_dev *tn);
void tn_sysfs_init(void);

#endif /* ASHLAR_TESTNIC_H */
