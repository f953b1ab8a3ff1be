// SPDX-License-Identifier: GPL-2.0-only
/*
 * Conns: what the tables know of them, their underlay tuples, their end, and
 * that they let go of all that they held.
 */
#include "overlay_conns.h"

static void conn_born(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_new(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, conn->path, OV_PATH_FALLBACK);
	KUNIT_EXPECT_EQ(test, conn->state, OV_CONN_OPEN);
	KUNIT_EXPECT_EQ(test, conn->reason, OV_REASON_NONE);
	KUNIT_EXPECT_FALSE(test, conn->proven || conn->killed || conn->in_u);
	KUNIT_EXPECT_LT(test, conn->shard, OV_GC_SHARDS);
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->local->ref), 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->remote->ref), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->conns), 1);
	/* Nobody knows it yet. */
	KUNIT_EXPECT_NULL(test, t_conn_find_ports(test, 1000, 80));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 0);
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), -1);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_find_ports(test, 1000, 80), conn);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 1);
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), OV_GC_OPEN);
}

static void conn_not_born(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_endpoint *dying = t_local_new(cw->w.nw);
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
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_published(test, 1000, 80);
	struct ov_tuple o = conn->o;
	unsigned int i;

	for (i = 0; i < sizeof(o) * 8; i++) {
		((u8 *)&o)[i / 8] ^= BIT(i % 8);
		KUNIT_EXPECT_NULL(test, t_conn_find(test, &o));
		((u8 *)&o)[i / 8] ^= BIT(i % 8);
	}
	KUNIT_EXPECT_NULL(test, UNDER_RCU(ov_conn_find(cw->w.host, T_VNI + 1, &o)));
	KUNIT_EXPECT_PTR_EQ(test, t_conn_find(test, &o), conn);
	swap(o.local, o.remote);
	swap(o.lport, o.rport);
	KUNIT_EXPECT_NULL(test, t_conn_find(test, &o));
}

static void conn_exists_already(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *first = t_conn_published(test, 1000, 80);
	struct ov_conn *second = t_conn_half(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, t_conn_set(second, 40000, 7000), 0);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, 40000, 7000), second);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(second, false)), -EEXIST);
	/* The second one is gone with its tuple and its place among the halves. */
	KUNIT_EXPECT_NULL(test, t_conn_at(test, 40000, 7000));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 1);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_find_ports(test, 1000, 80), first);
	/* Unless it may take the first one's place. */
	second = t_conn_half(test, 1000, 80);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(second, true)), 0);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_find_ports(test, 1000, 80), second);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 1);
}

static void conn_discarded(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_half(test, 1000, 80);

	KUNIT_EXPECT_EQ(test, t_conn_set(conn, 40000, 7000), 0);
	rcu_read_lock();
	ov_conn_discard(conn);
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, t_conn_at(test, 40000, 7000));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	ov_objects_wait();
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->conns), 0);
}

static void conn_tuple_set(struct kunit *test)
{
	struct ov_conn *a = t_conn_published(test, 1000, 80);
	struct ov_conn *b = t_conn_published(test, 1001, 80);
	struct ov_csum_diff diff;
	struct ov_tuple u = t_underlay(40000, 7000);

	KUNIT_EXPECT_EQ(test, t_conn_set(a, 40000, 7000), 0);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, 40000, 7000), a);
	diff = ov_rewrite_diff(&a->o, &u);
	KUNIT_EXPECT_EQ(test, memcmp(&diff, &a->diff, sizeof(diff)), 0);
	/* Of another conn; a second one for the same conn. */
	KUNIT_EXPECT_EQ(test, t_conn_set(b, 40000, 7000), -EEXIST);
	KUNIT_EXPECT_FALSE(test, b->in_u);
	KUNIT_EXPECT_EQ(test, t_conn_set(a, 40001, 7000), -ESTALE);
	KUNIT_EXPECT_NULL(test, t_conn_at(test, 40001, 7000));
	/* The same ports to another suite port are another tuple. */
	KUNIT_EXPECT_EQ(test, t_conn_set(b, 40000, 7001), 0);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, 40000, 7000), a);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, 40000, 7001), b);
}

/* The peer uses the tuple anew: the old conn leaves it to another. */
static void conn_tuple_replaced(struct kunit *test)
{
	struct ov_conn *old = t_conn_published(test, 1000, 80);
	struct ov_conn *new = t_conn_published(test, 1001, 80);

	old->path = OV_PATH_FAST;
	KUNIT_EXPECT_EQ(test, t_conn_set(old, 40000, 7000), 0);
	KUNIT_EXPECT_TRUE(test, UNDER_RCU(ov_conn_demote(old, OV_REASON_TUPLE_TAKEN)));
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, 40000, 7000), old);
	ov_conn_clear_tuple(old);
	KUNIT_EXPECT_NULL(test, t_conn_at(test, 40000, 7000));
	ov_conn_clear_tuple(old);
	KUNIT_EXPECT_EQ(test, t_conn_set(new, 40000, 7000), 0);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, 40000, 7000), new);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_find_ports(test, 1000, 80), old);
	KUNIT_EXPECT_EQ(test, t_conn_set(old, 40001, 7000), 0);
}

static int conn_take(struct ov_conn *conn)
{
	return UNDER_RCU(ov_conn_take_tuple(conn));
}

/* All tuples of the world, each once; then none; one that was freed rests. */
static void conn_tuples_taken(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	u64 exhausted = t_counter(cw, OV_STAT_PORTS_EXHAUSTED);
	struct ov_conn *conn[T_PORT_N * T_SPORT_N + 1];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(conn); i++) {
		conn[i] = t_conn_published(test, 1000 + i, 80);
		KUNIT_EXPECT_EQ(test, conn_take(conn[i]),
				i < ARRAY_SIZE(conn) - 1 ? 0 : -ENOSPC);
	}
	KUNIT_EXPECT_EQ(test, t_counter(cw, OV_STAT_PORTS_EXHAUSTED), exhausted + 1);
	for (i = 0; i < ARRAY_SIZE(conn) - 1; i++)
		KUNIT_EXPECT_NOT_NULL(test, t_conn_at(test, T_SPORT_LO + i % T_SPORT_N,
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
	struct ov_conn *theirs = t_conn_published(test, 999, 80), *conn;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, t_conn_set(theirs, T_SPORT_LO + 1, T_PORT_LO), 0);
	for (i = 0; i < T_PORT_N * T_SPORT_N - 1; i++) {
		conn = t_conn_published(test, 1000 + i, 80);
		KUNIT_EXPECT_EQ(test, conn_take(conn), 0);
		KUNIT_EXPECT_FALSE(test, ov_tuple_equal(&conn->u, &theirs->u));
	}
	conn = t_conn_published(test, 1000 + i, 80);
	KUNIT_EXPECT_EQ(test, conn_take(conn), -ENOSPC);
	/* It was not ours, so it does not go to the pool. */
	ov_conn_clear_tuple(theirs);
	KUNIT_EXPECT_EQ(test, conn_take(conn), -ENOSPC);
}

static void conn_killed(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_half(test, 1000, 80);
	u16 rport, lport;

	KUNIT_EXPECT_EQ(test, conn_take(conn), 0);
	KUNIT_EXPECT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	lport = ntohs(conn->u.lport);
	rport = ntohs(conn->u.rport);
	KUNIT_EXPECT_PTR_EQ(test, t_conn_at(test, lport, rport), conn);
	/* Twice, by two who found it; a tuple and a path come too late. */
	rcu_read_lock();
	ov_conn_kill(conn);
	ov_conn_kill(conn);
	KUNIT_EXPECT_EQ(test, t_conn_set(conn, lport, rport), -ESTALE);
	KUNIT_EXPECT_EQ(test, ov_conn_take_tuple(conn), -ESTALE);
	KUNIT_EXPECT_FALSE(test, ov_conn_demote(conn, OV_REASON_RESET));
	ov_conn_prove(conn);
	KUNIT_EXPECT_FALSE(test, conn->proven);
	ov_conn_fin(conn, OV_FIN_OURS);
	ov_conn_fin(conn, OV_FIN_THEIRS);
	ov_conn_close(conn);
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), -1);
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, t_conn_at(test, lport, rport));
	KUNIT_EXPECT_NULL(test, t_conn_find_ports(test, 1000, 80));
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->w.host->n_conns), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->half), 0);
	ov_objects_wait();
	KUNIT_EXPECT_EQ(test, refcount_read(&cw->local->ref), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&cw->peer->conns), 0);
}

/* What the tests ask with does say no. */
static void conn_control(struct kunit *test)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_published(test, 1000, 80);

	KUNIT_EXPECT_PTR_EQ(test, t_conn_find_ports(test, 1000, 80), conn);
	KUNIT_EXPECT_NULL(test, t_conn_find_ports(test, 1000, 81));
	KUNIT_EXPECT_TRUE(test, t_on_list(conn, &cw->w.host->gc[conn->shard].open));
	KUNIT_EXPECT_FALSE(test, t_on_list(conn, &cw->w.host->gc[conn->shard].half));
	KUNIT_EXPECT_EQ(test, t_gc_list(conn), OV_GC_OPEN);
	t_conn_kill(conn);
	KUNIT_EXPECT_NULL(test, t_conn_find_ports(test, 1000, 80));
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
	KUNIT_CASE(conn_control),
	{}
};

static struct kunit_suite conn_suite = {
	.name = "overlay_conn",
	.init = t_conns_init,
	.exit = t_conns_exit,
	.test_cases = conn_cases,
};

kunit_test_suite(conn_suite);
