// SPDX-License-Identifier: GPL-2.0-only
/* What the unit tests of ashlar_ext share: an instance made by hand. */
#include <linux/module.h>
#include <linux/slab.h>

#include "../modules/ext/pkt.h"
#include "ext_fixture.h"

static void t_release(struct kunit_resource *res)
{
	struct t_ext *t = res->data;

	if (!t->started)
		return;
	ex_ledger_unwind(t->inst);
	ex_maps_detach(t->inst);
	ex_ledger_exit(t->inst);
	ex_arena_destroy(&t->inst->arena);
	free_percpu(t->inst->cpu);
	kfree(t->inst);
}

struct t_ext *t_ext(struct kunit *test, const char *name)
{
	struct t_ext *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	strscpy(t->info.name, name, sizeof(t->info.name));
	t->info.maps = t->maps;
	t->info.locks = t->locks;
	t->info.entries = t->entries;
	t->info.flags = ASHLAR_EXT_BUILD_SHADOW;
	t->info.nr_locks = T_LOCKS;
	t->info.nr_entries = T_ENTRIES;
	for (i = 0; i < T_LOCKS; i++)
		t->locks[i].rank = 10 * (i + 1);
	for (i = 0; i < T_ENTRIES; i++)
		t->entries[i].kind = ASHLAR_EXT_ENTRY_HOOK + i;
	t->ext.info = &t->info;
	kunit_alloc_resource(test, NULL, t_release, GFP_KERNEL, t);
	return t;
}

const struct ashlar_ext_map_def *t_map(struct t_ext *t, const char *name, u32 type, u32 key,
				       u32 value, u32 max, u32 schema)
{
	struct ashlar_ext_map_def *def = &t->maps[t->info.nr_maps++];

	strscpy(def->name, name, sizeof(def->name));
	def->type = type;
	def->key_size = key;
	def->value_size = value;
	def->max_entries = max;
	def->schema = schema;
	return def;
}

static struct ex_inst *inst_make(struct kunit *test, struct t_ext *t)
{
	struct ex_inst *inst = kzalloc(sizeof(*inst), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, inst);
	spin_lock_init(&inst->lock);
	spin_lock_init(&inst->sleeper_lock);
	init_waitqueue_head(&inst->idle);
	INIT_LIST_HEAD(&inst->hooks);
	inst->net = &init_net;
	inst->ext = &t->ext;
	inst->info = &t->info;
	strscpy(inst->name, t->info.name, sizeof(inst->name));
	inst->quota.memory = T_MEMORY;
	inst->quota.lock_ns = 20 * NSEC_PER_MSEC;
	inst->cpu = alloc_percpu(struct ex_cpu);
	KUNIT_ASSERT_NOT_NULL(test, inst->cpu);
	KUNIT_ASSERT_EQ(test, ex_arena_create(&inst->arena, T_MEMORY), 0);
	/* Offset 0 is the image's or the state's. */
	KUNIT_ASSERT_TRUE(test, ex_arena_take_at(&inst->arena, 0, ASHLAR_EXT_CHUNK));
	return inst;
}

int t_try_start(struct kunit *test, struct t_ext *t)
{
	t->inst = inst_make(test, t);
	KUNIT_ASSERT_EQ(test, ex_ledger_init(t->inst), 0);
	t->started = true;
	return ex_maps_attach(t->inst, NULL);
}

void t_start(struct kunit *test, struct t_ext *t)
{
	KUNIT_ASSERT_EQ(test, t_try_start(test, t), 0);
}

void t_end(struct kunit *test, struct t_ext *t)
{
	ex_ledger_unwind(t->inst);
	KUNIT_EXPECT_TRUE(test, ex_ledger_balanced(t->inst));
}

struct ex_ctx *t_ctx(struct kunit *test, struct t_ext *t, u32 kind)
{
	struct ex_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	static atomic_t slot;

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->inst = t->inst;
	ctx->slot = atomic_inc_return(&slot) % 1000;
	ctx->abi.base = t->inst->arena.base;
	ctx->abi.fuel = S64_MAX;
	ctx->abi.kind = kind;
	return ctx;
}

struct ex_ctx *t_hook(struct kunit *test, struct t_ext *t, struct sk_buff *skb)
{
	struct ex_ctx *ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	struct nf_hook_state *state = kunit_kzalloc(test, sizeof(*state), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, state);
	state->pf = NFPROTO_IPV4;
	ctx->state = state;
	ctx->skb = skb;
	ctx->pkt_handle = 0x0100000000000001ULL;
	ex_pkt_lend(ctx, false);
	return ctx;
}

void t_go_on(struct ex_ctx *ctx)
{
	ctx->abi.stop = 0;
	ctx->abi.fault_code = 0;
	ctx->abi.fault_addr = 0;
	ctx->fault = NULL;
}

struct ex_count t_count(struct t_ext *t, enum ex_kind kind)
{
	struct ex_count count;

	ex_ledger_count(t->inst, kind, &count);
	return count;
}

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Unit tests of ashlar_ext");
MODULE_AUTHOR("The Ashlar authors");
MODULE_IMPORT_NS(ASHLAR_EXT);
MODULE_IMPORT_NS(ASHLAR_EXT_TEST);
