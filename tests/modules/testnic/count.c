// SPDX-License-Identifier: GPL-2.0-only
/* What happens to frames, and what the device says of it. */
#include <linux/etherdevice.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>

#include "testnic.h"

static const enum tn_counter fate_counter[] = {
	[TN_FATE_FCS] = TN_RX_FCS,
	[TN_FATE_LOST] = TN_RX_LOST,
	[TN_FATE_MISSED] = TN_RX_MISSED,
	[TN_FATE_DROPPED] = TN_RX_DROPPED,
	[TN_FATE_GOOD] = TN_RX_FRAMES,
};

u64 tn_get(const struct tn_dev *tn, unsigned int setting)
{
	return READ_ONCE(tn->set[setting]);
}

/*
 * The same seed gives the same fates: xorshift64*, whose state is never 0, begun
 * at what splitmix64 makes of the seed, so that 1 and 2 are far apart.
 */
void tn_seed(struct tn_dev *tn)
{
	u64 x = tn->set[TN_SEED] + 0x9e3779b97f4a7c15ULL;

	lockdep_assert_held(&tn->lock);
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	tn->random = (x ^ (x >> 31)) ?: 1;
	memset(tn->until, 0, sizeof(tn->until));
}

u64 tn_random(struct tn_dev *tn)
{
	u64 x = tn->random;

	lockdep_assert_held(&tn->lock);
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	tn->random = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static bool strikes(struct tn_dev *tn, enum tn_fate fate)
{
	u64 every = tn->set[TN_EVERY + fate], ppm = tn->set[TN_PPM + fate];

	if (every && ++tn->until[fate] >= every) {
		tn->until[fate] = 0;
		return true;
	}
	return ppm && ((tn_random(tn) >> 32) * 1000000 >> 32) < ppm;
}

void tn_count(struct tn_dev *tn, enum tn_counter counter)
{
	spin_lock_bh(&tn->lock);
	tn->count[counter]++;
	spin_unlock_bh(&tn->lock);
}

void tn_count_sent(struct tn_dev *tn, unsigned int len)
{
	spin_lock_bh(&tn->lock);
	tn->count[TN_TX_FRAMES]++;
	tn->count[TN_TX_BYTES] += len;
	spin_unlock_bh(&tn->lock);
}

/**
 * tn_count_arrived() - decide on a frame and count it
 * @tn: where it arrives
 * @eth: its header
 * @len: its length
 *
 * Return: what becomes of it.
 */
enum tn_fate tn_count_arrived(struct tn_dev *tn, const struct ethhdr *eth, unsigned int len)
{
	enum tn_fate fate;

	spin_lock_bh(&tn->lock);
	for (fate = 0; fate < TN_FATES; fate++)
		if (strikes(tn, fate))
			break;
	tn->count[fate_counter[fate]]++;
	if (fate == TN_FATE_GOOD) {
		tn->count[TN_RX_BYTES] += len;
		if (is_broadcast_ether_addr(eth->h_dest))
			tn->count[TN_RX_BROADCAST]++;
		else if (is_multicast_ether_addr(eth->h_dest))
			tn->count[TN_RX_MULTICAST]++;
	}
	spin_unlock_bh(&tn->lock);
	return fate;
}

/* Adds what the counters have gained by their rates. */
void tn_settle(struct tn_dev *tn)
{
	u64 now = ktime_get_ns(), seconds;
	u32 rest;
	int i;

	lockdep_assert_held(&tn->lock);
	seconds = div_u64_rem(now - tn->settled, NSEC_PER_SEC, &rest);
	tn->settled = now;
	if (!tn->link)
		return;
	for (i = 0; i < TN_DEVICE_COUNTERS; i++) {
		tn->count[i] += seconds * tn->rate[i];
		tn->part[i] += rest * tn->rate[i];
		tn->count[i] += div64_u64_rem(tn->part[i], NSEC_PER_SEC, &tn->part[i]);
	}
}

/**
 * tn_show() - the counters as the device shows them
 * @tn: the device
 * @out: TN_DEVICE_COUNTERS values: no newer than the cache is, no wider than the
 *       device's registers are
 */
void tn_show(struct tn_dev *tn, u64 *out)
{
	u64 mask;
	int i;

	spin_lock_bh(&tn->lock);
	tn_settle(tn);
	mask = GENMASK_ULL(tn->set[TN_WIDTH] - 1, 0);
	if (tn->settled - tn->shown_at >= tn->set[TN_CACHE_MS] * NSEC_PER_MSEC) {
		memcpy(tn->shown, tn->count, sizeof(tn->shown));
		tn->shown_at = tn->settled;
	}
	for (i = 0; i < TN_DEVICE_COUNTERS; i++)
		out[i] = tn->shown[i] & mask;
	spin_unlock_bh(&tn->lock);
}
