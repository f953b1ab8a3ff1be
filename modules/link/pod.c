// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exact search for networks of two or three tiers, after the per-pod
 * algorithm for Clos networks. Above the ToRs there are aggs with links to the
 * spine, each worth one path to every ToR linked to the agg. So the links of an
 * agg are exchangeable, and of those that go the worst go first: all there is to
 * choose is how many. Once that is chosen for every agg, the ToRs have nothing
 * to do with each other any more, and what each of them does without is a
 * knapsack: a link to an agg weighs what the agg has left.
 *
 * Neither the shape of a Clos network nor single links are needed for this;
 * parallel and missing links are fine. With two tiers there are no aggs, the
 * spine's nodes count one path each, and only the knapsacks are left.
 *
 * Numbers of links are tried agg by agg, the highest first. A part of a choice
 * is given up when it cannot become better than the best choice so far: with
 * every agg not yet reached left as it is, the knapsacks gain the most they can;
 * and of the links of those aggs, no more can go than the ToR with the least to
 * spare can do without.
 */
#include "plan_inner.h"

/**
 * struct pod - one search
 * @plan: the plan; of the choice, the aggs' links are out while it is tried
 * @seg: the segment
 * @n_up: the first so many items are links of aggs to the spine
 * @aggs: their groups
 * @from: of an agg: its first item; its last comes before the next one's
 * @taken: of an agg: how many of its items are out
 * @gain: sum of the loss rates of these
 * @low_loss: sum of the loss rates of the ToRs' items
 */
struct pod {
	struct ln_plan *plan;
	struct ln_segment *seg;
	u32 n_up;
	u32 aggs;
	u32 *from;
	u32 *taken;
	u64 gain;
	u64 low_loss;
};

static bool spent(const struct pod *pod)
{
	return pod->plan->steps >= pod->seg->limit;
}

static u64 spare(const struct pod *pod, u32 tor)
{
	return pod->plan->paths[tor] - pod->plan->need[tor];
}

static u64 weight(const struct pod *pod, u32 at)
{
	const struct ln_plan *plan = pod->plan;

	return plan->paths[plan->upper[pod->seg->item[at].link]];
}

/*
 * The most that the links [@from, @to) of one ToR can gain. A link that is left
 * while another goes that loses no more and weighs no less is a waste: they
 * would change places. So once a link is left only lighter ones are tried; key[]
 * keeps the weight of a link (value) and of the lightest left before it (cost).
 * If @best is not NULL, the choice is noted there.
 */
static u64 knapsack(struct pod *pod, u32 from, u32 to, u8 *best)
{
	const struct ln_item *item = pod->seg->item;
	u64 room = spare(pod, item[from].lower);
	struct ln_key *key = pod->seg->key;
	u64 gain = 0, most = 0, rest = 0;
	u8 *pick = pod->seg->pick;
	u32 i;

	for (i = from; i < to; i++) {
		key[i].value = weight(pod, i);
		rest += item[i].loss;
	}
	if (best)
		memset(best + from, 0, to - from);
	key[from].cost = U64_MAX;
	for (i = from;;) {
		pod->plan->steps++;
		if (i < to && gain + rest > most) {
			rest -= item[i].loss;
			pick[i] = key[i].value <= room && key[i].value < key[i].cost;
			key[i + 1].cost = key[i].cost;
			if (pick[i]) {
				gain += item[i].loss;
				room -= key[i].value;
			} else {
				key[i + 1].cost = min(key[i].cost, key[i].value);
			}
			i++;
			continue;
		}
		if (gain > most) {
			most = gain;
			if (best)
				memcpy(best + from, pick + from, i - from);
		}
		/* Back to the last link that goes; now it is left. */
		while (i > from && !pick[i - 1])
			rest += item[--i].loss;
		if (i == from || spent(pod))
			return most;
		pick[i - 1] = 0;
		gain -= item[i - 1].loss;
		room += key[i - 1].value;
		key[i].cost = min(key[i - 1].cost, key[i - 1].value);
	}
}

/* All knapsacks as the aggs are now. */
static u64 knapsacks(struct pod *pod, u8 *best)
{
	const struct ln_segment *seg = pod->seg;
	u64 sum = 0;
	u32 i, to;

	for (i = pod->n_up; i < seg->n; i = to) {
		for (to = i + 1; to < seg->n; to++)
			if (seg->item[to].lower != seg->item[i].lower)
				break;
		sum += knapsack(pod, i, to, best);
	}
	return sum;
}

static u32 tightest(const struct pod *pod)
{
	const struct ln_segment *seg = pod->seg;
	u32 i, tor = seg->tor[0];

	for (i = 1; i < seg->n_tors; i++)
		if (spare(pod, seg->tor[i]) < spare(pod, tor))
			tor = seg->tor[i];
	pod->plan->steps += seg->n_tors;
	return tor;
}

/*
 * No less than what the aggs from number @depth on can gain: a link of an agg
 * that the tightest ToR is linked to takes at least one path from it. In
 * plan->ways: whether it is.
 */
static u64 aggs_bound(struct pod *pod, u32 depth)
{
	const struct ln_segment *seg = pod->seg;
	struct ln_plan *plan = pod->plan;
	u32 tor = tightest(pod), i, at;
	u64 left = spare(pod, tor);
	u64 sum = 0;

	for (i = depth; i < pod->aggs; i++)
		plan->ways[seg->item[pod->from[i]].lower] = 0;
	for (i = plan->up_at[tor]; i < plan->up_at[tor + 1]; i++)
		plan->ways[plan->upper[plan->up[i]]] = ln_plan_in_service(plan, plan->up[i]);
	for (i = 0; i < seg->n; i++) {
		at = seg->order[i];
		if (at >= pod->n_up || seg->item[at].group < depth)
			continue;
		if (plan->ways[seg->item[at].lower]) {
			if (!left)
				continue;
			left--;
		}
		sum += seg->item[at].loss;
	}
	plan->steps += seg->n + plan->up_at[tor + 1] - plan->up_at[tor];
	return sum;
}

/* As many links of the agg as the ToRs allow, the worst first. */
static void take_most(struct pod *pod, u32 agg)
{
	u32 at, tor;

	for (at = pod->from[agg]; at < pod->from[agg + 1]; at++) {
		if (!ln_plan_may_go(pod->plan, pod->seg->item[at].link, &tor))
			break;
		ln_plan_link_out(pod->plan, pod->seg->item[at].link);
		pod->gain += pod->seg->item[at].loss;
		pod->taken[agg]++;
	}
}

static void give_back(struct pod *pod, u32 agg)
{
	u32 at = pod->from[agg] + --pod->taken[agg];

	ln_plan_link_in(pod->plan, pod->seg->item[at].link);
	pod->gain -= pod->seg->item[at].loss;
}

static void keep(struct pod *pod)
{
	struct ln_segment *seg = pod->seg;
	u64 gain = pod->gain + knapsacks(pod, NULL);
	u64 limit = seg->limit;
	u32 agg, i;

	if (gain <= seg->gain || spent(pod))
		return;
	for (agg = 0; agg < pod->aggs; agg++)
		for (i = pod->from[agg]; i < pod->from[agg + 1]; i++)
			seg->chosen[i] = i - pod->from[agg] < pod->taken[agg];
	/* Again, to have it noted: not to be cut short this time. */
	seg->limit = U64_MAX;
	seg->gain = pod->gain + knapsacks(pod, seg->chosen);
	seg->limit = limit;
}

static bool promising(struct pod *pod, u32 depth)
{
	u64 most = pod->gain + aggs_bound(pod, depth);

	if (most + pod->low_loss <= pod->seg->gain)
		return false;
	return most + knapsacks(pod, NULL) > pod->seg->gain;
}

static void try_all(struct pod *pod)
{
	u32 depth = 0;

	for (;;) {
		core_relax();
		if (!spent(pod) && promising(pod, depth)) {
			if (depth < pod->aggs) {
				take_most(pod, depth++);
				continue;
			}
			keep(pod);
		}
		/* One link less at the last agg that has one to give. */
		while (depth && !pod->taken[depth - 1])
			depth--;
		if (!depth)
			return;
		give_back(pod, depth - 1);
	}
}

/**
 * ln_pod_search() - finds the best choice for a segment of two or three tiers
 * @plan: the plan
 * @seg: the segment, with a choice to be improved
 *
 * Return: true if the choice is proven to be the best.
 */
bool ln_pod_search(struct ln_plan *plan, struct ln_segment *seg)
{
	struct pod pod = {
		.plan = plan, .seg = seg, .from = seg->room,
		.taken = seg->room + seg->n + 1,
	};
	u32 i;

	for (i = 0; i < seg->n && seg->item[i].tier; i++) {
		if (i && seg->item[i].group == seg->item[i - 1].group)
			continue;
		pod.taken[pod.aggs] = 0;
		pod.from[pod.aggs++] = i;
	}
	pod.n_up = i;
	pod.from[pod.aggs] = i;
	for (; i < seg->n; i++)
		pod.low_loss += seg->item[i].loss;
	try_all(&pod);
	return !spent(&pod);
}
