// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sequential test: its evidence against sums by hand and by 128 bits, its
 * decisions and limits against exact ones that were computed beforehand.
 */
#include <kunit/test.h>
#include <linux/time64.h>

#include "../modules/link/detect.h"
#include "link_fixture.h"

/* 100 Gb/s with full frames at 10 % load. */
#define T_FRAMES	812743ULL
#define T_FRAME_NS	1230

/* A detector is too large for the stack under KASAN. */
struct t_detect {
	struct ln_detect_cfg cfg;
	struct ln_detect d;
	struct ln_detect before;
	struct ln_detect_view view;
};

static int detect_init(struct kunit *test)
{
	struct t_detect *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	test->priv = t;
	return ln_detect_cfg_init(&t->cfg, LN_P0_DEFAULT, LN_P1_DEFAULT, LN_BOUND_DEFAULT,
				  LN_MISS_DEFAULT);
}

static enum ln_verdict add(struct kunit *test, u64 trials, u64 errors, u64 ns)
{
	struct t_detect *t = test->priv;

	return ln_detect_add(&t->d, &t->cfg, trials, errors, ns);
}

static const struct ln_detect_view *view(struct kunit *test)
{
	struct t_detect *t = test->priv;

	ln_detect_view(&t->d, &t->cfg, &t->view);
	return &t->view;
}

static void detect_cfg(struct kunit *test)
{
	static const struct {
		u64 p0, p1;
		u32 bound, miss;
		int err;
	} cases[] = {
		{ LN_P0_MIN, 2, LN_BOUND_MIN, LN_MISS_MIN, 0 },
		{ LN_P0_MAX, LN_PPT, LN_BOUND_MAX, LN_MISS_MAX, 0 },
		{ LN_P0_MIN - 1, 2, 1000, 1000, -ERANGE },
		{ LN_P0_MAX + 1, LN_PPT, 1000, 1000, -ERANGE },
		{ 10000, 19999, 1000, 1000, -ERANGE },
		{ 10000, 10000001, 1000, 1000, -ERANGE },
		{ 10000, 100000, LN_BOUND_MIN - 1, 1000, -ERANGE },
		{ 10000, 100000, LN_BOUND_MAX + 1, 1000, -ERANGE },
		{ 10000, 100000, 1000, LN_MISS_MIN - 1, -ERANGE },
		{ 10000, 100000, 1000, LN_MISS_MAX + 1, -ERANGE },
	};
	struct t_detect *t = test->priv;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, t->cfg.n_alts, LN_ALTS);
	KUNIT_EXPECT_EQ(test, t->cfg.alt[0].excess, 90000ULL);
	KUNIT_EXPECT_EQ(test, t->cfg.alt[1].excess, 306230ULL);
	KUNIT_EXPECT_EQ(test, t->cfg.alt[10].excess, 9999990000ULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		t->cfg.n_alts = 99;
		KUNIT_EXPECT_EQ_MSG(test, ln_detect_cfg_init(&t->cfg, cases[i].p0, cases[i].p1,
							     cases[i].bound, cases[i].miss),
				    cases[i].err, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, t->cfg.n_alts == 99, !!cases[i].err, "case %u", i);
	}
}

/* ln(10) is 2.302585092994 nat; the alternatives lose 9, 30.623 and 99 times p0 more than p0. */
static void detect_evidence(struct kunit *test)
{
	struct t_detect *t = test->priv;
	struct ln_detect_run *run = t->d.run;

	add(test, 10, 1, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, run[0].evidence, 2302585092994ULL - 10 * 90000);
	KUNIT_EXPECT_EQ(test, run[1].evidence, 3453877639491ULL - 10 * 306230);
	KUNIT_EXPECT_EQ(test, run[2].evidence, 4605170185988ULL - 10 * 990000);
	KUNIT_EXPECT_EQ(test, t->d.health, 0ULL);
	add(test, 1000000, 0, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, run[0].evidence, 2302585092994ULL - 1000010 * 90000ULL);
	KUNIT_EXPECT_EQ(test, run[2].evidence, 4605170185988ULL - 1000010 * 990000ULL);
	KUNIT_EXPECT_EQ(test, t->d.health, 1000000 * 90000ULL);
	/* The larger ones are spent, the two smallest are not, and an error lifts all. */
	add(test, 10000000, 0, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, run[0].evidence, 2302585092994ULL - 11000010 * 90000ULL);
	KUNIT_EXPECT_EQ(test, run[2].evidence, 0ULL);
	KUNIT_EXPECT_EQ(test, t->d.live, 3);
	add(test, 10, 1, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, run[0].evidence, 2 * 2302585092994ULL - 11000020 * 90000ULL);
	KUNIT_EXPECT_EQ(test, run[2].evidence, 4605170185988ULL - 10 * 990000);
	KUNIT_EXPECT_EQ(test, t->d.events[0], 2);
	KUNIT_EXPECT_EQ(test, t->d.events[2], 1);
	KUNIT_EXPECT_EQ(test, run[2].trials0, 11000010ULL);
	KUNIT_EXPECT_EQ(test, run[2].errors0, 1ULL);
}

/* Errors at even distances until it decides, computed in floating point. */
static const struct {
	u64 gap;
	u64 frame_ns;
	unsigned int errors;
	unsigned int winner;
} decisions[] = {
	{ 100, 12304, 3, 10 },
	{ 1000, 12304, 3, 8 },
	{ 10000, 12304, 4, 6 },
	{ 100000, 12304, 5, 4 },
	{ 1000000, 12304, 7, 2 },
	{ 10000000, 12304, 15, 0 },
	{ 20000000, 12304, 40, 0 },
	{ 100, T_FRAME_NS, 3, 10 },
	{ 1000, T_FRAME_NS, 4, 8 },
	{ 10000, T_FRAME_NS, 4, 6 },
	{ 100000, T_FRAME_NS, 5, 4 },
	{ 1000000, T_FRAME_NS, 8, 2 },
	{ 10000000, T_FRAME_NS, 17, 0 },
	{ 20000000, T_FRAME_NS, 45, 0 },
	{ 30000000, T_FRAME_NS, 0, 0 },
};

static void detect_decides(struct kunit *test)
{
	struct t_detect *t = test->priv;
	unsigned int i, errors;

	for (i = 0; i < ARRAY_SIZE(decisions); i++) {
		ln_detect_reset(&t->d);
		for (errors = 1; errors <= 1000; errors++) {
			add(test, decisions[i].gap - 1, 0,
			    (decisions[i].gap - 1) * decisions[i].frame_ns);
			if (add(test, 1, 1, decisions[i].frame_ns) == LN_CORRUPTING)
				break;
		}
		if (errors > 1000)
			errors = 0;
		KUNIT_EXPECT_EQ_MSG(test, errors, decisions[i].errors, "gap %llu at %llu ns",
				    decisions[i].gap, decisions[i].frame_ns);
		KUNIT_EXPECT_EQ_MSG(test, t->d.winner, decisions[i].winner, "gap %llu at %llu ns",
				    decisions[i].gap, decisions[i].frame_ns);
	}
}

/* ln(F p_i 11 / b) for the first alternative. */
static void detect_alpha(struct kunit *test)
{
	static const struct {
		u64 frames;
		u64 ns;
		u32 log_alpha;
	} cases[] = {
		{ 81274, NSEC_PER_SEC, 21760 },
		{ T_FRAMES, NSEC_PER_SEC, 24063 },
		{ 10 * T_FRAMES, NSEC_PER_SEC, 26366 },
		{ 10 * T_FRAMES, 10 * NSEC_PER_SEC, 24063 },
		/* Here the limit for slow lines holds: ln(1000 * 11). */
		{ 1, 10 * NSEC_PER_SEC, 9305 },
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, view(test)->log_alpha, 0U);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		add(test, cases[i].frames, 0, cases[i].ns);
		KUNIT_EXPECT_LE(test, view(test)->log_alpha, cases[i].log_alpha + 1);
		KUNIT_EXPECT_GE(test, view(test)->log_alpha, cases[i].log_alpha - 1);
	}
}

/* ln(1000) / 9e-8 is 76,752,836 clean frames. */
static void detect_healthy(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, view(test)->verdict, LN_INCONCLUSIVE);
	KUNIT_EXPECT_EQ(test, view(test)->missing / 100, 767528ULL);
	KUNIT_EXPECT_EQ(test, add(test, 0, 0, NSEC_PER_SEC), LN_INCONCLUSIVE);
	KUNIT_EXPECT_EQ(test, add(test, 76752700, 0, NSEC_PER_SEC), LN_INCONCLUSIVE);
	KUNIT_EXPECT_EQ(test, view(test)->healthy, 999U);
	KUNIT_EXPECT_LT(test, view(test)->missing, 200ULL);
	KUNIT_EXPECT_EQ(test, add(test, view(test)->missing, 0, NSEC_PER_SEC), LN_HEALTHY);
	KUNIT_EXPECT_EQ(test, view(test)->missing, 0ULL);
	KUNIT_EXPECT_EQ(test, view(test)->healthy, 1000U);
	/* Just healthy does not bear an error. */
	KUNIT_EXPECT_EQ(test, add(test, 1, 1, NSEC_PER_SEC), LN_INCONCLUSIVE);
	KUNIT_EXPECT_GT(test, view(test)->missing, 20000000ULL);
}

static void detect_latch(struct kunit *test)
{
	struct t_detect *t = test->priv;
	unsigned int i;

	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, add(test, T_FRAMES, 81, NSEC_PER_SEC), LN_INCONCLUSIVE);
	KUNIT_EXPECT_EQ(test, view(test)->events, 2U);
	KUNIT_EXPECT_EQ(test, add(test, T_FRAMES, 81, NSEC_PER_SEC), LN_CORRUPTING);
	KUNIT_EXPECT_EQ(test, view(test)->corrupting, 1000U);
	KUNIT_EXPECT_EQ(test, view(test)->trials, 3 * T_FRAMES);
	KUNIT_EXPECT_EQ(test, view(test)->errors, 243ULL);
	KUNIT_EXPECT_LT(test, view(test)->loss_lo, 99662500ULL);
	KUNIT_EXPECT_GT(test, view(test)->loss_hi, 99662501ULL);
	KUNIT_EXPECT_EQ(test, view(test)->loss, 99662500ULL);
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_EQ(test, add(test, T_FRAMES, 0, NSEC_PER_SEC), LN_CORRUPTING);
	KUNIT_EXPECT_EQ(test, view(test)->trials, 1003 * T_FRAMES);
	ln_detect_reset(&t->d);
	KUNIT_EXPECT_EQ(test, ln_detect_verdict(&t->d), LN_INCONCLUSIVE);
	KUNIT_EXPECT_EQ(test, view(test)->trials, 0ULL);
}

static void detect_stray(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 3600; i++)
		add(test, T_FRAMES, 0, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, add(test, 1000, 1, NSEC_PER_SEC), LN_HEALTHY);
	KUNIT_EXPECT_LT(test, view(test)->corrupting, 500U);
	for (i = 0; i < 3600; i++)
		KUNIT_EXPECT_EQ(test, add(test, T_FRAMES, 0, NSEC_PER_SEC), LN_HEALTHY);
	KUNIT_EXPECT_EQ(test, view(test)->corrupting, 0U);

	/* The same on a link that carries next to nothing. */
	ln_detect_reset(&((struct t_detect *)test->priv)->d);
	for (i = 0; i < 3600; i++)
		KUNIT_EXPECT_EQ(test, add(test, 3, i == 1800, NSEC_PER_SEC), LN_INCONCLUSIVE);
}

static void detect_burst(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 3600; i++)
		add(test, T_FRAMES, 0, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, add(test, 10000, 10000, NSEC_PER_SEC), LN_INCONCLUSIVE);
	KUNIT_EXPECT_LT(test, view(test)->corrupting, 500U);
	KUNIT_EXPECT_EQ(test, view(test)->healthy, 0U);
	for (i = 0; i < 94; i++)
		KUNIT_EXPECT_EQ(test, add(test, T_FRAMES, 0, NSEC_PER_SEC), LN_INCONCLUSIVE);
	KUNIT_EXPECT_EQ(test, add(test, T_FRAMES, 0, NSEC_PER_SEC), LN_HEALTHY);
}

/* What a sample adds when nothing limits it. */
static __int128 exact_gain(const struct ln_detect_alt *alt, u64 trials, u64 errors)
{
	return (__int128)errors * alt->step - (__int128)trials * alt->excess;
}

/*
 * Below 13/32 of the least threshold there is no limit and the sum is exact;
 * above, it lies between that and 13/32 of the greatest.
 */
static bool evidence_right(u64 before, u64 after, __int128 gain)
{
	const u64 free = 13 * 9LL * LN_NAT / 32, most = 52 * LN_NAT;

	if (gain <= free)
		return after == (gain + before > 0 ? (u64)(gain + before) : 0);
	return after >= before + free && after <= before + most && after <= before + gain;
}

static void detect_random(struct kunit *test)
{
	struct t_detect *t = test->priv;
	unsigned int i, j, wrong = 0;
	struct rnd_state rnd;
	u64 trials, errors;

	t_random(test, &rnd);
	for (i = 0; i < 20000; i++) {
		if (t->d.verdict == LN_CORRUPTING || !(prandom_u32_state(&rnd) % 20))
			ln_detect_reset(&t->d);
		/* What a sample can hold in 68 years; errors few, or none, or any. */
		trials = 1 + (t_random_u64(&rnd) >> 20);
		errors = prandom_u32_state(&rnd) % 4;
		if (errors == 3)
			errors = t_random_u64(&rnd) >> 45;
		errors = min(errors, trials);
		t->before = t->d;
		add(test, trials, errors, t_random_u64(&rnd) >> 20);
		for (j = 0; j < t->cfg.n_alts; j++)
			wrong += !evidence_right(t->before.run[j].evidence, t->d.run[j].evidence,
						 exact_gain(&t->cfg.alt[j], trials, errors));
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

static bool view_sane(const struct ln_detect_view *v)
{
	return v->corrupting <= 1000 && v->healthy <= 1000 && v->loss_lo <= v->loss &&
	       v->loss <= v->loss_hi && v->loss_hi <= LN_PPT && v->errors <= v->trials;
}

static void detect_extremes(struct kunit *test)
{
	static const u64 p0s[] = { LN_P0_MIN, LN_P0_DEFAULT, LN_P0_MAX };
	struct t_detect *t = test->priv;
	unsigned int i, j, wrong = 0;
	struct rnd_state rnd;

	t_random(test, &rnd);
	for (i = 0; i < ARRAY_SIZE(p0s) * 2; i++) {
		KUNIT_ASSERT_EQ(test, 0, ln_detect_cfg_init(&t->cfg, p0s[i / 2], p0s[i / 2] * 2,
							    i & 1 ? LN_BOUND_MIN : LN_BOUND_MAX,
							    i & 1 ? LN_MISS_MIN : LN_MISS_MAX));
		ln_detect_reset(&t->d);
		for (j = 0; j < 2000; j++) {
			add(test, t_random_u64(&rnd), t_random_u64(&rnd), t_random_u64(&rnd));
			wrong += !view_sane(view(test));
			if (!(prandom_u32_state(&rnd) % 50))
				ln_detect_reset(&t->d);
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
}

/* Garwood's limits from 30 digits, for 10^6 trials, so that ppt are 10^-6 errors. */
static void detect_interval(struct kunit *test)
{
	static const struct {
		u64 errors, upper, lo, hi, slack;
	} cases[] = {
		{ 0, 2995733, 0, 3688880, 0 },
		{ 1, 4743865, 25317, 5571644, 0 },
		{ 3, 7753657, 618672, 8767274, 0 },
		{ 10, 16962220, 4795388, 18390357, 0 },
		{ 31, 41837631, 21062995, 44002026, 0 },
		/* No longer from a table: on the safe side, by less than half an error. */
		{ 32, 42982454, 21887976, 45174453, 500000 },
		{ 100, 118079273, 81363991, 121626794, 500000 },
		{ 1000, 1053603123, 938973018, 1063952137, 500000 },
	};
	unsigned int i;
	u64 lo, hi, upper;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		upper = ln_loss_upper(1000000, cases[i].errors);
		ln_loss_interval(1000000, cases[i].errors, &lo, &hi);
		KUNIT_EXPECT_GE(test, upper, cases[i].upper);
		KUNIT_EXPECT_LE(test, upper, cases[i].upper + cases[i].slack);
		KUNIT_EXPECT_LE(test, lo, cases[i].lo);
		KUNIT_EXPECT_GE(test, lo + cases[i].slack, cases[i].lo);
		KUNIT_EXPECT_GE(test, hi, cases[i].hi);
		KUNIT_EXPECT_LE(test, hi, cases[i].hi + cases[i].slack);
	}
	KUNIT_EXPECT_EQ(test, ln_loss_upper(10000000000ULL, 7), 1315ULL);
	KUNIT_EXPECT_EQ(test, ln_loss_upper(0, 0), LN_PPT);
	KUNIT_EXPECT_EQ(test, ln_loss_upper(7, 7), LN_PPT);
	KUNIT_EXPECT_EQ(test, ln_loss_upper(U64_MAX, U64_MAX), LN_PPT);
	KUNIT_EXPECT_EQ(test, ln_loss_upper(U64_MAX, 0), 1ULL);
	KUNIT_EXPECT_EQ(test, ln_loss(0, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, ln_loss(U64_MAX, U64_MAX / 2), LN_PPT / 2 - 1);
}

static struct kunit_case detect_cases[] = {
	KUNIT_CASE(detect_cfg),
	KUNIT_CASE(detect_evidence),
	KUNIT_CASE(detect_decides),
	KUNIT_CASE(detect_alpha),
	KUNIT_CASE(detect_healthy),
	KUNIT_CASE(detect_latch),
	KUNIT_CASE(detect_stray),
	KUNIT_CASE(detect_burst),
	KUNIT_CASE(detect_random),
	KUNIT_CASE(detect_extremes),
	KUNIT_CASE(detect_interval),
	{}
};

static struct kunit_suite detect_suite = {
	.name = "link_detect",
	.init = detect_init,
	.test_cases = detect_cases,
};

kunit_test_suite(detect_suite);
