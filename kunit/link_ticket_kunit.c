// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tickets: one for each bad direction, with the right evidence; what came of
 * them; and never too many. The links are bare: a device that is not registered
 * and what the tests say of it.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/netlink.h>

#include "../modules/link/link.h"
#include "../modules/link/ticket.h"

#define T_LINKS		3
/* No such device in the initial namespace. */
#define T_IFINDEX	0x7f000000
#define T_WEEK		(7 * 24 * 3600)

/**
 * struct t_tickets - a host that never starts any work
 * @host: the host
 * @link: its links
 */
struct t_tickets {
	struct ln_host host;
	struct ln_link *link[T_LINKS];
};

static const struct ln_optics fine = {
	LN_OPTICS_OK, true, 5000, 4000, 1259, 1259, 0
};

static const struct ln_optics dim = {
	LN_OPTICS_OK, true, 5000, 900, 1259, 1259, 0
};

static struct ln_link *link_new(struct kunit *test, struct ln_host *host, int i)
{
	struct ln_link *link = kunit_kzalloc(test, sizeof(*link), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, link);
	link->dev = alloc_etherdev(0);
	KUNIT_ASSERT_NOT_NULL(test, link->dev);
	link->dev->ifindex = T_IFINDEX + i;
	snprintf(link->dev->name, IFNAMSIZ, "bare%d", i);
	spin_lock_init(&link->lock);
	INIT_LIST_HEAD(&link->slow);
	refcount_set(&link->ref, 1);
	link->host = host;
	link->cfg.beat_ms = 1000;
	KUNIT_ASSERT_EQ(test, 0, ln_detect_cfg_init(&link->cfg.detect,
						    LN_P0_DEFAULT,
						    LN_P1_DEFAULT,
						    LN_BOUND_DEFAULT,
						    LN_MISS_DEFAULT));
	link->support[LN_FCS] = LN_SUPPORT_YES;
	link->peer.seen = true;
	link->peer.trusted = true;
	link->peer.nonce = 1;
	link->peer.told.verdict = LN_INCONCLUSIVE;
	strscpy(link->peer.told.name, "eth9@far", LN_BEAT_NAME_LEN);
	link->peer.told.optics = fine;
	link->optics = fine;
	list_add_tail_rcu(&link->list, &host->links);
	return link;
}

static int tickets_init(struct kunit *test)
{
	struct t_tickets *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->host.net = &init_net;
	t->host.stopping = true;
	INIT_LIST_HEAD(&t->host.links);
	INIT_LIST_HEAD(&t->host.tickets);
	INIT_LIST_HEAD(&t->host.slow_queue);
	spin_lock_init(&t->host.slow_lock);
	for (i = 0; i < T_LINKS; i++)
		t->link[i] = link_new(test, &t->host, i);
	mutex_lock(&ln_mutex);
	return 0;
}

static void tickets_exit(struct kunit *test)
{
	struct t_tickets *t = test->priv;
	int i;

	if (!t)
		return;
	ln_tickets_purge(&t->host);
	mutex_unlock(&ln_mutex);
	for (i = 0; i < T_LINKS; i++)
		if (t->link[i])
			free_netdev(t->link[i]->dev);
}

/* @one_in: frames for an error; 0 for none. */
static void receive(struct ln_link *link, u64 one_in)
{
	u64 n = one_in ? one_in * 100 : 1000000000000ULL;
	int i;

	spin_lock_bh(&link->lock);
	for (i = 0; i < 10; i++)
		ln_detect_add(&link->test[LN_FCS], &link->cfg.detect, n,
			      one_in ? 100 : 0, NSEC_PER_SEC);
	spin_unlock_bh(&link->lock);
}

static void told(struct ln_link *link, enum ln_verdict verdict, u64 errors)
{
	link->peer.heard = jiffies;
	link->peer.told.verdict = verdict;
	link->peer.told.errors = errors;
	link->peer.told.trials = errors * 1000;
	link->peer.told.loss = errors ? LN_PPT / 1000 : 0;
}

static enum ln_verdict verdict_of(struct ln_link *link, enum ln_dir dir)
{
	struct ln_opinion op;

	spin_lock_bh(&link->lock);
	ln_link_opinion(link, dir, &op);
	spin_unlock_bh(&link->lock);
	return op.verdict;
}

/* A ticket for a direction that turned bad, and that it is the only one. */
static struct ln_ticket *opened(struct kunit *test, struct ln_link *link,
				enum ln_dir dir)
{
	struct ln_ticket *t;

	link->peer.heard = jiffies;
	if (dir == LN_RX)
		receive(link, 1000);
	else
		told(link, LN_CORRUPTING, 1000);
	ln_ticket_open(link, dir);
	t = ln_ticket_of(link, dir);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_OPEN);
	return t;
}

static void ticket_evidence(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *rx, *tx;

	ln_ticket_open(link, LN_RX);
	KUNIT_EXPECT_EQ(test, w->host.n_tickets, 0U);

	link->optics = dim;
	strscpy(link->cfg.component, "card1", LN_COMPONENT_LEN);
	rx = opened(test, link, LN_RX);
	KUNIT_EXPECT_EQ(test, rx->repair, LN_REPAIR_CLEAN);
	KUNIT_EXPECT_FALSE(test, rx->unsure);
	KUNIT_EXPECT_EQ(test, rx->ifindex, T_IFINDEX);
	KUNIT_EXPECT_STREQ(test, rx->dev, "bare0");
	KUNIT_EXPECT_STREQ(test, rx->component, "card1");
	KUNIT_EXPECT_STREQ(test, rx->peer, "eth9@far");
	KUNIT_EXPECT_EQ(test, rx->here.rx_power, dim.rx_power);
	KUNIT_EXPECT_EQ(test, rx->far.rx_power, fine.rx_power);
	KUNIT_EXPECT_GT(test, rx->errors, 0ULL);
	KUNIT_EXPECT_EQ(test, rx->loss, LN_PPT / 1000);

	/* The other way round: what this end receives is no matter. */
	tx = opened(test, link, LN_TX);
	KUNIT_EXPECT_NE(test, tx->id, rx->id);
	KUNIT_EXPECT_EQ(test, tx->repair, LN_REPAIR_RESEAT);
	KUNIT_EXPECT_EQ(test, tx->here.rx_power, fine.rx_power);
	KUNIT_EXPECT_EQ(test, tx->far.rx_power, dim.rx_power);

	ln_ticket_open(link, LN_RX);
	ln_ticket_open(link, LN_TX);
	KUNIT_EXPECT_EQ(test, w->host.n_tickets, 2U);
	KUNIT_EXPECT_PTR_EQ(test, ln_ticket_find(&w->host, rx->id), rx);
	KUNIT_EXPECT_NULL(test, ln_ticket_find(&w->host, 77));
}

static void ticket_worked(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *t = opened(test, link, LN_RX);

	/* Nothing was done yet. */
	ln_ticket_worked(link);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_OPEN);

	KUNIT_EXPECT_EQ(test, ln_ticket_done(&w->host, t->id, NULL), 0);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_DONE);
	KUNIT_EXPECT_EQ(test, verdict_of(link, LN_RX), LN_INCONCLUSIVE);
	KUNIT_EXPECT_EQ(test, ln_ticket_done(&w->host, t->id, NULL), -EALREADY);

	/* No evidence is no proof, and no relapse. */
	ln_ticket_worked(link);
	ln_ticket_open(link, LN_RX);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_DONE);

	receive(link, 0);
	KUNIT_EXPECT_EQ(test, verdict_of(link, LN_RX), LN_HEALTHY);
	ln_ticket_worked(link);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_WORKED);
	KUNIT_EXPECT_EQ(test, w->host.accuracy[LN_REPAIR_RESEAT].done, 1U);
	KUNIT_EXPECT_EQ(test, w->host.accuracy[LN_REPAIR_RESEAT].worked, 1U);
	KUNIT_EXPECT_NULL(test, ln_ticket_of(link, LN_RX));
}

/* Reseating did not help, so the transceiver is next; a week later not. */
static void ticket_relapsed(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *first, *second, *third;

	first = opened(test, link, LN_RX);
	KUNIT_EXPECT_EQ(test, first->repair, LN_REPAIR_RESEAT);
	ln_ticket_done(&w->host, first->id, NULL);
	second = opened(test, link, LN_RX);
	KUNIT_EXPECT_PTR_NE(test, first, second);
	KUNIT_EXPECT_EQ(test, first->state, LN_TICKET_RELAPSED);
	KUNIT_EXPECT_EQ(test, second->repair, LN_REPAIR_REPLACE);
	KUNIT_EXPECT_EQ(test, w->host.accuracy[LN_REPAIR_RESEAT].done, 1U);
	KUNIT_EXPECT_EQ(test, w->host.accuracy[LN_REPAIR_RESEAT].worked, 0U);

	ln_ticket_done(&w->host, second->id, NULL);
	first->done -= T_WEEK;
	third = opened(test, link, LN_RX);
	KUNIT_EXPECT_EQ(test, second->state, LN_TICKET_RELAPSED);
	KUNIT_EXPECT_EQ(test, third->repair, LN_REPAIR_RESEAT);

	/* Reseated in the one direction is not reseated in the other. */
	KUNIT_EXPECT_EQ(test, opened(test, link, LN_TX)->repair,
			LN_REPAIR_RESEAT);
}

/* The other end tells its old errors until it is told of the repair itself. */
static void ticket_relapsed_far(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *t = opened(test, link, LN_TX);

	receive(link, 0);
	ln_ticket_done(&w->host, t->id, NULL);
	KUNIT_EXPECT_EQ(test, verdict_of(link, LN_RX), LN_HEALTHY);
	ln_ticket_open(link, LN_TX);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_DONE);
	told(link, LN_CORRUPTING, 1001);
	ln_ticket_open(link, LN_TX);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_RELAPSED);
	KUNIT_EXPECT_NOT_NULL(test, ln_ticket_of(link, LN_TX));
}

static void ticket_drained_again(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *t = opened(test, link, LN_RX);

	ln_ticket_relapsed(link);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_OPEN);
	ln_ticket_done(&w->host, t->id, NULL);
	link->ladder.by_hand = true;
	ln_ticket_relapsed(link);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_DONE);
	link->ladder.by_hand = false;
	ln_ticket_relapsed(link);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_RELAPSED);
}

static void ticket_shared(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_ticket *t[T_LINKS];
	int i;

	for (i = 0; i < T_LINKS; i++)
		strscpy(w->link[i]->cfg.component, "card1", LN_COMPONENT_LEN);
	t[0] = opened(test, w->link[0], LN_RX);
	KUNIT_EXPECT_EQ(test, t[0]->repair, LN_REPAIR_RESEAT);

	/* The other direction is another matter. */
	t[2] = opened(test, w->link[2], LN_TX);
	KUNIT_EXPECT_EQ(test, t[2]->shared, 0U);

	/* Evidence that was forgotten when a link was drained is in its ticket. */
	spin_lock_bh(&w->link[0]->lock);
	ln_detect_reset(&w->link[0]->test[LN_FCS]);
	spin_unlock_bh(&w->link[0]->lock);
	t[1] = opened(test, w->link[1], LN_RX);
	KUNIT_EXPECT_EQ(test, t[1]->shared, 1U);
	KUNIT_EXPECT_EQ(test, t[1]->repair, LN_REPAIR_SHARED);
	KUNIT_EXPECT_EQ(test, t[0]->shared, 1U);
	KUNIT_EXPECT_EQ(test, t[0]->repair, LN_REPAIR_SHARED);
}

/* Another component, none, or quite another loss: no common cause. */
static void ticket_not_shared(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_ticket *t;

	opened(test, w->link[0], LN_RX);
	KUNIT_EXPECT_EQ(test, opened(test, w->link[1], LN_RX)->shared, 0U);

	strscpy(w->link[0]->cfg.component, "card1", LN_COMPONENT_LEN);
	strscpy(w->link[1]->cfg.component, "card2", LN_COMPONENT_LEN);
	strscpy(w->link[2]->cfg.component, "card1", LN_COMPONENT_LEN);
	receive(w->link[2], 100000);
	ln_ticket_open(w->link[2], LN_RX);
	t = ln_ticket_of(w->link[2], LN_RX);
	KUNIT_ASSERT_NOT_NULL(test, t);
	KUNIT_EXPECT_EQ(test, t->shared, 0U);
	KUNIT_EXPECT_EQ(test, t->repair, LN_REPAIR_RESEAT);
}

/* Light that comes late is taken; light that goes out is no evidence. */
static void ticket_light_comes(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *t;

	link->optics = (struct ln_optics){};
	t = opened(test, link, LN_RX);
	KUNIT_EXPECT_EQ(test, t->repair, LN_REPAIR_RESEAT);
	KUNIT_EXPECT_TRUE(test, t->unsure);

	netif_carrier_off(link->dev);
	link->optics = dim;
	ln_ticket_open(link, LN_RX);
	KUNIT_EXPECT_EQ(test, t->repair, LN_REPAIR_RESEAT);

	netif_carrier_on(link->dev);
	ln_ticket_open(link, LN_RX);
	KUNIT_EXPECT_EQ(test, t->repair, LN_REPAIR_CLEAN);
	KUNIT_EXPECT_FALSE(test, t->unsure);

	link->peer.told.optics.rx_power = 0;
	link->optics.rx_power = 0;
	ln_ticket_open(link, LN_RX);
	KUNIT_EXPECT_EQ(test, t->repair, LN_REPAIR_CLEAN);
	KUNIT_EXPECT_EQ(test, t->here.rx_power, dim.rx_power);
}

/* Nobody is sent to replace anything because a stranger says so. */
static void ticket_stranger(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_ticket *t;

	strscpy(w->link[0]->cfg.component, "card1", LN_COMPONENT_LEN);
	strscpy(w->link[1]->cfg.component, "card1", LN_COMPONENT_LEN);
	told(w->link[0], LN_CORRUPTING, 1000);
	w->link[0]->peer.trusted = false;
	t = opened(test, w->link[1], LN_TX);
	KUNIT_EXPECT_EQ(test, t->shared, 0U);
	KUNIT_EXPECT_EQ(test, t->repair, LN_REPAIR_RESEAT);

	w->link[2]->peer.trusted = false;
	w->link[2]->peer.told.optics = dim;
	w->link[2]->peer.told.optics.tx_power = 1;
	t = opened(test, w->link[2], LN_RX);
	KUNIT_EXPECT_EQ(test, t->repair, LN_REPAIR_RESEAT);
	KUNIT_EXPECT_EQ(test, t->far.state, LN_OPTICS_UNKNOWN);
	KUNIT_EXPECT_TRUE(test, t->unsure);
}

/* What a peer that is not heard any more once told is not believed. */
static void ticket_peer_gone(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *t;

	link->peer.seen = false;
	t = opened(test, link, LN_RX);
	KUNIT_EXPECT_EQ(test, t->far.state, LN_OPTICS_UNKNOWN);
	KUNIT_EXPECT_STREQ(test, t->peer, "");
	KUNIT_EXPECT_TRUE(test, t->unsure);
}

static void ticket_withdrawn(struct kunit *test)
{
	struct netlink_ext_ack extack = {};
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	struct ln_ticket *t = opened(test, link, LN_RX);

	KUNIT_EXPECT_EQ(test, ln_ticket_withdraw(&w->host, 77, &extack), -ENOENT);
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	KUNIT_EXPECT_EQ(test, ln_ticket_done(&w->host, 77, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, ln_ticket_withdraw(&w->host, t->id, NULL), 0);
	KUNIT_EXPECT_EQ(test, t->state, LN_TICKET_WITHDRAWN);
	KUNIT_EXPECT_EQ(test, ln_ticket_withdraw(&w->host, t->id, NULL),
			-EALREADY);
	KUNIT_EXPECT_EQ(test, ln_ticket_done(&w->host, t->id, NULL), -EALREADY);

	/* Not done after all: it neither counts nor was anything reseated. */
	t = opened(test, link, LN_RX);
	ln_ticket_done(&w->host, t->id, NULL);
	ln_ticket_withdraw(&w->host, t->id, NULL);
	KUNIT_EXPECT_EQ(test, w->host.accuracy[LN_REPAIR_RESEAT].done, 0U);
	KUNIT_EXPECT_EQ(test, opened(test, link, LN_RX)->repair,
			LN_REPAIR_RESEAT);
}

static void ticket_bounded(struct kunit *test)
{
	struct t_tickets *w = test->priv;
	struct ln_link *link = w->link[0];
	int i;

	receive(link, 1000);
	for (i = 0; i < LN_MAX_TICKETS; i++) {
		link->dev->ifindex = T_IFINDEX + i;
		ln_ticket_open(link, LN_RX);
	}
	KUNIT_EXPECT_EQ(test, w->host.n_tickets, (u32)LN_MAX_TICKETS);

	/* A closed one first, though there are older ones. */
	KUNIT_EXPECT_EQ(test, ln_ticket_withdraw(&w->host, 5, NULL), 0);
	link->dev->ifindex = T_IFINDEX + i++;
	ln_ticket_open(link, LN_RX);
	KUNIT_EXPECT_NULL(test, ln_ticket_find(&w->host, 5));
	KUNIT_EXPECT_NOT_NULL(test, ln_ticket_find(&w->host, 1));

	/* Then those of devices that are gone. */
	link->dev->ifindex = T_IFINDEX + i;
	ln_ticket_open(link, LN_RX);
	KUNIT_EXPECT_NULL(test, ln_ticket_find(&w->host, 1));
	KUNIT_EXPECT_NOT_NULL(test, ln_ticket_find(&w->host, 2));
	KUNIT_EXPECT_EQ(test, w->host.n_tickets, (u32)LN_MAX_TICKETS);
	KUNIT_EXPECT_NOT_NULL(test, ln_ticket_of(link, LN_RX));
}

static struct kunit_case ticket_cases[] = {
	KUNIT_CASE(ticket_evidence),
	KUNIT_CASE(ticket_worked),
	KUNIT_CASE(ticket_relapsed),
	KUNIT_CASE(ticket_relapsed_far),
	KUNIT_CASE(ticket_drained_again),
	KUNIT_CASE(ticket_shared),
	KUNIT_CASE(ticket_not_shared),
	KUNIT_CASE(ticket_light_comes),
	KUNIT_CASE(ticket_stranger),
	KUNIT_CASE(ticket_peer_gone),
	KUNIT_CASE(ticket_withdrawn),
	KUNIT_CASE(ticket_bounded),
	{}
};

static struct kunit_suite ticket_suite = {
	.name = "link_ticket",
	.init = tickets_init,
	.exit = tickets_exit,
	.test_cases = ticket_cases,
};

kunit_test_suite(ticket_suite);
