// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instance and its invocations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "extrun.h"

#define STACK_RESERVE	0x4000

u64 er_pkt_handle(void);

static const struct ashlar_ext_info *const info = &ashlar_ext_info;
struct er_options er_options = { .fuel = 1000000, .memory = 16 << 20 };
ctx_t *er_ctx;
bool er_dead;
u64 er_used_max;
static ctx_t context;
#ifdef EXTRUN_ORACLE
static void *state;
#else
static u64 ustack;
#endif

/* The thunk of a kernel's functions, for what was built for one. */
__asm__(".globl __x86_return_thunk\n__x86_return_thunk: ret\n");

bool er_instance_init(void)
{
	const struct ashlar_ext_entry *init;

	er_dead = false;
	er_used_max = 0;
	er_sync_reset();
	memset(&context, 0, sizeof(context));
#ifdef EXTRUN_ORACLE
	state = calloc(1, info->state_size ? info->state_size : 1);
	context.base = (u64)state;
#else
	er_region_init(er_options.memory);
	ustack = er_take(ASHLAR_EXT_USTACK);
	if (!ustack)
		return false;
	er_shadow_clear(ustack, ASHLAR_EXT_USTACK);
	context.base = er_state() - info->state_off;
	context.usp_limit = (ustack + 15) & ~15UL;
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

void er_stop(ctx_t *ctx, u32 code, u64 addr, const char *text)
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

static void end(ctx_t *ctx, const struct ashlar_ext_entry *entry)
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
	er_shadow_clear(ustack, ASHLAR_EXT_USTACK);
#endif
}

struct er_result er_run(const struct ashlar_ext_entry *entry, u64 a0, u64 a1, u64 a2, u64 a3)
{
	struct er_result r = {0};

	if (er_dead)
		return (struct er_result){ .code = ASHLAR_EXT_FAULT_STOP };
	context.fuel = context.fuel_max = er_options.fuel;
	context.usp = context.usp_limit + ASHLAR_EXT_USTACK - 16;
	context.sp_limit = stack_limit();
	context.stop = context.fault_code = context.fault_size = 0;
	context.fault_addr = context.fault_ip = context.spare[0] = 0;
	context.kind = entry->kind;
	er_ctx = &context;
	r.value = er_enter(&context, entry->fn, a0, a1, a2, a3);
	er_ctx = NULL;
	end(&context, entry);
	er_maps_end();
	r.code = context.fault_code;
	return r;
}

struct er_result er_run_packet(const struct ashlar_ext_entry *entry, const u8 *bytes, u32 len, u32 linear, u32 in, u32 out,
			       u8 hook)
{
	struct er_result r;
	u32 owned = er_pkts_owned(), devs = er_devs_owned();

	er_pkt_begin(&context, bytes, len, linear, in, out, hook);
	r = er_run(entry, er_pkt_handle(), 0, 0, 0);
	if (!r.code && (u32)r.value > 1) {
		context.fault_code = ASHLAR_EXT_FAULT_VERDICT;
		context.fault_addr = r.value;
		end(&context, entry);
		r.code = ASHLAR_EXT_FAULT_VERDICT;
	}
	(void)owned;
	(void)devs;
	return r;
}
