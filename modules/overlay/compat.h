/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels, found by compiling (compat.probes). */
#ifndef ASHLAR_OVERLAY_COMPAT_H
#define ASHLAR_OVERLAY_COMPAT_H

#include <linux/netdevice.h>

/*
 * Counters of the container's device, as far as the device leaves them to the
 * core; there is no way to count on one that keeps its own.
 */
static inline void ov_dev_count_rx(struct net_device *dev, unsigned int len)
{
	if (dev->pcpu_stat_type == NETDEV_PCPU_STAT_TSTATS)
		dev_sw_netstats_rx_add(dev, len);
}

static inline void ov_dev_count_tx(struct net_device *dev, unsigned int len)
{
	if (dev->pcpu_stat_type == NETDEV_PCPU_STAT_TSTATS) {
		preempt_disable();
		dev_sw_netstats_tx_add(dev, 1, len);
		preempt_enable();
	}
}

#endif /* ASHLAR_OVERLAY_COMPAT_H */
