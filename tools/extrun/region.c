// SPDX-License-Identifier: GPL-2.0-only
/*
 * The region of ext_abi.h in a process: arena and shadow between guards, mapped by chunks as they
 * are used; and what is given out of it. Where each block is, is kept outside, so that no overrun
 * reaches it. What was freed rests before it is given out again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "extrun.h"

#define REST_BLOCKS 4096
#define GRANULES (ASHLAR_EXT_ARENA_SIZE / 16)

struct block {
	u32 size; /* asked for */
	u32 room; /* taken */
	u8 state; /* 0 never, 1 given out, 2 resting, 3 free */
	u32 next; /* of the same room, free */
};

static u8 *region;
static u64 base, top, limit, quota_left;
static struct block *blocks; /* by offset / 16 */
static u32 *free_of; /* by room / 16 */
static u32 rest[REST_BLOCKS], rest_at;

static const struct ashlar_ext_info *const info = &ashlar_ext_info;

static bool precise(void)
{
	return info->flags & ASHLAR_EXT_BUILD_SHADOW;
}

static void map_chunks(u64 from, u64 to, bool ro)
{
	from &= ~(ASHLAR_EXT_CHUNK - 1);
	to = (to + ASHLAR_EXT_CHUNK - 1) & ~(ASHLAR_EXT_CHUNK - 1);
	if (from >= to)
		return;
	mprotect((void *)(base + from), to - from, PROT_READ | (ro ? 0 : PROT_WRITE));
	mprotect((void *)(base + ASHLAR_EXT_SHADOW_OFF + from / 4), (to - from) / 4,
		 PROT_READ | PROT_WRITE);
}

bool er_in_arena(u64 at)
{
	return at - base < ASHLAR_EXT_ARENA_SIZE;
}

void er_shadow_set(u64 at, u32 size)
{
	u16 *s = (u16 *)(base + ASHLAR_EXT_SHADOW_OFF + (at - base) / 8 * 2);

	for (; size; size -= size < 8 ? size : 8)
		*s++ = size < ASHLAR_EXT_SHADOW_MAX ? size : ASHLAR_EXT_SHADOW_MAX;
}

void er_shadow_clear(u64 at, u32 size)
{
	memset((void *)(base + ASHLAR_EXT_SHADOW_OFF + (at - base) / 8 * 2), 0, (size + 7) / 8 * 2);
}

static void load_image(void)
{
	u32 i;

	if (!info->image_size)
		return;
	map_chunks(0, info->image_size, false);
	memcpy((void *)base, info->image, info->image_size);
	for (i = 0; i < info->nr_relocs; i++)
		*(u64 *)(base + info->relocs[i]) += base - (u64)info->image;
	for (i = 0; i < info->nr_objects; i++)
		er_shadow_set(base + info->objects[i].offset, info->objects[i].size);
	map_chunks(0, info->image_size, true);
}

void er_region_init(u64 quota)
{
	u64 size = 3 * ASHLAR_EXT_GUARD + ASHLAR_EXT_ARENA_SIZE + ASHLAR_EXT_SHADOW_SIZE;

	region = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	blocks = calloc(GRANULES, sizeof(*blocks));
	free_of = calloc(GRANULES, sizeof(*free_of));
	if (region == MAP_FAILED || !blocks || !free_of)
		exit(2);
	base = (u64)region + ASHLAR_EXT_GUARD;
	memset(rest, 0, sizeof(rest));
	load_image();
	top = info->state_off;
	if (info->state_size) {
		map_chunks(top, top + info->state_size, false);
		er_shadow_set(base + top, info->state_size);
		top = (top + info->state_size + ASHLAR_EXT_CHUNK - 1) & ~(ASHLAR_EXT_CHUNK - 1);
	}
	limit = top;
	quota_left = quota;
}

void er_region_fini(void)
{
	munmap(region, 3 * ASHLAR_EXT_GUARD + ASHLAR_EXT_ARENA_SIZE + ASHLAR_EXT_SHADOW_SIZE);
	free(blocks);
	free(free_of);
}

u64 er_state(void)
{
	return base + info->state_off;
}

u64 er_take(u32 size)
{
	u32 room = (size + 15 + ASHLAR_EXT_REDZONE) & ~15U;
	u64 at;

	if (!size || quota_left < room)
		return 0;
	if (free_of[room / 16]) {
		at = free_of[room / 16] * 16UL;
		free_of[room / 16] = blocks[at / 16].next;
	} else {
		at = top;
		if (at + room > ASHLAR_EXT_ARENA_SIZE)
			return 0;
		top += room;
		if (top > limit) {
			map_chunks(limit, top, false);
			limit = (top + ASHLAR_EXT_CHUNK - 1) & ~(ASHLAR_EXT_CHUNK - 1);
		}
	}
	blocks[at / 16] = (struct block){ .size = size, .room = room, .state = 1 };
	quota_left -= room;
	memset((void *)(base + at), 0, size);
	er_shadow_set(base + at, size);
	return base + at;
}

void er_give(u64 at)
{
	u64 off = at - base;
	struct block *b = &blocks[off / 16];

	er_shadow_clear(at, b->size);
	b->state = 2;
	quota_left += b->room;
	/* Who rested longest is free. */
	if (rest[rest_at]) {
		struct block *old = &blocks[rest[rest_at]];

		old->state = 3;
		old->next = free_of[old->room / 16];
		free_of[old->room / 16] = rest[rest_at];
	}
	rest[rest_at] = off / 16;
	rest_at = (rest_at + 1) % REST_BLOCKS;
}

/* Whether it is the beginning of a block given out, and why not. */
const char *er_block_wrong(u64 at)
{
	u64 off = at - base;

	if (off >= ASHLAR_EXT_ARENA_SIZE || off % 16)
		return "never allocated";
	switch (blocks[off / 16].state) {
	case 1:
		return NULL;
	case 2:
	case 3:
		return "freed already";
	default:
		return "never allocated";
	}
}

bool er_buf(struct ashlar_ext_ctx *ctx, const void *p, u64 len, bool write)
{
	u64 at = (u64)p, off = at - base, room = write ? ctx->pkt_wlen : ctx->pkt_len;

#ifdef EXTRUN_ORACLE
	return true;
#endif
	if (!len || info->flags & ASHLAR_EXT_BUILD_PLAIN)
		return true;
	ctx->fuel -= len >> 6;
	if (off < ASHLAR_EXT_ARENA_SIZE) {
		if (len > ASHLAR_EXT_ARENA_SIZE - off || off + len > limit)
			goto bad;
		if (write && off < info->image_size)
			goto bad;
		/* Numbers stop at SHADOW_MAX: look again where they do. */
		for (; precise() && len;) {
			u32 rem = ((u16 *)(base + ASHLAR_EXT_SHADOW_OFF))[off / 8], here = off % 8;

			if (rem >= here + len)
				break;
			if (rem != ASHLAR_EXT_SHADOW_MAX)
				goto bad;
			off += rem - here - 7;
			len -= rem - here - 7;
		}
		return true;
	}
	if (at >= ctx->pkt && at - ctx->pkt <= room && len <= room - (at - ctx->pkt))
		return true;
bad:
	ctx->fault_size = (u32)len | (write ? ASHLAR_EXT_FAULT_WRITE : 0);
	er_stop(ctx, ASHLAR_EXT_FAULT_BUFFER, at, "a buffer is not all the extension's");
	return false;
}

/* What a range is not good for, in the words of the pass's own checks. */
static u32 range_fault(u64 at, bool write)
{
	u64 off = at - base;

	if (off >= ASHLAR_EXT_ARENA_SIZE)
		return ASHLAR_EXT_FAULT_RANGE;
	if (write && off < info->image_size)
		return ASHLAR_EXT_FAULT_READONLY;
	return precise() || off < limit ? ASHLAR_EXT_FAULT_BOUNDS : ASHLAR_EXT_FAULT_RANGE;
}

/*
 * ashlar_ext_range(): of memcpy and its like, whose length only the running program knows, or
 * which are the C library's.
 */
void ashlar_ext_range(struct ashlar_ext_ctx *ctx, u64 at, u64 len, u32 write)
{
	if (er_buf(ctx, (void *)at, len, write))
		return;
	ctx->stop = range_fault(at, write);
	ctx->fault_code = ctx->stop;
}

/* What lies at an address, for the report. */
const char *er_describe(u64 at)
{
	static char text[160];
	u64 off = at - base;
	s64 i;

	if (at < 4096)
		return "NULL or near it";
	if (off >= ASHLAR_EXT_ARENA_SIZE)
		return "not the extension's memory";
	if (off < info->image_size)
		return "a constant, or between two";
	if (off - info->state_off < info->state_size)
		return "the private state";
	for (i = off / 16; i >= 0 && i > (s64)(off / 16) - 65536; i--) {
		struct block *b = &blocks[i];

		if (!b->state)
			continue;
		if (off < i * 16UL + b->size)
			snprintf(text, sizeof(text), "byte %llu of %u allocated%s",
				 (unsigned long long)(off - i * 16), b->size,
				 b->state == 1 ? "" : ", freed");
		else
			snprintf(text, sizeof(text), "%llu bytes behind %u allocated%s",
				 (unsigned long long)(off - i * 16 - b->size), b->size,
				 b->state == 1 ? "" : ", freed");
		return text;
	}
	return "nobody's";
}
