// SPDX-License-Identifier: GPL-2.0-only
/* Bugs of control flow and of arithmetic. */
#include "bugs.h"

/*
 * bug: loop
 * class: infinite loop
 * about: a counter that wraps before it reaches the limit
 * in: 256
 * outcome: aborted FUEL
 * fixed: 256
 * twin: loop: soft lockup
 */
REQUEST(loop)
{
	u32 n = arg(in, len, 0);
	u64 sum = 0;

	for (u8 i = 0; i < n; i++)	/* BUG */
		sum += ext_random() | 1;	/* BUG */
	return answer(out, room, sum);
}

REQUEST(loop_fixed)
{
	u32 n = arg(in, len, 0);
	u64 sum = 0;

	for (u32 i = 0; i < n; i++)
		sum += ext_random() | 1;
	return answer(out, room, sum ? n : 0);
}

/*
 * bug: loop_empty
 * class: infinite loop
 * about: nothing in it
 * outcome: aborted FUEL
 */
REQUEST(loop_empty)
{
	if (!arg(in, len, 0))
		for (;;)	/* BUG */
			;	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: loop_list
 * class: infinite loop
 * about: a list whose end is its beginning
 * outcome: aborted FUEL
 * fixed: 3
 */
REQUEST(loop_list)
{
	struct node *a = ext_alloc(sizeof(*a)), *b = ext_alloc(sizeof(*b));
	u64 n = 0;

	if (!a || !b) {
		ext_free(a);
		ext_free(b);
		return -EXT_ENOMEM;
	}
	a->next = b;
	b->next = a;
	for (struct node *at = a; at; at = at->next)	/* BUG */
		n += at->value + 1;	/* BUG */
	ext_free(a);
	ext_free(b);
	return answer(out, room, n);
}

REQUEST(loop_list_fixed)
{
	struct node *a = ext_alloc(sizeof(*a)), *b = ext_alloc(sizeof(*b));
	u64 n = 1;

	if (a && b) {
		a->next = b;
		for (struct node *at = a; at; at = at->next)
			n += at->value + 1;
	}
	ext_free(a);
	ext_free(b);
	return answer(out, room, n);
}

/*
 * bug: loop_calls
 * class: infinite loop
 * about: all its time is in calls of the shim
 * outcome: aborted FUEL
 */
REQUEST(loop_calls)
{
	u64 until = ext_now() + arg(in, len, 0);
	u64 n = 0;

	while (ext_now() >= until)	/* BUG */
		n += ext_random();	/* BUG */
	return answer(out, room, n);
}

/*
 * bug: loop_memset
 * class: infinite loop
 * about: few rounds, each of many bytes
 * in: 32768
 * outcome: aborted FUEL
 * within: 5000
 */
REQUEST(loop_memset)
{
	u32 size = arg(in, len, 0);
	u8 *p = ext_alloc(size);

	if (!p)
		return -EXT_ENOMEM;
	for (u32 i = 0; i < 100 * size; i++) {	/* BUG */
		memset(p, i, size);	/* BUG */
		if (!ext_hash(p, 64))	/* BUG */
			break;
	}
	ext_free(p);
	return answer(out, room, 1);
}

static noinline u64 down(u64 n)	/* BUG of recursion */
{
	return n ? down(n - 1) * 31 + ext_random() : 1;	/* BUG of recursion */
}

/*
 * bug: recursion
 * class: recursion
 * in: 0x10000000
 * outcome: aborted STACK FUEL
 * fixed: 1
 * twin: recursion: (stack guard page|double fault|stack overflow)
 */
REQUEST(recursion)
{
	return answer(out, room, down(arg(in, len, 0)));
}

REQUEST(recursion_fixed)
{
	return answer(out, room, down(min(arg(in, len, 0), 4U)) != 0);
}

static noinline u64 odd(u64 n);

static noinline u64 even(u64 n)	/* BUG of mutual */
{
	return n ? odd(n - 1) * 31 + ext_random() : 1;	/* BUG of mutual */
}

static noinline u64 odd(u64 n)	/* BUG of mutual */
{
	return n ? even(n - 1) * 33 + ext_random() : 0;	/* BUG of mutual */
}

/*
 * bug: mutual
 * class: recursion
 * about: of two functions
 * in: 0x10000000
 * outcome: aborted STACK FUEL
 * fixed: 1
 */
REQUEST(mutual)
{
	return answer(out, room, even(arg(in, len, 0)));
}

REQUEST(mutual_fixed)
{
	return answer(out, room, even(min(arg(in, len, 0), 4U)) != 0);
}

static noinline u64 wide(u32 n, u8 *above)	/* BUG of stack_wide */
{
	u8 here[512];

	memset(here, n, sizeof(here));
	if (!n)
		return above[3];
	return wide(n - 1, here) + here[n & 511] + above[n & 15];	/* BUG of stack_wide */
}

/*
 * bug: stack_wide
 * class: stack overflow
 * about: large locals whose address is handed on
 * in: 1000
 * outcome: aborted USTACK STACK
 * fixed: 1
 * twin: stack_wide: (stack guard page|double fault|stack overflow)
 */
REQUEST(stack_wide)
{
	u8 first[16] = {};

	return answer(out, room, wide(arg(in, len, 0), first));
}

REQUEST(stack_wide_fixed)
{
	u8 first[16] = {};

	return answer(out, room, wide(min(arg(in, len, 0), 2U), first) != 0);
}

/*
 * bug: divide
 * class: division
 * outcome: aborted DIV
 * fixed: -22
 * twin: divide: (divide error|division-overflow)
 */
REQUEST(divide)
{
	return answer(out, room, 100 / arg(in, len, 0));	/* BUG */
}

REQUEST(divide_fixed)
{
	u32 by = arg(in, len, 0);

	return by ? answer(out, room, 100 / by) : -EXT_EINVAL;
}

/*
 * bug: modulo
 * class: division
 * outcome: aborted DIV
 */
REQUEST(modulo)
{
	return answer(out, room, ext_random() % arg64(in, len, 0));	/* BUG */
}

/*
 * bug: divide_overflow
 * class: division
 * about: the quotient does not fit
 * in: 0x80000000 0xffffffff
 * outcome: aborted DIV
 */
REQUEST(divide_overflow)
{
	s32 a = arg(in, len, 0), b = arg(in, len, 1);

	return answer(out, room, a / b);	/* BUG */
}

/*
 * bug: shift
 * class: shift
 * in: 64
 * outcome: aborted SHIFT
 * fixed: 0
 * twin: shift: UBSAN: shift-out-of-bounds
 */
REQUEST(shift)
{
	return answer(out, room, 1ULL << arg(in, len, 0));	/* BUG */
}

REQUEST(shift_fixed)
{
	u32 by = arg(in, len, 0);

	return answer(out, room, by < 64 ? 1ULL << by : 0);
}

/*
 * bug: shift_negative
 * class: shift
 * in: 0xffffffff
 * outcome: aborted SHIFT
 */
REQUEST(shift_negative)
{
	s32 by = arg(in, len, 0);

	return answer(out, room, (arg(in, len, 1) | 4) >> by);	/* BUG */
}

/*
 * bug: overflow_size
 * class: overflow
 * about: a count from outside times a size: what is allocated is small, what is written is not
 * in: 0x20000001
 * outcome: aborted BOUNDS OBJECT RANGE FUEL
 * at: heap
 * fixed: -12
 * twin: overflow_size: KASAN: slab-out-of-bounds
 */
REQUEST(overflow_size)
{
	u32 n = arg(in, len, 0);
	u64 *p = ext_alloc(n * (u32)sizeof(*p));

	if (!p)
		return -EXT_ENOMEM;
	for (u32 i = 0; i < n; i++)
		p[i] = i;	/* BUG */
	ext_free(p);
	return answer(out, room, n);
}

REQUEST(overflow_size_fixed)
{
	u32 n = arg(in, len, 0);
	u64 *p = ext_alloc_array(n, sizeof(*p));

	if (!p)
		return -EXT_ENOMEM;
	for (u32 i = 0; i < n; i++)
		p[i] = i;
	ext_free(p);
	return answer(out, room, n);
}

/*
 * bug: overflow_index
 * class: overflow
 * about: a sum that wraps passes the test of its size
 * in: 0xfffffff0 0x20
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: wild
 * fixed: -22
 */
REQUEST(overflow_index)
{
	u32 off = arg(in, len, 0), n = arg(in, len, 1);
	u8 *p = ext_alloc(64);
	u64 value;

	if (!p)
		return -EXT_ENOMEM;
	value = off + n <= 64 ? p[off] : 0;	/* BUG */
	ext_free(p);
	return answer(out, room, value);
}

REQUEST(overflow_index_fixed)
{
	u32 off = arg(in, len, 0), n = arg(in, len, 1);

	return off < 64 && n <= 64 - off ? answer(out, room, 0) : -EXT_EINVAL;
}

/*
 * bug: overflow_signed
 * class: overflow
 * about: wraps, as the kernel builds C; the value shows it
 * in: 0x7fffffff 1
 * outcome: harmless 0x80000000
 * twin: overflow_signed: value 0x80000000
 */
REQUEST(overflow_signed)
{
	s32 a = arg(in, len, 0), b = arg(in, len, 1);

	return answer(out, room, (u32)(a + b));
}

static noinline u64 twice(u64 v)
{
	return v * 2;
}

static noinline u64 thrice(u64 v)
{
	return v * 3;
}

static noinline void touch(u64 v)
{
	ext_state(struct bugs)->count += v;
}

typedef u64 (*step)(u64 v);

static const step steps[] = { twice, thrice };

/*
 * bug: call_data
 * class: bad indirect call
 * about: to the extension's memory
 * outcome: aborted ICALL
 * fixed: 14
 * twin: call_data: (unable to handle page fault|NX-protected|invalid opcode|execute)
 */
REQUEST(call_data)
{
	step *p = ext_alloc(16);
	u64 value;

	if (!p)
		return -EXT_ENOMEM;
	p[0] = (step)p;
	value = p[arg(in, len, 0)](7);	/* BUG */
	ext_free(p);
	return answer(out, room, value);
}

REQUEST(call_data_fixed)
{
	step *p = ext_alloc(16);
	u64 value;

	if (!p)
		return -EXT_ENOMEM;
	p[0] = steps[arg(in, len, 0) & 1];
	value = p[0](7);
	ext_free(p);
	return answer(out, room, value);
}

/*
 * bug: call_unset
 * class: bad indirect call
 * about: through a pointer that nobody set
 * outcome: aborted ICALL
 */
REQUEST(call_unset)
{
	step *p = ext_alloc(16);
	u64 value;

	if (!p)
		return -EXT_ENOMEM;
	value = p[arg(in, len, 0)](7);	/* BUG */
	ext_free(p);
	return answer(out, room, value);
}

/*
 * bug: call_kernel
 * class: bad indirect call
 * about: to the kernel's code
 * in: 0x81000000 0xffffffff
 * outcome: aborted ICALL
 */
REQUEST(call_kernel)
{
	step f = (step)arg64(in, len, 0);

	return answer(out, room, f(7));	/* BUG */
}

/*
 * bug: call_inside
 * class: bad indirect call
 * about: into the midst of a function
 * in: 1
 * outcome: aborted ICALL
 */
REQUEST(call_inside)
{
	step f = (step)((u64)steps[0] + arg(in, len, 0));

	return answer(out, room, f(7));	/* BUG */
}

/*
 * bug: call_type
 * class: bad indirect call
 * about: to a function of another type
 * outcome: aborted ICALL
 * fixed: 5
 */
REQUEST(call_type)
{
	void (*f)(u64 v) = arg(in, len, 0) ? NULL : touch;
	step g = (step)(void *)f;

	return answer(out, room, g(5));	/* BUG */
}

REQUEST(call_type_fixed)
{
	void (*f)(u64 v) = arg(in, len, 0) ? NULL : touch;

	f(5);
	return answer(out, room, 5);
}

static noinline u64 smash(const u32 *in, u32 n)
{
	u32 local[4];

	for (u32 i = 0; i < n; i++)
		local[i] = in[i & 1];	/* BUG of return_address */
	return local[0] + local[3];
}

/*
 * bug: return_address
 * class: return-address overwrite
 * about: a local is overrun up to where the function returns to
 * in: 24 24
 * outcome: aborted OBJECT BOUNDS
 * at: stack
 * fixed: 48
 * twin: return_address: (stack-out-of-bounds|unable to handle|general protection)
 */
REQUEST(return_address)
{
	return len < 8 ? -EXT_EINVAL : answer(out, room, smash(in, arg(in, len, 0)));
}

REQUEST(return_address_fixed)
{
	return len < 8 ? -EXT_EINVAL : answer(out, room, smash(in, min(arg(in, len, 0), 4U)));
}

/*
 * bug: return_direct
 * class: return-address overwrite
 * about: one word at a time upwards of a local, past whatever lies between
 * in: 4096
 * outcome: aborted OBJECT BOUNDS RANGE
 * at: stack
 */
REQUEST(return_direct)
{
	u64 local[2] = { 1, 2 };
	u64 *p = local;

	for (u32 i = 2; i < arg(in, len, 0); i++)
		p[i] = 0x4141414141414141ULL;	/* BUG */
	return answer(out, room, local[0]);
}
