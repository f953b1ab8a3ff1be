// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments. The first one has the ports and is judged as any packet; the others
 * go as it went, and not at all if it has not come by. (Where connection tracking
 * of the kernel is on, it puts fragments together before they come here.)
 */
#include "filter.h"

/* A fragment that begins before this could overwrite what was judged. */
#define FIRST_MIN	24
#define FRAG_S		30

struct frag_key {
	u64 src[2];
	u64 dst[2];
	u32 id;
	u8 proto;	/* IPv4; 0 for IPv6, whose number alone counts */
	u8 family;
	u16 zero;
};

struct frag {
	u64 until;
	u64 accept;
};

EXT_MAP_LRU(frags, struct frag_key, struct frag, FILTER_FRAGS, 1);

static bool key_get(ext_pkt pkt, const struct filter_flow *flow, struct frag_key *key)
{
	struct filter_chain chain;

	if (!filter_chain_walk(pkt, 0, flow->family, &chain))
		return false;
	key->src[0] = flow->src[0];
	key->src[1] = flow->src[1];
	key->dst[0] = flow->dst[0];
	key->dst[1] = flow->dst[1];
	key->id = chain.id;
	key->proto = flow->family == 4 ? flow->proto : 0;
	key->family = flow->family;
	key->zero = 0;
	return true;
}

/* The first fragment got @verdict: so will the others. */
void filter_frag_note(ext_pkt pkt, const struct filter_pkt *p, enum ext_verdict verdict, u64 now)
{
	struct frag_key key;
	struct frag *frag;

	if (!key_get(pkt, &p->flow, &key))
		return;
	frag = frags_insert(&key);
	if (!frag)
		return;
	frag->accept = verdict == EXT_ACCEPT;
	frag->until = now + FRAG_S * FILTER_S;
}

/* A fragment behind the first. */
enum ext_verdict filter_frag_judge(ext_pkt pkt, const struct filter_pkt *p, u64 now)
{
	struct frag_key key;
	struct frag *frag;

	if (p->info.frag_off < FIRST_MIN || !key_get(pkt, &p->flow, &key))
		return EXT_DROP;
	frag = frags_lookup(&key);
	return frag && frag->accept && now < frag->until ? EXT_ACCEPT : EXT_DROP;
}
