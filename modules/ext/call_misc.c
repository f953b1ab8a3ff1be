// SPDX-License-Identifier: GPL-2.0-only
/* Calls: time, random numbers, hash; and what memcpy and its like are checked by. */
#include <linux/random.h>
#include <linux/ktime.h>

#include "call.h"
#include "sip.h"

#define HASH_SHORT	64
#define HASH_MAX	65536

u64 ashlar_ext_now(struct ashlar_ext_ctx *abi)
{
	ex_called(ex_ctx(abi), EX_CALL_now, 0);
	return ktime_get_ns();
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_now, ASHLAR_EXT);

u32 ashlar_ext_random(struct ashlar_ext_ctx *abi)
{
	ex_called(ex_ctx(abi), EX_CALL_random, 0);
	return get_random_u32();
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_random, ASHLAR_EXT);

static u64 hash_short(const siphash_key_t *key, const void *at, u32 len)
{
	u64 words[HASH_SHORT / 8];
	u32 n = DIV_ROUND_UP(len, 8);

	if (n)
		words[n - 1] = 0;
	memcpy(words, at, len);
	return ex_sip(key, words, n, len);
}

u64 ashlar_ext_hash(struct ashlar_ext_ctx *abi, const void *at, u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_hash, (u64)at);
	if (unlikely(!ex_buf(ctx, at, len, false)))
		return 0;
	if (likely(len <= HASH_SHORT))
		return hash_short(&ctx->inst->hash_key, at, len);
	if (len > HASH_MAX) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, len,
			"a hash of more than 64 KB");
		return 0;
	}
	return siphash(at, len, &ctx->inst->hash_key);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_hash, ASHLAR_EXT);

/* ASHLAR_EXT_FAULT_* of an access to the packet's window; @code: if it is none. */
static u32 window_check(const struct ashlar_ext_ctx *abi, u64 addr, u64 len, bool write, u32 code)
{
	u64 off = addr - abi->pkt;

	if (off >= abi->pkt_len)
		return code;
	if (len > abi->pkt_len - off)
		return ASHLAR_EXT_FAULT_BOUNDS;
	return write && !abi->pkt_wlen ? ASHLAR_EXT_FAULT_READONLY : 0;
}

void ashlar_ext_range(struct ashlar_ext_ctx *abi, const void *addr, u64 len, u32 write)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	bool precise = ctx->inst->info->flags & ASHLAR_EXT_BUILD_SHADOW;
	u32 code;

	code = ex_arena_check(&ctx->inst->arena, (u64)addr, len, write, precise);
	if (likely(!code))
		return;
	code = window_check(abi, (u64)addr, len, write, code);
	if (!code)
		return;
	ex_stop(ctx, code, (u64)addr, NULL);
	abi->fault_size = min_t(u64, len, ~ASHLAR_EXT_FAULT_WRITE) |
			  (write ? ASHLAR_EXT_FAULT_WRITE : 0);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_range, ASHLAR_EXT);
