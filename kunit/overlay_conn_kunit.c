// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conns: what the tables know of them, their underlay tuples, the ways from one
 * state to another, and that they let go of all that they held. No packets; the
 * local endpoint is in the initial namespace, where no socket has its address.
 */
#include <linux/net.h>
#include <linux/slab.h>

#include "../modules/overlay/conn.h"
#include "../modules/overlay/host.h"
#include "../modules/overlay/tx.h"
#include "overlay_fixture.h"

/**
 * struct conn_world - what conns need
 * @w: the host and the network. First, as the fixture has it in test->priv
 * @local: an endpoint that is in no table
 * @remote: one that is
 * @peer: the host of @remote
 */
struct conn_world {
	struct t_world w;
	struct ov_endpoint *local;
	struct ov_endpoint *remote;
	struct ov_peer *peer;
};

static struct ov_endpoint *local_new(struct ov_network *nw)
{
	struct ov_endpoint *ep = kzalloc(sizeof(*ep), GFP_KERNEL);

	if (!ep)
		return NULL;
	ep->vni = nw->vni;
	ep->addr = t_ip4(10, 0, 0, 1);
	ep->network = nw;
	ep->net = &init_net;
	ep->dev = init_net.loopback_dev;
	refcount_inc(&nw->ref);
	refcount_set(&ep->ref, 1);
	return ep;
}

static int conn_init(struct kunit *test)
{
	const struct ov_addr addr = t_ip4(10, 0, 0, 2), peer = T_PEER;
	struct conn_world *cw = kunit_kzalloc(test, sizeof(*cw), GFP_KERNEL);
	int err;

	if (!cw)
		return -ENOMEM;
	err = t_world_init(test);
	if (err)
		return err;
	cw->w = *(struct t_world *)test->priv;
	test->priv = cw;
	cw->local = local_new(cw->w.nw);
	if (!cw->local)
		return -ENOMEM;
	mutex_lock(&ov_mutex);
	err = ov_endpoint_add(&init_net, T_VNI, &addr, &peer, NULL, 0, NULL);
	mutex_unlock(&ov_mutex);
	if (err)
		return err;
	rcu_read_lock();
	cw->remote = ov_endpoint_find(cw->w.host, T_VNI, &addr);
	rcu_read_unlock();
	cw->peer = cw->remote->peer;
	return 0;
}

/* The conns that are left end; then nobody may hold anything. */
static void conn_exit(struct kunit *test)
{
	struct conn_world *cw = test->priv;

	if (!cw)
		return;
	ov_conn_purge(cw->w.host, NULL);
	ov_objects_wait();
	if (cw->remote) {
		KUNIT_EXPECT_EQ(test, refcount_read(&cw->remote->ref), 1);
		KUNIT_EXPECT_EQ(test, refcount_read(&cw->peer->ref), 2);
		KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->conns), 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	}
	if (cw->local) {
		KUNIT_EXPECT_EQ(test, refcount_read(&cw->local->ref), 1);
		ov_endpoint_put(cw->local);
	}
	t_world_exit(test);
}

static u64 counter(const struct conn_world *cw, enum ov_stat stat)
{
	u64 sum[OV_STAT_MAX];

	ov_stats_sum(cw->w.host->stats, sum);
	return sum[stat];
}

/*
 * The calls of the packet path, each under RCU as there. A conn that was killed
 * is not touched any more: in these tests nothing else keeps it.
 */
#define UNDER_RCU(call) ({ \
	typeof(call) __ret; \
	rcu_read_lock(); \
	__ret = (call); \
	rcu_read_unlock(); \
	__ret; })

static struct ov_conn *conn_new(struct kunit *test, u16 lport, u16 rport)
{
	struct conn_world *cw = test->priv;
	struct ov_tuple o = t_overlay(lport, rport);
	struct ov_conn *conn;

	conn = UNDER_RCU(ov_conn_new(cw->local, cw->remote, &o));
	KUNIT_ASSERT_NOT_NULL(test, conn);
	return conn;
}

static struct ov_conn *conn_published(struct kunit *test, u16 lport, u16 rport)
{
	struct ov_conn *conn = conn_new(test, lport, rport);

	KUNIT_ASSERT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	return conn;
}

/* A server's half, as a SYN makes it. */
static struct ov_conn *conn_half(struct kunit *test, u16 lport, u16 rport)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_new(test, lport, rport);

	atomic_inc(&cw->peer->half);
	conn->half = true;
	conn->server = true;
	conn->state = OV_CONN_SYN_RECV;
	conn->path = OV_PATH_FAST;
	return conn;
}

static int conn_set(struct ov_conn *conn, u16 lport, u16 rport)
{
	struct ov_tuple u = t_underlay(lport, rport);

	return UNDER_RCU(ov_conn_set_tuple(conn, &u));
}

static struct ov_conn *conn_at(struct kunit *test, u16 lport, u16 rport)
{
	struct conn_world *cw = test->priv;
	struct ov_tuple u = t_underlay(lport, rport);
	struct iphdr iph = {
		.saddr = ov_addr_ip4(&u.remote),
		.daddr = ov_addr_ip4(&u.local),
	};
	struct tcphdr th = { .source = u.rport, .dest = u.lport };
	struct ov_conn *conn;

	conn = UNDER_RCU(ov_conn_find_underlay(cw->w.host, &u));
	/* Packets are looked up by other means, and must find the same. */
	KUNIT_EXPECT_PTR_EQ(test, conn,
			    UNDER_RCU(ov_conn_find_packet(cw->w.host, &iph, &th)));
	return conn;
}

static struct ov_conn *conn_find(struct kunit *test, const struct ov_tuple *o)
{
	struct conn_world *cw = test->priv;

	return UNDER_RCU(ov_conn_find(cw->w.host, T_VNI, o));
}

static struct ov_conn *conn_find_ports(struct kunit *test, u16 lport, u16 rport)
{
	struct ov_tuple o = t_overlay(lport, rport);

	return conn_find(test, &o);
}

static void conn_kill(struct ov_conn *conn)
{
	rcu_read_lock();
	ov_conn_kill(conn);
	rcu_read_unlock();
}

static bool on_list(const struct ov_conn *conn, const struct list_head *head)
{
	const struct ov_conn *pos;

	list_for_each_entry(pos, head, gc) {
		if (pos == conn)
			return true;
	}
	return false;
}

/* In which list of its shard a conn is, or -1. */
static int gc_list_of(const struct ov_conn *conn)
{
	struct ov_gc *gc = &conn->host->gc[conn->shard];
	int list = -1;

	spin_lock_bh(&gc->lock);
	if (on_list(conn, &gc->half))
		list = OV_GC_HALF;
	else if (on_list(conn, &gc->open))
		list = OV_GC_OPEN;
	else if (on_list(conn, &gc->closing))
		list = OV_GC_CLOSING;
	spin_unlock_bh(&gc->lock);
	return list;
}

static void conn_born(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_new(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, conn->path, OV_PATH_FALLBACK);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_OPEN);
	KUNIT_EXPECT_EQ(test, conn->reason, OV_REASON_NONE);
	KUNIT_EXPECT_FALSE(test, conn->proven || conn->killed || conn->in_u);
	KUNIT_EXPECT_LT(test, conn->shard, OV_GC_SHARDS);
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->local->ref), 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->remote->ref), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->conns), 1);
	/* Nobody knows it yet. */
	KUNIT_EXPECT_NULL(test, conn_find_ports(test, 1000, 80));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 0);
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), -1);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	KUNIT_EXPECT_PTR_EQ(test, conn_find_ports(test, 1000, 80), conn);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 1);
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), OV_GC_OPEN);
}

static void conn_not_born(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_endpoint *dying = local_new(cw->w.nw);
	struct ov_tuple o = t_overlay(1000, 80);

	KUNIT_ASSERT_NOT_NULL(test, dying);
	refcount_set(&dying->ref, 0);
	KUNIT_EXPECT_NULL(test, UNDER_RCU(ov_conn_new(dying, cw->remote, &o)));
	KUNIT_EXPECT_NULL(test, UNDER_RCU(ov_conn_new(cw->local, dying, &o)));
	refcount_set(&dying->ref, 1);
	ov_endpoint_put(dying);
	WRITE_ONCE(cw->w.host->stopping, true);
	KUNIT_EXPECT_NULL(test, UNDER_RCU(ov_conn_new(cw->local, cw->remote, &o)));
	WRITE_ONCE(cw->w.host->stopping, false);
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->local->ref), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->remote->ref), 1);
}

static void conn_found_by_all_of_its_key(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_published(test, 1000, 80);
	struct ov_tuple o = conn->o;
	unsigned int i;

	for (i = 0; i < sizeof(o) * 8; i++) {
		((u8 *)&o)[i / 8] ^= BIT(i % 8);
		KUNIT_EXPECT_NULL(test, conn_find(test, &o));
		((u8 *)&o)[i / 8] ^= BIT(i % 8);
	}
	KUNIT_EXPECT_NULL(test, UNDER_RCU(ov_conn_find(cw->w.host, T_VNI + 1, &o)));
	KUNIT_EXPECT_PTR_EQ(test, conn_find(test, &o), conn);
	swap(o.local, o.remote);
	swap(o.lport, o.rport);
	KUNIT_EXPECT_NULL(test, conn_find(test, &o));
}

static void conn_exists_already(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *first = conn_published(test, 1000, 80);
	struct ov_conn *second = conn_half(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, conn_set(second, 40000, 7000), 0);
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, 40000, 7000), second);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(second, false)), -EEXIST);
	/* The second one is gone with its tuple and its place among the halves. */
	KUNIT_EXPECT_NULL(test, conn_at(test, 40000, 7000));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 1);
	KUNIT_EXPECT_PTR_EQ(test, conn_find_ports(test, 1000, 80), first);
	/* Unless it may take the first one's place. */
	second = conn_half(test, 1000, 80);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(second, true)), 0);
	KUNIT_EXPECT_PTR_EQ(test, conn_find_ports(test, 1000, 80), second);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 1);
}

static void conn_discarded(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_half(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, conn_set(conn, 40000, 7000), 0);
	rcu_read_lock();
	ov_conn_discard(conn);
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, conn_at(test, 40000, 7000));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	ov_objects_wait();
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->conns), 0);
}

static void conn_tuple_set(struct kunit *test)
{
	struct ov_conn *a = conn_published(test, 1000, 80);
	struct ov_conn *b = conn_published(test, 1001, 80);
	struct ov_csum_diff diff;
	struct ov_tuple u = t_underlay(40000, 7000);

	KUNIT_EXPECT_EQ(test, conn_set(a, 40000, 7000), 0);
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, 40000, 7000), a);
	diff = ov_rewrite_diff(&a->o, &u);
	KUNIT_EXPECT_EQ(test, memcmp(&diff, &a->diff, sizeof(diff)), 0);
	/* Of another conn; a second one for the same conn. */
	KUNIT_EXPECT_EQ(test, conn_set(b, 40000, 7000), -EEXIST);
	KUNIT_EXPECT_FALSE(test, b->in_u);
	KUNIT_EXPECT_EQ(test, conn_set(a, 40001, 7000), -ESTALE);
	KUNIT_EXPECT_NULL(test, conn_at(test, 40001, 7000));
	/* The same ports to another suite port are another tuple. */
	KUNIT_EXPECT_EQ(test, conn_set(b, 40000, 7001), 0);
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, 40000, 7000), a);
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, 40000, 7001), b);
}

/* The peer uses the tuple anew: the old conn leaves it to another. */
static void conn_tuple_replaced(struct kunit *test)
{
	struct ov_conn *old = conn_published(test, 1000, 80);
	struct ov_conn *new = conn_published(test, 1001, 80);

	old->path = OV_PATH_FAST;
	KUNIT_EXPECT_EQ(test, conn_set(old, 40000, 7000), 0);
	KUNIT_EXPECT_TRUE(test, UNDER_RCU(ov_conn_demote(old, OV_REASON_TUPLE_TAKEN)));
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, 40000, 7000), old);
	ov_conn_clear_tuple(old);
	KUNIT_EXPECT_NULL(test, conn_at(test, 40000, 7000));
	ov_conn_clear_tuple(old);
	KUNIT_EXPECT_EQ(test, conn_set(new, 40000, 7000), 0);
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, 40000, 7000), new);
	KUNIT_EXPECT_PTR_EQ(test, conn_find_ports(test, 1000, 80), old);
	KUNIT_EXPECT_EQ(test, conn_set(old, 40001, 7000), 0);
}

static int conn_take(struct ov_conn *conn)
{
	return UNDER_RCU(ov_conn_take_tuple(conn));
}

/* All tuples of the world, each once; then none; one that was freed rests. */
static void conn_tuples_taken(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	u64 exhausted = counter(cw, OV_STAT_PORTS_EXHAUSTED);
	struct ov_conn *conn[T_PORT_N * T_SPORT_N + 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(conn); i++) {
		conn[i] = conn_published(test, 1000 + i, 80);
		KUNIT_EXPECT_EQ(test, conn_take(conn[i]),
				i < ARRAY_SIZE(conn) - 1 ? 0 : -ENOSPC);
	}
	KUNIT_EXPECT_EQ(test, counter(cw, OV_STAT_PORTS_EXHAUSTED), exhausted + 1);
	for (i = 0; i < ARRAY_SIZE(conn) - 1; i++)
		KUNIT_EXPECT_NOT_NULL(test, conn_at(test, T_SPORT_LO + i % T_SPORT_N,
						    T_PORT_LO + i / T_SPORT_N));
	KUNIT_EXPECT_FALSE(test, conn[i]->in_u || conn[i]->owns_port);
	ov_conn_clear_tuple(conn[3]);
	KUNIT_EXPECT_EQ(test, conn_take(conn[i]), -ENOSPC);
	cw->w.ul->cfg.rest_ms = 0;
	KUNIT_EXPECT_EQ(test, conn_take(conn[i]), 0);
	KUNIT_EXPECT_TRUE(test, ov_tuple_equal(&conn[i]->u, &conn[3]->u));
}

/* A tuple that the peer has taken is passed over. */
static void conn_tuple_occupied(struct kunit *test)
{
	struct ov_conn *theirs = conn_published(test, 999, 80), *conn;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, conn_set(theirs, T_SPORT_LO + 1, T_PORT_LO), 0);
	for (i = 0; i < T_PORT_N * T_SPORT_N - 1; i++) {
		conn = conn_published(test, 1000 + i, 80);
		KUNIT_EXPECT_EQ(test, conn_take(conn), 0);
		KUNIT_EXPECT_FALSE(test, ov_tuple_equal(&conn->u, &theirs->u));
	}
	conn = conn_published(test, 1000 + i, 80);
	KUNIT_EXPECT_EQ(test, conn_take(conn), -ENOSPC);
	/* It was not ours, so it does not go to the pool. */
	ov_conn_clear_tuple(theirs);
	KUNIT_EXPECT_EQ(test, conn_take(conn), -ENOSPC);
}

static void conn_killed(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_half(test, 1000, 80);
	u16 rport, lport;

	KUNIT_EXPECT_EQ(test, conn_take(conn), 0);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	lport = ntohs(conn->u.lport);
	rport = ntohs(conn->u.rport);
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, lport, rport), conn);
	/* Twice, by two who found it; a tuple and a path come too late. */
	rcu_read_lock();
	ov_conn_kill(conn);
	ov_conn_kill(conn);
	KUNIT_EXPECT_EQ(test, conn_set(conn, lport, rport), -ESTALE);
	KUNIT_EXPECT_EQ(test, ov_conn_take_tuple(conn), -ESTALE);
	KUNIT_EXPECT_FALSE(test, ov_conn_demote(conn, OV_REASON_RESET));
	ov_conn_prove(conn);
	KUNIT_EXPECT_FALSE(test, conn->proven);
	ov_conn_fin(conn, OV_FIN_OURS);
	ov_conn_fin(conn, OV_FIN_THEIRS);
	ov_conn_close(conn);
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), -1);
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, conn_at(test, lport, rport));
	KUNIT_EXPECT_NULL(test, conn_find_ports(test, 1000, 80));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	ov_objects_wait();
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->local->ref), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->conns), 0);
}

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
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = c->half ? conn_half(test, 1000, 80) :
					 conn_new(test, 1000, 80);
	u64 fell = counter(cw, OV_STAT_CONN_FELL_BACK);

	conn->path = c->path;
	conn->state = c->state == OV_CONN_CLOSING ? OV_CONN_OPEN : c->state;
	KUNIT_EXPECT_EQ(test, conn_set(conn, 40000, 7000), 0);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	if (c->state == OV_CONN_CLOSING)
		ov_conn_close(conn);
	conn->proven = c->moved;
	if (c->half) {
		/* A half-open one ends, and nothing of it stays. */
		KUNIT_EXPECT_TRUE(test, UNDER_RCU(ov_conn_demote(conn, OV_REASON_RESET)));
		KUNIT_EXPECT_NULL(test, conn_at(test, 40000, 7000));
		KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
		KUNIT_EXPECT_EQ(test, counter(cw, OV_STAT_CONN_FELL_BACK), fell + 1);
		return;
	}
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_demote(conn, OV_REASON_RESET)),
			c->moved);
	KUNIT_EXPECT_EQ(test, conn->path, OV_PATH_FALLBACK);
	KUNIT_EXPECT_EQ(test, conn->reason,
			c->moved ? OV_REASON_RESET : OV_REASON_NONE);
	KUNIT_EXPECT_FALSE(test, conn->proven || conn->half);
	KUNIT_EXPECT_EQ(test, conn->state, c->state_after);
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), c->list_after);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&cw->peer->n_fallback), c->moved);
	KUNIT_EXPECT_EQ(test, counter(cw, OV_STAT_CONN_FELL_BACK), fell + c->moved);
	/* What the other end still sends on the tuple is understood. */
	KUNIT_EXPECT_PTR_EQ(test, conn_at(test, 40000, 7000), conn);
	KUNIT_EXPECT_FALSE(test, UNDER_RCU(ov_conn_demote(conn, OV_REASON_NAT)));
	KUNIT_EXPECT_NE(test, conn->reason, OV_REASON_NAT);
}

static void conn_proven(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_half(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), OV_GC_HALF);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 1);
	rcu_read_lock();
	ov_conn_prove(conn);
	ov_conn_prove(conn);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, conn->proven);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_OPEN);
	/* gc moves it when it looks. */
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), OV_GC_HALF);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&cw->peer->n_fast), 1);
}

static void conn_resumed(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_published(test, 1000, 80);
	u64 resumed = counter(cw, OV_STAT_CONN_RESUMED);

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
	KUNIT_EXPECT_EQ(test, counter(cw, OV_STAT_CONN_RESUMED), resumed + 1);
}

static void conn_closes(struct kunit *test)
{
	struct ov_conn *conn = conn_published(test, 1000, 80);
	struct ov_conn *reset = conn_published(test, 1001, 80);
	struct ov_conn *fallen = conn_published(test, 1002, 80);

	conn->path = OV_PATH_FAST;
	ov_conn_fin(conn, OV_FIN_OURS);
	ov_conn_fin(conn, OV_FIN_OURS);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_OPEN);
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), OV_GC_OPEN);
	ov_conn_fin(conn, OV_FIN_THEIRS);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_CLOSING);
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), OV_GC_CLOSING);
	ov_conn_close(reset);
	ov_conn_close(reset);
	KUNIT_EXPECT_EQ(test, reset->state, OV_CONN_CLOSING);
	KUNIT_EXPECT_EQ(test, gc_list_of(reset), OV_GC_CLOSING);
	/* By the fallback the other FIN is not seen: looked at soon. */
	ov_conn_fin(fallen, OV_FIN_THEIRS);
	KUNIT_EXPECT_EQ(test, fallen->state, OV_CONN_OPEN);
	KUNIT_EXPECT_EQ(test, gc_list_of(fallen), OV_GC_HALF);
}

/* Each list is in order of time, and only what is due is looked at. */
static void conn_times_out(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *half = conn_half(test, 1000, 80);
	struct ov_conn *open = conn_published(test, 1001, 80);
	struct ov_conn *later = conn_published(test, 1002, 80);

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
	KUNIT_EXPECT_NULL(test, conn_find_ports(test, 1000, 80));
	KUNIT_EXPECT_NULL(test, conn_find_ports(test, 1001, 80));
	KUNIT_EXPECT_PTR_EQ(test, conn_find_ports(test, 1002, 80), later);
	KUNIT_EXPECT_EQ(test, gc_list_of(later), OV_GC_OPEN);
}

static void conn_purged(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_endpoint *other = local_new(cw->w.nw);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, other);
	for (i = 0; i < 200; i++)
		conn_published(test, 1000 + i, 80);
	ov_conn_purge(cw->w.host, other);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 200);
	ov_conn_purge(cw->w.host, cw->remote);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 0);
	conn_published(test, 1000, 80);
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
	struct ov_conn *conn = conn_published(test, 1000, 80);
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
	conn_kill(conn);
	KUNIT_EXPECT_EQ(test, sock_refs(sock), 0);
	sock_release(sock);
}

/* What the tests ask with does say no. */
static void conn_control(struct kunit *test)
{
	struct conn_world *cw = test->priv;
	struct ov_conn *conn = conn_published(test, 1000, 80);

	KUNIT_EXPECT_PTR_EQ(test, conn_find_ports(test, 1000, 80), conn);
	KUNIT_EXPECT_NULL(test, conn_find_ports(test, 1000, 81));
	KUNIT_EXPECT_TRUE(test, on_list(conn, &cw->w.host->gc[conn->shard].open));
	KUNIT_EXPECT_FALSE(test, on_list(conn, &cw->w.host->gc[conn->shard].half));
	KUNIT_EXPECT_EQ(test, gc_list_of(conn), OV_GC_OPEN);
	conn_kill(conn);
	KUNIT_EXPECT_NULL(test, conn_find_ports(test, 1000, 80));
	/* The remote endpoint and the local one hold the network. */
	KUNIT_EXPECT_FALSE(test, t_world_at_rest(&cw->w));
}

static struct kunit_case conn_cases[] = {
	KUNIT_CASE(conn_born),
	KUNIT_CASE(conn_not_born),
	KUNIT_CASE(conn_found_by_all_of_its_key),
	KUNIT_CASE(conn_exists_already),
	KUNIT_CASE(conn_discarded),
	KUNIT_CASE(conn_tuple_set),
	KUNIT_CASE(conn_tuple_replaced),
	KUNIT_CASE(conn_tuples_taken),
	KUNIT_CASE(conn_tuple_occupied),
	KUNIT_CASE(conn_killed),
	KUNIT_CASE_PARAM(conn_demoted, demote_gen_params),
	KUNIT_CASE(conn_proven),
	KUNIT_CASE(conn_resumed),
	KUNIT_CASE(conn_closes),
	KUNIT_CASE(conn_times_out),
	KUNIT_CASE(conn_purged),
	KUNIT_CASE(conn_remembers_sock),
	KUNIT_CASE(conn_control),
	{}
};

static struct kunit_suite conn_suite = {
	.name = "overlay_conn",
	.init = conn_init,
	.exit = conn_exit,
	.test_cases = conn_cases,
};

kunit_test_suite(conn_suite);
