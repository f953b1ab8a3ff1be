// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: frame_address
 * class: return-address overwrite
 * about: where the return address lies, from a builtin
 * message: (frame_address|return_address|frameaddress|builtin|addressofreturn|intrinsic)
 */
#include <ashlar/ext.h>

EXTENSION("frame_address", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	u64 *frame = __builtin_frame_address(0);	/* BUG */

	(void)in;
	(void)out;
	(void)room;
	frame[1] = len;
	return 0;
}
EXT_REQUEST(run);
