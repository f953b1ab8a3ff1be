// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that the pass leaves out or makes once for several accesses: where that is right, and just
 * beyond, where it is not.
 */
#include "cases.h"

EXT_MAP_HASH(pairs, u32, struct value, 64, 1);

static bool put(u32 key, u8 byte)
{
	struct value *v = pairs_insert(&key);

	if (v)
		v->bytes[0] = byte;
	return v;
}

static noinline u64 *made(u64 size)
{
	return ext_alloc(size);
}

/* --- parameters: what every caller hands over ------------------------ */

static noinline u32 third(const u32 *p)
{
	return p[2]; /* FAULT(param_over) bounds fast=ok */
}

CASE(param_good)
{
	u32 a[3] = {1, 2, 3}, b[4] = {0, 4, 5, 6};

	return third(a) + third(b + 1) - 9;
}

static noinline u32 third_of_some(const u32 *p)
{
	return p[2]; /* FAULT(param_over) bounds fast=ok */
}

CASE(param_enough)
{
	u32 a[3] = {1, 2, 3};

	return third_of_some(a) - 3;
}

CASE(param_over)
{
	u32 a[2] = {1, 2};

	return third_of_some(a);
}

static noinline u32 element(const u32 *p, u32 i)
{
	return p[i]; /* FAULT(param_index_over) bounds fast=ok */
}

CASE(param_index_good)
{
	u32 a[4] = {1, 2, 3, 4}, b[8] = {1, 2, 3, 4, 5, 6, 7, 8};

	return element(a, 3 + zero) + element(b, 7 + zero) - 12;
}

CASE(param_index_over)
{
	u32 a[4] = {1, 2, 3, 4};

	return element(a, 4 + zero);
}

static noinline u32 below(const u32 *p)
{
	return p[-1]; /* FAULT(param_under) bounds fast=ok */
}

CASE(param_under)
{
	u32 a[4] = {1, 2, 3, 4};

	return below(a + 1) - 1 ? : below(a);
}

static noinline u64 free_and_read(u64 *p)
{
	*p = 1;
	ext_free(p);
	return *p; /* FAULT(param_freed) bounds fast=ok */
}

CASE(param_freed)
{
	u64 *p = ext_alloc(8);

	return p ? free_and_read(p) : 0;
}

static noinline void release(u64 *p)
{
	ext_free(p);
}

static noinline u64 read_twice(u64 *p, u64 *other)
{
	u64 first = *p;

	release(other);
	return first + *p; /* FAULT(param_freed_below) bounds fast=ok */
}

CASE(param_other_freed_good)
{
	u64 *p = ext_alloc(8), *q = ext_alloc(8);

	return p && q ? read_twice(p, q) : 1;
}

CASE(param_freed_below)
{
	u64 *p = ext_alloc(8);

	return p ? read_twice(p, opaque(p)) : 1;
}

static noinline u64 read_late(const u64 *p)
{
	return *p; /* FAULT(param_freed_before) bounds fast=ok */
}

CASE(param_freed_before)
{
	u64 *p = ext_alloc(8), *q = ext_alloc(8);

	if (!p || !q || read_late(p))
		return 0;
	release(q);
	return read_late(q);
}

static noinline u64 read_sized(const u64 *p)
{
	return *p; /* FAULT(param_null) null */
}

CASE(param_not_null)
{
	u64 *p = ext_alloc(16);

	return p ? read_sized(p + 1) : 1;
}

CASE(param_null)
{
	u64 *p = ext_alloc(2 << 20);

	return read_sized(p);
}

static noinline u64 read_unless_null(const u64 *p)
{
	return p ? *p : 7;
}

CASE(param_null_good)
{
	u64 *p = ext_alloc(2 << 20), *q = ext_alloc(8);

	return read_unless_null(p) + read_unless_null(q) - 7;
}

static noinline u32 called_both_ways(const u32 *p)
{
	return p[1]; /* FAULT(param_indirect) bounds fast=ok */
}

static u32 (*const table[2])(const u32 *) = {called_both_ways, third};

CASE(param_indirect)
{
	u32 a[2] = {1, 2}, b[1] = {3};

	if (called_both_ways(a) != 2)
		return -1;
	return table[zero & 1](opaque(b));
}

static noinline u32 walk(const u32 *p, u32 n)
{
	return n ? *p + walk(p + 1, n - 1) : 0; /* FAULT(param_recursion_over) bounds fast=ok */
}

CASE(param_recursion_good)
{
	u32 a[4] = {1, 2, 3, 4};

	return walk(a, 4 + zero) - 10;
}

CASE(param_recursion_over)
{
	u32 a[4] = {1, 2, 3, 4};

	return walk(a, 5 + zero);
}

static noinline void set(u32 *p)
{
	*(volatile u32 *)p = 1; /* FAULT(param_constant) trap */
}

static const u32 fixed[4] = {1, 2, 3, 4};

CASE(param_constant)
{
	u32 a[2] = {5, 6};

	set(a);
	if (a[0] != 1)
		return -1;
	set((u32 *)&fixed[1 + zero]);
	return 0;
}

static noinline u32 read_scoped(const u32 *p)
{
	return *p; /* FAULT(param_scope) bounds fast=ok */
}

CASE(param_scope_loop_good)
{
	u32 s = 0;

	for (u32 i = 0; i < 4 + zero; i++) {
		u32 x[2] = {i, i + 1};

		opaque(x);
		s += read_scoped(x + (i & 1));
	}
	return s - 8;
}

CASE(param_scope)
{
	u32 *p;

	{
		u32 x[2] = {1 + zero, 2};

		opaque(x);
		p = x;
	}
	{
		u32 y[2] = {3 + zero, 4};

		opaque(y);
	}
	return read_scoped(p);
}

/* A function that the shim calls, too, gets what the shim says. */
CASE(entry_and_called)
{
	return ((const u64 *)in)[3] + zero; /* FAULT bounds fast=ok */
}

CASE(param_entry)
{
	u64 big[4] = {1, 2, 3, 4};

	return entry_and_called(big, zero, out, room) - 4;
}

static noinline u8 header_byte(const u8 *p, u32 i)
{
	return p[i];
}

PACKET(param_span_good)
{
	const u8 *p = ext_header(pkt, 0, 20), *q;

	if (!p || header_byte(p, 8) != 64)
		return EXT_DROP;
	q = ext_header(pkt, 20, 8);
	return q && header_byte(q, 4) == 0 ? EXT_ACCEPT : EXT_DROP;
}

static noinline u8 read_moved(ext_pkt pkt, const u8 *p)
{
	u8 first = p[0];

	if (!ext_pkt_make_writable(pkt, 20))
		return 1;
	return first + p[19]; /* FAULT(param_span_moved) range */
}

PACKET(param_span_moved)
{
	const u8 *p = ext_header(pkt, 0, 20);

	return p && read_moved(pkt, p) ? EXT_ACCEPT : EXT_DROP;
}

static noinline void set_byte(u8 *p)
{
	*(volatile u8 *)p = 1; /* FAULT(param_span_lent) range */
}

PACKET(param_span_lent)
{
	const u8 *p = ext_span(pkt, 0, 20);
	u8 own[20] = {};

	set_byte(own);
	if (p && own[0] == 1)
		set_byte((u8 *)p);
	return EXT_ACCEPT;
}

/* --- one of several -------------------------------------------------- */

CASE(merged_good)
{
	u32 one = 1, two = 2;
	struct value *v;

	if (!put(2, 7))
		return 0;
	v = pairs_lookup(&one);
	if (!v)
		v = pairs_lookup(&two);
	return v ? v->bytes[0] - 7 + v->bytes[23] : -1;
}

CASE(merged_null)
{
	u32 one = 11, two = 12;
	struct value *v = pairs_lookup(&one);

	if (!v)
		v = pairs_lookup(&two);
	return v->bytes[0]; /* FAULT null */
}

CASE(merged_null_field)
{
	u32 one = 11;
	u8 own[24] = {}, *p;

	opaque(own);
	p = zero ? own + 8 : pairs_lookup(&one)->bytes + 9;
	return *p; /* FAULT range */
}

CASE(merged_large_good)
{
	u64 *a = ext_alloc(16), *b = ext_alloc(64), *p;

	if (!a || !b)
		return 0;
	p = zero ? a : b;
	return p[1 + zero] + p[7 + zero];
}

CASE(merged_small)
{
	u64 *a = ext_alloc(64), *b = ext_alloc(16), *p;

	if (!a || !b)
		return 0;
	p = zero ? a : b;
	return p[1] + p[2]; /* FAULT bounds fast=ok */
}

CASE(merged_freed)
{
	u64 *a = ext_alloc(16), *b = ext_alloc(16), *p;

	if (!a || !b)
		return 0;
	p = zero ? a : b;
	*p = 1;
	ext_free(b);
	return *p; /* FAULT bounds fast=ok */
}

CASE(merged_freed_on_the_way)
{
	u64 *a = ext_alloc(16), *b = ext_alloc(16), *p;

	if (!a || !b)
		return 0;
	if (zero) {
		p = a;
	} else {
		ext_free(b);
		p = b;
	}
	return *p; /* FAULT bounds fast=ok */
}

CASE(merged_other_freed_good)
{
	u64 *a = ext_alloc(16), *b = ext_alloc(16), *p;

	if (!a || !b)
		return 0;
	if (zero) {
		ext_free(b);
		p = a;
	} else {
		ext_free(a);
		p = b;
	}
	return *p;
}

CASE(merged_round)
{
	u64 *p = ext_alloc(16);
	u64 s = 0;

	for (u32 i = 0; p && i < 3 + zero; i++) {
		s += p[1]; /* FAULT bounds fast=ok */
		p = i & 1 ? made(16) : ext_alloc(8);
	}
	return s;
}

CASE(merged_scope)
{
	u64 first[2] = {0, 0}, *p = opaque(first);

	p = first;
	if (!zero) {
		u64 second[2] = {1 + zero, 2};

		opaque(second);
		p = second;
	}
	{
		u64 third[2] = {3 + zero, 4};

		opaque(third);
	}
	return *p; /* FAULT bounds fast=ok */
}

PACKET(merged_span_good)
{
	const u8 *p = ext_header(pkt, 0, 20);

	return p && p[8] == 64 && p[19] ? EXT_ACCEPT : EXT_DROP;
}

PACKET(merged_span_over)
{
	const u8 *p = ext_header(pkt, 0, 60);

	if (!p)
		return EXT_DROP;
	return p[64] ? EXT_ACCEPT : EXT_DROP; /* FAULT range */
}

PACKET(merged_span_moved)
{
	const u8 *p = ext_header(pkt, 0, 20);

	if (!p || !ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	return p[8] == 64 ? EXT_ACCEPT : EXT_DROP; /* FAULT range */
}

PACKET(merged_span_before_pull)
{
	const u8 *p = ext_span(pkt, 0, 20), *q;

	if (!p)
		return EXT_DROP;
	q = ext_pkt_make_writable(pkt, 20) ? p : ext_span(pkt, 0, 20);
	return q && q[8] == 64 ? EXT_ACCEPT : EXT_DROP; /* FAULT range */
}

/* --- one check for several accesses ---------------------------------- */

struct triple {
	u32 a, b, c;
};

static noinline u32 of_triple(const struct triple *t, u32 i)
{
	u32 s = t[i].a;

	s += t[i].c; /* FAULT(together_over) bounds fast=ok */
	return s;
}

CASE(together_good)
{
	struct triple *t = opaque(ext_alloc(24));

	return t ? of_triple(opaque(t), 1 + zero) : 0;
}

CASE(together_over)
{
	u8 *p = ext_alloc(20);

	return p ? of_triple(opaque(p), 1 + zero) : 0;
}

static noinline u32 of_triple_later(struct triple *t, u32 i, void *gone)
{
	u32 s = t[i].c;

	ext_free(gone);
	s += t[i].a; /* FAULT(together_freed) bounds fast=ok */
	return s;
}

CASE(together_other_freed_good)
{
	struct triple *t = ext_alloc(24);

	return t ? of_triple_later(opaque(t), 1 + zero, ext_alloc(8)) : 0;
}

CASE(together_freed)
{
	struct triple *t = ext_alloc(24);

	return t ? of_triple_later(opaque(t), 1 + zero, opaque(t)) : 0;
}

/* The first alone must not ask for what only the second needs. */
static noinline u32 of_triple_perhaps(const struct triple *t, u32 i, bool second)
{
	u32 s = t[i].a;

	if (second)
		s += t[i].c; /* FAULT(together_perhaps_over) bounds fast=ok */
	return s;
}

CASE(together_perhaps_good)
{
	u8 *p = ext_alloc(20);

	return p ? of_triple_perhaps(opaque(p), 1 + zero, zero) : 0;
}

CASE(together_perhaps_over)
{
	u8 *p = ext_alloc(20);

	return p ? of_triple_perhaps(opaque(p), 1 + zero, !zero) : 0;
}

CASE(together_loop)
{
	struct triple *t = ext_alloc(44);
	u32 s = 0;

	t = opaque(t);
	for (u32 i = 0; t && i < 4 + zero; i++) {
		s += t[i].a;
		s += t[i].c; /* FAULT bounds fast=ok */
	}
	return s;
}

/* The pointer of the turn before is another. */
CASE(together_last_turn)
{
	u64 *p = ext_alloc(32), *q = p;
	u64 s = 0;

	if (!p)
		return 0;
	q = opaque(q);
	for (u32 i = 0;; i++) {
		if (i == 4 + zero)
			break;
		s += q[i];
	}
	return s + q[4 + zero]; /* FAULT bounds fast=ok */
}

struct aligned {
	u64 a, b, c;
};

static noinline u64 of_aligned(const struct aligned *p)
{
	u64 s = p->a;

	s += p->c; /* FAULT(unaligned_over) bounds fast=ok */
	return s;
}

CASE(unaligned_good)
{
	u8 *p = ext_alloc(32);

	return p ? of_aligned(opaque(p + 5)) + of_aligned(opaque(p + 8)) : 0;
}

CASE(unaligned_over)
{
	u8 *p = ext_alloc(24);

	return p ? of_aligned(opaque(p + 1)) : 0;
}

static noinline u64 of_aligned_below(const struct aligned *p)
{
	return p[-1].c; /* FAULT(unaligned_under) bounds fast=ok */
}

CASE(unaligned_under)
{
	u8 *p = ext_alloc(32);

	return p ? of_aligned_below(opaque(p + 9)) + of_aligned_below(opaque(p + 3)) : 0;
}

/* A check of the same place further on uses what the first found out. */
static noinline u64 of_aligned_parts(const struct aligned *p, u32 which)
{
	u64 s = p->a;

	if (which & 1)
		s += p->b;
	if (which & 2)
		s += p[2].c; /* FAULT(shared_over) bounds fast=ok */
	if (which & 4)
		s += p[-1].b; /* FAULT(shared_under) bounds fast=ok */
	return s;
}

CASE(shared_good)
{
	struct aligned *p = ext_alloc(4 * sizeof(*p));

	return p ? of_aligned_parts(opaque(p + 1), 7 + zero) : 0;
}

CASE(shared_unaligned_good)
{
	u8 *p = ext_alloc(4 * sizeof(struct aligned) + 3);

	return p ? of_aligned_parts(opaque(p + sizeof(struct aligned) + 3), 7 + zero) : 0;
}

CASE(shared_over)
{
	u8 *p = ext_alloc(3 * sizeof(struct aligned) - 1);

	return p ? of_aligned_parts(opaque(p), 3 + zero) : 0;
}

CASE(shared_under)
{
	struct aligned *p = ext_alloc(3 * sizeof(*p));

	return p ? of_aligned_parts(opaque(p), 7 + zero) : 0;
}

static noinline u64 of_aligned_freed(const struct aligned *p, void *gone)
{
	u64 s = p->a;

	ext_free(gone);
	return s + p->c; /* FAULT(shared_freed) bounds fast=ok */
}

CASE(shared_other_freed_good)
{
	struct aligned *p = ext_alloc(sizeof(*p));

	return p ? of_aligned_freed(opaque(p), ext_alloc(8)) : 0;
}

CASE(shared_freed)
{
	struct aligned *p = ext_alloc(sizeof(*p));

	return p ? of_aligned_freed(opaque(p), opaque(p)) : 0;
}

static noinline u64 words(const u64 *p, u32 both)
{
	u64 s = p[0];

	if (both)
		s += p[1]; /* FAULT(shared_window_over) range */
	return s;
}

PACKET(shared_window_good)
{
	const u8 *p = ext_span(pkt, 0, 20);

	return p && words(opaque((void *)p), p[0] & 4) ? EXT_ACCEPT : EXT_DROP;
}

PACKET(shared_window_over)
{
	const u8 *p = ext_span(pkt, 0, 20);

	return p && words(opaque((void *)(p + 64 - 8)), p[0] & 4) ? EXT_ACCEPT : EXT_DROP;
}

/* --- calls whose contract is known to be kept ------------------------ */

static noinline struct value *look(const u32 *key)
{
	return pairs_lookup(key); /* FAULT(kept_short) buffer fast=ok */
}

CASE(kept_good)
{
	u32 keys[2] = {21, 22};

	return put(22, 1) && look(&keys[1]) && !look(&keys[0]) ? 0 : -1;
}

CASE(kept_short)
{
	u8 key[3] = {1 + zero};

	return look(opaque(key)) ? 1 : 0;
}

CASE(kept_freed)
{
	u32 *key = ext_alloc(4);
	bool found;

	if (!key)
		return 0;
	found = look(key);
	ext_free(key);
	found |= !!pairs_lookup(key); /* FAULT buffer fast=ok */
	return found;
}

CASE(kept_null)
{
	u32 *key = ext_alloc(2 << 20);

	return ext_map_lookup(&pairs, key) ? 1 : 0; /* FAULT buffer */
}

CASE(kept_image_good)
{
	static const u32 key = 4711;

	return pairs_lookup(&key) ? 1 : 0;
}

EXT_MAP_COUNTER(sums, 2);

CASE(kept_counter)
{
	u32 key = 0;

	ext_map_add(&sums, 5 + zero, 1);
	ext_map_add(&sums, 1, 1);
	return ext_map_lookup(&sums, &key) ? 1 : 0; /* FAULT argument */
}

CASE(kept_no_counter)
{
	ext_map_add(&pairs, 0, 1); /* FAULT argument */
	return 0;
}

PACKET(kept_packet_good)
{
	struct ext_pkt_info info;

	ext_pkt_info(pkt, &info);
	return info.len == 64 ? EXT_ACCEPT : EXT_DROP;
}

static noinline u32 length(ext_pkt pkt)
{
	struct ext_pkt_info info;

	ext_pkt_info(pkt, &info); /* FAULT(kept_packet_other) handle */
	return info.len;
}

PACKET(kept_packet_other)
{
	ext_pkt other = {pkt.handle + 1};

	return length(pkt) == 64 && length(other) ? EXT_ACCEPT : EXT_DROP;
}

PACKET(kept_packet_short)
{
	u8 short_one[35];

	ext_pkt_info(pkt, opaque(short_one)); /* FAULT buffer fast=ok */
	return EXT_ACCEPT;
}
