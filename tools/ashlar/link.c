// SPDX-License-Identifier: GPL-2.0-only
/* The objects of ashlar_link: verbs and arguments; link_show.c has the columns. */
#include <linux/genetlink.h>

#include "ashlar.h"
#include "gen_link.h"

#define A(set, name) ASHLAR_LINK_A_##set##_##name
#define CMD(name) ASHLAR_LINK_CMD_##name
#define SET(lower, upper) { \
	.name = #lower, .max = A(upper, MAX), .attrs = lower##_attrs, \
}

#define DEV_ARG(set, say, must) { \
	.value = "DEV", .put = put_device, .attr = A(set, IFINDEX), \
	.need = must, .choices = "@dev", .help = say, \
}

#define MS_ARG(word, name, say) { \
	.key = word, .value = "MS", .put = put_u32, .attr = A(LINK, name), \
	.help = say, \
}

#define SECONDS_ARG(word, name, say) { \
	.key = word, .value = "SECONDS", .put = put_u32, \
	.attr = A(LINK, name), .help = say, \
}

static const struct arg no_args[] = { {} };

#define MONITOR(what) { \
	.name = "monitor", .kind = VERB_MONITOR, .args = no_args, \
	.help = "print what happens to " what " as it happens", \
	.example = "\0Prints each event with the time of day.", \
}

/* Links. */

/* Adding and setting take the same words. */
static const struct arg link_cfg_args[] = {
	DEV_ARG(LINK, "the link; of a bond, its members are links", true),
	{ .key = "action", .value = "observe|reweight|drain|down",
	  .put = put_choice, .attr = A(LINK, ACTION),
	  .help = "the most that may be done; observe if not told" },
	{ .key = "peer", .value = "required|none", .put = put_choice,
	  .attr = A(LINK, PEER),
	  .help = "whether the other end has to agree; required if not told" },
	{ .key = "key-file", .value = "FILE", .put = put_key,
	  .attr = A(LINK, KEY), .choices = "@file",
	  .help = "the key of both ends as 32 hexadecimal digits; - reads standard input" },
	{ .key = "keep", .value = "N", .put = put_u32,
	  .attr = A(LINK, KEEP),
	  .help = "so many members of its group stay in service; 1 if not told" },
	{ .key = "nh-group", .value = "ID", .put = put_u32,
	  .attr = A(LINK, NH_GROUP),
	  .help = "the nexthop group that it carries; 0 for none. A bond is found by itself" },
	{ .key = "component", .value = "WORD", .put = put_string,
	  .attr = A(LINK, COMPONENT),
	  .help = "links with the same word share a card, breakout or switch" },
	{ .key = "topology-link", .value = "NAME", .put = put_string,
	  .attr = A(LINK, TOPOLOGY_LINK),
	  .help = "what the topology calls it" },
	{ .key = "on-leave", .value = "return|stay", .put = put_choice,
	  .attr = A(LINK, ON_LEAVE),
	  .help = "what becomes of a drained link when it or the module goes; return if not told" },
	{ .key = "healthy-loss", .value = "RATE", .put = put_loss,
	  .attr = A(LINK, HEALTHY_LOSS),
	  .help = "a link that loses no more is healthy; 1e-8 if not told" },
	{ .key = "corrupting-loss", .value = "RATE", .put = put_loss,
	  .attr = A(LINK, CORRUPTING_LOSS),
	  .help = "one that loses so much is never healthy; ten times healthy-loss if not told" },
	{ .key = "false-per-million", .value = "N", .put = put_u32,
	  .attr = A(LINK, FALSE_PER_MILLION),
	  .help = "wrong isolations allowed in a million years of a link; 1000 if not told" },
	{ .key = "miss-per-million", .value = "N", .put = put_u32,
	  .attr = A(LINK, MISS_PER_MILLION),
	  .help = "chance of calling such a link healthy, in 1e-6; 1000 if not told" },
	MS_ARG("sample", SAMPLE_MS,
	       "between looks at the netdev counters; 1000 if not told"),
	MS_ARG("slow", SLOW_MS,
	       "between readings of MAC, PHY and FEC statistics; 5000 if not told"),
	MS_ARG("optics", OPTICS_MS,
	       "between readings of the transceiver; 60000 if not told"),
	MS_ARG("beat", BEAT_MS,
	       "between heartbeats; 1000 if not told"),
	{ .key = "probe-pps", .value = "N", .put = put_u32,
	  .attr = A(LINK, PROBE_PPS),
	  .help = "probes per second while it is drained; 1000 if not told" },
	{ .key = "probe-len", .value = "BYTES", .put = put_u32,
	  .attr = A(LINK, PROBE_LEN),
	  .help = "their payload; the device's MTU if 0 or not told" },
	SECONDS_ARG("history", HISTORY_S,
		    "in an entry of the history; 60 if not told"),
	SECONDS_ARG("hold", HOLD_S,
		    "that proof has to hold before it comes back; 60 if not told"),
	SECONDS_ARG("hold-max", HOLD_MAX_S,
		    "up to which that doubles with each relapse; 86400 if not told"),
	SECONDS_ARG("relapse", RELAPSE_S,
		    "within which to be drained again is a relapse; 604800 if not told"),
	{ .key = "drop-key", .put = put_flag, .attr = A(LINK, DROP_KEY),
	  .help = "there is no key any more; only to set" },
	{},
};

static int link_add_check(const struct request *req)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, req->nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == A(LINK, DROP_KEY))
			return misuse("\"drop-key\": a new link has no key that could be dropped");
	return STATUS_OK;
}

static int link_set_check(const struct request *req)
{
	if (req->seen & ~1u)
		return STATUS_OK;
	return misuse("say what to set: see \"ashlar help link set\"");
}

static const struct arg link_args[] = {
	DEV_ARG(LINK, "the link", true),
	{},
};

static const struct arg link_force_args[] = {
	DEV_ARG(LINK, "the link", true),
	{ .key = "force", .put = put_flag, .attr = A(LINK, FORCE),
	  .help = "without guard, topology and agreement: on your word" },
	{},
};

static const struct arg link_show_args[] = {
	DEV_ARG(LINK, "only this one", false),
	{},
};

/* The history is shown by a verb of the link, and is a set of its own. */

static const struct arg history_args[] = {
	DEV_ARG(HISTORY, "only this link's", false),
	{},
};

static const struct verb history_verbs[] = {
	{ .name = "history", .kind = VERB_SHOW, .cmd = CMD(HISTORY_GET),
	  .args = history_args },
	{},
};

static const struct spec_set history_set = SET(history, HISTORY);

static const struct object history_object = {
	.name = "link", .verbs = history_verbs, .columns = history_columns,
	.family = &link_family, .set = &history_set, .module = "ashlar_link",
};

static int history_run(int argc, char **argv)
{
	return run_verb(&history_object, history_verbs, argc, argv);
}

static const struct arg helper_args[] = {
	{ .key = "state", .value = "FILE", .put = put_local,
	  .choices = "@file",
	  .help = "where it remembers what it did; in /run/ashlar if not told" },
	{},
};

#define LINK_USAGE "[action observe|reweight|drain|down] [peer required|none] [key-file FILE] [keep N] " \
	"[nh-group ID] [component WORD] [topology-link NAME] [on-leave return|stay] " \
	"[KEY VALUE ...]"

static const struct verb link_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(LINK_GET),
	  .one = A(LINK, IFINDEX), .args = link_show_args,
	  .help = "show one link, or all: which are bad, how sure, what was done, what to do",
	  .example = "-s link show eth0\0"
		"With -s and a device, all that is known of it." },
	{ .name = "add", .cmd = CMD(LINK_NEW), .args = link_cfg_args,
	  .check = link_add_check, .usage = "DEV " LINK_USAGE,
	  .help = "monitor a link",
	  .example = "link add eth0 action drain key-file /etc/ashlar/link.key component lc0\0"
		"Do the same at the other end, with the same key." },
	{ .name = "set", .cmd = CMD(LINK_SET), .args = link_cfg_args,
	  .check = link_set_check, .usage = "DEV " LINK_USAGE " [drop-key]",
	  .help = "change what was said of a link",
	  .example = "link set eth0 action observe\0" },
	{ .name = "del", .cmd = CMD(LINK_DEL), .args = link_args,
	  .help = "monitor a link no more",
	  .example = "link del eth0\0"
		"If it is drained, it comes back into service unless on-leave says stay." },
	{ .name = "drain", .cmd = CMD(LINK_DRAIN), .args = link_force_args,
	  .help = "take a link out of service by hand",
	  .example = "link drain eth0\0"
		"The guard, the topology and the other end are asked, unless it is forced." },
	{ .name = "return", .cmd = CMD(LINK_RETURN), .args = link_force_args,
	  .help = "bring a link back into service by hand",
	  .example = "link return eth0\0" },
	{ .name = "forget", .cmd = CMD(LINK_FORGET), .args = link_args,
	  .help = "forget the evidence about a link",
	  .example = "link forget eth0\0" },
	{ .name = "history", .kind = VERB_LOCAL, .run = history_run,
	  .args = history_args,
	  .help = "show what was counted minute by minute, the newest first",
	  .example = "link history eth0\0" },
	{ .name = "helper", .kind = VERB_LOCAL, .run = helper_run,
	  .args = helper_args,
	  .help = "do for the module what it cannot do: nexthop groups and devices that are to go down",
	  .example = "link helper\0"
		"Runs in the foreground until SIGTERM; see ashlar(8) for a unit of systemd." },
	MONITOR("links"),
	{},
};

static const struct spec_set link_set = SET(link, LINK);

const struct object link_object = {
	.name = "link", .help = "a monitored link: evidence, state, what to do",
	.verbs = link_verbs, .columns = link_columns, .note = link_note,
	.detail = link_detail, .brief = link_brief,
	.family = &link_family, .set = &link_set, .module = "ashlar_link",
};

/* Repairs. */

static const struct arg repair_show_args[] = {
	{ .value = "ID", .put = put_u32, .attr = A(REPAIR, ID),
	  .help = "only this one" },
	{ .key = "dev", .value = "DEV", .put = put_device,
	  .attr = A(REPAIR, IFINDEX), .choices = "@dev",
	  .help = "only this link's" },
	{},
};

static const struct arg repair_args[] = {
	{ .value = "ID", .put = put_u32, .attr = A(REPAIR, ID), .need = true,
	  .help = "the repair" },
	{},
};

static const struct verb accuracy_verbs[] = {
	{ .name = "accuracy", .kind = VERB_SHOW, .cmd = CMD(ACCURACY_GET),
	  .args = no_args },
	{},
};

static const struct spec_set accuracy_set = SET(accuracy, ACCURACY);

static const struct object accuracy_object = {
	.name = "repair", .verbs = accuracy_verbs, .columns = accuracy_columns,
	.family = &link_family, .set = &accuracy_set, .module = "ashlar_link",
};

static int accuracy_run(int argc, char **argv)
{
	return run_verb(&accuracy_object, accuracy_verbs, argc, argv);
}

static const struct verb repair_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(REPAIR_GET),
	  .one = A(REPAIR, ID), .args = repair_show_args,
	  .help = "show what is to be done with hands, and what came of it",
	  .example = "-s repair show 3\0"
		"With -s and a number, the evidence as it was when the ticket was opened." },
	{ .name = "done", .cmd = CMD(REPAIR_DONE), .args = repair_args,
	  .help = "say that a repair was done; the link proves whether it worked",
	  .example = "repair done 3\0" },
	{ .name = "withdraw", .cmd = CMD(REPAIR_DEL), .args = repair_args,
	  .help = "give a repair up",
	  .example = "repair withdraw 3\0" },
	{ .name = "accuracy", .kind = VERB_LOCAL, .run = accuracy_run,
	  .args = no_args,
	  .help = "show after how many of each kind of repair the link was healthy",
	  .example = "repair accuracy\0" },
	MONITOR("repairs"),
	{},
};

static const struct spec_set repair_set = SET(repair, REPAIR);

const struct object repair_object = {
	.name = "repair", .help = "what to do with hands about a bad link",
	.verbs = repair_verbs, .columns = repair_columns,
	.detail = repair_detail, .brief = repair_brief, .family = &link_family, .set = &repair_set,
	.module = "ashlar_link",
};

/* The host. */

static const struct arg host_set_args[] = {
	{ .key = "id", .value = "ID", .put = put_u64_hex, .attr = A(HOST, ID),
	  .help = "tells hosts apart, in hexadecimal; of two ends the lower one decides" },
	{ .key = "reset-rtnl-max", .put = put_flag,
	  .attr = A(HOST, RESET_RTNL_MAX),
	  .help = "measure anew how long RTNL is held" },
	{},
};

static const struct verb host_verbs[] = {
	{ .name = "show", .kind = VERB_ONE, .cmd = CMD(HOST_GET),
	  .args = no_args,
	  .help = "show what this host has: links, repairs, a helper, a topology",
	  .example = "host show\0" },
	{ .name = "set", .cmd = CMD(HOST_SET), .args = host_set_args,
	  .help = "set the host's identifier, which is random otherwise",
	  .example = "host set id 2a\0"
		"Before the first link is added." },
	{},
};

static const struct spec_set host_set = SET(host, HOST);

const struct object host_object = {
	.name = "host", .help = "this host, as the other ends of its links see it",
	.verbs = host_verbs, .columns = host_columns, .family = &link_family,
	.set = &host_set, .module = "ashlar_link",
};

/* Topologies; see topology.c and topo_kernel.c. */

static const struct spec_set topology_set = SET(topology, TOPOLOGY);
static const struct spec_set node_set = SET(node, NODE);
static const struct spec_set topology_link_set = {
	.name = "topology-link", .max = A(TOPOLOGY_LINK, MAX),
	.attrs = topology_link_attrs,
};

const struct object topology_object = {
	.name = "topology", .help = "the switches and links of a datacenter",
	.verbs = topology_verbs, .family = &link_family, .set = &topology_set,
	.module = "ashlar_link",
};

static const struct verb summary_verbs[] = {
	{ .name = "show", .kind = VERB_ONE, .cmd = CMD(TOPOLOGY_GET),
	  .args = no_args },
	{},
};

const struct object topo_summary_object = {
	.name = "topology", .verbs = summary_verbs,
	.columns = topology_columns, .family = &link_family,
	.set = &topology_set, .module = "ashlar_link",
};

static const struct arg node_args[] = {
	{ .value = "NAME", .put = put_string, .attr = A(NODE, NAME),
	  .help = "only this one" },
	{},
};

static const struct verb node_verbs[] = {
	{ .name = "show nodes", .kind = VERB_SHOW, .cmd = CMD(NODE_GET),
	  .one = A(NODE, NAME), .args = node_args },
	{},
};

const struct object topo_node_object = {
	.name = "topology", .verbs = node_verbs, .columns = node_columns,
	.family = &link_family, .set = &node_set, .module = "ashlar_link",
};

static const struct arg topo_link_args[] = {
	{ .value = "NAME", .put = put_string, .attr = A(TOPOLOGY_LINK, NAME),
	  .help = "only this one" },
	{},
};

static const struct arg topo_set_args[] = {
	{ .value = "NAME", .put = put_string, .attr = A(TOPOLOGY_LINK, NAME),
	  .need = true, .help = "the link" },
	{ .key = "service", .value = "in|out", .put = put_choice,
	  .attr = A(TOPOLOGY_LINK, SERVICE),
	  .help = "whether it carries traffic" },
	{ .key = "loss", .value = "RATE", .put = put_loss,
	  .attr = A(TOPOLOGY_LINK, LOSS),
	  .help = "how much it loses; 0 for a healthy one" },
	{ .key = "locked", .value = "0|1", .put = put_u8,
	  .attr = A(TOPOLOGY_LINK, LOCKED), .choices = "0 1",
	  .help = "1: no plan takes it out" },
	{},
};

static const struct verb topo_link_verbs[] = {
	{ .name = "show links", .kind = VERB_SHOW,
	  .cmd = CMD(TOPOLOGY_LINK_GET), .one = A(TOPOLOGY_LINK, NAME),
	  .args = topo_link_args },
	{ .name = "set", .cmd = CMD(TOPOLOGY_LINK_SET),
	  .args = topo_set_args },
	{},
};

const struct object topo_link_object = {
	.name = "topology", .verbs = topo_link_verbs,
	.columns = topo_link_columns, .family = &link_family,
	.set = &topology_link_set, .module = "ashlar_link",
};

/* Counters; see stats.c. */

static const struct verb stats_verbs[] = {
	{ .name = "link", .kind = VERB_ONE, .cmd = CMD(STATS_GET),
	  .args = no_args },
	{},
};

static const struct spec_set stats_set = SET(stats, STATS);

const struct object link_stats_object = {
	.name = "stats", .verbs = stats_verbs, .family = &link_family,
	.set = &stats_set, .module = "ashlar_link",
};
