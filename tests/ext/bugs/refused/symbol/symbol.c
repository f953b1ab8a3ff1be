// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: symbol
 * class: forbidden symbol
 * about: a function of the kernel
 * message: panic
 */
#include <ashlar/ext.h>

EXTENSION("symbol", "1", 0, u64);

void panic(const char *format, ...);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	if (len)
		panic("now");	/* BUG */
	return 0;
}
EXT_REQUEST(run);
