// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps. A value is memory of the arena's of its own; one that was deleted stays until the
 * invocation ends.
 */
#include <stdlib.h>
#include <string.h>

#include "extrun.h"

#define BUCKETS 4096

struct entry {
	u64 value;
	u64 used;
	struct entry *next;
	u8 key[];
};

struct map {
	struct entry *buckets[BUCKETS];
	u64 *array; /* values, or counters */
	u32 count;
};

static const struct ashlar_ext_info *const info = &ashlar_ext_info;
static struct map *maps;
static u64 *gone;
static u32 nr_gone, uses;

static u64 take(u32 size)
{
#ifdef EXTRUN_ORACLE
	return (u64)calloc(1, size);
#else
	return er_take(size);
#endif
}

static void give(u64 at)
{
#ifdef EXTRUN_ORACLE
	free((void *)at);
#else
	er_give(at);
#endif
}

void er_maps_init(void)
{
	u32 i, k;

	maps = calloc(info->nr_maps + 1, sizeof(*maps));
	for (i = 0; i < info->nr_maps; i++) {
		const struct ashlar_ext_map_def *d = &info->maps[i];

		if (d->type != ASHLAR_EXT_MAP_ARRAY && d->type != ASHLAR_EXT_MAP_COUNTER)
			continue;
		maps[i].array = calloc(d->max_entries, sizeof(u64));
		for (k = 0; d->type == ASHLAR_EXT_MAP_ARRAY && k < d->max_entries; k++)
			maps[i].array[k] = take(d->value_size);
	}
}

void er_maps_fini(void)
{
	u32 i, k;

	er_maps_end();
	for (i = 0; i < info->nr_maps; i++) {
		for (k = 0; k < BUCKETS; k++)
			while (maps[i].buckets[k]) {
				struct entry *e = maps[i].buckets[k];

				maps[i].buckets[k] = e->next;
				give(e->value);
				free(e);
			}
		for (k = 0;
		     info->maps[i].type == ASHLAR_EXT_MAP_ARRAY && k < info->maps[i].max_entries;
		     k++)
			give(maps[i].array[k]);
		free(maps[i].array);
	}
	free(maps);
	free(gone);
	gone = NULL;
}

/* The invocation ended: what it deleted goes. */
void er_maps_end(void)
{
	while (nr_gone)
		give(gone[--nr_gone]);
}

static u32 hash(const u8 *key, u32 n)
{
	u32 h = 2166136261U;

	while (n--)
		h = (h ^ *key++) * 16777619U;
	return (h ^ h >> 15) % BUCKETS;
}

static const struct ashlar_ext_map_def *look(struct ashlar_ext_ctx *ctx, const void *p,
					     struct map **m)
{
	const struct ashlar_ext_map_def *d = p;
	u64 off = (u64)p - (u64)info->maps;

	if (off >= info->nr_maps * sizeof(*d) || off % sizeof(*d)) {
		er_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, (u64)p, "no map of this extension");
		return NULL;
	}
	*m = &maps[off / sizeof(*d)];
	return d;
}

/* The same for calls that take a key. */
static const struct ashlar_ext_map_def *look_key(struct ashlar_ext_ctx *ctx, const void *p,
						 const void *key, struct map **m)
{
	const struct ashlar_ext_map_def *d = look(ctx, p, m);

	if (!d || !er_buf(ctx, key, d->key_size, false))
		return NULL;
	if (d->type == ASHLAR_EXT_MAP_COUNTER) {
		er_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, (u64)p,
			"a map of counters has no values");
		return NULL;
	}
	return d;
}

static struct entry **find(const struct ashlar_ext_map_def *d, struct map *m, const void *key)
{
	struct entry **e = &m->buckets[hash(key, d->key_size)];

	while (*e && memcmp((*e)->key, key, d->key_size))
		e = &(*e)->next;
	return e;
}

static void *at_index(const struct ashlar_ext_map_def *d, struct map *m, const void *key)
{
	u32 i;

	memcpy(&i, key, 4);
	return i < d->max_entries ? (void *)m->array[i] : NULL;
}

void *ashlar_ext_map_lookup(struct ashlar_ext_ctx *ctx, const void *map, const void *key)
{
	const struct ashlar_ext_map_def *d;
	struct map *m;
	struct entry *e;

	er_called("map_lookup", (u64)map);
	d = look_key(ctx, map, key, &m);
	if (!d || d->type == ASHLAR_EXT_MAP_COUNTER)
		return NULL;
	if (d->type == ASHLAR_EXT_MAP_ARRAY)
		return at_index(d, m, key);
	e = *find(d, m, key);
	if (!e)
		return NULL;
	e->used = ++uses;
	return (void *)e->value;
}

static void drop(struct map *m, struct entry **at)
{
	struct entry *e = *at;

	*at = e->next;
	m->count--;
	gone = realloc(gone, (nr_gone + 1) * sizeof(*gone));
	gone[nr_gone++] = e->value;
	free(e);
}

static void drop_oldest(struct map *m)
{
	struct entry **oldest = NULL, **e;
	u32 k;

	for (k = 0; k < BUCKETS; k++)
		for (e = &m->buckets[k]; *e; e = &(*e)->next)
			if (!oldest || (*e)->used < (*oldest)->used)
				oldest = e;
	if (oldest)
		drop(m, oldest);
}

void *ashlar_ext_map_insert(struct ashlar_ext_ctx *ctx, const void *map, const void *key)
{
	const struct ashlar_ext_map_def *d;
	struct entry **at, *e;
	struct map *m;
	u64 value;

	er_called("map_insert", (u64)map);
	d = look_key(ctx, map, key, &m);
	if (!d || d->type == ASHLAR_EXT_MAP_COUNTER)
		return NULL;
	if (d->type == ASHLAR_EXT_MAP_ARRAY)
		return at_index(d, m, key);
	at = find(d, m, key);
	if (*at)
		return (void *)(*at)->value;
	if (m->count >= d->max_entries && d->type == ASHLAR_EXT_MAP_LRU)
		drop_oldest(m);
	if (m->count >= d->max_entries)
		return NULL;
	value = take(d->value_size);
	if (!value)
		return NULL;
	e = malloc(sizeof(*e) + d->key_size);
	memcpy(e->key, key, d->key_size);
	e->value = value;
	e->used = ++uses;
	at = &m->buckets[hash(key, d->key_size)];
	e->next = *at;
	*at = e;
	m->count++;
	return (void *)value;
}

bool ashlar_ext_map_delete(struct ashlar_ext_ctx *ctx, const void *map, const void *key)
{
	const struct ashlar_ext_map_def *d;
	struct entry **at;
	struct map *m;

	er_called("map_delete", (u64)map);
	d = look_key(ctx, map, key, &m);
	if (!d || m->array)
		return false;
	at = find(d, m, key);
	if (!*at)
		return false;
	drop(m, at);
	return true;
}

void ashlar_ext_map_add(struct ashlar_ext_ctx *ctx, const void *map, u32 index, u64 n)
{
	const struct ashlar_ext_map_def *d;
	struct map *m;

	d = look(ctx, map, &m);
	if (d && d->type != ASHLAR_EXT_MAP_COUNTER)
		er_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, (u64)map,
			"a map that is no map of counters");
	else if (d && index < d->max_entries)
		m->array[index] += n;
}

u32 ashlar_ext_map_count(struct ashlar_ext_ctx *ctx, const void *map)
{
	const struct ashlar_ext_map_def *d;
	struct map *m;

	d = look(ctx, map, &m);
	return !d ? 0 : m->array ? d->max_entries : m->count;
}

static u32 bytes_of(const char *hex, const char *end, u8 *to, u32 room)
{
	u32 n = 0;

	for (; hex + 1 < end && n < room; hex += 2)
		to[n++] = strtoul((char[]){ hex[0], hex[1], 0 }, NULL, 16);
	return n;
}

/* NAME=KEY:VALUE in hexadecimal digits, of an array: what an operator would set. */
bool er_map_set(const char *text)
{
	const char *eq = strchr(text, '='), *colon = eq ? strchr(eq, ':') : NULL;
	u8 value[8192];
	u32 i, key, n;

	for (i = 0; colon && i < info->nr_maps; i++) {
		const struct ashlar_ext_map_def *d = &info->maps[i];

		if (strlen(d->name) != (size_t)(eq - text) || strncmp(d->name, text, eq - text) ||
		    d->type != ASHLAR_EXT_MAP_ARRAY)
			continue;
		n = bytes_of(colon + 1, colon + strlen(colon), value, sizeof(value));
		if (bytes_of(eq + 1, colon, (u8 *)&key, 4) != 4 || key >= d->max_entries ||
		    n != d->value_size)
			return false;
		memcpy((void *)maps[i].array[key], value, n);
		return true;
	}
	return false;
}
