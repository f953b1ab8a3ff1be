// SPDX-License-Identifier: GPL-2.0-only
/*
 * The headers of a packet, and its checksums.
 */
#include <string.h>

#include "headers.h"

static void headers6(const u8 *p, u32 len, struct er_headers *h)
{
	u8 next = p[6];
	u32 off = 40, i;

	for (i = 0; i < 8 && off + 8 <= len; i++) {
		switch (next) {
		case 0:
		case 43:
		case 60:
			next = p[off];
			off += (p[off + 1] + 1) * 8;
			break;
		case 44:
			h->frag_off = (p[off + 2] << 8 | p[off + 3]) & 0xfff8;
			h->more_frags = p[off + 3] & 1;
			next = p[off];
			off += 8;
			if (h->frag_off) {
				h->proto = next;
				return;
			}
			break;
		default:
			h->proto = next;
			h->l4 = off;
			return;
		}
	}
	h->proto = next;
	h->l4 = off <= len && next != 59 ? off : 0;
}

void er_headers(const u8 *p, u32 len, struct er_headers *h)
{
	memset(h, 0, sizeof(*h));
	if (len >= 20 && p[0] >> 4 == 4 && (p[0] & 15) >= 5 && (p[0] & 15) * 4U <= len) {
		h->family = 4;
		h->proto = p[9];
		h->frag_off = ((p[6] << 8 | p[7]) & 0x1fff) * 8;
		h->more_frags = p[6] >> 5 & 1;
		h->l4 = h->frag_off ? 0 : (p[0] & 15) * 4;
	} else if (len >= 40 && p[0] >> 4 == 6) {
		h->family = 6;
		headers6(p, len, h);
	}
}

u64 er_sum(u64 sum, const u8 *p, u32 len)
{
	u32 i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return i < len ? sum + (p[i] << 8) : sum;
}

u16 er_fold(u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void er_csum_replace(u8 *at, const u8 *from, const u8 *to, u32 len, bool zero_is_none)
{
	u16 old = at[0] << 8 | at[1], now;

	if (zero_is_none && !old)
		return;
	now = ~er_fold((u64)(u16)~old + (u16)~er_fold(er_sum(0, from, len)) +
		       er_fold(er_sum(0, to, len)));
	if (zero_is_none && !now)
		now = 0xffff;
	at[0] = now >> 8;
	at[1] = now;
}

u32 er_l4_csum(const struct er_headers *h, u32 len, bool *zero_is_none)
{
	u32 at = 0;

	*zero_is_none = false;
	if (!h->l4)
		return 0;
	if (h->proto == 6)
		at = h->l4 + 16;
	else if (h->proto == 17)
		at = h->l4 + 6;
	else if (h->proto == 58 && h->family == 6)
		at = h->l4 + 2;
	*zero_is_none = h->proto == 17 && h->family == 4;
	return at && at + 2 <= len ? at : 0;
}
