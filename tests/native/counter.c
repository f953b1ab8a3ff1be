// SPDX-License-Identifier: GPL-2.0-only
/* native: modules/link/counter.c */
/* Counters of ashlar_link that wrap, reset, stand still or are not there; and codewords by time. */
#include "../../modules/link/counter.h"
#include "native.h"

#define SECOND	1000000000ULL

/* Two snapshots of one counter, @seconds apart, at 100 Gb/s. */
static enum ln_snapshot two(u64 from, u64 to, u64 seconds, u64 *delta)
{
	struct ln_counters set = { 0 };
	u64 elapsed;

	ln_counters_update(&set, &from, 1, SECOND, ln_frames_max(100000), delta, &elapsed);
	return ln_counters_update(&set, &to, 1, (1 + seconds) * SECOND, ln_frames_max(100000),
				  delta, &elapsed);
}

static void test_pairs(void)
{
	static const struct {
		u64 from, to, seconds;
		enum ln_snapshot result;
		u64 delta;
		const char *what;
	} cases[] = {
		{ 5, 1005, 1, LN_SNAP_COUNTED, 1000, "counting" },
		{ 1000, 1000, 1, LN_SNAP_SAME, 0, "standing still" },
		{ 0xfffffff0, 0x10, 1, LN_SNAP_COUNTED, 0x20, "32 bits wrap" },
		{ 0xffffffff, 0, 1, LN_SNAP_COUNTED, 1, "32 bits wrap to nothing" },
		{ 0xffffffff0, 0x10, 1, LN_SNAP_COUNTED, 0x20, "36 bits wrap" },
		{ 0xfffffffff0, 0x10, 1, LN_SNAP_COUNTED, 0x20, "40 bits wrap" },
		{ 0xfffffffffff0, 0x10, 1, LN_SNAP_COUNTED, 0x20, "48 bits wrap" },
		{ U64_MAX - 0xf, 0x10, 1, LN_SNAP_COUNTED, 0x20, "64 bits wrap" },
		{ 0xc0000000, 0x10, 1, LN_SNAP_RESET, 0, "more than the line carries is no wrap" },
		{ 0xc0000000, 0x10, 8, LN_SNAP_COUNTED, 0x40000010, "in more time it is one" },
		{ 0xc0000000, 0x10, 60, LN_SNAP_RESET, 0, "when it may wrap twice it is a reset" },
		{ 5, 0, 1, LN_SNAP_RESET, 0, "a small counter is reset" },
		{ 5000000, 3, 1, LN_SNAP_RESET, 0, "a counter is reset and counts" },
		{ 5, 5ULL << 32, 1, LN_SNAP_RESET, 0, "a leap that no line carries" },
		{ 5, LN_NOT_SET, 1, LN_SNAP_UNSUPPORTED, 0, "a counter is gone" },
		{ LN_NOT_SET, LN_NOT_SET, 1, LN_SNAP_UNSUPPORTED, 0, "a counter never was there" },
		{ LN_NOT_SET, 5, 1, LN_SNAP_BASE, 0, "a counter appears" },
		{ 0, 0, 1, LN_SNAP_SAME, 0, "zero is not unsupported" },
	};
	enum ln_snapshot result;
	unsigned int i;
	u64 delta;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		result = two(cases[i].from, cases[i].to, cases[i].seconds, &delta);
		ok(result == cases[i].result && delta == cases[i].delta, "%s", cases[i].what);
	}
}

static void test_set(void)
{
	u64 values[3] = { 1000, 7, LN_NOT_SET }, delta[3], elapsed;
	struct ln_counters set = { 0 };
	u64 top = ln_frames_max(10000);

	ok(ln_counters_update(&set, values, 3, SECOND, top, delta, &elapsed) == LN_SNAP_BASE &&
	   ln_counter_supported(&set, 0) && !ln_counter_supported(&set, 2), "a base line");
	ok(ln_counters_update(&set, values, 3, 5 * SECOND, top, delta, &elapsed) ==
	   LN_SNAP_SAME && !elapsed, "a cached snapshot");
	values[0] += 500;
	ok(ln_counters_update(&set, values, 3, 6 * SECOND, top, delta, &elapsed) ==
	   LN_SNAP_COUNTED && delta[0] == 500 && !delta[1] && elapsed == 5 * SECOND,
	   "the next one covers its time, too");
	values[2] = 90;
	values[1]++;
	ok(ln_counters_update(&set, values, 3, 7 * SECOND, top, delta, &elapsed) ==
	   LN_SNAP_COUNTED && delta[1] == 1 && !delta[2], "one that appears does not count at once");
	values[2]++;
	ln_counters_update(&set, values, 3, 8 * SECOND, top, delta, &elapsed);
	ok(delta[2] == 1 && set.total[0] == 500 && set.total[1] == 1 && set.total[2] == 1,
	   "but then, and the totals add up");
	values[0] += 10;
	values[1] = 0;
	ok(ln_counters_update(&set, values, 3, 9 * SECOND, top, delta, &elapsed) ==
	   LN_SNAP_RESET && !delta[0] && !delta[1] && !elapsed, "one that is reset resets all");
	values[0] += 10;
	ok(ln_counters_update(&set, values, 3, 10 * SECOND, top, delta, &elapsed) ==
	   LN_SNAP_COUNTED && delta[0] == 10 && elapsed == SECOND, "from the new base line they count");
	ln_counters_rebase(&set);
	values[0] += 10;
	ok(ln_counters_update(&set, values, 3, 11 * SECOND, top, delta, &elapsed) ==
	   LN_SNAP_BASE && set.total[0] == 510, "a base line by hand; the totals stay");
	values[0] += 10;
	ok(ln_counters_update(&set, values, 3, 5 * SECOND, top, delta, &elapsed) ==
	   LN_SNAP_COUNTED && delta[0] == 10 && !elapsed, "a clock that steps back");
}

/* A counter of @bits behind a cache, polled at random: what is counted is what was. */
static void test_truth(struct rnd *r, unsigned int bits)
{
	u64 per_second = ln_frames_max(25000), now = SECOND, shown = 0, truth, begin, covered = 0;
	u64 value, delta, elapsed, start = SECOND, seen, step;
	struct ln_counters set = { 0 };
	enum ln_snapshot result;
	unsigned int i, resets = 0;

	truth = rnd_u64(r) >> 1;
	begin = truth;
	shown = truth;
	seen = truth;
	for (i = 0; i < 20000; i++) {
		value = shown & (U64_MAX >> (64 - bits));
		result = ln_counters_update(&set, &value, 1, now, per_second, &delta, &elapsed);
		resets += result == LN_SNAP_RESET;
		if (result == LN_SNAP_COUNTED) {
			covered += elapsed;
			seen = shown;
			start = now;
		}
		step = 1 + rnd_below(r, 2 * SECOND);
		now += step;
		truth += rnd_below(r, per_second) * step / SECOND;
		/* The cache is refreshed, or not. */
		if (rnd_below(r, 4))
			shown = truth;
	}
	ok(!resets && set.total[0] == seen - begin && covered == start - SECOND,
	   "%u bits: %.3g counted through wraps and caches", bits, (double)set.total[0]);
}

static void test_codewords(struct rnd *r)
{
	static const struct {
		enum ln_fec fec;
		u32 mbps;
		double coded, bits;
		const char *what;
	} cases[] = {
		{ LN_FEC_RS544, 100000, 106.25e9, 5440, "100G RS(544,514)" },
		{ LN_FEC_RS528, 100000, 103.125e9, 5280, "100G RS(528,514)" },
		{ LN_FEC_RS528, 25000, 25.78125e9, 5280, "25G RS(528,514)" },
		{ LN_FEC_RS544, 400000, 425e9, 5440, "400G RS(544,514)" },
		{ LN_FEC_BASER, 10000, 10.3125e9, 2112, "10G BASE-R" },
		{ LN_FEC_BASER, 25000, 25.78125e9, 2112, "25G BASE-R" },
		{ LN_FEC_LLRS, 50000, 53.125e9, 2720, "50G RS(272,258)" },
	};
	unsigned int i, j, bad;
	double exact, got;
	u64 ns;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bad = 0;
		for (j = 0; j < 1000; j++) {
			ns = rnd_u64(r) >> (3 + rnd_below(r, 61));
			exact = cases[i].coded / cases[i].bits * (ns / 1e9);
			got = ln_codewords(cases[i].fec, cases[i].mbps, ns);
			bad += got > exact + exact / 1e12 || got < exact - exact / 1e6 - 1;
		}
		ok(!bad, "codewords of %s: %.4g a second", cases[i].what,
		   (double)ln_codewords(cases[i].fec, cases[i].mbps, SECOND));
	}
	ok(!ln_codewords(LN_FEC_NONE, 100000, SECOND), "none without FEC");
	ok(!ln_codewords(LN_FEC_RS544, 0, SECOND) && !ln_codewords(LN_FEC_RS544, U32_MAX, SECOND),
	   "none at an unknown speed");
	ok(ln_codewords(LN_FEC_LLRS, U32_MAX - 1, U64_MAX) > 1ULL << 60, "absurd speed and time");
}

static void test_clock(void)
{
	struct ln_fec_clock clock = { 0 };
	u64 second = ln_codewords(LN_FEC_RS544, 100000, SECOND);

	ok(!ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, SECOND, false) &&
	   !ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, SECOND, false),
	   "counters that stand still get no codewords");
	ok(ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, SECOND, true) == 3 * second,
	   "when they move they get those of all the time");
	ok(ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, SECOND, true) == second, "once");
	ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, SECOND, false);
	ln_fec_clock_reset(&clock);
	ok(ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, SECOND, true) == second,
	   "what was before a reset is lost");
	ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, U64_MAX, false);
	ok(ln_fec_clock_add(&clock, LN_FEC_RS544, 100000, U64_MAX, true) > 1ULL << 50,
	   "time that does not fit");
}

int main(void)
{
	struct rnd rnd;

	rnd_seed(&rnd, native_seed());
	test_pairs();
	test_set();
	test_truth(&rnd, 32);
	test_truth(&rnd, 36);
	test_truth(&rnd, 40);
	test_truth(&rnd, 48);
	test_truth(&rnd, 64);
	ok(ln_frames_max(100000) == 148809523 && ln_frames_max(0) == ln_frames_max(800000) &&
	   ln_frames_max(U32_MAX) == ln_frames_max(0), "frames that a line carries");
	test_codewords(&rnd);
	test_clock();
	return done();
}
