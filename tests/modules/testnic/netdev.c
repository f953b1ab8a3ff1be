// SPDX-License-Identifier: GPL-2.0-only
/* The device as the stack sees it. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>

#include "testnic.h"

/* A lit fibre at both ends, or no link: a receiver that sees nothing says so to the other end. */
static bool lit(const struct tn_dev *tn)
{
	return tn->up && tn_get(tn, TN_SIGNAL);
}

static void carrier_set(struct tn_dev *tn, bool on)
{
	/* What the counters gain by their rates stops and starts with it. */
	spin_lock_bh(&tn->lock);
	tn_settle(tn);
	tn->link = on;
	spin_unlock_bh(&tn->lock);
	if (on)
		netif_carrier_on(tn->dev);
	else
		netif_carrier_off(tn->dev);
}

/**
 * tn_carrier() - bring the carrier of a pair in line
 * @tn: either end
 */
void tn_carrier(struct tn_dev *tn)
{
	struct net_device *peer = rtnl_dereference(tn->peer);
	bool on = peer && lit(tn) && lit(netdev_priv(peer));

	carrier_set(tn, on);
	if (peer)
		carrier_set(netdev_priv(peer), on);
}

static int tn_init(struct net_device *dev)
{
	netdev_lockdep_set_classes(dev);
	return 0;
}

static int tn_open(struct net_device *dev)
{
	struct tn_dev *tn = netdev_priv(dev);

	tn->up = true;
	tn_carrier(tn);
	return 0;
}

static int tn_stop(struct net_device *dev)
{
	struct tn_dev *tn = netdev_priv(dev);

	tn->up = false;
	tn_carrier(tn);
	return 0;
}

static void arrive(struct net_device *dev, struct sk_buff *skb)
{
	struct ethhdr *eth = (struct ethhdr *)skb->data;

	if (tn_count_arrived(netdev_priv(dev), eth, skb->len) == TN_FATE_GOOD)
		dev_forward_skb(dev, skb);
	else
		kfree_skb(skb);
}

static netdev_tx_t tn_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct tn_dev *tn = netdev_priv(dev);
	struct net_device *peer;

	/* As on a wire, no frame is shorter than 60 bytes; frees what it cannot pad. */
	if (eth_skb_pad(skb)) {
		tn_count(tn, TN_TX_DROPPED);
		return NETDEV_TX_OK;
	}
	rcu_read_lock();
	peer = rcu_dereference(tn->peer);
	if (peer && netif_carrier_ok(dev) && pskb_may_pull(skb, ETH_HLEN)) {
		tn_count_sent(tn, skb->len);
		skb_tx_timestamp(skb);
		arrive(peer, skb);
	} else {
		tn_count(tn, TN_TX_DROPPED);
		kfree_skb(skb);
	}
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

static void tn_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct tn_dev *tn = netdev_priv(dev);
	u64 value[TN_DEVICE_COUNTERS];

	tn_count(tn, TN_CALLS_STATS64);
	tn_show(tn, value);
	stats->rx_packets = value[TN_RX_FRAMES];
	stats->rx_bytes = value[TN_RX_BYTES];
	stats->multicast = value[TN_RX_MULTICAST];
	stats->rx_dropped = value[TN_RX_DROPPED];
	stats->rx_missed_errors = value[TN_RX_MISSED];
	stats->tx_packets = value[TN_TX_FRAMES];
	stats->tx_bytes = value[TN_TX_BYTES];
	stats->tx_dropped = value[TN_TX_DROPPED];
	if (tn_get(tn, TN_NO_CRC))
		return;
	stats->rx_crc_errors = value[TN_RX_FCS];
	stats->rx_errors = value[TN_RX_FCS];
}

/* There is no filter: every frame goes up, as in promiscuous mode. */
static void tn_set_rx_mode(struct net_device *dev)
{
}

static const struct net_device_ops tn_netdev_ops = {
	.ndo_init		= tn_init,
	.ndo_open		= tn_open,
	.ndo_stop		= tn_stop,
	.ndo_start_xmit		= tn_xmit,
	.ndo_get_stats64	= tn_get_stats64,
	.ndo_set_rx_mode	= tn_set_rx_mode,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

/**
 * tn_setup() - a new device
 * @dev: it
 *
 * It segments nothing, so that each packet it is given is one frame on the wire.
 */
void tn_setup(struct net_device *dev)
{
	struct tn_dev *tn = netdev_priv(dev);

	ether_setup(dev);
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	dev->hw_features |= NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_RXCSUM;
	dev->features |= NETIF_F_HIGHDMA | dev->hw_features;
	dev->vlan_features = dev->features;
	dev->max_mtu = 9216;
	dev->netdev_ops = &tn_netdev_ops;
	dev->needs_free_netdev = true;
	dev->sysfs_groups[0] = &tn_group;

	tn->dev = dev;
	spin_lock_init(&tn->lock);
	tn_defaults(tn);
	tn_ops_apply(tn);
	dev->ethtool_ops = &tn->ops;
}
