// SPDX-License-Identifier: GPL-2.0-only
/*
 * "ip link add NAME type testnic" makes NAME and NAMEp, the two ends of a wire,
 * in one network namespace; either may then be moved and renamed.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <net/rtnetlink.h>

#include "testnic.h"

/* The parent of all, which sleeps unless somebody who calls a device keeps it awake. */
static struct platform_device *parent;

static struct rtnl_link_ops tn_link_ops;

static int tn_validate(struct nlattr *tb[], struct nlattr *data[], struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS] && (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN ||
				 !is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS])))) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS], "not the address of an Ethernet device");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

/* NAMEp for NAME. */
static int peer_name(struct nlattr *tb[], char *name, struct netlink_ext_ack *extack)
{
	if (!tb[IFLA_IFNAME]) {
		strscpy(name, "testnic%d", IFNAMSIZ);
		return 0;
	}
	if (nla_strscpy(name, tb[IFLA_IFNAME], IFNAMSIZ) < 0 || strlen(name) + 1 >= IFNAMSIZ) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_IFNAME], "the name leaves no room for the other end's \"p\"");
		return -EINVAL;
	}
	strlcat(name, "p", IFNAMSIZ);
	return 0;
}

static struct net_device *peer_create(struct net_device *dev, struct nlattr *tb[],
				      struct netlink_ext_ack *extack)
{
	struct net_device *peer;
	char name[IFNAMSIZ];
	int err;

	err = peer_name(tb, name, extack);
	if (err)
		return ERR_PTR(err);
	peer = rtnl_create_link(dev_net(dev), name, NET_NAME_USER, &tn_link_ops, tb, extack);
	if (IS_ERR(peer))
		return peer;
	eth_hw_addr_random(peer);
	SET_NETDEV_DEV(peer, &parent->dev);
	netif_carrier_off(peer);
	err = register_netdevice(peer);
	if (err) {
		free_netdev(peer);
		return ERR_PTR(err);
	}
	err = rtnl_configure_link(peer, NULL, 0, NULL);
	if (err) {
		unregister_netdevice(peer);
		return ERR_PTR(err);
	}
	return peer;
}

static int tn_newlink(struct net *src_net, struct net_device *dev, struct nlattr *tb[],
		      struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct tn_dev *tn = netdev_priv(dev), *other;
	struct net_device *peer;
	int err;

	peer = peer_create(dev, tb, extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	if (!tb[IFLA_ADDRESS])
		eth_hw_addr_random(dev);
	SET_NETDEV_DEV(dev, &parent->dev);
	netif_carrier_off(dev);
	err = register_netdevice(dev);
	if (err) {
		unregister_netdevice(peer);
		return err;
	}
	other = netdev_priv(peer);
	rcu_assign_pointer(tn->peer, peer);
	rcu_assign_pointer(other->peer, dev);
	return 0;
}

/* Called for either end, and once more for the other if both are to go. */
static void tn_dellink(struct net_device *dev, struct list_head *head)
{
	struct tn_dev *tn = netdev_priv(dev);
	struct net_device *peer = rtnl_dereference(tn->peer);

	RCU_INIT_POINTER(tn->peer, NULL);
	unregister_netdevice_queue(dev, head);
	if (!peer)
		return;
	tn = netdev_priv(peer);
	RCU_INIT_POINTER(tn->peer, NULL);
	unregister_netdevice_queue(peer, head);
}

static struct rtnl_link_ops tn_link_ops = {
	.kind		= "testnic",
	.priv_size	= sizeof(struct tn_dev),
	.setup		= tn_setup,
	.validate	= tn_validate,
	.newlink	= tn_newlink,
	.dellink	= tn_dellink,
};

static int __init tn_module_init(void)
{
	int err;

	tn_sysfs_init();
	parent = platform_device_register_simple("ashlar_testnic", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	pm_runtime_no_callbacks(&parent->dev);
	pm_runtime_enable(&parent->dev);
	err = rtnl_link_register(&tn_link_ops);
	if (err)
		goto err_parent;
	return 0;

err_parent:
	pm_runtime_disable(&parent->dev);
	platform_device_unregister(parent);
	return err;
}

static void __exit tn_module_exit(void)
{
	rtnl_link_unregister(&tn_link_ops);
	pm_runtime_disable(&parent->dev);
	platform_device_unregister(parent);
}

module_init(tn_module_init);
module_exit(tn_module_exit);

MODULE_DESCRIPTION("Ashlar: pairs of Ethernet devices with settable faults, for tests only");
MODULE_LICENSE("GPL");
MODULE_ALIAS_RTNL_LINK("testnic");
