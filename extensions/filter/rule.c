// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rules. The maps are the operator's to edit, entry by entry; packets see all
 * of them change at once: a commit checks them and writes the plan that is not in
 * use, then the plans change places. A plan is written over only after every
 * packet that saw it has left.
 */
#include "filter.h"

EXT_MAP_ARRAY(rules, struct filter_rule, FILTER_RULES, 1);
EXT_MAP_ARRAY(settings, struct filter_settings, 1, 1);
/* Connections that each rule decided on; the last is the default policy. */
EXT_MAP_COUNTER(rule_counts, FILTER_RULES + 1);

#define TCP_S		86400
#define UDP_S		180
#define UDP_NEW_S	30

const struct filter_plan *filter_plan(void)
{
	struct filter_state *st = ext_state(struct filter_state);

	return &st->plan[__atomic_load_n(&st->active, __ATOMIC_ACQUIRE) & 1];
}

void filter_rule_count(u32 rule)
{
	ext_map_add(&rule_counts, rule, 1);
}

static u64 first_bits(u32 bits)
{
	return bits ? ~0ULL << (64 - bits) : 0;
}

static void prefix_set(u64 prefix[2], u64 mask[2], const u8 *addr, u8 family, u32 bits)
{
	prefix[0] = 0;
	prefix[1] = 0;
	memcpy(prefix, addr, family == 4 ? 4 : 16);
	mask[0] = __builtin_bswap64(first_bits(min(bits, 64U)));
	mask[1] = __builtin_bswap64(bits > 64 ? first_bits(bits - 64) : 0);
	prefix[0] &= mask[0];
	prefix[1] &= mask[1];
}

static bool rule_good(const struct filter_rule *r)
{
	u32 bits = r->family == 4 ? 32 : r->family == 6 ? 128 : 0;

	return (!r->family || bits) && r->src_bits <= bits && r->dst_bits <= bits &&
	       r->action <= FILTER_DROP && r->sport[0] <= r->sport[1] &&
	       r->dport[0] <= r->dport[1] && !r->unused[0] && !r->unused[1] && !r->unused[2];
}

static void match_set(struct filter_match *m, const struct filter_rule *r, u32 number)
{
	prefix_set(m->src, m->src_mask, r->src, r->family, r->src_bits);
	prefix_set(m->dst, m->dst_mask, r->dst, r->family, r->dst_bits);
	m->in_ifindex = r->in_ifindex;
	m->out_ifindex = r->out_ifindex;
	m->sport[0] = r->sport[0];
	m->sport[1] = r->sport[1] ? r->sport[1] : 0xffff;
	m->dport[0] = r->dport[0];
	m->dport[1] = r->dport[1] ? r->dport[1] : 0xffff;
	m->family = r->family;
	m->proto = r->proto;
	m->action = r->action;
	m->number = number;
}

static s32 rules_fill(struct filter_plan *plan)
{
	const struct filter_rule *r;
	struct filter_rule copy;
	u32 i;

	plan->count = 0;
	for (i = 0; i < FILTER_RULES; i++) {
		r = rules_lookup(&i);
		if (!r)
			continue;
		/* User space may write at any time: what was checked is used. */
		copy = *r;
		if (copy.action == FILTER_UNUSED)
			continue;
		if (!rule_good(&copy)) {
			ext_log("rule %u is refused: family %u, /%u to /%u, action %u", i,
				copy.family, copy.src_bits, copy.dst_bits, copy.action);
			return -EXT_EINVAL;
		}
		match_set(&plan->match[plan->count++], &copy, i);
	}
	return 0;
}

static u64 seconds(u32 given, u32 standard)
{
	return (given ? given : standard) * FILTER_S;
}

static s32 settings_fill(struct filter_plan *plan)
{
	const struct filter_settings *s;
	u32 zero = 0;

	s = settings_lookup(&zero);
	if (!s)
		return -EXT_ENOENT;
	if (s->policy > FILTER_DROP || s->loose > 1) {
		ext_log("the settings are refused: policy %u, loose %u", s->policy, s->loose);
		return -EXT_EINVAL;
	}
	plan->policy = s->policy;
	plan->loose = s->loose;
	plan->tcp = seconds(s->tcp_s, TCP_S);
	plan->udp = seconds(s->udp_s, UDP_S);
	plan->udp_new = seconds(s->udp_new_s, UDP_NEW_S);
	return 0;
}

/**
 * filter_rules_compile() - make the maps "rules" and "settings" hold for packets
 *
 * Connections that are no longer allowed end with their next packet. May sleep.
 * Return: how many rules there are; -EXT_EINVAL: one is not good, which the log
 * names, and nothing changes; -EXT_EBUSY: another is at it.
 */
s32 filter_rules_compile(void)
{
	struct filter_state *st = ext_state(struct filter_state);
	struct filter_plan *plan;
	u32 next;
	s32 err;

	if (__atomic_exchange_n(&st->busy, 1, __ATOMIC_ACQUIRE))
		return -EXT_EBUSY;
	next = ~st->active & 1;
	plan = &st->plan[next];
	ext_sync();
	err = rules_fill(plan);
	if (!err)
		err = settings_fill(plan);
	if (!err) {
		/* Connections outlive an instance: its numbers must not be another's. */
		plan->gen = ext_random();
		err = plan->count;
		__atomic_store_n(&st->active, next, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&st->busy, 0, __ATOMIC_RELEASE);
	return err;
}

static bool prefix_has(const u64 prefix[2], const u64 mask[2], const u64 addr[2])
{
	return !((addr[0] ^ prefix[0]) & mask[0]) && !((addr[1] ^ prefix[1]) & mask[1]);
}

static bool port_in(const u16 range[2], u16 port)
{
	return port >= range[0] && port <= range[1];
}

static bool matches(const struct filter_match *m, const struct filter_flow *f, u16 dport, u32 in,
		    u32 out)
{
	return (!m->family || m->family == f->family) && (!m->proto || m->proto == f->proto) &&
	       (!m->in_ifindex || m->in_ifindex == in) &&
	       (!m->out_ifindex || m->out_ifindex == out) &&
	       prefix_has(m->src, m->src_mask, f->src) && prefix_has(m->dst, m->dst_mask, f->dst) &&
	       port_in(m->sport, ext_cpu16(f->sport)) && port_in(m->dport, dport);
}

/**
 * filter_rules_judge() - what the rules say of the connection that a packet is of
 * @plan: the rules
 * @p: the packet
 * @reply: it goes to the end that opened: the connection is judged the other way round
 * @accept: set to what they say
 *
 * Return: number of the rule, FILTER_RULE_DEFAULT: the policy.
 */
u32 filter_rules_judge(const struct filter_plan *plan, const struct filter_pkt *p, bool reply,
		       bool *accept)
{
	u32 in = p->info.in_ifindex, out = p->info.out_ifindex,
	    n = min(plan->count, (u32)FILTER_RULES), i;
	struct filter_flow flow = p->flow;
	const struct filter_match *m;
	u16 dport;

	if (reply) {
		filter_flow_turn(&flow);
		in = p->info.out_ifindex;
		out = p->info.in_ifindex;
	}
	dport = ext_cpu16(flow.dport);
	if (filter_icmp(&flow))
		dport = filter_icmp_asked(flow.family, p->type);
	for (i = 0; i < n; i++) {
		m = &plan->match[i];
		if (matches(m, &flow, dport, in, out)) {
			*accept = m->action == FILTER_ACCEPT;
			return m->number;
		}
	}
	*accept = plan->policy == FILTER_ACCEPT;
	return FILTER_RULE_DEFAULT;
}
