// SPDX-License-Identifier: GPL-2.0-only
/* Two ends of a link, as link_ends.h says. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/user_namespace.h>

#include "link_ends.h"
#include "link_fixture.h"

static netdev_tx_t t_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct t_end *end = *(struct t_end **)netdev_priv(dev);
	struct t_frame *f = &end->ring[end->in % T_RING];

	/* The kernel's own multicasts are none of ours. */
	if (skb->protocol == htons(LN_BEAT_ETHERTYPE)) {
		memcpy(&f->eth, skb->data, ETH_HLEN);
		f->len = skb->len - ETH_HLEN;
		skb_copy_bits(skb, ETH_HLEN, f->bytes,
			      min(f->len, sizeof(f->bytes)));
		end->in++;
	}
	dev_kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops t_ops = {
	.ndo_start_xmit = t_xmit,
};

/* As it is when it was just added; the other end notices nothing of it. */
void t_start(struct t_end *end)
{
	struct ln_link *link = &end->link;

	memset(link, 0, sizeof(*link));
	refcount_set(&link->ref, 1);
	spin_lock_init(&link->lock);
	spin_lock_init(&link->tx_lock);
	INIT_LIST_HEAD(&link->slow);
	INIT_DELAYED_WORK(&link->probe, ln_peer_probe);
	link->host = &end->host;
	link->dev = end->dev;
	link->cfg.beat_ms = 10000;
	link->cfg.keyed = true;
	memcpy(&link->cfg.key, t_key, sizeof(t_key));
	ln_peer_init(&link->peer);
}

static int t_end_init(struct t_end *end, unsigned int i)
{
	end->host.net = &init_net;
	end->host.id = T_HOST + i;
	end->host.stopping = true;
	end->host.stats = alloc_percpu(struct ln_stats);
	if (end->host.stats)
		end->dev = t_dev_new(&t_ops, &end, sizeof(end));
	if (!end->dev)
		return -ENOMEM;
	t_start(end);
	return 0;
}

int t_ends_init(struct kunit *test)
{
	struct t_ends *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	int err = -ENOMEM;

	test->priv = w;
	if (w)
		err = t_end_init(&w->end[0], 0) ?: t_end_init(&w->end[1], 1);
	return err;
}

void t_ends_exit(struct kunit *test)
{
	struct t_ends *w = test->priv;
	unsigned int i;

	for (i = 0; w && i < 2; i++) {
		struct t_end *end = &w->end[i];

		if (end->dev) {
			cancel_delayed_work_sync(&end->link.probe);
			unregister_netdev(end->dev);
			free_netdev(end->dev);
		}
		free_percpu(end->host.stats);
	}
}

u64 t_stat_of(const struct t_end *end, enum ln_stat stat)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(end->host.stats, cpu)->n[stat];
	return sum;
}

unsigned int t_waiting(const struct t_end *end)
{
	return end->in - end->out;
}

bool t_take(struct t_end *from, struct t_frame *f)
{
	if (!t_waiting(from))
		return false;
	*f = from->ring[from->out++ % T_RING];
	return true;
}

void t_give(struct t_end *to, const struct t_frame *f)
{
	ln_peer_receive(&to->link, f->bytes, min(f->len, sizeof(f->bytes)));
}

void t_tell(struct t_end *end)
{
	ln_peer_tell(&end->link, LN_BEAT_FULL);
}

/* The limit of answers is not what most tests are about. */
void t_relax(struct t_end *end)
{
	end->link.peer.answered[0] = jiffies;
	end->link.peer.answered[1] = jiffies;
}

/* Hands frames over, in turns, up to @limit. Return: how many. */
unsigned int t_pump(struct t_ends *w, unsigned int limit)
{
	unsigned int n = 0, i;
	struct t_frame f;

	do {
		for (i = 0; i < 2; i++)
			if (n < limit && t_take(&w->end[i], &f)) {
				t_relax(&w->end[!i]);
				t_give(&w->end[!i], &f);
				n++;
			}
	} while (n < limit && t_waiting(&w->end[0]) + t_waiting(&w->end[1]));
	return n;
}

/* Frames from @from to the other end, without what that answers. */
void t_one_way(struct t_ends *w, unsigned int from)
{
	struct t_frame f;

	while (t_take(&w->end[from], &f))
		t_give(&w->end[!from], &f);
}

bool t_fresh(struct t_end *end)
{
	bool fresh;

	spin_lock_bh(&end->link.lock);
	fresh = ln_peer_fresh(&end->link);
	spin_unlock_bh(&end->link.lock);
	return fresh;
}

bool t_trusts(struct t_end *end)
{
	return t_fresh(end) && end->link.peer.trusted;
}

bool t_together(struct t_ends *w)
{
	const struct ln_peer *a = &w->end[0].link.peer;
	const struct ln_peer *b = &w->end[1].link.peer;

	return t_trusts(&w->end[0]) && t_trusts(&w->end[1]) &&
	       a->nonce == b->challenge && b->nonce == a->challenge;
}

void t_silence(struct t_end *end)
{
	end->link.peer.heard = jiffies - 36 * HZ;
}

void t_join(struct kunit *test)
{
	struct t_ends *w = test->priv;

	t_tell(&w->end[0]);
	t_pump(w, 100);
	KUNIT_ASSERT_TRUE(test, t_together(w));
	KUNIT_ASSERT_EQ(test, t_waiting(&w->end[0]) + t_waiting(&w->end[1]), 0U);
}

void t_collect(struct t_end *end, u64 *expected, u64 *missing)
{
	spin_lock_bh(&end->link.lock);
	*expected = end->link.peer.expected;
	*missing = end->link.peer.missing;
	end->link.peer.expected = 0;
	end->link.peer.missing = 0;
	spin_unlock_bh(&end->link.lock);
}

/* What end 1 has heard has had the time in which late frames are waited for. */
static void t_age(struct t_ends *w)
{
	w->end[1].link.peer.marked -= LN_LATE;
}

void t_beats(struct t_ends *w, unsigned int n, u64 lost)
{
	struct t_frame f;
	unsigned int i;

	for (i = 0; i < n; i++) {
		t_age(w);
		t_tell(&w->end[0]);
		while (t_take(&w->end[0], &f))
			if (!(lost & BIT_ULL(i)))
				t_give(&w->end[1], &f);
	}
}
