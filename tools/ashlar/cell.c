// SPDX-License-Identifier: GPL-2.0-only
/* How values look to people. */
#include <string.h>

#include "ashlar.h"

const char *cell_word(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

long long cell_number(json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool cell_has(json_t *object, const char *key)
{
	return json_object_get(object, key);
}

bool cell_is(json_t *object, const char *key, const char *word)
{
	return !strcmp(cell_word(object, key), word);
}

void cell_msecs(long long ms, char *text, size_t size)
{
	long long s = ms / 1000;

	if (ms < 1000)
		snprintf(text, size, "%lldms", ms);
	else if (s < 60)
		snprintf(text, size, "%lld.%llds", s, ms % 1000 / 100);
	else if (s < 3600)
		snprintf(text, size, "%lldm%llds", s / 60, s % 60);
	else if (s < 86400)
		snprintf(text, size, "%lldh%lldm", s / 3600, s % 3600 / 60);
	else
		snprintf(text, size, "%lldd%lldh", s / 86400, s % 86400 / 3600);
}

/* 3.2e-6 */
void cell_rate(long long rate, char *text, size_t size)
{
	double value = rate / 1e12;
	int exponent = 0;

	if (!rate) {
		snprintf(text, size, "0");
		return;
	}
	if (rate >= 1000000000000LL) {
		snprintf(text, size, "1");
		return;
	}
	while (value < 0.995) {
		value *= 10;
		exponent++;
	}
	snprintf(text, size, "%.2ge-%d", value, exponent);
}
