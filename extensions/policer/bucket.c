// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a source has left. A token bucket is kept as one number: the time at
 * which it will be full again ("theoretical arrival time"). A packet moves it on
 * by the time its bytes are worth, and is over the limit if the bucket would be
 * full only later than the burst from now. One number needs no lock.
 */
#include "policer.h"

#define TRIES	16	/* against other CPUs that take of the same bucket */

struct policer_bucket {
	u64 full_at;
};

/*
 * The least recently seen source makes room. It loses nothing but what it owes,
 * so who can send from more addresses than POLICER_SOURCES is not held.
 */
EXT_MAP_LRU(buckets, struct policer_source, struct policer_bucket, POLICER_SOURCES, 2);

/*
 * A packet larger than the burst (a large segment not yet cut) would never pass:
 * it may if the bucket is full, and the source owes the rest.
 */
static bool take(struct policer_bucket *b, const struct policer_class *c, u32 bytes, u64 now)
{
	u64 cost = bytes * c->byte >> POLICER_SHIFT, old, from, until;
	u32 i;

	old = __atomic_load_n(&b->full_at, __ATOMIC_RELAXED);
	for (i = 0; i < TRIES; i++) {
		from = max(old, now);
		until = from + cost;
		if (until - now > c->burst && from != now)
			return false;
		if (__atomic_compare_exchange_n(&b->full_at, &old, until, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/**
 * policer_bucket_take() - take a packet's bytes of its source's bucket
 * @plan: the rates
 * @source: its address; cut to what makes a source in its class
 * @bytes: of the packet
 * @now: ns
 * @class: set to the class, POLICER_NO_CLASS: none
 *
 * Return: whether they were there.
 */
enum policer_verdict policer_bucket_take(const struct policer_plan *plan,
					 struct policer_source *source, u32 bytes, u64 now,
					 u32 *class)
{
	const struct policer_class *c;
	struct policer_bucket *b;
	u32 i;

	i = policer_rate_find(plan, source);
	*class = i;
	if (i >= POLICER_RATES)
		return POLICER_UNLIMITED;
	c = &plan->class[i];
	source->addr[0] &= c->host[0];
	source->addr[1] &= c->host[1];
	source->number = c->number;
	b = buckets_insert(source);
	if (!b)
		return POLICER_UNLIMITED;
	return take(b, c, bytes, now) ? POLICER_WITHIN : POLICER_OVER;
}
