/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ashlar_overlay

#if !defined(ASHLAR_OVERLAY_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ASHLAR_OVERLAY_TRACE_H

#include <linux/tracepoint.h>

#include "conn.h"

DECLARE_EVENT_CLASS(ov_conn,
	TP_PROTO(const struct ov_conn *conn),
	TP_ARGS(conn),
	TP_STRUCT__entry(
		__field(u32, vni)
		__array(u8, local, 16)
		__array(u8, remote, 16)
		__field(u16, lport)
		__field(u16, rport)
		__field(u16, u_lport)
		__field(u16, u_rport)
		__field(u8, state)
		__field(u8, path)
		__field(u8, reason)
	),
	TP_fast_assign(
		__entry->vni = conn->vni;
		memcpy(__entry->local, &conn->o.local, 16);
		memcpy(__entry->remote, &conn->o.remote, 16);
		__entry->lport = ntohs(conn->o.lport);
		__entry->rport = ntohs(conn->o.rport);
		__entry->u_lport = ntohs(conn->u.lport);
		__entry->u_rport = ntohs(conn->u.rport);
		__entry->state = conn->state;
		__entry->path = conn->path;
		__entry->reason = conn->reason;
	),
	TP_printk("vni=%u %pI6c.%u > %pI6c.%u underlay=%u>%u state=%u path=%u reason=%u",
		  __entry->vni, __entry->local, __entry->lport,
		  __entry->remote, __entry->rport, __entry->u_lport,
		  __entry->u_rport, __entry->state, __entry->path,
		  __entry->reason)
);

DEFINE_EVENT(ov_conn, ov_conn_new,
	TP_PROTO(const struct ov_conn *conn), TP_ARGS(conn));
DEFINE_EVENT(ov_conn, ov_conn_end,
	TP_PROTO(const struct ov_conn *conn), TP_ARGS(conn));
DEFINE_EVENT(ov_conn, ov_conn_path,
	TP_PROTO(const struct ov_conn *conn), TP_ARGS(conn));
DEFINE_EVENT(ov_conn, ov_conn_cut,
	TP_PROTO(const struct ov_conn *conn), TP_ARGS(conn));

/* A packet that was dropped or left alone; @stat is enum ov_stat. */
TRACE_EVENT(ov_packet,
	TP_PROTO(const struct sk_buff *skb, unsigned int stat),
	TP_ARGS(skb, stat),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(__be32, saddr)
		__field(__be32, daddr)
		__field(unsigned int, stat)
	),
	TP_fast_assign(
		__entry->skb = skb;
		__entry->saddr = ip_hdr(skb)->saddr;
		__entry->daddr = ip_hdr(skb)->daddr;
		__entry->stat = stat;
	),
	TP_printk("skb=%p %pI4 > %pI4 stat=%u", __entry->skb, &__entry->saddr,
		  &__entry->daddr, __entry->stat)
);

TRACE_EVENT(ov_dgram_bad,
	TP_PROTO(const struct net *net, __be32 from, u8 type),
	TP_ARGS(net, from, type),
	TP_STRUCT__entry(
		__field(unsigned int, ino)
		__field(__be32, from)
		__field(u8, type)
	),
	TP_fast_assign(
		__entry->ino = net->ns.inum;
		__entry->from = from;
		__entry->type = type;
	),
	TP_printk("netns=%u from=%pI4 type=%u", __entry->ino, &__entry->from,
		  __entry->type)
);

#endif /* ASHLAR_OVERLAY_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
