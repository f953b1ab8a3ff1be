// SPDX-License-Identifier: GPL-2.0-only
/* Bugs with memory: where it is not, where it ends, and when. */
#include "bugs.h"

struct big {
	char head[0x3000];
	u64 tail;
};

struct wide {
	char head[64];
	u64 tail;
};

static const u32 primes[8] = { 2, 3, 5, 7, 11, 13, 17, 19 };

/*
 * bug: null_read
 * class: NULL
 * in: 0
 * outcome: aborted RANGE NULL
 * at: null
 * fixed: -22
 * twin: null_read: (NULL pointer dereference|null-ptr-deref)
 */
REQUEST(null_read)
{
	struct node *node = (struct node *)arg64(in, len, 0);

	return answer(out, room, node->value);	/* BUG */
}

REQUEST(null_read_fixed)
{
	struct node *node = (struct node *)arg64(in, len, 0);

	return node ? answer(out, room, node->value) : -EXT_EINVAL;
}

/*
 * bug: null_write
 * class: NULL
 * in: 2000000
 * outcome: aborted RANGE NULL
 * at: null
 * fixed: -12
 */
REQUEST(null_write)
{
	u64 *p = ext_alloc(arg(in, len, 0));	/* over 1 MB: none */

	*p = 1;	/* BUG */
	ext_free(p);
	return answer(out, room, 1);
}

REQUEST(null_write_fixed)
{
	u64 *p = ext_alloc(arg(in, len, 0));

	if (!p)
		return -EXT_ENOMEM;
	*p = 1;
	ext_free(p);
	return answer(out, room, 1);
}

/*
 * bug: null_member
 * class: NULL
 * about: beyond the page that is never mapped
 * in: 0
 * outcome: aborted RANGE NULL
 * at: wild
 * fixed: -22
 */
REQUEST(null_member)
{
	struct big *big = (struct big *)arg64(in, len, 0);

	big->tail = 1;	/* BUG */
	return answer(out, room, big->tail);	/* BUG */
}

REQUEST(null_member_fixed)
{
	struct big *big = (struct big *)arg64(in, len, 0);

	if (!big)
		return -EXT_EINVAL;
	big->tail = 1;
	return answer(out, room, big->tail);
}

/*
 * bug: wild_read
 * class: wild pointer
 * about: the kernel's direct map
 * in: 0x00100000 0xffff8880
 * outcome: aborted RANGE
 * at: wild
 * fixed: 7
 * twin: none: reads what the kernel has there and says nothing
 */
REQUEST(wild_read)
{
	u64 *p = (u64 *)arg64(in, len, 0);

	return answer(out, room, *p);	/* BUG */
}

REQUEST(wild_read_fixed)
{
	u64 value = 7, *p = &value;

	return answer(out, room, *p + (arg(in, len, 2) & 0));
}

/*
 * bug: wild_write
 * class: wild pointer
 * in: 0x00100000 0xffff8880
 * outcome: aborted RANGE
 * at: wild
 * fixed: 1
 * twin: wild_write: (unable to handle page fault|general protection fault)
 */
REQUEST(wild_write)
{
	u64 *p = (u64 *)arg64(in, len, 0);

	*p = 1;	/* BUG */
	return answer(out, room, 1);
}

REQUEST(wild_write_fixed)
{
	u64 *p = ext_alloc(8 + (arg(in, len, 2) & 0));

	if (!p)
		return -EXT_ENOMEM;
	*p = 1;
	ext_free(p);
	return answer(out, room, 1);
}

/*
 * bug: wild_user
 * class: wild pointer
 * about: an address of user space
 * in: 0x00400000 0
 * outcome: aborted RANGE
 * at: wild
 */
REQUEST(wild_user)
{
	u32 *p = (u32 *)arg64(in, len, 0);

	*p += 1;	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: wild_noncanonical
 * class: wild pointer
 * about: an address that the processor has not, at which it raises #GP
 * in: 0x12345678 0xdead1234
 * outcome: aborted RANGE
 * at: wild
 */
REQUEST(wild_noncanonical)
{
	u64 *p = (u64 *)arg64(in, len, 0);

	return answer(out, room, *p);	/* BUG */
}

/*
 * bug: wild_wrap
 * class: wild pointer
 * about: the last bytes of the address space
 * in: 0xfffffffc 0xffffffff
 * outcome: aborted RANGE
 * at: wild
 */
REQUEST(wild_wrap)
{
	u64 *p = (u64 *)arg64(in, len, 0);

	return answer(out, room, *p);	/* BUG */
}

/*
 * bug: wild_code
 * class: wild pointer
 * about: the extension's own code
 * outcome: aborted RANGE READONLY OBJECT
 * at: wild
 */
REQUEST(wild_code)
{
	u32 *code = (u32 *)wild_code;

	code[arg(in, len, 0)] = 0;	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: heap_read
 * class: out of bounds, heap, read
 * in: 8
 * outcome: aborted BOUNDS OBJECT
 * at: heap redzone
 * fixed: -22
 * twin: heap_read: KASAN: slab-out-of-bounds
 */
REQUEST(heap_read)
{
	u32 i = arg(in, len, 0);
	u64 *p = ext_alloc(64);
	u64 value;

	if (!p)
		return -EXT_ENOMEM;
	value = p[i];	/* BUG */
	ext_free(p);
	return answer(out, room, value);
}

REQUEST(heap_read_fixed)
{
	u32 i = arg(in, len, 0);
	u64 *p = ext_alloc(64);
	u64 value;

	if (!p)
		return -EXT_ENOMEM;
	if (i >= 8) {
		ext_free(p);
		return -EXT_EINVAL;
	}
	value = p[i];
	ext_free(p);
	return answer(out, room, value);
}

/*
 * bug: heap_write
 * class: out of bounds, heap, write
 * in: 64
 * outcome: aborted BOUNDS OBJECT
 * at: heap redzone
 * fixed: -22
 * twin: heap_write: KASAN: slab-out-of-bounds
 */
REQUEST(heap_write)
{
	u32 i = arg(in, len, 0);
	u8 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	p[i] = 1;	/* BUG */
	ext_free(p);
	return answer(out, room, i);
}

REQUEST(heap_write_fixed)
{
	u32 i = arg(in, len, 0);
	u8 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	if (i < 64)
		p[i] = 1;
	ext_free(p);
	return i < 64 ? answer(out, room, i) : -EXT_EINVAL;
}

/*
 * bug: heap_odd
 * class: out of bounds, heap, write
 * about: one byte beyond an object whose size is no multiple of 8
 * in: 61
 * outcome: aborted BOUNDS OBJECT
 * at: heap redzone
 */
REQUEST(heap_odd)
{
	u32 size = arg(in, len, 0);
	u8 *p = ext_alloc(size);

	if (!p)
		return -EXT_ENOMEM;
	for (u32 i = 0; i <= size; i++)
		p[i] = i;	/* BUG */
	ext_free(p);
	return answer(out, room, size);
}

/*
 * bug: heap_straddle
 * class: out of bounds, heap, write
 * about: the last 4 bytes of an 8-byte store
 * in: 60
 * outcome: aborted BOUNDS OBJECT
 * at: heap redzone
 */
REQUEST(heap_straddle)
{
	u8 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	*(u64 *)(p + arg(in, len, 0)) = ~0ULL;	/* BUG */
	ext_free(p);
	return answer(out, room, 1);
}

/*
 * bug: heap_under
 * class: out of bounds, heap, write
 * about: before the object
 * in: 0xffffffff
 * outcome: aborted BOUNDS OBJECT
 * at: heap redzone
 */
REQUEST(heap_under)
{
	s32 i = arg(in, len, 0);
	u8 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	p[i] = 1;	/* BUG */
	ext_free(p);
	return answer(out, room, 1);
}

/*
 * bug: heap_huge
 * class: out of bounds, heap, write
 * about: far beyond the arena
 * in: 0x10000000
 * outcome: aborted RANGE BOUNDS OBJECT
 * at: wild
 */
REQUEST(heap_huge)
{
	u64 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	p[arg(in, len, 0)] = 1;	/* BUG */
	ext_free(p);
	return answer(out, room, 1);
}

/*
 * bug: heap_member
 * class: out of bounds, heap, write
 * about: the object is smaller than the struct it is said to be
 * in: 64
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: heap
 */
REQUEST(heap_member)
{
	struct wide *wide = ext_alloc(arg(in, len, 0));

	if (!wide)
		return -EXT_ENOMEM;
	wide->head[0] = 1;	/* BUG */
	wide->tail = 2;	/* BUG */
	ext_free(wide);
	return answer(out, room, 1);
}

/*
 * bug: stack_read
 * class: out of bounds, stack, read
 * in: 16
 * outcome: aborted BOUNDS OBJECT
 * at: stack
 * fixed: -22
 * twin: stack_read: KASAN: stack-out-of-bounds
 */
REQUEST(stack_read)
{
	u32 i = arg(in, len, 0);
	u8 local[16];

	for (u32 k = 0; k < sizeof(local); k++)
		local[k] = arg(in, len, k & 3);
	return answer(out, room, local[i]);	/* BUG */
}

REQUEST(stack_read_fixed)
{
	u32 i = arg(in, len, 0);
	u8 local[16];

	for (u32 k = 0; k < sizeof(local); k++)
		local[k] = arg(in, len, k & 3);
	return i < sizeof(local) ? answer(out, room, local[i]) : -EXT_EINVAL;
}

/*
 * bug: stack_write
 * class: out of bounds, stack, write
 * about: by a pointer, which a check of subscripts does not see
 * in: 16
 * outcome: aborted BOUNDS OBJECT
 * at: stack
 * fixed: -22
 * twin: stack_write: KASAN: stack-out-of-bounds
 */
REQUEST(stack_write)
{
	u32 i = arg(in, len, 0);
	u8 local[16] = {}, *p = local;

	p[i] = 1;	/* BUG */
	return answer(out, room, local[i & 15]);
}

REQUEST(stack_write_fixed)
{
	u32 i = arg(in, len, 0);
	u8 local[16] = {}, *p = local;

	if (i >= sizeof(local))
		return -EXT_EINVAL;
	p[i] = 1;
	return answer(out, room, local[i & 15]);
}

/* Not inlined: it cannot know whose memory it fills. */
static noinline void fill(u8 *to, u32 n, u8 value)
{
	for (u32 i = 0; i < n; i++)
		to[i] = value;	/* BUG of stack_callee */
}

/*
 * bug: stack_callee
 * class: out of bounds, stack, write
 * about: by a function that the array is handed to
 * in: 33
 * outcome: aborted BOUNDS OBJECT
 * at: stack
 */
REQUEST(stack_callee)
{
	u8 before[32], local[32], after[32];

	fill(before, sizeof(before), 1);
	fill(after, sizeof(after), 2);
	fill(local, arg(in, len, 0), 3);
	return answer(out, room, before[arg(in, len, 1) & 31] + local[0] + after[31]);
}

/*
 * bug: stack_under
 * class: out of bounds, stack, write
 * in: 0xfffffffe
 * outcome: aborted BOUNDS OBJECT
 * at: stack
 */
REQUEST(stack_under)
{
	s32 i = arg(in, len, 0);
	u32 local[4] = {};

	local[i] = 5;	/* BUG */
	return answer(out, room, local[i & 3]);
}

/*
 * bug: global_read
 * class: out of bounds, global, read
 * in: 8
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: image
 * fixed: -22
 * twin: global_read: KASAN: global-out-of-bounds
 */
REQUEST(global_read)
{
	return answer(out, room, primes[arg(in, len, 0)]);	/* BUG */
}

REQUEST(global_read_fixed)
{
	u32 i = arg(in, len, 0);

	return i < ARRAY_SIZE(primes) ? answer(out, room, primes[i]) : -EXT_EINVAL;
}

/*
 * bug: global_write
 * class: out of bounds, global, write
 * about: a constant, by a cast; the compiler may leave out a store that has no meaning
 * in: 3
 * outcome: aborted READONLY RANGE BOUNDS OBJECT TRAP, or 7
 * fixed: 8
 * twin: global_write: unable to handle page fault
 */
REQUEST(global_write)
{
	u32 *p = (u32 *)primes;

	p[arg(in, len, 0) & 7] = 4;	/* BUG */
	return answer(out, room, p[3]);
}

REQUEST(global_write_fixed)
{
	u32 copy[8], i = arg(in, len, 0) & 7;

	memcpy(copy, primes, sizeof(copy));
	copy[i] = 8;
	return answer(out, room, copy[3]);
}

/*
 * bug: state_write
 * class: out of bounds, global, write
 * about: beyond the private state, which stands where a module has its globals
 * in: 64
 * outcome: aborted BOUNDS OBJECT
 * at: state redzone unmapped
 */
REQUEST(state_write)
{
	u64 *state = (u64 *)ext_state(struct bugs);

	state[arg(in, len, 0)] = 1;	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: copy_write
 * class: out of bounds, heap, write
 * about: by memcpy of a length only known now
 * in: 65
 * outcome: aborted BOUNDS OBJECT BUFFER RANGE
 * at: heap redzone
 * fixed: -22
 */
REQUEST(copy_write)
{
	u8 *p = ext_alloc(64), *from = ext_alloc(128);

	if (p && from)
		memcpy(p, from, arg(in, len, 0));	/* BUG */
	ext_free(p);
	ext_free(from);
	return answer(out, room, 1);
}

REQUEST(copy_write_fixed)
{
	u8 *p = ext_alloc(64), *from = ext_alloc(128);
	u32 n = arg(in, len, 0);

	if (p && from && n <= 64)
		memcpy(p, from, n);
	ext_free(p);
	ext_free(from);
	return n <= 64 ? answer(out, room, 1) : -EXT_EINVAL;
}

/*
 * bug: copy_read
 * class: out of bounds, heap, read
 * about: what lies behind an object would leave the extension
 * in: 128
 * outcome: aborted BOUNDS OBJECT BUFFER RANGE
 * at: heap
 */
REQUEST(copy_read)
{
	u8 *from = ext_alloc(100), *p = ext_alloc(128);

	if (p && from)
		memmove(p, from, arg(in, len, 0));	/* BUG */
	ext_free(p);
	ext_free(from);
	return answer(out, room, 1);
}

/*
 * bug: copy_negative
 * class: out of bounds, stack, write
 * about: a length below 0
 * in: 0xffffffff
 * outcome: aborted BOUNDS OBJECT BUFFER RANGE
 * at: stack
 */
REQUEST(copy_negative)
{
	s32 n = arg(in, len, 0);
	u8 local[32];

	if (n < (s32)sizeof(local))
		memset(local, 1, n);	/* BUG */
	return answer(out, room, local[3]);
}

/*
 * bug: call_buffer
 * class: out of bounds, stack, read
 * about: a call of the shim is handed less than it is told
 * in: 64
 * outcome: aborted BUFFER
 * at: stack
 * fixed: -22
 */
REQUEST(call_buffer)
{
	u8 local[16];

	memset(local, 7, sizeof(local));
	return answer(out, room, ext_hash(local, arg(in, len, 0)) != 0);	/* BUG */
}

REQUEST(call_buffer_fixed)
{
	u32 n = arg(in, len, 0);
	u8 local[16];

	if (n > sizeof(local))
		return -EXT_EINVAL;
	memset(local, 7, sizeof(local));
	return answer(out, room, ext_hash(local, n) != 0);
}

/*
 * bug: call_null
 * class: NULL
 * about: handed to a call of the shim
 * in: 8
 * outcome: aborted BUFFER
 * at: null
 */
REQUEST(call_null)
{
	void *p = (void *)arg64(in, len, 1);

	return answer(out, room, ext_hash(p, arg(in, len, 0)) & 1);	/* BUG */
}

/*
 * bug: uaf_read
 * class: use after free
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: freed
 * fixed: 42
 * twin: uaf_read: KASAN: use-after-free
 */
REQUEST(uaf_read)
{
	u64 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	p[arg(in, len, 0) & 7] = 42;
	ext_free(p);
	return answer(out, room, p[arg(in, len, 0) & 7]);	/* BUG */
}

REQUEST(uaf_read_fixed)
{
	u64 *p = ext_alloc(64), value;

	if (!p)
		return -EXT_ENOMEM;
	p[arg(in, len, 0) & 7] = 42;
	value = p[arg(in, len, 0) & 7];
	ext_free(p);
	return answer(out, room, value);
}

/*
 * bug: uaf_write
 * class: use after free
 * about: kept from one invocation to the next
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: freed
 * fixed: 1
 * twin: uaf_write: KASAN: use-after-free
 */
REQUEST(uaf_write)
{
	struct bugs *bugs = ext_state(struct bugs);
	u64 *p;

	bugs->kept = ext_alloc(64);
	if (!bugs->kept)
		return -EXT_ENOMEM;
	ext_free(bugs->kept);
	p = bugs->kept;
	p[arg(in, len, 0)] = 1;	/* BUG */
	return answer(out, room, 1);
}

REQUEST(uaf_write_fixed)
{
	struct bugs *bugs = ext_state(struct bugs);
	u64 *p;

	bugs->kept = ext_alloc(64);
	if (!bugs->kept)
		return -EXT_ENOMEM;
	p = bugs->kept;
	p[arg(in, len, 0)] = 1;
	ext_free(bugs->kept);
	bugs->kept = NULL;
	return answer(out, room, 1);
}

/*
 * bug: uaf_reused
 * class: use after free
 * about: much is allocated and freed in between
 * in: 200
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: freed
 */
REQUEST(uaf_reused)
{
	u64 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	ext_free(p);
	for (u32 i = 0; i < arg(in, len, 0); i++) {
		u64 *q = ext_alloc(64);

		if (q)
			q[0] = i;
		ext_free(q);
	}
	return answer(out, room, p[0]);	/* BUG */
}

/*
 * bug: uaf_call
 * class: use after free
 * about: handed to a call of the shim
 * in: 64
 * outcome: aborted BUFFER
 * at: freed
 */
REQUEST(uaf_call)
{
	u8 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	ext_free(p);
	return answer(out, room, ext_hash(p, arg(in, len, 0)) & 1);	/* BUG */
}

static noinline u32 *escaped(u32 value)
{
	u32 local[4] = { value, value, value, value }, *p = local;

	ext_state(struct bugs)->kept = p;
	return ext_state(struct bugs)->kept;
}

/*
 * bug: uaf_stack
 * class: use after free
 * about: a local whose function has returned
 * in: 9
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: stack
 */
REQUEST(uaf_stack)
{
	u32 *p = escaped(arg(in, len, 0));

	return answer(out, room, p[arg(in, len, 1)]);	/* BUG */
}

/*
 * bug: free_twice
 * class: double free
 * outcome: aborted FREE
 * at: freed
 * fixed: 1
 * twin: free_twice: KASAN: (double-free|invalid-free)
 */
REQUEST(free_twice)
{
	void *p = ext_alloc(64 + arg(in, len, 0));

	ext_free(p);
	ext_free(p);	/* BUG */
	return answer(out, room, 1);
}

REQUEST(free_twice_fixed)
{
	void *p = ext_alloc(64 + arg(in, len, 0));

	ext_free(p);
	p = NULL;
	ext_free(p);
	return answer(out, room, 1);
}

/*
 * bug: free_inside
 * class: double free
 * about: of what was never allocated: the middle of an object
 * in: 16
 * outcome: aborted FREE
 * at: heap
 */
REQUEST(free_inside)
{
	u8 *p = ext_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	ext_free(p + arg(in, len, 0));	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: free_local
 * class: double free
 * about: of what was never allocated: a local
 * outcome: aborted FREE
 * at: stack
 */
REQUEST(free_local)
{
	u64 local[4] = { arg(in, len, 0) };

	ext_free(local);	/* BUG */
	return answer(out, room, local[0]);
}

/*
 * bug: free_wild
 * class: double free
 * about: of what was never allocated: the kernel's memory
 * in: 0x00100000 0xffff8880
 * outcome: aborted FREE
 * at: wild
 */
REQUEST(free_wild)
{
	ext_free((void *)arg64(in, len, 0));	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: uninit_heap
 * class: uninitialised memory
 * about: what an object held before does not leave in the next
 * in: 64
 * outcome: harmless 0
 * fixed: 0
 */
REQUEST(uninit_heap)
{
	u32 size = arg(in, len, 0);
	u64 *p, sum = 0;

	for (u32 round = 0; round < 64; round++) {
		p = ext_alloc(size);
		if (!p)
			return -EXT_ENOMEM;
		for (u32 i = 0; i < size / 8; i++) {
			sum |= p[i];	/* nobody wrote it */
			p[i] = 0x5ec7e75ec7e7ULL;
		}
		ext_free(p);
	}
	return answer(out, room, sum);
}

REQUEST(uninit_heap_fixed)
{
	u64 *p = ext_alloc(arg(in, len, 0));

	if (!p)
		return -EXT_ENOMEM;
	p[0] = 0;
	ext_free(p);
	return answer(out, room, 0);
}

static noinline u64 dirty(u32 value)
{
	u64 local[32];

	for (u32 i = 0; i < ARRAY_SIZE(local); i++)
		local[i] = value + 0x5ec7e7;
	return ext_hash(local, sizeof(local));
}

static noinline u64 unset(u32 n)
{
	u64 local[32], sum = 0;

	for (u32 i = n; i < ARRAY_SIZE(local); i++)
		local[i] = 0;
	for (u32 i = 0; i < ARRAY_SIZE(local); i++)
		sum |= local[i];
	return sum;
}

/*
 * bug: uninit_stack
 * class: uninitialised memory
 * about: a local shows nothing of the function that ran before
 * in: 32
 * outcome: harmless 0
 * fixed: 0
 * twin: uninit_stack: value not 0
 */
REQUEST(uninit_stack)
{
	if (!dirty(arg(in, len, 0)))
		return -EXT_EINVAL;
	return answer(out, room, unset(arg(in, len, 0)));
}

REQUEST(uninit_stack_fixed)
{
	if (!dirty(arg(in, len, 0)))
		return -EXT_EINVAL;
	return answer(out, room, unset(0));
}

/*
 * bug: uninit_answer
 * class: uninitialised memory
 * about: more is said to be written than was
 * in: 8
 * outcome: harmless 0
 * reads: 64
 */
REQUEST(uninit_answer)
{
	if (room < 64)
		return -EXT_EMSGSIZE;
	return (s32)(64 + (arg(in, len, 0) & 7));
}

/*
 * bug: answer_long
 * class: uninitialised memory
 * about: the answer is said to be longer than there was room
 * in: 0x7fffffff
 * outcome: aborted ARGUMENT
 */
REQUEST(answer_long)
{
	(void)out;
	(void)room;
	return arg(in, len, 0);
}

/*
 * bug: answer_write
 * class: out of bounds, heap, write
 * about: beyond the room that is lent for the answer
 * in: 0
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: heap
 */
REQUEST(answer_write)
{
	((u8 *)out)[room + arg(in, len, 0)] = 1;	/* BUG */
	return 1;
}

/*
 * bug: map_value
 * class: out of bounds, heap, write
 * about: from a map's value into the next
 * in: 2
 * outcome: aborted BOUNDS OBJECT
 * at: map redzone
 * fixed: -22
 */
struct pair {
	u32 a, b;
};

EXT_MAP_HASH(pairs, u32, struct pair, 64, 1)

REQUEST(map_value)
{
	u32 key = 1, i = arg(in, len, 0);
	struct pair *pair = pairs_insert(&key);

	if (!pair)
		return -EXT_ENOMEM;
	(&pair->a)[i] = 1;	/* BUG */
	return answer(out, room, pair->b);
}

REQUEST(map_value_fixed)
{
	u32 key = 1, i = arg(in, len, 0);
	struct pair *pair = pairs_insert(&key);

	if (!pair)
		return -EXT_ENOMEM;
	if (i >= 2)
		return -EXT_EINVAL;
	(&pair->a)[i] = 1;
	return answer(out, room, pair->b);
}

/*
 * bug: map_deleted
 * class: use after free
 * about: a map's value after its entry was deleted: good memory until the entry returns, by the
 *	contract
 * in: 7
 * outcome: harmless 7
 * fixed: 7
 */
REQUEST(map_deleted)
{
	u32 key = 2;
	struct pair *pair = pairs_insert(&key);

	if (!pair)
		return -EXT_ENOMEM;
	pair->a = arg(in, len, 0);
	pairs_delete(&key);
	return answer(out, room, pair->a);	/* BUG */
}

REQUEST(map_deleted_fixed)
{
	u32 key = 2, value;
	struct pair *pair = pairs_insert(&key);

	if (!pair)
		return -EXT_ENOMEM;
	pair->a = arg(in, len, 0);
	value = pair->a;
	pairs_delete(&key);
	return answer(out, room, value);
}

/*
 * bug: map_unchecked
 * class: NULL
 * about: a map's lookup that found nothing
 * in: 77
 * outcome: aborted NULL RANGE
 * at: null
 * fixed: -2
 */
REQUEST(map_unchecked)
{
	u32 key = arg(in, len, 0);

	return answer(out, room, pairs_lookup(&key)->b);	/* BUG */
}

REQUEST(map_unchecked_fixed)
{
	u32 key = arg(in, len, 0);
	struct pair *pair = pairs_lookup(&key);

	return pair ? answer(out, room, pair->b) : -EXT_ENOENT;
}
