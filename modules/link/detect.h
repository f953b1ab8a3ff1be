/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does this stream of trials (frames, codewords, probes) lose more than it may?
 * A sequential test with three answers, and the loss with its interval. See
 * detect.c for the test.
 *
 * A loss is in parts per 10^12 ("ppt", LN_PPT is one, that is all). Evidence is
 * in 10^-12 nat, so that trials times loss needs no division.
 *
 * Any trials, errors and elapsed_ns up to U64_MAX are safe, with every
 * configuration that ln_detect_cfg_init() accepts.
 */
#ifndef ASHLAR_LINK_DETECT_H
#define ASHLAR_LINK_DETECT_H

#include "core.h"

#define LN_PPT			1000000000000ULL
#define LN_NAT			1000000000000ULL

/* What ln_detect_cfg_init() accepts, for the netlink policy. */
#define LN_P0_MIN		1ULL		/* 1e-12 */
#define LN_P0_MAX		1000000000ULL	/* 1e-3 */
#define LN_P1_RATIO_MIN		2		/* p1 / p0 */
#define LN_P1_RATIO_MAX		1000
#define LN_BOUND_MIN		1U
#define LN_BOUND_MAX		1000000000U
#define LN_MISS_MIN		1U
#define LN_MISS_MAX		100000U

/* What it takes when the operator says nothing. */
#define LN_P0_DEFAULT		10000ULL	/* 1e-8 */
#define LN_P1_DEFAULT		100000ULL	/* 1e-7 */
#define LN_BOUND_DEFAULT	1000U		/* one in 1,000 link-years */
#define LN_MISS_DEFAULT		1000U		/* 1e-3 */

/* The alternatives lose p0 * 10^(1 + i/2). */
#define LN_ALTS			11
/* Samples with errors that must agree before a link is called corrupting. */
#define LN_EVENTS_MIN		3

/* A detector says one of the last three; the first is for what has none. */
enum ln_verdict {
	LN_UNSUPPORTED,
	LN_INCONCLUSIVE,
	LN_HEALTHY,
	LN_CORRUPTING,
};

/**
 * struct ln_detect_cfg - what is asked of a test, and what follows from it
 * @p0: the loss that is still right, ppt
 * @p1: a link that loses this much is never to be called healthy, ppt
 * @bound: false isolations per 10^6 link-years that this detector may cause
 * @miss: how often p1 may look healthy, at any one moment, in 10^-6
 * @n_alts: alternatives in use; those that would lose more than all are not
 * @p1_step: evidence for health lost by an error
 * @healthy: evidence that is enough to be called healthy
 * @window: trials after which a new window of them begins
 * @alt: the alternatives: by how much more than p0 they lose, the evidence in
 *	an error, and the threshold at one trial per nanosecond
 *
 * Made by ln_detect_cfg_init(), then read only; shared by any number of
 * detectors. Where one link has several detectors, each gets its part of the
 * operator's bound.
 */
struct ln_detect_cfg {
	u64 p0;
	u64 p1;
	u32 bound;
	u32 miss;
	u32 n_alts;
	u64 p1_step;
	u64 healthy;
	u64 window;
	struct ln_detect_alt {
		u64 excess;
		u64 step;
		s64 base;
	} alt[LN_ALTS];
};

/**
 * struct ln_detect - one detector
 * @run: per alternative, the evidence and where it began to grow: trials and
 *	errors (of @trials, @errors) before the run
 * @events: per alternative, samples with errors in its run, saturating
 * @live: bit per alternative whose evidence is not zero
 * @verdict: enum ln_verdict
 * @winner: the alternative that decided, once corrupting
 * @health: evidence for health
 * @trials: all trials since the reset
 * @errors: all errors since the reset
 * @rate_trials: of the last sample with trials: the rate in force
 * @rate_ns: the same sample's time
 * @window: the present and the last window of trials, for the loss of a
 *	link that is not called corrupting
 *
 * The caller serialises. All zeroes is a valid detector that knows nothing.
 */
struct ln_detect {
	struct ln_detect_run {
		u64 evidence;
		u64 trials0;
		u64 errors0;
	} run[LN_ALTS];
	u8 events[LN_ALTS];
	u8 verdict;
	u8 winner;
	u16 live;
	u64 health;
	u64 trials;
	u64 errors;
	u64 rate_trials;
	u64 rate_ns;
	struct ln_detect_window {
		u64 trials;
		u64 errors;
	} window[2];
};

/**
 * ln_detect_cfg_init() - check a configuration and prepare it for use
 * @cfg: to be filled
 * @p0: ppt, LN_P0_MIN to LN_P0_MAX
 * @p1: ppt, LN_P1_RATIO_MIN to LN_P1_RATIO_MAX times @p0
 * @bound: per 10^6 link-years, LN_BOUND_MIN to LN_BOUND_MAX
 * @miss: 10^-6, LN_MISS_MIN to LN_MISS_MAX
 *
 * Return: 0, or -ERANGE and @cfg is untouched.
 */
int ln_detect_cfg_init(struct ln_detect_cfg *cfg, u64 p0, u64 p1, u32 bound, u32 miss);

/* Forgets everything: a new detector, a repaired or readmitted link, a new cfg. */
void ln_detect_reset(struct ln_detect *d);

/**
 * ln_detect_add() - a sample
 * @d: the detector
 * @cfg: the same at every call since the reset
 * @trials: since the last sample, the failed ones included
 * @errors: how many of them failed
 * @elapsed_ns: the time they took, also when there were none
 *
 * Corrupting lasts until ln_detect_reset(); further samples refine the loss.
 *
 * Return: the verdict.
 */
enum ln_verdict ln_detect_add(struct ln_detect *d, const struct ln_detect_cfg *cfg,
			      u64 trials, u64 errors, u64 elapsed_ns);

/* The verdict as it stands; inconclusive before the first sample. */
enum ln_verdict ln_detect_verdict(const struct ln_detect *d);

/*
 * A link has several detectors, one for each stream of evidence, and not each
 * sees everything: FEC knows nothing of what is broken behind its decoder. One
 * that says healthy while another one convicts is *blind*: it is no witness of
 * the link's health for this turn, or a drained link would come back on the
 * word of the one that never saw what it was drained for. It sees again when
 * its first sample after the conviction speaks against health, since the
 * verdict was older than the fault then, or when it convicts by itself.
 */

/**
 * struct ln_detect_blind - which detectors of a link are no witnesses
 * @blind: bit per detector
 * @doubt: of @blind, those not heard since
 *
 * All zeroes: each is one. Whoever ends the turn clears it.
 */
struct ln_detect_blind {
	u8 blind;
	u8 doubt;
};

/**
 * ln_detect_feed() - ln_detect_add() to one of several detectors of a link
 * @b: of the link
 * @d: its @n detectors
 * @n: 8 at most
 * @i: which one
 * @cfg: see ln_detect_add(), as is the rest
 * @trials: since the last sample
 * @errors: how many of them failed
 * @elapsed_ns: the time they took
 */
void ln_detect_feed(struct ln_detect_blind *b, struct ln_detect *d, unsigned int n,
		    unsigned int i, const struct ln_detect_cfg *cfg,
		    u64 trials, u64 errors, u64 elapsed_ns);

/* Detector @i of @d has a say: a blind one has if it convicts. */
bool ln_detect_has_say(const struct ln_detect_blind *b, const struct ln_detect *d,
		       unsigned int i);

/**
 * struct ln_detect_view - what a detector knows, for people and for the peer
 * @verdict: as ln_detect_verdict()
 * @trials: behind the loss: the run of the alternative that decided once the
 *	verdict is corrupting, else the last one or two windows of 4 / p0 trials
 * @errors: the same
 * @loss: errors / trials, ppt
 * @loss_lo: with @loss_hi, its two-sided 95 % interval, ppt
 * @loss_hi: see @loss_lo
 * @corrupting: evidence for corruption, 1000 is enough
 * @healthy: evidence for health, 1000 is enough
 * @missing: clean trials until it is called healthy, 0 if it is
 * @log_alpha: ln(1 / alpha) in 10^-3 nat, where alpha is the chance that one
 *	run of the alternative nearest to its threshold (or which decided) ends
 *	in a false alarm; at the rate in force
 * @events: separate samples with errors behind the evidence for corruption
 */
struct ln_detect_view {
	enum ln_verdict verdict;
	u64 trials;
	u64 errors;
	u64 loss;
	u64 loss_lo;
	u64 loss_hi;
	u32 corrupting;
	u32 healthy;
	u64 missing;
	u32 log_alpha;
	u32 events;
};

void ln_detect_view(const struct ln_detect *d, const struct ln_detect_cfg *cfg,
		    struct ln_detect_view *view);
/* The view's trials and errors alone. */
void ln_detect_counts(const struct ln_detect *d, u64 *trials, u64 *errors);

/* @errors / @trials in ppt; 0 without trials. */
u64 ln_loss(u64 trials, u64 errors);

/*
 * The loss is not above this with 95 % confidence (one-sided); LN_PPT without
 * trials. Never below the exact bound.
 */
u64 ln_loss_upper(u64 trials, u64 errors);

/* The two-sided 95 % interval; never narrower than the exact one at either end. */
void ln_loss_interval(u64 trials, u64 errors, u64 *lo, u64 *hi);

#endif /* ASHLAR_LINK_DETECT_H */
