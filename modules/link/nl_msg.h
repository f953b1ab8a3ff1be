/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_LINK_NL_MSG_H
#define ASHLAR_LINK_NL_MSG_H

#include <net/genetlink.h>
#include <net/sock.h>

#include "link.h"
#include "nl_policy.h"

struct ln_optics;
struct ln_ticket;

extern struct genl_family ln_nl_family;

#define LN_NL_NO_EVENT	(-1)

/**
 * struct ln_nl_msg - where a message about an object goes
 * @skb: the buffer
 * @portid: who gets it; 0 for all
 * @seq: number of the request; 0 for a notification
 * @flags: NLM_F_MULTI in a dump
 * @cb: of a dump, which is told when what it shows has changed meanwhile
 * @cmd: ASHLAR_LINK_CMD_*
 * @event: ASHLAR_LINK_EVENT_*, or LN_NL_NO_EVENT
 */
struct ln_nl_msg {
	struct sk_buff *skb;
	u32 portid;
	u32 seq;
	int flags;
	struct netlink_callback *cb;
	u8 cmd;
	int event;
};

/*
 * nl_fill.c: one function for each object serves do, dump and notification;
 * -EMSGSIZE if the message does not fit, and then the buffer is as before.
 */
void *ln_nl_msg_begin(struct ln_nl_msg *m, int event_attr);
int ln_nl_msg_end(struct ln_nl_msg *m, void *hdr, int err);
/* Every set has its padding in the same place. */
int ln_nl_put_u64(struct sk_buff *skb, int attr, u64 value);
int ln_nl_put_flag(struct sk_buff *skb, int attr, bool value);
/* @base: the first of the attributes of a module's light */
int ln_nl_put_optics(struct sk_buff *skb, int base, const struct ln_optics *o);
/* Takes link->lock. */
int ln_nl_fill_link(struct ln_nl_msg *m, struct ln_link *link);
/* @back: 0 for the entry that is being filled, 1 for the one before, ... */
int ln_nl_fill_history(struct ln_nl_msg *m, struct ln_link *link,
		       unsigned int back);
/* ln_mutex; @host may be NULL */
int ln_nl_fill_host(struct ln_nl_msg *m, const struct ln_host *host);
int ln_nl_fill_stats(struct ln_nl_msg *m, const struct ln_host *host);

/* False if nobody listens. */
bool ln_nl_ntf_begin(struct ln_nl_msg *m, struct net *net, u8 cmd, int event,
		     gfp_t gfp);
void ln_nl_ntf_end(struct ln_nl_msg *m, struct net *net, int err, gfp_t gfp);

/* nl_get.c: what all that shows something has in common */
int ln_nl_reply_begin(struct ln_nl_msg *m, struct genl_info *info, u8 cmd);
int ln_nl_reply_end(struct ln_nl_msg *m, struct genl_info *info, int err);
void ln_nl_dump_msg(struct ln_nl_msg *m, struct sk_buff *skb,
		    struct netlink_callback *cb, u8 cmd);
void ln_nl_dump_seq(struct netlink_callback *cb, const struct ln_host *host);
int ln_nl_dump_parse(struct netlink_callback *cb, struct nlattr **tb, int max,
		     const struct nla_policy *policy, u64 allowed);

/* nl.c: the link that @info names; ln_mutex, NULL and extack if there is none */
struct ln_link *ln_nl_get_link(struct genl_info *info);

#endif /* ASHLAR_LINK_NL_MSG_H */
