// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: symbol_data
 * class: forbidden symbol
 * about: a variable of the kernel
 * message: jiffies
 */
#include <ashlar/ext.h>

EXTENSION("symbol_data", "1", 0, u64);

extern u64 jiffies;

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return jiffies + len;	/* BUG */
}
EXT_REQUEST(run);
