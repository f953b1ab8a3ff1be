// SPDX-License-Identifier: GPL-2.0-only
/* The helper's memory: a JSON file that is replaced as a whole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "helper.h"

static const char *const kinds[DEED_KINDS] = { "drain", "reweight", "down" };

static json_t *members_json(const struct group *group)
{
	json_t *all = json_array();
	unsigned int i;

	for (i = 0; i < group->n; i++)
		json_array_append_new(all,
				      json_pack("[I, I]",
						(json_int_t)group->member[i].id,
						(json_int_t)group->member[i].weight));
	return all;
}

static json_t *nexthops_json(const struct deed *deed)
{
	const struct nexthop *nh;
	json_t *all = json_array();
	char hex[33];
	unsigned int i, k;

	for (i = 0; i < deed->n; i++) {
		nh = &deed->nexthop[i];
		*hex = 0;
		for (k = 0; k < nh->gateway_len; k++)
			snprintf(hex + 2 * k, 3, "%02x", nh->gateway[k]);
		json_array_append_new(all,
				      json_pack("{s:I, s:i, s:i, s:i, s:I, s:s, s:b}",
						"id", (json_int_t)nh->id,
						"ifindex", nh->ifindex,
						"family", nh->family,
						"protocol", nh->protocol,
						"flags", (json_int_t)nh->flags,
						"gateway", hex,
						"encap", nh->encap));
	}
	return all;
}

int deeds_write(const char *path, const struct deed *deeds,
		unsigned int n_deeds, const struct record *records,
		unsigned int n_records)
{
	json_t *root = json_object(), *list = json_array();
	const struct deed *d;
	char temporary[4096];
	unsigned int i;
	int err = 0;

	for (i = 0; i < n_deeds; i++) {
		d = &deeds[i];
		json_array_append_new(list,
				      json_pack("{s:i, s:s, s:s, s:I, s:b, s:o}",
						"ifindex", d->ifindex,
						"device", d->device,
						"kind", kinds[d->kind],
						"group", (json_int_t)d->group,
						"stay", d->stay,
						"nexthops", nexthops_json(d)));
	}
	json_object_set_new(root, "deeds", list);
	list = json_array();
	for (i = 0; i < n_records; i++)
		json_array_append_new(list,
				      json_pack("{s:I, s:i, s:o, s:o}",
						"id", (json_int_t)records[i].base.id,
						"type", records[i].base.type,
						"base", members_json(&records[i].base),
						"last", members_json(&records[i].last)));
	json_object_set_new(root, "groups", list);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	if (json_dump_file(root, temporary, JSON_INDENT(1)) ||
	    rename(temporary, path))
		err = errno ? -errno : -EIO;
	json_decref(root);
	return err;
}

static int members_read(json_t *all, struct group *group)
{
	json_t *pair;
	size_t i;

	if (json_array_size(all) > MAX_MEMBERS)
		return -EINVAL;
	json_array_foreach(all, i, pair) {
		group->member[i].id =
			json_integer_value(json_array_get(pair, 0));
		group->member[i].weight =
			json_integer_value(json_array_get(pair, 1));
		if (!group->member[i].id || !group->member[i].weight ||
		    group->member[i].weight > 65536)
			return -EINVAL;
	}
	group->n = json_array_size(all);
	return 0;
}

static int gateway_read(const char *hex, struct nexthop *nh)
{
	unsigned int byte, i, len = strlen(hex) / 2;

	if (len > sizeof(nh->gateway))
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return -EINVAL;
		nh->gateway[i] = byte;
	}
	nh->gateway_len = len;
	return 0;
}

static int nexthops_read(json_t *all, struct deed *deed)
{
	json_int_t id, flags;
	int family, protocol, encap;
	struct nexthop *nh;
	const char *hex;
	json_t *json;
	size_t i;

	if (json_array_size(all) > DEVICE_NEXTHOPS)
		return -EINVAL;
	json_array_foreach(all, i, json) {
		nh = &deed->nexthop[i];
		if (json_unpack(json, "{s:I, s:i, s:i, s:i, s:I, s:s, s:b}",
				"id", &id, "ifindex", &nh->ifindex,
				"family", &family, "protocol", &protocol,
				"flags", &flags, "gateway", &hex,
				"encap", &encap) || gateway_read(hex, nh))
			return -EINVAL;
		nh->id = id;
		nh->family = family;
		nh->protocol = protocol;
		nh->flags = flags;
		nh->encap = encap;
	}
	deed->n = json_array_size(all);
	return 0;
}

static int deed_read(json_t *json, struct deed *deed)
{
	const char *device, *kind;
	json_t *nexthops;
	json_int_t group;
	int stay;

	*deed = (struct deed){};
	if (json_unpack(json, "{s:i, s:s, s:s, s:I, s:b, s:o}",
			"ifindex", &deed->ifindex, "device", &device,
			"kind", &kind, "group", &group, "stay", &stay,
			"nexthops", &nexthops))
		return -EINVAL;
	strncpy(deed->device, device, sizeof(deed->device) - 1);
	for (; deed->kind < DEED_KINDS; deed->kind++)
		if (!strcmp(kinds[deed->kind], kind))
			break;
	deed->group = group;
	deed->stay = stay;
	return deed->kind == DEED_KINDS ? -EINVAL :
					  nexthops_read(nexthops, deed);
}

static int record_read(json_t *json, struct record *record)
{
	json_t *base, *last;
	json_int_t id;
	int type;

	*record = (struct record){};
	if (json_unpack(json, "{s:I, s:i, s:o, s:o}", "id", &id, "type", &type,
			"base", &base, "last", &last))
		return -EINVAL;
	record->base.id = id;
	record->base.type = type;
	record->last.id = id;
	record->last.type = type;
	return members_read(base, &record->base) ?:
	       members_read(last, &record->last);
}

int deeds_read(const char *path, struct deed *deeds, unsigned int *n_deeds,
	       struct record *records, unsigned int *n_records,
	       unsigned int max)
{
	json_t *root, *list, *json;
	int err = 0;
	size_t i;

	*n_deeds = *n_records = 0;
	errno = 0;
	root = json_load_file(path, 0, NULL);
	if (!root)
		return errno == ENOENT ? 0 : -EINVAL;
	list = json_object_get(root, "deeds");
	if (json_array_size(list) > MAX_DEEDS)
		err = -EINVAL;
	json_array_foreach(list, i, json) {
		if (err)
			break;
		err = deed_read(json, &deeds[i]);
		*n_deeds = i + 1;
	}
	list = json_object_get(root, "groups");
	if (json_array_size(list) > max)
		err = -EINVAL;
	json_array_foreach(list, i, json) {
		if (err)
			break;
		err = record_read(json, &records[i]);
		*n_records = i + 1;
	}
	json_decref(root);
	if (err)
		*n_deeds = *n_records = 0;
	return err;
}
