/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Extensions that are played: hosted as if the load gate had let them in, with
 * functions of the tests' own that end as instrumented code does. They are not
 * instrumented by KASAN, since an abort leaves their frames.
 */
#ifndef ASHLAR_KUNIT_EXT_STAGE_H
#define ASHLAR_KUNIT_EXT_STAGE_H

#include "ext_fixture.h"

#define T_ROLES		8

/**
 * struct t_stage - a version of an extension, and an instance in the initial namespace
 * @info: its table of contents; change it before t_create()
 * @entries: t_entry() fills them
 * @locks: two, of rising rank
 * @ext: what the load gate would have made
 * @inst: the instance, with a reference; NULL before t_create()
 * @hook: where t_attach() put it
 * @skb: the packet of t_packet()
 */
struct t_stage {
	struct ashlar_ext_info info;
	struct ashlar_ext_entry entries[T_ROLES];
	struct ashlar_ext_lock_def locks[2];
	struct ex_ext ext;
	struct ex_inst *inst;
	struct ex_hook *hook;
	struct sk_buff *skb;
};

/* A version, listed and approved for the initial namespace; all of it goes with the test. */
struct t_stage *t_stage(struct kunit *test, const char *name, const char *build);
const struct ashlar_ext_entry *t_entry(struct t_stage *s, const char *name, u32 kind,
				       const void *fn);
int t_approve(struct t_stage *s, const struct ex_quota *quota);
int t_try_create(struct t_stage *s);
void t_create(struct kunit *test, struct t_stage *s);
/* At INPUT, with the failure verdict @fail. */
void t_attach(struct kunit *test, struct t_stage *s, const char *entry, u32 fail);
/* The verdict that a packet gets there: in process context, or in a softirq. */
u32 t_packet(struct t_stage *s);
u32 t_packet_softirq(struct t_stage *s);
/* Runs @fn(@data) in a softirq, and waits for it. */
void t_softirq(void (*fn)(void *data), void *data);
/* Waits until a quarantined instance has let all go; false: it does not. */
bool t_ended(struct ex_inst *inst);
u64 t_stat(struct ex_inst *inst, enum ex_stat stat);
/* Who has that name in the initial namespace now; no reference. */
struct ex_inst *t_current(const char *name);

/**
 * struct t_play - what the played functions do and see; one test at a time
 * @ret: what play_return() returns
 * @addr: for t_fail() and t_load()
 * @code: for t_fail()
 * @size: for t_fail()
 * @turns: of play_turns(), and the depth of play_recurse()
 * @inside: invocations that are in play_spin()
 * @call: what play_call() calls
 * @data: for @call
 */
struct t_play {
	u64 ret;
	u64 addr;
	u32 code;
	u32 size;
	u32 turns;
	atomic_t inside;
	u64 (*call)(struct ashlar_ext_ctx *abi, u64 a0, u64 a1);
	void *data;
};

extern struct t_play t_play;
/* All as at first; @ret: see there. */
void t_play_begin(u64 ret);

u64 play_return(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3);
/* Takes fuel at each turn. */
u64 play_turns(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3);
/* Stays until it is told to leave. */
u64 play_spin(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3);
u64 play_recurse(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3);
/* Takes more than the header off the packet, and goes on; with @code set: fails. */
u64 play_break(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3);
/* Leaves if the call says so. */
u64 play_call(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3);

/* ext_traps.S */
void t_fail(void);
void t_ud2(void);
void t_divide(void);
void t_load(void);
void t_dirty(void);
void t_backwards(void);
extern const char t_text_start[], t_text_end[], t_pads_start[], t_pads_end[];
extern const u32 t_pad_ips[], t_nr_pads, t_fail_ip;
/* ex_enter(ctx, ..., fn): 0, if it leaves the registers and the stack as the caller had them. */
u64 t_gate(struct ashlar_ext_ctx *abi, const void *fn);

#endif /* ASHLAR_KUNIT_EXT_STAGE_H */
