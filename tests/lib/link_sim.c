// SPDX-License-Identifier: GPL-2.0-only
/* Simulated links before the detector of ashlar_link. */
#include "link_sim.h"

#define FRAME_BITS	(1538 * 8)
#define YEAR		31557600.0

double sim_rate(double gbps, double load)
{
	return gbps * 1e9 * load / FRAME_BITS;
}

double sim_log_alpha(const struct sim *sim, unsigned int i, bool share)
{
	double loss = (sim->cfg.alt[i].excess + sim->cfg.p0) / 1e12;
	double bound = sim->cfg.bound / 1e6;

	if (share)
		return sim->cfg.alt[i].base / 1e12 + log(sim->rate / 1e9);
	return log(loss * sim->rate * YEAR / bound);
}

double sim_wald(const struct sim *sim, double p, double log_alpha)
{
	double p0 = sim->cfg.p0 / 1e12;

	return log_alpha / (p * log(p / p0) - (p - p0));
}

double sim_limit(double wald, double p)
{
	return fmax(wald, 3 / p);
}

static enum ln_verdict sample(struct sim *sim, struct ln_detect *d, double frames, u64 errors)
{
	return ln_detect_add(d, &sim->cfg, frames, errors, frames / sim->rate * 1e9 + 0.5);
}

/*
 * Samples of one frame: those between two errors are given as one, which for a
 * sample without errors is the same.
 */
static double run_frames(struct sim *sim, struct ln_detect *d, double p, double frames, bool stop)
{
	double passed = 0, gap;

	for (;;) {
		gap = floor(rnd_exp(&sim->rnd, 1 / p));
		if (passed + gap >= frames)
			break;
		if (gap)
			sample(sim, d, gap, 0);
		passed += gap + 1;
		if (sample(sim, d, 1, 1) == LN_CORRUPTING && stop)
			return passed;
	}
	if (frames > passed)
		sample(sim, d, frames - passed, 0);
	return frames;
}

static double run_polls(struct sim *sim, struct ln_detect *d, double p, double frames, bool stop)
{
	double passed = 0, next = rnd_exp(&sim->rnd, 1 / p);
	u64 errors;

	while (passed < frames) {
		passed += sim->poll;
		for (errors = 0; next < passed && errors < sim->poll; errors++)
			next += rnd_exp(&sim->rnd, 1 / p);
		if (sample(sim, d, sim->poll, errors) == LN_CORRUPTING && stop)
			break;
	}
	return passed;
}

double sim_run(struct sim *sim, struct ln_detect *d, double p, double frames, bool stop)
{
	if (sim->poll)
		return run_polls(sim, d, p, frames, stop);
	return run_frames(sim, d, p, frames, stop);
}

double sim_frames_to_decision(struct sim *sim, double p, double history, unsigned int runs)
{
	struct ln_detect d;
	double sum = 0;
	unsigned int i;

	for (i = 0; i < runs; i++) {
		ln_detect_reset(&d);
		/* A false alarm in the past has been dealt with. */
		sim_run(sim, &d, sim->cfg.p0 / 1e12, history, true);
		if (d.verdict == LN_CORRUPTING)
			ln_detect_reset(&d);
		sum += sim_run(sim, &d, p, 1e18, true);
	}
	return sum / runs;
}

/* Frames until no alternative has evidence, if no error comes. */
static double frames_to_rest(const struct sim *sim, const struct ln_detect *d)
{
	double most = 0;
	unsigned int i;

	for (i = 0; i < sim->cfg.n_alts; i++) {
		if (d->live & BIT(i))
			most = fmax(most, (double)d->run[i].evidence / sim->cfg.alt[i].excess);
	}
	return ceil(most);
}

/* ln(likelihood at p0 / likelihood in the mixture) after a cycle of @frames and @errors. */
static double log_weight(const struct sim *sim, double frames, double errors)
{
	double terms[LN_ALTS], most = -1e300, sum = 0;
	unsigned int i;

	for (i = 0; i < sim->cfg.n_alts; i++) {
		terms[i] = errors * sim->cfg.alt[i].step / 1e12 -
			   frames * sim->cfg.alt[i].excess / 1e12;
		most = fmax(most, terms[i]);
	}
	for (i = 0; i < sim->cfg.n_alts; i++)
		sum += exp(terms[i] - most);
	return -(most + log(sum / sim->cfg.n_alts));
}

/* A cycle with errors at @p: what follows the first error, and whether it ends in an alarm. */
static bool cycle(struct sim *sim, double p, double *frames, double *errors)
{
	struct ln_detect d = { 0 };
	double gap, left = 0;
	u64 n;

	*frames = 0;
	*errors = 0;
	if (sim->poll)
		left = floor(rnd_unit(&sim->rnd) * sim->poll);
	gap = rnd_exp(&sim->rnd, 1 / p);
	/* The first sample has the first error, and what follows it till the poll. */
	for (n = 1; gap < left; n++)
		gap += rnd_exp(&sim->rnd, 1 / p);
	gap -= left;
	*frames = left;
	*errors = n - 1;
	sample(sim, &d, sim->poll ? sim->poll : 1, n);
	while (d.live && d.verdict != LN_CORRUPTING) {
		left = sim->poll;
		if (!sim->poll) {
			left = ceil(gap);
			if (left > frames_to_rest(sim, &d)) {
				*frames += frames_to_rest(sim, &d);
				return false;
			}
			if (left > 1)
				sample(sim, &d, left - 1, 0);
		}
		for (n = 0; gap < left && n < left; n++)
			gap += rnd_exp(&sim->rnd, 1 / p);
		gap -= left;
		if (!sim->poll && !n) {
			n = 1;
			gap = rnd_exp(&sim->rnd, 1 / p);
		}
		*frames += left;
		*errors += n;
		sample(sim, &d, sim->poll ? sim->poll : 1, n);
	}
	return d.verdict == LN_CORRUPTING;
}

/* Frames from the beginning of a cycle at p0 to the next one's. */
static double cycle_frames(struct sim *sim, unsigned int runs)
{
	double p0 = sim->cfg.p0 / 1e12, sum = 0, frames, errors;
	unsigned int i;

	for (i = 0; i < runs; i++) {
		cycle(sim, p0, &frames, &errors);
		sum += frames;
	}
	return sum / runs + 1 / p0;
}

double sim_false(struct sim *sim, unsigned int runs, double *error)
{
	double sum = 0, squares = 0, frames, errors, weight, scale, p;
	unsigned int i;

	scale = sim->rate * YEAR / cycle_frames(sim, runs / 10 + 1);
	for (i = 0; i < runs; i++) {
		p = (sim->cfg.alt[i % sim->cfg.n_alts].excess + sim->cfg.p0) / 1e12;
		if (!cycle(sim, p, &frames, &errors))
			continue;
		weight = exp(log_weight(sim, frames, errors));
		sum += weight;
		squares += weight * weight;
	}
	*error = scale * sqrt(squares) / runs;
	return scale * sum / runs;
}

double sim_false_counted(struct sim *sim, double years)
{
	double left = years * YEAR * sim->rate;
	struct ln_detect d = { 0 };
	unsigned int alarms = 0;

	while (left > 0) {
		left -= sim_run(sim, &d, sim->cfg.p0 / 1e12, left, true);
		if (d.verdict == LN_CORRUPTING) {
			alarms++;
			ln_detect_reset(&d);
		}
	}
	return alarms / years;
}

#define GRID	4000

/*
 * With S at s just after an error, u(s) is the chance of an alarm before S is 0
 * and v(s) the time till either. The next error comes when S has fallen by an
 * exponential amount of mean m, and lifts it by a step:
 *
 *	u(s) = int_0^s exp(-x/m)/m u(s - x + step) dx,  u(s >= h) = 1
 *	v(s) = m (1 - exp(-s/m)) + int_0^s exp(-x/m)/m v(s - x + step) dx
 */
double sim_false_exact(const struct sim *sim, unsigned int i)
{
	double h = sim_log_alpha(sim, i, true), step = sim->cfg.alt[i].step / 1e12;
	double m = (double)sim->cfg.alt[i].excess / sim->cfg.p0, change = 1, before;
	double delta = h / GRID, keep = exp(-delta / m), at;
	static double u[GRID + 1], v[GRID + 1];
	int lift = step / delta + 0.5, s, next;

	memset(u, 0, sizeof(u));
	memset(v, 0, sizeof(v));
	while (change > 1 / 1e9) {
		before = u[lift] + v[lift];
		for (s = 1; s <= GRID; s++) {
			next = s + lift;
			at = next > GRID ? 1 : (u[next - 1] + u[next]) / 2;
			u[s] = keep * u[s - 1] + (1 - keep) * at;
			at = next > GRID ? 0 : (v[next - 1] + v[next]) / 2;
			v[s] = keep * v[s - 1] + (1 - keep) * (at + m);
		}
		change = fabs(u[lift] + v[lift] - before) / (u[lift] + v[lift]);
	}
	/* v is in evidence lost; in frames it is that by the excess. */
	at = v[lift] / (sim->cfg.alt[i].excess / 1e12);
	return sim->rate * YEAR * u[lift] / (at + 1e12 / sim->cfg.p0);
}

/* Terms of the series around the tail's edge until they no longer matter. */
static long double poisson_sum(uint64_t k, long double mean, int step)
{
	long double term = expl(k * logl(mean) - mean - lgammal(k + 1.0L)), sum = 0;

	while (term > sum / 1e20L && term > 0) {
		sum += term;
		if (step < 0) {
			if (!k)
				break;
			term *= k-- / mean;
		} else {
			term *= mean / ++k;
		}
	}
	return sum;
}

/* Sums the shorter side. */
long double poisson_low(uint64_t k, long double mean)
{
	return k <= mean ? poisson_sum(k, mean, -1) : 1 - poisson_sum(k + 1, mean, 1);
}

long double poisson_high(uint64_t k, long double mean)
{
	if (!k)
		return 1;
	return k >= mean ? poisson_sum(k, mean, 1) : 1 - poisson_sum(k - 1, mean, -1);
}
