// SPDX-License-Identifier: GPL-2.0-only
/* The EEPROM of a pluggable module, made anew for each read from what is set. */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/sfp.h>

#include "testnic.h"

#define TN_PAGE_LEN	(2 * ETH_MODULE_EEPROM_PAGE_LEN)

/* The two places an SFP is read from; of another module, page 0, and any other page. */
struct tn_eeprom {
	u8 identity[TN_PAGE_LEN];
	u8 monitor[TN_PAGE_LEN];
};

static u64 limit_of(const struct tn_dev *tn, enum tn_sensor sensor, enum tn_limit limit)
{
	return tn_get(tn, TN_LIMIT + sensor * TN_LIMITS + limit);
}

static u8 diagnostics(const struct tn_dev *tn)
{
	u8 flags = SFP_DIAGMON_RXPWR_AVG;

	if (!tn_get(tn, TN_DDM))
		return 0;
	flags |= SFP_DIAGMON_DDM;
	flags |= tn_get(tn, TN_EXTERNAL) ? SFP_DIAGMON_EXT_CAL : SFP_DIAGMON_INT_CAL;
	return flags;
}

static u8 sum_of(const u8 *from, size_t len)
{
	u8 sum = 0;

	while (len--)
		sum += *from++;
	return sum;
}

static void fill_identity(const struct tn_dev *tn, u8 *page)
{
	page[SFP_PHYS_ID] = tn_get(tn, TN_MODULE_ID);
	if (page[SFP_PHYS_ID] != SFF8024_ID_SFP) {
		page[ETH_MODULE_EEPROM_PAGE_LEN] = page[SFP_PHYS_ID];
		return;
	}
	page[SFP_PHYS_EXT_ID] = SFP_PHYS_EXT_ID_SFP;
	page[SFP_CONNECTOR] = SFF8024_CONNECTOR_LC;
	page[SFP_ENCODING] = SFF8024_ENCODING_8472_64B66B;
	page[SFP_BR_NOMINAL] = 103;
	memcpy(page + SFP_VENDOR_NAME, "ASHLAR          ", 16);
	memcpy(page + SFP_VENDOR_PN, "TESTNIC         ", 16);
	memcpy(page + SFP_VENDOR_REV, "1   ", 4);
	put_unaligned_be16(850, page + SFP_OPTICAL_WAVELENGTH_MSB);
	page[SFP_CC_BASE] = sum_of(page, SFP_CC_BASE);
	memcpy(page + SFP_VENDOR_SN, "0               ", 16);
	memcpy(page + SFP_DATECODE, "200101  ", 8);
	page[SFP_DIAGMON] = diagnostics(tn);
	page[SFP_ENHOPTS] = tn_get(tn, TN_DDM) ? SFP_ENHOPTS_ALARMWARN : 0;
	page[SFP_SFF8472_COMPLIANCE] = tn_get(tn, TN_DDM) ? SFP_SFF8472_COMPLIANCE_REV11_3 :
							      SFP_SFF8472_COMPLIANCE_NONE;
	page[SFP_CC_EXT] = sum_of(page + SFP_CC_BASE + 1, SFP_CC_EXT - SFP_CC_BASE - 1);
}

static void fill_calibration(const struct tn_dev *tn, u8 *page)
{
	put_unaligned_be32(tn_get(tn, TN_CAL_RX_1), page + SFP_CAL_RXPWR1);
	put_unaligned_be32(tn_get(tn, TN_CAL_RX_0), page + SFP_CAL_RXPWR0);
	put_unaligned_be16(tn_get(tn, TN_CAL_BIAS_SLOPE), page + SFP_CAL_TXI_SLOPE);
	put_unaligned_be16(tn_get(tn, TN_CAL_BIAS_OFFSET), page + SFP_CAL_TXI_OFFSET);
	put_unaligned_be16(tn_get(tn, TN_CAL_TX_SLOPE), page + SFP_CAL_TXPWR_SLOPE);
	put_unaligned_be16(tn_get(tn, TN_CAL_TX_OFFSET), page + SFP_CAL_TXPWR_OFFSET);
	put_unaligned_be16(0x100, page + SFP_CAL_T_SLOPE);
	put_unaligned_be16(0x100, page + SFP_CAL_V_SLOPE);
}

/* Only a temperature may be below 0. */
static int signed_of(enum tn_sensor sensor, u64 raw)
{
	return sensor == TN_TEMPERATURE ? (s16)raw : (int)raw;
}

/* From the high bit on: temperature high, low, voltage high, low, ... */
static u16 crossed(const struct tn_dev *tn, enum tn_limit high, enum tn_limit low)
{
	u16 flags = 0;
	int i;

	for (i = 0; i < TN_SENSORS; i++) {
		int value = signed_of(i, tn_get(tn, TN_SENSOR + i));

		if (value > signed_of(i, limit_of(tn, i, high)))
			flags |= 0x8000 >> 2 * i;
		if (value < signed_of(i, limit_of(tn, i, low)))
			flags |= 0x4000 >> 2 * i;
	}
	return flags;
}

static void fill_monitor(const struct tn_dev *tn, u8 *page)
{
	bool nonsense = tn_get(tn, TN_GARBAGE) == TN_GARBAGE_LIMITS;
	int i, j;

	for (i = 0; i < TN_SENSORS; i++) {
		put_unaligned_be16(tn_get(tn, TN_SENSOR + i), page + SFP_TEMP + 2 * i);
		for (j = 0; j < TN_LIMITS; j++)
			put_unaligned_be16(limit_of(tn, i, nonsense ? TN_HIGH_ALARM : j),
					   page + 8 * i + 2 * j);
	}
	if (tn_get(tn, TN_EXTERNAL))
		fill_calibration(tn, page);
	page[95] = sum_of(page, 95);
	put_unaligned_be16(crossed(tn, TN_HIGH_ALARM, TN_LOW_ALARM), page + SFP_ALARM0);
	put_unaligned_be16(crossed(tn, TN_HIGH_WARNING, TN_LOW_WARNING), page + SFP_WARN0);
}

static void fill_random(struct tn_dev *tn, u8 *to, size_t len)
{
	spin_lock_bh(&tn->lock);
	while (len--)
		*to++ = tn_random(tn) >> 56;
	spin_unlock_bh(&tn->lock);
}

static void fill(struct tn_dev *tn, struct tn_eeprom *eeprom)
{
	u64 garbage = tn_get(tn, TN_GARBAGE);

	memset(eeprom, garbage == TN_GARBAGE_ONES ? 0xff : 0, sizeof(*eeprom));
	switch (garbage) {
	case TN_GARBAGE_ONES:
	case TN_GARBAGE_ZEROS:
		return;
	case TN_GARBAGE_ALL:
		fill_random(tn, (u8 *)eeprom, sizeof(*eeprom));
		return;
	case TN_GARBAGE_VALUES:
		fill_identity(tn, eeprom->identity);
		fill_random(tn, eeprom->monitor, sizeof(eeprom->monitor));
		return;
	}
	fill_identity(tn, eeprom->identity);
	if (tn_get(tn, TN_MODULE_ID) == SFF8024_ID_SFP)
		fill_monitor(tn, eeprom->monitor);
}

/* What every read begins with. */
static int module_read(struct net_device *dev)
{
	struct tn_dev *tn = netdev_priv(dev);
	u64 error = tn_get(tn, TN_MODULE_ERRNO), ms = tn_get(tn, TN_MODULE_MS);

	tn_called(dev, TN_CALLS_MODULE);
	if (ms)
		msleep(ms);
	return -(int)error;
}

int tn_module_info(struct net_device *dev, struct ethtool_modinfo *info)
{
	struct tn_dev *tn = netdev_priv(dev);
	int err = module_read(dev);

	if (err)
		return err;
	switch (tn_get(tn, TN_MODULE_ID)) {
	case SFF8024_ID_SFP:
		info->type = tn_get(tn, TN_DDM) ? ETH_MODULE_SFF_8472 : ETH_MODULE_SFF_8079;
		info->eeprom_len = tn_get(tn, TN_DDM) ? ETH_MODULE_SFF_8472_LEN :
							ETH_MODULE_SFF_8079_LEN;
		return 0;
	case SFF8024_ID_QSFP_8436_8636:
	case SFF8024_ID_QSFP28_8636:
		info->type = ETH_MODULE_SFF_8636;
		info->eeprom_len = ETH_MODULE_SFF_8636_LEN;
		return 0;
	}
	return -EINVAL;
}

int tn_module_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom, u8 *data)
{
	struct tn_dev *tn = netdev_priv(dev);
	struct tn_eeprom whole;
	int err = module_read(dev);

	if (err)
		return err;
	if (eeprom->offset > sizeof(whole) || eeprom->len > sizeof(whole) - eeprom->offset)
		return -EINVAL;
	fill(tn, &whole);
	if (tn_get(tn, TN_GARBAGE) == TN_GARBAGE_SHORT)
		eeprom->len /= 2;
	memcpy(data, (u8 *)&whole + eeprom->offset, eeprom->len);
	return 0;
}

int tn_module_page(struct net_device *dev, const struct ethtool_module_eeprom *page,
		   struct netlink_ext_ack *extack)
{
	struct tn_dev *tn = netdev_priv(dev);
	bool sfp = tn_get(tn, TN_MODULE_ID) == SFF8024_ID_SFP;
	struct tn_eeprom whole;
	u32 len = page->length;
	const u8 *from;
	int err;

	err = module_read(dev);
	if (err)
		return err;
	if (page->offset >= TN_PAGE_LEN || len > TN_PAGE_LEN - page->offset)
		return -EINVAL;
	fill(tn, &whole);
	if (tn_get(tn, TN_GARBAGE) == TN_GARBAGE_SHORT)
		len /= 2;
	if (page->i2c_address == 0x50 && !(sfp && (page->page || page->bank))) {
		from = page->page ? whole.monitor : whole.identity;
		memcpy(page->data, from + page->offset, len);
		return len;
	}
	/* Nothing answers at the second address if nothing is monitored. */
	if (page->i2c_address == 0x51 && sfp && !page->page && tn_get(tn, TN_DDM)) {
		memcpy(page->data, whole.monitor + page->offset, len);
		return len;
	}
	NL_SET_ERR_MSG_MOD(extack, "the module has no such page");
	return -EIO;
}
