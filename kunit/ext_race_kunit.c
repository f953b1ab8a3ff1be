// SPDX-License-Identifier: GPL-2.0-only
/* Races: which of two accesses at the same time are one, and which are not. */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "ext_fixture.h"

#define WRITES	ASHLAR_EXT_RACE_WRITE
#define ATOMIC	ASHLAR_EXT_RACE_ATOMIC
#define PATIENCE	(30 * HZ)
#define QUIET	20

/* An access that another invocation makes, again and again, and is never watched at it. */
struct rival {
	struct ex_ctx *ctx;
	u64 addr;
	u64 len;
	u32 how;
};

static int rival_run(void *data)
{
	struct rival *rival = data;

	while (!kthread_should_stop()) {
		rival->ctx->race_spare = U32_MAX;
		ashlar_ext_race(&rival->ctx->abi, rival->addr, rival->len, rival->how);
		cond_resched();
	}
	return 0;
}

static struct task_struct *rival_start(struct kunit *test, struct rival *rival)
{
	struct task_struct *task = kthread_create(rival_run, rival, "ext_rival");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, cpumask_any_but(cpu_online_mask, raw_smp_processor_id()));
	wake_up_process(task);
	return task;
}

/* Whether one of so many watches meets the rival. */
static bool meets(struct kunit *test, struct ex_ctx *ctx, struct rival rival, u64 addr, u64 len,
		  u32 how, u32 watches)
{
	struct task_struct *task = rival_start(test, &rival);
	unsigned long end = jiffies + PATIENCE;

	while (!ctx->abi.stop && watches-- && time_before(jiffies, end)) {
		ctx->race_spare = 0;
		ashlar_ext_race(&ctx->abi, addr, len, how);
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, rival.ctx->abi.stop, 0U);
	return ctx->abi.stop == ASHLAR_EXT_FAULT_RACE;
}

static void race_meets(struct kunit *test)
{
	static const struct {
		u32 at, len, how, other_at, other_len, other_how;
	} cases[] = {
		{ 64, 8, WRITES, 64, 8, WRITES },
		{ 64, 8, 0, 64, 8, WRITES },
		{ 64, 8, WRITES, 64, 8, 0 },
		{ 64, 8, 0, 64, 8, WRITES | ATOMIC },
		{ 64, 8, WRITES, 71, 1, 0 },
		{ 71, 1, WRITES, 64, 8, 0 },
		{ 64, 1 << 20, WRITES, 100, 4, 0 },
	};
	struct t_ext *t = t_ext(test, "race");
	struct ex_ctx *ctx, *other;
	u64 base;
	u32 i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one processor");
	t->info.flags |= ASHLAR_EXT_BUILD_RACE;
	t_start(test, t);
	base = t->inst->arena.base;
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_WORK);
	other = t_ctx(test, t, ASHLAR_EXT_ENTRY_WORK);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rival rival = { other, base + cases[i].other_at, cases[i].other_len,
				       cases[i].other_how };

		KUNIT_EXPECT_TRUE_MSG(test, meets(test, ctx, rival, base + cases[i].at,
						  cases[i].len, cases[i].how, ~0U), "case %u", i);
		KUNIT_EXPECT_EQ(test, ctx->abi.fault_addr, base + cases[i].at);
		KUNIT_EXPECT_NE(test, ctx->other_ip, 0U);
		KUNIT_EXPECT_EQ(test, ctx->abi.fault_size >> 31, cases[i].how & WRITES);
		t_go_on(ctx);
		ctx->other_ip = 0;
	}
	t_end(test, t);
}

static void race_passes_by(struct kunit *test)
{
	static const struct {
		u32 at, len, how, other_at, other_len, other_how;
	} cases[] = {
		{ 64, 8, 0, 64, 8, 0 },
		{ 64, 8, WRITES, 72, 8, WRITES },
		{ 64, 8, WRITES, 56, 8, WRITES },
		{ 64, 8, WRITES | ATOMIC, 64, 8, WRITES },
		{ 64, 8, WRITES, 64, 0, WRITES },
		{ ASHLAR_EXT_ARENA_SIZE, 8, WRITES, ASHLAR_EXT_ARENA_SIZE, 8, WRITES },
	};
	struct t_ext *t = t_ext(test, "race");
	struct ex_ctx *ctx, *other;
	u64 base;
	u32 i;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one processor");
	t->info.flags |= ASHLAR_EXT_BUILD_RACE;
	t_start(test, t);
	base = t->inst->arena.base;
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_WORK);
	other = t_ctx(test, t, ASHLAR_EXT_ENTRY_WORK);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rival rival = { other, base + cases[i].other_at, cases[i].other_len,
				       cases[i].other_how };

		KUNIT_EXPECT_FALSE_MSG(test, meets(test, ctx, rival, base + cases[i].at,
						   cases[i].len, cases[i].how, QUIET),
				       "case %u", i);
		T_EXPECT_GOES_ON(test, ctx);
	}
	t_end(test, t);
}

/* An instance of another build is asked by mistake: nothing comes of it. */
static void race_unasked(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "race");
	struct ex_ctx *ctx;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_WORK);
	KUNIT_EXPECT_NULL(test, t->inst->races);
	ashlar_ext_race(&ctx->abi, t->inst->arena.base, 8, WRITES);
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(race_meets),
	KUNIT_CASE(race_passes_by),
	KUNIT_CASE(race_unasked),
	{}
};

static struct kunit_suite race_suite = {
	.name = "ext_race",
	.test_cases = race_cases,
};

kunit_test_suite(race_suite);
