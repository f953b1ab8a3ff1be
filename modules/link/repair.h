/* SPDX-License-Identifier: GPL-2.0-only */
/* What to do with hands about a corrupting link, after CorrOpt (SIGCOMM'17, section 5). */
#ifndef ASHLAR_LINK_REPAIR_H
#define ASHLAR_LINK_REPAIR_H

#include "core.h"
#include "optics.h"

/* The same values as in the netlink spec. */
enum ln_repair {
	LN_REPAIR_NONE,
	LN_REPAIR_SHARED,	/* replace the component that several bad links share */
	LN_REPAIR_FAR_TX,	/* replace the far end's transceiver: its laser decays */
	LN_REPAIR_FIBRE,	/* replace the cable or fibre: both ends receive little */
	LN_REPAIR_CLEAN,	/* clean the connector: only this end receives little */
	LN_REPAIR_RESEAT,	/* reseat the transceiver */
	LN_REPAIR_REPLACE,	/* replace the transceiver: reseating did not help */
	LN_REPAIR_MAX,
};

/**
 * struct ln_repair_in - the evidence about one bad direction, as its receiver sees it
 * @here: the receiving end's module; NULL if nothing is known of it
 * @far: the sending end's, as the heartbeat tells; NULL likewise
 * @shared: how many other links with the same component corrupt at similar rates
 * @reseated: a repair of this link by reseating was reported lately
 */
struct ln_repair_in {
	const struct ln_optics *here;
	const struct ln_optics *far;
	u32 shared;
	bool reseated;
};

/**
 * ln_repair_recommend() - what to do first
 * @in: the evidence
 * @unsure: set if the answer depends on the light of an end where it could not be
 *	    judged, or only by the generic threshold, so that a cause may be missed
 *
 * Return: never LN_REPAIR_NONE
 */
enum ln_repair ln_repair_recommend(const struct ln_repair_in *in, bool *unsure);

#endif /* ASHLAR_LINK_REPAIR_H */
