// SPDX-License-Identifier: GPL-2.0-only
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_link.yaml. */

#include "nl_policy.h"

static struct netlink_range_validation range_0_65535 = {
	.max	= 65535,
};

static struct netlink_range_validation range_0_100000 = {
	.max	= 100000,
};

static struct netlink_range_validation range_0_0x1ffff = {
	.max	= 0x1ffff,
};

static struct netlink_range_validation range_0_604800 = {
	.max	= 604800,
};

static struct netlink_range_validation range_0_2592000 = {
	.max	= 2592000,
};

static struct netlink_range_validation range_0_1000000000000 = {
	.max	= 1000000000000,
};

static struct netlink_range_validation range_1_86400 = {
	.min	= 1,
	.max	= 86400,
};

static struct netlink_range_validation range_1_100000 = {
	.min	= 1,
	.max	= 100000,
};

static struct netlink_range_validation range_1_131072 = {
	.min	= 1,
	.max	= 131072,
};

static struct netlink_range_validation range_1_1048576 = {
	.min	= 1,
	.max	= 1048576,
};

static struct netlink_range_validation range_1_1000000000 = {
	.min	= 1,
	.max	= 1000000000,
};

static struct netlink_range_validation range_1_0x7fffffff = {
	.min	= 1,
	.max	= 0x7fffffff,
};

static struct netlink_range_validation range_2_1000000000000 = {
	.min	= 2,
	.max	= 1000000000000,
};

static struct netlink_range_validation range_3_1000000000 = {
	.min	= 3,
	.max	= 1000000000,
};

static struct netlink_range_validation range_100_60000 = {
	.min	= 100,
	.max	= 60000,
};

static struct netlink_range_validation range_100_3600000 = {
	.min	= 100,
	.max	= 3600000,
};

static struct netlink_range_validation range_1000_86400000 = {
	.min	= 1000,
	.max	= 86400000,
};

const struct nla_policy ln_nl_link_new_policy[ASHLAR_LINK_A_LINK_KEY + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_LINK_A_LINK_ACTION] = NLA_POLICY_MAX(NLA_U32, 3),
	[ASHLAR_LINK_A_LINK_PEER] = NLA_POLICY_MAX(NLA_U32, 1),
	[ASHLAR_LINK_A_LINK_ON_LEAVE] = NLA_POLICY_MAX(NLA_U32, 1),
	[ASHLAR_LINK_A_LINK_KEEP] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_65535),
	[ASHLAR_LINK_A_LINK_NH_GROUP] = { .type = NLA_U32, },
	[ASHLAR_LINK_A_LINK_HEALTHY_LOSS] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_1_1000000000),
	[ASHLAR_LINK_A_LINK_CORRUPTING_LOSS] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &range_2_1000000000000),
	[ASHLAR_LINK_A_LINK_FALSE_PER_MILLION] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &range_3_1000000000),
	[ASHLAR_LINK_A_LINK_MISS_PER_MILLION] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_100000),
	[ASHLAR_LINK_A_LINK_SAMPLE_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_100_3600000),
	[ASHLAR_LINK_A_LINK_SLOW_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_100_3600000),
	[ASHLAR_LINK_A_LINK_OPTICS_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1000_86400000),
	[ASHLAR_LINK_A_LINK_BEAT_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_100_60000),
	[ASHLAR_LINK_A_LINK_PROBE_PPS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_100000),
	[ASHLAR_LINK_A_LINK_PROBE_LEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_65535),
	[ASHLAR_LINK_A_LINK_HISTORY_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_86400),
	[ASHLAR_LINK_A_LINK_HOLD_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_604800),
	[ASHLAR_LINK_A_LINK_HOLD_MAX_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_604800),
	[ASHLAR_LINK_A_LINK_RELAPSE_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_2592000),
	[ASHLAR_LINK_A_LINK_COMPONENT] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_LINK_A_LINK_TOPOLOGY_LINK] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_LINK_A_LINK_KEY] = NLA_POLICY_EXACT_LEN(16),
};

const struct nla_policy ln_nl_link_set_policy[ASHLAR_LINK_A_LINK_DROP_KEY + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_LINK_A_LINK_ACTION] = NLA_POLICY_MAX(NLA_U32, 3),
	[ASHLAR_LINK_A_LINK_PEER] = NLA_POLICY_MAX(NLA_U32, 1),
	[ASHLAR_LINK_A_LINK_ON_LEAVE] = NLA_POLICY_MAX(NLA_U32, 1),
	[ASHLAR_LINK_A_LINK_KEEP] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_65535),
	[ASHLAR_LINK_A_LINK_NH_GROUP] = { .type = NLA_U32, },
	[ASHLAR_LINK_A_LINK_HEALTHY_LOSS] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_1_1000000000),
	[ASHLAR_LINK_A_LINK_CORRUPTING_LOSS] =
		NLA_POLICY_FULL_RANGE(NLA_U64, &range_2_1000000000000),
	[ASHLAR_LINK_A_LINK_FALSE_PER_MILLION] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &range_3_1000000000),
	[ASHLAR_LINK_A_LINK_MISS_PER_MILLION] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_100000),
	[ASHLAR_LINK_A_LINK_SAMPLE_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_100_3600000),
	[ASHLAR_LINK_A_LINK_SLOW_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_100_3600000),
	[ASHLAR_LINK_A_LINK_OPTICS_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1000_86400000),
	[ASHLAR_LINK_A_LINK_BEAT_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_100_60000),
	[ASHLAR_LINK_A_LINK_PROBE_PPS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_100000),
	[ASHLAR_LINK_A_LINK_PROBE_LEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_65535),
	[ASHLAR_LINK_A_LINK_HISTORY_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_86400),
	[ASHLAR_LINK_A_LINK_HOLD_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_604800),
	[ASHLAR_LINK_A_LINK_HOLD_MAX_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_604800),
	[ASHLAR_LINK_A_LINK_RELAPSE_S] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_2592000),
	[ASHLAR_LINK_A_LINK_COMPONENT] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_LINK_A_LINK_TOPOLOGY_LINK] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_LINK_A_LINK_KEY] = NLA_POLICY_EXACT_LEN(16),
	[ASHLAR_LINK_A_LINK_DROP_KEY] = { .type = NLA_FLAG, },
};

const struct nla_policy ln_nl_link_del_policy[ASHLAR_LINK_A_LINK_IFINDEX + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
};

const struct nla_policy ln_nl_link_get_policy[ASHLAR_LINK_A_LINK_IFINDEX + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
};

const struct nla_policy ln_nl_link_drain_policy[ASHLAR_LINK_A_LINK_FORCE + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_LINK_A_LINK_FORCE] = { .type = NLA_FLAG, },
};

const struct nla_policy ln_nl_link_return_policy[ASHLAR_LINK_A_LINK_FORCE + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_LINK_A_LINK_FORCE] = { .type = NLA_FLAG, },
};

const struct nla_policy ln_nl_link_forget_policy[ASHLAR_LINK_A_LINK_IFINDEX + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
};

const struct nla_policy ln_nl_history_get_policy[ASHLAR_LINK_A_HISTORY_IFINDEX + 1] = {
	[ASHLAR_LINK_A_HISTORY_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
};

const struct nla_policy ln_nl_host_set_policy[ASHLAR_LINK_A_HOST_RESET_RTNL_MAX + 1] = {
	[ASHLAR_LINK_A_HOST_ID] = NLA_POLICY_MIN(NLA_U64, 1),
	[ASHLAR_LINK_A_HOST_RESET_RTNL_MAX] = { .type = NLA_FLAG, },
};

const struct nla_policy ln_nl_job_done_policy[ASHLAR_LINK_A_LINK_JOB_ERROR + 1] = {
	[ASHLAR_LINK_A_LINK_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_LINK_A_LINK_JOB] = { .type = NLA_U32, },
	[ASHLAR_LINK_A_LINK_JOB_ERROR] = NLA_POLICY_MAX(NLA_U32, 4095),
};

const struct nla_policy ln_nl_topology_begin_policy[ASHLAR_LINK_A_TOPOLOGY_LINKS + 1] = {
	[ASHLAR_LINK_A_TOPOLOGY_CAPACITY] = NLA_POLICY_MAX(NLA_U32, 1000),
	[ASHLAR_LINK_A_TOPOLOGY_NODES] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_131072),
	[ASHLAR_LINK_A_TOPOLOGY_LINKS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_1048576),
};

const struct nla_policy ln_nl_node_new_policy[ASHLAR_LINK_A_NODE_BOUND + 1] = {
	[ASHLAR_LINK_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_LINK_A_NODE_TIER] = NLA_POLICY_MAX(NLA_U8, 7),
	[ASHLAR_LINK_A_NODE_BOUND] = NLA_POLICY_MAX(NLA_U32, 1000),
};

const struct nla_policy ln_nl_topology_link_new_policy[ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED + 1] = {
	[ASHLAR_LINK_A_TOPOLOGY_LINK_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_LINK_A_TOPOLOGY_LINK_A] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0x1ffff),
	[ASHLAR_LINK_A_TOPOLOGY_LINK_B] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0x1ffff),
	[ASHLAR_LINK_A_TOPOLOGY_LINK_SERVICE] = NLA_POLICY_MAX(NLA_U32, 1),
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOSS] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_0_1000000000000),
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy ln_nl_node_get_policy[ASHLAR_LINK_A_NODE_NAME + 1] = {
	[ASHLAR_LINK_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ln_nl_topology_link_set_policy[ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED + 1] = {
	[ASHLAR_LINK_A_TOPOLOGY_LINK_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[ASHLAR_LINK_A_TOPOLOGY_LINK_SERVICE] = NLA_POLICY_MAX(NLA_U32, 1),
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOSS] = NLA_POLICY_FULL_RANGE(NLA_U64, &range_0_1000000000000),
	[ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED] = NLA_POLICY_MAX(NLA_U8, 1),
};

const struct nla_policy ln_nl_topology_link_get_policy[ASHLAR_LINK_A_TOPOLOGY_LINK_NAME + 1] = {
	[ASHLAR_LINK_A_TOPOLOGY_LINK_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

const struct nla_policy ln_nl_repair_get_policy[ASHLAR_LINK_A_REPAIR_IFINDEX + 1] = {
	[ASHLAR_LINK_A_REPAIR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[ASHLAR_LINK_A_REPAIR_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
};

const struct nla_policy ln_nl_repair_done_policy[ASHLAR_LINK_A_REPAIR_ID + 1] = {
	[ASHLAR_LINK_A_REPAIR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

const struct nla_policy ln_nl_repair_del_policy[ASHLAR_LINK_A_REPAIR_ID + 1] = {
	[ASHLAR_LINK_A_REPAIR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

const struct genl_ops ln_nl_ops[LN_NL_N_OPS] = {
	{
		.cmd		= ASHLAR_LINK_CMD_LINK_NEW,
		.doit		= ln_nl_link_new_doit,
		.policy		= ln_nl_link_new_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_LINK_SET,
		.doit		= ln_nl_link_set_doit,
		.policy		= ln_nl_link_set_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_DROP_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_LINK_DEL,
		.doit		= ln_nl_link_del_doit,
		.policy		= ln_nl_link_del_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_LINK_GET,
		.doit		= ln_nl_link_get_doit,
		.dumpit		= ln_nl_link_get_dumpit,
		.policy		= ln_nl_link_get_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_LINK_DRAIN,
		.doit		= ln_nl_link_drain_doit,
		.policy		= ln_nl_link_drain_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_FORCE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_LINK_RETURN,
		.doit		= ln_nl_link_return_doit,
		.policy		= ln_nl_link_return_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_FORCE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_LINK_FORGET,
		.doit		= ln_nl_link_forget_doit,
		.policy		= ln_nl_link_forget_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_HISTORY_GET,
		.dumpit		= ln_nl_history_get_dumpit,
		.policy		= ln_nl_history_get_policy,
		.maxattr	= ASHLAR_LINK_A_HISTORY_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_HOST_GET,
		.doit		= ln_nl_host_get_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_HOST_SET,
		.doit		= ln_nl_host_set_doit,
		.policy		= ln_nl_host_set_policy,
		.maxattr	= ASHLAR_LINK_A_HOST_RESET_RTNL_MAX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_HELPER_SET,
		.doit		= ln_nl_helper_set_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_JOB_DONE,
		.doit		= ln_nl_job_done_doit,
		.policy		= ln_nl_job_done_policy,
		.maxattr	= ASHLAR_LINK_A_LINK_JOB_ERROR,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_TOPOLOGY_BEGIN,
		.doit		= ln_nl_topology_begin_doit,
		.policy		= ln_nl_topology_begin_policy,
		.maxattr	= ASHLAR_LINK_A_TOPOLOGY_LINKS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_NODE_NEW,
		.doit		= ln_nl_node_new_doit,
		.policy		= ln_nl_node_new_policy,
		.maxattr	= ASHLAR_LINK_A_NODE_BOUND,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_TOPOLOGY_LINK_NEW,
		.doit		= ln_nl_topology_link_new_doit,
		.policy		= ln_nl_topology_link_new_policy,
		.maxattr	= ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_TOPOLOGY_COMMIT,
		.doit		= ln_nl_topology_commit_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_TOPOLOGY_FLUSH,
		.doit		= ln_nl_topology_flush_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_TOPOLOGY_GET,
		.doit		= ln_nl_topology_get_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_NODE_GET,
		.doit		= ln_nl_node_get_doit,
		.dumpit		= ln_nl_node_get_dumpit,
		.policy		= ln_nl_node_get_policy,
		.maxattr	= ASHLAR_LINK_A_NODE_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_TOPOLOGY_LINK_SET,
		.doit		= ln_nl_topology_link_set_doit,
		.policy		= ln_nl_topology_link_set_policy,
		.maxattr	= ASHLAR_LINK_A_TOPOLOGY_LINK_LOCKED,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_TOPOLOGY_LINK_GET,
		.doit		= ln_nl_topology_link_get_doit,
		.dumpit		= ln_nl_topology_link_get_dumpit,
		.policy		= ln_nl_topology_link_get_policy,
		.maxattr	= ASHLAR_LINK_A_TOPOLOGY_LINK_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_REPAIR_GET,
		.doit		= ln_nl_repair_get_doit,
		.dumpit		= ln_nl_repair_get_dumpit,
		.policy		= ln_nl_repair_get_policy,
		.maxattr	= ASHLAR_LINK_A_REPAIR_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_REPAIR_DONE,
		.doit		= ln_nl_repair_done_doit,
		.policy		= ln_nl_repair_done_policy,
		.maxattr	= ASHLAR_LINK_A_REPAIR_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_REPAIR_DEL,
		.doit		= ln_nl_repair_del_doit,
		.policy		= ln_nl_repair_del_policy,
		.maxattr	= ASHLAR_LINK_A_REPAIR_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_ACCURACY_GET,
		.dumpit		= ln_nl_accuracy_get_dumpit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_LINK_CMD_STATS_GET,
		.doit		= ln_nl_stats_get_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

const struct genl_multicast_group ln_nl_mcgrps[LN_NL_N_MCGRPS] = {
	[LN_NL_MCGRP_MONITOR] = {
		.name	= ASHLAR_LINK_MCGRP_MONITOR,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};
