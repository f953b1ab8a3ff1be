// SPDX-License-Identifier: GPL-2.0-only
/*
 * refused: entry_type
 * class: type confusion
 * about: a hook with a timer's arguments
 * message: (a hook is|static assertion|static_assert)
 */
#include <ashlar/ext.h>

EXTENSION("entry_type", "1", 0, u64);

static void hook(u64 arg)
{
	(void)arg;
}
EXT_HOOK(hook);	/* BUG */
