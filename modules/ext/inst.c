// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of an instance:
 *
 *   STARTING -> RUNNING (or TRIAL, upgrade.c) -> QUARANTINED -> DEAD
 *
 * It is closed by the first who says so: an invocation that violated something,
 * in whatever context, or a command. From then on no invocation begins; hooks
 * see it by themselves (hook.c). The rest is done in process context, in this
 * order, because each step can undo only what the one before has stopped:
 *
 *   1 those that run are told, until they have left; a grace period
 *   2 timers and work are cancelled, sleepers woken and waited for
 *   3 the ledger is unwound: nothing uses what it lets go
 *   4 maps, arena, and the module, are let go
 *
 * What stays of a quarantined instance are its hooks, which give the failure
 * verdict, its counters, its report and what it said.
 */
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "inst.h"
#include "nl.h"
#include "trace.h"
#include "upgrade.h"

/*
 * Rounds of a millisecond in which those that run are told to leave, before a grace period is
 * waited for.
 */
#define STOP_TRIES	2000

DEFINE_MUTEX(ex_mutex);
u32 ex_generation = 1;
struct workqueue_struct *ex_ends_wq;
static u32 last_id;

static void end_work(struct work_struct *work);

int ex_insts_init(void)
{
	ex_ends_wq = alloc_workqueue("ashlar_ext_ends", WQ_UNBOUND, 0);
	return ex_ends_wq ? 0 : -ENOMEM;
}

/* No instance is listed, but what ended the last ones may not have returned. */
void ex_insts_exit(void)
{
	destroy_workqueue(ex_ends_wq);
}

struct ex_inst *ex_inst_find(const struct net *net, const char *name)
{
	struct ex_inst *inst;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry(inst, &ex_net(net)->insts, list)
		if (!strcmp(inst->name, name))
			return inst;
	return NULL;
}

/* --- making --- */

/* Constants, with the pointers in them made the arena's. */
static int image_load(struct ex_inst *inst)
{
	const struct ashlar_ext_info *info = inst->info;
	struct ex_arena *a = &inst->arena;
	u32 i, off;
	int err;

	if (!info->image_size)
		return 0;
	if (!ex_arena_take_at(a, 0, info->image_size))
		return -ENOSPC;
	err = ex_arena_map_image(a, info->image_size);
	if (err)
		return err;
	for (off = 0; off < info->image_size; off += PAGE_SIZE)
		memcpy(ex_arena_alias(a, off), info->image + off, PAGE_SIZE);
	for (i = 0; i < info->nr_relocs; i++)
		*(u64 *)ex_arena_alias(a, info->relocs[i]) += a->base - (u64)info->image;
	for (i = 0; i < info->nr_objects; i++)
		ex_shadow_set(a, info->objects[i].offset, info->objects[i].size);
	return 0;
}

static int state_make(struct ex_inst *inst)
{
	const struct ashlar_ext_info *info = inst->info;
	int err;

	if (!info->state_size)
		return 0;
	if (!ex_arena_take_at(&inst->arena, info->state_off, info->state_size))
		return -ENOSPC;
	err = ex_arena_map(&inst->arena, info->state_off, info->state_size, GFP_KERNEL_ACCOUNT);
	if (!err)
		ex_shadow_set(&inst->arena, info->state_off, info->state_size);
	return err;
}

static u32 limits_of(const struct ex_quota *quota)
{
	return (quota->pps ? EX_LIMIT_PPS : 0) | (quota->cpu_permille ? EX_LIMIT_CPU : 0);
}

static struct ex_inst *inst_alloc(struct net *net, struct ex_ext *ext, const struct ex_quota *quota)
{
	struct ex_inst *inst = kvzalloc(sizeof(*inst), GFP_KERNEL_ACCOUNT);

	if (!inst)
		return NULL;
	INIT_LIST_HEAD(&inst->list);
	INIT_LIST_HEAD(&inst->hooks);
	refcount_set(&inst->ref, 1);
	spin_lock_init(&inst->lock);
	spin_lock_init(&inst->rate.lock);
	spin_lock_init(&inst->sleeper_lock);
	init_waitqueue_head(&inst->idle);
	INIT_WORK(&inst->end_work, end_work);
	INIT_DELAYED_WORK(&inst->trial_work, ex_trial_work);
	init_completion(&inst->ended);
	inst->net = net;
	inst->ext = ext;
	inst->info = ext->info;
	inst->id = ++last_id;
	inst->quota = *quota;
	inst->limited = limits_of(quota);
	inst->created = ktime_get_boottime_ns();
	inst->state = EX_STARTING;
	strscpy(inst->name, ext->info->name, sizeof(inst->name));
	strscpy(inst->version, ext->info->version, sizeof(inst->version));
	strscpy(inst->build, ext->info->build, sizeof(inst->build));
	return inst;
}

static void inst_free(struct ex_inst *inst)
{
	ex_ctxs_exit(inst);
	kvfree(inst);
}

void ex_inst_put(struct ex_inst *inst)
{
	if (refcount_dec_and_test(&inst->ref))
		inst_free(inst);
}

/* What may be undone in any state of being made. */
static void inst_unmake(struct ex_inst *inst)
{
	ex_maps_leave(inst);
	ex_ledger_exit(inst);
	ex_arena_destroy(&inst->arena);
}

static int inst_fill(struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	int err;

	err = ex_arena_create(&inst->arena, inst->quota.memory);
	if (err)
		return err;
	err = image_load(inst) ?: state_make(inst) ?: ex_ctxs_init(inst);
	if (err == -EDQUOT)
		NL_SET_ERR_MSG(extack,
			       "its constants and its state take more memory than it may use");
	if (err)
		goto arena;
	err = ex_ledger_init(inst);
	if (err)
		goto arena;
	err = ex_maps_attach(inst, extack);
	if (err)
		goto ledger;
	return 0;

ledger:
	ex_ledger_exit(inst);
arena:
	ex_arena_destroy(&inst->arena);
	return err;
}

struct ex_inst *ex_inst_make(struct net *net, struct ex_ext *ext, const struct ex_quota *quota,
			     struct netlink_ext_ack *extack)
{
	struct ex_inst *inst;
	int err;

	lockdep_assert_held(&ex_mutex);
	if (!try_module_get(ext->mod)) {
		NL_SET_ERR_MSG(extack, "the extension is being unloaded");
		return ERR_PTR(-ENOENT);
	}
	inst = inst_alloc(net, ext, quota);
	err = inst ? inst_fill(inst, extack) : -ENOMEM;
	if (err) {
		if (inst)
			inst_free(inst);
		module_put(ext->mod);
		return ERR_PTR(err);
	}
	ext->nr_insts++;
	return inst;
}

int ex_inst_init(struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	const struct ashlar_ext_entry *init;
	u64 ret = 0;
	int err = 0;

	/* It can be found by its name, and so be ended, before it has begun. */
	if (!ex_inst_hold(inst, false)) {
		NL_SET_ERR_MSG(extack, "the instance ended meanwhile");
		return -ESHUTDOWN;
	}
	init = inst->ext->entries[ASHLAR_EXT_ENTRY_INIT];
	if (init)
		err = ex_run(inst, init, 0, 0, 0, 0, &ret);
	ex_inst_release(inst);
	if (err == -EOWNERDEAD)
		NL_SET_ERR_MSG(extack, "its init did what it must not: see ashlar ext report");
	if (!err && (s32)ret) {
		NL_SET_ERR_MSG(extack, "its init refused");
		err = (s32)ret < 0 && (s32)ret >= -MAX_ERRNO ? (s32)ret : -ECANCELED;
	}
	return err;
}

/* Which extension the namespace may have, and how much of it. */
static struct ex_ext *approved_ext(struct net *net, const char *name, const char *build,
				   struct ex_quota *quota, struct netlink_ext_ack *extack)
{
	struct ex_approval *a = ex_approval_find(net, name);
	struct ex_ext *ext = ex_ext_find(name, build);

	if (!ext) {
		NL_SET_ERR_MSG(extack, "no such extension is loaded");
		return ERR_PTR(-ENOENT);
	}
	if (!a) {
		NL_SET_ERR_MSG(extack, "the extension is not approved for this network namespace");
		return ERR_PTR(-EPERM);
	}
	if (ext->quarantined) {
		NL_SET_ERR_MSG(extack,
			       "the extension is quarantined: its instances failed too often");
		return ERR_PTR(-EOWNERDEAD);
	}
	*quota = a->quota;
	return ext;
}

struct ex_inst *ex_inst_prepare(struct net *net, const char *name, const char *build,
				struct netlink_ext_ack *extack)
{
	struct ex_quota quota;
	struct ex_ext *ext;

	lockdep_assert_held(&ex_mutex);
	if (ex_net(net)->leaving)
		return ERR_PTR(-ENOENT);
	ext = approved_ext(net, name, build, &quota, extack);
	return IS_ERR(ext) ? ERR_CAST(ext) : ex_inst_make(net, ext, &quota, extack);
}

int ex_inst_create(struct net *net, const char *ext_name, const char *build,
		   struct netlink_ext_ack *extack, struct ex_inst **out)
{
	struct ex_inst *inst;
	int err;

	mutex_lock(&ex_mutex);
	if (ex_inst_find(net, ext_name)) {
		NL_SET_ERR_MSG(extack, "it runs in this network namespace already");
		inst = ERR_PTR(-EEXIST);
	} else {
		inst = ex_inst_prepare(net, ext_name, build, extack);
	}
	if (!IS_ERR(inst)) {
		list_add_tail(&inst->list, &ex_net(net)->insts);
		ex_inst_get(inst);
		ex_generation++;
	}
	mutex_unlock(&ex_mutex);
	if (IS_ERR(inst))
		return PTR_ERR(inst);
	err = ex_inst_init(inst, extack);
	if (!err && cmpxchg(&inst->state, EX_STARTING, EX_RUNNING) != EX_STARTING)
		err = -ESHUTDOWN;
	/* What violated something stays, for the report. */
	if (err && err != -EOWNERDEAD)
		ex_inst_destroy(inst);
	if (!err) {
		mutex_lock(&ex_mutex);
		ex_nl_notify_inst(inst, ASHLAR_EXT_EVENT_NEW);
		mutex_unlock(&ex_mutex);
	}
	if (!err && out)
		*out = inst;
	else
		ex_inst_put(inst);
	return err;
}

/* --- ending --- */

void ex_inst_end(struct ex_inst *inst)
{
	struct ex_ext *ext = inst->ext;

	WARN_ON_ONCE(!READ_ONCE(inst->closed));
	if (!ext)
		return;
	/*
	 * Who began before it was closed may have begun after it was told: again behind the grace
	 * period.
	 */
	ex_stop_all(inst, STOP_TRIES);
	synchronize_rcu();
	ex_timers_stop(inst);
	while (!wait_event_timeout(inst->idle, !READ_ONCE(inst->sleeping), HZ / 10))
		ex_stop_all(inst, 1);
	spin_lock_bh(&inst->sleeper_lock);
	spin_unlock_bh(&inst->sleeper_lock);
	ex_ledger_unwind(inst);
	inst_unmake(inst);
	mutex_lock(&ex_mutex);
	ext->nr_insts--;
	inst->ext = NULL;
	inst->info = NULL;
	mutex_unlock(&ex_mutex);
	module_put(ext->mod);
}

/*
 * Who ends it changes its state first, then closes it under the lock, then waits for those that
 * hold it: so whoever finds a good state under the lock is waited for.
 */
bool ex_inst_hold(struct ex_inst *inst, bool frozen)
{
	bool ok;

	spin_lock_bh(&inst->sleeper_lock);
	ok = !inst->closed || (frozen && READ_ONCE(inst->state) == EX_FROZEN);
	inst->sleeping += ok;
	spin_unlock_bh(&inst->sleeper_lock);
	return ok;
}

void ex_inst_release(struct ex_inst *inst)
{
	spin_lock_bh(&inst->sleeper_lock);
	if (!--inst->sleeping)
		wake_up_all(&inst->idle);
	spin_unlock_bh(&inst->sleeper_lock);
}

static bool state_end(struct ex_inst *inst, u32 *old)
{
	*old = READ_ONCE(inst->state);
	while (*old != EX_QUARANTINED && *old != EX_DEAD)
		if (try_cmpxchg(&inst->state, old, EX_QUARANTINED))
			return true;
	return false;
}

/* Sleepers look at it under their lock: none begins behind this. */
void ex_inst_close(struct ex_inst *inst)
{
	spin_lock_bh(&inst->sleeper_lock);
	WRITE_ONCE(inst->closed, true);
	ex_ctxs_close(inst, true);
	spin_unlock_bh(&inst->sleeper_lock);
}

/* Under the lock: who has ended it closes it behind this, or has changed its state before. */
bool ex_inst_thaw(struct ex_inst *inst)
{
	bool ok;

	spin_lock_bh(&inst->sleeper_lock);
	ok = cmpxchg(&inst->state, EX_FROZEN, EX_RUNNING) == EX_FROZEN;
	if (ok) {
		WRITE_ONCE(inst->closed, false);
		ex_ctxs_close(inst, false);
	}
	spin_unlock_bh(&inst->sleeper_lock);
	return ok;
}

bool ex_inst_quarantine(struct ex_inst *inst, const struct ex_ctx *ctx)
{
	struct ex_report *r = &inst->fault;
	u32 old;

	if (!state_end(inst, &old)) {
		if (ctx)
			trace_ex_fault(inst, ctx, false);
		return false;
	}
	ex_inst_get(inst);
	memset(r, 0, sizeof(*r));
	r->ip = ~0ULL;
	r->other_ip = ~0ULL;
	r->offset = ~0ULL;
	if (ctx)
		ex_report_fill(r, ctx);
	else
		r->code = ASHLAR_EXT_FAULT_STOP;
	r->time = ktime_get_boottime_ns();
	strscpy(r->version, inst->version, sizeof(r->version));
	strscpy(r->build, inst->build, sizeof(r->build));
	strscpy(r->module, inst->ext->mod->name, sizeof(r->module));
	inst->faults++;
	ex_count(inst, QUARANTINE);
	/* The version before is there for the next packet. */
	r->rolled_back = ex_trial_fail(inst);
	ex_inst_close(inst);
	if (ctx)
		trace_ex_fault(inst, ctx, true);
	/* At once: where one does not let go of a CPU, the worker may have to wait for that. */
	ex_tell_all(inst);
	queue_work(ex_ends_wq, &inst->end_work);
	return true;
}

static void end_work(struct work_struct *work)
{
	struct ex_inst *inst = container_of(work, struct ex_inst, end_work);
	struct ex_inst *orphan = NULL;
	struct ex_ext *ext = inst->ext;
	bool back;

	mutex_lock(&ex_mutex);
	/* The operator's word is no failure. */
	if (inst->fault.kind)
		inst->fault.storm = ex_ext_storm(ext);
	if (inst->fault.storm)
		ex_nl_notify_ext(ext, ASHLAR_EXT_EVENT_QUARANTINED);
	mutex_unlock(&ex_mutex);
	/* Who began a trial of it when it had failed already has let go of ex_mutex. */
	ex_trial_cancel(inst);
	ex_inst_end(inst);
	mutex_lock(&ex_mutex);
	inst->report = inst->fault;
	back = ex_trial_failed(inst, &orphan);
	if (!back) {
		ex_generation++;
		trace_ex_state(inst);
		ex_nl_notify_report(inst);
		ex_nl_notify_inst(inst, ASHLAR_EXT_EVENT_QUARANTINED);
	}
	if (!orphan)
		complete_all(&inst->ended);
	mutex_unlock(&ex_mutex);
	/*
	 * Maps of no other version wait for all who read them: not with ex_mutex. Who destroyed
	 * both does it otherwise, and waits for both: the namespace may go then.
	 */
	if (back && !orphan)
		ex_maps_detach(inst);
	if (orphan) {
		ex_inst_finish(orphan);
		complete_all(&inst->ended);
	}
	/* Packets that still have one of its hooks, if these are another one's now. */
	synchronize_rcu();
	ex_inst_put(inst);
}

static void hooks_detach(struct ex_inst *inst)
{
	struct ex_hook *hook, *next;

	list_for_each_entry_safe(hook, next, &inst->hooks, list)
		ex_detach(hook);
}

/* An instance that is in no list any more. */
void ex_inst_finish(struct ex_inst *inst)
{
	u32 old = xchg(&inst->state, EX_DEAD);

	if (old == EX_QUARANTINED) {
		wait_for_completion(&inst->ended);
	} else {
		ex_inst_close(inst);
		ex_inst_end(inst);
	}
	/* Packets that still have one of its hooks. */
	synchronize_rcu();
	ex_maps_detach(inst);
	mutex_lock(&ex_mutex);
	ex_net_stats_keep(inst);
	mutex_unlock(&ex_mutex);
	ex_inst_put(inst);
}

void ex_inst_destroy(struct ex_inst *inst)
{
	struct ex_inst *previous;

	mutex_lock(&ex_mutex);
	if (list_empty(&inst->list)) {
		mutex_unlock(&ex_mutex);
		return;
	}
	hooks_detach(inst);
	previous = ex_trial_take(inst);
	list_del_init(&inst->list);
	ex_generation++;
	ex_nl_notify_inst(inst, ASHLAR_EXT_EVENT_DEL);
	mutex_unlock(&ex_mutex);
	ex_trial_cancel(inst);
	if (previous)
		ex_inst_finish(previous);
	ex_inst_finish(inst);
}

/* --- quotas --- */

static bool within(u64 value, u64 limit)
{
	return !limit || (value && value <= limit);
}

static int quota_allowed(const struct ex_quota *q, const struct ex_quota *limit,
			 struct netlink_ext_ack *extack)
{
	if (q->memory <= limit->memory && q->fuel <= limit->fuel && q->lock_ns <= limit->lock_ns &&
	    within(q->pps, limit->pps) && within(q->cpu_permille, limit->cpu_permille))
		return 0;
	NL_SET_ERR_MSG(extack, "that is more than what the extension is approved for");
	return -EPERM;
}

void ex_inst_take_quota(struct ex_inst *inst, const struct ex_quota *quota)
{
	lockdep_assert_held(&ex_mutex);
	spin_lock_bh(&inst->lock);
	inst->arena.quota += quota->memory - inst->quota.memory;
	spin_unlock_bh(&inst->lock);
	inst->quota = *quota;
	inst->limited = limits_of(quota);
	ex_ctxs_quota(inst);
	ex_locks_quota(inst);
}

int ex_inst_set_quota(struct ex_inst *inst, const struct ex_quota *quota,
		      struct netlink_ext_ack *extack)
{
	struct ex_approval *a = ex_approval_find(inst->net, inst->name);
	int err;

	lockdep_assert_held(&ex_mutex);
	if (!inst->ext || inst->state == EX_DEAD) {
		NL_SET_ERR_MSG(extack, "the instance does not run");
		return -ESHUTDOWN;
	}
	err = ex_quota_check(quota, extack) ?:
		      quota_allowed(quota, a ? &a->quota : &ex_quota_default, extack);
	if (err)
		return err;
	ex_inst_take_quota(inst, quota);
	ex_generation++;
	ex_nl_notify_inst(inst, ASHLAR_EXT_EVENT_SET);
	return 0;
}
