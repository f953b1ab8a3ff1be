// SPDX-License-Identifier: GPL-2.0-only
/* The object stats: the counters of all modules that are loaded. */
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"

/* In the order in which they are shown; named by their only verb. */
static const struct object *const parts[] = {
	&overlay_stats_object, &link_stats_object, &ext_stats_object, NULL,
};

static int stats_get(const struct object *part, json_t **json)
{
	struct answer answer = {};
	struct request req;
	int status;

	sock_request(&req, part, part->verbs->cmd, 0);
	status = sock_open(part);
	if (status)
		return status;
	sock_address(&req);
	status = sock_show(&req, &answer);
	if (!status && answer.len)
		*json = decode(part->set,
			       (const struct nlmsghdr *)answer.data);
	free(answer.data);
	return status;
}

static void stats_text(const struct object *part, json_t *json, bool titled)
{
	const struct spec_set *set = part->set;
	const struct spec_attr *spec;
	int width = 0, len;
	unsigned int i;
	json_t *value;

	if (titled)
		printf("%s:\n", part->module);
	for (i = 1; i <= set->max; i++) {
		len = set->attrs[i].name ? strlen(set->attrs[i].name) : 0;
		width = len > width ? len : width;
	}
	for (i = 1; i <= set->max; i++) {
		spec = &set->attrs[i];
		value = spec->name ? json_object_get(json, spec->name) : NULL;
		if (!value)
			continue;
		printf("%-*s  %12lld%s%s\n", width, spec->name,
		       json_integer_value(value), tool.stats ? "  " : "",
		       tool.stats && spec->doc ? spec->doc : "");
	}
}

static bool wanted(const struct object *part, const char *name)
{
	return name ? !strcmp(part->verbs->name, name) : sock_loaded(part);
}

/* No two modules count under one name: all are keys of one object. */
static int stats_show(const char *name, unsigned int n)
{
	json_t *all = json_object(), *json;
	const struct object *const *part;
	int status = STATUS_OK;

	for (part = parts; *part && !status; part++) {
		if (!wanted(*part, name))
			continue;
		json = NULL;
		status = stats_get(*part, &json);
		if (!json)
			continue;
		if (tool.json)
			json_object_update(all, json);
		else
			stats_text(*part, json, n > 1);
		json_decref(json);
	}
	if (!status && tool.json)
		show_json(all);
	json_decref(all);
	return status;
}

static int stats_run(int argc, char **argv)
{
	const char *name = argc ? argv[0] : NULL;
	const struct object *const *part;
	unsigned int n = 0;

	if (argc > 1)
		return misuse("\"%s\": stats show takes one module at most",
			      argv[1]);
	for (part = parts; *part; part++)
		n += name ? wanted(*part, name) : 0;
	if (name && !n)
		return misuse("\"%s\": must be overlay, link or ext", name);
	for (part = parts; *part && !name; part++)
		n += wanted(*part, NULL);
	if (!n)
		return refused("no module of the suite is loaded: modprobe ashlar_overlay, ashlar_link or ashlar_ext");
	return stats_show(name, n);
}

static const struct arg stats_args[] = {
	{ .value = "overlay|link|ext", .put = put_local, .choices = "overlay link ext",
	  .help = "only this module's" },
	{},
};

static const struct verb stats_verbs[] = {
	{ .name = "show", .kind = VERB_LOCAL, .run = stats_run,
	  .args = stats_args,
	  .help = "show the counters of the modules that are loaded",
	  .example = "-s stats show\0"
		"With -s, what each of them means." },
	{},
};

const struct object stats_object = {
	.name = "stats",
	.help = "the host's counters: one for each way things may go",
	.verbs = stats_verbs,
};
