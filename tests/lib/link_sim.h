/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated links before the detector of ashlar_link, for its native test and
 * its measurement. Floating point is allowed here.
 */
#ifndef ASHLAR_TESTS_LINK_SIM_H
#define ASHLAR_TESTS_LINK_SIM_H

#include "../../modules/link/detect.h"
#include "native.h"

/**
 * struct sim - a link and its detector
 * @rnd: where chance comes from
 * @cfg: the detector's
 * @rate: frames a second
 * @poll: frames a sample, 0 for samples of one frame
 */
struct sim {
	struct rnd rnd;
	struct ln_detect_cfg cfg;
	double rate;
	u64 poll;
};

/* Frames a second of @gbps at @load, in slots of full Ethernet frames. */
double sim_rate(double gbps, double load);

/* ln(1 / alpha) of alternative @i at the link's rate; without its share if asked so. */
double sim_log_alpha(const struct sim *sim, unsigned int i, bool share);

/* Wald's expected frames to decide at a loss of @p, and the target made of it. */
double sim_wald(const struct sim *sim, double p, double log_alpha);
double sim_limit(double wald, double p);

/* @frames pass at a loss of @p; stops at a decision if it may. Returns the frames that passed. */
double sim_run(struct sim *sim, struct ln_detect *d, double p, double frames, bool stop);

/* Mean frames from the change to @p until it is called corrupting, after @history frames at p0. */
double sim_frames_to_decision(struct sim *sim, double p, double history, unsigned int runs);

/**
 * sim_false() - false alarms a year on a link that loses p0, by importance sampling
 * @sim: the link
 * @runs: cycles to simulate
 * @error: standard error of the result
 *
 * A cycle begins with an error when no alternative has evidence and ends when
 * that is so again or with an alarm. Its errors are drawn at the rate of an
 * alternative chosen at random, and an alarm weighs what its likelihood was at
 * p0 by what it was in the mixture. The detector is the real one.
 */
double sim_false(struct sim *sim, unsigned int runs, double *error);

/* The same by counting, which takes a bound that is loose enough. */
double sim_false_counted(struct sim *sim, double years);

/*
 * The same for alternative @i alone, from the integral equations of its cycle,
 * in continuous time, without the limit per sample and the least number of events.
 */
double sim_false_exact(const struct sim *sim, unsigned int i);

/* P(Poisson(@mean) <= @k), also for large @k; and the other tail. */
long double poisson_low(uint64_t k, long double mean);
long double poisson_high(uint64_t k, long double mean);

#endif /* ASHLAR_TESTS_LINK_SIM_H */
