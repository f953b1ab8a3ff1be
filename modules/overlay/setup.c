// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens at a container's edge, after its own filters.
 *
 * Every SYN from or to a managed endpoint is judged here, before a path is
 * chosen, so that no path evades the policy. A SYN that leaves is then put on
 * the fast path where that is certain to be right: the socket's route leaves by
 * the endpoint's device, nothing has translated the tuple, the SYN has room for
 * the option, and the peer is live. Else the conn is kept, on the fallback,
 * with the reason.
 *
 * No state is made for a packet without a socket of its own: a container that
 * crafts SYNs is judged, and costs nothing.
 */
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/mptcp.h>
#include <net/tcp.h>

#include "compat.h"
#include "conn.h"
#include "dgram.h"
#include "hook.h"
#include "option.h"
#include "route.h"
#include "trace.h"
#include "tx.h"

static void tuple_out(const struct iphdr *iph, const struct tcphdr *th,
		      struct ov_tuple *o)
{
	ov_addr_init4(&o->local, iph->saddr);
	ov_addr_init4(&o->remote, iph->daddr);
	o->lport = th->source;
	o->rport = th->dest;
}

/* Is @sk the socket of this tuple? A raw socket or a translated one is not. */
static bool sock_has_tuple(const struct sock *sk, const struct ov_tuple *o)
{
	const struct inet_sock *inet = inet_sk(sk);

	return inet->inet_saddr == ov_addr_ip4(&o->local) &&
	       inet->inet_daddr == ov_addr_ip4(&o->remote) &&
	       inet->inet_sport == o->lport && inet->inet_dport == o->rport;
}

static bool sock_is_tcp(const struct sock *sk)
{
	return sk && sk_fullsock(sk) && sk->sk_protocol == IPPROTO_TCP &&
	       sk->sk_type == SOCK_STREAM;
}

/*
 * A route set by ip_queue_xmit() just now: only there, with the socket's lock
 * held, is a packet's route the socket's own and not referenced. A packet that
 * was queued on the way (NFQUEUE) holds a reference.
 */
static bool skb_is_sockets_own(const struct sk_buff *skb, const struct sock *sk)
{
	return skb->_skb_refdst & SKB_DST_NOREF &&
	       skb_dst(skb) == rcu_access_pointer(sk->sk_dst_cache);
}

static bool route_is_plain(const struct sk_buff *skb, const struct ov_endpoint *ep)
{
	const struct rtable *rt = skb_rtable(skb);

	return rt->dst.dev == ep->dev && rt->dst.output == ip_output &&
	       !rt->dst.xfrm && !rt->dst.lwtstate && rt->rt_type == RTN_UNICAST;
}

/* Puts the conn's clone under a packet, and under its socket if it can be. */
static void setup_route(struct ov_conn *conn, struct sk_buff *skb)
{
	struct sock *sk = skb->sk;
	struct rtable *clone;
	struct dst_entry *dst;

	if (!route_is_plain(skb, conn->local))
		return;
	clone = ov_clone_install(conn, skb_rtable(skb));
	if (!clone)
		return;
	dst = &clone->dst;
	if (sock_is_tcp(sk) && sk->sk_state != TCP_LISTEN &&
	    sk->sk_state != TCP_CLOSE && sock_has_tuple(sk, &conn->o) &&
	    skb_is_sockets_own(skb, sk)) {
		struct tcp_sock *tp = tcp_sk(sk);
		u32 advmss = dst_metric_advmss(dst);
		u16 user = READ_ONCE(tp->rx_opt.user_mss);

		dst_hold(dst);
		sk_dst_set(sk, dst);
		/* Or every full segment would be acknowledged at once. */
		if (user && user < advmss)
			advmss = user;
		if (tp->advmss < advmss)
			tp->advmss = advmss;
		skb_dst_drop(skb);
		skb_dst_set_noref(skb, dst);
		return;
	}
	dst_hold(dst);
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
}

/* Why a SYN cannot take the fast path, or OV_REASON_NONE. RCU. */
static enum ov_reason syn_reason(const struct sk_buff *skb,
				 const struct sock *sk,
				 const struct tcphdr *th,
				 struct ov_endpoint *local,
				 struct ov_endpoint *remote)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct ov_syn_options opts;
	unsigned long hold;

	if (!remote)
		return OV_REASON_UNKNOWN_ENDPOINT;
	if (!route_is_plain(skb, local))
		return OV_REASON_ROUTE;
	if (iph->ihl != 5)
		return OV_REASON_IP_OPTIONS;
	if (ov_sock_is_transparent(sk))
		return OV_REASON_SOCKET;
	if (ov_endpoint_is_local(remote))
		return OV_REASON_NONE;
	ov_option_scan(th, 0, 0, &opts);
	if (opts.seen & (OV_SYN_FASTOPEN | OV_SYN_SIGNED | OV_SYN_MPTCP) ||
	    sk_is_mptcp(sk))
		return OV_REASON_TCP_OPTION;
	if (skb->len > (iph->ihl + th->doff) * 4 || opts.seen & OV_SYN_BROKEN ||
	    th->doff * 4 + OV_OPTION_LEN > 60)
		return OV_REASON_NO_ROOM;
	if (!ov_peer_is_live(remote->peer))
		return OV_REASON_PEER_NOT_LIVE;
	hold = READ_ONCE(remote->hold);
	if (hold) {
		if (time_before(jiffies, hold))
			return OV_REASON_NO_PROGRESS;
		WRITE_ONCE(remote->hold, 0);
	}
	return OV_REASON_NONE;
}

static void setup_syn(struct ov_endpoint *local, const struct ov_tuple *o,
		      struct sk_buff *skb, const struct tcphdr *th, u32 gen)
{
	struct ov_network *nw = local->network;
	struct ov_host *host = nw->underlay->host;
	struct ov_endpoint *remote;
	struct sock *sk = skb->sk;
	enum ov_reason reason;
	struct ov_conn *conn;

	if (!sock_is_tcp(sk) || sk->sk_state != TCP_SYN_SENT)
		return;
	if (tcp_sk(sk)->total_retrans) {
		conn = ov_conn_find(host, nw->vni, o);
		if (conn && !conn->server && conn->iss == ntohl(th->seq)) {
			/* Its clone went away. */
			if (conn->path != OV_PATH_FALLBACK)
				setup_route(conn, skb);
			return;
		}
	}
	remote = ov_endpoint_find(host, nw->vni, &o->remote);
	reason = syn_reason(skb, sk, th, local, remote);
	if (!sock_has_tuple(sk, o)) {
		ov_count(host, TX_NAT);
		reason = OV_REASON_NAT;
	}
	conn = ov_conn_new(local, remote, o);
	if (!conn)
		return;
	conn->iss = ntohl(th->seq);
	conn->policy_gen = gen;
	conn->reason = reason;
	if (reason == OV_REASON_NONE) {
		if (!conn->peer) {
			conn->path = OV_PATH_LOCAL;
		} else if (ov_conn_take_tuple(conn)) {
			conn->reason = OV_REASON_PORTS;
		} else {
			conn->path = OV_PATH_FAST;
			conn->state = OV_CONN_SYN_SENT;
		}
	}
	if (ov_conn_publish(conn, true))
		return;
	ov_count(host, CONN_OUT);
	if (conn->path != OV_PATH_FALLBACK) {
		setup_route(conn, skb);
		if (skb_dst(skb)->output != ov_tx_output)
			ov_conn_demote(conn, !conn->peer ||
				       rcu_access_pointer(conn->via->route) ?
				       OV_REASON_MEMORY : OV_REASON_UPLINK);
	} else if (conn->peer) {
		atomic64_inc(&conn->peer->n_fallback);
	}
}

/* States of a socket whose connection may have a conn made for it late. */
#define OV_ADOPTABLE \
	(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT | TCPF_FIN_WAIT1 | \
	 TCPF_FIN_WAIT2 | TCPF_SYN_SENT)

/**
 * ov_hook_adopt() - a conn for a socket that is open already
 * @local: its endpoint
 * @remote: the other end's, or NULL
 * @o: the overlay tuple
 *
 * After a reload of the module, or where the SYN came by the fallback. The end
 * whose port has a listener is taken for the server.
 *
 * Context: RCU.
 * Return: the conn, on the fallback (local if both ends are here), or NULL.
 */
struct ov_conn *ov_hook_adopt(struct ov_endpoint *local,
			      struct ov_endpoint *remote,
			      const struct ov_tuple *o)
{
	struct ov_network *nw = local->network;
	struct ov_host *host = nw->underlay->host;
	struct net *net = local->net;
	struct ov_conn *conn;
	struct sock *sk;
	bool allowed, open;
	u32 gen;

	conn = ov_conn_new(local, remote, o);
	if (!conn)
		return NULL;
	sk = ov_conn_sock(conn);
	open = sk && (1 << sk->sk_state) & OV_ADOPTABLE;
	if (sk)
		sock_gen_put(sk);
	if (!open) {
		ov_conn_discard(conn);
		return NULL;
	}
	sk = __inet_lookup_listener(net, net->ipv4.tcp_death_row.hashinfo, NULL,
				    0, ov_addr_ip4(&o->remote), o->rport,
				    ov_addr_ip4(&o->local), ntohs(o->lport),
				    local->dev->ifindex, 0);
	conn->server = sk;
	conn->reason = OV_REASON_ADOPTED;
	if (!remote)
		conn->reason = OV_REASON_UNKNOWN_ENDPOINT;
	else if (remote->peer && !ov_peer_is_live(remote->peer))
		conn->reason = OV_REASON_PEER_NOT_LIVE;
	if (conn->server)
		allowed = ov_policy_allows(nw, &o->remote, &o->local, o->lport, &gen);
	else
		allowed = ov_policy_allows(nw, &o->local, &o->remote, o->rport, &gen);
	conn->policy_gen = gen;
	if (remote && ov_endpoint_is_local(remote)) {
		conn->path = OV_PATH_LOCAL;
		conn->reason = OV_REASON_NONE;
	}
	if (!allowed)
		conn->cut = ECONNRESET;
	if (ov_conn_publish(conn, false))
		return ov_conn_find(host, nw->vni, o);
	ov_count(host, CONN_ADOPTED);
	if (!allowed)
		ov_host_review(host);
	return conn;
}

/**
 * ov_reason_passes() - whether a reason for the fallback may pass by itself
 * @reason: the reason
 *
 * Return: true if the conn may be resumed on the fast path.
 */
bool ov_reason_passes(enum ov_reason reason)
{
	switch (reason) {
	case OV_REASON_PEER_NOT_LIVE:
	case OV_REASON_PORTS:
	case OV_REASON_MEMORY:
	case OV_REASON_UPLINK:
	case OV_REASON_FIREWALL:
	case OV_REASON_REFUSED:
	case OV_REASON_UNKNOWN_CONN:
	case OV_REASON_RESET:
	case OV_REASON_NO_PROGRESS:
	case OV_REASON_PEER_LOST:
	case OV_REASON_TUPLE_TAKEN:
	case OV_REASON_ADOPTED:
		return true;
	default:
		return false;
	}
}

/* A conn on the fallback asks its peer for the fast path, now and then. */
static void setup_resume(struct ov_conn *conn, const struct sock *sk,
			 const struct sk_buff *skb)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (!conn->peer || !ov_reason_passes(conn->reason) ||
	    !ov_peer_is_live(conn->peer) ||
	    time_before(jiffies, READ_ONCE(conn->retry)) ||
	    !((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) ||
	    !route_is_plain(skb, conn->local))
		return;
	conn->tries++;
	WRITE_ONCE(conn->retry, jiffies + (HZ << min_t(u8, conn->tries, 6)));
	ov_conn_clear_tuple(conn);
	if (ov_conn_take_tuple(conn))
		return;
	WRITE_ONCE(conn->resuming, true);
	ov_dgram_resume(conn, tp->snd_nxt, tp->rcv_nxt);
}

/*
 * gc does not find a socket by the tuple that the container's NAT made of its
 * own: such a conn lives by its packets.
 */
static void setup_keep(struct ov_conn *conn)
{
	if (time_before(jiffies, READ_ONCE(conn->due) - 15 * HZ))
		return;
	spin_lock_bh(&conn->lock);
	if (!conn->killed && conn->state == OV_CONN_OPEN)
		ov_gc_move(conn, OV_GC_OPEN);
	spin_unlock_bh(&conn->lock);
}

/*
 * A SYN-ACK whose SYN came by the fallback or from this host: the one moment
 * that tells which end accepts. Half-open conns are bounded as on the fast path.
 */
static void setup_synack(struct ov_endpoint *local, const struct ov_tuple *o,
			 struct sk_buff *skb, const struct tcphdr *th)
{
	struct ov_network *nw = local->network;
	struct ov_endpoint *remote;
	struct ov_conn *conn;
	struct ov_peer *peer;
	u32 gen;

	remote = ov_endpoint_find(nw->underlay->host, nw->vni, &o->remote);
	if (!remote || !ov_policy_allows(nw, &o->remote, &o->local, o->lport, &gen))
		return;
	peer = remote->peer;
	if (peer && atomic_inc_return(&peer->half) > nw->underlay->cfg.half_max) {
		atomic_dec(&peer->half);
		return;
	}
	conn = ov_conn_new(local, remote, o);
	if (!conn) {
		if (peer)
			atomic_dec(&peer->half);
		return;
	}
	conn->half = peer;
	conn->server = true;
	conn->state = OV_CONN_SYN_RECV;
	conn->iss = ntohl(th->seq);
	conn->policy_gen = gen;
	if (!peer)
		conn->path = OV_PATH_LOCAL;
	else
		conn->reason = ov_peer_is_live(peer) ? OV_REASON_ADOPTED :
						       OV_REASON_PEER_NOT_LIVE;
	if (ov_conn_publish(conn, false))
		return;
	ov_count(nw->underlay->host, CONN_ADOPTED);
	if (!peer)
		setup_route(conn, skb);
}

/* A packet that is no SYN, of a socket whose route is not ours (any more). */
static void setup_data(struct ov_endpoint *local, const struct ov_tuple *o,
		       struct sk_buff *skb, const struct tcphdr *th)
{
	struct ov_host *host = local->network->underlay->host;
	struct ov_conn *conn = ov_conn_find(host, local->vni, o);
	struct sock *sk = skb->sk;

	if (th->rst) {
		if (conn)
			ov_conn_close(conn);
		return;
	}
	if (!conn && th->syn) {
		ov_count(host, TX_FALLBACK);
		setup_synack(local, o, skb, th);
		return;
	}
	if (conn && conn->state == OV_CONN_SYN_RECV && !th->syn &&
	    conn->path != OV_PATH_FAST)
		ov_conn_opened(conn);
	if (conn && READ_ONCE(conn->path) != OV_PATH_FALLBACK) {
		setup_route(conn, skb);
		return;
	}
	ov_count(host, TX_FALLBACK);
	if (conn && th->fin)
		ov_conn_fin(conn, OV_FIN_OURS);
	else if (conn && !conn->fins && conn->reason == OV_REASON_NAT)
		setup_keep(conn);
	if (!sock_is_tcp(sk) || !sock_has_tuple(sk, o) ||
	    sk->sk_state == TCP_LISTEN || sk->sk_state == TCP_CLOSE)
		return;
	/* The endpoint of the other end may be new, or have moved. */
	if (conn && (!conn->remote || READ_ONCE(conn->remote->dead)) &&
	    ov_endpoint_find(host, local->vni, &o->remote)) {
		ov_conn_kill(conn);
		conn = NULL;
	}
	if (!conn) {
		conn = ov_hook_adopt(local, ov_endpoint_find(host, local->vni,
							     &o->remote), o);
		if (!conn)
			return;
		if (conn->path == OV_PATH_LOCAL) {
			setup_route(conn, skb);
			return;
		}
	}
	setup_resume(conn, sk, skb);
}

/**
 * ov_setup_out() - a TCP packet is about to leave a container
 * @site: the container's namespace
 * @skb: the packet; its route is not one of our clones
 *
 * Context: LOCAL_OUT.
 * Return: a netfilter verdict.
 */
unsigned int ov_setup_out(struct ov_site *site, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct ov_endpoint *local;
	const struct tcphdr *th;
	struct tcphdr copy;
	struct ov_host *host;
	struct ov_tuple o;
	u32 gen;

	if (iph->frag_off & htons(IP_OFFSET))
		return NF_ACCEPT;
	ov_addr_init4(&o.local, iph->saddr);
	local = ov_endpoint_local(site, &o.local);
	if (!local)
		return NF_ACCEPT;
	host = local->network->underlay->host;
	th = skb_header_pointer(skb, iph->ihl * 4, sizeof(copy), &copy);
	if (!th) {
		/* A header in pieces could not be judged. */
		ov_count(host, TX_FRAGMENT);
		return NF_DROP;
	}
	tuple_out(iph, th, &o);
	if (!th->syn || th->ack) {
		setup_data(local, &o, skb, th);
		return NF_ACCEPT;
	}
	if (!ov_policy_allows(local->network, &o.local, &o.remote, o.rport,
			      &gen)) {
		ov_count(host, POLICY_DENIED_OUT);
		trace_ov_packet(skb, OV_STAT_POLICY_DENIED_OUT);
		return NF_DROP_ERR(-ECONNREFUSED);
	}
	if (pskb_may_pull(skb, iph->ihl * 4 + th->doff * 4) && th->doff >= 5)
		setup_syn(local, &o, skb, (void *)ip_hdr(skb) + ip_hdrlen(skb), gen);
	return NF_ACCEPT;
}

/**
 * ov_setup_in() - a TCP packet is about to enter a container
 * @site: the container's namespace
 * @skb: the packet; fragments for an endpoint are put together first, so that
 *       no header escapes judgement
 *
 * Context: PRE_ROUTING, after all others, so that the addresses are final.
 * Return: a netfilter verdict.
 */
unsigned int ov_setup_in(struct ov_site *site, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct ov_endpoint *local, *remote;
	const struct tcphdr *th;
	struct tcphdr copy;
	struct ov_host *host;
	struct ov_tuple o;
	u32 gen;

	if (unlikely(ip_is_fragment(iph))) {
		ov_addr_init4(&o.local, iph->daddr);
		if (!ov_endpoint_local(site, &o.local))
			return NF_ACCEPT;
		if (ip_defrag(site->net, skb, IP_DEFRAG_LOCAL_DELIVER))
			return NF_STOLEN;
		iph = ip_hdr(skb);
	}
	th = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(copy), &copy);
	if (!th || (!th->rst && (!th->syn || th->ack)))
		return NF_ACCEPT;
	ov_addr_init4(&o.local, iph->daddr);
	local = ov_endpoint_local(site, &o.local);
	if (!local)
		return NF_ACCEPT;
	host = local->network->underlay->host;
	ov_addr_init4(&o.remote, iph->saddr);
	o.lport = th->dest;
	o.rport = th->source;
	if (th->rst) {
		struct ov_conn *conn = ov_conn_find(host, local->vni, &o);

		if (conn)
			ov_conn_close(conn);
		return NF_ACCEPT;
	}
	if (ov_policy_allows(local->network, &o.remote, &o.local, o.lport, &gen)) {
		struct ov_conn *conn = NULL;

		/* The client tries the fallback: our answers do not reach it. */
		if (!(IPCB(skb)->flags & OV_CAME_FAST))
			conn = ov_conn_find(host, local->vni, &o);
		if (conn && conn->state == OV_CONN_SYN_RECV)
			ov_conn_demote(conn, OV_REASON_NO_PROGRESS);
		return NF_ACCEPT;
	}
	ov_count(host, POLICY_DENIED_IN);
	trace_ov_packet(skb, OV_STAT_POLICY_DENIED_IN);
	remote = ov_endpoint_find(host, local->vni, &o.remote);
	if (remote && remote->peer && ov_peer_is_live(remote->peer))
		ov_dgram_deny(remote->peer, local->vni, &o, ntohl(th->seq) + 1);
	return NF_DROP;
}
