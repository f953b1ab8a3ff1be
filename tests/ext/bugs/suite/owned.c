// SPDX-License-Identifier: GPL-2.0-only
/* Bugs with what is owned: leaks of each kind, counts of references, handles of the wrong kind. */
#include "bugs.h"

EXT_DECLARE_TIMER(late);
EXT_DECLARE_WORK(chore);

EXT_MAP_HASH(leaky, u32, u64, 32, 1)

static void late(u64 n)
{
	ext_state(struct bugs)->count += n;
}
EXT_TIMER(late);

static void chore(u64 n)
{
	ext_sleep(n);
}
EXT_WORK(chore);

/*
 * bug: leak_memory
 * class: leak, memory
 * about: an error path forgets what came before
 * in: 5
 * outcome: reclaimed memory_block 5
 * fixed: 5
 * twin: leak_memory: unreferenced object
 */
REQUEST(leak_memory)
{
	u32 n = arg(in, len, 0);

	for (u32 i = 0; i < n; i++) {
		u64 *p = ext_alloc(100);

		if (!p)
			return -EXT_ENOMEM;
		p[0] = i;
	}
	return answer(out, room, n);
}

REQUEST(leak_memory_fixed)
{
	u32 n = arg(in, len, 0);

	for (u32 i = 0; i < n; i++) {
		u64 *p = ext_alloc(100);

		if (!p)
			return -EXT_ENOMEM;
		p[0] = i;
		ext_free(p);
	}
	return answer(out, room, n);
}

/*
 * bug: leak_all
 * class: leak, memory
 * about: until the instance's quota is used up: then none is given, and nobody else has less
 * in: 65536
 * outcome: harmless -12
 */
REQUEST(leak_all)
{
	for (u32 i = 0; i < 100000; i++) {
		u64 *p = ext_alloc(arg(in, len, 0));

		if (!p)
			return -EXT_ENOMEM;
		p[0] = i;
	}
	return answer(out, room, 1);
}

/*
 * bug: leak_object
 * class: leak, reference
 * about: one reference more is taken than given back
 * in: 3
 * outcome: reclaimed object 3
 * fixed: 3
 */
REQUEST(leak_object)
{
	u32 n = arg(in, len, 0);

	for (u32 i = 0; i < n; i++) {
		u64 *p = ext_obj_alloc(40);

		if (!p)
			return -EXT_ENOMEM;
		ext_obj_get(p);
		p[1] = i;
		ext_obj_put(p);
	}
	return answer(out, room, n);
}

REQUEST(leak_object_fixed)
{
	u32 n = arg(in, len, 0);

	for (u32 i = 0; i < n; i++) {
		u64 *p = ext_obj_alloc(40);

		if (!p)
			return -EXT_ENOMEM;
		ext_obj_get(p);
		p[1] = i;
		ext_obj_put(p);
		ext_obj_put(p);
	}
	return answer(out, room, n);
}

/*
 * bug: leak_packet
 * class: leak, packet
 * via: hook
 * outcome: reclaimed packet 1
 * fixed: accept
 */
HOOK(leak_packet)
{
	ext_owned_pkt copy = ext_pkt_clone(pkt);

	return copy.handle == EXT_NONE ? EXT_DROP : EXT_ACCEPT;
}

HOOK(leak_packet_fixed)
{
	ext_owned_pkt copy = ext_pkt_clone(pkt);

	if (copy.handle == EXT_NONE)
		return EXT_DROP;
	ext_pkt_free(copy);
	return EXT_ACCEPT;
}

/*
 * bug: leak_device
 * class: leak, device
 * about: a namespace that goes does not wait for the reference
 * in: 1
 * outcome: reclaimed device 1
 * fixed: 1
 * twin: none: a namespace that waits for ever for its device, which takes as long to see
 */
REQUEST(leak_device)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));

	if (dev.handle == EXT_NONE)
		return -EXT_ENOENT;
	return answer(out, room, 1);
}

REQUEST(leak_device_fixed)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));

	if (dev.handle == EXT_NONE)
		return -EXT_ENOENT;
	ext_dev_put(dev);
	return answer(out, room, 1);
}

/*
 * bug: leak_timer
 * class: leak, timer
 * about: armed when the extension goes
 * in: 4
 * outcome: reclaimed timer 4
 * fixed: 4
 * twin: leak_timer: ODEBUG: free active.*timer_list
 */
REQUEST(leak_timer)
{
	u32 n = arg(in, len, 0);

	for (u32 i = 0; i < n; i++)
		if (ext_timer_arm(&late_entry, 3600000000000ULL, i))
			return -EXT_ENOSPC;
	return answer(out, room, n);
}

REQUEST(leak_timer_fixed)
{
	u32 n = arg(in, len, 0), cancelled = 0;

	for (u32 i = 0; i < n; i++)
		if (ext_timer_arm(&late_entry, 3600000000000ULL, i))
			return -EXT_ENOSPC;
	for (u32 i = 0; i < n; i++)
		cancelled += ext_timer_cancel(&late_entry, i);
	return answer(out, room, cancelled);
}

/*
 * bug: leak_timers
 * class: leak, timer
 * about: without end: there is a limit, and the call says so
 * outcome: harmless -28
 */
REQUEST(leak_timers)
{
	for (u32 i = arg(in, len, 0); i < 100000; i++)
		if (ext_timer_arm(&late_entry, 3600000000000ULL, i))
			return -EXT_ENOSPC;
	return answer(out, room, 1);
}

/*
 * bug: leak_work
 * class: leak, work
 * about: under way when the extension goes
 * in: 900
 * outcome: harmless 1
 * fixed: 1
 * twin: leak_work: ODEBUG: free active.*(timer_list|work_struct)
 */
REQUEST(leak_work)
{
	return answer(out, room, ext_work_queue(&chore_entry, arg(in, len, 0)) ? 0 : 1);
}

REQUEST(leak_work_fixed)
{
	return answer(out, room, ext_work_queue(&chore_entry, arg(in, len, 1)) ? 0 : 1);
}

/*
 * bug: leak_entries
 * class: leak, map entry
 * about: entries that nobody deletes: the map is full, and the call says so
 * in: 60
 * outcome: harmless 32
 * fixed: 60
 */
REQUEST(leak_entries)
{
	u32 n = 0;

	for (u32 key = 0; key < arg(in, len, 0); key++)
		if (leaky_insert(&key))
			n++;
	return answer(out, room, n);
}

REQUEST(leak_entries_fixed)
{
	u32 n = 0;

	for (u32 key = 0; key < 32; key++)
		leaky_delete(&key);
	for (u32 key = 0; key < arg(in, len, 0); key++) {
		if (leaky_insert(&key))
			n++;
		leaky_delete(&key);
	}
	return answer(out, room, n);
}

/*
 * bug: put_over
 * class: refcount
 * about: one put too many, while somebody else has a reference
 * outcome: aborted REFCOUNT BOUNDS FREE OBJECT
 * at: freed
 * fixed: 5
 * twin: put_over: (refcount_t: underflow|use-after-free)
 */
REQUEST(put_over)
{
	u64 *p = ext_obj_alloc(64 + arg(in, len, 0));

	if (!p)
		return -EXT_ENOMEM;
	ext_obj_get(p);
	ext_obj_put(p);
	ext_obj_put(p);
	ext_obj_put(p);	/* BUG */
	return answer(out, room, 5);
}

REQUEST(put_over_fixed)
{
	u64 *p = ext_obj_alloc(64 + arg(in, len, 0));

	if (!p)
		return -EXT_ENOMEM;
	ext_obj_get(p);
	ext_obj_put(p);
	ext_obj_put(p);
	return answer(out, room, 5);
}

/*
 * bug: put_used
 * class: refcount
 * about: used after the last put
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: freed
 */
REQUEST(put_used)
{
	u64 *p = ext_obj_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	p[1] = 3;
	ext_obj_put(p);
	return answer(out, room, p[arg(in, len, 0) + 1]);	/* BUG */
}

/*
 * bug: get_freed
 * class: refcount
 * about: a reference to what is gone
 * outcome: aborted REFCOUNT FREE BOUNDS
 * at: freed
 */
REQUEST(get_freed)
{
	u64 *p = ext_obj_alloc(64 + arg(in, len, 0));

	ext_obj_put(p);
	ext_obj_get(p);	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: get_many
 * class: refcount
 * about: a reference taken in a loop and never given back does not wrap the count
 * in: 200000
 * outcome: aborted FUEL REFCOUNT, or 77
 */
REQUEST(get_many)
{
	u64 *p = ext_obj_alloc(64);

	if (!p)
		return -EXT_ENOMEM;
	p[0] = 77;
	for (u32 i = 0; i < arg(in, len, 0); i++)
		ext_obj_get(p);
	ext_obj_put(p);
	return answer(out, room, p[0]);
}

/*
 * bug: put_block
 * class: refcount
 * about: of memory that has no count
 * outcome: aborted REFCOUNT FREE HANDLE
 * at: heap
 */
REQUEST(put_block)
{
	void *p = ext_alloc(64 + arg(in, len, 0));

	ext_obj_put(p);	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: free_object
 * class: refcount
 * about: freed although others have a reference
 * outcome: aborted FREE REFCOUNT
 * at: heap
 */
REQUEST(free_object)
{
	void *p = ext_obj_alloc(64 + arg(in, len, 0));

	ext_obj_get(p);
	ext_free(p);	/* BUG */
	ext_obj_put(p);
	return answer(out, room, 1);
}

/*
 * bug: dev_put_twice
 * class: refcount
 * about: a device is given back twice
 * in: 1
 * outcome: aborted HANDLE
 * fixed: 1
 */
REQUEST(dev_put_twice)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));

	if (dev.handle == EXT_NONE)
		return -EXT_ENOENT;
	ext_dev_put(dev);
	ext_dev_put(dev);	/* BUG */
	return answer(out, room, 1);
}

REQUEST(dev_put_twice_fixed)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));

	if (dev.handle == EXT_NONE)
		return -EXT_ENOENT;
	ext_dev_put(dev);
	return answer(out, room, 1);
}

/*
 * bug: dev_stale
 * class: use after free
 * about: a device that was given back
 * in: 1
 * outcome: aborted HANDLE
 */
REQUEST(dev_stale)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));

	if (dev.handle == EXT_NONE)
		return -EXT_ENOENT;
	ext_dev_put(dev);
	return answer(out, room, ext_dev_up(dev));	/* BUG */
}

/*
 * bug: pkt_free_twice
 * class: double free
 * via: hook
 * outcome: aborted HANDLE
 * fixed: accept
 */
HOOK(pkt_free_twice)
{
	ext_owned_pkt copy = ext_pkt_clone(pkt);

	if (copy.handle == EXT_NONE)
		return EXT_ACCEPT;
	ext_pkt_free(copy);
	ext_pkt_free(copy);	/* BUG */
	return EXT_ACCEPT;
}

HOOK(pkt_free_twice_fixed)
{
	ext_owned_pkt copy = ext_pkt_clone(pkt);

	if (copy.handle != EXT_NONE)
		ext_pkt_free(copy);
	return EXT_ACCEPT;
}

/*
 * bug: pkt_sent_freed
 * class: double free
 * about: a packet that was sent is nobody's to free
 * via: hook
 * outcome: aborted HANDLE
 */
HOOK(pkt_sent_freed)
{
	struct ext_pkt_info info;
	ext_owned_pkt copy;
	ext_owned_dev dev;

	ext_pkt_info(pkt, &info);
	dev = ext_dev_get(info.in_ifindex);
	copy = ext_pkt_clone(pkt);
	if (copy.handle == EXT_NONE || dev.handle == EXT_NONE)
		return EXT_DROP;
	ext_pkt_send(copy, dev);
	ext_dev_put(dev);
	ext_pkt_free(copy);	/* BUG */
	return EXT_ACCEPT;
}

/*
 * bug: confuse_kinds
 * class: type confusion
 * about: a device's handle where a packet's belongs
 * in: 1
 * outcome: aborted HANDLE
 * fixed: 1
 * twin: confuse_kinds: KASAN
 */
REQUEST(confuse_kinds)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));
	ext_owned_pkt pkt = { .handle = dev.handle };

	ext_pkt_free(pkt);	/* BUG */
	return answer(out, room, 1);
}

REQUEST(confuse_kinds_fixed)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));

	if (dev.handle == EXT_NONE)
		return -EXT_ENOENT;
	ext_dev_put(dev);
	return answer(out, room, 1);
}

/*
 * bug: confuse_owner
 * class: type confusion
 * about: a lent packet is given away
 * via: hook
 * outcome: aborted HANDLE
 */
HOOK(confuse_owner)
{
	ext_owned_pkt mine = { .handle = pkt.handle };

	ext_pkt_free(mine);	/* BUG */
	return EXT_ACCEPT;
}

/*
 * bug: confuse_pointer
 * class: type confusion
 * about: a pointer as a handle
 * outcome: aborted HANDLE
 */
REQUEST(confuse_pointer)
{
	void *p = ext_alloc(64 + arg(in, len, 0));
	ext_owned_dev dev = { .handle = (u64)p };

	return answer(out, room, ext_dev_up(dev));	/* BUG */
}

/*
 * bug: confuse_forged
 * class: type confusion
 * about: a handle that was guessed
 * in: 3 1
 * outcome: aborted HANDLE
 */
REQUEST(confuse_forged)
{
	ext_owned_dev dev = { .handle = arg64(in, len, 0) };

	ext_dev_put(dev);	/* BUG */
	return answer(out, room, 1);
}

/*
 * bug: confuse_map
 * class: type confusion
 * about: what is no map, as a map
 * outcome: aborted ARGUMENT HANDLE BUFFER RANGE, or refused
 */
REQUEST(confuse_map)
{
	struct ext_map *map = ext_alloc(sizeof(*map));
	u32 key = arg(in, len, 0);
	void *value;

	if (!map)
		return -EXT_ENOMEM;
	map->type = 1;
	map->key_size = 4;
	map->value_size = 0x10000;
	map->max_entries = 10;
	value = ext_map_lookup(map, &key);	/* BUG */
	ext_free(map);
	return answer(out, room, !!value);
}

/*
 * bug: confuse_entry
 * class: type confusion
 * about: work where a timer belongs
 * in: 1
 * outcome: aborted ARGUMENT HANDLE
 */
REQUEST(confuse_entry)
{
	s32 ret = ext_timer_arm(&chore_entry, 1000000, arg(in, len, 0));	/* BUG */

	return answer(out, room, ret + 1);
}

/*
 * bug: confuse_none
 * class: NULL
 * about: the handle that stands for nothing
 * in: 0x7fffffff
 * outcome: aborted HANDLE
 * fixed: -2
 */
REQUEST(confuse_none)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));

	return answer(out, room, ext_dev_up(dev));	/* BUG */
}

REQUEST(confuse_none_fixed)
{
	ext_owned_dev dev = ext_dev_get(arg(in, len, 0));
	bool up;

	if (dev.handle == EXT_NONE)
		return -EXT_ENOENT;
	up = ext_dev_up(dev);
	ext_dev_put(dev);
	return answer(out, room, up);
}
