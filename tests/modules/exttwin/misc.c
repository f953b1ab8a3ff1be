// SPDX-License-Identifier: GPL-2.0-only
/* Memory, timers, work, time, log: what the shim does for an extension, done as a module would. */
#include <linux/delay.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "twin.h"

#define TIMERS	8

struct twin_timer {
	struct timer_list timer;
	struct work_struct work;
	const struct ashlar_ext_entry *entry;
	u64 arg;
};

static struct twin_timer timers[TIMERS];
static bool going;

typedef void (*timer_fn)(u64 arg);

static void timer_run(struct timer_list *t)
{
	struct twin_timer *tt = container_of(t, struct twin_timer, timer);

	((timer_fn)tt->entry->fn)(tt->arg);
}

static void work_run(struct work_struct *w)
{
	struct twin_timer *tt = container_of(w, struct twin_timer, work);

	((timer_fn)tt->entry->fn)(tt->arg);
}

/* Never given back: an extension has a few of them. */
static struct twin_timer *timer_of(const struct ashlar_ext_entry *entry, u64 arg)
{
	u32 i;

	for (i = 0; i < TIMERS && timers[i].entry; i++) {
		if (timers[i].entry == entry && timers[i].arg == arg)
			return &timers[i];
	}
	if (i == TIMERS)
		return NULL;
	timers[i].entry = entry;
	timers[i].arg = arg;
	timer_setup(&timers[i].timer, timer_run, 0);
	INIT_WORK(&timers[i].work, work_run);
	return &timers[i];
}

void twin_misc_exit(void)
{
	u32 i, k;

	WRITE_ONCE(going, true);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < TIMERS && timers[i].entry; i++) {
			del_timer_sync(&timers[i].timer);
			cancel_work_sync(&timers[i].work);
		}
	}
}

s32 ashlar_ext_timer_arm(const struct ashlar_ext_entry *entry, u64 ns, u64 arg)
{
	struct twin_timer *t = timer_of(entry, arg);

	if (!t || READ_ONCE(going))
		return -ENOSPC;
	mod_timer(&t->timer, jiffies + nsecs_to_jiffies(ns));
	return 0;
}

s32 ashlar_ext_work_queue(const struct ashlar_ext_entry *entry, u64 arg)
{
	struct twin_timer *t = timer_of(entry, arg);

	if (!t || READ_ONCE(going))
		return -ENOSPC;
	return schedule_work(&t->work) ? 0 : -EEXIST;
}

void ashlar_ext_sync(void)
{
	synchronize_rcu();
}

void ashlar_ext_sleep(u32 ms)
{
	msleep(ms);
}

u64 ashlar_ext_now(void)
{
	return ktime_get_ns();
}

u32 ashlar_ext_random(void)
{
	return get_random_u32();
}

void *ashlar_ext_alloc(u64 size)
{
	return kzalloc(size, GFP_ATOMIC);
}

void ashlar_ext_free(void *p)
{
	kfree(p);
}

void ashlar_ext_log(const char *format, u32 len, const u64 *args, u32 n)
{
	u64 a[6] = {};

	memcpy(a, args, min(n, 6U) * sizeof(*args));
	pr_info_ratelimited("exttwin: %s (%llu %llu %llu %llu)\n", format, a[0], a[1], a[2], a[3]);
}
