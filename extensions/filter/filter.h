/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stateful packet filter, for IPv4 and IPv6.
 *
 * packet.c  a packet's flow, and what its headers say
 * chain.c   the header chain of a packet that the shim has not walked
 * tcp.c     the states of a TCP connection, as both its ends must see them
 * conn.c    the tables of connections
 * rule.c    the operator's rules, compiled by the request "commit"
 * icmp.c    errors about a known connection
 * frag.c    fragments behind the first
 * main.c    the hook: who is asked in which order; counters; entries
 */
#ifndef FILTER_H
#define FILTER_H

#include <ashlar/ext.h>

#define FILTER_RULES		128
#define FILTER_CONNS		32768
#define FILTER_OPENING		8192
#define FILTER_FRAGS		4096

#define FILTER_RULE_DEFAULT	FILTER_RULES	/* stands for the default policy */

#define FILTER_S		1000000000ULL

enum filter_action {
	FILTER_UNUSED,
	FILTER_ACCEPT,
	FILTER_DROP,
};

/* Ways out, by number in the map "counts". */
enum filter_count {
	FILTER_N_KNOWN, /* of a connection that is allowed */
	FILTER_N_NEW, /* first packet of one; a rule or the policy accepts */
	FILTER_N_RELATED, /* ICMP error about a connection */
	FILTER_N_NEIGHBOUR, /* IPv6 neighbour discovery */
	FILTER_N_FRAGMENT, /* later fragment, as its first one went */
	FILTER_N_OTHER, /* neither IPv4 nor IPv6: passes */
	FILTER_N_DENIED, /* dropped by a rule or the policy */
	FILTER_N_REVOKED, /* dropped: of a connection that new rules do not allow */
	FILTER_N_INVALID, /* dropped: no such packet in the connection's state */
	FILTER_N_UNRELATED, /* dropped: ICMP error about no connection */
	/* dropped: later fragment whose first one was not seen or not let pass */
	FILTER_N_LOST_FRAGMENT,
	FILTER_N_MALFORMED, /* dropped: headers that are cut off or contradict themselves */
	FILTER_N_FULL, /* dropped: no room for the connection */
	FILTER_N_MAX,
};

/*
 * Value of the map "rules", whose key is a number below FILTER_RULES; in the
 * host's byte order but for the addresses. The lowest number that matches
 * decides. Zero is any: family, proto, prefix lengths, interfaces; ports, if
 * both ends of the range are 0. An ICMP type and code are a port: type * 256 + code,
 * as destination port.
 */
struct filter_rule {
	u8 src[16];		/* IPv4: the first four bytes */
	u8 dst[16];
	u8 src_bits;
	u8 dst_bits;
	u8 family;		/* 4, 6; needed with an address */
	u8 proto;
	u8 action;		/* enum filter_action; 0: there is no such rule */
	u8 unused[3];
	u16 sport[2];		/* first, last */
	u16 dport[2];
	u32 in_ifindex;
	u32 out_ifindex;
};

/* Value 0 of the map "settings"; 0 is the default of each. */
struct filter_settings {
	u8 policy;		/* enum filter_action for what no rule matches; default: drop */
	u8 loose;		/* 1: TCP connections may be taken up in their middle */
	u8 unused[2];
	u32 tcp_s;		/* idle seconds of an established TCP connection: 86400 */
	u32 udp_s;		/* of UDP that has had an answer: 180 */
	u32 udp_new_s;		/* of UDP that has not: 30 */
};

/* Ends in the packet's direction. Ports of ICMP echo are its id. */
struct filter_flow {
	u64 src[2];
	u64 dst[2];
	be16 sport;
	be16 dport;
	u8 proto;
	u8 family;
	u16 zero;
};

/* What a packet is, found once. */
struct filter_pkt {
	struct ext_pkt_info info;
	struct filter_flow flow;
	u16 type;		/* ICMP: type * 256 + code */
	u8 tcp_flags;
};

/* The end with the smaller address and port first. Key of the connection tables: no padding. */
struct filter_key {
	u64 addr[4];
	be16 port[2];
	u8 proto;
	u8 family;
	u16 zero;
};

struct filter_conn {
	u64 seen;		/* ns */
	u32 state;		/* enum filter_tcp, or 0 or 1: answered; FILTER_REVERSED */
	u32 gen;		/* rules that allowed it */
	u16 rule;
	u16 zero[3];
};

#define FILTER_REVERSED	0x100	/* in state: the end that opened is the second of the key */

/* A rule, ready for use. */
struct filter_match {
	u64 src[2];
	u64 src_mask[2];
	u64 dst[2];
	u64 dst_mask[2];
	u32 in_ifindex;
	u32 out_ifindex;
	u16 sport[2];
	u16 dport[2];
	u8 family;
	u8 proto;
	u8 action;
	u8 number;
};

struct filter_plan {
	struct filter_match match[FILTER_RULES];
	u32 count;
	u32 gen;
	u32 policy;
	u32 loose;
	u64 tcp;		/* ns */
	u64 udp;
	u64 udp_new;
};

struct filter_state {
	struct filter_plan plan[2];
	u32 active;		/* which of them */
	u32 busy;		/* a commit is under way */
};

/* --- packet.c */

enum filter_read {
	FILTER_READ_OK,
	FILTER_READ_OTHER,
	FILTER_READ_MALFORMED,
};

enum filter_read filter_packet_read(ext_pkt pkt, struct filter_pkt *p);
bool filter_quoted_read(ext_pkt pkt, u32 off, u8 family, struct filter_flow *flow);
bool filter_addrs_read(ext_pkt pkt, u32 off, u8 family, struct filter_flow *flow);
void filter_flow_turn(struct filter_flow *flow);
bool filter_flow_key(const struct filter_flow *flow, struct filter_key *key);

/* --- chain.c */

/* The end of a header chain. */
struct filter_chain {
	u32 off;		/* of the upper protocol's header */
	u32 id;			/* of the datagram, if it is a fragment */
	u16 frag_off;
	u8 proto;
};

bool filter_chain_walk(ext_pkt pkt, u32 off, u8 family, struct filter_chain *chain);

/* --- tcp.c */

enum filter_tcp {
	FILTER_TCP_NONE,
	FILTER_TCP_SYN_SENT,
	FILTER_TCP_SYN_CROSSED, /* both ends opened at once */
	FILTER_TCP_SYN_RECV,
	FILTER_TCP_ESTABLISHED,
	FILTER_TCP_FIN, /* the opener's end is closed */
	FILTER_TCP_FIN_REPLY, /* the other end is */
	FILTER_TCP_CLOSING, /* both are; the last ACK is not seen */
	FILTER_TCP_TIME_WAIT,
	FILTER_TCP_RESET,
	FILTER_TCP_MAX,
	FILTER_TCP_INVALID, /* no state: the packet does not belong */
	FILTER_TCP_REOPEN, /* no state: the packet begins a new connection in the old one's place */
};

enum filter_tcp filter_tcp_next(enum filter_tcp state, bool reply, u8 flags);
u64 filter_tcp_idle(enum filter_tcp state, u64 established);

/* --- conn.c */

enum filter_found {
	FILTER_FOUND_NONE,	/* none, or one that is over: the rules must say */
	FILTER_FOUND_KNOWN,
	FILTER_FOUND_INVALID,
};

enum filter_found filter_conn_find(const struct filter_plan *plan, const struct filter_pkt *p,
				   u64 now, struct filter_conn **conn);
bool filter_conn_reply(const struct filter_pkt *p, const struct filter_conn *conn);
bool filter_conn_open(const struct filter_plan *plan, const struct filter_pkt *p, u32 rule,
		      u64 now);
void filter_conn_drop(const struct filter_flow *flow);
bool filter_conn_known(const struct filter_plan *plan, const struct filter_flow *flow, u64 now);

/* --- rule.c */

const struct filter_plan *filter_plan(void);
s32 filter_rules_compile(void);
u32 filter_rules_judge(const struct filter_plan *plan, const struct filter_pkt *p, bool reply,
		       bool *accept);
void filter_rule_count(u32 rule);

/* --- icmp.c */

enum filter_icmp {
	FILTER_ICMP_QUERY,	/* echo and what is not known: as a connection */
	FILTER_ICMP_ERROR,
	FILTER_ICMP_NEIGHBOUR,
};

bool filter_icmp(const struct filter_flow *flow);
bool filter_icmp_query(u8 family, u8 type);
bool filter_icmp_answer(const struct filter_pkt *p);
u16 filter_icmp_asked(u8 family, u16 type);
enum filter_icmp filter_icmp_kind(ext_pkt pkt, const struct filter_pkt *p);
bool filter_icmp_related(ext_pkt pkt, const struct filter_plan *plan, const struct filter_pkt *p,
			 u64 now);

/* --- frag.c */

void filter_frag_note(ext_pkt pkt, const struct filter_pkt *p, enum ext_verdict verdict, u64 now);
enum ext_verdict filter_frag_judge(ext_pkt pkt, const struct filter_pkt *p, u64 now);

#endif /* FILTER_H */
