// SPDX-License-Identifier: GPL-2.0-only
/* Bugs with locks, sleep, timers and what runs at the same time. */
#include "bugs.h"

EXT_LOCK(first, 1);
EXT_LOCK(second, 2);

EXT_MAP_ARRAY(shared, u64, 4, 1)

EXT_DECLARE_WORK(bad_work);
EXT_DECLARE_WORK(racer);
EXT_DECLARE_WORK(careful);
EXT_DECLARE_TIMER(bad_timer);
EXT_DECLARE_TIMER(napping);

/*
 * bug: lock_self
 * class: self-deadlock
 * outcome: aborted LOCK_ORDER LOCK_HELD
 * fixed: 1
 * twin: lock_self: possible recursive locking detected
 */
REQUEST(lock_self)
{
	ext_lock(&first);
	ext_lock(&first);	/* BUG */
	ext_unlock(&first);
	ext_unlock(&first);
	return answer(out, room, arg(in, len, 0) + 1);
}

REQUEST(lock_self_fixed)
{
	ext_lock(&first);
	ext_unlock(&first);
	ext_lock(&first);
	ext_unlock(&first);
	return answer(out, room, arg(in, len, 0) + 1);
}

/*
 * bug: lock_abba
 * class: AB-BA deadlock
 * outcome: aborted LOCK_ORDER
 * fixed: 1
 * twin: lock_abba: possible circular locking dependency detected
 */
REQUEST(lock_abba)
{
	ext_lock(&first);
	ext_lock(&second);
	ext_unlock(&second);
	ext_unlock(&first);
	ext_lock(&second);
	ext_lock(&first);	/* BUG */
	ext_unlock(&first);
	ext_unlock(&second);
	return answer(out, room, arg(in, len, 0) + 1);
}

REQUEST(lock_abba_fixed)
{
	for (u32 i = 0; i < 2; i++) {
		ext_lock(&first);
		ext_lock(&second);
		ext_unlock(&second);
		ext_unlock(&first);
	}
	return answer(out, room, arg(in, len, 0) + 1);
}

/*
 * bug: lock_left
 * class: interrupts left off
 * about: a lock, which keeps softirqs out, is held at the end of an error path
 * outcome: aborted LOCK_HELD
 * fixed: -22
 * twin: lock_left: left IRQs disabled
 */
REQUEST(lock_left)
{
	ext_lock(&first);
	if (!arg(in, len, 0))
		return -EXT_EINVAL;
	ext_unlock(&first);
	return answer(out, room, 1);
}

REQUEST(lock_left_fixed)
{
	s32 ret = -EXT_EINVAL;

	ext_lock(&first);
	if (arg(in, len, 0))
		ret = 0;
	ext_unlock(&first);
	return ret ?: answer(out, room, 1);
}

/*
 * bug: lock_left_fault
 * class: interrupts left off
 * about: an invocation faults with two locks held
 * outcome: aborted DIV
 */
REQUEST(lock_left_fault)
{
	u32 by = arg(in, len, 0);

	ext_lock(&first);
	ext_lock(&second);
	by = 100 / by;	/* BUG */
	ext_unlock(&second);
	ext_unlock(&first);
	return answer(out, room, by);
}

/*
 * bug: lock_unheld
 * class: self-deadlock
 * about: unlocked what was not locked
 * outcome: aborted LOCK_HELD
 */
REQUEST(lock_unheld)
{
	ext_unlock(&second);	/* BUG */
	return answer(out, room, arg(in, len, 0));
}

/*
 * bug: lock_loop
 * class: infinite loop
 * about: with a lock held
 * outcome: aborted FUEL LOCK_TIME
 */
REQUEST(lock_loop)
{
	ext_lock(&first);
	while (!arg(in, len, 0))	/* BUG */
		ext_state(struct bugs)->guarded++;	/* BUG */
	ext_unlock(&first);
	return answer(out, room, 1);
}

/*
 * bug: lock_forged
 * class: type confusion
 * about: what is no lock, as a lock
 * outcome: aborted ARGUMENT HANDLE BUFFER RANGE, or refused
 */
REQUEST(lock_forged)
{
	struct ext_lock *lock = ext_alloc(sizeof(*lock));

	if (!lock)
		return -EXT_ENOMEM;
	lock->rank = 3 + arg(in, len, 0);
	ext_lock(lock);	/* BUG */
	ext_unlock(lock);
	ext_free(lock);
	return answer(out, room, 1);
}

/*
 * bug: sleep_atomic
 * class: sleep in atomic
 * about: with a lock held
 * in: 1
 * outcome: aborted CONTEXT LOCK_HELD
 * fixed: 1
 * twin: sleep_atomic: BUG: sleeping function called from invalid context
 */
REQUEST(sleep_atomic)
{
	ext_lock(&first);
	ext_sleep(arg(in, len, 0));	/* BUG */
	ext_unlock(&first);
	return answer(out, room, 1);
}

REQUEST(sleep_atomic_fixed)
{
	ext_lock(&first);
	ext_unlock(&first);
	ext_sleep(arg(in, len, 0));
	return answer(out, room, 1);
}

/*
 * bug: sleep_long
 * class: sleep in atomic
 * about: longer than the contract has it
 * in: 0x7fffffff
 * outcome: aborted ARGUMENT
 */
REQUEST(sleep_long)
{
	ext_sleep(arg(in, len, 0));	/* BUG */
	return answer(out, room, 1);
}

/* Not inlined: that a hook's function sleeps is not told by the hook. */
static noinline void nap(u32 ms)
{
	ext_sleep(ms);	/* BUG of sleep_hook sleep_timer */
}

/*
 * bug: sleep_hook
 * class: sleep in atomic
 * about: in a packet's hook, by a function that others may call
 * via: hook
 * outcome: aborted CONTEXT, or refused
 */
HOOK(sleep_hook)
{
	struct ext_pkt_info info;

	ext_pkt_info(pkt, &info);
	nap(info.len & 1);
	return EXT_ACCEPT;
}

static void napping(u64 ms)
{
	nap(ms);
}
EXT_TIMER(napping);

/*
 * bug: sleep_timer
 * class: sleep in atomic
 * about: in a timer
 * in: 1
 * outcome: aborted CONTEXT
 */
REQUEST(sleep_timer)
{
	return answer(out, room, !ext_timer_arm(&napping_entry, 1000, arg(in, len, 0)));
}

static void bad_work(u64 at)
{
	*(u64 *)at = 1;	/* BUG of work_fault */
}
EXT_WORK(bad_work);

/*
 * bug: work_fault
 * class: wild pointer
 * about: in work, when the request that queued it is long over
 * in: 0x1000
 * outcome: aborted RANGE
 * at: wild
 */
REQUEST(work_fault)
{
	return answer(out, room, !ext_work_queue(&bad_work_entry, arg(in, len, 0)));
}

static void bad_timer(u64 n)
{
	u64 *p = ext_alloc(64);

	if (p)
		p[n] = 1;	/* BUG of timer_fault */
	ext_free(p);
}
EXT_TIMER(bad_timer);

/*
 * bug: timer_fault
 * class: out of bounds, heap, write
 * about: in a timer
 * in: 8
 * outcome: aborted BOUNDS OBJECT
 * at: heap
 */
REQUEST(timer_fault)
{
	return answer(out, room, !ext_timer_arm(&bad_timer_entry, 1000, arg(in, len, 0)));
}

/*
 * bug: timer_teardown
 * class: teardown order
 * about: a timer has the address of memory that is freed before it runs
 * in: 1
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: freed
 */
static void orphan(u64 at)
{
	*(u64 *)at += 1;	/* BUG of timer_teardown */
}
EXT_TIMER(orphan);

REQUEST(timer_teardown)
{
	u64 *p = ext_alloc(64);
	s32 ret;

	if (!p)
		return -EXT_ENOMEM;
	ret = ext_timer_arm(&orphan_entry, 300000000ULL * arg(in, len, 0), (u64)p);
	ext_free(p);
	return answer(out, room, !ret);
}

/* Counts in memory that others count in, too. */
static void racer(u64 n)
{
	u32 index = 0;
	u64 *value = shared_lookup(&index);

	for (u64 i = 0; i < n && value; i++) {
		(*value)++;	/* RACE */
		ext_state(struct bugs)->count++;	/* RACE */
	}
}
EXT_WORK(racer);

/* Does so under a lock. */
static void careful(u64 n)
{
	for (u64 i = 0; i < n; i++) {
		ext_lock(&first);
		ext_state(struct bugs)->guarded++;
		ext_unlock(&first);
	}
}
EXT_WORK(careful);

/*
 * bug: race
 * class: race
 * about: a counter without a lock, in the private state and in a map: may be wrong, never elsewhere
 * in: 1000
 * outcome: harmless 1
 * race: aborted RACE
 * fixed: 2000
 * twin: race: value not 0
 */
REQUEST(race)
{
	u64 n = arg(in, len, 0), count;

	if (ext_work_queue(&racer_entry, n))
		return -EXT_EEXIST;
	racer(n);
	ext_sleep(20);
	/* Between one's own rounds and all of them. */
	count = ext_state(struct bugs)->count;
	return answer(out, room, count >= 1 && count <= 2 * n);
}

REQUEST(race_fixed)
{
	u64 n = arg(in, len, 0), sum = 0;

	ext_lock(&first);
	ext_state(struct bugs)->guarded = 0;
	ext_unlock(&first);
	if (ext_work_queue(&careful_entry, n))
		return -EXT_EEXIST;
	careful(n);
	for (u32 i = 0; i < 2000 && sum < 2 * n; i++) {
		ext_lock(&first);
		sum = ext_state(struct bugs)->guarded;
		ext_unlock(&first);
		if (sum < 2 * n)
			ext_sleep(5);
	}
	return answer(out, room, sum);
}

static void release(u64 unused)
{
	ext_free(ext_state(struct bugs)->kept);
}
EXT_WORK(release);

/*
 * bug: race_free
 * class: race
 * about: one frees what the other still reads: the two orders, one after the other
 * outcome: aborted BOUNDS OBJECT RANGE FREE BUFFER
 * at: freed
 */
REQUEST(race_free)
{
	struct bugs *bugs = ext_state(struct bugs);

	bugs->kept = ext_alloc(64);
	if (!bugs->kept || ext_work_queue(&release_entry, arg(in, len, 0)))
		return -EXT_ENOMEM;
	for (u32 i = 0; i < 200; i++) {
		((u64 *)bugs->kept)[1]++;	/* BUG */
		ext_sleep(5);
	}
	return answer(out, room, 1);
}
