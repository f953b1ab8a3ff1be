// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP. A query and its answer are a connection whose ports are its id. An error
 * is about the packet it quotes, and is let pass if that one is of a connection
 * and the error goes to whoever sent it.
 */
#include "filter.h"

/* Each query with its answer. */
#define ECHO4		8
#define ECHO4_ANSWER	0
#define STAMP4		13
#define STAMP4_ANSWER	14
#define ECHO6		128
#define ECHO6_ANSWER	129

/* Errors. */
#define UNREACHABLE4	3
#define QUENCH4		4
#define REDIRECT4	5
#define EXCEEDED4	11
#define PARAMETER4	12
#define ERROR6_MAX	127

/* What IPv6 is not without on its own link. */
#define LISTENER6	130
#define LISTENER6_LAST	132
#define NEIGHBOUR6	133
#define NEIGHBOUR6_LAST	137
#define LISTENER6_V2	143
#define NEIGHBOUR_HOPS	255
#define LISTENER_HOPS	1

/* Whether it is the ICMP of its family. */
bool filter_icmp(const struct filter_flow *flow)
{
	return flow->proto == (flow->family == 4 ? EXT_PROTO_ICMP : EXT_PROTO_ICMP6);
}

bool filter_icmp_query(u8 family, u8 type)
{
	if (family == 6)
		return type == ECHO6 || type == ECHO6_ANSWER;
	return type == ECHO4 || type == ECHO4_ANSWER || type == STAMP4 || type == STAMP4_ANSWER;
}

/* An answer begins no connection. */
bool filter_icmp_answer(const struct filter_pkt *p)
{
	u8 type = p->type >> 8;

	if (p->flow.family == 6)
		return p->flow.proto == EXT_PROTO_ICMP6 && type == ECHO6_ANSWER;
	return p->flow.proto == EXT_PROTO_ICMP && (type == ECHO4_ANSWER || type == STAMP4_ANSWER);
}

/* The type and code of the query that @type answers; @type itself if it is none. */
u16 filter_icmp_asked(u8 family, u16 type)
{
	if (family == 6)
		return type == ECHO6_ANSWER << 8 ? ECHO6 << 8 : type;
	if (type == STAMP4_ANSWER << 8)
		return STAMP4 << 8;
	return type == ECHO4_ANSWER << 8 ? ECHO4 << 8 : type;
}

static bool is_neighbour(ext_pkt pkt, u8 type)
{
	const struct ext_ip6 *ip;
	bool neighbour, listener;

	neighbour = type >= NEIGHBOUR6 && type <= NEIGHBOUR6_LAST;
	listener = (type >= LISTENER6 && type <= LISTENER6_LAST) || type == LISTENER6_V2;
	if (!neighbour && !listener)
		return false;
	ip = ext_header(pkt, 0, sizeof(*ip));
	return ip && ip->hop_limit == (neighbour ? NEIGHBOUR_HOPS : LISTENER_HOPS);
}

/* Of a packet that is ICMP or ICMPv6, as its family has it. */
enum filter_icmp filter_icmp_kind(ext_pkt pkt, const struct filter_pkt *p)
{
	u8 type = p->type >> 8;

	if (p->flow.family == 6) {
		if (type <= ERROR6_MAX)
			return FILTER_ICMP_ERROR;
		return is_neighbour(pkt, type) ? FILTER_ICMP_NEIGHBOUR : FILTER_ICMP_QUERY;
	}
	switch (type) {
	case UNREACHABLE4:
	case QUENCH4:
	case REDIRECT4:
	case EXCEEDED4:
	case PARAMETER4:
		return FILTER_ICMP_ERROR;
	default:
		return FILTER_ICMP_QUERY;
	}
}

/**
 * filter_icmp_related() - whether an ICMP error is about a live connection
 * @pkt: the error
 * @plan: the rules, for the timeouts
 * @p: what was read of it
 * @now: ns
 */
bool filter_icmp_related(ext_pkt pkt, const struct filter_plan *plan, const struct filter_pkt *p,
			 u64 now)
{
	struct filter_flow quoted;

	if (!filter_quoted_read(pkt, p->info.l4_off + sizeof(struct ext_icmp), p->flow.family,
				&quoted))
		return false;
	if (quoted.src[0] != p->flow.dst[0] || quoted.src[1] != p->flow.dst[1])
		return false;
	return filter_conn_known(plan, &quoted, now);
}
