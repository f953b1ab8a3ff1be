// SPDX-License-Identifier: GPL-2.0-only
/*
 * The heap of an instance. Small blocks share a chunk with others of their size
 * class (a slab), large ones have chunks of their own. What is known of a block
 * lies outside of the arena, so a wild write cannot harm the heap. A block has
 * a red zone before and behind it, and rests for a while when it is freed, so
 * that its use or a second free is seen and not taken for another block's.
 *
 * A chunk that the heap once had stays mapped until the instance ends: softirq
 * cannot flush the other processors' TLBs. It is used again for any size.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "arena.h"
#include "inst.h"
#include "mem.h"

#define CHUNK_SHIFT	14
#define BIG		EX_HEAP_CLASSES	/* class of slabs with one large block */
#define NO_BLOCK	U16_MAX

/* From one block to the next, red zone included. */
static const u16 strides[EX_HEAP_CLASSES] = {
	32, 48, 64, 80, 96, 128, 192, 256, 384, 512, 768, 1088, 1632, 2336,
	3264, 5456, 8176,
};

/**
 * struct ex_block - what is known of a block
 * @size: as asked for; 0: free
 * @object: has a reference count
 * @resting: freed, but not given out again yet
 * @refs: references to an object
 * @next: behind a free block: its index; behind a resting one: its offset
 */
struct ex_block {
	u32 size : 30;
	u32 object : 1;
	u32 resting : 1;
	u32 refs;
	u32 next;
};

/**
 * struct ex_slab - chunks with blocks of one class
 * @node: in heap->partial, while a block is free
 * @start: offset of the first chunk in the arena
 * @chunks: count
 * @stride: from block to block
 * @class: index of @stride, or BIG
 * @nr: count of blocks
 * @used: blocks in use or at rest
 * @free: first free one; NO_BLOCK: none
 * @blocks: all
 */
struct ex_slab {
	struct list_head node;
	u32 start;
	u32 chunks;
	u32 stride;
	u16 class;
	u16 nr;
	u16 used;
	u16 free;
	struct ex_block blocks[];
};

static_assert(ASHLAR_EXT_CHUNK == 1 << CHUNK_SHIFT);

/* --- chunks --- */

/* Chunks that are mapped: spare ones, else new ones. Return: their offset, or 0. */
static u32 chunks_get(struct ex_inst *inst, u32 n)
{
	struct ex_heap *heap = &inst->heap;
	unsigned long first;
	u32 start;
	int err;

	lockdep_assert_held(&heap->lock);
	first = bitmap_find_next_zero_area(heap->taken, EX_HEAP_CHUNKS, 0, n, 0);
	if (first < EX_HEAP_CHUNKS) {
		bitmap_set(heap->taken, first, n);
		return first << CHUNK_SHIFT;
	}
	spin_lock(&inst->lock);
	start = ex_arena_take(&inst->arena, n << CHUNK_SHIFT);
	err = start ? ex_arena_map(&inst->arena, start, n << CHUNK_SHIFT,
				   GFP_ATOMIC | __GFP_NOWARN) : -ENOSPC;
	if (start && err)
		ex_arena_give(&inst->arena, start, n << CHUNK_SHIFT);
	spin_unlock(&inst->lock);
	return err ? 0 : start;
}

static void slab_free(struct ex_heap *heap, struct ex_slab *slab)
{
	u32 first = slab->start >> CHUNK_SHIFT;
	u32 i;

	lockdep_assert_held(&heap->lock);
	for (i = 0; i < slab->chunks; i++)
		heap->slabs[first + i] = NULL;
	bitmap_clear(heap->taken, first, slab->chunks);
	if (slab->free != NO_BLOCK)
		list_del(&slab->node);
	kfree(slab);
}

static struct ex_slab *slab_make(struct ex_inst *inst, u32 class, u32 size)
{
	struct ex_heap *heap = &inst->heap;
	u32 stride = class == BIG ? size + ASHLAR_EXT_REDZONE : strides[class];
	u32 nr = class == BIG ? 1 : (ASHLAR_EXT_CHUNK - ASHLAR_EXT_REDZONE) / stride;
	struct ex_slab *slab;
	u32 i;

	slab = kzalloc(struct_size(slab, blocks, nr), GFP_ATOMIC | __GFP_NOWARN);
	if (!slab)
		return NULL;
	slab->chunks = DIV_ROUND_UP(nr * stride + ASHLAR_EXT_REDZONE,
				    ASHLAR_EXT_CHUNK);
	slab->start = chunks_get(inst, slab->chunks);
	if (!slab->start) {
		kfree(slab);
		return NULL;
	}
	INIT_LIST_HEAD(&slab->node);
	slab->stride = stride;
	slab->class = class;
	slab->nr = nr;
	for (i = 0; i < nr; i++)
		slab->blocks[i].next = i + 1 < nr ? i + 1 : NO_BLOCK;
	for (i = 0; i < slab->chunks; i++)
		heap->slabs[(slab->start >> CHUNK_SHIFT) + i] = slab;
	return slab;
}

/* --- blocks --- */

static u32 block_start(const struct ex_slab *slab, u32 index)
{
	return slab->start + ASHLAR_EXT_REDZONE + index * slab->stride;
}

/* The block at an offset, or in whose red zone it is. */
static struct ex_slab *slab_of(const struct ex_heap *heap, u32 off, u32 *index)
{
	struct ex_slab *slab = heap->slabs[off >> CHUNK_SHIFT];
	u32 rel;

	if (!slab)
		return NULL;
	rel = off - slab->start;
	if (rel < ASHLAR_EXT_REDZONE)
		return NULL;
	*index = (rel - ASHLAR_EXT_REDZONE) / slab->stride;
	return *index < slab->nr ? slab : NULL;
}

static u32 block_take(struct ex_heap *heap, struct ex_slab *slab)
{
	u32 index = slab->free;

	slab->free = slab->blocks[index].next;
	slab->used++;
	if (slab->free == NO_BLOCK)
		list_del(&slab->node);
	return index;
}

static void block_give(struct ex_heap *heap, struct ex_slab *slab, u32 index)
{
	struct list_head *partial;

	memset(&slab->blocks[index], 0, sizeof(slab->blocks[index]));
	slab->blocks[index].next = slab->free;
	slab->used--;
	if (slab->class == BIG) {
		slab_free(heap, slab);
		return;
	}
	partial = &heap->partial[slab->class];
	if (slab->free == NO_BLOCK)
		list_add(&slab->node, partial);
	slab->free = index;
	if (!slab->used && !list_is_singular(partial))
		slab_free(heap, slab);
}

/* --- rest --- */

static void rest_pop(struct ex_heap *heap)
{
	struct ex_slab *slab;
	u32 index;

	slab = slab_of(heap, heap->rest_first, &index);
	heap->rest_bytes -= slab->blocks[index].size;
	heap->rest_first = slab->blocks[index].next;
	block_give(heap, slab, index);
}

static void rest_push(struct ex_heap *heap, u32 off, struct ex_block *block)
{
	struct ex_slab *slab;
	u32 last;

	block->resting = true;
	block->next = 0;
	if (heap->rest_first) {
		slab = slab_of(heap, heap->rest_last, &last);
		slab->blocks[last].next = off;
	} else {
		heap->rest_first = off;
	}
	heap->rest_last = off;
	heap->rest_bytes += block->size;
	while (heap->rest_bytes > heap->rest_max && heap->rest_first != off)
		rest_pop(heap);
}

static bool rest_flush(struct ex_heap *heap)
{
	if (!heap->rest_first)
		return false;
	while (heap->rest_first)
		rest_pop(heap);
	return true;
}

/* --- what the calls do --- */

static u32 class_of(u32 size)
{
	u32 class = 0;

	while (class < BIG && size + ASHLAR_EXT_REDZONE > strides[class])
		class++;
	return class;
}

static struct ex_slab *slab_get(struct ex_inst *inst, u32 size)
{
	struct ex_heap *heap = &inst->heap;
	u32 class = class_of(size);
	struct ex_slab *slab;

	slab = class == BIG ? NULL :
	       list_first_entry_or_null(&heap->partial[class], struct ex_slab,
					node);
	if (slab)
		return slab;
	slab = slab_make(inst, class, size);
	if (!slab && rest_flush(heap))
		slab = slab_make(inst, class, size);
	if (slab && class != BIG)
		list_add(&slab->node, &heap->partial[class]);
	return slab;
}

static void *alloc(struct ex_inst *inst, u32 size, bool object)
{
	struct ex_heap *heap = &inst->heap;
	struct ex_block *block;
	struct ex_slab *slab;
	u32 index, off;
	void *p;

	slab = slab_get(inst, size);
	if (!slab)
		return NULL;
	index = block_take(heap, slab);
	block = &slab->blocks[index];
	block->size = size;
	block->object = object;
	block->refs = object;
	off = block_start(slab, index);
	heap->bytes += size;
	(object ? &heap->objects : &heap->blocks)->made++;
	p = (void *)(inst->arena.base + off);
	memset(p, 0, size);
	ex_shadow_set(&inst->arena, off, size);
	return p;
}

void *ex_heap_alloc(struct ex_inst *inst, u64 size, bool object)
{
	void *p;

	if (!size || size > EX_ALLOC_MAX)
		return NULL;
	spin_lock_bh(&inst->heap.lock);
	p = alloc(inst, size, object);
	spin_unlock_bh(&inst->heap.lock);
	return p;
}

static void release(struct ex_inst *inst, u32 off, struct ex_block *block)
{
	struct ex_heap *heap = &inst->heap;

	heap->bytes -= block->size;
	(block->object ? &heap->objects : &heap->blocks)->back++;
	ex_shadow_clear(&inst->arena, off, block->size);
	rest_push(heap, off, block);
}

/* The block that begins at an address; NULL: none does. */
static struct ex_block *block_at(struct ex_inst *inst, u64 addr, u32 *off)
{
	u64 rel = addr - inst->arena.base;
	struct ex_slab *slab;
	u32 index;

	lockdep_assert_held(&inst->heap.lock);
	if (rel >= ASHLAR_EXT_ARENA_SIZE)
		return NULL;
	slab = slab_of(&inst->heap, rel, &index);
	if (!slab || block_start(slab, index) != rel ||
	    !slab->blocks[index].size)
		return NULL;
	*off = rel;
	return &slab->blocks[index];
}

const char *ex_heap_free(struct ex_inst *inst, u64 addr)
{
	const char *fault = NULL;
	struct ex_block *block;
	u32 off;

	spin_lock_bh(&inst->heap.lock);
	block = block_at(inst, addr, &off);
	if (!block)
		fault = "no block begins at this address";
	else if (block->resting)
		fault = "the block was freed before";
	else if (block->object)
		fault = "the block is an object with a count: ext_obj_put() gives it back";
	else
		release(inst, off, block);
	spin_unlock_bh(&inst->heap.lock);
	return fault;
}

const char *ex_heap_get(struct ex_inst *inst, u64 addr)
{
	const char *fault = NULL;
	struct ex_block *block;
	u32 off;

	spin_lock_bh(&inst->heap.lock);
	block = block_at(inst, addr, &off);
	if (!block || !block->object)
		fault = "no object with a count begins at this address";
	else if (block->resting)
		fault = "the object is gone: its count was 0";
	else if (block->refs < EX_REFS_MAX)
		block->refs++;
	spin_unlock_bh(&inst->heap.lock);
	return fault;
}

const char *ex_heap_put(struct ex_inst *inst, u64 addr)
{
	const char *fault = NULL;
	struct ex_block *block;
	u32 off;

	spin_lock_bh(&inst->heap.lock);
	block = block_at(inst, addr, &off);
	if (!block || !block->object)
		fault = "no object with a count begins at this address";
	else if (block->resting)
		fault = "one put too many: the object's count was 0";
	else if (block->refs < EX_REFS_MAX && !--block->refs)
		release(inst, off, block);
	spin_unlock_bh(&inst->heap.lock);
	return fault;
}

int ex_heap_describe(struct ex_inst *inst, u32 off, u32 *start, u32 *size)
{
	struct ex_block *block;
	struct ex_slab *slab;
	u32 index;
	int what = 0;

	spin_lock_bh(&inst->heap.lock);
	slab = off < ASHLAR_EXT_ARENA_SIZE ? slab_of(&inst->heap, off, &index) : NULL;
	block = slab ? &slab->blocks[index] : NULL;
	if (block && block->size) {
		*start = block_start(slab, index);
		*size = block->size;
		what = block->resting ? 2 : 1;
	}
	spin_unlock_bh(&inst->heap.lock);
	return what;
}

/* --- begin and end --- */

int ex_heap_init(struct ex_inst *inst)
{
	struct ex_heap *heap = &inst->heap;
	u32 i;

	spin_lock_init(&heap->lock);
	bitmap_fill(heap->taken, EX_HEAP_CHUNKS);
	for (i = 0; i < EX_HEAP_CLASSES; i++)
		INIT_LIST_HEAD(&heap->partial[i]);
	heap->rest_max = min_t(u64, EX_REST_MAX, inst->quota.memory / 4);
	heap->slabs = kvcalloc(EX_HEAP_CHUNKS, sizeof(*heap->slabs),
			       GFP_KERNEL_ACCOUNT);
	return heap->slabs ? 0 : -ENOMEM;
}

static void slab_reclaim(struct ex_inst *inst, struct ex_slab *slab)
{
	struct ex_heap *heap = &inst->heap;
	struct ex_block *block;
	u32 i;

	for (i = 0; i < slab->nr; i++) {
		block = &slab->blocks[i];
		if (!block->size || block->resting)
			continue;
		(block->object ? &heap->objects : &heap->blocks)->reclaimed++;
		heap->bytes -= block->size;
		ex_shadow_clear(&inst->arena, block_start(slab, i), block->size);
	}
	slab_free(heap, slab);
}

void ex_heap_reclaim(struct ex_inst *inst)
{
	struct ex_heap *heap = &inst->heap;
	u32 i;

	if (!heap->slabs)
		return;
	spin_lock_bh(&heap->lock);
	heap->rest_first = 0;
	heap->rest_bytes = 0;
	for (i = 0; i < EX_HEAP_CHUNKS; i++)
		if (heap->slabs[i])
			slab_reclaim(inst, heap->slabs[i]);
	spin_unlock_bh(&heap->lock);
}

void ex_heap_exit(struct ex_inst *inst)
{
	kvfree(inst->heap.slabs);
	inst->heap.slabs = NULL;
}
