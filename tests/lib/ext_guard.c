// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into an extension's program: puts a pattern on both sides of its region, where the
 * kernel would have what belongs to others, and looks at the end whether it is as it was. Status
 * 77: it is not.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIDE	0x100000UL
#define PATTERN	0xa5

static unsigned char *sides[8];
static int count;

void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t off)
{
	unsigned char *whole;

	if (at || prot != PROT_NONE || size < (32UL << 20) || count == 8)
		return (void *)syscall(SYS_mmap, at, size, prot, flags, fd, off);
	whole = (void *)syscall(SYS_mmap, NULL, size + 2 * SIDE, PROT_NONE, flags, -1, 0);
	if (whole == MAP_FAILED)
		return whole;
	sides[count++] = whole;
	sides[count++] = whole + SIDE + size;
	for (int i = count - 2; i < count; i++) {
		mprotect(sides[i], SIDE, PROT_READ | PROT_WRITE);
		memset(sides[i], PATTERN, SIDE);
	}
	return whole + SIDE;
}

__attribute__((destructor)) static void look(void)
{
	for (int i = 0; i < count; i++)
		for (unsigned long k = 0; k < SIDE; k++)
			if (sides[i][k] != PATTERN) {
				fprintf(stderr, "guard: byte %lu of side %d is 0x%02x\n", k, i,
					sides[i][k]);
				_exit(77);
			}
	if (!count)
		_exit(78);
}
