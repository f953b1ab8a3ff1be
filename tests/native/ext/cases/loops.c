// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops that the pass checks before their first turn: where it may, and just beyond, where it must
 * wait for the turn.
 */
#include "cases.h"

static noinline u32 *sixteen(void)
{
	struct state *s = ext_state(struct state);

	for (u32 i = 0; i < 16; i++)
		s->table[i] = i;
	return s->table;
}

/* --- a span as long as a variable says ------------------------------- */

__ext_inline u64 sum_span(ext_pkt pkt, u32 len, u32 turns)
{
	const u8 *at = ext_span(pkt, 0, len);
	u64 sum = 1;

	for (u32 i = 0; at && i < turns; i += 2)
		sum += at[i] << 8 | at[i + 1]; /* FAULT(loop_span_over) object */
	return sum;
}

PACKET(loop_span_good)
{
	u32 len = min(__ext_pkt_linear(pkt), 1500U) & ~1U;

	return sum_span(pkt, len, len) ? EXT_ACCEPT : EXT_DROP;
}

PACKET(loop_span_short_good)
{
	u32 len = min(__ext_pkt_linear(pkt), 63U);

	return sum_span(pkt, len, len & ~1U) ? EXT_ACCEPT : EXT_DROP;
}

PACKET(loop_span_over)
{
	u32 len = min(__ext_pkt_linear(pkt), 63U);

	return sum_span(pkt, len, len) ? EXT_ACCEPT : EXT_DROP;
}

PACKET(loop_span_none_good)
{
	u32 len = min(__ext_pkt_linear(pkt), 1U) - 1;
	const u8 *at = ext_span(pkt, 4, len);
	u32 sum = 1;

	for (u32 i = 0; i < len; i++)
		sum += at[i];
	return sum == 1 ? EXT_ACCEPT : EXT_DROP;
}

PACKET(loop_span_unchecked)
{
	u32 len = __ext_pkt_linear(pkt) + 2;
	const u8 *at = ext_span(pkt, 0, len);
	u32 sum = 1;

	for (u32 i = 0; i < len + 4; i++)
		sum += at[i]; /* FAULT null */
	return sum ? EXT_ACCEPT : EXT_DROP;
}

PACKET(loop_span_moved)
{
	u32 len = min(__ext_pkt_linear(pkt), 40U), sum = 1;
	const u8 *at = ext_span(pkt, 0, len);

	if (!at || !ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	for (u32 i = 0; i < len; i++)
		sum += at[i]; /* FAULT range */
	return sum ? EXT_ACCEPT : EXT_DROP;
}

PACKET(loop_span_write_lent)
{
	u32 len = min(__ext_pkt_linear(pkt), 40U);
	u8 *at = (u8 *)ext_span(pkt, 0, len);

	for (u32 i = 0; at && i < len; i++)
		at[i] = i; /* FAULT readonly */
	return EXT_ACCEPT;
}

/* --- objects of known size ------------------------------------------- */

CASE(loop_known_good)
{
	u32 *table = sixteen(), sum = 0;

	for (u32 i = 0; i < 16 + zero; i++)
		sum += ext_state(struct state)->table[i];
	return sum - 120 + table[0];
}

CASE(loop_known_over)
{
	u32 sum = 0;

	for (u32 i = 0; i < sizeof(struct state) / 4 + 1 + zero; i++)
		sum += ext_state(struct state)->table[i]; /* FAULT object */
	return sum;
}

CASE(loop_start_good)
{
	struct state *s = ext_state(struct state);
	u32 sum = 0;

	sixteen();
	for (u32 i = 12 + zero; i < 16 + zero; i++)
		sum += s->table[i];
	return sum - 54;
}

CASE(loop_start_below)
{
	struct state *s = ext_state(struct state);
	u32 sum = 0;

	for (s32 i = (s32)zero - 8; i < 4 + (s32)zero; i++)
		sum += s->table[i]; /* FAULT object */
	return sum;
}

CASE(loop_step_good)
{
	u8 *p = ext_alloc(16);
	u32 sum = 0;

	if (!p)
		return 0;
	for (u32 i = 0; i < 16 + zero; i += 3)
		sum += p[i];
	return sum;
}

CASE(loop_step_over)
{
	u8 *p = ext_alloc(16);
	u32 sum = 0;

	if (!p)
		return 0;
	for (u32 i = 0; i < 16 + zero; i += 3) {
		sum += p[i];
		sum += p[i + 1]; /* FAULT object */
	}
	return sum;
}

CASE(loop_member_over)
{
	u8 *p = ext_alloc(18);
	u32 sum = 0;

	if (!p)
		return 0;
	for (u32 i = 0; i < 16 + zero; i += 4) {
		sum += p[i + 1];
		sum += p[i + 7]; /* FAULT object */
		sum += p[i + 3];
	}
	return sum;
}

CASE(loop_write_over)
{
	u16 *p = ext_alloc(15);

	if (!p)
		return 0;
	for (u32 i = 0; i < 8 + zero; i++)
		p[i] = i; /* FAULT object */
	return 0;
}

/* --- what must wait for its turn ------------------------------------- */

CASE(loop_left_good)
{
	struct state *s = ext_state(struct state);
	u32 i;

	sixteen();
	for (i = 0; i < 4096 + zero; i++)
		if (s->table[i] == 15)
			break;
	return i - 15;
}

CASE(loop_sometimes_good)
{
	struct state *s = ext_state(struct state);
	u32 sum = 0, n = 16 + zero;

	sixteen();
	for (u32 i = 0; i < 4096 + zero; i++)
		if (i < n)
			sum += s->table[i];
	return sum - 120;
}

CASE(loop_called_good)
{
	struct state *s = ext_state(struct state);
	u32 *p = ext_alloc(64);

	if (!p)
		return 0;
	for (u32 i = 0; i < 16 + zero; i++)
		p[i] = i;
	/* Ends in the middle, before anything is wrong. */
	for (u32 i = 0; i < 20 + zero; i++) {
		if (p[i] == 14)
			return 0;
		opaque(s);
	}
	return -1;
}

CASE(loop_freed)
{
	u32 *p = ext_alloc(64), sum = 0;

	if (!p)
		return 0;
	for (u32 i = 0; i < 4 + zero; i++) {
		sum += p[i]; /* FAULT bounds fast=ok */
		if (i == 1)
			ext_free(opaque(p));
	}
	return sum;
}

CASE(loop_other_first)
{
	u32 *a = ext_alloc(40), *b = ext_alloc(32), sum = 0;

	if (!a || !b)
		return 0;
	for (u32 i = 0; i < 16 + zero; i++) {
		sum += a[i];
		sum += b[i]; /* FAULT object */
	}
	return sum;
}

CASE(loop_divides)
{
	u32 *a = ext_alloc(16), sum = 0;

	if (!a)
		return 0;
	for (u32 i = 0; i < 16 + zero; i++) {
		sum += a[i];
		sum += 100 / (2 + zero - i); /* FAULT div */
	}
	return sum;
}

CASE(loop_grows)
{
	struct state *s = ext_state(struct state);
	u32 sum = 0;

	s->count = 4;
	for (u32 i = 0; i < s->count; i++) {
		sum += s->table[i]; /* FAULT object */
		s->count++;
	}
	return sum;
}

CASE(loop_down_good)
{
	u32 *p = ext_alloc(64), sum = 0;

	if (!p)
		return 0;
	for (u32 i = 16 + zero; i-- > 0;)
		sum += p[i];
	return sum;
}

CASE(loop_down_over)
{
	u32 *p = ext_alloc(64), sum = 0;

	if (!p)
		return 0;
	for (s32 i = 15 + zero; i >= -1; i--)
		sum += p[i]; /* FAULT object */
	return sum;
}

CASE(loop_none_good)
{
	u32 *p = ext_alloc(8), sum = 0;

	if (!p)
		return 0;
	for (u32 i = 100; i < 100 + zero; i++)
		sum += p[i];
	return sum;
}

CASE(loop_nested_good)
{
	u32 *p = ext_alloc(64), sum = 0;

	if (!p)
		return 0;
	for (u32 i = 0; i < 4 + zero; i++)
		for (u32 k = 0; k < 4 + zero; k++)
			sum += p[i * 4 + k];
	return sum;
}

CASE(loop_nested_over)
{
	u32 *p = ext_alloc(60), sum = 0;

	if (!p)
		return 0;
	for (u32 i = 0; i < 4 + zero; i++)
		for (u32 k = 0; k < 4 + zero; k++)
			sum += p[i * 4 + k]; /* FAULT object */
	return sum;
}

/* What is behind the loop is needed for the last turn's object alone. */
struct item {
	struct item *next;
	u64 tail;
};

CASE(loop_last_good)
{
	struct item *first = ext_alloc(8), *last = ext_alloc(sizeof(*last)), *p;

	if (!first || !last)
		return 0;
	first->next = last;
	for (p = opaque(first); p->next; p = p->next)
		;
	return p->tail;
}

CASE(loop_last_over)
{
	struct item *first = ext_alloc(sizeof(*first)), *last = ext_alloc(8), *p;

	if (!first || !last)
		return 0;
	first->next = last;
	for (p = opaque(first); p->next; p = p->next)
		;
	return p->tail; /* FAULT bounds fast=ok */
}

/* --- fuel ------------------------------------------------------------ */

static noinline void touch(volatile u32 *p, u32 turns)
{
	for (u32 i = 0; i < turns; i++)
		*p = i;
}

CASE(turns_good)
{
	struct state *s = ext_state(struct state);

	for (u32 i = 0; i < 10 + zero; i++)
		touch(&s->table[1], 100 + zero);
	return s->table[1] - 99;
}

CASE(turns_many)
{
	struct state *s = ext_state(struct state);

	for (u32 i = 0; i < 60000; i++)
		for (u32 k = 0; k < 60000; k++)
			*(volatile u32 *)&s->table[2] = k; /* FAULT fuel line=any */
	return 0;
}

CASE(turns_more)
{
	touch(ext_state(struct state)->table, 0xffffffff - zero); /* FAULT fuel line=any */
	return 0;
}

CASE(turns_round)
{
	volatile u32 *p = ext_state(struct state)->table;

	for (u8 i = 0; i < 256 + zero; i++)
		*p = i; /* FAULT fuel line=any */
	return 0;
}

CASE(turns_missed)
{
	volatile u32 *p = ext_state(struct state)->table;

	for (u32 i = 1; i != 2 + zero; i += 2)
		*p = i; /* FAULT fuel line=any */
	return 0;
}

/* --- the second stack ------------------------------------------------ */

static noinline u32 lowest_frame(u32 n)
{
	u32 a[8] = {n};

	return *(u32 *)opaque(a);
}

static noinline u32 middle_frame(u32 n)
{
	u32 a[64] = {n}, s = lowest_frame(n);

	return s + *(u32 *)opaque(a) + lowest_frame(1);
}

CASE(frames_good)
{
	u32 a[64] = {1 + zero}, *p = opaque(a), s;

	s = middle_frame(5);
	s += middle_frame(6);
	return s + *p - 25;
}

static noinline u32 large_frame(u32 n)
{
	u8 a[3000];

	memset(a, n, sizeof(a));
	return *(u8 *)opaque(a);
}

static noinline u32 large_frame_2(u32 n)
{
	u8 a[4000];

	memset(a, n, sizeof(a));
	return large_frame(1) + *(u8 *)opaque(a);
}

static noinline u32 large_frame_3(u32 n)
{
	u8 a[4000];

	memset(a, n, sizeof(a));
	return large_frame_2(2) + *(u8 *)opaque(a);
}

static noinline u32 large_frame_4(u32 n)
{
	u8 a[4000];

	memset(a, n, sizeof(a));
	return large_frame_3(3) + *(u8 *)opaque(a);
}

CASE(frames_just_good)
{
	return large_frame_4(4 + zero) - 10;
}

CASE(frames_too_large)
{
	u8 a[2000];

	memset(a, 1, sizeof(a));
	return large_frame_4(4 + zero) + *(u8 *)opaque(a); /* FAULT second-stack line=any */
}
