// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the unit tests call; built with them only. All exports are here, so that
 * no other file has to know of the tests.
 */
#include <linux/export.h>

#include "conn.h"
#include "dgram.h"
#include "host.h"
#include "option.h"
#include "peer.h"
#include "policy.h"
#include "port.h"

#define OV_EXPORT(sym) \
	EXPORT_SYMBOL_NS_GPL(sym, ASHLAR_OVERLAY_TEST)

OV_EXPORT(ov_mutex);
OV_EXPORT(ov_host_get);
OV_EXPORT(ov_host_make);
OV_EXPORT(ov_objects_wait);
OV_EXPORT(ov_stats_sum);

OV_EXPORT(ov_option_scan);
OV_EXPORT(ov_option_tag);

OV_EXPORT(ov_port_pool_init);
OV_EXPORT(ov_port_pool_exit);
OV_EXPORT(ov_port_take);
OV_EXPORT(ov_port_free);

OV_EXPORT(ov_policies_judge);
OV_EXPORT(ov_policies_new);
OV_EXPORT(ov_policies_free);
OV_EXPORT(ov_policies_set_default);
OV_EXPORT(ov_policy_add);
OV_EXPORT(ov_policy_del);
OV_EXPORT(ov_policy_flush);

OV_EXPORT(ov_peer_params);
OV_EXPORT(ov_peer_find);
OV_EXPORT(ov_peer_use);
OV_EXPORT(ov_peer_unuse);

OV_EXPORT(ov_endpoint_id_params);
OV_EXPORT(ov_endpoint_id);
OV_EXPORT(ov_endpoint_find);
OV_EXPORT(ov_endpoint_add);
OV_EXPORT(ov_endpoint_set);
OV_EXPORT(ov_endpoint_del);
OV_EXPORT(ov_endpoint_flush);
OV_EXPORT(ov_endpoint_put);

OV_EXPORT(ov_conn_find);
OV_EXPORT(ov_conn_find_underlay);
OV_EXPORT(ov_conn_find_packet);
OV_EXPORT(ov_conn_new);
OV_EXPORT(ov_conn_publish);
OV_EXPORT(ov_conn_discard);
OV_EXPORT(ov_conn_kill);
OV_EXPORT(ov_conn_demote);
OV_EXPORT(ov_conn_set_tuple);
OV_EXPORT(ov_conn_clear_tuple);
OV_EXPORT(ov_conn_take_tuple);
OV_EXPORT(ov_conn_prove);
OV_EXPORT(ov_conn_set_sock);
OV_EXPORT(ov_conn_drop_sock);
OV_EXPORT(ov_conn_fin);
OV_EXPORT(ov_conn_close);
OV_EXPORT(ov_conn_purge);
OV_EXPORT(ov_gc_run);

OV_EXPORT(ov_key_for);
OV_EXPORT(ov_dgram_tag);
OV_EXPORT(ov_dgram_verify);
