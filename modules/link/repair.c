// SPDX-License-Identifier: GPL-2.0-only
/*
 * CorrOpt's recommendation engine. The order of the tests is the argument: what
 * many links share is likelier than as many single faults; a weak laser makes
 * everything after it look weak; dirt on a connector hurts one direction, a bent
 * fibre both; and where light is fine, the transceiver's seat or the transceiver
 * is left.
 */
#include "repair.h"

/* Is there light to judge by? */
static bool known(const struct ln_optics *o)
{
	return o && o->state == LN_OPTICS_OK;
}

/* Judged, and by thresholds of the module's own. */
static bool sure(const struct ln_optics *o)
{
	return known(o) && o->thresholds;
}

static bool sends_little(const struct ln_optics *o)
{
	return known(o) && o->tx_power < o->tx_low;
}

static bool receives_little(const struct ln_optics *o)
{
	return known(o) && o->rx_power < o->rx_low;
}

enum ln_repair ln_repair_recommend(const struct ln_repair_in *in, bool *unsure)
{
	*unsure = false;
	if (in->shared)
		return LN_REPAIR_SHARED;

	*unsure = !sure(in->far);
	if (sends_little(in->far))
		return LN_REPAIR_FAR_TX;

	*unsure = !sure(in->far) || !sure(in->here);
	if (receives_little(in->here))
		return receives_little(in->far) ? LN_REPAIR_FIBRE :
						  LN_REPAIR_CLEAN;
	return in->reseated ? LN_REPAIR_REPLACE : LN_REPAIR_RESEAT;
}
