// SPDX-License-Identifier: GPL-2.0-only
/* The two renderers: JSON, and text in columns. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ashlar.h"

#define CELL	256

/* What people should see at a glance. */
static const struct {
	const char *text;
	const char *colour;
} colours[] = {
	{ "fast", "\033[32m" },
	{ "local", "\033[32m" },
	{ "live", "\033[32m" },
	{ "allow", "\033[32m" },
	{ "fallback", "\033[33m" },
	{ "unknown", "\033[33m" },
	{ "lost", "\033[31m" },
	{ "gone", "\033[31m" },
	{ "deny", "\033[31m" },
	{ "healthy", "\033[32m" },
	{ "watch", "\033[32m" },
	{ "worked", "\033[32m" },
	{ "pending", "\033[33m" },
	{ "acting", "\033[33m" },
	{ "drained", "\033[33m" },
	{ "reweighted", "\033[33m" },
	{ "returning", "\033[33m" },
	{ "corrupting", "\033[31m" },
	{ "wanted", "\033[31m" },
	{ "relapsed", "\033[31m" },
	{ "running", "\033[32m" },
	{ "trial", "\033[33m" },
	{ "frozen", "\033[33m" },
	{ "quarantined", "\033[31m" },
};

/* By the first word. */
static const char *colour_of(const char *text)
{
	size_t i, len = strcspn(text, " ");

	for (i = 0; tool.colour && i < sizeof(colours) / sizeof(*colours); i++)
		if (!strncmp(colours[i].text, text, len) &&
		    !colours[i].text[len])
			return colours[i].colour;
	return NULL;
}

static size_t json_flags(void)
{
	return tool.pretty ? JSON_INDENT(4) : 0;
}

static void value_text(const json_t *value, const struct spec_attr *spec,
		       char *text, size_t size)
{
	size_t i, len = 0;
	json_t *element;

	switch (json_typeof(value)) {
	case JSON_STRING:
		snprintf(text, size, "%s", json_string_value(value));
		break;
	case JSON_INTEGER:
		snprintf(text, size, spec && (spec->type == SPEC_U16_HEX ||
					      spec->type == SPEC_U32_HEX) ?
			 "0x%llx" : "%lld", json_integer_value(value));
		break;
	case JSON_TRUE:
		snprintf(text, size, "yes");
		break;
	case JSON_ARRAY:
		*text = 0;
		json_array_foreach(value, i, element) {
			if (i && len + 1 < size)
				text[len++] = ',';
			value_text(element, spec, text + len, size - len);
			len += strlen(text + len);
		}
		break;
	default:
		snprintf(text, size, "-");
	}
}

static void cell_text(const struct column *column, json_t *object, char *text)
{
	const json_t *value;

	if (column->cell) {
		column->cell(object, text, CELL);
		return;
	}
	value = json_object_get(object, column->key);
	if (value)
		value_text(value, NULL, text, CELL);
	else
		snprintf(text, CELL, "-");
}

/* The message at @at, which is moved on to the next one; NULL at the end. */
static const struct nlmsghdr *message(const struct answer *answer, size_t *at)
{
	const struct nlmsghdr *nlh;

	if (*at >= answer->len)
		return NULL;
	nlh = (const struct nlmsghdr *)(answer->data + *at);
	*at += MNL_ALIGN(nlh->nlmsg_len);
	return nlh;
}

static int show_array(const struct object *object, const struct answer *answer)
{
	const struct nlmsghdr *nlh;
	const char *before = "[";
	json_t *json;
	size_t at;

	for (at = 0; (nlh = message(answer, &at));) {
		fputs(before, stdout);
		before = ",\n";
		json = decode(object->set, nlh);
		json_dumpf(json, stdout, json_flags());
		json_decref(json);
	}
	puts(*before == '[' ? "[]" : "]");
	return STATUS_OK;
}

static void print_cell(const struct column *column, const char *text,
		       int width, bool last)
{
	const char *colour = colour_of(text);
	int pad = width - (int)strlen(text);

	if (column->right)
		printf("%*s", pad > 0 ? pad : 0, "");
	if (colour)
		printf("%s%s\033[0m", colour, text);
	else
		fputs(text, stdout);
	if (!last && !column->right)
		printf("%*s", pad > 0 ? pad : 0, "");
	fputs(last ? "\n" : "  ", stdout);
}

static void print_note(const struct object *object, json_t *json)
{
	char text[CELL];

	if (!object->note)
		return;
	object->note(json, text, sizeof(text));
	if (*text)
		printf("    %s\n", text);
}

/* Twice over the answer: the first time to see how wide the columns are. */
static int show_text(const struct object *object, const struct answer *answer)
{
	const struct column *columns[32], *column;
	const struct nlmsghdr *nlh;
	unsigned int n = 0, i;
	int width[32], len;
	char text[CELL];
	json_t *json;
	size_t at;

	for (column = object->columns; column->head; column++) {
		if (column->stats && !tool.stats)
			continue;
		width[n] = strlen(column->head);
		columns[n++] = column;
	}
	for (at = 0; (nlh = message(answer, &at));) {
		json = decode(object->set, nlh);
		for (i = 0; i < n; i++) {
			cell_text(columns[i], json, text);
			len = strlen(text);
			if (len > width[i])
				width[i] = len;
		}
		json_decref(json);
	}
	for (i = 0; i < n; i++)
		print_cell(columns[i], columns[i]->head, width[i], i == n - 1);
	for (at = 0; (nlh = message(answer, &at));) {
		json = decode(object->set, nlh);
		for (i = 0; i < n; i++) {
			cell_text(columns[i], json, text);
			print_cell(columns[i], text, width[i], i == n - 1);
		}
		print_note(object, json);
		json_decref(json);
	}
	return STATUS_OK;
}

void show_json(json_t *json)
{
	json_dumpf(json, stdout, json_flags());
	putchar('\n');
}

/* Of one object, people who ask for more columns get all of it. */
static bool show_detail(const struct object *object,
			const struct answer *answer)
{
	size_t at = 0;
	const struct nlmsghdr *nlh = message(answer, &at);
	json_t *json;

	if (!nlh)
		return false;
	json = decode(object->set, nlh);
	object->detail(json);
	json_decref(json);
	return true;
}

int show_objects(const struct object *object, const struct answer *answer,
		 bool one)
{
	if (tool.json)
		return show_array(object, answer);
	if (one && tool.stats && object->detail && show_detail(object, answer))
		return STATUS_OK;
	return show_text(object, answer);
}

static void stamp_text(const struct timespec *now, char *text, size_t size)
{
	char day[32];
	struct tm tm;

	localtime_r(&now->tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, size, "[%s.%06ld] ", day, now->tv_nsec / 1000);
}

static json_t *stamp_json(const struct timespec *now)
{
	return json_real(now->tv_sec + now->tv_nsec / 1e9);
}

static void pair_text(const struct spec_attr *spec, json_t *message)
{
	json_t *value = json_object_get(message, spec->name);
	const char *colour;
	char text[CELL];

	if (!value || !strcmp(spec->name, "event"))
		return;
	value_text(value, spec, text, sizeof(text));
	colour = colour_of(text);
	printf(" %s %s%s%s", spec->name, colour ? colour : "", text,
	       colour ? "\033[0m" : "");
}

static bool is_told(const struct object *object, const char *name)
{
	const char *const *brief = object ? object->brief : NULL;

	while (brief && *brief && strcmp(*brief, name))
		brief++;
	return !brief || *brief;
}

/* The object that an event's set belongs to, if it is one of the tool's words. */
static const struct object *object_of(const struct spec_family *family,
				      const char *set)
{
	const struct object *const *object;

	for (object = objects; *object; object++)
		if ((*object)->family == family &&
		    !strcmp((*object)->set->name, set))
			return *object;
	for (object = event_parts; *object; object++)
		if ((*object)->family == family &&
		    !strcmp((*object)->set->name, set))
			return *object;
	return NULL;
}

static void event_text(const struct spec_family *family,
		       const struct spec_set *set, const char *stamp,
		       json_t *message)
{
	const struct object *object = object_of(family, set->name);
	const struct spec_attr *spec;
	const char *event;
	unsigned int i;

	event = json_string_value(json_object_get(message, "event"));
	printf("%s%s %s:", stamp, set->name, event ? event : "event");
	for (i = 1; i <= set->max; i++) {
		spec = &set->attrs[i];
		if (spec->name && is_told(object, spec->name))
			pair_text(spec, message);
	}
	putchar('\n');
}

/* Not zero if nobody reads any more. */
int show_event(const struct spec_family *family, const struct spec_op *op,
	       json_t *message)
{
	struct timespec now;
	char stamp[64] = "";
	json_t *line;

	clock_gettime(CLOCK_REALTIME, &now);
	if (tool.json) {
		line = json_object();
		if (tool.stamps)
			json_object_set_new(line, "timestamp", stamp_json(&now));
		json_object_set_new(line, "name", json_string(op->name));
		json_object_set(line, "msg", message);
		/* One line each, however pretty. */
		json_dumpf(line, stdout, 0);
		json_decref(line);
		putchar('\n');
	} else {
		if (tool.stamps)
			stamp_text(&now, stamp, sizeof(stamp));
		event_text(family, family_set(family, op->set), stamp, message);
	}
	return fflush(stdout);
}

void show_lost(void)
{
	puts(tool.json ? "{\"name\": \"events-lost\", \"msg\": {}}" :
			 "events lost");
	fflush(stdout);
}
