/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests of ashlar_overlay share. */
#ifndef ASHLAR_KUNIT_OVERLAY_FIXTURE_H
#define ASHLAR_KUNIT_OVERLAY_FIXTURE_H

#include "../modules/overlay/overlay.h"
#include "shared.h"

/* The addresses and the network of the world below. */
#define T_VNI		7
#define T_PORT_LO	7000
#define T_PORT_N	2
#define T_SPORT_LO	40000
#define T_SPORT_N	4
#define T_HOST		t_ip4(192, 0, 2, 1)
#define T_PEER		t_ip4(192, 0, 2, 2)
#define T_PEER2		t_ip4(192, 0, 2, 3)

static inline struct ov_addr t_ip4(u8 a, u8 b, u8 c, u8 d)
{
	struct ov_addr addr;

	ov_addr_init4(&addr, htonl(a << 24 | b << 16 | c << 8 | d));
	return addr;
}

/* An IPv6 address from its first and its last 32 bits. */
static inline struct ov_addr t_ip6(u32 first, u32 last)
{
	struct ov_addr addr = {};

	addr.in6.s6_addr32[0] = htonl(first);
	addr.in6.s6_addr32[3] = htonl(last);
	return addr;
}

/* 10.0.0.1:@lport to 10.0.0.2:@rport: an overlay tuple of the world. */
static inline struct ov_tuple t_overlay(u16 lport, u16 rport)
{
	return (struct ov_tuple){
		.local = t_ip4(10, 0, 0, 1),
		.remote = t_ip4(10, 0, 0, 2),
		.lport = htons(lport),
		.rport = htons(rport),
	};
}

/* The host's @lport to the peer's @rport: an underlay tuple of the world. */
static inline struct ov_tuple t_underlay(u16 lport, u16 rport)
{
	return (struct ov_tuple){
		.local = T_HOST,
		.remote = T_PEER,
		.lport = htons(lport),
		.rport = htons(rport),
	};
}

struct ov_addr t_random_ip4(struct rnd_state *rnd);
struct ov_tuple t_random_tuple(struct rnd_state *rnd);

/**
 * struct t_world - an underlay and a network in the initial namespace
 * @host: its host; the module's own, freed with the module
 * @ul: an underlay without sockets and hooks, not in @host->underlays
 * @nw: a network over it
 */
struct t_world {
	struct ov_host *host;
	struct ov_underlay *ul;
	struct ov_network *nw;
};

/* For a suite's init and exit; the world is test->priv. */
int t_world_init(struct kunit *test);
void t_world_exit(struct kunit *test);
/* Whether nothing but the world itself holds its objects. */
bool t_world_at_rest(const struct t_world *world);

#endif /* ASHLAR_KUNIT_OVERLAY_FIXTURE_H */
