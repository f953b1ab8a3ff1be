/* SPDX-License-Identifier: GPL-2.0-only */
/* Nexthop groups and devices, over rtnetlink. */
#ifndef ASHLAR_NEXTHOP_H
#define ASHLAR_NEXTHOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_MEMBERS	256

/**
 * struct member - of a nexthop group
 * @id: the nexthop
 * @weight: its share of the traffic, from 1
 */
struct member {
	uint32_t id;
	unsigned int weight;
};

/**
 * struct group - a nexthop group
 * @id: its number
 * @type: 0 for hash-threshold, 1 for resilient
 * @n: number of members
 * @member: they
 */
struct group {
	uint32_t id;
	uint16_t type;
	unsigned int n;
	struct member member[MAX_MEMBERS];
};

/**
 * struct nexthop - what it takes to make one again
 * @id: its number
 * @ifindex: the device; 0 if it has none
 * @family: of the gateway
 * @protocol: who made it
 * @flags: RTNH_F_ONLINK or none
 * @gateway_len: 0 for none
 * @gateway: the next router
 * @encap: it has an encapsulation, which is not kept
 */
struct nexthop {
	uint32_t id;
	int ifindex;
	uint8_t family;
	uint8_t protocol;
	uint32_t flags;
	unsigned int gateway_len;
	unsigned char gateway[16];
	bool encap;
};

/* All return 0 or a negative errno. */
int nexthop_open(void);
void nexthop_close(void);
int nexthop_get(uint32_t id, struct nexthop *nh);
int nexthop_make(const struct nexthop *nh);
int group_get(uint32_t id, struct group *group);
int group_replace(const struct group *group);
int device_set(int ifindex, bool up);

#endif /* ASHLAR_NEXTHOP_H */
