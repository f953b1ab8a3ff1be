// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: asm
 * class: inline asm
 * about: a statement of assembly
 * message: asm
 */
#include <ashlar/ext.h>

EXTENSION("asm", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)len;
	(void)out;
	(void)room;
	asm volatile("hlt");	/* BUG */
	return 0;
}
EXT_REQUEST(run);
