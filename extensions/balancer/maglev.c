// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maglev's lookup table. Each backend walks the places in an order of its own,
 * which its address and the seed decide, and takes the next free one when it is
 * its turn. So each has its share, and when one goes, the others keep nearly all
 * of what they had: only what it leaves is divided.
 */
#include "balancer.h"

struct walk {
	u32 at;
	u32 skip;
	u32 credit;
};

/* Mixes two words well enough that the low bits of the outcome depend on all of them. */
u64 balancer_mix(u64 a, u64 b)
{
	u64 x = a * 0x9e3779b97f4a7c15ULL;

	x ^= x >> 32;
	x = (x ^ b) * 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	x *= 0x9e3779b97f4a7c15ULL;
	x ^= x >> 29;
	x *= 0xd6e8feb86659fd93ULL;
	return x ^ x >> 32;
}

static u32 weight(const struct balancer_backend *b)
{
	return b->weight ? b->weight : 1;
}

static u32 heaviest(const struct balancer_backend *backends)
{
	u32 i, most = 0;

	for (i = 0; i < BALANCER_BACKENDS; i++) {
		if (backends[i].health == BALANCER_UP)
			most = max(most, weight(&backends[i]));
	}
	return most;
}

static void walks_start(struct walk *walks, const struct balancer_backend *backends, u64 seed)
{
	u64 hash;
	u32 i;

	for (i = 0; i < BALANCER_BACKENDS; i++) {
		hash = balancer_mix(seed ^ backends[i].addr[0],
				    backends[i].addr[1] ^ ext_cpu16(backends[i].port));
		walks[i].at = (u32)hash % BALANCER_TABLE;
		walks[i].skip = (u32)(hash >> 32) % (BALANCER_TABLE - 1) + 1;
		walks[i].credit = 0;
	}
}

/* The backend's next free place; every place is on its way, since the table's size is prime. */
static void take_place(u8 *table, struct walk *w, u32 backend)
{
	u32 at = w->at, i;

	for (i = 0; i < BALANCER_TABLE; i++) {
		if (table[at] == BALANCER_NOBODY) {
			table[at] = backend;
			w->at = at;
			return;
		}
		at += w->skip;
		if (at >= BALANCER_TABLE)
			at -= BALANCER_TABLE;
	}
}

/**
 * balancer_maglev_fill() - make a service's lookup table
 * @table: BALANCER_TABLE numbers of backends; BALANCER_NOBODY where none is up
 * @backends: BALANCER_BACKENDS; those up count, each with its weight
 * @seed: of the service
 */
void balancer_maglev_fill(u8 *table, const struct balancer_backend *backends, u64 seed)
{
	struct walk walks[BALANCER_BACKENDS];
	u32 most = heaviest(backends), left = BALANCER_TABLE, i;

	memset(table, BALANCER_NOBODY, BALANCER_TABLE);
	if (!most)
		return;
	walks_start(walks, backends, seed);
	while (left) {
		for (i = 0; i < BALANCER_BACKENDS && left; i++) {
			if (backends[i].health != BALANCER_UP)
				continue;
			walks[i].credit += weight(&backends[i]);
			if (walks[i].credit < most)
				continue;
			walks[i].credit -= most;
			take_place(table, &walks[i], i);
			left--;
		}
	}
}
