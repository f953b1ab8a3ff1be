/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets, for the calls about them. Offsets are from the network header, where skb->data is. */
#ifndef ASHLAR_EXT_PKT_H
#define ASHLAR_EXT_PKT_H

#include <linux/skbuff.h>

#include "call.h"

/**
 * struct ex_pkt_info - struct ext_pkt_info of ext.h
 */
struct ex_pkt_info {
	u32 len;
	u32 linear;
	u32 in_ifindex;
	u32 out_ifindex;
	u32 mark;
	u32 hash;
	__be16 proto;
	u8 family;
	u8 l4_proto;
	u16 l4_off;
	u16 gso_size;
	u16 frag_off;
	u8 more_frags;
	u8 hook;
};

/**
 * struct ex_layers - what a packet's headers say
 * @family: 4, 6; 0: neither, or not whole
 * @proto: of the transport, 0 where the chain cannot be walked
 * @more_frags: not the last fragment
 * @routed: IPv6 with a routing header that has not come to its end: the
 *	destination is not that of the pseudo header
 * @l4_off: of the transport's header, 0: there is none
 * @frag_off: bytes before this fragment
 */
struct ex_layers {
	u8 family;
	u8 proto;
	bool more_frags;
	bool routed;
	u16 l4_off;
	u16 frag_off;
};

void ex_pkt_layers(const struct sk_buff *skb, struct ex_layers *l);

/**
 * ex_pkt_own() - makes all that is linear, @len bytes at least, the hook's to write
 *
 * False: memory is short, or the packet is one of those that nobody may change: see may_write().
 */
bool ex_pkt_own(struct ex_ctx *ctx, u32 len);

/* Rest of ex_pkt_alone(). */
bool ex_pkt_unshare(struct ex_ctx *ctx, u32 len);

/**
 * ex_pkt_alone() - the same for a call that changes what leaves the packet as sound as it was, and
 * lends nothing to be written that was not
 */
static __always_inline bool ex_pkt_alone(struct ex_ctx *ctx, u32 len)
{
	const struct sk_buff *skb = ctx->skb;

	if (likely(len <= skb_headlen(skb) && !skb_cloned(skb) && !skb_shared(skb)))
		return true;
	return ex_pkt_unshare(ctx, len);
}

/**
 * ex_pkt_seal() - the hook is over, and has changed the packet
 *
 * False: it is none any more, and must go no further.
 */
bool ex_pkt_seal(struct ex_ctx *ctx);

/* Lends the packet anew: its memory may have moved. */
static inline void ex_pkt_lend(struct ex_ctx *ctx, bool write)
{
	const struct sk_buff *skb = ctx->skb;

	ctx->abi.pkt = (u64)skb->data;
	ctx->abi.pkt_len = skb_headlen(skb);
	ctx->abi.pkt_wlen = write ? ctx->abi.pkt_len : 0;
}

void ex_pkt_bad(struct ex_ctx *ctx, u64 pkt);

/**
 * ex_pkt() - begins a call about the hook's packet
 * @ctx: the invocation
 * @call: EX_CALL_*
 * @pkt: the handle given
 * @arg: what to remember the call by
 *
 * Return: the packet; NULL: the invocation has to stop.
 */
static __always_inline struct sk_buff *ex_pkt(struct ex_ctx *ctx, u32 call,
					      u64 pkt, u64 arg)
{
	ex_called(ctx, call, arg);
	if (likely(ctx->skb && pkt == ctx->pkt_handle))
		return ctx->skb;
	ex_pkt_bad(ctx, pkt);
	return NULL;
}

#endif /* ASHLAR_EXT_PKT_H */
