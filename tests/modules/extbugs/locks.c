// SPDX-License-Identifier: GPL-2.0-only
/* Twins of locks.c. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "extbugs.h"

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);
static DEFINE_SPINLOCK(third);
static DEFINE_MUTEX(sleeping);

static u64 lock_self(u64 n)
{
	spin_lock(&third);
	spin_lock(&third);
	spin_unlock(&third);
	spin_unlock(&third);
	return n;
}

static u64 lock_abba(u64 n)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
	return n;
}

static u64 lock_left(u64 n)
{
	local_irq_disable();
	return n;
}

static u64 sleep_atomic(u64 n)
{
	spin_lock(&first);
	mutex_lock(&sleeping);
	mutex_unlock(&sleeping);
	spin_unlock(&first);
	return n;
}

struct racers {
	u64 count;
	u64 rounds;
	struct completion done;
};

static int racer(void *arg)
{
	struct racers *r = arg;
	u64 i, v;

	for (i = 0; i < r->rounds; i++) {
		v = READ_ONCE(r->count);
		if (!(i % 64))
			cond_resched();
		WRITE_ONCE(r->count, v + 1);
	}
	complete(&r->done);
	return 0;
}

/* Two count to n in one place: not twice n. */
static u64 race(u64 n)
{
	struct racers r = { .rounds = n };
	unsigned int i, started = 0;

	init_completion(&r.done);
	for (i = 0; i < 2; i++)
		if (!IS_ERR(kthread_run(racer, &r, "extbugs/%u", i)))
			started++;
	for (i = 0; i < started; i++)
		wait_for_completion(&r.done);
	return started * n - r.count;
}

const struct twin extbugs_locks[] = {
	{ "lock_self", lock_self },
	{ "lock_abba", lock_abba },
	{ "lock_left", lock_left },
	{ "sleep_atomic", sleep_atomic },
	{ "race", race, 2000000 },
	{ }
};
