// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connections. One that has not been answered yet is in the table "opening";
 * the first sign that both ends want it (a TCP handshake complete, an answer to a
 * datagram) moves it to "conns". Both tables drop what was least recently used
 * when they are full, so a flood of openings pushes out openings, and nothing
 * that is established.
 *
 * Nobody sweeps: an entry that has been idle for too long counts as none when it
 * is met, and makes room when room is needed.
 *
 * The state is one word that is compared and exchanged, the rest may be written
 * by several CPUs at once without harm.
 */
#include "filter.h"

EXT_MAP_LRU(conns, struct filter_key, struct filter_conn, FILTER_CONNS, 1);
EXT_MAP_LRU(opening, struct filter_key, struct filter_conn, FILTER_OPENING, 1);

#define STATE		0xff
#define ANSWERED	1	/* the state of what is not TCP */
#define TRIES		4

/* How exact the time of the last packet is: who writes it less shares its cache line more. */
#define SEEN_EXACT	(FILTER_S / 8)

static u64 idle_max(const struct filter_plan *plan, u8 proto, u32 state)
{
	if (proto == EXT_PROTO_TCP)
		return filter_tcp_idle(state, plan->tcp);
	return state == ANSWERED ? plan->udp : plan->udp_new;
}

static bool over(const struct filter_plan *plan, u8 proto, u32 state, u64 seen, u64 now)
{
	return now > seen && now - seen > idle_max(plan, proto, state);
}

static struct filter_conn *find(const struct filter_key *key, bool *is_opening)
{
	struct filter_conn *c = conns_lookup(key);

	*is_opening = !c;
	return c ? c : opening_lookup(key);
}

/* The connection is answered: nothing that merely opens may push it out. */
static struct filter_conn *promote(const struct filter_key *key, struct filter_conn *c)
{
	struct filter_conn *new = conns_insert(key);

	if (!new)
		return c;
	new->seen = c->seen;
	new->gen = c->gen;
	new->rule = c->rule;
	__atomic_store_n(&new->state, __atomic_load_n(&c->state, __ATOMIC_RELAXED),
			 __ATOMIC_RELAXED);
	opening_delete(key);
	return new;
}

static bool is_answered(u8 proto, u32 state)
{
	return state == (proto == EXT_PROTO_TCP ? (u32)FILTER_TCP_ESTABLISHED : ANSWERED);
}

static u32 next_state(const struct filter_pkt *p, u32 state, bool reply)
{
	if (p->flow.proto == EXT_PROTO_TCP)
		return filter_tcp_next(state, reply, p->tcp_flags);
	return reply ? ANSWERED : state;
}

/* The packet is the connection's next; its state follows. */
static enum filter_found advance(const struct filter_plan *plan, const struct filter_pkt *p,
				 bool swapped, u64 now, struct filter_conn *c, u32 *state)
{
	u32 old = __atomic_load_n(&c->state, __ATOMIC_RELAXED), i, next;

	if (over(plan, p->flow.proto, old & STATE, c->seen, now))
		return FILTER_FOUND_NONE;
	for (i = 0; i < TRIES; i++) {
		next = next_state(p, old & STATE, swapped != !!(old & FILTER_REVERSED));
		*state = next;
		if (next == FILTER_TCP_INVALID)
			return FILTER_FOUND_INVALID;
		if (next == FILTER_TCP_REOPEN)
			return FILTER_FOUND_NONE;
		if (next == (old & STATE) ||
		    __atomic_compare_exchange_n(&c->state, &old, next | (old & FILTER_REVERSED),
						false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			break;
	}
	return FILTER_FOUND_KNOWN;
}

/**
 * filter_conn_find() - the connection a packet belongs to, which it brings forward
 * @plan: the rules, for the timeouts
 * @p: the packet
 * @now: ns
 * @conn: set if it is known
 */
enum filter_found filter_conn_find(const struct filter_plan *plan, const struct filter_pkt *p,
				   u64 now, struct filter_conn **conn)
{
	enum filter_found found;
	bool swapped, is_opening;
	struct filter_conn *c;
	struct filter_key key;
	u32 state = 0;

	swapped = filter_flow_key(&p->flow, &key);
	c = find(&key, &is_opening);
	if (!c)
		return FILTER_FOUND_NONE;
	found = advance(plan, p, swapped, now, c, &state);
	if (found != FILTER_FOUND_KNOWN)
		return found;
	if (now - c->seen > SEEN_EXACT)
		c->seen = now;
	if (is_opening && is_answered(p->flow.proto, state))
		c = promote(&key, c);
	*conn = c;
	return FILTER_FOUND_KNOWN;
}

/* Whether the packet goes to the end that opened. */
bool filter_conn_reply(const struct filter_pkt *p, const struct filter_conn *conn)
{
	struct filter_key key;
	bool swapped = filter_flow_key(&p->flow, &key);

	return swapped != !!(conn->state & FILTER_REVERSED);
}

/**
 * filter_conn_open() - remember the connection that a packet begins
 * @plan: the rules that allow it
 * @p: the packet
 * @rule: the one that does
 * @now: ns
 *
 * Return: false: no room.
 */
bool filter_conn_open(const struct filter_plan *plan, const struct filter_pkt *p, u32 rule, u64 now)
{
	bool tcp = p->flow.proto == EXT_PROTO_TCP, middle, swapped;
	struct filter_conn *c;
	struct filter_key key;
	u32 state = 0;

	middle = tcp && (p->tcp_flags & (EXT_TCP_SYN | EXT_TCP_ACK)) != EXT_TCP_SYN;
	if (tcp)
		state = middle ? FILTER_TCP_ESTABLISHED : FILTER_TCP_SYN_SENT;
	swapped = filter_flow_key(&p->flow, &key);
	if (!middle)
		conns_delete(&key);
	c = middle ? conns_insert(&key) : opening_insert(&key);
	if (!c)
		return false;
	c->seen = now;
	c->gen = plan->gen;
	c->rule = rule;
	__atomic_store_n(&c->state, state | (swapped ? FILTER_REVERSED : 0), __ATOMIC_RELAXED);
	return true;
}

void filter_conn_drop(const struct filter_flow *flow)
{
	struct filter_key key;

	filter_flow_key(flow, &key);
	conns_delete(&key);
	opening_delete(&key);
}

/* Whether a flow is of a connection that lives, in either direction. */
bool filter_conn_known(const struct filter_plan *plan, const struct filter_flow *flow, u64 now)
{
	struct filter_conn *c;
	struct filter_key key;
	bool is_opening;

	filter_flow_key(flow, &key);
	c = find(&key, &is_opening);
	return c && !over(plan, flow->proto, c->state & STATE, c->seen, now);
}
