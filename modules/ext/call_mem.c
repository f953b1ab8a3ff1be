// SPDX-License-Identifier: GPL-2.0-only
/* Calls: memory and objects with a count. mem.c has the heap. */
#include "call.h"
#include "mem.h"

static void *alloc(struct ex_ctx *ctx, u64 size, bool object)
{
	/* It is cleared. */
	if (size <= EX_ALLOC_MAX)
		ex_charge(ctx, size);
	return ex_heap_alloc(ctx->inst, size, object);
}

static void ended(struct ex_ctx *ctx, u32 code, const void *p, const char *fault)
{
	if (fault)
		ex_stop(ctx, code, (u64)p, fault);
}

void *ashlar_ext_alloc(struct ashlar_ext_ctx *abi, u64 size)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_alloc, size);
	return alloc(ctx, size, false);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_alloc, ASHLAR_EXT);

void ashlar_ext_free(struct ashlar_ext_ctx *abi, void *p)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_free, (u64)p);
	if (!p)
		return;
	ended(ctx, ASHLAR_EXT_FAULT_FREE, p, ex_heap_free(ctx->inst, (u64)p));
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_free, ASHLAR_EXT);

void *ashlar_ext_obj_alloc(struct ashlar_ext_ctx *abi, u64 size)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_obj_alloc, size);
	return alloc(ctx, size, true);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_obj_alloc, ASHLAR_EXT);

void ashlar_ext_obj_get(struct ashlar_ext_ctx *abi, void *p)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_obj_get, (u64)p);
	ended(ctx, ASHLAR_EXT_FAULT_REFCOUNT, p, ex_heap_get(ctx->inst, (u64)p));
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_obj_get, ASHLAR_EXT);

void ashlar_ext_obj_put(struct ashlar_ext_ctx *abi, void *p)
{
	struct ex_ctx *ctx = ex_ctx(abi);

	ex_called(ctx, EX_CALL_obj_put, (u64)p);
	ended(ctx, ASHLAR_EXT_FAULT_REFCOUNT, p, ex_heap_put(ctx->inst, (u64)p));
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_obj_put, ASHLAR_EXT);
