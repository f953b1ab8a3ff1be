// SPDX-License-Identifier: GPL-2.0-only
/* Twins of flow.c. */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "extbugs.h"

static u64 loop(u64 n)
{
	u64 sum = 0;
	u8 i;

	preempt_disable();
	for (i = 0; i < n; i++) {
		sum += i;
		cpu_relax();
	}
	preempt_enable();
	return sum;
}

static noinline u64 down(u64 n)
{
	u64 below;

	if (!n)
		return 1;
	below = down(n - 1);
	return READ_ONCE(below) * 31 + n;
}

static noinline u64 wide(u64 n, u8 *above)
{
	u8 here[512], *p = here;

	memset(here, n, sizeof(here));
	OPTIMIZER_HIDE_VAR(p);
	if (!n)
		return above[3];
	return wide(n - 1, p) + p[n & 511] + above[n & 15];
}

static u64 stack_wide(u64 n)
{
	u8 first[16] = {};

	return wide(n, first);
}

static u64 divide(u64 n)
{
	return 100U / (u32)n;
}

static u64 shift(u64 n)
{
	return 1ULL << n;
}

static u64 overflow_size(u64 n)
{
	u32 count = n, i;
	u64 *p = kmalloc(count * (u32)sizeof(*p), GFP_KERNEL);

	/* Few enough to live on; an extension would write them all. */
	for (i = 0; p && i < 4 && i < count; i++)
		p[i] = i;
	kfree(p);
	return 1;
}

static u64 overflow_signed(u64 n)
{
	s32 a = n;

	OPTIMIZER_HIDE_VAR(a);
	return (u32)(a + 1);
}

static u64 call_data(u64 n)
{
	u64 (**p)(u64 n) = kzalloc(16, GFP_KERNEL);

	if (!p)
		return 0;
	p[0] = (void *)p;
	return p[n](7);
}

static noinline u64 smash(u64 n)
{
	u64 local[2], *p = local;
	u64 i;

	OPTIMIZER_HIDE_VAR(p);
	for (i = 0; i < n; i++)
		p[i] = 0x4141414141414141ULL;
	return local[0];
}

const struct twin extbugs_flow[] = {
	{ "loop", loop, 256 },
	{ "recursion", down, 1 << 28 },
	{ "stack_wide", stack_wide, 1000 },
	{ "divide", divide },
	{ "shift", shift, 64 },
	{ "overflow_size", overflow_size, 0x20000001 },
	{ "overflow_signed", overflow_signed, 0x7fffffff },
	{ "call_data", call_data },
	{ "return_address", smash, 40 },
	{ }
};
