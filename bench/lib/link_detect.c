// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many frames the detector of ashlar_link takes to decide, and how often it
 * is wrong, beside Wald's expectation and beside two peers. Prints JSON.
 *
 * Usage: link_detect [RUNS [SEED]]
 *
 * Wald's expectation is ln(1/alpha) / (p ln(p/p0) - (p - p0)). "alpha" is what
 * the bound of false isolations leaves a test of the true loss, were it the
 * only alternative; "alpha_share" is what the detector uses, since it tests
 * eleven. The target takes the harder one, without the share.
 *
 * one_poll isolates when errors * 61035156 > frames in a poll of 60 s, as the
 * fabric monitor of SONiC. window isolates at 1e-6 over the last 10 million
 * frames, as corruptd of LinkGuardian is coded, without its habit of dropping
 * the newest sample. Both are given every advantage: one_poll counts frames
 * where the original counts cells, window looks at every frame.
 */
#include "link_sim.h"

#define YEAR		31557600.0
#define GBPS		100
#define HISTORY		1e9

#define POLL_SECONDS	60
#define POLL_FRAMES	61035156.0
#define WINDOW_FRAMES	1e7
#define WINDOW_ERRORS	10

static const double losses[] = { 1 / 1e7, 1 / 1e6, 1 / 1e5, 0.0001, 0.001, 0.01 };
static const double loads[] = { 0.01, 0.1 };

/* Whether a poll with a mean of @mean errors in @frames isolates. */
static double one_poll_chance(double frames, double mean)
{
	return poisson_high(floor(frames / POLL_FRAMES) + 1, mean);
}

/* Mean frames from the change, which falls anywhere in a poll; the rest of that one is right. */
static double one_poll_frames(double rate, double p, double p0)
{
	double frames = rate * POLL_SECONDS, whole = one_poll_chance(frames, p * frames);
	double sum = 0, part, first;
	int i;

	for (i = 0; i < 100; i++) {
		part = (i + 0.5) / 100;
		first = one_poll_chance(frames, (p * part + p0 * (1 - part)) * frames);
		sum += part * frames + (1 - first) * frames / whole;
	}
	return sum / 100;
}

static double one_poll_false(double rate, double p0)
{
	double frames = rate * POLL_SECONDS;

	return YEAR / POLL_SECONDS * one_poll_chance(frames, p0 * frames);
}

/* Frames till the tenth error that is less than a window behind the first of them. */
static double window_frames(struct rnd *rnd, double p, unsigned int runs)
{
	double at[WINDOW_ERRORS], now, sum = 0;
	unsigned int i, n;

	for (i = 0; i < runs; i++) {
		now = 0;
		for (n = 0;; n++) {
			now += rnd_exp(rnd, 1 / p);
			at[n % WINDOW_ERRORS] = now;
			if (n >= WINDOW_ERRORS - 1 &&
			    now - at[(n + 1) % WINDOW_ERRORS] < WINDOW_FRAMES)
				break;
		}
		sum += now;
	}
	return sum / runs;
}

/* An error isolates that comes with exactly one less than enough in the window before it. */
static double window_false(double rate, double p0)
{
	double mean = p0 * WINDOW_FRAMES, term = exp(-mean);
	int i;

	for (i = 1; i < WINDOW_ERRORS; i++)
		term *= mean / i;
	return rate * YEAR * p0 * term;
}

static void decision(struct sim *sim, unsigned int i, double load, double history,
		     double poll, unsigned int runs)
{
	double p = losses[i], alpha, alpha_share, wald, wald_share, frames, limit, limit_share;

	alpha = sim_log_alpha(sim, 2 * i, false);
	alpha_share = sim_log_alpha(sim, 2 * i, true);
	wald = sim_wald(sim, p, alpha);
	wald_share = sim_wald(sim, p, alpha_share);
	/* A polled link needs three polls, and decides at the end of one. */
	limit = fmax(sim_limit(wald, p), 3 * poll) + poll;
	limit_share = fmax(sim_limit(wald_share, p), 3 * poll) + poll;
	sim->poll = poll;
	frames = sim_frames_to_decision(sim, p, history, runs);
	printf("    {\"loss\": %g, \"load\": %g, \"history\": %g, \"poll\": %.0f, \"runs\": %u,\n"
	       "     \"frames\": %.6g, \"log_alpha\": %.3f, \"wald\": %.6g, \"limit\": %.6g,"
	       " \"ratio\": %.4f,\n"
	       "     \"log_alpha_share\": %.3f, \"wald_share\": %.6g, \"ratio_share\": %.4f,\n",
	       p, load, history, poll, runs, frames, alpha, wald, limit, frames / limit,
	       alpha_share, wald_share, frames / limit_share);
	printf("     \"one_poll\": %.6g, \"window\": %.6g}",
	       one_poll_frames(sim->rate, p, sim->cfg.p0 / 1e12),
	       window_frames(&sim->rnd, p, p < 1 / 1e6 ? 20 : runs));
}

static void decisions(struct sim *sim, unsigned int runs)
{
	const char *comma = "";
	unsigned int i, l, kind;

	printf("  \"frames_to_decision\": [\n");
	for (l = 0; l < ARRAY_SIZE(loads); l++) {
		sim->rate = sim_rate(GBPS, loads[l]);
		for (i = 0; i < ARRAY_SIZE(losses); i++) {
			/* Frame by frame, new and after health; then polled each second. */
			for (kind = 0; kind < 3; kind++) {
				printf("%s", comma);
				decision(sim, i, loads[l], kind ? HISTORY : 0,
					 kind == 2 ? floor(sim->rate) : 0,
					 kind == 2 ? runs / 5 : runs);
				comma = ",\n";
			}
		}
	}
	printf("\n  ],\n");
}

static void false_isolations(struct sim *sim, double load, unsigned int runs, const char *comma)
{
	double error, polled_error, sampled, polled, loose, loose_error, counted, sum = 0;
	struct ln_detect_cfg cfg = sim->cfg;
	unsigned int i;

	sim->rate = sim_rate(GBPS, load);
	sim->poll = 0;
	sampled = sim_false(sim, runs * 40, &error);
	for (i = 0; i < sim->cfg.n_alts; i++)
		sum += sim_false_exact(sim, i);
	sim->poll = sim->rate;
	polled = sim_false(sim, runs * 40, &polled_error);

	/* With a bound of 1,000 a year there is enough to count. */
	ln_detect_cfg_init(&sim->cfg, cfg.p0, cfg.p1, LN_BOUND_MAX, cfg.miss);
	sim->poll = 0;
	loose = sim_false(sim, runs * 40, &loose_error);
	counted = sim_false_counted(sim, 1 / load);
	sim->cfg = cfg;

	printf("    {\"load\": %g, \"loss\": %g, \"bound\": %g,\n"
	       "     \"ashlar\": %.4g, \"ashlar_error\": %.2g,"
	       " \"ashlar_polled\": %.4g, \"ashlar_polled_error\": %.2g,\n"
	       "     \"alternatives_exact_sum\": %.4g,\n",
	       load, cfg.p0 / 1e12, cfg.bound / 1e6, sampled, error, polled, polled_error, sum);
	printf("     \"loose_bound\": %g, \"loose_sampled\": %.4g, \"loose_error\": %.2g,"
	       " \"loose_counted\": %.4g, \"loose_years\": %g,\n"
	       "     \"one_poll\": %.4g, \"window\": %.4g}%s\n",
	       LN_BOUND_MAX / 1e6, loose, loose_error, counted, 1 / load,
	       one_poll_false(sim->rate, cfg.p0 / 1e12), window_false(sim->rate, cfg.p0 / 1e12),
	       comma);
}

int main(int argc, char **argv)
{
	unsigned int runs = argc > 1 ? strtoul(argv[1], NULL, 0) : 5000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	struct sim sim = { 0 };
	unsigned int i;

	if (runs < 5) {
		fprintf(stderr, "usage: link_detect [RUNS [SEED]]\n");
		return 1;
	}
	rnd_seed(&sim.rnd, seed);
	ln_detect_cfg_init(&sim.cfg, LN_P0_DEFAULT, LN_P1_DEFAULT, LN_BOUND_DEFAULT,
			   LN_MISS_DEFAULT);
	printf("{\n  \"seed\": %llu, \"gbps\": %u, \"p0\": %g, \"bound\": %g,\n",
	       (unsigned long long)seed, GBPS, sim.cfg.p0 / 1e12, sim.cfg.bound / 1e6);
	decisions(&sim, runs);
	printf("  \"false_isolations_per_link_year\": [\n");
	for (i = 0; i < ARRAY_SIZE(loads); i++)
		false_isolations(&sim, loads[i], runs, i + 1 < ARRAY_SIZE(loads) ? "," : "");
	printf("  ]\n}\n");
	return 0;
}
