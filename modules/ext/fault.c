// SPDX-License-Identifier: GPL-2.0-only
/* What a violation looks like: the report, filled where it happened. */
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include <ashlar/ext_api.h>

#include "fault.h"
#include "inst.h"

/* What lies at an address is one of these, with where it begins. */
struct place {
	u32 place;
	u32 start;
	u32 size;
};

static bool in_map(const struct ex_inst *inst, u64 addr, u32 *start, u32 *size)
{
	const struct ex_map_use *use;
	const struct ex_map *map;
	u32 i;

	for (i = 0; inst->maps && i < inst->info->nr_maps; i++) {
		use = &inst->maps[i];
		map = use->map;
		if (!map || !use->base || addr < use->base - ASHLAR_EXT_REDZONE ||
		    addr >= use->base - ASHLAR_EXT_REDZONE + use->bytes)
			continue;
		if (addr < use->base)
			addr = use->base;
		*size = map->def.value_size;
		*start = use->base + (addr - use->base) / map->stride * map->stride -
			 inst->arena.base;
		return true;
	}
	return false;
}

static bool in_stack(const struct ex_ctx *ctx, u64 addr)
{
	return addr - ctx->abi.usp_limit < ASHLAR_EXT_USTACK;
}

/* Locals that the build knows all about are on the processor's stack. */
static bool in_frame(const struct ex_ctx *ctx, u64 addr)
{
	return addr - (ctx->abi.sp_limit - ctx->stack_need) < THREAD_SIZE;
}

static bool in_image(const struct ex_inst *inst, u32 off, struct place *p)
{
	const struct ashlar_ext_object *o;
	u32 i;

	if (off >= inst->info->image_size)
		return false;
	p->place = ASHLAR_EXT_PLACE_IMAGE;
	for (i = 0; i < inst->info->nr_objects; i++) {
		o = &inst->info->objects[i];
		/* Its red zone behind it is taken as its own. */
		if (off >= o->offset && off < o->offset + o->size + ASHLAR_EXT_REDZONE) {
			p->start = o->offset;
			p->size = o->size;
		}
	}
	return true;
}

static void arena_place(struct ex_inst *inst, const struct ex_ctx *ctx, u32 off, struct place *p)
{
	const struct ashlar_ext_info *info = inst->info;
	int what;

	if (in_image(inst, off, p))
		return;
	if (info->state_size && off >= info->state_off &&
	    off < info->state_off + round_up(info->state_size, ASHLAR_EXT_CHUNK)) {
		*p = (struct place){ ASHLAR_EXT_PLACE_STATE, info->state_off, info->state_size };
		return;
	}
	if (in_stack(ctx, inst->arena.base + off)) {
		p->place = ASHLAR_EXT_PLACE_STACK;
		return;
	}
	if (in_map(inst, inst->arena.base + off, &p->start, &p->size)) {
		p->place = ASHLAR_EXT_PLACE_MAP;
		return;
	}
	what = ex_heap_describe(inst, off, &p->start, &p->size);
	if (what)
		p->place = what == 2 ? ASHLAR_EXT_PLACE_FREED : ASHLAR_EXT_PLACE_HEAP;
	else if (test_bit(off / ASHLAR_EXT_CHUNK, inst->arena.mapped))
		p->place = ASHLAR_EXT_PLACE_REDZONE;
	else
		p->place = ASHLAR_EXT_PLACE_UNMAPPED;
}

static bool has_address(u32 code)
{
	switch (code) {
	case ASHLAR_EXT_FAULT_RANGE:
	case ASHLAR_EXT_FAULT_BOUNDS:
	case ASHLAR_EXT_FAULT_OBJECT:
	case ASHLAR_EXT_FAULT_READONLY:
	case ASHLAR_EXT_FAULT_NULL:
	case ASHLAR_EXT_FAULT_RACE:
	case ASHLAR_EXT_FAULT_BUFFER:
	case ASHLAR_EXT_FAULT_FREE:
	case ASHLAR_EXT_FAULT_REFCOUNT:
		return true;
	default:
		return false;
	}
}

static void report_place(struct ex_report *r, const struct ex_ctx *ctx)
{
	struct ex_inst *inst = ctx->inst;
	u64 off = r->addr - inst->arena.base;
	struct place p = {};

	r->offset = ~0ULL;
	if (!has_address(r->code))
		return;
	if (r->addr < PAGE_SIZE) {
		r->place = ASHLAR_EXT_PLACE_NULL;
	} else if (off < ASHLAR_EXT_ARENA_SIZE) {
		r->offset = off;
		arena_place(inst, ctx, off, &p);
		r->place = p.place;
		r->object_offset = p.size ? off - p.start : 0;
		r->object_size = p.size;
	} else if (ctx->abi.pkt && r->addr - ctx->abi.pkt < ctx->abi.pkt_len + PAGE_SIZE) {
		r->place = ASHLAR_EXT_PLACE_PACKET;
		r->object_offset = r->addr - ctx->abi.pkt;
		r->object_size = ctx->abi.pkt_len;
	} else if (in_frame(ctx, r->addr)) {
		r->place = ASHLAR_EXT_PLACE_STACK;
	} else {
		r->place = ASHLAR_EXT_PLACE_WILD;
	}
}

static void report_calls(struct ex_report *r, const struct ex_ctx *ctx)
{
	u32 end = ctx->calls_end / sizeof(ctx->calls[0]), n = min_t(u32, end, EX_CALLS), i;

	for (i = 0; i < n; i++)
		r->calls[i] = ctx->calls[(end - n + i) % EX_CALLS];
	r->nr_calls = n;
}

void ex_report_fill(struct ex_report *r, const struct ex_ctx *ctx)
{
	const struct ex_inst *inst = ctx->inst;
	u64 ip = ctx->abi.fault_ip - (u64)inst->info->text_start;

	r->code = ctx->abi.fault_code;
	r->kind = ctx->abi.kind;
	r->size = ctx->abi.fault_size & ~ASHLAR_EXT_FAULT_WRITE;
	r->write = ctx->abi.fault_size & ASHLAR_EXT_FAULT_WRITE;
	r->addr = ctx->abi.fault_addr;
	r->ip = ip <= inst->info->text_end - inst->info->text_start ? ip : ~0ULL;
	r->other_ip = r->code == ASHLAR_EXT_FAULT_RACE ? ctx->other_ip : ~0ULL;
	r->text = ctx->fault;
	strscpy(r->entry, ctx->entry->name, sizeof(r->entry));
	r->cpu = raw_smp_processor_id();
	/*
	 * get_task_comm() takes a lock that softirqs must not take; what a change has torn is a
	 * string, too.
	 */
	strscpy_pad(r->comm, current->comm, sizeof(r->comm));
	report_place(r, ctx);
	report_calls(r, ctx);
}

const char *ex_fault_name(u32 code)
{
	switch (code) {
	case ASHLAR_EXT_FAULT_NONE: return "none";
	case ASHLAR_EXT_FAULT_RANGE: return "address outside of its memory";
	case ASHLAR_EXT_FAULT_BOUNDS: return "out of bounds, or freed";
	case ASHLAR_EXT_FAULT_OBJECT: return "beyond an object";
	case ASHLAR_EXT_FAULT_READONLY: return "write to what is read-only";
	case ASHLAR_EXT_FAULT_NULL: return "a result that was not looked at";
	case ASHLAR_EXT_FAULT_FUEL: return "ran too long";
	case ASHLAR_EXT_FAULT_STACK: return "recursion too deep";
	case ASHLAR_EXT_FAULT_USTACK: return "too many locals";
	case ASHLAR_EXT_FAULT_DIV: return "division by zero";
	case ASHLAR_EXT_FAULT_SHIFT: return "shift too wide";
	case ASHLAR_EXT_FAULT_ICALL: return "bad indirect call";
	case ASHLAR_EXT_FAULT_UNREACHABLE: return "unreachable code was reached";
	case ASHLAR_EXT_FAULT_OVERFLOW: return "overflow";
	case ASHLAR_EXT_FAULT_RACE: return "race";
	case ASHLAR_EXT_FAULT_STOP: return "stopped";
	case ASHLAR_EXT_FAULT_TRAP: return "processor trap";
	case ASHLAR_EXT_FAULT_HANDLE: return "bad handle";
	case ASHLAR_EXT_FAULT_BUFFER: return "bad buffer";
	case ASHLAR_EXT_FAULT_FREE: return "bad free";
	case ASHLAR_EXT_FAULT_REFCOUNT: return "bad reference count";
	case ASHLAR_EXT_FAULT_LOCK_ORDER: return "lock order";
	case ASHLAR_EXT_FAULT_LOCK_HELD: return "lock held or not held";
	case ASHLAR_EXT_FAULT_LOCK_TIME: return "lock for too long";
	case ASHLAR_EXT_FAULT_CONTEXT: return "call not allowed here";
	case ASHLAR_EXT_FAULT_ARGUMENT: return "bad argument";
	case ASHLAR_EXT_FAULT_VERDICT: return "no verdict";
	default: return "unknown";
	}
}

const char *ex_call_name(u32 id)
{
	static const char * const names[] = EX_CALL_NAMES;

	return id < ARRAY_SIZE(names) ? names[id] : "unknown";
}
