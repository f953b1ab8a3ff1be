// SPDX-License-Identifier: GPL-2.0-only
/* ICMP errors about packets of conns: translated as the packets were. */
#include <linux/icmp.h>
#include <linux/netfilter_ipv4.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/tcp.h>

#include "conn.h"
#include "hook.h"
#include "host.h"
#include "route.h"
#include "rx.h"

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
		return ov_rx_drop(ul->host, skb, OV_STAT_RX_WRONG_DEVICE);
	sk = ov_conn_sock(conn);
	if (sk && sk_fullsock(sk)) {
		const struct tcp_sock *tp = tcp_sk(sk);

		ok = between(ntohl(q->seq), READ_ONCE(tp->snd_una),
			     READ_ONCE(tp->snd_nxt));
	}
	if (sk)
		sock_gen_put(sk);
	if (!ok || nf_ip_checksum(skb, NF_INET_PRE_ROUTING, off, IPPROTO_ICMP))
		return ov_rx_drop(ul->host, skb, OV_STAT_RX_ICMP_REFUSED);
	if (icmph->type == ICMP_DEST_UNREACH && icmph->code == ICMP_FRAG_NEEDED) {
		u32 mtu = max_t(u32, ntohs(icmph->un.frag.mtu),
				READ_ONCE(ul->host->net->ipv4.ip_rt_min_pmtu));

		ov_clone_lower_mtu(conn, mtu);
	}
	if (!icmp_translate(conn, skb))
		return ov_rx_drop(ul->host, skb, OV_STAT_RX_NO_MEMORY);
	ov_count(ul->host, RX_ICMP);
	return ov_rx_deliver(conn, skb, false);
}
