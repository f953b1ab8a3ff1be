// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets: the one a hook runs for, those that the extension owns, and devices. Whatever moves a
 * packet moves it to other memory, so that the use of an old span is seen.
 */
#include <stdlib.h>
#include <string.h>

#include "headers.h"

#define OWNED_MAX 64
#define HEAD 256

struct info { /* struct ext_pkt_info */
	u32 len, linear, in_ifindex, out_ifindex, mark, hash;
	u16 proto;
	u8 family, l4_proto;
	u16 l4_off, gso_size, frag_off;
	u8 more_frags, hook;
};

static struct er_pkt current, owned[OWNED_MAX];
static u32 devs[OWNED_MAX], gen = 1;
u32 er_sent, er_devices = 8;

static void put(struct er_pkt *p)
{
	free(p->buffer);
	memset(p, 0, sizeof(*p));
}

void er_pkt_reset(void)
{
	u32 i;

	put(&current);
	for (i = 0; i < OWNED_MAX; i++)
		put(&owned[i]);
	memset(devs, 0, sizeof(devs));
	er_sent = 0;
}

static void window(struct ashlar_ext_ctx *ctx)
{
	ctx->pkt = (u64)current.buffer + current.head;
	ctx->pkt_len = current.linear;
	ctx->pkt_wlen = current.writable ? current.linear : 0;
}

/*
 * Other memory, with head bytes before and the linear part at its very end, which ASan then guards.
 */
static bool move(struct ashlar_ext_ctx *ctx, u32 head, u32 linear)
{
	u32 len = current.len;
	u8 *b = malloc(head + len + 1);

	if (!b)
		return false;
	memcpy(b + head, current.buffer + current.head, len);
	free(current.buffer);
	current.buffer = b;
	current.head = head;
	current.linear = linear;
	current.room = head + len;
	window(ctx);
	return true;
}

static u32 be16_at(const u8 *p)
{
	return p[0] << 8 | p[1];
}

/* 4 or 6 if a whole header of it is there, as the shim has it; else 0. */
static u8 whole_family(const u8 *p, u32 len)
{
	u32 head = len ? (p[0] & 15) * 4 : 0;

	if (len >= 20 && p[0] >> 4 == 4)
		return head >= 20 && be16_at(p + 2) >= head && be16_at(p + 2) <= len ? 4 : 0;
	if (len >= 40 && p[0] >> 4 == 6)
		return be16_at(p + 4) + 40 <= len ? 6 : 0;
	return 0;
}

bool er_pkt_begin(struct ashlar_ext_ctx *ctx, const u8 *bytes, u32 len, u32 linear, u32 in, u32 out,
		  u8 hook)
{
	put(&current);
	current.buffer = malloc(HEAD + len + 1);
	if (!current.buffer)
		return false;
	memcpy(current.buffer + HEAD, bytes, len);
	current.head = HEAD;
	current.len = len;
	current.linear = linear < len ? linear : len;
	current.in_ifindex = in;
	current.out_ifindex = out;
	current.hook = hook;
	current.family = whole_family(bytes, len);
	current.gen = gen++;
	current.used = true;
	window(ctx);
	return true;
}

const u8 *er_pkt_end(struct ashlar_ext_ctx *ctx, u32 *len)
{
	ctx->pkt = 0;
	ctx->pkt_len = 0;
	ctx->pkt_wlen = 0;
	*len = current.len;
	current.used = false;
	return current.buffer + current.head;
}

/* At ingress (5) the stack looks at it after the hook. */
bool er_pkt_broken(void)
{
	const u8 *p = current.buffer + current.head;

	return current.writable && current.hook != 5 && current.family &&
	       whole_family(p, current.len) != current.family;
}

static bool is_current(struct ashlar_ext_ctx *ctx, u64 pkt)
{
	if (current.used && pkt == current.gen)
		return true;
	er_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, pkt, "not the packet that the hook was called for");
	return false;
}

u64 er_pkt_handle(void)
{
	return current.gen;
}

static u8 *data(void)
{
	return current.buffer + current.head;
}

void ashlar_ext_pkt_info(struct ashlar_ext_ctx *ctx, u64 pkt, struct info *to)
{
	struct er_headers h;
	struct info i = { 0 };
	u32 k;

	er_called("pkt_info", pkt);
	if (!is_current(ctx, pkt) || !er_buf(ctx, to, sizeof(*to), true))
		return;
	er_headers(data(), current.len, &h);
	i.len = current.len;
	i.linear = current.linear;
	i.in_ifindex = current.in_ifindex;
	i.out_ifindex = current.out_ifindex;
	i.mark = current.mark;
	i.proto = __builtin_bswap16(h.family == 4 ? 0x0800 : h.family == 6 ? 0x86dd : 0);
	i.family = h.family;
	i.l4_proto = h.proto;
	i.l4_off = h.l4;
	i.frag_off = h.frag_off;
	i.more_frags = h.more_frags;
	i.hook = current.hook;
	for (k = h.family == 4 ? 12 : 8; h.family && k < (h.family == 4 ? 20U : 40U); k++)
		i.hash = (i.hash ^ data()[k]) * 16777619U;
	for (k = h.l4; h.l4 && k < h.l4 + 4U && k < current.len; k++)
		i.hash = (i.hash ^ data()[k]) * 16777619U;
	memcpy(to, &i, sizeof(i));
}

bool ashlar_ext_pkt_pull(struct ashlar_ext_ctx *ctx, u64 pkt, u32 len)
{
	er_called("pkt_pull", len);
	if (!is_current(ctx, pkt) || len > current.len)
		return false;
	return len <= current.linear || move(ctx, current.head, len);
}

static bool make_writable(struct ashlar_ext_ctx *ctx, u32 len)
{
	if (len > current.len)
		return false;
	if (current.writable && len <= current.linear)
		return true;
	current.writable = true;
	return move(ctx, current.head, len > current.linear ? len : current.linear);
}

/* For a call that changes bytes itself: spans may be written to only if they might before. */
static bool make_alone(struct ashlar_ext_ctx *ctx, u32 len)
{
	if (len > current.len)
		return false;
	if ((current.writable || current.alone) && len <= current.linear)
		return true;
	current.alone = true;
	return move(ctx, current.head, len > current.linear ? len : current.linear);
}

bool ashlar_ext_pkt_make_writable(struct ashlar_ext_ctx *ctx, u64 pkt, u32 len)
{
	er_called("pkt_make_writable", len);
	return is_current(ctx, pkt) && make_writable(ctx, len);
}

bool ashlar_ext_pkt_push(struct ashlar_ext_ctx *ctx, u64 pkt, u32 len)
{
	er_called("pkt_push", len);
	if (!is_current(ctx, pkt))
		return false;
	if (len > 256) {
		er_stop(ctx, ASHLAR_EXT_FAULT_ARGUMENT, len, "over 256 bytes");
		return false;
	}
	if (!move(ctx, HEAD + len, current.linear))
		return false;
	current.head -= len;
	current.len += len;
	current.linear += len;
	current.writable = true;
	memset(data(), 0, len);
	window(ctx);
	return true;
}

bool ashlar_ext_pkt_trim_head(struct ashlar_ext_ctx *ctx, u64 pkt, u32 len)
{
	er_called("pkt_trim_head", len);
	if (!is_current(ctx, pkt) || len > current.len)
		return false;
	current.writable = true;
	current.head += len;
	current.len -= len;
	current.linear = current.linear > len ? current.linear - len : 0;
	return move(ctx, current.head, current.linear);
}

bool ashlar_ext_pkt_load(struct ashlar_ext_ctx *ctx, u64 pkt, u32 off, void *to, u32 len)
{
	er_called("pkt_load", off);
	if (!is_current(ctx, pkt) || !er_buf(ctx, to, len, true) || (u64)off + len > current.len)
		return false;
	memcpy(to, data() + off, len);
	return true;
}

bool ashlar_ext_pkt_store(struct ashlar_ext_ctx *ctx, u64 pkt, u32 off, const void *from, u32 len)
{
	er_called("pkt_store", off);
	if (!is_current(ctx, pkt) || !er_buf(ctx, from, len, false) || (u64)off + len > current.len)
		return false;
	/* from may be a span. */
	memmove(data() + off, from, len);
	return make_writable(ctx, 0);
}

/* --- rewriting --- */

bool ashlar_ext_pkt_set_addr(struct ashlar_ext_ctx *ctx, u64 pkt, bool dest, const void *addr,
			     u32 len)
{
	struct er_headers h;
	bool zero_is_none;
	u32 at, csum;
	u8 to[16];

	er_called("pkt_set_addr", dest);
	if (!is_current(ctx, pkt) || !er_buf(ctx, addr, len, false) || len > 16)
		return false;
	memcpy(to, addr, len);
	er_headers(data(), current.len, &h);
	if (!h.family || len != (h.family == 4 ? 4U : 16U) || h.frag_off ||
	    !make_alone(ctx, h.family == 4 ? 20 : 40))
		return false;
	at = h.family == 4 ? (dest ? 16 : 12) : (dest ? 24 : 8);
	csum = er_l4_csum(&h, current.len, &zero_is_none);
	if (csum)
		er_csum_replace(data() + csum, data() + at, to, len, zero_is_none);
	if (h.family == 4)
		er_csum_replace(data() + 10, data() + at, to, len, false);
	memcpy(data() + at, to, len);
	return true;
}

bool ashlar_ext_pkt_set_port(struct ashlar_ext_ctx *ctx, u64 pkt, bool dest, u16 port)
{
	struct er_headers h;
	bool zero_is_none;
	u32 at, csum;

	er_called("pkt_set_port", dest);
	if (!is_current(ctx, pkt))
		return false;
	er_headers(data(), current.len, &h);
	csum = er_l4_csum(&h, current.len, &zero_is_none);
	if (!csum || (h.proto != 6 && h.proto != 17) || !make_alone(ctx, h.l4 + 8))
		return false;
	at = h.l4 + (dest ? 2 : 0);
	er_csum_replace(data() + csum, data() + at, (u8 *)&port, 2, zero_is_none);
	memcpy(data() + at, &port, 2);
	return true;
}

bool ashlar_ext_pkt_csum_replace(struct ashlar_ext_ctx *ctx, u64 pkt, u32 off, u32 from, u32 to,
				 bool pseudo)
{
	(void)pseudo;
	er_called("pkt_csum_replace", off);
	if (!is_current(ctx, pkt) || (u64)off + 2 > current.len || !make_writable(ctx, off + 2))
		return false;
	er_csum_replace(data() + off, (u8 *)&from, (u8 *)&to, 4, false);
	return true;
}

void ashlar_ext_pkt_set_mark(struct ashlar_ext_ctx *ctx, u64 pkt, u32 mark)
{
	if (is_current(ctx, pkt))
		current.mark = mark;
}

/* --- what the extension owns --- */

static struct er_pkt *own(struct ashlar_ext_ctx *ctx, u64 handle)
{
	struct er_pkt *p = &owned[(handle >> 32) % OWNED_MAX];

	if (handle >> 32 && p->used && p->gen == (u32)handle)
		return p;
	er_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, handle, "no packet that the extension owns");
	return NULL;
}

u64 ashlar_ext_pkt_clone(struct ashlar_ext_ctx *ctx, u64 pkt)
{
	u32 i;

	er_called("pkt_clone", pkt);
	if (!is_current(ctx, pkt))
		return 0;
	for (i = 1; i < OWNED_MAX && owned[i].used; i++)
		;
	if (i == OWNED_MAX)
		return 0;
	owned[i] = current;
	owned[i].gen = gen++;
	owned[i].buffer = malloc(current.room + 1);
	memcpy(owned[i].buffer, current.buffer, current.room);
	return (u64)i << 32 | owned[i].gen;
}

static bool device(struct ashlar_ext_ctx *ctx, u64 handle)
{
	u64 i = handle >> 32;

	if (i && i <= er_devices && i < OWNED_MAX && (u32)handle == i && devs[i])
		return true;
	er_stop(ctx, ASHLAR_EXT_FAULT_HANDLE, handle, "no device that the extension holds");
	return false;
}

s32 ashlar_ext_pkt_send(struct ashlar_ext_ctx *ctx, u64 pkt, u64 dev)
{
	struct er_pkt *p = own(ctx, pkt);

	er_called("pkt_send", pkt);
	if (!p || !device(ctx, dev))
		return -22;
	put(p);
	er_sent++;
	return 0;
}

void ashlar_ext_pkt_free(struct ashlar_ext_ctx *ctx, u64 pkt)
{
	struct er_pkt *p = own(ctx, pkt);

	er_called("pkt_free", pkt);
	if (p)
		put(p);
}

u64 ashlar_ext_dev_get(struct ashlar_ext_ctx *ctx, u32 ifindex)
{
	(void)ctx;
	er_called("dev_get", ifindex);
	if (!ifindex || ifindex > er_devices || ifindex >= OWNED_MAX)
		return 0;
	devs[ifindex]++;
	return (u64)ifindex << 32 | ifindex;
}

void ashlar_ext_dev_put(struct ashlar_ext_ctx *ctx, u64 dev)
{
	er_called("dev_put", dev);
	if (device(ctx, dev))
		devs[dev >> 32]--;
}

bool ashlar_ext_dev_up(struct ashlar_ext_ctx *ctx, u64 dev)
{
	return device(ctx, dev);
}

u32 er_pkts_owned(void)
{
	u32 i, n = 0;

	for (i = 0; i < OWNED_MAX; i++)
		n += owned[i].used;
	return n;
}

u32 er_devs_owned(void)
{
	u32 i, n = 0;

	for (i = 0; i < OWNED_MAX; i++)
		n += devs[i];
	return n;
}
