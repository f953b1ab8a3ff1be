// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: thread_local
 * class: race
 * about: a variable of each thread, of which a kernel has none
 * message: (thread|TLS|mutable|global)
 */
#include <ashlar/ext.h>

EXTENSION("thread_local", "1", 0, u64);

static _Thread_local u64 count;	/* BUG */

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return count += len;
}
EXT_REQUEST(run);
