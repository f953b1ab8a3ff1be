/* SPDX-License-Identifier: GPL-2.0-only */
/* What the row of a link or a repair and the text about one of them share. */
#ifndef ASHLAR_TOOL_LINK_SHOW_H
#define ASHLAR_TOOL_LINK_SHOW_H

#include "ashlar.h"

/* The value of PREFIX-KEY. */
json_t *link_part(json_t *object, const char *prefix, const char *key);
long long link_part_number(json_t *object, const char *prefix, const char *key);
const char *link_part_word(json_t *object, const char *prefix, const char *key);

/* The verdict of PREFIX, and the loss rate if there is one. */
void link_verdict(json_t *object, const char *prefix, char *text, size_t size);

/* Cells; see struct column. */
void link_sure(json_t *object, char *text, size_t size);
void link_group(json_t *object, char *text, size_t size);
void link_state(json_t *object, char *text, size_t size);
void link_why(json_t *object, char *text, size_t size);
void link_peer(json_t *object, char *text, size_t size);
void link_do(json_t *object, char *text, size_t size);
void repair_do(json_t *object, char *text, size_t size);
void repair_opened(json_t *object, char *text, size_t size);
void repair_done(json_t *object, char *text, size_t size);

#endif /* ASHLAR_TOOL_LINK_SHOW_H */
