// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps: who has which, their memory, and their way into the arenas. What is in
 * a hash is elem.c's. map.h tells locks and lifetimes.
 */
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "arena.h"
#include "elem.h"
#include "inst.h"
#include "load.h"
#include "map.h"

/* Newest first. */
static LIST_HEAD(ex_maps);
static DEFINE_MUTEX(ex_maps_mutex);

/* Of instances without maps. */
DEFINE_STATIC_SRCU(no_readers);

/* --- readers --- */

struct srcu_struct *ex_maps_readers(const struct ex_inst *inst)
{
	return inst->nr_maps ? &inst->maps[0].map->readers->srcu : &no_readers;
}

/* Those that the extension's other maps have, which are listed as long as an instance has them. */
static struct ex_readers *readers_get(const struct net *net, const char *ext)
{
	struct ex_readers *readers;
	struct ex_map *map;

	lockdep_assert_held(&ex_maps_mutex);
	list_for_each_entry(map, &ex_maps, node)
		if (map->net == net && !strcmp(map->ext, ext)) {
			map->readers->maps++;
			return map->readers;
		}
	readers = kzalloc(sizeof(*readers), GFP_KERNEL_ACCOUNT);
	if (!readers)
		return NULL;
	if (init_srcu_struct(&readers->srcu)) {
		kfree(readers);
		return NULL;
	}
	readers->maps = 1;
	return readers;
}

/* Its callbacks are over: ex_elems_drain(). */
static void readers_put(struct ex_readers *readers)
{
	lockdep_assert_held(&ex_maps_mutex);
	if (!readers || --readers->maps)
		return;
	cleanup_srcu_struct(&readers->srcu);
	kfree(readers);
}

/* --- one map --- */

static bool is_hash(const struct ashlar_ext_map_def *def)
{
	return def->type == ASHLAR_EXT_MAP_HASH ||
	       def->type == ASHLAR_EXT_MAP_LRU;
}

/* Values lie a red zone apart, the first one from the chunk's begin too. */
static u32 value_stride(const struct ashlar_ext_map_def *def)
{
	return round_up(def->value_size, 8) + ASHLAR_EXT_REDZONE;
}

static const char *def_fault(const struct ashlar_ext_map_def *def)
{
	bool indexed = def->type == ASHLAR_EXT_MAP_ARRAY ||
		       def->type == ASHLAR_EXT_MAP_COUNTER;

	if (!indexed && !is_hash(def))
		return "a map has a type that this module does not know";
	if (def->flags)
		return "a map has flags that this module does not know";
	if (!def->name[0] ||
	    strnlen(def->name, sizeof(def->name)) == sizeof(def->name))
		return "a map has no proper name";
	if (!def->key_size || def->key_size > EX_MAP_KEY_MAX)
		return "a map's key is empty or longer than 64 bytes";
	if (indexed && def->key_size != sizeof(u32))
		return "the key of an array or a counter is not of 4 bytes";
	if (!def->value_size || def->value_size > EX_MAP_VALUE_MAX)
		return "a map's value is empty or larger than 8192 bytes";
	if (def->type == ASHLAR_EXT_MAP_COUNTER &&
	    def->value_size != sizeof(u64))
		return "a counter is not of 8 bytes";
	if (!def->max_entries || def->max_entries > EX_MAP_ENTRIES_MAX)
		return "a map has room for nothing or for more than a million";
	return NULL;
}

static void map_free(struct ex_map *map)
{
	int cpu;

	readers_put(map->readers);
	if (map->counters)
		for_each_possible_cpu(cpu)
			kvfree(map->counters[cpu]);
	kfree(map->counters);
	kvfree(map->buckets);
	kvfree(map->elems);
	kvfree(map->pages);
	vfree(map->values);
	kfree(map);
}

static int counters_alloc(struct ex_map *map)
{
	size_t size = map->def.max_entries * sizeof(**map->counters);
	int cpu;

	map->counters = kcalloc(nr_cpu_ids, sizeof(*map->counters),
				GFP_KERNEL_ACCOUNT);
	if (!map->counters)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		map->counters[cpu] = kvzalloc_node(size, GFP_KERNEL_ACCOUNT,
						   cpu_to_node(cpu));
		if (!map->counters[cpu])
			return -ENOMEM;
		map->bytes += size;
	}
	return 0;
}

static int values_alloc(struct ex_map *map, struct netlink_ext_ack *extack)
{
	u64 size = (u64)map->nr * map->stride + ASHLAR_EXT_REDZONE;
	u32 i;

	size = round_up(size, ASHLAR_EXT_CHUNK);
	if (size > EX_MAP_BYTES_MAX) {
		NL_SET_ERR_MSG(extack, "the values of a map take more than 16 MB");
		return -E2BIG;
	}
	map->nr_pages = size >> PAGE_SHIFT;
	map->values = __vmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	map->pages = kvcalloc(map->nr_pages, sizeof(*map->pages),
			      GFP_KERNEL_ACCOUNT);
	if (!map->values || !map->pages)
		return -ENOMEM;
	for (i = 0; i < map->nr_pages; i++)
		map->pages[i] = vmalloc_to_page(map->values + i * PAGE_SIZE);
	map->bytes += size + map->nr_pages * sizeof(*map->pages);
	return 0;
}

static int map_alloc(struct ex_map *map, struct netlink_ext_ack *extack)
{
	const struct ashlar_ext_map_def *def = &map->def;
	int err;

	map->key_words = DIV_ROUND_UP(def->key_size, sizeof(u64));
	map->stride = value_stride(def);
	map->nr = def->max_entries;
	map->bytes = sizeof(*map);
	if (def->type == ASHLAR_EXT_MAP_COUNTER)
		return counters_alloc(map);
	if (is_hash(def)) {
		err = ex_elems_init(map);
		if (err)
			return err;
	}
	return values_alloc(map, extack);
}

static struct ex_map *map_create(struct net *net, const char *ext,
				 const struct ashlar_ext_map_def *def,
				 struct netlink_ext_ack *extack)
{
	const char *fault = def_fault(def);
	struct ex_map *map;
	int err;

	if (fault) {
		if (extack)
			extack->_msg = fault;
		return ERR_PTR(-EINVAL);
	}
	map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	if (!map)
		return ERR_PTR(-ENOMEM);
	map->def = *def;
	map->net = net;
	strscpy(map->ext, ext, sizeof(map->ext));
	map->readers = readers_get(net, ext);
	get_random_bytes(&map->key, sizeof(map->key));
	spin_lock_init(&map->lock);
	err = map->readers ? map_alloc(map, extack) : -ENOMEM;
	if (err) {
		map_free(map);
		return ERR_PTR(err);
	}
	return map;
}

/* --- the list --- */

static bool same_def(const struct ashlar_ext_map_def *a,
		     const struct ashlar_ext_map_def *b)
{
	return a->type == b->type && a->key_size == b->key_size &&
	       a->value_size == b->value_size &&
	       a->max_entries == b->max_entries && a->schema == b->schema;
}

static struct ex_map *find(struct net *net, const char *ext, const char *name,
			   const struct ashlar_ext_map_def *def)
{
	struct ex_map *map;

	lockdep_assert_held(&ex_maps_mutex);
	list_for_each_entry(map, &ex_maps, node)
		if (map->net == net && !strcmp(map->ext, ext) &&
		    !strcmp(map->def.name, name) &&
		    (!def || same_def(&map->def, def)))
			return map;
	return NULL;
}

static u64 bytes_in(struct net *net)
{
	struct ex_map *map;
	u64 bytes = 0;

	lockdep_assert_held(&ex_maps_mutex);
	list_for_each_entry(map, &ex_maps, node)
		if (map->net == net)
			bytes += map->bytes;
	return bytes;
}

/* The map of that definition, made if there is none; held. */
static struct ex_map *map_get(struct net *net, const char *ext,
			      const struct ashlar_ext_map_def *def,
			      struct netlink_ext_ack *extack)
{
	struct ex_map *map;

	mutex_lock(&ex_maps_mutex);
	map = find(net, ext, def->name, def);
	if (map) {
		map->users++;
		goto out;
	}
	map = map_create(net, ext, def, extack);
	if (IS_ERR(map))
		goto out;
	if (bytes_in(net) + map->bytes > EX_MAPS_BYTES_MAX) {
		map_free(map);
		map = ERR_PTR(-ENOSPC);
		NL_SET_ERR_MSG(extack, "the maps of a network namespace take more than 256 MB");
		goto out;
	}
	map->users = 1;
	list_add(&map->node, &ex_maps);
out:
	mutex_unlock(&ex_maps_mutex);
	return map;
}

struct ex_map *ex_map_find(struct net *net, const char *ext, const char *name)
{
	struct ex_map *map;

	mutex_lock(&ex_maps_mutex);
	map = find(net, ext, name, NULL);
	if (map)
		map->users++;
	mutex_unlock(&ex_maps_mutex);
	return map;
}

struct ex_map *ex_map_at(struct net *net, u32 skip)
{
	struct ex_map *map, *found = NULL;

	mutex_lock(&ex_maps_mutex);
	list_for_each_entry(map, &ex_maps, node)
		if (map->net == net && !skip--) {
			map->users++;
			found = map;
			break;
		}
	mutex_unlock(&ex_maps_mutex);
	return found;
}

void ex_map_put(struct ex_map *map)
{
	bool last;

	mutex_lock(&ex_maps_mutex);
	last = !--map->users;
	if (last)
		list_del(&map->node);
	mutex_unlock(&ex_maps_mutex);
	if (!last)
		return;
	ex_elems_drain(map);
	mutex_lock(&ex_maps_mutex);
	map_free(map);
	mutex_unlock(&ex_maps_mutex);
}

/* --- an instance's maps --- */

static void arena_give(struct ex_inst *inst, u32 off, u32 bytes)
{
	spin_lock_bh(&inst->lock);
	ex_arena_give(&inst->arena, off, bytes);
	spin_unlock_bh(&inst->lock);
}

static void use_leave(struct ex_inst *inst, struct ex_map_use *use)
{
	u32 off;

	if (!use->base)
		return;
	off = use->base - ASHLAR_EXT_REDZONE - inst->arena.base;
	ex_arena_unshare(&inst->arena, off, use->map->nr_pages);
	arena_give(inst, off, use->bytes);
	use->base = 0;
}

/* The values' pages in the arena, and a shadow for each value. */
static int use_share(struct ex_inst *inst, struct ex_map_use *use)
{
	struct ex_map *map = use->map;
	u32 off, i;
	int err;

	use->bytes = map->nr_pages << PAGE_SHIFT;
	spin_lock_bh(&inst->lock);
	off = ex_arena_take(&inst->arena, use->bytes);
	spin_unlock_bh(&inst->lock);
	if (!off)
		return -ENOSPC;
	err = ex_arena_share(&inst->arena, off, map->pages, map->nr_pages);
	if (err) {
		arena_give(inst, off, use->bytes);
		return err;
	}
	off += ASHLAR_EXT_REDZONE;
	use->base = inst->arena.base + off;
	for (i = 0; i < map->nr; i++) {
		ex_shadow_set(&inst->arena, off + i * map->stride,
			      map->def.value_size);
		if (!(i % 4096))
			cond_resched();
	}
	return 0;
}

static int use_init(struct ex_inst *inst, struct ex_map_use *use,
		    const struct ashlar_ext_map_def *def,
		    struct netlink_ext_ack *extack)
{
	struct ex_map *map;
	int err;

	map = map_get(inst->net, inst->name, def, extack);
	if (IS_ERR(map))
		return PTR_ERR(map);
	use->map = map;
	if (def->type == ASHLAR_EXT_MAP_COUNTER)
		return 0;
	err = use_share(inst, use);
	if (err)
		NL_SET_ERR_MSG(extack, "the arena or the memory quota has no room for the maps");
	return err;
}

int ex_maps_attach(struct ex_inst *inst, struct netlink_ext_ack *extack)
{
	const struct ashlar_ext_info *info = inst->info;
	u32 i;
	int err;

	might_sleep();
	inst->maps = kcalloc(info->nr_maps, sizeof(*inst->maps),
			     GFP_KERNEL_ACCOUNT);
	if (!inst->maps)
		return -ENOMEM;
	inst->nr_maps = info->nr_maps;
	for (i = 0; i < info->nr_maps; i++) {
		err = use_init(inst, &inst->maps[i], &info->maps[i], extack);
		if (err) {
			ex_maps_detach(inst);
			return err;
		}
	}
	return 0;
}

void ex_maps_leave(struct ex_inst *inst)
{
	u32 i;

	might_sleep();
	for (i = 0; i < inst->nr_maps; i++)
		if (inst->maps[i].map)
			use_leave(inst, &inst->maps[i]);
}

void ex_maps_detach(struct ex_inst *inst)
{
	u32 i;

	ex_maps_leave(inst);
	for (i = 0; i < inst->nr_maps; i++)
		if (inst->maps[i].map)
			ex_map_put(inst->maps[i].map);
	kfree(inst->maps);
	inst->maps = NULL;
	inst->nr_maps = 0;
}

void ex_maps_exit(void)
{
	WARN_ON(!list_empty(&ex_maps));
}
