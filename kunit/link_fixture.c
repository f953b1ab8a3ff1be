// SPDX-License-Identifier: GPL-2.0-only
/* What the unit tests of ashlar_link share. */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "link_fixture.h"

u64 t_random_u64(struct rnd_state *rnd)
{
	u64 x = (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);

	switch (prandom_u32_state(rnd) % 16) {
	case 0:
		return 0;
	case 1:
		return U64_MAX;
	case 2:
		return 1ULL << (x % 64);
	default:
		return x >> prandom_u32_state(rnd) % 64;
	}
}

struct net_device *t_dev_new(const struct net_device_ops *ops,
			     const void *priv, size_t size)
{
	struct net_device *dev = alloc_etherdev(size);

	if (!dev)
		return NULL;
	if (priv)
		memcpy(netdev_priv(dev), priv, size);
	dev->netdev_ops = ops;
	dev->priv_flags |= IFF_NO_QUEUE;
	eth_hw_addr_random(dev);
	if (register_netdev(dev)) {
		free_netdev(dev);
		return NULL;
	}
	rtnl_lock();
	dev_open(dev, NULL);
	rtnl_unlock();
	return dev;
}

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Unit tests of ashlar_link");
MODULE_AUTHOR("The Ashlar authors");
MODULE_IMPORT_NS(ASHLAR_LINK_TEST);
