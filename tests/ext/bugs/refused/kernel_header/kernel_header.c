// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: kernel_header
 * class: forbidden symbol
 * about: a header of the kernel
 * message: linux/kernel.h
 */
#include <ashlar/ext.h>
#include <linux/kernel.h>	/* BUG */

EXTENSION("kernel_header", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	(void)in;
	(void)out;
	(void)room;
	return len;
}
EXT_REQUEST(run);
