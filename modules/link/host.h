/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_LINK_HOST_H
#define ASHLAR_LINK_HOST_H

#include <linux/ktime.h>
#include <linux/netdevice.h>

#include "link.h"

/* Time as the ladder counts it. */
static inline u64 ln_now_ms(void)
{
	return ktime_to_ms(ktime_get_boottime());
}

/* How often the carrier has changed. */
static inline unsigned int ln_dev_carriers(const struct net_device *dev)
{
	return atomic_read(&dev->carrier_up_count) +
	       atomic_read(&dev->carrier_down_count);
}

#endif /* ASHLAR_LINK_HOST_H */
