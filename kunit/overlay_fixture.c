// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit tests of ashlar_overlay share: random addresses, and a small
 * world of objects.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "../modules/overlay/conn.h"
#include "../modules/overlay/host.h"
#include "../modules/overlay/peer.h"
#include "../modules/overlay/policy.h"
#include "overlay_fixture.h"

struct ov_addr t_random_ip4(struct rnd_state *rnd)
{
	struct ov_addr addr;

	ov_addr_init4(&addr, (__force __be32)prandom_u32_state(rnd));
	return addr;
}

struct ov_tuple t_random_tuple(struct rnd_state *rnd)
{
	u32 ports = prandom_u32_state(rnd);

	return (struct ov_tuple){
		.local = t_random_ip4(rnd),
		.remote = t_random_ip4(rnd),
		.lport = htons(ports >> 16),
		.rport = htons(ports),
	};
}

static struct ov_underlay *underlay_make(struct ov_host *host)
{
	struct ov_underlay *ul = kzalloc(sizeof(*ul), GFP_KERNEL);

	if (!ul)
		return NULL;
	if (rhashtable_init(&ul->peers, &ov_peer_params)) {
		kfree(ul);
		return NULL;
	}
	ul->host = host;
	ul->cfg = (struct ov_underlay_cfg){
		.name = "test",
		.addr = T_HOST,
		.port_lo = T_PORT_LO,
		.port_n = T_PORT_N,
		.sport_lo = T_SPORT_LO,
		.sport_n = T_SPORT_N,
		.rest_ms = 600000,
		.hello_s = 60,
		.half_max = 16,
	};
	refcount_set(&ul->ref, 1);
	return ul;
}

static void underlay_free(struct ov_underlay *ul)
{
	rhashtable_destroy(&ul->peers);
	kfree(ul);
}

static struct ov_network *network_make(struct ov_underlay *ul)
{
	struct ov_network *nw = kzalloc(sizeof(*nw), GFP_KERNEL);
	struct ov_policies *p = ov_policies_new(true);

	if (!nw || !p) {
		kfree(nw);
		ov_policies_free(p);
		return NULL;
	}
	nw->vni = T_VNI;
	nw->underlay = ul;
	refcount_inc(&ul->ref);
	RCU_INIT_POINTER(nw->policies, p);
	refcount_set(&nw->ref, 1);
	return nw;
}

int t_world_init(struct kunit *test)
{
	struct t_world *world = kunit_kzalloc(test, sizeof(*world), GFP_KERNEL);

	if (!world)
		return -ENOMEM;
	mutex_lock(&ov_mutex);
	world->host = ov_host_make(&init_net);
	if (world->host)
		world->ul = underlay_make(world->host);
	if (world->ul)
		world->nw = network_make(world->ul);
	if (world->nw)
		list_add_tail_rcu(&world->nw->list, &world->host->networks);
	mutex_unlock(&ov_mutex);
	if (!world->nw) {
		if (world->ul)
			underlay_free(world->ul);
		return -ENOMEM;
	}
	test->priv = world;
	return 0;
}

bool t_world_at_rest(const struct t_world *world)
{
	ov_objects_wait();
	return refcount_read(&world->ul->ref) == 2 &&
	       refcount_read(&world->nw->ref) == 1 &&
	       !world->nw->n_endpoints &&
	       !atomic_read(&world->host->n_conns) &&
	       !atomic_read(&world->host->n_endpoints) &&
	       !atomic_read(&world->host->by_underlay.nelems);
}

void t_world_exit(struct kunit *test)
{
	struct t_world *world = test->priv;

	if (!world)
		return;
	ov_conn_purge(world->host, NULL);
	mutex_lock(&ov_mutex);
	ov_endpoint_flush(&init_net, T_VNI, NULL);
	list_del_rcu(&world->nw->list);
	mutex_unlock(&ov_mutex);
	if (!t_world_at_rest(world)) {
		/* Who still holds it might use it, so it stays. */
		KUNIT_FAIL(test, "something holds the network or the underlay");
		return;
	}
	flush_delayed_work(&world->host->review);
	ov_policies_free(rcu_dereference_protected(world->nw->policies, true));
	kfree(world->nw);
	underlay_free(world->ul);
}

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Unit tests of ashlar_overlay");
MODULE_AUTHOR("The Ashlar authors");
MODULE_IMPORT_NS(ASHLAR_OVERLAY_TEST);
