// SPDX-License-Identifier: GPL-2.0-only
/* Calls: memory and objects with a count. mem.c has the heap. */
#include "call.h"
#include "mem.h"

void *ashlar_ext_alloc(struct ashlar_ext_ctx *abi, u64 size)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_alloc, size);
	return ex_heap_alloc(ctx->inst, size, false);
}
EX_EXPORT_CALL(alloc);

void ashlar_ext_free(struct ashlar_ext_ctx *abi, void *p)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	const char *fault;

	ex_called(ctx, EX_CALL_free, (u64)p);
	if (!p)
		return;
	fault = ex_heap_free(ctx->inst, (u64)p);
	if (fault)
		ex_stop(ctx, ASHLAR_EXT_FAULT_FREE, (u64)p, fault);
}
EX_EXPORT_CALL(free);

void *ashlar_ext_obj_alloc(struct ashlar_ext_ctx *abi, u64 size)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_obj_alloc, size);
	return ex_heap_alloc(ctx->inst, size, true);
}
EX_EXPORT_CALL(obj_alloc);

void ashlar_ext_obj_get(struct ashlar_ext_ctx *abi, void *p)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	const char *fault;

	ex_called(ctx, EX_CALL_obj_get, (u64)p);
	fault = ex_heap_get(ctx->inst, (u64)p);
	if (fault)
		ex_stop(ctx, ASHLAR_EXT_FAULT_REFCOUNT, (u64)p, fault);
}
EX_EXPORT_CALL(obj_get);

void ashlar_ext_obj_put(struct ashlar_ext_ctx *abi, void *p)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	const char *fault;

	ex_called(ctx, EX_CALL_obj_put, (u64)p);
	fault = ex_heap_put(ctx->inst, (u64)p);
	if (fault)
		ex_stop(ctx, ASHLAR_EXT_FAULT_REFCOUNT, (u64)p, fault);
}
EX_EXPORT_CALL(obj_put);
