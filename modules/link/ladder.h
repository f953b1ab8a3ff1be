/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is to be done with a link, from what is known of it: a pure function of
 * evidence, guard, peer and time. act.c carries it out.
 */
#ifndef ASHLAR_LINK_LADDER_H
#define ASHLAR_LINK_LADDER_H

#include "core.h"

/* The same values as in the netlink spec (enum action, state, why). */
enum ln_action {
	LN_ACTION_OBSERVE,
	LN_ACTION_REWEIGHT,
	LN_ACTION_DRAIN,
	LN_ACTION_DOWN,
};

enum ln_state {
	LN_WATCH,	/* in service, nothing wanted */
	LN_WANTED,	/* should be acted upon, and is not: see why */
	LN_REWEIGHTED,	/* in service, with a small share of the traffic */
	LN_PENDING,	/* the other end is asked, or has asked and we agreed */
	LN_ACTING,	/* agreed: the module or the helper is at it */
	LN_DRAINED,	/* out of service, proof is gathered */
	LN_RETURNING,	/* proven: on its way back */
	LN_STATES,
};

enum ln_why {
	LN_WHY_NONE,
	LN_WHY_OBSERVE,		/* the operator asked for no more than to look */
	LN_WHY_NO_GROUP,	/* no bond and no nexthop group: nothing to act upon */
	LN_WHY_GUARD,		/* too few members would be left */
	LN_WHY_TOPOLOGY,	/* a ToR would fall under its share */
	LN_WHY_NO_PEER,		/* no heartbeat from the other end */
	LN_WHY_NO_KEY,		/* the other end's word is not authenticated */
	LN_WHY_NO_AGREEMENT,	/* the other end refused or did not answer */
	LN_WHY_PEER_DECIDES,	/* the other end has to begin */
	LN_WHY_HELPER_ABSENT,
	LN_WHY_HELPER_FAILED,
	LN_WHY_FAILED,		/* the device or the bond refused */
	LN_WHY_HOLD_DOWN,	/* drained: proven, but too early after a relapse */
	LN_WHY_NO_PROOF,	/* drained: not yet proven at both ends */
	LN_WHY_OPERATOR,	/* drained by hand: comes back by hand */
	LN_WHY_MAX,
};

/* What carries a link's traffic besides it. */
enum ln_group_kind {
	LN_GROUP_NONE,
	LN_GROUP_BOND,		/* the module acts */
	LN_GROUP_NEXTHOP,	/* the helper acts */
};

/**
 * struct ln_ladder_in - all that a decision depends on
 * @now: milliseconds, monotonic
 * @action: the highest rung that the operator allows
 * @group: what the link belongs to
 * @bad: this end or, authenticated, the other one says corrupting
 * @proven: this end has proof of health since the link was drained
 * @peer_proven: so says the other end, authenticated
 * @alone: the operator says that there is no other end to agree with
 * @decider: this end begins (see ln_decider())
 * @peer_fresh: heartbeats arrive
 * @peer_trusted: they are authenticated
 * @peer_state: enum ln_state, as the other end tells
 * @peer_round: number of its proposal; 0 for none
 * @peer_agree: number of our proposal that it agrees to
 * @peer_refused: number of our proposal that it refuses; 0 for none
 * @peer_left: it said bye and put the link back into service
 * @guard: enough members would be left, here
 * @topology: no ToR would fall under its share
 * @helper: a helper is there
 * @done: the last request was carried out
 * @failed: the last request failed
 * @want_out: the operator wants it drained
 * @want_in: the operator wants it back now
 * @force: no guard, no agreement: the operator's word
 */
struct ln_ladder_in {
	u64 now;
	enum ln_action action;
	enum ln_group_kind group;
	bool bad;
	bool proven;
	bool peer_proven;
	bool alone;
	bool decider;
	bool peer_fresh;
	bool peer_trusted;
	enum ln_state peer_state;
	u32 peer_round;
	u32 peer_agree;
	u32 peer_refused;
	bool peer_left;
	bool guard;
	bool topology;
	bool helper;
	bool done;
	bool failed;
	bool want_out;
	bool want_in;
	bool force;
};

/**
 * struct ln_ladder - where a link is
 * @state: now
 * @why: why not more
 * @since: of @state, milliseconds
 * @round: number of our proposal, never 0 once there was one
 * @agree: number of the other end's proposal that we agreed to; 0 for none
 * @refused: number of the other end's proposal that we refuse; 0 for none
 * @by_hand: the operator drained it
 * @follows: the other end decides on the present turn
 * @acted: LN_REWEIGHTED: the helper has done it
 * @hold_ms: how long proof has to hold before the link comes back
 * @proven_since: since when it holds, or 0
 * @returned: when it came back last, or 0
 * @relapses: how often it was drained within the window after a return
 * @retry: when what was refused or failed may be tried again
 * @apart: since when one end is in service and the other is not, or 0
 */
struct ln_ladder {
	enum ln_state state;
	enum ln_why why;
	u64 since;
	u32 round;
	u32 agree;
	u32 refused;
	bool by_hand;
	bool follows;
	bool acted;
	u32 hold_ms;
	u64 proven_since;
	u64 returned;
	u32 relapses;
	u64 retry;
	u64 apart;
};

/* What act.c has to do. */
enum ln_do {
	LN_DO_NOTHING,
	LN_DO_TELL,	/* the state changed: a heartbeat now */
	LN_DO_DRAIN,	/* take it out (the group's kind says who) */
	LN_DO_REWEIGHT,
	LN_DO_DOWN,
	LN_DO_RETURN,	/* undo what was done */
};

/**
 * struct ln_ladder_cfg - how patient it is
 * @hold_ms: the first hold-down
 * @hold_max_ms: it doubles with each relapse, up to this
 * @relapse_ms: a link that is drained again within this time has relapsed
 */
struct ln_ladder_cfg {
	u32 hold_ms;
	u32 hold_max_ms;
	u32 relapse_ms;
};

/* An answer to a proposal must come within this time; a refused one rests. */
#define LN_AGREE_MS	5000
#define LN_RETRY_MS	10000
/* So long may a helper take, and what failed rests. */
#define LN_JOB_MS	30000

void ln_ladder_init(struct ln_ladder *l, const struct ln_ladder_cfg *cfg,
		    u64 now);

/**
 * ln_ladder_step() - one step of the state machine
 * @l: the link's
 * @cfg: the link's
 * @in: what is known now
 *
 * The caller holds whatever makes @in's guard stay true until what this
 * returns is done or announced (ln_mutex in the kernel).
 *
 * Return: what to do now; call it again once that is done
 */
enum ln_do ln_ladder_step(struct ln_ladder *l, const struct ln_ladder_cfg *cfg,
			  const struct ln_ladder_in *in);

/* Does the link count as lost for others of its group? */
bool ln_ladder_out(const struct ln_ladder *l);

/**
 * ln_decider() - which end of a link begins
 * @host: this end's identifier
 * @peer: the other end's
 * @grouped: this end has a group for the link
 * @peer_grouped: the other end has
 *
 * An end without a group has nothing to lose and nothing to act upon, so the
 * other one decides; else the lower identifier does.
 */
static inline bool ln_decider(u64 host, u64 peer, bool grouped,
			      bool peer_grouped)
{
	if (grouped != peer_grouped)
		return grouped;
	return host < peer;
}

#endif /* ASHLAR_LINK_LADDER_H */
