// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: how extensions, approvals, instances and hooks become messages; notifications. */
#include "inst.h"
#include "load.h"
#include "nl_msg.h"

#define I(name) ASHLAR_EXT_A_INSTANCE_##name
#define EX_SAME(ours, theirs) \
	static_assert((int)EX_##ours == (int)ASHLAR_EXT_##theirs)
#define EX_KIND_SAME(name) \
	static_assert((int)ASHLAR_EXT_ENTRY_##name == (int)ASHLAR_EXT_KIND_##name)

EX_SAME(STARTING, STATE_STARTING);
EX_SAME(RUNNING, STATE_RUNNING);
EX_SAME(TRIAL, STATE_TRIAL);
EX_SAME(FROZEN, STATE_FROZEN);
EX_SAME(QUARANTINED, STATE_QUARANTINED);
EX_SAME(DEAD, STATE_DEAD);
EX_SAME(HOOK_PREROUTING, HOOK_PREROUTING);
EX_SAME(HOOK_INPUT, HOOK_INPUT);
EX_SAME(HOOK_FORWARD, HOOK_FORWARD);
EX_SAME(HOOK_OUTPUT, HOOK_OUTPUT);
EX_SAME(HOOK_POSTROUTING, HOOK_POSTROUTING);
EX_SAME(HOOK_INGRESS, HOOK_INGRESS);
EX_KIND_SAME(HOOK);
EX_KIND_SAME(TIMER);
EX_KIND_SAME(WORK);
EX_KIND_SAME(REQUEST);
EX_KIND_SAME(INIT);
EX_KIND_SAME(SAVE);
EX_KIND_SAME(RESTORE);
static_assert(ASHLAR_EXT_A_STATS_RUN_HOOK + EX_STAT_MAX ==
	      __ASHLAR_EXT_A_STATS_MAX);

/* Extensions. */

#define X(name) ASHLAR_EXT_A_EXT_##name

static int put_entries(struct sk_buff *skb, const struct ashlar_ext_info *info)
{
	int err = 0;
	u32 i;

	for (i = 0; i < info->nr_entries && !err; i++)
		err = nla_put_string(skb, X(ENTRY), info->entries[i].name);
	for (i = 0; i < info->nr_entries && !err; i++)
		err = nla_put_u32(skb, X(ENTRY_KIND), info->entries[i].kind);
	for (i = 0; i < info->nr_maps && !err; i++)
		err = nla_put_string(skb, X(MAP), info->maps[i].name);
	return err;
}

static int put_ext(struct sk_buff *skb, const struct ex_ext *ext)
{
	const struct ashlar_ext_info *info = ext->info;

	return nla_put_string(skb, X(NAME), info->name) ?:
	       ex_nl_put_word(skb, X(VERSION), info->version) ?:
	       nla_put_string(skb, X(BUILD), info->build) ?:
	       nla_put_string(skb, X(MODULE), ext->mod->name) ?:
	       ex_nl_put_flag(skb, X(PRECISE),
			      info->flags & ASHLAR_EXT_BUILD_SHADOW) ?:
	       ex_nl_put_flag(skb, X(RACE), info->flags & ASHLAR_EXT_BUILD_RACE) ?:
	       ex_nl_put_flag(skb, X(QUARANTINED), ext->quarantined) ?:
	       nla_put_u32(skb, X(SCHEMA), info->schema) ?:
	       nla_put_u32(skb, X(STATE_SIZE), info->state_size) ?:
	       nla_put_u32(skb, X(TEXT_SIZE), info->text_end - info->text_start) ?:
	       nla_put_u32(skb, X(STACK_MAX), info->stack_max) ?:
	       nla_put_u32(skb, X(USERS), ext->nr_insts) ?:
	       ex_nl_put_u64(skb, X(FAULTS), ext->faults) ?:
	       ex_nl_put_age(skb, X(AGE_MS), ext->loaded) ?:
	       put_entries(skb, info);
}

int ex_nl_fill_ext(struct ex_nl_msg *m, const struct ex_ext *ext)
{
	void *hdr = ex_nl_msg_begin(m, X(EVENT));

	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr, put_ext(m->skb, ext));
#undef X
}

int ex_nl_fill_veto(struct ex_nl_msg *m, const struct ex_veto *veto)
{
#define V(name) ASHLAR_EXT_A_VETO_##name
	void *hdr = ex_nl_msg_begin(m, V(EVENT));

	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr,
			     nla_put_string(m->skb, V(MODULE), veto->module) ?:
			     nla_put_string(m->skb, V(REASON), veto->why) ?:
			     ex_nl_put_u64(m->skb, V(NUMBER), veto->seq) ?:
			     ex_nl_put_age(m->skb, V(AGE_MS), veto->time));
#undef V
}

/* Approvals and instances. */

static int put_quota(struct sk_buff *skb, int base, const struct ex_quota *q)
{
#define AT(name) (base + I(name) - I(MEMORY))
	return ex_nl_put_u64(skb, base, q->memory) ?:
	       ex_nl_put_u64(skb, AT(FUEL), q->fuel) ?:
	       ex_nl_put_u64(skb, AT(LOCK_NS), q->lock_ns) ?:
	       nla_put_u32(skb, AT(PPS), q->pps) ?:
	       nla_put_u32(skb, AT(CPU_PERMILLE), q->cpu_permille);
#undef AT
}

int ex_nl_fill_approval(struct ex_nl_msg *m, const struct ex_approval *a)
{
#define P(name) ASHLAR_EXT_A_APPROVAL_##name
	struct sk_buff *skb = m->skb;
	void *hdr = ex_nl_msg_begin(m, P(EVENT));

	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr,
			     nla_put_string(skb, P(NAME), a->name) ?:
			     (a->net ? nla_put_u32(skb, P(NETNS),
						   a->net->ns.inum) :
			      nla_put_flag(skb, P(ANY))) ?:
			     put_quota(skb, P(MEMORY), &a->quota));
#undef P
}

static int put_counters(struct sk_buff *skb, const struct ex_inst *inst)
{
	u64 sum[EX_STAT_MAX];

	ex_stats_sum(inst, sum);
	return ex_nl_put_u64(skb, I(MEMORY_USED), READ_ONCE(inst->arena.used)) ?:
	       ex_nl_put_u64(skb, I(FUEL_MAX), ex_fuel_peak(inst)) ?:
	       ex_nl_put_u64(skb, I(RUNS), sum[EX_STAT_RUN_HOOK] +
			     sum[EX_STAT_RUN_TIMER] + sum[EX_STAT_RUN_SLEEPER]) ?:
	       ex_nl_put_u64(skb, I(ACCEPTED), sum[EX_STAT_HOOK_ACCEPTED]) ?:
	       ex_nl_put_u64(skb, I(DROPPED), sum[EX_STAT_HOOK_DROPPED]) ?:
	       ex_nl_put_u64(skb, I(FAILED_DROPPED), sum[EX_STAT_FAIL_DROPPED]) ?:
	       ex_nl_put_u64(skb, I(FAILED_ACCEPTED),
			     sum[EX_STAT_FAIL_ACCEPTED]) ?:
	       ex_nl_put_u64(skb, I(FAULTS), inst->faults);
}

static int put_trial(struct sk_buff *skb, const struct ex_inst *inst)
{
	const struct ex_inst *previous = READ_ONCE(inst->previous);
	unsigned long end = inst->trial_end;
	u32 left = 0;

	if (inst->state != EX_TRIAL || !previous)
		return 0;
	if (end && time_after(end, jiffies))
		left = jiffies_to_msecs(end - jiffies);
	return nla_put_u32(skb, I(TRIAL_MS), left) ?:
	       nla_put_string(skb, I(PREVIOUS), previous->build);
}

static int put_inst(struct sk_buff *skb, const struct ex_inst *inst)
{
	u32 state = READ_ONCE(inst->state);

	return nla_put_string(skb, I(NAME), inst->name) ?:
	       nla_put_u32(skb, I(NETNS), inst->net->ns.inum) ?:
	       ex_nl_put_word(skb, I(VERSION), inst->version) ?:
	       nla_put_string(skb, I(BUILD), inst->build) ?:
	       nla_put_u32(skb, I(STATE), state) ?:
	       ex_nl_put_age(skb, I(AGE_MS), inst->created) ?:
	       put_trial(skb, inst) ?:
	       put_quota(skb, I(MEMORY), &inst->quota) ?:
	       put_counters(skb, inst) ?:
	       nla_put_u32(skb, I(LAST_FAULT), ex_nl_cause(inst->report.code));
}

int ex_nl_fill_inst(struct ex_nl_msg *m, struct ex_inst *inst)
{
	void *hdr = ex_nl_msg_begin(m, I(EVENT));

	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr, put_inst(m->skb, inst));
}

/* Hooks. */

#define H(name) ASHLAR_EXT_A_HOOK_##name

/* A device that has gone has a number still. */
static int put_dev(struct sk_buff *skb, const struct ex_hook *hook)
{
	struct net_device *dev;
	int err;

	if (!hook->ifindex)
		return 0;
	err = nla_put_u32(skb, H(IFINDEX), hook->ifindex);
	rcu_read_lock();
	dev = dev_get_by_index_rcu(hook->inst->net, hook->ifindex);
	if (!err && dev) {
		char name[IFNAMSIZ];

		/* It may be renamed meanwhile. */
		strscpy(name, dev->name, sizeof(name));
		err = nla_put_string(skb, H(DEVICE), name);
	}
	rcu_read_unlock();
	return err;
}

static u32 family_of(const struct ex_hook *hook)
{
	return hook->family == 4 ? ASHLAR_EXT_FAMILY_IPV4 :
	       hook->family == 6 ? ASHLAR_EXT_FAMILY_IPV6 :
	       ASHLAR_EXT_FAMILY_BOTH;
}

int ex_nl_fill_hook(struct ex_nl_msg *m, const struct ex_hook *hook)
{
	struct sk_buff *skb = m->skb;
	void *hdr = ex_nl_msg_begin(m, H(EVENT));

	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr,
			     nla_put_string(skb, H(NAME), hook->inst->name) ?:
			     nla_put_u32(skb, H(NETNS),
					 hook->inst->net->ns.inum) ?:
			     nla_put_string(skb, H(ENTRY), hook->entry) ?:
			     nla_put_u32(skb, H(HOOK), hook->hook) ?:
			     put_dev(skb, hook) ?:
			     nla_put_u32(skb, H(FAMILY), family_of(hook)) ?:
			     nla_put_s32(skb, H(PRIORITY), hook->prio) ?:
			     nla_put_u32(skb, H(FAIL), hook->fail));
}

#undef H

int ex_nl_fill_log(struct ex_nl_msg *m, struct ex_inst *inst, u64 nr)
{
#define L(name) ASHLAR_EXT_A_LOG_##name
	char line[EX_LOG_LEN];
	void *hdr;
	u64 at;

	if (!ex_log_read(&inst->log, nr, line, &at))
		return -ENODATA;
	hdr = ex_nl_msg_begin(m, L(EVENT));
	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr,
			     nla_put_string(m->skb, L(NAME), inst->name) ?:
			     ex_nl_put_u64(m->skb, L(NUMBER), nr) ?:
			     ex_nl_put_age(m->skb, L(AGE_MS), at) ?:
			     nla_put_string(m->skb, L(LINE), line));
#undef L
}

int ex_nl_fill_stats(struct ex_nl_msg *m, struct net *net)
{
	u64 sum[EX_STAT_MAX], insts = 0, hooks = 0;
	const struct ex_inst *inst;
	const struct list_head *at;
	unsigned int i;
	void *hdr;
	int err;

	lockdep_assert_held(&ex_mutex);
	hdr = genlmsg_put(m->skb, m->portid, m->seq, &ex_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return -EMSGSIZE;
	list_for_each_entry(inst, &ex_net(net)->insts, list) {
		insts++;
		list_for_each(at, &inst->hooks)
			hooks++;
	}
	ex_net_stats_sum(net, sum);
	err = ex_nl_put_u64(m->skb, ASHLAR_EXT_A_STATS_INSTANCES, insts) ?:
	      ex_nl_put_u64(m->skb, ASHLAR_EXT_A_STATS_HOOKS, hooks);
	for (i = 0; i < EX_STAT_MAX && !err; i++)
		err = ex_nl_put_u64(m->skb, ASHLAR_EXT_A_STATS_RUN_HOOK + i,
				    sum[i]);
	return ex_nl_msg_end(m, hdr, err);
}

/* News. */

void ex_nl_notify_ext(const struct ex_ext *ext, int event)
{
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, &init_net, ASHLAR_EXT_CMD_EXT_NTF, event,
			    EX_NL_EXT, GFP_KERNEL))
		ex_nl_ntf_end(&m, &init_net, ex_nl_fill_ext(&m, ext),
			      GFP_KERNEL);
}

void ex_nl_notify_veto(const struct ex_veto *veto)
{
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, &init_net, ASHLAR_EXT_CMD_VETO_NTF,
			    ASHLAR_EXT_EVENT_REFUSED, GENLMSG_DEFAULT_SIZE,
			    GFP_KERNEL))
		ex_nl_ntf_end(&m, &init_net, ex_nl_fill_veto(&m, veto),
			      GFP_KERNEL);
}

static void notify_approval(struct net *net, const struct ex_approval *a,
			    int event)
{
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, net, ASHLAR_EXT_CMD_APPROVAL_NTF, event,
			    GENLMSG_DEFAULT_SIZE, GFP_KERNEL))
		ex_nl_ntf_end(&m, net, ex_nl_fill_approval(&m, a), GFP_KERNEL);
}

void ex_nl_notify_approval(const struct ex_approval *approval, int event)
{
	notify_approval(&init_net, approval, event);
	if (approval->net && !net_eq(approval->net, &init_net))
		notify_approval(approval->net, approval, event);
}

void ex_nl_notify_inst(struct ex_inst *inst, int event)
{
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, inst->net, ASHLAR_EXT_CMD_INSTANCE_NTF, event,
			    GENLMSG_DEFAULT_SIZE, GFP_KERNEL))
		ex_nl_ntf_end(&m, inst->net, ex_nl_fill_inst(&m, inst),
			      GFP_KERNEL);
}

void ex_nl_notify_hook(const struct ex_hook *hook, int event)
{
	struct net *net = hook->inst->net;
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, net, ASHLAR_EXT_CMD_HOOK_NTF, event,
			    GENLMSG_DEFAULT_SIZE, GFP_KERNEL))
		ex_nl_ntf_end(&m, net, ex_nl_fill_hook(&m, hook), GFP_KERNEL);
}

void ex_nl_notify_report(struct ex_inst *inst)
{
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, inst->net, ASHLAR_EXT_CMD_REPORT_NTF,
			    ASHLAR_EXT_EVENT_QUARANTINED, EX_NL_LARGE,
			    GFP_KERNEL))
		ex_nl_ntf_end(&m, inst->net, ex_nl_fill_report(&m, inst),
			      GFP_KERNEL);
}

void ex_nl_notify_log(struct ex_inst *inst, u64 nr)
{
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, inst->net, ASHLAR_EXT_CMD_LOG_NTF,
			    ASHLAR_EXT_EVENT_NEW, GENLMSG_DEFAULT_SIZE,
			    GFP_ATOMIC))
		ex_nl_ntf_end(&m, inst->net, ex_nl_fill_log(&m, inst, nr),
			      GFP_ATOMIC);
}
