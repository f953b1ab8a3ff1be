/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The planner's inside, shared by plan.c (counts), optimize.c (what is in
 * question), pod.c and branch.c (the two searches).
 */
#ifndef ASHLAR_LINK_PLAN_INNER_H
#define ASHLAR_LINK_PLAN_INNER_H

#include "plan.h"

#define LN_LINK_OUT	BIT(0)
#define LN_LINK_LOCKED	BIT(1)

/**
 * struct ln_plan - a topology and what is known of its links
 * @n_nodes: number of nodes
 * @n_links: number of links
 * @top: the spine's tier
 * @bound: of ToRs that have none of their own
 * @tier: of a node
 * @own_bound: of a node, as it was told
 * @paths: of a node: ways up to the spine over links in service
 * @full: of a node: the same with all links in service
 * @need: of a ToR: the least that @paths may be; 0 for other nodes
 * @up_at: where a node's links to the tier above begin in @up; they end where
 *         those of the next node begin
 * @up: numbers of links, by lower end
 * @down_at: the same for the tier below
 * @down: numbers of links, by upper end
 * @upper: upper end of a link
 * @lower: lower end of a link
 * @flags: of a link, LN_LINK_*
 * @loss: of a link, 0 if it is healthy
 * @before: of a link that corrupts in service: the one that did so before it
 * @after: the next one
 * @first: the first of them
 * @last: the last of them
 * @penalty: sum of their loss rates
 * @steps: links looked at, ever
 * @stop: value of @steps at which the optimizer asks for no more links
 * @delta: of a node: the paths it is about to lose (mod 2^64, so that it can
 *         gain as well); 0 between calls
 * @queue: by tier: nodes whose @delta waits, or that wait to be looked at
 * @chain: the next node in its @queue
 * @queued: the node is in one
 * @epoch: value of @mark that says yes; counts optimizer runs
 * @mark: of a node: a ToR in question is below it, or is it
 * @parent: of a marked node: union-find, its segment
 * @ways: of a node: ways down to the ToR that is being looked at, if @seen
 * @pass: value of @seen that says yes
 * @seen: of a node
 * @bad: the ToRs in question
 * @out: the links that may be asked for; later the last answer
 */
struct ln_plan {
	u32 n_nodes;
	u32 n_links;
	u8 top;
	u16 bound;
	u8 *tier;
	u16 *own_bound;
	u64 *paths;
	u64 *full;
	u64 *need;
	u32 *up_at;
	u32 *up;
	u32 *down_at;
	u32 *down;
	u32 *upper;
	u32 *lower;
	u8 *flags;
	u64 *loss;
	u32 *before;
	u32 *after;
	u32 first;
	u32 last;
	u64 penalty;
	u64 steps;
	u64 stop;
	u64 *delta;
	u32 queue[LN_PLAN_MAX_TIERS];
	u32 *chain;
	u8 *queued;
	u32 epoch;
	u32 *mark;
	u32 *parent;
	u64 *ways;
	u32 pass;
	u32 *seen;
	u32 *bad;
	u32 *out;
};

/**
 * struct ln_item - a link in question
 * @link: its number
 * @lower: its lower end
 * @segment: which segment it is of: the root of @lower
 * @group: counts the lower ends of the segment
 * @came: its place among the corrupting links, oldest first
 * @tier: of @lower
 * @loss: its loss rate
 */
struct ln_item {
	u32 link;
	u32 lower;
	u32 segment;
	u32 group;
	u32 came;
	u8 tier;
	u64 loss;
};

/**
 * struct ln_key - sorts from high to low by @value, then low to high by @index
 * @value: see above
 * @cost: goes with it
 * @index: see above
 */
struct ln_key {
	u64 value;
	u64 cost;
	u32 index;
};

/**
 * struct ln_segment - links in question that share ToRs, and these ToRs
 * @item: the links, grouped by lower end, higher tiers first, and the worst
 *        first in each group
 * @n: how many
 * @tor: the ToRs
 * @n_tors: how many
 * @gain: sum of the loss rates of the chosen
 * @limit: value of plan->steps at which a search gives up
 * @order: numbers of items, the worst first
 * @chosen: of an item: it goes, in the best choice so far
 * @pick: of an item: it goes, in what is being tried
 * @key: @n + 1 of them, for whoever needs them
 * @room: 4 * @n + 2 numbers, the same
 */
struct ln_segment {
	struct ln_item *item;
	u32 n;
	u32 *tor;
	u32 n_tors;
	u64 gain;
	u64 limit;
	u32 *order;
	u8 *chosen;
	u8 *pick;
	struct ln_key *key;
	u32 *room;
};

static inline bool ln_plan_in_service(const struct ln_plan *plan, u32 link)
{
	return !(plan->flags[link] & LN_LINK_OUT);
}

/* Queues hold each node once; the highest tier is emptied first. */
static inline void ln_plan_push(struct ln_plan *plan, u32 node)
{
	u32 *head = &plan->queue[plan->tier[node]];

	if (plan->queued[node])
		return;
	plan->queued[node] = 1;
	plan->chain[node] = *head;
	*head = node;
}

static inline u32 ln_plan_pop(struct ln_plan *plan, u8 tier)
{
	u32 node = plan->queue[tier];

	if (node != LN_PLAN_NONE) {
		plan->queue[tier] = plan->chain[node];
		plan->queued[node] = 0;
	}
	return node;
}

/* If a link is in service, its lower end is to lose @paths. */
static inline void ln_plan_lose(struct ln_plan *plan, u32 link, u64 paths)
{
	if (!paths || !ln_plan_in_service(plan, link))
		return;
	plan->delta[plan->lower[link]] += paths;
	ln_plan_push(plan, plan->lower[link]);
}

/* plan.c: the counts alone; penalty and list of corrupting links stay. */
void ln_plan_link_out(struct ln_plan *plan, u32 link);
void ln_plan_link_in(struct ln_plan *plan, u32 link);
void ln_plan_stage_out(struct ln_plan *plan, u32 link);
void ln_plan_stage_in(struct ln_plan *plan, u32 link);
u32 ln_plan_settle(struct ln_plan *plan, u32 *bad);

/* Which search is made; tests ask for one by name. */
enum ln_method {
	LN_METHOD_BEST,
	LN_METHOD_GREEDY,
	LN_METHOD_BRANCH,
};

int ln_plan_optimize_by(struct ln_plan *plan, u64 budget, enum ln_method method,
			struct ln_plan_answer *answer);
int ln_key_cmp(const void *a, const void *b);

/* Improve a segment's choice; true if no better one exists. */
bool ln_pod_search(struct ln_plan *plan, struct ln_segment *seg);
bool ln_branch_search(struct ln_plan *plan, struct ln_segment *seg);

#endif /* ASHLAR_LINK_PLAN_INNER_H */
