/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replacing the tuple of a TCP/IPv4 packet. The differences that this makes to
 * the checksums are the same for every packet of a connection, so they are
 * computed once (RFC 1624).
 */
#ifndef ASHLAR_OVERLAY_REWRITE_H
#define ASHLAR_OVERLAY_REWRITE_H

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "addr.h"

/**
 * struct ov_csum_diff - what a rewrite adds to the ones' complement sums
 * @addr: by the addresses: IP header, and TCP through the pseudo-header
 * @port: by the ports: TCP only
 */
struct ov_csum_diff {
	__wsum addr;
	__wsum port;
};

/* From the tuple @from to the tuple @to, both seen from the same end. */
static inline struct ov_csum_diff ov_rewrite_diff(const struct ov_tuple *from,
						  const struct ov_tuple *to)
{
	struct ov_csum_diff d;
	__wsum sum;

	sum = csum_add((__force __wsum)ov_addr_ip4(&to->local),
		       (__force __wsum)ov_addr_ip4(&to->remote));
	sum = csum_sub(sum, (__force __wsum)ov_addr_ip4(&from->local));
	d.addr = csum_sub(sum, (__force __wsum)ov_addr_ip4(&from->remote));
	sum = csum_add((__force __wsum)(u32)(__force u16)to->lport,
		       (__force __wsum)(u32)(__force u16)to->rport);
	sum = csum_sub(sum, (__force __wsum)(u32)(__force u16)from->lport);
	d.port = csum_sub(sum, (__force __wsum)(u32)(__force u16)from->rport);
	return d;
}

static inline __sum16 ov_csum_apply(__sum16 check, __wsum diff)
{
	return csum_fold(csum_add(diff, ~csum_unfold(check)));
}

/**
 * ov_rewrite() - puts another tuple into a packet
 * @skb: the packet; IP and TCP headers are writable, ihl is 5
 * @iph: its IP header
 * @th: its TCP header
 * @saddr: new source address
 * @daddr: new destination address
 * @sport: new source port
 * @dport: new destination port
 * @addr: difference by the addresses
 * @port: difference by the ports
 *
 * A partial checksum sums the pseudo-header only, so the ports do not matter to
 * it; a complete one covers what follows the IP header, where the ports and
 * the checksum field cancel out, and the addresses remain.
 */
static inline void ov_rewrite(struct sk_buff *skb, struct iphdr *iph,
			      struct tcphdr *th, __be32 saddr, __be32 daddr,
			      __be16 sport, __be16 dport, __wsum addr,
			      __wsum port)
{
	iph->saddr = saddr;
	iph->daddr = daddr;
	iph->check = ov_csum_apply(iph->check, addr);
	th->source = sport;
	th->dest = dport;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		th->check = ~csum_fold(csum_add(addr, csum_unfold(th->check)));
	} else {
		th->check = ov_csum_apply(th->check, csum_add(addr, port));
		if (skb->ip_summed == CHECKSUM_COMPLETE)
			skb->csum = csum_sub(skb->csum, addr);
	}
}

/* Makes so many bytes of a packet writable; false if there is no memory. */
static inline bool ov_writable(struct sk_buff *skb, unsigned int len)
{
	if (likely(len <= skb_headlen(skb) &&
		   (!skb_cloned(skb) || skb_clone_writable(skb, len))))
		return true;
	return !skb_ensure_writable(skb, len);
}

/* Sets "don't fragment", as every packet on the fast path has it. */
static inline void ov_rewrite_df(struct iphdr *iph)
{
	if (!(iph->frag_off & htons(IP_DF))) {
		iph->frag_off |= htons(IP_DF);
		iph->check = ov_csum_apply(iph->check,
					   (__force __wsum)(u32)(__force u16)htons(IP_DF));
	}
}

#endif /* ASHLAR_OVERLAY_REWRITE_H */
