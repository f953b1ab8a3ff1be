/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened to an instance, for people. */
#ifndef ASHLAR_EXT_FAULT_H
#define ASHLAR_EXT_FAULT_H

#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/types.h>

#include <linux/ashlar_ext.h>

#include "host.h"
#include "ledger.h"

/**
 * struct ex_report - what ended an instance
 * @code: ASHLAR_EXT_FAULT_*; STOP: the operator did it
 * @kind: ASHLAR_EXT_ENTRY_* of the invocation; 0: none, the operator did it
 * @size: bytes of the access, or 0
 * @write: whether it was a write
 * @addr: address or value that was wrong
 * @ip: offset of the instruction from info->text_start; ~0: not in the extension's text
 * @other_ip: of a race: offset of the other access; ~0: none
 * @place: ASHLAR_EXT_PLACE_*: what is at @addr
 * @object_offset: of @addr from the beginning of what is there
 * @object_size: bytes of what is there; 0: not known
 * @offset: of @addr from the arena's base; ~0: not in the arena
 * @text: what the call that found it says, a constant; may be NULL
 * @entry: name of the function that the shim called
 * @version: of the extension
 * @build: of the extension
 * @module: name
 * @cpu: where
 * @comm: task that was running
 * @time: CLOCK_BOOTTIME, ns
 * @calls: last calls of the shim, oldest first
 * @nr_calls: count
 * @reclaimed: what was given back for the extension, by enum ex_kind
 * @bytes: memory of it
 * @rolled_back: the version before runs again
 * @storm: the extension was quarantined, too
 */
struct ex_report {
	u32 code;
	u32 kind;
	u32 size;
	bool write;
	u64 addr;
	u64 ip;
	u64 other_ip;
	u32 place;
	u32 object_offset;
	u32 object_size;
	u64 offset;
	const char *text;
	char entry[ASHLAR_EXT_NAME];
	char version[ASHLAR_EXT_NAME];
	char build[ASHLAR_EXT_NAME];
	char module[MODULE_NAME_LEN];
	int cpu;
	char comm[TASK_COMM_LEN];
	u64 time;
	struct ex_call calls[EX_CALLS];
	u32 nr_calls;
	u64 reclaimed[EX_KIND_COUNT];
	u64 bytes;
	bool rolled_back;
	bool storm;
};

/** ex_fault_name() - "out of bounds" and its like for ASHLAR_EXT_FAULT_* */
const char *ex_fault_name(u32 code);

/** ex_call_name() - "map_lookup" for the index into ASHLAR_EXT_CALLS */
const char *ex_call_name(u32 id);

/** ex_report_fill() - what the invocation's fault was; any context */
void ex_report_fill(struct ex_report *r, const struct ex_ctx *ctx);

#endif /* ASHLAR_EXT_FAULT_H */
