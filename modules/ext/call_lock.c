// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: locks. A lock's word lies in the shim and holds its owner's slot, so
 * that whoever ends is known to hold it. Locks are taken in rising order of
 * rank, so that no two invocations wait for each other; a wait has an end all
 * the same, at the quota's time or when the instance is told to stop.
 *
 * An invocation that may sleep runs with BH on. While it holds a lock BH is
 * off, since a hook on its own processor would wait for it in vain.
 */
#include <linux/bottom_half.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "call.h"
#include "ledger.h"
#include "lock.h"
#include "race.h"

#include <asm/tsc.h>

/* The processor's counter: a lock is held on one processor. */
static u64 clock(void)
{
	return get_cycles();
}

static u64 patience(const struct ex_inst *inst)
{
	if (!inst->races)
		return inst->quota.lock_ns;
	return min(inst->quota.lock_ns * EX_RACE_PATIENCE, EX_RACE_PATIENCE_NS);
}

void ex_locks_quota(struct ex_inst *inst)
{
	WRITE_ONCE(inst->lock_cycles, mul_u64_u32_div(patience(inst), tsc_khz, 1000000));
}

int ex_locks_init(struct ex_inst *inst)
{
	const struct ashlar_ext_info *info = inst->info;
	u32 i;

	ex_locks_quota(inst);
	inst->locks = kcalloc(info->nr_locks, sizeof(*inst->locks),
			      GFP_KERNEL_ACCOUNT);
	if (!inst->locks)
		return -ENOMEM;
	for (i = 0; i < info->nr_locks; i++)
		inst->locks[i].rank = info->locks[i].rank;
	return 0;
}

void ex_locks_exit(struct ex_inst *inst)
{
	kfree(inst->locks);
	inst->locks = NULL;
}

static __always_inline struct ex_lock *
lock_of(struct ex_ctx *ctx, const struct ashlar_ext_lock_def *def)
{
	const struct ashlar_ext_info *info = ctx->inst->info;
	u32 index = ex_index(def, info->locks, sizeof(*def), info->nr_locks);

	if (unlikely(index == info->nr_locks)) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, (u64)def,
			"no lock of this extension");
		return NULL;
	}
	return &ctx->inst->locks[index];
}

static u32 index_of(const struct ex_ctx *ctx, const struct ex_lock *lock)
{
	return lock - ctx->inst->locks;
}

static bool may_take(struct ex_ctx *ctx, struct ex_lock *lock, u64 addr)
{
	const struct ex_lock *last;

	if (likely(!ctx->nr_held))
		return true;
	last = &ctx->inst->locks[ctx->held[ctx->nr_held - 1]];
	if (atomic_read(&lock->owner) == ctx->slot + 1) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_LOCK_HELD, addr,
			"the lock is held already by this invocation");
		return false;
	}
	if (lock->rank <= last->rank) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_LOCK_ORDER, addr,
			"the lock's rank is not above that of the lock taken last");
		return false;
	}
	if (ctx->nr_held == EX_LOCKS_HELD) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_LOCK_ORDER, addr,
			"more than 8 locks at once");
		return false;
	}
	return true;
}

static bool try(struct ex_lock *lock, u32 owner)
{
	return !atomic_cmpxchg_acquire(&lock->owner, 0, owner);
}

static noinline bool wait_for(struct ex_ctx *ctx, struct ex_lock *lock, u64 addr)
{
	u64 begin = local_clock();

	for (;;) {
		if (!atomic_read(&lock->owner) && try(lock, ctx->slot + 1)) {
			/* A nanosecond's wait is as dear as a byte. */
			ex_charge(ctx, local_clock() - begin);
			return true;
		}
		if (ex_stopped(ctx))
			return false;
		if (local_clock() - begin > patience(ctx->inst)) {
			ex_stop(ctx, ASHLAR_EXT_FAULT_LOCK_TIME, addr,
				"waited for the lock longer than the quota allows");
			return false;
		}
		cpu_relax();
	}
}

void ashlar_ext_lock(struct ashlar_ext_ctx *abi,
		     const struct ashlar_ext_lock_def *def)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_lock *lock;
	bool first;

	ex_called(ctx, EX_CALL_lock, (u64)def);
	lock = lock_of(ctx, def);
	if (!lock || !may_take(ctx, lock, (u64)def))
		return;
	first = ex_may_sleep(ctx) && !ctx->nr_held;
	if (first)
		local_bh_disable();
	if (unlikely(!try(lock, ctx->slot + 1)) &&
	    !wait_for(ctx, lock, (u64)def)) {
		if (first)
			local_bh_enable();
		return;
	}
	lock->since = clock();
	lock->count.made++;
	ctx->held[ctx->nr_held++] = index_of(ctx, lock);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_lock, ASHLAR_EXT);

/* Takes it off the list of held ones, which need not go in reverse. */
static void let_go(struct ex_ctx *ctx, struct ex_lock *lock)
{
	u32 index = index_of(ctx, lock);
	u32 i;

	for (i = --ctx->nr_held; ctx->held[i] != index; i--)
		;
	for (; i < ctx->nr_held; i++)
		ctx->held[i] = ctx->held[i + 1];
	atomic_set_release(&lock->owner, 0);
	if (ex_may_sleep(ctx) && !ctx->nr_held)
		local_bh_enable();
}

void ashlar_ext_unlock(struct ashlar_ext_ctx *abi,
		       const struct ashlar_ext_lock_def *def)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_lock *lock;
	u64 held;

	ex_called(ctx, EX_CALL_unlock, (u64)def);
	lock = lock_of(ctx, def);
	if (!lock)
		return;
	if (unlikely(atomic_read(&lock->owner) != ctx->slot + 1)) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_LOCK_HELD, (u64)def,
			"the lock is not held by this invocation");
		return;
	}
	held = clock() - lock->since;
	lock->count.back++;
	let_go(ctx, lock);
	if (unlikely(held > ctx->inst->lock_cycles))
		ex_stop(ctx, ASHLAR_EXT_FAULT_LOCK_TIME, (u64)def,
			"held the lock longer than the quota allows");
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_unlock, ASHLAR_EXT);

void ex_ctx_unwind_locks(struct ex_ctx *ctx)
{
	struct ex_lock *lock;
	u64 def = 0;

	while (ctx->nr_held) {
		lock = &ctx->inst->locks[ctx->held[ctx->nr_held - 1]];
		def = (u64)&ctx->inst->info->locks[index_of(ctx, lock)];
		lock->count.reclaimed++;
		let_go(ctx, lock);
	}
	if (!ctx->abi.fault_code && !ctx->abi.stop)
		ex_stop(ctx, ASHLAR_EXT_FAULT_LOCK_HELD, def,
			"the entry ended and the lock is still held");
}
