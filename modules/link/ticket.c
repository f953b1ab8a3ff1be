// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tickets. A corrupting direction has one that is open, with the evidence as it
 * was when the ticket was opened: after the link was taken down there is none.
 *
 *   open:      somebody has to do it
 *   done:      the operator says so. What was known of the direction is forgotten,
 *              so that whatever is known from now on judges the repair
 *   worked:    the direction was found healthy after it
 *   relapsed:  it was found corrupting after it; a new ticket is opened
 *   withdrawn: the operator gave it up; it counts for nothing
 *
 * A link that gets well with its ticket open keeps it: nobody knows why it did.
 */
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "link.h"
#include "nl.h"
#include "ticket.h"

/* What was reseated within this time (s) is not reseated again. */
#define RESEATED_LATELY	(7 * 24 * 3600)
/* Losses within this factor may come of one cause. */
#define SIMILAR		10

/**
 * struct evidence - what is known of a direction now
 * @op: how bad it is
 * @here: light where it is received
 * @far: light where it is sent
 * @peer: the other end's name
 */
struct evidence {
	struct ln_opinion op;
	struct ln_optics here;
	struct ln_optics far;
	char peer[LN_BEAT_NAME_LEN];
};

static void gather(struct ln_link *link, enum ln_dir dir, struct evidence *ev)
{
	struct ln_optics told = {};

	ev->peer[0] = '\0';
	spin_lock_bh(&link->lock);
	ln_link_opinion(link, dir, &ev->op);
	if (ln_peer_fresh(link)) {
		/* Nobody is to be sent to a far end by a stranger's word. */
		if (link->peer.trusted)
			told = link->peer.told.optics;
		strscpy(ev->peer, link->peer.told.name, sizeof(ev->peer));
	}
	ev->here = dir == LN_RX ? link->optics : told;
	ev->far = dir == LN_RX ? told : link->optics;
	spin_unlock_bh(&link->lock);
}

static bool is_closed(const struct ln_ticket *t)
{
	return t->state != LN_TICKET_OPEN && t->state != LN_TICKET_DONE;
}

struct ln_ticket *ln_ticket_find(struct ln_host *host, u32 id)
{
	struct ln_ticket *t;

	lockdep_assert_held(&ln_mutex);
	list_for_each_entry(t, &host->tickets, list)
		if (t->id == id)
			return t;
	return NULL;
}

struct ln_ticket *ln_ticket_of(struct ln_link *link, enum ln_dir dir)
{
	struct ln_ticket *t;

	lockdep_assert_held(&ln_mutex);
	list_for_each_entry(t, &link->host->tickets, list)
		if (t->ifindex == link->dev->ifindex && t->dir == dir &&
		    !is_closed(t))
			return t;
	return NULL;
}

/* The link tells of its ticket as well. */
static void tell_link(struct ln_host *host, int ifindex)
{
	struct ln_link *link = ln_link_find(host, ifindex);
	struct ln_todo todo = {};
	struct ln_ticket *t;
	enum ln_dir dir;

	if (!link)
		return;
	for (dir = LN_RX; dir < LN_DIRS; dir++) {
		t = ln_ticket_of(link, dir);
		if (!t)
			continue;
		if (t->state == LN_TICKET_DONE)
			todo.done = true;
		else if (!todo.ticket)
			todo = (struct ln_todo){
				.done = todo.done,
				.ticket = t->id,
				.dir = dir,
				.repair = t->repair,
				.unsure = t->unsure,
			};
	}
	spin_lock_bh(&link->lock);
	link->todo = todo;
	spin_unlock_bh(&link->lock);
}

static void changed(struct ln_host *host, struct ln_ticket *t,
		    enum ln_event event)
{
	atomic_inc(&host->generation);
	tell_link(host, t->ifindex);
	ln_nl_notify_ticket(host, t, event);
}

static void drop(struct ln_host *host, struct ln_ticket *t)
{
	list_del(&t->list);
	host->n_tickets--;
	changed(host, t, LN_EVENT_DEL);
	kfree(t);
}

static bool has_device(const struct ln_host *host, int ifindex)
{
	bool has;

	rcu_read_lock();
	has = dev_get_by_index_rcu(host->net, ifindex);
	rcu_read_unlock();
	return has;
}

/* The oldest closed ticket goes, else the oldest whose device is gone. */
static bool make_room(struct ln_host *host)
{
	struct ln_ticket *t;

	if (host->n_tickets < LN_MAX_TICKETS)
		return true;
	list_for_each_entry_reverse(t, &host->tickets, list) {
		if (!is_closed(t))
			continue;
		drop(host, t);
		return true;
	}
	list_for_each_entry_reverse(t, &host->tickets, list) {
		if (has_device(host, t->ifindex))
			continue;
		drop(host, t);
		return true;
	}
	return false;
}

/* The loss of a direction that is bad, or was until the link was drained. */
static bool loss_of(struct ln_link *link, enum ln_dir dir, u64 *loss)
{
	struct ln_ticket *t;
	struct ln_opinion op;

	spin_lock_bh(&link->lock);
	ln_link_opinion(link, dir, &op);
	spin_unlock_bh(&link->lock);
	*loss = op.loss;
	if (op.verdict == LN_CORRUPTING && op.trusted)
		return true;
	t = ln_ticket_of(link, dir);
	if (!t || t->state != LN_TICKET_OPEN)
		return false;
	*loss = t->loss;
	return true;
}

static bool is_similar(u64 a, u64 b)
{
	return a / SIMILAR <= b && b / SIMILAR <= a;
}

static bool same_component(const struct ln_link *a, const struct ln_link *b)
{
	return a->cfg.component[0] &&
	       !strcmp(a->cfg.component, b->cfg.component);
}

static u32 count_shared(struct ln_link *link, enum ln_dir dir, u64 loss)
{
	struct ln_link *other;
	u64 others;
	u32 n = 0;

	list_for_each_entry(other, &link->host->links, list) {
		if (other == link || !same_component(link, other))
			continue;
		if (loss_of(other, dir, &others) && is_similar(loss, others))
			n++;
	}
	return n;
}

static bool reseated_lately(const struct ln_host *host,
			    const struct ln_ticket *now)
{
	const struct ln_ticket *t;

	list_for_each_entry(t, &host->tickets, list)
		if (t->ifindex == now->ifindex && t->dir == now->dir &&
		    t->repair == LN_REPAIR_RESEAT && t->done &&
		    now->opened - t->done < RESEATED_LATELY)
			return true;
	return false;
}

static void recommend(const struct ln_host *host, struct ln_ticket *t)
{
	const struct ln_repair_in in = {
		.here = &t->here,
		.far = &t->far,
		.shared = t->shared,
		.reseated = reseated_lately(host, t),
	};

	t->repair = ln_repair_recommend(&in, &t->unsure);
}

static unsigned int known(const struct ln_optics *o)
{
	return (o->state == LN_OPTICS_OK) + (o->state == LN_OPTICS_OK &&
					     o->thresholds);
}

/*
 * An open ticket takes evidence that it lacked: light that was not known when
 * it was opened, links that turned bad after it. Light that it knew it keeps,
 * since what a link that was taken down shows is no evidence.
 */
static void refresh(struct ln_link *link, struct ln_ticket *t)
{
	enum ln_repair repair = t->repair;
	u32 shared = t->shared;
	bool unsure = t->unsure;
	struct evidence ev;

	/* One that was opened before the link was added again. */
	if (!link->todo.ticket)
		tell_link(link->host, t->ifindex);
	gather(link, t->dir, &ev);
	if (netif_carrier_ok(link->dev)) {
		if (known(&ev.here) > known(&t->here))
			t->here = ev.here;
		if (known(&ev.far) > known(&t->far))
			t->far = ev.far;
	}
	if (!t->peer[0])
		strscpy(t->peer, ev.peer, sizeof(t->peer));
	t->shared = max(t->shared, count_shared(link, t->dir, t->loss));
	recommend(link->host, t);
	if (t->repair != repair || t->unsure != unsure || t->shared != shared)
		changed(link->host, t, LN_EVENT_SET);
}

/* The others of the component were judged without knowing of this one. */
static void refresh_others(struct ln_link *link, enum ln_dir dir)
{
	struct ln_link *other;
	struct ln_ticket *t;

	list_for_each_entry(other, &link->host->links, list) {
		if (other == link || !same_component(link, other))
			continue;
		t = ln_ticket_of(other, dir);
		if (t && t->state == LN_TICKET_OPEN)
			refresh(other, t);
	}
}

static void set_state(struct ln_host *host, struct ln_ticket *t,
		      enum ln_ticket_state state)
{
	t->state = state;
	if (is_closed(t))
		t->closed = ktime_get_boottime_seconds();
	changed(host, t, LN_EVENT_STATE);
}

/*
 * Is the direction bad by errors that came after the repair? The other end goes
 * on telling those that it counted before, until it is told of the repair itself.
 */
static bool bad_again(const struct ln_ticket *t, const struct ln_opinion *op)
{
	return op->verdict == LN_CORRUPTING && op->errors != t->done_errors;
}

static void open_new(struct ln_link *link, enum ln_dir dir,
		     const struct evidence *ev)
{
	struct ln_host *host = link->host;
	struct ln_ticket *t;

	if (!make_room(host))
		return;
	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return;
	if (!++host->last_ticket)
		host->last_ticket = 1;
	t->id = host->last_ticket;
	t->ifindex = link->dev->ifindex;
	strscpy(t->dev, link->dev->name, sizeof(t->dev));
	strscpy(t->component, link->cfg.component, sizeof(t->component));
	strscpy(t->peer, ev->peer, sizeof(t->peer));
	t->dir = dir;
	t->here = ev->here;
	t->far = ev->far;
	t->loss = ev->op.loss;
	t->trials = ev->op.trials;
	t->errors = ev->op.errors;
	t->opened = ktime_get_boottime_seconds();
	t->shared = count_shared(link, dir, t->loss);
	recommend(host, t);
	list_add(&t->list, &host->tickets);
	host->n_tickets++;
	changed(host, t, LN_EVENT_NEW);
	refresh_others(link, dir);
}

/**
 * ln_ticket_open() - a direction is corrupting
 * @link: the link
 * @dir: the direction
 *
 * To be called as often as one likes: there is one open ticket for a direction.
 * A repair that was done has not worked if the direction corrupts after it.
 *
 * Context: ln_mutex
 */
void ln_ticket_open(struct ln_link *link, enum ln_dir dir)
{
	struct ln_ticket *t = ln_ticket_of(link, dir);
	struct evidence ev;

	if (t && t->state == LN_TICKET_OPEN) {
		refresh(link, t);
		return;
	}
	gather(link, dir, &ev);
	if (ev.op.verdict != LN_CORRUPTING)
		return;
	if (t) {
		if (!bad_again(t, &ev.op))
			return;
		set_state(link->host, t, LN_TICKET_RELAPSED);
	}
	open_new(link, dir, &ev);
}

/**
 * ln_ticket_worked() - a link is in service, and its hold period is over
 * @link: the link
 *
 * What was done has worked in every direction that was proven healthy after it.
 *
 * Context: ln_mutex
 */
void ln_ticket_worked(struct ln_link *link)
{
	struct ln_ticket *t;
	struct evidence ev;
	enum ln_dir dir;

	lockdep_assert_held(&ln_mutex);
	for (dir = LN_RX; dir < LN_DIRS; dir++) {
		t = ln_ticket_of(link, dir);
		if (!t || t->state != LN_TICKET_DONE)
			continue;
		gather(link, dir, &ev);
		if (ev.op.verdict != LN_HEALTHY)
			continue;
		link->host->accuracy[t->repair].worked++;
		set_state(link->host, t, LN_TICKET_WORKED);
	}
}

/**
 * ln_ticket_relapsed() - a link was taken out of service again after its return
 * @link: the link
 *
 * By the operator's hand is no relapse.
 *
 * Context: ln_mutex
 */
void ln_ticket_relapsed(struct ln_link *link)
{
	struct ln_ticket *t;
	enum ln_dir dir;

	lockdep_assert_held(&ln_mutex);
	if (link->ladder.by_hand)
		return;
	for (dir = LN_RX; dir < LN_DIRS; dir++) {
		t = ln_ticket_of(link, dir);
		if (t && t->state == LN_TICKET_DONE)
			set_state(link->host, t, LN_TICKET_RELAPSED);
	}
}

/* What is known is old: judge by what comes. What is sent, the other end judges. */
static void begin_anew(struct ln_host *host, struct ln_ticket *t)
{
	struct ln_link *link = ln_link_find(host, t->ifindex);
	struct ln_opinion op;

	if (!link)
		return;
	spin_lock_bh(&link->lock);
	if (t->dir == LN_RX)
		ln_link_forget(link);
	ln_link_opinion(link, t->dir, &op);
	spin_unlock_bh(&link->lock);
	t->done_errors = op.errors;
	ln_kick(link, LN_DUE_SLOW | LN_DUE_OPTICS | LN_DUE_ACT);
}

/**
 * ln_ticket_done() - the operator has done it
 * @host: the host
 * @id: the ticket's number
 * @extack: told what is wrong
 *
 * Context: ln_mutex
 */
int ln_ticket_done(struct ln_host *host, u32 id, struct netlink_ext_ack *extack)
{
	struct ln_ticket *t = ln_ticket_find(host, id);

	if (!t) {
		NL_SET_ERR_MSG(extack, "there is no such repair");
		return -ENOENT;
	}
	if (t->state != LN_TICKET_OPEN) {
		NL_SET_ERR_MSG(extack, "this repair is not open any more");
		return -EALREADY;
	}
	t->done = ktime_get_boottime_seconds();
	host->accuracy[t->repair].done++;
	begin_anew(host, t);
	set_state(host, t, LN_TICKET_DONE);
	return 0;
}

/**
 * ln_ticket_withdraw() - the operator gives a repair up
 * @host: the host
 * @id: the ticket's number
 * @extack: told what is wrong
 *
 * It is taken back if it was said to be done.
 *
 * Context: ln_mutex
 */
int ln_ticket_withdraw(struct ln_host *host, u32 id,
		       struct netlink_ext_ack *extack)
{
	struct ln_ticket *t = ln_ticket_find(host, id);

	if (!t) {
		NL_SET_ERR_MSG(extack, "there is no such repair");
		return -ENOENT;
	}
	if (is_closed(t)) {
		NL_SET_ERR_MSG(extack, "this repair is closed already");
		return -EALREADY;
	}
	if (t->state == LN_TICKET_DONE)
		host->accuracy[t->repair].done--;
	t->done = 0;
	set_state(host, t, LN_TICKET_WITHDRAWN);
	return 0;
}

/* The host goes: nobody is told. */
void ln_tickets_purge(struct ln_host *host)
{
	struct ln_ticket *t, *next;

	lockdep_assert_held(&ln_mutex);
	list_for_each_entry_safe(t, next, &host->tickets, list) {
		list_del(&t->list);
		kfree(t);
	}
	host->n_tickets = 0;
}
