/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_CONN_H
#define ASHLAR_OVERLAY_CONN_H

#include <linux/tcp.h>
#include <net/dst.h>
#include <net/route.h>

#include "overlay.h"
#include "peer.h"
#include "rewrite.h"

/* Where a conn's packets go. Names are in the spec. */
enum ov_path {
	OV_PATH_FALLBACK,	/* the ordinary overlay */
	OV_PATH_FAST,		/* translated, on the underlay */
	OV_PATH_LOCAL,		/* to the other container on this host */
};

/* How far a conn is. Names are in the spec. */
enum ov_conn_state {
	OV_CONN_SYN_SENT,	/* client: no packet has come back yet */
	OV_CONN_SYN_RECV,	/* server: the handshake is not complete */
	OV_CONN_OPEN,
	OV_CONN_CLOSING,	/* both FINs seen: rests, then ends */
};

/* Why a conn is on the fallback. Names and meanings are in the spec. */
enum ov_reason {
	OV_REASON_NONE,
	OV_REASON_UNKNOWN_ENDPOINT,	/* no endpoint has the remote address */
	OV_REASON_PEER_NOT_LIVE,	/* no live hello */
	OV_REASON_NO_ROOM,		/* no room for the SYN option */
	OV_REASON_TCP_OPTION,		/* fast open, MD5, AO or MPTCP */
	OV_REASON_ROUTE,		/* the route does not leave by the endpoint's device */
	OV_REASON_NAT,			/* the container translates the tuple */
	OV_REASON_IP_OPTIONS,
	OV_REASON_SOCKET,		/* transparent, bound elsewhere, or no plain TCP socket */
	OV_REASON_PORTS,		/* no underlay tuple free */
	OV_REASON_MEMORY,
	OV_REASON_UPLINK,		/* no route to the peer by an uplink */
	OV_REASON_FIREWALL,		/* the host's own rules refused the SYN */
	OV_REASON_REFUSED,		/* the peer refused the SYN */
	OV_REASON_UNKNOWN_CONN,		/* the peer does not know the conn */
	OV_REASON_RESET,		/* a RST on the underlay tuple */
	OV_REASON_NO_PROGRESS,		/* two retransmissions without an answer */
	OV_REASON_PEER_LOST,		/* the peer went silent or said bye */
	OV_REASON_ENDPOINT,		/* an endpoint was removed or moved */
	OV_REASON_TUPLE_TAKEN,		/* the peer used the underlay tuple anew */
	OV_REASON_ADOPTED,		/* found open: waits for a resume */
	OV_REASON_MAX
};

/**
 * struct ov_conn - one end of a TCP connection of a local endpoint
 * @u_node: in host->by_underlay while it has an underlay tuple
 * @u: the underlay tuple, as this end sees it
 * @path: enum ov_path; what the next packet should take
 * @state: enum ov_conn_state
 * @reason: enum ov_reason
 * @proven: a packet has arrived on the fast path, so data may take it
 * @server: this end accepted
 * @in_u: @u_node is linked
 * @killed: has left the tables
 * @fins: which FINs were seen: OV_FIN_*
 * @half: counts in peer->half
 * @owns_port: the underlay source port is of our pool
 * @resuming: a resume was sent or answered, its path is not proven yet
 * @shard: its shard of host->gc
 * @epoch: the peer's, when the fast path was chosen
 * @cut: errno that the socket is to be reset with, 0 if none
 * @vni: the network's identifier, part of the key of @o
 * @diff: checksum difference, overlay to underlay as sent; the other way is
 *        the complement
 * @sk: the socket, counted, while the conn is open and the socket is known.
 *      RCU to read; written under @lock; see sock.c
 * @local: this end's endpoint, counted
 * @remote: the other end's, counted; NULL if not known
 * @network: held by @local
 * @peer: held by @remote; NULL for a local or unknown remote
 * @host: the owner
 * @clone: the route of its socket, cloned (route.c), one reference. RCU, @lock
 * @base_mtu: MTU of the route that @clone was made of
 * @via: the path that its underlay tuple is on, of @peer
 * @o_node: in host->by_overlay
 * @o: the overlay tuple
 * @lock: guards state changes
 * @iss: our initial sequence number, until the path is proven
 * @policy_gen: the policies that allowed it
 * @since: when @path was chosen, in ns of the boot clock
 * @made: when the conn was made, same
 * @retry: jiffies when a resume may be tried (again)
 * @tries: resumes tried in a row
 * @due: jiffies when gc looks at it
 * @gc: in a list of host->gc, until the conn is @killed
 * @rcu: from then on
 * @tx_packets: packets sent on the fast or local path; like the three that
 *              follow written without a lock, a race may lose a count
 * @tx_bytes: their bytes (IP)
 * @rx_packets: packets received on the fast path
 * @rx_bytes: their bytes
 */
struct ov_conn {
	struct rhash_head u_node;
	struct ov_tuple u;
	u8 path;
	u8 state;
	u8 reason;
	bool proven;
	bool server;
	bool in_u;
	bool killed;
	u8 fins;
	bool half;
	bool owns_port;
	bool resuming;
	u8 shard;
	u8 cut;
	u8 tries;
	u16 base_mtu;
	u32 vni;
	u32 epoch;
	struct ov_csum_diff diff;
	u32 policy_gen;
	struct sock __rcu *sk;
	struct ov_endpoint *local;
	struct ov_endpoint *remote;
	struct ov_network *network;
	struct ov_peer *peer;
	struct ov_host *host;
	struct rtable __rcu *clone;
	struct ov_way *via;
	struct rhash_head o_node;
	struct ov_tuple o;
	spinlock_t lock;
	u32 iss;
	u64 since;
	u64 made;
	unsigned long retry;
	unsigned long due;
	union {
		struct list_head gc;
		struct rcu_head rcu;
	};
	u64 tx_packets;
	u64 tx_bytes;
	u64 rx_packets;
	u64 rx_bytes;
};

extern struct kmem_cache *ov_conn_cache;
extern const struct rhashtable_params ov_conn_overlay_params;
extern const struct rhashtable_params ov_conn_underlay_params;

/* RCU. */
struct ov_conn *ov_conn_find(struct ov_host *host, u32 vni,
			     const struct ov_tuple *overlay);
struct ov_conn *ov_conn_find_underlay(struct ov_host *host,
				      const struct ov_tuple *underlay);
struct ov_conn *ov_conn_find_packet(struct ov_host *host,
				    const struct iphdr *iph,
				    const struct tcphdr *th);

struct ov_conn *ov_conn_new(struct ov_endpoint *local,
			    struct ov_endpoint *remote,
			    const struct ov_tuple *overlay);
int ov_conn_publish(struct ov_conn *conn, bool replace);
void ov_conn_discard(struct ov_conn *conn);
void ov_conn_kill(struct ov_conn *conn);
bool ov_conn_demote(struct ov_conn *conn, enum ov_reason reason);
int ov_conn_set_tuple(struct ov_conn *conn, const struct ov_tuple *underlay);
void ov_conn_clear_tuple(struct ov_conn *conn);
int ov_conn_take_tuple(struct ov_conn *conn);
void ov_conn_prove(struct ov_conn *conn);
void ov_conn_opened(struct ov_conn *conn);
bool ov_reason_passes(enum ov_reason reason);	/* setup.c */

/* sock.c */
#define OV_FIN_OURS	1
#define OV_FIN_THEIRS	2

struct sock *ov_conn_sock(const struct ov_conn *conn);
void ov_conn_set_sock(struct ov_conn *conn, struct sock *sk);
void ov_conn_drop_sock(struct ov_conn *conn);
void ov_conn_kick(struct ov_conn *conn);
void ov_conn_fin(struct ov_conn *conn, u8 whose);
void ov_conn_close(struct ov_conn *conn);

/* gc.c: a conn's time, and what a changed configuration makes of it */
enum ov_gc_list {
	OV_GC_HALF,
	OV_GC_OPEN,
	OV_GC_CLOSING,
};

void ov_gc_init(struct ov_host *host);
void ov_gc_add(struct ov_conn *conn, enum ov_gc_list list);
void ov_gc_move(struct ov_conn *conn, enum ov_gc_list list);
void ov_gc_del(struct ov_conn *conn);
void ov_gc_run(struct ov_host *host);
void ov_gc_review(struct work_struct *work);
/* Ends all conns of an endpoint, or all. Process context. */
void ov_conn_purge(struct ov_host *host, const struct ov_endpoint *ep);

#endif /* ASHLAR_OVERLAY_CONN_H */
