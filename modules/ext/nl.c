// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: the family, and what changes approvals, instances and hooks. The
 * handlers read and check the attributes. What waits for invocations takes
 * ex_mutex itself; the instance is held meanwhile.
 *
 * Approvals are the host's administrator's: may_approve(). All else is done
 * in the namespace of the socket, by whoever administers it, and only with what
 * is approved for it: ex_inst_create() and ex_inst_set_quota() see to that.
 */
#include <linux/netfilter.h>
#include <net/net_namespace.h>

#include "inst.h"
#include "load.h"
#include "nl_msg.h"

#define I(name) ASHLAR_EXT_A_INSTANCE_##name
#define H(name) ASHLAR_EXT_A_HOOK_##name
#define P(name) ASHLAR_EXT_A_APPROVAL_##name
#define R(name) ASHLAR_EXT_A_REQUEST_##name

#define EX_TRIAL_MS	30000

static_assert((int)ASHLAR_EXT_FAIL_DROP == NF_DROP);
static_assert((int)ASHLAR_EXT_FAIL_ACCEPT == NF_ACCEPT);

struct genl_family ex_nl_family __ro_after_init = {
	.name		= ASHLAR_EXT_FAMILY_NAME,
	.version	= ASHLAR_EXT_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= ex_nl_ops,
	.n_ops		= ARRAY_SIZE(ex_nl_ops),
	/* All are new enough for reserved fields to be checked. */
	.resv_start_op	= 0,
	.mcgrps		= ex_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(ex_nl_mcgrps),
};

int ex_nl_init(void)
{
	return genl_register_family(&ex_nl_family);
}

void ex_nl_exit(void)
{
	genl_unregister_family(&ex_nl_family);
}

const char *ex_nl_get_name(struct genl_info *info, int attr, const char *miss)
{
	const char *name = NULL;

	if (!GENL_REQ_ATTR_CHECK(info, attr))
		name = nla_data(info->attrs[attr]);
	if (name && *name)
		return name;
	info->extack->_msg = miss;
	return NULL;
}

struct ex_inst *ex_nl_get_inst(struct genl_info *info, int attr)
{
	struct ex_inst *inst;
	const char *name;

	name = ex_nl_get_name(info, attr, "the extension's name is missing");
	if (!name)
		return NULL;
	inst = ex_inst_find(genl_info_net(info), name);
	if (!inst)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attr],
				    "no such extension is at work in this namespace");
	return inst;
}

/* The same, held, without ex_mutex. */
static struct ex_inst *hold_inst(struct genl_info *info, int attr)
{
	struct ex_inst *inst;

	mutex_lock(&ex_mutex);
	inst = ex_nl_get_inst(info, attr);
	if (inst)
		ex_inst_get(inst);
	mutex_unlock(&ex_mutex);
	return inst;
}

/* Quotas stand together in each set that has them. */
#define EX_QUOTA_SAME(set) \
	static_assert(ASHLAR_EXT_A_##set##_CPU_PERMILLE - ASHLAR_EXT_A_##set##_MEMORY == \
		      P(CPU_PERMILLE) - P(MEMORY))
EX_QUOTA_SAME(INSTANCE);

/* @base: the attribute that says how much memory */
static bool get_quota(struct nlattr **tb, int base, struct ex_quota *quota)
{
	struct nlattr *memory = tb[base];
	struct nlattr *fuel = tb[base + P(FUEL) - P(MEMORY)];
	struct nlattr *lock_ns = tb[base + P(LOCK_NS) - P(MEMORY)];
	struct nlattr *pps = tb[base + P(PPS) - P(MEMORY)];
	struct nlattr *cpu = tb[base + P(CPU_PERMILLE) - P(MEMORY)];

	if (memory)
		quota->memory = nla_get_u64(memory);
	if (fuel)
		quota->fuel = nla_get_u64(fuel);
	if (lock_ns)
		quota->lock_ns = nla_get_u64(lock_ns);
	if (pps)
		quota->pps = nla_get_u32(pps);
	if (cpu)
		quota->cpu_permille = nla_get_u32(cpu);
	return memory || fuel || lock_ns || pps || cpu;
}

/* Approvals. */

/*
 * An approval lets code of a module run, and says how much of the CPU and memory of the host it may
 * have, so it takes what loading takes. CAP_NET_ADMIN, which has been asked for (GENL_ADMIN_PERM),
 * is given to containers without a user namespace of their own, too.
 */
static bool may_approve(struct sk_buff *skb, struct genl_info *info)
{
	if (netlink_capable(skb, CAP_SYS_MODULE))
		return true;
	GENL_SET_ERR_MSG(info, "who approves must be allowed to load modules (CAP_SYS_MODULE)");
	return false;
}

/* The namespace that is meant, held; NULL for any. */
static int net_meant(struct genl_info *info, struct net **net)
{
	struct nlattr *fd = info->attrs[P(NETNS_FD)];

	*net = NULL;
	if (fd && info->attrs[P(ANY)]) {
		NL_SET_ERR_MSG_ATTR(info->extack, fd,
				    "either one namespace or any");
		return -EINVAL;
	}
	if (info->attrs[P(ANY)])
		return 0;
	*net = fd ? get_net_ns_by_fd(nla_get_u32(fd)) :
		    maybe_get_net(genl_info_net(info));
	if (!IS_ERR_OR_NULL(*net))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, fd,
			    "this file is no network namespace");
	return *net ? PTR_ERR(*net) : -ENOENT;
}

static struct ex_approval *approval_of(const struct net *net, const char *name)
{
	struct ex_approval *a = ex_approval_find(net, name);

	return a && a->net == net ? a : NULL;
}

/* What is not told stays as it is, or is the default of a new one. */
static int approve(struct genl_info *info, struct net *net, const char *name)
{
	const struct ex_approval *a;
	struct ex_quota quota;
	int err;

	mutex_lock(&ex_mutex);
	a = approval_of(net, name);
	quota = a ? a->quota : ex_quota_default;
	get_quota(info->attrs, P(MEMORY), &quota);
	err = ex_approve(net, name, &quota, info->extack);
	mutex_unlock(&ex_mutex);
	return err;
}

int ex_nl_approval_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *name;
	struct net *net;
	int err;

	if (!may_approve(skb, info))
		return -EPERM;
	name = ex_nl_get_name(info, P(NAME), "the extension's name is missing");
	if (!name)
		return -EINVAL;
	err = net_meant(info, &net);
	if (err)
		return err;
	err = approve(info, net, name);
	if (net)
		put_net(net);
	return err;
}

int ex_nl_approval_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *name;
	struct net *net;
	int err;

	if (!may_approve(skb, info))
		return -EPERM;
	name = ex_nl_get_name(info, P(NAME), "the extension's name is missing");
	if (!name)
		return -EINVAL;
	err = net_meant(info, &net);
	if (err)
		return err;
	err = ex_revoke(net, name, info->extack);
	if (net)
		put_net(net);
	return err;
}

/* Instances. */

static const char *get_build(struct genl_info *info)
{
	return info->attrs[I(BUILD)] ? nla_data(info->attrs[I(BUILD)]) : NULL;
}

int ex_nl_instance_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	const char *name;

	name = ex_nl_get_name(info, I(NAME), "the extension's name is missing");
	if (!name)
		return -EINVAL;
	return ex_inst_create(genl_info_net(info), name, get_build(info),
			      info->extack, NULL);
}

int ex_nl_instance_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_inst *inst;
	struct ex_quota quota;
	int err = -ENOENT;

	mutex_lock(&ex_mutex);
	inst = ex_nl_get_inst(info, I(NAME));
	if (!inst)
		goto unlock;
	quota = inst->quota;
	err = -EINVAL;
	if (get_quota(info->attrs, I(MEMORY), &quota))
		err = ex_inst_set_quota(inst, &quota, info->extack);
	else
		GENL_SET_ERR_MSG(info, "nothing to set");
unlock:
	mutex_unlock(&ex_mutex);
	return err;
}

int ex_nl_instance_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_inst *inst = hold_inst(info, I(NAME));

	if (!inst)
		return -ENOENT;
	ex_inst_destroy(inst);
	ex_inst_put(inst);
	return 0;
}

int ex_nl_instance_upgrade_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *trial = info->attrs[I(TRIAL_MS)];
	struct ex_inst *inst;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, I(BUILD))) {
		GENL_SET_ERR_MSG(info, "the build that shall run is missing");
		return -EINVAL;
	}
	inst = hold_inst(info, I(NAME));
	if (!inst)
		return -ENOENT;
	err = ex_inst_upgrade(inst, get_build(info), trial ? nla_get_u32(trial) :
			      EX_TRIAL_MS, info->extack);
	ex_inst_put(inst);
	return err;
}

static int instance_do(struct genl_info *info,
		       int (*what)(struct ex_inst *inst,
				   struct netlink_ext_ack *extack))
{
	struct ex_inst *inst = hold_inst(info, I(NAME));
	int err;

	if (!inst)
		return -ENOENT;
	err = what(inst, info->extack);
	ex_inst_put(inst);
	return err;
}

int ex_nl_instance_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	return instance_do(info, ex_inst_commit);
}

int ex_nl_instance_rollback_doit(struct sk_buff *skb, struct genl_info *info)
{
	return instance_do(info, ex_inst_rollback);
}

int ex_nl_instance_restart_doit(struct sk_buff *skb, struct genl_info *info)
{
	return instance_do(info, ex_inst_restart);
}

static int end_by_hand(struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	if (ex_inst_quarantine(inst, NULL)) {
		/* What it held is back when the operator reads the report. */
		wait_for_completion(&inst->ended);
		return 0;
	}
	NL_SET_ERR_MSG(extack, "it is in quarantine already");
	return -EALREADY;
}

int ex_nl_instance_quarantine_doit(struct sk_buff *skb, struct genl_info *info)
{
	return instance_do(info, end_by_hand);
}

/* Hooks. */

static int get_place(struct genl_info *info, struct ex_attach *at)
{
	struct nlattr **tb = info->attrs;

	at->entry = ex_nl_get_name(info, H(ENTRY), "the entry is missing");
	if (!at->entry)
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, H(HOOK))) {
		GENL_SET_ERR_MSG(info, "the hook is missing");
		return -EINVAL;
	}
	at->hook = nla_get_u32(tb[H(HOOK)]);
	if (at->hook == EX_HOOK_INGRESS && !tb[H(IFINDEX)]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, H(IFINDEX));
		GENL_SET_ERR_MSG(info, "ingress is a device's, which is missing");
		return -EINVAL;
	}
	if (at->hook != EX_HOOK_INGRESS && tb[H(IFINDEX)]) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[H(IFINDEX)],
				    "only ingress is a device's");
		return -EINVAL;
	}
	if (tb[H(IFINDEX)])
		at->ifindex = nla_get_u32(tb[H(IFINDEX)]);
	return 0;
}

static int get_attach(struct genl_info *info, struct ex_attach *at)
{
	static const u8 families[] = {
		[ASHLAR_EXT_FAMILY_BOTH] = 0,
		[ASHLAR_EXT_FAMILY_IPV4] = 4,
		[ASHLAR_EXT_FAMILY_IPV6] = 6,
	};
	struct nlattr **tb = info->attrs;
	int err;

	err = get_place(info, at);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, H(FAIL))) {
		GENL_SET_ERR_MSG(info, "say what becomes of packets when the extension cannot say");
		return -EINVAL;
	}
	at->fail = nla_get_u32(tb[H(FAIL)]);
	if (tb[H(FAMILY)])
		at->family = families[nla_get_u32(tb[H(FAMILY)])];
	if (at->hook == EX_HOOK_INGRESS && at->family) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[H(FAMILY)],
				    "ingress hands over packets of every protocol");
		return -EINVAL;
	}
	if (tb[H(PRIORITY)])
		at->prio = nla_get_s32(tb[H(PRIORITY)]);
	return 0;
}

/* Whether there is an instance, without a word if there is none. */
static bool is_there(struct net *net, const char *name)
{
	bool there;

	mutex_lock(&ex_mutex);
	there = ex_inst_find(net, name);
	mutex_unlock(&ex_mutex);
	return there;
}

/* An instance that was started for the hook does not stay without it. */
int ex_nl_hook_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct ex_inst *inst, *made = NULL;
	struct ex_attach at = {};
	const char *name;
	int err;

	name = ex_nl_get_name(info, H(NAME), "the extension's name is missing");
	if (!name)
		return -EINVAL;
	err = get_attach(info, &at);
	if (!err && !is_there(net, name))
		err = ex_inst_create(net, name, NULL, info->extack, &made);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	inst = ex_nl_get_inst(info, H(NAME));
	err = inst ? ex_attach(inst, &at, info->extack, NULL) : -ENOENT;
	mutex_unlock(&ex_mutex);
	if (made && err)
		ex_inst_destroy(made);
	if (made)
		ex_inst_put(made);
	return err;
}

int ex_nl_hook_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_attach at = {};
	struct ex_inst *inst;
	struct ex_hook *hook;
	int err;

	err = get_place(info, &at);
	if (err)
		return err;
	mutex_lock(&ex_mutex);
	inst = ex_nl_get_inst(info, H(NAME));
	if (!inst) {
		err = -ENOENT;
		goto unlock;
	}
	hook = ex_hook_find(inst, at.entry, at.hook, at.ifindex);
	if (hook) {
		ex_detach(hook);
	} else {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[H(HOOK)],
				    "this entry is not attached there");
		err = -ENOENT;
	}
unlock:
	mutex_unlock(&ex_mutex);
	return err;
}

/* Requests. */

static int put_answer(struct ex_nl_msg *m, struct genl_info *info,
		      const void *out, int result)
{
	struct sk_buff *skb = m->skb;
	void *hdr;

	hdr = genlmsg_put(skb, m->portid, m->seq, &ex_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr,
			     nla_put_string(skb, R(NAME),
					    nla_data(info->attrs[R(NAME)])) ?:
			     nla_put_string(skb, R(ENTRY),
					    nla_data(info->attrs[R(ENTRY)])) ?:
			     nla_put_s32(skb, R(RESULT), result) ?:
			     (result > 0 ? nla_put(skb, R(DATA), result, out) : 0));
}

static int answer(struct ex_nl_msg *m, struct genl_info *info,
		  struct ex_inst *inst, void *out)
{
	struct nlattr *data = info->attrs[R(DATA)];
	s32 result;
	int err;

	err = ex_inst_request(inst, nla_data(info->attrs[R(ENTRY)]),
			      data ? nla_data(data) : NULL,
			      data ? nla_len(data) : 0, out, EX_REQUEST_MAX,
			      &result, info->extack);
	return err ?: put_answer(m, info, out, result);
}

int ex_nl_request_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_inst *inst;
	struct ex_nl_msg m;
	void *out;
	int err;

	static_assert(ASHLAR_EXT_REQUEST_MAX == EX_REQUEST_MAX);
	if (!ex_nl_get_name(info, R(ENTRY), "the entry is missing"))
		return -EINVAL;
	inst = hold_inst(info, R(NAME));
	if (!inst)
		return -ENOENT;
	/* Zeroed: nothing of the kernel's is to be had by claiming to have written more. */
	out = kzalloc(EX_REQUEST_MAX, GFP_KERNEL_ACCOUNT);
	err = out ? ex_nl_reply_begin(&m, info, ASHLAR_EXT_CMD_REQUEST,
				      EX_NL_LARGE) : -ENOMEM;
	if (!err)
		err = ex_nl_reply_end(&m, info, answer(&m, info, inst, out));
	kfree(out);
	ex_inst_put(inst);
	return err;
}
