/* SPDX-License-Identifier: GPL-2.0-only */
/* What a device tells of itself: counters, statistics, a module's memory. */
#ifndef ASHLAR_LINK_SOURCE_H
#define ASHLAR_LINK_SOURCE_H

#include <linux/types.h>

#include "counter.h"

struct ln_optics;
struct net_device;

/* Can a stream of evidence tell anything? The same values as in the netlink spec. */
enum ln_support {
	LN_SUPPORT_UNKNOWN,	/* not asked yet */
	LN_SUPPORT_NO,		/* the driver has no such counter */
	LN_SUPPORT_SILENT,	/* has one, never seen to move: only its errors count */
	LN_SUPPORT_YES,
	LN_SUPPORT_BLIND,	/* as shown: no witness of health, see detect.h */
};

/**
 * struct ln_netdev_read - counters that every device has
 * @frames: received without errors
 * @crc: rx_crc_errors
 * @rx_drops: dropped, missed or overrun on the way in: congestion. The core counts
 *	      frames that no protocol wanted there too, which cannot be told apart
 * @tx_drops: dropped on the way out, by the device or the queue of heartbeats
 */
struct ln_netdev_read {
	u64 frames;
	u64 crc;
	u64 rx_drops;
	u64 tx_drops;
};

/**
 * struct ln_ethtool_read - what ethtool's operations tell; LN_NOT_SET where nothing
 * @frames: FramesReceivedOK
 * @fcs: FrameCheckSequenceErrors
 * @symbol: SymbolErrorDuringCarrier
 * @corrected: FEC blocks corrected
 * @uncorrectable: FEC blocks that could not be
 * @fec_mode: active mode: ETHTOOL_FEC_*, 0 if not known
 * @speed: Mb/s; 0 if not known
 */
struct ln_ethtool_read {
	u64 frames;
	u64 fcs;
	u64 symbol;
	u64 corrected;
	u64 uncorrectable;
	u32 fec_mode;
	u32 speed;
};

/* RCU, or the device held otherwise; does not sleep. */
void ln_source_netdev(struct net_device *dev, struct ln_netdev_read *r);

/**
 * ln_source_ethtool() - asks the driver, with the protections of the kernel's own ethtool code
 * @dev: the device
 * @r: filled, all LN_NOT_SET or 0 where the driver has nothing
 *
 * Context: rtnl; may sleep
 * Return: 0, -ENODEV if the device is not there, or the driver's reason why it
 *	   cannot be asked now
 */
int ln_source_ethtool(struct net_device *dev, struct ln_ethtool_read *r);

/**
 * ln_source_optics() - reads and decodes the module's diagnostics
 * @dev: the device
 * @o: filled; its state says what came of it. What it held is kept if reading failed
 *
 * Context: rtnl; sleeps, tens of milliseconds on a real module
 */
void ln_source_optics(struct net_device *dev, struct ln_optics *o);

#endif /* ASHLAR_LINK_SOURCE_H */
