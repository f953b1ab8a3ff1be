// SPDX-License-Identifier: GPL-2.0-only
/*
 * A topology while it is being told: names, nodes and links one after the
 * other, and the plan that is made of them at the end.
 */
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "topology.h"

static u32 *bucket_of(const struct ln_names *names, const char *name)
{
	u32 hash = jhash(name, strlen(name), names->seed);

	return &names->head[hash >> (32 - names->bits)];
}

static int names_init(struct ln_names *names, u32 max)
{
	u32 i;

	names->bits = clamp(fls(max), 4, 20);
	names->seed = get_random_u32();
	names->max = max;
	names->name = core_alloc(max, sizeof(*names->name));
	names->next = core_alloc(max, sizeof(*names->next));
	names->head = core_alloc(BIT(names->bits), sizeof(*names->head));
	if (!names->name || !names->next || !names->head)
		return -ENOMEM;
	for (i = 0; i < BIT(names->bits); i++)
		names->head[i] = LN_PLAN_NONE;
	return 0;
}

static void names_free(struct ln_names *names)
{
	core_free(names->name);
	core_free(names->next);
	core_free(names->head);
}

u32 ln_names_find(const struct ln_names *names, const char *name)
{
	u32 i;

	for (i = *bucket_of(names, name); i != LN_PLAN_NONE; i = names->next[i])
		if (!strcmp(names->name[i], name))
			break;
	return i;
}

static int names_add(struct ln_names *names, const char *name)
{
	u32 *head;

	if (names->n == names->max)
		return -E2BIG;
	if (ln_names_find(names, name) != LN_PLAN_NONE)
		return -EEXIST;
	strscpy(names->name[names->n], name, LN_TOPO_NAME_LEN);
	head = bucket_of(names, name);
	names->next[names->n] = *head;
	*head = names->n++;
	return 0;
}

/**
 * ln_fabric_begin() - a topology that nothing is told of yet
 * @n_nodes: nodes to come
 * @n_links: links to come
 * @capacity: the share of its paths that a ToR must keep, in per mille
 * @portid: the socket that builds it
 *
 * Return: it, or NULL without memory, which is the namespace's own
 */
struct ln_fabric *ln_fabric_begin(u32 n_nodes, u32 n_links, u16 capacity,
				  u32 portid)
{
	struct ln_fabric *fabric = core_alloc(1, sizeof(*fabric));

	if (!fabric)
		return NULL;
	fabric->capacity = capacity;
	fabric->portid = portid;
	fabric->nodes = core_alloc(n_nodes, sizeof(*fabric->nodes));
	fabric->links = core_alloc(n_links, sizeof(*fabric->links));
	fabric->state = core_alloc(n_links, sizeof(*fabric->state));
	if (fabric->nodes && fabric->links && fabric->state &&
	    !names_init(&fabric->node_names, n_nodes) &&
	    !names_init(&fabric->link_names, n_links))
		return fabric;
	ln_fabric_free(fabric);
	return NULL;
}

void ln_fabric_free(struct ln_fabric *fabric)
{
	if (!fabric)
		return;
	ln_plan_destroy(fabric->plan);
	names_free(&fabric->node_names);
	names_free(&fabric->link_names);
	core_free(fabric->nodes);
	core_free(fabric->links);
	core_free(fabric->state);
	core_free(fabric);
}

/* Return: 0, -E2BIG (more than was announced) or -EEXIST (the name) */
int ln_fabric_add_node(struct ln_fabric *fabric, const char *name, u8 tier,
		       u16 bound)
{
	u32 i = fabric->node_names.n;
	int err = names_add(&fabric->node_names, name);

	if (!err)
		fabric->nodes[i] = (struct ln_plan_node){
			.tier = tier,
			.bound = bound,
		};
	return err;
}

/* Return: 0, -E2BIG or -EEXIST as above, -ENOENT (no such node yet) */
int ln_fabric_add_link(struct ln_fabric *fabric, const char *name, u32 a, u32 b,
		       const struct ln_fabric_link *state)
{
	u32 i = fabric->link_names.n;
	int err;

	if (a >= fabric->node_names.n || b >= fabric->node_names.n)
		return -ENOENT;
	err = names_add(&fabric->link_names, name);
	if (err)
		return err;
	fabric->links[i] = (struct ln_plan_link){ .a = a, .b = b };
	fabric->state[i] = *state;
	return 0;
}

/**
 * ln_fabric_finish() - all was told
 * @fabric: the topology
 * @fault: what is wrong with it, if -EINVAL
 * @at: with which node or link
 *
 * Context: may take long; no lock is held
 * Return: 0, -ENODATA (less than was announced), -EINVAL, -ENOMEM
 */
int ln_fabric_finish(struct ln_fabric *fabric, enum ln_plan_fault *fault,
		     u32 *at)
{
	const struct ln_fabric_link *state;
	u32 i, n = fabric->link_names.n;

	*fault = LN_PLAN_OK;
	if (n < fabric->link_names.max ||
	    fabric->node_names.n < fabric->node_names.max)
		return -ENODATA;
	fabric->plan = ln_plan_create(fabric->nodes, fabric->node_names.n,
				      fabric->links, n, fabric->capacity, fault,
				      at);
	if (!fabric->plan)
		return *fault == LN_PLAN_NO_MEMORY ? -ENOMEM : -EINVAL;
	for (i = 0; i < n; i++) {
		state = &fabric->state[i];
		ln_plan_set_loss(fabric->plan, i, state->loss);
		ln_plan_set_locked(fabric->plan, i, state->locked);
		if (state->out)
			ln_plan_begin_out(fabric->plan, i);
		if (!(i % 4096))
			cond_resched();
	}
	/* One by one, each would cost all that is below it. */
	ln_plan_end_out(fabric->plan);
	return 0;
}
