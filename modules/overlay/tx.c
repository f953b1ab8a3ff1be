// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way out. The socket's route is replaced by a clone of itself whose output
 * function is ov_tx_output(): TCP sees its own device, the MTU of the
 * underlay, and the verdict of the uplink's qdisc; a packet that must not take
 * the fast path simply takes ip_output(), as it would have.
 *
 * The clone is an ordinary route with two things of its own. Its MTU is a path
 * MTU, locked so that the socket's path-MTU code leaves the container's routes
 * alone. Its conn stands where a route that is on the list of
 * the uncached ones has that list, so that it is found without a look-up; a
 * clone is on no list, and the clone of a clone has none.
 *
 * Taking a clone out of use (ov_tx_kill) is in two steps. At once, it is marked
 * obsolete, so that the socket finds itself a route when it next sends; packets
 * that are on their way still find the output function, and in it the
 * fallback. After a grace period it gives up its device and its output
 * function, as the kernel does with its own dead routes; then it may stay in an
 * idle socket for ever, with nothing of this module in it.
 */
#include <linux/bpf-cgroup.h>
#include <linux/etherdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/slab.h>
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
#include "trace.h"
#include "tx.h"

/* How often a socket retransmits before its conn tries the fallback. */
#define OV_RETRIES	2

static struct ov_conn *clone_conn(const struct rtable *clone)
{
	return rcu_dereference(*(struct ov_conn __rcu **)ov_rt_uncached_list(clone));
}

static void clone_set_conn(struct rtable *clone, struct ov_conn *conn)
{
	RCU_INIT_POINTER(*(struct ov_conn __rcu **)ov_rt_uncached_list(clone), conn);
}

/* The clone's head is free while there is a reference, which is ours. */
static void clone_dead_rcu(struct rcu_head *head)
{
	struct dst_entry *dst = container_of(head, struct dst_entry, rcu_head);

	dst_dev_put(dst);
	dst_release(dst);
}

/**
 * ov_tx_kill() - takes a clone out of use
 * @clone: the clone; the conn's pointer to it must be gone, its reference is
 *         ours now
 *
 * Its MTU becomes the device's first, because tcp_current_mss() looks at it
 * without a check.
 *
 * Context: RCU.
 */
void ov_tx_kill(struct rtable *clone)
{
	clone_set_conn(clone, NULL);
	clone->rt_pmtu = READ_ONCE(clone->dst.dev->mtu);
	WRITE_ONCE(clone->dst.obsolete, DST_OBSOLETE_KILL);
	call_rcu(&clone->dst.rcu_head, clone_dead_rcu);
}

/**
 * ov_tx_lower_mtu() - the path has become narrower
 * @conn: a conn
 * @mtu: its new MTU
 *
 * The socket sees it when it sends next.
 *
 * Context: RCU.
 */
void ov_tx_lower_mtu(struct ov_conn *conn, u32 mtu)
{
	struct rtable *clone;

	spin_lock_bh(&conn->lock);
	clone = rcu_dereference_protected(conn->clone,
					  lockdep_is_held(&conn->lock));
	if (clone && clone->rt_pmtu > mtu)
		clone->rt_pmtu = mtu;
	spin_unlock_bh(&conn->lock);
}

static noinline struct dst_entry *tx_route_slow(const struct ov_conn *conn)
{
	struct ov_peer *peer = conn->peer;
	struct ov_underlay *ul = peer->underlay;
	struct flowi4 fl4 = {
		.daddr = ov_addr_ip4(&conn->u.remote),
		.saddr = ov_addr_ip4(&conn->u.local),
		.flowi4_proto = IPPROTO_TCP,
		.fl4_sport = conn->u.lport,
		.fl4_dport = conn->u.rport,
	};
	struct dst_entry *old;
	struct rtable *rt;

	rt = ip_route_output_flow(conn->host->net, &fl4, NULL);
	if (IS_ERR(rt))
		return NULL;
	if (rt->dst.xfrm || rt->dst.lwtstate || rt->rt_type != RTN_UNICAST ||
	    !ov_underlay_has_dev(ul, rt->dst.dev->ifindex)) {
		ip_rt_put(rt);
		return NULL;
	}
	spin_lock_bh(&peer->lock);
	old = rcu_replace_pointer(conn->via->route, &rt->dst,
				  lockdep_is_held(&peer->lock));
	spin_unlock_bh(&peer->lock);
	dst_release(old);
	return &rt->dst;
}

/**
 * tx_route() - the way to the peer
 * @conn: a conn with an underlay tuple
 *
 * The route is the path's: ECMP spreads the suite's ports.
 *
 * Context: RCU.
 * Return: the route, valid under RCU, or NULL if none leaves by an uplink.
 */
static struct dst_entry *tx_route(const struct ov_conn *conn)
{
	struct dst_entry *dst = rcu_dereference(conn->via->route);

	if (likely(dst && ov_route_is_valid(dst)))
		return dst;
	return tx_route_slow(conn);
}

/* The MTU of an IPv4 route, as ipv4_mtu() has it, without a call. */
static u32 tx_mtu(const struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);
	u32 mtu = rt->rt_pmtu;

	if (likely(!mtu || !time_before(jiffies, dst->expires)))
		mtu = dst_metric_raw(dst, RTAX_MTU) ?: READ_ONCE(dst->dev->mtu);
	return min_t(u32, mtu, IP_MAX_MTU);
}

/* The metrics of a route are the table's, shared and counted, or nobody's. */
static void clone_share_metrics(struct rtable *clone, const struct rtable *rt)
{
	clone->dst._metrics = rt->dst._metrics;
	if (rt->dst._metrics & DST_METRICS_REFCOUNTED)
		refcount_inc(&((struct dst_metrics *)DST_METRICS_PTR(&rt->dst))->refcnt);
}

/*
 * A path MTU has an end. That there is one makes a socket drop the clone when it
 * gives up hope of its route; it gets the clone back with its next packet.
 */
static void clone_renew(struct rtable *clone)
{
	WRITE_ONCE(clone->dst.expires, (jiffies + LONG_MAX / 2) | 1);
}

/* From gc, now and then: on 32 bits the end is some weeks away. RCU. */
void ov_tx_renew(struct ov_conn *conn)
{
	struct rtable *clone = rcu_dereference(conn->clone);

	if (clone)
		clone_renew(clone);
}

static struct rtable *clone_create(struct ov_conn *conn, struct rtable *rt,
				   u32 mtu)
{
	struct rtable *clone = rt_dst_clone(rt->dst.dev, rt);
	u32 metric = dst_metric_raw(&rt->dst, RTAX_MTU);

	if (!clone)
		return NULL;
	clone_share_metrics(clone, rt);
	clone->rt_uses_gateway = rt->rt_uses_gateway;
	clone->rt_mtu_locked = 1;
	clone->rt_pmtu = metric ? min(mtu, metric) : mtu;
	clone_renew(clone);
	clone->dst.output = ov_tx_output;
	clone_set_conn(clone, conn);
	return clone;
}

/**
 * ov_tx_install() - the clone for a conn
 * @conn: a conn on the fast or local path
 * @rt: the route of its socket, which is cloned
 *
 * Context: RCU, BH or process.
 * Return: a clone that is fit for use, or NULL. It is referenced by the conn; a
 * caller that keeps it takes its own reference.
 */
struct rtable *ov_tx_install(struct ov_conn *conn, struct rtable *rt)
{
	struct rtable *clone = rcu_dereference(conn->clone), *old;
	struct dst_entry *route;
	u32 mtu;

	if (clone && ov_route_is_valid(&clone->dst))
		return clone;
	mtu = READ_ONCE(rt->dst.dev->mtu);
	if (conn->path == OV_PATH_FAST) {
		route = tx_route(conn);
		if (!route)
			return NULL;
		mtu = tx_mtu(route);
	}
	clone = clone_create(conn, rt, mtu);
	if (!clone)
		return NULL;

	spin_lock_bh(&conn->lock);
	old = rcu_dereference_protected(conn->clone,
					lockdep_is_held(&conn->lock));
	if (conn->killed || conn->path == OV_PATH_FALLBACK) {
		old = clone;
		clone = NULL;
	} else {
		conn->base_mtu = min_t(u32, tx_mtu(&rt->dst), U16_MAX);
		rcu_assign_pointer(conn->clone, clone);
	}
	spin_unlock_bh(&conn->lock);
	if (old)
		ov_tx_kill(old);
	return clone;
}

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
	tx_raise_mss(conn, skb, th, tx_mtu(route));
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
	route = tx_route(conn);
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

	mtu = tx_mtu(route);
	if (unlikely(skb_rtable(skb)->rt_pmtu > mtu))
		ov_tx_lower_mtu(conn, mtu);
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
		conn = clone_conn(container_of(dst, struct rtable, dst));
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

	route = tx_route(conn);
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

/**
 * ov_conn_fin() - a FIN was seen
 * @conn: the conn
 * @whose: OV_FIN_OURS or OV_FIN_THEIRS
 *
 * Context: RCU, BH or process.
 */
void ov_conn_fin(struct ov_conn *conn, u8 whose)
{
	struct sock *sk = NULL;

	if (conn->fins & whose)
		return;
	spin_lock_bh(&conn->lock);
	conn->fins |= whose;
	sk = rcu_replace_pointer(conn->sk, NULL, lockdep_is_held(&conn->lock));
	if (conn->path != OV_PATH_FAST && !conn->killed) {
		/* The other FIN does not pass here: look soon. */
		ov_gc_move(conn, OV_GC_HALF);
	} else if (conn->fins == (OV_FIN_OURS | OV_FIN_THEIRS) && !conn->killed) {
		conn->state = OV_CONN_CLOSING;
		ov_gc_move(conn, OV_GC_CLOSING);
	}
	spin_unlock_bh(&conn->lock);
	if (sk)
		sock_put(sk);
}

/* A RST was seen: gc looks soon whether the socket believed it. */
void ov_conn_close(struct ov_conn *conn)
{
	spin_lock_bh(&conn->lock);
	if (!conn->killed && conn->state != OV_CONN_CLOSING) {
		conn->state = OV_CONN_CLOSING;
		ov_gc_move(conn, OV_GC_CLOSING);
	}
	spin_unlock_bh(&conn->lock);
	ov_conn_drop_sock(conn);
}
