// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: longjmp
 * class: return-address overwrite
 * about: a jump out of the invocation
 * message: (setjmp|longjmp|intrinsic)
 */
#include <ashlar/ext.h>

EXTENSION("longjmp", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	void *where[5] = {};

	(void)in;
	(void)out;
	(void)room;
	if (len)
		__builtin_longjmp(where, 1);	/* BUG */
	return 0;
}
EXT_REQUEST(run);
