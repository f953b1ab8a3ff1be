// SPDX-License-Identifier: GPL-2.0-only
/* Numbers of frames: which are believed, which are missed, and which losses are evidence. */
#include <linux/bitops.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>

#include "link_ends.h"

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
			t_siphash(f.bytes, 40, t_key));
	t_give(&w->end[1], &f);
}

static void gap_window(struct kunit *test)
{
	struct t_ends *w = test->priv;
	unsigned int i;
	u64 first;

	t_join(test);
	first = w->end[1].link.peer.seq + 1;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct number *n = &numbers[i];
		u64 was = t_stat_of(&w->end[1], n->stat);

		t_probe(w, first + n->ahead);
		KUNIT_EXPECT_EQ_MSG(test, t_stat_of(&w->end[1], n->stat), was + 1,
				    "step %u, number %d", i, n->ahead);
	}
}

static void gap_lost(struct kunit *test)
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
static void gap_late(struct kunit *test)
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

static void gap_starved(struct kunit *test)
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
static void gap_fast(struct kunit *test)
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
static void gap_excused(struct kunit *test)
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
static void gap_untrusted(struct kunit *test)
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

static void t_queue(struct t_end *end, void (*set)(struct net_device *dev))
{
	rtnl_lock();
	set(end->dev);
	rtnl_unlock();
}

/* A frame that did not leave is not missed. */
static void gap_no_carrier(struct kunit *test)
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
	/* Or the kernel's worker does it, some time. */
	t_queue(a, dev_activate);
	KUNIT_EXPECT_EQ(test, t_stat(a, BEAT_TX_FAILED), 5ULL);
	KUNIT_EXPECT_EQ(test, t_waiting(a), 0U);
	t_beats(w, 40, 0);
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_GT(test, expected, 20ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
}

/* Nor what its queue dropped: the carrier is back, the queue is not. */
static void gap_no_queue(struct kunit *test)
{
	struct t_ends *w = test->priv;
	struct t_end *a = &w->end[0];
	u64 expected, missing;

	t_join(test);
	t_beats(w, 4, 0);
	t_queue(a, dev_deactivate);
	t_beats(w, 5, 0);
	KUNIT_EXPECT_EQ(test, t_waiting(a), 0U);
	KUNIT_EXPECT_EQ(test, t_stat(a, BEAT_TX_FAILED), 0ULL);
	t_queue(a, dev_activate);
	t_beats(w, 40, 0);
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_GT(test, expected, 20ULL);
	KUNIT_EXPECT_EQ(test, missing, 0ULL);
	/* It was the queue: the same number lost on the way does count. */
	t_beats(w, 40, BIT_ULL(5));
	t_collect(&w->end[1], &expected, &missing);
	KUNIT_EXPECT_EQ(test, missing, 1ULL);
}

static struct kunit_case gap_cases[] = {
	KUNIT_CASE(gap_window),
	KUNIT_CASE(gap_lost),
	KUNIT_CASE(gap_late),
	KUNIT_CASE(gap_starved),
	KUNIT_CASE(gap_fast),
	KUNIT_CASE_PARAM(gap_excused, excuse_gen_params),
	KUNIT_CASE(gap_untrusted),
	KUNIT_CASE(gap_no_carrier),
	KUNIT_CASE(gap_no_queue),
	{}
};

static struct kunit_suite gap_suite = {
	.name = "link_gap",
	.init = t_ends_init,
	.exit = t_ends_exit,
	.test_cases = gap_cases,
};

kunit_test_suite(gap_suite);
