// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: timers, work, sleep.
 *
 * A timer or work is one call of an entry with one argument, which is its name:
 * struct ex_job, in timers->hash from arming to running. Whoever takes it out
 * of there, with timers->lock, decides: the canceller, or the function that
 * runs it. If the function has begun and waits for the lock, the canceller
 * marks the job and the function frees it.
 *
 * The function takes the job out before the extension is called, so the same
 * timer can be armed again from within. Nothing here waits while a job runs but
 * ex_timers_stop(), which is called from the quarantine's own work; a fault
 * within a timer or work therefore does not wait for itself.
 */
#include <linux/hrtimer.h>
#include <linux/jhash.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "call.h"
#include "timer.h"

/*
 * All that an invocation may sleep for which a command waits: until it is over no family of generic
 * netlink can come or go, and behind one that wants to no command of any can run.
 */
#define SLEPT_MAX	(10ULL * NSEC_PER_SEC)
#define COST		8	/* fuel, of arming and queueing */
#define FROZEN_MS	50	/* how often the jobs of a frozen version look whether it is back */
#define SHARE_MS	100	/* and those of one that has had its share of the CPU */
#define TURN_MS		20	/* and its timers, of a turn: EX_TURN_NS */

/* Nothing but jobs: whoever waits for them runs elsewhere. */
static struct workqueue_struct *jobs_wq;

/**
 * struct ex_job - an armed timer or queued work
 * @node: in timers->hash
 * @inst: whose
 * @entry: what to call
 * @arg: with what
 * @dead: taken out by a canceller after its function had begun
 * @timer: for entries of that kind
 * @work: for the others
 */
struct ex_job {
	struct hlist_node node;
	struct ex_inst *inst;
	const struct ashlar_ext_entry *entry;
	u64 arg;
	bool dead;
	union {
		struct hrtimer timer;
		struct delayed_work work;
	};
};

static bool is_timer(const struct ex_job *job)
{
	return job->entry->kind == ASHLAR_EXT_ENTRY_TIMER;
}

static u32 job_hash(const struct ashlar_ext_entry *entry, u64 arg)
{
	return jhash_3words(arg, arg >> 32, (unsigned long)entry, 0);
}

static struct ex_job *job_find(struct ex_timers *t,
			       const struct ashlar_ext_entry *entry, u64 arg)
{
	struct ex_job *job;

	lockdep_assert_held(&t->lock);
	hash_for_each_possible(t->hash, job, node, job_hash(entry, arg))
		if (job->entry == entry && job->arg == arg)
			return job;
	return NULL;
}

static void job_add(struct ex_timers *t, struct ex_job *job)
{
	lockdep_assert_held(&t->lock);
	hash_add(t->hash, &job->node, job_hash(job->entry, job->arg));
	if (is_timer(job))
		t->armed++;
	else
		t->queued++;
}

static void job_remove(struct ex_timers *t, struct ex_job *job)
{
	lockdep_assert_held(&t->lock);
	hash_del(&job->node);
	if (is_timer(job))
		t->armed--;
	else
		t->queued--;
}

/* Takes a job out before it runs. */
static void job_cancel(struct ex_timers *t, struct ex_job *job)
{
	bool begun;

	job_remove(t, job);
	if (is_timer(job))
		begun = hrtimer_try_to_cancel(&job->timer) < 0;
	else
		begun = !cancel_delayed_work(&job->work);
	if (begun) {
		job->dead = true;
		t->running++;
	} else {
		kfree(job);
	}
}

static struct ex_count *job_count(struct ex_timers *t,
				  const struct ashlar_ext_entry *entry)
{
	return entry->kind == ASHLAR_EXT_ENTRY_TIMER ? &t->timer : &t->work;
}

/* --- running --- */

/* The last touch of the instance: the waiter takes the lock before it goes on. */
static void job_end(struct ex_timers *t)
{
	lockdep_assert_held(&t->lock);
	if (!--t->running)
		wake_up_all(&t->idle);
}

/* Return: whether the job is still to be run. */
static bool job_begin(struct ex_timers *t, struct ex_job *job)
{
	bool dead;

	spin_lock_bh(&t->lock);
	dead = job->dead;
	if (dead) {
		job_end(t);
	} else {
		job_remove(t, job);
		t->running++;
	}
	spin_unlock_bh(&t->lock);
	return !dead;
}

/* No invocation was free: once more a little later. Return: whether it will be. */
static bool job_again(struct ex_timers *t, struct ex_job *job, u32 ms)
{
	lockdep_assert_held(&t->lock);
	if (t->stopped || job_find(t, job->entry, job->arg))
		return false;
	job_add(t, job);
	if (is_timer(job))
		hrtimer_start(&job->timer, ms_to_ktime(ms), HRTIMER_MODE_REL_SOFT);
	else
		queue_delayed_work(jobs_wq, &job->work, msecs_to_jiffies(ms));
	return true;
}

/* In how many ms a job that could not run is tried again; 0: it has run, or never will. */
static u32 again_ms(int err)
{
	switch (err) {
	case -EBUSY:
		return 1;
	case -EAGAIN:
		return FROZEN_MS;
	case -EDQUOT:
		return SHARE_MS;
	case -ETIME:
		return TURN_MS;
	}
	return 0;
}

static void job_run(struct ex_job *job)
{
	struct ex_timers *t = &job->inst->timers;
	bool again = false;
	u32 ms;

	if (!job_begin(t, job)) {
		kfree(job);
		return;
	}
	ms = again_ms(ex_run(job->inst, job->entry, job->arg, 0, 0, 0, NULL));
	spin_lock_bh(&t->lock);
	if (ms) {
		again = job_again(t, job, ms);
		if (!again)
			job_count(t, job->entry)->reclaimed++;
	} else {
		job_count(t, job->entry)->back++;
	}
	if (!again)
		kfree(job);
	job_end(t);
	spin_unlock_bh(&t->lock);
}

static enum hrtimer_restart timer_run(struct hrtimer *timer)
{
	job_run(container_of(timer, struct ex_job, timer));
	return HRTIMER_NORESTART;
}

static void work_run(struct work_struct *work)
{
	job_run(container_of(to_delayed_work(work), struct ex_job, work));
}

/* --- calls --- */

/* The entry that an extension names, which must be of that kind. */
static const struct ashlar_ext_entry *
entry_of(struct ex_ctx *ctx, const struct ashlar_ext_entry *entry, u32 kind)
{
	const struct ashlar_ext_info *info = ctx->inst->info;
	u32 index = ex_index(entry, info->entries, sizeof(*entry),
			     info->nr_entries);

	if (index < info->nr_entries && info->entries[index].kind == kind)
		return &info->entries[index];
	ex_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, (u64)entry,
		kind == ASHLAR_EXT_ENTRY_TIMER ? "no timer of this extension" :
						 "no work of this extension");
	return NULL;
}

static struct ex_job *job_make(struct ex_inst *inst,
			       const struct ashlar_ext_entry *entry, u64 arg)
{
	struct ex_job *job = kzalloc(sizeof(*job), GFP_ATOMIC | __GFP_NOWARN);

	if (!job)
		return NULL;
	job->inst = inst;
	job->entry = entry;
	job->arg = arg;
	if (is_timer(job)) {
		hrtimer_init(&job->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
		job->timer.function = timer_run;
	} else {
		INIT_DELAYED_WORK(&job->work, work_run);
	}
	return job;
}

static s32 timer_arm(struct ex_inst *inst, const struct ashlar_ext_entry *entry,
		     u64 ns, u64 arg)
{
	struct ex_timers *t = &inst->timers;
	struct ex_job *job, *old;

	lockdep_assert_held(&t->lock);
	old = job_find(t, entry, arg);
	if (t->stopped || (!old && t->armed >= EX_TIMERS_MAX))
		return -ENOSPC;
	if (old && hrtimer_try_to_cancel(&old->timer) >= 0) {
		hrtimer_start(&old->timer, ns_to_ktime(ns), HRTIMER_MODE_REL_SOFT);
		return 0;
	}
	job = job_make(inst, entry, arg);
	if (!job)
		return -ENOSPC;
	if (old)
		job_cancel(t, old);
	else
		t->timer.made++;
	job_add(t, job);
	hrtimer_start(&job->timer, ns_to_ktime(ns), HRTIMER_MODE_REL_SOFT);
	return 0;
}

s32 ashlar_ext_timer_arm(struct ashlar_ext_ctx *abi,
			 const struct ashlar_ext_entry *entry, u64 ns, u64 arg)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	s32 err;

	ex_called(ctx, EX_CALL_timer_arm, (u64)entry);
	ex_cost(ctx, COST);
	entry = entry_of(ctx, entry, ASHLAR_EXT_ENTRY_TIMER);
	if (!entry)
		return 0;
	ns = clamp_t(u64, ns, EX_TIMER_MIN_NS, KTIME_MAX);
	spin_lock_bh(&ctx->inst->timers.lock);
	err = timer_arm(ctx->inst, entry, ns, arg);
	spin_unlock_bh(&ctx->inst->timers.lock);
	return err;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_timer_arm, ASHLAR_EXT);

bool ashlar_ext_timer_cancel(struct ashlar_ext_ctx *abi,
			     const struct ashlar_ext_entry *entry, u64 arg)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_timers *t = &ctx->inst->timers;
	struct ex_job *job;

	ex_called(ctx, EX_CALL_timer_cancel, (u64)entry);
	entry = entry_of(ctx, entry, ASHLAR_EXT_ENTRY_TIMER);
	if (!entry)
		return false;
	spin_lock_bh(&t->lock);
	job = job_find(t, entry, arg);
	if (job) {
		job_cancel(t, job);
		t->timer.back++;
	}
	spin_unlock_bh(&t->lock);
	return job;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_timer_cancel, ASHLAR_EXT);

static s32 work_queue(struct ex_inst *inst, const struct ashlar_ext_entry *entry,
		      u64 arg)
{
	struct ex_timers *t = &inst->timers;
	struct ex_job *job;

	lockdep_assert_held(&t->lock);
	if (job_find(t, entry, arg))
		return -EEXIST;
	if (t->stopped || t->queued >= EX_JOBS_MAX)
		return -ENOSPC;
	job = job_make(inst, entry, arg);
	if (!job)
		return -ENOSPC;
	t->work.made++;
	job_add(t, job);
	queue_delayed_work(jobs_wq, &job->work, 0);
	return 0;
}

s32 ashlar_ext_work_queue(struct ashlar_ext_ctx *abi,
			  const struct ashlar_ext_entry *entry, u64 arg)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	s32 err;

	ex_called(ctx, EX_CALL_work_queue, (u64)entry);
	ex_cost(ctx, COST);
	entry = entry_of(ctx, entry, ASHLAR_EXT_ENTRY_WORK);
	if (!entry)
		return 0;
	spin_lock_bh(&ctx->inst->timers.lock);
	err = work_queue(ctx->inst, entry, arg);
	spin_unlock_bh(&ctx->inst->timers.lock);
	return err;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_work_queue, ASHLAR_EXT);

/* --- sleep --- */

static bool check_sleep(struct ex_ctx *ctx, u64 value)
{
	if (!ex_may_sleep(ctx))
		ex_stop(ctx, ASHLAR_EXT_FAULT_CONTEXT, value,
			"a call that sleeps, in a hook or a timer");
	else if (ctx->nr_held)
		ex_stop(ctx, ASHLAR_EXT_FAULT_CONTEXT, value,
			"a call that sleeps, with a lock held");
	else
		return true;
	return false;
}

static void count_sleep(struct ex_ctx *ctx, u64 since)
{
	ctx->slept += ktime_get_ns() - since;
	if (ctx->slept > SLEPT_MAX && ctx->abi.kind != ASHLAR_EXT_ENTRY_WORK)
		ex_stop(ctx, ASHLAR_EXT_FAULT_FUEL, div_u64(ctx->slept, NSEC_PER_MSEC),
			"slept longer than a command waits: ten seconds in all");
}

void ashlar_ext_sleep(struct ashlar_ext_ctx *abi, u32 ms)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	u64 begin = ktime_get_ns();

	ex_called(ctx, EX_CALL_sleep, ms);
	if (!check_sleep(ctx, ms))
		return;
	if (ms > EX_SLEEP_MAX) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, ms,
			"a sleep of more than 1000 ms");
		return;
	}
	wait_event_idle_timeout(ctx->inst->timers.sleep, ex_stopped(ctx),
				msecs_to_jiffies(ms));
	count_sleep(ctx, begin);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_sleep, ASHLAR_EXT);

/* Hooks and timers run under RCU. */
void ashlar_ext_sync(struct ashlar_ext_ctx *abi)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	u64 begin = ktime_get_ns();

	ex_called(ctx, EX_CALL_sync, 0);
	if (!check_sleep(ctx, 0))
		return;
	synchronize_rcu();
	count_sleep(ctx, begin);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_sync, ASHLAR_EXT);

void ex_sleepers_wake(struct ex_inst *inst)
{
	wake_up_all(&inst->timers.sleep);
}

/* --- begin and end --- */

void ex_timers_init(struct ex_inst *inst)
{
	struct ex_timers *t = &inst->timers;

	spin_lock_init(&t->lock);
	hash_init(t->hash);
	init_waitqueue_head(&t->idle);
	init_waitqueue_head(&t->sleep);
}

static bool is_idle(struct ex_timers *t)
{
	bool idle;

	spin_lock_bh(&t->lock);
	idle = !t->running;
	spin_unlock_bh(&t->lock);
	return idle;
}

void ex_timers_stop(struct ex_inst *inst)
{
	struct ex_timers *t = &inst->timers;
	struct hlist_node *next;
	struct ex_job *job;
	u32 i;

	might_sleep();
	spin_lock_bh(&t->lock);
	t->stopped = true;
	hash_for_each_safe(t->hash, i, next, job, node) {
		job_count(t, job->entry)->reclaimed++;
		job_cancel(t, job);
	}
	spin_unlock_bh(&t->lock);
	wait_event(t->idle, is_idle(t));
}

int ex_timers_module_init(void)
{
	jobs_wq = alloc_workqueue("ashlar_ext", WQ_UNBOUND, 0);
	return jobs_wq ? 0 : -ENOMEM;
}

/* No instance is left; what remains of their last jobs is a return. */
void ex_timers_module_exit(void)
{
	synchronize_rcu();
	destroy_workqueue(jobs_wq);
}
