// SPDX-License-Identifier: GPL-2.0-only
/* Conns without packets, as overlay_conns.h says. */
#include <linux/slab.h>

#include "overlay_conns.h"

struct ov_endpoint *t_local_new(struct ov_network *nw)
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

int t_conns_init(struct kunit *test)
{
	const struct ov_addr addr = t_ip4(10, 0, 0, 2), peer = T_PEER;
	struct t_conns *cw = kunit_kzalloc(test, sizeof(*cw), GFP_KERNEL);
	int err;

	if (!cw)
		return -ENOMEM;
	err = t_world_init(test);
	if (err)
		return err;
	cw->w = *(struct t_world *)test->priv;
	test->priv = cw;
	cw->local = t_local_new(cw->w.nw);
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
void t_conns_exit(struct kunit *test)
{
	struct t_conns *cw = test->priv;

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

u64 t_counter(const struct t_conns *cw, enum ov_stat stat)
{
	u64 sum[OV_STAT_MAX];

	ov_stats_sum(cw->w.host->stats, sum);
	return sum[stat];
}

struct ov_conn *t_conn_new(struct kunit *test, u16 lport, u16 rport)
{
	struct t_conns *cw = test->priv;
	struct ov_tuple o = t_overlay(lport, rport);
	struct ov_conn *conn;

	conn = UNDER_RCU(ov_conn_new(cw->local, cw->remote, &o));
	KUNIT_ASSERT_NOT_NULL(test, conn);
	return conn;
}

struct ov_conn *t_conn_published(struct kunit *test, u16 lport, u16 rport)
{
	struct ov_conn *conn = t_conn_new(test, lport, rport);

	KUNIT_ASSERT_EQ(test, UNDER_RCU(ov_conn_publish(conn, false)), 0);
	return conn;
}

/* A server's half, as a SYN makes it. */
struct ov_conn *t_conn_half(struct kunit *test, u16 lport, u16 rport)
{
	struct t_conns *cw = test->priv;
	struct ov_conn *conn = t_conn_new(test, lport, rport);

	atomic_inc(&cw->peer->half);
	conn->half = true;
	conn->server = true;
	conn->state = OV_CONN_SYN_RECV;
	conn->path = OV_PATH_FAST;
	return conn;
}

int t_conn_set(struct ov_conn *conn, u16 lport, u16 rport)
{
	struct ov_tuple u = t_underlay(lport, rport);

	return UNDER_RCU(ov_conn_set_tuple(conn, &u));
}

struct ov_conn *t_conn_at(struct kunit *test, u16 lport, u16 rport)
{
	struct t_conns *cw = test->priv;
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

struct ov_conn *t_conn_find(struct kunit *test, const struct ov_tuple *o)
{
	struct t_conns *cw = test->priv;

	return UNDER_RCU(ov_conn_find(cw->w.host, T_VNI, o));
}

struct ov_conn *t_conn_find_ports(struct kunit *test, u16 lport, u16 rport)
{
	struct ov_tuple o = t_overlay(lport, rport);

	return t_conn_find(test, &o);
}

void t_conn_kill(struct ov_conn *conn)
{
	rcu_read_lock();
	ov_conn_kill(conn);
	rcu_read_unlock();
}

bool t_on_list(const struct ov_conn *conn, const struct list_head *head)
{
	const struct ov_conn *pos;

	list_for_each_entry(pos, head, gc) {
		if (pos == conn)
			return true;
	}
	return false;
}

/* In which list of its shard a conn is, or -1. */
int t_gc_list(const struct ov_conn *conn)
{
	struct ov_gc *gc = &conn->host->gc[conn->shard];
	int list = -1;

	spin_lock_bh(&gc->lock);
	if (t_on_list(conn, &gc->half))
		list = OV_GC_HALF;
	else if (t_on_list(conn, &gc->open))
		list = OV_GC_OPEN;
	else if (t_on_list(conn, &gc->closing))
		list = OV_GC_CLOSING;
	spin_unlock_bh(&gc->lock);
	return list;
}
