// SPDX-License-Identifier: GPL-2.0-only
/* Talking to the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "ashlar.h"

#define RECV_SIZE	(128 * 1024)
#define MONITOR_RCVBUF	(8 * 1024 * 1024)
#define MAX_FAMILIES	4

/* A family whose module is loaded. */
struct known {
	const struct spec_family *family;
	uint16_t id;
	uint32_t group;		/* "monitor" */
};

/* One socket serves all families; @now is that of the command at hand. */
static struct {
	struct mnl_socket *nl;
	struct known known[MAX_FAMILIES];
	unsigned int n_known;
	const struct known *now;
	uint32_t seq;
	char *buf;
} sock;

static int option_on(struct mnl_socket *nl, int option)
{
	int on = 1;

	return mnl_socket_setsockopt(nl, option, &on, sizeof(on));
}

struct mnl_socket *socket_new(int bus)
{
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC);

	if (!nl)
		return NULL;
	/* Old kernels know fewer of these; nothing depends on them. */
	option_on(nl, NETLINK_EXT_ACK);
	option_on(nl, NETLINK_CAP_ACK);
	option_on(nl, NETLINK_GET_STRICT_CHK);
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0)
		return nl;
	mnl_socket_close(nl);
	return NULL;
}

void sock_close(void)
{
	if (sock.nl)
		mnl_socket_close(sock.nl);
	free(sock.buf);
	memset(&sock, 0, sizeof(sock));
}

static void request_init(struct request *req, uint16_t type, uint16_t flags,
			 uint8_t cmd, uint8_t version)
{
	struct genlmsghdr *genl;

	req->nlh = mnl_nlmsg_put_header(req->buf);
	req->nlh->nlmsg_type = type;
	req->nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	req->nlh->nlmsg_seq = ++sock.seq;
	genl = mnl_nlmsg_put_extra_header(req->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	req->object = NULL;
	req->seen = 0;
	req->n_fds = 0;
}

void sock_request(struct request *req, const struct object *object, uint8_t cmd,
		  uint16_t flags)
{
	request_init(req, sock.now ? sock.now->id : 0, flags, cmd, 1);
	req->object = object;
}

void sock_address(struct request *req)
{
	req->nlh->nlmsg_type = sock.now->id;
	req->nlh->nlmsg_seq = ++sock.seq;
}

/* What the attribute at @offset of our message is called. */
static const char *attr_name(const struct request *req, uint32_t offset)
{
	const struct object *object = req->object;
	const struct nlattr *attr;
	uint16_t type;

	if (!object || offset + sizeof(*attr) > req->nlh->nlmsg_len)
		return NULL;
	attr = (const struct nlattr *)(req->buf + offset);
	type = attr->nla_type & NLA_TYPE_MASK;
	return type <= object->set->max ? object->set->attrs[type].name : NULL;
}

/* The kernel's own words; what it complains about, if it says so. */
static int explain(const struct request *req, const struct nlmsghdr *nlh,
		   size_t skip, int error)
{
	const struct object *object = req->object;
	const char *text = NULL, *name = NULL;
	const struct nlattr *attr;
	uint32_t type;

	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS) {
		mnl_attr_for_each(attr, nlh, skip) {
			switch (mnl_attr_get_type(attr)) {
			case NLMSGERR_ATTR_MSG:
				text = mnl_attr_get_str(attr);
				break;
			case NLMSGERR_ATTR_OFFS:
				name = attr_name(req, mnl_attr_get_u32(attr));
				break;
			case NLMSGERR_ATTR_MISS_TYPE:
				type = mnl_attr_get_u32(attr);
				if (object && type <= object->set->max)
					name = object->set->attrs[type].name;
				break;
			}
		}
	}
	if (!text)
		text = strerror(-error);
	return name ? refused("%s (%s)", text, name) : refused("%s", text);
}

static int broken(const char *what)
{
	return refused("netlink: %s: %s", what, strerror(errno));
}

static ssize_t receive(void)
{
	ssize_t n;

	do
		n = mnl_socket_recvfrom(sock.nl, sock.buf, RECV_SIZE);
	while (n < 0 && errno == EINTR);
	return n;
}

/*
 * Sends a request and hands the answers to @take until the kernel says that
 * it is done. @interrupted tells that a dump is not of one moment.
 */
static int converse(struct request *req,
		    int (*take)(const struct nlmsghdr *nlh, void *data),
		    void *data, bool *interrupted)
{
	bool dump = (req->nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	const struct nlmsghdr *nlh;
	const struct nlmsgerr *err;
	ssize_t n;
	int len;

	if (mnl_socket_sendto(sock.nl, req->nlh, req->nlh->nlmsg_len) < 0)
		return broken("send");
	for (;;) {
		n = receive();
		if (n < 0)
			return broken("receive");
		nlh = (const struct nlmsghdr *)sock.buf;
		for (len = n; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_seq != req->nlh->nlmsg_seq)
				continue;
			if (nlh->nlmsg_flags & NLM_F_DUMP_INTR && interrupted)
				*interrupted = true;
			switch (nlh->nlmsg_type) {
			case NLMSG_ERROR:
				err = mnl_nlmsg_get_payload(nlh);
				if (!err->error)
					return STATUS_OK;
				return explain(req, nlh, sizeof(*err), err->error);
			case NLMSG_DONE:
				len = *(int *)mnl_nlmsg_get_payload(nlh);
				if (len >= 0)
					return STATUS_OK;
				return explain(req, nlh, sizeof(int), len);
			default:
				if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
					continue;
				if (take(nlh, data))
					return STATUS_REFUSED;
				if (!dump && !(req->nlh->nlmsg_flags & NLM_F_ACK))
					return STATUS_OK;
			}
		}
	}
}

static uint32_t monitor_group(const struct nlattr *groups)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups) {
		const char *name = NULL;
		uint32_t id = 0;

		mnl_attr_for_each_nested(attr, group) {
			switch (mnl_attr_get_type(attr)) {
			case CTRL_ATTR_MCAST_GRP_NAME:
				name = mnl_attr_get_str(attr);
				break;
			case CTRL_ATTR_MCAST_GRP_ID:
				id = mnl_attr_get_u32(attr);
				break;
			}
		}
		if (name && !strcmp(name, "monitor"))
			return id;
	}
	return 0;
}

static void take_family(const struct nlmsghdr *nlh, struct known *known)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			known->id = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			known->group = monitor_group(attr);
			break;
		}
	}
}

/* Quiet if the family is not there: the caller knows what to say. */
static const struct known *find_family(const struct spec_family *family)
{
	struct known *known = &sock.known[sock.n_known];
	const struct nlmsghdr *nlh;
	struct request req;
	ssize_t n;

	request_init(&req, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(req.nlh, CTRL_ATTR_FAMILY_NAME, family->name);
	if (sock.n_known == MAX_FAMILIES ||
	    mnl_socket_sendto(sock.nl, req.nlh, req.nlh->nlmsg_len) < 0)
		return NULL;
	n = receive();
	nlh = (const struct nlmsghdr *)sock.buf;
	if (n < 0 || !mnl_nlmsg_ok(nlh, n) || nlh->nlmsg_type == NLMSG_ERROR)
		return NULL;
	*known = (struct known){ .family = family };
	take_family(nlh, known);
	if (!known->id)
		return NULL;
	sock.n_known++;
	return known;
}

static const struct known *known_family(const struct spec_family *family)
{
	unsigned int i;

	for (i = 0; i < sock.n_known; i++)
		if (sock.known[i].family == family)
			return &sock.known[i];
	return find_family(family);
}

static int sock_begin(void)
{
	if (sock.nl)
		return STATUS_OK;
	sock.buf = malloc(RECV_SIZE);
	sock.nl = socket_new(NETLINK_GENERIC);
	sock.seq = time(NULL);
	return sock.buf && sock.nl ? STATUS_OK : broken("socket");
}

int sock_open(const struct object *object)
{
	int status = sock_begin();

	if (status)
		return status;
	sock.now = known_family(object->family);
	if (!sock.now)
		return refused("the module is not loaded: modprobe %s",
			       object->module);
	return STATUS_OK;
}

bool sock_loaded(const struct object *object)
{
	return !sock_begin() && known_family(object->family);
}

static int take_nothing(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	(void)data;
	return 0;
}

int sock_change(struct request *req)
{
	return converse(req, take_nothing, NULL, NULL);
}

#define QUEUE_SIZE	32768

/* Requests on their way; @object says what their attributes are called. */
static struct {
	char buf[QUEUE_SIZE] attribute((__aligned__(8)));
	size_t len;
	struct nlmsghdr *last;
	const struct object *object;
} queue;

/* Which request an error is about, so that its attribute can be named. */
static int queue_explain(const struct nlmsghdr *nlh, int error)
{
	const struct nlmsghdr *sent;
	struct request req;
	size_t at;

	for (at = 0; at < queue.len; at += MNL_ALIGN(sent->nlmsg_len)) {
		sent = (const struct nlmsghdr *)(queue.buf + at);
		if (sent->nlmsg_seq != nlh->nlmsg_seq)
			continue;
		memcpy(req.buf, sent, sent->nlmsg_len);
		req.nlh = (struct nlmsghdr *)req.buf;
		req.object = queue.object;
		return explain(&req, nlh, sizeof(struct nlmsgerr), error);
	}
	return refused("%s", strerror(-error));
}

/* Only the last one is acknowledged, and every one that is refused. */
static int queue_answers(void)
{
	const struct nlmsghdr *nlh;
	const struct nlmsgerr *err;
	ssize_t n;
	int len;

	for (;;) {
		n = receive();
		if (n < 0)
			return broken("receive");
		nlh = (const struct nlmsghdr *)sock.buf;
		for (len = n; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_type != NLMSG_ERROR)
				continue;
			err = mnl_nlmsg_get_payload(nlh);
			if (err->error)
				return queue_explain(nlh, err->error);
			if (nlh->nlmsg_seq == queue.last->nlmsg_seq)
				return STATUS_OK;
		}
	}
}

int sock_flush(void)
{
	int status;

	if (!queue.len)
		return STATUS_OK;
	queue.last->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(sock.nl, queue.buf, queue.len) < 0)
		status = broken("send");
	else
		status = queue_answers();
	queue.len = 0;
	return status;
}

int sock_queue(struct request *req)
{
	size_t len = MNL_ALIGN(req->nlh->nlmsg_len);
	int status = STATUS_OK;

	if (queue.len + len > sizeof(queue.buf))
		status = sock_flush();
	if (status)
		return status;
	queue.last = (struct nlmsghdr *)(queue.buf + queue.len);
	memset(queue.last, 0, len);
	memcpy(queue.last, req->buf, req->nlh->nlmsg_len);
	queue.len += len;
	queue.object = req->object;
	return STATUS_OK;
}

static int take_message(const struct nlmsghdr *nlh, void *data)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);
	struct answer *answer = data;

	if (answer->len + len > answer->size) {
		size_t size = answer->size ? answer->size * 2 : 65536;
		char *more;

		while (size < answer->len + len)
			size *= 2;
		more = realloc(answer->data, size);
		if (!more)
			return broken("answer");
		answer->data = more;
		answer->size = size;
	}
	memcpy(answer->data + answer->len, nlh, nlh->nlmsg_len);
	answer->len += len;
	return 0;
}

/* Under steady change no dump is of one moment; then the last one must do. */
#define MAX_RESTARTS	20

int sock_show(struct request *req, struct answer *answer)
{
	unsigned int tries = 0;
	bool interrupted;
	int status;

	do {
		interrupted = false;
		answer->len = 0;
		req->nlh->nlmsg_seq = ++sock.seq;
		status = converse(req, take_message, answer, &interrupted);
	} while (!status && interrupted && tries++ < MAX_RESTARTS);
	if (!status && interrupted)
		fprintf(stderr, "ashlar: warning: changed while it was read\n");
	return status;
}

static int listen_to(struct mnl_socket *nl, const struct known *known)
{
	int fd = mnl_socket_get_fd(nl), size = MONITOR_RCVBUF;
	uint32_t group = known->group;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (!group || mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group,
					    sizeof(group)))
		return broken("monitor");
	return STATUS_OK;
}

struct mnl_socket *sock_listen(void)
{
	struct mnl_socket *nl = socket_new(NETLINK_GENERIC);

	if (!nl)
		broken("socket");
	else if (!listen_to(nl, sock.now))
		return nl;
	if (nl)
		mnl_socket_close(nl);
	return NULL;
}

const struct spec_family *sock_family(uint16_t id)
{
	unsigned int i;

	for (i = 0; i < sock.n_known; i++)
		if (sock.known[i].id == id)
			return sock.known[i].family;
	return NULL;
}

int sock_monitor(const struct object *only,
		 int (*event)(const struct spec_family *family,
			      const struct nlmsghdr *nlh, void *data),
		 void (*lost)(void), void *data)
{
	const struct spec_family *family;
	const struct nlmsghdr *nlh;
	int len, status;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < sock.n_known; i++) {
		if (only && sock.known[i].family != only->family)
			continue;
		status = listen_to(sock.nl, &sock.known[i]);
		if (status)
			return status;
	}
	for (;;) {
		n = receive();
		if (n < 0 && errno == ENOBUFS) {
			lost();
			continue;
		}
		if (n < 0)
			return broken("receive");
		nlh = (const struct nlmsghdr *)sock.buf;
		for (len = n; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			family = sock_family(nlh->nlmsg_type);
			if (family && event(family, nlh, data))
				return STATUS_OK;
		}
	}
}
