// SPDX-License-Identifier: GPL-2.0-only
/* From an offset in a module's file to functions and source lines, by the programs that can. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ext.h"

/* Runs a program and reads what it prints; NULL if it is not there or fails. */
static FILE *run(char *const *argv, pid_t *pid)
{
	int fds[2];

	if (pipe(fds))
		return NULL;
	*pid = fork();
	if (*pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		if (!freopen("/dev/null", "w", stderr))
			_exit(127);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	if (*pid < 0) {
		close(fds[0]);
		return NULL;
	}
	return fdopen(fds[0], "r");
}

static bool next_line(FILE *from, char *text, size_t size)
{
	if (!fgets(text, size, from))
		return false;
	text[strcspn(text, "\n")] = 0;
	return true;
}

/* "././a/c.c:12 (discriminator 2)" becomes "a/c.c:12". */
static void tidy(char *line)
{
	char *end = strstr(line, " ("), *begin = line;

	if (end)
		*end = 0;
	while (!strncmp(begin, "./", 2))
		begin += 2;
	memmove(line, begin, strlen(begin) + 1);
}

static unsigned int read_frames(FILE *from, struct ext_frame *frames)
{
	unsigned int n = 0;

	while (n < EXT_FRAMES &&
	       next_line(from, frames[n].function, sizeof(frames[n].function)) &&
	       next_line(from, frames[n].line, sizeof(frames[n].line))) {
		tidy(frames[n].line);
		if (!strncmp(frames[n].line, "??", 2))
			break;
		n++;
	}
	return n;
}

unsigned int ext_lines(const char *path, const char *section, uint64_t offset,
		       struct ext_frame *frames)
{
	static const char *const programs[] = {
		"addr2line", "llvm-addr2line", "llvm-addr2line-19",
	};
	unsigned int i, n = 0;
	char address[32];
	FILE *from;
	pid_t pid;

	snprintf(address, sizeof(address), "0x%llx", (unsigned long long)offset);
	for (i = 0; !n && i < sizeof(programs) / sizeof(*programs); i++) {
		/* The others have no sections to choose from: .text is what they take. */
		char *const argv[] = {
			(char *)programs[i], (char *)"-fie", (char *)path,
			(char *)(i ? address : "-j"), (char *)(i ? NULL : section),
			address, NULL,
		};

		from = run(argv, &pid);
		if (!from)
			continue;
		n = read_frames(from, frames);
		fclose(from);
		waitpid(pid, NULL, 0);
	}
	return n;
}
