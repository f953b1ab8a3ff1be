// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeats: to the byte, and what is refused. Tags, sessions and numbers are
 * in link_peer_kunit.c, many more random bytes in tests/native/beat.c.
 */
#include <kunit/test.h>

#include "../modules/link/beat.h"
#include "../modules/link/detect.h"
#include "../modules/link/ladder.h"
#include "link_fixture.h"

static const struct ln_beat sample = {
	.type = LN_BEAT_FULL,
	.flags = LN_BEAT_F_KEYED | LN_BEAT_F_CONGESTED,
	.host = 0x0102030405060708ULL,
	.nonce = 0x1112131415161718ULL,
	.echo = 0x2122232425262728ULL,
	.seq = 0x3132333435363738ULL,
	.verdict = LN_CORRUPTING,
	.state = LN_WANTED,
	.why = LN_WHY_GUARD,
	.ifindex = 0x41424344,
	.round = 0x45464748,
	.agree = 0x494a4b4c,
	.beat_ms = 0x4d4e4f50,
	.loss = 0x0000005152535455ULL,
	.upper = LN_PPT,
	.trials = 0x6162636465666768ULL,
	.errors = 0x7172737475767778ULL,
	.beats = 0x8182838485868788ULL,
	.drops = 0x9192939495969798ULL,
	.optics = {
		.state = LN_OPTICS_OK,
		.thresholds = true,
		.tx_power = 0xa1a2,
		.rx_power = 0xa3a4,
		.tx_low = 0xa5a6,
		.rx_low = 0xa7a8,
		.tx_bias = 0xa9aa,
	},
	.name = "eth0@host",
};

/* The same by hand. */
static const u8 sample_bytes[160] = {
	0x41, 0x53, 0x01, 0x01, 0x21, 0x00, 0x00, 0x00,
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
	0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
	0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,
	0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38,
	0x03, 0x01, 0x03, 0x01, 0x01, 0x00, 0xa9, 0xaa,
	0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8,
	0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
	0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50,
	0x00, 0x00, 0x00, 0x51, 0x52, 0x53, 0x54, 0x55,
	0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00,
	0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
	0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78,
	0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88,
	0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
	'e', 't', 'h', '0', '@', 'h', 'o', 's',
	't',
};

static void beat_bytes(struct kunit *test)
{
	u8 buf[LN_BEAT_MAX_LEN];
	struct ln_beat b = sample;

	KUNIT_EXPECT_EQ(test, ln_beat_len(LN_BEAT_FULL), 160);
	KUNIT_EXPECT_EQ(test, ln_beat_len(LN_BEAT_BYE), 160);
	KUNIT_EXPECT_EQ(test, ln_beat_len(LN_BEAT_PROBE), 48);

	ln_beat_encode(&b, buf);
	KUNIT_EXPECT_EQ(test, memcmp(buf, sample_bytes, 160), 0);
	b.type = LN_BEAT_PROBE;
	ln_beat_encode(&b, buf);
	KUNIT_EXPECT_EQ(test, buf[3], LN_BEAT_PROBE);
	KUNIT_EXPECT_EQ(test, memcmp(buf + 4, sample_bytes + 4, 36), 0);
	ln_beat_set_tag(buf, LN_BEAT_PROBE, 0x0102030405060708ULL);
	KUNIT_EXPECT_EQ(test, memcmp(buf + 40, sample_bytes + 8, 8), 0);
	KUNIT_EXPECT_EQ(test, ln_beat_tag(buf, LN_BEAT_PROBE),
			0x0102030405060708ULL);
}

static void beat_read(struct kunit *test)
{
	struct ln_beat b, head = {
		.type = LN_BEAT_PROBE, .flags = sample.flags,
		.host = sample.host, .nonce = sample.nonce,
		.echo = sample.echo, .seq = sample.seq,
	};
	u8 buf[LN_BEAT_MAX_LEN];

	KUNIT_ASSERT_EQ(test, ln_beat_decode(&b, sample_bytes, 160), 0);
	KUNIT_EXPECT_EQ(test, b.loss, sample.loss);
	KUNIT_EXPECT_EQ(test, b.agree, sample.agree);
	KUNIT_EXPECT_EQ(test, b.optics.tx_bias, sample.optics.tx_bias);
	KUNIT_EXPECT_STREQ(test, b.name, sample.name);
	ln_beat_encode(&b, buf);
	KUNIT_EXPECT_EQ(test, memcmp(buf, sample_bytes, 160), 0);
	ln_beat_encode(&head, buf);
	KUNIT_ASSERT_EQ(test, ln_beat_decode(&b, buf, 48), 0);
	KUNIT_EXPECT_EQ(test, b.seq, sample.seq);
	KUNIT_EXPECT_EQ(test, b.trials, 0ULL);
}

/**
 * struct malformed - a heartbeat with a byte changed
 * @name: of the case
 * @at: where
 * @value: what is there
 * @len: of the frame
 * @err: what decoding says
 */
struct malformed {
	const char *name;
	u8 at;
	u8 value;
	u8 len;
	int err;
};

static const struct malformed malformed[] = {
	{ "nothing changed", 0, 0x41, 160, 0 },
	{ "padding", 0, 0x41, 190, 0 },
	{ "empty", 0, 0x41, 0, -EBADMSG },
	{ "shorter than magic and version", 0, 0x41, 2, -EBADMSG },
	{ "shorter than a head", 0, 0x41, 39, -EBADMSG },
	{ "a byte too short", 0, 0x41, 159, -EBADMSG },
	{ "magic", 0, 0x42, 160, -EBADMSG },
	{ "version 0", 2, 0, 160, -EPROTO },
	{ "version 2", 2, 2, 160, -EPROTO },
	{ "version 2, shorter", 2, 2, 3, -EPROTO },
	{ "type 0", 3, 0, 160, -EBADMSG },
	{ "type 4", 3, 4, 160, -EBADMSG },
	{ "unknown flag", 4, 0x40, 160, -EBADMSG },
	{ "all flags", 4, 0x3f, 160, 0 },
	{ "reserved byte", 5, 1, 160, -EBADMSG },
	{ "last reserved byte", 7, 1, 160, -EBADMSG },
	{ "verdict", 40, LN_CORRUPTING + 1, 160, -EBADMSG },
	{ "last state", 41, LN_STATES - 1, 160, 0 },
	{ "state", 41, LN_STATES, 160, -EBADMSG },
	{ "last why", 42, LN_WHY_MAX - 1, 160, 0 },
	{ "why", 42, LN_WHY_MAX, 160, -EBADMSG },
	{ "state of the optics", 43, LN_OPTICS_ERROR + 1, 160, -EBADMSG },
	{ "thresholds", 44, 2, 160, -EBADMSG },
	{ "second reserved byte", 45, 1, 160, -EBADMSG },
	{ "loss over 1", 72, 1, 160, -EBADMSG },
	{ "upper bound over 1", 87, 1, 160, -EBADMSG },
	{ "space in the name", 124, ' ', 160, -EBADMSG },
	{ "escape in the name", 124, 0x1b, 160, -EBADMSG },
	{ "high byte in the name", 124, 0x80, 160, -EBADMSG },
	{ "something after the name", 140, 'x', 160, -EBADMSG },
	{ "empty name, then something", 120, 0, 160, -EBADMSG },
};

static void malformed_desc(const struct malformed *m, char *desc)
{
	strscpy(desc, m->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(malformed, malformed, malformed_desc);

static void beat_malformed(struct kunit *test)
{
	const struct malformed *m = test->param_value;
	u8 buf[LN_BEAT_MAX_LEN] = {};
	struct ln_beat b;

	memcpy(buf, sample_bytes, sizeof(sample_bytes));
	buf[m->at] = m->value;
	KUNIT_EXPECT_EQ(test, ln_beat_decode(&b, buf, m->len), m->err);
}

/* What has to differ from 0, and a name that fills its place. */
static void beat_zeroes(struct kunit *test)
{
	static const u8 at[] = { 16, 32, 68 }, n[] = { 8, 8, 4 };
	u8 buf[LN_BEAT_MAX_LEN];
	struct ln_beat b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		memcpy(buf, sample_bytes, sizeof(sample_bytes));
		memset(buf + at[i], 0, n[i]);
		KUNIT_EXPECT_EQ(test, ln_beat_decode(&b, buf, 160), -EBADMSG);
	}
	memcpy(buf, sample_bytes, sizeof(sample_bytes));
	memset(buf + 120, 'n', 31);
	KUNIT_EXPECT_EQ(test, ln_beat_decode(&b, buf, 160), 0);
	buf[151] = 'n';
	KUNIT_EXPECT_EQ(test, ln_beat_decode(&b, buf, 160), -EBADMSG);
}

/* What a sender would not want to say is made fit. */
static void beat_fit(struct kunit *test)
{
	struct ln_beat b = sample, back;
	u8 buf[LN_BEAT_MAX_LEN];

	b.loss = U64_MAX;
	strscpy(b.name, "a b\n\x80@h", sizeof(b.name));
	ln_beat_encode(&b, buf);
	KUNIT_ASSERT_EQ(test, ln_beat_decode(&back, buf, 160), 0);
	KUNIT_EXPECT_EQ(test, back.loss, LN_PPT);
	KUNIT_EXPECT_STREQ(test, back.name, "a?b??@h");
}

static void beat_random(struct kunit *test)
{
	u8 buf[LN_BEAT_MAX_LEN], again[LN_BEAT_MAX_LEN];
	struct rnd_state rnd;
	unsigned int i;
	struct ln_beat b;

	t_random(test, &rnd);
	for (i = 0; i < 20000; i++) {
		memcpy(buf, sample_bytes, sizeof(sample_bytes));
		if (i & 1)
			prandom_bytes_state(&rnd, buf + 3, sizeof(buf) - 3);
		buf[prandom_u32_state(&rnd) % 160] = prandom_u32_state(&rnd);
		if (ln_beat_decode(&b, buf,
				   prandom_u32_state(&rnd) % sizeof(buf)))
			continue;
		ln_beat_encode(&b, again);
		KUNIT_ASSERT_EQ(test, memcmp(again, buf, ln_beat_len(b.type) - LN_BEAT_TAG_LEN), 0);
	}
}

static struct kunit_case beat_cases[] = {
	KUNIT_CASE(beat_bytes),
	KUNIT_CASE(beat_read),
	KUNIT_CASE_PARAM(beat_malformed, malformed_gen_params),
	KUNIT_CASE(beat_zeroes),
	KUNIT_CASE(beat_fit),
	KUNIT_CASE(beat_random),
	{}
};

static struct kunit_suite beat_suite = {
	.name = "link_beat",
	.test_cases = beat_cases,
};

kunit_test_suite(beat_suite);
