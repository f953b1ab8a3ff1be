// SPDX-License-Identifier: GPL-2.0-only
/* native: tests/lib/ext_fake.c tests/lib/ext_fake_pkt.c */
/*
 * The policer, as it is written: rates over a minute of simulated time, for one
 * source and for many, prefixes of each length, bursts, large segments, refusals.
 */
#include "ext_fake.h"
#include "native.h"

#include "extensions/policer/rate.c"
#include "extensions/policer/bucket.c"
#include "extensions/policer/main.c"

#define NS	1000000000ULL

static ext_pkt handle(struct fake_pkt *p)
{
	ext_pkt pkt = { .handle = (u64)(uintptr_t)p };

	return pkt;
}

static void begin(void)
{
	fake_reset(sizeof(struct policer_state));
	ok(start() == 0, "starts with empty maps");
}

static struct policer_rate *rate_at(u32 i)
{
	return fake_map_at(&rates, &i);
}

static void rate_set(u32 i, u32 addr, u32 prefix, u64 rate, u64 burst)
{
	struct policer_rate *r = rate_at(i);
	be32 be = ext_be32(addr);

	memset(r, 0, sizeof(*r));
	memcpy(r->addr, &be, 4);
	r->family = 4;
	r->prefix = prefix;
	r->action = POLICER_DROP;
	r->rate = rate;
	r->burst = burst;
}

static s32 do_commit(void)
{
	s32 count = 0, got = commit(NULL, 0, &count, sizeof(count));

	return got < 0 ? got : count;
}

static bool send(u32 from, u32 len)
{
	struct fake_flow f = {
		.family = 4, .proto = 17, .sport = 1, .dport = 2, .dst = { 10, 9, 9, 9 }
	};
	be32 be = ext_be32(from);
	enum ext_verdict v;
	struct fake_pkt p;

	memcpy(f.src, &be, 4);
	fake_make(&p, &f, 0, len - 28);
	v = police(handle(&p));
	fake_done(&p);
	return v == EXT_ACCEPT;
}

/* What passes in a minute of the given load, in bytes a second. */
static double passed(u32 from, double load, u32 len, struct rnd *r, u64 seconds)
{
	u64 end = fake_now + seconds * NS, bytes = 0;

	while (fake_now < end) {
		if (send(from, len))
			bytes += len;
		fake_now += r ? (u64)rnd_exp(r, len * 1e9 / load) : (u64)(len * 1e9 / load);
	}
	return (double)bytes / seconds;
}

static void test_rate(struct rnd *r)
{
	static const u64 bytes[] = { 20000, 1000000, 12500000 };
	double got;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++) {
		begin();
		rate_set(0, 0x0a000001, 32, bytes[i], i ? 14000 : 3000);
		ok(do_commit() == 1, "a rate of %llu is taken", bytes[i]);
		got = passed(0x0a000001, bytes[i] * 3.0, i ? 1400 : 300, i == 2 ? NULL : r,
			     i == 2 ? 20 : 60);
		ok(fabs(got / bytes[i] - 1) < 0.01,
		   "%llu bytes a second: %.0f pass of three times as many", bytes[i], got);
	}
	begin();
	rate_set(0, 0x0a000001, 32, 1000000, 30000);
	do_commit();
	got = passed(0x0a000001, 900000, 1000, NULL, 60);
	ok(got > 899000, "a source below its rate loses nothing: %.0f of 900000", got);
	got = passed(0x0a000002, 5000000, 1000, NULL, 1);
	ok(got > 4990000 && fake_counter(&counts, POLICER_N_UNLIMITED) > 4990,
	   "a source without a rate passes");
}

static void test_sources(void)
{
	u64 end, got[3] = { 0 };
	u32 i, n = 0;

	begin();
	rate_set(0, 0x0a000000, 8, 100000, 2000);
	do_commit();
	end = fake_now + 10 * NS;
	for (; fake_now < end; fake_now += 2 * NS / 1000, n++) {
		for (i = 0; i < 3; i++)
			got[i] += send(0x0a000001 + i, 1000) ? 1000 : 0;
	}
	for (i = 0; i < 3; i++)
		ok(llabs((long long)got[i] - 1000000) < 10000,
		   "source %u of three has its own bucket: %llu of 1000000", i, got[i]);
	begin();
	rate_set(0, 0x0a000000, 8, 100000, 2000);
	rate_at(0)->host = 24;
	do_commit();
	end = fake_now + 10 * NS;
	got[0] = 0;
	for (; fake_now < end; fake_now += 2 * NS / 1000) {
		for (i = 0; i < 3; i++)
			got[0] += send(0x0a000001 + i, 1000) ? 1000 : 0;
	}
	ok(llabs((long long)got[0] - 1000000) < 10000,
	   "three of one /24 share a bucket: %llu of 1000000", got[0]);
	begin();
	rate_set(0, 0x0a000000, 8, 100000, 2000);
	do_commit();
	for (i = 0; i < POLICER_SOURCES + 100; i++)
		send(0x0a000000 + i, 100);
	ok(fake_map_count(&buckets) == POLICER_SOURCES,
	   "as many sources as there is room for, then the oldest goes");
}

static void test_burst(void)
{
	u32 i, n = 0;

	begin();
	rate_set(0, 0x0a000001, 32, 100000, 10000);
	do_commit();
	for (i = 0; i < 20; i++)
		n += send(0x0a000001, 1000);
	ok(n == 10, "a burst of 10000 bytes is ten packets of 1000: %u", n);
	fake_now += NS / 100;
	ok(send(0x0a000001, 1000) && !send(0x0a000001, 1000),
	   "and one more when its time has passed");
	fake_now += 3600 * NS;
	for (i = 0, n = 0; i < 20; i++)
		n += send(0x0a000001, 1000);
	ok(n == 10, "an hour saves no more than the burst: %u", n);
	begin();
	rate_set(0, 0x0a000001, 32, 1000000, 500);
	do_commit();
	ok(send(0x0a000001, 1500), "a packet larger than the burst passes when the bucket is full");
	fake_now += NS / 1000;
	ok(!send(0x0a000001, 100), "and the source owes for it");
	fake_now += NS / 1000;
	ok(send(0x0a000001, 100), "until it is paid");
}

static void test_prefixes(void)
{
	begin();
	rate_set(0, 0x0a000000, 8, 1000000, 1000);
	rate_set(5, 0x0a010000, 16, 1000, 1000);
	rate_set(9, 0x0a010203, 32, 1000000, 100000);
	ok(do_commit() == 3, "three rates");
	ok(send(0x0a010203, 1000) && send(0x0a010203, 1000), "the longest prefix decides: /32");
	ok(send(0x0a010204, 1000) && !send(0x0a010204, 1000), "/16");
	ok(fake_counter(&rate_counts, 5 * 4 + 1) == 1000 &&
	   fake_counter(&rate_counts, 5 * 4 + 2) == 1,
	   "each rate counts by its own number");
	fake_now += NS / 500;
	ok(!send(0x0a010204, 1000), "/16 is slow");
	ok(send(0x0aff0001, 1000), "/8");
	ok(send(0x0b000001, 1000) && fake_counter(&counts, POLICER_N_UNLIMITED) == 1, "none");
	rate_at(5)->action = POLICER_MARK;
	rate_at(5)->mark = 0x77;
	ok(do_commit() == 3 && send(0x0a010204, 1000) &&
	   fake_counter(&counts, POLICER_N_MARKED) == 1,
	   "over the limit, marked instead of dropped");
}

static bool send6(u8 last, u8 half, u32 len)
{
	struct fake_flow f = {
		.family = 6, .proto = 6, .sport = 1, .dport = 2, .src = { 0x20, 1, 0xd, 0xb8 }
	};
	enum ext_verdict v;
	struct fake_pkt p;

	f.src[7] = half;
	f.src[15] = last;
	fake_make(&p, &f, EXT_TCP_ACK, len - 60);
	p.linear = 0;
	v = police(handle(&p));
	fake_done(&p);
	return v == EXT_ACCEPT;
}

static void test_ip6(void)
{
	static const u8 prefix[16] = { 0x20, 1, 0xd, 0xb8 };
	struct policer_rate *r;

	begin();
	rate_set(0, 0, 32, 1000, 1000);
	r = rate_at(0);
	memcpy(r->addr, prefix, 16);
	r->family = 6;
	ok(do_commit() == 1, "a rate for an IPv6 prefix");
	ok(send6(1, 0, 1000) && !send6(2, 0, 1000),
	   "hosts of one /64 are one source, headers not linear");
	ok(send6(1, 1, 1000), "another /64 is another");
	r->host = 128;
	do_commit();
	fake_now += 3600 * NS;
	ok(send6(1, 0, 1000) && send6(2, 0, 1000), "unless the rate says otherwise");
}

static void test_gso(void)
{
	struct fake_flow f = {
		.family = 4, .proto = 6, .sport = 1, .dport = 2, .src = { 10, 0, 0, 1 }
	};
	struct fake_pkt p;

	begin();
	rate_set(0, 0x0a000001, 32, 1000, 10000);
	do_commit();
	fake_make(&p, &f, EXT_TCP_ACK, 1000);
	p.gso_size = 100;
	police(handle(&p));
	fake_done(&p);
	ok(fake_counter(&rate_counts, 1) == 1000 + 10 * 40,
	   "a large segment costs what it will be on the wire: %llu",
	   (unsigned long long)fake_counter(&rate_counts, 1));
}

static void test_refused(void)
{
	struct policer_rate *r;
	s32 count;

	begin();
	rate_set(0, 0x0a000001, 32, 1000000, 1000);
	ok(do_commit() == 1, "a good rate");
	rate_set(1, 0x0a000002, 33, 1000000, 1000);
	ok(do_commit() == -EXT_EINVAL && fake_logs == 1,
	   "a prefix of 33 bits is refused, and logged");
	ok(policer_plan()->count == 1, "and nothing has changed");
	rate_set(1, 0x0a000002, 32, 999, 1000);
	ok(do_commit() == -EXT_EINVAL, "a rate of next to nothing is refused");
	rate_set(1, 0x0a000002, 32, 0, 1000);
	ok(do_commit() == -EXT_EINVAL, "a rate of nothing");
	rate_set(1, 0x0a000002, 32, 1000, 0);
	ok(do_commit() == -EXT_EINVAL, "a burst of nothing");
	rate_set(1, 0x0a000002, 32, 1000, POLICER_BURST_MAX + 1);
	ok(do_commit() == -EXT_EINVAL, "a burst beyond counting");
	rate_set(1, 0x0a000002, 32, 1000, POLICER_BURST_MAX);
	r = rate_at(1);
	r->family = 5;
	ok(do_commit() == -EXT_EINVAL, "a family that there is not");
	r->family = 4;
	r->action = 3;
	ok(do_commit() == -EXT_EINVAL, "an action that there is not");
	r->action = POLICER_DROP;
	ok(do_commit() == 2, "the largest burst at the lowest rate");
	ok(commit(NULL, 0, &count, 3) == -EXT_EMSGSIZE, "no room for the answer");
	((struct policer_state *)__ext_state())->busy = 1;
	ok(do_commit() == -EXT_EBUSY, "two at once are refused");
}

static void test_odd(void)
{
	struct fake_pkt p = { .len = 30, .linear = 0, .data = { 0x45 } };

	begin();
	p.len = 10;
	ok(police(handle(&p)) == EXT_DROP && fake_counter(&counts, POLICER_N_SHORT) == 1,
	   "a header that is cut off");
	fake_done(&p);
	p.data[0] = 0;
	ok(police(handle(&p)) == EXT_ACCEPT && fake_counter(&counts, POLICER_N_OTHER) == 1,
	   "what is no IP");
	fake_done(&p);
}

int main(void)
{
	struct rnd r;

	rnd_seed(&r, native_seed());
	test_rate(&r);
	test_sources();
	test_burst();
	test_prefixes();
	test_ip6();
	test_gso();
	test_refused();
	test_odd();
	fake_reset(0);
	fake_restart(0);
	return done();
}
