// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: nameless
 * class: forbidden symbol
 * about: nothing says what it is
 * message: EXTENSION
 */
#include <ashlar/ext.h>

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return len;
}
EXT_REQUEST(run);
