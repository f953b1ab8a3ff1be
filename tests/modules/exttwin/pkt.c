// SPDX-License-Identifier: GPL-2.0-only
/* Packets: what the shim's call_pkt.c and call_rewrite.c do, without its checks. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "twin.h"

#define CHAIN_MAX	16

/* As in ext.h. */
struct twin_info {
	u32 len, linear, in_ifindex, out_ifindex, mark, hash;
	__be16 proto;
	u8 family, l4_proto;
	u16 l4_off, gso_size, frag_off;
	u8 more_frags, hook;
};

struct layers {
	u8 family;
	u8 proto;
	bool more_frags;
	u16 l4_off;
	u16 frag_off;
};

static struct twin_pkt *pkt_of(u64 pkt)
{
	return (struct twin_pkt *)pkt;
}

static void lend(struct twin_pkt *p, bool write)
{
	p->data = p->skb->data;
	p->linear = skb_headlen(p->skb);
	p->writable = write;
}

static void layers4(const struct sk_buff *skb, struct layers *l)
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

static void layers6(const struct sk_buff *skb, struct layers *l)
{
	const struct ipv6hdr *ip6h;
	const struct frag_hdr *fh;
	struct ipv6hdr buf;
	struct frag_hdr ext;
	u32 off = sizeof(buf), n;
	u8 next;

	ip6h = skb_header_pointer(skb, 0, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return;
	l->family = 6;
	next = ip6h->nexthdr;
	for (n = 0; unlikely(ipv6_ext_hdr(next)); n++) {
		fh = skb_header_pointer(skb, off, sizeof(ext), &ext);
		if (next == NEXTHDR_NONE || n == CHAIN_MAX || !fh)
			return;
		if (next == NEXTHDR_FRAGMENT) {
			l->more_frags = fh->frag_off & htons(IP6_MF);
			l->frag_off = ntohs(fh->frag_off) & IP6_OFFSET;
			off += sizeof(*fh);
		} else if (next == NEXTHDR_AUTH) {
			off += ipv6_authlen((const struct ipv6_opt_hdr *)fh);
		} else {
			off += ipv6_optlen((const struct ipv6_opt_hdr *)fh);
		}
		next = fh->nexthdr;
		if (off > skb->len || off > U16_MAX)
			return;
		if (l->frag_off)
			break;
	}
	l->proto = next;
	if (!l->frag_off)
		l->l4_off = off;
}

static void layers_get(const struct sk_buff *skb, struct layers *l)
{
	memset(l, 0, sizeof(*l));
	if (skb->protocol == htons(ETH_P_IP))
		layers4(skb, l);
	else if (skb->protocol == htons(ETH_P_IPV6))
		layers6(skb, l);
}

void ashlar_ext_pkt_info(u64 pkt, struct twin_info *info)
{
	const struct nf_hook_state *state = pkt_of(pkt)->state;
	const struct sk_buff *skb = pkt_of(pkt)->skb;
	struct layers l;

	layers_get(skb, &l);
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
	info->hook = state->hook;
}

bool ashlar_ext_pkt_pull(u64 pkt, u32 len)
{
	bool done = pskb_may_pull(pkt_of(pkt)->skb, len);

	lend(pkt_of(pkt), false);
	return done;
}

bool ashlar_ext_pkt_load(u64 pkt, u32 off, void *to, u32 len)
{
	const struct sk_buff *skb = pkt_of(pkt)->skb;

	return off <= skb->len && len <= skb->len - off && !skb_copy_bits(skb, off, to, len);
}

static bool own(struct sk_buff *skb, u32 len)
{
	return !skb_ensure_writable(skb, max(len, skb_headlen(skb)));
}

bool ashlar_ext_pkt_store(u64 pkt, u32 off, const void *from, u32 len)
{
	struct sk_buff *skb = pkt_of(pkt)->skb;
	bool done = off <= skb->len && len <= skb->len - off && own(skb, off + len);

	if (done)
		memcpy(skb->data + off, from, len);
	lend(pkt_of(pkt), done);
	return done;
}

void ashlar_ext_pkt_set_mark(u64 pkt, u32 mark)
{
	pkt_of(pkt)->skb->mark = mark;
}

/* Of TCP, UDP and ICMPv6. */
static __sum16 *l4_sum(struct sk_buff *skb, const struct layers *l)
{
	u8 *l4 = skb->data + l->l4_off;

	switch (l->proto) {
	case IPPROTO_TCP:
		return &((struct tcphdr *)l4)->check;
	case IPPROTO_UDP:
		return ((struct udphdr *)l4)->check ? &((struct udphdr *)l4)->check : NULL;
	case IPPROTO_ICMPV6:
		return (__sum16 *)(l4 + 2);
	}
	return NULL;
}

static u32 l4_need(const struct layers *l)
{
	return l->l4_off +
	       (l->proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr));
}

static bool set_addr(struct sk_buff *skb, bool dest, const u8 *addr, u32 len)
{
	u32 at = len == 4 ? offsetof(struct iphdr, saddr) : offsetof(struct ipv6hdr, saddr), i;
	struct layers l;
	__sum16 *sum;
	__be32 *from;

	layers_get(skb, &l);
	if (!l.l4_off || len != (l.family == 4 ? 4 : 16) || l4_need(&l) > skb->len ||
	    !own(skb, l4_need(&l)))
		return false;
	skb_clear_hash(skb);
	sum = l4_sum(skb, &l);
	from = (__be32 *)(skb->data + at + (dest ? len : 0));
	for (i = 0; i < len / 4; i++) {
		__be32 to;

		memcpy(&to, addr + i * 4, sizeof(to));
		if (sum)
			inet_proto_csum_replace4(sum, skb, from[i], to, true);
		if (len == 4)
			csum_replace4(&ip_hdr(skb)->check, from[i], to);
		from[i] = to;
	}
	return true;
}

bool ashlar_ext_pkt_set_addr(u64 pkt, bool dest, const void *addr, u32 len)
{
	bool done = set_addr(pkt_of(pkt)->skb, dest, addr, len);

	lend(pkt_of(pkt), done);
	return done;
}

static bool set_port(struct sk_buff *skb, bool dest, __be16 port)
{
	struct layers l;
	__sum16 *sum;
	__be16 *at;

	layers_get(skb, &l);
	if (!l.l4_off || (l.proto != IPPROTO_TCP && l.proto != IPPROTO_UDP) ||
	    !own(skb, l4_need(&l)))
		return false;
	skb_clear_hash(skb);
	sum = l4_sum(skb, &l);
	at = (__be16 *)(skb->data + l.l4_off) + dest;
	if (sum)
		inet_proto_csum_replace2(sum, skb, *at, port, false);
	*at = port;
	return true;
}

bool ashlar_ext_pkt_set_port(u64 pkt, bool dest, __be16 port)
{
	bool done = set_port(pkt_of(pkt)->skb, dest, port);

	lend(pkt_of(pkt), done);
	return done;
}

bool ashlar_ext_pkt_csum_replace(u64 pkt, u32 off, __be32 from, __be32 to, bool pseudo)
{
	struct sk_buff *skb = pkt_of(pkt)->skb;
	bool done = off + 2 <= skb->len && own(skb, off + 2);

	if (done)
		inet_proto_csum_replace4((__sum16 *)(skb->data + off), skb, from, to, pseudo);
	lend(pkt_of(pkt), done);
	return done;
}
