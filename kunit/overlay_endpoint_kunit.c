// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endpoints: the hints that stand for them in the SYN option, and how they come,
 * move and go. All are remote ones, so that no container is needed.
 */
#include <linux/slab.h>

#include "../modules/overlay/conn.h"
#include "../modules/overlay/host.h"
#include "../modules/overlay/peer.h"
#include "overlay_fixture.h"

struct id_case {
	const char *name;
	u32 vni;
	u8 addr[16];
	u32 id;
};

/* As computed by another implementation. */
static const struct id_case id_cases[] = {
	{ "IPv4", 7, { [10] = 0xff, 0xff, 10, 1, 2, 3 }, 0x5d345787 },
	{ "IPv4 in another network", 8, { [10] = 0xff, 0xff, 10, 1, 2, 3 }, 0xffb58e5f },
	{ "IPv6", 7, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, 0xd7f2ac44 },
	{ "zeros", 1, {}, 0x295835ff },
};

static void id_desc(const struct id_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(id, id_cases, id_desc);

static void endpoint_id(struct kunit *test)
{
	const struct id_case *c = test->param_value;
	struct ov_addr addr;

	memcpy(&addr, c->addr, sizeof(addr));
	KUNIT_EXPECT_EQ(test, ov_endpoint_id(c->vni, &addr), c->id);
}

static void endpoint_id_depends(struct kunit *test)
{
	const struct ov_addr base = t_ip4(10, 0, 0, 1);
	u32 id = ov_endpoint_id(T_VNI, &base);
	struct ov_addr addr = base;
	unsigned int bit;

	KUNIT_EXPECT_EQ(test, ov_endpoint_id(T_VNI, &addr), id);
	for (bit = 0; bit < 128; bit++) {
		addr.in6.s6_addr[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_NE(test, ov_endpoint_id(T_VNI, &addr), id);
		addr = base;
	}
	for (bit = 0; bit < 24; bit++)
		KUNIT_EXPECT_NE(test, ov_endpoint_id(T_VNI ^ BIT(bit), &addr), id);
}

/* Of the 4096 values of the upper 12 bits, how many a /20 meets. */
static unsigned int id_spread(u32 (*id)(u32 vni, const struct ov_addr *addr))
{
	unsigned long seen[BITS_TO_LONGS(4096)] = {};
	unsigned int i;

	for (i = 0; i < 4096; i++) {
		struct ov_addr addr = t_ip4(10, 0, i >> 8, i & 255);

		__set_bit(id(T_VNI, &addr) >> 20, seen);
	}
	return bitmap_weight(seen, 4096);
}

/* 4096 balls in 4096 bins meet 2589 of them, give or take some tens. */
static void endpoint_id_spreads(struct kunit *test)
{
	unsigned int n = id_spread(ov_endpoint_id);

	KUNIT_EXPECT_GT(test, n, 2450);
	KUNIT_EXPECT_LT(test, n, 2730);
}

static int add(const struct ov_addr *addr,
	       const struct ov_addr *peer)
{
	int err;

	mutex_lock(&ov_mutex);
	err = ov_endpoint_add(&init_net, T_VNI, addr, peer, NULL, 0, NULL);
	mutex_unlock(&ov_mutex);
	return err;
}

static int del(const struct ov_addr *addr)
{
	int err;

	mutex_lock(&ov_mutex);
	err = ov_endpoint_del(&init_net, T_VNI, addr, NULL);
	mutex_unlock(&ov_mutex);
	return err;
}

/* Only to compare with: what it points to may go. */
static struct ov_endpoint *find(struct kunit *test, u32 vni,
				const struct ov_addr *addr)
{
	struct t_world *world = test->priv;
	struct ov_endpoint *ep;

	rcu_read_lock();
	ep = ov_endpoint_find(world->host, vni, addr);
	rcu_read_unlock();
	return ep;
}

static bool has_peer(struct kunit *test, const struct ov_addr *addr)
{
	struct t_world *world = test->priv;
	bool has;

	rcu_read_lock();
	has = ov_peer_find(world->ul, addr);
	rcu_read_unlock();
	return has;
}

static unsigned int candidates(struct kunit *test, u32 id)
{
	struct t_world *world = test->priv;
	struct rhlist_head *list, *pos;
	struct ov_endpoint *ep;
	unsigned int n = 0;

	rcu_read_lock();
	list = rhltable_lookup(&world->host->endpoint_ids, &id,
			       ov_endpoint_id_params);
	rhl_for_each_entry_rcu(ep, pos, list, id_node)
		n += ep->id == id;
	rcu_read_unlock();
	return n;
}

static void endpoint_found(struct kunit *test)
{
	struct ov_addr a = t_ip4(10, 0, 0, 1), b = t_ip4(10, 0, 0, 2);
	struct ov_addr six = t_ip6(0x20010db8, 1), peer = T_PEER;
	struct t_world *world = test->priv;

	KUNIT_EXPECT_EQ(test, add(&a, &peer), 0);
	KUNIT_EXPECT_EQ(test, add(&six, &peer), 0);
	KUNIT_EXPECT_NOT_NULL(test, find(test, T_VNI, &a));
	KUNIT_EXPECT_NOT_NULL(test, find(test, T_VNI, &six));
	KUNIT_EXPECT_PTR_NE(test, find(test, T_VNI, &a), find(test, T_VNI, &six));
	KUNIT_EXPECT_NULL(test, find(test, T_VNI + 1, &a));
	KUNIT_EXPECT_NULL(test, find(test, T_VNI, &b));
	KUNIT_EXPECT_EQ(test, world->nw->n_endpoints, 2);
	KUNIT_EXPECT_EQ(test, candidates(test, ov_endpoint_id(T_VNI, &a)), 1);
	KUNIT_EXPECT_EQ(test, candidates(test, ov_endpoint_id(T_VNI, &b)), 0);
	KUNIT_EXPECT_EQ(test, del(&a), 0);
	KUNIT_EXPECT_NULL(test, find(test, T_VNI, &a));
	KUNIT_EXPECT_EQ(test, candidates(test, ov_endpoint_id(T_VNI, &a)), 0);
	KUNIT_EXPECT_TRUE(test, has_peer(test, &peer));
	KUNIT_EXPECT_EQ(test, del(&six), 0);
	KUNIT_EXPECT_FALSE(test, has_peer(test, &peer));
	KUNIT_EXPECT_TRUE(test, t_world_at_rest(world));
}

/* Two addresses of the network with one hint. */
static void endpoint_clash(struct kunit *test)
{
	struct ov_addr a = t_ip4(10, 2, 1, 141), b = t_ip4(10, 4, 13, 143);
	struct ov_addr peer = T_PEER, peer2 = T_PEER2;
	u32 id = ov_endpoint_id(T_VNI, &a);

	KUNIT_ASSERT_EQ(test, ov_endpoint_id(T_VNI, &b), id);
	KUNIT_EXPECT_EQ(test, add(&a, &peer), 0);
	KUNIT_EXPECT_EQ(test, add(&b, &peer2), 0);
	KUNIT_EXPECT_EQ(test, candidates(test, id), 2);
	KUNIT_EXPECT_NOT_NULL(test, find(test, T_VNI, &a));
	KUNIT_EXPECT_NOT_NULL(test, find(test, T_VNI, &b));
	KUNIT_EXPECT_PTR_NE(test, find(test, T_VNI, &a), find(test, T_VNI, &b));
	KUNIT_EXPECT_EQ(test, del(&a), 0);
	KUNIT_EXPECT_EQ(test, candidates(test, id), 1);
	KUNIT_EXPECT_NULL(test, find(test, T_VNI, &a));
	KUNIT_EXPECT_NOT_NULL(test, find(test, T_VNI, &b));
	KUNIT_EXPECT_EQ(test, add(&a, &peer), 0);
	KUNIT_EXPECT_EQ(test, candidates(test, id), 2);
}

static void endpoint_moves(struct kunit *test)
{
	struct ov_addr a = t_ip4(10, 0, 0, 1), peer = T_PEER, peer2 = T_PEER2;
	struct ov_endpoint *old, *new;

	KUNIT_ASSERT_EQ(test, add(&a, &peer), 0);
	mutex_lock(&ov_mutex);
	old = find(test, T_VNI, &a);
	refcount_inc(&old->ref);
	KUNIT_EXPECT_EQ(test, ov_endpoint_set(&init_net, T_VNI, &a, &peer2, NULL,
					      0, NULL), 0);
	new = find(test, T_VNI, &a);
	KUNIT_EXPECT_PTR_NE(test, old, new);
	KUNIT_EXPECT_TRUE(test, old->dead);
	KUNIT_EXPECT_FALSE(test, new->dead);
	KUNIT_EXPECT_TRUE(test, ov_addr_equal(&new->peer->addr, &peer2));
	KUNIT_EXPECT_TRUE(test, ov_addr_equal(&old->peer->addr, &peer));
	mutex_unlock(&ov_mutex);
	KUNIT_EXPECT_FALSE(test, has_peer(test, &peer));
	KUNIT_EXPECT_EQ(test, candidates(test, new->id), 1);
	ov_endpoint_put(old);
}

static void endpoint_flush(struct kunit *test)
{
	struct t_world *world = test->priv;
	struct ov_addr peer = T_PEER;
	unsigned int i;

	for (i = 0; i < 300; i++) {
		struct ov_addr a = t_ip4(10, 0, i >> 8, i & 255);

		KUNIT_ASSERT_EQ(test, add(&a, &peer), 0);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&world->host->n_endpoints), 300);
	mutex_lock(&ov_mutex);
	KUNIT_EXPECT_EQ(test, ov_endpoint_flush(&init_net, T_VNI, NULL), 0);
	mutex_unlock(&ov_mutex);
	KUNIT_EXPECT_FALSE(test, has_peer(test, &peer));
	KUNIT_EXPECT_TRUE(test, t_world_at_rest(world));
}

struct refusal {
	const char *name;
	bool set;
	bool local;
	u32 vni;
	u8 last;
	u8 peer;
	int err;
};

static const struct refusal refusals[] = {
	{ "there already", false, false, T_VNI, 1, 2, -EEXIST },
	{ "there already, elsewhere", false, false, T_VNI, 1, 3, -EEXIST },
	{ "no such network", false, false, T_VNI + 1, 9, 2, -ENOENT },
	{ "this host as peer", false, false, T_VNI, 9, 1, -EINVAL },
	{ "local in the host's namespace", false, true, T_VNI, 9, 0, -EINVAL },
	{ "nothing to move", true, false, T_VNI, 9, 3, -ENOENT },
	{ "move in no network", true, false, T_VNI + 1, 1, 3, -ENOENT },
	{ "move to this host as peer", true, false, T_VNI, 1, 1, -EINVAL },
	{ "move into the host's namespace", true, true, T_VNI, 1, 0, -EINVAL },
};

static void refusal_desc(const struct refusal *r, char *desc)
{
	strscpy(desc, r->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusal, refusals, refusal_desc);

/* Each says why, and the endpoint that is there stays as it is. */
static void endpoint_refusals(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct ov_addr a = t_ip4(10, 0, 0, 1), addr = t_ip4(10, 0, 0, r->last);
	struct ov_addr first = T_PEER, peer = t_ip4(192, 0, 2, r->peer);
	struct t_world *world = test->priv;
	struct netlink_ext_ack extack = {};
	struct ov_endpoint *before;
	int err;

	KUNIT_ASSERT_EQ(test, add(&a, &first), 0);
	before = find(test, T_VNI, &a);
	mutex_lock(&ov_mutex);
	if (r->set)
		err = ov_endpoint_set(&init_net, r->vni, &addr,
				      r->local ? NULL : &peer, &init_net, 1, &extack);
	else
		err = ov_endpoint_add(&init_net, r->vni, &addr,
				      r->local ? NULL : &peer, &init_net, 1, &extack);
	mutex_unlock(&ov_mutex);
	KUNIT_EXPECT_EQ(test, err, r->err);
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	KUNIT_EXPECT_PTR_EQ(test, find(test, T_VNI, &a), before);
	KUNIT_EXPECT_FALSE(test, before->dead);
	KUNIT_EXPECT_EQ(test, world->nw->n_endpoints, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&world->host->n_endpoints), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&world->ul->peers.nelems), 1);
}

static void endpoint_nothing_to_remove(struct kunit *test)
{
	struct ov_addr a = t_ip4(10, 0, 0, 1);
	struct netlink_ext_ack extack = {};

	mutex_lock(&ov_mutex);
	KUNIT_EXPECT_EQ(test, ov_endpoint_del(&init_net, T_VNI, &a, &extack), -ENOENT);
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	KUNIT_EXPECT_EQ(test, ov_endpoint_del(&init_net, T_VNI + 1, &a, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, ov_endpoint_flush(&init_net, T_VNI + 1, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, ov_endpoint_flush(&init_net, T_VNI, NULL), 0);
	mutex_unlock(&ov_mutex);
}

static u32 id_of_last_byte(u32 vni, const struct ov_addr *addr)
{
	return (u32)addr->in6.s6_addr[15] << 20;
}

/* A hint of too few bits does not spread, and a reference kept is seen. */
static void endpoint_control(struct kunit *test)
{
	struct t_world *world = test->priv;

	KUNIT_EXPECT_LT(test, id_spread(id_of_last_byte), 2450);
	KUNIT_EXPECT_TRUE(test, t_world_at_rest(world));
	refcount_inc(&world->nw->ref);
	KUNIT_EXPECT_FALSE(test, t_world_at_rest(world));
	refcount_dec(&world->nw->ref);
	KUNIT_EXPECT_TRUE(test, t_world_at_rest(world));
}

static struct kunit_case endpoint_cases[] = {
	KUNIT_CASE_PARAM(endpoint_id, id_gen_params),
	KUNIT_CASE(endpoint_id_depends),
	KUNIT_CASE(endpoint_id_spreads),
	KUNIT_CASE(endpoint_found),
	KUNIT_CASE(endpoint_clash),
	KUNIT_CASE(endpoint_moves),
	KUNIT_CASE(endpoint_flush),
	KUNIT_CASE_PARAM(endpoint_refusals, refusal_gen_params),
	KUNIT_CASE(endpoint_nothing_to_remove),
	KUNIT_CASE(endpoint_control),
	{}
};

static struct kunit_suite endpoint_suite = {
	.name = "overlay_endpoint",
	.init = t_world_init,
	.exit = t_world_exit,
	.test_cases = endpoint_cases,
};

kunit_test_suite(endpoint_suite);
