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
#include <linux/netfilter_ipv4.h>
#include <net/dst.h>

#include "hook.h"
#include "tx.h"

/*
 * The host's own packets come this way, so what most of them fail comes first;
 * where there are options or no ports, what is compared here is nothing much,
 * and it does no harm.
 */
static unsigned int hook_pre_routing(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	struct ov_underlay *ul = priv;
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = (const struct tcphdr *)(iph + 1);

	if (unlikely(iph->protocol != IPPROTO_TCP))
		return iph->protocol == IPPROTO_ICMP ? ov_rx_icmp(ul, skb) :
						       NF_ACCEPT;
	if (unlikely(skb_headlen(skb) < sizeof(*iph) + sizeof(*th))) {
		if (!pskb_may_pull(skb, sizeof(*iph) + sizeof(*th)))
			return NF_ACCEPT;
		iph = ip_hdr(skb);
		th = (const struct tcphdr *)(iph + 1);
	}
	if ((u16)(ntohs(th->dest) - ul->cfg.port_lo) >= ul->cfg.port_n &&
	    (u16)(ntohs(th->source) - ul->cfg.port_lo) >= ul->cfg.port_n)
		return NF_ACCEPT;
	if (iph->daddr != ov_addr_ip4(&ul->cfg.addr) ||
	    unlikely(iph->ihl != 5 || ip_is_fragment(iph)))
		return NF_ACCEPT;
	return ov_rx_tcp(ul, skb);
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
