/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_TX_H
#define ASHLAR_OVERLAY_TX_H

#include "conn.h"

int ov_tx_output(struct net *net, struct sock *sk, struct sk_buff *skb);
void ov_tx_probe(struct ov_conn *conn, u32 seq, u32 ack);

#endif /* ASHLAR_OVERLAY_TX_H */
