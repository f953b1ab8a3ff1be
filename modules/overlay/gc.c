// SPDX-License-Identifier: GPL-2.0-only
/*
 * A conn's time, and what a changed configuration makes of it.
 *
 * Each conn is in one of three lists of its shard, by how soon it must be looked
 * at again:
 *
 *   half     5 s  the handshake is not complete
 *   open    30 s  in use; looked at in case its socket ended in silence
 *   closing  the underlay's rest (1 s): both FINs or a RST were seen. It still
 *            translates late packets, then ends and its port rests
 *
 * A conn whose socket is gone or in TIME_WAIT ends. The review is one pass over
 * all conns after any change: removed endpoints, lost peers, new policies.
 */
#include <linux/slab.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "conn.h"
#include "dgram.h"
#include "host.h"
#include "nl.h"
#include "route.h"
#include "trace.h"

#define OV_GC_HALF_PERIOD	(5 * HZ)
#define OV_GC_OPEN_PERIOD	(30 * HZ)

void ov_gc_init(struct ov_host *host)
{
	unsigned int i;

	for (i = 0; i < OV_GC_SHARDS; i++) {
		spin_lock_init(&host->gc[i].lock);
		INIT_LIST_HEAD(&host->gc[i].half);
		INIT_LIST_HEAD(&host->gc[i].open);
		INIT_LIST_HEAD(&host->gc[i].closing);
	}
}

static struct list_head *gc_list(struct ov_gc *gc, struct ov_conn *conn,
				 enum ov_gc_list list)
{
	switch (list) {
	case OV_GC_HALF:
		conn->due = jiffies + OV_GC_HALF_PERIOD;
		return &gc->half;
	case OV_GC_CLOSING:
		conn->due = jiffies +
			msecs_to_jiffies(conn->network->underlay->cfg.rest_ms);
		return &gc->closing;
	default:
		conn->due = jiffies + OV_GC_OPEN_PERIOD;
		return &gc->open;
	}
}

/* conn->lock. */
void ov_gc_add(struct ov_conn *conn, enum ov_gc_list list)
{
	struct ov_gc *gc = &conn->host->gc[conn->shard];

	lockdep_assert_held(&conn->lock);
	spin_lock(&gc->lock);
	list_add_tail(&conn->gc, gc_list(gc, conn, list));
	spin_unlock(&gc->lock);
}

/* conn->lock. */
void ov_gc_move(struct ov_conn *conn, enum ov_gc_list list)
{
	struct ov_gc *gc = &conn->host->gc[conn->shard];

	lockdep_assert_held(&conn->lock);
	spin_lock(&gc->lock);
	if (!list_empty(&conn->gc))
		list_move_tail(&conn->gc, gc_list(gc, conn, list));
	spin_unlock(&gc->lock);
}

/* conn->lock. */
void ov_gc_del(struct ov_conn *conn)
{
	struct ov_gc *gc = &conn->host->gc[conn->shard];

	lockdep_assert_held(&conn->lock);
	spin_lock(&gc->lock);
	list_del_init(&conn->gc);
	spin_unlock(&gc->lock);
}

/* Which FINs a socket in this state has sent or seen. */
static u8 gc_fins(unsigned char state)
{
	switch (state) {
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		return OV_FIN_OURS;
	case TCP_CLOSE_WAIT:
		return OV_FIN_THEIRS;
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		return OV_FIN_OURS | OV_FIN_THEIRS;
	default:
		return 0;
	}
}

/*
 * A socket that is due is there still: FINs that passed and that it did not
 * send or believe are forgotten, as is a RST.
 */
static void gc_reopen(struct ov_conn *conn, const struct sock *sk)
{
	u8 fins = gc_fins(READ_ONCE(sk->sk_state));

	spin_lock_bh(&conn->lock);
	conn->fins &= fins;
	if (!conn->killed && conn->state == OV_CONN_CLOSING &&
	    conn->fins != (OV_FIN_OURS | OV_FIN_THEIRS)) {
		conn->state = OV_CONN_OPEN;
		ov_gc_move(conn, OV_GC_OPEN);
	}
	spin_unlock_bh(&conn->lock);
}

/* A conn is due. RCU. */
static void gc_look(struct ov_conn *conn)
{
	struct sock *sk, *cached;
	bool alive;

	sk = ov_conn_sock(conn);
	alive = sk && sk->sk_state != TCP_TIME_WAIT && sk->sk_state != TCP_CLOSE;
	if (alive && (conn->fins || conn->state == OV_CONN_CLOSING))
		gc_reopen(conn, sk);
	if (alive && conn->state == OV_CONN_SYN_RECV &&
	    conn->path != OV_PATH_FAST && sk_fullsock(sk))
		ov_conn_opened(conn);
	if (sk)
		sock_gen_put(sk);
	if (!alive) {
		ov_conn_kill(conn);
		return;
	}
	ov_clone_renew(conn);
	cached = rcu_dereference(conn->sk);
	if (cached && cached->sk_state == TCP_CLOSE)
		ov_conn_drop_sock(conn);
}

/* The conns of a list that are due go to its end, looked at one by one. */
static void gc_run_list(struct ov_gc *gc, struct list_head *head,
			enum ov_gc_list list)
{
	unsigned int budget = 100000;

	while (budget--) {
		struct ov_conn *conn;

		rcu_read_lock();
		spin_lock_bh(&gc->lock);
		conn = list_first_entry_or_null(head, struct ov_conn, gc);
		if (!conn || time_before(jiffies, conn->due)) {
			spin_unlock_bh(&gc->lock);
			rcu_read_unlock();
			return;
		}
		list_move_tail(&conn->gc, gc_list(gc, conn, conn->state == OV_CONN_OPEN &&
						  !conn->fins ? OV_GC_OPEN : list));
		spin_unlock_bh(&gc->lock);
		gc_look(conn);
		rcu_read_unlock();
		cond_resched();
	}
}

/**
 * ov_gc_run() - looks at the conns that are due
 * @host: the host
 *
 * Context: process, from host->tick.
 */
void ov_gc_run(struct ov_host *host)
{
	unsigned int i;

	for (i = 0; i < OV_GC_SHARDS; i++) {
		struct ov_gc *gc = &host->gc[i];

		gc_run_list(gc, &gc->closing, OV_GC_CLOSING);
		gc_run_list(gc, &gc->half, OV_GC_HALF);
		gc_run_list(gc, &gc->open, OV_GC_OPEN);
	}
}

/* Who opened the connection, and to which port: what policies judge. */
static bool conn_allowed(struct ov_conn *conn, u32 *gen)
{
	if (conn->server)
		return ov_policy_allows(conn->network, &conn->o.remote,
					&conn->o.local, conn->o.lport, gen);
	return ov_policy_allows(conn->network, &conn->o.local, &conn->o.remote,
				conn->o.rport, gen);
}

/*
 * What a conn should be now. Returns the socket that must be reset, with a
 * reference, or NULL. RCU.
 */
static struct sock *conn_review(struct ov_conn *conn)
{
	struct sock *sk = NULL;
	bool tell = false;
	u32 gen;

	if (READ_ONCE(conn->local->dead) || READ_ONCE(conn->network->dead)) {
		ov_conn_kill(conn);
		return NULL;
	}
	if (!conn->cut) {
		const struct ov_policies *p = rcu_dereference(conn->network->policies);

		if (p->gen != conn->policy_gen) {
			if (conn_allowed(conn, &gen)) {
				conn->policy_gen = gen;
			} else {
				conn->cut = ECONNRESET;
				tell = true;
			}
		}
	}
	if (conn->cut) {
		if (tell && conn->peer)
			ov_dgram_cut(conn);
		ov_count(conn->host, CONN_CUT);
		ov_nl_notify_conn(conn, true);
		trace_ov_conn_cut(conn);
		sk = ov_conn_sock(conn);
		ov_conn_kill(conn);
		return sk;
	}
	if (conn->path == OV_PATH_FALLBACK)
		return NULL;
	if (conn->remote && READ_ONCE(conn->remote->dead)) {
		if (ov_conn_demote(conn, OV_REASON_ENDPOINT))
			ov_conn_kick(conn);
	} else if (conn->peer && (!ov_peer_is_live(conn->peer) ||
				  conn->epoch != READ_ONCE(conn->peer->epoch) ||
				  READ_ONCE(conn->network->underlay->dead))) {
		if (ov_conn_demote(conn, OV_REASON_PEER_LOST))
			ov_conn_kick(conn);
	}
	return NULL;
}

/* host->review. */
void ov_gc_review(struct work_struct *work)
{
	struct ov_host *host = container_of(work, struct ov_host, review.work);
	struct rhashtable_iter iter;
	struct ov_conn *conn;

	bool again;

	/* Conns that were judged by what was true before are in the tables now. */
	synchronize_rcu();
	/* A pause right behind a conn that ended may pass over its neighbour. */
	do {
		again = false;
		rhashtable_walk_enter(&host->by_overlay, &iter);
		rhashtable_walk_start(&iter);
		while ((conn = rhashtable_walk_next(&iter))) {
			struct sock *sk;
			int cut;

			if (IS_ERR(conn) || conn->killed)
				continue;
			sk = conn_review(conn);
			cut = conn->cut;
			if (!sk && !need_resched())
				continue;
			again |= conn->killed;
			rhashtable_walk_stop(&iter);
			if (sk) {
				tcp_abort(sk, cut);
				sock_gen_put(sk);
			}
			cond_resched();
			rhashtable_walk_start(&iter);
		}
		rhashtable_walk_stop(&iter);
		rhashtable_walk_exit(&iter);
	} while (again && !READ_ONCE(host->stopping));
}

void ov_conn_purge(struct ov_host *host, const struct ov_endpoint *ep)
{
	struct rhashtable_iter iter;
	struct ov_conn *conn;
	bool again;

	/* A removal during the walk may make it pass over a neighbour. */
	do {
		again = false;
		rhashtable_walk_enter(&host->by_overlay, &iter);
		rhashtable_walk_start(&iter);
		while ((conn = rhashtable_walk_next(&iter))) {
			if (IS_ERR(conn) || (ep && conn->local != ep &&
					     conn->remote != ep))
				continue;
			if (ov_conn_demote(conn, OV_REASON_ENDPOINT))
				ov_conn_kick(conn);
			ov_conn_kill(conn);
			again = true;
		}
		rhashtable_walk_stop(&iter);
		rhashtable_walk_exit(&iter);
	} while (again);
}
