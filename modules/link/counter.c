// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deltas of device counters.
 *
 * A value below the last one is a wrap if some width makes it a delta that the
 * line could have carried meanwhile, and a reset if none does. A value too far
 * above the last one is a reset as well: the counter started again and the
 * driver, or whoever replaced the device, added something. After a reset the
 * whole set starts anew, since the device resets whole, too.
 *
 * A snapshot in which nothing moved comes from an idle link or from a cache;
 * it cannot be told which and need not be: nothing is counted, and the next
 * change is taken to cover all the time since the last one.
 */
#include "counter.h"

#define NS_PER_S	1000000000U

/* Of the unknown line: the fastest there is. */
#define SPEED_FASTEST	800000U
/* No line is faster; keeps ln_codewords() within 64 bits. */
#define SPEED_LIMIT	3000000U
#define SPEED_NONE	U32_MAX

/* The shortest frame with its preamble and gap. */
#define FRAME_BITS_MIN	672U

/* Hardware counters that drivers pass on as they are. */
static const u8 widths[] = { 32, 36, 40, 48, 64 };

/*
 * What a counter may have gained in @elapsed_ns: twice what the line carries,
 * and two seconds of it, since the snapshot at the beginning may have been an
 * old one from a cache.
 */
static u64 gain_limit(u64 per_second, u64 elapsed_ns)
{
	u64 limit;

	if (check_mul_overflow(per_second, div_u64(elapsed_ns, NS_PER_S / 2) + 2, &limit))
		return U64_MAX;
	return limit;
}

/* The delta from @last to @value, false if the counter was reset. */
static bool counter_delta(u64 last, u64 value, u64 limit, u64 *delta)
{
	unsigned int i;
	u64 top;

	if (value >= last) {
		*delta = value - last;
		return *delta <= limit;
	}
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		/* The largest value; a width that may wrap twice in this time tells nothing. */
		top = U64_MAX >> (64 - widths[i]);
		if (last > top || limit >= top)
			continue;
		*delta = (value - last) & top;
		if (*delta <= limit)
			return true;
	}
	return false;
}

void ln_counters_rebase(struct ln_counters *set)
{
	set->known = 0;
	memset(set->last, 0, sizeof(set->last));
}

/* Whether a counter that has a base line has moved. */
static bool snapshot_moved(const struct ln_counters *set, const u64 *values, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if ((set->known & BIT(i)) && values[i] != LN_NOT_SET && values[i] != set->last[i])
			return true;
	}
	return false;
}

/* @values become the base line; says which counters have one. */
static u32 snapshot_take(struct ln_counters *set, const u64 *values, unsigned int n)
{
	unsigned int i;

	set->known = 0;
	for (i = 0; i < n; i++) {
		if (values[i] == LN_NOT_SET)
			continue;
		set->last[i] = values[i];
		set->known |= BIT(i);
	}
	return set->known;
}

static bool snapshot_deltas(const struct ln_counters *set, const u64 *values, unsigned int n,
			    u64 limit, u64 *deltas)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!(set->known & BIT(i)) || values[i] == LN_NOT_SET)
			continue;
		if (!counter_delta(set->last[i], values[i], limit, &deltas[i])) {
			memset(deltas, 0, n * sizeof(*deltas));
			return false;
		}
	}
	return true;
}

enum ln_snapshot ln_counters_update(struct ln_counters *set, const u64 *values, unsigned int n,
				    u64 now_ns, u64 per_second, u64 *deltas, u64 *elapsed_ns)
{
	u64 elapsed = now_ns > set->since_ns ? now_ns - set->since_ns : 0;
	bool first = !set->known;
	unsigned int i;

	*elapsed_ns = 0;
	n = min_t(unsigned int, n, LN_SET_MAX);
	memset(deltas, 0, n * sizeof(*deltas));
	if (!first && !snapshot_moved(set, values, n))
		return snapshot_take(set, values, n) ? LN_SNAP_SAME : LN_SNAP_UNSUPPORTED;
	if (first || !snapshot_deltas(set, values, n, gain_limit(per_second, elapsed), deltas)) {
		set->since_ns = now_ns;
		if (!snapshot_take(set, values, n))
			return LN_SNAP_UNSUPPORTED;
		return first ? LN_SNAP_BASE : LN_SNAP_RESET;
	}
	for (i = 0; i < n; i++)
		set->total[i] += deltas[i];
	snapshot_take(set, values, n);
	set->since_ns = now_ns;
	*elapsed_ns = elapsed;
	return LN_SNAP_COUNTED;
}

static bool speed_known(u32 speed_mbps)
{
	return speed_mbps && speed_mbps != SPEED_NONE;
}

u64 ln_frames_max(u32 speed_mbps)
{
	if (!speed_known(speed_mbps))
		speed_mbps = SPEED_FASTEST;
	return div_u64((u64)speed_mbps * 1000000, FRAME_BITS_MIN);
}

/*
 * Codewords a second, per Mb/s and times 32: the coded line rate by the bits of
 * a codeword. BASE-R and RS(528,514) are coded at 33/32 of the data rate, the
 * others at 17/16.
 */
static u32 codewords_x32(enum ln_fec fec)
{
	switch (fec) {
	case LN_FEC_BASER:
		return 1031250 * 32 / 2112;
	case LN_FEC_RS528:
		return 1031250 * 32 / 5280;
	case LN_FEC_RS544:
		return 1062500 * 32 / 5440;
	case LN_FEC_LLRS:
		return 1062500 * 32 / 2720;
	case LN_FEC_NONE:
		break;
	}
	return 0;
}

u64 ln_codewords(enum ln_fec fec, u32 speed_mbps, u64 elapsed_ns)
{
	u64 seconds = div_u64(elapsed_ns, NS_PER_S);
	u64 rest = elapsed_ns - seconds * NS_PER_S;
	u64 rate;

	if (!speed_known(speed_mbps))
		return 0;
	rate = (u64)min_t(u32, speed_mbps, SPEED_LIMIT) * codewords_x32(fec) / 32;
	/* 136 years. */
	seconds = min_t(u64, seconds, U32_MAX);
	return rate * seconds + div_u64(rate * rest, NS_PER_S);
}

u64 ln_fec_clock_add(struct ln_fec_clock *clock, enum ln_fec fec, u32 speed_mbps,
		     u64 elapsed_ns, bool alive)
{
	u64 pending = clock->pending_ns + elapsed_ns;

	if (pending < elapsed_ns)
		pending = U64_MAX;
	clock->pending_ns = alive ? 0 : pending;
	return alive ? ln_codewords(fec, speed_mbps, pending) : 0;
}

void ln_fec_clock_reset(struct ln_fec_clock *clock)
{
	clock->pending_ns = 0;
}
