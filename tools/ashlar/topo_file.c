// SPDX-License-Identifier: GPL-2.0-only
/* Topologies in files; see topo.h for the format. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ashlar.h"
#include "topo.h"

/**
 * struct topo_table - numbers by name, open addressing
 * @names: the names
 * @mask: number of slots less one
 * @slot: number + 1; 0 is free
 */
struct topo_table {
	const char (*names)[TOPO_NAME];
	u32 mask;
	u32 slot[];
};

static struct topo_table *table_new(char (*names)[TOPO_NAME], u32 n)
{
	struct topo_table *table;
	u32 size = 16;

	while (size < n * 2)
		size *= 2;
	table = calloc(1, sizeof(*table) + size * sizeof(*table->slot));
	if (table) {
		table->names = (const char (*)[TOPO_NAME])names;
		table->mask = size - 1;
	}
	return table;
}

/* The slot that has the name, or would have it. */
static u32 *table_slot(struct topo_table *table, const char *name)
{
	const unsigned char *c = (const unsigned char *)name;
	u32 hash = 2166136261u;

	for (; *c; c++)
		hash = (hash ^ *c) * 16777619u;
	hash ^= hash >> 15;
	while (table->slot[hash & table->mask] &&
	       strcmp(table->names[table->slot[hash & table->mask] - 1], name))
		hash++;
	return &table->slot[hash & table->mask];
}

static u32 table_find(struct topo_table *table, const char *name)
{
	return *table_slot(table, name) - 1;
}

/* False if the name is taken. */
static bool table_add(struct topo_table *table, u32 number)
{
	u32 *slot = table_slot(table, table->names[number]);

	if (*slot)
		return false;
	*slot = number + 1;
	return true;
}

static bool make_tables(struct topo *topo, u32 n_nodes, u32 n_links)
{
	topo->nodes_by_name = table_new(topo->node_names, n_nodes);
	topo->links_by_name = table_new(topo->link_names, n_links);
	return topo->nodes_by_name && topo->links_by_name;
}

bool topo_index(struct topo *topo)
{
	bool unique = true;
	u32 i;

	if (!make_tables(topo, topo->n_nodes, topo->n_links))
		return false;
	for (i = 0; i < topo->n_nodes; i++)
		unique &= table_add(topo->nodes_by_name, i);
	for (i = 0; i < topo->n_links; i++)
		unique &= table_add(topo->links_by_name, i);
	return unique;
}

u32 topo_find_node(const struct topo *topo, const char *name)
{
	return table_find(topo->nodes_by_name, name);
}

u32 topo_find_link(const struct topo *topo, const char *name)
{
	return table_find(topo->links_by_name, name);
}

static int per_mille(double share)
{
	double bound = share * LN_PLAN_BOUND_ONE;

	if (!(share >= 0 && share <= 1) || fabs(bound - round(bound)) > 0.000001)
		return -1;
	return lround(bound);
}

int topo_capacity(const char *text)
{
	double share;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -1;
	share = strtod(text, &end);
	return *end ? -1 : per_mille(share);
}

/* Where in a file something is wrong. */
struct place {
	const char *file;
	const char *list;
	size_t index;
};

static int wrong(const struct place *place, const char *what)
{
	return misuse("\"%s\": %s[%zu]: %s", place->file, place->list, place->index, what);
}

static int read_capacity(const struct place *place, const json_t *value, u16 *bound)
{
	int number = json_is_number(value) ? per_mille(json_number_value(value)) : -1;

	if (number < 0)
		return wrong(place, "\"capacity\" must be 0 to 1, to three digits");
	*bound = number;
	return STATUS_OK;
}

/* A name can stand in a command: nothing in it that parts words or quotes them. */
static int read_name(const struct place *place, const json_t *value, char *name)
{
	const char *text = json_string_value(value), *c;

	if (!text || !*text || strlen(text) >= TOPO_NAME)
		return wrong(place, "\"name\" must be 1 to 31 characters");
	for (c = text; *c; c++)
		if (!isgraph((unsigned char)*c) || strchr("\"'\\=", *c) || *text == '#')
			return wrong(place, "\"name\" has a character that no name may have");
	strcpy(name, text);
	return STATUS_OK;
}

static int check_keys(const struct place *place, json_t *object, const char *const *known)
{
	const char *const *word;
	json_t *value;
	const char *key;
	char text[80];

	if (!json_is_object(object))
		return wrong(place, "must be an object");
	json_object_foreach(object, key, value) {
		for (word = known; *word; word++)
			if (!strcmp(*word, key))
				break;
		if (*word)
			continue;
		snprintf(text, sizeof(text), "\"%.40s\" is not known", key);
		return wrong(place, text);
	}
	return STATUS_OK;
}

static int read_node(struct topo *topo, const struct place *place, json_t *object)
{
	static const char *const known[] = { "name", "tier", "capacity", NULL };
	json_t *tier = json_object_get(object, "tier");
	json_t *capacity = json_object_get(object, "capacity");
	struct ln_plan_node *node = &topo->nodes[topo->n_nodes];
	int status = check_keys(place, object, known);

	if (!status)
		status = read_name(place, json_object_get(object, "name"),
				   topo->node_names[topo->n_nodes]);
	if (status)
		return status;
	if (!json_is_integer(tier) || json_integer_value(tier) < 0 ||
	    json_integer_value(tier) >= LN_PLAN_MAX_TIERS)
		return wrong(place, "\"tier\" must be 0 (a ToR) to 7");
	node->tier = json_integer_value(tier);
	node->bound = LN_PLAN_BOUND_INHERIT;
	if (capacity) {
		if (node->tier)
			return wrong(place, "only a ToR (tier 0) has a capacity of its own");
		status = read_capacity(place, capacity, &node->bound);
		if (status)
			return status;
	}
	if (!table_add(topo->nodes_by_name, topo->n_nodes))
		return wrong(place, "another node has this name");
	topo->n_nodes++;
	return STATUS_OK;
}

static int read_end(const struct topo *topo, const struct place *place, const json_t *value,
		    u32 *node)
{
	if (!json_is_string(value))
		return wrong(place, "\"a\" and \"b\" must be names of nodes");
	*node = topo_find_node(topo, json_string_value(value));
	return *node == LN_PLAN_NONE ? wrong(place, "leads to a node that is not there") :
				       STATUS_OK;
}

/* A link without a name is called after its ends, and counted. */
static int name_link(struct topo *topo, const struct place *place)
{
	const struct ln_plan_link *link = &topo->links[topo->n_links];
	const char *a = topo->node_names[link->a], *b = topo->node_names[link->b];
	char name[3 * TOPO_NAME];
	unsigned int n;

	snprintf(name, sizeof(name), "%s--%s", a, b);
	for (n = 2; topo_find_link(topo, name) != LN_PLAN_NONE; n++)
		snprintf(name, sizeof(name), "%s--%s#%u", a, b, n);
	if (strlen(name) >= TOPO_NAME)
		return wrong(place, "the names of its ends are too long to call it after them: it needs a name");
	strcpy(topo->link_names[topo->n_links], name);
	return STATUS_OK;
}

static int read_link(struct topo *topo, const struct place *place, json_t *object)
{
	static const char *const known[] = { "a", "b", "name", NULL };
	struct ln_plan_link *link = &topo->links[topo->n_links];
	json_t *name = json_object_get(object, "name");
	int status = check_keys(place, object, known);

	if (!status)
		status = read_end(topo, place, json_object_get(object, "a"), &link->a);
	if (!status)
		status = read_end(topo, place, json_object_get(object, "b"), &link->b);
	if (!status)
		status = name ? read_name(place, name, topo->link_names[topo->n_links]) :
				name_link(topo, place);
	if (status)
		return status;
	if (!table_add(topo->links_by_name, topo->n_links))
		return wrong(place, "another link has this name");
	topo->n_links++;
	return STATUS_OK;
}

static int read_list(struct topo *topo, const char *file, const char *list, const json_t *array,
		     int (*read)(struct topo *, const struct place *, json_t *))
{
	struct place place = { .file = file, .list = list };
	json_t *object;
	int status;

	json_array_foreach(array, place.index, object) {
		status = read(topo, &place, object);
		if (status)
			return status;
	}
	return STATUS_OK;
}

static int read_all(struct topo *topo, const char *file, json_t *root)
{
	json_t *nodes = json_object_get(root, "nodes"), *links = json_object_get(root, "links");
	json_t *capacity = json_object_get(root, "capacity"), *value;
	const char *key;
	int status, n;

	json_object_foreach(root, key, value)
		if (strcmp(key, "nodes") && strcmp(key, "links") && strcmp(key, "capacity"))
			return misuse("\"%s\": \"%.40s\" is not known", file, key);
	if (!json_is_array(nodes) || !json_is_array(links))
		return misuse("\"%s\": \"nodes\" and \"links\" must be lists", file);
	if (json_array_size(nodes) > LN_PLAN_MAX_NODES)
		return misuse("\"%s\": %s", file, ln_plan_fault_text(LN_PLAN_TOO_MANY_NODES));
	if (json_array_size(links) > LN_PLAN_MAX_LINKS)
		return misuse("\"%s\": %s", file, ln_plan_fault_text(LN_PLAN_TOO_MANY_LINKS));
	if (!topo_alloc(topo, json_array_size(nodes), json_array_size(links)) ||
	    !make_tables(topo, json_array_size(nodes), json_array_size(links)))
		return refused("no memory for the topology");
	if (capacity) {
		n = json_is_number(capacity) ? per_mille(json_number_value(capacity)) : -1;
		if (n < 0)
			return misuse("\"%s\": \"capacity\" must be 0 to 1, to three digits", file);
		topo->bound = n;
	}
	status = read_list(topo, file, "nodes", nodes, read_node);
	return status ? status : read_list(topo, file, "links", links, read_link);
}

int topo_read(struct topo *topo, const char *name)
{
	json_error_t error;
	json_t *root;
	int status;

	*topo = (struct topo){};
	root = strcmp(name, "-") ? json_load_file(name, JSON_REJECT_DUPLICATES, &error) :
				   json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
	if (!root && error.line > 0)
		return misuse("\"%s\": line %d: %s", name, error.line, error.text);
	if (!root)
		return misuse("\"%s\": %s", name, error.text);
	status = json_is_object(root) ? read_all(topo, name, root) :
					misuse("\"%s\": must be an object", name);
	json_decref(root);
	return status;
}

static void write_capacity(FILE *out, u16 bound)
{
	fprintf(out, "\"capacity\": %u.%03u", bound / 1000, bound % 1000);
}

void topo_write(const struct topo *topo, FILE *out)
{
	u32 i;

	fputs("{", out);
	write_capacity(out, topo->bound);
	fputs(",\n\"nodes\": [\n", out);
	for (i = 0; i < topo->n_nodes; i++) {
		fprintf(out, "{\"name\": \"%s\", \"tier\": %u", topo->node_names[i],
			topo->nodes[i].tier);
		if (topo->nodes[i].bound != LN_PLAN_BOUND_INHERIT) {
			fputs(", ", out);
			write_capacity(out, topo->nodes[i].bound);
		}
		fputs(i + 1 < topo->n_nodes ? "},\n" : "}\n", out);
	}
	fputs("],\n\"links\": [\n", out);
	for (i = 0; i < topo->n_links; i++)
		fprintf(out, "{\"a\": \"%s\", \"b\": \"%s\", \"name\": \"%s\"}%s\n",
			topo->node_names[topo->links[i].a], topo->node_names[topo->links[i].b],
			topo->link_names[i], i + 1 < topo->n_links ? "," : "");
	fputs("]}\n", out);
}

struct ln_plan *topo_plan(const struct topo *topo)
{
	enum ln_plan_fault fault;
	struct ln_plan *plan;
	u32 at;

	plan = ln_plan_create(topo->nodes, topo->n_nodes, topo->links, topo->n_links, topo->bound,
			      &fault, &at);
	if (plan)
		return plan;
	if (at == LN_PLAN_NONE)
		misuse("%s", ln_plan_fault_text(fault));
	else if (fault == LN_PLAN_UNKNOWN_NODE || fault == LN_PLAN_TIERS_APART)
		misuse("link \"%s\": %s", topo->link_names[at], ln_plan_fault_text(fault));
	else
		misuse("node \"%s\": %s", topo->node_names[at], ln_plan_fault_text(fault));
	return NULL;
}
