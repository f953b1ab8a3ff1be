/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ext-build's pass, the shim and the user-space run time agree on. An extension never includes
 * this.
 *
 * An extension's functions have one parameter more than their source says: the first is the
 * invocation's struct ashlar_ext_ctx. The pass adds it to every function of the extension, hands it
 * on in every call, the calls of the shim included, and reads of it what it needs. So nothing is
 * looked up on the packet's path, and nesting, preemption and migration need no care.
 *
 * An instance's region of the kernel's address space:
 *
 *   base - GUARD       nothing mapped
 *   base               the arena, ARENA_SIZE, mapped by chunks as it grows:
 *     0                  the image: constants whose address escapes, read-only, whole chunks
 *     info->state_off    the private state, info->state_size
 *     ...                heap, second stacks, map values
 *   base + ARENA_SIZE  nothing mapped, GUARD
 *   base + SHADOW_OFF  the shadow: a 16-bit number for each 8 bytes of the arena, mapped with its
 *                      chunk
 *   ...                nothing mapped, GUARD
 *
 * The shadow of a granule is the count of bytes from its start to the end of the object it is in,
 * at most 65535; 0 is nobody's. So one comparison tells whether a struct that begins here is whole.
 * Every object begins at a granule.
 */
#ifndef ASHLAR_EXT_ABI_H
#define ASHLAR_EXT_ABI_H

#ifndef __ASSEMBLER__
#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif
#endif

/* raised with every change of this file that the other side must know */
#define ASHLAR_EXT_ABI			1
#define ASHLAR_EXT_MAGIC		0x5458454c48534131ULL
#define ASHLAR_EXT_INFO_SYMBOL		"ashlar_ext_info"

#define ASHLAR_EXT_ARENA_SHIFT		25
#define ASHLAR_EXT_ARENA_SIZE		(1UL << ASHLAR_EXT_ARENA_SHIFT)
#define ASHLAR_EXT_GUARD		0x10000UL
#define ASHLAR_EXT_CHUNK		0x4000UL	/* four pages, whose shadow is one page */
#define ASHLAR_EXT_SHADOW_OFF		(ASHLAR_EXT_ARENA_SIZE + ASHLAR_EXT_GUARD)
#define ASHLAR_EXT_SHADOW_SIZE		(ASHLAR_EXT_ARENA_SIZE / 4)
#define ASHLAR_EXT_SHADOW_MAX		65535
/* at least so many bytes between two objects */
#define ASHLAR_EXT_REDZONE		16
#define ASHLAR_EXT_USTACK		0x4000UL	/* a second stack: one chunk */
#define ASHLAR_EXT_NAME			32

/* Offsets of struct ashlar_ext_ctx, for the pass and for assembly. */
#define ASHLAR_EXT_CTX_BASE		0
#define ASHLAR_EXT_CTX_FUEL		8
#define ASHLAR_EXT_CTX_USP		16
#define ASHLAR_EXT_CTX_USP_LIMIT	24
#define ASHLAR_EXT_CTX_SP_LIMIT		32
#define ASHLAR_EXT_CTX_PKT		40
#define ASHLAR_EXT_CTX_PKT_LEN		48
#define ASHLAR_EXT_CTX_PKT_WLEN		52
#define ASHLAR_EXT_CTX_STOP		56
#define ASHLAR_EXT_CTX_KIND		60
#define ASHLAR_EXT_CTX_GATE_SP		64
#define ASHLAR_EXT_CTX_FAULT_IP		72
#define ASHLAR_EXT_CTX_FAULT_ADDR	80
#define ASHLAR_EXT_CTX_FAULT_CODE	88
#define ASHLAR_EXT_CTX_FAULT_SIZE	92
#define ASHLAR_EXT_CTX_FUEL_MAX		96
#define ASHLAR_EXT_CTX_SIZE		128

/*
 * Why an extension was ended. The pass passes these to ashlar_ext_fail(); from STOP on they are the
 * shim's own. Numbers are part of the ABI.
 */
#define ASHLAR_EXT_FAULT_NONE		0
/* address outside the domain: NULL, wild, freed chunk */
#define ASHLAR_EXT_FAULT_RANGE		1
/* inside the arena, beyond or outside an object, or freed */
#define ASHLAR_EXT_FAULT_BOUNDS		2
/* beyond an object that the build knows: local, constant, state, span */
#define ASHLAR_EXT_FAULT_OBJECT		3
/* write to a constant or to a span lent for reading */
#define ASHLAR_EXT_FAULT_READONLY	4
#define ASHLAR_EXT_FAULT_NULL		5	/* what a call returned was not looked at */
#define ASHLAR_EXT_FAULT_FUEL		6
#define ASHLAR_EXT_FAULT_STACK		7	/* recursion too deep */
#define ASHLAR_EXT_FAULT_USTACK		8	/* second stack exhausted */
#define ASHLAR_EXT_FAULT_DIV		9	/* division by zero, or the quotient does not fit */
#define ASHLAR_EXT_FAULT_SHIFT		10
#define ASHLAR_EXT_FAULT_ICALL		11	/* indirect call to no function of that type */
#define ASHLAR_EXT_FAULT_UNREACHABLE	12
/* signed or size arithmetic that was to be checked */
#define ASHLAR_EXT_FAULT_OVERFLOW	13
#define ASHLAR_EXT_FAULT_RACE		14	/* --race: no lock is common to the accesses */
/* ended from outside: another invocation's fault, the operator */
#define ASHLAR_EXT_FAULT_STOP		32
#define ASHLAR_EXT_FAULT_TRAP		33	/* the processor trapped: the backstop */
/* a handle that is nobody's, another kind's or stale */
#define ASHLAR_EXT_FAULT_HANDLE		34
/* a buffer given to a call is not all the extension's */
#define ASHLAR_EXT_FAULT_BUFFER		35
#define ASHLAR_EXT_FAULT_FREE		36	/* freed twice, or never allocated */
#define ASHLAR_EXT_FAULT_REFCOUNT	37	/* one put too many */
#define ASHLAR_EXT_FAULT_LOCK_ORDER	38	/* rank not above those held: would deadlock */
/* not held, held already, or still held at the end */
#define ASHLAR_EXT_FAULT_LOCK_HELD	39
#define ASHLAR_EXT_FAULT_LOCK_TIME	40	/* waited or held too long */
/* a call that may not be made here, such as sleeping */
#define ASHLAR_EXT_FAULT_CONTEXT	41
#define ASHLAR_EXT_FAULT_ARGUMENT	42	/* a value that the call's contract rules out */
#define ASHLAR_EXT_FAULT_VERDICT	43	/* a hook returned no verdict */

/* What runs an invocation; ctx->kind, entry->kind. */
#define ASHLAR_EXT_ENTRY_HOOK		1	/* u32 fn(ext_pkt) */
#define ASHLAR_EXT_ENTRY_TIMER		2	/* void fn(u64 arg) */
#define ASHLAR_EXT_ENTRY_WORK		3	/* void fn(u64 arg); may sleep */
/* s32 fn(const void *in, u32 len, void *out, u32 room); may sleep */
#define ASHLAR_EXT_ENTRY_REQUEST	4
/* s32 fn(void); may sleep; first call of an instance */
#define ASHLAR_EXT_ENTRY_INIT		5
/* s32 fn(void *buf, u32 room): bytes written; upgrade, old version */
#define ASHLAR_EXT_ENTRY_SAVE		6
/* s32 fn(const void *buf, u32 len, u32 schema); upgrade, new version */
#define ASHLAR_EXT_ENTRY_RESTORE	7

/* info->flags: how it was built. */
#define ASHLAR_EXT_BUILD_SHADOW		1	/* precise; without: ranges only (--fast) */
#define ASHLAR_EXT_BUILD_RACE		2	/* --race */
/* --plain: no checks at all; for benchmarks, refused by the load gate */
#define ASHLAR_EXT_BUILD_PLAIN		4

/* Types of maps. */
#define ASHLAR_EXT_MAP_HASH		1
#define ASHLAR_EXT_MAP_ARRAY		2
#define ASHLAR_EXT_MAP_LRU		3
#define ASHLAR_EXT_MAP_COUNTER		4	/* per-CPU u64 counters, by index */

#ifndef __ASSEMBLER__

/**
 * struct ashlar_ext_entry - a function that the shim may call
 * @name: as the operator names it
 * @kind: ASHLAR_EXT_ENTRY_*
 * @flags: none yet
 * @fn: the function
 */
struct ashlar_ext_entry {
	char name[ASHLAR_EXT_NAME];
	uint32_t kind;
	uint32_t flags;
	const void *fn;
};

/**
 * struct ashlar_ext_map_def - a map that the extension declares
 * @name: unique in the extension
 * @type: ASHLAR_EXT_MAP_*
 * @key_size: bytes; 4 for arrays and counters
 * @value_size: bytes; 8 for counters
 * @max_entries: room
 * @schema: the extension's version of what is in a value; a map outlives an upgrade only if all of
 *	this is the same
 * @flags: none yet
 */
struct ashlar_ext_map_def {
	char name[ASHLAR_EXT_NAME];
	uint32_t type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t schema;
	uint32_t flags;
};

/**
 * struct ashlar_ext_lock_def - a lock that the extension declares
 * @name: unique in the extension
 * @rank: locks are taken in rising order of rank
 * @flags: none yet
 */
struct ashlar_ext_lock_def {
	char name[ASHLAR_EXT_NAME];
	uint32_t rank;
	uint32_t flags;
};

/**
 * struct ashlar_ext_object - an object of the image, for its shadow
 * @offset: from the arena's base, a multiple of 8
 * @size: bytes
 */
struct ashlar_ext_object {
	uint32_t offset;
	uint32_t size;
};

/**
 * struct ashlar_ext_info - an extension's stamp and table of contents, symbol ashlar_ext_info, made
 * by the pass
 * @magic: ASHLAR_EXT_MAGIC
 * @abi: ASHLAR_EXT_ABI
 * @pass: version of the pass
 * @flags: ASHLAR_EXT_BUILD_*
 * @schema: of the private state, for the upgrade
 * @name: of the extension
 * @version: the author's, for people
 * @build: of the sources and the flags; also the end of the module's name
 * @image_size: bytes, whole chunks; 0 for none
 * @state_off: of the private state: @image_size rounded up to a chunk
 * @state_size: bytes
 * @image: what is copied to the arena
 * @relocs: offsets in the image of pointers into it: each gets base - image added
 * @objects: of the image
 * @entries: functions
 * @maps: maps
 * @locks: locks
 * @nr_relocs: count
 * @nr_objects: count
 * @nr_entries: count
 * @nr_maps: count
 * @nr_locks: count
 * @stack_max: bytes that the deepest call of an entry needs; recursion is checked at run time
 *	against ctx->sp_limit
 * @text_start: first byte of the extension's functions
 * @text_end: behind them
 * @pads_start: landing pads of the backstop: ashlar_ext_pads.S; every entry of the exception table
 *	leads there
 * @pads_end: behind them
 * @pad_ips: for each pad the address it stands for, as an offset from @text_start
 * @nr_pads: count
 * @pad_size: bytes a pad
 */
struct ashlar_ext_info {
	uint64_t magic;
	uint32_t abi;
	uint32_t pass;
	uint32_t flags;
	uint32_t schema;
	char name[ASHLAR_EXT_NAME];
	char version[ASHLAR_EXT_NAME];
	char build[ASHLAR_EXT_NAME];
	uint32_t image_size;
	uint32_t state_off;
	uint32_t state_size;
	uint32_t stack_max;
	const void *image;
	const uint32_t *relocs;
	const struct ashlar_ext_object *objects;
	const struct ashlar_ext_entry *entries;
	const struct ashlar_ext_map_def *maps;
	const struct ashlar_ext_lock_def *locks;
	uint32_t nr_relocs;
	uint32_t nr_objects;
	uint32_t nr_entries;
	uint32_t nr_maps;
	uint32_t nr_locks;
	uint32_t nr_pads;
	const void *text_start;
	const void *text_end;
	const void *pads_start;
	const void *pads_end;
	const uint32_t *pad_ips;
	uint64_t pad_size;
};

/**
 * struct ashlar_ext_ctx - an invocation, as instrumented code sees it; the shim's own fields follow
 * it
 * @base: of the arena
 * @fuel: what is left; every back edge and function entry takes of it; below 0 the invocation ends.
 *	Another CPU may write it to end the invocation
 * @usp: second stack: grows down from here
 * @usp_limit: its lowest address
 * @sp_limit: the processor's stack must not go below
 * @pkt: where the packet's linear data begin, 0 without a packet
 * @pkt_len: bytes from @pkt that may be read
 * @pkt_wlen: bytes from @pkt that may be written: 0 or @pkt_len
 * @stop: not 0: leave. A call of the shim sets it (ASHLAR_EXT_FAULT_*) and returns; the code after
 *	the call, made by the pass, goes to ashlar_ext_fail(ctx, 0, code)
 * @kind: ASHLAR_EXT_ENTRY_*
 * @gate_sp: stack pointer of the entry gate, where a failure returns to
 * @fault_ip: address behind the call of ashlar_ext_fail(), or what the landing pad stands for
 * @fault_addr: the address that was accessed; the value that was wrong
 * @fault_code: ASHLAR_EXT_FAULT_*; 0 while all is well
 * @fault_size: bytes of the access; bit 31: a write
 * @fuel_max: what @fuel began with
 */
struct ashlar_ext_ctx {
	uint64_t base;
	int64_t fuel;
	uint64_t usp;
	uint64_t usp_limit;
	uint64_t sp_limit;
	uint64_t pkt;
	uint32_t pkt_len;
	uint32_t pkt_wlen;
	uint32_t stop;
	uint32_t kind;
	uint64_t gate_sp;
	uint64_t fault_ip;
	uint64_t fault_addr;
	uint32_t fault_code;
	uint32_t fault_size;
	int64_t fuel_max;
	uint64_t spare[3];
};

#define ASHLAR_EXT_FAULT_WRITE		0x80000000U

/* How an access is, for ashlar_ext_race(). */
#define ASHLAR_EXT_RACE_WRITE		1
#define ASHLAR_EXT_RACE_ATOMIC		2

/*
 * What the pass calls besides the calls of ext_api.h; in assembly in the shim:
 *
 * ashlar_ext_fail(ctx, addr, code, size): does not return; records and goes back to the gate.
 * ashlar_ext_window(ctx, addr, size): 1 if the bytes are of the packet as it is lent now, else 0;
 * preserves every
 *	register but rax and r11 (clang: preserve_most). For pointers of which the build cannot tell
 *	whence they come. bit 31 of size: a write.
 * ashlar_ext_range(ctx, addr, len, write): what memcpy and its like need of a length only known
 * now; returns if all of
 *	it is the extension's, in one object, else sets ctx->stop and the fault's fields. A call
 *	like those of ext_api.h.
 * ashlar_ext_race(ctx, addr, len, how): --race, before each access to what others may have, too;
 *	sets ctx->stop if another invocation accesses it at the same time and one of the two writes,
 *	unless both are atomic. A call like those of ext_api.h.
 */

#endif /* __ASSEMBLER__ */
#endif /* ASHLAR_EXT_ABI_H */
