// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: what changes endpoints and policies. See nl.c.
 */
#include "nl_msg.h"

/* All of a network's. */
static int flush(struct genl_info *info, int vni_attr,
		 int (*all)(struct net *net, u32 vni,
			    struct netlink_ext_ack *extack))
{
	u32 vni;
	int err;

	err = ov_nl_get_vni(info, vni_attr, &vni);
	if (err)
		return err;
	mutex_lock(&ov_mutex);
	err = all(genl_info_net(info), vni, info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

static int endpoint_get_key(struct genl_info *info, u32 *vni,
			    struct ov_addr *addr)
{
	int err;

	err = ov_nl_get_vni(info, ASHLAR_OVERLAY_A_ENDPOINT_VNI, vni);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_ENDPOINT_ADDR)) {
		GENL_SET_ERR_MSG(info, "the endpoint's address is missing");
		return -EINVAL;
	}
	return ov_nl_get_unicast(info->attrs[ASHLAR_OVERLAY_A_ENDPOINT_ADDR],
				 addr, info->extack);
}

/* The container's namespace, counted; NULL if none is named. */
static struct net *endpoint_get_netns(struct sk_buff *skb,
				      struct genl_info *info)
{
	struct nlattr *pid = info->attrs[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_PID];
	struct nlattr *fd = info->attrs[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_FD];
	struct nlattr *attr = fd ?: pid;
	struct net *net;

	if (!attr)
		return NULL;
	if (fd && pid) {
		NL_SET_ERR_MSG_ATTR(info->extack, pid,
				    "name the namespace by netns-fd or netns-pid, not both");
		return ERR_PTR(-EINVAL);
	}
	net = fd ? get_net_ns_by_fd(nla_get_u32(fd)) :
		   get_net_ns_by_pid(nla_get_u32(pid));
	if (IS_ERR(net)) {
		if (fd)
			NL_SET_ERR_MSG_ATTR(info->extack, fd,
					    "netns-fd is not open on a network namespace");
		else
			NL_SET_ERR_MSG_ATTR(info->extack, pid,
					    "no process has this netns-pid");
		return net;
	}
	if (!netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN)) {
		put_net(net);
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "naming a namespace takes CAP_NET_ADMIN in it");
		return ERR_PTR(-EPERM);
	}
	return net;
}

static int endpoint_get_ifindex(struct genl_info *info, struct net *net)
{
	struct nlattr *index = info->attrs[ASHLAR_OVERLAY_A_ENDPOINT_IFINDEX];
	struct nlattr *name = info->attrs[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE];
	char ifname[IFNAMSIZ];
	struct net_device *dev;
	int ifindex = -ENODEV;

	if (!index == !name) {
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "name the container's device by ifindex or device, and not by both");
		return -EINVAL;
	}
	if (index)
		return nla_get_u32(index);
	nla_strscpy(ifname, name, sizeof(ifname));
	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, ifname);
	if (dev)
		ifindex = dev->ifindex;
	rcu_read_unlock();
	if (!dev)
		NL_SET_ERR_MSG_ATTR(info->extack, name,
				    "no such device in the container's namespace");
	return ifindex;
}

typedef int (*endpoint_fn)(struct net *net, u32 vni, const struct ov_addr *addr,
			   const struct ov_addr *peer, struct net *site,
			   int ifindex, struct netlink_ext_ack *extack);

static int endpoint_place_remote(struct genl_info *info, u32 vni,
				 const struct ov_addr *addr, endpoint_fn place)
{
	struct nlattr **tb = info->attrs;
	struct nlattr *extra;
	struct ov_addr peer;
	int err;

	extra = tb[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_FD] ?:
		tb[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_PID] ?:
		tb[ASHLAR_OVERLAY_A_ENDPOINT_IFINDEX] ?:
		tb[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE];
	if (extra) {
		NL_SET_ERR_MSG_ATTR(info->extack, extra,
				    "an endpoint is on a host or in a namespace, not both");
		return -EINVAL;
	}
	err = ov_nl_get_host(tb[ASHLAR_OVERLAY_A_ENDPOINT_HOST], &peer,
			     info->extack);
	if (err)
		return err;
	mutex_lock(&ov_mutex);
	err = place(genl_info_net(info), vni, addr, &peer, NULL, 0,
		    info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

static int endpoint_place_local(struct sk_buff *skb, struct genl_info *info,
				u32 vni, const struct ov_addr *addr,
				endpoint_fn place)
{
	struct net *net = genl_info_net(info);
	struct net *site;
	int ifindex, err;

	site = endpoint_get_netns(skb, info);
	if (IS_ERR(site))
		return PTR_ERR(site);
	if (!site) {
		GENL_SET_ERR_MSG(info, "neither the endpoint's host nor its namespace is told");
		return -EINVAL;
	}
	ifindex = endpoint_get_ifindex(info, site);
	if (ifindex < 0) {
		err = ifindex;
		goto put;
	}
	/* So that those who read can tell the namespaces apart. */
	peernet2id_alloc(net, site, GFP_KERNEL);
	mutex_lock(&ov_mutex);
	err = place(net, vni, addr, NULL, site, ifindex, info->extack);
	mutex_unlock(&ov_mutex);
put:
	put_net(site);
	return err;
}

static int endpoint_place(struct sk_buff *skb, struct genl_info *info,
			  endpoint_fn place)
{
	struct ov_addr addr;
	u32 vni;
	int err;

	err = endpoint_get_key(info, &vni, &addr);
	if (err)
		return err;
	if (info->attrs[ASHLAR_OVERLAY_A_ENDPOINT_HOST])
		return endpoint_place_remote(info, vni, &addr, place);
	return endpoint_place_local(skb, info, vni, &addr, place);
}

int ov_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return endpoint_place(skb, info, ov_endpoint_add);
}

int ov_nl_endpoint_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return endpoint_place(skb, info, ov_endpoint_set);
}

int ov_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ov_addr addr;
	u32 vni;
	int err;

	err = endpoint_get_key(info, &vni, &addr);
	if (err)
		return err;
	mutex_lock(&ov_mutex);
	err = ov_endpoint_del(genl_info_net(info), vni, &addr, info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

int ov_nl_endpoint_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return flush(info, ASHLAR_OVERLAY_A_ENDPOINT_VNI, ov_endpoint_flush);
}

/* A prefix as people know it; an IPv4 one is held as 96 bits more. */
static int policy_get_prefix(struct genl_info *info, int addr_attr,
			     int len_attr, struct ov_addr *addr, u8 *len)
{
	struct nlattr *a = info->attrs[addr_attr];
	struct nlattr *l = info->attrs[len_attr];
	struct ov_addr masked;
	int err;

	if (!a && !l)
		return 0;
	if (!a) {
		NL_SET_ERR_MSG_ATTR(info->extack, l,
				    "a prefix length needs an address");
		return -EINVAL;
	}
	err = ov_nl_get_addr(a, addr, info->extack);
	if (err)
		return err;
	*len = l ? nla_get_u8(l) : 32;
	if (*len > 32) {
		NL_SET_ERR_MSG_ATTR(info->extack, l,
				    "an IPv4 prefix has at most 32 bits");
		return -EINVAL;
	}
	*len += 96;
	ipv6_addr_prefix(&masked.in6, &addr->in6, *len);
	if (!ov_addr_equal(&masked, addr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, a,
				    "the address has bits beyond the prefix length");
		return -EINVAL;
	}
	return 0;
}

static int policy_get_ports(struct genl_info *info, struct ov_policy *rule)
{
	struct nlattr *lo = info->attrs[ASHLAR_OVERLAY_A_POLICY_DPORT_LO];
	struct nlattr *hi = info->attrs[ASHLAR_OVERLAY_A_POLICY_DPORT_HI];

	if (hi && !lo) {
		NL_SET_ERR_MSG_ATTR(info->extack, hi,
				    "the last destination port needs the first");
		return -EINVAL;
	}
	rule->dport_lo = lo ? nla_get_u16(lo) : 0;
	rule->dport_hi = hi ? nla_get_u16(hi) :
				lo ? rule->dport_lo : U16_MAX;
	if (rule->dport_lo <= rule->dport_hi)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, lo,
			    "the first port of a range is greater than the last");
	return -EINVAL;
}

static int policy_get_key(struct genl_info *info, u32 *vni, u32 *pref)
{
	int err;

	err = ov_nl_get_vni(info, ASHLAR_OVERLAY_A_POLICY_VNI, vni);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_POLICY_PREF)) {
		GENL_SET_ERR_MSG(info, "the policy's preference is missing");
		return -EINVAL;
	}
	*pref = nla_get_u32(info->attrs[ASHLAR_OVERLAY_A_POLICY_PREF]);
	return 0;
}

int ov_nl_policy_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ov_policy rule = {};
	u32 vni;
	int err;

	err = policy_get_key(info, &vni, &rule.pref);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_POLICY_ACTION)) {
		GENL_SET_ERR_MSG(info, "the policy's action is missing");
		return -EINVAL;
	}
	rule.allow = nla_get_u32(info->attrs[ASHLAR_OVERLAY_A_POLICY_ACTION]) ==
		     ASHLAR_OVERLAY_ACTION_ALLOW;
	err = policy_get_prefix(info, ASHLAR_OVERLAY_A_POLICY_SRC,
				ASHLAR_OVERLAY_A_POLICY_SRC_LEN,
				&rule.src, &rule.src_len) ?:
	      policy_get_prefix(info, ASHLAR_OVERLAY_A_POLICY_DST,
				ASHLAR_OVERLAY_A_POLICY_DST_LEN,
				&rule.dst, &rule.dst_len) ?:
	      policy_get_ports(info, &rule);
	if (err)
		return err;
	mutex_lock(&ov_mutex);
	err = ov_policy_add(genl_info_net(info), vni, &rule, info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

int ov_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 vni, pref;
	int err;

	err = policy_get_key(info, &vni, &pref);
	if (err)
		return err;
	mutex_lock(&ov_mutex);
	err = ov_policy_del(genl_info_net(info), vni, pref, info->extack);
	mutex_unlock(&ov_mutex);
	return err;
}

int ov_nl_policy_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	return flush(info, ASHLAR_OVERLAY_A_POLICY_VNI, ov_policy_flush);
}
