// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instance's memory: what is given out is apart, what is mapped is zero,
 * guards and holes have no page, the shadow tells each object to the byte, and
 * nothing of the extension's reaches further.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/pgtable.h>

#include "ext_stage.h"

#define CHUNK		((u64)ASHLAR_EXT_CHUNK)
#define SIZE		((u64)ASHLAR_EXT_ARENA_SIZE)
#define GUARD		((s64)ASHLAR_EXT_GUARD)

static void arena_release(struct kunit_resource *res)
{
	ex_arena_destroy(res->data);
}

static struct ex_arena *t_arena(struct kunit *test, u64 quota)
{
	struct ex_arena *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_EQ(test, ex_arena_create(a, quota), 0);
	kunit_alloc_resource(test, NULL, arena_release, GFP_KERNEL, a);
	return a;
}

/* Whether there is a page. */
static bool is_there(const struct ex_arena *a, s64 off)
{
	u8 byte;

	return !copy_from_kernel_nofault(&byte, (void *)(a->base + off), 1);
}

/* --- addresses --- */

static void arena_take(struct kunit *test)
{
	struct ex_arena *a = t_arena(test, SIZE);
	u32 first, second, i, n;

	KUNIT_EXPECT_EQ(test, ex_arena_take(a, 0), 0U);
	KUNIT_EXPECT_EQ(test, ex_arena_take(a, SIZE), 0U);
	KUNIT_EXPECT_EQ(test, ex_arena_take(a, SIZE + 1), 0U);
	KUNIT_EXPECT_EQ(test, ex_arena_take(a, U64_MAX), 0U);
	first = ex_arena_take(a, 1);
	second = ex_arena_take(a, CHUNK + 1);
	KUNIT_EXPECT_EQ(test, first, (u32)CHUNK);
	KUNIT_EXPECT_EQ(test, second, (u32)(2 * CHUNK));
	/* Addresses that were given back come again, but last. */
	ex_arena_give(a, first, 1);
	KUNIT_EXPECT_EQ(test, ex_arena_take(a, CHUNK), (u32)(4 * CHUNK));
	for (n = 5; n < EX_CHUNKS; n++)
		KUNIT_EXPECT_EQ(test, ex_arena_take(a, CHUNK), (u32)(n * CHUNK));
	KUNIT_EXPECT_EQ(test, ex_arena_take(a, 2 * CHUNK), 0U);
	KUNIT_EXPECT_EQ(test, ex_arena_take(a, CHUNK), first);
	KUNIT_EXPECT_EQ(test, ex_arena_take(a, CHUNK), 0U);
	for (i = 0; i < EX_CHUNKS; i++)
		KUNIT_EXPECT_EQ(test, test_bit(i, a->taken), i > 0);
}

static void arena_take_at(struct kunit *test)
{
	struct ex_arena *a = t_arena(test, SIZE);

	KUNIT_EXPECT_TRUE(test, ex_arena_take_at(a, 0, CHUNK));
	KUNIT_EXPECT_FALSE(test, ex_arena_take_at(a, 0, CHUNK));
	KUNIT_EXPECT_FALSE(test, ex_arena_take_at(a, 8, CHUNK));
	KUNIT_EXPECT_TRUE(test, ex_arena_take_at(a, 3 * CHUNK, CHUNK));
	KUNIT_EXPECT_FALSE(test, ex_arena_take_at(a, 2 * CHUNK, CHUNK + 1));
	KUNIT_EXPECT_TRUE(test, ex_arena_take_at(a, CHUNK, 2 * CHUNK));
	KUNIT_EXPECT_FALSE(test, ex_arena_take_at(a, SIZE - CHUNK, CHUNK + 1));
	KUNIT_EXPECT_TRUE(test, ex_arena_take_at(a, SIZE - CHUNK, CHUNK));
}

/* --- pages --- */

static void arena_map(struct kunit *test)
{
	struct ex_arena *a = t_arena(test, 4 * CHUNK);
	u32 off = ex_arena_take(a, 2 * CHUNK), next = ex_arena_take(a, CHUNK);
	u8 *p = ex_arena_at(a, off);

	KUNIT_EXPECT_FALSE(test, is_there(a, off));
	KUNIT_ASSERT_EQ(test, ex_arena_map(a, off, 2 * CHUNK, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, a->used, 2 * CHUNK);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 2 * CHUNK));
	memset(p, 0xa5, 2 * CHUNK);
	/* All that is around it has no page. */
	KUNIT_EXPECT_FALSE(test, is_there(a, off - 1));
	KUNIT_EXPECT_FALSE(test, is_there(a, next));
	KUNIT_EXPECT_FALSE(test, is_there(a, -1));
	KUNIT_EXPECT_FALSE(test, is_there(a, -GUARD));
	KUNIT_EXPECT_FALSE(test, is_there(a, SIZE - 1));
	KUNIT_EXPECT_FALSE(test, is_there(a, SIZE));
	KUNIT_EXPECT_FALSE(test, is_there(a, SIZE + GUARD - 1));
	KUNIT_EXPECT_FALSE(test, is_there(a, ASHLAR_EXT_SHADOW_OFF));
	KUNIT_EXPECT_TRUE(test, is_there(a, ASHLAR_EXT_SHADOW_OFF + off / 4));
	KUNIT_EXPECT_FALSE(test, is_there(a, ASHLAR_EXT_SHADOW_OFF + next / 4));
	KUNIT_EXPECT_FALSE(test, is_there(a, ASHLAR_EXT_SHADOW_OFF + SIZE / 4));
	/* Given back it stays mapped, and is zero for the next. */
	ex_arena_give(a, off, 2 * CHUNK);
	KUNIT_EXPECT_TRUE(test, is_there(a, off));
	KUNIT_EXPECT_TRUE(test, ex_arena_take_at(a, off, 2 * CHUNK));
	KUNIT_EXPECT_EQ(test, ex_arena_map(a, off, 2 * CHUNK, GFP_KERNEL), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(p, 0, 2 * CHUNK));
	KUNIT_EXPECT_EQ(test, a->used, 2 * CHUNK);
}

static void arena_quota(struct kunit *test)
{
	struct ex_arena *a = t_arena(test, 2 * CHUNK + 1);
	u32 off = ex_arena_take(a, 3 * CHUNK);

	KUNIT_EXPECT_EQ(test, ex_arena_map(a, off, 3 * CHUNK, GFP_KERNEL), -EDQUOT);
	KUNIT_EXPECT_EQ(test, a->used, 2 * CHUNK);
	KUNIT_EXPECT_FALSE(test, is_there(a, off + 2 * CHUNK));
	a->quota = 3 * CHUNK;
	KUNIT_EXPECT_EQ(test, ex_arena_map(a, off, 3 * CHUNK, GFP_KERNEL), 0);
	KUNIT_EXPECT_TRUE(test, is_there(a, off + 2 * CHUNK));
	KUNIT_EXPECT_EQ(test, a->used, 3 * CHUNK);
}

/* Constants: the processor itself refuses a write, the kernel's own alias does not. */
static void arena_image(struct kunit *test)
{
	struct ex_arena *a = t_arena(test, SIZE);
	u64 word = 0x0123456789abcdefULL;
	unsigned int level;
	pte_t *pte;

	KUNIT_ASSERT_TRUE(test, ex_arena_take_at(a, 0, CHUNK));
	KUNIT_ASSERT_EQ(test, ex_arena_map_image(a, CHUNK), 0);
	memcpy(ex_arena_alias(a, PAGE_SIZE + 8), &word, sizeof(word));
	KUNIT_EXPECT_EQ(test, *(u64 *)ex_arena_at(a, PAGE_SIZE + 8), word);
	pte = lookup_address(a->base + PAGE_SIZE, &level);
	KUNIT_ASSERT_NOT_NULL(test, pte);
	KUNIT_EXPECT_TRUE(test, pte_present(*pte));
	KUNIT_EXPECT_FALSE(test, pte_write(*pte));
	ex_shadow_set(a, 0, 64);
	KUNIT_EXPECT_EQ(test, ex_arena_check(a, a->base, 64, false, true), 0U);
	KUNIT_EXPECT_EQ(test, ex_arena_check(a, a->base, 1, true, true),
			(u32)ASHLAR_EXT_FAULT_READONLY);
	KUNIT_EXPECT_EQ(test, ex_arena_check(a, a->base, 1, true, false),
			(u32)ASHLAR_EXT_FAULT_READONLY);
}

/* A map's pages, seen by two instances; gone from one, they are the other's still. */
static void arena_share(struct kunit *test)
{
	struct ex_arena *a[2] = { t_arena(test, 0), t_arena(test, 0) };
	struct page *pages[EX_CHUNK_PAGES];
	u32 off[2], i, k;

	for (i = 0; i < EX_CHUNK_PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
	}
	for (k = 0; k < 2; k++) {
		ex_arena_take(a[k], k * CHUNK);
		off[k] = ex_arena_take(a[k], CHUNK);
		KUNIT_EXPECT_EQ(test, ex_arena_share(a[k], off[k], pages, EX_CHUNK_PAGES), 0);
		/* They are not counted as its own. */
		KUNIT_EXPECT_EQ(test, a[k]->used, 0ULL);
	}
	memset(ex_arena_at(a[0], off[0]), 0x5a, CHUNK);
	KUNIT_EXPECT_NULL(test, memchr_inv(ex_arena_at(a[1], off[1]), 0x5a, CHUNK));
	ex_arena_unshare(a[0], off[0], EX_CHUNK_PAGES);
	KUNIT_EXPECT_FALSE(test, test_bit(off[0] / CHUNK, a[0]->mapped));
	KUNIT_EXPECT_EQ(test, ex_arena_check(a[0], a[0]->base + off[0], 1, false, false),
			(u32)ASHLAR_EXT_FAULT_RANGE);
	memset(ex_arena_at(a[1], off[1]), 0, CHUNK);
	ex_arena_unshare(a[1], off[1], EX_CHUNK_PAGES);
	for (i = 0; i < EX_CHUNK_PAGES; i++) {
		KUNIT_EXPECT_EQ(test, page_count(pages[i]), 1);
		__free_page(pages[i]);
	}
}

/* --- shadow --- */

static const u32 shadow_sizes[] = { 1, 7, 8, 9, 63, 64, 4096, 16383, 16384, 65535, 65536, 131073 };

static void size_desc(const u32 *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *size);
}

KUNIT_ARRAY_PARAM(shadow, shadow_sizes, size_desc);

/* Each byte of an object, and of what is before and behind it. */
static void arena_shadow(struct kunit *test)
{
	u32 size = *(const u32 *)test->param_value, off, i, bad = 0, want;
	struct ex_arena *a = t_arena(test, SIZE);

	off = ex_arena_take(a, size + 2 * CHUNK);
	KUNIT_ASSERT_EQ(test, ex_arena_map(a, off, size + 2 * CHUNK, GFP_KERNEL), 0);
	off += 64;
	ex_shadow_set(a, off, size);
	for (i = 0; i < size + 64; i++) {
		want = i < size ? min_t(u32, size - (i & ~7U), ASHLAR_EXT_SHADOW_MAX) - (i & 7) : 0;
		bad += ex_shadow_get(a, off + i) != want;
	}
	KUNIT_EXPECT_EQ(test, bad, 0U);
	KUNIT_EXPECT_EQ(test, ex_shadow_get(a, off - 1), 0U);
#define CHECK(from, len) \
	ex_arena_check(a, a->base + off + (from), len, true, true)
	KUNIT_EXPECT_EQ(test, CHECK(0, size), 0U);
	KUNIT_EXPECT_EQ(test, CHECK(0, 0), 0U);
	KUNIT_EXPECT_EQ(test, CHECK(size - 1, 1), 0U);
	KUNIT_EXPECT_EQ(test, CHECK(size / 2, size - size / 2), 0U);
	KUNIT_EXPECT_EQ(test, CHECK(0, size + 1), (u32)ASHLAR_EXT_FAULT_BOUNDS);
	KUNIT_EXPECT_EQ(test, CHECK(size / 2, size - size / 2 + 1), (u32)ASHLAR_EXT_FAULT_BOUNDS);
	KUNIT_EXPECT_EQ(test, CHECK(size, 1), (u32)ASHLAR_EXT_FAULT_BOUNDS);
	KUNIT_EXPECT_EQ(test, CHECK(-1, 1), (u32)ASHLAR_EXT_FAULT_BOUNDS);
	KUNIT_EXPECT_EQ(test, CHECK(-1, 2), (u32)ASHLAR_EXT_FAULT_BOUNDS);
	KUNIT_EXPECT_EQ(test, CHECK(0, SIZE), (u32)ASHLAR_EXT_FAULT_RANGE);
	KUNIT_EXPECT_EQ(test, CHECK(0, U64_MAX), (u32)ASHLAR_EXT_FAULT_RANGE);
	ex_shadow_clear(a, off, size);
	KUNIT_EXPECT_EQ(test, CHECK(0, 1), (u32)ASHLAR_EXT_FAULT_BOUNDS);
	KUNIT_EXPECT_EQ(test, CHECK(size - 1, 1), (u32)ASHLAR_EXT_FAULT_BOUNDS);
#undef CHECK
}

/* --- buffers that calls are given --- */

struct t_buf {
	const char *name;
	u64 addr;
	bool arena;
	u64 len;
	bool good[2];	/* in a precise build; by range alone */
	bool write;	/* and whether it may be written to */
};

/* An object of 100 bytes at 2 chunks; the next one is mapped, too, and an image of one chunk. */
static const struct t_buf bufs[] = {
	{ "object", 2 * CHUNK, true, 100, { true, true }, true },
	{ "inside", 2 * CHUNK + 40, true, 60, { true, true }, true },
	{ "nothing", 0, false, 0, { true, true }, true },
	{ "beyond", 2 * CHUNK, true, 101, { false, true }, true },
	{ "behind", 2 * CHUNK + 100, true, 1, { false, true }, true },
	{ "image", 64, true, 16, { true, true }, false },
	{ "image_gap", 48, true, 16, { false, true }, false },
	{ "hole", 4 * CHUNK, true, 1, { false, false }, true },
	{ "into_hole", 4 * CHUNK - 1, true, 2, { false, false }, true },
	{ "last_byte", SIZE - 1, true, 1, { false, false }, true },
	{ "across_end", SIZE - 1, true, 2, { false, false }, true },
	{ "behind_arena", SIZE, true, 8, { false, false }, true },
	{ "guard", -8, true, 8, { false, false }, true },
	{ "across_base", -8, true, 16, { false, false }, true },
	{ "shadow", ASHLAR_EXT_SHADOW_OFF + CHUNK / 2, true, 8, { false, false }, true },
	{ "null", 0, false, 1, { false, false }, true },
	{ "user", 0x400000, false, 8, { false, false }, true },
	{ "kernel", 0xffffffff81000000ULL, false, 8, { false, false }, true },
	{ "no_address", 0x8000000000000000ULL, false, 8, { false, false }, true },
	{ "wraps", 2 * CHUNK, true, U64_MAX, { false, false }, true },
	{ "wraps_to_it", -1, false, 2, { false, false }, true },
};

static void buf_desc(const struct t_buf *buf, char *desc)
{
	strscpy(desc, buf->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(buf, bufs, buf_desc);

static void arena_buf(struct kunit *test)
{
	struct ex_inst *inst = kunit_kzalloc(test, sizeof(*inst), GFP_KERNEL);
	struct ex_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	const struct t_buf *buf = test->param_value;
	struct ashlar_ext_info info = {};
	struct ex_arena *a = t_arena(test, SIZE);
	bool write, fast, good;
	u64 addr;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, inst);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	KUNIT_ASSERT_TRUE(test, ex_arena_take_at(a, 0, CHUNK));
	KUNIT_ASSERT_EQ(test, ex_arena_map_image(a, CHUNK), 0);
	ex_shadow_set(a, 64, 16);
	KUNIT_ASSERT_TRUE(test, ex_arena_take_at(a, 2 * CHUNK, 2 * CHUNK));
	KUNIT_ASSERT_EQ(test, ex_arena_map(a, 2 * CHUNK, 2 * CHUNK, GFP_KERNEL), 0);
	ex_shadow_set(a, 2 * CHUNK, 100);
	inst->arena = *a;
	inst->info = &info;
	ctx->inst = inst;
	ctx->abi.base = a->base;
	addr = (buf->arena ? a->base : 0) + buf->addr;
	for (i = 0; i < 4; i++) {
		write = i & 1;
		fast = i & 2;
		info.flags = fast ? 0 : ASHLAR_EXT_BUILD_SHADOW;
		ctx->abi.fuel = S64_MAX;
		good = buf->good[fast] && (!write || buf->write);
		KUNIT_EXPECT_EQ_MSG(test, ex_buf_ok(ctx, (void *)addr, buf->len, write), good,
				    "write %d fast %d", write, fast);
		/* And for calls that are made often. */
		KUNIT_EXPECT_EQ_MSG(test, ex_buf(ctx, (void *)addr, buf->len, write), good,
				    "write %d fast %d", write, fast);
		if (!good) {
			KUNIT_EXPECT_EQ(test, ctx->abi.fault_addr, addr);
			KUNIT_EXPECT_EQ(test, !!(ctx->abi.fault_size & ASHLAR_EXT_FAULT_WRITE),
					write);
		}
		T_EXPECT_STOP(test, ctx, good ? 0 : ASHLAR_EXT_FAULT_BUFFER);
	}
}

/* The packet's window: as long as it is lent, and writing only once it was made writable. */
static void arena_buf_packet(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "arena");
	struct ex_ctx *ctx;
	u8 bytes[64];

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, bytes, 1, false));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	ctx->abi.pkt = (u64)bytes;
	ctx->abi.pkt_len = sizeof(bytes);
	KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, bytes, sizeof(bytes), false));
	KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, bytes + 63, 1, false));
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, bytes + 63, 2, false));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, bytes - 1, 2, false));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, bytes, 1, true));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	ctx->abi.pkt_wlen = sizeof(bytes);
	KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, bytes, sizeof(bytes), true));
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

static struct kunit_case arena_cases[] = {
	KUNIT_CASE(arena_take),
	KUNIT_CASE(arena_take_at),
	KUNIT_CASE(arena_map),
	KUNIT_CASE(arena_quota),
	KUNIT_CASE(arena_image),
	KUNIT_CASE(arena_share),
	KUNIT_CASE_PARAM(arena_shadow, shadow_gen_params),
	KUNIT_CASE_PARAM(arena_buf, buf_gen_params),
	KUNIT_CASE(arena_buf_packet),
	{}
};

static struct kunit_suite arena_suite = {
	.name = "ext_arena",
	.test_cases = arena_cases,
};

kunit_test_suite(arena_suite);
