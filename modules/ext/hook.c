// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets: from netfilter to an extension and back. A hook stays where it is
 * when its instance is quarantined, and gives the failure verdict then: a
 * filter that is gone must not let everything pass.
 *
 * What is done for each packet is counted in instructions (bench/ext): nothing
 * is set that is so already, nothing is shared between CPUs.
 */
#include <linux/bottom_half.h>
#include <linux/netfilter_ipv4.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>

#include "inst.h"
#include "nl.h"
#include "pkt.h"
#include "trace.h"

/* --- the way of a packet --- */

static noinline unsigned int failed(const struct ex_hook *hook, struct ex_inst *inst)
{
	if (hook->fail == NF_DROP)
		ex_count(inst, FAIL_DROPPED);
	else
		ex_count(inst, FAIL_ACCEPTED);
	return hook->fail;
}

#define FAILED(hook, instance, stat) ({			\
	struct ex_inst *_inst = (instance);		\
							\
	ex_count(_inst, stat);				\
	failed(hook, _inst);				\
})

/* What is no packet any more goes no further, not even where the failure verdict is to accept. */
static unsigned int failed_with(const struct ex_hook *hook, struct ex_inst *inst, bool broken)
{
	if (!broken)
		return failed(hook, inst);
	ex_count(inst, FAIL_DROPPED);
	return NF_DROP;
}

/* A packet that was changed or dropped, or an invocation that did not end well. */
static noinline unsigned int ended(struct ex_cpu *cpu, u32 verdict)
{
	struct ex_ctx *ctx = &cpu->ctx;
	const struct ex_bind *bind = ctx->bind;
	bool broken = ctx->touched && !ex_pkt_seal(ctx);
	bool bad = false;

	if (!ex_ended_badly(ctx)) {
		if (verdict > NF_ACCEPT)
			ex_stop(ctx, ASHLAR_EXT_FAULT_VERDICT, verdict,
				"neither EXT_DROP nor EXT_ACCEPT");
		else if (verdict == NF_ACCEPT && broken)
			ex_stop(ctx, ASHLAR_EXT_FAULT_VERDICT, verdict,
				"accepted what it made of the packet, which has no whole IP header");
	}
	if (ex_ended_badly(ctx)) {
		ctx->entry = bind->entry;
		bad = ex_ctx_fault(ctx);
	}
	ctx->touched = 0;
	ctx->abi.pkt_wlen = 0;
	WRITE_ONCE(ctx->busy, false);
	if (bad || verdict > NF_ACCEPT || (verdict == NF_ACCEPT && broken)) {
		cpu->stats.n[EX_STAT_RUN_HOOK]++;
		return failed_with(bind->hook, ctx->inst, broken);
	}
	cpu->stats.n[EX_STAT_HOOK_DROPPED - verdict]++;
	return verdict;
}

static_assert(EX_STAT_HOOK_DROPPED - NF_ACCEPT == EX_STAT_HOOK_ACCEPTED);

/*
 * BH is off, and RCU held; this CPU runs no other invocation, or the caller says so again behind
 * it. Nothing is kept over the call, so that no register has to be saved for it; what the end needs
 * the context knows.
 */
static __always_inline unsigned int call(const struct ex_bind *bind, struct ex_cpu *cpu,
					 struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct ex_ctx *ctx = &cpu->ctx;
	u32 verdict;
	s64 used;

	ctx->busy = true;
	this_cpu_write(ex_running, ctx);
	ctx->abi.fuel = ctx->abi.fuel_max;
	ctx->abi.pkt = (u64)skb->data;
	ctx->abi.pkt_len = skb_headlen(skb);
	ctx->skb = skb;
	ctx->state = state;
	ctx->bind = bind;
	ctx->calls_end = 0;
	verdict = ex_enter_hook(&ctx->abi, ctx->pkt_handle, bind->fn);
	ctx = this_cpu_read(ex_running);
	/* A handle that the extension kept is stale from here on. */
	ctx->pkt_handle++;
	this_cpu_write(ex_running, NULL);
	cpu = container_of(ctx, struct ex_cpu, ctx);
	used = ctx->abi.fuel_max - ctx->abi.fuel;
	if (unlikely(used > (s64)cpu->fuel_peak))
		cpu->fuel_peak = used;
	/* Of what the gate itself has ended, fault_code, there is no verdict. */
	if (unlikely((verdict ^ NF_ACCEPT) | ctx->abi.stop | ctx->unusual))
		return ended(cpu, verdict);
	cpu->stats.n[EX_STAT_HOOK_ACCEPTED]++;
	ctx->busy = false;
	return NF_ACCEPT;
}

/* --- packets to be looked at closely --- */

static bool rate_take(struct ex_inst *inst)
{
	struct ex_rate *rate = &inst->rate;
	u32 pps = READ_ONCE(inst->quota.pps);
	unsigned long now = jiffies;
	bool ok;
	u64 new;

	spin_lock(&rate->lock);
	new = div_u64((u64)min(now - rate->since, (unsigned long)HZ) * pps, HZ);
	if (new) {
		rate->tokens = min_t(u64, rate->tokens + new, max(pps / 10, 1U));
		rate->since = now;
	}
	ok = rate->tokens;
	rate->tokens -= ok;
	spin_unlock(&rate->lock);
	return ok;
}

static noinline unsigned int packet_slowly(const struct ex_hook *hook, struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	const struct ex_bind *bind = rcu_dereference(hook->bind);
	struct ex_inst *inst = bind->inst;
	struct ex_ctx *prev = this_cpu_read(ex_running);
	unsigned int verdict;
	struct ex_cpu *cpu;
	u64 begin = 0;

	if (READ_ONCE(inst->closed)) {
		bind = rcu_dereference(hook->spare);
		if (!bind || READ_ONCE(bind->inst->closed))
			return FAILED(hook, READ_ONCE(hook->inst), RUN_CLOSED);
		inst = bind->inst;
	}
	cpu = this_cpu_ptr(inst->cpu);
	if (cpu->ctx.busy)
		return FAILED(hook, inst, RUN_BUSY);
	if (cpu->ctx.limited & EX_LIMIT_PPS && !rate_take(inst))
		return FAILED(hook, inst, OVER_PPS);
	if (cpu->ctx.limited & EX_LIMIT_CPU) {
		begin = local_clock();
		if (!ex_share_left(inst, cpu, begin))
			return FAILED(hook, inst, OVER_CPU);
	}
	if (!ex_stack_begin(&cpu->ctx))
		return FAILED(hook, inst, RUN_NO_STACK);
	verdict = call(bind, cpu, skb, state);
	this_cpu_write(ex_running, prev);
	if (begin)
		cpu->spent += local_clock() - begin;
	return verdict;
}

static __always_inline unsigned int packet(const struct ex_hook *hook, struct sk_buff *skb,
					   const struct nf_hook_state *state)
{
	const struct ex_bind *bind = rcu_dereference(hook->bind);
	struct ex_cpu *cpu = this_cpu_ptr(bind->cpu);

	if (unlikely(cpu->ctx.unready || !ex_stack_same(&cpu->ctx) || this_cpu_read(ex_running)))
		return packet_slowly(hook, skb, state);
	return call(bind, cpu, skb, state);
}

/* What a task sends comes with BH on. */
static noinline unsigned int packet_bh(const struct ex_hook *hook, struct sk_buff *skb,
				       const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = packet(hook, skb, state);
	local_bh_enable();
	return verdict;
}

static unsigned int hook_packet(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (unlikely(!softirq_count()))
		return packet_bh(priv, skb, state);
	return packet(priv, skb, state);
}

/* --- whom a hook calls --- */

/* Closed for ever: what a hook is bound to whose instance lacks its entry. */
static struct ex_inst nobody = { .closed = true };
static DEFINE_PER_CPU_ALIGNED(struct ex_cpu, nobody_cpu);

/*
 * One of the two places is not looked at by any packet: the last change was a grace period ago.
 * During a trial both are, and neither is written.
 */
static struct ex_bind *bind_make(struct ex_hook *hook, struct ex_inst *inst)
{
	struct ex_bind *old = rcu_dereference_protected(hook->bind, lockdep_is_held(&ex_mutex));
	struct ex_bind *new = old == &hook->binds[0] ? &hook->binds[1] : &hook->binds[0];

	new->entry = inst->ext ? ex_ext_entry(inst->ext, hook->entry, ASHLAR_EXT_ENTRY_HOOK) : NULL;
	new->fn = new->entry ? new->entry->fn : NULL;
	new->inst = new->entry ? inst : &nobody;
	new->cpu = new->entry ? inst->cpu : &nobody_cpu;
	new->hook = hook;
	return new;
}

void ex_hooks_hand_over(struct ex_inst *from, struct ex_inst *to, bool trial)
{
	struct ex_bind *old, *new;
	struct ex_hook *hook;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry(hook, &from->hooks, list) {
		old = rcu_dereference_protected(hook->bind, lockdep_is_held(&ex_mutex));
		new = bind_make(hook, to);
		rcu_assign_pointer(hook->spare, trial ? old : NULL);
		rcu_assign_pointer(hook->bind, new);
		WRITE_ONCE(hook->inst, to);
	}
	list_splice_tail_init(&from->hooks, &to->hooks);
}

void ex_hooks_settle(struct ex_inst *inst)
{
	struct ex_hook *hook;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry(hook, &inst->hooks, list)
		RCU_INIT_POINTER(hook->spare, NULL);
}

/*
 * What was attached during the trial stays, if the version before has the entry; else it gives the
 * failure verdict.
 */
void ex_hooks_return(struct ex_inst *from, struct ex_inst *to)
{
	struct ex_hook *hook;
	struct ex_bind *back;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry(hook, &from->hooks, list) {
		back = rcu_dereference_protected(hook->spare, lockdep_is_held(&ex_mutex));
		rcu_assign_pointer(hook->bind, back ?: bind_make(hook, to));
		RCU_INIT_POINTER(hook->spare, NULL);
		WRITE_ONCE(hook->inst, to);
	}
	list_splice_tail_init(&from->hooks, &to->hooks);
}

/* --- attaching --- */

static int check_place(struct ex_inst *inst, const struct ex_attach *at,
		       struct netlink_ext_ack *extack)
{
	if (inst->state != EX_RUNNING && inst->state != EX_TRIAL) {
		NL_SET_ERR_MSG(extack, "the instance does not run");
		return -ESHUTDOWN;
	}
	if (at->hook >= EX_HOOK_MAX || (at->fail != NF_DROP && at->fail != NF_ACCEPT))
		return -EINVAL;
	if (!ex_ext_entry(inst->ext, at->entry, ASHLAR_EXT_ENTRY_HOOK)) {
		NL_SET_ERR_MSG(extack, "the extension has no hook of that name");
		return -ENOENT;
	}
	if (at->hook == EX_HOOK_INGRESS ? !at->ifindex : at->ifindex) {
		NL_SET_ERR_MSG(extack, "ingress needs a device, and no other hook has one");
		return -EINVAL;
	}
	if (ex_hook_find(inst, at->entry, at->hook, at->ifindex)) {
		NL_SET_ERR_MSG(extack, "the entry is attached there already");
		return -EEXIST;
	}
	return 0;
}

static u8 pf_of(const struct ex_hook *hook)
{
	if (hook->hook == EX_HOOK_INGRESS)
		return NFPROTO_NETDEV;
	return hook->family == 4 ? NFPROTO_IPV4 : hook->family == 6 ? NFPROTO_IPV6 : NFPROTO_INET;
}

static unsigned int hooknum_of(enum ex_hooknum hook)
{
	static const u8 numbers[] = {
		[EX_HOOK_PREROUTING] = NF_INET_PRE_ROUTING,
		[EX_HOOK_INPUT] = NF_INET_LOCAL_IN,
		[EX_HOOK_FORWARD] = NF_INET_FORWARD,
		[EX_HOOK_OUTPUT] = NF_INET_LOCAL_OUT,
		[EX_HOOK_POSTROUTING] = NF_INET_POST_ROUTING,
		[EX_HOOK_INGRESS] = NF_NETDEV_INGRESS,
	};

	return numbers[hook];
}

static struct ex_hook *hook_make(struct ex_inst *inst, const struct ex_attach *at)
{
	struct ex_hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL_ACCOUNT);

	if (!hook)
		return NULL;
	strscpy(hook->entry, at->entry, sizeof(hook->entry));
	hook->inst = inst;
	hook->hook = at->hook;
	hook->family = at->hook == EX_HOOK_INGRESS ? 0 : at->family;
	hook->prio = at->prio;
	hook->fail = at->fail;
	hook->ifindex = at->ifindex;
	hook->ops.hook = hook_packet;
	hook->ops.priv = hook;
	hook->ops.pf = pf_of(hook);
	hook->ops.hooknum = hooknum_of(hook->hook);
	hook->ops.priority = hook->prio;
	return hook;
}

/* A device is found and its hook registered before it can go: the notifier waits for ex_mutex. */
static int hook_register(struct ex_hook *hook, struct netlink_ext_ack *extack)
{
	struct net *net = hook->inst->net;
	struct net_device *dev = NULL;
	int err;

	if (hook->ifindex) {
		dev = dev_get_by_index(net, hook->ifindex);
		if (!dev || READ_ONCE(dev->reg_state) != NETREG_REGISTERED) {
			NL_SET_ERR_MSG(extack, "no such device");
			dev_put(dev);
			return -ENODEV;
		}
	}
	hook->ops.dev = dev;
	err = nf_register_net_hook(net, &hook->ops);
	dev_put(dev);
	if (err)
		NL_SET_ERR_MSG(extack, "netfilter does not take the hook");
	return err;
}

int ex_attach(struct ex_inst *inst, const struct ex_attach *at, struct netlink_ext_ack *extack,
	      struct ex_hook **out)
{
	struct ex_hook *hook;
	int err;

	lockdep_assert_held(&ex_mutex);
	err = check_place(inst, at, extack);
	if (err)
		return err;
	hook = hook_make(inst, at);
	if (!hook)
		return -ENOMEM;
	rcu_assign_pointer(hook->bind, bind_make(hook, inst));
	err = hook_register(hook, extack);
	if (err) {
		kfree(hook);
		return err;
	}
	list_add_tail(&hook->list, &inst->hooks);
	ex_generation++;
	ex_nl_notify_hook(hook, ASHLAR_EXT_EVENT_NEW);
	if (out)
		*out = hook;
	return 0;
}

void ex_detach(struct ex_hook *hook)
{
	lockdep_assert_held(&ex_mutex);
	nf_unregister_net_hook(hook->inst->net, &hook->ops);
	ex_nl_notify_hook(hook, ASHLAR_EXT_EVENT_DEL);
	list_del(&hook->list);
	ex_generation++;
	kfree_rcu(hook, rcu);
}

struct ex_hook *ex_hook_find(const struct ex_inst *inst, const char *entry, enum ex_hooknum num,
			     int ifindex)
{
	struct ex_hook *hook;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry(hook, &inst->hooks, list)
		if (hook->hook == num && hook->ifindex == ifindex && !strcmp(hook->entry, entry))
			return hook;
	return NULL;
}

/* --- devices that go --- */

static void dev_gone(struct net *net, const struct net_device *dev)
{
	struct ex_hook *hook, *next;
	struct ex_inst *inst;

	list_for_each_entry(inst, &ex_net(net)->insts, list)
		list_for_each_entry_safe(hook, next, &inst->hooks, list)
			if (hook->ops.dev == dev)
				ex_detach(hook);
}

/* rtnl: nobody who holds ex_mutex waits for it. */
static int netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	/* Comes when a device leaves its namespace, too. */
	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&ex_mutex);
	dev_gone(dev_net(dev), dev);
	mutex_unlock(&ex_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block netdev_notifier = {
	.notifier_call = netdev_event,
};

int ex_hooks_module_init(void)
{
	u32 cpu;

	for_each_possible_cpu(cpu)
		per_cpu(nobody_cpu, cpu).ctx.closed = true;
	return register_netdevice_notifier(&netdev_notifier);
}

void ex_hooks_module_exit(void)
{
	unregister_netdevice_notifier(&netdev_notifier);
}
