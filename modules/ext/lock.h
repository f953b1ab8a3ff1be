/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks of an instance. */
#ifndef ASHLAR_EXT_LOCK_H
#define ASHLAR_EXT_LOCK_H

#include <linux/atomic.h>
#include <linux/cache.h>

#include "host.h"

/**
 * struct ex_lock - a lock; all but @owner is the owner's
 * @owner: slot of the invocation that holds it + 1; 0: free
 * @rank: as declared
 * @since: clock when it was taken
 * @count: takings, givings back, takings back
 */
struct ex_lock {
	atomic_t owner;
	u32 rank;
	u64 since;
	struct ex_count count;
} ____cacheline_aligned_in_smp;

int ex_locks_init(struct ex_inst *inst);
/* After a change of inst->quota.lock_ns. */
void ex_locks_quota(struct ex_inst *inst);
void ex_locks_exit(struct ex_inst *inst);

#endif /* ASHLAR_EXT_LOCK_H */
