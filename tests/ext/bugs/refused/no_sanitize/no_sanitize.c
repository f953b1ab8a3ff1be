// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: no_sanitize
 * class: inline asm
 * about: an attribute that turns checks off
 * message: attribute
 */
#include <ashlar/ext.h>

EXTENSION("no_sanitize", "1", 0, u64);

static __attribute__((no_sanitize("address"))) u32 quiet(u32 n)	/* BUG */
{
	return n;
}

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return quiet(len);
}
EXT_REQUEST(run);
