// SPDX-License-Identifier: GPL-2.0-only
/*
 * SFF-8472: what a sane module says is read to the digit, and what cannot be
 * true is no figure. More random memories, and calibration compared with
 * floating point, are in tests/native/optics.c.
 */
#include <linux/sfp.h>

#include "../modules/link/optics.h"
#include "link_fixture.h"

#define INTERNAL	(SFP_DIAGMON_DDM | SFP_DIAGMON_INT_CAL)
#define EXTERNAL	(SFP_DIAGMON_DDM | SFP_DIAGMON_EXT_CAL)

/* IEEE 754. */
#define F_1		0x3f800000
#define F_HALF		0x3f000000
#define F_MINUS_1	0xbf800000
#define F_100		0x42c80000
#define F_2_TO_MINUS_12	0x39800000
#define F_NAN		0x7fc00000
#define F_INFINITE	0x7f800000
#define F_GREATEST	0x7f7fffff
#define F_SMALLEST	1
#define F_MINUS_0	0x80000000

/* A byte or a word that is not what it is in a sane module. */
struct patch {
	u8 a2;		/* else it is in A0h */
	u8 at;
	u8 size;	/* 0: no patch */
	u32 value;
};

struct optics_case {
	const char *name;
	u8 diag;
	bool wrong_sums;	/* patches come after the sums */
	struct patch patch[5];
	struct ln_optics want;
};

#define OK(tx, rx)	{ LN_OPTICS_OK, true, tx, rx, 1259, 1259, 3000 }
#define GENERIC(tx_limit, rx_limit) \
	{ LN_OPTICS_OK, false, 5000, 4000, tx_limit, rx_limit, 3000 }
#define A0(at, value)	{ 0, at, 1, value }
#define A2_8(at, value)	{ 1, at, 1, value }
#define A2(at, value)	{ 1, at, 2, value }
#define A2_32(at, value) { 1, at, 4, value }

static const struct optics_case optics_cases[] = {
	{ "internally calibrated", INTERNAL, .want = OK(5000, 4000) },
	{ "calibration not told", SFP_DIAGMON_DDM, .want = OK(5000, 4000) },
	{ "externally, by 1", EXTERNAL, .want = OK(5000, 4000) },
	{ "no light", INTERNAL, .patch = { A2(SFP_RX_POWER, 0) },
	  .want = OK(5000, 0) },
	{ "laser off", INTERNAL, .patch = { A2(SFP_TX_POWER, 0) },
	  .want = OK(0, 4000) },
	{ "just below the end of the scale", INTERNAL,
	  .patch = { A2(SFP_RX_POWER, 0xfffe) }, .want = OK(5000, 0xfffe) },
	{ "soldered", INTERNAL, .patch = { A0(SFP_PHYS_ID, 2) },
	  .want = OK(5000, 4000) },
	{ "DWDM", INTERNAL, .patch = { A0(SFP_PHYS_ID, 0xb) },
	  .want = OK(5000, 4000) },

	{ "QSFP+", INTERNAL, .patch = { A0(SFP_PHYS_ID, 0xd) },
	  .want = { LN_OPTICS_OTHER } },
	{ "QSFP28", INTERNAL, .patch = { A0(SFP_PHYS_ID, 0x11) },
	  .want = { LN_OPTICS_OTHER } },
	{ "QSFP-DD", INTERNAL, .patch = { A0(SFP_PHYS_ID, 0x18) },
	  .want = { LN_OPTICS_OTHER } },
	{ "OSFP", INTERNAL, .patch = { A0(SFP_PHYS_ID, 0x19) },
	  .want = { LN_OPTICS_OTHER } },
	{ "no identifier", INTERNAL, .patch = { A0(SFP_PHYS_ID, 0) },
	  .want = { LN_OPTICS_OTHER } },
	{ "no diagnostics", 0, .want = { LN_OPTICS_UNSUPPORTED } },
	{ "change of address", INTERNAL | SFP_DIAGMON_ADDRMODE,
	  .want = { LN_OPTICS_UNSUPPORTED } },

	{ "calibrated both ways", INTERNAL | EXTERNAL,
	  .want = { LN_OPTICS_GARBAGE } },
	{ "wrong sum of the base", INTERNAL, .wrong_sums = true,
	  .patch = { A0(SFP_VENDOR_NAME, 'x') }, .want = { LN_OPTICS_GARBAGE } },
	{ "wrong sum of the rest", INTERNAL, .wrong_sums = true,
	  .patch = { A0(SFP_VENDOR_SN, 'x') }, .want = { LN_OPTICS_GARBAGE } },
	{ "tx at the end of the scale", INTERNAL,
	  .patch = { A2(SFP_TX_POWER, 0xffff) }, .want = { LN_OPTICS_GARBAGE } },
	{ "rx at the end of the scale", INTERNAL,
	  .patch = { A2(SFP_RX_POWER, 0xffff) }, .want = { LN_OPTICS_GARBAGE } },

	{ "thresholds: all equal", INTERNAL,
	  .patch = { A2(SFP_TXPWR_HIGH_ALARM, 5), A2(SFP_TXPWR_LOW_ALARM, 5),
		     A2(SFP_TXPWR_HIGH_WARN, 5), A2(SFP_TXPWR_LOW_WARN, 5) },
	  .want = GENERIC(LN_GENERIC_LOW, 1259) },
	{ "thresholds: all 0", INTERNAL,
	  .patch = { A2(SFP_RXPWR_HIGH_ALARM, 0), A2(SFP_RXPWR_LOW_ALARM, 0),
		     A2(SFP_RXPWR_HIGH_WARN, 0), A2(SFP_RXPWR_LOW_WARN, 0) },
	  .want = GENERIC(1259, LN_GENERIC_LOW) },
	{ "thresholds: all at the end of the scale", INTERNAL,
	  .patch = { A2(SFP_RXPWR_HIGH_ALARM, 0xffff),
		     A2(SFP_RXPWR_LOW_ALARM, 0xffff),
		     A2(SFP_RXPWR_HIGH_WARN, 0xffff),
		     A2(SFP_RXPWR_LOW_WARN, 0xffff) },
	  .want = GENERIC(1259, LN_GENERIC_LOW) },
	{ "thresholds: the low alarm is the high one", INTERNAL,
	  .patch = { A2(SFP_TXPWR_LOW_ALARM, 14125) },
	  .want = GENERIC(LN_GENERIC_LOW, 1259) },
	{ "thresholds: low and high swapped", INTERNAL,
	  .patch = { A2(SFP_RXPWR_HIGH_WARN, 1259),
		     A2(SFP_RXPWR_LOW_WARN, 11220) },
	  .want = GENERIC(1259, LN_GENERIC_LOW) },
	{ "thresholds: never low", INTERNAL,
	  .patch = { A2(SFP_RXPWR_LOW_ALARM, 0), A2(SFP_RXPWR_LOW_WARN, 0) },
	  .want = GENERIC(1259, LN_GENERIC_LOW) },
	{ "thresholds: alarms switched off", INTERNAL,
	  .patch = { A2(SFP_RXPWR_LOW_ALARM, 0),
		     A2(SFP_RXPWR_HIGH_ALARM, 0xffff) },
	  .want = OK(5000, 4000) },
	{ "thresholds: wrong sum", INTERNAL, .wrong_sums = true,
	  .patch = { A2(SFP_RXPWR_LOW_WARN, 1300) },
	  .want = GENERIC(LN_GENERIC_LOW, LN_GENERIC_LOW) },

	{ "externally: half and an offset", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR1, F_HALF),
		     A2_32(SFP_CAL_RXPWR0, F_100),
		     A2(SFP_CAL_TXPWR_SLOPE, 0x80),
		     A2(SFP_CAL_TXPWR_OFFSET, 0xffff) },
	  .want = { LN_OPTICS_OK, true, 2499, 2100, 629, 730, 3000 } },
	{ "externally: bias", EXTERNAL,
	  .patch = { A2(SFP_CAL_TXI_SLOPE, 0x180), A2(SFP_CAL_TXI_OFFSET, 7) },
	  .want = { LN_OPTICS_OK, true, 5000, 4000, 1259, 1259, 4507 } },
	{ "externally: square of 4000 by 2^-12", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR1, 0),
		     A2_32(SFP_CAL_RXPWR2, F_2_TO_MINUS_12) },
	  .want = { LN_OPTICS_OK, true, 5000, 3906, 1259, 387, 3000 } },
	{ "externally: negative power is no light", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR1, F_MINUS_1) },
	  .want = { LN_OPTICS_OK, false, 5000, 0, 1259, LN_GENERIC_LOW, 3000 } },
	{ "externally: the smallest float", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR4, F_SMALLEST) },
	  .want = OK(5000, 4000) },
	{ "externally: minus 0", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR0, F_MINUS_0) },
	  .want = OK(5000, 4000) },
	{ "externally: not a number", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR4, F_NAN) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: not a number, no light", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR4, F_NAN), A2(SFP_RX_POWER, 0) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: infinite", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR0, F_INFINITE) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: the greatest float", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR4, F_GREATEST) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: off the scale", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR1, F_100) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: no constants for rx", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR1, F_MINUS_0) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: no slope for tx", EXTERNAL,
	  .patch = { A2(SFP_CAL_TXPWR_SLOPE, 0) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: wrong sum", EXTERNAL, .wrong_sums = true,
	  .patch = { A2_32(SFP_CAL_RXPWR0, F_1) },
	  .want = { LN_OPTICS_GARBAGE } },
	{ "externally: raw at the end of the scale", EXTERNAL,
	  .patch = { A2_32(SFP_CAL_RXPWR1, F_HALF), A2(SFP_RX_POWER, 0xffff) },
	  .want = { LN_OPTICS_GARBAGE } },
};

static void optics_describe(const struct optics_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(optics, optics_cases, optics_describe);

struct pages {
	u8 a0[LN_A0_LEN];
	u8 a2[LN_A2_LEN];
};

static void put(u8 *p, u32 value, unsigned int size)
{
	while (size--) {
		p[size] = value;
		value >>= 8;
	}
}

static u8 sum_of(const u8 *p, unsigned int n)
{
	u8 sum = 0;

	while (n--)
		sum += *p++;
	return sum;
}

static void set_sums(struct pages *p)
{
	p->a0[SFP_CC_BASE] = sum_of(p->a0, SFP_CC_BASE);
	p->a0[SFP_CC_EXT] = sum_of(p->a0 + SFP_CC_BASE + 1,
				   SFP_CC_EXT - SFP_CC_BASE - 1);
	p->a2[SFP_CHKSUM] = sum_of(p->a2, SFP_CHKSUM);
}

static void make(struct pages *p, u8 diag)
{
	static const u16 limits[] = { 14125, 1000, 11220, 1259 };
	int i;

	memset(p, 0, sizeof(*p));
	p->a0[SFP_PHYS_ID] = 3;
	p->a0[SFP_PHYS_EXT_ID] = SFP_PHYS_EXT_ID_SFP;
	p->a0[SFP_DIAGMON] = diag;
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		put(p->a2 + SFP_TXPWR_HIGH_ALARM + 2 * i, limits[i], 2);
		put(p->a2 + SFP_RXPWR_HIGH_ALARM + 2 * i, limits[i], 2);
	}
	put(p->a2 + SFP_CAL_RXPWR1, F_1, 4);
	put(p->a2 + SFP_CAL_TXI_SLOPE, 0x100, 2);
	put(p->a2 + SFP_CAL_TXPWR_SLOPE, 0x100, 2);
	put(p->a2 + SFP_TX_BIAS, 3000, 2);
	put(p->a2 + SFP_TX_POWER, 5000, 2);
	put(p->a2 + SFP_RX_POWER, 4000, 2);
}

static void patch(struct pages *p, const struct patch *patches)
{
	int i;

	for (i = 0; i < 5 && patches[i].size; i++)
		put((patches[i].a2 ? p->a2 : p->a0) + patches[i].at,
		    patches[i].value, patches[i].size);
}

static void decode(const struct pages *p, struct ln_optics *o)
{
	memset(o, 0x5a, sizeof(*o));
	ln_optics_decode(o, p->a0, ln_optics_has_a2(p->a0) ? p->a2 : NULL);
}

static void optics_table(struct kunit *test)
{
	const struct optics_case *c = test->param_value;
	struct ln_optics o;
	struct pages p;

	make(&p, c->diag);
	if (!c->wrong_sums)
		patch(&p, c->patch);
	set_sums(&p);
	if (c->wrong_sums)
		patch(&p, c->patch);
	decode(&p, &o);
	KUNIT_EXPECT_EQ(test, o.state, c->want.state);
	KUNIT_EXPECT_EQ(test, o.thresholds, c->want.thresholds);
	KUNIT_EXPECT_EQ(test, o.tx_power, c->want.tx_power);
	KUNIT_EXPECT_EQ(test, o.rx_power, c->want.rx_power);
	KUNIT_EXPECT_EQ(test, o.tx_low, c->want.tx_low);
	KUNIT_EXPECT_EQ(test, o.rx_low, c->want.rx_low);
	KUNIT_EXPECT_EQ(test, o.tx_bias, c->want.tx_bias);
}

/* A bus where nobody drives the lines, and a module that serves no A2h. */
static void optics_uniform(struct kunit *test)
{
	struct ln_optics o;
	struct pages p;
	int byte;

	for (byte = 0; byte < 256; byte++) {
		memset(p.a0, byte, sizeof(p.a0));
		memset(p.a2, byte, sizeof(p.a2));
		decode(&p, &o);
		KUNIT_EXPECT_EQ(test, o.state, LN_OPTICS_GARBAGE);
		make(&p, INTERNAL);
		memset(p.a2, byte, sizeof(p.a2));
		p.a0[SFP_CC_BASE] = sum_of(p.a0, SFP_CC_BASE);
		p.a0[SFP_CC_EXT] = INTERNAL;
		decode(&p, &o);
		KUNIT_EXPECT_EQ(test, o.state, LN_OPTICS_GARBAGE);
	}
}

/* Only the byte that spoils it keeps A2h from being read. */
static void optics_without_a2(struct kunit *test)
{
	struct ln_optics o;
	struct pages p;

	make(&p, INTERNAL);
	set_sums(&p);
	KUNIT_EXPECT_TRUE(test, ln_optics_has_a2(p.a0));
	ln_optics_decode(&o, p.a0, NULL);
	KUNIT_EXPECT_EQ(test, o.state, LN_OPTICS_UNSUPPORTED);
	p.a0[SFP_VENDOR_NAME]++;
	KUNIT_EXPECT_FALSE(test, ln_optics_has_a2(p.a0));
}

static bool absurd(const struct ln_optics *o)
{
	if (o->state != LN_OPTICS_OK)
		return o->state > LN_OPTICS_GARBAGE ||
		       o->state == LN_OPTICS_UNKNOWN || o->thresholds ||
		       o->tx_power || o->rx_power || o->tx_low || o->rx_low ||
		       o->tx_bias;
	return o->tx_power == U16_MAX || o->rx_power == U16_MAX ||
	       !o->tx_low || !o->rx_low || o->tx_low == U16_MAX ||
	       o->rx_low == U16_MAX;
}

/* Random memories; three of four with right sums, so that they are looked at. */
static void optics_random(struct kunit *test)
{
	unsigned int states[LN_OPTICS_ERROR + 1] = {};
	struct rnd_state rnd;
	struct ln_optics o;
	struct pages p;
	int i;

	t_random(test, &rnd);
	for (i = 0; i < 20000; i++) {
		prandom_bytes_state(&rnd, &p, sizeof(p));
		if (i % 4) {
			p.a0[SFP_PHYS_ID] = 3;
			p.a0[SFP_DIAGMON] = i % 4 == 1 ? INTERNAL : EXTERNAL;
			set_sums(&p);
		}
		decode(&p, &o);
		if (absurd(&o)) {
			KUNIT_FAIL(test, "memory %d: state %d, tx %u/%u, rx %u/%u",
				   i, o.state, o.tx_power, o.tx_low,
				   o.rx_power, o.rx_low);
			return;
		}
		states[o.state]++;
	}
	KUNIT_EXPECT_GT(test, states[LN_OPTICS_OK], 1000U);
	KUNIT_EXPECT_GT(test, states[LN_OPTICS_OTHER], 1000U);
	KUNIT_EXPECT_GT(test, states[LN_OPTICS_GARBAGE], 1000U);
}

/* What the random test holds against a decoder is held against this. */
static void optics_control(struct kunit *test)
{
	struct ln_optics o = OK(5000, 4000);

	KUNIT_EXPECT_FALSE(test, absurd(&o));
	o.rx_power = U16_MAX;
	KUNIT_EXPECT_TRUE(test, absurd(&o));
	o.rx_power = 0;
	KUNIT_EXPECT_FALSE(test, absurd(&o));
	o.rx_low = 0;
	KUNIT_EXPECT_TRUE(test, absurd(&o));
	o.rx_low = 1;
	o.state = LN_OPTICS_GARBAGE;
	KUNIT_EXPECT_TRUE(test, absurd(&o));
}

static struct kunit_case optics_kunit_cases[] = {
	KUNIT_CASE_PARAM(optics_table, optics_gen_params),
	KUNIT_CASE(optics_uniform),
	KUNIT_CASE(optics_without_a2),
	KUNIT_CASE(optics_random),
	KUNIT_CASE(optics_control),
	{}
};

static struct kunit_suite optics_suite = {
	.name = "link_optics",
	.test_cases = optics_kunit_cases,
};

kunit_test_suite(optics_suite);
