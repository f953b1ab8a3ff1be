// SPDX-License-Identifier: GPL-2.0-only
/* The ledger adds up, and tells when it does not; hash, log and other small calls. */
#include "../modules/ext/log.h"
#include "ext_fixture.h"

static void ledger_balance(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "ledger");
	enum ex_kind kind;
	struct ex_ctx *ctx;
	u32 i;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	for (i = 1; i < 50; i++) {
		KUNIT_EXPECT_NOT_NULL(test, ashlar_ext_alloc(&ctx->abi, i * 50));
		KUNIT_EXPECT_NOT_NULL(test, ashlar_ext_obj_alloc(&ctx->abi, i));
	}
	ashlar_ext_free(&ctx->abi, ashlar_ext_alloc(&ctx->abi, 8));
	KUNIT_EXPECT_NE(test, ashlar_ext_dev_get(&ctx->abi, 1), 0ULL);
	KUNIT_EXPECT_FALSE(test, ex_ledger_balanced(t->inst));
	t_end(test, t);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_MEMORY).reclaimed, 49ULL);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_MEMORY).back, 1ULL);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_OBJECT).reclaimed, 49ULL);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_DEVICE).reclaimed, 1ULL);
	for (kind = 0; kind < EX_KIND_COUNT; kind++)
		KUNIT_EXPECT_EQ(test, t->inst->fault.reclaimed[kind], t_count(t, kind).reclaimed);
	/* Once more changes nothing. */
	t_end(test, t);
	KUNIT_EXPECT_EQ(test, t_count(t, EX_KIND_MEMORY).reclaimed, 49ULL);
	/* A count that is off by one is seen. */
	t->inst->heap.blocks.made++;
	KUNIT_EXPECT_FALSE(test, ex_ledger_balanced(t->inst));
	t->inst->heap.blocks.made--;
	t->inst->ledger.packet.back++;
	KUNIT_EXPECT_FALSE(test, ex_ledger_balanced(t->inst));
	t->inst->ledger.packet.back--;
	KUNIT_EXPECT_TRUE(test, ex_ledger_balanced(t->inst));
}

static u64 unbalanced(struct t_ext *t)
{
	u64 sum[EX_STAT_MAX] = {};

	ex_stats_sum(t->inst, sum);
	return sum[EX_STAT_UNBALANCED];
}

/* It ends all the same, and is counted. */
static void ledger_unbalanced(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "ledger");
	struct ex_ctx *ctx;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	KUNIT_EXPECT_NOT_NULL(test, ashlar_ext_alloc(&ctx->abi, 100));
	KUNIT_EXPECT_NE(test, ashlar_ext_dev_get(&ctx->abi, 1), 0ULL);
	ex_ledger_unwind(t->inst);
	KUNIT_EXPECT_EQ(test, unbalanced(t), 0ULL);
	/* As if one device had got lost. */
	t->inst->ledger.device.made++;
	ex_ledger_unwind(t->inst);
	KUNIT_EXPECT_EQ(test, unbalanced(t), 1ULL);
	t->inst->ledger.device.made--;
	/* Or bytes of a packet. */
	t->inst->ledger.packet_bytes = 1;
	ex_ledger_unwind(t->inst);
	KUNIT_EXPECT_EQ(test, unbalanced(t), 2ULL);
	t->inst->ledger.packet_bytes = 0;
	t_end(test, t);
	KUNIT_EXPECT_EQ(test, unbalanced(t), 2ULL);
}

static void ledger_hash(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "a"), *u = t_ext(test, "b");
	struct ex_ctx *ctx, *other;
	u8 *p, *q;
	u64 h;

	t_start(test, t);
	t_start(test, u);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	other = t_ctx(test, u, ASHLAR_EXT_ENTRY_HOOK);
	p = ashlar_ext_alloc(&ctx->abi, 200);
	q = ashlar_ext_alloc(&other->abi, 200);
	KUNIT_ASSERT_TRUE(test, p && q);
	h = ashlar_ext_hash(&ctx->abi, p, 12);
	KUNIT_EXPECT_EQ(test, h, ashlar_ext_hash(&ctx->abi, p + 16, 12));
	KUNIT_EXPECT_NE(test, h, ashlar_ext_hash(&ctx->abi, p, 13));
	KUNIT_EXPECT_NE(test, h, ashlar_ext_hash(&other->abi, q, 12));
	p[11] = 1;
	KUNIT_EXPECT_NE(test, h, ashlar_ext_hash(&ctx->abi, p, 12));
	KUNIT_EXPECT_NE(test, ashlar_ext_hash(&ctx->abi, p, 199),
			ashlar_ext_hash(&ctx->abi, p, 200));
	ashlar_ext_hash(&ctx->abi, p, 0);
	T_EXPECT_GOES_ON(test, ctx);
	ashlar_ext_hash(&ctx->abi, p, 201);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	ashlar_ext_hash(&ctx->abi, q, 8);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
}

static void say(struct ex_ctx *ctx, char *room, const char *format, const u64 *args, u32 n)
{
	strscpy(room, format, EX_LOG_LEN);
	ashlar_ext_log(&ctx->abi, room, strlen(format) + 1, args, n);
}

static void ledger_log(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "log");
	char line[EX_LOG_LEN], *f;
	struct ex_ctx *ctx;
	u64 *args, at;
	u32 i;

	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	f = ashlar_ext_alloc(&ctx->abi, EX_LOG_LEN + 1);
	args = ashlar_ext_alloc(&ctx->abi, 6 * sizeof(*args));
	KUNIT_ASSERT_TRUE(test, f && args);
	args[0] = -1;
	args[1] = 0x1122334455667788;
	args[2] = (__force u32)htonl(0x0a000001);
	say(ctx, f, "%d %llx%% %pI4", args, 3);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_TRUE(test, ex_log_read(&t->inst->log, 0, line, &at));
	KUNIT_EXPECT_STREQ(test, line, "-1 1122334455667788% 10.0.0.1");
	KUNIT_EXPECT_FALSE(test, ex_log_read(&t->inst->log, 1, line, &at));
	say(ctx, f, "%s", args, 1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	say(ctx, f, "%p", args, 1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	say(ctx, f, "%d %d", args, 1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	say(ctx, f, "%d", args, 2);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	say(ctx, f, "100%", args, 0);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	say(ctx, f, "x", args, 7);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	ashlar_ext_log(&ctx->abi, "not mine", 9, args, 0);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	for (i = 0; i < 3 * EX_LOG_RATE; i++)
		say(ctx, f, "again", args, 0);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_GT(test, t->inst->log.lost, 0ULL);
}

/* Nobody's: there is no gate to go back to. */
static void trap_of_nobody(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, ex_trap((u64)trap_of_nobody));
}

static struct kunit_case ledger_cases[] = {
	KUNIT_CASE(ledger_balance),
	KUNIT_CASE(ledger_unbalanced),
	KUNIT_CASE(ledger_hash),
	KUNIT_CASE(ledger_log),
	KUNIT_CASE(trap_of_nobody),
	{}
};

static struct kunit_suite ledger_suite = {
	.name = "ext_ledger",
	.test_cases = ledger_cases,
};

kunit_test_suite(ledger_suite);
