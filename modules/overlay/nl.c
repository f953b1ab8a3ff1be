// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: the family, and what changes the configuration. The handlers read
 * and check the attributes; ov_mutex is held around the change itself, since
 * the family's operations run in parallel.
 */
#include "nl.h"
#include "nl_msg.h"

#define PORT_LO		7340
#define PORT_HI		7347
#define SPORT_LO	20000
#define SPORT_HI	32767
#define OPTION_KIND	253
#define EXID		0x4153	/* "AS" */
#define REST_MS		1000
#define HELLO_S		60
#define HALF_MAX	4096

struct genl_family ov_nl_family __ro_after_init = {
	.name		= ASHLAR_OVERLAY_FAMILY_NAME,
	.version	= ASHLAR_OVERLAY_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= ov_nl_ops,
	.n_ops		= ARRAY_SIZE(ov_nl_ops),
	/* All are new enough for reserved fields to be checked. */
	.resv_start_op	= 0,
	.mcgrps		= ov_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(ov_nl_mcgrps),
};

int ov_nl_init(void)
{
	return genl_register_family(&ov_nl_family);
}

void ov_nl_exit(void)
{
	genl_unregister_family(&ov_nl_family);
}

static int get_addr(const struct nlattr *attr, struct ov_addr *addr,
		    bool overlay, struct netlink_ext_ack *extack)
{
	switch (nla_len(attr)) {
	case sizeof(struct in_addr):
		ov_addr_init4(addr, nla_get_in_addr(attr));
		return 0;
	case sizeof(struct in6_addr):
		if (overlay)
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "IPv6 overlay addresses are not supported yet");
		else
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "IPv6 underlay addresses are not supported yet");
		return -EOPNOTSUPP;
	}
	NL_SET_ERR_MSG_ATTR(extack, attr, "an address has 4 or 16 bytes");
	return -EINVAL;
}

static int get_unicast(const struct nlattr *attr, struct ov_addr *addr,
		       bool overlay, struct netlink_ext_ack *extack)
{
	__be32 ip4;
	int err;

	err = get_addr(attr, addr, overlay, extack);
	if (err)
		return err;
	ip4 = ov_addr_ip4(addr);
	if (ipv4_is_zeronet(ip4) || ipv4_is_loopback(ip4) ||
	    ipv4_is_multicast(ip4) || ipv4_is_lbcast(ip4)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "this is not the address of one host");
		return -EINVAL;
	}
	return 0;
}

int ov_nl_get_addr(const struct nlattr *attr, struct ov_addr *addr,
		   struct netlink_ext_ack *extack)
{
	return get_addr(attr, addr, true, extack);
}

int ov_nl_get_unicast(const struct nlattr *attr, struct ov_addr *addr,
		      struct netlink_ext_ack *extack)
{
	return get_unicast(attr, addr, true, extack);
}

int ov_nl_get_host(const struct nlattr *attr, struct ov_addr *addr,
		   struct netlink_ext_ack *extack)
{
	return get_unicast(attr, addr, false, extack);
}

int ov_nl_get_vni(struct genl_info *info, int type, u32 *vni)
{
	if (GENL_REQ_ATTR_CHECK(info, type)) {
		GENL_SET_ERR_MSG(info, "the VNI is missing");
		return -EINVAL;
	}
	*vni = nla_get_u32(info->attrs[type]);
	return 0;
}

static u32 get_u32(const struct nlattr *attr, u32 absent)
{
	return attr ? nla_get_u32(attr) : absent;
}

static u16 get_u16(const struct nlattr *attr, u16 absent)
{
	return attr ? nla_get_u16(attr) : absent;
}

static int underlay_get_name(struct genl_info *info, char *name)
{
	const struct nlattr *attr = info->attrs[ASHLAR_OVERLAY_A_UNDERLAY_NAME];

	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_UNDERLAY_NAME)) {
		GENL_SET_ERR_MSG(info, "the underlay's name is missing");
		return -EINVAL;
	}
	nla_strscpy(name, attr, IFNAMSIZ);
	return 0;
}

/* The uplinks come as one attribute each, of which the parser keeps the last. */
static int underlay_get_uplinks(struct genl_info *info,
				struct ov_underlay_cfg *cfg)
{
	const struct nlattr *attr;
	unsigned int i;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != ASHLAR_OVERLAY_A_UNDERLAY_IFINDEXES)
			continue;
		if (cfg->n_dev == OV_MAX_UPLINKS) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "an underlay has at most 8 uplink devices");
			return -E2BIG;
		}
		for (i = 0; i < cfg->n_dev; i++) {
			if (cfg->ifindex[i] != nla_get_u32(attr))
				continue;
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "an uplink device is named twice");
			return -EINVAL;
		}
		cfg->ifindex[cfg->n_dev++] = nla_get_u32(attr);
	}
	return 0;
}

/* First and last port of a range come together or not at all. */
static int underlay_get_range(struct genl_info *info, int lo_attr, int hi_attr,
			      u16 *lo, u16 *hi)
{
	const struct nlattr *a = info->attrs[lo_attr];
	const struct nlattr *b = info->attrs[hi_attr];

	if (!a != !b) {
		NL_SET_ERR_MSG_ATTR(info->extack, a ?: b,
				    "the first and the last port of a range go together");
		return -EINVAL;
	}
	*lo = get_u16(a, *lo);
	*hi = get_u16(b, *hi);
	if (*lo <= *hi)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, a,
			    "the first port of a range is greater than the last");
	return -EINVAL;
}

static int underlay_get_ports(struct genl_info *info,
			      struct ov_underlay_cfg *cfg)
{
	const int sport_attr = ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_LO;
	u16 lo = PORT_LO, hi = PORT_HI, slo = SPORT_LO, shi = SPORT_HI;
	int err;

	err = underlay_get_range(info, ASHLAR_OVERLAY_A_UNDERLAY_PORTS_LO,
				 ASHLAR_OVERLAY_A_UNDERLAY_PORTS_HI, &lo, &hi);
	if (err)
		return err;
	if (hi - lo >= OV_MAX_SUITE_PORTS) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[ASHLAR_OVERLAY_A_UNDERLAY_PORTS_LO],
				    "an underlay has at most 64 suite ports");
		return -EINVAL;
	}
	err = underlay_get_range(info, sport_attr,
				 ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_HI,
				 &slo, &shi);
	if (err)
		return err;
	if (!info->attrs[sport_attr] && lo <= shi && hi >= slo) {
		/* The default gives way: the larger part beside the ports. */
		if (lo - slo > shi - hi)
			shi = lo - 1;
		else
			slo = hi + 1;
	}
	if (lo <= shi && hi >= slo) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[sport_attr],
				    "source ports and suite ports overlap");
		return -EINVAL;
	}
	if (shi - slo + 1 < ASHLAR_OVERLAY_MIN_SOURCE_PORTS) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[sport_attr],
				    "an underlay needs at least 16 source ports");
		return -EINVAL;
	}
	cfg->port_lo = lo;
	cfg->port_n = hi - lo + 1;
	cfg->sport_lo = slo;
	cfg->sport_n = shi - slo + 1;
	return 0;
}

static int underlay_get_cfg(struct genl_info *info, struct ov_underlay_cfg *cfg)
{
	struct nlattr **tb = info->attrs;
	int err;

	err = underlay_get_name(info, cfg->name);
	if (err)
		return err;
	if (!dev_valid_name(cfg->name)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    tb[ASHLAR_OVERLAY_A_UNDERLAY_NAME],
				    "a name has 1 to 15 characters without spaces, / and :");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_UNDERLAY_IFINDEXES)) {
		GENL_SET_ERR_MSG(info, "the uplink devices are missing");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_UNDERLAY_ADDR)) {
		GENL_SET_ERR_MSG(info, "the host's address is missing");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_UNDERLAY_KEY)) {
		GENL_SET_ERR_MSG(info, "the key is missing");
		return -EINVAL;
	}
	err = underlay_get_uplinks(info, cfg);
	if (err)
		return err;
	err = ov_nl_get_host(tb[ASHLAR_OVERLAY_A_UNDERLAY_ADDR], &cfg->addr,
			     info->extack);
	if (err)
		return err;
	err = underlay_get_ports(info, cfg);
	if (err)
		return err;
	cfg->opt_kind = tb[ASHLAR_OVERLAY_A_UNDERLAY_OPTION_KIND] ?
		nla_get_u8(tb[ASHLAR_OVERLAY_A_UNDERLAY_OPTION_KIND]) :
		OPTION_KIND;
	cfg->exid = get_u16(tb[ASHLAR_OVERLAY_A_UNDERLAY_EXID], EXID);
	cfg->rest_ms = get_u32(tb[ASHLAR_OVERLAY_A_UNDERLAY_REST_MS], REST_MS);
	cfg->hello_s = get_u32(tb[ASHLAR_OVERLAY_A_UNDERLAY_HELLO_INTERVAL],
			       HELLO_S);
	cfg->half_max = get_u32(tb[ASHLAR_OVERLAY_A_UNDERLAY_HALF_OPEN_MAX],
				HALF_MAX);
	nla_memcpy(cfg->key, tb[ASHLAR_OVERLAY_A_UNDERLAY_KEY],
		   sizeof(cfg->key));
	return 0;
}

/* The message may live on, in the error report for one. */
static void key_forget(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[ASHLAR_OVERLAY_A_UNDERLAY_KEY];

	if (attr)
		memzero_explicit(nla_data(attr), nla_len(attr));
}

int ov_nl_underlay_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ov_underlay_cfg cfg = {};
	int err;

	static_assert(sizeof(cfg.key) == ASHLAR_OVERLAY_KEY_LEN);

	err = underlay_get_cfg(info, &cfg);
	if (!err) {
		mutex_lock(&ov_mutex);
		err = ov_underlay_add(genl_info_net(info), &cfg, info->extack);
		mutex_unlock(&ov_mutex);
	}
	memzero_explicit(&cfg, sizeof(cfg));
	key_forget(info);
	return err;
}

int ov_nl_underlay_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *drop = info->attrs[ASHLAR_OVERLAY_A_UNDERLAY_DROP_PREVIOUS_KEY];
	struct nlattr *key = info->attrs[ASHLAR_OVERLAY_A_UNDERLAY_KEY];
	struct net *net = genl_info_net(info);
	char name[IFNAMSIZ];
	int err;

	err = underlay_get_name(info, name);
	if (err)
		goto forget;
	if (!key == !drop) {
		NL_SET_ERR_MSG_ATTR(info->extack, drop,
				    "set either a new key or drop-previous-key");
		err = -EINVAL;
		goto forget;
	}
	mutex_lock(&ov_mutex);
	err = key ? ov_underlay_set_key(net, name, nla_data(key), info->extack) :
		    ov_underlay_drop_key(net, name, info->extack);
	mutex_unlock(&ov_mutex);
forget:
	key_forget(info);
	return err;
}

int ov_nl_underlay_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	char name[IFNAMSIZ];
	int err;

	err = underlay_get_name(info, name);
	if (err)
		return err;
	mutex_lock(&ov_mutex);
	err = ov_underlay_del(genl_info_net(info), name, info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

int ov_nl_network_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	u32 vni, fallback, action;
	char underlay[IFNAMSIZ];
	int err;

	err = ov_nl_get_vni(info, ASHLAR_OVERLAY_A_NETWORK_VNI, &vni);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_NETWORK_UNDERLAY)) {
		GENL_SET_ERR_MSG(info, "the underlay's name is missing");
		return -EINVAL;
	}
	nla_strscpy(underlay, tb[ASHLAR_OVERLAY_A_NETWORK_UNDERLAY], IFNAMSIZ);
	fallback = get_u32(tb[ASHLAR_OVERLAY_A_NETWORK_FALLBACK_IFINDEX], 0);
	action = get_u32(tb[ASHLAR_OVERLAY_A_NETWORK_DEFAULT],
			 ASHLAR_OVERLAY_ACTION_ALLOW);
	mutex_lock(&ov_mutex);
	err = ov_network_add(genl_info_net(info), vni, underlay, fallback,
			     action == ASHLAR_OVERLAY_ACTION_ALLOW,
			     info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

int ov_nl_network_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *fb = info->attrs[ASHLAR_OVERLAY_A_NETWORK_FALLBACK_IFINDEX];
	struct nlattr *def = info->attrs[ASHLAR_OVERLAY_A_NETWORK_DEFAULT];
	int fallback = get_u32(fb, 0);
	bool allow;
	u32 vni;
	int err;

	err = ov_nl_get_vni(info, ASHLAR_OVERLAY_A_NETWORK_VNI, &vni);
	if (err)
		return err;
	if (!def && !fb) {
		GENL_SET_ERR_MSG(info, "neither a default nor a fallback is told: nothing to set");
		return -EINVAL;
	}
	allow = get_u32(def, 0) == ASHLAR_OVERLAY_ACTION_ALLOW;
	mutex_lock(&ov_mutex);
	err = ov_network_set(genl_info_net(info), vni, def ? &allow : NULL,
			     fb ? &fallback : NULL, info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

int ov_nl_network_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 vni;
	int err;

	err = ov_nl_get_vni(info, ASHLAR_OVERLAY_A_NETWORK_VNI, &vni);
	if (err)
		return err;
	mutex_lock(&ov_mutex);
	err = ov_network_del(genl_info_net(info), vni, info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}
