// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYNs from the underlay. One with a valid option makes the server's half of a
 * conn and is delivered; each other one is dropped under the name of what is
 * wrong with it, and its sender is told only what it may know.
 */
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>
#include <net/tcp.h>

#include "conn.h"
#include "dgram.h"
#include "host.h"
#include "option.h"
#include "rewrite.h"
#include "rx.h"

/* How many endpoints of one hint are tried. */
#define OV_CANDIDATES	8

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
		return ov_rx_drop(host, skb, OV_STAT_RX_MALFORMED);
	th = (struct tcphdr *)(ip_hdr(skb) + 1);
	if (th->doff < 5 || skb_ensure_writable(skb, sizeof(*iph) + th->doff * 4))
		return ov_rx_drop(host, skb, OV_STAT_RX_MALFORMED);
	th = (struct tcphdr *)(ip_hdr(skb) + 1);
	syn.u.lport = th->dest;
	syn.u.rport = th->source;
	if (!ov_rx_csum_ok(skb))
		return ov_rx_drop(host, skb, OV_STAT_RX_SYN_BAD_CSUM);
	ov_option_scan(th, ul->cfg.opt_kind, ul->cfg.exid, &found);
	if (found.seen & OV_SYN_BROKEN ||
	    (found.seen & OV_SYN_OPTION &&
	     found.seen & (OV_SYN_FASTOPEN | OV_SYN_SIGNED | OV_SYN_MPTCP)))
		return ov_rx_drop(host, skb, OV_STAT_RX_SYN_BAD_OPTION);
	if (!(found.seen & OV_SYN_OPTION))
		return ov_rx_drop(host, skb, OV_STAT_RX_SYN_NO_OPTION);
	opt = (const void *)th + found.option;
	why = syn_identify(&syn, th, opt);
	if (why != OV_STAT_MAX) {
		if (why == OV_STAT_RX_SYN_UNKNOWN_ENDPOINT)
			ov_dgram_answer(syn.peer, OV_DG_REFUSED, th->dest,
					th->source, th->seq, skb->len);
		return ov_rx_drop(host, skb, why);
	}
	syn.o.local = syn.local->addr;
	syn.o.remote = syn.remote->addr;
	syn.o.lport = opt->dport;
	syn.o.rport = opt->sport;
	if (!ov_policy_allows(syn.local->network, &syn.o.remote, &syn.o.local,
			      syn.o.lport, &syn.gen)) {
		ov_dgram_answer(syn.peer, OV_DG_DENIED, th->dest, th->source,
				th->seq, skb->len);
		return ov_rx_drop(host, skb, OV_STAT_POLICY_DENIED_IN);
	}
	conn = syn_conn(&syn, &why);
	if (!conn) {
		if (why != OV_STAT_RX_SYN_STALE)
			ov_dgram_answer(syn.peer, OV_DG_REFUSED, th->dest,
					th->source, th->seq, skb->len);
		return ov_rx_drop(host, skb, why);
	}
	syn_blank_option(skb, th, found.option);
	if (!ov_rx_rewrite(conn, skb))
		return ov_rx_drop(host, skb, OV_STAT_RX_NO_MEMORY);
	return ov_rx_deliver(conn, skb, false);
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

/**
 * ov_rx_syn() - a SYN came from a known peer
 * @ul: the underlay
 * @peer: the peer
 * @skb: the SYN
 *
 * First the host's own rules judge it.
 *
 * Context: RCU.
 * Return: the verdict for netfilter.
 */
unsigned int ov_rx_syn(struct ov_underlay *ul, struct ov_peer *peer,
		       struct sk_buff *skb)
{
	struct net *net = ul->host->net;
	const struct iphdr *iph = ip_hdr(skb);

	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	if (rcu_access_pointer(net->nf.hooks_ipv4[NF_INET_LOCAL_IN])) {
		if (!skb_dst(skb) &&
		    ip_route_input_noref(skb, iph->daddr, iph->saddr, iph->tos,
					 skb->dev))
			return ov_rx_drop(ul->host, skb, OV_STAT_RX_MALFORMED);
		if (nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_IN, net, NULL, skb,
			    skb->dev, NULL, rx_syn_judged) != 1)
			return NF_STOLEN;
	}
	syn_rcv(ul, peer, skb);
	return NF_STOLEN;
}
