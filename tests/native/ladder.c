// SPDX-License-Identifier: GPL-2.0-only
/* native: modules/link/ladder.c */
/*
 * Two hosts with a bond of several links between them, each end with a ladder
 * for each link, and heartbeats that are late, lost or overtaken. Whatever is
 * wrong with which link in which direction, whoever restarts: never are fewer
 * links in service at both ends than both ends want to keep, unless somebody
 * forced it; and when the world is quiet again, both ends agree.
 */
#include <stdio.h>
#include <string.h>

#include "modules/link/ladder.h"
#include "native.h"

#define HOSTS		2
#define MAX_LINKS	4
#define STEP_MS		100
#define BEAT_MS		1000
#define FRESH_MS	3500
#define IN_FLIGHT	8

struct word {
	bool there;
	u64 at;
	u64 seq;
	enum ln_state state;
	u32 round;
	u32 agree;
	u32 refused;
	bool proven;
	bool left;
};

struct end {
	struct ln_ladder ladder;
	struct word told;		/* the last believed word of the other end */
	struct word flying[IN_FLIGHT];	/* words on their way to this end */
	u64 seq;
	u64 beat;
	u64 job;			/* when the job is done; 0 for none */
	bool job_fails;
	enum ln_do what;
	bool out;			/* of the bond */
	bool done;
	bool failed;
	bool proven;
	bool want_out;
	bool want_in;
};

struct world {
	struct rnd rnd;
	u64 now;
	unsigned int n;
	unsigned int keep[HOSTS];
	unsigned int loss;		/* per cent of the words */
	unsigned int delay;		/* at most so many ms */
	unsigned int fail;		/* per cent of the jobs */
	bool bad[MAX_LINKS];		/* either direction: both ends know */
	bool dead[MAX_LINKS];		/* no word gets through */
	struct end end[HOSTS][MAX_LINKS];
	unsigned int drained;		/* times that anything left service */
	unsigned int returned;
	const char *wrong;
	bool careless;			/* a guard that does not count what is pending */
};

static const struct ln_ladder_cfg cfg = {
	.hold_ms = 3000, .hold_max_ms = 60000, .relapse_ms = 600000,
};

static bool fresh(const struct world *w, const struct end *e)
{
	return e->told.there && w->now - e->told.at <= FRESH_MS;
}

/* As group.c counts. */
static bool guard(const struct world *w, unsigned int h, unsigned int link)
{
	unsigned int i, left = 0;

	for (i = 0; i < w->n; i++) {
		const struct end *e = &w->end[h][i];

		if (i == link)
			continue;
		if (w->careless)
			left += !e->out;
		else
			left += !e->out && !ln_ladder_out(&e->ladder) &&
				fresh(w, e) && e->told.state < LN_PENDING;
	}
	return left >= w->keep[h];
}

static void say(struct world *w, unsigned int h, unsigned int i, bool left)
{
	struct end *from = &w->end[h][i], *to = &w->end[!h][i];
	struct word *word = &to->flying[rnd_below(&w->rnd, IN_FLIGHT)];

	from->seq++;
	from->beat = w->now;
	if (w->dead[i] || rnd_below(&w->rnd, 100) < w->loss)
		return;
	*word = (struct word){
		.there = true,
		.at = w->now + rnd_below(&w->rnd, w->delay + 1),
		.seq = from->seq,
		.state = from->ladder.state,
		.round = from->ladder.state == LN_PENDING && !from->ladder.follows ?
			from->ladder.round : 0,
		.agree = from->ladder.agree,
		.refused = from->ladder.refused,
		.proven = from->proven,
		.left = left,
	};
}

static void hear(struct world *w, struct end *e)
{
	unsigned int k;

	for (k = 0; k < IN_FLIGHT; k++) {
		struct word *word = &e->flying[k];

		if (!word->there || word->at > w->now)
			continue;
		if (word->seq > e->told.seq) {
			e->told = *word;
			e->told.at = w->now;
		}
		word->there = false;
	}
}

static void gather(struct world *w, unsigned int h, unsigned int i,
		   struct ln_ladder_in *in)
{
	struct end *e = &w->end[h][i];

	*in = (struct ln_ladder_in){
		.now = w->now,
		.action = LN_ACTION_DRAIN,
		.group = LN_GROUP_BOND,
		.bad = w->bad[i] && !e->out,
		.proven = e->proven && e->ladder.state == LN_DRAINED,
		.peer_proven = e->told.proven,
		.decider = ln_decider(h, !h, true, true),
		.peer_fresh = fresh(w, e),
		.peer_trusted = true,
		.peer_state = e->told.state,
		.peer_round = e->told.round,
		.peer_agree = e->told.agree,
		.peer_refused = e->told.refused,
		.peer_left = e->told.left,
		.guard = guard(w, h, i),
		.topology = true,
		.done = e->done,
		.failed = e->failed,
		.want_out = e->want_out,
		.want_in = e->want_in,
	};
	e->done = false;
	e->failed = false;
}

static void end_step(struct world *w, unsigned int h, unsigned int i)
{
	struct end *e = &w->end[h][i];
	struct ln_ladder before;
	struct ln_ladder_in in;
	enum ln_do what;
	unsigned int n;

	hear(w, e);
	if (e->job && w->now >= e->job) {
		e->job = 0;
		e->done = !e->job_fails;
		e->failed = e->job_fails;
		if (e->done) {
			e->out = e->what != LN_DO_RETURN;
			w->drained += e->out;
			w->returned += !e->out;
		}
	}
	e->proven = e->out && !w->bad[i] && w->now - e->ladder.since > 2000;
	for (n = 0; n < 6; n++) {
		before = e->ladder;
		gather(w, h, i, &in);
		what = ln_ladder_step(&e->ladder, &cfg, &in);
		if (e->ladder.state == LN_DRAINED)
			e->want_out = false;
		if (e->ladder.state == LN_WATCH)
			e->want_in = false;
		if (e->ladder.state != before.state || e->ladder.why != before.why)
			say(w, h, i, false);
		if (what == LN_DO_NOTHING)
			break;
		if (what == LN_DO_TELL)
			continue;
		e->what = what;
		e->job_fails = rnd_below(&w->rnd, 100) < w->fail;
		e->job = w->now + 1 + rnd_below(&w->rnd, 300);
	}
	if (w->now - e->beat >= BEAT_MS)
		say(w, h, i, false);
}

static unsigned int in_service(const struct world *w)
{
	unsigned int i, n = 0;

	for (i = 0; i < w->n; i++)
		n += !w->end[0][i].out && !w->end[1][i].out;
	return n;
}

/* The module of a host is unloaded and loaded: what was out is put back. */
static void restart(struct world *w, unsigned int h, bool bye)
{
	unsigned int i;

	for (i = 0; i < w->n; i++) {
		struct end *e = &w->end[h][i];
		u64 seq = e->seq;

		e->ladder = (struct ln_ladder){};
		if (bye)
			say(w, h, i, true);
		seq = e->seq;
		*e = (struct end){ .seq = seq };
		ln_ladder_init(&e->ladder, &cfg, w->now);
	}
}

static void step(struct world *w)
{
	unsigned int keep = min(w->keep[0], w->keep[1]);
	unsigned int h, i;

	w->now += STEP_MS;
	for (h = 0; h < HOSTS; h++)
		for (i = 0; i < w->n; i++)
			end_step(w, (h + w->now / STEP_MS) % HOSTS, i);
	if (in_service(w) < keep)
		w->wrong = "fewer links in service than are to be kept";
}

static void world_init(struct world *w, u64 seed)
{
	unsigned int h, i;

	memset(w, 0, sizeof(*w));
	rnd_seed(&w->rnd, seed);
	w->now = 100000;
	w->n = 2 + rnd_below(&w->rnd, MAX_LINKS - 1);
	w->loss = rnd_below(&w->rnd, 2) ? rnd_below(&w->rnd, 60) : 0;
	w->delay = rnd_below(&w->rnd, 1500);
	w->fail = rnd_below(&w->rnd, 3) ? 0 : 20;
	for (h = 0; h < HOSTS; h++) {
		w->keep[h] = 1 + rnd_below(&w->rnd, w->n - 1);
		for (i = 0; i < w->n; i++)
			ln_ladder_init(&w->end[h][i].ladder, &cfg, w->now);
	}
}

/* Trouble of every kind for a while. */
static void trouble(struct world *w, unsigned int steps, bool restarts)
{
	unsigned int i;

	while (steps-- && !w->wrong) {
		i = rnd_below(&w->rnd, w->n);
		switch (rnd_below(&w->rnd, 60)) {
		case 0:
		case 1:
			w->bad[i] = true;
			break;
		case 2:
			w->bad[i] = false;
			break;
		case 3:
			w->dead[i] = !w->dead[i];
			break;
		case 4:
			w->end[rnd_below(&w->rnd, HOSTS)][i].want_out = true;
			break;
		case 5:
			w->end[rnd_below(&w->rnd, HOSTS)][i].want_in = true;
			break;
		case 6:
			if (restarts && !rnd_below(&w->rnd, 5))
				restart(w, rnd_below(&w->rnd, HOSTS),
					rnd_below(&w->rnd, 2));
			break;
		}
		step(w);
	}
}

/* All is well for ten minutes: everything is back, and both ends know. */
static void quiet(struct world *w)
{
	unsigned int h, i, n;

	memset(w->bad, 0, sizeof(w->bad));
	memset(w->dead, 0, sizeof(w->dead));
	w->loss = 0;
	w->fail = 0;
	for (h = 0; h < HOSTS; h++)
		for (i = 0; i < w->n; i++) {
			w->end[h][i].want_out = false;
			w->end[h][i].want_in = true;
		}
	for (n = 0; n < 6000 && !w->wrong; n++)
		step(w);
	for (h = 0; h < HOSTS && !w->wrong; h++)
		for (i = 0; i < w->n; i++)
			if (w->end[h][i].ladder.state != LN_WATCH || w->end[h][i].out)
				w->wrong = "not all is back in a world without trouble";
}

static bool random_worlds(u64 seed, unsigned int runs, bool restarts)
{
	unsigned int run, drained = 0, returned = 0;
	struct world w;

	for (run = 0; run < runs; run++) {
		world_init(&w, seed + run);
		trouble(&w, 1500, restarts);
		quiet(&w);
		drained += w.drained;
		returned += w.returned;
		if (w.wrong) {
			printf("# seed %llu, time %llu, %u links, keep %u and %u: %s\n",
			       (unsigned long long)(seed + run),
			       (unsigned long long)w.now, w.n, w.keep[0],
			       w.keep[1], w.wrong);
			return false;
		}
	}
	printf("# %u worlds, %u times out of service, %u times back\n", run,
	       drained, returned);
	return drained > runs && returned > runs;
}

/* What is asked of the test itself: that a careless guard is found out. */
static bool careless_is_found(u64 seed)
{
	unsigned int run;
	struct world w;

	for (run = 0; run < 300; run++) {
		world_init(&w, seed + run);
		w.careless = true;
		trouble(&w, 1500, false);
		if (w.wrong)
			return true;
	}
	return false;
}

/* A bad link of a calm pair is out at both ends within seconds, the other one never. */
static bool both_bad_at_once(void)
{
	struct world w;
	unsigned int n;

	world_init(&w, 1);
	w.n = 2;
	w.keep[0] = 1;
	w.keep[1] = 1;
	w.loss = 0;
	w.fail = 0;
	w.delay = 50;
	w.bad[0] = true;
	w.bad[1] = true;
	for (n = 0; n < 3000 && !w.wrong; n++) {
		step(&w);
		if (n == 100 && in_service(&w) != 1)
			w.wrong = "no link was taken out in 10 s";
	}
	if (w.wrong)
		printf("# %s\n", w.wrong);
	return !w.wrong && in_service(&w) == 1;
}

static struct ln_ladder_in calm(u64 now)
{
	return (struct ln_ladder_in){
		.now = now, .action = LN_ACTION_DRAIN, .group = LN_GROUP_BOND,
		.bad = true, .guard = true, .topology = true, .decider = true,
		.peer_fresh = true, .peer_trusted = true, .helper = true,
	};
}

/* One thing in the way at a time, and the reason that is given. */
static void obstacles(void)
{
	static const struct {
		const char *name;
		enum ln_why why;
	} rows[] = {
		{ "nothing in the way", LN_WHY_NONE },
		{ "the operator only looks", LN_WHY_OBSERVE },
		{ "no group", LN_WHY_NO_GROUP },
		{ "the guard", LN_WHY_GUARD },
		{ "the topology", LN_WHY_TOPOLOGY },
		{ "no heartbeat", LN_WHY_NO_PEER },
		{ "no key", LN_WHY_NO_KEY },
		{ "the other end decides", LN_WHY_PEER_DECIDES },
		{ "no helper for a nexthop group", LN_WHY_HELPER_ABSENT },
		{ "a bond cannot be reweighted", LN_WHY_NO_GROUP },
	};
	struct ln_ladder_in in;
	struct ln_ladder l;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ln_ladder_init(&l, &cfg, 1000);
		in = calm(2000);
		switch (i) {
		case 1:
			in.action = LN_ACTION_OBSERVE;
			break;
		case 2:
			in.group = LN_GROUP_NONE;
			break;
		case 3:
			in.guard = false;
			break;
		case 4:
			in.topology = false;
			break;
		case 5:
			in.peer_fresh = false;
			break;
		case 6:
			in.peer_trusted = false;
			break;
		case 7:
			in.decider = false;
			break;
		case 8:
			in.group = LN_GROUP_NEXTHOP;
			in.helper = false;
			break;
		case 9:
			in.action = LN_ACTION_REWEIGHT;
			break;
		}
		ln_ladder_step(&l, &cfg, &in);
		ok(l.why == rows[i].why &&
		   l.state == (i ? LN_WANTED : LN_PENDING), "%s", rows[i].name);
	}
}

/* Drained, proven, back, and drained again: the hold-down doubles, up to its limit. */
static void relapses(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;
	u64 now = 1000, back;
	unsigned int i;
	u32 hold = cfg.hold_ms;
	bool good = true;

	in.alone = true;
	ln_ladder_init(&l, &cfg, now);
	for (i = 0; i < 8 && good; i++) {
		in.bad = true;
		in.now = now += 10;
		good = ln_ladder_step(&l, &cfg, &in) == LN_DO_DRAIN;
		in.done = true;
		ln_ladder_step(&l, &cfg, &in);
		in.done = false;
		in.bad = false;
		good = good && l.state == LN_DRAINED && l.hold_ms == hold &&
		       l.relapses == i;
		in.proven = true;
		back = now;
		while (ln_ladder_step(&l, &cfg, &in) != LN_DO_RETURN &&
		       now - back < 1000000)
			in.now = now += 100;
		good = good && now - back >= hold && now - back < hold + 300;
		in.done = true;
		in.proven = false;
		ln_ladder_step(&l, &cfg, &in);
		in.done = false;
		good = good && l.state == LN_WATCH;
		hold = min(2 * hold, cfg.hold_max_ms);
	}
	ok(good, "each relapse doubles the hold-down, up to its limit");
	/* Much later it is no relapse. */
	in.bad = true;
	in.now = now += cfg.relapse_ms + 1000;
	ln_ladder_step(&l, &cfg, &in);
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_DRAINED && !l.relapses && l.hold_ms == cfg.hold_ms,
	   "what errs after a long time has not relapsed");
}

/* Proof that goes before the hold-down is over begins anew. */
static void proof_must_hold(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;

	in.alone = true;
	ln_ladder_init(&l, &cfg, 1000);
	ln_ladder_step(&l, &cfg, &in);
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.bad = false;
	ok(ln_ladder_step(&l, &cfg, &in) != LN_DO_RETURN &&
	   l.why == LN_WHY_NO_PROOF, "without proof it stays out");
	in.proven = true;
	ln_ladder_step(&l, &cfg, &in);
	in.now += cfg.hold_ms - 1;
	ok(ln_ladder_step(&l, &cfg, &in) != LN_DO_RETURN &&
	   l.why == LN_WHY_HOLD_DOWN, "proof has to hold");
	in.proven = false;
	ln_ladder_step(&l, &cfg, &in);
	in.proven = true;
	in.now += 2;
	ok(ln_ladder_step(&l, &cfg, &in) != LN_DO_RETURN,
	   "proof that went begins anew");
	in.now += cfg.hold_ms;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_RETURN, "then it comes back");
}

static void reweight(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;

	in.group = LN_GROUP_NEXTHOP;
	in.action = LN_ACTION_REWEIGHT;
	in.guard = false;
	ln_ladder_init(&l, &cfg, 1000);
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_REWEIGHT &&
	   l.state == LN_REWEIGHTED && !ln_ladder_out(&l),
	   "a reweighted link is not lost, so no guard forbids it");
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.bad = false;
	in.proven = true;
	ln_ladder_step(&l, &cfg, &in);
	in.now += cfg.hold_ms + 1;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_RETURN, "its weight comes back on proof");
	ln_ladder_init(&l, &cfg, in.now);
	in = calm(in.now);
	in.group = LN_GROUP_NEXTHOP;
	in.action = LN_ACTION_REWEIGHT;
	ln_ladder_step(&l, &cfg, &in);
	in.now += LN_JOB_MS + 1;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_WANTED && l.why == LN_WHY_HELPER_FAILED,
	   "a helper that does not answer has failed");
}

/* Not tried again at once: not by itself, nor because the other end is out. */
static void what_failed_rests(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;

	in.bad = false;
	in.decider = false;
	in.peer_state = LN_DRAINED;
	ln_ladder_init(&l, &cfg, 1000);
	ln_ladder_step(&l, &cfg, &in);
	in.failed = true;
	ln_ladder_step(&l, &cfg, &in);
	in.failed = false;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_NOTHING && l.state == LN_WANTED &&
	   l.why == LN_WHY_FAILED, "a drain that failed rests, though the other end is out");
	in.now += LN_JOB_MS;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_DRAIN, "then it is tried again");
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.want_in = true;
	in.force = true;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_RETURN, "it is on its way back");
	in.failed = true;
	ln_ladder_step(&l, &cfg, &in);
	in.failed = false;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_NOTHING && l.state == LN_DRAINED,
	   "a return that failed rests");
	in.now += LN_JOB_MS;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_RETURN, "then that is tried again");
}

static void by_hand(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;

	in.alone = true;
	ln_ladder_init(&l, &cfg, 1000);
	ln_ladder_step(&l, &cfg, &in);
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.bad = false;
	in.proven = true;
	in.want_out = true;
	ln_ladder_step(&l, &cfg, &in);
	in.want_out = false;
	in.now += 1000 * cfg.hold_ms;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_NOTHING && l.why == LN_WHY_OPERATOR,
	   "a drained link that is drained by hand stays out");

	ln_ladder_init(&l, &cfg, 1000);
	in = calm(1000);
	in.alone = true;
	in.bad = false;
	in.action = LN_ACTION_DOWN;
	in.want_out = true;
	in.helper = false;
	ok(ln_ladder_step(&l, &cfg, &in) == LN_DO_DRAIN,
	   "a member of a bond is drained by hand without a helper, whatever the action");
}

/* A proposal about a link that is reweighted: refused, or agreed to and forgotten. */
static void reweighted_stays(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;

	in.group = LN_GROUP_NEXTHOP;
	in.action = LN_ACTION_REWEIGHT;
	ln_ladder_init(&l, &cfg, 1000);
	ln_ladder_step(&l, &cfg, &in);
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.peer_state = LN_PENDING;
	in.peer_round = 3;
	in.guard = false;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_REWEIGHTED && l.refused == 3, "a refusal leaves it reweighted");
	in.guard = true;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_PENDING && l.agree == 3 && !l.refused, "it may be given up");
	in.peer_state = LN_WATCH;
	in.peer_round = 0;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_REWEIGHTED && l.acted, "what comes of nothing leaves it so as well");
	ok(ln_ladder_step(&l, &cfg, &in) != LN_DO_REWEIGHT && l.state == LN_REWEIGHTED,
	   "and nothing is done again");
}

/* The device was down: what was heard last was that the other end is out. */
static void heard_first(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;

	ln_ladder_init(&l, &cfg, 1000);
	in.bad = false;
	in.peer_state = LN_DRAINED;
	ln_ladder_step(&l, &cfg, &in);
	in.done = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.want_in = true;
	in.force = true;
	ln_ladder_step(&l, &cfg, &in);
	in.done = true;
	in.peer_fresh = false;
	ln_ladder_step(&l, &cfg, &in);
	in.done = false;
	in.want_in = false;
	ok(l.state == LN_RETURNING, "what is back waits until the other end is heard");
	in.now += LN_AGREE_MS - 100;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_RETURNING, "for as long as agreement takes");
	in.now += 101;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_WATCH, "and no longer");
}

/* A no ends the wait, if it is about this proposal. */
static void refused(void)
{
	struct ln_ladder_in in = calm(1000);
	struct ln_ladder l;

	ln_ladder_init(&l, &cfg, 1000);
	ln_ladder_step(&l, &cfg, &in);
	in.peer_state = LN_WANTED;
	in.peer_refused = l.round + 1;
	in.now += 100;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_PENDING, "a no to another proposal is none");
	in.peer_refused = l.round;
	in.peer_trusted = false;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.why == LN_WHY_NO_PEER, "nor is a stranger's");
	ln_ladder_init(&l, &cfg, 1000);
	in.peer_trusted = true;
	ln_ladder_step(&l, &cfg, &in);
	in.peer_refused = l.round;
	ln_ladder_step(&l, &cfg, &in);
	ok(l.state == LN_WANTED && l.why == LN_WHY_NO_AGREEMENT &&
	   l.retry == in.now + LN_RETRY_MS, "a no is taken at once");
}

int main(void)
{
	u64 seed = native_seed();

	obstacles();
	relapses();
	proof_must_hold();
	reweight();
	what_failed_rests();
	by_hand();
	reweighted_stays();
	heard_first();
	refused();
	ok(both_bad_at_once(), "two bad links at once: one goes, one stays");
	ok(random_worlds(seed, 400, false), "random worlds");
	ok(random_worlds(seed + 100000, 400, true), "random worlds with restarts");
	ok(careless_is_found(seed), "a guard that forgets what is pending is found out");
	return done();
}
