// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: packets of the extension's own. A clone has its linear part to itself,
 * and nothing of what the hook's packet was bound to: device, route, conntrack,
 * socket. It is sent as IP sends: by the route to its destination out of the
 * device, or to the destination itself if there is no such route; the neighbour
 * is asked for by the stack, which keeps the packet until it answers. Netfilter
 * does not see it.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/arp.h>
#include <net/ip6_route.h>
#include <net/ipv6_stubs.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "call.h"
#include "compat.h"
#include "ledger.h"
#include "pkt.h"

#define COST_CLONE	16	/* fuel */
#define COST_SEND	64

static void bad_packet(struct ex_ctx *ctx, u64 handle)
{
	ex_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, handle,
		"no packet of this instance's own, or given away before");
}

static struct sk_buff *copy(struct sk_buff *skb)
{
	struct sk_buff *clone = pskb_copy(skb, GFP_ATOMIC | __GFP_NOWARN);

	if (!clone)
		return NULL;
	skb_scrub_packet(clone, false);
	skb_orphan(clone);
	skb_clear_tstamp(clone);
	__vlan_hwaccel_clear_tag(clone);
	if (clone->ip_summed == CHECKSUM_COMPLETE)
		clone->ip_summed = CHECKSUM_NONE;
	clone->dev = NULL;
	memset(clone->cb, 0, sizeof(clone->cb));
	return clone;
}

u64 ashlar_ext_pkt_clone(struct ashlar_ext_ctx *abi, u64 pkt)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb = ex_pkt(ctx, EX_CALL_pkt_clone, pkt, 0);
	struct ex_ledger *ledger = &ctx->inst->ledger;
	struct sk_buff *clone;
	struct ex_slot *slot;
	u64 handle = 0;

	ex_cost(ctx, COST_CLONE);
	if (skb)
		ex_charge(ctx, skb_headlen(skb));
	clone = skb ? copy(skb) : NULL;
	if (!clone)
		return 0;
	spin_lock_bh(&ledger->lock);
	if (clone->truesize <= EX_PACKETS_BYTES - ledger->packet_bytes)
		handle = ex_slot_make(&ledger->packets, &slot);
	if (handle) {
		slot->skb = clone;
		ledger->packet_bytes += clone->truesize;
		ledger->packet.made++;
	}
	spin_unlock_bh(&ledger->lock);
	if (!handle)
		kfree_skb(clone);
	return handle;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_clone, ASHLAR_EXT);

/* Takes a clone out of the ledger; NULL: the invocation has to stop. */
static struct sk_buff *take(struct ex_ctx *ctx, u64 handle)
{
	struct ex_ledger *ledger = &ctx->inst->ledger;
	struct sk_buff *skb = NULL;
	struct ex_slot *slot;

	spin_lock_bh(&ledger->lock);
	slot = ex_slot_find(&ledger->packets, handle);
	if (slot) {
		skb = slot->skb;
		ledger->packet_bytes -= skb->truesize;
		ledger->packet.back++;
		ex_slot_free(&ledger->packets, slot);
	}
	spin_unlock_bh(&ledger->lock);
	if (!skb)
		bad_packet(ctx, handle);
	return skb;
}

void ashlar_ext_pkt_free(struct ashlar_ext_ctx *abi, u64 pkt)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct sk_buff *skb;

	ex_called(ctx, EX_CALL_pkt_free, pkt);
	skb = take(ctx, pkt);
	if (skb)
		consume_skb(skb);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_free, ASHLAR_EXT);

/* --- sending --- */

static bool fits(const struct sk_buff *skb, const struct net_device *dev)
{
	if (skb_is_gso(skb))
		return skb_gso_validate_network_len(skb, dev->mtu);
	return skb->len <= dev->mtu;
}

/* From here on drivers and what they lead to are on the same stack; tunnels take most of it. */
static bool has_room(const struct ex_ctx *ctx)
{
	u64 low = ctx->abi.sp_limit - ctx->stack_need;

	return current_stack_pointer - low >= THREAD_SIZE / 2;
}

/* Both consume the packet. */
static int send4(struct net *net, struct sk_buff *skb, struct net_device *dev)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct flowi4 fl4 = {
		.daddr = iph->daddr,
		.flowi4_oif = dev->ifindex,
		.flowi4_mark = skb->mark,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	__be32 next = iph->daddr;
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	if (!IS_ERR(rt) && rt->dst.dev == dev) {
		if (rt->rt_gw_family == AF_INET6) {
			struct in6_addr gw = rt->rt_gw6;

			skb_dst_set(skb, &rt->dst);
			return neigh_xmit(NEIGH_ND_TABLE, dev, &gw, skb);
		}
		if (rt->rt_gw_family == AF_INET)
			next = rt->rt_gw4;
	}
	if (!IS_ERR(rt))
		skb_dst_set(skb, &rt->dst);
	return neigh_xmit(NEIGH_ARP_TABLE, dev, &next, skb);
}

static int send6(struct net *net, struct sk_buff *skb, struct net_device *dev)
{
	struct in6_addr next = ipv6_hdr(skb)->daddr;
	struct flowi6 fl6 = {
		.daddr = next,
		.flowi6_oif = dev->ifindex,
		.flowi6_mark = skb->mark,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *dst;

	dst = ipv6_stub->ipv6_dst_lookup_flow(net, NULL, &fl6, NULL);
	if (!IS_ERR(dst)) {
		if (dst->dev == dev)
			next = *rt6_nexthop((struct rt6_info *)dst, &next);
		skb_dst_set(skb, dst);
	}
	return neigh_xmit(NEIGH_ND_TABLE, dev, &next, skb);
}

static int send(struct net *net, struct sk_buff *skb, struct net_device *dev)
{
	struct ex_layers l;
	int err;

	ex_pkt_layers(skb, &l);
	/* Where the headers are is what the length of segments is counted from. */
	skb_reset_network_header(skb);
	if (l.l4_off)
		skb_set_transport_header(skb, l.l4_off);
	err = !dev || !netif_running(dev) ? -ENETDOWN :
	      !l.family ? -EINVAL :
	      !pskb_may_pull(skb, l.family == 4 ? sizeof(struct iphdr) :
					sizeof(struct ipv6hdr)) ? -EINVAL :
	      !fits(skb, dev) ? -EMSGSIZE :
	      skb_cow_head(skb, LL_RESERVED_SPACE(dev)) ? -ENOMEM : 0;
	if (err) {
		kfree_skb(skb);
		return err;
	}
	skb->dev = dev;
	skb_reset_mac_header(skb);
	err = l.family == 4 ? send4(net, skb, dev) : send6(net, skb, dev);
	return err > 0 ? net_xmit_errno(err) : err;
}

s32 ashlar_ext_pkt_send(struct ashlar_ext_ctx *abi, u64 pkt, u64 handle)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct net_device *dev;
	struct sk_buff *skb;
	s32 err = -EINVAL;

	ex_called(ctx, EX_CALL_pkt_send, pkt);
	ex_cost(ctx, COST_SEND);
	if (ctx->nr_held) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_CONTEXT, pkt,
			"a packet is sent with a lock held");
		return err;
	}
	local_bh_disable();
	rcu_read_lock();
	skb = ex_dev_of(ctx, handle, &dev) ? take(ctx, pkt) : NULL;
	if (skb && has_room(ctx)) {
		err = send(ctx->inst->net, skb, dev);
	} else if (skb) {
		kfree_skb(skb);
		err = -ENOBUFS;
	}
	rcu_read_unlock();
	local_bh_enable();
	return err;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_pkt_send, ASHLAR_EXT);
