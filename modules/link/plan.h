/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_LINK_PLAN_H
#define ASHLAR_LINK_PLAN_H

#include "core.h"

#define LN_PLAN_MAX_NODES	0x100000U
#define LN_PLAN_MAX_LINKS	0x100000U
#define LN_PLAN_MAX_TIERS	8

/* "No node" and "no link". */
#define LN_PLAN_NONE		U32_MAX

/* A bound is the share of its paths that a ToR must keep, in per mille. */
#define LN_PLAN_BOUND_ONE	1000
#define LN_PLAN_BOUND_INHERIT	U16_MAX	/* a node's: that of the topology */

/* A loss rate of 1; the penalty of 2^20 links fits 64 bits. */
#define LN_PLAN_LOSS_ONE	1000000000000ULL

/* What the optimizer may spend if its caller has no opinion, in steps of some nanoseconds. */
#define LN_PLAN_BUDGET		50000000ULL

/**
 * struct ln_plan_node - a switch, as the caller knows it
 * @tier: 0 for a ToR; the highest tier there is makes the spine
 * @bound: a ToR's bound, or LN_PLAN_BOUND_INHERIT
 */
struct ln_plan_node {
	u8 tier;
	u16 bound;
};

/**
 * struct ln_plan_link - a link, as the caller knows it; parallel ones are fine
 * @a: the node at one end
 * @b: the node at the other end, one tier higher or lower
 */
struct ln_plan_link {
	u32 a;
	u32 b;
};

/* What is wrong with a topology. */
enum ln_plan_fault {
	LN_PLAN_OK,
	LN_PLAN_NO_MEMORY,
	LN_PLAN_NO_LINKS,
	LN_PLAN_TOO_MANY_NODES,
	LN_PLAN_TOO_MANY_LINKS,
	LN_PLAN_TIER_RANGE,	/* at: the node */
	LN_PLAN_BOUND_RANGE,	/* at: the node, or LN_PLAN_NONE for the topology's */
	LN_PLAN_NO_TOR,
	LN_PLAN_UNKNOWN_NODE,	/* at: the link */
	LN_PLAN_TIERS_APART,	/* at: the link */
	LN_PLAN_TOO_MANY_PATHS,	/* at: the node */
	LN_PLAN_NO_PATH,	/* at: the ToR */
	LN_PLAN_FAULTS
};

/**
 * struct ln_plan_answer - what the optimizer found
 * @out: the links to take out, in the order of their numbers; the plan's, good
 *       until the next call of ln_plan_optimize()
 * @n_out: how many
 * @penalty: what stays after them: sum of the loss rates of links in service
 * @steps: the work it took
 * @segments: independent parts of what was in question
 * @contested: corrupting links that could not all go
 * @proven: no other choice leaves less
 */
struct ln_plan_answer {
	const u32 *out;
	u32 n_out;
	u64 penalty;
	u64 steps;
	u32 segments;
	u32 contested;
	bool proven;
};

struct ln_plan;

/* plan.c. A plan has no lock: its caller lets nobody else in, readers neither. */
struct ln_plan *ln_plan_create(const struct ln_plan_node *nodes, u32 n_nodes,
			       const struct ln_plan_link *links, u32 n_links,
			       u16 bound, enum ln_plan_fault *fault, u32 *at);
void ln_plan_destroy(struct ln_plan *plan);
const char *ln_plan_fault_text(enum ln_plan_fault fault);

u64 ln_plan_paths(const struct ln_plan *plan, u32 node);
u64 ln_plan_paths_full(const struct ln_plan *plan, u32 node);
u64 ln_plan_need(const struct ln_plan *plan, u32 tor);
u64 ln_plan_penalty(const struct ln_plan *plan);

bool ln_plan_may_go(struct ln_plan *plan, u32 link, u32 *tor);
void ln_plan_take_out(struct ln_plan *plan, u32 link);
void ln_plan_begin_out(struct ln_plan *plan, u32 link);
void ln_plan_end_out(struct ln_plan *plan);
void ln_plan_bring_back(struct ln_plan *plan, u32 link);
bool ln_plan_is_out(const struct ln_plan *plan, u32 link);

void ln_plan_set_loss(struct ln_plan *plan, u32 link, u64 loss);
u64 ln_plan_loss(const struct ln_plan *plan, u32 link);
void ln_plan_set_locked(struct ln_plan *plan, u32 link, bool locked);
int ln_plan_set_bound(struct ln_plan *plan, u32 tor, u16 bound);

/* optimize.c */
int ln_plan_optimize(struct ln_plan *plan, u64 budget, struct ln_plan_answer *answer);

#endif /* ASHLAR_LINK_PLAN_H */
