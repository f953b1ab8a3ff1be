// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: handle_owner
 * class: type confusion
 * about: a lent packet is given away
 * message: (incompatible|passing)
 */
#include <ashlar/ext.h>

EXTENSION("handle_owner", "1", 0, u64);

static enum ext_verdict hook(ext_pkt pkt)
{
	ext_pkt_free(pkt);	/* BUG */
	return EXT_ACCEPT;
}
EXT_HOOK(hook);
