// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit tests call; built with them only. All exports are here, so that
 * no other file has to know of the tests.
 */
#include <linux/export.h>

#include "arena.h"
#include "ctx.h"
#include "elem.h"
#include "inst.h"
#include "ledger.h"
#include "log.h"
#include "map.h"
#include "mem.h"

#define EX_EXPORT(sym) \
	EXPORT_SYMBOL_NS_GPL(sym, ASHLAR_EXT_TEST)

EX_EXPORT(ex_arena_create);
EX_EXPORT(ex_arena_destroy);
EX_EXPORT(ex_arena_take_at);
EX_EXPORT(ex_buf_ok);

EX_EXPORT(ex_trap);

EX_EXPORT(ex_heap_describe);

EX_EXPORT(ex_ledger_init);
EX_EXPORT(ex_ledger_unwind);
EX_EXPORT(ex_ledger_exit);
EX_EXPORT(ex_ledger_count);
EX_EXPORT(ex_ledger_balanced);
EX_EXPORT(ex_ctx_unwind_locks);

EX_EXPORT(ex_log_read);

EX_EXPORT(ex_maps_attach);
EX_EXPORT(ex_maps_detach);
EX_EXPORT(ex_maps_read_lock);
EX_EXPORT(ex_maps_read_unlock);
EX_EXPORT(ex_elems_drain);
EX_EXPORT(ex_map_find);
EX_EXPORT(ex_map_put);
EX_EXPORT(ex_map_entries);
EX_EXPORT(ex_map_user_lookup);
EX_EXPORT(ex_map_user_update);
EX_EXPORT(ex_map_user_delete);
EX_EXPORT(ex_map_user_next);
EX_EXPORT(ex_map_user_flush);
