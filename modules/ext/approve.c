// SPDX-License-Identifier: GPL-2.0-only
/* Who may use which extension, and how much: the administrator of the host says. */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "inst.h"
#include "nl.h"

LIST_HEAD(ex_approvals);

const struct ex_quota ex_quota_default = {
	.memory = 8 << 20,
	.fuel = 1000000,
	.lock_ns = 10 * NSEC_PER_MSEC,
};

static struct ex_approval *find(const struct net *net, const char *name)
{
	struct ex_approval *a;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry(a, &ex_approvals, list)
		if (a->net == net && !strcmp(a->name, name))
			return a;
	return NULL;
}

struct ex_approval *ex_approval_find(const struct net *net, const char *name)
{
	return find(net, name) ?: find(NULL, name);
}

int ex_quota_check(const struct ex_quota *q, struct netlink_ext_ack *extack)
{
	if (q->memory > ASHLAR_EXT_ARENA_SIZE) {
		NL_SET_ERR_MSG(extack, "an instance cannot have more than 32 MB of memory");
		return -ERANGE;
	}
	if (!q->fuel || q->fuel > EX_FUEL_MAX) {
		NL_SET_ERR_MSG(extack, "fuel is 1 to 100000000");
		return -ERANGE;
	}
	if (!q->lock_ns || q->lock_ns > NSEC_PER_SEC) {
		NL_SET_ERR_MSG(extack, "a lock's time is 1 to 1000000000 ns");
		return -ERANGE;
	}
	if (q->cpu_permille > 1000) {
		NL_SET_ERR_MSG(extack, "a share of the CPU is at most 1000 permille");
		return -ERANGE;
	}
	return 0;
}

int ex_approve(struct net *net, const char *name, const struct ex_quota *quota,
	       struct netlink_ext_ack *extack)
{
	struct ex_approval *a = find(net, name);
	struct ex_ext *ext;
	bool new = !a;
	int err;

	err = ex_quota_check(quota, extack);
	if (err)
		return err;
	if (new) {
		a = kzalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);
		if (!a)
			return -ENOMEM;
		strscpy(a->name, name, sizeof(a->name));
		a->net = net;
		list_add_tail(&a->list, &ex_approvals);
	}
	a->quota = *quota;
	list_for_each_entry(ext, &ex_exts, list) {
		if (!ext->quarantined || strcmp(ext->info->name, name))
			continue;
		ext->quarantined = false;
		ext->nr_storm = 0;
		ex_nl_notify_ext(ext, ASHLAR_EXT_EVENT_FREED);
	}
	ex_generation++;
	ex_nl_notify_approval(a, new ? ASHLAR_EXT_EVENT_NEW : ASHLAR_EXT_EVENT_SET);
	return 0;
}

static void approval_forget(struct ex_approval *a)
{
	list_del(&a->list);
	ex_generation++;
	ex_nl_notify_approval(a, ASHLAR_EXT_EVENT_DEL);
	kfree(a);
}

/* An instance that has another approval stays. */
static struct ex_inst *covered(struct net *net, const char *name)
{
	struct ex_inst *inst = ex_inst_find(net, name);

	if (!inst || inst->state == EX_DEAD || ex_approval_find(net, name))
		return NULL;
	ex_inst_get(inst);
	return inst;
}

static void end_in(struct net *net, const char *name)
{
	struct ex_inst *inst;

	mutex_lock(&ex_mutex);
	inst = covered(net, name);
	mutex_unlock(&ex_mutex);
	if (!inst)
		return;
	ex_inst_destroy(inst);
	ex_inst_put(inst);
}

/* A namespace with such an instance, held. One that ends takes its instances with it. */
static struct net *covered_net(const char *name)
{
	struct net *net, *found = NULL;
	struct ex_inst *inst;

	mutex_lock(&ex_mutex);
	rcu_read_lock();
	for_each_net_rcu(net) {
		inst = covered(net, name);
		if (!inst)
			continue;
		found = maybe_get_net(net);
		/* Not the last reference: it is listed. */
		ex_inst_put(inst);
		if (found)
			break;
	}
	rcu_read_unlock();
	mutex_unlock(&ex_mutex);
	return found;
}

/* Its end may wait for what it does: not with a lock of the namespaces. */
static void end_everywhere(const char *name)
{
	struct net *net;

	while ((net = covered_net(name))) {
		end_in(net, name);
		put_net(net);
	}
}

int ex_revoke(struct net *net, const char *name, struct netlink_ext_ack *extack)
{
	struct ex_approval *a;

	mutex_lock(&ex_mutex);
	a = find(net, name);
	if (a)
		approval_forget(a);
	mutex_unlock(&ex_mutex);
	if (!a) {
		NL_SET_ERR_MSG(extack, "it is not approved there");
		return -ENOENT;
	}
	if (net)
		end_in(net, name);
	else
		end_everywhere(name);
	return 0;
}

void ex_approvals_forget(const struct net *net)
{
	struct ex_approval *a, *next;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry_safe(a, next, &ex_approvals, list)
		if (!net || a->net == net)
			approval_forget(a);
}
