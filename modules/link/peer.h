/* SPDX-License-Identifier: GPL-2.0-only */
/* What the two halves of heartbeats, peer.c and tell.c, share. */
#ifndef ASHLAR_LINK_PEER_H
#define ASHLAR_LINK_PEER_H

#include "link.h"

/**
 * enum ln_voice - from which nonce to send, and what to echo; see peer.c
 * @LN_VOICE_SESSION: the session's, both
 * @LN_VOICE_GREETING: from the nonce that nobody has echoed; who are you?
 * @LN_VOICE_ANSWER: from the same, the nonce of a greeting
 */
enum ln_voice {
	LN_VOICE_SESSION,
	LN_VOICE_GREETING,
	LN_VOICE_ANSWER,
};

u64 ln_peer_tag(const u8 *frame, enum ln_beat_type type,
		const siphash_key_t *key);
int ln_peer_say(struct ln_link *link, enum ln_beat_type type, enum ln_voice voice,
		u64 echo, size_t pad_to);

#endif /* ASHLAR_LINK_PEER_H */
