// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: how an object becomes a message, and the notifications.
 *
 * Peers and conns are read without their locks, because a notification may
 * come from where they are held. What belongs together may thus come from two
 * moments, but each value is one that was true.
 */
#include "conn.h"
#include "nl.h"
#include "nl_msg.h"
#include "peer.h"

#define OV_SAME(ours, theirs) \
	static_assert((int)OV_##ours == (int)ASHLAR_OVERLAY_##theirs)

OV_SAME(EVENT_NEW, EVENT_NEW);
OV_SAME(EVENT_SET, EVENT_SET);
OV_SAME(EVENT_DEL, EVENT_DEL);
OV_SAME(PEER_UNKNOWN, PEER_STATE_UNKNOWN);
OV_SAME(PEER_LIVE, PEER_STATE_LIVE);
OV_SAME(PEER_LOST, PEER_STATE_LOST);
OV_SAME(PEER_GONE, PEER_STATE_GONE);
OV_SAME(PATH_FALLBACK, PATH_FALLBACK);
OV_SAME(PATH_FAST, PATH_FAST);
OV_SAME(PATH_LOCAL, PATH_LOCAL);
OV_SAME(CONN_SYN_SENT, CONN_STATE_SYN_SENT);
OV_SAME(CONN_SYN_RECV, CONN_STATE_SYN_RECV);
OV_SAME(CONN_OPEN, CONN_STATE_OPEN);
OV_SAME(CONN_CLOSING, CONN_STATE_CLOSING);
OV_SAME(REASON_NONE, REASON_NONE);
OV_SAME(REASON_UNKNOWN_ENDPOINT, REASON_UNKNOWN_ENDPOINT);
OV_SAME(REASON_PEER_NOT_LIVE, REASON_PEER_NOT_LIVE);
OV_SAME(REASON_NO_ROOM, REASON_NO_ROOM);
OV_SAME(REASON_TCP_OPTION, REASON_TCP_OPTION);
OV_SAME(REASON_ROUTE, REASON_ROUTE);
OV_SAME(REASON_NAT, REASON_NAT);
OV_SAME(REASON_IP_OPTIONS, REASON_IP_OPTIONS);
OV_SAME(REASON_SOCKET, REASON_SOCKET);
OV_SAME(REASON_PORTS, REASON_PORTS);
OV_SAME(REASON_MEMORY, REASON_MEMORY);
OV_SAME(REASON_UPLINK, REASON_UPLINK);
OV_SAME(REASON_FIREWALL, REASON_FIREWALL);
OV_SAME(REASON_REFUSED, REASON_REFUSED);
OV_SAME(REASON_UNKNOWN_CONN, REASON_UNKNOWN_CONN);
OV_SAME(REASON_RESET, REASON_RESET);
OV_SAME(REASON_NO_PROGRESS, REASON_NO_PROGRESS);
OV_SAME(REASON_PEER_LOST, REASON_PEER_LOST);
OV_SAME(REASON_ENDPOINT, REASON_ENDPOINT);
OV_SAME(REASON_TUPLE_TAKEN, REASON_TUPLE_TAKEN);
OV_SAME(REASON_ADOPTED, REASON_ADOPTED);
static_assert(ASHLAR_OVERLAY_REASON_ADOPTED + 1 == (int)OV_REASON_MAX);
static_assert(OV_NL_N_COUNTERS == (int)OV_STAT_MAX);
static_assert(OV_MAX_UPLINKS == ASHLAR_OVERLAY_MAX_UPLINKS);
static_assert(OV_MAX_SUITE_PORTS == ASHLAR_OVERLAY_MAX_SUITE_PORTS);
static_assert(OV_VNI_MAX == ASHLAR_OVERLAY_MAX_VNI);

static void *msg_begin(struct ov_nl_msg *m, int event_attr)
{
	void *hdr;

	hdr = genlmsg_put(m->skb, m->portid, m->seq, &ov_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return NULL;
	if (m->cb)
		genl_dump_check_consistent(m->cb, hdr);
	if (m->event != OV_NL_NO_EVENT &&
	    nla_put_u32(m->skb, event_attr, m->event)) {
		genlmsg_cancel(m->skb, hdr);
		return NULL;
	}
	return hdr;
}

static int msg_end(struct ov_nl_msg *m, void *hdr, int err)
{
	if (err) {
		genlmsg_cancel(m->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(m->skb, hdr);
	return 0;
}

static int put_addr(struct sk_buff *skb, int attr, const struct ov_addr *addr)
{
	if (ov_addr_is4(addr))
		return nla_put_in_addr(skb, attr, ov_addr_ip4(addr));
	return nla_put_in6_addr(skb, attr, &addr->in6);
}

/* The name is copied first, because a device may be renamed at any time. */
static int put_dev_name(struct sk_buff *skb, int attr,
			const struct net_device *dev)
{
	char name[IFNAMSIZ] = "";

	if (dev)
		strscpy(name, dev->name, sizeof(name));
	return nla_put_string(skb, attr, name);
}

static int put_uplinks(struct sk_buff *skb, const struct ov_underlay *ul)
{
	struct net *net = ul->host->net;
	unsigned int i;

	for (i = 0; i < ul->cfg.n_dev; i++)
		if (nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_IFINDEXES,
				READ_ONCE(ul->cfg.ifindex[i])))
			return -EMSGSIZE;
	for (i = 0; i < ul->cfg.n_dev; i++) {
		const struct net_device *dev;
		char name[IFNAMSIZ];

		dev = dev_get_by_index_rcu(net, READ_ONCE(ul->cfg.ifindex[i]));
		strscpy(name, dev ? dev->name : ul->lost[i], sizeof(name));
		if (nla_put_string(skb, ASHLAR_OVERLAY_A_UNDERLAY_DEVICES, name))
			return -EMSGSIZE;
	}
	return 0;
}

static int put_keys(struct sk_buff *skb, const struct ov_keys *keys)
{
	u64 now = ktime_get_real_seconds();

	if (!keys)
		return 0;
	if (keys->has_prev &&
	    nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_KEY_PREV_PRINT,
			keys->prev.print))
		return -EMSGSIZE;
	if (nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_KEY_PRINT,
			keys->cur.print))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, ASHLAR_OVERLAY_A_UNDERLAY_KEY_AGE,
				 now > keys->since ? now - keys->since : 0,
				 ASHLAR_OVERLAY_A_UNDERLAY_PAD);
}

static int put_underlay_cfg(struct sk_buff *skb,
			    const struct ov_underlay_cfg *cfg)
{
	return nla_put_string(skb, ASHLAR_OVERLAY_A_UNDERLAY_NAME, cfg->name) ?:
	       put_addr(skb, ASHLAR_OVERLAY_A_UNDERLAY_ADDR, &cfg->addr) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_UNDERLAY_PORTS_LO,
			   cfg->port_lo) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_UNDERLAY_PORTS_HI,
			   cfg->port_lo + cfg->port_n - 1) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_LO,
			   cfg->sport_lo) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_HI,
			   cfg->sport_lo + cfg->sport_n - 1) ?:
	       nla_put_u8(skb, ASHLAR_OVERLAY_A_UNDERLAY_OPTION_KIND,
			  cfg->opt_kind) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_UNDERLAY_EXID, cfg->exid) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_REST_MS,
			   cfg->rest_ms) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_HELLO_INTERVAL,
			   cfg->hello_s) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_HALF_OPEN_MAX,
			   cfg->half_max);
}

int ov_nl_fill_underlay(struct ov_nl_msg *m, const struct ov_underlay *ul)
{
	struct sk_buff *skb = m->skb;
	unsigned long rotated;
	void *hdr;
	int err;

	hdr = msg_begin(m, ASHLAR_OVERLAY_A_UNDERLAY_EVENT);
	if (!hdr)
		return -EMSGSIZE;
	rotated = jiffies - READ_ONCE(ul->rotated);
	rcu_read_lock();
	err = put_underlay_cfg(skb, &ul->cfg) ?:
	      put_uplinks(skb, ul) ?:
	      put_keys(skb, rcu_dereference(ul->keys)) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_NONCE_AGE,
			  rotated / HZ) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_UNDERLAY_N_PEERS,
			  atomic_read(&ul->peers.nelems));
	rcu_read_unlock();
	return msg_end(m, hdr, err);
}

static int put_fallback(struct sk_buff *skb, const struct ov_network *nw)
{
	struct net *net = nw->underlay->host->net;
	int ifindex = READ_ONCE(nw->fallback);
	struct net_device *dev;

	if (!ifindex)
		return 0;
	dev = dev_get_by_index_rcu(net, ifindex);
	if (dev && put_dev_name(skb, ASHLAR_OVERLAY_A_NETWORK_FALLBACK_DEVICE,
				dev))
		return -EMSGSIZE;
	return nla_put_u32(skb, ASHLAR_OVERLAY_A_NETWORK_FALLBACK_IFINDEX,
			   ifindex);
}

int ov_nl_fill_network(struct ov_nl_msg *m, const struct ov_network *nw)
{
	const struct ov_policies *policies;
	struct sk_buff *skb = m->skb;
	void *hdr;
	int err;

	hdr = msg_begin(m, ASHLAR_OVERLAY_A_NETWORK_EVENT);
	if (!hdr)
		return -EMSGSIZE;
	rcu_read_lock();
	policies = rcu_dereference(nw->policies);
	err = nla_put_u32(skb, ASHLAR_OVERLAY_A_NETWORK_VNI, nw->vni) ?:
	      nla_put_string(skb, ASHLAR_OVERLAY_A_NETWORK_UNDERLAY,
			     nw->underlay->cfg.name) ?:
	      put_fallback(skb, nw) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_NETWORK_DEFAULT,
			  !policies || policies->allow) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_NETWORK_N_ENDPOINTS,
			  READ_ONCE(nw->n_endpoints)) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_NETWORK_N_POLICIES,
			  policies ? policies->n : 0);
	rcu_read_unlock();
	return msg_end(m, hdr, err);
}

static int put_endpoint_place(struct sk_buff *skb,
			      const struct ov_endpoint *ep,
			      const struct ov_host *host)
{
	if (!ov_endpoint_is_local(ep))
		return put_addr(skb, ASHLAR_OVERLAY_A_ENDPOINT_HOST,
				&ep->peer->addr);
	return nla_put_s32(skb, ASHLAR_OVERLAY_A_ENDPOINT_NETNSID,
			   peernet2id(host->net, ep->net)) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_ENDPOINT_IFINDEX,
			   ep->dev->ifindex) ?:
	       put_dev_name(skb, ASHLAR_OVERLAY_A_ENDPOINT_DEVICE, ep->dev);
}

/* The caller holds RCU since before it saw that @ep is not dead, or ov_mutex. */
int ov_nl_fill_endpoint(struct ov_nl_msg *m, const struct ov_endpoint *ep,
			const struct ov_host *host)
{
	struct sk_buff *skb = m->skb;
	void *hdr;

	hdr = msg_begin(m, ASHLAR_OVERLAY_A_ENDPOINT_EVENT);
	if (!hdr)
		return -EMSGSIZE;
	return msg_end(m, hdr,
		       nla_put_u32(skb, ASHLAR_OVERLAY_A_ENDPOINT_VNI,
				   ep->vni) ?:
		       put_addr(skb, ASHLAR_OVERLAY_A_ENDPOINT_ADDR,
				&ep->addr) ?:
		       put_endpoint_place(skb, ep, host) ?:
		       nla_put_u32(skb, ASHLAR_OVERLAY_A_ENDPOINT_ID, ep->id));
}

static int put_prefix(struct sk_buff *skb, int addr_attr, int len_attr,
		      const struct ov_addr *addr, u8 len)
{
	if (!len)
		return 0;
	return put_addr(skb, addr_attr, addr) ?:
	       nla_put_u8(skb, len_attr, ov_addr_is4(addr) ? len - 96 : len);
}

static int put_policy(struct sk_buff *skb, const struct ov_policy *rule)
{
	int err;

	err = nla_put_u32(skb, ASHLAR_OVERLAY_A_POLICY_PREF, rule->pref) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_POLICY_ACTION, rule->allow) ?:
	      put_prefix(skb, ASHLAR_OVERLAY_A_POLICY_SRC,
			 ASHLAR_OVERLAY_A_POLICY_SRC_LEN, &rule->src,
			 rule->src_len) ?:
	      put_prefix(skb, ASHLAR_OVERLAY_A_POLICY_DST,
			 ASHLAR_OVERLAY_A_POLICY_DST_LEN, &rule->dst,
			 rule->dst_len) ?:
	      nla_put_u64_64bit(skb, ASHLAR_OVERLAY_A_POLICY_HITS,
				atomic64_read(&rule->hits),
				ASHLAR_OVERLAY_A_POLICY_PAD);
	if (err || (rule->dport_lo == 0 && rule->dport_hi == U16_MAX))
		return err;
	return nla_put_u16(skb, ASHLAR_OVERLAY_A_POLICY_DPORT_LO,
			   rule->dport_lo) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_POLICY_DPORT_HI,
			   rule->dport_hi);
}

int ov_nl_fill_policy(struct ov_nl_msg *m, u32 vni,
		      const struct ov_policy *rule)
{
	void *hdr;

	hdr = msg_begin(m, ASHLAR_OVERLAY_A_POLICY_EVENT);
	if (!hdr)
		return -EMSGSIZE;
	return msg_end(m, hdr,
		       nla_put_u32(m->skb, ASHLAR_OVERLAY_A_POLICY_VNI, vni) ?:
		       (rule ? put_policy(m->skb, rule) : 0));
}

static int put_peer_health(struct sk_buff *skb, const struct ov_peer *peer)
{
	unsigned long now = jiffies;
	unsigned long due = READ_ONCE(peer->due);
	u64 boot = READ_ONCE(peer->boot);
	u32 rtt = READ_ONCE(peer->rtt_us);
	u32 key = READ_ONCE(peer->key);
	unsigned long wait = time_after(due, now) ? due - now : 0;
	unsigned long age = now - READ_ONCE(peer->heard);

	if (key && nla_put_u32(skb, ASHLAR_OVERLAY_A_PEER_KEY_PRINT, key))
		return -EMSGSIZE;
	/* The incarnation is drawn at random; 0 stands for none. */
	if (boot && (nla_put_u64_64bit(skb, ASHLAR_OVERLAY_A_PEER_EPOCH, boot,
				       ASHLAR_OVERLAY_A_PEER_PAD) ||
		     nla_put_u64_64bit(skb, ASHLAR_OVERLAY_A_PEER_HEARD_MS,
				       jiffies_to_msecs(age),
				       ASHLAR_OVERLAY_A_PEER_PAD)))
		return -EMSGSIZE;
	if (rtt && nla_put_u32(skb, ASHLAR_OVERLAY_A_PEER_RTT_US, rtt))
		return -EMSGSIZE;
	return nla_put_u64_64bit(skb, ASHLAR_OVERLAY_A_PEER_NEXT_HELLO_MS,
				 jiffies_to_msecs(wait),
				 ASHLAR_OVERLAY_A_PEER_PAD) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_PEER_UNANSWERED,
			   READ_ONCE(peer->backoff));
}

int ov_nl_fill_peer(struct ov_nl_msg *m, const struct ov_peer *peer)
{
	struct sk_buff *skb = m->skb;
	void *hdr;
	int err;

	hdr = msg_begin(m, ASHLAR_OVERLAY_A_PEER_EVENT);
	if (!hdr)
		return -EMSGSIZE;
	err = nla_put_string(skb, ASHLAR_OVERLAY_A_PEER_UNDERLAY,
			     peer->underlay->cfg.name) ?:
	      put_addr(skb, ASHLAR_OVERLAY_A_PEER_ADDR, &peer->addr) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_PEER_STATE,
			  READ_ONCE(peer->state)) ?:
	      put_peer_health(skb, peer) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_PEER_ENDPOINTS,
			  READ_ONCE(peer->users)) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_PEER_CONNS,
			  atomic_read(&peer->conns)) ?:
	      nla_put_u32(skb, ASHLAR_OVERLAY_A_PEER_HALF_OPEN,
			  atomic_read(&peer->half)) ?:
	      nla_put_u64_64bit(skb, ASHLAR_OVERLAY_A_PEER_FAST,
				atomic64_read(&peer->n_fast),
				ASHLAR_OVERLAY_A_PEER_PAD) ?:
	      nla_put_u64_64bit(skb, ASHLAR_OVERLAY_A_PEER_FALLBACK,
				atomic64_read(&peer->n_fallback),
				ASHLAR_OVERLAY_A_PEER_PAD);
	return msg_end(m, hdr, err);
}

static int put_conn_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, ASHLAR_OVERLAY_A_CONN_PAD);
}

static int put_conn_tuples(struct sk_buff *skb, const struct ov_conn *conn)
{
	const struct ov_tuple *o = &conn->o;
	const struct ov_tuple *u = &conn->u;
	int err;

	err = put_addr(skb, ASHLAR_OVERLAY_A_CONN_LOCAL, &o->local) ?:
	      nla_put_u16(skb, ASHLAR_OVERLAY_A_CONN_LOCAL_PORT,
			  ntohs(o->lport)) ?:
	      put_addr(skb, ASHLAR_OVERLAY_A_CONN_REMOTE, &o->remote) ?:
	      nla_put_u16(skb, ASHLAR_OVERLAY_A_CONN_REMOTE_PORT,
			  ntohs(o->rport));
	if (err || !READ_ONCE(conn->in_u))
		return err;
	return put_addr(skb, ASHLAR_OVERLAY_A_CONN_UNDERLAY_LOCAL,
			&u->local) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_CONN_UNDERLAY_LOCAL_PORT,
			   ntohs(u->lport)) ?:
	       put_addr(skb, ASHLAR_OVERLAY_A_CONN_UNDERLAY_REMOTE,
			&u->remote) ?:
	       nla_put_u16(skb, ASHLAR_OVERLAY_A_CONN_UNDERLAY_REMOTE_PORT,
			   ntohs(u->rport));
}

static int put_conn_state(struct sk_buff *skb, const struct ov_conn *conn)
{
	return nla_put_u32(skb, ASHLAR_OVERLAY_A_CONN_ROLE,
			   conn->server ? ASHLAR_OVERLAY_ROLE_SERVER :
			   ASHLAR_OVERLAY_ROLE_CLIENT) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_CONN_STATE,
			   READ_ONCE(conn->state)) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_CONN_PATH,
			   READ_ONCE(conn->path)) ?:
	       nla_put_u32(skb, ASHLAR_OVERLAY_A_CONN_REASON,
			   READ_ONCE(conn->reason)) ?:
	       nla_put_u8(skb, ASHLAR_OVERLAY_A_CONN_PROVEN,
			  READ_ONCE(conn->proven));
}

static u64 msecs_since(u64 then)
{
	u64 now = ktime_get_boottime_ns();

	return now > then ? div_u64(now - then, NSEC_PER_MSEC) : 0;
}

int ov_nl_fill_conn(struct ov_nl_msg *m, const struct ov_conn *conn)
{
	const struct ov_peer *peer = conn->peer;
	struct sk_buff *skb = m->skb;
	void *hdr;
	int err;

	hdr = msg_begin(m, ASHLAR_OVERLAY_A_CONN_EVENT);
	if (!hdr)
		return -EMSGSIZE;
	err = nla_put_u32(skb, ASHLAR_OVERLAY_A_CONN_VNI, conn->network->vni) ?:
	      put_conn_tuples(skb, conn) ?:
	      nla_put_string(skb, ASHLAR_OVERLAY_A_CONN_UNDERLAY,
			     conn->network->underlay->cfg.name) ?:
	      (peer ? put_addr(skb, ASHLAR_OVERLAY_A_CONN_PEER,
			       &peer->addr) : 0) ?:
	      put_conn_state(skb, conn) ?:
	      put_conn_u64(skb, ASHLAR_OVERLAY_A_CONN_AGE_MS,
			   msecs_since(conn->made)) ?:
	      put_conn_u64(skb, ASHLAR_OVERLAY_A_CONN_PATH_AGE_MS,
			   msecs_since(READ_ONCE(conn->since))) ?:
	      put_conn_u64(skb, ASHLAR_OVERLAY_A_CONN_TX_PACKETS,
			   READ_ONCE(conn->tx_packets)) ?:
	      put_conn_u64(skb, ASHLAR_OVERLAY_A_CONN_TX_BYTES,
			   READ_ONCE(conn->tx_bytes)) ?:
	      put_conn_u64(skb, ASHLAR_OVERLAY_A_CONN_RX_PACKETS,
			   READ_ONCE(conn->rx_packets)) ?:
	      put_conn_u64(skb, ASHLAR_OVERLAY_A_CONN_RX_BYTES,
			   READ_ONCE(conn->rx_bytes));
	return msg_end(m, hdr, err);
}

static int put_stat(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, ASHLAR_OVERLAY_A_STATS_PAD);
}

/* A namespace without underlays (@host is NULL) has counted nothing. */
int ov_nl_fill_stats(struct ov_nl_msg *m, const struct ov_host *host)
{
	const struct ov_underlay *ul;
	u64 sum[OV_STAT_MAX] = {};
	unsigned int peers = 0, i;
	void *hdr;
	int err;

	hdr = genlmsg_put(m->skb, m->portid, m->seq, &ov_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (host) {
		ov_stats_sum(host->stats, sum);
		rcu_read_lock();
		list_for_each_entry_rcu(ul, &host->underlays, list)
			peers += atomic_read(&ul->peers.nelems);
		rcu_read_unlock();
	}
	err = put_stat(m->skb, ASHLAR_OVERLAY_A_STATS_CONNS,
		       host ? atomic_read(&host->n_conns) : 0) ?:
	      put_stat(m->skb, ASHLAR_OVERLAY_A_STATS_ENDPOINTS,
		       host ? atomic_read(&host->n_endpoints) : 0) ?:
	      put_stat(m->skb, ASHLAR_OVERLAY_A_STATS_PEERS, peers);
	for (i = 0; i < OV_STAT_MAX && !err; i++)
		err = put_stat(m->skb, ASHLAR_OVERLAY_A_STATS_TX_FAST + i,
			       sum[i]);
	return msg_end(m, hdr, err);
}

/* False if nobody listens. */
static bool ntf_begin(struct ov_nl_msg *m, struct net *net, u8 cmd, int event,
		      gfp_t gfp)
{
	if (!genl_has_listeners(&ov_nl_family, net, OV_NL_MCGRP_MONITOR))
		return false;
	*m = (struct ov_nl_msg){ .cmd = cmd, .event = event };
	m->skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (m->skb)
		return true;
	genl_set_err(&ov_nl_family, net, 0, OV_NL_MCGRP_MONITOR, -ENOBUFS);
	return false;
}

static void ntf_end(struct ov_nl_msg *m, struct net *net, int err, gfp_t gfp)
{
	if (!err) {
		genlmsg_multicast_netns(&ov_nl_family, net, m->skb, 0,
					OV_NL_MCGRP_MONITOR, gfp);
		return;
	}
	nlmsg_free(m->skb);
	genl_set_err(&ov_nl_family, net, 0, OV_NL_MCGRP_MONITOR, -ENOBUFS);
}

void ov_nl_notify_underlay(struct ov_underlay *ul, enum ov_event event)
{
	struct net *net = ul->host->net;
	struct ov_nl_msg m;

	if (ntf_begin(&m, net, ASHLAR_OVERLAY_CMD_UNDERLAY_NTF, event,
		      GFP_KERNEL))
		ntf_end(&m, net, ov_nl_fill_underlay(&m, ul), GFP_KERNEL);
}

void ov_nl_notify_network(struct ov_network *nw, struct ov_host *host,
			  enum ov_event event)
{
	struct ov_nl_msg m;

	if (ntf_begin(&m, host->net, ASHLAR_OVERLAY_CMD_NETWORK_NTF, event,
		      GFP_KERNEL))
		ntf_end(&m, host->net, ov_nl_fill_network(&m, nw), GFP_KERNEL);
}

void ov_nl_notify_endpoint(struct ov_endpoint *ep, struct ov_host *host,
			   enum ov_event event)
{
	struct ov_nl_msg m;

	if (ntf_begin(&m, host->net, ASHLAR_OVERLAY_CMD_ENDPOINT_NTF, event,
		      GFP_KERNEL))
		ntf_end(&m, host->net, ov_nl_fill_endpoint(&m, ep, host),
			GFP_KERNEL);
}

void ov_nl_notify_policy(struct ov_network *nw, struct ov_host *host,
			 const struct ov_policy *rule, enum ov_event event)
{
	struct ov_nl_msg m;

	if (ntf_begin(&m, host->net, ASHLAR_OVERLAY_CMD_POLICY_NTF, event,
		      GFP_KERNEL))
		ntf_end(&m, host->net, ov_nl_fill_policy(&m, nw->vni, rule),
			GFP_KERNEL);
}

void ov_nl_notify_peer(struct ov_peer *peer)
{
	struct net *net = peer->underlay->host->net;
	struct ov_nl_msg m;

	if (ntf_begin(&m, net, ASHLAR_OVERLAY_CMD_PEER_NTF,
		      ASHLAR_OVERLAY_EVENT_SET, GFP_ATOMIC))
		ntf_end(&m, net, ov_nl_fill_peer(&m, peer), GFP_ATOMIC);
}

void ov_nl_notify_conn(struct ov_conn *conn, bool cut)
{
	struct net *net = conn->host->net;
	struct ov_nl_msg m;

	if (ntf_begin(&m, net, ASHLAR_OVERLAY_CMD_CONN_NTF,
		      cut ? ASHLAR_OVERLAY_EVENT_CUT :
		      ASHLAR_OVERLAY_EVENT_PATH_CHANGED, GFP_ATOMIC))
		ntf_end(&m, net, ov_nl_fill_conn(&m, conn), GFP_ATOMIC);
}
