// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other hosts. A peer exists while a remote endpoint names it; what it
 * said last (hello.c) decides whether new conns may use the fast path to it.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "conn.h"
#include "dgram.h"
#include "nl.h"
#include "peer.h"

static u32 peer_key_hash(const void *data, u32 len, u32 seed)
{
	const struct ov_addr *addr = data;

	return jhash_1word(ov_addr_fold(addr), seed);
}

static u32 peer_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct ov_peer *peer = data;

	return jhash_1word(ov_addr_fold(&peer->addr), seed);
}

static int peer_obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct ov_peer *peer = obj;

	return !ov_addr_equal(&peer->addr, (const struct ov_addr *)arg->key);
}

const struct rhashtable_params ov_peer_params = {
	.head_offset = offsetof(struct ov_peer, node),
	.key_len = sizeof(struct ov_addr),
	.hashfn = peer_key_hash,
	.obj_hashfn = peer_obj_hash,
	.obj_cmpfn = peer_obj_cmp,
	.automatic_shrinking = true,
};

struct ov_peer *ov_peer_find(struct ov_underlay *ul, const struct ov_addr *addr)
{
	return rhashtable_lookup(&ul->peers, addr, ov_peer_params);
}

static struct ov_peer *peer_alloc(struct ov_underlay *ul,
				  const struct ov_addr *addr)
{
	struct ov_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!peer)
		return NULL;
	peer->way = kcalloc(ul->cfg.port_n, sizeof(*peer->way),
			    GFP_KERNEL_ACCOUNT);
	if (!peer->way) {
		kfree(peer);
		return NULL;
	}
	for (i = 0; i < ul->cfg.port_n; i++)
		ov_port_pool_init(&peer->way[i].ports, ul->cfg.sport_n);
	refcount_inc(&ul->ref);
	peer->underlay = ul;
	peer->addr = *addr;
	spin_lock_init(&peer->lock);
	peer->due = jiffies;
	peer->heard = jiffies;
	peer->answers.at = jiffies - HZ;
	peer->greetings.at = jiffies - HZ;
	peer->challenge = get_random_u64();
	refcount_set(&peer->ref, 1);
	return peer;
}

static void peer_free_rcu(struct rcu_head *head)
{
	struct ov_peer *peer = container_of(head, struct ov_peer, rcu);
	unsigned int i;

	for (i = 0; i < peer->underlay->cfg.port_n; i++) {
		dst_release(rcu_dereference_protected(peer->way[i].route, true));
		ov_port_pool_exit(&peer->way[i].ports);
	}
	kfree(peer->way);
	ov_underlay_put(peer->underlay);
	kfree(peer);
}

/**
 * ov_peer_put() - drops a reference
 * @peer: the peer
 *
 * Context: any.
 */
void ov_peer_put(struct ov_peer *peer)
{
	if (refcount_dec_and_test(&peer->ref))
		call_rcu(&peer->rcu, peer_free_rcu);
}

/**
 * ov_peer_use() - the peer that a new endpoint names
 * @ul: the underlay
 * @addr: the peer's address
 *
 * Context: ov_mutex.
 * Return: the peer with a reference for the endpoint, or an ERR_PTR().
 */
struct ov_peer *ov_peer_use(struct ov_underlay *ul, const struct ov_addr *addr)
{
	struct ov_peer *peer;
	int err;

	lockdep_assert_held(&ov_mutex);
	rcu_read_lock();
	peer = ov_peer_find(ul, addr);
	rcu_read_unlock();
	if (!peer) {
		peer = peer_alloc(ul, addr);
		if (!peer)
			return ERR_PTR(-ENOMEM);
		err = rhashtable_insert_fast(&ul->peers, &peer->node,
					     ov_peer_params);
		if (err) {
			ov_peer_put(peer);
			return ERR_PTR(err);
		}
		atomic_inc(&ul->host->generation);
		ov_nl_notify_peer(peer);
		mod_delayed_work(ov_wq, &ul->host->tick, 0);
	}
	peer->users++;
	refcount_inc(&peer->ref);
	return peer;
}

/**
 * ov_peer_unuse() - an endpoint names the peer no more
 * @peer: the peer; the endpoint's reference is dropped
 *
 * Context: ov_mutex.
 */
void ov_peer_unuse(struct ov_peer *peer)
{
	struct ov_underlay *ul = peer->underlay;

	lockdep_assert_held(&ov_mutex);
	if (!--peer->users) {
		peer->dead = true;
		ov_bye_send(peer);
		rhashtable_remove_fast(&ul->peers, &peer->node, ov_peer_params);
		atomic_inc(&ul->host->generation);
		ov_peer_set_state(peer, OV_PEER_GONE);
		ov_peer_put(peer);
	}
	ov_peer_put(peer);
}

/**
 * ov_peer_set_state() - notes what was learned of a peer
 * @peer: the peer
 * @state: the new state
 *
 * Conns with a peer that is not live any more are reviewed.
 *
 * Context: RCU or ov_mutex, any lock but conn->lock.
 */
void ov_peer_set_state(struct ov_peer *peer, enum ov_peer_state state)
{
	enum ov_peer_state old = xchg(&peer->state, state);

	if (old == state)
		return;
	if (old == OV_PEER_LIVE)
		ov_host_review(peer->underlay->host);
	ov_nl_notify_peer(peer);
}

/**
 * ov_peer_may_answer() - whether something of this peer's may be answered
 * @peer: the peer
 * @bucket: the peer's bucket of such answers
 *
 * Context: BH or process; takes peer->lock.
 */
bool ov_peer_may_answer(struct ov_peer *peer, struct ov_bucket *bucket)
{
	unsigned long now = jiffies;
	unsigned int more;
	bool ok = false;

	spin_lock_bh(&peer->lock);
	more = min_t(unsigned long, now - bucket->at, HZ) * OV_ANSWERS / HZ;
	if (more) {
		bucket->left = min_t(unsigned int, bucket->left + more, OV_ANSWERS);
		bucket->at = now;
	}
	if (bucket->left) {
		bucket->left--;
		ok = true;
	}
	spin_unlock_bh(&peer->lock);
	return ok;
}
