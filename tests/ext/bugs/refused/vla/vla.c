// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: vla
 * class: stack overflow
 * about: an array on the stack as long as somebody says
 * message: (variable.length|vla|VLA|not of constant size)
 */
#include <ashlar/ext.h>

EXTENSION("vla", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	u8 local[len];	/* BUG */

	(void)in;
	(void)out;
	(void)room;
	memset(local, 1, len);
	return local[len / 2];
}
EXT_REQUEST(run);
