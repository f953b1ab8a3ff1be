// SPDX-License-Identifier: GPL-2.0-only
/* What the unit tests of ashlar_link share: random input that can be repeated. */
#include <linux/module.h>
#include <linux/random.h>

#include "link_fixture.h"

void t_random(struct kunit *test, struct rnd_state *rnd)
{
#ifdef ASHLAR_SEED
	u64 seed = ASHLAR_SEED;
#else
	u64 seed = get_random_u32();
#endif

	prandom_seed_state(rnd, seed);
	kunit_info(test, "ASHLAR_SEED=%llu\n", seed);
}

u64 t_random_u64(struct rnd_state *rnd)
{
	u64 x = (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);

	switch (prandom_u32_state(rnd) % 16) {
	case 0:
		return 0;
	case 1:
		return U64_MAX;
	case 2:
		return 1ULL << (x % 64);
	default:
		return x >> prandom_u32_state(rnd) % 64;
	}
}

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Unit tests of ashlar_link");
MODULE_AUTHOR("The Ashlar authors");
MODULE_IMPORT_NS(ASHLAR_LINK_TEST);
