/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an instance owns, of every kind: how often it was made, given back by
 * the extension, and taken back by the shim. At the end made is the sum of the
 * other two, or the shim has a bug.
 *
 * Packets and devices are known to the extension by handles: kind, generation
 * and index. They may be kept beyond the invocation that made them; their
 * number is bounded.
 */
#ifndef ASHLAR_EXT_LEDGER_H
#define ASHLAR_EXT_LEDGER_H

#include <linux/netdevice.h>
#include <linux/spinlock.h>

#include "host.h"
#include "kinds.h"

#define EX_PACKETS_MAX	256		/* clones that an instance may own at once */
#define EX_PACKETS_BYTES (4U << 20)	/* and their memory */
#define EX_DEVICES_MAX	64

/* The kind of a handle. */
#define EX_HANDLE_PKT	1	/* lent to a hook */
#define EX_HANDLE_OWNED	2	/* a clone */
#define EX_HANDLE_DEV	3

/**
 * struct ex_slot - a handle's meaning
 * @gen: generation; a handle with another one is stale
 * @next: free slot behind this one, when free
 * @used: not free
 * @gone: used, but what it stood for went: a device that was unregistered
 * @skb: the packet
 * @dev: the device
 * @tracker: of the reference to @dev
 */
struct ex_slot {
	u32 gen;
	u16 next;
	bool used;
	bool gone;
	union {
		struct sk_buff *skb;
		struct net_device *dev;
	};
	netdevice_tracker tracker;
};

/**
 * struct ex_table - handles of one kind
 * @slots: all
 * @nr: count of @slots
 * @free: first free one; @nr: none
 * @used: count
 * @kind: EX_HANDLE_*
 */
struct ex_table {
	struct ex_slot *slots;
	u16 nr;
	u16 free;
	u16 used;
	u8 kind;
};

/**
 * struct ex_ledger - packets and devices of an instance
 * @lock: everything here; BH, a leaf
 * @node: in the list of all ledgers, for the notifier of devices
 * @packets: clones
 * @devices: references
 * @nr_locks: of inst->locks
 * @packet_bytes: memory of the clones
 * @packet: counts of clones
 * @device: counts of references
 */
struct ex_ledger {
	spinlock_t lock;
	struct list_head node;
	struct ex_table packets;
	struct ex_table devices;
	u32 nr_locks;
	u32 packet_bytes;
	struct ex_count packet;
	struct ex_count device;
};

/* The notifier that lets devices go; once for the module. */
int ex_ledgers_init(void);
void ex_ledgers_exit(void);

/**
 * ex_ledger_init() - heap, locks, timers, packets and devices of a new instance
 * @inst: the instance, whose arena, ext, net and quota are there
 *
 * Return: 0 or -ENOMEM.
 */
int ex_ledger_init(struct ex_inst *inst);
/**
 * ex_ledger_unwind() - takes back whatever the instance owns
 * @inst: the instance; no invocation is left, and ex_timers_stop() was called
 *
 * May be called again; does nothing then. Sleeps.
 */
void ex_ledger_unwind(struct ex_inst *inst);
/* Frees what ex_ledger_init() made, after ex_ledger_unwind() and before the arena goes. */
void ex_ledger_exit(struct ex_inst *inst);

/* The counts of one kind now. */
void ex_ledger_count(struct ex_inst *inst, enum ex_kind kind, struct ex_count *count);
/* Whether every kind adds up; after ex_ledger_unwind(). */
bool ex_ledger_balanced(struct ex_inst *inst);
const char *ex_kind_text(enum ex_kind kind);

void ex_ctx_unwind_locks(struct ex_ctx *ctx);

/**
 * ex_ctx_unwind() - the end of an invocation: nothing of it may be held
 * @ctx: the invocation, behind the gate, as it ended
 *
 * Releases the locks it holds, last first. If it ended well, holding one is a
 * fault: ex_stop() is called, so look at ctx->abi.stop afterwards.
 */
static inline void ex_ctx_unwind(struct ex_ctx *ctx)
{
	if (unlikely(ctx->nr_held))
		ex_ctx_unwind_locks(ctx);
}

/*
 * For the calls, with the lock: a free slot and its handle, 0: all are used; the
 * slot of a handle, NULL: nobody's, another kind's or stale; a slot free again.
 */
u64 ex_slot_make(struct ex_table *t, struct ex_slot **slot);
struct ex_slot *ex_slot_find(struct ex_table *t, u64 handle);
void ex_slot_free(struct ex_table *t, struct ex_slot *slot);
/* Under RCU. @dev: NULL if it went. False: the handle is bad, the invocation has to stop. */
bool ex_dev_of(struct ex_ctx *ctx, u64 handle, struct net_device **dev);

#endif /* ASHLAR_EXT_LEDGER_H */
