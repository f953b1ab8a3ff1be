// SPDX-License-Identifier: GPL-2.0-only
/*
 * What tests/ext/contexts.py runs: invocations that are under way for as long as the test wants,
 * in hooks, requests, timers and work, and faults in each. They tell each other by words of the
 * private state, without a lock, since the one that waits may be what the other interrupts.
 */
#include <ashlar/ext.h>

struct state {
	u32 inside;	/* requests that run now */
	u32 busy;	/* hooks that linger now */
	u32 asleep;	/* requests and work that sleep */
	u32 packets;
	u32 nested;	/* hooks and timers that began while a request ran */
	u32 ticks;
	u32 jobs;
	u32 linger_us;
};

EXTENSION("contexts", "1", 1, struct state);
EXT_DECLARE_TIMER(tick);
EXT_DECLARE_WORK(job);
EXT_DECLARE_WORK(doze);

static u32 word(const u32 *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
static void set(u32 *p, u32 v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }
static void add(u32 *p, u32 v) { __atomic_fetch_add(p, v, __ATOMIC_RELAXED); }
static u32 arg(const void *in, u32 len, u32 n) { const u32 *w = in; return n < len / 4 ? w[n] : 0; }

static s32 answer(void *out, u32 room, u32 v)
{
	if (room < sizeof(v))
		return -EXT_EMSGSIZE;
	*(u32 *)out = v;
	return sizeof(v);
}

static noinline u32 harm(u32 n)
{
	u32 *p = ext_alloc(16);

	return p ? p[4 + (n & 1)] : 0;	/* BUG */
}

static bool interrupts(struct state *state)
{
	bool nested = word(&state->inside);

	add(&state->packets, 1);
	add(&state->nested, nested);
	return nested;
}

/* --- hooks --- */

static enum ext_verdict pass(ext_pkt pkt)
{
	interrupts(ext_state(struct state));
	return EXT_ACCEPT;
}
EXT_HOOK(pass);

/* Stays for a while. */
static enum ext_verdict linger(ext_pkt pkt)
{
	struct state *state = ext_state(struct state);
	u64 begin = ext_now();

	add(&state->packets, 1);
	add(&state->busy, 1);
	while (ext_now() - begin < word(&state->linger_us) * 1000ULL)
		;
	add(&state->busy, -1);
	return EXT_ACCEPT;
}
EXT_HOOK(linger);

/* The same at another hook. */
static enum ext_verdict linger_too(ext_pkt pkt) { return linger(pkt); }
EXT_HOOK(linger_too);

/* Faults if it interrupts a request. */
static enum ext_verdict spoil(ext_pkt pkt)
{
	if (interrupts(ext_state(struct state)))
		return harm(1) ? EXT_ACCEPT : EXT_DROP;
	return EXT_ACCEPT;
}
EXT_HOOK(spoil);

/* --- requests --- */

static s32 setup(const void *in, u32 len, void *out, u32 room)
{
	set(&ext_state(struct state)->linger_us, arg(in, len, 0));
	return 0;
}
EXT_REQUEST(setup);

static s32 counts(const void *in, u32 len, void *out, u32 room)
{
	struct state *state = ext_state(struct state);

	if (room < sizeof(*state))
		return -EXT_EMSGSIZE;
	memcpy(out, state, sizeof(*state));
	return sizeof(*state);
}
EXT_REQUEST(counts);

/*
 * Faults when a hook is under way, which can then be on another processor only; says what it saw
 * if none is.
 */
static s32 strike(const void *in, u32 len, void *out, u32 room)
{
	struct state *state = ext_state(struct state);

	for (u32 i = 0; i < arg(in, len, 0); i++) {
		if (word(&state->busy))
			return answer(out, room, harm(0));
		ext_sleep(1);
	}
	return answer(out, room, word(&state->packets));
}
EXT_REQUEST(strike);

/* Runs without a pause until so many hooks and timers ran within it, or for so many ms. */
static s32 wait_within(const void *in, u32 len, void *out, u32 room)
{
	struct state *state = ext_state(struct state);
	u32 before = word(&state->nested);
	u64 begin = ext_now();

	add(&state->inside, 1);
	while (word(&state->nested) - before < arg(in, len, 0) &&
	       ext_now() - begin < arg(in, len, 1) * 1000000ULL)
		;
	add(&state->inside, -1);
	return answer(out, room, word(&state->nested) - before);
}
EXT_REQUEST(wait_within);

/* Sleeps, for so many seconds. */
static s32 rest(const void *in, u32 len, void *out, u32 room)
{
	struct state *state = ext_state(struct state);
	void *held = ext_alloc(64);

	add(&state->asleep, 1);
	for (u32 i = 0; i < arg(in, len, 0); i++)
		ext_sleep(1000);
	add(&state->asleep, -1);
	ext_free(held);
	return answer(out, room, 1);
}
EXT_REQUEST(rest);

/* --- timers and work --- */

/* For ever. */
static void tick(u64 n)
{
	struct state *state = ext_state(struct state);

	add(&state->ticks, 1);
	add(&state->nested, word(&state->inside) != 0);
	ext_timer_arm(&tick_entry, 100000 + n * 10000, n);
}
EXT_TIMER(tick);

static void job(u64 n)
{
	add(&ext_state(struct state)->jobs, 1);
	ext_sleep(1);
	ext_work_queue(&job_entry, n);
}
EXT_WORK(job);

/* Asleep until somebody ends it. */
static void doze(u64 n)
{
	add(&ext_state(struct state)->asleep, 1);
	for (u32 i = 0; i < 100000; i++)
		ext_sleep(1000);
}
EXT_WORK(doze);

/* Timers and work that go on, timers and work that are due in an hour, and one that sleeps. */
static s32 pend(const void *in, u32 len, void *out, u32 room)
{
	s32 ret = ext_work_queue(&doze_entry, 0);

	for (u32 i = 0; i < 4 && !ret; i++) {
		ret = ext_timer_arm(&tick_entry, 100000, i);
		if (!ret)
			ret = ext_timer_arm(&tick_entry, 3600000000000ULL, 100 + i);
		if (!ret && i < 2)
			ret = ext_work_queue(&job_entry, i);
	}
	return ret ? ret : answer(out, room, 1);
}
EXT_REQUEST(pend);
