// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source ports: each is handed out once, all of them are, and one that was freed
 * rests, first freed first used.
 */
#include <linux/bitmap.h>
#include <linux/slab.h>

#include "../modules/overlay/port.h"
#include "overlay_fixture.h"

#define REST	100

struct port_size {
	u16 n;
};

static const struct port_size port_sizes[] = {
	{ 1 }, { 2 }, { 3 }, { 5 }, { 6 }, { 7 }, { 63 }, { 64 }, { 65 }, { 97 },
	{ 1000 }, { 1021 }, { 1024 }, { 4095 }, { 28231 }, { 65535 },
};

static void port_size_desc(const struct port_size *p, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", p->n);
}

KUNIT_ARRAY_PARAM(port_size, port_sizes, port_size_desc);

/* Marks @index as taken; false if it is none or was taken already. */
static bool port_mark(unsigned long *taken, int index, unsigned int n)
{
	return index >= 0 && index < n && !__test_and_set_bit(index, taken);
}

static unsigned long *port_bitmap(struct kunit *test, unsigned int n)
{
	unsigned long *map = kunit_kcalloc(test, BITS_TO_LONGS(n), sizeof(*map),
					   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, map);
	return map;
}

static void port_covers_range(struct kunit *test)
{
	u16 n = ((const struct port_size *)test->param_value)->n;
	unsigned long *taken = port_bitmap(test, n);
	struct ov_port_pool pool;
	unsigned int i, bad = 0;

	ov_port_pool_init(&pool, n);
	for (i = 0; i < n; i++)
		bad += !port_mark(taken, ov_port_take(&pool, 0, REST), n);
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_TRUE(test, bitmap_full(taken, n));
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, 0, REST), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, 0, 0), -ENOSPC);
	ov_port_pool_exit(&pool);
}

static void port_rests_in_order(struct kunit *test)
{
	u16 n = min_t(u16, ((const struct port_size *)test->param_value)->n, 2000);
	struct ov_port_pool pool;
	unsigned int i, bad = 0;

	/* Freed one a jiffy, from the last index to the first. */
	ov_port_pool_init(&pool, n);
	for (i = 0; i < n; i++)
		ov_port_take(&pool, 0, REST);
	for (i = 0; i < n; i++)
		ov_port_free(&pool, n - 1 - i, i);
	for (i = 0; i < n; i++) {
		bad += ov_port_take(&pool, i + REST - 1, REST) != -ENOSPC;
		bad += ov_port_take(&pool, i + REST, REST) != n - 1 - i;
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	ov_port_pool_exit(&pool);
}

static void port_fresh_while_others_rest(struct kunit *test)
{
	struct ov_port_pool pool;
	int first, second;

	ov_port_pool_init(&pool, 3);
	first = ov_port_take(&pool, 0, REST);
	ov_port_free(&pool, first, 10);
	second = ov_port_take(&pool, 20, REST);
	KUNIT_EXPECT_GE(test, second, 0);
	KUNIT_EXPECT_NE(test, first, second);
	/* Has rested: it goes before the last fresh one. */
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, 10 + REST, REST), first);
	KUNIT_EXPECT_GE(test, ov_port_take(&pool, 10 + REST, REST), 0);
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, 10 + REST, REST), -ENOSPC);
	ov_port_pool_exit(&pool);
}

static void port_clock_wraps(struct kunit *test)
{
	const u32 freed = U32_MAX - 3;
	struct ov_port_pool pool;

	ov_port_pool_init(&pool, 1);
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, freed, REST), 0);
	ov_port_free(&pool, 0, freed);
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, 0, REST), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, freed + REST - 1, REST), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, freed + REST, REST), 0);
	ov_port_pool_exit(&pool);
}

static void port_without_rest(struct kunit *test)
{
	struct ov_port_pool pool;
	unsigned int i;

	ov_port_pool_init(&pool, 1);
	for (i = 0; i < 1000; i++) {
		KUNIT_EXPECT_EQ(test, ov_port_take(&pool, i, 0), 0);
		KUNIT_EXPECT_EQ(test, ov_port_take(&pool, i, 0), -ENOSPC);
		ov_port_free(&pool, 0, i);
	}
	ov_port_pool_exit(&pool);
}

/* The ring grows while its oldest entry is not its first. */
static void port_ring_grows(struct kunit *test)
{
	const unsigned int n = 500;
	struct ov_port_pool pool;
	unsigned int i, bad = 0;

	ov_port_pool_init(&pool, n);
	for (i = 0; i < n; i++)
		ov_port_take(&pool, 0, REST);
	for (i = 0; i < 60; i++)
		ov_port_free(&pool, i, 0);
	for (i = 0; i < 40; i++)
		bad += ov_port_take(&pool, REST, REST) != i;
	for (i = 60; i < n; i++)
		ov_port_free(&pool, i, 0);
	for (i = 40; i < n; i++)
		bad += ov_port_take(&pool, REST, REST) != i;
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_EQ(test, ov_port_take(&pool, REST, REST), -ENOSPC);
	ov_port_pool_exit(&pool);
}

/* Which ports are in use, as the user of a pool sees it. */
struct port_model {
	struct ov_port_pool pool;
	unsigned long *taken;
	u32 *freed;
	u16 *held;
	unsigned int n_held;
	u32 now;
};

static bool model_take(struct port_model *m, unsigned int n)
{
	int index = ov_port_take(&m->pool, m->now, REST);

	if (index == -ENOSPC) {
		unsigned int i;

		for (i = 0; i < n; i++) {
			if (!test_bit(i, m->taken) && m->now - m->freed[i] >= REST)
				return false;
		}
		return true;
	}
	if (!port_mark(m->taken, index, n) || m->now - m->freed[index] < REST)
		return false;
	m->held[m->n_held++] = index;
	return true;
}

static void model_free(struct port_model *m, struct rnd_state *rnd)
{
	unsigned int at = prandom_u32_state(rnd) % m->n_held;
	u16 index = m->held[at];

	m->held[at] = m->held[--m->n_held];
	__clear_bit(index, m->taken);
	m->freed[index] = m->now;
	ov_port_free(&m->pool, index, m->now);
}

static void port_random(struct kunit *test)
{
	u16 n = min_t(u16, ((const struct port_size *)test->param_value)->n, 200);
	struct port_model m = { .taken = port_bitmap(test, n) };
	unsigned int i, bad = 0;
	struct rnd_state rnd;

	m.freed = kunit_kcalloc(test, n, sizeof(*m.freed), GFP_KERNEL);
	m.held = kunit_kcalloc(test, n, sizeof(*m.held), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.freed);
	KUNIT_ASSERT_NOT_NULL(test, m.held);
	t_random(test, &rnd);
	m.now = 2 * REST;
	ov_port_pool_init(&m.pool, n);
	for (i = 0; i < 5000; i++) {
		u32 r = prandom_u32_state(&rnd);

		m.now += (r >> 8) % 4;
		if (m.n_held && r % 100 < 45)
			model_free(&m, &rnd);
		else
			bad += !model_take(&m, n);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	ov_port_pool_exit(&m.pool);
}

/* The checks above see a port that is handed out twice, or none. */
static void port_control(struct kunit *test)
{
	unsigned long *taken = port_bitmap(test, 3);
	struct ov_port_pool pool;
	int first;

	ov_port_pool_init(&pool, 3);
	first = ov_port_take(&pool, 0, REST);
	KUNIT_EXPECT_TRUE(test, port_mark(taken, first, 3));
	pool.fresh = 0;
	KUNIT_EXPECT_FALSE(test, port_mark(taken, ov_port_take(&pool, 0, REST), 3));
	KUNIT_EXPECT_FALSE(test, port_mark(taken, -ENOSPC, 3));
	KUNIT_EXPECT_FALSE(test, port_mark(taken, 3, 3));
	KUNIT_EXPECT_FALSE(test, bitmap_full(taken, 3));
	ov_port_pool_exit(&pool);
}

static struct kunit_case port_cases[] = {
	KUNIT_CASE_PARAM(port_covers_range, port_size_gen_params),
	KUNIT_CASE_PARAM(port_rests_in_order, port_size_gen_params),
	KUNIT_CASE(port_fresh_while_others_rest),
	KUNIT_CASE(port_clock_wraps),
	KUNIT_CASE(port_without_rest),
	KUNIT_CASE(port_ring_grows),
	KUNIT_CASE_PARAM(port_random, port_size_gen_params),
	KUNIT_CASE(port_control),
	{}
};

static struct kunit_suite port_suite = {
	.name = "overlay_port",
	.test_cases = port_cases,
};

kunit_test_suite(port_suite);
