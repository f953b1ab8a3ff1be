/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Topologies in the tool: read from a file (topo_file.c), generated
 * (topo_gen.c), planned (topo_plan.c), simulated (topo_sim.c).
 */
#ifndef ASHLAR_TOPO_H
#define ASHLAR_TOPO_H

#include <stdio.h>

#include "plan.h"

/* Longest name of a node or link, with the byte that ends it. */
#define TOPO_NAME	32

/**
 * struct topo - a topology with names
 * @nodes: the switches, as the planner wants them
 * @node_names: their names
 * @n_nodes: how many
 * @links: the links
 * @link_names: their names
 * @n_links: how many
 * @bound: of ToRs that have none of their own, per mille
 * @nodes_by_name: a hash table, made by topo_index()
 * @links_by_name: the same
 */
struct topo {
	struct ln_plan_node *nodes;
	char (*node_names)[TOPO_NAME];
	u32 n_nodes;
	struct ln_plan_link *links;
	char (*link_names)[TOPO_NAME];
	u32 n_links;
	u16 bound;
	struct topo_table *nodes_by_name;
	struct topo_table *links_by_name;
};

/* topo_gen.c */

/* Room for so many; false if there is no memory. topo_free() in any case. */
bool topo_alloc(struct topo *topo, u32 n_nodes, u32 n_links);
void topo_free(struct topo *topo);

/* The fat tree of @k-port switches: three tiers, @k even, at most 128. */
bool topo_fat_tree(struct topo *topo, u32 k);
/* Facebook's fabric: 48 ToRs and 4 aggs a pod, 48 links to the spine an agg. */
bool topo_facebook(struct topo *topo, u32 pods);

#define TOPO_MAX_K	128
#define TOPO_MAX_PODS	2730
#define TOPO_PODS	261	/* as published */

/* topo_file.c */

/*
 * A topology's file is JSON:
 *   { "capacity": 0.75,
 *     "nodes": [ { "name": "tor0", "tier": 0, "capacity": 0.5 }, ... ],
 *     "links": [ { "a": "tor0", "b": "agg0", "name": "tor0--agg0" }, ... ] }
 * A capacity is 0.75 if not told, a ToR's that of the topology. A link is called
 * after its ends if not told: A--B, the second such A--B#2.
 */

/* STATUS_OK, or what misuse() returned; topo_free() in any case. */
int topo_read(struct topo *topo, const char *name);
void topo_write(const struct topo *topo, FILE *out);
/* Makes a generated topology searchable; false if there is no memory. */
bool topo_index(struct topo *topo);
/* Their numbers, or LN_PLAN_NONE. */
u32 topo_find_node(const struct topo *topo, const char *name);
u32 topo_find_link(const struct topo *topo, const char *name);
/* The planner's view of it; complains and returns NULL if it makes no sense. */
struct ln_plan *topo_plan(const struct topo *topo);
/* A share such as 0.75 in per mille; -1 if @text is none. */
int topo_capacity(const char *text);

/* topo_sim.c */

enum topo_policy {
	TOPO_SWITCH_LOCAL,	/* every switch keeps a share of its own uplinks */
	TOPO_FAST_CHECK,	/* a link is asked for when it begins to corrupt */
	TOPO_ASK_AGAIN,		/* and again, one by one, when another comes back */
	TOPO_OPTIMIZER,		/* the optimizer runs when another comes back */
	TOPO_POLICIES
};

extern const char *const topo_policy_names[TOPO_POLICIES];

/**
 * struct topo_sim - what is to be simulated, and what came of it
 * @hours: for how long
 * @seed: of all chance; the same links fail at the same times under each policy
 * @budget: of the optimizer, each time
 * @timing: called with the duration of each fast check (@optimizer false) and
 *          each run of the optimizer, in ns; or NULL
 * @timing_data: its first argument
 * @events: links that began to corrupt
 * @skipped: links that would have, but were corrupting or out already
 * @kept: times that a link could not be taken out when it began to corrupt
 * @late: links taken out later, when capacity came back
 * @runs: of the optimizer
 * @unproven: runs that ended without proof
 * @most_kept: the most corrupting links in service at a time
 * @least_paths: the least paths a ToR ever had
 * @least_share: the least share of its paths a ToR ever had, per mille
 * @short_of: times that a ToR had less than it needs
 * @penalty: penalty over time: sum of loss rates times hours
 * @seconds: how long the simulation took
 */
struct topo_sim {
	u32 hours;
	u64 seed;
	u64 budget;
	void (*timing)(void *data, bool optimizer, u64 ns);
	void *timing_data;

	u64 events;
	u64 skipped;
	u64 kept;
	u64 late;
	u64 runs;
	u64 unproven;
	u64 most_kept;
	u64 least_paths;
	u32 least_share;
	u64 short_of;
	double penalty;
	double seconds;
};

/* False if there is no memory. The plan must be new. */
bool topo_simulate(struct topo_sim *sim, struct ln_plan *plan, enum topo_policy policy);

#endif /* ASHLAR_TOPO_H */
