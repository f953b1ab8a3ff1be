// SPDX-License-Identifier: GPL-2.0-only
/* How the objects of ashlar_overlay look to people. */
#include <string.h>

#include "ashlar.h"

static void cell_range(json_t *object, const char *lo, const char *hi,
		       char *text, size_t size)
{
	snprintf(text, size, "%lld-%lld", cell_number(object, lo),
		 cell_number(object, hi));
}

static void underlay_devices(json_t *object, char *text, size_t size)
{
	json_t *names = json_object_get(object, "devices"), *name;
	json_t *indexes = json_object_get(object, "ifindexes");
	size_t i, len = 0;

	*text = 0;
	json_array_foreach(names, i, name) {
		len += snprintf(text + len, size - len, "%s%s%s", i ? "," : "",
				json_string_value(name),
				json_integer_value(json_array_get(indexes, i)) ?
				"" : "(gone)");
		if (len >= size)
			break;
	}
}

static void underlay_ports(json_t *object, char *text, size_t size)
{
	cell_range(object, "ports-lo", "ports-hi", text, size);
}

static void underlay_sports(json_t *object, char *text, size_t size)
{
	cell_range(object, "sports-lo", "sports-hi", text, size);
}

static void underlay_key(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%08llx%s", cell_number(object, "key-print"),
		 cell_has(object, "key-prev-print") ? "+prev" : "");
}

static void underlay_key_age(json_t *object, char *text, size_t size)
{
	cell_msecs(cell_number(object, "key-age") * 1000, text, size);
}

static void underlay_option(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%lld:0x%04llx", cell_number(object, "option-kind"),
		 cell_number(object, "exid"));
}

static void underlay_rest(json_t *object, char *text, size_t size)
{
	cell_msecs(cell_number(object, "rest-ms"), text, size);
}

static void underlay_hello(json_t *object, char *text, size_t size)
{
	cell_msecs(cell_number(object, "hello-interval") * 1000, text, size);
}

static void endpoint_where(json_t *object, char *text, size_t size)
{
	char netns[300];

	if (cell_has(object, "host")) {
		snprintf(text, size, "host %s", cell_word(object, "host"));
		return;
	}
	if (!nsid_name(cell_number(object, "netnsid"), netns, sizeof(netns)))
		snprintf(netns, sizeof(netns), "nsid:%lld",
			 cell_number(object, "netnsid"));
	snprintf(text, size, "netns %s dev %s", netns,
		 cell_word(object, "device"));
}

static void cell_prefix(json_t *object, const char *addr, const char *len,
			char *text, size_t size)
{
	if (!cell_has(object, addr))
		snprintf(text, size, "any");
	else
		snprintf(text, size, "%s/%lld", cell_word(object, addr),
			 cell_number(object, len));
}

static void policy_src(json_t *object, char *text, size_t size)
{
	cell_prefix(object, "src", "src-len", text, size);
}

static void policy_dst(json_t *object, char *text, size_t size)
{
	cell_prefix(object, "dst", "dst-len", text, size);
}

static void policy_dport(json_t *object, char *text, size_t size)
{
	long long lo = cell_number(object, "dport-lo");
	long long hi = cell_number(object, "dport-hi");

	if (!cell_has(object, "dport-lo"))
		snprintf(text, size, "any");
	else if (lo == hi)
		snprintf(text, size, "%lld", lo);
	else
		snprintf(text, size, "%lld-%lld", lo, hi);
}

static void peer_heard(json_t *object, char *text, size_t size)
{
	if (cell_has(object, "heard-ms"))
		cell_msecs(cell_number(object, "heard-ms"), text, size);
	else
		snprintf(text, size, "never");
}

static void peer_next(json_t *object, char *text, size_t size)
{
	cell_msecs(cell_number(object, "next-hello-ms"), text, size);
}

static void peer_rtt(json_t *object, char *text, size_t size)
{
	long long us = cell_number(object, "rtt-us");

	if (!cell_has(object, "rtt-us"))
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%lld.%03lldms", us / 1000, us % 1000);
}

static void peer_key(json_t *object, char *text, size_t size)
{
	if (cell_has(object, "key-print"))
		snprintf(text, size, "%08llx", cell_number(object, "key-print"));
	else
		snprintf(text, size, "-");
}

static void cell_tuple_end(json_t *object, const char *addr, const char *port,
			   char *text, size_t size)
{
	const char *a = cell_word(object, addr);

	snprintf(text, size, strchr(a, ':') ? "[%s]:%lld" : "%s:%lld", a,
		 cell_number(object, port));
}

static void conn_local(json_t *object, char *text, size_t size)
{
	cell_tuple_end(object, "local", "local-port", text, size);
}

static void conn_remote(json_t *object, char *text, size_t size)
{
	cell_tuple_end(object, "remote", "remote-port", text, size);
}

static void conn_underlay(json_t *object, char *text, size_t size)
{
	char local[80], remote[80];

	if (!cell_has(object, "underlay-local")) {
		snprintf(text, size, "-");
		return;
	}
	cell_tuple_end(object, "underlay-local", "underlay-local-port", local,
		       sizeof(local));
	cell_tuple_end(object, "underlay-remote", "underlay-remote-port",
		       remote, sizeof(remote));
	snprintf(text, size, "%s -> %s", local, remote);
}

static void conn_age(json_t *object, char *text, size_t size)
{
	cell_msecs(cell_number(object, "age-ms"), text, size);
}

const struct column underlay_columns[] = {
	{ "NAME", NULL, "name", false, false },
	{ "DEV", underlay_devices, NULL, false, false },
	{ "ADDR", NULL, "addr", false, false },
	{ "PORTS", underlay_ports, NULL, false, false },
	{ "SPORTS", underlay_sports, NULL, false, false },
	{ "KEY", underlay_key, NULL, false, false },
	{ "KEY-AGE", underlay_key_age, NULL, true, false },
	{ "PEERS", NULL, "n-peers", true, false },
	{ "OPTION", underlay_option, NULL, false, true },
	{ "REST", underlay_rest, NULL, true, true },
	{ "HELLO", underlay_hello, NULL, true, true },
	{ "HALF-OPEN-MAX", NULL, "half-open-max", true, true },
	{},
};

const struct column network_columns[] = {
	{ "VNI", NULL, "vni", true, false },
	{ "UNDERLAY", NULL, "underlay", false, false },
	{ "FALLBACK", NULL, "fallback-device", false, false },
	{ "DEFAULT", NULL, "default", false, false },
	{ "ENDPOINTS", NULL, "n-endpoints", true, false },
	{ "POLICIES", NULL, "n-policies", true, false },
	{},
};

const struct column endpoint_columns[] = {
	{ "VNI", NULL, "vni", true, false },
	{ "ADDR", NULL, "addr", false, false },
	{ "WHERE", endpoint_where, NULL, false, false },
	{},
};

const struct column policy_columns[] = {
	{ "VNI", NULL, "vni", true, false },
	{ "PREF", NULL, "pref", true, false },
	{ "ACTION", NULL, "action", false, false },
	{ "SRC", policy_src, NULL, false, false },
	{ "DST", policy_dst, NULL, false, false },
	{ "DPORT", policy_dport, NULL, false, false },
	{ "HITS", NULL, "hits", true, true },
	{},
};

const struct column peer_columns[] = {
	{ "UNDERLAY", NULL, "underlay", false, false },
	{ "ADDR", NULL, "addr", false, false },
	{ "STATE", NULL, "state", false, false },
	{ "HEARD", peer_heard, NULL, true, false },
	{ "RTT", peer_rtt, NULL, true, false },
	{ "ENDPOINTS", NULL, "endpoints", true, false },
	{ "CONNS", NULL, "conns", true, false },
	{ "HALF-OPEN", NULL, "half-open", true, true },
	{ "FAST", NULL, "fast", true, true },
	{ "FALLBACK", NULL, "fallback", true, true },
	{ "NEXT-HELLO", peer_next, NULL, true, true },
	{ "UNANSWERED", NULL, "unanswered", true, true },
	{ "KEY", peer_key, NULL, false, true },
	{},
};

const struct column conn_columns[] = {
	{ "VNI", NULL, "vni", true, false },
	{ "LOCAL", conn_local, NULL, false, false },
	{ "REMOTE", conn_remote, NULL, false, false },
	{ "UNDERLAY", conn_underlay, NULL, false, false },
	{ "STATE", NULL, "state", false, false },
	{ "PATH", NULL, "path", false, false },
	{ "REASON", NULL, "reason", false, false },
	{ "AGE", conn_age, NULL, true, false },
	{ "TX-PACKETS", NULL, "tx-packets", true, true },
	{ "TX-BYTES", NULL, "tx-bytes", true, true },
	{ "RX-PACKETS", NULL, "rx-packets", true, true },
	{ "RX-BYTES", NULL, "rx-bytes", true, true },
	{},
};
