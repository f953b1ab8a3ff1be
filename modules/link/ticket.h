/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Repairs: what is to be done with hands about a link, and what came of it. All
 * under ln_mutex. A ticket outlives its link and goes with the host, or when
 * there are too many.
 */
#ifndef ASHLAR_LINK_TICKET_H
#define ASHLAR_LINK_TICKET_H

#include "link.h"

/* More than hands can work off; the oldest closed ones make room. */
#define LN_MAX_TICKETS	1024

/* The same values as in the netlink spec. */
enum ln_ticket_state {
	LN_TICKET_OPEN,		/* to be done */
	LN_TICKET_DONE,		/* says the operator; not yet proven */
	LN_TICKET_WORKED,
	LN_TICKET_RELAPSED,
	LN_TICKET_WITHDRAWN,
};

/**
 * struct ln_ticket - a repair, with the evidence for it
 * @list: in @host->tickets, newest first
 * @id: its number, unique in the host
 * @ifindex: the link's device
 * @dev: the device's name when the ticket was opened
 * @component: the link's, at that time
 * @peer: the other end's name, if it was heard
 * @dir: which direction is bad
 * @repair: what to do
 * @unsure: see ln_repair_recommend()
 * @state: how far it is
 * @here: light at the end that receives @dir
 * @far: light at the end that sends it
 * @loss: of @dir when the ticket was opened, 1e-12
 * @trials: behind @loss
 * @errors: behind @loss
 * @shared: other links of the component that corrupt at similar rates
 * @done_errors: of @dir when the repair was done: those that are old by now
 * @opened: boot time, seconds
 * @done: the same; 0 if it was not
 * @closed: the same; 0 if it is open or done
 */
struct ln_ticket {
	struct list_head list;
	u32 id;
	int ifindex;
	char dev[IFNAMSIZ];
	char component[LN_COMPONENT_LEN];
	char peer[LN_BEAT_NAME_LEN];
	enum ln_dir dir;
	enum ln_repair repair;
	bool unsure;
	enum ln_ticket_state state;
	struct ln_optics here;
	struct ln_optics far;
	u64 loss;
	u64 trials;
	u64 errors;
	u32 shared;
	u64 done_errors;
	u64 opened;
	u64 done;
	u64 closed;
};

struct ln_ticket *ln_ticket_find(struct ln_host *host, u32 id);
/* The ticket that is open or done for a link's direction, or NULL. */
struct ln_ticket *ln_ticket_of(struct ln_link *link, enum ln_dir dir);

/* What the ladder tells. */
void ln_ticket_open(struct ln_link *link, enum ln_dir dir);
void ln_ticket_worked(struct ln_link *link);
void ln_ticket_relapsed(struct ln_link *link);

/* What the operator tells. */
int ln_ticket_done(struct ln_host *host, u32 id, struct netlink_ext_ack *extack);
int ln_ticket_withdraw(struct ln_host *host, u32 id,
		       struct netlink_ext_ack *extack);

void ln_tickets_purge(struct ln_host *host);

#endif /* ASHLAR_LINK_TICKET_H */
