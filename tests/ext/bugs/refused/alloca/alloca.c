// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: alloca
 * class: stack overflow
 * about: the same by a builtin
 * message: (alloca|variable)
 */
#include <ashlar/ext.h>

EXTENSION("alloca", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	u8 *local = __builtin_alloca(len);	/* BUG */

	(void)in;
	(void)out;
	(void)room;
	memset(local, 1, len);
	return local[len / 2];
}
EXT_REQUEST(run);
