/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls that an extension may make, one line each: the allow-list of the pass, of ext-build and
 * of the load gate.
 * X(name, flags): ext_name() of ext.h is ashlar_ext_name() of the shim, with the context before its
 * arguments. What each call does, takes and returns stands in ext.h.
 */
#ifndef ASHLAR_EXT_API_H
#define ASHLAR_EXT_API_H

#define ASHLAR_EXT_CALL_PKT	0x01	/* only where there is a packet */
#define ASHLAR_EXT_CALL_SLEEP	0x02	/* may sleep: work, request, init, save and restore only */
#define ASHLAR_EXT_CALL_MOVES	0x04	/* spans of the packet end */
#define ASHLAR_EXT_CALL_FREES	0x08	/* memory, objects or map entries may go */
/* returns NULL or memory of as many bytes as the first argument says */
#define ASHLAR_EXT_CALL_SIZED	0x10
/* returns NULL or a value of the map that is the first argument */
#define ASHLAR_EXT_CALL_VALUE	0x20

#define ASHLAR_EXT_CALLS(X) \
	/* memory */ \
	X(alloc, ASHLAR_EXT_CALL_SIZED) \
	X(free, ASHLAR_EXT_CALL_FREES) \
	X(obj_alloc, ASHLAR_EXT_CALL_SIZED) \
	X(obj_get, 0) \
	X(obj_put, ASHLAR_EXT_CALL_FREES) \
	/* the packet */ \
	X(pkt_info, ASHLAR_EXT_CALL_PKT) \
	X(pkt_pull, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_make_writable, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_push, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_trim_head, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_load, ASHLAR_EXT_CALL_PKT) \
	X(pkt_store, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_set_addr, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_set_port, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_csum_replace, ASHLAR_EXT_CALL_PKT | ASHLAR_EXT_CALL_MOVES) \
	X(pkt_set_mark, ASHLAR_EXT_CALL_PKT) \
	X(pkt_clone, ASHLAR_EXT_CALL_PKT) \
	X(pkt_send, 0) \
	X(pkt_free, 0) \
	/* devices */ \
	X(dev_get, 0) \
	X(dev_put, 0) \
	X(dev_up, 0) \
	/* maps */ \
	X(map_lookup, ASHLAR_EXT_CALL_VALUE) \
	X(map_insert, ASHLAR_EXT_CALL_VALUE | ASHLAR_EXT_CALL_FREES) \
	X(map_delete, ASHLAR_EXT_CALL_FREES) \
	X(map_add, 0) \
	X(map_count, 0) \
	/* locks */ \
	X(lock, 0) \
	X(unlock, 0) \
	/* timers and work */ \
	X(timer_arm, 0) \
	X(timer_cancel, 0) \
	X(work_queue, 0) \
	X(sleep, ASHLAR_EXT_CALL_SLEEP) \
	X(sync, ASHLAR_EXT_CALL_SLEEP) \
	/* the rest */ \
	X(now, 0) \
	X(random, 0) \
	X(hash, 0) \
	X(log, 0)

#endif /* ASHLAR_EXT_API_H */
