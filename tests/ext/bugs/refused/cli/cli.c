// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: cli
 * class: interrupts left off
 * about: by assembly; there is no call for it
 * message: asm
 */
#include <ashlar/ext.h>

EXTENSION("cli", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	asm volatile("cli");	/* BUG */
	return len;
}
EXT_REQUEST(run);
