// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SYN option: found where it may stand and nowhere else, whatever surrounds
 * it, and tagged over all that it is bound to.
 */
#include <asm/unaligned.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "../modules/overlay/option.h"
#include "overlay_fixture.h"

#define T_KIND	253
#define T_EXID	0x4153

/* Options are strings, so that they can be put together. */
#define OURS(len) "\xfd" len "AS"
#define BODY16	"0123456789abcdef"
#define OPTION	"\375\024AS0123456789abcdef"
#define MSS	"\2\4\5\xb4"
#define SACK_TS	"\4\2\10\n\0\0\0\1\0\0\0\2"
#define NOP	"\1"
#define EOL	"\0"

struct scan_case {
	const char *name;
	unsigned int seen;
	u8 option;
	const u8 *opts;
	u8 len;
};

#define SCAN(n, s, o, bytes) { \
	.name = (n), .seen = (s), .option = (o), \
	.opts = (const u8 *)(bytes), .len = sizeof(bytes) - 1 }

static const struct scan_case scan_cases[] = {
	SCAN("no options", 0, 0, ""),
	SCAN("alone", OV_SYN_OPTION, 20, OPTION),
	SCAN("behind MSS", OV_SYN_OPTION, 24, MSS OPTION),
	SCAN("before MSS", OV_SYN_OPTION, 20, OPTION MSS),
	SCAN("behind all that Linux sends", OV_SYN_OPTION, 40,
	     MSS SACK_TS NOP "\3\3\7" OPTION),
	SCAN("behind four NOPs", OV_SYN_OPTION, 24, NOP NOP NOP NOP OPTION),
	SCAN("misplaced by 1", OV_SYN_BROKEN, 0, NOP OPTION EOL EOL EOL),
	SCAN("misplaced by 2", OV_SYN_BROKEN, 0, NOP NOP OPTION EOL EOL),
	SCAN("misplaced by 3", OV_SYN_BROKEN, 0, NOP NOP NOP OPTION EOL),
	SCAN("behind EOL", 0, 0, EOL NOP NOP NOP OPTION),
	SCAN("twice", OV_SYN_OPTION | OV_SYN_BROKEN, 20, OPTION OPTION),
	SCAN("only its head", OV_SYN_BROKEN, 0, OURS("\4")),
	SCAN("too short", OV_SYN_BROKEN, 0, OURS("\x10") "0123456789ab"),
	SCAN("too long", OV_SYN_BROKEN, 0, OURS("\x18") BODY16 "0123"),
	SCAN("cut off by the header", OV_SYN_BROKEN, 0, OURS("\x14") "0123"),
	SCAN("without room for an identifier", 0, 0, "\xfd\3A" NOP),
	SCAN("identifier behind its end", OV_SYN_BROKEN, 0, "\xfd\2AS"),
	SCAN("other identifier", 0, 0, "\375\024AT" BODY16),
	SCAN("swapped identifier", 0, 0, "\xfd\x14SA" BODY16),
	SCAN("other kind", 0, 0, "\376\024AS" BODY16),
	SCAN("our bytes within another option", 0, 0, "M\x18__" OPTION),
	SCAN("fast open, asking", OV_SYN_FASTOPEN, 0, "\x22\2" NOP NOP),
	SCAN("fast open, with cookie", OV_SYN_FASTOPEN, 0,
	     "\042\01201234567" NOP NOP),
	SCAN("fast open, experimental", OV_SYN_FASTOPEN, 0, "\xfe\4\xf9\x89"),
	SCAN("fast open and ours", OV_SYN_FASTOPEN | OV_SYN_OPTION, 24,
	     "\x22\2" NOP NOP OPTION),
	SCAN("MD5", OV_SYN_SIGNED, 0, "\x13\x12" BODY16 NOP NOP),
	SCAN("AO", OV_SYN_SIGNED, 0, "\035\0200123456789abcd"),
	SCAN("MPTCP", OV_SYN_MPTCP, 0, "\x1e\4\0\1"),
	SCAN("MPTCP and ours", OV_SYN_MPTCP | OV_SYN_OPTION, 24,
	     "\x1e\4\0\1" OPTION),
	SCAN("unknown options", 0, 0, "\143\0060123\310\2"),
	SCAN("length 0", OV_SYN_BROKEN, 0, "\x63\0" NOP NOP),
	SCAN("length 1", OV_SYN_BROKEN, 0, "\x63\1" NOP NOP),
	SCAN("length beyond the header", OV_SYN_BROKEN, 0, "\143\00501"),
	SCAN("ours of length 0", OV_SYN_BROKEN, 0, OURS("\0")),
	SCAN("kind without a length", OV_SYN_BROKEN, 0, NOP NOP NOP "\x63"),
	SCAN("ours, then broken", OV_SYN_OPTION | OV_SYN_BROKEN, 20,
	     OPTION "\x63\0" NOP NOP),
};

static void scan_desc(const struct scan_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(scan, scan_cases, scan_desc);

/* A header of @doff words that ends where its memory ends. */
static struct tcphdr *header_new(struct kunit *test, unsigned int doff,
				 const u8 *opts)
{
	struct tcphdr *th = kmalloc(max_t(size_t, doff * 4, sizeof(*th)),
				    GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, th);
	memset(th, 0, sizeof(*th));
	th->doff = doff;
	if (doff > 5)
		memcpy(th + 1, opts, doff * 4 - sizeof(*th));
	return th;
}

static void option_scan(struct kunit *test)
{
	const struct scan_case *c = test->param_value;
	struct tcphdr *th = header_new(test, 5 + c->len / 4, c->opts);
	struct ov_syn_options found;

	KUNIT_EXPECT_EQ(test, c->len % 4, 0);
	memset(&found, 0xff, sizeof(found));
	ov_option_scan(th, T_KIND, T_EXID, &found);
	KUNIT_EXPECT_EQ(test, found.seen, c->seen);
	KUNIT_EXPECT_EQ(test, found.option, c->option);
	kfree(th);
}

/* Every length that the option could claim, in a header that is full. */
static void option_every_length(struct kunit *test)
{
	u8 opts[41] = OPTION;
	struct ov_syn_options found;
	unsigned int len;

	for (len = 0; len < 256; len++) {
		struct tcphdr *th;

		opts[1] = len;
		th = header_new(test, 15, opts);
		ov_option_scan(th, T_KIND, T_EXID, &found);
		KUNIT_EXPECT_EQ(test, !!(found.seen & OV_SYN_OPTION), len == 20);
		if (len != 2 && len != 3 && len != 20)
			KUNIT_EXPECT_EQ(test, found.seen, OV_SYN_BROKEN);
		kfree(th);
	}
}

/* Every length of the header, also those that no header has. */
static void option_every_truncation(struct kunit *test)
{
	static const u8 opts[41] = OPTION;
	struct ov_syn_options found;
	unsigned int doff;

	for (doff = 0; doff < 16; doff++) {
		struct tcphdr *th = header_new(test, doff, opts);
		unsigned int seen = doff <= 5 ? 0 :
				    doff < 10 ? OV_SYN_BROKEN : OV_SYN_OPTION;

		ov_option_scan(th, T_KIND, T_EXID, &found);
		KUNIT_EXPECT_EQ(test, found.seen, seen);
		kfree(th);
	}
}

/* Where ours stands, by a walk of its own from option to option, or -1. */
static int reference_option(const u8 *opts, unsigned int len)
{
	const u8 *opt = opts, *end = opts + len;

	while (opt < end && *opt != TCPOPT_EOL) {
		if (*opt == TCPOPT_NOP) {
			opt++;
			continue;
		}
		if (end - opt < 2 || opt[1] < 2 || opt[1] > end - opt)
			return -1;
		if (opt[0] == T_KIND && opt[1] == 20 && (opt - opts) % 4 == 0 &&
		    opt[2] == T_EXID >> 8 && opt[3] == (T_EXID & 0xff))
			return opt - opts;
		opt += opt[1];
	}
	return -1;
}

/* Options of random kinds and lengths, most of them likely. */
static void random_options(struct rnd_state *rnd, u8 *opts)
{
	static const u8 kinds[] = { 0, 1, 1, 2, 3, 4, 8, 19, 30, 34, 254, T_KIND };
	unsigned int at = 0;

	prandom_bytes_state(rnd, opts, 40);
	while (at < 40) {
		u32 r = prandom_u32_state(rnd);

		if (r % 8 == 0 && at <= 20) {
			memcpy(opts + at, OPTION, OV_OPTION_LEN);
			at += 20;
			continue;
		}
		opts[at] = kinds[(r >> 8) % ARRAY_SIZE(kinds)];
		if (opts[at++] > 1 && at < 40) {
			opts[at] = (r >> 16) % 12;
			at += max_t(u8, opts[at], 2) - 1;
		}
	}
}

static void option_random(struct kunit *test)
{
	unsigned int i, bad = 0, hits = 0;
	struct rnd_state rnd;

	t_random(test, &rnd);
	for (i = 0; i < 5000; i++) {
		unsigned int doff = 5 + prandom_u32_state(&rnd) % 11;
		struct ov_syn_options found;
		struct tcphdr *th;
		u8 opts[40];
		int at;

		random_options(&rnd, opts);
		th = header_new(test, doff, opts);
		ov_option_scan(th, T_KIND, T_EXID, &found);
		at = reference_option(opts, doff * 4 - sizeof(*th));
		hits += at >= 0;
		bad += (at >= 0) != !!(found.seen & OV_SYN_OPTION);
		bad += at >= 0 && at + sizeof(*th) != found.option;
		kfree(th);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_GT(test, hits, 100);
}

static void option_layout(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(struct ov_option), 20);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, kind), 0);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, len), 1);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, exid), 2);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, src_id), 4);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, dst_id), 8);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, sport), 12);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, dport), 14);
	KUNIT_EXPECT_EQ(test, offsetof(struct ov_option, tag), 16);
}

/* What a tag is made of, as one piece of memory to change bytes of. */
struct tag_input {
	struct ov_option_ctx ctx;
	siphash_key_t key;
};

static const u8 tag_key[16] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
};

static void tag_input_init(struct tag_input *in)
{
	*in = (struct tag_input){
		.ctx = {
			.vni = 0xabcdef,
			.overlay = t_overlay(45000, 80),
			.underlay = t_underlay(40001, 7001),
			.seq = htonl(0xdeadbeef),
			.nonce = 0x1122334455667788ULL,
		},
	};
	in->key.key[0] = get_unaligned_le64(tag_key);
	in->key.key[1] = get_unaligned_le64(tag_key + 8);
}

static u32 tag_of(const struct tag_input *in)
{
	return be32_to_cpu(ov_option_tag(&in->ctx, &in->key));
}

/* The bytes that the tag is over, one by one. */
static const u8 tag_bytes[] = {
	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	0x00, 0xab, 0xcd, 0xef, 0xde, 0xad, 0xbe, 0xef,
	10, 0, 0, 1, 10, 0, 0, 2, 0xaf, 0xc8, 0, 80,
	192, 0, 2, 1, 192, 0, 2, 2, 0x9c, 0x41, 0x1b, 0x59,
};

/* The second SipHash is one: the vectors of its authors. */
static void option_siphash_vectors(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, t_siphash(tag_key, 0, tag_key), 0x726fdb47dd0e0e31ULL);
	KUNIT_EXPECT_EQ(test, t_siphash(tag_key, 8, tag_key), 0x93f5f5799a932462ULL);
	KUNIT_EXPECT_EQ(test, t_siphash(tag_key, 15, tag_key), 0xa129ca6149be45e5ULL);
}

static void option_tag_bytes(struct kunit *test)
{
	struct tag_input in;

	tag_input_init(&in);
	KUNIT_EXPECT_EQ(test, sizeof(tag_bytes), 40);
	KUNIT_EXPECT_EQ(test, tag_of(&in),
			(u32)(t_siphash(tag_bytes, sizeof(tag_bytes), tag_key) >> 32));
}

struct tag_field {
	const char *name;
	u8 offset;
	u8 size;
};

#define FIELD(...) { #__VA_ARGS__, offsetof(struct tag_input, __VA_ARGS__), \
		     sizeof_field(struct tag_input, __VA_ARGS__) }

static const struct tag_field tag_fields[] = {
	FIELD(ctx.vni), FIELD(ctx.overlay.lport), FIELD(ctx.overlay.rport),
	FIELD(ctx.overlay.local.in6.s6_addr32[3]),
	FIELD(ctx.overlay.remote.in6.s6_addr32[3]),
	FIELD(ctx.underlay.local.in6.s6_addr32[3]),
	FIELD(ctx.underlay.remote.in6.s6_addr32[3]),
	FIELD(ctx.underlay.lport), FIELD(ctx.underlay.rport), FIELD(ctx.seq),
	FIELD(ctx.nonce), FIELD(key),
};

static void tag_field_desc(const struct tag_field *f, char *desc)
{
	strscpy(desc, f->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tag_field, tag_fields, tag_field_desc);

static void option_tag_binds(struct kunit *test)
{
	const struct tag_field *f = test->param_value;
	unsigned int bit, same = 0;
	struct tag_input in;
	u32 tag;

	tag_input_init(&in);
	tag = tag_of(&in);
	for (bit = 0; bit < f->size * 8; bit++) {
		u8 *byte = (u8 *)&in + f->offset + bit / 8;

		*byte ^= BIT(bit % 8);
		same += tag_of(&in) == tag;
		*byte ^= BIT(bit % 8);
	}
	KUNIT_EXPECT_EQ(test, same, 0);
	KUNIT_EXPECT_EQ(test, tag_of(&in), tag);
}

/* A tag that a host has seen is of no use the other way round. */
static void option_tag_directed(struct kunit *test)
{
	struct tag_input in, back;

	tag_input_init(&in);
	tag_input_init(&back);
	swap(back.ctx.overlay.local, back.ctx.overlay.remote);
	KUNIT_EXPECT_NE(test, tag_of(&in), tag_of(&back));
	swap(back.ctx.overlay.local, back.ctx.overlay.remote);
	swap(back.ctx.underlay.local, back.ctx.underlay.remote);
	KUNIT_EXPECT_NE(test, tag_of(&in), tag_of(&back));
	swap(back.ctx.underlay.lport, back.ctx.underlay.rport);
	KUNIT_EXPECT_NE(test, tag_of(&in), tag_of(&back));
}

/* The comparisons above see bytes, and options, that differ. */
static void option_control(struct kunit *test)
{
	static const u8 opts[41] = MSS OPTION;
	u8 bytes[sizeof(tag_bytes)];
	struct tag_input in;

	tag_input_init(&in);
	memcpy(bytes, tag_bytes, sizeof(bytes));
	swap(bytes[20], bytes[23]);
	KUNIT_EXPECT_NE(test, tag_of(&in),
			(u32)(t_siphash(bytes, sizeof(bytes), tag_key) >> 32));
	KUNIT_EXPECT_EQ(test, reference_option(opts, 24), 4);
	KUNIT_EXPECT_EQ(test, reference_option(opts, 20), -1);
	KUNIT_EXPECT_EQ(test, reference_option(opts + 2, 24), -1);
}

static struct kunit_case option_cases[] = {
	KUNIT_CASE(option_layout),
	KUNIT_CASE_PARAM(option_scan, scan_gen_params),
	KUNIT_CASE(option_every_length),
	KUNIT_CASE(option_every_truncation),
	KUNIT_CASE(option_random),
	KUNIT_CASE(option_siphash_vectors),
	KUNIT_CASE(option_tag_bytes),
	KUNIT_CASE_PARAM(option_tag_binds, tag_field_gen_params),
	KUNIT_CASE(option_tag_directed),
	KUNIT_CASE(option_control),
	{}
};

static struct kunit_suite option_suite = {
	.name = "overlay_option",
	.test_cases = option_cases,
};

kunit_test_suite(option_suite);
