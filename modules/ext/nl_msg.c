// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: what all messages have in common: their head, replies, dumps, notifications. */
#include "nl_msg.h"

void *ex_nl_msg_begin(struct ex_nl_msg *m, int event_attr)
{
	void *hdr = genlmsg_put(m->skb, m->portid, m->seq, &ex_nl_family,
				m->flags, m->cmd);

	if (!hdr)
		return NULL;
	if (m->event == EX_NL_NO_EVENT ||
	    !nla_put_u32(m->skb, event_attr, m->event))
		return hdr;
	genlmsg_cancel(m->skb, hdr);
	return NULL;
}

int ex_nl_msg_end(struct ex_nl_msg *m, void *hdr, int err)
{
	if (err) {
		genlmsg_cancel(m->skb, hdr);
		return err;
	}
	if (m->cb)
		genl_dump_check_consistent(m->cb, hdr);
	genlmsg_end(m->skb, hdr);
	return 0;
}

int ex_nl_put_u64(struct sk_buff *skb, int attr, u64 value)
{
	static_assert(ASHLAR_EXT_A_EXT_PAD == 1 &&
		      ASHLAR_EXT_A_VETO_PAD == 1 &&
		      ASHLAR_EXT_A_APPROVAL_PAD == 1 &&
		      ASHLAR_EXT_A_INSTANCE_PAD == 1 &&
		      ASHLAR_EXT_A_HOOK_PAD == 1 &&
		      ASHLAR_EXT_A_REPORT_PAD == 1 &&
		      ASHLAR_EXT_A_MAP_PAD == 1 &&
		      ASHLAR_EXT_A_LOG_PAD == 1 &&
		      ASHLAR_EXT_A_STATS_PAD == 1);
	return nla_put_u64_64bit(skb, attr, value, ASHLAR_EXT_A_EXT_PAD);
}

int ex_nl_put_flag(struct sk_buff *skb, int attr, bool value)
{
	return value ? nla_put_flag(skb, attr) : 0;
}

int ex_nl_put_word(struct sk_buff *skb, int attr, const char *word)
{
	return word && *word ? nla_put_string(skb, attr, word) : 0;
}

int ex_nl_put_age(struct sk_buff *skb, int attr, u64 then)
{
	return ex_nl_put_u64(skb, attr, div_u64(ktime_get_boottime_ns() - then,
						NSEC_PER_MSEC));
}

/* Kernel addresses are for the administrator of the host alone. */
int ex_nl_reply_begin(struct ex_nl_msg *m, struct genl_info *info, u8 cmd,
		      size_t size)
{
	*m = (struct ex_nl_msg){
		.skb = genlmsg_new(size, GFP_KERNEL),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = cmd,
		.event = EX_NL_NO_EVENT,
		.host = ns_capable(&init_user_ns, CAP_NET_ADMIN),
	};
	return m->skb ? 0 : -ENOMEM;
}

int ex_nl_reply_end(struct ex_nl_msg *m, struct genl_info *info, int err)
{
	if (!err)
		return genlmsg_reply(m->skb, info);
	nlmsg_free(m->skb);
	return err;
}

/* A dump goes on as long as it is read, whoever reads. */
void ex_nl_dump_msg(struct ex_nl_msg *m, struct sk_buff *skb,
		    struct netlink_callback *cb, u8 cmd)
{
	*m = (struct ex_nl_msg){
		.skb = skb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cb = cb,
		.cmd = cmd,
		.event = EX_NL_NO_EVENT,
		.host = netlink_capable(cb->skb, CAP_NET_ADMIN),
	};
}

/* Extensions, reports and entries of maps are larger than what a dump has room for at first. */
int ex_nl_large_start(struct netlink_callback *cb)
{
	static_assert(EX_NL_EXT <= EX_NL_DUMP);
	cb->min_dump_alloc = EX_NL_DUMP;
	return 0;
}

/*
 * Do and dump share a policy; what belongs to do alone is refused here. The
 * core has parsed the message already, but where it keeps the result is not
 * the same in all kernels.
 */
int ex_nl_dump_parse(struct netlink_callback *cb, struct nlattr **tb, int max,
		     const struct nla_policy *policy, u64 allowed)
{
	int err, i;

	err = genlmsg_parse(cb->nlh, &ex_nl_family, tb, max, policy,
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

bool ex_nl_ntf_begin(struct ex_nl_msg *m, struct net *net, u8 cmd, int event,
		     size_t size, gfp_t gfp)
{
	if (!genl_has_listeners(&ex_nl_family, net, EX_NL_MCGRP_MONITOR))
		return false;
	*m = (struct ex_nl_msg){
		.cmd = cmd,
		.event = event,
		.host = net->user_ns == &init_user_ns,
	};
	m->skb = genlmsg_new(size, gfp);
	if (m->skb)
		return true;
	genl_set_err(&ex_nl_family, net, 0, EX_NL_MCGRP_MONITOR, -ENOBUFS);
	return false;
}

void ex_nl_ntf_end(struct ex_nl_msg *m, struct net *net, int err, gfp_t gfp)
{
	if (!err) {
		genlmsg_multicast_netns(&ex_nl_family, net, m->skb, 0,
					EX_NL_MCGRP_MONITOR, gfp);
		return;
	}
	nlmsg_free(m->skb);
	genl_set_err(&ex_nl_family, net, 0, EX_NL_MCGRP_MONITOR, -ENOBUFS);
}
