/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_overlay.yaml. */

#ifndef ASHLAR_OVERLAY_NL_POLICY_H
#define ASHLAR_OVERLAY_NL_POLICY_H

#include <net/genetlink.h>

#include <linux/ashlar_overlay.h>

#define OV_NL_N_OPS	20
#define OV_NL_N_MCGRPS	1
#define OV_NL_N_COUNTERS	66

/* Offsets of the multicast groups. */
enum {
	OV_NL_MCGRP_MONITOR,
};

extern const struct nla_policy ov_nl_underlay_new_policy[ASHLAR_OVERLAY_A_UNDERLAY_KEY + 1];
extern const struct nla_policy ov_nl_underlay_set_policy
	[ASHLAR_OVERLAY_A_UNDERLAY_DROP_PREVIOUS_KEY + 1];
extern const struct nla_policy ov_nl_underlay_del_policy[ASHLAR_OVERLAY_A_UNDERLAY_NAME + 1];
extern const struct nla_policy ov_nl_underlay_get_policy[ASHLAR_OVERLAY_A_UNDERLAY_NAME + 1];
extern const struct nla_policy ov_nl_network_new_policy[ASHLAR_OVERLAY_A_NETWORK_DEFAULT + 1];
extern const struct nla_policy ov_nl_network_set_policy[ASHLAR_OVERLAY_A_NETWORK_DEFAULT + 1];
extern const struct nla_policy ov_nl_network_del_policy[ASHLAR_OVERLAY_A_NETWORK_VNI + 1];
extern const struct nla_policy ov_nl_network_get_policy[ASHLAR_OVERLAY_A_NETWORK_VNI + 1];
extern const struct nla_policy ov_nl_endpoint_new_policy[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE + 1];
extern const struct nla_policy ov_nl_endpoint_set_policy[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE + 1];
extern const struct nla_policy ov_nl_endpoint_del_policy[ASHLAR_OVERLAY_A_ENDPOINT_ADDR + 1];
extern const struct nla_policy ov_nl_endpoint_flush_policy[ASHLAR_OVERLAY_A_ENDPOINT_VNI + 1];
extern const struct nla_policy ov_nl_endpoint_get_policy[ASHLAR_OVERLAY_A_ENDPOINT_ADDR + 1];
extern const struct nla_policy ov_nl_policy_new_policy[ASHLAR_OVERLAY_A_POLICY_DPORT_HI + 1];
extern const struct nla_policy ov_nl_policy_del_policy[ASHLAR_OVERLAY_A_POLICY_PREF + 1];
extern const struct nla_policy ov_nl_policy_flush_policy[ASHLAR_OVERLAY_A_POLICY_VNI + 1];
extern const struct nla_policy ov_nl_policy_get_policy[ASHLAR_OVERLAY_A_POLICY_VNI + 1];
extern const struct nla_policy ov_nl_conn_get_policy[ASHLAR_OVERLAY_A_CONN_PATH + 1];
extern const struct genl_ops ov_nl_ops[OV_NL_N_OPS];
extern const struct genl_multicast_group ov_nl_mcgrps[OV_NL_N_MCGRPS];

int ov_nl_underlay_new_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_underlay_set_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_underlay_del_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_underlay_get_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_underlay_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ov_nl_network_new_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_network_set_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_network_del_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_network_get_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_network_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ov_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_endpoint_set_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_endpoint_flush_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_endpoint_get_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_endpoint_get_start(struct netlink_callback *cb);
int ov_nl_endpoint_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ov_nl_endpoint_get_done(struct netlink_callback *cb);
int ov_nl_policy_new_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_policy_del_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_policy_flush_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_policy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ov_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ov_nl_conn_get_doit(struct sk_buff *skb, struct genl_info *info);
int ov_nl_conn_get_start(struct netlink_callback *cb);
int ov_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ov_nl_conn_get_done(struct netlink_callback *cb);
int ov_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* ASHLAR_OVERLAY_NL_POLICY_H */
