/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the unit tests of ashlar_ext share: an instance made by hand, of an
 * extension that is but tables, and invocations of it that the tests play.
 */
#ifndef ASHLAR_KUNIT_EXT_FIXTURE_H
#define ASHLAR_KUNIT_EXT_FIXTURE_H

#include "../modules/ext/call.h"
#include "../modules/ext/ctx.h"
#include "../modules/ext/inst.h"
#include "../modules/ext/load.h"
#include "shared.h"

#define T_MAPS		6
#define T_LOCKS		10
#define T_ENTRIES	3
#define T_MEMORY	(4ULL << 20)

/**
 * struct t_ext - an extension and one instance of it
 * @info: its table of contents; change it before t_start()
 * @maps: a test fills what it needs
 * @locks: ranks 10, 20, ...
 * @entries: a hook, a timer, work
 * @ext: what the load gate would have made
 * @inst: the instance
 * @started: t_start() was called
 */
struct t_ext {
	struct ashlar_ext_info info;
	struct ashlar_ext_map_def maps[T_MAPS];
	struct ashlar_ext_lock_def locks[T_LOCKS];
	struct ashlar_ext_entry entries[T_ENTRIES];
	struct ex_ext ext;
	struct ex_inst *inst;
	bool started;
};

/* An extension of that name, which goes with the test; t_start() makes its instance. */
struct t_ext *t_ext(struct kunit *test, const char *name);
/* Declares a map. */
const struct ashlar_ext_map_def *t_map(struct t_ext *t, const char *name, u32 type, u32 key,
				       u32 value, u32 max, u32 schema);
int t_try_start(struct kunit *test, struct t_ext *t);
void t_start(struct kunit *test, struct t_ext *t);
/* Ends the instance; expects the ledger to be balanced. */
void t_end(struct kunit *test, struct t_ext *t);

/* An invocation of that kind, ASHLAR_EXT_ENTRY_*; goes with the test. */
struct ex_ctx *t_ctx(struct kunit *test, struct t_ext *t, u32 kind);
/* A hook's invocation with a packet, which stays the test's. */
struct ex_ctx *t_hook(struct kunit *test, struct t_ext *t, struct sk_buff *skb);

/* Expects that the last call stopped the invocation for that reason; makes it go on. */
#define T_EXPECT_STOP(test, ctx, code) \
	do { \
		struct ex_ctx *_ctx = (ctx); \
		KUNIT_EXPECT_EQ(test, _ctx->abi.stop, (u32)(code)); \
		t_go_on(_ctx); \
	} while (0)
/* Expects that nothing stopped it. */
#define T_EXPECT_GOES_ON(test, ctx) T_EXPECT_STOP(test, ctx, 0)
void t_go_on(struct ex_ctx *ctx);

/* The counts of one kind. */
struct ex_count t_count(struct t_ext *t, enum ex_kind kind);

#endif /* ASHLAR_KUNIT_EXT_FIXTURE_H */
