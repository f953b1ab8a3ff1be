/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conns without packets; the local endpoint is in the initial namespace, where
 * no socket has its address.
 */
#ifndef ASHLAR_KUNIT_OVERLAY_CONNS_H
#define ASHLAR_KUNIT_OVERLAY_CONNS_H

#include "../modules/overlay/conn.h"
#include "../modules/overlay/host.h"
#include "overlay_fixture.h"

/**
 * struct t_conns - what conns need
 * @w: the host and the network. First, as the fixture has it in test->priv
 * @local: an endpoint that is in no table
 * @remote: one that is
 * @peer: the host of @remote
 */
struct t_conns {
	struct t_world w;
	struct ov_endpoint *local;
	struct ov_endpoint *remote;
	struct ov_peer *peer;
};

/*
 * The calls of the packet path, each under RCU as there. A conn that was killed
 * is not touched any more: in these tests nothing else keeps it.
 */
#define UNDER_RCU(call) ({ \
	typeof(call) __ret; \
	rcu_read_lock(); \
	__ret = (call); \
	rcu_read_unlock(); \
	__ret; })

/* A test's init and exit: its priv is a struct t_conns. */
int t_conns_init(struct kunit *test);
void t_conns_exit(struct kunit *test);
/* An endpoint of the initial namespace, with one reference; in no table. */
struct ov_endpoint *t_local_new(struct ov_network *nw);
u64 t_counter(const struct t_conns *cw, enum ov_stat stat);

/* By the ports of the overlay tuple; or the test ends. */
struct ov_conn *t_conn_new(struct kunit *test, u16 lport, u16 rport);
struct ov_conn *t_conn_published(struct kunit *test, u16 lport, u16 rport);
/* A server's half, as a SYN makes it; not published. */
struct ov_conn *t_conn_half(struct kunit *test, u16 lport, u16 rport);

/* By the ports of the underlay tuple: gives it, and who has it. */
int t_conn_set(struct ov_conn *conn, u16 lport, u16 rport);
struct ov_conn *t_conn_at(struct kunit *test, u16 lport, u16 rport);

struct ov_conn *t_conn_find(struct kunit *test, const struct ov_tuple *o);
struct ov_conn *t_conn_find_ports(struct kunit *test, u16 lport, u16 rport);
void t_conn_kill(struct ov_conn *conn);

bool t_on_list(const struct ov_conn *conn, const struct list_head *head);
/* In which list of its shard a conn is, or -1. */
int t_gc_list(const struct ov_conn *conn);

#endif /* ASHLAR_KUNIT_OVERLAY_CONNS_H */
