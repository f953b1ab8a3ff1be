// SPDX-License-Identifier: GPL-2.0-only
/*
 * ashlar_link: finds links that corrupt frames, takes them out of service
 * within bounds of capacity, says how to repair them (after CorrOpt,
 * SIGCOMM'17).
 *
 * The end of a namespace or of the module, in this order:
 *
 *   1 stopping: no new links, no new work
 *   2 each link says bye and, unless it is to stay out, is put back into
 *     service; frames no longer reach it
 *   3 the works are over; what they held is let go
 *   4 tickets and topology go
 *   5 after the grace periods (rcu_barrier) nothing points here
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netns/generic.h>

#include "host.h"
#include "link.h"
#include "nl.h"
#include "ticket.h"
#include "topology.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_MUTEX(ln_mutex);
struct workqueue_struct *ln_wq;
static unsigned int ln_net_id __read_mostly;
/* rtnl: the module goes; what the notifier still hears of devices is made up for it. */
static bool leaving;

struct ln_net *ln_net(const struct net *net)
{
	return net_generic(net, ln_net_id);
}

struct ln_host *ln_host_get(const struct net *net)
{
	return rcu_dereference_check(ln_net(net)->host,
				     lockdep_is_held(&ln_mutex));
}

static struct ln_host *host_alloc(struct net *net)
{
	struct ln_host *host = kzalloc(sizeof(*host), GFP_KERNEL_ACCOUNT);

	if (!host)
		return NULL;
	host->stats = alloc_percpu_gfp(struct ln_stats, GFP_KERNEL_ACCOUNT);
	if (!host->stats) {
		kfree(host);
		return NULL;
	}
	host->net = net;
	host->id = get_random_u64() ?: 1;
	INIT_LIST_HEAD(&host->links);
	INIT_LIST_HEAD(&host->tickets);
	INIT_LIST_HEAD(&host->slow_queue);
	spin_lock_init(&host->slow_lock);
	INIT_DELAYED_WORK(&host->tick, ln_tick);
	INIT_DELAYED_WORK(&host->slow_work, ln_slow);
	return host;
}

struct ln_host *ln_host_make(struct net *net)
{
	struct ln_host *host = ln_host_get(net);

	lockdep_assert_held(&ln_mutex);
	if (!host) {
		host = host_alloc(net);
		rcu_assign_pointer(ln_net(net)->host, host);
	}
	return host;
}

static void slow_queue_drop(struct ln_host *host)
{
	struct ln_link *link, *next;

	list_for_each_entry_safe(link, next, &host->slow_queue, slow) {
		list_del_init(&link->slow);
		ln_link_put(link);
	}
}

/* Or has gone to another namespace, while nobody listened; rtnl. */
static bool dev_goes(const struct ln_link *link)
{
	return link->dev->reg_state != NETREG_REGISTERED ||
	       !net_eq(dev_net(link->dev), link->host->net);
}

static void host_stop(struct ln_net *ln)
{
	struct ln_link *link, *next;
	struct ln_host *host;

	mutex_lock(&ln_mutex);
	host = ln_host_get(ln->net);
	if (host)
		WRITE_ONCE(host->stopping, true);
	mutex_unlock(&ln_mutex);
	if (!host)
		return;
	rtnl_lock();
	list_for_each_entry_safe(link, next, &host->links, list)
		ln_link_remove(link, !check_net(ln->net) || dev_goes(link));
	rtnl_unlock();
	cancel_delayed_work_sync(&host->tick);
	cancel_delayed_work_sync(&host->slow_work);
	slow_queue_drop(host);
	mutex_lock(&ln_mutex);
	ln_topo_flush(host);
	ln_tickets_purge(host);
	mutex_unlock(&ln_mutex);
	ln_topo_wait(host);
}

static int __net_init ln_net_init(struct net *net)
{
	ln_net(net)->net = net;
	return 0;
}

static void __net_exit ln_net_pre_exit(struct net *net)
{
	host_stop(ln_net(net));
}

/* A grace period after pre_exit. */
static void __net_exit ln_net_exit(struct net *net)
{
	struct ln_host *host = rcu_dereference_protected(ln_net(net)->host,
							 true);

	if (!host)
		return;
	RCU_INIT_POINTER(ln_net(net)->host, NULL);
	free_percpu(host->stats);
	kfree(host);
}

static struct pernet_operations ln_net_ops = {
	.init = ln_net_init,
	.pre_exit = ln_net_pre_exit,
	.exit = ln_net_exit,
	.id = &ln_net_id,
	.size = sizeof(struct ln_net),
};

/* The topology has to know of a link that went down or came up by itself. */
static bool is_ours(unsigned long event)
{
	switch (event) {
	case NETDEV_UNREGISTER:
	case NETDEV_CHANGEUPPER:
	case NETDEV_CHANGENAME:
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		return true;
	default:
		return false;
	}
}

/*
 * rtnl, under which alone links come and go. ln_mutex is not held: act.c lets
 * go of it before it touches a bond, which is what calls this.
 */
static int netdev_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct ln_host *host;
	struct ln_link *link;

	if (leaving || !is_ours(event))
		return NOTIFY_DONE;
	rcu_read_lock();
	host = ln_host_get(dev_net(dev));
	link = host ? ln_link_find(host, dev->ifindex) : NULL;
	rcu_read_unlock();
	if (!link)
		return NOTIFY_DONE;
	if (event == NETDEV_UNREGISTER) {
		ln_link_remove(link, true);
		return NOTIFY_DONE;
	}
	if (event != NETDEV_CHANGEUPPER && event != NETDEV_CHANGENAME) {
		ln_kick(link, LN_DUE_ACT);
		return NOTIFY_DONE;
	}
	mutex_lock(&ln_mutex);
	ln_group_update(link);
	mutex_unlock(&ln_mutex);
	ln_nl_notify_link(link, LN_EVENT_SET);
	ln_kick(link, LN_DUE_ACT);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
};

static int __init ln_init(void)
{
	int err;

	ln_wq = alloc_workqueue("ashlar_link", WQ_UNBOUND, 0);
	if (!ln_wq)
		return -ENOMEM;
	err = register_pernet_subsys(&ln_net_ops);
	if (err)
		goto destroy_wq;
	err = register_netdevice_notifier(&netdev_notifier);
	if (err)
		goto unregister_pernet;
	err = ln_nl_init();
	if (err)
		goto unregister_notifier;
	return 0;

unregister_notifier:
	unregister_netdevice_notifier(&netdev_notifier);
unregister_pernet:
	unregister_pernet_subsys(&ln_net_ops);
destroy_wq:
	destroy_workqueue(ln_wq);
	return err;
}

static void __exit ln_exit(void)
{
	ln_nl_exit();
	rtnl_lock();
	leaving = true;
	rtnl_unlock();
	unregister_netdevice_notifier(&netdev_notifier);
	unregister_pernet_subsys(&ln_net_ops);
	destroy_workqueue(ln_wq);
	rcu_barrier();
}

module_init(ln_init);
module_exit(ln_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Finds links that corrupt frames and takes them out within bounds of capacity");
MODULE_AUTHOR("The Ashlar authors");
