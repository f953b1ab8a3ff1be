/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SipHash-1-3 with 64 bits of result: what Linux calls HalfSipHash on 64-bit
 * machines, but with the whole result, and inline. It keeps those who do not
 * know the key from making buckets collide; more is not asked of it.
 */
#ifndef ASHLAR_EXT_SIP_H
#define ASHLAR_EXT_SIP_H

#include <linux/siphash.h>

/**
 * ex_sip() - hash of words
 * @key: secret
 * @words: zero-padded
 * @n: count of @words
 * @bytes: length of what the words hold
 *
 * Return: the hash.
 */
static __always_inline u64 ex_sip(const siphash_key_t *key, const u64 *words,
				  u32 n, u64 bytes)
{
	u64 v0 = SIPHASH_CONST_0 ^ key->key[0];
	u64 v1 = SIPHASH_CONST_1 ^ key->key[1];
	u64 v2 = SIPHASH_CONST_2 ^ key->key[0];
	u64 v3 = SIPHASH_CONST_3 ^ key->key[1];
	u64 last = bytes << 56;
	u32 i;

	for (i = 0; i < n; i++) {
		v3 ^= words[i];
		SIPHASH_PERMUTATION(v0, v1, v2, v3);
		v0 ^= words[i];
	}
	v3 ^= last;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	v0 ^= last;
	v2 ^= 0xff;
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	SIPHASH_PERMUTATION(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

#endif /* ASHLAR_EXT_SIP_H */
