// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: devices. An extension's reference keeps no device from going: when it
 * is unregistered or leaves the namespace, ledger.c gives the reference back,
 * and the handle then stands for a device that is down.
 */
#include <linux/netdevice.h>

#include "call.h"
#include "ledger.h"

u64 ashlar_ext_dev_get(struct ashlar_ext_ctx *abi, u32 ifindex)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_ledger *ledger = &ctx->inst->ledger;
	struct net_device *dev;
	struct ex_slot *slot;
	u64 handle = 0;

	ex_called(ctx, EX_CALL_dev_get, ifindex);
	rcu_read_lock();
	spin_lock_bh(&ledger->lock);
	dev = dev_get_by_index_rcu(ctx->inst->net, ifindex);
	/* The notifier comes a grace period after the device can be found no more. */
	if (dev)
		handle = ex_slot_make(&ledger->devices, &slot);
	if (handle) {
		netdev_hold(dev, &slot->tracker, GFP_ATOMIC);
		slot->dev = dev;
		ledger->device.made++;
	}
	spin_unlock_bh(&ledger->lock);
	rcu_read_unlock();
	return handle;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_dev_get, ASHLAR_EXT);

void ashlar_ext_dev_put(struct ashlar_ext_ctx *abi, u64 dev)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_ledger *ledger = &ctx->inst->ledger;
	struct ex_slot *slot;

	ex_called(ctx, EX_CALL_dev_put, dev);
	spin_lock_bh(&ledger->lock);
	slot = ex_slot_find(&ledger->devices, dev);
	if (slot) {
		if (!slot->gone) {
			netdev_put(slot->dev, &slot->tracker);
			ledger->device.back++;
		}
		ex_slot_free(&ledger->devices, slot);
	}
	spin_unlock_bh(&ledger->lock);
	if (!slot)
		ex_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, dev,
			"no device of this instance, or given back before");
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_dev_put, ASHLAR_EXT);

bool ex_dev_of(struct ex_ctx *ctx, u64 handle, struct net_device **dev)
{
	struct ex_ledger *ledger = &ctx->inst->ledger;
	struct ex_slot *slot;

	spin_lock_bh(&ledger->lock);
	slot = ex_slot_find(&ledger->devices, handle);
	*dev = slot && !slot->gone ? slot->dev : NULL;
	spin_unlock_bh(&ledger->lock);
	if (!slot)
		ex_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, handle,
			"no device of this instance, or given back before");
	return slot;
}

bool ashlar_ext_dev_up(struct ashlar_ext_ctx *abi, u64 handle)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct net_device *dev;
	bool up;

	ex_called(ctx, EX_CALL_dev_up, handle);
	rcu_read_lock();
	up = ex_dev_of(ctx, handle, &dev) && dev && netif_running(dev) &&
	     netif_carrier_ok(dev);
	rcu_read_unlock();
	return up;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_dev_up, ASHLAR_EXT);
