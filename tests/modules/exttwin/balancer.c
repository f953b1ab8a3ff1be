// SPDX-License-Identifier: GPL-2.0-only
/* The balancer as ordinary code. */
#define TWIN balancer
#include "ext.h"

#include "../../../extensions/balancer/balancer.h"

static struct balancer_state twin_state;

void *__ext_state(void)
{
	return &twin_state;
}

#include "../../../extensions/balancer/maglev.c"
#include "../../../extensions/balancer/service.c"
#include "../../../extensions/balancer/conn.c"
#include "../../../extensions/balancer/packet.c"
#include "../../../extensions/balancer/nat.c"
#include "../../../extensions/balancer/icmp.c"
#include "../../../extensions/balancer/main.c"

static const struct ext_entry *const twin_entries[] = {
	&in_entry, &out_entry, &watch_entry, &refresh_entry, &commit_entry, &start_entry, NULL,
};

static const struct ext_map *const twin_maps[] = {
	&counts, &conns, &answers, &services, &backends, NULL,
};

const struct twin_ext twin_balancer = { &__ext_about, twin_entries, twin_maps };
