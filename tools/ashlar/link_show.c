// SPDX-License-Identifier: GPL-2.0-only
/* How links, their history and repairs look to people: rows; link_detail.c shows one in full. */
#include <math.h>
#include <string.h>

#include "link_show.h"

/* The value of PREFIX-KEY. */
json_t *link_part(json_t *object, const char *prefix, const char *key)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", prefix, key);
	return json_object_get(object, name);
}

long long link_part_number(json_t *object, const char *prefix, const char *key)
{
	return json_integer_value(link_part(object, prefix, key));
}

const char *link_part_word(json_t *object, const char *prefix, const char *key)
{
	const char *word = json_string_value(link_part(object, prefix, key));

	return word ? word : "-";
}

/* 3.2e-6 [2.9e-6,3.6e-6], or how small it is at least. */
static void rate_text(json_t *object, const char *prefix, char *text,
		      size_t size)
{
	char loss[16], lower[16], upper[16];

	if (!link_part(object, prefix, "upper")) {
		*text = 0;
		return;
	}
	cell_rate(link_part_number(object, prefix, "upper"), upper, sizeof(upper));
	if (!link_part(object, prefix, "loss")) {
		snprintf(text, size, "<%s", upper);
		return;
	}
	cell_rate(link_part_number(object, prefix, "loss"), loss, sizeof(loss));
	cell_rate(link_part_number(object, prefix, "lower"), lower, sizeof(lower));
	snprintf(text, size, "%s [%s,%s]", loss, lower, upper);
}

void link_verdict(json_t *object, const char *prefix, char *text, size_t size)
{
	char rate[64];

	rate_text(object, prefix, rate, sizeof(rate));
	snprintf(text, size, "%s%s%s", link_part_word(object, prefix, "verdict"),
		 *rate ? " " : "", rate);
}

static void link_rx(json_t *object, char *text, size_t size)
{
	link_verdict(object, "rx-", text, size);
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
void link_sure(json_t *object, char *text, size_t size)
{
	const char *stream = cell_word(object, "rx-stream");
	long long bad = cell_number(object, "rx-evidence");
	long long good = cell_number(object, "rx-health");
	double miss = cell_number(object, "miss-per-million") / 1e6;
	char prefix[16];

	snprintf(prefix, sizeof(prefix), "%s-", stream);
	if (cell_is(object, "rx-verdict", "corrupting"))
		chance_text(link_part_number(object, prefix, "log-alpha") / 1000.0,
			    text, size);
	else if (cell_is(object, "rx-verdict", "healthy"))
		chance_text(good / 1000.0 * -log(miss), text, size);
	else if (cell_is(object, "rx-verdict", "unsupported"))
		snprintf(text, size, "-");
	else if (bad > good)
		snprintf(text, size, "%lld%% bad", bad / 10);
	else
		snprintf(text, size, "%lld%% good", good / 10);
}

void link_group(json_t *object, char *text, size_t size)
{
	if (cell_is(object, "group-kind", "none"))
		snprintf(text, size, "-");
	else if (cell_is(object, "group-kind", "nexthop"))
		snprintf(text, size, "nexthop:%lld",
			 cell_number(object, "group-id"));
	else
		snprintf(text, size, "%s", cell_word(object, "group-device"));
}

/* Members in service besides it, and how many must be. */
static void link_left(json_t *object, char *text, size_t size)
{
	if (cell_is(object, "group-kind", "none"))
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%lld/%lld",
			 cell_number(object, "group-left"),
			 cell_number(object, "keep"));
}

void link_state(json_t *object, char *text, size_t size)
{
	char age[32];

	if (cell_is(object, "state", "watch")) {
		snprintf(text, size, "watch");
		return;
	}
	cell_msecs(cell_number(object, "state-ms"), age, sizeof(age));
	snprintf(text, size, "%s %s", cell_word(object, "state"), age);
}

void link_why(json_t *object, char *text, size_t size)
{
	char left[32];

	cell_msecs(cell_number(object, "hold-ms"), left, sizeof(left));
	if (cell_is(object, "why", "none"))
		snprintf(text, size, "-");
	else if (cell_has(object, "violated"))
		snprintf(text, size, "topology: %s",
			 cell_word(object, "violated"));
	else if (cell_is(object, "why", "hold-down"))
		snprintf(text, size, "hold-down %s", left);
	else if (cell_number(object, "job-error"))
		snprintf(text, size, "%s: %s", cell_word(object, "why"),
			 strerror(cell_number(object, "job-error")));
	else
		snprintf(text, size, "%s", cell_word(object, "why"));
}

void link_peer(json_t *object, char *text, size_t size)
{
	if (cell_is(object, "peer", "none"))
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

	if (cell_is(object, "repair", "replace-component"))
		snprintf(text, size, "replace component %s",
			 cell_word(object, "component"));
	else if (cell_is(object, "repair", "replace-far-transceiver"))
		snprintf(text, size, "replace transceiver at %s",
			 end_of(object, false, direction));
	else if (cell_is(object, "repair", "replace-fibre"))
		snprintf(text, size, "replace fibre of %s",
			 cell_word(object, "device"));
	else if (cell_is(object, "repair", "clean-connector"))
		snprintf(text, size, "clean connector at %s", at);
	else if (cell_is(object, "repair", "reseat-transceiver"))
		snprintf(text, size, "reseat transceiver at %s", at);
	else if (cell_is(object, "repair", "replace-transceiver"))
		snprintf(text, size, "replace transceiver at %s", at);
	else
		snprintf(text, size, "-");
}

void link_do(json_t *object, char *text, size_t size)
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

void repair_do(json_t *object, char *text, size_t size)
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

void repair_opened(json_t *object, char *text, size_t size)
{
	cell_age(object, "opened-s", text, size);
}

void repair_done(json_t *object, char *text, size_t size)
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
