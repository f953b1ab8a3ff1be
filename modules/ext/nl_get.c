// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: what shows extensions, approvals, instances, hooks, reports, lines and
 * counters. A dump is resumed by position; cb->seq follows ex_generation, so
 * that the reader learns (NLM_F_DUMP_INTR) that what it got is not of one
 * moment.
 *
 * What limits a dump is read in its first call and not at its start, where some
 * kernels cannot take the sentence that explains a refusal.
 */
#include "fault.h"
#include "inst.h"
#include "load.h"
#include "nl_msg.h"

/**
 * struct ex_nl_list - a dump
 * @at: how many objects were looked at
 * @line: of the log: next one
 * @begun: the first call is over
 * @all: of all namespaces
 * @name: of this extension alone, if it is a name
 */
struct ex_nl_list {
	u32 at;
	u32 line;
	bool begun;
	bool all;
	char name[ASHLAR_EXT_NAME];
};

/**
 * struct ex_nl_limits - which attributes may limit a dump
 * @policy: of the operation
 * @max: its last attribute
 * @name: the extension's; 0: may not be named
 * @all: the flag for all namespaces; 0: there is none
 */
struct ex_nl_limits {
	const struct nla_policy *policy;
	int max;
	int name;
	int all;
};

static struct ex_nl_list *list_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct ex_nl_list) > sizeof(cb->ctx));
	return (struct ex_nl_list *)cb->ctx;
}

static int list_begin(struct netlink_callback *cb,
		      const struct ex_nl_limits *limits)
{
	struct nlattr *tb[ASHLAR_EXT_A_INSTANCE_ALL + 1];
	struct ex_nl_list *list = list_of(cb);
	u64 allowed = 0;
	int err;

	if (list->begun)
		return 0;
	if (limits->max >= ARRAY_SIZE(tb))
		return -EINVAL;
	allowed |= limits->name ? BIT_ULL(limits->name) : 0;
	allowed |= limits->all ? BIT_ULL(limits->all) : 0;
	err = ex_nl_dump_parse(cb, tb, limits->max, limits->policy, allowed);
	if (err)
		return err;
	if (limits->name && tb[limits->name])
		nla_strscpy(list->name, tb[limits->name], sizeof(list->name));
	if (limits->all && tb[limits->all]) {
		if (!netlink_capable(cb->skb, CAP_NET_ADMIN)) {
			NL_SET_ERR_MSG_ATTR(cb->extack, tb[limits->all],
					    "all namespaces are shown to the host's administrator alone");
			return -EPERM;
		}
		list->all = true;
	}
	list->begun = true;
	return 0;
}

/* 0 is not a valid sequence. */
static void dump_begin(struct ex_nl_msg *m, struct sk_buff *skb,
		       struct netlink_callback *cb, u8 cmd)
{
	lockdep_assert_held(&ex_mutex);
	cb->seq = ex_generation ?: 1;
	ex_nl_dump_msg(m, skb, cb, cmd);
}

/* Whether the next object is to be shown: it is of the rest, and is asked for. */
static bool is_wanted(const struct ex_nl_list *list, u32 n, const char *name)
{
	return n >= list->at && (!list->name[0] || !strcmp(list->name, name));
}

/* Extensions. */

int ex_nl_ext_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct ex_ext *ext = NULL;
	struct ex_nl_msg m;
	const char *name;
	int err;

	name = ex_nl_get_name(info, ASHLAR_EXT_A_EXT_NAME,
			      "the extension's name is missing");
	if (!name)
		return -EINVAL;
	err = ex_nl_reply_begin(&m, info, ASHLAR_EXT_CMD_EXT_GET, EX_NL_EXT);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	if (m.host || ex_approval_find(net, name))
		ext = ex_ext_find(name, NULL);
	err = ext ? ex_nl_fill_ext(&m, ext) : -ENOENT;
	mutex_unlock(&ex_mutex);
	if (!ext)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[ASHLAR_EXT_A_EXT_NAME],
				    "no such extension is loaded, or it is not approved here");
	return ex_nl_reply_end(&m, info, err);
}

int ex_nl_ext_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct ex_nl_limits limits = {
		.policy = ex_nl_ext_get_policy,
		.max = ASHLAR_EXT_A_EXT_NAME,
	};
	struct ex_nl_list *list = list_of(cb);
	struct net *net = sock_net(cb->skb->sk);
	struct ex_nl_msg m;
	struct ex_ext *ext;
	u32 n = 0;
	int err;

	err = list_begin(cb, &limits);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	dump_begin(&m, skb, cb, ASHLAR_EXT_CMD_EXT_GET);
	list_for_each_entry(ext, &ex_exts, list) {
		if (is_wanted(list, n++, ext->info->name) &&
		    (m.host || ex_approval_find(net, ext->info->name)))
			err = ex_nl_fill_ext(&m, ext);
		if (err)
			break;
		list->at = max(list->at, n);
	}
	mutex_unlock(&ex_mutex);
	return skb->len ?: err;
}

/* Modules that were refused. */

int ex_nl_veto_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ex_nl_list *list = list_of(cb);
	struct ex_nl_msg m;
	struct ex_veto veto;
	int err = 0;

	ex_nl_dump_msg(&m, skb, cb, ASHLAR_EXT_CMD_VETO_GET);
	while (!err && ex_veto_get(list->at, &veto)) {
		err = ex_nl_fill_veto(&m, &veto);
		if (!err)
			list->at++;
	}
	return skb->len ?: err;
}

/* Approvals. */

int ex_nl_approval_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct ex_nl_limits limits = {
		.policy = ex_nl_approval_get_policy,
		.max = ASHLAR_EXT_A_APPROVAL_NAME,
		.name = ASHLAR_EXT_A_APPROVAL_NAME,
	};
	struct ex_nl_list *list = list_of(cb);
	struct net *net = sock_net(cb->skb->sk);
	struct ex_approval *a;
	struct ex_nl_msg m;
	u32 n = 0;
	int err;

	err = list_begin(cb, &limits);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	dump_begin(&m, skb, cb, ASHLAR_EXT_CMD_APPROVAL_GET);
	list_for_each_entry(a, &ex_approvals, list) {
		if (is_wanted(list, n++, a->name) &&
		    (m.host || !a->net || net_eq(a->net, net)))
			err = ex_nl_fill_approval(&m, a);
		if (err)
			break;
		list->at = max(list->at, n);
	}
	mutex_unlock(&ex_mutex);
	return skb->len ?: err;
}

/* Instances. */

int ex_nl_instance_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_inst *inst;
	struct ex_nl_msg m;
	int err;

	if (info->attrs[ASHLAR_EXT_A_INSTANCE_ALL]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[ASHLAR_EXT_A_INSTANCE_ALL],
				    "one instance is of this namespace");
		return -EINVAL;
	}
	err = ex_nl_reply_begin(&m, info, ASHLAR_EXT_CMD_INSTANCE_GET,
				GENLMSG_DEFAULT_SIZE);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	inst = ex_nl_get_inst(info, ASHLAR_EXT_A_INSTANCE_NAME);
	err = inst ? ex_nl_fill_inst(&m, inst) : -ENOENT;
	mutex_unlock(&ex_mutex);
	return ex_nl_reply_end(&m, info, err);
}

/*
 * One namespace after the other, or the reader's alone. What is shown does not
 * sleep, and a namespace stays as long as it is on the list.
 */
static int walk(struct netlink_callback *cb, struct ex_nl_msg *m,
		int (*show)(struct ex_nl_list *list, struct ex_nl_msg *m,
			    struct ex_inst *inst, u32 *n))
{
	struct ex_nl_list *list = list_of(cb);
	struct ex_inst *inst;
	struct net *net;
	int err = 0;
	u32 n = 0;

	lockdep_assert_held(&ex_mutex);
	rcu_read_lock();
	for_each_net_rcu(net) {
		if (!list->all && !net_eq(net, sock_net(cb->skb->sk)))
			continue;
		list_for_each_entry(inst, &ex_net(net)->insts, list) {
			err = show(list, m, inst, &n);
			if (err)
				goto unlock;
		}
	}
unlock:
	rcu_read_unlock();
	return err;
}

static int show_inst(struct ex_nl_list *list, struct ex_nl_msg *m,
		     struct ex_inst *inst, u32 *n)
{
	int err = 0;

	if ((*n)++ >= list->at)
		err = ex_nl_fill_inst(m, inst);
	if (!err)
		list->at = max(list->at, *n);
	return err;
}

int ex_nl_instance_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct ex_nl_limits limits = {
		.policy = ex_nl_instance_get_policy,
		.max = ASHLAR_EXT_A_INSTANCE_ALL,
		.all = ASHLAR_EXT_A_INSTANCE_ALL,
	};
	struct ex_nl_msg m;
	int err;

	err = list_begin(cb, &limits);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	dump_begin(&m, skb, cb, ASHLAR_EXT_CMD_INSTANCE_GET);
	err = walk(cb, &m, show_inst);
	mutex_unlock(&ex_mutex);
	return skb->len ?: err;
}

/* Hooks: of one instance after the other. */

static int show_hooks(struct ex_nl_list *list, struct ex_nl_msg *m,
		      struct ex_inst *inst, u32 *n)
{
	struct ex_hook *hook;
	int err = 0;

	list_for_each_entry(hook, &inst->hooks, list) {
		if (is_wanted(list, (*n)++, inst->name))
			err = ex_nl_fill_hook(m, hook);
		if (err)
			return err;
		list->at = max(list->at, *n);
	}
	return 0;
}

int ex_nl_hook_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct ex_nl_limits limits = {
		.policy = ex_nl_hook_get_policy,
		.max = ASHLAR_EXT_A_HOOK_ALL,
		.name = ASHLAR_EXT_A_HOOK_NAME,
		.all = ASHLAR_EXT_A_HOOK_ALL,
	};
	struct ex_nl_msg m;
	int err;

	err = list_begin(cb, &limits);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	dump_begin(&m, skb, cb, ASHLAR_EXT_CMD_HOOK_GET);
	err = walk(cb, &m, show_hooks);
	mutex_unlock(&ex_mutex);
	return skb->len ?: err;
}

/* Reports. */

/* One that is on its way is waited for: it tells what was given back. */
static void report_wait(struct genl_info *info)
{
	struct ex_inst *inst;

	mutex_lock(&ex_mutex);
	inst = ex_nl_get_inst(info, ASHLAR_EXT_A_REPORT_NAME);
	if (inst && READ_ONCE(inst->state) == EX_QUARANTINED)
		ex_inst_get(inst);
	else
		inst = NULL;
	mutex_unlock(&ex_mutex);
	if (!inst)
		return;
	wait_for_completion_killable(&inst->ended);
	ex_inst_put(inst);
}

int ex_nl_report_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_inst *inst;
	struct ex_nl_msg m;
	int err;

	err = ex_nl_reply_begin(&m, info, ASHLAR_EXT_CMD_REPORT_GET,
				EX_NL_LARGE);
	if (err)
		return err;
	report_wait(info);
	mutex_lock(&ex_mutex);
	inst = ex_nl_get_inst(info, ASHLAR_EXT_A_REPORT_NAME);
	err = inst ? ex_nl_fill_report(&m, inst) : -ENOENT;
	mutex_unlock(&ex_mutex);
	if (err == -ENODATA)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[ASHLAR_EXT_A_REPORT_NAME],
				    "nothing went wrong with this extension here");
	return ex_nl_reply_end(&m, info, err);
}

static int show_report(struct ex_nl_list *list, struct ex_nl_msg *m,
		       struct ex_inst *inst, u32 *n)
{
	int err = 0;

	if ((*n)++ >= list->at)
		err = ex_nl_fill_report(m, inst);
	if (err && err != -ENODATA)
		return err;
	list->at = max(list->at, *n);
	return 0;
}

int ex_nl_report_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct ex_nl_limits limits = {
		.policy = ex_nl_report_get_policy,
		.max = ASHLAR_EXT_A_REPORT_NAME,
	};
	struct ex_nl_msg m;
	int err;

	err = list_begin(cb, &limits);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	dump_begin(&m, skb, cb, ASHLAR_EXT_CMD_REPORT_GET);
	err = walk(cb, &m, show_report);
	mutex_unlock(&ex_mutex);
	return skb->len ?: err;
}

/* Lines, of one extension. */

static u32 first_line(const struct ex_inst *inst)
{
	u64 nr = READ_ONCE(inst->log.nr);

	return nr > EX_LOG_LINES ? nr - EX_LOG_LINES : 0;
}

int ex_nl_log_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct ex_nl_limits limits = {
		.policy = ex_nl_log_get_policy,
		.max = ASHLAR_EXT_A_LOG_NAME,
		.name = ASHLAR_EXT_A_LOG_NAME,
	};
	struct ex_nl_list *list = list_of(cb);
	struct ex_inst *inst;
	struct ex_nl_msg m;
	int err;

	err = list_begin(cb, &limits);
	if (err)
		return err;
	ex_nl_dump_msg(&m, skb, cb, ASHLAR_EXT_CMD_LOG_GET);
	mutex_lock(&ex_mutex);
	inst = ex_inst_find(sock_net(cb->skb->sk), list->name);
	if (!inst) {
		NL_SET_ERR_MSG(cb->extack, "no such extension runs in this namespace");
		err = -ENOENT;
	} else {
		list->line = max(list->line, first_line(inst));
		for (; !err; list->line += !err)
			err = ex_nl_fill_log(&m, inst, list->line);
	}
	mutex_unlock(&ex_mutex);
	return skb->len ?: err == -ENODATA ? 0 : err;
}

int ex_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_nl_msg m;
	int err;

	err = ex_nl_reply_begin(&m, info, ASHLAR_EXT_CMD_STATS_GET,
				GENLMSG_DEFAULT_SIZE);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	err = ex_nl_fill_stats(&m, genl_info_net(info));
	mutex_unlock(&ex_mutex);
	return ex_nl_reply_end(&m, info, err);
}
