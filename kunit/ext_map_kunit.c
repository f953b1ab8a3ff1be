// SPDX-License-Identifier: GPL-2.0-only
/* Maps: what is in them, who shares them, and when an entry is another key's. */
#include <linux/slab.h>

#include "../modules/ext/elem.h"
#include "ext_fixture.h"

#define LOOKUP(def, key)	ashlar_ext_map_lookup(&ctx->abi, def, key)
#define INSERT(def, key)	ashlar_ext_map_insert(&ctx->abi, def, key)
#define DELETE(def, key)	ashlar_ext_map_delete(&ctx->abi, def, key)

/* Keys have to be the extension's memory. */
static u8 *t_key(struct kunit *test, struct ex_ctx *ctx)
{
	u8 *key = ashlar_ext_alloc(&ctx->abi, EX_MAP_KEY_MAX);

	KUNIT_ASSERT_NOT_NULL(test, key);
	return key;
}

static void map_keys(struct kunit *test)
{
	static const u32 sizes[] = { 1, 4, 7, 8, 12, 16, 23, 64 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct t_ext *t = t_ext(test, "map_keys");
		const struct ashlar_ext_map_def *def;
		struct ex_ctx *ctx;
		u32 n, room = 200;
		u64 *value;
		u8 *key;

		def = t_map(t, "m", ASHLAR_EXT_MAP_HASH, sizes[i], 20, room, i);
		t_start(test, t);
		ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
		key = t_key(test, ctx);
		rcu_read_lock();
		for (n = 0; n < room; n++) {
			key[sizes[i] - 1] = n;
			KUNIT_EXPECT_NULL(test, LOOKUP(def, key));
			value = INSERT(def, key);
			if (!value) {
				KUNIT_FAIL(test, "no room for entry %u", n);
				break;
			}
			KUNIT_EXPECT_NULL(test, memchr_inv(value, 0, 20));
			*value = n;
		}
		for (n = 0; n < room; n++) {
			key[sizes[i] - 1] = n;
			value = LOOKUP(def, key);
			KUNIT_EXPECT_TRUE(test, value && *value == n && INSERT(def, key) == value);
		}
		KUNIT_EXPECT_EQ(test, ashlar_ext_map_count(&ctx->abi, def), room);
		key[sizes[i] - 1] = room;
		KUNIT_EXPECT_NULL(test, INSERT(def, key));
		key[sizes[i] - 1] = 3;
		KUNIT_EXPECT_TRUE(test, DELETE(def, key));
		KUNIT_EXPECT_FALSE(test, DELETE(def, key));
		KUNIT_EXPECT_NULL(test, LOOKUP(def, key));
		rcu_read_unlock();
		T_EXPECT_GOES_ON(test, ctx);
		t_end(test, t);
	}
}

/* A value stays its key's as long as somebody may hold it, who sleeps too. */
static void map_rest(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "map_rest");
	const struct ashlar_ext_map_def *def;
	struct ex_map *map;
	struct ex_ctx *ctx;
	int idx, i;
	u64 *value;
	u8 *key;

	def = t_map(t, "m", ASHLAR_EXT_MAP_HASH, 4, 8, 1, 0);
	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_WORK);
	map = t->inst->maps[0].map;
	key = t_key(test, ctx);
	idx = srcu_read_lock(ex_maps_readers(t->inst));
	value = INSERT(def, key);
	KUNIT_ASSERT_NOT_NULL(test, value);
	*value = 42;
	KUNIT_EXPECT_TRUE(test, DELETE(def, key));
	rcu_barrier();
	for (i = 1; i < 60; i++) {
		key[0] = i;
		if (INSERT(def, key))
			KUNIT_EXPECT_TRUE(test, DELETE(def, key));
	}
	KUNIT_EXPECT_EQ(test, *value, 42ULL);
	KUNIT_EXPECT_TRUE(test, map->waiting);
	srcu_read_unlock(ex_maps_readers(t->inst), idx);
	ex_elems_drain(map);
	KUNIT_EXPECT_FALSE(test, map->waiting);
	idx = srcu_read_lock(ex_maps_readers(t->inst));
	for (i = 0; i < 60; i++) {
		key[0] = i;
		KUNIT_EXPECT_NOT_NULL(test, INSERT(def, key));
		KUNIT_EXPECT_TRUE(test, DELETE(def, key));
	}
	srcu_read_unlock(ex_maps_readers(t->inst), idx);
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

static void map_lru(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "map_lru");
	const struct ashlar_ext_map_def *def;
	struct ex_ctx *ctx;
	u32 i, kept = 0;
	u8 *key;

	def = t_map(t, "m", ASHLAR_EXT_MAP_LRU, 1, 8, 100, 0);
	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	key = t_key(test, ctx);
	rcu_read_lock();
	for (i = 0; i < 150; i++) {
		key[0] = i;
		KUNIT_EXPECT_NOT_NULL(test, INSERT(def, key));
		/* The first ten are in use all the time. */
		for (key[0] = 0; key[0] < min(i, 10U); key[0]++)
			LOOKUP(def, key);
	}
	for (key[0] = 0; key[0] < 10; key[0]++)
		kept += !!LOOKUP(def, key);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, kept, 10U);
	KUNIT_EXPECT_EQ(test, ashlar_ext_map_count(&ctx->abi, def), 100U);
	KUNIT_EXPECT_EQ(test, t->inst->maps[0].map->dropped, 50ULL);
	T_EXPECT_GOES_ON(test, ctx);
	t_end(test, t);
}

static void map_indexed(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "map_indexed");
	const struct ashlar_ext_map_def *array, *counter;
	u32 five = 5, ten = 10;
	struct ex_ctx *ctx;
	u64 sum = 0;
	u32 *key;

	array = t_map(t, "a", ASHLAR_EXT_MAP_ARRAY, 4, 100, 10, 0);
	counter = t_map(t, "c", ASHLAR_EXT_MAP_COUNTER, 4, 8, 10, 0);
	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	key = (u32 *)t_key(test, ctx);
	*key = 9;
	KUNIT_EXPECT_NOT_NULL(test, LOOKUP(array, key));
	KUNIT_EXPECT_PTR_EQ(test, LOOKUP(array, key), INSERT(array, key));
	KUNIT_EXPECT_FALSE(test, DELETE(array, key));
	*key = 10;
	KUNIT_EXPECT_NULL(test, LOOKUP(array, key));
	*key = U32_MAX;
	KUNIT_EXPECT_NULL(test, LOOKUP(array, key));
	ashlar_ext_map_add(&ctx->abi, counter, 5, 3);
	ashlar_ext_map_add(&ctx->abi, counter, 5, 4);
	ashlar_ext_map_add(&ctx->abi, counter, 10, 1);
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_EQ(test, ex_map_user_lookup(t->inst->maps[1].map, &five, &sum), 0);
	KUNIT_EXPECT_EQ(test, sum, 7ULL);
	KUNIT_EXPECT_EQ(test, ex_map_user_lookup(t->inst->maps[1].map, &ten, &sum), -ENOENT);
	KUNIT_EXPECT_EQ(test, atomic64_read(&t->inst->maps[1].map->missed), 1LL);
	KUNIT_EXPECT_NULL(test, LOOKUP(counter, key));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	ashlar_ext_map_add(&ctx->abi, array, 1, 1);
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_ARGUMENT);
	t_end(test, t);
}

static void map_bad(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "map_bad");
	const struct ashlar_ext_map_def *def;
	struct ex_ctx *ctx;
	u8 *key, *value;
	u64 local = 0;

	def = t_map(t, "m", ASHLAR_EXT_MAP_HASH, 8, 24, 10, 0);
	t_start(test, t);
	ctx = t_ctx(test, t, ASHLAR_EXT_ENTRY_HOOK);
	key = t_key(test, ctx);
	KUNIT_EXPECT_NULL(test, LOOKUP((void *)def + 8, key));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	KUNIT_EXPECT_NULL(test, LOOKUP(def + 1, key));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	KUNIT_EXPECT_NULL(test, INSERT(def - 1, key));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	KUNIT_EXPECT_FALSE(test, DELETE((void *)t->locks, key));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_HANDLE);
	KUNIT_EXPECT_NULL(test, LOOKUP(def, &local));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	KUNIT_EXPECT_NULL(test, LOOKUP(def, key + EX_MAP_KEY_MAX - 7));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	value = INSERT(def, key);
	KUNIT_ASSERT_NOT_NULL(test, value);
	KUNIT_EXPECT_TRUE(test, ex_buf_ok(ctx, value, 24, true));
	T_EXPECT_GOES_ON(test, ctx);
	KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, value, 25, true));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	KUNIT_EXPECT_FALSE(test, ex_buf_ok(ctx, value - 1, 1, true));
	T_EXPECT_STOP(test, ctx, ASHLAR_EXT_FAULT_BUFFER);
	t_end(test, t);
}

/* Two versions share a map if it is the same; else the new one's is another. */
static void map_versions(struct kunit *test)
{
	struct t_ext *a = t_ext(test, "map_v"), *b = t_ext(test, "map_v");
	struct ex_map *same, *other;
	u64 value = 0, one = 1;
	struct ex_ctx *ctx;
	u64 *p;
	u8 *key;

	t_map(a, "same", ASHLAR_EXT_MAP_HASH, 8, 8, 10, 1);
	t_map(a, "other", ASHLAR_EXT_MAP_HASH, 8, 8, 10, 1);
	t_map(b, "other", ASHLAR_EXT_MAP_HASH, 8, 8, 10, 2);
	t_map(b, "same", ASHLAR_EXT_MAP_HASH, 8, 8, 10, 1);
	t_start(test, a);
	t_start(test, b);
	KUNIT_EXPECT_PTR_EQ(test, a->inst->maps[0].map, b->inst->maps[1].map);
	KUNIT_EXPECT_PTR_NE(test, a->inst->maps[1].map, b->inst->maps[0].map);
	ctx = t_ctx(test, a, ASHLAR_EXT_ENTRY_HOOK);
	key = t_key(test, ctx);
	key[0] = 1;
	p = INSERT(&a->maps[0], key);
	KUNIT_ASSERT_NOT_NULL(test, p);
	*p = 77;
	ctx = t_ctx(test, b, ASHLAR_EXT_ENTRY_HOOK);
	key = t_key(test, ctx);
	key[0] = 1;
	p = LOOKUP(&b->maps[1], key);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, *p, 77ULL);
	same = ex_map_find(&init_net, "map_v", "same");
	other = ex_map_find(&init_net, "map_v", "other");
	KUNIT_ASSERT_TRUE(test, same && other);
	KUNIT_EXPECT_PTR_EQ(test, other, b->inst->maps[0].map);
	KUNIT_EXPECT_EQ(test, ex_map_user_lookup(same, &one, &value), 0);
	KUNIT_EXPECT_EQ(test, value, 77ULL);
	ex_map_put(same);
	ex_map_put(other);
	ex_maps_detach(b->inst);
	other = ex_map_find(&init_net, "map_v", "other");
	KUNIT_EXPECT_PTR_EQ(test, other, a->inst->maps[1].map);
	if (other)
		ex_map_put(other);
}

static void map_user(struct kunit *test)
{
	struct t_ext *t = t_ext(test, "map_user");
	u32 i, n = 0, cursor = 0, seen = 0;
	u64 key, value;
	struct ex_map *map;

	t_map(t, "m", ASHLAR_EXT_MAP_HASH, 8, 8, 64, 0);
	t_start(test, t);
	map = t->inst->maps[0].map;
	key = 1;
	KUNIT_EXPECT_EQ(test, ex_map_user_update(map, &key, &key, false, true), -ENOENT);
	KUNIT_EXPECT_EQ(test, ex_map_user_update(map, &key, &key, true, false), 0);
	KUNIT_EXPECT_EQ(test, ex_map_user_update(map, &key, &key, true, false), -EEXIST);
	KUNIT_EXPECT_EQ(test, ex_map_user_delete(map, &key), 0);
	KUNIT_EXPECT_EQ(test, ex_map_user_delete(map, &key), -ENOENT);
	for (key = 0; key < 64; key++)
		KUNIT_EXPECT_EQ(test, ex_map_user_update(map, &key, &key, true, true), 0);
	KUNIT_EXPECT_EQ(test, ex_map_user_update(map, &key, &key, true, true), -E2BIG);
	/* Even keys go while the dump is under way; the odd ones come once each. */
	while (!ex_map_user_next(map, &cursor, &key, &value)) {
		KUNIT_EXPECT_EQ(test, key, value);
		if (key % 2)
			seen++;
		if (n++ == 5)
			for (i = 0; i < 64; i += 2) {
				key = i;
				ex_map_user_delete(map, &key);
			}
	}
	KUNIT_EXPECT_EQ(test, seen, 32U);
	KUNIT_EXPECT_EQ(test, ex_map_entries(map), 32U);
	KUNIT_EXPECT_EQ(test, ex_map_user_flush(map), 32U);
	KUNIT_EXPECT_EQ(test, ex_map_entries(map), 0U);
}

struct bad_def {
	u32 type, key, value, max;
};

static void map_refused(struct kunit *test)
{
	static const struct bad_def bad[] = {
		{ 0, 4, 4, 4 }, { 9, 4, 4, 4 }, { ASHLAR_EXT_MAP_HASH, 0, 4, 4 },
		{ ASHLAR_EXT_MAP_HASH, 65, 4, 4 }, { ASHLAR_EXT_MAP_HASH, 4, 0, 4 },
		{ ASHLAR_EXT_MAP_HASH, 4, EX_MAP_VALUE_MAX + 1, 4 },
		{ ASHLAR_EXT_MAP_HASH, 4, 4, 0 },
		{ ASHLAR_EXT_MAP_HASH, 4, 4, EX_MAP_ENTRIES_MAX + 1 },
		{ ASHLAR_EXT_MAP_ARRAY, 8, 4, 4 }, { ASHLAR_EXT_MAP_COUNTER, 4, 4, 4 },
		{ ASHLAR_EXT_MAP_ARRAY, 4, 4096, 100000 },
	};
	struct t_ext *t;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		t = t_ext(test, "map_refused");
		t_map(t, "good", ASHLAR_EXT_MAP_HASH, 4, 4, 4, 0);
		t_map(t, "bad", bad[i].type, bad[i].key, bad[i].value, bad[i].max, 0);
		KUNIT_EXPECT_LT(test, t_try_start(test, t), 0);
		KUNIT_EXPECT_NULL(test, t->inst->maps);
		KUNIT_EXPECT_NULL(test, ex_map_find(&init_net, "map_refused", "good"));
	}
}

static struct kunit_case map_cases[] = {
	KUNIT_CASE(map_keys),
	KUNIT_CASE(map_rest),
	KUNIT_CASE(map_lru),
	KUNIT_CASE(map_indexed),
	KUNIT_CASE(map_bad),
	KUNIT_CASE(map_versions),
	KUNIT_CASE(map_user),
	KUNIT_CASE(map_refused),
	{}
};

static struct kunit_suite map_suite = {
	.name = "ext_map",
	.test_cases = map_cases,
};

kunit_test_suite(map_suite);
