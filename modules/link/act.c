// SPDX-License-Identifier: GPL-2.0-only
/*
 * Carries out what the ladder wants. Bonds are the module's own business: a
 * member is released as rtnetlink does it, and opened again, since a device
 * that is down proves nothing. What a module cannot do, replacing a nexthop
 * group or closing a device with its routes, is asked of the helper by a
 * notification; it answers by netlink.
 *
 * A decision is made and announced under ln_mutex, with the link counted as
 * lost from then on. The bond is touched after that, under rtnl alone, because
 * bonding calls the netdevice notifier.
 */
#include <linux/rtnetlink.h>

#include "host.h"
#include "link.h"
#include "nl.h"
#include "ticket.h"
#include "topology.h"
#include "trace.h"

/* A helper says that it is there every 10 s. */
#define HELPER_HZ	(30 * HZ)
/* No ladder needs more steps at once: decided, acted, noted, and one to rest. */
#define STEPS		6
#define GOODBYES	3

bool ln_helper_there(const struct ln_host *host)
{
	return host->helper_portid &&
	       time_before(jiffies, host->helper_heard + HELPER_HZ);
}

static bool has_master(const struct ln_link *link)
{
	return netdev_master_upper_dev_get((struct net_device *)link->dev);
}

/* The end with the lower identifier begins; see ln_decider(). */
static void gather_peer(const struct ln_link *link, struct ln_ladder_in *in)
{
	const struct ln_beat *told = &link->peer.told;

	in->peer_fresh = ln_peer_fresh(link);
	in->peer_trusted = link->peer.trusted;
	in->peer_left = link->peer.left && link->peer.trusted &&
			(told->flags & LN_BEAT_F_RESTORED);
	in->peer_state = told->state;
	in->peer_round = told->flags & LN_BEAT_F_REFUSED ? 0 : told->round;
	in->peer_agree = told->agree;
	in->peer_refused = told->flags & LN_BEAT_F_REFUSED ? told->round : 0;
	in->peer_proven = told->flags & LN_BEAT_F_PROVEN;
	in->decider = link->cfg.alone ||
		      ln_decider(link->host->id, told->host,
				 link->group != LN_GROUP_NONE,
				 told->flags & LN_BEAT_F_GROUPED);
}

static void gather(struct ln_link *link, struct ln_ladder_in *in)
{
	struct ln_opinion rx, tx;
	unsigned int left;

	*in = (struct ln_ladder_in){
		.now = ln_now_ms(),
		.guard = ln_group_guard(link),
		.topology = ln_topo_allows(link->host, link),
		.helper = ln_helper_there(link->host),
	};
	left = ln_group_left(link);
	spin_lock_bh(&link->lock);
	link->left = left;
	ln_link_opinion(link, LN_RX, &rx);
	ln_link_opinion(link, LN_TX, &tx);
	in->action = link->cfg.action;
	in->group = link->group;
	in->alone = link->cfg.alone;
	in->bad = rx.verdict == LN_CORRUPTING ||
		  (tx.verdict == LN_CORRUPTING && tx.trusted);
	in->proven = ln_link_proven(link);
	in->done = link->job_done;
	in->failed = link->job_failed;
	in->want_out = link->want_out;
	in->want_in = link->want_in;
	in->force = link->force;
	gather_peer(link, in);
	link->job_done = false;
	link->job_failed = false;
	spin_unlock_bh(&link->lock);
	/* Somebody put it back by hand: so be it. */
	if (link->ladder.state == LN_DRAINED && link->group == LN_GROUP_BOND &&
	    !link->down && has_master(link)) {
		in->want_in = true;
		in->force = true;
	}
}

static void count_refusal(const struct ln_link *link)
{
	switch (link->ladder.why) {
	case LN_WHY_GUARD:
		ln_count(link->host, GUARD_REFUSED);
		break;
	case LN_WHY_TOPOLOGY:
		ln_count(link->host, TOPOLOGY_REFUSED);
		break;
	case LN_WHY_NO_AGREEMENT:
		if (link->peer.told.flags & LN_BEAT_F_REFUSED)
			ln_count(link->host, AGREEMENT_REFUSED);
		else
			ln_count(link->host, AGREEMENT_TIMEOUT);
		break;
	default:
		break;
	}
}

/* A wish is over once the state is what was wished for. */
static void wishes_fulfilled(struct ln_link *link)
{
	if (link->ladder.state == LN_DRAINED) {
		link->want_out = false;
		if (!link->want_in)
			link->force = false;
	} else if (link->ladder.state == LN_WATCH) {
		link->want_in = false;
		if (!link->want_out)
			link->force = false;
	}
}

/* What a new state means for evidence, counters and tickets; link->lock. */
static void entered(struct ln_link *link, const struct ln_ladder *before)
{
	const struct ln_ladder *l = &link->ladder;

	wishes_fulfilled(link);
	/* What comes after it was done is proof, or none. */
	if (l->acted && !before->acted)
		ln_link_forget(link);
	if (l->state == before->state)
		return;
	/* A helper that comes late must not do what nobody counts on any more. */
	link->job = 0;
	/* Back in service, or not accused any more: whoever sees the next fault is a witness. */
	if (l->state == LN_WATCH &&
	    ln_link_verdict(link, LN_RX) != LN_CORRUPTING)
		link->blind = (struct ln_detect_blind){};
	if (l->state == LN_DRAINED && before->state == LN_ACTING) {
		ln_link_forget(link);
		ln_count(link->host, DRAINED);
		if (l->relapses)
			ln_count(link->host, RELAPSED);
		queue_delayed_work(ln_wq, &link->probe, 0);
	} else if (l->state == LN_WATCH && before->state == LN_RETURNING) {
		ln_count(link->host, RETURNED);
	}
}

/* A drained link that errs begins its proof anew; link->lock. */
static void prove_anew(struct ln_link *link)
{
	struct ln_opinion op;

	if (link->ladder.state != LN_DRAINED)
		return;
	ln_link_opinion(link, LN_RX, &op);
	if (op.verdict == LN_CORRUPTING)
		ln_link_forget(link);
}

/* ln_mutex. */
static void tickets(struct ln_link *link, const struct ln_ladder *before)
{
	const struct ln_ladder *l = &link->ladder;
	bool stayed = !l->returned || ln_now_ms() - l->returned >= l->hold_ms;

	if (l->state == LN_DRAINED && before->state != LN_DRAINED &&
	    l->relapses)
		ln_ticket_relapsed(link);
	if (l->state != LN_DRAINED && stayed)
		ln_ticket_worked(link);
	if (link->said[LN_RX] == LN_CORRUPTING)
		ln_ticket_open(link, LN_RX);
	if (link->said[LN_TX] == LN_CORRUPTING && link->peer.trusted)
		ln_ticket_open(link, LN_TX);
}

/* ln_mutex. Tells the world, if there is something to be told. */
static enum ln_do step(struct ln_link *link)
{
	struct ln_ladder before = link->ladder;
	struct ln_ladder_in in;
	enum ln_do what;
	bool news;

	gather(link, &in);
	spin_lock_bh(&link->lock);
	what = ln_ladder_step(&link->ladder, &link->cfg.ladder, &in);
	news = link->ladder.state != before.state ||
	       link->ladder.why != before.why;
	entered(link, &before);
	spin_unlock_bh(&link->lock);
	/* These read the evidence that is forgotten next. */
	tickets(link, &before);
	spin_lock_bh(&link->lock);
	prove_anew(link);
	spin_unlock_bh(&link->lock);
	/* It may have come back to nothing: its bond is gone. */
	if (link->ladder.state == LN_WATCH)
		ln_group_update(link);
	ln_topo_update(link);
	if (!news)
		return what;
	count_refusal(link);
	trace_ln_state(link->dev, link->ladder.state, link->ladder.why,
		       link->ladder.round);
	atomic_inc(&link->host->generation);
	ln_nl_notify_link(link, LN_EVENT_STATE);
	ln_peer_tell(link, LN_BEAT_FULL);
	return what == LN_DO_TELL ? LN_DO_NOTHING : what;
}

/* rtnl. The device stays open, so that it can prove itself. */
static int bond_release(struct ln_link *link)
{
	struct net_device *dev = link->dev, *bond;
	int err;

	bond = netdev_master_upper_dev_get(dev);
	if (!bond || bond->ifindex != link->group_id)
		return 0;
	if (!bond->netdev_ops->ndo_del_slave)
		return -EOPNOTSUPP;
	err = bond->netdev_ops->ndo_del_slave(bond, dev);
	if (err)
		return err;
	err = dev_open(dev, NULL);
	if (err)
		netdev_warn(dev, "ashlar_link: drained, but cannot be opened for proof: %d\n",
			    err);
	return 0;
}

/* rtnl. A bond that is gone, or another master, is the operator's will. */
static int bond_enslave(struct ln_link *link)
{
	struct net_device *dev = link->dev, *bond;
	int err;

	bond = __dev_get_by_index(dev_net(dev), link->group_id);
	if (has_master(link) || !bond || !netif_is_bond_master(bond))
		return 0;
	/* Bonding takes no device that is up. */
	dev_close(dev);
	err = bond->netdev_ops->ndo_add_slave(bond, dev, NULL);
	if (err && dev_open(dev, NULL))
		netdev_warn(dev, "ashlar_link: can neither be enslaved nor opened\n");
	return err;
}

static void note_result(struct ln_link *link, int err)
{
	spin_lock_bh(&link->lock);
	link->job = 0;
	link->job_error = err;
	link->job_done = !err;
	link->job_failed = err;
	spin_unlock_bh(&link->lock);
}

/* ln_mutex. */
static void ask_helper(struct ln_link *link, enum ln_do what)
{
	struct ln_host *host = link->host;

	if (!++host->last_job)
		host->last_job = 1;
	spin_lock_bh(&link->lock);
	link->job = host->last_job;
	link->job_do = what;
	link->job_error = 0;
	spin_unlock_bh(&link->lock);
	ln_count(host, JOB_ASKED);
	ln_nl_notify_link(link, LN_EVENT_JOB);
}

/*
 * rtnl. Who has no group has nothing to take out: the link is out because the
 * other end has taken it out.
 */
static void perform(struct ln_link *link, enum ln_do what)
{
	int err = 0;

	if (what != LN_DO_RETURN)
		link->down = what == LN_DO_DOWN;
	if (link->group == LN_GROUP_BOND && !link->down) {
		err = what == LN_DO_RETURN ? bond_enslave(link) :
					     bond_release(link);
	} else if (link->group != LN_GROUP_NONE) {
		mutex_lock(&ln_mutex);
		ask_helper(link, what);
		mutex_unlock(&ln_mutex);
		return;
	}
	note_result(link, err);
}

void ln_act(struct ln_link *link)
{
	unsigned int left = STEPS;
	enum ln_do what;

	ASSERT_RTNL();
	while (left--) {
		mutex_lock(&ln_mutex);
		what = link->gone ? LN_DO_NOTHING : step(link);
		mutex_unlock(&ln_mutex);
		if (what == LN_DO_NOTHING)
			return;
		if (what != LN_DO_TELL)
			perform(link, what);
	}
}

int ln_act_done(struct ln_link *link, u32 job, int error)
{
	lockdep_assert_held(&ln_mutex);
	if (!job || link->job != job)
		return -ENOENT;
	if (error)
		ln_count(link->host, JOB_FAILED);
	else
		ln_count(link->host, JOB_DONE);
	note_result(link, error);
	ln_kick(link, LN_DUE_ACT);
	return 0;
}

/*
 * ln_mutex. Is a link that is monitored no more to come back? Nothing was done
 * about one that is pending. Others come back unless they are to stay, if
 * there is somebody who can.
 */
static bool comes_back(const struct ln_link *link)
{
	bool ours = link->group != LN_GROUP_NEXTHOP && !link->down;

	if (link->ladder.state == LN_PENDING)
		return true;
	return ln_ladder_out(&link->ladder) && !link->cfg.keep_drained &&
	       (ours || ln_helper_there(link->host));
}

/*
 * The helper cannot be waited for here: the notification of the link's end
 * tells it to put right what it did. Without one a nexthop group stays as it is.
 */
void ln_act_leave(struct ln_link *link, bool dev_goes)
{
	unsigned int goodbyes = GOODBYES;
	bool back;

	ASSERT_RTNL();
	mutex_lock(&ln_mutex);
	back = !dev_goes && comes_back(link);
	mutex_unlock(&ln_mutex);
	if (back && link->group == LN_GROUP_BOND && !link->down &&
	    bond_enslave(link)) {
		netdev_warn(link->dev, "ashlar_link: cannot be enslaved again\n");
		back = false;
	}
	if (dev_goes)
		return;
	mutex_lock(&ln_mutex);
	spin_lock_bh(&link->lock);
	if (back)
		ln_ladder_init(&link->ladder, &link->cfg.ladder, ln_now_ms());
	/* Whatever was said after goodbye would take it back. */
	link->gone = true;
	spin_unlock_bh(&link->lock);
	mutex_unlock(&ln_mutex);
	/* On a link that loses frames, one goodbye may be lost. */
	while (goodbyes--)
		ln_peer_tell(link, LN_BEAT_BYE);
}
