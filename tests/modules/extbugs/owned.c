// SPDX-License-Identifier: GPL-2.0-only
/* Twins of owned.c. */
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "extbugs.h"

static u64 leak_memory(u64 n)
{
	u64 i;

	for (i = 0; i < n; i++) {
		u64 *p = kmalloc(100, GFP_KERNEL);

		if (p)
			p[0] = i;
		OPTIMIZER_HIDE_VAR(p);
	}
	return n;
}

static void late(struct timer_list *timer)
{
}

static u64 leak_timer(u64 n)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return 0;
	timer_setup(timer, late, 0);
	mod_timer(timer, jiffies + n * HZ);
	kfree(timer);
	return 1;
}

static void chore(struct work_struct *work)
{
}

static u64 leak_work(u64 n)
{
	struct delayed_work *work = kzalloc(sizeof(*work), GFP_KERNEL);

	if (!work)
		return 0;
	INIT_DELAYED_WORK(work, chore);
	schedule_delayed_work(work, n * HZ);
	kfree(work);
	return 1;
}

static u64 put_over(u64 n)
{
	refcount_t refs = REFCOUNT_INIT(1);

	if (refcount_dec_and_test(&refs))
		n++;
	if (refcount_dec_and_test(&refs))
		n++;
	return n;
}

struct little {
	u64 handle;
};

struct large {
	u64 head[24];
	u64 users;
};

static u64 confuse_kinds(u64 n)
{
	struct little *little = kzalloc(sizeof(*little), GFP_KERNEL);
	struct large *large = (void *)little;

	if (!little)
		return 0;
	OPTIMIZER_HIDE_VAR(large);
	n = large->head[2];
	kfree(little);
	return n;
}

const struct twin extbugs_owned[] = {
	{ "leak_memory", leak_memory, 5 },
	{ "leak_timer", leak_timer, 30 },
	{ "leak_work", leak_work, 30 },
	{ "put_over", put_over },
	{ "confuse_kinds", confuse_kinds },
	{ }
};
