// SPDX-License-Identifier: GPL-2.0-only
/* The command line: options, a command or a batch of them. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "ashlar.h"

#ifndef ASHLAR_VERSION
#define ASHLAR_VERSION "unknown"
#endif

#define MAX_WORDS	64

struct tool tool;

const struct object *const objects[] = {
	&underlay_object, &network_object, &endpoint_object, &policy_object,
	&peer_object, &conn_object, &link_object, &repair_object,
	&topology_object, &host_object, &ext_object, &map_object,
	&stats_object, NULL,
};

const struct object *const event_parts[] = {
	&ext_approval_object, &ext_veto_object, &ext_instance_object,
	&ext_hook_object, &ext_report_object, &ext_log_object, NULL,
};

static void complain(const char *format, va_list args)
{
	fflush(stdout);
	fputs("ashlar: ", stderr);
	if (tool.batch)
		fprintf(stderr, "%s:%lu: ", tool.batch, tool.line);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int misuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return STATUS_MISUSE;
}

int refused(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	return STATUS_REFUSED;
}

const struct object *find_object(const char *word)
{
	const struct object *const *object;

	for (object = objects; *object; object++)
		if (!strcmp((*object)->name, word))
			return *object;
	return NULL;
}

const struct verb *find_verb(const struct object *object, const char *word)
{
	const struct verb *verb;

	for (verb = object->verbs; verb->name; verb++)
		if (!strcmp(verb->name, word))
			return verb;
	return NULL;
}

int parse_args(struct request *req, const struct verb *verb, int argc,
	       char **argv)
{
	const struct arg *arg = verb->args, *a;
	int i, status;

	for (i = 0; i < argc; i++) {
		if (arg->put && !arg->key) {
			a = arg++;
		} else {
			for (a = verb->args; a->put; a++)
				if (a->key && !strcmp(a->key, argv[i]))
					break;
			if (!a->put)
				return misuse("\"%s\": %s %s knows no such key",
					      argv[i], req->object->name,
					      verb->name);
			if (a->value && ++i == argc)
				return misuse("\"%s\": %s is missing", a->key,
					      a->value);
		}
		if (req->seen & 1u << (a - verb->args))
			return misuse("\"%s\": told twice", a->key);
		req->seen |= 1u << (a - verb->args);
		status = a->put(req, a, argv[i]);
		if (status)
			return status;
	}
	for (a = verb->args; a->put; a++)
		if (a->need && !(req->seen & 1u << (a - verb->args)))
			return misuse("\"%s\" is missing: see \"ashlar help %s %s\"",
				      a->key ? a->key : a->value,
				      req->object->name, verb->name);
	return verb->check ? verb->check(req) : STATUS_OK;
}

static bool asks_for_one(const struct request *req, const struct verb *verb)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, req->nlh, sizeof(struct genlmsghdr))
		if (verb->one && mnl_attr_get_type(attr) == verb->one)
			return true;
	return false;
}

static int show(struct request *req, const struct verb *verb)
{
	struct answer answer = {};
	int status;

	if (verb->kind == VERB_SHOW && !asks_for_one(req, verb))
		req->nlh->nlmsg_flags |= NLM_F_DUMP;
	status = sock_show(req, &answer);
	if (!status)
		status = show_objects(req->object, &answer,
				      asks_for_one(req, verb));
	free(answer.data);
	return status;
}

int show_ask(struct request *req, json_t **array)
{
	struct answer answer = {};
	const struct nlmsghdr *nlh;
	int status;
	size_t at;

	*array = NULL;
	status = sock_open(req->object);
	if (status)
		return status;
	sock_address(req);
	status = sock_show(req, &answer);
	if (!status) {
		*array = json_array();
		for (at = 0; at < answer.len; at += MNL_ALIGN(nlh->nlmsg_len)) {
			nlh = (const struct nlmsghdr *)(answer.data + at);
			json_array_append_new(*array, decode(req->object->set, nlh));
		}
	}
	free(answer.data);
	return status;
}

/* An object's events are those of its set, and of its parts: topology-link. */
static bool concerns(const struct object *only, const struct spec_op *op)
{
	return only->all_events ||
	       !strncmp(only->set->name, op->set, strlen(only->set->name));
}

/* @data: the object to watch, or NULL for all. */
static int event(const struct spec_family *family, const struct nlmsghdr *nlh,
		 void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct object *only = data;
	const struct spec_op *op;
	json_t *message;
	int err;

	if (genl->cmd >= family->n_ops)
		return 0;
	op = &family->ops[genl->cmd];
	if (!op->notify || (only && only->family != family) ||
	    (only && !concerns(only, op)))
		return 0;
	message = decode(family_set(family, op->set), nlh);
	err = show_event(family, op, message);
	json_decref(message);
	return err;
}

/* All that is loaded is listened to, or one object's module. */
static int monitor(const struct object *only)
{
	const struct object *const *object;
	bool any = false;
	int status;

	if (only) {
		status = sock_open(only);
		if (status)
			return status;
		return sock_monitor(only, event, show_lost, (void *)only);
	}
	for (object = objects; *object; object++)
		any |= (*object)->family && sock_loaded(*object);
	if (!any)
		return refused("no module of the suite is loaded");
	return sock_monitor(NULL, event, show_lost, NULL);
}

int run_verb(const struct object *object, const struct verb *verb, int argc,
	     char **argv)
{
	struct request req;
	int status;

	if (verb->kind == VERB_LOCAL)
		return verb->run(argc, argv);
	if (verb->part)
		object = verb->part;
	/* The words first, so that misuse is told with or without the module. */
	sock_request(&req, object, verb->cmd,
		     verb->kind == VERB_CHANGE ? NLM_F_ACK : 0);
	status = parse_args(&req, verb, argc, argv);
	if (!status)
		status = sock_open(object);
	if (!status) {
		sock_address(&req);
		if (verb->kind == VERB_MONITOR)
			status = monitor(object);
		else if (verb->kind == VERB_CHANGE)
			status = sock_change(&req);
		else
			status = show(&req, verb);
	}
	while (req.n_fds)
		close(req.fds[--req.n_fds]);
	/* It may have held a key. */
	explicit_bzero(req.buf, sizeof(req.buf));
	return status;
}

static int run_help(int argc, char **argv)
{
	const struct object *object;
	const struct verb *verb;

	if (argc && !strcmp(argv[0], "--complete"))
		return complete(argc - 1, argv + 1);
	if (!argc) {
		help_all(stdout);
		return STATUS_OK;
	}
	object = find_object(argv[0]);
	if (!object)
		return misuse("\"%s\": no such object", argv[0]);
	if (argc == 1) {
		help_object(stdout, object);
		return STATUS_OK;
	}
	verb = find_verb(object, argv[1]);
	if (!verb)
		return misuse("\"%s\": %s knows no such verb", argv[1],
			      object->name);
	help_verb(stdout, object, verb);
	return STATUS_OK;
}

static int run(int argc, char **argv)
{
	const struct object *object;
	const struct verb *verb;

	if (!argc) {
		help_all(stdout);
		return STATUS_OK;
	}
	if (!strcmp(argv[0], "help"))
		return run_help(argc - 1, argv + 1);
	if (!strcmp(argv[0], "monitor")) {
		if (argc > 1)
			return misuse("\"%s\": monitor takes no more words",
				      argv[1]);
		return monitor(NULL);
	}
	object = find_object(argv[0]);
	if (!object)
		return misuse("\"%s\": no such object; \"ashlar help\" lists them",
			      argv[0]);
	if (argc == 1)
		return run_verb(object, object->verbs, 0, NULL);
	if (!strcmp(argv[1], "help")) {
		argv[1] = argv[0];
		return run_help(argc - 1, argv + 1);
	}
	/* Any object's "stats" is what it shows, with more columns. */
	if (!strcmp(argv[1], "stats")) {
		tool.stats = true;
		return run_verb(object, object->verbs, argc - 2, argv + 2);
	}
	verb = find_verb(object, argv[1]);
	if (!verb)
		return misuse("\"%s\": %s knows no such verb", argv[1],
			      object->name);
	return run_verb(object, verb, argc - 2, argv + 2);
}

/* Words are parted by blanks; quotes hold one together; # starts a comment. */
static int split(char *line, char **words)
{
	char *from = line, *to = line;
	int n = 0;

	for (;;) {
		char quote = 0;

		from += strspn(from, " \t\r\n");
		if (!*from || *from == '#')
			return n;
		if (n == MAX_WORDS)
			return -1;
		words[n++] = to;
		for (; *from && (quote || !strchr(" \t\r\n", *from)); from++) {
			if (quote ? *from == quote :
				    *from == '\'' || *from == '"')
				quote = quote ? 0 : *from;
			else
				*to++ = *from;
		}
		if (quote)
			return -1;
		if (*from)
			from++;
		*to++ = 0;
	}
}

/* Stops at the first command that fails; those before it were carried out. */
static int batch(const char *name)
{
	FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;
	bool stats = tool.stats;
	char *words[MAX_WORDS];
	int status = STATUS_OK;
	char *line = NULL;
	size_t size = 0;
	int n;

	if (!file)
		return misuse("\"%s\": %s", name, strerror(errno));
	tool.batch = name;
	while (!status && getline(&line, &size, file) >= 0) {
		tool.line++;
		tool.stats = stats;
		n = split(line, words);
		if (n < 0)
			status = misuse("too many words, or a quote without its end");
		else if (n)
			status = run(n, words);
	}
	free(line);
	if (file != stdin)
		fclose(file);
	return status;
}

static int enter_netns(const char *word)
{
	int fd = open_netns(word);

	if (fd < 0)
		return misuse("\"%s\": no such namespace: %s", word,
			      strerror(errno));
	if (setns(fd, CLONE_NEWNET)) {
		close(fd);
		return refused("\"%s\": %s", word, strerror(errno));
	}
	close(fd);
	return STATUS_OK;
}

static bool person_reads(void)
{
	const char *term = getenv("TERM");
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no) &&
	       !(term && !strcmp(term, "dumb"));
}

static int finish(int status)
{
	sock_close();
	/* What did not reach the reader was not said. */
	if (fflush(stdout) || ferror(stdout))
		return status ? status : refused("cannot write");
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "netns", required_argument, NULL, 'n' },
		{ "timestamp", no_argument, NULL, 't' },
		{ "statistics", no_argument, NULL, 's' },
		{ "batch", required_argument, NULL, 'b' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	const char *netns = NULL, *file = NULL;
	int c, status;

	/* As complaints are to begin. */
	argv[0] = (char *)"ashlar";
	while ((c = getopt_long(argc, argv, "+jpn:tsb:Vh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			tool.json = true;
			break;
		case 'p':
			tool.pretty = true;
			break;
		case 'n':
			netns = optarg;
			break;
		case 't':
			tool.stamps = true;
			break;
		case 's':
			tool.stats = true;
			break;
		case 'b':
			file = optarg;
			break;
		case 'V':
			puts("ashlar " ASHLAR_VERSION);
			return finish(STATUS_OK);
		case 'h':
			help_all(stdout);
			return finish(STATUS_OK);
		default:
			/* getopt has named the bad word. */
			return STATUS_MISUSE;
		}
	}
	argc -= optind;
	argv += optind;
	tool.colour = !tool.json && person_reads();
	if (file && argc)
		return misuse("\"%s\": with -b the commands come from the file",
			      argv[0]);
	status = netns ? enter_netns(netns) : STATUS_OK;
	if (!status)
		status = file ? batch(file) : run(argc, argv);
	return finish(status);
}
