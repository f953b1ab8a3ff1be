// SPDX-License-Identifier: GPL-2.0-only
/*
 * The planner's counts. A path leads from a ToR to the spine and only ever up,
 * so a node has as many as its neighbours above have together, parallel links
 * counted each. A link that goes takes the paths of its upper end from its
 * lower end; what a node loses its neighbours below lose as well, once for each
 * link to it. So a change costs the links below it and nothing else: tier by
 * tier from the top, a node is done before those below it are begun.
 *
 * No count exceeds the one with all links in service, which is checked to fit
 * when the plan is made; from there on nothing can overflow.
 */
#include "plan_inner.h"

static const char *const fault_texts[LN_PLAN_FAULTS] = {
	[LN_PLAN_OK] = "nothing is wrong with the topology",
	[LN_PLAN_NO_MEMORY] = "no memory for the topology",
	[LN_PLAN_NO_LINKS] = "a topology without links has nothing to plan",
	[LN_PLAN_TOO_MANY_NODES] = "more than 1048576 nodes",
	[LN_PLAN_TOO_MANY_LINKS] = "more than 1048576 links",
	[LN_PLAN_TIER_RANGE] = "tiers are 0 (ToRs) to 7",
	[LN_PLAN_BOUND_RANGE] = "a capacity bound is at most 1000 per mille",
	[LN_PLAN_NO_TOR] = "no node is a ToR (tier 0)",
	[LN_PLAN_UNKNOWN_NODE] = "a link leads to a node that is not there",
	[LN_PLAN_TIERS_APART] = "a link joins tiers that are not neighbours",
	[LN_PLAN_TOO_MANY_PATHS] = "a node has more paths than 64 bits can count",
	[LN_PLAN_NO_PATH] = "a ToR has links but no path to the spine, so no bound could guard them",
};

/**
 * ln_plan_fault_text() - says in a sentence what is wrong with a topology
 * @fault: what ln_plan_create() returned
 */
const char *ln_plan_fault_text(enum ln_plan_fault fault)
{
	return fault < LN_PLAN_FAULTS ? fault_texts[fault] : "unknown fault";
}

/* ceil(paths * bound / 1000) without overflow. */
static u64 share(u64 paths, u16 bound)
{
	u64 thousands = div_u64(paths, LN_PLAN_BOUND_ONE);
	u32 rest = paths - thousands * LN_PLAN_BOUND_ONE;

	return thousands * bound + DIV_ROUND_UP(rest * bound, LN_PLAN_BOUND_ONE);
}

static void set_need(struct ln_plan *plan, u32 node)
{
	u16 bound = plan->own_bound[node];

	if (bound == LN_PLAN_BOUND_INHERIT)
		bound = plan->bound;
	plan->need[node] = plan->tier[node] ? 0 : share(plan->full[node], bound);
}

static bool plan_alloc(struct ln_plan *plan)
{
	u32 n = plan->n_nodes, m = plan->n_links;

	plan->tier = core_alloc(n, sizeof(*plan->tier));
	plan->own_bound = core_alloc(n, sizeof(*plan->own_bound));
	plan->paths = core_alloc(n, sizeof(*plan->paths));
	plan->full = core_alloc(n, sizeof(*plan->full));
	plan->need = core_alloc(n, sizeof(*plan->need));
	plan->up_at = core_alloc(n + 1, sizeof(*plan->up_at));
	plan->up = core_alloc(m, sizeof(*plan->up));
	plan->down_at = core_alloc(n + 1, sizeof(*plan->down_at));
	plan->down = core_alloc(m, sizeof(*plan->down));
	plan->upper = core_alloc(m, sizeof(*plan->upper));
	plan->lower = core_alloc(m, sizeof(*plan->lower));
	plan->flags = core_alloc(m, sizeof(*plan->flags));
	plan->loss = core_alloc(m, sizeof(*plan->loss));
	plan->before = core_alloc(m, sizeof(*plan->before));
	plan->after = core_alloc(m, sizeof(*plan->after));
	plan->delta = core_alloc(n, sizeof(*plan->delta));
	plan->chain = core_alloc(n, sizeof(*plan->chain));
	plan->queued = core_alloc(n, sizeof(*plan->queued));
	plan->mark = core_alloc(n, sizeof(*plan->mark));
	plan->parent = core_alloc(n, sizeof(*plan->parent));
	plan->ways = core_alloc(n, sizeof(*plan->ways));
	plan->seen = core_alloc(n, sizeof(*plan->seen));
	plan->bad = core_alloc(n, sizeof(*plan->bad));
	plan->out = core_alloc(m, sizeof(*plan->out));
	return plan->tier && plan->own_bound && plan->paths && plan->full &&
	       plan->need && plan->up_at && plan->up && plan->down_at &&
	       plan->down && plan->upper && plan->lower && plan->flags &&
	       plan->loss && plan->before && plan->after && plan->delta &&
	       plan->chain && plan->queued && plan->mark && plan->parent &&
	       plan->ways && plan->seen && plan->bad && plan->out;
}

/**
 * ln_plan_destroy() - frees a plan
 * @plan: the plan, or NULL
 */
void ln_plan_destroy(struct ln_plan *plan)
{
	if (!plan)
		return;
	core_free(plan->tier);
	core_free(plan->own_bound);
	core_free(plan->paths);
	core_free(plan->full);
	core_free(plan->need);
	core_free(plan->up_at);
	core_free(plan->up);
	core_free(plan->down_at);
	core_free(plan->down);
	core_free(plan->upper);
	core_free(plan->lower);
	core_free(plan->flags);
	core_free(plan->loss);
	core_free(plan->before);
	core_free(plan->after);
	core_free(plan->delta);
	core_free(plan->chain);
	core_free(plan->queued);
	core_free(plan->mark);
	core_free(plan->parent);
	core_free(plan->ways);
	core_free(plan->seen);
	core_free(plan->bad);
	core_free(plan->out);
	core_free(plan);
}

static enum ln_plan_fault check_size(u32 n_nodes, u32 n_links, u16 bound)
{
	if (n_nodes > LN_PLAN_MAX_NODES)
		return LN_PLAN_TOO_MANY_NODES;
	if (n_links > LN_PLAN_MAX_LINKS)
		return LN_PLAN_TOO_MANY_LINKS;
	if (bound > LN_PLAN_BOUND_ONE)
		return LN_PLAN_BOUND_RANGE;
	if (!n_nodes)
		return LN_PLAN_NO_TOR;
	return n_links ? LN_PLAN_OK : LN_PLAN_NO_LINKS;
}

static enum ln_plan_fault take_nodes(struct ln_plan *plan,
				     const struct ln_plan_node *nodes, u32 *at)
{
	bool tor = false;
	u32 i;

	for (i = 0; i < plan->n_nodes; i++) {
		*at = i;
		if (nodes[i].tier >= LN_PLAN_MAX_TIERS)
			return LN_PLAN_TIER_RANGE;
		if (nodes[i].bound > LN_PLAN_BOUND_ONE &&
		    nodes[i].bound != LN_PLAN_BOUND_INHERIT)
			return LN_PLAN_BOUND_RANGE;
		plan->tier[i] = nodes[i].tier;
		plan->own_bound[i] = nodes[i].bound;
		plan->top = max(plan->top, nodes[i].tier);
		tor |= !nodes[i].tier;
	}
	*at = LN_PLAN_NONE;
	return tor ? LN_PLAN_OK : LN_PLAN_NO_TOR;
}

static enum ln_plan_fault take_links(struct ln_plan *plan,
				     const struct ln_plan_link *links, u32 *at)
{
	u32 i, a, b;

	for (i = 0; i < plan->n_links; i++) {
		a = links[i].a;
		b = links[i].b;
		*at = i;
		if (a >= plan->n_nodes || b >= plan->n_nodes)
			return LN_PLAN_UNKNOWN_NODE;
		if (plan->tier[a] < plan->tier[b])
			swap(a, b);
		if (plan->tier[a] != plan->tier[b] + 1)
			return LN_PLAN_TIERS_APART;
		plan->upper[i] = a;
		plan->lower[i] = b;
		plan->down_at[a + 1]++;
		plan->up_at[b + 1]++;
	}
	*at = LN_PLAN_NONE;
	return LN_PLAN_OK;
}

/* From the number of each node's links to the lists of them. */
static void sort_links(struct ln_plan *plan)
{
	u32 *up_next = plan->mark, *down_next = plan->parent;
	u32 i;

	for (i = 0; i < plan->n_nodes; i++) {
		plan->up_at[i + 1] += plan->up_at[i];
		plan->down_at[i + 1] += plan->down_at[i];
		up_next[i] = plan->up_at[i];
		down_next[i] = plan->down_at[i];
	}
	for (i = 0; i < plan->n_links; i++) {
		plan->up[up_next[plan->lower[i]]++] = i;
		plan->down[down_next[plan->upper[i]]++] = i;
	}
	memset(plan->mark, 0, plan->n_nodes * sizeof(*plan->mark));
}

static bool count_node(struct ln_plan *plan, u32 node)
{
	u64 sum = plan->tier[node] == plan->top;
	u32 i;

	for (i = plan->up_at[node]; i < plan->up_at[node + 1]; i++)
		if (check_add_overflow(sum, plan->full[plan->upper[plan->up[i]]], &sum))
			return false;
	plan->full[node] = sum;
	plan->paths[node] = sum;
	return true;
}

static enum ln_plan_fault count_all(struct ln_plan *plan, u32 *at)
{
	u8 tier;
	u32 i;

	for (tier = plan->top + 1; tier--;) {
		for (i = 0; i < plan->n_nodes; i++) {
			if (plan->tier[i] != tier)
				continue;
			*at = i;
			if (!count_node(plan, i))
				return LN_PLAN_TOO_MANY_PATHS;
			/* More likely than not a tier is wrong. */
			if (!tier && !plan->full[i] && plan->up_at[i] < plan->up_at[i + 1])
				return LN_PLAN_NO_PATH;
		}
	}
	*at = LN_PLAN_NONE;
	return LN_PLAN_OK;
}

static enum ln_plan_fault plan_fill(struct ln_plan *plan,
				    const struct ln_plan_node *nodes,
				    const struct ln_plan_link *links, u32 *at)
{
	enum ln_plan_fault fault;
	u32 i;

	if (!plan_alloc(plan))
		return LN_PLAN_NO_MEMORY;
	fault = take_nodes(plan, nodes, at);
	if (!fault)
		fault = take_links(plan, links, at);
	if (fault)
		return fault;
	sort_links(plan);
	fault = count_all(plan, at);
	if (fault)
		return fault;
	for (i = 0; i < plan->n_nodes; i++)
		set_need(plan, i);
	for (i = 0; i < LN_PLAN_MAX_TIERS; i++)
		plan->queue[i] = LN_PLAN_NONE;
	plan->first = LN_PLAN_NONE;
	plan->last = LN_PLAN_NONE;
	return LN_PLAN_OK;
}

/**
 * ln_plan_create() - makes a plan: all links in service and healthy
 * @nodes: the switches; a node's number is its index
 * @n_nodes: how many
 * @links: the links; a link's number is its index
 * @n_links: how many
 * @bound: the bound of ToRs that have none of their own
 * @fault: what is wrong, if anything
 * @at: with which node or link, if it is about one; else LN_PLAN_NONE
 *
 * Takes 72 bytes a node and 37 a link.
 *
 * Return: the plan, to be freed by ln_plan_destroy(), or NULL.
 */
struct ln_plan *ln_plan_create(const struct ln_plan_node *nodes, u32 n_nodes,
			       const struct ln_plan_link *links, u32 n_links,
			       u16 bound, enum ln_plan_fault *fault, u32 *at)
{
	struct ln_plan *plan;

	*at = LN_PLAN_NONE;
	*fault = check_size(n_nodes, n_links, bound);
	if (*fault)
		return NULL;
	plan = core_alloc(1, sizeof(*plan));
	if (!plan) {
		*fault = LN_PLAN_NO_MEMORY;
		return NULL;
	}
	plan->n_nodes = n_nodes;
	plan->n_links = n_links;
	plan->bound = bound;
	*fault = plan_fill(plan, nodes, links, at);
	if (*fault) {
		ln_plan_destroy(plan);
		return NULL;
	}
	return plan;
}

static void lose_below(struct ln_plan *plan, u32 node, u64 paths)
{
	u32 i;

	for (i = plan->down_at[node]; i < plan->down_at[node + 1]; i++)
		ln_plan_lose(plan, plan->down[i], paths);
	plan->steps += plan->down_at[node + 1] - plan->down_at[node];
}

/*
 * Several links may be staged before they are settled: what their upper ends
 * lose meanwhile goes down the links that are left.
 */
void ln_plan_stage_out(struct ln_plan *plan, u32 link)
{
	ln_plan_lose(plan, link, plan->paths[plan->upper[link]]);
	plan->flags[link] |= LN_LINK_OUT;
}

void ln_plan_stage_in(struct ln_plan *plan, u32 link)
{
	plan->flags[link] &= ~LN_LINK_OUT;
	ln_plan_lose(plan, link, -plan->paths[plan->upper[link]]);
}

/**
 * ln_plan_settle() - carries what was staged down to the ToRs
 * @plan: the plan
 * @bad: room for the ToRs that are left with too little; NULL if nobody asks
 *
 * Return: the number of these ToRs.
 */
u32 ln_plan_settle(struct ln_plan *plan, u32 *bad)
{
	u64 delta, left;
	u32 node, n = 0;
	u8 tier;

	for (tier = plan->top + 1; tier--;) {
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE) {
			delta = plan->delta[node];
			plan->delta[node] = 0;
			plan->steps++;
			if (!delta)
				continue;
			left = plan->paths[node] - delta;
			if (bad && !tier && left < plan->need[node])
				bad[n++] = node;
			plan->paths[node] = left;
			if (tier)
				lose_below(plan, node, delta);
		}
	}
	return n;
}

void ln_plan_link_out(struct ln_plan *plan, u32 link)
{
	ln_plan_stage_out(plan, link);
	ln_plan_settle(plan, NULL);
}

void ln_plan_link_in(struct ln_plan *plan, u32 link)
{
	ln_plan_stage_in(plan, link);
	ln_plan_settle(plan, NULL);
}

/**
 * ln_plan_may_go() - the fast check: may this link go out?
 * @plan: the plan
 * @link: the link
 * @tor: if not: a ToR that would be left with less than it needs, or
 *       LN_PLAN_NONE if the link is locked
 *
 * A ToR that has too little already may lose nothing more.
 *
 * Return: true if every ToR below keeps its share, or the link is out.
 */
bool ln_plan_may_go(struct ln_plan *plan, u32 link, u32 *tor)
{
	u64 delta;
	u8 tier;
	u32 node;

	*tor = LN_PLAN_NONE;
	if (!ln_plan_in_service(plan, link))
		return true;
	if (plan->flags[link] & LN_LINK_LOCKED)
		return false;
	ln_plan_lose(plan, link, plan->paths[plan->upper[link]]);
	for (tier = plan->tier[plan->lower[link]] + 1; tier--;) {
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE) {
			delta = plan->delta[node];
			plan->delta[node] = 0;
			plan->steps++;
			/* Known already: only the queue is to be emptied. */
			if (*tor != LN_PLAN_NONE)
				continue;
			if (tier)
				lose_below(plan, node, delta);
			else if (plan->paths[node] - delta < plan->need[node])
				*tor = node;
		}
	}
	return *tor == LN_PLAN_NONE;
}

/* The list of links that corrupt in service, oldest first, and their penalty. */
static void bad_add(struct ln_plan *plan, u32 link)
{
	plan->before[link] = plan->last;
	plan->after[link] = LN_PLAN_NONE;
	if (plan->last == LN_PLAN_NONE)
		plan->first = link;
	else
		plan->after[plan->last] = link;
	plan->last = link;
	plan->penalty += plan->loss[link];
}

static void bad_del(struct ln_plan *plan, u32 link)
{
	u32 before = plan->before[link], after = plan->after[link];

	if (before == LN_PLAN_NONE)
		plan->first = after;
	else
		plan->after[before] = after;
	if (after == LN_PLAN_NONE)
		plan->last = before;
	else
		plan->before[after] = before;
	plan->penalty -= plan->loss[link];
}

/**
 * ln_plan_take_out() - a link is no longer in service, for whatever reason
 * @plan: the plan
 * @link: the link; nothing happens if it is out
 */
void ln_plan_take_out(struct ln_plan *plan, u32 link)
{
	if (!ln_plan_in_service(plan, link))
		return;
	if (plan->loss[link])
		bad_del(plan, link);
	ln_plan_link_out(plan, link);
}

/**
 * ln_plan_begin_out() - ln_plan_take_out() for many links: cheaper than one by one
 * @plan: the plan; of no use until ln_plan_end_out() was called
 * @link: the link; nothing happens if it is out
 */
void ln_plan_begin_out(struct ln_plan *plan, u32 link)
{
	if (!ln_plan_in_service(plan, link))
		return;
	if (plan->loss[link])
		bad_del(plan, link);
	ln_plan_stage_out(plan, link);
}

/* See ln_plan_begin_out(). */
void ln_plan_end_out(struct ln_plan *plan)
{
	ln_plan_settle(plan, NULL);
}

/**
 * ln_plan_bring_back() - a link is in service again
 * @plan: the plan
 * @link: the link; nothing happens if it is in service
 */
void ln_plan_bring_back(struct ln_plan *plan, u32 link)
{
	if (ln_plan_in_service(plan, link))
		return;
	ln_plan_link_in(plan, link);
	if (plan->loss[link])
		bad_add(plan, link);
}

/**
 * ln_plan_set_loss() - a link corrupts, or does so no more
 * @plan: the plan
 * @link: the link
 * @loss: its loss rate, at most LN_PLAN_LOSS_ONE; 0 if it is healthy
 */
void ln_plan_set_loss(struct ln_plan *plan, u32 link, u64 loss)
{
	u64 old = plan->loss[link];

	loss = min_t(u64, loss, LN_PLAN_LOSS_ONE);
	if (!ln_plan_in_service(plan, link)) {
		plan->loss[link] = loss;
		return;
	}
	if (old && loss) {
		/* It keeps its place. */
		plan->penalty += loss - old;
		plan->loss[link] = loss;
		return;
	}
	if (old)
		bad_del(plan, link);
	plan->loss[link] = loss;
	if (loss)
		bad_add(plan, link);
}

/**
 * ln_plan_set_locked() - a link must stay, or need not
 * @plan: the plan
 * @link: the link
 * @locked: it must stay
 */
void ln_plan_set_locked(struct ln_plan *plan, u32 link, bool locked)
{
	if (locked)
		plan->flags[link] |= LN_LINK_LOCKED;
	else
		plan->flags[link] &= ~LN_LINK_LOCKED;
}

/**
 * ln_plan_set_bound() - changes what a ToR needs, or all that have no bound
 * @plan: the plan
 * @tor: the ToR; LN_PLAN_NONE for the topology's bound
 * @bound: per mille; LN_PLAN_BOUND_INHERIT makes a ToR one of the others again
 *
 * Return: 0, or -EINVAL.
 */
int ln_plan_set_bound(struct ln_plan *plan, u32 tor, u16 bound)
{
	bool one = tor != LN_PLAN_NONE;
	u32 i;

	if (bound > LN_PLAN_BOUND_ONE && !(one && bound == LN_PLAN_BOUND_INHERIT))
		return -EINVAL;
	if (one) {
		if (tor >= plan->n_nodes || plan->tier[tor])
			return -EINVAL;
		plan->own_bound[tor] = bound;
		set_need(plan, tor);
		return 0;
	}
	plan->bound = bound;
	for (i = 0; i < plan->n_nodes; i++)
		set_need(plan, i);
	return 0;
}

/* What is known of a node or link; numbers out of range are the caller's fault. */

u64 ln_plan_paths(const struct ln_plan *plan, u32 node)
{
	return plan->paths[node];
}

u64 ln_plan_paths_full(const struct ln_plan *plan, u32 node)
{
	return plan->full[node];
}

u64 ln_plan_need(const struct ln_plan *plan, u32 tor)
{
	return plan->need[tor];
}

u64 ln_plan_penalty(const struct ln_plan *plan)
{
	return plan->penalty;
}

u64 ln_plan_loss(const struct ln_plan *plan, u32 link)
{
	return plan->loss[link];
}

bool ln_plan_is_out(const struct ln_plan *plan, u32 link)
{
	return !ln_plan_in_service(plan, link);
}
