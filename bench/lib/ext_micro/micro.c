// SPDX-License-Identifier: GPL-2.0-only
/*
 * Micro cases for bench/ext: a table of flows of its own, a checksum over the
 * packet, a walk over a list.
 */
#include <ashlar/ext.h>

#define SLOTS	4096
#define PROBES	8
#define NODES	64

struct slot {
	be32 src;
	be32 dst;
	be16 sport;
	be16 dport;
	u32 used;
	u64 packets;
};

struct node {
	struct node *next;
	u64 value;
};

struct micro {
	struct slot *slots;
	struct node *list;
	u64 sum;
};

EXTENSION("micro", "1", 1, struct micro);

static s32 start(void)
{
	struct micro *m = ext_state(struct micro);
	struct node *node;
	u32 i;

	m->slots = ext_alloc_array(SLOTS, sizeof(*m->slots));
	if (!m->slots)
		return -EXT_ENOMEM;
	for (i = 0; i < NODES; i++) {
		node = ext_alloc(sizeof(*node));
		if (!node)
			return -EXT_ENOMEM;
		node->value = i;
		node->next = m->list;
		m->list = node;
	}
	return 0;
}
EXT_INIT(start);

static enum ext_verdict flow(ext_pkt pkt)
{
	struct micro *m = ext_state(struct micro);
	const struct ext_ip4 *ip = ext_span(pkt, 0, sizeof(*ip));
	const struct ext_udp *udp = ext_span(pkt, sizeof(*ip), sizeof(*udp));
	struct slot *s;
	u32 hash, i;

	if (!ip || !udp)
		return EXT_DROP;
	hash = ext_cpu32(ip->src) * 0x9e3779b1U ^ ext_cpu32(ip->dst) ^
	       ext_cpu16(udp->sport) * 0x85ebca6bU;
	hash ^= hash >> 15;
	for (i = 0; i < PROBES; i++) {
		s = &m->slots[(hash + i) % SLOTS];
		if (!s->used) {
			s->src = ip->src;
			s->dst = ip->dst;
			s->sport = udp->sport;
			s->dport = udp->dport;
			s->used = 1;
		} else if (s->src != ip->src || s->dst != ip->dst || s->sport != udp->sport ||
			   s->dport != udp->dport) {
			continue;
		}
		s->packets++;
		return EXT_ACCEPT;
	}
	return EXT_DROP;
}
EXT_HOOK(flow);

static enum ext_verdict checksum(ext_pkt pkt)
{
	struct micro *m = ext_state(struct micro);
	u32 len = min(__ext_pkt_linear(pkt), 1500U) & ~1U, i;
	const u8 *at = ext_span(pkt, 0, len);
	u64 sum = 0;

	if (!at)
		return EXT_DROP;
	for (i = 0; i < len; i += 2)
		sum += at[i] << 8 | at[i + 1];
	m->sum = sum;
	return EXT_ACCEPT;
}
EXT_HOOK(checksum);

static enum ext_verdict list(ext_pkt pkt)
{
	struct micro *m = ext_state(struct micro);
	const struct node *node;
	u64 sum = 0;

	(void)pkt;
	for (node = m->list; node; node = node->next)
		sum += node->value;
	m->sum = sum;
	return EXT_ACCEPT;
}
EXT_HOOK(list);
