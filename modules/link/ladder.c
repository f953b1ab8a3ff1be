// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ladder. Both ends of a link run it; what one needs of the other comes by
 * heartbeat. A link leaves service like this:
 *
 *   decider:   WATCH -> WANTED -> PENDING ------------> ACTING -> DRAINED
 *                                 | round N     ^ agree N  | tells
 *   follower:  WATCH              `-> PENDING --'          `-> ACTING -> DRAINED
 *
 * and comes back like this, when both ends have proof and it has held:
 *
 *   decider:   DRAINED -> RETURNING -> WATCH
 *   follower:  DRAINED ----> RETURNING -> WATCH
 *
 * An end agrees only if its own guard holds, and from then on counts the link
 * as lost, as the decider does from its proposal on. So whatever the order of
 * messages, neither end can lose more members than it agreed to, and two
 * proposals about two links of one group cannot both pass a guard that only
 * one of them leaves intact. A proposal or an agreement that leads nowhere
 * expires.
 */
#include "ladder.h"

static enum ln_do enter(struct ln_ladder *l, enum ln_state state,
			enum ln_why why, u64 now)
{
	bool news = l->state != state || l->why != why;

	if (l->state != state)
		l->since = now;
	l->state = state;
	l->why = why;
	return news ? LN_DO_TELL : LN_DO_NOTHING;
}

void ln_ladder_init(struct ln_ladder *l, const struct ln_ladder_cfg *cfg,
		    u64 now)
{
	*l = (struct ln_ladder){
		.since = now,
		.hold_ms = cfg->hold_ms,
	};
}

bool ln_ladder_out(const struct ln_ladder *l)
{
	return l->state >= LN_PENDING;
}

static bool peer_believed(const struct ln_ladder_in *in)
{
	return in->peer_fresh && in->peer_trusted && !in->alone;
}

/* The other end has taken the link out, or is at it. */
static bool peer_out(const struct ln_ladder_in *in)
{
	return peer_believed(in) && (in->peer_state == LN_ACTING ||
				     in->peer_state == LN_DRAINED);
}

static bool peer_in(const struct ln_ladder_in *in)
{
	return peer_believed(in) && (in->peer_state == LN_WATCH ||
				     in->peer_state == LN_WANTED);
}

/* A member of a bond that is drained by hand is the module's, whatever the action. */
static bool needs_helper(const struct ln_ladder_in *in)
{
	return in->group == LN_GROUP_NEXTHOP ||
	       (in->action == LN_ACTION_DOWN && !in->want_out);
}

/* The operator's wish to drain goes beyond the rung that is allowed by itself. */
static enum ln_do act_of(const struct ln_ladder_in *in)
{
	if (in->want_out || in->action == LN_ACTION_DRAIN)
		return LN_DO_DRAIN;
	return in->action == LN_ACTION_DOWN ? LN_DO_DOWN : LN_DO_REWEIGHT;
}

static enum ln_do begin(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	enum ln_do what = act_of(in);

	l->acted = false;
	enter(l, what == LN_DO_REWEIGHT ? LN_REWEIGHTED : LN_ACTING,
	      LN_WHY_NONE, in->now);
	return what;
}

/* The follower does as it is told, whatever rung its own operator allows by itself. */
static enum ln_do begin_following(struct ln_ladder *l,
				  const struct ln_ladder_in *in)
{
	l->follows = true;
	l->acted = false;
	enter(l, LN_ACTING, LN_WHY_NONE, in->now);
	return LN_DO_DRAIN;
}

/* What keeps this end from letting the link go; LN_WHY_NONE if nothing does. */
static enum ln_why objection(const struct ln_ladder_in *in)
{
	if (in->group == LN_GROUP_NONE)
		return LN_WHY_NONE;
	if (!in->guard)
		return LN_WHY_GUARD;
	if (!in->topology)
		return LN_WHY_TOPOLOGY;
	if (needs_helper(in) && !in->helper)
		return LN_WHY_HELPER_ABSENT;
	return LN_WHY_NONE;
}

/* What keeps this end from beginning. */
static enum ln_why obstacle(const struct ln_ladder *l,
			    const struct ln_ladder_in *in)
{
	if (in->action == LN_ACTION_OBSERVE && !in->want_out)
		return LN_WHY_OBSERVE;
	if (in->group == LN_GROUP_NONE)
		return LN_WHY_NO_GROUP;
	if (act_of(in) == LN_DO_REWEIGHT) {
		if (in->group != LN_GROUP_NEXTHOP)
			return LN_WHY_NO_GROUP;
		if (!in->helper)
			return LN_WHY_HELPER_ABSENT;
		return in->now < l->retry ? l->why : LN_WHY_NONE;
	}
	if (!in->alone && !in->peer_fresh)
		return LN_WHY_NO_PEER;
	if (!in->alone && !in->peer_trusted)
		return LN_WHY_NO_KEY;
	if (!in->alone && !in->decider && !in->want_out)
		return LN_WHY_PEER_DECIDES;
	if (objection(in))
		return objection(in);
	return in->now < l->retry ? l->why : LN_WHY_NONE;
}

static enum ln_do follow(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	enum ln_why why = objection(in);

	if (in->action == LN_ACTION_OBSERVE && in->group != LN_GROUP_NONE)
		why = LN_WHY_OBSERVE;
	if (why) {
		l->refused = in->peer_round;
		return enter(l, l->acted ? LN_REWEIGHTED : LN_WANTED, why,
			     in->now);
	}
	l->agree = in->peer_round;
	l->follows = true;
	return enter(l, LN_PENDING, LN_WHY_NONE, in->now);
}

/* What failed is not tried again at once, whoever asks for it. */
static bool rests(const struct ln_ladder *l, const struct ln_ladder_in *in)
{
	return in->now < l->retry && (l->why == LN_WHY_FAILED ||
				      l->why == LN_WHY_HELPER_FAILED);
}

/* In service. */
static enum ln_do idle(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	enum ln_why why;

	l->follows = false;
	l->agree = 0;
	l->refused = 0;
	if (in->want_out && in->force && in->group != LN_GROUP_NONE)
		return begin(l, in);
	/* What is sent to an end that took the link out is lost. */
	if (peer_out(in) && !in->peer_left)
		return rests(l, in) ? enter(l, LN_WANTED, l->why, in->now) :
				      begin_following(l, in);
	if (peer_believed(in) && in->peer_state == LN_PENDING && in->peer_round)
		return follow(l, in);
	if (!in->bad && !in->want_out)
		return enter(l, LN_WATCH, LN_WHY_NONE, in->now);
	why = obstacle(l, in);
	if (why)
		return enter(l, LN_WANTED, why, in->now);
	if (in->alone || act_of(in) == LN_DO_REWEIGHT)
		return begin(l, in);
	if (!++l->round)
		l->round = 1;
	return enter(l, LN_PENDING, LN_WHY_NONE, in->now);
}

static enum ln_do no_agreement(struct ln_ladder *l,
			       const struct ln_ladder_in *in, enum ln_why why)
{
	l->retry = in->now + LN_RETRY_MS;
	return enter(l, LN_WANTED, why, in->now);
}

/* We asked. */
static enum ln_do asked(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	enum ln_why why = objection(in);

	if (!in->bad && !in->want_out)
		return enter(l, LN_WATCH, LN_WHY_NONE, in->now);
	if (!peer_believed(in))
		return no_agreement(l, in, LN_WHY_NO_PEER);
	if (why)
		return enter(l, LN_WANTED, why, in->now);
	/* Both asked, one of them by hand: the decider's proposal stands. */
	if (!in->decider && in->peer_state == LN_PENDING && !in->peer_agree)
		return follow(l, in);
	if (in->peer_agree == l->round)
		return begin(l, in);
	if (peer_out(in))
		return begin_following(l, in);
	if (in->peer_refused == l->round || in->now - l->since > LN_AGREE_MS)
		return no_agreement(l, in, LN_WHY_NO_AGREEMENT);
	return LN_DO_NOTHING;
}

/* We were asked, and agreed. */
static enum ln_do agreed(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	if (peer_out(in))
		return begin_following(l, in);
	if (peer_believed(in) && in->peer_state == LN_PENDING &&
	    in->peer_round == l->agree && in->now - l->since <= 2 * LN_AGREE_MS)
		return LN_DO_NOTHING;
	l->agree = 0;
	l->follows = false;
	/* One that was reweighted is so still. */
	return enter(l, l->acted ? LN_REWEIGHTED : LN_WATCH, LN_WHY_NONE,
		     in->now);
}

/* Each relapse doubles the time for which the next proof has to hold. */
static void hold_down(struct ln_ladder *l, const struct ln_ladder_cfg *cfg,
		      u64 now)
{
	if (!l->returned || now - l->returned > cfg->relapse_ms) {
		l->relapses = 0;
		l->hold_ms = cfg->hold_ms;
		return;
	}
	l->relapses++;
	l->hold_ms = min_t(u64, 2 * (u64)l->hold_ms, cfg->hold_max_ms);
}

/* What was begun failed, or takes too long? */
static enum ln_do failing(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	if (!in->failed && in->now - l->since <= LN_JOB_MS)
		return LN_DO_NOTHING;
	l->agree = 0;
	l->follows = false;
	l->retry = in->now + LN_JOB_MS;
	if (!needs_helper(in))
		return enter(l, LN_WANTED, LN_WHY_FAILED, in->now);
	return enter(l, LN_WANTED, in->helper ? LN_WHY_HELPER_FAILED :
		     LN_WHY_HELPER_ABSENT, in->now);
}

static enum ln_do acting(struct ln_ladder *l, const struct ln_ladder_cfg *cfg,
			 const struct ln_ladder_in *in)
{
	if (!in->done)
		return failing(l, in);
	hold_down(l, cfg, in->now);
	l->by_hand = in->want_out;
	l->proven_since = 0;
	l->apart = 0;
	return enter(l, LN_DRAINED, l->by_hand ? LN_WHY_OPERATOR :
		     LN_WHY_NO_PROOF, in->now);
}

static enum ln_do come_back(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	l->agree = 0;
	l->apart = 0;
	enter(l, LN_RETURNING, LN_WHY_NONE, in->now);
	return LN_DO_RETURN;
}

/* One end in service, the other not, for longer than agreement takes. */
static bool long_apart(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	if (!peer_in(in)) {
		l->apart = 0;
		return false;
	}
	if (!l->apart)
		l->apart = in->now;
	return in->now - l->apart > 2 * LN_AGREE_MS;
}

static enum ln_do drained(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	bool proof = in->proven && (in->alone || (peer_believed(in) &&
						  in->peer_proven));

	if (rests(l, in))
		return LN_DO_NOTHING;
	if (in->want_in && in->force)
		return come_back(l, in);
	/* Out already, but from now on it stays out. */
	if (in->want_out)
		l->by_hand = true;
	if (in->want_in)
		l->by_hand = false;
	if (peer_believed(in) && in->peer_state == LN_RETURNING)
		return come_back(l, in);
	if (l->by_hand)
		return enter(l, LN_DRAINED, LN_WHY_OPERATOR, in->now);
	if (in->peer_left || long_apart(l, in))
		return come_back(l, in);
	if (!proof) {
		l->proven_since = 0;
		return enter(l, LN_DRAINED, LN_WHY_NO_PROOF, in->now);
	}
	if (!l->proven_since)
		l->proven_since = in->now;
	if (in->now - l->proven_since < l->hold_ms)
		return enter(l, LN_DRAINED, LN_WHY_HOLD_DOWN, in->now);
	if (in->alone || in->decider || in->want_in)
		return come_back(l, in);
	return enter(l, LN_DRAINED, LN_WHY_PEER_DECIDES, in->now);
}

/* In service still, so what it carries is the proof; that of this end will do. */
static enum ln_do reweighted(struct ln_ladder *l,
			     const struct ln_ladder_cfg *cfg,
			     const struct ln_ladder_in *in)
{
	l->refused = 0;
	if (peer_out(in) || (peer_believed(in) && in->peer_round &&
			     in->peer_state == LN_PENDING))
		return idle(l, in);
	if (!l->acted && !in->done)
		return failing(l, in);
	if (!l->acted) {
		hold_down(l, cfg, in->now);
		l->acted = true;
		l->proven_since = 0;
	}
	if (rests(l, in))
		return LN_DO_NOTHING;
	if (in->want_in && in->force)
		return come_back(l, in);
	if (in->bad || !in->proven) {
		l->proven_since = 0;
		return enter(l, LN_REWEIGHTED, LN_WHY_NO_PROOF, in->now);
	}
	if (!l->proven_since)
		l->proven_since = in->now;
	if (in->now - l->proven_since < l->hold_ms)
		return enter(l, LN_REWEIGHTED, LN_WHY_HOLD_DOWN, in->now);
	return come_back(l, in);
}

static enum ln_do returning(struct ln_ladder *l, const struct ln_ladder_in *in)
{
	if (in->failed || (l->returned < l->since && !in->done &&
			   in->now - l->since > LN_JOB_MS)) {
		l->proven_since = in->now;
		l->retry = in->now + LN_JOB_MS;
		return enter(l, l->acted ? LN_REWEIGHTED : LN_DRAINED,
			     LN_WHY_FAILED, in->now);
	}
	if (in->done)
		l->returned = in->now;
	if (l->returned < l->since)
		return LN_DO_NOTHING;
	/*
	 * Not into watch while the other end still says that it is out, or is
	 * not heard yet, because the device was down: its last word was that.
	 */
	if ((peer_out(in) ||
	     !(in->alone || in->peer_fresh || in->peer_left)) &&
	    in->now - l->returned <= LN_AGREE_MS)
		return LN_DO_NOTHING;
	l->by_hand = false;
	l->follows = false;
	l->acted = false;
	return enter(l, LN_WATCH, LN_WHY_NONE, in->now);
}

enum ln_do ln_ladder_step(struct ln_ladder *l, const struct ln_ladder_cfg *cfg,
			  const struct ln_ladder_in *in)
{
	switch (l->state) {
	case LN_REWEIGHTED:
		return reweighted(l, cfg, in);
	case LN_PENDING:
		return l->follows ? agreed(l, in) : asked(l, in);
	case LN_ACTING:
		return acting(l, cfg, in);
	case LN_DRAINED:
		return drained(l, in);
	case LN_RETURNING:
		return returning(l, in);
	default:
		return idle(l, in);
	}
}
