// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds an eBPF program that accepts every packet at prerouting of IPv4 until it
 * is killed. Kernels from 6.4 on; elsewhere it says so and fails.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROG_LOAD		5
#define LINK_CREATE		28
#define PROG_TYPE_NETFILTER	32
#define ATTACH_NETFILTER	45

/* The beginnings of union bpf_attr, since the headers of the system may be older. */
struct load {
	uint32_t type;
	uint32_t count;
	uint64_t insns;
	uint64_t license;
	uint32_t level;
	uint32_t size;
	uint64_t buf;
	uint32_t version;
	uint32_t flags;
	char name[16];
	uint32_t ifindex;
	uint32_t attach;
};

struct link {
	uint32_t prog;
	uint32_t target;
	uint32_t attach;
	uint32_t flags;
	uint32_t pf;
	uint32_t hook;
	int32_t prio;
	uint32_t nf_flags;
	uint64_t pad[2];
};

int main(void)
{
	/* r0 = NF_ACCEPT; exit */
	static const uint64_t insns[] = { 0x00000001000000b7, 0x0000000000000095 };
	struct load load = {
		.type = PROG_TYPE_NETFILTER, .count = 2, .insns = (uintptr_t)insns,
		.license = (uintptr_t)"GPL", .attach = ATTACH_NETFILTER,
	};
	struct link link = { .attach = ATTACH_NETFILTER, .pf = 2, .hook = 0 };
	int prog, fd;

	prog = syscall(SYS_bpf, PROG_LOAD, &load, sizeof(load));
	if (prog < 0) {
		perror("ext_bpf: load");
		return 1;
	}
	link.prog = prog;
	fd = syscall(SYS_bpf, LINK_CREATE, &link, sizeof(link));
	if (fd < 0) {
		perror("ext_bpf: attach");
		return 1;
	}
	for (;;)
		pause();
}
