/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tool is a table and two renderers. An object (tables in overlay.c, link.c,
 * ...) has verbs, a verb has arguments, and an argument says how its word becomes a
 * netlink attribute (value.c). What the kernel answers becomes a JSON object
 * by the spec's tables (decode.c), which is printed as it is or as a row of
 * text (show.c). sock.c talks to the kernel, main.c reads the command line.
 */
#ifndef ASHLAR_TOOL_H
#define ASHLAR_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>
#include <libmnl/libmnl.h>

#include "spec.h"

#define attribute	__attribute__
#define __printf(format, first) \
	attribute((__format__(__printf__, format, first)))

enum status {
	STATUS_OK,
	STATUS_MISUSE,		/* the words make no sense */
	STATUS_REFUSED,		/* the kernel, or the system, said no */
};

/**
 * struct tool - what the options say
 * @json: print JSON
 * @pretty: with indentation
 * @stamps: events with the time of day
 * @stats: more columns
 * @colour: the reader is a person at a terminal
 * @batch: the batch file, or NULL
 * @line: its current line
 */
struct tool {
	bool json;
	bool pretty;
	bool stamps;
	bool stats;
	bool colour;
	const char *batch;
	unsigned long line;
};

extern struct tool tool;

int misuse(const char *format, ...) __printf(1, 2);
int refused(const char *format, ...) __printf(1, 2);

struct arg;

#define REQUEST_SIZE	16384
#define REQUEST_FDS	2

/**
 * struct request - a message on its way to the kernel
 * @buf: the message
 * @nlh: the same
 * @object: what it is about
 * @seen: bit N is set when the verb's argument N was given
 * @fds: files that must stay open until the kernel has read the message
 * @n_fds: how many
 */
struct request {
	char buf[REQUEST_SIZE] attribute((__aligned__(8)));
	struct nlmsghdr *nlh;
	const struct object *object;
	uint32_t seen;
	int fds[REQUEST_FDS];
	unsigned int n_fds;
};

/* Puts a word into the message: STATUS_OK, or what misuse() returned. */
typedef int (*put_fn)(struct request *req, const struct arg *arg,
		      const char *word);

/**
 * struct arg - a word of a command
 * @key: the key before the value; NULL for a word known by its place
 * @value: what the value is called in help; NULL for a key alone
 * @put: see put_fn
 * @attr: the attribute
 * @attr2: another one (end of a range, length of a prefix)
 * @need: cannot be left out
 * @choices: for completion: words, or "@dev", "@netns", "@file"; the spec
 *           knows those of put_choice()
 * @help: a sentence
 */
struct arg {
	const char *key;
	const char *value;
	put_fn put;
	uint16_t attr;
	uint16_t attr2;
	bool need;
	const char *choices;
	const char *help;
};

enum verb_kind {
	VERB_CHANGE,
	VERB_SHOW,		/* a dump, or one object */
	VERB_ONE,		/* the one object that there is */
	VERB_MONITOR,
	VERB_LOCAL,		/* the tool does it by itself */
};

/**
 * struct verb - what can be done with an object
 * @name: the word
 * @kind: see enum verb_kind
 * @cmd: the operation
 * @part: whose set its arguments are of, if that is not the object's
 * @one: attribute that makes VERB_SHOW ask for one object; 0 if none does
 * @args: ends with an empty one; words known by their place come first
 * @check: what the table cannot say about the arguments, or NULL
 * @run: does all of VERB_LOCAL, given the words after the verb; its @args
 *       are for help and completion
 * @usage: arguments as help shows them, if the table does not do
 * @help: a sentence
 * @example: a command line, and what it does
 */
struct verb {
	const char *name;
	enum verb_kind kind;
	uint8_t cmd;
	const struct object *part;
	uint16_t one;
	const struct arg *args;
	int (*check)(const struct request *req);
	int (*run)(int argc, char **argv);
	const char *usage;
	const char *help;
	const char *example;
};

/**
 * struct column - of the text that shows an object
 * @head: its title
 * @cell: writes the cell's text; NULL: the value of @key as it is
 * @key: see @cell
 * @right: numbers stand right
 * @stats: only with -s
 */
struct column {
	const char *head;
	void (*cell)(json_t *object, char *text, size_t size);
	const char *key;
	bool right;
	bool stats;
};

/**
 * struct object - a word of the command line
 * @name: the word
 * @help: a sentence
 * @verbs: what can be done with it; the first is the default
 * @columns: of the text that shows it
 * @note: what stands below a row of the text, if anything; or NULL
 * @detail: with -s, the text that shows one of them, or NULL
 * @brief: the attributes that an event's text tells of, or NULL for all
 * @all_events: what is monitored is all that its family tells
 * @family: who answers
 * @set: its attributes
 * @module: what to load
 */
struct object {
	const char *name;
	const char *help;
	const struct verb *verbs;
	const struct column *columns;
	void (*note)(json_t *object, char *text, size_t size);
	void (*detail)(json_t *object);
	const char *const *brief;
	bool all_events;
	const struct spec_family *family;
	const struct spec_set *set;
	const char *module;
};

extern const struct object *const objects[];
/* Parts of objects that have events of their own. */
extern const struct object *const event_parts[];

/* value.c */
int put_string(struct request *req, const struct arg *arg, const char *word);
int put_u8(struct request *req, const struct arg *arg, const char *word);
int put_u16(struct request *req, const struct arg *arg, const char *word);
int put_u32(struct request *req, const struct arg *arg, const char *word);
int put_s32(struct request *req, const struct arg *arg, const char *word);
int put_u64(struct request *req, const struct arg *arg, const char *word);
/* 65536, 64K, 4M */
int put_size(struct request *req, const struct arg *arg, const char *word);
/* 500ms, 30s, 5m */
int put_msecs(struct request *req, const struct arg *arg, const char *word);
/* Microseconds, where the kernel takes nanoseconds. */
int put_usecs(struct request *req, const struct arg *arg, const char *word);
/* 2.5% or 2.5, where the kernel takes thousandths. */
int put_percent(struct request *req, const struct arg *arg, const char *word);
/* Bytes as hexadecimal digits, or the word's own. */
int put_hex(struct request *req, const struct arg *arg, const char *word);
int put_text(struct request *req, const struct arg *arg, const char *word);
/* The bytes that hexadecimal digits say, with colons or without; -1 if they do not. */
int parse_hex(const char *word, unsigned char *bytes, size_t size);
int put_flag(struct request *req, const struct arg *arg, const char *word);
int put_addr(struct request *req, const struct arg *arg, const char *word);
int put_addr_port(struct request *req, const struct arg *arg, const char *word);
int put_prefix(struct request *req, const struct arg *arg, const char *word);
int put_range(struct request *req, const struct arg *arg, const char *word);
int put_devices(struct request *req, const struct arg *arg, const char *word);
int put_device(struct request *req, const struct arg *arg, const char *word);
int put_netns(struct request *req, const struct arg *arg, const char *word);
int put_key(struct request *req, const struct arg *arg, const char *word);
int put_choice(struct request *req, const struct arg *arg, const char *word);
int put_u64_hex(struct request *req, const struct arg *arg, const char *word);
/* A loss rate such as 1e-8, or a share such as 0.75 */
int put_loss(struct request *req, const struct arg *arg, const char *word);
/* Words that the verb reads by itself; the table is for help and completion. */
int put_local(struct request *req, const struct arg *arg, const char *word);
int open_netns(const char *word);

/* sock.c */
int sock_open(const struct object *object);
void sock_close(void);
void sock_request(struct request *req, const struct object *object, uint8_t cmd,
		  uint16_t flags);
/* The request may be made before the socket is open: then address it. */
void sock_address(struct request *req);
int sock_change(struct request *req);
/*
 * Many changes of one object in one message to the kernel: queued, and sent
 * when there is no more room or by sock_flush(). Those after the first that is
 * refused may have been carried out.
 */
int sock_queue(struct request *req);
int sock_flush(void);
/* What the kernel showed, message after message; free() it. */
struct answer {
	char *data;
	size_t len;
	size_t size;
};

int sock_show(struct request *req, struct answer *answer);
/* Is the object's module loaded? Quiet. */
bool sock_loaded(const struct object *object);
/* Events of all families that were found, or of an object's alone. */
int sock_monitor(const struct object *only,
		 int (*event)(const struct spec_family *family,
			      const struct nlmsghdr *nlh, void *data),
		 void (*lost)(void), void *data);
/* A socket of its own for the events of the family at hand, or NULL. */
struct mnl_socket *sock_listen(void);
const struct spec_family *sock_family(uint16_t id);
struct mnl_socket *socket_new(int bus);

/* nsid.c: what a namespace is called in /run/netns */
bool nsid_name(int nsid, char *name, size_t size);

/* decode.c */
json_t *decode(const struct spec_set *set, const struct nlmsghdr *nlh);
const struct spec_set *family_set(const struct spec_family *family,
				  const char *name);

/* show.c */
/* @one: the reader asked for one object */
int show_objects(const struct object *object, const struct answer *answer,
		 bool one);
void show_json(json_t *json);
int show_event(const struct spec_family *family, const struct spec_op *op,
	       json_t *message);
void show_lost(void);

/* overlay.c */
extern const struct object underlay_object, network_object, endpoint_object;
extern const struct object policy_object, peer_object, conn_object;
extern const struct object overlay_stats_object;

/* overlay_show.c */
extern const struct column underlay_columns[], network_columns[];
extern const struct column endpoint_columns[], policy_columns[];
extern const struct column peer_columns[], conn_columns[];

/* cell.c: how values look to people, for tables of columns */
const char *cell_word(json_t *object, const char *key);
long long cell_number(json_t *object, const char *key);
bool cell_has(json_t *object, const char *key);
bool cell_is(json_t *object, const char *key, const char *word);
/* Two units at most: 3d4h, 5m6s, 7.8s, 90ms. */
void cell_msecs(long long ms, char *text, size_t size);
/* A rate in 1e-12 */
void cell_rate(long long rate, char *text, size_t size);

/* link.c */
extern const struct object link_object, repair_object, host_object;
extern const struct object topology_object, topo_summary_object;
extern const struct object topo_node_object, topo_link_object;
extern const struct object link_stats_object;

/* link_show.c */
extern const struct column link_columns[], history_columns[], repair_columns[];
extern const struct column accuracy_columns[];
extern const char *const link_brief[], *const repair_brief[];
void link_note(json_t *object, char *text, size_t size);

/* topo_show.c */
extern const struct column host_columns[], topology_columns[], node_columns[];
extern const struct column topo_link_columns[];

/* link_detail.c */
void link_detail(json_t *object);
void repair_detail(json_t *object);

/* ext.c */
extern const struct object ext_object, map_object, ext_stats_object;
extern const struct object ext_approval_object, ext_veto_object;
extern const struct object ext_instance_object, ext_hook_object;
extern const struct object ext_report_object, ext_log_object;
extern const struct object ext_request_object, ext_element_object;

/* ext_load.c, ext_show.c, ext_report.c, ext_request.c: verbs of "ext" */
int ext_load_run(int argc, char **argv);
int ext_unload_run(int argc, char **argv);
int ext_upgrade_run(int argc, char **argv);
int ext_show_run(int argc, char **argv);
int ext_report_run(int argc, char **argv);
int ext_request_run(int argc, char **argv);

/* map.c: verbs of "map" */
int map_get_run(int argc, char **argv);
int map_set_run(int argc, char **argv);
int map_del_run(int argc, char **argv);
int map_dump_run(int argc, char **argv);

/* stats.c */
extern const struct object stats_object;

/* helper.c: "link helper" */
int helper_run(int argc, char **argv);

/* topology.c, topo_plan.c, topo_run.c, topo_kernel.c */
extern const struct verb topology_verbs[];
int topo_run_plan(int argc, char **argv);
int topo_run_generate(int argc, char **argv);
int topo_run_simulate(int argc, char **argv);
int topo_run_load(int argc, char **argv);
int topo_run_show(int argc, char **argv);
int topo_run_set(int argc, char **argv);

/* help.c */
void help_all(FILE *out);
void help_object(FILE *out, const struct object *object);
void help_verb(FILE *out, const struct object *object, const struct verb *verb);
void usage_verb(char *text, size_t size, const struct object *object,
		const struct verb *verb);
int complete(int argc, char **argv);

/* main.c */
/* The arguments of a verb, in place first and by key then. */
int parse_args(struct request *req, const struct verb *verb, int argc,
	       char **argv);
/*
 * What the kernel shows when asked by this request, with the attributes that
 * are in @req already, as a JSON array.
 */
int show_ask(struct request *req, json_t **array);
int run_verb(const struct object *object, const struct verb *verb, int argc,
	     char **argv);
const struct object *find_object(const char *word);
const struct verb *find_verb(const struct object *object, const char *word);

#endif /* ASHLAR_TOOL_H */
