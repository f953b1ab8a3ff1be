// SPDX-License-Identifier: GPL-2.0-only
/*
 * ashlar_ext: hosts kernel extensions whose bugs cannot crash, hang, leak in or
 * corrupt the kernel (after Stone and Bento, FAST'21).
 *
 * An extension's module holds the shim by the symbols it uses, and an instance
 * holds the extension's module; so when this module goes there is neither. A
 * namespace that ends takes its instances with it, before its devices.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <net/netns/generic.h>

#include "inst.h"
#include "nl.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static unsigned int ex_net_id __read_mostly;

struct ex_net *ex_net(const struct net *net)
{
	return net_generic(net, ex_net_id);
}

static int __net_init ex_net_init(struct net *net)
{
	struct ex_net *en = ex_net(net);

	en->net = net;
	INIT_LIST_HEAD(&en->insts);
	return 0;
}

static struct ex_inst *first_inst(struct ex_net *en)
{
	struct ex_inst *inst;

	mutex_lock(&ex_mutex);
	en->leaving = true;
	inst = list_first_entry_or_null(&en->insts, struct ex_inst, list);
	if (inst)
		ex_inst_get(inst);
	else
		ex_approvals_forget(en->net);
	mutex_unlock(&ex_mutex);
	return inst;
}

static void __net_exit ex_net_exit(struct net *net)
{
	struct ex_inst *inst;

	while ((inst = first_inst(ex_net(net)))) {
		ex_inst_destroy(inst);
		ex_inst_put(inst);
	}
}

static struct pernet_operations ex_net_ops = {
	.init = ex_net_init,
	.exit = ex_net_exit,
	.id = &ex_net_id,
	.size = sizeof(struct ex_net),
};

static void forget_approvals(void)
{
	mutex_lock(&ex_mutex);
	ex_approvals_forget(NULL);
	mutex_unlock(&ex_mutex);
}

static int __init ex_init(void)
{
	int err;

	/* There softirqs are preempted, and two invocations could have one CPU's context. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT)) {
		pr_err("ashlar_ext: this kernel is PREEMPT_RT, where an extension cannot be hosted\n");
		return -EOPNOTSUPP;
	}
	err = ex_arena_probe();
	if (err) {
		pr_err("ashlar_ext: this kernel does not let an arena be mapped (%d)\n", err);
		return err;
	}
	err = ex_ctx_module_init();
	if (err)
		return err;
	err = ex_ledgers_init();
	if (err)
		goto ctx;
	err = ex_timers_module_init();
	if (err)
		goto ledgers;
	err = ex_insts_init();
	if (err)
		goto jobs;
	err = register_pernet_device(&ex_net_ops);
	if (err)
		goto insts;
	err = ex_hooks_module_init();
	if (err)
		goto net;
	err = ex_load_init();
	if (err)
		goto hooks;
	err = ex_nl_init();
	if (err)
		goto load;
	return 0;

load:
	ex_load_exit();
hooks:
	ex_hooks_module_exit();
net:
	unregister_pernet_device(&ex_net_ops);
insts:
	ex_insts_exit();
jobs:
	ex_timers_module_exit();
ledgers:
	ex_ledgers_exit();
ctx:
	ex_ctx_module_exit();
	return err;
}

static void __exit ex_exit(void)
{
	ex_nl_exit();
	ex_load_exit();
	/* It is told that each device goes, and asks for the namespace's part. */
	ex_hooks_module_exit();
	unregister_pernet_device(&ex_net_ops);
	forget_approvals();
	ex_insts_exit();
	ex_timers_module_exit();
	ex_maps_exit();
	ex_ledgers_exit();
	ex_ctx_module_exit();
	/* kfree_rcu() of hooks needs no wait; call_rcu() does. */
	rcu_barrier();
}

module_init(ex_init);
module_exit(ex_exit);
MODULE_DESCRIPTION("Hosts kernel extensions whose bugs stay theirs");
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The Ashlar authors");
