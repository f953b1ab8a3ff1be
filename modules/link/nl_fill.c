// SPDX-License-Identifier: GPL-2.0-only
/* Netlink: how links and what belongs to them become messages; notifications. */
#include "host.h"
#include "nl.h"
#include "nl_msg.h"
#include "topology.h"

#define A(name) ASHLAR_LINK_A_LINK_##name
#define LN_SAME(ours, theirs) \
	static_assert((int)LN_##ours == (int)ASHLAR_LINK_##theirs)

LN_SAME(EVENT_NEW, EVENT_NEW);
LN_SAME(EVENT_SET, EVENT_SET);
LN_SAME(EVENT_DEL, EVENT_DEL);
LN_SAME(EVENT_VERDICT, EVENT_VERDICT);
LN_SAME(EVENT_STATE, EVENT_STATE);
LN_SAME(EVENT_PEER, EVENT_PEER);
LN_SAME(EVENT_JOB, EVENT_JOB);
LN_SAME(EVENT_PLANNED, EVENT_PLANNED);
LN_SAME(ACTION_OBSERVE, ACTION_OBSERVE);
LN_SAME(ACTION_REWEIGHT, ACTION_REWEIGHT);
LN_SAME(ACTION_DRAIN, ACTION_DRAIN);
LN_SAME(ACTION_DOWN, ACTION_DOWN);
LN_SAME(WATCH, STATE_WATCH);
LN_SAME(WANTED, STATE_WANTED);
LN_SAME(REWEIGHTED, STATE_REWEIGHTED);
LN_SAME(PENDING, STATE_PENDING);
LN_SAME(ACTING, STATE_ACTING);
LN_SAME(DRAINED, STATE_DRAINED);
LN_SAME(RETURNING, STATE_RETURNING);
static_assert(ASHLAR_LINK_STATE_RETURNING + 1 == (int)LN_STATES);
LN_SAME(WHY_NONE, WHY_NONE);
LN_SAME(WHY_OBSERVE, WHY_OBSERVE);
LN_SAME(WHY_NO_GROUP, WHY_NO_GROUP);
LN_SAME(WHY_GUARD, WHY_GUARD);
LN_SAME(WHY_TOPOLOGY, WHY_TOPOLOGY);
LN_SAME(WHY_NO_PEER, WHY_NO_PEER);
LN_SAME(WHY_NO_KEY, WHY_NO_KEY);
LN_SAME(WHY_NO_AGREEMENT, WHY_NO_AGREEMENT);
LN_SAME(WHY_PEER_DECIDES, WHY_PEER_DECIDES);
LN_SAME(WHY_HELPER_ABSENT, WHY_HELPER_ABSENT);
LN_SAME(WHY_HELPER_FAILED, WHY_HELPER_FAILED);
LN_SAME(WHY_FAILED, WHY_FAILED);
LN_SAME(WHY_HOLD_DOWN, WHY_HOLD_DOWN);
LN_SAME(WHY_NO_PROOF, WHY_NO_PROOF);
LN_SAME(WHY_OPERATOR, WHY_OPERATOR);
static_assert(ASHLAR_LINK_WHY_OPERATOR + 1 == (int)LN_WHY_MAX);
LN_SAME(GROUP_NONE, GROUP_KIND_NONE);
LN_SAME(GROUP_BOND, GROUP_KIND_BOND);
LN_SAME(GROUP_NEXTHOP, GROUP_KIND_NEXTHOP);
LN_SAME(DO_NOTHING, JOB_NOTHING);
LN_SAME(DO_TELL, JOB_TELL);
LN_SAME(DO_DRAIN, JOB_DRAIN);
LN_SAME(DO_REWEIGHT, JOB_REWEIGHT);
LN_SAME(DO_DOWN, JOB_DOWN);
LN_SAME(DO_RETURN, JOB_RETURN);
LN_SAME(UNSUPPORTED, VERDICT_UNSUPPORTED);
LN_SAME(INCONCLUSIVE, VERDICT_INCONCLUSIVE);
LN_SAME(HEALTHY, VERDICT_HEALTHY);
LN_SAME(CORRUPTING, VERDICT_CORRUPTING);
LN_SAME(FCS, STREAM_FCS);
LN_SAME(FEC, STREAM_FEC);
LN_SAME(PROBE, STREAM_PROBE);
LN_SAME(SUPPORT_UNKNOWN, SUPPORT_UNKNOWN);
LN_SAME(SUPPORT_NO, SUPPORT_NO);
LN_SAME(SUPPORT_SILENT, SUPPORT_SILENT);
LN_SAME(SUPPORT_YES, SUPPORT_YES);
LN_SAME(OPTICS_UNKNOWN, OPTICS_STATE_UNKNOWN);
LN_SAME(OPTICS_OK, OPTICS_STATE_OK);
LN_SAME(OPTICS_UNSUPPORTED, OPTICS_STATE_UNSUPPORTED);
LN_SAME(OPTICS_OTHER, OPTICS_STATE_OTHER);
LN_SAME(OPTICS_GARBAGE, OPTICS_STATE_GARBAGE);
LN_SAME(OPTICS_ERROR, OPTICS_STATE_ERROR);
LN_SAME(RX, DIRECTION_RX);
LN_SAME(TX, DIRECTION_TX);
LN_SAME(REPAIR_NONE, REPAIR_NONE);
LN_SAME(REPAIR_SHARED, REPAIR_REPLACE_COMPONENT);
LN_SAME(REPAIR_FAR_TX, REPAIR_REPLACE_FAR_TRANSCEIVER);
LN_SAME(REPAIR_FIBRE, REPAIR_REPLACE_FIBRE);
LN_SAME(REPAIR_CLEAN, REPAIR_CLEAN_CONNECTOR);
LN_SAME(REPAIR_RESEAT, REPAIR_RESEAT_TRANSCEIVER);
LN_SAME(REPAIR_REPLACE, REPAIR_REPLACE_TRANSCEIVER);
static_assert(ASHLAR_LINK_REPAIR_REPLACE_TRANSCEIVER + 1 == (int)LN_REPAIR_MAX);
static_assert(LN_NL_N_COUNTERS == (int)LN_STAT_MAX);
static_assert(LN_KEY_LEN == ASHLAR_LINK_KEY_LEN);
static_assert(sizeof(siphash_key_t) == LN_KEY_LEN);
static_assert(LN_TOPO_MAX_NODES == ASHLAR_LINK_MAX_NODES);
static_assert(LN_TOPO_MAX_LINKS == ASHLAR_LINK_MAX_TOPOLOGY_LINKS);

void *ln_nl_msg_begin(struct ln_nl_msg *m, int event_attr)
{
	void *hdr = genlmsg_put(m->skb, m->portid, m->seq, &ln_nl_family,
				m->flags, m->cmd);

	if (!hdr || m->event == LN_NL_NO_EVENT)
		return hdr;
	if (!nla_put_u32(m->skb, event_attr, m->event))
		return hdr;
	genlmsg_cancel(m->skb, hdr);
	return NULL;
}

int ln_nl_msg_end(struct ln_nl_msg *m, void *hdr, int err)
{
	if (err) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	if (m->cb)
		genl_dump_check_consistent(m->cb, hdr);
	genlmsg_end(m->skb, hdr);
	return 0;
}

int ln_nl_put_u64(struct sk_buff *skb, int attr, u64 value)
{
	static_assert(ASHLAR_LINK_A_LINK_PAD == 1 &&
		      ASHLAR_LINK_A_HISTORY_PAD == 1 &&
		      ASHLAR_LINK_A_HOST_PAD == 1 &&
		      ASHLAR_LINK_A_TOPOLOGY_PAD == 1 &&
		      ASHLAR_LINK_A_NODE_PAD == 1 &&
		      ASHLAR_LINK_A_TOPOLOGY_LINK_PAD == 1 &&
		      ASHLAR_LINK_A_REPAIR_PAD == 1 &&
		      ASHLAR_LINK_A_STATS_PAD == 1);
	return nla_put_u64_64bit(skb, attr, value, ASHLAR_LINK_A_LINK_PAD);
}

int ln_nl_put_flag(struct sk_buff *skb, int attr, bool value)
{
	return value ? nla_put_flag(skb, attr) : 0;
}

/* A word that is not there is not told. */
static int put_word(struct sk_buff *skb, int attr, const char *word)
{
	return *word ? nla_put_string(skb, attr, word) : 0;
}

int ln_nl_put_optics(struct sk_buff *skb, int base, const struct ln_optics *o)
{
#define AT(name) (base + A(name) - A(OPTICS_STATE))
	int err;

	err = nla_put_u32(skb, base, o->state);
	if (err || (o->state != LN_OPTICS_OK && o->state != LN_OPTICS_ERROR))
		return err;
	return ln_nl_put_flag(skb, AT(OPTICS_THRESHOLDS), o->thresholds) ?:
	       nla_put_u32(skb, AT(TX_POWER), o->tx_power) ?:
	       nla_put_u32(skb, AT(TX_LOW), o->tx_low) ?:
	       nla_put_u32(skb, AT(RX_POWER), o->rx_power) ?:
	       nla_put_u32(skb, AT(RX_LOW), o->rx_low) ?:
	       nla_put_u32(skb, AT(TX_BIAS), o->tx_bias);
#undef AT
}

static_assert(A(FAR_TX_BIAS) - A(FAR_OPTICS_STATE) ==
	      A(TX_BIAS) - A(OPTICS_STATE));
static_assert(ASHLAR_LINK_A_REPAIR_TX_BIAS - ASHLAR_LINK_A_REPAIR_OPTICS_STATE ==
	      A(TX_BIAS) - A(OPTICS_STATE));

static int put_cfg(struct sk_buff *skb, const struct ln_link_cfg *cfg)
{
	return nla_put_u32(skb, A(ACTION), cfg->action) ?:
	       nla_put_u32(skb, A(PEER), cfg->alone ? ASHLAR_LINK_PEER_NONE :
			   ASHLAR_LINK_PEER_REQUIRED) ?:
	       nla_put_u32(skb, A(ON_LEAVE), cfg->keep_drained ?
			   ASHLAR_LINK_LEAVE_STAY : ASHLAR_LINK_LEAVE_RETURN) ?:
	       nla_put_u32(skb, A(KEEP), cfg->keep) ?:
	       nla_put_u32(skb, A(NH_GROUP), cfg->nh_group) ?:
	       ln_nl_put_u64(skb, A(HEALTHY_LOSS), cfg->detect.p0) ?:
	       ln_nl_put_u64(skb, A(CORRUPTING_LOSS), cfg->detect.p1) ?:
	       nla_put_u32(skb, A(FALSE_PER_MILLION), cfg->bound) ?:
	       nla_put_u32(skb, A(MISS_PER_MILLION), cfg->detect.miss) ?:
	       nla_put_u32(skb, A(SAMPLE_MS), cfg->sample_ms) ?:
	       nla_put_u32(skb, A(SLOW_MS), cfg->slow_ms) ?:
	       nla_put_u32(skb, A(OPTICS_MS), cfg->optics_ms) ?:
	       nla_put_u32(skb, A(BEAT_MS), cfg->beat_ms) ?:
	       nla_put_u32(skb, A(PROBE_PPS), cfg->probe_pps) ?:
	       nla_put_u32(skb, A(PROBE_LEN), cfg->probe_len) ?:
	       nla_put_u32(skb, A(HISTORY_S), cfg->history_s) ?:
	       nla_put_u32(skb, A(HOLD_S),
			   cfg->ladder.hold_ms / MSEC_PER_SEC) ?:
	       nla_put_u32(skb, A(HOLD_MAX_S),
			   cfg->ladder.hold_max_ms / MSEC_PER_SEC) ?:
	       nla_put_u32(skb, A(RELAPSE_S),
			   cfg->ladder.relapse_ms / MSEC_PER_SEC) ?:
	       put_word(skb, A(COMPONENT), cfg->component) ?:
	       put_word(skb, A(TOPOLOGY_LINK), cfg->topo_link) ?:
	       ln_nl_put_flag(skb, A(KEYED), cfg->keyed);
}

/* Of a drained link: how long proof has yet to hold. */
static u64 hold_left(const struct ln_ladder *l, u64 now)
{
	u64 held = l->proven_since ? now - l->proven_since : 0;

	return l->hold_ms > held ? l->hold_ms - held : 0;
}

static int put_ladder(struct sk_buff *skb, const struct ln_link *link)
{
	const struct ln_ladder *l = &link->ladder;
	u64 now = ln_now_ms();

	return nla_put_u32(skb, A(STATE), l->state) ?:
	       nla_put_u32(skb, A(WHY), l->why) ?:
	       put_word(skb, A(VIOLATED), l->why == LN_WHY_TOPOLOGY ?
			link->violated : "") ?:
	       ln_nl_put_u64(skb, A(STATE_MS), now - l->since) ?:
	       ln_nl_put_flag(skb, A(BY_HAND), l->by_hand) ?:
	       ln_nl_put_flag(skb, A(DRAIN_ASKED), link->want_out) ?:
	       ln_nl_put_flag(skb, A(RETURN_ASKED), link->want_in) ?:
	       ln_nl_put_flag(skb, A(FORCE), link->force) ?:
	       nla_put_u32(skb, A(ROUND), l->round) ?:
	       nla_put_u32(skb, A(AGREED), l->agree) ?:
	       nla_put_u32(skb, A(RELAPSES), l->relapses) ?:
	       (l->state == LN_DRAINED ?
		ln_nl_put_u64(skb, A(HOLD_MS), hold_left(l, now)) : 0);
}

static int put_group(struct sk_buff *skb, const struct ln_link *link)
{
	struct net_device *dev = NULL;
	int err;

	err = nla_put_u32(skb, A(GROUP_KIND), link->group);
	if (err || link->group == LN_GROUP_NONE)
		return err;
	rcu_read_lock();
	if (link->group == LN_GROUP_BOND)
		dev = dev_get_by_index_rcu(link->host->net, link->group_id);
	err = nla_put_u32(skb, A(GROUP_ID), link->group_id) ?:
	      (dev ? nla_put_string(skb, A(GROUP_DEVICE), dev->name) : 0) ?:
	      nla_put_u32(skb, A(GROUP_LEFT), link->left);
	rcu_read_unlock();
	return err;
}

static int put_job(struct sk_buff *skb, const struct ln_link *link)
{
	if (!link->job && !link->job_error)
		return 0;
	return nla_put_u32(skb, A(JOB), link->job) ?:
	       nla_put_u32(skb, A(JOB_DO), link->job_do) ?:
	       nla_put_u32(skb, A(JOB_ERROR), -link->job_error);
}

static int put_opinion(struct sk_buff *skb, const struct ln_link *link,
		       enum ln_dir dir)
{
	int base = dir == LN_RX ? A(RX_VERDICT) : A(TX_VERDICT);
	struct ln_opinion op;
	int err;

#define AT(name) (base + A(RX_##name) - A(RX_VERDICT))
	static_assert(A(TX_HEALTH) - A(TX_VERDICT) ==
		      A(RX_HEALTH) - A(RX_VERDICT));
	ln_link_opinion(link, dir, &op);
	err = nla_put_u32(skb, base, op.supported ? op.verdict :
			  LN_UNSUPPORTED);
	if (err || !op.supported)
		return err;
	/* Which of its streams speaks, the other end does not tell. */
	if (dir == LN_RX)
		err = nla_put_u32(skb, AT(STREAM), op.stream);
	if (!err && op.errors)
		err = ln_nl_put_u64(skb, AT(LOSS), op.loss);
	if (!err && op.trials)
		err = ln_nl_put_u64(skb, AT(LOWER), op.lower) ?:
		      ln_nl_put_u64(skb, AT(UPPER), op.upper);
	return err ?:
	       ln_nl_put_u64(skb, AT(TRIALS), op.trials) ?:
	       ln_nl_put_u64(skb, AT(ERRORS), op.errors) ?:
	       nla_put_u32(skb, AT(EVIDENCE), op.evidence) ?:
	       nla_put_u32(skb, AT(HEALTH), op.health) ?:
	       (dir == LN_TX ? ln_nl_put_flag(skb, A(TX_TRUSTED),
					      op.trusted) : 0);
#undef AT
}

static int put_stream(struct sk_buff *skb, const struct ln_link *link,
		      enum ln_stream stream)
{
	static const int bases[] = {
		[LN_FCS] = A(FCS_SUPPORT),
		[LN_FEC] = A(FEC_SUPPORT),
		[LN_PROBE] = A(PROBE_SUPPORT),
	};
	const struct ln_detect *test = &link->test[stream];
	u8 support = link->support[stream];
	struct ln_detect_view view;
	int base = bases[stream];
	int err;

#define AT(name) (base + A(FCS_##name) - A(FCS_SUPPORT))
	static_assert(A(FEC_LOG_ALPHA) - A(FEC_SUPPORT) ==
		      A(FCS_LOG_ALPHA) - A(FCS_SUPPORT));
	static_assert(A(PROBE_LOG_ALPHA) - A(PROBE_SUPPORT) ==
		      A(FCS_LOG_ALPHA) - A(FCS_SUPPORT));
	if (support >= LN_SUPPORT_SILENT && link->blind.blind & BIT(stream))
		support = LN_SUPPORT_BLIND;
	err = nla_put_u32(skb, base, support);
	if (err || support < LN_SUPPORT_SILENT)
		return err;
	ln_detect_view(test, &link->cfg.detect, &view);
	return nla_put_u32(skb, AT(VERDICT), view.verdict) ?:
	       ln_nl_put_u64(skb, AT(TRIALS), test->trials) ?:
	       ln_nl_put_u64(skb, AT(ERRORS), test->errors) ?:
	       nla_put_u32(skb, AT(EVIDENCE), view.corrupting) ?:
	       nla_put_u32(skb, AT(HEALTH), view.healthy) ?:
	       ln_nl_put_u64(skb, AT(MISSING), view.missing) ?:
	       nla_put_u32(skb, AT(EVENTS), view.events) ?:
	       nla_put_u32(skb, AT(LOG_ALPHA), view.log_alpha);
#undef AT
}

static int put_told(struct sk_buff *skb, const struct ln_link *link)
{
	const struct ln_beat *told = &link->peer.told;
	bool decides = !link->cfg.alone &&
		       !ln_decider(link->host->id, told->host,
				   link->group != LN_GROUP_NONE,
				   told->flags & LN_BEAT_F_GROUPED);

	return ln_nl_put_flag(skb, A(PEER_DECIDES), decides) ?:
	       ln_nl_put_u64(skb, A(PEER_HOST), told->host) ?:
	       put_word(skb, A(PEER_NAME), told->name) ?:
	       nla_put_u32(skb, A(PEER_IFINDEX), told->ifindex) ?:
	       nla_put_u32(skb, A(PEER_STATE), told->state) ?:
	       nla_put_u32(skb, A(PEER_WHY), told->why) ?:
	       nla_put_u32(skb, A(PEER_ROUND),
			   told->flags & LN_BEAT_F_REFUSED ? 0 : told->round) ?:
	       nla_put_u32(skb, A(PEER_AGREED), told->agree) ?:
	       ln_nl_put_u64(skb, A(TX_DROPS), told->drops);
}

static int put_peer(struct sk_buff *skb, const struct ln_link *link)
{
	const struct ln_peer *peer = &link->peer;
	int err;

	if (!peer->seen)
		return 0;
	err = ln_nl_put_flag(skb, A(PEER_FRESH), ln_peer_fresh(link)) ?:
	      ln_nl_put_flag(skb, A(PEER_TRUSTED), peer->trusted) ?:
	      ln_nl_put_flag(skb, A(PEER_LEFT), peer->left) ?:
	      ln_nl_put_u64(skb, A(PEER_HEARD_MS),
			    jiffies_to_msecs(jiffies - peer->heard));
	return err ?: put_told(skb, link);
}

static int put_todo(struct sk_buff *skb, const struct ln_todo *todo)
{
	if (!todo->ticket)
		return 0;
	return nla_put_u32(skb, A(REPAIR), todo->repair) ?:
	       nla_put_u32(skb, A(TICKET_DIRECTION), todo->dir) ?:
	       nla_put_u32(skb, A(TICKET), todo->ticket) ?:
	       ln_nl_put_flag(skb, A(UNSURE), todo->unsure);
}

static int put_link(struct sk_buff *skb, const struct ln_link *link)
{
	return put_cfg(skb, &link->cfg) ?:
	       (link->read.speed ? nla_put_u32(skb, A(SPEED),
					       link->read.speed) : 0) ?:
	       put_ladder(skb, link) ?:
	       put_group(skb, link) ?:
	       put_job(skb, link) ?:
	       put_opinion(skb, link, LN_RX) ?:
	       put_opinion(skb, link, LN_TX) ?:
	       put_stream(skb, link, LN_FCS) ?:
	       put_stream(skb, link, LN_FEC) ?:
	       put_stream(skb, link, LN_PROBE) ?:
	       ln_nl_put_u64(skb, A(RX_DROPS), ln_link_drops(link)) ?:
	       put_peer(skb, link) ?:
	       ln_nl_put_optics(skb, A(OPTICS_STATE), &link->optics) ?:
	       (link->peer.seen ?
		ln_nl_put_optics(skb, A(FAR_OPTICS_STATE),
				 &link->peer.told.optics) : 0) ?:
	       put_todo(skb, &link->todo);
}

static int put_dev(struct sk_buff *skb, int attr, const struct net_device *dev)
{
	char name[IFNAMSIZ];

	/* It may be renamed meanwhile. */
	strscpy(name, dev->name, sizeof(name));
	return nla_put_string(skb, attr, name);
}

int ln_nl_fill_link(struct ln_nl_msg *m, struct ln_link *link)
{
	struct sk_buff *skb = m->skb;
	void *hdr;
	int err;

	hdr = ln_nl_msg_begin(m, A(EVENT));
	if (!hdr)
		return -EMSGSIZE;
	err = nla_put_u32(skb, A(IFINDEX), link->dev->ifindex) ?:
	      put_dev(skb, A(DEVICE), link->dev);
	spin_lock_bh(&link->lock);
	err = err ?: put_link(skb, link);
	spin_unlock_bh(&link->lock);
	return ln_nl_msg_end(m, hdr, err);
}

static int put_history(struct sk_buff *skb, const struct ln_history *h)
{
	u64 now = ktime_get_boottime_seconds();

#define H(name) ASHLAR_LINK_A_HISTORY_##name
	/* The one that is being filled ends in the future. */
	return (h->ended && h->ended <= now ?
		ln_nl_put_u64(skb, H(AGE_S), now - h->ended) : 0) ?:
	       ln_nl_put_u64(skb, H(FRAMES), h->frames) ?:
	       ln_nl_put_u64(skb, H(FCS), h->fcs) ?:
	       ln_nl_put_u64(skb, H(CODEWORDS), h->codewords) ?:
	       ln_nl_put_u64(skb, H(FEC), h->fec) ?:
	       ln_nl_put_u64(skb, H(CORRECTED), h->corrected) ?:
	       ln_nl_put_u64(skb, H(BEATS), h->beats) ?:
	       ln_nl_put_u64(skb, H(MISSING), h->missing) ?:
	       ln_nl_put_u64(skb, H(DROPS), h->drops) ?:
	       nla_put_u32(skb, H(VERDICT), h->verdict) ?:
	       nla_put_u32(skb, H(TX_VERDICT), h->tx_verdict);
}

/* Return: -ENODATA if the history does not go so far back */
int ln_nl_fill_history(struct ln_nl_msg *m, struct ln_link *link,
		       unsigned int back)
{
	struct ln_history entry;
	void *hdr;

	if (back >= LN_HISTORY)
		return -ENODATA;
	spin_lock_bh(&link->lock);
	entry = link->history[(link->history_at + LN_HISTORY - back) %
			      LN_HISTORY];
	spin_unlock_bh(&link->lock);
	if (back && !entry.ended)
		return -ENODATA;
	hdr = genlmsg_put(m->skb, m->portid, m->seq, &ln_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return -EMSGSIZE;
	return ln_nl_msg_end(m, hdr,
			     nla_put_u32(m->skb, H(IFINDEX),
					 link->dev->ifindex) ?:
			     put_dev(m->skb, H(DEVICE), link->dev) ?:
			     put_history(m->skb, &entry));
#undef H
}

static int put_host(struct sk_buff *skb, const struct ln_host *host)
{
#define H(name) ASHLAR_LINK_A_HOST_##name
	int err;

	err = ln_nl_put_u64(skb, H(ID), host->id) ?:
	      nla_put_u32(skb, H(LINKS), host->n_links) ?:
	      nla_put_u32(skb, H(TICKETS), host->n_tickets) ?:
	      ln_nl_put_flag(skb, H(TOPOLOGY), host->topo && host->topo->now) ?:
	      ln_nl_put_flag(skb, H(HELPER), ln_helper_there(host)) ?:
	      ln_nl_put_u64(skb, H(RTNL_MAX_NS), READ_ONCE(host->rtnl_max_ns)) ?:
	      nla_put_u32(skb, H(GENERATION), atomic_read(&host->generation));
	if (err || !host->helper_portid)
		return err;
	return nla_put_u32(skb, H(HELPER_PORTID), host->helper_portid) ?:
	       ln_nl_put_u64(skb, H(HELPER_HEARD_MS),
			     jiffies_to_msecs(jiffies - host->helper_heard));
#undef H
}

/* A namespace without links (@host is NULL) has nothing, not even an identifier. */
int ln_nl_fill_host(struct ln_nl_msg *m, const struct ln_host *host)
{
	void *hdr = genlmsg_put(m->skb, m->portid, m->seq, &ln_nl_family,
				m->flags, m->cmd);

	if (!hdr)
		return -EMSGSIZE;
	return ln_nl_msg_end(m, hdr, host ? put_host(m->skb, host) :
			     nla_put_u32(m->skb, ASHLAR_LINK_A_HOST_LINKS, 0));
}

int ln_nl_fill_stats(struct ln_nl_msg *m, const struct ln_host *host)
{
	u64 sum[LN_STAT_MAX] = {};
	unsigned int i;
	void *hdr;
	int err;

	hdr = genlmsg_put(m->skb, m->portid, m->seq, &ln_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (host)
		ln_stats_sum(host->stats, sum);
	err = ln_nl_put_u64(m->skb, ASHLAR_LINK_A_STATS_LINKS,
			    host ? READ_ONCE(host->n_links) : 0) ?:
	      ln_nl_put_u64(m->skb, ASHLAR_LINK_A_STATS_TICKETS,
			    host ? READ_ONCE(host->n_tickets) : 0);
	for (i = 0; i < LN_STAT_MAX && !err; i++)
		err = ln_nl_put_u64(m->skb, ASHLAR_LINK_A_STATS_BEAT_TX + i,
				    sum[i]);
	return ln_nl_msg_end(m, hdr, err);
}

bool ln_nl_ntf_begin(struct ln_nl_msg *m, struct net *net, u8 cmd, int event,
		     gfp_t gfp)
{
	if (!genl_has_listeners(&ln_nl_family, net, LN_NL_MCGRP_MONITOR))
		return false;
	*m = (struct ln_nl_msg){ .cmd = cmd, .event = event };
	m->skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (m->skb)
		return true;
	genl_set_err(&ln_nl_family, net, 0, LN_NL_MCGRP_MONITOR, -ENOBUFS);
	return false;
}

void ln_nl_ntf_end(struct ln_nl_msg *m, struct net *net, int err, gfp_t gfp)
{
	if (!err) {
		genlmsg_multicast_netns(&ln_nl_family, net, m->skb, 0,
					LN_NL_MCGRP_MONITOR, gfp);
		return;
	}
	nlmsg_free(m->skb);
	genl_set_err(&ln_nl_family, net, 0, LN_NL_MCGRP_MONITOR, -ENOBUFS);
}

void ln_nl_notify_link(struct ln_link *link, enum ln_event event)
{
	struct net *net = link->host->net;
	struct ln_nl_msg m;

	if (ln_nl_ntf_begin(&m, net, ASHLAR_LINK_CMD_LINK_NTF, event,
			    GFP_ATOMIC))
		ln_nl_ntf_end(&m, net, ln_nl_fill_link(&m, link), GFP_ATOMIC);
}
