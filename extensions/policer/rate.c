// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which rate a source has. The map is the operator's to edit, entry by entry;
 * packets see the whole of it change at once: a commit checks it and writes the
 * plan that is not in use, then the plans change places. A plan is written over
 * only after every packet that saw it has left.
 */
#include "policer.h"

EXT_MAP_ARRAY(rates, struct policer_rate, POLICER_RATES, 1);

const struct policer_plan *policer_plan(void)
{
	struct policer_state *st = ext_state(struct policer_state);

	return &st->plan[__atomic_load_n(&st->active, __ATOMIC_ACQUIRE) & 1];
}

static u64 first_bits(u32 bits)
{
	return bits ? ~0ULL << (64 - bits) : 0;
}

/* @bits of an address, as a mask of its two halves in network byte order. */
static void mask_set(u64 mask[2], u32 bits)
{
	mask[0] = __builtin_bswap64(first_bits(min(bits, 64U)));
	mask[1] = __builtin_bswap64(bits > 64 ? first_bits(bits - 64) : 0);
}

static bool rate_good(const struct policer_rate *r)
{
	u32 bits = r->family == 4 ? 32 : 128;

	return (r->family == 4 || r->family == 6) && r->prefix <= bits && r->host <= bits &&
	       r->action <= POLICER_MARK && r->burst && r->burst <= POLICER_BURST_MAX &&
	       r->rate >= POLICER_RATE_MIN && r->rate <= POLICER_RATE_MAX;
}

static void class_set(struct policer_class *c, const struct policer_rate *r, u32 number)
{
	u32 host = r->host ? r->host : r->family == 4 ? 32 : 64;

	memset(c, 0, sizeof(*c));
	mask_set(c->mask, r->prefix);
	mask_set(c->host, max(host, (u32)r->prefix));
	memcpy(c->prefix, r->addr, r->family == 4 ? 4 : 16);
	c->prefix[0] &= c->mask[0];
	c->prefix[1] &= c->mask[1];
	c->byte = (1000000000ULL << POLICER_SHIFT) / r->rate;
	c->burst = r->burst * 1000000000ULL / r->rate;
	c->mark = r->mark;
	c->family = r->family;
	c->bits = r->prefix;
	c->action = r->action;
	c->number = number;
}

/* By insertion, for the longest prefix must be met first. */
static void plan_add(struct policer_plan *plan, const struct policer_rate *r, u32 number)
{
	u32 at = plan->count;

	if (at >= POLICER_RATES)
		return;
	while (at && plan->class[at - 1].bits < r->prefix) {
		plan->class[at] = plan->class[at - 1];
		at--;
	}
	class_set(&plan->class[at], r, number);
	plan->count++;
}

static s32 plan_fill(struct policer_plan *plan)
{
	const struct policer_rate *r;
	struct policer_rate copy;
	u32 i;

	plan->count = 0;
	for (i = 0; i < POLICER_RATES; i++) {
		r = rates_lookup(&i);
		if (!r)
			continue;
		/* User space may write at any time: what was checked is used. */
		copy = *r;
		if (copy.action == POLICER_UNUSED)
			continue;
		if (!rate_good(&copy)) {
			ext_log("rate %u is refused: family %u, /%u, %llu bytes a second, burst %llu",
				i, copy.family, copy.prefix, copy.rate, copy.burst);
			return -EXT_EINVAL;
		}
		plan_add(plan, &copy, i);
	}
	return 0;
}

/**
 * policer_rates_compile() - make the map "rates" hold for packets
 *
 * May sleep. Return: how many rates there are; -EXT_EINVAL: one is not good,
 * which the log names, and nothing changes; -EXT_EBUSY: another is at it.
 */
s32 policer_rates_compile(void)
{
	struct policer_state *st = ext_state(struct policer_state);
	struct policer_plan *plan;
	u32 next;
	s32 err;

	if (__atomic_exchange_n(&st->busy, 1, __ATOMIC_ACQUIRE))
		return -EXT_EBUSY;
	next = ~st->active & 1;
	plan = &st->plan[next];
	ext_sync();
	err = plan_fill(plan);
	if (!err) {
		err = plan->count;
		__atomic_store_n(&st->active, next, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&st->busy, 0, __ATOMIC_RELEASE);
	return err;
}

/**
 * policer_rate_find() - the class of a source: the longest prefix
 * @plan: the rates
 * @source: its whole address
 *
 * Return: index into @plan->class, POLICER_NO_CLASS: none.
 */
u32 policer_rate_find(const struct policer_plan *plan, const struct policer_source *source)
{
	const struct policer_class *c;
	u32 i, n = min(plan->count, (u32)POLICER_RATES);

	for (i = 0; i < n; i++) {
		c = &plan->class[i];
		if (c->family == source->family &&
		    !((source->addr[0] ^ c->prefix[0]) & c->mask[0]) &&
		    !((source->addr[1] ^ c->prefix[1]) & c->mask[1]))
			return i;
	}
	return POLICER_NO_CLASS;
}
