// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: asm_label
 * class: inline asm
 * about: another spelling, hidden in a macro
 * message: __asm__
 */
#include <ashlar/ext.h>

EXTENSION("asm_label", "1", 0, u64);

#define STOP __asm__ volatile("hlt")	/* BUG */

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)len;
	(void)out;
	(void)room;
	STOP;
	return 0;
}
EXT_REQUEST(run);
