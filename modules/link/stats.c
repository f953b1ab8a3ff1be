// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/string.h>

#include "stats.h"

void ln_stats_sum(const struct ln_stats __percpu *stats, u64 *sum)
{
	unsigned int i;
	int cpu;

	memset(sum, 0, LN_STAT_MAX * sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct ln_stats *s = per_cpu_ptr(stats, cpu);

		for (i = 0; i < LN_STAT_MAX; i++)
			sum[i] += READ_ONCE(s->n[i]);
	}
}
