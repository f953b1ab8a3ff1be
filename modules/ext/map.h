/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps. A map belongs to the shim: to one extension's name in one network
 * namespace, not to an instance. It lives as long as anybody uses it, so it
 * survives an upgrade in which the new instance comes before the old one goes
 * and declares the same map, and a restart: an instance in quarantine holds its
 * maps. Values lie in pages that are mapped into the arena of each instance that
 * uses the map; keys, chains and all else lie outside.
 *
 *   ex_maps_mutex     the list of maps, users; process context, inside ex_mutex
 *   bucket->lock      chain of the bucket; BH
 *     map->lock       free entries, entries at rest, count; BH, a leaf
 *
 * Lookups are under RCU. An invocation that may sleep is besides in a read-side
 * section of ex_maps_readers(), because it may keep a value across a sleep. An
 * entry that was deleted rests until both kinds of readers have left, and only
 * then is another key's. Readers are those of all maps of one extension in one
 * namespace: who sleeps long keeps nobody else's entries at rest.
 */
#ifndef ASHLAR_EXT_MAP_H
#define ASHLAR_EXT_MAP_H

#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <net/net_namespace.h>

#include <asm/local64.h>

#include "host.h"

struct netlink_ext_ack;

#define EX_MAP_KEY_MAX		64
#define EX_MAP_KEY_WORDS	(EX_MAP_KEY_MAX / 8)
#define EX_MAP_VALUE_MAX	8192
#define EX_MAP_ENTRIES_MAX	1048576U
#define EX_MAP_BYTES_MAX	(16U << 20)	/* values of one map, in the arena */
#define EX_MAPS_BYTES_MAX	(256U << 20)	/* a namespace's maps, all of them */

/**
 * struct ex_elem - what the shim knows of an entry of a hash or LRU map
 * @node: in its bucket's chain
 * @next: entry behind this one in a list of free or resting ones, as its
 *	number + 1
 * @hash: of the key
 * @index: in the map
 * @live: in a chain; bucket->lock
 * @seen: looked up since the hand of the clock came by
 * @key: zero-padded
 */
struct ex_elem {
	struct hlist_node node;
	u32 next;
	u32 hash;
	u32 index;
	bool live;
	bool seen;
	u64 key[];
};

/**
 * struct ex_readers - invocations that may sleep, of all that have an extension's maps
 * @srcu: they
 * @maps: that have it; ex_maps_mutex
 */
struct ex_readers {
	struct srcu_struct srcu;
	u32 maps;
};

struct ex_bucket {
	struct hlist_head head;
	spinlock_t lock;
};

/**
 * struct ex_map - a map
 * @def: as declared
 * @net: its namespace, which outlives it
 * @ext: name of the extension
 * @node: in the list of maps
 * @users: instances and commands that hold it; ex_maps_mutex
 * @readers: who may keep a value across a sleep
 * @key: of the hash
 * @key_words: words of 8 bytes of a key
 * @stride: from one value to the next
 * @nr: entries there is room for, those at rest included
 * @mask: count of buckets - 1
 * @buckets: buckets of a hash or LRU map
 * @elems: entries of a hash or LRU map
 * @elem_size: bytes of each of @elems
 * @values: as the shim sees them
 * @pages: of the values
 * @nr_pages: whole chunks
 * @counters: of each possible CPU, for a counter map
 * @bytes: memory of all of this
 * @lock: the following
 * @free: first free entry, as its number + 1; 0: none
 * @dead: entries deleted that nobody waits for yet, the last one first
 * @dead_end: the other end of that list
 * @resting: entries deleted that a grace period was begun for
 * @resting_end: the other end of that list
 * @waiting: a grace period is under way
 * @count: entries in chains
 * @hand: of the clock that finds entries seldom used
 * @gen: raised by each insertion and deletion, for dumps
 * @lost: insertions refused because entries were at rest, or the map was full
 * @dropped: entries that an LRU map dropped for others
 * @missed: additions to counters beyond the end
 * @rcu: first half of the grace period
 */
struct ex_map {
	struct ashlar_ext_map_def def;
	struct net *net;
	char ext[ASHLAR_EXT_NAME];
	struct list_head node;
	u32 users;
	struct ex_readers *readers;
	siphash_key_t key;
	u32 key_words;
	u32 stride;
	u32 nr;
	u32 mask;
	struct ex_bucket *buckets;
	void *elems;
	u32 elem_size;
	u8 *values;
	struct page **pages;
	u32 nr_pages;
	local64_t **counters;
	u64 bytes;
	spinlock_t lock ____cacheline_aligned_in_smp;
	u32 free;
	u32 dead;
	u32 dead_end;
	u32 resting;
	u32 resting_end;
	bool waiting;
	u32 count;
	u32 hand;
	u32 gen;
	u64 lost;
	u64 dropped;
	atomic64_t missed;
	struct rcu_head rcu;
};

/**
 * struct ex_map_use - a map as an instance sees it
 * @map: the map
 * @base: address of the first value in the instance's arena; 0 for counters
 * @bytes: of the arena that it takes
 */
struct ex_map_use {
	struct ex_map *map;
	u64 base;
	u32 bytes;
};

/* After the last instance went. */
void ex_maps_exit(void);

/**
 * ex_maps_attach() - finds or makes the maps that an instance declares
 * @inst: the instance, whose arena, ext and net are there
 * @extack: says which map and why
 *
 * Fills inst->maps. Sleeps. A map of the same name with another definition,
 * which an instance still uses, stays that instance's; the new one is another
 * map, and is what ex_map_find() finds as long as it lives.
 *
 * Return: 0 or a negative error; nothing is attached then.
 */
int ex_maps_attach(struct ex_inst *inst, struct netlink_ext_ack *extack);
/* The maps are out of the arena, and held. No invocation is left. Sleeps. */
void ex_maps_leave(struct ex_inst *inst);
/* Lets them go; those of no other user end. Sleeps. */
void ex_maps_detach(struct ex_inst *inst);

/* Read-locked around an invocation that may sleep; stays as long as the instance has maps. */
struct srcu_struct *ex_maps_readers(const struct ex_inst *inst);

/* For commands: the newest map of that name, held; NULL: none. */
struct ex_map *ex_map_find(struct net *net, const char *ext, const char *name);
/* The next map of the namespace behind the first @skip, held, newest first; NULL: none. */
struct ex_map *ex_map_at(struct net *net, u32 skip);
/* Sleeps. */
void ex_map_put(struct ex_map *map);

/**
 * ex_map_user_lookup() - reads a value for user space
 * @map: the map
 * @key: def.key_size bytes
 * @value: def.value_size bytes; of counters the sum over all CPUs
 *
 * Return: 0 or -ENOENT.
 */
int ex_map_user_lookup(struct ex_map *map, const void *key, void *value);
/**
 * ex_map_user_update() - writes a value, making the entry if need be
 * @map: the map
 * @key: def.key_size bytes
 * @value: def.value_size bytes
 * @create: the entry may be made
 * @replace: it may be there
 *
 * Extensions may read it at the same time and see half of it.
 *
 * Return: 0, -ENOENT, -EEXIST, -E2BIG if the map is full, -EAGAIN if its free
 * entries are all at rest.
 */
int ex_map_user_update(struct ex_map *map, const void *key, const void *value,
		       bool create, bool replace);
/* Return: 0, -ENOENT, or -EINVAL for arrays and counters, whose entries cannot go. */
int ex_map_user_delete(struct ex_map *map, const void *key);
/**
 * ex_map_user_next() - for dumps
 * @map: the map
 * @cursor: where to go on; 0 at first; good as long as the map, whatever
 *	changes in between: each entry that is there all the time comes once
 * @key: def.key_size bytes
 * @value: def.value_size bytes
 *
 * Return: 0, or -ENOENT at the end.
 */
int ex_map_user_next(struct ex_map *map, u32 *cursor, void *key, void *value);
/* Deletes all entries; zeroes arrays and counters. Return: how many. */
u32 ex_map_user_flush(struct ex_map *map);
/* Entries now; all of an array or a counter. */
u32 ex_map_entries(const struct ex_map *map);

/* A value as the shim sees it. */
static inline void *ex_map_value(const struct ex_map *map, u32 index)
{
	return map->values + ASHLAR_EXT_REDZONE + (size_t)index * map->stride;
}

#endif /* ASHLAR_EXT_MAP_H */
