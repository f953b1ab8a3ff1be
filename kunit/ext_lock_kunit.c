// SPDX-License-Identifier: GPL-2.0-only
/* Locks: order, owner, time, and that none is left behind. */
#include <linux/delay.h>

#include "../modules/ext/lock.h"
#include "ext_fixture.h"

#include <asm/tsc.h>

#define LOCK(i)		ashlar_ext_lock(&ctx->abi, &t->locks[i])
#define UNLOCK(i)	ashlar_ext_unlock(&ctx->abi, &t->locks[i])

static void lock_order(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "lock");
	struct ex_ctx *ctx;
	u32 i;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	for (i = 0; i < EX_LOCKS_HELD; i++)
		LOCK(i);
	T_EXPECT_GOES_ON(test, ctx);
	LOCK(EX_LOCKS_HELD);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_LOCK_ORDER);
	/* Any order back. */
	UNLOCK(3);
	UNLOCK(7);
	UNLOCK(0);
	for (i = 0; i < EX_LOCKS_HELD; i++)
		if (i != 3 && i != 7 && i != 0)
			UNLOCK(i);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_EQ(test, ctx->nr_held, 0U);
	LOCK(2);
	LOCK(2);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_LOCK_HELD);
	LOCK(1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_LOCK_ORDER);
	UNLOCK(1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_LOCK_HELD);
	UNLOCK(2);
	T_EXPECT_GOES_ON(test, ctx);
	ashlar_ext_lock(&ctx->abi, (void *)t->locks + 4);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	ashlar_ext_unlock(&ctx->abi, &t->locks[T_LOCKS]);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	t_end(test, t);
}

static void lock_wait(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "lock");
	struct ex_ctx *ctx, *other;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	other = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	ashlar_ext_lock(&other->abi, &t->locks[0]);
	LOCK(0);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_LOCK_TIME);
	UNLOCK(0);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_LOCK_HELD);
	/* One that has been told to stop does not wait. */
	t->inst->quota.lock_ns = 1000 * NSEC_PER_SEC;
	ctx->abi.stop = ASHLAR_EXT_FAULT_STOP;
	LOCK(0);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_STOP);
	KUNIT_EXPECT_EQ(test, ctx->nr_held, 0U);
	/* Held longer than the quota. */
	mdelay(30);
	ashlar_ext_unlock(&other->abi, &t->locks[0]);
	T_EXPECT_STOP(test, other, ASHLAR_EXT_FAULT_LOCK_TIME);
	LOCK(0);
	UNLOCK(0);
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

/* One that may sleep keeps BH off as long as it holds a lock, and cannot sleep. */
static void lock_sleeper(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "lock");
	struct ex_ctx *ctx;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_WORK);
	LOCK(0);
	LOCK(1);
	KUNIT_EXPECT_TRUE(test, !!softirq_count());
	UNLOCK(0);
	KUNIT_EXPECT_TRUE(test, !!softirq_count());
	ashlar_ext_sleep(&ctx->abi, 1);
	KUNIT_EXPECT_EQ(test, ctx->abi.stop, (u32)ASHLAR_EXT_FAULT_CONTEXT);
	ex_ctx_unwind(ctx);
	KUNIT_EXPECT_FALSE(test, !!softirq_count());
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_CONTEXT);
	ashlar_ext_sleep(&ctx->abi, 1);
	T_EXPECT_GOES_ON(test, ctx);
	ashlar_ext_sleep(&ctx->abi, 1001);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	/* A command does not wait for ever. */
	ctx->slept = 11ULL * NSEC_PER_SEC;
	ashlar_ext_sleep(&ctx->abi, 1);
	T_EXPECT_GOES_ON(test, ctx);
	ctx->abi.kind = ASHLAR_EXT_ENTRY_REQUEST;
	ashlar_ext_sleep(&ctx->abi, 1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_FUEL);
	ctx->slept = 0;
	ashlar_ext_sleep(&ctx->abi, 1);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_GT(test, ctx->slept, 0ULL);
	ctx->abi.kind = ASHLAR_EXT_ENTRY_TIMER;
	ashlar_ext_sleep(&ctx->abi, 1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_CONTEXT);
	ashlar_ext_sync(&ctx->abi);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_CONTEXT);
	t_end(test, t);
}

static void lock_left(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "lock");
	struct ex_ctx *ctx;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	ex_ctx_unwind(ctx);
	T_EXPECT_GOES_ON(test, ctx);
	LOCK(0);
	LOCK(5);
	ex_ctx_unwind(ctx);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_LOCK_HELD);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_LOCK).reclaimed, 2ULL);
	LOCK(0);
	UNLOCK(0);
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

static u64 lock_ms(struct t_ext *t, u64 ns)
{
	t->inst->quota.lock_ns = ns;
	ex_locks_quota(t->inst);
	return div_u64(t->inst->lock_cycles, tsc_khz);
}

/* An instance that waits to be raced is given more time, but no more than a CPU can wait. */
static void lock_patience(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "lock"), *race = t_ext(test, "race");

	t_start(test, t);
	race->info.flags |= ASHLAR_EXT_BUILD_RACE;
	t_start(test, race);
	KUNIT_EXPECT_EQ(test, lock_ms(t, NSEC_PER_SEC), 1000ULL);
	KUNIT_EXPECT_EQ(test, lock_ms(race, NSEC_PER_MSEC), 1000ULL);
	KUNIT_EXPECT_EQ(test, lock_ms(race, 10 * NSEC_PER_MSEC), 10000ULL);
	KUNIT_EXPECT_EQ(test, lock_ms(race, NSEC_PER_SEC), 10000ULL);
}

static struct kunit_case lock_cases[] = {
	KUNIT_CASE(lock_order),
	KUNIT_CASE(lock_wait),
	KUNIT_CASE(lock_sleeper),
	KUNIT_CASE(lock_left),
	KUNIT_CASE(lock_patience),
	{}
};

static struct kunit_suite lock_suite = {
	.name = "ext_lock",
	.test_cases = lock_cases,
};

kunit_test_suite(lock_suite);
