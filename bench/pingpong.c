// SPDX-License-Identifier: GPL-2.0-only
/*
 * pingpong - the cost of one operation between two network namespaces
 *
 * The parent forks a server and a client, each into its own namespace, and
 * the client times a fixed number of operations on CLOCK_MONOTONIC. Under
 * QEMU's -icount shift=N the guest's clock counts instructions, 2^N ns each:
 * on one processor the time is the work of both sides, exactly.
 *
 * Nothing but read, write, connect, accept and close happens between the two
 * clock readings; what is printed besides is gathered outside of them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Longer than any run takes in guest time; a hang must not look like work. */
#define TIMEOUT_SECONDS	120

enum mode { RR, CRR, CC, BULK };

static const char * const mode_names[] = {
	[RR] = "rr", [CRR] = "crr", [CC] = "cc", [BULK] = "bulk",
};

static struct {
	enum mode mode;
	size_t size;
	unsigned long ops;
	unsigned long warmup;
	int icount_shift;
	int cpu;
	const char *client_ns;
	const char *server_ns;
	struct sockaddr_in addr;
} opt = {
	.size = 1,
	.ops = 1000,
	.warmup = 100,
	.icount_shift = -1,
	.addr = { .sin_family = AF_INET },
};

static char *buf;

static void print_help(FILE *f)
{
	fputs("usage: pingpong [OPTION]... ADDR MODE [SIZE]\n"
	      "MODE is rr SIZE   SIZE bytes each way on one connection\n"
	      "        crr       connect, 1 byte each way, close\n"
	      "        cc        connect, close\n"
	      "        bulk SIZE one way, writes of SIZE bytes\n"
	      "  -c NETNS   the client's network namespace\n"
	      "  -s NETNS   the server's network namespace\n"
	      "  -p PORT    the server's port (5001)\n"
	      "  -n OPS     operations to time (1000)\n"
	      "  -w OPS     operations before that (100)\n"
	      "  -i SHIFT   the guest's icount shift: print instructions too\n"
	      "  -P CPU     run both sides on this processor (0)\n", f);
}

static void enter_netns(const char *name)
{
	char path[256];
	int fd;

	if (!name)
		return;

	snprintf(path, sizeof(path), "/var/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", path);
	if (setns(fd, CLONE_NEWNET))
		err(1, "setns %s", name);
	close(fd);
}

static void nodelay(int fd)
{
	int one = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		err(1, "TCP_NODELAY");
}

static void put(int fd, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0)
			err(1, "write");
		len -= n;
	}
}

/* Reads len bytes in pieces of at most opt.size; false at an early end. */
static int get(int fd, size_t len)
{
	while (len) {
		ssize_t n = read(fd, buf, len < opt.size ? len : opt.size);

		if (n < 0)
			err(1, "read");
		if (!n)
			return 0;
		len -= n;
	}
	return 1;
}

static int dial(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket");
	if (opt.mode != CC)
		nodelay(fd);
	if (connect(fd, (struct sockaddr *)&opt.addr, sizeof(opt.addr)))
		err(1, "connect");
	return fd;
}

static int answer(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		err(1, "accept");
	if (opt.mode != CC)
		nodelay(fd);
	return fd;
}

/* Retransmissions since boot of this process's network namespace. */
static unsigned long retransmissions(void)
{
	unsigned long n = 0;
	char line[1024];
	int field = 0;
	char *word;
	FILE *f;

	/* The second line of Tcp: holds the values; RetransSegs is the 12th. */
	f = fopen("/proc/thread-self/net/snmp", "r");
	if (!f)
		err(1, "snmp");
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Tcp: ", 5) || line[5] == 'R')
			continue;
		for (word = strtok(line, " "); word; word = strtok(NULL, " "))
			if (field++ == 12)
				n = strtoul(word, NULL, 10);
	}
	fclose(f);
	return n;
}

static void serve_one(int fd)
{
	switch (opt.mode) {
	case RR:
		while (get(fd, opt.size))
			put(fd, opt.size);
		break;
	case CRR:
		if (get(fd, 1))
			put(fd, 1);
		get(fd, 1);
		break;
	case CC:
		get(fd, 1);
		break;
	case BULK:
		get(fd, opt.warmup * opt.size);
		put(fd, 1);
		get(fd, opt.ops * opt.size);
		put(fd, 1);
		get(fd, 1);
		break;
	}
	close(fd);
}

static void serve(int listener)
{
	unsigned long n = 1;

	if (opt.mode == CRR || opt.mode == CC)
		n = opt.warmup + opt.ops;
	while (n--)
		serve_one(answer(listener));
}

/* Does n operations; fd is the connection where the mode keeps one. */
static void operate(int fd, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		switch (opt.mode) {
		case RR:
			put(fd, opt.size);
			if (!get(fd, opt.size))
				errx(1, "the server hung up");
			break;
		case CRR:
			fd = dial();
			put(fd, 1);
			if (!get(fd, 1))
				errx(1, "the server hung up");
			close(fd);
			break;
		case CC:
			close(dial());
			break;
		case BULK:
			put(fd, opt.size);
			break;
		}
	}
	if (opt.mode == BULK && !get(fd, 1))
		errx(1, "the server hung up");
}

static unsigned long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void run_client(void)
{
	unsigned long retrans = retransmissions();
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);
	unsigned long long start, ns;
	int fd = -1;

	if (opt.mode == RR || opt.mode == BULK)
		fd = dial();
	operate(fd, opt.warmup);
	start = now();
	operate(fd, opt.ops);
	ns = now() - start;

	if (fd >= 0) {
		getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
		close(fd);
	}

	printf("{\"mode\":\"%s\",\"size\":%zu,\"ops\":%lu,\"ns\":%llu,\"ns_per_op\":%.1f",
	       mode_names[opt.mode], opt.size, opt.ops, ns, (double)ns / opt.ops);
	if (opt.icount_shift >= 0)
		printf(",\"insns_per_op\":%.1f",
		       (double)(ns >> opt.icount_shift) / opt.ops);
	printf(",\"mss\":%u,\"retrans\":%lu}\n", info.tcpi_snd_mss,
	       retransmissions() - retrans);
}

static int run_listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int one = 1;

	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&opt.addr, sizeof(opt.addr)))
		err(1, "bind");
	if (listen(fd, 4096))
		err(1, "listen");
	return fd;
}

static unsigned long parse_ulong(const char *s)
{
	unsigned long n;
	char *end;

	n = strtoul(s, &end, 0);
	if (!*s || *end)
		errx(1, "\"%s\" is not a number", s);
	return n;
}

static void parse(int argc, char **argv)
{
	unsigned int port = 5001;
	size_t i;
	int c;

	while ((c = getopt(argc, argv, "c:s:p:n:w:i:P:h")) != -1) {
		switch (c) {
		case 'c':
			opt.client_ns = optarg;
			break;
		case 's':
			opt.server_ns = optarg;
			break;
		case 'p':
			port = parse_ulong(optarg);
			break;
		case 'n':
			opt.ops = parse_ulong(optarg);
			break;
		case 'w':
			opt.warmup = parse_ulong(optarg);
			break;
		case 'i':
			opt.icount_shift = parse_ulong(optarg);
			break;
		case 'P':
			opt.cpu = parse_ulong(optarg);
			break;
		case 'h':
			print_help(stdout);
			exit(0);
		default:
			print_help(stderr);
			exit(1);
		}
	}
	if (argc - optind < 2 || argc - optind > 3) {
		print_help(stderr);
		exit(1);
	}

	if (!inet_aton(argv[optind], &opt.addr.sin_addr))
		errx(1, "\"%s\" is not an address", argv[optind]);
	opt.addr.sin_port = htons(port);

	for (i = 0; i < sizeof(mode_names) / sizeof(*mode_names); i++)
		if (!strcmp(argv[optind + 1], mode_names[i]))
			break;
	if (i == sizeof(mode_names) / sizeof(*mode_names))
		errx(1, "\"%s\" is not a mode", argv[optind + 1]);
	opt.mode = i;
	if (argc - optind == 3)
		opt.size = parse_ulong(argv[optind + 2]);
	if (!opt.size || !opt.ops)
		errx(1, "there is nothing to do");
}

/* Forks; the child is in the namespace and dies with a hang. */
static pid_t spawn(const char *netns)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	alarm(TIMEOUT_SECONDS);
	enter_netns(netns);
	return 0;
}

static int reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (WIFSIGNALED(status))
		warnx("%s", WTERMSIG(status) == SIGALRM ? "timed out" : "killed");
	return status;
}

int main(int argc, char **argv)
{
	pid_t client, server;
	cpu_set_t set;
	int ready[2];
	char c;

	parse(argc, argv);
	buf = calloc(1, opt.size);
	if (!buf || pipe(ready))
		err(1, "setting up");
	memset(buf, 'a', opt.size);
	CPU_ZERO(&set);
	CPU_SET(opt.cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "processor %d", opt.cpu);

	server = spawn(opt.server_ns);
	if (!server) {
		int fd = run_listener();

		if (write(ready[1], "", 1) != 1)
			err(1, "pipe");
		serve(fd);
		exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1) {
		reap(server);
		return 1;
	}

	client = spawn(opt.client_ns);
	if (!client) {
		run_client();
		exit(0);
	}
	if (reap(client)) {
		kill(server, SIGTERM);
		reap(server);
		return 1;
	}
	return reap(server) ? 1 : 0;
}
