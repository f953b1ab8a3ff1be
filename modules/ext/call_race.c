// SPDX-License-Identifier: GPL-2.0-only
/*
 * Races of an extension's own data, for what was built with --race. Every now
 * and then an access is watched: what it goes to is written down, and the
 * invocation waits a little before it goes on. Each other access looks through
 * what is written down; one that goes to the same bytes comes at a time when
 * nothing keeps the two apart, and unless both read, or both are atomic, that is
 * a race. So none is told that cannot be; one that is may take a while to be
 * seen. Who watches has the fault, and knows where the other one is.
 *
 * A watch is one word, so that it is taken, hit and given back by one
 * instruction each, in any context.
 */
#include <linux/random.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "call.h"
#include "race.h"

#define WATCHES		16
/* One access of so many is watched, on the average. */
#define SPARE		64
/* How long, and how many rounds at least: an emulated processor may have to wait for its turn. */
#define WATCH_NS	20000
#define WATCH_ROUNDS	3

/*
 * A watch: nothing, or what is watched, or, once it was hit, the offset of the
 * other access in the text.
 */
#define SET		BIT_ULL(63)
#define HIT		BIT_ULL(62)
#define WRITES		BIT_ULL(61)
#define SIZE_SHIFT	32
#define WATCHED_MAX	0x10000U

struct ex_races {
	atomic64_t watches[WATCHES];
};

int ex_races_init(struct ex_inst *inst)
{
	if (!(inst->info->flags & ASHLAR_EXT_BUILD_RACE))
		return 0;
	inst->races = kzalloc(sizeof(*inst->races), GFP_KERNEL_ACCOUNT);
	return inst->races ? 0 : -ENOMEM;
}

void ex_races_exit(struct ex_inst *inst)
{
	kfree(inst->races);
	inst->races = NULL;
}

static u32 watched_size(u64 word)
{
	return (word & ~(SET | HIT | WRITES)) >> SIZE_SHIFT;
}

/* Whether the bytes are watched, by one that would not have it so. */
static bool conflicts(u64 word, u64 off, u64 len, u32 how)
{
	u32 at = word;

	if (!(word & SET) || !(word & WRITES || how & ASHLAR_EXT_RACE_WRITE))
		return false;
	return off < at + watched_size(word) && at < off + len;
}

static void hit(struct ex_races *races, u64 off, u64 len, u32 how, u64 ip)
{
	u32 i;

	for (i = 0; i < WATCHES; i++) {
		u64 word = atomic64_read(&races->watches[i]);

		if (unlikely(conflicts(word, off, len, how)))
			atomic64_cmpxchg(&races->watches[i], word, HIT | ip);
	}
}

static atomic64_t *watch_get(struct ex_races *races, u64 word)
{
	u32 i, first = raw_smp_processor_id();

	for (i = 0; i < WATCHES; i++)
		if (!atomic64_cmpxchg(&races->watches[(first + i) % WATCHES], 0, word))
			return &races->watches[(first + i) % WATCHES];
	return NULL;
}

static void watch(struct ex_ctx *ctx, u64 off, u64 len, u32 how, u64 addr)
{
	u64 size = min_t(u64, len, WATCHED_MAX), begin = local_clock(), word;
	atomic64_t *watch;
	u32 i;

	watch = watch_get(ctx->inst->races, SET | size << SIZE_SHIFT | off |
			  (how & ASHLAR_EXT_RACE_WRITE ? WRITES : 0));
	if (!watch)
		return;
	for (i = 0; i < WATCH_ROUNDS || local_clock() - begin < WATCH_NS; i++) {
		if (atomic64_read(watch) & HIT || ex_stopped(ctx))
			break;
		cpu_relax();
	}
	word = atomic64_xchg(watch, 0);
	if (!(word & HIT))
		return;
	ctx->other_ip = (u32)word;
	ex_stop(ctx, ASHLAR_EXT_FAULT_RACE, addr, "another invocation accesses it at the same time");
	ctx->abi.fault_size = size | (how & ASHLAR_EXT_RACE_WRITE ? ASHLAR_EXT_FAULT_WRITE : 0);
}

void ashlar_ext_race(struct ashlar_ext_ctx *abi, u64 addr, u64 len, u32 how)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_races *races = ctx->inst->races;
	u64 off = addr - abi->base;

	if (!races || !len || off >= ASHLAR_EXT_ARENA_SIZE)
		return;
	hit(races, off, len, how, (u32)(_RET_IP_ - (u64)ctx->inst->info->text_start));
	/* An atomic access is watched by nobody, but seen by whoever watches. */
	if (how & ASHLAR_EXT_RACE_ATOMIC || ctx->race_spare--)
		return;
	ctx->race_spare = get_random_u32() % (2 * SPARE);
	watch(ctx, off, len, how, addr);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_race, ASHLAR_EXT);
