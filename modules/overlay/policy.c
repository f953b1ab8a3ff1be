// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may connect to whom. A network's rules are an array in order of
 * preference, replaced as a whole by each change, so that a SYN is judged by
 * one generation of them. The rules themselves are shared between generations
 * (their hit counters live on) and freed after the last reader of the
 * generation that dropped them.
 */
#include <linux/slab.h>

#include "conn.h"
#include "network.h"
#include "nl.h"
#include "policy.h"

static const struct ov_policies *policies_locked(const struct ov_network *nw)
{
	return rcu_dereference_protected(nw->policies,
					 lockdep_is_held(&ov_mutex));
}

static bool prefix_match(const struct ov_addr *prefix, u8 len,
			 const struct ov_addr *addr)
{
	return ipv6_prefix_equal(&prefix->in6, &addr->in6, len);
}

/**
 * ov_policies_judge() - judges a SYN
 * @p: the rules
 * @src: who connects
 * @dst: to whom
 * @dport: to which port
 *
 * Return: what the first rule that matches says, else the default.
 */
bool ov_policies_judge(const struct ov_policies *p, const struct ov_addr *src,
		       const struct ov_addr *dst, u16 dport)
{
	unsigned int i;

	for (i = 0; i < p->n; i++) {
		struct ov_policy *rule = p->rule[i];

		if (dport < rule->dport_lo || dport > rule->dport_hi ||
		    !prefix_match(&rule->src, rule->src_len, src) ||
		    !prefix_match(&rule->dst, rule->dst_len, dst))
			continue;
		atomic64_inc(&rule->hits);
		return rule->allow;
	}
	return p->allow;
}

/* Under RCU; see overlay.h. */
bool ov_policy_allows(struct ov_network *nw, const struct ov_addr *src,
		      const struct ov_addr *dst, __be16 dport, u32 *gen)
{
	const struct ov_policies *p = rcu_dereference(nw->policies);

	*gen = p->gen;
	return ov_policies_judge(p, src, dst, ntohs(dport));
}

/* A generation with room for @n rules. */
static struct ov_policies *policies_alloc(unsigned int n, u32 gen, bool allow)
{
	struct ov_policies *p = kvzalloc(struct_size(p, rule, n), GFP_KERNEL_ACCOUNT);

	if (p) {
		p->gen = gen;
		p->allow = allow;
	}
	return p;
}

static void policies_replace(struct ov_host *host, struct ov_network *nw,
			     struct ov_policies *new)
{
	struct ov_policies *old = (struct ov_policies *)policies_locked(nw);

	rcu_assign_pointer(nw->policies, new);
	kvfree_rcu(old, rcu);
	atomic_inc(&host->generation);
	ov_host_review(host);
}

/* The empty rules of a new network. */
struct ov_policies *ov_policies_new(bool allow)
{
	return policies_alloc(0, 1, allow);
}

/* The end of a network: nobody judges by its rules any more. */
void ov_policies_free(struct ov_policies *p)
{
	unsigned int i;

	if (!p)
		return;
	for (i = 0; i < p->n; i++)
		kfree(p->rule[i]);
	kvfree(p);
}

int ov_policies_set_default(struct ov_host *host, struct ov_network *nw, bool allow)
{
	const struct ov_policies *old = policies_locked(nw);
	struct ov_policies *new;

	new = policies_alloc(old->n, old->gen + 1, allow);
	if (!new)
		return -ENOMEM;
	new->n = old->n;
	memcpy(new->rule, old->rule, old->n * sizeof(old->rule[0]));
	policies_replace(host, nw, new);
	return 0;
}

int ov_policy_add(struct net *net, u32 vni, const struct ov_policy *rule,
		  struct netlink_ext_ack *extack)
{
	const struct ov_policies *old;
	struct ov_policies *new;
	struct ov_network *nw;
	struct ov_policy *copy;
	struct ov_host *host;
	unsigned int at;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	old = policies_locked(nw);
	if (old->n >= OV_MAX_POLICIES) {
		NL_SET_ERR_MSG(extack, "the network has 4096 policies already");
		return -ENOSPC;
	}
	for (at = 0; at < old->n && old->rule[at]->pref < rule->pref; at++)
		;
	if (at < old->n && old->rule[at]->pref == rule->pref) {
		NL_SET_ERR_MSG(extack, "a policy with this preference exists in the network");
		return -EEXIST;
	}
	copy = kmemdup(rule, sizeof(*rule), GFP_KERNEL_ACCOUNT);
	new = policies_alloc(old->n + 1, old->gen + 1, old->allow);
	if (!copy || !new) {
		kfree(copy);
		kvfree(new);
		NL_SET_ERR_MSG(extack, "no memory for the policy");
		return -ENOMEM;
	}
	atomic64_set(&copy->hits, 0);
	memcpy(new->rule, old->rule, at * sizeof(old->rule[0]));
	new->rule[at] = copy;
	memcpy(&new->rule[at + 1], &old->rule[at],
	       (old->n - at) * sizeof(old->rule[0]));
	new->n = old->n + 1;
	policies_replace(host, nw, new);
	ov_nl_notify_policy(nw, host, copy, OV_EVENT_NEW);
	return 0;
}

int ov_policy_del(struct net *net, u32 vni, u32 pref,
		  struct netlink_ext_ack *extack)
{
	const struct ov_policies *old;
	struct ov_policies *new;
	struct ov_policy *gone;
	struct ov_network *nw;
	struct ov_host *host;
	unsigned int at;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	old = policies_locked(nw);
	for (at = 0; at < old->n && old->rule[at]->pref != pref; at++)
		;
	if (at == old->n) {
		NL_SET_ERR_MSG(extack, "no policy of the network has this preference");
		return -ENOENT;
	}
	new = policies_alloc(old->n - 1, old->gen + 1, old->allow);
	if (!new) {
		NL_SET_ERR_MSG(extack, "no memory to remove the policy");
		return -ENOMEM;
	}
	gone = old->rule[at];
	memcpy(new->rule, old->rule, at * sizeof(old->rule[0]));
	memcpy(&new->rule[at], &old->rule[at + 1],
	       (old->n - at - 1) * sizeof(old->rule[0]));
	new->n = old->n - 1;
	policies_replace(host, nw, new);
	ov_nl_notify_policy(nw, host, gone, OV_EVENT_DEL);
	synchronize_rcu();
	kfree(gone);
	return 0;
}

int ov_policy_flush(struct net *net, u32 vni, struct netlink_ext_ack *extack)
{
	struct ov_policy **gone = NULL;
	struct ov_policies *new, *old;
	struct ov_network *nw;
	struct ov_host *host;
	unsigned int i, n;

	nw = ov_network_named(net, vni, &host, extack);
	if (!nw)
		return -ENOENT;
	old = (struct ov_policies *)policies_locked(nw);
	n = old->n;
	new = policies_alloc(0, old->gen + 1, old->allow);
	if (n)
		gone = kvmalloc_array(n, sizeof(old->rule[0]), GFP_KERNEL);
	if (!new || (n && !gone)) {
		kvfree(new);
		kvfree(gone);
		NL_SET_ERR_MSG(extack, "no memory to remove the policies");
		return -ENOMEM;
	}
	if (n)
		memcpy(gone, old->rule, n * sizeof(old->rule[0]));
	policies_replace(host, nw, new);
	for (i = 0; i < n; i++)
		ov_nl_notify_policy(nw, host, gone[i], OV_EVENT_DEL);
	synchronize_rcu();
	for (i = 0; i < n; i++)
		kfree(gone[i]);
	kvfree(gone);
	return 0;
}
