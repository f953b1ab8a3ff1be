/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls that an extension can make: ext.h tells their contracts. A call
 * whose contract is broken calls ex_stop() and returns anything.
 *
 * What the extension hands over is checked and then copied: other processors
 * may run the same extension and free or change the memory in between. Freed
 * memory stays mapped as long as the instance, so late use of it harms nobody.
 */
#ifndef ASHLAR_EXT_CALL_H
#define ASHLAR_EXT_CALL_H

#include <linux/export.h>

#include <ashlar/ext_api.h>

#include "ctx.h"
#include "host.h"
#include "inst.h"
#include "kinds.h"
#include "load.h"

/* Remembers a call for the report. */
static __always_inline void ex_called(struct ex_ctx *ctx, u32 id, u64 arg)
{
	u32 at = ctx->calls_end;
	struct ex_call *call = (void *)ctx->calls + at % sizeof(ctx->calls);

	ctx->calls_end = at + sizeof(*call);
	call->id = id;
	call->arg = arg;
}

/*
 * ex_buf_ok() for what is called often: nearly all buffers are short and in an object, which the
 * shadow of their first granule tells, in the fast build as well where it has one.
 */
static __always_inline bool ex_buf(struct ex_ctx *ctx, const void *p, u64 len, bool write)
{
	const struct ex_arena *a = &ctx->inst->arena;
	u64 off = (u64)p - ctx->abi.base;

	if (likely(len - 1 < ASHLAR_EXT_SHADOW_MAX && off < ASHLAR_EXT_ARENA_SIZE &&
		   test_bit(off / ASHLAR_EXT_CHUNK, a->mapped) &&
		   ex_shadow(a, off) >= (off & 7) + len && !(write && off < a->image))) {
		ex_charge(ctx, len);
		return true;
	}
	return ex_buf_ok(ctx, p, len, write);
}

/* An invocation that may sleep: with BH on, in process context. */
static inline bool ex_may_sleep(const struct ex_ctx *ctx)
{
	return ctx->abi.kind >= ASHLAR_EXT_ENTRY_WORK;
}

/* Index of what @p points to in a table of @nr elements of @size bytes; @nr: to none. */
static __always_inline u32 ex_index(const void *p, const void *table, u32 size,
				    u32 nr)
{
	u64 off = p - table;
	u64 index = off / size;

	return off < (u64)nr * size && index * size == off ? index : nr;
}

/* A bool of the extension's comes as u8: it need not be 0 or 1. */
void *ashlar_ext_alloc(struct ashlar_ext_ctx *abi, u64 size);
void ashlar_ext_free(struct ashlar_ext_ctx *abi, void *p);
void *ashlar_ext_obj_alloc(struct ashlar_ext_ctx *abi, u64 size);
void ashlar_ext_obj_get(struct ashlar_ext_ctx *abi, void *p);
void ashlar_ext_obj_put(struct ashlar_ext_ctx *abi, void *p);

struct ex_pkt_info;
void ashlar_ext_pkt_info(struct ashlar_ext_ctx *abi, u64 pkt,
			 struct ex_pkt_info *info);
bool ashlar_ext_pkt_pull(struct ashlar_ext_ctx *abi, u64 pkt, u32 len);
bool ashlar_ext_pkt_make_writable(struct ashlar_ext_ctx *abi, u64 pkt, u32 len);
bool ashlar_ext_pkt_push(struct ashlar_ext_ctx *abi, u64 pkt, u32 len);
bool ashlar_ext_pkt_trim_head(struct ashlar_ext_ctx *abi, u64 pkt, u32 len);
bool ashlar_ext_pkt_load(struct ashlar_ext_ctx *abi, u64 pkt, u32 off, void *to,
			 u32 len);
bool ashlar_ext_pkt_store(struct ashlar_ext_ctx *abi, u64 pkt, u32 off,
			  const void *from, u32 len);
bool ashlar_ext_pkt_set_addr(struct ashlar_ext_ctx *abi, u64 pkt, u8 dest,
			     const void *addr, u32 len);
bool ashlar_ext_pkt_set_port(struct ashlar_ext_ctx *abi, u64 pkt, u8 dest,
			     __be16 port);
bool ashlar_ext_pkt_csum_replace(struct ashlar_ext_ctx *abi, u64 pkt, u32 off,
				 __be32 from, __be32 to, u8 pseudo);
void ashlar_ext_pkt_set_mark(struct ashlar_ext_ctx *abi, u64 pkt, u32 mark);
u64 ashlar_ext_pkt_clone(struct ashlar_ext_ctx *abi, u64 pkt);
s32 ashlar_ext_pkt_send(struct ashlar_ext_ctx *abi, u64 pkt, u64 dev);
void ashlar_ext_pkt_free(struct ashlar_ext_ctx *abi, u64 pkt);

u64 ashlar_ext_dev_get(struct ashlar_ext_ctx *abi, u32 ifindex);
void ashlar_ext_dev_put(struct ashlar_ext_ctx *abi, u64 dev);
bool ashlar_ext_dev_up(struct ashlar_ext_ctx *abi, u64 dev);

void *ashlar_ext_map_lookup(struct ashlar_ext_ctx *abi,
			    const struct ashlar_ext_map_def *def,
			    const void *key);
void *ashlar_ext_map_insert(struct ashlar_ext_ctx *abi,
			    const struct ashlar_ext_map_def *def,
			    const void *key);
bool ashlar_ext_map_delete(struct ashlar_ext_ctx *abi,
			   const struct ashlar_ext_map_def *def,
			   const void *key);
void ashlar_ext_map_add(struct ashlar_ext_ctx *abi,
			const struct ashlar_ext_map_def *def, u32 index, u64 n);
u32 ashlar_ext_map_count(struct ashlar_ext_ctx *abi,
			 const struct ashlar_ext_map_def *def);

void ashlar_ext_lock(struct ashlar_ext_ctx *abi,
		     const struct ashlar_ext_lock_def *def);
void ashlar_ext_unlock(struct ashlar_ext_ctx *abi,
		       const struct ashlar_ext_lock_def *def);

s32 ashlar_ext_timer_arm(struct ashlar_ext_ctx *abi,
			 const struct ashlar_ext_entry *entry, u64 ns, u64 arg);
bool ashlar_ext_timer_cancel(struct ashlar_ext_ctx *abi,
			     const struct ashlar_ext_entry *entry, u64 arg);
s32 ashlar_ext_work_queue(struct ashlar_ext_ctx *abi,
			  const struct ashlar_ext_entry *entry, u64 arg);
void ashlar_ext_sleep(struct ashlar_ext_ctx *abi, u32 ms);
void ashlar_ext_sync(struct ashlar_ext_ctx *abi);

u64 ashlar_ext_now(struct ashlar_ext_ctx *abi);
u32 ashlar_ext_random(struct ashlar_ext_ctx *abi);
u64 ashlar_ext_hash(struct ashlar_ext_ctx *abi, const void *at, u32 len);
void ashlar_ext_log(struct ashlar_ext_ctx *abi, const char *format, u32 len,
		    const u64 *args, u32 n);
void ashlar_ext_race(struct ashlar_ext_ctx *abi, u64 addr, u64 len, u32 how);
void ashlar_ext_range(struct ashlar_ext_ctx *abi, const void *addr, u64 len,
		      u32 write);

#endif /* ASHLAR_EXT_CALL_H */
