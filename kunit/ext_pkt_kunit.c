// SPDX-License-Identifier: GPL-2.0-only
/* Packets: after any rewriting the checksums are right; and what is owned comes back. */
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>

#include "../modules/ext/pkt.h"
#include "ext_fixture.h"

#define PAYLOAD	37

static void ip4_fill(struct sk_buff *skb, u8 proto)
{
	struct iphdr *iph = skb_put_zero(skb, sizeof(*iph));

	skb->protocol = htons(ETH_P_IP);
	iph->version = 4;
	iph->ihl = 5;
	iph->ttl = 64;
	iph->protocol = proto;
	iph->saddr = htonl(0x0a000001);
	iph->daddr = htonl(0x0a000002);
}

static void ip6_fill(struct sk_buff *skb, u8 proto)
{
	struct ipv6hdr *ip6h = skb_put_zero(skb, sizeof(*ip6h));

	skb->protocol = htons(ETH_P_IPV6);
	ip6h->version = 6;
	ip6h->nexthdr = proto;
	memset(&ip6h->saddr, 0x21, 16);
	memset(&ip6h->daddr, 0x32, 16);
}

static u32 l4_size(u8 proto)
{
	return proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr);
}

static u32 check_off(u8 proto)
{
	return proto == IPPROTO_TCP ? offsetof(struct tcphdr, check) :
	       proto == IPPROTO_UDP ? offsetof(struct udphdr, check) :
				      offsetof(struct icmp6hdr, icmp6_cksum);
}

static __sum16 pseudo(const struct sk_buff *skb, u8 proto, u32 len, __wsum sum)
{
	const struct ipv6hdr *ip6h = (const struct ipv6hdr *)skb->data;
	const struct iphdr *iph = (const struct iphdr *)skb->data;

	return ip6h->version == 6 ? csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len, proto, sum) :
				    csum_tcpudp_magic(iph->saddr, iph->daddr, len, proto, sum);
}

/* What the transport's field has to be now. */
static __sum16 right_sum(struct sk_buff *skb, u32 off, u8 proto)
{
	u32 len = skb->len - off;
	__sum16 old, *at = (__sum16 *)(skb->data + off + check_off(proto));
	__sum16 sum;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return ~pseudo(skb, proto, len, 0);
	old = *at;
	*at = 0;
	sum = pseudo(skb, proto, len, skb_checksum(skb, off, len, 0));
	*at = old;
	return sum ?: (proto == IPPROTO_UDP ? CSUM_MANGLED_0 : sum);
}

struct pkt_case {
	const char *name;
	u8 family;
	u8 proto;
	u8 summed;
	bool zero;
	bool cloned;
};

static const struct pkt_case pkt_cases[] = {
	{ "IPv4 TCP", 4, IPPROTO_TCP, CHECKSUM_NONE },
	{ "IPv4 UDP", 4, IPPROTO_UDP, CHECKSUM_UNNECESSARY },
	{ "IPv4 TCP, partial", 4, IPPROTO_TCP, CHECKSUM_PARTIAL },
	{ "IPv4 UDP, partial", 4, IPPROTO_UDP, CHECKSUM_PARTIAL },
	{ "IPv4 TCP, complete", 4, IPPROTO_TCP, CHECKSUM_COMPLETE },
	{ "IPv4 UDP, zero", 4, IPPROTO_UDP, CHECKSUM_NONE, true },
	{ "IPv4 UDP, zero, complete", 4, IPPROTO_UDP, CHECKSUM_COMPLETE, true },
	{ "IPv4 TCP, cloned", 4, IPPROTO_TCP, CHECKSUM_NONE, false, true },
	{ "IPv6 TCP", 6, IPPROTO_TCP, CHECKSUM_NONE },
	{ "IPv6 UDP, partial", 6, IPPROTO_UDP, CHECKSUM_PARTIAL },
	{ "IPv6 TCP, complete", 6, IPPROTO_TCP, CHECKSUM_COMPLETE },
	{ "IPv6 UDP, zero, complete", 6, IPPROTO_UDP, CHECKSUM_COMPLETE, true },
	{ "IPv6 ICMPv6", 6, IPPROTO_ICMPV6, CHECKSUM_NONE },
	{ "IPv6 UDP, cloned", 6, IPPROTO_UDP, CHECKSUM_NONE, false, true },
};

static void pkt_describe(const struct pkt_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pkt, pkt_cases, pkt_describe);

static struct sk_buff *t_skb(struct kunit *test, const struct pkt_case *c)
{
	struct sk_buff *skb = alloc_skb(512, GFP_KERNEL);
	__sum16 *at;
	u32 off, i;
	u8 *p;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 128);
	if (c->family == 4)
		ip4_fill(skb, c->proto);
	else
		ip6_fill(skb, c->proto);
	off = skb->len;
	p = skb_put(skb, l4_size(c->proto) + PAYLOAD);
	for (i = 0; i < l4_size(c->proto) + PAYLOAD; i++)
		p[i] = i * 7 + 1;
	skb_reset_network_header(skb);
	skb->ip_summed = c->summed;
	if (c->family == 4) {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	}
	at = (__sum16 *)(skb->data + off + check_off(c->proto));
	*at = c->zero ? 0 : right_sum(skb, off, c->proto);
	if (c->summed == CHECKSUM_PARTIAL) {
		skb->csum_start = skb_headroom(skb) + off;
		skb->csum_offset = check_off(c->proto);
	}
	if (c->summed == CHECKSUM_COMPLETE)
		skb->csum = skb_checksum(skb, 0, skb->len, 0);
	return skb;
}

static void check_sums(struct kunit *test, struct sk_buff *skb, const struct pkt_case *c)
{
	u32 off = c->family == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	__sum16 *at = (__sum16 *)(skb->data + off + check_off(c->proto));
	__sum16 want = c->zero ? 0 : right_sum(skb, off, c->proto);

	KUNIT_EXPECT_EQ(test, (u32)*at, (u32)want);
	KUNIT_EXPECT_EQ(test, (u8)skb->ip_summed, c->summed);
	if (c->family == 4)
		KUNIT_EXPECT_EQ(test, ip_fast_csum(skb->data, 5), (__sum16)0);
	if (c->summed == CHECKSUM_COMPLETE)
		KUNIT_EXPECT_EQ(test, (u32)csum_fold(skb->csum),
				(u32)csum_fold(skb_checksum(skb, 0, skb->len, 0)));
}

static void pkt_rewrite(struct kunit *test)
{
	const struct pkt_case *c = test->param_value;
	u32 len = c->family == 4 ? 4 : 16, off = c->family == 4 ? 20 : 40;
	struct t_ext *t = t_ext(test, "pkt");
	struct sk_buff *skb = t_skb(test, c), *clone = NULL;
	struct rnd_state rnd;
	struct ex_ctx *ctx;
	u8 before[128];
	u8 *addr;
	u32 i;

	t_random(test, &rnd);
	t_start(test, t);
	ctx = t_hook(test, t, skb);
	addr = ashlar_ext_alloc(&ctx->abi, 16);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	if (c->cloned) {
		clone = skb_clone(skb, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, clone);
		memcpy(before, skb->data, skb->len);
	}
	for (i = 0; i < 200; i++) {
		prandom_bytes_state(&rnd, addr, 16);
		KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_set_addr(&ctx->abi, ctx->pkt_handle, i % 2,
								addr, len));
		KUNIT_EXPECT_EQ(test, memcmp(skb->data + off - (2 - i % 2) * len, addr, len), 0);
		check_sums(test, skb, c);
		KUNIT_EXPECT_EQ(test, ashlar_ext_pkt_set_port(&ctx->abi, ctx->pkt_handle, i % 2,
							      htons(i * 331)),
				c->proto != IPPROTO_ICMPV6);
		check_sums(test, skb, c);
	}
	/* Spans are for reading as before, and the packet as sound. */
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_wlen, 0U);
	KUNIT_EXPECT_EQ(test, ctx->touched, 0);
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt, (u64)skb->data);
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_len, skb_headlen(skb));
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_set_addr(&ctx->abi, ctx->pkt_handle, 0, addr,
							 20 - len));
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_wlen, 0U);
	T_EXPECT_GOES_ON(test, ctx);
	if (clone)
		KUNIT_EXPECT_EQ(test, memcmp(clone->data, before, clone->len), 0);
	kfree_skb(clone);
	kfree_skb(skb);
	t_end(test, t);
}

static void pkt_fragment(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "pkt");
	struct sk_buff *skb = t_skb(test, &pkt_cases[0]);
	struct ex_pkt_info *info;
	struct ex_ctx *ctx;
	u8 *addr;

	t_start(test, t);
	ctx = t_hook(test, t, skb);
	info = ashlar_ext_alloc(&ctx->abi, sizeof(*info));
	addr = ashlar_ext_alloc(&ctx->abi, 4);
	KUNIT_ASSERT_TRUE(test, info && addr);
	ashlar_ext_pkt_info(&ctx->abi, ctx->pkt_handle, info);
	KUNIT_EXPECT_EQ(test, info->l4_off, 20);
	KUNIT_EXPECT_EQ(test, info->l4_proto, IPPROTO_TCP);
	KUNIT_EXPECT_EQ(test, info->len, skb->len);
	ip_hdr(skb)->frag_off = htons(0x2005);
	ashlar_ext_pkt_info(&ctx->abi, ctx->pkt_handle, info);
	KUNIT_EXPECT_EQ(test, info->l4_off, 0);
	KUNIT_EXPECT_EQ(test, info->frag_off, 40);
	KUNIT_EXPECT_EQ(test, info->more_frags, 1);
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_set_addr(&ctx->abi, ctx->pkt_handle, 0, addr, 4));
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_set_port(&ctx->abi, ctx->pkt_handle, 0, 0));
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->saddr, htonl(0x0a000001));
	T_EXPECT_GOES_ON(test, ctx);
	ashlar_ext_pkt_info(&ctx->abi, ctx->pkt_handle, (void *)addr);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	kfree_skb(skb);
	t_end(test, t);
}

static void pkt_bytes(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "pkt");
	struct sk_buff *skb = t_skb(test, &pkt_cases[0]);
	u64 pkt, len = skb->len;
	struct ex_ctx *ctx;
	u8 *buf;

	t_start(test, t);
	ctx = t_hook(test, t, skb);
	pkt = ctx->pkt_handle;
	buf = ashlar_ext_alloc(&ctx->abi, 64);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_pull(&ctx->abi, pkt, len + 1));
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_pull(&ctx->abi, pkt, len));
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_wlen, (u32)len);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_load(&ctx->abi, pkt, len - 4, buf, 4));
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_load(&ctx->abi, pkt, len - 3, buf, 4));
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_load(&ctx->abi, pkt, U32_MAX, buf, 4));
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_store(&ctx->abi, pkt, len - 3, buf, 4));
	memset(buf, 0xee, 4);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_store(&ctx->abi, pkt, len - 4, buf, 4));
	KUNIT_EXPECT_EQ(test, skb->data[len - 1], 0xee);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_push(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_len, (u32)len + 20);
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt, (u64)skb->data);
	KUNIT_EXPECT_NULL(test, memchr_inv(skb->data, 0, 20));
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_push(&ctx->abi, pkt, 256));
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_trim_head(&ctx->abi, pkt, 276));
	KUNIT_EXPECT_EQ(test, skb->data[0], 0x45);
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_trim_head(&ctx->abi, pkt, len));
	ashlar_ext_pkt_set_mark(&ctx->abi, pkt, 9);
	KUNIT_EXPECT_EQ(test, skb->mark, 9U);
	T_EXPECT_GOES_ON(test, ctx);
	/* Another may look at it: it is not to be written. */
	skb_get(skb);
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_wlen, 0U);
	kfree_skb(skb);

	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_push(&ctx->abi, pkt, 257));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	ashlar_ext_pkt_load(&ctx->abi, pkt, 0, &len, 4);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	ashlar_ext_pkt_store(&ctx->abi, pkt, 0, buf + 61, 4);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	ashlar_ext_pkt_set_mark(&ctx->abi, pkt + 1, 9);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	ctx->skb = NULL;
	ashlar_ext_pkt_set_mark(&ctx->abi, pkt, 9);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_CONTEXT);
	kfree_skb(skb);
	t_end(test, t);
}

static bool seal(struct ex_ctx *ctx)
{
	bool whole = ex_pkt_seal(ctx);

	ex_pkt_lend(ctx, true);
	return whole;
}

/* What the stack has found good before the hook it does not look at again behind it. */
static void pkt_seal4(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "pkt");
	struct sk_buff *skb = t_skb(test, &pkt_cases[0]);
	u32 len = skb->len;
	struct ex_ctx *ctx;
	u64 pkt;

	t_start(test, t);
	ctx = t_hook(test, t, skb);
	pkt = ctx->pkt_handle;
	skb_set_transport_header(skb, 20);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_EQ(test, ctx->touched, EX_TOUCHED_BYTES);
	KUNIT_EXPECT_TRUE(test, seal(ctx));
	/* What may be written to stays so when a call changes it. */
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_set_port(&ctx->abi, pkt, 0, htons(7)));
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_wlen, skb_headlen(skb));

	ip_hdr(skb)->ihl = 4;
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	ip_hdr(skb)->ihl = 15;
	KUNIT_EXPECT_TRUE(test, seal(ctx));
	KUNIT_EXPECT_EQ(test, skb_transport_offset(skb), 60);
	ip_hdr(skb)->tot_len = htons(59);
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	ip_hdr(skb)->ihl = 5;
	ip_hdr(skb)->tot_len = htons(len + 1);
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	ip_hdr(skb)->tot_len = htons(len);
	ip_hdr(skb)->version = 6;
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	ip_hdr(skb)->version = 4;
	KUNIT_EXPECT_TRUE(test, seal(ctx));

	/* A header before it, and off again: the transport's is where it belongs each time. */
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_push(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	memcpy(skb->data, skb->data + 20, 20);
	ip_hdr(skb)->tot_len = htons(len + 20);
	KUNIT_EXPECT_TRUE(test, seal(ctx));
	KUNIT_EXPECT_EQ(test, skb_transport_offset(skb), 20);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_trim_head(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_TRUE(test, seal(ctx));
	KUNIT_EXPECT_EQ(test, skb_transport_offset(skb), 20);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_trim_head(&ctx->abi, pkt, 24));
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	T_EXPECT_GOES_ON(test, ctx);
	kfree_skb(skb);
	t_end(test, t);
}

static void pkt_seal6(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "pkt");
	struct sk_buff *skb = t_skb(test, &pkt_cases[8]);
	u32 len = skb->len;
	struct ex_ctx *ctx;
	u64 pkt;

	t_start(test, t);
	ctx = t_hook(test, t, skb);
	pkt = ctx->pkt_handle;
	skb_set_transport_header(skb, 40);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 40));
	ipv6_hdr(skb)->payload_len = htons(len - 40);
	KUNIT_EXPECT_TRUE(test, seal(ctx));
	ipv6_hdr(skb)->payload_len = htons(len - 39);
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	ipv6_hdr(skb)->payload_len = htons(len - 40);
	ipv6_hdr(skb)->version = 4;
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	ipv6_hdr(skb)->version = 6;
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_push(&ctx->abi, pkt, 40));
	memcpy(skb->data, skb->data + 40, 40);
	IP6CB(skb)->nhoff = 40;
	KUNIT_EXPECT_TRUE(test, seal(ctx));
	KUNIT_EXPECT_EQ(test, skb_transport_offset(skb), 40);
	KUNIT_EXPECT_EQ(test, IP6CB(skb)->nhoff, 6);
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_trim_head(&ctx->abi, pkt, len + 40 - 39));
	KUNIT_EXPECT_FALSE(test, seal(ctx));
	T_EXPECT_GOES_ON(test, ctx);
	kfree_skb(skb);
	t_end(test, t);
}

/* Nobody may change what the stack has read and goes by, or what was no packet before. */
static void pkt_unwritable(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "pkt");
	struct sk_buff *four = t_skb(test, &pkt_cases[0]), *six = t_skb(test, &pkt_cases[8]);
	struct nf_hook_state ingress = { .pf = NFPROTO_NETDEV };
	struct ex_ctx *ctx;
	u64 pkt;

	t_start(test, t);
	ctx = t_hook(test, t, four);
	pkt = ctx->pkt_handle;
	IPCB(four)->opt.optlen = 4;
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_push(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_wlen, 0U);
	/* What a call changes by itself is nothing that was read. */
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_set_port(&ctx->abi, pkt, 0, htons(7)));
	KUNIT_EXPECT_EQ(test, ctx->abi.pkt_wlen, 0U);
	IPCB(four)->opt.optlen = 0;
	ip_hdr(four)->ihl = 4;
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_trim_head(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_EQ(test, ctx->touched, 0);
	/* At ingress the stack has read nothing yet. */
	ctx->state = &ingress;
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 20));
	KUNIT_EXPECT_TRUE(test, seal(ctx));

	ctx = t_hook(test, t, six);
	ipv6_hdr(six)->nexthdr = NEXTHDR_HOP;
	KUNIT_EXPECT_FALSE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 40));
	ipv6_hdr(six)->nexthdr = IPPROTO_TCP;
	KUNIT_EXPECT_TRUE(test, ashlar_ext_pkt_make_writable(&ctx->abi, pkt, 40));
	T_EXPECT_GOES_ON(test, ctx);
	kfree_skb(four);
	kfree_skb(six);
	t_end(test, t);
}

static void pkt_owned(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "pkt");
	struct sk_buff *skb = t_skb(test, &pkt_cases[0]);
	struct ex_ctx *ctx;
	u64 first, h = 0;
	u32 n;

	t_start(test, t);
	ctx = t_hook(test, t, skb);
	first = ashlar_ext_pkt_clone(&ctx->abi, ctx->pkt_handle);
	KUNIT_EXPECT_NE(test, first, 0ULL);
	ashlar_ext_pkt_free(&ctx->abi, first);
	T_EXPECT_GOES_ON(test, ctx);
	ashlar_ext_pkt_free(&ctx->abi, first);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	ashlar_ext_pkt_free(&ctx->abi, ctx->pkt_handle);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	ashlar_ext_pkt_free(&ctx->abi, 0);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	for (n = 0; n <= EX_PACKETS_MAX; n++) {
		h = ashlar_ext_pkt_clone(&ctx->abi, ctx->pkt_handle);
		if (!h)
			break;
		KUNIT_EXPECT_NE(test, h, first);
	}
	KUNIT_EXPECT_EQ(test, n, EX_PACKETS_MAX);
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_PACKET).reclaimed, (u64)EX_PACKETS_MAX);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_PACKET).back, 1ULL);
	kfree_skb(skb);
}

static u32 sent;

static netdev_tx_t t_xmit(struct sk_buff *skb, struct net_device *dev)
{
	/* IPv6 says of itself that it is there. */
	sent += skb->protocol == htons(ETH_P_IP);
	consume_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops t_ops = {
	.ndo_start_xmit = t_xmit,
};

static void t_setup(struct net_device *dev)
{
	dev->netdev_ops = &t_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP | IFF_POINTOPOINT;
	dev->mtu = 1500;
	dev->needs_free_netdev = true;
}

static void pkt_send(struct kunit *test)
{
	struct net_device *dev = alloc_netdev(0, "exkunit%d", NET_NAME_UNKNOWN, t_setup);
	struct sk_buff *skb = t_skb(test, &pkt_cases[0]);
	struct t_ext *t = t_ext(test, "pkt");
	struct ex_ctx *ctx;
	u64 d, p;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, register_netdev(dev), 0);
	t_start(test, t);
	ctx = t_hook(test, t, skb);
	sent = 0;
	KUNIT_EXPECT_EQ(test, ashlar_ext_dev_get(&ctx->abi, 0x7fffffff), 0ULL);
	d = ashlar_ext_dev_get(&ctx->abi, dev->ifindex);
	KUNIT_EXPECT_NE(test, d, 0ULL);
	KUNIT_EXPECT_FALSE(test, ashlar_ext_dev_up(&ctx->abi, d));
	p = ashlar_ext_pkt_clone(&ctx->abi, ctx->pkt_handle);
	KUNIT_EXPECT_EQ(test, ashlar_ext_pkt_send(&ctx->abi, p, d), -ENETDOWN);
	rtnl_lock();
	KUNIT_EXPECT_EQ(test, dev_open(dev, NULL), 0);
	rtnl_unlock();
	KUNIT_EXPECT_TRUE(test, ashlar_ext_dev_up(&ctx->abi, d));
	p = ashlar_ext_pkt_clone(&ctx->abi, ctx->pkt_handle);
	KUNIT_EXPECT_EQ(test, ashlar_ext_pkt_send(&ctx->abi, p, d), 0);
	KUNIT_EXPECT_EQ(test, sent, 1U);
	/* Not where the stack is nearly used up. */
	ctx->abi.sp_limit = current_stack_pointer - 1000;
	p = ashlar_ext_pkt_clone(&ctx->abi, ctx->pkt_handle);
	KUNIT_EXPECT_EQ(test, ashlar_ext_pkt_send(&ctx->abi, p, d), -ENOBUFS);
	KUNIT_EXPECT_EQ(test, sent, 1U);
	ctx->abi.sp_limit = 0;
	T_EXPECT_GOES_ON(test, ctx);
	ashlar_ext_pkt_send(&ctx->abi, p, d);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	p = ashlar_ext_pkt_clone(&ctx->abi, ctx->pkt_handle);
	ashlar_ext_pkt_send(&ctx->abi, p, p);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	ashlar_ext_dev_put(&ctx->abi, p);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	/* The device goes although it is held; the handle is good, and down. */
	unregister_netdev(dev);
	KUNIT_EXPECT_FALSE(test, ashlar_ext_dev_up(&ctx->abi, d));
	KUNIT_EXPECT_EQ(test, ashlar_ext_pkt_send(&ctx->abi, p, d), -ENETDOWN);
	ashlar_ext_dev_put(&ctx->abi, d);
	T_EXPECT_GOES_ON(test, ctx);
	ashlar_ext_dev_put(&ctx->abi, d);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_DEVICE).reclaimed, 1ULL);
	kfree_skb(skb);
	t_end(test, t);
}

static struct kunit_case pkt_kunit_cases[] = {
	KUNIT_CASE_PARAM(pkt_rewrite, pkt_gen_params),
	KUNIT_CASE(pkt_fragment),
	KUNIT_CASE(pkt_bytes),
	KUNIT_CASE(pkt_seal4),
	KUNIT_CASE(pkt_seal6),
	KUNIT_CASE(pkt_unwritable),
	KUNIT_CASE(pkt_owned),
	KUNIT_CASE(pkt_send),
	{}
};

static struct kunit_suite pkt_suite = {
	.name = "ext_pkt",
	.test_cases = pkt_kunit_cases,
};

kunit_test_suite(pkt_suite);
