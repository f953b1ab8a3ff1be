/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The objects of ashlar_ext, who owns them, and which lock covers what.
 *
 *   ex_mutex       extensions, instances, hooks, approvals: everything that a
 *                  command or a module's coming and going changes. Process
 *                  context. Never taken by an invocation.
 *     inst->lock   the instance's allocator, ledger, timers and maps' free
 *                  lists; BH, a leaf. Never held while extension code runs.
 *
 * An extension (struct ex_ext) is a module that passed the load gate; it is on
 * ex_exts from MODULE_STATE_LIVE to MODULE_STATE_GOING, which cannot come while
 * an instance holds the module. An instance is one extension in one network
 * namespace. It is freed by ex_inst_put() after its last invocation has left:
 * hooks are unlinked, a grace period passes, timers and work are cancelled,
 * then inst->running drops to 0 (sleepers are woken and told to stop), then
 * the ledger is unwound, the arena unmapped and the module let go.
 *
 * An invocation owns a struct ex_ctx, which lies in the instance: one for each
 * CPU, used with BH off and so by one invocation at a time, and a few for those
 * that may sleep. Its memory is good as long as the instance, so another CPU
 * may write ctx->abi.fuel and ctx->abi.stop at any time to end it.
 */
#ifndef ASHLAR_EXT_HOST_H
#define ASHLAR_EXT_HOST_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <ashlar/ext_abi.h>

#define EX_SLEEPERS	8	/* invocations of an instance that may sleep at once */
#define EX_LOCKS_HELD	8
#define EX_CALLS	16	/* last calls remembered for the report; a power of two */

#define EX_TOUCHED_BYTES	1	/* lent to be written */
#define EX_TOUCHED_FRONT	2	/* its first byte is another */

struct ex_bind;
struct ex_inst;
struct ex_map;

/**
 * struct ex_quota - what an instance may use
 * @memory: bytes of its arena
 * @fuel: back edges and function entries of one invocation
 * @lock_ns: waiting for or holding a lock
 * @pps: packets a second; 0: no limit
 * @cpu_permille: of each CPU's time, over a second; 0: no limit
 */
struct ex_quota {
	u64 memory;
	u64 fuel;
	u64 lock_ns;
	u32 pps;
	u32 cpu_permille;
};

/**
 * struct ex_count - of things of one kind that an instance owned
 * @made: all
 * @back: given back by the extension
 * @reclaimed: taken back by the shim
 */
struct ex_count {
	u64 made;
	u64 back;
	u64 reclaimed;
};

/**
 * struct ex_call - a call of the shim that an invocation made
 * @id: index into ASHLAR_EXT_CALLS
 * @arg: its first argument
 */
struct ex_call {
	u32 id;
	u64 arg;
};

/**
 * struct ex_ctx - an invocation
 * @abi: what instrumented code reads
 * @inst: whose
 * @busy: an invocation uses it
 * @limited: packets are counted or timed: EX_LIMIT_*
 * @closed: the instance is, of those for packets; inst->closed decides
 * @unready: any of these, so that a packet has to be looked at closely
 * @touched: the packet may have been changed: EX_TOUCHED_*; 0 between invocations
 * @nr_held: count of locks held
 * @unusual: any of these, so that the end has to be looked at closely
 * @slot: index: CPU, or nr_cpu_ids + sleeper
 * @skb: the packet, for hooks
 * @state: of the hook
 * @entry: what was called; of hooks only when the report is written, else it is bind's
 * @bind: of hooks: whom the hook called
 * @pkt_handle: what ext_pkt handles must equal
 * @held: locks held, in the order they were taken
 * @stack_need: bytes of the processor's stack
 * @stack_room: of a whole stack, what is left above them
 * @task: who runs it, for those that may sleep
 * @node: on the list of those that run and may sleep
 * @slept: nanoseconds that it has waited in calls that sleep
 * @calls: last calls of the shim, a ring
 * @calls_end: where in @calls the next one goes, in bytes, not wrapped
 * @race_spare: accesses until one is watched, see call_race.c
 * @other_ip: of a race: offset of the other access in the text
 * @fault: filled by whoever found it: text for the report, a constant string; may be NULL
 */
struct ex_ctx {
	struct ashlar_ext_ctx abi;
	struct ex_inst *inst;
	union {
		struct {
			bool busy;
			u8 limited;
			bool closed;
		};
		u32 unready;
	};
	union {
		struct {
			u8 touched;
			u8 nr_held;
		};
		u32 unusual;
	};
	u32 slot;
	struct sk_buff *skb;
	const struct nf_hook_state *state;
	const struct ashlar_ext_entry *entry;
	const struct ex_bind *bind;
	u64 pkt_handle;
	u16 held[EX_LOCKS_HELD];
	u32 stack_need;
	u64 stack_room;
	struct task_struct *task;
	struct list_head node;
	u64 slept;
	struct ex_call calls[EX_CALLS];
	u32 calls_end;
	u32 race_spare;
	u32 other_ip;
	const char *fault;
};

#endif /* ASHLAR_EXT_HOST_H */
