// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way in. A packet of a known conn gets its overlay tuple back, and with it
 * the container's device, route and socket, and goes up from there; the host's
 * own PRE_ROUTING and LOCAL_IN never see it, the container's do
 * (its PRE_ROUTING if there is more in it than our own hook).
 *
 * What has no conn: a SYN with a valid option makes one; another packet of a
 * known peer is answered with a datagram and dropped, never with the stack's
 * RST; everything else is none of our business.
 */
#include <linux/icmp.h>
#include <linux/netfilter_ipv4.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/tcp.h>

#include "compat.h"
#include "conn.h"
#include "dgram.h"
#include "hook.h"
#include "host.h"
#include "option.h"
#include "rewrite.h"
#include "route.h"
#include "trace.h"

/* From this packet of a conn on, it is worth while to remember the socket. */
#define OV_RX_REMEMBER	8

/* How many endpoints of one hint are tried. */
#define OV_CANDIDATES	8

bool ov_underlay_has_dev(const struct ov_underlay *ul, int ifindex)
{
	unsigned int i;

	for (i = 0; i < ul->cfg.n_dev; i++) {
		if (READ_ONCE(ul->cfg.ifindex[i]) == ifindex)
			return true;
	}
	return false;
}

static unsigned int rx_drop(struct ov_host *host, struct sk_buff *skb,
			    enum ov_stat stat)
{
	this_cpu_inc(host->stats->n[stat]);
	trace_ov_packet(skb, stat);
	kfree_skb(skb);
	return NF_STOLEN;
}

/* The remembered socket with a reference, or what the look-up finds. RCU. */
static struct sock *rx_sock(struct ov_conn *conn)
{
	struct sock *sk = rcu_dereference(conn->sk);

	if (likely(sk)) {
		if (likely(refcount_inc_not_zero(&sk->sk_refcnt))) {
			if (likely(rcu_access_pointer(conn->sk) == sk &&
				   sk->sk_state != TCP_CLOSE))
				return sk;
			sock_gen_put(sk);
		}
		ov_conn_drop_sock(conn);
	}
	sk = ov_conn_sock(conn);
	if (sk && conn->rx_packets >= OV_RX_REMEMBER && !conn->fins &&
	    sk->sk_state == TCP_ESTABLISHED)
		ov_conn_set_sock(conn, sk);
	return sk;
}

/* After the container's PRE_ROUTING. */
static int rx_finish(struct net *net, struct sock *unused, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (!skb_valid_dst(skb) &&
	    ip_route_input_noref(skb, iph->daddr, iph->saddr, iph->tos, skb->dev)) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	/* An address that is not the container's (any more) goes nowhere. */
	if (skb_rtable(skb)->rt_type != RTN_LOCAL) {
		kfree_skb(skb);
		return NET_RX_DROP;
	}
	return dst_input(skb);
}

/* The socket of a packet, and with it the route that the socket knows. RCU. */
static void rx_demux(struct ov_conn *conn, struct sk_buff *skb)
{
	struct sock *sk = rx_sock(conn);
	struct dst_entry *dst;

	if (!sk)
		return;
	skb->sk = sk;
	skb->destructor = sock_edemux;
	if (!sk_fullsock(sk))
		return;
	dst = rcu_dereference(sk->sk_rx_dst);
	if (dst && ov_route_is_valid(dst) &&
	    sk->sk_rx_dst_ifindex == skb->skb_iif)
		skb_dst_set_noref(skb, dst);
}

/* Hands a packet with its overlay tuple to the container. RCU. */
static unsigned int rx_deliver(struct ov_conn *conn, struct sk_buff *skb,
			       bool demux)
{
	struct net_device *dev = conn->local->dev;
	struct net *net = conn->local->net;
	const struct nf_hook_entries *hooks;

	skb->dev = dev;
	skb->skb_iif = dev->ifindex;
	IPCB(skb)->iif = dev->ifindex;
	IPCB(skb)->flags |= OV_CAME_FAST;
	skb->mark = 0;
	skb->priority = 0;
	nf_reset_ct(skb);
	nf_reset_trace(skb);
	ipvs_reset(skb);
	if (unlikely(skb_has_extensions(skb)))
		skb_ext_reset(skb);
	skb_dst_drop(skb);
	conn->rx_packets++;
	conn->rx_bytes += skb->len;
	ov_dev_count_rx(dev, skb->len);
	ov_count(conn->host, RX_FAST);

	hooks = rcu_dereference(net->nf.hooks_ipv4[NF_INET_PRE_ROUTING]);
	if (hooks && hooks->num_hook_entries > 1) {
		if (nf_hook(NFPROTO_IPV4, NF_INET_PRE_ROUTING, net, NULL, skb,
			    dev, NULL, rx_finish) != 1)
			return NF_STOLEN;
		/* Translated: let the container's stack find out to whom. */
		if (ip_hdr(skb)->daddr != ov_addr_ip4(&conn->o.local) ||
		    ip_hdr(skb)->saddr != ov_addr_ip4(&conn->o.remote))
			demux = false;
	}
	if (demux && !skb->sk)
		rx_demux(conn, skb);
	if (rx_finish(net, NULL, skb) == NET_RX_DROP)
		ov_count(conn->host, RX_SITE_DROPPED);
	return NF_STOLEN;
}

/* Gives a packet its overlay tuple. False if there is no memory. */
static bool rx_rewrite(struct ov_conn *conn, struct sk_buff *skb)
{
	struct iphdr *iph;

	if (unlikely(!ov_writable(skb, sizeof(*iph) + sizeof(struct tcphdr))))
		return false;
	iph = ip_hdr(skb);
	ov_rewrite(skb, iph, (struct tcphdr *)(iph + 1),
		   ov_addr_ip4(&conn->o.remote), ov_addr_ip4(&conn->o.local),
		   conn->o.rport, conn->o.lport,
		   (__force __wsum)~(__force u32)conn->diff.addr,
		   (__force __wsum)~(__force u32)conn->diff.port);
	return true;
}

static bool rx_csum_ok(struct sk_buff *skb)
{
	return skb_csum_unnecessary(skb) ||
	       !nf_ip_checksum(skb, NF_INET_PRE_ROUTING, sizeof(struct iphdr),
			       IPPROTO_TCP);
}

/*
 * The other host says that it has no such connection. Real RSTs of a container
 * come by the fallback, so this one is swallowed; it counts if it fits.
 */
static unsigned int rx_rst(struct ov_conn *conn, struct sk_buff *skb,
			   const struct tcphdr *th)
{
	struct sock *sk;
	bool ok = false;

	if (!rx_csum_ok(skb))
		return rx_drop(conn->host, skb, OV_STAT_RX_RST_REFUSED);
	th = (const struct tcphdr *)(ip_hdr(skb) + 1);
	sk = ov_conn_sock(conn);
	if (sk && sk->sk_state == TCP_SYN_SENT) {
		ok = th->ack && ntohl(th->ack_seq) == conn->iss + 1;
	} else if (sk && sk_fullsock(sk)) {
		const struct tcp_sock *tp = tcp_sk(sk);
		u32 start = READ_ONCE(tp->rcv_wup);

		ok = between(ntohl(th->seq), start,
			     READ_ONCE(tp->rcv_nxt) + tcp_receive_window(tp));
	}
	if (sk)
		sock_gen_put(sk);
	if (!ok)
		return rx_drop(conn->host, skb, OV_STAT_RX_RST_REFUSED);
	if (ov_conn_demote(conn, OV_REASON_RESET))
		ov_conn_kick(conn);
	return rx_drop(conn->host, skb, OV_STAT_RX_RST);
}

/* Does the first packet on an unproven path prove it? */
static bool rx_proves(const struct ov_conn *conn, const struct tcphdr *th)
{
	if (conn->resuming)
		return true;
	return th->ack && ntohl(th->ack_seq) == conn->iss + 1 &&
	       (conn->server || th->syn);
}

/* Is this, of a probe's length, the probe of a resume? Its tag says so. RCU. */
static noinline bool rx_is_probe(struct ov_conn *conn, struct sk_buff *skb,
				 const struct tcphdr **th)
{
	struct ov_underlay *ul = conn->peer->underlay;
	const struct ov_keys *keys = rcu_dereference(ul->keys);
	struct ov_syn_options found;
	const struct ov_option *opt;
	struct ov_option_ctx ctx = {
		.vni = conn->vni,
		.overlay = {
			.local = conn->o.remote,
			.remote = conn->o.local,
			.lport = conn->o.rport,
			.rport = conn->o.lport,
		},
		.underlay = {
			.local = conn->u.remote,
			.remote = conn->u.local,
			.lport = conn->u.rport,
			.rport = conn->u.lport,
		},
	};
	unsigned int k, n;

	if (!pskb_may_pull(skb, skb->len))
		return false;
	*th = (const struct tcphdr *)(ip_hdr(skb) + 1);
	if ((*th)->doff * 4 != sizeof(**th) + OV_OPTION_LEN)
		return false;
	ov_option_scan(*th, ul->cfg.opt_kind, ul->cfg.exid, &found);
	if (!(found.seen & OV_SYN_OPTION))
		return false;
	opt = (const void *)*th + found.option;
	ctx.seq = (*th)->seq;
	for (k = 0; k < (keys->has_prev ? 2 : 1); k++) {
		for (n = 0; n < 2; n++) {
			ctx.nonce = READ_ONCE(ul->nonce[n]);
			if (ov_option_tag(&ctx, k ? &keys->prev.sip :
						    &keys->cur.sip) == opt->tag)
				return true;
		}
	}
	return false;
}

/*
 * A packet of a known conn that is not a SYN, and more than a packet: a FIN, a
 * RST, the first one. RCU.
 */
static noinline unsigned int rx_conn_turns(struct ov_conn *conn,
					   struct sk_buff *skb)
{
	const struct tcphdr *th = (const struct tcphdr *)(ip_hdr(skb) + 1);

	if (th->rst)
		return rx_rst(conn, skb, th);
	if (th->fin)
		ov_conn_fin(conn, OV_FIN_THEIRS);
	if (!conn->proven) {
		if (skb->len == sizeof(struct iphdr) + sizeof(*th) + OV_OPTION_LEN &&
		    conn->peer && rx_is_probe(conn, skb, &th)) {
			ov_conn_prove(conn);
			return rx_drop(conn->host, skb, OV_STAT_RX_PROBE);
		}
		if (rx_proves(conn, th))
			ov_conn_prove(conn);
	}
	if (!rx_rewrite(conn, skb))
		return rx_drop(conn->host, skb, OV_STAT_RX_NO_MEMORY);
	return rx_deliver(conn, skb, true);
}

/* Somebody's packet to a suite port that no conn wants. RCU. */
static unsigned int rx_unknown(struct ov_underlay *ul, struct ov_peer *peer,
			       struct sk_buff *skb, const struct tcphdr *th)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (!th->rst)
		ov_dgram_answer(peer, OV_DG_UNKNOWN, th->dest, th->source,
				th->seq, ntohs(iph->tot_len));
	return rx_drop(ul->host, skb, OV_STAT_RX_UNKNOWN_CONN);
}

/* What is known of a SYN on its way through syn_rcv(). */
struct rx_syn {
	struct ov_underlay *ul;
	struct ov_peer *peer;
	struct ov_endpoint *local;
	struct ov_endpoint *remote;
	struct ov_tuple o;
	struct ov_tuple u;
	unsigned int option;
	u32 gen;
};

/* Tries the endpoints that the hints stand for; says how far it came. */
static enum ov_stat syn_identify(struct rx_syn *syn, const struct tcphdr *th,
				 const struct ov_option *opt)
{
	const struct ov_keys *keys = rcu_dereference(syn->ul->keys);
	enum ov_stat worst = OV_STAT_RX_SYN_UNKNOWN_ENDPOINT;
	u32 dst_id = be32_to_cpu(opt->dst_id), src_id = be32_to_cpu(opt->src_id);
	struct rhltable *table = &syn->ul->host->endpoint_ids;
	struct rhlist_head *dst, *src, *pos, *pos2;
	struct ov_endpoint *local, *remote;
	unsigned int budget = OV_CANDIDATES;
	unsigned int k, n;

	dst = rhltable_lookup(table, &dst_id, ov_endpoint_id_params);
	src = rhltable_lookup(table, &src_id, ov_endpoint_id_params);
	rhl_for_each_entry_rcu(local, pos, dst, id_node) {
		if (!ov_endpoint_is_local(local) || READ_ONCE(local->dead) ||
		    local->network->underlay != syn->ul)
			continue;
		rhl_for_each_entry_rcu(remote, pos2, src, id_node) {
			struct ov_option_ctx ctx = {
				.vni = local->vni,
				.overlay = {
					.local = remote->addr,
					.remote = local->addr,
					.lport = opt->sport,
					.rport = opt->dport,
				},
				.underlay = {
					.local = syn->u.remote,
					.remote = syn->u.local,
					.lport = syn->u.rport,
					.rport = syn->u.lport,
				},
				.seq = th->seq,
			};

			if (remote->vni != local->vni || READ_ONCE(remote->dead))
				continue;
			if (remote->peer != syn->peer) {
				worst = OV_STAT_RX_SYN_WRONG_HOST;
				continue;
			}
			if (!budget--)
				return worst;
			worst = OV_STAT_RX_SYN_BAD_TAG;
			for (k = 0; k < (keys->has_prev ? 2 : 1); k++) {
				for (n = 0; n < 2; n++) {
					ctx.nonce = READ_ONCE(syn->ul->nonce[n]);
					if (ov_option_tag(&ctx, k ?
							  &keys->prev.sip :
							  &keys->cur.sip) != opt->tag)
						continue;
					syn->local = local;
					syn->remote = remote;
					return OV_STAT_MAX;
				}
			}
		}
	}
	return worst;
}

/* Blanks the option, so that no application learns of it. */
static void syn_blank_option(struct sk_buff *skb, struct tcphdr *th,
			     unsigned int at)
{
	bool last = at + OV_OPTION_LEN == th->doff * 4;
	u8 *opt = (u8 *)th + at;
	__wsum old = csum_partial(opt, OV_OPTION_LEN, 0);
	__wsum diff;

	memset(opt, last ? TCPOPT_EOL : TCPOPT_NOP, OV_OPTION_LEN);
	diff = csum_sub(csum_partial(opt, OV_OPTION_LEN, 0), old);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		th->check = ov_csum_apply(th->check, diff);
}

/*
 * What to do about a conn that has the overlay tuple already: true if it made
 * way. A live socket answers for itself (a challenge ACK).
 */
static bool syn_replaces(struct ov_conn *old)
{
	struct sock *sk;
	bool live;

	if (old->state == OV_CONN_OPEN) {
		sk = ov_conn_sock(old);
		live = sk && sk->sk_state != TCP_TIME_WAIT &&
		       sk->sk_state != TCP_CLOSE;
		if (sk)
			sock_gen_put(sk);
		if (live)
			return false;
	}
	ov_count(old->host, CONN_REPLACED);
	ov_conn_kill(old);
	return true;
}

/* Makes the server's half of a conn, or says what hinders. RCU. */
static struct ov_conn *syn_conn_make(struct rx_syn *syn, enum ov_stat *why,
				     int *err)
{
	struct ov_conn *conn;

	*err = -ENOSPC;
	*why = OV_STAT_RX_SYN_HALF_OPEN_LIMIT;
	if (atomic_inc_return(&syn->peer->half) > syn->ul->cfg.half_max) {
		atomic_dec(&syn->peer->half);
		return NULL;
	}
	*why = OV_STAT_CONN_ALLOC_FAILED;
	conn = ov_conn_new(syn->local, syn->remote, &syn->o);
	if (!conn) {
		atomic_dec(&syn->peer->half);
		return NULL;
	}
	conn->half = true;
	conn->server = true;
	conn->state = OV_CONN_SYN_RECV;
	conn->path = OV_PATH_FAST;
	conn->policy_gen = syn->gen;
	*err = ov_conn_set_tuple(conn, &syn->u);
	if (*err) {
		ov_conn_discard(conn);
		return NULL;
	}
	*err = ov_conn_publish(conn, false);
	if (*err)
		return NULL;
	ov_count(syn->ul->host, CONN_IN);
	return conn;
}

/* The server's half of a conn, or NULL with the reason in @why. RCU. */
static struct ov_conn *syn_conn(struct rx_syn *syn, enum ov_stat *why)
{
	struct ov_host *host = syn->ul->host;
	struct ov_conn *conn, *old;
	int err;

	old = ov_conn_find_underlay(host, &syn->u);
	if (old) {
		if (old->vni == syn->local->vni &&
		    ov_tuple_equal(&old->o, &syn->o)) {
			if (old->state != OV_CONN_CLOSING) {
				ov_count(host, RX_SYN_REPEATED);
				return old;
			}
			ov_conn_kill(old);
		} else {
			ov_conn_demote(old, OV_REASON_TUPLE_TAKEN);
			ov_conn_clear_tuple(old);
		}
	}
	conn = syn_conn_make(syn, why, &err);
	if (conn || (err != -EEXIST && *why != OV_STAT_RX_SYN_HALF_OPEN_LIMIT))
		return conn;
	old = ov_conn_find(host, syn->local->vni, &syn->o);
	if (!old)
		return NULL;
	if (!syn_replaces(old)) {
		*why = OV_STAT_RX_SYN_STALE;
		return NULL;
	}
	return syn_conn_make(syn, why, &err);
}

/* A SYN that the host's own rules have let pass. RCU. */
static int syn_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		   struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct rx_syn syn = {
		.ul = ul,
		.peer = peer,
		.u.local = ul->cfg.addr,
		.u.remote = peer->addr,
	};
	struct ov_host *host = ul->host;
	struct ov_syn_options found;
	const struct ov_option *opt;
	struct ov_conn *conn;
	struct tcphdr *th;
	enum ov_stat why;

	if (!pskb_may_pull(skb, sizeof(*iph) + sizeof(*th)))
		return rx_drop(host, skb, OV_STAT_RX_MALFORMED);
	th = (struct tcphdr *)(ip_hdr(skb) + 1);
	if (th->doff < 5 || skb_ensure_writable(skb, sizeof(*iph) + th->doff * 4))
		return rx_drop(host, skb, OV_STAT_RX_MALFORMED);
	th = (struct tcphdr *)(ip_hdr(skb) + 1);
	syn.u.lport = th->dest;
	syn.u.rport = th->source;
	if (!rx_csum_ok(skb))
		return rx_drop(host, skb, OV_STAT_RX_SYN_BAD_CSUM);
	ov_option_scan(th, ul->cfg.opt_kind, ul->cfg.exid, &found);
	if (found.seen & OV_SYN_BROKEN ||
	    (found.seen & OV_SYN_OPTION &&
	     found.seen & (OV_SYN_FASTOPEN | OV_SYN_SIGNED | OV_SYN_MPTCP)))
		return rx_drop(host, skb, OV_STAT_RX_SYN_BAD_OPTION);
	if (!(found.seen & OV_SYN_OPTION))
		return rx_drop(host, skb, OV_STAT_RX_SYN_NO_OPTION);
	opt = (const void *)th + found.option;
	why = syn_identify(&syn, th, opt);
	if (why != OV_STAT_MAX) {
		if (why == OV_STAT_RX_SYN_UNKNOWN_ENDPOINT)
			ov_dgram_answer(syn.peer, OV_DG_REFUSED, th->dest,
					th->source, th->seq, skb->len);
		return rx_drop(host, skb, why);
	}
	syn.o.local = syn.local->addr;
	syn.o.remote = syn.remote->addr;
	syn.o.lport = opt->dport;
	syn.o.rport = opt->sport;
	if (!ov_policy_allows(syn.local->network, &syn.o.remote, &syn.o.local,
			      syn.o.lport, &syn.gen)) {
		ov_dgram_answer(syn.peer, OV_DG_DENIED, th->dest, th->source,
				th->seq, skb->len);
		return rx_drop(host, skb, OV_STAT_POLICY_DENIED_IN);
	}
	conn = syn_conn(&syn, &why);
	if (!conn) {
		if (why != OV_STAT_RX_SYN_STALE)
			ov_dgram_answer(syn.peer, OV_DG_REFUSED, th->dest,
					th->source, th->seq, skb->len);
		return rx_drop(host, skb, why);
	}
	syn_blank_option(skb, th, found.option);
	if (!rx_rewrite(conn, skb))
		return rx_drop(host, skb, OV_STAT_RX_NO_MEMORY);
	return rx_deliver(conn, skb, false);
}

/*
 * The host's own LOCAL_IN rules have let the SYN pass. Underlay and peer are
 * found anew, since it may have waited in a queue.
 */
static int rx_syn_judged(struct net *net, struct sock *unused,
			 struct sk_buff *skb)
{
	struct ov_host *host = ov_host_get(net);
	struct ov_addr local, remote;
	struct ov_underlay *ul;
	struct ov_peer *peer;

	ov_addr_init4(&local, ip_hdr(skb)->daddr);
	ov_addr_init4(&remote, ip_hdr(skb)->saddr);
	if (!host)
		goto free;
	list_for_each_entry_rcu(ul, &host->underlays, list) {
		if (!ov_addr_equal(&ul->cfg.addr, &local))
			continue;
		peer = ov_peer_find(ul, &remote);
		if (peer)
			return syn_rcv(ul, peer, skb);
	}
free:
	kfree_skb(skb);
	return 0;
}

/* A SYN from a known peer: first the host's own rules. RCU. */
static unsigned int rx_syn(struct ov_underlay *ul, struct ov_peer *peer,
			   struct sk_buff *skb)
{
	struct net *net = ul->host->net;
	const struct iphdr *iph = ip_hdr(skb);

	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	if (rcu_access_pointer(net->nf.hooks_ipv4[NF_INET_LOCAL_IN])) {
		if (!skb_dst(skb) &&
		    ip_route_input_noref(skb, iph->daddr, iph->saddr, iph->tos,
					 skb->dev))
			return rx_drop(ul->host, skb, OV_STAT_RX_MALFORMED);
		if (nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_IN, net, NULL, skb,
			    skb->dev, NULL, rx_syn_judged) != 1)
			return NF_STOLEN;
	}
	syn_rcv(ul, peer, skb);
	return NF_STOLEN;
}

static bool rx_is_suite(const struct ov_underlay *ul, __be16 port)
{
	return (u16)(ntohs(port) - ul->cfg.port_lo) < ul->cfg.port_n;
}

/* A SYN, a packet that has no conn, or one that came by no uplink. RCU. */
static noinline unsigned int rx_no_conn(struct ov_underlay *ul,
					struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = (const struct tcphdr *)(iph + 1);
	bool to_suite = rx_is_suite(ul, th->dest);
	struct ov_addr remote;
	struct ov_peer *peer;
	struct sock *sk;

	if (!to_suite && !rx_is_suite(ul, th->source))
		return NF_ACCEPT;
	if (!ov_underlay_has_dev(ul, skb->dev->ifindex)) {
		if (!to_suite && !ov_conn_find_packet(ul->host, iph, th))
			return NF_ACCEPT;
		return rx_drop(ul->host, skb, OV_STAT_RX_WRONG_DEVICE);
	}
	ov_addr_init4(&remote, iph->saddr);
	peer = ov_peer_find(ul, &remote);
	if (!peer)
		return NF_ACCEPT;
	if (to_suite)
		return th->syn && !th->ack ? rx_syn(ul, peer, skb) :
					     rx_unknown(ul, peer, skb, th);
	/* From a suite port: perhaps to a socket of the host's own. */
	if ((u16)(ntohs(th->dest) - ul->cfg.sport_lo) >= ul->cfg.sport_n)
		return NF_ACCEPT;
	sk = __inet_lookup_established(ul->host->net,
				       ul->host->net->ipv4.tcp_death_row.hashinfo,
				       iph->saddr, th->source, iph->daddr,
				       ntohs(th->dest), skb->dev->ifindex, 0);
	if (sk) {
		sock_gen_put(sk);
		return NF_ACCEPT;
	}
	return rx_unknown(ul, peer, skb, th);
}

/**
 * ov_rx_tcp() - a TCP packet that may have a suite port
 * @ul: an underlay
 * @skb: the packet; without IP options, IP and TCP headers are linear
 *
 * What has a conn has a suite port, so the ports are looked at where there is
 * none.
 *
 * Context: PRE_ROUTING of the host.
 * Return: a netfilter verdict.
 */
unsigned int ov_rx_tcp(struct ov_underlay *ul, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = (const struct tcphdr *)(iph + 1);
	struct ov_conn *conn;

	if (iph->daddr != ov_addr_ip4(&ul->cfg.addr) ||
	    unlikely(iph->ihl != 5 || ip_is_fragment(iph)))
		return NF_ACCEPT;
	if (unlikely((th->syn && !th->ack) ||
		     !ov_underlay_has_dev(ul, skb->dev->ifindex)))
		return rx_no_conn(ul, skb);
	conn = ov_conn_find_packet(ul->host, iph, th);
	if (unlikely(!conn || READ_ONCE(conn->local->dead)))
		return rx_no_conn(ul, skb);
	if (unlikely(!conn->proven ||
		     tcp_flag_word(th) & (TCP_FLAG_RST | TCP_FLAG_FIN)))
		return rx_conn_turns(conn, skb);
	if (unlikely(!rx_rewrite(conn, skb)))
		return rx_drop(ul->host, skb, OV_STAT_RX_NO_MEMORY);
	return rx_deliver(conn, skb, true);
}

/* What an ICMP error quotes. */
struct icmp_quote {
	struct iphdr iph;
	__be16 source;
	__be16 dest;
	__be32 seq;
};

/* Gives an ICMP error the addresses that the container knows. */
static bool icmp_translate(struct ov_conn *conn, struct sk_buff *skb)
{
	unsigned int off = ip_hdrlen(skb);
	struct icmp_quote *q;
	struct icmphdr *icmph;
	struct iphdr *iph;

	if (skb_linearize(skb) || skb_ensure_writable(skb, skb->len))
		return false;
	iph = ip_hdr(skb);
	icmph = (void *)iph + off;
	q = (void *)(icmph + 1);
	q->iph.saddr = ov_addr_ip4(&conn->o.local);
	q->iph.daddr = ov_addr_ip4(&conn->o.remote);
	q->source = conn->o.lport;
	q->dest = conn->o.rport;
	ip_send_check(&q->iph);
	iph->daddr = ov_addr_ip4(&conn->o.local);
	iph->saddr = ov_addr_ip4(&conn->o.remote);
	ip_send_check(iph);
	icmph->checksum = 0;
	icmph->checksum = csum_fold(csum_partial(icmph, skb->len - off, 0));
	skb->ip_summed = CHECKSUM_NONE;
	return true;
}

/**
 * ov_rx_icmp() - an ICMP packet arrived
 * @ul: an underlay
 * @skb: the packet
 *
 * An error about a packet of a conn goes to the container it is about, if it
 * quotes a sequence number in flight; a new path MTU is noted first.
 *
 * Context: PRE_ROUTING of the host.
 * Return: a netfilter verdict.
 */
unsigned int ov_rx_icmp(struct ov_underlay *ul, struct sk_buff *skb)
{
	unsigned int off = ip_hdrlen(skb);
	struct icmphdr *icmph, icmp_copy;
	struct icmp_quote *q, quote;
	struct ov_conn *conn;
	struct ov_tuple u;
	struct sock *sk;
	bool ok = false;

	if (ip_is_fragment(ip_hdr(skb)) ||
	    ip_hdr(skb)->daddr != ov_addr_ip4(&ul->cfg.addr))
		return NF_ACCEPT;
	icmph = skb_header_pointer(skb, off, sizeof(icmp_copy), &icmp_copy);
	if (!icmph || (icmph->type != ICMP_DEST_UNREACH &&
		       icmph->type != ICMP_TIME_EXCEEDED &&
		       icmph->type != ICMP_PARAMETERPROB))
		return NF_ACCEPT;
	q = skb_header_pointer(skb, off + sizeof(*icmph), sizeof(quote), &quote);
	if (!q || q->iph.protocol != IPPROTO_TCP || q->iph.ihl != 5 ||
	    q->iph.saddr != ov_addr_ip4(&ul->cfg.addr))
		return NF_ACCEPT;
	ov_addr_init4(&u.local, q->iph.saddr);
	ov_addr_init4(&u.remote, q->iph.daddr);
	u.lport = q->source;
	u.rport = q->dest;
	conn = ov_conn_find_underlay(ul->host, &u);
	if (!conn)
		return NF_ACCEPT;
	if (!ov_underlay_has_dev(ul, skb->dev->ifindex))
		return rx_drop(ul->host, skb, OV_STAT_RX_WRONG_DEVICE);
	sk = ov_conn_sock(conn);
	if (sk && sk_fullsock(sk)) {
		const struct tcp_sock *tp = tcp_sk(sk);

		ok = between(ntohl(q->seq), READ_ONCE(tp->snd_una),
			     READ_ONCE(tp->snd_nxt));
	}
	if (sk)
		sock_gen_put(sk);
	if (!ok || nf_ip_checksum(skb, NF_INET_PRE_ROUTING, off, IPPROTO_ICMP))
		return rx_drop(ul->host, skb, OV_STAT_RX_ICMP_REFUSED);
	if (icmph->type == ICMP_DEST_UNREACH && icmph->code == ICMP_FRAG_NEEDED) {
		u32 mtu = max_t(u32, ntohs(icmph->un.frag.mtu),
				READ_ONCE(ul->host->net->ipv4.ip_rt_min_pmtu));

		ov_clone_lower_mtu(conn, mtu);
	}
	if (!icmp_translate(conn, skb))
		return rx_drop(ul->host, skb, OV_STAT_RX_NO_MEMORY);
	ov_count(ul->host, RX_ICMP);
	return rx_deliver(conn, skb, false);
}

/**
 * ov_rx_forward() - a packet is being forwarded through the host
 * @ul: an underlay
 * @skb: the packet
 * @out: where it leaves
 *
 * Only the host itself speaks for the suite: what a container or a neighbour
 * sends to a peer from or to the suite's ports, in the hope that the host gives
 * it its own address, goes nowhere.
 *
 * Context: FORWARD of the host.
 * Return: a netfilter verdict.
 */
unsigned int ov_rx_forward(struct ov_underlay *ul, struct sk_buff *skb,
			   const struct net_device *out)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be16 ports[2], *p;
	struct ov_addr addr;

	if ((iph->protocol != IPPROTO_TCP && iph->protocol != IPPROTO_UDP) ||
	    !ov_underlay_has_dev(ul, out->ifindex))
		return NF_ACCEPT;
	ov_addr_init4(&addr, iph->daddr);
	if (!ov_peer_find(ul, &addr))
		return NF_ACCEPT;
	if (!(iph->frag_off & htons(IP_OFFSET))) {
		p = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(ports), ports);
		if (p && !rx_is_suite(ul, p[0]) && !rx_is_suite(ul, p[1]))
			return NF_ACCEPT;
		if (!p)
			return NF_DROP;
	} else {
		return NF_ACCEPT;	/* its first fragment was judged */
	}
	ov_count(ul->host, TX_FORGED);
	trace_ov_packet(skb, OV_STAT_TX_FORGED);
	return NF_DROP;
}
