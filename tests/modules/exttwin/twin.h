/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shipped extensions as ordinary kernel code: the same source, the calls of
 * ext.h mapped to what a module of the kernel would do, and nothing between a bug
 * and the kernel. One module has all of them, for benchmarks and as twins in the
 * tests; /dev/exttwin says which runs, and where:
 *
 *   echo start balancer in:0:-250,out:4:250 >/dev/exttwin
 *
 * main.c   module, hooks, /dev/exttwin
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

extern const struct twin_ext twin_filter, twin_balancer, twin_policer, twin_noop, twin_micro;

int twin_maps_init(const struct twin_ext *ext);
void twin_maps_exit(void);
const struct ashlar_ext_map_def *twin_map_find(const char *name);
void *twin_map_value(const struct ashlar_ext_map_def *def, const void *key);
u64 twin_map_sum(const struct ashlar_ext_map_def *def, u32 index);

void twin_misc_exit(void);

/* The calls. */
struct twin_info;
void ashlar_ext_pkt_info(u64 pkt, struct twin_info *info);
bool ashlar_ext_pkt_pull(u64 pkt, u32 len);
bool ashlar_ext_pkt_load(u64 pkt, u32 off, void *to, u32 len);
bool ashlar_ext_pkt_store(u64 pkt, u32 off, const void *from, u32 len);
void ashlar_ext_pkt_set_mark(u64 pkt, u32 mark);
bool ashlar_ext_pkt_set_addr(u64 pkt, bool dest, const void *addr, u32 len);
bool ashlar_ext_pkt_set_port(u64 pkt, bool dest, __be16 port);
bool ashlar_ext_pkt_csum_replace(u64 pkt, u32 off, __be32 from, __be32 to, bool pseudo);
s32 ashlar_ext_timer_arm(const struct ashlar_ext_entry *entry, u64 ns, u64 arg);
s32 ashlar_ext_work_queue(const struct ashlar_ext_entry *entry, u64 arg);
void ashlar_ext_sync(void);
void ashlar_ext_sleep(u32 ms);
u64 ashlar_ext_now(void);
u32 ashlar_ext_random(void);
void *ashlar_ext_alloc(u64 size);
void ashlar_ext_free(void *p);
void ashlar_ext_log(const char *format, u32 len, const u64 *args, u32 n);
void *ashlar_ext_map_lookup(const struct ashlar_ext_map_def *def, const void *key);
void *ashlar_ext_map_insert(const struct ashlar_ext_map_def *def, const void *key);
bool ashlar_ext_map_delete(const struct ashlar_ext_map_def *def, const void *key);
void ashlar_ext_map_add(const struct ashlar_ext_map_def *def, u32 index, u64 n);

#endif /* ASHLAR_EXTTWIN_H */
