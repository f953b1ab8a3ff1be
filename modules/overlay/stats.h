/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASHLAR_OVERLAY_STATS_H
#define ASHLAR_OVERLAY_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>

/*
 * One named counter for each way out. The names are the keys of "stats show"
 * and of the netlink spec; what each means is told there.
 */
#define OV_STATS(X) \
	X(TX_FAST, tx_fast) \
	X(RX_FAST, rx_fast) \
	X(TX_LOCAL, tx_local) \
	X(TX_FALLBACK, tx_fallback) \
	X(CONN_OUT, conn_out) \
	X(CONN_IN, conn_in) \
	X(CONN_ADOPTED, conn_adopted) \
	X(CONN_RESUMED, conn_resumed) \
	X(CONN_FELL_BACK, conn_fell_back) \
	X(CONN_CUT, conn_cut) \
	X(CONN_REPLACED, conn_replaced) \
	X(CONN_ALLOC_FAILED, conn_alloc_failed) \
	X(POLICY_DENIED_OUT, policy_denied_out) \
	X(POLICY_DENIED_IN, policy_denied_in) \
	X(PORTS_EXHAUSTED, ports_exhausted) \
	X(TX_NO_ROUTE, tx_no_route) \
	X(TX_TOO_BIG, tx_too_big) \
	X(TX_HOST_FIREWALL, tx_host_firewall) \
	X(TX_NAT, tx_nat) \
	X(TX_OPTIONS, tx_options) \
	X(TX_NO_MEMORY, tx_no_memory) \
	X(TX_CGROUP, tx_cgroup) \
	X(TX_FRAGMENT, tx_fragment) \
	X(RX_WRONG_DEVICE, rx_wrong_device) \
	X(RX_SYN_NO_OPTION, rx_syn_no_option) \
	X(RX_SYN_BAD_OPTION, rx_syn_bad_option) \
	X(RX_SYN_BAD_TAG, rx_syn_bad_tag) \
	X(RX_SYN_WRONG_HOST, rx_syn_wrong_host) \
	X(RX_SYN_UNKNOWN_ENDPOINT, rx_syn_unknown_endpoint) \
	X(RX_SYN_HALF_OPEN_LIMIT, rx_syn_half_open_limit) \
	X(RX_SYN_STALE, rx_syn_stale) \
	X(RX_SYN_REPEATED, rx_syn_repeated) \
	X(RX_SYN_BAD_CSUM, rx_syn_bad_csum) \
	X(RX_UNKNOWN_CONN, rx_unknown_conn) \
	X(RX_SITE_DROPPED, rx_site_dropped) \
	X(RX_MALFORMED, rx_malformed) \
	X(RX_NO_MEMORY, rx_no_memory) \
	X(RX_RST, rx_rst) \
	X(RX_RST_REFUSED, rx_rst_refused) \
	X(RX_ICMP, rx_icmp) \
	X(RX_ICMP_REFUSED, rx_icmp_refused) \
	X(TX_FORGED, tx_forged) \
	X(RX_PROBE, rx_probe) \
	X(TX_PROBE, tx_probe) \
	X(DG_TX, dg_tx) \
	X(DG_TX_FAILED, dg_tx_failed) \
	X(DG_RX, dg_rx) \
	X(DG_MALFORMED, dg_malformed) \
	X(DG_UNKNOWN_HOST, dg_unknown_host) \
	X(DG_WRONG_DEVICE, dg_wrong_device) \
	X(DG_BAD_TAG, dg_bad_tag) \
	X(DG_STALE, dg_stale) \
	X(DG_OUT_OF_WINDOW, dg_out_of_window) \
	X(DG_NO_CONN, dg_no_conn) \
	X(DG_LIMITED, dg_limited) \
	X(HELLO_TX, hello_tx) \
	X(HELLO_RX, hello_rx) \
	X(BYE_RX, bye_rx) \
	X(REFUSED_TX, refused_tx) \
	X(REFUSED_RX, refused_rx) \
	X(UNKNOWN_TX, unknown_tx) \
	X(UNKNOWN_RX, unknown_rx) \
	X(CUT_TX, cut_tx) \
	X(CUT_RX, cut_rx) \
	X(RESUME_TX, resume_tx) \
	X(RESUME_RX, resume_rx)

enum ov_stat {
#define OV_STAT_ENUM(upper, lower) OV_STAT_##upper,
	OV_STATS(OV_STAT_ENUM)
#undef OV_STAT_ENUM
	OV_STAT_MAX
};

struct ov_stats {
	u64 n[OV_STAT_MAX];
};

#define ov_count(host, stat) this_cpu_inc((host)->stats->n[OV_STAT_##stat])

/* The sum over all CPUs. */
void ov_stats_sum(const struct ov_stats __percpu *stats, u64 *sum);

#endif /* ASHLAR_OVERLAY_STATS_H */
