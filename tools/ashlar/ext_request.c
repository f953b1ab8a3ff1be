// SPDX-License-Identifier: GPL-2.0-only
/* "ext request": what an entry answers. */
#include <ctype.h>
#include <string.h>

#include "ext.h"

#define WIDTH	16

/* Sixteen bytes a line, with the characters that they may stand for. */
static void print_bytes(const unsigned char *bytes, int len)
{
	int i, k;

	for (i = 0; i < len; i += WIDTH) {
		printf("%04x ", i);
		for (k = i; k < i + WIDTH; k++)
			if (k < len)
				printf(" %02x", bytes[k]);
			else
				printf("   ");
		printf("  ");
		for (k = i; k < i + WIDTH && k < len; k++)
			putchar(isprint(bytes[k]) ? bytes[k] : '.');
		putchar('\n');
	}
}

static bool is_text(const unsigned char *bytes, int len)
{
	int i;

	for (i = 0; i < len; i++)
		if (!isprint(bytes[i]) && !isspace(bytes[i]))
			return false;
	return len > 0;
}

static void print_answer(json_t *answer)
{
	const char *data = json_string_value(json_object_get(answer, "data"));
	static unsigned char bytes[ASHLAR_EXT_REQUEST_MAX];
	int len = data ? parse_hex(data, bytes, sizeof(bytes)) : 0;

	if (is_text(bytes, len))
		printf("%.*s%s", len, bytes, bytes[len - 1] == '\n' ? "" : "\n");
	else
		print_bytes(bytes, len);
}

int ext_request_run(int argc, char **argv)
{
	json_t *answers = NULL, *answer;
	struct request req;
	long long result;
	int status;

	sock_request(&req, &ext_request_object, ext_request_verb.cmd, 0);
	status = parse_args(&req, &ext_request_verb, argc, argv);
	if (!status)
		status = show_ask(&req, &answers);
	if (status)
		return status;
	answer = json_array_get(answers, 0);
	result = cell_number(answer, "result");
	if (tool.json)
		show_json(answer);
	else
		print_answer(answer);
	if (result < 0)
		status = refused("the extension answers: %s",
				 strerror(-result));
	json_decref(answers);
	return status;
}
