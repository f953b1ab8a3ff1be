/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tool knows of a netlink family. The tables are made from the spec
 * by scripts/gen/ynl-gen, so that JSON keys and the names of values are the
 * spec's.
 */
#ifndef ASHLAR_SPEC_H
#define ASHLAR_SPEC_H

#include <stdbool.h>

enum spec_type {
	SPEC_UNKNOWN,
	SPEC_PAD,
	SPEC_FLAG,
	SPEC_U8,
	SPEC_U16,
	SPEC_U32,
	SPEC_U64,
	SPEC_S32,
	SPEC_U16_HEX,
	SPEC_U32_HEX,
	SPEC_U64_HEX,
	SPEC_STRING,
	SPEC_BINARY,
	SPEC_BINARY_HEX,
	SPEC_ADDR,	/* 4 or 16 bytes */
};

struct spec_value {
	const char *name;
	const char *doc;
};

struct spec_enum {
	const char *name;
	unsigned int n;
	const struct spec_value *values;
};

struct spec_attr {
	const char *name;
	enum spec_type type;
	bool multi;		/* an array, one attribute for each element */
	const struct spec_enum *values;
	const char *doc;
};

struct spec_set {
	const char *name;
	unsigned int max;
	const struct spec_attr *attrs;
};

struct spec_op {
	const char *name;
	const char *set;
	bool notify;
};

struct spec_family {
	const char *name;
	unsigned int n_sets;
	const struct spec_set *sets;
	unsigned int n_ops;
	const struct spec_op *ops;
};

#endif /* ASHLAR_SPEC_H */
