// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header chain of a packet that the shim has not walked: one that an ICMP
 * error quotes, or a fragment whose number is wanted.
 */
#include "filter.h"

#define NEXT_HOP_BY_HOP		0
#define NEXT_ROUTING		43
#define NEXT_FRAGMENT		44
#define NEXT_DESTINATION	60
#define HEADERS_MAX		8

#define FRAG4_OFFSET		0x1fff
#define FRAG6_OFFSET		0xfff8

struct frag6 {
	u8 next;
	u8 reserved;
	be16 offset;
	be32 id;
};

static bool walk4(ext_pkt pkt, u32 off, struct filter_chain *chain)
{
	struct ext_ip4 ip;

	if (!ext_pkt_load(pkt, off, &ip, sizeof(ip)) || ip.version_ihl >> 4 != 4 ||
	    (ip.version_ihl & 15) < 5)
		return false;
	chain->off = off + (ip.version_ihl & 15) * 4;
	chain->id = ext_cpu16(ip.id);
	chain->frag_off = (ext_cpu16(ip.frag) & FRAG4_OFFSET) * 8;
	chain->proto = ip.proto;
	return true;
}

/* A header with its length in it. */
static bool skip(ext_pkt pkt, struct filter_chain *chain)
{
	u8 head[2];

	if (!ext_pkt_load(pkt, chain->off, head, sizeof(head)))
		return false;
	chain->proto = head[0];
	chain->off += (head[1] + 1) * 8;
	return true;
}

static bool skip_fragment(ext_pkt pkt, struct filter_chain *chain)
{
	struct frag6 frag;

	if (!ext_pkt_load(pkt, chain->off, &frag, sizeof(frag)))
		return false;
	chain->proto = frag.next;
	chain->off += sizeof(frag);
	chain->id = ext_cpu32(frag.id);
	chain->frag_off = ext_cpu16(frag.offset) & FRAG6_OFFSET;
	return true;
}

static bool walk6(ext_pkt pkt, u32 off, struct filter_chain *chain)
{
	struct ext_ip6 ip;
	u32 i;

	if (!ext_pkt_load(pkt, off, &ip, sizeof(ip)) || ext_cpu32(ip.version_class_flow) >> 28 != 6)
		return false;
	chain->off = off + sizeof(ip);
	chain->proto = ip.next;
	for (i = 0; i < HEADERS_MAX; i++) {
		switch (chain->proto) {
		case NEXT_HOP_BY_HOP:
		case NEXT_ROUTING:
		case NEXT_DESTINATION:
			if (!skip(pkt, chain))
				return false;
			break;
		case NEXT_FRAGMENT:
			if (!skip_fragment(pkt, chain))
				return false;
			/* What follows in a later fragment is no header. */
			if (chain->frag_off)
				return true;
			break;
		default:
			return true;
		}
	}
	return false;
}

/**
 * filter_chain_walk() - find the upper protocol of an IP packet
 * @pkt: the packet
 * @off: of the IP header
 * @family: of it
 * @chain: filled
 *
 * Return: whether the chain is whole.
 */
bool filter_chain_walk(ext_pkt pkt, u32 off, u8 family, struct filter_chain *chain)
{
	memset(chain, 0, sizeof(*chain));
	return family == 4 ? walk4(pkt, off, chain) : walk6(pkt, off, chain);
}
