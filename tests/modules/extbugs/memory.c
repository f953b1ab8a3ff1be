// SPDX-License-Identifier: GPL-2.0-only
/* Twins of memory.c and packet.c. */
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "extbugs.h"

static const u32 primes[8] = { 2, 3, 5, 7, 11, 13, 17, 19 };

static u64 null_read(u64 n)
{
	return ((u64 *)n)[1];
}

static u64 wild_write(u64 n)
{
	*(u64 *)n = 1;
	return 1;
}

static u64 heap_read(u64 n)
{
	u64 *p = kzalloc(64, GFP_KERNEL);
	u64 value = p ? p[n] : 0;

	kfree(p);
	return value;
}

static u64 heap_write(u64 n)
{
	u8 *p = kzalloc(64, GFP_KERNEL);

	if (p)
		p[n] = 1;
	kfree(p);
	return 1;
}

static noinline u64 stack_read(u64 n)
{
	u8 local[16], *p = local;

	memset(local, n, sizeof(local));
	OPTIMIZER_HIDE_VAR(p);
	return p[n];
}

static noinline u64 stack_write(u64 n)
{
	u8 local[16] = {}, *p = local;

	OPTIMIZER_HIDE_VAR(p);
	p[n] = 1;
	return local[3];
}

static u64 global_read(u64 n)
{
	const u32 *p = primes;

	OPTIMIZER_HIDE_VAR(p);
	return p[n];
}

static u64 global_write(u64 n)
{
	u32 *p = (u32 *)primes;

	OPTIMIZER_HIDE_VAR(p);
	p[n] = 4;
	return p[n];
}

static u64 uaf_read(u64 n)
{
	u64 *p = kzalloc(64, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	return p[n];
}

static u64 uaf_write(u64 n)
{
	u64 *p = kzalloc(64, GFP_KERNEL);

	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	p[n] = 1;
	return 1;
}

static u64 free_twice(u64 n)
{
	u8 *p = kzalloc(64 + n, GFP_KERNEL), *q = p;

	OPTIMIZER_HIDE_VAR(q);
	kfree(p);
	kfree(q);
	return 1;
}

static noinline u64 dirty(u64 n)
{
	u64 local[32], sum = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(local); i++)
		WRITE_ONCE(local[i], 0x5ec7e7 + n);
	for (i = 0; i < ARRAY_SIZE(local); i++)
		sum += READ_ONCE(local[i]);
	return sum;
}

static noinline u64 unset(u64 n)
{
	u64 local[32], *p = local, sum = 0;
	unsigned int i;

	OPTIMIZER_HIDE_VAR(p);
	for (i = 0; i < ARRAY_SIZE(local); i++)
		sum |= READ_ONCE(p[i]);
	return sum;
}

static u64 uninit_stack(u64 n)
{
	return dirty(n) ? unset(n) : 0;
}

/* What lies behind the memory of a packet's head, whatever its size was rounded up to. */
static u64 pkt_touch(bool write)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	u64 value;
	u8 *end;

	if (!skb)
		return 0;
	end = skb->head + ksize(skb->head);
	OPTIMIZER_HIDE_VAR(end);
	if (write)
		*end = 1;
	value = write ? 1 : *end;
	kfree_skb(skb);
	return value;
}

static u64 pkt_read(u64 n)
{
	return pkt_touch(false);
}

static u64 pkt_write(u64 n)
{
	return pkt_touch(true);
}

const struct twin extbugs_memory[] = {
	{ "null_read", null_read },
	{ "wild_write", wild_write, 0xffff000000001000ULL & ~(1ULL << 47) },
	{ "heap_read", heap_read, 8 },
	{ "heap_write", heap_write, 64 },
	{ "stack_read", stack_read, 16 },
	{ "stack_write", stack_write, 16 },
	{ "global_read", global_read, 8 },
	{ "global_write", global_write, 3 },
	{ "uaf_read", uaf_read, 1 },
	{ "uaf_write", uaf_write, 1 },
	{ "free_twice", free_twice },
	{ "uninit_stack", uninit_stack },
	{ "pkt_read", pkt_read },
	{ "pkt_write", pkt_write },
	{ }
};
