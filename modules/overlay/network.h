/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_NETWORK_H
#define ASHLAR_OVERLAY_NETWORK_H

#include "overlay.h"

/* The network and its host, or NULL and a sentence. ov_mutex. */
struct ov_network *ov_network_named(struct net *net, u32 vni,
				    struct ov_host **host,
				    struct netlink_ext_ack *extack);
struct ov_underlay *ov_underlay_find(struct ov_host *host, const char *name);
void ov_network_remove(struct ov_host *host, struct ov_network *nw);
void ov_underlay_remove(struct ov_host *host, struct ov_underlay *ul);
void ov_endpoint_remove_all(struct ov_host *host);
/* An uplink was unregistered; a device has come, or has a new name. */
void ov_underlay_lose(struct ov_host *host, const struct net_device *dev);
void ov_underlay_regain(struct ov_host *host, const struct net_device *dev);

#endif /* ASHLAR_OVERLAY_NETWORK_H */
