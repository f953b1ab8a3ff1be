/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A policer: each source address may send so many bytes a second, and a burst.
 *
 * rate.c    which rate a source has: the prefixes of the map "rates", compiled
 *           by the request "commit"
 * bucket.c  what a source has left: the map "buckets"
 * main.c    the hook and the counters
 */
#ifndef POLICER_H
#define POLICER_H

#include <ashlar/ext.h>

#define POLICER_RATES	64
#define POLICER_SOURCES	32768

/* Bytes a second. Below the least a packet would take more than a minute. */
#define POLICER_RATE_MIN	1000ULL
#define POLICER_RATE_MAX	125000000000ULL
#define POLICER_BURST_MAX	(1ULL << 32)

/* Time of a byte, in 1/2^20 ns. */
#define POLICER_SHIFT	20

#define POLICER_NO_CLASS	0xff

/* What happens to a packet over the limit. */
enum policer_action {
	POLICER_UNUSED,
	POLICER_DROP,
	POLICER_MARK,
};

enum policer_verdict {
	POLICER_UNLIMITED,	/* no rate matches the source */
	POLICER_WITHIN,
	POLICER_OVER,
};

/* Ways out that "rate_counts" does not know, by number in the map "counts". */
enum policer_count {
	POLICER_N_UNLIMITED,
	POLICER_N_DROPPED,
	POLICER_N_MARKED,
	POLICER_N_OTHER,	/* neither IPv4 nor IPv6: passes */
	POLICER_N_SHORT,	/* the header could not be read: dropped */
	POLICER_N_FULL,		/* no bucket was to be had: passes */
	POLICER_N_MAX,
};

/*
 * Value of the map "rates", whose key is a number below POLICER_RATES; in the
 * byte order of the host but for the address. Of an IPv4 address the first
 * four bytes count.
 */
struct policer_rate {
	u8 addr[16];
	u8 family;	/* 4 or 6 */
	u8 prefix;	/* bits */
	u8 action;	/* enum policer_action; 0: there is no such rate */
	u8 host;	/* bits of an address that make a source; 0: 32, or 64 for IPv6 */
	u32 mark;	/* for POLICER_MARK */
	u64 rate;	/* bytes a second, from the network header on */
	u64 burst;	/* bytes */
};

/* A rate, ready for use. */
struct policer_class {
	u64 prefix[2];
	u64 mask[2];
	u64 host[2];
	u64 byte;	/* time of one: 1 / 2^POLICER_SHIFT ns */
	u64 burst;	/* ns */
	u32 mark;
	u8 family;
	u8 bits;
	u8 action;
	u8 number;	/* in the map "rates" */
};

/* The rates in use; the longest prefix first. */
struct policer_plan {
	struct policer_class class[POLICER_RATES];
	u32 count;
};

struct policer_state {
	struct policer_plan plan[2];
	u32 active;	/* which of them */
	u32 busy;	/* a commit is under way */
};

/* A source: its address, cut to the class's bits, and the class. Key of the map "buckets". */
struct policer_source {
	u64 addr[2];
	u32 family;
	u32 number;
};

const struct policer_plan *policer_plan(void);
u32 policer_rate_find(const struct policer_plan *plan, const struct policer_source *source);
s32 policer_rates_compile(void);

enum policer_verdict policer_bucket_take(const struct policer_plan *plan,
					 struct policer_source *source, u32 bytes, u64 now,
					 u32 *class);

#endif /* POLICER_H */
