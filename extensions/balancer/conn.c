// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connections. One entry leads from the client's packets to the backend, one
 * from the backend's answers to the service. Each says whom it means in one word,
 * by number and by a hash of the address: a number that was given to somebody
 * else meanwhile means nobody. One word needs no lock.
 *
 * Both tables drop what was least recently used when they are full. A connection
 * that is lost so goes where a new one of its ends would: to the same backend,
 * unless the backends have changed.
 */
#include "balancer.h"

#define CLOSED_CLIENT	1
#define CLOSED_SERVER	2
#define CLOSED		3
#define RESET		4

#define TCP_S		86400
#define CLOSED_S	10	/* and a SYN may be another connection at once */
#define UDP_S		60
#define TRIES		8	/* backends, when the client's port is in use with the first */

/* How exact the time of the last packet is, and how old an answer's entry may look. */
#define SEEN_EXACT	BALANCER_S

struct balancer_conn {
	u64 to;		/* ident << 32 | number of the backend; 0: not chosen yet */
	u64 seen;
	u32 closed;
	u32 zero;
};

struct balancer_answer {
	u64 from;	/* ident << 32 | number of the service */
	u64 seen;
};

EXT_MAP_LRU(conns, struct balancer_flow, struct balancer_conn, BALANCER_CONNS, 1);
EXT_MAP_LRU(answers, struct balancer_flow, struct balancer_answer, BALANCER_CONNS, 1);

static u64 word(u32 ident, u32 number)
{
	return (u64)ident << 32 | number;
}

static u64 idle_max(u8 proto, u32 closed)
{
	if (proto != EXT_PROTO_TCP)
		return UDP_S * BALANCER_S;
	return (closed & RESET || (closed & CLOSED) == CLOSED ? CLOSED_S : TCP_S) * BALANCER_S;
}

static bool idle(u64 seen, u64 now, u64 max)
{
	return now > seen && now - seen > max;
}

/* The backend that the word means, if it is still there and may be used. */
static const struct balancer_backend *backend_of(const struct balancer_plan *plan, u32 service,
						 u64 to)
{
	const struct balancer_backend *b;
	u32 number = to;

	if (!to || number >= BALANCER_BACKENDS || service >= BALANCER_SERVICES)
		return NULL;
	b = &plan->backend[service][number];
	return b->ident == to >> 32 && b->health >= BALANCER_UP ? b : NULL;
}

static bool begins(const struct balancer_pkt *p)
{
	return p->flow.proto == EXT_PROTO_TCP &&
	       (p->tcp_flags & (EXT_TCP_SYN | EXT_TCP_ACK)) == EXT_TCP_SYN;
}

/* Of an entry: the backend, unless the connection is over. */
static const struct balancer_backend *live(const struct balancer_plan *plan, u32 service,
					   const struct balancer_pkt *p,
					   const struct balancer_conn *c, u64 now)
{
	if (idle(c->seen, now, idle_max(p->flow.proto, c->closed)) || (begins(p) && c->closed))
		return NULL;
	return backend_of(plan, service, __atomic_load_n(&c->to, __ATOMIC_RELAXED));
}

static void close_by(struct balancer_conn *c, const struct balancer_pkt *p, u32 who)
{
	u32 flags = 0;

	if (p->tcp_flags & EXT_TCP_FIN)
		flags |= who;
	if (p->tcp_flags & EXT_TCP_RST)
		flags |= RESET;
	if (unlikely(flags))
		__atomic_fetch_or(&c->closed, flags, __ATOMIC_RELAXED);
}

/* The flow of the backend's answers. */
static void answer_flow(const struct balancer_flow *flow, const struct balancer_backend *b,
			struct balancer_flow *answer)
{
	*answer = *flow;
	answer->src[0] = b->addr[0];
	answer->src[1] = b->addr[1];
	answer->sport = b->port;
	answer->dst[0] = flow->src[0];
	answer->dst[1] = flow->src[1];
	answer->dport = flow->sport;
}

/*
 * Sees to it that answers find back. False: the client uses the port for another
 * service that has the same backend, and answers could not be told apart.
 */
static bool answer_note(const struct balancer_plan *plan, u32 service,
			const struct balancer_flow *flow, const struct balancer_backend *b, u64 now,
			bool *full)
{
	u64 from = word(plan->service[service].ident, service);
	struct balancer_flow key;
	struct balancer_answer *a;

	answer_flow(flow, b, &key);
	a = answers_insert(&key);
	if (!a) {
		*full = true;
		return false;
	}
	if (a->from && a->from != from && !idle(a->seen, now, UDP_S * BALANCER_S))
		return false;
	a->seen = now;
	__atomic_store_n(&a->from, from, __ATOMIC_RELAXED);
	return true;
}

/*
 * A backend for a new connection: by the table. Further places by chance, since each backend's lie
 * in a row.
 */
static enum balancer_choice choose(const struct balancer_plan *plan, u32 service,
				   const struct balancer_pkt *p, u64 now, u32 *number)
{
	u64 hash = balancer_mix(plan->service[service].seed ^ p->flow.src[0],
				p->flow.src[1] ^ ext_cpu16(p->flow.sport));
	bool full = false;
	u32 i;

	for (i = 0; i < TRIES && !full; i++, hash = balancer_mix(hash, i)) {
		*number = plan->table[service][(u32)hash % BALANCER_TABLE];
		if (*number >= BALANCER_BACKENDS)
			return BALANCER_CHOICE_NOBODY;
		if (answer_note(plan, service, &p->flow, &plan->backend[service][*number], now,
				&full))
			return BALANCER_NEW;
	}
	return full ? BALANCER_CHOICE_FULL : BALANCER_CHOICE_CLASH;
}

static noinline enum balancer_choice choose_new(const struct balancer_plan *plan, u32 service,
						const struct balancer_pkt *p, u64 now,
						const struct balancer_backend **backend)
{
	enum balancer_choice choice;
	struct balancer_conn *c;
	bool moved;
	u32 number;

	choice = choose(plan, service, p, now, &number);
	if (choice != BALANCER_NEW)
		return choice;
	c = conns_insert(&p->flow);
	if (!c)
		return BALANCER_CHOICE_FULL;
	*backend = &plan->backend[service][number];
	moved = c->to && c->to != word((*backend)->ident, number) && !c->closed && !begins(p);
	c->closed = 0;
	c->seen = now;
	__atomic_store_n(&c->to, word((*backend)->ident, number), __ATOMIC_RELAXED);
	return moved ? BALANCER_MOVED : BALANCER_NEW;
}

/**
 * balancer_conn_choose() - the backend that a client's packet goes to
 * @plan: in force
 * @service: that the packet is for
 * @p: the packet
 * @now: ns
 * @backend: set, if the answer is one of the first three
 */
enum balancer_choice balancer_conn_choose(const struct balancer_plan *plan, u32 service,
					  const struct balancer_pkt *p, u64 now,
					  const struct balancer_backend **backend)
{
	const struct balancer_backend *b = NULL;
	struct balancer_conn *c;
	bool full = false;

	if (service >= BALANCER_SERVICES)
		return BALANCER_CHOICE_NOBODY;
	c = conns_lookup(&p->flow);
	if (c)
		b = live(plan, service, p, c, now);
	if (!b)
		return choose_new(plan, service, p, now, backend);
	if (now - c->seen > SEEN_EXACT) {
		c->seen = now;
		answer_note(plan, service, &p->flow, b, now, &full);
	}
	close_by(c, p, CLOSED_CLIENT);
	*backend = b;
	return BALANCER_KNOWN;
}

/* The backend of a client's flow; NULL: not known. */
const struct balancer_backend *balancer_conn_backend(const struct balancer_plan *plan, u32 service,
						     const struct balancer_flow *flow)
{
	struct balancer_conn *c = conns_lookup(flow);

	return c ? backend_of(plan, service, c->to) : NULL;
}

/* The service that a backend's flow answers for; NULL: it is no answer. */
static const struct balancer_service *service_of(const struct balancer_plan *plan,
						 const struct balancer_answer *a)
{
	u64 from = __atomic_load_n(&a->from, __ATOMIC_RELAXED);
	u32 number = from;

	if (number >= BALANCER_SERVICES || !from || plan->service[number].ident != from >> 32)
		return NULL;
	return &plan->service[number];
}

const struct balancer_service *balancer_conn_answer(const struct balancer_plan *plan,
						    const struct balancer_flow *flow)
{
	struct balancer_answer *a = answers_lookup(flow);

	return a ? service_of(plan, a) : NULL;
}

/* The answer closes the connection: the client's entry must know. */
static noinline void close_answer(const struct balancer_service *s, const struct balancer_pkt *p)
{
	struct balancer_flow key = p->flow;
	struct balancer_conn *c;

	key.src[0] = p->flow.dst[0];
	key.src[1] = p->flow.dst[1];
	key.sport = p->flow.dport;
	key.dst[0] = s->addr[0];
	key.dst[1] = s->addr[1];
	key.dport = s->port;
	c = conns_lookup(&key);
	if (c)
		close_by(c, p, CLOSED_SERVER);
}

/**
 * balancer_conn_service() - the service that a packet answers for
 * @plan: in force
 * @p: the packet
 * @now: ns
 *
 * Return: NULL: it is no answer of a backend's.
 */
const struct balancer_service *balancer_conn_service(const struct balancer_plan *plan,
						     const struct balancer_pkt *p, u64 now)
{
	struct balancer_answer *a = answers_lookup(&p->flow);
	const struct balancer_service *s;

	s = a ? service_of(plan, a) : NULL;
	if (!s)
		return NULL;
	if (now - a->seen > SEEN_EXACT)
		a->seen = now;
	if (unlikely(p->tcp_flags & (EXT_TCP_FIN | EXT_TCP_RST)))
		close_answer(s, p);
	return s;
}
