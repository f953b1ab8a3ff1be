// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: handle_kind
 * class: type confusion
 * about: a device where a packet belongs
 * message: (incompatible|passing)
 */
#include <ashlar/ext.h>

EXTENSION("handle_kind", "1", 0, u64);

static s32 run(const void *in, u32 len, void *out, u32 room)
{
	ext_owned_dev dev = ext_dev_get(len);

	(void)in;
	(void)out;
	(void)room;
	ext_pkt_free(dev);	/* BUG */
	return 0;
}
EXT_REQUEST(run);
