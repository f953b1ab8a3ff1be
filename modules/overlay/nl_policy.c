// SPDX-License-Identifier: GPL-2.0-only
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_overlay.yaml. */

#include "nl_policy.h"

static struct netlink_range_validation range_0_600000 = {
	.max	= 600000,
};

static struct netlink_range_validation range_0_0xffffff = {
	.max	= 0xffffff,
};

static struct netlink_range_validation range_0_0x7fffffff = {
	.max	= 0x7fffffff,
};

static struct netlink_range_validation range_1_0x7fffffff = {
	.min	= 1,
	.max	= 0x7fffffff,
};

const struct nla_policy ov_nl_underlay_new_policy[ASHLAR_OVERLAY_A_UNDERLAY_KEY + 1] = {
	[ASHLAR_OVERLAY_A_UNDERLAY_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[ASHLAR_OVERLAY_A_UNDERLAY_IFINDEXES] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_OVERLAY_A_UNDERLAY_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_UNDERLAY_PORTS_LO] = NLA_POLICY_MIN(NLA_U16, 1),
	[ASHLAR_OVERLAY_A_UNDERLAY_PORTS_HI] = NLA_POLICY_MIN(NLA_U16, 1),
	[ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_LO] = NLA_POLICY_MIN(NLA_U16, 1),
	[ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_HI] = NLA_POLICY_MIN(NLA_U16, 1),
	[ASHLAR_OVERLAY_A_UNDERLAY_OPTION_KIND] = NLA_POLICY_RANGE(NLA_U8, 253, 254),
	[ASHLAR_OVERLAY_A_UNDERLAY_EXID] = { .type = NLA_U16, },
	[ASHLAR_OVERLAY_A_UNDERLAY_REST_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_600000),
	[ASHLAR_OVERLAY_A_UNDERLAY_HELLO_INTERVAL] = NLA_POLICY_RANGE(NLA_U32, 1, 3600),
	[ASHLAR_OVERLAY_A_UNDERLAY_HALF_OPEN_MAX] = NLA_POLICY_MIN(NLA_U32, 1),
	[ASHLAR_OVERLAY_A_UNDERLAY_KEY] = NLA_POLICY_EXACT_LEN(16),
};

const struct nla_policy ov_nl_underlay_set_policy
	[ASHLAR_OVERLAY_A_UNDERLAY_DROP_PREVIOUS_KEY + 1] = {
	[ASHLAR_OVERLAY_A_UNDERLAY_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
	[ASHLAR_OVERLAY_A_UNDERLAY_KEY] = NLA_POLICY_EXACT_LEN(16),
	[ASHLAR_OVERLAY_A_UNDERLAY_DROP_PREVIOUS_KEY] = { .type = NLA_FLAG, },
};

const struct nla_policy ov_nl_underlay_del_policy[ASHLAR_OVERLAY_A_UNDERLAY_NAME + 1] = {
	[ASHLAR_OVERLAY_A_UNDERLAY_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

const struct nla_policy ov_nl_underlay_get_policy[ASHLAR_OVERLAY_A_UNDERLAY_NAME + 1] = {
	[ASHLAR_OVERLAY_A_UNDERLAY_NAME] = { .type = NLA_NUL_STRING, .len = 15, },
};

const struct nla_policy ov_nl_network_new_policy[ASHLAR_OVERLAY_A_NETWORK_DEFAULT + 1] = {
	[ASHLAR_OVERLAY_A_NETWORK_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_NETWORK_UNDERLAY] = { .type = NLA_NUL_STRING, .len = 15, },
	[ASHLAR_OVERLAY_A_NETWORK_FALLBACK_IFINDEX] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0x7fffffff),
	[ASHLAR_OVERLAY_A_NETWORK_DEFAULT] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy ov_nl_network_set_policy[ASHLAR_OVERLAY_A_NETWORK_DEFAULT + 1] = {
	[ASHLAR_OVERLAY_A_NETWORK_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_NETWORK_FALLBACK_IFINDEX] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0x7fffffff),
	[ASHLAR_OVERLAY_A_NETWORK_DEFAULT] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy ov_nl_network_del_policy[ASHLAR_OVERLAY_A_NETWORK_VNI + 1] = {
	[ASHLAR_OVERLAY_A_NETWORK_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
};

const struct nla_policy ov_nl_network_get_policy[ASHLAR_OVERLAY_A_NETWORK_VNI + 1] = {
	[ASHLAR_OVERLAY_A_NETWORK_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
};

const struct nla_policy ov_nl_endpoint_new_policy[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE + 1] = {
	[ASHLAR_OVERLAY_A_ENDPOINT_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_ENDPOINT_HOST] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_FD] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0x7fffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE] = { .type = NLA_NUL_STRING, .len = 15, },
};

const struct nla_policy ov_nl_endpoint_set_policy[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE + 1] = {
	[ASHLAR_OVERLAY_A_ENDPOINT_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_ENDPOINT_HOST] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_FD] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0x7fffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_1_0x7fffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE] = { .type = NLA_NUL_STRING, .len = 15, },
};

const struct nla_policy ov_nl_endpoint_del_policy[ASHLAR_OVERLAY_A_ENDPOINT_ADDR + 1] = {
	[ASHLAR_OVERLAY_A_ENDPOINT_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
};

const struct nla_policy ov_nl_endpoint_flush_policy[ASHLAR_OVERLAY_A_ENDPOINT_VNI + 1] = {
	[ASHLAR_OVERLAY_A_ENDPOINT_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
};

const struct nla_policy ov_nl_endpoint_get_policy[ASHLAR_OVERLAY_A_ENDPOINT_ADDR + 1] = {
	[ASHLAR_OVERLAY_A_ENDPOINT_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_ENDPOINT_ADDR] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
};

const struct nla_policy ov_nl_policy_new_policy[ASHLAR_OVERLAY_A_POLICY_DPORT_HI + 1] = {
	[ASHLAR_OVERLAY_A_POLICY_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_POLICY_PREF] = { .type = NLA_U32, },
	[ASHLAR_OVERLAY_A_POLICY_ACTION] = NLA_POLICY_MAX(NLA_U32, 1),
	[ASHLAR_OVERLAY_A_POLICY_SRC] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_POLICY_SRC_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[ASHLAR_OVERLAY_A_POLICY_DST] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_POLICY_DST_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[ASHLAR_OVERLAY_A_POLICY_DPORT_LO] = { .type = NLA_U16, },
	[ASHLAR_OVERLAY_A_POLICY_DPORT_HI] = { .type = NLA_U16, },
};

const struct nla_policy ov_nl_policy_del_policy[ASHLAR_OVERLAY_A_POLICY_PREF + 1] = {
	[ASHLAR_OVERLAY_A_POLICY_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_POLICY_PREF] = { .type = NLA_U32, },
};

const struct nla_policy ov_nl_policy_flush_policy[ASHLAR_OVERLAY_A_POLICY_VNI + 1] = {
	[ASHLAR_OVERLAY_A_POLICY_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
};

const struct nla_policy ov_nl_policy_get_policy[ASHLAR_OVERLAY_A_POLICY_VNI + 1] = {
	[ASHLAR_OVERLAY_A_POLICY_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
};

const struct nla_policy ov_nl_conn_get_policy[ASHLAR_OVERLAY_A_CONN_PATH + 1] = {
	[ASHLAR_OVERLAY_A_CONN_VNI] = NLA_POLICY_FULL_RANGE(NLA_U32, &range_0_0xffffff),
	[ASHLAR_OVERLAY_A_CONN_LOCAL] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_CONN_LOCAL_PORT] = { .type = NLA_U16, },
	[ASHLAR_OVERLAY_A_CONN_REMOTE] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_CONN_REMOTE_PORT] = { .type = NLA_U16, },
	[ASHLAR_OVERLAY_A_CONN_PEER] = NLA_POLICY_RANGE(NLA_BINARY, 4, 16),
	[ASHLAR_OVERLAY_A_CONN_PATH] = NLA_POLICY_MAX(NLA_U32, 2),
};

const struct genl_ops ov_nl_ops[OV_NL_N_OPS] = {
	{
		.cmd		= ASHLAR_OVERLAY_CMD_UNDERLAY_NEW,
		.doit		= ov_nl_underlay_new_doit,
		.policy		= ov_nl_underlay_new_policy,
		.maxattr	= ASHLAR_OVERLAY_A_UNDERLAY_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_UNDERLAY_SET,
		.doit		= ov_nl_underlay_set_doit,
		.policy		= ov_nl_underlay_set_policy,
		.maxattr	= ASHLAR_OVERLAY_A_UNDERLAY_DROP_PREVIOUS_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_UNDERLAY_DEL,
		.doit		= ov_nl_underlay_del_doit,
		.policy		= ov_nl_underlay_del_policy,
		.maxattr	= ASHLAR_OVERLAY_A_UNDERLAY_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_UNDERLAY_GET,
		.doit		= ov_nl_underlay_get_doit,
		.dumpit		= ov_nl_underlay_get_dumpit,
		.policy		= ov_nl_underlay_get_policy,
		.maxattr	= ASHLAR_OVERLAY_A_UNDERLAY_NAME,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_NETWORK_NEW,
		.doit		= ov_nl_network_new_doit,
		.policy		= ov_nl_network_new_policy,
		.maxattr	= ASHLAR_OVERLAY_A_NETWORK_DEFAULT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_NETWORK_SET,
		.doit		= ov_nl_network_set_doit,
		.policy		= ov_nl_network_set_policy,
		.maxattr	= ASHLAR_OVERLAY_A_NETWORK_DEFAULT,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_NETWORK_DEL,
		.doit		= ov_nl_network_del_doit,
		.policy		= ov_nl_network_del_policy,
		.maxattr	= ASHLAR_OVERLAY_A_NETWORK_VNI,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_NETWORK_GET,
		.doit		= ov_nl_network_get_doit,
		.dumpit		= ov_nl_network_get_dumpit,
		.policy		= ov_nl_network_get_policy,
		.maxattr	= ASHLAR_OVERLAY_A_NETWORK_VNI,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_ENDPOINT_NEW,
		.doit		= ov_nl_endpoint_new_doit,
		.policy		= ov_nl_endpoint_new_policy,
		.maxattr	= ASHLAR_OVERLAY_A_ENDPOINT_DEVICE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_ENDPOINT_SET,
		.doit		= ov_nl_endpoint_set_doit,
		.policy		= ov_nl_endpoint_set_policy,
		.maxattr	= ASHLAR_OVERLAY_A_ENDPOINT_DEVICE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_ENDPOINT_DEL,
		.doit		= ov_nl_endpoint_del_doit,
		.policy		= ov_nl_endpoint_del_policy,
		.maxattr	= ASHLAR_OVERLAY_A_ENDPOINT_ADDR,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_ENDPOINT_FLUSH,
		.doit		= ov_nl_endpoint_flush_doit,
		.policy		= ov_nl_endpoint_flush_policy,
		.maxattr	= ASHLAR_OVERLAY_A_ENDPOINT_VNI,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_ENDPOINT_GET,
		.doit		= ov_nl_endpoint_get_doit,
		.start		= ov_nl_endpoint_get_start,
		.dumpit		= ov_nl_endpoint_get_dumpit,
		.done		= ov_nl_endpoint_get_done,
		.policy		= ov_nl_endpoint_get_policy,
		.maxattr	= ASHLAR_OVERLAY_A_ENDPOINT_ADDR,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_POLICY_NEW,
		.doit		= ov_nl_policy_new_doit,
		.policy		= ov_nl_policy_new_policy,
		.maxattr	= ASHLAR_OVERLAY_A_POLICY_DPORT_HI,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_POLICY_DEL,
		.doit		= ov_nl_policy_del_doit,
		.policy		= ov_nl_policy_del_policy,
		.maxattr	= ASHLAR_OVERLAY_A_POLICY_PREF,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_POLICY_FLUSH,
		.doit		= ov_nl_policy_flush_doit,
		.policy		= ov_nl_policy_flush_policy,
		.maxattr	= ASHLAR_OVERLAY_A_POLICY_VNI,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_POLICY_GET,
		.dumpit		= ov_nl_policy_get_dumpit,
		.policy		= ov_nl_policy_get_policy,
		.maxattr	= ASHLAR_OVERLAY_A_POLICY_VNI,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_PEER_GET,
		.dumpit		= ov_nl_peer_get_dumpit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_CONN_GET,
		.doit		= ov_nl_conn_get_doit,
		.start		= ov_nl_conn_get_start,
		.dumpit		= ov_nl_conn_get_dumpit,
		.done		= ov_nl_conn_get_done,
		.policy		= ov_nl_conn_get_policy,
		.maxattr	= ASHLAR_OVERLAY_A_CONN_PATH,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= ASHLAR_OVERLAY_CMD_STATS_GET,
		.doit		= ov_nl_stats_get_doit,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

const struct genl_multicast_group ov_nl_mcgrps[OV_NL_N_MCGRPS] = {
	[OV_NL_MCGRP_MONITOR] = {
		.name	= ASHLAR_OVERLAY_MCGRP_MONITOR,
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
	},
};
