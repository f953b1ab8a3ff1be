// SPDX-License-Identifier: GPL-2.0-only
/* "topology generate" and "topology simulate". */
#include <string.h>

#include "topo.h"
#include "words.h"

static int generate(struct topo *topo, struct words *words)
{
	const char *kind = words->argc ? words->argv[0] : "";
	u64 n = TOPO_PODS;
	int status;

	if (!strcmp(kind, "facebook")) {
		words->argv++;
		words->argc--;
		if (words->argc && words_key_is(words, "pods")) {
			status = words_number(words, 1, TOPO_MAX_PODS, &n);
			if (status)
				return status;
		}
		return topo_facebook(topo, n) ? STATUS_OK : refused("no memory for the topology");
	}
	status = words_number(words, 2, TOPO_MAX_K, &n);
	if (status)
		return status;
	if (n % 2)
		return misuse("\"%llu\": the switches of a fat tree have an even number of ports",
			      (unsigned long long)n);
	return topo_fat_tree(topo, n) ? STATUS_OK : refused("no memory for the topology");
}

int topo_run_generate(int argc, char **argv)
{
	struct words words = { .argc = argc, .argv = argv };
	struct topo topo = {};
	int status;

	if (!argc)
		return misuse("\"fat-tree\" or \"facebook\" is missing");
	if (strcmp(argv[0], "fat-tree") && strcmp(argv[0], "facebook"))
		return misuse("\"%s\": must be fat-tree or facebook", argv[0]);
	status = generate(&topo, &words);
	if (!status && words.argc)
		status = words_unknown(&words, "generate");
	if (!status)
		topo_write(&topo, stdout);
	topo_free(&topo);
	return status;
}

struct simulation {
	struct topo topo;
	struct topo_sim sim;
	bool wanted[TOPO_POLICIES];
};

static int choose_policy(struct simulation *s, struct words *words)
{
	const char *word = "";
	int status = words_value(words, &word);
	unsigned int i;

	if (status)
		return status;
	memset(s->wanted, !strcmp(word, "all"), sizeof(s->wanted));
	if (s->wanted[0])
		return STATUS_OK;
	for (i = 0; i < TOPO_POLICIES; i++)
		if (!strcmp(topo_policy_names[i], word))
			break;
	if (i == TOPO_POLICIES)
		return misuse("\"%s\": policy must be switch-local, fast-check, ask-again, optimizer or all",
			      word);
	s->wanted[i] = true;
	return STATUS_OK;
}

static int simulate_words(struct simulation *s, struct words *words)
{
	u64 hours = s->sim.hours;
	int status = STATUS_OK;

	while (words->argc && !status) {
		if (words_key_is(words, "hours"))
			status = words_number(words, 1, 1000000, &hours);
		else if (words_key_is(words, "seed"))
			status = words_number(words, 0, INT64_MAX, &s->sim.seed);
		else if (words_key_is(words, "budget"))
			status = words_number(words, 0, INT64_MAX, &s->sim.budget);
		else if (words_key_is(words, "capacity"))
			status = words_capacity(words, &s->topo.bound);
		else if (words_key_is(words, "policy"))
			status = choose_policy(s, words);
		else
			status = words_unknown(words, "simulate");
	}
	s->sim.hours = hours;
	return status;
}

static json_t *policy_json(const struct topo_sim *sim, enum topo_policy policy)
{
	json_t *object = json_object();

	json_object_set_new(object, "policy", json_string(topo_policy_names[policy]));
	json_object_set_new(object, "penalty", json_real(sim->penalty));
	json_object_set_new(object, "events", json_integer(sim->events));
	json_object_set_new(object, "skipped", json_integer(sim->skipped));
	json_object_set_new(object, "kept", json_integer(sim->kept));
	json_object_set_new(object, "most-kept", json_integer(sim->most_kept));
	json_object_set_new(object, "late", json_integer(sim->late));
	json_object_set_new(object, "runs", json_integer(sim->runs));
	json_object_set_new(object, "unproven", json_integer(sim->unproven));
	json_object_set_new(object, "least-paths", json_integer(sim->least_paths));
	json_object_set_new(object, "least-share", json_real(sim->least_share / 1000.0));
	json_object_set_new(object, "short", json_integer(sim->short_of));
	json_object_set_new(object, "seconds", json_real(sim->seconds));
	return object;
}

static void simulate_text(json_t *root)
{
	json_t *object;
	size_t i;

	printf("%lld links, capacity %.3g, %lld hours, seed %lld\n\n", cell_number(root, "links"),
	       words_real(root, "capacity"), cell_number(root, "hours"), cell_number(root, "seed"));
	printf("%-12s  %12s  %7s  %7s  %6s  %9s  %6s  %8s  %11s  %11s  %7s\n", "POLICY",
	       "PENALTY-H", "EVENTS", "SKIPPED", "KEPT", "MOST-KEPT", "LATE", "UNPROVEN",
	       "LEAST-PATHS", "LEAST-SHARE", "SECONDS");
	json_array_foreach(json_object_get(root, "policies"), i, object)
		printf("%-12s  %12.6g  %7lld  %7lld  %6lld  %9lld  %6lld  %8lld  %11lld  %11.3f  %7.2f\n",
		       cell_word(object, "policy"), words_real(object, "penalty"),
		       cell_number(object, "events"), cell_number(object, "skipped"),
		       cell_number(object, "kept"), cell_number(object, "most-kept"),
		       cell_number(object, "late"), cell_number(object, "unproven"),
		       cell_number(object, "least-paths"), words_real(object, "least-share"),
		       words_real(object, "seconds"));
}

static int simulate_all(struct simulation *s)
{
	json_t *root = json_object(), *policies = json_array();
	struct ln_plan *plan;
	struct topo_sim sim;
	int status = STATUS_OK;
	unsigned int i;

	for (i = 0; i < TOPO_POLICIES && !status; i++) {
		if (!s->wanted[i])
			continue;
		sim = s->sim;
		plan = topo_plan(&s->topo);
		if (!plan)
			status = STATUS_MISUSE;
		else if (!topo_simulate(&sim, plan, i))
			status = refused("no memory to simulate");
		ln_plan_destroy(plan);
		json_array_append_new(policies, policy_json(&sim, i));
	}
	json_object_set_new(root, "links", json_integer(s->topo.n_links));
	json_object_set_new(root, "capacity", json_real(s->topo.bound / 1000.0));
	json_object_set_new(root, "hours", json_integer(s->sim.hours));
	json_object_set_new(root, "seed", json_integer(s->sim.seed));
	json_object_set_new(root, "policies", policies);
	if (!status && tool.json)
		words_print(root);
	else if (!status)
		simulate_text(root);
	json_decref(root);
	return status;
}

int topo_run_simulate(int argc, char **argv)
{
	struct simulation s = {
		.sim = { .hours = 9000, .seed = 1, .budget = LN_PLAN_BUDGET },
		.wanted = { true, true, true, true },
	};
	struct words words = { .argc = argc, .argv = argv };
	int status;

	if (!argc)
		return misuse("\"FILE\" or \"facebook\" is missing: see \"ashlar help topology simulate\"");
	if (!strcmp(argv[0], "facebook")) {
		status = generate(&s.topo, &words);
	} else {
		status = topo_read(&s.topo, argv[0]);
		words.argv++;
		words.argc--;
	}
	if (!status)
		status = simulate_words(&s, &words);
	if (!status)
		status = simulate_all(&s);
	topo_free(&s.topo);
	return status;
}
