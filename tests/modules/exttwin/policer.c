// SPDX-License-Identifier: GPL-2.0-only
/* The policer as ordinary code. */
#define TWIN policer
#include "ext.h"

#include "../../../extensions/policer/policer.h"

static struct policer_state twin_state;

void *__ext_state(void)
{
	return &twin_state;
}

#include "../../../extensions/policer/rate.c"
#include "../../../extensions/policer/bucket.c"
#include "../../../extensions/policer/main.c"

static const struct ext_entry *const twin_entries[] = {
	&police_entry, &commit_entry, &start_entry, NULL,
};

static const struct ext_map *const twin_maps[] = {
	&counts, &rate_counts, &buckets, &rates, NULL,
};

const struct twin_ext twin_policer = { &__ext_about, twin_entries, twin_maps };
