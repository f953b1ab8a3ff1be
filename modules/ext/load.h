/* SPDX-License-Identifier: GPL-2.0-only */
/* The load gate: modules that are extensions, and those that were refused. */
#ifndef ASHLAR_EXT_LOAD_H
#define ASHLAR_EXT_LOAD_H

#include <linux/list.h>
#include <linux/time64.h>
#include <linux/types.h>

#include "host.h"

struct net;
struct netlink_ext_ack;

#define EX_VETOES	16
/* So that all about an extension fits a message: EX_NL_EXT. */
#define EX_ENTRIES_MAX	512
#define EX_EXT_MAPS_MAX	128
#define EX_EXT_LOCKS_MAX 1024
#define EX_VETO_LEN	160
#define EX_STORM	3	/* quarantines in EX_STORM_NS that quarantine the extension */
#define EX_STORM_NS	(60 * NSEC_PER_SEC)

/**
 * struct ex_ext - a version of an extension: a module that is loaded and passed the gate; ex_mutex
 * @list: on ex_exts, newest first
 * @mod: module; referenced by each instance that may run
 * @info: in it
 * @nr_insts: instances that hold the module
 * @quarantined: no more instances, until `ashlar ext restart`
 * @storm: when its instances were quarantined last, a ring
 * @nr_storm: count, not wrapped
 * @faults: quarantines so far
 * @loaded: CLOCK_BOOTTIME, ns
 * @entries: by kind: the only one of INIT, SAVE, RESTORE; NULL: none
 */
struct ex_ext {
	struct list_head list;
	struct module *mod;
	const struct ashlar_ext_info *info;
	u32 nr_insts;
	bool quarantined;
	u64 storm[EX_STORM];
	u32 nr_storm;
	u64 faults;
	u64 loaded;
	const struct ashlar_ext_entry *entries[ASHLAR_EXT_ENTRY_RESTORE + 1];
};

/**
 * struct ex_approval - an extension, by name, may be used in a namespace; ex_mutex
 * @list: on ex_approvals
 * @name: of the extension, whatever version
 * @net: namespace, not referenced, goes with it; NULL: any
 * @quota: of each instance
 */
struct ex_approval {
	struct list_head list;
	char name[ASHLAR_EXT_NAME];
	struct net *net;
	struct ex_quota quota;
};

/**
 * struct ex_veto - a module that was refused
 * @seq: count of vetoes so far, from 1
 * @time: CLOCK_BOOTTIME, ns
 * @module: its name
 * @why: sentence
 */
struct ex_veto {
	u64 seq;
	u64 time;
	char module[MODULE_NAME_LEN];
	char why[EX_VETO_LEN];
};

extern struct list_head ex_exts;
extern struct list_head ex_approvals;

int ex_load_init(void);
void ex_load_exit(void);

/**
 * ex_ext_find() - by name; build NULL: the newest; else its beginning, as long as it is
 * unambiguous. ex_mutex
 */
struct ex_ext *ex_ext_find(const char *name, const char *build);

/** ex_ext_entry() - by name and kind (0: any); NULL: none */
const struct ashlar_ext_entry *ex_ext_entry(const struct ex_ext *ext, const char *name, u32 kind);

/** ex_ext_storm() - an instance was quarantined; whether that was one too many. ex_mutex */
bool ex_ext_storm(struct ex_ext *ext);

/** ex_veto_get() - the @i-th newest veto into @out; false: there are fewer. Process context */
bool ex_veto_get(u32 i, struct ex_veto *out);

/**
 * ex_approve() - lets a namespace (NULL: any) use an extension
 *
 * Or changes its quota for instances to come; frees it from quarantine. ex_mutex
 */
int ex_approve(struct net *net, const char *name, const struct ex_quota *quota,
	       struct netlink_ext_ack *extack);

/** ex_revoke() - forgets the approval, and ends the instances that it covered; no ex_mutex */
int ex_revoke(struct net *net, const char *name, struct netlink_ext_ack *extack);

/** ex_approval_find() - the namespace's, else the one for any; NULL: not approved. ex_mutex */
struct ex_approval *ex_approval_find(const struct net *net, const char *name);

/** ex_approvals_forget() - those of a namespace that ends, or all; ex_mutex */
void ex_approvals_forget(const struct net *net);

/** ex_quota_check() - whether the numbers make sense */
int ex_quota_check(const struct ex_quota *q, struct netlink_ext_ack *extack);
#define EX_FUEL_MAX	100000000ULL

/** ex_quota_default() - what an approval has that does not say otherwise */
extern const struct ex_quota ex_quota_default;

/** ex_info_check() - the load gate's look at a module; 0, or -errno and a sentence in @why */
int ex_info_check(const struct module *mod, const struct ashlar_ext_info *info, char *why,
		  size_t room);

#endif /* ASHLAR_EXT_LOAD_H */
