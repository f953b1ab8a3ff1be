/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_OPTION_H
#define ASHLAR_OVERLAY_OPTION_H

#include <linux/tcp.h>

#include "addr.h"
#include "overlay.h"

#define OV_OPTION_LEN	20

/**
 * struct ov_option - what the SYN of a fast conn carries (RFC 6994 layout)
 * @kind: TCP option kind, 253 or 254
 * @len: OV_OPTION_LEN
 * @exid: experiment identifier
 * @src_id: hint of the connecting endpoint, ov_endpoint_id()
 * @dst_id: hint of the accepting endpoint
 * @sport: overlay source port
 * @dport: overlay destination port
 * @tag: ov_option_tag()
 *
 * The same on the wire and in memory; it stands at the end of the TCP header,
 * so it is aligned to 4 bytes.
 */
struct ov_option {
	u8 kind;
	u8 len;
	__be16 exid;
	__be32 src_id;
	__be32 dst_id;
	__be16 sport;
	__be16 dport;
	__be32 tag;
} __packed __aligned(4);

/* What else was seen among the options of a SYN. */
#define OV_SYN_FASTOPEN		BIT(0)
#define OV_SYN_SIGNED		BIT(1)	/* MD5 or AO */
#define OV_SYN_MPTCP		BIT(2)
#define OV_SYN_OPTION		BIT(3)	/* ours */
#define OV_SYN_BROKEN		BIT(4)	/* a length that cannot be */

/**
 * struct ov_syn_options - what a SYN has
 * @seen: OV_SYN_*
 * @option: offset of our option from the start of the TCP header
 */
struct ov_syn_options {
	unsigned int seen;
	unsigned int option;
};

void ov_option_scan(const struct tcphdr *th, u8 kind, u16 exid,
		    struct ov_syn_options *found);

/**
 * struct ov_option_ctx - what the tag binds the option to
 * @vni: the network
 * @overlay: the overlay tuple as the connecting end sees it
 * @underlay: the underlay tuple, likewise
 * @seq: sequence number of the segment, as on the wire
 * @nonce: epoch nonce of the receiver
 */
struct ov_option_ctx {
	u32 vni;
	struct ov_tuple overlay;
	struct ov_tuple underlay;
	__be32 seq;
	u64 nonce;
};

__be32 ov_option_tag(const struct ov_option_ctx *ctx, const siphash_key_t *key);

#endif /* ASHLAR_OVERLAY_OPTION_H */
