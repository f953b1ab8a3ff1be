// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking at links. The tick goes through all of them under RCU and does what
 * does not sleep: netdev counters, heartbeats, gaps. The slow work takes one
 * link at a time off a queue and holds rtnl for that one only: what the driver
 * tells through ethtool, the module's memory, a step of the ladder. It never
 * waits for rtnl, since somebody who holds it may be waiting for the link.
 *
 * A tick that comes much later than it was to come tells that this host was
 * short of time, so heartbeats that are missing since may be its own fault.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "host.h"
#include "link.h"
#include "nl.h"
#include "trace.h"

#define TICK_MIN	msecs_to_jiffies(10)
#define BACKOFF_MAX	8		/* doublings of a jiffy */
#define SLOW_BUDGET	64		/* links in a go */
/* Readings that do not count after the carrier changed: training is noisy. */
#define UNSETTLED	2
/* Trials of longer ago do not make the present rate less. */
#define GAPS_NS_MAX	(2 * NSEC_PER_SEC)

static struct ln_history *history_of(struct ln_link *link)
{
	struct ln_history *h = &link->history[link->history_at];
	u64 now = ktime_get_boottime_seconds();

	lockdep_assert_held(&link->lock);
	if (!h->ended) {
		h->ended = now + link->cfg.history_s;
	} else if (now >= h->ended) {
		h->ended = now;
		link->history_at = (link->history_at + 1) % LN_HISTORY;
		h = &link->history[link->history_at];
		*h = (struct ln_history){
			.ended = now + link->cfg.history_s,
			.verdict = link->said[LN_RX],
			.tx_verdict = link->said[LN_TX],
		};
	}
	return h;
}

static void feed(struct ln_link *link, enum ln_stream stream, u64 trials,
		 u64 errors, u64 elapsed_ns)
{
	ln_detect_feed(&link->blind, link->test, LN_STREAMS, stream,
		       &link->cfg.detect, trials, errors, elapsed_ns);
}

static bool fell(const struct ln_counters *set, const u64 *values,
		 unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (ln_counter_supported(set, i) && values[i] < set->last[i])
			return true;
	return false;
}

static enum ln_snapshot take(struct ln_link *link, struct ln_counters *set,
			     const u64 *values, unsigned int n, u32 speed,
			     u64 *delta, u64 *elapsed_ns)
{
	bool wraps = fell(set, values, n);
	enum ln_snapshot snap;

	snap = ln_counters_update(set, values, n, ktime_get_boottime_ns(),
				  ln_frames_max(speed), delta, elapsed_ns);
	if (snap == LN_SNAP_RESET)
		ln_count(link->host, COUNTER_RESET);
	else if (snap == LN_SNAP_COUNTED && wraps)
		ln_count(link->host, COUNTER_WRAP);
	return snap;
}

/* A carrier that comes or goes makes errors that say nothing of the light. */
static bool settled(struct ln_link *link)
{
	unsigned int carriers = ln_dev_carriers(link->dev);

	if (carriers != link->read.carriers) {
		link->read.carriers = carriers;
		link->read.unsettled = UNSETTLED;
	}
	return !link->read.unsettled && netif_carrier_ok(link->dev);
}

static bool mac_tells(const struct ln_link *link)
{
	return ln_counter_supported(&link->read.mac, LN_MAC_FCS);
}

static void support_set(struct ln_link *link, enum ln_stream stream,
			enum ln_support support)
{
	link->support[stream] = support;
}

/*
 * Many drivers leave rx_crc_errors at 0 for ever. So long as it was never seen
 * to move, that it does not is no evidence of anything.
 */
static void judge_crc(struct ln_link *link, const u64 *delta, u64 elapsed_ns,
		      bool good)
{
	if (mac_tells(link) || link->support[LN_FCS] == LN_SUPPORT_UNKNOWN)
		return;
	if (delta[LN_NETDEV_CRC] || link->read.netdev.last[LN_NETDEV_CRC])
		link->read.crc_seen = true;
	support_set(link, LN_FCS, link->read.crc_seen ? LN_SUPPORT_YES :
		    LN_SUPPORT_SILENT);
	if (good && link->read.crc_seen)
		feed(link, LN_FCS, delta[LN_NETDEV_FRAMES],
		     delta[LN_NETDEV_CRC], elapsed_ns);
}

static void sample_netdev(struct ln_link *link)
{
	u64 values[LN_NETDEV_N], delta[LN_NETDEV_N], elapsed_ns;
	struct ln_netdev_read r;
	struct ln_history *h;
	bool good;

	ln_source_netdev(link->dev, &r);
	values[LN_NETDEV_FRAMES] = r.frames;
	values[LN_NETDEV_CRC] = r.crc;
	values[LN_NETDEV_DROPS] = r.rx_drops;
	spin_lock_bh(&link->lock);
	good = settled(link);
	take(link, &link->read.netdev, values, LN_NETDEV_N, link->read.speed,
	     delta, &elapsed_ns);
	delta[LN_NETDEV_FRAMES] += delta[LN_NETDEV_CRC];
	h = history_of(link);
	h->frames += delta[LN_NETDEV_FRAMES];
	h->drops += delta[LN_NETDEV_DROPS];
	if (!mac_tells(link))
		h->fcs += delta[LN_NETDEV_CRC];
	if (delta[LN_NETDEV_DROPS] || r.tx_drops != link->read.tx_drops)
		link->read.congested = true;
	link->read.tx_drops = r.tx_drops;
	judge_crc(link, delta, elapsed_ns, good);
	spin_unlock_bh(&link->lock);
	ln_count(link->host, SAMPLE_NETDEV);
}

/*
 * Frames that were dropped for want of room at either end are missing, too, and
 * nobody can tell which are which; so then nothing is counted.
 */
static void sample_gaps(struct ln_link *link, u64 elapsed_ns)
{
	struct ln_peer *peer = &link->peer;
	u64 now = ktime_get_boottime_ns();
	struct ln_history *h;
	u64 expected, missing;

	spin_lock_bh(&link->lock);
	expected = peer->expected;
	missing = peer->missing;
	peer->expected = 0;
	peer->missing = 0;
	if (!expected)
		goto unlock;
	h = history_of(link);
	h->beats += expected;
	h->missing += missing;
	support_set(link, LN_PROBE, LN_SUPPORT_YES);
	/* They come with some heartbeats, and are of the time before. */
	elapsed_ns = max(elapsed_ns, min_t(u64, now - link->read.gaps_ns, GAPS_NS_MAX));
	link->read.gaps_ns = now;
	if (settled(link) && !link->read.congested &&
	    !(peer->told.flags & LN_BEAT_F_CONGESTED))
		feed(link, LN_PROBE, expected, missing, elapsed_ns);
unlock:
	if (link->read.unsettled)
		link->read.unsettled--;
	spin_unlock_bh(&link->lock);
}

static void tell_verdict(struct ln_link *link, enum ln_dir dir)
{
	struct ln_opinion op;

	if (link->said[dir] == LN_CORRUPTING)
		ln_count(link->host, VERDICT_CORRUPTING);
	else if (link->said[dir] == LN_HEALTHY)
		ln_count(link->host, VERDICT_HEALTHY);
	if (!trace_ln_verdict_enabled())
		return;
	ln_link_opinion(link, dir, &op);
	trace_ln_verdict(link->dev, dir, op.verdict, op.trials, op.errors);
}

/* What changed about a direction's verdict, for those who wait for it. */
static bool verdict_news(struct ln_link *link)
{
	enum ln_verdict verdict;
	bool news = false;
	unsigned int dir;

	spin_lock_bh(&link->lock);
	for (dir = 0; dir < LN_DIRS; dir++) {
		verdict = ln_link_verdict(link, dir);
		if (verdict == link->said[dir])
			continue;
		news = true;
		link->said[dir] = verdict;
		tell_verdict(link, dir);
	}
	if (news) {
		history_of(link)->verdict = link->said[LN_RX];
		history_of(link)->tx_verdict = link->said[LN_TX];
	}
	spin_unlock_bh(&link->lock);
	return news;
}

static bool peer_news(struct ln_link *link)
{
	bool fresh, news;

	spin_lock_bh(&link->lock);
	fresh = ln_peer_fresh(link);
	news = fresh != link->was_fresh;
	link->was_fresh = fresh;
	if (news && !fresh)
		ln_count(link->host, PEER_LOST);
	spin_unlock_bh(&link->lock);
	return news;
}

static bool due(unsigned long *next, u32 period_ms)
{
	if (time_before(jiffies, *next))
		return false;
	*next = jiffies + msecs_to_jiffies(period_ms);
	return true;
}

static void link_tick(struct ln_link *link)
{
	unsigned long what = 0;
	bool news;

	if (due(&link->next_sample, link->cfg.sample_ms)) {
		sample_netdev(link);
		sample_gaps(link, (u64)link->cfg.sample_ms * NSEC_PER_MSEC);
	}
	if (due(&link->next_slow, link->cfg.slow_ms))
		what |= LN_DUE_SLOW;
	if (due(&link->next_optics, link->cfg.optics_ms))
		what |= LN_DUE_OPTICS;
	if (due(&link->peer.tx_beat, link->cfg.beat_ms))
		ln_peer_tell(link, LN_BEAT_FULL);
	news = verdict_news(link);
	if (news)
		ln_nl_notify_link(link, LN_EVENT_VERDICT);
	if (peer_news(link)) {
		news = true;
		ln_nl_notify_link(link, LN_EVENT_PEER);
	}
	/* Whatever is not at rest waits for something. */
	if (news || READ_ONCE(link->ladder.state) != LN_WATCH ||
	    READ_ONCE(link->todo.done))
		what |= LN_DUE_ACT;
	if (what)
		ln_kick(link, what);
}

static unsigned long sooner(unsigned long a, unsigned long b)
{
	return time_before(a, b) ? a : b;
}

static unsigned long link_next(const struct ln_link *link)
{
	return sooner(sooner(link->next_sample, link->next_slow),
		      sooner(link->next_optics, link->peer.tx_beat));
}

/* Within half of the time that a late heartbeat has. */
static bool too_late(const struct ln_host *host)
{
	return host->ticking && time_after(jiffies, host->tick_due + LN_LATE / 2);
}

/* RCU. */
static void excuse_gaps(struct ln_host *host)
{
	struct ln_link *link;

	list_for_each_entry_rcu(link, &host->links, list) {
		spin_lock_bh(&link->lock);
		ln_peer_resync(link);
		spin_unlock_bh(&link->lock);
	}
	ln_count(host, LATE);
}

void ln_tick(struct work_struct *work)
{
	struct ln_host *host = container_of(work, struct ln_host, tick.work);
	unsigned long next = jiffies + HZ;
	struct ln_link *link;

	rcu_read_lock();
	if (too_late(host))
		excuse_gaps(host);
	list_for_each_entry_rcu(link, &host->links, list) {
		link_tick(link);
		next = sooner(next, link_next(link));
	}
	rcu_read_unlock();
	host->ticking = !READ_ONCE(host->stopping) && !list_empty(&host->links);
	if (!host->ticking)
		return;
	next = max_t(long, next - jiffies, TICK_MIN);
	host->tick_due = jiffies + next;
	queue_delayed_work(ln_wq, &host->tick, next);
}

void ln_kick(struct ln_link *link, unsigned long what)
{
	struct ln_host *host = link->host;

	if (READ_ONCE(host->stopping))
		return;
	spin_lock_bh(&host->slow_lock);
	link->due |= what;
	if (list_empty(&link->slow)) {
		refcount_inc(&link->ref);
		list_add_tail(&link->slow, &host->slow_queue);
	}
	spin_unlock_bh(&host->slow_lock);
	queue_delayed_work(ln_wq, &host->slow_work, 0);
}

/*
 * ethtool does not tell RS(528,514) from RS(544,514); the first has a slower
 * coded line and shorter codewords, so there are as many of them.
 */
static enum ln_fec fec_of(u32 mode)
{
	if (mode & ETHTOOL_FEC_RS)
		return LN_FEC_RS544;
	if (mode & ETHTOOL_FEC_LLRS)
		return LN_FEC_LLRS;
	return mode & ETHTOOL_FEC_BASER ? LN_FEC_BASER : LN_FEC_NONE;
}

/*
 * FramesReceivedOK does not count those with errors. A driver that tells of
 * errors alone has them among the frames that its netdev counters tell of.
 *
 * Return: what ethtool tells is alive
 */
static bool read_mac(struct ln_link *link, const struct ln_ethtool_read *r,
		     bool good)
{
	u64 values[LN_MAC_N], delta[LN_MAC_N], elapsed_ns;
	bool frames = r->frames != LN_NOT_SET;
	enum ln_snapshot snap;

	values[LN_MAC_FCS] = r->fcs;
	values[LN_MAC_FRAMES] = frames ? r->frames :
				link->read.netdev.total[LN_NETDEV_FRAMES];
	snap = take(link, &link->read.mac, values, LN_MAC_N, r->speed, delta,
		    &elapsed_ns);
	if (!mac_tells(link)) {
		if (link->support[LN_FCS] == LN_SUPPORT_UNKNOWN)
			support_set(link, LN_FCS, LN_SUPPORT_SILENT);
		return frames && snap == LN_SNAP_COUNTED;
	}
	support_set(link, LN_FCS, LN_SUPPORT_YES);
	if (snap != LN_SNAP_COUNTED)
		return false;
	history_of(link)->fcs += delta[LN_MAC_FCS];
	if (good)
		feed(link, LN_FCS, delta[LN_MAC_FRAMES] + delta[LN_MAC_FCS],
		     delta[LN_MAC_FCS], elapsed_ns);
	return frames || delta[LN_MAC_FCS];
}

static void read_fec(struct ln_link *link, const struct ln_ethtool_read *r,
		     u64 since, bool good, bool mac_moved)
{
	u64 values[LN_FEC_N], delta[LN_FEC_N], elapsed_ns, words;
	enum ln_snapshot snap;
	struct ln_history *h;

	values[LN_FEC_CORRECTED] = r->corrected;
	values[LN_FEC_UNCORRECTABLE] = r->uncorrectable;
	snap = take(link, &link->read.fec, values, LN_FEC_N, r->speed, delta,
		    &elapsed_ns);
	if (!ln_counter_supported(&link->read.fec, LN_FEC_UNCORRECTABLE) ||
	    fec_of(r->fec_mode) == LN_FEC_NONE) {
		support_set(link, LN_FEC, LN_SUPPORT_NO);
		ln_fec_clock_reset(&link->read.clock);
		return;
	}
	support_set(link, LN_FEC, LN_SUPPORT_YES);
	if (!good || snap == LN_SNAP_RESET || snap == LN_SNAP_BASE ||
	    fec_of(r->fec_mode) != link->read.fec_mode) {
		ln_fec_clock_reset(&link->read.clock);
		link->read.fec_mode = fec_of(r->fec_mode);
		return;
	}
	words = ln_fec_clock_add(&link->read.clock, link->read.fec_mode,
				 r->speed, since,
				 mac_moved || snap == LN_SNAP_COUNTED);
	h = history_of(link);
	h->codewords += words;
	h->fec += delta[LN_FEC_UNCORRECTABLE];
	h->corrected += delta[LN_FEC_CORRECTED];
	if (words)
		feed(link, LN_FEC, words, delta[LN_FEC_UNCORRECTABLE], since);
}

static void slow_read(struct ln_link *link)
{
	struct ln_ethtool_read r;
	bool good, moved;
	u64 now;

	if (ln_source_ethtool(link->dev, &r))
		return;
	now = ktime_get_boottime_ns();
	spin_lock_bh(&link->lock);
	good = settled(link) &&
	       link->read.slow_carriers == link->read.carriers;
	link->read.slow_carriers = link->read.carriers;
	link->read.speed = r.speed;
	moved = read_mac(link, &r, good);
	read_fec(link, &r, now - link->read.slow_ns, good, moved);
	link->read.slow_ns = now;
	spin_unlock_bh(&link->lock);
	ln_count(link->host, SAMPLE_ETHTOOL);
}

static void slow_optics(struct ln_link *link)
{
	struct ln_optics o;

	spin_lock_bh(&link->lock);
	o = link->optics;
	spin_unlock_bh(&link->lock);
	ln_source_optics(link->dev, &o);
	spin_lock_bh(&link->lock);
	link->optics = o;
	spin_unlock_bh(&link->lock);
	ln_count(link->host, SAMPLE_OPTICS);
}

static struct ln_link *slow_pop(struct ln_host *host, unsigned long *what)
{
	struct ln_link *link;

	spin_lock_bh(&host->slow_lock);
	link = list_first_entry_or_null(&host->slow_queue, struct ln_link,
					slow);
	if (link) {
		list_del_init(&link->slow);
		*what = link->due;
		link->due = 0;
	}
	spin_unlock_bh(&host->slow_lock);
	return link;
}

/* One hold of rtnl for each kind of work. */
static bool slow_hold(struct ln_link *link, unsigned long what)
{
	u64 begun;

	if (!rtnl_trylock())
		return false;
	begun = ktime_get_ns();
	if (!link->gone) {
		if (what == LN_DUE_SLOW)
			slow_read(link);
		else if (what == LN_DUE_OPTICS)
			slow_optics(link);
		else
			ln_act(link);
	}
	begun = ktime_get_ns() - begun;
	if (begun > link->host->rtnl_max_ns)
		WRITE_ONCE(link->host->rtnl_max_ns, begun);
	rtnl_unlock();
	return true;
}

/* The ladder first: it is what somebody waits for. */
static bool slow_link(struct ln_link *link, unsigned long what)
{
	static const unsigned long order[] = {
		LN_DUE_ACT, LN_DUE_SLOW, LN_DUE_OPTICS,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (!(what & order[i]))
			continue;
		if (!slow_hold(link, order[i])) {
			ln_kick(link, what);
			return false;
		}
		what &= ~order[i];
	}
	return true;
}

void ln_slow(struct work_struct *work)
{
	struct ln_host *host = container_of(work, struct ln_host,
					    slow_work.work);
	unsigned int left = SLOW_BUDGET;
	unsigned long what, delay = 0;
	struct ln_link *link;

	while (left-- && !READ_ONCE(host->stopping)) {
		link = slow_pop(host, &what);
		if (!link)
			return;
		if (slow_link(link, what)) {
			host->backoff = 0;
			ln_link_put(link);
			continue;
		}
		ln_link_put(link);
		ln_count(host, RTNL_BUSY);
		delay = 1UL << host->backoff;
		host->backoff = min(host->backoff + 1, BACKOFF_MAX);
		break;
	}
	if (!READ_ONCE(host->stopping))
		mod_delayed_work(ln_wq, &host->slow_work, delay);
}
