// SPDX-License-Identifier: GPL-2.0-only
/*
 * Policies: what each rule matches, which of them speaks first, and how the
 * rules of a network change.
 */
#include <linux/slab.h>

#include "../modules/overlay/policy.h"
#include "overlay_fixture.h"

#define V4(a, b, c, d) { .in6.s6_addr = { [10] = 0xff, 0xff, a, b, c, d } }
#define V6(first, last) { .in6.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, first, \
					   [15] = last } }
#define ANY {}

struct rule {
	bool allow;
	struct ov_addr src;
	u8 src_len;
	struct ov_addr dst;
	u8 dst_len;
	u16 lo;
	u16 hi;
};

#define FROM(allow, src, len) { allow, src, len, ANY, 0, 0, 65535 }
#define TO(allow, dst, len) { allow, ANY, 0, dst, len, 0, 65535 }
#define PORTS(allow, lo, hi) { allow, ANY, 0, ANY, 0, lo, hi }

struct judge_case {
	const char *name;
	bool fallthrough_allow;
	struct rule rule[3];
	u8 n;
	struct ov_addr src;
	struct ov_addr dst;
	u16 dport;
	bool allow;
	s8 hit;
};

#define A V4(10, 0, 0, 1)
#define B V4(10, 0, 1, 200)

static const struct judge_case judge_cases[] = {
	{ "no rules, default allow", true, {}, 0, A, B, 80, true, -1 },
	{ "no rules, default deny", false, {}, 0, A, B, 80, false, -1 },
	{ "any to any", true, { FROM(false, ANY, 0) }, 1, A, B, 80, false, 0 },
	{ "any to any takes IPv6", true, { FROM(false, ANY, 0) }, 1,
	  V6(1, 1), V6(1, 2), 80, false, 0 },
	{ "IPv4 /24, first address", false,
	  { FROM(true, V4(10, 0, 0, 0), 120) }, 1, V4(10, 0, 0, 0), B, 80, true, 0 },
	{ "IPv4 /24, last address", false,
	  { FROM(true, V4(10, 0, 0, 0), 120) }, 1, V4(10, 0, 0, 255), B, 80, true, 0 },
	{ "IPv4 /24, one too far", false,
	  { FROM(true, V4(10, 0, 0, 0), 120) }, 1, V4(10, 0, 1, 0), B, 80, false, -1 },
	{ "IPv4 /24, one too near", false,
	  { FROM(true, V4(10, 0, 1, 0), 120) }, 1, V4(10, 0, 0, 255), B, 80, false, -1 },
	{ "IPv4 /25, upper half", false,
	  { FROM(true, V4(10, 0, 0, 128), 121) }, 1, V4(10, 0, 0, 129), B, 80, true, 0 },
	{ "IPv4 /25, lower half", false,
	  { FROM(true, V4(10, 0, 0, 128), 121) }, 1, V4(10, 0, 0, 127), B, 80, false, -1 },
	{ "IPv4 /31", false,
	  { FROM(true, V4(10, 0, 0, 2), 127) }, 1, V4(10, 0, 0, 3), B, 80, true, 0 },
	{ "IPv4 /32", false,
	  { FROM(true, A, 128) }, 1, A, B, 80, true, 0 },
	{ "IPv4 /32, the neighbour", false,
	  { FROM(true, A, 128) }, 1, V4(10, 0, 0, 0), B, 80, false, -1 },
	{ "IPv4 /0 takes all of IPv4", false,
	  { FROM(true, V4(0, 0, 0, 0), 96) }, 1, V4(255, 255, 255, 255), B, 80, true, 0 },
	{ "IPv4 /0 takes no IPv6", false,
	  { FROM(true, V4(0, 0, 0, 0), 96) }, 1, V6(0, 1), B, 80, false, -1 },
	{ "IPv4 /1, lower half", false,
	  { FROM(true, V4(0, 0, 0, 0), 97) }, 1, V4(127, 255, 255, 255), B, 80, true, 0 },
	{ "IPv4 /1, upper half", false,
	  { FROM(true, V4(0, 0, 0, 0), 97) }, 1, V4(128, 0, 0, 0), B, 80, false, -1 },
	{ "the IPv4 address in an IPv6 one is another", false,
	  { FROM(true, V4(10, 0, 0, 1), 128) }, 1,
	  { .in6.s6_addr = { [12] = 10, 0, 0, 1 } }, B, 80, false, -1 },
	{ "bits behind the prefix do not matter", false,
	  { FROM(true, V4(10, 0, 0, 77), 120) }, 1, A, B, 80, true, 0 },
	{ "IPv6 /40", false,
	  { FROM(true, V6(7, 0), 40) }, 1, V6(7, 99), B, 80, true, 0 },
	{ "IPv6 /40, another", false,
	  { FROM(true, V6(7, 0), 40) }, 1, V6(6, 99), B, 80, false, -1 },
	{ "IPv6 /39 spans two", false,
	  { FROM(true, V6(6, 0), 39) }, 1, V6(7, 99), B, 80, true, 0 },
	{ "IPv6 /127", false,
	  { FROM(true, V6(0, 2), 127) }, 1, V6(0, 4), B, 80, false, -1 },
	{ "destination prefix", false,
	  { TO(true, V4(10, 0, 1, 0), 120) }, 1, A, B, 80, true, 0 },
	{ "destination is not source", false,
	  { TO(true, V4(10, 0, 0, 0), 120) }, 1, A, B, 80, false, -1 },
	{ "both prefixes must match", false,
	  { { true, V4(10, 0, 1, 0), 120, V4(10, 0, 1, 0), 120, 0, 65535 } }, 1,
	  A, B, 80, false, -1 },
	{ "the lowest port", false, { PORTS(true, 80, 90) }, 1, A, B, 80, true, 0 },
	{ "the highest port", false, { PORTS(true, 80, 90) }, 1, A, B, 90, true, 0 },
	{ "below the ports", false, { PORTS(true, 80, 90) }, 1, A, B, 79, false, -1 },
	{ "above the ports", false, { PORTS(true, 80, 90) }, 1, A, B, 91, false, -1 },
	{ "one port", false, { PORTS(true, 80, 80) }, 1, A, B, 80, true, 0 },
	{ "port 0", false, { PORTS(true, 0, 0) }, 1, A, B, 0, true, 0 },
	{ "port 65535", false, { PORTS(true, 65535, 65535) }, 1, A, B, 65535, true, 0 },
	{ "ports the wrong way round", false,
	  { PORTS(true, 90, 80) }, 1, A, B, 85, false, -1 },
	{ "the first that matches speaks: deny", true,
	  { FROM(false, A, 128), FROM(true, ANY, 0) }, 2, A, B, 80, false, 0 },
	{ "the first that matches speaks: allow", false,
	  { FROM(true, ANY, 0), FROM(false, A, 128) }, 2, A, B, 80, true, 0 },
	{ "those that do not match are passed over", true,
	  { FROM(true, B, 128), PORTS(true, 81, 81),
	    FROM(false, V4(10, 0, 0, 0), 104) }, 3, A, B, 80, false, 2 },
	{ "none matches", true,
	  { FROM(false, B, 128), TO(false, A, 128),
	    PORTS(false, 443, 443) }, 3, A, B, 80, true, -1 },
};

static void judge_desc(const struct judge_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(judge, judge_cases, judge_desc);

static struct ov_policies *policies_of(struct kunit *test, bool allow,
				       unsigned int n, const struct rule *rule)
{
	struct ov_policies *p;
	unsigned int i;

	p = kunit_kzalloc(test, struct_size(p, rule, n), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p);
	p->allow = allow;
	p->n = n;
	for (i = 0; i < n; i++) {
		p->rule[i] = kunit_kzalloc(test, sizeof(*p->rule[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, p->rule[i]);
		p->rule[i]->allow = rule[i].allow;
		p->rule[i]->src = rule[i].src;
		p->rule[i]->src_len = rule[i].src_len;
		p->rule[i]->dst = rule[i].dst;
		p->rule[i]->dst_len = rule[i].dst_len;
		p->rule[i]->dport_lo = rule[i].lo;
		p->rule[i]->dport_hi = rule[i].hi;
	}
	return p;
}

static void policy_judge(struct kunit *test)
{
	const struct judge_case *c = test->param_value;
	struct ov_policies *p = policies_of(test, c->fallthrough_allow, c->n,
					    c->rule);
	int i;

	KUNIT_EXPECT_EQ(test, ov_policies_judge(p, &c->src, &c->dst, c->dport),
			c->allow);
	for (i = 0; i < c->n; i++)
		KUNIT_EXPECT_EQ(test, atomic64_read(&p->rule[i]->hits),
				i == c->hit ? 1 : 0);
}

/* A prefix matched bit by bit. */
static bool bits_match(const struct ov_addr *prefix, unsigned int len,
		       const struct ov_addr *addr)
{
	unsigned int i;

	for (i = 0; i < len; i++) {
		u8 differ = prefix->in6.s6_addr[i / 8] ^ addr->in6.s6_addr[i / 8];

		if (differ & (0x80 >> i % 8))
			return false;
	}
	return true;
}

/* An address near @base: the same up to a random bit. */
static struct ov_addr near(struct rnd_state *rnd, const struct ov_addr *base)
{
	unsigned int bit = prandom_u32_state(rnd) % 140;
	struct ov_addr addr = *base;

	if (bit < 128)
		addr.in6.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
	return addr;
}

static void random_rule(struct rnd_state *rnd, struct rule *rule)
{
	const struct ov_addr a = A, b = B;
	u32 r = prandom_u32_state(rnd);

	rule->allow = r & 1;
	rule->src = near(rnd, &a);
	rule->dst = near(rnd, &b);
	rule->src_len = r & 2 ? prandom_u32_state(rnd) % 129 : r & 4 ? 128 : 0;
	rule->dst_len = r & 8 ? prandom_u32_state(rnd) % 129 : r & 16 ? 128 : 0;
	rule->lo = (r >> 8) % 10;
	rule->hi = (r >> 16) % 10;
}

static void policy_random(struct kunit *test)
{
	struct ov_policies *p;
	struct rule rule[6] = {};
	struct rnd_state rnd;
	unsigned int i, k, bad = 0;

	t_random(test, &rnd);
	p = policies_of(test, false, ARRAY_SIZE(rule), rule);
	for (i = 0; i < 5000; i++) {
		const struct ov_addr a = A, b = B;
		struct ov_addr src = near(&rnd, &a), dst = near(&rnd, &b);
		u16 port = prandom_u32_state(&rnd) % 10;
		bool allow = p->allow;

		for (k = 0; k < p->n; k++) {
			random_rule(&rnd, &rule[k]);
			p->rule[k]->allow = rule[k].allow;
			p->rule[k]->src = rule[k].src;
			p->rule[k]->dst = rule[k].dst;
			p->rule[k]->src_len = rule[k].src_len;
			p->rule[k]->dst_len = rule[k].dst_len;
			p->rule[k]->dport_lo = rule[k].lo;
			p->rule[k]->dport_hi = rule[k].hi;
		}
		for (k = p->n; k--;) {
			if (port >= rule[k].lo && port <= rule[k].hi &&
			    bits_match(&rule[k].src, rule[k].src_len, &src) &&
			    bits_match(&rule[k].dst, rule[k].dst_len, &dst))
				allow = rule[k].allow;
		}
		bad += ov_policies_judge(p, &src, &dst, port) != allow;
		p->allow = prandom_u32_state(&rnd) & 1;
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
}

static struct ov_policies *policies_now(const struct t_world *world)
{
	return rcu_dereference_protected(world->nw->policies,
					 lockdep_is_held(&ov_mutex));
}

static int policy_add(u32 vni, u32 pref, bool allow, const char **why)
{
	struct ov_policy rule = { .pref = pref, .allow = allow, .dport_hi = 65535 };
	struct netlink_ext_ack extack = {};
	int err = ov_policy_add(&init_net, vni, &rule, &extack);

	if (why)
		*why = extack._msg;
	return err;
}

static void policy_sorted(struct kunit *test)
{
	static const u32 prefs[] = { 50, 10, 0, U32_MAX, 30, 40, 20 };
	struct t_world *world = test->priv;
	struct ov_policies *p;
	unsigned int i;
	u32 gen;

	mutex_lock(&ov_mutex);
	gen = policies_now(world)->gen;
	for (i = 0; i < ARRAY_SIZE(prefs); i++)
		KUNIT_EXPECT_EQ(test, policy_add(T_VNI, prefs[i], i & 1, NULL), 0);
	p = policies_now(world);
	KUNIT_EXPECT_EQ(test, p->n, ARRAY_SIZE(prefs));
	KUNIT_EXPECT_EQ(test, p->gen, gen + ARRAY_SIZE(prefs));
	for (i = 1; i < p->n; i++)
		KUNIT_EXPECT_LT(test, p->rule[i - 1]->pref, p->rule[i]->pref);
	mutex_unlock(&ov_mutex);
}

static void policy_changes(struct kunit *test)
{
	struct t_world *world = test->priv;
	const struct ov_addr a = A, b = B;
	u32 gen;

	mutex_lock(&ov_mutex);
	gen = policies_now(world)->gen;
	policy_add(T_VNI, 10, false, NULL);
	KUNIT_EXPECT_FALSE(test, ov_policies_judge(policies_now(world), &a, &b, 1));
	/* Another rule, another default: the first one's hits live on. */
	policy_add(T_VNI, 5, true, NULL);
	KUNIT_EXPECT_EQ(test, ov_policies_set_default(world->host, world->nw, false), 0);
	KUNIT_EXPECT_TRUE(test, ov_policies_judge(policies_now(world), &a, &b, 1));
	KUNIT_EXPECT_EQ(test, atomic64_read(&policies_now(world)->rule[0]->hits), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&policies_now(world)->rule[1]->hits), 1);
	KUNIT_EXPECT_EQ(test, ov_policy_del(&init_net, T_VNI, 5, NULL), 0);
	KUNIT_EXPECT_FALSE(test, ov_policies_judge(policies_now(world), &a, &b, 1));
	KUNIT_EXPECT_EQ(test, policies_now(world)->n, 1);
	KUNIT_EXPECT_EQ(test, ov_policy_flush(&init_net, T_VNI, NULL), 0);
	KUNIT_EXPECT_EQ(test, policies_now(world)->n, 0);
	KUNIT_EXPECT_FALSE(test, policies_now(world)->allow);
	KUNIT_EXPECT_EQ(test, ov_policy_flush(&init_net, T_VNI, NULL), 0);
	KUNIT_EXPECT_EQ(test, policies_now(world)->gen, gen + 6);
	mutex_unlock(&ov_mutex);
}

/* Each refusal says why and changes nothing. */
static void policy_refusals(struct kunit *test)
{
	struct t_world *world = test->priv;
	struct netlink_ext_ack extack = {};
	struct ov_policies *p;
	const char *why;

	mutex_lock(&ov_mutex);
	policy_add(T_VNI, 10, true, NULL);
	p = policies_now(world);
	KUNIT_EXPECT_EQ(test, policy_add(T_VNI, 10, false, &why), -EEXIST);
	KUNIT_EXPECT_NOT_NULL(test, why);
	KUNIT_EXPECT_EQ(test, policy_add(T_VNI + 1, 11, false, &why), -ENOENT);
	KUNIT_EXPECT_NOT_NULL(test, why);
	KUNIT_EXPECT_EQ(test, ov_policy_del(&init_net, T_VNI, 11, &extack), -ENOENT);
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	KUNIT_EXPECT_EQ(test, ov_policy_del(&init_net, T_VNI + 1, 10, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, ov_policy_flush(&init_net, T_VNI + 1, NULL), -ENOENT);
	p->n = OV_MAX_POLICIES;
	KUNIT_EXPECT_EQ(test, policy_add(T_VNI, 11, true, &why), -ENOSPC);
	KUNIT_EXPECT_NOT_NULL(test, why);
	p->n = 1;
	KUNIT_EXPECT_PTR_EQ(test, policies_now(world), p);
	mutex_unlock(&ov_mutex);
}

/* A prefix that forgets the 96 bits before an IPv4 address is another one. */
static void policy_control(struct kunit *test)
{
	const struct ov_addr prefix = V4(10, 0, 0, 0), out = V4(11, 0, 0, 1);

	KUNIT_EXPECT_FALSE(test, bits_match(&prefix, 96 + 8, &out));
	KUNIT_EXPECT_TRUE(test, bits_match(&prefix, 8, &out));
	KUNIT_EXPECT_TRUE(test, bits_match(&prefix, 96 + 7, &out));
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE_PARAM(policy_judge, judge_gen_params),
	KUNIT_CASE(policy_random),
	KUNIT_CASE(policy_sorted),
	KUNIT_CASE(policy_changes),
	KUNIT_CASE(policy_refusals),
	KUNIT_CASE(policy_control),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "overlay_policy",
	.init = t_world_init,
	.exit = t_world_exit,
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
