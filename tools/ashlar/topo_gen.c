// SPDX-License-Identifier: GPL-2.0-only
/* Topologies made by rule. */
#include <stdio.h>
#include <stdlib.h>

#include "topo.h"

bool topo_alloc(struct topo *topo, u32 n_nodes, u32 n_links)
{
	*topo = (struct topo){ .bound = 750 };
	topo->nodes = calloc(n_nodes + 1, sizeof(*topo->nodes));
	topo->node_names = calloc(n_nodes + 1, sizeof(*topo->node_names));
	topo->links = calloc(n_links + 1, sizeof(*topo->links));
	topo->link_names = calloc(n_links + 1, sizeof(*topo->link_names));
	return topo->nodes && topo->node_names && topo->links && topo->link_names;
}

void topo_free(struct topo *topo)
{
	free(topo->nodes);
	free(topo->node_names);
	free(topo->links);
	free(topo->link_names);
	free(topo->nodes_by_name);
	free(topo->links_by_name);
	*topo = (struct topo){};
}

static u32 add_node(struct topo *topo, u8 tier, const char *kind, u32 group, u32 number)
{
	u32 node = topo->n_nodes++;

	topo->nodes[node] = (struct ln_plan_node){ tier, LN_PLAN_BOUND_INHERIT };
	snprintf(topo->node_names[node], TOPO_NAME, "%s%u-%u", kind, group, number);
	return node;
}

static void add_link(struct topo *topo, u32 lower, u32 upper)
{
	u32 link = topo->n_links++;

	topo->links[link] = (struct ln_plan_link){ lower, upper };
	snprintf(topo->link_names[link], TOPO_NAME, "%.14s--%.14s", topo->node_names[lower],
		 topo->node_names[upper]);
}

/* A pod of a Clos network; its agg A has links to all nodes of the spine's plane A. */
static void add_pod(struct topo *topo, u32 pod, u32 tors, u32 aggs, u32 ups)
{
	u32 agg = topo->n_nodes, tor, a, i;

	for (a = 0; a < aggs; a++)
		add_node(topo, 1, "agg", pod, a);
	for (i = 0; i < tors; i++) {
		tor = add_node(topo, 0, "tor", pod, i);
		for (a = 0; a < aggs; a++)
			add_link(topo, tor, agg + a);
	}
	for (a = 0; a < aggs; a++)
		for (i = 0; i < ups; i++)
			add_link(topo, agg + a, a * ups + i);
}

static bool clos(struct topo *topo, u32 pods, u32 tors, u32 aggs, u32 ups)
{
	u32 i;

	if (!topo_alloc(topo, pods * (tors + aggs) + aggs * ups, pods * aggs * (tors + ups)))
		return false;
	for (i = 0; i < aggs * ups; i++)
		add_node(topo, 2, "spine", i / ups, i % ups);
	for (i = 0; i < pods; i++)
		add_pod(topo, i, tors, aggs, ups);
	return true;
}

bool topo_fat_tree(struct topo *topo, u32 k)
{
	return clos(topo, k, k / 2, k / 2, k / 2);
}

bool topo_facebook(struct topo *topo, u32 pods)
{
	return clos(topo, pods, 48, 4, 48);
}
