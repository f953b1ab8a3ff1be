// SPDX-License-Identifier: GPL-2.0-only
/* The objects of ashlar_ext: verbs and arguments; ext_show.c has the columns. */
#include <linux/genetlink.h>

#include "ashlar.h"
#include "ext.h"
#include "gen_ext.h"

#define A(set, name) ASHLAR_EXT_A_##set##_##name
#define CMD(name) ASHLAR_EXT_CMD_##name
#define SET(lower, upper) { \
	.name = #lower, .max = A(upper, MAX), .attrs = lower##_attrs, \
}

#define NAME_ARG(set, say, must) { \
	.value = "NAME", .put = put_string, .attr = A(set, NAME), \
	.need = must, .help = say, \
}

#define MEMORY_ARG(set) { \
	.key = "memory", .value = "SIZE", .put = put_size, \
	.attr = A(set, MEMORY), \
	.help = "memory of an instance, such as 4M; 8M if not told", \
}

#define FUEL_ARG(set) { \
	.key = "fuel", .value = "N", .put = put_u64, .attr = A(set, FUEL), \
	.help = "loop turns and calls of one invocation; 1000000 if not told", \
}

#define LOCK_ARG(set) { \
	.key = "lock-us", .value = "N", .put = put_usecs, \
	.attr = A(set, LOCK_NS), \
	.help = "microseconds that it may wait for a lock or hold one; 10000 if not told", \
}

#define PPS_ARG(set) { \
	.key = "pps", .value = "N", .put = put_u32, .attr = A(set, PPS), \
	.help = "packets a second, the others get the failure verdict; 0 for no limit", \
}

#define CPU_ARG(set) { \
	.key = "cpu", .value = "N%", .put = put_percent, \
	.attr = A(set, CPU_PERMILLE), \
	.help = "share of each CPU's time; 0 for no limit", \
}

static const struct arg no_args[] = { {} };

/* A part of "ext" that a verb of it asks for. */
#define PART(lower, upper, told) \
	static const struct spec_set lower##_set = SET(lower, upper); \
	const struct object ext_##lower##_object = { \
		.name = "ext", .brief = told, .family = &ext_family, \
		.set = &lower##_set, .module = "ashlar_ext", \
	}

/* Approvals. */

static const struct arg approve_args[] = {
	NAME_ARG(APPROVAL, "the extension", true),
	{ .key = "netns", .value = "NETNS", .put = put_netns,
	  .attr = A(APPROVAL, NETNS_FD), .choices = "@netns",
	  .help = "the namespace that it is approved for; this one if not told" },
	{ .key = "any", .put = put_flag, .attr = A(APPROVAL, ANY),
	  .help = "all namespaces" },
	MEMORY_ARG(APPROVAL),
	FUEL_ARG(APPROVAL),
	LOCK_ARG(APPROVAL),
	PPS_ARG(APPROVAL),
	CPU_ARG(APPROVAL),
	{},
};

static const struct arg revoke_args[] = {
	NAME_ARG(APPROVAL, "the extension", true),
	{ .key = "netns", .value = "NETNS", .put = put_netns,
	  .attr = A(APPROVAL, NETNS_FD), .choices = "@netns",
	  .help = "the namespace; this one if not told" },
	{ .key = "any", .put = put_flag, .attr = A(APPROVAL, ANY),
	  .help = "the approval for all namespaces; those for one stay" },
	{},
};

static int one_namespace(const struct request *req)
{
	/* The second and the third of the arguments. */
	if ((req->seen & 6) == 6)
		return misuse("\"any\": say netns or any, not both");
	return STATUS_OK;
}

PART(approval, APPROVAL, NULL);
PART(veto, VETO, NULL);

/* Instances. */

static const struct arg name_args[] = {
	NAME_ARG(INSTANCE, "the extension", true),
	{},
};

static const struct arg set_args[] = {
	NAME_ARG(INSTANCE, "the extension", true),
	MEMORY_ARG(INSTANCE),
	FUEL_ARG(INSTANCE),
	LOCK_ARG(INSTANCE),
	PPS_ARG(INSTANCE),
	CPU_ARG(INSTANCE),
	{},
};

static int set_check(const struct request *req)
{
	if (req->seen & ~1u)
		return STATUS_OK;
	return misuse("say what to set: see \"ashlar help ext set\"");
}

PART(instance, INSTANCE, ext_instance_brief);

/* Hooks. */

#define ENTRY_ARG(set, say) \
	{ .key = "entry", .value = "ENTRY", .put = put_string, \
	  .attr = A(set, ENTRY), .need = true, .help = say }
#define HOOK_ARG \
	{ .key = "hook", .value = "prerouting|input|forward|output|postrouting|ingress", \
	  .put = put_choice, .attr = A(HOOK, HOOK), .need = true, \
	  .help = "where packets are handed to it" }
#define DEV_ARG \
	{ .key = "dev", .value = "DEV", .put = put_device, \
	  .attr = A(HOOK, IFINDEX), .choices = "@dev", \
	  .help = "the device, for ingress" }

static const struct arg attach_args[] = {
	NAME_ARG(HOOK, "the extension", true),
	ENTRY_ARG(HOOK, "its function that packets are handed to"),
	HOOK_ARG,
	DEV_ARG,
	{ .key = "family", .value = "both|ipv4|ipv6", .put = put_choice,
	  .attr = A(HOOK, FAMILY),
	  .help = "of which protocol; both if not told" },
	{ .key = "priority", .value = "N", .put = put_s32,
	  .attr = A(HOOK, PRIORITY),
	  .help = "order among the hook's users, the lowest first; 0 if not told" },
	{ .key = "fail", .value = "drop|accept", .put = put_choice,
	  .attr = A(HOOK, FAIL),
	  .help = "what becomes of a packet when it cannot say: after a fault, or over its quota" },
	{},
};

static const struct arg detach_args[] = {
	NAME_ARG(HOOK, "the extension", true),
	ENTRY_ARG(HOOK, "only this one; without it, from all hooks, and its instance ends"),
	HOOK_ARG,
	DEV_ARG,
	{},
};

static bool is_ingress(const struct request *req)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, req->nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == A(HOOK, HOOK))
			return mnl_attr_get_u32(attr) == ASHLAR_EXT_HOOK_INGRESS;
	return false;
}

static int device_check(const struct request *req)
{
	bool dev = req->seen & 8;

	if (is_ingress(req) == dev)
		return STATUS_OK;
	return dev ? misuse("\"dev\": only ingress is a device's") :
		     misuse("\"dev\" is missing: ingress is a device's");
}

/* Not marked as needed in the table, so that it is this that is said. */
static int attach_check(const struct request *req)
{
	if (!(req->seen & 1u << 6))
		return misuse("\"fail\" is missing: say what becomes of packets when the extension cannot say, drop (safe for a filter) or accept");
	return device_check(req);
}

PART(hook, HOOK, NULL);

static const struct verb detach_verb = {
	.name = "detach", .cmd = CMD(HOOK_DEL), .part = &ext_hook_object,
	.args = detach_args, .check = device_check,
};

static const struct verb end_verb = {
	.name = "detach", .cmd = CMD(INSTANCE_DEL),
	.part = &ext_instance_object, .args = name_args,
};

static int detach_run(int argc, char **argv)
{
	return run_verb(&ext_object, argc == 1 ? &end_verb : &detach_verb, argc,
			argv);
}

/* Reports, requests, lines. */

static const struct arg request_args[] = {
	NAME_ARG(REQUEST, "the extension", true),
	ENTRY_ARG(REQUEST, "its function that answers"),
	{ .key = "hex", .value = "DIGITS", .put = put_hex,
	  .attr = A(REQUEST, DATA), .help = "what it is given, as hexadecimal digits" },
	{ .key = "text", .value = "TEXT", .put = put_text,
	  .attr = A(REQUEST, DATA), .help = "what it is given, as it is" },
	{},
};

static int request_check(const struct request *req)
{
	if ((req->seen & 12) == 12)
		return misuse("\"text\": say hex or text, not both");
	return STATUS_OK;
}

const struct verb ext_request_verb = {
	.name = "request", .cmd = CMD(REQUEST), .args = request_args,
	.check = request_check,
};

PART(report, REPORT, ext_report_brief);
PART(log, LOG, NULL);
PART(request, REQUEST, NULL);

/* Extensions. */

static const struct arg load_args[] = {
	{ .value = "FILE", .put = put_local, .need = true, .choices = "@file",
	  .help = "the module that ext-build made" },
	{},
};

static const struct arg unload_args[] = {
	{ .value = "NAME", .put = put_local, .need = true,
	  .help = "the extension" },
	{ .key = "build", .value = "BUILD", .put = put_local,
	  .help = "only this one" },
	{},
};

static const struct arg show_args[] = {
	{ .value = "NAME", .put = put_local, .help = "only this one" },
	{ .key = "all", .put = put_local,
	  .help = "instances of all namespaces" },
	{},
};

static const struct arg upgrade_args[] = {
	{ .value = "NAME", .put = put_local, .need = true,
	  .help = "the extension" },
	{ .value = "FILE|BUILD", .put = put_local, .need = true,
	  .choices = "@file",
	  .help = "a module, which is loaded, or a build that is loaded already" },
	{ .key = "trial", .value = "TIME", .put = put_local,
	  .help = "so long the old one stands by; 30s if not told, 0s for not at all" },
	{},
};

static const struct arg report_args[] = {
	{ .value = "NAME", .put = put_local, .help = "only this one" },
	{ .key = "module", .value = "FILE", .put = put_local,
	  .choices = "@file",
	  .help = "the module with its debugging information, if it was not loaded by ext load" },
	{},
};

#define QUOTA_USAGE "[memory SIZE] [fuel N] [lock-us N] [pps N] [cpu N%]"

static const struct verb ext_verbs[] = {
	{ .name = "show", .kind = VERB_LOCAL, .run = ext_show_run,
	  .args = show_args,
	  .help = "show extensions: what is approved, attached, used, and what went wrong",
	  .example = "ext show policer\0" },
	{ .name = "load", .kind = VERB_LOCAL, .run = ext_load_run,
	  .args = load_args,
	  .help = "load an extension; says why if the load gate refuses it",
	  .example = "ext load build/ext/policer.ko\0"
		"Nothing of it runs before it is approved and attached." },
	{ .name = "unload", .kind = VERB_LOCAL, .run = ext_unload_run,
	  .args = unload_args,
	  .help = "unload an extension that no instance uses",
	  .example = "ext unload policer\0" },
	{ .name = "approve", .cmd = CMD(APPROVAL_NEW),
	  .part = &ext_approval_object, .check = one_namespace,
	  .args = approve_args,
	  .usage = "NAME [netns NETNS | any] " QUOTA_USAGE,
	  .help = "allow an extension in a namespace, with quotas for each instance",
	  .example = "ext approve policer netns web memory 4M cpu 5%\0" },
	{ .name = "revoke", .cmd = CMD(APPROVAL_DEL),
	  .part = &ext_approval_object, .check = one_namespace,
	  .args = revoke_args, .usage = "NAME [netns NETNS | any]",
	  .help = "take an approval back; the instances that it covers end",
	  .example = "ext revoke policer any\0" },
	{ .name = "attach", .cmd = CMD(HOOK_NEW),
	  .part = &ext_hook_object, .check = attach_check,
	  .args = attach_args,
	  .usage = "NAME entry ENTRY hook HOOK [dev DEV] [family FAMILY] [priority N] fail drop|accept",
	  .help = "hand packets of this namespace to an extension",
	  .example = "ext attach policer entry police hook ingress dev eth0 fail accept\0"
		"A filter should fail by drop." },
	{ .name = "detach", .kind = VERB_LOCAL, .run = detach_run,
	  .args = detach_args, .usage = "NAME [entry ENTRY hook HOOK [dev DEV]]",
	  .help = "end an extension in this namespace, or take it off one hook",
	  .example = "ext detach policer\0" },
	{ .name = "start", .cmd = CMD(INSTANCE_NEW),
	  .part = &ext_instance_object,
	  .args = name_args,
	  .help = "start an extension in this namespace without a hook, for requests",
	  .example = "ext start policer\0" },
	{ .name = "set", .cmd = CMD(INSTANCE_SET),
	  .part = &ext_instance_object, .check = set_check, .args = set_args,
	  .usage = "NAME " QUOTA_USAGE,
	  .help = "change the quotas of this namespace's instance, within its approval",
	  .example = "ext set policer fuel 50000\0" },
	{ .name = "upgrade", .kind = VERB_LOCAL, .run = ext_upgrade_run,
	  .args = upgrade_args,
	  .help = "run another version, which takes over state, maps and hooks",
	  .example = "ext upgrade policer policer-2.ko trial 1m\0"
		"If it breaks within a minute, the old version runs again with its state." },
	{ .name = "keep", .cmd = CMD(INSTANCE_COMMIT),
	  .part = &ext_instance_object, .args = name_args,
	  .help = "end the trial of an upgrade: the new version stays",
	  .example = "ext keep policer\0" },
	{ .name = "rollback", .cmd = CMD(INSTANCE_ROLLBACK),
	  .part = &ext_instance_object, .args = name_args,
	  .help = "end the trial of an upgrade: the old version runs again",
	  .example = "ext rollback policer\0" },
	{ .name = "restart", .cmd = CMD(INSTANCE_RESTART),
	  .part = &ext_instance_object,
	  .args = name_args,
	  .help = "start it anew after a quarantine, on the same hooks",
	  .example = "ext restart policer\0" },
	{ .name = "quarantine", .cmd = CMD(INSTANCE_QUARANTINE),
	  .part = &ext_instance_object,
	  .args = name_args,
	  .help = "stop it as a fault would; its hooks give the failure verdict",
	  .example = "ext quarantine policer\0" },
	{ .name = "request", .kind = VERB_LOCAL, .run = ext_request_run,
	  .args = request_args, .usage = "NAME entry ENTRY [hex DIGITS | text TEXT]",
	  .help = "call an entry and print what it answers",
	  .example = "ext request policer entry stats\0" },
	{ .name = "report", .kind = VERB_LOCAL, .run = ext_report_run,
	  .args = report_args,
	  .help = "show what happened when an extension was ended, where, and what to do",
	  .example = "ext report policer\0" },
	{ .name = "monitor", .kind = VERB_MONITOR, .args = no_args,
	  .help = "print what happens to extensions as it happens",
	  .example = "\0Prints each event with the time of day." },
	{},
};

static const struct spec_set ext_set = SET(ext, EXT);

const struct object ext_object = {
	.name = "ext", .help = "an extension: code for packets whose bugs stay its own",
	.verbs = ext_verbs, .brief = ext_brief, .all_events = true,
	.family = &ext_family, .set = &ext_set, .module = "ashlar_ext",
};

/* Maps; see map.c. */

#define EXT_ARG(set) { \
	.value = "EXT", .put = put_string, .attr = A(set, EXT), \
	.need = true, .help = "the extension", \
}

#define MAP_ARG(set, map) { \
	.value = "MAP", .put = put_string, .attr = A(set, map), \
	.need = true, .help = "its map", \
}

static const char key_help[] =
	"a number (in the host's byte order), an address, or bytes as hex:0a0b0c";

static const struct arg map_show_args[] = {
	{ .value = "EXT", .put = put_string, .attr = A(MAP, EXT),
	  .help = "only this extension's" },
	{ .value = "MAP", .put = put_string, .attr = A(MAP, NAME),
	  .help = "only this one" },
	{},
};

static const struct arg map_args[] = {
	EXT_ARG(MAP),
	MAP_ARG(MAP, NAME),
	{},
};

static const struct arg dump_args[] = {
	EXT_ARG(ELEMENT),
	MAP_ARG(ELEMENT, MAP),
	{},
};

static const struct arg element_args[] = {
	EXT_ARG(ELEMENT),
	MAP_ARG(ELEMENT, MAP),
	{ .value = "KEY", .put = put_local, .need = true, .help = key_help },
	{},
};

static const struct arg element_set_args[] = {
	EXT_ARG(ELEMENT),
	MAP_ARG(ELEMENT, MAP),
	{ .value = "KEY", .put = put_local, .need = true, .help = key_help },
	{ .value = "VALUE", .put = put_local, .need = true, .help = key_help },
	{ .key = "create", .put = put_flag, .attr = A(ELEMENT, CREATE),
	  .help = "only if it is not there" },
	{ .key = "replace", .put = put_flag, .attr = A(ELEMENT, REPLACE),
	  .help = "only if it is there" },
	{},
};

static const struct verb map_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(MAP_GET),
	  .one = A(MAP, NAME), .args = map_show_args,
	  .help = "show maps: of what, how full",
	  .example = "map show policer\0" },
	{ .name = "get", .kind = VERB_LOCAL, .run = map_get_run,
	  .args = element_args, .help = "show one entry of a map",
	  .example = "map get policer buckets 10.0.0.1\0" },
	{ .name = "set", .kind = VERB_LOCAL, .run = map_set_run,
	  .args = element_set_args, .help = "write an entry of a map",
	  .example = "map set policer limits 0 1000000\0" },
	{ .name = "del", .kind = VERB_LOCAL, .run = map_del_run,
	  .args = element_args, .help = "delete an entry of a map",
	  .example = "map del policer buckets 10.0.0.1\0" },
	{ .name = "dump", .kind = VERB_LOCAL, .run = map_dump_run,
	  .args = dump_args, .help = "show all entries of a map",
	  .example = "map dump policer buckets\0" },
	{ .name = "flush", .cmd = CMD(MAP_FLUSH), .args = map_args,
	  .help = "delete all entries of a map; of an array or counters, zero them",
	  .example = "map flush policer buckets\0" },
	{ .name = "monitor", .kind = VERB_MONITOR, .args = no_args,
	  .help = "print what happens to maps as it happens",
	  .example = "\0Prints each event with the time of day." },
	{},
};

static const struct spec_set map_set = SET(map, MAP);

const struct object map_object = {
	.name = "map", .help = "what extensions and user space share",
	.verbs = map_verbs, .columns = map_columns, .family = &ext_family,
	.set = &map_set, .module = "ashlar_ext",
};

static const struct spec_set element_set = SET(element, ELEMENT);

const struct object ext_element_object = {
	.name = "map", .family = &ext_family, .set = &element_set,
	.module = "ashlar_ext",
};

/* Counters; see stats.c. */

static const struct verb stats_verbs[] = {
	{ .name = "ext", .kind = VERB_ONE, .cmd = CMD(STATS_GET),
	  .args = no_args },
	{},
};

static const struct spec_set stats_set = SET(stats, STATS);

const struct object ext_stats_object = {
	.name = "stats", .verbs = stats_verbs, .family = &ext_family,
	.set = &stats_set, .module = "ashlar_ext",
};
