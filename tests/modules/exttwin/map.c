// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps as a module would have them: buckets with a lock each, read under RCU,
 * keys hashed by SipHash (as conntrack does, since others choose them); for LRU a
 * bit that a clock's hand takes away.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "twin.h"

#define KEY_WORDS	8
#define CLOCK_STEPS	32

struct elem {
	struct hlist_node node;
	struct rcu_head rcu;
	u32 slot;
	bool seen;
	u64 key[KEY_WORDS];
	u64 value[];
};

struct bucket {
	struct hlist_head head;
	spinlock_t lock;
};

struct map {
	const struct ashlar_ext_map_def *def;
	u32 words;
	u32 mask;
	struct bucket *buckets;
	u8 *array;
	u64 __percpu *counters;
	siphash_key_t key;
	/* By number, for the clock; under lock. */
	struct elem **slots;
	u32 *free;
	u32 free_count;
	u32 hand;
	spinlock_t lock;
};

static struct map maps[TWIN_MAPS];
static const struct ashlar_ext_map_def *first;
static u32 count;

/* The definitions lie in a section of their own, one behind the other. */
static struct map *map_of(const struct ashlar_ext_map_def *def)
{
	return &maps[def - first];
}

static int map_init(struct map *m, const struct ashlar_ext_map_def *def)
{
	u32 i, buckets = roundup_pow_of_two(def->max_entries);

	m->def = def;
	m->words = DIV_ROUND_UP(def->key_size, 8);
	if (def->type == ASHLAR_EXT_MAP_COUNTER) {
		m->counters = __alloc_percpu(def->max_entries * sizeof(u64), 8);
		return m->counters ? 0 : -ENOMEM;
	}
	if (def->type == ASHLAR_EXT_MAP_ARRAY) {
		m->array = kvcalloc(def->max_entries, def->value_size, GFP_KERNEL);
		return m->array ? 0 : -ENOMEM;
	}
	get_random_bytes(&m->key, sizeof(m->key));
	spin_lock_init(&m->lock);
	m->mask = buckets - 1;
	m->buckets = kvcalloc(buckets, sizeof(*m->buckets), GFP_KERNEL);
	m->slots = kvcalloc(def->max_entries, sizeof(*m->slots), GFP_KERNEL);
	m->free = kvcalloc(def->max_entries, sizeof(*m->free), GFP_KERNEL);
	if (!m->buckets || !m->slots || !m->free)
		return -ENOMEM;
	for (i = 0; i < buckets; i++)
		spin_lock_init(&m->buckets[i].lock);
	for (i = 0; i < def->max_entries; i++)
		m->free[m->free_count++] = def->max_entries - 1 - i;
	return 0;
}

int twin_maps_init(const struct twin_ext *ext)
{
	int err = 0;
	u32 i;

	for (count = 0; ext->maps[count]; count++) {
		if (!first || ext->maps[count] < first)
			first = ext->maps[count];
	}
	for (i = 0; i < count && !err; i++) {
		if (ext->maps[i] - first >= TWIN_MAPS)
			return -EINVAL;
		err = map_init(map_of(ext->maps[i]), ext->maps[i]);
	}
	return err;
}

/* After the last reader. */
void twin_maps_exit(void)
{
	u32 i, k;

	rcu_barrier();
	for (i = 0; i < TWIN_MAPS; i++) {
		struct map *m = &maps[i];

		for (k = 0; m->slots && k < m->def->max_entries; k++)
			kfree(m->slots[k]);
		kvfree(m->slots);
		kvfree(m->free);
		kvfree(m->buckets);
		kvfree(m->array);
		free_percpu(m->counters);
	}
}

const struct ashlar_ext_map_def *twin_map_find(const char *name)
{
	u32 i;

	for (i = 0; i < TWIN_MAPS; i++) {
		if (maps[i].def && !strncmp(maps[i].def->name, name, ASHLAR_EXT_NAME))
			return maps[i].def;
	}
	return NULL;
}

static __always_inline void key_copy(const struct map *m, u64 *to, const void *key)
{
	to[m->words - 1] = 0;
	memcpy(to, key, m->def->key_size);
}

static __always_inline u32 hash(const struct map *m, const u64 *key)
{
	return siphash(key, m->words * 8, &m->key);
}

static __always_inline bool same(const struct map *m, const u64 *a, const u64 *b)
{
	u32 i;

	for (i = 0; i < m->words; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static __always_inline struct elem *find(const struct map *m, const u64 *key, u32 h)
{
	struct elem *e;

	hlist_for_each_entry_rcu(e, &m->buckets[h & m->mask].head, node, true)
		if (same(m, e->key, key))
			return e;
	return NULL;
}

static void *array_value(const struct map *m, const void *key)
{
	u32 index = *(const u32 *)key;

	return index < m->def->max_entries ? m->array + index * m->def->value_size : NULL;
}

void *ashlar_ext_map_lookup(const struct ashlar_ext_map_def *def, const void *key)
{
	struct map *m = map_of(def);
	u64 words[KEY_WORDS];
	struct elem *e;

	if (m->array)
		return array_value(m, key);
	key_copy(m, words, key);
	e = find(m, words, hash(m, words));
	if (!e)
		return NULL;
	if (!READ_ONCE(e->seen))
		WRITE_ONCE(e->seen, true);
	return e->value;
}

static void drop(struct map *m, struct elem *e)
{
	hlist_del_rcu(&e->node);
	spin_lock(&m->lock);
	m->slots[e->slot] = NULL;
	m->free[m->free_count++] = e->slot;
	spin_unlock(&m->lock);
	kfree_rcu(e, rcu);
}

static void make_room(struct map *m)
{
	struct elem *e = NULL;
	struct bucket *b;
	u32 i;

	spin_lock_bh(&m->lock);
	for (i = 0; i < CLOCK_STEPS; i++) {
		e = m->slots[m->hand++ % m->def->max_entries];
		if (e && (!e->seen || i > CLOCK_STEPS * 3 / 4))
			break;
		if (e)
			e->seen = false;
	}
	spin_unlock_bh(&m->lock);
	if (!e)
		return;
	b = &m->buckets[hash(m, e->key) & m->mask];
	spin_lock_bh(&b->lock);
	if (find(m, e->key, hash(m, e->key)) == e)
		drop(m, e);
	spin_unlock_bh(&b->lock);
}

static struct elem *elem_new(struct map *m, const u64 *key)
{
	struct elem *e;

	if (!m->free_count && m->def->type == ASHLAR_EXT_MAP_LRU)
		make_room(m);
	e = kzalloc(sizeof(*e) + round_up(m->def->value_size, 8), GFP_ATOMIC);
	if (!e)
		return NULL;
	memcpy(e->key, key, m->words * 8);
	spin_lock_bh(&m->lock);
	if (m->free_count) {
		e->slot = m->free[--m->free_count];
		m->slots[e->slot] = e;
	} else {
		kfree(e);
		e = NULL;
	}
	spin_unlock_bh(&m->lock);
	return e;
}

void *ashlar_ext_map_insert(const struct ashlar_ext_map_def *def, const void *key)
{
	void *value = ashlar_ext_map_lookup(def, key);
	struct map *m = map_of(def);
	u64 words[KEY_WORDS];
	struct elem *e, *old;
	struct bucket *b;
	u32 h;

	if (value || m->array)
		return value;
	key_copy(m, words, key);
	h = hash(m, words);
	e = elem_new(m, words);
	if (!e)
		return NULL;
	b = &m->buckets[h & m->mask];
	spin_lock_bh(&b->lock);
	old = find(m, words, h);
	hlist_add_head_rcu(&e->node, &b->head);
	if (old)
		drop(m, old);
	spin_unlock_bh(&b->lock);
	return e->value;
}

bool ashlar_ext_map_delete(const struct ashlar_ext_map_def *def, const void *key)
{
	struct map *m = map_of(def);
	u64 words[KEY_WORDS];
	struct bucket *b;
	struct elem *e;
	u32 h;

	if (m->array)
		return false;
	key_copy(m, words, key);
	h = hash(m, words);
	b = &m->buckets[h & m->mask];
	spin_lock_bh(&b->lock);
	e = find(m, words, h);
	if (e)
		drop(m, e);
	spin_unlock_bh(&b->lock);
	return e;
}

void ashlar_ext_map_add(const struct ashlar_ext_map_def *def, u32 index, u64 n)
{
	struct map *m = map_of(def);

	if (index < def->max_entries)
		this_cpu_add(m->counters[index], n);
}

void *twin_map_value(const struct ashlar_ext_map_def *def, const void *key)
{
	return map_of(def)->counters ? NULL : ashlar_ext_map_insert(def, key);
}

u64 twin_map_sum(const struct ashlar_ext_map_def *def, u32 index)
{
	struct map *m = map_of(def);
	u64 sum = 0;
	int cpu;

	if (m->counters && index < def->max_entries) {
		for_each_possible_cpu(cpu)
			sum += per_cpu_ptr(m->counters, cpu)[index];
	}
	return sum;
}
