// SPDX-License-Identifier: GPL-2.0-only
/* How a word of the command line becomes a netlink attribute. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ashlar.h"

#define NETNS_DIR	"/run/netns"
#define KEY_LEN		16

static bool number(const char *word, unsigned long max, unsigned long *value)
{
	char *end;

	if (!isdigit((unsigned char)*word))
		return false;
	errno = 0;
	*value = strtoul(word, &end, 0);
	return !*end && !errno && *value <= max;
}

int put_string(struct request *req, const struct arg *arg, const char *word)
{
	/* The kernel says what a name may look like; only the size matters. */
	if (strlen(word) > 255)
		return misuse("\"%.20s...\": too long", word);
	mnl_attr_put_strz(req->nlh, arg->attr, word);
	return STATUS_OK;
}

int put_u8(struct request *req, const struct arg *arg, const char *word)
{
	unsigned long value;

	if (!number(word, UINT8_MAX, &value))
		return misuse("\"%s\": %s is a number up to 255", word,
			      arg->key ? arg->key : arg->value);
	mnl_attr_put_u8(req->nlh, arg->attr, value);
	return STATUS_OK;
}

int put_u16(struct request *req, const struct arg *arg, const char *word)
{
	unsigned long value;

	if (!number(word, UINT16_MAX, &value))
		return misuse("\"%s\": %s is a number up to 65535", word,
			      arg->key ? arg->key : arg->value);
	mnl_attr_put_u16(req->nlh, arg->attr, value);
	return STATUS_OK;
}

int put_u32(struct request *req, const struct arg *arg, const char *word)
{
	unsigned long value;

	if (!number(word, UINT32_MAX, &value))
		return misuse("\"%s\": %s is a number", word,
			      arg->key ? arg->key : arg->value);
	mnl_attr_put_u32(req->nlh, arg->attr, value);
	return STATUS_OK;
}

/* An identifier: hexadecimal, with 0x or without. */
int put_u64_hex(struct request *req, const struct arg *arg, const char *word)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, 16);
	if (!isxdigit((unsigned char)*word) || *end || errno)
		return misuse("\"%s\": %s is a hexadecimal number of 64 bits",
			      word, arg->key ? arg->key : arg->value);
	mnl_attr_put_u64(req->nlh, arg->attr, value);
	return STATUS_OK;
}

/* The kernel counts in 1e-12. */
int put_loss(struct request *req, const struct arg *arg, const char *word)
{
	double value;
	char *end;

	errno = 0;
	value = strtod(word, &end);
	if (!isdigit((unsigned char)*word) || *end || errno || value < 0 ||
	    value > 1)
		return misuse("\"%s\": %s is a rate between 0 and 1, such as 1e-8",
			      word, arg->key ? arg->key : arg->value);
	mnl_attr_put_u64(req->nlh, arg->attr, value * 1e12 + 0.5);
	return STATUS_OK;
}

int put_local(struct request *req, const struct arg *arg, const char *word)
{
	(void)req;
	(void)arg;
	(void)word;
	return STATUS_OK;
}

int put_flag(struct request *req, const struct arg *arg, const char *word)
{
	(void)word;
	mnl_attr_put(req->nlh, arg->attr, 0, NULL);
	return STATUS_OK;
}

int put_s32(struct request *req, const struct arg *arg, const char *word)
{
	bool minus = *word == '-';
	unsigned long value;

	if (!number(word + minus, INT32_MAX + (unsigned long)minus, &value))
		return misuse("\"%s\": %s is a number, of 32 bits with sign",
			      word, arg->key ? arg->key : arg->value);
	mnl_attr_put_u32(req->nlh, arg->attr, minus ? -value : value);
	return STATUS_OK;
}

int put_u64(struct request *req, const struct arg *arg, const char *word)
{
	unsigned long value;

	if (!number(word, UINT64_MAX, &value))
		return misuse("\"%s\": %s is a number", word,
			      arg->key ? arg->key : arg->value);
	mnl_attr_put_u64(req->nlh, arg->attr, value);
	return STATUS_OK;
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* A decimal number and one of the units, the last of which has no name. */
static bool amount(const char *word, const struct unit *unit, uint64_t *value)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(word, &end, 10);
	if (!isdigit((unsigned char)*word) || errno)
		return false;
	while (unit->name && strcmp(unit->name, end))
		unit++;
	return unit->name && !__builtin_mul_overflow(n, unit->factor, value);
}

int put_size(struct request *req, const struct arg *arg, const char *word)
{
	static const struct unit units[] = {
		{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 },
		{},
	};
	uint64_t value;

	if (!amount(word, units, &value))
		return misuse("\"%s\": %s is a size such as 65536, 64K or 4M",
			      word, arg->key);
	mnl_attr_put_u64(req->nlh, arg->attr, value);
	return STATUS_OK;
}

int put_msecs(struct request *req, const struct arg *arg, const char *word)
{
	static const struct unit units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, {},
	};
	uint64_t value;

	if (!amount(word, units, &value) || value > UINT32_MAX)
		return misuse("\"%s\": %s is a time such as 500ms, 30s or 5m",
			      word, arg->key);
	mnl_attr_put_u32(req->nlh, arg->attr, value);
	return STATUS_OK;
}

int put_usecs(struct request *req, const struct arg *arg, const char *word)
{
	unsigned long value;

	if (!number(word, UINT32_MAX, &value))
		return misuse("\"%s\": %s is a number of microseconds", word,
			      arg->key);
	mnl_attr_put_u64(req->nlh, arg->attr, value * 1000);
	return STATUS_OK;
}

int put_percent(struct request *req, const struct arg *arg, const char *word)
{
	double value;
	char *end;

	value = strtod(word, &end);
	if (*end == '%')
		end++;
	if (!isdigit((unsigned char)*word) || *end || !(value <= 100))
		return misuse("\"%s\": %s is a share up to 100%%", word, arg->key);
	mnl_attr_put_u32(req->nlh, arg->attr, value * 10 + 0.5);
	return STATUS_OK;
}

static bool parse_addr(const char *word, unsigned char *addr, size_t *len)
{
	*len = 4;
	if (inet_pton(AF_INET, word, addr) == 1)
		return true;
	*len = 16;
	return inet_pton(AF_INET6, word, addr) == 1;
}

int put_addr(struct request *req, const struct arg *arg, const char *word)
{
	unsigned char addr[16];
	size_t len;

	if (!parse_addr(word, addr, &len))
		return misuse("\"%s\": not an address", word);
	mnl_attr_put(req->nlh, arg->attr, len, addr);
	return STATUS_OK;
}

/* ADDR:PORT */
int put_addr_port(struct request *req, const struct arg *arg, const char *word)
{
	const char *colon = strrchr(word, ':');
	unsigned char addr[16];
	unsigned long port;
	char text[64];
	size_t len;

	if (!colon || (size_t)(colon - word) >= sizeof(text) ||
	    !number(colon + 1, UINT16_MAX, &port))
		return misuse("\"%s\": not an address and port (ADDR:PORT)", word);
	memcpy(text, word, colon - word);
	text[colon - word] = 0;
	if (!parse_addr(text, addr, &len))
		return misuse("\"%s\": not an address", text);
	mnl_attr_put(req->nlh, arg->attr, len, addr);
	mnl_attr_put_u16(req->nlh, arg->attr2, port);
	return STATUS_OK;
}

/* ADDR, ADDR/LEN or "any" */
int put_prefix(struct request *req, const struct arg *arg, const char *word)
{
	const char *slash = strchr(word, '/');
	unsigned char addr[16];
	unsigned long bits;
	char text[64];
	size_t len;

	if (!strcmp(word, "any"))
		return STATUS_OK;
	len = slash ? (size_t)(slash - word) : strlen(word);
	if (len >= sizeof(text))
		return misuse("\"%s\": not a prefix", word);
	memcpy(text, word, len);
	text[len] = 0;
	if (!parse_addr(text, addr, &len))
		return misuse("\"%s\": not a prefix", word);
	bits = len * 8;
	if (slash && !number(slash + 1, len * 8, &bits))
		return misuse("\"%s\": a prefix of this family has at most %zu bits",
			      word, len * 8);
	mnl_attr_put(req->nlh, arg->attr, len, addr);
	mnl_attr_put_u8(req->nlh, arg->attr2, bits);
	return STATUS_OK;
}

/* LO-HI, or one port for both */
int put_range(struct request *req, const struct arg *arg, const char *word)
{
	const char *dash = strchr(word, '-');
	unsigned long lo, hi;
	char text[16];
	size_t len;

	len = dash ? (size_t)(dash - word) : strlen(word);
	if (len >= sizeof(text))
		return misuse("\"%s\": not a range of ports (LO-HI)", word);
	memcpy(text, word, len);
	text[len] = 0;
	if (!number(text, UINT16_MAX, &lo) ||
	    !number(dash ? dash + 1 : text, UINT16_MAX, &hi))
		return misuse("\"%s\": not a range of ports (LO-HI)", word);
	mnl_attr_put_u16(req->nlh, arg->attr, lo);
	mnl_attr_put_u16(req->nlh, arg->attr2, hi);
	return STATUS_OK;
}

int put_device(struct request *req, const struct arg *arg, const char *word)
{
	unsigned int ifindex = if_nametoindex(word);

	if (!ifindex && !strcmp(word, "none"))
		ifindex = 0;
	else if (!ifindex)
		return misuse("\"%s\": no such device", word);
	mnl_attr_put_u32(req->nlh, arg->attr, ifindex);
	return STATUS_OK;
}

/* DEV[,DEV..] */
int put_devices(struct request *req, const struct arg *arg, const char *word)
{
	char *list = strdup(word), *rest = list, *name;
	unsigned int n = 0, ifindex;

	while (list && (name = strsep(&rest, ","))) {
		ifindex = if_nametoindex(name);
		if (!ifindex || ++n > 64) {
			misuse("\"%s\": %s", name, ifindex ?
			       "too many devices" : "no such device");
			free(list);
			return STATUS_MISUSE;
		}
		mnl_attr_put_u32(req->nlh, arg->attr, ifindex);
	}
	free(list);
	return STATUS_OK;
}

/* NAME of ip-netns(8), a process, or a path; -1 and errno */
int open_netns(const char *word)
{
	char path[256];
	int fd;

	if (strchr(word, '/'))
		return open(word, O_RDONLY | O_CLOEXEC);
	if (snprintf(path, sizeof(path), NETNS_DIR "/%s", word) >=
	    (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT || word[strspn(word, "0123456789")])
		return fd;
	snprintf(path, sizeof(path), "/proc/%s/ns/net", word);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int put_netns(struct request *req, const struct arg *arg, const char *word)
{
	int fd;

	if (req->n_fds == REQUEST_FDS)
		return misuse("\"%s\": one namespace is enough", word);
	fd = open_netns(word);
	if (fd < 0)
		return misuse("\"%s\": no such namespace: %s", word,
			      strerror(errno));
	req->fds[req->n_fds++] = fd;
	mnl_attr_put_u32(req->nlh, arg->attr, fd);
	return STATUS_OK;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int parse_hex(const char *word, unsigned char *bytes, size_t size)
{
	size_t len = 0;
	int high, low;

	while (*word) {
		high = hex_digit(*word++);
		if (high < 0 || len == size)
			return -1;
		low = hex_digit(*word++);
		if (low < 0)
			return -1;
		bytes[len++] = high << 4 | low;
		if (*word == ':' && word[1])
			word++;
	}
	return len;
}

int put_hex(struct request *req, const struct arg *arg, const char *word)
{
	unsigned char bytes[4096];
	int len = parse_hex(word, bytes, sizeof(bytes));

	if (len < 1)
		return misuse("\"%.20s\": %s is 1 to %zu bytes as hexadecimal digits",
			      word, arg->key, sizeof(bytes));
	mnl_attr_put(req->nlh, arg->attr, len, bytes);
	return STATUS_OK;
}

int put_text(struct request *req, const struct arg *arg, const char *word)
{
	size_t len = strlen(word);

	if (!len || len > 4096)
		return misuse("\"%.20s\": %s is 1 to 4096 bytes", word, arg->key);
	mnl_attr_put(req->nlh, arg->attr, len, word);
	return STATUS_OK;
}

/* Exactly 32 hexadecimal digits, with blanks around them at most. */
static bool parse_key(const char *text, unsigned char *key)
{
	int high, low;
	size_t i;

	text += strspn(text, " \t\r\n");
	for (i = 0; i < KEY_LEN; i++) {
		high = hex_digit(*text++);
		if (high < 0)
			return false;
		low = hex_digit(*text++);
		if (low < 0)
			return false;
		key[i] = high << 4 | low;
	}
	return !text[strspn(text, " \t\r\n")];
}

static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, text + len, size - 1 - len);
		if (n > 0)
			len += n;
	} while ((n > 0 && len < size - 1) || (n < 0 && errno == EINTR));
	text[len] = 0;
	return n < 0 ? -1 : (ssize_t)len;
}

/* FILE, or - for standard input: 32 hexadecimal digits */
int put_key(struct request *req, const struct arg *arg, const char *word)
{
	int fd = STDIN_FILENO, status = STATUS_OK;
	unsigned char key[KEY_LEN];
	struct stat st;
	char text[256];

	if (!strcmp(word, "-")) {
		if (tool.batch && !strcmp(tool.batch, "-"))
			return misuse("\"-\": standard input is the batch already");
	} else {
		fd = open(word, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return misuse("\"%s\": %s", word, strerror(errno));
		if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
		    st.st_mode & 0004)
			fprintf(stderr, "ashlar: warning: everyone can read the key in %s\n",
				word);
	}
	if (read_all(fd, text, sizeof(text)) < 0)
		status = misuse("\"%s\": %s", word, strerror(errno));
	else if (!parse_key(text, key))
		status = misuse("\"%s\": a key is 32 hexadecimal digits", word);
	else
		mnl_attr_put(req->nlh, arg->attr, sizeof(key), key);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(key, sizeof(key));
	if (fd != STDIN_FILENO)
		close(fd);
	return status;
}

/* One of the names of the attribute's enum. */
int put_choice(struct request *req, const struct arg *arg, const char *word)
{
	const struct spec_enum *values;
	char all[512] = "";
	unsigned int i;
	size_t len = 0;

	values = req->object->set->attrs[arg->attr].values;
	for (i = 0; i < values->n; i++) {
		if (!strcmp(values->values[i].name, word)) {
			mnl_attr_put_u32(req->nlh, arg->attr, i);
			return STATUS_OK;
		}
		if (len < sizeof(all))
			len += snprintf(all + len, sizeof(all) - len, "%s%s",
					i ? ", " : "", values->values[i].name);
	}
	return misuse("\"%s\": %s is one of %s", word,
		      arg->key ? arg->key : arg->value, all);
}
