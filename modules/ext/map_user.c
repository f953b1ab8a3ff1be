// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as user space reads and writes them. Values are copied while extensions
 * may be writing them: a copy can be half old and half new.
 */
#include <linux/sched.h>

#include "elem.h"
#include "map.h"

static u64 counter_sum(const struct ex_map *map, u32 index)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += local64_read(&map->counters[cpu][index]);
	return sum;
}

/* A counter that is set stands with one CPU. What is added meanwhile may be lost. */
static void counter_set(struct ex_map *map, u32 index, u64 value)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		local64_set(&map->counters[cpu][index], value);
		value = 0;
	}
}

static bool is_indexed(const struct ex_map *map)
{
	return !map->buckets;
}

static void indexed_get(const struct ex_map *map, u32 index, void *value)
{
	u64 sum;

	if (map->counters) {
		sum = counter_sum(map, index);
		memcpy(value, &sum, sizeof(sum));
	} else {
		memcpy(value, ex_map_value(map, index), map->def.value_size);
	}
}

static void indexed_set(struct ex_map *map, u32 index, const void *value)
{
	u64 sum;

	if (map->counters) {
		memcpy(&sum, value, sizeof(sum));
		counter_set(map, index, sum);
	} else {
		memcpy(ex_map_value(map, index), value, map->def.value_size);
	}
}

/* Return: whether the key is an index of the map. */
static bool index_of(const struct ex_map *map, const void *key, u32 *index)
{
	memcpy(index, key, sizeof(*index));
	return *index < map->def.max_entries;
}

int ex_map_user_lookup(struct ex_map *map, const void *key, void *value)
{
	u64 words[EX_MAP_KEY_WORDS];
	struct ex_elem *e;
	u32 index;

	if (is_indexed(map)) {
		if (!index_of(map, key, &index))
			return -ENOENT;
		indexed_get(map, index, value);
		return 0;
	}
	ex_key_copy(words, map, key);
	rcu_read_lock();
	e = ex_elem_find(map, words, ex_key_hash(map, words));
	if (e)
		memcpy(value, ex_map_value(map, e->index), map->def.value_size);
	rcu_read_unlock();
	return e ? 0 : -ENOENT;
}

int ex_map_user_update(struct ex_map *map, const void *key, const void *value,
		       bool create, bool replace)
{
	u32 flags = (create ? EX_ELEM_CREATE : 0) |
		    (replace ? EX_ELEM_REPLACE : 0);
	u64 words[EX_MAP_KEY_WORDS];
	u32 index;

	if (is_indexed(map)) {
		if (!index_of(map, key, &index))
			return -ENOENT;
		if (!replace)
			return -EEXIST;
		indexed_set(map, index, value);
		return 0;
	}
	ex_key_copy(words, map, key);
	return PTR_ERR_OR_ZERO(ex_elem_insert(map, words,
					      ex_key_hash(map, words), value,
					      flags));
}

int ex_map_user_delete(struct ex_map *map, const void *key)
{
	u64 words[EX_MAP_KEY_WORDS];

	if (is_indexed(map))
		return -EINVAL;
	ex_key_copy(words, map, key);
	return ex_elem_delete(map, words, ex_key_hash(map, words)) ? 0 : -ENOENT;
}

int ex_map_user_next(struct ex_map *map, u32 *cursor, void *key, void *value)
{
	struct ex_elem *e;
	bool live;

	if (is_indexed(map)) {
		if (*cursor >= map->def.max_entries)
			return -ENOENT;
		memcpy(key, cursor, sizeof(*cursor));
		indexed_get(map, *cursor, value);
		++*cursor;
		return 0;
	}
	while (*cursor < map->nr) {
		e = ex_elem_at(map, (*cursor)++);
		rcu_read_lock();
		/* An entry that was live in here is no other key's until we leave. */
		live = smp_load_acquire(&e->live);
		if (live) {
			memcpy(key, e->key, map->def.key_size);
			memcpy(value, ex_map_value(map, e->index),
			       map->def.value_size);
		}
		rcu_read_unlock();
		if (live)
			return 0;
		cond_resched();
	}
	return -ENOENT;
}

u32 ex_map_user_flush(struct ex_map *map)
{
	u32 i, n = 0;

	if (!is_indexed(map)) {
		for (i = 0; i < map->nr; i++) {
			if (READ_ONCE(ex_elem_at(map, i)->live))
				n += ex_elem_drop(map, ex_elem_at(map, i));
			cond_resched();
		}
		return n;
	}
	for (i = 0; i < map->def.max_entries; i++) {
		if (map->counters)
			counter_set(map, i, 0);
		else
			memset(ex_map_value(map, i), 0, map->def.value_size);
		cond_resched();
	}
	return map->def.max_entries;
}

u32 ex_map_entries(const struct ex_map *map)
{
	return is_indexed(map) ? map->def.max_entries : READ_ONCE(map->count);
}
