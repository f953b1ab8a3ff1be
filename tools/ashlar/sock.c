// SPDX-License-Identifier: GPL-2.0-only
/* Talking to the kernel. */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "ashlar.h"

#define RECV_SIZE	(128 * 1024)
#define MONITOR_RCVBUF	(8 * 1024 * 1024)
#define MAX_GROUPS	8

/* One family at a time is all that a command needs. */
static struct {
	struct mnl_socket *nl;
	const struct spec_family *family;
	uint16_t id;
	uint32_t group;		/* "monitor" */
	uint32_t seq;
	char *buf;
} sock;

static int option_on(struct mnl_socket *nl, int option)
{
	int on = 1;

	return mnl_socket_setsockopt(nl, option, &on, sizeof(on));
}

static struct mnl_socket *socket_new(int bus)
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
	request_init(req, sock.id, flags, cmd, 1);
	req->object = object;
}

void sock_address(struct request *req)
{
	req->nlh->nlmsg_type = sock.id;
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
		n = mnl_socket_recvfrom(sock.nl, sock.buf, RECV_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
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

static int take_family(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			sock.id = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			sock.group = monitor_group(attr);
			break;
		}
	}
	return 0;
}

/* Quiet if the family is not there: the caller knows what to say. */
static bool find_family(const char *name)
{
	struct request req;
	const struct nlmsghdr *nlh;
	ssize_t n;

	request_init(&req, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(req.nlh, CTRL_ATTR_FAMILY_NAME, name);
	if (mnl_socket_sendto(sock.nl, req.nlh, req.nlh->nlmsg_len) < 0)
		return false;
	n = mnl_socket_recvfrom(sock.nl, sock.buf, RECV_SIZE);
	nlh = (const struct nlmsghdr *)sock.buf;
	if (n < 0 || !mnl_nlmsg_ok(nlh, n) || nlh->nlmsg_type == NLMSG_ERROR)
		return false;
	take_family(nlh, NULL);
	return sock.id;
}

int sock_open(const struct object *object)
{
	if (sock.nl && sock.family == object->family)
		return STATUS_OK;
	sock_close();
	sock.buf = malloc(RECV_SIZE);
	sock.nl = socket_new(NETLINK_GENERIC);
	sock.seq = time(NULL);
	if (!sock.buf || !sock.nl)
		return broken("socket");
	if (!find_family(object->family->name)) {
		sock_close();
		return refused("the module is not loaded: modprobe %s",
			       object->module);
	}
	sock.family = object->family;
	return STATUS_OK;
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

int sock_monitor(int (*event)(const struct nlmsghdr *nlh, void *data),
		 void (*lost)(void), void *data)
{
	int fd = mnl_socket_get_fd(sock.nl), size = MONITOR_RCVBUF;
	const struct nlmsghdr *nlh;
	ssize_t n;
	int len;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (!sock.group ||
	    mnl_socket_setsockopt(sock.nl, NETLINK_ADD_MEMBERSHIP, &sock.group,
				  sizeof(sock.group)))
		return broken("monitor");
	for (;;) {
		n = mnl_socket_recvfrom(sock.nl, sock.buf, RECV_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			lost();
			continue;
		}
		if (n < 0)
			return broken("receive");
		nlh = (const struct nlmsghdr *)sock.buf;
		for (len = n; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len))
			if (nlh->nlmsg_type == sock.id && event(nlh, data))
				return STATUS_OK;
	}
}

/* The number that our namespace gives to another, as ip-netns(8) asks for it. */
static int nsid_of(struct mnl_socket *nl, int fd)
{
	char buf[256] attribute((__aligned__(8)));
	const struct nlattr *attr;
	struct rtgenmsg *rt;
	struct nlmsghdr *nlh;
	int nsid = -1;
	ssize_t n;

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_GETNSID;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	rt = mnl_nlmsg_put_extra_header(nlh, NLMSG_ALIGN(sizeof(*rt)));
	rt->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(nlh, NETNSA_FD, fd);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	nlh = (struct nlmsghdr *)buf;
	if (n < 0 || !mnl_nlmsg_ok(nlh, n) || nlh->nlmsg_type != RTM_NEWNSID)
		return -1;
	mnl_attr_for_each(attr, nlh, NLMSG_ALIGN(sizeof(*rt)))
		if (mnl_attr_get_type(attr) == NETNSA_NSID)
			nsid = (int32_t)mnl_attr_get_u32(attr);
	return nsid;
}

struct nsid {
	int id;
	char name[NAME_MAX + 1];
};

static struct nsid *nsids;
static size_t n_nsids;

static void nsids_read(void)
{
	struct mnl_socket *nl = socket_new(NETLINK_ROUTE);
	DIR *dir = opendir("/run/netns");
	struct dirent *entry;
	struct nsid *more;
	int fd, id;

	while (nl && dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		fd = open_netns(entry->d_name);
		if (fd < 0)
			continue;
		id = nsid_of(nl, fd);
		close(fd);
		more = id < 0 ? NULL :
		       realloc(nsids, (n_nsids + 1) * sizeof(*nsids));
		if (!more)
			continue;
		nsids = more;
		nsids[n_nsids].id = id;
		snprintf(nsids[n_nsids++].name, sizeof(nsids->name), "%s",
			 entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (nl)
		mnl_socket_close(nl);
}

/* What a namespace is called in /run/netns. */
bool nsid_name(int nsid, char *name, size_t size)
{
	static bool known;
	size_t i;

	if (!known)
		nsids_read();
	known = true;
	for (i = 0; i < n_nsids; i++) {
		if (nsids[i].id != nsid)
			continue;
		snprintf(name, size, "%s", nsids[i].name);
		return true;
	}
	return false;
}
