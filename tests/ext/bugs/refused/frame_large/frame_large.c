// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: frame_large
 * class: stack overflow
 * about: more on the stack than a kernel has to give
 * message: (frame|stack|large)
 */
#include <ashlar/ext.h>

EXTENSION("frame_large", "1", 0, u64);

static noinline u64 sum(u32 n)	/* BUG */
{
	u64 local[4000];	/* BUG */

	for (u32 i = 0; i < ARRAY_SIZE(local); i++)
		local[i] = i * n;
	return local[n % ARRAY_SIZE(local)] + local[7];
}

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return sum(len);
}
EXT_REQUEST(run);
