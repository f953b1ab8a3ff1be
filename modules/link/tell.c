// SPDX-License-Identifier: GPL-2.0-only
/* What the other end is told: heartbeats, and probes while a link is drained. */
#include <linux/siphash.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>

#include "host.h"
#include "link.h"
#include "peer.h"

#define LN_PROBE_BURST	1024U
#define LN_PROBE_MS	10U

static void compose_head(struct ln_link *link, struct ln_beat *b,
			 enum ln_beat_type type)
{
	*b = (struct ln_beat){
		.type = type,
		.flags = link->cfg.keyed ? LN_BEAT_F_KEYED : 0,
		.host = link->host->id,
	};
}

static u8 flags_now(const struct ln_link *link, u64 drops)
{
	const struct ln_peer *peer = &link->peer;
	u8 flags = 0;

	if (link->group != LN_GROUP_NONE)
		flags |= LN_BEAT_F_GROUPED;
	if (ln_link_proven(link))
		flags |= LN_BEAT_F_PROVEN;
	if (!ln_ladder_out(&link->ladder))
		flags |= LN_BEAT_F_RESTORED;
	if (link->ladder.refused)
		flags |= LN_BEAT_F_REFUSED;
	if (drops != peer->said_drops || link->read.congested)
		flags |= LN_BEAT_F_CONGESTED;
	return flags;
}

static void compose_body(struct ln_link *link, struct ln_beat *b)
{
	b->verdict = ln_link_counts(link, &b->trials, &b->errors);
	b->loss = ln_loss(b->trials, b->errors);
	b->upper = ln_loss_upper(b->trials, b->errors);
	b->state = link->ladder.state;
	b->why = link->ladder.why;
	/* A proposal is one only while it is pending, and ours. */
	b->round = link->ladder.state == LN_PENDING && !link->ladder.follows ?
		   link->ladder.round : link->ladder.refused;
	b->agree = link->ladder.agree;
	b->ifindex = link->dev->ifindex;
	b->beat_ms = link->cfg.beat_ms;
	b->beats = link->peer.beats;
	b->drops = ln_link_drops(link);
	b->flags |= flags_now(link, b->drops);
	if (b->type != LN_BEAT_BYE)
		b->flags &= ~LN_BEAT_F_RESTORED;
	b->optics = link->optics;
	/* The host's name is none of a container's business. */
	scnprintf(b->name, sizeof(b->name), "%s@%s", link->dev->name,
		  link->host->net->user_ns == &init_user_ns ?
		  init_utsname()->nodename : "");
}

/* The counter of the numbers under @nonce; a session may have begun meanwhile. */
static u64 *numbers_of(struct ln_peer *peer, u64 nonce)
{
	if (nonce == peer->challenge)
		return &peer->tx_seq;
	return nonce == peer->pending ? &peer->pending_seq : NULL;
}

static void compose(struct ln_link *link, struct ln_beat *b,
		    enum ln_beat_type type, enum ln_voice voice, u64 echo)
{
	struct ln_peer *peer = &link->peer;

	compose_head(link, b, type);
	if (type != LN_BEAT_PROBE)
		compose_body(link, b);
	b->nonce = voice == LN_VOICE_SESSION ? peer->challenge : peer->pending;
	b->echo = voice == LN_VOICE_SESSION ? peer->nonce : echo;
	b->seq = ++*numbers_of(peer, b->nonce);
	/* The other end is told; what is in doubt here is none of our evidence. */
	if (voice == LN_VOICE_SESSION && link->read.congested &&
	    type != LN_BEAT_PROBE) {
		link->read.congested = false;
		ln_peer_resync(link);
	}
}

/*
 * Number, tag and way out in one go, see @tx_lock. What did not leave gives its
 * number back, so that it is not missed at the other end; where that is in doubt,
 * the next heartbeat says that nothing missing counts.
 */
int ln_peer_say(struct ln_link *link, enum ln_beat_type type, enum ln_voice voice,
		u64 echo, size_t pad_to)
{
	struct ln_peer *peer = &link->peer;
	u8 frame[LN_BEAT_MAX_LEN];
	siphash_key_t key = {};
	struct ln_beat b;
	int err;

	spin_lock_bh(&link->tx_lock);
	spin_lock(&link->lock);
	if ((voice == LN_VOICE_SESSION && !peer->nonce) ||
	    (link->gone && type != LN_BEAT_BYE)) {
		spin_unlock(&link->lock);
		spin_unlock_bh(&link->tx_lock);
		return -ENOTCONN;
	}
	compose(link, &b, type, voice, echo);
	if (link->cfg.keyed)
		key = link->cfg.key;
	spin_unlock(&link->lock);

	ln_beat_encode(&b, frame);
	ln_beat_set_tag(frame, type, ln_peer_tag(frame, type, &key));
	memzero_explicit(&key, sizeof(key));
	err = ln_hook_send(link, frame, ln_beat_len(type), pad_to);

	spin_lock(&link->lock);
	if (err == NET_XMIT_CN) {
		link->read.congested = true;
		err = 0;
	}
	if (err) {
		u64 *numbers = numbers_of(peer, b.nonce);

		if (numbers && *numbers == b.seq)
			(*numbers)--;
	} else if (type != LN_BEAT_PROBE && voice == LN_VOICE_SESSION) {
		peer->said_drops = b.drops;
	}
	spin_unlock(&link->lock);
	spin_unlock_bh(&link->tx_lock);
	if (err)
		return err;
	if (type == LN_BEAT_PROBE)
		ln_count(link->host, PROBE_TX);
	else
		ln_count(link->host, BEAT_TX);
	return 0;
}

/* While the other end is silent, both: it may hear us, or have begun anew. */
void ln_peer_tell(struct ln_link *link, enum ln_beat_type type)
{
	bool fresh;
	int err;

	spin_lock_bh(&link->lock);
	fresh = ln_peer_fresh(link);
	spin_unlock_bh(&link->lock);
	err = ln_peer_say(link, type, LN_VOICE_SESSION, 0, 0);
	if ((!err || err == -ENOTCONN) && !fresh && type == LN_BEAT_FULL)
		ln_peer_say(link, type, LN_VOICE_GREETING, 0, 0);
}

/* Frames due since the last time; a pause is not made up for. */
static unsigned int probes_due(struct ln_peer *peer, u32 pps)
{
	u64 now = ktime_get_ns(), n;

	if (now - peer->probed > 2 * NSEC_PER_SEC)
		peer->probed = now - NSEC_PER_SEC / pps;
	n = div_u64((now - peer->probed) * pps, NSEC_PER_SEC);
	if (n >= LN_PROBE_BURST) {
		peer->probed = now;
		return LN_PROBE_BURST;
	}
	peer->probed += div_u64(n * NSEC_PER_SEC, pps);
	return n;
}

/* Goes on by itself for as long as the link is out of service. */
void ln_peer_probe(struct work_struct *work)
{
	struct ln_link *link = container_of(work, struct ln_link, probe.work);
	unsigned long delay = HZ;
	unsigned int n = 0;
	size_t len;
	bool out;
	u32 pps;

	spin_lock_bh(&link->lock);
	out = !link->gone && (link->ladder.state == LN_DRAINED ||
			      link->ladder.state == LN_RETURNING);
	pps = link->cfg.probe_pps;
	len = link->cfg.probe_len ?: link->dev->mtu;
	if (pps) {
		n = probes_due(&link->peer, pps);
		delay = max3(msecs_to_jiffies(LN_PROBE_MS), 1UL,
			     (unsigned long)HZ / pps);
	}
	spin_unlock_bh(&link->lock);
	if (!out)
		return;
	while (n-- && !ln_peer_say(link, LN_BEAT_PROBE, LN_VOICE_SESSION, 0, len))
		cond_resched();
	queue_delayed_work(ln_wq, &link->probe, delay);
}
