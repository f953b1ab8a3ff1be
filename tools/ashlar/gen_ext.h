/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_ext.yaml. */

#ifndef ASHLAR_GEN_EXT_H
#define ASHLAR_GEN_EXT_H

#include <linux/ashlar_ext.h>

#include "spec.h"

static const struct spec_value event_values[] = {
	{ "new",
	  "It was loaded, approved, started, attached or written." },
	{ "set",
	  "It was changed." },
	{ "del",
	  "It was unloaded, revoked, ended, detached or deleted." },
	{ "refused",
	  "The load gate did not let the module in." },
	{ "quarantined",
	  "It broke its contract, or the operator said so; nothing of it runs any more." },
	{ "restarted",
	  "It was started anew after a quarantine." },
	{ "upgraded",
	  "Another version runs, on trial." },
	{ "kept",
	  "The new version passed its trial." },
	{ "rolled-back",
	  "The new version failed its trial; the old one runs again." },
	{ "freed",
	  "The extension is no longer in quarantine." },
};

static const struct spec_enum enum_event = {
	"event", 10, event_values,
};

static const struct spec_value kind_values[] = {
	{ "none",
	  "Nothing." },
	{ "hook",
	  "Packets." },
	{ "timer",
	  "A time that has come." },
	{ "work",
	  "Deferred work." },
	{ "request",
	  "A request of user space." },
	{ "init",
	  "The start of an instance." },
	{ "save",
	  "An upgrade, in the old version." },
	{ "restore",
	  "An upgrade, in the new version." },
};

static const struct spec_enum enum_kind = {
	"kind", 8, kind_values,
};

static const struct spec_value state_values[] = {
	{ "starting",
	  "Its first entry runs." },
	{ "running",
	  "It serves." },
	{ "trial",
	  "It serves; the version before it stands by." },
	{ "frozen",
	  "It stands by while its successor is on trial." },
	{ "quarantined",
	  "It was ended; its hooks give the failure verdict." },
	{ "dead",
	  "It is being taken down." },
};

static const struct spec_enum enum_state = {
	"state", 6, state_values,
};

static const struct spec_value hook_values[] = {
	{ "prerouting",
	  "All that arrives, before routing." },
	{ "input",
	  "What is for this namespace." },
	{ "forward",
	  "What passes through." },
	{ "output",
	  "What is sent from here." },
	{ "postrouting",
	  "All that leaves, after routing." },
	{ "ingress",
	  "All that a device receives, before the stack." },
};

static const struct spec_enum enum_hook = {
	"hook", 6, hook_values,
};

static const struct spec_value family_values[] = {
	{ "both",
	  "IPv4 and IPv6." },
	{ "ipv4",
	  "IPv4." },
	{ "ipv6",
	  "IPv6." },
};

static const struct spec_enum enum_family = {
	"family", 3, family_values,
};

static const struct spec_value fail_values[] = {
	{ "drop",
	  "It is dropped." },
	{ "accept",
	  "It passes." },
};

static const struct spec_enum enum_fail = {
	"fail", 2, fail_values,
};

static const struct spec_value map_type_values[] = {
	{ "none",
	  "Nothing." },
	{ "hash",
	  "Entries by key, as many as there is room for." },
	{ "array",
	  "Values by index." },
	{ "lru",
	  "Entries by key; the least used one makes room." },
	{ "counter",
	  "Numbers by index, counted on each CPU and summed when read." },
};

static const struct spec_enum enum_map_type = {
	"map-type", 5, map_type_values,
};

static const struct spec_value place_values[] = {
	{ "unknown",
	  "Nothing is known of it." },
	{ "null",
	  "It is near 0, where a null pointer leads." },
	{ "wild",
	  "It is outside of the extension's memory." },
	{ "unmapped",
	  "It is in the extension's part of the address space, where nothing was allocated yet." },
	{ "image",
	  "A constant." },
	{ "state",
	  "The private state." },
	{ "heap",
	  "A block of memory in use." },
	{ "freed",
	  "A block of memory that was freed." },
	{ "redzone",
	  "Between two objects." },
	{ "stack",
	  "A local variable on the second stack." },
	{ "map",
	  "A value of a map." },
	{ "packet",
	  "The packet, or right behind it." },
};

static const struct spec_enum enum_place = {
	"place", 12, place_values,
};

static const struct spec_value cause_values[] = {
	{ "none",
	  "It was not." },
	{ "range",
	  "It used an address outside of its memory." },
	{ "bounds",
	  "It used memory beyond the end of an object, between objects, or freed." },
	{ "object",
	  "It used memory beyond an object whose size the compiler knew." },
	{ "readonly",
	  "It wrote to a constant, or to a packet lent for reading." },
	{ "null",
	  "It used what a call returned without looking whether it failed." },
	{ "fuel",
	  "It ran too long: a loop without end, or the quota is too small." },
	{ "stack",
	  "It called itself too deep." },
	{ "ustack",
	  "Its local variables did not fit its second stack." },
	{ "div",
	  "It divided by zero, or the quotient does not fit." },
	{ "shift",
	  "It shifted by more than the width of the value." },
	{ "icall",
	  "It called through a pointer that is no function of that type." },
	{ "unreachable",
	  "It came where the program says that it cannot come." },
	{ "overflow",
	  "Arithmetic on sizes overflowed." },
	{ "race",
	  "Memory was used by two CPUs at once without a lock in common." },
	{ "stopped",
	  "It was ended from outside, by the operator or for another one's fault." },
	{ "trap",
	  "The processor trapped where no check stood before it." },
	{ "handle",
	  "It gave back, or used, a handle that is not its own, or no longer." },
	{ "buffer",
	  "A buffer that it gave to a call is not all its own." },
	{ "free",
	  "It freed twice, or what was never allocated." },
	{ "refcount",
	  "It put a reference once too often." },
	{ "lock-order",
	  "It took locks in an order that may deadlock." },
	{ "lock-held",
	  "It took a lock twice, gave one back that it did not hold, or ended with one held." },
	{ "lock-time",
	  "It waited for a lock, or held one, for too long." },
	{ "context",
	  "It made a call that may not be made there, such as to sleep in a packet hook." },
	{ "argument",
	  "It gave a call a value that the call's contract rules out." },
	{ "verdict",
	  "Its hook returned no verdict." },
};

static const struct spec_enum enum_cause = {
	"cause", 27, cause_values,
};

static const struct spec_attr ext_attrs[] = {
	[ASHLAR_EXT_A_EXT_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_EXT_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_EXT_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_EXT_VERSION] = {
		.name = "version", .type = SPEC_STRING,
		.doc =
			"The author's word for its version.",
	},
	[ASHLAR_EXT_A_EXT_BUILD] = {
		.name = "build", .type = SPEC_STRING,
		.doc =
			"Identifier of its build.",
	},
	[ASHLAR_EXT_A_EXT_MODULE] = {
		.name = "module", .type = SPEC_STRING,
		.doc =
			"Name of its module.",
	},
	[ASHLAR_EXT_A_EXT_PRECISE] = {
		.name = "precise", .type = SPEC_FLAG,
		.doc =
			"Built with precise checks; else each access is kept within the extension's memory, not within its object.",
	},
	[ASHLAR_EXT_A_EXT_RACE] = {
		.name = "race", .type = SPEC_FLAG,
		.doc =
			"Built to report races.",
	},
	[ASHLAR_EXT_A_EXT_QUARANTINED] = {
		.name = "quarantined", .type = SPEC_FLAG,
		.doc =
			"Too many faults in short order: no instance is started until it is approved anew.",
	},
	[ASHLAR_EXT_A_EXT_SCHEMA] = {
		.name = "schema", .type = SPEC_U32,
		.doc =
			"Number of the layout of its private state.",
	},
	[ASHLAR_EXT_A_EXT_STATE_SIZE] = {
		.name = "state-size", .type = SPEC_U32,
		.doc =
			"Bytes of its private state.",
	},
	[ASHLAR_EXT_A_EXT_TEXT_SIZE] = {
		.name = "text-size", .type = SPEC_U32,
		.doc =
			"Bytes of its code.",
	},
	[ASHLAR_EXT_A_EXT_STACK_MAX] = {
		.name = "stack-max", .type = SPEC_U32,
		.doc =
			"Bytes of the processor's stack that it needs at most, recursion aside.",
	},
	[ASHLAR_EXT_A_EXT_USERS] = {
		.name = "users", .type = SPEC_U32,
		.doc =
			"Instances that hold it, of all namespaces.",
	},
	[ASHLAR_EXT_A_EXT_FAULTS] = {
		.name = "faults", .type = SPEC_U64,
		.doc =
			"Quarantines of its instances since it was loaded.",
	},
	[ASHLAR_EXT_A_EXT_AGE_MS] = {
		.name = "age-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since it was loaded.",
	},
	[ASHLAR_EXT_A_EXT_ENTRY] = {
		.name = "entry", .type = SPEC_STRING, .multi = true,
		.doc =
			"Its entries.",
	},
	[ASHLAR_EXT_A_EXT_ENTRY_KIND] = {
		.name = "entry-kind",
		.type = SPEC_U32,
		.multi = true,
		.values = &enum_kind,
		.doc =
			"Their kinds, in the same order.",
	},
	[ASHLAR_EXT_A_EXT_MAP] = {
		.name = "map", .type = SPEC_STRING, .multi = true,
		.doc =
			"Its maps.",
	},
};

static const struct spec_attr veto_attrs[] = {
	[ASHLAR_EXT_A_VETO_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_VETO_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_VETO_MODULE] = {
		.name = "module", .type = SPEC_STRING,
		.doc =
			"Name of the module.",
	},
	[ASHLAR_EXT_A_VETO_REASON] = {
		.name = "reason", .type = SPEC_STRING,
		.doc =
			"Why.",
	},
	[ASHLAR_EXT_A_VETO_NUMBER] = {
		.name = "number", .type = SPEC_U64,
		.doc =
			"Its number, from 1 on.",
	},
	[ASHLAR_EXT_A_VETO_AGE_MS] = {
		.name = "age-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since then.",
	},
};

static const struct spec_attr approval_attrs[] = {
	[ASHLAR_EXT_A_APPROVAL_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_APPROVAL_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_APPROVAL_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_APPROVAL_NETNS_FD] = {
		.name = "netns-fd", .type = SPEC_U32,
		.doc =
			"A file descriptor of the namespace. Without it and any, the namespace of the socket.",
	},
	[ASHLAR_EXT_A_APPROVAL_ANY] = {
		.name = "any", .type = SPEC_FLAG,
		.doc =
			"All namespaces, those to come included.",
	},
	[ASHLAR_EXT_A_APPROVAL_NETNS] = {
		.name = "netns", .type = SPEC_U32,
		.doc =
			"Number of the namespace's inode, as in /proc/PID/ns/net.",
	},
	[ASHLAR_EXT_A_APPROVAL_MEMORY] = {
		.name = "memory", .type = SPEC_U64,
		.doc =
			"Bytes of memory that an instance may have.",
	},
	[ASHLAR_EXT_A_APPROVAL_FUEL] = {
		.name = "fuel", .type = SPEC_U64,
		.doc =
			"Loop turns and function calls of one invocation.",
	},
	[ASHLAR_EXT_A_APPROVAL_LOCK_NS] = {
		.name = "lock-ns", .type = SPEC_U64,
		.doc =
			"Nanoseconds that it may wait for a lock, or hold one.",
	},
	[ASHLAR_EXT_A_APPROVAL_PPS] = {
		.name = "pps", .type = SPEC_U32,
		.doc =
			"Packets a second; 0 for no limit.",
	},
	[ASHLAR_EXT_A_APPROVAL_CPU_PERMILLE] = {
		.name = "cpu-permille", .type = SPEC_U32,
		.doc =
			"Thousandths of each CPU's time; 0 for no limit.",
	},
};

static const struct spec_attr instance_attrs[] = {
	[ASHLAR_EXT_A_INSTANCE_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_INSTANCE_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_INSTANCE_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_INSTANCE_NETNS] = {
		.name = "netns", .type = SPEC_U32,
		.doc =
			"Number of the namespace's inode, as in /proc/PID/ns/net.",
	},
	[ASHLAR_EXT_A_INSTANCE_ALL] = {
		.name = "all", .type = SPEC_FLAG,
		.doc =
			"Those of all namespaces; takes CAP_NET_ADMIN in the initial user namespace.",
	},
	[ASHLAR_EXT_A_INSTANCE_VERSION] = {
		.name = "version", .type = SPEC_STRING,
		.doc =
			"The author's word for its version.",
	},
	[ASHLAR_EXT_A_INSTANCE_BUILD] = {
		.name = "build", .type = SPEC_STRING,
		.doc =
			"Identifier of the build that runs; of an upgrade, the one that shall run.",
	},
	[ASHLAR_EXT_A_INSTANCE_STATE] = {
		.name = "state", .type = SPEC_U32, .values = &enum_state,
		.doc =
			"How it is.",
	},
	[ASHLAR_EXT_A_INSTANCE_AGE_MS] = {
		.name = "age-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since it was started.",
	},
	[ASHLAR_EXT_A_INSTANCE_TRIAL_MS] = {
		.name = "trial-ms", .type = SPEC_U32,
		.doc =
			"Milliseconds of trial that are left; of an upgrade, that there shall be.",
	},
	[ASHLAR_EXT_A_INSTANCE_PREVIOUS] = {
		.name = "previous", .type = SPEC_STRING,
		.doc =
			"Identifier of the build that stands by.",
	},
	[ASHLAR_EXT_A_INSTANCE_MEMORY] = {
		.name = "memory", .type = SPEC_U64,
		.doc =
			"Bytes of memory that an instance may have.",
	},
	[ASHLAR_EXT_A_INSTANCE_FUEL] = {
		.name = "fuel", .type = SPEC_U64,
		.doc =
			"Loop turns and function calls of one invocation.",
	},
	[ASHLAR_EXT_A_INSTANCE_LOCK_NS] = {
		.name = "lock-ns", .type = SPEC_U64,
		.doc =
			"Nanoseconds that it may wait for a lock, or hold one.",
	},
	[ASHLAR_EXT_A_INSTANCE_PPS] = {
		.name = "pps", .type = SPEC_U32,
		.doc =
			"Packets a second; 0 for no limit.",
	},
	[ASHLAR_EXT_A_INSTANCE_CPU_PERMILLE] = {
		.name = "cpu-permille", .type = SPEC_U32,
		.doc =
			"Thousandths of each CPU's time; 0 for no limit.",
	},
	[ASHLAR_EXT_A_INSTANCE_MEMORY_USED] = {
		.name = "memory-used", .type = SPEC_U64,
		.doc =
			"Bytes of memory that it has.",
	},
	[ASHLAR_EXT_A_INSTANCE_FUEL_MAX] = {
		.name = "fuel-max", .type = SPEC_U64,
		.doc =
			"The most fuel that one invocation took.",
	},
	[ASHLAR_EXT_A_INSTANCE_RUNS] = {
		.name = "runs", .type = SPEC_U64,
		.doc =
			"Invocations that were begun.",
	},
	[ASHLAR_EXT_A_INSTANCE_ACCEPTED] = {
		.name = "accepted", .type = SPEC_U64,
		.doc =
			"Packets accepted.",
	},
	[ASHLAR_EXT_A_INSTANCE_DROPPED] = {
		.name = "dropped", .type = SPEC_U64,
		.doc =
			"Packets dropped.",
	},
	[ASHLAR_EXT_A_INSTANCE_FAILED_DROPPED] = {
		.name = "failed-dropped", .type = SPEC_U64,
		.doc =
			"Packets dropped by the failure verdict.",
	},
	[ASHLAR_EXT_A_INSTANCE_FAILED_ACCEPTED] = {
		.name = "failed-accepted", .type = SPEC_U64,
		.doc =
			"Packets accepted by the failure verdict.",
	},
	[ASHLAR_EXT_A_INSTANCE_FAULTS] = {
		.name = "faults", .type = SPEC_U64,
		.doc =
			"Quarantines so far, those before a restart or an upgrade included.",
	},
	[ASHLAR_EXT_A_INSTANCE_LAST_FAULT] = {
		.name = "last-fault", .type = SPEC_U32, .values = &enum_cause,
		.doc =
			"Why it was ended.",
	},
};

static const struct spec_attr hook_attrs[] = {
	[ASHLAR_EXT_A_HOOK_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_HOOK_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_HOOK_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_HOOK_NETNS] = {
		.name = "netns", .type = SPEC_U32,
		.doc =
			"Number of the namespace's inode, as in /proc/PID/ns/net.",
	},
	[ASHLAR_EXT_A_HOOK_ALL] = {
		.name = "all", .type = SPEC_FLAG,
		.doc =
			"Those of all namespaces; takes CAP_NET_ADMIN in the initial user namespace.",
	},
	[ASHLAR_EXT_A_HOOK_ENTRY] = {
		.name = "entry", .type = SPEC_STRING,
		.doc =
			"The entry that packets are handed to.",
	},
	[ASHLAR_EXT_A_HOOK_HOOK] = {
		.name = "hook", .type = SPEC_U32, .values = &enum_hook,
		.doc =
			"Where.",
	},
	[ASHLAR_EXT_A_HOOK_IFINDEX] = {
		.name = "ifindex", .type = SPEC_U32,
		.doc =
			"Index of the device, for ingress.",
	},
	[ASHLAR_EXT_A_HOOK_DEVICE] = {
		.name = "device", .type = SPEC_STRING,
		.doc =
			"Its name.",
	},
	[ASHLAR_EXT_A_HOOK_FAMILY] = {
		.name = "family", .type = SPEC_U32, .values = &enum_family,
		.doc =
			"Of which protocol; both if not told.",
	},
	[ASHLAR_EXT_A_HOOK_PRIORITY] = {
		.name = "priority", .type = SPEC_S32,
		.doc =
			"Order among the hook's users, the lowest first; 0 if not told.",
	},
	[ASHLAR_EXT_A_HOOK_FAIL] = {
		.name = "fail", .type = SPEC_U32, .values = &enum_fail,
		.doc =
			"What becomes of a packet when the extension cannot say. It must be told.",
	},
};

static const struct spec_attr report_attrs[] = {
	[ASHLAR_EXT_A_REPORT_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_REPORT_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_REPORT_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_REPORT_NETNS] = {
		.name = "netns", .type = SPEC_U32,
		.doc =
			"Number of the namespace's inode, as in /proc/PID/ns/net.",
	},
	[ASHLAR_EXT_A_REPORT_VERSION] = {
		.name = "version", .type = SPEC_STRING,
		.doc =
			"The author's word for its version.",
	},
	[ASHLAR_EXT_A_REPORT_BUILD] = {
		.name = "build", .type = SPEC_STRING,
		.doc =
			"Identifier of its build.",
	},
	[ASHLAR_EXT_A_REPORT_MODULE] = {
		.name = "module", .type = SPEC_STRING,
		.doc =
			"Name of its module.",
	},
	[ASHLAR_EXT_A_REPORT_AGE_MS] = {
		.name = "age-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since then.",
	},
	[ASHLAR_EXT_A_REPORT_FAULTS] = {
		.name = "faults", .type = SPEC_U64,
		.doc =
			"Quarantines of the instance so far, this one included.",
	},
	[ASHLAR_EXT_A_REPORT_FAULT] = {
		.name = "fault", .type = SPEC_U32, .values = &enum_cause,
		.doc =
			"Its kind.",
	},
	[ASHLAR_EXT_A_REPORT_TEXT] = {
		.name = "text", .type = SPEC_STRING,
		.doc =
			"What the call says that found it.",
	},
	[ASHLAR_EXT_A_REPORT_ENTRY] = {
		.name = "entry", .type = SPEC_STRING,
		.doc =
			"The entry that ran.",
	},
	[ASHLAR_EXT_A_REPORT_KIND] = {
		.name = "kind", .type = SPEC_U32, .values = &enum_kind,
		.doc =
			"What it was called for.",
	},
	[ASHLAR_EXT_A_REPORT_CPU] = {
		.name = "cpu", .type = SPEC_U32,
		.doc =
			"On which CPU.",
	},
	[ASHLAR_EXT_A_REPORT_TASK] = {
		.name = "task", .type = SPEC_STRING,
		.doc =
			"Name of the task that was running there.",
	},
	[ASHLAR_EXT_A_REPORT_OFFSET] = {
		.name = "offset", .type = SPEC_U64_HEX,
		.doc =
			"Where in the extension's code, from the start of its text: behind the check that failed, or at the instruction that trapped.",
	},
	[ASHLAR_EXT_A_REPORT_ADDRESS] = {
		.name = "address", .type = SPEC_U64_HEX,
		.doc =
			"The address that was used; told only to the host's administrator if it is a kernel address.",
	},
	[ASHLAR_EXT_A_REPORT_ARENA_OFFSET] = {
		.name = "arena-offset", .type = SPEC_U64_HEX,
		.doc =
			"The same from the start of the extension's memory, if it is in it.",
	},
	[ASHLAR_EXT_A_REPORT_SIZE] = {
		.name = "size", .type = SPEC_U32,
		.doc =
			"Bytes that were used.",
	},
	[ASHLAR_EXT_A_REPORT_WRITE] = {
		.name = "write", .type = SPEC_FLAG,
		.doc =
			"They were written.",
	},
	[ASHLAR_EXT_A_REPORT_PLACE] = {
		.name = "place", .type = SPEC_U32, .values = &enum_place,
		.doc =
			"What is there.",
	},
	[ASHLAR_EXT_A_REPORT_OBJECT_OFFSET] = {
		.name = "object-offset", .type = SPEC_U32,
		.doc =
			"Where in it the address is: bytes from its beginning.",
	},
	[ASHLAR_EXT_A_REPORT_OBJECT_SIZE] = {
		.name = "object-size", .type = SPEC_U32,
		.doc =
			"Bytes of it.",
	},
	[ASHLAR_EXT_A_REPORT_CALL] = {
		.name = "call", .type = SPEC_STRING, .multi = true,
		.doc =
			"The last calls of the invocation, the oldest first.",
	},
	[ASHLAR_EXT_A_REPORT_CALL_ARG] = {
		.name = "call-arg", .type = SPEC_U64_HEX, .multi = true,
		.doc =
			"First argument of each.",
	},
	[ASHLAR_EXT_A_REPORT_RECLAIMED] = {
		.name = "reclaimed", .type = SPEC_STRING, .multi = true,
		.doc =
			"What was taken back, by kind.",
	},
	[ASHLAR_EXT_A_REPORT_RECLAIMED_COUNT] = {
		.name = "reclaimed-count", .type = SPEC_U64, .multi = true,
		.doc =
			"How many of each.",
	},
	[ASHLAR_EXT_A_REPORT_BYTES] = {
		.name = "bytes", .type = SPEC_U64,
		.doc =
			"Bytes of memory that were taken back.",
	},
	[ASHLAR_EXT_A_REPORT_LOG] = {
		.name = "log", .type = SPEC_STRING, .multi = true,
		.doc =
			"The last lines that the extension wrote.",
	},
	[ASHLAR_EXT_A_REPORT_ROLLED_BACK] = {
		.name = "rolled-back", .type = SPEC_FLAG,
		.doc =
			"It was on trial: the version before it runs again.",
	},
	[ASHLAR_EXT_A_REPORT_EXT_QUARANTINED] = {
		.name = "ext-quarantined", .type = SPEC_FLAG,
		.doc =
			"It was one too many: the extension is in quarantine everywhere.",
	},
	[ASHLAR_EXT_A_REPORT_OTHER_OFFSET] = {
		.name = "other-offset", .type = SPEC_U64_HEX,
		.doc =
			"Of a race: where in the extension's code the other access is, as offset tells it of this one.",
	},
};

static const struct spec_attr request_attrs[] = {
	[ASHLAR_EXT_A_REQUEST_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_REQUEST_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_REQUEST_ENTRY] = {
		.name = "entry", .type = SPEC_STRING,
		.doc =
			"The entry.",
	},
	[ASHLAR_EXT_A_REQUEST_DATA] = {
		.name = "data", .type = SPEC_BINARY_HEX,
		.doc =
			"What it is given; what it answered.",
	},
	[ASHLAR_EXT_A_REQUEST_RESULT] = {
		.name = "result", .type = SPEC_S32,
		.doc =
			"What it returned: bytes, or an error below 0.",
	},
};

static const struct spec_attr map_attrs[] = {
	[ASHLAR_EXT_A_MAP_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_MAP_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_MAP_EXT] = {
		.name = "ext", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_MAP_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the map.",
	},
	[ASHLAR_EXT_A_MAP_TYPE] = {
		.name = "type", .type = SPEC_U32, .values = &enum_map_type,
		.doc =
			"What it is.",
	},
	[ASHLAR_EXT_A_MAP_KEY_SIZE] = {
		.name = "key-size", .type = SPEC_U32,
		.doc =
			"Bytes of a key.",
	},
	[ASHLAR_EXT_A_MAP_VALUE_SIZE] = {
		.name = "value-size", .type = SPEC_U32,
		.doc =
			"Bytes of a value.",
	},
	[ASHLAR_EXT_A_MAP_MAX_ENTRIES] = {
		.name = "max-entries", .type = SPEC_U32,
		.doc =
			"Entries that there is room for.",
	},
	[ASHLAR_EXT_A_MAP_ENTRIES] = {
		.name = "entries", .type = SPEC_U32,
		.doc =
			"Entries.",
	},
	[ASHLAR_EXT_A_MAP_SCHEMA] = {
		.name = "schema", .type = SPEC_U32,
		.doc =
			"The author's number for the layout of a value.",
	},
	[ASHLAR_EXT_A_MAP_BYTES] = {
		.name = "bytes", .type = SPEC_U64,
		.doc =
			"Memory of all of it.",
	},
	[ASHLAR_EXT_A_MAP_LOST] = {
		.name = "lost", .type = SPEC_U64,
		.doc =
			"Entries that found no room.",
	},
	[ASHLAR_EXT_A_MAP_EVICTED] = {
		.name = "evicted", .type = SPEC_U64,
		.doc =
			"Entries that made room for others.",
	},
	[ASHLAR_EXT_A_MAP_MISSED] = {
		.name = "missed", .type = SPEC_U64,
		.doc =
			"Counts for an index that there is not.",
	},
	[ASHLAR_EXT_A_MAP_USERS] = {
		.name = "users", .type = SPEC_U32,
		.doc =
			"Instances that use it.",
	},
};

static const struct spec_attr element_attrs[] = {
	[ASHLAR_EXT_A_ELEMENT_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_ELEMENT_EXT] = {
		.name = "ext", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_ELEMENT_MAP] = {
		.name = "map", .type = SPEC_STRING,
		.doc =
			"Name of the map.",
	},
	[ASHLAR_EXT_A_ELEMENT_KEY] = {
		.name = "key", .type = SPEC_BINARY_HEX,
		.doc =
			"Its key.",
	},
	[ASHLAR_EXT_A_ELEMENT_VALUE] = {
		.name = "value", .type = SPEC_BINARY_HEX,
		.doc =
			"Its value.",
	},
	[ASHLAR_EXT_A_ELEMENT_CREATE] = {
		.name = "create", .type = SPEC_FLAG,
		.doc =
			"Only if it is not there.",
	},
	[ASHLAR_EXT_A_ELEMENT_REPLACE] = {
		.name = "replace", .type = SPEC_FLAG,
		.doc =
			"Only if it is there.",
	},
};

static const struct spec_attr log_attrs[] = {
	[ASHLAR_EXT_A_LOG_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_LOG_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; only in notifications.",
	},
	[ASHLAR_EXT_A_LOG_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the extension.",
	},
	[ASHLAR_EXT_A_LOG_NUMBER] = {
		.name = "number", .type = SPEC_U64,
		.doc =
			"Its number, from 0 on.",
	},
	[ASHLAR_EXT_A_LOG_AGE_MS] = {
		.name = "age-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since then.",
	},
	[ASHLAR_EXT_A_LOG_LINE] = {
		.name = "line", .type = SPEC_STRING,
		.doc =
			"The line.",
	},
};

static const struct spec_attr stats_attrs[] = {
	[ASHLAR_EXT_A_STATS_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_EXT_A_STATS_INSTANCES] = {
		.name = "instances", .type = SPEC_U64,
		.doc =
			"Instances.",
	},
	[ASHLAR_EXT_A_STATS_HOOKS] = {
		.name = "hooks", .type = SPEC_U64,
		.doc =
			"Hooks that are attached.",
	},
	[ASHLAR_EXT_A_STATS_RUN_HOOK] = {
		.name = "run-hook", .type = SPEC_U64,
		.doc =
			"Packets handed to an entry.",
	},
	[ASHLAR_EXT_A_STATS_RUN_TIMER] = {
		.name = "run-timer", .type = SPEC_U64,
		.doc =
			"Timers that ran.",
	},
	[ASHLAR_EXT_A_STATS_RUN_SLEEPER] = {
		.name = "run-sleeper", .type = SPEC_U64,
		.doc =
			"Deferred work, requests and other invocations that may sleep.",
	},
	[ASHLAR_EXT_A_STATS_HOOK_ACCEPTED] = {
		.name = "hook-accepted", .type = SPEC_U64,
		.doc =
			"Packets that an entry accepted.",
	},
	[ASHLAR_EXT_A_STATS_HOOK_DROPPED] = {
		.name = "hook-dropped", .type = SPEC_U64,
		.doc =
			"Packets that an entry dropped.",
	},
	[ASHLAR_EXT_A_STATS_FAIL_ACCEPTED] = {
		.name = "fail-accepted", .type = SPEC_U64,
		.doc =
			"Packets accepted by the failure verdict.",
	},
	[ASHLAR_EXT_A_STATS_FAIL_DROPPED] = {
		.name = "fail-dropped", .type = SPEC_U64,
		.doc =
			"Packets dropped by the failure verdict.",
	},
	[ASHLAR_EXT_A_STATS_FAULT] = {
		.name = "fault", .type = SPEC_U64,
		.doc =
			"Invocations that broke their contract and ended the instance.",
	},
	[ASHLAR_EXT_A_STATS_FAULT_LATER] = {
		.name = "fault-later", .type = SPEC_U64,
		.doc =
			"Those that did so when the instance was ended already.",
	},
	[ASHLAR_EXT_A_STATS_RUN_STOPPED] = {
		.name = "run-stopped", .type = SPEC_U64,
		.doc =
			"Invocations ended because of another one's fault, or by the operator.",
	},
	[ASHLAR_EXT_A_STATS_RUN_CLOSED] = {
		.name = "run-closed", .type = SPEC_U64,
		.doc =
			"Invocations refused because the instance takes no more.",
	},
	[ASHLAR_EXT_A_STATS_RUN_BUSY] = {
		.name = "run-busy", .type = SPEC_U64,
		.doc =
			"Invocations refused because another one was under way on the same CPU.",
	},
	[ASHLAR_EXT_A_STATS_RUN_NO_STACK] = {
		.name = "run-no-stack", .type = SPEC_U64,
		.doc =
			"Invocations refused because too little of the processor's stack was left.",
	},
	[ASHLAR_EXT_A_STATS_RUN_NO_SLEEPER] = {
		.name = "run-no-sleeper", .type = SPEC_U64,
		.doc =
			"Invocations refused because as many as may sleep were under way.",
	},
	[ASHLAR_EXT_A_STATS_OVER_PPS] = {
		.name = "over-pps", .type = SPEC_U64,
		.doc =
			"Packets over the quota of packets a second.",
	},
	[ASHLAR_EXT_A_STATS_OVER_CPU] = {
		.name = "over-cpu", .type = SPEC_U64,
		.doc =
			"Packets and timers over the quota of CPU time, and timers that had to wait for the instance's next turn.",
	},
	[ASHLAR_EXT_A_STATS_QUARANTINE] = {
		.name = "quarantine", .type = SPEC_U64,
		.doc =
			"Instances that were quarantined.",
	},
	[ASHLAR_EXT_A_STATS_ROLL_BACK] = {
		.name = "roll-back", .type = SPEC_U64,
		.doc =
			"Upgrades that were taken back within their trial.",
	},
	[ASHLAR_EXT_A_STATS_UNBALANCED] = {
		.name = "unbalanced", .type = SPEC_U64,
		.doc =
			"Instances that ended without all that they owned having come back: a bug of the shim.",
	},
};

static const struct spec_set ext_sets[] = {
	{ "ext", ASHLAR_EXT_A_EXT_MAX, ext_attrs },
	{ "veto", ASHLAR_EXT_A_VETO_MAX, veto_attrs },
	{ "approval", ASHLAR_EXT_A_APPROVAL_MAX, approval_attrs },
	{ "instance", ASHLAR_EXT_A_INSTANCE_MAX, instance_attrs },
	{ "hook", ASHLAR_EXT_A_HOOK_MAX, hook_attrs },
	{ "report", ASHLAR_EXT_A_REPORT_MAX, report_attrs },
	{ "request", ASHLAR_EXT_A_REQUEST_MAX, request_attrs },
	{ "map", ASHLAR_EXT_A_MAP_MAX, map_attrs },
	{ "element", ASHLAR_EXT_A_ELEMENT_MAX, element_attrs },
	{ "log", ASHLAR_EXT_A_LOG_MAX, log_attrs },
	{ "stats", ASHLAR_EXT_A_STATS_MAX, stats_attrs },
};

static const struct spec_op ext_ops[] = {
	[ASHLAR_EXT_CMD_EXT_GET] = {
		"ext-get", "ext", false,
	},
	[ASHLAR_EXT_CMD_EXT_NTF] = {
		"ext-ntf", "ext", true,
	},
	[ASHLAR_EXT_CMD_VETO_GET] = {
		"veto-get", "veto", false,
	},
	[ASHLAR_EXT_CMD_VETO_NTF] = {
		"veto-ntf", "veto", true,
	},
	[ASHLAR_EXT_CMD_APPROVAL_NEW] = {
		"approval-new", "approval", false,
	},
	[ASHLAR_EXT_CMD_APPROVAL_DEL] = {
		"approval-del", "approval", false,
	},
	[ASHLAR_EXT_CMD_APPROVAL_GET] = {
		"approval-get", "approval", false,
	},
	[ASHLAR_EXT_CMD_APPROVAL_NTF] = {
		"approval-ntf", "approval", true,
	},
	[ASHLAR_EXT_CMD_INSTANCE_NEW] = {
		"instance-new", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_SET] = {
		"instance-set", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_DEL] = {
		"instance-del", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_GET] = {
		"instance-get", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_NTF] = {
		"instance-ntf", "instance", true,
	},
	[ASHLAR_EXT_CMD_INSTANCE_UPGRADE] = {
		"instance-upgrade", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_COMMIT] = {
		"instance-commit", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_ROLLBACK] = {
		"instance-rollback", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_RESTART] = {
		"instance-restart", "instance", false,
	},
	[ASHLAR_EXT_CMD_INSTANCE_QUARANTINE] = {
		"instance-quarantine", "instance", false,
	},
	[ASHLAR_EXT_CMD_HOOK_NEW] = {
		"hook-new", "hook", false,
	},
	[ASHLAR_EXT_CMD_HOOK_DEL] = {
		"hook-del", "hook", false,
	},
	[ASHLAR_EXT_CMD_HOOK_GET] = {
		"hook-get", "hook", false,
	},
	[ASHLAR_EXT_CMD_HOOK_NTF] = {
		"hook-ntf", "hook", true,
	},
	[ASHLAR_EXT_CMD_REPORT_GET] = {
		"report-get", "report", false,
	},
	[ASHLAR_EXT_CMD_REPORT_NTF] = {
		"report-ntf", "report", true,
	},
	[ASHLAR_EXT_CMD_REQUEST] = {
		"request", "request", false,
	},
	[ASHLAR_EXT_CMD_MAP_GET] = {
		"map-get", "map", false,
	},
	[ASHLAR_EXT_CMD_MAP_FLUSH] = {
		"map-flush", "map", false,
	},
	[ASHLAR_EXT_CMD_MAP_NTF] = {
		"map-ntf", "map", true,
	},
	[ASHLAR_EXT_CMD_ELEMENT_GET] = {
		"element-get", "element", false,
	},
	[ASHLAR_EXT_CMD_ELEMENT_SET] = {
		"element-set", "element", false,
	},
	[ASHLAR_EXT_CMD_ELEMENT_DEL] = {
		"element-del", "element", false,
	},
	[ASHLAR_EXT_CMD_LOG_GET] = {
		"log-get", "log", false,
	},
	[ASHLAR_EXT_CMD_LOG_NTF] = {
		"log-ntf", "log", true,
	},
	[ASHLAR_EXT_CMD_STATS_GET] = {
		"stats-get", "stats", false,
	},
};

static const struct spec_family ext_family = {
	.name = ASHLAR_EXT_FAMILY_NAME,
	.n_sets = 11,
	.sets = ext_sets,
	.n_ops = ASHLAR_EXT_CMD_MAX + 1,
	.ops = ext_ops,
};

#endif /* ASHLAR_GEN_EXT_H */
