/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unsafe twins of tests/ext/bugs: the same bug in ordinary kernel code, to show that a kernel has
 * no mercy with it. Each runs in the process that asks for it. The parameter is what the compiler
 * must not know.
 */
#ifndef EXTBUGS_H
#define EXTBUGS_H

#include <linux/types.h>

/**
 * struct twin - a bug
 * @name: that of the suite's
 * @run: does it; returns a value to be read, if it returns
 * @n: its parameter
 */
struct twin {
	const char *name;
	u64 (*run)(u64 n);
	u64 n;
};

extern const struct twin extbugs_memory[];
extern const struct twin extbugs_flow[];
extern const struct twin extbugs_owned[];
extern const struct twin extbugs_locks[];

#endif /* EXTBUGS_H */
