// SPDX-License-Identifier: GPL-2.0-only
/* Help and completion, from the same tables that the commands are. */
#include <dirent.h>
#include <string.h>

#include "ashlar.h"

static const char usage_line[] =
	"Usage: ashlar [-j] [-p] [-n NETNS] [-t] [-s] [-b FILE] [-V] [-h]\n"
	"              OBJECT { show | add | set | del | flush | monitor | stats | help } ...\n";

void usage_verb(char *text, size_t size, const struct object *object,
		const struct verb *verb)
{
	const struct arg *arg;
	size_t len;

	len = snprintf(text, size, "ashlar %s %s", object->name, verb->name);
	if (verb->usage) {
		snprintf(text + len, size - len, " %s", verb->usage);
		return;
	}
	for (arg = verb->args; arg->put && len < size; arg++)
		len += snprintf(text + len, size - len, " %s%s%s%s%s",
				arg->need ? "" : "[",
				arg->key ? arg->key : "",
				arg->key && arg->value ? " " : "",
				arg->value ? arg->value : "",
				arg->need ? "" : "]");
}

void help_all(FILE *out)
{
	const struct object *const *object;

	fputs(usage_line, out);
	fputs("\nObjects:\n", out);
	for (object = objects; *object; object++)
		fprintf(out, "  %-10s  %s\n", (*object)->name, (*object)->help);
	fputs("  monitor     print what happens to all of them as it happens\n"
	      "  help        this, or \"ashlar help OBJECT [VERB]\"\n"
	      "\nOptions:\n"
	      "  -j, --json          print JSON\n"
	      "  -p, --pretty        with indentation\n"
	      "  -n, --netns NETNS   work in this network namespace\n"
	      "  -t, --timestamp     events with the time of day\n"
	      "  -s, --statistics    more columns\n"
	      "  -b, --batch FILE    read commands from FILE, - for standard input\n"
	      "  -V, --version       print the version\n"
	      "  -h, --help          print this\n"
	      "\nExample:\n"
	      "  ashlar underlay add u0 dev eth0 addr 192.168.77.1 key-file /etc/ashlar/u0.key\n"
	      "  ashlar network add 7 underlay u0 fallback vxlan7\n"
	      "  ashlar endpoint add 7 10.7.0.2 netns web dev eth0\n"
	      "  ashlar endpoint add 7 10.7.0.3 host 192.168.77.2\n"
	      "  ashlar conn show\n", out);
}

static void example(FILE *out, const struct object *object,
		    const struct verb *verb)
{
	const char *line = verb->example;
	const char *what = line + strlen(line) + 1;

	fputs("\nExample:\n  ashlar ", out);
	/* The monitor's example serves all objects. */
	if (verb->kind == VERB_MONITOR)
		fprintf(out, "-t %s monitor", object->name);
	else
		fputs(line, out);
	fputc('\n', out);
	if (*what)
		fprintf(out, "  %s\n", what);
}

void help_object(FILE *out, const struct object *object)
{
	const struct verb *verb;
	char text[512];

	fprintf(out, "%s: %s\n\n", object->name, object->help);
	for (verb = object->verbs; verb->name; verb++) {
		usage_verb(text, sizeof(text), object, verb);
		fprintf(out, "  %s\n      %s\n", text, verb->help);
	}
	for (verb = object->verbs; verb->name; verb++)
		if (!strcmp(verb->name, "add"))
			break;
	example(out, object, verb->name ? verb : object->verbs);
}

/* What the names stand for that a verb shows. */
static void legend(FILE *out, const struct spec_set *set)
{
	const struct spec_attr *attr;
	const struct spec_value *v;
	unsigned int i;

	for (i = 1; i <= set->max; i++) {
		attr = &set->attrs[i];
		if (!attr->values || !strcmp(attr->name, "event"))
			continue;
		fprintf(out, "\n%s:\n", attr->name);
		for (v = attr->values->values;
		     v < attr->values->values + attr->values->n; v++)
			fprintf(out, "  %-24s  %s\n", v->name, v->doc);
	}
}

void help_verb(FILE *out, const struct object *object, const struct verb *verb)
{
	const struct arg *arg;
	char text[512];

	usage_verb(text, sizeof(text), object, verb);
	fprintf(out, "%s\n\n%s.\n", text, verb->help);
	for (arg = verb->args; arg->put; arg++) {
		if (arg == verb->args)
			fputc('\n', out);
		snprintf(text, sizeof(text), "%s%s%s", arg->key ? arg->key : "",
			 arg->key && arg->value ? " " : "",
			 arg->value ? arg->value : "");
		fprintf(out, "  %-24s  %s\n", text, arg->help);
	}
	if (verb->kind == VERB_SHOW)
		legend(out, object->set);
	example(out, object, verb);
}

/* Completion: prints what may stand where the last word stands. */

static void offer(const char *word, const char *prefix)
{
	if (!strncmp(word, prefix, strlen(prefix)))
		puts(word);
}

static void offer_words(const char *words, const char *prefix)
{
	char word[64];
	size_t n;

	for (; *words; words += n + strspn(words + n, " ")) {
		n = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		offer(word, prefix);
	}
}

static void offer_dir(const char *path, const char *prefix)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			offer(entry->d_name, prefix);
	if (dir)
		closedir(dir);
}

static void offer_value(const struct spec_set *set, const struct arg *arg,
			const char *prefix)
{
	const struct spec_enum *values;
	unsigned int i;

	values = arg->put == put_choice ? set->attrs[arg->attr].values : NULL;
	if (values) {
		for (i = 0; i < values->n; i++)
			offer(values->values[i].name, prefix);
		return;
	}
	if (!arg->choices)
		return;
	if (!strcmp(arg->choices, "@dev"))
		offer_dir("/sys/class/net", prefix);
	else if (!strcmp(arg->choices, "@netns"))
		offer_dir("/run/netns", prefix);
	else if (!strcmp(arg->choices, "@file"))
		puts("@file");
	else
		offer_words(arg->choices, prefix);
}

static int complete_verb(const struct object *object, const struct verb *verb,
			 int argc, char **argv)
{
	const struct spec_set *set = verb->part ? verb->part->set : object->set;
	const struct arg *arg = verb->args, *a;
	uint32_t seen = 0;
	int i = 0;

	for (; arg->put && !arg->key && i < argc - 1; arg++)
		i++;
	if (arg->put && !arg->key) {
		offer_value(set, arg, argv[argc - 1]);
		if (arg->need)
			return STATUS_OK;
	}
	while (i < argc - 1) {
		for (a = verb->args; a->put; a++)
			if (a->key && !strcmp(a->key, argv[i]))
				break;
		if (!a->put)
			return STATUS_OK;
		seen |= 1u << (a - verb->args);
		i++;
		if (!a->value)
			continue;
		if (i == argc - 1) {
			offer_value(set, a, argv[i]);
			return STATUS_OK;
		}
		i++;
	}
	for (a = verb->args; a->put; a++)
		if (a->key && !(seen & 1u << (a - verb->args)))
			offer(a->key, argv[argc - 1]);
	return STATUS_OK;
}

/* @argv: the words so far, without "ashlar" and options; the last may be "" */
int complete(int argc, char **argv)
{
	const struct object *const *all;
	const struct object *object;
	const struct verb *verb;

	if (argc < 1)
		return STATUS_OK;
	if (argc == 1) {
		for (all = objects; *all; all++)
			offer((*all)->name, argv[0]);
		offer("monitor", argv[0]);
		offer("help", argv[0]);
		return STATUS_OK;
	}
	if (!strcmp(argv[0], "help")) {
		argc--;
		argv++;
		if (argc > 2)
			return STATUS_OK;
		object = argc == 2 ? find_object(argv[0]) : NULL;
		if (argc == 1)
			for (all = objects; *all; all++)
				offer((*all)->name, argv[0]);
		for (verb = object ? object->verbs : NULL; verb && verb->name; verb++)
			offer(verb->name, argv[1]);
		return STATUS_OK;
	}
	object = find_object(argv[0]);
	if (!object)
		return STATUS_OK;
	if (argc == 2) {
		for (verb = object->verbs; verb->name; verb++)
			offer(verb->name, argv[1]);
		offer("help", argv[1]);
		return STATUS_OK;
	}
	verb = find_verb(object, argv[1]);
	return verb ? complete_verb(object, verb, argc - 2, argv + 2) : STATUS_OK;
}
