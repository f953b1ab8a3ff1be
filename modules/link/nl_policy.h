/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_link.yaml. */

#ifndef ASHLAR_LINK_NL_POLICY_H
#define ASHLAR_LINK_NL_POLICY_H

#include <net/genetlink.h>

#include <linux/ashlar_link.h>

#define LN_NL_N_OPS	26
#define LN_NL_N_MCGRPS	1
#define LN_NL_N_COUNTERS	35

/* Offsets of the multicast groups. */
enum {
	LN_NL_MCGRP_MONITOR,
};

extern const struct nla_policy ln_nl_link_new_policy[ASHLAR_LINK_A_LINK_KEY + 1];
extern const struct nla_policy ln_nl_link_set_policy[ASHLAR_LINK_A_LINK_DROP_KEY + 1];
extern const struct nla_policy ln_nl_link_del_policy[ASHLAR_LINK_A_LINK_IFINDEX + 1];
extern const struct nla_policy ln_nl_link_get_policy[ASHLAR_LINK_A_LINK_IFINDEX + 1];
extern const struct nla_policy ln_nl_link_drain_policy[ASHLAR_LINK_A_LINK_FORCE + 1];
extern const struct nla_policy ln_nl_link_return_policy[ASHLAR_LINK_A_LINK_FORCE + 1];
extern const struct nla_policy ln_nl_link_forget_policy[ASHLAR_LINK_A_LINK_IFINDEX + 1];
extern const struct nla_policy ln_nl_history_get_policy[ASHLAR_LINK_A_HISTORY_IFINDEX + 1];
extern const struct nla_policy ln_nl_host_set_policy[ASHLAR_LINK_A_HOST_RESET_RTNL_MAX + 1];
extern const struct nla_policy ln_nl_job_done_policy[ASHLAR_LINK_A_LINK_JOB_ERROR + 1];
extern const struct nla_policy ln_nl_topology_begin_policy[ASHLAR_LINK_A_TOPOLOGY_LINKS + 1];
extern const struct nla_policy ln_nl_node_new_policy[ASHLAR_LINK_A_NODE_BOUND + 1];
extern const struct nla_policy ln_nl_topology_link_new_policy
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED + 1];
extern const struct nla_policy ln_nl_node_get_policy[ASHLAR_LINK_A_NODE_NAME + 1];
extern const struct nla_policy ln_nl_topology_link_set_policy
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED + 1];
extern const struct nla_policy ln_nl_topology_link_get_policy[ASHLAR_LINK_A_TOPOLOGY_LINK_NAME + 1];
extern const struct nla_policy ln_nl_repair_get_policy[ASHLAR_LINK_A_REPAIR_IFINDEX + 1];
extern const struct nla_policy ln_nl_repair_done_policy[ASHLAR_LINK_A_REPAIR_ID + 1];
extern const struct nla_policy ln_nl_repair_del_policy[ASHLAR_LINK_A_REPAIR_ID + 1];
extern const struct genl_ops ln_nl_ops[LN_NL_N_OPS];
extern const struct genl_multicast_group ln_nl_mcgrps[LN_NL_N_MCGRPS];

int ln_nl_link_new_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_link_set_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_link_del_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_link_get_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_link_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ln_nl_link_drain_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_link_return_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_link_forget_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_history_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ln_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_helper_set_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_job_done_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_topology_begin_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_node_new_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_topology_link_new_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_topology_commit_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_topology_flush_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_topology_get_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ln_nl_topology_link_set_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_topology_link_get_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_topology_link_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int ln_nl_repair_get_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_repair_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ln_nl_repair_done_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_repair_del_doit(struct sk_buff *skb, struct genl_info *info);
int ln_nl_accuracy_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ln_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* ASHLAR_LINK_NL_POLICY_H */
