/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_HOOK_H
#define ASHLAR_OVERLAY_HOOK_H

#include "overlay.h"

struct ov_conn;

/* Process context, ov_mutex. */
int ov_hook_site(struct ov_site *site);
void ov_unhook_site(struct ov_site *site);
int ov_hook_underlay(struct ov_underlay *ul);
void ov_unhook_underlay(struct ov_underlay *ul);

/* setup.c: what leaves and enters a container, under RCU; netfilter verdicts */
unsigned int ov_setup_out(struct ov_site *site, struct sk_buff *skb);
unsigned int ov_setup_in(struct ov_site *site, struct sk_buff *skb);
/* A conn for a socket that is open already, on the fallback; or NULL. */
struct ov_conn *ov_hook_adopt(struct ov_endpoint *local,
			      struct ov_endpoint *remote,
			      const struct ov_tuple *overlay);

/*
 * Mark of a packet that came by the fast path, for our own hook. The flag means
 * something on output only.
 */
#define OV_CAME_FAST	IPSKB_REROUTED

/* rx.c, rx_icmp.c: what arrives on, or is forwarded to, an underlay; the same */
unsigned int ov_rx_tcp(struct ov_underlay *ul, struct sk_buff *skb);
unsigned int ov_rx_icmp(struct ov_underlay *ul, struct sk_buff *skb);
unsigned int ov_rx_forward(struct ov_underlay *ul, struct sk_buff *skb,
			   const struct net_device *out);

#endif /* ASHLAR_OVERLAY_HOOK_H */
