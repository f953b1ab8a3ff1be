// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: init_module
 * class: forbidden symbol
 * about: code that runs without the shim
 * message: init_module
 */
#include <ashlar/ext.h>

EXTENSION("init_module", "1", 0, u64);

int init_module(void);

int init_module(void)	/* BUG */
{
	return 0;
}

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return len;
}
EXT_REQUEST(run);
