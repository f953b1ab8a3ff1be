// SPDX-License-Identifier: GPL-2.0-only
/* The extension itself, and what it does not and shall not catch. */
#include "bugs.h"

EXTENSION("bugs", "1", 1, struct bugs);

/* Not inlined: what is handed to it may be anything. */
static noinline void poke(u64 *at, u64 index, u64 value)
{
	at[index] = value;
}

/*
 * control: far_object
 * about: an index so far beyond an object that it meets another one of the extension's own: in the
 *	domain, so that only the extension is the worse for it
 * in: 0
 * outcome: harmless 1
 */
REQUEST(far_object)
{
	u64 *a = ext_alloc(64), *b = ext_alloc(64);
	u64 value;

	if (!a || !b)
		return -EXT_ENOMEM;
	poke(a, ((u64)b - (u64)a) / 8 + arg(in, len, 0), 1);
	value = b[0];
	ext_free(a);
	ext_free(b);
	return answer(out, room, value);
}

/*
 * control: logic
 * about: a wrong decision
 * in: 10 20
 * outcome: harmless 20
 */
REQUEST(logic)
{
	u32 a = arg(in, len, 0), b = arg(in, len, 1);

	return answer(out, room, a < b ? b : a);	/* the smaller was wanted */
}

/*
 * control: cve_2021_27364
 * about: whoever may ask gets the secret: a check of who asks is missing
 * outcome: harmless 0x5ec7e7
 */
REQUEST(cve_2021_27364)
{
	ext_state(struct bugs)->secret = 0x5ec7e7;
	return answer(out, room, ext_state(struct bugs)->secret + arg(in, len, 0));
}

/*
 * control: cve_2022_4842
 * about: the wrong variable is tested
 * in: 1 0
 * outcome: harmless 1
 */
REQUEST(cve_2022_4842)
{
	u32 want = arg(in, len, 0), got = arg(in, len, 1);

	if (want)	/* got was to be tested */
		return answer(out, room, want);
	return answer(out, room, got);
}

/*
 * control: overwritten
 * about: one member of a struct overruns into the next
 * in: 8
 * outcome: harmless 1
 */
struct record {
	u8 name[8];
	u64 owner;
};

REQUEST(overwritten)
{
	struct record *record = ext_alloc(sizeof(*record));
	u8 *name = (u8 *)record;
	u64 owner;

	if (!record)
		return -EXT_ENOMEM;
	name[arg(in, len, 0)] = 1;
	owner = record->owner;
	ext_free(record);
	return answer(out, room, owner);
}

/*
 * control: stale_entry
 * about: memory that is given out again after much else was freed: its old owner sees what the new
 *	one wrote
 * in: 40000
 * outcome: harmless 1
 */
REQUEST(stale_entry)
{
	u8 *p = ext_alloc(1000), *q = NULL;

	if (!p)
		return -EXT_ENOMEM;
	ext_free(p);
	for (u32 i = 0; i < arg(in, len, 0) && p != q; i++) {
		ext_free(q);
		q = ext_alloc(1000);
		if (!q)
			return -EXT_ENOMEM;
	}
	if (p == q)
		p[0] = 1;
	return answer(out, room, q[0]);
}
