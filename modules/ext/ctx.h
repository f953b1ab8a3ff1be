/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations: contexts, the gate, how they are ended. */
#ifndef ASHLAR_EXT_CTX_H
#define ASHLAR_EXT_CTX_H

#include <linux/container_of.h>
#include <linux/percpu.h>

#include "host.h"
#include "stats.h"

#define EX_STACK_RESERVE	4096	/* bytes of the processor's stack for the shim's calls and interrupts */

/**
 * struct ex_cpu - what an instance has on each CPU
 * @ctx: for invocations with BH off
 * @stats: counters
 * @fuel_peak: most fuel that an invocation used
 * @tokens: of the packet rate, in packets; @refill: when they were last added to, jiffies
 * @spent: nanoseconds of this CPU in the window that began at @window
 */
struct ex_cpu {
	struct ex_ctx ctx;
	struct ex_stats stats;
	u64 fuel_peak;
	u32 tokens;
	unsigned long refill;
	u64 spent;
	u64 window;
};

int ex_ctx_module_init(void);
void ex_ctx_module_exit(void);

/** ex_ctx() - the shim's view of what instrumented code handed on */
static inline struct ex_ctx *ex_ctx(struct ashlar_ext_ctx *abi)
{
	return container_of(abi, struct ex_ctx, abi);
}

/** ex_ctxs_init() - contexts and second stacks of an instance whose arena is there; may sleep */
int ex_ctxs_init(struct ex_inst *inst);
void ex_ctxs_exit(struct ex_inst *inst);

/**
 * ex_enter() - calls extension code; gate.S
 * @ctx: invocation, made ready
 * @a0: first argument
 * @a1: second
 * @a2: third
 * @a3: fourth
 * @fn: function
 *
 * Return: what it returned; nothing if ctx->fault_code is not 0, then it was ended.
 */
u64 ex_enter(struct ashlar_ext_ctx *ctx, u64 a0, u64 a1, u64 a2, u64 a3, const void *fn);

/**
 * ex_run() - an invocation other than a packet hook's, with all that belongs to it
 * @inst: instance; the caller knows that it stays
 * @entry: function; of its kind depends whether it may sleep, and then this may, too
 * @a0: first argument
 * @a1: second
 * @a2: third
 * @a3: fourth
 * @ret: what it returned; may be NULL
 *
 * A violation has been dealt with (quarantine) when this returns. Timers: BH must be off.
 *
 * Return: 0; -EOWNERDEAD: it violated something or was stopped; -ESHUTDOWN: the instance takes no more invocations;
 * -EBUSY: no context or stack is free.
 */
int ex_run(struct ex_inst *inst, const struct ashlar_ext_entry *entry, u64 a0, u64 a1, u64 a2, u64 a3, u64 *ret);

/**
 * ex_stop() - what a call does when its contract is broken; then it returns whatever, and the code behind it leaves
 * @ctx: invocation
 * @code: ASHLAR_EXT_FAULT_*
 * @addr: address or value that was wrong
 * @text: constant string for the report, or NULL
 *
 * The first one counts.
 */
void ex_stop(struct ex_ctx *ctx, u32 code, u64 addr, const char *text);

/** ex_stopped() - whether the invocation is to leave: for loops of calls that wait */
static inline bool ex_stopped(const struct ex_ctx *ctx)
{
	return READ_ONCE(ctx->abi.stop) || READ_ONCE(ctx->abi.fuel) < 0;
}

/**
 * ex_stop_all() - ends all invocations of an instance that takes no more
 *
 * Tells them until they have acknowledged or @tries rounds of a millisecond are over; may sleep. Who must know that none
 * is left waits for a grace period and for inst->sleeping besides.
 */
void ex_stop_all(struct ex_inst *inst, unsigned int tries);

#endif /* ASHLAR_EXT_CTX_H */
