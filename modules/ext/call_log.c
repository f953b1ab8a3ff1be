// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: lines for people. The format is the extension's, so it is read here
 * and never given to printk.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/ktime.h>

#include "call.h"
#include "log.h"
#include "nl.h"

#define ARGS_MAX	6
#define COST		64	/* fuel */

void ex_log_init(struct ex_log *log)
{
	spin_lock_init(&log->lock);
}

bool ex_log_read(struct ex_log *log, u64 nr, char *line, u64 *at)
{
	u32 i = nr % EX_LOG_LINES;
	bool there;

	spin_lock_bh(&log->lock);
	there = nr < log->nr && log->nr - nr <= EX_LOG_LINES;
	if (there) {
		memcpy(line, log->line[i], EX_LOG_LEN);
		*at = log->at[i];
	}
	spin_unlock_bh(&log->lock);
	return there;
}

/* Room for a line of now, or NULL: too many. */
static char *line_begin(struct ex_log *log)
{
	u64 now = ktime_get_boottime_ns();
	u32 i = log->nr % EX_LOG_LINES;

	lockdep_assert_held(&log->lock);
	if (now - log->begin >= NSEC_PER_SEC) {
		log->begin = now;
		log->burst = 0;
	}
	if (log->burst == EX_LOG_RATE) {
		log->lost++;
		return NULL;
	}
	log->burst++;
	log->nr++;
	log->at[i] = now;
	return log->line[i];
}

/* One number as the letters behind % say. Return: the letters' count; 0: none that we know. */
static u32 print_one(char *to, size_t room, const char *f, u64 arg)
{
	__be32 addr = (__force __be32)arg;
	u32 n = 0;

	if (!strncmp(f, "pI4", 3)) {
		snprintf(to, room, "%pI4", &addr);
		return 3;
	}
	while (f[n] == 'l' && n < 2)
		n++;
	if (!n)
		arg = f[0] == 'd' ? (s32)arg : (u64)(u32)arg;
	switch (f[n]) {
	case 'd':
		snprintf(to, room, "%lld", (s64)arg);
		return n + 1;
	case 'u':
		snprintf(to, room, "%llu", arg);
		return n + 1;
	case 'x':
		snprintf(to, room, "%llx", arg);
		return n + 1;
	}
	return 0;
}

/* Return: whether the format asks for just the @n numbers that are there, in ways that we know. */
static bool print(char *line, const char *f, const u64 *args, u32 n)
{
	u32 at = 0, used = 0;

	for (; *f; f++) {
		u32 step;

		if (*f != '%' || *++f == '%') {
			if (at < EX_LOG_LEN - 1)
				line[at++] = isprint(*f) ? *f : '?';
			continue;
		}
		line[at] = '\0';
		step = used < n ? print_one(line + at, EX_LOG_LEN - at, f,
					    args[used]) : 0;
		if (!step)
			return false;
		used++;
		at += strlen(line + at);
		f += step - 1;
	}
	line[at] = '\0';
	return used == n;
}

void ashlar_ext_log(struct ashlar_ext_ctx *abi, const char *format, u32 len,
		    const u64 *args, u32 n)
{
	struct ex_ctx *ctx = ex_ctx(abi);
	struct ex_log *log = &ctx->inst->log;
	char line[EX_LOG_LEN], f[EX_LOG_LEN];
	u64 copy[ARGS_MAX];
	char *to;
	u64 nr;

	ex_called(ctx, EX_CALL_log, (u64)format);
	ex_cost(ctx, COST);
	if (!len || len > sizeof(f) || n > ARGS_MAX) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, len,
			"a format of more than 127 bytes, or more than six numbers");
		return;
	}
	if (!ex_buf_ok(ctx, format, len, false) ||
	    (n && !ex_buf_ok(ctx, args, n * sizeof(*args), false)))
		return;
	memcpy(f, format, len);
	f[len - 1] = '\0';
	memcpy(copy, args, n * sizeof(*args));
	if (!print(line, f, copy, n)) {
		ex_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, (u64)format,
			"a format that ext_log() does not know, or that does not fit its numbers");
		return;
	}
	spin_lock_bh(&log->lock);
	nr = log->nr;
	to = line_begin(log);
	if (to)
		strscpy(to, line, EX_LOG_LEN);
	spin_unlock_bh(&log->lock);
	if (to)
		ex_nl_notify_log(ctx->inst, nr);
}
EXPORT_SYMBOL_NS_GPL(ashlar_ext_log, ASHLAR_EXT);
