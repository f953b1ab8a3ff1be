// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/string.h>

#include "inst.h"

static void stats_add(const struct ex_inst *inst, u64 *sum)
{
	unsigned int i, cpu;

	for_each_possible_cpu(cpu) {
		const struct ex_stats *s = &per_cpu_ptr(inst->cpu, cpu)->stats;

		for (i = 0; i < EX_STAT_MAX; i++)
			sum[i] += READ_ONCE(s->n[i]);
		/* Of packets only those are counted as run that had no verdict. */
		sum[EX_STAT_RUN_HOOK] += READ_ONCE(s->n[EX_STAT_HOOK_ACCEPTED]) +
					 READ_ONCE(s->n[EX_STAT_HOOK_DROPPED]);
	}
}

void ex_stats_sum(const struct ex_inst *inst, u64 *sum)
{
	memset(sum, 0, EX_STAT_MAX * sizeof(*sum));
	stats_add(inst, sum);
}

void ex_net_stats_sum(const struct net *net, u64 *sum)
{
	struct ex_net *en = ex_net(net);
	struct ex_inst *inst, *previous;

	lockdep_assert_held(&ex_mutex);
	memcpy(sum, en->past, sizeof(en->past));
	list_for_each_entry(inst, &en->insts, list) {
		stats_add(inst, sum);
		previous = READ_ONCE(inst->previous);
		if (previous)
			stats_add(previous, sum);
	}
}

void ex_net_stats_keep(struct ex_inst *inst)
{
	lockdep_assert_held(&ex_mutex);
	stats_add(inst, ex_net(inst->net)->past);
}

u64 ex_fuel_peak(const struct ex_inst *inst)
{
	unsigned int cpu;
	u64 peak = 0;

	for_each_possible_cpu(cpu)
		peak = max(peak, READ_ONCE(per_cpu_ptr(inst->cpu, cpu)->fuel_peak));
	return peak;
}
