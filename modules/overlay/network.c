// SPDX-License-Identifier: GPL-2.0-only
/*
 * Overlay networks: what ties a VNI to the underlay that carries it and to the
 * policies that rule it.
 */
#include <linux/slab.h>

#include "network.h"
#include "nl.h"
#include "policy.h"

/* RCU or ov_mutex. */
struct ov_network *ov_network_find(struct ov_host *host, u32 vni)
{
	struct ov_network *nw;

	list_for_each_entry_rcu(nw, &host->networks, list,
				lockdep_is_held(&ov_mutex)) {
		if (nw->vni == vni)
			return nw;
	}
	return NULL;
}

struct ov_network *ov_network_named(struct net *net, u32 vni,
				    struct ov_host **host,
				    struct netlink_ext_ack *extack)
{
	struct ov_network *nw = NULL;

	lockdep_assert_held(&ov_mutex);
	*host = ov_host_get(net);
	if (*host)
		nw = ov_network_find(*host, vni);
	if (!nw)
		NL_SET_ERR_MSG(extack, "no network has this VNI");
	return nw;
}

static void network_free_rcu(struct rcu_head *head)
{
	struct ov_network *nw = container_of(head, struct ov_network, rcu);

	ov_policies_free(rcu_dereference_protected(nw->policies, true));
	ov_underlay_put(nw->underlay);
	kfree(nw);
}

void ov_network_put(struct ov_network *nw)
{
	if (refcount_dec_and_test(&nw->ref))
		call_rcu(&nw->rcu, network_free_rcu);
}

int ov_network_add(struct net *net, u32 vni, const char *underlay, int fallback,
		   bool allow, struct netlink_ext_ack *extack)
{
	struct ov_host *host = ov_host_get(net);
	struct ov_underlay *ul = NULL;
	struct ov_policies *policies;
	struct ov_network *nw;

	lockdep_assert_held(&ov_mutex);
	if (host)
		ul = ov_underlay_find(host, underlay);
	if (!ul) {
		NL_SET_ERR_MSG(extack, "no underlay has this name");
		return -ENOENT;
	}
	if (!vni || vni > OV_VNI_MAX) {
		NL_SET_ERR_MSG(extack, "a VNI is a number from 1 to 16777215");
		return -ERANGE;
	}
	if (ov_network_find(host, vni)) {
		NL_SET_ERR_MSG(extack, "a network has this VNI already");
		return -EEXIST;
	}
	nw = kzalloc(sizeof(*nw), GFP_KERNEL_ACCOUNT);
	policies = ov_policies_new(allow);
	if (!nw || !policies) {
		kfree(nw);
		kvfree(policies);
		NL_SET_ERR_MSG(extack, "no memory for the network");
		return -ENOMEM;
	}
	nw->vni = vni;
	nw->fallback = fallback;
	nw->underlay = ul;
	refcount_inc(&ul->ref);
	RCU_INIT_POINTER(nw->policies, policies);
	refcount_set(&nw->ref, 1);
	list_add_tail_rcu(&nw->list, &host->networks);
	atomic_inc(&host->generation);
	ov_nl_notify_network(nw, host, OV_EVENT_NEW);
	return 0;
}

int ov_network_set(struct net *net, u32 vni, const bool *allow,
		   const int *fallback, struct netlink_ext_ack *extack)
{
	struct ov_network *nw;
	struct ov_host *host;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	if (allow && ov_policies_set_default(host, nw, *allow)) {
		NL_SET_ERR_MSG(extack, "no memory for the network's policies");
		return -ENOMEM;
	}
	if (fallback)
		WRITE_ONCE(nw->fallback, *fallback);
	atomic_inc(&host->generation);
	ov_nl_notify_network(nw, host, OV_EVENT_SET);
	return 0;
}

void ov_network_remove(struct ov_host *host, struct ov_network *nw)
{
	WRITE_ONCE(nw->dead, true);
	list_del_rcu(&nw->list);
	atomic_inc(&host->generation);
	ov_nl_notify_network(nw, host, OV_EVENT_DEL);
	ov_network_put(nw);
}

int ov_network_del(struct net *net, u32 vni, struct netlink_ext_ack *extack)
{
	struct ov_network *nw;
	struct ov_host *host;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	if (nw->n_endpoints) {
		NL_SET_ERR_MSG(extack, "the network still has endpoints: flush them first");
		return -EBUSY;
	}
	ov_network_remove(host, nw);
	return 0;
}
