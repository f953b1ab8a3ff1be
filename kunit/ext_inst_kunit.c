// SPDX-License-Identifier: GPL-2.0-only
/* Instances: who has ended one ends it, whoever thaws or holds it at the same time. */
#include <linux/sched/clock.h>

#include "ext_fixture.h"

static struct ex_inst *t_inst(struct kunit *test, u32 state)
{
	struct ex_inst *inst = kunit_kzalloc(test, sizeof(*inst), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, inst);
	inst->cpu = alloc_percpu(struct ex_cpu);
	KUNIT_ASSERT_NOT_NULL(test, inst->cpu);
	spin_lock_init(&inst->sleeper_lock);
	init_waitqueue_head(&inst->idle);
	inst->state = state;
	return inst;
}

/* What packets look at says the same, on each CPU. */
static void expect_closed(struct kunit *test, struct ex_inst *inst, bool closed)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, inst->closed, closed);
	for_each_possible_cpu(i) {
		KUNIT_EXPECT_EQ(test, per_cpu_ptr(inst->cpu, i)->ctx.closed, closed);
		KUNIT_EXPECT_EQ(test, !!per_cpu_ptr(inst->cpu, i)->ctx.unready, closed);
	}
}

static void inst_thaw(struct kunit *test)
{
	struct ex_inst *inst = t_inst(test, EX_FROZEN);

	ex_inst_close(inst);
	expect_closed(test, inst, true);
	KUNIT_EXPECT_TRUE(test, ex_inst_thaw(inst));
	KUNIT_EXPECT_EQ(test, inst->state, (u32)EX_RUNNING);
	expect_closed(test, inst, false);
	/* Frozen, and violated something meanwhile. */
	ex_inst_close(inst);
	inst->state = EX_QUARANTINED;
	KUNIT_EXPECT_FALSE(test, ex_inst_thaw(inst));
	KUNIT_EXPECT_EQ(test, inst->state, (u32)EX_QUARANTINED);
	expect_closed(test, inst, true);
	inst->state = EX_DEAD;
	KUNIT_EXPECT_FALSE(test, ex_inst_thaw(inst));
	expect_closed(test, inst, true);
	free_percpu(inst->cpu);
}

static void inst_hold(struct kunit *test)
{
	struct ex_inst *inst = t_inst(test, EX_RUNNING);

	KUNIT_EXPECT_TRUE(test, ex_inst_hold(inst, false));
	ex_inst_close(inst);
	KUNIT_EXPECT_FALSE(test, ex_inst_hold(inst, false));
	KUNIT_EXPECT_FALSE(test, ex_inst_hold(inst, true));
	inst->state = EX_FROZEN;
	KUNIT_EXPECT_FALSE(test, ex_inst_hold(inst, false));
	KUNIT_EXPECT_TRUE(test, ex_inst_hold(inst, true));
	inst->state = EX_QUARANTINED;
	KUNIT_EXPECT_FALSE(test, ex_inst_hold(inst, true));
	KUNIT_EXPECT_EQ(test, inst->sleeping, 2U);
	/* Ended before its init began: there is nothing left of it to look into. */
	KUNIT_EXPECT_EQ(test, ex_inst_init(inst, NULL), -ESHUTDOWN);
	ex_inst_release(inst);
	ex_inst_release(inst);
	KUNIT_EXPECT_EQ(test, inst->sleeping, 0U);
	free_percpu(inst->cpu);
}

/* Plays a timer. By the clock of the share: delays of emulated CPUs may be short. */
static void burn(struct ashlar_ext_ctx *abi, u64 arg)
{
	u64 begin = local_clock();

	while (local_clock() - begin < 2 * NSEC_PER_MSEC)
		cpu_relax();
}

static int run_timer(struct t_ext *t)
{
	int err;

	local_bh_disable();
	err = ex_run(t->inst, &t->entries[1], 0, 0, 0, 0, NULL);
	local_bh_enable();
	return err;
}

/* The share of a CPU is of timers, too, and not of packets alone. */
static void inst_share(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "share");
	int err = 0, i;

	t_start(test, t);
	t->entries[1].fn = burn;
	free_percpu(t->inst->cpu);
	t->inst->limited = EX_LIMIT_CPU;
	t->inst->quota.cpu_permille = 1000;
	t->inst->quota.fuel = 1000;
	KUNIT_ASSERT_EQ(test, ex_ctxs_init(t->inst), 0);
	KUNIT_EXPECT_EQ(test, run_timer(t), 0);
	t->inst->quota.cpu_permille = 1;
	/* Should a second end in between, there is a share again. */
	for (i = 0; i < 50 && !err; i++)
		err = run_timer(t);
	KUNIT_EXPECT_EQ(test, err, -EDQUOT);
	ex_ctxs_exit(t->inst);
	t_end(test, t);
}

#define T_TIMERS	64

/* Many timers that are due at once have their turns, with room for others between; all run. */
static void inst_turn(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "turn");
	u64 sum[EX_STAT_MAX] = {};
	struct ex_ctx *ctx;
	int err = 0, i;

	t_start(test, t);
	t->entries[1].fn = burn;
	free_percpu(t->inst->cpu);
	t->inst->quota.fuel = 1000;
	KUNIT_ASSERT_EQ(test, ex_ctxs_init(t->inst), 0);
	KUNIT_EXPECT_EQ(test, run_timer(t), 0);
	/* Should a turn end in between, there is another. */
	for (i = 0; i < 200 && !err; i++)
		err = run_timer(t);
	KUNIT_EXPECT_EQ(test, err, -ETIME);
	for (i = 0; i < 200 && err; i++) {
		msleep(20);
		err = run_timer(t);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	for (i = 0; i < T_TIMERS; i++)
		KUNIT_EXPECT_EQ(test, ashlar_ext_timer_arm(&ctx->abi, &t->entries[1], NSEC_PER_MSEC,
							   i), 0);
	for (i = 0; i < 3000 && t_count(t, EX_KIND_TIMER).back < T_TIMERS; i++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_TIMER).back, (u64)T_TIMERS);
	ex_stats_sum(t->inst, sum);
	KUNIT_EXPECT_GE(test, sum[EX_STAT_OVER_CPU], 2ULL);
	ex_timers_stop(t->inst);
	ex_ctxs_exit(t->inst);
	t_end(test, t);
}

static struct kunit_case inst_kunit_cases[] = {
	KUNIT_CASE(inst_thaw),
	KUNIT_CASE(inst_hold),
	KUNIT_CASE(inst_share),
	KUNIT_CASE(inst_turn),
	{}
};

static struct kunit_suite inst_suite = {
	.name = "ext_inst",
	.test_cases = inst_kunit_cases,
};

kunit_test_suite(inst_suite);
