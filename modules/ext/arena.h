/* SPDX-License-Identifier: GPL-2.0-only */
/* An instance's memory and its shadow; include/ashlar/ext_abi.h draws the region. */
#ifndef ASHLAR_EXT_ARENA_H
#define ASHLAR_EXT_ARENA_H

#include <linux/bitmap.h>
#include <linux/types.h>

#include <ashlar/ext_abi.h>

struct ex_ctx;
struct page;

#define EX_CHUNKS	(ASHLAR_EXT_ARENA_SIZE / ASHLAR_EXT_CHUNK)
#define EX_CHUNK_PAGES	(ASHLAR_EXT_CHUNK / PAGE_SIZE)

/**
 * struct ex_arena - a region of address space, of which chunks are mapped
 * @base: address of the arena's first byte
 * @area: what was reserved, guards and shadow included
 * @image: bytes from 0 on that are mapped read-only
 * @quota: bytes of own pages that may be mapped
 * @used: bytes of own pages that are mapped, without their shadow
 * @hint: chunk where the next search begins
 * @taken: chunks whose addresses are given out
 * @mapped: chunks that have pages and shadow; a chunk stays mapped as long as the arena
 * @owned: chunks whose pages are the arena's; the others' are a map's
 */
struct ex_arena {
	u64 base;
	void *area;
	u32 image;
	u64 quota;
	u64 used;
	u32 hint;
	DECLARE_BITMAP(taken, EX_CHUNKS);
	DECLARE_BITMAP(mapped, EX_CHUNKS);
	DECLARE_BITMAP(owned, EX_CHUNKS);
};

/*
 * Whoever changes an arena that is in use holds inst->lock: take, give, map. Then @gfp must not
 * sleep.
 */

/** ex_arena_probe() - whether this kernel lets itself be mapped as arena.c does; at module init */
int ex_arena_probe(void);

/** ex_arena_create() - reserves a region; nothing is mapped. May sleep */
int ex_arena_create(struct ex_arena *a, u64 quota);

/**
 * ex_arena_destroy() - unmaps all of it and frees its own pages. No invocation may be left. May
 * sleep
 */
void ex_arena_destroy(struct ex_arena *a);

/**
 * ex_arena_take() - finds whole chunks of address space that nobody has
 * @a: arena
 * @len: bytes
 *
 * Addresses that were given back long ago come first, so that what was freed is not used again at
 * once.
 *
 * Return: offset, or 0 if there is no room (the image or the state is at 0).
 */
u32 ex_arena_take(struct ex_arena *a, u64 len);

/** ex_arena_take_at() - the same at a place; false if any of it is taken */
bool ex_arena_take_at(struct ex_arena *a, u32 off, u64 len);

/**
 * ex_arena_give() - gives address space back
 *
 * The shadow is cleared. Own pages stay mapped and counted, for the next taker: another CPU may
 * have their translation cached.
 */
void ex_arena_give(struct ex_arena *a, u32 off, u64 len);

/**
 * ex_arena_map() - zeroed pages for whole chunks that were taken, with a shadow that says nobody's
 * @a: arena
 * @off: multiple of a chunk
 * @len: bytes, rounded up to chunks
 * @gfp: how to allocate
 *
 * Return: 0, -ENOMEM (no memory), -EDQUOT (over quota). What was mapped before the failure stays.
 */
int ex_arena_map(struct ex_arena *a, u32 off, u64 len, gfp_t gfp);

/**
 * ex_arena_map_image() - the same for the first @len bytes, read-only; ex_arena_alias() writes. May
 * sleep
 */
int ex_arena_map_image(struct ex_arena *a, u32 len);

/** ex_arena_alias() - where the kernel may write what is at @off, up to the end of the page */
void *ex_arena_alias(const struct ex_arena *a, u32 off);

/**
 * ex_arena_share() - maps @n pages of somebody else's, whole chunks, at @off, which was taken. May
 * sleep
 */
int ex_arena_share(struct ex_arena *a, u32 off, struct page **pages, u32 n);

/**
 * ex_arena_unshare() - undoes it; no invocation may be left, since other CPUs may have the
 * translation cached
 */
void ex_arena_unshare(struct ex_arena *a, u32 off, u32 n);

/** ex_arena_at() - kernel address of an offset */
static inline void *ex_arena_at(const struct ex_arena *a, u32 off)
{
	return (void *)(a->base + off);
}

/**
 * ex_shadow_set() - [off, off + size) is an object; off is a multiple of 8, its chunks are mapped
 */
void ex_shadow_set(struct ex_arena *a, u32 off, u32 size);

/** ex_shadow_clear() - [off, off + size) is nobody's */
void ex_shadow_clear(struct ex_arena *a, u32 off, u32 size);

/* The shadow of the granule that @off is in, which is mapped. */
static inline u32 ex_shadow(const struct ex_arena *a, u64 off)
{
	return READ_ONCE(((const u16 *)(a->base + ASHLAR_EXT_SHADOW_OFF))[off / 8]);
}

/**
 * ex_shadow_get() - bytes from @off to the end of its object; 0: nobody's or not mapped; at most
 * 65535
 */
u32 ex_shadow_get(const struct ex_arena *a, u64 off);

/**
 * ex_arena_check() - ASHLAR_EXT_FAULT_* of an access, 0 if all of it is in one object (@precise) or
 * mapped
 */
u32 ex_arena_check(const struct ex_arena *a, u64 addr, u64 len, bool write, bool precise);

/**
 * ex_buf_ok() - whether a buffer that an extension gave to a call is all the extension's
 * @ctx: invocation
 * @p: address
 * @len: bytes; 0 is always good
 * @write: whether the call writes to it
 *
 * It is if it is in one object of the arena, and not in its image if written to, or in the packet's
 * window.
 *
 * Return: true, or false after ex_stop(BUFFER): the call returns then.
 */
bool ex_buf_ok(struct ex_ctx *ctx, const void *p, u64 len, bool write);

#endif /* ASHLAR_EXT_ARENA_H */
