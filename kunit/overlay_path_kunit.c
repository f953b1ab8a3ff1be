// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conns: the ways from one path and state to another, what time makes of them,
 * and the socket that they remember.
 */
#include <linux/net.h>

#include "overlay_conns.h"

struct demote_case {
	const char *name;
	u8 path;
	u8 state;
	bool half;
	bool moved;
	u8 state_after;
	u8 list_after;
};

static const struct demote_case demote_cases[] = {
	{ "client's half", OV_PATH_FAST, OV_CONN_SYN_SENT, false, true,
	  OV_CONN_OPEN, OV_GC_OPEN },
	{ "server's half", OV_PATH_FAST, OV_CONN_SYN_RECV, true, true,
	  OV_CONN_OPEN, OV_GC_OPEN },
	{ "open", OV_PATH_FAST, OV_CONN_OPEN, false, true, OV_CONN_OPEN, OV_GC_OPEN },
	{ "local", OV_PATH_LOCAL, OV_CONN_OPEN, false, true, OV_CONN_OPEN, OV_GC_OPEN },
	{ "closing", OV_PATH_FAST, OV_CONN_CLOSING, false, true, OV_CONN_CLOSING,
	  OV_GC_CLOSING },
	{ "there already", OV_PATH_FALLBACK, OV_CONN_OPEN, false, false,
	  OV_CONN_OPEN, OV_GC_OPEN },
};

static void demote_desc(const struct demote_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(demote, demote_cases, demote_desc);

static void conn_demoted(struct kunit *test)
{
	const struct demote_case *c = test->param_value;
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = c->half ? t_conn_half(test, 1000, 80) :
					 t_conn_new(test, 1000, 80);
	u64 fell = t_counter(cw, OV_STAT_CONN_FELL_BACK);

	conn->path = c->path;
	conn->state = c->state == OV_CONN_CLOSING ? OV_CONN_OPEN : c->state;
	KUNIT_EXPECT_EQ(test, t_conn_set(conn, 40000, 7000), 0);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	if (c->state == OV_CONN_CLOSING)
		ov_conn_close(conn);
	conn->proven = c->moved;
	if (c->half) {
		/* A half-open one ends, and nothing of it stays. */
		KUNIT_EXPECT_TRUE(test, UNDER_RCU(ov_conn_demote(conn, OV_REASON_RESET)));
		KUNIT_EXPECT_NULL(test, t_conn_at(test, 40000, 7000));
		KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
		KUNIT_EXPECT_EQ(test, t_counter(cw, OV_STAT_CONN_FELL_BACK), fell + 1);
		return;
	}
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_demote(conn, OV_REASON_RESET)),
			c->moved);
	KUNIT_EXPECT_EQ(test, conn->path, OV_PATH_FALLBACK);
	KUNIT_EXPECT_EQ(test, conn->reason,
			c->moved ? OV_REASON_RESET : OV_REASON_NONE);
	KUNIT_EXPECT_FALSE(test, conn->proven || conn->half);
	KUNIT_EXPECT_EQ(test, conn->state, c->state_after);
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), c->list_after);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&cw->peer->n_fallback), c->moved);
	KUNIT_EXPECT_EQ(test, t_counter(cw, OV_STAT_CONN_FELL_BACK), fell + c->moved);
	/* What the other end still sends on the tuple is understood. */
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, 40000, 7000), conn);
	KUNIT_EXPECT_FALSE(test, UNDER_RCU(ov_conn_demote(conn, OV_REASON_NAT)));
	KUNIT_EXPECT_NE(test, conn->reason, OV_REASON_NAT);
}

static void conn_proven(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_half(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), OV_GC_HALF);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 1);
	rcu_read_lock();
	ov_conn_prove(conn);
	ov_conn_prove(conn);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, conn->proven);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_OPEN);
	/* gc moves it when it looks. */
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), OV_GC_HALF);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&cw->peer->n_fast), 1);
}

static void conn_resumed(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_published(test, 1000, 80);
	u64 resumed = t_counter(cw, OV_STAT_CONN_RESUMED);

	/* Late packets prove nothing once the conn has fallen back. */
	rcu_read_lock();
	ov_conn_prove(conn);
	KUNIT_EXPECT_EQ(test, conn->path, OV_PATH_FALLBACK);
	KUNIT_EXPECT_FALSE(test, conn->proven);
	conn->resuming = true;
	conn->reason = OV_REASON_PEER_LOST;
	conn->tries = 3;
	ov_conn_prove(conn);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, conn->path, OV_PATH_FAST);
	KUNIT_EXPECT_EQ(test, conn->reason, OV_REASON_NONE);
	KUNIT_EXPECT_EQ(test, conn->tries, 0);
	KUNIT_EXPECT_TRUE(test, conn->proven);
	KUNIT_EXPECT_FALSE(test, conn->resuming);
	KUNIT_EXPECT_EQ(test, t_counter(cw, OV_STAT_CONN_RESUMED), resumed + 1);
}

static void conn_closes(struct kunit *test)
{
	struct ov_conn *conn = t_conn_published(test, 1000, 80);
	struct ov_conn *reset = t_conn_published(test, 1001, 80);
	struct ov_conn *fallen = t_conn_published(test, 1002, 80);

	conn->path = OV_PATH_FAST;
	ov_conn_fin(conn, OV_FIN_OURS);
	ov_conn_fin(conn, OV_FIN_OURS);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_OPEN);
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), OV_GC_OPEN);
	ov_conn_fin(conn, OV_FIN_THEIRS);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_CLOSING);
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), OV_GC_CLOSING);
	ov_conn_close(reset);
	ov_conn_close(reset);
	KUNIT_EXPECT_EQ(test, reset->state, OV_CONN_CLOSING);
	KUNIT_EXPECT_EQ(test, t_gc_list(reset), OV_GC_CLOSING);
	/* By the fallback the other FIN is not seen: looked at soon. */
	ov_conn_fin(fallen, OV_FIN_THEIRS);
	KUNIT_EXPECT_EQ(test, fallen->state, OV_CONN_OPEN);
	KUNIT_EXPECT_EQ(test, t_gc_list(fallen), OV_GC_HALF);
}

/* Each list is in order of time, and only what is due is looked at. */
static void conn_times_out(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *half = t_conn_half(test, 1000, 80);
	struct ov_conn *open = t_conn_published(test, 1001, 80);
	struct ov_conn *later = t_conn_published(test, 1002, 80);

	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(half, false)), 0);
	KUNIT_EXPECT_TRUE(test, time_before(half->due, open->due));
	KUNIT_EXPECT_TRUE(test, time_before_eq(open->due, later->due));
	ov_gc_run(cw->w.host);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 3);
	/* No socket has these tuples, so whoever is due ends. */
	WRITE_ONCE(half->due, jiffies - 1);
	WRITE_ONCE(open->due, jiffies - 1);
	ov_gc_run(cw->w.host);
	flush_delayed_work(&cw->w.host->tick);	/* it may have come first */
	KUNIT_EXPECT_NULL(test, t_conn_find_ports(test, 1000, 80));
	KUNIT_EXPECT_NULL(test, t_conn_find_ports(test, 1001, 80));
	KUNIT_EXPECT_PTR_EQ(test, t_conn_find_ports(test, 1002, 80), later);
	KUNIT_EXPECT_EQ(test, t_gc_list(later), OV_GC_OPEN);
}

static void conn_purged(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_endpoint *other = t_local_new(cw->w.nw);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, other);
	for (i = 0; i < 200; i++)
		t_conn_published(test, 1000 + i, 80);
	ov_conn_purge(cw->w.host, other);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 200);
	ov_conn_purge(cw->w.host, cw->remote);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 0);
	t_conn_published(test, 1000, 80);
	ov_conn_purge(cw->w.host, cw->local);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 0);
	ov_endpoint_put(other);
}

/* Who holds the socket besides its file: the conn, or nobody. */
static int sock_refs(struct socket *sock)
{
	return refcount_read(&sock->sk->sk_refcnt) - 1;
}

static void conn_remembers_sock(struct kunit *test)
{
	struct ov_conn *conn = t_conn_published(test, 1000, 80);
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
					       IPPROTO_TCP, &sock), 0);
	/* Not on the fallback. */
	ov_conn_set_sock(conn, sock->sk);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 0);
	conn->path = OV_PATH_FAST;
	ov_conn_set_sock(conn, sock->sk);
	ov_conn_set_sock(conn, sock->sk);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 1);
	ov_conn_drop_sock(conn);
	ov_conn_drop_sock(conn);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 0);
	ov_conn_set_sock(conn, sock->sk);
	KUNIT_EXPECT_TRUE(test, UNDER_RCU(ov_conn_demote(conn, OV_REASON_RESET)));
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 0);
	conn->path = OV_PATH_FAST;
	ov_conn_set_sock(conn, sock->sk);
	ov_conn_fin(conn, OV_FIN_THEIRS);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 0);
	ov_conn_set_sock(conn, sock->sk);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 0);
	conn->fins = 0;
	ov_conn_set_sock(conn, sock->sk);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 1);
	t_conn_kill(conn);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 0);
	sock_release(sock);
}

static struct kunit_case path_cases[] = {
	KUNIT_CASE_PARAM(conn_demoted, demote_gen_params),
	KUNIT_CASE(conn_proven),
	KUNIT_CASE(conn_resumed),
	KUNIT_CASE(conn_closes),
	KUNIT_CASE(conn_times_out),
	KUNIT_CASE(conn_purged),
	KUNIT_CASE(conn_remembers_sock),
	{}
};

static struct kunit_suite path_suite = {
	.name = "overlay_path",
	.init = t_conns_init,
	.exit = t_conns_exit,
	.test_cases = path_cases,
};

kunit_test_suite(path_suite);
