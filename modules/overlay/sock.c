// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket of a conn: found in the container's own table, remembered, kicked,
 * and let go of when an end is seen.
 *
 * It is remembered so that data finds it without a look-up. A remembered socket
 * is counted; a reader takes a count of its own and then looks whether the conn
 * still has the same one, because sockets are reused without a grace period
 * (rx.c).
 */
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>

#include "conn.h"

/**
 * ov_conn_sock() - the socket of a conn, by the container's own table
 * @conn: the conn
 *
 * Context: RCU.
 * Return: the socket (full, request or time-wait) with a reference, to be
 * dropped by sock_gen_put(), or NULL.
 */
struct sock *ov_conn_sock(const struct ov_conn *conn)
{
	struct net *net = conn->local->net;

	if (READ_ONCE(conn->local->dead))
		return NULL;
	return __inet_lookup_established(net, net->ipv4.tcp_death_row.hashinfo,
					 ov_addr_ip4(&conn->o.remote),
					 conn->o.rport,
					 ov_addr_ip4(&conn->o.local),
					 ntohs(conn->o.lport),
					 conn->local->dev->ifindex, 0);
}

/**
 * ov_conn_set_sock() - remembers the socket
 * @conn: the conn
 * @sk: a full socket; a reference of its own is taken
 *
 * A remembered socket keeps its namespace, so it is dropped with the first FIN
 * or RST, when the conn leaves the fast path, and by gc when it is closed.
 *
 * Context: RCU, BH.
 */
void ov_conn_set_sock(struct ov_conn *conn, struct sock *sk)
{
	spin_lock_bh(&conn->lock);
	if (!conn->killed && conn->path == OV_PATH_FAST && !conn->fins &&
	    !rcu_access_pointer(conn->sk)) {
		sock_hold(sk);
		rcu_assign_pointer(conn->sk, sk);
	}
	spin_unlock_bh(&conn->lock);
}

void ov_conn_drop_sock(struct ov_conn *conn)
{
	struct sock *sk;

	spin_lock_bh(&conn->lock);
	sk = rcu_replace_pointer(conn->sk, NULL, lockdep_is_held(&conn->lock));
	spin_unlock_bh(&conn->lock);
	if (sk)
		sock_put(sk);
}

/**
 * ov_conn_kick() - lets the socket retransmit now
 * @conn: a conn that was just moved to the fallback
 *
 * What was in flight is lost, so waiting for the timer only makes the gap
 * longer.
 *
 * Context: RCU; must not hold the socket.
 */
void ov_conn_kick(struct ov_conn *conn)
{
	struct sock *sk = ov_conn_sock(conn);
	struct inet_connection_sock *icsk;

	if (!sk)
		return;
	if (sk_fullsock(sk)) {
		local_bh_disable();
		bh_lock_sock(sk);
		icsk = inet_csk(sk);
		if (!sock_owned_by_user(sk) && tcp_sk(sk)->packets_out &&
		    icsk->icsk_pending &&
		    time_after(icsk->icsk_timeout, jiffies)) {
			icsk->icsk_timeout = jiffies;
			sk_reset_timer(sk, &icsk->icsk_retransmit_timer, jiffies);
		}
		bh_unlock_sock(sk);
		local_bh_enable();
	}
	sock_gen_put(sk);
}

/**
 * ov_conn_fin() - a FIN was seen
 * @conn: the conn
 * @whose: OV_FIN_OURS or OV_FIN_THEIRS
 *
 * Context: RCU, BH or process.
 */
void ov_conn_fin(struct ov_conn *conn, u8 whose)
{
	struct sock *sk = NULL;

	if (conn->fins & whose)
		return;
	spin_lock_bh(&conn->lock);
	conn->fins |= whose;
	sk = rcu_replace_pointer(conn->sk, NULL, lockdep_is_held(&conn->lock));
	if (conn->path != OV_PATH_FAST && !conn->killed) {
		/* The other FIN does not pass here: look soon. */
		ov_gc_move(conn, OV_GC_HALF);
	} else if (conn->fins == (OV_FIN_OURS | OV_FIN_THEIRS) && !conn->killed) {
		conn->state = OV_CONN_CLOSING;
		ov_gc_move(conn, OV_GC_CLOSING);
	}
	spin_unlock_bh(&conn->lock);
	if (sk)
		sock_put(sk);
}

/* A RST was seen: gc looks soon whether the socket believed it. */
void ov_conn_close(struct ov_conn *conn)
{
	spin_lock_bh(&conn->lock);
	if (!conn->killed && conn->state != OV_CONN_CLOSING) {
		conn->state = OV_CONN_CLOSING;
		ov_gc_move(conn, OV_GC_CLOSING);
	}
	spin_unlock_bh(&conn->lock);
	ov_conn_drop_sock(conn);
}
