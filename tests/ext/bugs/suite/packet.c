// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs with packets. The test sends one UDP datagram over IPv4 with 64 bytes of payload, each 0x40.
 */
#include "bugs.h"

struct ipv4 {
	u8 version_ihl;
	u8 tos;
	be16 len;
	be16 id;
	be16 frag;
	u8 ttl;
	u8 protocol;
	be16 check;
	be32 from;
	be32 to;
};

struct udp {
	be16 from;
	be16 to;
	be16 len;
	be16 check;
};

/* What the suite always has attached: whether packets are served. */
HOOK(pass)
{
	(void)pkt;
	ext_state(struct bugs)->served++;
	return EXT_ACCEPT;
}

REQUEST(served)
{
	return answer(out, room, ext_state(struct bugs)->served + arg(in, len, 0));
}

/*
 * bug: pkt_read
 * class: out of bounds, packet, read
 * about: an offset taken from the packet
 * via: hook
 * outcome: aborted OBJECT BOUNDS RANGE
 * at: packet
 * fixed: accept
 * twin: pkt_read: KASAN
 */
HOOK(pkt_read)
{
	const u8 *p = ext_span(pkt, 0, 48);
	u32 at;

	if (!p)
		return EXT_ACCEPT;
	at = p[40] * 64;
	return p[at] == 0x41 ? EXT_DROP : EXT_ACCEPT;	/* BUG */
}

HOOK(pkt_read_fixed)
{
	const u8 *p = ext_span(pkt, 0, 48);
	u32 at;

	if (!p)
		return EXT_ACCEPT;
	at = p[40] * 64;
	if (at >= 48)
		return EXT_ACCEPT;
	return p[at] == 0x41 ? EXT_DROP : EXT_ACCEPT;
}

/*
 * bug: pkt_write
 * class: out of bounds, packet, write
 * via: hook
 * outcome: aborted OBJECT BOUNDS RANGE
 * at: wild
 * fixed: accept
 * twin: pkt_write: KASAN
 */
HOOK(pkt_write)
{
	struct ext_pkt_info info;
	u8 *p;

	ext_pkt_info(pkt, &info);
	if (!ext_pkt_make_writable(pkt, info.len))
		return EXT_ACCEPT;
	p = ext_span_w(pkt, 0, info.len);
	if (!p)
		return EXT_ACCEPT;
	for (u32 i = 20; i < info.len + p[40]; i++)
		p[i] = p[i];	/* harmless while it is the packet's */
	p[info.len + p[40] * 64] = 1;	/* BUG */
	return EXT_ACCEPT;
}

HOOK(pkt_write_fixed)
{
	struct ext_pkt_info info;
	u8 *p;

	ext_pkt_info(pkt, &info);
	if (!ext_pkt_make_writable(pkt, info.len))
		return EXT_ACCEPT;
	p = ext_span_w(pkt, 0, info.len);
	if (!p)
		return EXT_ACCEPT;
	if (info.len > 40)
		p[info.len - 1] = p[40];
	return EXT_ACCEPT;
}

/*
 * bug: pkt_readonly
 * class: out of bounds, packet, write
 * about: a span that was lent for reading, in a packet that others have, too
 * via: hook
 * outcome: aborted READONLY RANGE
 * at: packet
 * fixed: accept
 */
HOOK(pkt_readonly)
{
	u8 *p = (u8 *)ext_span(pkt, 0, 20);

	if (p)
		p[1] = 4;	/* BUG */
	return EXT_ACCEPT;
}

HOOK(pkt_readonly_fixed)
{
	u8 *p;

	if (!ext_pkt_make_writable(pkt, 20))
		return EXT_ACCEPT;
	p = ext_span_w(pkt, 0, 20);
	if (p)
		p[8] = p[8];
	return EXT_ACCEPT;
}

/*
 * bug: pkt_unchecked
 * class: NULL
 * about: a span that there is not
 * via: hook
 * outcome: aborted NULL RANGE
 * at: null
 * fixed: accept
 */
HOOK(pkt_unchecked)
{
	const u8 *p = ext_span(pkt, 4000, 20);

	return p[8] ? EXT_ACCEPT : EXT_DROP;	/* BUG */
}

HOOK(pkt_unchecked_fixed)
{
	const u8 *p = ext_span(pkt, 4000, 20);

	return !p || p[8] ? EXT_ACCEPT : EXT_DROP;
}

/*
 * bug: pkt_stale
 * class: use after free
 * about: a span after a call that may move the packet; by the contract the end or the packet's new
 *	bytes
 * via: hook
 * outcome: aborted RANGE BOUNDS READONLY OBJECT, or accept
 * at: wild
 * fixed: accept
 */
HOOK(pkt_stale)
{
	const struct ipv4 *ip = ext_span(pkt, 0, sizeof(*ip));

	if (!ip || !ext_pkt_push(pkt, 64) || !ext_pkt_trim_head(pkt, 64))
		return EXT_ACCEPT;
	return ip->ttl ? EXT_ACCEPT : EXT_DROP;	/* BUG */
}

HOOK(pkt_stale_fixed)
{
	const struct ipv4 *ip;

	if (!ext_pkt_push(pkt, 64) || !ext_pkt_trim_head(pkt, 64))
		return EXT_ACCEPT;
	ip = ext_span(pkt, 0, sizeof(*ip));
	return !ip || ip->ttl ? EXT_ACCEPT : EXT_DROP;
}

/*
 * bug: pkt_kept
 * class: use after free
 * about: a lent packet's handle, used in another invocation
 * via: hook, then request pkt_kept_use
 * outcome: aborted HANDLE CONTEXT
 */
HOOK(pkt_kept)
{
	ext_state(struct bugs)->pkt = pkt.handle;
	return EXT_ACCEPT;
}

REQUEST(pkt_kept_use)
{
	ext_pkt pkt = { .handle = ext_state(struct bugs)->pkt };
	u8 first;

	if (!ext_pkt_load(pkt, arg(in, len, 0), &first, 1))	/* BUG */
		return -EXT_EINVAL;
	return answer(out, room, first);
}

/*
 * bug: pkt_load_over
 * class: out of bounds, stack, write
 * about: more of the packet is copied than there is room
 * via: hook
 * outcome: aborted BUFFER
 * at: stack
 * fixed: accept
 */
HOOK(pkt_load_over)
{
	struct ext_pkt_info info;
	u8 head[40];

	ext_pkt_info(pkt, &info);
	if (!ext_pkt_load(pkt, 0, head, info.len))	/* BUG */
		return EXT_ACCEPT;
	return head[8] ? EXT_ACCEPT : EXT_DROP;
}

HOOK(pkt_load_over_fixed)
{
	struct ext_pkt_info info;
	u8 head[40];

	ext_pkt_info(pkt, &info);
	if (!ext_pkt_load(pkt, 0, head, min(info.len, (u32)sizeof(head))))
		return EXT_ACCEPT;
	return head[8] ? EXT_ACCEPT : EXT_DROP;
}

/*
 * bug: pkt_store_far
 * class: out of bounds, packet, write
 * about: the call says that there is no such place
 * via: hook
 * outcome: harmless accept
 */
HOOK(pkt_store_far)
{
	u64 value = 0;

	return ext_pkt_store(pkt, 0xfffffff0, &value, sizeof(value)) ? EXT_DROP : EXT_ACCEPT;
}

/*
 * bug: pkt_push_far
 * class: overflow
 * about: so much room that the sum wraps
 * via: hook
 * outcome: aborted ARGUMENT, or accept
 */
HOOK(pkt_push_far)
{
	return ext_pkt_push(pkt, 0xfffffff0) ? EXT_DROP : EXT_ACCEPT;	/* BUG */
}

/*
 * bug: pkt_verdict
 * class: type confusion
 * about: a hook returns what is no verdict
 * via: hook
 * outcome: aborted VERDICT
 * fixed: accept
 */
HOOK(pkt_verdict)
{
	struct ext_pkt_info info;

	ext_pkt_info(pkt, &info);
	return (enum ext_verdict)(info.len + 100);
}

HOOK(pkt_verdict_fixed)
{
	struct ext_pkt_info info;

	ext_pkt_info(pkt, &info);
	return info.len ? EXT_ACCEPT : EXT_DROP;
}

/*
 * bug: pkt_headless
 * class: type confusion
 * about: a header and some is taken off, and what is left is let pass as a packet
 * via: hook
 * outcome: aborted VERDICT
 * fixed: accept
 */
HOOK(pkt_headless)
{
	return ext_pkt_trim_head(pkt, 24) ? EXT_ACCEPT : EXT_DROP;
}

HOOK(pkt_headless_fixed)
{
	const u8 *inner = ext_span(pkt, 20, 20);

	/* Only what has an IP header behind the first one. */
	if (!inner || inner[0] != 0x45)
		return EXT_ACCEPT;
	return ext_pkt_trim_head(pkt, 20) ? EXT_ACCEPT : EXT_DROP;
}

/*
 * bug: pkt_options
 * class: out of bounds, packet, read
 * about: the header says that it is longer than the packet
 * via: hook
 * outcome: aborted VERDICT
 * fixed: accept
 */
HOOK(pkt_options)
{
	u8 *p;

	if (!ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	p = ext_span_w(pkt, 0, 20);
	if (!p)
		return EXT_DROP;
	p[0] = 0x4f;
	p[2] = 0;
	p[3] = 40;
	return EXT_ACCEPT;
}

HOOK(pkt_options_fixed)
{
	u8 *p;

	if (!ext_pkt_make_writable(pkt, 20))
		return EXT_DROP;
	p = ext_span_w(pkt, 0, 20);
	if (!p)
		return EXT_DROP;
	p[0] = 0x45;
	return EXT_ACCEPT;
}

/*
 * bug: pkt_header
 * class: out of bounds, packet, read
 * about: the header's length is believed
 * via: hook
 * outcome: aborted OBJECT BOUNDS RANGE
 * at: packet
 * fixed: accept
 */
HOOK(pkt_header)
{
	const struct ipv4 *ip = ext_span(pkt, 0, sizeof(*ip));
	const struct udp *udp;

	if (!ip || ip->protocol != 17)
		return EXT_ACCEPT;
	udp = (const void *)((const u8 *)ip + (ip->version_ihl & 15) * 4);
	return udp->to == ext_be16(7777) ? EXT_DROP : EXT_ACCEPT;	/* BUG */
}

HOOK(pkt_header_fixed)
{
	const struct ipv4 *ip = ext_span(pkt, 0, sizeof(*ip));
	const struct udp *udp;

	if (!ip || ip->protocol != 17)
		return EXT_ACCEPT;
	udp = ext_span(pkt, (ip->version_ihl & 15) * 4, sizeof(*udp));
	return udp && udp->to == ext_be16(7777) ? EXT_DROP : EXT_ACCEPT;
}
