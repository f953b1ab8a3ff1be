// SPDX-License-Identifier: GPL-2.0-only
/*
 * The optimizer: which of the corrupting links should go, so that those which
 * stay corrupt least and every ToR keeps its share.
 *
 * 1. A link that may not go alone cannot go with others either: it stays. So
 *    none of the rest touches a ToR that has too little already.
 * 2. The rest are taken out together, on trial. ToRs that have enough even so can
 *    be forgotten: they have enough whatever is chosen. A link with no other
 *    ToR below it goes.
 * 3. What is left falls into segments: links that share a ToR in question,
 *    directly or by way of others. Each is a problem of its own.
 * 4. In a segment the links are first asked for one after the other: in the
 *    order they came, which is what the fast check would have done, the worst
 *    first, and the worst for what it costs first. The best of these is
 *    improved by a search (pod.c, branch.c) until that is through, which
 *    proves the choice, or out of budget.
 *
 * Small segments are searched first, and no segment may take more than its
 * part of the budget that is left: one that is hard costs the others nothing.
 * All counts are as before when the answer is given.
 */
#include "plan_inner.h"

/* Beyond the budget, for what is to be done in any case. */
#define STEPS_ASKING	40000000ULL

/**
 * struct work - the optimizer's memory, as large as what is in question
 * @item: the links in question, by segment
 * @n: how many
 * @seg: the segments
 * @n_segs: how many
 * @order: see struct ln_segment, as are those that follow
 * @chosen: see above
 * @pick: see above
 * @key: see above; has also room for the ToRs
 * @room: see above
 */
struct work {
	struct ln_item *item;
	u32 n;
	struct ln_segment *seg;
	u32 n_segs;
	u32 *order;
	u8 *chosen;
	u8 *pick;
	struct ln_key *key;
	u32 *room;
};

int ln_key_cmp(const void *a, const void *b)
{
	const struct ln_key *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int item_cmp(const void *a, const void *b)
{
	const struct ln_item *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment > y->segment ? -1 : 1;
	if (x->tier != y->tier)
		return x->tier > y->tier ? -1 : 1;
	if (x->lower != y->lower)
		return x->lower < y->lower ? -1 : 1;
	if (x->loss != y->loss)
		return x->loss > y->loss ? -1 : 1;
	return x->link < y->link ? -1 : x->link > y->link;
}

static int segment_cmp(const void *a, const void *b)
{
	const struct ln_segment *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

static int link_cmp(const void *a, const void *b)
{
	const u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void work_free(struct work *work)
{
	core_free(work->item);
	core_free(work->seg);
	core_free(work->order);
	core_free(work->chosen);
	core_free(work->pick);
	core_free(work->key);
	core_free(work->room);
}

static bool work_alloc(struct work *work, u32 n, u32 n_bad)
{
	work->n = n;
	work->item = core_alloc(n, sizeof(*work->item));
	work->seg = core_alloc(n, sizeof(*work->seg));
	work->order = core_alloc(n, sizeof(*work->order));
	work->chosen = core_alloc(n, sizeof(*work->chosen));
	work->pick = core_alloc(n, sizeof(*work->pick));
	work->key = core_alloc((size_t)max(n, n_bad) + 1, sizeof(*work->key));
	work->room = core_alloc(4 * (size_t)n + 2, sizeof(*work->room));
	return work->item && work->seg && work->order && work->chosen &&
	       work->pick && work->key && work->room;
}

/*
 * Links that may go alone, into plan->out; those that may not are counted. If
 * there are more than can be asked for, the youngest are left out.
 */
static u32 candidates(struct ln_plan *plan, u64 stop, u32 *hopeless, bool *all)
{
	u32 link, tor, n = 0;

	for (link = plan->first; link != LN_PLAN_NONE; link = plan->after[link]) {
		core_relax();
		if (plan->steps >= stop)
			break;
		if (ln_plan_may_go(plan, link, &tor))
			plan->out[n++] = link;
		else if (tor != LN_PLAN_NONE)
			++*hopeless;
	}
	*all = link == LN_PLAN_NONE;
	return n;
}

/* The ToRs that cannot do without all of them, into plan->bad. */
static u32 trial(struct ln_plan *plan, u32 n)
{
	u32 i, n_bad;

	for (i = 0; i < n; i++)
		ln_plan_stage_out(plan, plan->out[i]);
	n_bad = ln_plan_settle(plan, plan->bad);
	for (i = 0; i < n; i++)
		ln_plan_stage_in(plan, plan->out[i]);
	ln_plan_settle(plan, NULL);
	return n_bad;
}

static void mark(struct ln_plan *plan, u32 node)
{
	if (plan->mark[node] == plan->epoch)
		return;
	plan->mark[node] = plan->epoch;
	plan->parent[node] = node;
	ln_plan_push(plan, node);
}

static bool marked(const struct ln_plan *plan, u32 node)
{
	return plan->mark[node] == plan->epoch;
}

static void mark_above(struct ln_plan *plan, u32 node)
{
	u32 i, link, upper;

	for (i = plan->up_at[node]; i < plan->up_at[node + 1]; i++) {
		link = plan->up[i];
		upper = plan->upper[link];
		if (ln_plan_in_service(plan, link) && plan->paths[upper])
			mark(plan, upper);
	}
	plan->steps += plan->up_at[node + 1] - plan->up_at[node];
}

/* All nodes that carry paths of a ToR in question; the spine is of no use. */
static void mark_bad(struct ln_plan *plan, u32 n_bad)
{
	u32 i, node;
	u8 tier;

	if (!++plan->epoch) {
		memset(plan->mark, 0, plan->n_nodes * sizeof(*plan->mark));
		plan->epoch = 1;
	}
	for (i = 0; i < n_bad; i++)
		mark(plan, plan->bad[i]);
	for (tier = 0; tier < plan->top; tier++)
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE)
			if (tier + 1 < plan->top)
				mark_above(plan, node);
}

static bool contested(const struct ln_plan *plan, u32 link)
{
	return marked(plan, plan->lower[link]) && plan->paths[plan->upper[link]];
}

static u32 root(struct ln_plan *plan, u32 node)
{
	while (plan->parent[node] != node) {
		plan->parent[node] = plan->parent[plan->parent[node]];
		node = plan->parent[node];
	}
	return node;
}

static void join(struct ln_plan *plan, u32 a, u32 b)
{
	a = root(plan, a);
	b = root(plan, b);
	if (a < b)
		plan->parent[b] = a;
	else
		plan->parent[a] = b;
}

static void join_below(struct ln_plan *plan, u32 node)
{
	u32 i, link, lower;

	for (i = plan->down_at[node]; i < plan->down_at[node + 1]; i++) {
		link = plan->down[i];
		lower = plan->lower[link];
		if (!ln_plan_in_service(plan, link) || !marked(plan, lower))
			continue;
		join(plan, node, lower);
		ln_plan_push(plan, lower);
	}
	plan->steps += plan->down_at[node + 1] - plan->down_at[node];
}

/* Whatever is below the lower end of a link in question belongs together. */
static void join_all(struct ln_plan *plan, const struct work *work)
{
	u32 i, node;
	u8 tier;

	for (i = 0; i < work->n; i++)
		ln_plan_push(plan, work->item[i].lower);
	for (tier = plan->top; tier--;)
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE)
			join_below(plan, node);
}

static void fill_items(struct ln_plan *plan, struct work *work, u32 n)
{
	struct ln_item *item = work->item;
	u32 i, link;

	for (i = 0; i < n; i++) {
		link = plan->out[i];
		if (!contested(plan, link))
			continue;
		item->link = link;
		item->lower = plan->lower[link];
		item->tier = plan->tier[item->lower];
		item->loss = plan->loss[link];
		item->came = i;
		item++;
	}
	join_all(plan, work);
	for (i = 0; i < work->n; i++)
		work->item[i].segment = root(plan, work->item[i].lower);
	sort(work->item, work->n, sizeof(*work->item), item_cmp, NULL);
}

/* The ToRs in the same order of segments as the items. */
static void sort_bad(struct ln_plan *plan, struct work *work, u32 n_bad)
{
	u32 i;

	for (i = 0; i < n_bad; i++) {
		work->key[i].value = root(plan, plan->bad[i]);
		work->key[i].index = plan->bad[i];
	}
	sort(work->key, n_bad, sizeof(*work->key), ln_key_cmp, NULL);
	for (i = 0; i < n_bad; i++)
		plan->bad[i] = work->key[i].index;
}

static void order_worst_first(struct ln_segment *seg)
{
	u32 i;

	for (i = 0; i < seg->n; i++) {
		seg->key[i].value = seg->item[i].loss;
		seg->key[i].index = i;
	}
	sort(seg->key, seg->n, sizeof(*seg->key), ln_key_cmp, NULL);
	for (i = 0; i < seg->n; i++)
		seg->order[i] = seg->key[i].index;
}

static void count_groups(struct ln_segment *seg)
{
	u32 i, group = 0;

	for (i = 1; i < seg->n; i++) {
		if (seg->item[i].lower != seg->item[i - 1].lower)
			group++;
		seg->item[i].group = group;
	}
}

static void split(struct ln_plan *plan, struct work *work, u32 n_bad)
{
	struct ln_segment *seg = work->seg;
	u32 i, from, tor = 0;

	for (from = 0; from < work->n; from = i, seg++) {
		for (i = from; i < work->n; i++)
			if (work->item[i].segment != work->item[from].segment)
				break;
		seg->item = work->item + from;
		seg->n = i - from;
		seg->tor = plan->bad + tor;
		while (tor < n_bad && root(plan, plan->bad[tor]) == seg->item->segment)
			tor++;
		seg->n_tors = plan->bad + tor - seg->tor;
		seg->order = work->order + from;
		seg->chosen = work->chosen + from;
		seg->pick = work->pick + from;
		/* Used by one segment at a time. */
		seg->key = work->key;
		seg->room = work->room;
		count_groups(seg);
	}
	work->n_segs = seg - work->seg;
	sort(work->seg, work->n_segs, sizeof(*seg), segment_cmp, NULL);
}

/* Asks for one link after the other, in the order of the keys. */
static void greedy(struct ln_plan *plan, struct ln_segment *seg)
{
	u64 gain = 0;
	u32 i, at, tor;

	memset(seg->pick, 0, seg->n);
	for (i = 0; i < seg->n; i++) {
		at = seg->key[i].index;
		core_relax();
		if (plan->steps >= plan->stop)
			break;
		if (!ln_plan_may_go(plan, seg->item[at].link, &tor))
			continue;
		ln_plan_link_out(plan, seg->item[at].link);
		seg->pick[at] = 1;
		gain += seg->item[at].loss;
	}
	for (i = 0; i < seg->n; i++)
		if (seg->pick[i])
			ln_plan_stage_in(plan, seg->item[i].link);
	ln_plan_settle(plan, NULL);
	if (gain <= seg->gain)
		return;
	seg->gain = gain;
	memcpy(seg->chosen, seg->pick, seg->n);
}

static void greedy_as_they_came(struct ln_plan *plan, struct ln_segment *seg)
{
	u32 i;

	for (i = 0; i < seg->n; i++) {
		seg->key[i].value = U32_MAX - seg->item[i].came;
		seg->key[i].index = i;
	}
	sort(seg->key, seg->n, sizeof(*seg->key), ln_key_cmp, NULL);
	greedy(plan, seg);
}

/*
 * What a link costs: the largest part, in 2^-16, that it takes of what one of
 * the ToRs below can spare.
 */
static u32 price(struct ln_plan *plan, u32 link)
{
	u32 node, at, worst = 0;
	u64 delta, spare;
	u8 tier;

	plan->delta[plan->lower[link]] = plan->paths[plan->upper[link]];
	ln_plan_push(plan, plan->lower[link]);
	for (tier = plan->tier[plan->lower[link]] + 1; tier--;) {
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE) {
			delta = plan->delta[node];
			plan->delta[node] = 0;
			for (at = plan->down_at[node]; at < plan->down_at[node + 1]; at++)
				ln_plan_lose(plan, plan->down[at], delta);
			plan->steps += plan->down_at[node + 1] - plan->down_at[node] + 1;
			if (tier || !marked(plan, node))
				continue;
			spare = plan->paths[node] - plan->need[node];
			if (delta > spare)
				worst = U32_MAX;
			else
				worst = max_t(u32, worst,
					      mul_u64_u64_div_u64(delta, 1 << 16, spare));
		}
	}
	return worst;
}

static void greedy_for_its_price(struct ln_plan *plan, struct ln_segment *seg)
{
	u32 i, cost;

	for (i = 0; i < seg->n; i++) {
		core_relax();
		if (plan->steps >= seg->limit)
			return;
		cost = price(plan, seg->item[i].link);
		seg->key[i].value = cost == U32_MAX ? 0 :
				    div_u64(seg->item[i].loss << 16, cost + 1);
		seg->key[i].index = i;
	}
	sort(seg->key, seg->n, sizeof(*seg->key), ln_key_cmp, NULL);
	greedy(plan, seg);
}

/* Three tiers or two: paths are what pod.c knows how to count. */
static bool search(struct ln_plan *plan, struct ln_segment *seg, enum ln_method method)
{
	if (method == LN_METHOD_GREEDY)
		return false;
	if (plan->top <= 2 && method == LN_METHOD_BEST)
		return ln_pod_search(plan, seg);
	return ln_branch_search(plan, seg);
}

static bool solve(struct ln_plan *plan, struct ln_segment *seg, enum ln_method method)
{
	order_worst_first(seg);
	greedy(plan, seg);
	greedy_as_they_came(plan, seg);
	greedy_for_its_price(plan, seg);
	return search(plan, seg, method);
}

static void solve_all(struct ln_plan *plan, struct work *work, u64 end,
		      enum ln_method method, struct ln_plan_answer *answer)
{
	u32 i, at;
	u64 left;

	for (i = 0; i < work->n_segs; i++) {
		left = end > plan->steps ? end - plan->steps : 0;
		work->seg[i].limit = plan->steps + div_u64(left, work->n_segs - i);
		answer->proven &= solve(plan, &work->seg[i], method);
		answer->penalty -= work->seg[i].gain;
	}
	for (at = 0; at < work->n; at++)
		if (work->chosen[at])
			plan->out[answer->n_out++] = work->item[at].link;
}

/* Links that no ToR in question cares about stay in plan->out. */
static void take_uncontested(struct ln_plan *plan, u32 n, struct ln_plan_answer *answer)
{
	u32 i, link;

	for (i = 0; i < n; i++) {
		link = plan->out[i];
		if (contested(plan, link))
			continue;
		plan->out[answer->n_out++] = link;
		answer->penalty -= plan->loss[link];
	}
	answer->contested += n - answer->n_out;
}

static u32 count_contested(const struct ln_plan *plan, u32 n)
{
	u32 i, count = 0;

	for (i = 0; i < n; i++)
		count += contested(plan, plan->out[i]);
	return count;
}

int ln_plan_optimize_by(struct ln_plan *plan, u64 budget, enum ln_method method,
			struct ln_plan_answer *answer)
{
	u64 begun = plan->steps, end;
	struct work work = {};
	u32 n, n_bad, hopeless = 0;
	int err = 0;
	bool all;

	if (check_add_overflow(begun, budget, &end))
		end = U64_MAX;
	if (check_add_overflow(end, STEPS_ASKING, &plan->stop))
		plan->stop = U64_MAX;
	/* As much again for each of the orders in which they are asked for later. */
	n = candidates(plan, end + (plan->stop - end) / 4, &hopeless, &all);
	n_bad = trial(plan, n);
	mark_bad(plan, n_bad);
	*answer = (struct ln_plan_answer){
		.out = plan->out, .penalty = plan->penalty, .proven = all,
		.contested = hopeless,
	};
	if (n_bad) {
		if (!work_alloc(&work, count_contested(plan, n), n_bad)) {
			err = -ENOMEM;
			goto out;
		}
		fill_items(plan, &work, n);
		sort_bad(plan, &work, n_bad);
		split(plan, &work, n_bad);
	}
	take_uncontested(plan, n, answer);
	answer->segments = work.n_segs;
	solve_all(plan, &work, end, method, answer);
	sort(plan->out, answer->n_out, sizeof(*plan->out), link_cmp, NULL);
	answer->steps = plan->steps - begun;
out:
	work_free(&work);
	return err;
}

/**
 * ln_plan_optimize() - finds the corrupting links that should go out
 * @plan: the plan; its counts, links and losses stay as they are
 * @budget: the work it may take (steps of some nanoseconds); what cannot be done
 *          without, once or twice asking for each link, is done in any case, so
 *          far as that takes tenths of a second
 * @answer: the choice. It keeps every bound, and so far as all links were asked
 *          for it is never worse than asking for them one by one, in the order
 *          they came or the worst first
 *
 * Links that are out count as lost, locked ones stay. Takes about 170 bytes of
 * memory for each link in question. May sleep, if the caller's memory may.
 *
 * Return: 0, or -ENOMEM.
 */
int ln_plan_optimize(struct ln_plan *plan, u64 budget, struct ln_plan_answer *answer)
{
	return ln_plan_optimize_by(plan, budget, LN_METHOD_BEST, answer);
}
