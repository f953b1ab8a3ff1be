// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes: the host's to a peer, and those that sockets are given in place of
 * their own, each a clone of it.
 *
 * The clone is an ordinary route with two things of its own. Its MTU is a path
 * MTU, locked so that the socket's path-MTU code leaves the container's routes
 * alone. Its conn stands where a route that is on the list of the uncached ones
 * has that list, so that it is found without a look-up; a clone is on no list,
 * and the clone of a clone has none.
 *
 * Taking a clone out of use (ov_clone_kill) is in two steps. At once, it is
 * marked obsolete, so that the socket finds itself a route when it next sends;
 * packets that are on their way still find the output function, and in it the
 * fallback. After a grace period it gives up its device and its output
 * function, as the kernel does with its own dead routes; then it may stay in an
 * idle socket for ever, with nothing of this module in it.
 */
#include <net/ip.h>
#include <net/route.h>

#include "conn.h"
#include "host.h"
#include "route.h"
#include "tx.h"

static noinline struct dst_entry *route_find(const struct ov_conn *conn)
{
	struct ov_peer *peer = conn->peer;
	struct ov_underlay *ul = peer->underlay;
	struct flowi4 fl4 = {
		.daddr = ov_addr_ip4(&conn->u.remote),
		.saddr = ov_addr_ip4(&conn->u.local),
		.flowi4_proto = IPPROTO_TCP,
		.fl4_sport = conn->u.lport,
		.fl4_dport = conn->u.rport,
	};
	struct dst_entry *old;
	struct rtable *rt;

	rt = ip_route_output_flow(conn->host->net, &fl4, NULL);
	if (IS_ERR(rt))
		return NULL;
	if (rt->dst.xfrm || rt->dst.lwtstate || rt->rt_type != RTN_UNICAST ||
	    !ov_underlay_has_dev(ul, rt->dst.dev->ifindex)) {
		ip_rt_put(rt);
		return NULL;
	}
	spin_lock_bh(&peer->lock);
	old = rcu_replace_pointer(conn->via->route, &rt->dst,
				  lockdep_is_held(&peer->lock));
	spin_unlock_bh(&peer->lock);
	dst_release(old);
	return &rt->dst;
}

/**
 * ov_route_to_peer() - the way to the peer
 * @conn: a conn with an underlay tuple
 *
 * The route is the path's: ECMP spreads the suite's ports.
 *
 * Context: RCU.
 * Return: the route, valid under RCU, or NULL if none leaves by an uplink.
 */
struct dst_entry *ov_route_to_peer(const struct ov_conn *conn)
{
	struct dst_entry *dst = rcu_dereference(conn->via->route);

	if (likely(dst && ov_route_is_valid(dst)))
		return dst;
	return route_find(conn);
}

/* The clone's head is free while there is a reference, which is ours. */
static void clone_dead_rcu(struct rcu_head *head)
{
	struct dst_entry *dst = container_of(head, struct dst_entry, rcu_head);

	dst_dev_put(dst);
	dst_release(dst);
}

/**
 * ov_clone_kill() - takes a clone out of use
 * @clone: the clone; the conn's pointer to it must be gone, its reference is
 *         ours now
 *
 * Its MTU becomes the device's first, because tcp_current_mss() looks at it
 * without a check.
 *
 * Context: RCU.
 */
void ov_clone_kill(struct rtable *clone)
{
	RCU_INIT_POINTER(*ov_clone_conn(clone), NULL);
	clone->rt_pmtu = READ_ONCE(clone->dst.dev->mtu);
	WRITE_ONCE(clone->dst.obsolete, DST_OBSOLETE_KILL);
	call_rcu(&clone->dst.rcu_head, clone_dead_rcu);
}

/**
 * ov_clone_lower_mtu() - the path has become narrower
 * @conn: a conn
 * @mtu: its new MTU
 *
 * The socket sees it when it sends next.
 *
 * Context: RCU.
 */
void ov_clone_lower_mtu(struct ov_conn *conn, u32 mtu)
{
	struct rtable *clone;

	spin_lock_bh(&conn->lock);
	clone = rcu_dereference_protected(conn->clone,
					  lockdep_is_held(&conn->lock));
	if (clone && clone->rt_pmtu > mtu)
		clone->rt_pmtu = mtu;
	spin_unlock_bh(&conn->lock);
}

/* The metrics of a route are the table's, shared and counted, or nobody's. */
static void clone_share_metrics(struct rtable *clone, const struct rtable *rt)
{
	clone->dst._metrics = rt->dst._metrics;
	if (rt->dst._metrics & DST_METRICS_REFCOUNTED)
		refcount_inc(&((struct dst_metrics *)DST_METRICS_PTR(&rt->dst))->refcnt);
}

/*
 * A path MTU has an end. That there is one makes a socket drop the clone when it
 * gives up hope of its route; it gets the clone back with its next packet.
 */
static void clone_renew(struct rtable *clone)
{
	WRITE_ONCE(clone->dst.expires, (jiffies + LONG_MAX / 2) | 1);
}

/* From gc, now and then: on 32 bits the end is some weeks away. RCU. */
void ov_clone_renew(struct ov_conn *conn)
{
	struct rtable *clone = rcu_dereference(conn->clone);

	if (clone)
		clone_renew(clone);
}

static struct rtable *clone_create(struct ov_conn *conn, struct rtable *rt,
				   u32 mtu)
{
	struct rtable *clone = rt_dst_clone(rt->dst.dev, rt);
	u32 metric = dst_metric_raw(&rt->dst, RTAX_MTU);

	if (!clone)
		return NULL;
	clone_share_metrics(clone, rt);
	clone->rt_uses_gateway = rt->rt_uses_gateway;
	clone->rt_mtu_locked = 1;
	clone->rt_pmtu = metric ? min(mtu, metric) : mtu;
	clone_renew(clone);
	clone->dst.output = ov_tx_output;
	RCU_INIT_POINTER(*ov_clone_conn(clone), conn);
	return clone;
}

/**
 * ov_clone_install() - the clone for a conn
 * @conn: a conn on the fast or local path
 * @rt: the route of its socket, which is cloned
 *
 * Context: RCU, BH or process.
 * Return: a clone that is fit for use, or NULL. It is referenced by the conn; a
 * caller that keeps it takes its own reference.
 */
struct rtable *ov_clone_install(struct ov_conn *conn, struct rtable *rt)
{
	struct rtable *clone = rcu_dereference(conn->clone), *old;
	struct dst_entry *route;
	u32 mtu;

	if (clone && ov_route_is_valid(&clone->dst))
		return clone;
	mtu = READ_ONCE(rt->dst.dev->mtu);
	if (conn->path == OV_PATH_FAST) {
		route = ov_route_to_peer(conn);
		if (!route)
			return NULL;
		mtu = ov_route_mtu(route);
	}
	clone = clone_create(conn, rt, mtu);
	if (!clone)
		return NULL;

	spin_lock_bh(&conn->lock);
	old = rcu_dereference_protected(conn->clone,
					lockdep_is_held(&conn->lock));
	if (conn->killed || conn->path == OV_PATH_FALLBACK) {
		old = clone;
		clone = NULL;
	} else {
		conn->base_mtu = min_t(u32, ov_route_mtu(&rt->dst), U16_MAX);
		rcu_assign_pointer(conn->clone, clone);
	}
	spin_unlock_bh(&conn->lock);
	if (old)
		ov_clone_kill(old);
	return clone;
}
