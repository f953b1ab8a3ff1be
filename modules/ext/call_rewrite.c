// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: addresses and ports, with the checksums that cover them.
 *
 * A transport's checksum is one of three things. Whole: it follows what is
 * changed. To be done by the device (CHECKSUM_PARTIAL from this header on, or
 * segments to be cut): the field holds the sum of the pseudo header alone, so an
 * address changes it and a port does not. UDP's zero: there is none. And where
 * the device summed the packet up (CHECKSUM_COMPLETE), skb->csum follows as
 * well: fields that cancel each other leave it, IPv4's address, header checksum
 * and transport checksum do not.
 */
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>

#include "call.h"
#include "pkt.h"

/**
 * struct l4_sum - the checksum of a transport
 * @off: of the field, from the network header; 0: there is none that addresses
 *	have to do with
 * @need: bytes of the packet up to the end of the header's fixed part
 * @zero: 0 means that there is no checksum
 */
struct l4_sum {
	u32 off;
	u32 need;
	bool zero;
};

static void l4_sum(const struct ex_layers *l, struct l4_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	switch (l->proto) {
	case IPPROTO_TCP:
		sum->off = l->l4_off + offsetof(struct tcphdr, check);
		sum->need = l->l4_off + sizeof(struct tcphdr);
		break;
	case IPPROTO_UDP:
		sum->zero = true;
		fallthrough;
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		sum->off = l->l4_off + offsetof(struct udphdr, check);
		sum->need = l->l4_off + sizeof(struct udphdr);
		break;
	case IPPROTO_ICMPV6:
		if (l->family != 6)
			break;
		sum->off = l->l4_off + offsetof(struct icmp6hdr, icmp6_cksum);
		sum->need = l->l4_off + sizeof(struct icmp6hdr);
		break;
	}
}

/* Whether the transport's field holds no more than the pseudo header's sum. */
static bool is_partial(const struct sk_buff *skb, const struct ex_layers *l)
{
	return skb->ip_summed == CHECKSUM_PARTIAL &&
	       (skb_is_gso(skb) || skb_checksum_start_offset(skb) == l->l4_off);
}

/* What nothing cancels. */
static void complete_add(struct sk_buff *skb, __wsum diff)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_add(skb->csum, diff);
}

/* @diff: what is added to the bytes covered; @pseudo: to those of the pseudo header. */
static void sum_add(struct sk_buff *skb, const struct ex_layers *l,
		    const struct l4_sum *at, __wsum diff, bool pseudo)
{
	__sum16 *sum = (__sum16 *)(skb->data + at->off);

	if (at->zero && !*sum) {
		if (!pseudo || l->family == 6)
			complete_add(skb, diff);
		return;
	}
	if (is_partial(skb, l)) {
		if (pseudo)
			*sum = ~csum_fold(csum_add(diff, csum_unfold(*sum)));
		return;
	}
	*sum = csum_fold(csum_add(diff, ~csum_unfold(*sum)));
	if (at->zero && !*sum)
		*sum = CSUM_MANGLED_0;
	/* The header's checksum hides the address, so the transport's shows. */
	if (skb->ip_summed == CHECKSUM_COMPLETE && pseudo && l->family == 4)
		skb->csum = csum_sub(skb->csum, diff);
}

static bool set_addr4(struct sk_buff *skb, const struct ex_layers *l,
		      const struct l4_sum *sum, bool dest, __be32 addr)
{
	struct iphdr *iph = (struct iphdr *)skb->data;
	__be32 *at = dest ? &iph->daddr : &iph->saddr;
	__wsum diff = csum_sub((__force __wsum)addr, (__force __wsum)*at);

	if (sum->off)
		sum_add(skb, l, sum, diff, true);
	csum_replace4(&iph->check, *at, addr);
	*at = addr;
	return true;
}

static bool set_addr6(struct sk_buff *skb, const struct ex_layers *l,
		      const struct l4_sum *sum, bool dest,
		      const struct in6_addr *addr)
{
	struct ipv6hdr *ip6h = (struct ipv6hdr *)skb->data;
	struct in6_addr *at = dest ? &ip6h->daddr : &ip6h->saddr;
	__wsum diff = csum_sub(csum_partial(addr, sizeof(*addr), 0),
			       csum_partial(at, sizeof(*at), 0));

	if (sum->off)
		sum_add(skb, l, sum, diff, true);
	else
		complete_add(skb, diff);
	*at = *addr;
	return true;
}

static bool set_addr(struct ex_ctx *ctx, bool dest, const struct in6_addr *addr, u32 len)
{
	struct sk_buff *skb = ctx->skb;
	struct ex_layers l;
	struct l4_sum sum;
	u32 need;

	ex_pkt_layers(skb, &l);
	/* A routing header keeps the pseudo header's destination elsewhere. */
	if (!l.l4_off || l.routed ||
	    len != (l.family == 4 ? sizeof(__be32) : sizeof(*addr)))
		return false;
	l4_sum(&l, &sum);
	need = max_t(u32, l.l4_off, sum.need);
	if (need > skb->len || !ex_pkt_alone(ctx, need))
		return false;
	skb_clear_hash(skb);
	return l.family == 4 ?
	       set_addr4(skb, &l, &sum, dest, addr->s6_addr32[0]) :
	       set_addr6(skb, &l, &sum, dest, addr);
}

bool ashlar_ext_pkt_set_addr(struct ashlar_ext_ctx *abi, u64 pkt, u8 dest,
			     const void *addr, u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_set_addr, pkt, dest);
	struct in6_addr copy;

	if (!skb)
		return false;
	if (len != sizeof(__be32) && len != sizeof(copy)) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, len,
			"an address is of 4 or 16 bytes");
		return false;
	}
	if (!ex_buf(ctx, addr, len, false))
		return false;
	if (len == sizeof(__be32))
		memcpy(&copy, addr, sizeof(__be32));
	else
		memcpy(&copy, addr, sizeof(copy));
	return set_addr(ctx, dest, &copy, len);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_set_addr, ASHLAR_EXT);

/* Ports lie at the same place in all that have them. */
static bool set_port(struct ex_ctx *ctx, bool dest, __be16 port)
{
	struct sk_buff *skb = ctx->skb;
	struct ex_layers l;
	struct l4_sum sum;
	__be16 *at;
	__wsum diff;

	ex_pkt_layers(skb, &l);
	if (!l.l4_off || (l.proto != IPPROTO_TCP && l.proto != IPPROTO_UDP))
		return false;
	l4_sum(&l, &sum);
	if (sum.need > skb->len || !ex_pkt_alone(ctx, sum.need))
		return false;
	skb_clear_hash(skb);
	at = (__be16 *)(skb->data + l.l4_off) + dest;
	diff = csum_sub((__force __wsum)port, (__force __wsum)*at);
	sum_add(skb, &l, &sum, diff, false);
	*at = port;
	return true;
}

bool ashlar_ext_pkt_set_port(struct ashlar_ext_ctx *abi, u64 pkt, u8 dest,
			     __be16 port)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_set_port, pkt, dest);

	return skb && set_port(ctx, dest, port);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_set_port, ASHLAR_EXT);

static bool replace_sum(struct ex_ctx *ctx, u32 off, __be32 from, __be32 to, bool pseudo)
{
	struct sk_buff *skb = ctx->skb;
	__wsum diff = csum_sub((__force __wsum)to, (__force __wsum)from);
	__sum16 *sum;

	if (skb->len < sizeof(*sum) || off > skb->len - sizeof(*sum) ||
	    !ex_pkt_own(ctx, off + sizeof(*sum)))
		return false;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	sum = (__sum16 *)(skb->data + off);
	if (skb->ip_summed != CHECKSUM_PARTIAL ||
	    off != skb_checksum_start_offset(skb) + skb->csum_offset)
		*sum = csum_fold(csum_add(diff, ~csum_unfold(*sum)));
	else if (pseudo)
		*sum = ~csum_fold(csum_add(diff, csum_unfold(*sum)));
	return true;
}

bool ashlar_ext_pkt_csum_replace(struct ashlar_ext_ctx *abi, u64 pkt, u32 off,
				 __be32 from, __be32 to, u8 pseudo)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_csum_replace, pkt, off);
	bool done;

	if (!skb)
		return false;
	done = replace_sum(ctx, off, from, to, pseudo);
	ex_pkt_lend(ctx, done);
	return done;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_csum_replace, ASHLAR_EXT);
