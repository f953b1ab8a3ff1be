/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: what an operator's tools may hook on to see why. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ashlar_link

#if !defined(ASHLAR_LINK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ASHLAR_LINK_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

TRACE_EVENT(ln_verdict,
	TP_PROTO(const struct net_device *dev, u8 dir, u8 verdict, u64 trials, u64 errors),
	TP_ARGS(dev, dir, verdict, trials, errors),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u8, dir)
		__field(u8, verdict)
		__field(u64, trials)
		__field(u64, errors)
	),
	TP_fast_assign(
		__entry->ifindex = dev->ifindex;
		__entry->dir = dir;
		__entry->verdict = verdict;
		__entry->trials = trials;
		__entry->errors = errors;
	),
	TP_printk("ifindex=%d dir=%s verdict=%u trials=%llu errors=%llu",
		  __entry->ifindex, __entry->dir ? "tx" : "rx", __entry->verdict,
		  __entry->trials, __entry->errors)
);

TRACE_EVENT(ln_state,
	TP_PROTO(const struct net_device *dev, u8 state, u8 why, u32 round),
	TP_ARGS(dev, state, why, round),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(u8, state)
		__field(u8, why)
		__field(u32, round)
	),
	TP_fast_assign(
		__entry->ifindex = dev->ifindex;
		__entry->state = state;
		__entry->why = why;
		__entry->round = round;
	),
	TP_printk("ifindex=%d state=%u why=%u round=%u", __entry->ifindex,
		  __entry->state, __entry->why, __entry->round)
);

#endif /* ASHLAR_LINK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
