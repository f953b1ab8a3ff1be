// SPDX-License-Identifier: GPL-2.0-only
/* native: tests/lib/ext_fake.c tests/lib/ext_fake_pkt.c */
/*
 * The filter, as it is written: conversations packet by packet, with what must
 * become of each; rules; errors; fragments; what is cut off or lies.
 */
#include <string.h>

#include "ext_fake.h"
#include "native.h"

#include "extensions/filter/packet.c"
#include "extensions/filter/chain.c"
#include "extensions/filter/tcp.c"
#include "extensions/filter/conn.c"
#include "extensions/filter/rule.c"
#include "extensions/filter/icmp.c"
#include "extensions/filter/frag.c"
#include "extensions/filter/main.c"

#define NS	FILTER_S

static ext_pkt handle(struct fake_pkt *p)
{
	ext_pkt pkt = { .handle = (u64)(uintptr_t)p };

	return pkt;
}

/* A client and a server for each family; '>' is from the client. */
static struct fake_flow client4, client6;

static enum ext_verdict judge_pkt(struct fake_pkt *p)
{
	enum ext_verdict v = filter(handle(p));

	fake_done(p);
	return v;
}

static struct filter_rule *rule_at(u32 i)
{
	return fake_map_at(&rules, &i);
}

static struct filter_settings *set(void)
{
	u32 zero = 0;

	return fake_map_at(&settings, &zero);
}

static s32 do_commit(void)
{
	s32 count = 0, got = commit(NULL, 0, &count, sizeof(count));

	return got < 0 ? got : count;
}

static u64 n(enum filter_count why)
{
	return fake_counter(&counts, why);
}

/* One rule: any to port 80, and pings. */
static void begin(void)
{
	struct filter_rule *r;

	fake_reset(sizeof(struct filter_state));
	r = rule_at(3);
	r->proto = EXT_PROTO_TCP;
	r->action = FILTER_ACCEPT;
	r->dport[0] = 80;
	r->dport[1] = 80;
	r = rule_at(4);
	*r = *rule_at(3);
	r->proto = EXT_PROTO_UDP;
	r = rule_at(5);
	r->proto = EXT_PROTO_ICMP;
	r->action = FILTER_ACCEPT;
	r->dport[0] = 8 << 8;
	r->dport[1] = 8 << 8;
	r = rule_at(6);
	r->proto = EXT_PROTO_ICMP6;
	r->action = FILTER_ACCEPT;
	r->dport[0] = 128 << 8;
	r->dport[1] = 128 << 8;
	if (start())
		ok(false, "starts");
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

static bool pass(const struct fake_flow *client, char from, u8 flags)
{
	struct fake_flow f = from == '>' ? *client : turned(client);
	struct fake_pkt p;

	fake_make(&p, &f, flags, 10);
	return judge_pkt(&p) == EXT_ACCEPT;
}

/*
 * A conversation: words of direction, flags and '+' (passes) or '-' (dropped); a
 * number waits so many seconds.
 */
static void talk(const char *what, const char *script)
{
	const struct fake_flow *ends[] = { &client4, &client6 };
	char copy[256], *word, *save;
	const char *c;
	bool good;
	u8 flags;
	u32 i;

	for (i = 0; i < 2; i++) {
		begin();
		good = true;
		snprintf(copy, sizeof(copy), "%s", script);
		for (word = strtok_r(copy, " ", &save); word && good;
		     word = strtok_r(NULL, " ", &save)) {
			if (*word >= '0' && *word <= '9') {
				fake_now += strtoull(word, NULL, 10) * NS;
				continue;
			}
			for (flags = 0, c = word + 1; c[1]; c++)
				flags |= *c == 'S' ? EXT_TCP_SYN :
					 *c == 'A' ? EXT_TCP_ACK :
					 *c == 'F' ? EXT_TCP_FIN :
					 *c == 'R' ? EXT_TCP_RST :
						     EXT_TCP_URG;
			good = pass(ends[i], *word, flags) == (*c == '+');
			if (!good)
				printf("# at \"%s\"\n", word);
		}
		ok(good, "IPv%u: %s", ends[i]->family, what);
	}
}

static void test_tcp(void)
{
	talk("a connection from its first to its last packet",
	     ">S+ <SA+ >A+ >A+ <A+ <A+ >FA+ <A+ <FA+ >A+ <A+ >A+");
	talk("the server does not begin", "<S- <SA- <A- <FA- <R-");
	talk("nothing begins in the middle", ">A- >SA- >FA- >R- >- >FS- >SR- >SF-");
	talk("a client cannot answer its own SYN", ">S+ >SA- >A- >FA-");
	talk("retransmissions",
	     ">S+ >S+ <SA+ <SA+ >S+ >A+ <SA+ >A+ <A+ >FA+ >FA+ <FA+ <FA+ >FA+ <A+");
	talk("both ends open at once", ">S+ <S+ >SA+ <SA+ >A+ <A+");
	talk("refused, and tried again", ">S+ <RA+ >S+ <SA+ >A+ <A+");
	talk("the client goes away", ">S+ <SA+ >A+ >R+ 11 <A- >A-");
	talk("a forged reset does not end it", ">S+ <SA+ >A+ <R+ >A+ 100 <A+ >A+");
	talk("a forged SYN into it changes nothing", ">S+ <SA+ >A+ >S+ <A+ >A+ <S+ >A+");
	talk("half closed, data the other way",
	     ">S+ <SA+ >A+ >FA+ <A+ 60 <A+ 60 <A+ 60 <A+ <FA+ >A+");
	talk("the port is used again at once",
	     ">S+ <SA+ >A+ >FA+ <FA+ >A+ >S+ <SA+ >A+ <A+ 1000 >A+");
	talk("and by the server only if a rule allows", ">S+ <SA+ >A+ >FA+ <FA+ >A+ <S-");
	talk("an opening that is not answered is forgotten", ">S+ 121 <SA-");
	talk("a handshake that is not completed", ">S+ <SA+ 61 >A-");
	talk("idle for a day", ">S+ <SA+ >A+ 86400 >A+ 86401 >A- <A-");
	talk("flags that do not go together", ">S+ <SA+ >A+ >SF- >SFA- >- >U- >SR- <SFRA- >A+");
	ok(n(FILTER_N_INVALID) == 6, "each of them counted");
	begin();
	set()->loose = 1;
	ok(do_commit() == 4 && pass(&client4, '>', EXT_TCP_ACK) && pass(&client4, '<', EXT_TCP_ACK),
	   "loose: taken up in the middle");
	ok(!pass(&client6, '<', EXT_TCP_ACK) && !pass(&client6, '>', EXT_TCP_FIN | EXT_TCP_ACK),
	   "but only where a rule allows, and only by data");
}

/*
 * Every state, packet and end: never a state that is none, and no way to ESTABLISHED without a SYN.
 */
static void test_states(void)
{
	static const u8 flags[] = { EXT_TCP_SYN, EXT_TCP_SYN | EXT_TCP_ACK,
				    EXT_TCP_ACK, EXT_TCP_FIN | EXT_TCP_ACK,
				    EXT_TCP_RST, EXT_TCP_RST | EXT_TCP_ACK };
	u32 state, f, reply, wrong = 0, next;

	for (state = 0; state < FILTER_TCP_MAX; state++) {
		for (f = 0; f < 256; f++) {
			for (reply = 0; reply < 2; reply++) {
				next = filter_tcp_next(state, reply, f);
				wrong += next > FILTER_TCP_REOPEN || next == FILTER_TCP_MAX ||
					 next == FILTER_TCP_NONE;
				wrong += state == FILTER_TCP_NONE && next != FILTER_TCP_INVALID &&
					 next != FILTER_TCP_SYN_SENT;
			}
		}
		for (f = 0; f < ARRAY_SIZE(flags); f++) {
			if (state < FILTER_TCP_ESTABLISHED || state == FILTER_TCP_TIME_WAIT)
				continue;
			/* PSH, URG and ECN bits change nothing. */
			wrong += filter_tcp_next(state, true, flags[f]) !=
				 filter_tcp_next(state, true, flags[f] | 0xe8);
			wrong += filter_tcp_next(state, false, flags[f]) == FILTER_TCP_INVALID &&
				 state < FILTER_TCP_TIME_WAIT;
		}
	}
	ok(!wrong, "the tables: %u cells are wrong", wrong);
	ok(filter_tcp_next(FILTER_TCP_MAX, false, EXT_TCP_ACK) == FILTER_TCP_INVALID &&
	   filter_tcp_next(1000, true, EXT_TCP_ACK) == FILTER_TCP_INVALID,
	   "a state beyond the tables");
}

static void test_udp(void)
{
	struct fake_flow c[] = { client4, client6 };
	u32 i;

	for (i = 0; i < 2; i++) {
		c[i].proto = EXT_PROTO_UDP;
		begin();
		ok(!pass(&c[i], '<', 0) && pass(&c[i], '>', 0) && pass(&c[i], '<', 0) &&
		   pass(&c[i], '>', 0),
		   "IPv%u: UDP opens one way, passes both", c[i].family);
		fake_now += 170 * NS;
		ok(pass(&c[i], '<', 0), "answered, it lasts three minutes");
		fake_now += 181 * NS;
		ok(!pass(&c[i], '<', 0), "and no longer");
		ok(pass(&c[i], '>', 0), "the client opens again");
		fake_now += 31 * NS;
		ok(!pass(&c[i], '<', 0), "without an answer it lasts half a minute");
	}
}

static bool ping(const struct fake_flow *ends, char from, u8 type, u16 id)
{
	struct fake_flow f = from == '>' ? *ends : turned(ends);
	struct fake_pkt p;

	f.proto = f.family == 4 ? EXT_PROTO_ICMP : EXT_PROTO_ICMP6;
	f.sport = id;
	f.dport = type << 8;
	fake_make(&p, &f, 0, 20);
	return judge_pkt(&p) == EXT_ACCEPT;
}

static void test_ping(void)
{
	begin();
	ok(ping(&client4, '>', 8, 7) && ping(&client4, '<', 0, 7), "a ping and its answer");
	ok(!ping(&client4, '<', 0, 8), "an answer to no ping");
	ok(!ping(&client4, '>', 13, 9), "what no rule allows");
	ok(ping(&client6, '>', 128, 7) && ping(&client6, '<', 129, 7) &&
	   !ping(&client6, '<', 129, 8),
	   "the same with IPv6");
	rule_at(5)->action = FILTER_DROP;
	ok(do_commit() == 4 && !ping(&client4, '<', 0, 7) && n(FILTER_N_REVOKED) == 1,
	   "forbidden meanwhile, seen from the answer");
	ok(ping(&client6, '<', 129, 7), "the others are judged again and stay");
}

static bool error(const struct fake_flow *to, const struct fake_flow *from, u8 type,
		  const struct fake_pkt *about)
{
	struct fake_flow f = *to;
	struct fake_pkt p;

	memcpy(f.src, from->dst, 16);
	memcpy(f.dst, to->src, 16);
	fake_make_error(&p, &f, type, 0, about);
	p.linear = f.family == 4 ? 28 : 48;
	return judge_pkt(&p) == EXT_ACCEPT;
}

static void test_errors(void)
{
	struct fake_flow *c[] = { &client4, &client6 }, other, back;
	struct fake_pkt about;
	u8 type;
	u32 i;

	for (i = 0; i < 2; i++) {
		begin();
		type = c[i]->family == 4 ? 3 : 1;
		other = *c[i];
		other.dst[3] ^= 1;
		other.dst[15] ^= 1;
		fake_make(&about, c[i], EXT_TCP_SYN, 0);
		ok(!error(c[i], &other, type, &about), "IPv%u: an error about nothing",
		   c[i]->family);
		pass(c[i], '>', EXT_TCP_SYN);
		ok(error(c[i], &other, type, &about) && n(FILTER_N_RELATED) == 1,
		   "about a connection, from a router");
		back = *c[i];
		back.src[3] ^= 1;
		ok(!error(&back, c[i], type, &about), "to somebody else than who sent it");
		back = turned(c[i]);
		fake_make(&about, &back, EXT_TCP_SYN | EXT_TCP_ACK, 0);
		ok(error(&back, &other, type, &about), "about a packet of the other direction");
		about.data[9] ^= 1;
		about.data[6] ^= 1;
		ok(!error(&back, &other, type, &about), "about another protocol");
		about.len = 20;
		ok(!error(&back, &other, type, &about), "that quotes too little");
		fake_now += 1000 * NS;
		fake_make(&about, c[i], EXT_TCP_SYN, 0);
		ok(!error(c[i], &other, type, &about), "about a connection that is over");
	}
	ok(ping(&client6, '>', 135, 1) == false, "a neighbour solicitation from afar");
}

static void test_neighbour(void)
{
	struct fake_flow f = client6;
	struct fake_pkt p;
	u8 type;

	begin();
	for (type = 130; type <= 137; type++) {
		f.proto = EXT_PROTO_ICMP6;
		f.dport = type << 8;
		fake_make(&p, &f, 0, 16);
		p.data[7] = type <= 132 ? 1 : 255;
		if (judge_pkt(&p) != EXT_ACCEPT)
			break;
	}
	ok(type == 138 && n(FILTER_N_NEIGHBOUR) == 8, "neighbour discovery on the link passes");
}

static void test_rules(void)
{
	struct fake_flow f = client4;
	struct filter_rule *r;

	begin();
	f.dport = 81;
	ok(!pass(&f, '>', EXT_TCP_SYN) && fake_counter(&rule_counts, FILTER_RULE_DEFAULT) == 1,
	   "no rule: the policy drops");
	set()->policy = FILTER_ACCEPT;
	ok(do_commit() == 4 && pass(&f, '>', EXT_TCP_SYN), "or accepts");
	r = rule_at(0);
	r->family = 4;
	r->action = FILTER_DROP;
	memcpy(r->src, f.src, 4);
	r->src_bits = 24;
	f.dport = 82;
	ok(do_commit() == 5 && !pass(&f, '>', EXT_TCP_SYN) && fake_counter(&rule_counts, 0) == 1,
	   "the lowest number decides");
	f.src[3] ^= 0x80;
	ok(!pass(&f, '>', EXT_TCP_SYN), "a prefix matches all of it");
	f.src[2] ^= 1;
	ok(pass(&f, '>', EXT_TCP_SYN), "and nothing beside it");
	ok(pass(&client6, '>', EXT_TCP_SYN), "nor another family");
	f = client4;
	f.dport = 81;
	ok(!pass(&f, '<', EXT_TCP_SYN | EXT_TCP_ACK) && n(FILTER_N_REVOKED) == 1,
	   "a connection allowed before is revoked");
	ok(!pass(&f, '>', EXT_TCP_ACK), "and gone");
	r->src_bits = 33;
	ok(do_commit() == -EXT_EINVAL && fake_logs == 1,
	   "a prefix too long is refused, and logged");
	r->src_bits = 24;
	r->dport[0] = 9;
	ok(do_commit() == -EXT_EINVAL, "a range the wrong way round");
	r->dport[0] = 0;
	r->action = 3;
	ok(do_commit() == -EXT_EINVAL, "an action that there is not");
	r->action = FILTER_DROP;
	r->family = 0;
	ok(do_commit() == -EXT_EINVAL, "an address without a family");
	r->family = 4;
	r->unused[2] = 1;
	ok(do_commit() == -EXT_EINVAL, "what is unused is zero");
	r->unused[2] = 0;
	r->in_ifindex = 7;
	r->sport[0] = 1;
	r->sport[1] = 2;
	ok(do_commit() == 5, "a device and a port of the source");
	ok(pass(&client4, '>', EXT_TCP_SYN), "which this one has not");
	set()->policy = 3;
	ok(do_commit() == -EXT_EINVAL, "a policy that there is not");
	ok(commit(NULL, 0, r, 0) == -EXT_EINVAL, "no room for the answer, nor a good policy");
	((struct filter_state *)__ext_state())->busy = 1;
	ok(do_commit() == -EXT_EBUSY, "two at once are refused");
}

static bool fragment(struct fake_flow *f, u16 off, bool more, u16 id, u32 payload)
{
	struct fake_pkt p;

	fake_make(&p, f, 0, payload);
	if (f->family == 4) {
		p.data[4] = id >> 8;
		p.data[5] = id;
		p.data[6] = (more ? 0x20 : 0) | off >> 11;
		p.data[7] = off >> 3;
	} else {
		memmove(p.data + 48, p.data + 40, p.len - 40);
		p.len += 8;
		p.data[40] = p.data[6];
		p.data[6] = 44;
		p.data[41] = 0;
		p.data[42] = off >> 8;
		p.data[43] = (off & 0xf8) | more;
		p.data[44] = 0;
		p.data[45] = 0;
		p.data[46] = id >> 8;
		p.data[47] = id;
	}
	p.linear = f->family == 4 ? 20 : 40;
	return judge_pkt(&p) == EXT_ACCEPT;
}

static void test_fragments(void)
{
	struct fake_flow c[] = { client4, client6 };
	u32 i;

	for (i = 0; i < 2; i++) {
		begin();
		c[i].proto = EXT_PROTO_UDP;
		ok(!fragment(&c[i], 512, false, 1, 500) && n(FILTER_N_LOST_FRAGMENT) == 1,
		   "IPv%u: a fragment whose first one was not seen", c[i].family);
		ok(fragment(&c[i], 0, true, 2, 504) && fragment(&c[i], 512, true, 2, 504) &&
		   fragment(&c[i], 1024, false, 2, 10), "those behind a good one pass");
		ok(!fragment(&c[i], 512, false, 3, 10), "of another datagram not");
		ok(!fragment(&c[i], 8, false, 2, 10), "nor what would lie over the ports");
		fake_now += 31 * NS;
		ok(!fragment(&c[i], 1024, false, 2, 10), "nor half a minute later");
		c[i].dport = 81;
		ok(!fragment(&c[i], 0, true, 4, 504) && !fragment(&c[i], 512, false, 4, 10),
		   "those behind one that was dropped");
		c[i].dport = 80;
	}
}

static void test_malformed(struct rnd *r)
{
	struct fake_pkt p;
	u32 i, k, len;

	begin();
	for (i = 0; i < 6; i++) {
		fake_make(&p, i & 1 ? &client6 : &client4, EXT_TCP_SYN, 0);
		p.len = (i & 1 ? 40 : 20) + i * 3;
		p.linear = p.len;
		if (judge_pkt(&p) != EXT_DROP)
			break;
	}
	ok(i == 6 && n(FILTER_N_MALFORMED) == 6, "headers that are cut off");
	fake_make(&p, &client4, EXT_TCP_SYN, 0);
	p.data[32] = 0x40;
	ok(judge_pkt(&p) == EXT_DROP, "a TCP header of 16 bytes");
	fake_make(&p, &client4, EXT_TCP_SYN, 0);
	p.data[32] = 0xf0;
	ok(judge_pkt(&p) == EXT_DROP, "one longer than the packet");
	p.data[0] = 0;
	ok(judge_pkt(&p) == EXT_ACCEPT && n(FILTER_N_OTHER) == 1, "what is no IP");
	for (i = 0; i < 100000; i++) {
		fake_make(&p, i & 1 ? &client6 : &client4, rnd_u64(r), 64);
		if (rnd_below(r, 2))
			p.data[i & 1 ? 6 : 9] = "\x01\x06\x11\x3a\x00\x2b\x2c\x3c"[rnd_below(r, 8)];
		for (k = rnd_below(r, 8); k; k--)
			p.data[rnd_below(r, p.len)] = rnd_u64(r);
		len = rnd_below(r, p.len + 1);
		if (p.data[0] >> 4 == 4 && len < 20)
			len = 20;
		if (p.data[0] >> 4 == 6 && len < 40)
			len = 40;
		p.len = len;
		p.linear = rnd_below(r, len + 1);
		judge_pkt(&p);
		fake_now += rnd_below(r, NS);
	}
	ok(true, "100000 packets with bytes changed or missing");
}

static void test_flood(void)
{
	struct fake_flow f = client4;
	u32 i;

	begin();
	pass(&client4, '>', EXT_TCP_SYN);
	pass(&client4, '<', EXT_TCP_SYN | EXT_TCP_ACK);
	pass(&client4, '>', EXT_TCP_ACK);
	for (i = 0; i < FILTER_OPENING * 2; i++) {
		f.src[2] = i >> 8;
		f.src[3] = i;
		f.sport = i;
		pass(&f, '>', EXT_TCP_SYN);
	}
	ok(fake_map_count(&opening) == FILTER_OPENING && pass(&client4, '<', EXT_TCP_ACK),
	   "a flood of SYNs pushes out none but its own");
}

/* A new instance with the old one's connections. */
static void test_restart(void)
{
	begin();
	pass(&client4, '>', EXT_TCP_SYN);
	pass(&client4, '<', EXT_TCP_SYN | EXT_TCP_ACK);
	pass(&client4, '>', EXT_TCP_ACK);
	fake_restart(sizeof(struct filter_state));
	ok(start() == 0 && pass(&client4, '<', EXT_TCP_ACK), "connections outlive the instance");
}

int main(void)
{
	static const u8 from6[16] = { 0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9 };
	static const u8 to6[16] = { 0x20, 1, 0xd, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 };
	struct rnd r;

	client4 =
		(struct fake_flow){ { 10, 1, 2, 3 }, { 10, 9, 8, 7 }, 4711, 80, EXT_PROTO_TCP, 4 };
	client6 = (struct fake_flow){ { 0 }, { 0 }, 80, 80, EXT_PROTO_TCP, 6 };
	memcpy(client6.src, from6, 16);
	memcpy(client6.dst, to6, 16);
	client6.sport = 4712;
	rnd_seed(&r, native_seed());
	test_tcp();
	test_states();
	test_udp();
	test_ping();
	test_errors();
	test_neighbour();
	test_rules();
	test_fragments();
	test_malformed(&r);
	test_flood();
	test_restart();
	fake_reset(0);
	fake_restart(0);
	return done();
}
