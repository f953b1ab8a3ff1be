/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_NL_MSG_H
#define ASHLAR_OVERLAY_NL_MSG_H

#include <net/genetlink.h>

#include "nl_policy.h"
#include "overlay.h"

struct ov_conn;
struct ov_peer;

extern struct genl_family ov_nl_family;

#define OV_NL_NO_EVENT	(-1)

/**
 * struct ov_nl_msg - where a message about an object goes
 * @skb: the buffer
 * @cb: the dump that it is part of, or NULL
 * @portid: who gets it; 0 for all
 * @seq: number of the request; 0 for a notification
 * @flags: NLM_F_MULTI in a dump
 * @cmd: ASHLAR_OVERLAY_CMD_*
 * @event: ASHLAR_OVERLAY_EVENT_*, or OV_NL_NO_EVENT
 */
struct ov_nl_msg {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
	int event;
};

/*
 * One function for each object serves do, dump and notification. They take
 * RCU where they need it; -EMSGSIZE if the message does not fit, and then the
 * buffer is as before.
 */
int ov_nl_fill_underlay(struct ov_nl_msg *m, const struct ov_underlay *ul);
int ov_nl_fill_network(struct ov_nl_msg *m, const struct ov_network *nw);
int ov_nl_fill_endpoint(struct ov_nl_msg *m, const struct ov_endpoint *ep,
			const struct ov_host *host);
int ov_nl_fill_policy(struct ov_nl_msg *m, u32 vni,
		      const struct ov_policy *rule);
int ov_nl_fill_peer(struct ov_nl_msg *m, const struct ov_peer *peer);
int ov_nl_fill_conn(struct ov_nl_msg *m, const struct ov_conn *conn);
int ov_nl_fill_stats(struct ov_nl_msg *m, const struct ov_host *host);

/* Reads an overlay address; refuses what this version cannot handle. */
int ov_nl_get_addr(const struct nlattr *attr, struct ov_addr *addr,
		   struct netlink_ext_ack *extack);
/* The same, of one container; and the underlay address of one host. */
int ov_nl_get_unicast(const struct nlattr *attr, struct ov_addr *addr,
		      struct netlink_ext_ack *extack);
int ov_nl_get_host(const struct nlattr *attr, struct ov_addr *addr,
		   struct netlink_ext_ack *extack);
/* Networks, endpoints and policies are all named by their VNI first. */
int ov_nl_get_vni(struct genl_info *info, int type, u32 *vni);

/* nl_get.c: what all that shows something has in common */
struct ov_host *ov_nl_host_of(struct net *net);
int ov_nl_reply_begin(struct ov_nl_msg *m, struct genl_info *info, u8 cmd);
int ov_nl_reply_end(struct ov_nl_msg *m, struct genl_info *info, int err);
void ov_nl_dump_msg(struct ov_nl_msg *m, struct sk_buff *skb,
		    struct netlink_callback *cb, u8 cmd);
void ov_nl_dump_seq(struct netlink_callback *cb, const struct ov_host *host,
		    u32 bumps);
int ov_nl_dump_parse(struct netlink_callback *cb, struct nlattr **tb, int max,
		     const struct nla_policy *policy, u64 allowed);

#endif /* ASHLAR_OVERLAY_NL_MSG_H */
