// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: the topology. It is told node by node and link by link, a message
 * each, of which a sender may put many into one buffer; what is told belongs
 * to the sender's socket until it is committed.
 */
#include "nl.h"
#include "nl_msg.h"
#include "topology.h"

#define T(name) ASHLAR_LINK_A_TOPOLOGY_##name
#define N(name) ASHLAR_LINK_A_NODE_##name
#define L(name) ASHLAR_LINK_A_TOPOLOGY_LINK_##name

static int get_name(struct genl_info *info, int type, char *name)
{
	if (GENL_REQ_ATTR_CHECK(info, type)) {
		GENL_SET_ERR_MSG(info, "the name is missing");
		return -EINVAL;
	}
	nla_strscpy(name, info->attrs[type], LN_TOPO_NAME_LEN);
	if (*name)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[type],
			    "a name has 1 to 31 characters");
	return -EINVAL;
}

static int begin(struct genl_info *info, struct ln_fabric *fabric)
{
	struct ln_host *host = ln_host_make(genl_info_net(info));
	struct ln_topo *topo = host ? ln_topo_make(host) : NULL;

	if (!topo)
		return -ENOMEM;
	if (topo->next && topo->next->portid != info->snd_portid) {
		GENL_SET_ERR_MSG(info, "somebody else is building a topology");
		return -EBUSY;
	}
	ln_fabric_free(topo->next);
	topo->next = fabric;
	return 0;
}

int ln_nl_topology_begin_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const int required[] = { T(CAPACITY), T(NODES), T(LINKS) };
	struct nlattr **tb = info->attrs;
	struct ln_fabric *fabric;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(required); i++) {
		if (!GENL_REQ_ATTR_CHECK(info, required[i]))
			continue;
		GENL_SET_ERR_MSG(info, "a topology begins with its capacity and its numbers of nodes and links");
		return -EINVAL;
	}
	fabric = ln_fabric_begin(nla_get_u32(tb[T(NODES)]),
				 nla_get_u32(tb[T(LINKS)]),
				 nla_get_u32(tb[T(CAPACITY)]),
				 info->snd_portid);
	if (!fabric)
		return -ENOMEM;
	mutex_lock(&ln_mutex);
	err = begin(info, fabric);
	mutex_unlock(&ln_mutex);
	if (err)
		ln_fabric_free(fabric);
	return err;
}

/* What the sender is building; ln_mutex. */
static struct ln_fabric *built_by(struct genl_info *info)
{
	struct ln_host *host = ln_host_get(genl_info_net(info));
	struct ln_fabric *next = NULL;

	if (host && host->topo)
		next = host->topo->next;
	if (next && next->portid == info->snd_portid)
		return next;
	GENL_SET_ERR_MSG(info, "no topology was begun by this socket");
	return NULL;
}

static int explain_add(struct genl_info *info, int type, int err)
{
	switch (err) {
	case -E2BIG:
		GENL_SET_ERR_MSG(info, "more are told than the topology was begun with");
		break;
	case -EEXIST:
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[type],
				    "this name was told before");
		break;
	case -ENOENT:
		GENL_SET_ERR_MSG(info, "a link's ends are nodes that were told before it");
		break;
	}
	return err;
}

int ln_nl_node_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	u16 bound = LN_PLAN_BOUND_INHERIT;
	char name[LN_TOPO_NAME_LEN];
	struct ln_fabric *fabric;
	int err;

	err = get_name(info, N(NAME), name);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, N(TIER))) {
		GENL_SET_ERR_MSG(info, "the node's tier is missing");
		return -EINVAL;
	}
	if (tb[N(BOUND)])
		bound = nla_get_u32(tb[N(BOUND)]);
	mutex_lock(&ln_mutex);
	fabric = built_by(info);
	err = fabric ? ln_fabric_add_node(fabric, name,
					  nla_get_u8(tb[N(TIER)]), bound) :
		       -ENOENT;
	mutex_unlock(&ln_mutex);
	return fabric ? explain_add(info, N(NAME), err) : err;
}

static bool get_out(const struct nlattr *attr)
{
	return nla_get_u32(attr) == ASHLAR_LINK_SERVICE_OUT;
}

int ln_nl_topology_link_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct ln_fabric_link state = {};
	char name[LN_TOPO_NAME_LEN];
	struct ln_fabric *fabric;
	int err;

	err = get_name(info, L(NAME), name);
	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, L(A)) || GENL_REQ_ATTR_CHECK(info, L(B))) {
		GENL_SET_ERR_MSG(info, "a link has two ends");
		return -EINVAL;
	}
	if (tb[L(SERVICE)])
		state.out = get_out(tb[L(SERVICE)]);
	if (tb[L(LOSS)])
		state.loss = nla_get_u64(tb[L(LOSS)]);
	if (tb[L(LOCKED)])
		state.locked = nla_get_u8(tb[L(LOCKED)]);
	mutex_lock(&ln_mutex);
	fabric = built_by(info);
	err = fabric ? ln_fabric_add_link(fabric, name, nla_get_u32(tb[L(A)]),
					  nla_get_u32(tb[L(B)]), &state) :
		       -ENOENT;
	mutex_unlock(&ln_mutex);
	return fabric ? explain_add(info, L(NAME), err) : err;
}

static int finish(struct genl_info *info, struct ln_fabric *fabric)
{
	enum ln_plan_fault fault;
	u32 at;
	int err;

	err = ln_fabric_finish(fabric, &fault, &at);
	if (err == -ENODATA)
		GENL_SET_ERR_MSG(info, "fewer are told than the topology was begun with");
	else if (err && info->extack)
		/* A constant, as the macros would have it. */
		info->extack->_msg = ln_plan_fault_text(fault);
	return err;
}

/* The plan is made with no lock held: it takes a while. */
int ln_nl_topology_commit_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_fabric *fabric;
	struct ln_host *host;
	int err = -ENOENT;

	mutex_lock(&ln_mutex);
	fabric = built_by(info);
	if (fabric)
		ln_host_get(genl_info_net(info))->topo->next = NULL;
	mutex_unlock(&ln_mutex);
	if (!fabric)
		return -ENOENT;
	err = finish(info, fabric);
	mutex_lock(&ln_mutex);
	host = ln_host_get(genl_info_net(info));
	if (!err && host->stopping)
		err = -ENODEV;
	if (!err)
		ln_topo_commit(host, fabric);
	mutex_unlock(&ln_mutex);
	if (err)
		ln_fabric_free(fabric);
	return err;
}

/* The topology in force, or NULL and a sentence; ln_mutex. */
static struct ln_fabric *now_of(struct genl_info *info)
{
	struct ln_host *host = ln_host_get(genl_info_net(info));
	struct ln_fabric *fabric = host ? ln_topo_now(host) : NULL;

	if (!fabric)
		GENL_SET_ERR_MSG(info, "there is no topology");
	return fabric;
}

int ln_nl_topology_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_fabric *fabric;

	mutex_lock(&ln_mutex);
	fabric = now_of(info);
	if (fabric)
		ln_topo_flush(ln_host_get(genl_info_net(info)));
	mutex_unlock(&ln_mutex);
	return fabric ? 0 : -ENOENT;
}

static u32 find_link(struct genl_info *info, const struct ln_fabric *fabric,
		     const char *name)
{
	u32 number = ln_names_find(&fabric->link_names, name);

	if (number == LN_PLAN_NONE)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[L(NAME)],
				    "the topology has no link of this name");
	return number;
}

static int link_set(struct genl_info *info, const char *name)
{
	struct nlattr **tb = info->attrs;
	struct ln_fabric *fabric = now_of(info);
	bool out, locked;
	u32 number;
	u64 loss;

	number = fabric ? find_link(info, fabric, name) : LN_PLAN_NONE;
	if (number == LN_PLAN_NONE)
		return -ENOENT;
	if (fabric->state[number].ifindex && (tb[L(SERVICE)] || tb[L(LOSS)])) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[L(NAME)],
				    "this is a link of this host, which knows its state by itself");
		return -EBUSY;
	}
	out = tb[L(SERVICE)] && get_out(tb[L(SERVICE)]);
	loss = tb[L(LOSS)] ? nla_get_u64(tb[L(LOSS)]) : 0;
	locked = tb[L(LOCKED)] && nla_get_u8(tb[L(LOCKED)]);
	ln_topo_set(ln_host_get(genl_info_net(info)), number,
		    tb[L(SERVICE)] ? &out : NULL, tb[L(LOSS)] ? &loss : NULL,
		    tb[L(LOCKED)] ? &locked : NULL);
	return 0;
}

int ln_nl_topology_link_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	char name[LN_TOPO_NAME_LEN];
	int err;

	err = get_name(info, L(NAME), name);
	if (err)
		return err;
	if (!tb[L(SERVICE)] && !tb[L(LOSS)] && !tb[L(LOCKED)]) {
		GENL_SET_ERR_MSG(info, "nothing to set");
		return -EINVAL;
	}
	mutex_lock(&ln_mutex);
	err = link_set(info, name);
	mutex_unlock(&ln_mutex);
	return err;
}

/* What is shown. */

/* Links in service that corrupt, links out of service, links of this host. */
static int put_link_counts(struct sk_buff *skb, const struct ln_fabric *fabric)
{
	u32 i, out = 0, bad = 0, local = 0;

	for (i = 0; i < fabric->link_names.n; i++) {
		local += fabric->state[i].ifindex != 0;
		if (ln_plan_is_out(fabric->plan, i))
			out++;
		else
			bad += ln_plan_loss(fabric->plan, i) != 0;
	}
	return nla_put_u32(skb, T(LOCAL), local) ?:
	       nla_put_u32(skb, T(OUT), out) ?:
	       nla_put_u32(skb, T(CORRUPTING), bad) ?:
	       ln_nl_put_u64(skb, T(PENALTY), ln_plan_penalty(fabric->plan));
}

/* The ToR with the smallest share of its paths. */
static int put_tors(struct sk_buff *skb, const struct ln_fabric *fabric)
{
	u32 i, tors = 0, worst = 0, least = LN_PLAN_NONE, share;
	u64 full;

	for (i = 0; i < fabric->node_names.n; i++) {
		if (fabric->nodes[i].tier)
			continue;
		tors++;
		full = ln_plan_paths_full(fabric->plan, i);
		share = full ? mul_u64_u64_div_u64(ln_plan_paths(fabric->plan, i),
						   1000, full) : 1000;
		if (share >= least)
			continue;
		least = share;
		worst = i;
	}
	if (nla_put_u32(skb, T(TORS), tors))
		return -EMSGSIZE;
	if (!tors)
		return 0;
	return nla_put_string(skb, T(WORST), fabric->node_names.name[worst]) ?:
	       nla_put_u32(skb, T(WORST_SHARE), least);
}

static int put_planned(struct sk_buff *skb, const struct ln_topo *topo)
{
	return nla_put_u32(skb, T(PLANNED), topo->n_planned) ?:
	       nla_put_u32(skb, T(CONTESTED), topo->contested) ?:
	       ln_nl_put_u64(skb, T(PLANNED_PENALTY), topo->penalty) ?:
	       ln_nl_put_flag(skb, T(PROVEN), topo->proven) ?:
	       ln_nl_put_u64(skb, T(STEPS), topo->steps) ?:
	       ln_nl_put_u64(skb, T(RUNS), topo->runs) ?:
	       ln_nl_put_u64(skb, T(CHECK_MAX_NS), topo->check_max_ns);
}

static int fill_topology(struct ln_nl_msg *m, const struct ln_topo *topo)
{
	const struct ln_fabric *fabric = topo->now;
	struct sk_buff *skb = m->skb;
	void *hdr;

	hdr = ln_nl_msg_begin(m, T(EVENT));
	if (!hdr)
		return -EMSGSIZE;
	return ln_nl_msg_end(m, hdr,
			     nla_put_u32(skb, T(CAPACITY), fabric->capacity) ?:
			     nla_put_u32(skb, T(NODES), fabric->node_names.n) ?:
			     nla_put_u32(skb, T(LINKS), fabric->link_names.n) ?:
			     put_tors(skb, fabric) ?:
			     put_link_counts(skb, fabric) ?:
			     put_planned(skb, topo));
}

int ln_nl_topology_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_fabric *fabric;
	struct ln_nl_msg m;
	int err;

	err = ln_nl_reply_begin(&m, info, ASHLAR_LINK_CMD_TOPOLOGY_GET);
	if (err)
		return err;
	mutex_lock(&ln_mutex);
	fabric = now_of(info);
	err = fabric ? fill_topology(&m, ln_host_get(genl_info_net(info))->topo) :
		       -ENOENT;
	mutex_unlock(&ln_mutex);
	return ln_nl_reply_end(&m, info, err);
}

static int fill_node(struct ln_nl_msg *m, const struct ln_fabric *fabric, u32 i)
{
	const struct ln_plan_node *node = &fabric->nodes[i];
	struct sk_buff *skb = m->skb;
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, m->portid, m->seq, &ln_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return -EMSGSIZE;
	err = nla_put_u32(skb, N(NUMBER), i) ?:
	      nla_put_string(skb, N(NAME), fabric->node_names.name[i]) ?:
	      nla_put_u8(skb, N(TIER), node->tier) ?:
	      ln_nl_put_u64(skb, N(PATHS), ln_plan_paths(fabric->plan, i)) ?:
	      ln_nl_put_u64(skb, N(PATHS_FULL),
			    ln_plan_paths_full(fabric->plan, i));
	if (!err && !node->tier)
		err = nla_put_u32(skb, N(BOUND),
				  node->bound == LN_PLAN_BOUND_INHERIT ?
				  fabric->capacity : node->bound) ?:
		      ln_nl_put_u64(skb, N(NEED), ln_plan_need(fabric->plan, i));
	return ln_nl_msg_end(m, hdr, err);
}

static int fill_link(struct ln_nl_msg *m, const struct ln_fabric *fabric, u32 i)
{
	const struct ln_plan_link *link = &fabric->links[i];
	const struct ln_fabric_link *state = &fabric->state[i];
	struct sk_buff *skb = m->skb;
	void *hdr;

	hdr = ln_nl_msg_begin(m, L(EVENT));
	if (!hdr)
		return -EMSGSIZE;
	return ln_nl_msg_end(m, hdr,
			     nla_put_string(skb, L(NAME),
					    fabric->link_names.name[i]) ?:
			     nla_put_u32(skb, L(A), link->a) ?:
			     nla_put_u32(skb, L(B), link->b) ?:
			     nla_put_string(skb, L(A_NAME),
					    fabric->node_names.name[link->a]) ?:
			     nla_put_string(skb, L(B_NAME),
					    fabric->node_names.name[link->b]) ?:
			     nla_put_u32(skb, L(SERVICE),
					 ln_plan_is_out(fabric->plan, i) ?
					 ASHLAR_LINK_SERVICE_OUT :
					 ASHLAR_LINK_SERVICE_IN) ?:
			     ln_nl_put_u64(skb, L(LOSS),
					   ln_plan_loss(fabric->plan, i)) ?:
			     nla_put_u8(skb, L(LOCKED), state->locked) ?:
			     (state->ifindex ? nla_put_u32(skb, L(IFINDEX),
							   state->ifindex) : 0) ?:
			     ln_nl_put_flag(skb, L(PLANNED), state->planned));
}

int ln_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 number = LN_PLAN_NONE;
	char name[LN_TOPO_NAME_LEN];
	struct ln_fabric *fabric;
	struct ln_nl_msg m;
	int err;

	err = get_name(info, N(NAME), name) ?:
	      ln_nl_reply_begin(&m, info, ASHLAR_LINK_CMD_NODE_GET);
	if (err)
		return err;
	mutex_lock(&ln_mutex);
	fabric = now_of(info);
	if (fabric) {
		number = ln_names_find(&fabric->node_names, name);
		if (number == LN_PLAN_NONE)
			NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[N(NAME)],
					    "the topology has no node of this name");
	}
	err = number == LN_PLAN_NONE ? -ENOENT : fill_node(&m, fabric, number);
	mutex_unlock(&ln_mutex);
	return ln_nl_reply_end(&m, info, err);
}

int ln_nl_topology_link_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 number = LN_PLAN_NONE;
	char name[LN_TOPO_NAME_LEN];
	struct ln_fabric *fabric;
	struct ln_nl_msg m;
	int err;

	err = get_name(info, L(NAME), name) ?:
	      ln_nl_reply_begin(&m, info, ASHLAR_LINK_CMD_TOPOLOGY_LINK_GET);
	if (err)
		return err;
	mutex_lock(&ln_mutex);
	fabric = now_of(info);
	if (fabric)
		number = find_link(info, fabric, name);
	err = number == LN_PLAN_NONE ? -ENOENT : fill_link(&m, fabric, number);
	mutex_unlock(&ln_mutex);
	return ln_nl_reply_end(&m, info, err);
}

/**
 * struct ln_nl_numbers - a dump of nodes or links
 * @at: number of the next one
 * @begun: the first call is over
 */
struct ln_nl_numbers {
	u32 at;
	bool begun;
};

static int dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		const struct nla_policy *policy, int max, bool nodes)
{
	struct ln_nl_numbers *numbers = (struct ln_nl_numbers *)cb->ctx;
	struct nlattr *tb[L(NAME) + 1];
	struct ln_fabric *fabric;
	struct ln_host *host;
	struct ln_nl_msg m;
	int err = 0;
	u32 n;

	BUILD_BUG_ON((int)N(NAME) != (int)L(NAME));
	if (!numbers->begun)
		err = ln_nl_dump_parse(cb, tb, max, policy, 0);
	if (err)
		return err;
	numbers->begun = true;
	ln_nl_dump_msg(&m, skb, cb, cmd);
	mutex_lock(&ln_mutex);
	host = ln_host_get(sock_net(cb->skb->sk));
	fabric = host ? ln_topo_now(host) : NULL;
	if (fabric) {
		ln_nl_dump_seq(cb, host);
		n = nodes ? fabric->node_names.n : fabric->link_names.n;
		for (; numbers->at < n && !err; numbers->at += !err)
			err = nodes ? fill_node(&m, fabric, numbers->at) :
				      fill_link(&m, fabric, numbers->at);
	}
	mutex_unlock(&ln_mutex);
	return skb->len ?: err;
}

int ln_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, ASHLAR_LINK_CMD_NODE_GET, ln_nl_node_get_policy,
		    N(NAME), true);
}

int ln_nl_topology_link_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	return dump(skb, cb, ASHLAR_LINK_CMD_TOPOLOGY_LINK_GET,
		    ln_nl_topology_link_get_policy, L(NAME), false);
}

void ln_nl_notify_topology(struct ln_host *host, enum ln_event event)
{
	struct ln_nl_msg m;

	lockdep_assert_held(&ln_mutex);
	if (ln_nl_ntf_begin(&m, host->net, ASHLAR_LINK_CMD_TOPOLOGY_NTF, event,
			    GFP_KERNEL))
		ln_nl_ntf_end(&m, host->net, fill_topology(&m, host->topo),
			      GFP_KERNEL);
}

void ln_nl_notify_topology_link(struct ln_host *host, u32 number,
				enum ln_event event)
{
	struct ln_nl_msg m;

	lockdep_assert_held(&ln_mutex);
	if (ln_nl_ntf_begin(&m, host->net, ASHLAR_LINK_CMD_TOPOLOGY_LINK_NTF,
			    event, GFP_KERNEL))
		ln_nl_ntf_end(&m, host->net,
			      fill_link(&m, host->topo->now, number),
			      GFP_KERNEL);
}
