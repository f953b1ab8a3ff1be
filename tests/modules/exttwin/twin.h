/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shipped extensions as ordinary kernel code: the same source, the calls of
 * ext.h mapped to what a module of the kernel would do, and nothing between a bug
 * and the kernel. One module has all of them, for benchmarks and as twins in the
 * tests; `ext` says which runs, `attach` where:
 *
 *   insmod ashlar_exttwin.ko ext=balancer attach=in:0:-250,out:4:250
 *
 * (entry, netfilter hook, priority; in the namespace of who loads it). Maps and
 * requests are by debugfs: see main.c.
 *
 * main.c   module, hooks, debugfs
 * pkt.c    packets
 * map.c    maps
 * misc.c   memory, locks, timers, work, the rest
 */
#ifndef ASHLAR_EXTTWIN_H
#define ASHLAR_EXTTWIN_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/types.h>

#include <ashlar/ext_abi.h>

#define TWIN_MAPS	16

/**
 * struct twin_ext - an extension, as its source declares it
 * @about: name and so on
 * @entries: functions; ends with NULL
 * @maps: ends with NULL
 * @state: private state
 */
struct twin_ext {
	const struct twin_about {
		char name[ASHLAR_EXT_NAME];
		char version[ASHLAR_EXT_NAME];
		u32 schema;
		u32 state_size;
	} *about;
	const struct ashlar_ext_entry *const *entries;
	const struct ashlar_ext_map_def *const *maps;
};

/**
 * struct twin_pkt - what an ext_pkt's handle points to; ext.c's spans read the first three
 * @data: network header
 * @linear: bytes that spans reach
 * @writable: and may be written
 * @skb: the packet
 * @state: of the hook
 */
struct twin_pkt {
	u8 *data;
	u32 linear;
	u32 writable;
	struct sk_buff *skb;
	const struct nf_hook_state *state;
};

extern const struct twin_ext twin_filter, twin_balancer, twin_policer, twin_noop;

int twin_maps_init(const struct twin_ext *ext);
void twin_maps_exit(void);
const struct ashlar_ext_map_def *twin_map_find(const char *name);
void *twin_map_value(const struct ashlar_ext_map_def *def, const void *key);
u64 twin_map_sum(const struct ashlar_ext_map_def *def, u32 index);

void twin_misc_exit(void);

#endif /* ASHLAR_EXTTWIN_H */
