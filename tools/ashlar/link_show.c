// SPDX-License-Identifier: GPL-2.0-only
/* How links, repairs and topologies look to people. */
#include <math.h>
#include <string.h>

#include "ashlar.h"

static bool is(json_t *object, const char *key, const char *word)
{
	return !strcmp(cell_word(object, key), word);
}

/* The value of PREFIX-KEY. */
static json_t *part(json_t *object, const char *prefix, const char *key)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", prefix, key);
	return json_object_get(object, name);
}

static long long part_number(json_t *object, const char *prefix, const char *key)
{
	return json_integer_value(part(object, prefix, key));
}

static const char *part_word(json_t *object, const char *prefix, const char *key)
{
	const char *word = json_string_value(part(object, prefix, key));

	return word ? word : "-";
}

/* 3.2e-6 [2.9e-6,3.6e-6], or how small it is at least. */
static void rate_text(json_t *object, const char *prefix, char *text,
		      size_t size)
{
	char loss[16], lower[16], upper[16];

	if (!part(object, prefix, "upper")) {
		*text = 0;
		return;
	}
	cell_rate(part_number(object, prefix, "upper"), upper, sizeof(upper));
	if (!part(object, prefix, "loss")) {
		snprintf(text, size, "<%s", upper);
		return;
	}
	cell_rate(part_number(object, prefix, "loss"), loss, sizeof(loss));
	cell_rate(part_number(object, prefix, "lower"), lower, sizeof(lower));
	snprintf(text, size, "%s [%s,%s]", loss, lower, upper);
}

static void verdict_text(json_t *object, const char *prefix, char *text,
			 size_t size)
{
	char rate[64];

	rate_text(object, prefix, rate, sizeof(rate));
	snprintf(text, size, "%s%s%s", part_word(object, prefix, "verdict"),
		 *rate ? " " : "", rate);
}

static void link_rx(json_t *object, char *text, size_t size)
{
	verdict_text(object, "rx-", text, size);
}

/*
 * In short: the interval is for the end that receives to tell. What somebody
 * says who cannot prove who he is, is so marked.
 */
static void link_tx(json_t *object, char *text, size_t size)
{
	const char *verdict = cell_word(object, "tx-verdict");
	char rate[16] = "";

	if (cell_has(object, "tx-loss"))
		cell_rate(cell_number(object, "tx-loss"), rate, sizeof(rate));
	snprintf(text, size, "%s%s%s%s", verdict, *rate ? " " : "", rate,
		 strcmp(verdict, "unsupported") &&
		 !cell_has(object, "tx-trusted") ? "?" : "");
}

/* A chance exp(-@nats) to be wrong. */
static void chance_text(double nats, char *text, size_t size)
{
	double tens = nats / M_LN10;
	double digits = ceil(tens);
	/* Rounded up, but not for a trifle. */
	double first = ceil(pow(10, digits - tens) - 0.05);

	if (first == 10) {
		first = 1;
		digits--;
	}
	if (nats <= 0)
		snprintf(text, size, "?");
	else
		snprintf(text, size, "wrong<%.0fe-%.0f", first, digits);
}

/*
 * How sure what is said of rx is: the chance of being wrong, or how far the
 * evidence has come.
 */
static void link_sure(json_t *object, char *text, size_t size)
{
	const char *stream = cell_word(object, "rx-stream");
	long long bad = cell_number(object, "rx-evidence");
	long long good = cell_number(object, "rx-health");
	double miss = cell_number(object, "miss-per-million") / 1e6;
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "%s-", stream);
	if (is(object, "rx-verdict", "corrupting"))
		chance_text(part_number(object, prefix, "log-alpha") / 1000.0,
			    text, size);
	else if (is(object, "rx-verdict", "healthy"))
		chance_text(good / 1000.0 * -log(miss), text, size);
	else if (is(object, "rx-verdict", "unsupported"))
		snprintf(text, size, "-");
	else if (bad > good)
		snprintf(text, size, "%lld%% bad", bad / 10);
	else
		snprintf(text, size, "%lld%% good", good / 10);
}

static void link_group(json_t *object, char *text, size_t size)
{
	if (is(object, "group-kind", "none"))
		snprintf(text, size, "-");
	else if (is(object, "group-kind", "nexthop"))
		snprintf(text, size, "nexthop:%lld",
			 cell_number(object, "group-id"));
	else
		snprintf(text, size, "%s", cell_word(object, "group-device"));
}

/* Members in service besides it, and how many must be. */
static void link_left(json_t *object, char *text, size_t size)
{
	if (is(object, "group-kind", "none"))
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%lld/%lld",
			 cell_number(object, "group-left"),
			 cell_number(object, "keep"));
}

static void link_state(json_t *object, char *text, size_t size)
{
	char age[32];

	if (is(object, "state", "watch")) {
		snprintf(text, size, "watch");
		return;
	}
	cell_msecs(cell_number(object, "state-ms"), age, sizeof(age));
	snprintf(text, size, "%s %s", cell_word(object, "state"), age);
}

static void link_why(json_t *object, char *text, size_t size)
{
	char left[32];

	cell_msecs(cell_number(object, "hold-ms"), left, sizeof(left));
	if (is(object, "why", "none"))
		snprintf(text, size, "-");
	else if (cell_has(object, "violated"))
		snprintf(text, size, "topology: %s",
			 cell_word(object, "violated"));
	else if (is(object, "why", "hold-down"))
		snprintf(text, size, "hold-down %s", left);
	else if (cell_number(object, "job-error"))
		snprintf(text, size, "%s: %s", cell_word(object, "why"),
			 strerror(cell_number(object, "job-error")));
	else
		snprintf(text, size, "%s", cell_word(object, "why"));
}

static void link_peer(json_t *object, char *text, size_t size)
{
	if (is(object, "peer", "none"))
		snprintf(text, size, "none");
	else if (!cell_has(object, "peer-host"))
		snprintf(text, size, "never heard");
	else
		snprintf(text, size, "%s%s", cell_word(object, "peer-name"),
			 cell_has(object, "peer-left") ? " (left)" :
			 !cell_has(object, "peer-fresh") ? " (silent)" :
			 !cell_has(object, "peer-trusted") ? " (unproven)" : "");
}

/* Where hands are needed: the end that receives @direction, or the other one. */
static const char *end_of(json_t *object, bool receiver, const char *direction)
{
	bool here = receiver == !strcmp(direction, "rx");

	if (here)
		return cell_word(object, "device");
	return cell_has(object, "peer-name") ? cell_word(object, "peer-name") :
					       "the other end";
}

static void repair_text(json_t *object, const char *direction, char *text,
			size_t size)
{
	const char *at = end_of(object, true, direction);

	if (is(object, "repair", "replace-component"))
		snprintf(text, size, "replace component %s",
			 cell_word(object, "component"));
	else if (is(object, "repair", "replace-far-transceiver"))
		snprintf(text, size, "replace transceiver at %s",
			 end_of(object, false, direction));
	else if (is(object, "repair", "replace-fibre"))
		snprintf(text, size, "replace fibre of %s",
			 cell_word(object, "device"));
	else if (is(object, "repair", "clean-connector"))
		snprintf(text, size, "clean connector at %s", at);
	else if (is(object, "repair", "reseat-transceiver"))
		snprintf(text, size, "reseat transceiver at %s", at);
	else if (is(object, "repair", "replace-transceiver"))
		snprintf(text, size, "replace transceiver at %s", at);
	else
		snprintf(text, size, "-");
}

static void link_do(json_t *object, char *text, size_t size)
{
	size_t len;

	if (!cell_has(object, "ticket")) {
		snprintf(text, size, "-");
		return;
	}
	repair_text(object, cell_word(object, "ticket-direction"), text, size);
	len = strlen(text);
	snprintf(text + len, size - len, " (ticket %lld%s)",
		 cell_number(object, "ticket"),
		 cell_has(object, "unsure") ? ", unsure" : "");
}

/* The row is long as it is. */
void link_note(json_t *object, char *text, size_t size)
{
	char todo[200];

	*text = 0;
	if (!cell_has(object, "ticket"))
		return;
	link_do(object, todo, sizeof(todo));
	snprintf(text, size, "do: %s", todo);
}

const struct column link_columns[] = {
	{ "DEV", NULL, "device", false, false },
	{ "GROUP", link_group, NULL, false, false },
	{ "STATE", link_state, NULL, false, false },
	{ "WHY", link_why, NULL, false, false },
	{ "RX", link_rx, NULL, false, false },
	{ "SURE", link_sure, NULL, false, false },
	{ "TX", link_tx, NULL, false, false },
	{ "PEER", link_peer, NULL, false, true },
	{ "LEFT", link_left, NULL, true, true },
	{ "ACTION", NULL, "action", false, true },
	{ "SPEED", NULL, "speed", true, true },
	{ "FCS", NULL, "fcs-support", false, true },
	{ "FEC", NULL, "fec-support", false, true },
	{ "PROBE", NULL, "probe-support", false, true },
	{ "OPTICS", NULL, "optics-state", false, true },
	{ "DROPS", NULL, "rx-drops", true, true },
	{ "RELAPSES", NULL, "relapses", true, true },
	{},
};

/* Of what happens to a link, as text; JSON tells all. */
const char *const link_brief[] = {
	"device", "state", "why", "violated", "group-device", "group-left", "job",
	"job-do", "job-error", "rx-verdict", "rx-loss", "rx-errors", "tx-verdict",
	"tx-loss", "peer-name", "peer-fresh", "peer-trusted", "repair", "ticket",
	NULL,
};

/* One link with all that is known of it: a title and what belongs there. */

static void line(const char *title, const char *text)
{
	printf("  %-12s %s\n", title, text);
}

static void cell_line(const char *title, json_t *object,
		      void (*cell)(json_t *object, char *text, size_t size))
{
	char text[256];

	cell(object, text, sizeof(text));
	line(title, text);
}

static void opinion_line(const char *title, json_t *object, const char *prefix)
{
	char verdict[128], text[256];

	verdict_text(object, prefix, verdict, sizeof(verdict));
	if (part(object, prefix, "trials"))
		snprintf(text, sizeof(text), "%s, %lld errors in %lld %s", verdict,
			 part_number(object, prefix, "errors"),
			 part_number(object, prefix, "trials"),
			 !strcmp(part_word(object, prefix, "stream"), "fec") ?
			 "codewords" : "frames");
	else
		snprintf(text, sizeof(text), "%s", verdict);
	line(title, text);
}

static void stream_line(json_t *object, const char *name)
{
	char prefix[16], title[16], text[256];

	snprintf(prefix, sizeof(prefix), "%s-", name);
	snprintf(title, sizeof(title), "  %s", name);
	if (!part(object, prefix, "verdict")) {
		snprintf(text, sizeof(text), "support %s",
			 part_word(object, prefix, "support"));
		line(title, text);
		return;
	}
	snprintf(text, sizeof(text),
		 "%s, %lld errors in %lld, bad %.1f%% by %lld samples, good %.1f%%, %lld more for good%s",
		 part_word(object, prefix, "verdict"),
		 part_number(object, prefix, "errors"),
		 part_number(object, prefix, "trials"),
		 part_number(object, prefix, "evidence") / 10.0,
		 part_number(object, prefix, "events"),
		 part_number(object, prefix, "health") / 10.0,
		 part_number(object, prefix, "missing"),
		 !strcmp(part_word(object, prefix, "support"), "silent") ?
		 " (never seen to count)" :
		 !strcmp(part_word(object, prefix, "support"), "blind") ?
		 " (no witness: did not see why)" : "");
	line(title, text);
}

static double dbm(long long power)
{
	return power > 0 ? 10 * log10(power / 10000.0) : -40;
}

static void optics_line(const char *title, json_t *object, const char *prefix)
{
	const char *state = part_word(object, prefix, "optics-state");
	char text[256];

	if (!part(object, prefix, "rx-power")) {
		line(title, state);
		return;
	}
	snprintf(text, sizeof(text),
		 "tx %.1f dBm%s, rx %.1f dBm%s, low below %.1f and %.1f%s%s",
		 dbm(part_number(object, prefix, "tx-power")),
		 part_number(object, prefix, "tx-power") <
		 part_number(object, prefix, "tx-low") ? " LOW" : "",
		 dbm(part_number(object, prefix, "rx-power")),
		 part_number(object, prefix, "rx-power") <
		 part_number(object, prefix, "rx-low") ? " LOW" : "",
		 dbm(part_number(object, prefix, "tx-low")),
		 dbm(part_number(object, prefix, "rx-low")),
		 part(object, prefix, "optics-thresholds") ? "" :
		 " (generic thresholds)",
		 !strcmp(state, "error") ? " (old: reading failed)" : "");
	line(title, text);
}

static void peer_lines(json_t *object)
{
	char age[32], text[256];

	cell_line("peer", object, link_peer);
	if (!cell_has(object, "peer-host"))
		return;
	cell_msecs(cell_number(object, "peer-heard-ms"), age, sizeof(age));
	snprintf(text, sizeof(text), "host %s, heard %s ago, state %s (%s)%s",
		 cell_word(object, "peer-host"), age,
		 cell_word(object, "peer-state"), cell_word(object, "peer-why"),
		 cell_has(object, "peer-decides") ? ", decides" : "");
	line("", text);
}

static void wish_line(json_t *object)
{
	char text[256];

	if (!cell_has(object, "drain-asked") &&
	    !cell_has(object, "return-asked") && !cell_has(object, "by-hand"))
		return;
	snprintf(text, sizeof(text), "%s%s%s",
		 cell_has(object, "by-hand") ? "drained by hand " : "",
		 cell_has(object, "drain-asked") ? "drain asked " : "",
		 cell_has(object, "return-asked") ? "return asked" : "");
	line("wishes", text);
}

static void job_line(json_t *object)
{
	char text[256];

	if (!cell_has(object, "job"))
		return;
	snprintf(text, sizeof(text), "%lld %s: %s", cell_number(object, "job"),
		 cell_word(object, "job-do"), cell_number(object, "job-error") ?
		 strerror(cell_number(object, "job-error")) : "no error");
	line("job", text);
}

static void group_line(json_t *object)
{
	char group[64], text[256];

	link_group(object, group, sizeof(group));
	snprintf(text, sizeof(text), "%s, %lld members besides it, keep %lld",
		 group, cell_number(object, "group-left"),
		 cell_number(object, "keep"));
	line("group", is(object, "group-kind", "none") ? "none" : text);
}

static void bounds_line(json_t *object)
{
	char healthy[16], bad[16], text[256];

	cell_rate(cell_number(object, "healthy-loss"), healthy, sizeof(healthy));
	cell_rate(cell_number(object, "corrupting-loss"), bad, sizeof(bad));
	snprintf(text, sizeof(text),
		 "healthy %s, corrupting %s, wrong %lld per million link-years, missed %lld per million",
		 healthy, bad, cell_number(object, "false-per-million"),
		 cell_number(object, "miss-per-million"));
	line("bounds", text);
}

static void times_line(json_t *object)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "sample %lldms slow %lldms optics %lldms beat %lldms probes %lld/s hold %llds to %llds relapse %llds",
		 cell_number(object, "sample-ms"), cell_number(object, "slow-ms"),
		 cell_number(object, "optics-ms"), cell_number(object, "beat-ms"),
		 cell_number(object, "probe-pps"), cell_number(object, "hold-s"),
		 cell_number(object, "hold-max-s"),
		 cell_number(object, "relapse-s"));
	line("times", text);
}

static void config_line(json_t *object)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "action %s, peer %s, key %s, on-leave %s, component %s, topology-link %s",
		 cell_word(object, "action"), cell_word(object, "peer"),
		 cell_has(object, "keyed") ? "set" : "none",
		 cell_word(object, "on-leave"), cell_word(object, "component"),
		 cell_word(object, "topology-link"));
	line("config", text);
}

void link_detail(json_t *object)
{
	char text[64];

	printf("%s\n", cell_word(object, "device"));
	cell_line("state", object, link_state);
	cell_line("why", object, link_why);
	cell_line("do", object, link_do);
	opinion_line("rx", object, "rx-");
	cell_line("  sure", object, link_sure);
	stream_line(object, "fcs");
	stream_line(object, "fec");
	stream_line(object, "probe");
	opinion_line("tx", object, "tx-");
	snprintf(text, sizeof(text), "%lld here, %lld at the other end",
		 cell_number(object, "rx-drops"), cell_number(object, "tx-drops"));
	line("congestion", text);
	group_line(object);
	peer_lines(object);
	optics_line("light here", object, "");
	optics_line("light there", object, "far-");
	wish_line(object);
	job_line(object);
	snprintf(text, sizeof(text), "%lld", cell_number(object, "relapses"));
	line("relapses", text);
	config_line(object);
	bounds_line(object);
	times_line(object);
}

/* History. */

static void cell_age(json_t *object, const char *key, char *text, size_t size)
{
	cell_msecs(cell_number(object, key) * 1000, text, size);
}

static void history_age(json_t *object, char *text, size_t size)
{
	if (cell_has(object, "age-s"))
		cell_age(object, "age-s", text, size);
	else
		snprintf(text, size, "now");
}

const struct column history_columns[] = {
	{ "DEV", NULL, "device", false, false },
	{ "AGO", history_age, NULL, true, false },
	{ "RX", NULL, "verdict", false, false },
	{ "TX", NULL, "tx-verdict", false, false },
	{ "FRAMES", NULL, "frames", true, false },
	{ "FCS", NULL, "fcs", true, false },
	{ "CODEWORDS", NULL, "codewords", true, false },
	{ "UNCORRECTABLE", NULL, "fec", true, false },
	{ "CORRECTED", NULL, "corrected", true, false },
	{ "BEATS", NULL, "beats", true, false },
	{ "MISSING", NULL, "missing", true, false },
	{ "DROPS", NULL, "drops", true, false },
	{},
};

/* Repairs. */

static void repair_do(json_t *object, char *text, size_t size)
{
	size_t len;

	repair_text(object, cell_word(object, "direction"), text, size);
	len = strlen(text);
	if (cell_has(object, "unsure"))
		snprintf(text + len, size - len, " (unsure)");
}

static void repair_loss(json_t *object, char *text, size_t size)
{
	cell_rate(cell_number(object, "loss"), text, size);
}

static void repair_opened(json_t *object, char *text, size_t size)
{
	cell_age(object, "opened-s", text, size);
}

static void repair_done(json_t *object, char *text, size_t size)
{
	if (cell_has(object, "done-s"))
		cell_age(object, "done-s", text, size);
	else
		snprintf(text, size, "-");
}

const struct column repair_columns[] = {
	{ "ID", NULL, "id", true, false },
	{ "DEV", NULL, "device", false, false },
	{ "DIR", NULL, "direction", false, false },
	{ "STATE", NULL, "state", false, false },
	{ "DO", repair_do, NULL, false, false },
	{ "LOSS", repair_loss, NULL, true, false },
	{ "OPENED", repair_opened, NULL, true, false },
	{ "DONE", repair_done, NULL, true, false },
	{ "COMPONENT", NULL, "component", false, true },
	{ "SHARED", NULL, "shared", true, true },
	{ "PEER", NULL, "peer-name", false, true },
	{},
};

const char *const repair_brief[] = {
	"id", "device", "direction", "repair", "state", "loss", "component",
	"shared", "unsure", NULL,
};

void repair_detail(json_t *object)
{
	char loss[16], text[256];

	printf("repair %lld\n", cell_number(object, "id"));
	cell_line("do", object, repair_do);
	line("state", cell_word(object, "state"));
	line("link", cell_word(object, "device"));
	line("peer", cell_word(object, "peer-name"));
	cell_line("opened", object, repair_opened);
	cell_line("done", object, repair_done);
	cell_rate(cell_number(object, "loss"), loss, sizeof(loss));
	snprintf(text, sizeof(text), "%s of %s, %lld errors in %lld", loss,
		 cell_word(object, "direction"), cell_number(object, "errors"),
		 cell_number(object, "trials"));
	line("loss", text);
	optics_line("receiver", object, "");
	optics_line("sender", object, "far-");
	snprintf(text, sizeof(text), "%s, %lld other bad links",
		 cell_word(object, "component"), cell_number(object, "shared"));
	line("component", text);
}

static void accuracy_share(json_t *object, char *text, size_t size)
{
	long long done = cell_number(object, "done");

	if (done)
		snprintf(text, size, "%lld%%",
			 cell_number(object, "worked") * 100 / done);
	else
		snprintf(text, size, "-");
}

const struct column accuracy_columns[] = {
	{ "REPAIR", NULL, "repair", false, false },
	{ "DONE", NULL, "done", true, false },
	{ "WORKED", NULL, "worked", true, false },
	{ "SHARE", accuracy_share, NULL, true, false },
	{},
};

/* The host and the topology. */

static void host_helper(json_t *object, char *text, size_t size)
{
	char age[32];

	if (!cell_has(object, "helper")) {
		snprintf(text, size, "absent");
		return;
	}
	cell_msecs(cell_number(object, "helper-heard-ms"), age, sizeof(age));
	snprintf(text, size, "heard %s ago", age);
}

static void host_rtnl(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%.3fms", cell_number(object, "rtnl-max-ns") / 1e6);
}

const struct column host_columns[] = {
	{ "ID", NULL, "id", false, false },
	{ "LINKS", NULL, "links", true, false },
	{ "REPAIRS", NULL, "tickets", true, false },
	{ "TOPOLOGY", NULL, "topology", false, false },
	{ "HELPER", host_helper, NULL, false, false },
	{ "RTNL-MAX", host_rtnl, NULL, true, false },
	{},
};

static void cell_share(json_t *object, const char *key, char *text, size_t size)
{
	snprintf(text, size, "%.3g", cell_number(object, key) / 1000.0);
}

static void topology_capacity(json_t *object, char *text, size_t size)
{
	cell_share(object, "capacity", text, size);
}

static void topology_worst(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%s %.3g", cell_word(object, "worst"),
		 cell_number(object, "worst-share") / 1000.0);
}

static void topology_penalty(json_t *object, char *text, size_t size)
{
	cell_rate(cell_number(object, "penalty"), text, size);
}

static void topology_planned(json_t *object, char *text, size_t size)
{
	snprintf(text, size, "%lld%s", cell_number(object, "planned"),
		 cell_has(object, "proven") || !cell_number(object, "runs") ?
		 "" : " (not proven)");
}

const struct column topology_columns[] = {
	{ "CAPACITY", topology_capacity, NULL, true, false },
	{ "NODES", NULL, "nodes", true, false },
	{ "TORS", NULL, "tors", true, false },
	{ "LINKS", NULL, "links", true, false },
	{ "LOCAL", NULL, "local", true, false },
	{ "OUT", NULL, "out", true, false },
	{ "CORRUPTING", NULL, "corrupting", true, false },
	{ "PENALTY", topology_penalty, NULL, true, false },
	{ "WORST", topology_worst, NULL, false, false },
	{ "PLANNED", topology_planned, NULL, true, false },
	{ "CONTESTED", NULL, "contested", true, true },
	{ "RUNS", NULL, "runs", true, true },
	{ "STEPS", NULL, "steps", true, true },
	{ "CHECK-MAX-NS", NULL, "check-max-ns", true, true },
	{},
};

static void node_bound(json_t *object, char *text, size_t size)
{
	if (cell_has(object, "bound"))
		cell_share(object, "bound", text, size);
	else
		snprintf(text, size, "-");
}

const struct column node_columns[] = {
	{ "NAME", NULL, "name", false, false },
	{ "TIER", NULL, "tier", true, false },
	{ "PATHS", NULL, "paths", true, false },
	{ "OF", NULL, "paths-full", true, false },
	{ "NEED", NULL, "need", true, false },
	{ "CAPACITY", node_bound, NULL, true, false },
	{},
};

static void topo_link_loss(json_t *object, char *text, size_t size)
{
	cell_rate(cell_number(object, "loss"), text, size);
}

const struct column topo_link_columns[] = {
	{ "NAME", NULL, "name", false, false },
	{ "A", NULL, "a-name", false, false },
	{ "B", NULL, "b-name", false, false },
	{ "SERVICE", NULL, "service", false, false },
	{ "LOSS", topo_link_loss, NULL, true, false },
	{ "PLANNED", NULL, "planned", false, false },
	{ "LOCKED", NULL, "locked", true, true },
	{ "IFINDEX", NULL, "ifindex", true, true },
	{},
};
