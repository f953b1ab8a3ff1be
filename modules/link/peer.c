// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeats: what of the other end is believed. What it is told is in tell.c.
 *
 * An end's incarnation is a random number, its nonce, and whom it is meant for
 * has to echo it. Two nonces make a session: @challenge here and @nonce there.
 * A frame is believed if its tag is good, it comes from @nonce, echoes
 * @challenge, and its number is new. So what was recorded on another link, in
 * another session or a moment ago is worth nothing.
 *
 * A session is never bent to another nonce, because frames of former ones might
 * fit then. There is always one nonce that nobody has echoed, @pending:
 *
 *   greeting  from @pending, echo 0, while there is no session or the other end
 *             is silent: who are you?
 *   answer    from @pending, echoing a greeting's nonce
 *   bound     the first believable heartbeat that echoes @pending makes it the
 *             @challenge of a new session, and is told so at once
 *
 * Three frames bind both ends, whether one or both began anew. What else does
 * not fit changes nothing. An answer is one frame for one, at most one in half
 * a heartbeat's time for those with the key and one for those without. Stale
 * echoes other than 0 are not answered, so that a replay cannot make two ends
 * greet each other for ever.
 *
 * Without a key at either end the same is done with a key of zeroes, and the
 * session is not trusted. It may not take the place of one that is.
 *
 * Numbers that did not arrive are evidence of corruption. A receiver that is
 * short of time gets frames late, not in order (each CPU has a backlog of its
 * own), so a number is missing only when a younger heartbeat arrived LN_LATE
 * before, or when it is LN_WINDOW older than what arrives. Then it is handed on
 * when a heartbeat says that nothing was dropped there for want of room. They
 * are no evidence after a silence, a new session or a change of carrier, nor
 * when one of them comes after all, or this host looked too late (sample.c).
 */
#include <linux/random.h>
#include <linux/siphash.h>

#include "host.h"
#include "link.h"
#include "nl.h"
#include "peer.h"

#define LN_JUMP		BIT(20)	/* more at once are no loss, but a fault */
#define LN_STRANGERS	64U		/* frames in a second */
#define LN_BEAT_MS_MAX	60000U

/* A frame's claim. */
enum trust {
	FORGED,
	UNKEYED,
	KEYED,
};

/* What to do about a frame once the locks are let go of. */
struct reaction {
	enum ln_stat stat;
	u64 missing;
	u64 answer;
	bool late;
	bool fresh_session;
	bool renewed;
	bool peer;
	bool news;
};

static u64 new_nonce(void)
{
	return get_random_u64() ?: 1;
}

/*
 * The tag of a frame; without a key there is one of zeroes, which shows that a
 * frame is whole and no more.
 */
u64 ln_peer_tag(const u8 *frame, enum ln_beat_type type,
		const siphash_key_t *key)
{
	static const siphash_key_t no_key;

	return siphash(frame, ln_beat_len(type) - LN_BEAT_TAG_LEN, key ?: &no_key);
}

/* Also when the key changes; link->lock, if others know of the link. */
void ln_peer_init(struct ln_peer *peer)
{
	*peer = (struct ln_peer){
		.pending = new_nonce(),
		.challenge = new_nonce(),
		.answered = { jiffies, jiffies },
		.tx_beat = jiffies,
		.refilled = jiffies,
		.bucket = LN_STRANGERS,
	};
}

bool ln_peer_fresh(const struct ln_link *link)
{
	const struct ln_peer *peer = &link->peer;
	u32 beat_ms = max(link->cfg.beat_ms,
			  min(peer->told.beat_ms, LN_BEAT_MS_MAX));

	lockdep_assert_held(&link->lock);
	return peer->seen && peer->nonce &&
	       time_before(jiffies, peer->heard +
				    msecs_to_jiffies(beat_ms * 7 / 2));
}

void ln_peer_resync(struct ln_link *link)
{
	struct ln_peer *peer = &link->peer;

	lockdep_assert_held(&link->lock);
	peer->resync = true;
	peer->held_expected = 0;
	peer->held_missing = 0;
	peer->expected = 0;
	peer->missing = 0;
	peer->mark = 0;
	peer->marked = jiffies - LN_LATE;
}

static bool has_arrived(const struct ln_peer *peer, u64 seq)
{
	return peer->window[seq % LN_WINDOW / 64] & BIT_ULL(seq % 64);
}

static void note_arrival(struct ln_peer *peer, u64 seq)
{
	peer->window[seq % LN_WINDOW / 64] |= BIT_ULL(seq % 64);
	peer->beats++;
}

/* @seq is the youngest from here on; what is between has not arrived. */
static void move_window(struct ln_peer *peer, u64 seq)
{
	u64 n = peer->seq + 1;

	if (seq - peer->seq >= LN_WINDOW)
		memset(peer->window, 0, sizeof(peer->window));
	else
		for (; n <= seq; n++)
			peer->window[n % LN_WINDOW / 64] &= ~BIT_ULL(n % 64);
	peer->seq = seq;
}

/* Numbers up to @to have had their time. Those that did not arrive are missing. */
static void decide(struct ln_peer *peer, u64 to, struct reaction *r)
{
	u64 missing = 0, n;

	if (to < peer->first)
		return;
	for (n = peer->first; n <= min(to, peer->seq); n++)
		missing += !has_arrived(peer, n);
	if (to > peer->seq)
		missing += to - max(peer->seq + 1, peer->first) + 1;
	if (peer->trusted) {
		peer->held_expected += to - peer->first + 1;
		peer->held_missing += missing;
		r->missing += missing;
	}
	peer->first = to + 1;
}

/* A number that is older than the youngest. Return: it is new. */
static bool arrived_late(struct ln_link *link, u64 seq, struct reaction *r)
{
	struct ln_peer *peer = &link->peer;

	if (peer->seq - seq >= LN_WINDOW || has_arrived(peer, seq))
		return false;
	note_arrival(peer, seq);
	/* It was taken for lost, so others may be late, too. */
	if (seq < peer->first) {
		ln_peer_resync(link);
		r->late = true;
	}
	return true;
}

/* A genuine number under @nonce. Return: it is new. */
static bool arrived(struct ln_link *link, u64 seq, struct reaction *r)
{
	unsigned int carriers = ln_dev_carriers(link->dev);
	struct ln_peer *peer = &link->peer;

	if (seq <= peer->seq)
		return arrived_late(link, seq, r);
	if (carriers != peer->carriers || seq - peer->seq > LN_JUMP ||
	    !ln_peer_fresh(link))
		ln_peer_resync(link);
	peer->carriers = carriers;
	if (peer->resync)
		peer->first = seq;
	peer->resync = false;
	if (seq >= LN_WINDOW)
		decide(peer, seq - LN_WINDOW, r);
	move_window(peer, seq);
	note_arrival(peer, seq);
	return true;
}

/* What the ladder, or who looks at the link, waits for. */
static bool is_news(const struct ln_beat *old, const struct ln_beat *b)
{
	const u8 flags = LN_BEAT_F_GROUPED | LN_BEAT_F_PROVEN |
			 LN_BEAT_F_RESTORED | LN_BEAT_F_REFUSED;

	return old->type != b->type || old->host != b->host ||
	       old->verdict != b->verdict || old->state != b->state ||
	       old->round != b->round || old->agree != b->agree ||
	       (old->flags ^ b->flags) & flags;
}

/* Trials since the last heartbeat are worth nothing if that dropped frames. */
static void settle_trials(struct ln_link *link, const struct ln_beat *b,
			  struct reaction *r)
{
	struct ln_peer *peer = &link->peer;

	if (b->flags & LN_BEAT_F_CONGESTED ||
	    (peer->told.seq && peer->told.drops != b->drops)) {
		ln_peer_resync(link);
		return;
	}
	if (time_after_eq(jiffies, peer->marked + LN_LATE)) {
		decide(peer, min(peer->mark, peer->seq), r);
		peer->mark = b->seq;
		peer->marked = jiffies;
	}
	peer->expected += peer->held_expected;
	peer->missing += peer->held_missing;
	peer->held_expected = 0;
	peer->held_missing = 0;
}

/* A frame of the session. */
static void believe(struct ln_link *link, const struct ln_beat *b,
		    struct reaction *r)
{
	struct ln_peer *peer = &link->peer;
	bool was = ln_peer_fresh(link);

	peer->heard = jiffies;
	peer->seen = true;
	r->stat = LN_STAT_BEAT_RX;
	if (b->type == LN_BEAT_PROBE) {
		r->stat = LN_STAT_PROBE_RX;
	} else if (b->seq > peer->told.seq) {
		settle_trials(link, b, r);
		r->news = is_news(&peer->told, b);
		peer->told = *b;
		peer->left = b->type == LN_BEAT_BYE;
		if (peer->left)
			peer->nonce = 0;
	}
	r->peer |= was != ln_peer_fresh(link);
}

/* Somebody else may take its place only when it is silent, or not trusted. */
static bool may_bind(const struct ln_link *link, const struct ln_beat *b,
		     bool trusted)
{
	const struct ln_peer *peer = &link->peer;

	if (b->type != LN_BEAT_FULL || b->echo != peer->pending)
		return false;
	if (!ln_peer_fresh(link))
		return true;
	if (trusted != peer->trusted)
		return trusted;
	return b->host == peer->told.host;
}

static void bind_session(struct ln_link *link, const struct ln_beat *b, bool trusted,
			 struct reaction *r)
{
	struct ln_peer *peer = &link->peer;

	r->fresh_session = true;
	r->peer = trusted != peer->trusted || !ln_peer_fresh(link);
	peer->challenge = peer->pending;
	peer->tx_seq = peer->pending_seq;
	peer->pending = new_nonce();
	peer->pending_seq = 0;
	ln_peer_resync(link);
	if (b->nonce != peer->nonce || trusted != peer->trusted) {
		r->renewed = true;
		r->peer = true;
		peer->trusted = trusted;
		peer->nonce = b->nonce;
		peer->seq = b->seq;
		memset(peer->window, 0xff, sizeof(peer->window));
		peer->beats = 1;
		peer->told.seq = 0;
	}
	peer->first = peer->seq + 1;
	peer->resync = false;
	peer->carriers = ln_dev_carriers(link->dev);
}

/* A greeting, or one who knows us but whom we do not. */
static bool may_answer(struct ln_link *link, const struct ln_beat *b,
		       bool trusted)
{
	struct ln_peer *peer = &link->peer;

	if (b->type != LN_BEAT_FULL ||
	    (b->echo && b->echo != peer->challenge && peer->nonce) ||
	    time_before(jiffies, peer->answered[trusted]))
		return false;
	peer->answered[trusted] = jiffies +
				  msecs_to_jiffies(link->cfg.beat_ms / 2);
	return true;
}

static void consider(struct ln_link *link, const struct ln_beat *b, bool trusted,
		     struct reaction *r)
{
	struct ln_peer *peer = &link->peer;
	bool same = peer->nonce && b->nonce == peer->nonce &&
		    trusted == peer->trusted;

	if (b->host == link->host->id) {
		r->stat = LN_STAT_BEAT_OWN;
		return;
	}
	if (same && !arrived(link, b->seq, r)) {
		r->stat = LN_STAT_BEAT_REPLAYED;
		return;
	}
	if (same && b->echo == peer->challenge) {
		believe(link, b, r);
	} else if (may_bind(link, b, trusted)) {
		bind_session(link, b, trusted, r);
		believe(link, b, r);
	} else {
		r->stat = LN_STAT_BEAT_STALE;
		if (may_answer(link, b, trusted))
			r->answer = b->nonce;
	}
}

/* An end without a key cannot judge one with a key, and trusts neither. */
static enum trust authenticate(const struct ln_link *link,
			       const struct ln_beat *b, const u8 *frame)
{
	bool keyed = b->flags & LN_BEAT_F_KEYED;

	if (keyed && !link->cfg.keyed)
		return UNKEYED;
	if (ln_beat_tag(frame, b->type) !=
	    ln_peer_tag(frame, b->type, keyed ? &link->cfg.key : NULL))
		return FORGED;
	return keyed ? KEYED : UNKEYED;
}

/*
 * Is it worth a hash? Frames that name a nonce of the session are: to lose one
 * of those would be evidence, and a hash costs less than the way to here did.
 */
static bool admit(struct ln_peer *peer, const struct ln_beat *b,
		  struct reaction *r)
{
	bool ours = b->echo == peer->pending ||
		    (peer->nonce && b->echo == peer->challenge);

	if (ours || (peer->nonce && b->nonce == peer->nonce))
		return true;
	if (b->type != LN_BEAT_FULL) {
		r->stat = LN_STAT_BEAT_STALE;
		return false;
	}
	if (time_after_eq(jiffies, peer->refilled + HZ)) {
		peer->refilled = jiffies;
		peer->bucket = LN_STRANGERS;
	}
	if (!peer->bucket) {
		r->stat = LN_STAT_BEAT_LIMITED;
		return false;
	}
	peer->bucket--;
	return true;
}

/* link->lock */
static void judge(struct ln_link *link, const struct ln_beat *b, const u8 *frame,
		  struct reaction *r)
{
	enum trust trust;

	if (!admit(&link->peer, b, r))
		return;
	trust = authenticate(link, b, frame);
	if (trust == FORGED) {
		r->stat = LN_STAT_BEAT_BAD_TAG;
		return;
	}
	consider(link, b, trust == KEYED, r);
	if (trust == UNKEYED && r->stat == LN_STAT_BEAT_RX &&
	    (link->cfg.keyed || b->flags & LN_BEAT_F_KEYED))
		r->stat = LN_STAT_BEAT_UNKEYED;
	if (r->peer)
		link->was_fresh = ln_peer_fresh(link);
}

/* Nothing is locked. */
static void react(struct ln_link *link, const struct reaction *r)
{
	this_cpu_inc(link->host->stats->n[r->stat]);
	if (r->missing)
		ln_count_add(link->host, GAP, r->missing);
	if (r->late)
		ln_count(link->host, LATE);
	if (r->renewed)
		ln_count(link->host, PEER_NEW);
	if (r->answer)
		ln_peer_say(link, LN_BEAT_FULL, LN_VOICE_ANSWER, r->answer, 0);
	if (r->fresh_session)
		ln_peer_say(link, LN_BEAT_FULL, LN_VOICE_SESSION, 0, 0);
	if (r->peer)
		ln_nl_notify_link(link, LN_EVENT_PEER);
	if (r->peer || r->news)
		ln_kick(link, LN_DUE_ACT);
}

void ln_peer_receive(struct ln_link *link, const u8 *frame, size_t len)
{
	struct reaction r = { .stat = LN_STAT_BEAT_STALE };
	struct ln_beat b;
	int err;

	err = ln_beat_decode(&b, frame, len);
	if (err == -EPROTO) {
		ln_count(link->host, BEAT_VERSION);
		return;
	}
	if (err) {
		ln_count(link->host, BEAT_MALFORMED);
		return;
	}
	spin_lock_bh(&link->lock);
	judge(link, &b, frame, &r);
	spin_unlock_bh(&link->lock);
	react(link, &r);
}
