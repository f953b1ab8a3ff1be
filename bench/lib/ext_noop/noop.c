// SPDX-License-Identifier: GPL-2.0-only
/* An extension that does nothing, for bench/ext: what entry and exit cost. */
#include <ashlar/ext.h>

EXTENSION("noop", "1", 1, u64);

static enum ext_verdict pass(ext_pkt pkt)
{
	(void)pkt;
	return EXT_ACCEPT;
}
EXT_HOOK(pass);
