/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Heartbeat frames between the two ends of a link. EtherType 0x88b5 (IEEE 802
 * local experimental 1) to 01-80-C2-00-00-0E, which no bridge forwards. The
 * layout to the byte is in beat.c.
 */
#ifndef ASHLAR_LINK_BEAT_H
#define ASHLAR_LINK_BEAT_H

#include "core.h"
#include "optics.h"

#define LN_BEAT_ETHERTYPE	0x88b5
#define LN_BEAT_MAGIC		0x4153	/* "AS" */
#define LN_BEAT_VERSION		1
#define LN_BEAT_TAG_LEN		8
#define LN_BEAT_NAME_LEN	32

enum ln_beat_type {
	LN_BEAT_FULL = 1,	/* everything below */
	LN_BEAT_PROBE = 2,	/* head only, padded: gathers proof on a drained link */
	LN_BEAT_BYE = 3,	/* the module leaves; else as FULL */
};

#define LN_BEAT_F_KEYED		BIT(0)	/* the tag is worth something */
#define LN_BEAT_F_GROUPED	BIT(1)	/* this end has a group for the link */
#define LN_BEAT_F_PROVEN	BIT(2)	/* proof of health since it was drained */
#define LN_BEAT_F_RESTORED	BIT(3)	/* BYE: the link is back in service here */
#define LN_BEAT_F_REFUSED	BIT(4)	/* your proposal is refused */
#define LN_BEAT_F_CONGESTED	BIT(5)	/* frames were dropped here since the last beat */

/**
 * struct ln_beat - a heartbeat, decoded
 * @type: enum ln_beat_type
 * @flags: LN_BEAT_F_*
 * @host: the sender's identifier
 * @nonce: the sender's incarnation of this link; what it wants echoed
 * @echo: the nonce that it heard from us last, or 0
 * @seq: counts frames of all types under @nonce, from 1
 * @verdict: enum ln_verdict of what the sender receives on this link
 * @state: enum ln_state
 * @why: enum ln_why
 * @ifindex: the sender's device
 * @round: number of the sender's proposal, or of ours that it refuses (REFUSED), or 0
 * @agree: number of our proposal that the sender agrees to, or 0
 * @beat_ms: how often it sends heartbeats
 * @loss: of what the sender receives, in 1e-12
 * @upper: its upper bound (95 %)
 * @trials: frames or codewords behind @loss
 * @errors: errors among them
 * @beats: frames of ours that it has received under our nonce
 * @drops: frames that it dropped for want of room, so far
 * @optics: the sender's module
 * @name: device and host, "eth0@host"
 */
struct ln_beat {
	u8 type;
	u8 flags;
	u64 host;
	u64 nonce;
	u64 echo;
	u64 seq;
	u8 verdict;
	u8 state;
	u8 why;
	u32 ifindex;
	u32 round;
	u32 agree;
	u32 beat_ms;
	u64 loss;
	u64 upper;
	u64 trials;
	u64 errors;
	u64 beats;
	u64 drops;
	struct ln_optics optics;
	char name[LN_BEAT_NAME_LEN];
};

/* Of the encoded frame without Ethernet header and padding, tag included. */
size_t ln_beat_len(enum ln_beat_type type);
#define LN_BEAT_MAX_LEN	192

/**
 * ln_beat_encode() - writes a heartbeat, the tag's place left 0
 * @b: what to say
 * @buf: ln_beat_len(@b->type) bytes
 */
void ln_beat_encode(const struct ln_beat *b, u8 *buf);

/**
 * ln_beat_decode() - reads one
 * @b: filled
 * @buf: the frame after the Ethernet header
 * @len: of @buf, padding included
 *
 * Values that no version-1 sender sends (types, enums out of range, names
 * without end or not printable) are refused.
 *
 * Return: 0, -EPROTO (a heartbeat of another version), -EBADMSG (malformed, or none)
 */
int ln_beat_decode(struct ln_beat *b, const u8 *buf, size_t len);

/* The tag of an encoded heartbeat; it covers all that is before it. */
u64 ln_beat_tag(const u8 *buf, enum ln_beat_type type);
void ln_beat_set_tag(u8 *buf, enum ln_beat_type type, u64 tag);

#endif /* ASHLAR_LINK_BEAT_H */
