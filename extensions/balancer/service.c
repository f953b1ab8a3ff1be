// SPDX-License-Identifier: GPL-2.0-only
/*
 * Services and backends. The maps are the operator's to edit, entry by entry;
 * packets see all of them change at once: a commit checks them and writes the
 * plan that is not in use, then the plans change places. A plan is written over
 * only after every packet that saw it has left.
 *
 * Only a backend's health and weight need no commit: whoever watches the backends
 * writes them to the map, and what is changed is taken over soon (main.c).
 */
#include "balancer.h"

EXT_MAP_ARRAY(services, struct balancer_service_conf, BALANCER_SERVICES, 1);
EXT_MAP_ARRAY(backends, struct balancer_backend_conf, BALANCER_SERVICES * BALANCER_BACKENDS, 1);

/*
 * What a version passes on to the next: the services and backends in force, which the maps may no
 * longer say.
 */
struct saved_head {
	u32 count;
	u32 zero;
};

struct saved_backend {
	u32 service;
	u32 number;
	struct balancer_backend backend;
};

const struct balancer_plan *balancer_plan(void)
{
	struct balancer_state *st = ext_state(struct balancer_state);

	return &st->plan[__atomic_load_n(&st->active, __ATOMIC_ACQUIRE) & 1];
}

static u32 ident(const u64 addr[2], be16 port, u32 more)
{
	u32 hash = balancer_mix(addr[0] ^ more, addr[1] ^ ext_cpu16(port)) >> 32;

	return hash ? hash : 1;
}

static bool backend_take(struct balancer_plan *plan, u32 service, u32 number)
{
	const struct balancer_backend_conf *b;
	struct balancer_backend_conf copy;
	struct balancer_backend *to;
	u32 key = service * BALANCER_BACKENDS + number;

	to = &plan->backend[service][number];
	memset(to, 0, sizeof(*to));
	b = backends_lookup(&key);
	if (!b)
		return true;
	/* User space may write at any time: what was checked is used. */
	copy = *b;
	if (copy.health == BALANCER_UNUSED)
		return true;
	if (copy.health > BALANCER_DRAIN || !copy.port) {
		ext_log("backend %u of service %u is refused: health %u, port %u", number, service,
			copy.health, ext_cpu16(copy.port));
		return false;
	}
	memcpy(to->addr, copy.addr, plan->service[service].family == 4 ? 4 : 16);
	to->port = copy.port;
	to->health = copy.health;
	to->weight = copy.weight;
	to->ident = ident(to->addr, to->port, 0);
	return true;
}

static bool service_take(struct balancer_plan *plan, u32 number)
{
	struct balancer_service *to = &plan->service[number];
	const struct balancer_service_conf *s;
	struct balancer_service_conf copy;
	u32 i;

	memset(to, 0, sizeof(*to));
	s = services_lookup(&number);
	if (!s)
		return true;
	copy = *s;
	if (!copy.proto)
		return true;
	if ((copy.proto != EXT_PROTO_TCP && copy.proto != EXT_PROTO_UDP) || !copy.port ||
	    (copy.family != 4 && copy.family != 6)) {
		ext_log("service %u is refused: family %u, protocol %u, port %u", number,
			copy.family, copy.proto, ext_cpu16(copy.port));
		return false;
	}
	memcpy(to->addr, copy.addr, copy.family == 4 ? 4 : 16);
	to->port = copy.port;
	to->family = copy.family;
	to->proto = copy.proto;
	to->seed = copy.seed;
	to->ident = ident(to->addr, to->port, copy.proto);
	plan->count = number + 1;
	for (i = 0; i < BALANCER_BACKENDS; i++) {
		if (!backend_take(plan, number, i))
			return false;
	}
	return true;
}

static bool health_take(struct balancer_plan *plan, u32 service)
{
	const struct balancer_backend_conf *b;
	struct balancer_backend *to;
	bool changed = false;
	u32 i, key;

	for (i = 0; i < BALANCER_BACKENDS; i++) {
		to = &plan->backend[service][i];
		key = service * BALANCER_BACKENDS + i;
		b = to->health == BALANCER_UNUSED ? NULL : backends_lookup(&key);
		if (!b || b->health == BALANCER_UNUSED || b->health > BALANCER_DRAIN)
			continue;
		if (to->health == b->health && to->weight == b->weight)
			continue;
		to->health = b->health;
		to->weight = b->weight;
		changed = true;
	}
	return changed;
}

static void table_fill(struct balancer_plan *plan, u32 service)
{
	balancer_maglev_fill(plan->table[service], plan->backend[service],
			     plan->service[service].seed);
}

/* The plan not in use, which no packet sees any more; NULL: another is at it. */
static struct balancer_plan *plan_begin(void)
{
	struct balancer_state *st = ext_state(struct balancer_state);

	if (__atomic_exchange_n(&st->busy, 1, __ATOMIC_ACQUIRE))
		return NULL;
	ext_sync();
	return &st->plan[~st->active & 1];
}

static void plan_end(bool use)
{
	struct balancer_state *st = ext_state(struct balancer_state);

	if (use)
		__atomic_store_n(&st->active, ~st->active & 1, __ATOMIC_RELEASE);
	__atomic_store_n(&st->busy, 0, __ATOMIC_RELEASE);
}

/**
 * balancer_commit() - make the maps "services" and "backends" hold for packets
 *
 * May sleep. Return: how many services there are; -EXT_EINVAL: one is not good,
 * which the log names, and nothing changes; -EXT_EBUSY: another is at it.
 */
s32 balancer_commit(void)
{
	struct balancer_plan *plan = plan_begin();
	bool good = true;
	u32 i;

	if (!plan)
		return -EXT_EBUSY;
	plan->count = 0;
	for (i = 0; i < BALANCER_SERVICES && good; i++) {
		good = service_take(plan, i);
		if (good && plan->service[i].ident)
			table_fill(plan, i);
	}
	plan_end(good);
	return good ? (s32)plan->count : -EXT_EINVAL;
}

/**
 * balancer_health_take() - take over health and weight of the backends in force
 *
 * May sleep. Return: 0 or -EXT_EBUSY.
 */
s32 balancer_health_take(void)
{
	const struct balancer_plan *old;
	struct balancer_plan *plan;
	u32 i;

	plan = plan_begin();
	if (!plan)
		return -EXT_EBUSY;
	old = balancer_plan();
	memcpy(plan, old, sizeof(*plan));
	for (i = 0; i < BALANCER_SERVICES; i++) {
		if (plan->service[i].ident && health_take(plan, i))
			table_fill(plan, i);
	}
	plan_end(true);
	return 0;
}

static bool service_changed(const struct balancer_plan *plan, u32 service)
{
	const struct balancer_backend_conf *b;
	const struct balancer_backend *is;
	u32 i, key;

	for (i = 0; i < BALANCER_BACKENDS; i++) {
		is = &plan->backend[service][i];
		if (is->health == BALANCER_UNUSED)
			continue;
		key = service * BALANCER_BACKENDS + i;
		b = backends_lookup(&key);
		if (b && b->health != BALANCER_UNUSED && b->health <= BALANCER_DRAIN &&
		    (b->health != is->health || b->weight != is->weight))
			return true;
	}
	return false;
}

/* Whether the map says something else of a backend than is in force. */
bool balancer_health_changed(void)
{
	const struct balancer_plan *plan = balancer_plan();
	u32 i;

	for (i = 0; i < BALANCER_SERVICES; i++) {
		if (plan->service[i].ident && service_changed(plan, i))
			return true;
	}
	return false;
}

/* Return: bytes written to @buf, -EXT_EMSGSIZE. */
s32 balancer_plan_save(void *buf, u32 room)
{
	const struct balancer_plan *plan = balancer_plan();
	struct saved_head head = { .count = 0 };
	struct saved_backend b;
	u32 at, i, k;
	u8 *to = buf;

	at = sizeof(head) + sizeof(plan->service);
	if (room < at)
		return -EXT_EMSGSIZE;
	for (i = 0; i < BALANCER_SERVICES; i++) {
		for (k = 0; k < BALANCER_BACKENDS; k++) {
			b.service = i;
			b.number = k;
			b.backend = plan->backend[i][k];
			if (!plan->service[i].ident || b.backend.health == BALANCER_UNUSED)
				continue;
			if (room - at < sizeof(b))
				return -EXT_EMSGSIZE;
			memcpy(to + at, &b, sizeof(b));
			at += sizeof(b);
			head.count++;
		}
	}
	memcpy(to, &head, sizeof(head));
	memcpy(to + sizeof(head), plan->service, sizeof(plan->service));
	return at;
}

static bool plan_take(struct balancer_plan *plan, const u8 *from, u32 len)
{
	struct saved_backend b;
	struct saved_head head;
	u32 at, i;

	at = sizeof(head) + sizeof(plan->service);
	if (len < at)
		return false;
	memcpy(&head, from, sizeof(head));
	memcpy(plan->service, from + sizeof(head), sizeof(plan->service));
	memset(plan->backend, 0, sizeof(plan->backend));
	if (head.count > BALANCER_SERVICES * BALANCER_BACKENDS ||
	    len - at != head.count * sizeof(b))
		return false;
	for (i = 0; i < head.count; i++, at += sizeof(b)) {
		memcpy(&b, from + at, sizeof(b));
		if (b.service >= BALANCER_SERVICES || b.number >= BALANCER_BACKENDS)
			return false;
		plan->backend[b.service][b.number] = b.backend;
	}
	plan->count = 0;
	for (i = 0; i < BALANCER_SERVICES; i++) {
		if (!plan->service[i].ident)
			continue;
		plan->count = i + 1;
		table_fill(plan, i);
	}
	return true;
}

/* Takes what balancer_plan_save() of an older version wrote. Return: 0 or -EXT_EINVAL. */
s32 balancer_plan_restore(const void *buf, u32 len)
{
	struct balancer_plan *plan = plan_begin();
	bool good;

	if (!plan)
		return -EXT_EBUSY;
	good = plan_take(plan, buf, len);
	plan_end(good);
	return good ? 0 : -EXT_EINVAL;
}

/* Return: the service that the flow goes to, BALANCER_SERVICES: none. */
u32 balancer_service_find(const struct balancer_plan *plan, const struct balancer_flow *flow)
{
	u32 i, n = min(plan->count, (u32)BALANCER_SERVICES);
	const struct balancer_service *s;

	for (i = 0; i < n; i++) {
		s = &plan->service[i];
		if (s->addr[0] == flow->dst[0] && s->addr[1] == flow->dst[1] &&
		    s->port == flow->dport && s->proto == flow->proto && s->family == flow->family)
			return i;
	}
	return BALANCER_SERVICES;
}
