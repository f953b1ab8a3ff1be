// SPDX-License-Identifier: GPL-2.0-only
/*
 * The balancer's entries. README.md is for those who run it.
 */
#include "balancer.h"

EXTENSION("balancer", "1.0", 1, struct balancer_state);

EXT_MAP_COUNTER(counts, BALANCER_N_MAX);

/* How soon a backend's health is taken over. */
#define WATCH_NS	(BALANCER_S / 10)

EXT_DECLARE_TIMER(watch);
EXT_DECLARE_WORK(refresh);

static enum ext_verdict leave(enum balancer_count why)
{
	ext_map_add(&counts, why, 1);
	return why < BALANCER_N_NOBODY ? EXT_ACCEPT : EXT_DROP;
}

static enum ext_verdict to_backend(ext_pkt pkt, const struct balancer_plan *plan,
				   const struct balancer_pkt *p, u32 service)
{
	const struct balancer_backend *b = NULL;
	enum balancer_choice choice;

	choice = balancer_conn_choose(plan, service, p, ext_now(), &b);
	switch (choice) {
	case BALANCER_CHOICE_NOBODY:
		return leave(BALANCER_N_NOBODY);
	case BALANCER_CHOICE_CLASH:
		return leave(BALANCER_N_CLASH);
	case BALANCER_CHOICE_FULL:
		return leave(BALANCER_N_FULL);
	default:
		break;
	}
	if (!b || !balancer_nat(pkt, true, p->flow.family, b->addr, b->port))
		return leave(BALANCER_N_FAILED);
	if (choice == BALANCER_KNOWN)
		return leave(BALANCER_N_IN);
	if (choice == BALANCER_MOVED)
		leave(BALANCER_N_MOVED);
	return leave(BALANCER_N_NEW);
}

static enum ext_verdict icmp_leave(enum balancer_icmp icmp)
{
	if (icmp == BALANCER_ICMP_OTHER)
		return EXT_ACCEPT;
	return leave(icmp == BALANCER_ICMP_DONE ? BALANCER_N_ICMP : BALANCER_N_FAILED);
}

static bool service_addr(const struct balancer_plan *plan, const struct balancer_flow *flow)
{
	u32 i, n = min(plan->count, (u32)BALANCER_SERVICES);

	for (i = 0; i < n; i++) {
		if (plan->service[i].ident && plan->service[i].addr[0] == flow->dst[0] &&
		    plan->service[i].addr[1] == flow->dst[1] &&
		    plan->service[i].proto == flow->proto)
			return true;
	}
	return false;
}

/* Prerouting: from clients. */
static enum ext_verdict in(ext_pkt pkt)
{
	const struct balancer_plan *plan = balancer_plan();
	struct balancer_pkt p;
	u32 service;

	switch (balancer_packet_read(pkt, &p)) {
	case BALANCER_READ_FLOW:
		service = balancer_service_find(plan, &p.flow);
		if (service >= BALANCER_SERVICES)
			return EXT_ACCEPT;
		return to_backend(pkt, plan, &p, service);
	case BALANCER_READ_ICMP:
		return icmp_leave(balancer_icmp_in(pkt, plan, &p));
	case BALANCER_READ_FRAGMENT:
		return service_addr(plan, &p.flow) ? leave(BALANCER_N_FRAGMENT) : EXT_ACCEPT;
	default:
		return EXT_ACCEPT;
	}
}
EXT_HOOK(in);

/* Postrouting: from backends. */
static enum ext_verdict out(ext_pkt pkt)
{
	const struct balancer_plan *plan = balancer_plan();
	const struct balancer_service *s;
	struct balancer_pkt p;

	if (!plan->count)
		return EXT_ACCEPT;
	switch (balancer_packet_read(pkt, &p)) {
	case BALANCER_READ_FLOW:
		s = balancer_conn_service(plan, &p, ext_now());
		if (!s)
			return EXT_ACCEPT;
		return leave(balancer_nat(pkt, false, p.flow.family, s->addr, s->port) ?
				     BALANCER_N_OUT :
				     BALANCER_N_FAILED);
	case BALANCER_READ_ICMP:
		return icmp_leave(balancer_icmp_out(pkt, plan, &p));
	default:
		return EXT_ACCEPT;
	}
}
EXT_HOOK(out);

static void refresh(u64 arg)
{
	(void)arg;
	balancer_health_take();
}
EXT_WORK(refresh);

/* Looks for news of the backends; a table takes too long for a timer. */
static void watch(u64 arg)
{
	if (balancer_health_changed())
		ext_work_queue(&refresh_entry, 0);
	ext_timer_arm(&watch_entry, WATCH_NS, arg);
}
EXT_TIMER(watch);

/*
 * `ashlar ext request NAME commit`: the maps hold from now on; 4 bytes: the highest service's
 * number + 1.
 */
static s32 commit(const void *in_, u32 len, void *out_, u32 room)
{
	s32 count = balancer_commit();

	(void)in_;
	(void)len;
	if (count < 0)
		return count;
	if (room < sizeof(count))
		return -EXT_EMSGSIZE;
	memcpy(out_, &count, sizeof(count));
	return sizeof(count);
}
EXT_REQUEST(commit);

/* The maps are older than the instance: what they hold is in force from the first packet on. */
static s32 start(void)
{
	s32 count = balancer_commit();

	return count < 0 ? count : ext_timer_arm(&watch_entry, WATCH_NS, 0);
}
EXT_INIT(start);

static s32 save(void *buf, u32 room)
{
	return balancer_plan_save(buf, room);
}
EXT_SAVE(save);

static s32 restore(const void *buf, u32 len, u32 schema)
{
	return schema == 1 ? balancer_plan_restore(buf, len) : -EXT_EINVAL;
}
EXT_RESTORE(restore);
