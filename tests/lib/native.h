/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the native tests of the pure cores share: KTAP, and random numbers that
 * can be repeated. ASHLAR_SEED in the environment repeats a run: it is what the
 * test printed.
 */
#ifndef ASHLAR_TESTS_NATIVE_H
#define ASHLAR_TESTS_NATIVE_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define attribute	__attribute__
#define __printf(format, first) \
	attribute((__format__(__printf__, format, first)))

static int native_count, native_failed;

/* One line of the verdict; returns @good. */
static inline bool ok(bool good, const char *format, ...) __printf(2, 3);

static inline bool ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d ", good ? "" : "not ", ++native_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	native_failed += !good;
	return good;
}

/* The plan comes last; returns what main() returns. */
static inline int done(void)
{
	printf("1..%d\n", native_count);
	return native_failed || !native_count;
}

/* xorshift64*, filled by splitmix64 so that near seeds are not alike. */
struct rnd {
	uint64_t state;
};

static inline void rnd_seed(struct rnd *r, uint64_t seed)
{
	uint64_t z = seed + 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	r->state = z ? z : 1;
}

static inline uint64_t rnd_u64(struct rnd *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return r->state * 0x2545f4914f6cdd1dULL;
}

/* The bias does not matter here. */
static inline uint64_t rnd_below(struct rnd *r, uint64_t n)
{
	return rnd_u64(r) % n;
}

/* In (0, 1]. */
static inline double rnd_unit(struct rnd *r)
{
	return ((rnd_u64(r) >> 11) + 1) / 9007199254740992.0;
}

static inline double rnd_exp(struct rnd *r, double mean)
{
	return -log(rnd_unit(r)) * mean;
}

/* The seed of the environment, else a new one; printed. */
static inline uint64_t native_seed(void)
{
	const char *given = getenv("ASHLAR_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) << 16 ^ getpid();

	seed &= 0xffffffff;
	printf("# ASHLAR_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

#endif /* ASHLAR_TESTS_NATIVE_H */
