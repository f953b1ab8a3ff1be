/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_ADDR_H
#define ASHLAR_OVERLAY_ADDR_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/jhash.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>

/**
 * struct ov_addr - an overlay or underlay address
 * @in6: the address; IPv4 is held IPv4-mapped (::ffff:a.b.c.d), so that one
 *       representation, one hash and one comparison serve both families
 */
struct ov_addr {
	struct in6_addr in6;
};

/**
 * struct ov_tuple - a TCP connection as seen from one of its ends
 * @local: address of this end
 * @remote: address of the other end
 * @lport: port of this end
 * @rport: port of the other end
 */
struct ov_tuple {
	struct ov_addr local;
	struct ov_addr remote;
	__be16 lport;
	__be16 rport;
};

static inline void ov_addr_init4(struct ov_addr *a, __be32 ip)
{
	ipv6_addr_set_v4mapped(ip, &a->in6);
}

static inline bool ov_addr_is4(const struct ov_addr *a)
{
	return ipv6_addr_v4mapped(&a->in6);
}

static inline __be32 ov_addr_ip4(const struct ov_addr *a)
{
	return a->in6.s6_addr32[3];
}

static inline bool ov_addr_equal(const struct ov_addr *a,
				 const struct ov_addr *b)
{
	return ipv6_addr_equal(&a->in6, &b->in6);
}

/* Folds an address to a word for hashing; for IPv4 the fold is the address. */
static inline u32 ov_addr_fold(const struct ov_addr *a)
{
	return (__force u32)(a->in6.s6_addr32[0] ^ a->in6.s6_addr32[1] ^
			     a->in6.s6_addr32[3]);
}

/* Both addresses and both ports; the seed is the table's. */
static inline u32 ov_tuple_hash(const struct ov_tuple *t, u32 seed)
{
	return jhash_3words(ov_addr_fold(&t->local), ov_addr_fold(&t->remote),
			    (u32)(__force u16)t->lport << 16 |
			    (__force u16)t->rport, seed);
}

static inline bool ov_tuple_equal(const struct ov_tuple *a,
				  const struct ov_tuple *b)
{
	return a->lport == b->lport && a->rport == b->rport &&
	       ov_addr_equal(&a->remote, &b->remote) &&
	       ov_addr_equal(&a->local, &b->local);
}

#endif /* ASHLAR_OVERLAY_ADDR_H */
