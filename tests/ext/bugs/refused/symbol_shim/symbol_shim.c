// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: symbol_shim
 * class: forbidden symbol
 * about: a call of the shim by a name of one's own
 * message: (ashlar_ext_fail|not|asm|declar)
 */
#include <ashlar/ext.h>

EXTENSION("symbol_shim", "1", 0, u64);

void ashlar_ext_fail(void *ctx, u64 addr, u32 code, u32 size);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)room;
	ashlar_ext_fail(out, 0, len, 0);	/* BUG */
	return 0;
}
EXT_REQUEST(run);
