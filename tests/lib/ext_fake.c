// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls of ext.h in a program; see ext_fake.h. Packets are in
 * ext_fake_pkt.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext_fake.h"

#define MAPS	16
#define BUCKETS	16384

struct entry {
	struct entry *next;		/* of the bucket */
	struct entry *older, *newer;
	uint8_t key[64];
	void *value;
};

struct map {
	const struct ashlar_ext_map_def *def;
	struct entry *bucket[BUCKETS];
	struct entry oldest;		/* head of the ring */
	uint32_t count;
	uint8_t *array;
};

uint64_t fake_now = 1000000000;
uint32_t fake_syncs, fake_timers, fake_works, fake_logs;

static struct map *maps[MAPS];
static void *state;
/* Values deleted stay good until the entry returns: until the next reset here. */
static void **dead;
static uint32_t dead_count, dead_room;

static void die(const char *why)
{
	fprintf(stderr, "fake: %s\n", why);
	abort();
}

static struct map *map_of(const void *def)
{
	struct map *m;
	uint32_t i;

	for (i = 0; i < MAPS && maps[i]; i++) {
		if (maps[i]->def == def)
			return maps[i];
	}
	if (i == MAPS)
		die("too many maps");
	m = calloc(1, sizeof(*m));
	m->def = def;
	m->oldest.older = &m->oldest;
	m->oldest.newer = &m->oldest;
	if (m->def->type == ASHLAR_EXT_MAP_ARRAY || m->def->type == ASHLAR_EXT_MAP_COUNTER)
		m->array = calloc(m->def->max_entries, m->def->value_size);
	maps[i] = m;
	return m;
}

static void kill_value(void *value)
{
	if (dead_count == dead_room) {
		dead_room = dead_room ? dead_room * 2 : 64;
		dead = realloc(dead, dead_room * sizeof(*dead));
	}
	dead[dead_count++] = value;
}

static void dead_free(void)
{
	while (dead_count)
		free(dead[--dead_count]);
}

static uint32_t hash(const uint8_t *key, uint32_t len)
{
	uint32_t h = 2166136261U, i;

	for (i = 0; i < len; i++)
		h = (h ^ key[i]) * 16777619U;
	return h % BUCKETS;
}

static void unlink_age(struct entry *e)
{
	e->older->newer = e->newer;
	e->newer->older = e->older;
}

static void link_newest(struct map *m, struct entry *e)
{
	e->older = m->oldest.older;
	e->newer = &m->oldest;
	e->older->newer = e;
	m->oldest.older = e;
}

static struct entry **find(struct map *m, const void *key)
{
	struct entry **at = &m->bucket[hash(key, m->def->key_size)];

	while (*at && memcmp((*at)->key, key, m->def->key_size))
		at = &(*at)->next;
	return at;
}

static bool del(struct map *m, const void *key)
{
	struct entry **at = find(m, key), *e = *at;

	if (!e)
		return false;
	*at = e->next;
	unlink_age(e);
	kill_value(e->value);
	free(e);
	m->count--;
	return true;
}

static void map_free(struct map *m)
{
	while (m->oldest.newer != &m->oldest)
		del(m, m->oldest.newer->key);
	free(m->array);
	free(m);
}

void fake_restart(uint32_t state_size)
{
	dead_free();
	free(state);
	state = calloc(1, state_size ? state_size : 1);
}

void fake_reset(uint32_t state_size)
{
	uint32_t i;

	for (i = 0; i < MAPS && maps[i]; i++) {
		map_free(maps[i]);
		maps[i] = NULL;
	}
	fake_restart(state_size);
	fake_now = 1000000000;
	fake_syncs = 0;
	fake_timers = 0;
	fake_works = 0;
	fake_logs = 0;
}

uint32_t fake_map_count(const void *map)
{
	return map_of(map)->count;
}

uint64_t fake_counter(const void *map, uint32_t index)
{
	return ((uint64_t *)map_of(map)->array)[index];
}

/* --- the calls */

void *__ext_state(void);
void *__ext_state(void)
{
	return state;
}

void *ashlar_ext_map_lookup(const struct ashlar_ext_map_def *def, const void *key);
void *ashlar_ext_map_lookup(const struct ashlar_ext_map_def *def, const void *key)
{
	struct map *m = map_of(def);
	struct entry *e;
	uint32_t index;

	if (m->array) {
		memcpy(&index, key, sizeof(index));
		return index < def->max_entries ? m->array + (size_t)index * def->value_size : NULL;
	}
	e = *find(m, key);
	if (!e)
		return NULL;
	unlink_age(e);
	link_newest(m, e);
	return e->value;
}

void *ashlar_ext_map_insert(const struct ashlar_ext_map_def *def, const void *key);
void *ashlar_ext_map_insert(const struct ashlar_ext_map_def *def, const void *key)
{
	void *value = ashlar_ext_map_lookup(def, key);
	struct map *m = map_of(def);
	struct entry *e;
	uint32_t bucket;

	if (value || m->array)
		return value;
	if (m->count == def->max_entries) {
		if (def->type != ASHLAR_EXT_MAP_LRU)
			return NULL;
		del(m, m->oldest.newer->key);
	}
	e = calloc(1, sizeof(*e));
	memcpy(e->key, key, def->key_size);
	e->value = calloc(1, def->value_size);
	bucket = hash(key, def->key_size);
	e->next = m->bucket[bucket];
	m->bucket[bucket] = e;
	link_newest(m, e);
	m->count++;
	return e->value;
}

void *fake_map_at(const void *map, const void *key)
{
	return ashlar_ext_map_insert(map, key);
}

bool ashlar_ext_map_delete(const struct ashlar_ext_map_def *def, const void *key);
bool ashlar_ext_map_delete(const struct ashlar_ext_map_def *def, const void *key)
{
	return del(map_of(def), key);
}

void ashlar_ext_map_add(const struct ashlar_ext_map_def *def, uint32_t index, uint64_t n);
void ashlar_ext_map_add(const struct ashlar_ext_map_def *def, uint32_t index, uint64_t n)
{
	if (index >= def->max_entries)
		die("a counter beyond the end");
	((uint64_t *)map_of(def)->array)[index] += n;
}

uint64_t ashlar_ext_now(void);
uint64_t ashlar_ext_now(void)
{
	return fake_now;
}

uint32_t ashlar_ext_random(void);
uint32_t ashlar_ext_random(void)
{
	static uint32_t x = 1;

	x = x * 1664525 + 1013904223;
	return x;
}

void ashlar_ext_sync(void);
void ashlar_ext_sync(void)
{
	fake_syncs++;
}

int32_t ashlar_ext_timer_arm(const struct ashlar_ext_entry *timer, uint64_t ns, uint64_t arg);
int32_t ashlar_ext_timer_arm(const struct ashlar_ext_entry *timer, uint64_t ns, uint64_t arg)
{
	(void)ns;
	(void)arg;
	if (timer->kind != ASHLAR_EXT_ENTRY_TIMER)
		die("no timer");
	fake_timers++;
	return 0;
}

int32_t ashlar_ext_work_queue(const struct ashlar_ext_entry *work, uint64_t arg);
int32_t ashlar_ext_work_queue(const struct ashlar_ext_entry *work, uint64_t arg)
{
	(void)arg;
	if (work->kind != ASHLAR_EXT_ENTRY_WORK)
		die("no work");
	fake_works++;
	return 0;
}

void ashlar_ext_log(const char *format, uint32_t len, const uint64_t *args, uint32_t n);
void ashlar_ext_log(const char *format, uint32_t len, const uint64_t *args, uint32_t n)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		sum += args[i];
	if (format[len - 1] || (sum && n > 6))
		die("a message without an end");
	fake_logs++;
}
