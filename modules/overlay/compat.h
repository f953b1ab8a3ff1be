/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels, found by compiling (compat.probes). */
#ifndef ASHLAR_OVERLAY_COMPAT_H
#define ASHLAR_OVERLAY_COMPAT_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#ifdef ASHLAR_HAVE_NET_GSO_H
#include <net/gso.h>
#endif
#include <net/inet_sock.h>
#include <net/route.h>

static inline bool ov_sock_is_transparent(const struct sock *sk)
{
#ifdef ASHLAR_HAVE_INET_TRANSPARENT_FIELD
	return inet_sk(sk)->transparent;
#else
	return inet_test_bit(TRANSPARENT, sk);
#endif
}

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

/* Where a route that is on the list of the uncached ones has that list. */
static inline struct uncached_list *const *ov_rt_uncached_list(const struct rtable *rt)
{
#ifdef ASHLAR_HAVE_DST_UNCACHED_LIST
	return &rt->dst.rt_uncached_list;
#else
	return &rt->rt_uncached_list;
#endif
}

#endif /* ASHLAR_OVERLAY_COMPAT_H */
