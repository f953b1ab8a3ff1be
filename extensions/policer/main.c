// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policer's entries. README.md is for those who run it.
 */
#include "policer.h"

EXTENSION("policer", "1.0", 1, struct policer_state);

EXT_MAP_COUNTER(counts, POLICER_N_MAX);
/* Of each rate: packets and bytes within, packets and bytes over. */
EXT_MAP_COUNTER(rate_counts, POLICER_RATES * 4);

static enum ext_verdict leave(enum policer_count why, enum ext_verdict verdict)
{
	ext_map_add(&counts, why, 1);
	return verdict;
}

static bool source_get(ext_pkt pkt, const struct ext_pkt_info *info, struct policer_source *source)
{
	const struct ext_ip4 *ip4;
	const struct ext_ip6 *ip6;

	source->addr[0] = 0;
	source->addr[1] = 0;
	source->family = info->family;
	source->number = 0;
	if (info->family == 4) {
		ip4 = ext_header(pkt, 0, sizeof(*ip4));
		if (!ip4)
			return false;
		memcpy(source->addr, &ip4->src, 4);
	} else {
		ip6 = ext_header(pkt, 0, sizeof(*ip6));
		if (!ip6)
			return false;
		memcpy(source->addr, ip6->src, 16);
	}
	return true;
}

/* Bytes of the headers that each packet cut of a large segment will have. */
static u32 headers(ext_pkt pkt, const struct ext_pkt_info *info)
{
	const struct ext_tcp *tcp;

	if (info->l4_proto != EXT_PROTO_TCP)
		return info->l4_off + sizeof(struct ext_udp);
	tcp = ext_header(pkt, info->l4_off, sizeof(*tcp));
	return info->l4_off + (tcp ? (tcp->doff >> 4) * 4 : sizeof(*tcp));
}

/* What will be on the wire, counted from the network header on. */
static u32 wire_bytes(ext_pkt pkt, const struct ext_pkt_info *info)
{
	u32 head, payload;

	if (likely(!info->gso_size))
		return info->len;
	head = headers(pkt, info);
	if (info->len <= head)
		return info->len;
	payload = info->len - head;
	return payload + (payload + info->gso_size - 1) / info->gso_size * head;
}

static enum ext_verdict over(ext_pkt pkt, const struct policer_class *c)
{
	if (c->action == POLICER_MARK) {
		ext_pkt_set_mark(pkt, c->mark);
		return leave(POLICER_N_MARKED, EXT_ACCEPT);
	}
	return leave(POLICER_N_DROPPED, EXT_DROP);
}

static enum ext_verdict police(ext_pkt pkt)
{
	const struct policer_plan *plan = policer_plan();
	struct policer_source source;
	const struct policer_class *c;
	enum policer_verdict verdict;
	struct ext_pkt_info info;
	u32 bytes, class, at;

	ext_pkt_info(pkt, &info);
	if (info.family != 4 && info.family != 6)
		return leave(POLICER_N_OTHER, EXT_ACCEPT);
	if (!source_get(pkt, &info, &source))
		return leave(POLICER_N_SHORT, EXT_DROP);
	bytes = wire_bytes(pkt, &info);
	verdict = policer_bucket_take(plan, &source, bytes, ext_now(), &class);
	if (class >= POLICER_RATES)
		return leave(POLICER_N_UNLIMITED, EXT_ACCEPT);
	if (verdict == POLICER_UNLIMITED)
		return leave(POLICER_N_FULL, EXT_ACCEPT);
	c = &plan->class[class];
	at = c->number * 4 + (verdict == POLICER_OVER ? 2 : 0);
	ext_map_add(&rate_counts, at, 1);
	ext_map_add(&rate_counts, at + 1, bytes);
	return verdict == POLICER_OVER ? over(pkt, c) : EXT_ACCEPT;
}
EXT_HOOK(police);

/* `ashlar ext request NAME commit`: the map "rates" holds from now on; 4 bytes: how many rates. */
static s32 commit(const void *in, u32 len, void *out, u32 room)
{
	s32 count = policer_rates_compile();

	(void)in;
	(void)len;
	if (count < 0)
		return count;
	if (room < sizeof(count))
		return -EXT_EMSGSIZE;
	memcpy(out, &count, sizeof(count));
	return sizeof(count);
}
EXT_REQUEST(commit);

/* The maps are older than the instance: what they hold is in force from the first packet on. */
static s32 start(void)
{
	s32 count = policer_rates_compile();

	return count < 0 ? count : 0;
}
EXT_INIT(start);
