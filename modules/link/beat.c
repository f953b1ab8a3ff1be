// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeats to the byte, big endian. All types:
 *
 *     0  2  magic 0x4153
 *     2  1  version 1
 *     3  1  type
 *     4  1  flags
 *     5  3  0
 *     8  8  host
 *    16  8  nonce, never 0
 *    24  8  echo
 *    32  8  seq, never 0
 *
 * A probe's tag follows, so it has 48 bytes. The others go on:
 *
 *    40  1  verdict
 *    41  1  state
 *    42  1  why
 *    43  1  optics: state
 *    44  1  optics: 1 if the thresholds make sense, else 0
 *    45  1  0
 *    46  2  optics: tx_bias
 *    48  2  optics: tx_power
 *    50  2  optics: rx_power
 *    52  2  optics: tx_low
 *    54  2  optics: rx_low
 *    56  4  ifindex
 *    60  4  round
 *    64  4  agree
 *    68  4  beat_ms, never 0
 *    72  8  loss, at most 10^12
 *    80  8  upper, at most 10^12
 *    88  8  trials
 *    96  8  errors
 *   104  8  beats
 *   112  8  drops
 *   120 32  name: printable ASCII, then zeroes, at least one
 *   152  8  tag
 *
 * What follows the tag is padding, and not looked at.
 */
#include "beat.h"
#include "detect.h"
#include "ladder.h"

enum {
	O_MAGIC = 0,
	O_VERSION = 2,
	O_TYPE = 3,
	O_FLAGS = 4,
	O_ZERO = 5,
	O_HOST = 8,
	O_NONCE = 16,
	O_ECHO = 24,
	O_SEQ = 32,
	O_HEAD_END = 40,
	O_VERDICT = 40,
	O_STATE = 41,
	O_WHY = 42,
	O_OPTICS_STATE = 43,
	O_THRESHOLDS = 44,
	O_ZERO2 = 45,
	O_TX_BIAS = 46,
	O_TX_POWER = 48,
	O_RX_POWER = 50,
	O_TX_LOW = 52,
	O_RX_LOW = 54,
	O_IFINDEX = 56,
	O_ROUND = 60,
	O_AGREE = 64,
	O_BEAT_MS = 68,
	O_LOSS = 72,
	O_UPPER = 80,
	O_TRIALS = 88,
	O_ERRORS = 96,
	O_BEATS = 104,
	O_DROPS = 112,
	O_NAME = 120,
	O_BODY_END = O_NAME + LN_BEAT_NAME_LEN,
};

#define FLAGS_KNOWN \
	(LN_BEAT_F_KEYED | LN_BEAT_F_GROUPED | LN_BEAT_F_PROVEN | \
	 LN_BEAT_F_RESTORED | LN_BEAT_F_REFUSED | LN_BEAT_F_CONGESTED)

static void put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(u8 *p, u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static void put64(u8 *p, u64 v)
{
	put32(p, v >> 32);
	put32(p + 4, v);
}

static u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static u32 get32(const u8 *p)
{
	return (u32)get16(p) << 16 | get16(p + 2);
}

static u64 get64(const u8 *p)
{
	return (u64)get32(p) << 32 | get32(p + 4);
}

static bool printable(char c)
{
	return c > ' ' && c <= '~';
}

size_t ln_beat_len(enum ln_beat_type type)
{
	return (type == LN_BEAT_PROBE ? O_HEAD_END : O_BODY_END) +
	       LN_BEAT_TAG_LEN;
}

u64 ln_beat_tag(const u8 *buf, enum ln_beat_type type)
{
	return get64(buf + ln_beat_len(type) - LN_BEAT_TAG_LEN);
}

void ln_beat_set_tag(u8 *buf, enum ln_beat_type type, u64 tag)
{
	put64(buf + ln_beat_len(type) - LN_BEAT_TAG_LEN, tag);
}

static void encode_head(const struct ln_beat *b, u8 *buf)
{
	put16(buf + O_MAGIC, LN_BEAT_MAGIC);
	buf[O_VERSION] = LN_BEAT_VERSION;
	buf[O_TYPE] = b->type;
	buf[O_FLAGS] = b->flags;
	put64(buf + O_HOST, b->host);
	put64(buf + O_NONCE, b->nonce);
	put64(buf + O_ECHO, b->echo);
	put64(buf + O_SEQ, b->seq);
}

static void encode_optics(const struct ln_optics *o, u8 *buf)
{
	buf[O_OPTICS_STATE] = o->state;
	buf[O_THRESHOLDS] = o->thresholds;
	put16(buf + O_TX_BIAS, o->tx_bias);
	put16(buf + O_TX_POWER, o->tx_power);
	put16(buf + O_RX_POWER, o->rx_power);
	put16(buf + O_TX_LOW, o->tx_low);
	put16(buf + O_RX_LOW, o->rx_low);
}

static void encode_name(const char *name, u8 *to)
{
	size_t i;

	for (i = 0; i < LN_BEAT_NAME_LEN - 1 && name[i]; i++)
		to[i] = printable(name[i]) ? name[i] : '?';
}

void ln_beat_encode(const struct ln_beat *b, u8 *buf)
{
	memset(buf, 0, ln_beat_len(b->type));
	encode_head(b, buf);
	if (b->type == LN_BEAT_PROBE)
		return;
	buf[O_VERDICT] = b->verdict;
	buf[O_STATE] = b->state;
	buf[O_WHY] = b->why;
	encode_optics(&b->optics, buf);
	put32(buf + O_IFINDEX, b->ifindex);
	put32(buf + O_ROUND, b->round);
	put32(buf + O_AGREE, b->agree);
	put32(buf + O_BEAT_MS, b->beat_ms);
	put64(buf + O_LOSS, min_t(u64, b->loss, LN_PPT));
	put64(buf + O_UPPER, min_t(u64, b->upper, LN_PPT));
	put64(buf + O_TRIALS, b->trials);
	put64(buf + O_ERRORS, b->errors);
	put64(buf + O_BEATS, b->beats);
	put64(buf + O_DROPS, b->drops);
	encode_name(b->name, buf + O_NAME);
}

static bool is_zero(const u8 *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

static bool decode_name(char *name, const u8 *from)
{
	size_t n = 0;

	while (n < LN_BEAT_NAME_LEN && from[n]) {
		if (!printable(from[n]))
			return false;
		n++;
	}
	if (n == LN_BEAT_NAME_LEN || !is_zero(from + n, LN_BEAT_NAME_LEN - n))
		return false;
	memcpy(name, from, LN_BEAT_NAME_LEN);
	return true;
}

static bool decode_optics(struct ln_optics *o, const u8 *buf)
{
	if (buf[O_OPTICS_STATE] > LN_OPTICS_ERROR || buf[O_THRESHOLDS] > 1)
		return false;
	o->state = buf[O_OPTICS_STATE];
	o->thresholds = buf[O_THRESHOLDS];
	o->tx_bias = get16(buf + O_TX_BIAS);
	o->tx_power = get16(buf + O_TX_POWER);
	o->rx_power = get16(buf + O_RX_POWER);
	o->tx_low = get16(buf + O_TX_LOW);
	o->rx_low = get16(buf + O_RX_LOW);
	return true;
}

static bool decode_head(struct ln_beat *b, const u8 *buf)
{
	b->type = buf[O_TYPE];
	b->flags = buf[O_FLAGS];
	b->host = get64(buf + O_HOST);
	b->nonce = get64(buf + O_NONCE);
	b->echo = get64(buf + O_ECHO);
	b->seq = get64(buf + O_SEQ);
	return b->type >= LN_BEAT_FULL && b->type <= LN_BEAT_BYE &&
	       !(b->flags & ~FLAGS_KNOWN) && b->nonce && b->seq &&
	       is_zero(buf + O_ZERO, O_HOST - O_ZERO);
}

static bool decode_body(struct ln_beat *b, const u8 *buf)
{
	b->verdict = buf[O_VERDICT];
	b->state = buf[O_STATE];
	b->why = buf[O_WHY];
	b->ifindex = get32(buf + O_IFINDEX);
	b->round = get32(buf + O_ROUND);
	b->agree = get32(buf + O_AGREE);
	b->beat_ms = get32(buf + O_BEAT_MS);
	b->loss = get64(buf + O_LOSS);
	b->upper = get64(buf + O_UPPER);
	b->trials = get64(buf + O_TRIALS);
	b->errors = get64(buf + O_ERRORS);
	b->beats = get64(buf + O_BEATS);
	b->drops = get64(buf + O_DROPS);
	return b->verdict <= LN_CORRUPTING && b->state < LN_STATES &&
	       b->why < LN_WHY_MAX && b->beat_ms && b->loss <= LN_PPT &&
	       b->upper <= LN_PPT && !buf[O_ZERO2] &&
	       decode_optics(&b->optics, buf) &&
	       decode_name(b->name, buf + O_NAME);
}

int ln_beat_decode(struct ln_beat *b, const u8 *buf, size_t len)
{
	memset(b, 0, sizeof(*b));
	if (len < O_TYPE || get16(buf + O_MAGIC) != LN_BEAT_MAGIC)
		return -EBADMSG;
	if (buf[O_VERSION] != LN_BEAT_VERSION)
		return -EPROTO;
	if (len < O_HEAD_END || !decode_head(b, buf) ||
	    len < ln_beat_len(b->type))
		return -EBADMSG;
	if (b->type != LN_BEAT_PROBE && !decode_body(b, buf))
		return -EBADMSG;
	return 0;
}
