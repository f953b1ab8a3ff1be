// SPDX-License-Identifier: GPL-2.0-only
/*
 * A datacenter over months: links begin to corrupt, are taken out if the policy
 * allows it, are repaired and come back. A link corrupts after 10,000 hours in
 * the mean (exponential); how much it loses is drawn from four ranges, with the
 * shares that were measured in production; a repair takes two days with
 * probability 0.8, else four. A link that must stay is not repaired.
 *
 * The fast check alone is the published one: a link is asked for once, when it
 * begins to corrupt. That it be asked for again when there is capacity is the
 * least that could be added, so there is a policy for it; the oldest link is
 * asked for first. Switch-local asks again, too.
 *
 * Time is counted in seconds and loss in the planner's units, so that penalty
 * over time is exact.
 */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "plan_inner.h"
#include "topo.h"

#define HOUR		3600u
#define DAY		(24u * HOUR)
#define MEAN_HOURS	10000

const char *const topo_policy_names[TOPO_POLICIES] = {
	[TOPO_SWITCH_LOCAL] = "switch-local",
	[TOPO_FAST_CHECK] = "fast-check",
	[TOPO_ASK_AGAIN] = "ask-again",
	[TOPO_OPTIMIZER] = "optimizer",
};

/* Loss rates: uniform between @from and the next one's, @share in 10,000. */
static const struct {
	u64 from;
	u32 share;
} ranges[] = {
	{ LN_PLAN_LOSS_ONE / 100000000, 4723 },
	{ LN_PLAN_LOSS_ONE / 100000, 1843 },
	{ LN_PLAN_LOSS_ONE / 10000, 2167 },
	{ LN_PLAN_LOSS_ONE / 1000, 1267 },
	{ LN_PLAN_LOSS_ONE / 100, 0 },
};

/**
 * struct event - a link begins to corrupt, or comes back
 * @at: when, in seconds
 * @link: which
 * @repair: how long it will take to repair, in seconds
 * @loss: its loss rate
 */
struct event {
	u64 at;
	u32 link;
	u32 repair;
	u64 loss;
};

/**
 * struct run - a simulation
 * @sim: see there
 * @plan: the datacenter
 * @policy: what is done
 * @state: of the random numbers
 * @now: seconds since the beginning
 * @fault: the next link to corrupt
 * @repair: length of a link's repair, drawn when it began to corrupt
 * @since: when a link began to corrupt
 * @n_kept: corrupting links in service
 * @back: links under repair, a heap by time
 * @n_back: how many
 * @ups: of a node: links upwards that are in service
 * @keep: of a node: the least of them (switch-local)
 * @sum: penalty times seconds
 */
struct run {
	struct topo_sim *sim;
	struct ln_plan *plan;
	enum topo_policy policy;
	u64 state;
	u64 now;
	struct event fault;
	u32 *repair;
	u64 *since;
	u64 n_kept;
	struct event *back;
	u32 n_back;
	u32 *ups;
	u32 *keep;
	__uint128_t sum;
};

/* splitmix64 */
static u64 chance(struct run *run)
{
	u64 x;

	run->state += 0x9e3779b97f4a7c15ULL;
	x = run->state;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static u64 below(struct run *run, u64 n)
{
	return (__uint128_t)chance(run) * n >> 64;
}

static u64 draw_loss(struct run *run)
{
	u32 share = below(run, 10000);
	unsigned int i;

	for (i = 0; share >= ranges[i].share; i++)
		share -= ranges[i].share;
	return ranges[i].from + below(run, ranges[i + 1].from - ranges[i].from);
}

/* All faults together come at the rate of one times the number of links. */
static void draw_fault(struct run *run)
{
	double unit = ((chance(run) >> 11) + 1) / 9007199254740992.0;
	double mean = (double)MEAN_HOURS * HOUR / run->plan->n_links;

	run->fault.at += (u64)(-log(unit) * mean + 0.5);
	run->fault.link = below(run, run->plan->n_links);
	run->fault.loss = draw_loss(run);
	run->fault.repair = (below(run, 10) < 8 ? 2 : 4) * DAY;
}

/* CLOCK_THREAD_CPUTIME_ID for single calls, so that no other thread's turn is in it. */
static u64 clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* The heap: the one that comes back first is at 0. */
static void push_back(struct run *run, u32 link)
{
	struct event *back = run->back;
	u32 i = run->n_back++;

	back[i] = (struct event){ .at = run->now + run->repair[link], .link = link };
	for (; i && back[i].at < back[(i - 1) / 2].at; i = (i - 1) / 2)
		swap(back[i], back[(i - 1) / 2]);
}

static u32 pop_back(struct run *run)
{
	struct event *back = run->back;
	u32 link = back[0].link, i = 0, child;

	back[0] = back[--run->n_back];
	while ((child = 2 * i + 1) < run->n_back) {
		if (child + 1 < run->n_back && back[child + 1].at < back[child].at)
			child++;
		if (back[i].at <= back[child].at)
			break;
		swap(back[i], back[child]);
		i = child;
	}
	return link;
}

/* The ToRs below a link that went: how much have they left? */
static void look_below(struct run *run, u32 link)
{
	struct ln_plan *plan = run->plan;
	struct topo_sim *sim = run->sim;
	u32 node, i, share;
	u8 tier;

	ln_plan_push(plan, plan->lower[link]);
	for (tier = plan->tier[plan->lower[link]] + 1; tier--;) {
		while ((node = ln_plan_pop(plan, tier)) != LN_PLAN_NONE) {
			for (i = plan->down_at[node]; i < plan->down_at[node + 1]; i++)
				if (ln_plan_in_service(plan, plan->down[i]))
					ln_plan_push(plan, plan->lower[plan->down[i]]);
			if (tier)
				continue;
			share = mul_u64_u64_div_u64(plan->paths[node], 1000, plan->full[node]);
			sim->least_share = min(sim->least_share, share);
			sim->least_paths = min(sim->least_paths, plan->paths[node]);
			sim->short_of += plan->paths[node] < plan->need[node];
		}
	}
}

static void take_out(struct run *run, u32 link)
{
	ln_plan_take_out(run->plan, link);
	run->ups[run->plan->lower[link]]--;
	push_back(run, link);
	look_below(run, link);
}

static bool may_go(struct run *run, u32 link)
{
	u32 lower = run->plan->lower[link], tor;
	u64 begun;
	bool may;

	if (run->policy == TOPO_SWITCH_LOCAL)
		return run->ups[lower] > run->keep[lower];
	if (!run->sim->timing)
		return ln_plan_may_go(run->plan, link, &tor);
	begun = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	may = ln_plan_may_go(run->plan, link, &tor);
	begun = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
	run->sim->timing(run->sim->timing_data, false, begun);
	return may;
}

static void corrupt(struct run *run)
{
	struct topo_sim *sim = run->sim;
	u32 link = run->fault.link;

	if (ln_plan_is_out(run->plan, link) || ln_plan_loss(run->plan, link)) {
		sim->skipped++;
		return;
	}
	sim->events++;
	run->repair[link] = run->fault.repair;
	ln_plan_set_loss(run->plan, link, run->fault.loss);
	if (may_go(run, link)) {
		take_out(run, link);
		return;
	}
	run->since[link] = run->now;
	sim->kept++;
	sim->most_kept = max(sim->most_kept, ++run->n_kept);
}

static void take_late(struct run *run, u32 link)
{
	take_out(run, link);
	run->n_kept--;
	run->sim->late++;
}

/* Each link that had to stay is asked for again, the oldest first. */
static void ask_again(struct run *run)
{
	u32 link, next;

	for (link = run->plan->first; link != LN_PLAN_NONE; link = next) {
		next = run->plan->after[link];
		if (may_go(run, link))
			take_late(run, link);
	}
}

/* A switch knows of its own links only: one more may go, the oldest. */
static void ask_switch(struct run *run, u32 node)
{
	struct ln_plan *plan = run->plan;
	u32 i, link, oldest = LN_PLAN_NONE;

	for (i = plan->up_at[node]; i < plan->up_at[node + 1]; i++) {
		link = plan->up[i];
		if (!ln_plan_in_service(plan, link) || !plan->loss[link])
			continue;
		if (oldest == LN_PLAN_NONE || run->since[link] < run->since[oldest])
			oldest = link;
	}
	if (oldest != LN_PLAN_NONE && may_go(run, oldest))
		take_late(run, oldest);
}

static bool optimize(struct run *run)
{
	struct ln_plan_answer answer;
	u64 begun;
	u32 i;

	begun = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	if (ln_plan_optimize(run->plan, run->sim->budget, &answer))
		return false;
	begun = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
	if (run->sim->timing)
		run->sim->timing(run->sim->timing_data, true, begun);
	run->sim->runs++;
	run->sim->unproven += !answer.proven;
	for (i = 0; i < answer.n_out; i++)
		take_late(run, answer.out[i]);
	return true;
}

static bool come_back(struct run *run)
{
	u32 link = pop_back(run);

	ln_plan_set_loss(run->plan, link, 0);
	ln_plan_bring_back(run->plan, link);
	run->ups[run->plan->lower[link]]++;
	if (!run->n_kept)
		return true;
	switch (run->policy) {
	case TOPO_SWITCH_LOCAL:
		ask_switch(run, run->plan->lower[link]);
		return true;
	case TOPO_ASK_AGAIN:
		ask_again(run);
		return true;
	case TOPO_OPTIMIZER:
		return optimize(run);
	default:
		return true;
	}
}

static void pass_time(struct run *run, u64 to)
{
	run->sum += (__uint128_t)ln_plan_penalty(run->plan) * (to - run->now);
	run->now = to;
}

static bool run_all(struct run *run)
{
	u64 end = (u64)run->sim->hours * HOUR;

	for (draw_fault(run);;) {
		bool back = run->n_back && run->back[0].at <= run->fault.at;
		u64 at = back ? run->back[0].at : run->fault.at;

		if (at > end)
			break;
		pass_time(run, at);
		if (!back) {
			corrupt(run);
			draw_fault(run);
		} else if (!come_back(run)) {
			return false;
		}
	}
	pass_time(run, end);
	return true;
}

/*
 * Switch-local: with R tiers above the ToRs, a share C of the paths is left if
 * every switch keeps the R-th root of C of its links upwards. A switch does not
 * know which ToRs are below it, so C is that of the ToR which wants most.
 */
static void set_keep(struct run *run)
{
	struct ln_plan *plan = run->plan;
	u16 bound = 0;
	double root;
	u32 i;

	for (i = 0; i < plan->n_nodes; i++)
		if (!plan->tier[i])
			bound = max(bound, plan->own_bound[i] == LN_PLAN_BOUND_INHERIT ?
				    plan->bound : plan->own_bound[i]);
	root = pow(bound / 1000.0, 1.0 / plan->top);
	for (i = 0; i < plan->n_nodes; i++) {
		run->ups[i] = plan->up_at[i + 1] - plan->up_at[i];
		run->keep[i] = ceil(run->ups[i] * root - 0.000000001);
	}
}

static u64 least_full(const struct ln_plan *plan)
{
	u64 least = U64_MAX;
	u32 i;

	for (i = 0; i < plan->n_nodes; i++)
		if (!plan->tier[i] && plan->full[i])
			least = min(least, plan->full[i]);
	return least;
}

bool topo_simulate(struct topo_sim *sim, struct ln_plan *plan, enum topo_policy policy)
{
	struct run run = { .sim = sim, .plan = plan, .policy = policy, .state = sim->seed };
	u64 begun = clock_ns(CLOCK_MONOTONIC);
	bool done = false;

	run.repair = calloc(plan->n_links, sizeof(*run.repair));
	run.since = calloc(plan->n_links, sizeof(*run.since));
	run.back = calloc(plan->n_links, sizeof(*run.back));
	run.ups = calloc(plan->n_nodes, sizeof(*run.ups));
	run.keep = calloc(plan->n_nodes, sizeof(*run.keep));
	sim->least_paths = least_full(plan);
	sim->least_share = 1000;
	if (run.repair && run.since && run.back && run.ups && run.keep) {
		set_keep(&run);
		done = run_all(&run);
	}
	sim->penalty = (double)run.sum / LN_PLAN_LOSS_ONE / HOUR;
	sim->seconds = (clock_ns(CLOCK_MONOTONIC) - begun) / 1e9;
	free(run.repair);
	free(run.since);
	free(run.back);
	free(run.ups);
	free(run.keep);
	return done;
}
