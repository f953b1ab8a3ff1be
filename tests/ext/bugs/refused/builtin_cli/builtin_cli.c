// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: builtin_cli
 * class: interrupts left off
 * about: by a builtin of the compiler
 * message: (builtin|intrinsic|target|declar|not allowed)
 */
#include <ashlar/ext.h>

EXTENSION("builtin_cli", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	__builtin_ia32_writeeflags_u64(0);	/* BUG */
	return len;
}
EXT_REQUEST(run);
