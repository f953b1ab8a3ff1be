// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: unparsable
 * class: forbidden symbol
 * about: what Coccinelle cannot read, its rules cannot judge
 * message: (parse|Coccinelle)
 */
#include <ashlar/ext.h>

EXTENSION("unparsable", "1", 0, u64);

#define guard_of(name_, lock_) for (u32 name_ = (ext_lock(lock_), 1); name_; name_ = (ext_unlock(lock_), 0))	/* BUG */
#define scoped(lock_) guard_of(once_, lock_)
#define begin {
#define end }

EXT_LOCK(one, 1);

static s32 run(const void *in, u32 len, void *out, u32 room)
begin
	(void)in;
	(void)out;
	(void)room;
	scoped(&one) return len;
	return 0;
end
EXT_REQUEST(run);
