/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The objects of ashlar_overlay, who owns them and what guards them.
 *
 * Locks, outermost first:
 *
 *   rtnl        taken by the core around the netdevice notifier only
 *   ov_mutex    every change of the configuration: underlays, networks,
 *               endpoints, policies, the peers' existence. Process context.
 *   conn->lock  one conn's state. BH. Nothing but leaf locks inside.
 *   leaf locks  pool->lock (ports), gc->lock (a shard of the conn lists),
 *               peer->lock (what the last hello said). BH.
 *
 * All look-ups on the packet path and in dumps run under RCU. Every object
 * below is reached by RCU, counted by @ref, and freed by kfree_rcu() when the
 * last reference goes. Who holds references:
 *
 *   host      its pernet slot
 *   underlay  host->underlays; each network and peer
 *   network   host->networks; each endpoint
 *   peer      each remote endpoint; underlay->peers links it while
 *             a remote endpoint names it
 *   endpoint  host->endpoints; each conn of it
 *   conn      the tables, until ov_conn_kill(); see conn.h
 *
 * An object that was removed from the configuration is marked @dead before it
 * is unlinked. A conn finds that out in ov_conn_review(), which the removal
 * schedules for all conns of the host at once.
 */
#ifndef ASHLAR_OVERLAY_H
#define ASHLAR_OVERLAY_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "addr.h"
#include "stats.h"

#define OV_MAX_UPLINKS		8
#define OV_MAX_SUITE_PORTS	64
#define OV_MAX_POLICIES		4096
#define OV_GC_SHARDS		16
#define OV_VNI_MAX		0xffffff
#define OV_HOLD			(30 * HZ)

extern struct mutex ov_mutex;
extern struct workqueue_struct *ov_wq;	/* all of the module's work */

/**
 * struct ov_net - what a network namespace holds, in either role
 * @net: the namespace
 * @host: the namespace as a host: set when its first underlay is added,
 *        freed with the namespace. Written under ov_mutex.
 * @site: the namespace as a container: set when its first local endpoint is
 *        added, freed with the namespace. Written under ov_mutex.
 */
struct ov_net {
	struct net *net;
	struct ov_host __rcu *host;
	struct ov_site __rcu *site;
};

struct ov_net *ov_net(const struct net *net);

/**
 * struct ov_gc - one shard of a host's conns, by when they are looked at next
 * @lock: guards the lists
 * @half: server halves that have not seen the handshake's last ACK
 * @open: conns in use
 * @closing: conns whose FINs were both seen: they rest, then end
 *
 * Each list is in order of conn->due, because a list has one period.
 */
struct ov_gc {
	spinlock_t lock;
	struct list_head half;
	struct list_head open;
	struct list_head closing;
} ____cacheline_aligned_in_smp;

/**
 * struct ov_host - a namespace that owns underlays
 * @net: the namespace
 * @underlays: list of struct ov_underlay, RCU; ov_mutex
 * @networks: list of struct ov_network, RCU; ov_mutex
 * @endpoints: struct ov_endpoint by VNI and address
 * @endpoint_ids: the same endpoints by their 32-bit hint
 * @by_overlay: struct ov_conn by VNI and overlay tuple
 * @by_underlay: struct ov_conn by underlay tuple
 * @gc: the conns again, for the passage of time
 * @tick: hellos, nonce rotation and conn time-outs, once a second
 * @review: one pass of ov_conn_review() over all conns
 * @stats: the named counters, per CPU
 * @generation: changes with each change of the configuration (dumps)
 * @n_conns: conns in the tables
 * @n_endpoints: endpoints in the tables
 * @n_lost: uplinks that are away; ov_mutex
 * @stopping: no new conns, no new work
 */
struct ov_host {
	struct net *net;
	struct list_head underlays;
	struct list_head networks;
	struct rhashtable endpoints;
	struct rhltable endpoint_ids;
	struct rhashtable by_overlay;
	struct rhashtable by_underlay;
	struct ov_gc gc[OV_GC_SHARDS];
	struct delayed_work tick;
	struct delayed_work review;
	struct ov_stats __percpu *stats;
	atomic_t generation;
	atomic_t n_conns;
	atomic_t n_endpoints;
	unsigned int n_lost;
	bool stopping;
	struct rcu_head rcu;
};

/**
 * struct ov_site - a namespace that holds local endpoints
 * @net: the namespace
 * @locals: its local endpoints by address (struct ov_endpoint, @site_node)
 * @n: how many; ov_mutex
 * @hooked: the netfilter hooks are in place; ov_mutex
 * @nf: the LOCAL_OUT and PRE_ROUTING hooks; their priv is the site
 */
struct ov_site {
	struct net *net;
	struct rhashtable locals;
	unsigned int n;
	bool hooked;
	struct nf_hook_ops nf[2];
	struct rcu_head rcu;
};

/**
 * struct ov_key - an underlay's secret and what is derived from it
 * @sip: the SipHash key as configured; never shown
 * @print: a fingerprint, to tell hosts' keys apart without showing them
 */
struct ov_key {
	siphash_key_t sip;
	u32 print;
};

/**
 * struct ov_keys - the keys that an underlay accepts
 * @cur: the newest
 * @prev: the one before; accepted as long as it is here
 * @has_prev: there is one
 * @since: when @cur became current, in seconds of CLOCK_REALTIME
 */
struct ov_keys {
	struct ov_key cur;
	struct ov_key prev;
	bool has_prev;
	u64 since;
	struct rcu_head rcu;
};

/**
 * struct ov_underlay_cfg - an underlay as the operator wrote it
 * @name: its name
 * @n_dev: number of uplink devices
 * @ifindex: the uplink devices
 * @addr: the host's address, the same on every uplink
 * @port_lo: first of the suite's TCP ports
 * @port_n: how many there are
 * @sport_lo: first source port for new conns
 * @sport_n: how many there are
 * @opt_kind: TCP option kind of the SYN option (253 or 254)
 * @exid: its experiment identifier (RFC 6994)
 * @rest_ms: how long a freed tuple rests
 * @hello_s: seconds between hellos on an idle pair of hosts
 * @half_max: bound of half-open conns per peer
 * @key: the secret
 */
struct ov_underlay_cfg {
	char name[IFNAMSIZ];
	unsigned int n_dev;
	int ifindex[OV_MAX_UPLINKS];
	struct ov_addr addr;
	u16 port_lo;
	u16 port_n;
	u16 sport_lo;
	u16 sport_n;
	u8 opt_kind;
	u16 exid;
	u32 rest_ms;
	u32 hello_s;
	u32 half_max;
	u8 key[SIPHASH_ALIGNMENT * 2];
};

/**
 * struct ov_underlay - a host's way to its peers
 * @list: in host->underlays
 * @host: the owner
 * @cfg: as configured, without the key; constant but for @cfg.ifindex, where
 *       an uplink that went away is 0
 * @suite_ports: first of the suite's ports, twice, as two ports stand in a packet
 * @suite_mask: which bits of those all of the suite's ports share, likewise
 * @keys: RCU; ov_mutex
 * @lost: the name of each uplink that went away; a device that comes by this
 *        name takes its place
 * @nonce: what SYNs to this host must be bound to: current and previous
 * @rotated: jiffies of the last rotation of @nonce
 * @boot: this incarnation of the underlay, random
 * @byes: how many byes it has said, each has its number
 * @udp: socket of the datagrams, on the first suite port
 * @hold: bound sockets that keep the suite's TCP ports from others
 * @peers: struct ov_peer by address
 * @nf: the PRE_ROUTING and FORWARD hooks; their priv is the underlay
 * @ref: see the head of this file
 * @dead: removed
 * @free: the end, which may sleep
 */
struct ov_underlay {
	struct list_head list;
	struct ov_host *host;
	struct ov_underlay_cfg cfg;
	u32 suite_ports;
	u32 suite_mask;
	struct ov_keys __rcu *keys;
	char lost[OV_MAX_UPLINKS][IFNAMSIZ];
	u64 nonce[2];
	unsigned long rotated;
	u64 boot;
	atomic_t byes;
	struct socket *udp;
	struct socket *hold[OV_MAX_SUITE_PORTS];
	struct rhashtable peers;
	struct nf_hook_ops nf[2];
	refcount_t ref;
	bool dead;
	struct work_struct free;
	struct rcu_head rcu;
};

/**
 * struct ov_policy - one rule
 * @pref: rules are tried in ascending order of this; unique in a network
 * @allow: what happens to a SYN that matches
 * @src: prefix of the connecting endpoint; @src_len bits of the address as
 *       held (an IPv4 /24 is 96 + 24)
 * @src_len: see @src
 * @dst: prefix of the accepting endpoint
 * @dst_len: see @dst
 * @dport_lo: destination ports, from
 * @dport_hi: to
 * @hits: SYNs judged by this rule
 */
struct ov_policy {
	u32 pref;
	bool allow;
	struct ov_addr src;
	u8 src_len;
	struct ov_addr dst;
	u8 dst_len;
	u16 dport_lo;
	u16 dport_hi;
	atomic64_t hits;
};

/**
 * struct ov_policies - a network's rules, replaced as a whole on each change
 * @gen: generation; a conn judged under another one is judged again
 * @allow: the default
 * @n: number of rules
 * @rule: the rules in order; shared between generations, freed when the last
 *        one goes (ov_mutex)
 */
struct ov_policies {
	struct rcu_head rcu;
	u32 gen;
	bool allow;
	unsigned int n;
	struct ov_policy *rule[];
};

/**
 * struct ov_network - one overlay network
 * @list: in host->networks
 * @vni: its identifier, the same on every host
 * @underlay: what carries it; counted
 * @fallback: ifindex of the ordinary overlay's device, 0 if not told; for
 *            show only, since the container's own routes choose the fallback
 * @policies: RCU; ov_mutex
 * @n_endpoints: endpoints that name it; ov_mutex
 * @ref: see the head of this file
 * @dead: removed
 */
struct ov_network {
	struct list_head list;
	u32 vni;
	struct ov_underlay *underlay;
	int fallback;
	struct ov_policies __rcu *policies;
	unsigned int n_endpoints;
	refcount_t ref;
	bool dead;
	struct rcu_head rcu;
};

/**
 * struct ov_endpoint - an overlay address and where it lives
 * @node: in host->endpoints
 * @id_node: in host->endpoint_ids
 * @site_node: in site->locals (local endpoints)
 * @vni: the network's identifier
 * @addr: the overlay address
 * @id: hint of this endpoint in the SYN option, see ov_endpoint_id()
 * @network: counted
 * @peer: the host that owns it, counted; NULL for a local endpoint
 * @net: the container's namespace; not counted, NULL for a remote endpoint.
 *       Valid under RCU while !@dead: the namespace's exit removes the endpoint
 *       first.
 * @dev: its device there, same rule, by NETDEV_UNREGISTER
 * @hold: jiffies until which new conns to it stay on the fallback, because its
 *        host's firewall or the path swallowed SYNs; 0 if not
 * @ref: see the head of this file
 * @dead: removed or moved
 */
struct ov_endpoint {
	struct rhash_head node;
	struct rhlist_head id_node;
	struct rhash_head site_node;
	u32 vni;
	struct ov_addr addr;
	u32 id;
	struct ov_network *network;
	struct ov_peer *peer;
	struct net *net;
	struct net_device *dev;
	unsigned long hold;
	refcount_t ref;
	bool dead;
	struct rcu_head rcu;
};

#define ov_endpoint_is_local(ep) (!(ep)->peer)

/* Why an object was touched; names of the notifications are in the spec. */
enum ov_event {
	OV_EVENT_NEW,
	OV_EVENT_SET,
	OV_EVENT_DEL,
};

/*
 * The configuration. All of these run under ov_mutex, say why they refuse in
 * @extack, and change nothing if they refuse. What they add or remove they
 * also announce (nl.h).
 */
struct ov_host *ov_host_get(struct net *net);	/* RCU or ov_mutex; may be NULL */
int ov_underlay_add(struct net *net, const struct ov_underlay_cfg *cfg,
		    struct netlink_ext_ack *extack);
int ov_underlay_set_key(struct net *net, const char *name, const u8 *key,
			struct netlink_ext_ack *extack);
int ov_underlay_drop_key(struct net *net, const char *name,
			 struct netlink_ext_ack *extack); /* the previous one */
int ov_underlay_del(struct net *net, const char *name,
		    struct netlink_ext_ack *extack);

int ov_network_add(struct net *net, u32 vni, const char *underlay, int fallback,
		   bool allow, struct netlink_ext_ack *extack);
int ov_network_set(struct net *net, u32 vni, const bool *allow,
		   const int *fallback, struct netlink_ext_ack *extack);
int ov_network_del(struct net *net, u32 vni, struct netlink_ext_ack *extack);
struct ov_network *ov_network_find(struct ov_host *host, u32 vni);

/* @site is the container's namespace, @ifindex its device; or @peer is set. */
int ov_endpoint_add(struct net *net, u32 vni, const struct ov_addr *addr,
		    const struct ov_addr *peer, struct net *site, int ifindex,
		    struct netlink_ext_ack *extack);
/* Moves an endpoint: the same arguments, the endpoint must exist. */
int ov_endpoint_set(struct net *net, u32 vni, const struct ov_addr *addr,
		    const struct ov_addr *peer, struct net *site, int ifindex,
		    struct netlink_ext_ack *extack);
int ov_endpoint_del(struct net *net, u32 vni, const struct ov_addr *addr,
		    struct netlink_ext_ack *extack);
int ov_endpoint_flush(struct net *net, u32 vni, struct netlink_ext_ack *extack);
struct ov_endpoint *ov_endpoint_find(struct ov_host *host, u32 vni,
				     const struct ov_addr *addr);
struct ov_endpoint *ov_endpoint_local(struct ov_site *site,
				      const struct ov_addr *addr);
/* All local endpoints in a namespace (@dev NULL) or on a device, of any host. */
void ov_endpoint_purge(struct net *site, const struct net_device *dev);
u32 ov_endpoint_id(u32 vni, const struct ov_addr *addr);
void ov_endpoint_put(struct ov_endpoint *ep);

int ov_policy_add(struct net *net, u32 vni, const struct ov_policy *rule,
		  struct netlink_ext_ack *extack);
int ov_policy_del(struct net *net, u32 vni, u32 pref,
		  struct netlink_ext_ack *extack);
int ov_policy_flush(struct net *net, u32 vni, struct netlink_ext_ack *extack);
/* The pure core: does @p let @src open a connection to @dst:@dport? */
bool ov_policies_judge(const struct ov_policies *p, const struct ov_addr *src,
		       const struct ov_addr *dst, u16 dport);
/* Under RCU; @gen tells which generation judged. */
bool ov_policy_allows(struct ov_network *nw, const struct ov_addr *src,
		      const struct ov_addr *dst, __be16 dport, u32 *gen);

void ov_network_put(struct ov_network *nw);
void ov_underlay_put(struct ov_underlay *ul);

/* Everything of a namespace, for its end; see main.c for the order. */
void ov_host_stop(struct ov_net *on);
void ov_host_free(struct ov_net *on);
void ov_site_free(struct ov_net *on);
void ov_host_review(struct ov_host *host);	/* schedules host->review */

#endif /* ASHLAR_OVERLAY_H */
