// SPDX-License-Identifier: GPL-2.0-only
/* The object topology: its verbs. */
#include <linux/ashlar_link.h>

#include "ashlar.h"

static const struct arg generate_args[] = {
	{ .value = "fat-tree|facebook", .put = put_local, .need = true,
	  .choices = "fat-tree facebook",
	  .help = "fat-tree K: of switches with K ports; facebook: pods of 48 ToRs and 4 aggs" },
	{ .key = "pods", .value = "N", .put = put_local,
	  .help = "number of pods of facebook (261, which makes 100,224 links)" },
	{},
};

static const struct arg plan_args[] = {
	{ .value = "FILE", .put = put_local, .need = true, .choices = "@file",
	  .help = "the topology, - for standard input" },
	{ .key = "corrupting", .value = "LINK=LOSS", .put = put_local,
	  .help = "this link loses so much, such as 1e-4; more of them may follow" },
	{ .key = "out", .value = "LINK", .put = put_local,
	  .help = "this link is out of service; more of them may follow" },
	{ .key = "stay", .value = "LINK", .put = put_local,
	  .help = "this link must stay, whatever it loses; more of them may follow" },
	{ .key = "capacity", .value = "C", .put = put_local,
	  .help = "share of its paths that a ToR must keep, instead of the file's" },
	{ .key = "budget", .value = "STEPS", .put = put_local,
	  .help = "the work the optimizer may take (50000000)" },
	{},
};

static const struct arg simulate_args[] = {
	{ .value = "FILE|facebook", .put = put_local, .need = true, .choices = "@file",
	  .help = "the topology; facebook is generated" },
	{ .key = "pods", .value = "N", .put = put_local,
	  .help = "number of pods of facebook (261); comes first" },
	{ .key = "hours", .value = "N", .put = put_local, .help = "for how long (9000)" },
	{ .key = "seed", .value = "N", .put = put_local,
	  .help = "of all chance (1); a seed gives the same faults to each policy" },
	{ .key = "capacity", .value = "C", .put = put_local,
	  .help = "share of its paths that a ToR must keep (0.75, or the file's)" },
	{ .key = "policy", .value = "POLICY", .put = put_local,
	  .choices = "switch-local fast-check ask-again optimizer all",
	  .help = "switch-local, fast-check, ask-again or optimizer (all of them)" },
	{ .key = "budget", .value = "STEPS", .put = put_local,
	  .help = "the work the optimizer may take, each time (50000000)" },
	{},
};

static const struct arg show_args[] = {
	{ .value = "nodes|links", .put = put_local, .choices = "nodes links",
	  .help = "its switches, or its links, instead of a summary" },
	{ .value = "NAME", .put = put_local, .help = "only this one" },
	{},
};

static const struct arg load_args[] = {
	{ .value = "FILE", .put = put_local, .need = true, .choices = "@file",
	  .help = "the topology, - for standard input" },
	{},
};

static const struct arg set_args[] = {
	{ .value = "LINK", .put = put_local, .need = true, .help = "a link of other hosts" },
	{ .key = "service", .value = "in|out", .put = put_local, .choices = "in out",
	  .help = "whether it carries traffic" },
	{ .key = "loss", .value = "RATE", .put = put_local,
	  .help = "how much it loses, such as 1e-4; 0 if it is healthy" },
	{ .key = "locked", .value = "0|1", .put = put_local, .choices = "0 1",
	  .help = "1: it must stay, whatever it loses" },
	{},
};

static const struct arg no_args[] = { {} };

const struct verb topology_verbs[] = {
	{ .name = "show", .kind = VERB_LOCAL, .run = topo_run_show, .args = show_args,
	  .usage = "[nodes [NAME] | links [NAME]]",
	  .help = "show the topology that the kernel has",
	  .example = "topology show links tor0-0--agg0-1\0" },
	{ .name = "load", .kind = VERB_LOCAL, .run = topo_run_load, .args = load_args,
	  .help = "give the kernel a topology, in place of the one it has",
	  .example = "topology load dc.json\0"
		"Links of this host are known by their topology-link; see \"link set\"." },
	{ .name = "set", .kind = VERB_LOCAL, .run = topo_run_set, .args = set_args,
	  .help = "tell the kernel of a link that is not this host's",
	  .example = "topology set tor0-0--agg0-1 loss 1e-4\0" },
	{ .name = "flush", .cmd = ASHLAR_LINK_CMD_TOPOLOGY_FLUSH, .args = no_args,
	  .help = "have the kernel forget the topology",
	  .example = "topology flush\0" },
	{ .name = "monitor", .kind = VERB_MONITOR, .args = no_args,
	  .help = "print what happens to the topology as it happens",
	  .example = "\0Prints each event with the time of day." },
	{ .name = "plan", .kind = VERB_LOCAL, .run = topo_run_plan, .args = plan_args,
	  .usage = "FILE [corrupting LINK=LOSS ...] [out LINK ...] [stay LINK ...] [capacity C] [budget STEPS]",
	  .help = "say which corrupting links should go out, and why the others stay",
	  .example = "topology plan dc.json corrupting tor0-0--agg0-1=1e-4 agg0-1--spine1-3=2e-5\0"
		"The penalty is the sum of the loss rates of links in service." },
	{ .name = "simulate", .kind = VERB_LOCAL, .run = topo_run_simulate, .args = simulate_args,
	  .help = "have links corrupt and be repaired for months, and compare policies",
	  .example = "topology simulate facebook capacity 0.75\0"
		"The penalty is summed over time, in loss rate times hours." },
	{ .name = "generate", .kind = VERB_LOCAL, .run = topo_run_generate, .args = generate_args,
	  .usage = "fat-tree K | facebook [pods N]",
	  .help = "print a topology made by rule, as a file",
	  .example = "topology generate fat-tree 8\0" },
	{},
};
