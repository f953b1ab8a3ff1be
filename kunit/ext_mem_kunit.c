// SPDX-License-Identifier: GPL-2.0-only
/* The heap: what is given out is whole, apart and zeroed, and what is freed is seen. */
#include <linux/slab.h>

#include "../modules/ext/mem.h"
#include "ext_fixture.h"

#define ALLOC(size)	ashlar_ext_alloc(&ctx->abi, size)
#define FREE(p)		ashlar_ext_free(&ctx->abi, p)

static const u32 sizes[] = {
	1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 64, 100, 112, 113, 240, 500, 1072, 1073, 2048,
	2320, 3248, 4096, 5440, 5441, 8160, 8161, 16352, 16353, 65535, 65536, 100000, EX_ALLOC_MAX,
};

static void mem_sizes(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	struct ex_ctx *ctx;
	u32 i;
	u8 *p;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = ALLOC(sizes[i]);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, (unsigned long)p % 8, 0UL);
		KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, sizes[i]));
		memset(p, 0xa5, sizes[i]);
		KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, p, sizes[i], true));
		KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, p + sizes[i] - 1, 1, true));
		T_EXPECT_GOES_ON(test, ctx);
		KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, p, sizes[i] + 1, false));
		T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
		KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, p + sizes[i], 1, false));
		T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
		KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, p - 1, 1, false));
		T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
		FREE(p);
		T_EXPECT_GOES_ON(test, ctx);
		KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, p, 1, false));
		T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	}
	t_end(test, t);
}

static void mem_none(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	struct ex_ctx *ctx;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	KUNIT_EXPECT_NULL(test, ALLOC(0));
	KUNIT_EXPECT_NULL(test, ALLOC(EX_ALLOC_MAX + 1));
	KUNIT_EXPECT_NULL(test, ALLOC(U64_MAX));
	KUNIT_EXPECT_NULL(test, ALLOC(1ULL << 32));
	FREE(NULL);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_MEMORY).made, 0ULL);
}

/* Up to the quota, and again when all was given back. */
static void mem_quota(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	u32 round, n[2] = {}, i;
	struct ex_ctx *ctx;
	void **p;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	p = kunit_kcalloc(test, 4096, sizeof(*p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	for (round = 0; round < 2; round++) {
		while (n[round] < 4096) {
			p[n[round]] = ALLOC(round ? 3000 : 5000);
			if (!p[n[round]])
				break;
			n[round]++;
		}
		for (i = 0; i < n[round]; i++)
			FREE(p[i]);
	}
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_GT(test, n[0] * 5000ULL, T_MEMORY / 2);
	KUNIT_EXPECT_LE(test, n[0] * 5000ULL, T_MEMORY);
	KUNIT_EXPECT_GT(test, n[1] * 3000ULL, T_MEMORY / 2);
	KUNIT_EXPECT_LE(test, n[1] * 3000ULL, T_MEMORY);
	t_end(test, t);
}

/* What the heap knows of its blocks is not in the quota, but no more than half of what is. */
static void mem_beside(struct kunit *test)
{
	static const u32 sizes[] = { 1, 16, 100, 1000, 4000, 20000 };
	struct t_ext *t;
	struct ex_slab *last;
	struct ex_ctx *ctx;
	size_t beside;
	u32 i, chunk;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		t = t_ext(test, "mem");
		t_start(test, t);
		ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
		while (ALLOC(sizes[i]))
			cond_resched();
		T_EXPECT_GOES_ON(test, ctx);
		beside = 0;
		last = NULL;
		for (chunk = 0; chunk < EX_HEAP_CHUNKS; last = t->inst->heap.slabs[chunk++])
			if (t->inst->heap.slabs[chunk] != last)
				beside += ksize(t->inst->heap.slabs[chunk]);
		KUNIT_EXPECT_GT(test, t->inst->arena.used, T_MEMORY / 2);
		KUNIT_EXPECT_GT(test, beside, 0UL);
		KUNIT_EXPECT_LE(test, beside, t->inst->arena.used / 2);
		t_end(test, t);
	}
}

static void mem_bad_free(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	struct ex_ctx *ctx;
	u8 *small, *big, *object;
	u64 local = 0;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	small = ALLOC(40);
	big = ALLOC(50000);
	object = ashlar_ext_obj_alloc(&ctx->abi, 40);
	KUNIT_ASSERT_TRUE(test, small && big && object);

	FREE(small + 8);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE(small - 16);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE(big + ASHLAR_EXT_CHUNK);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE(&local);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE((void *)8);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE((void *)(ctx->abi.base + ASHLAR_EXT_ARENA_SIZE));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE((void *)(ctx->abi.base + ASHLAR_EXT_ARENA_SIZE - 8));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE(object);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);

	FREE(small);
	FREE(big);
	T_EXPECT_GOES_ON(test, ctx);
	FREE(small);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	FREE(big);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FREE);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_MEMORY).back, 2ULL);
	t_end(test, t);
}

/* What was freed is not given out again at once, and is zeroed when it is. */
static void mem_rest(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	struct ex_ctx *ctx;
	u8 *first, *p;
	u32 i, early;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	first = ALLOC(1000);
	KUNIT_ASSERT_NOT_NULL(test, first);
	memset(first, 0xff, 1000);
	FREE(first);
	early = t->inst->heap.rest_max / 1000;
	for (i = 0; i < 4 * early; i++) {
		p = ALLOC(1000);
		KUNIT_ASSERT_NOT_NULL(test, p);
		if (p == first)
			break;
		FREE(p);
	}
	KUNIT_EXPECT_GE(test, i, early - 2);
	KUNIT_ASSERT_PTR_EQ(test, p, first);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 1000));
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

/* Chunks come and go between sizes: address space does not run out. */
static void mem_chunks(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	struct ex_ctx *ctx;
	void *small[40];
	u32 i, j;
	void *p;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	for (i = 0; i < 200; i++) {
		p = ALLOC(20000 + i % 7 * 40000);
		KUNIT_ASSERT_NOT_NULL(test, p);
		for (j = 0; j < ARRAY_SIZE(small); j++)
			small[j] = ALLOC(10 + i * 40);
		FREE(p);
		for (j = 0; j < ARRAY_SIZE(small); j++) {
			KUNIT_EXPECT_NOT_NULL(test, small[j]);
			FREE(small[j]);
		}
	}
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

static void mem_objects(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	struct ashlar_ext_ctx *abi;
	struct ex_ctx *ctx;
	void *p, *plain;
	u32 i;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	abi = &ctx->abi;
	p = ashlar_ext_obj_alloc(abi, 100);
	plain = ALLOC(100);
	KUNIT_ASSERT_TRUE(test, p && plain);
	ashlar_ext_obj_get(abi, p);
	ashlar_ext_obj_put(abi, p);
	KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, p, 100, true));
	ashlar_ext_obj_put(abi, p);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, p, 1, true));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	ashlar_ext_obj_put(abi, p);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_REFCOUNT);
	ashlar_ext_obj_get(abi, p);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_REFCOUNT);
	ashlar_ext_obj_put(abi, plain);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_REFCOUNT);
	ashlar_ext_obj_get(abi, plain);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_REFCOUNT);
	ashlar_ext_obj_put(abi, NULL);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_REFCOUNT);

	/* A count that is full stays: leaked until the end rather than freed too early. */
	p = ashlar_ext_obj_alloc(abi, 100);
	for (i = 0; i < EX_REFS_MAX + 10; i++)
		ashlar_ext_obj_get(abi, p);
	for (i = 0; i < EX_REFS_MAX + 20; i++)
		ashlar_ext_obj_put(abi, p);
	KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, p, 100, true));
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_OBJECT).made, 2ULL);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_OBJECT).back, 1ULL);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_OBJECT).reclaimed, 1ULL);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_MEMORY).reclaimed, 1ULL);
}

struct model {
	u8 *p;
	u32 size;
	u8 mark;
};

static void model_check(struct kunit *test, struct model *m)
{
	KUNIT_EXPECT_NULL(test, memchr_inv(m->p, m->mark, m->size));
}

/* Blocks hold what was written to them, whatever else happens. */
static void mem_random(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	struct model *m, *all;
	struct rnd_state rnd;
	struct ex_ctx *ctx;
	u32 i;

	t_random(test, &rnd);
	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	all = kunit_kcalloc(test, 128, sizeof(*all), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, all);
	for (i = 0; i < 4000; i++) {
		m = &all[prandom_u32_state(&rnd) % 128];
		if (m->p) {
			model_check(test, m);
			FREE(m->p);
			m->p = NULL;
			continue;
		}
		m->size = prandom_u32_state(&rnd) % 16 ? 600 : 40000;
		m->size = 1 + prandom_u32_state(&rnd) % m->size;
		m->mark = prandom_u32_state(&rnd);
		m->p = ALLOC(m->size);
		if (m->p)
			memset(m->p, m->mark, m->size);
	}
	for (i = 0; i < 128; i++)
		if (all[i].p)
			model_check(test, &all[i]);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_GT(test, t_count(t, EX_KIND_MEMORY).made, 1000ULL);
	t_end(test, t);
}

static void mem_describe(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "mem");
	u32 start = 0, size = 0, off;
	struct ex_ctx *ctx;
	void *p;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	p = ALLOC(70);
	KUNIT_ASSERT_NOT_NULL(test, p);
	off = (u64)p - ctx->abi.base;
	KUNIT_EXPECT_EQ(test, ex_heap_describe(t->inst, off + 71, &start, &size), 1);
	KUNIT_EXPECT_EQ(test, start, off);
	KUNIT_EXPECT_EQ(test, size, 70U);
	FREE(p);
	KUNIT_EXPECT_EQ(test, ex_heap_describe(t->inst, off, &start, &size), 2);
	KUNIT_EXPECT_EQ(test, ex_heap_describe(t->inst, ASHLAR_EXT_ARENA_SIZE - 1, &start, &size),
			0);
	t_end(test, t);
}

static struct kunit_case mem_cases[] = {
	KUNIT_CASE(mem_sizes),
	KUNIT_CASE(mem_none),
	KUNIT_CASE(mem_quota),
	KUNIT_CASE(mem_beside),
	KUNIT_CASE(mem_bad_free),
	KUNIT_CASE(mem_rest),
	KUNIT_CASE(mem_chunks),
	KUNIT_CASE(mem_objects),
	KUNIT_CASE(mem_random),
	KUNIT_CASE(mem_describe),
	{}
};

static struct kunit_suite mem_suite = {
	.name = "ext_mem",
	.test_cases = mem_cases,
};

kunit_test_suite(mem_suite);
