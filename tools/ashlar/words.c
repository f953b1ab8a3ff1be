// SPDX-License-Identifier: GPL-2.0-only
/* Words of a command, read one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "topo.h"
#include "words.h"

static int number(const char *key, const char *word, u64 least, u64 most, u64 *value)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || n < least || n > most)
		return misuse("\"%s\": %s must be %llu to %llu", word, key,
			      (unsigned long long)least, (unsigned long long)most);
	*value = n;
	return STATUS_OK;
}

bool words_key_is(const struct words *words, const char *key)
{
	return !strcmp(words->argv[0], key);
}

int words_value(struct words *words, const char **value)
{
	const char *key = words->argv[0];

	if (words->argc < 2)
		return misuse("\"%s\": its value is missing", key);
	*value = words->argv[1];
	words->argv += 2;
	words->argc -= 2;
	return STATUS_OK;
}

int words_number(struct words *words, u64 least, u64 most, u64 *value)
{
	const char *key = words->argv[0], *word = "";
	int status = words_value(words, &word);

	return status ? status : number(key, word, least, most, value);
}

int words_capacity(struct words *words, u16 *bound)
{
	const char *word = "";
	int status = words_value(words, &word), n;

	if (status)
		return status;
	n = topo_capacity(word);
	if (n < 0)
		return misuse("\"%s\": capacity must be 0 to 1, to three digits", word);
	*bound = n;
	return STATUS_OK;
}

int words_unknown(const struct words *words, const char *verb)
{
	return misuse("\"%s\": topology %s knows no such key", words->argv[0], verb);
}

double words_real(json_t *object, const char *key)
{
	return json_real_value(json_object_get(object, key));
}

/* Rates to as many digits as they are known, and no more. */
void words_print(json_t *root)
{
	json_dumpf(root, stdout, (tool.pretty ? JSON_INDENT(4) : 0) | JSON_REAL_PRECISION(12));
	putchar('\n');
}
