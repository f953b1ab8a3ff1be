// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: asm_file
 * class: inline asm
 * about: assembly between functions
 * message: asm
 */
#include <ashlar/ext.h>

EXTENSION("asm_file", "1", 0, u64);

asm(".globl panic_soon\npanic_soon: hlt");	/* BUG */

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return len;
}
EXT_REQUEST(run);
