// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: what a hook's packet is, and its bytes. What rewrites addresses is in
 * call_rewrite.c, what copies and sends packets in call_send.c.
 *
 * Spans point into the linear part of the packet. A call that may move it lends
 * it anew before it returns; the pass reads ctx->pkt again after each of them.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "call.h"
#include "pkt.h"

#define PUSH_MAX	256
#define MAC_MAX		64	/* a link-layer header longer than this is none */
#define CHAIN_MAX	16	/* extension headers of IPv6 */
#define HOOK_INGRESS	5

void ex_pkt_bad(struct ex_ctx *ctx, u64 pkt)
{
	if (ctx->skb)
		ex_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, pkt,
			"not the packet that this hook was called for");
	else
		ex_stop(ctx, ASHLAR_EXT_FAULT_CONTEXT, pkt,
			"a call about a hook's packet where there is none");
}

/* --- headers --- */

static void layers4(const struct sk_buff *skb, struct ex_layers *l)
{
	const struct iphdr *iph;
	struct iphdr buf;
	u32 frag;

	iph = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5 || iph->ihl * 4 > skb->len)
		return;
	frag = ntohs(iph->frag_off);
	l->family = 4;
	l->proto = iph->protocol;
	l->more_frags = frag & IP_MF;
	l->frag_off = (frag & IP_OFFSET) << 3;
	if (!l->frag_off)
		l->l4_off = iph->ihl * 4;
}

/* Reads an extension header. Return: its length, 0: the chain cannot be walked. */
static u32 chain_step(const struct sk_buff *skb, u32 off, u8 next,
		      struct ex_layers *l, u8 *after)
{
	const struct frag_hdr *fh;
	struct frag_hdr buf;

	fh = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!fh)
		return 0;
	*after = fh->nexthdr;
	if (next == NEXTHDR_FRAGMENT) {
		l->more_frags = fh->frag_off & htons(IP6_MF);
		l->frag_off = ntohs(fh->frag_off) & IP6_OFFSET;
		return sizeof(*fh);
	}
	if (next == NEXTHDR_AUTH)
		return ipv6_authlen((const struct ipv6_opt_hdr *)fh);
	if (next == NEXTHDR_ROUTING &&
	    ((const struct ipv6_rt_hdr *)fh)->segments_left)
		l->routed = true;
	return ipv6_optlen((const struct ipv6_opt_hdr *)fh);
}

static void layers6(const struct sk_buff *skb, struct ex_layers *l)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	u32 off = sizeof(buf);
	u32 step, n;
	u8 next;

	ip6h = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return;
	l->family = 6;
	next = ip6h->nexthdr;
	for (n = 0; unlikely(ipv6_ext_hdr(next)); n++) {
		if (next == NEXTHDR_NONE || n == CHAIN_MAX)
			return;
		step = chain_step(skb, off, next, l, &next);
		off += step;
		if (!step || off > skb->len || off > U16_MAX)
			return;
		if (l->frag_off)
			break;
	}
	l->proto = next;
	if (!l->frag_off)
		l->l4_off = off;
}

void ex_pkt_layers(const struct sk_buff *skb, struct ex_layers *l)
{
	memset(l, 0, sizeof(*l));
	if (skb->protocol == htons(ETH_P_IP))
		layers4(skb, l);
	else if (skb->protocol == htons(ETH_P_IPV6))
		layers6(skb, l);
}

static u8 hook_number(const struct nf_hook_state *state)
{
	/* Ingress has another number in the family of devices. */
	return state->pf == NFPROTO_NETDEV ? HOOK_INGRESS : state->hook;
}

void ashlar_ext_pkt_info(struct ashlar_ext_ctx *abi, u64 pkt,
			 struct ex_pkt_info *info)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_info, pkt, 0);
	const struct nf_hook_state *state = ctx->state;
	struct ex_layers l;

	if (!skb || !ex_buf(ctx, info, sizeof(*info), true))
		return;
	ex_pkt_layers(skb, &l);
	info->len = skb->len;
	info->linear = skb_headlen(skb);
	info->in_ifindex = state->in ? state->in->ifindex : 0;
	info->out_ifindex = state->out ? state->out->ifindex : 0;
	info->mark = skb->mark;
	info->hash = skb->hash;
	info->proto = skb->protocol;
	info->family = l.family;
	info->l4_proto = l.proto;
	info->l4_off = l.l4_off;
	info->gso_size = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : 0;
	info->frag_off = l.frag_off;
	info->more_frags = l.more_frags;
	info->hook = hook_number(state);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_info, ASHLAR_EXT);

/* --- what may be changed, and whether it is a packet still --- */

/* Who reads options takes it that as many bytes are there as the header says. */
static bool sound4(struct sk_buff *skb)
{
	const struct iphdr *iph;
	u32 head, len;

	if (!pskb_may_pull(skb, sizeof(*iph)))
		return false;
	iph = (const struct iphdr *)skb->data;
	head = iph->ihl * 4;
	len = ntohs(iph->tot_len);
	if (iph->version != 4 || head < sizeof(*iph))
		return false;
	/* What will be cut in segments may be longer than the field can say. */
	if (!skb_is_gso(skb) && (len < head || len > skb->len))
		return false;
	return pskb_may_pull(skb, head);
}

static bool sound6(struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h;

	if (!pskb_may_pull(skb, sizeof(*ip6h)))
		return false;
	ip6h = (const struct ipv6hdr *)skb->data;
	return ip6h->version == 6 &&
	       (skb_is_gso(skb) || ntohs(ip6h->payload_len) <= skb->len - sizeof(*ip6h));
}

/* At ingress the stack has read nothing of it yet. */
static bool is_sound(const struct ex_ctx *ctx)
{
	if (ctx->state->pf == NFPROTO_NETDEV)
		return true;
	switch (ctx->skb->protocol) {
	case htons(ETH_P_IP):
		return sound4(ctx->skb);
	case htons(ETH_P_IPV6):
		return sound6(ctx->skb);
	default:
		return false;
	}
}

/*
 * What the stack has read and found good it does not read again: options of IPv4 behind the first
 * hook, those of IPv6 for each hop. It goes by their offsets, so they stay as they are. And what
 * was no packet before, such as one that a raw socket made, is not the extension's fault later.
 */
static bool may_write(const struct ex_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;

	if (!is_sound(ctx))
		return false;
	if (ctx->state->pf == NFPROTO_NETDEV)
		return true;
	return skb->protocol == htons(ETH_P_IP) ? !IPCB(skb)->opt.optlen :
	       ((const struct ipv6hdr *)skb->data)->nexthdr != NEXTHDR_HOP;
}

bool ex_pkt_unshare(struct ex_ctx *ctx, u32 len)
{
	struct sk_buff *skb = ctx->skb;
	bool done;

	/* Others may look at the same skb: at ingress, someone who listens. */
	done = !skb_shared(skb) && !skb_ensure_writable(skb, max(len, skb_headlen(skb)));
	ex_pkt_lend(ctx, ctx->abi.pkt_wlen);
	return done;
}

bool ex_pkt_own(struct ex_ctx *ctx, u32 len)
{
	if (!ctx->touched && (unlikely(skb_shared(ctx->skb)) || !may_write(ctx)))
		return false;
	if (!ex_pkt_alone(ctx, len))
		return false;
	ctx->touched |= EX_TOUCHED_BYTES;
	return true;
}

/* Where the transport's header is was found out before the hook; it is behind the one there now. */
bool ex_pkt_seal(struct ex_ctx *ctx)
{
	struct sk_buff *skb = ctx->skb;

	if (!is_sound(ctx))
		return false;
	if (ctx->state->pf == NFPROTO_NETDEV)
		return true;
	if (skb->protocol == htons(ETH_P_IP)) {
		skb_set_transport_header(skb, ((const struct iphdr *)skb->data)->ihl * 4);
	} else if (ctx->touched & EX_TOUCHED_FRONT) {
		skb_set_transport_header(skb, sizeof(struct ipv6hdr));
		IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
	}
	return true;
}

/* --- bytes --- */

/* What was summed up by the device is no longer what is there: let the stack sum up. */
static void forget_sum(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
}

bool ashlar_ext_pkt_pull(struct ashlar_ext_ctx *abi, u64 pkt, u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_pull, pkt, len);
	bool done;

	if (!skb || len > skb->len)
		return false;
	if (len <= skb_headlen(skb))
		return true;
	done = !skb_shared(skb) && pskb_may_pull(skb, len);
	ex_pkt_lend(ctx, ctx->abi.pkt_wlen);
	return done;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_pull, ASHLAR_EXT);

bool ashlar_ext_pkt_make_writable(struct ashlar_ext_ctx *abi, u64 pkt, u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_make_writable, pkt, len);
	bool done;

	if (!skb || len > skb->len)
		return false;
	done = ex_pkt_own(ctx, len);
	if (done)
		forget_sum(skb);
	ex_pkt_lend(ctx, done);
	return done;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_make_writable, ASHLAR_EXT);

/* Bytes of the link layer's header, which lies right before the network's. */
static u32 mac_len(const struct sk_buff *skb)
{
	s32 len = skb_mac_header_was_set(skb) ? -skb_mac_offset(skb) : 0;

	return len < 0 || len > MAC_MAX ? 0 : len;
}

/* The network header is where the data begin now; what lay before it by @mac bytes goes along. */
static void move_front(struct ex_ctx *ctx, s32 by, u32 mac)
{
	struct sk_buff *skb = ctx->skb;

	ctx->touched |= EX_TOUCHED_FRONT;
	if (mac) {
		memmove(skb->data - mac, skb->data - mac + by, mac);
		skb_set_mac_header(skb, -mac);
	}
	skb_reset_network_header(skb);
	skb_clear_hash(skb);
}

static bool push(struct ex_ctx *ctx, u32 len)
{
	struct sk_buff *skb = ctx->skb;
	u32 mac = mac_len(skb);

	/* Segments are cut behind the headers that the sender knew of. */
	if (!ex_pkt_own(ctx, 0) || skb_is_gso(skb) ||
	    skb_cow_head(skb, len + mac))
		return false;
	forget_sum(skb);
	__skb_push(skb, len);
	move_front(ctx, len, mac);
	memset(skb->data, 0, len);
	return true;
}

bool ashlar_ext_pkt_push(struct ashlar_ext_ctx *abi, u64 pkt, u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_push, pkt, len);
	bool done;

	if (!skb)
		return false;
	if (len > PUSH_MAX) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, len,
			"a push of more than 256 bytes");
		return false;
	}
	done = push(ctx, len);
	ex_pkt_lend(ctx, done);
	return done;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_push, ASHLAR_EXT);

static bool trim_head(struct ex_ctx *ctx, u32 len)
{
	struct sk_buff *skb = ctx->skb;
	u32 mac = mac_len(skb);

	if (len >= skb->len || skb_is_gso(skb) || !ex_pkt_own(ctx, len))
		return false;
	/* What is summed up from within the part that goes cannot be finished. */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_checksum_start_offset(skb) < (int)len && skb_checksum_help(skb))
		return false;
	forget_sum(skb);
	__skb_pull(skb, len);
	move_front(ctx, -(s32)len, mac);
	return true;
}

bool ashlar_ext_pkt_trim_head(struct ashlar_ext_ctx *abi, u64 pkt, u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_trim_head, pkt, len);
	bool done;

	if (!skb)
		return false;
	done = trim_head(ctx, len);
	ex_pkt_lend(ctx, done);
	return done;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_trim_head, ASHLAR_EXT);

bool ashlar_ext_pkt_load(struct ashlar_ext_ctx *abi, u64 pkt, u32 off, void *to,
			 u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_load, pkt, off);

	if (!skb || !ex_buf(ctx, to, len, true))
		return false;
	if (off > skb->len || len > skb->len - off)
		return false;
	return !skb_copy_bits(skb, off, to, len);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_load, ASHLAR_EXT);

bool ashlar_ext_pkt_store(struct ashlar_ext_ctx *abi, u64 pkt, u32 off,
			  const void *from, u32 len)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_store, pkt, off);
	u64 at = (u64)from - ctx->abi.pkt;
	bool own, done;

	if (!skb || !ex_buf(ctx, from, len, false))
		return false;
	if (off > skb->len || len > skb->len - off)
		return false;
	/* What is copied may be the packet's own bytes, and those may move. */
	own = at < ctx->abi.pkt_len;
	done = ex_pkt_own(ctx, off + len);
	if (done) {
		forget_sum(skb);
		memmove(skb->data + off, own ? skb->data + at : from, len);
	}
	ex_pkt_lend(ctx, done);
	return done;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_store, ASHLAR_EXT);

void ashlar_ext_pkt_set_mark(struct ashlar_ext_ctx *abi, u64 pkt, u32 mark)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_set_mark, pkt, mark);

	if (skb)
		skb->mark = mark;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_set_mark, ASHLAR_EXT);
