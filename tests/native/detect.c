// SPDX-License-Identifier: GPL-2.0-only
/* native: modules/link/detect.c tests/lib/link_sim.c */
/*
 * The sequential test of ashlar_link: its arithmetic against wider types, the
 * interval against exact sums, its promises against simulated links.
 */
#include "link_sim.h"

#define YEAR_NS		31557600e9L
#define SECOND		1000000000ULL

/* 100 Gb/s with full frames at 10 % load. */
#define FRAMES		812743ULL

static void cfg_default(struct ln_detect_cfg *cfg)
{
	ln_detect_cfg_init(cfg, LN_P0_DEFAULT, LN_P1_DEFAULT, LN_BOUND_DEFAULT, LN_MISS_DEFAULT);
}

static void test_cfg(void)
{
	static const struct {
		u64 p0, p1;
		u32 bound, miss;
		bool good;
		const char *what;
	} cases[] = {
		{ 10000, 100000, 1000, 1000, true, "the defaults" },
		{ LN_P0_MIN, 2, 1, 1, true, "all at their least" },
		{ LN_P0_MAX, LN_PPT, LN_BOUND_MAX, LN_MISS_MAX, true, "all at their most" },
		{ 0, 10, 1000, 1000, false, "p0 of nothing" },
		{ LN_P0_MAX + 1, LN_P0_MAX * 10, 1000, 1000, false, "p0 too large" },
		{ 10000, 19999, 1000, 1000, false, "p1 too near" },
		{ 10000, 10000001, 1000, 1000, false, "p1 too far" },
		{ 10000, 100000, 0, 1000, false, "no false isolation at all" },
		{ 10000, 100000, 1000, 0, false, "no miss at all" },
		{ 10000, 100000, 1000, LN_MISS_MAX + 1, false, "too many misses" },
	};
	struct ln_detect_cfg cfg, before;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&cfg, 0x5a, sizeof(cfg));
		before = cfg;
		err = ln_detect_cfg_init(&cfg, cases[i].p0, cases[i].p1, cases[i].bound,
					 cases[i].miss);
		if (cases[i].good)
			ok(!err && cfg.n_alts >= 5, "configuration: %s", cases[i].what);
		else
			ok(err == -ERANGE && !memcmp(&cfg, &before, sizeof(cfg)),
			   "configuration refused: %s", cases[i].what);
	}
}

/* Some error counts, all small ones and then ever larger ones. */
static u64 next_count(u64 k)
{
	return k < 300 ? k + 1 : k + k / 40;
}

/* Whether the limits for @k errors in @n trials, drawn in by @scale, are on the safe side. */
static bool interval_safe(u64 n, u64 k, long double scale)
{
	u64 lo, hi, upper = ln_loss_upper(n, k);
	bool safe;

	ln_loss_interval(n, k, &lo, &hi);
	safe = poisson_low(k, upper * scale * n / LN_PPT) <= 0.05L &&
	       poisson_low(k, hi * scale * n / LN_PPT) <= 0.025L;
	return safe && (!lo || poisson_high(k, lo / scale * n / LN_PPT) <= 0.025L);
}

static void test_interval(void)
{
	unsigned int bad = 0, wide = 0, n_counts = 0;
	u64 k, n, lo, hi;

	for (k = 0; k < 3000000; k = next_count(k)) {
		n = max_t(u64, 1000000, k * 20);
		n_counts++;
		bad += !interval_safe(n, k, 1);
		/* It is not safe because it is wide: a little narrower is too narrow. */
		wide += interval_safe(n, k, 1 - (k < 32 ? 0.00001L : 0.02L / sqrtl(k)));
	}
	ok(!bad, "the interval covers the exact one for %u error counts", n_counts);
	ok(!wide, "and is hardly wider: of them, %u bear narrowing", wide);
	ok(ln_loss_upper(0, 0) == LN_PPT && ln_loss(0, 0) == 0, "nothing is known without trials");
	ln_loss_interval(0, 0, &lo, &hi);
	ok(lo == 0 && hi == LN_PPT, "the interval is everything without trials");
	ok(ln_loss_upper(300000000, 0) == 9986, "3e8 clean trials certify 1e-8");
	ok(ln_loss_upper(299000000, 0) > 10000, "2.99e8 do not");
	ok(ln_loss_upper(5, 5) == LN_PPT && ln_loss(5, 7) == LN_PPT, "no more than all is lost");
}

/* Numbers of all magnitudes. */
static u64 any_u64(struct rnd *r)
{
	return rnd_u64(r) >> rnd_below(r, 64);
}

static void test_interval_random(struct rnd *r)
{
	long double exact;
	u64 n, k, lo, hi, loss;
	unsigned int i, bad = 0;

	for (i = 0; i < 300000; i++) {
		n = any_u64(r) | 1;
		k = min(any_u64(r), n);
		loss = ln_loss(n, k);
		ln_loss_interval(n, k, &lo, &hi);
		exact = (long double)k / n * LN_PPT;
		bad += loss > exact + 0.001L || exact - loss > 2 + exact / 1e5L ||
		       lo > loss || hi < loss || hi > LN_PPT || ln_loss_upper(n, k) < loss;
	}
	ok(!bad, "loss and interval of 300000 pairs of any magnitude");
}

static long double threshold(const struct ln_detect_cfg *cfg, unsigned int i, u64 n, u64 ns)
{
	long double rate = (long double)n * YEAR_NS / max_t(u64, ns, 1);
	long double loss = (cfg->alt[i].excess + cfg->p0) / 1e12L;
	long double h = logl(rate * loss * LN_ALTS / (cfg->bound / 1e6L));

	return fmaxl(h, logl(1000.0L * LN_ALTS));
}

/* How far @d is from @before and a sample, recomputed; in nats. */
static long double sample_error(const struct ln_detect_cfg *cfg, const struct ln_detect *before,
				const struct ln_detect *d, u64 n, u64 k, u64 ns)
{
	long double worst = 0, evidence, gain, p;
	unsigned int i;

	for (i = 0; i < cfg->n_alts; i++) {
		p = cfg->p0 * powl(10, 1 + i * 0.5L) / 1e12L;
		gain = k * logl(p / (cfg->p0 / 1e12L));
		gain -= n * (long double)cfg->alt[i].excess / 1e12L;
		if (k)
			gain = fminl(gain, threshold(cfg, i, n, ns) * 13 / 32);
		evidence = before->run[i].evidence / 1e12L + gain;
		evidence = fminl(fmaxl(evidence, 0), 128);
		worst = fmaxl(worst, fabsl(evidence - d->run[i].evidence / 1e12L));
	}
	return worst;
}

static void test_arithmetic(struct rnd *r)
{
	long double worst = 0, blind = 0;
	struct ln_detect d = { 0 }, before;
	struct ln_detect_cfg cfg;
	u64 n, k, ns;
	int i;

	cfg_default(&cfg);
	for (i = 0; i < 200000; i++) {
		if (d.verdict == LN_CORRUPTING || !rnd_below(r, 50))
			ln_detect_reset(&d);
		n = 1 + rnd_below(r, 1 << rnd_below(r, 31));
		k = rnd_below(r, 3) ? 0 : min(1 + rnd_below(r, 1 << rnd_below(r, 10)), n);
		ns = rnd_below(r, 100 * SECOND);
		before = d;
		ln_detect_add(&d, &cfg, n, k, ns);
		worst = fmaxl(worst, sample_error(&cfg, &before, &d, n, k, ns));
		blind = fmaxl(blind, sample_error(&cfg, &before, &d, n, k + 1, ns));
	}
	ok(worst < 0.000002L, "evidence of 200000 samples is off by %.1Le nat at most", worst);
	ok(blind > 0.000002L, "the comparison sees one error more");
}

/* Nothing overflows, whatever comes; UBSan watches, too. */
static void test_extremes(struct rnd *r)
{
	static const u64 p0s[] = { LN_P0_MIN, 77, LN_P0_DEFAULT, LN_P0_MAX };
	static const u64 edges[] = { 0, 1, 1ULL << 32, 1ULL << 62, 1ULL << 63, U64_MAX };
	struct ln_detect_view view;
	struct ln_detect_cfg cfg;
	struct ln_detect d;
	unsigned int bad = 0;
	int i, j;
	u64 n, k;

	for (i = 0; i < 64; i++) {
		bad += !!ln_detect_cfg_init(&cfg, p0s[i % 4], p0s[i % 4] * (i & 4 ? 2 : 1000),
					    i & 8 ? LN_BOUND_MIN : LN_BOUND_MAX,
					    i & 16 ? LN_MISS_MIN : LN_MISS_MAX);
		ln_detect_reset(&d);
		for (j = 0; j < 3000; j++) {
			n = rnd_below(r, 2) ? edges[rnd_below(r, 6)] : any_u64(r);
			k = rnd_below(r, 2) ? edges[rnd_below(r, 6)] : any_u64(r);
			ln_detect_add(&d, &cfg, n, k, edges[rnd_below(r, 6)]);
			ln_detect_view(&d, &cfg, &view);
			bad += view.corrupting > 1000 || view.healthy > 1000 ||
			       view.loss > LN_PPT || view.loss_hi > LN_PPT ||
			       view.loss_lo > view.loss_hi || view.errors > view.trials ||
			       (view.verdict == LN_HEALTHY) !=
			       (!view.missing && view.verdict != LN_CORRUPTING);
			if (!rnd_below(r, 100))
				ln_detect_reset(&d);
		}
	}
	ok(!bad, "samples and configurations at their extremes");
}

static void test_answers(void)
{
	struct ln_detect_view view;
	struct ln_detect_cfg cfg;
	struct ln_detect d = { 0 };
	u64 n;

	cfg_default(&cfg);
	ok(ln_detect_verdict(&d) == LN_INCONCLUSIVE, "nothing is known of a new link");
	ok(ln_detect_add(&d, &cfg, 0, 0, 3600 * SECOND) == LN_INCONCLUSIVE,
	   "an idle hour says nothing");
	for (n = 0; ln_detect_verdict(&d) == LN_INCONCLUSIVE; n += FRAMES)
		ln_detect_add(&d, &cfg, FRAMES, 0, SECOND);
	ok(ln_detect_verdict(&d) == LN_HEALTHY && n > 76700000 && n < 77700000,
	   "healthy after %llu clean frames", (unsigned long long)n);
	for (n = 0; n < 1000; n++)
		ln_detect_add(&d, &cfg, FRAMES, 0, SECOND);
	ok(ln_detect_add(&d, &cfg, 1, 1, SECOND) == LN_HEALTHY, "one stray error changes nothing");
	ok(ln_detect_add(&d, &cfg, FRAMES, 10000, SECOND) == LN_INCONCLUSIVE,
	   "a burst in one sample ends health, and decides nothing");
	ln_detect_view(&d, &cfg, &view);
	ok(view.corrupting < 1000 && view.missing > 70000000, "and the view says so");

	ln_detect_reset(&d);
	ln_detect_add(&d, &cfg, FRAMES, 800, SECOND);
	ln_detect_add(&d, &cfg, FRAMES, 800, SECOND);
	ln_detect_view(&d, &cfg, &view);
	ok(view.verdict == LN_INCONCLUSIVE && view.corrupting > 800 && view.events == 2,
	   "two bad samples are not enough");
	ok(ln_detect_add(&d, &cfg, FRAMES, 800, SECOND) == LN_CORRUPTING, "three are");
	ln_detect_view(&d, &cfg, &view);
	ok(view.trials == 3 * FRAMES && view.errors == 2400 && view.loss_lo < 984000000 &&
	   view.loss_hi > 984000000, "the loss is that of the run");
	for (n = 0; n < 10000; n++)
		ln_detect_add(&d, &cfg, FRAMES, 0, SECOND);
	ok(ln_detect_verdict(&d) == LN_CORRUPTING, "corrupting lasts");
	ln_detect_reset(&d);
	ok(ln_detect_verdict(&d) == LN_INCONCLUSIVE, "until it is reset");
}

/* Frames without errors are the same in one sample and in many. */
static void test_sampling(void)
{
	struct ln_detect one = { 0 }, many = { 0 };
	struct ln_detect_cfg cfg;
	unsigned int i, bad = 0;

	cfg_default(&cfg);
	ln_detect_add(&one, &cfg, 10, 1, 10000);
	ln_detect_add(&many, &cfg, 10, 1, 10000);
	ln_detect_add(&one, &cfg, 1000000, 0, SECOND);
	for (i = 0; i < 100000; i++)
		ln_detect_add(&many, &cfg, 10, 0, SECOND / 100000);
	for (i = 0; i < cfg.n_alts; i++)
		bad += one.run[i].evidence != many.run[i].evidence;
	ok(!bad && one.health == many.health, "clean samples add up exactly");
}

static void test_decisions(struct rnd *r, double load)
{
	static const double losses[] = { 1 / 1e7, 1 / 1e6, 1 / 1e5, 0.0001, 0.001, 0.01 };
	struct sim sim = { .rnd = *r, .rate = sim_rate(100, load) };
	double frames, limit, history;
	unsigned int i;

	cfg_default(&sim.cfg);
	for (i = 0; i < 2 * ARRAY_SIZE(losses); i++) {
		history = i & 1 ? 3e8 : 0;
		limit = sim_wald(&sim, losses[i / 2], sim_log_alpha(&sim, i / 2 * 2, false));
		limit = sim_limit(limit, losses[i / 2]);
		frames = sim_frames_to_decision(&sim, losses[i / 2], history, 2500);
		ok(frames <= 1.3 * limit,
		   "loss %.0e at %.0f %% load, %s: %.3g frames, %.3f of the limit", losses[i / 2],
		   load * 100, history ? "after health" : "new link", frames, frames / limit);
	}
	/* The target is one that can be missed. */
	sim.cfg.n_alts = 1;
	limit = sim_limit(sim_wald(&sim, 0.0001, sim_log_alpha(&sim, 6, false)), 0.0001);
	frames = sim_frames_to_decision(&sim, 0.0001, 0, 500);
	ok(frames > 1.3 * limit, "one alternative alone takes %.2f of the limit at 1e-4",
	   frames / limit);
	*r = sim.rnd;
}

static void test_decisions_polled(struct rnd *r)
{
	static const double losses[] = { 1 / 1e7, 1 / 1e6, 1 / 1e5, 0.0001, 0.001, 0.01 };
	struct sim sim = { .rnd = *r, .rate = FRAMES, .poll = FRAMES };
	double frames, limit;
	unsigned int i;

	cfg_default(&sim.cfg);
	for (i = 0; i < ARRAY_SIZE(losses); i++) {
		limit = sim_wald(&sim, losses[i], sim_log_alpha(&sim, i * 2, false));
		limit = fmax(sim_limit(limit, losses[i]), 3.0 * sim.poll);
		frames = sim_frames_to_decision(&sim, losses[i], 1e7, 300);
		ok(frames <= 1.3 * limit + sim.poll, "loss %.0e polled each second: %.2f s",
		   losses[i], frames / sim.rate);
	}
	*r = sim.rnd;
}

static void test_false_alarms(struct rnd *r)
{
	struct sim sim = { .rnd = *r, .rate = FRAMES };
	double sampled, error, counted, sum = 0;
	unsigned int i;

	cfg_default(&sim.cfg);
	sampled = sim_false(&sim, 30000, &error);
	for (i = 0; i < sim.cfg.n_alts; i++)
		sum += sim_false_exact(&sim, i);
	ok(sampled + 3 * error <= 0.001, "false isolations: %.2g +- %.1g a year, at most 1e-3",
	   sampled, error);
	ok(sum <= 0.001 && sampled - 4 * error <= sum && sampled > sum / 20,
	   "each alternative alone, exactly, in sum: %.2g a year", sum);

	/* A bound of a thousand a year can be counted. */
	ln_detect_cfg_init(&sim.cfg, LN_P0_DEFAULT, LN_P1_DEFAULT, LN_BOUND_MAX, LN_MISS_DEFAULT);
	sampled = sim_false(&sim, 30000, &error);
	counted = sim_false_counted(&sim, 4);
	ok(counted <= 1000, "%.3g a year are counted where 1000 are allowed", counted);
	ok(fabs(counted - sampled) < 4 * (error + sqrt(sampled / 4)),
	   "as many as importance sampling says, %.3g +- %.1g", sampled, error);

	/* A link ten times as bad as it should be is no false alarm. */
	ln_detect_cfg_init(&sim.cfg, LN_P0_DEFAULT / 10, LN_P1_DEFAULT, LN_BOUND_DEFAULT,
			   LN_MISS_DEFAULT);
	sim.cfg.p0 = LN_P0_DEFAULT;
	counted = sim_false_counted(&sim, 0.05);
	ok(counted > 1000, "a link that loses ten times p0 is isolated");
	*r = sim.rnd;
}

/* The part of the moments at which a link that loses @p is called healthy. */
static double healthy_part(struct sim *sim, double p, unsigned int moments)
{
	struct ln_detect d = { 0 };
	unsigned int i, healthy = 0;

	for (i = 0; i < moments; i++) {
		sim_run(sim, &d, p, 3e7, false);
		healthy += d.verdict == LN_HEALTHY;
		if (d.verdict == LN_CORRUPTING)
			d.verdict = LN_INCONCLUSIVE;
	}
	return (double)healthy / moments;
}

static void test_misses(struct rnd *r)
{
	struct sim sim = { .rnd = *r, .rate = FRAMES };
	double at_p0, at_p1;

	ln_detect_cfg_init(&sim.cfg, LN_P0_DEFAULT, LN_P1_DEFAULT, LN_BOUND_DEFAULT, 20000);
	at_p1 = healthy_part(&sim, 1 / 1e7, 100000);
	at_p0 = healthy_part(&sim, 1 / 1e8, 20000);
	ok(at_p1 <= 0.02, "a link that loses p1 is called healthy %.2f %% of the time, 2 %% allowed",
	   at_p1 * 100);
	ok(at_p0 > 0.95, "one that loses p0 is so %.1f %% of the time", at_p0 * 100);
	*r = sim.rnd;
}

enum { FCS, FEC, PROBE, STREAMS };

struct streams {
	struct ln_detect_cfg cfg;
	struct ln_detect d[STREAMS];
	struct ln_detect_blind b;
};

static void feed(struct streams *s, unsigned int i, u64 trials, u64 errors)
{
	ln_detect_feed(&s->b, s->d, STREAMS, i, &s->cfg, trials, errors, SECOND);
}

static void convict(struct streams *s, unsigned int i)
{
	unsigned int k;

	for (k = 0; k < 10 && ln_detect_verdict(&s->d[i]) != LN_CORRUPTING; k++)
		feed(s, i, FRAMES, 100);
}

/* All that is known is forgotten, as when the link is drained. */
static void drain(struct streams *s)
{
	unsigned int i;

	for (i = 0; i < STREAMS; i++)
		ln_detect_reset(&s->d[i]);
}

/* Which streams are witnesses, when one of them convicts a link. */
static void test_blind(void)
{
	struct streams s = {};

	cfg_default(&s.cfg);
	feed(&s, FEC, 1000000000, 0);
	feed(&s, PROBE, 1000, 0);
	ok(ln_detect_has_say(&s.b, s.d, FEC), "FEC is a witness of a link that is healthy");
	convict(&s, FCS);
	ok(!ln_detect_has_say(&s.b, s.d, FEC), "not when frames are broken, and it says healthy");
	ok(ln_detect_has_say(&s.b, s.d, FCS) && ln_detect_has_say(&s.b, s.d, PROBE),
	   "what convicts, and what did not know, are");
	drain(&s);
	feed(&s, FEC, 1000000000, 0);
	feed(&s, FEC, 1000000000, 0);
	ok(ln_detect_verdict(&s.d[FEC]) == LN_HEALTHY && !ln_detect_has_say(&s.b, s.d, FEC),
	   "it cannot prove the link that it did not convict");
	feed(&s, FEC, 1000000000, 20);
	ok(!ln_detect_has_say(&s.b, s.d, FEC), "errors as any line has do not make it see");
	convict(&s, FEC);
	ok(ln_detect_has_say(&s.b, s.d, FEC), "what convicts sees");
	drain(&s);
	feed(&s, FEC, 1000000000, 0);
	ok(ln_detect_has_say(&s.b, s.d, FEC), "so it may prove the link then");

	/* Its last reading was older than the fault. */
	memset(&s, 0, sizeof(s));
	cfg_default(&s.cfg);
	feed(&s, FEC, 1000000000, 0);
	convict(&s, FCS);
	drain(&s);
	feed(&s, FEC, 0, 0);
	feed(&s, FEC, 1000000000, 5000);
	ok(ln_detect_has_say(&s.b, s.d, FEC), "its next reading tells whether it saw");
	memset(&s, 0, sizeof(s));
	cfg_default(&s.cfg);
	feed(&s, FEC, 1000000000, 0);
	convict(&s, FCS);
	feed(&s, FEC, 1000000000, 0);
	feed(&s, FEC, 1000000000, 5000);
	ok(!ln_detect_has_say(&s.b, s.d, FEC), "not one after that");
	/* Each may convict, and then the others are asked again. */
	convict(&s, PROBE);
	ok(ln_detect_has_say(&s.b, s.d, PROBE) && ln_detect_has_say(&s.b, s.d, FCS) &&
	   !ln_detect_has_say(&s.b, s.d, FEC), "two that see outvote nobody");
}

int main(void)
{
	struct rnd rnd;

	/* What is random here are means; another seed is taken when asked for. */
	rnd_seed(&rnd, getenv("ASHLAR_SEED") ? native_seed() : 1);
	test_cfg();
	test_blind();
	test_interval();
	test_interval_random(&rnd);
	test_arithmetic(&rnd);
	test_extremes(&rnd);
	test_answers();
	test_sampling();
	test_decisions(&rnd, 0.01);
	test_decisions(&rnd, 0.1);
	test_decisions_polled(&rnd);
	test_false_alarms(&rnd);
	test_misses(&rnd);
	return done();
}
