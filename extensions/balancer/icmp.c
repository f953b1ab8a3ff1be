// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors about translated packets: each end must be told of the packet that
 * it sent, or path-MTU discovery fails. The quoted packet's header is rewritten
 * and with it the error's checksum; the quoted TCP or UDP checksum, which nobody
 * looks at, stays.
 */
#include "balancer.h"

#define ICMP_CSUM	2	/* offset in the ICMP header */
#define IP4_CSUM	10	/* offsets in the IP header */
#define IP4_SRC		12
#define IP6_SRC		8

/* The quoted packet. */
struct quoted {
	struct balancer_flow flow;
	u32 off;
	u32 l4_off;
};

/*
 * Headers between that of IPv6 and the ports are not walked here: no such packet is translated
 * often.
 */
static bool quoted_read(ext_pkt pkt, const struct balancer_pkt *p, struct quoted *q)
{
	struct ext_udp ports;
	struct ext_ip4 ip4;
	struct ext_ip6 ip6;

	memset(q, 0, sizeof(*q));
	q->off = p->info.l4_off + sizeof(struct ext_icmp);
	q->flow.family = p->flow.family;
	if (p->flow.family == 4) {
		if (!ext_pkt_load(pkt, q->off, &ip4, sizeof(ip4)) || (ip4.version_ihl & 15) < 5)
			return false;
		memcpy(q->flow.src, &ip4.src, 4);
		memcpy(q->flow.dst, &ip4.dst, 4);
		q->flow.proto = ip4.proto;
		q->l4_off = q->off + (ip4.version_ihl & 15) * 4;
	} else {
		if (!ext_pkt_load(pkt, q->off, &ip6, sizeof(ip6)))
			return false;
		memcpy(q->flow.src, ip6.src, 16);
		memcpy(q->flow.dst, ip6.dst, 16);
		q->flow.proto = ip6.next;
		q->l4_off = q->off + sizeof(ip6);
	}
	if (q->flow.proto != EXT_PROTO_TCP && q->flow.proto != EXT_PROTO_UDP)
		return false;
	if (!ext_pkt_load(pkt, q->l4_off, &ports, sizeof(ports)))
		return false;
	q->flow.sport = ports.sport;
	q->flow.dport = ports.dport;
	return true;
}

/* Four bytes at @off become @to, and the checksum at @csum knows. */
static bool word_set(ext_pkt pkt, u32 off, be32 to, u32 csum)
{
	be32 from;

	return ext_pkt_load(pkt, off, &from, sizeof(from)) &&
	       ext_pkt_store(pkt, off, &to, sizeof(to)) &&
	       ext_pkt_csum_replace(pkt, csum, from, to, false);
}

/*
 * IPv4: the header's own checksum makes up for the address, so that the error's sum stays as it is.
 */
static bool addr_set(ext_pkt pkt, const struct quoted *q, bool dest, const u64 addr[2], u32 csum)
{
	be32 words[4];
	u32 i, off;

	memcpy(words, addr, sizeof(words));
	if (q->flow.family == 4)
		return word_set(pkt, q->off + IP4_SRC + (dest ? 4 : 0), words[0],
				q->off + IP4_CSUM);
	off = q->off + IP6_SRC + (dest ? 16 : 0);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!word_set(pkt, off + i * 4, words[i], csum))
			return false;
	}
	return true;
}

static bool port_set(ext_pkt pkt, const struct quoted *q, bool dest, be16 port, u32 csum)
{
	be16 ports[2] = { q->flow.sport, q->flow.dport };
	be32 to;

	ports[dest ? 1 : 0] = port;
	memcpy(&to, ports, sizeof(to));
	return word_set(pkt, q->l4_off, to, csum);
}

static bool quoted_set(ext_pkt pkt, const struct balancer_pkt *p, const struct quoted *q, bool dest,
		       const u64 addr[2], be16 port)
{
	u32 csum = p->info.l4_off + ICMP_CSUM;

	return addr_set(pkt, q, dest, addr, csum) && port_set(pkt, q, dest, port, csum);
}

/* To a service, about an answer of its backend's: the backend must hear it. */
enum balancer_icmp balancer_icmp_in(ext_pkt pkt, const struct balancer_plan *plan,
				    const struct balancer_pkt *p)
{
	const struct balancer_backend *b;
	struct balancer_flow flow;
	struct quoted q;
	u32 service;

	if (!quoted_read(pkt, p, &q) || q.flow.src[0] != p->flow.dst[0] ||
	    q.flow.src[1] != p->flow.dst[1])
		return BALANCER_ICMP_OTHER;
	flow = q.flow;
	balancer_flow_turn(&flow);
	service = balancer_service_find(plan, &flow);
	if (service >= BALANCER_SERVICES)
		return BALANCER_ICMP_OTHER;
	b = balancer_conn_backend(plan, service, &flow);
	if (!b)
		return BALANCER_ICMP_OTHER;
	if (!quoted_set(pkt, p, &q, false, b->addr, b->port) ||
	    !ext_pkt_set_addr(pkt, true, b->addr, p->flow.family == 4 ? 4 : 16))
		return BALANCER_ICMP_FAILED;
	return BALANCER_ICMP_DONE;
}

/* To a client, about a packet that it sent to the service and that went on to a backend. */
enum balancer_icmp balancer_icmp_out(ext_pkt pkt, const struct balancer_plan *plan,
				     const struct balancer_pkt *p)
{
	const struct balancer_service *s;
	struct balancer_flow flow;
	struct quoted q;
	bool backend;

	if (!quoted_read(pkt, p, &q) || q.flow.src[0] != p->flow.dst[0] ||
	    q.flow.src[1] != p->flow.dst[1])
		return BALANCER_ICMP_OTHER;
	flow = q.flow;
	balancer_flow_turn(&flow);
	s = balancer_conn_answer(plan, &flow);
	if (!s)
		return BALANCER_ICMP_OTHER;
	/* From the backend itself; else from a router on the way, which keeps its name. */
	backend = p->flow.src[0] == flow.src[0] && p->flow.src[1] == flow.src[1];
	if (!quoted_set(pkt, p, &q, true, s->addr, s->port) ||
	    (backend && !ext_pkt_set_addr(pkt, false, s->addr, p->flow.family == 4 ? 4 : 16)))
		return BALANCER_ICMP_FAILED;
	return BALANCER_ICMP_DONE;
}
