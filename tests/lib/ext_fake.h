/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls of ext.h in a program, for tests of an extension's own logic: its
 * sources are compiled as they are, without the pass, and run under ASan and
 * UBSan. Time stands still until the test moves it. What is checked here is what
 * the compiler's sanitizers cannot see: handles, spans that have ended, locks.
 * A broken contract aborts the program.
 */
#ifndef ASHLAR_TESTS_EXT_FAKE_H
#define ASHLAR_TESTS_EXT_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "include/ashlar/ext_abi.h"

/**
 * struct fake_pkt - a packet
 * @data: all of it, from the network header on
 * @len: bytes
 * @linear: bytes that spans reach; the others must be pulled
 * @mark: as set
 * @gso_size: for a large segment
 * @in_ifindex: device
 * @out_ifindex: device
 * @hook: as in struct ext_pkt_info
 * @span: what spans point into: as long as @linear, so that ASan knows its end
 * @writable: the extension made it so
 */
struct fake_pkt {
	uint8_t data[2048];
	uint32_t len;
	uint32_t linear;
	uint32_t mark;
	uint32_t gso_size;
	uint32_t in_ifindex;
	uint32_t out_ifindex;
	uint32_t hook;
	uint8_t *span;
	bool writable;
};

/*
 * Ends of a packet to make; IPv4 addresses in the first four bytes, ports in the host's byte order.
 */
struct fake_flow {
	uint8_t src[16];
	uint8_t dst[16];
	uint16_t sport;
	uint16_t dport;
	uint8_t proto;
	uint8_t family;
};

extern uint64_t fake_now;
extern uint32_t fake_syncs, fake_timers, fake_works, fake_logs;

/* Forgets everything: maps, memory, time. */
void fake_reset(uint32_t state_size);
/* Forgets the state, as a new instance does; maps stay. */
void fake_restart(uint32_t state_size);
/* User space's view of a map. */
void *fake_map_at(const void *map, const void *key);
uint32_t fake_map_count(const void *map);
uint64_t fake_counter(const void *map, uint32_t index);

/* A packet with good checksums, @payload bytes behind the upper header. */
void fake_make(struct fake_pkt *pkt, const struct fake_flow *flow, uint8_t tcp_flags,
	       uint32_t payload);
/* An ICMP error of @type from flow->src to flow->dst that quotes @about. */
void fake_make_error(struct fake_pkt *pkt, const struct fake_flow *flow, uint8_t type, uint8_t code,
		     const struct fake_pkt *about);
/* Whether the checksums of the packet's headers are right. */
bool fake_sums_right(const struct fake_pkt *pkt);
/* The ends as the packet has them now. */
void fake_flow_of(const struct fake_pkt *pkt, struct fake_flow *flow);
void fake_done(struct fake_pkt *pkt);

#endif /* ASHLAR_TESTS_EXT_FAKE_H */
