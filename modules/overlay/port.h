/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_PORT_H
#define ASHLAR_OVERLAY_PORT_H

#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct ov_port_pool - the source ports towards one suite port of one peer
 * @lock: guards all of it. BH
 * @n: size of the range
 * @fresh: how many were handed out for the first time
 * @mul: fresh ports are taken in the order (@mul * i + @add) mod @n, with @mul
 * @add: coprime to @n, so that the order is not told by the range
 * @resting: ports that were freed: a ring of @size entries, oldest first
 * @head: oldest entry of the ring
 * @count: entries in the ring
 * @size: entries allocated, 0 or a power of two
 *
 * A port is free if it is in the ring and has rested, or was never handed out.
 * Both are found in constant time, however full the pool is.
 */
struct ov_port_rest {
	u16 index;
	u32 freed;	/* low word of jiffies */
};

struct ov_port_pool {
	spinlock_t lock;
	u16 n;
	u16 fresh;
	u16 mul;
	u16 add;
	u32 head;
	u32 count;
	u32 size;
	struct ov_port_rest *resting;
};

void ov_port_pool_init(struct ov_port_pool *pool, u16 n);
void ov_port_pool_exit(struct ov_port_pool *pool);
/* An index below @n, or -ENOSPC. @now and @rest are jiffies. */
int ov_port_take(struct ov_port_pool *pool, u32 now, u32 rest);
void ov_port_free(struct ov_port_pool *pool, u16 index, u32 now);

#endif /* ASHLAR_OVERLAY_PORT_H */
