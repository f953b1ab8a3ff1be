// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a packet's headers say. Whatever is read here was written by somebody
 * who may be lying: lengths are compared before they are believed.
 */
#include "filter.h"

#define PROTO_SCTP	132
#define PROTO_UDPLITE	136

static bool has_ports(u8 proto)
{
	return proto == EXT_PROTO_TCP || proto == EXT_PROTO_UDP || proto == PROTO_SCTP ||
	       proto == PROTO_UDPLITE;
}

/*
 * The addresses of the header at @off, which need not be the packet's own; the rest of @flow is
 * cleared.
 */
bool filter_addrs_read(ext_pkt pkt, u32 off, u8 family, struct filter_flow *flow)
{
	const struct ext_ip4 *ip4;
	const struct ext_ip6 *ip6;

	memset(flow, 0, sizeof(*flow));
	flow->family = family;
	if (family == 4) {
		ip4 = ext_header(pkt, off, sizeof(*ip4));
		if (!ip4)
			return false;
		memcpy(flow->src, &ip4->src, 4);
		memcpy(flow->dst, &ip4->dst, 4);
		return true;
	}
	ip6 = ext_header(pkt, off, sizeof(*ip6));
	if (!ip6)
		return false;
	memcpy(flow->src, ip6->src, 16);
	memcpy(flow->dst, ip6->dst, 16);
	return true;
}

static bool tcp_read(ext_pkt pkt, struct filter_pkt *p)
{
	const struct ext_tcp *tcp = ext_header(pkt, p->info.l4_off, sizeof(*tcp));
	u32 len;

	if (!tcp)
		return false;
	len = (tcp->doff >> 4) * 4;
	if (len < sizeof(*tcp) || p->info.l4_off + len > p->info.len)
		return false;
	p->flow.sport = tcp->sport;
	p->flow.dport = tcp->dport;
	p->tcp_flags = tcp->flags;
	return true;
}

static bool icmp_read(ext_pkt pkt, struct filter_pkt *p)
{
	const struct ext_icmp *icmp = ext_header(pkt, p->info.l4_off, sizeof(*icmp));

	if (!icmp)
		return false;
	p->type = icmp->type << 8 | icmp->code;
	if (filter_icmp_query(p->flow.family, icmp->type)) {
		p->flow.sport = icmp->id;
		p->flow.dport = icmp->id;
	}
	return true;
}

static bool ports_read(ext_pkt pkt, u32 off, struct filter_flow *flow)
{
	const struct ext_udp *udp = ext_header(pkt, off, sizeof(*udp));

	if (!udp)
		return false;
	flow->sport = udp->sport;
	flow->dport = udp->dport;
	return true;
}

/**
 * filter_packet_read() - what a packet is
 * @pkt: the packet
 * @p: filled; of a fragment behind the first, without ports
 */
enum filter_read filter_packet_read(ext_pkt pkt, struct filter_pkt *p)
{
	bool good = true;

	p->type = 0;
	p->tcp_flags = 0;
	ext_pkt_info(pkt, &p->info);
	if (p->info.family != 4 && p->info.family != 6)
		return FILTER_READ_OTHER;
	if (!filter_addrs_read(pkt, 0, p->info.family, &p->flow))
		return FILTER_READ_MALFORMED;
	p->flow.proto = p->info.l4_proto;
	if (p->info.frag_off)
		return FILTER_READ_OK;
	if (!p->info.l4_off)
		return FILTER_READ_MALFORMED;
	if (p->flow.proto == EXT_PROTO_TCP)
		good = tcp_read(pkt, p);
	else if (filter_icmp(&p->flow))
		good = icmp_read(pkt, p);
	else if (has_ports(p->flow.proto))
		good = ports_read(pkt, p->info.l4_off, &p->flow);
	return good ? FILTER_READ_OK : FILTER_READ_MALFORMED;
}

/**
 * filter_quoted_read() - the flow of the packet that an ICMP error quotes
 * @pkt: the error
 * @off: of the quoted packet
 * @flow: filled, in the quoted packet's direction
 *
 * Return: whether it could be told.
 */
bool filter_quoted_read(ext_pkt pkt, u32 off, u8 family, struct filter_flow *flow)
{
	struct filter_chain chain;
	struct ext_icmp icmp;

	if (!filter_chain_walk(pkt, off, family, &chain) || chain.frag_off)
		return false;
	if (!filter_addrs_read(pkt, off, family, flow))
		return false;
	flow->proto = chain.proto;
	if (has_ports(flow->proto))
		return ports_read(pkt, chain.off, flow);
	if (!filter_icmp(flow))
		return true;
	if (!ext_pkt_load(pkt, chain.off, &icmp, sizeof(icmp)) ||
	    !filter_icmp_query(family, icmp.type))
		return false;
	flow->sport = icmp.id;
	flow->dport = icmp.id;
	return true;
}

void filter_flow_turn(struct filter_flow *flow)
{
	struct filter_flow old = *flow;

	flow->src[0] = old.dst[0];
	flow->src[1] = old.dst[1];
	flow->dst[0] = old.src[0];
	flow->dst[1] = old.src[1];
	flow->sport = old.dport;
	flow->dport = old.sport;
}

/* Any order will do that both directions agree on. */
static bool source_first(const struct filter_flow *f)
{
	if (f->src[0] != f->dst[0])
		return f->src[0] < f->dst[0];
	if (f->src[1] != f->dst[1])
		return f->src[1] < f->dst[1];
	return ext_cpu16(f->sport) <= ext_cpu16(f->dport);
}

/* Return: whether the source is the second end of @key. */
bool filter_flow_key(const struct filter_flow *flow, struct filter_key *key)
{
	bool first = source_first(flow);
	u32 src = first ? 0 : 1;

	key->addr[0] = first ? flow->src[0] : flow->dst[0];
	key->addr[1] = first ? flow->src[1] : flow->dst[1];
	key->addr[2] = first ? flow->dst[0] : flow->src[0];
	key->addr[3] = first ? flow->dst[1] : flow->src[1];
	key->port[src] = flow->sport;
	key->port[1 - src] = flow->dport;
	key->proto = flow->proto;
	key->family = flow->family;
	key->zero = 0;
	return !first;
}
