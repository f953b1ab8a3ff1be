// SPDX-License-Identifier: GPL-2.0-only
/*
 * The datagrams between hosts: their layout to the byte, and that a tag holds
 * for one message, one pair of hosts, one incarnation and one epoch only.
 */
#include <linux/slab.h>

#include "../modules/overlay/dgram.h"
#include "../modules/overlay/peer.h"
#include "overlay_fixture.h"

#define T_BOOT	0x0102030405060708ULL
#define T_NONCE	0x1112131415161718ULL
#define T_OLD	0x2122232425262728ULL

static const u8 dgram_key[16] = "0123456789abcdef";
static const u8 dgram_prev[16] = "fedcba9876543210";

struct layout {
	const char *name;
	size_t is;
	size_t should;
};

#define AT(type, f, n) { #f, offsetof(struct type, f), (n) }
#define SIZE(type, n) { #type, sizeof(struct type), (n) }

static const struct layout layouts[] = {
	SIZE(ov_dg_head, 4),
	AT(ov_dg_head, magic, 0),
	AT(ov_dg_head, version, 2),
	AT(ov_dg_head, type, 3),
	SIZE(ov_dg_hello, 56),
	AT(ov_dg_hello, flags, 4),
	AT(ov_dg_hello, boot, 8),
	AT(ov_dg_hello, nonce, 16),
	AT(ov_dg_hello, challenge, 24),
	AT(ov_dg_hello, echo, 32),
	AT(ov_dg_hello, print_cur, 40),
	AT(ov_dg_hello, print_prev, 44),
	AT(ov_dg_hello, tag, 48),
	SIZE(ov_dg_short, 20),
	AT(ov_dg_short, lport, 4),
	AT(ov_dg_short, rport, 6),
	AT(ov_dg_short, seq, 8),
	AT(ov_dg_short, tag, 12),
	SIZE(ov_dg_long, 64),
	AT(ov_dg_long, vni, 4),
	AT(ov_dg_long, o_lport, 8),
	AT(ov_dg_long, o_rport, 10),
	AT(ov_dg_long, u_lport, 12),
	AT(ov_dg_long, u_rport, 14),
	AT(ov_dg_long, seq, 16),
	AT(ov_dg_long, ack, 20),
	AT(ov_dg_long, local, 24),
	AT(ov_dg_long, remote, 40),
	AT(ov_dg_long, tag, 56),
};

static void layout_desc(const struct layout *l, char *desc)
{
	strscpy(desc, l->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(layout, layouts, layout_desc);

static void dgram_layout(struct kunit *test)
{
	const struct layout *l = test->param_value;

	KUNIT_EXPECT_EQ(test, l->is, l->should);
}

struct message {
	const char *name;
	size_t len;
	bool hello;
};

static const struct message messages[] = {
	{ "hello", sizeof(struct ov_dg_hello), true },
	{ "short", sizeof(struct ov_dg_short), false },
	{ "long", sizeof(struct ov_dg_long), false },
};

static void message_desc(const struct message *m, char *desc)
{
	strscpy(desc, m->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(message, messages, message_desc);

/**
 * struct dgram_world - a receiver, the sender as it sees it, and a message
 * @ul: the receiver
 * @peer: the sender
 * @keys: the receiver's
 * @boot: the sender's incarnation as the receiver knows it
 * @body: the message
 * @len: its length with the tag
 * @hello: it is a hello
 */
struct dgram_world {
	struct ov_underlay ul;
	struct ov_peer peer;
	struct ov_keys keys;
	u64 boot;
	u8 body[sizeof(struct ov_dg_long)];
	size_t len;
	bool hello;
};

static struct dgram_world *dgram_world_new(struct kunit *test)
{
	const struct message *m = test->param_value;
	struct dgram_world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	memcpy(&w->keys.cur.sip, dgram_key, 16);
	memcpy(&w->keys.prev.sip, dgram_prev, 16);
	w->keys.cur.print = 1111;
	w->keys.prev.print = 2222;
	w->keys.has_prev = true;
	w->ul.cfg.addr = T_HOST;
	w->ul.nonce[0] = T_NONCE;
	w->ul.nonce[1] = T_OLD;
	RCU_INIT_POINTER(w->ul.keys, &w->keys);
	w->peer.underlay = &w->ul;
	w->peer.addr = T_PEER;
	w->len = m ? m->len : sizeof(struct ov_dg_short);
	w->hello = m && m->hello;
	w->boot = w->hello ? 0 : T_BOOT;
	for (i = 0; i < w->len; i++)
		w->body[i] = 17 * i + 3;
	return w;
}

/* What the peer makes of the message: by hand, from byte to byte. */
static __be64 tag_by_hand(const struct dgram_world *w, u64 nonce, const u8 *key)
{
	u8 bytes[48 + sizeof(w->body)];
	__be64 be;

	memcpy(bytes, &w->peer.addr, 16);
	memcpy(bytes + 16, &w->ul.cfg.addr, 16);
	be = cpu_to_be64(w->boot);
	memcpy(bytes + 32, &be, 8);
	be = cpu_to_be64(nonce);
	memcpy(bytes + 40, &be, 8);
	memcpy(bytes + 48, w->body, w->len - 8);
	return cpu_to_be64(t_siphash(bytes, 48 + w->len - 8, key));
}

static void dgram_sign(struct dgram_world *w, u64 nonce, const u8 *key)
{
	__be64 tag = tag_by_hand(w, w->hello ? 0 : nonce, key);

	memcpy(w->body + w->len - 8, &tag, 8);
}

/* The fingerprint of the key by which the receiver accepts it, or 0. */
static u32 dgram_accepted(struct dgram_world *w)
{
	u32 print = 0;
	bool ok;

	rcu_read_lock();
	ok = ov_dgram_verify(&w->ul, &w->peer, w->boot, w->hello, w->body,
			     w->len, &print);
	rcu_read_unlock();
	return ok ? print : 0;
}

static void dgram_tag_bytes(struct kunit *test)
{
	struct dgram_world *w = dgram_world_new(test);
	__be64 tag = ov_dgram_tag(&w->peer.addr, &w->ul.cfg.addr, w->boot,
				  T_NONCE, w->body, w->len, &w->keys.cur.sip);

	KUNIT_EXPECT_EQ(test, be64_to_cpu(tag),
			be64_to_cpu(tag_by_hand(w, T_NONCE, dgram_key)));
}

static void dgram_keys_and_nonces(struct kunit *test)
{
	struct dgram_world *w = dgram_world_new(test);

	dgram_sign(w, T_NONCE, dgram_key);
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 1111);
	dgram_sign(w, T_NONCE, dgram_prev);
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 2222);
	dgram_sign(w, T_OLD, dgram_key);
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 1111);
	dgram_sign(w, T_OLD, dgram_prev);
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 2222);
	w->keys.has_prev = false;
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 0);
	dgram_sign(w, T_NONCE, dgram_key);
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 1111);
	dgram_sign(w, T_NONCE, (const u8 *)"another key, 16B");
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 0);
}

/* Every bit of the message, and of its tag. */
static void dgram_every_bit(struct kunit *test)
{
	struct dgram_world *w = dgram_world_new(test);
	unsigned int bit, accepted = 0;

	dgram_sign(w, T_NONCE, dgram_key);
	for (bit = 0; bit < w->len * 8; bit++) {
		w->body[bit / 8] ^= BIT(bit % 8);
		accepted += !!dgram_accepted(w);
		w->body[bit / 8] ^= BIT(bit % 8);
	}
	KUNIT_EXPECT_EQ(test, accepted, 0);
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 1111);
}

/* What is not in the message but binds it. */
static void dgram_binds(struct kunit *test)
{
	struct dgram_world *w = dgram_world_new(test);

	dgram_sign(w, T_NONCE, dgram_key);
	w->boot ^= 1;
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 0);
	w->boot ^= 1;
	w->peer.addr = T_PEER2;
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 0);
	w->peer.addr = T_PEER;
	w->ul.cfg.addr = T_PEER2;
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 0);
	/* Our own words, back to us. */
	w->ul.cfg.addr = T_PEER;
	w->peer.addr = T_HOST;
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 0);
	w->ul.cfg.addr = T_HOST;
	w->peer.addr = T_PEER;
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 1111);
	/* An epoch that is over; a hello is not bound to one. */
	w->ul.nonce[0] = 1;
	w->ul.nonce[1] = 2;
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), w->hello ? 1111 : 0);
}

/* A message of one length is none of another. */
static void dgram_lengths(struct kunit *test)
{
	struct dgram_world *w = dgram_world_new(test);
	size_t len = w->len;

	dgram_sign(w, T_NONCE, dgram_key);
	for (w->len = 8; w->len <= sizeof(w->body); w->len++)
		KUNIT_EXPECT_EQ(test, dgram_accepted(w), w->len == len ? 1111 : 0);
}

struct key_case {
	const char *name;
	bool has_prev;
	u32 print;
	bool prev;
};

static const struct key_case key_cases[] = {
	{ "unknown yet", true, 0, false },
	{ "current", true, 1111, false },
	{ "previous", true, 2222, true },
	{ "dropped", false, 2222, false },
	{ "of nobody", true, 3333, false },
	{ "0 without a previous key", false, 0, false },
};

static void key_desc(const struct key_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(key, key_cases, key_desc);

static void dgram_key_for(struct kunit *test)
{
	const struct key_case *c = test->param_value;
	struct ov_keys keys = {
		.cur.print = 1111,
		.prev.print = 2222,
		.has_prev = c->has_prev,
	};

	KUNIT_EXPECT_PTR_EQ(test, ov_key_for(&keys, c->print),
			    (const struct ov_key *)(c->prev ? &keys.prev : &keys.cur));
}

/* The hand-made tag does depend on what it is made of. */
static void dgram_control(struct kunit *test)
{
	struct dgram_world *w = dgram_world_new(test);
	__be64 tag = tag_by_hand(w, T_NONCE, dgram_key);

	KUNIT_EXPECT_NE(test, be64_to_cpu(tag),
			be64_to_cpu(tag_by_hand(w, T_NONCE + 1, dgram_key)));
	KUNIT_EXPECT_NE(test, be64_to_cpu(tag),
			be64_to_cpu(tag_by_hand(w, T_NONCE, dgram_prev)));
	w->body[0] ^= 1;
	KUNIT_EXPECT_NE(test, be64_to_cpu(tag),
			be64_to_cpu(tag_by_hand(w, T_NONCE, dgram_key)));
	KUNIT_EXPECT_EQ(test, dgram_accepted(w), 0);
}

static struct kunit_case dgram_cases[] = {
	KUNIT_CASE_PARAM(dgram_layout, layout_gen_params),
	KUNIT_CASE_PARAM(dgram_tag_bytes, message_gen_params),
	KUNIT_CASE_PARAM(dgram_keys_and_nonces, message_gen_params),
	KUNIT_CASE_PARAM(dgram_every_bit, message_gen_params),
	KUNIT_CASE_PARAM(dgram_binds, message_gen_params),
	KUNIT_CASE_PARAM(dgram_lengths, message_gen_params),
	KUNIT_CASE_PARAM(dgram_key_for, key_gen_params),
	KUNIT_CASE(dgram_control),
	{}
};

static struct kunit_suite dgram_suite = {
	.name = "overlay_dgram",
	.test_cases = dgram_cases,
};

kunit_test_suite(dgram_suite);
