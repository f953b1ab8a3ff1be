// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: global
 * class: race
 * about: a variable that all instances would share
 * message: (mutable|global|state)
 */
#include <ashlar/ext.h>

EXTENSION("global", "1", 0, u64);

static u64 count;	/* BUG */

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return count += len;
}
EXT_REQUEST(run);
