/* SPDX-License-Identifier: GPL-2.0-only */
/* What an instance owns, by kind; and the calls, by number. Tables made of macros. */
#ifndef ASHLAR_EXT_KINDS_H
#define ASHLAR_EXT_KINDS_H

#include <ashlar/ext_api.h>

/* X(name, text): in the order in which they are taken back */
#define EX_KINDS(X) \
	X(LOCK, "lock") \
	X(TIMER, "timer") \
	X(WORK, "work") \
	X(PACKET, "packet") \
	X(DEVICE, "device") \
	X(OBJECT, "object") \
	X(MEMORY, "memory block")

enum ex_kind {
#define EX_KIND_ENUM(name, text) EX_KIND_##name,
	EX_KINDS(EX_KIND_ENUM)
#undef EX_KIND_ENUM
	EX_KIND_COUNT
};

/* Numbers of the calls, for the ring of last calls. */
enum ex_call_id {
#define EX_CALL_ENUM(name, flags) EX_CALL_##name,
	ASHLAR_EXT_CALLS(EX_CALL_ENUM)
#undef EX_CALL_ENUM
	EX_CALL_COUNT
};

/* What the author calls them. */
#define EX_CALL_NAME(name, flags) #name,
#define EX_CALL_NAMES { ASHLAR_EXT_CALLS(EX_CALL_NAME) }

#endif /* ASHLAR_EXT_KINDS_H */
