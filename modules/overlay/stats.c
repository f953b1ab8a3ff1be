// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/string.h>

#include "stats.h"

void ov_stats_sum(const struct ov_stats __percpu *stats, u64 *sum)
{
	unsigned int i;
	int cpu;

	memset(sum, 0, OV_STAT_MAX * sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct ov_stats *s = per_cpu_ptr(stats, cpu);

		for (i = 0; i < OV_STAT_MAX; i++)
			sum[i] += READ_ONCE(s->n[i]);
	}
}
