// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pass and the run time of user space: runs every case of tests/native/ext/cases in the precise
 * and in the fast build, and compares how it ended, and on which line, with what stands in its
 * source.
 */
/* extension: tests/native/ext/cases */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "native.h"

#define DIR "tests/native/ext/cases"
#define CASES 500
#define SOURCES 3

struct want {
	char name[40];
	bool packet;
	char fault[2][24]; /* precise, fast; empty: none */
	int line; /* 0: any */
	const char *source;
};

static const char *const sources[SOURCES] = {"cases.c", "sure.c", "loops.c"};
static struct want cases[CASES];
static int nr_cases;

static void read_fault(struct want *w, const char *text, int line)
{
	const char *fast = strstr(text, "fast=");

	if (sscanf(text, "%23s", w->fault[0]) != 1)
		return;
	if (sscanf(fast ? fast + 5 : text, "%23s", w->fault[1]) != 1)
		return;
	if (!strcmp(w->fault[1], "ok"))
		w->fault[1][0] = 0;
	w->line = strstr(text, "line=any") ? 0 : line;
}

static struct want *find(const char *name)
{
	int i;

	for (i = 0; i < nr_cases; i++)
		if (!strcmp(cases[i].name, name))
			return &cases[i];
	fprintf(stderr, "no case %s\n", name);
	exit(1);
}

/*
 * One pass for the cases, one for what they end with, since a function that a case calls stands
 * before it.
 */
static void read_cases(const char *source, bool faults)
{
	struct want *w = NULL;
	char line[512], name[40], path[128];
	int n = 0, at;
	FILE *f;

	snprintf(path, sizeof(path), DIR "/%s", source);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *fault = strstr(line, "/* FAULT");
		bool packet = !strncmp(line, "PACKET(", 7);

		n++;
		if (sscanf(line, packet ? "PACKET(%39[a-z0-9_])" : "CASE(%39[a-z0-9_])", name) ==
		    1) {
			if (!faults && nr_cases < CASES) {
				strcpy(cases[nr_cases].name, name);
				cases[nr_cases].source = source;
				cases[nr_cases++].packet = packet;
			}
			w = faults ? find(name) : NULL;
		}
		if (!faults || !fault)
			continue;
		/* A comment that has its line for itself is about the next. */
		at = n + (strspn(line, "\t ") == (size_t)(fault - line));
		if (sscanf(fault, "/* FAULT(%39[a-z0-9_])", name) == 1)
			read_fault(find(name), strchr(fault, ')') + 1, at);
		else if (w)
			read_fault(w, fault + 8, at);
	}
	if (f)
		fclose(f);
}

/* Runs a case; what it wrote, and its status. */
static int run(const struct want *w, bool fast, char *said, size_t room)
{
	char command[256];
	size_t n;
	FILE *f;

	if (w->packet)
		snprintf(command, sizeof(command),
			 "build/ext/user%s/cases --entry %s --size 64 2>&1", fast ? "-fast" : "",
			 w->name);
	else
		snprintf(command, sizeof(command),
			 "build/ext/user%s/cases --no-packets --request %s 2>&1",
			 fast ? "-fast" : "", w->name);
	f = popen(command, "r");
	if (!f)
		return -1;
	n = fread(said, 1, room - 1, f);
	said[n] = 0;
	return WEXITSTATUS(pclose(f));
}

static bool good_end(const struct want *w, const char *said, int status)
{
	char line[64];

	snprintf(line, sizeof(line), "request %s: 0\n", w->name);
	return !status && (w->packet ? strstr(said, "accepted 1 ") : strstr(said, line));
}

static bool fault_end(const struct want *w, bool fast, const char *said, int status)
{
	const char *at = strstr(said, "  at ");
	char fault[64], where[64];

	snprintf(fault, sizeof(fault), "fault: %s (", w->fault[fast]);
	snprintf(where, sizeof(where), "  at %s:%d ", w->source, w->line);
	if (status != 3 || !strstr(said, fault))
		return false;
	/* With other checks another line may be the first to see it. */
	return !w->line || strcmp(w->fault[0], w->fault[1]) ||
	       (at && !strncmp(at, where, strlen(where)));
}

static void check(const struct want *w, bool fast)
{
	char said[16384];
	int status = run(w, fast, said, sizeof(said));
	bool good;

	if (w->fault[fast][0])
		good = fault_end(w, fast, said, status);
	else if (w->fault[0][0])
		good = !status;
	else
		good = good_end(w, said, status);
	ok(good, "%s%s", w->name, fast ? " --fast" : "");
	if (!good)
		printf("# wanted %s line %d, status %d, said:\n# %s\n", w->fault[fast], w->line,
		       status, said);
}

int main(void)
{
	int i, fast;

	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	for (i = 0; i < 2 * SOURCES; i++)
		read_cases(sources[i % SOURCES], i >= SOURCES);
	for (fast = 0; fast < 2; fast++) {
		if (!ok(!system(fast ? "scripts/ext-build --user --fast --no-gate " DIR
				       " >/dev/null" :
				       "scripts/ext-build --user --no-gate " DIR " >/dev/null"),
			"build%s", fast ? " --fast" : ""))
			continue;
		for (i = 0; i < nr_cases; i++)
			check(&cases[i], fast);
	}
	return done();
}
