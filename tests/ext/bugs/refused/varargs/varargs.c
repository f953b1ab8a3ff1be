// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: varargs
 * class: out of bounds, stack, read
 * about: a function that reads arguments that there are not
 * message: (vararg|variadic|va_)
 */
#include <ashlar/ext.h>

EXTENSION("varargs", "1", 0, u64);

static noinline u64 sum(u32 n, ...)
{
	__builtin_va_list list;
	u64 total = 0;

	__builtin_va_start(list, n);	/* BUG */
	for (u32 i = 0; i < n; i++)
		total += __builtin_va_arg(list, u64);	/* BUG */
	__builtin_va_end(list);
	return total;
}

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return sum(len, 1ULL);
}
EXT_REQUEST(run);
