// SPDX-License-Identifier: GPL-2.0-only
/*
 * SFF-8472, and distrust. Modules lie: memories that answer with one byte over
 * and over, thresholds of 0 or where the lowest equals the highest, figures at
 * the end of the scale. What cannot be true is no figure at all, since work with
 * hands follows from it; thresholds that cannot be true give way to a generic one.
 *
 * Externally calibrated modules tell raw readings of a converter, thresholds
 * too, and the constants to calibrate them with: a line for the bias and the
 * transmitted power, for the received power a polynomial of degree 4 whose
 * constants are IEEE 754 floats. It is computed in integers: each term as
 * mantissa and exponent, exact to 30 bits, then added with 8 bits of fraction.
 * Terms that leave 16 bits by far would have to cancel; no module needs that.
 */
#include "optics.h"

/* A0h. CC_BASE and CC_EXT are sums of all bytes since the last one. */
#define A0_ID		0x00
#define A0_CC_BASE	0x3f
#define A0_DIAG		0x5c
#define A0_CC_EXT	0x5f

#define DIAG_DDM	BIT(6)
#define DIAG_INTERNAL	BIT(5)
#define DIAG_EXTERNAL	BIT(4)
#define DIAG_ADDRESS	BIT(2)	/* A2h only after a change of address */

#define ID_SOLDERED	0x02
#define ID_SFP		0x03
#define ID_DWDM_SFP	0x0b

/* A2h. Thresholds: high alarm, low alarm, high warning, low warning. */
#define A2_TX_LIMITS	0x18
#define A2_RX_LIMITS	0x20
#define A2_RX_CAL	0x38	/* five floats, the highest power first */
#define A2_BIAS_CAL	0x4c	/* slope, offset */
#define A2_TX_CAL	0x50
#define A2_CC_DMI	0x5f
#define A2_TX_BIAS	0x64
#define A2_TX_POWER	0x66
#define A2_RX_POWER	0x68

#define RX_DEGREE	4
#define FRACTION_BITS	8
#define TERM_MAX	BIT_ULL(24 + FRACTION_BITS)

static u16 be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 be32(const u8 *p)
{
	return (u32)be16(p) << 16 | be16(p + 2);
}

/* Is @p[@end] the sum of what is from @p[@from] up to it? */
static bool sum_is_right(const u8 *p, unsigned int from, unsigned int end)
{
	u8 sum = 0;

	while (from < end)
		sum += p[from++];
	return sum == p[end];
}

/* Nobody is there, or nobody who means it. */
static bool is_uniform(const u8 *p, unsigned int len)
{
	unsigned int i;

	for (i = 1; i < len; i++)
		if (p[i] != p[0])
			return false;
	return true;
}

/* LN_OPTICS_OK: there are diagnostics, and they can be had. */
static enum ln_optics_state judge_a0(const u8 *a0)
{
	u8 diag = a0[A0_DIAG];

	if (is_uniform(a0, LN_A0_LEN))
		return LN_OPTICS_GARBAGE;
	if (a0[A0_ID] != ID_SFP && a0[A0_ID] != ID_SOLDERED &&
	    a0[A0_ID] != ID_DWDM_SFP)
		return LN_OPTICS_OTHER;
	if (!sum_is_right(a0, 0, A0_CC_BASE) ||
	    !sum_is_right(a0, A0_CC_BASE + 1, A0_CC_EXT))
		return LN_OPTICS_GARBAGE;
	if (!(diag & DIAG_DDM) || diag & DIAG_ADDRESS)
		return LN_OPTICS_UNSUPPORTED;
	if (diag & DIAG_INTERNAL && diag & DIAG_EXTERNAL)
		return LN_OPTICS_GARBAGE;
	return LN_OPTICS_OK;
}

bool ln_optics_has_a2(const u8 *a0)
{
	return judge_a0(a0) == LN_OPTICS_OK;
}

static u16 to_u16(s64 v)
{
	return clamp_t(s64, v, 0, U16_MAX);
}

/* Slope in 1/256, offset in the unit of the result. */
static u16 on_line(const u8 *cal, u16 raw)
{
	s64 scaled = ((u64)raw * be16(cal) + 128) >> 8;

	return to_u16(scaled + (s16)be16(cal + 2));
}

/* Adds @bits, a float, times @x to the power @power to @sum. */
static bool add_term(s64 *sum, u32 bits, u16 x, unsigned int power)
{
	int exponent = bits >> 23 & 0xff;
	u64 m = bits & 0x7fffff;

	if (exponent == 0xff)
		return false;
	if (exponent)
		m |= BIT(23);
	else
		exponent = 1;
	exponent += FRACTION_BITS - 150;

	for (; power; power--) {
		if (m >> 47) {
			m >>= 16;
			exponent += 16;
		}
		m *= x;
	}
	if (!m)
		return true;
	if (fls64(m) + exponent > fls64(TERM_MAX))
		return false;
	if (exponent >= 0)
		m <<= exponent;
	else
		m = exponent > -64 ? m >> -exponent : 0;
	*sum += bits >> 31 ? -(s64)m : (s64)m;
	return true;
}

/* The end of the scale where the constants make no sense. */
static u16 on_curve(const u8 *cal, u16 raw)
{
	s64 sum = 1 << (FRACTION_BITS - 1);
	int i;

	for (i = 0; i <= RX_DEGREE; i++)
		if (!add_term(&sum, be32(cal + 4 * i), raw, RX_DEGREE - i))
			return U16_MAX;
	return sum < 0 ? 0 : to_u16(sum >> FRACTION_BITS);
}

static u16 tx_power(const u8 *a2, bool external, unsigned int at)
{
	u16 raw = be16(a2 + at);

	return external ? on_line(a2 + A2_TX_CAL, raw) : raw;
}

static u16 rx_power(const u8 *a2, bool external, unsigned int at)
{
	u16 raw = be16(a2 + at);

	return external ? on_curve(a2 + A2_RX_CAL, raw) : raw;
}

/* Does what is calibrated depend on what was measured at all? */
static bool can_calibrate(const u8 *a2)
{
	u32 any = 0;
	int i;

	if (!sum_is_right(a2, 0, A2_CC_DMI))
		return false;
	for (i = 0; i < RX_DEGREE; i++)
		any |= be32(a2 + A2_RX_CAL + 4 * i) << 1;
	return any && be16(a2 + A2_TX_CAL) && be16(a2 + A2_BIAS_CAL);
}

/*
 * The low warning of @limits, if the four of them can be true: in order, and
 * neither "never" nor one value for all.
 */
static bool low_limit(u16 *low, const u16 *limits)
{
	u16 high_alarm = limits[0], low_alarm = limits[1];
	u16 high_warn = limits[2], low_warn = limits[3];

	if (!low_warn || low_alarm > low_warn || low_warn >= high_warn ||
	    high_warn > high_alarm) {
		*low = LN_GENERIC_LOW;
		return false;
	}
	*low = low_warn;
	return true;
}

static void decode_limits(struct ln_optics *o, const u8 *a2, bool external)
{
	bool tx_fine, rx_fine;
	u16 tx[4], rx[4];
	int i;

	for (i = 0; i < 4; i++) {
		tx[i] = tx_power(a2, external, A2_TX_LIMITS + 2 * i);
		rx[i] = rx_power(a2, external, A2_RX_LIMITS + 2 * i);
	}
	tx_fine = low_limit(&o->tx_low, tx);
	rx_fine = low_limit(&o->rx_low, rx);
	o->thresholds = tx_fine && rx_fine;
	if (sum_is_right(a2, 0, A2_CC_DMI))
		return;
	o->tx_low = LN_GENERIC_LOW;
	o->rx_low = LN_GENERIC_LOW;
	o->thresholds = false;
}

/* Is what is measured at @at more than a converter at its end? */
static bool is_figure(const u8 *a2, unsigned int at)
{
	return be16(a2 + at) != U16_MAX;
}

void ln_optics_decode(struct ln_optics *o, const u8 *a0, const u8 *a2)
{
	bool external = a0[A0_DIAG] & DIAG_EXTERNAL;
	u16 tx, rx, bias;

	memset(o, 0, sizeof(*o));
	o->state = judge_a0(a0);
	if (o->state != LN_OPTICS_OK)
		return;
	o->state = LN_OPTICS_UNSUPPORTED;
	if (!a2)
		return;

	o->state = LN_OPTICS_GARBAGE;
	if (is_uniform(a2, LN_A2_LEN) || !is_figure(a2, A2_TX_POWER) ||
	    !is_figure(a2, A2_RX_POWER))
		return;
	if (external && !can_calibrate(a2))
		return;
	tx = tx_power(a2, external, A2_TX_POWER);
	rx = rx_power(a2, external, A2_RX_POWER);
	bias = be16(a2 + A2_TX_BIAS);
	if (external)
		bias = on_line(a2 + A2_BIAS_CAL, bias);
	if (tx == U16_MAX || rx == U16_MAX)
		return;

	o->state = LN_OPTICS_OK;
	o->tx_power = tx;
	o->rx_power = rx;
	o->tx_bias = bias;
	decode_limits(o, a2, external);
}
