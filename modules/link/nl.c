// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: the family, and what changes links and the host. The handlers read
 * and check the attributes; locks are held around the change itself, since the
 * family's operations run in parallel. What adds, changes or removes a link
 * takes rtnl before ln_mutex.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "nl.h"
#include "nl_msg.h"
#include "topology.h"

#define A(name) ASHLAR_LINK_A_LINK_##name

struct genl_family ln_nl_family __ro_after_init = {
	.name		= ASHLAR_LINK_FAMILY_NAME,
	.version	= ASHLAR_LINK_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.netnsok	= true,
	.parallel_ops	= true,
	.ops		= ln_nl_ops,
	.n_ops		= ARRAY_SIZE(ln_nl_ops),
	/* All are new enough for reserved fields to be checked. */
	.resv_start_op	= 0,
	.mcgrps		= ln_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(ln_nl_mcgrps),
};

static void kick_all(struct ln_host *host)
{
	struct ln_link *link;

	list_for_each_entry(link, &host->links, list)
		ln_kick(link, LN_DUE_ACT);
}

/* A socket is closed: the helper's, or that of whoever builds a topology. */
static int socket_closed(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	const struct netlink_notify *n = ptr;
	struct ln_host *host;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	mutex_lock(&ln_mutex);
	host = ln_host_get(n->net);
	if (host) {
		ln_topo_release(host, n->portid);
		if (host->helper_portid == n->portid) {
			host->helper_portid = 0;
			kick_all(host);
		}
	}
	mutex_unlock(&ln_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = {
	.notifier_call = socket_closed,
};

int ln_nl_init(void)
{
	int err = netlink_register_notifier(&socket_notifier);

	if (err)
		return err;
	err = genl_register_family(&ln_nl_family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

void ln_nl_exit(void)
{
	genl_unregister_family(&ln_nl_family);
	netlink_unregister_notifier(&socket_notifier);
}

struct ln_link *ln_nl_get_link(struct genl_info *info)
{
	struct ln_host *host = ln_host_get(genl_info_net(info));
	struct ln_link *link = NULL;

	if (GENL_REQ_ATTR_CHECK(info, A(IFINDEX))) {
		GENL_SET_ERR_MSG(info, "the link's device is missing");
		return NULL;
	}
	if (host)
		link = ln_link_find(host, nla_get_u32(info->attrs[A(IFINDEX)]));
	if (!link)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[A(IFINDEX)],
				    "this device is no link");
	return link;
}

/* What the operator says of a link. */

static void get_u32(struct nlattr **tb, int type, u32 *value)
{
	if (tb[type])
		*value = nla_get_u32(tb[type]);
}

static void get_seconds(struct nlattr **tb, int type, u32 *ms)
{
	if (tb[type])
		*ms = nla_get_u32(tb[type]) * MSEC_PER_SEC;
}

static void get_flags(struct nlattr **tb, struct ln_link_cfg *cfg)
{
	if (tb[A(ACTION)])
		cfg->action = nla_get_u32(tb[A(ACTION)]);
	if (tb[A(PEER)])
		cfg->alone = nla_get_u32(tb[A(PEER)]) == ASHLAR_LINK_PEER_NONE;
	if (tb[A(ON_LEAVE)])
		cfg->keep_drained = nla_get_u32(tb[A(ON_LEAVE)]) ==
				    ASHLAR_LINK_LEAVE_STAY;
}

static void get_times(struct nlattr **tb, struct ln_link_cfg *cfg)
{
	get_u32(tb, A(SAMPLE_MS), &cfg->sample_ms);
	get_u32(tb, A(SLOW_MS), &cfg->slow_ms);
	get_u32(tb, A(OPTICS_MS), &cfg->optics_ms);
	get_u32(tb, A(BEAT_MS), &cfg->beat_ms);
	get_u32(tb, A(PROBE_PPS), &cfg->probe_pps);
	get_u32(tb, A(PROBE_LEN), &cfg->probe_len);
	get_u32(tb, A(HISTORY_S), &cfg->history_s);
	get_seconds(tb, A(HOLD_S), &cfg->ladder.hold_ms);
	get_seconds(tb, A(HOLD_MAX_S), &cfg->ladder.hold_max_ms);
	get_seconds(tb, A(RELAPSE_S), &cfg->ladder.relapse_ms);
}

/* Words are compared and hashed whole: nothing is left behind their end. */
static void get_word(struct nlattr *attr, char *word)
{
	if (!attr)
		return;
	memset(word, 0, LN_COMPONENT_LEN);
	nla_strscpy(word, attr, LN_COMPONENT_LEN);
}

static void get_key(struct nlattr **tb, struct ln_link_cfg *cfg)
{
	if (!tb[A(KEY)])
		return;
	memcpy(&cfg->key, nla_data(tb[A(KEY)]), LN_KEY_LEN);
	cfg->keyed = true;
}

/* Of link-set alone; the attributes of link-new do not go so far. */
static int get_drop_key(struct genl_info *info, struct ln_link_cfg *cfg)
{
	struct nlattr **tb = info->attrs;

	if (!tb[A(DROP_KEY)])
		return 0;
	if (tb[A(KEY)]) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[A(DROP_KEY)],
				    "set either a key or drop-key");
		return -EINVAL;
	}
	memzero_explicit(&cfg->key, sizeof(cfg->key));
	cfg->keyed = false;
	return 0;
}

static int get_bounds(struct genl_info *info, struct ln_link_cfg *cfg)
{
	u64 p0 = cfg->detect.p0, p1 = cfg->detect.p1;
	struct nlattr **tb = info->attrs;
	u32 bound = cfg->bound;
	u32 miss = cfg->detect.miss;

	if (tb[A(HEALTHY_LOSS)]) {
		p0 = nla_get_u64(tb[A(HEALTHY_LOSS)]);
		p1 = p0 * 10;
	}
	if (tb[A(CORRUPTING_LOSS)])
		p1 = nla_get_u64(tb[A(CORRUPTING_LOSS)]);
	get_u32(tb, A(FALSE_PER_MILLION), &bound);
	get_u32(tb, A(MISS_PER_MILLION), &miss);
	if (!ln_link_cfg_detect(cfg, p0, p1, bound, miss))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, tb[A(CORRUPTING_LOSS)],
			    "corrupting-loss is 2 to 1000 times healthy-loss");
	return -ERANGE;
}

static int get_patience(struct genl_info *info, const struct ln_link_cfg *cfg)
{
	struct nlattr **tb = info->attrs;

	if (cfg->ladder.hold_ms <= cfg->ladder.hold_max_ms)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, tb[A(HOLD_S)] ?: tb[A(HOLD_MAX_S)],
			    "hold-s is greater than hold-max-s");
	return -EINVAL;
}

/* Without ln_mutex; @cfg is what holds where nothing is told. */
static int get_cfg(struct genl_info *info, struct ln_link_cfg *cfg)
{
	struct nlattr **tb = info->attrs;

	get_flags(tb, cfg);
	get_u32(tb, A(KEEP), &cfg->keep);
	get_u32(tb, A(NH_GROUP), &cfg->nh_group);
	get_times(tb, cfg);
	get_word(tb[A(COMPONENT)], cfg->component);
	get_word(tb[A(TOPOLOGY_LINK)], cfg->topo_link);
	get_key(tb, cfg);
	return get_bounds(info, cfg) ?: get_patience(info, cfg);
}

/* Two links of the host cannot be the same one of the topology; ln_mutex. */
static int check_name(struct genl_info *info, const struct ln_link_cfg *cfg)
{
	struct ln_host *host = ln_host_get(genl_info_net(info));
	struct ln_link *link;

	if (!host || !cfg->topo_link[0])
		return 0;
	list_for_each_entry(link, &host->links, list) {
		if (link->dev->ifindex == cfg->ifindex ||
		    strcmp(link->cfg.topo_link, cfg->topo_link))
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[A(TOPOLOGY_LINK)],
				    "another link of this host has this name in the topology");
		return -EEXIST;
	}
	return 0;
}

/* The message may live on, in the error report for one. */
static void key_forget(struct genl_info *info, struct ln_link_cfg *cfg)
{
	struct nlattr *attr = info->attrs[A(KEY)];

	memzero_explicit(cfg, sizeof(*cfg));
	if (attr)
		memzero_explicit(nla_data(attr), nla_len(attr));
}

/* rtnl and ln_mutex. */
static int link_new(struct genl_info *info, const struct ln_link_cfg *cfg)
{
	struct ln_host *host;
	int err;

	err = check_name(info, cfg) ?:
	      ln_link_add(genl_info_net(info), cfg, info->extack);
	if (err)
		return err;
	host = ln_host_get(genl_info_net(info));
	ln_topo_update(ln_link_find(host, cfg->ifindex));
	return 0;
}

int ln_nl_link_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_link_cfg cfg;
	int err;

	ln_link_cfg_default(&cfg);
	if (GENL_REQ_ATTR_CHECK(info, A(IFINDEX))) {
		GENL_SET_ERR_MSG(info, "the link's device is missing");
		err = -EINVAL;
		goto forget;
	}
	cfg.ifindex = nla_get_u32(info->attrs[A(IFINDEX)]);
	err = get_cfg(info, &cfg);
	if (err)
		goto forget;
	rtnl_lock();
	mutex_lock(&ln_mutex);
	err = link_new(info, &cfg);
	mutex_unlock(&ln_mutex);
	rtnl_unlock();
forget:
	key_forget(info, &cfg);
	return err;
}

/* rtnl and ln_mutex. */
static int link_set(struct genl_info *info, struct ln_link *link,
		    struct ln_link_cfg *cfg)
{
	int err;

	*cfg = link->cfg;
	err = get_drop_key(info, cfg) ?: get_cfg(info, cfg) ?:
	      check_name(info, cfg);
	if (err)
		return err;
	if (strcmp(cfg->topo_link, link->cfg.topo_link))
		ln_topo_leave(link);
	err = ln_link_set(link, cfg, info->extack);
	ln_topo_update(link);
	return err;
}

int ln_nl_link_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_link_cfg cfg = {};
	struct ln_link *link;
	int err;

	rtnl_lock();
	mutex_lock(&ln_mutex);
	link = ln_nl_get_link(info);
	err = link ? link_set(info, link, &cfg) : -ENOENT;
	mutex_unlock(&ln_mutex);
	rtnl_unlock();
	key_forget(info, &cfg);
	return err;
}

int ln_nl_link_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_link *link;

	/* rtnl alone keeps the link where it is. */
	rtnl_lock();
	mutex_lock(&ln_mutex);
	link = ln_nl_get_link(info);
	mutex_unlock(&ln_mutex);
	if (link)
		ln_link_remove(link, false);
	rtnl_unlock();
	return link ? 0 : -ENOENT;
}

static int link_want(struct genl_info *info, bool out)
{
	struct ln_link *link;

	mutex_lock(&ln_mutex);
	link = ln_nl_get_link(info);
	if (link)
		ln_link_want(link, out, !out, info->attrs[A(FORCE)]);
	mutex_unlock(&ln_mutex);
	return link ? 0 : -ENOENT;
}

int ln_nl_link_drain_doit(struct sk_buff *skb, struct genl_info *info)
{
	return link_want(info, true);
}

int ln_nl_link_return_doit(struct sk_buff *skb, struct genl_info *info)
{
	return link_want(info, false);
}

int ln_nl_link_forget_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_link *link;

	mutex_lock(&ln_mutex);
	link = ln_nl_get_link(info);
	if (link) {
		spin_lock_bh(&link->lock);
		ln_link_forget(link);
		link->blind = (struct ln_detect_blind){};
		spin_unlock_bh(&link->lock);
		ln_nl_notify_link(link, LN_EVENT_SET);
		ln_kick(link, LN_DUE_ACT);
	}
	mutex_unlock(&ln_mutex);
	return link ? 0 : -ENOENT;
}

/* The host and its helper. */

int ln_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *id = info->attrs[ASHLAR_LINK_A_HOST_ID];
	struct nlattr *reset = info->attrs[ASHLAR_LINK_A_HOST_RESET_RTNL_MAX];
	struct ln_host *host;
	int err = 0;

	if (!id && !reset) {
		GENL_SET_ERR_MSG(info, "nothing to set");
		return -EINVAL;
	}
	mutex_lock(&ln_mutex);
	host = ln_host_make(genl_info_net(info));
	if (!host) {
		err = -ENOMEM;
		goto unlock;
	}
	if (id && nla_get_u64(id) != host->id && host->n_links) {
		NL_SET_ERR_MSG_ATTR(info->extack, id,
				    "the identifier is in use: set it before the first link is added");
		err = -EBUSY;
		goto unlock;
	}
	if (id) {
		host->id = nla_get_u64(id);
		atomic_inc(&host->generation);
	}
	if (reset)
		WRITE_ONCE(host->rtnl_max_ns, 0);
unlock:
	mutex_unlock(&ln_mutex);
	return err;
}

int ln_nl_helper_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ln_host *host;
	int err = 0;

	mutex_lock(&ln_mutex);
	host = ln_host_make(genl_info_net(info));
	if (!host) {
		err = -ENOMEM;
	} else if (host->helper_portid != info->snd_portid &&
		   ln_helper_there(host)) {
		GENL_SET_ERR_MSG(info, "another helper is there");
		err = -EBUSY;
	} else {
		bool first = !ln_helper_there(host);

		host->helper_portid = info->snd_portid;
		host->helper_heard = jiffies;
		if (first)
			kick_all(host);
	}
	mutex_unlock(&ln_mutex);
	return err;
}

/* From the helper alone: another's word about its work is not asked for. */
static int job_done(struct genl_info *info)
{
	struct nlattr *error = info->attrs[A(JOB_ERROR)];
	struct ln_link *link = ln_nl_get_link(info);
	int err;

	if (!link)
		return -ENOENT;
	if (GENL_REQ_ATTR_CHECK(info, A(JOB))) {
		GENL_SET_ERR_MSG(info, "the job's number is missing");
		return -EINVAL;
	}
	if (link->host->helper_portid != info->snd_portid) {
		GENL_SET_ERR_MSG(info, "only the helper says what was done");
		return -EPERM;
	}
	err = ln_act_done(link, nla_get_u32(info->attrs[A(JOB)]),
			  error ? -(int)nla_get_u32(error) : 0);
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[A(JOB)],
				    "the link waits for no such job");
	return err;
}

int ln_nl_job_done_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	mutex_lock(&ln_mutex);
	err = job_done(info);
	mutex_unlock(&ln_mutex);
	return err;
}
