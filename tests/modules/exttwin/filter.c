// SPDX-License-Identifier: GPL-2.0-only
/* The filter as ordinary code. */
#define TWIN filter
#include "ext.h"

#include "../../../extensions/filter/filter.h"

static struct filter_state twin_state;

void *__ext_state(void)
{
	return &twin_state;
}

#include "../../../extensions/filter/packet.c"
#include "../../../extensions/filter/chain.c"
#include "../../../extensions/filter/tcp.c"
#include "../../../extensions/filter/conn.c"
#include "../../../extensions/filter/rule.c"
#include "../../../extensions/filter/icmp.c"
#include "../../../extensions/filter/frag.c"
#include "../../../extensions/filter/main.c"

static const struct ext_entry *const twin_entries[] = {
	&filter_entry, &commit_entry, &start_entry, NULL,
};

static const struct ext_map *const twin_maps[] = {
	&counts, &rule_counts, &conns, &opening, &frags, &rules, &settings, NULL,
};

const struct twin_ext twin_filter = { &__ext_about, twin_entries, twin_maps };
