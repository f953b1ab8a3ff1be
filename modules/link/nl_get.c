// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: what shows links, their history, the host and its counters.
 *
 * A dump may take many calls and is resumed by position. cb->seq follows the
 * configuration's generation, so that the reader learns (NLM_F_DUMP_INTR) that
 * what it got is not of one moment.
 *
 * What limits a dump is read in its first call and not at its start, where some
 * kernels cannot take the sentence that explains a refusal.
 */
#include "nl_msg.h"

/**
 * struct ln_nl_list - a dump
 * @at: how many objects were shown
 * @back: of the history at @at: how many entries
 * @ifindex: show this device's only; 0 for all
 * @begun: the first call is over
 */
struct ln_nl_list {
	unsigned long at;
	unsigned int back;
	int ifindex;
	bool begun;
};

static struct ln_nl_list *list_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct ln_nl_list) > sizeof(cb->ctx));
	return (struct ln_nl_list *)cb->ctx;
}

void ln_nl_dump_seq(struct netlink_callback *cb, const struct ln_host *host)
{
	/* 0 is not a valid sequence. */
	cb->seq = atomic_read(&host->generation) ?: 1;
}

void ln_nl_dump_msg(struct ln_nl_msg *m, struct sk_buff *skb,
		    struct netlink_callback *cb, u8 cmd)
{
	*m = (struct ln_nl_msg){
		.skb = skb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cb = cb,
		.cmd = cmd,
		.event = LN_NL_NO_EVENT,
	};
}

/*
 * Do and dump share a policy; what belongs to do alone is refused here. The
 * core has parsed the message already, but where it keeps the result is not
 * the same in all kernels.
 */
int ln_nl_dump_parse(struct netlink_callback *cb, struct nlattr **tb, int max,
		     const struct nla_policy *policy, u64 allowed)
{
	int err, i;

	err = genlmsg_parse(cb->nlh, &ln_nl_family, tb, max, policy,
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

int ln_nl_reply_begin(struct ln_nl_msg *m, struct genl_info *info, u8 cmd)
{
	*m = (struct ln_nl_msg){
		.skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = cmd,
		.event = LN_NL_NO_EVENT,
	};
	return m->skb ? 0 : -ENOMEM;
}

int ln_nl_reply_end(struct ln_nl_msg *m, struct genl_info *info, int err)
{
	if (!err)
		return genlmsg_reply(m->skb, info);
	nlmsg_free(m->skb);
	return err;
}

/* Links. */

int ln_nl_link_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_link *link;
	struct ln_nl_msg m;
	int err;

	err = ln_nl_reply_begin(&m, info, ASHLAR_LINK_CMD_LINK_GET);
	if (err)
		return err;
	mutex_lock(&ln_mutex);
	link = ln_nl_get_link(info);
	err = link ? ln_nl_fill_link(&m, link) : -ENOENT;
	mutex_unlock(&ln_mutex);
	return ln_nl_reply_end(&m, info, err);
}

int ln_nl_link_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *tb[ASHLAR_LINK_A_LINK_IFINDEX + 1];
	struct ln_nl_list *list = list_of(cb);
	struct ln_host *host;
	struct ln_link *link;
	unsigned long n = 0;
	struct ln_nl_msg m;
	int err = 0;

	if (!list->begun)
		err = ln_nl_dump_parse(cb, tb, ASHLAR_LINK_A_LINK_IFINDEX,
				       ln_nl_link_get_policy, 0);
	if (err)
		return err;
	list->begun = true;
	ln_nl_dump_msg(&m, skb, cb, ASHLAR_LINK_CMD_LINK_GET);
	rcu_read_lock();
	host = ln_host_get(sock_net(cb->skb->sk));
	if (!host)
		goto unlock;
	ln_nl_dump_seq(cb, host);
	list_for_each_entry_rcu(link, &host->links, list) {
		if (n++ < list->at)
			continue;
		err = ln_nl_fill_link(&m, link);
		if (err)
			break;
		list->at = n;
	}
unlock:
	rcu_read_unlock();
	return skb->len ?: err;
}

/* Their history: of one link after the other, the newest entry first. */

static int history_begin(struct netlink_callback *cb, struct ln_nl_list *list)
{
	struct nlattr *tb[ASHLAR_LINK_A_HISTORY_IFINDEX + 1];
	struct ln_host *host;
	bool known;
	int err;

	err = ln_nl_dump_parse(cb, tb, ASHLAR_LINK_A_HISTORY_IFINDEX,
			       ln_nl_history_get_policy,
			       BIT_ULL(ASHLAR_LINK_A_HISTORY_IFINDEX));
	if (err)
		return err;
	list->begun = true;
	if (!tb[ASHLAR_LINK_A_HISTORY_IFINDEX])
		return 0;
	list->ifindex = nla_get_u32(tb[ASHLAR_LINK_A_HISTORY_IFINDEX]);
	rcu_read_lock();
	host = ln_host_get(sock_net(cb->skb->sk));
	known = host && ln_link_find(host, list->ifindex);
	rcu_read_unlock();
	if (known)
		return 0;
	NL_SET_ERR_MSG_ATTR(cb->extack, tb[ASHLAR_LINK_A_HISTORY_IFINDEX],
			    "this device is no link");
	return -ENOENT;
}

static int history_dump_link(struct ln_nl_msg *m, struct ln_nl_list *list,
			     struct ln_link *link)
{
	int err;

	do {
		err = ln_nl_fill_history(m, link, list->back);
		if (!err)
			list->back++;
	} while (!err);
	if (err != -ENODATA)
		return err;
	list->back = 0;
	return 0;
}

int ln_nl_history_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ln_nl_list *list = list_of(cb);
	struct ln_host *host;
	struct ln_link *link;
	unsigned long n = 0;
	struct ln_nl_msg m;
	int err = 0;

	if (!list->begun)
		err = history_begin(cb, list);
	if (err)
		return err;
	ln_nl_dump_msg(&m, skb, cb, ASHLAR_LINK_CMD_HISTORY_GET);
	rcu_read_lock();
	host = ln_host_get(sock_net(cb->skb->sk));
	if (!host)
		goto unlock;
	ln_nl_dump_seq(cb, host);
	list_for_each_entry_rcu(link, &host->links, list) {
		if (n++ < list->at)
			continue;
		if (!list->ifindex || link->dev->ifindex == list->ifindex)
			err = history_dump_link(&m, list, link);
		if (err)
			break;
		list->at = n;
	}
unlock:
	rcu_read_unlock();
	return skb->len ?: err;
}

/* The host, and its counters. */

static int host_reply(struct genl_info *info, u8 cmd,
		      int (*fill)(struct ln_nl_msg *m,
				  const struct ln_host *host))
{
	struct ln_nl_msg m;
	int err;

	err = ln_nl_reply_begin(&m, info, cmd);
	if (err)
		return err;
	mutex_lock(&ln_mutex);
	err = fill(&m, ln_host_get(genl_info_net(info)));
	mutex_unlock(&ln_mutex);
	return ln_nl_reply_end(&m, info, err);
}

int ln_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return host_reply(info, ASHLAR_LINK_CMD_HOST_GET, ln_nl_fill_host);
}

int ln_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return host_reply(info, ASHLAR_LINK_CMD_STATS_GET, ln_nl_fill_stats);
}
