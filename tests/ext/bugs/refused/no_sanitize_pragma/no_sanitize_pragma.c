// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: no_sanitize_pragma
 * class: inline asm
 * about: a pragma that puts an attribute on each function
 * message: (pragma|attribute)
 */
#include <ashlar/ext.h>

EXTENSION("no_sanitize_pragma", "1", 0, u64);

#pragma clang attribute push(__attribute__((no_sanitize("all"))), apply_to = function)	/* BUG */

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return len;
}
EXT_REQUEST(run);
