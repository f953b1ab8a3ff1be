// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: what shows endpoints and conns, of which there may be many. A dump
 * is a walk of their table that lasts as long as the dump; see nl_get.c.
 */
#include <linux/sched.h>
#include <linux/slab.h>

#include "conn.h"
#include "nl_msg.h"
#include "peer.h"

/**
 * struct ov_nl_walk - a dump of a table
 * @iter: where it is
 * @host: the host
 * @bumps: how often the table was resized meanwhile
 * @vni: show this network's only, if @has_vni
 * @path: show those on this path only, if @has_path
 * @peer: show those with this host only, if @has_peer
 * @has_vni: see @vni
 * @has_path: see @path
 * @has_peer: see @peer
 * @begun: the first call is over, and with it what limits the dump is known
 */
struct ov_nl_walk {
	struct rhashtable_iter iter;
	struct ov_host *host;
	u32 bumps;
	u32 vni;
	u32 path;
	struct ov_addr peer;
	bool has_vni;
	bool has_path;
	bool has_peer;
	bool begun;
};

/* NULL if there is nothing to show. */
static struct ov_nl_walk *walk_of(struct netlink_callback *cb)
{
	return *(struct ov_nl_walk **)cb->ctx;
}

static struct ov_nl_walk *walk_new(struct netlink_callback *cb)
{
	struct ov_nl_walk *walk = kzalloc(sizeof(*walk), GFP_KERNEL);

	if (walk) {
		walk->host = ov_nl_host_of(sock_net(cb->skb->sk));
		*(struct ov_nl_walk **)cb->ctx = walk;
	}
	return walk;
}

static void walk_free(struct netlink_callback *cb)
{
	struct ov_nl_walk *walk = walk_of(cb);

	if (walk && walk->host)
		rhashtable_walk_exit(&walk->iter);
	kfree(walk);
}

/* Shows the objects that @show wants; it returns 0 for those it passes over. */
static int walk_dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		     int (*show)(struct ov_nl_msg *m, struct ov_nl_walk *walk,
				 void *obj))
{
	struct ov_nl_walk *walk = walk_of(cb);
	unsigned int n = 0;
	struct ov_nl_msg m;
	int err = 0;
	void *obj;

	if (!walk->host)
		return 0;
	ov_nl_dump_msg(&m, skb, cb, cmd);
	if (rhashtable_walk_start_check(&walk->iter))
		walk->bumps++;
	ov_nl_dump_seq(cb, walk->host, walk->bumps);
	/* The last one of the call before did not fit: it comes first. */
	obj = rhashtable_walk_peek(&walk->iter);
	while (obj) {
		if (IS_ERR(obj))
			ov_nl_dump_seq(cb, walk->host, ++walk->bumps);
		else
			err = show(&m, walk, obj);
		if (err)
			break;
		if (!(++n % 1024)) {
			rhashtable_walk_stop(&walk->iter);
			cond_resched();
			if (rhashtable_walk_start_check(&walk->iter))
				ov_nl_dump_seq(cb, walk->host, ++walk->bumps);
		}
		obj = rhashtable_walk_next(&walk->iter);
	}
	rhashtable_walk_stop(&walk->iter);
	return skb->len ?: err;
}

int ov_nl_endpoint_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct ov_endpoint *ep = NULL;
	struct ov_host *host;
	struct ov_addr addr;
	struct ov_nl_msg m;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_ENDPOINT_VNI)) {
		GENL_SET_ERR_MSG(info, "the VNI is missing");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, ASHLAR_OVERLAY_A_ENDPOINT_ADDR)) {
		GENL_SET_ERR_MSG(info, "the endpoint's address is missing");
		return -EINVAL;
	}
	err = ov_nl_get_addr(tb[ASHLAR_OVERLAY_A_ENDPOINT_ADDR], &addr,
			     info->extack);
	if (err)
		return err;
	err = ov_nl_reply_begin(&m, info, ASHLAR_OVERLAY_CMD_ENDPOINT_GET);
	if (err)
		return err;
	rcu_read_lock();
	host = ov_host_get(genl_info_net(info));
	if (host)
		ep = ov_endpoint_find(host,
				      nla_get_u32(tb[ASHLAR_OVERLAY_A_ENDPOINT_VNI]),
				      &addr);
	if (ep && READ_ONCE(ep->dead))
		ep = NULL;
	err = ep ? ov_nl_fill_endpoint(&m, ep, host) : -ENOENT;
	rcu_read_unlock();
	if (!ep)
		NL_SET_ERR_MSG_ATTR(info->extack,
				    tb[ASHLAR_OVERLAY_A_ENDPOINT_ADDR],
				    "the network has no endpoint with this address");
	return ov_nl_reply_end(&m, info, err);
}

int ov_nl_endpoint_get_start(struct netlink_callback *cb)
{
	struct ov_nl_walk *walk = walk_new(cb);

	if (!walk)
		return -ENOMEM;
	if (walk->host)
		rhashtable_walk_enter(&walk->host->endpoints, &walk->iter);
	return 0;
}

static int endpoint_begin(struct netlink_callback *cb, struct ov_nl_walk *walk)
{
	struct nlattr *tb[ASHLAR_OVERLAY_A_ENDPOINT_ADDR + 1];
	int err;

	err = ov_nl_dump_parse(cb, tb, ASHLAR_OVERLAY_A_ENDPOINT_ADDR,
			       ov_nl_endpoint_get_policy,
			       BIT_ULL(ASHLAR_OVERLAY_A_ENDPOINT_VNI));
	if (err)
		return err;
	walk->has_vni = tb[ASHLAR_OVERLAY_A_ENDPOINT_VNI];
	if (walk->has_vni)
		walk->vni = nla_get_u32(tb[ASHLAR_OVERLAY_A_ENDPOINT_VNI]);
	walk->begun = true;
	return 0;
}

static int endpoint_show(struct ov_nl_msg *m, struct ov_nl_walk *walk,
			 void *obj)
{
	struct ov_endpoint *ep = obj;

	if (READ_ONCE(ep->dead) || (walk->has_vni && ep->vni != walk->vni))
		return 0;
	return ov_nl_fill_endpoint(m, ep, walk->host);
}

int ov_nl_endpoint_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ov_nl_walk *walk = walk_of(cb);
	int err = 0;

	if (!walk->begun)
		err = endpoint_begin(cb, walk);
	return err ?: walk_dump(skb, cb, ASHLAR_OVERLAY_CMD_ENDPOINT_GET,
				endpoint_show);
}

int ov_nl_endpoint_get_done(struct netlink_callback *cb)
{
	walk_free(cb);
	return 0;
}

static int conn_get_key(struct genl_info *info, struct ov_tuple *tuple)
{
	static const int required[] = {
		ASHLAR_OVERLAY_A_CONN_VNI, ASHLAR_OVERLAY_A_CONN_LOCAL,
		ASHLAR_OVERLAY_A_CONN_LOCAL_PORT, ASHLAR_OVERLAY_A_CONN_REMOTE,
		ASHLAR_OVERLAY_A_CONN_REMOTE_PORT,
	};
	struct nlattr **tb = info->attrs;
	struct nlattr *extra;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(required); i++) {
		if (GENL_REQ_ATTR_CHECK(info, required[i])) {
			GENL_SET_ERR_MSG(info, "a conn is named by VNI and overlay tuple");
			return -EINVAL;
		}
	}
	extra = tb[ASHLAR_OVERLAY_A_CONN_PATH] ?: tb[ASHLAR_OVERLAY_A_CONN_PEER];
	if (extra) {
		NL_SET_ERR_MSG_ATTR(info->extack, extra,
				    "a conn is named by VNI and overlay tuple alone");
		return -EINVAL;
	}
	tuple->lport = htons(nla_get_u16(tb[ASHLAR_OVERLAY_A_CONN_LOCAL_PORT]));
	tuple->rport = htons(nla_get_u16(tb[ASHLAR_OVERLAY_A_CONN_REMOTE_PORT]));
	return ov_nl_get_addr(tb[ASHLAR_OVERLAY_A_CONN_LOCAL], &tuple->local,
			      info->extack) ?:
	       ov_nl_get_addr(tb[ASHLAR_OVERLAY_A_CONN_REMOTE], &tuple->remote,
			      info->extack);
}

int ov_nl_conn_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ov_tuple tuple = {};
	struct ov_conn *conn = NULL;
	struct ov_host *host;
	struct ov_nl_msg m;
	u32 vni;
	int err;

	err = conn_get_key(info, &tuple);
	if (err)
		return err;
	vni = nla_get_u32(info->attrs[ASHLAR_OVERLAY_A_CONN_VNI]);
	err = ov_nl_reply_begin(&m, info, ASHLAR_OVERLAY_CMD_CONN_GET);
	if (err)
		return err;
	rcu_read_lock();
	host = ov_host_get(genl_info_net(info));
	if (host)
		conn = ov_conn_find(host, vni, &tuple);
	err = conn ? ov_nl_fill_conn(&m, conn) : -ENOENT;
	rcu_read_unlock();
	if (!conn)
		GENL_SET_ERR_MSG(info, "no conn has this overlay tuple");
	return ov_nl_reply_end(&m, info, err);
}

int ov_nl_conn_get_start(struct netlink_callback *cb)
{
	struct ov_nl_walk *walk = walk_new(cb);

	if (!walk)
		return -ENOMEM;
	if (walk->host)
		rhashtable_walk_enter(&walk->host->by_overlay, &walk->iter);
	return 0;
}

static int conn_begin(struct netlink_callback *cb, struct ov_nl_walk *walk)
{
	struct nlattr *tb[ASHLAR_OVERLAY_A_CONN_PATH + 1];
	int err;

	err = ov_nl_dump_parse(cb, tb, ASHLAR_OVERLAY_A_CONN_PATH,
			       ov_nl_conn_get_policy,
			       BIT_ULL(ASHLAR_OVERLAY_A_CONN_VNI) |
			       BIT_ULL(ASHLAR_OVERLAY_A_CONN_PATH) |
			       BIT_ULL(ASHLAR_OVERLAY_A_CONN_PEER));
	if (err)
		return err;
	walk->has_vni = tb[ASHLAR_OVERLAY_A_CONN_VNI];
	if (walk->has_vni)
		walk->vni = nla_get_u32(tb[ASHLAR_OVERLAY_A_CONN_VNI]);
	walk->has_path = tb[ASHLAR_OVERLAY_A_CONN_PATH];
	if (walk->has_path)
		walk->path = nla_get_u32(tb[ASHLAR_OVERLAY_A_CONN_PATH]);
	walk->has_peer = tb[ASHLAR_OVERLAY_A_CONN_PEER];
	if (walk->has_peer)
		err = ov_nl_get_host(tb[ASHLAR_OVERLAY_A_CONN_PEER],
				     &walk->peer, cb->extack);
	walk->begun = !err;
	return err;
}

static int conn_show(struct ov_nl_msg *m, struct ov_nl_walk *walk, void *obj)
{
	struct ov_conn *conn = obj;

	if (walk->has_vni && conn->network->vni != walk->vni)
		return 0;
	if (walk->has_path && READ_ONCE(conn->path) != walk->path)
		return 0;
	if (walk->has_peer &&
	    (!conn->peer || !ov_addr_equal(&conn->peer->addr, &walk->peer)))
		return 0;
	return ov_nl_fill_conn(m, conn);
}

int ov_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ov_nl_walk *walk = walk_of(cb);
	int err = 0;

	if (!walk->begun)
		err = conn_begin(cb, walk);
	return err ?: walk_dump(skb, cb, ASHLAR_OVERLAY_CMD_CONN_GET,
				conn_show);
}

int ov_nl_conn_get_done(struct netlink_callback *cb)
{
	walk_free(cb);
	return 0;
}
