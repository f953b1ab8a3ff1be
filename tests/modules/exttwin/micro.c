// SPDX-License-Identifier: GPL-2.0-only
/* The benchmark's micro cases as ordinary code. */
#define TWIN micro
#include "ext.h"

#include "../../../bench/lib/ext_micro/micro.c"

static struct micro twin_state;

void *__ext_state(void)
{
	return &twin_state;
}

static const struct ext_entry *const twin_entries[] = {
	&flow_entry, &checksum_entry, &list_entry, &start_entry, NULL,
};

static const struct ext_map *const twin_maps[] = { NULL };

const struct twin_ext twin_micro = { &__ext_about, twin_entries, twin_maps };
