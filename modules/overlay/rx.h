/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the way in share; hook.h has what the hooks call. */
#ifndef ASHLAR_OVERLAY_RX_H
#define ASHLAR_OVERLAY_RX_H

#include "overlay.h"

struct ov_conn;
struct ov_peer;

/* RCU. */
unsigned int ov_rx_drop(struct ov_host *host, struct sk_buff *skb,
			enum ov_stat stat);
unsigned int ov_rx_deliver(struct ov_conn *conn, struct sk_buff *skb,
			   bool demux);
bool ov_rx_rewrite(struct ov_conn *conn, struct sk_buff *skb);
bool ov_rx_csum_ok(struct sk_buff *skb);

/* rx_syn.c */
unsigned int ov_rx_syn(struct ov_underlay *ul, struct ov_peer *peer,
		       struct sk_buff *skb);

#endif /* ASHLAR_OVERLAY_RX_H */
