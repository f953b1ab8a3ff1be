// SPDX-License-Identifier: GPL-2.0-only
/* native: tests/lib/ext_fake.c tests/lib/ext_fake_pkt.c */
/*
 * The balancer, as it is written: shares and disruption of Maglev's table, both
 * directions of the translation, connections across every change of the backends,
 * errors, hand-over to another instance.
 */
#include <string.h>

#include "ext_fake.h"
#include "native.h"

#include "extensions/balancer/maglev.c"
#include "extensions/balancer/service.c"
#include "extensions/balancer/conn.c"
#include "extensions/balancer/packet.c"
#include "extensions/balancer/nat.c"
#include "extensions/balancer/icmp.c"
#include "extensions/balancer/main.c"

#define NS	BALANCER_S
#define WEB	0	/* service for TCP, IPv4 */
#define WEB6	1
#define DNS	2	/* UDP, IPv4 */
#define ALSO	5	/* another port, the same backends as WEB */

static const u8 vip4[16] = { 192, 0, 2, 1 };
static const u8 vip6[16] = { 0x20, 1, 0xd, 0xb8, 0xff };

static ext_pkt handle(struct fake_pkt *p)
{
	ext_pkt pkt = { .handle = (u64)(uintptr_t)p };

	return pkt;
}

static struct balancer_backend_conf *backend_at(u32 service, u32 number)
{
	u32 key = service * BALANCER_BACKENDS + number;

	return fake_map_at(&backends, &key);
}

static struct balancer_service_conf *service_at(u32 number)
{
	return fake_map_at(&services, &number);
}

static u64 n(enum balancer_count why)
{
	return fake_counter(&counts, why);
}

static void service_set(u32 number, const u8 *addr, u8 family, u8 proto, u16 port, u32 count)
{
	struct balancer_service_conf *s = service_at(number);
	struct balancer_backend_conf *b;
	u32 i;

	memcpy(s->addr, addr, 16);
	s->port = ext_be16(port);
	s->family = family;
	s->proto = proto;
	s->seed = 0x1234567;
	for (i = 0; i < count; i++) {
		b = backend_at(number, i);
		memset(b, 0, sizeof(*b));
		b->addr[0] = family == 4 ? 10 : 0xfd;
		b->addr[family == 4 ? 3 : 15] = 1 + i;
		b->port = ext_be16(8080);
		b->health = BALANCER_UP;
	}
}

static s32 do_commit(void)
{
	s32 count = 0, got = commit(NULL, 0, &count, sizeof(count));

	return got < 0 ? got : count;
}

static void begin(u32 backends_)
{
	fake_reset(sizeof(struct balancer_state));
	service_set(WEB, vip4, 4, EXT_PROTO_TCP, 80, backends_);
	service_set(WEB6, vip6, 6, EXT_PROTO_TCP, 80, backends_);
	service_set(DNS, vip4, 4, EXT_PROTO_UDP, 53, backends_);
	service_set(ALSO, vip4, 4, EXT_PROTO_TCP, 81, backends_);
	if (start())
		ok(false, "starts");
}

/* --- the table */

static void shares(u32 service, u32 *share)
{
	const struct balancer_plan *plan = balancer_plan();
	u32 i;

	memset(share, 0, BALANCER_BACKENDS * sizeof(*share));
	for (i = 0; i < BALANCER_TABLE; i++)
		share[plan->table[service][i] % BALANCER_BACKENDS]++;
}

static void test_balance(void)
{
	static const u32 counts_[] = { 1, 2, 3, 5, 10, 33, 64 };
	u32 share[BALANCER_BACKENDS], i, k, least, most;

	for (i = 0; i < ARRAY_SIZE(counts_); i++) {
		begin(counts_[i]);
		shares(WEB, share);
		for (least = ~0U, most = 0, k = 0; k < counts_[i]; k++) {
			least = min(least, share[k]);
			most = max(most, share[k]);
		}
		ok(most - least <= 1, "%u backends: shares of %u to %u places", counts_[i], least,
		   most);
	}
	begin(3);
	backend_at(WEB, 0)->weight = 10;
	backend_at(WEB, 1)->weight = 20;
	backend_at(WEB, 2)->weight = 70;
	do_commit();
	shares(WEB, share);
	ok(fabs(share[0] - 409.3) < 3 && fabs(share[1] - 818.6) < 3 && fabs(share[2] - 2865.1) < 3,
	   "weights 10, 20, 70: %u, %u, %u places", share[0], share[1], share[2]);
}

/* Which places change hands although their holder is still there? */
static void test_disruption(void)
{
	u8 before[BALANCER_TABLE];
	u32 i, k, moved, gone, count;
	double worst = 0, sum = 0;

	for (count = 3; count <= 64; count += 61) {
		worst = 0;
		sum = 0;
		for (k = 0; k < count; k++) {
			begin(count);
			memcpy(before, balancer_plan()->table[WEB], sizeof(before));
			backend_at(WEB, k)->health = BALANCER_DOWN;
			do_commit();
			for (moved = 0, gone = 0, i = 0; i < BALANCER_TABLE; i++) {
				gone += before[i] == k;
				moved += before[i] != k &&
					 before[i] != balancer_plan()->table[WEB][i];
			}
			sum += (double)moved / BALANCER_TABLE;
			worst = fmax(worst, (double)moved / BALANCER_TABLE);
			if (balancer_plan()->table[WEB][0] == k || !gone)
				ok(false, "backend %u has gone", k);
		}
		ok(sum / count < 0.03 && worst < 0.05,
		   "one of %u goes: of the others' places %.2f %% move in the mean, %.2f %% at most",
		   count, 100 * sum / count, 100 * worst);
	}
	begin(10);
	memcpy(before, balancer_plan()->table[WEB], sizeof(before));
	backend_at(WEB, 4)->health = BALANCER_DOWN;
	do_commit();
	backend_at(WEB, 4)->health = BALANCER_UP;
	do_commit();
	ok(!memcmp(before, balancer_plan()->table[WEB], sizeof(before)),
	   "it comes back: the table is what it was");
}

/* --- packets */

static struct fake_flow flow_make(u32 service, u32 client, u16 port)
{
	struct fake_flow f = { .sport = port, .proto = EXT_PROTO_TCP, .family = 4, .dport = 80 };

	if (service == WEB6) {
		f.family = 6;
		f.src[0] = 0x20;
		f.src[12] = client >> 24;
		memcpy(f.dst, vip6, 16);
	} else {
		f.src[0] = 172;
		memcpy(f.dst, vip4, 16);
		f.dport = service == DNS ? 53 : service == ALSO ? 81 : 80;
		f.proto = service == DNS ? EXT_PROTO_UDP : EXT_PROTO_TCP;
	}
	f.src[f.family == 4 ? 1 : 13] = client >> 16;
	f.src[f.family == 4 ? 2 : 14] = client >> 8;
	f.src[f.family == 4 ? 3 : 15] = client;
	return f;
}

static struct fake_flow turned(const struct fake_flow *f)
{
	struct fake_flow t = *f;

	memcpy(t.src, f->dst, 16);
	memcpy(t.dst, f->src, 16);
	t.sport = f->dport;
	t.dport = f->sport;
	return t;
}

/* Through a hook; *f becomes what came out. */
static bool through(enum ext_verdict (*hook)(ext_pkt), struct fake_flow *f, u8 flags)
{
	enum ext_verdict v;
	struct fake_pkt p;

	fake_make(&p, f, flags, 33);
	p.linear = f->family == 4 ? 20 : 40;
	v = hook(handle(&p));
	fake_done(&p);
	fake_flow_of(&p, f);
	if (!fake_sums_right(&p))
		ok(false, "a wrong checksum");
	return v == EXT_ACCEPT;
}

/* The last byte of the backend's address; 0: dropped; 255: not translated. */
static u32 to(u32 service, u32 client, u16 port, u8 flags)
{
	struct fake_flow f = flow_make(service, client, port);

	if (!through(in, &f, flags))
		return 0;
	return f.dport == 8080 ? f.dst[f.family == 4 ? 3 : 15] : 255;
}

/* An answer of a backend: does the client see the service? */
static bool answers_right(u32 service, u32 client, u16 port, u32 backend, u8 flags)
{
	struct fake_flow f = flow_make(service, client, port), back = turned(&f), want = turned(&f);

	memset(back.src, 0, 16);
	back.src[0] = f.family == 4 ? 10 : 0xfd;
	back.src[f.family == 4 ? 3 : 15] = backend;
	back.sport = 8080;
	return through(out, &back, flags) && !memcmp(&back, &want, sizeof(want));
}

static void test_flows(void)
{
	static const u32 which[] = { WEB, WEB6, DNS, ALSO };
	u32 got[BALANCER_BACKENDS], i, k, b, wrong, strays;
	struct fake_flow f;

	for (k = 0; k < ARRAY_SIZE(which); k++) {
		begin(8);
		memset(got, 0, sizeof(got));
		for (i = 0, wrong = 0; i < 16000; i++) {
			b = to(which[k], i / 4, 1000 + i % 4, EXT_TCP_SYN);
			got[b % BALANCER_BACKENDS]++;
			wrong += b < 1 || b > 8 ||
				 !answers_right(which[k], i / 4, 1000 + i % 4, b, EXT_TCP_SYN);
			wrong += to(which[k], i / 4, 1000 + i % 4, EXT_TCP_ACK) != b;
		}
		ok(!wrong, "service %u: 16000 connections there, back and there again; %u wrong",
		   which[k], wrong);
		for (i = 1, wrong = 0; i <= 8; i++)
			wrong += fabs(got[i] / 2000.0 - 1) > 0.1;
		ok(!wrong, "each backend gets its share: %u %u %u %u %u %u %u %u", got[1], got[2],
		   got[3], got[4], got[5], got[6], got[7], got[8]);
	}
	begin(8);
	f = flow_make(WEB, 1, 1);
	f.dport = 82;
	strays = through(in, &f, EXT_TCP_SYN) && f.dport == 82;
	f = flow_make(WEB, 1, 1);
	f.proto = EXT_PROTO_UDP;
	strays += through(in, &f, 0) && f.dport == 80;
	f = turned(&f);
	strays += through(out, &f, 0) && f.sport == 80;
	f = flow_make(WEB, 1, 8);
	f.proto = EXT_PROTO_ICMP;
	f.dport = 8 << 8;
	strays += through(in, &f, 0) && !memcmp(f.dst, vip4, 4);
	ok(strays == 4 && n(BALANCER_N_NEW) == 0, "what is no service's goes its way");
}

static void test_changes(void)
{
	u32 was[4000], i, b, wrong, moved, closed;

	begin(10);
	for (i = 0; i < 4000; i++)
		was[i] = to(WEB, i, 5000, EXT_TCP_SYN);
	service_set(WEB, vip4, 4, EXT_PROTO_TCP, 80, 14);
	ok(do_commit() == ALSO + 1, "four backends more");
	for (i = 0, wrong = 0; i < 4000; i++)
		wrong += to(WEB, i, 5000, EXT_TCP_ACK) != was[i];
	ok(!wrong, "live connections stay: %u of 4000 moved", wrong);
	for (i = 0, moved = 0; i < 4000; i++)
		moved += to(WEB, i, 5001, EXT_TCP_SYN) > 10;
	ok(fabs(moved / 4000.0 - 4 / 14.0) < 0.04,
	   "new ones go to the new backends as well: %u of 4000", moved);

	backend_at(WEB, 2)->health = BALANCER_DRAIN;
	watch(0);
	ok(fake_works == 1 && fake_timers == 2, "a change of health is seen without a commit");
	refresh(0);
	watch(0);
	ok(fake_works == 1, "and taken over once");
	for (i = 0, wrong = 0; i < 4000; i++)
		wrong += to(WEB, i, 5000, EXT_TCP_ACK) != was[i];
	ok(!wrong, "draining: live connections stay");
	for (i = 0, wrong = 0; i < 4000; i++)
		wrong += to(WEB, i, 5002, EXT_TCP_SYN) == 3;
	ok(!wrong, "and no new ones come");

	backend_at(WEB, 2)->health = BALANCER_DOWN;
	refresh(0);
	for (i = 0, wrong = 0, moved = 0; i < 4000; i++) {
		b = to(WEB, i, 5000, EXT_TCP_ACK);
		wrong += was[i] == 3 ? b == 3 || !b : b != was[i];
		moved += was[i] == 3;
	}
	ok(!wrong && moved && n(BALANCER_N_MOVED) == moved,
	   "down: its %u connections go elsewhere, no other", moved);

	/* Number 5 becomes another machine. */
	backend_at(WEB, 4)->addr[3] = 77;
	do_commit();
	for (i = 0, wrong = 0; i < 4000; i++) {
		b = to(WEB, i, 5000, EXT_TCP_ACK);
		wrong += b == 5 || (was[i] != 3 && was[i] != 5 && b != was[i]);
	}
	ok(!wrong, "a number given to another address is not the backend it was");

	for (i = 0; i < 14; i++)
		backend_at(WEB, i)->health = BALANCER_DOWN;
	refresh(0);
	ok(to(WEB, 1, 1, EXT_TCP_SYN) == 0 && n(BALANCER_N_NOBODY) == 1, "all down: dropped");
	ok(to(DNS, 1, 1, 0) != 0, "another service is not concerned");

	begin(10);
	b = to(WEB, 1, 1, EXT_TCP_SYN);
	to(WEB, 1, 1, EXT_TCP_FIN | EXT_TCP_ACK);
	closed = answers_right(WEB, 1, 1, b, EXT_TCP_FIN | EXT_TCP_ACK);
	backend_at(WEB, b - 1)->health = BALANCER_DRAIN;
	refresh(0);
	ok(closed && to(WEB, 1, 1, EXT_TCP_ACK) == b, "the last packets of a closed connection");
	ok(to(WEB, 1, 1, EXT_TCP_SYN) != b, "and a new one with the same port");
}

static void test_udp_idle(void)
{
	u32 b;

	begin(4);
	b = to(DNS, 1, 1, 0);
	backend_at(DNS, b - 1)->health = BALANCER_DRAIN;
	refresh(0);
	fake_now += 59 * NS;
	ok(to(DNS, 1, 1, 0) == b, "a UDP flow stays while it lives");
	fake_now += 61 * NS;
	ok(to(DNS, 1, 1, 0) != b, "and is another one a minute later");
}

/* One port of a client, two services, the same backends. */
static void test_clash(void)
{
	u32 i, a, b, wrong = 0;

	begin(4);
	for (i = 0; i < 2000; i++) {
		a = to(WEB, i, 1, EXT_TCP_SYN);
		b = to(ALSO, i, 1, EXT_TCP_SYN);
		wrong += a == b || !answers_right(WEB, i, 1, a, EXT_TCP_SYN) ||
			 !answers_right(ALSO, i, 1, b, EXT_TCP_SYN);
	}
	ok(!wrong, "two services, one client's port: answers are told apart; %u wrong", wrong);
	begin(1);
	ok(to(WEB, 1, 1, EXT_TCP_SYN) == 1 && to(ALSO, 1, 1, EXT_TCP_SYN) == 0 &&
	   n(BALANCER_N_CLASH) == 1,
	   "with one backend the second is dropped");
}

static void test_icmp(void)
{
	static const u32 which[] = { WEB, WEB6, DNS };
	struct fake_flow client, router, sent, seen;
	struct fake_pkt about, p;
	enum ext_verdict v;
	u32 k, b, at;

	for (k = 0; k < ARRAY_SIZE(which); k++) {
		begin(8);
		client = flow_make(which[k], 9, 99);
		b = to(which[k], 9, 99, EXT_TCP_SYN);
		answers_right(which[k], 9, 99, b, 0);
		sent = client;
		through(in, &sent, EXT_TCP_ACK);
		at = client.family == 4 ? 28 : 48;

		/* From a router beside the backend, to the client. */
		router = client;
		memset(router.src, 0x11, 16);
		memcpy(router.dst, client.src, 16);
		fake_make(&about, &sent, EXT_TCP_ACK, 1000);
		fake_make_error(&p, &router, client.family == 4 ? 3 : 2, 4, &about);
		v = out(handle(&p));
		fake_done(&p);
		memset(&about, 0, sizeof(about));
		memcpy(about.data, p.data + at, 100);
		about.len = 100;
		fake_flow_of(&about, &seen);
		ok(v == EXT_ACCEPT && !memcmp(&seen, &client, sizeof(seen)) &&
		   fake_sums_right(&p) && n(BALANCER_N_ICMP) == 1,
		   "service %u: the client hears of the packet that it sent", which[k]);
		fake_flow_of(&p, &seen);
		ok(seen.src[0] == 0x11, "from the router");

		/* From a router beside the client, to the service. */
		memcpy(router.dst, client.dst, 16);
		seen = turned(&client);
		fake_make(&about, &seen, EXT_TCP_ACK, 1000);
		fake_make_error(&p, &router, client.family == 4 ? 3 : 2, 4, &about);
		v = in(handle(&p));
		fake_done(&p);
		memset(&about, 0, sizeof(about));
		memcpy(about.data, p.data + at, 100);
		about.len = 100;
		fake_flow_of(&about, &seen);
		sent = turned(&sent);
		ok(v == EXT_ACCEPT && !memcmp(&seen, &sent, sizeof(seen)) && fake_sums_right(&p),
		   "the backend hears of the packet that it sent");
		fake_flow_of(&p, &seen);
		ok(!memcmp(seen.dst, sent.src, 16), "at its own address");

		fake_make(&about, &router, 0, 20);
		fake_make_error(&p, &router, client.family == 4 ? 3 : 2, 4, &about);
		v = in(handle(&p));
		fake_done(&p);
		ok(v == EXT_ACCEPT && n(BALANCER_N_ICMP) == 2 && fake_sums_right(&p),
		   "about nothing of ours: untouched");
	}
}

static void test_fragments(void)
{
	struct fake_flow f;
	struct fake_pkt p;

	begin(2);
	f = flow_make(DNS, 1, 1);
	fake_make(&p, &f, 0, 600);
	p.data[6] = 0x20;
	ok(in(handle(&p)) == EXT_DROP && n(BALANCER_N_FRAGMENT) == 1,
	   "fragments to a service");
	fake_done(&p);
	p.data[16] = 9;
	ok(in(handle(&p)) == EXT_ACCEPT, "not those to others");
	fake_done(&p);
}

static void test_upgrade(void)
{
	u8 buf[65536];
	u32 was[1000], i, wrong;
	s32 len;

	begin(10);
	for (i = 0; i < 1000; i++)
		was[i] = to(WEB, i, 5000, EXT_TCP_SYN);
	/* Edited, not committed: not in force, in neither version. */
	backend_at(WEB, 3)->addr[3] = 99;
	service_at(WEB)->port = ext_be16(8888);
	len = save(buf, sizeof(buf));
	ok(len > 0, "the old version's state: %d bytes", len);
	ok(save(buf, 100) == -EXT_EMSGSIZE && save(buf, len - 1) == -EXT_EMSGSIZE &&
	   save(buf, len) == len,
	   "no room for it");
	fake_restart(sizeof(struct balancer_state));
	ok(start() == 0 && restore(buf, len, 1) == 0, "the new version takes it");
	for (i = 0, wrong = 0; i < 1000; i++)
		wrong += to(WEB, i, 5000, EXT_TCP_ACK) != was[i] ||
			 to(WEB, i, 5001, EXT_TCP_SYN) == 99;
	ok(!wrong, "connections and services are as before: %u of 1000 not", wrong);
	ok(restore(buf, len, 2) == -EXT_EINVAL, "another schema is refused");
	ok(restore(buf, len - 1, 1) == -EXT_EINVAL && restore(buf, 7, 1) == -EXT_EINVAL,
	   "and what is cut off");
	buf[0] = 0xff;
	ok(restore(buf, len, 1) == -EXT_EINVAL, "or lies about its length");
	for (i = 0, wrong = 0; i < 1000; i++)
		wrong += to(WEB, i, 5000, EXT_TCP_ACK) != was[i];
	ok(!wrong, "what is refused changes nothing");
}

static void test_refused(void)
{
	s32 count;

	begin(2);
	service_at(WEB)->proto = 50;
	ok(do_commit() == -EXT_EINVAL && fake_logs == 1,
	   "a protocol without ports is refused, and logged");
	service_at(WEB)->proto = 0;
	ok(do_commit() == ALSO + 1 && to(WEB, 1, 1, EXT_TCP_SYN) == 255, "a service that is gone");
	service_at(WEB)->proto = EXT_PROTO_TCP;
	service_at(WEB)->family = 5;
	ok(do_commit() == -EXT_EINVAL, "a family that there is not");
	service_at(WEB)->family = 4;
	service_at(WEB)->port = 0;
	ok(do_commit() == -EXT_EINVAL, "port 0");
	service_at(WEB)->port = ext_be16(80);
	backend_at(WEB, 1)->health = 9;
	ok(do_commit() == -EXT_EINVAL, "a health that there is not");
	watch(0);
	ok(!fake_works, "which the watch does not take for news");
	backend_at(WEB, 1)->health = BALANCER_UP;
	backend_at(WEB, 1)->port = 0;
	ok(do_commit() == -EXT_EINVAL, "a backend's port 0");
	backend_at(WEB, 1)->port = ext_be16(1);
	ok(commit(NULL, 0, &count, 3) == -EXT_EMSGSIZE, "no room for the answer");
	((struct balancer_state *)__ext_state())->busy = 1;
	ok(do_commit() == -EXT_EBUSY && balancer_health_take() == -EXT_EBUSY &&
	   restore(NULL, 0, 1) == -EXT_EBUSY,
	   "two at once are refused");
}

static void test_noise(struct rnd *r)
{
	struct fake_flow f, of;
	struct fake_pkt p, about;
	u32 i, k;

	begin(5);
	for (i = 0; i < 100000; i++) {
		f = flow_make("\0\1\2\5"[rnd_below(r, 4)], rnd_below(r, 50), rnd_below(r, 4));
		if (rnd_below(r, 4)) {
			fake_make(&p, &f, rnd_u64(r), 64);
		} else {
			of = turned(&f);
			fake_make(&about, &of, rnd_u64(r), 64);
			fake_make_error(&p, &f, f.family == 4 ? 3 : 1, 0, &about);
		}
		for (k = rnd_below(r, 6); k; k--)
			p.data[rnd_below(r, p.len)] = rnd_u64(r);
		if (p.data[0] >> 4 == 4)
			p.data[0] |= 5;
		p.len -= rnd_below(r, p.len - 60 + 1);
		p.linear = rnd_below(r, p.len + 1);
		(rnd_below(r, 2) ? in : out)(handle(&p));
		fake_done(&p);
		fake_now += rnd_below(r, NS);
	}
	ok(true, "100000 packets with bytes changed or missing");
}

int main(void)
{
	struct rnd r;

	rnd_seed(&r, native_seed());
	test_balance();
	test_disruption();
	test_flows();
	test_changes();
	test_udp_idle();
	test_clash();
	test_icmp();
	test_fragments();
	test_upgrade();
	test_refused();
	test_noise(&r);
	fake_reset(0);
	fake_restart(0);
	return done();
}
