// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: repair tickets, and how good repairs were. */
#include "nl.h"
#include "nl_msg.h"
#include "ticket.h"

#define R(name) ASHLAR_LINK_A_REPAIR_##name
#define LN_SAME(ours, theirs) \
	static_assert((int)LN_##ours == (int)ASHLAR_LINK_##theirs)

LN_SAME(TICKET_OPEN, TICKET_STATE_OPEN);
LN_SAME(TICKET_DONE, TICKET_STATE_DONE);
LN_SAME(TICKET_WORKED, TICKET_STATE_WORKED);
LN_SAME(TICKET_RELAPSED, TICKET_STATE_RELAPSED);
LN_SAME(TICKET_WITHDRAWN, TICKET_STATE_WITHDRAWN);

static int get_id(struct genl_info *info, u32 *id)
{
	if (GENL_REQ_ATTR_CHECK(info, R(ID))) {
		GENL_SET_ERR_MSG(info, "the repair's number is missing");
		return -EINVAL;
	}
	*id = nla_get_u32(info->attrs[R(ID)]);
	return 0;
}

static int repair_change(struct genl_info *info,
			 int (*change)(struct ln_host *host, u32 id,
				       struct netlink_ext_ack *extack))
{
	struct ln_host *host;
	int err = -ENOENT;
	u32 id;

	if (get_id(info, &id))
		return -EINVAL;
	mutex_lock(&ln_mutex);
	host = ln_host_get(genl_info_net(info));
	if (host)
		err = change(host, id, info->extack);
	else
		GENL_SET_ERR_MSG(info, "there is no such repair");
	mutex_unlock(&ln_mutex);
	return err;
}

int ln_nl_repair_done_doit(struct sk_buff *skb, struct genl_info *info)
{
	return repair_change(info, ln_ticket_done);
}

int ln_nl_repair_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return repair_change(info, ln_ticket_withdraw);
}

static int put_since(struct sk_buff *skb, int attr, u64 then)
{
	if (!then)
		return 0;
	return ln_nl_put_u64(skb, attr, ktime_get_boottime_seconds() - then);
}

static int put_evidence(struct sk_buff *skb, const struct ln_ticket *t)
{
	return ln_nl_put_u64(skb, R(LOSS), t->loss) ?:
	       ln_nl_put_u64(skb, R(TRIALS), t->trials) ?:
	       ln_nl_put_u64(skb, R(ERRORS), t->errors) ?:
	       nla_put_u32(skb, R(SHARED), t->shared) ?:
	       (t->component[0] ?
		nla_put_string(skb, R(COMPONENT), t->component) : 0) ?:
	       (t->peer[0] ? nla_put_string(skb, R(PEER_NAME), t->peer) : 0) ?:
	       ln_nl_put_optics(skb, R(OPTICS_STATE), &t->here) ?:
	       ln_nl_put_optics(skb, R(FAR_OPTICS_STATE), &t->far);
}

static int fill_repair(struct ln_nl_msg *m, const struct ln_ticket *t)
{
	struct sk_buff *skb = m->skb;
	void *hdr;

	hdr = ln_nl_msg_begin(m, R(EVENT));
	if (!hdr)
		return -EMSGSIZE;
	return ln_nl_msg_end(m, hdr,
			     nla_put_u32(skb, R(ID), t->id) ?:
			     nla_put_u32(skb, R(IFINDEX), t->ifindex) ?:
			     nla_put_string(skb, R(DEVICE), t->dev) ?:
			     nla_put_u32(skb, R(REPAIR), t->repair) ?:
			     nla_put_u32(skb, R(STATE), t->state) ?:
			     nla_put_u32(skb, R(DIRECTION), t->dir) ?:
			     ln_nl_put_flag(skb, R(UNSURE), t->unsure) ?:
			     put_since(skb, R(OPENED_S), t->opened) ?:
			     put_since(skb, R(DONE_S), t->done) ?:
			     put_since(skb, R(CLOSED_S), t->closed) ?:
			     put_evidence(skb, t));
}

int ln_nl_repair_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_ticket *t = NULL;
	struct ln_host *host;
	struct ln_nl_msg m;
	u32 id;
	int err;

	err = get_id(info, &id);
	if (err)
		return err;
	if (info->attrs[R(IFINDEX)]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[R(IFINDEX)],
				    "a repair is named by its number alone");
		return -EINVAL;
	}
	err = ln_nl_reply_begin(&m, info, ASHLAR_LINK_CMD_REPAIR_GET);
	if (err)
		return err;
	mutex_lock(&ln_mutex);
	host = ln_host_get(genl_info_net(info));
	if (host)
		t = ln_ticket_find(host, id);
	err = t ? fill_repair(&m, t) : -ENOENT;
	mutex_unlock(&ln_mutex);
	if (!t)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[R(ID)],
				    "there is no such repair");
	return ln_nl_reply_end(&m, info, err);
}

/**
 * struct ln_nl_tickets - a dump of tickets
 * @at: how many were looked at
 * @ifindex: show this device's only; 0 for all
 * @begun: the first call is over
 */
struct ln_nl_tickets {
	unsigned long at;
	int ifindex;
	bool begun;
};

static int tickets_begin(struct netlink_callback *cb, struct ln_nl_tickets *list)
{
	struct nlattr *tb[R(IFINDEX) + 1];
	int err;

	err = ln_nl_dump_parse(cb, tb, R(IFINDEX), ln_nl_repair_get_policy,
			       BIT_ULL(R(IFINDEX)));
	if (err)
		return err;
	if (tb[R(IFINDEX)])
		list->ifindex = nla_get_u32(tb[R(IFINDEX)]);
	list->begun = true;
	return 0;
}

int ln_nl_repair_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ln_nl_tickets *list = (struct ln_nl_tickets *)cb->ctx;
	const struct ln_ticket *t;
	struct ln_host *host;
	unsigned long n = 0;
	struct ln_nl_msg m;
	int err = 0;

	if (!list->begun)
		err = tickets_begin(cb, list);
	if (err)
		return err;
	ln_nl_dump_msg(&m, skb, cb, ASHLAR_LINK_CMD_REPAIR_GET);
	mutex_lock(&ln_mutex);
	host = ln_host_get(sock_net(cb->skb->sk));
	if (!host)
		goto unlock;
	ln_nl_dump_seq(cb, host);
	list_for_each_entry(t, &host->tickets, list) {
		if (n++ < list->at)
			continue;
		if (!list->ifindex || t->ifindex == list->ifindex)
			err = fill_repair(&m, t);
		if (err)
			break;
		list->at = n;
	}
unlock:
	mutex_unlock(&ln_mutex);
	return skb->len ?: err;
}

static int fill_accuracy(struct ln_nl_msg *m, const struct ln_host *host,
			 unsigned int repair)
{
	void *hdr = genlmsg_put(m->skb, m->portid, m->seq, &ln_nl_family,
				m->flags, m->cmd);

	if (!hdr)
		return -EMSGSIZE;
	return ln_nl_msg_end(m, hdr,
			     nla_put_u32(m->skb, ASHLAR_LINK_A_ACCURACY_REPAIR,
					 repair) ?:
			     nla_put_u32(m->skb, ASHLAR_LINK_A_ACCURACY_DONE,
					 host->accuracy[repair].done) ?:
			     nla_put_u32(m->skb, ASHLAR_LINK_A_ACCURACY_WORKED,
					 host->accuracy[repair].worked));
}

/* Few and small: they fit one call. */
int ln_nl_accuracy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned long *at = (unsigned long *)cb->ctx;
	struct ln_host *host;
	struct ln_nl_msg m;
	int err = 0;

	ln_nl_dump_msg(&m, skb, cb, ASHLAR_LINK_CMD_ACCURACY_GET);
	mutex_lock(&ln_mutex);
	host = ln_host_get(sock_net(cb->skb->sk));
	for (; host && !err && *at + 1 < LN_REPAIR_MAX; *at += !err)
		err = fill_accuracy(&m, host, *at + 1);
	mutex_unlock(&ln_mutex);
	return skb->len ?: err;
}

void ln_nl_notify_ticket(struct ln_host *host, const struct ln_ticket *ticket,
			 enum ln_event event)
{
	struct ln_nl_msg m;

	lockdep_assert_held(&ln_mutex);
	if (ln_nl_ntf_begin(&m, host->net, ASHLAR_LINK_CMD_REPAIR_NTF, event,
			    GFP_KERNEL))
		ln_nl_ntf_end(&m, host->net, fill_repair(&m, ticket),
			      GFP_KERNEL);
}
