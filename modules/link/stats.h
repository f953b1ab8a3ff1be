/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_LINK_STATS_H
#define ASHLAR_LINK_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

/*
 * One named counter for each way out. The names are the keys of "stats show"
 * and of the netlink spec; what each means is told there.
 */
#define LN_STATS(X) \
	X(BEAT_TX, beat_tx) \
	X(BEAT_TX_FAILED, beat_tx_failed) \
	X(BEAT_RX, beat_rx) \
	X(BEAT_MALFORMED, beat_malformed) \
	X(BEAT_VERSION, beat_version) \
	X(BEAT_BAD_TAG, beat_bad_tag) \
	X(BEAT_UNKEYED, beat_unkeyed) \
	X(BEAT_STALE, beat_stale) \
	X(BEAT_REPLAYED, beat_replayed) \
	X(BEAT_LIMITED, beat_limited) \
	X(BEAT_OWN, beat_own) \
	X(PROBE_TX, probe_tx) \
	X(PROBE_RX, probe_rx) \
	X(GAP, gap) \
	X(LATE, late) \
	X(PEER_LOST, peer_lost) \
	X(PEER_NEW, peer_new) \
	X(SAMPLE_NETDEV, sample_netdev) \
	X(SAMPLE_ETHTOOL, sample_ethtool) \
	X(SAMPLE_OPTICS, sample_optics) \
	X(RTNL_BUSY, rtnl_busy) \
	X(COUNTER_RESET, counter_reset) \
	X(COUNTER_WRAP, counter_wrap) \
	X(VERDICT_CORRUPTING, verdict_corrupting) \
	X(VERDICT_HEALTHY, verdict_healthy) \
	X(DRAINED, drained) \
	X(RETURNED, returned) \
	X(RELAPSED, relapsed) \
	X(GUARD_REFUSED, guard_refused) \
	X(TOPOLOGY_REFUSED, topology_refused) \
	X(AGREEMENT_REFUSED, agreement_refused) \
	X(AGREEMENT_TIMEOUT, agreement_timeout) \
	X(JOB_ASKED, job_asked) \
	X(JOB_DONE, job_done) \
	X(JOB_FAILED, job_failed)

enum ln_stat {
#define LN_STAT_ENUM(upper, lower) LN_STAT_##upper,
	LN_STATS(LN_STAT_ENUM)
#undef LN_STAT_ENUM
	LN_STAT_MAX
};

struct ln_stats {
	u64 n[LN_STAT_MAX];
};

#define ln_count(host, stat) this_cpu_inc((host)->stats->n[LN_STAT_##stat])
#define ln_count_add(host, stat, k) \
	this_cpu_add((host)->stats->n[LN_STAT_##stat], k)

/* The sum over all CPUs. */
void ln_stats_sum(const struct ln_stats __percpu *stats, u64 *sum);

#endif /* ASHLAR_LINK_STATS_H */
