// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of ext_fake.h: what makes them, what the calls do to them, what looks
 * at them afterwards.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext_fake.h"

/* As in ext.h. */
struct info {
	uint32_t len, linear, in_ifindex, out_ifindex, mark, hash;
	uint16_t proto;
	uint8_t family, l4_proto;
	uint16_t l4_off, gso_size, frag_off;
	uint8_t more_frags, hook;
};

struct pkt {
	uint64_t handle;
};

static struct fake_pkt *pkt_of(struct pkt p)
{
	if (!p.handle)
		abort();
	return (struct fake_pkt *)(uintptr_t)p.handle;
}

static uint16_t get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void put16(uint8_t *at, uint16_t v)
{
	at[0] = v >> 8;
	at[1] = v;
}

static uint32_t sum_of(const uint8_t *at, uint32_t len, uint32_t sum)
{
	uint32_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += get16(at + i);
	if (len & 1)
		sum += at[len - 1] << 8;
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Spans move; what they showed is gone. */
static void span_new(struct fake_pkt *p)
{
	if (p->span) {
		memcpy(p->data, p->span, p->linear);
		free(p->span);
	}
	p->span = malloc(p->linear ? p->linear : 1);
	memcpy(p->span, p->data, p->linear);
}

static void sync_data(struct fake_pkt *p)
{
	if (p->span)
		memcpy(p->data, p->span, p->linear);
}

void fake_done(struct fake_pkt *p)
{
	sync_data(p);
	free(p->span);
	p->span = NULL;
	p->writable = false;
}

/* Where the upper header is; 0: nowhere. */
static uint32_t walk(const struct fake_pkt *p, uint8_t *proto, uint16_t *frag, uint8_t *more)
{
	uint32_t off = 40, i;

	*frag = 0;
	*more = 0;
	*proto = 0;
	if (p->data[0] >> 4 == 4) {
		*proto = p->data[9];
		*frag = (get16(p->data + 6) & 0x1fff) * 8;
		*more = !!(get16(p->data + 6) & 0x2000);
		return *frag ? 0 : (p->data[0] & 15) * 4;
	}
	*proto = p->data[6];
	for (i = 0; i < 8 && off + 8 <= p->len; i++) {
		if (*proto == 0 || *proto == 43 || *proto == 60) {
			*proto = p->data[off];
			off += (p->data[off + 1] + 1) * 8;
		} else if (*proto == 44) {
			*frag = get16(p->data + off + 2) & 0xfff8;
			*more = p->data[off + 3] & 1;
			*proto = p->data[off];
			off += 8;
			if (*frag)
				return 0;
		} else {
			return off;
		}
	}
	return 0;
}

/* Offset of the checksum in an upper header, and whether it covers the addresses. */
static uint32_t csum_at(uint8_t proto, bool *pseudo)
{
	*pseudo = proto != 1;
	return proto == 6 ? 16 : proto == 17 ? 6 : 2;
}

static uint32_t pseudo_sum(const struct fake_pkt *p, uint8_t proto, uint32_t len)
{
	uint32_t sum = proto + len;

	return p->data[0] >> 4 == 4 ? sum_of(p->data + 12, 8, sum) : sum_of(p->data + 8, 32, sum);
}

static uint16_t l4_sum(const struct fake_pkt *p)
{
	uint16_t frag;
	uint8_t proto, more;
	uint32_t off = walk(p, &proto, &frag, &more), sum = 0;
	bool pseudo;

	csum_at(proto, &pseudo);
	if (pseudo)
		sum = pseudo_sum(p, proto, p->len - off);
	return folded(sum_of(p->data + off, p->len - off, sum));
}

bool fake_sums_right(const struct fake_pkt *p)
{
	if (p->data[0] >> 4 == 4 && folded(sum_of(p->data, (p->data[0] & 15) * 4, 0)))
		return false;
	return !l4_sum(p);
}

static uint32_t ip_make(struct fake_pkt *p, const struct fake_flow *f, uint32_t upper)
{
	uint8_t *d = p->data;

	memset(p, 0, sizeof(*p));
	if (f->family == 4) {
		d[0] = 0x45;
		put16(d + 2, 20 + upper);
		d[8] = 64;
		d[9] = f->proto;
		memcpy(d + 12, f->src, 4);
		memcpy(d + 16, f->dst, 4);
		put16(d + 10, folded(sum_of(d, 20, 0)));
		p->len = 20 + upper;
		return 20;
	}
	d[0] = 0x60;
	put16(d + 4, upper);
	d[6] = f->proto;
	d[7] = 64;
	memcpy(d + 8, f->src, 16);
	memcpy(d + 24, f->dst, 16);
	p->len = 40 + upper;
	return 40;
}

void fake_make(struct fake_pkt *p, const struct fake_flow *f, uint8_t flags, uint32_t payload)
{
	uint32_t head = f->proto == 6 ? 20 : 8, off, i;
	bool pseudo;
	uint8_t *l4;

	off = ip_make(p, f, head + payload);
	p->linear = off + head;
	l4 = p->data + off;
	if (f->proto == 1 || f->proto == 58) {
		/* An echo: sport is its id, dport its type and code. */
		put16(l4, f->dport);
		put16(l4 + 4, f->sport);
	} else {
		put16(l4, f->sport);
		put16(l4 + 2, f->dport);
	}
	if (f->proto == 6) {
		l4[12] = 5 << 4;
		l4[13] = flags;
	} else if (f->proto == 17) {
		put16(l4 + 4, 8 + payload);
	}
	for (i = 0; i < payload; i++)
		l4[head + i] = i;
	put16(l4 + csum_at(f->proto, &pseudo), l4_sum(p));
}

void fake_make_error(struct fake_pkt *p, const struct fake_flow *f, uint8_t type, uint8_t code,
		     const struct fake_pkt *about)
{
	struct fake_flow flow = *f;
	uint32_t quoted = about->len < 128 ? about->len : 128, off;

	flow.proto = f->family == 4 ? 1 : 58;
	off = ip_make(p, &flow, 8 + quoted);
	p->linear = p->len;
	p->data[off] = type;
	p->data[off + 1] = code;
	memcpy(p->data + off + 8, about->data, quoted);
	put16(p->data + off + 2, l4_sum(p));
}

void fake_flow_of(const struct fake_pkt *p, struct fake_flow *f)
{
	uint16_t frag;
	uint8_t more;
	uint32_t off;

	memset(f, 0, sizeof(*f));
	f->family = p->data[0] >> 4;
	off = walk(p, &f->proto, &frag, &more);
	memcpy(f->src, p->data + (f->family == 4 ? 12 : 8), f->family == 4 ? 4 : 16);
	memcpy(f->dst, p->data + (f->family == 4 ? 16 : 24), f->family == 4 ? 4 : 16);
	f->sport = get16(p->data + off);
	f->dport = get16(p->data + off + 2);
}

/* --- the calls */

void ashlar_ext_pkt_info(struct pkt pkt, struct info *info);
void ashlar_ext_pkt_info(struct pkt pkt, struct info *info)
{
	struct fake_pkt *p = pkt_of(pkt);
	uint16_t frag;

	sync_data(p);
	memset(info, 0, sizeof(*info));
	info->len = p->len;
	info->linear = p->linear;
	info->in_ifindex = p->in_ifindex;
	info->out_ifindex = p->out_ifindex;
	info->mark = p->mark;
	info->hook = p->hook;
	info->gso_size = p->gso_size;
	info->family = p->data[0] >> 4;
	if (info->family != 4 && info->family != 6) {
		info->family = 0;
		return;
	}
	info->proto = htons(info->family == 4 ? 0x0800 : 0x86dd);
	info->l4_off = walk(p, &info->l4_proto, &frag, &info->more_frags);
	info->frag_off = frag;
}

uint32_t __ext_pkt_linear(struct pkt pkt);
uint32_t __ext_pkt_linear(struct pkt pkt)
{
	return pkt_of(pkt)->linear;
}

static void *span(struct fake_pkt *p, uint32_t off, uint32_t len)
{
	if (!p->span)
		span_new(p);
	return off <= p->linear && len <= p->linear - off ? p->span + off : NULL;
}

const void *__ext_span(struct pkt pkt, uint32_t off, uint32_t len);
const void *__ext_span(struct pkt pkt, uint32_t off, uint32_t len)
{
	return span(pkt_of(pkt), off, len);
}

void *__ext_span_w(struct pkt pkt, uint32_t off, uint32_t len);
void *__ext_span_w(struct pkt pkt, uint32_t off, uint32_t len)
{
	return pkt_of(pkt)->writable ? span(pkt_of(pkt), off, len) : NULL;
}

bool ashlar_ext_pkt_pull(struct pkt pkt, uint32_t len);
bool ashlar_ext_pkt_pull(struct pkt pkt, uint32_t len)
{
	struct fake_pkt *p = pkt_of(pkt);

	sync_data(p);
	if (len > p->len)
		return false;
	if (len > p->linear) {
		free(p->span);
		p->span = NULL;
		p->linear = len;
	}
	span_new(p);
	return true;
}

bool ashlar_ext_pkt_load(struct pkt pkt, uint32_t off, void *to, uint32_t len);
bool ashlar_ext_pkt_load(struct pkt pkt, uint32_t off, void *to, uint32_t len)
{
	struct fake_pkt *p = pkt_of(pkt);

	sync_data(p);
	if (off > p->len || len > p->len - off)
		return false;
	memcpy(to, p->data + off, len);
	return true;
}

bool ashlar_ext_pkt_store(struct pkt pkt, uint32_t off, const void *from, uint32_t len);
bool ashlar_ext_pkt_store(struct pkt pkt, uint32_t off, const void *from, uint32_t len)
{
	struct fake_pkt *p = pkt_of(pkt);

	sync_data(p);
	if (off > p->len || len > p->len - off)
		return false;
	free(p->span);
	p->span = NULL;
	memcpy(p->data + off, from, len);
	span_new(p);
	return true;
}

static void sum_replace(uint8_t *csum, const uint8_t *from, const uint8_t *to, uint32_t len)
{
	uint32_t sum = (uint16_t)~get16(csum), i;

	for (i = 0; i < len; i += 2)
		sum += (uint16_t)~get16(from + i) + get16(to + i);
	put16(csum, folded(sum));
}

bool ashlar_ext_pkt_csum_replace(struct pkt pkt, uint32_t off, uint32_t from, uint32_t to,
				 bool pseudo);
bool ashlar_ext_pkt_csum_replace(struct pkt pkt, uint32_t off, uint32_t from, uint32_t to,
				 bool pseudo)
{
	struct fake_pkt *p = pkt_of(pkt);

	(void)pseudo;
	sync_data(p);
	if (off > p->len || p->len - off < 2)
		return false;
	free(p->span);
	p->span = NULL;
	sum_replace(p->data + off, (uint8_t *)&from, (uint8_t *)&to, 4);
	span_new(p);
	return true;
}

bool ashlar_ext_pkt_set_addr(struct pkt pkt, bool dest, const void *addr, uint32_t len);
bool ashlar_ext_pkt_set_addr(struct pkt pkt, bool dest, const void *addr, uint32_t len)
{
	struct fake_pkt *p = pkt_of(pkt);
	uint32_t off, at, l4;
	uint16_t frag;
	uint8_t proto, more, old[16];
	bool pseudo;

	sync_data(p);
	off = walk(p, &proto, &frag, &more);
	if (len != (p->data[0] >> 4 == 4 ? 4 : 16) || frag)
		return false;
	at = len == 4 ? 12 + (dest ? 4 : 0) : 8 + (dest ? 16 : 0);
	free(p->span);
	p->span = NULL;
	memcpy(old, p->data + at, len);
	memcpy(p->data + at, addr, len);
	if (len == 4)
		sum_replace(p->data + 10, old, addr, len);
	l4 = csum_at(proto, &pseudo);
	if (pseudo && off)
		sum_replace(p->data + off + l4, old, addr, len);
	span_new(p);
	return true;
}

bool ashlar_ext_pkt_set_port(struct pkt pkt, bool dest, uint16_t port);
bool ashlar_ext_pkt_set_port(struct pkt pkt, bool dest, uint16_t port)
{
	struct fake_pkt *p = pkt_of(pkt);
	uint8_t proto, more, old[2];
	uint16_t frag;
	uint32_t off;
	bool pseudo;

	sync_data(p);
	off = walk(p, &proto, &frag, &more);
	if (!off || (proto != 6 && proto != 17))
		return false;
	free(p->span);
	p->span = NULL;
	off += dest ? 2 : 0;
	memcpy(old, p->data + off, 2);
	memcpy(p->data + off, &port, 2);
	sum_replace(p->data + off - (dest ? 2 : 0) + csum_at(proto, &pseudo), old, (uint8_t *)&port,
		    2);
	span_new(p);
	return true;
}

void ashlar_ext_pkt_set_mark(struct pkt pkt, uint32_t mark);
void ashlar_ext_pkt_set_mark(struct pkt pkt, uint32_t mark)
{
	pkt_of(pkt)->mark = mark;
}
