// SPDX-License-Identifier: GPL-2.0-only
/* The object topology: its verbs, and those that do without the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/ashlar_link.h>

#include "ashlar.h"
#include "topo.h"

/* The words of a command that are still to be read. */
struct words {
	int argc;
	char **argv;
};

static int number(const char *key, const char *word, u64 least, u64 most, u64 *value)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || n < least || n > most)
		return misuse("\"%s\": %s must be %llu to %llu", word, key,
			      (unsigned long long)least, (unsigned long long)most);
	*value = n;
	return STATUS_OK;
}

static bool key_is(const struct words *words, const char *key)
{
	return !strcmp(words->argv[0], key);
}

static int key_value(struct words *words, const char **value)
{
	const char *key = words->argv[0];

	if (words->argc < 2)
		return misuse("\"%s\": its value is missing", key);
	*value = words->argv[1];
	words->argv += 2;
	words->argc -= 2;
	return STATUS_OK;
}

static int key_number(struct words *words, u64 least, u64 most, u64 *value)
{
	const char *key = words->argv[0], *word = "";
	int status = key_value(words, &word);

	return status ? status : number(key, word, least, most, value);
}

static int key_capacity(struct words *words, u16 *bound)
{
	const char *word = "";
	int status = key_value(words, &word), n;

	if (status)
		return status;
	n = topo_capacity(word);
	if (n < 0)
		return misuse("\"%s\": capacity must be 0 to 1, to three digits", word);
	*bound = n;
	return STATUS_OK;
}

static int unknown_key(const struct words *words, const char *verb)
{
	return misuse("\"%s\": topology %s knows no such key", words->argv[0], verb);
}

/* generate */

static int make_topology(struct topo *topo, struct words *words)
{
	const char *kind = words->argc ? words->argv[0] : "";
	u64 n = TOPO_PODS;
	int status;

	if (!strcmp(kind, "facebook")) {
		words->argv++;
		words->argc--;
		if (words->argc && key_is(words, "pods")) {
			status = key_number(words, 1, TOPO_MAX_PODS, &n);
			if (status)
				return status;
		}
		return topo_facebook(topo, n) ? STATUS_OK : refused("no memory for the topology");
	}
	status = key_number(words, 2, TOPO_MAX_K, &n);
	if (status)
		return status;
	if (n % 2)
		return misuse("\"%llu\": the switches of a fat tree have an even number of ports",
			      (unsigned long long)n);
	return topo_fat_tree(topo, n) ? STATUS_OK : refused("no memory for the topology");
}

static int run_generate(int argc, char **argv)
{
	struct words words = { .argc = argc, .argv = argv };
	struct topo topo = {};
	int status;

	if (!argc)
		return misuse("\"fat-tree\" or \"facebook\" is missing");
	if (strcmp(argv[0], "fat-tree") && strcmp(argv[0], "facebook"))
		return misuse("\"%s\": must be fat-tree or facebook", argv[0]);
	status = make_topology(&topo, &words);
	if (!status && words.argc)
		status = unknown_key(&words, "generate");
	if (!status)
		topo_write(&topo, stdout);
	topo_free(&topo);
	return status;
}

/* plan */

struct planning {
	struct topo topo;
	struct ln_plan *plan;
	u64 budget;
};

static int find_link(const struct topo *topo, const char *name, u32 *link)
{
	*link = topo_find_link(topo, name);
	return *link == LN_PLAN_NONE ? misuse("\"%s\": the topology has no such link", name) :
				       STATUS_OK;
}

static int set_corrupting(struct planning *p, const char *word)
{
	const char *equals = strchr(word, '=');
	char name[TOPO_NAME], *end;
	double loss;
	int status;
	u32 link;

	if (!equals || equals == word || equals - word >= TOPO_NAME)
		return misuse("\"%s\": must be LINK=LOSS", word);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
	status = find_link(&p->topo, name, &link);
	if (status)
		return status;
	loss = strtod(equals + 1, &end);
	if (equals[1] < '0' || equals[1] > '9' || *end || !(loss >= 1e-12 && loss <= 1))
		return misuse("\"%s\": a loss rate is 1e-12 to 1", word);
	ln_plan_set_loss(p->plan, link, loss * LN_PLAN_LOSS_ONE + 0.5);
	return STATUS_OK;
}

static int set_out(struct planning *p, const char *word)
{
	u32 link;
	int status = find_link(&p->topo, word, &link);

	if (!status)
		ln_plan_take_out(p->plan, link);
	return status;
}

static int set_stay(struct planning *p, const char *word)
{
	u32 link;
	int status = find_link(&p->topo, word, &link);

	if (!status)
		ln_plan_set_locked(p->plan, link, true);
	return status;
}

/* Words that say of what kind those after them are. */
static const struct {
	const char *key;
	int (*set)(struct planning *p, const char *word);
} link_keys[] = {
	{ "corrupting", set_corrupting },
	{ "out", set_out },
	{ "stay", set_stay },
};

static int plan_links(struct planning *p, struct words *words)
{
	int (*set)(struct planning *p, const char *word) = NULL;
	bool empty = false;
	const char *word;
	int status = 0;
	unsigned int i;

	for (; words->argc && !status; words->argv++, words->argc--) {
		word = words->argv[0];
		for (i = 0; i < ARRAY_SIZE(link_keys); i++)
			if (!strcmp(link_keys[i].key, word))
				break;
		if (i < ARRAY_SIZE(link_keys)) {
			set = link_keys[i].set;
			empty = true;
		} else if (!strcmp(word, "capacity") || !strcmp(word, "budget")) {
			break;
		} else if (!set) {
			return unknown_key(words, "plan");
		} else {
			status = set(p, word);
			empty = false;
		}
	}
	return !status && empty ? misuse("a link is missing at the end of a list") : status;
}

static int plan_words(struct planning *p, struct words *words)
{
	u16 bound;
	int status = STATUS_OK;

	while (words->argc && !status) {
		if (key_is(words, "capacity")) {
			status = key_capacity(words, &bound);
			if (!status)
				ln_plan_set_bound(p->plan, LN_PLAN_NONE, bound);
		} else if (key_is(words, "budget")) {
			status = key_number(words, 0, INT64_MAX, &p->budget);
		} else {
			status = plan_links(p, words);
		}
	}
	return status;
}

static double loss_of(const struct planning *p, u32 link)
{
	return (double)ln_plan_loss(p->plan, link) / LN_PLAN_LOSS_ONE;
}

/* Why a link stays: a ToR would have too little. */
static json_t *stay_json(struct planning *p, u32 link)
{
	json_t *object = json_object();
	u64 paths;
	u32 tor;

	json_object_set_new(object, "link", json_string(p->topo.link_names[link]));
	json_object_set_new(object, "loss", json_real(loss_of(p, link)));
	ln_plan_may_go(p->plan, link, &tor);
	if (tor == LN_PLAN_NONE)
		return object;
	ln_plan_take_out(p->plan, link);
	paths = ln_plan_paths(p->plan, tor);
	ln_plan_bring_back(p->plan, link);
	json_object_set_new(object, "tor", json_string(p->topo.node_names[tor]));
	json_object_set_new(object, "paths", json_integer(paths));
	json_object_set_new(object, "need", json_integer(ln_plan_need(p->plan, tor)));
	return object;
}

/* ToRs that have too little before anything is done. */
static json_t *short_json(const struct planning *p)
{
	json_t *list = json_array(), *object;
	u32 i;

	for (i = 0; i < p->topo.n_nodes; i++) {
		if (p->topo.nodes[i].tier || ln_plan_paths(p->plan, i) >= ln_plan_need(p->plan, i))
			continue;
		object = json_object();
		json_object_set_new(object, "tor", json_string(p->topo.node_names[i]));
		json_object_set_new(object, "paths", json_integer(ln_plan_paths(p->plan, i)));
		json_object_set_new(object, "need", json_integer(ln_plan_need(p->plan, i)));
		json_array_append_new(list, object);
	}
	return list;
}

/* The answer as the JSON that is printed, or that the text is made of. */
static json_t *plan_json(struct planning *p, const struct ln_plan_answer *answer)
{
	json_t *root = json_object(), *out = json_array(), *stay = json_array(), *object;
	u64 before = ln_plan_penalty(p->plan);
	u32 i;

	json_object_set_new(root, "short", short_json(p));
	for (i = 0; i < answer->n_out; i++) {
		object = json_object();
		json_object_set_new(object, "link",
				    json_string(p->topo.link_names[answer->out[i]]));
		json_object_set_new(object, "loss", json_real(loss_of(p, answer->out[i])));
		json_array_append_new(out, object);
		ln_plan_take_out(p->plan, answer->out[i]);
	}
	for (i = 0; i < p->topo.n_links; i++)
		if (ln_plan_loss(p->plan, i) && !ln_plan_is_out(p->plan, i))
			json_array_append_new(stay, stay_json(p, i));
	json_object_set_new(root, "out", out);
	json_object_set_new(root, "stay", stay);
	json_object_set_new(root, "penalty-before", json_real((double)before / LN_PLAN_LOSS_ONE));
	json_object_set_new(root, "penalty",
			    json_real((double)answer->penalty / LN_PLAN_LOSS_ONE));
	json_object_set_new(root, "proven", json_boolean(answer->proven));
	json_object_set_new(root, "contested", json_integer(answer->contested));
	json_object_set_new(root, "segments", json_integer(answer->segments));
	json_object_set_new(root, "steps", json_integer(answer->steps));
	return root;
}

static const char *string_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static long long integer_of(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static double real_of(json_t *object, const char *key)
{
	return json_real_value(json_object_get(object, key));
}

static void plan_text(json_t *root)
{
	json_t *object;
	size_t i;

	json_array_foreach(json_object_get(root, "short"), i, object)
		printf("short     %s has %lld paths and needs %lld\n", string_of(object, "tor"),
		       integer_of(object, "paths"), integer_of(object, "need"));
	json_array_foreach(json_object_get(root, "out"), i, object)
		printf("take out  %s, which loses %.3g\n", string_of(object, "link"),
		       real_of(object, "loss"));
	json_array_foreach(json_object_get(root, "stay"), i, object) {
		printf("stays     %s, which loses %.3g: ", string_of(object, "link"),
		       real_of(object, "loss"));
		if (string_of(object, "tor"))
			printf("%s would have %lld paths and needs %lld\n", string_of(object, "tor"),
			       integer_of(object, "paths"), integer_of(object, "need"));
		else
			puts("it was said to stay");
	}
	printf("penalty   %.6g, was %.6g (%s)\n", real_of(root, "penalty"),
	       real_of(root, "penalty-before"),
	       json_is_true(json_object_get(root, "proven")) ?
	       "proven: no other choice leaves less" :
	       "not proven to be the least: out of budget");
}

static void print_json(json_t *root)
{
	json_dumpf(root, stdout, (tool.pretty ? JSON_INDENT(4) : 0) | JSON_REAL_PRECISION(12));
	putchar('\n');
}

static int plan_show(struct planning *p)
{
	struct ln_plan_answer answer;
	json_t *root;

	if (ln_plan_optimize(p->plan, p->budget, &answer))
		return refused("no memory to plan");
	root = plan_json(p, &answer);
	if (tool.json)
		print_json(root);
	else
		plan_text(root);
	json_decref(root);
	return STATUS_OK;
}

static int run_plan(int argc, char **argv)
{
	struct words words = { .argc = argc - 1, .argv = argv + 1 };
	struct planning p = { .budget = LN_PLAN_BUDGET };
	int status;

	if (!argc)
		return misuse("\"FILE\" is missing: see \"ashlar help topology plan\"");
	status = topo_read(&p.topo, argv[0]);
	if (!status) {
		p.plan = topo_plan(&p.topo);
		status = p.plan ? plan_words(&p, &words) : STATUS_MISUSE;
	}
	if (!status)
		status = plan_show(&p);
	ln_plan_destroy(p.plan);
	topo_free(&p.topo);
	return status;
}

/* simulate */

struct simulation {
	struct topo topo;
	struct topo_sim sim;
	bool wanted[TOPO_POLICIES];
};

static int choose_policy(struct simulation *s, struct words *words)
{
	const char *word = "";
	int status = key_value(words, &word);
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
		if (key_is(words, "hours"))
			status = key_number(words, 1, 1000000, &hours);
		else if (key_is(words, "seed"))
			status = key_number(words, 0, INT64_MAX, &s->sim.seed);
		else if (key_is(words, "budget"))
			status = key_number(words, 0, INT64_MAX, &s->sim.budget);
		else if (key_is(words, "capacity"))
			status = key_capacity(words, &s->topo.bound);
		else if (key_is(words, "policy"))
			status = choose_policy(s, words);
		else
			status = unknown_key(words, "simulate");
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

	printf("%lld links, capacity %.3g, %lld hours, seed %lld\n\n", integer_of(root, "links"),
	       real_of(root, "capacity"), integer_of(root, "hours"), integer_of(root, "seed"));
	printf("%-12s  %12s  %7s  %7s  %6s  %9s  %6s  %8s  %11s  %11s  %7s\n", "POLICY",
	       "PENALTY-H", "EVENTS", "SKIPPED", "KEPT", "MOST-KEPT", "LATE", "UNPROVEN",
	       "LEAST-PATHS", "LEAST-SHARE", "SECONDS");
	json_array_foreach(json_object_get(root, "policies"), i, object)
		printf("%-12s  %12.6g  %7lld  %7lld  %6lld  %9lld  %6lld  %8lld  %11lld  %11.3f  %7.2f\n",
		       string_of(object, "policy"), real_of(object, "penalty"),
		       integer_of(object, "events"), integer_of(object, "skipped"),
		       integer_of(object, "kept"), integer_of(object, "most-kept"),
		       integer_of(object, "late"), integer_of(object, "unproven"),
		       integer_of(object, "least-paths"), real_of(object, "least-share"),
		       real_of(object, "seconds"));
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
		print_json(root);
	else if (!status)
		simulate_text(root);
	json_decref(root);
	return status;
}

static int run_simulate(int argc, char **argv)
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
		status = make_topology(&s.topo, &words);
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

/* The table. */

static const struct arg generate_args[] = {
	{ .value = "fat-tree|facebook", .put = put_local, .need = true,
	  .choices = "fat-tree facebook",
	  .help = "fat-tree K: of switches with K ports, three tiers; facebook: pods of 48 ToRs and 4 aggs" },
	{ .key = "pods", .value = "N", .put = put_local,
	  .help = "number of pods of facebook (261, which makes 100,224 links)" },
	{},
};

static const struct arg plan_args[] = {
	{ .value = "FILE", .put = put_local, .need = true, .choices = "@file",
	  .help = "the topology, - for standard input" },
	{ .key = "corrupting", .value = "LINK=LOSS", .put = put_local,
	  .help = "this link loses so much, such as 1e-4; more of them may follow" },
	{ .key = "out", .value = "LINK", .put = put_local,
	  .help = "this link is out of service; more of them may follow" },
	{ .key = "stay", .value = "LINK", .put = put_local,
	  .help = "this link must stay, whatever it loses; more of them may follow" },
	{ .key = "capacity", .value = "C", .put = put_local,
	  .help = "share of its paths that a ToR must keep, instead of the file's" },
	{ .key = "budget", .value = "STEPS", .put = put_local,
	  .help = "the work the optimizer may take (50000000)" },
	{},
};

static const struct arg simulate_args[] = {
	{ .value = "FILE|facebook", .put = put_local, .need = true, .choices = "@file",
	  .help = "the topology; facebook is generated" },
	{ .key = "pods", .value = "N", .put = put_local,
	  .help = "number of pods of facebook (261); comes first" },
	{ .key = "hours", .value = "N", .put = put_local, .help = "for how long (9000)" },
	{ .key = "seed", .value = "N", .put = put_local,
	  .help = "of all chance (1); a seed gives the same faults to each policy" },
	{ .key = "capacity", .value = "C", .put = put_local,
	  .help = "share of its paths that a ToR must keep (0.75, or the file's)" },
	{ .key = "policy", .value = "POLICY", .put = put_local,
	  .choices = "switch-local fast-check ask-again optimizer all",
	  .help = "what decides which links go: switch-local, fast-check, ask-again or optimizer (all of them)" },
	{ .key = "budget", .value = "STEPS", .put = put_local,
	  .help = "the work the optimizer may take, each time (50000000)" },
	{},
};

static const struct arg show_args[] = {
	{ .value = "nodes|links", .put = put_local, .choices = "nodes links",
	  .help = "its switches, or its links, instead of a summary" },
	{ .value = "NAME", .put = put_local, .help = "only this one" },
	{},
};

static const struct arg load_args[] = {
	{ .value = "FILE", .put = put_local, .need = true, .choices = "@file",
	  .help = "the topology, - for standard input" },
	{},
};

static const struct arg set_args[] = {
	{ .value = "LINK", .put = put_local, .need = true, .help = "a link of other hosts" },
	{ .key = "service", .value = "in|out", .put = put_local, .choices = "in out",
	  .help = "whether it carries traffic" },
	{ .key = "loss", .value = "RATE", .put = put_local,
	  .help = "how much it loses, such as 1e-4; 0 if it is healthy" },
	{ .key = "locked", .value = "0|1", .put = put_local, .choices = "0 1",
	  .help = "1: it must stay, whatever it loses" },
	{},
};

static const struct arg no_args[] = { {} };

const struct verb topology_verbs[] = {
	{ .name = "show", .kind = VERB_LOCAL, .run = topo_run_show, .args = show_args,
	  .usage = "[nodes [NAME] | links [NAME]]",
	  .help = "show the topology that the kernel has",
	  .example = "topology show links tor0-0--agg0-1\0" },
	{ .name = "load", .kind = VERB_LOCAL, .run = topo_run_load, .args = load_args,
	  .help = "give the kernel a topology, in place of the one it has",
	  .example = "topology load dc.json\0"
		"Links of this host are known by their topology-link; see \"link set\"." },
	{ .name = "set", .kind = VERB_LOCAL, .run = topo_run_set, .args = set_args,
	  .help = "tell the kernel of a link that is not this host's",
	  .example = "topology set tor0-0--agg0-1 loss 1e-4\0" },
	{ .name = "flush", .cmd = ASHLAR_LINK_CMD_TOPOLOGY_FLUSH, .args = no_args,
	  .help = "have the kernel forget the topology",
	  .example = "topology flush\0" },
	{ .name = "monitor", .kind = VERB_MONITOR, .args = no_args,
	  .help = "print what happens to the topology as it happens",
	  .example = "\0Prints each event with the time of day." },
	{ .name = "plan", .kind = VERB_LOCAL, .run = run_plan, .args = plan_args,
	  .usage = "FILE [corrupting LINK=LOSS ...] [out LINK ...] [stay LINK ...] [capacity C] [budget STEPS]",
	  .help = "say which corrupting links should go out, and why the others stay",
	  .example = "topology plan dc.json corrupting tor0-0--agg0-1=1e-4 agg0-1--spine1-3=2e-5\0"
		"The penalty is the sum of the loss rates of links in service." },
	{ .name = "simulate", .kind = VERB_LOCAL, .run = run_simulate, .args = simulate_args,
	  .help = "have links corrupt and be repaired for months, and compare policies",
	  .example = "topology simulate facebook capacity 0.75\0"
		"The penalty is summed over time, in loss rate times hours." },
	{ .name = "generate", .kind = VERB_LOCAL, .run = run_generate, .args = generate_args,
	  .usage = "fat-tree K | facebook [pods N]",
	  .help = "print a topology made by rule, as a file",
	  .example = "topology generate fat-tree 8\0" },
	{},
};
