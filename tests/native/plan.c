// SPDX-License-Identifier: GPL-2.0-only
/* native: modules/link/plan.c modules/link/optimize.c modules/link/pod.c modules/link/branch.c */
/*
 * The planner against the plainest of means, on random topologies; what it does
 * with topologies that make no sense, with large ones, and without budget.
 */
#include "../../kunit/link_plan_model.h"
#include "native.h"

static struct model model;

/* What a test does with a topology in trouble; returns what is wrong. */
typedef const char *(*check_fn)(struct model *m, struct ln_plan *plan);

static void make_clos(struct model *m)
{
	model_pods(m, model_pick(m, 1, 3), model_pick(m, 1, 4), model_pick(m, 1, 4),
		   model_pick(m, 1, 5), 1);
}

static void make_facebook(struct model *m)
{
	model_pods(m, 2, model_pick(m, 3, 6), 4, 4, 1);
}

static void make_trunked(struct model *m)
{
	model_pods(m, model_pick(m, 1, 2), model_pick(m, 1, 3), model_pick(m, 1, 3),
		   model_pick(m, 1, 4), 3);
}

static void make_two_tiers(struct model *m)
{
	model_irregular(m, 2, 4);
}

static void make_three_tiers(struct model *m)
{
	model_irregular(m, 3, 4);
}

static void make_four_tiers(struct model *m)
{
	model_irregular(m, 4, 4);
}

static void make_five_tiers(struct model *m)
{
	model_irregular(m, 5, 3);
}

/* Many topologies of a kind; stops at the first that fails and tells its seed. */
static void each(const char *what, void (*make)(struct model *m), unsigned int n, u32 corrupt,
		 u64 seed, check_fn check)
{
	enum ln_plan_fault fault;
	const char *wrong = NULL;
	struct ln_plan *plan;
	unsigned int i;

	for (i = 0; i < n && !wrong; i++) {
		model_init(&model, seed + i);
		make(&model);
		model_trouble(&model, corrupt);
		plan = model_plan(&model, &fault);
		wrong = plan ? check(&model, plan) : ln_plan_fault_text(fault);
		ln_plan_destroy(plan);
	}
	if (ok(!wrong, "%s", what))
		printf("# %u topologies\n", n);
	else
		printf("# seed %llu: %s\n", (unsigned long long)(seed + i - 1), wrong);
}

/* Links come and go, at random; the counts are right at each step. */
static const char *check_counts(struct model *m, struct ln_plan *plan)
{
	u32 i, link;

	for (i = 0; i < 60; i++) {
		link = model_pick(m, 0, m->n_links - 1);
		switch (model_pick(m, 0, 2)) {
		case 0:
			ln_plan_take_out(plan, link);
			m->out[link] = true;
			break;
		case 1:
			ln_plan_bring_back(plan, link);
			m->out[link] = false;
			break;
		default:
			m->loss[link] = model_pick(m, 0, 1) * model_pick(m, 1, 99);
			ln_plan_set_loss(plan, link, m->loss[link]);
		}
		if (!model_agrees(m, plan))
			return "miscounted";
	}
	return NULL;
}

static const char *check_needs(struct model *m, struct ln_plan *plan)
{
	u32 i, tor = LN_PLAN_NONE;

	m->bound = 50 * model_pick(m, 0, 20);
	if (ln_plan_set_bound(plan, LN_PLAN_NONE, m->bound))
		return "a bound is refused";
	for (i = 0; i < m->n_nodes; i++)
		if (!m->nodes[i].tier)
			tor = i;
	m->nodes[tor].bound = model_pick(m, 0, 1) ? LN_PLAN_BOUND_INHERIT : 400;
	if (ln_plan_set_bound(plan, tor, m->nodes[tor].bound))
		return "a ToR's bound is refused";
	model_count(m, true);
	for (i = 0; i < m->n_nodes; i++)
		if (ln_plan_need(plan, i) != model_need(m, i) ||
		    ln_plan_paths_full(plan, i) != m->paths[i])
			return "a need is wrong";
	return NULL;
}

/* Every link is asked for; some of those that may go do. */
static const char *check_fast(struct model *m, struct ln_plan *plan)
{
	u32 i, tor, mine;
	bool may;

	for (i = 0; i < m->n_links; i++) {
		model_floors(m);
		m->gone[i] = true;
		mine = model_short(m);
		may = ln_plan_may_go(plan, i, &tor);
		if (may != (m->out[i] || (mine == LN_PLAN_NONE && !m->locked[i])))
			return "the fast check errs";
		if (!may && !m->locked[i] && (tor >= m->n_nodes || m->paths[tor] >= m->floor[tor]))
			return "the ToR it names has enough";
		if (may && model_pick(m, 0, 1)) {
			ln_plan_take_out(plan, i);
			m->out[i] = true;
		}
	}
	return model_agrees(m, plan) ? NULL : "the fast check leaves traces";
}

/* The fast check alone. Afterwards the links are as they were, in this order. */
static u64 ask_in_turn(struct ln_plan *plan, const u32 *list, u32 n)
{
	u64 penalty;
	u32 i, tor;

	for (i = 0; i < n; i++)
		if (ln_plan_may_go(plan, list[i], &tor))
			ln_plan_take_out(plan, list[i]);
	penalty = ln_plan_penalty(plan);
	for (i = 0; i < n; i++)
		ln_plan_take_out(plan, list[i]);
	for (i = 0; i < n; i++)
		ln_plan_bring_back(plan, list[i]);
	return penalty;
}

/* No worse than asking for the links in the order they came. */
static const char *check_greedy(struct model *m, struct ln_plan *plan,
				const struct ln_plan_answer *answer)
{
	u32 n = model_candidates(m);

	return answer->penalty > ask_in_turn(plan, m->list, n) ?
	       "worse than the fast check alone" : NULL;
}

static const char *check_method(struct model *m, struct ln_plan *plan, enum ln_method method)
{
	u64 best = model_best(m);
	struct ln_plan_answer answer;
	const char *wrong;

	if (best == U64_MAX)
		return "too many links to try every choice";
	if (ln_plan_optimize_by(plan, U64_MAX, method, &answer))
		return "no memory";
	wrong = model_wrong(m, &answer, best);
	if (!wrong && !answer.proven)
		wrong = "not proven";
	if (!wrong && !model_agrees(m, plan))
		wrong = "the optimizer leaves traces";
	return wrong ? wrong : check_greedy(m, plan, &answer);
}

static const char *check_best(struct model *m, struct ln_plan *plan)
{
	return check_method(m, plan, LN_METHOD_BEST);
}

static const char *check_branch(struct model *m, struct ln_plan *plan)
{
	return check_method(m, plan, LN_METHOD_BRANCH);
}

/* More links than can be tried: the two searches must agree. */
static const char *check_both(struct model *m, struct ln_plan *plan)
{
	struct ln_plan_answer pod, branch;
	const char *wrong;

	if (ln_plan_optimize_by(plan, U64_MAX, LN_METHOD_BEST, &pod))
		return "no memory";
	wrong = model_wrong(m, &pod, U64_MAX);
	if (wrong)
		return wrong;
	if (ln_plan_optimize_by(plan, 3000000, LN_METHOD_BRANCH, &branch))
		return "no memory";
	wrong = model_wrong(m, &branch, U64_MAX);
	if (wrong)
		return wrong;
	if (!pod.proven)
		return "not proven";
	if (branch.penalty < pod.penalty || (branch.proven && branch.penalty > pod.penalty))
		return "the two searches disagree";
	return NULL;
}

static unsigned int n_unproven, n_unknown;

/* From no budget at all to enough: safe each time, and proven only if it is the best. */
static const char *check_budget(struct model *m, struct ln_plan *plan)
{
	static const u64 budgets[] = { 0, 1, 100, 1000, 3000, 10000, 30000, 100000 };
	struct ln_plan_answer answer;
	u64 best = model_best(m);
	const char *wrong = NULL;
	unsigned int i, method;

	if (best == U64_MAX) {
		if (ln_plan_optimize(plan, 20000000, &answer))
			return "no memory";
		best = answer.proven ? answer.penalty : U64_MAX;
		n_unknown += !answer.proven;
	}
	for (method = LN_METHOD_BEST; method <= LN_METHOD_BRANCH && !wrong; method++) {
		for (i = 0; i < ARRAY_SIZE(budgets) && !wrong; i++) {
			if (ln_plan_optimize_by(plan, budgets[i], method, &answer))
				return "no memory";
			wrong = model_wrong(m, &answer, best);
			if (!wrong)
				wrong = check_greedy(m, plan, &answer);
			n_unproven += !answer.proven;
		}
	}
	return wrong || model_agrees(m, plan) ? wrong : "the optimizer leaves traces";
}

/* The checker itself: wrong answers of each kind are noticed. */
static const char *check_checker(struct model *m, struct ln_plan *plan)
{
	struct ln_plan_answer answer, bad;
	u32 out[MODEL_LINKS], n, i, tor;
	u64 best = model_best(m);

	if (ln_plan_optimize(plan, U64_MAX, &answer))
		return "no memory";
	memcpy(out, answer.out, answer.n_out * sizeof(*out));
	bad = answer;
	bad.out = out;
	bad.penalty++;
	if (!model_wrong(m, &bad, best))
		return "a wrong penalty is not noticed";
	/* One link less: safe, but not the best. */
	if (answer.n_out) {
		bad.n_out--;
		bad.penalty = answer.penalty + m->loss[out[bad.n_out]];
		if (!model_wrong(m, &bad, best))
			return "an answer that is not the best is not noticed";
	}
	/* One that must stay. */
	for (i = 0; i < answer.n_out; i++)
		ln_plan_take_out(plan, out[i]);
	n = model_candidates(m);
	for (i = 0; i < n && ln_plan_may_go(plan, m->list[i], &tor); i++)
		;
	if (i < n) {
		bad.out = &m->list[i];
		bad.n_out = 1;
		for (i = 0; i < answer.n_out; i++)
			m->out[out[i]] = true;
		bad.penalty = model_penalty(m) - m->loss[*bad.out];
		if (!model_wrong(m, &bad, U64_MAX))
			return "a ToR that is left with too little is not noticed";
	}
	return NULL;
}

static void make_hard(struct model *m)
{
	m->bound = 750;
	model_pods(m, 1, 6, 4, 8, 1);
}

static void make_hard_trunked(struct model *m)
{
	m->bound = 700;
	model_pods(m, 1, 6, 4, 8, 2);
}

static void make_hard_four(struct model *m)
{
	m->bound = 650;
	model_irregular(m, 4, 6);
}

static void expect(const char *what, const struct ln_plan_node *nodes, u32 n_nodes,
		   const struct ln_plan_link *links, u32 n_links, u16 bound,
		   enum ln_plan_fault expected, u32 where)
{
	enum ln_plan_fault fault;
	struct ln_plan *plan;
	u32 at;

	plan = ln_plan_create(nodes, n_nodes, links, n_links, bound, &fault, &at);
	ok(!plan && fault == expected && at == where && strlen(ln_plan_fault_text(fault)) > 10,
	   "refused: %s (%s)", what, ln_plan_fault_text(fault));
	ln_plan_destroy(plan);
}

#define TOR	{ 0, LN_PLAN_BOUND_INHERIT }
#define AGG	{ 1, LN_PLAN_BOUND_INHERIT }
#define SPINE	{ 2, LN_PLAN_BOUND_INHERIT }

static void test_absurd(void)
{
	static const struct ln_plan_node fine[] = { TOR, AGG, SPINE };
	static const struct ln_plan_node high[] = { TOR, AGG, { 8, 0 } };
	static const struct ln_plan_node greedy[] = { TOR, { 0, 1001 }, AGG };
	static const struct ln_plan_node headless[] = { AGG, SPINE };
	static const struct ln_plan_node lone_top[] = { TOR, AGG, { 3, 0 } };
	static const struct ln_plan_link chain[] = { { 0, 1 }, { 2, 1 } };
	static const struct ln_plan_link skip[] = { { 0, 1 }, { 0, 2 } };
	static const struct ln_plan_link same[] = { { 1, 1 } };
	static const struct ln_plan_link far[] = { { 0, 1 }, { 1, 3 } };
	struct ln_plan_node *deep = calloc(8, sizeof(*deep));
	struct ln_plan_link *thick = calloc(7 << 17, sizeof(*thick));
	u32 i;

	expect("no nodes", NULL, 0, chain, 2, 500, LN_PLAN_NO_TOR, LN_PLAN_NONE);
	expect("no links", fine, 3, NULL, 0, 500, LN_PLAN_NO_LINKS, LN_PLAN_NONE);
	expect("a tier too high", high, 3, chain, 2, 500, LN_PLAN_TIER_RANGE, 2);
	expect("a bound above 1", fine, 3, chain, 2, 1001, LN_PLAN_BOUND_RANGE, LN_PLAN_NONE);
	expect("no bound at all", fine, 3, chain, 2, LN_PLAN_BOUND_INHERIT, LN_PLAN_BOUND_RANGE,
	       LN_PLAN_NONE);
	expect("a ToR's bound above 1", greedy, 3, chain, 2, 500, LN_PLAN_BOUND_RANGE, 1);
	expect("no ToR", headless, 2, chain, 1, 500, LN_PLAN_NO_TOR, LN_PLAN_NONE);
	expect("a link past a tier", fine, 3, skip, 2, 500, LN_PLAN_TIERS_APART, 1);
	expect("a link to itself", fine, 3, same, 1, 500, LN_PLAN_TIERS_APART, 0);
	expect("a link to nowhere", fine, 3, far, 2, 500, LN_PLAN_UNKNOWN_NODE, 1);
	expect("a spine out of reach", lone_top, 3, chain, 1, 500, LN_PLAN_NO_PATH, 0);
	expect("too many nodes", fine, LN_PLAN_MAX_NODES + 1, chain, 2, 500,
	       LN_PLAN_TOO_MANY_NODES, LN_PLAN_NONE);
	expect("too many links", fine, 3, chain, LN_PLAN_MAX_LINKS + 1, 500,
	       LN_PLAN_TOO_MANY_LINKS, LN_PLAN_NONE);

	/* 2^17 parallel links between each two of eight tiers make 2^119 paths. */
	for (i = 0; i < 8; i++)
		deep[i] = (struct ln_plan_node){ i, LN_PLAN_BOUND_INHERIT };
	for (i = 0; i < 7 << 17; i++)
		thick[i] = (struct ln_plan_link){ i >> 17, (i >> 17) + 1 };
	expect("more paths than can be counted", deep, 8, thick, 7 << 17, 500,
	       LN_PLAN_TOO_MANY_PATHS, 3);
	free(deep);
	free(thick);
}

/* Odd, but nothing is wrong with it. */
static void test_odd(void)
{
	static const struct ln_plan_node nodes[] = { TOR, AGG, SPINE, TOR, AGG };
	static const struct ln_plan_link links[] = { { 0, 1 }, { 2, 1 } };
	struct ln_plan_answer answer;
	enum ln_plan_fault fault;
	struct ln_plan *plan;
	u32 at, tor;

	plan = ln_plan_create(nodes, 5, links, 2, 1000, &fault, &at);
	ok(plan && !ln_plan_paths(plan, 3) && !ln_plan_need(plan, 3),
	   "a ToR without links needs nothing");
	ok(plan && !ln_plan_may_go(plan, 0, &tor) && !tor, "bound 1: no link may go");
	ln_plan_take_out(plan, 1);
	ok(ln_plan_may_go(plan, 0, &tor), "a link that carries no path may go");
	ln_plan_bring_back(plan, 1);
	ln_plan_set_loss(plan, 0, 7);
	ln_plan_set_loss(plan, 1, 5);
	ok(!ln_plan_optimize(plan, U64_MAX, &answer) && !answer.n_out && answer.proven &&
	   answer.penalty == 12 && answer.contested == 2 && !answer.segments,
	   "bound 1: nothing goes");
	ok(!ln_plan_set_bound(plan, LN_PLAN_NONE, 0) && !ln_plan_optimize(plan, 0, &answer) &&
	   answer.n_out == 2 && answer.proven && !answer.penalty,
	   "bound 0: all go, even without budget");
	ok(ln_plan_set_bound(plan, 1, 500) == -EINVAL &&
	   ln_plan_set_bound(plan, 9, 500) == -EINVAL &&
	   ln_plan_set_bound(plan, 0, 1001) == -EINVAL &&
	   ln_plan_set_bound(plan, LN_PLAN_NONE, LN_PLAN_BOUND_INHERIT) == -EINVAL,
	   "bounds that make no sense are refused");
	ln_plan_set_loss(plan, 0, U64_MAX);
	ok(ln_plan_loss(plan, 0) == LN_PLAN_LOSS_ONE, "no link loses more than all");
	ln_plan_destroy(plan);
}

/* A pod of the Facebook fabric: 48 ToRs x 4 aggs, 4 x 48 links to the spine. */
static struct ln_plan *facebook_pod(u16 bound)
{
	struct ln_plan_node nodes[48 + 4 + 192];
	struct ln_plan_link links[384];
	enum ln_plan_fault fault;
	u32 i, at;

	for (i = 0; i < 244; i++)
		nodes[i] = (struct ln_plan_node){ (i >= 48) + (i >= 52), LN_PLAN_BOUND_INHERIT };
	for (i = 0; i < 192; i++) {
		links[i] = (struct ln_plan_link){ i / 4, 48 + i % 4 };
		links[192 + i] = (struct ln_plan_link){ 48 + i / 48, 52 + i };
	}
	return ln_plan_create(nodes, 244, links, 384, bound, &fault, &at);
}

/* What no brute force can do: @n of 384 links corrupt. */
static void test_pod(u64 seed, u16 bound, u32 n)
{
	struct ln_plan_answer best, greedy;
	struct ln_plan *plan = facebook_pod(bound);
	u64 most = 0, steps;
	u32 i;

	model_init(&model, seed);
	for (i = 0; i < n; i++)
		ln_plan_set_loss(plan, model_pick(&model, 0, 383), model_loss(&model, false));
	if (ln_plan_optimize_by(plan, 0, LN_METHOD_GREEDY, &greedy))
		greedy.penalty = 0;
	most = greedy.penalty;
	if (ln_plan_optimize(plan, LN_PLAN_BUDGET, &best))
		best.penalty = U64_MAX;
	steps = best.steps;
	ok(best.proven && best.penalty <= most, "a Facebook pod, %u links corrupt, bound %u: proven",
	   n, bound);
	printf("# penalty %llu, greedy %llu, %llu steps, %u contested\n",
	       (unsigned long long)best.penalty, (unsigned long long)most,
	       (unsigned long long)steps, best.contested);
	ln_plan_destroy(plan);
}

/*
 * Each of @n links of one switch is below or above all others, so to ask for one
 * takes @n steps: what the optimizer may not do without end, since others wait.
 */
static struct ln_plan *star(u32 n)
{
	struct ln_plan_node *nodes = calloc(2 * n + 1, sizeof(*nodes));
	struct ln_plan_link *links = calloc(2 * n, sizeof(*links));
	enum ln_plan_fault fault;
	struct ln_plan *plan;
	u32 i, at;

	for (i = 0; i <= 2 * n; i++)
		nodes[i] = (struct ln_plan_node){ (i >= n) + (i > n), LN_PLAN_BOUND_INHERIT };
	for (i = 0; i < n; i++) {
		links[i] = (struct ln_plan_link){ i, n };
		links[n + i] = (struct ln_plan_link){ n, n + 1 + i };
	}
	plan = ln_plan_create(nodes, 2 * n + 1, links, 2 * n, 500, &fault, &at);
	free(nodes);
	free(links);
	return plan;
}

static void test_endless(void)
{
	struct ln_plan *plan = star(16000);
	struct ln_plan_answer answer;
	struct timespec begun, now;
	bool safe = true;
	u32 i, tor;
	double s;

	for (i = 16000; i < 32000; i++)
		ln_plan_set_loss(plan, i, 1000 + i);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	ok(!ln_plan_optimize(plan, 0, &answer) && !answer.proven && answer.n_out,
	   "more links than can be asked for: an answer, not proven");
	clock_gettime(CLOCK_MONOTONIC, &now);
	s = now.tv_sec - begun.tv_sec + (now.tv_nsec - begun.tv_nsec) / 1e9;
	printf("# %u out, %llu steps, %.2f s\n", answer.n_out,
	       (unsigned long long)answer.steps, s);
	/* 16,000 links asked for once are 256 million steps. */
	ok(answer.steps < 100000000, "within a budget that is spent under the lock");
	for (i = 0; i < answer.n_out; i += 100)
		safe &= ln_plan_may_go(plan, answer.out[i], &tor);
	ok(safe, "and a safe one");
	ln_plan_destroy(plan);
}

/* Links that are out when a plan is made cost what is below them once, not each. */
static void test_begin_out(void)
{
	struct ln_plan *one = star(4000), *all = star(4000);
	u64 steps;
	bool same = true;
	u32 i;

	for (i = 4000; i < 6000; i++) {
		ln_plan_set_loss(one, i, 1000);
		ln_plan_set_loss(all, i, 1000);
		ln_plan_take_out(one, i);
	}
	steps = all->steps;
	for (i = 4000; i < 6000; i++) {
		ln_plan_begin_out(all, i);
		ln_plan_begin_out(all, i);
	}
	ln_plan_end_out(all);
	steps = all->steps - steps;
	for (i = 0; i <= 8000; i++)
		same &= ln_plan_paths(one, i) == ln_plan_paths(all, i);
	for (i = 0; i < 8000; i++)
		same &= ln_plan_is_out(one, i) == ln_plan_is_out(all, i);
	ok(same && ln_plan_penalty(one) == ln_plan_penalty(all), "out at first is as one by one");
	ok(steps < 100000, "in one go (%llu steps)", (unsigned long long)steps);
	ln_plan_destroy(one);
	ln_plan_destroy(all);
}

/* As many links as there may be, in four tiers, every 64th corrupt. */
static void test_large(void)
{
	static const u32 first[] = { 0, 1 << 17, (1 << 17) + (1 << 14), (1 << 17) + (1 << 15) };
	u32 n_nodes = first[3] + (1 << 10), n_links = LN_PLAN_MAX_LINKS, i, at, tor;
	struct ln_plan_node *nodes = calloc(n_nodes, sizeof(*nodes));
	struct ln_plan_link *links = calloc(n_links, sizeof(*links));
	struct ln_plan_answer answer = {};
	enum ln_plan_fault fault;
	struct ln_plan *plan;
	bool safe = true;

	for (i = 0; i < n_nodes; i++)
		nodes[i] = (struct ln_plan_node){
			(i >= first[1]) + (i >= first[2]) + (i >= first[3]), LN_PLAN_BOUND_INHERIT,
		};
	/* 2^19 below (4 a ToR), 2^18 in the middle, 2^18 to the spine. */
	for (i = 0; i < 1 << 19; i++)
		links[i] = (struct ln_plan_link){
			i >> 2, first[1] + ((i >> 7 << 2 | (i & 3)) & 16383),
		};
	for (i = 0; i < 1 << 18; i++) {
		links[(1 << 19) + i] = (struct ln_plan_link){
			first[1] + (i >> 4), first[2] + ((i >> 8 << 4 | (i & 15)) & 16383),
		};
		links[(3 << 18) + i] = (struct ln_plan_link){
			first[2] + (i >> 4), first[3] + (i & 1023),
		};
	}
	plan = ln_plan_create(nodes, n_nodes, links, n_links, 750, &fault, &at);
	if (!ok(!!plan, "2^20 links make a plan: %s", ln_plan_fault_text(fault)))
		goto out;
	model_init(&model, 1);
	for (i = 0; i < n_links; i += 64)
		ln_plan_set_loss(plan, i + model_pick(&model, 0, 63), model_loss(&model, false));
	ok(!ln_plan_optimize(plan, LN_PLAN_BUDGET / 10, &answer) && answer.n_out,
	   "the optimizer ends on 2^20 links");
	printf("# %u out, %u contested, %u segments, %llu steps, %s\n", answer.n_out,
	       answer.contested, answer.segments, (unsigned long long)answer.steps,
	       answer.proven ? "proven" : "not proven");
	for (i = 0; i < answer.n_out; i++) {
		safe &= ln_plan_may_go(plan, answer.out[i], &tor);
		ln_plan_take_out(plan, answer.out[i]);
	}
	ok(safe, "each of them may go, by the fast check");
	ok(ln_plan_penalty(plan) == answer.penalty, "and what stays is what was said");
out:
	ln_plan_destroy(plan);
	free(nodes);
	free(links);
}

int main(void)
{
	u64 seed = native_seed() << 20;

	each("counts: Clos", make_clos, 400, 9, seed, check_counts);
	each("counts: irregular, 5 tiers", make_five_tiers, 400, 9, seed, check_counts);
	each("needs: Clos", make_clos, 400, 9, seed, check_needs);
	each("needs: irregular, 4 tiers", make_four_tiers, 400, 9, seed, check_needs);
	each("fast check: Clos", make_clos, 400, 9, seed, check_fast);
	each("fast check: trunked", make_trunked, 400, 9, seed, check_fast);
	each("fast check: irregular, 4 tiers", make_four_tiers, 400, 9, seed, check_fast);
	each("best: Clos", make_clos, 1500, 10, seed, check_best);
	each("best: Facebook", make_facebook, 300, 11, seed, check_best);
	each("best: trunked", make_trunked, 1500, 10, seed, check_best);
	each("best: 2 tiers", make_two_tiers, 1500, 10, seed, check_best);
	each("best: irregular, 3 tiers", make_three_tiers, 1500, 10, seed, check_best);
	each("best: irregular, 4 tiers", make_four_tiers, 1500, 10, seed, check_best);
	each("best: irregular, 5 tiers", make_five_tiers, 1000, 10, seed, check_best);
	each("branch and bound: Clos", make_clos, 700, 10, seed, check_branch);
	each("branch and bound: trunked", make_trunked, 700, 10, seed, check_branch);
	each("branch and bound: 3 tiers", make_three_tiers, 700, 10, seed, check_branch);
	each("both searches: many links", make_hard, 100, 30, seed, check_both);
	each("both searches: many trunked links", make_hard_trunked, 100, 24, seed, check_both);
	each("budget: Clos", make_hard, 200, 30, seed, check_budget);
	each("budget: irregular, 4 tiers", make_hard_four, 200, 24, seed, check_budget);
	ok(n_unproven > 100, "no budget, no proof (%u times)", n_unproven);
	ok(n_unknown < 20, "with budget there is (but %u times)", n_unknown);
	each("wrong answers are noticed", make_trunked, 500, 10, seed, check_checker);
	test_absurd();
	test_odd();
	test_pod(seed, 750, 40);
	test_pod(seed, 500, 40);
	test_pod(seed, 750, 80);
	test_pod(seed, 900, 120);
	test_endless();
	test_begin_out();
	test_large();
	return done();
}
