// SPDX-License-Identifier: GPL-2.0-only
/* native: modules/link/beat.c */
/*
 * Heartbeats from bytes: what is written is read; random bytes and heartbeats
 * with a few bytes changed are read without a wrong access; and whatever is
 * accepted is what a sender would have written, byte for byte.
 */
#include <string.h>

#include "modules/link/beat.h"
#include "modules/link/detect.h"
#include "modules/link/ladder.h"
#include "native.h"

#define ROUNDS	200000

static void random_name(struct rnd *r, char *name)
{
	size_t n = rnd_below(r, LN_BEAT_NAME_LEN), i;

	for (i = 0; i < n; i++)
		name[i] = '!' + rnd_below(r, '~' - '!' + 1);
}

static void random_beat(struct rnd *r, struct ln_beat *b)
{
	memset(b, 0, sizeof(*b));
	b->type = LN_BEAT_FULL + rnd_below(r, 3);
	b->flags = rnd_below(r, 64);
	b->host = rnd_u64(r);
	b->nonce = rnd_u64(r) | 1;
	b->echo = rnd_u64(r);
	b->seq = rnd_u64(r) | 1;
	if (b->type == LN_BEAT_PROBE)
		return;
	b->verdict = rnd_below(r, LN_CORRUPTING + 1);
	b->state = rnd_below(r, LN_STATES);
	b->why = rnd_below(r, LN_WHY_MAX);
	b->ifindex = rnd_u64(r);
	b->round = rnd_u64(r);
	b->agree = rnd_u64(r);
	b->beat_ms = rnd_u64(r) | 1;
	b->loss = rnd_below(r, LN_PPT + 1);
	b->upper = rnd_below(r, LN_PPT + 1);
	b->trials = rnd_u64(r);
	b->errors = rnd_u64(r);
	b->beats = rnd_u64(r);
	b->drops = rnd_u64(r);
	b->optics.state = rnd_below(r, LN_OPTICS_ERROR + 1);
	b->optics.thresholds = rnd_below(r, 2);
	b->optics.tx_power = rnd_u64(r);
	b->optics.rx_power = rnd_u64(r);
	b->optics.tx_low = rnd_u64(r);
	b->optics.rx_low = rnd_u64(r);
	b->optics.tx_bias = rnd_u64(r);
	random_name(r, b->name);
}

static bool same(const struct ln_beat *a, const struct ln_beat *b)
{
	return a->type == b->type && a->flags == b->flags &&
	       a->host == b->host && a->nonce == b->nonce &&
	       a->echo == b->echo && a->seq == b->seq &&
	       a->verdict == b->verdict && a->state == b->state &&
	       a->why == b->why && a->ifindex == b->ifindex &&
	       a->round == b->round && a->agree == b->agree &&
	       a->beat_ms == b->beat_ms && a->loss == b->loss &&
	       a->upper == b->upper && a->trials == b->trials &&
	       a->errors == b->errors && a->beats == b->beats &&
	       a->drops == b->drops && a->optics.state == b->optics.state &&
	       a->optics.thresholds == b->optics.thresholds &&
	       a->optics.tx_power == b->optics.tx_power &&
	       a->optics.rx_power == b->optics.rx_power &&
	       a->optics.tx_low == b->optics.tx_low &&
	       a->optics.rx_low == b->optics.rx_low &&
	       a->optics.tx_bias == b->optics.tx_bias &&
	       !memcmp(a->name, b->name, sizeof(a->name));
}

/* In memory of just its length, so that a byte too far is an error. */
static int decode_tight(struct ln_beat *b, const uint8_t *from, size_t len)
{
	uint8_t *buf = malloc(len ? len : 1);
	int err;

	memcpy(buf, from, len);
	err = ln_beat_decode(b, buf, len);
	free(buf);
	return err;
}

static bool is_canonical(const struct ln_beat *b, const uint8_t *from)
{
	size_t body = ln_beat_len(b->type) - LN_BEAT_TAG_LEN;
	uint8_t again[LN_BEAT_MAX_LEN];

	ln_beat_encode(b, again);
	return !memcmp(again, from, body);
}

static void test_round_trip(struct rnd *r)
{
	uint8_t buf[LN_BEAT_MAX_LEN];
	unsigned int wrong = 0, i;
	struct ln_beat b, back;
	uint64_t tag;

	for (i = 0; i < ROUNDS; i++) {
		random_beat(r, &b);
		tag = rnd_u64(r);
		ln_beat_encode(&b, buf);
		ln_beat_set_tag(buf, b.type, tag);
		wrong += decode_tight(&back, buf, ln_beat_len(b.type)) ||
			 !same(&b, &back) || ln_beat_tag(buf, b.type) != tag;
	}
	ok(!wrong, "what is written is read (%u of %u wrong)", wrong, i);
}

/* Every length: what is too short is refused, padding is not looked at. */
static void test_lengths(struct rnd *r)
{
	uint8_t buf[2 * LN_BEAT_MAX_LEN];
	struct ln_beat b, back;
	unsigned int wrong = 0;
	size_t len, i;

	for (i = 0; i < 100; i++) {
		random_beat(r, &b);
		for (len = 0; len < sizeof(buf); len++)
			buf[len] = rnd_u64(r);
		ln_beat_encode(&b, buf);
		for (len = 0; len <= sizeof(buf); len++)
			wrong += decode_tight(&back, buf, len) !=
				 (len < ln_beat_len(b.type) ? -EBADMSG : 0);
	}
	ok(!wrong, "too short is refused, padding is not looked at");
}

static void test_random_bytes(struct rnd *r)
{
	unsigned int accepted = 0, wrong = 0, i;
	uint8_t buf[LN_BEAT_MAX_LEN + 64];
	struct ln_beat b;
	size_t len, k;

	for (i = 0; i < ROUNDS; i++) {
		len = rnd_below(r, sizeof(buf) + 1);
		for (k = 0; k < len; k++)
			buf[k] = rnd_u64(r);
		/* Most with a right beginning, or nothing else would be seen. */
		if (len >= 8 && rnd_below(r, 8)) {
			memcpy(buf, "AS\1", 3);
			buf[3] = rnd_below(r, 5);
			memset(buf + 5, 0, 3);
		}
		if (decode_tight(&b, buf, len))
			continue;
		accepted++;
		wrong += !is_canonical(&b, buf);
	}
	ok(!wrong, "random bytes are refused, or what a sender writes (%u of %u accepted)",
	   accepted, i);
}

static void test_changed(struct rnd *r)
{
	unsigned int accepted = 0, wrong = 0, i;
	uint8_t buf[LN_BEAT_MAX_LEN];
	struct ln_beat b, back;
	size_t len, changes;

	for (i = 0; i < ROUNDS; i++) {
		random_beat(r, &b);
		ln_beat_encode(&b, buf);
		len = ln_beat_len(b.type);
		for (changes = 1 + rnd_below(r, 3); changes; changes--)
			buf[rnd_below(r, len)] = rnd_below(r, 2) ? rnd_u64(r) : rnd_below(r, 8);
		if (decode_tight(&back, buf, len))
			continue;
		accepted++;
		wrong += !is_canonical(&back, buf);
	}
	ok(!wrong && accepted && accepted < i,
	   "changed heartbeats are refused, or what a sender writes (%u of %u accepted)",
	   accepted, i);
}

/* A sender makes nothing that a receiver refuses. */
static void test_sender(struct rnd *r)
{
	uint8_t buf[LN_BEAT_MAX_LEN];
	unsigned int wrong = 0, i, k;
	struct ln_beat b, back;

	for (i = 0; i < ROUNDS; i++) {
		random_beat(r, &b);
		b.loss = rnd_u64(r);
		b.upper = rnd_u64(r);
		for (k = 0; k < sizeof(b.name); k++)
			b.name[k] = rnd_u64(r);
		ln_beat_encode(&b, buf);
		wrong += decode_tight(&back, buf, ln_beat_len(b.type)) != 0;
	}
	ok(!wrong, "absurd losses and names are made fit (%u of %u refused)", wrong, i);
}

int main(void)
{
	struct rnd r;

	rnd_seed(&r, native_seed());
	test_round_trip(&r);
	test_lengths(&r);
	test_random_bytes(&r);
	test_changed(&r);
	test_sender(&r);
	return done();
}
