// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: handle_number
 * class: type confusion
 * about: a number as a handle
 * message: (incompatible|passing)
 */
#include <ashlar/ext.h>

EXTENSION("handle_number", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	ext_dev_put(len);	/* BUG */
	return 0;
}
EXT_REQUEST(run);
