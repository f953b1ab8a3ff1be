// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instance's region of address space, in which pages appear as they are
 * needed, the guards never.
 *
 * The kernel exports no function that reserves address space for a module and
 * none that maps a page at an address of one's choice. What it exports does:
 *
 *  - vmap() of as many pages as the region has reserves it and makes its page
 *    tables. The page is number 0 for all of them and the protection has no
 *    "present", so the processor never sees an entry; which is not the same as
 *    an empty one, so all are cleared at once. Nothing can have cached them.
 *  - lookup_address() then gives the place where a page is entered. An entry
 *    that was empty needs no TLB flush. set_pte() is what a Xen PV guest needs.
 *  - vunmap() takes all of them out, and gives the address space back to others
 *    only after it has flushed the TLBs.
 *
 * A page that was mapped stays so until the arena goes, since a single page
 * cannot be flushed from all TLBs by what is exported. When the arena goes, its
 * pages are freed behind vunmap() without waiting for the flush, as vfree()
 * does it: what a TLB still holds could be used only by code that still has an
 * address of the arena, and there is none: no invocation of the instance is
 * left. Another instance's arena gets the same addresses after the flush alone.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <asm/pgtable.h>

#include "arena.h"
#include "ctx.h"
#include "inst.h"
#include "load.h"

#define CHUNK_SHIFT	14
#define REGION_SIZE \
	(ASHLAR_EXT_GUARD + ASHLAR_EXT_SHADOW_OFF + ASHLAR_EXT_SHADOW_SIZE + ASHLAR_EXT_GUARD)

static_assert(ASHLAR_EXT_CHUNK == 1 << CHUNK_SHIFT);
/* One page of shadow is a chunk's. */
static_assert(ASHLAR_EXT_CHUNK / 4 == PAGE_SIZE);

/* --- entries of the page table --- */

static pte_t *pte_of(unsigned long addr)
{
	unsigned int level;
	pte_t *pte = lookup_address(addr, &level);

	return pte && level == PG_LEVEL_4K ? pte : NULL;
}

static int pte_enter(unsigned long addr, struct page *page, pgprot_t prot)
{
	pte_t *pte = pte_of(addr);

	if (WARN_ON_ONCE(!pte || !pte_none(*pte)))
		return -EFAULT;
	set_pte(pte, mk_pte(page, prot));
	return 0;
}

/* Once for all entries of a table: they lie side by side. */
static int ptes_clear(unsigned long addr, unsigned long end)
{
	pte_t *pte = NULL;

	for (; addr < end; addr += PAGE_SIZE, pte++) {
		if (!pte || !(addr & ~PMD_MASK))
			pte = pte_of(addr);
		if (!pte || pte_present(*pte))
			return -EFAULT;
		set_pte(pte, __pte(0));
	}
	return 0;
}

static void *region_reserve(unsigned long size)
{
	unsigned int i, n = size / PAGE_SIZE;
	struct page **pages;
	void *area;

	pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;
	for (i = 0; i < n; i++)
		pages[i] = pfn_to_page(0);
	area = vmap(pages, n, VM_MAP, __pgprot(0));
	kvfree(pages);
	if (!area)
		return NULL;
	/*
	 * If this fails, what is there would make vunmap() complain; it is left alone, and the
	 * module does not load.
	 */
	if (ptes_clear((unsigned long)area, (unsigned long)area + size))
		return NULL;
	return area;
}

/* --- the region --- */

int ex_arena_create(struct ex_arena *a, u64 quota)
{
	memset(a, 0, sizeof(*a));
	a->area = region_reserve(REGION_SIZE);
	if (!a->area)
		return -ENOMEM;
	a->base = (u64)a->area + ASHLAR_EXT_GUARD;
	a->quota = quota;
	return 0;
}

static u64 shadow_page(const struct ex_arena *a, u32 chunk)
{
	return a->base + ASHLAR_EXT_SHADOW_OFF + (u64)chunk * PAGE_SIZE;
}

static u64 chunk_page(const struct ex_arena *a, u32 chunk, u32 i)
{
	return a->base + ((u64)chunk << CHUNK_SHIFT) + i * PAGE_SIZE;
}

static void page_collect(u64 addr, struct list_head *pages)
{
	pte_t *pte = pte_of(addr);

	if (pte && pte_present(*pte))
		list_add(&pte_page(*pte)->lru, pages);
}

void ex_arena_destroy(struct ex_arena *a)
{
	struct page *page, *next;
	LIST_HEAD(pages);
	u32 chunk, i;

	if (!a->area)
		return;
	for (chunk = 0; chunk < EX_CHUNKS; chunk++) {
		page_collect(shadow_page(a, chunk), &pages);
		for (i = 0; test_bit(chunk, a->owned) && i < EX_CHUNK_PAGES; i++)
			page_collect(chunk_page(a, chunk, i), &pages);
	}
	vunmap(a->area);
	list_for_each_entry_safe(page, next, &pages, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
	memset(a, 0, sizeof(*a));
}

/* --- addresses --- */

static u32 chunks_of(u64 len)
{
	return DIV_ROUND_UP(len, ASHLAR_EXT_CHUNK);
}

/* The first chunk is the image's or the state's alone, so that 0 is no answer. */
u32 ex_arena_take(struct ex_arena *a, u64 len)
{
	unsigned long n = chunks_of(len), first;

	if (!n || n >= EX_CHUNKS)
		return 0;
	first = bitmap_find_next_zero_area(a->taken, EX_CHUNKS, max(a->hint, 1U), n, 0);
	if (first >= EX_CHUNKS)
		first = bitmap_find_next_zero_area(a->taken, EX_CHUNKS, 1, n, 0);
	if (first >= EX_CHUNKS)
		return 0;
	bitmap_set(a->taken, first, n);
	a->hint = first + n;
	return first << CHUNK_SHIFT;
}

bool ex_arena_take_at(struct ex_arena *a, u32 off, u64 len)
{
	unsigned long first = off >> CHUNK_SHIFT, n = chunks_of(len);

	if (off & (ASHLAR_EXT_CHUNK - 1) || first + n > EX_CHUNKS ||
	    find_next_bit(a->taken, first + n, first) < first + n)
		return false;
	bitmap_set(a->taken, first, n);
	return true;
}

void ex_arena_give(struct ex_arena *a, u32 off, u64 len)
{
	unsigned long first = off >> CHUNK_SHIFT, n = chunks_of(len), i;

	for (i = first; i < first + n; i++)
		if (test_bit(i, a->mapped))
			ex_shadow_clear(a, i << CHUNK_SHIFT, ASHLAR_EXT_CHUNK);
	bitmap_clear(a->taken, first, n);
}

/* --- pages --- */

static int page_map(u64 addr, pgprot_t prot, gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_ZERO);
	int err;

	if (!page)
		return -ENOMEM;
	err = pte_enter(addr, page, prot);
	if (err)
		__free_page(page);
	return err;
}

static bool is_entered(u64 addr)
{
	pte_t *pte = pte_of(addr);

	return pte && pte_present(*pte);
}

/* A chunk that was half done when memory was short is gone on with. */
static int chunk_map(struct ex_arena *a, u32 chunk, pgprot_t prot, gfp_t gfp)
{
	int err = 0;
	u32 i;

	for (i = 0; i < EX_CHUNK_PAGES && !err; i++)
		if (!is_entered(chunk_page(a, chunk, i)))
			err = page_map(chunk_page(a, chunk, i), prot, gfp);
	if (!err && !is_entered(shadow_page(a, chunk)))
		err = page_map(shadow_page(a, chunk), PAGE_KERNEL, gfp);
	/* What is there must be found by ex_arena_destroy(). */
	set_bit(chunk, a->owned);
	if (!err)
		set_bit(chunk, a->mapped);
	return err;
}

static int chunks_map(struct ex_arena *a, u32 off, u64 len, pgprot_t prot, gfp_t gfp)
{
	u32 first = off >> CHUNK_SHIFT, n = chunks_of(len), i;
	int err = 0;

	for (i = first; i < first + n && !err; i++) {
		if (test_bit(i, a->mapped)) {
			memset(ex_arena_at(a, i << CHUNK_SHIFT), 0, ASHLAR_EXT_CHUNK);
			continue;
		}
		if (!test_bit(i, a->owned)) {
			if (a->used + ASHLAR_EXT_CHUNK > a->quota)
				return -EDQUOT;
			a->used += ASHLAR_EXT_CHUNK;
		}
		err = chunk_map(a, i, prot, gfp);
	}
	return err;
}

int ex_arena_map(struct ex_arena *a, u32 off, u64 len, gfp_t gfp)
{
	return chunks_map(a, off, len, PAGE_KERNEL, gfp);
}

int ex_arena_map_image(struct ex_arena *a, u32 len)
{
	a->image = len;
	return chunks_map(a, 0, len, PAGE_KERNEL_RO, GFP_KERNEL);
}

void *ex_arena_alias(const struct ex_arena *a, u32 off)
{
	pte_t *pte = pte_of(a->base + off);

	return page_address(pte_page(*pte)) + (off & ~PAGE_MASK);
}

int ex_arena_share(struct ex_arena *a, u32 off, struct page **pages, u32 n)
{
	u32 first = off >> CHUNK_SHIFT, i;
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		if (!(i % EX_CHUNK_PAGES) &&
		    !is_entered(shadow_page(a, first + i / EX_CHUNK_PAGES)))
			err = page_map(shadow_page(a, first + i / EX_CHUNK_PAGES), PAGE_KERNEL,
				       GFP_KERNEL);
		if (!err)
			set_bit(first + i / EX_CHUNK_PAGES, a->mapped);
		if (!err)
			err = pte_enter(a->base + off + (u64)i * PAGE_SIZE, pages[i], PAGE_KERNEL);
	}
	return err;
}

void ex_arena_unshare(struct ex_arena *a, u32 off, u32 n)
{
	pte_t *pte;
	u32 i;

	for (i = 0; i < n; i++) {
		pte = pte_of(a->base + off + (u64)i * PAGE_SIZE);
		if (pte)
			set_pte(pte, __pte(0));
	}
	bitmap_clear(a->mapped, off >> CHUNK_SHIFT, n / EX_CHUNK_PAGES);
}

/* --- shadow --- */

static u16 *shadow_at(const struct ex_arena *a, u32 off)
{
	return (u16 *)(a->base + ASHLAR_EXT_SHADOW_OFF) + (off >> 3);
}

void ex_shadow_set(struct ex_arena *a, u32 off, u32 size)
{
	u16 *shadow = shadow_at(a, off);
	u32 rest;

	for (rest = size; rest; rest -= min(rest, 8U))
		*shadow++ = min_t(u32, rest, ASHLAR_EXT_SHADOW_MAX);
}

void ex_shadow_clear(struct ex_arena *a, u32 off, u32 size)
{
	memset(shadow_at(a, off), 0, DIV_ROUND_UP(size, 8) * sizeof(u16));
}

u32 ex_shadow_get(const struct ex_arena *a, u64 off)
{
	u32 rest;

	if (off >= ASHLAR_EXT_ARENA_SIZE || !test_bit(off >> CHUNK_SHIFT, a->mapped))
		return 0;
	rest = READ_ONCE(*shadow_at(a, off));
	return rest > (off & 7) ? rest - (off & 7) : 0;
}

static bool in_one_object(const struct ex_arena *a, u64 off, u64 len)
{
	u64 rest = ex_shadow_get(a, off);

	/* What is longer than a shadow can say is looked at step by step. */
	while (len > rest) {
		if (rest + (off & 7) < ASHLAR_EXT_SHADOW_MAX)
			return false;
		rest -= 7;
		off += rest;
		len -= rest;
		rest = ex_shadow_get(a, off);
	}
	return true;
}

static bool is_mapped(const struct ex_arena *a, u64 off, u64 len)
{
	unsigned long end = (off + len + ASHLAR_EXT_CHUNK - 1) >> CHUNK_SHIFT;

	return find_next_zero_bit(a->mapped, end, off >> CHUNK_SHIFT) >= end;
}

u32 ex_arena_check(const struct ex_arena *a, u64 addr, u64 len, bool write, bool precise)
{
	u64 off = addr - a->base;

	if (!len)
		return 0;
	if (off >= ASHLAR_EXT_ARENA_SIZE || len > ASHLAR_EXT_ARENA_SIZE - off)
		return ASHLAR_EXT_FAULT_RANGE;
	if (write && off < a->image)
		return ASHLAR_EXT_FAULT_READONLY;
	if (precise)
		return in_one_object(a, off, len) ? 0 : ASHLAR_EXT_FAULT_BOUNDS;
	return is_mapped(a, off, len) ? 0 : ASHLAR_EXT_FAULT_RANGE;
}

static bool in_window(const struct ashlar_ext_ctx *abi, u64 addr, u64 len, bool write)
{
	u64 off = addr - abi->pkt, size = write ? abi->pkt_wlen : abi->pkt_len;

	return off < size && len <= size - off;
}

bool ex_buf_ok(struct ex_ctx *ctx, const void *p, u64 len, bool write)
{
	bool precise = ctx->inst->info->flags & ASHLAR_EXT_BUILD_SHADOW;
	u64 addr = (u64)p;

	ex_charge(ctx, len);
	if (likely(!ex_arena_check(&ctx->inst->arena, addr, len, write, precise)) ||
	    in_window(&ctx->abi, addr, len, write))
		return true;
	ex_stop(ctx, ASHLAR_EXT_FAULT_BUFFER, addr,
		write ? "the buffer is not all the extension's to write" :
			"the buffer is not all the extension's");
	ctx->abi.fault_size = min_t(u64, len, ~ASHLAR_EXT_FAULT_WRITE) |
			      (write ? ASHLAR_EXT_FAULT_WRITE : 0);
	return false;
}

/* --- whether it works here --- */

int ex_arena_probe(void)
{
	static const char text[] = "ashlar";
	struct ex_arena *a;
	int err;

	a = kvzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	err = ex_arena_create(a, ASHLAR_EXT_CHUNK);
	if (err)
		goto out;
	err = ex_arena_map(a, ASHLAR_EXT_CHUNK, ASHLAR_EXT_CHUNK, GFP_KERNEL);
	if (!err) {
		memcpy(ex_arena_at(a, ASHLAR_EXT_CHUNK), text, sizeof(text));
		if (memcmp(ex_arena_alias(a, ASHLAR_EXT_CHUNK), text, sizeof(text)))
			err = -EOPNOTSUPP;
	}
	ex_arena_destroy(a);
out:
	kvfree(a);
	return err;
}
