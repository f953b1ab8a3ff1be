// SPDX-License-Identifier: GPL-2.0-only
/*
 * One version follows another: at once or on trial, with its state or not at
 * all; a violation or the operator brings the first one back, and a packet is
 * never without one of them.
 */
#include <linux/delay.h>
#include <linux/kthread.h>

#include "ext_stage.h"

#define T_NAME		"upgrade"
#define T_LONG		600000		/* a trial that does not end by itself; ms */
#define T_SCHEMA	7

/* --- what the versions do --- */

static u64 play_accept(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	return NF_ACCEPT;
}

static u64 play_drop(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	return NF_DROP;
}

/* What the next three do, and what the last of them got. */
static struct {
	s32 init;
	s32 save;
	s32 restore;
	u64 bytes;
	u64 room;
	u64 len;
	u64 schema;
} state;

static u64 play_init(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	return (u32)state.init;
}

static u64 play_save(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	*(u64 *)a0 = 0x5afe;
	state.room = a1;
	return (u32)state.save;
}

static u64 play_restore(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	state.bytes = *(u64 *)a0;
	state.len = a1;
	state.schema = a2;
	return (u32)state.restore;
}

/* The first version, attached; its packets are accepted. */
static struct t_stage *first(struct kunit *test)
{
	struct t_stage *s = t_stage(test, T_NAME, "b1");

	t_play_begin(0);
	memset(&state, 0, sizeof(state));
	state.save = sizeof(u64);
	s->info.schema = T_SCHEMA;
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_accept);
	t_entry(s, "save", ASHLAR_EXT_ENTRY_SAVE, play_save);
	t_create(test, s);
	t_attach(test, s, "it", NF_DROP);
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
	return s;
}

/* The second one, which has yet to come. */
static struct t_stage *second(struct kunit *test, const void *hook)
{
	struct t_stage *s = t_stage(test, T_NAME, "b2");

	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, hook);
	t_entry(s, "init", ASHLAR_EXT_ENTRY_INIT, play_init);
	t_entry(s, "restore", ASHLAR_EXT_ENTRY_RESTORE, play_restore);
	return s;
}

static int upgrade(u32 trial_ms)
{
	return ex_inst_upgrade(t_current(T_NAME), "b2", trial_ms, NULL);
}

/* Who runs, and what becomes of packets. */
static void expect(struct kunit *test, struct t_stage *s, const char *build, enum ex_state is,
		   u32 verdict)
{
	struct ex_inst *inst = t_current(T_NAME);

	KUNIT_ASSERT_NOT_NULL(test, inst);
	KUNIT_EXPECT_STREQ(test, inst->build, build);
	KUNIT_EXPECT_EQ(test, inst->state, (u32)is);
	KUNIT_EXPECT_EQ(test, t_packet(s), verdict);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), verdict);
}

/* --- without a trial --- */

static void upgrade_at_once(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, play_drop);
	u32 id = a->inst->id;

	KUNIT_EXPECT_EQ(test, upgrade(0), 0);
	expect(test, a, "b2", EX_RUNNING, NF_DROP);
	KUNIT_EXPECT_EQ(test, t_current(T_NAME)->id, id);
	KUNIT_EXPECT_EQ(test, a->inst->state, (u32)EX_DEAD);
	KUNIT_EXPECT_EQ(test, a->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 1U);
	KUNIT_EXPECT_EQ(test, state.bytes, 0x5afeULL);
	KUNIT_EXPECT_EQ(test, state.len, (u64)sizeof(u64));
	KUNIT_EXPECT_GE(test, state.room, 65536ULL);
	KUNIT_EXPECT_EQ(test, state.schema, (u64)T_SCHEMA);
	KUNIT_EXPECT_EQ(test, ex_inst_commit(t_current(T_NAME), NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, ex_inst_rollback(t_current(T_NAME), NULL), -ENOENT);
}

/* --- what is refused leaves all as it was --- */

struct t_refusal {
	const char *name;
	s32 init;
	s32 save;
	s32 restore;
	int err;
};

static const struct t_refusal refusals[] = {
	{ "init", -EPERM, 8, 0, -EPERM },
	{ "init_positive", 3, 8, 0, -ECANCELED },
	{ "save", 0, -EIO, 0, -EIO },
	{ "save_too_long", 0, S32_MAX, 0, -EPROTO },
	{ "save_no_error", 0, S32_MIN, 0, -EPROTO },
	{ "restore", 0, 8, -EINVAL, -EINVAL },
	{ "restore_positive", 0, 8, 1, -ECANCELED },
};

static void refusal_desc(const struct t_refusal *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusal, refusals, refusal_desc);

static void upgrade_refused(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, play_drop);
	const struct t_refusal *r = test->param_value;

	state.init = r->init;
	state.save = r->save;
	state.restore = r->restore;
	KUNIT_EXPECT_EQ(test, upgrade(0), r->err);
	expect(test, a, "b1", EX_RUNNING, NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), r->err);
	expect(test, a, "b1", EX_RUNNING, NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, a->ext.nr_insts, 1U);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
	KUNIT_EXPECT_FALSE(test, a->ext.quarantined);
}

static void upgrade_impossible(struct kunit *test)
{
	struct t_stage *a = first(test), *b;

	KUNIT_EXPECT_EQ(test, upgrade(0), -ENOENT);
	b = t_stage(test, T_NAME, "b2");
	/* It lacks what is attached. */
	KUNIT_EXPECT_EQ(test, upgrade(0), -ENOENT);
	t_entry(b, "it", ASHLAR_EXT_ENTRY_WORK, play_drop);
	KUNIT_EXPECT_EQ(test, upgrade(0), -ENOENT);
	expect(test, a, "b1", EX_RUNNING, NF_ACCEPT);
	KUNIT_EXPECT_TRUE(test, ex_inst_quarantine(a->inst, NULL));
	KUNIT_EXPECT_TRUE(test, t_ended(a->inst));
	KUNIT_EXPECT_EQ(test, upgrade(0), -EBUSY);
	expect(test, a, "b1", EX_QUARANTINED, NF_DROP);
}

/* The new version violates something before it has the hooks: its fault, the old one runs. */
static void upgrade_bad_restore(struct kunit *test)
{
	struct t_stage *a = first(test), *b = t_stage(test, T_NAME, "b2");

	t_entry(b, "it", ASHLAR_EXT_ENTRY_HOOK, play_drop);
	t_entry(b, "restore", ASHLAR_EXT_ENTRY_RESTORE, t_ud2);
	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), -EOWNERDEAD);
	expect(test, a, "b1", EX_RUNNING, NF_ACCEPT);
	KUNIT_EXPECT_STREQ(test, a->inst->report.entry, "restore");
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
}

/* The old version violates something while the new one begins: nothing to follow. */
static u64 play_end_other(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	struct ex_inst *other = t_play.data;

	ex_inst_quarantine(other, NULL);
	wait_for_completion(&other->ended);
	return 0;
}

static void upgrade_old_ends(struct kunit *test)
{
	struct t_stage *a = first(test), *b = t_stage(test, T_NAME, "b2");

	t_play.data = a->inst;
	t_entry(b, "it", ASHLAR_EXT_ENTRY_HOOK, play_drop);
	t_entry(b, "init", ASHLAR_EXT_ENTRY_INIT, play_end_other);
	t_entry(b, "restore", ASHLAR_EXT_ENTRY_RESTORE, play_restore);
	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), -ESHUTDOWN);
	expect(test, a, "b1", EX_QUARANTINED, NF_DROP);
	KUNIT_EXPECT_EQ(test, a->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, state.len, 0ULL);
}

/* What was set for the instance is so for the next version, in all its parts. */
static void upgrade_quota(struct kunit *test)
{
	struct t_stage *a = first(test);
	struct ex_quota quota = a->inst->quota;
	u64 whole = a->inst->arena.quota;

	quota.memory /= 2;
	quota.lock_ns /= 2;
	quota.cpu_permille = 500;
	mutex_lock(&ex_mutex);
	KUNIT_EXPECT_EQ(test, ex_inst_set_quota(a->inst, &quota, NULL), 0);
	mutex_unlock(&ex_mutex);
	second(test, play_drop);
	KUNIT_EXPECT_EQ(test, upgrade(0), 0);
	KUNIT_EXPECT_EQ(test, t_current(T_NAME)->quota.memory, quota.memory);
	KUNIT_EXPECT_EQ(test, t_current(T_NAME)->arena.quota, whole - quota.memory);
	KUNIT_EXPECT_EQ(test, t_current(T_NAME)->lock_cycles, a->inst->lock_cycles);
	KUNIT_EXPECT_EQ(test, t_current(T_NAME)->limited, (u32)EX_LIMIT_CPU);
}

/* --- on trial --- */

static void trial_kept(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, play_drop);

	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), 0);
	expect(test, a, "b2", EX_TRIAL, NF_DROP);
	KUNIT_EXPECT_EQ(test, a->inst->state, (u32)EX_FROZEN);
	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), -EBUSY);
	KUNIT_EXPECT_EQ(test, ex_inst_restart(t_current(T_NAME), NULL), -EBUSY);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&t_current(T_NAME)->trial_work));
	KUNIT_EXPECT_EQ(test, ex_inst_commit(t_current(T_NAME), NULL), 0);
	/* What would outlive the module. */
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&t_current(T_NAME)->trial_work));
	expect(test, a, "b2", EX_RUNNING, NF_DROP);
	KUNIT_EXPECT_EQ(test, a->inst->state, (u32)EX_DEAD);
	KUNIT_EXPECT_EQ(test, a->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 1U);
}

static void trial_over(struct kunit *test)
{
	struct t_stage *a = first(test);
	u32 i;

	second(test, play_drop);
	KUNIT_EXPECT_EQ(test, upgrade(50), 0);
	for (i = 0; i < 3000 && READ_ONCE(a->inst->state) != EX_DEAD; i++)
		msleep(20);
	expect(test, a, "b2", EX_RUNNING, NF_DROP);
	KUNIT_EXPECT_EQ(test, a->inst->state, (u32)EX_DEAD);
}

/* The packet that it was is lost to the failure verdict; the next one is the old version's. */
static void trial_fault(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, t_ud2);
	struct ex_inst *tried;

	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), 0);
	tried = t_current(T_NAME);
	ex_inst_get(tried);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(a), (u32)NF_DROP);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(a), (u32)NF_ACCEPT);
	KUNIT_EXPECT_TRUE(test, t_ended(tried));
	ex_inst_put(tried);
	expect(test, a, "b1", EX_RUNNING, NF_ACCEPT);
	KUNIT_EXPECT_PTR_EQ(test, t_current(T_NAME), a->inst);
	KUNIT_EXPECT_TRUE(test, a->inst->report.rolled_back);
	KUNIT_EXPECT_STREQ(test, a->inst->report.build, "b2");
	KUNIT_EXPECT_EQ(test, a->inst->report.code, (u32)ASHLAR_EXT_FAULT_TRAP);
	KUNIT_EXPECT_EQ(test, t_stat(a->inst, EX_STAT_ROLL_BACK), 1ULL);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, b->ext.faults, 1ULL);
	KUNIT_EXPECT_EQ(test, a->ext.faults, 0ULL);
	/* And once more. */
	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), 0);
	KUNIT_EXPECT_EQ(test, ex_inst_commit(t_current(T_NAME), NULL), 0);
	KUNIT_EXPECT_EQ(test, t_packet(a), (u32)NF_DROP);
}

static void trial_rollback(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, play_drop);

	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), 0);
	expect(test, a, "b2", EX_TRIAL, NF_DROP);
	KUNIT_EXPECT_EQ(test, ex_inst_rollback(t_current(T_NAME), NULL), 0);
	expect(test, a, "b1", EX_RUNNING, NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, ex_inst_rollback(t_current(T_NAME), NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, b->ext.faults, 0ULL);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
}

/* The frozen version has violated something, too, in what had begun before: it stays out. */
static void trial_both_end(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, t_ud2);
	struct ex_inst *tried;

	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), 0);
	tried = t_current(T_NAME);
	ex_inst_get(tried);
	KUNIT_EXPECT_TRUE(test, ex_inst_quarantine(a->inst, NULL));
	KUNIT_EXPECT_TRUE(test, t_ended(a->inst));
	KUNIT_EXPECT_EQ(test, t_packet_softirq(a), (u32)NF_DROP);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(a), (u32)NF_DROP);
	KUNIT_EXPECT_TRUE(test, t_ended(tried));
	KUNIT_EXPECT_FALSE(test, tried->report.rolled_back);
	ex_inst_put(tried);
	expect(test, a, "b1", EX_QUARANTINED, NF_DROP);
	KUNIT_EXPECT_TRUE(test, a->inst->closed);
	KUNIT_EXPECT_EQ(test, a->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
}

/* Both go. */
static void trial_destroyed(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, play_drop);
	struct ex_inst *tried;

	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), 0);
	tried = t_current(T_NAME);
	ex_inst_get(tried);
	ex_inst_destroy(tried);
	ex_inst_put(tried);
	KUNIT_EXPECT_NULL(test, t_current(T_NAME));
	KUNIT_EXPECT_EQ(test, a->inst->state, (u32)EX_DEAD);
	KUNIT_EXPECT_EQ(test, a->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
}

struct t_end {
	struct ex_inst *inst;
	struct completion done;
};

static int destroyer(void *data)
{
	struct t_end *end = data;

	ex_inst_destroy(end->inst);
	complete(&end->done);
	return 0;
}

/* Destroyed while it ends, and the version before has come back: who destroys waits for both. */
static void trial_orphan(struct kunit *test)
{
	struct t_stage *a = first(test), *b = second(test, play_drop);
	struct t_end end;
	u32 i;

	KUNIT_EXPECT_EQ(test, upgrade(T_LONG), 0);
	end.inst = t_current(T_NAME);
	init_completion(&end.done);
	ex_inst_get(end.inst);
	KUNIT_ASSERT_TRUE(test, ex_inst_hold(end.inst, false));
	KUNIT_EXPECT_TRUE(test, ex_inst_quarantine(end.inst, NULL));
	KUNIT_EXPECT_TRUE(test, ex_inst_hold(a->inst, false));
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(destroyer, &end, "exkunit")));
	for (i = 0; i < 3000 && t_current(T_NAME); i++)
		msleep(20);
	KUNIT_EXPECT_NULL(test, t_current(T_NAME));
	ex_inst_release(end.inst);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&end.done, HZ), 0UL);
	ex_inst_release(a->inst);
	wait_for_completion(&end.done);
	KUNIT_EXPECT_EQ(test, a->inst->state, (u32)EX_DEAD);
	KUNIT_EXPECT_EQ(test, a->ext.nr_insts, 0U);
	KUNIT_EXPECT_EQ(test, b->ext.nr_insts, 0U);
	ex_inst_put(end.inst);
}

/* A quarantined one begins anew, its hook where it was. */
static void upgrade_restart(struct kunit *test)
{
	struct t_stage *a = first(test);

	KUNIT_EXPECT_EQ(test, ex_inst_restart(a->inst, NULL), -EBUSY);
	KUNIT_EXPECT_TRUE(test, ex_inst_quarantine(a->inst, NULL));
	expect(test, a, "b1", EX_QUARANTINED, NF_DROP);
	KUNIT_EXPECT_EQ(test, ex_inst_restart(a->inst, NULL), 0);
	KUNIT_EXPECT_PTR_NE(test, t_current(T_NAME), a->inst);
	expect(test, a, "b1", EX_RUNNING, NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, ex_inst_restart(a->inst, NULL), -EBUSY);
}

static struct kunit_case upgrade_cases[] = {
	KUNIT_CASE(upgrade_at_once),
	KUNIT_CASE_PARAM(upgrade_refused, refusal_gen_params),
	KUNIT_CASE(upgrade_impossible),
	KUNIT_CASE(upgrade_bad_restore),
	KUNIT_CASE(upgrade_restart),
	KUNIT_CASE(upgrade_old_ends),
	KUNIT_CASE(upgrade_quota),
	KUNIT_CASE(trial_kept),
	KUNIT_CASE(trial_over),
	KUNIT_CASE(trial_fault),
	KUNIT_CASE(trial_rollback),
	KUNIT_CASE(trial_both_end),
	KUNIT_CASE(trial_destroyed),
	KUNIT_CASE(trial_orphan),
	{}
};

static struct kunit_suite upgrade_suite = {
	.name = "ext_upgrade",
	.test_cases = upgrade_cases,
};

kunit_test_suite(upgrade_suite);
