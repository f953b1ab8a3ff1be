/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests of all modules share. */
#ifndef ASHLAR_KUNIT_SHARED_H
#define ASHLAR_KUNIT_SHARED_H

#include <asm/unaligned.h>
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/prandom.h>
#include <linux/random.h>

/* Seeds @rnd and prints the seed; see kunit/Kbuild. */
static inline void t_random(struct kunit *test, struct rnd_state *rnd)
{
#ifdef ASHLAR_SEED
	u64 seed = ASHLAR_SEED;
#else
	u64 seed = get_random_u32();
#endif

	prandom_seed_state(rnd, seed);
	kunit_info(test, "ASHLAR_SEED=%llu\n", seed);
}

static inline void t_sip_rounds(u64 v[4], unsigned int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rol64(v[1], 13) ^ v[0];
		v[3] = rol64(v[3], 16) ^ v[2];
		v[0] = rol64(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rol64(v[1], 17) ^ v[2];
		v[3] = rol64(v[3], 21) ^ v[0];
		v[2] = rol64(v[2], 32);
	}
}

/* SipHash-2-4 written anew, to compare with. */
static inline u64 t_siphash(const u8 *data, size_t len, const u8 key[16])
{
	u64 k0 = get_unaligned_le64(key), k1 = get_unaligned_le64(key + 8);
	u64 v[4] = {
		k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
		k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL,
	};
	size_t i;
	u64 m;

	for (i = 0; i <= len / 8; i++) {
		u8 block[8] = {};

		memcpy(block, data + i * 8, min_t(size_t, 8, len - i * 8));
		if (i == len / 8)
			block[7] = len;
		m = get_unaligned_le64(block);
		v[3] ^= m;
		t_sip_rounds(v, 2);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
	t_sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif /* ASHLAR_KUNIT_SHARED_H */
