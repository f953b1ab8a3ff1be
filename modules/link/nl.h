/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_LINK_NL_H
#define ASHLAR_LINK_NL_H

#include "link.h"

struct ln_ticket;

int ln_nl_init(void);
void ln_nl_exit(void);

/*
 * Notifications to the group "monitor" of the host's namespace. Each costs a
 * look for listeners when there are none.
 */
/* Any context, the link held or under RCU; takes link->lock. */
void ln_nl_notify_link(struct ln_link *link, enum ln_event event);
/* ln_mutex */
void ln_nl_notify_ticket(struct ln_host *host, const struct ln_ticket *ticket,
			 enum ln_event event);
void ln_nl_notify_topology(struct ln_host *host, enum ln_event event);
void ln_nl_notify_topology_link(struct ln_host *host, u32 number,
				enum ln_event event);

#endif /* ASHLAR_LINK_NL_H */
