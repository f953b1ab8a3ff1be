/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small topologies, at random, and what is true of them by the plainest of
 * means: paths counted from nothing, and every choice of links tried. The native
 * test and the unit test of the planner compare it with this.
 */
#ifndef ASHLAR_KUNIT_LINK_PLAN_MODEL_H
#define ASHLAR_KUNIT_LINK_PLAN_MODEL_H

#include "../modules/link/plan_inner.h"

#define MODEL_NODES	128
#define MODEL_LINKS	512
#define MODEL_TRIES	14	/* corrupting links, if every choice is to be tried */

/**
 * struct model - a topology
 * @seed: state of the random numbers
 * @bound: of ToRs that have none of their own
 * @nodes: its switches
 * @n_nodes: how many
 * @links: its links
 * @n_links: how many
 * @top: the highest tier
 * @loss: of a link
 * @out: of a link: not in service
 * @locked: of a link: must stay
 * @paths: of a node: as counted last
 * @floor: of a node: see model_floors()
 * @gone: of a link: on trial
 * @list: of links
 */
struct model {
	u64 seed;
	u16 bound;
	struct ln_plan_node nodes[MODEL_NODES];
	u32 n_nodes;
	struct ln_plan_link links[MODEL_LINKS];
	u32 n_links;
	u8 top;
	u64 loss[MODEL_LINKS];
	bool out[MODEL_LINKS];
	bool locked[MODEL_LINKS];
	u64 paths[MODEL_NODES];
	u64 floor[MODEL_NODES];
	bool gone[MODEL_LINKS];
	u32 list[MODEL_LINKS];
};

/* splitmix64 */
static inline u64 model_random(struct model *m)
{
	u64 x;

	m->seed += 0x9e3779b97f4a7c15ULL;
	x = m->seed;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* @from to @to, both included */
static inline u32 model_pick(struct model *m, u32 from, u32 to)
{
	return from + (u32)(model_random(m) >> 33) % (to - from + 1);
}

static inline u32 model_node(struct model *m, u8 tier)
{
	struct ln_plan_node *node = &m->nodes[m->n_nodes];

	node->tier = tier;
	node->bound = LN_PLAN_BOUND_INHERIT;
	if (!tier && !model_pick(m, 0, 5))
		node->bound = model_pick(m, 0, 20) * 50;
	m->top = max(m->top, tier);
	return m->n_nodes++;
}

/* Which end is named first does not matter, so it is left to chance. */
static inline void model_link(struct model *m, u32 a, u32 b)
{
	struct ln_plan_link *link = &m->links[m->n_links];

	if (m->n_links == MODEL_LINKS)
		return;
	link->a = model_pick(m, 0, 1) ? a : b;
	link->b = link->a == a ? b : a;
	m->n_links++;
}

static inline void model_init(struct model *m, u64 seed)
{
	static const u16 bounds[] = { 0, 250, 333, 500, 500, 750, 750, 900, 1000 };

	memset(m, 0, sizeof(*m));
	m->seed = seed;
	m->bound = bounds[model_pick(m, 0, ARRAY_SIZE(bounds) - 1)];
}

/* Pods of @tors x @aggs, each agg with @ups links to spines of its own plane. */
static inline void model_pods(struct model *m, u32 pods, u32 tors, u32 aggs, u32 ups, u32 trunk)
{
	u32 spine[8][8], agg[8], p, t, a, u;

	for (a = 0; a < aggs; a++)
		for (u = 0; u < ups; u++)
			spine[a][u] = model_node(m, 2);
	for (p = 0; p < pods; p++) {
		for (a = 0; a < aggs; a++) {
			agg[a] = model_node(m, 1);
			for (u = 0; u < ups; u++)
				model_link(m, agg[a], spine[a][u]);
		}
		for (t = 0; t < tors; t++) {
			u32 tor = model_node(m, 0);

			for (a = 0; a < aggs; a++)
				for (u = 0; u < model_pick(m, 1, trunk); u++)
					model_link(m, tor, agg[a]);
		}
	}
}

/* Any shape of @tiers tiers; every node but the spine has a link upwards. */
static inline void model_irregular(struct model *m, u8 tiers, u32 width)
{
	u32 first[LN_PLAN_MAX_TIERS + 1], i, j, n;
	u8 tier;

	for (tier = 0; tier < tiers; tier++) {
		first[tier] = m->n_nodes;
		for (i = model_pick(m, 1, width); i; i--)
			model_node(m, tier);
	}
	first[tiers] = m->n_nodes;
	for (tier = 0; tier + 1 < tiers; tier++) {
		for (i = first[tier]; i < first[tier + 1]; i++) {
			model_link(m, i, model_pick(m, first[tier + 1], first[tier + 2] - 1));
			for (j = first[tier + 1]; j < first[tier + 2]; j++)
				for (n = model_pick(m, 0, 5) / 2; n; n--)
					model_link(m, i, j);
		}
	}
}

/* Losses of all sizes, or small ones that are often the same. */
static inline u64 model_loss(struct model *m, bool small)
{
	static const u64 scale[] = { 10000, 10000000, 100000000, 1000000000 };

	if (small)
		return model_pick(m, 1, 4);
	return scale[model_pick(m, 0, 3)] * model_pick(m, 1, 9) + model_pick(m, 0, 9);
}

/* At most @corrupt links corrupt; a few others are out or locked. */
static inline void model_trouble(struct model *m, u32 corrupt)
{
	bool small = model_pick(m, 0, 1);
	u32 i, n, link;

	n = model_pick(m, 0, 2) ? model_pick(m, 0, corrupt) : corrupt;
	for (i = 0; i < n; i++)
		m->loss[model_pick(m, 0, m->n_links - 1)] = model_loss(m, small);
	for (i = model_pick(m, 0, 3); i; i--)
		m->out[model_pick(m, 0, m->n_links - 1)] = true;
	if (!model_pick(m, 0, 3)) {
		link = model_pick(m, 0, m->n_links - 1);
		m->locked[link] = true;
		m->loss[link] = model_loss(m, small);
	}
}

/* The paths of all nodes without the links that are out, or @all of them. */
static inline void model_count(struct model *m, bool all)
{
	u32 i, a, b;
	u8 tier;

	for (i = 0; i < m->n_nodes; i++)
		m->paths[i] = m->nodes[i].tier == m->top;
	for (tier = m->top; tier--;) {
		for (i = 0; i < m->n_links; i++) {
			if ((m->out[i] || m->gone[i]) && !all)
				continue;
			a = m->links[i].a;
			b = m->links[i].b;
			if (m->nodes[a].tier < m->nodes[b].tier)
				swap(a, b);
			if (m->nodes[b].tier == tier)
				m->paths[b] += m->paths[a];
		}
	}
}

/* What a ToR needs: its share of the paths it could have. */
static inline u64 model_need(struct model *m, u32 node)
{
	u16 bound = m->nodes[node].bound;

	if (bound == LN_PLAN_BOUND_INHERIT)
		bound = m->bound;
	return m->nodes[node].tier ? 0 : div_u64(m->paths[node] * bound + 999, 1000);
}

/* The least that each ToR may have: what it needs, or what it has. */
static inline void model_floors(struct model *m)
{
	u32 i;

	memset(m->gone, 0, sizeof(m->gone));
	model_count(m, true);
	for (i = 0; i < m->n_nodes; i++)
		m->floor[i] = model_need(m, i);
	model_count(m, false);
	for (i = 0; i < m->n_nodes; i++)
		m->floor[i] = min(m->floor[i], m->paths[i]);
}

/* The first ToR that is left with too little when links are gone, or LN_PLAN_NONE. */
static inline u32 model_short(struct model *m)
{
	u32 i;

	model_count(m, false);
	for (i = 0; i < m->n_nodes; i++)
		if (!m->nodes[i].tier && m->paths[i] < m->floor[i])
			return i;
	return LN_PLAN_NONE;
}

/* The links that may be asked for, into @list. */
static inline u32 model_candidates(struct model *m)
{
	u32 i, n = 0;

	for (i = 0; i < m->n_links; i++)
		if (m->loss[i] && !m->out[i] && !m->locked[i])
			m->list[n++] = i;
	return n;
}

static inline u64 model_penalty(const struct model *m)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < m->n_links; i++)
		if (!m->out[i])
			sum += m->loss[i];
	return sum;
}

/* The least that can stay; U64_MAX if there are too many choices to try. */
static inline u64 model_best(struct model *m)
{
	u32 n = model_candidates(m), i, set, link;
	u64 best = 0, gain;

	if (n > MODEL_TRIES)
		return U64_MAX;
	model_floors(m);
	for (set = BIT(n); set--;) {
		for (gain = 0, i = 0; i < n; i++) {
			link = m->list[i];
			m->gone[link] = set >> i & 1;
			gain += m->gone[link] ? m->loss[link] : 0;
		}
		if (gain > best && model_short(m) == LN_PLAN_NONE)
			best = gain;
	}
	return model_penalty(m) - best;
}

/**
 * model_wrong() - what is wrong with an answer
 * @m: the topology
 * @answer: the answer
 * @best: the least penalty there can be, or U64_MAX if it is not known
 *
 * Return: NULL, or the reason.
 */
static inline const char *model_wrong(struct model *m, const struct ln_plan_answer *answer,
				      u64 best)
{
	u64 penalty = model_penalty(m);
	u32 i, link;

	model_floors(m);
	for (i = 0; i < answer->n_out; i++) {
		link = answer->out[i];
		if (link >= m->n_links || !m->loss[link] || m->out[link] || m->locked[link])
			return "a link that cannot be asked for";
		if (i && link <= answer->out[i - 1])
			return "links out of order";
		m->gone[link] = true;
		penalty -= m->loss[link];
	}
	if (model_short(m) != LN_PLAN_NONE)
		return "a ToR is left with too little";
	if (penalty != answer->penalty)
		return "the penalty is not what stays";
	if (best != U64_MAX && penalty < best)
		return "better than the best";
	if (best != U64_MAX && answer->proven && penalty > best)
		return "proven, but not the best";
	return NULL;
}

/* A plan in the model's state; NULL if it cannot be made. */
static inline struct ln_plan *model_plan(const struct model *m, enum ln_plan_fault *fault)
{
	struct ln_plan *plan;
	u32 i, at;

	plan = ln_plan_create(m->nodes, m->n_nodes, m->links, m->n_links, m->bound, fault, &at);
	for (i = 0; plan && i < m->n_links; i++) {
		ln_plan_set_loss(plan, i, m->loss[i]);
		ln_plan_set_locked(plan, i, m->locked[i]);
		if (m->out[i])
			ln_plan_take_out(plan, i);
	}
	return plan;
}

/* True if the plan counts what is there; it should, at all times. */
static inline bool model_agrees(struct model *m, const struct ln_plan *plan)
{
	u32 i;

	memset(m->gone, 0, sizeof(m->gone));
	model_count(m, false);
	for (i = 0; i < m->n_nodes; i++)
		if (ln_plan_paths(plan, i) != m->paths[i])
			return false;
	for (i = 0; i < m->n_links; i++)
		if (ln_plan_is_out(plan, i) != m->out[i] || ln_plan_loss(plan, i) != m->loss[i])
			return false;
	return ln_plan_penalty(plan) == model_penalty(m);
}

#endif /* ASHLAR_KUNIT_LINK_PLAN_MODEL_H */
