// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: section
 * class: use after free
 * about: a table in a section that is gone when the module has been loaded
 * message: section of its own
 */
#include <ashlar/ext.h>

EXTENSION("section", "1", 0, u64);

#pragma clang section rodata = ".init.rodata"
static const u32 table[64] = { 1, 2, 3 };	/* BUG */
#pragma clang section rodata = ""

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return table[len & 63];
}
EXT_REQUEST(run);
