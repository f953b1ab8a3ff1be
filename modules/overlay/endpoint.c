// SPDX-License-Identifier: GPL-2.0-only
/*
 * Overlay addresses and where they live. Endpoints never change: a move
 * replaces the object, so that a reader sees the old place or the new one.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/slab.h>

#include "conn.h"
#include "hook.h"
#include "host.h"
#include "network.h"
#include "nl.h"
#include "peer.h"

struct endpoint_key {
	u32 vni;
	struct ov_addr addr;
};

static u32 endpoint_hash(u32 vni, const struct ov_addr *addr, u32 seed)
{
	return jhash_2words(vni, ov_addr_fold(addr), seed);
}

static u32 endpoint_key_hash(const void *data, u32 len, u32 seed)
{
	const struct endpoint_key *key = data;

	return endpoint_hash(key->vni, &key->addr, seed);
}

static u32 endpoint_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct ov_endpoint *ep = data;

	return endpoint_hash(ep->vni, &ep->addr, seed);
}

static int endpoint_obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct endpoint_key *key = arg->key;
	const struct ov_endpoint *ep = obj;

	return ep->vni != key->vni || !ov_addr_equal(&ep->addr, &key->addr);
}

const struct rhashtable_params ov_endpoint_params = {
	.head_offset = offsetof(struct ov_endpoint, node),
	.key_len = sizeof(struct endpoint_key),
	.hashfn = endpoint_key_hash,
	.obj_hashfn = endpoint_obj_hash,
	.obj_cmpfn = endpoint_obj_cmp,
	.automatic_shrinking = true,
};

const struct rhashtable_params ov_endpoint_id_params = {
	.head_offset = offsetof(struct ov_endpoint, id_node),
	.key_offset = offsetof(struct ov_endpoint, id),
	.key_len = sizeof(u32),
	.automatic_shrinking = true,
};

static u32 site_key_hash(const void *data, u32 len, u32 seed)
{
	return jhash_1word(ov_addr_fold((const struct ov_addr *)data), seed);
}

static u32 site_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct ov_endpoint *ep = data;

	return jhash_1word(ov_addr_fold(&ep->addr), seed);
}

static int site_obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct ov_endpoint *ep = obj;

	return !ov_addr_equal(&ep->addr, (const struct ov_addr *)arg->key);
}

static const struct rhashtable_params site_params = {
	.head_offset = offsetof(struct ov_endpoint, site_node),
	.key_len = sizeof(struct ov_addr),
	.hashfn = site_key_hash,
	.obj_hashfn = site_obj_hash,
	.obj_cmpfn = site_obj_cmp,
	.automatic_shrinking = true,
};

/**
 * ov_endpoint_id() - the hint that stands for an endpoint in the SYN option
 * @vni: its network
 * @addr: its address
 *
 * Return: a hash that is the same on every host. Clashes are harmless: the
 * receiver tries each candidate against the tag.
 */
u32 ov_endpoint_id(u32 vni, const struct ov_addr *addr)
{
	u32 words[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = le32_to_cpu((__force __le32)addr->in6.s6_addr32[i]);
	return jhash2(words, ARRAY_SIZE(words), vni);
}

struct ov_endpoint *ov_endpoint_find(struct ov_host *host, u32 vni,
				     const struct ov_addr *addr)
{
	struct endpoint_key key = { .vni = vni, .addr = *addr };

	return rhashtable_lookup(&host->endpoints, &key, ov_endpoint_params);
}

struct ov_endpoint *ov_endpoint_local(struct ov_site *site,
				      const struct ov_addr *addr)
{
	return rhashtable_lookup(&site->locals, addr, site_params);
}

static void endpoint_free_rcu(struct rcu_head *head)
{
	struct ov_endpoint *ep = container_of(head, struct ov_endpoint, rcu);

	ov_network_put(ep->network);
	if (ep->peer)
		ov_peer_put(ep->peer);
	kfree(ep);
}

void ov_endpoint_put(struct ov_endpoint *ep)
{
	if (refcount_dec_and_test(&ep->ref))
		call_rcu(&ep->rcu, endpoint_free_rcu);
}

static struct ov_site *site_get(struct net *net, struct netlink_ext_ack *extack)
{
	struct ov_net *on = ov_net(net);
	struct ov_site *site;

	site = rcu_dereference_protected(on->site, lockdep_is_held(&ov_mutex));
	if (site)
		return site;
	site = kzalloc(sizeof(*site), GFP_KERNEL_ACCOUNT);
	if (!site)
		goto no_memory;
	site->net = net;
	if (rhashtable_init(&site->locals, &site_params)) {
		kfree(site);
		goto no_memory;
	}
	rcu_assign_pointer(on->site, site);
	return site;

no_memory:
	NL_SET_ERR_MSG(extack, "no memory for the container's namespace");
	return NULL;
}

/* Links a local endpoint into its namespace; the first one places the hooks. */
static int site_add(struct ov_endpoint *ep, struct netlink_ext_ack *extack)
{
	struct ov_site *site = site_get(ep->net, extack);
	int err;

	if (!site)
		return -ENOMEM;
	err = rhashtable_lookup_insert_key(&site->locals, &ep->addr,
					   &ep->site_node, site_params);
	if (err) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "an endpoint with this address lives in that namespace already");
		else
			NL_SET_ERR_MSG(extack, "no memory for the endpoint");
		return err;
	}
	if (!site->hooked) {
		err = ov_hook_site(site);
		if (err) {
			rhashtable_remove_fast(&site->locals, &ep->site_node,
					       site_params);
			NL_SET_ERR_MSG(extack, "the container's netfilter hooks cannot be placed");
			return err;
		}
		site->hooked = true;
	}
	site->n++;
	return 0;
}

static void site_del(struct ov_endpoint *ep)
{
	struct ov_site *site;

	site = rcu_dereference_protected(ov_net(ep->net)->site,
					 lockdep_is_held(&ov_mutex));
	rhashtable_remove_fast(&site->locals, &ep->site_node, site_params);
	if (!--site->n) {
		ov_unhook_site(site);
		site->hooked = false;
	}
}

/* Checks what a local endpoint names and puts it into @ep, held by nothing. */
static int endpoint_local_fill(struct ov_endpoint *ep, struct ov_host *host,
			       struct net *net, int ifindex,
			       struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	int err = 0;

	if (net == host->net) {
		NL_SET_ERR_MSG(extack, "an endpoint must live in another namespace than its underlay");
		return -EINVAL;
	}
	if (!check_net(net)) {
		NL_SET_ERR_MSG(extack, "the container's namespace is being removed");
		return -ENOENT;
	}
	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, ifindex);
	if (!dev || dev->reg_state != NETREG_REGISTERED) {
		NL_SET_ERR_MSG(extack, "no such device in the container's namespace");
		err = -ENODEV;
	} else if (dev->flags & IFF_LOOPBACK || dev->type != ARPHRD_ETHER) {
		NL_SET_ERR_MSG(extack, "the container's device must be an Ethernet device");
		err = -EINVAL;
	} else if (netif_is_l3_slave(dev) || netif_is_l3_master(dev)) {
		NL_SET_ERR_MSG(extack, "the container's device belongs to a VRF");
		err = -EOPNOTSUPP;
	}
	rcu_read_unlock();
	/* ov_mutex keeps the notifier from passing us: @dev stays registered. */
	ep->net = net;
	ep->dev = dev;
	return err;
}

static struct ov_endpoint *endpoint_make(struct ov_host *host,
					 struct ov_network *nw,
					 const struct ov_addr *addr,
					 const struct ov_addr *peer,
					 struct net *site, int ifindex,
					 struct netlink_ext_ack *extack)
{
	struct ov_endpoint *ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);
	int err;

	if (!ep) {
		NL_SET_ERR_MSG(extack, "no memory for the endpoint");
		return ERR_PTR(-ENOMEM);
	}
	ep->vni = nw->vni;
	ep->addr = *addr;
	ep->id = ov_endpoint_id(nw->vni, addr);
	refcount_set(&ep->ref, 1);
	if (peer) {
		if (ov_addr_equal(peer, &nw->underlay->cfg.addr)) {
			NL_SET_ERR_MSG(extack, "that is this host's own address: name the namespace and device");
			err = -EINVAL;
			goto free;
		}
		ep->peer = ov_peer_use(nw->underlay, peer);
		if (IS_ERR(ep->peer)) {
			NL_SET_ERR_MSG(extack, "no memory for the peer");
			err = PTR_ERR(ep->peer);
			goto free;
		}
	} else {
		err = endpoint_local_fill(ep, host, site, ifindex, extack);
		if (err)
			goto free;
	}
	ep->network = nw;
	refcount_inc(&nw->ref);
	return ep;

free:
	kfree(ep);
	return ERR_PTR(err);
}

/* Undoes endpoint_make() for an endpoint that no reader has seen or sees. */
static void endpoint_unmake(struct ov_endpoint *ep)
{
	if (ep->peer) {
		refcount_inc(&ep->peer->ref);
		ov_peer_unuse(ep->peer);
	}
	ov_endpoint_put(ep);
}

static int endpoint_link(struct ov_host *host, struct ov_endpoint *ep,
			 struct netlink_ext_ack *extack)
{
	struct endpoint_key key = { .vni = ep->vni, .addr = ep->addr };
	int err;

	if (ov_endpoint_is_local(ep)) {
		err = site_add(ep, extack);
		if (err)
			return err;
	}
	err = rhltable_insert(&host->endpoint_ids, &ep->id_node,
			      ov_endpoint_id_params);
	if (err)
		goto unsite;
	err = rhashtable_lookup_insert_key(&host->endpoints, &key, &ep->node,
					   ov_endpoint_params);
	if (err)
		goto unid;
	atomic_inc(&host->n_endpoints);
	ep->network->n_endpoints++;
	return 0;

unid:
	rhltable_remove(&host->endpoint_ids, &ep->id_node, ov_endpoint_id_params);
unsite:
	NL_SET_ERR_MSG(extack, "no memory for the endpoint");
	if (ov_endpoint_is_local(ep))
		site_del(ep);
	return err;
}

/*
 * A local endpoint's conns end here and now, while its namespace and device
 * are still there to find their sockets by; those of a remote one are reviewed.
 */
static void endpoint_unlink(struct ov_host *host, struct ov_endpoint *ep)
{
	rhashtable_remove_fast(&host->endpoints, &ep->node, ov_endpoint_params);
	rhltable_remove(&host->endpoint_ids, &ep->id_node, ov_endpoint_id_params);
	if (ov_endpoint_is_local(ep))
		site_del(ep);
	atomic_dec(&host->n_endpoints);
	ep->network->n_endpoints--;
	atomic_inc(&host->generation);
	if (ov_endpoint_is_local(ep)) {
		/* Those that were about to make a conn; none is, on a host's end. */
		if (!host->stopping)
			synchronize_net();
		ov_conn_purge(host, ep);
	}
	WRITE_ONCE(ep->dead, true);
	ov_host_review(host);
}

static void endpoint_remove(struct ov_host *host, struct ov_endpoint *ep)
{
	endpoint_unlink(host, ep);
	ov_nl_notify_endpoint(ep, host, OV_EVENT_DEL);
	endpoint_unmake(ep);
}

static struct ov_endpoint *endpoint_find_locked(struct ov_host *host, u32 vni,
						const struct ov_addr *addr)
{
	struct ov_endpoint *ep;

	lockdep_assert_held(&ov_mutex);
	rcu_read_lock();
	ep = ov_endpoint_find(host, vni, addr);
	rcu_read_unlock();
	return ep;
}

int ov_endpoint_add(struct net *net, u32 vni, const struct ov_addr *addr,
		    const struct ov_addr *peer, struct net *site, int ifindex,
		    struct netlink_ext_ack *extack)
{
	struct ov_endpoint *ep;
	struct ov_network *nw;
	struct ov_host *host;
	int err;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	if (endpoint_find_locked(host, vni, addr)) {
		NL_SET_ERR_MSG(extack, "the network has an endpoint with this address already");
		return -EEXIST;
	}
	ep = endpoint_make(host, nw, addr, peer, site, ifindex, extack);
	if (IS_ERR(ep))
		return PTR_ERR(ep);
	err = endpoint_link(host, ep, extack);
	if (err) {
		endpoint_unmake(ep);
		return err;
	}
	atomic_inc(&host->generation);
	ov_nl_notify_endpoint(ep, host, OV_EVENT_NEW);
	return 0;
}

int ov_endpoint_set(struct net *net, u32 vni, const struct ov_addr *addr,
		    const struct ov_addr *peer, struct net *site, int ifindex,
		    struct netlink_ext_ack *extack)
{
	struct ov_endpoint *old, *ep;
	struct ov_network *nw;
	struct ov_host *host;
	int err;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	old = endpoint_find_locked(host, vni, addr);
	if (!old) {
		NL_SET_ERR_MSG(extack, "the network has no endpoint with this address");
		return -ENOENT;
	}
	ep = endpoint_make(host, nw, addr, peer, site, ifindex, extack);
	if (IS_ERR(ep))
		return PTR_ERR(ep);
	/*
	 * The tables hold one of the two at a time. Should the new one not fit,
	 * the old one is put back where its memory still is.
	 */
	endpoint_unlink(host, old);
	err = endpoint_link(host, ep, extack);
	if (err) {
		endpoint_unmake(ep);
		synchronize_rcu();
		WRITE_ONCE(old->dead, false);
		if (endpoint_link(host, old, NULL)) {
			WRITE_ONCE(old->dead, true);
			ov_nl_notify_endpoint(old, host, OV_EVENT_DEL);
			endpoint_unmake(old);
		}
		return err;
	}
	ov_nl_notify_endpoint(ep, host, OV_EVENT_SET);
	endpoint_unmake(old);
	return 0;
}

int ov_endpoint_del(struct net *net, u32 vni, const struct ov_addr *addr,
		    struct netlink_ext_ack *extack)
{
	struct ov_endpoint *ep;
	struct ov_network *nw;
	struct ov_host *host;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	ep = endpoint_find_locked(host, vni, addr);
	if (!ep) {
		NL_SET_ERR_MSG(extack, "the network has no endpoint with this address");
		return -ENOENT;
	}
	endpoint_remove(host, ep);
	return 0;
}

/* Removes what @match says of a host's endpoints. */
static void endpoint_remove_if(struct ov_host *host,
			       bool (*match)(const struct ov_endpoint *ep,
					     const void *arg),
			       const void *arg)
{
	struct rhashtable_iter iter;
	struct ov_endpoint *ep;

	bool again;

	lockdep_assert_held(&ov_mutex);
	/* A removal during the walk may make it pass over a neighbour. */
	do {
		again = false;
		rhashtable_walk_enter(&host->endpoints, &iter);
		rhashtable_walk_start(&iter);
		while ((ep = rhashtable_walk_next(&iter))) {
			if (IS_ERR(ep) || !match(ep, arg))
				continue;
			/* Only ov_mutex' holder removes: @ep stays without RCU. */
			rhashtable_walk_stop(&iter);
			endpoint_remove(host, ep);
			cond_resched();
			again = true;
			rhashtable_walk_start(&iter);
		}
		rhashtable_walk_stop(&iter);
		rhashtable_walk_exit(&iter);
	} while (again);
}

static bool match_network(const struct ov_endpoint *ep, const void *arg)
{
	return ep->network == arg;
}

static bool match_any(const struct ov_endpoint *ep, const void *arg)
{
	return true;
}

int ov_endpoint_flush(struct net *net, u32 vni, struct netlink_ext_ack *extack)
{
	struct ov_network *nw;
	struct ov_host *host;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	endpoint_remove_if(host, match_network, nw);
	return 0;
}

/* The end of a host. */
void ov_endpoint_remove_all(struct ov_host *host)
{
	endpoint_remove_if(host, match_any, NULL);
}

/**
 * ov_endpoint_purge() - a container's namespace or device goes away
 * @net: the namespace
 * @dev: the device, or NULL for all
 *
 * Their conns end here and now, because what they point to is about to.
 *
 * Context: ov_mutex; for a device also RTNL.
 */
void ov_endpoint_purge(struct net *net, const struct net_device *dev)
{
	struct rhashtable_iter iter;
	struct ov_endpoint *ep;
	struct ov_site *site;
	bool again;

	site = rcu_dereference_protected(ov_net(net)->site,
					 lockdep_is_held(&ov_mutex));
	if (!site)
		return;
	do {
		again = false;
		rhashtable_walk_enter(&site->locals, &iter);
		rhashtable_walk_start(&iter);
		while ((ep = rhashtable_walk_next(&iter))) {
			struct ov_host *host;

			if (IS_ERR(ep) || (dev && ep->dev != dev))
				continue;
			rhashtable_walk_stop(&iter);
			host = ep->network->underlay->host;
			endpoint_remove(host, ep);
			again = true;
			rhashtable_walk_start(&iter);
		}
		rhashtable_walk_stop(&iter);
		rhashtable_walk_exit(&iter);
	} while (again);
}

void ov_site_free(struct ov_net *on)
{
	struct ov_site *site = rcu_dereference_protected(on->site, true);

	if (!site)
		return;
	RCU_INIT_POINTER(on->site, NULL);
	rhashtable_destroy(&site->locals);
	kfree_rcu(site, rcu);
}
