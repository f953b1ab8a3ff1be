/* SPDX-License-Identifier: GPL-2.0-only */
/* Instances: an extension in a network namespace; hooks. Lock rules: host.h. */
#ifndef ASHLAR_EXT_INST_H
#define ASHLAR_EXT_INST_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "arena.h"
#include "ctx.h"
#include "fault.h"
#include "host.h"
#include "ledger.h"
#include "load.h"
#include "lock.h"
#include "log.h"
#include "map.h"
#include "mem.h"
#include "stats.h"
#include "timer.h"

struct net;
struct net_device;
struct netlink_ext_ack;

extern struct mutex ex_mutex;
extern u32 ex_generation;	/* raised by each change of what is listed; ex_mutex */
/* The ends of instances and of trials; emptied before the module goes. */
extern struct workqueue_struct *ex_ends_wq;

/* As ext.h numbers them in struct ext_pkt_info, and netlink in enum ashlar_ext_hook. */
enum ex_hooknum {
	EX_HOOK_PREROUTING,
	EX_HOOK_INPUT,
	EX_HOOK_FORWARD,
	EX_HOOK_OUTPUT,
	EX_HOOK_POSTROUTING,
	EX_HOOK_INGRESS,
	EX_HOOK_MAX
};

/* As netlink numbers them in enum ashlar_ext_state. */
enum ex_state {
	EX_STARTING,	/* its init has not returned */
	EX_RUNNING,
	EX_TRIAL,	/* runs, and the version before it waits to come back */
	EX_FROZEN,	/* the version before, waiting */
	/*
	 * violated something; hooks give the failure verdict, the report tells, nothing else is
	 * left
	 */
	EX_QUARANTINED,
	EX_DEAD,	/* being destroyed */
};

/**
 * struct ex_rate - a bucket of tokens, for quota.pps
 * @lock: the rest; BH, a leaf
 * @tokens: packets that may come now
 * @since: when they were last added to, jiffies
 */
struct ex_rate {
	spinlock_t lock;
	u32 tokens;
	unsigned long since;
};

/**
 * struct ex_inst - an extension in a namespace
 * @list: on ex_net(net)->insts
 * @ref: references
 * @net: namespace; the instance goes before it
 * @id: number for people and dumps, unique on the host
 * @ext: extension; NULL once it has been let go (quarantined)
 * @info: the extension's, as long as @ext
 * @name: the extension's; unique in the namespace, frozen versions aside
 * @version: and version
 * @build: and build
 * @state: ex_mutex to change, but for quarantine: ex_inst_quarantine() does so by cmpxchg, in any
 *	context
 * @closed: takes no more invocations; read without lock at each, of packets as ctx->closed
 * @limited: bits: EX_LIMIT_*; which quotas each packet must look at
 * @rate: of packets
 * @quota: what it may use; ex_mutex to change
 * @arena: memory
 * @lock: changes of the arena; BH, inside of heap.lock
 * @cpu: contexts with BH off, counters
 * @sleepers: contexts that may sleep
 * @sleeper_lock: which of them are busy
 * @sleeping: invocations that are in one
 * @idle: woken when that drops to 0, and when a sleeper is to look at ctx->abi.stop
 * @heap: what it allocated: mem.h
 * @ledger: what else it owns: ledger.h
 * @timers: timers and work: timer.h
 * @locks: info->nr_locks of them: lock.h
 * @races: of a --race build: race.h
 * @lock_cycles: quota.lock_ns as the processor counts
 * @maps: @nr_maps of them: map.h
 * @nr_maps: info->nr_maps while attached
 * @log: what it said: log.h
 * @hash_key: of ext_hash()
 * @hooks: where it is attached; ex_mutex, read under RCU
 * @fault: what ended it; whoever closed it first writes it, then its end_work
 * @report: the same, complete, of it or the version before; ex_mutex. No time: there is none
 * @end_work: what quarantine and destruction do in process context
 * @ended: end_work is done
 * @previous: TRIAL: the version to come back, with the list's reference; by xchg()
 * @successor: QUARANTINED: the version that came back, until it has the hooks
 * @trial_work: its end
 * @trial_end: when, jiffies; 0: no trial
 * @created: CLOCK_BOOTTIME, ns
 * @faults: quarantines so far, those before a restart or an upgrade included
 */
struct ex_inst {
	struct list_head list;
	refcount_t ref;
	struct net *net;
	u32 id;
	struct ex_ext *ext;
	const struct ashlar_ext_info *info;
	char name[ASHLAR_EXT_NAME];
	char version[ASHLAR_EXT_NAME];
	char build[ASHLAR_EXT_NAME];
	u32 state;
	bool closed;
	u32 limited;
	struct ex_rate rate;
	struct ex_quota quota;
	struct ex_arena arena;
	spinlock_t lock;
	struct ex_cpu __percpu *cpu;
	struct ex_ctx *sleepers;
	spinlock_t sleeper_lock;
	u32 sleeping;
	wait_queue_head_t idle;
	struct ex_heap heap;
	struct ex_ledger ledger;
	struct ex_timers timers;
	struct ex_lock *locks;
	struct ex_races *races;
	u64 lock_cycles;
	struct ex_map_use *maps;
	u32 nr_maps;
	struct ex_log log;
	siphash_key_t hash_key;
	struct list_head hooks;
	struct ex_report fault;
	struct ex_report report;
	struct work_struct end_work;
	struct completion ended;
	struct ex_inst *previous;
	struct ex_inst *successor;
	struct delayed_work trial_work;
	unsigned long trial_end;
	u64 created;
	u64 faults;
};

#define EX_LIMIT_PPS	1
#define EX_LIMIT_CPU	2

/**
 * struct ex_net - a namespace's part; net_generic
 * @net: namespace
 * @insts: instances; ex_mutex
 * @past: counters of those that ended
 * @leaving: no new instances
 */
struct ex_net {
	struct net *net;
	struct list_head insts;
	u64 past[EX_STAT_MAX];
	bool leaving;
};

struct ex_net *ex_net(const struct net *net);

/**
 * struct ex_bind - whom a hook calls now; RCU
 * @cpu: the instance's
 * @inst: instance
 * @hook: whose
 * @fn: function
 * @entry: its entry
 */
struct ex_bind {
	struct ex_cpu __percpu *cpu;
	struct ex_inst *inst;
	const struct ex_hook *hook;
	const void *fn;
	const struct ashlar_ext_entry *entry;
};

/**
 * struct ex_hook - a place where an instance is attached; stays one when the instance is
 * quarantined
 * @bind: whom it calls, unless that is closed
 * @spare: TRIAL: whom it calls then; NULL: the failure verdict
 * @binds: storage of these
 * @inst: whose
 * @entry: name of the entry
 * @fail: verdict (NF_DROP, NF_ACCEPT) where the extension gives none
 * @hook: place
 * @family: 4, 6, 0 both; 0 at INGRESS
 * @prio: order among hooks of a place, netfilter's numbers
 * @ifindex: of INGRESS, else 0
 * @ops: what netfilter knows
 * @list: on inst->hooks
 * @rcu: its end
 */
struct ex_hook {
	struct ex_bind __rcu *bind;
	struct ex_bind __rcu *spare;
	struct ex_bind binds[2];
	struct ex_inst *inst;
	char entry[ASHLAR_EXT_NAME];
	u32 fail;
	enum ex_hooknum hook;
	u8 family;
	s32 prio;
	int ifindex;
	struct nf_hook_ops ops;
	struct list_head list;
	struct rcu_head rcu;
};

/**
 * struct ex_attach - what the operator asks for
 * @entry: name of an EXT_HOOK
 * @hook: place
 * @family: 4, 6, 0 both
 * @prio: order
 * @ifindex: of INGRESS, in the namespace
 * @fail: NF_DROP or NF_ACCEPT
 */
struct ex_attach {
	const char *entry;
	enum ex_hooknum hook;
	u8 family;
	s32 prio;
	int ifindex;
	u32 fail;
};

/*
 * Functions that say "no ex_mutex" wait for invocations, and take it themselves; the caller has a
 * reference. The others are called with it held.
 */

int ex_insts_init(void);
void ex_insts_exit(void);

/** ex_inst_find() - by name; ex_mutex. A frozen version is found through the one on trial */
struct ex_inst *ex_inst_find(const struct net *net, const char *name);

static inline void ex_inst_get(struct ex_inst *inst)
{
	refcount_inc(&inst->ref);
}

void ex_inst_put(struct ex_inst *inst);

/**
 * ex_inst_create() - makes an instance and runs its init; no ex_mutex
 * @net: namespace, where the extension must be approved
 * @ext_name: extension
 * @build: version, or NULL for the newest
 * @extack: why not
 * @out: the instance with a reference, if not NULL
 */
int ex_inst_create(struct net *net, const char *ext_name, const char *build,
		   struct netlink_ext_ack *extack, struct ex_inst **out);

/** ex_inst_make() - everything but its init, in no list; ex_mutex */
struct ex_inst *ex_inst_make(struct net *net, struct ex_ext *ext, const struct ex_quota *quota,
			     struct netlink_ext_ack *extack);

/** ex_inst_prepare() - the same, for a namespace that may have it; ex_mutex */
struct ex_inst *ex_inst_prepare(struct net *net, const char *name, const char *build,
				struct netlink_ext_ack *extack);

/** ex_inst_init() - runs its init; no ex_mutex */
int ex_inst_init(struct ex_inst *inst, struct netlink_ext_ack *extack);

/** ex_inst_close() - no invocation begins from here on; any context */
void ex_inst_close(struct ex_inst *inst);

/** ex_inst_thaw() - one that is frozen runs again; false: it has ended meanwhile. Any context */
bool ex_inst_thaw(struct ex_inst *inst);

/** ex_inst_end() - lets all go that a closed instance has; no ex_mutex. Once */
void ex_inst_end(struct ex_inst *inst);

/** ex_inst_finish() - the end of one that is in no list, with the list's reference; no ex_mutex */
void ex_inst_finish(struct ex_inst *inst);

/**
 * ex_inst_hold() - its memory and its module stay until ex_inst_release(); false: it takes no more
 * invocations
 * @inst: instance
 * @frozen: good, too, if it is frozen and has not ended
 */
bool ex_inst_hold(struct ex_inst *inst, bool frozen);
void ex_inst_release(struct ex_inst *inst);

/** ex_inst_destroy() - ends it and forgets it; no ex_mutex */
void ex_inst_destroy(struct ex_inst *inst);

/**
 * ex_inst_quarantine() - a violation: no more invocations from here on, the rest in process context
 * @inst: instance
 * @ctx: who did it; NULL: the operator
 *
 * Any context but hard interrupts. The first one's report is kept; false: it was not the first.
 */
bool ex_inst_quarantine(struct ex_inst *inst, const struct ex_ctx *ctx);

/**
 * ex_inst_restart() - a quarantined instance begins anew, hooks attached as they were; no ex_mutex
 */
int ex_inst_restart(struct ex_inst *inst, struct netlink_ext_ack *extack);

/** ex_inst_take_quota() - at once, memory that is used stays; ex_mutex */
void ex_inst_take_quota(struct ex_inst *inst, const struct ex_quota *quota);

/** ex_inst_set_quota() - the same, within what is approved; ex_mutex */
int ex_inst_set_quota(struct ex_inst *inst, const struct ex_quota *quota,
		      struct netlink_ext_ack *extack);

/**
 * ex_inst_upgrade() - another version takes over; no ex_mutex
 * @inst: running instance
 * @build: version, or NULL for the newest
 * @trial_ms: how long the old one waits to come back; 0: it does not
 * @extack: why not; nothing has changed then
 */
int ex_inst_upgrade(struct ex_inst *inst, const char *build, u32 trial_ms,
		    struct netlink_ext_ack *extack);

/** ex_inst_rollback() - the operator ends a trial: the old version comes back; no ex_mutex */
int ex_inst_rollback(struct ex_inst *inst, struct netlink_ext_ack *extack);

/** ex_inst_commit() - the operator ends a trial: the old version goes; no ex_mutex */
int ex_inst_commit(struct ex_inst *inst, struct netlink_ext_ack *extack);

/**
 * ex_inst_request() - a request of user space; no ex_mutex
 * @inst: instance
 * @entry: name of an EXT_REQUEST
 * @in: kernel copy of what was asked
 * @in_len: bytes, at most EX_REQUEST_MAX
 * @out: room for the answer
 * @room: bytes of it, at most EX_REQUEST_MAX
 * @result: what the extension returned: bytes of the answer, or its own error
 * @extack: why not
 *
 * Return: 0, or -errno: there is no answer.
 */
int ex_inst_request(struct ex_inst *inst, const char *entry, const void *in, u32 in_len, void *out,
		    u32 room, s32 *result, struct netlink_ext_ack *extack);
#define EX_REQUEST_MAX	4096

/**
 * ex_hooks_hand_over() - hooks of one instance are another's; on trial they keep the first in mind;
 * ex_mutex
 */
void ex_hooks_hand_over(struct ex_inst *from, struct ex_inst *to, bool trial);

/** ex_hooks_settle() - the trial is over; ex_mutex */
void ex_hooks_settle(struct ex_inst *inst);

/** ex_hooks_return() - hooks are the version's before; ex_mutex */
void ex_hooks_return(struct ex_inst *from, struct ex_inst *to);

/** ex_attach() - calls an entry for a place's packets; ex_mutex */
int ex_attach(struct ex_inst *inst, const struct ex_attach *at, struct netlink_ext_ack *extack,
	      struct ex_hook **out);

/** ex_detach() - no more; ex_mutex */
void ex_detach(struct ex_hook *hook);

int ex_hooks_module_init(void);
void ex_hooks_module_exit(void);

/** ex_hook_find() - NULL: not attached there; ex_mutex */
struct ex_hook *ex_hook_find(const struct ex_inst *inst, const char *entry, enum ex_hooknum hook,
			     int ifindex);

#endif /* ASHLAR_EXT_INST_H */
