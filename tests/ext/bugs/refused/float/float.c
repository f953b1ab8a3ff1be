// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: float
 * class: forbidden symbol
 * about: the registers of the floating-point unit, which are somebody else's in a kernel
 * message: (float|double|SSE|sse|floating)
 */
#include <ashlar/ext.h>

EXTENSION("float", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	double half = len / 2.0;	/* BUG */

	(void)in;
	(void)out;
	(void)room;
	return half * 3;	/* BUG */
}
EXT_REQUEST(run);
