// SPDX-License-Identifier: GPL-2.0-only
/*
 * The planner on the Facebook fabric, natively; prints one JSON object.
 *
 * link_plan planner [PODS [HOURS]]: how long a fast check and a run of the
 *     optimizer take, over the events of a simulated trace; and whether the
 *     optimizer's answers are those of brute force, where that can run.
 * link_plan trace [PODS [HOURS]]: penalty over time of each policy.
 *
 * Durations of single events are in CPU time of the thread, so that they are
 * not those of whatever else the machine does; a clock reading, which takes some
 * hundred nanoseconds, is in each of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../kunit/link_plan_model.h"
#include "../../tools/ashlar/topo.h"

#define SEED		1
#define HOURS		9000
#define TOPOLOGIES	2000	/* for brute force */

static const u16 bounds[] = { 500, 750 };

/* Durations of one kind, ns. */
struct series {
	u64 *ns;
	size_t n;
	size_t size;
};

static void die(const char *why)
{
	fprintf(stderr, "link_plan: %s\n", why);
	exit(1);
}

static void add(struct series *series, u64 ns)
{
	if (series->n == series->size) {
		series->size = series->size * 2 + 1024;
		series->ns = realloc(series->ns, series->size * sizeof(*series->ns));
		if (!series->ns)
			die("no memory");
	}
	series->ns[series->n++] = ns;
}

static int cmp(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void print_series(const char *name, struct series *series)
{
	size_t n = series->n;

	qsort(series->ns, n, sizeof(*series->ns), cmp);
	printf("\"%s\": {\"events\": %zu", name, n);
	if (n)
		printf(", \"median\": %llu, \"p99\": %llu, \"min\": %llu, \"max\": %llu",
		       (unsigned long long)series->ns[n / 2],
		       (unsigned long long)series->ns[n - 1 - n / 100],
		       (unsigned long long)series->ns[0], (unsigned long long)series->ns[n - 1]);
	putchar('}');
	free(series->ns);
	*series = (struct series){};
}

static void note(void *data, bool optimizer, u64 ns)
{
	struct series *series = data;

	add(&series[optimizer], ns);
}

static struct ln_plan *new_plan(const struct topo *topo, u16 bound)
{
	enum ln_plan_fault fault;
	struct ln_plan *plan;
	u32 at;

	plan = ln_plan_create(topo->nodes, topo->n_nodes, topo->links, topo->n_links, bound,
			      &fault, &at);
	if (!plan)
		die(ln_plan_fault_text(fault));
	return plan;
}

static struct topo_sim simulate(const struct topo *topo, u16 bound, enum topo_policy policy,
				u32 hours, struct series *timing)
{
	struct ln_plan *plan = new_plan(topo, bound);
	struct topo_sim sim = {
		.hours = hours, .seed = SEED, .budget = LN_PLAN_BUDGET,
		.timing = timing ? note : NULL, .timing_data = timing,
	};

	if (!topo_simulate(&sim, plan, policy))
		die("no memory");
	ln_plan_destroy(plan);
	return sim;
}

static void make_small(struct model *m)
{
	switch (model_pick(m, 0, 3)) {
	case 0:
		model_pods(m, 2, 4, 4, 4, 1);
		break;
	case 1:
		model_pods(m, 2, 3, 3, 4, 3);
		break;
	default:
		model_irregular(m, model_pick(m, 3, 5), 4);
	}
}

/* Prints how often the optimizer's answer was the best there is. */
static void try_small(void)
{
	struct model *m = calloc(1, sizeof(*m));
	struct ln_plan_answer answer;
	enum ln_plan_fault fault;
	struct ln_plan *plan;
	u32 i, equal = 0;

	if (!m)
		die("no memory");
	for (i = 0; i < TOPOLOGIES; i++) {
		model_init(m, SEED + i);
		make_small(m);
		model_trouble(m, 11);
		plan = model_plan(m, &fault);
		if (!plan || ln_plan_optimize(plan, LN_PLAN_BUDGET, &answer))
			die("no memory");
		equal += !model_wrong(m, &answer, U64_MAX) && answer.penalty == model_best(m);
		ln_plan_destroy(plan);
	}
	free(m);
	printf("\"brute_force\": {\"topologies\": %u, \"equal\": %u}", TOPOLOGIES, equal);
}

static void planner(const struct topo *topo, u32 hours)
{
	struct series series[2] = {};
	struct topo_sim sim;
	unsigned int i;

	printf("{\"links\": %u, \"nodes\": %u, \"hours\": %u, \"seed\": %u, \"capacities\": [",
	       topo->n_links, topo->n_nodes, hours, SEED);
	for (i = 0; i < ARRAY_SIZE(bounds); i++) {
		sim = simulate(topo, bounds[i], TOPO_OPTIMIZER, hours, series);
		printf("%s{\"capacity\": %.3f, ", i ? ", " : "", bounds[i] / 1000.0);
		print_series("fast_check_ns", &series[0]);
		printf(", ");
		print_series("optimizer_ns", &series[1]);
		printf(", \"unproven\": %llu}", (unsigned long long)sim.unproven);
	}
	printf("], ");
	try_small();
	printf("}\n");
}

static void print_policy(enum topo_policy policy, const struct topo_sim *sim)
{
	printf("\"%s\": {\"penalty\": %.9g, \"events\": %llu, \"skipped\": %llu, \"kept\": %llu, "
	       "\"most_kept\": %llu, \"late\": %llu, \"runs\": %llu, \"unproven\": %llu, "
	       "\"least_paths\": %llu, \"short\": %llu, \"seconds\": %.3f}",
	       topo_policy_names[policy], sim->penalty, (unsigned long long)sim->events,
	       (unsigned long long)sim->skipped, (unsigned long long)sim->kept,
	       (unsigned long long)sim->most_kept, (unsigned long long)sim->late,
	       (unsigned long long)sim->runs, (unsigned long long)sim->unproven,
	       (unsigned long long)sim->least_paths, (unsigned long long)sim->short_of,
	       sim->seconds);
}

static void trace(const struct topo *topo, u32 hours)
{
	struct topo_sim sim;
	unsigned int i, j;

	printf("{\"links\": %u, \"nodes\": %u, \"hours\": %u, \"seed\": %u, \"capacities\": [",
	       topo->n_links, topo->n_nodes, hours, SEED);
	for (i = 0; i < ARRAY_SIZE(bounds); i++) {
		printf("%s{\"capacity\": %.3f, \"policies\": {", i ? ", " : "",
		       bounds[i] / 1000.0);
		for (j = 0; j < TOPO_POLICIES; j++) {
			sim = simulate(topo, bounds[i], j, hours, NULL);
			printf("%s", j ? ", " : "");
			print_policy(j, &sim);
		}
		printf("}}");
	}
	printf("]}\n");
}

int main(int argc, char **argv)
{
	u32 pods = argc > 2 ? atoi(argv[2]) : TOPO_PODS;
	u32 hours = argc > 3 ? atoi(argv[3]) : HOURS;
	struct topo topo;

	if (argc < 2 || !pods || pods > TOPO_MAX_PODS || !hours)
		die("link_plan planner|trace [PODS [HOURS]]");
	if (!topo_facebook(&topo, pods))
		die("no memory");
	if (!strcmp(argv[1], "planner"))
		planner(&topo, hours);
	else if (!strcmp(argv[1], "trace"))
		trace(&topo, hours);
	else
		die("link_plan planner|trace [PODS [HOURS]]");
	topo_free(&topo);
	return 0;
}
