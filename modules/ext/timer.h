/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers and work of an instance, and the sleep of its invocations. */
#ifndef ASHLAR_EXT_TIMER_H
#define ASHLAR_EXT_TIMER_H

#include <linux/hashtable.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "host.h"

#define EX_TIMERS_MAX	1024	/* armed at once */
#define EX_JOBS_MAX	256	/* queued at once */
#define EX_SLEEP_MAX	1000	/* milliseconds */
#define EX_TIMER_MIN_NS	10000	/* a timer that arms itself leaves room for others */

/**
 * struct ex_timers - timers and work of an instance
 * @lock: everything here; BH, a leaf but for the locks of hrtimers and queues
 * @hash: armed and queued, by entry and argument
 * @armed: count of timers
 * @queued: count of work
 * @running: functions of either kind that run or are about to
 * @stopped: nothing is armed or queued any more
 * @idle: woken when @running gets 0
 * @sleep: where invocations sleep
 * @timer: counts
 * @work: counts
 */
struct ex_timers {
	spinlock_t lock;
	DECLARE_HASHTABLE(hash, 6);
	u32 armed;
	u32 queued;
	u32 running;
	bool stopped;
	wait_queue_head_t idle;
	wait_queue_head_t sleep;
	struct ex_count timer;
	struct ex_count work;
};

/* The queue that runs work; once for the module. */
int ex_timers_module_init(void);
void ex_timers_module_exit(void);

void ex_timers_init(struct ex_inst *inst);
/**
 * ex_timers_stop() - cancels timers and work and waits for those that run
 * @inst: the instance, whose invocations have been told to stop
 *
 * Sleeps; never called from a timer or work of the instance. May be called
 * again.
 */
void ex_timers_stop(struct ex_inst *inst);
/* Wakes those that sleep, so that they see that they shall stop; any context. */
void ex_sleepers_wake(struct ex_inst *inst);

#endif /* ASHLAR_EXT_TIMER_H */
