// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit tests call; built with them only. All exports are here, so that
 * no other file has to know of the tests.
 */
#include <linux/export.h>
#include <linux/percpu.h>

#include "arena.h"
#include "ctx.h"
#include "elem.h"
#include "inst.h"
#include "ledger.h"
#include "load.h"
#include "lock.h"
#include "log.h"
#include "map.h"
#include "mem.h"
#include "nl_msg.h"
#include "pkt.h"

#define EX_EXPORT(sym) \
	EXPORT_SYMBOL_NS_GPL(sym, ASHLAR_EXT_TEST)

EX_EXPORT(ex_arena_create);
EX_EXPORT(ex_arena_destroy);
EX_EXPORT(ex_arena_take);
EX_EXPORT(ex_arena_take_at);
EX_EXPORT(ex_arena_give);
EX_EXPORT(ex_arena_map);
EX_EXPORT(ex_arena_map_image);
EX_EXPORT(ex_arena_alias);
EX_EXPORT(ex_arena_share);
EX_EXPORT(ex_arena_unshare);
EX_EXPORT(ex_arena_check);
EX_EXPORT(ex_shadow_set);
EX_EXPORT(ex_shadow_clear);
EX_EXPORT(ex_shadow_get);
EX_EXPORT(ex_buf_ok);

EX_EXPORT(ex_trap);
EX_EXPORT(ex_enter);
EX_EXPORT(ex_run);
/* For ex_stack_begin(). */
EXPORT_PER_CPU_SYMBOL_GPL(ex_irq_stack);

EX_EXPORT(ex_mutex);
EX_EXPORT(ex_inst_find);
EX_EXPORT(ex_inst_put);
EX_EXPORT(ex_inst_create);
EX_EXPORT(ex_inst_destroy);
EX_EXPORT(ex_inst_quarantine);
EX_EXPORT(ex_inst_restart);
EX_EXPORT(ex_inst_set_quota);
EX_EXPORT(ex_inst_upgrade);
EX_EXPORT(ex_inst_rollback);
EX_EXPORT(ex_inst_commit);
EX_EXPORT(ex_inst_request);
EX_EXPORT(ex_attach);
EX_EXPORT(ex_detach);
EX_EXPORT(ex_hook_find);
EX_EXPORT(ex_stats_sum);
EX_EXPORT(ex_fuel_peak);

EX_EXPORT(ex_exts);
EX_EXPORT(ex_info_check);
EX_EXPORT(ex_approve);
EX_EXPORT(ex_revoke);
EX_EXPORT(ex_quota_default);
EX_EXPORT(ex_quota_check);

EX_EXPORT(ex_heap_describe);

EX_EXPORT(ex_ledger_init);
EX_EXPORT(ex_ledger_unwind);
EX_EXPORT(ex_ledger_exit);
EX_EXPORT(ex_ledger_count);
EX_EXPORT(ex_ledger_balanced);
EX_EXPORT(ex_ctx_unwind_locks);

EX_EXPORT(ex_ctxs_init);
EX_EXPORT(ex_ctxs_exit);

EX_EXPORT(ex_timers_stop);

EX_EXPORT(ex_inst_close);
EX_EXPORT(ex_inst_init);
EX_EXPORT(ex_inst_hold);
EX_EXPORT(ex_inst_release);
EX_EXPORT(ex_inst_thaw);

EX_EXPORT(ex_locks_quota);

EX_EXPORT(ex_log_read);

EX_EXPORT(ex_maps_attach);
EX_EXPORT(ex_maps_detach);
EX_EXPORT(ex_maps_readers);
EX_EXPORT(ex_elems_drain);
EX_EXPORT(ex_map_find);
EX_EXPORT(ex_map_put);
EX_EXPORT(ex_map_entries);
EX_EXPORT(ex_map_user_lookup);
EX_EXPORT(ex_map_user_update);
EX_EXPORT(ex_map_user_delete);
EX_EXPORT(ex_map_user_next);
EX_EXPORT(ex_map_user_flush);

EX_EXPORT(ex_nl_fill_ext);

EX_EXPORT(ex_pkt_seal);
