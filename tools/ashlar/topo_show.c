// SPDX-License-Identifier: GPL-2.0-only
/* How the host and the topology look to people. */
#include "ashlar.h"

static void host_helper(json_t *object, char *text, size_t size)
{
	char age[32];

	if (!cell_has(object, "helper")) {
		snprintf(text, size, "absent");
		return;
	}
	cell_msecs(cell_number(object, "helper-heard-ms"), age, sizeof(age));
	snprintf(text, size, "heard %s ago", age);
}

static void host_rtnl(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%.3fms", cell_number(object, "rtnl-max-ns") / 1e6);
}

const struct column host_columns[] = {
	{ "ID", NULL, "id", false, false },
	{ "LINKS", NULL, "links", true, false },
	{ "REPAIRS", NULL, "tickets", true, false },
	{ "TOPOLOGY", NULL, "topology", false, false },
	{ "HELPER", host_helper, NULL, false, false },
	{ "RTNL-MAX", host_rtnl, NULL, true, false },
	{},
};

static void cell_share(json_t *object, const char *key, char *text, size_t size)
{
	snprintf(text, size, "%.3g", cell_number(object, key) / 1000.0);
}

static void topology_capacity(json_t *object, char *text, size_t size)
{
	cell_share(object, "capacity", text, size);
}

static void topology_worst(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%s %.3g", cell_word(object, "worst"),
		 cell_number(object, "worst-share") / 1000.0);
}

static void topology_penalty(json_t *object, char *text, size_t size)
{
	cell_rate(cell_number(object, "penalty"), text, size);
}

static void topology_planned(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%lld%s", cell_number(object, "planned"),
		 cell_has(object, "proven") || !cell_number(object, "runs") ?
		 "" : " (not proven)");
}

const struct column topology_columns[] = {
	{ "CAPACITY", topology_capacity, NULL, true, false },
	{ "NODES", NULL, "nodes", true, false },
	{ "TORS", NULL, "tors", true, false },
	{ "LINKS", NULL, "links", true, false },
	{ "LOCAL", NULL, "local", true, false },
	{ "OUT", NULL, "out", true, false },
	{ "CORRUPTING", NULL, "corrupting", true, false },
	{ "PENALTY", topology_penalty, NULL, true, false },
	{ "WORST", topology_worst, NULL, false, false },
	{ "PLANNED", topology_planned, NULL, true, false },
	{ "CONTESTED", NULL, "contested", true, true },
	{ "RUNS", NULL, "runs", true, true },
	{ "STEPS", NULL, "steps", true, true },
	{ "CHECK-MAX-NS", NULL, "check-max-ns", true, true },
	{},
};

static void node_bound(json_t *object, char *text, size_t size)
{
	if (cell_has(object, "bound"))
		cell_share(object, "bound", text, size);
	else
		snprintf(text, size, "-");
}

const struct column node_columns[] = {
	{ "NAME", NULL, "name", false, false },
	{ "TIER", NULL, "tier", true, false },
	{ "PATHS", NULL, "paths", true, false },
	{ "OF", NULL, "paths-full", true, false },
	{ "NEED", NULL, "need", true, false },
	{ "CAPACITY", node_bound, NULL, true, false },
	{},
};

static void topo_link_loss(json_t *object, char *text, size_t size)
{
	cell_rate(cell_number(object, "loss"), text, size);
}

const struct column topo_link_columns[] = {
	{ "NAME", NULL, "name", false, false },
	{ "A", NULL, "a-name", false, false },
	{ "B", NULL, "b-name", false, false },
	{ "SERVICE", NULL, "service", false, false },
	{ "LOSS", topo_link_loss, NULL, true, false },
	{ "PLANNED", NULL, "planned", false, false },
	{ "LOCKED", NULL, "locked", true, true },
	{ "IFINDEX", NULL, "ifindex", true, true },
	{},
};
