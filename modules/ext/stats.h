/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_EXT_STATS_H
#define ASHLAR_EXT_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

/*
 * One named counter for each way out, per instance. The names are the keys of "ext stats" and of
 * the netlink spec; what each means is told there.
 */
#define EX_STATS(X) \
	X(RUN_HOOK, run_hook) \
	X(RUN_TIMER, run_timer) \
	X(RUN_SLEEPER, run_sleeper) \
	X(HOOK_ACCEPTED, hook_accepted) \
	X(HOOK_DROPPED, hook_dropped) \
	X(FAIL_ACCEPTED, fail_accepted) \
	X(FAIL_DROPPED, fail_dropped) \
	X(FAULT, fault) \
	X(FAULT_LATER, fault_later) \
	X(RUN_STOPPED, run_stopped) \
	X(RUN_CLOSED, run_closed) \
	X(RUN_BUSY, run_busy) \
	X(RUN_NO_STACK, run_no_stack) \
	X(RUN_NO_SLEEPER, run_no_sleeper) \
	X(OVER_PPS, over_pps) \
	X(OVER_CPU, over_cpu) \
	X(QUARANTINE, quarantine) \
	X(ROLL_BACK, roll_back) \
	X(UNBALANCED, unbalanced)

enum ex_stat {
#define EX_STAT_ENUM(upper, lower) EX_STAT_##upper,
	EX_STATS(EX_STAT_ENUM)
#undef EX_STAT_ENUM
	EX_STAT_MAX
};

struct ex_stats {
	u64 n[EX_STAT_MAX];
};

/* inst->cpu is struct ex_cpu of ctx.h. */
#define ex_count(inst, stat) this_cpu_inc((inst)->cpu->stats.n[EX_STAT_##stat])
#define ex_count_add(inst, stat, k) this_cpu_add((inst)->cpu->stats.n[EX_STAT_##stat], k)

struct ex_inst;
struct net;

/**
 * ex_net_stats_sum() - the sum over the namespace's instances, those that ended included; ex_mutex
 */
void ex_net_stats_sum(const struct net *net, u64 *sum);

/** ex_net_stats_keep() - the instance is about to go; ex_mutex */
void ex_net_stats_keep(struct ex_inst *inst);

/** ex_stats_sum() - the sum over all CPUs, EX_STAT_MAX numbers */
void ex_stats_sum(const struct ex_inst *inst, u64 *sum);

/** ex_fuel_peak() - the most fuel that one invocation used */
u64 ex_fuel_peak(const struct ex_inst *inst);

#endif /* ASHLAR_EXT_STATS_H */
