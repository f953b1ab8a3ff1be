// SPDX-License-Identifier: GPL-2.0-only
/* Instances: who has ended one ends it, whoever thaws or holds it at the same time. */
#include "ext_fixture.h"

static struct ex_inst *t_inst(struct kunit *test, u32 state)
{
	struct ex_inst *inst = kunit_kzalloc(test, sizeof(*inst), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, inst);
	spin_lock_init(&inst->sleeper_lock);
	init_waitqueue_head(&inst->idle);
	inst->state = state;
	return inst;
}

static void inst_thaw(struct kunit *test)
{
	struct ex_inst *inst = t_inst(test, EX_FROZEN);

	ex_inst_close(inst);
	KUNIT_EXPECT_TRUE(test, ex_inst_thaw(inst));
	KUNIT_EXPECT_EQ(test, inst->state, (u32)EX_RUNNING);
	KUNIT_EXPECT_FALSE(test, inst->closed);
	/* Frozen, and violated something meanwhile. */
	ex_inst_close(inst);
	inst->state = EX_QUARANTINED;
	KUNIT_EXPECT_FALSE(test, ex_inst_thaw(inst));
	KUNIT_EXPECT_EQ(test, inst->state, (u32)EX_QUARANTINED);
	KUNIT_EXPECT_TRUE(test, inst->closed);
	inst->state = EX_DEAD;
	KUNIT_EXPECT_FALSE(test, ex_inst_thaw(inst));
	KUNIT_EXPECT_TRUE(test, inst->closed);
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
	ex_inst_release(inst);
	ex_inst_release(inst);
	KUNIT_EXPECT_EQ(test, inst->sleeping, 0U);
}

static struct kunit_case inst_kunit_cases[] = {
	KUNIT_CASE(inst_thaw),
	KUNIT_CASE(inst_hold),
	{}
};

static struct kunit_suite inst_suite = {
	.name = "ext_inst",
	.test_cases = inst_kunit_cases,
};

kunit_test_suite(inst_suite);
