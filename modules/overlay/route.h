/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_ROUTE_H
#define ASHLAR_OVERLAY_ROUTE_H

#include <net/route.h>

#include "compat.h"

struct ov_conn;

/* RCU. */
struct dst_entry *ov_route_to_peer(const struct ov_conn *conn);

struct rtable *ov_clone_install(struct ov_conn *conn, struct rtable *rt);
void ov_clone_kill(struct rtable *clone);
void ov_clone_renew(struct ov_conn *conn);
void ov_clone_lower_mtu(struct ov_conn *conn, u32 mtu);

/* Where a clone has its conn: NULL once it is out of use. RCU. */
static inline struct ov_conn __rcu **ov_clone_conn(const struct rtable *clone)
{
	return (struct ov_conn __rcu **)ov_rt_uncached_list(clone);
}

/* What dst_check() says of an IPv4 route, without its calls. */
static inline bool ov_route_is_valid(const struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	return dst->obsolete == DST_OBSOLETE_FORCE_CHK &&
	       rt->rt_genid == rt_genid_ipv4(dev_net(dst->dev));
}

/* The MTU of an IPv4 route, as ipv4_mtu() has it, without a call. */
static inline u32 ov_route_mtu(const struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);
	u32 mtu = rt->rt_pmtu;

	if (likely(!mtu || !time_before(jiffies, dst->expires)))
		mtu = dst_metric_raw(dst, RTAX_MTU) ?: READ_ONCE(dst->dev->mtu);
	return min_t(u32, mtu, IP_MAX_MTU);
}

#endif /* ASHLAR_OVERLAY_ROUTE_H */
