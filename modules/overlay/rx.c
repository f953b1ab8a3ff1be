// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way in. A packet of a known conn gets its overlay tuple back, and with it
 * the container's device, route and socket, and goes up from there; the host's
 * own PRE_ROUTING and LOCAL_IN never see it, the container's do
 * (its PRE_ROUTING if there is more in it than our own hook).
 *
 * What has no conn: a SYN with a valid option makes one (rx_syn.c); another
 * packet of a known peer is answered with a datagram and dropped, never with the stack's
 * RST; everything else is none of our business.
 */
#include <linux/netfilter_ipv4.h>
#include <net/dst_metadata.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
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
#include "rx.h"
#include "trace.h"

/* From this packet of a conn on, it is worth while to remember the socket. */
#define OV_RX_REMEMBER	8

bool ov_underlay_has_dev(const struct ov_underlay *ul, int ifindex)
{
	unsigned int i;

	for (i = 0; i < ul->cfg.n_dev; i++) {
		if (READ_ONCE(ul->cfg.ifindex[i]) == ifindex)
			return true;
	}
	return false;
}

/**
 * ov_rx_drop() - drops a packet under a name
 * @host: who drops it
 * @skb: the packet
 * @stat: the counter
 *
 * Return: the verdict for netfilter.
 */
unsigned int ov_rx_drop(struct ov_host *host, struct sk_buff *skb,
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

/**
 * ov_rx_deliver() - hands a packet to the container
 * @conn: its conn
 * @skb: the packet, with its overlay tuple
 * @demux: the conn's socket is whom it is for
 *
 * Context: RCU.
 * Return: the verdict for netfilter.
 */
unsigned int ov_rx_deliver(struct ov_conn *conn, struct sk_buff *skb,
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

/**
 * ov_rx_rewrite() - gives a packet its overlay tuple
 * @conn: its conn
 * @skb: a TCP packet without IP options
 *
 * Context: RCU.
 * Return: false if there is no memory.
 */
bool ov_rx_rewrite(struct ov_conn *conn, struct sk_buff *skb)
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

/* Of a TCP packet without IP options. */
bool ov_rx_csum_ok(struct sk_buff *skb)
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

	if (!ov_rx_csum_ok(skb))
		return ov_rx_drop(conn->host, skb, OV_STAT_RX_RST_REFUSED);
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
		return ov_rx_drop(conn->host, skb, OV_STAT_RX_RST_REFUSED);
	if (ov_conn_demote(conn, OV_REASON_RESET))
		ov_conn_kick(conn);
	return ov_rx_drop(conn->host, skb, OV_STAT_RX_RST);
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
			return ov_rx_drop(conn->host, skb, OV_STAT_RX_PROBE);
		}
		if (rx_proves(conn, th))
			ov_conn_prove(conn);
	}
	if (!ov_rx_rewrite(conn, skb))
		return ov_rx_drop(conn->host, skb, OV_STAT_RX_NO_MEMORY);
	return ov_rx_deliver(conn, skb, true);
}

/* Somebody's packet to a suite port that no conn wants. RCU. */
static unsigned int rx_unknown(struct ov_underlay *ul, struct ov_peer *peer,
			       struct sk_buff *skb, const struct tcphdr *th)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (!th->rst)
		ov_dgram_answer(peer, OV_DG_UNKNOWN, th->dest, th->source,
				th->seq, ntohs(iph->tot_len));
	return ov_rx_drop(ul->host, skb, OV_STAT_RX_UNKNOWN_CONN);
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
		return ov_rx_drop(ul->host, skb, OV_STAT_RX_WRONG_DEVICE);
	}
	ov_addr_init4(&remote, iph->saddr);
	peer = ov_peer_find(ul, &remote);
	if (!peer)
		return NF_ACCEPT;
	if (to_suite)
		return th->syn && !th->ack ? ov_rx_syn(ul, peer, skb) :
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
	if (unlikely(!ov_rx_rewrite(conn, skb)))
		return ov_rx_drop(ul->host, skb, OV_STAT_RX_NO_MEMORY);
	return ov_rx_deliver(conn, skb, true);
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
