/* SPDX-License-Identifier: GPL-2.0-only */
/* The heap of an instance: blocks in its arena, all that is known of them outside of it. */
#ifndef ASHLAR_EXT_MEM_H
#define ASHLAR_EXT_MEM_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "host.h"

#define EX_HEAP_CHUNKS	(ASHLAR_EXT_ARENA_SIZE / ASHLAR_EXT_CHUNK)
#define EX_HEAP_CLASSES	17
#define EX_ALLOC_MAX	1048576U
#define EX_REST_MAX	(256U << 10)	/* bytes freed that are not given out again yet */
#ifdef CONFIG_ASHLAR_KUNIT
#define EX_REFS_MAX	1000U		/* so that a test comes so far */
#else
#define EX_REFS_MAX	0x40000000U	/* a count that came so far stays */
#endif

struct ex_slab;

/**
 * struct ex_heap - what an instance has allocated
 * @lock: everything here; BH; inside it only inst->lock, for the arena
 * @slabs: of each chunk that the heap has in use; NULL: not the heap's, or spare
 * @taken: chunks that are not spare: a chunk the heap once had stays mapped and
 *	is spare when nothing is in it
 * @partial: slabs with a free block, for each class
 * @rest_first: oldest block at rest, as its offset in the arena; 0: none. Freed
 *	blocks rest so that their use is seen
 * @rest_last: youngest
 * @rest_bytes: in all
 * @rest_max: bytes that rest at most
 * @blocks: plain blocks: made, given back, reclaimed at the end
 * @objects: the same for objects with a count
 * @bytes: in use by blocks and objects, as asked for
 */
struct ex_heap {
	spinlock_t lock;
	struct ex_slab **slabs;
	unsigned long taken[BITS_TO_LONGS(EX_HEAP_CHUNKS)];
	struct list_head partial[EX_HEAP_CLASSES];
	u32 rest_first;
	u32 rest_last;
	u32 rest_bytes;
	u32 rest_max;
	struct ex_count blocks;
	struct ex_count objects;
	u64 bytes;
};

/**
 * ex_heap_init() - an empty heap
 * @inst: its instance, whose arena is there
 *
 * Return: 0 or -ENOMEM.
 */
int ex_heap_init(struct ex_inst *inst);
/**
 * ex_heap_reclaim() - gives back all blocks; no invocation is left
 * @inst: the instance
 *
 * What was still in use is counted as reclaimed.
 */
void ex_heap_reclaim(struct ex_inst *inst);
/* Frees what is known of the heap; its chunks go with the arena. */
void ex_heap_exit(struct ex_inst *inst);

/**
 * ex_heap_alloc() - a block, zeroed
 * @inst: the instance
 * @size: bytes
 * @object: with a reference count, of 1
 *
 * Context: BH or process.
 * Return: its address in the arena; NULL: @size is 0 or over EX_ALLOC_MAX, or
 * memory or quota is used up.
 */
void *ex_heap_alloc(struct ex_inst *inst, u64 size, bool object);
/* What is wrong, as a constant text; NULL: done. */
const char *ex_heap_free(struct ex_inst *inst, u64 addr);
const char *ex_heap_get(struct ex_inst *inst, u64 addr);
const char *ex_heap_put(struct ex_inst *inst, u64 addr);

/**
 * ex_heap_describe() - what lies at an address of the arena, for the report
 * @inst: the instance
 * @off: in the arena
 * @start: where the block begins
 * @size: its bytes
 *
 * Return: 0: nothing of the heap; 1: a block in use, or its red zone; 2: one
 * that was freed.
 */
int ex_heap_describe(struct ex_inst *inst, u32 off, u32 *start, u32 *size);

#endif /* ASHLAR_EXT_MEM_H */
