// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conns: one end of a TCP connection of a local endpoint, its two tuples and
 * the path its packets take.
 *
 * A conn is born by a SYN that leaves the container (setup.c) or arrives on the
 * underlay (rx_syn.c), or is adopted when a socket turns out to be open already.
 * It dies by ov_conn_kill(), which takes it out of both tables and of gc's
 * lists under conn->lock, once; readers under RCU may hold it a little longer
 * and find it @killed. Memory goes after a grace period.
 *
 * A conn never decides over a connection's life, only over its path: whatever
 * happens to it, the socket goes on by the fallback.
 */
#include <linux/slab.h>
#include <net/sock.h>

#include "conn.h"
#include "nl.h"
#include "route.h"
#include "trace.h"

/* Tables of hosts with few conns come and go in size for nothing. */
#define OV_CONN_BUCKETS	1024

struct kmem_cache *ov_conn_cache;

struct conn_key {
	u32 vni;
	struct ov_tuple o;
};

static u32 overlay_key_hash(const void *data, u32 len, u32 seed)
{
	const struct conn_key *key = data;

	return ov_tuple_hash(&key->o, seed + key->vni);
}

static u32 overlay_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct ov_conn *conn = data;

	return ov_tuple_hash(&conn->o, seed + conn->vni);
}

static int overlay_obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct conn_key *key = arg->key;
	const struct ov_conn *conn = obj;

	return conn->vni != key->vni || !ov_tuple_equal(&conn->o, &key->o);
}

const struct rhashtable_params ov_conn_overlay_params = {
	.head_offset = offsetof(struct ov_conn, o_node),
	.key_len = sizeof(struct conn_key),
	.hashfn = overlay_key_hash,
	.obj_hashfn = overlay_obj_hash,
	.obj_cmpfn = overlay_obj_cmp,
	.min_size = OV_CONN_BUCKETS,
	.automatic_shrinking = true,
};

static u32 underlay_key_hash(const void *data, u32 len, u32 seed)
{
	const struct ov_tuple *u = data;

	return ov_tuple_hash(u, seed);
}

static u32 underlay_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct ov_conn *conn = data;

	return ov_tuple_hash(&conn->u, seed);
}

static int underlay_obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct ov_conn *conn = obj;
	const struct ov_tuple *u = arg->key;

	return !ov_tuple_equal(&conn->u, u);
}

const struct rhashtable_params ov_conn_underlay_params = {
	.head_offset = offsetof(struct ov_conn, u_node),
	.key_len = sizeof(struct ov_tuple),
	.hashfn = underlay_key_hash,
	.obj_hashfn = underlay_obj_hash,
	.obj_cmpfn = underlay_obj_cmp,
	.min_size = OV_CONN_BUCKETS,
	.automatic_shrinking = true,
};

struct ov_conn *ov_conn_find(struct ov_host *host, u32 vni,
			     const struct ov_tuple *overlay)
{
	struct conn_key key = { .vni = vni, .o = *overlay };

	return rhashtable_lookup(&host->by_overlay, &key,
				 ov_conn_overlay_params);
}

struct ov_conn *ov_conn_find_underlay(struct ov_host *host,
				      const struct ov_tuple *underlay)
{
	return rhashtable_lookup(&host->by_underlay, underlay,
				 ov_conn_underlay_params);
}

/**
 * ov_conn_find_packet() - the conn of a packet that arrived
 * @host: the host
 * @iph: its IP header
 * @th: its TCP header
 *
 * As ov_conn_find_underlay(), without calls and without the tuple in memory,
 * because it is each packet that is looked up so. Underlay tuples are IPv4.
 *
 * Context: RCU.
 * Return: the conn, or NULL.
 */
struct ov_conn *ov_conn_find_packet(struct ov_host *host,
				    const struct iphdr *iph,
				    const struct tcphdr *th)
{
	struct rhashtable *ht = &host->by_underlay;
	u32 ports = (u32)(__force u16)th->dest << 16 | (__force u16)th->source;
	struct rhash_lock_head __rcu *const *bucket;
	struct bucket_table *tbl;
	struct rhash_head *pos;
	unsigned int hash;

	tbl = rht_dereference_rcu(ht->tbl, ht);
	do {
		hash = jhash_3words((__force u32)iph->daddr,
				    (__force u32)iph->saddr, ports,
				    tbl->hash_rnd);
		hash = rht_bucket_index(tbl, hash);
		bucket = rht_bucket(tbl, hash);
		do {
			rht_for_each_rcu_from(pos, rht_ptr_rcu(bucket), tbl, hash) {
				struct ov_conn *conn = container_of(pos, struct ov_conn, u_node);

				if (ov_addr_ip4(&conn->u.remote) == iph->saddr &&
				    conn->u.rport == th->source &&
				    conn->u.lport == th->dest &&
				    ov_addr_ip4(&conn->u.local) == iph->daddr)
					return conn;
			}
			/* A conn that moved on to another chain leads there. */
		} while (pos != RHT_NULLS_MARKER(bucket));
		/* A table that is being replaced: see rhashtable_lookup(). */
		smp_rmb();
		tbl = rht_dereference_rcu(tbl->future_tbl, ht);
	} while (unlikely(tbl));
	return NULL;
}

/**
 * ov_conn_new() - a conn that nobody knows yet
 * @local: this end's endpoint
 * @remote: the other end's, or NULL
 * @overlay: the overlay tuple
 *
 * It starts on the fallback, open; the caller says otherwise, then publishes.
 *
 * Context: RCU, atomic.
 * Return: the conn, or NULL.
 */
struct ov_conn *ov_conn_new(struct ov_endpoint *local,
			    struct ov_endpoint *remote,
			    const struct ov_tuple *overlay)
{
	struct ov_network *nw = local->network;
	struct ov_conn *conn;

	if (READ_ONCE(nw->underlay->host->stopping))
		return NULL;
	conn = kmem_cache_alloc(ov_conn_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!conn) {
		ov_count(nw->underlay->host, CONN_ALLOC_FAILED);
		return NULL;
	}
	if (!refcount_inc_not_zero(&local->ref))
		goto free;
	if (remote && !refcount_inc_not_zero(&remote->ref)) {
		ov_endpoint_put(local);
		goto free;
	}
	/* By words; memset() goes by bytes where that is said to be fast. */
	*conn = (struct ov_conn) {};
	conn->local = local;
	conn->remote = remote;
	conn->network = nw;
	conn->host = nw->underlay->host;
	conn->vni = nw->vni;
	conn->o = *overlay;
	if (remote && remote->peer) {
		conn->peer = remote->peer;
		atomic_inc(&conn->peer->conns);
	}
	conn->state = OV_CONN_OPEN;
	conn->path = OV_PATH_FALLBACK;
	conn->shard = raw_smp_processor_id() % OV_GC_SHARDS;
	conn->made = ktime_get_coarse_boottime_ns();
	conn->since = conn->made;
	conn->retry = jiffies;
	spin_lock_init(&conn->lock);
	INIT_LIST_HEAD(&conn->gc);
	return conn;

free:
	kmem_cache_free(ov_conn_cache, conn);
	return NULL;
}

static void conn_free_rcu(struct rcu_head *head)
{
	struct ov_conn *conn = container_of(head, struct ov_conn, rcu);

	if (conn->peer)
		atomic_dec(&conn->peer->conns);
	if (conn->remote)
		ov_endpoint_put(conn->remote);
	ov_endpoint_put(conn->local);
	kmem_cache_free(ov_conn_cache, conn);
}

/* Gives the underlay tuple back. conn->lock. */
static void conn_untuple(struct ov_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	if (!conn->in_u)
		return;
	rhashtable_remove_fast(&conn->host->by_underlay, &conn->u_node,
			       ov_conn_underlay_params);
	conn->in_u = false;
	if (conn->owns_port)
		ov_port_free(&conn->via->ports,
			     ntohs(conn->u.lport) - conn->peer->underlay->cfg.sport_lo,
			     jiffies);
	conn->owns_port = false;
}

static int conn_tuple(struct ov_conn *conn, const struct ov_tuple *u,
		      struct ov_way *via)
{
	int err;

	conn->u = *u;
	conn->via = via;
	conn->epoch = READ_ONCE(conn->peer->epoch);
	conn->diff = ov_rewrite_diff(&conn->o, u);
	err = rhashtable_lookup_insert_key(&conn->host->by_underlay, u,
					   &conn->u_node,
					   ov_conn_underlay_params);
	conn->in_u = !err;
	if (err)
		conn->u = (struct ov_tuple) {};
	return err;
}

/**
 * ov_conn_set_tuple() - gives a conn its underlay tuple
 * @conn: the conn; it must have none
 * @underlay: the tuple, with one of this host's suite ports
 *
 * Context: RCU.
 * Return: 0, -EEXIST if another conn has the tuple, or another error.
 */
int ov_conn_set_tuple(struct ov_conn *conn, const struct ov_tuple *underlay)
{
	struct ov_peer *peer = conn->peer;
	int err = -ESTALE;

	spin_lock_bh(&conn->lock);
	if (!conn->killed && !conn->in_u)
		err = conn_tuple(conn, underlay,
				 &peer->way[ntohs(underlay->lport) -
					     peer->underlay->cfg.port_lo]);
	spin_unlock_bh(&conn->lock);
	return err;
}

void ov_conn_clear_tuple(struct ov_conn *conn)
{
	spin_lock_bh(&conn->lock);
	conn_untuple(conn);
	spin_unlock_bh(&conn->lock);
}

/* A tuple on one way to the peer; @u has all but the local port. */
static int conn_take_on(struct ov_conn *conn, struct ov_way *via,
			struct ov_tuple *u)
{
	const struct ov_underlay_cfg *cfg = &conn->peer->underlay->cfg;
	u32 rest = msecs_to_jiffies(cfg->rest_ms);
	unsigned int n = 0;
	int err = -EEXIST;
	u16 taken[4];

	/* A tuple that a resume of the peer's has taken costs a try. */
	while (err == -EEXIST && n < ARRAY_SIZE(taken)) {
		int index = ov_port_take(&via->ports, jiffies, rest);

		if (index < 0) {
			err = index;
			break;
		}
		u->lport = htons(cfg->sport_lo + index);
		spin_lock_bh(&conn->lock);
		err = conn->killed || conn->in_u ? -ESTALE :
						   conn_tuple(conn, u, via);
		if (!err)
			conn->owns_port = true;
		spin_unlock_bh(&conn->lock);
		if (err)
			taken[n++] = index;
	}
	/* Not before, or the next try might meet the same one. */
	while (n)
		ov_port_free(&via->ports, taken[--n], jiffies);
	return err;
}

/**
 * ov_conn_take_tuple() - finds a free underlay tuple to the conn's peer
 * @conn: a conn with a peer and without a tuple
 *
 * The hash of the overlay tuple chooses the suite port, the path's pool the
 * source port. This is where a path is chosen.
 *
 * Context: RCU.
 * Return: 0, -ENOSPC, or another error.
 */
int ov_conn_take_tuple(struct ov_conn *conn)
{
	struct ov_peer *peer = conn->peer;
	const struct ov_underlay_cfg *cfg = &peer->underlay->cfg;
	unsigned int first = ov_tuple_hash(&conn->o, conn->vni) % cfg->port_n;
	unsigned int i;

	for (i = 0; i < cfg->port_n; i++) {
		unsigned int at = (first + i) % cfg->port_n;
		struct ov_tuple u = {
			.local = cfg->addr,
			.remote = peer->addr,
			.rport = htons(cfg->port_lo + at),
		};
		int err = conn_take_on(conn, &peer->way[at], &u);

		if (err != -EEXIST && err != -ENOSPC)
			return err;
	}
	ov_count(conn->host, PORTS_EXHAUSTED);
	return -ENOSPC;
}

/**
 * ov_conn_discard() - the end of a conn that was not published
 * @conn: the conn; its tuple may have been seen
 *
 * Context: RCU.
 */
void ov_conn_discard(struct ov_conn *conn)
{
	bool mine;

	spin_lock_bh(&conn->lock);
	mine = !conn->killed;
	conn->killed = true;
	conn_untuple(conn);
	spin_unlock_bh(&conn->lock);
	/* Who has met it by its tuple may have ended it already. */
	if (!mine)
		return;
	if (conn->half)
		atomic_dec(&conn->peer->half);
	call_rcu(&conn->rcu, conn_free_rcu);
}

/* The conn that is in the way, or NULL if @conn is in the tables now. */
static struct ov_conn *conn_insert(struct ov_conn *conn)
{
	struct conn_key key = { .vni = conn->vni, .o = conn->o };
	struct ov_conn *old;

	spin_lock_bh(&conn->lock);
	if (conn->killed)
		old = ERR_PTR(-ESTALE);
	else
		old = rhashtable_lookup_get_insert_key(&conn->host->by_overlay,
						       &key, &conn->o_node,
						       ov_conn_overlay_params);
	if (!old) {
		atomic_inc(&conn->host->n_conns);
		ov_gc_add(conn, conn->state == OV_CONN_OPEN ? OV_GC_OPEN :
							       OV_GC_HALF);
	}
	spin_unlock_bh(&conn->lock);
	return old;
}

/**
 * ov_conn_publish() - makes a conn known
 * @conn: the conn; on failure it is freed, with its tuple
 * @replace: one that has the overlay tuple already ends
 *
 * Context: RCU.
 * Return: 0, or -EEXIST if the overlay tuple has a conn already, or another
 * error.
 */
int ov_conn_publish(struct ov_conn *conn, bool replace)
{
	struct ov_conn *old = conn_insert(conn);

	if (old && replace && !IS_ERR(old)) {
		ov_count(conn->host, CONN_REPLACED);
		ov_conn_kill(old);
		old = conn_insert(conn);
	}
	if (old) {
		ov_conn_discard(conn);
		return PTR_ERR_OR_ZERO(old) ?: -EEXIST;
	}
	trace_ov_conn_new(conn);
	return 0;
}

/* What a conn must leave when it leaves the fast path. conn->lock. */
static struct sock *conn_unroute(struct ov_conn *conn)
{
	struct rtable *clone = rcu_dereference_protected(conn->clone,
							 lockdep_is_held(&conn->lock));
	struct sock *sk = rcu_dereference_protected(conn->sk,
						    lockdep_is_held(&conn->lock));

	lockdep_assert_held(&conn->lock);
	RCU_INIT_POINTER(conn->clone, NULL);
	RCU_INIT_POINTER(conn->sk, NULL);
	if (clone)
		ov_clone_kill(clone);
	if (conn->half) {
		conn->half = false;
		atomic_dec(&conn->peer->half);
	}
	return sk;
}

/**
 * ov_conn_kill() - ends a conn
 * @conn: the conn
 *
 * Context: RCU; not from within conn->lock.
 */
void ov_conn_kill(struct ov_conn *conn)
{
	struct sock *sk = NULL;
	bool mine, known;

	spin_lock_bh(&conn->lock);
	mine = !conn->killed;
	known = !list_empty(&conn->gc);
	if (mine) {
		conn->killed = true;
		conn->path = OV_PATH_FALLBACK;
		sk = conn_unroute(conn);
		conn_untuple(conn);
		rhashtable_remove_fast(&conn->host->by_overlay, &conn->o_node,
				       ov_conn_overlay_params);
		ov_gc_del(conn);
	}
	spin_unlock_bh(&conn->lock);
	if (!mine)
		return;
	if (sk)
		sock_put(sk);
	if (known)
		atomic_dec(&conn->host->n_conns);
	trace_ov_conn_end(conn);
	call_rcu(&conn->rcu, conn_free_rcu);
}

/**
 * ov_conn_demote() - moves a conn to the fallback
 * @conn: the conn
 * @reason: why
 *
 * Its underlay tuple stays known, since the other end may still send on it. A
 * half-open one ends: nothing may stay of it that its peer does not pay for.
 *
 * Context: RCU; not from within conn->lock.
 * Return: whether it was elsewhere before.
 */
bool ov_conn_demote(struct ov_conn *conn, enum ov_reason reason)
{
	struct sock *sk = NULL;
	bool half, moved;

	spin_lock_bh(&conn->lock);
	half = conn->half;
	moved = !conn->killed && conn->path != OV_PATH_FALLBACK;
	if (moved) {
		conn->path = OV_PATH_FALLBACK;
		conn->reason = reason;
		conn->proven = false;
		conn->since = ktime_get_coarse_boottime_ns();
		conn->retry = jiffies + (reason == OV_REASON_NO_PROGRESS ?
					 OV_HOLD : HZ);
		sk = conn_unroute(conn);
		if (conn->state != OV_CONN_CLOSING) {
			conn->state = OV_CONN_OPEN;
			ov_gc_move(conn, OV_GC_OPEN);
		}
	}
	spin_unlock_bh(&conn->lock);
	if (sk)
		sock_put(sk);
	if (!moved)
		return false;
	ov_count(conn->host, CONN_FELL_BACK);
	if (conn->peer)
		atomic64_inc(&conn->peer->n_fallback);
	trace_ov_conn_path(conn);
	ov_nl_notify_conn(conn, false);
	if (half)
		ov_conn_kill(conn);
	return true;
}

/* conn->lock: no longer half-open. */
static void conn_open(struct ov_conn *conn)
{
	lockdep_assert_held(&conn->lock);
	if (conn->half) {
		conn->half = false;
		atomic_dec(&conn->peer->half);
	}
	/* gc moves it to its list when it looks. */
	if (conn->state < OV_CONN_OPEN)
		conn->state = OV_CONN_OPEN;
}

/* A server's half off the fast path: its socket sends, so it is complete. */
void ov_conn_opened(struct ov_conn *conn)
{
	spin_lock_bh(&conn->lock);
	if (!conn->killed)
		conn_open(conn);
	spin_unlock_bh(&conn->lock);
}

/**
 * ov_conn_prove() - a packet of the other end has arrived on the fast path
 * @conn: the conn
 *
 * From now on data may take it.
 *
 * Context: RCU, BH.
 */
void ov_conn_prove(struct ov_conn *conn)
{
	bool resumed = false;

	spin_lock_bh(&conn->lock);
	if (conn->killed || conn->proven)
		goto unlock;
	if (conn->path == OV_PATH_FALLBACK) {
		if (!conn->resuming)
			goto unlock;
		conn->path = OV_PATH_FAST;
		conn->reason = OV_REASON_NONE;
		conn->since = ktime_get_coarse_boottime_ns();
		resumed = true;
	}
	conn->proven = true;
	conn->resuming = false;
	conn->tries = 0;
	conn_open(conn);
	if (conn->peer)
		atomic64_inc(&conn->peer->n_fast);
unlock:
	spin_unlock_bh(&conn->lock);
	if (resumed) {
		ov_count(conn->host, CONN_RESUMED);
		trace_ov_conn_path(conn);
		ov_nl_notify_conn(conn, false);
	}
}
