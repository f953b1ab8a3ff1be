/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A load balancer for TCP and UDP over IPv4 and IPv6. A packet to a virtual
 * service goes on to one of its backends, chosen by Maglev hashing
 * (Eisenbud et al., NSDI'16); the answer comes back from the service's address.
 *
 * maglev.c   the lookup table: who gets which share, and keeps it when others go
 * service.c  services and backends: the operator's maps, compiled
 * conn.c     connections: a live one stays where it is
 * packet.c   a packet's flow
 * nat.c      both directions of the translation
 * icmp.c     errors about a translated packet
 * main.c     entries and counters
 */
#ifndef BALANCER_H
#define BALANCER_H

#include <ashlar/ext.h>

#define BALANCER_SERVICES	16
#define BALANCER_BACKENDS	64	/* of a service */
#define BALANCER_CONNS		32768
#define BALANCER_TABLE 4093 /* prime; 16 such tables are made within the fuel of one invocation */
#define BALANCER_NOBODY		0xff

#define BALANCER_S		1000000000ULL

/* A backend's state; user space writes it when it knows better. */
enum balancer_health {
	BALANCER_UNUSED,
	BALANCER_DOWN,	/* its connections go elsewhere */
	BALANCER_UP,
	BALANCER_DRAIN,	/* keeps its connections, gets no new ones */
};

/* Ways out, by number in the map "counts". What is no service's is not counted. */
enum balancer_count {
	BALANCER_N_IN,		/* to a backend, of a known connection */
	BALANCER_N_NEW,		/* to a backend, a new connection */
	BALANCER_N_MOVED,	/* of those: it had another backend, which went */
	BALANCER_N_OUT,		/* from a backend */
	BALANCER_N_ICMP,	/* errors translated */
	BALANCER_N_NOBODY,	/* dropped: no backend is up */
	BALANCER_N_FRAGMENT,	/* dropped: fragments, whose later ones have no ports */
	BALANCER_N_CLASH,	/* dropped: the client's port is in use with every backend tried */
	BALANCER_N_FULL,	/* dropped: no room for the connection */
	BALANCER_N_FAILED,	/* dropped: the packet could not be rewritten */
	BALANCER_N_MAX,
};

/* Value of the map "services", whose key is a number below BALANCER_SERVICES. */
struct balancer_service_conf {
	u8 addr[16];	/* IPv4: the first four bytes */
	be16 port;
	u8 family;	/* 4 or 6 */
	u8 proto;	/* 6 or 17; 0: there is no such service */
	u32 unused;
	u64 seed; /* of the hash: the same on each balancer of a group, and nobody else's to know */
};

/* Value of the map "backends"; key: service * BALANCER_BACKENDS + a number below that. */
struct balancer_backend_conf {
	u8 addr[16];	/* of the service's family */
	be16 port;
	u8 health;	/* enum balancer_health */
	u8 weight;	/* 1 to 255; 0: 1 */
	u32 unused;
};

struct balancer_service {
	u64 addr[2];
	be16 port;
	u8 family;
	u8 proto;
	u32 ident;	/* hash of all that; 0: there is no such service */
	u64 seed;
};

struct balancer_backend {
	u64 addr[2];
	be16 port;
	u8 health;
	u8 weight;
	u32 ident;	/* hash of address and port */
};

struct balancer_plan {
	struct balancer_service service[BALANCER_SERVICES];
	struct balancer_backend backend[BALANCER_SERVICES][BALANCER_BACKENDS];
	u8 table[BALANCER_SERVICES][BALANCER_TABLE + 1];
	u32 count;	/* services, unused numbers between them included */
};

struct balancer_state {
	struct balancer_plan plan[2];
	u32 active;	/* which of them */
	u32 busy;	/* it is being changed */
};

/* Ends in the packet's direction. Key of the connection tables: no padding. */
struct balancer_flow {
	u64 src[2];
	u64 dst[2];
	be16 sport;
	be16 dport;
	u8 proto;
	u8 family;
	u16 zero;
};

struct balancer_pkt {
	struct ext_pkt_info info;
	struct balancer_flow flow;
	u8 tcp_flags;
};

/* --- maglev.c */

void balancer_maglev_fill(u8 *table, const struct balancer_backend *backends, u64 seed);
u64 balancer_mix(u64 a, u64 b);

/* --- service.c */

const struct balancer_plan *balancer_plan(void);
s32 balancer_commit(void);
s32 balancer_health_take(void);
bool balancer_health_changed(void);
s32 balancer_plan_save(void *buf, u32 room);
s32 balancer_plan_restore(const void *buf, u32 len);
u32 balancer_service_find(const struct balancer_plan *plan, const struct balancer_flow *flow);

/* --- conn.c */

enum balancer_choice {
	BALANCER_KNOWN,
	BALANCER_NEW,
	BALANCER_MOVED,
	BALANCER_CHOICE_NOBODY,
	BALANCER_CHOICE_CLASH,
	BALANCER_CHOICE_FULL,
};

enum balancer_choice balancer_conn_choose(const struct balancer_plan *plan, u32 service,
					  const struct balancer_pkt *p, u64 now,
					  const struct balancer_backend **backend);
const struct balancer_backend *balancer_conn_backend(const struct balancer_plan *plan, u32 service,
						     const struct balancer_flow *flow);
const struct balancer_service *balancer_conn_service(const struct balancer_plan *plan,
						     const struct balancer_pkt *p, u64 now);
const struct balancer_service *balancer_conn_answer(const struct balancer_plan *plan,
						    const struct balancer_flow *flow);

/* --- packet.c */

enum balancer_read {
	BALANCER_READ_OTHER,	/* nothing a balancer has a say in */
	BALANCER_READ_FLOW,
	BALANCER_READ_FRAGMENT,	/* without ports */
	BALANCER_READ_ICMP,	/* error */
};

enum balancer_read balancer_packet_read(ext_pkt pkt, struct balancer_pkt *p);
void balancer_flow_turn(struct balancer_flow *flow);

/* --- nat.c */

bool balancer_nat(ext_pkt pkt, bool dest, u8 family, const u64 addr[2], be16 port);

/* --- icmp.c */

enum balancer_icmp {
	BALANCER_ICMP_OTHER,	/* about nothing of ours */
	BALANCER_ICMP_DONE,
	BALANCER_ICMP_FAILED,
};

enum balancer_icmp balancer_icmp_in(ext_pkt pkt, const struct balancer_plan *plan,
				    const struct balancer_pkt *p);
enum balancer_icmp balancer_icmp_out(ext_pkt pkt, const struct balancer_plan *plan,
				     const struct balancer_pkt *p);

#endif /* BALANCER_H */
