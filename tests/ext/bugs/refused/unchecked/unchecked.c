// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: unchecked
 * class: NULL
 * about: whether the packet could be made writable is not looked at
 * message: (unused|ignor)
 */
#include <ashlar/ext.h>

EXTENSION("unchecked", "1", 0, u64);

static enum ext_verdict hook(ext_pkt pkt)
{
	u8 *p;

	ext_pkt_make_writable(pkt, 20);	/* BUG */
	p = ext_span_w(pkt, 0, 20);
	if (p)
		p[1] = 0;
	return EXT_ACCEPT;
}
EXT_HOOK(hook);
