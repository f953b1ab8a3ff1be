// SPDX-License-Identifier: GPL-2.0-only
/* Calls: maps. map.h tells what they are made of. */
#include "call.h"
#include "elem.h"
#include "map.h"

static __always_inline struct ex_map_use *
use_of(struct ex_ctx *ctx, const struct ashlar_ext_map_def *def)
{
	const struct ashlar_ext_info *info = ctx->inst->info;
	u32 index = ex_index(def, info->maps, sizeof(*def), info->nr_maps);

	if (unlikely(index == info->nr_maps)) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, (u64)def,
			"no map of this extension");
		return NULL;
	}
	return &ctx->inst->maps[index];
}

static noinline void no_value(struct ex_ctx *ctx,
			      const struct ashlar_ext_map_def *def)
{
	ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, (u64)def,
		"a map of counters has no values");
}

/* The map and a copy of the key; NULL: the invocation has to stop. */
static __always_inline struct ex_map_use *use_begin(struct ex_ctx *ctx,
						    const struct ashlar_ext_map_def *def,
						    const void *key, u64 *words)
{
	struct ex_map_use *use = use_of(ctx, def);

	if (unlikely(!use) ||
	    unlikely(!ex_buf(ctx, key, use->map->def.key_size, false)))
		return NULL;
	if (unlikely(!use->base)) {
		no_value(ctx, def);
		return NULL;
	}
	ex_key_copy(words, use->map, key);
	return use;
}

static __always_inline void *value_at(const struct ex_map_use *use, u32 index)
{
	return (void *)(use->base + (u64)index * use->map->stride);
}

/* An array's value; its key is in the first word. */
static void *array_value(const struct ex_map_use *use, const u64 *words)
{
	u32 index = words[0];

	return index < use->map->def.max_entries ? value_at(use, index) : NULL;
}

void *ashlar_ext_map_lookup(struct ashlar_ext_ctx *abi,
			    const struct ashlar_ext_map_def *def,
			    const void *key)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	u64 words[EX_MAP_KEY_WORDS];
	struct ex_map_use *use;
	struct ex_elem *e;

	ex_called(ctx, EX_CALL_map_lookup, (u64)def);
	use = use_begin(ctx, def, key, words);
	if (unlikely(!use))
		return NULL;
	if (!use->map->buckets)
		return array_value(use, words);
	e = ex_elem_find(use->map, words, ex_key_hash(use->map, words));
	if (!e)
		return NULL;
	if (!READ_ONCE(e->seen))
		WRITE_ONCE(e->seen, true);
	return value_at(use, e->index);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_map_lookup, ASHLAR_EXT);

void *ashlar_ext_map_insert(struct ashlar_ext_ctx *abi,
			    const struct ashlar_ext_map_def *def,
			    const void *key)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	u64 words[EX_MAP_KEY_WORDS];
	struct ex_map_use *use;
	struct ex_elem *e;

	ex_called(ctx, EX_CALL_map_insert, (u64)def);
	use = use_begin(ctx, def, key, words);
	if (!use)
		return NULL;
	if (!use->map->buckets)
		return array_value(use, words);
	e = ex_elem_insert(use->map, words, ex_key_hash(use->map, words), NULL,
			   EX_ELEM_CREATE | EX_ELEM_REPLACE);
	return IS_ERR(e) ? NULL : value_at(use, e->index);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_map_insert, ASHLAR_EXT);

bool ashlar_ext_map_delete(struct ashlar_ext_ctx *abi,
			   const struct ashlar_ext_map_def *def,
			   const void *key)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	u64 words[EX_MAP_KEY_WORDS];
	struct ex_map_use *use;

	ex_called(ctx, EX_CALL_map_delete, (u64)def);
	use = use_begin(ctx, def, key, words);
	if (!use || !use->map->buckets)
		return false;
	return ex_elem_delete(use->map, words, ex_key_hash(use->map, words));
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_map_delete, ASHLAR_EXT);

void ashlar_ext_map_add(struct ashlar_ext_ctx *abi,
			const struct ashlar_ext_map_def *def, u32 index, u64 n)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_map_use *use;
	struct ex_map *map;

	ex_called(ctx, EX_CALL_map_add, (u64)def);
	use = use_of(ctx, def);
	if (unlikely(!use))
		return;
	map = use->map;
	if (unlikely(!map->counters)) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, (u64)def,
			"a map that is no map of counters");
		return;
	}
	if (unlikely(index >= map->def.max_entries)) {
		atomic64_inc(&map->missed);
		return;
	}
	/* One instruction adds: an interrupt's addition is not lost. */
	local64_add(n, &map->counters[get_cpu()][index]);
	put_cpu();
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_map_add, ASHLAR_EXT);

u32 ashlar_ext_map_count(struct ashlar_ext_ctx *abi,
			 const struct ashlar_ext_map_def *def)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_map_use *use;

	ex_called(ctx, EX_CALL_map_count, (u64)def);
	use = use_of(ctx, def);
	return use ? ex_map_entries(use->map) : 0;
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_map_count, ASHLAR_EXT);
