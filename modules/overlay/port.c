// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source ports towards one suite port of one peer; see port.h. The rest that a
 * freed port takes keeps an old duplicate of one tenant's connection from
 * reaching the next one's.
 */
#include <linux/gcd.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "port.h"

/**
 * ov_port_pool_init() - makes an empty pool
 * @pool: the pool
 * @n: ports in the range, at least 1
 */
void ov_port_pool_init(struct ov_port_pool *pool, u16 n)
{
	memset(pool, 0, sizeof(*pool));
	spin_lock_init(&pool->lock);
	pool->n = n;
	pool->add = get_random_u32() % n;
	do {
		pool->mul = get_random_u32() % n + 1;
	} while (gcd(pool->mul, n) != 1);
}

void ov_port_pool_exit(struct ov_port_pool *pool)
{
	kfree(pool->resting);
	pool->resting = NULL;
}

/**
 * ov_port_take() - takes a free port
 * @pool: the pool
 * @now: jiffies
 * @rest: jiffies that a freed port rests
 *
 * Context: BH disabled or not; takes pool->lock.
 * Return: the index of the port in its range, or -ENOSPC.
 */
int ov_port_take(struct ov_port_pool *pool, u32 now, u32 rest)
{
	int index = -ENOSPC;

	spin_lock_bh(&pool->lock);
	if (pool->count) {
		struct ov_port_rest *oldest = &pool->resting[pool->head];

		if (now - oldest->freed >= rest) {
			index = oldest->index;
			pool->head = (pool->head + 1) & (pool->size - 1);
			pool->count--;
		}
	}
	if (index < 0 && pool->fresh < pool->n) {
		index = ((u32)pool->mul * pool->fresh + pool->add) % pool->n;
		pool->fresh++;
	}
	spin_unlock_bh(&pool->lock);
	return index;
}

/* Doubles the ring. Where there is no memory, the port stays lost to us. */
static bool port_ring_grow(struct ov_port_pool *pool)
{
	u32 size = pool->size ? pool->size * 2 : 64;
	struct ov_port_rest *ring;
	u32 i;

	ring = kmalloc_array(size, sizeof(*ring), GFP_ATOMIC | __GFP_NOWARN);
	if (!ring)
		return false;
	for (i = 0; i < pool->count; i++)
		ring[i] = pool->resting[(pool->head + i) & (pool->size - 1)];
	kfree(pool->resting);
	pool->resting = ring;
	pool->size = size;
	pool->head = 0;
	return true;
}

/**
 * ov_port_free() - gives a port back, to rest
 * @pool: the pool
 * @index: what ov_port_take() returned
 * @now: jiffies
 *
 * Context: BH disabled or not; takes pool->lock.
 */
void ov_port_free(struct ov_port_pool *pool, u16 index, u32 now)
{
	struct ov_port_rest *slot;

	spin_lock_bh(&pool->lock);
	if (pool->count < pool->size || port_ring_grow(pool)) {
		slot = &pool->resting[(pool->head + pool->count) &
				      (pool->size - 1)];
		slot->index = index;
		slot->freed = now;
		pool->count++;
	}
	spin_unlock_bh(&pool->lock);
}
