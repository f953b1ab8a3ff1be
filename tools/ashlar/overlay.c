// SPDX-License-Identifier: GPL-2.0-only
/* The objects of ashlar_overlay: verbs and arguments; overlay_show.c has the columns. */
#include "ashlar.h"
#include "gen_overlay.h"

#define A(set, name) ASHLAR_OVERLAY_A_##set##_##name
#define CMD(name) ASHLAR_OVERLAY_CMD_##name
#define SET(lower, upper) { \
	.name = #lower, .max = A(upper, MAX), .attrs = lower##_attrs, \
}

/* Underlays. */

static const struct arg underlay_add_args[] = {
	{ .value = "NAME", .put = put_string, .attr = A(UNDERLAY, NAME),
	  .need = true, .help = "what to call the underlay" },
	{ .key = "dev", .value = "DEV[,DEV..]", .put = put_devices,
	  .attr = A(UNDERLAY, IFINDEXES), .need = true, .choices = "@dev",
	  .help = "the uplink devices" },
	{ .key = "addr", .value = "HOSTADDR", .put = put_addr,
	  .attr = A(UNDERLAY, ADDR), .need = true,
	  .help = "this host's address on the uplinks" },
	{ .key = "ports", .value = "LO-HI", .put = put_range,
	  .attr = A(UNDERLAY, PORTS_LO), .attr2 = A(UNDERLAY, PORTS_HI),
	  .help = "the suite's ports, the same on all hosts; 7340-7347 if not told" },
	{ .key = "sports", .value = "LO-HI", .put = put_range,
	  .attr = A(UNDERLAY, SPORTS_LO), .attr2 = A(UNDERLAY, SPORTS_HI),
	  .help = "source ports of translated connections; 20000-32767 if not told" },
	{ .key = "option-kind", .value = "253|254", .put = put_u8,
	  .attr = A(UNDERLAY, OPTION_KIND), .choices = "253 254",
	  .help = "TCP option kind of the SYN option; 253 if not told" },
	{ .key = "exid", .value = "EXID", .put = put_u16,
	  .attr = A(UNDERLAY, EXID),
	  .help = "its experiment identifier (RFC 6994); 0x4153 if not told" },
	{ .key = "rest", .value = "MS", .put = put_u32,
	  .attr = A(UNDERLAY, REST_MS),
	  .help = "how long a freed underlay tuple rests; 1000 if not told" },
	{ .key = "hello", .value = "SECONDS", .put = put_u32,
	  .attr = A(UNDERLAY, HELLO_INTERVAL),
	  .help = "between hellos on an idle pair of hosts; 60 if not told" },
	{ .key = "half-open-max", .value = "N", .put = put_u32,
	  .attr = A(UNDERLAY, HALF_OPEN_MAX),
	  .help = "half-open connections that one peer may have; 4096 if not told" },
	{ .key = "key-file", .value = "FILE", .put = put_key,
	  .attr = A(UNDERLAY, KEY), .need = true, .choices = "@file",
	  .help = "the hosts' shared key as 32 hexadecimal digits; - reads standard input" },
	{},
};

static const struct arg underlay_set_args[] = {
	{ .value = "NAME", .put = put_string, .attr = A(UNDERLAY, NAME),
	  .need = true, .help = "the underlay" },
	{ .key = "key-file", .value = "FILE", .put = put_key,
	  .attr = A(UNDERLAY, KEY), .choices = "@file",
	  .help = "a new key; the one before stays valid too" },
	{ .key = "drop-previous-key", .put = put_flag,
	  .attr = A(UNDERLAY, DROP_PREVIOUS_KEY),
	  .help = "only the current key is valid from now on" },
	{},
};

static int underlay_set_check(const struct request *req)
{
	if ((req->seen & 6) == 2 || (req->seen & 6) == 4)
		return STATUS_OK;
	return misuse("say either \"key-file FILE\" or \"drop-previous-key\"");
}

static const struct arg underlay_del_args[] = {
	{ .value = "NAME", .put = put_string, .attr = A(UNDERLAY, NAME),
	  .need = true, .help = "the underlay" },
	{},
};

static const struct arg underlay_show_args[] = {
	{ .value = "NAME", .put = put_string, .attr = A(UNDERLAY, NAME),
	  .help = "only this one" },
	{},
};

static const struct arg no_args[] = { {} };

#define MONITOR(what) { \
	.name = "monitor", .kind = VERB_MONITOR, .args = no_args, \
	.help = "print what happens to " what " as it happens", \
	.example = "\0Prints each event with the time of day.", \
}

static const struct verb underlay_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(UNDERLAY_GET),
	  .one = A(UNDERLAY, NAME), .args = underlay_show_args,
	  .help = "show one underlay, or all",
	  .example = "underlay show\0"
		"Keys are told apart by their fingerprints; \"+prev\" means that the previous one is valid too."
	},
	{ .name = "add", .cmd = CMD(UNDERLAY_NEW), .args = underlay_add_args,
	  .help = "add an underlay: uplink devices, this host's address and the hosts' key",
	  .example = "underlay add u0 dev eth0 addr 192.168.77.1 key-file /etc/ashlar/u0.key\0"
		"Make a key with: (umask 077; openssl rand -hex 16 >/etc/ashlar/u0.key)" },
	{ .name = "set", .cmd = CMD(UNDERLAY_SET), .args = underlay_set_args,
	  .check = underlay_set_check,
	  .usage = "NAME { key-file FILE | drop-previous-key }",
	  .help = "rotate the key, or drop the previous one",
	  .example = "underlay set u0 key-file new.key\0"
		"Do so on every host, then \"underlay set u0 drop-previous-key\" on every host."
	},
	{ .name = "del", .cmd = CMD(UNDERLAY_DEL), .args = underlay_del_args,
	  .help = "remove an underlay that no network uses",
	  .example = "underlay del u0\0" },
	MONITOR("underlays"),
	{},
};

static const struct spec_set underlay_set = SET(underlay, UNDERLAY);

const struct object underlay_object = {
	.name = "underlay", .help = "a host's way to its peers: uplinks, address, ports, key",
	.verbs = underlay_verbs, .columns = underlay_columns,
	.family = &overlay_family, .set = &underlay_set,
	.module = "ashlar_overlay",
};

/* Networks. */

#define VNI_ARG(set, say, must) { \
	.value = "VNI", .put = put_u32, .attr = A(set, VNI), .need = must, \
	.help = say, \
}

static const struct arg network_add_args[] = {
	VNI_ARG(NETWORK, "the network's identifier, the same on all hosts", true),
	{ .key = "underlay", .value = "NAME", .put = put_string,
	  .attr = A(NETWORK, UNDERLAY), .need = true,
	  .help = "what carries it" },
	{ .key = "fallback", .value = "DEV", .put = put_device,
	  .attr = A(NETWORK, FALLBACK_IFINDEX), .choices = "@dev",
	  .help = "the ordinary overlay's device, for the record" },
	{ .key = "default", .value = "allow|deny", .put = put_choice,
	  .attr = A(NETWORK, DEFAULT),
	  .help = "what happens to connections that no policy names; allow if not told" },
	{},
};

static const struct arg network_set_args[] = {
	VNI_ARG(NETWORK, "the network", true),
	{ .key = "default", .value = "allow|deny", .put = put_choice,
	  .attr = A(NETWORK, DEFAULT),
	  .help = "what happens to connections that no policy names" },
	{ .key = "fallback", .value = "DEV", .put = put_device,
	  .attr = A(NETWORK, FALLBACK_IFINDEX), .choices = "@dev",
	  .help = "the ordinary overlay's device, or none" },
	{},
};

static int network_set_check(const struct request *req)
{
	if (req->seen & ~1u)
		return STATUS_OK;
	return misuse("say \"default\" or \"fallback\", or both");
}

static const struct arg network_del_args[] = {
	VNI_ARG(NETWORK, "the network", true),
	{},
};

static const struct arg network_show_args[] = {
	VNI_ARG(NETWORK, "only this one", false),
	{},
};

static const struct verb network_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(NETWORK_GET),
	  .one = A(NETWORK, VNI), .args = network_show_args,
	  .help = "show one network, or all",
	  .example = "network show\0" },
	{ .name = "add", .cmd = CMD(NETWORK_NEW), .args = network_add_args,
	  .help = "add an overlay network",
	  .example = "network add 7 underlay u0 fallback vxlan7\0"
		"The VXLAN device stays in charge of all that is not TCP between known endpoints."
	},
	{ .name = "set", .cmd = CMD(NETWORK_SET), .args = network_set_args,
	  .check = network_set_check,
	  .help = "change the default policy or the fallback device",
	  .example = "network set 7 default deny\0"
		"Connections that this forbids are cut at once." },
	{ .name = "del", .cmd = CMD(NETWORK_DEL), .args = network_del_args,
	  .help = "remove a network without endpoints",
	  .example = "network del 7\0"
		"\"endpoint flush 7\" removes its endpoints first." },
	MONITOR("networks"),
	{},
};

static const struct spec_set network_set = SET(network, NETWORK);

const struct object network_object = {
	.name = "network", .help = "an overlay network",
	.verbs = network_verbs, .columns = network_columns,
	.family = &overlay_family, .set = &network_set,
	.module = "ashlar_overlay",
};

/* Endpoints. */

#define ADDR_ARG(say, must) { \
	.value = "ADDR", .put = put_addr, .attr = A(ENDPOINT, ADDR), \
	.need = must, .help = say, \
}

static const struct arg endpoint_add_args[] = {
	VNI_ARG(ENDPOINT, "the network", true),
	ADDR_ARG("the overlay address", true),
	{ .key = "host", .value = "HOSTADDR", .put = put_addr,
	  .attr = A(ENDPOINT, HOST),
	  .help = "it lives on the host with this underlay address" },
	{ .key = "netns", .value = "NAME|PID|PATH", .put = put_netns,
	  .attr = A(ENDPOINT, NETNS_FD), .choices = "@netns",
	  .help = "it lives here, in this network namespace" },
	{ .key = "dev", .value = "DEV", .put = put_string,
	  .attr = A(ENDPOINT, DEVICE),
	  .help = "its device in that namespace" },
	{},
};

static int endpoint_check(const struct request *req)
{
	bool host = req->seen & 1 << 2;
	bool netns = req->seen & 1 << 3;
	bool dev = req->seen & 1 << 4;

	if (host && !netns && !dev)
		return STATUS_OK;
	if (!host && netns && dev)
		return STATUS_OK;
	return misuse("say either \"host HOSTADDR\" or \"netns NAME dev DEV\"");
}

static const struct arg endpoint_del_args[] = {
	VNI_ARG(ENDPOINT, "the network", true),
	ADDR_ARG("the overlay address", true),
	{},
};

static const struct arg endpoint_flush_args[] = {
	VNI_ARG(ENDPOINT, "the network", true),
	{},
};

static const struct arg endpoint_show_args[] = {
	VNI_ARG(ENDPOINT, "only this network's", false),
	ADDR_ARG("only this one", false),
	{},
};

#define ENDPOINT_USAGE "VNI ADDR { host HOSTADDR | netns NAME|PID|PATH dev DEV }"

static const struct verb endpoint_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(ENDPOINT_GET),
	  .one = A(ENDPOINT, ADDR), .args = endpoint_show_args,
	  .help = "show one endpoint, a network's, or all",
	  .example = "endpoint show 7\0" },
	{ .name = "add", .cmd = CMD(ENDPOINT_NEW), .args = endpoint_add_args,
	  .check = endpoint_check, .usage = ENDPOINT_USAGE,
	  .help = "add an endpoint, on another host or in a namespace of this one",
	  .example = "endpoint add 7 10.7.0.2 netns web dev eth0\0"
		"On every other host: ashlar endpoint add 7 10.7.0.2 host 192.168.77.1" },
	{ .name = "set", .cmd = CMD(ENDPOINT_SET), .args = endpoint_add_args,
	  .check = endpoint_check, .usage = ENDPOINT_USAGE,
	  .help = "move an endpoint: where it lives is replaced",
	  .example = "endpoint set 7 10.7.0.2 host 192.168.77.3\0"
		"Its connections go on by the fallback." },
	{ .name = "del", .cmd = CMD(ENDPOINT_DEL), .args = endpoint_del_args,
	  .help = "remove an endpoint; its connections go on by the fallback",
	  .example = "endpoint del 7 10.7.0.2\0" },
	{ .name = "flush", .cmd = CMD(ENDPOINT_FLUSH),
	  .args = endpoint_flush_args,
	  .help = "remove all endpoints of a network",
	  .example = "endpoint flush 7\0" },
	MONITOR("endpoints"),
	{},
};

static const struct spec_set endpoint_set = SET(endpoint, ENDPOINT);

const struct object endpoint_object = {
	.name = "endpoint", .help = "an overlay address and where it lives",
	.verbs = endpoint_verbs, .columns = endpoint_columns,
	.family = &overlay_family, .set = &endpoint_set,
	.module = "ashlar_overlay",
};

/* Policies. */

static const struct arg policy_add_args[] = {
	VNI_ARG(POLICY, "the network", true),
	{ .key = "pref", .value = "N", .put = put_u32,
	  .attr = A(POLICY, PREF), .need = true,
	  .help = "its place among the network's rules; the lowest that matches decides" },
	{ .key = "action", .value = "allow|deny", .put = put_choice,
	  .attr = A(POLICY, ACTION), .need = true,
	  .help = "what happens to connections that match" },
	{ .key = "src", .value = "PREFIX", .put = put_prefix,
	  .attr = A(POLICY, SRC), .attr2 = A(POLICY, SRC_LEN),
	  .help = "who connects; any if not told" },
	{ .key = "dst", .value = "PREFIX", .put = put_prefix,
	  .attr = A(POLICY, DST), .attr2 = A(POLICY, DST_LEN),
	  .help = "to whom; any if not told" },
	{ .key = "dport", .value = "LO[-HI]", .put = put_range,
	  .attr = A(POLICY, DPORT_LO), .attr2 = A(POLICY, DPORT_HI),
	  .help = "to which port; any if not told" },
	{},
};

static const struct arg policy_del_args[] = {
	VNI_ARG(POLICY, "the network", true),
	{ .key = "pref", .value = "N", .put = put_u32,
	  .attr = A(POLICY, PREF), .need = true, .help = "the rule" },
	{},
};

static const struct arg policy_flush_args[] = {
	VNI_ARG(POLICY, "the network", true),
	{},
};

static const struct arg policy_show_args[] = {
	VNI_ARG(POLICY, "only this network's", false),
	{},
};

static const struct verb policy_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(POLICY_GET),
	  .args = policy_show_args,
	  .help = "show the rules in the order in which they are tried",
	  .example = "-s policy show 7\0"
		"With -s, how many connections each rule decided." },
	{ .name = "add", .cmd = CMD(POLICY_NEW), .args = policy_add_args,
	  .help = "add a rule about who may open TCP connections to whom",
	  .example = "policy add 7 pref 10 action allow src 10.7.1.0/24 dst 10.7.2.0/24 dport 443\0"
		"With \"network set 7 default deny\", only this is allowed then. UDP and ICMP are nftables' business."
	},
	{ .name = "del", .cmd = CMD(POLICY_DEL), .args = policy_del_args,
	  .help = "remove a rule; connections that it allowed are judged again",
	  .example = "policy del 7 pref 10\0" },
	{ .name = "flush", .cmd = CMD(POLICY_FLUSH), .args = policy_flush_args,
	  .help = "remove all rules of a network",
	  .example = "policy flush 7\0" },
	MONITOR("policies"),
	{},
};

static const struct spec_set policy_set = SET(policy, POLICY);

const struct object policy_object = {
	.name = "policy", .help = "who may open connections to whom",
	.verbs = policy_verbs, .columns = policy_columns,
	.family = &overlay_family, .set = &policy_set,
	.module = "ashlar_overlay",
};

/* Peers. */

static const struct verb peer_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(PEER_GET),
	  .args = no_args, .help = "show the other hosts and how they are",
	  .example = "peer show\0"
		"New connections take the fast path to peers that are live." },
	MONITOR("peers"),
	{},
};

static const struct spec_set peer_set = SET(peer, PEER);

const struct object peer_object = {
	.name = "peer", .help = "another host: its health and counters",
	.verbs = peer_verbs, .columns = peer_columns,
	.family = &overlay_family, .set = &peer_set,
	.module = "ashlar_overlay",
};

/* Conns. */

static const struct arg conn_show_args[] = {
	{ .key = "vni", .value = "VNI", .put = put_u32, .attr = A(CONN, VNI),
	  .help = "only this network's" },
	{ .key = "path", .value = "fast|fallback|local", .put = put_choice,
	  .attr = A(CONN, PATH), .help = "only those on this path" },
	{ .key = "peer", .value = "HOSTADDR", .put = put_addr,
	  .attr = A(CONN, PEER), .help = "only those with this host" },
	{ .key = "local", .value = "ADDR:PORT", .put = put_addr_port,
	  .attr = A(CONN, LOCAL), .attr2 = A(CONN, LOCAL_PORT),
	  .help = "the one with this end here (with vni and remote)" },
	{ .key = "remote", .value = "ADDR:PORT", .put = put_addr_port,
	  .attr = A(CONN, REMOTE), .attr2 = A(CONN, REMOTE_PORT),
	  .help = "and this end there" },
	{},
};

static int conn_show_check(const struct request *req)
{
	bool vni = req->seen & 1 << 0;
	bool local = req->seen & 1 << 3;
	bool remote = req->seen & 1 << 4;

	if (local == remote && (!local || vni))
		return STATUS_OK;
	return misuse("one conn is named by \"vni\", \"local\" and \"remote\" together");
}

static const struct verb conn_verbs[] = {
	{ .name = "show", .kind = VERB_SHOW, .cmd = CMD(CONN_GET),
	  .one = A(CONN, LOCAL), .args = conn_show_args,
	  .check = conn_show_check,
	  .usage = "[vni VNI] [path fast|fallback|local] [peer HOSTADDR] |"
		" vni VNI local ADDR:PORT remote ADDR:PORT",
	  .help = "show the TCP connections of this host's endpoints",
	  .example = "conn show path fallback\0"
		"The reason says why a connection is not on the fast path." },
	MONITOR("conns"),
	{},
};

static const struct spec_set conn_set = SET(conn, CONN);

const struct object conn_object = {
	.name = "conn", .help = "a TCP connection of an endpoint of this host",
	.verbs = conn_verbs, .columns = conn_columns,
	.family = &overlay_family, .set = &conn_set,
	.module = "ashlar_overlay",
};

/* Counters; see stats.c. */

static const struct verb stats_verbs[] = {
	{ .name = "overlay", .kind = VERB_ONE, .cmd = CMD(STATS_GET),
	  .args = no_args },
	{},
};

static const struct spec_set stats_set = SET(stats, STATS);

const struct object overlay_stats_object = {
	.name = "stats", .verbs = stats_verbs, .family = &overlay_family,
	.set = &stats_set, .module = "ashlar_overlay",
};
