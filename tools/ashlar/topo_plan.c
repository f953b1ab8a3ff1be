// SPDX-License-Identifier: GPL-2.0-only
/* "topology plan": which links should go out, and why the others stay. */
#include <stdlib.h>
#include <string.h>

#include "topo.h"
#include "words.h"

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
	loss *= LN_PLAN_LOSS_ONE;
	if (equals[1] < '0' || equals[1] > '9' || *end || !(loss >= 1 && loss <= LN_PLAN_LOSS_ONE))
		return misuse("\"%s\": a loss rate is 1e-12 to 1", word);
	ln_plan_set_loss(p->plan, link, loss + 0.5);
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

typedef int (*set_fn)(struct planning *p, const char *word);

/* What is done with the words after this one, if it begins a list of links. */
static set_fn list_key(const char *word)
{
	if (!strcmp(word, "corrupting"))
		return set_corrupting;
	if (!strcmp(word, "out"))
		return set_out;
	return strcmp(word, "stay") ? NULL : set_stay;
}

static bool other_key(const char *word)
{
	return !strcmp(word, "capacity") || !strcmp(word, "budget");
}

/* A key and the links after it. */
static int plan_links(struct planning *p, struct words *words)
{
	const char *key = words->argv[0];
	set_fn set = list_key(key);
	int status = STATUS_OK;
	unsigned int n;

	if (!set)
		return words_unknown(words, "plan");
	words->argv++;
	words->argc--;
	for (n = 0; words->argc && !status; n++) {
		if (list_key(words->argv[0]) || other_key(words->argv[0]))
			break;
		status = set(p, words->argv[0]);
		words->argv++;
		words->argc--;
	}
	return n ? status : misuse("\"%s\": its value is missing", key);
}

static int plan_words(struct planning *p, struct words *words)
{
	u16 bound;
	int status = STATUS_OK;

	while (words->argc && !status) {
		if (words_key_is(words, "capacity")) {
			status = words_capacity(words, &bound);
			if (!status)
				ln_plan_set_bound(p->plan, LN_PLAN_NONE, bound);
		} else if (words_key_is(words, "budget")) {
			status = words_number(words, 0, INT64_MAX, &p->budget);
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

static void plan_text(json_t *root)
{
	json_t *object;
	size_t i;

	json_array_foreach(json_object_get(root, "short"), i, object)
		printf("short     %s has %lld paths and needs %lld\n", cell_word(object, "tor"),
		       cell_number(object, "paths"), cell_number(object, "need"));
	json_array_foreach(json_object_get(root, "out"), i, object)
		printf("take out  %s, which loses %.3g\n", cell_word(object, "link"),
		       words_real(object, "loss"));
	json_array_foreach(json_object_get(root, "stay"), i, object) {
		printf("stays     %s, which loses %.3g: ", cell_word(object, "link"),
		       words_real(object, "loss"));
		if (cell_has(object, "tor"))
			printf("%s would have %lld paths and needs %lld\n",
			       cell_word(object, "tor"), cell_number(object, "paths"),
			       cell_number(object, "need"));
		else
			puts("it was said to stay");
	}
	printf("penalty   %.6g, was %.6g (%s)\n", words_real(root, "penalty"),
	       words_real(root, "penalty-before"),
	       json_is_true(json_object_get(root, "proven")) ?
	       "proven: no other choice leaves less" :
	       "not proven to be the least: out of budget");
}

static int plan_show(struct planning *p)
{
	struct ln_plan_answer answer;
	json_t *root;

	if (ln_plan_optimize(p->plan, p->budget, &answer))
		return refused("no memory to plan");
	root = plan_json(p, &answer);
	if (tool.json)
		words_print(root);
	else
		plan_text(root);
	json_decref(root);
	return STATUS_OK;
}

int topo_run_plan(int argc, char **argv)
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
