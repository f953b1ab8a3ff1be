/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_DGRAM_H
#define ASHLAR_OVERLAY_DGRAM_H

#include "overlay.h"

struct ov_conn;
struct ov_peer;

/*
 * Datagrams between hosts: UDP, from and to the first suite port. Numbers are
 * in network order. Every one ends with a tag: SipHash-2-4 under the
 * underlay's key over both addresses, the sender's incarnation, the receiver's
 * epoch nonce (both 0 in a hello), and all that stands before the tag.
 */
#define OV_DG_MAGIC	0x4153
#define OV_DG_VERSION	1

enum ov_dg_type {
	OV_DG_HELLO = 1,
	OV_DG_BYE,		/* short; no conn, seq is its number */
	OV_DG_REFUSED,		/* short; seq is the SYN's: fall back now */
	OV_DG_DENIED,		/* short; seq is the SYN's: policy says no */
	OV_DG_UNKNOWN,		/* short; seq is that of a packet without a conn */
	OV_DG_CUT,		/* long; seq, ack are the sender's socket's */
	OV_DG_RESUME,		/* long; with the underlay tuple to use */
	OV_DG_RESUME_ACK,	/* long; the same tuple, the answerer's view */
	OV_DG_TYPE_MAX
};

struct ov_dg_head {
	__be16 magic;
	u8 version;
	u8 type;
} __packed __aligned(4);

#define OV_HELLO_ANSWER	BIT(0)	/* the sender waits for its challenge */

/**
 * struct ov_dg_hello - who I am, and what to bind SYNs to
 * @head: type OV_DG_HELLO
 * @flags: OV_HELLO_*
 * @boot: incarnation of the sender
 * @nonce: its current epoch nonce
 * @challenge: to be echoed in the receiver's next hello
 * @echo: the last challenge of the receiver. The hello is fresh if this is the
 *        receiver's challenge of the moment, which then changes
 * @print_cur: fingerprint of the sender's current key
 * @print_prev: of its previous key, or 0
 * @tag: see the head of this file
 */
struct ov_dg_hello {
	struct ov_dg_head head;
	__be32 flags;
	__be64 boot;
	__be64 nonce;
	__be64 challenge;
	__be64 echo;
	__be32 print_cur;
	__be32 print_prev;
	__be64 tag;
} __packed __aligned(4);

/**
 * struct ov_dg_short - about one packet, never larger than it
 * @head: the type
 * @lport: underlay port of the sender of the datagram
 * @rport: of the receiver
 * @seq: sequence number of the packet
 * @tag: see the head of this file
 */
struct ov_dg_short {
	struct ov_dg_head head;
	__be16 lport;
	__be16 rport;
	__be32 seq;
	__be64 tag;
} __packed __aligned(4);

/**
 * struct ov_dg_long - about one conn
 * @head: the type
 * @vni: its network
 * @o_lport: overlay port of the sender's end
 * @o_rport: of the receiver's
 * @u_lport: underlay port of the sender, 0 if none
 * @u_rport: of the receiver
 * @seq: the sender's snd_nxt
 * @ack: its rcv_nxt
 * @local: overlay address of the sender's end
 * @remote: of the receiver's
 * @tag: see the head of this file
 */
struct ov_dg_long {
	struct ov_dg_head head;
	__be32 vni;
	__be16 o_lport;
	__be16 o_rport;
	__be16 u_lport;
	__be16 u_rport;
	__be32 seq;
	__be32 ack;
	struct in6_addr local;
	struct in6_addr remote;
	__be64 tag;
} __packed __aligned(4);

/* Size on the wire of an answer to a packet: IP, UDP, struct ov_dg_short. */
#define OV_DG_SHORT_WIRE	48

int ov_dgram_open(struct ov_underlay *ul, struct netlink_ext_ack *extack);
void ov_dgram_close(struct ov_underlay *ul);	/* says bye to all first */

/* RCU, any context but hard interrupts. */
void ov_dgram_answer(struct ov_peer *peer, enum ov_dg_type type, __be16 lport,
		     __be16 rport, __be32 seq, unsigned int trigger);
void ov_dgram_cut(struct ov_conn *conn);
/* A SYN that came by the fallback was denied; @ack acknowledges it. */
void ov_dgram_deny(struct ov_peer *peer, u32 vni, const struct ov_tuple *overlay,
		   u32 ack);
/* From the conn's own sender, which holds the socket. */
void ov_dgram_resume(struct ov_conn *conn, u32 seq, u32 ack);

/* The authentication of a datagram. */
__be64 ov_dgram_tag(const struct ov_addr *src, const struct ov_addr *dst,
		    u64 boot, u64 nonce, const void *body, size_t len,
		    const siphash_key_t *key);
/* RCU; @print becomes the fingerprint of the key that was used. */
bool ov_dgram_verify(struct ov_underlay *ul, struct ov_peer *peer, u64 boot,
		     bool hello, const void *body, size_t len, u32 *print);
/* RCU. */
const struct ov_key *ov_key_for(const struct ov_keys *keys, u32 print);

/* What hello.c needs of dgram.c. RCU. */
void ov_dgram_head(struct ov_dg_head *head, enum ov_dg_type type);
void ov_dgram_xmit(struct ov_peer *peer, const void *body, size_t len);
void ov_dgram_send(struct ov_peer *peer, void *body, size_t len);

/* hello.c; the tag of what was received is good. RCU. */
void ov_hello_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		  const struct ov_dg_hello *msg);
void ov_bye_rcv(struct ov_underlay *ul, struct ov_peer *peer,
		const struct ov_dg_short *msg);
void ov_bye_send(struct ov_peer *peer);
/* host->tick: hellos that are due, peers that went silent, new nonces. */
void ov_hello_tick(struct ov_underlay *ul);
void ov_hello_all(struct ov_underlay *ul);	/* to all, soon */

#endif /* ASHLAR_OVERLAY_DGRAM_H */
