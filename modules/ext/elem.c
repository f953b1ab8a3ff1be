// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of hash and LRU maps. All there can be are made with the map, some
 * more than it has room for, because an entry that was deleted rests until its
 * readers have left: a grace period of RCU for those that cannot sleep, then
 * one of map->readers for those that can. One round of that is under way at a
 * time; what is deleted meanwhile waits for the next one.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/rculist.h>

#include "elem.h"

#define SPARE_MIN	64	/* entries more than the map has room for */
#define SPARE_MAX	16384
#define CLOCK_STEPS	32	/* entries looked at to find one to drop */
#define CLOCK_FORCED	24	/* from this step on it may have been used lately */

int ex_elems_init(struct ex_map *map)
{
	u32 spare = clamp(map->def.max_entries / 2, (u32)SPARE_MIN, (u32)SPARE_MAX);
	u32 buckets = roundup_pow_of_two(map->def.max_entries);
	u32 i;

	map->nr = map->def.max_entries + spare;
	map->elem_size = sizeof(struct ex_elem) + map->key_words * sizeof(u64);
	map->elems = kvcalloc(map->nr, map->elem_size, GFP_KERNEL_ACCOUNT);
	map->mask = buckets - 1;
	map->buckets = kvcalloc(buckets, sizeof(*map->buckets),
				GFP_KERNEL_ACCOUNT);
	if (!map->elems || !map->buckets)
		return -ENOMEM;
	map->bytes += (u64)map->nr * map->elem_size +
		      (u64)buckets * sizeof(*map->buckets);
	for (i = 0; i < buckets; i++)
		spin_lock_init(&map->buckets[i].lock);
	for (i = map->nr; i; i--) {
		ex_elem_at(map, i - 1)->index = i - 1;
		ex_elem_at(map, i - 1)->next = map->free;
		map->free = i;
	}
	return 0;
}

/* --- rest --- */

static void rest_half(struct rcu_head *head);

static void rest_begin(struct ex_map *map)
{
	lockdep_assert_held(&map->lock);
	map->waiting = true;
	map->resting = map->dead;
	map->resting_end = map->dead_end;
	map->dead = 0;
	call_rcu(&map->rcu, rest_half);
}

static void rest_over(struct rcu_head *head)
{
	struct ex_map *map = container_of(head, struct ex_map, rcu);

	spin_lock_bh(&map->lock);
	ex_elem_at(map, map->resting_end - 1)->next = map->free;
	map->free = map->resting;
	map->resting = 0;
	map->waiting = false;
	if (map->dead)
		rest_begin(map);
	spin_unlock_bh(&map->lock);
}

static void rest_half(struct rcu_head *head)
{
	struct ex_map *map = container_of(head, struct ex_map, rcu);

	call_srcu(&map->readers->srcu, head, rest_over);
}

/* Takes an entry that is in no chain any more. */
static void rest(struct ex_map *map, struct ex_elem *e)
{
	u32 number = e->index + 1;

	spin_lock(&map->lock);
	map->count--;
	map->gen++;
	if (!map->dead)
		map->dead_end = number;
	e->next = map->dead;
	map->dead = number;
	if (!map->waiting)
		rest_begin(map);
	spin_unlock(&map->lock);
}

void ex_elems_drain(struct ex_map *map)
{
	bool waiting;

	do {
		rcu_barrier();
		srcu_barrier(&map->readers->srcu);
		spin_lock_bh(&map->lock);
		waiting = map->waiting;
		spin_unlock_bh(&map->lock);
	} while (waiting);
}

/* --- deletion --- */

static void unlink_elem(struct ex_map *map, struct ex_elem *e)
{
	hlist_del_rcu(&e->node);
	WRITE_ONCE(e->live, false);
	rest(map, e);
}

bool ex_elem_delete(struct ex_map *map, const u64 *key, u32 hash)
{
	struct ex_bucket *b = &map->buckets[hash & map->mask];
	struct ex_elem *e;

	spin_lock_bh(&b->lock);
	e = ex_elem_find(map, key, hash);
	if (e)
		unlink_elem(map, e);
	spin_unlock_bh(&b->lock);
	return e;
}

bool ex_elem_drop(struct ex_map *map, struct ex_elem *e)
{
	u32 hash = READ_ONCE(e->hash);
	struct ex_bucket *b = &map->buckets[hash & map->mask];
	bool live;

	spin_lock_bh(&b->lock);
	live = e->live && e->hash == hash;
	if (live)
		unlink_elem(map, e);
	spin_unlock_bh(&b->lock);
	return live;
}

/* Second chance: the hand passes over what was used since it last came by. */
static void make_room(struct ex_map *map)
{
	struct ex_elem *e;
	u32 step, hand;

	for (step = 0; step < CLOCK_STEPS; step++) {
		hand = READ_ONCE(map->hand);
		WRITE_ONCE(map->hand, hand + 1 < map->nr ? hand + 1 : 0);
		e = ex_elem_at(map, hand);
		if (!READ_ONCE(e->live))
			continue;
		if (READ_ONCE(e->seen) && step < CLOCK_FORCED) {
			WRITE_ONCE(e->seen, false);
			continue;
		}
		if (ex_elem_drop(map, e)) {
			spin_lock_bh(&map->lock);
			map->dropped++;
			spin_unlock_bh(&map->lock);
			return;
		}
	}
}

/* --- insertion --- */

static struct ex_elem *take(struct ex_map *map)
{
	struct ex_elem *e;

	spin_lock(&map->lock);
	if (map->count >= map->def.max_entries) {
		e = ERR_PTR(-E2BIG);
		map->lost++;
	} else if (!map->free) {
		e = ERR_PTR(-EAGAIN);
		map->lost++;
	} else {
		e = ex_elem_at(map, map->free - 1);
		map->free = e->next;
		map->count++;
		map->gen++;
	}
	spin_unlock(&map->lock);
	return e;
}

static struct ex_elem *add(struct ex_map *map, const u64 *key, u32 hash,
			   const void *value)
{
	struct ex_bucket *b = &map->buckets[hash & map->mask];
	struct ex_elem *e = take(map);
	void *at;

	if (IS_ERR(e))
		return e;
	at = ex_map_value(map, e->index);
	if (value)
		memcpy(at, value, map->def.value_size);
	else
		memset(at, 0, map->def.value_size);
	memcpy(e->key, key, map->key_words * sizeof(u64));
	WRITE_ONCE(e->hash, hash);
	WRITE_ONCE(e->seen, false);
	/* Whoever sees it live, as ex_map_user_next() does, sees its key, too. */
	smp_store_release(&e->live, true);
	hlist_add_head_rcu(&e->node, &b->head);
	return e;
}

struct ex_elem *ex_elem_insert(struct ex_map *map, const u64 *key, u32 hash,
			       const void *value, u32 flags)
{
	struct ex_bucket *b = &map->buckets[hash & map->mask];
	struct ex_elem *e;

	if (map->def.type == ASHLAR_EXT_MAP_LRU && (flags & EX_ELEM_CREATE) &&
	    READ_ONCE(map->count) >= map->def.max_entries) {
		rcu_read_lock();
		e = ex_elem_find(map, key, hash);
		rcu_read_unlock();
		if (!e)
			make_room(map);
	}
	spin_lock_bh(&b->lock);
	e = ex_elem_find(map, key, hash);
	if (!e)
		e = flags & EX_ELEM_CREATE ? add(map, key, hash, value) :
					     ERR_PTR(-ENOENT);
	else if (!(flags & EX_ELEM_REPLACE))
		e = ERR_PTR(-EEXIST);
	else if (value)
		memcpy(ex_map_value(map, e->index), value,
		       map->def.value_size);
	spin_unlock_bh(&b->lock);
	return e;
}
