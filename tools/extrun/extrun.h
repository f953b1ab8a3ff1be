/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The run time of user space: what the shim is in the kernel, for one extension in one process. It
 * exists to debug, to fuzz and to measure; contracts are the shim's, speed and concurrency are not:
 * one invocation at a time.
 *
 * EXTRUN_ORACLE: for the same source without checks, under ASan and UBSan: every object is one of
 * malloc's, so that ASan sees what the shadow would.
 */
#ifndef EXTRUN_H
#define EXTRUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/ashlar/ext_abi.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

extern const struct ashlar_ext_info ashlar_ext_info;

/* gate.S */
u64 er_enter(struct ashlar_ext_ctx *ctx, const void *fn, u64 a0, u64 a1, u64 a2, u64 a3);
void er_leave(void);

/* region.c: arena, shadow, the allocator */
void er_region_init(u64 quota);
void er_region_fini(void);
bool er_in_arena(u64 at);
void er_shadow_set(u64 at, u32 size);
void er_shadow_clear(u64 at, u32 size);
u64 er_state(void);
/* Memory of the arena that is nobody else's; 0: over quota. */
u64 er_take(u32 size);
void er_give(u64 at);
/* All of it is the extension's, in one object; else the invocation is told to stop. */
bool er_buf(struct ashlar_ext_ctx *ctx, const void *p, u64 len, bool write);
const char *er_describe(u64 at);

/* What a call does whose contract is broken; it returns then. */
void er_stop(struct ashlar_ext_ctx *ctx, u32 code, u64 addr, const char *text);
void er_called(const char *name, u64 arg);

/* map.c, sync.c, pkt.c */
void er_maps_init(void);
void er_maps_fini(void);
void er_maps_end(void);
bool er_map_set(const char *text);
bool er_is_map(const void *p);
void er_locks_end(struct ashlar_ext_ctx *ctx);
void er_sync_reset(void);
/* Runs the timers and the work that are due now. */
void er_sync_run(void);
extern u64 er_clock;
extern u32 er_logs;

/* A packet: bytes [0, len) from data on, of which the first linear can be reached by spans. */
struct er_pkt {
	u8 *buffer;
	u32 room;
	u32 head;
	u32 len;
	u32 linear;
	bool writable;
	bool alone;	/* moved to be changed by a call */
	u32 in_ifindex;
	u32 out_ifindex;
	u32 mark;
	u8 hook;
	u8 family; /* at first, if it was whole */
	u32 gen;
	bool used;
};

bool er_pkt_begin(struct ashlar_ext_ctx *ctx, const u8 *bytes, u32 len, u32 linear, u32 in, u32 out,
		  u8 hook);
/* The packet as it is now; counts what the invocation left over. */
const u8 *er_pkt_end(struct ashlar_ext_ctx *ctx, u32 *len);
/* Whether a packet that was of IP, and was written to, has no whole header any more. */
bool er_pkt_broken(void);
extern u32 er_blocks, er_objects;	/* given out */
u32 er_timers(void);
u32 er_pkts_owned(void);
u32 er_devs_owned(void);
void er_pkt_reset(void);
extern u32 er_sent;
extern u32 er_devices;

/* run.c: an instance */
struct er_result {
	u64 value;
	u32 code;	/* ASHLAR_EXT_FAULT_* */
};

struct er_options {
	u64 fuel;
	u64 memory;
	bool quiet;
	bool verbose;
};

extern struct er_options er_options;
extern u64 er_used_max;
const struct ashlar_ext_entry *er_entry(const char *name, u32 kind);
bool er_may_nest(void);
u32 er_wrong(const struct ashlar_ext_entry *entry, u32 code, u64 value);
bool er_instance_init(void);
void er_instance_fini(void);
struct er_result er_run(const struct ashlar_ext_entry *entry, u64 a0, u64 a1, u64 a2, u64 a3);
struct er_result er_run_packet(const struct ashlar_ext_entry *entry, const u8 *bytes, u32 len,
			       u32 linear, u32 in, u32 out, u8 hook);
extern bool er_dead;	/* quarantined */
extern struct ashlar_ext_ctx *er_ctx;

/* report.c */
void er_report(struct ashlar_ext_ctx *ctx, const struct ashlar_ext_entry *entry);
const char *er_code_text(u32 code);
void er_trap_init(void);

/* source.c */
struct er_source {
	const u8 *bytes;
	u32 len;
	u64 time;
};

bool er_pcap_open(const char *path);
bool er_pcap_next(struct er_source *s);
void er_generate(struct er_source *s, u64 number, u32 flows, u32 size);

#endif
