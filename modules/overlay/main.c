// SPDX-License-Identifier: GPL-2.0-only
/*
 * ashlar_overlay: TCP connections between containers are translated once, at
 * setup, between the overlay tuple that their sockets keep and a tuple of the
 * two hosts, instead of every packet being encapsulated (after Slim, NSDI'19).
 *
 * The end of a namespace or of the module, in this order, so that no
 * connection is lost and no packet meets the stack's RST:
 *
 *   1 stopping: no new conns
 *   2 endpoints, networks, underlays go. Hosts say bye while sockets and hooks
 *     are in place; sockets go back to the container's own routes
 *   3 conns end: clones become obsolete at once, and after a grace period
 *     let go of device and output function
 *   4 hooks are gone with their owners; a packet queued to user space is
 *     dropped by netfilter with the hook
 *   5 after the grace periods (rcu_barrier) nothing points here
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/netns/generic.h>

#include "conn.h"
#include "dgram.h"
#include "hook.h"
#include "host.h"
#include "network.h"
#include "nl.h"
#include "peer.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_MUTEX(ov_mutex);
struct workqueue_struct *ov_wq;
static unsigned int ov_net_id __read_mostly;

struct ov_net *ov_net(const struct net *net)
{
	return net_generic(net, ov_net_id);
}

struct ov_host *ov_host_get(struct net *net)
{
	return rcu_dereference_check(ov_net(net)->host,
				     lockdep_is_held(&ov_mutex));
}

static void host_tick(struct work_struct *work)
{
	struct ov_host *host = container_of(work, struct ov_host, tick.work);
	struct ov_underlay *ul;

	rcu_read_lock();
	list_for_each_entry_rcu(ul, &host->underlays, list)
		ov_hello_tick(ul);
	rcu_read_unlock();
	ov_gc_run(host);
	if (!READ_ONCE(host->stopping))
		queue_delayed_work(ov_wq, &host->tick, HZ);
}

void ov_host_review(struct ov_host *host)
{
	if (!READ_ONCE(host->stopping))
		mod_delayed_work(ov_wq, &host->review, 0);
}

static struct ov_host *host_alloc(struct net *net)
{
	struct ov_host *host = kzalloc(sizeof(*host), GFP_KERNEL_ACCOUNT);

	if (!host)
		return NULL;
	host->net = net;
	INIT_LIST_HEAD(&host->underlays);
	INIT_LIST_HEAD(&host->networks);
	INIT_DELAYED_WORK(&host->tick, host_tick);
	INIT_DELAYED_WORK(&host->review, ov_gc_review);
	ov_gc_init(host);
	host->stats = alloc_percpu_gfp(struct ov_stats, GFP_KERNEL_ACCOUNT);
	if (!host->stats)
		goto free;
	if (rhashtable_init(&host->endpoints, &ov_endpoint_params))
		goto free_stats;
	if (rhltable_init(&host->endpoint_ids, &ov_endpoint_id_params))
		goto free_endpoints;
	if (rhashtable_init(&host->by_overlay, &ov_conn_overlay_params))
		goto free_ids;
	if (rhashtable_init(&host->by_underlay, &ov_conn_underlay_params))
		goto free_overlay;
	return host;

free_overlay:
	rhashtable_destroy(&host->by_overlay);
free_ids:
	rhltable_destroy(&host->endpoint_ids);
free_endpoints:
	rhashtable_destroy(&host->endpoints);
free_stats:
	free_percpu(host->stats);
free:
	kfree(host);
	return NULL;
}

struct ov_host *ov_host_make(struct net *net)
{
	struct ov_host *host = ov_host_get(net);

	lockdep_assert_held(&ov_mutex);
	if (!host) {
		host = host_alloc(net);
		rcu_assign_pointer(ov_net(net)->host, host);
	}
	return host;
}

void ov_host_stop(struct ov_net *on)
{
	struct ov_network *nw, *nw_next;
	struct ov_underlay *ul, *ul_next;
	struct ov_host *host;

	lockdep_assert_held(&ov_mutex);
	host = ov_host_get(on->net);
	if (!host)
		return;
	WRITE_ONCE(host->stopping, true);
	synchronize_rcu();	/* those that were about to make a conn */
	list_for_each_entry(ul, &host->underlays, list)
		ov_dgram_close(ul);
	ov_conn_purge(host, NULL);
	ov_endpoint_remove_all(host);
	list_for_each_entry_safe(nw, nw_next, &host->networks, list)
		ov_network_remove(host, nw);
	list_for_each_entry_safe(ul, ul_next, &host->underlays, list)
		ov_underlay_remove(host, ul);
	cancel_delayed_work_sync(&host->tick);
	cancel_delayed_work_sync(&host->review);
}

/* After ov_host_stop() and a grace period. */
void ov_host_free(struct ov_net *on)
{
	struct ov_host *host = rcu_dereference_protected(on->host, true);

	if (!host)
		return;
	RCU_INIT_POINTER(on->host, NULL);
	rhashtable_destroy(&host->by_underlay);
	rhashtable_destroy(&host->by_overlay);
	rhltable_destroy(&host->endpoint_ids);
	rhashtable_destroy(&host->endpoints);
	free_percpu(host->stats);
	kfree(host);
}

static int __net_init ov_net_init(struct net *net)
{
	ov_net(net)->net = net;
	return 0;
}

static void __net_exit ov_net_pre_exit(struct net *net)
{
	mutex_lock(&ov_mutex);
	ov_endpoint_purge(net, NULL);
	ov_host_stop(ov_net(net));
	mutex_unlock(&ov_mutex);
}

/*
 * A grace period after pre_exit. What conns and peers still hold of the host is
 * freed by RCU callbacks, so those have to be over.
 */
static void __net_exit ov_net_exit_batch(struct list_head *nets)
{
	struct net *net;

	ov_objects_wait();
	list_for_each_entry(net, nets, exit_list) {
		ov_site_free(ov_net(net));
		ov_host_free(ov_net(net));
	}
}

static struct pernet_operations ov_net_ops = {
	.init = ov_net_init,
	.pre_exit = ov_net_pre_exit,
	.exit_batch = ov_net_exit_batch,
	.id = &ov_net_id,
	.size = sizeof(struct ov_net),
};

/**
 * ov_objects_wait() - waits until all objects that were let go are freed
 *
 * A conn's end lets go of its endpoints, theirs of networks and peers, theirs
 * of the underlay, each a grace period later, the last one by work.
 */
void ov_objects_wait(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		rcu_barrier();
	flush_workqueue(ov_wq);
	rcu_barrier();
}

/* Under rtnl: nothing waits for ov_mutex without need. */
static bool netdev_matters(const struct net_device *dev, unsigned long event)
{
	struct ov_host *host;
	bool matters;

	if (event == NETDEV_UNREGISTER)
		return true;
	if (event != NETDEV_REGISTER && event != NETDEV_CHANGENAME)
		return false;
	rcu_read_lock();
	host = ov_host_get(dev_net(dev));
	matters = host && READ_ONCE(host->n_lost);
	rcu_read_unlock();
	return matters;
}

static int netdev_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct ov_host *host;

	if (!netdev_matters(dev, event))
		return NOTIFY_DONE;
	mutex_lock(&ov_mutex);
	host = ov_host_get(dev_net(dev));
	if (event == NETDEV_UNREGISTER) {
		ov_endpoint_purge(dev_net(dev), dev);
		if (host)
			ov_underlay_lose(host, dev);
	} else if (host) {
		ov_underlay_regain(host, dev);
	}
	mutex_unlock(&ov_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
};

/* With a constructor, a cache is neither merged nor zeroed on each allocation. */
static void conn_ctor(void *conn)
{
	memset(conn, 0, sizeof(struct ov_conn));
}

static int __init ov_init(void)
{
	int err = -ENOMEM;

	ov_conn_cache = kmem_cache_create("ashlar_conn", sizeof(struct ov_conn), 0,
					  0, conn_ctor);
	if (!ov_conn_cache)
		return err;
	ov_wq = alloc_workqueue("ashlar_overlay", WQ_UNBOUND, 0);
	if (!ov_wq)
		goto destroy_cache;
	err = register_pernet_subsys(&ov_net_ops);
	if (err)
		goto destroy_wq;
	err = register_netdevice_notifier(&netdev_notifier);
	if (err)
		goto unregister_pernet;
	err = ov_nl_init();
	if (err)
		goto unregister_notifier;
	return 0;

unregister_notifier:
	unregister_netdevice_notifier(&netdev_notifier);
unregister_pernet:
	unregister_pernet_subsys(&ov_net_ops);
destroy_wq:
	destroy_workqueue(ov_wq);
destroy_cache:
	kmem_cache_destroy(ov_conn_cache);
	return err;
}

static void __exit ov_exit(void)
{
	ov_nl_exit();
	unregister_netdevice_notifier(&netdev_notifier);
	unregister_pernet_subsys(&ov_net_ops);
	ov_objects_wait();
	destroy_workqueue(ov_wq);
	kmem_cache_destroy(ov_conn_cache);
}

module_init(ov_init);
module_exit(ov_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Overlay connections at the cost of the host network");
MODULE_AUTHOR("The Ashlar authors");
