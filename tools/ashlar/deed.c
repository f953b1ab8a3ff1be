// SPDX-License-Identifier: GPL-2.0-only
/*
 * The helper's deeds. A nexthop group is made anew from what it would be
 * without any deed and from all deeds about it, so that they can be undone in
 * any order. What the operator changes in the group meanwhile is kept.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "helper.h"

#define MAX_RECORDS	256
/* By so much do the others outweigh a member that is reweighted. */
#define OUTWEIGH	16
#define WEIGHT_MAX	255
/* A device that was set up takes a while until nexthops may use it. */
#define TRIES		100
#define TRY_NS		100000000L

static struct deed deeds[MAX_DEEDS];
static struct record records[MAX_RECORDS];
static unsigned int n_deeds, n_records;
static const char *state_path;

int deeds_load(const char *path)
{
	state_path = path;
	return deeds_read(path, deeds, &n_deeds, records, &n_records,
			  MAX_RECORDS);
}

static int save(void)
{
	return deeds_write(state_path, deeds, n_deeds, records, n_records);
}

const struct deed *deed_at(unsigned int i)
{
	return i < n_deeds ? &deeds[i] : NULL;
}

static struct deed *find(int ifindex)
{
	unsigned int i;

	for (i = 0; i < n_deeds; i++)
		if (deeds[i].ifindex == ifindex)
			return &deeds[i];
	return NULL;
}

const struct deed *deed_of(int ifindex)
{
	return find(ifindex);
}

static const struct member *member_of(const struct group *group, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < group->n; i++)
		if (group->member[i].id == id)
			return &group->member[i];
	return NULL;
}

static void group_remove(struct group *group, unsigned int i)
{
	group->n--;
	memmove(&group->member[i], &group->member[i + 1],
		(group->n - i) * sizeof(*group->member));
}

/* The deed about the device of a nexthop, or NULL. */
static const struct deed *deed_about(uint32_t group, uint32_t id)
{
	unsigned int i, k;

	for (i = 0; i < n_deeds; i++)
		for (k = 0; k < deeds[i].n && deeds[i].group == group; k++)
			if (deeds[i].nexthop[k].id == id)
				return &deeds[i];
	return NULL;
}

/* What somebody else changed in the group since it was written last. */
static void merge(struct record *r, const struct group *now)
{
	const struct member *is, *was;
	struct member *m;
	unsigned int i;

	for (i = 0; i < r->base.n;) {
		m = &r->base.member[i];
		is = member_of(now, m->id);
		was = member_of(&r->last, m->id);
		if (was && !is && !deed_about(r->base.id, m->id)) {
			group_remove(&r->base, i);
			continue;
		}
		if (was && is && was->weight != is->weight)
			m->weight = is->weight;
		i++;
	}
	for (i = 0; i < now->n && r->base.n < MAX_MEMBERS; i++)
		if (!member_of(&r->base, now->member[i].id))
			r->base.member[r->base.n++] = now->member[i];
}

static bool any_reweighted(uint32_t group)
{
	unsigned int i;

	for (i = 0; i < n_deeds; i++)
		if (deeds[i].group == group && deeds[i].kind == DEED_REWEIGHT)
			return true;
	return false;
}

static unsigned int outweigh(unsigned int weight)
{
	if (weight > WEIGHT_MAX)
		return weight;
	return weight * OUTWEIGH < WEIGHT_MAX ? weight * OUTWEIGH : WEIGHT_MAX;
}

/* What the group is to be, with all deeds. */
static void target_of(const struct record *r, struct group *target)
{
	bool reweighted = any_reweighted(r->base.id);
	const struct deed *deed;
	struct member m;
	unsigned int i;

	*target = (struct group){ .id = r->base.id, .type = r->base.type };
	for (i = 0; i < r->base.n; i++) {
		m = r->base.member[i];
		deed = deed_about(r->base.id, m.id);
		if (deed && deed->kind != DEED_REWEIGHT)
			continue;
		if (deed)
			m.weight = 1;
		else if (reweighted)
			m.weight = outweigh(m.weight);
		target->member[target->n++] = m;
	}
}

static bool same(const struct group *a, const struct group *b)
{
	unsigned int i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->member[i].id != b->member[i].id ||
		    a->member[i].weight != b->member[i].weight)
			return false;
	return true;
}

/* The group's record, brought up to what the group is now. */
static int record_get(uint32_t id, bool may_be_gone, struct record **record,
		      struct group *now)
{
	int err = group_get(id, now);
	unsigned int i;

	if (err && !(may_be_gone && err == -ENOENT))
		return err;
	for (i = 0; i < n_records; i++) {
		if (records[i].base.id != id)
			continue;
		merge(&records[i], now);
		*record = &records[i];
		return 0;
	}
	if (err)
		return err;
	if (n_records == MAX_RECORDS)
		return -ENOSPC;
	records[n_records] = (struct record){ .base = *now, .last = *now };
	*record = &records[n_records++];
	return 0;
}

/* A group without deeds is nobody's business any more. */
static void records_prune(void)
{
	unsigned int i, k;

	for (i = 0; i < n_records;) {
		for (k = 0; k < n_deeds; k++)
			if (deeds[k].group == records[i].base.id)
				break;
		if (k < n_deeds) {
			i++;
			continue;
		}
		records[i] = records[--n_records];
	}
}

/* It is written down before it is done, lest it be forgotten half done. */
static int group_apply(struct record *r, const struct group *now)
{
	struct group target;
	int err;

	target_of(r, &target);
	if (!target.n)
		return -EBUSY;
	r->last = target;
	err = save();
	if (err || same(&target, now))
		return err;
	return group_replace(&target);
}

/* The nexthops of a group that leave by a device. */
static int nexthops_of(const struct group *group, struct deed *deed)
{
	struct nexthop nh;
	unsigned int i;

	deed->n = 0;
	for (i = 0; i < group->n; i++) {
		if (nexthop_get(group->member[i].id, &nh) ||
		    nh.ifindex != deed->ifindex)
			continue;
		if (deed->n == DEVICE_NEXTHOPS)
			return -E2BIG;
		deed->nexthop[deed->n++] = nh;
	}
	return deed->n ? 0 : -ENOENT;
}

/* Takes the device out of its group, or gives it the smallest weight. */
static int regroup(struct deed *deed)
{
	struct record *r;
	struct group now;
	int err;

	err = record_get(deed->group, false, &r, &now);
	if (err)
		return err;
	/* A climb from one rung to the next has found them before. */
	if (!deed->n) {
		err = nexthops_of(&r->base, deed);
		if (err)
			return err;
	}
	return group_apply(r, &now);
}

int deed_do(int ifindex, const char *device, enum deed_kind kind,
	    uint32_t group, bool stay)
{
	struct deed *deed = find(ifindex), before;
	bool known = deed;
	int err = 0;

	if (!known && n_deeds == MAX_DEEDS)
		return -ENOSPC;
	if (!known) {
		deed = &deeds[n_deeds++];
		*deed = (struct deed){ .ifindex = ifindex, .group = group };
		strncpy(deed->device, device, sizeof(deed->device) - 1);
	}
	before = *deed;
	deed->kind = kind;
	deed->stay = stay;
	if (deed->group)
		err = regroup(deed);
	if (!err)
		err = save();
	if (!err && kind == DEED_DOWN)
		err = device_set(ifindex, false);
	if (!err)
		return 0;
	if (known)
		*deed = before;
	else
		n_deeds--;
	records_prune();
	save();
	return err;
}

/* Nexthops whose device lost its carrier are gone. */
static int nexthop_restore(const struct nexthop *nh)
{
	const struct timespec nap = { .tv_nsec = TRY_NS };
	struct nexthop now;
	unsigned int i;
	int err;

	if (!nexthop_get(nh->id, &now))
		return now.ifindex == nh->ifindex ? 0 : -EEXIST;
	for (i = 0; i < TRIES; i++) {
		err = nexthop_make(nh);
		if (err != -ENETDOWN && err != -ENETUNREACH &&
		    err != -EHOSTUNREACH)
			return err;
		nanosleep(&nap, NULL);
	}
	return err;
}

static int rejoin(const struct deed *deed)
{
	struct record *r;
	struct group now;
	unsigned int i;
	int err;

	for (i = 0; i < deed->n; i++) {
		err = nexthop_restore(&deed->nexthop[i]);
		if (err)
			return err;
	}
	err = record_get(deed->group, true, &r, &now);
	return err ? err : group_apply(r, &now);
}

/* Nothing is known of it: it is right if the group has the device. */
static int check_member(int ifindex, uint32_t group)
{
	struct deed deed = { .ifindex = ifindex };
	struct group now;

	if (!group)
		return 0;
	if (group_get(group, &now) || nexthops_of(&now, &deed))
		return -ENODATA;
	return 0;
}

int deed_undo(int ifindex, uint32_t group)
{
	struct deed *deed = find(ifindex), undone;
	unsigned int at;
	int err = 0;

	if (!deed)
		return check_member(ifindex, group);
	undone = *deed;
	at = deed - deeds;
	if (undone.kind == DEED_DOWN)
		err = device_set(ifindex, true);
	if (err)
		return err;
	n_deeds--;
	memmove(deed, deed + 1, (n_deeds - at) * sizeof(*deed));
	if (undone.group)
		err = rejoin(&undone);
	if (err)
		deeds[n_deeds++] = undone;
	records_prune();
	return save() ? -EIO : err;
}
