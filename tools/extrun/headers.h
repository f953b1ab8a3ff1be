/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXTRUN_HEADERS_H
#define EXTRUN_HEADERS_H

#include "extrun.h"

/* What is known of a packet's headers; offsets from the network header, 0: not there. */
struct er_headers {
	u8 family;
	u8 proto;
	u16 l4;
	u16 frag_off;
	u8 more_frags;
};

void er_headers(const u8 *p, u32 len, struct er_headers *h);
/* The Internet checksum: adds bytes; folds. */
u64 er_sum(u64 sum, const u8 *p, u32 len);
u16 er_fold(u64 sum);
void er_csum_replace(u8 *at, const u8 *from, const u8 *to, u32 len, bool zero_is_none);
/* Where the checksum of the transport is, or 0; whether 0 in it means that there is none. */
u32 er_l4_csum(const struct er_headers *h, u32 len, bool *zero_is_none);

#endif
