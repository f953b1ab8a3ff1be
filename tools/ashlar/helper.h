/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the helper did, so that it can undo it: a deed for each device, a record
 * for each nexthop group that deeds changed. All of it is kept in a file, for
 * a helper that is started again.
 */
#ifndef ASHLAR_HELPER_H
#define ASHLAR_HELPER_H

#include <net/if.h>

#include "nexthop.h"

#define MAX_DEEDS	1024
#define DEVICE_NEXTHOPS	8

enum deed_kind {
	DEED_DRAIN,
	DEED_REWEIGHT,
	DEED_DOWN,
	DEED_KINDS
};

/**
 * struct deed - what was done about a device
 * @ifindex: the device
 * @device: its name then
 * @kind: what was done
 * @group: the nexthop group it was taken out of; 0 for none
 * @stay: it stays so when the link or the module goes
 * @n: its nexthops in the group
 * @nexthop: they, since the kernel forgets them with the device's carrier
 */
struct deed {
	int ifindex;
	char device[IF_NAMESIZE];
	enum deed_kind kind;
	uint32_t group;
	bool stay;
	unsigned int n;
	struct nexthop nexthop[DEVICE_NEXTHOPS];
};

/**
 * struct record - a nexthop group that deeds changed
 * @base: as it would be without them
 * @last: as it was written last: what differs from it, somebody else did
 */
struct record {
	struct group base;
	struct group last;
};

/* deed.c; all return 0 or a negative errno */
int deeds_load(const char *path);
int deed_do(int ifindex, const char *device, enum deed_kind kind,
	    uint32_t group, bool stay);
int deed_undo(int ifindex, uint32_t group);
/* NULL at the end; the list changes when one is undone. */
const struct deed *deed_at(unsigned int i);
const struct deed *deed_of(int ifindex);

/* deed_file.c: a file with @deeds and @records, replaced as a whole */
int deeds_read(const char *path, struct deed *deeds, unsigned int *n_deeds,
	       struct record *records, unsigned int *n_records,
	       unsigned int max);
int deeds_write(const char *path, const struct deed *deeds,
		unsigned int n_deeds, const struct record *records,
		unsigned int n_records);

#endif /* ASHLAR_HELPER_H */
