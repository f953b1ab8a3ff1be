// SPDX-License-Identifier: GPL-2.0-only
/* "ext show": extensions, where they are approved, at work and attached, on one screen. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "ext.h"
#include "words.h"

#define A(set, name) ASHLAR_EXT_A_##set##_##name
#define CMD(name) ASHLAR_EXT_CMD_##name
#define NETNS_DIR "/run/netns"

const char *const ext_brief[] = {
	"name", "version", "build", "module", "quarantined", "faults", NULL,
};

const char *const ext_instance_brief[] = {
	"name", "version", "build", "state", "trial-ms", "faults", "last-fault",
	NULL,
};

const char *const ext_report_brief[] = {
	"name", "build", "fault", "text", "entry", "offset", "place",
	"rolled-back", NULL,
};

int ext_dump(const struct object *part, uint8_t cmd, uint16_t name_attr,
	     const char *name, uint16_t flag, json_t **array)
{
	struct request req;

	sock_request(&req, part, cmd, NLM_F_DUMP);
	if (name)
		mnl_attr_put_strz(req.nlh, name_attr, name);
	if (flag)
		mnl_attr_put(req.nlh, flag, 0, NULL);
	return show_ask(&req, array);
}

void ext_netns(json_t *object, char *text, size_t size)
{
	long long inode = cell_number(object, "netns");
	DIR *dir = opendir(NETNS_DIR);
	struct dirent *entry;
	struct stat st;

	snprintf(text, size, "%lld", inode);
	if (!stat("/proc/1/ns/net", &st) && (long long)st.st_ino == inode)
		snprintf(text, size, "host");
	while (dir && (entry = readdir(dir)))
		if (!fstatat(dirfd(dir), entry->d_name, &st, 0) &&
		    (long long)st.st_ino == inode)
			snprintf(text, size, "%.60s", entry->d_name);
	if (dir)
		closedir(dir);
}

void ext_size(long long bytes, char *text, size_t size)
{
	if (bytes && bytes % (1 << 20) == 0)
		snprintf(text, size, "%lldM", bytes >> 20);
	else if (bytes && bytes % (1 << 10) == 0)
		snprintf(text, size, "%lldK", bytes >> 10);
	else
		snprintf(text, size, "%lld", bytes);
}

static void quota_text(json_t *object, char *text, size_t size)
{
	long long cpu = cell_number(object, "cpu-permille");
	char memory[32], pps[32] = "any", share[32] = "any";

	ext_size(cell_number(object, "memory"), memory, sizeof(memory));
	if (cell_number(object, "pps"))
		snprintf(pps, sizeof(pps), "%lld", cell_number(object, "pps"));
	if (cpu)
		snprintf(share, sizeof(share), "%lld.%lld%%", cpu / 10, cpu % 10);
	snprintf(text, size, "memory %s, fuel %lld, lock %lldus, pps %s, cpu %s",
		 memory, cell_number(object, "fuel"),
		 cell_number(object, "lock-ns") / 1000, pps, share);
}

static void print_approval(json_t *approval)
{
	char netns[64] = "any namespace", quota[192];

	if (!cell_has(approval, "any"))
		ext_netns(approval, netns, sizeof(netns));
	quota_text(approval, quota, sizeof(quota));
	printf("  approved     %s: %s\n", netns, quota);
}

static void print_hook(json_t *hook)
{
	printf("    hook       %s%s%s, %s, priority %lld: %s, or on failure %s\n",
	       cell_word(hook, "hook"), cell_has(hook, "device") ? " " : "",
	       cell_has(hook, "device") ? cell_word(hook, "device") : "",
	       cell_word(hook, "family"), cell_number(hook, "priority"),
	       cell_word(hook, "entry"), cell_word(hook, "fail"));
}

static void print_state(json_t *instance)
{
	const char *state = cell_word(instance, "state");
	char age[32], netns[64], trial[64] = "", left[32];

	cell_msecs(cell_number(instance, "age-ms"), age, sizeof(age));
	ext_netns(instance, netns, sizeof(netns));
	if (cell_has(instance, "trial-ms")) {
		cell_msecs(cell_number(instance, "trial-ms"), left, sizeof(left));
		snprintf(trial, sizeof(trial), ", %s of trial left", left);
	}
	printf("  %-11s  in %s for %s, build %s%s\n", state, netns, age,
	       cell_word(instance, "build"), trial);
	if (!strcmp(state, "quarantined"))
		printf("    why        %s: see \"ashlar ext report %s\"\n",
		       cell_word(instance, "last-fault"),
		       cell_word(instance, "name"));
}

static void print_instance(json_t *instance, json_t *hooks)
{
	char used[32], memory[32], quota[192];
	json_t *hook;
	size_t i;

	print_state(instance);
	json_array_foreach(hooks, i, hook)
		if (cell_number(hook, "netns") == cell_number(instance, "netns") &&
		    strcmp(cell_word(instance, "state"), "frozen"))
			print_hook(hook);
	printf("    verdicts   %lld accepted, %lld dropped; on failure %lld accepted, %lld dropped\n",
	       cell_number(instance, "accepted"),
	       cell_number(instance, "dropped"),
	       cell_number(instance, "failed-accepted"),
	       cell_number(instance, "failed-dropped"));
	ext_size(cell_number(instance, "memory-used"), used, sizeof(used));
	ext_size(cell_number(instance, "memory"), memory, sizeof(memory));
	printf("    use        memory %s of %s, fuel %lld of %lld at most, %lld runs, %lld faults\n",
	       used, memory, cell_number(instance, "fuel-max"),
	       cell_number(instance, "fuel"), cell_number(instance, "runs"),
	       cell_number(instance, "faults"));
	if (!tool.stats)
		return;
	quota_text(instance, quota, sizeof(quota));
	printf("    quota      %s\n", quota);
}

static void print_entries(json_t *ext)
{
	json_t *names = json_object_get(ext, "entry");
	json_t *kinds = json_object_get(ext, "entry-kind");
	json_t *maps = json_object_get(ext, "map"), *name;
	size_t i;

	json_array_foreach(names, i, name)
		printf("%s%s (%s)", i ? ", " : "  entries      ",
		       json_string_value(name),
		       json_string_value(json_array_get(kinds, i)));
	if (json_array_size(names))
		putchar('\n');
	json_array_foreach(maps, i, name)
		printf("%s%s", i ? ", " : "  maps         ",
		       json_string_value(name));
	if (json_array_size(maps))
		putchar('\n');
}

static void print_ext(json_t *ext)
{
	json_t *hooks = json_object_get(ext, "hooks"), *part;
	char age[32];
	size_t i;

	cell_msecs(cell_number(ext, "age-ms"), age, sizeof(age));
	printf("%s %s, build %s, %s%s, loaded %s ago%s\n",
	       cell_word(ext, "name"), cell_word(ext, "version"),
	       cell_word(ext, "build"),
	       cell_has(ext, "precise") ? "precise checks" : "range checks",
	       cell_has(ext, "race") ? ", reports races" : "", age,
	       cell_has(ext, "quarantined") ?
	       "; QUARANTINED everywhere: approve it anew" : "");
	print_entries(ext);
	json_array_foreach(json_object_get(ext, "approvals"), i, part)
		print_approval(part);
	json_array_foreach(json_object_get(ext, "instances"), i, part)
		print_instance(part, hooks);
	if (!json_array_size(json_object_get(ext, "approvals")))
		puts("  approved     nowhere: see \"ashlar help ext approve\"");
}

/* Those of @parts that are the extension's, and its build's if they tell one. */
static void adopt(json_t *ext, const char *key, json_t *parts)
{
	json_t *mine = json_array(), *part;
	size_t i;

	json_array_foreach(parts, i, part) {
		if (strcmp(cell_word(part, "name"), cell_word(ext, "name")))
			continue;
		if (cell_has(part, "build") &&
		    strcmp(cell_word(part, "build"), cell_word(ext, "build")))
			continue;
		json_array_append(mine, part);
	}
	json_object_set_new(ext, key, mine);
}

static int ask_all(const char *name, bool all, json_t **exts, json_t **parts)
{
	int status;

	status = ext_dump(&ext_object, CMD(EXT_GET), 0, NULL, 0, exts);
	if (!status)
		status = ext_dump(&ext_approval_object, CMD(APPROVAL_GET),
				  A(APPROVAL, NAME), name, 0, &parts[0]);
	if (!status)
		status = ext_dump(&ext_instance_object, CMD(INSTANCE_GET), 0,
				  NULL, all ? A(INSTANCE, ALL) : 0, &parts[1]);
	if (!status)
		status = ext_dump(&ext_hook_object, CMD(HOOK_GET), A(HOOK, NAME),
				  name, all ? A(HOOK, ALL) : 0, &parts[2]);
	return status;
}

/* Of the extensions those of that name: one may be loaded in several builds. */
static int choose(json_t **exts, const char *name)
{
	json_t *chosen = json_array(), *ext;
	size_t i;

	json_array_foreach(*exts, i, ext)
		if (cell_is(ext, "name", name))
			json_array_append(chosen, ext);
	json_decref(*exts);
	*exts = chosen;
	if (json_array_size(chosen))
		return STATUS_OK;
	return refused("\"%s\": no such extension is loaded, or it is not approved here",
		       name);
}

static void print_exts(json_t *exts, json_t **parts)
{
	static const char *const keys[] = { "approvals", "instances", "hooks" };
	json_t *ext;
	size_t i;
	int k;

	json_array_foreach(exts, i, ext) {
		for (k = 0; k < 3; k++)
			adopt(ext, keys[k], parts[k]);
		if (tool.json)
			continue;
		if (i)
			putchar('\n');
		print_ext(ext);
	}
	if (tool.json)
		show_json(exts);
	else if (!json_array_size(exts))
		puts("no extension is loaded, or none is approved here");
}

int ext_show_run(int argc, char **argv)
{
	json_t *exts = NULL, *parts[3] = {};
	const char *name = NULL;
	bool all = false;
	int i, status;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "all") && !all)
			all = true;
		else if (!name && !i)
			name = argv[i];
		else
			return misuse("\"%s\": ext show knows no such key",
				      argv[i]);
	}
	status = ask_all(name, all, &exts, parts);
	if (!status && name)
		status = choose(&exts, name);
	if (!status)
		print_exts(exts, parts);
	json_decref(exts);
	for (i = 0; i < 3; i++)
		json_decref(parts[i]);
	return status;
}

static void map_of(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%lld:%lld", cell_number(object, "key-size"),
		 cell_number(object, "value-size"));
}

static void map_full(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%lld/%lld", cell_number(object, "entries"),
		 cell_number(object, "max-entries"));
}

static void map_memory(json_t *object, char *text, size_t size)
{
	ext_size(cell_number(object, "bytes"), text, size);
}

const struct column map_columns[] = {
	{ "EXT", NULL, "ext", false, false },
	{ "NAME", NULL, "name", false, false },
	{ "TYPE", NULL, "type", false, false },
	{ "KEY:VALUE", map_of, NULL, true, false },
	{ "ENTRIES", map_full, NULL, true, false },
	{ "SCHEMA", NULL, "schema", true, false },
	{ "MEMORY", map_memory, NULL, true, false },
	{ "LOST", NULL, "lost", true, false },
	{ "EVICTED", NULL, "evicted", true, true },
	{ "MISSED", NULL, "missed", true, true },
	{ "USERS", NULL, "users", true, true },
	{},
};
