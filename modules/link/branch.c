// SPDX-License-Identifier: GPL-2.0-only
/*
 * The search for networks of any shape: branch and bound over the links of a
 * segment, the worst first, each tried first as one that goes, then as one that
 * stays.
 *
 * Twins: of two links with the same ends, or from the same node to the spine,
 * the one that loses more goes first.
 *
 * The bound. Links between the same two tiers have no path in common, so what
 * some of them take from a ToR together is the sum of what each takes, and that
 * must not be more than the ToR can spare: a knapsack, whatever happens on other
 * tiers. Each link is counted in the knapsack of one ToR below it, its witness
 * (the one with the least to spare), and what the links in one knapsack can gain
 * is bounded by a price for paths: with any price, the gain is at most the price
 * of all that can be spared plus, link by link, what a link gains above its own
 * price. The best price is that of the link at which the knapsack is full, when
 * those worth most for their paths are put in first.
 */
#include "plan_inner.h"

/* Paths in a knapsack are counted in units, so that prices fit 64 bits. */
#define ROOM_BITS	12
#define PRICE_BITS	10

#define TWIN_REACH	64

/**
 * struct branch - one search
 * @plan: the plan; links that go are out while a choice is tried
 * @seg: the segment
 * @twin: of an item: one that goes before it, or LN_PLAN_NONE
 * @sorted: numbers of items, by witness and tier
 * @place: of an item: its place in the segment's order
 * @witness: of a group: its witness
 * @at: how many links are decided
 * @gain: sum of the loss rates of those that go
 * @rest: sum of the loss rates of those not decided
 */
struct branch {
	struct ln_plan *plan;
	struct ln_segment *seg;
	u32 *twin;
	u32 *sorted;
	u32 *place;
	u32 *witness;
	u32 at;
	u64 gain;
	u64 rest;
};

static bool spent(const struct branch *b)
{
	return b->plan->steps >= b->seg->limit;
}

static u64 spare(const struct branch *b, u32 tor)
{
	return b->plan->paths[tor] - b->plan->need[tor];
}

static bool exchangeable(const struct ln_plan *plan, u32 a, u32 b)
{
	a = plan->upper[a];
	b = plan->upper[b];
	return a == b || (plan->tier[a] == plan->top && plan->tier[b] == plan->top);
}

/*
 * Items of one group follow each other, the worst first. A twin not found costs
 * time only, so the search for it is short.
 */
static void find_twins(struct branch *b)
{
	const struct ln_item *item = b->seg->item;
	u32 i, j;

	for (i = 0; i < b->seg->n; i++) {
		b->twin[i] = LN_PLAN_NONE;
		for (j = i; j-- && i - j <= TWIN_REACH && item[j].group == item[i].group;) {
			if (!exchangeable(b->plan, item[j].link, item[i].link))
				continue;
			b->twin[i] = j;
			break;
		}
	}
}

/* The ToR in question below @node that has the least to spare. */
static u32 find_witness(struct branch *b, u32 node)
{
	struct ln_plan *plan = b->plan;
	u32 i, link, tor = LN_PLAN_NONE;
	u8 tier;

	ln_plan_push(plan, node);
	for (tier = plan->tier[node] + 1; tier--;) {
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE) {
			if (plan->mark[node] != plan->epoch)
				continue;
			for (i = plan->down_at[node]; i < plan->down_at[node + 1]; i++) {
				link = plan->down[i];
				if (ln_plan_in_service(plan, link))
					ln_plan_push(plan, plan->lower[link]);
			}
			plan->steps += plan->down_at[node + 1] - plan->down_at[node] + 1;
			if (!tier && (tor == LN_PLAN_NONE || spare(b, node) < spare(b, tor) ||
				      (spare(b, node) == spare(b, tor) && node < tor)))
				tor = node;
		}
	}
	return tor;
}

static void find_witnesses(struct branch *b)
{
	const struct ln_item *item = b->seg->item;
	struct ln_key *key = b->seg->key;
	u32 i;

	for (i = 0; i < b->seg->n; i++) {
		if (!i || item[i].group != item[i - 1].group)
			b->witness[item[i].group] = find_witness(b, item[i].lower);
		key[i].value = (u64)b->witness[item[i].group] << 8 | item[i].tier;
		key[i].index = i;
	}
	sort(key, b->seg->n, sizeof(*key), ln_key_cmp, NULL);
	for (i = 0; i < b->seg->n; i++)
		b->sorted[i] = key[i].index;
	for (i = 0; i < b->seg->n; i++)
		b->place[b->seg->order[i]] = i;
}

static void add_ways(struct ln_plan *plan, u32 node, u64 ways)
{
	if (plan->seen[node] != plan->pass) {
		plan->seen[node] = plan->pass;
		plan->ways[node] = 0;
		ln_plan_push(plan, node);
	}
	plan->ways[node] += ways;
}

/*
 * plan->ways of all nodes above @tor that can be a lower end: ways down to it.
 * With the paths up from a node that has any they make paths of the ToR, so
 * they fit 64 bits.
 */
static void count_ways(struct ln_plan *plan, u32 tor)
{
	u32 i, link, node;
	u8 tier;

	if (!++plan->pass) {
		memset(plan->seen, 0, plan->n_nodes * sizeof(*plan->seen));
		plan->pass = 1;
	}
	add_ways(plan, tor, 1);
	for (tier = 0; tier < plan->top; tier++) {
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE) {
			if (tier + 1 == plan->top)
				continue;
			for (i = plan->up_at[node]; i < plan->up_at[node + 1]; i++) {
				link = plan->up[i];
				if (ln_plan_in_service(plan, link) &&
				    plan->paths[plan->upper[link]])
					add_ways(plan, plan->upper[link], plan->ways[node]);
			}
			plan->steps += plan->up_at[node + 1] - plan->up_at[node] + 1;
		}
	}
}

/* What a link takes from the ToR whose ways were counted. */
static u64 weight(const struct branch *b, u32 at)
{
	const struct ln_plan *plan = b->plan;
	u32 lower = b->seg->item[at].lower;

	if (plan->seen[lower] != plan->pass)
		return 0;
	return plan->ways[lower] * plan->paths[plan->upper[b->seg->item[at].link]];
}

/* The bound of one knapsack with @n links, key[] saying which (index). */
static u64 knapsack_bound(struct branch *b, u32 n, u64 spare)
{
	unsigned int shift = max(fls64(spare) - ROOM_BITS, 0);
	struct ln_key *key = b->seg->key;
	u64 room = spare >> shift, sum = 0, used = 0, all = 0, price, loss;
	u32 i, m = 0;

	for (i = 0; i < n; i++) {
		u64 cost = weight(b, key[i].index);

		if (cost > spare)
			continue;
		loss = b->seg->item[key[i].index].loss;
		all += loss;
		cost >>= shift;
		if (!cost) {
			sum += loss;
			continue;
		}
		key[m].index = key[i].index;
		key[m].cost = cost;
		key[m].value = div64_u64(loss << PRICE_BITS, cost);
		m++;
	}
	b->plan->steps += n + m;
	sort(key, m, sizeof(*key), ln_key_cmp, NULL);
	for (i = 0; i < m; i++) {
		used += key[i].cost;
		if (used > room)
			break;
	}
	if (i == m)
		return all;
	price = key[i].value;
	sum += DIV_ROUND_UP_ULL(price * room, 1 << PRICE_BITS);
	for (i = 0; i < m; i++) {
		loss = b->seg->item[key[i].index].loss << PRICE_BITS;
		if (loss > price * key[i].cost)
			sum += DIV_ROUND_UP_ULL(loss - price * key[i].cost, 1 << PRICE_BITS);
	}
	return min(sum, all);
}

/* No less than what the links not decided can gain. */
static u64 bound(struct branch *b)
{
	const struct ln_segment *seg = b->seg;
	u32 i, at, n, tor, of = LN_PLAN_NONE;
	u64 sum = 0;
	u8 tier;

	for (i = 0; i < seg->n;) {
		tor = b->witness[seg->item[b->sorted[i]].group];
		tier = seg->item[b->sorted[i]].tier;
		for (n = 0; i < seg->n; i++) {
			at = b->sorted[i];
			if (b->witness[seg->item[at].group] != tor || seg->item[at].tier != tier)
				break;
			if (b->place[at] >= b->at)
				seg->key[n++].index = at;
		}
		if (!n)
			continue;
		if (of != tor)
			count_ways(b->plan, tor);
		of = tor;
		sum += knapsack_bound(b, n, spare(b, tor));
	}
	b->plan->steps += seg->n;
	return sum;
}

static void go(struct branch *b, u32 at)
{
	ln_plan_link_out(b->plan, b->seg->item[at].link);
	b->seg->pick[at] = 1;
	b->gain += b->seg->item[at].loss;
}

/* The next link goes, if it may. */
static void decide(struct branch *b)
{
	u32 at = b->seg->order[b->at], tor;
	u32 twin = b->twin[at];

	b->at++;
	b->rest -= b->seg->item[at].loss;
	b->seg->pick[at] = 0;
	if (twin != LN_PLAN_NONE && !b->seg->pick[twin])
		return;
	if (ln_plan_may_go(b->plan, b->seg->item[at].link, &tor))
		go(b, at);
}

/* Back to the last link that goes, which is to stay; false if there is none. */
static bool turn(struct branch *b)
{
	u32 at;

	while (b->at) {
		at = b->seg->order[b->at - 1];
		if (b->seg->pick[at]) {
			ln_plan_link_in(b->plan, b->seg->item[at].link);
			b->seg->pick[at] = 0;
			b->gain -= b->seg->item[at].loss;
			return true;
		}
		b->at--;
		b->rest += b->seg->item[at].loss;
	}
	return false;
}

static void keep(struct branch *b)
{
	if (b->gain <= b->seg->gain)
		return;
	b->seg->gain = b->gain;
	memcpy(b->seg->chosen, b->seg->pick, b->seg->n);
}

/*
 * A bound is computed where a link stays; where one goes the bound of before
 * is as good.
 */
static void try_all(struct branch *b)
{
	bool open = b->gain + bound(b) > b->seg->gain;

	for (;;) {
		core_relax();
		while (open && b->at < b->seg->n && b->gain + b->rest > b->seg->gain &&
		       !spent(b))
			decide(b);
		if (open && b->at == b->seg->n)
			keep(b);
		if (!turn(b))
			return;
		open = !spent(b) && b->gain + b->rest > b->seg->gain &&
		       b->gain + bound(b) > b->seg->gain;
	}
}

/**
 * ln_branch_search() - finds the best choice for a segment of any shape
 * @plan: the plan
 * @seg: the segment, with a choice to be improved
 *
 * Return: true if the choice is proven to be the best.
 */
bool ln_branch_search(struct ln_plan *plan, struct ln_segment *seg)
{
	struct branch b = {
		.plan = plan, .seg = seg, .twin = seg->room,
		.sorted = seg->room + seg->n, .place = seg->room + 2 * seg->n,
		.witness = seg->room + 3 * seg->n,
	};
	u32 i;

	for (i = 0; i < seg->n; i++)
		b.rest += seg->item[i].loss;
	find_twins(&b);
	find_witnesses(&b);
	try_all(&b);
	return !spent(&b);
}
