// SPDX-License-Identifier: GPL-2.0-only
/* Links: made, changed and removed by the operator, removed with their device. */
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include <ashlar/link.h>

#include "host.h"
#include "link.h"
#include "nl.h"
#include "topology.h"

/* A thousand per host are within design; what is bounded cannot be exhausted. */
#define LN_MAX_LINKS	16384

void ln_link_cfg_default(struct ln_link_cfg *cfg)
{
	*cfg = (struct ln_link_cfg){
		.action = LN_ACTION_OBSERVE,
		.ladder = {
			.hold_ms = 60 * MSEC_PER_SEC,
			.hold_max_ms = 86400 * MSEC_PER_SEC,
			.relapse_ms = 7 * 86400 * MSEC_PER_SEC,
		},
		.keep = 1,
		.sample_ms = 1000,
		.slow_ms = 5000,
		.optics_ms = 60000,
		.beat_ms = 1000,
		.probe_pps = 1000,
		.history_s = 60,
	};
	ln_link_cfg_detect(cfg, LN_P0_DEFAULT, LN_P1_DEFAULT, LN_BOUND_DEFAULT,
			   LN_MISS_DEFAULT);
}

/* A link has a test for each stream; together they keep the operator's bound. */
int ln_link_cfg_detect(struct ln_link_cfg *cfg, u64 p0, u64 p1, u32 bound,
		       u32 miss)
{
	int err = ln_detect_cfg_init(&cfg->detect, p0, p1,
				     bound / LN_STREAMS, miss);

	if (!err)
		cfg->bound = bound;
	return err;
}

/* RCU or ln_mutex. */
struct ln_link *ln_link_find(struct ln_host *host, int ifindex)
{
	struct ln_link *link;

	list_for_each_entry_rcu(link, &host->links, list,
				lockdep_is_held(&ln_mutex))
		if (link->dev->ifindex == ifindex)
			return link;
	return NULL;
}

static struct ln_link *link_alloc(struct ln_host *host, struct net_device *dev,
				  const struct ln_link_cfg *cfg)
{
	struct ln_link *link = kzalloc(sizeof(*link), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!link)
		return NULL;
	refcount_set(&link->ref, 1);
	spin_lock_init(&link->lock);
	spin_lock_init(&link->tx_lock);
	INIT_LIST_HEAD(&link->slow);
	INIT_DELAYED_WORK(&link->probe, ln_peer_probe);
	link->host = host;
	link->dev = dev;
	link->cfg = *cfg;
	netdev_hold(dev, &link->tracker, GFP_KERNEL);
	for (i = 0; i < LN_STREAMS; i++)
		ln_detect_reset(&link->test[i]);
	for (i = 0; i < LN_DIRS; i++)
		link->said[i] = LN_INCONCLUSIVE;
	ln_peer_init(&link->peer);
	ln_ladder_init(&link->ladder, &link->cfg.ladder, ln_now_ms());
	link->read.carriers = ln_dev_carriers(dev);
	link->next_sample = jiffies;
	link->next_slow = jiffies;
	link->next_optics = jiffies;
	return link;
}

static int link_dev_check(struct ln_host *host, const struct net_device *dev,
			  struct netlink_ext_ack *extack)
{
	if (dev->type != ARPHRD_ETHER || (dev->flags & IFF_LOOPBACK)) {
		NL_SET_ERR_MSG(extack, "only Ethernet devices are links");
		return -EOPNOTSUPP;
	}
	if (netif_is_bond_master(dev) || netif_is_bridge_master(dev)) {
		NL_SET_ERR_MSG(extack,
			       "a bond or bridge is no link; add its members");
		return -EOPNOTSUPP;
	}
	if (ln_link_find(host, dev->ifindex)) {
		NL_SET_ERR_MSG(extack, "this device is a link already");
		return -EEXIST;
	}
	if (host->n_links >= LN_MAX_LINKS) {
		NL_SET_ERR_MSG(extack, "there are 16384 links already");
		return -ENOSPC;
	}
	return 0;
}

/**
 * ln_link_add() - begins to monitor a device
 * @net: the namespace
 * @cfg: what the operator says; checked by the caller as far as it is about one value
 * @extack: told what is wrong
 *
 * Context: rtnl and ln_mutex
 */
int ln_link_add(struct net *net, const struct ln_link_cfg *cfg,
		struct netlink_ext_ack *extack)
{
	struct net_device *dev = __dev_get_by_index(net, cfg->ifindex);
	struct ln_link *link;
	struct ln_host *host;
	int err;

	ASSERT_RTNL();
	lockdep_assert_held(&ln_mutex);
	if (!dev) {
		NL_SET_ERR_MSG(extack, "there is no such device");
		return -ENODEV;
	}
	host = ln_host_make(net);
	if (!host)
		return -ENOMEM;
	if (host->stopping)
		return -ENODEV;
	err = link_dev_check(host, dev, extack);
	if (err)
		return err;
	link = link_alloc(host, dev, cfg);
	if (!link)
		return -ENOMEM;
	err = ln_hook_open(link);
	if (err) {
		netdev_put(dev, &link->tracker);
		ln_link_put(link);
		return err;
	}
	ln_group_update(link);
	list_add_tail_rcu(&link->list, &host->links);
	host->n_links++;
	atomic_inc(&host->generation);
	ln_nl_notify_link(link, LN_EVENT_NEW);
	ln_kick(link, LN_DUE_SLOW | LN_DUE_OPTICS);
	mod_delayed_work(ln_wq, &host->tick, 0);
	return 0;
}

/**
 * ln_link_set() - replaces what the operator says of a link
 * @link: it
 * @cfg: all of it, with the same device
 * @extack: told what is wrong
 *
 * Evidence that was judged by other bounds is forgotten, a peer that was
 * believed by another key is a stranger again.
 *
 * Context: rtnl and ln_mutex
 */
int ln_link_set(struct ln_link *link, const struct ln_link_cfg *cfg,
		struct netlink_ext_ack *extack)
{
	bool detect, keyed;

	ASSERT_RTNL();
	lockdep_assert_held(&ln_mutex);
	spin_lock_bh(&link->lock);
	detect = memcmp(&cfg->detect, &link->cfg.detect, sizeof(cfg->detect));
	keyed = cfg->keyed != link->cfg.keyed ||
		memcmp(&cfg->key, &link->cfg.key, sizeof(cfg->key));
	link->cfg = *cfg;
	if (detect)
		ln_link_forget(link);
	if (keyed)
		ln_peer_init(&link->peer);
	/* Intervals begin anew. */
	link->next_sample = jiffies;
	link->next_slow = jiffies;
	link->next_optics = jiffies;
	link->peer.tx_beat = jiffies;
	spin_unlock_bh(&link->lock);
	ln_group_update(link);
	atomic_inc(&link->host->generation);
	ln_nl_notify_link(link, LN_EVENT_SET);
	ln_kick(link, LN_DUE_ACT);
	mod_delayed_work(ln_wq, &link->host->tick, 0);
	return 0;
}

/**
 * ln_link_remove() - a link is not monitored any more
 * @link: it; the caller's pointer is good until it lets go of RCU or a reference
 * @dev_goes: with its device, so there is nothing to bring back
 *
 * Context: rtnl; takes ln_mutex
 */
void ln_link_remove(struct ln_link *link, bool dev_goes)
{
	struct ln_host *host = link->host;

	ASSERT_RTNL();
	ln_act_leave(link, dev_goes);
	mutex_lock(&ln_mutex);
	ln_topo_leave(link);
	spin_lock_bh(&link->lock);
	link->gone = true;
	spin_unlock_bh(&link->lock);
	list_del_rcu(&link->list);
	host->n_links--;
	mutex_unlock(&ln_mutex);
	atomic_inc(&host->generation);
	/* Waits for those who found it on the list or in a frame. */
	ln_hook_close(link);
	cancel_delayed_work_sync(&link->probe);
	ln_nl_notify_link(link, LN_EVENT_DEL);
	netdev_put(link->dev, &link->tracker);
	ln_link_put(link);
}

void ln_link_put(struct ln_link *link)
{
	if (refcount_dec_and_test(&link->ref)) {
		memzero_explicit(&link->cfg.key, sizeof(link->cfg.key));
		kfree_rcu(link, rcu);
	}
}

void ln_link_forget(struct ln_link *link)
{
	unsigned int i;

	lockdep_assert_held(&link->lock);
	for (i = 0; i < LN_STREAMS; i++)
		ln_detect_reset(&link->test[i]);
	ln_peer_resync(link);
}

void ln_link_want(struct ln_link *link, bool out, bool in, bool force)
{
	lockdep_assert_held(&ln_mutex);
	spin_lock_bh(&link->lock);
	link->want_out = out;
	link->want_in = in;
	link->force = force;
	spin_unlock_bh(&link->lock);
	ln_kick(link, LN_DUE_ACT);
}

u64 ln_link_drops(const struct ln_link *link)
{
	lockdep_assert_held(&link->lock);
	return link->read.netdev.total[LN_NETDEV_DROPS] + link->read.tx_drops;
}

bool ln_link_proven(const struct ln_link *link)
{
	lockdep_assert_held(&link->lock);
	return (link->ladder.state == LN_DRAINED ||
		link->ladder.state == LN_REWEIGHTED) &&
	       ln_link_verdict(link, LN_RX) == LN_HEALTHY;
}

static bool has_say(const struct ln_link *link, unsigned int i)
{
	return link->support[i] >= LN_SUPPORT_SILENT &&
	       ln_detect_has_say(&link->blind, link->test, i);
}

/* One stream that says corrupting is enough, else one that says healthy. */
static enum ln_verdict verdict_rx(const struct ln_link *link)
{
	enum ln_verdict verdict = LN_UNSUPPORTED;
	unsigned int i;

	for (i = 0; i < LN_STREAMS; i++)
		if (has_say(link, i))
			verdict = max(verdict,
				      ln_detect_verdict(&link->test[i]));
	return verdict;
}

enum ln_verdict ln_link_counts(const struct ln_link *link, u64 *trials,
			       u64 *errors)
{
	enum ln_verdict best = LN_UNSUPPORTED, verdict;
	u64 n, k;
	unsigned int i;

	lockdep_assert_held(&link->lock);
	*trials = 0;
	*errors = 0;
	for (i = 0; i < LN_STREAMS; i++) {
		if (!has_say(link, i))
			continue;
		verdict = ln_detect_verdict(&link->test[i]);
		ln_detect_counts(&link->test[i], &n, &k);
		if (verdict < best || (verdict == best && n < *trials))
			continue;
		best = verdict;
		*trials = n;
		*errors = k;
	}
	return best;
}

enum ln_verdict ln_link_verdict(const struct ln_link *link, enum ln_dir dir)
{
	lockdep_assert_held(&link->lock);
	if (dir == LN_RX)
		return verdict_rx(link);
	return ln_peer_fresh(link) ? link->peer.told.verdict : LN_UNSUPPORTED;
}

/*
 * The word of one stream stands for a direction: one that says corrupting, the
 * surest of them; else one that says healthy; else the one that has seen most.
 */
static bool better(const struct ln_detect_view *a,
		   const struct ln_detect_view *b)
{
	if (a->verdict != b->verdict)
		return a->verdict > b->verdict;
	if (a->verdict == LN_CORRUPTING)
		return a->corrupting > b->corrupting;
	return a->trials > b->trials;
}

static void opinion_rx(const struct ln_link *link, struct ln_opinion *op)
{
	struct ln_detect_view view, best = {};
	unsigned int i;

	for (i = 0; i < LN_STREAMS; i++) {
		if (!has_say(link, i))
			continue;
		ln_detect_view(&link->test[i], &link->cfg.detect, &view);
		if (op->supported && !better(&view, &best))
			continue;
		best = view;
		op->stream = i;
		op->supported = true;
	}
	if (!op->supported)
		return;
	op->verdict = best.verdict;
	op->loss = best.loss;
	op->lower = best.loss_lo;
	op->upper = best.loss_hi;
	op->trials = best.trials;
	op->errors = best.errors;
	op->evidence = best.corrupting;
	op->health = best.healthy;
	op->trusted = true;
}

static void opinion_tx(const struct ln_link *link, struct ln_opinion *op)
{
	const struct ln_beat *told = &link->peer.told;

	if (!ln_peer_fresh(link))
		return;
	op->verdict = told->verdict;
	op->supported = told->verdict != LN_UNSUPPORTED;
	op->trusted = link->peer.trusted;
	op->trials = told->trials;
	op->errors = told->errors;
	op->loss = told->loss;
	ln_loss_interval(told->trials, told->errors, &op->lower, &op->upper);
	op->evidence = told->verdict == LN_CORRUPTING ? 1000 : 0;
	op->health = told->verdict == LN_HEALTHY ? 1000 : 0;
}

void ln_link_opinion(const struct ln_link *link, enum ln_dir dir,
		     struct ln_opinion *op)
{
	lockdep_assert_held(&link->lock);
	*op = (struct ln_opinion){};
	if (dir == LN_RX)
		opinion_rx(link, op);
	else
		opinion_tx(link, op);
}

static void loss_of(const struct ln_link *link, enum ln_dir dir,
		    struct ashlar_link_loss *loss)
{
	struct ln_opinion op;

	ln_link_opinion(link, dir, &op);
	loss->known = op.supported && op.trusted && op.trials;
	loss->corrupting = op.verdict == LN_CORRUPTING;
	loss->upper = loss->known ? ln_loss_upper(op.trials, op.errors) : LN_PPT;
}

int ashlar_link_loss(const struct net_device *dev, struct ashlar_link_loss *rx,
		     struct ashlar_link_loss *tx)
{
	struct ln_host *host;
	struct ln_link *link;
	int err = -ENOENT;

	rcu_read_lock();
	host = ln_host_get(dev_net(dev));
	link = host ? ln_link_find(host, dev->ifindex) : NULL;
	if (link) {
		spin_lock_bh(&link->lock);
		loss_of(link, LN_RX, rx);
		loss_of(link, LN_TX, tx);
		spin_unlock_bh(&link->lock);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL_NS_GPL(ashlar_link_loss, ASHLAR_LINK);
