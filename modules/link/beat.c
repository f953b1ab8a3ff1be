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
	AT_MAGIC = 0,
	AT_VERSION = 2,
	AT_TYPE = 3,
	AT_FLAGS = 4,
	AT_ZERO = 5,
	AT_HOST = 8,
	AT_NONCE = 16,
	AT_ECHO = 24,
	AT_SEQ = 32,
	AT_HEAD_END = 40,
	AT_VERDICT = 40,
	AT_STATE = 41,
	AT_WHY = 42,
	AT_OPTICS_STATE = 43,
	AT_THRESHOLDS = 44,
	AT_ZERO2 = 45,
	AT_TX_BIAS = 46,
	AT_TX_POWER = 48,
	AT_RX_POWER = 50,
	AT_TX_LOW = 52,
	AT_RX_LOW = 54,
	AT_IFINDEX = 56,
	AT_ROUND = 60,
	AT_AGREE = 64,
	AT_BEAT_MS = 68,
	AT_LOSS = 72,
	AT_UPPER = 80,
	AT_TRIALS = 88,
	AT_ERRORS = 96,
	AT_BEATS = 104,
	AT_DROPS = 112,
	AT_NAME = 120,
	AT_BODY_END = AT_NAME + LN_BEAT_NAME_LEN,
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
	return (type == LN_BEAT_PROBE ? AT_HEAD_END : AT_BODY_END) +
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
	put16(buf + AT_MAGIC, LN_BEAT_MAGIC);
	buf[AT_VERSION] = LN_BEAT_VERSION;
	buf[AT_TYPE] = b->type;
	buf[AT_FLAGS] = b->flags;
	put64(buf + AT_HOST, b->host);
	put64(buf + AT_NONCE, b->nonce);
	put64(buf + AT_ECHO, b->echo);
	put64(buf + AT_SEQ, b->seq);
}

static void encode_optics(const struct ln_optics *o, u8 *buf)
{
	buf[AT_OPTICS_STATE] = o->state;
	buf[AT_THRESHOLDS] = o->thresholds;
	put16(buf + AT_TX_BIAS, o->tx_bias);
	put16(buf + AT_TX_POWER, o->tx_power);
	put16(buf + AT_RX_POWER, o->rx_power);
	put16(buf + AT_TX_LOW, o->tx_low);
	put16(buf + AT_RX_LOW, o->rx_low);
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
	buf[AT_VERDICT] = b->verdict;
	buf[AT_STATE] = b->state;
	buf[AT_WHY] = b->why;
	encode_optics(&b->optics, buf);
	put32(buf + AT_IFINDEX, b->ifindex);
	put32(buf + AT_ROUND, b->round);
	put32(buf + AT_AGREE, b->agree);
	put32(buf + AT_BEAT_MS, b->beat_ms);
	put64(buf + AT_LOSS, min_t(u64, b->loss, LN_PPT));
	put64(buf + AT_UPPER, min_t(u64, b->upper, LN_PPT));
	put64(buf + AT_TRIALS, b->trials);
	put64(buf + AT_ERRORS, b->errors);
	put64(buf + AT_BEATS, b->beats);
	put64(buf + AT_DROPS, b->drops);
	encode_name(b->name, buf + AT_NAME);
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
	if (buf[AT_OPTICS_STATE] > LN_OPTICS_ERROR || buf[AT_THRESHOLDS] > 1)
		return false;
	o->state = buf[AT_OPTICS_STATE];
	o->thresholds = buf[AT_THRESHOLDS];
	o->tx_bias = get16(buf + AT_TX_BIAS);
	o->tx_power = get16(buf + AT_TX_POWER);
	o->rx_power = get16(buf + AT_RX_POWER);
	o->tx_low = get16(buf + AT_TX_LOW);
	o->rx_low = get16(buf + AT_RX_LOW);
	return true;
}

static bool decode_head(struct ln_beat *b, const u8 *buf)
{
	b->type = buf[AT_TYPE];
	b->flags = buf[AT_FLAGS];
	b->host = get64(buf + AT_HOST);
	b->nonce = get64(buf + AT_NONCE);
	b->echo = get64(buf + AT_ECHO);
	b->seq = get64(buf + AT_SEQ);
	return b->type >= LN_BEAT_FULL && b->type <= LN_BEAT_BYE &&
	       !(b->flags & ~FLAGS_KNOWN) && b->nonce && b->seq &&
	       is_zero(buf + AT_ZERO, AT_HOST - AT_ZERO);
}

static bool decode_body(struct ln_beat *b, const u8 *buf)
{
	b->verdict = buf[AT_VERDICT];
	b->state = buf[AT_STATE];
	b->why = buf[AT_WHY];
	b->ifindex = get32(buf + AT_IFINDEX);
	b->round = get32(buf + AT_ROUND);
	b->agree = get32(buf + AT_AGREE);
	b->beat_ms = get32(buf + AT_BEAT_MS);
	b->loss = get64(buf + AT_LOSS);
	b->upper = get64(buf + AT_UPPER);
	b->trials = get64(buf + AT_TRIALS);
	b->errors = get64(buf + AT_ERRORS);
	b->beats = get64(buf + AT_BEATS);
	b->drops = get64(buf + AT_DROPS);
	return b->verdict <= LN_CORRUPTING && b->state < LN_STATES &&
	       b->why < LN_WHY_MAX && b->beat_ms && b->loss <= LN_PPT &&
	       b->upper <= LN_PPT && !buf[AT_ZERO2] &&
	       decode_optics(&b->optics, buf) &&
	       decode_name(b->name, buf + AT_NAME);
}

int ln_beat_decode(struct ln_beat *b, const u8 *buf, size_t len)
{
	memset(b, 0, sizeof(*b));
	if (len < AT_TYPE || get16(buf + AT_MAGIC) != LN_BEAT_MAGIC)
		return -EBADMSG;
	if (buf[AT_VERSION] != LN_BEAT_VERSION)
		return -EPROTO;
	if (len < AT_HEAD_END || !decode_head(b, buf) ||
	    len < ln_beat_len(b->type))
		return -EBADMSG;
	if (b->type != LN_BEAT_PROBE && !decode_body(b, buf))
		return -EBADMSG;
	return 0;
}
