/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_PEER_H
#define ASHLAR_OVERLAY_PEER_H

#include "overlay.h"
#include "port.h"

/* What is known of a peer. Names are in the spec. */
enum ov_peer_state {
	OV_PEER_UNKNOWN,	/* never answered */
	OV_PEER_LIVE,		/* a fresh hello is at hand */
	OV_PEER_LOST,		/* three hellos are missing */
	OV_PEER_GONE,		/* said bye */
};

/**
 * struct ov_way - one of the ways to a peer: a suite port of ours or of its
 * @ports: source ports towards the peer's suite port
 * @route: the underlay's route, as the first conn found it, one reference. RCU;
 *         peer->lock. Conns on one path share what ECMP gave to it.
 */
struct ov_way {
	struct ov_port_pool ports;
	struct dst_entry __rcu *route;
};

#define OV_ANSWERS	64	/* of each kind to one peer, a second */

/**
 * struct ov_bucket - a token bucket of OV_ANSWERS, filled at as many a second
 * @left: tokens
 * @at: jiffies of the last refill
 */
struct ov_bucket {
	unsigned int left;
	unsigned long at;
};

/**
 * struct ov_peer - another host
 * @node: in underlay->peers
 * @underlay: counted
 * @addr: its address on the underlay
 * @users: remote endpoints that name it; at 0 it leaves underlay->peers. ov_mutex
 * @lock: guards what the last hello said, and the hello clock
 * @state: read with READ_ONCE() by the setup path
 * @boot: the incarnation of the peer that we talk to
 * @epoch: counts its incarnations; a conn made in another one is known to it no
 *         more
 * @nonce: what our SYNs to it must be bound to
 * @challenge: what its next fresh hello must echo; used once
 * @theirs: its last challenge, which our next hello echoes
 * @key: fingerprint of the key that we use towards it: the newest that both
 *       hold, or 0 if that is not known yet
 * @heard: jiffies of its last fresh hello
 * @due: jiffies of our next hello
 * @backoff: how many hellos went unanswered
 * @rtt_us: round trip of the last answered hello, 0 if none yet
 * @asked: when the hello that @rtt_us will time was sent
 * @bye: number of its last bye, of this incarnation
 * @answers: to packets and datagrams about conns of this peer
 * @greetings: to hellos of it that are not fresh
 * @half: half-open conns that this peer made here
 * @conns: conns with this peer
 * @n_fast: conns ever put on the fast path with this peer
 * @n_fallback: conns ever moved from or kept off it, with this peer
 * @way: the ways to it, one per suite port
 * @ref: see overlay.h
 * @dead: no endpoint names it any more
 */
struct ov_peer {
	struct rhash_head node;
	struct ov_underlay *underlay;
	struct ov_addr addr;
	unsigned int users;
	spinlock_t lock;
	enum ov_peer_state state;
	u64 boot;
	u32 epoch;
	u64 nonce;
	u64 challenge;
	u64 theirs;
	u32 key;
	unsigned long heard;
	unsigned long due;
	unsigned int backoff;
	u32 rtt_us;
	u64 asked;
	u32 bye;
	struct ov_bucket answers;
	struct ov_bucket greetings;
	atomic_t half;
	atomic_t conns;
	atomic64_t n_fast;
	atomic64_t n_fallback;
	struct ov_way *way;
	refcount_t ref;
	bool dead;
	struct rcu_head rcu;
};

/* ov_mutex: the peer for a new endpoint, made if there is none yet. */
struct ov_peer *ov_peer_use(struct ov_underlay *ul, const struct ov_addr *addr);
void ov_peer_unuse(struct ov_peer *peer);
/* RCU. */
struct ov_peer *ov_peer_find(struct ov_underlay *ul, const struct ov_addr *addr);
void ov_peer_put(struct ov_peer *peer);

void ov_peer_set_state(struct ov_peer *peer, enum ov_peer_state state);
bool ov_peer_may_answer(struct ov_peer *peer, struct ov_bucket *bucket);

extern const struct rhashtable_params ov_peer_params;

#define ov_peer_is_live(p) (READ_ONCE((p)->state) == OV_PEER_LIVE)

#endif /* ASHLAR_OVERLAY_PEER_H */
