// SPDX-License-Identifier: GPL-2.0-only
/*
 * "ext report": the page that is read at night. What happened in words, on which
 * source line, in which object, after which calls, what was taken back, what to do.
 */
#include <string.h>
#include <unistd.h>
#include <sys/utsname.h>

#include "ext.h"
#include "words.h"

#define A(name) ASHLAR_EXT_A_REPORT_##name

/* What to do about a cause; the others take a look at the line. */
static const struct {
	const char *fault;
	const char *advice;
} advices[] = {
	{ "range",
	  "follow the pointer back to where it was set, or see whether it was looked at" },
	{ "bounds",
	  "compare the index with the object's size; after ext_free() forget the pointer" },
	{ "object",
	  "compare the index with the array's size" },
	{ "readonly",
	  "copy what is to be changed; write packets by ext_span_w() alone" },
	{ "null",
	  "look whether the call returned NULL before its result is used" },
	{ "fuel",
	  "bound the loop; if it has to run so long, \"ashlar ext set NAME fuel N\"" },
	{ "stack",
	  "make a loop of the recursion, or bound its depth" },
	{ "ustack",
	  "make the local arrays smaller, or ext_alloc() them" },
	{ "div",
	  "look at the divisor first" },
	{ "shift",
	  "keep the shift below the width of the value" },
	{ "icall",
	  "look where the function pointer is set" },
	{ "overflow",
	  "use ext_alloc_array(), or check the product" },
	{ "race",
	  "take the same lock around all accesses" },
	{ "stopped",
	  "it was somebody else: see the log of what was done at that time" },
	{ "trap",
	  "follow the pointer or the value back to where it was set" },
	{ "handle",
	  "give each owned handle back once, and use none after that" },
	{ "buffer",
	  "give the call as many bytes as the object has" },
	{ "free",
	  "free once; forget the pointer then" },
	{ "refcount",
	  "count who holds the object: one put is too many" },
	{ "lock-order",
	  "take locks in rising order of rank" },
	{ "lock-held",
	  "let go of the lock on every way out, and take it once" },
	{ "lock-time",
	  "do less under the lock; if it has to take so long, \"ashlar ext set NAME lock-us N\"" },
	{ "context",
	  "what sleeps belongs into EXT_WORK" },
	{ "argument",
	  "see the call in Documentation/ext.md" },
	{ "verdict",
	  "return EXT_ACCEPT or EXT_DROP on every way out" },
};

static void line(const char *what, const char *text)
{
	printf("  %-14s %s\n", what, text);
}

/* The sentence of an enum's value. */
static const char *sentence(unsigned int attr, const char *name)
{
	const struct spec_enum *values;
	unsigned int i;

	values = ext_report_object.set->attrs[attr].values;
	for (i = 0; i < values->n; i++)
		if (!strcmp(values->values[i].name, name))
			return values->values[i].doc;
	return name;
}

static long long hex(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	unsigned long long value = 0;

	if (text)
		sscanf(text, "%llx", &value);
	return value;
}

static void happened_line(json_t *report)
{
	const char *text = cell_word(report, "text");

	line("what", sentence(A(FAULT), cell_word(report, "fault")));
	if (cell_has(report, "text"))
		line("", text);
}

/* What has a size. */
static const struct {
	const char *place;
	const char *noun;
} nouns[] = {
	{ "image", "a constant" },
	{ "state", "the private state" },
	{ "heap", "a block of memory" },
	{ "freed", "a block of memory that was freed" },
	{ "redzone", "the object before it" },
	{ "stack", "a local variable" },
	{ "map", "a value of a map" },
	{ "packet", "the packet" },
};

static const char *noun_of(const char *place)
{
	size_t i;

	for (i = 0; i < sizeof(nouns) / sizeof(*nouns); i++)
		if (!strcmp(nouns[i].place, place))
			return nouns[i].noun;
	return NULL;
}

static void object_line(json_t *report)
{
	const char *noun = noun_of(cell_word(report, "place"));
	long long at = cell_number(report, "object-offset");
	long long size = cell_number(report, "object-size");
	char text[256];

	if (!noun || !size)
		snprintf(text, sizeof(text), "%s",
			 sentence(A(PLACE), cell_word(report, "place")));
	else if (at >= size)
		snprintf(text, sizeof(text),
			 "%s, of %lld bytes: this is %lld beyond its end", noun,
			 size, at - size);
	else
		snprintf(text, sizeof(text),
			 "%s, of %lld bytes: this is at its byte %lld", noun,
			 size, at);
	line("object", text);
}

static void access_line(json_t *report)
{
	const char *address = "an address of the kernel";
	char text[128];

	if (cell_has(report, "address"))
		address = cell_word(report, "address");
	else if (cell_has(report, "arena-offset"))
		address = cell_word(report, "arena-offset");
	if (cell_number(report, "size"))
		snprintf(text, sizeof(text), "a %s of %lld bytes at %s",
			 cell_has(report, "write") ? "write" : "read",
			 cell_number(report, "size"), address);
	else
		snprintf(text, sizeof(text), "%s", address);
	if (!cell_has(report, "place"))
		return;
	line(cell_number(report, "size") ? "access" : "value", text);
	if (strcmp(cell_word(report, "place"), "unknown"))
		object_line(report);
}

/* The file that was left by "ext load", or the module where modules are. */
static bool find_module(json_t *report, char *path, size_t size)
{
	const char *module = cell_word(report, "module");
	struct utsname host;

	snprintf(path, size, EXT_DIR "/%s.ko", module);
	if (!access(path, R_OK))
		return true;
	if (uname(&host))
		return false;
	snprintf(path, size, "/lib/modules/%s/updates/%s.ko", host.release,
		 module);
	if (!access(path, R_OK))
		return true;
	snprintf(path, size, "/lib/modules/%s/extra/%s.ko", host.release,
		 module);
	return !access(path, R_OK);
}

/*
 * Return: how many frames; 0 with a reason in @why. A check's report tells the
 * address behind its call, a trap's the instruction.
 */
static unsigned int resolve(json_t *report, const char *key, const char *given,
			    struct ext_frame *frames, char *why, size_t size)
{
	bool exact = cell_is(report, "fault", "trap");
	uint64_t start, offset = hex(report, key);
	char path[256], section[64];
	struct ext_file file;
	unsigned int n = 0;

	if (!cell_has(report, key)) {
		snprintf(why, size, "it was not running code of its own");
		return 0;
	}
	snprintf(path, sizeof(path), "%s", given ? given : "");
	if (!given && !find_module(report, path, sizeof(path))) {
		snprintf(why, size, "its module's file is not known: say \"ashlar ext report NAME module FILE\"");
		return 0;
	}
	if (ext_file_read(&file, path)) {
		snprintf(why, size, "%.200s cannot be read", path);
		return 0;
	}
	if (strcmp(file.name, cell_word(report, "module")))
		snprintf(why, size, "%.120s is %s, not %s", path, file.name,
			 cell_word(report, "module"));
	else if (!ext_file_symbol(&file, "ashlar_text_start", section,
				  sizeof(section), &start))
		snprintf(why, size, "%.200s has no symbols", path);
	else
		n = ext_lines(path, section, start + offset - !exact, frames);
	if (!n && !*why)
		snprintf(why, size, "%.160s has no debugging information, or binutils is not installed",
			 path);
	ext_file_free(&file);
	return n;
}

static void where_lines(json_t *report, const char *key, const char *what, const char *given)
{
	struct ext_frame frames[EXT_FRAMES];
	char text[352], why[320] = "";
	unsigned int i, n;

	n = resolve(report, key, given, frames, why, sizeof(why));
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s %s()", frames[i].line,
			 frames[i].function);
		line(i ? "  inlined into" : what, text);
	}
	if (n)
		return;
	snprintf(text, sizeof(text), "code offset %s: %s",
		 cell_word(report, key), why);
	line(what, cell_has(report, key) ? text : why);
}

static void call_lines(json_t *report)
{
	json_t *calls = json_object_get(report, "call"), *call;
	json_t *arguments = json_object_get(report, "call-arg");
	char text[128];
	size_t i;

	json_array_foreach(calls, i, call) {
		snprintf(text, sizeof(text), "ext_%s(%s, ...)",
			 json_string_value(call),
			 json_string_value(json_array_get(arguments, i)));
		line(i ? "" : "last calls", text);
	}
	if (!json_array_size(calls))
		line("last calls", "none");
}

static void reclaimed_line(json_t *report)
{
	json_t *kinds = json_object_get(report, "reclaimed"), *kind;
	json_t *counts = json_object_get(report, "reclaimed-count");
	char text[256] = "nothing";
	size_t i, len = 0;
	long long n;

	json_array_foreach(kinds, i, kind) {
		n = json_integer_value(json_array_get(counts, i));
		if (n && len < sizeof(text))
			len += snprintf(text + len, sizeof(text) - len,
					"%s%lld %s%s", len ? ", " : "", n,
					json_string_value(kind), n > 1 ? "s" : "");
	}
	if (cell_number(report, "bytes") && len < sizeof(text))
		snprintf(text + len, sizeof(text) - len, ", %lld bytes of memory",
			 cell_number(report, "bytes"));
	line("taken back", text);
}

static void log_lines(json_t *report)
{
	json_t *lines = json_object_get(report, "log"), *text;
	size_t i;

	json_array_foreach(lines, i, text)
		line(i ? "" : "its own words", json_string_value(text));
}

static void now_line(json_t *report)
{
	const char *name = cell_word(report, "name");
	char text[256];

	if (cell_has(report, "rolled-back"))
		snprintf(text, sizeof(text), "it was on trial; the version before it runs again");
	else if (cell_has(report, "ext-quarantined"))
		snprintf(text, sizeof(text),
			 "one fault too many: quarantined everywhere; approve it anew when it is mended");
	else
		snprintf(text, sizeof(text),
			 "quarantined: packets get the failure verdict until \"ashlar ext restart %s\" or \"ashlar ext detach %s\"",
			 name, name);
	line("now", text);
}

static void advice_line(json_t *report)
{
	const char *fault = cell_word(report, "fault");
	size_t i;

	for (i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		if (!strcmp(advices[i].fault, fault)) {
			line("to do", advices[i].advice);
			return;
		}
	line("to do", "see the line");
}

static void print_report(json_t *report, const char *file)
{
	char age[32], netns[64], text[192];

	cell_msecs(cell_number(report, "age-ms"), age, sizeof(age));
	ext_netns(report, netns, sizeof(netns));
	printf("%s %s, build %s, ended %s ago in %s, fault %lld\n",
	       cell_word(report, "name"), cell_word(report, "version"),
	       cell_word(report, "build"), age, netns,
	       cell_number(report, "faults"));
	happened_line(report);
	where_lines(report, "offset", "where", file);
	if (cell_has(report, "other-offset"))
		where_lines(report, "other-offset", "against", file);
	snprintf(text, sizeof(text), "%s (%s), on CPU %lld, in task %s",
		 cell_word(report, "entry"), cell_word(report, "kind"),
		 cell_number(report, "cpu"), cell_word(report, "task"));
	line("entry", cell_has(report, "entry") ? text : "none");
	access_line(report);
	call_lines(report);
	reclaimed_line(report);
	log_lines(report);
	now_line(report);
	advice_line(report);
}

/* In JSON the lines stand beside what the kernel tells. */
static void add_lines(json_t *report, const char *file)
{
	struct ext_frame frames[EXT_FRAMES];
	json_t *functions = json_array(), *lines = json_array(), *others = json_array();
	char why[320] = "";
	unsigned int i, n;

	n = resolve(report, "offset", file, frames, why, sizeof(why));
	for (i = 0; i < n; i++) {
		json_array_append_new(functions, json_string(frames[i].function));
		json_array_append_new(lines, json_string(frames[i].line));
	}
	n = resolve(report, "other-offset", file, frames, why, sizeof(why));
	for (i = 0; i < n; i++)
		json_array_append_new(others, json_string(frames[i].line));
	json_object_set_new(report, "function", functions);
	json_object_set_new(report, "line", lines);
	if (n)
		json_object_set(report, "other-line", others);
	json_decref(others);
}

static int show_reports(const char *name, const char *file)
{
	json_t *reports = NULL, *report;
	struct request req;
	int status;
	size_t i;

	sock_request(&req, &ext_report_object, ASHLAR_EXT_CMD_REPORT_GET,
		     name ? 0 : NLM_F_DUMP);
	if (name)
		mnl_attr_put_strz(req.nlh, A(NAME), name);
	status = show_ask(&req, &reports);
	json_array_foreach(reports, i, report) {
		if (tool.json)
			add_lines(report, file);
		else
			print_report(report, file);
	}
	if (!status && tool.json)
		show_json(reports);
	else if (!status && !json_array_size(reports))
		puts("nothing went wrong here");
	json_decref(reports);
	return status;
}

int ext_report_run(int argc, char **argv)
{
	struct words words = { argc, argv };
	const char *name = NULL, *file = NULL;
	int status;

	if (words.argc && !words_key_is(&words, "module")) {
		name = words.argv[0];
		words.argc--;
		words.argv++;
	}
	while (words.argc) {
		if (!words_key_is(&words, "module"))
			return misuse("\"%s\": ext report knows no such key",
				      words.argv[0]);
		status = words_value(&words, &file);
		if (status)
			return status;
	}
	if (file && access(file, R_OK))
		return misuse("\"%s\": cannot be read", file);
	return show_reports(name, file);
}
