// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter's entries, and who is asked in which order: the connection a packet
 * belongs to, then the rules. README.md is for those who run it.
 */
#include "filter.h"

EXTENSION("filter", "1.0", 1, struct filter_state);

EXT_MAP_COUNTER(counts, FILTER_N_MAX);

static enum ext_verdict leave(enum filter_count why)
{
	ext_map_add(&counts, why, 1);
	return why < FILTER_N_DENIED ? EXT_ACCEPT : EXT_DROP;
}

/* May this packet begin a connection at all? */
static bool may_open(const struct filter_plan *plan, const struct filter_pkt *p)
{
	if (p->flow.proto != EXT_PROTO_TCP)
		return !filter_icmp_answer(p);
	if (filter_tcp_next(FILTER_TCP_NONE, false, p->tcp_flags) == FILTER_TCP_SYN_SENT)
		return true;
	return plan->loose && filter_tcp_next(FILTER_TCP_ESTABLISHED, false, p->tcp_flags) ==
				      FILTER_TCP_ESTABLISHED;
}

static enum ext_verdict open(const struct filter_plan *plan, const struct filter_pkt *p, u64 now)
{
	bool accept;
	u32 rule;

	if (!may_open(plan, p))
		return leave(FILTER_N_INVALID);
	rule = filter_rules_judge(plan, p, false, &accept);
	filter_rule_count(rule);
	if (!accept)
		return leave(FILTER_N_DENIED);
	return leave(filter_conn_open(plan, p, rule, now) ? FILTER_N_NEW : FILTER_N_FULL);
}

/* The rules have changed since the connection was allowed. */
static noinline bool judge_again(const struct filter_plan *plan, const struct filter_pkt *p,
				 struct filter_conn *conn)
{
	bool accept;
	u32 rule;

	rule = filter_rules_judge(plan, p, filter_conn_reply(p, conn), &accept);
	if (!accept) {
		filter_conn_drop(&p->flow);
		return false;
	}
	conn->rule = rule;
	conn->gen = plan->gen;
	return true;
}

static enum ext_verdict known(const struct filter_plan *plan, const struct filter_pkt *p,
			      struct filter_conn *conn)
{
	if (unlikely(conn->gen != plan->gen) && !judge_again(plan, p, conn))
		return leave(FILTER_N_REVOKED);
	return leave(FILTER_N_KNOWN);
}

static enum ext_verdict judge(ext_pkt pkt, const struct filter_plan *plan,
			      const struct filter_pkt *p, u64 now)
{
	struct filter_conn *conn = NULL;

	if (filter_icmp(&p->flow)) {
		switch (filter_icmp_kind(pkt, p)) {
		case FILTER_ICMP_ERROR:
			return leave(filter_icmp_related(pkt, plan, p, now) ? FILTER_N_RELATED :
				     FILTER_N_UNRELATED);
		case FILTER_ICMP_NEIGHBOUR:
			return leave(FILTER_N_NEIGHBOUR);
		default:
			break;
		}
	}
	switch (filter_conn_find(plan, p, now, &conn)) {
	case FILTER_FOUND_KNOWN:
		return known(plan, p, conn);
	case FILTER_FOUND_INVALID:
		return leave(FILTER_N_INVALID);
	default:
		return open(plan, p, now);
	}
}

static enum ext_verdict filter(ext_pkt pkt)
{
	const struct filter_plan *plan = filter_plan();
	enum ext_verdict verdict;
	struct filter_pkt p;
	u64 now = ext_now();

	switch (filter_packet_read(pkt, &p)) {
	case FILTER_READ_OTHER:
		return leave(FILTER_N_OTHER);
	case FILTER_READ_MALFORMED:
		return leave(FILTER_N_MALFORMED);
	default:
		break;
	}
	if (unlikely(p.info.frag_off)) {
		verdict = filter_frag_judge(pkt, &p, now);
		return leave(verdict == EXT_ACCEPT ? FILTER_N_FRAGMENT : FILTER_N_LOST_FRAGMENT);
	}
	verdict = judge(pkt, plan, &p, now);
	if (unlikely(p.info.more_frags))
		filter_frag_note(pkt, &p, verdict, now);
	return verdict;
}
EXT_HOOK(filter);

/* `ashlar ext request NAME commit`: the maps hold from now on; 4 bytes: how many rules. */
static s32 commit(const void *in, u32 len, void *out, u32 room)
{
	s32 count = filter_rules_compile();

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
	s32 count = filter_rules_compile();

	return count < 0 ? count : 0;
}
EXT_INIT(start);
