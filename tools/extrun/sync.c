// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks, timers, work, time, messages. Time is the driver's: it stands still during an invocation,
 * ext_sleep() aside.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extrun.h"

#define HELD_MAX 8
#define PENDING_MAX 4096

struct pending {
	const struct ashlar_ext_entry *entry;
	u64 arg;
	u64 when; /* 0: work */
};

static const struct ashlar_ext_info *const info = &ashlar_ext_info;
static const struct ashlar_ext_lock_def *held[HELD_MAX];
static u32 nr_held, nr_pending;
static struct pending pending[PENDING_MAX];
static u64 random_state = 88172645463325252ULL;
u64 er_clock = 1000000000;
u32 er_logs;

void er_sync_reset(void)
{
	nr_held = 0;
	nr_pending = 0;
	er_clock = 1000000000;
	random_state = 88172645463325252ULL;
}

/* --- locks --- */

static const struct ashlar_ext_lock_def *lock_at(struct ashlar_ext_ctx *ctx, const void *p)
{
	u64 off = (u64)p - (u64)info->locks;

	if (off < info->nr_locks * sizeof(**held) && off % sizeof(**held) == 0)
		return p;
	er_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, (u64)p, "no lock of this extension");
	return NULL;
}

void ashlar_ext_lock(struct ashlar_ext_ctx *ctx, const void *p)
{
	const struct ashlar_ext_lock_def *l = lock_at(ctx, p);
	u32 i;

	er_called("lock", (u64)p);
	if (!l)
		return;
	for (i = 0; i < nr_held; i++)
		if (held[i] == l) {
			er_stop(ctx, ASHLAR_EXT_FAULT_LOCK_HELD, (u64)p, "held already");
			return;
		}
	if (nr_held && held[nr_held - 1]->rank >= l->rank)
		er_stop(ctx, ASHLAR_EXT_FAULT_LOCK_ORDER, (u64)p,
			"its rank is not above that of a lock that is held");
	else if (nr_held == HELD_MAX)
		er_stop(ctx, ASHLAR_EXT_FAULT_LOCK_ORDER, (u64)p, "too many locks are held");
	else
		held[nr_held++] = l;
}

void ashlar_ext_unlock(struct ashlar_ext_ctx *ctx, const void *p)
{
	const struct ashlar_ext_lock_def *l = lock_at(ctx, p);
	u32 i;

	er_called("unlock", (u64)p);
	if (!l)
		return;
	for (i = 0; i < nr_held && held[i] != l; i++)
		;
	if (i == nr_held) {
		er_stop(ctx, ASHLAR_EXT_FAULT_LOCK_HELD, (u64)p, "not held");
		return;
	}
	memmove(&held[i], &held[i + 1], (--nr_held - i) * sizeof(*held));
}

void er_locks_end(struct ashlar_ext_ctx *ctx)
{
	if (nr_held && !ctx->fault_code)
		er_stop(ctx, ASHLAR_EXT_FAULT_LOCK_HELD, (u64)held[0], "still held at the end");
	nr_held = 0;
}

/* --- timers and work --- */

static const struct ashlar_ext_entry *entry_at(struct ashlar_ext_ctx *ctx, const void *p, u32 kind)
{
	const struct ashlar_ext_entry *e = p;
	u64 off = (u64)p - (u64)info->entries;

	if (off < info->nr_entries * sizeof(*e) && off % sizeof(*e) == 0 && e->kind == kind)
		return e;
	er_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, (u64)p, "no entry of this kind");
	return NULL;
}

static struct pending *find(const struct ashlar_ext_entry *e, u64 arg)
{
	u32 i;

	for (i = 0; i < nr_pending; i++)
		if (pending[i].entry == e && pending[i].arg == arg)
			return &pending[i];
	return NULL;
}

s32 ashlar_ext_timer_arm(struct ashlar_ext_ctx *ctx, const void *p, u64 ns, u64 arg)
{
	const struct ashlar_ext_entry *e = entry_at(ctx, p, ASHLAR_EXT_ENTRY_TIMER);
	struct pending *old;

	er_called("timer_arm", ns);
	if (!e)
		return -22;
	old = find(e, arg);
	if (!old && nr_pending == PENDING_MAX)
		return -28;
	if (!old)
		old = &pending[nr_pending++];
	*old = (struct pending){ e, arg, er_clock + (ns ? ns : 1) };
	return 0;
}

bool ashlar_ext_timer_cancel(struct ashlar_ext_ctx *ctx, const void *p, u64 arg)
{
	const struct ashlar_ext_entry *e = entry_at(ctx, p, ASHLAR_EXT_ENTRY_TIMER);
	struct pending *old = e ? find(e, arg) : NULL;

	er_called("timer_cancel", arg);
	if (!old)
		return false;
	*old = pending[--nr_pending];
	return true;
}

s32 ashlar_ext_work_queue(struct ashlar_ext_ctx *ctx, const void *p, u64 arg)
{
	const struct ashlar_ext_entry *e = entry_at(ctx, p, ASHLAR_EXT_ENTRY_WORK);

	er_called("work_queue", arg);
	if (!e)
		return -22;
	if (find(e, arg))
		return -17;
	if (nr_pending == PENDING_MAX)
		return -28;
	pending[nr_pending++] = (struct pending){ e, arg, 0 };
	return 0;
}

static struct pending *first_due(void)
{
	struct pending *first = NULL;
	u32 i;

	for (i = 0; i < nr_pending; i++)
		if (pending[i].when <= er_clock && (!first || pending[i].when < first->when))
			first = &pending[i];
	return first;
}

void er_sync_run(void)
{
	u32 rounds = 10000;
	struct pending *p, now;

	while (!er_dead && rounds-- && (p = first_due())) {
		now = *p;
		*p = pending[--nr_pending];
		er_run(now.entry, now.arg, 0, 0, 0);
	}
}

u32 er_timers(void)
{
	u32 i, n = 0;

	for (i = 0; i < nr_pending; i++)
		n += pending[i].when != 0;
	return n;
}

/* While one sleeps, what is due may run. */
static void pass_time(u64 ns)
{
	er_clock += ns;
	if (er_may_nest())
		er_sync_run();
}

static bool may_sleep(struct ashlar_ext_ctx *ctx, const char *what)
{
	if (ctx->kind == ASHLAR_EXT_ENTRY_HOOK || ctx->kind == ASHLAR_EXT_ENTRY_TIMER) {
		er_stop(ctx, ASHLAR_EXT_FAULT_CONTEXT, 0,
			"may sleep, which hooks and timers may not");
		return false;
	}
	if (nr_held)
		er_stop(ctx, ASHLAR_EXT_FAULT_LOCK_HELD, (u64)held[0], what);
	return !nr_held;
}

void ashlar_ext_sleep(struct ashlar_ext_ctx *ctx, u32 ms)
{
	er_called("sleep", ms);
	if (!may_sleep(ctx, "sleeps with a lock held"))
		return;
	if (ms > 1000)
		er_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, ms, "sleeps for more than 1000 ms");
	else
		pass_time(ms * 1000000ULL);
}

void ashlar_ext_sync(struct ashlar_ext_ctx *ctx)
{
	er_called("sync", 0);
	may_sleep(ctx, "waits with a lock held");
}

/* --- the rest --- */

u64 ashlar_ext_now(struct ashlar_ext_ctx *ctx)
{
	(void)ctx;
	return er_clock;
}

u32 ashlar_ext_random(struct ashlar_ext_ctx *ctx)
{
	(void)ctx;
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

u64 ashlar_ext_hash(struct ashlar_ext_ctx *ctx, const void *at, u32 len)
{
	u64 h = 14695981039346656037ULL;
	const u8 *p = at;

	if (!er_buf(ctx, at, len, false))
		return 0;
	while (len--)
		h = (h ^ *p++) * 1099511628211ULL;
	return h ^ h >> 32;
}

static void print_arg(const char *f, size_t n, u64 v)
{
	if (n >= 4 && !memcmp(f, "%pI4", 4))
		printf("%u.%u.%u.%u", (u32)v & 255, (u32)v >> 8 & 255, (u32)v >> 16 & 255,
		       (u32)v >> 24);
	else if (f[n - 1] == 'd')
		printf("%lld", n > 2 ? (long long)v : (long long)(s32)v);
	else if (f[n - 1] == 'x')
		printf("%llx", n > 2 ? (unsigned long long)v : (unsigned long long)(u32)v);
	else
		printf("%llu", n > 2 ? (unsigned long long)v : (unsigned long long)(u32)v);
}

void ashlar_ext_log(struct ashlar_ext_ctx *ctx, const char *format, u32 len, const u64 *args, u32 n)
{
	u32 i = 0, k = 0, w;

	er_called("log", n);
	if (n > 6) {
		er_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, n, "more than six numbers");
		return;
	}
	if (!er_buf(ctx, format, len, false) || !er_buf(ctx, args, n * 8, false))
		return;
	er_logs++;
	if (er_options.quiet)
		return;
	printf("log: ");
	while (i < len && format[i]) {
		if (format[i] != '%') {
			putchar(format[i++]);
			continue;
		}
		for (w = 1; i + w < len && format[i + w] == 'l'; w++)
			;
		if (i + w >= len)
			break;
		w += !strncmp(format + i, "%pI4", len - i < 4 ? len - i : 4) ? 3 : 1;
		if (format[i + 1] == '%')
			putchar('%');
		else if (k < n)
			print_arg(format + i, w, args[k++]);
		i += w;
	}
	putchar('\n');
}
