// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every check of the pass, where it must hold and where it must not: tests/native/ext_pass.c runs
 * each CASE() and PACKET() of these files. What it must end with stands behind the line where it must end:
 *	FAULT word		a fault of that name (tools/extrun/report.c), on this line
 *	FAULT word fast=other	the same, but with --fast it is another, or none (ok)
 * A case without such a line returns 0 (a packet: is accepted).
 */
#include "cases.h"

EXTENSION("cases", "1", 1, struct state);
EXT_MAP_HASH(hash, u32, struct value, 64, 1);
EXT_MAP_ARRAY(array, struct value, 8, 1);
EXT_MAP_COUNTER(counters, 4);
EXT_LOCK(low, 1);
EXT_LOCK(high, 2);

static noinline s32 sum(const u8 *p, u32 n)
{
	s32 s = 0;

	for (u32 i = 0; i < n; i++)
		s += p[i];
	return s;
}

static noinline void fill(u8 *p, u32 n)
{
	for (u32 i = 0; i < n; i++)
		p[i] = i; /* of whoever calls it too far */
}

/* --- pointers -------------------------------------------------------- */

CASE(null_read)
{
	return *(volatile u32 *)opaque(NULL); /* FAULT range */
}

CASE(null_write)
{
	*(volatile u32 *)opaque(NULL) = 1; /* FAULT range */
	return 0;
}

CASE(null_field)
{
	return ((struct node *)opaque(NULL))->c; /* FAULT range */
}

CASE(wild_read)
{
	return *(volatile u8 *)opaque((void *)0xffff888012345678); /* FAULT range */
}

CASE(wild_write)
{
	*(volatile u64 *)opaque((void *)0x123456789abcdef0) = 1; /* FAULT range */
	return 0;
}

CASE(wild_low)
{
	return *(volatile u8 *)((u8 *)ext_state(struct state) - (1UL << 25)); /* FAULT object */
}

CASE(wild_below_arena)
{
	/* FAULT range */
	return *(volatile u8 *)((u8 *)opaque(ext_state(struct state)) - (1UL << 25));
}

CASE(wild_above_arena)
{
	/* FAULT range */
	return *(volatile u8 *)((u8 *)opaque(ext_state(struct state)) + (1UL << 25));
}

CASE(wild_in_arena)
{
	/* FAULT trap */
	return *(volatile u8 *)((u8 *)opaque(ext_state(struct state)) + (1UL << 24));
}

CASE(own_text)
{
	return *(volatile u8 *)opaque((void *)sum); /* FAULT range */
}

CASE(descriptor)
{
	return *(volatile u8 *)opaque((void *)&hash); /* FAULT range */
}

CASE(request_in_out)
{
	u8 *o = out;

	for (u32 i = 0; i < room; i++)
		o[i] = i;
	return sum(o, 4) - 6;
}

CASE(request_room)
{
	((u8 *)out)[room] = 1; /* FAULT bounds fast=ok */
	return 0;
}

/* --- heap ------------------------------------------------------------ */

CASE(heap_good)
{
	struct node *n = ext_alloc(sizeof(*n)), *m = opaque(n);

	if (!n)
		return -1;
	n->a = 1;
	m->tail[4] = 2;
	if (n->tail[4] != 2 || m->a != 1 || m->b)
		return -2;
	ext_free(n);
	return 0;
}

CASE(heap_unchecked)
{
	u8 *p = ext_alloc(2 << 20);

	*p = 1; /* FAULT null */
	return 0;
}

CASE(heap_unchecked_good)
{
	u8 *p = ext_alloc(8);

	*p = 1;
	ext_free(p);
	return 0;
}

CASE(heap_read_over)
{
	u8 *p = ext_alloc(24);

	return p ? p[24 + zero] : 0; /* FAULT object */
}

CASE(heap_write_over_opaque)
{
	u8 *p = opaque(ext_alloc(24));

	p[24 + zero] = 1; /* FAULT bounds fast=ok */
	return 0;
}

CASE(heap_tail_good)
{
	u8 *p = opaque(ext_alloc(13));

	p[12] = 1;
	return p[12] - 1;
}

CASE(heap_tail_over)
{
	u8 *p = opaque(ext_alloc(13));

	return p[13]; /* FAULT bounds fast=ok */
}

CASE(heap_tail_wide)
{
	u8 *p = opaque(ext_alloc(13));

	return *(u32 *)(p + 10); /* FAULT bounds fast=ok */
}

CASE(heap_straddle_good)
{
	u8 *p = opaque(ext_alloc(16));

	*(u64 *)(p + 5) = 1;
	return *(u64 *)(p + 5) - 1;
}

CASE(heap_negative)
{
	u8 *p = opaque(ext_alloc(64));

	return p[(s32)zero - 1]; /* FAULT bounds fast=ok */
}

CASE(heap_negative_known)
{
	u8 *p = ext_alloc(64);

	return p ? p[(s32)zero - 1] : 0; /* FAULT object */
}

CASE(heap_variable_size_good)
{
	u32 n = 10 + zero;
	u8 *p = ext_alloc(n);

	if (!p)
		return -1;
	fill(p, n);
	for (u32 i = 0; i < n; i++)
		if (p[i] != i)
			return -2;
	return 0;
}

CASE(heap_variable_size)
{
	u32 n = 10 + zero;
	u8 *p = ext_alloc(n);

	return p ? p[n] : 0; /* FAULT object */
}

CASE(heap_struct_short)
{
	struct node *n = opaque(ext_alloc(24));

	n->a = 1;
	n->b = 2;
	n->c = 3; /* FAULT bounds fast=ok */
	return 0;
}

CASE(heap_struct_prefix_good)
{
	/* Only part of the struct is there, and only that is used on the way that runs. */
	struct node *n = opaque(ext_alloc(24));

	n->a = 1;
	if (zero)
		n->c = 3;
	return n->b;
}

CASE(heap_next_object)
{
	u8 *p = opaque(ext_alloc(16)), *q = opaque(ext_alloc(16));

	if (q > p)
		p[q - p] = 1; /* reaches another object exactly: nothing to see */
	return 0;
}

CASE(use_after_free)
{
	u64 *p = ext_alloc(8);

	if (!p)
		return 0;
	*p = 1;
	ext_free(p);
	return *p; /* FAULT bounds fast=ok */
}

CASE(use_after_free_opaque)
{
	u64 *p = opaque(ext_alloc(8));

	*p = 1;
	ext_free(p);
	*p = 2; /* FAULT bounds fast=ok */
	return 0;
}

static noinline void release(void *p)
{
	ext_free(p);
}

CASE(use_after_free_callee)
{
	u64 *p = ext_alloc(8);

	if (!p)
		return 0;
	*p = 1;
	release(p);
	return *p; /* FAULT bounds fast=ok */
}

CASE(free_in_loop)
{
	u64 *p = ext_alloc(8);

	if (!p)
		return 0;
	for (u32 i = 0; i < 2 + zero; i++) {
		*p += i; /* FAULT bounds fast=free */
		ext_free(p); /* and so is this, if ranges only are checked */
	}
	return 0;
}

CASE(double_free)
{
	void *p = ext_alloc(8);

	ext_free(p);
	ext_free(p); /* FAULT free */
	return 0;
}

CASE(free_inside)
{
	u8 *p = ext_alloc(64);

	ext_free(p + 16); /* FAULT free */
	return 0;
}

CASE(free_state)
{
	ext_free(ext_state(struct state)); /* FAULT free */
	return 0;
}

CASE(object_good)
{
	u64 *p = ext_obj_alloc(16);

	if (!p)
		return -1;
	ext_obj_get(p);
	ext_obj_put(p);
	p[1] = 5;
	ext_obj_put(p);
	return 0;
}

CASE(object_put_twice)
{
	u64 *p = ext_obj_alloc(16);

	ext_obj_put(p);
	ext_obj_put(p); /* FAULT refcount */
	return 0;
}

CASE(object_use_after_put)
{
	u64 *p = ext_obj_alloc(16);

	if (!p)
		return 0;
	ext_obj_put(p);
	return p[1]; /* FAULT bounds fast=ok */
}

/* --- locals ---------------------------------------------------------- */

CASE(local_good)
{
	u8 b[16];

	fill(b, 16);
	return sum(b, 16) - 120;
}

CASE(local_index_good)
{
	u32 b[16];

	for (u32 i = 0; i < 16; i++)
		b[i] = i;
	return b[(zero + 3) & 15] - 3;
}

CASE(local_index)
{
	volatile u32 b[16];

	for (u32 i = 0; i < 16; i++)
		b[i] = i;
	return b[zero + 16]; /* FAULT object */
}

CASE(local_index_write)
{
	volatile u32 b[16];

	b[zero + 17] = 1; /* FAULT object */
	return b[0];
}

CASE(local_index_negative)
{
	volatile u32 b[16];

	b[(s32)zero - 1] = 1; /* FAULT object */
	return b[0];
}

static noinline void over(volatile u8 *p, u32 n)
{
	p[n] = 1; /* FAULT(local_escaped_over) bounds fast=ok */
}

CASE(local_escaped_over)
{
	u8 b[20];

	fill(b, 20);
	over(b, 20);
	return 0;
}

static noinline u8 under(u8 *p)
{
	return p[-1]; /* FAULT(local_escaped_under) bounds fast=ok */
}

CASE(local_escaped_under)
{
	u8 b[20];

	fill(b, 20);
	return under(b);
}

CASE(local_large_good)
{
	u8 b[2000];

	fill(b, 2000);
	return sum(b, 2000) == 0;
}

static noinline u8 *leak(void)
{
	u8 b[8];

	fill(b, 8);
	return opaque(b);
}

CASE(use_after_return)
{
	return *leak(); /* FAULT bounds fast=ok */
}

CASE(use_after_scope)
{
	u8 *p;

	{
		u8 b[8];

		fill(b, 8);
		p = opaque(b);
	}
	{
		u8 c[8];

		fill(c, 8);
	}
	return *p; /* FAULT bounds fast=ok */
}

CASE(local_scope_loop_good)
{
	s32 s = 0;

	for (u32 i = 0; i < 10 + zero; i++) {
		u8 b[16];

		fill(b, 16);
		s += sum(b, 16);
	}
	return s - 1200;
}

CASE(locals_nested_good)
{
	u8 a[8], b[13], c[100];

	fill(a, 8);
	fill(b, 13);
	fill(c, 100);
	return sum(a, 8) + sum(b, 13) + sum(c, 100) - 28 - 78 - 4950;
}

static noinline s32 early(u8 *x, u32 zero)
{
	u8 b[8];

	fill(b, 8);
	if (!zero)
		return sum(b, 8);
	fill(x, 8);
	return 1;
}

CASE(local_early_return_good)
{
	u8 x[8];
	s32 s = 0;

	for (u32 i = 0; i < 1000; i++)
		s += early(x, zero);
	return s - 28000;
}

struct large { u64 a[6]; };
static noinline struct large make(u64 v)
{
	return (struct large){ { v, v + 1, v + 2, v + 3, v + 4, v + 5 } };
}

static noinline u64 take(struct large l)
{
	return l.a[0] + l.a[5];
}

CASE(struct_by_value_good)
{
	return take(make(zero)) - 5;
}

/* --- constants ------------------------------------------------------- */

static const u32 primes[8] = { 2, 3, 5, 7, 11, 13, 17, 19 };
static const char *const words[] = { "zero", "one", "two" };
static const u32 *const to_primes[] = { &primes[1], &primes[3] };
CASE(constant_index_good)
{
	return primes[(zero + 2) & 7] - 5;
}

CASE(constant_index)
{
	return primes[zero + 8]; /* FAULT object */
}

CASE(constant_escaped_good)
{
	return sum((const u8 *)primes, 32) - 77;
}

CASE(constant_escaped_over)
{
	return ((u8 *)opaque((void *)primes))[32]; /* FAULT bounds fast=ok */
}

CASE(constant_pointers_good)
{
	const char *s = words[(zero + 2) % 3];

	return s[0] - 't' + s[1] - 'w' + s[2] - 'o' + (s32)*to_primes[zero + 1] - 7;
}

CASE(constant_string_over)
{
	return words[(zero + 2) % 3][4]; /* FAULT bounds fast=ok */
}

CASE(constant_write)
{
	*(volatile u32 *)&primes[1] = 1; /* FAULT readonly */
	return 0;
}

CASE(constant_write_opaque)
{
	*(volatile u32 *)opaque((void *)&primes[1]) = 1; /* FAULT trap */
	return 0;
}

/* Where the kernel's own memset() would trap, and not the extension. */
static const u32 large[100] = { 1, 2 };
CASE(constant_fill)
{
	memset(opaque((void *)large), 0, 400); /* FAULT readonly */
	return 0;
}

CASE(constant_move)
{
	u8 *p = opaque((void *)large);

	memmove(p + 8, p, 63); /* FAULT readonly */
	return 0;
}

CASE(constant_or_heap_good)
{
	u32 *p = ext_alloc(32);
	const u32 *q = zero ? p : primes;

	return q[zero] - 2;
}

CASE(constant_or_heap)
{
	u32 *p = ext_alloc(32);
	const u32 *q = opaque(zero ? p : (void *)primes);

	return q[8 + zero]; /* FAULT bounds fast=ok */
}

CASE(constant_or_local_good)
{
	u32 b[8] = { 4 };
	const u32 *q = zero ? primes : b;

	return sum((const u8 *)q, 32) - 4;
}

/* --- the private state ----------------------------------------------- */

CASE(state_good)
{
	struct state *s = ext_state(struct state);

	s->count = 5;
	s->table[(zero + 15) & 15] = 7;
	return s->count + s->table[15] - 12;
}

CASE(state_index)
{
	return ext_state(struct state)->table[zero + 100]; /* FAULT object */
}

CASE(state_escaped)
{
	/* FAULT bounds fast=ok */
	return *((u8 *)opaque(ext_state(struct state)) + sizeof(struct state));
}

/* --- maps ------------------------------------------------------------ */

CASE(map_good)
{
	u32 key = 7;
	struct value *v = hash_insert(&key);

	if (!v)
		return -1;
	v->bytes[23] = 9;
	v = hash_lookup(&key);
	if (!v || v->bytes[23] != 9)
		return -2;
	if (!hash_delete(&key) || hash_lookup(&key))
		return -3;
	/* Good memory until the entry returns. */
	return v->bytes[23] - 9;
}

CASE(map_unchecked)
{
	u32 key = 8;

	return hash_lookup(&key)->bytes[0]; /* FAULT null */
}

CASE(map_value_over)
{
	u32 key = 9;
	struct value *v = hash_insert(&key);

	return v ? v->bytes[24 + zero] : 0; /* FAULT object */
}

CASE(map_value_next)
{
	u32 key = 1;
	u8 *v = opaque(array_lookup(&key));

	v[24] = 1; /* FAULT bounds fast=ok */
	return 0;
}

CASE(map_value_copy_over)
{
	u32 key = 1;
	struct value *v = array_lookup(&key);

	if (v)
		memset(v, 0, 25 + zero); /* FAULT object */
	return 0;
}

CASE(map_index)
{
	u32 key = 8;

	return array_lookup(&key) ? -1 : 0;
}

CASE(map_forged)
{
	u32 key = 8;

	return ext_map_lookup(opaque((void *)words), &key) ? 1 : 0; /* FAULT handle */
}

CASE(map_key_short)
{
	u8 *key = opaque(ext_alloc(3));

	return ext_map_lookup(&hash, key) ? 1 : 0; /* FAULT buffer fast=ok */
}

CASE(map_counter_good)
{
	ext_map_add(&counters, 1, 5);
	ext_map_add(&counters, 100, 5);
	return 0;
}

/* --- memcpy and its like --------------------------------------------- */

CASE(copy_good)
{
	u8 *p = opaque(ext_alloc(40)), *q = opaque(ext_alloc(40 + zero));
	u32 n = 40 + zero;

	fill(p, 40);
	memcpy(q, p, 40);
	memcpy(q, p, n);
	memmove(q + 1, q, n - 1);
	memset(q, 0, n & 3);
	return q[39] - 38 + (memcmp(p, p, n) | memcmp(p, p, 8)) + !memcmp(p, q, n);
}

CASE(copy_empty_good)
{
	memcpy(opaque(NULL), opaque(NULL), zero);
	return 0;
}

CASE(copy_over)
{
	u8 *p = opaque(ext_alloc(16)), *q = opaque(ext_alloc(24));

	memcpy(p, q, 24); /* FAULT bounds fast=ok */
	return 0;
}

CASE(copy_read_over)
{
	u8 *p = opaque(ext_alloc(32)), *q = opaque(ext_alloc(24));

	memcpy(p, q, 32); /* FAULT bounds fast=ok */
	return 0;
}

CASE(copy_variable_over)
{
	u8 *p = opaque(ext_alloc(32)), *q = opaque(ext_alloc(100));

	memcpy(p, q, 33 + zero); /* FAULT bounds fast=ok */
	return 0;
}

CASE(copy_to_local)
{
	u8 b[8], *q = opaque(ext_alloc(100));

	memcpy(b, q, 9 + zero); /* FAULT object */
	return b[0];
}

CASE(copy_huge)
{
	u8 *p = opaque(ext_alloc(32)), *q = opaque(ext_alloc(32));

	memcpy(p, q, (u64)zero - 1); /* FAULT bounds fast=bounds */
	return 0;
}

CASE(copy_unmapped)
{
	u8 *p = opaque(ext_alloc(400));

	/* FAULT bounds fast=range */
	memcpy(p, (u8 *)opaque(ext_state(struct state)) + (1UL << 24), 400);
	return 0;
}

CASE(fill_unmapped)
{
	/* FAULT bounds fast=range */
	memset((u8 *)opaque(ext_state(struct state)) + (1UL << 24), 1, 400);
	return 0;
}

struct block {
	u8 bytes[63];
};

CASE(copy_unmapped_volatile)
{
	volatile struct block *p = opaque((u8 *)opaque(ext_state(struct state)) + (1UL << 24));
	struct block b = *p; /* FAULT bounds fast=range */

	return b.bytes[zero];
}

CASE(fill_large_good)
{
	u8 *p = opaque(ext_alloc(100000));

	memset(p, 1, 100000);
	return p[99999] - 1;
}

CASE(fill_large_over)
{
	u8 *p = opaque(ext_alloc(100000));

	memset(p, 1, 100001); /* FAULT bounds fast=ok */
	return 0;
}

CASE(compare_over)
{
	u8 *p = opaque(ext_alloc(8)), *q = opaque(ext_alloc(9));

	return memcmp(p, q, 9 + zero) != 0; /* FAULT bounds fast=ok */
}

CASE(compare_short_over)
{
	u8 *p = opaque(ext_alloc(8)), *q = opaque(ext_alloc(9));

	return memcmp(p, q, 9) != 0; /* FAULT bounds fast=ok */
}

CASE(compare_order_good)
{
	static const u8 a[] = { 1, 2, 3, 200 }, b[] = { 1, 2, 3, 4 };

	return memcmp(opaque((void *)a), opaque((void *)b), 4 + zero) > 0 &&
			       memcmp(opaque((void *)b), opaque((void *)a), 4 + zero) < 0 ?
		       0 :
		       1;
}

/* --- atomic accesses ------------------------------------------------- */

CASE(atomic_good)
{
	u64 *p = opaque(ext_alloc(16)), expected = 0;

	__atomic_fetch_add(p, 5, __ATOMIC_SEQ_CST);
	__atomic_store_n(p + 1, 6, __ATOMIC_RELEASE);
	__atomic_compare_exchange_n(p, &expected, 9, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return __atomic_load_n(p, __ATOMIC_ACQUIRE) + expected - 10;
}

CASE(atomic_add)
{
	/* FAULT bounds fast=ok */
	__atomic_fetch_add((u64 *)opaque(ext_alloc(8)) + 1, 5, __ATOMIC_SEQ_CST);
	return 0;
}

CASE(atomic_swap)
{
	u64 e = 0;

	/* FAULT bounds fast=ok */
	__atomic_compare_exchange_n((u64 *)opaque(ext_alloc(8)) + 1, &e, 9, 0, 5, 5);
	return 0;
}

CASE(atomic_load)
{
	return __atomic_load_n((u64 *)opaque(NULL), __ATOMIC_ACQUIRE); /* FAULT range */
}

/* --- time and stack -------------------------------------------------- */

CASE(loop_forever)
{
	volatile u32 *p = opaque(ext_alloc(4));

	while (!*p) /* FAULT fuel */
		*p = 0;
	return 0;
}

CASE(loop_one_block)
{
	for (;;) /* FAULT fuel */
		{} return 0;
}

CASE(loop_long_good)
{
	u32 n = 0;

	for (u32 i = zero; i < 900000; i++) n += ext_random() & 1;
	return n ? 0 : 1;
}

CASE(loop_goto)
{
	volatile u32 *p = opaque(ext_alloc(4));

again:
	*p += 1;
	if (*p & 1)
		goto odd;
even:
	*p += 2; /* one of two ways in */
	if (!zero)
		goto odd;
	return 0;
odd:
	*p += 1;
	if (*p % 7)
		goto even; /* FAULT fuel line=any */
	goto again;
}

static noinline s32 deep(s32 n)
{ /* FAULT(recursion) stack line=any */
	volatile s32 m = n;

	return deep(m + 1) + m;
}

CASE(recursion)
{
	return deep(zero);
}

static noinline s32 fib(s32 n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

CASE(recursion_good)
{
	return fib(10 + zero) - 55;
}

CASE(recursion_wide)
{
	return fib(40 + zero); /* FAULT fuel line=any */
}

static noinline s32 deep_local(s32 n)
{ /* FAULT(recursion_second_stack) second-stack line=any */
	u8 b[200];

	fill(b, 1);
	return n ? deep_local(n - 1) + b[0] : 0;
}

CASE(recursion_second_stack)
{
	return deep_local(1000 + zero);
}

/* --- arithmetic ------------------------------------------------------ */

CASE(divide_good)
{
	return (s32)(100 / (zero + 7)) - 14 + (-100) % (s32)(zero + 7) + 2;
}

CASE(divide_zero)
{
	return 5 / zero; /* FAULT div */
}

CASE(divide_zero_constant)
{
	u32 x = 0;

	return 5 / x + zero; /* FAULT div */
}

CASE(modulo_zero)
{
	return 5 % (s32)zero; /* FAULT div */
}

CASE(divide_zero_64)
{
	return 5 / (u64)zero; /* FAULT div */
}

CASE(divide_overflow)
{
	return (s32)(0x80000000 + zero) / ((s32)zero - 1); /* FAULT div */
}

CASE(modulo_overflow)
{
	return (s64)(0x8000000000000000 + zero) % ((s64)zero - 1); /* FAULT div */
}

CASE(divide_minus_good)
{
	return (s32)(4 + zero) / ((s32)zero - 1) + 4;
}

CASE(shift_good)
{
	return (1 << (zero + 31)) == (s32)0x80000000 ? 0 : 1;
}

CASE(shift_far)
{
	return 1 << (zero + 32); /* FAULT shift */
}

CASE(shift_negative)
{
	return 1 >> ((s32)zero - 1); /* FAULT shift */
}

CASE(shift_far_64)
{
	return 1ULL << (zero + 64); /* FAULT shift */
}

CASE(unreachable)
{
	if (!zero)
		__builtin_unreachable(); /* FAULT unreachable */
	return 0;
}

CASE(trap)
{
	if (!zero)
		__builtin_trap(); /* FAULT unreachable */
	return 0;
}

/* --- indirect calls -------------------------------------------------- */

static s32 twice(s32 v)
{
	return v * 2;
}

static s32 thrice(s32 v)
{
	return v * 3;
}

static u64 other(u64 a, u64 b)
{
	return a + b;
}

static s32 (*const table[])(s32) = { twice, thrice };
CASE(icall_good)
{
	struct state *s = ext_state(struct state);

	s->fn = zero ? twice : thrice;
	return s->fn(5) - 15 + table[(zero + 1) & 1](2) - 6;
}

CASE(icall_wild)
{
	ext_state(struct state)->fn = opaque((void *)0x1234);
	return ext_state(struct state)->fn(1); /* FAULT indirect-call */
}

CASE(icall_null)
{
	ext_state(struct state)->fn = opaque(NULL);
	return ext_state(struct state)->fn(1); /* FAULT indirect-call */
}

CASE(icall_type)
{
	u64 (*volatile f)(u64, u64) = other;

	ext_state(struct state)->fn = opaque((void *)f);
	return f(1, 2) - 3 + ext_state(struct state)->fn(1); /* FAULT indirect-call */
}

CASE(icall_inside)
{
	ext_state(struct state)->fn = opaque((u8 *)twice + 4);
	return ext_state(struct state)->fn(1); /* FAULT indirect-call */
}

/* --- the contract of calls ------------------------------------------- */

CASE(lock_good)
{
	ext_lock(&low);
	ext_lock(&high);
	ext_unlock(&high);
	ext_unlock(&low);
	return 0;
}

CASE(lock_order)
{
	ext_lock(&high);
	ext_lock(&low); /* FAULT lock-order */
	return 0;
}

CASE(lock_twice)
{
	ext_lock(&low);
	ext_lock(&low); /* FAULT lock-held */
	return 0;
}

CASE(lock_not_held)
{
	ext_unlock(&low); /* FAULT lock-held */
	return 0;
}

CASE(lock_kept)
{
	ext_lock(&low); /* FAULT lock-held line=any */
	return 0;
}

CASE(sleep_good)
{
	ext_sleep(5);
	return 0;
}

CASE(sleep_locked)
{
	ext_lock(&low);
	ext_sleep(5); /* FAULT lock-held */
	return 0;
}

CASE(log_good)
{
	ext_log("%u and %llx", 1, 2ULL);
	return 0;
}

CASE(packet_none)
{
	ext_pkt_set_mark((ext_pkt){ 5 }, 1); /* FAULT handle */
	return 0;
}

/* --- packets --------------------------------------------------------- */

PACKET(span_good)
{
	const struct ext_ip4 *ip = ext_span(pkt, 0, sizeof(*ip));
	const u8 *last = ext_span(pkt, 63, 1);

	return ip && ip->proto == 17 && last && !ext_span(pkt, 64, 1) &&
			       !ext_span(pkt, 0xffffffff, 2) && !ext_span_w(pkt, 0, 1) &&
			       *last == 63 ?
		       EXT_ACCEPT :
		       EXT_DROP;
}

PACKET(span_over)
{
	const u8 *p = ext_span(pkt, 0, 20);

	return p && p[20] ? EXT_DROP : EXT_ACCEPT; /* FAULT object */
}

PACKET(span_unchecked)
{
	const u8 *p = ext_span(pkt, 60, 20);

	return p[0] ? EXT_DROP : EXT_ACCEPT; /* FAULT null */
}

PACKET(span_opaque_good)
{
	const u8 *p = ext_span(pkt, 0, 64);

	return sum(p, 20) && ((u8 *)opaque((void *)p))[63] == 63 ? EXT_ACCEPT : EXT_DROP;
}

PACKET(span_opaque_over)
{
	const u8 *p = opaque((void *)ext_span(pkt, 0, 20));

	return p[64] ? EXT_DROP : EXT_ACCEPT; /* FAULT range */
}

PACKET(span_opaque_under)
{
	const u8 *p = opaque((void *)ext_span(pkt, 0, 20));

	return p[-1] ? EXT_DROP : EXT_ACCEPT; /* FAULT range */
}

PACKET(span_write_lent)
{
	u8 *p = (u8 *)ext_span(pkt, 0, 20);

	if (p)
		p[1] = 1; /* FAULT readonly */
	return EXT_ACCEPT;
}

PACKET(span_write_lent_opaque)
{
	u8 *p = opaque((void *)ext_span(pkt, 0, 20));

	p[1] = 1; /* FAULT range */
	return EXT_ACCEPT;
}

PACKET(span_add_lent_opaque)
{
	u8 *p = opaque((void *)ext_span(pkt, 0, 20));

	p[1]++; /* FAULT range */
	return EXT_ACCEPT;
}

PACKET(span_write_good)
{
	u8 *p;

	if (!ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	p = ext_span_w(pkt, 0, 20);
	if (!p)
		return EXT_DROP;
	p[1] = 4;
	((u8 *)opaque(p))[4] = 3;
	return ((u8 *)opaque(p))[1] == 4 ? EXT_ACCEPT : EXT_DROP;
}

PACKET(span_write_over)
{
	u8 *p;

	if (!ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	p = ext_span_w(pkt, 0, 20);
	if (p)
		memset(p, 0, 21); /* FAULT object */
	return EXT_ACCEPT;
}

PACKET(span_after_move)
{
	const u8 *p = ext_span(pkt, 0, 20);

	if (!p || !ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	return p[3] ? EXT_ACCEPT : EXT_DROP; /* FAULT range */
}

PACKET(span_after_move_good)
{
	const u8 *p = ext_span(pkt, 0, 20);

	if (!p || !ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	p = ext_span(pkt, 0, 20);
	return p && p[3] == 64 ? EXT_ACCEPT : EXT_DROP;
}

PACKET(span_move_in_loop)
{
	const u8 *p = ext_span(pkt, 0, 20);
	u32 n = 0;

	for (u32 i = 0; p && i < 3; i++) {
		n += p[i]; /* FAULT range */
		if (!ext_pkt_make_writable(pkt, 20))
			return EXT_DROP;
	}
	return n ? EXT_ACCEPT : EXT_DROP;
}

PACKET(span_variable_good)
{
	const u8 *p = ext_span(pkt, 0, 20);
	u32 n = p ? (p[0] & 15) * 4 : 0;

	p = ext_span(pkt, 0, n);
	return p && p[n - 1] == 1 ? EXT_ACCEPT : EXT_DROP;
}

PACKET(span_variable_over)
{
	const u8 *p = ext_span(pkt, 0, 20);
	u32 n = p ? (p[0] & 15) * 4 : 0;

	p = ext_span(pkt, 0, n);
	return p && p[n] == 1 ? EXT_ACCEPT : EXT_DROP; /* FAULT object */
}

PACKET(copy_of_packet)
{
	struct ext_ip4 ip;
	const void *p = ext_span(pkt, 0, sizeof(ip));

	if (!p)
		return EXT_DROP;
	memcpy(&ip, p, sizeof(ip));
	return ip.ttl == 64 && ext_pkt_load(pkt, 8, opaque(&ip.tos), 1) && ip.tos == 64 ?
		       EXT_ACCEPT :
		       EXT_DROP;
}

PACKET(load_over)
{
	u8 b[4];

	return ext_pkt_load(pkt, 0, b, 5) ? EXT_ACCEPT : EXT_DROP; /* FAULT buffer fast=ok */
}

PACKET(verdict_none)
{
	return (enum ext_verdict)77; /* FAULT verdict line=any */
}

PACKET(packet_stale)
{
	/* FAULT handle */
	return ext_pkt_pull((ext_pkt){ pkt.handle + 1 }, 1) ? EXT_ACCEPT : EXT_DROP;
}

