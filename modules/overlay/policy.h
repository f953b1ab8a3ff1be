/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_POLICY_H
#define ASHLAR_OVERLAY_POLICY_H

#include "overlay.h"

struct ov_policies *ov_policies_new(bool allow);
void ov_policies_free(struct ov_policies *p);
int ov_policies_set_default(struct ov_host *host, struct ov_network *nw,
			    bool allow);

#endif /* ASHLAR_OVERLAY_POLICY_H */
