/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that an extension wrote by ext_log(). */
#ifndef ASHLAR_EXT_LOG_H
#define ASHLAR_EXT_LOG_H

#include <linux/spinlock.h>

#include "host.h"

#define EX_LOG_LINES	16	/* kept; a power of two */
#define EX_LOG_LEN	128
#define EX_LOG_RATE	10	/* a second */

/**
 * struct ex_log - the last lines of an instance
 * @lock: everything here; BH, a leaf
 * @nr: lines written, not wrapped
 * @lost: lines that came too fast
 * @begin: of the second under way
 * @burst: lines in it
 * @at: when each was written, CLOCK_BOOTTIME
 * @line: ring
 */
struct ex_log {
	spinlock_t lock;
	u64 nr;
	u64 lost;
	u64 begin;
	u32 burst;
	u64 at[EX_LOG_LINES];
	char line[EX_LOG_LINES][EX_LOG_LEN];
};

void ex_log_init(struct ex_log *log);
/**
 * ex_log_read() - a line
 * @log: the log
 * @nr: its number, from 0 on
 * @line: room for EX_LOG_LEN bytes
 * @at: when
 *
 * Return: whether it is there: not gone, and not to come.
 */
bool ex_log_read(struct ex_log *log, u64 nr, char *line, u64 *at);

#endif /* ASHLAR_EXT_LOG_H */
