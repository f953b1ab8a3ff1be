/* SPDX-License-Identifier: GPL-2.0-only */
/* Do not edit: made by scripts/gen/ynl-gen from ashlar_overlay.yaml. */

#ifndef ASHLAR_GEN_OVERLAY_H
#define ASHLAR_GEN_OVERLAY_H

#include <linux/ashlar_overlay.h>

#include "spec.h"

static const struct spec_value event_values[] = {
	{ "new",
	  "It was added." },
	{ "set",
	  "It was changed, or its state changed." },
	{ "del",
	  "It was removed." },
	{ "path-changed",
	  "The conn's packets take another path." },
	{ "cut",
	  "The conn was reset at both ends, because policy no longer allows it." },
};

static const struct spec_enum enum_event = {
	"event", 5, event_values,
};

static const struct spec_value action_values[] = {
	{ "deny",
	  "The SYN is dropped, on whatever path." },
	{ "allow",
	  "The SYN may pass." },
};

static const struct spec_enum enum_action = {
	"action", 2, action_values,
};

static const struct spec_value peer_state_values[] = {
	{ "unknown",
	  "It has never answered a hello." },
	{ "live",
	  "A fresh hello is at hand; new connections take the fast path." },
	{ "lost",
	  "Three hellos in a row went unanswered." },
	{ "gone",
	  "It said goodbye." },
};

static const struct spec_enum enum_peer_state = {
	"peer-state", 4, peer_state_values,
};

static const struct spec_value path_values[] = {
	{ "fallback",
	  "By the ordinary overlay." },
	{ "fast",
	  "Translated, on the underlay." },
	{ "local",
	  "To the other container on this host." },
};

static const struct spec_enum enum_path = {
	"path", 3, path_values,
};

static const struct spec_value conn_state_values[] = {
	{ "syn-sent",
	  "This end connects, and no packet has come back yet." },
	{ "syn-recv",
	  "This end accepts, and the handshake is not complete." },
	{ "open",
	  "The connection is in use." },
	{ "closing",
	  "Both FINs were seen; the conn rests, then ends." },
};

static const struct spec_enum enum_conn_state = {
	"conn-state", 4, conn_state_values,
};

static const struct spec_value role_values[] = {
	{ "client",
	  "The end that connected." },
	{ "server",
	  "The end that accepted." },
};

static const struct spec_enum enum_role = {
	"role", 2, role_values,
};

static const struct spec_value reason_values[] = {
	{ "none",
	  "It is not, or nothing is known to be wrong." },
	{ "unknown-endpoint",
	  "No endpoint has the remote address." },
	{ "peer-not-live",
	  "The remote host had no live hello." },
	{ "no-room",
	  "The SYN had no room for the option." },
	{ "tcp-option",
	  "The SYN carried fast open, MD5, AO or MPTCP." },
	{ "route",
	  "The socket's route does not leave by the endpoint's device." },
	{ "nat",
	  "The container translates the tuple." },
	{ "ip-options",
	  "The SYN carried IP options." },
	{ "socket",
	  "The socket is transparent, bound elsewhere, or no plain TCP socket." },
	{ "ports",
	  "No underlay tuple was free." },
	{ "memory",
	  "Memory was short." },
	{ "uplink",
	  "No route leads to the peer by an uplink." },
	{ "firewall",
	  "The host's own rules refused a SYN. New conns to the endpoint stay on the fallback for 30 seconds." },
	{ "refused",
	  "The peer refused the SYN." },
	{ "unknown-conn",
	  "The peer does not know the conn." },
	{ "reset",
	  "A RST arrived on the underlay tuple." },
	{ "no-progress",
	  "Two retransmissions went without an answer, on this conn or, within 30 seconds, on another one to the same endpoint." },
	{ "peer-lost",
	  "The peer went silent or said goodbye." },
	{ "endpoint",
	  "An endpoint was removed or moved." },
	{ "tuple-taken",
	  "The peer used the underlay tuple anew." },
	{ "adopted",
	  "The connection was found open and waits for a resume." },
};

static const struct spec_enum enum_reason = {
	"reason", 21, reason_values,
};

static const struct spec_attr underlay_attrs[] = {
	[ASHLAR_OVERLAY_A_UNDERLAY_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_NAME] = {
		.name = "name", .type = SPEC_STRING,
		.doc =
			"Name of the underlay.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_IFINDEXES] = {
		.name = "ifindexes", .type = SPEC_U32, .multi = true,
		.doc =
			"The uplink devices by index, one attribute each, at most 8. An uplink that went away is 0.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_DEVICES] = {
		.name = "devices", .type = SPEC_STRING, .multi = true,
		.doc =
			"The names of the uplink devices, in the order of ifindexes. One that went away has the name it had: a device of that name takes its place.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_ADDR] = {
		.name = "addr", .type = SPEC_ADDR,
		.doc =
			"The host's address on the underlay, the same on every uplink.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_PORTS_LO] = {
		.name = "ports-lo", .type = SPEC_U16,
		.doc =
			"First of the suite's TCP ports, 7340 if not told; the first is also the UDP port of the hosts' datagrams.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_PORTS_HI] = {
		.name = "ports-hi", .type = SPEC_U16,
		.doc =
			"Last of the suite's TCP ports, 7347 if not told; at most 64 ports.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_LO] = {
		.name = "sports-lo", .type = SPEC_U16,
		.doc =
			"First source port of translated connections, 20000 if not told.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_SPORTS_HI] = {
		.name = "sports-hi", .type = SPEC_U16,
		.doc =
			"Last source port of translated connections, 32767 if not told. At least 16 ports, and none of the suite's.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_OPTION_KIND] = {
		.name = "option-kind", .type = SPEC_U8,
		.doc =
			"TCP option kind of the SYN option, 253 or 254 (RFC 4727); 253 if not told.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_EXID] = {
		.name = "exid", .type = SPEC_U16_HEX,
		.doc =
			"Experiment identifier of the SYN option (RFC 6994), 0x4153 if not told.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_REST_MS] = {
		.name = "rest-ms", .type = SPEC_U32,
		.doc =
			"Milliseconds that a freed underlay tuple rests before it is used again, 1000 if not told.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_HELLO_INTERVAL] = {
		.name = "hello-interval", .type = SPEC_U32,
		.doc =
			"Seconds between hellos on an idle pair of hosts, 60 if not told.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_HALF_OPEN_MAX] = {
		.name = "half-open-max", .type = SPEC_U32,
		.doc =
			"How many half-open connections one peer may have here, 4096 if not told.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_KEY] = {
		.name = "key", .type = SPEC_BINARY,
		.doc =
			"The secret that the hosts share. Written only; to set one keeps the key before it valid until drop-previous-key.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_DROP_PREVIOUS_KEY] = {
		.name = "drop-previous-key", .type = SPEC_FLAG,
		.doc =
			"From now on only the current key is valid.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_KEY_PRINT] = {
		.name = "key-print", .type = SPEC_U32_HEX,
		.doc =
			"Fingerprint of the current key, to tell keys apart.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_KEY_PREV_PRINT] = {
		.name = "key-prev-print", .type = SPEC_U32_HEX,
		.doc =
			"Fingerprint of the previous key, while that is still valid.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_KEY_AGE] = {
		.name = "key-age", .type = SPEC_U64,
		.doc =
			"Seconds since the current key was set.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_NONCE_AGE] = {
		.name = "nonce-age", .type = SPEC_U32,
		.doc =
			"Seconds since the nonce that SYNs to this host are bound to changed.",
	},
	[ASHLAR_OVERLAY_A_UNDERLAY_N_PEERS] = {
		.name = "n-peers", .type = SPEC_U32,
		.doc =
			"Number of peers.",
	},
};

static const struct spec_attr network_attrs[] = {
	[ASHLAR_OVERLAY_A_NETWORK_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_OVERLAY_A_NETWORK_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_OVERLAY_A_NETWORK_VNI] = {
		.name = "vni", .type = SPEC_U32,
		.doc =
			"Identifier of the network, the same on every host.",
	},
	[ASHLAR_OVERLAY_A_NETWORK_UNDERLAY] = {
		.name = "underlay", .type = SPEC_STRING,
		.doc =
			"Name of the underlay that carries the network.",
	},
	[ASHLAR_OVERLAY_A_NETWORK_FALLBACK_IFINDEX] = {
		.name = "fallback-ifindex", .type = SPEC_U32,
		.doc =
			"Index of the device of the ordinary overlay, for the record; the containers' own routes choose it. 0 or absent means not told.",
	},
	[ASHLAR_OVERLAY_A_NETWORK_FALLBACK_DEVICE] = {
		.name = "fallback-device", .type = SPEC_STRING,
		.doc =
			"Its name.",
	},
	[ASHLAR_OVERLAY_A_NETWORK_DEFAULT] = {
		.name = "default", .type = SPEC_U32, .values = &enum_action,
		.doc =
			"What happens to a connection that no policy names; allow if not told.",
	},
	[ASHLAR_OVERLAY_A_NETWORK_N_ENDPOINTS] = {
		.name = "n-endpoints", .type = SPEC_U32,
		.doc =
			"Number of its endpoints.",
	},
	[ASHLAR_OVERLAY_A_NETWORK_N_POLICIES] = {
		.name = "n-policies", .type = SPEC_U32,
		.doc =
			"Number of its policies.",
	},
};

static const struct spec_attr endpoint_attrs[] = {
	[ASHLAR_OVERLAY_A_ENDPOINT_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_VNI] = {
		.name = "vni", .type = SPEC_U32,
		.doc =
			"Identifier of the network.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_ADDR] = {
		.name = "addr", .type = SPEC_ADDR,
		.doc =
			"The overlay address.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_HOST] = {
		.name = "host", .type = SPEC_ADDR,
		.doc =
			"Address of the host that owns a remote endpoint. A remote endpoint has this, a local one has a namespace and a device.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_FD] = {
		.name = "netns-fd", .type = SPEC_U32,
		.doc =
			"A file descriptor of the sender, open on the network namespace of a local endpoint. To name a namespace takes CAP_NET_ADMIN in the user namespace that owns it.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_NETNS_PID] = {
		.name = "netns-pid", .type = SPEC_U32,
		.doc =
			"A process in the network namespace of a local endpoint, instead.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_NETNSID] = {
		.name = "netnsid", .type = SPEC_S32,
		.doc =
			"The namespace of a local endpoint as this one numbers it (see ip-netns(8)), -1 if it has no number.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_IFINDEX] = {
		.name = "ifindex", .type = SPEC_U32,
		.doc =
			"Index of a local endpoint's device, in its namespace.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_DEVICE] = {
		.name = "device", .type = SPEC_STRING,
		.doc =
			"Name of a local endpoint's device; serves in place of ifindex.",
	},
	[ASHLAR_OVERLAY_A_ENDPOINT_ID] = {
		.name = "id", .type = SPEC_U32_HEX,
		.doc =
			"The hint by which the SYN option names the endpoint.",
	},
};

static const struct spec_attr policy_attrs[] = {
	[ASHLAR_OVERLAY_A_POLICY_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_OVERLAY_A_POLICY_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_OVERLAY_A_POLICY_VNI] = {
		.name = "vni", .type = SPEC_U32,
		.doc =
			"Identifier of the network.",
	},
	[ASHLAR_OVERLAY_A_POLICY_PREF] = {
		.name = "pref", .type = SPEC_U32,
		.doc =
			"Position of the rule, unique in its network.",
	},
	[ASHLAR_OVERLAY_A_POLICY_ACTION] = {
		.name = "action", .type = SPEC_U32, .values = &enum_action,
		.doc =
			"What happens to a connection that matches.",
	},
	[ASHLAR_OVERLAY_A_POLICY_SRC] = {
		.name = "src", .type = SPEC_ADDR,
		.doc =
			"Address of the connecting endpoints; any if absent.",
	},
	[ASHLAR_OVERLAY_A_POLICY_SRC_LEN] = {
		.name = "src-len", .type = SPEC_U8,
		.doc =
			"How many bits of src count; all if absent.",
	},
	[ASHLAR_OVERLAY_A_POLICY_DST] = {
		.name = "dst", .type = SPEC_ADDR,
		.doc =
			"Address of the accepting endpoints; any if absent.",
	},
	[ASHLAR_OVERLAY_A_POLICY_DST_LEN] = {
		.name = "dst-len", .type = SPEC_U8,
		.doc =
			"How many bits of dst count; all if absent.",
	},
	[ASHLAR_OVERLAY_A_POLICY_DPORT_LO] = {
		.name = "dport-lo", .type = SPEC_U16,
		.doc =
			"First destination port; any if absent.",
	},
	[ASHLAR_OVERLAY_A_POLICY_DPORT_HI] = {
		.name = "dport-hi", .type = SPEC_U16,
		.doc =
			"Last destination port; dport-lo if absent.",
	},
	[ASHLAR_OVERLAY_A_POLICY_HITS] = {
		.name = "hits", .type = SPEC_U64,
		.doc =
			"SYNs that this rule decided.",
	},
};

static const struct spec_attr peer_attrs[] = {
	[ASHLAR_OVERLAY_A_PEER_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_OVERLAY_A_PEER_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_OVERLAY_A_PEER_UNDERLAY] = {
		.name = "underlay", .type = SPEC_STRING,
		.doc =
			"Name of the underlay that leads to it.",
	},
	[ASHLAR_OVERLAY_A_PEER_ADDR] = {
		.name = "addr", .type = SPEC_ADDR,
		.doc =
			"Its address.",
	},
	[ASHLAR_OVERLAY_A_PEER_STATE] = {
		.name = "state", .type = SPEC_U32, .values = &enum_peer_state,
		.doc =
			"What is known of it.",
	},
	[ASHLAR_OVERLAY_A_PEER_KEY_PRINT] = {
		.name = "key-print", .type = SPEC_U32_HEX,
		.doc =
			"Fingerprint of the key that is used towards it; absent until it is known which key both hosts hold.",
	},
	[ASHLAR_OVERLAY_A_PEER_EPOCH] = {
		.name = "epoch", .type = SPEC_U64_HEX,
		.doc =
			"Which incarnation of the peer's underlay it is; absent until heard.",
	},
	[ASHLAR_OVERLAY_A_PEER_HEARD_MS] = {
		.name = "heard-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since its last fresh hello; absent if there was none.",
	},
	[ASHLAR_OVERLAY_A_PEER_NEXT_HELLO_MS] = {
		.name = "next-hello-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds to the next hello to it.",
	},
	[ASHLAR_OVERLAY_A_PEER_UNANSWERED] = {
		.name = "unanswered", .type = SPEC_U32,
		.doc =
			"How many hellos in a row went unanswered.",
	},
	[ASHLAR_OVERLAY_A_PEER_RTT_US] = {
		.name = "rtt-us", .type = SPEC_U32,
		.doc =
			"Round trip of the last answered hello; absent if there was none.",
	},
	[ASHLAR_OVERLAY_A_PEER_ENDPOINTS] = {
		.name = "endpoints", .type = SPEC_U32,
		.doc =
			"Number of endpoints that it owns.",
	},
	[ASHLAR_OVERLAY_A_PEER_CONNS] = {
		.name = "conns", .type = SPEC_U32,
		.doc =
			"Number of conns with it.",
	},
	[ASHLAR_OVERLAY_A_PEER_HALF_OPEN] = {
		.name = "half-open", .type = SPEC_U32,
		.doc =
			"Number of half-open conns that it made here.",
	},
	[ASHLAR_OVERLAY_A_PEER_FAST] = {
		.name = "fast", .type = SPEC_U64,
		.doc =
			"Conns with it that were ever put on the fast path.",
	},
	[ASHLAR_OVERLAY_A_PEER_FALLBACK] = {
		.name = "fallback", .type = SPEC_U64,
		.doc =
			"Conns with it that were ever moved from the fast path or kept off it.",
	},
};

static const struct spec_attr conn_attrs[] = {
	[ASHLAR_OVERLAY_A_CONN_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_OVERLAY_A_CONN_EVENT] = {
		.name = "event", .type = SPEC_U32, .values = &enum_event,
		.doc =
			"What happened; in notifications only.",
	},
	[ASHLAR_OVERLAY_A_CONN_VNI] = {
		.name = "vni", .type = SPEC_U32,
		.doc =
			"Identifier of the network.",
	},
	[ASHLAR_OVERLAY_A_CONN_LOCAL] = {
		.name = "local", .type = SPEC_ADDR,
		.doc =
			"Overlay address of this end.",
	},
	[ASHLAR_OVERLAY_A_CONN_LOCAL_PORT] = {
		.name = "local-port", .type = SPEC_U16,
		.doc =
			"Overlay port of this end.",
	},
	[ASHLAR_OVERLAY_A_CONN_REMOTE] = {
		.name = "remote", .type = SPEC_ADDR,
		.doc =
			"Overlay address of the other end.",
	},
	[ASHLAR_OVERLAY_A_CONN_REMOTE_PORT] = {
		.name = "remote-port", .type = SPEC_U16,
		.doc =
			"Overlay port of the other end.",
	},
	[ASHLAR_OVERLAY_A_CONN_UNDERLAY] = {
		.name = "underlay", .type = SPEC_STRING,
		.doc =
			"Name of the underlay.",
	},
	[ASHLAR_OVERLAY_A_CONN_UNDERLAY_LOCAL] = {
		.name = "underlay-local", .type = SPEC_ADDR,
		.doc =
			"Underlay address of this end. This and the following three are absent while the conn has no underlay tuple.",
	},
	[ASHLAR_OVERLAY_A_CONN_UNDERLAY_LOCAL_PORT] = {
		.name = "underlay-local-port", .type = SPEC_U16,
		.doc =
			"Underlay port of this end.",
	},
	[ASHLAR_OVERLAY_A_CONN_UNDERLAY_REMOTE] = {
		.name = "underlay-remote", .type = SPEC_ADDR,
		.doc =
			"Underlay address of the other end.",
	},
	[ASHLAR_OVERLAY_A_CONN_UNDERLAY_REMOTE_PORT] = {
		.name = "underlay-remote-port", .type = SPEC_U16,
		.doc =
			"Underlay port of the other end.",
	},
	[ASHLAR_OVERLAY_A_CONN_PEER] = {
		.name = "peer", .type = SPEC_ADDR,
		.doc =
			"Address of the host at the other end; absent if not known or local.",
	},
	[ASHLAR_OVERLAY_A_CONN_ROLE] = {
		.name = "role", .type = SPEC_U32, .values = &enum_role,
		.doc =
			"Which end of the connection this host is.",
	},
	[ASHLAR_OVERLAY_A_CONN_STATE] = {
		.name = "state", .type = SPEC_U32, .values = &enum_conn_state,
		.doc =
			"How far the conn is.",
	},
	[ASHLAR_OVERLAY_A_CONN_PATH] = {
		.name = "path", .type = SPEC_U32, .values = &enum_path,
		.doc =
			"Where its packets go.",
	},
	[ASHLAR_OVERLAY_A_CONN_REASON] = {
		.name = "reason", .type = SPEC_U32, .values = &enum_reason,
		.doc =
			"Why it is on the fallback.",
	},
	[ASHLAR_OVERLAY_A_CONN_PROVEN] = {
		.name = "proven", .type = SPEC_U8,
		.doc =
			"1 once a packet has arrived on the fast path, so that data may take it; else 0.",
	},
	[ASHLAR_OVERLAY_A_CONN_AGE_MS] = {
		.name = "age-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since the conn was made.",
	},
	[ASHLAR_OVERLAY_A_CONN_PATH_AGE_MS] = {
		.name = "path-age-ms", .type = SPEC_U64,
		.doc =
			"Milliseconds since its path was chosen.",
	},
	[ASHLAR_OVERLAY_A_CONN_TX_PACKETS] = {
		.name = "tx-packets", .type = SPEC_U64,
		.doc =
			"Packets sent on the fast or local path.",
	},
	[ASHLAR_OVERLAY_A_CONN_TX_BYTES] = {
		.name = "tx-bytes", .type = SPEC_U64,
		.doc =
			"Their bytes, with IP headers.",
	},
	[ASHLAR_OVERLAY_A_CONN_RX_PACKETS] = {
		.name = "rx-packets", .type = SPEC_U64,
		.doc =
			"Packets received on the fast path.",
	},
	[ASHLAR_OVERLAY_A_CONN_RX_BYTES] = {
		.name = "rx-bytes", .type = SPEC_U64,
		.doc =
			"Their bytes, with IP headers.",
	},
};

static const struct spec_attr stats_attrs[] = {
	[ASHLAR_OVERLAY_A_STATS_PAD] = {
		.name = "pad", .type = SPEC_PAD,
	},
	[ASHLAR_OVERLAY_A_STATS_CONNS] = {
		.name = "conns", .type = SPEC_U64,
		.doc =
			"Conns now.",
	},
	[ASHLAR_OVERLAY_A_STATS_ENDPOINTS] = {
		.name = "endpoints", .type = SPEC_U64,
		.doc =
			"Endpoints now.",
	},
	[ASHLAR_OVERLAY_A_STATS_PEERS] = {
		.name = "peers", .type = SPEC_U64,
		.doc =
			"Peers now.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_FAST] = {
		.name = "tx-fast", .type = SPEC_U64,
		.doc =
			"Packets sent translated, on the underlay.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_FAST] = {
		.name = "rx-fast", .type = SPEC_U64,
		.doc =
			"Packets received on the underlay and delivered to a container.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_LOCAL] = {
		.name = "tx-local", .type = SPEC_U64,
		.doc =
			"Packets handed to the other container on this host.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_FALLBACK] = {
		.name = "tx-fallback", .type = SPEC_U64,
		.doc =
			"Packets of managed endpoints' sockets that left by the fallback.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_OUT] = {
		.name = "conn-out", .type = SPEC_U64,
		.doc =
			"Conns made by a SYN that a container sent.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_IN] = {
		.name = "conn-in", .type = SPEC_U64,
		.doc =
			"Conns made by a SYN that arrived.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_ADOPTED] = {
		.name = "conn-adopted", .type = SPEC_U64,
		.doc =
			"Conns made for a connection that was found open.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_RESUMED] = {
		.name = "conn-resumed", .type = SPEC_U64,
		.doc =
			"Conns that went back to the fast path by a resume.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_FELL_BACK] = {
		.name = "conn-fell-back", .type = SPEC_U64,
		.doc =
			"Conns that left the fast path for the fallback.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_CUT] = {
		.name = "conn-cut", .type = SPEC_U64,
		.doc =
			"Conns that were reset because policy no longer allowed them.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_REPLACED] = {
		.name = "conn-replaced", .type = SPEC_U64,
		.doc =
			"Conns that moved to the fallback because the peer used their underlay tuple anew.",
	},
	[ASHLAR_OVERLAY_A_STATS_CONN_ALLOC_FAILED] = {
		.name = "conn-alloc-failed", .type = SPEC_U64,
		.doc =
			"Conns that could not be made for want of memory.",
	},
	[ASHLAR_OVERLAY_A_STATS_POLICY_DENIED_OUT] = {
		.name = "policy-denied-out", .type = SPEC_U64,
		.doc =
			"SYNs from a local endpoint that policy denied.",
	},
	[ASHLAR_OVERLAY_A_STATS_POLICY_DENIED_IN] = {
		.name = "policy-denied-in", .type = SPEC_U64,
		.doc =
			"SYNs to a local endpoint that policy denied.",
	},
	[ASHLAR_OVERLAY_A_STATS_PORTS_EXHAUSTED] = {
		.name = "ports-exhausted", .type = SPEC_U64,
		.doc =
			"SYNs that took the fallback because no underlay tuple was free.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_NO_ROUTE] = {
		.name = "tx-no-route", .type = SPEC_U64,
		.doc =
			"SYNs that took the fallback because no route led to the peer by an uplink.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_TOO_BIG] = {
		.name = "tx-too-big", .type = SPEC_U64,
		.doc =
			"Packets larger than the underlay's MTU, answered as the stack answers them.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_HOST_FIREWALL] = {
		.name = "tx-host-firewall", .type = SPEC_U64,
		.doc =
			"SYNs that took the fallback because the host's own rules refused them.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_NAT] = {
		.name = "tx-nat", .type = SPEC_U64,
		.doc =
			"SYNs that took the fallback because the container translated their tuple.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_OPTIONS] = {
		.name = "tx-options", .type = SPEC_U64,
		.doc =
			"Packets with IP options of conns on the fast path; they took the fallback.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_NO_MEMORY] = {
		.name = "tx-no-memory", .type = SPEC_U64,
		.doc =
			"Packets dropped before they were sent for want of memory.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_CGROUP] = {
		.name = "tx-cgroup", .type = SPEC_U64,
		.doc =
			"Packets that a cgroup's program refused on the way out.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_FRAGMENT] = {
		.name = "tx-fragment", .type = SPEC_U64,
		.doc =
			"TCP packets dropped because their header came in pieces and could not be judged.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_WRONG_DEVICE] = {
		.name = "rx-wrong-device", .type = SPEC_U64,
		.doc =
			"Packets for a suite port that came by no uplink.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_NO_OPTION] = {
		.name = "rx-syn-no-option", .type = SPEC_U64,
		.doc =
			"SYNs to a suite port without the option.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_BAD_OPTION] = {
		.name = "rx-syn-bad-option", .type = SPEC_U64,
		.doc =
			"SYNs to a suite port with a malformed option.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_BAD_TAG] = {
		.name = "rx-syn-bad-tag", .type = SPEC_U64,
		.doc =
			"SYNs to a suite port whose tag no key and nonce explains.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_WRONG_HOST] = {
		.name = "rx-syn-wrong-host", .type = SPEC_U64,
		.doc =
			"SYNs from a host that does not own the source endpoint.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_UNKNOWN_ENDPOINT] = {
		.name = "rx-syn-unknown-endpoint", .type = SPEC_U64,
		.doc =
			"SYNs that name an endpoint which is not known here.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_HALF_OPEN_LIMIT] = {
		.name = "rx-syn-half-open-limit", .type = SPEC_U64,
		.doc =
			"SYNs beyond the peer's bound of half-open conns.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_STALE] = {
		.name = "rx-syn-stale", .type = SPEC_U64,
		.doc =
			"SYNs of an overlay tuple whose socket is alive under another underlay tuple; dropped.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_REPEATED] = {
		.name = "rx-syn-repeated", .type = SPEC_U64,
		.doc =
			"SYNs that arrived again for the conn that they had made.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SYN_BAD_CSUM] = {
		.name = "rx-syn-bad-csum", .type = SPEC_U64,
		.doc =
			"SYNs with a wrong checksum.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_UNKNOWN_CONN] = {
		.name = "rx-unknown-conn", .type = SPEC_U64,
		.doc =
			"Packets to a suite port for which there is no conn.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_SITE_DROPPED] = {
		.name = "rx-site-dropped", .type = SPEC_U64,
		.doc =
			"Packets that the container's own rules dropped.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_MALFORMED] = {
		.name = "rx-malformed", .type = SPEC_U64,
		.doc =
			"Packets to a suite port with malformed headers.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_NO_MEMORY] = {
		.name = "rx-no-memory", .type = SPEC_U64,
		.doc =
			"Packets dropped on their way in for want of memory.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_RST] = {
		.name = "rx-rst", .type = SPEC_U64,
		.doc =
			"RSTs on an underlay tuple that moved their conn to the fallback.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_RST_REFUSED] = {
		.name = "rx-rst-refused", .type = SPEC_U64,
		.doc =
			"RSTs on an underlay tuple that were not acceptable.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_ICMP] = {
		.name = "rx-icmp", .type = SPEC_U64,
		.doc =
			"ICMP errors about a translated packet that were translated back.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_ICMP_REFUSED] = {
		.name = "rx-icmp-refused", .type = SPEC_U64,
		.doc =
			"ICMP errors about a conn's packet that quote no sequence number in flight, or whose checksum is wrong; dropped.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_FORGED] = {
		.name = "tx-forged", .type = SPEC_U64,
		.doc =
			"Forwarded packets that posed as the suite's own towards a peer, dropped.",
	},
	[ASHLAR_OVERLAY_A_STATS_RX_PROBE] = {
		.name = "rx-probe", .type = SPEC_U64,
		.doc =
			"Probes of the fast path that arrived.",
	},
	[ASHLAR_OVERLAY_A_STATS_TX_PROBE] = {
		.name = "tx-probe", .type = SPEC_U64,
		.doc =
			"Probes of the fast path that were sent.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_TX] = {
		.name = "dg-tx", .type = SPEC_U64,
		.doc =
			"Datagrams sent to other hosts.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_TX_FAILED] = {
		.name = "dg-tx-failed", .type = SPEC_U64,
		.doc =
			"Datagrams that could not be sent.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_RX] = {
		.name = "dg-rx", .type = SPEC_U64,
		.doc =
			"Datagrams from other hosts, before any check.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_MALFORMED] = {
		.name = "dg-malformed", .type = SPEC_U64,
		.doc =
			"Datagrams that were malformed.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_UNKNOWN_HOST] = {
		.name = "dg-unknown-host", .type = SPEC_U64,
		.doc =
			"Datagrams from hosts that are no peers.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_WRONG_DEVICE] = {
		.name = "dg-wrong-device", .type = SPEC_U64,
		.doc =
			"Datagrams that came by no uplink.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_BAD_TAG] = {
		.name = "dg-bad-tag", .type = SPEC_U64,
		.doc =
			"Datagrams whose tag no key explains.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_STALE] = {
		.name = "dg-stale", .type = SPEC_U64,
		.doc =
			"Datagrams older than one that was seen.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_OUT_OF_WINDOW] = {
		.name = "dg-out-of-window", .type = SPEC_U64,
		.doc =
			"Datagrams about a conn that were out of its window.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_NO_CONN] = {
		.name = "dg-no-conn", .type = SPEC_U64,
		.doc =
			"Datagrams about a conn that is not known.",
	},
	[ASHLAR_OVERLAY_A_STATS_DG_LIMITED] = {
		.name = "dg-limited", .type = SPEC_U64,
		.doc =
			"Answers that were not sent: the rate limit of the peer, or a packet smaller than its answer.",
	},
	[ASHLAR_OVERLAY_A_STATS_HELLO_TX] = {
		.name = "hello-tx", .type = SPEC_U64,
		.doc =
			"Hellos sent.",
	},
	[ASHLAR_OVERLAY_A_STATS_HELLO_RX] = {
		.name = "hello-rx", .type = SPEC_U64,
		.doc =
			"Hellos accepted.",
	},
	[ASHLAR_OVERLAY_A_STATS_BYE_RX] = {
		.name = "bye-rx", .type = SPEC_U64,
		.doc =
			"Goodbyes accepted.",
	},
	[ASHLAR_OVERLAY_A_STATS_REFUSED_TX] = {
		.name = "refused-tx", .type = SPEC_U64,
		.doc =
			"SYNs refused by a datagram.",
	},
	[ASHLAR_OVERLAY_A_STATS_REFUSED_RX] = {
		.name = "refused-rx", .type = SPEC_U64,
		.doc =
			"Refusals of our SYNs accepted.",
	},
	[ASHLAR_OVERLAY_A_STATS_UNKNOWN_TX] = {
		.name = "unknown-tx", .type = SPEC_U64,
		.doc =
			"Datagrams sent to say that a conn is not known.",
	},
	[ASHLAR_OVERLAY_A_STATS_UNKNOWN_RX] = {
		.name = "unknown-rx", .type = SPEC_U64,
		.doc =
			"Datagrams accepted that say that a conn is not known.",
	},
	[ASHLAR_OVERLAY_A_STATS_CUT_TX] = {
		.name = "cut-tx", .type = SPEC_U64,
		.doc =
			"Datagrams sent to cut a conn.",
	},
	[ASHLAR_OVERLAY_A_STATS_CUT_RX] = {
		.name = "cut-rx", .type = SPEC_U64,
		.doc =
			"Datagrams accepted that cut a conn.",
	},
	[ASHLAR_OVERLAY_A_STATS_RESUME_TX] = {
		.name = "resume-tx", .type = SPEC_U64,
		.doc =
			"Resumes sent.",
	},
	[ASHLAR_OVERLAY_A_STATS_RESUME_RX] = {
		.name = "resume-rx", .type = SPEC_U64,
		.doc =
			"Resumes accepted.",
	},
};

static const struct spec_set overlay_sets[] = {
	{ "underlay", ASHLAR_OVERLAY_A_UNDERLAY_MAX, underlay_attrs },
	{ "network", ASHLAR_OVERLAY_A_NETWORK_MAX, network_attrs },
	{ "endpoint", ASHLAR_OVERLAY_A_ENDPOINT_MAX, endpoint_attrs },
	{ "policy", ASHLAR_OVERLAY_A_POLICY_MAX, policy_attrs },
	{ "peer", ASHLAR_OVERLAY_A_PEER_MAX, peer_attrs },
	{ "conn", ASHLAR_OVERLAY_A_CONN_MAX, conn_attrs },
	{ "stats", ASHLAR_OVERLAY_A_STATS_MAX, stats_attrs },
};

static const struct spec_op overlay_ops[] = {
	[ASHLAR_OVERLAY_CMD_UNDERLAY_NEW] = {
		"underlay-new", "underlay", false,
	},
	[ASHLAR_OVERLAY_CMD_UNDERLAY_SET] = {
		"underlay-set", "underlay", false,
	},
	[ASHLAR_OVERLAY_CMD_UNDERLAY_DEL] = {
		"underlay-del", "underlay", false,
	},
	[ASHLAR_OVERLAY_CMD_UNDERLAY_GET] = {
		"underlay-get", "underlay", false,
	},
	[ASHLAR_OVERLAY_CMD_UNDERLAY_NTF] = {
		"underlay-ntf", "underlay", true,
	},
	[ASHLAR_OVERLAY_CMD_NETWORK_NEW] = {
		"network-new", "network", false,
	},
	[ASHLAR_OVERLAY_CMD_NETWORK_SET] = {
		"network-set", "network", false,
	},
	[ASHLAR_OVERLAY_CMD_NETWORK_DEL] = {
		"network-del", "network", false,
	},
	[ASHLAR_OVERLAY_CMD_NETWORK_GET] = {
		"network-get", "network", false,
	},
	[ASHLAR_OVERLAY_CMD_NETWORK_NTF] = {
		"network-ntf", "network", true,
	},
	[ASHLAR_OVERLAY_CMD_ENDPOINT_NEW] = {
		"endpoint-new", "endpoint", false,
	},
	[ASHLAR_OVERLAY_CMD_ENDPOINT_SET] = {
		"endpoint-set", "endpoint", false,
	},
	[ASHLAR_OVERLAY_CMD_ENDPOINT_DEL] = {
		"endpoint-del", "endpoint", false,
	},
	[ASHLAR_OVERLAY_CMD_ENDPOINT_FLUSH] = {
		"endpoint-flush", "endpoint", false,
	},
	[ASHLAR_OVERLAY_CMD_ENDPOINT_GET] = {
		"endpoint-get", "endpoint", false,
	},
	[ASHLAR_OVERLAY_CMD_ENDPOINT_NTF] = {
		"endpoint-ntf", "endpoint", true,
	},
	[ASHLAR_OVERLAY_CMD_POLICY_NEW] = {
		"policy-new", "policy", false,
	},
	[ASHLAR_OVERLAY_CMD_POLICY_DEL] = {
		"policy-del", "policy", false,
	},
	[ASHLAR_OVERLAY_CMD_POLICY_FLUSH] = {
		"policy-flush", "policy", false,
	},
	[ASHLAR_OVERLAY_CMD_POLICY_GET] = {
		"policy-get", "policy", false,
	},
	[ASHLAR_OVERLAY_CMD_POLICY_NTF] = {
		"policy-ntf", "policy", true,
	},
	[ASHLAR_OVERLAY_CMD_PEER_GET] = {
		"peer-get", "peer", false,
	},
	[ASHLAR_OVERLAY_CMD_PEER_NTF] = {
		"peer-ntf", "peer", true,
	},
	[ASHLAR_OVERLAY_CMD_CONN_GET] = {
		"conn-get", "conn", false,
	},
	[ASHLAR_OVERLAY_CMD_CONN_NTF] = {
		"conn-ntf", "conn", true,
	},
	[ASHLAR_OVERLAY_CMD_STATS_GET] = {
		"stats-get", "stats", false,
	},
};

static const struct spec_family overlay_family = {
	.name = ASHLAR_OVERLAY_FAMILY_NAME,
	.n_sets = 7,
	.sets = overlay_sets,
	.n_ops = ASHLAR_OVERLAY_CMD_MAX + 1,
	.ops = overlay_ops,
};

#endif /* ASHLAR_GEN_OVERLAY_H */
