/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_ext.yaml. */

#ifndef ASHLAR_EXT_NL_POLICY_H
#define ASHLAR_EXT_NL_POLICY_H

#include <net/genetlink.h>

#include <linux/ashlar_ext.h>

#define EX_NL_N_OPS	26
#define EX_NL_N_MCGRPS	1
#define EX_NL_N_COUNTERS	19

/* Offsets of the multicast groups. */
enum {
	EX_NL_MCGRP_MONITOR,
};

extern const struct nla_policy ex_nl_ext_get_policy[ASHLAR_EXT_A_EXT_NAME + 1];
extern const struct nla_policy ex_nl_approval_new_policy[ASHLAR_EXT_A_APPROVAL_CPU_PERMILLE + 1];
extern const struct nla_policy ex_nl_approval_del_policy[ASHLAR_EXT_A_APPROVAL_ANY + 1];
extern const struct nla_policy ex_nl_approval_get_policy[ASHLAR_EXT_A_APPROVAL_NAME + 1];
extern const struct nla_policy ex_nl_instance_new_policy[ASHLAR_EXT_A_INSTANCE_BUILD + 1];
extern const struct nla_policy ex_nl_instance_set_policy[ASHLAR_EXT_A_INSTANCE_CPU_PERMILLE + 1];
extern const struct nla_policy ex_nl_instance_del_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1];
extern const struct nla_policy ex_nl_instance_get_policy[ASHLAR_EXT_A_INSTANCE_ALL + 1];
extern const struct nla_policy ex_nl_instance_upgrade_policy[ASHLAR_EXT_A_INSTANCE_TRIAL_MS + 1];
extern const struct nla_policy ex_nl_instance_commit_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1];
extern const struct nla_policy ex_nl_instance_rollback_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1];
extern const struct nla_policy ex_nl_instance_restart_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1];
extern const struct nla_policy ex_nl_instance_quarantine_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1];
extern const struct nla_policy ex_nl_hook_new_policy[ASHLAR_EXT_A_HOOK_FAIL + 1];
extern const struct nla_policy ex_nl_hook_del_policy[ASHLAR_EXT_A_HOOK_IFINDEX + 1];
extern const struct nla_policy ex_nl_hook_get_policy[ASHLAR_EXT_A_HOOK_ALL + 1];
extern const struct nla_policy ex_nl_report_get_policy[ASHLAR_EXT_A_REPORT_NAME + 1];
extern const struct nla_policy ex_nl_request_policy[ASHLAR_EXT_A_REQUEST_DATA + 1];
extern const struct nla_policy ex_nl_map_get_policy[ASHLAR_EXT_A_MAP_NAME + 1];
extern const struct nla_policy ex_nl_map_flush_policy[ASHLAR_EXT_A_MAP_NAME + 1];
extern const struct nla_policy ex_nl_element_get_policy[ASHLAR_EXT_A_ELEMENT_KEY + 1];
extern const struct nla_policy ex_nl_element_set_policy[ASHLAR_EXT_A_ELEMENT_REPLACE + 1];
extern const struct nla_policy ex_nl_element_del_policy[ASHLAR_EXT_A_ELEMENT_KEY + 1];
extern const struct nla_policy ex_nl_log_get_policy[ASHLAR_EXT_A_LOG_NAME + 1];
extern const struct genl_ops ex_nl_ops[EX_NL_N_OPS];
extern const struct genl_multicast_group ex_nl_mcgrps[EX_NL_N_MCGRPS];

int ex_nl_ext_get_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_large_start(struct netlink_callback *cb);
int ex_nl_ext_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_veto_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_approval_new_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_approval_del_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_approval_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_instance_new_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_set_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_del_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_get_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_instance_upgrade_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_commit_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_rollback_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_restart_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_instance_quarantine_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_hook_new_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_hook_del_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_hook_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_report_get_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_report_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_request_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_map_get_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_map_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_map_flush_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_element_get_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_element_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_element_set_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_element_del_doit(struct sk_buff *skb, struct genl_info *info);
int ex_nl_log_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ex_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* ASHLAR_EXT_NL_POLICY_H */
