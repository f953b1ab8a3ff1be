// SPDX-License-Identifier: GPL-2.0-only
/*
 * What hosts tell each other; the formats are in dgram.h. Hellos and byes, by
 * which a peer lives and goes, are in hello.c.
 *
 * Those about a packet or a conn are bound to the receiver's epoch nonce and
 * to the sender's incarnation, and must name a sequence number in window: a
 * replay can at most repeat, within an epoch, what was true a moment ago.
 * Answers to packets are limited per peer, and no larger than the packet.
 */
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/tcp.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "conn.h"
#include "dgram.h"
#include "host.h"
#include "hook.h"
#include "peer.h"
#include "trace.h"
#include "tx.h"

#define OV_WINDOW_MIN		65536

/* What a tag is made over. */
struct dgram_input {
	struct in6_addr src;
	struct in6_addr dst;
	__be64 boot;
	__be64 nonce;
	u8 body[sizeof(struct ov_dg_long)];
};

union dgram {
	struct ov_dg_head head;
	struct ov_dg_hello hello;
	struct ov_dg_short about;
	struct ov_dg_long conn;
};

/* See the head of dgram.h; @len counts the tag, which is not read. */
__be64 ov_dgram_tag(const struct ov_addr *src, const struct ov_addr *dst,
		    u64 boot, u64 nonce, const void *body, size_t len,
		    const siphash_key_t *key)
{
	struct dgram_input in __aligned(SIPHASH_ALIGNMENT) = {
		.src = src->in6,
		.dst = dst->in6,
		.boot = cpu_to_be64(boot),
		.nonce = cpu_to_be64(nonce),
	};

	len -= sizeof(__be64);
	memcpy(in.body, body, len);
	return cpu_to_be64(siphash(&in, offsetof(struct dgram_input, body) + len,
				   key));
}

/**
 * ov_key_for() - the key with a fingerprint
 * @keys: an underlay's keys
 * @print: the fingerprint; 0 stands for the current key
 *
 * Return: the key; the current one if none has the fingerprint.
 */
const struct ov_key *ov_key_for(const struct ov_keys *keys, u32 print)
{
	if (print && keys->has_prev && keys->prev.print == print)
		return &keys->prev;
	return &keys->cur;
}

/* Sends what is tagged already. RCU. */
void ov_dgram_xmit(struct ov_peer *peer, const void *body, size_t len)
{
	struct ov_underlay *ul = peer->underlay;
	struct socket *udp = READ_ONCE(ul->udp);
	__be16 port = htons(ul->cfg.port_lo);
	struct flowi4 fl4 = {
		.daddr = ov_addr_ip4(&peer->addr),
		.saddr = ov_addr_ip4(&ul->cfg.addr),
		.flowi4_proto = IPPROTO_UDP,
		.fl4_sport = port,
		.fl4_dport = port,
	};
	struct sk_buff *skb;
	unsigned int head;
	struct rtable *rt;

	if (!udp)
		return;
	rt = ip_route_output_flow(ul->host->net, &fl4, udp->sk);
	if (IS_ERR(rt))
		goto failed;
	if (!ov_underlay_has_dev(ul, rt->dst.dev->ifindex))
		goto release;
	head = LL_RESERVED_SPACE(rt->dst.dev) + sizeof(struct iphdr) +
	       sizeof(struct udphdr);
	skb = alloc_skb(head + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		goto release;
	skb_reserve(skb, head);
	skb_put_data(skb, body, len);
	local_bh_disable();
	udp_tunnel_xmit_skb(rt, udp->sk, skb, fl4.saddr, fl4.daddr, 0,
			    ip4_dst_hoplimit(&rt->dst), 0, port, port, false,
			    false);
	local_bh_enable();
	ov_count(ul->host, DG_TX);
	return;

release:
	ip_rt_put(rt);
failed:
	ov_count(ul->host, DG_TX_FAILED);
}

/* Tags and sends a datagram about a packet or a conn. RCU. */
void ov_dgram_send(struct ov_peer *peer, void *body, size_t len)
{
	const struct ov_keys *keys = rcu_dereference(peer->underlay->keys);
	__be64 *tag = body + len - sizeof(*tag);
	u64 nonce;
	u32 print;

	spin_lock_bh(&peer->lock);
	nonce = peer->nonce;
	print = peer->key;
	spin_unlock_bh(&peer->lock);
	*tag = ov_dgram_tag(&peer->underlay->cfg.addr, &peer->addr,
			    peer->underlay->boot, nonce, body, len,
			    &ov_key_for(keys, print)->sip);
	ov_dgram_xmit(peer, body, len);
}

void ov_dgram_head(struct ov_dg_head *head, enum ov_dg_type type)
{
	head->magic = htons(OV_DG_MAGIC);
	head->version = OV_DG_VERSION;
	head->type = type;
}

/**
 * ov_dgram_answer() - tells a peer about a packet it sent
 * @peer: the peer
 * @type: OV_DG_REFUSED, OV_DG_DENIED or OV_DG_UNKNOWN
 * @lport: underlay port of this host in the packet
 * @rport: the peer's
 * @seq: the packet's sequence number
 * @trigger: the packet's IP length
 */
void ov_dgram_answer(struct ov_peer *peer, enum ov_dg_type type, __be16 lport,
		     __be16 rport, __be32 seq, unsigned int trigger)
{
	struct ov_host *host = peer->underlay->host;
	struct ov_dg_short msg = {
		.lport = lport,
		.rport = rport,
		.seq = seq,
	};

	if (trigger < OV_DG_SHORT_WIRE ||
	    !ov_peer_may_answer(peer, &peer->answers)) {
		ov_count(host, DG_LIMITED);
		return;
	}
	ov_dgram_head(&msg.head, type);
	if (type == OV_DG_UNKNOWN)
		ov_count(host, UNKNOWN_TX);
	else
		ov_count(host, REFUSED_TX);
	ov_dgram_send(peer, &msg, sizeof(msg));
}

static void conn_send(struct ov_conn *conn, enum ov_dg_type type, u32 seq,
		      u32 ack)
{
	struct ov_dg_long msg = {
		.vni = cpu_to_be32(conn->vni),
		.o_lport = conn->o.lport,
		.o_rport = conn->o.rport,
		.seq = cpu_to_be32(seq),
		.ack = cpu_to_be32(ack),
		.local = conn->o.local.in6,
		.remote = conn->o.remote.in6,
	};

	if (conn->in_u) {
		msg.u_lport = conn->u.lport;
		msg.u_rport = conn->u.rport;
	}
	ov_dgram_head(&msg.head, type);
	ov_dgram_send(conn->peer, &msg, sizeof(msg));
}

/* RCU; the socket is read without its lock, the receiver allows for that. */
void ov_dgram_cut(struct ov_conn *conn)
{
	struct sock *sk = ov_conn_sock(conn);

	if (!sk)
		return;
	if (sk_fullsock(sk) && ov_peer_is_live(conn->peer)) {
		ov_count(conn->host, CUT_TX);
		conn_send(conn, OV_DG_CUT, READ_ONCE(tcp_sk(sk)->snd_nxt),
			  READ_ONCE(tcp_sk(sk)->rcv_nxt));
	}
	sock_gen_put(sk);
}

void ov_dgram_deny(struct ov_peer *peer, u32 vni, const struct ov_tuple *overlay,
		   u32 ack)
{
	struct ov_dg_long msg = {
		.vni = cpu_to_be32(vni),
		.o_lport = overlay->lport,
		.o_rport = overlay->rport,
		.ack = cpu_to_be32(ack),
		.local = overlay->local.in6,
		.remote = overlay->remote.in6,
	};

	if (!ov_peer_may_answer(peer, &peer->answers)) {
		ov_count(peer->underlay->host, DG_LIMITED);
		return;
	}
	ov_count(peer->underlay->host, CUT_TX);
	ov_dgram_head(&msg.head, OV_DG_CUT);
	ov_dgram_send(peer, &msg, sizeof(msg));
}

void ov_dgram_resume(struct ov_conn *conn, u32 seq, u32 ack)
{
	ov_count(conn->host, RESUME_TX);
	conn_send(conn, OV_DG_RESUME, seq, ack);
}

/* Verifies the tag under both keys and both nonces. RCU. */
bool ov_dgram_verify(struct ov_underlay *ul, struct ov_peer *peer, u64 boot,
		     bool hello, const void *body, size_t len, u32 *print)
{
	const struct ov_keys *keys = rcu_dereference(ul->keys);
	__be64 tag = *(const __be64 *)(body + len - sizeof(tag));
	unsigned int k, n;

	for (k = 0; k < (keys->has_prev ? 2 : 1); k++) {
		const struct ov_key *key = k ? &keys->prev : &keys->cur;

		for (n = 0; n < (hello ? 1 : 2); n++) {
			u64 nonce = hello ? 0 : READ_ONCE(ul->nonce[n]);

			if (ov_dgram_tag(&peer->addr, &ul->cfg.addr, boot,
					 nonce, body, len, &key->sip) == tag) {
				*print = key->print;
				return true;
			}
		}
	}
	return false;
}

static bool seq_near(u32 a, u32 b, u32 window)
{
	return abs((s32)(a - b)) <= max_t(u32, window, OV_WINDOW_MIN);
}

/* Is @seq that of a packet that @conn's socket may have in flight? RCU. */
static bool conn_sent(struct ov_conn *conn, u32 seq)
{
	struct sock *sk = ov_conn_sock(conn);
	bool ok = false;

	if (!sk)
		return false;
	if (!sk_fullsock(sk) || conn->state != OV_CONN_OPEN) {
		/* Request and time-wait sockets, and before the handshake's end. */
		ok = sk->sk_state == TCP_TIME_WAIT || seq - conn->iss <= 1;
	} else {
		const struct tcp_sock *tp = tcp_sk(sk);

		ok = !after(seq, READ_ONCE(tp->snd_nxt)) &&
		     seq_near(seq, READ_ONCE(tp->snd_una), tp->max_window);
	}
	sock_gen_put(sk);
	return ok;
}

static void about_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		      const struct ov_dg_short *msg)
{
	struct ov_tuple u = {
		.local = ul->cfg.addr,
		.remote = peer->addr,
		.lport = msg->rport,
		.rport = msg->lport,
	};
	struct ov_conn *conn = ov_conn_find_underlay(ul->host, &u);
	u32 seq = be32_to_cpu(msg->seq);

	if (!conn) {
		ov_count(ul->host, DG_NO_CONN);
		return;
	}
	if (msg->head.type == OV_DG_UNKNOWN) {
		if (!conn_sent(conn, seq))
			goto out_of_window;
		ov_count(ul->host, UNKNOWN_RX);
		if (ov_conn_demote(conn, OV_REASON_UNKNOWN_CONN))
			ov_conn_kick(conn);
		return;
	}
	if (conn->state != OV_CONN_SYN_SENT || seq != conn->iss)
		goto out_of_window;
	ov_count(ul->host, REFUSED_RX);
	if (msg->head.type == OV_DG_DENIED) {
		conn->cut = ECONNREFUSED;
		ov_host_review(ul->host);
	} else if (ov_conn_demote(conn, OV_REASON_REFUSED)) {
		ov_conn_kick(conn);
	}
	return;

out_of_window:
	ov_count(ul->host, DG_OUT_OF_WINDOW);
}

/*
 * Do the numbers of a long datagram fit the socket? Its state goes to @state.
 * RCU.
 */
static bool conn_in_window(struct ov_conn *conn, u32 seq, u32 ack, u8 *state)
{
	struct sock *sk = ov_conn_sock(conn);
	bool ok = false;

	if (!sk)
		return false;
	*state = READ_ONCE(sk->sk_state);
	if (*state == TCP_SYN_SENT) {
		ok = ack == READ_ONCE(tcp_sk(sk)->snd_nxt);
	} else if (sk_fullsock(sk)) {
		const struct tcp_sock *tp = tcp_sk(sk);

		ok = seq_near(seq, READ_ONCE(tp->rcv_nxt), tp->rcv_wnd) &&
		     seq_near(ack, READ_ONCE(tp->snd_nxt), tp->max_window);
	}
	sock_gen_put(sk);
	return ok;
}

/* A peer wants a conn back on the fast path, by the tuple it names. */
static void resume_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		       struct ov_conn *conn, const struct ov_dg_long *msg)
{
	struct ov_tuple u = {
		.local = ul->cfg.addr,
		.remote = peer->addr,
		.lport = msg->u_rport,
		.rport = msg->u_lport,
	};
	u16 at = ntohs(u.lport) - ul->cfg.port_lo;
	u16 sport = ntohs(u.rport) - ul->cfg.sport_lo;
	struct ov_conn *other;
	struct sock *sk;

	/* The tuple must be one that the peer may choose. */
	if (at >= ul->cfg.port_n || sport >= ul->cfg.sport_n) {
		ov_count(ul->host, DG_MALFORMED);
		return;
	}
	if (conn->path == OV_PATH_LOCAL || conn->state == OV_CONN_CLOSING ||
	    (conn->path == OV_PATH_FALLBACK && !ov_reason_passes(conn->reason)))
		return;
	/* Both ends at once: the lower address' resume wins. */
	if (conn->resuming && conn->owns_port &&
	    ipv6_addr_cmp(&ul->cfg.addr.in6, &peer->addr.in6) < 0)
		return;
	other = ov_conn_find_underlay(ul->host, &u);
	if (other != conn) {
		if (other) {
			ov_conn_demote(other, OV_REASON_TUPLE_TAKEN);
			ov_conn_clear_tuple(other);
		}
		ov_conn_demote(conn, OV_REASON_UNKNOWN_CONN);
		ov_conn_clear_tuple(conn);
		if (ov_conn_set_tuple(conn, &u))
			return;
	}
	WRITE_ONCE(conn->resuming, true);
	WRITE_ONCE(conn->retry, jiffies + 2 * HZ);
	sk = ov_conn_sock(conn);
	if (!sk)
		return;
	if (sk_fullsock(sk)) {
		conn_send(conn, OV_DG_RESUME_ACK, READ_ONCE(tcp_sk(sk)->snd_nxt),
			  READ_ONCE(tcp_sk(sk)->rcv_nxt));
		ov_tx_probe(conn, READ_ONCE(tcp_sk(sk)->snd_una) - 1,
			    READ_ONCE(tcp_sk(sk)->rcv_nxt));
	}
	sock_gen_put(sk);
}

static void conn_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		     const struct ov_dg_long *msg)
{
	struct ov_tuple o = {
		.local.in6 = msg->remote,
		.remote.in6 = msg->local,
		.lport = msg->o_rport,
		.rport = msg->o_lport,
	};
	u32 vni = be32_to_cpu(msg->vni);
	u32 seq = be32_to_cpu(msg->seq), ack = be32_to_cpu(msg->ack);
	struct ov_endpoint *local = ov_endpoint_find(ul->host, vni, &o.local);
	struct ov_endpoint *remote = ov_endpoint_find(ul->host, vni, &o.remote);
	struct ov_conn *conn;
	u8 state;

	if (!local || !remote || !ov_endpoint_is_local(local) ||
	    remote->peer != peer) {
		ov_count(ul->host, DG_UNKNOWN_HOST);
		return;
	}
	conn = ov_conn_find(ul->host, vni, &o);
	/* Conns whose endpoint moved are made anew. */
	if (conn && conn->remote != remote) {
		ov_conn_demote(conn, OV_REASON_ENDPOINT);
		ov_conn_kill(conn);
		conn = NULL;
	}
	if (!conn && msg->head.type == OV_DG_RESUME)
		conn = ov_hook_adopt(local, remote, &o);
	if (!conn) {
		ov_count(ul->host, DG_NO_CONN);
		return;
	}
	if (!conn_in_window(conn, seq, ack, &state)) {
		ov_count(ul->host, DG_OUT_OF_WINDOW);
		return;
	}
	switch (msg->head.type) {
	case OV_DG_CUT:
		ov_count(ul->host, CUT_RX);
		conn->cut = state == TCP_SYN_SENT ? ECONNREFUSED : ECONNRESET;
		ov_host_review(ul->host);
		return;
	case OV_DG_RESUME:
		ov_count(ul->host, RESUME_RX);
		resume_rcv(ul, peer, conn, msg);
		return;
	case OV_DG_RESUME_ACK:
		ov_count(ul->host, RESUME_RX);
		if (conn->resuming && conn->in_u &&
		    conn->u.lport == msg->u_rport &&
		    conn->u.rport == msg->u_lport)
			ov_tx_probe(conn, ack - 1, seq);
		return;
	}
}

static const u8 dgram_len[OV_DG_TYPE_MAX] = {
	[OV_DG_HELLO] = sizeof(struct ov_dg_hello),
	[OV_DG_BYE] = sizeof(struct ov_dg_short),
	[OV_DG_REFUSED] = sizeof(struct ov_dg_short),
	[OV_DG_DENIED] = sizeof(struct ov_dg_short),
	[OV_DG_UNKNOWN] = sizeof(struct ov_dg_short),
	[OV_DG_CUT] = sizeof(struct ov_dg_long),
	[OV_DG_RESUME] = sizeof(struct ov_dg_long),
	[OV_DG_RESUME_ACK] = sizeof(struct ov_dg_long),
};

static void dgram_rcv(struct ov_underlay *ul, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct ov_host *host = ul->host;
	struct ov_peer *peer;
	struct ov_addr from;
	union dgram msg;
	bool hello;
	size_t len;
	u32 print;
	u64 boot;

	ov_count(host, DG_RX);
	if (!ov_underlay_has_dev(ul, skb->dev->ifindex)) {
		ov_count(host, DG_WRONG_DEVICE);
		return;
	}
	ov_addr_init4(&from, iph->saddr);
	peer = ov_peer_find(ul, &from);
	if (!peer) {
		ov_count(host, DG_UNKNOWN_HOST);
		return;
	}
	len = skb->len - sizeof(struct udphdr);
	if (len < sizeof(struct ov_dg_head) || len > sizeof(msg) ||
	    skb_copy_bits(skb, sizeof(struct udphdr), &msg, len) ||
	    udp_hdr(skb)->source != htons(ul->cfg.port_lo) ||
	    msg.head.magic != htons(OV_DG_MAGIC) ||
	    msg.head.version != OV_DG_VERSION || !msg.head.type ||
	    msg.head.type >= OV_DG_TYPE_MAX || len != dgram_len[msg.head.type]) {
		ov_count(host, DG_MALFORMED);
		return;
	}
	hello = msg.head.type == OV_DG_HELLO;
	boot = hello ? 0 : READ_ONCE(peer->boot);
	if (!ov_dgram_verify(ul, peer, boot, hello, &msg, len, &print)) {
		ov_count(host, DG_BAD_TAG);
		trace_ov_dgram_bad(host->net, iph->saddr, msg.head.type);
		return;
	}
	switch (msg.head.type) {
	case OV_DG_HELLO:
		ov_hello_rcv(ul, peer, &msg.hello);
		break;
	case OV_DG_BYE:
		ov_bye_rcv(ul, peer, &msg.about);
		break;
	case OV_DG_REFUSED:
	case OV_DG_DENIED:
	case OV_DG_UNKNOWN:
		about_rcv(ul, peer, &msg.about);
		break;
	default:
		conn_rcv(ul, peer, &msg.conn);
	}
}

static int dgram_encap_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct ov_underlay *ul = rcu_dereference_sk_user_data(sk);

	if (ul)
		dgram_rcv(ul, skb);
	kfree_skb(skb);
	return 0;
}

/* Process context, ov_mutex. */
int ov_dgram_open(struct ov_underlay *ul, struct netlink_ext_ack *extack)
{
	struct udp_port_cfg cfg = {
		.family = AF_INET,
		.local_ip.s_addr = ov_addr_ip4(&ul->cfg.addr),
		.local_udp_port = htons(ul->cfg.port_lo),
		.use_udp_checksums = true,
	};
	struct udp_tunnel_sock_cfg tunnel = {
		.sk_user_data = ul,
		.encap_type = 1,
		.encap_rcv = dgram_encap_rcv,
	};
	struct socket *sock;
	int err;

	err = udp_sock_create(ul->host->net, &cfg, &sock);
	if (err) {
		NL_SET_ERR_MSG(extack, "the first suite port is in use for UDP on this host");
		return err;
	}
	setup_udp_tunnel_sock(ul->host->net, sock, &tunnel);
	WRITE_ONCE(ul->udp, sock);
	return 0;
}

void ov_dgram_close(struct ov_underlay *ul)
{
	struct socket *sock = ul->udp;
	struct rhashtable_iter iter;
	struct ov_peer *peer;

	if (!sock)
		return;
	rhashtable_walk_enter(&ul->peers, &iter);
	rhashtable_walk_start(&iter);
	while ((peer = rhashtable_walk_next(&iter))) {
		if (!IS_ERR(peer))
			ov_bye_send(peer);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	WRITE_ONCE(ul->udp, NULL);
	synchronize_rcu();	/* senders that saw the socket */
	udp_tunnel_sock_release(sock);
}
