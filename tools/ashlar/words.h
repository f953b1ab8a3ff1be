/* SPDX-License-Identifier: GPL-2.0-only */
/* Verbs that read their words themselves (VERB_LOCAL), and print by themselves. */
#ifndef ASHLAR_WORDS_H
#define ASHLAR_WORDS_H

#include "ashlar.h"

/**
 * struct words - the words of a command that are still to be read
 * @argc: how many
 * @argv: the words
 */
struct words {
	int argc;
	char **argv;
};

/* Is the next word this key? */
bool words_key_is(const struct words *words, const char *key);
/* A key and its value: STATUS_OK, or what misuse() returned. */
int words_value(struct words *words, const char **value);
int words_number(struct words *words, uint64_t least, uint64_t most, uint64_t *value);
int words_capacity(struct words *words, uint16_t *bound);
int words_unknown(const struct words *words, const char *verb);

double words_real(json_t *object, const char *key);
void words_print(json_t *root);

#endif /* ASHLAR_WORDS_H */
