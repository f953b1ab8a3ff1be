/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests of ashlar_link share. */
#ifndef ASHLAR_KUNIT_LINK_FIXTURE_H
#define ASHLAR_KUNIT_LINK_FIXTURE_H

#include <linux/netdevice.h>

#include "shared.h"

/* Numbers of all magnitudes, edges among them. */
u64 t_random_u64(struct rnd_state *rnd);

/*
 * An Ethernet device without a queue, up; or NULL. What it has of its own is a
 * copy of @priv from the beginning, since the kernel sends at once; zeroes if NULL.
 */
struct net_device *t_dev_new(const struct net_device_ops *ops,
			     const void *priv, size_t size);

#endif /* ASHLAR_KUNIT_LINK_FIXTURE_H */
