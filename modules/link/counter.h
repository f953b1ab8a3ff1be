/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a device's monotonic counters tell between two snapshots. Drivers wrap,
 * reset and cache them, and leave out what their hardware lacks.
 */
#ifndef ASHLAR_LINK_COUNTER_H
#define ASHLAR_LINK_COUNTER_H

#include "core.h"

/* The value of a counter that the driver did not fill: ETHTOOL_STAT_NOT_SET. */
#define LN_NOT_SET		U64_MAX
/* Counters in a set at most. */
#define LN_SET_MAX		6

/* What became of a snapshot. */
enum ln_snapshot {
	LN_SNAP_UNSUPPORTED,	/* no counter is filled */
	LN_SNAP_BASE,		/* the first: a base line, nothing to count */
	LN_SNAP_SAME,		/* unchanged: idle or cached; the next covers this time too */
	LN_SNAP_COUNTED,	/* deltas and elapsed_ns are set */
	LN_SNAP_RESET,		/* fell or leapt: a new base line, this time is not counted */
};

/**
 * struct ln_counters - counters that the device reports together
 * @last: the values last seen
 * @total: what was counted, resets and wraps left out
 * @since_ns: when the last snapshot that changed anything was taken
 * @known: bit per counter that has a base line, i.e. is supported
 *
 * One set per read operation of the driver, since what is cached is cached
 * whole. The caller gives each counter a fixed place in the set. All zeroes is
 * a valid set that has seen nothing. The caller serialises.
 */
struct ln_counters {
	u64 last[LN_SET_MAX];
	u64 total[LN_SET_MAX];
	u64 since_ns;
	u32 known;
};

/* Forgets the base line, not the totals: the device was replaced or reopened. */
void ln_counters_rebase(struct ln_counters *set);

/**
 * ln_counters_update() - count what a new snapshot adds
 * @set: the counters
 * @values: @n of them, LN_NOT_SET where the driver filled nothing
 * @n: at most LN_SET_MAX
 * @now_ns: when @values were read; monotonic
 * @per_second: what no counter of the set can exceed, see ln_frames_max()
 * @deltas: @n of them; 0 unless the result is LN_SNAP_COUNTED. A counter that
 *	is unsupported or that has just appeared has 0 then, too.
 * @elapsed_ns: the time the deltas cover; 0 unless LN_SNAP_COUNTED
 */
enum ln_snapshot ln_counters_update(struct ln_counters *set, const u64 *values, unsigned int n,
				    u64 now_ns, u64 per_second, u64 *deltas, u64 *elapsed_ns);

/* Whether the driver fills the counter at @place. */
static inline bool ln_counter_supported(const struct ln_counters *set, unsigned int place)
{
	return set->known & BIT(place);
}

/* Frames a second that a line of @speed_mbps can carry; 0 (unknown) takes 800 Gb/s. */
u64 ln_frames_max(u32 speed_mbps);

/* Forward error correction on the line. */
enum ln_fec {
	LN_FEC_NONE,
	LN_FEC_BASER,		/* 2112-bit blocks */
	LN_FEC_RS528,		/* RS(528,514) */
	LN_FEC_RS544,		/* RS(544,514) */
	LN_FEC_LLRS,		/* RS(272,258) */
};

/* Codewords in @elapsed_ns, rounded down: they flow on an idle link, too. */
u64 ln_codewords(enum ln_fec fec, u32 speed_mbps, u64 elapsed_ns);

/**
 * struct ln_fec_clock - time for which no codewords were credited yet
 * @pending_ns: since the FEC counters last showed that they are alive
 */
struct ln_fec_clock {
	u64 pending_ns;
};

/**
 * ln_fec_clock_add() - codewords to credit for a sample
 * @clock: of the FEC counters of a link
 * @fec: as the device reports it
 * @speed_mbps: of the link
 * @elapsed_ns: since the last call, with carrier
 * @alive: a counter of the FEC snapshot moved
 *
 * Counters that stand still may be stuck or cached, so their time is kept
 * until they move.
 */
u64 ln_fec_clock_add(struct ln_fec_clock *clock, enum ln_fec fec, u32 speed_mbps,
		     u64 elapsed_ns, bool alive);

/* The carrier went, the FEC mode changed or the counters were reset: that time is lost. */
void ln_fec_clock_reset(struct ln_fec_clock *clock);

#endif /* ASHLAR_LINK_COUNTER_H */
