// SPDX-License-Identifier: GPL-2.0-only
/* What to do with hands: each row of the table, and what is not known. */
#include <kunit/test.h>

#include "../modules/link/repair.h"

/* Light at one end: sent, received. */
enum light {
	NOTHING,	/* not even a module */
	FINE,
	RX_LOW,
	TX_LOW,
	BOTH_LOW,
	AT_LIMIT,	/* as low as is still fine */
	GENERIC,	/* fine, by a generic threshold */
	GENERIC_LOW,	/* too little received, by a generic threshold */
	UNKNOWN,
	UNSUPPORTED,
	OTHER,
	GARBAGE,
	FAILED,		/* to read; what was read before was low */
};

static const struct ln_optics lights[] = {
	[FINE] = { LN_OPTICS_OK, true, 5000, 4000, 1259, 1259, 0 },
	[RX_LOW] = { LN_OPTICS_OK, true, 5000, 900, 1259, 1259, 0 },
	[TX_LOW] = { LN_OPTICS_OK, true, 900, 4000, 1259, 1259, 0 },
	[BOTH_LOW] = { LN_OPTICS_OK, true, 0, 0, 1259, 1259, 0 },
	[AT_LIMIT] = { LN_OPTICS_OK, true, 1259, 1259, 1259, 1259, 0 },
	[GENERIC] = { LN_OPTICS_OK, false, 5000, 4000, 1995, 1995, 0 },
	[GENERIC_LOW] = { LN_OPTICS_OK, false, 5000, 1994, 1995, 1995, 0 },
	[UNKNOWN] = { LN_OPTICS_UNKNOWN },
	[UNSUPPORTED] = { LN_OPTICS_UNSUPPORTED },
	[OTHER] = { LN_OPTICS_OTHER },
	[GARBAGE] = { LN_OPTICS_GARBAGE },
	[FAILED] = { LN_OPTICS_ERROR, true, 900, 900, 1259, 1259, 0 },
};

struct repair_case {
	const char *name;
	enum light here;
	enum light far;
	u32 shared;
	bool reseated;
	enum ln_repair repair;
	bool unsure;
};

static const struct repair_case repair_cases[] = {
	{ "shared component", FINE, FINE, 1, false, LN_REPAIR_SHARED, false },
	{ "shared, whatever the light", BOTH_LOW, BOTH_LOW, 3, true,
	  LN_REPAIR_SHARED, false },
	{ "shared, light not known", NOTHING, GARBAGE, 1, false,
	  LN_REPAIR_SHARED, false },
	{ "decaying transmitter", RX_LOW, TX_LOW, 0, false,
	  LN_REPAIR_FAR_TX, false },
	{ "decaying transmitter, both receive little", RX_LOW, BOTH_LOW, 0,
	  false, LN_REPAIR_FAR_TX, false },
	{ "decaying transmitter, seen by its own end only", UNSUPPORTED,
	  TX_LOW, 0, false, LN_REPAIR_FAR_TX, false },
	{ "fibre", RX_LOW, RX_LOW, 0, false, LN_REPAIR_FIBRE, false },
	{ "fibre, by a generic threshold", GENERIC_LOW, RX_LOW, 0, false,
	  LN_REPAIR_FIBRE, true },
	{ "connector", RX_LOW, FINE, 0, false, LN_REPAIR_CLEAN, false },
	{ "connector, though reseated", RX_LOW, FINE, 0, true,
	  LN_REPAIR_CLEAN, false },
	{ "connector, no light at all", BOTH_LOW, FINE, 0, false,
	  LN_REPAIR_CLEAN, false },
	{ "connector, far end not heard", RX_LOW, NOTHING, 0, false,
	  LN_REPAIR_CLEAN, true },
	{ "connector, by a generic threshold", GENERIC_LOW, FINE, 0, false,
	  LN_REPAIR_CLEAN, true },
	{ "only the far end receives little", FINE, RX_LOW, 0, false,
	  LN_REPAIR_RESEAT, false },
	{ "own transmitter is weak", TX_LOW, FINE, 0, false,
	  LN_REPAIR_RESEAT, false },
	{ "reseat", FINE, FINE, 0, false, LN_REPAIR_RESEAT, false },
	{ "reseat, light at its limits", AT_LIMIT, AT_LIMIT, 0, false,
	  LN_REPAIR_RESEAT, false },
	{ "replace", FINE, FINE, 0, true, LN_REPAIR_REPLACE, false },
	{ "no light known", NOTHING, NOTHING, 0, false,
	  LN_REPAIR_RESEAT, true },
	{ "no light known, reseated", UNKNOWN, UNKNOWN, 0, true,
	  LN_REPAIR_REPLACE, true },
	{ "here: other standard", OTHER, FINE, 0, false,
	  LN_REPAIR_RESEAT, true },
	{ "here: garbage", GARBAGE, FINE, 0, false, LN_REPAIR_RESEAT, true },
	{ "here: reading failed", FAILED, FINE, 0, false,
	  LN_REPAIR_RESEAT, true },
	{ "far: reading failed", FINE, FAILED, 0, false,
	  LN_REPAIR_RESEAT, true },
	{ "far: fine by a generic threshold", FINE, GENERIC, 0, false,
	  LN_REPAIR_RESEAT, true },
};

static void repair_describe(const struct repair_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(repair, repair_cases, repair_describe);

static const struct ln_optics *light(enum light light)
{
	return light == NOTHING ? NULL : &lights[light];
}

static void repair_table(struct kunit *test)
{
	const struct repair_case *c = test->param_value;
	const struct ln_repair_in in = {
		.here = light(c->here),
		.far = light(c->far),
		.shared = c->shared,
		.reseated = c->reseated,
	};
	bool unsure = !c->unsure;

	KUNIT_EXPECT_EQ(test, ln_repair_recommend(&in, &unsure), c->repair);
	KUNIT_EXPECT_EQ(test, unsure, c->unsure);
}

/* Each pair of lights gets an answer, and the same one whoever asks again. */
static void repair_every_pair(struct kunit *test)
{
	bool unsure, again;
	int here, far;

	for (here = NOTHING; here <= FAILED; here++)
		for (far = NOTHING; far <= FAILED; far++) {
			const struct ln_repair_in in = {
				.here = light(here),
				.far = light(far),
			};
			enum ln_repair r = ln_repair_recommend(&in, &unsure);

			KUNIT_EXPECT_GT(test, r, LN_REPAIR_SHARED);
			KUNIT_EXPECT_LT(test, r, LN_REPAIR_REPLACE);
			KUNIT_EXPECT_EQ(test, ln_repair_recommend(&in, &again),
					r);
			KUNIT_EXPECT_EQ(test, unsure, again);
		}
}

static struct kunit_case repair_kunit_cases[] = {
	KUNIT_CASE_PARAM(repair_table, repair_gen_params),
	KUNIT_CASE(repair_every_pair),
	{}
};

static struct kunit_suite repair_suite = {
	.name = "link_repair",
	.test_cases = repair_kunit_cases,
};

kunit_test_suite(repair_suite);
