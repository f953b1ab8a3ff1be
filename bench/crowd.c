// SPDX-License-Identifier: GPL-2.0-only
/*
 * crowd - hold many idle connections open between network namespaces
 *
 * Forks a server for each NETNS:ADDR and opens connections to them in turn,
 * from each source address in turn, each with one byte there and one back. Then
 * prints "ready" and holds them until stdin ends. They are reset at the end,
 * lest TIME_WAIT outlives them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT		6001
#define MAX_ADDRS	64

static struct in_addr sources[MAX_ADDRS], servers[MAX_ADDRS];
static unsigned int nsources, nservers;

static void enter_netns(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/var/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	if (setns(fd, CLONE_NEWNET))
		err(1, "setns %s", name);
	close(fd);
}

static struct in_addr parse_addr(const char *s)
{
	struct in_addr addr;

	if (!inet_aton(s, &addr))
		errx(1, "\"%s\" is not an address", s);
	return addr;
}

static int new_socket(struct in_addr addr, unsigned int port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET, .sin_addr = addr, .sin_port = htons(port),
	};
	struct linger linger = { .l_onoff = 1 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	/* Inherited by what a listener accepts. */
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one)))
		err(1, "setsockopt");
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)))
		err(1, "bind");
	return fd;
}

static void serve(struct in_addr addr, int ready)
{
	int listener = new_socket(addr, PORT);
	char c = 0;

	if (listen(listener, 4096))
		err(1, "listen");
	if (write(ready, &c, 1) != 1)
		err(1, "pipe");
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			err(1, "accept");
		if (read(fd, &c, 1) != 1 || write(fd, &c, 1) != 1)
			err(1, "server");
	}
}

static void connect_one(unsigned long i)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr = servers[i % nservers],
		.sin_port = htons(PORT),
	};
	int fd = new_socket(sources[i / nservers % nsources], 0);
	char c = 0;

	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
		err(1, "connection %lu", i);
	if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
		err(1, "client");
}

int main(int argc, char **argv)
{
	unsigned long i, n;
	struct rlimit lim;
	int ready[2];
	char *s, c;

	if (argc < 5 || argc - 4 > MAX_ADDRS)
		errx(1, "usage: crowd COUNT NETNS SOURCE[,SOURCE]... NETNS:SERVER...");
	n = strtoul(argv[1], NULL, 0);
	for (s = strtok(argv[3], ","); s && nsources < MAX_ADDRS; s = strtok(NULL, ","))
		sources[nsources++] = parse_addr(s);

	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = n + 64;
	if (lim.rlim_max < lim.rlim_cur)
		lim.rlim_max = lim.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &lim))
		err(1, "setrlimit");
	if (pipe(ready))
		err(1, "pipe");

	for (i = 4; i < (unsigned long)argc; i++) {
		s = strchr(argv[i], ':');
		if (!s)
			errx(1, "\"%s\" is not NETNS:ADDR", argv[i]);
		*s++ = 0;
		servers[nservers] = parse_addr(s);
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			enter_netns(argv[i]);
			serve(servers[nservers], ready[1]);
		}
		nservers++;
		if (read(ready[0], &c, 1) != 1)
			errx(1, "no server");
	}

	enter_netns(argv[2]);
	for (i = 0; i < n; i++)
		connect_one(i);
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
