/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels, found by compiling (compat.probes). */
#ifndef ASHLAR_LINK_COMPAT_H
#define ASHLAR_LINK_COMPAT_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>

/* A source of statistics is 0, "all of them", where there is a choice. */
static inline void ln_mac_stats_init(struct ethtool_eth_mac_stats *s)
{
#ifdef ASHLAR_HAVE_ETHTOOL_MAC_STATS_SRC
	s->src = 0;
	ethtool_stats_init((u64 *)&s->stats, sizeof(s->stats) / sizeof(u64));
#else
	ethtool_stats_init((u64 *)s, sizeof(*s) / sizeof(u64));
#endif
}

static inline void ln_phy_stats_init(struct ethtool_eth_phy_stats *s)
{
#ifdef ASHLAR_HAVE_ETHTOOL_MAC_STATS_SRC
	s->src = 0;
	ethtool_stats_init((u64 *)&s->stats, sizeof(s->stats) / sizeof(u64));
#else
	ethtool_stats_init((u64 *)s, sizeof(*s) / sizeof(u64));
#endif
}

/* A module whose firmware is being written must not be read meanwhile. */
static inline bool ln_module_is_busy(const struct net_device *dev)
{
#ifdef ASHLAR_HAVE_ETHTOOL_MODULE_FLASHING
	return dev->ethtool->module_fw_flash_in_progress;
#else
	return false;
#endif
}

#endif /* ASHLAR_LINK_COMPAT_H */
