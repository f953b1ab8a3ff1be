// SPDX-License-Identifier: GPL-2.0-only
/*
 * The object "map": entries. Keys and values are bytes to the kernel; how many, it
 * tells. A word is a number in the host's byte order, an address, or hex:DIGITS.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ext.h"

#define A(name) ASHLAR_EXT_A_ELEMENT_##name
#define M(name) ASHLAR_EXT_A_MAP_##name

/**
 * struct map_sizes - what is known of a map
 * @key: bytes of a key
 * @value: bytes of a value
 */
struct map_sizes {
	unsigned int key;
	unsigned int value;
};

static int map_sizes(const char *ext, const char *map, struct map_sizes *sizes)
{
	json_t *maps = NULL, *first;
	struct request req;
	int status;

	sock_request(&req, &map_object, ASHLAR_EXT_CMD_MAP_GET, 0);
	mnl_attr_put_strz(req.nlh, M(EXT), ext);
	mnl_attr_put_strz(req.nlh, M(NAME), map);
	status = show_ask(&req, &maps);
	first = json_array_get(maps, 0);
	sizes->key = cell_number(first, "key-size");
	sizes->value = cell_number(first, "value-size");
	json_decref(maps);
	return status;
}

static bool parse_number(const char *word, unsigned char *bytes,
			 unsigned int size)
{
	bool minus = *word == '-';
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(word + minus, &end, 0);
	if (!isdigit((unsigned char)word[minus]) || *end || errno || size > 8)
		return false;
	/* Little endian, as every machine that this runs on. */
	if (size < 8 && value >> (8 * size))
		return false;
	if (minus)
		value = -value;
	memcpy(bytes, &value, size);
	return true;
}

/* @what: "key" or "value" */
static int parse_bytes(const char *what, const char *word, unsigned char *bytes,
		       unsigned int size)
{
	int len;

	if (!strncmp(word, "hex:", 4)) {
		len = parse_hex(word + 4, bytes, size);
		if (len == (int)size)
			return STATUS_OK;
		return misuse("\"%.40s\": the %s is %u bytes, %u hexadecimal digits",
			      word, what, size, 2 * size);
	}
	if (size == 4 && inet_pton(AF_INET, word, bytes) == 1)
		return STATUS_OK;
	if (size == 16 && inet_pton(AF_INET6, word, bytes) == 1)
		return STATUS_OK;
	if (parse_number(word, bytes, size))
		return STATUS_OK;
	if (size > 8)
		return misuse("\"%.40s\": the %s is %u bytes: hex: and %u digits",
			      word, what, size, 2 * size);
	return misuse("\"%.40s\": the %s is a number of %u bytes, or hex: and %u digits",
		      word, what, size, 2 * size);
}

/* Sizes 1, 2, 4 and 8 may be numbers. */
static bool as_number(const char *digits, unsigned long long *value)
{
	size_t n = strlen(digits) / 2;

	*value = 0;
	if (n != 1 && n != 2 && n != 4 && n != 8)
		return false;
	return parse_hex(digits, (unsigned char *)value, n) == (int)n;
}

static void add_number(json_t *element, const char *key, const char *as)
{
	unsigned long long value;

	if (cell_has(element, key) && as_number(cell_word(element, key), &value))
		json_object_set_new(element, as, json_integer(value));
}

static void print_bytes(json_t *element, const char *key)
{
	const char *digits = cell_word(element, key);
	unsigned long long value;

	if (as_number(digits, &value))
		printf("%llu (hex:%s)", value, digits);
	else
		printf("hex:%s", digits);
}

static void print_elements(json_t *elements)
{
	json_t *element;
	size_t i;

	json_array_foreach(elements, i, element) {
		if (tool.json) {
			add_number(element, "key", "key-number");
			add_number(element, "value", "value-number");
			continue;
		}
		print_bytes(element, "key");
		fputs("  ", stdout);
		print_bytes(element, "value");
		putchar('\n');
	}
	if (tool.json)
		show_json(elements);
}

static const struct verb *map_verb(const char *name)
{
	return find_verb(&map_object, name);
}

/* The words of the verb, the key and the value apart. */
static int begin(struct request *req, uint8_t cmd, uint16_t flags,
		 const char *name, int argc, char **argv,
		 struct map_sizes *sizes)
{
	struct request words;
	int status;

	sock_request(&words, &ext_element_object, cmd, flags);
	status = parse_args(&words, map_verb(name), argc, argv);
	if (!status)
		status = map_sizes(argv[0], argv[1], sizes);
	if (status)
		return status;
	memcpy(req->buf, words.buf, words.nlh->nlmsg_len);
	req->nlh = (struct nlmsghdr *)req->buf;
	req->object = words.object;
	req->seen = words.seen;
	req->n_fds = 0;
	return STATUS_OK;
}

static int put_bytes(struct request *req, uint16_t attr, const char *what,
		     const char *word, unsigned int size)
{
	unsigned char bytes[ASHLAR_EXT_VALUE_MAX];
	int status;

	if (size > sizeof(bytes))
		return refused("the %s has %u bytes, too many for this tool",
			       what, size);
	status = parse_bytes(what, word, bytes, size);
	if (!status)
		mnl_attr_put(req->nlh, attr, size, bytes);
	return status;
}

static int show_elements(struct request *req)
{
	json_t *elements = NULL;
	int status = show_ask(req, &elements);

	if (!status)
		print_elements(elements);
	json_decref(elements);
	return status;
}

int map_get_run(int argc, char **argv)
{
	struct map_sizes sizes;
	struct request req;
	int status;

	status = begin(&req, ASHLAR_EXT_CMD_ELEMENT_GET, 0, "get", argc, argv,
		       &sizes);
	if (!status)
		status = put_bytes(&req, A(KEY), "key", argv[2], sizes.key);
	return status ? status : show_elements(&req);
}

int map_dump_run(int argc, char **argv)
{
	struct map_sizes sizes;
	struct request req;
	int status;

	status = begin(&req, ASHLAR_EXT_CMD_ELEMENT_GET, NLM_F_DUMP, "dump",
		       argc, argv, &sizes);
	if (status)
		return status;
	return show_elements(&req);
}

static int change(struct request *req)
{
	int status = sock_open(req->object);

	if (status)
		return status;
	sock_address(req);
	return sock_change(req);
}

int map_set_run(int argc, char **argv)
{
	struct map_sizes sizes;
	struct request req;
	int status;

	status = begin(&req, ASHLAR_EXT_CMD_ELEMENT_SET, NLM_F_ACK, "set", argc,
		       argv, &sizes);
	if (!status)
		status = put_bytes(&req, A(KEY), "key", argv[2], sizes.key);
	if (!status)
		status = put_bytes(&req, A(VALUE), "value", argv[3], sizes.value);
	return status ? status : change(&req);
}

int map_del_run(int argc, char **argv)
{
	struct map_sizes sizes;
	struct request req;
	int status;

	status = begin(&req, ASHLAR_EXT_CMD_ELEMENT_DEL, NLM_F_ACK, "del", argc,
		       argv, &sizes);
	if (!status)
		status = put_bytes(&req, A(KEY), "key", argv[2], sizes.key);
	return status ? status : change(&req);
}
