/* SPDX-License-Identifier: GPL-2.0-only */
/* Versions that take over from another; and what an instance's end does with its trial. */
#ifndef ASHLAR_EXT_UPGRADE_H
#define ASHLAR_EXT_UPGRADE_H

#include "inst.h"

#define EX_SAVE_MAX	(256U << 10)	/* bytes of private state that pass */

/**
 * ex_trial_fail() - the instance is about to be closed; whether another version takes its packets.
 * Any context
 */
bool ex_trial_fail(struct ex_inst *inst);

/**
 * ex_trial_failed() - a quarantined instance has ended; ex_mutex
 * @inst: instance
 * @orphan: the version before, to be finished without ex_mutex, if both were destroyed meanwhile
 *
 * Return: whether the version before has taken its place.
 */
bool ex_trial_failed(struct ex_inst *inst, struct ex_inst **orphan);

/**
 * ex_trial_take() - ends a trial; the version before, which is the caller's now, or NULL. ex_mutex
 */
struct ex_inst *ex_trial_take(struct ex_inst *inst);

/** ex_trial_cancel() - no timer of a trial runs behind this; no ex_mutex */
void ex_trial_cancel(struct ex_inst *inst);

void ex_trial_work(struct work_struct *work);

#endif /* ASHLAR_EXT_UPGRADE_H */
