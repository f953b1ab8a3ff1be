/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the objects "ext" and "map" share. */
#ifndef ASHLAR_TOOL_EXT_H
#define ASHLAR_TOOL_EXT_H

#include <sys/types.h>

#include <linux/ashlar_ext.h>

#include "ashlar.h"

/* Where "ext load" leaves a copy of each module, for the source lines of reports. */
#define EXT_DIR		"/run/ashlar/ext"

/* ext.c */
extern const struct verb ext_request_verb;

/* ext_show.c */
extern const struct column map_columns[];
extern const char *const ext_brief[], *const ext_instance_brief[];
extern const char *const ext_report_brief[];
/* All that the kernel shows of a part; one name's only if @name is not NULL. */
int ext_dump(const struct object *part, uint8_t cmd, uint16_t name_attr,
	     const char *name, uint16_t flag, json_t **array);
/* What /run/netns calls the namespace, or its number. */
void ext_netns(json_t *object, char *text, size_t size);
/* 4M, 64K, 4097 */
void ext_size(long long bytes, char *text, size_t size);

/* ext_file.c */

/**
 * struct ext_file - a module's file
 * @data: its bytes
 * @size: how many
 * @name: of the module, from .modinfo
 */
struct ext_file {
	unsigned char *data;
	size_t size;
	char name[64];
};

/* STATUS_OK, or what misuse() returned. */
int ext_file_read(struct ext_file *file, const char *path);
void ext_file_free(struct ext_file *file);
/*
 * The section that holds a symbol, and where in it the symbol is; false if
 * there is no such symbol.
 */
bool ext_file_symbol(const struct ext_file *file, const char *symbol,
		     char *section, size_t size, uint64_t *value);

/* ext_line.c: the functions and lines at an offset of a section, innermost first */
#define EXT_FRAMES	8
struct ext_frame {
	char function[64];
	char line[256];
};

unsigned int ext_lines(const char *path, const char *section, uint64_t offset,
		       struct ext_frame *frames);

#endif /* ASHLAR_TOOL_EXT_H */
