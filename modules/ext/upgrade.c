// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another version takes over, or the same one begins anew. Hooks are the
 * place's: they go from one instance to the next, and a packet is never without
 * one. During a trial they know both (hook->spare); the first violation closes
 * the new instance, and by that very store the next packet is the old one's.
 *
 * Who takes inst->previous out (by xchg) decides the trial: a violation, its
 * end in time, or the operator.
 *
 * Private state passes as bytes: the old version is frozen, so that nothing
 * changes under it, writes them, and the new one reads them. Packets get the
 * failure verdict meanwhile. Maps are the shim's and belong to both.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "nl.h"
#include "trace.h"
#include "upgrade.h"

#define FREEZE_WAIT	(2 * HZ)

/* --- trials --- */

/*
 * Those that run may finish, so that the state is whole; hooks and timers do by
 * their fuel, and those that sleep have some time. Who was told to stop as it
 * left anyway would find that at its next beginning: all contexts are at rest.
 */
static void freeze(struct ex_inst *inst)
{
	ex_inst_close(inst);
	synchronize_rcu();
	if (!wait_event_timeout(inst->idle, !READ_ONCE(inst->sleeping), FREEZE_WAIT))
		while (!wait_event_timeout(inst->idle, !READ_ONCE(inst->sleeping), HZ / 10))
			ex_stop_all(inst, 1);
	spin_lock_bh(&inst->sleeper_lock);
	spin_unlock_bh(&inst->sleeper_lock);
	ex_ctxs_rest(inst);
}

bool ex_trial_fail(struct ex_inst *inst)
{
	struct ex_inst *previous = xchg(&inst->previous, NULL);

	if (!previous)
		return false;
	inst->successor = previous;
	/* One that has failed itself, in what had begun before the trial, stays closed. */
	return ex_inst_thaw(previous);
}

struct ex_inst *ex_trial_take(struct ex_inst *inst)
{
	lockdep_assert_held(&ex_mutex);
	inst->trial_end = 0;
	return xchg(&inst->previous, NULL);
}

void ex_trial_cancel(struct ex_inst *inst)
{
	/* The work has a reference of its own. */
	if (cancel_delayed_work_sync(&inst->trial_work))
		ex_inst_put(inst);
}

bool ex_trial_failed(struct ex_inst *inst, struct ex_inst **orphan)
{
	struct ex_inst *previous = inst->successor;

	lockdep_assert_held(&ex_mutex);
	if (!previous)
		return false;
	inst->successor = NULL;
	/* Destroyed meanwhile: so is what it was tried against. */
	if (list_empty(&inst->list)) {
		*orphan = previous;
		return true;
	}
	ex_hooks_return(inst, previous);
	/* One that has failed meanwhile has a report of its own. */
	if (READ_ONCE(previous->state) != EX_QUARANTINED)
		previous->report = inst->report;
	previous->faults = inst->faults;
	ex_count(previous, ROLL_BACK);
	list_replace_init(&inst->list, &previous->list);
	ex_generation++;
	trace_ex_state(previous);
	ex_nl_notify_report(previous);
	ex_nl_notify_inst(previous, ASHLAR_EXT_EVENT_ROLLED_BACK);
	ex_net_stats_keep(inst);
	/* The list's. */
	ex_inst_put(inst);
	return true;
}

static void trial_begin(struct ex_inst *inst, struct ex_inst *old, u32 ms)
{
	inst->trial_end = (jiffies + msecs_to_jiffies(ms)) | 1;
	WRITE_ONCE(inst->previous, old);
	ex_inst_get(inst);
	queue_delayed_work(ex_ends_wq, &inst->trial_work, msecs_to_jiffies(ms));
}

/* The new version stays, and the old one goes; false if there is none. */
static bool trial_keep(struct ex_inst *inst)
{
	struct ex_inst *previous;

	mutex_lock(&ex_mutex);
	previous = ex_trial_take(inst);
	if (previous) {
		cmpxchg(&inst->state, EX_TRIAL, EX_RUNNING);
		ex_hooks_settle(inst);
		ex_generation++;
		ex_nl_notify_inst(inst, ASHLAR_EXT_EVENT_KEPT);
	}
	mutex_unlock(&ex_mutex);
	if (previous)
		ex_inst_finish(previous);
	return previous;
}

void ex_trial_work(struct work_struct *work)
{
	struct ex_inst *inst = container_of(to_delayed_work(work), struct ex_inst, trial_work);

	trial_keep(inst);
	ex_inst_put(inst);
}

int ex_inst_commit(struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	if (!trial_keep(inst)) {
		NL_SET_ERR_MSG(extack, "no version is on trial");
		return -ENOENT;
	}
	ex_trial_cancel(inst);
	return 0;
}

/* The trial ends otherwise under ex_mutex, or by a quarantine, of which there is one. */
int ex_inst_rollback(struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	bool done;

	mutex_lock(&ex_mutex);
	done = READ_ONCE(inst->previous) && ex_inst_quarantine(inst, NULL);
	mutex_unlock(&ex_mutex);
	if (!done) {
		NL_SET_ERR_MSG(extack, "no version is on trial");
		return -ENOENT;
	}
	wait_for_completion(&inst->ended);
	return 0;
}

/* --- state that passes --- */

static int save(struct ex_inst *old, void **bytes, struct netlink_ext_ack *extack)
{
	const struct ashlar_ext_entry *entry = old->ext->entries[ASHLAR_EXT_ENTRY_SAVE];
	void *buf;
	u64 ret;
	int err;

	buf = ex_heap_alloc(old, EX_SAVE_MAX, false);
	if (!buf) {
		NL_SET_ERR_MSG(extack, "the old version has no memory left to write its state to");
		return -ENOMEM;
	}
	err = ex_run(old, entry, (u64)buf, EX_SAVE_MAX, 0, 0, &ret);
	if (!err && ((s32)ret < 0 || (s32)ret > (s32)EX_SAVE_MAX))
		err = (s32)ret < 0 && (s32)ret >= -MAX_ERRNO ? (s32)ret : -EPROTO;
	if (!err) {
		*bytes = kvmalloc(max_t(u32, ret, 1), GFP_KERNEL_ACCOUNT);
		if (*bytes)
			memcpy(*bytes, buf, ret);
		err = *bytes ? (s32)ret : -ENOMEM;
	}
	if (err < 0)
		NL_SET_ERR_MSG(extack, "the old version did not write its state");
	ex_heap_free(old, (u64)buf);
	return err;
}

static int restore(struct ex_inst *inst, const void *bytes, u32 len, u32 schema,
		   struct netlink_ext_ack *extack)
{
	const struct ashlar_ext_entry *entry = inst->ext->entries[ASHLAR_EXT_ENTRY_RESTORE];
	void *buf = ex_heap_alloc(inst, max(len, 1U), false);
	u64 ret;
	int err;

	if (!buf)
		return -ENOMEM;
	memcpy(buf, bytes, len);
	err = ex_run(inst, entry, (u64)buf, len, schema, 0, &ret);
	if (!err && (s32)ret)
		err = (s32)ret < 0 && (s32)ret >= -MAX_ERRNO ? (s32)ret : -ECANCELED;
	ex_heap_free(inst, (u64)buf);
	if (err)
		NL_SET_ERR_MSG(extack, "the new version did not take the old one's state");
	return err;
}

static bool passes_state(const struct ex_inst *old, const struct ex_inst *inst)
{
	bool both;

	mutex_lock(&ex_mutex);
	both = old->ext && old->ext->entries[ASHLAR_EXT_ENTRY_SAVE] &&
	       inst->ext->entries[ASHLAR_EXT_ENTRY_RESTORE];
	mutex_unlock(&ex_mutex);
	return both;
}

/* Either may violate something at any time, and is gone then but for what holds it. */
static bool hold(struct ex_inst *inst, bool frozen, struct netlink_ext_ack *extack)
{
	if (ex_inst_hold(inst, frozen))
		return true;
	NL_SET_ERR_MSG(extack, "one of the versions ended meanwhile");
	return false;
}

static int pass_state(struct ex_inst *old, struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	void *bytes = NULL;
	u32 schema;
	int n;

	freeze(old);
	if (!hold(old, true, extack))
		return -ESHUTDOWN;
	schema = old->info->schema;
	n = save(old, &bytes, extack);
	ex_inst_release(old);
	if (n >= 0)
		n = restore(inst, bytes, n, schema, extack);
	kvfree(bytes);
	return min(n, 0);
}

static int hand_over(struct ex_inst *old, struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	int err = 0;

	if (!hold(inst, false, extack))
		return -ESHUTDOWN;
	if (passes_state(old, inst))
		err = pass_state(old, inst, extack);
	ex_inst_release(inst);
	return err;
}

/* --- taking over --- */

/* Everything but the hooks of the new one; ex_mutex is let go for what it runs. */
static struct ex_inst *make_successor(struct ex_inst *old, const char *build,
				      struct netlink_ext_ack *extack)
{
	struct ex_inst *inst = ex_inst_prepare(old->net, old->name, build, extack);

	if (IS_ERR(inst))
		return inst;
	inst->id = old->id;
	inst->faults = old->faults;
	ex_inst_take_quota(inst, &old->quota);
	return inst;
}

/* It was never in a list. */
static void drop_successor(struct ex_inst *old, struct ex_inst *inst)
{
	bool failed;

	mutex_lock(&ex_mutex);
	failed = READ_ONCE(inst->state) == EX_QUARANTINED;
	mutex_unlock(&ex_mutex);
	if (failed) {
		wait_for_completion(&inst->ended);
		mutex_lock(&ex_mutex);
		old->report = inst->report;
		ex_nl_notify_report(old);
		mutex_unlock(&ex_mutex);
	}
	ex_inst_finish(inst);
}

static int check_hooks(const struct ex_inst *old, const struct ex_inst *inst,
		       struct netlink_ext_ack *extack)
{
	struct ex_hook *hook;

	list_for_each_entry(hook, &old->hooks, list)
		if (!ex_ext_entry(inst->ext, hook->entry, ASHLAR_EXT_ENTRY_HOOK)) {
			NL_SET_ERR_MSG(extack, "the new version lacks an entry that is attached");
			return -ENOENT;
		}
	return 0;
}

/* Hooks and list are the new one's, and it runs; unless it has failed meanwhile. ex_mutex */
static void replace(struct ex_inst *old, struct ex_inst *inst, u32 trial_ms)
{
	struct ex_inst *back;

	ex_hooks_hand_over(old, inst, trial_ms);
	list_replace_init(&old->list, &inst->list);
	ex_inst_close(old);
	if (trial_ms)
		trial_begin(inst, old, trial_ms);
	if (cmpxchg(&inst->state, EX_STARTING, trial_ms ? EX_TRIAL : EX_RUNNING) != EX_STARTING) {
		/* Before there was one to come back; end_work() waits for ex_mutex. */
		back = xchg(&inst->previous, NULL);
		if (back) {
			inst->successor = back;
			inst->fault.rolled_back = ex_inst_thaw(back);
		}
	}
	ex_generation++;
	trace_ex_state(inst);
}

/* Under ex_mutex, whether the new one may take the place. */
static bool may_replace(const struct ex_inst *old, u32 state, const struct ex_inst *inst)
{
	return READ_ONCE(old->state) == state && !list_empty(&old->list) &&
	       READ_ONCE(inst->state) == EX_STARTING;
}

int ex_inst_upgrade(struct ex_inst *old, const char *build, u32 trial_ms,
		    struct netlink_ext_ack *extack)
{
	struct ex_inst *inst;
	int err;

	/* Each place of a hook's two is written once in a grace period. */
	synchronize_rcu();
	mutex_lock(&ex_mutex);
	if (cmpxchg(&old->state, EX_RUNNING, EX_FROZEN) != EX_RUNNING) {
		NL_SET_ERR_MSG(extack, "the instance does not run, or a version is on trial");
		mutex_unlock(&ex_mutex);
		return -EBUSY;
	}
	inst = make_successor(old, build, extack);
	err = IS_ERR(inst) ? PTR_ERR(inst) : check_hooks(old, inst, extack);
	mutex_unlock(&ex_mutex);
	if (!err)
		err = ex_inst_init(inst, extack) ?: hand_over(old, inst, extack);
	if (err)
		goto back;
	mutex_lock(&ex_mutex);
	if (may_replace(old, EX_FROZEN, inst)) {
		replace(old, inst, trial_ms);
		ex_nl_notify_inst(inst, ASHLAR_EXT_EVENT_UPGRADED);
	} else {
		NL_SET_ERR_MSG(extack, "one of the versions ended meanwhile");
		err = -ESHUTDOWN;
	}
	mutex_unlock(&ex_mutex);
	if (err)
		goto back;
	if (!trial_ms)
		ex_inst_finish(old);
	return 0;

back:
	if (!IS_ERR(inst))
		drop_successor(old, inst);
	ex_inst_thaw(old);
	return err;
}

int ex_inst_restart(struct ex_inst *old, struct netlink_ext_ack *extack)
{
	struct ex_inst *inst;
	int err;

	if (READ_ONCE(old->state) != EX_QUARANTINED) {
		NL_SET_ERR_MSG(extack, "the instance is not quarantined");
		return -EBUSY;
	}
	wait_for_completion(&old->ended);
	synchronize_rcu();
	mutex_lock(&ex_mutex);
	inst = make_successor(old, old->build, extack);
	err = IS_ERR(inst) ? PTR_ERR(inst) : check_hooks(old, inst, extack);
	mutex_unlock(&ex_mutex);
	if (!err)
		err = ex_inst_init(inst, extack);
	if (err)
		goto back;
	mutex_lock(&ex_mutex);
	if (may_replace(old, EX_QUARANTINED, inst)) {
		inst->report = old->report;
		replace(old, inst, 0);
		ex_nl_notify_inst(inst, ASHLAR_EXT_EVENT_RESTARTED);
	} else {
		NL_SET_ERR_MSG(extack, "the instance ended meanwhile");
		err = -ESHUTDOWN;
	}
	mutex_unlock(&ex_mutex);
	if (err)
		goto back;
	ex_inst_finish(old);
	return 0;

back:
	if (!IS_ERR(inst))
		drop_successor(old, inst);
	return err;
}
