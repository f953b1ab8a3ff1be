/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_TX_H
#define ASHLAR_OVERLAY_TX_H

#include "conn.h"

int ov_tx_output(struct net *net, struct sock *sk, struct sk_buff *skb);
struct rtable *ov_tx_install(struct ov_conn *conn, struct rtable *rt);
void ov_tx_kill(struct rtable *clone);
void ov_tx_renew(struct ov_conn *conn);
void ov_tx_lower_mtu(struct ov_conn *conn, u32 mtu);
void ov_tx_probe(struct ov_conn *conn, u32 seq, u32 ack);
void ov_conn_fin(struct ov_conn *conn, u8 whose);
void ov_conn_close(struct ov_conn *conn);

/* What dst_check() says of an IPv4 route, without its calls. */
static inline bool ov_route_is_valid(const struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	return dst->obsolete == DST_OBSOLETE_FORCE_CHK &&
	       rt->rt_genid == rt_genid_ipv4(dev_net(dst->dev));
}

#define OV_FIN_OURS	1
#define OV_FIN_THEIRS	2

#endif /* ASHLAR_OVERLAY_TX_H */
