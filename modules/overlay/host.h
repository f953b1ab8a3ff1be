/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_HOST_H
#define ASHLAR_OVERLAY_HOST_H

#include "overlay.h"

/* ov_mutex: the host's tables, made with its first underlay. */
struct ov_host *ov_host_make(struct net *net);
void ov_objects_wait(void);

extern const struct rhashtable_params ov_endpoint_params;
extern const struct rhashtable_params ov_endpoint_id_params;

/* Whether a packet came in by, or a route leaves by, an uplink. */
bool ov_underlay_has_dev(const struct ov_underlay *ul, int ifindex);

#endif /* ASHLAR_OVERLAY_HOST_H */
