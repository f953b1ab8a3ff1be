// SPDX-License-Identifier: GPL-2.0-only
/*
 * The topology in force. Links of this host report what the ladder makes of
 * them; of all others somebody tells by netlink. A link that turns corrupting
 * is held against the fast check; when capacity comes back, the optimizer runs
 * in a work item, and what it chose is told and tried first.
 *
 * The optimizer has a budget, so that ln_mutex is held for some tens of
 * milliseconds at most.
 */
#include <linux/slab.h>

#include "host.h"
#include "nl.h"
#include "topology.h"

/* Steps of some nanoseconds. */
#define PLAN_BUDGET	2000000ULL
/* What comes back in a row is planned for once. */
#define REPLAN_DELAY	(HZ / 10)
#define REPLAN_RETRY	(10 * HZ)
/* So long the optimizer's choice goes first. */
#define AHEAD		(30 * HZ)

struct ln_fabric *ln_topo_now(struct ln_host *host)
{
	lockdep_assert_held(&ln_mutex);
	return host->topo ? host->topo->now : NULL;
}

static u32 number_of(const struct ln_fabric *fabric, const struct ln_link *link)
{
	if (!link->cfg.topo_link[0])
		return LN_PLAN_NONE;
	return ln_names_find(&fabric->link_names, link->cfg.topo_link);
}

static bool is_ahead(const struct ln_topo *topo)
{
	return topo->n_planned && time_before(jiffies, topo->ahead);
}

static void replan_soon(struct ln_topo *topo)
{
	if (!READ_ONCE(topo->host->stopping))
		mod_delayed_work(ln_wq, &topo->replan, REPLAN_DELAY);
}

/* Is it carrying traffic? */
static bool in_service(const struct ln_link *link)
{
	return netif_running(link->dev) && netif_carrier_ok(link->dev) &&
	       !ln_ladder_out(&link->ladder);
}

static u64 loss_of(struct ln_link *link)
{
	struct ln_opinion op;
	u64 loss = 0;
	int dir;

	spin_lock_bh(&link->lock);
	for (dir = LN_RX; dir < LN_DIRS; dir++) {
		ln_link_opinion(link, dir, &op);
		if (op.trusted && op.verdict == LN_CORRUPTING)
			loss = max3(loss, op.loss, 1ULL);
	}
	spin_unlock_bh(&link->lock);
	return loss;
}

/* One link's new state; whether capacity came back. */
static bool link_state(struct ln_topo *topo, u32 number, bool out, u64 loss)
{
	struct ln_fabric *fabric = topo->now;
	bool was_out = ln_plan_is_out(fabric->plan, number);
	u64 had = ln_plan_loss(fabric->plan, number);

	if (was_out == out && had == loss)
		return false;
	/* What it chose among is not all there is any more. */
	if (loss && !had)
		topo->ahead = jiffies;
	ln_plan_set_loss(fabric->plan, number, loss);
	if (out)
		ln_plan_take_out(fabric->plan, number);
	else
		ln_plan_bring_back(fabric->plan, number);
	if (out || !loss) {
		topo->n_planned -= fabric->state[number].planned;
		fabric->state[number].planned = false;
	}
	/* A rate that is only known better is no event. */
	if (was_out == out && !had == !loss)
		return false;
	ln_nl_notify_topology_link(topo->host, number, LN_EVENT_SET);
	return was_out && !out;
}

void ln_topo_update(struct ln_link *link)
{
	struct ln_fabric *fabric = ln_topo_now(link->host);
	u32 number;

	if (!fabric)
		return;
	number = number_of(fabric, link);
	if (number == LN_PLAN_NONE)
		return;
	fabric->state[number].ifindex = link->dev->ifindex;
	if (link_state(link->host->topo, number, !in_service(link),
		       loss_of(link)))
		replan_soon(link->host->topo);
}

void ln_topo_leave(struct ln_link *link)
{
	struct ln_fabric *fabric = ln_topo_now(link->host);
	u32 number;

	if (!fabric)
		return;
	number = number_of(fabric, link);
	if (number == LN_PLAN_NONE)
		return;
	fabric->state[number].ifindex = 0;
	if (link_state(link->host->topo, number, false, 0))
		replan_soon(link->host->topo);
}

static void violated(struct ln_link *link, const char *tor)
{
	spin_lock_bh(&link->lock);
	strscpy(link->violated, tor, sizeof(link->violated));
	spin_unlock_bh(&link->lock);
}

bool ln_topo_allows(struct ln_host *host, struct ln_link *link)
{
	struct ln_fabric *fabric = ln_topo_now(host);
	struct ln_topo *topo = host->topo;
	u32 number, tor = LN_PLAN_NONE;
	bool may = false;
	u64 start;

	if (!fabric || !link->cfg.topo_link[0])
		return true;
	number = number_of(fabric, link);
	if (number != LN_PLAN_NONE) {
		start = ktime_get_ns();
		may = ln_plan_may_go(fabric->plan, number, &tor);
		topo->check_max_ns = max(topo->check_max_ns,
					 ktime_get_ns() - start);
	}
	if (may && is_ahead(topo) && !fabric->state[number].planned &&
	    !ln_plan_is_out(fabric->plan, number))
		may = false;
	violated(link, tor == LN_PLAN_NONE ? "" :
		 fabric->node_names.name[tor]);
	return may;
}

static void kick_all(struct ln_host *host)
{
	struct ln_link *link;

	list_for_each_entry(link, &host->links, list)
		ln_kick(link, LN_DUE_ACT);
}

static void plan_take(struct ln_topo *topo, const struct ln_plan_answer *answer)
{
	struct ln_fabric *fabric = topo->now;
	u32 i, n = fabric->link_names.n;

	for (i = 0; i < n; i++)
		fabric->state[i].planned = false;
	for (i = 0; i < answer->n_out; i++)
		fabric->state[answer->out[i]].planned = true;
	topo->n_planned = answer->n_out;
	topo->contested = answer->contested;
	topo->penalty = answer->penalty;
	topo->steps = answer->steps;
	topo->proven = answer->proven;
	topo->ahead = jiffies + AHEAD;
	topo->runs++;
	ln_nl_notify_topology(topo->host, LN_EVENT_PLANNED);
	for (i = 0; i < answer->n_out; i++)
		ln_nl_notify_topology_link(topo->host, answer->out[i],
					   LN_EVENT_PLANNED);
}

static void replan(struct work_struct *work)
{
	struct ln_topo *topo = container_of(work, struct ln_topo, replan.work);
	struct ln_plan_answer answer;

	mutex_lock(&ln_mutex);
	if (!topo->now || topo->host->stopping)
		goto unlock;
	/* Out of memory: the fast check does meanwhile. */
	if (ln_plan_optimize(topo->now->plan, PLAN_BUDGET, &answer))
		mod_delayed_work(ln_wq, &topo->replan, REPLAN_RETRY);
	else
		plan_take(topo, &answer);
	kick_all(topo->host);
unlock:
	mutex_unlock(&ln_mutex);
}

struct ln_topo *ln_topo_make(struct ln_host *host)
{
	lockdep_assert_held(&ln_mutex);
	if (host->topo || host->stopping)
		return host->topo;
	host->topo = kzalloc(sizeof(*host->topo), GFP_KERNEL_ACCOUNT);
	if (!host->topo)
		return NULL;
	host->topo->host = host;
	host->topo->ahead = jiffies;
	INIT_DELAYED_WORK(&host->topo->replan, replan);
	return host->topo;
}

static void plan_forget(struct ln_topo *topo)
{
	topo->n_planned = 0;
	topo->contested = 0;
	topo->penalty = 0;
	topo->steps = 0;
	topo->proven = false;
	topo->check_max_ns = 0;
	topo->ahead = jiffies;
}

void ln_topo_commit(struct ln_host *host, struct ln_fabric *fabric)
{
	struct ln_topo *topo = host->topo;
	struct ln_fabric *old = topo->now;
	struct ln_link *link;

	lockdep_assert_held(&ln_mutex);
	plan_forget(topo);
	topo->now = fabric;
	list_for_each_entry(link, &host->links, list)
		ln_topo_update(link);
	atomic_inc(&host->generation);
	ln_nl_notify_topology(host, old ? LN_EVENT_SET : LN_EVENT_NEW);
	ln_fabric_free(old);
	replan_soon(topo);
	kick_all(host);
}

void ln_topo_flush(struct ln_host *host)
{
	struct ln_topo *topo = host->topo;

	lockdep_assert_held(&ln_mutex);
	if (!topo)
		return;
	ln_fabric_free(topo->next);
	topo->next = NULL;
	if (!topo->now)
		return;
	ln_nl_notify_topology(host, LN_EVENT_DEL);
	ln_fabric_free(topo->now);
	topo->now = NULL;
	plan_forget(topo);
	atomic_inc(&host->generation);
	kick_all(host);
}

void ln_topo_wait(struct ln_host *host)
{
	struct ln_topo *topo = host->topo;

	if (!topo)
		return;
	cancel_delayed_work_sync(&topo->replan);
	mutex_lock(&ln_mutex);
	host->topo = NULL;
	mutex_unlock(&ln_mutex);
	ln_fabric_free(topo->next);
	kfree(topo);
}

void ln_topo_release(struct ln_host *host, u32 portid)
{
	struct ln_topo *topo = host->topo;

	lockdep_assert_held(&ln_mutex);
	if (!topo || !topo->next || topo->next->portid != portid)
		return;
	ln_fabric_free(topo->next);
	topo->next = NULL;
}

void ln_topo_set(struct ln_host *host, u32 number, const bool *out,
		 const u64 *loss, const bool *locked)
{
	struct ln_topo *topo = host->topo;
	struct ln_fabric *fabric = ln_topo_now(host);
	bool back;

	if (locked && fabric->state[number].locked != *locked) {
		fabric->state[number].locked = *locked;
		ln_plan_set_locked(fabric->plan, number, *locked);
		ln_nl_notify_topology_link(host, number, LN_EVENT_SET);
	}
	back = link_state(topo, number,
			  out ? *out : ln_plan_is_out(fabric->plan, number),
			  loss ? *loss : ln_plan_loss(fabric->plan, number));
	/* A link that is free again is capacity that may be had. */
	if (back || (locked && !*locked))
		replan_soon(topo);
	atomic_inc(&host->generation);
}
