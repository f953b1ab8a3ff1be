// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replacing a tuple: after it, every checksum is what a computation from the
 * first byte makes of the packet, whoever was to compute it.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <net/tcp.h>

#include "../modules/overlay/rewrite.h"
#include "overlay_fixture.h"

#define ROUNDS	4000
#define HEADERS	(sizeof(struct iphdr) + sizeof(struct tcphdr))

/* The ones' complement sum of bytes, the slow way. */
static u32 sum_bytes(u32 sum, const void *data, unsigned int len)
{
	const u8 *byte = data;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? byte[i] : byte[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static u32 sum_pseudo(const struct iphdr *iph, unsigned int len)
{
	u32 sum = sum_bytes(IPPROTO_TCP + len, &iph->saddr, 4);

	return sum_bytes(sum, &iph->daddr, 4);
}

static __sum16 ip_check(const struct iphdr *iph)
{
	struct iphdr copy = *iph;

	copy.check = 0;
	return (__force __sum16)htons(~sum_bytes(0, &copy, sizeof(copy)));
}

/* The checksum of a TCP segment of @len bytes, which holds another one now. */
static __sum16 tcp_check(const struct iphdr *iph, const struct tcphdr *th,
			 unsigned int len)
{
	u32 sum = sum_bytes(sum_pseudo(iph, len), th, len);
	u32 there = ntohs((__force __be16)th->check);

	sum += ~there & 0xffff;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	/* Two zeros: a segment's own sum is never 0. */
	return (__force __sum16)htons(~(sum ?: 0xffff));
}

static __sum16 tcp_partial(const struct iphdr *iph, unsigned int len)
{
	return (__force __sum16)htons(sum_pseudo(iph, len));
}

struct packet {
	struct sk_buff *skb;
	struct iphdr *iph;
	struct tcphdr *th;
	struct ov_tuple tuple;
	unsigned int len;
};

static struct sk_buff *packet_alloc(struct kunit *test, unsigned int payload)
{
	struct sk_buff *skb = alloc_skb(ETH_HLEN + HEADERS + payload, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put(skb, ETH_HLEN + HEADERS + payload);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_transport_header(skb, ETH_HLEN + sizeof(struct iphdr));
	skb->protocol = htons(ETH_P_IP);
	eth_hdr(skb)->h_proto = htons(ETH_P_IP);
	return skb;
}

/* What the stack hands on, or a device, for each way to check a packet. */
static void packet_check(struct packet *p, u8 summed)
{
	p->skb->ip_summed = summed;
	p->iph->check = ip_check(p->iph);
	if (summed == CHECKSUM_PARTIAL) {
		p->th->check = tcp_partial(p->iph, p->len);
		p->skb->csum_start = skb_transport_header(p->skb) - p->skb->head;
		p->skb->csum_offset = offsetof(struct tcphdr, check);
		return;
	}
	p->th->check = 0;
	p->th->check = (__force __sum16)htons(~sum_bytes(sum_pseudo(p->iph, p->len),
							 p->th, p->len));
	if (summed == CHECKSUM_COMPLETE)
		p->skb->csum = csum_partial(p->th, p->len, 0);
}

/* A packet of random tuple and content in @skb. */
static void packet_random(struct packet *p, struct sk_buff *skb,
			  unsigned int payload, u8 summed, struct rnd_state *rnd)
{
	p->skb = skb;
	p->iph = ip_hdr(skb);
	p->th = tcp_hdr(skb);
	p->tuple = t_random_tuple(rnd);
	p->len = sizeof(struct tcphdr) + payload;
	prandom_bytes_state(rnd, p->iph, HEADERS + payload);
	p->iph->version = 4;
	p->iph->ihl = 5;
	p->iph->tot_len = htons(sizeof(struct iphdr) + p->len);
	p->iph->frag_off = htons(prandom_u32_state(rnd) & 1 ? IP_DF : 0);
	p->iph->protocol = IPPROTO_TCP;
	p->iph->saddr = ov_addr_ip4(&p->tuple.local);
	p->iph->daddr = ov_addr_ip4(&p->tuple.remote);
	p->th->source = p->tuple.lport;
	p->th->dest = p->tuple.rport;
	p->th->doff = 5;
	packet_check(p, summed);
}

static void packet_rewrite(struct packet *p, const struct ov_tuple *to,
			   __wsum addr, __wsum port)
{
	ov_rewrite(p->skb, p->iph, p->th, ov_addr_ip4(&to->local),
		   ov_addr_ip4(&to->remote), to->lport, to->rport, addr, port);
}

static void packet_translate(struct packet *p, const struct ov_tuple *to)
{
	struct ov_csum_diff diff = ov_rewrite_diff(&p->tuple, to);

	packet_rewrite(p, to, diff.addr, diff.port);
}

/* Whether @p has the tuple @to and every checksum is right. */
static bool packet_right(const struct packet *p, const struct ov_tuple *to)
{
	if (p->iph->saddr != ov_addr_ip4(&to->local) ||
	    p->iph->daddr != ov_addr_ip4(&to->remote) ||
	    p->th->source != to->lport || p->th->dest != to->rport ||
	    p->iph->check != ip_check(p->iph))
		return false;
	if (p->skb->ip_summed == CHECKSUM_PARTIAL)
		return p->th->check == tcp_partial(p->iph, p->len);
	if (p->th->check != tcp_check(p->iph, p->th, p->len))
		return false;
	if (p->skb->ip_summed == CHECKSUM_COMPLETE)
		return csum_fold(p->skb->csum) ==
		       csum_fold(csum_partial(p->th, p->len, 0)) &&
		       !tcp_v4_check(p->len, p->iph->saddr, p->iph->daddr,
				     p->skb->csum);
	return true;
}

struct summed_case {
	const char *name;
	u8 summed;
};

static const struct summed_case summed_cases[] = {
	{ "none", CHECKSUM_NONE },
	{ "unnecessary", CHECKSUM_UNNECESSARY },
	{ "complete", CHECKSUM_COMPLETE },
	{ "partial", CHECKSUM_PARTIAL },
};

static void summed_desc(const struct summed_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(summed, summed_cases, summed_desc);

static void rewrite_random(struct kunit *test)
{
	const struct summed_case *c = test->param_value;
	struct sk_buff *skb = packet_alloc(test, 256);
	unsigned int i, bad = 0;
	struct rnd_state rnd;

	t_random(test, &rnd);
	for (i = 0; i < ROUNDS; i++) {
		struct ov_tuple to = t_random_tuple(&rnd);
		struct packet p;

		packet_random(&p, skb, prandom_u32_state(&rnd) % 257, c->summed,
			      &rnd);
		bad += !packet_right(&p, &p.tuple);
		packet_translate(&p, &to);
		bad += !packet_right(&p, &to);
		bad += skb->ip_summed != c->summed;
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	kfree_skb(skb);
}

/* There and back by the complement, as the receiver does: not a bit differs. */
static void rewrite_back(struct kunit *test)
{
	const struct summed_case *c = test->param_value;
	struct sk_buff *skb = packet_alloc(test, 64);
	unsigned int i, bad = 0;
	struct rnd_state rnd;

	t_random(test, &rnd);
	for (i = 0; i < ROUNDS; i++) {
		struct ov_tuple to = t_random_tuple(&rnd);
		struct ov_csum_diff diff;
		u8 before[HEADERS + 64];
		struct packet p;

		packet_random(&p, skb, 64, c->summed, &rnd);
		memcpy(before, p.iph, sizeof(before));
		diff = ov_rewrite_diff(&p.tuple, &to);
		packet_rewrite(&p, &to, diff.addr, diff.port);
		packet_rewrite(&p, &p.tuple, (__force __wsum)~(__force u32)diff.addr,
			       (__force __wsum)~(__force u32)diff.port);
		bad += !packet_right(&p, &p.tuple);
		bad += !!memcmp(before, p.iph, sizeof(before));
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	kfree_skb(skb);
}

struct edge_case {
	const char *name;
	u8 from[4];
	u8 to[4];
	u16 from_port;
	u16 to_port;
};

static const struct edge_case edge_cases[] = {
	{ "nothing changes", { 10, 0, 0, 1 }, { 10, 0, 0, 1 }, 80, 80 },
	{ "only an address", { 10, 0, 0, 1 }, { 10, 0, 0, 2 }, 80, 80 },
	{ "only a port", { 10, 0, 0, 1 }, { 10, 0, 0, 1 }, 80, 81 },
	{ "all zeros to all ones", { 0, 0, 0, 0 }, { 255, 255, 255, 255 }, 0, 65535 },
	{ "all ones to all zeros", { 255, 255, 255, 255 }, { 0, 0, 0, 0 }, 65535, 0 },
	{ "halves change places", { 1, 2, 3, 4 }, { 3, 4, 1, 2 }, 258, 513 },
	{ "address and port make up", { 10, 0, 0, 1 }, { 10, 0, 0, 2 }, 81, 80 },
};

static void edge_desc(const struct edge_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(edge, edge_cases, edge_desc);

static struct ov_tuple edge_tuple(const u8 *ip, u16 port)
{
	struct ov_addr addr = t_ip4(ip[0], ip[1], ip[2], ip[3]);

	return (struct ov_tuple){
		.local = addr,
		.remote = addr,
		.lport = htons(port),
		.rport = htons(port),
	};
}

static void rewrite_edges(struct kunit *test)
{
	const struct edge_case *c = test->param_value;
	struct ov_tuple to = edge_tuple(c->to, c->to_port);
	struct sk_buff *skb = packet_alloc(test, 11);
	struct rnd_state rnd;
	struct packet p;
	unsigned int i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < ARRAY_SIZE(summed_cases); i++) {
		packet_random(&p, skb, 11, summed_cases[i].summed, &rnd);
		p.tuple = edge_tuple(c->from, c->from_port);
		p.iph->saddr = ov_addr_ip4(&p.tuple.local);
		p.iph->daddr = ov_addr_ip4(&p.tuple.remote);
		p.th->source = p.tuple.lport;
		p.th->dest = p.tuple.rport;
		packet_check(&p, summed_cases[i].summed);
		packet_translate(&p, &to);
		KUNIT_EXPECT_TRUE_MSG(test, packet_right(&p, &to), "%s",
				      summed_cases[i].name);
	}
	kfree_skb(skb);
}

/* A partial checksum, completed in software after the rewrite. */
static void rewrite_partial_completed(struct kunit *test)
{
	unsigned int i, bad = 0;
	struct rnd_state rnd;

	t_random(test, &rnd);
	for (i = 0; i < 300; i++) {
		unsigned int payload = prandom_u32_state(&rnd) % 1449;
		struct sk_buff *skb = packet_alloc(test, payload);
		struct ov_tuple to = t_random_tuple(&rnd);
		struct packet p;

		packet_random(&p, skb, payload, CHECKSUM_PARTIAL, &rnd);
		packet_translate(&p, &to);
		bad += !!skb_checksum_help(skb);
		bad += skb->ip_summed != CHECKSUM_NONE;
		bad += !packet_right(&p, &to);
		kfree_skb(skb);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
}

/* Whether each segment of a list is right by itself; they are freed. */
static unsigned int segments_wrong(struct sk_buff *segs,
				   const struct ov_tuple *to, unsigned int *n)
{
	struct sk_buff *skb, *next;
	unsigned int bad = 0;

	skb_list_walk_safe(segs, skb, next) {
		struct packet p = {
			.skb = skb,
			.iph = ip_hdr(skb),
			.th = tcp_hdr(skb),
			.len = skb->len - ETH_HLEN - sizeof(struct iphdr),
		};

		bad += skb->ip_summed == CHECKSUM_PARTIAL ||
		       !packet_right(&p, to);
		(*n)++;
		kfree_skb(skb);
	}
	return bad;
}

static void rewrite_gso(struct kunit *test)
{
	const unsigned int payload = 4001, mss = 1000;
	struct sk_buff *skb = packet_alloc(test, payload), *segs;
	struct rnd_state rnd;
	struct ov_tuple to;
	unsigned int n = 0;
	struct packet p;

	t_random(test, &rnd);
	to = t_random_tuple(&rnd);
	packet_random(&p, skb, payload, CHECKSUM_PARTIAL, &rnd);
	p.iph->frag_off = htons(IP_DF);
	p.th->syn = 0;
	p.th->rst = 0;
	packet_check(&p, CHECKSUM_PARTIAL);
	skb_shinfo(skb)->gso_size = mss;
	skb_shinfo(skb)->gso_segs = 5;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	packet_translate(&p, &to);
	KUNIT_EXPECT_TRUE(test, packet_right(&p, &to));
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, mss);
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
	segs = skb_gso_segment(skb, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR_OR_NULL(segs));
	if (!IS_ERR_OR_NULL(segs))
		KUNIT_EXPECT_EQ(test, segments_wrong(segs, &to, &n), 0);
	KUNIT_EXPECT_EQ(test, n, 5);
	kfree_skb(skb);
}

static void rewrite_df(struct kunit *test)
{
	struct sk_buff *skb = packet_alloc(test, 0);
	unsigned int i, bad = 0;
	struct rnd_state rnd;

	t_random(test, &rnd);
	for (i = 0; i < ROUNDS; i++) {
		struct packet p;

		packet_random(&p, skb, 0, CHECKSUM_NONE, &rnd);
		ov_rewrite_df(p.iph);
		bad += p.iph->frag_off != htons(IP_DF);
		bad += !packet_right(&p, &p.tuple);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	kfree_skb(skb);
}

/* A difference that is wrong anywhere is seen, whatever is to be checked. */
static void rewrite_control(struct kunit *test)
{
	const struct summed_case *c = test->param_value;
	struct sk_buff *skb = packet_alloc(test, 100);
	const __wsum off = (__force __wsum)htonl(0x00010000);
	struct ov_csum_diff diff;
	struct rnd_state rnd;
	struct ov_tuple to;
	struct packet p;

	prandom_seed_state(&rnd, 2);
	to = t_random_tuple(&rnd);
	packet_random(&p, skb, 100, c->summed, &rnd);
	diff = ov_rewrite_diff(&p.tuple, &to);
	packet_rewrite(&p, &to, csum_add(diff.addr, off), diff.port);
	KUNIT_EXPECT_FALSE(test, packet_right(&p, &to));
	/* To a partial checksum alone the ports mean nothing. */
	packet_random(&p, skb, 100, c->summed, &rnd);
	diff = ov_rewrite_diff(&p.tuple, &to);
	packet_rewrite(&p, &to, diff.addr, csum_add(diff.port, off));
	KUNIT_EXPECT_EQ(test, packet_right(&p, &to),
			c->summed == CHECKSUM_PARTIAL);
	packet_random(&p, skb, 100, c->summed, &rnd);
	packet_translate(&p, &to);
	to.lport ^= htons(1);
	KUNIT_EXPECT_FALSE(test, packet_right(&p, &to));
	kfree_skb(skb);
}

static struct kunit_case rewrite_cases[] = {
	KUNIT_CASE_PARAM(rewrite_random, summed_gen_params),
	KUNIT_CASE_PARAM(rewrite_back, summed_gen_params),
	KUNIT_CASE_PARAM(rewrite_edges, edge_gen_params),
	KUNIT_CASE(rewrite_partial_completed),
	KUNIT_CASE(rewrite_gso),
	KUNIT_CASE(rewrite_df),
	KUNIT_CASE_PARAM(rewrite_control, summed_gen_params),
	{}
};

static struct kunit_suite rewrite_suite = {
	.name = "overlay_rewrite",
	.test_cases = rewrite_cases,
};

kunit_test_suite(rewrite_suite);
