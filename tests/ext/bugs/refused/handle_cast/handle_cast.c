// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: handle_cast
 * class: type confusion
 * about: a handle of one kind is made one of another by a cast of its address
 * message: (handle|cast)
 */
#include <ashlar/ext.h>

EXTENSION("handle_cast", "1", 0, u64);

static enum ext_verdict hook(ext_pkt pkt)
{
	ext_pkt_free(*(ext_owned_pkt *)&pkt);	/* BUG */
	return EXT_ACCEPT;
}
EXT_HOOK(hook);
