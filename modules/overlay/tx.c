// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way out. The socket's route is a clone of itself (route.c) whose output
 * function is ov_tx_output(): TCP sees its own device, the MTU of the underlay,
 * and the verdict of the uplink's qdisc; a packet that must not take the fast
 * path simply takes ip_output(), as it would have.
 */
#include <linux/bpf-cgroup.h>
#include <linux/etherdevice.h>
#include <linux/netfilter_ipv4.h>
#include <net/arp.h>
#include <net/icmp.h>
#include <net/inet_connection_sock.h>
#include <net/ip.h>
#include <net/neighbour.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/tcp.h>

#include "compat.h"
#include "conn.h"
#include "dgram.h"
#include "host.h"
#include "option.h"
#include "rewrite.h"
#include "route.h"
#include "trace.h"
#include "tx.h"

/* How often a socket retransmits before its conn tries the fallback. */
#define OV_RETRIES	2

/* The ordinary overlay. The container's POST_ROUTING has been run. */
static int tx_fallback(struct ov_conn *conn, struct net *net, struct sock *sk,
		       struct sk_buff *skb)
{
	if (conn)
		ov_count(conn->host, TX_FALLBACK);
	IPCB(skb)->flags |= IPSKB_REROUTED;
	return ip_output(net, sk, skb);
}

static int tx_drop(struct sk_buff *skb, int err)
{
	kfree_skb(skb);
	return err;
}

/* Nothing of the container's may be seen by what follows on the host. */
static void tx_scrub(struct sk_buff *skb)
{
	nf_reset_ct(skb);
	nf_reset_trace(skb);
	skb->mark = 0;
	skb->priority = 0;
	skb->ignore_df = 0;
	skb_set_queue_mapping(skb, 0);
	if (unlikely(skb_has_extensions(skb)))
		skb_ext_reset(skb);
}

/* What ip_finish_output2() does, for a route of the host's. RCU. */
static int tx_neigh(struct dst_entry *dst, struct sk_buff *skb)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
	struct net_device *dev = dst->dev;
	unsigned int room = LL_RESERVED_SPACE(dev);
	struct neighbour *neigh;
	bool is_v6gw = false;

	if (unlikely(skb_headroom(skb) < room && dev->header_ops)) {
		skb = skb_expand_head(skb, room);
		if (!skb)
			return -ENOMEM;
	}
	skb->dev = dev;
	neigh = ip_neigh_for_gw(rt, skb, &is_v6gw);
	if (IS_ERR(neigh))
		return tx_drop(skb, PTR_ERR(neigh));
	sock_confirm_neigh(skb, neigh);
	return neigh_output(neigh, skb, is_v6gw);
}

/*
 * Raises the MSS of a SYN or SYN-ACK to the path's, if it is what the MTU of the
 * container's route gave; one that somebody chose is left alone.
 */
static void tx_raise_mss(struct ov_conn *conn, struct sk_buff *skb,
			 struct tcphdr *th, u32 mtu)
{
	const unsigned int headers = sizeof(struct iphdr) + sizeof(*th);
	u32 base = conn->base_mtu;
	u8 *option = (u8 *)(th + 1);
	__be16 *mss, old, new;

	/* It is always the first one. */
	if (th->doff == 5 || option[0] != TCPOPT_MSS || option[1] != TCPOLEN_MSS)
		return;
	mss = (__be16 *)(option + 2);
	old = *mss;
	new = htons(min_t(u32, mtu - headers, U16_MAX));
	if (ntohs(old) != base - headers || mtu <= base)
		return;
	*mss = new;
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		csum_replace2(&th->check, old, new);
}

/* Moves the headers of a SYN without data down and puts the option behind. */
static struct tcphdr *tx_insert_option(struct ov_conn *conn, struct sk_buff *skb)
{
	struct ov_peer *peer = conn->peer;
	struct ov_underlay *ul = peer->underlay;
	const struct ov_keys *keys = rcu_dereference(ul->keys);
	unsigned int len = skb->len;
	struct ov_option_ctx ctx = {
		.vni = conn->vni,
		.overlay = conn->o,
		.underlay = conn->u,
		.nonce = READ_ONCE(peer->nonce),
	};
	struct ov_option *opt;
	struct tcphdr *th;

	skb_push(skb, OV_OPTION_LEN);
	memmove(skb->data, skb->data + OV_OPTION_LEN, len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct iphdr));
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb->csum_start -= OV_OPTION_LEN;
	th = tcp_hdr(skb);
	opt = (struct ov_option *)(skb->data + len);
	*opt = (struct ov_option) {
		.kind = ul->cfg.opt_kind,
		.len = OV_OPTION_LEN,
		.exid = htons(ul->cfg.exid),
		.src_id = cpu_to_be32(conn->local->id),
		.dst_id = cpu_to_be32(conn->remote->id),
		.sport = conn->o.lport,
		.dport = conn->o.rport,
	};
	ctx.seq = th->seq;
	opt->tag = ov_option_tag(&ctx, &ov_key_for(keys, READ_ONCE(peer->key))->sip);
	th->doff += OV_OPTION_LEN / 4;
	return th;
}

/* Sums anew what was built by hand or grew. */
static void tx_checksum(struct sk_buff *skb, struct iphdr *iph,
			struct tcphdr *th)
{
	unsigned int len = skb->len - sizeof(*iph);

	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	th->check = 0;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		th->check = ~tcp_v4_check(len, iph->saddr, iph->daddr, 0);
	else
		th->check = tcp_v4_check(len, iph->saddr, iph->daddr,
					 csum_partial(th, len, 0));
}

/* Whether the host has rules for what it sends. RCU. */
static bool tx_host_judges(const struct net *net)
{
	return rcu_access_pointer(net->nf.hooks_ipv4[NF_INET_LOCAL_OUT]) ||
	       rcu_access_pointer(net->nf.hooks_ipv4[NF_INET_POST_ROUTING]);
}

/*
 * A client's SYN: the only packet besides probes that the host's own LOCAL_OUT
 * and POST_ROUTING rules judge.
 */
static int tx_syn(struct ov_conn *conn, struct net *net, struct sock *sk,
		  struct sk_buff *skb, struct dst_entry *route)
{
	struct iphdr *iph;
	struct tcphdr *th;
	int ret;

	if (skb_cow_head(skb, OV_OPTION_LEN + LL_RESERVED_SPACE(route->dev))) {
		ov_count(conn->host, TX_NO_MEMORY);
		return tx_drop(skb, -ENOMEM);
	}
	th = tx_insert_option(conn, skb);
	iph = ip_hdr(skb);
	tx_raise_mss(conn, skb, th, ov_route_mtu(route));
	iph->saddr = ov_addr_ip4(&conn->u.local);
	iph->daddr = ov_addr_ip4(&conn->u.remote);
	th->source = conn->u.lport;
	th->dest = conn->u.rport;
	iph->frag_off = htons(IP_DF);
	tx_checksum(skb, iph, th);
	tx_scrub(skb);
	skb_dst_drop(skb);
	if (likely(!tx_host_judges(conn->host->net))) {
		ov_count(conn->host, TX_FAST);
		skb_dst_set_noref(skb, route);
		return tx_neigh(route, skb);
	}
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	skb_dst_set(skb, dst_clone(route));
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	ret = ip_local_out(conn->host->net, sk, skb);
	if (unlikely(ret == -EPERM)) {
		ov_count(conn->host, TX_HOST_FIREWALL);
		WRITE_ONCE(conn->remote->hold, jiffies + OV_HOLD);
		ov_conn_demote(conn, OV_REASON_FIREWALL);
	} else {
		ov_count(conn->host, TX_FAST);
	}
	return ret;
}

/* To the other container's device, by its backlog. RCU. */
static int tx_local(struct ov_conn *conn, struct net *net, struct sock *sk,
		    struct sk_buff *skb)
{
	struct net_device *from = skb_dst(skb)->dev;
	struct net_device *to = conn->remote->dev;
	unsigned int len = skb->len;
	struct ethhdr *eth;
	int ret;

	if (READ_ONCE(conn->remote->dead) || !(to->flags & IFF_UP)) {
		ov_conn_demote(conn, OV_REASON_ENDPOINT);
		return tx_fallback(conn, net, sk, skb);
	}
	if (skb_cow_head(skb, ETH_HLEN)) {
		ov_count(conn->host, TX_NO_MEMORY);
		return tx_drop(skb, -ENOMEM);
	}
	eth = skb_push(skb, ETH_HLEN);
	ether_addr_copy(eth->h_source, from->dev_addr);
	ether_addr_copy(eth->h_dest, to->dev_addr);
	eth->h_proto = htons(ETH_P_IP);
	conn->tx_packets++;
	conn->tx_bytes += len;
	ov_dev_count_tx(from, len);
	ov_count(conn->host, TX_LOCAL);
	skb_dst_drop(skb);
	tx_scrub(skb);
	local_bh_disable();
	ov_dev_count_rx(to, len);
	ret = dev_forward_skb(to, skb);
	local_bh_enable();
	return ret == NET_RX_SUCCESS ? NET_XMIT_SUCCESS : NET_XMIT_DROP;
}

/* Says to the socket itself what a router would: the packet is too big. */
static int tx_too_big(struct ov_conn *conn, struct sk_buff *skb, u32 mtu)
{
	ov_count(conn->host, TX_TOO_BIG);
	ip_hdr(skb)->frag_off |= htons(IP_DF);
	ip_send_check(ip_hdr(skb));
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	return tx_drop(skb, -EMSGSIZE);
}

static bool tx_fits(const struct sk_buff *skb, u32 mtu)
{
	return skb->len <= mtu ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

/* Flags that do not pass without a look; false if the packet must fall back. */
static bool tx_flags(struct ov_conn *conn, const struct tcphdr *th)
{
	if (th->rst) {
		ov_conn_close(conn);
		return false;	/* real RSTs travel by the fallback */
	}
	if (th->fin)
		ov_conn_fin(conn, OV_FIN_OURS);
	if (th->syn && th->ack)
		conn->iss = ntohl(th->seq);
	return true;
}

static bool tx_is_stuck(const struct sock *sk)
{
	return sk && sk_fullsock(sk) && sk->sk_protocol == IPPROTO_TCP &&
	       inet_csk(sk)->icsk_retransmits >= OV_RETRIES;
}

static void tx_stuck(struct ov_conn *conn)
{
	if (conn->state == OV_CONN_SYN_SENT)
		WRITE_ONCE(conn->remote->hold, jiffies + OV_HOLD);
	ov_conn_demote(conn, OV_REASON_NO_PROGRESS);
}

/* A packet of @conn that its container has let out. RCU. */
static int tx_conn_xmit(struct ov_conn *conn, struct net *net, struct sock *sk,
			struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);
	struct dst_entry *route;
	struct tcphdr *th;
	u32 mtu;
	int ret;

	if (READ_ONCE(conn->path) == OV_PATH_FALLBACK)
		return tx_fallback(conn, net, sk, skb);
	if (unlikely(iph->ihl != 5)) {
		ov_count(conn->host, TX_OPTIONS);
		return tx_fallback(conn, net, sk, skb);
	}
	if (unlikely(!pskb_may_pull(skb, sizeof(*iph) + sizeof(*th))))
		return tx_drop(skb, -EINVAL);
	iph = ip_hdr(skb);
	th = (struct tcphdr *)(iph + 1);
	if (unlikely(iph->saddr != ov_addr_ip4(&conn->o.local) ||
		     iph->daddr != ov_addr_ip4(&conn->o.remote) ||
		     th->source != conn->o.lport || th->dest != conn->o.rport)) {
		ov_count(conn->host, TX_NAT);
		ov_conn_demote(conn, OV_REASON_NAT);
		return tx_fallback(conn, net, sk, skb);
	}
	if (unlikely(tcp_flag_word(th) &
		     (TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST)) &&
	    !tx_flags(conn, th))
		return tx_fallback(conn, net, sk, skb);
	if (conn->path == OV_PATH_LOCAL)
		return tx_local(conn, net, sk, skb);
	if (unlikely(!conn->proven && !th->syn))
		return tx_fallback(conn, net, sk, skb);
	if (unlikely(tx_is_stuck(sk))) {
		tx_stuck(conn);
		return tx_fallback(conn, net, sk, skb);
	}
	route = ov_route_to_peer(conn);
	if (unlikely(!route)) {
		ov_count(conn->host, TX_NO_ROUTE);
		ov_conn_demote(conn, OV_REASON_UPLINK);
		return tx_fallback(conn, net, sk, skb);
	}
	ret = BPF_CGROUP_RUN_PROG_INET_EGRESS(sk, skb);
	if (unlikely(ret)) {
		if (ret != NET_XMIT_CN) {
			ov_count(conn->host, TX_CGROUP);
			return tx_drop(skb, ret);
		}
	}
	if (unlikely(th->syn && !th->ack))
		return tx_syn(conn, net, sk, skb, route);

	mtu = ov_route_mtu(route);
	if (unlikely(skb_rtable(skb)->rt_pmtu > mtu))
		ov_clone_lower_mtu(conn, mtu);
	if (unlikely(!tx_fits(skb, mtu)))
		return tx_too_big(conn, skb, mtu);
	if (unlikely(!ov_writable(skb, sizeof(*iph) + th->doff * 4))) {
		ov_count(conn->host, TX_NO_MEMORY);
		return tx_drop(skb, -ENOMEM);
	}
	iph = ip_hdr(skb);
	th = (struct tcphdr *)(iph + 1);
	if (unlikely(th->syn))
		tx_raise_mss(conn, skb, th, mtu);
	ov_rewrite_df(iph);
	ov_rewrite(skb, iph, th, ov_addr_ip4(&conn->u.local),
		   ov_addr_ip4(&conn->u.remote), conn->u.lport, conn->u.rport,
		   conn->diff.addr, conn->diff.port);
	conn->tx_packets++;
	conn->tx_bytes += skb->len;
	ov_dev_count_tx(skb_dst(skb)->dev, skb->len);
	ov_count(conn->host, TX_FAST);
	tx_scrub(skb);
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, route);
	return tx_neigh(route, skb);
}

/* RCU. */
static int tx_xmit(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst = skb_dst(skb);
	struct ov_conn *conn = NULL;

	if (likely(dst->output == ov_tx_output))
		conn = rcu_dereference(*ov_clone_conn(container_of(dst, struct rtable, dst)));
	return likely(conn) ? tx_conn_xmit(conn, net, sk, skb) :
			      tx_fallback(conn, net, sk, skb);
}

/* After the container's POST_ROUTING. */
static int tx_finish(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	int ret;

	rcu_read_lock();
	ret = tx_xmit(net, sk, skb);
	rcu_read_unlock();
	return ret;
}

/**
 * ov_tx_output() - the output function of a cloned route
 * @net: the container's namespace
 * @sk: the sender
 * @skb: a packet that has passed LOCAL_OUT
 *
 * Return: as dst_output(): the qdisc's verdict, or a negative error.
 */
int ov_tx_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct net_device *indev = skb->dev;
	int ret = 1;

	rcu_read_lock();
	skb->dev = skb_dst(skb)->dev;
	skb->protocol = htons(ETH_P_IP);
	if (rcu_access_pointer(net->nf.hooks_ipv4[NF_INET_POST_ROUTING]) &&
	    !(IPCB(skb)->flags & IPSKB_REROUTED))
		ret = nf_hook(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, sk, skb,
			      indev, skb->dev, tx_finish);
	if (likely(ret == 1))
		ret = tx_xmit(net, sk, skb);
	rcu_read_unlock();
	return ret;
}

/**
 * ov_tx_probe() - shows the other end that the path carries TCP
 * @conn: a conn that is being resumed
 * @seq: a sequence number that its socket has seen already
 * @ack: what our socket expects
 *
 * An empty segment with the option of a SYN, consumed by the peer's module.
 *
 * Context: RCU.
 */
void ov_tx_probe(struct ov_conn *conn, u32 seq, u32 ack)
{
	struct dst_entry *route;
	struct sk_buff *skb;
	struct iphdr *iph;
	struct tcphdr *th;

	route = ov_route_to_peer(conn);
	if (!route)
		return;
	skb = alloc_skb(MAX_TCP_HEADER, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return;
	skb_reserve(skb, MAX_TCP_HEADER);
	th = skb_push(skb, sizeof(*th));
	*th = (struct tcphdr) {
		.source = conn->u.lport,
		.dest = conn->u.rport,
		.seq = htonl(seq),
		.ack_seq = htonl(ack),
		.doff = sizeof(*th) / 4,
		.ack = 1,
	};
	iph = skb_push(skb, sizeof(*iph));
	*iph = (struct iphdr) {
		.version = 4,
		.ihl = 5,
		.frag_off = htons(IP_DF),
		.ttl = ip4_dst_hoplimit(route),
		.protocol = IPPROTO_TCP,
		.saddr = ov_addr_ip4(&conn->u.local),
		.daddr = ov_addr_ip4(&conn->u.remote),
	};
	skb->protocol = htons(ETH_P_IP);
	th = tx_insert_option(conn, skb);
	tx_checksum(skb, ip_hdr(skb), th);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	skb_dst_set(skb, dst_clone(route));
	ov_count(conn->host, TX_PROBE);
	local_bh_disable();
	ip_local_out(conn->host->net, NULL, skb);
	local_bh_enable();
}
