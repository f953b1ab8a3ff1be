/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a host knows of the datacenter around it: a plan (plan.h), the names of
 * its nodes and links, and which of the links are the host's own.
 *
 * All of it is under ln_mutex; what is being built belongs to one netlink
 * socket and is nobody else's business until it is committed.
 */
#ifndef ASHLAR_LINK_TOPOLOGY_H
#define ASHLAR_LINK_TOPOLOGY_H

#include <linux/workqueue.h>

#include "link.h"
#include "plan.h"

#define LN_TOPO_MAX_NODES	131072
#define LN_TOPO_MAX_LINKS	1048576
#define LN_TOPO_NAME_LEN	LN_COMPONENT_LEN

/**
 * struct ln_names - names, numbered in the order in which they came
 * @name: the names
 * @next: the next one in the same bucket
 * @head: buckets
 * @bits: of a bucket's number
 * @seed: of the hash
 * @n: how many there are
 * @max: how many there may be
 */
struct ln_names {
	char (*name)[LN_TOPO_NAME_LEN];
	u32 *next;
	u32 *head;
	unsigned int bits;
	u32 seed;
	u32 n;
	u32 max;
};

/**
 * struct ln_fabric - a topology
 * @node_names: names of the nodes
 * @link_names: names of the links
 * @nodes: as they were told
 * @links: as they were told
 * @state: of the links
 * @capacity: the share of its paths that a ToR must keep, in per mille
 * @portid: the socket that builds it
 * @plan: NULL while it is being built
 */
struct ln_fabric {
	struct ln_names node_names;
	struct ln_names link_names;
	struct ln_plan_node *nodes;
	struct ln_plan_link *links;
	struct ln_fabric_link {
		u64 loss;	/* as told while it was built */
		int ifindex;	/* of this host's device, or 0 */
		bool out;	/* as told while it was built */
		bool locked;
		bool planned;	/* by the optimizer's last run */
	} *state;
	u16 capacity;
	u32 portid;
	struct ln_plan *plan;
};

/**
 * struct ln_topo - what host->topo points to; ln_mutex
 * @host: the host
 * @now: the topology in force, or NULL
 * @next: the one that is being built, or NULL
 * @replan: runs the optimizer
 * @ahead: until then (jiffies) links that the optimizer did not choose let the
 *         chosen ones go first
 * @n_planned: how many it chose
 * @contested: links that could not all go
 * @penalty: what would stay
 * @steps: work of its last run
 * @proven: no other choice leaves less
 * @runs: how often it has run
 * @check_max_ns: the longest fast check
 */
struct ln_topo {
	struct ln_host *host;
	struct ln_fabric *now;
	struct ln_fabric *next;
	struct delayed_work replan;
	unsigned long ahead;
	u32 n_planned;
	u32 contested;
	u64 penalty;
	u64 steps;
	bool proven;
	u64 runs;
	u64 check_max_ns;
};

/* fabric.c: building one; no lock, the caller has it alone */
struct ln_fabric *ln_fabric_begin(u32 n_nodes, u32 n_links, u16 capacity,
				  u32 portid);
void ln_fabric_free(struct ln_fabric *fabric);
int ln_fabric_add_node(struct ln_fabric *fabric, const char *name, u8 tier,
		       u16 bound);
int ln_fabric_add_link(struct ln_fabric *fabric, const char *name, u32 a, u32 b,
		       const struct ln_fabric_link *state);
int ln_fabric_finish(struct ln_fabric *fabric, enum ln_plan_fault *fault,
		     u32 *at);
/* LN_PLAN_NONE if there is none */
u32 ln_names_find(const struct ln_names *names, const char *name);

/* topology.c; all ln_mutex */

/* NULL without memory */
struct ln_topo *ln_topo_make(struct ln_host *host);
struct ln_fabric *ln_topo_now(struct ln_host *host);
/* @fabric takes the place of the topology in force. */
void ln_topo_commit(struct ln_host *host, struct ln_fabric *fabric);
/* Forgets the topology in force, and the one being built. */
void ln_topo_flush(struct ln_host *host);
/* Not under ln_mutex; the host is stopping, and flushed. */
void ln_topo_wait(struct ln_host *host);
/* The socket is gone: what it was building is given up. */
void ln_topo_release(struct ln_host *host, u32 portid);

/* What others tell of a link that is not this host's. */
void ln_topo_set(struct ln_host *host, u32 number, const bool *out,
		 const u64 *loss, const bool *locked);

/**
 * ln_topo_allows() - the topology's word before a link is taken out
 * @host: the host
 * @link: the link; if the answer is no, link->violated tells which ToR would
 *        fall under its share, or is empty: the link is unknown or locked, or
 *        others are to go first
 *
 * Takes link->lock.
 */
bool ln_topo_allows(struct ln_host *host, struct ln_link *link);

/* The link's state, or its name in the topology, is another one; takes link->lock. */
void ln_topo_update(struct ln_link *link);
/* The link, or its name in the topology, goes. */
void ln_topo_leave(struct ln_link *link);

#endif /* ASHLAR_LINK_TOPOLOGY_H */
