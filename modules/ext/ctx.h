/* SPDX-License-Identifier: GPL-2.0-only */
/* Invocations: contexts, the gate, how they are ended. */
#ifndef ASHLAR_EXT_CTX_H
#define ASHLAR_EXT_CTX_H

#include <linux/container_of.h>
#include <linux/percpu.h>
#include <linux/sched/task_stack.h>

#include <asm/page_types.h>

#include "host.h"
#include "stats.h"

/*
 * Bytes of the processor's stack for the shim's calls and interrupts; under KASAN all frames are
 * larger.
 */
#define EX_STACK_RESERVE	(THREAD_SIZE / 4)

/**
 * struct ex_cpu - what an instance has on each CPU
 * @ctx: for invocations with BH off
 * @stats: counters
 * @fuel_peak: most fuel that an invocation used
 * @spent: nanoseconds of this CPU in the window under way
 * @window: when it began
 * @turn: when the turn of timers under way began
 * @turn_spent: nanoseconds of timers in it
 */
struct ex_cpu {
	struct ex_ctx ctx;
	struct ex_stats stats;
	u64 fuel_peak;
	u64 spent;
	u64 window;
	u64 turn;
	u64 turn_spent;
};

/*
 * Timers of an instance may have so much of each so long of a CPU, whatever its quota, and what the
 * last one takes: many that are due at once do not keep the softirq from all others.
 */
#define EX_TURN_NS	(20 * NSEC_PER_MSEC)
#define EX_TURN_SHARE	(4 * NSEC_PER_MSEC)

int ex_ctx_module_init(void);
void ex_ctx_module_exit(void);

/* The invocation with BH off that a CPU runs, the last one if it has led to another. */
DECLARE_PER_CPU_ALIGNED(struct ex_ctx *, ex_running);
/* Lowest address of a CPU's interrupt stack. */
DECLARE_PER_CPU_ALIGNED(u64, ex_irq_stack);

/**
 * ex_stack_begin() - finds the stack it is on, and whether there is room for the extension
 * @ctx: gets its limit
 *
 * Softirqs run on the interrupt stack, or on a task's. BH off or in a task.
 */
static __always_inline bool ex_stack_begin(struct ex_ctx *ctx)
{
	u64 sp = current_stack_pointer, low = this_cpu_read(ex_irq_stack);

	if (unlikely(sp - low >= IRQ_STACK_SIZE)) {
		low = (u64)task_stack_page(current);
		if (unlikely(sp - low >= THREAD_SIZE))
			return false;
	}
	low += ctx->stack_need;
	ctx->abi.sp_limit = low;
	return sp >= low;
}

/*
 * Whether it is on the stack that it was on when that was looked for last, with room. Where a stack
 * lies that is aligned to its size no other one ever lies half, and a CPU's interrupt stack stays
 * where it is; so what counts is the address.
 */
static __always_inline bool ex_stack_same(const struct ex_ctx *ctx)
{
	return current_stack_pointer - ctx->abi.sp_limit < ctx->stack_room;
}

static_assert(IRQ_STACK_SIZE == THREAD_SIZE && THREAD_ALIGN == THREAD_SIZE);

/* Whether the invocation, back from the gate, has to be dealt with. */
static __always_inline bool ex_ended_badly(const struct ex_ctx *ctx)
{
	return ctx->abi.fault_code | ctx->abi.stop | ctx->nr_held;
}

/**
 * ex_ctx_fault() - deals with it: unwinds, quarantines, makes the context good again; false: it was
 * well in the end
 */
bool ex_ctx_fault(struct ex_ctx *ctx);

/* gate.S: what instrumented code calls, and what a landing pad leads to. */
void ashlar_ext_fail(struct ashlar_ext_ctx *ctx, u64 addr, u32 code, u32 size);
u64 ashlar_ext_window(struct ashlar_ext_ctx *ctx, u64 addr, u32 size);
void ashlar_ext_trap(void);
/* NULL: no invocation is under way. */
struct ashlar_ext_ctx *ex_trap(u64 pad);

/** ex_ctx() - the shim's view of what instrumented code handed on */
static inline struct ex_ctx *ex_ctx(struct ashlar_ext_ctx *abi)
{
	return container_of(abi, struct ex_ctx, abi);
}

/**
 * ex_share_left() - whether the instance may use more of this CPU in the second under way
 * @inst: instance, whose share is limited
 * @cpu: its part of this CPU; BH off
 * @now: local_clock(); what is used from then on is to be added to @cpu->spent
 */
bool ex_share_left(const struct ex_inst *inst, struct ex_cpu *cpu, u64 now);

/** ex_ctxs_quota() - the instance's quota has changed */
void ex_ctxs_quota(struct ex_inst *inst);

/** ex_ctxs_close() - tells those for packets what inst->closed says; any context */
void ex_ctxs_close(struct ex_inst *inst, bool closed);

/** ex_ctxs_rest() - all contexts of an idle instance as at first */
void ex_ctxs_rest(struct ex_inst *inst);

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
 * Return: what it returned; ~0U and ctx->fault_code not 0 if it was ended.
 */
u64 ex_enter(struct ashlar_ext_ctx *ctx, u64 a0, u64 a1, u64 a2, u64 a3, const void *fn);

/**
 * ex_enter_hook() - the same for a function of one argument, without any for the others
 * @ctx: invocation, made ready
 * @pkt: argument
 * @fn: function
 *
 * Return: the low half of what it returned; ~0 if it was ended.
 */
static __always_inline u32 ex_enter_hook(struct ashlar_ext_ctx *ctx, u64 pkt, const void *fn)
{
	register const void *r9 asm("r9") = fn;
	u32 ret;

	asm volatile("call ex_enter"
		     : "=a" (ret), "+D" (ctx), "+S" (pkt), "+r" (r9), ASM_CALL_CONSTRAINT
		     :
		     : "rcx", "rdx", "r8", "r10", "r11", "memory", "cc");
	return ret;
}

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
 * Return: 0; -EOWNERDEAD: it violated something or was stopped; -ESHUTDOWN: the instance takes no
 * more invocations; -EAGAIN: none until its successor's trial is over; -EBUSY: no context or stack
 * is free; -EDQUOT: a timer, and the instance has had its share of this CPU.
 */
int ex_run(struct ex_inst *inst, const struct ashlar_ext_entry *entry, u64 a0, u64 a1, u64 a2,
	   u64 a3, u64 *ret);

/**
 * ex_stop() - what a call does when its contract is broken; then it returns whatever, and the code
 * behind it leaves
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
 * ex_charge() - a call goes over so many bytes, which is work, too: fuel ends the invocation at its
 * next turn
 */
static inline void ex_charge(struct ex_ctx *ctx, u64 bytes)
{
	ctx->abi.fuel -= bytes >> 6;
}

/* What a call costs that does far more than a turn of a loop, in units of fuel. */
static inline void ex_cost(struct ex_ctx *ctx, u32 fuel)
{
	ctx->abi.fuel -= fuel;
}

/**
 * ex_tell_all() - tells all invocations of an instance that takes no more to end
 *
 * One that begins at the same moment may not hear it.
 *
 * Context: any but hard interrupts.
 * Return: whether there was one.
 */
bool ex_tell_all(struct ex_inst *inst);

/**
 * ex_stop_all() - ends all invocations of an instance that takes no more
 *
 * Tells them until they have acknowledged or @tries rounds of a millisecond are over; may sleep.
 * Who must know that none is left waits for a grace period and for inst->sleeping besides.
 */
void ex_stop_all(struct ex_inst *inst, unsigned int tries);

#endif /* ASHLAR_EXT_CTX_H */
