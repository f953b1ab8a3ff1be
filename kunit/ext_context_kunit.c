// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where extensions run: in tasks, in softirqs, within each other, on several
 * CPUs at once, asleep. And what ends them there: another one's violation, the
 * operator, time.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/rtnetlink.h>

#include "ext_stage.h"

#define T_WAIT_MS	60000
#define T_RUNNERS	(EX_SLEEPERS + 1)

/* Waits until so many are in play_spin() and its like. */
static bool are_inside(u32 n)
{
	unsigned long end = jiffies + msecs_to_jiffies(T_WAIT_MS);

	while (atomic_read(&t_play.inside) != n && time_before(jiffies, end))
		msleep(20);
	return atomic_read(&t_play.inside) == n;
}

/* --- where they are called --- */

struct t_seen {
	u32 kind;
	bool task;
	bool serving;
	bool bh;
	bool irqs;
	u64 a0;
	struct completion done;
};

static u64 call_look(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	struct t_seen *seen = t_play.data;

	seen->kind = abi->kind;
	seen->task = in_task();
	seen->serving = in_serving_softirq();
	seen->bh = !softirq_count();
	seen->irqs = !irqs_disabled();
	seen->a0 = a0;
	complete(&seen->done);
	return NF_ACCEPT;
}

/* Also arms a timer, and queues work. */
static u64 call_timer(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	ashlar_ext_timer_arm(abi, &ex_ctx(abi)->inst->info->entries[2], 1000, 42);
	return 0;
}

static u64 call_queue(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	ashlar_ext_work_queue(abi, &ex_ctx(abi)->inst->info->entries[1], 43);
	return 0;
}

static void look_begin(struct t_seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	init_completion(&seen->done);
	t_play.data = seen;
	t_play.call = call_look;
}

static void look_end(struct kunit *test, struct t_seen *seen, u32 kind, bool serving, bool bh)
{
	KUNIT_ASSERT_GT(test, wait_for_completion_timeout(&seen->done, 60 * HZ), 0UL);
	KUNIT_EXPECT_EQ(test, seen->kind, kind);
	KUNIT_EXPECT_EQ(test, seen->serving, serving);
	KUNIT_EXPECT_EQ(test, seen->bh, bh);
	KUNIT_EXPECT_TRUE(test, seen->irqs);
}

/* Calls play_call(), which calls call(). */
static int run_call(struct t_stage *s, const struct ashlar_ext_entry *entry,
		    u64 (*call)(struct ashlar_ext_ctx *abi, u64 a0, u64 a1))
{
	t_play.call = call;
	return ex_run(s->inst, entry, 0, 0, 0, 0, NULL);
}

/* The second argument goes through play_call() to call_look() or to its starter. */
static u64 play_start(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	return ((u64 (*)(struct ashlar_ext_ctx *, u64, u64))t_play.ret)(abi, a0, a1);
}

static void context_kinds(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "context", "b1");
	const struct ashlar_ext_entry *start;
	struct t_seen seen;
	s32 result = 0;
	u8 byte = 0;

	t_play_begin(0);
	t_entry(s, "hook", ASHLAR_EXT_ENTRY_HOOK, play_call);
	t_entry(s, "work", ASHLAR_EXT_ENTRY_WORK, play_call);
	t_entry(s, "timer", ASHLAR_EXT_ENTRY_TIMER, play_call);
	t_entry(s, "request", ASHLAR_EXT_ENTRY_REQUEST, play_call);
	start = t_entry(s, "start", ASHLAR_EXT_ENTRY_WORK, play_start);
	t_create(test, s);
	t_attach(test, s, "hook", NF_DROP);

	look_begin(&seen);
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
	look_end(test, &seen, ASHLAR_EXT_ENTRY_HOOK, false, false);
	KUNIT_EXPECT_TRUE(test, seen.a0);
	look_begin(&seen);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), (u32)NF_ACCEPT);
	look_end(test, &seen, ASHLAR_EXT_ENTRY_HOOK, true, false);
	look_begin(&seen);
	KUNIT_EXPECT_EQ(test, ex_run(s->inst, &s->entries[1], 7, 0, 0, 0, NULL), 0);
	look_end(test, &seen, ASHLAR_EXT_ENTRY_WORK, false, true);
	KUNIT_EXPECT_EQ(test, seen.a0, 7ULL);
	look_begin(&seen);
	KUNIT_EXPECT_EQ(test, ex_inst_request(s->inst, "request", &byte, 1, &byte, 1, &result,
					      NULL), 0);
	KUNIT_EXPECT_EQ(test, result, NF_ACCEPT);
	look_end(test, &seen, ASHLAR_EXT_ENTRY_REQUEST, false, true);
	look_begin(&seen);
	t_play.ret = (u64)call_timer;
	KUNIT_EXPECT_EQ(test, ex_run(s->inst, start, 0, 0, 0, 0, NULL), 0);
	look_end(test, &seen, ASHLAR_EXT_ENTRY_TIMER, true, false);
	KUNIT_EXPECT_EQ(test, seen.a0, 42ULL);
	look_begin(&seen);
	t_play.ret = (u64)call_queue;
	KUNIT_EXPECT_EQ(test, ex_run(s->inst, start, 0, 0, 0, 0, NULL), 0);
	look_end(test, &seen, ASHLAR_EXT_ENTRY_WORK, false, true);
	KUNIT_EXPECT_EQ(test, seen.a0, 43ULL);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
}

/* --- within each other --- */

static struct t_stage *inner;
static u32 inner_verdict;

static u64 call_inner(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	inner_verdict = t_packet(inner);
	return NF_ACCEPT;
}

/* A packet that an extension's packet leads to. */
static void context_nested(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "outer", "b1");

	inner = t_stage(test, "inner", "b1");
	t_play_begin(0);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_call);
	t_entry(inner, "it", ASHLAR_EXT_ENTRY_HOOK, t_ud2);
	t_create(test, s);
	t_create(test, inner);
	t_attach(test, s, "it", NF_DROP);
	t_attach(test, inner, "it", NF_DROP);
	t_play.call = call_inner;
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, inner_verdict, (u32)NF_DROP);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
	KUNIT_EXPECT_EQ(test, inner->inst->state, (u32)EX_QUARANTINED);
	KUNIT_EXPECT_TRUE(test, t_ended(inner->inst));
}

static u64 play_inner(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	call_inner(abi, a0, a1);
	((void (*)(void))t_ud2)();
	return 0;
}

/* It is the outer one that traps, behind the inner one's return. */
static void context_nested_trap(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "outer", "b1");
	const struct ashlar_ext_entry *work;

	inner = t_stage(test, "inner", "b1");
	t_play_begin(NF_ACCEPT);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_inner);
	work = t_entry(inner, "work", ASHLAR_EXT_ENTRY_WORK, play_inner);
	t_entry(inner, "it", ASHLAR_EXT_ENTRY_HOOK, play_return);
	t_create(test, s);
	t_create(test, inner);
	t_attach(test, s, "it", NF_DROP);
	t_attach(test, inner, "it", NF_DROP);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), (u32)NF_DROP);
	KUNIT_EXPECT_EQ(test, inner_verdict, (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_QUARANTINED);
	KUNIT_EXPECT_EQ(test, inner->inst->state, (u32)EX_RUNNING);
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	KUNIT_EXPECT_EQ(test, s->inst->report.code, (u32)ASHLAR_EXT_FAULT_TRAP);
	/* A packet of its own while it works: another context, and no confusion. */
	inner_verdict = NF_DROP;
	KUNIT_EXPECT_EQ(test, ex_run(inner->inst, work, 0, 0, 0, 0, NULL), -EOWNERDEAD);
	KUNIT_EXPECT_EQ(test, inner_verdict, (u32)NF_ACCEPT);
	KUNIT_EXPECT_TRUE(test, t_ended(inner->inst));
	KUNIT_EXPECT_STREQ(test, inner->inst->report.entry, "work");
}

/* A packet of an instance that has one already on this CPU. */
static void context_busy(struct kunit *test)
{
	inner = t_stage(test, "inner", "b1");
	t_play_begin(0);
	t_entry(inner, "it", ASHLAR_EXT_ENTRY_HOOK, play_call);
	t_create(test, inner);
	t_attach(test, inner, "it", NF_DROP);
	t_play.call = call_inner;
	KUNIT_EXPECT_EQ(test, t_packet_softirq(inner), (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, inner_verdict, (u32)NF_DROP);
	KUNIT_EXPECT_EQ(test, t_stat(inner->inst, EX_STAT_RUN_BUSY), 1ULL);
	KUNIT_EXPECT_EQ(test, inner->inst->state, (u32)EX_RUNNING);
}

/* --- on several CPUs --- */

/**
 * struct t_runner - a task that calls an extension once
 * @s: the extension
 * @entry: what it calls; NULL: a packet
 * @result: error or verdict
 * @task: the task
 * @done: it is over
 */
struct t_runner {
	struct t_stage *s;
	const struct ashlar_ext_entry *entry;
	int result;
	struct task_struct *task;
	struct completion done;
};

static int runner(void *data)
{
	struct t_runner *r = data;

	r->result = r->entry ? ex_run(r->s->inst, r->entry, 0, 0, 0, 0, NULL) :
			       (int)t_packet(r->s);
	complete(&r->done);
	return 0;
}

static void runner_start(struct kunit *test, struct t_runner *r, struct t_stage *s,
			 const struct ashlar_ext_entry *entry, int cpu)
{
	r->s = s;
	r->entry = entry;
	init_completion(&r->done);
	r->task = kthread_create(runner, r, "exkunit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(r->task));
	if (cpu >= 0)
		kthread_bind(r->task, cpu);
	wake_up_process(r->task);
}

static bool runner_over(struct t_runner *r)
{
	return wait_for_completion_timeout(&r->done, msecs_to_jiffies(T_WAIT_MS));
}

static struct t_runner *runners(struct kunit *test)
{
	struct t_runner *r = kunit_kcalloc(test, T_RUNNERS, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	return r;
}

static void set_fuel(struct t_stage *s, u64 fuel)
{
	struct ex_quota quota = ex_quota_default;

	quota.fuel = fuel;
	t_approve(s, &quota);
}

/*
 * Packets on the other CPUs and tasks on this one are inside and would stay for
 * ever; the violation of one that comes later sends them all away.
 */
static void context_cpus(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "cpus", "b1");
	const struct ashlar_ext_entry *spin, *bad;
	struct t_runner *r = runners(test);
	u32 n = 0, packets, i;
	int here, cpu;

	t_play_begin(0);
	t_entry(s, "packet", ASHLAR_EXT_ENTRY_HOOK, play_spin);
	spin = t_entry(s, "spin", ASHLAR_EXT_ENTRY_WORK, play_spin);
	bad = t_entry(s, "bad", ASHLAR_EXT_ENTRY_WORK, t_ud2);
	t_create(test, s);
	t_attach(test, s, "packet", NF_ACCEPT);
	migrate_disable();
	here = smp_processor_id();
	for_each_online_cpu(cpu)
		if (cpu != here && n < T_RUNNERS - 2)
			runner_start(test, &r[n++], s, NULL, cpu);
	packets = n;
	runner_start(test, &r[n++], s, spin, here);
	runner_start(test, &r[n++], s, spin, here);
	KUNIT_EXPECT_TRUE(test, are_inside(n));
	KUNIT_EXPECT_EQ(test, ex_run(s->inst, bad, 0, 0, 0, 0, NULL), -EOWNERDEAD);
	migrate_enable();
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_TRUE(test, runner_over(&r[i]));
		KUNIT_EXPECT_EQ(test, r[i].result, i < packets ? NF_ACCEPT : -EOWNERDEAD);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&t_play.inside), 0);
	KUNIT_EXPECT_STREQ(test, s->inst->report.entry, "bad");
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_FAULT), 1ULL);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_RUN_STOPPED), (u64)n);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_FAIL_ACCEPTED), (u64)packets);
}

/* Two that violate something at the same time: one report. */
static void context_both(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "both", "b1");
	struct t_runner *r = runners(test);
	u32 i;

	t_play_begin(0);
	t_entry(s, "bad", ASHLAR_EXT_ENTRY_WORK, t_ud2);
	t_create(test, s);
	for (i = 0; i < 4; i++)
		runner_start(test, &r[i], s, &s->entries[0], i % num_online_cpus());
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, runner_over(&r[i]));
		KUNIT_EXPECT_TRUE(test, r[i].result == -EOWNERDEAD || r[i].result == -ESHUTDOWN);
	}
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_FAULT), 1ULL);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_QUARANTINE), 1ULL);
	KUNIT_EXPECT_EQ(test, s->inst->faults, 1ULL);
}

/* --- asleep --- */

static u64 call_sleep(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	u32 i;

	atomic_inc(&t_play.inside);
	for (i = 0; i < 600 && !abi->stop; i++)
		ashlar_ext_sleep(abi, 1000);
	atomic_dec(&t_play.inside);
	return 0;
}

/* As many as there is room for, and no more; all are woken, and none sleeps its ten minutes. */
static void sleepers(struct kunit *test, bool destroy)
{
	struct t_stage *s = t_stage(test, "sleep", "b1");
	struct t_runner *r = runners(test);
	u32 i;

	t_play_begin(0);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_WORK, play_call);
	t_create(test, s);
	t_play.call = call_sleep;
	for (i = 0; i < EX_SLEEPERS; i++)
		runner_start(test, &r[i], s, &s->entries[0], -1);
	KUNIT_EXPECT_TRUE(test, are_inside(EX_SLEEPERS));
	KUNIT_EXPECT_EQ(test, run_call(s, &s->entries[0], call_sleep), -EBUSY);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_RUN_NO_SLEEPER), 1ULL);
	if (destroy) {
		ex_inst_destroy(s->inst);
	} else {
		KUNIT_EXPECT_TRUE(test, ex_inst_quarantine(s->inst, NULL));
		KUNIT_EXPECT_FALSE(test, ex_inst_quarantine(s->inst, NULL));
		KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	}
	/* Nobody is in it behind either. */
	KUNIT_EXPECT_EQ(test, atomic_read(&t_play.inside), 0);
	for (i = 0; i < EX_SLEEPERS; i++)
		KUNIT_EXPECT_TRUE(test, runner_over(&r[i]));
	KUNIT_EXPECT_EQ(test, ex_run(s->inst, &s->entries[0], 0, 0, 0, 0, NULL), -ESHUTDOWN);
}

static void context_sleepers(struct kunit *test)
{
	sleepers(test, false);
}

static void context_destroy(struct kunit *test)
{
	sleepers(test, true);
}

/* --- revoked --- */

/* Stays until it is told to leave; whether namespaces can come and go meanwhile. */
static u64 call_look_at_nets(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	atomic_inc(&t_play.inside);
	while (!READ_ONCE(abi->stop))
		ashlar_ext_sleep(abi, 1000);
	if (down_write_trylock(&net_rwsem)) {
		up_write(&net_rwsem);
		*(bool *)t_play.data = true;
	}
	atomic_dec(&t_play.inside);
	return 0;
}

/* What is revoked everywhere is waited for, but namespaces are not held up. */
static void context_revoke(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "revoke", "b1");
	struct t_runner *r = runners(test);
	bool free = false;

	t_play_begin(0);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_WORK, play_call);
	t_create(test, s);
	mutex_lock(&ex_mutex);
	KUNIT_EXPECT_EQ(test, ex_approve(NULL, "revoke", &ex_quota_default, NULL), 0);
	mutex_unlock(&ex_mutex);
	KUNIT_EXPECT_EQ(test, ex_revoke(&init_net, "revoke", NULL), 0);
	t_play.call = call_look_at_nets;
	t_play.data = &free;
	runner_start(test, &r[0], s, &s->entries[0], -1);
	KUNIT_EXPECT_TRUE(test, are_inside(1));
	KUNIT_EXPECT_EQ(test, ex_revoke(NULL, "revoke", NULL), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t_play.inside), 0);
	KUNIT_EXPECT_TRUE(test, runner_over(&r[0]));
	KUNIT_EXPECT_TRUE(test, free);
	KUNIT_EXPECT_NULL(test, t_current("revoke"));
}

/* --- time --- */

static void context_fuel(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "fuel", "b1");

	t_play_begin(NF_ACCEPT);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_turns);
	set_fuel(s, 100);
	t_create(test, s);
	t_attach(test, s, "it", NF_DROP);
	t_play.turns = 100;
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
	/* Each has all of it anew. */
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, ex_fuel_peak(s->inst), 100ULL);
	t_play.turns = 101;
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_DROP);
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	KUNIT_EXPECT_EQ(test, s->inst->report.code, (u32)ASHLAR_EXT_FAULT_FUEL);
}

static struct kunit_case context_cases[] = {
	KUNIT_CASE(context_kinds),
	KUNIT_CASE(context_nested),
	KUNIT_CASE(context_nested_trap),
	KUNIT_CASE(context_busy),
	KUNIT_CASE(context_cpus),
	KUNIT_CASE(context_both),
	KUNIT_CASE(context_sleepers),
	KUNIT_CASE(context_destroy),
	KUNIT_CASE(context_revoke),
	KUNIT_CASE(context_fuel),
	{}
};

static struct kunit_suite context_suite = {
	.name = "ext_context",
	.test_cases = context_cases,
};

kunit_test_suite(context_suite);
