// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: byte_order
 * class: type confusion
 * about: the network's order of bytes is forgotten
 * message: (restricted|be16|bitwise|base types)
 */
#include <ashlar/ext.h>

EXTENSION("byte_order", "1", 0, u64);

static enum ext_verdict hook(ext_pkt pkt)
{
	const be16 *port = ext_span(pkt, 22, 2);

	return port && *port == 80 ? EXT_DROP : EXT_ACCEPT;	/* BUG */
}
EXT_HOOK(hook);
