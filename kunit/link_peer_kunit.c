// SPDX-License-Identifier: GPL-2.0-only
/* How two ends come together, what they believe, and how much work strangers make. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "link_ends.h"
#include "link_fixture.h"

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
			t_siphash(f.bytes, 152, t_key));
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

static void t_keys(struct kunit *test)
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
	KUNIT_CASE_PARAM(t_keys, keys_gen_params),
	KUNIT_CASE(peer_downgrade),
	KUNIT_CASE(peer_other_link),
	KUNIT_CASE(peer_own),
	KUNIT_CASE(peer_third),
	KUNIT_CASE(peer_flood),
	KUNIT_CASE(peer_bye),
	KUNIT_CASE(peer_name),
	KUNIT_CASE(peer_probe),
	KUNIT_CASE(peer_hook),
	KUNIT_CASE(peer_random),
	{}
};

static struct kunit_suite peer_suite = {
	.name = "link_peer",
	.init = t_ends_init,
	.exit = t_ends_exit,
	.test_cases = peer_cases,
};

kunit_test_suite(peer_suite);
