// SPDX-License-Identifier: GPL-2.0-only
/* What a network namespace is called that the kernel names by a number. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "ashlar.h"

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
