// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hellos, which make a peer live, and byes.
 *
 * Freshness is shown by a challenge: a hello counts only if it echoes what this
 * host sent last, so none can be replayed, not even one of an earlier
 * incarnation. A host that has no fresh challenge yet gets one in the answer to
 * its first hello; three datagrams make both ends live. Byes are numbered, and
 * each number counts once.
 */
#include <linux/random.h>

#include "dgram.h"
#include "peer.h"

#define OV_NONCE_PERIOD		(600 * HZ)
#define OV_HELLO_MISSED		3

/* RCU. An unanswered peer is greeted under the previous key every other time. */
static void hello_send(struct ov_peer *peer, u32 flags)
{
	struct ov_underlay *ul = peer->underlay;
	const struct ov_keys *keys = rcu_dereference(ul->keys);
	const struct ov_key *key;
	struct ov_dg_hello msg = {
		.flags = cpu_to_be32(flags),
		.boot = cpu_to_be64(ul->boot),
		.nonce = cpu_to_be64(READ_ONCE(ul->nonce[0])),
		.print_cur = cpu_to_be32(keys->cur.print),
		.print_prev = cpu_to_be32(keys->has_prev ? keys->prev.print : 0),
	};

	ov_dgram_head(&msg.head, OV_DG_HELLO);
	spin_lock_bh(&peer->lock);
	msg.challenge = cpu_to_be64(peer->challenge);
	msg.echo = cpu_to_be64(peer->theirs);
	key = ov_key_for(keys, peer->key);
	if (keys->has_prev && peer->backoff & 1)
		key = key == &keys->cur ? &keys->prev : &keys->cur;
	if (flags & OV_HELLO_ANSWER)
		peer->asked = ktime_get_ns();
	spin_unlock_bh(&peer->lock);
	msg.tag = ov_dgram_tag(&ul->cfg.addr, &peer->addr, 0, 0, &msg,
			       sizeof(msg), &key->sip);
	ov_count(ul->host, HELLO_TX);
	ov_dgram_xmit(peer, &msg, sizeof(msg));
}

/* RCU. */
void ov_bye_send(struct ov_peer *peer)
{
	struct ov_dg_short msg = {};

	if (!ov_peer_is_live(peer))
		return;
	ov_dgram_head(&msg.head, OV_DG_BYE);
	msg.seq = cpu_to_be32(atomic_inc_return(&peer->underlay->byes));
	rcu_read_lock();
	ov_dgram_send(peer, &msg, sizeof(msg));
	rcu_read_unlock();
}

/* The newest of our keys that the peer holds too, or 0. */
static u32 key_agree(const struct ov_keys *keys, const struct ov_dg_hello *msg)
{
	u32 cur = be32_to_cpu(msg->print_cur), prev = be32_to_cpu(msg->print_prev);

	if (keys->cur.print == cur || keys->cur.print == prev)
		return keys->cur.print;
	if (keys->has_prev && (keys->prev.print == cur || keys->prev.print == prev))
		return keys->prev.print;
	return 0;
}

static unsigned long hello_interval(const struct ov_underlay *ul)
{
	unsigned long period = (unsigned long)ul->cfg.hello_s * HZ;

	return period - get_random_u32() % (period / 4 + 1);
}

void ov_hello_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		  const struct ov_dg_hello *msg)
{
	u32 flags = be32_to_cpu(msg->flags);
	bool fresh, renewed = false;

	ov_count(ul->host, HELLO_RX);
	spin_lock_bh(&peer->lock);
	peer->theirs = be64_to_cpu(msg->challenge);
	fresh = be64_to_cpu(msg->echo) == peer->challenge;
	if (fresh) {
		u64 boot = be64_to_cpu(msg->boot);

		renewed = peer->boot && peer->boot != boot;
		if (peer->boot != boot)
			peer->bye = 0;
		peer->boot = boot;
		if (renewed)
			WRITE_ONCE(peer->epoch, peer->epoch + 1);
		peer->nonce = be64_to_cpu(msg->nonce);
		peer->challenge = get_random_u64();
		peer->key = key_agree(rcu_dereference(ul->keys), msg);
		peer->heard = jiffies;
		peer->due = jiffies + hello_interval(ul);
		peer->backoff = 0;
		if (peer->asked)
			peer->rtt_us = max_t(u64, 1, div_u64(ktime_get_ns() -
							     peer->asked, 1000));
		peer->asked = 0;
	}
	spin_unlock_bh(&peer->lock);
	if (fresh) {
		ov_peer_set_state(peer, OV_PEER_LIVE);
		/* A peer that started anew has forgotten the conns. */
		if (renewed)
			ov_host_review(ul->host);
	} else {
		ov_count(ul->host, DG_STALE);
	}
	if (flags & OV_HELLO_ANSWER) {
		/* There is one fresh hello for each challenge, no flood of them. */
		if (fresh || ov_peer_may_answer(peer, &peer->greetings))
			hello_send(peer, fresh ? 0 : OV_HELLO_ANSWER);
		else
			ov_count(ul->host, DG_LIMITED);
	}
}

void ov_bye_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		const struct ov_dg_short *msg)
{
	u32 number = be32_to_cpu(msg->seq);
	bool fresh;

	spin_lock_bh(&peer->lock);
	fresh = number > peer->bye;
	if (fresh) {
		peer->bye = number;
		peer->due = jiffies + HZ;
	}
	spin_unlock_bh(&peer->lock);
	if (!fresh) {
		ov_count(ul->host, DG_STALE);
		return;
	}
	ov_count(ul->host, BYE_RX);
	ov_peer_set_state(peer, OV_PEER_GONE);
}

/* RCU. */
static void peer_tick(struct ov_underlay *ul, struct ov_peer *peer)
{
	unsigned long period = (unsigned long)ul->cfg.hello_s * HZ;
	unsigned long now = jiffies;
	bool due;

	if (ov_peer_is_live(peer) &&
	    time_after(now, READ_ONCE(peer->heard) +
		       OV_HELLO_MISSED * period + 2 * HZ))
		ov_peer_set_state(peer, OV_PEER_LOST);

	spin_lock_bh(&peer->lock);
	due = !time_before(now, peer->due);
	if (due) {
		/* 1, 2, 4, ... seconds until the first answer */
		peer->due = now + min(HZ << min(peer->backoff, 10U), period);
		peer->backoff++;
	}
	spin_unlock_bh(&peer->lock);
	if (due)
		hello_send(peer, OV_HELLO_ANSWER);
}

void ov_hello_tick(struct ov_underlay *ul)
{
	struct rhashtable_iter iter;
	struct ov_peer *peer;

	if (time_after(jiffies, ul->rotated + OV_NONCE_PERIOD)) {
		ul->rotated = jiffies;
		WRITE_ONCE(ul->nonce[1], ul->nonce[0]);
		WRITE_ONCE(ul->nonce[0], get_random_u64());
		ov_hello_all(ul);
	}
	rhashtable_walk_enter(&ul->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(peer))
			peer_tick(ul, peer);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

void ov_hello_all(struct ov_underlay *ul)
{
	struct rhashtable_iter iter;
	struct ov_peer *peer;

	rhashtable_walk_enter(&ul->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(peer))
			WRITE_ONCE(peer->due, jiffies);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}
