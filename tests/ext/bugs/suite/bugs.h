/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bug suite: one extension with an entry for each bug and one, its name and _fixed, without it.
 * tests/ext/bugs.py reads the comment before each; see tests/lib/ext_bugs.py for its words.
 *
 * What would let the compiler see a bug, and so act on it, comes from the request: words of 32
 * bits.
 */
#ifndef EXT_BUGS_H
#define EXT_BUGS_H

#include <ashlar/ext.h>

/**
 * struct bugs - private state of the suite
 * @kept: memory that outlives an invocation
 * @pkt: a packet's handle that an invocation kept although it was lent
 * @list: a list, whose end may be its beginning
 * @count: what several invocations count in without a lock
 * @guarded: the same, with one
 * @served: packets that the hook pass saw
 * @secret: nobody else's
 */
struct bugs {
	void *kept;
	u64 pkt;
	struct node *list;
	u64 count;
	u64 guarded;
	u64 served;
	u64 secret;
};

struct node {
	struct node *next;
	u64 value;
};

/* A request, its entry and its head. */
#define REQUEST(fn_) \
	static s32 fn_(const void *in, u32 len, void *out, u32 room); \
	EXT_REQUEST(fn_); \
	static s32 fn_(const void *in, u32 len, void *out, u32 room)

#define HOOK(fn_) \
	static enum ext_verdict fn_(ext_pkt pkt); \
	EXT_HOOK(fn_); \
	static enum ext_verdict fn_(ext_pkt pkt)

/* The request's word n, 0 where there is none. */
static inline u32 arg(const void *in, u32 len, u32 n)
{
	const u32 *words = in;

	return n < len / 4 ? words[n] : 0;
}

static inline u64 arg64(const void *in, u32 len, u32 n)
{
	return arg(in, len, n) | (u64)arg(in, len, n + 1) << 32;
}

/* Every request answers with one number. */
static inline s32 answer(void *out, u32 room, u64 value)
{
	if (room < sizeof(value))
		return -EXT_EMSGSIZE;
	*(u64 *)out = value;
	return sizeof(value);
}

#endif /* EXT_BUGS_H */
