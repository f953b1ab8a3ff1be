// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: what shows the configuration and its state.
 *
 * A dump may take many calls. Short lists are resumed by position, the tables
 * of endpoints and conns by a walk that lasts as long as the dump. In either
 * case cb->seq follows the configuration's generation, so that the reader
 * learns (NLM_F_DUMP_INTR) that what it got is not of one moment.
 *
 * What limits a dump is read in its first call and not at its start, where some
 * kernels cannot take the sentence that explains a refusal.
 *
 * A host lives as long as its namespace, and a dump's socket holds that: the
 * pointer stays good from one call to the next.
 */
#include "nl_msg.h"
#include "peer.h"

/**
 * struct ov_nl_list - a dump of a short list
 * @host: the host, or NULL if the namespace is none
 * @at: how many objects were shown
 * @tables: changes when a table of peers was resized, and so put in another
 *          order
 * @bumps: how often that was
 * @vni: the network to show
 * @one: show one network's only
 * @begun: the first call is over
 */
struct ov_nl_list {
	struct ov_host *host;
	unsigned long at;
	unsigned long tables;
	u32 bumps;
	u32 vni;
	bool one;
	bool begun;
};

struct ov_host *ov_nl_host_of(struct net *net)
{
	struct ov_host *host;

	rcu_read_lock();
	host = ov_host_get(net);
	rcu_read_unlock();
	return host;
}

static struct ov_nl_list *list_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct ov_nl_list) > sizeof(cb->ctx));
	return (struct ov_nl_list *)cb->ctx;
}

void ov_nl_dump_seq(struct netlink_callback *cb, const struct ov_host *host,
		    u32 bumps)
{
	/* 0 is not a valid sequence. */
	cb->seq = (atomic_read(&host->generation) + bumps) ?: 1;
}

void ov_nl_dump_msg(struct ov_nl_msg *m, struct sk_buff *skb,
		    struct netlink_callback *cb, u8 cmd)
{
	*m = (struct ov_nl_msg){
		.skb = skb,
		.cb = cb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = cmd,
		.event = OV_NL_NO_EVENT,
	};
}

/*
 * Do and dump share a policy; what belongs to do alone is refused here. The
 * core has parsed the message already, but where it keeps the result is not
 * the same in all kernels.
 */
int ov_nl_dump_parse(struct netlink_callback *cb, struct nlattr **tb, int max,
		     const struct nla_policy *policy, u64 allowed)
{
	int err, i;

	err = genlmsg_parse(cb->nlh, &ov_nl_family, tb, max, policy,
			    cb->extack);
	if (err)
		return err;
	for (i = 1; i <= max; i++) {
		if (!tb[i] || allowed & BIT_ULL(i))
			continue;
		NL_SET_ERR_MSG_ATTR(cb->extack, tb[i],
				    "this attribute cannot limit what is shown");
		return -EINVAL;
	}
	return 0;
}

int ov_nl_reply_begin(struct ov_nl_msg *m, struct genl_info *info, u8 cmd)
{
	*m = (struct ov_nl_msg){
		.skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = cmd,
		.event = OV_NL_NO_EVENT,
	};
	return m->skb ? 0 : -ENOMEM;
}

int ov_nl_reply_end(struct ov_nl_msg *m, struct genl_info *info, int err)
{
	if (!err)
		return genlmsg_reply(m->skb, info);
	nlmsg_free(m->skb);
	return err;
}

static int list_begin(struct netlink_callback *cb, struct nlattr **tb, int max,
		      const struct nla_policy *policy, u64 allowed)
{
	struct ov_nl_list *list = list_of(cb);
	int err;

	err = ov_nl_dump_parse(cb, tb, max, policy, allowed);
	if (err)
		return err;
	list->host = ov_nl_host_of(sock_net(cb->skb->sk));
	list->begun = true;
	return 0;
}

/* Underlays. */

static struct ov_underlay *underlay_find(struct net *net,
					 const struct nlattr *name)
{
	struct ov_host *host = ov_host_get(net);
	struct ov_underlay *ul;

	if (!host)
		return NULL;
	list_for_each_entry_rcu(ul, &host->underlays, list)
		if (!nla_strcmp(name, ul->cfg.name))
			return ul;
	return NULL;
}

int ov_nl_underlay_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ov_underlay *ul;
	struct ov_nl_msg m;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_UNDERLAY_NAME)) {
		GENL_SET_ERR_MSG(info, "the underlay's name is missing");
		return -EINVAL;
	}
	err = ov_nl_reply_begin(&m, info, ASHLAR_OVERLAY_CMD_UNDERLAY_GET);
	if (err)
		return err;
	rcu_read_lock();
	ul = underlay_find(genl_info_net(info),
			   info->attrs[ASHLAR_OVERLAY_A_UNDERLAY_NAME]);
	err = ul ? ov_nl_fill_underlay(&m, ul) : -ENOENT;
	rcu_read_unlock();
	if (!ul)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[ASHLAR_OVERLAY_A_UNDERLAY_NAME],
				    "no underlay has this name");
	return ov_nl_reply_end(&m, info, err);
}

int ov_nl_underlay_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *tb[ASHLAR_OVERLAY_A_UNDERLAY_NAME + 1];
	struct ov_nl_list *list = list_of(cb);
	struct ov_underlay *ul;
	unsigned long n = 0;
	struct ov_nl_msg m;
	int err = 0;

	if (!list->begun)
		err = list_begin(cb, tb, ASHLAR_OVERLAY_A_UNDERLAY_NAME,
				 ov_nl_underlay_get_policy, 0);
	if (err)
		return err;
	if (!list->host)
		return 0;
	ov_nl_dump_msg(&m, skb, cb, ASHLAR_OVERLAY_CMD_UNDERLAY_GET);
	rcu_read_lock();
	ov_nl_dump_seq(cb, list->host, 0);
	list_for_each_entry_rcu(ul, &list->host->underlays, list) {
		if (n++ < list->at)
			continue;
		err = ov_nl_fill_underlay(&m, ul);
		if (err)
			break;
		list->at = n;
	}
	rcu_read_unlock();
	return skb->len ?: err;
}

/* Networks. */

int ov_nl_network_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[ASHLAR_OVERLAY_A_NETWORK_VNI];
	struct ov_network *nw = NULL;
	struct ov_host *host;
	struct ov_nl_msg m;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_NETWORK_VNI)) {
		GENL_SET_ERR_MSG(info, "the VNI is missing");
		return -EINVAL;
	}
	err = ov_nl_reply_begin(&m, info, ASHLAR_OVERLAY_CMD_NETWORK_GET);
	if (err)
		return err;
	rcu_read_lock();
	host = ov_host_get(genl_info_net(info));
	if (host)
		nw = ov_network_find(host, nla_get_u32(attr));
	err = nw ? ov_nl_fill_network(&m, nw) : -ENOENT;
	rcu_read_unlock();
	if (!nw)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "no network has this VNI");
	return ov_nl_reply_end(&m, info, err);
}

int ov_nl_network_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *tb[ASHLAR_OVERLAY_A_NETWORK_VNI + 1];
	struct ov_nl_list *list = list_of(cb);
	struct ov_network *nw;
	unsigned long n = 0;
	struct ov_nl_msg m;
	int err = 0;

	if (!list->begun)
		err = list_begin(cb, tb, ASHLAR_OVERLAY_A_NETWORK_VNI,
				 ov_nl_network_get_policy, 0);
	if (err)
		return err;
	if (!list->host)
		return 0;
	ov_nl_dump_msg(&m, skb, cb, ASHLAR_OVERLAY_CMD_NETWORK_GET);
	rcu_read_lock();
	ov_nl_dump_seq(cb, list->host, 0);
	list_for_each_entry_rcu(nw, &list->host->networks, list) {
		if (n++ < list->at)
			continue;
		err = ov_nl_fill_network(&m, nw);
		if (err)
			break;
		list->at = n;
	}
	rcu_read_unlock();
	return skb->len ?: err;
}

/* Policies: the rules of one network after the other. */

static int policy_begin(struct netlink_callback *cb, struct ov_nl_list *list)
{
	struct nlattr *tb[ASHLAR_OVERLAY_A_POLICY_VNI + 1];
	int err;

	err = list_begin(cb, tb, ASHLAR_OVERLAY_A_POLICY_VNI,
			 ov_nl_policy_get_policy,
			 BIT_ULL(ASHLAR_OVERLAY_A_POLICY_VNI));
	if (err)
		return err;
	list->one = tb[ASHLAR_OVERLAY_A_POLICY_VNI];
	if (list->one)
		list->vni = nla_get_u32(tb[ASHLAR_OVERLAY_A_POLICY_VNI]);
	return 0;
}

static int policy_dump_network(struct ov_nl_msg *m, struct ov_nl_list *list,
			       const struct ov_network *nw, unsigned long *n)
{
	const struct ov_policies *p = rcu_dereference(nw->policies);
	unsigned int i;
	int err;

	for (i = 0; p && i < p->n; i++) {
		if ((*n)++ < list->at)
			continue;
		err = ov_nl_fill_policy(m, nw->vni, p->rule[i]);
		if (err)
			return err;
		list->at = *n;
	}
	return 0;
}

int ov_nl_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ov_nl_list *list = list_of(cb);
	struct ov_network *nw;
	unsigned long n = 0;
	struct ov_nl_msg m;
	int err = 0;

	if (!list->begun)
		err = policy_begin(cb, list);
	if (err)
		return err;
	if (!list->host)
		return 0;
	ov_nl_dump_msg(&m, skb, cb, ASHLAR_OVERLAY_CMD_POLICY_GET);
	rcu_read_lock();
	ov_nl_dump_seq(cb, list->host, 0);
	list_for_each_entry_rcu(nw, &list->host->networks, list) {
		if (list->one && nw->vni != list->vni)
			continue;
		err = policy_dump_network(&m, list, nw, &n);
		if (err)
			break;
	}
	rcu_read_unlock();
	return skb->len ?: err;
}

/* Peers: the tables of one underlay after the other, by position. */

static int peer_dump_underlay(struct ov_nl_msg *m, struct ov_nl_list *list,
			      struct ov_underlay *ul, unsigned long *n)
{
	struct rhashtable_iter iter;
	struct ov_peer *peer;
	int err = 0;

	rhashtable_walk_enter(&ul->peers, &iter);
	rhashtable_walk_start(&iter);
	while (!err && (peer = rhashtable_walk_next(&iter))) {
		if (IS_ERR(peer)) {
			ov_nl_dump_seq(m->cb, list->host, ++list->bumps);
			continue;
		}
		if ((*n)++ < list->at)
			continue;
		err = ov_nl_fill_peer(m, peer);
		if (!err)
			list->at = *n;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return err;
}

/* ov_mutex keeps the underlays, and the peers' number, as they are. */
int ov_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ov_nl_list *list = list_of(cb);
	unsigned long n = 0, tables = 1;
	struct ov_underlay *ul;
	struct ov_nl_msg m;
	int err = 0;

	list->host = ov_nl_host_of(sock_net(cb->skb->sk));
	if (!list->host)
		return 0;
	ov_nl_dump_msg(&m, skb, cb, ASHLAR_OVERLAY_CMD_PEER_GET);
	mutex_lock(&ov_mutex);
	list_for_each_entry(ul, &list->host->underlays, list)
		tables += (unsigned long)rcu_access_pointer(ul->peers.tbl);
	if (list->tables && list->tables != tables)
		list->bumps++;
	list->tables = tables;
	ov_nl_dump_seq(cb, list->host, list->bumps);
	list_for_each_entry(ul, &list->host->underlays, list) {
		err = peer_dump_underlay(&m, list, ul, &n);
		if (err)
			break;
	}
	mutex_unlock(&ov_mutex);
	return skb->len ?: err;
}

/* Counters. */

int ov_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ov_nl_msg m;
	int err;

	err = ov_nl_reply_begin(&m, info, ASHLAR_OVERLAY_CMD_STATS_GET);
	if (err)
		return err;
	err = ov_nl_fill_stats(&m, ov_nl_host_of(genl_info_net(info)));
	return ov_nl_reply_end(&m, info, err);
}
