// SPDX-License-Identifier: GPL-2.0-only
/* Nexthop groups and devices, over rtnetlink. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <linux/if.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>

#include "ashlar.h"
#include "nexthop.h"

#define BUF_SIZE	16384

/* In the header's words the high byte has another name, depending on its age. */
struct wire_member {
	uint32_t id;
	uint8_t weight;		/* less 1 */
	uint8_t weight_high;
	uint16_t reserved;
};

static struct {
	struct mnl_socket *nl;
	uint32_t seq;
	char buf[BUF_SIZE] attribute((__aligned__(8)));
} rt;

int nexthop_open(void)
{
	if (!rt.nl)
		rt.nl = socket_new(NETLINK_ROUTE);
	rt.seq = time(NULL);
	return rt.nl ? 0 : -errno;
}

void nexthop_close(void)
{
	if (rt.nl)
		mnl_socket_close(rt.nl);
	rt.nl = NULL;
}

/* The answer, or NULL if there is none but a yes or no; that is @err. */
static const struct nlmsghdr *ask(struct nlmsghdr *nlh, int *err)
{
	const struct nlmsghdr *answer;
	const struct nlmsgerr *e;
	ssize_t n;
	int len;

	nlh->nlmsg_seq = ++rt.seq;
	*err = 0;
	if (mnl_socket_sendto(rt.nl, nlh, nlh->nlmsg_len) < 0) {
		*err = -errno;
		return NULL;
	}
	for (;;) {
		n = mnl_socket_recvfrom(rt.nl, rt.buf, sizeof(rt.buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			*err = -errno;
			return NULL;
		}
		answer = (const struct nlmsghdr *)rt.buf;
		for (len = n; mnl_nlmsg_ok(answer, len);
		     answer = mnl_nlmsg_next(answer, &len)) {
			if (answer->nlmsg_seq != nlh->nlmsg_seq)
				continue;
			if (answer->nlmsg_type != NLMSG_ERROR)
				return answer;
			e = mnl_nlmsg_get_payload(answer);
			*err = e->error;
			return NULL;
		}
	}
}

static struct nlmsghdr *nexthop_message(char *buf, int type, int flags,
					const struct nhmsg *nhm)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(*nhm)), nhm, sizeof(*nhm));
	return nlh;
}

static const struct nlmsghdr *nexthop_ask(uint32_t id, int *err)
{
	char buf[128] attribute((__aligned__(8)));
	const struct nhmsg nhm = {};
	const struct nlmsghdr *answer;
	struct nlmsghdr *nlh;

	nlh = nexthop_message(buf, RTM_GETNEXTHOP, 0, &nhm);
	mnl_attr_put_u32(nlh, NHA_ID, id);
	answer = ask(nlh, err);
	if (answer && answer->nlmsg_type != RTM_NEWNEXTHOP)
		*err = -EPROTO;
	else if (!answer && !*err)
		*err = -EPROTO;
	return *err ? NULL : answer;
}

static void nexthop_take(const struct nlmsghdr *nlh, struct nexthop *nh)
{
	const struct nlattr *attr;
	unsigned int len;

	mnl_attr_for_each(attr, nlh, sizeof(struct nhmsg)) {
		len = mnl_attr_get_payload_len(attr);
		switch (mnl_attr_get_type(attr)) {
		case NHA_OIF:
			nh->ifindex = mnl_attr_get_u32(attr);
			break;
		case NHA_GATEWAY:
			if (len > sizeof(nh->gateway))
				break;
			nh->gateway_len = len;
			memcpy(nh->gateway, mnl_attr_get_payload(attr), len);
			break;
		case NHA_ENCAP:
			nh->encap = true;
			break;
		}
	}
}

int nexthop_get(uint32_t id, struct nexthop *nh)
{
	const struct nlmsghdr *answer;
	const struct nhmsg *nhm;
	int err;

	answer = nexthop_ask(id, &err);
	if (!answer)
		return err;
	nhm = mnl_nlmsg_get_payload(answer);
	*nh = (struct nexthop){
		.id = id,
		.family = nhm->nh_family,
		.protocol = nhm->nh_protocol,
		/* The others are state. */
		.flags = nhm->nh_flags & RTNH_F_ONLINK,
	};
	nexthop_take(answer, nh);
	return 0;
}

int nexthop_make(const struct nexthop *nh)
{
	char buf[256] attribute((__aligned__(8)));
	const struct nhmsg nhm = {
		.nh_family = nh->family,
		.nh_protocol = nh->protocol,
		.nh_flags = nh->flags,
	};
	struct nlmsghdr *nlh;
	int err;

	if (nh->encap)
		return -EOPNOTSUPP;
	nlh = nexthop_message(buf, RTM_NEWNEXTHOP,
			      NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &nhm);
	mnl_attr_put_u32(nlh, NHA_ID, nh->id);
	mnl_attr_put_u32(nlh, NHA_OIF, nh->ifindex);
	if (nh->gateway_len)
		mnl_attr_put(nlh, NHA_GATEWAY, nh->gateway_len, nh->gateway);
	ask(nlh, &err);
	return err;
}

static int members_take(const struct nlattr *attr, struct group *group)
{
	const struct wire_member *wire = mnl_attr_get_payload(attr);
	unsigned int n = mnl_attr_get_payload_len(attr) / sizeof(*wire), i;

	if (n > MAX_MEMBERS)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		group->member[i].id = wire[i].id;
		group->member[i].weight = (wire[i].weight_high << 8 |
					   wire[i].weight) + 1;
	}
	group->n = n;
	return 0;
}

int group_get(uint32_t id, struct group *group)
{
	const struct nlmsghdr *answer;
	const struct nlattr *attr;
	int err;

	*group = (struct group){ .id = id };
	answer = nexthop_ask(id, &err);
	if (!answer)
		return err;
	mnl_attr_for_each(attr, answer, sizeof(struct nhmsg)) {
		if (mnl_attr_get_type(attr) == NHA_GROUP)
			err = members_take(attr, group);
		else if (mnl_attr_get_type(attr) == NHA_GROUP_TYPE)
			group->type = mnl_attr_get_u16(attr);
	}
	if (!err && !group->n)
		err = -EINVAL;	/* a nexthop, not a group */
	return err;
}

int group_replace(const struct group *group)
{
	char buf[128 + MAX_MEMBERS * sizeof(struct wire_member)]
		attribute((__aligned__(8)));
	struct wire_member wire[MAX_MEMBERS] = {};
	const struct nhmsg nhm = {};
	struct nlmsghdr *nlh;
	unsigned int i;
	int err;

	if (!group->n)
		return -EBUSY;
	for (i = 0; i < group->n; i++) {
		wire[i].id = group->member[i].id;
		wire[i].weight = (group->member[i].weight - 1) & 0xff;
		wire[i].weight_high = (group->member[i].weight - 1) >> 8;
	}
	nlh = nexthop_message(buf, RTM_NEWNEXTHOP,
			      NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, &nhm);
	mnl_attr_put_u32(nlh, NHA_ID, group->id);
	mnl_attr_put(nlh, NHA_GROUP, group->n * sizeof(*wire), wire);
	mnl_attr_put_u16(nlh, NHA_GROUP_TYPE, group->type);
	ask(nlh, &err);
	return err;
}

int device_set(int ifindex, bool up)
{
	char buf[128] attribute((__aligned__(8)));
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;
	int err;

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	ifi->ifi_change = IFF_UP;
	ifi->ifi_flags = up ? IFF_UP : 0;
	ask(nlh, &err);
	return err;
}
