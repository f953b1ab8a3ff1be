/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_EXT_NL_MSG_H
#define ASHLAR_EXT_NL_MSG_H

#include <net/genetlink.h>
#include <net/sock.h>

#include "load.h"
#include "nl.h"
#include "nl_policy.h"

extern struct genl_family ex_nl_family;

#define EX_NL_NO_EVENT	(-1)
#define EX_NL_LARGE	8000	/* a message that holds a report */
/* All about an extension: names and kinds of its entries, names of its maps, the rest. */
#define EX_NL_EXT \
	(EX_ENTRIES_MAX * (2 * NLA_HDRLEN + ASHLAR_EXT_NAME + 4) + \
	 EX_EXT_MAPS_MAX * (NLA_HDRLEN + ASHLAR_EXT_NAME) + 1000)
#define EX_NL_DUMP	32768	/* of what is large, at once */

/**
 * struct ex_nl_msg - where a message about an object goes
 * @skb: the buffer
 * @portid: who gets it; 0 for all
 * @seq: number of the request; 0 for a notification
 * @flags: NLM_F_MULTI in a dump
 * @cb: of a dump, which is told when what it shows has changed meanwhile
 * @cmd: ASHLAR_EXT_CMD_*
 * @event: ASHLAR_EXT_EVENT_*, or EX_NL_NO_EVENT
 * @host: the reader may see kernel addresses
 */
struct ex_nl_msg {
	struct sk_buff *skb;
	u32 portid;
	u32 seq;
	int flags;
	struct netlink_callback *cb;
	u8 cmd;
	int event;
	bool host;
};

/*
 * nl_fill.c: one function for each object serves do, dump and notification;
 * -EMSGSIZE if the message does not fit, and then the buffer is as before.
 */
void *ex_nl_msg_begin(struct ex_nl_msg *m, int event_attr);
int ex_nl_msg_end(struct ex_nl_msg *m, void *hdr, int err);
/* Every set has its padding in the same place. */
int ex_nl_put_u64(struct sk_buff *skb, int attr, u64 value);
int ex_nl_put_flag(struct sk_buff *skb, int attr, bool value);
/* A word that is not there is not told. */
int ex_nl_put_word(struct sk_buff *skb, int attr, const char *word);
/* Milliseconds since @then, CLOCK_BOOTTIME in ns */
int ex_nl_put_age(struct sk_buff *skb, int attr, u64 then);
/* All: ex_mutex */
int ex_nl_fill_ext(struct ex_nl_msg *m, const struct ex_ext *ext);
int ex_nl_fill_approval(struct ex_nl_msg *m, const struct ex_approval *a);
int ex_nl_fill_inst(struct ex_nl_msg *m, struct ex_inst *inst);
int ex_nl_fill_hook(struct ex_nl_msg *m, const struct ex_hook *hook);
int ex_nl_fill_stats(struct ex_nl_msg *m, struct net *net);
/* Its own locks. */
int ex_nl_fill_veto(struct ex_nl_msg *m, const struct ex_veto *veto);
/* -ENODATA if the line is gone, or to come */
int ex_nl_fill_log(struct ex_nl_msg *m, struct ex_inst *inst, u64 nr);
/* nl_report.c */
/* ASHLAR_EXT_CAUSE_* of ASHLAR_EXT_FAULT_* */
u32 ex_nl_cause(u32 code);
int ex_nl_fill_report(struct ex_nl_msg *m, struct ex_inst *inst);

/* False if nobody listens. */
bool ex_nl_ntf_begin(struct ex_nl_msg *m, struct net *net, u8 cmd, int event,
		     size_t size, gfp_t gfp);
void ex_nl_ntf_end(struct ex_nl_msg *m, struct net *net, int err, gfp_t gfp);

/* nl_get.c: what all that shows something has in common */
int ex_nl_reply_begin(struct ex_nl_msg *m, struct genl_info *info, u8 cmd,
		      size_t size);
int ex_nl_reply_end(struct ex_nl_msg *m, struct genl_info *info, int err);
void ex_nl_dump_msg(struct ex_nl_msg *m, struct sk_buff *skb,
		    struct netlink_callback *cb, u8 cmd);
int ex_nl_dump_parse(struct netlink_callback *cb, struct nlattr **tb, int max,
		     const struct nla_policy *policy, u64 allowed);

/* nl.c: the instance that @info names; ex_mutex, NULL and extack if there is none */
struct ex_inst *ex_nl_get_inst(struct genl_info *info, int attr);
/* The name that the attribute must hold; NULL and extack if there is none. */
const char *ex_nl_get_name(struct genl_info *info, int attr, const char *miss);

#endif /* ASHLAR_EXT_NL_MSG_H */
