// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two ends of a link, each on a device that keeps what it is to send until the
 * test hands it over, drops it, keeps a copy or changes it: how the ends come
 * together, what is believed, what is missed, and how much work strangers make.
 */
#include <asm/unaligned.h>
#include <kunit/test.h>
#include <linux/bitops.h>
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/user_namespace.h>

#include "../modules/link/link.h"
#include "link_fixture.h"

#define T_RING		256
#define T_HOST		0x1000ULL	/* identifiers: of end 0, of end 1 one more */

static const u8 peer_key[16] = "0123456789abcdef";

static void sip_rounds(u64 v[4], unsigned int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rol64(v[1], 13) ^ v[0];
		v[3] = rol64(v[3], 16) ^ v[2];
		v[0] = rol64(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rol64(v[1], 17) ^ v[2];
		v[3] = rol64(v[3], 21) ^ v[0];
		v[2] = rol64(v[2], 32);
	}
}

/* SipHash-2-4 written anew, to compare with; of whole words only. */
static u64 t_siphash(const u8 *data, size_t len, const u8 key[16])
{
	u64 k0 = get_unaligned_le64(key), k1 = get_unaligned_le64(key + 8);
	u64 v[4] = {
		k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
		k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL,
	};
	size_t i;

	for (i = 0; i <= len; i += 8) {
		u64 m = i < len ? get_unaligned_le64(data + i) : (u64)len << 56;

		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/**
 * struct t_frame - a frame on its way
 * @eth: its header
 * @len: of what follows
 * @bytes: the beginning of that
 */
struct t_frame {
	struct ethhdr eth;
	size_t len;
	u8 bytes[LN_BEAT_MAX_LEN];
};

/**
 * struct t_end - one end
 * @host: its host, which starts no work
 * @link: the link
 * @dev: its device
 * @ring: frames that it sent
 * @in: frames put into @ring
 * @out: frames taken from it
 */
struct t_end {
	struct ln_host host;
	struct ln_link link;
	struct net_device *dev;
	struct t_frame ring[T_RING];
	unsigned int in;
	unsigned int out;
};

struct t_ends {
	struct t_end end[2];
};

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

static struct net_device *t_dev_new(struct t_end *end)
{
	struct net_device *dev = alloc_etherdev(sizeof(end));

	if (!dev)
		return NULL;
	*(struct t_end **)netdev_priv(dev) = end;
	dev->netdev_ops = &t_ops;
	dev->priv_flags |= IFF_NO_QUEUE;
	eth_hw_addr_random(dev);
	if (register_netdev(dev)) {
		free_netdev(dev);
		return NULL;
	}
	rtnl_lock();
	dev_open(dev, NULL);
	rtnl_unlock();
	return dev;
}

/* As it is when it was just added; the other end notices nothing of it. */
static void t_start(struct t_end *end)
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
	memcpy(&link->cfg.key, peer_key, sizeof(peer_key));
	ln_peer_init(&link->peer);
}

static int t_end_init(struct t_end *end, unsigned int i)
{
	end->host.net = &init_net;
	end->host.id = T_HOST + i;
	end->host.stopping = true;
	end->host.stats = alloc_percpu(struct ln_stats);
	if (end->host.stats)
		end->dev = t_dev_new(end);
	if (!end->dev)
		return -ENOMEM;
	t_start(end);
	return 0;
}

static int peer_init(struct kunit *test)
{
	struct t_ends *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	int err = -ENOMEM;

	test->priv = w;
	if (w)
		err = t_end_init(&w->end[0], 0) ?: t_end_init(&w->end[1], 1);
	return err;
}

static void peer_exit(struct kunit *test)
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

static u64 stat_of(const struct t_end *end, enum ln_stat stat)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(end->host.stats, cpu)->n[stat];
	return sum;
}

#define t_stat(end, stat)	stat_of(end, LN_STAT_##stat)

static unsigned int t_waiting(const struct t_end *end)
{
	return end->in - end->out;
}

static bool t_take(struct t_end *from, struct t_frame *f)
{
	if (!t_waiting(from))
		return false;
	*f = from->ring[from->out++ % T_RING];
	return true;
}

static void t_give(struct t_end *to, const struct t_frame *f)
{
	ln_peer_receive(&to->link, f->bytes, min(f->len, sizeof(f->bytes)));
}

static void t_tell(struct t_end *end)
{
	ln_peer_tell(&end->link, LN_BEAT_FULL);
}

/* The limit of answers is not what most tests are about. */
static void t_relax(struct t_end *end)
{
	end->link.peer.answered[0] = jiffies;
	end->link.peer.answered[1] = jiffies;
}

/* Hands frames over, in turns, up to @limit. Return: how many. */
static unsigned int t_pump(struct t_ends *w, unsigned int limit)
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
static void t_one_way(struct t_ends *w, unsigned int from)
{
	struct t_frame f;

	while (t_take(&w->end[from], &f))
		t_give(&w->end[!from], &f);
}

static bool t_fresh(struct t_end *end)
{
	bool fresh;

	spin_lock_bh(&end->link.lock);
	fresh = ln_peer_fresh(&end->link);
	spin_unlock_bh(&end->link.lock);
	return fresh;
}

static bool t_trusts(struct t_end *end)
{
	return t_fresh(end) && end->link.peer.trusted;
}

static bool t_together(struct t_ends *w)
{
	const struct ln_peer *a = &w->end[0].link.peer;
	const struct ln_peer *b = &w->end[1].link.peer;

	return t_trusts(&w->end[0]) && t_trusts(&w->end[1]) &&
	       a->nonce == b->challenge && b->nonce == a->challenge;
}

static void t_silence(struct t_end *end)
{
	end->link.peer.heard = jiffies - 36 * HZ;
}

static void t_join(struct kunit *test)
{
	struct t_ends *w = test->priv;

	t_tell(&w->end[0]);
	t_pump(w, 100);
	KUNIT_ASSERT_TRUE(test, t_together(w));
	KUNIT_ASSERT_EQ(test, t_waiting(&w->end[0]) + t_waiting(&w->end[1]), 0U);
}

/* The tag of what is really sent, made anew; and that each byte is under it. */
static void peer_tag(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *b = &w->end[1];
	struct t_frame f;
	unsigned int i;

	t_tell(&w->end[0]);
	KUNIT_ASSERT_TRUE(test, t_take(&w->end[0], &f));
	KUNIT_ASSERT_EQ(test, f.len, 160);
	KUNIT_EXPECT_EQ(test, ln_beat_tag(f.bytes, LN_BEAT_FULL),
			t_siphash(f.bytes, 152, peer_key));
	for (i = 0; i < 160; i++) {
		b->link.peer.bucket = 1;
		f.bytes[i] ^= 1;
		t_give(b, &f);
		f.bytes[i] ^= 1;
	}
	KUNIT_EXPECT_EQ(test, t_stat(b, BEAT_BAD_TAG) +
			t_stat(b, BEAT_MALFORMED) + t_stat(b, BEAT_VERSION) +
			t_stat(b, BEAT_STALE), 160ULL);
	/* Another type is what is dropped unlooked at; the rest is refused. */
	KUNIT_EXPECT_LE(test, t_stat(b, BEAT_STALE), 1ULL);
	KUNIT_EXPECT_GE(test, t_stat(b, BEAT_BAD_TAG), 80ULL);
	KUNIT_EXPECT_EQ(test, t_waiting(b), 0U);
	b->link.peer.bucket = 1;
	t_give(b, &f);
	KUNIT_EXPECT_EQ(test, t_waiting(b), 1U);
}

/* Neither knows the other: a greeting, an answer, and the session. */
static void peer_join(struct kunit *test)
{
	struct t_ends *w = test->priv;

	t_tell(&w->end[0]);
	KUNIT_EXPECT_EQ(test, t_pump(w, 2), 2U);
	KUNIT_EXPECT_TRUE(test, t_trusts(&w->end[0]));
	KUNIT_EXPECT_FALSE(test, t_fresh(&w->end[1]));
	KUNIT_EXPECT_EQ(test, t_pump(w, 1), 1U);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	/* The second end tells that it is bound, and that was all. */
	KUNIT_EXPECT_EQ(test, t_pump(w, 100), 1U);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[0], PEER_NEW), 1ULL);
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[1], PEER_NEW), 1ULL);
	KUNIT_EXPECT_EQ(test, w->end[0].link.peer.told.host, T_HOST + 1);
}

/* Both greet at once. */
static void peer_cross(struct kunit *test)
{
	struct t_ends *w = test->priv;

	t_tell(&w->end[0]);
	t_tell(&w->end[1]);
	KUNIT_EXPECT_LE(test, t_pump(w, 100), 8U);
	KUNIT_EXPECT_TRUE(test, t_together(w));
}

/* One end begins anew, then both; the session before is worth nothing. */
static void peer_restart(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_frame old[2];
	u64 nonce;

	t_join(test);
	nonce = w->end[0].link.peer.nonce;
	t_tell(&w->end[0]);
	t_tell(&w->end[1]);
	KUNIT_ASSERT_TRUE(test, t_take(&w->end[0], &old[0]));
	KUNIT_ASSERT_TRUE(test, t_take(&w->end[1], &old[1]));

	t_start(&w->end[1]);
	t_tell(&w->end[1]);
	KUNIT_EXPECT_EQ(test, t_pump(w, 3), 3U);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	KUNIT_EXPECT_NE(test, w->end[0].link.peer.nonce, nonce);
	t_pump(w, 100);
	t_give(&w->end[0], &old[1]);
	t_give(&w->end[1], &old[0]);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[0], BEAT_STALE), 2ULL);

	t_start(&w->end[0]);
	t_start(&w->end[1]);
	t_tell(&w->end[0]);
	KUNIT_EXPECT_EQ(test, t_pump(w, 3), 3U);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	t_pump(w, 100);
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[0], GAP), 0ULL);
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[1], GAP), 0ULL);
}

/* An end that hears nothing greets besides; the one that hears is not moved. */
static void peer_one_way(struct kunit *test)
{
	struct t_ends *w = test->priv;
	unsigned int i;
	struct t_frame f;

	t_join(test);
	for (i = 0; i < 8; i++) {
		t_silence(&w->end[0]);
		t_tell(&w->end[0]);
		KUNIT_EXPECT_EQ(test, t_waiting(&w->end[0]), 2U);
		t_one_way(w, 0);
		while (t_take(&w->end[1], &f))
			;
		KUNIT_EXPECT_TRUE(test, t_trusts(&w->end[1]));
		KUNIT_EXPECT_FALSE(test, t_fresh(&w->end[0]));
	}
	/* It hears again. */
	t_tell(&w->end[0]);
	t_pump(w, 100);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[1], GAP), 0ULL);
}

struct keys {
	const char *name;
	bool keyed[2];
	bool same;
	bool fresh;
	bool trusted;
};

static const struct keys keys[] = {
	{ "the same key", { true, true }, true, true, true },
	{ "no key", { false, false }, true, true, false },
	{ "a key at one end", { true, false }, true, true, false },
	{ "a key at the other end", { false, true }, true, true, false },
	{ "two keys", { true, true }, false, false, false },
};

static void keys_desc(const struct keys *k, char *desc)
{
	strscpy(desc, k->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(keys, keys, keys_desc);

static void peer_keys(struct kunit *test)
{
	const struct keys *k = test->param_value;
	struct t_ends *w = test->priv;
	unsigned int i;

	for (i = 0; i < 2; i++)
		w->end[i].link.cfg.keyed = k->keyed[i];
	if (!k->same)
		memset(&w->end[1].link.cfg.key, 7, 16);
	t_tell(&w->end[0]);
	t_pump(w, 100);
	t_tell(&w->end[1]);
	t_pump(w, 100);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, t_fresh(&w->end[i]), k->fresh);
		KUNIT_EXPECT_EQ(test, t_trusts(&w->end[i]), k->trusted);
		KUNIT_EXPECT_EQ(test, t_stat(&w->end[i], BEAT_BAD_TAG) > 0,
				!k->same);
		KUNIT_EXPECT_EQ(test, t_stat(&w->end[i], BEAT_UNKEYED) > 0,
				k->keyed[0] != k->keyed[1]);
	}
}

/* Frames without a key do not move a session with one. */
static void peer_downgrade(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *liar = &w->end[1];
	struct ln_peer was;

	t_join(test);
	was = liar->link.peer;
	t_start(liar);
	liar->link.cfg.keyed = false;
	t_tell(liar);
	t_pump(w, 100);
	t_tell(liar);
	t_pump(w, 100);
	KUNIT_EXPECT_TRUE(test, t_trusts(&w->end[0]));
	KUNIT_EXPECT_EQ(test, w->end[0].link.peer.nonce, was.challenge);
	/* The one with the key is still heard. */
	liar->link.cfg.keyed = true;
	liar->link.peer = was;
	t_tell(liar);
	t_pump(w, 100);
	KUNIT_EXPECT_TRUE(test, t_together(w));
}

/* The same hosts and key on a second link: what is said on one is for that one. */
static void peer_other_link(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct ln_peer *first;
	struct t_frame f;
	u64 stale;

	first = kunit_kcalloc(test, 2, sizeof(*first), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, first);
	t_join(test);
	t_tell(&w->end[0]);
	KUNIT_ASSERT_TRUE(test, t_take(&w->end[0], &f));
	first[0] = w->end[0].link.peer;
	first[1] = w->end[1].link.peer;
	ln_peer_init(&w->end[0].link.peer);
	ln_peer_init(&w->end[1].link.peer);
	t_join(test);
	stale = t_stat(&w->end[1], BEAT_STALE);
	t_give(&w->end[1], &f);
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[1], BEAT_STALE), stale + 1);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	/* On its own link it is good. */
	w->end[0].link.peer = first[0];
	w->end[1].link.peer = first[1];
	t_give(&w->end[1], &f);
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[1], BEAT_STALE), stale + 1);
	KUNIT_EXPECT_TRUE(test, t_together(w));
}

/* A loop: every frame comes back. */
static void peer_own(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *end = &w->end[0];
	struct t_frame f;
	unsigned int i;

	t_join(test);
	for (i = 0; i < 3; i++) {
		t_tell(end);
		KUNIT_ASSERT_TRUE(test, t_take(end, &f));
		t_give(end, &f);
	}
	KUNIT_EXPECT_EQ(test, t_stat(end, BEAT_OWN), 3ULL);
	KUNIT_EXPECT_EQ(test, t_waiting(end), 0U);
}

/* A third host on the same wire does not take the place of one that is heard. */
static void peer_third(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct ln_peer was;

	t_join(test);
	was = w->end[1].link.peer;
	t_start(&w->end[1]);
	w->end[1].host.id = T_HOST + 2;
	t_tell(&w->end[1]);
	t_pump(w, 100);
	KUNIT_EXPECT_TRUE(test, t_trusts(&w->end[0]));
	KUNIT_EXPECT_EQ(test, w->end[0].link.peer.told.host, T_HOST + 1);
	KUNIT_EXPECT_EQ(test, w->end[0].link.peer.nonce, was.challenge);
	/* But when that is silent. */
	t_silence(&w->end[0]);
	t_tell(&w->end[1]);
	t_pump(w, 100);
	KUNIT_EXPECT_EQ(test, w->end[0].link.peer.told.host, T_HOST + 2);
	KUNIT_EXPECT_TRUE(test, t_together(w));
}

/**
 * struct number - the next number of a session, and what becomes of it
 * @ahead: of the first number
 * @stat: what is counted
 */
struct number {
	int ahead;
	enum ln_stat stat;
};

static const struct number numbers[] = {
	{ 0, LN_STAT_PROBE_RX },
	{ 0, LN_STAT_BEAT_REPLAYED },
	{ 2, LN_STAT_PROBE_RX },
	{ 1, LN_STAT_PROBE_RX },
	{ 1, LN_STAT_BEAT_REPLAYED },
	{ 0, LN_STAT_BEAT_REPLAYED },
	{ 1026, LN_STAT_PROBE_RX },
	{ 3, LN_STAT_PROBE_RX },
	{ 3, LN_STAT_BEAT_REPLAYED },
	{ 2, LN_STAT_BEAT_REPLAYED },
	{ 1027, LN_STAT_PROBE_RX },
	{ 4, LN_STAT_PROBE_RX },
	{ 2051, LN_STAT_PROBE_RX },
	{ 1027, LN_STAT_BEAT_REPLAYED },
	{ 1028, LN_STAT_PROBE_RX },
	{ 50000, LN_STAT_PROBE_RX },
	{ 48976, LN_STAT_BEAT_REPLAYED },
	{ 48977, LN_STAT_PROBE_RX },
	{ 2051, LN_STAT_BEAT_REPLAYED },
};

/* Makes end 0 send a probe with @seq, and hands it over. */
static void t_probe(struct t_ends *w, u64 seq)
{
	const struct ln_peer *peer = &w->end[0].link.peer;
	struct ln_beat b = {
		.type = LN_BEAT_PROBE, .flags = LN_BEAT_F_KEYED,
		.host = T_HOST, .nonce = peer->challenge,
		.echo = peer->nonce, .seq = seq,
	};
	struct t_frame f = { .len = 48 };

	ln_beat_encode(&b, f.bytes);
	ln_beat_set_tag(f.bytes, LN_BEAT_PROBE,
			t_siphash(f.bytes, 40, peer_key));
	t_give(&w->end[1], &f);
}

static void peer_window(struct kunit *test)
{
	struct t_ends *w = test->priv;
	unsigned int i;
	u64 first;

	t_join(test);
	first = w->end[1].link.peer.seq + 1;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct number *n = &numbers[i];
		u64 was = stat_of(&w->end[1], n->stat);

		t_probe(w, first + n->ahead);
		KUNIT_EXPECT_EQ_MSG(test, stat_of(&w->end[1], n->stat), was + 1,
				    "step %u, number %d", i, n->ahead);
	}
}

/* Takes what was collected for the test of LN_PROBE. */
static void t_collect(struct t_end *end, u64 *expected, u64 *missing)
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

/* Of @n heartbeats of end 0, each whose bit in @lost is set is lost. */
static void t_beats(struct t_ends *w, unsigned int n, u64 lost)
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

static void peer_gaps(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *b = &w->end[1];
	u64 expected, missing;

	t_join(test);
	t_beats(w, 40, 0);
	t_collect(b, &expected, &missing);
	/* The last one is not decided yet. */
	KUNIT_EXPECT_GE(test, expected, 38ULL);
	KUNIT_EXPECT_LE(test, expected, 40ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
	t_beats(w, 40, BIT_ULL(3) | BIT_ULL(10) | BIT_ULL(11));
	t_beats(w, 20, 0);
	t_collect(b, &expected, &missing);
	KUNIT_EXPECT_EQ(test, expected, 60ULL);
	KUNIT_EXPECT_EQ(test, missing, 3ULL);
	KUNIT_EXPECT_EQ(test, t_stat(b, GAP), 3ULL);
}

/* What is late but not too late is not missing. */
static void peer_late(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *b = &w->end[1];
	u64 expected, missing;
	struct t_frame late;
	unsigned int i;

	t_join(test);
	t_beats(w, 4, 0);
	t_tell(&w->end[0]);
	KUNIT_ASSERT_TRUE(test, t_take(&w->end[0], &late));
	for (i = 0; i < 15; i++) {
		t_tell(&w->end[0]);
		t_one_way(w, 0);
	}
	t_give(b, &late);
	t_beats(w, 30, 0);
	t_collect(b, &expected, &missing);
	KUNIT_EXPECT_GT(test, expected, 40ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
	KUNIT_EXPECT_EQ(test, t_stat(b, LATE), 0ULL);
}

/*
 * 115 of 214 probes wait in the backlog of a CPU that has no time, while the
 * others and the heartbeats go by another one. They were not lost.
 */
static void t_starve(struct t_ends *w, u64 *first, unsigned int n)
{
	unsigned int i;

	*first = w->end[0].link.peer.tx_seq + 1;
	w->end[0].link.peer.tx_seq += 214;
	for (i = n; i < 214; i++)
		t_probe(w, *first + i);
}

static void peer_starved(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *b = &w->end[1];
	u64 first, expected, missing;
	unsigned int i;

	t_join(test);
	t_beats(w, 4, 0);
	t_starve(w, &first, 115);
	/* A heartbeat that comes soon decides nothing. */
	t_tell(&w->end[0]);
	t_one_way(w, 0);
	for (i = 0; i < 115; i++)
		t_probe(w, first + i);
	t_beats(w, 4, 0);
	t_collect(b, &expected, &missing);
	KUNIT_EXPECT_GT(test, expected, 214ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
	KUNIT_EXPECT_EQ(test, t_stat(b, LATE), 0ULL);

	/* So late that they were taken for lost: nothing of this time counts. */
	t_starve(w, &first, 115);
	t_beats(w, 2, 0);
	KUNIT_EXPECT_EQ(test, t_stat(b, GAP), 115ULL);
	t_probe(w, first);
	KUNIT_EXPECT_EQ(test, t_stat(b, LATE), 1ULL);
	t_collect(b, &expected, &missing);
	KUNIT_EXPECT_EQ(test, expected, 0ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
	/* Another time does. */
	t_beats(w, 4, 0);
	t_starve(w, &first, 115);
	t_beats(w, 4, 0);
	t_collect(b, &expected, &missing);
	KUNIT_EXPECT_EQ(test, missing, 115ULL);
}

/* However fast they come: what is too old to be told from a replay is missing. */
static void peer_fast(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *b = &w->end[1];
	u64 first, expected, missing, i;

	t_join(test);
	first = b->link.peer.seq + 1;
	for (i = 0; i < 4 * LN_WINDOW; i++)
		if (i % 100)
			t_probe(w, first + i);
	w->end[0].link.peer.tx_seq = first + i - 1;
	t_tell(&w->end[0]);
	t_one_way(w, 0);
	t_collect(b, &expected, &missing);
	KUNIT_EXPECT_EQ(test, expected, 3ULL * LN_WINDOW + 1);
	KUNIT_EXPECT_EQ(test, missing, 31ULL);
	KUNIT_EXPECT_EQ(test, t_stat(b, GAP), 31ULL);
}

static void lose_silence(struct t_ends *w)
{
	t_silence(&w->end[1]);
}

static void lose_carrier(struct t_ends *w)
{
	atomic_inc(&w->end[1].dev->carrier_down_count);
}

static void lose_far(struct t_ends *w)
{
	w->end[0].link.read.congested = true;
}

static void lose_here(struct t_ends *w)
{
	spin_lock_bh(&w->end[1].link.lock);
	ln_peer_resync(&w->end[1].link);
	spin_unlock_bh(&w->end[1].link.lock);
}

static void lose_session(struct t_ends *w)
{
	t_start(&w->end[0]);
	t_tell(&w->end[0]);
	t_pump(w, 100);
}

struct excuse {
	const char *name;
	void (*happens)(struct t_ends *w);
};

static const struct excuse excuses[] = {
	{ "silence", lose_silence },
	{ "carrier", lose_carrier },
	{ "congestion there", lose_far },
	{ "congestion here", lose_here },
	{ "a new session", lose_session },
};

static void excuse_desc(const struct excuse *e, char *desc)
{
	strscpy(desc, e->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(excuse, excuses, excuse_desc);

/* Losses just before are no evidence, later ones are. */
static void peer_excused(struct kunit *test)
{
	const struct excuse *e = test->param_value;
	struct t_ends *w = test->priv;
	u64 expected, missing;

	t_join(test);
	t_beats(w, 10, BIT_ULL(2) | BIT_ULL(8) | BIT_ULL(9));
	e->happens(w);
	t_beats(w, 60, 0);
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_GT(test, expected, 20ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
	t_beats(w, 40, BIT_ULL(5));
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_EQ(test, missing, 1ULL);
}

/* Without trust there is no evidence. */
static void peer_gaps_untrusted(struct kunit *test)
{
	struct t_ends *w = test->priv;
	u64 expected, missing;

	w->end[0].link.cfg.keyed = false;
	w->end[1].link.cfg.keyed = false;
	t_tell(&w->end[0]);
	t_pump(w, 100);
	KUNIT_ASSERT_TRUE(test, t_fresh(&w->end[1]));
	t_beats(w, 60, BIT_ULL(5));
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_EQ(test, expected, 0ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
}

/* Strangers cost little and get little. */
static void peer_flood(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *b = &w->end[1];
	struct t_frame f, bad;
	unsigned int i;

	t_join(test);
	t_start(&w->end[0]);
	t_tell(&w->end[0]);
	KUNIT_ASSERT_TRUE(test, t_take(&w->end[0], &f));
	bad = f;
	bad.bytes[159] ^= 1;
	b->link.peer.refilled = jiffies;
	b->link.peer.bucket = 64;
	t_relax(b);
	for (i = 0; i < 32; i++) {
		t_give(b, &bad);
		t_give(b, &f);
	}
	KUNIT_EXPECT_EQ(test, t_stat(b, BEAT_BAD_TAG), 32ULL);
	KUNIT_EXPECT_EQ(test, t_waiting(b), 1U);
	b->link.peer.refilled = jiffies;
	for (i = 0; i < 100; i++)
		t_give(b, &bad);
	KUNIT_EXPECT_EQ(test, t_stat(b, BEAT_LIMITED), 100ULL);
	KUNIT_EXPECT_EQ(test, t_waiting(b), 1U);
	/* Whoever echoes what only the other end can know is still heard. */
	t_pump(w, 100);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	/* And a second later there is room again. */
	b->link.peer.refilled = jiffies - HZ;
	t_give(b, &bad);
	KUNIT_EXPECT_EQ(test, t_stat(b, BEAT_BAD_TAG), 33ULL);
}

static void peer_bye(struct kunit *test)
{
	struct t_ends *w = test->priv;

	t_join(test);
	ln_peer_tell(&w->end[0].link, LN_BEAT_BYE);
	t_one_way(w, 0);
	KUNIT_EXPECT_FALSE(test, t_fresh(&w->end[1]));
	KUNIT_EXPECT_TRUE(test, w->end[1].link.peer.left);
	KUNIT_EXPECT_TRUE(test, w->end[1].link.peer.trusted);
	KUNIT_EXPECT_TRUE(test, w->end[1].link.peer.told.flags &
			  LN_BEAT_F_RESTORED);
	/* What it says after that is greeted anew. */
	t_tell(&w->end[1]);
	t_pump(w, 100);
	KUNIT_EXPECT_TRUE(test, t_together(w));
	KUNIT_EXPECT_FALSE(test, w->end[1].link.peer.left);
}

/* The name of the host is for hosts, not for who runs a container's wire. */
static void peer_name(struct kunit *test)
{
	struct user_namespace *users;
	struct t_ends *w = test->priv;
	struct t_end *a = &w->end[0];
	struct t_frame f;
	struct ln_beat b;
	struct net *net;

	t_tell(a);
	KUNIT_ASSERT_TRUE(test, t_take(a, &f));
	KUNIT_ASSERT_EQ(test, ln_beat_decode(&b, f.bytes, f.len), 0);
	KUNIT_EXPECT_NE(test, strcspn(b.name, "@") + 1, strlen(b.name));
	/* Of a namespace nothing is looked at but its owner. */
	net = kunit_kzalloc(test, sizeof(*net), GFP_KERNEL);
	users = kunit_kzalloc(test, sizeof(*users), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, net);
	KUNIT_ASSERT_NOT_NULL(test, users);
	net->user_ns = users;
	a->host.net = net;
	t_tell(a);
	a->host.net = &init_net;
	KUNIT_ASSERT_TRUE(test, t_take(a, &f));
	KUNIT_ASSERT_EQ(test, ln_beat_decode(&b, f.bytes, f.len), 0);
	KUNIT_EXPECT_EQ(test, strcspn(b.name, "@") + 1, strlen(b.name));
}

/* A frame that did not leave is not missed. */
static void peer_no_carrier(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *a = &w->end[0];
	u64 expected, missing;
	unsigned int i;

	t_join(test);
	t_beats(w, 4, 0);
	netif_carrier_off(a->dev);
	for (i = 0; i < 5; i++)
		t_tell(a);
	netif_carrier_on(a->dev);
	KUNIT_EXPECT_EQ(test, t_stat(a, BEAT_TX_FAILED), 5ULL);
	KUNIT_EXPECT_EQ(test, t_waiting(a), 0U);
	t_beats(w, 40, 0);
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_GT(test, expected, 20ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
}

/* Probes: only while the link is out of service, padded, in measured bursts. */
static void peer_probe(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct ln_link *link = &w->end[0].link;
	u64 expected, missing, sent;

	t_join(test);
	link->cfg.probe_pps = 100000;
	link->cfg.probe_len = 1000;
	ln_peer_probe(&link->probe.work);
	KUNIT_EXPECT_EQ(test, t_waiting(&w->end[0]), 0U);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&link->probe));

	link->ladder.state = LN_DRAINED;
	link->peer.probed = ktime_get_ns() - NSEC_PER_MSEC;
	ln_peer_probe(&link->probe.work);
	cancel_delayed_work_sync(&link->probe);
	sent = t_stat(&w->end[0], PROBE_TX);
	KUNIT_EXPECT_GE(test, sent, 100ULL);
	KUNIT_EXPECT_LE(test, sent, 2048ULL);
	KUNIT_EXPECT_EQ(test, w->end[0].ring[w->end[0].out % T_RING].len, 1000);
	w->end[0].out = w->end[0].in;

	/* The clock is set so that no burst is larger than the ring. */
	link->cfg.probe_len = 0;
	link->peer.probed = ktime_get_ns();
	link->cfg.probe_pps = 1;
	ln_peer_probe(&link->probe.work);
	cancel_delayed_work_sync(&link->probe);
	KUNIT_EXPECT_EQ(test, t_waiting(&w->end[0]), 0U);
	link->peer.probed = 0;
	ln_peer_probe(&link->probe.work);
	cancel_delayed_work_sync(&link->probe);
	KUNIT_EXPECT_EQ(test, t_waiting(&w->end[0]), 1U);
	KUNIT_EXPECT_EQ(test, w->end[0].ring[w->end[0].out % T_RING].len,
			w->end[0].dev->mtu);

	/* The burst above was lost, all of it. */
	t_one_way(w, 0);
	KUNIT_EXPECT_EQ(test, t_stat(&w->end[1], PROBE_RX), 1ULL);
	t_beats(w, 20, 0);
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_EQ(test, missing, sent);
}

/* The frame around it; and what comes in whatever form is only read. */
static void peer_hook(struct kunit *test)
{
	static const u8 to[ETH_ALEN] = { 0x01, 0x80, 0xc2, 0, 0, 0x0e };
	struct t_ends *w = test->priv;
	struct t_end *b = &w->end[1];
	struct sk_buff *skb;
	unsigned int form;
	struct t_frame f;
	u64 heard = 0;

	t_join(test);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, ln_hook_open(&b->link), 0);
	KUNIT_EXPECT_EQ(test, netdev_mc_count(b->dev) > 0, true);
	rtnl_unlock();
	for (form = 0; form < 4; form++) {
		t_tell(&w->end[0]);
		KUNIT_ASSERT_TRUE(test, t_take(&w->end[0], &f));
		KUNIT_EXPECT_TRUE(test, ether_addr_equal(f.eth.h_dest, to));
		KUNIT_EXPECT_TRUE(test, ether_addr_equal(f.eth.h_source,
							 w->end[0].dev->dev_addr));
		KUNIT_EXPECT_EQ(test, ntohs(f.eth.h_proto), 0x88b5);
		skb = alloc_skb(ETH_HLEN + f.len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_put_data(skb, &f.eth, ETH_HLEN);
		skb_reset_mac_header(skb);
		skb_pull(skb, ETH_HLEN);
		if (form == 1) {
			/* All of it in a page. */
			struct page *page = alloc_page(GFP_KERNEL);

			KUNIT_ASSERT_NOT_NULL(test, page);
			memcpy(page_address(page), f.bytes, f.len);
			skb_add_rx_frag(skb, 0, page, 0, f.len, PAGE_SIZE);
		} else {
			skb_put_data(skb, f.bytes, form == 2 ? 20 : f.len);
		}
		if (form == 3)
			eth_hdr(skb)->h_dest[5] = 0;
		skb->dev = b->dev;
		skb_get(skb);
		rcu_read_lock();
		b->link.packet.func(skb, b->dev, &b->link.packet, b->dev);
		rcu_read_unlock();
		KUNIT_EXPECT_EQ(test, refcount_read(&skb->users), 1);
		kfree_skb(skb);
		heard += form < 2;
		KUNIT_EXPECT_EQ(test, t_stat(b, BEAT_RX), heard + 1);
		KUNIT_EXPECT_EQ(test, t_stat(b, BEAT_MALFORMED), form >= 2);
	}
	rtnl_lock();
	ln_hook_close(&b->link);
	ln_hook_close(&b->link);
	rtnl_unlock();
}

/* One step of a world without rules. */
static void random_step(struct t_ends *w, struct rnd_state *rnd,
			struct t_frame *kept, unsigned int *n_kept)
{
	unsigned int i = prandom_u32_state(rnd) & 1;
	struct t_frame f;

	t_relax(&w->end[i]);
	switch (prandom_u32_state(rnd) % 8) {
	case 0:
	case 1:
		t_tell(&w->end[i]);
		break;
	case 2:
	case 3:
	case 4:
		if (!t_take(&w->end[!i], &f))
			break;
		kept[(*n_kept)++ % T_RING] = f;
		if (prandom_u32_state(rnd) % 4)
			t_give(&w->end[i], &f);
		break;
	case 5:
		if (*n_kept)
			t_give(&w->end[i], &kept[prandom_u32_state(rnd) %
						 min(*n_kept, (u32)T_RING)]);
		break;
	case 6:
		t_silence(&w->end[i]);
		break;
	case 7:
		if (prandom_u32_state(rnd) % 8 == 0)
			t_start(&w->end[i]);
		break;
	}
}

/* Whatever was lost, replayed or begun anew: a heartbeat each, and all is well. */
static void peer_random(struct kunit *test)
{
	struct t_ends *w = test->priv;
	unsigned int round, i, n_kept = 0;
	struct t_frame *kept;
	struct rnd_state rnd;

	t_random(test, &rnd);
	kept = kunit_kcalloc(test, T_RING, sizeof(*kept), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, kept);
	for (round = 0; round < 200; round++) {
		for (i = 0; i < 100; i++) {
			random_step(w, &rnd, kept, &n_kept);
			/* The ring must not run over. */
			if (t_waiting(&w->end[0]) + t_waiting(&w->end[1]) > 64)
				t_pump(w, 32);
		}
		t_pump(w, 1000);
		t_tell(&w->end[0]);
		t_tell(&w->end[1]);
		KUNIT_EXPECT_LE(test, t_pump(w, 1000), 12U);
		KUNIT_ASSERT_TRUE_MSG(test, t_together(w), "round %u", round);
	}
}

static struct kunit_case peer_cases[] = {
	KUNIT_CASE(peer_tag),
	KUNIT_CASE(peer_join),
	KUNIT_CASE(peer_cross),
	KUNIT_CASE(peer_restart),
	KUNIT_CASE(peer_one_way),
	KUNIT_CASE_PARAM(peer_keys, keys_gen_params),
	KUNIT_CASE(peer_downgrade),
	KUNIT_CASE(peer_other_link),
	KUNIT_CASE(peer_own),
	KUNIT_CASE(peer_third),
	KUNIT_CASE(peer_window),
	KUNIT_CASE(peer_gaps),
	KUNIT_CASE(peer_late),
	KUNIT_CASE(peer_starved),
	KUNIT_CASE(peer_fast),
	KUNIT_CASE_PARAM(peer_excused, excuse_gen_params),
	KUNIT_CASE(peer_gaps_untrusted),
	KUNIT_CASE(peer_flood),
	KUNIT_CASE(peer_bye),
	KUNIT_CASE(peer_name),
	KUNIT_CASE(peer_no_carrier),
	KUNIT_CASE(peer_probe),
	KUNIT_CASE(peer_hook),
	KUNIT_CASE(peer_random),
	{}
};

static struct kunit_suite peer_suite = {
	.name = "link_peer",
	.init = peer_init,
	.exit = peer_exit,
	.test_cases = peer_cases,
};

kunit_test_suite(peer_suite);
