// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an instance owns, and how all of it comes back. ledger.h tells more.
 *
 * ORDER of the end: timers and work first, since they call the extension; then
 * packets and devices; then memory, which any of them might have used.
 */
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "arena.h"
#include "inst.h"
#include "ledger.h"
#include "load.h"
#include "lock.h"
#include "log.h"
#include "mem.h"
#include "race.h"
#include "timer.h"

#define INDEX_BITS	16
#define KIND_SHIFT	56

/* All ledgers, for the notifier. */
static LIST_HEAD(ex_ledgers);
static DEFINE_SPINLOCK(ex_ledgers_lock);

/* --- handles --- */

static int table_init(struct ex_table *t, u8 kind, u16 nr)
{
	u16 i;

	t->slots = kvcalloc(nr, sizeof(*t->slots), GFP_KERNEL_ACCOUNT);
	if (!t->slots)
		return -ENOMEM;
	t->kind = kind;
	t->nr = nr;
	/* A generation that cannot be guessed makes another instance's handle stale here. */
	for (i = 0; i < nr; i++) {
		t->slots[i].gen = get_random_u32();
		t->slots[i].next = i + 1;
	}
	return 0;
}

static u64 slot_handle(const struct ex_table *t, const struct ex_slot *slot)
{
	return (u64)t->kind << KIND_SHIFT | (u64)slot->gen << INDEX_BITS |
	       (slot - t->slots);
}

u64 ex_slot_make(struct ex_table *t, struct ex_slot **slot)
{
	struct ex_slot *s;

	if (t->free >= t->nr)
		return 0;
	s = &t->slots[t->free];
	t->free = s->next;
	t->used++;
	s->used = true;
	s->gone = false;
	*slot = s;
	return slot_handle(t, s);
}

struct ex_slot *ex_slot_find(struct ex_table *t, u64 handle)
{
	u16 index = handle;
	struct ex_slot *s;

	if (index >= t->nr)
		return NULL;
	s = &t->slots[index];
	return s->used && slot_handle(t, s) == handle ? s : NULL;
}

void ex_slot_free(struct ex_table *t, struct ex_slot *slot)
{
	slot->gen++;
	slot->used = false;
	slot->skb = NULL;
	slot->next = t->free;
	t->free = slot - t->slots;
	t->used--;
}

/* --- devices that go --- */

/* The handle stays good until the extension gives it back; no call finds a device by it. */
static void slot_gone(struct ex_ledger *ledger, struct ex_slot *slot)
{
	lockdep_assert_held(&ledger->lock);
	netdev_put(slot->dev, &slot->tracker);
	slot->dev = NULL;
	slot->gone = true;
	ledger->device.reclaimed++;
}

static void ledger_dev_gone(struct ex_ledger *ledger, struct net_device *dev)
{
	struct ex_slot *slot;
	u16 i;

	spin_lock_bh(&ledger->lock);
	for (i = 0; i < ledger->devices.nr; i++) {
		slot = &ledger->devices.slots[i];
		if (slot->used && slot->dev == dev)
			slot_gone(ledger, slot);
	}
	spin_unlock_bh(&ledger->lock);
}

static int devices_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct ex_ledger *ledger;

	/* Comes when a device leaves its namespace, too. */
	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	spin_lock_bh(&ex_ledgers_lock);
	list_for_each_entry(ledger, &ex_ledgers, node)
		ledger_dev_gone(ledger, dev);
	spin_unlock_bh(&ex_ledgers_lock);
	return NOTIFY_DONE;
}

static struct notifier_block devices_notifier = {
	.notifier_call = devices_event,
};

int ex_ledgers_init(void)
{
	return register_netdevice_notifier(&devices_notifier);
}

void ex_ledgers_exit(void)
{
	unregister_netdevice_notifier(&devices_notifier);
}

/* --- begin and end --- */

int ex_ledger_init(struct ex_inst *inst)
{
	struct ex_ledger *ledger = &inst->ledger;
	int err;

	get_random_bytes(&inst->hash_key, sizeof(inst->hash_key));
	spin_lock_init(&ledger->lock);
	INIT_LIST_HEAD(&ledger->node);
	ex_timers_init(inst);
	ex_log_init(&inst->log);
	err = table_init(&ledger->packets, EX_HANDLE_OWNED, EX_PACKETS_MAX);
	if (!err)
		err = table_init(&ledger->devices, EX_HANDLE_DEV,
				 EX_DEVICES_MAX);
	if (!err)
		err = ex_races_init(inst) ?: ex_locks_init(inst);
	if (!err)
		ledger->nr_locks = inst->info->nr_locks;
	if (!err)
		err = ex_heap_init(inst);
	if (err) {
		ex_ledger_exit(inst);
		return err;
	}
	spin_lock_bh(&ex_ledgers_lock);
	list_add(&ledger->node, &ex_ledgers);
	spin_unlock_bh(&ex_ledgers_lock);
	return 0;
}

static void packets_reclaim(struct ex_ledger *ledger)
{
	struct ex_slot *slot;
	u16 i;

	spin_lock_bh(&ledger->lock);
	for (i = 0; i < ledger->packets.nr; i++) {
		slot = &ledger->packets.slots[i];
		if (!slot->used)
			continue;
		ledger->packet.reclaimed++;
		ledger->packet_bytes -= slot->skb->truesize;
		kfree_skb(slot->skb);
		ex_slot_free(&ledger->packets, slot);
	}
	spin_unlock_bh(&ledger->lock);
}

static void devices_reclaim(struct ex_ledger *ledger)
{
	struct ex_slot *slot;
	u16 i;

	spin_lock_bh(&ledger->lock);
	for (i = 0; i < ledger->devices.nr; i++) {
		slot = &ledger->devices.slots[i];
		if (!slot->used)
			continue;
		if (!slot->gone)
			slot_gone(ledger, slot);
		ex_slot_free(&ledger->devices, slot);
	}
	spin_unlock_bh(&ledger->lock);
}

/* What came back, for people. */
static void report(struct ex_inst *inst, u64 bytes)
{
	struct ex_count count;
	enum ex_kind kind;

	for (kind = 0; kind < EX_KIND_COUNT; kind++) {
		ex_ledger_count(inst, kind, &count);
		inst->fault.reclaimed[kind] = count.reclaimed;
	}
	inst->fault.bytes += bytes;
}

void ex_ledger_unwind(struct ex_inst *inst)
{
	u64 bytes = inst->heap.bytes;

	might_sleep();
	if (!inst->ledger.packets.slots)
		return;
	ex_timers_stop(inst);
	packets_reclaim(&inst->ledger);
	devices_reclaim(&inst->ledger);
	ex_heap_reclaim(inst);
	report(inst, bytes);
	if (!ex_ledger_balanced(inst))
		ex_count(inst, UNBALANCED);
}

void ex_ledger_exit(struct ex_inst *inst)
{
	struct ex_ledger *ledger = &inst->ledger;

	spin_lock_bh(&ex_ledgers_lock);
	list_del_init(&ledger->node);
	spin_unlock_bh(&ex_ledgers_lock);
	ex_heap_exit(inst);
	ex_races_exit(inst);
	ex_locks_exit(inst);
	ledger->nr_locks = 0;
	kvfree(ledger->devices.slots);
	kvfree(ledger->packets.slots);
	ledger->devices.slots = NULL;
	ledger->packets.slots = NULL;
}

/* --- counts --- */

static void locks_count(struct ex_inst *inst, struct ex_count *count)
{
	u32 i;

	for (i = 0; i < inst->ledger.nr_locks; i++) {
		count->made += inst->locks[i].count.made;
		count->back += inst->locks[i].count.back;
		count->reclaimed += inst->locks[i].count.reclaimed;
	}
}

void ex_ledger_count(struct ex_inst *inst, enum ex_kind kind,
		     struct ex_count *count)
{
	memset(count, 0, sizeof(*count));
	switch (kind) {
	case EX_KIND_LOCK:
		locks_count(inst, count);
		break;
	case EX_KIND_TIMER:
		*count = inst->timers.timer;
		break;
	case EX_KIND_WORK:
		*count = inst->timers.work;
		break;
	case EX_KIND_PACKET:
		*count = inst->ledger.packet;
		break;
	case EX_KIND_DEVICE:
		*count = inst->ledger.device;
		break;
	case EX_KIND_OBJECT:
		*count = inst->heap.objects;
		break;
	case EX_KIND_MEMORY:
		*count = inst->heap.blocks;
		break;
	case EX_KIND_COUNT:
		break;
	}
}

bool ex_ledger_balanced(struct ex_inst *inst)
{
	struct ex_count count;
	enum ex_kind kind;

	for (kind = 0; kind < EX_KIND_COUNT; kind++) {
		ex_ledger_count(inst, kind, &count);
		if (count.made != count.back + count.reclaimed)
			return false;
	}
	return !inst->heap.bytes && !inst->ledger.packet_bytes;
}

const char *ex_kind_text(enum ex_kind kind)
{
	static const char * const texts[] = {
#define EX_KIND_TEXT(name, text) text,
		EX_KINDS(EX_KIND_TEXT)
#undef EX_KIND_TEXT
	};

	return kind < ARRAY_SIZE(texts) ? texts[kind] : "nothing";
}
