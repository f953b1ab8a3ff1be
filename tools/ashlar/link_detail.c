// SPDX-License-Identifier: GPL-2.0-only
/* One link, or one repair, with all that is known of it: a title and what belongs there. */
#include <math.h>
#include <string.h>

#include "link_show.h"

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

	link_verdict(object, prefix, verdict, sizeof(verdict));
	if (link_part(object, prefix, "trials"))
		snprintf(text, sizeof(text), "%s, %lld errors in %lld %s", verdict,
			 link_part_number(object, prefix, "errors"),
			 link_part_number(object, prefix, "trials"),
			 !strcmp(link_part_word(object, prefix, "stream"), "fec") ?
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
	if (!link_part(object, prefix, "verdict")) {
		snprintf(text, sizeof(text), "support %s",
			 link_part_word(object, prefix, "support"));
		line(title, text);
		return;
	}
	snprintf(text, sizeof(text),
		 "%s, %lld errors in %lld, bad %.1f%% by %lld samples, good %.1f%%, %lld more for good%s",
		 link_part_word(object, prefix, "verdict"),
		 link_part_number(object, prefix, "errors"),
		 link_part_number(object, prefix, "trials"),
		 link_part_number(object, prefix, "evidence") / 10.0,
		 link_part_number(object, prefix, "events"),
		 link_part_number(object, prefix, "health") / 10.0,
		 link_part_number(object, prefix, "missing"),
		 !strcmp(link_part_word(object, prefix, "support"), "silent") ?
		 " (never seen to count)" :
		 !strcmp(link_part_word(object, prefix, "support"), "blind") ?
		 " (no witness: did not see why)" : "");
	line(title, text);
}

static double dbm(long long power)
{
	return power > 0 ? 10 * log10(power / 10000.0) : -40;
}

static void optics_line(const char *title, json_t *object, const char *prefix)
{
	const char *state = link_part_word(object, prefix, "optics-state");
	char text[256];

	if (!link_part(object, prefix, "rx-power")) {
		line(title, state);
		return;
	}
	snprintf(text, sizeof(text),
		 "tx %.1f dBm%s, rx %.1f dBm%s, low below %.1f and %.1f%s%s",
		 dbm(link_part_number(object, prefix, "tx-power")),
		 link_part_number(object, prefix, "tx-power") <
		 link_part_number(object, prefix, "tx-low") ? " LOW" : "",
		 dbm(link_part_number(object, prefix, "rx-power")),
		 link_part_number(object, prefix, "rx-power") <
		 link_part_number(object, prefix, "rx-low") ? " LOW" : "",
		 dbm(link_part_number(object, prefix, "tx-low")),
		 dbm(link_part_number(object, prefix, "rx-low")),
		 link_part(object, prefix, "optics-thresholds") ? "" :
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
	line("group", cell_is(object, "group-kind", "none") ? "none" : text);
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
