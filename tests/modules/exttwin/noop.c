// SPDX-License-Identifier: GPL-2.0-only
/* Nothing, as ordinary code: what the hook itself costs. */
#define TWIN noop
#include "ext.h"

#include "../../../bench/lib/ext_noop/noop.c"

static const struct ext_entry *const twin_entries[] = {
	&pass_entry, NULL,
};

static const struct ext_map *const twin_maps[] = { NULL };

const struct twin_ext twin_noop = { &__ext_about, twin_entries, twin_maps };
