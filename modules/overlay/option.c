// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TCP option that makes a SYN the first packet of a conn: finding it, and
 * the tag that proves who sent it, to whom, and when (struct ov_option).
 */
#include <net/tcp.h>

#include "option.h"

#define OV_TCPOPT_AO		29
#define OV_TCPOPT_MPTCP		30
#define OV_TCPOPT_FASTOPEN	34

/* What Linux sends with a SYN: MSS, SACK permitted, time stamps, window scale. */
static bool options_are_usual(const struct tcphdr *th)
{
	const __be32 *w = (const __be32 *)(th + 1);

	return th->doff >= 10 && (w[0] & htonl(0xffff0000)) == htonl(0x02040000) &&
	       w[1] == htonl(0x0402080a) &&
	       (w[4] & htonl(0xffffff00)) == htonl(0x01030300);
}

/* Options stand at any offset. */
static u16 option_exid(const u8 *opt)
{
	return opt[2] << 8 | opt[3];
}

/**
 * ov_option_scan() - finds what matters among the options of a TCP header
 * @th: the header; all of its doff must be in memory
 * @kind: our option's kind
 * @exid: our option's experiment identifier
 * @found: what was found
 *
 * Our option counts only if it has its length and alignment.
 */
void ov_option_scan(const struct tcphdr *th, u8 kind, u16 exid,
		    struct ov_syn_options *found)
{
	const u8 *start = (const u8 *)th;
	unsigned int end = th->doff * 4;
	unsigned int at = sizeof(*th);

	memset(found, 0, sizeof(*found));
	if (options_are_usual(th))
		at += 20;
	while (at < end) {
		u8 opt = start[at];
		u8 len;

		if (opt == TCPOPT_EOL)
			return;
		if (opt == TCPOPT_NOP) {
			at++;
			continue;
		}
		if (at + 1 >= end) {
			found->seen |= OV_SYN_BROKEN;
			return;
		}
		len = start[at + 1];
		if (len < 2 || at + len > end) {
			found->seen |= OV_SYN_BROKEN;
			return;
		}
		if (opt == kind && len >= 4 &&
		    option_exid(start + at) == exid) {
			if (len == OV_OPTION_LEN && !(at & 3) &&
			    !(found->seen & OV_SYN_OPTION)) {
				found->seen |= OV_SYN_OPTION;
				found->option = at;
			} else {
				found->seen |= OV_SYN_BROKEN;
			}
		} else if (opt == OV_TCPOPT_FASTOPEN ||
			   (opt == TCPOPT_EXP && len >= 4 &&
			    option_exid(start + at) == TCPOPT_FASTOPEN_MAGIC)) {
			found->seen |= OV_SYN_FASTOPEN;
		} else if (opt == TCPOPT_MD5SIG || opt == OV_TCPOPT_AO) {
			found->seen |= OV_SYN_SIGNED;
		} else if (opt == OV_TCPOPT_MPTCP) {
			found->seen |= OV_SYN_MPTCP;
		}
		at += len;
	}
}

/* What is hashed. IPv6 tuples will have a form of another length. */
struct option_input4 {
	__be64 nonce;
	__be32 vni;
	__be32 seq;
	__be32 overlay_src;
	__be32 overlay_dst;
	__be16 overlay_sport;
	__be16 overlay_dport;
	__be32 underlay_src;
	__be32 underlay_dst;
	__be16 underlay_sport;
	__be16 underlay_dport;
};

/**
 * ov_option_tag() - the tag of an option
 * @ctx: what it is bound to; IPv4
 * @key: the underlay's key
 *
 * The hints need no protection of their own: they only say which tuples to try.
 *
 * Return: the first 32 bits of SipHash-2-4 over the receiver's nonce, the
 * network, the sequence number and both tuples.
 */
__be32 ov_option_tag(const struct ov_option_ctx *ctx, const siphash_key_t *key)
{
	const struct option_input4 in __aligned(SIPHASH_ALIGNMENT) = {
		.nonce = cpu_to_be64(ctx->nonce),
		.vni = cpu_to_be32(ctx->vni),
		.seq = ctx->seq,
		.overlay_src = ov_addr_ip4(&ctx->overlay.local),
		.overlay_dst = ov_addr_ip4(&ctx->overlay.remote),
		.overlay_sport = ctx->overlay.lport,
		.overlay_dport = ctx->overlay.rport,
		.underlay_src = ov_addr_ip4(&ctx->underlay.local),
		.underlay_dst = ov_addr_ip4(&ctx->underlay.remote),
		.underlay_sport = ctx->underlay.lport,
		.underlay_dport = ctx->underlay.rport,
	};

	BUILD_BUG_ON(sizeof(struct ov_option) != OV_OPTION_LEN);
	BUILD_BUG_ON(sizeof(in) != 40);
	return cpu_to_be32(siphash(&in, sizeof(in), key) >> 32);
}
