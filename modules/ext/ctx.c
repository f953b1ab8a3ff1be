// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invocations. hook.c has those for packets, which have to be lean; here are
 * the others, and what all have in common: contexts, their end.
 *
 * Who ends an invocation of another CPU writes its ctx->stop and ctx->fuel. The
 * extension may write the latter back, so it is told again until it has left.
 * A hook or timer that began before the instance was closed is over after a
 * grace period; those that may sleep are counted.
 */
#include <linux/bottom_half.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/random.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "ctx.h"
#include "inst.h"

DEFINE_PER_CPU_ALIGNED(struct ex_ctx *, ex_running);
DEFINE_PER_CPU_ALIGNED(u64, ex_irq_stack);

/* Those that run and may sleep, of all instances. */
static LIST_HEAD(sleeping);
static DEFINE_SPINLOCK(sleeping_lock);

static int cpu_state;

/* --- interrupt stacks --- */

struct stack_query {
	struct irq_work work;
	u64 low;
};

/*
 * An interrupt of a task: a few frames from the top of the interrupt stack,
 * which is whole pages. The word at the very top leads back to the task's.
 */
static void stack_tell(struct irq_work *work)
{
	struct stack_query *query = container_of(work, struct stack_query, work);
	u64 top = ALIGN(current_stack_pointer, PAGE_SIZE);

	if (!object_is_on_stack((void *)current_stack_pointer) &&
	    object_is_on_stack(*(void **)(top - sizeof(u64))))
		query->low = top - IRQ_STACK_SIZE;
}

/*
 * Runs on that CPU, in its own task. Without an answer only tasks' stacks are used, and the rest is
 * "no stack".
 */
static int stack_find(unsigned int cpu)
{
	struct stack_query query = {};

	init_irq_work(&query.work, stack_tell);
	irq_work_queue(&query.work);
	irq_work_sync(&query.work);
	if (!query.low)
		pr_warn_once("ashlar_ext: the interrupt stack of CPU %u was not found\n", cpu);
	per_cpu(ex_irq_stack, cpu) = query.low;
	return 0;
}

int ex_ctx_module_init(void)
{
	cpu_state =
		cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "net/ashlar_ext:online", stack_find, NULL);
	return min(cpu_state, 0);
}

void ex_ctx_module_exit(void)
{
	cpuhp_remove_state(cpu_state);
}

/* --- contexts of an instance --- */

static void ctx_rest(struct ex_ctx *ctx)
{
	ctx->abi.usp = ctx->abi.usp_limit + ASHLAR_EXT_USTACK;
	ctx->abi.stop = 0;
	ctx->abi.fault_code = 0;
	ctx->abi.fault_ip = 0;
	ctx->abi.fault_addr = 0;
	ctx->abi.fault_size = 0;
	ctx->fault = NULL;
}

static void ctx_quota(struct ex_ctx *ctx)
{
	ctx->abi.fuel_max = ctx->inst->quota.fuel;
	ctx->limited = ctx->inst->limited;
}

/* A second stack is a chunk of its own, outside of the quota. */
static int ctx_init(struct ex_inst *inst, struct ex_ctx *ctx, u32 slot)
{
	struct ex_arena *a = &inst->arena;
	u32 off = ex_arena_take(a, ASHLAR_EXT_USTACK);
	int err;

	if (!off)
		return -ENOSPC;
	a->quota += ASHLAR_EXT_USTACK;
	err = ex_arena_map(a, off, ASHLAR_EXT_USTACK, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	ctx->abi.base = a->base;
	ctx->abi.usp_limit = a->base + off;
	ctx->inst = inst;
	ctx->slot = slot;
	ctx->stack_need = EX_STACK_RESERVE + inst->info->stack_max;
	ctx->stack_room = THREAD_SIZE - min_t(u32, ctx->stack_need, THREAD_SIZE);
	/* What those with BH off are for; a timer says so. */
	ctx->abi.kind = ASHLAR_EXT_ENTRY_HOOK;
	ctx->pkt_handle = (u64)EX_HANDLE_PKT << 56 | (u64)(slot & 0xffff) << 40 | get_random_u32();
	INIT_LIST_HEAD(&ctx->node);
	ctx_quota(ctx);
	ctx_rest(ctx);
	return 0;
}

int ex_ctxs_init(struct ex_inst *inst)
{
	u32 i, cpu;
	int err = 0;

	inst->cpu = alloc_percpu_gfp(struct ex_cpu, GFP_KERNEL_ACCOUNT);
	inst->sleepers = kcalloc(EX_SLEEPERS, sizeof(*inst->sleepers), GFP_KERNEL_ACCOUNT);
	if (!inst->cpu || !inst->sleepers)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		err = err ?: ctx_init(inst, &per_cpu_ptr(inst->cpu, cpu)->ctx, cpu);
	for (i = 0; i < EX_SLEEPERS; i++)
		err = err ?: ctx_init(inst, &inst->sleepers[i], nr_cpu_ids + i);
	return err;
}

/* Those that run go on with what they began with, or not, as it comes. */
void ex_ctxs_quota(struct ex_inst *inst)
{
	u32 i;

	for_each_possible_cpu(i)
		ctx_quota(&per_cpu_ptr(inst->cpu, i)->ctx);
	for (i = 0; i < EX_SLEEPERS; i++)
		ctx_quota(&inst->sleepers[i]);
}

void ex_ctxs_close(struct ex_inst *inst, bool closed)
{
	u32 i;

	for_each_possible_cpu(i)
		WRITE_ONCE(per_cpu_ptr(inst->cpu, i)->ctx.closed, closed);
}

void ex_ctxs_rest(struct ex_inst *inst)
{
	u32 i;

	for_each_possible_cpu(i)
		ctx_rest(&per_cpu_ptr(inst->cpu, i)->ctx);
	for (i = 0; i < EX_SLEEPERS; i++)
		ctx_rest(&inst->sleepers[i]);
	ex_ctxs_quota(inst);
}

void ex_ctxs_exit(struct ex_inst *inst)
{
	free_percpu(inst->cpu);
	kfree(inst->sleepers);
	inst->cpu = NULL;
	inst->sleepers = NULL;
}

/* --- the end of an invocation --- */

void ex_stop(struct ex_ctx *ctx, u32 code, u64 addr, const char *text)
{
	if (cmpxchg(&ctx->abi.stop, 0, code))
		return;
	ctx->abi.fault_addr = addr;
	ctx->abi.fault_size = 0;
	ctx->fault = text;
}

/*
 * The invocation that is under way here: with BH off, or else the task's, the
 * last one if it has led to another.
 */
static struct ex_ctx *ctx_current(void)
{
	struct ex_ctx *ctx = this_cpu_read(ex_running), *s;

	if (ctx)
		return ctx;
	spin_lock_bh(&sleeping_lock);
	list_for_each_entry(s, &sleeping, node) {
		if (s->task == current) {
			ctx = s;
			break;
		}
	}
	spin_unlock_bh(&sleeping_lock);
	return ctx;
}

/* In the extension's own context, behind a landing pad. */
struct ashlar_ext_ctx *ex_trap(u64 pad)
{
	struct ex_ctx *ctx = ctx_current();
	const struct ashlar_ext_info *info;
	u64 index;

	/* Not the extension's doing: somebody else has jumped into its text. */
	if (!ctx) {
		pr_emerg("ashlar_ext: a trap in an extension that nobody had called, landing pad %pS\n",
			 (void *)pad);
		return NULL;
	}
	info = ctx->inst->info;
	index = (pad - (u64)info->pads_start) / info->pad_size - 1;
	ctx->abi.fault_ip = index < info->nr_pads ? (u64)info->text_start + info->pad_ips[index] :
						    0;
	ctx->abi.fault_addr = 0;
	ctx->abi.fault_size = 0;
	ctx->abi.fault_code = ASHLAR_EXT_FAULT_TRAP;
	return &ctx->abi;
}

/* Locals of the frames that were left are nobody's. */
static void stack_clear(struct ex_ctx *ctx)
{
	struct ex_arena *a = &ctx->inst->arena;

	ex_shadow_clear(a, ctx->abi.usp_limit - a->base, ASHLAR_EXT_USTACK);
}

bool ex_ctx_fault(struct ex_ctx *ctx)
{
	struct ex_inst *inst = ctx->inst;
	s64 fuel = ctx->abi.fuel;
	bool bad;

	ex_ctx_unwind(ctx);
	/* Stopped by another one when it was about to return: its result is as good as any. */
	if (!ctx->abi.fault_code && ctx->abi.stop == ASHLAR_EXT_FAULT_STOP)
		ctx->abi.stop = 0;
	if (!ctx->abi.fault_code)
		ctx->abi.fault_code = ctx->abi.stop;
	bad = ctx->abi.fault_code;
	if (bad) {
		if (READ_ONCE(inst->closed) && (ctx->abi.fault_code == ASHLAR_EXT_FAULT_STOP ||
						ctx->abi.fault_code == ASHLAR_EXT_FAULT_FUEL))
			ex_count(inst, RUN_STOPPED);
		else if (ex_inst_quarantine(inst, ctx))
			ex_count(inst, FAULT);
		else
			ex_count(inst, FAULT_LATER);
		/* It was told to end, like all. */
		ctx->abi.fuel = fuel;
		stack_clear(ctx);
	}
	ctx_rest(ctx);
	return bad;
}

/* --- invocations other than a hook's --- */

static void ctx_begin(struct ex_ctx *ctx, const struct ashlar_ext_entry *entry)
{
	ctx->abi.kind = entry->kind;
	ctx->abi.fuel = ctx->abi.fuel_max;
	ctx->abi.pkt = 0;
	ctx->abi.pkt_len = 0;
	ctx->abi.pkt_wlen = 0;
	ctx->entry = entry;
	ctx->calls_end = 0;
	ctx->slept = 0;
	ctx->skb = NULL;
	ctx->state = NULL;
}

static int ctx_end(struct ex_ctx *ctx)
{
	bool bad = unlikely(ex_ended_badly(ctx)) && ex_ctx_fault(ctx);
	struct ex_cpu *cpu = raw_cpu_ptr(ctx->inst->cpu);
	s64 used = ctx->abi.fuel_max - ctx->abi.fuel;

	if (used > (s64)READ_ONCE(cpu->fuel_peak))
		WRITE_ONCE(cpu->fuel_peak, used);
	return bad ? -EOWNERDEAD : 0;
}

bool ex_share_left(const struct ex_inst *inst, struct ex_cpu *cpu, u64 now)
{
	if (now - cpu->window >= NSEC_PER_SEC) {
		cpu->window = now;
		cpu->spent = 0;
	}
	return cpu->spent < (u64)READ_ONCE(inst->quota.cpu_permille) * NSEC_PER_MSEC;
}

static bool turn_left(struct ex_cpu *cpu, u64 now)
{
	if (now - cpu->turn >= EX_TURN_NS) {
		cpu->turn = now;
		cpu->turn_spent = 0;
	}
	return cpu->turn_spent < EX_TURN_SHARE;
}

static int run_timer(struct ex_inst *inst, const struct ashlar_ext_entry *entry, u64 a0, u64 *ret)
{
	struct ex_cpu *cpu = this_cpu_ptr(inst->cpu);
	struct ex_ctx *ctx = &cpu->ctx;
	struct ex_ctx *prev = this_cpu_read(ex_running);
	u64 begin = local_clock(), spent;
	int err;

	if (ctx->busy) {
		ex_count(inst, RUN_BUSY);
		return -EBUSY;
	}
	if (!ex_stack_begin(ctx)) {
		ex_count(inst, RUN_NO_STACK);
		return -EBUSY;
	}
	if (ctx->limited & EX_LIMIT_CPU && !ex_share_left(inst, cpu, begin)) {
		ex_count(inst, OVER_CPU);
		return -EDQUOT;
	}
	if (!turn_left(cpu, begin)) {
		ex_count(inst, OVER_CPU);
		return -ETIME;
	}
	ex_count(inst, RUN_TIMER);
	ctx->busy = true;
	this_cpu_write(ex_running, ctx);
	ctx_begin(ctx, entry);
	*ret = ex_enter(&ctx->abi, a0, 0, 0, 0, entry->fn);
	this_cpu_write(ex_running, prev);
	err = ctx_end(ctx);
	ctx->abi.kind = ASHLAR_EXT_ENTRY_HOOK;
	spent = local_clock() - begin;
	cpu->spent += spent;
	cpu->turn_spent += spent;
	WRITE_ONCE(ctx->busy, false);
	return err;
}

/* A frozen version's timers and work wait: it may come back. */
static int closed_error(const struct ex_inst *inst)
{
	return READ_ONCE(inst->state) == EX_FROZEN ? -EAGAIN : -ESHUTDOWN;
}

static struct ex_ctx *sleeper_get(struct ex_inst *inst, bool any_state)
{
	struct ex_ctx *ctx = NULL;
	u32 i;

	spin_lock_bh(&inst->sleeper_lock);
	for (i = 0; i < EX_SLEEPERS && !ctx; i++)
		if (!inst->sleepers[i].busy)
			ctx = &inst->sleepers[i];
	if (inst->closed && !any_state)
		ctx = ERR_PTR(closed_error(inst));
	if (!IS_ERR_OR_NULL(ctx)) {
		ctx->busy = true;
		inst->sleeping++;
	}
	spin_unlock_bh(&inst->sleeper_lock);
	return ctx;
}

/* The last touch of the instance: the waiter takes the lock before it goes on. */
static void sleeper_put(struct ex_ctx *ctx)
{
	struct ex_inst *inst = ctx->inst;

	spin_lock_bh(&inst->sleeper_lock);
	ctx->busy = false;
	if (!--inst->sleeping)
		wake_up_all(&inst->idle);
	spin_unlock_bh(&inst->sleeper_lock);
}

static void sleeper_list(struct ex_ctx *ctx, bool runs)
{
	spin_lock_bh(&sleeping_lock);
	if (runs)
		list_add(&ctx->node, &sleeping);
	else
		list_del_init(&ctx->node);
	spin_unlock_bh(&sleeping_lock);
}

/* What a request returns is a length, within the room that it was lent, or an error. */
static void check_answer(struct ex_ctx *ctx, s32 answer, u64 room)
{
	if (!ex_ended_badly(ctx) && (answer > (s64)room || answer < -MAX_ERRNO))
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, (u32)answer,
			"what a request returned is neither a length that fits nor an error");
}

static int run_sleeper(struct ex_inst *inst, const struct ashlar_ext_entry *entry, const u64 *args,
		       u64 *ret)
{
	/* The old version writes its state when it is frozen. */
	struct ex_ctx *ctx = sleeper_get(inst, entry->kind == ASHLAR_EXT_ENTRY_SAVE);
	struct srcu_struct *readers;
	int err, idx;

	if (IS_ERR(ctx)) {
		ex_count(inst, RUN_CLOSED);
		return PTR_ERR(ctx);
	}
	if (!ctx) {
		ex_count(inst, RUN_NO_SLEEPER);
		return -EBUSY;
	}
	err = -EBUSY;
	if (!ex_stack_begin(ctx)) {
		ex_count(inst, RUN_NO_STACK);
		goto put;
	}
	ex_count(inst, RUN_SLEEPER);
	ctx->task = current;
	sleeper_list(ctx, true);
	ctx_begin(ctx, entry);
	readers = ex_maps_readers(inst);
	idx = srcu_read_lock(readers);
	*ret = ex_enter(&ctx->abi, args[0], args[1], args[2], args[3], entry->fn);
	srcu_read_unlock(readers, idx);
	sleeper_list(ctx, false);
	if (entry->kind == ASHLAR_EXT_ENTRY_REQUEST)
		check_answer(ctx, *ret, args[3]);
	err = ctx_end(ctx);
put:
	sleeper_put(ctx);
	return err;
}

int ex_run(struct ex_inst *inst, const struct ashlar_ext_entry *entry, u64 a0, u64 a1, u64 a2,
	   u64 a3, u64 *ret)
{
	const u64 args[] = { a0, a1, a2, a3 };
	u64 dummy;

	if (!ret)
		ret = &dummy;
	if (entry->kind != ASHLAR_EXT_ENTRY_TIMER)
		return run_sleeper(inst, entry, args, ret);
	if (READ_ONCE(inst->closed)) {
		ex_count(inst, RUN_CLOSED);
		return closed_error(inst);
	}
	return run_timer(inst, entry, a0, ret);
}

/* --- ending those of other CPUs --- */

static bool ctx_tell(struct ex_ctx *ctx)
{
	if (!READ_ONCE(ctx->busy))
		return false;
	cmpxchg(&ctx->abi.stop, 0, ASHLAR_EXT_FAULT_STOP);
	WRITE_ONCE(ctx->abi.fuel, -1);
	return true;
}

bool ex_tell_all(struct ex_inst *inst)
{
	bool any = false;
	u32 i;

	for_each_possible_cpu(i)
		any |= ctx_tell(&per_cpu_ptr(inst->cpu, i)->ctx);
	for (i = 0; i < EX_SLEEPERS; i++)
		any |= ctx_tell(&inst->sleepers[i]);
	ex_sleepers_wake(inst);
	return any;
}

void ex_stop_all(struct ex_inst *inst, unsigned int tries)
{
	for (; tries && ex_tell_all(inst); tries--)
		usleep_range(1000, 2000);
}
