/* SPDX-License-Identifier: GPL-2.0-only */
/* The entries of hash and LRU maps; see map.h for locks and lifetimes. */
#ifndef ASHLAR_EXT_ELEM_H
#define ASHLAR_EXT_ELEM_H

#include <linux/string.h>

#include "map.h"
#include "sip.h"

int ex_elems_init(struct ex_map *map);
/* Waits until no entry rests any more. Nobody uses the map. */
void ex_elems_drain(struct ex_map *map);

static inline struct ex_elem *ex_elem_at(const struct ex_map *map, u32 index)
{
	return map->elems + (size_t)index * map->elem_size;
}

/* A key in whole words, as hash and comparison want it: no others see it change. */
static inline void ex_key_copy(u64 *to, const struct ex_map *map,
			       const void *key)
{
	to[map->key_words - 1] = 0;
	switch (map->def.key_size) {
	case 4:
		memcpy(to, key, 4);
		break;
	case 8:
		memcpy(to, key, 8);
		break;
	case 12:
		memcpy(to, key, 12);
		break;
	case 16:
		memcpy(to, key, 16);
		break;
	default:
		memcpy(to, key, map->def.key_size);
	}
}

static __always_inline u32 ex_key_hash(const struct ex_map *map, const u64 *key)
{
	return ex_sip(&map->key, key, map->key_words, map->def.key_size);
}

static inline bool ex_key_same(const struct ex_map *map,
			       const struct ex_elem *e, const u64 *key)
{
	u32 i;

	for (i = 0; i < map->key_words; i++)
		if (e->key[i] != key[i])
			return false;
	return true;
}

static __always_inline bool ex_map_read_held(const struct ex_map *map)
{
	return srcu_read_lock_held(&map->readers->srcu) || rcu_read_lock_bh_held();
}

/**
 * ex_elem_find() - finds an entry
 * @map: a hash or LRU map
 * @key: as ex_key_copy() made it
 * @hash: of @key
 *
 * Context: RCU, or ex_maps_readers() read-locked, or with the bucket's lock.
 * Return: the entry or NULL.
 */
static __always_inline struct ex_elem *ex_elem_find(const struct ex_map *map,
						    const u64 *key, u32 hash)
{
	struct ex_bucket *b = &map->buckets[hash & map->mask];
	struct ex_elem *e;

	hlist_for_each_entry_rcu(e, &b->head, node,
				 ex_map_read_held(map) || lockdep_is_held(&b->lock))
		if (e->hash == hash && ex_key_same(map, e, key))
			return e;
	return NULL;
}

/* What ex_elem_insert() may do. */
#define EX_ELEM_CREATE	1
#define EX_ELEM_REPLACE	2

/**
 * ex_elem_insert() - finds or makes an entry
 * @map: a hash or LRU map
 * @key: as ex_key_copy() made it
 * @hash: of @key
 * @value: of a new entry, and with EX_ELEM_REPLACE of an old one; NULL: zero,
 *	and an old one is left as it is
 * @flags: EX_ELEM_*
 *
 * Return: the entry or -ENOENT, -EEXIST, -E2BIG, -EAGAIN; ex_map_user_update()
 * tells when.
 */
struct ex_elem *ex_elem_insert(struct ex_map *map, const u64 *key, u32 hash,
			       const void *value, u32 flags);
/* Return: whether it was there. */
bool ex_elem_delete(struct ex_map *map, const u64 *key, u32 hash);
/* Deletes this entry if it is still there. */
bool ex_elem_drop(struct ex_map *map, struct ex_elem *e);

#endif /* ASHLAR_EXT_ELEM_H */
