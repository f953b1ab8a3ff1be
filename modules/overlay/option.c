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
		} else if (opt == TCPOPT_MSS && len == TCPOLEN_MSS) {
			found->seen |= OV_SYN_MSS;
			found->mss = at + 2;
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

/* What is hashed, without holes. */
struct option_input {
	struct ov_option opt;
	__be32 vni;
	struct in6_addr overlay_src;
	struct in6_addr overlay_dst;
	struct in6_addr underlay_src;
	struct in6_addr underlay_dst;
	__be16 underlay_sport;
	__be16 underlay_dport;
	__be32 seq;
	__be32 zero[2];
	__be64 nonce;
};

/**
 * ov_option_tag() - the tag of an option
 * @opt: the option; its tag does not matter
 * @ctx: what it is bound to
 * @key: the underlay's key
 *
 * Return: the first 32 bits of SipHash-2-4 over the option, the network, both
 * tuples, the sequence number and the receiver's nonce.
 */
__be32 ov_option_tag(const struct ov_option *opt,
		     const struct ov_option_ctx *ctx, const siphash_key_t *key)
{
	struct option_input in __aligned(SIPHASH_ALIGNMENT) = {
		.opt = *opt,
		.vni = cpu_to_be32(ctx->vni),
		.overlay_src = ctx->overlay.local.in6,
		.overlay_dst = ctx->overlay.remote.in6,
		.underlay_src = ctx->underlay.local.in6,
		.underlay_dst = ctx->underlay.remote.in6,
		.underlay_sport = ctx->underlay.lport,
		.underlay_dport = ctx->underlay.rport,
		.seq = ctx->seq,
		.nonce = cpu_to_be64(ctx->nonce),
	};

	BUILD_BUG_ON(sizeof(struct ov_option) != OV_OPTION_LEN);
	BUILD_BUG_ON(offsetof(struct option_input, nonce) !=
		     offsetofend(struct option_input, zero));
	in.opt.tag = 0;
	return cpu_to_be32(siphash(&in, sizeof(in), key) >> 32);
}
