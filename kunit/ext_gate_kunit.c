// SPDX-License-Identifier: GPL-2.0-only
/*
 * Into an extension and out of it: each way that it may end, in a task and in a
 * softirq. One that has violated something is quarantined, reported as it was,
 * and the kernel goes on as if nothing had been.
 */
#include "ext_stage.h"

#define T_WRITE(n)	(ASHLAR_EXT_FAULT_WRITE | (n))

/* --- calls with arguments that their contracts rule out --- */

static u64 call_buffer_null(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	return ashlar_ext_hash(abi, NULL, 8);
}

static u64 call_buffer_kernel(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	return ashlar_ext_hash(abi, &t_play, 8);
}

/* An address that would make the shim itself trap, if it went there. */
static u64 call_buffer_guard(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	return ashlar_ext_hash(abi, (void *)abi->base - 8, 8);
}

static u64 call_buffer_shadow(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	return ashlar_ext_hash(abi, (void *)abi->base + ASHLAR_EXT_SHADOW_OFF, 8);
}

static u64 call_buffer_long(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	return ashlar_ext_hash(abi, ashlar_ext_alloc(abi, 32), 33);
}

static u64 call_range(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	ashlar_ext_range(abi, ashlar_ext_alloc(abi, 32), U64_MAX, 1);
	return 0;
}

static u64 call_free_twice(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	void *p = ashlar_ext_alloc(abi, 32);

	ashlar_ext_free(abi, p);
	ashlar_ext_free(abi, p);
	return 0;
}

static u64 call_put_twice(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	void *p = ashlar_ext_obj_alloc(abi, 32);

	ashlar_ext_obj_put(abi, p);
	ashlar_ext_obj_put(abi, p);
	return 0;
}

static u64 call_handle(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	ashlar_ext_dev_put(abi, 0x1234);
	return 0;
}

static u64 call_lock_order(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	const struct ashlar_ext_lock_def *locks = ex_ctx(abi)->inst->info->locks;

	ashlar_ext_lock(abi, &locks[1]);
	ashlar_ext_lock(abi, &locks[0]);
	return 0;
}

static u64 call_lock_left(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	ashlar_ext_lock(abi, &ex_ctx(abi)->inst->info->locks[0]);
	return NF_ACCEPT;
}

static u64 call_sleep_locked(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	ashlar_ext_lock(abi, &ex_ctx(abi)->inst->info->locks[0]);
	ashlar_ext_sleep(abi, 1);
	return 0;
}

static u64 call_good(struct ashlar_ext_ctx *abi, u64 a0, u64 a1)
{
	const struct ashlar_ext_lock_def *locks = ex_ctx(abi)->inst->info->locks;
	void *p = ashlar_ext_alloc(abi, 32);

	ashlar_ext_lock(abi, &locks[0]);
	ashlar_ext_lock(abi, &locks[1]);
	ashlar_ext_hash(abi, p, 32);
	ashlar_ext_range(abi, p, 32, 1);
	ashlar_ext_unlock(abi, &locks[0]);
	ashlar_ext_unlock(abi, &locks[1]);
	ashlar_ext_free(abi, p);
	return NF_ACCEPT;
}

/* --- the ways to end --- */

/**
 * struct t_end - a way to end
 * @name: for people
 * @fn: what is called
 * @call: what that calls, if it is play_call()
 * @addr: an address, or from the arena's base
 * @arena: which of the two
 * @code: of the report; 0: all is well
 * @size: of the access
 * @turns: of loops
 * @place: of the report
 */
struct t_end {
	const char *name;
	const void *fn;
	u64 (*call)(struct ashlar_ext_ctx *abi, u64 a0, u64 a1);
	u64 addr;
	bool arena;
	u32 code;
	u32 size;
	u32 turns;
	u32 place;
};

#define FAIL(code_, addr_, arena_, size_, place_) \
	{ .name = #code_, .fn = t_fail, .code = ASHLAR_EXT_FAULT_##code_, .addr = addr_, \
	  .arena = arena_, .size = size_, .place = ASHLAR_EXT_PLACE_##place_ }
#define TRAP(fn_, addr_, arena_) \
	{ .name = #fn_, .fn = fn_, .code = ASHLAR_EXT_FAULT_TRAP, .addr = addr_, \
	  .arena = arena_ }
#define CALL(fn_, code_, place_) \
	{ .name = #fn_, .fn = play_call, .call = fn_, .code = ASHLAR_EXT_FAULT_##code_, \
	  .place = ASHLAR_EXT_PLACE_##place_ }

static const struct t_end ends[] = {
	{ .name = "none", .fn = play_return },
	{ .name = "none_call", .fn = play_call, .call = call_good },
	{ .name = "none_turns", .fn = play_turns, .turns = 1000000 },
	{ .name = "none_recurse", .fn = play_recurse, .turns = 8 },
	FAIL(RANGE, 0, false, 4, NULL),
	FAIL(RANGE, 0x7fff00001000ULL, false, T_WRITE(8), WILD),
	FAIL(RANGE, 20 << 20, true, 1, UNMAPPED),
	FAIL(RANGE, -8, true, 1, WILD),
	FAIL(RANGE, ASHLAR_EXT_ARENA_SIZE, true, 1, WILD),
	FAIL(BOUNDS, ASHLAR_EXT_ARENA_SIZE - 2, true, T_WRITE(2), UNMAPPED),
	FAIL(OBJECT, 0xffff7fffffffffffULL, false, 8, WILD),
	FAIL(READONLY, 0, true, T_WRITE(1), UNMAPPED),
	FAIL(NULL, 8, false, 8, NULL),
	FAIL(USTACK, 0, false, 0, UNKNOWN),
	FAIL(DIV, 0, false, 0, UNKNOWN),
	FAIL(SHIFT, 64, false, 0, UNKNOWN),
	FAIL(ICALL, 0x1234, false, 0, UNKNOWN),
	FAIL(UNREACHABLE, 0, false, 0, UNKNOWN),
	FAIL(OVERFLOW, 0, false, 0, UNKNOWN),
	{ .name = "FUEL", .fn = play_turns, .turns = 1000001, .code = ASHLAR_EXT_FAULT_FUEL },
	{ .name = "STACK", .fn = play_recurse, .turns = 1000, .code = ASHLAR_EXT_FAULT_STACK },
	TRAP(t_ud2, 0, false),
	TRAP(t_divide, 0, false),
	TRAP(t_load, -4096, true),
	TRAP(t_load, 20 << 20, true),
	TRAP(t_load, 0x8000000000000ULL << 8, false),
	TRAP(t_dirty, 0, false),
	TRAP(t_backwards, 0, false),
	CALL(call_buffer_null, BUFFER, NULL),
	CALL(call_buffer_kernel, BUFFER, WILD),
	CALL(call_buffer_guard, BUFFER, WILD),
	CALL(call_buffer_shadow, BUFFER, WILD),
	CALL(call_buffer_long, BUFFER, HEAP),
	CALL(call_range, RANGE, HEAP),
	CALL(call_free_twice, FREE, FREED),
	CALL(call_put_twice, REFCOUNT, FREED),
	CALL(call_handle, HANDLE, UNKNOWN),
	CALL(call_lock_order, LOCK_ORDER, UNKNOWN),
	CALL(call_lock_left, LOCK_HELD, UNKNOWN),
	CALL(call_sleep_locked, CONTEXT, UNKNOWN),
};

static void end_desc(const struct t_end *end, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s_%llx", end->name, end->addr);
}

KUNIT_ARRAY_PARAM(end, ends, end_desc);

static void play(struct t_stage *s, const struct t_end *end)
{
	t_play_begin(NF_ACCEPT);
	t_play.addr = (end->arena ? s->inst->arena.base : 0) + end->addr;
	t_play.code = end->code;
	t_play.size = end->size;
	t_play.turns = end->turns;
	t_play.call = end->call;
}

static void expect_report(struct kunit *test, struct t_stage *s, const struct t_end *end)
{
	const struct ex_report *r = &s->inst->report;
	u32 i;

	KUNIT_EXPECT_EQ(test, r->code, end->code);
	KUNIT_EXPECT_EQ(test, r->place, end->place);
	KUNIT_EXPECT_STREQ(test, r->entry, "it");
	KUNIT_EXPECT_STREQ(test, r->build, "b1");
	if (end->fn == t_fail) {
		KUNIT_EXPECT_EQ(test, r->ip, (u64)t_fail_ip);
		KUNIT_EXPECT_EQ(test, r->addr, t_play.addr);
		KUNIT_EXPECT_EQ(test, r->size, end->size & ~ASHLAR_EXT_FAULT_WRITE);
		KUNIT_EXPECT_EQ(test, r->write, !!(end->size & ASHLAR_EXT_FAULT_WRITE));
	}
	if (end->code != ASHLAR_EXT_FAULT_TRAP)
		return;
	for (i = 0; i < t_nr_pads && r->ip != t_pad_ips[i]; i++)
		;
	KUNIT_EXPECT_LT(test, i, t_nr_pads);
	/* In the function that was called. */
	KUNIT_EXPECT_LT(test, (u64)t_text_start + r->ip - (u64)end->fn, 64ULL);
}

/* What there was is quarantined, and gives nothing but its report. */
static void expect_over(struct kunit *test, struct t_stage *s, const struct t_end *end)
{
	struct ex_inst *inst = s->inst;

	KUNIT_EXPECT_EQ(test, inst->state, (u32)EX_QUARANTINED);
	KUNIT_ASSERT_TRUE(test, t_ended(inst));
	expect_report(test, s, end);
	KUNIT_EXPECT_EQ(test, t_stat(inst, EX_STAT_FAULT), 1ULL);
	KUNIT_EXPECT_EQ(test, t_stat(inst, EX_STAT_QUARANTINE), 1ULL);
	KUNIT_EXPECT_EQ(test, t_stat(inst, EX_STAT_FAULT_LATER), 0ULL);
	KUNIT_EXPECT_NULL(test, inst->arena.area);
	KUNIT_EXPECT_NULL(test, inst->ext);
}

static void gate_task(struct kunit *test)
{
	const struct t_end *end = test->param_value;
	struct t_stage *s = t_stage(test, "gate", "b1");
	const struct ashlar_ext_entry *entry;
	u64 ret = 0;
	int err;

	entry = t_entry(s, "it", ASHLAR_EXT_ENTRY_WORK, end->fn);
	t_create(test, s);
	play(s, end);
	err = ex_run(s->inst, entry, 0, 0, 0, 0, &ret);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_FALSE(test, native_save_fl() & X86_EFLAGS_DF);
	if (end->code) {
		KUNIT_EXPECT_EQ(test, err, -EOWNERDEAD);
		KUNIT_EXPECT_EQ(test, ex_run(s->inst, entry, 0, 0, 0, 0, &ret), -ESHUTDOWN);
		expect_over(test, s, end);
		return;
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, ret, (u64)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_RUN_SLEEPER), 1ULL);
}

static void gate_softirq(struct kunit *test)
{
	const struct t_end *end = test->param_value;
	struct t_stage *s = t_stage(test, "gate", "b1");
	u32 verdict;

	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, end->fn);
	t_create(test, s);
	t_attach(test, s, "it", NF_DROP);
	play(s, end);
	verdict = t_packet_softirq(s);
	KUNIT_EXPECT_FALSE(test, native_save_fl() & X86_EFLAGS_DF);
	if (end->code) {
		KUNIT_EXPECT_EQ(test, verdict, (u32)NF_DROP);
		KUNIT_EXPECT_EQ(test, t_packet_softirq(s), (u32)NF_DROP);
		KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_DROP);
		expect_over(test, s, end);
		KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_FAIL_DROPPED), 3ULL);
		KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_RUN_CLOSED), 2ULL);
		return;
	}
	KUNIT_EXPECT_EQ(test, verdict, (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_RUN_HOOK), 2ULL);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_HOOK_ACCEPTED), 2ULL);
}

/* What a caller keeps in registers and on its stack is there again, whatever came between. */
static void gate_registers(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "gate", "b1");
	u64 kept[3];
	u32 codes[3];
	struct ex_ctx *ctx;
	bool room;

	t_create(test, s);
	t_play_begin(0);
	/* As hook.c prepares it. */
	local_bh_disable();
	ctx = &this_cpu_ptr(s->inst->cpu)->ctx;
	room = ex_stack_begin(ctx);
	kept[0] = t_gate(&ctx->abi, play_return);
	codes[0] = ctx->abi.fault_code;
	t_play.code = ASHLAR_EXT_FAULT_RANGE;
	kept[1] = t_gate(&ctx->abi, t_fail);
	codes[1] = ctx->abi.fault_code;
	/* A code of 0 is a fault all the same. */
	t_play.code = 0;
	kept[2] = t_gate(&ctx->abi, t_fail);
	codes[2] = ctx->abi.fault_code;
	ctx->abi.fault_code = 0;
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, room);
	KUNIT_EXPECT_EQ(test, kept[0] | kept[1] | kept[2], 0ULL);
	KUNIT_EXPECT_EQ(test, codes[0], 0U);
	KUNIT_EXPECT_EQ(test, codes[1], (u32)ASHLAR_EXT_FAULT_RANGE);
	KUNIT_EXPECT_EQ(test, codes[2], (u32)ASHLAR_EXT_FAULT_UNREACHABLE);
}

static void window(struct kunit *test, struct ashlar_ext_ctx *abi, u64 off, u32 size, bool good)
{
	KUNIT_EXPECT_EQ_MSG(test, ashlar_ext_window(abi, abi->pkt + off, size), (u64)good,
			    "%lld, %#x", off, size);
}

/* The packet's window, as cold blocks ask for it: to the byte, and writing by itself. */
static void gate_window(struct kunit *test)
{
	struct ashlar_ext_ctx abi = { .pkt = (u64)&t_play, .pkt_len = 60 };

	window(test, &abi, 0, 60, true);
	window(test, &abi, 59, 1, true);
	window(test, &abi, 60, 1, false);
	window(test, &abi, 59, 2, false);
	window(test, &abi, 0, 61, false);
	window(test, &abi, -1, 1, false);
	window(test, &abi, -1, 8, false);
	window(test, &abi, 1, 0x7fffffff, false);
	window(test, &abi, 0, T_WRITE(1), false);
	abi.pkt_wlen = 60;
	window(test, &abi, 0, T_WRITE(60), true);
	window(test, &abi, 52, T_WRITE(8), true);
	window(test, &abi, 53, T_WRITE(8), false);
	abi.pkt_len = 0;
	abi.pkt_wlen = 0;
	abi.pkt = 0;
	window(test, &abi, 0, 1, false);
	window(test, &abi, 8, T_WRITE(8), false);
	window(test, &abi, -8, 8, false);
}

static struct kunit_case gate_cases[] = {
	KUNIT_CASE_PARAM(gate_task, end_gen_params),
	KUNIT_CASE_PARAM(gate_softirq, end_gen_params),
	KUNIT_CASE(gate_registers),
	KUNIT_CASE(gate_window),
	{}
};

static struct kunit_suite gate_suite = {
	.name = "ext_gate",
	.test_cases = gate_cases,
};

kunit_test_suite(gate_suite);
