// SPDX-License-Identifier: GPL-2.0-only
/*
 * The planner in the kernel: a few topologies of each kind, always the same,
 * against counting from nothing and trying every choice. Thousands of them are
 * tried in user space, by tests/native/plan.c.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "link_plan_model.h"

#define TOPOLOGIES	25

struct plan_kind {
	const char *name;
	void (*make)(struct model *m);
	enum ln_method method;
};

static void make_clos(struct model *m)
{
	model_pods(m, 2, 3, model_pick(m, 2, 3), model_pick(m, 2, 4), 1);
}

static void make_facebook(struct model *m)
{
	model_pods(m, 1, 5, 4, 4, 1);
}

static void make_trunked(struct model *m)
{
	model_pods(m, 1, 3, 3, 3, 3);
}

static void make_three_tiers(struct model *m)
{
	model_irregular(m, 3, 4);
}

static void make_four_tiers(struct model *m)
{
	model_irregular(m, 4, 4);
}

static const struct plan_kind plan_kinds[] = {
	{ "Clos", make_clos, LN_METHOD_BEST },
	{ "Facebook", make_facebook, LN_METHOD_BEST },
	{ "trunked", make_trunked, LN_METHOD_BEST },
	{ "irregular, 3 tiers", make_three_tiers, LN_METHOD_BEST },
	{ "irregular, 4 tiers", make_four_tiers, LN_METHOD_BEST },
	{ "Clos, branch and bound", make_clos, LN_METHOD_BRANCH },
};

static void plan_kind_desc(const struct plan_kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(plan_kind, plan_kinds, plan_kind_desc);

/* Topology number @seed of a kind, in trouble. */
static struct ln_plan *plan_make(struct kunit *test, struct model *m, u64 seed)
{
	const struct plan_kind *kind = test->param_value;
	enum ln_plan_fault fault;
	struct ln_plan *plan;

	model_init(m, seed);
	kind->make(m);
	model_trouble(m, 8);
	plan = model_plan(m, &fault);
	if (!plan)
		KUNIT_FAIL(test, "%llu: %s", seed, ln_plan_fault_text(fault));
	return plan;
}

static struct model *plan_model(struct kunit *test)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	return m;
}

static void plan_counts(struct kunit *test)
{
	struct model *m = plan_model(test);
	struct ln_plan *plan;
	u32 seed, i, link;
	bool agrees;

	for (seed = 0; seed < TOPOLOGIES; seed++) {
		plan = plan_make(test, m, seed);
		if (!plan)
			return;
		agrees = model_agrees(m, plan);
		for (i = 0; i < 20 && agrees; i++) {
			link = model_pick(m, 0, m->n_links - 1);
			m->out[link] = model_pick(m, 0, 1);
			if (m->out[link])
				ln_plan_take_out(plan, link);
			else
				ln_plan_bring_back(plan, link);
			agrees = model_agrees(m, plan);
		}
		KUNIT_EXPECT_TRUE_MSG(test, agrees, "topology %u", seed);
		ln_plan_destroy(plan);
	}
}

static void plan_fast_check(struct kunit *test)
{
	struct model *m = plan_model(test);
	struct ln_plan *plan;
	u32 seed, i, tor;
	bool may;

	for (seed = 0; seed < TOPOLOGIES; seed++) {
		plan = plan_make(test, m, seed);
		if (!plan)
			return;
		for (i = 0; i < m->n_links; i++) {
			model_floors(m);
			m->gone[i] = true;
			may = m->out[i] || (!m->locked[i] && model_short(m) == LN_PLAN_NONE);
			KUNIT_EXPECT_EQ_MSG(test, may, ln_plan_may_go(plan, i, &tor),
					    "topology %u, link %u", seed, i);
		}
		ln_plan_destroy(plan);
	}
}

static void plan_optimum(struct kunit *test)
{
	const struct plan_kind *kind = test->param_value;
	struct model *m = plan_model(test);
	struct ln_plan_answer answer;
	struct ln_plan *plan;
	const char *wrong;
	u32 seed;

	for (seed = 0; seed < TOPOLOGIES; seed++) {
		plan = plan_make(test, m, seed);
		if (!plan)
			return;
		if (ln_plan_optimize_by(plan, U64_MAX, kind->method, &answer))
			wrong = "no memory";
		else
			wrong = model_wrong(m, &answer, model_best(m));
		if (!wrong && !(answer.proven && model_agrees(m, plan)))
			wrong = "not proven, or not as before";
		if (wrong)
			KUNIT_FAIL(test, "topology %u: %s", seed, wrong);
		ln_plan_destroy(plan);
	}
}

/* Without budget the answer is safe all the same. */
static void plan_no_budget(struct kunit *test)
{
	struct model *m = plan_model(test);
	struct ln_plan_answer answer;
	struct ln_plan *plan;
	const char *wrong;
	u32 seed;

	for (seed = 0; seed < TOPOLOGIES; seed++) {
		plan = plan_make(test, m, seed);
		if (!plan)
			return;
		wrong = ln_plan_optimize(plan, 0, &answer) ? "no memory" :
			model_wrong(m, &answer, U64_MAX);
		if (wrong)
			KUNIT_FAIL(test, "topology %u: %s", seed, wrong);
		ln_plan_destroy(plan);
	}
}

/* The checker that all of the above rely on: it can say no. */
static void plan_wrong_answer(struct kunit *test)
{
	static const struct ln_plan_node nodes[] = {
		{ 0, LN_PLAN_BOUND_INHERIT }, { 1, LN_PLAN_BOUND_INHERIT },
	};
	static const u32 both[] = { 0, 1 };
	struct model *m = plan_model(test);
	struct ln_plan_answer answer = { .out = both, .proven = true };

	model_init(m, 1);
	memcpy(m->nodes, nodes, sizeof(nodes));
	m->n_nodes = 2;
	m->top = 1;
	m->bound = 500;
	model_link(m, 0, 1);
	model_link(m, 0, 1);
	m->loss[0] = 3;
	m->loss[1] = 5;
	answer.n_out = 2;
	KUNIT_EXPECT_NOT_NULL(test, model_wrong(m, &answer, model_best(m)));
	answer.n_out = 1;
	answer.penalty = 5;
	KUNIT_EXPECT_NOT_NULL(test, model_wrong(m, &answer, model_best(m)));
	answer.out = both + 1;
	answer.penalty = 4;
	KUNIT_EXPECT_NOT_NULL(test, model_wrong(m, &answer, model_best(m)));
	answer.penalty = 3;
	KUNIT_EXPECT_NULL(test, model_wrong(m, &answer, model_best(m)));
}

static void plan_absurd(struct kunit *test)
{
	static const struct ln_plan_node nodes[] = {
		{ 0, LN_PLAN_BOUND_INHERIT }, { 1, LN_PLAN_BOUND_INHERIT },
		{ 2, LN_PLAN_BOUND_INHERIT },
	};
	static const struct ln_plan_link skips[] = { { 0, 1 }, { 0, 2 } };
	enum ln_plan_fault fault;
	u32 at;

	KUNIT_EXPECT_NULL(test, ln_plan_create(nodes, 3, skips, 2, 500, &fault, &at));
	KUNIT_EXPECT_EQ(test, fault, LN_PLAN_TIERS_APART);
	KUNIT_EXPECT_EQ(test, at, 1);
	KUNIT_EXPECT_NULL(test, ln_plan_create(nodes, 3, skips, 0, 500, &fault, &at));
	KUNIT_EXPECT_EQ(test, fault, LN_PLAN_NO_LINKS);
	KUNIT_EXPECT_NULL(test, ln_plan_create(nodes, 3, skips, 1, 500, &fault, &at));
	KUNIT_EXPECT_EQ(test, fault, LN_PLAN_NO_PATH);
	KUNIT_EXPECT_NULL(test, ln_plan_create(nodes, 3, skips, 1, 1001, &fault, &at));
	KUNIT_EXPECT_EQ(test, fault, LN_PLAN_BOUND_RANGE);
}

static struct kunit_case plan_cases[] = {
	KUNIT_CASE_PARAM(plan_counts, plan_kind_gen_params),
	KUNIT_CASE_PARAM(plan_fast_check, plan_kind_gen_params),
	KUNIT_CASE_PARAM(plan_optimum, plan_kind_gen_params),
	KUNIT_CASE_PARAM(plan_no_budget, plan_kind_gen_params),
	KUNIT_CASE(plan_wrong_answer),
	KUNIT_CASE(plan_absurd),
	{}
};

static struct kunit_suite plan_suite = {
	.name = "link_plan",
	.test_cases = plan_cases,
};

kunit_test_suite(plan_suite);
