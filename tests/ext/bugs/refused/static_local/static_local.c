// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: static_local
 * class: race
 * about: the same in a function
 * message: (mutable|global|state|static)
 */
#include <ashlar/ext.h>

EXTENSION("static_local", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	static u64 count;	/* BUG */

	(void)in;
	(void)out;
	(void)room;
	return count += len;
}
EXT_REQUEST(run);
