// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a packet is to a balancer.
 */
#include "balancer.h"

static bool addrs_read(ext_pkt pkt, u8 family, struct balancer_flow *flow)
{
	const struct ext_ip4 *ip4;
	const struct ext_ip6 *ip6;

	memset(flow, 0, sizeof(*flow));
	flow->family = family;
	if (family == 4) {
		ip4 = ext_header(pkt, 0, sizeof(*ip4));
		if (!ip4)
			return false;
		memcpy(flow->src, &ip4->src, 4);
		memcpy(flow->dst, &ip4->dst, 4);
		return true;
	}
	ip6 = ext_header(pkt, 0, sizeof(*ip6));
	if (!ip6)
		return false;
	memcpy(flow->src, ip6->src, 16);
	memcpy(flow->dst, ip6->dst, 16);
	return true;
}

static bool ports_read(ext_pkt pkt, struct balancer_pkt *p)
{
	const struct ext_tcp *tcp;
	const struct ext_udp *udp;

	if (p->flow.proto == EXT_PROTO_TCP) {
		tcp = ext_header(pkt, p->info.l4_off, sizeof(*tcp));
		if (!tcp)
			return false;
		p->flow.sport = tcp->sport;
		p->flow.dport = tcp->dport;
		p->tcp_flags = tcp->flags;
		return true;
	}
	udp = ext_header(pkt, p->info.l4_off, sizeof(*udp));
	if (!udp)
		return false;
	p->flow.sport = udp->sport;
	p->flow.dport = udp->dport;
	return true;
}

/* ICMP: destination unreachable, time exceeded, parameter problem; ICMPv6: all errors. */
static bool is_error(ext_pkt pkt, const struct balancer_pkt *p)
{
	const struct ext_icmp *icmp = ext_header(pkt, p->info.l4_off, sizeof(*icmp));

	if (!icmp)
		return false;
	return p->flow.family == 4 ? icmp->type == 3 || icmp->type == 11 || icmp->type == 12 :
				     icmp->type < 128;
}

/**
 * balancer_packet_read() - what a packet is
 * @pkt: the packet
 * @p: filled
 */
enum balancer_read balancer_packet_read(ext_pkt pkt, struct balancer_pkt *p)
{
	p->tcp_flags = 0;
	ext_pkt_info(pkt, &p->info);
	if ((p->info.family != 4 && p->info.family != 6) ||
	    !addrs_read(pkt, p->info.family, &p->flow))
		return BALANCER_READ_OTHER;
	p->flow.proto = p->info.l4_proto;
	if (unlikely(p->info.frag_off || p->info.more_frags))
		return BALANCER_READ_FRAGMENT;
	if (!p->info.l4_off)
		return BALANCER_READ_OTHER;
	if (p->flow.proto == EXT_PROTO_TCP || p->flow.proto == EXT_PROTO_UDP)
		return ports_read(pkt, p) ? BALANCER_READ_FLOW : BALANCER_READ_OTHER;
	if (p->flow.proto == (p->flow.family == 4 ? EXT_PROTO_ICMP : EXT_PROTO_ICMP6) &&
	    is_error(pkt, p))
		return BALANCER_READ_ICMP;
	return BALANCER_READ_OTHER;
}

void balancer_flow_turn(struct balancer_flow *flow)
{
	struct balancer_flow old = *flow;

	flow->src[0] = old.dst[0];
	flow->src[1] = old.dst[1];
	flow->dst[0] = old.src[0];
	flow->dst[1] = old.src[1];
	flow->sport = old.dport;
	flow->dport = old.sport;
}
