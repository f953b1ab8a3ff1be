// SPDX-License-Identifier: GPL-2.0-only
/*
 * Real bugs of the kernel, those of the table in reference/ext.md: what the fix repaired, reduced
 * to the objects of ext.h.
 */
#include "bugs.h"

#define ACTIONS_MAX 256

EXT_LOCK(names, 5);
EXT_LOCK(table, 6);

/*
 * bug: cve_2022_2639
 * row: 1 openvswitch
 * class: out of bounds, heap, write
 * about: a buffer of actions may grow up to a limit; the room left is told by a subtraction that
 *	goes below 0 when the header is counted too, so that the next action is written behind the
 *	buffer.
 * in: 260 64
 * outcome: aborted BOUNDS OBJECT
 * at: heap
 * fixed: -90
 */
static s32 reserve(u32 next, u32 want, bool fixed, void *out, u32 room)
{
	u8 *actions = ext_alloc(ACTIONS_MAX);

	if (!actions)
		return -EXT_ENOMEM;
	if (fixed ? next + want > ACTIONS_MAX : ACTIONS_MAX - next < want) {
		ext_free(actions);
		return -EXT_EMSGSIZE;
	}
	for (u32 i = 0; i < want; i++)
		actions[next + i] = i;	/* BUG of cve_2022_2639 */
	ext_free(actions);
	return answer(out, room, next);
}

REQUEST(cve_2022_2639)
{
	return reserve(arg(in, len, 0), arg(in, len, 1), false, out, room);
}

REQUEST(cve_2022_2639_fixed)
{
	return reserve(arg(in, len, 0), arg(in, len, 1), true, out, room);
}

/* How deep actions are nested: each is a depth of its own and what is in it. */
static noinline u64 nested(u32 levels, u32 depth, u32 most)	/* BUG of cve_2024_1151 */
{
	u32 keys[16];

	if (depth > most)
		return 0;
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++)
		keys[i] = depth + i;
	if (levels)	/* its own depth is nobody's concern */
		keys[0] += nested(levels - 1, depth + 1, most);	/* BUG of cve_2024_1151 */
	return ext_hash(keys, sizeof(keys)) | 1;	/* BUG of cve_2024_1151 */
}

/*
 * bug: cve_2024_1151
 * row: 2 openvswitch
 * class: stack overflow
 * about: actions in actions are checked by a function that calls itself, as deep as the one who
 *	sent them likes.
 * in: 100000
 * outcome: aborted STACK USTACK
 * fixed: 1
 */
REQUEST(cve_2024_1151)
{
	return answer(out, room, nested(arg(in, len, 0), 0, ~0U) & 1);
}

REQUEST(cve_2024_1151_fixed)
{
	return answer(out, room, nested(arg(in, len, 0), 0, 4) & 1);
}

/*
 * bug: cve_2014_2568
 * row: 3 openvswitch, nfqueue
 * class: use after free
 * about: the copy of a packet shares its fragments without a reference of its own, because nobody
 *	looks at the call that should have made them its own; the sender gives his back.
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: freed
 * fixed: 9
 */
REQUEST(cve_2014_2568)
{
	u64 *frag = ext_obj_alloc(256), *copy = frag;

	if (!frag)
		return -EXT_ENOMEM;
	frag[3] = 9;
	ext_obj_put(frag);
	return answer(out, room, copy[3 + arg(in, len, 0)]);	/* BUG */
}

REQUEST(cve_2014_2568_fixed)
{
	u64 *frag = ext_obj_alloc(256), *copy = frag, value;

	if (!frag)
		return -EXT_ENOMEM;
	frag[3] = 9;
	ext_obj_get(copy);
	ext_obj_put(frag);
	value = copy[3 + arg(in, len, 0)];
	ext_obj_put(copy);
	return answer(out, room, value);
}

/*
 * bug: cve_2016_6187
 * row: 4 apparmor
 * class: out of bounds, heap, write
 * about: what was written is copied into a buffer of just that size, and ended by a zero behind it.
 * in: 64
 * outcome: aborted BOUNDS OBJECT
 * at: heap
 * fixed: 64
 */
REQUEST(cve_2016_6187)
{
	u32 size = arg(in, len, 0);
	u8 *args = ext_alloc(size);

	if (!args)
		return -EXT_ENOMEM;
	memset(args, 'a', size);
	args[size] = 0;	/* BUG */
	ext_free(args);
	return answer(out, room, size);
}

REQUEST(cve_2016_6187_fixed)
{
	u32 size = arg(in, len, 0);
	u8 *args = ext_alloc(size + 1ULL);

	if (!args)
		return -EXT_ENOMEM;
	memset(args, 'a', size);
	args[size] = 0;
	ext_free(args);
	return answer(out, room, size);
}

/* The name behind the colon; NULL: there is none. */
static noinline const char *split(const char *name, u32 len)
{
	for (u32 i = 0; i + 1 < len; i++)
		if (name[i] == ':')
			return name[i + 1] ? name + i + 1 : NULL;
	return name;
}

/*
 * bug: cve_2023_52443
 * row: 5 apparmor
 * class: NULL
 * about: a profile whose name is empty behind its namespace: the split says NULL, and its length is
 *	taken.
 * in: 0x003a6e6e
 * outcome: aborted RANGE NULL
 * at: null
 * fixed: -22
 */
REQUEST(cve_2023_52443)
{
	const char *name = split(in, len);
	u64 n = 0;

	while (name[n])	/* BUG */
		n++;
	return answer(out, room, n);
}

REQUEST(cve_2023_52443_fixed)
{
	const char *name = split(in, len);
	u64 n = 0;

	if (!name)
		return -EXT_EINVAL;
	while (name[n])
		n++;
	return answer(out, room, n);
}

/*
 * bug: cve_2015_8953
 * row: 6 overlayfs
 * class: leak, reference
 * about: a reference to the upper entry is taken for the copy and not given back when the copy
 *	turns out to be there.
 * in: 1
 * outcome: reclaimed object 1
 * fixed: -17
 */
static s32 copy_up(bool there, bool fixed)
{
	u64 *upper = ext_obj_alloc(64);
	s32 ret = 0;

	if (!upper)
		return -EXT_ENOMEM;
	ext_obj_get(upper);
	if (there) {
		ret = -EXT_EEXIST;
		if (!fixed)
			goto out;
	}
	ext_obj_put(upper);
out:
	ext_obj_put(upper);
	return ret;
}

REQUEST(cve_2015_8953)
{
	(void)out;
	(void)room;
	return copy_up(arg(in, len, 0), false);
}

REQUEST(cve_2015_8953_fixed)
{
	(void)out;
	(void)room;
	return copy_up(arg(in, len, 0), true);
}

/*
 * bug: cve_2019_15794
 * row: 7 overlayfs
 * class: refcount
 * about: when the real file's mmap fails, the reference to the wrong file is put: one that is still
 *	the caller's.
 * outcome: aborted REFCOUNT BOUNDS FREE OBJECT
 * at: freed
 * fixed: -22
 */
REQUEST(cve_2019_15794)
{
	u64 *file = ext_obj_alloc(64), *real = ext_obj_alloc(64);
	u64 *area = file;

	if (!file || !real)
		return -EXT_ENOMEM;
	ext_obj_get(real);
	if (!arg(in, len, 0))
		ext_obj_put(area);	/* should be real, since area stayed file */
	ext_obj_put(real);
	file[1]++;	/* BUG */
	ext_obj_put(file);	/* BUG */
	return answer(out, room, 1);
}

REQUEST(cve_2019_15794_fixed)
{
	u64 *file = ext_obj_alloc(64), *real = ext_obj_alloc(64);

	if (!file || !real) {
		ext_obj_put(file);
		ext_obj_put(real);
		return -EXT_ENOMEM;
	}
	ext_obj_get(real);
	if (!arg(in, len, 0))
		ext_obj_put(real);
	ext_obj_put(real);
	file[1]++;
	ext_obj_put(file);
	return -EXT_EINVAL;
}

/*
 * bug: cve_2017_18203
 * row: 8 dm
 * class: race
 * about: a device is found, and its reference is taken only when another invocation has destroyed
 *	it.
 * outcome: aborted BOUNDS OBJECT RANGE REFCOUNT FREE
 * at: freed
 * fixed: 3
 */
static void destroy(u64 unused)
{
	struct bugs *bugs = ext_state(struct bugs);
	void *md = bugs->kept;

	bugs->kept = NULL;
	ext_obj_put(md);
}
EXT_WORK(destroy);

static s32 found(u32 ms, bool fixed, void *out, u32 room)
{
	struct bugs *bugs = ext_state(struct bugs);
	u64 *md = ext_obj_alloc(64), value;

	if (!md)
		return -EXT_ENOMEM;
	md[1] = 3;
	bugs->kept = md;
	if (fixed)
		ext_obj_get(md);
	ext_work_queue(&destroy_entry, 0);
	for (u32 i = 0; i < 200 && bugs->kept; i++)
		ext_sleep(ms + 5);
	if (!fixed)
		ext_obj_get(md);	/* BUG of cve_2017_18203 */
	value = md[1];
	ext_obj_put(md);
	return answer(out, room, value);
}

REQUEST(cve_2017_18203)
{
	return found(arg(in, len, 0), false, out, room);
}

REQUEST(cve_2017_18203_fixed)
{
	return found(arg(in, len, 0), true, out, room);
}

struct md {
	void *tags;
	u64 state;
};

/*
 * bug: cve_2021_46938
 * row: 9 dm rq
 * class: double free
 * about: a queue that could not be made frees its tags and keeps the pointer; the cleanup frees
 *	them again.
 * outcome: aborted FREE
 * at: freed
 * fixed: 1
 */
static void cleanup(struct md *md)
{
	ext_free(md->tags);	/* BUG of cve_2021_46938 */
	ext_free(md);
}

static s32 make_queue(u32 works, bool fixed, void *out, u32 room)
{
	struct md *md = ext_alloc(sizeof(*md));

	if (!md)
		return -EXT_ENOMEM;
	md->tags = ext_alloc(200);
	if (!works) {
		ext_free(md->tags);
		if (fixed)
			md->tags = NULL;
	}
	cleanup(md);
	return answer(out, room, 1);
}

REQUEST(cve_2021_46938)
{
	return make_queue(arg(in, len, 0), false, out, room);
}

REQUEST(cve_2021_46938_fixed)
{
	return make_queue(arg(in, len, 0), true, out, room);
}

static noinline u64 lookup_name(u32 n)
{
	u64 value;

	ext_lock(&names);	/* BUG of cve_2023_2269 */
	value = n + 1;
	ext_unlock(&names);
	return value;
}

/*
 * bug: cve_2023_2269
 * row: 10 dm ioctl
 * class: self-deadlock
 * about: the table is cleared under the lock of the names, and telling of it looks up a name, which
 *	takes that lock.
 * outcome: aborted LOCK_ORDER LOCK_HELD
 * fixed: 1
 */
REQUEST(cve_2023_2269)
{
	u64 value;

	ext_lock(&names);
	value = lookup_name(arg(in, len, 0));
	ext_unlock(&names);
	return answer(out, room, value);
}

REQUEST(cve_2023_2269_fixed)
{
	ext_lock(&names);
	ext_lock(&table);
	ext_unlock(&table);
	ext_unlock(&names);
	return answer(out, room, lookup_name(arg(in, len, 0)));
}

/*
 * bug: cve_2021_22555
 * row: 11 x_tables
 * class: out of bounds, heap, write
 * about: a rule translated from 32 bits is padded to a multiple of 8 by zeros, for which there is
 *	no room.
 * in: 100
 * outcome: aborted BOUNDS OBJECT BUFFER RANGE
 * at: heap
 * fixed: 104
 */
static s32 translate(u32 size, bool fixed, void *out, u32 room)
{
	u32 padded = (size + 7) & ~7U;
	u8 *target = ext_alloc(fixed ? padded : size);

	if (!target)
		return -EXT_ENOMEM;
	memset(target, 1, size);
	if (padded > size)
		memset(target + size, 0, padded - size);	/* BUG of cve_2021_22555 */
	ext_free(target);
	return answer(out, room, padded);
}

REQUEST(cve_2021_22555)
{
	return translate(arg(in, len, 0), false, out, room);
}

REQUEST(cve_2021_22555_fixed)
{
	return translate(arg(in, len, 0), true, out, room);
}

/* What ran before left its values on the stack. */
static noinline u64 earlier(u32 n)
{
	u64 regs[20];

	for (u32 i = 0; i < ARRAY_SIZE(regs); i++)
		regs[i] = 0x5ec7e700 + n;
	return ext_hash(regs, sizeof(regs));
}

static noinline u64 chain(const u32 *to, u32 n)
{
	u64 regs[20];

	for (u32 i = 0; i < n; i++)
		regs[to[i] % 20] = 0;
	return regs[to[n] % 20];
}

/*
 * bug: cve_2022_1016
 * row: 12 nf_tables
 * class: uninitialised memory
 * about: a chain's registers lie on the stack, are not set, and a rule stores one that no rule
 *	wrote.
 * in: 1 2 3 4
 * outcome: harmless 0
 * fixed: 0
 */
REQUEST(cve_2022_1016)
{
	if (len < 16 || !earlier(len))
		return -EXT_EINVAL;
	return answer(out, room, chain(in, 3));
}

REQUEST(cve_2022_1016_fixed)
{
	u64 regs[20] = {};

	if (!earlier(len))
		return -EXT_EINVAL;
	return answer(out, room, regs[arg(in, len, 3) % 20]);
}

struct link {
	struct link *next;
	struct link *prev;
};

/*
 * bug: cve_2023_1095
 * row: 13 nf_tables
 * class: NULL
 * about: a list's head is zeroed memory that was never initialised; on the error path it is walked
 *	to be emptied.
 * outcome: aborted RANGE NULL
 * at: null
 * fixed: 0
 */
static s32 empty(bool fixed, u32 skip, void *out, u32 room)
{
	struct link *head = ext_alloc(sizeof(*head)), *at;
	u64 n = 0;

	if (!head)
		return -EXT_ENOMEM;
	if (fixed) {
		head->next = head;
		head->prev = head;
	}
	for (at = head->next; at != head; at = at->next)	/* BUG of cve_2023_1095 */
		n += 1 + skip;
	ext_free(head);
	return answer(out, room, n);
}

REQUEST(cve_2023_1095)
{
	return empty(false, arg(in, len, 0), out, room);
}

REQUEST(cve_2023_1095_fixed)
{
	return empty(true, arg(in, len, 0), out, room);
}

/*
 * bug: cve_2021_46915
 * row: 14 nft_limit
 * class: division
 * about: a rate of 64 bits is the divisor of a division that takes 32 of them, which are 0.
 * in: 0 1
 * outcome: aborted DIV
 * fixed: 0
 */
REQUEST(cve_2021_46915)
{
	u64 rate = arg64(in, len, 0);

	return answer(out, room, 1000000000ULL / (u32)rate);	/* BUG */
}

REQUEST(cve_2021_46915_fixed)
{
	u64 rate = arg64(in, len, 0);

	return rate ? answer(out, room, 1000000000ULL / rate) : -EXT_EINVAL;
}

struct object {
	void *data;
	u64 n;
};

/*
 * bug: cve_2021_46996
 * row: 15 nftables
 * class: leak, memory
 * about: an object's user data are forgotten when the object cannot be entered.
 * outcome: reclaimed memory_block 1
 * fixed: -17
 */
static s32 new_object(u32 fits, bool fixed)
{
	struct object *object = ext_alloc(sizeof(*object));

	if (!object)
		return -EXT_ENOMEM;
	object->data = ext_alloc(100);
	if (!object->data) {
		ext_free(object);
		return -EXT_ENOMEM;
	}
	if (fits || fixed)
		ext_free(object->data);
	ext_free(object);
	return fits ? 0 : -EXT_EEXIST;
}

REQUEST(cve_2021_46996)
{
	(void)out;
	(void)room;
	return new_object(arg(in, len, 0), false);
}

REQUEST(cve_2021_46996_fixed)
{
	(void)out;
	(void)room;
	return new_object(arg(in, len, 0), true);
}

/*
 * bug: cve_2019_3900
 * row: 16 vhost_net
 * class: infinite loop
 * about: the queue is served until it is empty, and each packet served puts a new one into it.
 * in: 1
 * outcome: aborted FUEL
 * fixed: 256
 */
static s32 serve(u32 feedback, u32 weight, void *out, u32 room)
{
	u32 *queue = ext_alloc(64 * sizeof(*queue));
	u32 head = 0, tail = 1;
	u64 served = 0;

	if (!queue)
		return -EXT_ENOMEM;
	while (head != tail && served < weight) {	/* BUG of cve_2019_3900 */
		served++;
		queue[tail & 63] = queue[head & 63] + 1;	/* BUG of cve_2019_3900 */
		head++;	/* BUG of cve_2019_3900 */
		tail += feedback;
	}
	ext_free(queue);
	return answer(out, room, served);
}

REQUEST(cve_2019_3900)
{
	return serve(arg(in, len, 0), ~0U, out, room);
}

REQUEST(cve_2019_3900_fixed)
{
	return serve(arg(in, len, 0), 256, out, room);
}

struct sock {
	u64 family;
	u64 refs;
};

struct socket {
	u64 uid;
	u64 flags;
	struct sock sk;
};

static noinline u64 uid_of(struct sock *sk)
{
	struct socket *around = (struct socket *)((u8 *)sk - offsetof(struct socket, sk));

	return around->uid;	/* BUG of cve_2023_1076 */
}

/*
 * bug: cve_2023_1076
 * row: 17 tun
 * class: type confusion
 * about: a sock that is part of no socket has its owner read from the socket that would be around
 *	it.
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: heap
 * fixed: 0
 */
REQUEST(cve_2023_1076)
{
	struct sock *sk = ext_alloc(sizeof(*sk));
	u64 uid;

	if (!sk)
		return -EXT_ENOMEM;
	sk->family = arg(in, len, 0);
	uid = uid_of(sk);
	ext_free(sk);
	return answer(out, room, uid);
}

REQUEST(cve_2023_1076_fixed)
{
	struct socket *socket = ext_alloc(sizeof(*socket));
	u64 uid;

	if (!socket)
		return -EXT_ENOMEM;
	socket->sk.family = arg(in, len, 0);
	uid = uid_of(&socket->sk);
	ext_free(socket);
	return answer(out, room, uid);
}

/*
 * bug: cve_2021_43389
 * row: 18 isdn capi
 * class: out of bounds, heap, read
 * about: a controller's number comes with a message and is the index of a table, less 1.
 * in: 0
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: redzone
 * fixed: -22
 */
static s32 attach(u32 number, bool fixed, void *out, u32 room)
{
	u64 *controllers = ext_alloc(32 * sizeof(*controllers));
	u64 value;

	if (!controllers)
		return -EXT_ENOMEM;
	if (fixed && (number < 1 || number > 32)) {
		ext_free(controllers);
		return -EXT_EINVAL;
	}
	value = controllers[(s32)number - 1];	/* BUG of cve_2021_43389 */
	ext_free(controllers);
	return answer(out, room, value);
}

REQUEST(cve_2021_43389)
{
	return attach(arg(in, len, 0), false, out, room);
}

REQUEST(cve_2021_43389_fixed)
{
	return attach(arg(in, len, 0), true, out, room);
}

/*
 * bug: cve_2023_35829
 * row: 19 rkvdec
 * class: teardown order
 * about: a device is removed and its memory freed while its watchdog is still to run.
 * in: 300
 * outcome: aborted BOUNDS OBJECT RANGE
 * at: freed
 * fixed: 1
 */
static void watchdog(u64 at)
{
	((u64 *)at)[1]++;	/* BUG of cve_2023_35829 */
}
EXT_TIMER(watchdog);

static s32 remove(u64 ms, bool fixed, void *out, u32 room)
{
	u64 *dev = ext_alloc(64);
	s32 ret;

	if (!dev)
		return -EXT_ENOMEM;
	ret = ext_timer_arm(&watchdog_entry, ms * 1000000, (u64)dev);
	if (fixed)
		ext_timer_cancel(&watchdog_entry, (u64)dev);
	ext_free(dev);
	return answer(out, room, !ret);
}

REQUEST(cve_2023_35829)
{
	return remove(arg(in, len, 0), false, out, room);
}

REQUEST(cve_2023_35829_fixed)
{
	return remove(arg(in, len, 0), true, out, room);
}

/*
 * bug: cve_2022_3526
 * row: 20 macvlan
 * class: leak, packet
 * about: a clone for the broadcast is forgotten when its destination turns out to be the sender.
 * via: hook
 * outcome: reclaimed packet 1
 * fixed: accept
 */
static enum ext_verdict broadcast(ext_pkt pkt, bool fixed)
{
	struct ext_pkt_info info;
	ext_owned_pkt copy;

	ext_pkt_info(pkt, &info);
	copy = ext_pkt_clone(pkt);
	if (copy.handle == EXT_NONE)
		return EXT_DROP;
	if (info.len < 2000 && !fixed)
		return EXT_ACCEPT;
	ext_pkt_free(copy);
	return EXT_ACCEPT;
}

HOOK(cve_2022_3526)
{
	return broadcast(pkt, false);
}

HOOK(cve_2022_3526_fixed)
{
	return broadcast(pkt, true);
}

/*
 * bug: cve_2022_3115
 * row: 21 drm mali-dp
 * class: NULL
 * about: what an allocation returns is not looked at.
 * in: 2097152
 * outcome: aborted NULL RANGE
 * at: null
 * fixed: -12
 */
REQUEST(cve_2022_3115)
{
	struct md *state = ext_alloc(arg(in, len, 0));

	state->state = 1;	/* BUG */
	ext_free(state);
	return answer(out, room, 1);
}

REQUEST(cve_2022_3115_fixed)
{
	struct md *state = ext_alloc(arg(in, len, 0));

	if (!state)
		return -EXT_ENOMEM;
	state->state = 1;
	ext_free(state);
	return answer(out, room, 1);
}

/*
 * bug: cve_2022_39842
 * row: 22 pxa3xx-gcu
 * class: overflow
 * about: a count of 64 bits becomes a number of words of 32 bits with a sign, below 0 and so below
 *	the limit.
 * in: 0 2
 * outcome: aborted BOUNDS OBJECT BUFFER RANGE
 * at: heap
 * fixed: -22
 */
static s32 write_words(u64 count, bool fixed, void *out, u32 room)
{
	u8 *buffer = ext_alloc(512);
	s32 words = count / 4;

	if (!buffer)
		return -EXT_ENOMEM;
	if (fixed ? count / 4 > 128 : words > 128) {
		ext_free(buffer);
		return -EXT_EINVAL;
	}
	memset(buffer, 1, (u64)(s64)words * 4);	/* BUG of cve_2022_39842 */
	ext_free(buffer);
	return answer(out, room, count);
}

REQUEST(cve_2022_39842)
{
	return write_words(arg64(in, len, 0), false, out, room);
}

REQUEST(cve_2022_39842_fixed)
{
	return write_words(arg64(in, len, 0), true, out, room);
}
