// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks a device for what it knows of its link. A driver may be asked under rtnl
 * only, while the device is present, its parent awake, and between its begin()
 * and complete(): what the kernel's own ethtool code does, and does not export.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/phy.h>
#include <linux/pm_runtime.h>
#include <linux/rtnetlink.h>
#include <linux/sfp.h>
#include <linux/slab.h>
#include <net/gen_stats.h>
#include <net/sch_generic.h>

#include "compat.h"
#include "optics.h"
#include "source.h"

/* A module's two memories, as 7-bit I2C addresses. */
#define I2C_A0	0x50
#define I2C_A2	0x51

/*
 * What the queue in which heartbeats wait has dropped. Some drop what they have
 * taken, and the device does not count that.
 */
static u64 queue_drops(struct net_device *dev)
{
	struct gnet_stats_queue sum = {};
	struct Qdisc *qdisc;

	rcu_read_lock();
	qdisc = rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc);
	if (qdisc)
		gnet_stats_add_queue(&sum, qdisc->cpu_qstats, &qdisc->qstats);
	rcu_read_unlock();
	return sum.drops;
}

void ln_source_netdev(struct net_device *dev, struct ln_netdev_read *r)
{
	struct rtnl_link_stats64 s;

	dev_get_stats(dev, &s);
	r->frames = s.rx_packets;
	r->crc = s.rx_crc_errors;
	r->rx_drops = s.rx_dropped + s.rx_missed_errors + s.rx_over_errors +
		      s.rx_fifo_errors;
	r->tx_drops = s.tx_dropped + queue_drops(dev);
}

static int begin(struct net_device *dev)
{
	int err = -ENODEV;

	ASSERT_RTNL();
	if (dev->dev.parent)
		pm_runtime_get_sync(dev->dev.parent);
	if (!netif_device_present(dev) || dev->reg_state >= NETREG_UNREGISTERING)
		goto err_pm;
	if (dev->ethtool_ops->begin) {
		err = dev->ethtool_ops->begin(dev);
		if (err)
			goto err_pm;
	}
	return 0;

err_pm:
	if (dev->dev.parent)
		pm_runtime_put(dev->dev.parent);
	return err;
}

static void complete_ops(struct net_device *dev)
{
	if (dev->ethtool_ops->complete)
		dev->ethtool_ops->complete(dev);
	if (dev->dev.parent)
		pm_runtime_put(dev->dev.parent);
}

static void read_mac(struct net_device *dev, struct ln_ethtool_read *r)
{
	struct ethtool_eth_mac_stats mac;
	struct ethtool_eth_phy_stats phy;

	if (dev->ethtool_ops->get_eth_mac_stats) {
		ln_mac_stats_init(&mac);
		dev->ethtool_ops->get_eth_mac_stats(dev, &mac);
		r->frames = mac.FramesReceivedOK;
		r->fcs = mac.FrameCheckSequenceErrors;
	}
	if (dev->ethtool_ops->get_eth_phy_stats) {
		ln_phy_stats_init(&phy);
		dev->ethtool_ops->get_eth_phy_stats(dev, &phy);
		r->symbol = phy.SymbolErrorDuringCarrier;
	}
}

/* Drivers fill in either the total or the lanes. */
static u64 fec_total(const struct ethtool_fec_stat *s)
{
	u64 sum = 0;
	int i;

	if (s->lanes[0] == LN_NOT_SET)
		return s->total;
	for (i = 0; i < ETHTOOL_MAX_LANES && s->lanes[i] != LN_NOT_SET; i++)
		sum += s->lanes[i];
	return sum;
}

static void read_fec(struct net_device *dev, struct ln_ethtool_read *r)
{
	struct ethtool_fecparam param = { .cmd = ETHTOOL_GFECPARAM };
	struct ethtool_fec_stats s;

	if (!dev->ethtool_ops->get_fecparam ||
	    dev->ethtool_ops->get_fecparam(dev, &param))
		return;
	r->fec_mode = param.active_fec;
	if (!dev->ethtool_ops->get_fec_stats)
		return;
	ethtool_stats_init((u64 *)&s, sizeof(s) / sizeof(u64));
	dev->ethtool_ops->get_fec_stats(dev, &s);
	r->corrected = fec_total(&s.corrected_blocks);
	r->uncorrectable = fec_total(&s.uncorrectable_blocks);
}

static void read_speed(struct net_device *dev, struct ln_ethtool_read *r)
{
	struct ethtool_link_ksettings ks;

	if (__ethtool_get_link_ksettings(dev, &ks))
		return;
	if (ks.base.speed != (u32)SPEED_UNKNOWN)
		r->speed = ks.base.speed;
}

int ln_source_ethtool(struct net_device *dev, struct ln_ethtool_read *r)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->frames = LN_NOT_SET;
	r->fcs = LN_NOT_SET;
	r->symbol = LN_NOT_SET;
	r->corrected = LN_NOT_SET;
	r->uncorrectable = LN_NOT_SET;

	err = begin(dev);
	if (err)
		return err;
	read_mac(dev, r);
	read_fec(dev, r);
	read_speed(dev, r);
	complete_ops(dev);
	return 0;
}

static int read_by_page(struct net_device *dev, u8 addr, u8 *buf, u32 len)
{
	const struct ethtool_module_eeprom page = {
		.length = len,
		.i2c_address = addr,
		.data = buf,
	};
	int ret;

	if (dev->sfp_bus)
		ret = sfp_get_module_eeprom_by_page(dev->sfp_bus, &page, NULL);
	else if (dev->ethtool_ops->get_module_eeprom_by_page)
		ret = dev->ethtool_ops->get_module_eeprom_by_page(dev, &page,
								  NULL);
	else
		return -EOPNOTSUPP;
	if (ret < 0)
		return ret;
	return ret == len ? 0 : -EIO;
}

static int module_info(struct net_device *dev, struct ethtool_modinfo *info)
{
	struct phy_device *phy = dev->phydev;

	if (phy && phy->drv && phy->drv->module_info)
		return phy->drv->module_info(phy, info);
	if (dev->ethtool_ops->get_module_info)
		return dev->ethtool_ops->get_module_info(dev, info);
	return -EOPNOTSUPP;
}

static int module_eeprom(struct net_device *dev, struct ethtool_eeprom *ee,
			 u8 *buf)
{
	struct phy_device *phy = dev->phydev;

	if (phy && phy->drv && phy->drv->module_eeprom)
		return phy->drv->module_eeprom(phy, ee, buf);
	if (dev->ethtool_ops->get_module_eeprom)
		return dev->ethtool_ops->get_module_eeprom(dev, ee, buf);
	return -EOPNOTSUPP;
}

/* The older way: both memories one after the other, if the driver says so. */
static int read_flat(struct net_device *dev, u8 addr, u8 *buf, u32 len)
{
	struct ethtool_modinfo info = { .cmd = ETHTOOL_GMODULEINFO };
	struct ethtool_eeprom ee = {
		.cmd = ETHTOOL_GMODULEEEPROM,
		.offset = addr == I2C_A2 ? ETH_MODULE_SFF_8079_LEN : 0,
		.len = len,
	};
	int err;

	err = module_info(dev, &info);
	if (err)
		return err;
	if (addr == I2C_A2 && info.type != ETH_MODULE_SFF_8472)
		return -EOPNOTSUPP;
	if (ee.offset + len > info.eeprom_len)
		return -EOPNOTSUPP;
	return module_eeprom(dev, &ee, buf);
}

static int read_module(struct net_device *dev, u8 addr, u8 *buf, u32 len)
{
	int err;

	err = read_by_page(dev, addr, buf, len);
	if (err == -EOPNOTSUPP && !dev->sfp_bus)
		err = read_flat(dev, addr, buf, len);
	return err;
}

/* Between begin() and complete_ops(); @a0 and @a2 come from kmalloc(), since a bus may use DMA. */
static void read_optics(struct net_device *dev, struct ln_optics *o, u8 *a0,
			u8 *a2)
{
	bool diag;
	int err;

	if (ln_module_is_busy(dev)) {
		o->state = LN_OPTICS_ERROR;
		return;
	}
	err = read_module(dev, I2C_A0, a0, LN_A0_LEN);
	diag = !err && ln_optics_has_a2(a0);
	if (diag)
		err = read_module(dev, I2C_A2, a2, LN_A2_LEN);
	if (!err) {
		ln_optics_decode(o, a0, diag ? a2 : NULL);
	} else if (err == -EOPNOTSUPP) {
		memset(o, 0, sizeof(*o));
		o->state = LN_OPTICS_UNSUPPORTED;
	} else {
		o->state = LN_OPTICS_ERROR;
	}
}

void ln_source_optics(struct net_device *dev, struct ln_optics *o)
{
	u8 *a0, *a2;

	ASSERT_RTNL();
	a0 = kzalloc(LN_A0_LEN, GFP_KERNEL);
	a2 = kzalloc(LN_A2_LEN, GFP_KERNEL);
	if (!a0 || !a2 || begin(dev)) {
		o->state = LN_OPTICS_ERROR;
	} else {
		read_optics(dev, o, a0, a2);
		complete_ops(dev);
	}
	kfree(a2);
	kfree(a0);
}
