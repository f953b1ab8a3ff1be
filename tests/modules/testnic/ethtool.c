// SPDX-License-Identifier: GPL-2.0-only
/* What ethtool asks, and whether it asks in the right way. */
#include <linux/pm_runtime.h>
#include <linux/rtnetlink.h>

#include "testnic.h"

/* The link modes the device may be in, by speed and kind of FEC. */
static const struct {
	u32 speed;
	bool rs544;
	u8 lanes;
	u8 mode;
} modes[] = {
	{ 1000, false, 1, ETHTOOL_LINK_MODE_1000baseX_Full_BIT },
	{ 10000, false, 1, ETHTOOL_LINK_MODE_10000baseSR_Full_BIT },
	{ 25000, false, 1, ETHTOOL_LINK_MODE_25000baseSR_Full_BIT },
	{ 40000, false, 4, ETHTOOL_LINK_MODE_40000baseSR4_Full_BIT },
	{ 50000, false, 2, ETHTOOL_LINK_MODE_50000baseSR2_Full_BIT },
	{ 50000, true, 1, ETHTOOL_LINK_MODE_50000baseSR_Full_BIT },
	{ 100000, false, 4, ETHTOOL_LINK_MODE_100000baseSR4_Full_BIT },
	{ 100000, true, 2, ETHTOOL_LINK_MODE_100000baseSR2_Full_BIT },
	{ 200000, true, 4, ETHTOOL_LINK_MODE_200000baseSR4_Full_BIT },
	{ 400000, true, 8, ETHTOOL_LINK_MODE_400000baseSR8_Full_BIT },
};

/**
 * tn_called() - note that an operation was called, and how
 * @dev: on which device
 * @counter: what counts these calls
 *
 * The kernel's own rule: RTNL, the parent awake, the device present, and all of
 * it between begin and complete.
 */
void tn_called(struct net_device *dev, enum tn_counter counter)
{
	bool locked = rtnl_is_locked() && lockdep_rtnl_is_held();
	bool present = netif_device_present(dev) && dev->reg_state < NETREG_UNREGISTERING;
	struct tn_dev *tn = netdev_priv(dev);

	spin_lock_bh(&tn->lock);
	tn->count[counter]++;
	tn->count[TN_CALLS_NO_RTNL] += !locked;
	tn->count[TN_CALLS_ABSENT] += !present;
	tn->count[TN_CALLS_ASLEEP] += !pm_runtime_active(dev->dev.parent);
	tn->count[TN_CALLS_OUTSIDE] += tn->count[TN_CALLS_BEGIN] == tn->count[TN_CALLS_COMPLETE];
	spin_unlock_bh(&tn->lock);
}

static int ops_begin(struct net_device *dev)
{
	struct tn_dev *tn = netdev_priv(dev);
	u64 error = tn_get(tn, TN_BEGIN_ERRNO);

	if (error)
		return -(int)error;
	tn_count(tn, TN_CALLS_BEGIN);
	return 0;
}

static void ops_complete(struct net_device *dev)
{
	tn_count(netdev_priv(dev), TN_CALLS_COMPLETE);
}

static void get_mac_stats(struct net_device *dev, struct ethtool_eth_mac_stats *stats)
{
	struct tn_dev *tn = netdev_priv(dev);
	u64 lack = tn_get(tn, TN_NO_MAC);
	u64 value[TN_DEVICE_COUNTERS];

	tn_called(dev, TN_CALLS_STATS);
	if (lack == TN_LACK_VALUES)
		return;
	tn_show(tn, value);
	stats->FrameCheckSequenceErrors = value[TN_RX_FCS];
	if (lack == TN_LACK_FRAMES)
		return;
	/* To the MAC a frame is well received that finds no room behind it. */
	stats->FramesReceivedOK = value[TN_RX_FRAMES] + value[TN_RX_MISSED] + value[TN_RX_DROPPED];
	stats->FramesLostDueToIntMACRcvError = value[TN_RX_MISSED];
	stats->OctetsReceivedOK = value[TN_RX_BYTES];
	stats->MulticastFramesReceivedOK = value[TN_RX_MULTICAST];
	stats->BroadcastFramesReceivedOK = value[TN_RX_BROADCAST];
	stats->FramesTransmittedOK = value[TN_TX_FRAMES];
	stats->OctetsTransmittedOK = value[TN_TX_BYTES];
}

static void get_phy_stats(struct net_device *dev, struct ethtool_eth_phy_stats *stats)
{
	struct tn_dev *tn = netdev_priv(dev);
	u64 value[TN_DEVICE_COUNTERS];

	tn_called(dev, TN_CALLS_STATS);
	if (tn_get(tn, TN_NO_PHY))
		return;
	tn_show(tn, value);
	stats->SymbolErrorDuringCarrier = value[TN_RX_SYMBOL];
}

/* A total, or lanes that make it up. */
static void fec_stat(struct ethtool_fec_stat *stat, u64 value, u32 lanes)
{
	u32 i, rest;
	u64 each;

	if (!lanes) {
		stat->total = value;
		return;
	}
	each = div_u64_rem(value, lanes, &rest);
	for (i = 0; i < lanes; i++)
		stat->lanes[i] = each + (i < rest);
}

static void get_fec_stats(struct net_device *dev, struct ethtool_fec_stats *stats)
{
	struct tn_dev *tn = netdev_priv(dev);
	u32 lanes = tn_get(tn, TN_FEC_LANES);
	u64 value[TN_DEVICE_COUNTERS];

	tn_called(dev, TN_CALLS_STATS);
	if (tn_get(tn, TN_NO_FEC) || tn_get(tn, TN_FEC) == TN_FEC_NONE)
		return;
	tn_show(tn, value);
	fec_stat(&stats->corrected_blocks, value[TN_FEC_CORRECTED], lanes);
	fec_stat(&stats->uncorrectable_blocks, value[TN_FEC_UNCORRECTABLE], lanes);
}

static int get_fecparam(struct net_device *dev, struct ethtool_fecparam *param)
{
	struct tn_dev *tn = netdev_priv(dev);

	tn_called(dev, TN_CALLS_STATS);
	switch (tn_get(tn, TN_FEC)) {
	case TN_FEC_NONE:
		param->fec = ETHTOOL_FEC_OFF;
		break;
	case TN_FEC_BASER:
		param->fec = ETHTOOL_FEC_BASER;
		break;
	default:
		param->fec = ETHTOOL_FEC_RS;
	}
	param->active_fec = netif_carrier_ok(dev) ? param->fec : ETHTOOL_FEC_NONE;
	return 0;
}

/* Bonds and others ask this without begin. */
static int get_link_ksettings(struct net_device *dev, struct ethtool_link_ksettings *link)
{
	struct tn_dev *tn = netdev_priv(dev);
	bool rs544 = tn_get(tn, TN_FEC) == TN_FEC_RS544;
	u32 speed = tn_get(tn, TN_SPEED);
	int i;

	link->base.port = PORT_FIBRE;
	link->base.autoneg = AUTONEG_DISABLE;
	ethtool_link_ksettings_add_link_mode(link, supported, FIBRE);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		__set_bit(modes[i].mode, link->link_modes.supported);
		if (modes[i].speed != speed || modes[i].rs544 != rs544)
			continue;
		__set_bit(modes[i].mode, link->link_modes.advertising);
		if (netif_carrier_ok(dev))
			link->lanes = modes[i].lanes;
	}
	if (!netif_carrier_ok(dev) || !speed) {
		link->base.speed = SPEED_UNKNOWN;
		link->base.duplex = DUPLEX_UNKNOWN;
		return 0;
	}
	link->base.speed = speed;
	link->base.duplex = DUPLEX_FULL;
	return 0;
}

static int set_link_ksettings(struct net_device *dev, const struct ethtool_link_ksettings *link)
{
	struct tn_dev *tn = netdev_priv(dev);

	if (link->base.autoneg == AUTONEG_ENABLE || link->base.duplex == DUPLEX_HALF ||
	    link->base.speed == SPEED_UNKNOWN || !link->base.speed)
		return -EOPNOTSUPP;
	WRITE_ONCE(tn->set[TN_SPEED], link->base.speed);
	netdev_state_change(dev);
	return 0;
}

static const struct ethtool_ops tn_ethtool_ops = {
	.cap_link_lanes_supported	= true,
	.begin				= ops_begin,
	.complete			= ops_complete,
	.get_link			= ethtool_op_get_link,
	.get_link_ksettings		= get_link_ksettings,
	.set_link_ksettings		= set_link_ksettings,
	.get_eth_mac_stats		= get_mac_stats,
	.get_eth_phy_stats		= get_phy_stats,
	.get_fec_stats			= get_fec_stats,
	.get_fecparam			= get_fecparam,
	.get_module_info		= tn_module_info,
	.get_module_eeprom		= tn_module_eeprom,
	.get_module_eeprom_by_page	= tn_module_page,
};

/**
 * tn_ops_apply() - give the device the operations it is set to have
 * @tn: the device; who calls operations holds RTNL, as does who changes them
 */
void tn_ops_apply(struct tn_dev *tn)
{
	tn->ops = tn_ethtool_ops;
	if (tn_get(tn, TN_NO_MAC) == TN_LACK_OPERATION)
		tn->ops.get_eth_mac_stats = NULL;
	if (tn_get(tn, TN_NO_PHY) == TN_LACK_OPERATION)
		tn->ops.get_eth_phy_stats = NULL;
	if (tn_get(tn, TN_NO_FEC) == TN_LACK_OPERATION) {
		tn->ops.get_fec_stats = NULL;
		tn->ops.get_fecparam = NULL;
	}
	if (tn_get(tn, TN_NO_MODULE) || tn_get(tn, TN_MODULE_LEGACY))
		tn->ops.get_module_eeprom_by_page = NULL;
	if (tn_get(tn, TN_NO_MODULE) || !tn_get(tn, TN_MODULE_LEGACY)) {
		tn->ops.get_module_info = NULL;
		tn->ops.get_module_eeprom = NULL;
	}
}
