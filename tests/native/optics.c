// SPDX-License-Identifier: GPL-2.0-only
/* native: modules/link/optics.c modules/link/repair.c */
/*
 * Light from bytes. The module's memory is made here from what it is to say, and
 * what is externally calibrated is compared with the same in floating point.
 * Random memories, some of them with right sums and identifiers, are read without
 * a wrong access and never give a figure that cannot be.
 */
#include <float.h>
#include <string.h>

#include "modules/link/optics.h"
#include "modules/link/repair.h"
#include "native.h"

#define DDM_INTERNAL	0x68
#define DDM_EXTERNAL	0x58

static uint8_t a0[LN_A0_LEN], a2[LN_A2_LEN];

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put_float(uint8_t *p, float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	put16(p, bits >> 16);
	put16(p + 2, bits);
}

static uint8_t sum_of(const uint8_t *p, unsigned int n)
{
	uint8_t sum = 0;

	while (n--)
		sum += *p++;
	return sum;
}

static void set_sums(void)
{
	a0[0x3f] = sum_of(a0, 0x3f);
	a0[0x5f] = sum_of(a0 + 0x40, 0x1f);
	a2[0x5f] = sum_of(a2, 0x5f);
}

/* A healthy short-reach module. */
static void make(uint8_t diag)
{
	static const uint16_t limits[] = { 14125, 1000, 11220, 1259 };
	unsigned int i;

	memset(a0, 0, sizeof(a0));
	memset(a2, 0, sizeof(a2));
	a0[0] = 3;
	a0[1] = 4;
	a0[0x5c] = diag;
	for (i = 0; i < 4; i++) {
		put16(a2 + 0x18 + 2 * i, limits[i]);
		put16(a2 + 0x20 + 2 * i, limits[i]);
	}
	put_float(a2 + 0x44, 1);
	put16(a2 + 0x4c, 0x100);
	put16(a2 + 0x50, 0x100);
	put16(a2 + 0x64, 3000);
	put16(a2 + 0x66, 5000);
	put16(a2 + 0x68, 4000);
	set_sums();
}

static struct ln_optics decode(void)
{
	struct ln_optics o;

	ln_optics_decode(&o, a0, ln_optics_has_a2(a0) ? a2 : NULL);
	return o;
}

static bool is_sane(const struct ln_optics *o)
{
	return o->state == LN_OPTICS_OK && o->thresholds && o->tx_power == 5000 &&
	       o->rx_power == 4000 && o->tx_bias == 3000 && o->tx_low == 1259 && o->rx_low == 1259;
}

static void test_plain(void)
{
	struct ln_optics o;

	make(DDM_INTERNAL);
	o = decode();
	ok(is_sane(&o), "an internally calibrated module");
	make(DDM_EXTERNAL);
	o = decode();
	ok(is_sane(&o), "calibrated externally, by 1");
	a2[0x20] ^= 1;
	ok(decode().state == LN_OPTICS_GARBAGE, "calibrated externally, with a bit lost: garbage");
}

static double bounded(double v)
{
	return v < 0 ? 0 : v > 65535 ? 65535 : v;
}

/* Random constants of a size that the result is somewhere on the scale. */
static void test_calibration(struct rnd *r)
{
	double worst = 0, want, x;
	unsigned int decoded = 0;
	struct ln_optics o;
	float c[5];
	int i, k;

	for (i = 0; i < 200000; i++) {
		unsigned int raw = rnd_below(r, 65535);

		make(DDM_EXTERNAL);
		want = 0;
		for (k = 0; k < 5; k++) {
			x = pow(raw ? raw : 1, k);
			c[k] = (rnd_unit(r) - 0.3) * 40000 / x;
			put_float(a2 + 0x38 + 4 * (4 - k), c[k]);
			want += c[k] * pow(raw, k);
		}
		put16(a2 + 0x68, raw);
		set_sums();
		o = decode();
		want = bounded(floor(want + 0.5));
		if (o.state == LN_OPTICS_GARBAGE && want > 65533)
			continue;
		if (o.state != LN_OPTICS_OK) {
			worst = INFINITY;
			break;
		}
		decoded++;
		worst = fmax(worst, fabs(o.rx_power - want));
	}
	ok(worst <= 1 && decoded > 50000,
	   "polynomials: %u compared, at most %g from floating point", decoded, worst);

	worst = 0;
	for (i = 0; i < 200000; i++) {
		unsigned int slope = 1 + rnd_below(r, 65535), raw = rnd_below(r, 65535);
		int offset = (int)rnd_below(r, 65536) - 32768;

		make(DDM_EXTERNAL);
		put16(a2 + 0x50, slope);
		put16(a2 + 0x52, offset);
		put16(a2 + 0x66, raw);
		set_sums();
		o = decode();
		want = bounded(floor(raw * (slope / 256.0) + 0.5) + offset);
		if (want == 65535 ? o.state != LN_OPTICS_GARBAGE : o.tx_power != want)
			worst++;
	}
	ok(!worst, "lines: the same as in floating point");
}

struct hostile {
	const char *name;
	unsigned int raw;
	float c[5];	/* of the powers 4 to 0 */
	enum ln_optics_state state;
	unsigned int rx;
};

static const struct hostile hostiles[] = {
	{ "not a number", 4000, { NAN, 0, 0, 1, 0 }, LN_OPTICS_GARBAGE, 0 },
	{ "not a number, no light", 0, { NAN, 0, 0, 1, 0 }, LN_OPTICS_GARBAGE, 0 },
	{ "infinite", 4000, { 0, 0, 0, 1, INFINITY }, LN_OPTICS_GARBAGE, 0 },
	{ "the greatest float", 4000, { FLT_MAX, 0, 0, 1, 0 }, LN_OPTICS_GARBAGE, 0 },
	{ "cancelling beyond reason", 4000, { 0, 0, 1, -65000, 0 }, LN_OPTICS_GARBAGE, 0 },
	{ "the smallest float", 4000, { FLT_TRUE_MIN, 0, 0, 1, 0 }, LN_OPTICS_OK, 4000 },
	{ "minus zero", 4000, { -0.0f, -0.0f, -0.0f, 1, -0.0f }, LN_OPTICS_OK, 4000 },
	{ "only minus zero", 4000, { -0.0f, -0.0f, -0.0f, -0.0f, 5000 }, LN_OPTICS_GARBAGE, 0 },
	{ "negative power", 4000, { 0, 0, 0, -1, 0 }, LN_OPTICS_OK, 0 },
	{ "off the scale", 4000, { 0, 0, 0, 17, 0 }, LN_OPTICS_GARBAGE, 0 },
};

static void test_hostile(void)
{
	const struct hostile *h;
	struct ln_optics o;
	unsigned int i;
	int k;

	for (i = 0; i < ARRAY_SIZE(hostiles); i++) {
		h = &hostiles[i];
		make(DDM_EXTERNAL);
		for (k = 0; k < 5; k++)
			put_float(a2 + 0x38 + 4 * k, h->c[k]);
		put16(a2 + 0x68, h->raw);
		set_sums();
		o = decode();
		ok(o.state == h->state && o.rx_power == h->rx, "constants: %s", h->name);
	}
}

/* What is wrong with a decoded module, or NULL. */
static const char *absurd(const struct ln_optics *o)
{
	if (o->state != LN_OPTICS_OK) {
		if (o->state > LN_OPTICS_GARBAGE || o->state == LN_OPTICS_UNKNOWN)
			return "a state that is not decoded";
		return o->tx_power || o->rx_power || o->tx_low || o->rx_low || o->tx_bias ||
		       o->thresholds ? "figures though not OK" : NULL;
	}
	if (o->tx_power == 65535 || o->rx_power == 65535)
		return "power at the end of the scale";
	if (!o->tx_low || !o->rx_low || o->tx_low == 65535 || o->rx_low == 65535)
		return "a threshold at the end of the scale";
	return NULL;
}

static void randomize(struct rnd *r, int kind)
{
	unsigned int i;

	for (i = 0; i < LN_A0_LEN; i++)
		a0[i] = rnd_u64(r);
	for (i = 0; i < LN_A2_LEN; i++)
		a2[i] = rnd_u64(r);
	if (kind > 0)
		a0[0] = 3;
	if (kind > 1)
		a0[0x5c] = kind & 1 ? DDM_EXTERNAL : DDM_INTERNAL;
	if (kind > 3)
		a0[0x5c] = rnd_u64(r) | 0x40;
	if (kind > 0)
		set_sums();
}

static void test_random(struct rnd *r)
{
	unsigned int states[LN_OPTICS_ERROR + 1] = {};
	const char *wrong = NULL;
	struct ln_optics o;
	int i;

	for (i = 0; i < 2000000 && !wrong; i++) {
		randomize(r, i % 5);
		o = decode();
		wrong = absurd(&o);
		states[o.state]++;
	}
	ok(!wrong, "random memories: %s", wrong ? wrong : "nothing absurd");
	ok(states[LN_OPTICS_OK] > 1000 && states[LN_OPTICS_GARBAGE] > 1000 &&
	   states[LN_OPTICS_OTHER] > 1000 && states[LN_OPTICS_UNSUPPORTED] > 1000,
	   "random memories of all kinds: %u ok, %u unsupported, %u of another standard, %u garbage",
	   states[LN_OPTICS_OK], states[LN_OPTICS_UNSUPPORTED], states[LN_OPTICS_OTHER],
	   states[LN_OPTICS_GARBAGE]);
}

/* That absurd() can find something. */
static void test_absurd(void)
{
	struct ln_optics o = { .state = LN_OPTICS_OK, .tx_low = 1, .rx_low = 1 };
	bool found;

	found = !absurd(&o);
	o.rx_power = 65535;
	found = found && absurd(&o);
	o.rx_power = 0;
	o.tx_low = 0;
	found = found && absurd(&o);
	o.tx_low = 1;
	o.state = LN_OPTICS_GARBAGE;
	found = found && absurd(&o);
	ok(found, "the check on random memories can fail");
}

/* Whatever is known of the light, there is an answer, and it is sure only where it may be. */
static void test_repair(struct rnd *r)
{
	struct ln_optics end[2];
	unsigned int seen = 0;
	enum ln_repair what;
	bool unsure, blind;
	const char *wrong = NULL;
	int i, k;

	for (i = 0; i < 1000000 && !wrong; i++) {
		struct ln_repair_in in = {
			.here = rnd_below(r, 8) ? &end[0] : NULL,
			.far = rnd_below(r, 8) ? &end[1] : NULL,
			.shared = rnd_below(r, 4) ? 0 : rnd_below(r, 5),
			.reseated = rnd_below(r, 2),
		};

		for (k = 0; k < 2; k++)
			end[k] = (struct ln_optics){
				.state = rnd_below(r, 3) ? LN_OPTICS_OK :
							   rnd_below(r, LN_OPTICS_ERROR + 1),
				.thresholds = rnd_below(r, 4),
				.tx_power = rnd_below(r, 10),
				.rx_power = rnd_below(r, 10),
				.tx_low = 3,
				.rx_low = 3,
			};
		what = ln_repair_recommend(&in, &unsure);
		blind = !in.far || in.far->state != LN_OPTICS_OK;
		seen |= 1U << what;
		if (what == LN_REPAIR_NONE || what >= LN_REPAIR_MAX)
			wrong = "no answer";
		if (blind && (what == LN_REPAIR_FAR_TX || what == LN_REPAIR_FIBRE))
			wrong = "a far end judged unseen";
		if (blind && what != LN_REPAIR_SHARED && !unsure)
			wrong = "sure without having seen the far end";
		if (in.shared ? what != LN_REPAIR_SHARED : what == LN_REPAIR_SHARED)
			wrong = "shared causes come first";
	}
	ok(!wrong, "recommendations: %s", wrong ? wrong : "always one, never beyond the evidence");
	ok(seen == (1U << LN_REPAIR_MAX) - 2, "recommendations: each kind was seen");
}

int main(void)
{
	struct rnd r;

	rnd_seed(&r, native_seed());
	test_plain();
	test_hostile();
	test_calibration(&r);
	test_absurd();
	test_random(&r);
	test_repair(&r);
	return done();
}
