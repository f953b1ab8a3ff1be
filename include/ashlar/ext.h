/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The whole world that an extension sees. An extension is plain C that includes this file and its
 * own headers, built by scripts/ext-build DIR. Documentation/ext.md has the tutorial.
 *
 * Who owns what: a type named ext_owned_* is the extension's to give back, once; the others are
 * lent until the entry returns. Pointers to memory are plain: the extension's own memory, map
 * values and spans of the packet may be used as C uses memory. Whatever is held when the extension
 * ends, by fault or by unloading, is given back for it, and counted.
 *
 * A call may be made from every entry unless its text says otherwise. None of them sleeps but those
 * marked so. A call whose contract is broken does not return: the invocation ends, the instance is
 * quarantined, and `ashlar ext report` says where.
 */
#ifndef ASHLAR_EXT_H
#define ASHLAR_EXT_H

#ifdef __CHECKER__
#define __ext_bitwise __attribute__((bitwise))
#else
#define __ext_bitwise
#endif

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef u16 __ext_bitwise be16;	/* network byte order */
typedef u32 __ext_bitwise be32;
typedef u64 __ext_bitwise be64;
#ifndef __bool_true_false_are_defined	/* by tests of an extension as a part of a program */
typedef _Bool bool;
#define true 1
#define false 0
#endif
typedef unsigned long size_t;

#undef NULL
#define NULL ((void *)0)
#define offsetof(type, member) __builtin_offsetof(type, member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define __packed __attribute__((packed))
#define __must_check __attribute__((warn_unused_result))
#define noinline __attribute__((noinline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define min(a, b) ({ __auto_type _a = (a); __auto_type _b = (b); _a < _b ? _a : _b; })
#define max(a, b) ({ __auto_type _a = (a); __auto_type _b = (b); _a > _b ? _a : _b; })

#ifdef __CHECKER__
#define __ext_force __attribute__((force))
#else
#define __ext_force
#endif

static inline be16 ext_be16(u16 v) { return (__ext_force be16)__builtin_bswap16(v); }
static inline be32 ext_be32(u32 v) { return (__ext_force be32)__builtin_bswap32(v); }
static inline u16 ext_cpu16(be16 v) { return __builtin_bswap16((__ext_force u16)v); }
static inline u32 ext_cpu32(be32 v) { return __builtin_bswap32((__ext_force u32)v); }

/* memcpy and its like are checked as every other access is. */
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *at, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* --- handles --- */

/* The packet a hook was called for; lent. */
typedef struct { u64 handle; } ext_pkt;
/* A packet of the extension's own: ext_pkt_send() or ext_pkt_free() takes it. */
typedef struct { u64 handle; } ext_owned_pkt;
/* A network device, kept from going; ext_dev_put() gives it back. */
typedef struct { u64 handle; } ext_owned_dev;

#define EXT_NONE 0	/* the handle that stands for nothing: what a call that failed returns */

/* Errors; the same numbers as the kernel's. */
#define EXT_ENOENT 2
#define EXT_ENOMEM 12
#define EXT_EBUSY 16
#define EXT_EEXIST 17
#define EXT_EINVAL 22
#define EXT_ENOSPC 28
#define EXT_EMSGSIZE 90
#define EXT_ENOBUFS 105

enum ext_verdict {
	EXT_DROP = 0,
	EXT_ACCEPT = 1,
};

/* --- what an extension declares --- */

#define EXT_NAME_LEN 32

struct ext_about {
	char name[EXT_NAME_LEN];
	char version[EXT_NAME_LEN];
	u32 schema;
	u32 state_size;
};

struct ext_entry {
	char name[EXT_NAME_LEN];
	u32 kind;
	u32 flags;
	const void *fn;
};

struct ext_map {
	char name[EXT_NAME_LEN];
	u32 type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u32 schema;
	u32 flags;
};

struct ext_lock {
	char name[EXT_NAME_LEN];
	u32 rank;
	u32 flags;
};

#define __ext_inline static inline __attribute__((always_inline, unused))
#define __ext_section(s) __attribute__((section(".ashlar." s), used, aligned(8)))
#define __ext_entry(fn_, kind_) \
	static const struct ext_entry fn_##_entry __ext_section("entries") = { \
		.name = #fn_, .kind = (kind_), .fn = (const void *)fn_ }

/*
 * EXTENSION(name, version, schema, state): once in an extension. name is a string; schema is the
 * number of the layout of the private state, for ext_restore; state is the type of the private
 * state.
 *
 * One private state exists for each instance, zeroed at first; ext_state(type) returns it, never
 * NULL. Mutable global variables are refused, since an extension may run in many namespaces at
 * once.
 */
#define EXTENSION(name_, version_, schema_, state_) \
	static const struct ext_about __ext_about __ext_section("about") = { \
		.name = name_, .version = version_, .schema = (schema_), \
		.state_size = sizeof(state_) }
void *__ext_state(void) __attribute__((const));
#define ext_state(type) ((type *)__ext_state())

/*
 * Entries: what the shim may call. Put the line behind the function.
 *   enum ext_verdict f(ext_pkt pkt)	EXT_HOOK(f): for each packet of the hook that the operator
 *                                      attaches it to
 *   void f(u64 arg)			EXT_TIMER(f): armed by ext_timer_arm()
 *   void f(u64 arg)			EXT_WORK(f): queued by ext_work_queue(); may sleep
 *   s32 f(const void *in, u32 len, void *out, u32 room)
 *					EXT_REQUEST(f): for `ashlar ext request`; returns bytes in
 *					out or -error; may sleep
 *   s32 f(void) EXT_INIT(f): once, before anything else; not 0: the instance is not started; may
 *   sleep s32 f(void *buf, u32 room) EXT_SAVE(f): upgrade: writes the state to be passed on,
 *   returns its bytes or -error s32 f(const void *buf, u32 len, u32 schema)
 *					EXT_RESTORE(f): upgrade: takes what a version with that
 *					schema wrote; 0 or -error
 */
#define __ext_type(fn_, type_, text_) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&fn_), type_), text_)
#define EXT_HOOK(fn_) \
	__ext_type(fn_, enum ext_verdict (*)(ext_pkt), "a hook is enum ext_verdict f(ext_pkt)"); \
	__ext_entry(fn_, 1)
#define EXT_TIMER(fn_) \
	__ext_type(fn_, void (*)(u64), "a timer is void f(u64)"); \
	__ext_entry(fn_, 2)
#define EXT_WORK(fn_) \
	__ext_type(fn_, void (*)(u64), "work is void f(u64)"); \
	__ext_entry(fn_, 3)
#define EXT_REQUEST(fn_) \
	__ext_type(fn_, s32 (*)(const void *, u32, void *, u32), \
		   "a request is s32 f(const void *, u32, void *, u32)"); \
	__ext_entry(fn_, 4)
#define EXT_INIT(fn_) \
	__ext_type(fn_, s32 (*)(void), "init is s32 f(void)"); \
	__ext_entry(fn_, 5)
#define EXT_SAVE(fn_) \
	__ext_type(fn_, s32 (*)(void *, u32), "save is s32 f(void *, u32)"); \
	__ext_entry(fn_, 6)
#define EXT_RESTORE(fn_) \
	__ext_type(fn_, s32 (*)(const void *, u32, u32), \
		   "restore is s32 f(const void *, u32, u32)"); \
	__ext_entry(fn_, 7)
/* For a timer or work that is named before it is defined. */
#define EXT_DECLARE_TIMER(fn_) static void fn_(u64 arg); static const struct ext_entry fn_##_entry
#define EXT_DECLARE_WORK(fn_) EXT_DECLARE_TIMER(fn_)

/*
 * EXT_MAP_HASH(name, key, value, max, schema) and its like declare a map, which user space sees by
 * `ashlar map`, and its typed calls:
 *   value *name_lookup(const key *)	NULL: not there
 *   value *name_insert(const key *)	the value, zeroed if it is new; NULL: full (an LRU map drops
 *                                      its least used entry)
 *   bool name_delete(const key *)	whether it was there
 * A value stays good memory until the entry returns, whoever deletes it; from EXT_WORK and the
 * like, too, across sleeps. So its place is taken again only when all have returned that ran as it
 * was deleted: who deletes and inserts in turn finds the map full after some tens. Keys are
 * compared byte by byte: no padding, and zero what is unused.
 */
#define __EXT_MAP(name_, type_, key_, value_, max_, schema_) \
	static const struct ext_map name_ __ext_section("maps") = { \
		.name = #name_, .type = (type_), \
		.key_size = sizeof(key_), .value_size = sizeof(value_), \
		.max_entries = (max_), .schema = (schema_) }; \
	__ext_inline value_ *name_##_lookup(const key_ *key) \
	{ return (value_ *)ext_map_lookup(&name_, key); } \
	__ext_inline value_ *name_##_insert(const key_ *key) \
	{ return (value_ *)ext_map_insert(&name_, key); } \
	__ext_inline bool name_##_delete(const key_ *key) \
	{ return ext_map_delete(&name_, key); }
#define EXT_MAP_HASH(name_, key_, value_, max_, schema_) \
	__EXT_MAP(name_, 1, key_, value_, max_, schema_)
#define EXT_MAP_LRU(name_, key_, value_, max_, schema_) \
	__EXT_MAP(name_, 3, key_, value_, max_, schema_)
/* An array's values are all there from the beginning; its key is a u32 below max. */
#define EXT_MAP_ARRAY(name_, value_, max_, schema_) __EXT_MAP(name_, 2, u32, value_, max_, schema_)
/* Per-CPU counters, u64, that ext_map_add() adds to and user space reads the sum of. */
#define EXT_MAP_COUNTER(name_, max_) \
	static const struct ext_map name_ __ext_section("maps") = { \
		.name = #name_, .type = 4, .key_size = 4, .value_size = 8, .max_entries = (max_) }

/*
 * EXT_LOCK(name, rank): a spinlock of the instance. Locks are taken in rising order of rank, and
 * not held across the entry's end.
 */
#define EXT_LOCK(name_, rank_) \
	static const struct ext_lock name_ __ext_section("locks") = { \
		.name = #name_, .rank = (rank_) }

/* --- memory --- */

#define __ext_call(name_) __asm__("ashlar_ext_" #name_)

/*
 * Zeroed memory of the instance, aligned to 8; NULL: its quota is used up, or size is 0 or over 1
 * MB. Give back with ext_free().
 */
void *ext_alloc(u64 size) __ext_call(alloc) __must_check;
/* ext_alloc(n * size), NULL where the product overflows. */
__ext_inline __must_check void *ext_alloc_array(u64 n, u64 size)
{
	u64 bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : ext_alloc(bytes);
}
/* NULL is allowed. What was freed is not given out again at once, so that its use is seen. */
void ext_free(void *p) __ext_call(free);

/*
 * Memory with a reference count of 1, which is out of the extension's reach; gone with the last
 * ext_obj_put().
 */
void *ext_obj_alloc(u64 size) __ext_call(obj_alloc) __must_check;
void ext_obj_get(void *p) __ext_call(obj_get);
void ext_obj_put(void *p) __ext_call(obj_put);

/* --- the packet --- */

/*
 * What the shim knows of a packet. Offsets are from the start of the network header, which is
 * offset 0 of all calls and spans.
 */
struct ext_pkt_info {
	u32 len;	/* of the packet, from the network header on */
	u32 linear;	/* bytes that spans can reach; ext_pkt_pull() makes more */
	u32 in_ifindex;	/* 0: none */
	u32 out_ifindex;
	u32 mark;
	u32 hash;	/* of the flow; 0 where nobody has computed it yet */
	be16 proto;	/* 0x0800 IPv4, 0x86dd IPv6, ... */
	u8 family;	/* 4, 6, 0 for neither */
	u8 l4_proto;	/* 0 where the header chain cannot be walked */
	u16 l4_off;	/* 0 where there is none */
	/* 0: one packet; else so many bytes of payload in each that will become of it */
	u16 gso_size;
	u16 frag_off;	/* bytes; fragments but the first have no l4_off */
	u8 more_frags;
	u8 hook;	/* 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting, 5 ingress */
};
void ext_pkt_info(ext_pkt pkt, struct ext_pkt_info *info) __ext_call(pkt_info);

/* Headers, as they lie in a span. */
struct ext_ip4 {
	u8 version_ihl;
	u8 tos;
	be16 len;
	be16 id;
	be16 frag;	/* bit 14: do not; bit 13: more; the rest: offset in units of 8 bytes */
	u8 ttl;
	u8 proto;
	be16 csum;
	be32 src;
	be32 dst;
} __packed;
struct ext_ip6 {
	be32 version_class_flow;
	be16 payload_len;
	u8 next;
	u8 hop_limit;
	u8 src[16];
	u8 dst[16];
} __packed;
struct ext_tcp {
	be16 sport;
	be16 dport;
	be32 seq;
	be32 ack;
	u8 doff;	/* in its upper half, in units of 4 bytes */
	u8 flags;	/* EXT_TCP_* */
	be16 window;
	be16 csum;
	be16 urgent;
} __packed;
#define EXT_TCP_FIN 0x01
#define EXT_TCP_SYN 0x02
#define EXT_TCP_RST 0x04
#define EXT_TCP_PSH 0x08
#define EXT_TCP_ACK 0x10
#define EXT_TCP_URG 0x20
struct ext_udp {
	be16 sport;
	be16 dport;
	be16 len;
	be16 csum;
} __packed;
struct ext_icmp {	/* and ICMPv6 */
	u8 type;
	u8 code;
	be16 csum;
	be16 id;
	be16 seq;
} __packed;
#define EXT_PROTO_ICMP 1
#define EXT_PROTO_TCP 6
#define EXT_PROTO_UDP 17
#define EXT_PROTO_ICMP6 58

u32 __ext_pkt_linear(ext_pkt pkt);
const void *__ext_span(ext_pkt pkt, u32 off, u32 len);
void *__ext_span_w(ext_pkt pkt, u32 off, u32 len);

/*
 * ext_span(pkt, off, len): the packet's bytes [off, off + len) to read; NULL unless they are
 * linear. A span ends with the entry, and with each call marked MOVES: its use after that ends the
 * invocation or reads the packet's new bytes, nothing else. ext_span_w(): to write; NULL unless
 * ext_pkt_make_writable() came first.
 */
#define ext_span(pkt_, off_, len_) __ext_span(pkt_, off_, len_)
#define ext_span_w(pkt_, off_, len_) __ext_span_w(pkt_, off_, len_)

/* Makes at least len bytes linear. False: the packet is shorter, or memory is short. MOVES. */
bool ext_pkt_pull(ext_pkt pkt, u32 len) __ext_call(pkt_pull) __must_check;
/*
 * A span to read, pulled first if it must be; NULL: the packet is shorter, or memory is short.
 * MOVES, if it pulls.
 */
__ext_inline const void *ext_header(ext_pkt pkt, u32 off, u32 len)
{
	const void *header = ext_span(pkt, off, len);

	return header || !ext_pkt_pull(pkt, off + len) ? header : ext_span(pkt, off, len);
}
/*
 * The same, and makes them this packet's alone, to be written. False, too, for what the stack has
 * read already and goes by: IPv4 with options behind prerouting, IPv6 with hop-by-hop options. What
 * is written to must have a whole IP header when it is accepted (but at ingress): version, lengths.
 * MOVES.
 */
bool ext_pkt_make_writable(ext_pkt pkt, u32 len) __ext_call(pkt_make_writable) __must_check;
/*
 * len more bytes before the network header, zeroed; what was at 0 is at len then. Up to 256.
 * False: memory is short, GSO, or not to be written. MOVES.
 */
bool ext_pkt_push(ext_pkt pkt, u32 len) __ext_call(pkt_push) __must_check;
/*
 * Takes len bytes off the front. False: there are no more than that, GSO, or not to be written.
 * MOVES.
 */
bool ext_pkt_trim_head(ext_pkt pkt, u32 len) __ext_call(pkt_trim_head) __must_check;
/* Copies, linear or not. False: beyond the packet. */
bool ext_pkt_load(ext_pkt pkt, u32 off, void *to, u32 len) __ext_call(pkt_load) __must_check;
/*
 * Copies into the packet, which is made writable. Checksums are the caller's:
 * ext_pkt_csum_replace(). MOVES.
 */
bool ext_pkt_store(ext_pkt pkt, u32 off, const void *from, u32 len)
	__ext_call(pkt_store) __must_check;
/*
 * Address of IPv4 or IPv6 (of any protocol: the checksums of the header, TCP, UDP and ICMPv6
 * follow) and port of TCP or UDP, with every checksum, be it complete, partial or to be done by the
 * device. dest: the destination's, else the source's. addr: 4 or 16 bytes as the family has it.
 * False: not such a packet, a fragment that is not the first, or memory is short; nothing is
 * changed then. MOVES.
 */
bool ext_pkt_set_addr(ext_pkt pkt, bool dest, const void *addr, u32 len)
	__ext_call(pkt_set_addr) __must_check;
bool ext_pkt_set_port(ext_pkt pkt, bool dest, be16 port) __ext_call(pkt_set_port) __must_check;
/*
 * The 16-bit checksum at off is set right for 4 bytes that went from one value to the other.
 * pseudo: they are of the pseudo header. MOVES.
 */
bool ext_pkt_csum_replace(ext_pkt pkt, u32 off, be32 from, be32 to, bool pseudo)
	__ext_call(pkt_csum_replace) __must_check;
void ext_pkt_set_mark(ext_pkt pkt, u32 mark) __ext_call(pkt_set_mark);

/* A copy to keep or to send; handle EXT_NONE: no memory or quota. */
ext_owned_pkt ext_pkt_clone(ext_pkt pkt) __ext_call(pkt_clone) __must_check;
/*
 * Sends by the device, IPv4 or IPv6, by the route to its destination out of that device, or to the
 * destination itself; netfilter does not see it. With no lock held. The packet is gone, even on
 * failure. 0 or -error; -EXT_ENOBUFS where a deep stack leaves too little room to send.
 */
s32 ext_pkt_send(ext_owned_pkt pkt, ext_owned_dev dev) __ext_call(pkt_send);
void ext_pkt_free(ext_owned_pkt pkt) __ext_call(pkt_free);

/* --- devices --- */

/*
 * The namespace's device of that index; handle EXT_NONE: none such. A device that goes is given
 * back for the extension.
 */
ext_owned_dev ext_dev_get(u32 ifindex) __ext_call(dev_get) __must_check;
void ext_dev_put(ext_owned_dev dev) __ext_call(dev_put);
/* Whether it is up and has carrier. */
bool ext_dev_up(ext_owned_dev dev) __ext_call(dev_up);

/* --- maps; rather use the typed calls above --- */

void *ext_map_lookup(const struct ext_map *map, const void *key)
	__ext_call(map_lookup) __must_check;
void *ext_map_insert(const struct ext_map *map, const void *key)
	__ext_call(map_insert) __must_check;
bool ext_map_delete(const struct ext_map *map, const void *key) __ext_call(map_delete);
/* Of counters: adds to one; an index not below max is ignored and counted by the shim. */
void ext_map_add(const struct ext_map *map, u32 index, u64 n) __ext_call(map_add);
/* Entries now. */
u32 ext_map_count(const struct ext_map *map) __ext_call(map_count);

/* --- locks --- */

/*
 * Taking one out of order, twice, or waiting longer than the quota ends the invocation: no
 * deadlock.
 */
void ext_lock(const struct ext_lock *lock) __ext_call(lock);
void ext_unlock(const struct ext_lock *lock) __ext_call(unlock);

/* --- timers, work, the rest --- */

/*
 * Calls the timer's function with arg once, ns from now (10000 at least); what was armed with the
 * same arg is moved. 0, -EXT_ENOSPC.
 */
s32 ext_timer_arm(const struct ext_entry *timer, u64 ns, u64 arg) __ext_call(timer_arm);
/* Whether it was armed. It may be running on another CPU. */
bool ext_timer_cancel(const struct ext_entry *timer, u64 arg) __ext_call(timer_cancel);
/*
 * Calls the work's function with arg once, soon, where it may sleep. 0, -EXT_EEXIST if it is queued
 * already, -EXT_ENOSPC.
 */
s32 ext_work_queue(const struct ext_entry *work, u64 arg) __ext_call(work_queue);
/*
 * Work, request, init, save, restore only, and with no lock held. At most 1000; all but work, for
 * which nobody waits, ten seconds in all, ext_sync() included.
 */
void ext_sleep(u32 ms) __ext_call(sleep);
/*
 * Waits until every hook and timer that runs now has returned: what was taken out of their sight
 * before may be freed or written over afterwards. Where ext_sleep() may be called.
 */
void ext_sync(void) __ext_call(sync);

/* Nanoseconds since boot. */
u64 ext_now(void) __ext_call(now);
u32 ext_random(void) __ext_call(random);
/*
 * A keyed hash of the bytes; the key is the instance's, so that nobody outside can make buckets
 * collide.
 */
u64 ext_hash(const void *at, u32 len) __ext_call(hash);

/*
 * ext_log("sent %u to %x", a, b): a line for `ashlar ext report` and `ashlar monitor`, at most ten
 * a second. Up to six numbers; %d %u %x and their ll forms, %pI4 of a be32's value.
 */
void __ext_log(const char *format, u32 len, const u64 *args, u32 n) __ext_call(log);
#define __EXT_NARGS(...) __EXT_NARGS_(0, ##__VA_ARGS__, 6, 5, 4, 3, 2, 1, 0)
#define __EXT_NARGS_(a0, a1, a2, a3, a4, a5, a6, n, ...) n
#define __EXT_U64_0() 0
#define __EXT_U64_1(a) (u64)(a)
#define __EXT_U64_2(a, ...) (u64)(a), __EXT_U64_1(__VA_ARGS__)
#define __EXT_U64_3(a, ...) (u64)(a), __EXT_U64_2(__VA_ARGS__)
#define __EXT_U64_4(a, ...) (u64)(a), __EXT_U64_3(__VA_ARGS__)
#define __EXT_U64_5(a, ...) (u64)(a), __EXT_U64_4(__VA_ARGS__)
#define __EXT_U64_6(a, ...) (u64)(a), __EXT_U64_5(__VA_ARGS__)
#define __EXT_CAT(a, b) __EXT_CAT_(a, b)
#define __EXT_CAT_(a, b) a##b
#define ext_log(format_, ...) do { \
	const u64 _args[] = { __EXT_CAT(__EXT_U64_, __EXT_NARGS(__VA_ARGS__))(__VA_ARGS__) }; \
	__ext_log(format_, sizeof(format_), _args, __EXT_NARGS(__VA_ARGS__)); \
} while (0)

/*
 * Nothing below this line of an extension's source may leave C: assembly, attributes that turn
 * checks off, headers of the kernel.
 */
#pragma GCC poison asm __asm__ __asm __attribute__ __attribute

#endif /* ASHLAR_EXT_H */
