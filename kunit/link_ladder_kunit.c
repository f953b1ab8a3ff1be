// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ladder: what is in the way of an action and what is said about it, the
 * two ends of a drain and of a return step by step. Random worlds with lost
 * words and restarts are in tests/native/ladder.c.
 */
#include <kunit/test.h>

#include "../modules/link/ladder.h"

static const struct ln_ladder_cfg cfg = {
	.hold_ms = 3000, .hold_max_ms = 10000, .relapse_ms = 600000,
};

/* All is as it should be for a drain, but that it has not been done. */
static struct ln_ladder_in ready(u64 now)
{
	return (struct ln_ladder_in){
		.now = now,
		.action = LN_ACTION_DRAIN,
		.group = LN_GROUP_BOND,
		.bad = true,
		.guard = true,
		.topology = true,
		.decider = true,
		.helper = true,
		.peer_fresh = true,
		.peer_trusted = true,
	};
}

struct obstacle {
	const char *name;
	void (*set)(struct ln_ladder_in *in);
	enum ln_state state;
	enum ln_why why;
};

static void set_nothing(struct ln_ladder_in *in)
{
}

static void set_good(struct ln_ladder_in *in)
{
	in->bad = false;
}

static void set_observe(struct ln_ladder_in *in)
{
	in->action = LN_ACTION_OBSERVE;
}

static void set_no_group(struct ln_ladder_in *in)
{
	in->group = LN_GROUP_NONE;
}

static void set_guard(struct ln_ladder_in *in)
{
	in->guard = false;
}

static void set_topology(struct ln_ladder_in *in)
{
	in->topology = false;
}

static void set_silent(struct ln_ladder_in *in)
{
	in->peer_fresh = false;
}

static void set_no_key(struct ln_ladder_in *in)
{
	in->peer_trusted = false;
}

static void set_other(struct ln_ladder_in *in)
{
	in->decider = false;
}

static void set_no_helper(struct ln_ladder_in *in)
{
	in->group = LN_GROUP_NEXTHOP;
	in->helper = false;
}

static void set_alone(struct ln_ladder_in *in)
{
	in->alone = true;
	in->peer_fresh = false;
}

static const struct obstacle obstacles[] = {
	{ "nothing", set_nothing, LN_PENDING, LN_WHY_NONE },
	{ "a good link", set_good, LN_WATCH, LN_WHY_NONE },
	{ "observe", set_observe, LN_WANTED, LN_WHY_OBSERVE },
	{ "no group", set_no_group, LN_WANTED, LN_WHY_NO_GROUP },
	{ "guard", set_guard, LN_WANTED, LN_WHY_GUARD },
	{ "topology", set_topology, LN_WANTED, LN_WHY_TOPOLOGY },
	{ "no heartbeat", set_silent, LN_WANTED, LN_WHY_NO_PEER },
	{ "no key", set_no_key, LN_WANTED, LN_WHY_NO_KEY },
	{ "the other decides", set_other, LN_WANTED, LN_WHY_PEER_DECIDES },
	{ "no helper", set_no_helper, LN_WANTED, LN_WHY_HELPER_ABSENT },
	{ "nobody to ask", set_alone, LN_ACTING, LN_WHY_NONE },
};

static void obstacle_desc(const struct obstacle *o, char *desc)
{
	strscpy(desc, o->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(obstacle, obstacles, obstacle_desc);

static void ladder_obstacle(struct kunit *test)
{
	const struct obstacle *o = test->param_value;
	struct ln_ladder_in in = ready(2000);
	struct ln_ladder l;

	ln_ladder_init(&l, &cfg, 1000);
	o->set(&in);
	ln_ladder_step(&l, &cfg, &in);
	KUNIT_EXPECT_EQ(test, l.state, o->state);
	KUNIT_EXPECT_EQ(test, l.why, o->why);
	KUNIT_EXPECT_EQ(test, ln_ladder_out(&l), o->state >= LN_PENDING);
}

/* What one end's ladder is heard to say at the other one. */
static void hear(struct ln_ladder_in *in, const struct ln_ladder *l)
{
	in->peer_state = l->state;
	in->peer_round = l->state == LN_PENDING && !l->follows ? l->round : 0;
	in->peer_agree = l->agree;
}

static void ladder_two_ends(struct kunit *test)
{
	struct ln_ladder_in a = ready(2000), b = ready(2000);
	struct ln_ladder one, two;

	ln_ladder_init(&one, &cfg, 1000);
	ln_ladder_init(&two, &cfg, 1000);
	b.decider = false;
	b.bad = false;
	ln_ladder_step(&one, &cfg, &a);
	KUNIT_ASSERT_EQ(test, one.state, LN_PENDING);
	hear(&b, &one);
	ln_ladder_step(&two, &cfg, &b);
	KUNIT_ASSERT_EQ(test, two.state, LN_PENDING);
	KUNIT_EXPECT_EQ(test, two.agree, one.round);
	hear(&a, &two);
	KUNIT_EXPECT_EQ(test, ln_ladder_step(&one, &cfg, &a), LN_DO_DRAIN);
	hear(&b, &one);
	KUNIT_EXPECT_EQ(test, ln_ladder_step(&two, &cfg, &b), LN_DO_DRAIN);
	a.done = true;
	b.done = true;
	ln_ladder_step(&one, &cfg, &a);
	ln_ladder_step(&two, &cfg, &b);
	KUNIT_EXPECT_EQ(test, one.state, LN_DRAINED);
	KUNIT_EXPECT_EQ(test, two.state, LN_DRAINED);
}

static void ladder_follower_refuses(struct kunit *test)
{
	struct ln_ladder_in in = ready(2000);
	struct ln_ladder l;

	ln_ladder_init(&l, &cfg, 1000);
	in.decider = false;
	in.guard = false;
	in.peer_state = LN_PENDING;
	in.peer_round = 7;
	ln_ladder_step(&l, &cfg, &in);
	KUNIT_EXPECT_EQ(test, l.agree, 0);
	KUNIT_EXPECT_EQ(test, l.state, LN_WANTED);
	KUNIT_EXPECT_EQ(test, l.why, LN_WHY_GUARD);
}

static void ladder_proposal_expires(struct kunit *test)
{
	struct ln_ladder_in in = ready(2000);
	struct ln_ladder l;
	u32 round;

	ln_ladder_init(&l, &cfg, 1000);
	ln_ladder_step(&l, &cfg, &in);
	round = l.round;
	/* An agreement with something else is none. */
	in.peer_agree = round + 1;
	ln_ladder_step(&l, &cfg, &in);
	KUNIT_EXPECT_EQ(test, l.state, LN_PENDING);
	in.now += LN_AGREE_MS + 1;
	ln_ladder_step(&l, &cfg, &in);
	KUNIT_EXPECT_EQ(test, l.state, LN_WANTED);
	KUNIT_EXPECT_EQ(test, l.why, LN_WHY_NO_AGREEMENT);
	/* It rests, and an answer that comes too late is not taken. */
	in.peer_agree = round;
	ln_ladder_step(&l, &cfg, &in);
	KUNIT_EXPECT_EQ(test, l.state, LN_WANTED);
	in.now += LN_RETRY_MS;
	ln_ladder_step(&l, &cfg, &in);
	KUNIT_EXPECT_EQ(test, l.state, LN_PENDING);
	KUNIT_EXPECT_NE(test, l.round, round);
}

static void ladder_follows_what_is_out(struct kunit *test)
{
	struct ln_ladder_in in = ready(2000);
	struct ln_ladder l;

	ln_ladder_init(&l, &cfg, 1000);
	in.bad = false;
	in.decider = false;
	in.peer_state = LN_DRAINED;
	/* What an end says that is not authenticated moves nothing. */
	in.peer_trusted = false;
	KUNIT_EXPECT_EQ(test, ln_ladder_step(&l, &cfg, &in), LN_DO_NOTHING);
	KUNIT_EXPECT_EQ(test, l.state, LN_WATCH);
	in.peer_trusted = true;
	KUNIT_EXPECT_EQ(test, ln_ladder_step(&l, &cfg, &in), LN_DO_DRAIN);
}

static void ladder_by_hand_stays(struct kunit *test)
{
	struct ln_ladder_in in = ready(2000);
	struct ln_ladder l;

	ln_ladder_init(&l, &cfg, 1000);
	in.alone = true;
	in.bad = false;
	in.want_out = true;
	KUNIT_EXPECT_EQ(test, ln_ladder_step(&l, &cfg, &in), LN_DO_DRAIN);
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.want_out = false;
	in.proven = true;
	in.now += 1000 * cfg.hold_ms;
	ln_ladder_step(&l, &cfg, &in);
	KUNIT_EXPECT_EQ(test, l.state, LN_DRAINED);
	KUNIT_EXPECT_EQ(test, l.why, LN_WHY_OPERATOR);
	in.want_in = true;
	in.force = true;
	KUNIT_EXPECT_EQ(test, ln_ladder_step(&l, &cfg, &in), LN_DO_RETURN);
}

static void ladder_decider(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, ln_decider(1, 2, true, true));
	KUNIT_EXPECT_FALSE(test, ln_decider(2, 1, true, true));
	KUNIT_EXPECT_TRUE(test, ln_decider(2, 1, true, false));
	KUNIT_EXPECT_FALSE(test, ln_decider(1, 2, false, true));
}

static struct kunit_case ladder_cases[] = {
	KUNIT_CASE_PARAM(ladder_obstacle, obstacle_gen_params),
	KUNIT_CASE(ladder_two_ends),
	KUNIT_CASE(ladder_follower_refuses),
	KUNIT_CASE(ladder_proposal_expires),
	KUNIT_CASE(ladder_follows_what_is_out),
	KUNIT_CASE(ladder_by_hand_stays),
	KUNIT_CASE(ladder_decider),
	{}
};

static struct kunit_suite ladder_suite = {
	.name = "link_ladder",
	.test_cases = ladder_cases,
};

kunit_test_suite(ladder_suite);
