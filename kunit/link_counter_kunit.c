// SPDX-License-Identifier: GPL-2.0-only
/* Device counters that wrap, reset, stand still or are not there; and codewords by time. */
#include <kunit/test.h>
#include <linux/ethtool_netlink.h>
#include <linux/time64.h>

#include "../modules/link/counter.h"
#include "link_fixture.h"

static void counter_not_set(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, LN_NOT_SET, (u64)ETHTOOL_STAT_NOT_SET);
}

static void counter_pairs(struct kunit *test)
{
	static const struct {
		const char *what;
		u64 from, to, seconds;
		enum ln_snapshot result;
		u64 delta;
	} cases[] = {
		{ "counting", 5, 1005, 1, LN_SNAP_COUNTED, 1000 },
		{ "standing still", 1000, 1000, 1, LN_SNAP_SAME, 0 },
		{ "zero", 0, 0, 1, LN_SNAP_SAME, 0 },
		{ "32 bits", U32_MAX - 15, 16, 1, LN_SNAP_COUNTED, 32 },
		{ "32 bits to 0", U32_MAX, 0, 1, LN_SNAP_COUNTED, 1 },
		{ "36 bits", 0xffffffff0, 16, 1, LN_SNAP_COUNTED, 32 },
		{ "40 bits", 0xfffffffff0, 16, 1, LN_SNAP_COUNTED, 32 },
		{ "48 bits", 0xfffffffffff0, 16, 1, LN_SNAP_COUNTED, 32 },
		{ "64 bits", U64_MAX - 15, 16, 1, LN_SNAP_COUNTED, 32 },
		{ "too much for a wrap", 0xc0000000, 16, 1, LN_SNAP_RESET, 0 },
		{ "not too much in 8 s", 0xc0000000, 16, 8, LN_SNAP_COUNTED, 0x40000010 },
		{ "two wraps in a minute", 0xc0000000, 16, 60, LN_SNAP_RESET, 0 },
		{ "reset to 0", 5, 0, 1, LN_SNAP_RESET, 0 },
		{ "reset, then counting", 5000000, 3, 1, LN_SNAP_RESET, 0 },
		{ "a leap", 5, 5ULL << 32, 1, LN_SNAP_RESET, 0 },
		{ "gone", 5, LN_NOT_SET, 1, LN_SNAP_UNSUPPORTED, 0 },
		{ "never there", LN_NOT_SET, LN_NOT_SET, 1, LN_SNAP_UNSUPPORTED, 0 },
		{ "appearing", LN_NOT_SET, 5, 1, LN_SNAP_BASE, 0 },
	};
	u64 top = ln_frames_max(100000), delta, elapsed;
	struct ln_counters set;
	enum ln_snapshot result;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&set, 0, sizeof(set));
		ln_counters_update(&set, &cases[i].from, 1, NSEC_PER_SEC, top, &delta, &elapsed);
		result = ln_counters_update(&set, &cases[i].to, 1,
					    (1 + cases[i].seconds) * NSEC_PER_SEC, top, &delta,
					    &elapsed);
		KUNIT_EXPECT_EQ_MSG(test, result, cases[i].result, "%s", cases[i].what);
		KUNIT_EXPECT_EQ_MSG(test, delta, cases[i].delta, "%s", cases[i].what);
		KUNIT_EXPECT_EQ_MSG(test, set.total[0], cases[i].delta, "%s", cases[i].what);
		if (result != LN_SNAP_COUNTED)
			KUNIT_EXPECT_EQ_MSG(test, elapsed, 0ULL, "%s", cases[i].what);
		else
			KUNIT_EXPECT_EQ_MSG(test, elapsed, cases[i].seconds * NSEC_PER_SEC, "%s",
					    cases[i].what);
	}
}

/* Three counters, of which the last comes late and the second is reset. */
static void counter_set(struct kunit *test)
{
	static const struct {
		u64 values[3];
		enum ln_snapshot result;
		u64 deltas[3];
		u64 elapsed;
	} steps[] = {
		{ { 1000, 7, LN_NOT_SET }, LN_SNAP_BASE, {}, 0 },
		{ { 1000, 7, LN_NOT_SET }, LN_SNAP_SAME, {}, 0 },
		{ { 1500, 7, LN_NOT_SET }, LN_SNAP_COUNTED, { 500, 0, 0 }, 2 },
		{ { 1500, 8, 90 }, LN_SNAP_COUNTED, { 0, 1, 0 }, 1 },
		{ { 1500, 8, 91 }, LN_SNAP_COUNTED, { 0, 0, 1 }, 1 },
		{ { 1510, 0, 91 }, LN_SNAP_RESET, {}, 0 },
		{ { 1510, 0, 91 }, LN_SNAP_SAME, {}, 0 },
		{ { 1520, 1, 91 }, LN_SNAP_COUNTED, { 10, 1, 0 }, 2 },
		{ { 1520, LN_NOT_SET, 91 }, LN_SNAP_SAME, {}, 0 },
		{ { 1521, 50, 91 }, LN_SNAP_COUNTED, { 1, 0, 0 }, 2 },
	};
	u64 now = NSEC_PER_SEC, deltas[3], elapsed;
	struct ln_counters set = {};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(steps); i++, now += NSEC_PER_SEC) {
		KUNIT_EXPECT_EQ_MSG(test, ln_counters_update(&set, steps[i].values, 3, now,
							     ln_frames_max(10000), deltas,
							     &elapsed),
				    steps[i].result, "step %u", i);
		for (j = 0; j < 3; j++)
			KUNIT_EXPECT_EQ_MSG(test, deltas[j], steps[i].deltas[j], "step %u", i);
		KUNIT_EXPECT_EQ_MSG(test, elapsed, steps[i].elapsed * NSEC_PER_SEC, "step %u", i);
	}
	KUNIT_EXPECT_TRUE(test, ln_counter_supported(&set, 2));
	KUNIT_EXPECT_EQ(test, set.total[0], 511ULL);
	ln_counters_rebase(&set);
	KUNIT_EXPECT_FALSE(test, ln_counter_supported(&set, 2));
	KUNIT_EXPECT_EQ(test, set.total[0], 511ULL);
}

/* A counter of some width behind a cache, polled at random: what is counted is what was shown. */
static void counter_random(struct kunit *test)
{
	static const unsigned int widths[] = { 32, 36, 40, 48, 64 };
	u64 top = ln_frames_max(25000), now, truth, shown, counted, value, delta, elapsed;
	struct ln_counters set;
	struct rnd_state rnd;
	unsigned int i, j;

	t_random(test, &rnd);
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		memset(&set, 0, sizeof(set));
		truth = t_random_u64(&rnd) >> 1;
		shown = truth;
		counted = 0;
		for (j = 0, now = 1; j < 5000; j++) {
			value = shown & (U64_MAX >> (64 - widths[i]));
			KUNIT_EXPECT_NE(test, ln_counters_update(&set, &value, 1, now, top, &delta,
								 &elapsed), LN_SNAP_RESET);
			now += NSEC_PER_SEC;
			delta = prandom_u32_state(&rnd) % top;
			truth += delta;
			counted += delta;
			/* At most every second snapshot is an old one. */
			if (j & 1 || prandom_u32_state(&rnd) % 2)
				shown = truth;
		}
		counted -= truth - shown;
		value = shown & (U64_MAX >> (64 - widths[i]));
		ln_counters_update(&set, &value, 1, now, top, &delta, &elapsed);
		KUNIT_EXPECT_EQ_MSG(test, set.total[0], counted, "%u bits", widths[i]);
	}
}

static void counter_codewords(struct kunit *test)
{
	static const struct {
		enum ln_fec fec;
		u32 speed_mbps;
		u64 a_second;
	} cases[] = {
		{ LN_FEC_NONE, 100000, 0 },
		{ LN_FEC_RS544, 0, 0 },
		{ LN_FEC_RS544, U32_MAX, 0 },
		/* 106.25e9 / 5440, 103.125e9 / 5280, 10.3125e9 / 2112, 53.125e9 / 2720 */
		{ LN_FEC_RS544, 100000, 19531250 },
		{ LN_FEC_RS528, 100000, 19531250 },
		{ LN_FEC_RS528, 25000, 4882812 },
		{ LN_FEC_BASER, 10000, 4882812 },
		{ LN_FEC_LLRS, 50000, 19531250 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ(test, ln_codewords(cases[i].fec, cases[i].speed_mbps, NSEC_PER_SEC),
				cases[i].a_second);
		KUNIT_EXPECT_EQ(test, ln_codewords(cases[i].fec, cases[i].speed_mbps,
						   3600 * NSEC_PER_SEC + NSEC_PER_SEC / 2),
				cases[i].a_second * 3600 + cases[i].a_second / 2);
	}
	KUNIT_EXPECT_GT(test, ln_codewords(LN_FEC_LLRS, U32_MAX - 1, U64_MAX), 1ULL << 60);
	KUNIT_EXPECT_EQ(test, ln_frames_max(100000), 148809523ULL);
	KUNIT_EXPECT_EQ(test, ln_frames_max(0), ln_frames_max(U32_MAX));
}

static void counter_clock(struct kunit *test)
{
	struct ln_fec_clock clock = {};
	unsigned int i;

	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, NSEC_PER_SEC,
						       false), 0ULL);
	KUNIT_EXPECT_EQ(test, ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, NSEC_PER_SEC, true),
			11 * 19531250ULL);
	KUNIT_EXPECT_EQ(test, ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, NSEC_PER_SEC, true),
			19531250ULL);
	ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, NSEC_PER_SEC, false);
	ln_fec_clock_reset(&clock);
	KUNIT_EXPECT_EQ(test, ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, 0, true), 0ULL);
	ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, U64_MAX, false);
	ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, U64_MAX, false);
	KUNIT_EXPECT_EQ(test, clock.pending_ns, U64_MAX);
}

static struct kunit_case counter_cases[] = {
	KUNIT_CASE(counter_not_set),
	KUNIT_CASE(counter_pairs),
	KUNIT_CASE(counter_set),
	KUNIT_CASE(counter_random),
	KUNIT_CASE(counter_codewords),
	KUNIT_CASE(counter_clock),
	{}
};

static struct kunit_suite counter_suite = {
	.name = "link_counter",
	.test_cases = counter_cases,
};

kunit_test_suite(counter_suite);
