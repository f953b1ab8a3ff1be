// SPDX-License-Identifier: GPL-2.0-only
/* The object topology, as the kernel has it: loaded, shown, told of links. */
#include <string.h>

#include <linux/ashlar_link.h>

#include "ashlar.h"
#include "topo.h"

#define T(name) ASHLAR_LINK_A_TOPOLOGY_##name
#define N(name) ASHLAR_LINK_A_NODE_##name
#define L(name) ASHLAR_LINK_A_TOPOLOGY_LINK_##name
#define CMD(name) ASHLAR_LINK_CMD_##name

static int load_begin(const struct topo *topo)
{
	struct request req;

	sock_request(&req, &topo_summary_object, CMD(TOPOLOGY_BEGIN), NLM_F_ACK);
	mnl_attr_put_u32(req.nlh, T(CAPACITY), topo->bound);
	mnl_attr_put_u32(req.nlh, T(NODES), topo->n_nodes);
	mnl_attr_put_u32(req.nlh, T(LINKS), topo->n_links);
	return sock_change(&req);
}

static int load_nodes(const struct topo *topo)
{
	const struct ln_plan_node *node;
	struct request req;
	int status = STATUS_OK;
	u32 i;

	for (i = 0; i < topo->n_nodes && !status; i++) {
		node = &topo->nodes[i];
		sock_request(&req, &topo_node_object, CMD(NODE_NEW), 0);
		mnl_attr_put_strz(req.nlh, N(NAME), topo->node_names[i]);
		mnl_attr_put_u8(req.nlh, N(TIER), node->tier);
		if (node->bound != LN_PLAN_BOUND_INHERIT)
			mnl_attr_put_u32(req.nlh, N(BOUND), node->bound);
		status = sock_queue(&req);
	}
	return status ? status : sock_flush();
}

static int load_links(const struct topo *topo)
{
	struct request req;
	int status = STATUS_OK;
	u32 i;

	for (i = 0; i < topo->n_links && !status; i++) {
		sock_request(&req, &topo_link_object, CMD(TOPOLOGY_LINK_NEW), 0);
		mnl_attr_put_strz(req.nlh, L(NAME), topo->link_names[i]);
		mnl_attr_put_u32(req.nlh, L(A), topo->links[i].a);
		mnl_attr_put_u32(req.nlh, L(B), topo->links[i].b);
		status = sock_queue(&req);
	}
	return status ? status : sock_flush();
}

static int load_commit(void)
{
	struct request req;

	sock_request(&req, &topo_summary_object, CMD(TOPOLOGY_COMMIT), NLM_F_ACK);
	return sock_change(&req);
}

/* A file that makes no sense never reaches the kernel. */
static int load(const struct topo *topo)
{
	struct ln_plan *plan = topo_plan(topo);
	int status;

	if (!plan)
		return STATUS_MISUSE;
	ln_plan_destroy(plan);
	status = sock_open(&topo_summary_object);
	if (!status)
		status = load_begin(topo);
	if (!status)
		status = load_nodes(topo);
	if (!status)
		status = load_links(topo);
	return status ? status : load_commit();
}

int topo_run_load(int argc, char **argv)
{
	struct topo topo = {};
	int status;

	if (!argc)
		return misuse("\"FILE\" is missing: see \"ashlar help topology load\"");
	if (argc > 1)
		return misuse("\"%s\": topology load knows no such key", argv[1]);
	status = topo_read(&topo, argv[0]);
	if (!status)
		status = load(&topo);
	topo_free(&topo);
	return status;
}

int topo_run_show(int argc, char **argv)
{
	if (argc && !strcmp(argv[0], "nodes"))
		return run_verb(&topo_node_object, topo_node_object.verbs,
				argc - 1, argv + 1);
	if (argc && !strcmp(argv[0], "links"))
		return run_verb(&topo_link_object, topo_link_object.verbs,
				argc - 1, argv + 1);
	if (argc)
		return misuse("\"%s\": must be nodes or links", argv[0]);
	return run_verb(&topo_summary_object, topo_summary_object.verbs, 0, NULL);
}

int topo_run_set(int argc, char **argv)
{
	return run_verb(&topo_link_object,
			find_verb(&topo_link_object, "set"), argc, argv);
}
