// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver: an extension as a program. See usage().
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "extrun.h"

static void usage(FILE *to)
{
	fprintf(to,
		"%.32s %.32s: an extension as a program\n"
		"\n"
		"  --pcap FILE          feeds the packets of a file (Ethernet or raw IP)\n"
		"  --generate N         feeds N made packets of UDP (default 1)\n"
		"  --flows N --size N   of those: flows (1000), bytes (64)\n"
		"  --entry NAME         which hook (default: the first)\n"
		"  --map NAME=KEY:VALUE sets a value of an array, in hexadecimal digits; may be given again\n"
		"  --request NAME=HEX   asks an EXT_REQUEST entry, prints its answer; may be given again\n"
		"  --no-packets         only start, ask, and run timers\n"
		"  --hook N --in N --out N   hook number (0), ifindex in (1) and out (2)\n"
		"  --linear N           bytes of each packet that are linear (all)\n"
		"  --time MS            after the packets, lets so much time pass\n"
		"  --fuel N --memory N  quotas (1000000, 16777216)\n"
		"  --rounds N           feeds all that often, and tells the time per packet\n"
		"  --verbose            a line for each packet\n"
		"  --quiet              totals only\n"
		"\n"
		"Status: 0 all well, 1 misuse, 2 not started, 3 a fault ended it.\n",
		ashlar_ext_info.name, ashlar_ext_info.version);
}

enum {
	PCAP = 256,
	GENERATE,
	FLOWS,
	SIZE,
	ENTRY,
	REQUEST,
	NO_PACKETS,
	HOOK,
	IN,
	OUT,
	LINEAR,
	TIME,
	FUEL,
	MEMORY,
	ROUNDS,
	MAP,
	VERBOSE,
	QUIET,
	HELP
};

static const struct option words[] = { { "pcap", 1, NULL, PCAP },
				       { "generate", 1, NULL, GENERATE },
				       { "flows", 1, NULL, FLOWS },
				       { "size", 1, NULL, SIZE },
				       { "entry", 1, NULL, ENTRY },
				       { "request", 1, NULL, REQUEST },
				       { "no-packets", 0, NULL, NO_PACKETS },
				       { "hook", 1, NULL, HOOK },
				       { "in", 1, NULL, IN },
				       { "out", 1, NULL, OUT },
				       { "linear", 1, NULL, LINEAR },
				       { "time", 1, NULL, TIME },
				       { "fuel", 1, NULL, FUEL },
				       { "memory", 1, NULL, MEMORY },
				       { "rounds", 1, NULL, ROUNDS },
				       { "verbose", 0, NULL, VERBOSE },
				       { "quiet", 0, NULL, QUIET },
				       { "map", 1, NULL, MAP },
				       { "help", 0, NULL, HELP },
				       {} };

static struct {
	const char *pcap, *entry, *requests[64], *maps[64];
	u64 generate, time, rounds;
	u32 flows, size, in, out, linear, nr_requests, nr_maps;
	u8 hook;
	bool no_packets;
} args = {
	.generate = 1, .rounds = 1, .flows = 1000, .size = 64, .in = 1, .out = 2, .linear = ~0U
};

static u64 verdicts[2], packets;

static u64 to_number(const char *text)
{
	char *rest;
	u64 v;

	errno = 0;
	v = strtoull(text, &rest, 0);
	if (errno || *rest || !*text) {
		fprintf(stderr, "\"%s\" is no number\n", text);
		exit(1);
	}
	return v;
}

static void read_word(int word)
{
	switch (word) {
	case PCAP:
		args.pcap = optarg;
		break;
	case GENERATE:
		args.generate = to_number(optarg);
		break;
	case FLOWS:
		args.flows = to_number(optarg);
		break;
	case SIZE:
		args.size = to_number(optarg);
		break;
	case ENTRY:
		args.entry = optarg;
		break;
	case REQUEST:
		if (args.nr_requests < 64)
			args.requests[args.nr_requests++] = optarg;
		break;
	case MAP:
		if (args.nr_maps < 64)
			args.maps[args.nr_maps++] = optarg;
		break;
	case NO_PACKETS:
		args.no_packets = true;
		break;
	case HOOK:
		args.hook = to_number(optarg);
		break;
	case IN:
		args.in = to_number(optarg);
		break;
	case OUT:
		args.out = to_number(optarg);
		break;
	case LINEAR:
		args.linear = to_number(optarg);
		break;
	case TIME:
		args.time = to_number(optarg);
		break;
	case FUEL:
		er_options.fuel = to_number(optarg);
		break;
	case MEMORY:
		er_options.memory = to_number(optarg);
		break;
	case ROUNDS:
		args.rounds = to_number(optarg);
		break;
	case VERBOSE:
		er_options.verbose = true;
		break;
	case QUIET:
		er_options.quiet = true;
		break;
	case HELP:
		usage(stdout);
		exit(0);
	default:
		exit(1);
	}
}

/* NAME=HEX */
static void request(const char *text)
{
	static u8 bytes[65536];
	const char *eq = strchr(text, '=');
	const struct ashlar_ext_entry *e;
	char name[ASHLAR_EXT_NAME] = "";
	u32 n = 0, i, room = 4096;
	struct er_result r;
	u8 *in, *out;

	strncpy(name, text,
		eq ? (size_t)(eq - text) < sizeof(name) - 1 ? (size_t)(eq - text) :
							      sizeof(name) - 1 :
		     sizeof(name) - 1);
	e = er_entry(name, ASHLAR_EXT_ENTRY_REQUEST);
	if (!e) {
		fprintf(stderr, "no request \"%s\"\n", name);
		exit(1);
	}
	for (; eq && eq[1] && eq[2] && n < sizeof(bytes); eq += 2)
		bytes[n++] = strtoul((char[]){ eq[1], eq[2], 0 }, NULL, 16);
#ifdef EXTRUN_ORACLE
	in = malloc(n ? n : 1);
	out = malloc(room);
#else
	in = (u8 *)er_take(n ? n : 1);
	out = (u8 *)er_take(room);
#endif
	memcpy(in, bytes, n);
	r = er_run(e, (u64)in, n, (u64)out, room);
	if (!r.code && (s32)r.value > (s32)room)
		r.code = er_wrong(e, ASHLAR_EXT_FAULT_ARGUMENT, r.value);
	if (r.code)
		return;
	printf("request %s: %d", name, (s32)r.value);
	for (i = 0; (s32)r.value > 0 && i < r.value && i < room; i++)
		printf("%s%02x", i ? "" : " ", out[i]);
	putchar('\n');
#ifdef EXTRUN_ORACLE
	free(in);
	free(out);
#else
	er_give((u64)in);
	er_give((u64)out);
#endif
}

static void feed(const struct ashlar_ext_entry *hook, const struct er_source *s)
{
	struct er_result r;
	u32 len;

	if (1000000000 + s->time > er_clock)
		er_clock = 1000000000 + s->time;
	r = er_run_packet(hook, s->bytes, s->len, args.linear, args.in, args.out, args.hook);
	packets++;
	if (r.code)
		return;
	verdicts[r.value & 1]++;
	if (er_options.verbose) {
		const u8 *p = er_pkt_end(&(struct ashlar_ext_ctx){ 0 }, &len);

		printf("packet %llu: %s, %u bytes", (unsigned long long)packets,
		       r.value ? "accept" : "drop", len);
		for (u32 i = 0; i < len && i < 64; i++)
			printf("%s%02x", i ? "" : " ", p[i]);
		putchar('\n');
	}
	er_sync_run();
}

static void feed_all(const struct ashlar_ext_entry *hook)
{
	struct er_source s;
	u64 i, first = 0;

	if (args.pcap) {
		if (!er_pcap_open(args.pcap)) {
			fprintf(stderr, "%s: no pcap file of Ethernet or IP\n", args.pcap);
			exit(1);
		}
		while (!er_dead && er_pcap_next(&s)) {
			first = first ? first : s.time;
			s.time -= first;
			feed(hook, &s);
		}
		return;
	}
	for (i = 0; i < args.generate && !er_dead; i++) {
		er_generate(&s, i, args.flows, args.size);
		feed(hook, &s);
	}
}

int main(int argc, char **argv)
{
	const struct ashlar_ext_entry *hook;
	struct timespec a, b;
	u64 ns;
	u32 i;
	int word;

	while ((word = getopt_long(argc, argv, "h", words, NULL)) != -1)
		read_word(word);
	if (optind < argc) {
		fprintf(stderr, "what is \"%s\"?\n", argv[optind]);
		return 1;
	}
	if (!er_instance_init()) {
		printf("not started\n");
		return er_dead ? 3 : 2;
	}
	hook = er_entry(args.entry, args.entry ? 0 : ASHLAR_EXT_ENTRY_HOOK);
	if (args.entry && !hook) {
		fprintf(stderr, "no entry \"%s\"\n", args.entry);
		return 1;
	}
	for (i = 0; i < args.nr_maps; i++) {
		if (!er_map_set(args.maps[i])) {
			fprintf(stderr, "no array, key or value like \"%s\"\n", args.maps[i]);
			return 1;
		}
	}
	for (i = 0; i < args.nr_requests && !er_dead; i++)
		request(args.requests[i]);
	er_sync_run();
	clock_gettime(CLOCK_MONOTONIC, &a);
	if (hook && !args.no_packets && hook->kind == ASHLAR_EXT_ENTRY_HOOK)
		for (; args.rounds && !er_dead; args.rounds--)
			feed_all(hook);
	else if (args.entry)
		er_run(hook, 0, 0, 0, 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	for (; args.time && !er_dead; args.time--) {
		er_clock += 1000000;
		er_sync_run();
	}
	ns = (b.tv_sec - a.tv_sec) * 1000000000ULL + b.tv_nsec - a.tv_nsec;
	printf("packets %llu accepted %llu dropped %llu sent %u fuel-max %llu ns-per-packet %llu%s\n",
	       (unsigned long long)packets, (unsigned long long)verdicts[1],
	       (unsigned long long)verdicts[0], er_sent, (unsigned long long)er_used_max,
	       (unsigned long long)(packets ? ns / packets : 0), er_dead ? " quarantined" : "");
	if (er_pkts_owned() || er_devs_owned() || er_objects || er_blocks || er_timers())
		printf("held at the end: packets %u devices %u objects %u blocks %u timers %u\n",
		       er_pkts_owned(), er_devs_owned(), er_objects, er_blocks, er_timers());
	if (!er_dead)
		er_instance_fini();
	return er_dead ? 3 : 0;
}
