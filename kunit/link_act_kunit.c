// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is made of the ladder's decisions: whose goodbye counts, jobs that are
 * done too late, who undoes what, what is said at the end, which streams are
 * witnesses. Two links of a host that starts no work, on devices that keep the
 * last heartbeat; no bond, and no helper that answers.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "../modules/link/link.h"
#include "link_fixture.h"

#define T_LINKS		2
/* No such nexthop group in the initial namespace. */
#define T_GROUP		0x7ffffff0

/**
 * struct t_wire - what a device sent
 * @byes: so many goodbyes
 * @frame: the last heartbeat
 */
struct t_wire {
	unsigned int byes;
	u8 frame[LN_BEAT_MAX_LEN];
};

struct t_act {
	struct ln_host host;
	struct ln_link link[T_LINKS];
	struct net_device *dev[T_LINKS];
};

static netdev_tx_t t_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct t_wire *wire = netdev_priv(dev);

	if (skb->protocol == htons(LN_BEAT_ETHERTYPE)) {
		skb_copy_bits(skb, ETH_HLEN, wire->frame,
			      min_t(size_t, skb->len - ETH_HLEN, LN_BEAT_MAX_LEN));
		wire->byes += wire->frame[3] == LN_BEAT_BYE;
	}
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops t_ops = {
	.ndo_start_xmit = t_xmit,
};

/* Nobody at the other end, unless a test says otherwise. */
static void t_link_init(struct t_act *t, struct ln_link *link,
			struct net_device *dev)
{
	refcount_set(&link->ref, 1);
	spin_lock_init(&link->lock);
	spin_lock_init(&link->tx_lock);
	INIT_LIST_HEAD(&link->slow);
	INIT_DELAYED_WORK(&link->probe, ln_peer_probe);
	link->host = &t->host;
	link->dev = dev;
	link->cfg.beat_ms = 10000;
	link->cfg.action = LN_ACTION_DRAIN;
	link->cfg.alone = true;
	link->cfg.keep = 1;
	link->cfg.ladder.hold_ms = 3600000;
	link->cfg.ladder.hold_max_ms = 3600000;
	ln_detect_cfg_init(&link->cfg.detect, LN_P0_DEFAULT, LN_P1_DEFAULT,
			   LN_BOUND_DEFAULT, LN_MISS_DEFAULT);
	link->support[LN_FCS] = LN_SUPPORT_YES;
	link->support[LN_FEC] = LN_SUPPORT_YES;
	ln_peer_init(&link->peer);
	ln_ladder_init(&link->ladder, &link->cfg.ladder, 1);
	list_add_tail_rcu(&link->list, &t->host.links);
}

static int act_init(struct kunit *test)
{
	struct t_act *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	test->priv = t;
	if (!t)
		return -ENOMEM;
	t->host.net = &init_net;
	t->host.id = 1;
	t->host.stopping = true;
	INIT_LIST_HEAD(&t->host.links);
	INIT_LIST_HEAD(&t->host.tickets);
	INIT_LIST_HEAD(&t->host.slow_queue);
	spin_lock_init(&t->host.slow_lock);
	t->host.stats = alloc_percpu(struct ln_stats);
	if (!t->host.stats)
		return -ENOMEM;
	for (i = 0; i < T_LINKS; i++) {
		t->dev[i] = t_dev_new(&t_ops, NULL, sizeof(struct t_wire));
		if (!t->dev[i])
			return -ENOMEM;
		t_link_init(t, &t->link[i], t->dev[i]);
	}
	return 0;
}

static void act_exit(struct kunit *test)
{
	struct t_act *t = test->priv;
	unsigned int i;

	for (i = 0; t && i < T_LINKS; i++) {
		if (!t->dev[i])
			continue;
		cancel_delayed_work_sync(&t->link[i].probe);
		unregister_netdev(t->dev[i]);
		free_netdev(t->dev[i]);
	}
	if (t)
		free_percpu(t->host.stats);
}

static void t_act(struct ln_link *link)
{
	rtnl_lock();
	ln_act(link);
	rtnl_unlock();
}

static void t_drained(struct ln_link *link)
{
	link->ladder.state = LN_DRAINED;
	link->ladder.why = LN_WHY_NO_PROOF;
}

static void t_feed(struct ln_link *link, enum ln_stream stream, u64 trials,
		   u64 errors)
{
	spin_lock_bh(&link->lock);
	ln_detect_feed(&link->blind, link->test, LN_STREAMS, stream,
		       &link->cfg.detect, trials, errors, NSEC_PER_SEC);
	spin_unlock_bh(&link->lock);
}

static void t_convict(struct ln_link *link, enum ln_stream stream)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		t_feed(link, stream, 100000, 100);
}

static enum ln_verdict t_verdict(struct ln_link *link)
{
	struct ln_opinion op;

	spin_lock_bh(&link->lock);
	ln_link_opinion(link, LN_RX, &op);
	spin_unlock_bh(&link->lock);
	return op.verdict;
}

/* An end that has no key for its goodbye does not bring a link back. */
static void act_goodbye(struct kunit *test)
{
	struct t_act *t = test->priv;
	struct ln_link *link = &t->link[0];

	t_drained(link);
	link->cfg.alone = false;
	link->peer.seen = true;
	link->peer.left = true;
	link->peer.told.type = LN_BEAT_BYE;
	link->peer.told.flags = LN_BEAT_F_RESTORED;
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_DRAINED);
	link->peer.trusted = true;
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_WATCH);
}

static void t_nexthops(struct t_act *t)
{
	unsigned int i;

	for (i = 0; i < T_LINKS; i++) {
		t->link[i].cfg.nh_group = T_GROUP;
		t->link[i].group = LN_GROUP_NEXTHOP;
		t->link[i].group_id = T_GROUP;
	}
	t->host.helper_portid = 1;
	t->host.helper_heard = jiffies;
}

/* The guard has counted the link as in service again: a late helper is told so. */
static void act_late_job(struct kunit *test)
{
	struct t_act *t = test->priv;
	struct ln_link *link = &t->link[0];
	u32 job;

	t_nexthops(t);
	t_convict(link, LN_FCS);
	t_act(link);
	KUNIT_ASSERT_EQ(test, link->ladder.state, LN_ACTING);
	job = link->job;
	KUNIT_ASSERT_NE(test, job, 0U);
	mutex_lock(&ln_mutex);
	KUNIT_EXPECT_EQ(test, ln_act_done(link, job + 1, 0), -ENOENT);
	mutex_unlock(&ln_mutex);
	link->ladder.since -= LN_JOB_MS + 1;
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_WANTED);
	KUNIT_EXPECT_EQ(test, link->ladder.why, LN_WHY_HELPER_FAILED);
	mutex_lock(&ln_mutex);
	KUNIT_EXPECT_EQ(test, ln_act_done(link, job, 0), -ENOENT);
	mutex_unlock(&ln_mutex);
	KUNIT_EXPECT_FALSE(test, link->job_done);
	/* In time it is another matter. */
	link->ladder.retry = 0;
	t_act(link);
	KUNIT_ASSERT_EQ(test, link->ladder.state, LN_ACTING);
	mutex_lock(&ln_mutex);
	KUNIT_EXPECT_EQ(test, ln_act_done(link, link->job, 0), 0);
	mutex_unlock(&ln_mutex);
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_DRAINED);
}

static void t_group(struct kunit *test, struct ln_link *link, int kind, int id)
{
	rtnl_lock();
	mutex_lock(&ln_mutex);
	ln_group_update(link);
	mutex_unlock(&ln_mutex);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, link->group, kind);
	KUNIT_EXPECT_EQ(test, link->group_id, id);
}

/* What was taken out of a bond belongs there, whatever else it is told to carry. */
static void act_group_kept(struct kunit *test)
{
	struct t_act *t = test->priv;
	struct ln_link *link = &t->link[0];

	t_drained(link);
	link->group = LN_GROUP_BOND;
	link->group_id = 77;
	link->cfg.nh_group = 10;
	t_group(test, link, LN_GROUP_BOND, 77);
	link->ladder.state = LN_WATCH;
	t_group(test, link, LN_GROUP_NEXTHOP, 10);
	link->cfg.nh_group = 0;
	t_group(test, link, LN_GROUP_NONE, 0);
}

static int t_enslave(struct t_act *t)
{
	int err;

	rtnl_lock();
	err = netdev_master_upper_dev_link(t->dev[0], t->dev[1], NULL, NULL,
					   NULL);
	rtnl_unlock();
	return err;
}

/* A device that was closed is in its bond still, and the helper's to open. */
static void act_down(struct kunit *test)
{
	struct t_act *t = test->priv;
	struct ln_link *link = &t->link[0];

	KUNIT_ASSERT_EQ(test, t_enslave(t), 0);
	t_drained(link);
	link->group = LN_GROUP_BOND;
	link->group_id = t->dev[1]->ifindex;
	link->down = true;
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_DRAINED);
	link->want_in = true;
	link->force = true;
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_RETURNING);
	KUNIT_EXPECT_NE(test, link->job, 0U);
	KUNIT_EXPECT_EQ(test, link->job_do, LN_DO_RETURN);

	/* One that was released is not: who enslaved it wanted it back. */
	t_drained(link);
	link->want_in = false;
	link->force = false;
	link->down = false;
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_WATCH);
	rtnl_lock();
	netdev_upper_dev_unlink(t->dev[0], t->dev[1]);
	rtnl_unlock();
}

/**
 * struct leave - the end of a link
 * @name: of what is tried
 * @state: enum ln_state, before
 * @group: enum ln_group_kind
 * @keep: what is out is to stay so
 * @down: it was taken out by closing its device
 * @helper: there is one
 * @restored: the other end hears that the link is in service
 */
struct leave {
	const char *name;
	u8 state;
	u8 group;
	bool keep;
	bool down;
	bool helper;
	bool restored;
};

static const struct leave leaves[] = {
	{ "in service", LN_WATCH, LN_GROUP_NONE, false, false, false, true },
	{ "pending", LN_PENDING, LN_GROUP_NEXTHOP, false, false, true, true },
	{ "pending, no helper", LN_PENDING, LN_GROUP_NEXTHOP, false, false, false, true },
	{ "pending, to stay", LN_PENDING, LN_GROUP_BOND, true, false, false, true },
	{ "reweighted", LN_REWEIGHTED, LN_GROUP_NEXTHOP, false, false, true, true },
	{ "reweighted, to stay", LN_REWEIGHTED, LN_GROUP_NEXTHOP, true, false, true, true },
	{ "drained", LN_DRAINED, LN_GROUP_NEXTHOP, false, false, true, true },
	{ "drained, no helper", LN_DRAINED, LN_GROUP_NEXTHOP, false, false, false, false },
	{ "drained, to stay", LN_DRAINED, LN_GROUP_NEXTHOP, true, false, true, false },
	{ "nothing to put back", LN_DRAINED, LN_GROUP_NONE, false, false, false, true },
	{ "down", LN_DRAINED, LN_GROUP_BOND, false, true, true, true },
	{ "down, no helper", LN_DRAINED, LN_GROUP_BOND, false, true, false, false },
};

static void leave_desc(const struct leave *l, char *desc)
{
	strscpy(desc, l->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(leave, leaves, leave_desc);

/* What the other end is told, and more than once. */
static void act_leave(struct kunit *test)
{
	const struct leave *l = test->param_value;
	struct t_act *t = test->priv;
	struct ln_link *link = &t->link[0];
	struct t_wire *wire = netdev_priv(t->dev[0]);
	struct ln_beat b;

	link->cfg.alone = false;
	link->peer.nonce = 1;
	link->ladder.state = l->state;
	link->ladder.round = 5;
	link->group = l->group;
	link->group_id = T_GROUP;
	link->cfg.keep_drained = l->keep;
	link->down = l->down;
	t->host.helper_portid = l->helper;
	t->host.helper_heard = jiffies;
	rtnl_lock();
	ln_act_leave(link, false);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(test, wire->byes, 3U);
	KUNIT_ASSERT_EQ(test, ln_beat_decode(&b, wire->frame, LN_BEAT_MAX_LEN), 0);
	KUNIT_EXPECT_EQ(test, !!(b.flags & LN_BEAT_F_RESTORED), l->restored);
	KUNIT_EXPECT_EQ(test, b.state >= LN_PENDING, !l->restored);
	KUNIT_EXPECT_EQ(test, b.round, 0U);
}

/* FEC that said healthy while frames were broken does not bring the link back. */
static void act_blind(struct kunit *test)
{
	struct t_act *t = test->priv;
	struct ln_link *link = &t->link[0];

	t_nexthops(t);
	t_feed(link, LN_FEC, 1000000000, 0);
	KUNIT_EXPECT_EQ(test, t_verdict(link), LN_HEALTHY);
	t_convict(link, LN_FCS);
	KUNIT_EXPECT_EQ(test, t_verdict(link), LN_CORRUPTING);
	t_act(link);
	KUNIT_ASSERT_EQ(test, link->ladder.state, LN_ACTING);
	mutex_lock(&ln_mutex);
	ln_act_done(link, link->job, 0);
	mutex_unlock(&ln_mutex);
	t_act(link);
	KUNIT_ASSERT_EQ(test, link->ladder.state, LN_DRAINED);
	KUNIT_EXPECT_EQ(test, t_verdict(link), LN_INCONCLUSIVE);
	t_feed(link, LN_FEC, 1000000000, 0);
	KUNIT_EXPECT_EQ(test, t_verdict(link), LN_INCONCLUSIVE);
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.why, LN_WHY_NO_PROOF);
	/* The stream that convicted it may acquit it. */
	t_feed(link, LN_FCS, 1000000000, 0);
	KUNIT_EXPECT_EQ(test, t_verdict(link), LN_HEALTHY);
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.why, LN_WHY_HOLD_DOWN);
	/* Back in service, each is a witness again. */
	link->ladder.hold_ms = 0;
	t_act(link);
	mutex_lock(&ln_mutex);
	KUNIT_EXPECT_EQ(test, ln_act_done(link, link->job, 0), 0);
	mutex_unlock(&ln_mutex);
	KUNIT_EXPECT_NE(test, link->blind.blind, 0);
	t_act(link);
	KUNIT_EXPECT_EQ(test, link->ladder.state, LN_WATCH);
	KUNIT_EXPECT_EQ(test, link->blind.blind, 0);
}

static struct kunit_case act_cases[] = {
	KUNIT_CASE(act_goodbye),
	KUNIT_CASE(act_late_job),
	KUNIT_CASE(act_group_kept),
	KUNIT_CASE(act_down),
	KUNIT_CASE_PARAM(act_leave, leave_gen_params),
	KUNIT_CASE(act_blind),
	{}
};

static struct kunit_suite act_suite = {
	.name = "link_act",
	.init = act_init,
	.exit = act_exit,
	.test_cases = act_cases,
};

kunit_test_suite(act_suite);
