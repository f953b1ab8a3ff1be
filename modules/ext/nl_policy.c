// SPDX-License-Identifier: GPL-2.0-only
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_ext.yaml. */

#include "nl_policy.h"

static struct netlink_range_validation range_0_3600000 = {
	.max	= 3600000,
};

static struct netlink_range_validation range_1_0x7fffffff = {
	.min	= 1,
	.max	= 0x7fffffff,
};

static struct netlink_range_validation range_100_100000000 = {
	.min	= 100,
	.max	= 100000000,
};

static struct netlink_range_validation range_1000_1000000000 = {
	.min	= 1000,
	.max	= 1000000000,
};

static struct netlink_range_validation range_65536_33554432 = {
	.min	= 65536,
	.max	= 33554432,
};

const struct nla_policy ex_nl_ext_get_policy[ASHLAR_EXT_A_EXT_NAME + 1] = {
	[ASHLAR_EXT_A_EXT_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_approval_new_policy[ASHLAR_EXT_A_APPROVAL_CPU_PERMILLE + 1] = {
	[ASHLAR_EXT_A_APPROVAL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_APPROVAL_NETNS_FD] = { .type = NLA_U32, },
	[ASHLAR_EXT_A_APPROVAL_ANY] = { .type = NLA_FLAG, },
	[ASHLAR_EXT_A_APPROVAL_MEMORY] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_65536_33554432),
	[ASHLAR_EXT_A_APPROVAL_FUEL] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_100_100000000),
	[ASHLAR_EXT_A_APPROVAL_LOCK_NS] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_1000_1000000000),
	[ASHLAR_EXT_A_APPROVAL_PPS] = { .type = NLA_U32, },
	[ASHLAR_EXT_A_APPROVAL_CPU_PERMILLE] = NLA_POLICY_MAX(NLA_U32, 1000),
};

const struct nla_policy ex_nl_approval_del_policy[ASHLAR_EXT_A_APPROVAL_ANY + 1] = {
	[ASHLAR_EXT_A_APPROVAL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_APPROVAL_NETNS_FD] = { .type = NLA_U32, },
	[ASHLAR_EXT_A_APPROVAL_ANY] = { .type = NLA_FLAG, },
};

const struct nla_policy ex_nl_approval_get_policy[ASHLAR_EXT_A_APPROVAL_NAME + 1] = {
	[ASHLAR_EXT_A_APPROVAL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_instance_new_policy[ASHLAR_EXT_A_INSTANCE_BUILD + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_INSTANCE_BUILD] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_instance_set_policy[ASHLAR_EXT_A_INSTANCE_CPU_PERMILLE + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_INSTANCE_MEMORY] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_65536_33554432),
	[ASHLAR_EXT_A_INSTANCE_FUEL] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_100_100000000),
	[ASHLAR_EXT_A_INSTANCE_LOCK_NS] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_1000_1000000000),
	[ASHLAR_EXT_A_INSTANCE_PPS] = { .type = NLA_U32, },
	[ASHLAR_EXT_A_INSTANCE_CPU_PERMILLE] = NLA_POLICY_MAX(NLA_U32, 1000),
};

const struct nla_policy ex_nl_instance_del_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_instance_get_policy[ASHLAR_EXT_A_INSTANCE_ALL + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_INSTANCE_ALL] = { .type = NLA_FLAG, },
};

const struct nla_policy ex_nl_instance_upgrade_policy[ASHLAR_EXT_A_INSTANCE_TRIAL_MS + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_INSTANCE_BUILD] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_INSTANCE_TRIAL_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_3600000),
};

const struct nla_policy ex_nl_instance_commit_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_instance_rollback_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_instance_restart_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_instance_quarantine_policy[ASHLAR_EXT_A_INSTANCE_NAME + 1] = {
	[ASHLAR_EXT_A_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_hook_new_policy[ASHLAR_EXT_A_HOOK_FAIL + 1] = {
	[ASHLAR_EXT_A_HOOK_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_HOOK_ENTRY] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_HOOK_HOOK] = NLA_POLICY_MAX(NLA_U32, 5),
	[ASHLAR_EXT_A_HOOK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_EXT_A_HOOK_FAMILY] = NLA_POLICY_MAX(NLA_U32, 2),
	[ASHLAR_EXT_A_HOOK_PRIORITY] = { .type = NLA_S32, },
	[ASHLAR_EXT_A_HOOK_FAIL] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy ex_nl_hook_del_policy[ASHLAR_EXT_A_HOOK_IFINDEX + 1] = {
	[ASHLAR_EXT_A_HOOK_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_HOOK_ENTRY] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_HOOK_HOOK] = NLA_POLICY_MAX(NLA_U32, 5),
	[ASHLAR_EXT_A_HOOK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
};

const struct nla_policy ex_nl_hook_get_policy[ASHLAR_EXT_A_HOOK_ALL + 1] = {
	[ASHLAR_EXT_A_HOOK_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_HOOK_ALL] = { .type = NLA_FLAG, },
};

const struct nla_policy ex_nl_report_get_policy[ASHLAR_EXT_A_REPORT_NAME + 1] = {
	[ASHLAR_EXT_A_REPORT_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_request_policy[ASHLAR_EXT_A_REQUEST_DATA + 1] = {
	[ASHLAR_EXT_A_REQUEST_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_REQUEST_ENTRY] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_REQUEST_DATA] = NLA_POLICY_RANGE(NLA_BINARY, 1, 4096),
};

const struct nla_policy ex_nl_map_get_policy[ASHLAR_EXT_A_MAP_NAME + 1] = {
	[ASHLAR_EXT_A_MAP_EXT] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_MAP_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_map_flush_policy[ASHLAR_EXT_A_MAP_NAME + 1] = {
	[ASHLAR_EXT_A_MAP_EXT] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_MAP_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ex_nl_element_get_policy[ASHLAR_EXT_A_ELEMENT_KEY + 1] = {
	[ASHLAR_EXT_A_ELEMENT_EXT] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_ELEMENT_MAP] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_ELEMENT_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 1, 64),
};

const struct nla_policy ex_nl_element_set_policy[ASHLAR_EXT_A_ELEMENT_REPLACE + 1] = {
	[ASHLAR_EXT_A_ELEMENT_EXT] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_ELEMENT_MAP] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_ELEMENT_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 1, 64),
	[ASHLAR_EXT_A_ELEMENT_VALUE] = NLA_POLICY_RANGE(NLA_BINARY, 1, 8192),
	[ASHLAR_EXT_A_ELEMENT_CREATE] = { .type = NLA_FLAG, },
	[ASHLAR_EXT_A_ELEMENT_REPLACE] = { .type = NLA_FLAG, },
};

const struct nla_policy ex_nl_element_del_policy[ASHLAR_EXT_A_ELEMENT_KEY + 1] = {
	[ASHLAR_EXT_A_ELEMENT_EXT] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_ELEMENT_MAP] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_EXT_A_ELEMENT_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 1, 64),
};

const struct nla_policy ex_nl_log_get_policy[ASHLAR_EXT_A_LOG_NAME + 1] = {
	[ASHLAR_EXT_A_LOG_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct genl_ops ex_nl_ops[EX_NL_N_OPS] = {
	{
		.cmd		= ASHLAR_EXT_CMD_EXT_GET,
		.doit		= ex_nl_ext_get_doit,
		.start		= ex_nl_large_start,
		.dumpit		= ex_nl_ext_get_dumpit,
		.policy		= ex_nl_ext_get_policy,
		.maxattr	= ASHLAR_EXT_A_EXT_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_VETO_GET,
		.dumpit		= ex_nl_veto_get_dumpit,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_APPROVAL_NEW,
		.doit		= ex_nl_approval_new_doit,
		.policy		= ex_nl_approval_new_policy,
		.maxattr	= ASHLAR_EXT_A_APPROVAL_CPU_PERMILLE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_APPROVAL_DEL,
		.doit		= ex_nl_approval_del_doit,
		.policy		= ex_nl_approval_del_policy,
		.maxattr	= ASHLAR_EXT_A_APPROVAL_ANY,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_APPROVAL_GET,
		.dumpit		= ex_nl_approval_get_dumpit,
		.policy		= ex_nl_approval_get_policy,
		.maxattr	= ASHLAR_EXT_A_APPROVAL_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_NEW,
		.doit		= ex_nl_instance_new_doit,
		.policy		= ex_nl_instance_new_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_BUILD,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_SET,
		.doit		= ex_nl_instance_set_doit,
		.policy		= ex_nl_instance_set_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_CPU_PERMILLE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_DEL,
		.doit		= ex_nl_instance_del_doit,
		.policy		= ex_nl_instance_del_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_GET,
		.doit		= ex_nl_instance_get_doit,
		.dumpit		= ex_nl_instance_get_dumpit,
		.policy		= ex_nl_instance_get_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_ALL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_UPGRADE,
		.doit		= ex_nl_instance_upgrade_doit,
		.policy		= ex_nl_instance_upgrade_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_TRIAL_MS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_COMMIT,
		.doit		= ex_nl_instance_commit_doit,
		.policy		= ex_nl_instance_commit_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_ROLLBACK,
		.doit		= ex_nl_instance_rollback_doit,
		.policy		= ex_nl_instance_rollback_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_RESTART,
		.doit		= ex_nl_instance_restart_doit,
		.policy		= ex_nl_instance_restart_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_INSTANCE_QUARANTINE,
		.doit		= ex_nl_instance_quarantine_doit,
		.policy		= ex_nl_instance_quarantine_policy,
		.maxattr	= ASHLAR_EXT_A_INSTANCE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_HOOK_NEW,
		.doit		= ex_nl_hook_new_doit,
		.policy		= ex_nl_hook_new_policy,
		.maxattr	= ASHLAR_EXT_A_HOOK_FAIL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_HOOK_DEL,
		.doit		= ex_nl_hook_del_doit,
		.policy		= ex_nl_hook_del_policy,
		.maxattr	= ASHLAR_EXT_A_HOOK_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_HOOK_GET,
		.dumpit		= ex_nl_hook_get_dumpit,
		.policy		= ex_nl_hook_get_policy,
		.maxattr	= ASHLAR_EXT_A_HOOK_ALL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_REPORT_GET,
		.doit		= ex_nl_report_get_doit,
		.start		= ex_nl_large_start,
		.dumpit		= ex_nl_report_get_dumpit,
		.policy		= ex_nl_report_get_policy,
		.maxattr	= ASHLAR_EXT_A_REPORT_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_REQUEST,
		.doit		= ex_nl_request_doit,
		.policy		= ex_nl_request_policy,
		.maxattr	= ASHLAR_EXT_A_REQUEST_DATA,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_MAP_GET,
		.doit		= ex_nl_map_get_doit,
		.dumpit		= ex_nl_map_get_dumpit,
		.policy		= ex_nl_map_get_policy,
		.maxattr	= ASHLAR_EXT_A_MAP_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_MAP_FLUSH,
		.doit		= ex_nl_map_flush_doit,
		.policy		= ex_nl_map_flush_policy,
		.maxattr	= ASHLAR_EXT_A_MAP_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_ELEMENT_GET,
		.doit		= ex_nl_element_get_doit,
		.start		= ex_nl_large_start,
		.dumpit		= ex_nl_element_get_dumpit,
		.policy		= ex_nl_element_get_policy,
		.maxattr	= ASHLAR_EXT_A_ELEMENT_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_ELEMENT_SET,
		.doit		= ex_nl_element_set_doit,
		.policy		= ex_nl_element_set_policy,
		.maxattr	= ASHLAR_EXT_A_ELEMENT_REPLACE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_ELEMENT_DEL,
		.doit		= ex_nl_element_del_doit,
		.policy		= ex_nl_element_del_policy,
		.maxattr	= ASHLAR_EXT_A_ELEMENT_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_LOG_GET,
		.dumpit		= ex_nl_log_get_dumpit,
		.policy		= ex_nl_log_get_policy,
		.maxattr	= ASHLAR_EXT_A_LOG_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_EXT_CMD_STATS_GET,
		.doit		= ex_nl_stats_get_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

const struct genl_multicast_group ex_nl_mcgrps[EX_NL_N_MCGRPS] = {
	[EX_NL_MCGRP_MONITOR] = {
		.name	= ASHLAR_EXT_MCGRP_MONITOR,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};
