// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instance and its invocations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "extrun.h"

#define STACK_RESERVE 0x4000

u64 er_pkt_handle(void);

static const struct ashlar_ext_info *const info = &ashlar_ext_info;
struct er_options er_options = { .fuel = 1000000, .memory = 16 << 20 };
struct ashlar_ext_ctx *er_ctx;
bool er_dead;
u64 er_used_max;

/* One runs at a time, but while it sleeps another may. */
#define DEPTH 2
static struct ashlar_ext_ctx contexts[DEPTH];
static u32 depth;
#ifdef EXTRUN_ORACLE
static void *state;
#else
static u64 ustacks[DEPTH];
#endif

/* The thunk of a kernel's functions, for what was built for one. */
__asm__(".globl __x86_return_thunk\n__x86_return_thunk: ret\n");

bool er_instance_init(void)
{
	const struct ashlar_ext_entry *init;

	er_dead = false;
	er_used_max = 0;
	er_sync_reset();
	memset(contexts, 0, sizeof(contexts));
	depth = 0;
#ifdef EXTRUN_ORACLE
	state = calloc(1, info->state_size ? info->state_size : 1);
	contexts[0].base = (u64)state;
	contexts[1].base = (u64)state;
#else
	er_region_init(er_options.memory);
	for (u32 i = 0; i < DEPTH; i++) {
		ustacks[i] = er_take(ASHLAR_EXT_USTACK);
		if (!ustacks[i])
			return false;
		er_shadow_clear(ustacks[i], ASHLAR_EXT_USTACK);
		contexts[i].base = er_state() - info->state_off;
		contexts[i].usp_limit = (ustacks[i] + 15) & ~15UL;
	}
#endif
	er_maps_init();
	er_trap_init();
	init = er_entry(NULL, ASHLAR_EXT_ENTRY_INIT);
	return !init || (s32)er_run(init, 0, 0, 0, 0).value == 0;
}

void er_instance_fini(void)
{
	er_maps_fini();
	er_pkt_reset();
#ifdef EXTRUN_ORACLE
	free(state);
#else
	er_region_fini();
#endif
}

const struct ashlar_ext_entry *er_entry(const char *name, u32 kind)
{
	u32 i;

	for (i = 0; i < info->nr_entries; i++)
		if ((!name || !strncmp(info->entries[i].name, name, ASHLAR_EXT_NAME)) &&
		    (!kind || info->entries[i].kind == kind))
			return &info->entries[i];
	return NULL;
}

void er_stop(struct ashlar_ext_ctx *ctx, u32 code, u64 addr, const char *text)
{
	if (ctx->stop)
		return;
	ctx->stop = code;
	ctx->fault_code = code;
	ctx->fault_addr = addr;
	ctx->spare[0] = (u64)text;
#ifdef EXTRUN_ORACLE
	/* Nobody looks at ctx->stop in code without checks. */
	er_report(ctx, NULL);
	exit(3);
#endif
}

static u64 stack_limit(void)
{
	char here;

	return (u64)&here - 0x20000;
}

static void end(struct ashlar_ext_ctx *ctx, const struct ashlar_ext_entry *entry)
{
	u64 used = er_options.fuel - (ctx->fuel > 0 ? ctx->fuel : 0);

	er_locks_end(ctx);
	if (used > er_used_max)
		er_used_max = used;
	if (!ctx->fault_code)
		return;
	er_dead = true;
	er_report(ctx, entry);
#ifndef EXTRUN_ORACLE
	er_shadow_clear(ustacks[ctx - contexts], ASHLAR_EXT_USTACK);
#endif
}

struct er_result er_run(const struct ashlar_ext_entry *entry, u64 a0, u64 a1, u64 a2, u64 a3)
{
	struct ashlar_ext_ctx *ctx = &contexts[depth], *before = er_ctx;
	struct er_result r = { 0 };

	if (er_dead)
		return (struct er_result){ .code = ASHLAR_EXT_FAULT_STOP };
	ctx->fuel_max = er_options.fuel;
	ctx->fuel = er_options.fuel;
	ctx->usp = ctx->usp_limit + ASHLAR_EXT_USTACK - 16;
	ctx->sp_limit = stack_limit();
	ctx->stop = 0;
	ctx->fault_code = 0;
	ctx->fault_size = 0;
	ctx->fault_addr = 0;
	ctx->fault_ip = 0;
	ctx->spare[0] = 0;
	ctx->kind = entry->kind;
	er_ctx = ctx;
	depth++;
	r.value = er_enter(ctx, entry->fn, a0, a1, a2, a3);
	depth--;
	er_ctx = before;
	end(ctx, entry);
	if (!depth)
		er_maps_end();
	r.code = ctx->fault_code;
	return r;
}

bool er_may_nest(void)
{
	return depth < DEPTH;
}

/* What the contract says of an entry's result is not so. */
u32 er_wrong(const struct ashlar_ext_entry *entry, u32 code, u64 value)
{
	contexts[0].fault_code = code;
	contexts[0].fault_addr = value;
	end(&contexts[0], entry);
	return code;
}

struct er_result er_run_packet(const struct ashlar_ext_entry *entry, const u8 *bytes, u32 len,
			       u32 linear, u32 in, u32 out, u8 hook)
{
	struct er_result r;

	er_pkt_begin(&contexts[0], bytes, len, linear, in, out, hook);
	r = er_run(entry, er_pkt_handle(), 0, 0, 0);
	if (!r.code && (u32)r.value > 1)
		r.code = er_wrong(entry, ASHLAR_EXT_FAULT_VERDICT, r.value);
	else if (!r.code && r.value && er_pkt_broken())
		r.code = er_wrong(entry, ASHLAR_EXT_FAULT_VERDICT, r.value);
	return r;
}
