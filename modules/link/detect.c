// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sequential test.
 *
 * Errors are Poisson over the trials. The link is right if they come at p0.
 * Against it stand alternatives p_i, each with a test of its own (Page's): a
 * sample of n trials and k errors changes the evidence S_i by
 *
 *	k ln(p_i / p0) - (p_i - p0) n
 *
 * and S_i never falls below 0, which is where a new sequential probability
 * ratio test begins, so that a link that turns bad after years is found as fast
 * as a new one. It is corrupting when some S_i reaches its threshold h_i.
 *
 * The threshold. While the loss is p0 or less, exp(S_i) without its floor is a
 * supermartingale, so at any time P(S_i >= x) <= exp(-x), whatever the traffic
 * was. Only an error can carry S_i over h_i, by ln(p_i / p0) at most, so from
 * h_i - ln(p_i / p0) or above. At F trials a year errors come at F p0, so this
 * happens F p_i exp(-h_i) times a year at most. With
 *
 *	h_i = ln(F p_i m / b)
 *
 * all m alternatives together make at most b false isolations a year. The sum
 * can be taken sample by sample: each uses the rate F of its own trials, and no
 * average over the past is needed. A decision is made on samples with errors
 * only, and a sample with several errors loses evidence against this reckoning.
 * For slow lines, where F p_i is small, alpha_i = exp(-h_i) has a limit.
 *
 * One sample is not enough, however bad: its gain, the loss for its trials taken
 * off first, counts for 13/32 of h_i at most, and LN_EVENTS_MIN samples with
 * errors must lie in the run that decides. Errors come in bursts when a plug is
 * touched, and then they are not Poisson.
 *
 * The healthy answer is the same test the other way round: H grows by
 * (p1 - p0) n - k ln(p1 / p0), so a link that loses p1 or more has H >= x at
 * any one moment with a chance of exp(-x) at most. H stops at twice what
 * healthy takes, so that old merits are spent soon.
 */
#include "detect.h"

#define LN10			2302585092994ULL
#define LN2_NANO		693147181ULL
#define NS_PER_YEAR		31557600000000000ULL

/* Above any threshold; evidence stops here. */
#define EVIDENCE_MAX		128000000000000LL
/* ln_nat() may be this much too low. */
#define NAT_ERROR		1000000LL
/* ln(1000): no run has a higher chance of a false alarm than 1e-3, all alternatives together. */
#define ALPHA_MAX		6907755278983LL
/* 1e6 link-years, ppt and the number of alternatives, as logarithms. */
#define LN_MILLION		(6 * LN10)
#define LN_TRILLION		(12 * LN10)
#define LN_LN_ALTS		2397895272799LL

#define TRIALS_LIMIT_LOG	62

/* ln(@x) for @x > 0, never above it and at most NAT_ERROR below. */
static s64 ln_nat(u64 x)
{
	unsigned int log = ilog2(x), bit;
	u64 m = log > 31 ? x >> (log - 31) : x << (31 - log);
	u64 log2 = log;

	/* Squaring the mantissa yields the binary logarithm bit by bit. */
	for (bit = 0; bit < 24; bit++) {
		m = m * m >> 31;
		log2 <<= 1;
		if (m >> 32) {
			m >>= 1;
			log2 |= 1;
		}
	}
	return (log2 * LN2_NANO >> 24) * 1000;
}

/* @a * @x - @b * @y, held within what evidence can be. */
static s64 difference(u64 a, u64 x, u64 b, u64 y)
{
	u64 plus, minus;

	if (check_mul_overflow(a, x, &plus) || check_mul_overflow(b, y, &minus)) {
		plus = mul_u64_u64_shr(a, x, 44);
		minus = mul_u64_u64_shr(b, y, 44);
		return plus > minus ? EVIDENCE_MAX : -EVIDENCE_MAX;
	}
	if (plus > minus)
		return min_t(u64, plus - minus, EVIDENCE_MAX);
	return -(s64)min_t(u64, minus - plus, EVIDENCE_MAX);
}

static u64 evidence_add(u64 evidence, s64 gain, u64 limit)
{
	return clamp_t(s64, (s64)evidence + gain, 0, (s64)limit);
}

/* p0 * 10^(1 + i/2), rounded up, which keeps exp(S_i) a supermartingale. */
static u64 alt_loss(u64 p0, unsigned int i)
{
	u64 loss = i & 1 ? DIV_ROUND_UP_ULL(p0 * 3162278, 1000000) : p0;
	unsigned int tens;

	for (tens = 1 + i / 2; tens; tens--)
		loss *= 10;
	return loss;
}

static void alt_init(struct ln_detect_cfg *cfg, unsigned int i, u64 loss)
{
	struct ln_detect_alt *alt = &cfg->alt[i];

	alt->excess = loss - cfg->p0;
	alt->step = LN10 * (2 + i) / 2;
	alt->base = ln_nat(loss) - LN_TRILLION + ln_nat(NS_PER_YEAR) + LN_MILLION -
		    ln_nat(cfg->bound) + LN_LN_ALTS + 2 * NAT_ERROR;
}

int ln_detect_cfg_init(struct ln_detect_cfg *cfg, u64 p0, u64 p1, u32 bound, u32 miss)
{
	unsigned int i;
	u64 loss;

	if (p0 < LN_P0_MIN || p0 > LN_P0_MAX ||
	    p1 < p0 * LN_P1_RATIO_MIN || p1 > p0 * LN_P1_RATIO_MAX || p1 > LN_PPT ||
	    bound < LN_BOUND_MIN || bound > LN_BOUND_MAX ||
	    miss < LN_MISS_MIN || miss > LN_MISS_MAX)
		return -ERANGE;
	memset(cfg, 0, sizeof(*cfg));
	cfg->p0 = p0;
	cfg->p1 = p1;
	cfg->bound = bound;
	cfg->miss = miss;
	cfg->p1_step = ln_nat(p1) - ln_nat(p0) + NAT_ERROR;
	cfg->healthy = LN_MILLION - ln_nat(miss);
	/* 3 / p0 clean trials certify p0. */
	cfg->window = div64_u64(4 * LN_PPT, p0);
	for (i = 0; i < LN_ALTS; i++) {
		loss = alt_loss(p0, i);
		if (loss > LN_PPT)
			break;
		alt_init(cfg, i, loss);
	}
	cfg->n_alts = i;
	return 0;
}

void ln_detect_reset(struct ln_detect *d)
{
	memset(d, 0, sizeof(*d));
}

/* ln of trials per nanosecond, at the rate in force. */
static s64 rate_log(const struct ln_detect *d)
{
	return ln_nat(d->rate_trials) + NAT_ERROR - ln_nat(max_t(u64, d->rate_ns, 1));
}

static u64 alt_threshold(const struct ln_detect_cfg *cfg, unsigned int i, s64 rate)
{
	return max_t(s64, cfg->alt[i].base + rate, ALPHA_MAX + LN_LN_ALTS);
}

/* A sample without errors: evidence for corruption is spent. */
static void runs_clean(struct ln_detect *d, const struct ln_detect_cfg *cfg, u64 trials)
{
	unsigned int i;
	u64 spent;

	for (i = 0; i < cfg->n_alts; i++) {
		if (!(d->live & BIT(i)))
			continue;
		if (check_mul_overflow(cfg->alt[i].excess, trials, &spent) ||
		    spent >= d->run[i].evidence) {
			d->run[i].evidence = 0;
			d->live &= ~BIT(i);
		} else {
			d->run[i].evidence -= spent;
		}
	}
}

/* A sample with errors; by how much the evidence exceeds the threshold, if it decides. */
static s64 run_errors(struct ln_detect *d, const struct ln_detect_cfg *cfg, unsigned int i,
		      u64 trials, u64 errors, s64 rate)
{
	const struct ln_detect_alt *alt = &cfg->alt[i];
	u64 threshold = alt_threshold(cfg, i, rate);
	struct ln_detect_run *run = &d->run[i];
	s64 gain;

	if (!(d->live & BIT(i))) {
		run->trials0 = d->trials;
		run->errors0 = d->errors;
		d->events[i] = 0;
	}
	gain = difference(errors, alt->step, trials, alt->excess);
	gain = min_t(s64, gain, threshold / 32 * 13);
	run->evidence = evidence_add(run->evidence, gain, EVIDENCE_MAX);
	if (!run->evidence) {
		d->live &= ~BIT(i);
		return -1;
	}
	d->live |= BIT(i);
	d->events[i] = min_t(u32, d->events[i] + 1, U8_MAX);
	if (d->events[i] < LN_EVENTS_MIN)
		return -1;
	return run->evidence - threshold;
}

static void runs_errors(struct ln_detect *d, const struct ln_detect_cfg *cfg,
			u64 trials, u64 errors)
{
	s64 rate = rate_log(d), best = -1, excess;
	unsigned int i;

	for (i = 0; i < cfg->n_alts; i++) {
		excess = run_errors(d, cfg, i, trials, errors, rate);
		if (excess > best) {
			best = excess;
			d->winner = i;
			d->verdict = LN_CORRUPTING;
		}
	}
}

static void window_add(struct ln_detect *d, const struct ln_detect_cfg *cfg,
		       u64 trials, u64 errors)
{
	struct ln_detect_window *now = &d->window[0];

	if (now->trials >= cfg->window) {
		d->window[1] = *now;
		memset(now, 0, sizeof(*now));
	}
	now->trials += trials;
	now->errors += errors;
}

enum ln_verdict ln_detect_verdict(const struct ln_detect *d)
{
	return d->verdict ? d->verdict : LN_INCONCLUSIVE;
}

enum ln_verdict ln_detect_add(struct ln_detect *d, const struct ln_detect_cfg *cfg,
			      u64 trials, u64 errors, u64 elapsed_ns)
{
	s64 gain;

	if (!trials)
		return ln_detect_verdict(d);
	errors = min(errors, trials);
	if (trials >> TRIALS_LIMIT_LOG) {
		trials >>= 64 - TRIALS_LIMIT_LOG;
		errors >>= 64 - TRIALS_LIMIT_LOG;
	}
	d->rate_trials = trials;
	d->rate_ns = elapsed_ns;
	gain = difference(trials, cfg->p1 - cfg->p0, errors, cfg->p1_step);
	d->health = evidence_add(d->health, gain, 2 * cfg->healthy);
	if (d->verdict != LN_CORRUPTING) {
		if (errors)
			runs_errors(d, cfg, trials, errors);
		else if (d->live)
			runs_clean(d, cfg, trials);
	}
	if (d->verdict != LN_CORRUPTING)
		d->verdict = d->health >= cfg->healthy ? LN_HEALTHY : LN_INCONCLUSIVE;
	window_add(d, cfg, trials, errors);
	/* What was added in hundreds of thousands of years is enough. */
	if (d->trials <= U64_MAX / 2) {
		d->trials += trials;
		d->errors += errors;
	}
	return d->verdict;
}

static u32 per_mille(u64 evidence, u64 enough)
{
	return div64_u64(evidence * 1000, enough);
}

/* The alternative that decided or is nearest to it; also its threshold and how near it is. */
static unsigned int best_alt(const struct ln_detect *d, const struct ln_detect_cfg *cfg,
			     u64 *threshold, u32 *nearness)
{
	s64 rate = d->rate_trials ? rate_log(d) : 0;
	unsigned int i, best = d->winner;
	u32 near;

	if (d->verdict == LN_CORRUPTING) {
		*threshold = alt_threshold(cfg, best, rate);
		*nearness = 1000;
		return best;
	}
	best = 0;
	*threshold = alt_threshold(cfg, 0, rate);
	*nearness = 0;
	for (i = 0; i < cfg->n_alts; i++) {
		if (!(d->live & BIT(i)))
			continue;
		near = per_mille(d->run[i].evidence, alt_threshold(cfg, i, rate));
		near = min_t(u32, near, 999);
		if (near > *nearness) {
			best = i;
			*nearness = near;
			*threshold = alt_threshold(cfg, i, rate);
		}
	}
	return best;
}

void ln_detect_counts(const struct ln_detect *d, u64 *trials, u64 *errors)
{
	if (ln_detect_verdict(d) == LN_CORRUPTING) {
		*trials = d->trials - d->run[d->winner].trials0;
		*errors = d->errors - d->run[d->winner].errors0;
	} else {
		*trials = d->window[0].trials + d->window[1].trials;
		*errors = d->window[0].errors + d->window[1].errors;
	}
}

void ln_detect_view(const struct ln_detect *d, const struct ln_detect_cfg *cfg,
		    struct ln_detect_view *view)
{
	unsigned int best;
	u64 threshold;

	memset(view, 0, sizeof(*view));
	view->verdict = ln_detect_verdict(d);
	best = best_alt(d, cfg, &threshold, &view->corrupting);
	ln_detect_counts(d, &view->trials, &view->errors);
	view->loss = ln_loss(view->trials, view->errors);
	ln_loss_interval(view->trials, view->errors, &view->loss_lo, &view->loss_hi);
	view->healthy = min_t(u32, per_mille(d->health, cfg->healthy), 1000);
	if (d->health < cfg->healthy)
		view->missing = div64_u64(cfg->healthy - d->health - 1, cfg->p1 - cfg->p0) + 1;
	if (d->rate_trials)
		view->log_alpha = div_u64(threshold, LN_NAT / 1000);
	view->events = d->live & BIT(best) ? d->events[best] : 0;
}

/* The sample alone speaks against health. */
static bool speaks_against(const struct ln_detect_cfg *cfg, u64 trials, u64 errors)
{
	return difference(trials, cfg->p1 - cfg->p0, errors, cfg->p1_step) < 0;
}

/* Detector @i has just convicted: those that saw nothing of it are blind. */
static void convicted(struct ln_detect_blind *b, const struct ln_detect *d,
		      unsigned int n, unsigned int i)
{
	unsigned int j;

	for (j = 0; j < n; j++) {
		if (ln_detect_verdict(&d[j]) != LN_HEALTHY)
			continue;
		b->blind |= BIT(j);
		b->doubt |= BIT(j);
	}
	b->blind &= ~BIT(i);
}

void ln_detect_feed(struct ln_detect_blind *b, struct ln_detect *d, unsigned int n,
		    unsigned int i, const struct ln_detect_cfg *cfg,
		    u64 trials, u64 errors, u64 elapsed_ns)
{
	enum ln_verdict before = ln_detect_verdict(&d[i]), verdict;

	verdict = ln_detect_add(&d[i], cfg, trials, errors, elapsed_ns);
	if (!trials)
		return;
	if (b->doubt & BIT(i) && speaks_against(cfg, trials, errors))
		b->blind &= ~BIT(i);
	b->doubt &= ~BIT(i);
	if (verdict == LN_CORRUPTING && before != LN_CORRUPTING)
		convicted(b, d, n, i);
}

bool ln_detect_has_say(const struct ln_detect_blind *b, const struct ln_detect *d,
		       unsigned int i)
{
	return !(b->blind & BIT(i)) || ln_detect_verdict(&d[i]) == LN_CORRUPTING;
}

/* Above this, errors and trials are scaled down together. */
#define SCALED_ERRORS_LOG	40
/* per_trial() may multiply what is below this by a million. */
#define SCALED_TRIALS_LOG	44
#define MILLION			1000000U

/*
 * Garwood's exact limits for the mean of a Poisson count 0, 1, ... in 10^-6:
 * 95 % one-sided, and the two-sided 95 % interval.
 */
static const u32 exact_upper[] = {
	2995733, 4743865, 6295794, 7753657, 9153520, 10513035, 11842396, 13148114,
	14434650, 15705217, 16962220, 18207515, 19442570, 20668570, 21886486, 23097130,
	24301184, 25499231, 26691771, 27879240, 29062019, 30240444, 31414811, 32585385,
	33752404, 34916081, 36076609, 37234163, 38388902, 39540973, 40690508, 41837631,
};

static const u32 exact_low[] = {
	0, 25317, 242209, 618672, 1089865, 1623486, 2201894, 2814363,
	3453832, 4115373, 4795388, 5491160, 6200575, 6921952, 7653930, 8395386,
	9145382, 9903126, 10667940, 11439241, 12216519, 12999330, 13787282, 14580027,
	15377252, 16178681, 16984063, 17793170, 18605796, 19421755, 20240874, 21062995,
};

static const u32 exact_high[] = {
	3688880, 5571644, 7224688, 8767274, 10241589, 11668333, 13059475, 14422676,
	15763190, 17084804, 18390357, 19682039, 20961586, 22230396, 23489622, 24740219,
	25982998, 27218647, 28447761, 29670854, 30888378, 32100731, 33308265, 34511293,
	35710098, 36904932, 38096025, 39283583, 40467796, 41648838, 42826866, 44002026,
};

/* The root of @x in 1/256, rounded up; @x below 2^48. */
static u64 root_x256(u64 x)
{
	u64 root = 0, bit;

	for (bit = 1ULL << 31; bit; bit >>= 1) {
		if ((root | bit) * (root | bit) <= x << 16)
			root |= bit;
	}
	return root + 1;
}

/*
 * Above the tables, Cornish-Fisher: for a = k + 1 (k for the lower limit) and
 * the normal quantile z, the limit is a +- z sqrt(a) + (z^2 - 1)/3 + O(a^-1/2).
 * From 32 errors on the rest has the sign that makes this too wide, after the
 * constant is rounded outwards.
 */
static u64 mean_upper(u64 errors)
{
	if (errors < ARRAY_SIZE(exact_upper))
		return exact_upper[errors];
	return (errors + 2) * MILLION + (1644854 * root_x256(errors + 1) >> 8) + 1;
}

static u64 mean_high(u64 errors)
{
	if (errors < ARRAY_SIZE(exact_high))
		return exact_high[errors];
	return (errors + 2) * MILLION + (1959964 * root_x256(errors + 1) >> 8) + 1;
}

static u64 mean_low(u64 errors)
{
	if (errors < ARRAY_SIZE(exact_low))
		return exact_low[errors];
	return errors * MILLION + 900000 - (1959964 * root_x256(errors) >> 8) - 1;
}

/* @mean (10^-6) / @trials in ppt, at most LN_PPT. */
static u64 per_trial(u64 mean, u64 trials, bool up)
{
	unsigned int shift = max(fls64(trials) - SCALED_TRIALS_LOG, 0);
	u64 whole, part, rest;

	/* What is cut off makes the quotient larger for @up, else smaller. */
	if (shift) {
		trials = (trials >> shift) + !up;
		mean = (mean >> shift) + up;
	}
	whole = div64_u64(mean, trials);
	if (whole >= MILLION)
		return LN_PPT;
	rest = (mean - whole * trials) * MILLION;
	part = div64_u64(rest, trials);
	return whole * MILLION + part + (up && part * trials < rest);
}

/* Few enough errors for the limits to fit; again cut off to the safe side. */
static void scale(u64 *trials, u64 *errors, bool up)
{
	unsigned int shift;

	*errors = min(*errors, *trials);
	shift = max(fls64(*errors) - SCALED_ERRORS_LOG, 0);
	if (!shift)
		return;
	*errors = (*errors >> shift) + up;
	*trials = (*trials >> shift) + !up;
}

u64 ln_loss(u64 trials, u64 errors)
{
	if (!trials)
		return 0;
	scale(&trials, &errors, false);
	return per_trial(errors * MILLION, trials, false);
}

u64 ln_loss_upper(u64 trials, u64 errors)
{
	if (!trials)
		return LN_PPT;
	scale(&trials, &errors, true);
	return per_trial(mean_upper(errors), trials, true);
}

void ln_loss_interval(u64 trials, u64 errors, u64 *lo, u64 *hi)
{
	u64 n = trials, k = errors;

	*lo = 0;
	*hi = LN_PPT;
	if (!trials)
		return;
	scale(&n, &k, true);
	*hi = per_trial(mean_high(k), n, true);
	n = trials;
	k = errors;
	scale(&n, &k, false);
	*lo = per_trial(mean_low(k), n, false);
}
