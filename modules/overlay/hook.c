// SPDX-License-Identifier: GPL-2.0-only
/*
 * The adaptors to netfilter. They decide nothing but "not mine".
 *
 * host       PRE_ROUTING  before everything: packets of conns never meet the
 *                         host's conntrack, NAT and filters, SYNs do (rx.c)
 *            FORWARD      nothing that is forwarded may look like the suite's
 * container  LOCAL_OUT    last: what its filters let out is set up
 *            PRE_ROUTING  last: SYNs are judged, on whichever path they came
 *
 * The host's and the container's hooks share PRE_ROUTING so that no other hook
 * point is switched on for the rest of the machine. A packet on the fast path
 * meets the container's PRE_ROUTING only if something besides us is there.
 */
#include <linux/ip.h>
#include <linux/log2.h>
#include <linux/netfilter_ipv4.h>
#include <net/dst.h>

#include "hook.h"
#include "tx.h"

/* What is no TCP packet, or has its headers in pieces. */
static noinline unsigned int hook_rest(struct ov_underlay *ul,
				       struct sk_buff *skb)
{
	if (ip_hdr(skb)->protocol == IPPROTO_ICMP)
		return ov_rx_icmp(ul, skb);
	if (ip_hdr(skb)->protocol != IPPROTO_TCP ||
	    !pskb_may_pull(skb, sizeof(struct iphdr) + sizeof(struct tcphdr)))
		return NF_ACCEPT;
	return ov_rx_tcp(ul, skb);
}

/*
 * The host's own packets come this way, all of them, so every instruction
 * counts: a TCP packet neither of whose ports may be one of the suite's is let
 * go. Where there are options or no ports, what is compared here is nothing
 * much, and it does no harm. Netfilter's packets begin with their IP header.
 */
static unsigned int hook_pre_routing(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct ov_underlay *ul = priv;
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	u32 differ;

	if (unlikely(iph->protocol != IPPROTO_TCP ||
		     skb_headlen(skb) < sizeof(*iph) + sizeof(struct tcphdr)))
		return hook_rest(ul, skb);
	differ = (*(const u32 *)(iph + 1) ^ ul->suite_ports) & ul->suite_mask;
	if (differ & 0xffff && differ > 0xffff)
		return NF_ACCEPT;
	return ov_rx_tcp(ul, skb);
}

/* The bits that all of the suite's ports have in common, for two ports at once. */
static void hook_suite_ports(struct ov_underlay *ul)
{
	u16 lo = ul->cfg.port_lo, hi = lo + ul->cfg.port_n - 1;
	u16 mask = ~(roundup_pow_of_two((lo ^ hi) + 1) - 1);
	__be16 ports[2] = { htons(lo), htons(lo) };
	__be16 masks[2] = { htons(mask), htons(mask) };

	memcpy(&ul->suite_ports, ports, sizeof(ports));
	memcpy(&ul->suite_mask, masks, sizeof(masks));
}

static unsigned int hook_forward(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return ov_rx_forward(priv, skb, state->out);
}

static unsigned int hook_local_out(void *priv, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (likely(dst && dst->output == ov_tx_output))
		return NF_ACCEPT;
	if (ip_hdr(skb)->protocol != IPPROTO_TCP || !dst)
		return NF_ACCEPT;
	return ov_setup_out(priv, skb);
}

static unsigned int hook_site_in(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	if (ip_hdr(skb)->protocol != IPPROTO_TCP)
		return NF_ACCEPT;
	return ov_setup_in(priv, skb);
}

int ov_hook_site(struct ov_site *site)
{
	site->nf[0] = (struct nf_hook_ops) {
		.hook = hook_local_out,
		.priv = site,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_LAST - 1,
	};
	site->nf[1] = (struct nf_hook_ops) {
		.hook = hook_site_in,
		.priv = site,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_LAST,
	};
	return nf_register_net_hooks(site->net, site->nf, ARRAY_SIZE(site->nf));
}

void ov_unhook_site(struct ov_site *site)
{
	nf_unregister_net_hooks(site->net, site->nf, ARRAY_SIZE(site->nf));
}

int ov_hook_underlay(struct ov_underlay *ul)
{
	hook_suite_ports(ul);
	ul->nf[0] = (struct nf_hook_ops) {
		.hook = hook_pre_routing,
		.priv = ul,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_RAW_BEFORE_DEFRAG - 1,
	};
	ul->nf[1] = (struct nf_hook_ops) {
		.hook = hook_forward,
		.priv = ul,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_FORWARD,
		.priority = NF_IP_PRI_FIRST,
	};
	return nf_register_net_hooks(ul->host->net, ul->nf, ARRAY_SIZE(ul->nf));
}

void ov_unhook_underlay(struct ov_underlay *ul)
{
	nf_unregister_net_hooks(ul->host->net, ul->nf, ARRAY_SIZE(ul->nf));
}
