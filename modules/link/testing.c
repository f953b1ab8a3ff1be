// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit tests call; built with them only. All exports are here, so that
 * no other file has to know of the tests.
 */
#include <linux/export.h>

#include "beat.h"
#include "link.h"
#include "plan.h"
#include "ticket.h"

#define LN_EXPORT(sym) \
	EXPORT_SYMBOL_NS_GPL(sym, ASHLAR_LINK_TEST)

LN_EXPORT(ln_mutex);
LN_EXPORT(ln_host_make);

LN_EXPORT(ln_ladder_init);
LN_EXPORT(ln_ladder_step);
LN_EXPORT(ln_ladder_out);
