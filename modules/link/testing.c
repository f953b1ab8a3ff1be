// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit tests call; built with them only. All exports are here, so that
 * no other file has to know of the tests.
 */
#include <linux/export.h>

#include "beat.h"
#include "counter.h"
#include "detect.h"
#include "link.h"
#include "optics.h"
#include "plan_inner.h"
#include "repair.h"
#include "ticket.h"

#define LN_EXPORT(sym) \
	EXPORT_SYMBOL_NS_GPL(sym, ASHLAR_LINK_TEST)

LN_EXPORT(ln_mutex);
LN_EXPORT(ln_host_make);

LN_EXPORT(ln_ladder_init);
LN_EXPORT(ln_ladder_step);
LN_EXPORT(ln_ladder_out);

LN_EXPORT(ln_detect_cfg_init);
LN_EXPORT(ln_detect_reset);
LN_EXPORT(ln_detect_add);
LN_EXPORT(ln_detect_verdict);
LN_EXPORT(ln_detect_feed);
LN_EXPORT(ln_detect_has_say);
LN_EXPORT(ln_detect_view);
LN_EXPORT(ln_loss);
LN_EXPORT(ln_loss_upper);
LN_EXPORT(ln_loss_interval);

LN_EXPORT(ln_counters_rebase);
LN_EXPORT(ln_counters_update);
LN_EXPORT(ln_frames_max);
LN_EXPORT(ln_codewords);
LN_EXPORT(ln_fec_clock_add);
LN_EXPORT(ln_fec_clock_reset);

LN_EXPORT(ln_optics_decode);
LN_EXPORT(ln_optics_has_a2);

LN_EXPORT(ln_repair_recommend);

LN_EXPORT(ln_plan_create);
LN_EXPORT(ln_plan_destroy);
LN_EXPORT(ln_plan_fault_text);
LN_EXPORT(ln_plan_paths);
LN_EXPORT(ln_plan_paths_full);
LN_EXPORT(ln_plan_need);
LN_EXPORT(ln_plan_penalty);
LN_EXPORT(ln_plan_may_go);
LN_EXPORT(ln_plan_take_out);
LN_EXPORT(ln_plan_bring_back);
LN_EXPORT(ln_plan_is_out);
LN_EXPORT(ln_plan_set_loss);
LN_EXPORT(ln_plan_loss);
LN_EXPORT(ln_plan_set_locked);
LN_EXPORT(ln_plan_set_bound);
LN_EXPORT(ln_plan_optimize);
LN_EXPORT(ln_plan_optimize_by);

LN_EXPORT(ln_link_opinion);

LN_EXPORT(ln_act);
LN_EXPORT(ln_act_done);
LN_EXPORT(ln_act_leave);
LN_EXPORT(ln_group_update);

LN_EXPORT(ln_ticket_find);
LN_EXPORT(ln_ticket_of);
LN_EXPORT(ln_ticket_open);
LN_EXPORT(ln_ticket_worked);
LN_EXPORT(ln_ticket_relapsed);
LN_EXPORT(ln_ticket_done);
LN_EXPORT(ln_ticket_withdraw);
LN_EXPORT(ln_tickets_purge);

LN_EXPORT(ln_beat_len);
LN_EXPORT(ln_beat_encode);
LN_EXPORT(ln_beat_decode);
LN_EXPORT(ln_beat_tag);
LN_EXPORT(ln_beat_set_tag);

LN_EXPORT(ln_peer_init);
LN_EXPORT(ln_peer_fresh);
LN_EXPORT(ln_peer_resync);
LN_EXPORT(ln_peer_receive);
LN_EXPORT(ln_peer_tell);
LN_EXPORT(ln_peer_probe);
LN_EXPORT(ln_hook_open);
LN_EXPORT(ln_hook_close);
