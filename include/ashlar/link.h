/* SPDX-License-Identifier: GPL-2.0-only */
/* What ashlar_link offers to other modules: MODULE_IMPORT_NS(ASHLAR_LINK). */
#ifndef ASHLAR_LINK_API_H
#define ASHLAR_LINK_API_H

#include <linux/types.h>

struct net_device;

/**
 * struct ashlar_link_loss - what is proven of a link's direction
 * @known: there is evidence: this end's, or the other end's, authenticated and fresh
 * @corrupting: found to lose more than it may
 * @upper: it loses at most this, with 95 % confidence, in 10^-12; all of it
 *	(10^12) where nothing is known
 */
struct ashlar_link_loss {
	bool known;
	bool corrupting;
	u64 upper;
};

/**
 * ashlar_link_loss() - what is proven of a link
 * @dev: a device that is monitored
 * @rx: frames that it receives
 * @tx: frames that it sends, as the other end receives them
 *
 * Context: any but hard interrupts
 * Return: 0, or -ENOENT if nobody monitors the device
 */
int ashlar_link_loss(const struct net_device *dev, struct ashlar_link_loss *rx,
		     struct ashlar_link_loss *tx);

#endif /* ASHLAR_LINK_API_H */
