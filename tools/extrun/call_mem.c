// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory: the calls.
 */
#include <stdlib.h>
#include <string.h>

#include "extrun.h"

#define ALLOC_MAX 0x100000

const char *er_block_wrong(u64 at);

struct object {
	u64 at;
	u32 refs;
	struct object *next;
};

static struct object *objects;
u32 er_blocks, er_objects;

static void *take(u64 size)
{
	if (!size || size > ALLOC_MAX)
		return NULL;
#ifdef EXTRUN_ORACLE
	return calloc(1, size);
#else
	return (void *)er_take(size);
#endif
}

void *ashlar_ext_alloc(struct ashlar_ext_ctx *ctx, u64 size)
{
	void *p = take(size);

	(void)ctx;
	er_called("alloc", size);
	er_blocks += !!p;
	return p;
}

void ashlar_ext_free(struct ashlar_ext_ctx *ctx, void *p)
{
	const char *why = NULL;
	struct object *o;

	er_called("free", (u64)p);
	if (!p)
		return;
#ifdef EXTRUN_ORACLE
	er_blocks--;
	free(p);
	return;
#endif
	why = er_block_wrong((u64)p);
	for (o = objects; !why && o; o = o->next)
		if (o->at == (u64)p)
			why = "has a reference count: ext_obj_put()";
	if (why) {
		er_stop(ctx, ASHLAR_EXT_FAULT_FREE, (u64)p, why);
		return;
	}
	er_blocks--;
	er_give((u64)p);
}

void *ashlar_ext_obj_alloc(struct ashlar_ext_ctx *ctx, u64 size)
{
	void *p = take(size);
	struct object *o;

	(void)ctx;
	er_called("obj_alloc", size);
	if (!p)
		return NULL;
	er_objects++;
	o = malloc(sizeof(*o));
	*o = (struct object){ (u64)p, 1, objects };
	objects = o;
	return p;
}

static struct object **find(u64 at)
{
	struct object **o;

	for (o = &objects; *o; o = &(*o)->next)
		if ((*o)->at == at)
			break;
	return o;
}

void ashlar_ext_obj_get(struct ashlar_ext_ctx *ctx, void *p)
{
	struct object *o = *find((u64)p);

	er_called("obj_get", (u64)p);
	if (!o)
		er_stop(ctx, ASHLAR_EXT_FAULT_REFCOUNT, (u64)p, "no object with a reference count");
	else
		o->refs++;
}

void ashlar_ext_obj_put(struct ashlar_ext_ctx *ctx, void *p)
{
	struct object **at = find((u64)p), *o = *at;

	er_called("obj_put", (u64)p);
	if (!p)
		return;
	if (!o) {
		er_stop(ctx, ASHLAR_EXT_FAULT_REFCOUNT, (u64)p,
			"one put too many, or no object with a reference count");
		return;
	}
	if (--o->refs)
		return;
	er_objects--;
	*at = o->next;
	free(o);
#ifdef EXTRUN_ORACLE
	free(p);
#else
	er_give((u64)p);
#endif
}
