/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cases have in common. */
#ifndef CASES_H
#define CASES_H

#include <ashlar/ext.h>

struct state {
	u64 count;
	u32 table[16];
	u8 *kept;
	void *pointers[4];
	s32 (*fn)(s32);
};

struct value {
	u8 bytes[24];
};

struct node {
	struct node *next;
	u64 a, b, c;
	u8 tail[5];
};

#define CASE(name_) \
	static s32 name_(const void *in, u32 zero, void *out, u32 room); \
	EXT_REQUEST(name_); \
	static s32 name_(const void *in, u32 zero, void *out, u32 room)
#define PACKET(name_) \
	static enum ext_verdict name_(ext_pkt pkt); \
	EXT_HOOK(name_); \
	static enum ext_verdict name_(ext_pkt pkt)

/* What the compiler must not see through. */
static noinline void *opaque(void *p)
{
	void *volatile *at = &ext_state(struct state)->pointers[3];

	*at = p;
	return *at;
}

#endif /* CASES_H */
