/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_NL_H
#define ASHLAR_OVERLAY_NL_H

#include "overlay.h"

struct ov_conn;
struct ov_peer;
struct ov_policy;

int ov_nl_init(void);
void ov_nl_exit(void);

/*
 * Notifications to the group "monitor" of the host's namespace. Each costs a
 * look for listeners when there are none. Process context under ov_mutex,
 * except for peers and conns: any context, RCU.
 */
void ov_nl_notify_underlay(struct ov_underlay *ul, enum ov_event event);
void ov_nl_notify_network(struct ov_network *nw, struct ov_host *host,
			  enum ov_event event);
void ov_nl_notify_endpoint(struct ov_endpoint *ep, struct ov_host *host,
			   enum ov_event event);
void ov_nl_notify_policy(struct ov_network *nw, struct ov_host *host,
			 const struct ov_policy *rule, enum ov_event event);
void ov_nl_notify_peer(struct ov_peer *peer);	/* its state changed */
/* A conn's path changed, or it was cut (@cut). */
void ov_nl_notify_conn(struct ov_conn *conn, bool cut);

#endif /* ASHLAR_OVERLAY_NL_H */
