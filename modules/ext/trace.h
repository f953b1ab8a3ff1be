/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: what an operator's tools may hook on to see why. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ashlar_ext

#if !defined(ASHLAR_EXT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ASHLAR_EXT_TRACE_H

#include <linux/tracepoint.h>

#include "inst.h"

TRACE_EVENT(ex_fault,
	TP_PROTO(const struct ex_inst *inst, const struct ex_ctx *ctx, bool first),
	TP_ARGS(inst, ctx, first),
	TP_STRUCT__entry(
		__array(char, name, ASHLAR_EXT_NAME)
		__field(u32, kind)
		__field(u32, code)
		__field(u64, ip)
		__field(u64, addr)
		__field(u32, size)
		__field(bool, first)
	),
	TP_fast_assign(
		memcpy(__entry->name, inst->name, ASHLAR_EXT_NAME);
		__entry->kind = ctx->abi.kind;
		__entry->code = ctx->abi.fault_code;
		__entry->ip = ctx->abi.fault_ip;
		__entry->addr = ctx->abi.fault_addr;
		__entry->size = ctx->abi.fault_size;
		__entry->first = first;
	),
	TP_printk("name=%s kind=%u code=%u ip=%llx addr=%llx size=%u write=%u first=%u",
		  __entry->name, __entry->kind, __entry->code, __entry->ip, __entry->addr,
		  __entry->size & ~ASHLAR_EXT_FAULT_WRITE,
		  !!(__entry->size & ASHLAR_EXT_FAULT_WRITE), __entry->first)
);

TRACE_EVENT(ex_state,
	TP_PROTO(const struct ex_inst *inst),
	TP_ARGS(inst),
	TP_STRUCT__entry(
		__array(char, name, ASHLAR_EXT_NAME)
		__array(char, build, ASHLAR_EXT_NAME)
		__field(u32, state)
	),
	TP_fast_assign(
		memcpy(__entry->name, inst->name, ASHLAR_EXT_NAME);
		memcpy(__entry->build, inst->build, ASHLAR_EXT_NAME);
		__entry->state = inst->state;
	),
	TP_printk("name=%s build=%s state=%u", __entry->name, __entry->build, __entry->state)
);

#endif /* ASHLAR_EXT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
