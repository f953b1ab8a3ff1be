// SPDX-License-Identifier: GPL-2.0-only
/*
 * What carries the traffic besides a link: the other members of its bond, or
 * of the nexthop group that the operator named. Members of a bond count
 * whether they are monitored or not; of a nexthop group those that are, and are
 * in the group still.
 */
#include <linux/rtnetlink.h>
#include <net/nexthop.h>

#include "host.h"
#include "link.h"

static struct net_device *bond_of(const struct ln_link *link)
{
	struct net_device *master;

	master = netdev_master_upper_dev_get((struct net_device *)link->dev);
	return master && netif_is_bond_master(master) ? master : NULL;
}

void ln_group_update(struct ln_link *link)
{
	struct net_device *bond = bond_of(link);

	ASSERT_RTNL();
	lockdep_assert_held(&ln_mutex);
	spin_lock_bh(&link->lock);
	if (bond) {
		link->group = LN_GROUP_BOND;
		link->group_id = bond->ifindex;
	} else if (ln_ladder_out(&link->ladder)) {
		/* One that we took out belongs to where it came from still. */
	} else if (link->cfg.nh_group) {
		link->group = LN_GROUP_NEXTHOP;
		link->group_id = link->cfg.nh_group;
	} else {
		link->group = LN_GROUP_NONE;
		link->group_id = 0;
	}
	spin_unlock_bh(&link->lock);
}

static bool same_group(const struct ln_link *a, const struct ln_link *b)
{
	return a->group == b->group && a->group_id == b->group_id;
}

/*
 * Neither end has taken it out, or is about to. What the other end has made of
 * a link that it does not speak on is not known, so such a link does not count.
 */
static bool link_in_service(struct ln_link *link)
{
	bool in;

	spin_lock_bh(&link->lock);
	in = !ln_ladder_out(&link->ladder) &&
	     (link->cfg.alone ||
	      (link->peer.trusted && ln_peer_fresh(link) &&
	       link->peer.told.state < LN_PENDING));
	spin_unlock_bh(&link->lock);
	return in && netif_running(link->dev) && netif_carrier_ok(link->dev);
}

static unsigned int bond_left(const struct ln_link *link)
{
	struct net_device *bond, *lower;
	struct ln_link *other;
	struct list_head *iter;
	unsigned int n = 0;

	bond = __dev_get_by_index(link->host->net, link->group_id);
	if (!bond || !netif_is_bond_master(bond))
		return 0;
	netdev_for_each_lower_dev(bond, lower, iter) {
		if (lower == link->dev)
			continue;
		other = ln_link_find(link->host, lower->ifindex);
		if (other)
			n += link_in_service(other);
		else
			n += netif_running(lower) && netif_carrier_ok(lower);
	}
	return n;
}

/* Does the group have a nexthop by the device? One that cannot be looked at has. */
static bool nexthop_has(const struct ln_link *link, const struct net_device *dev)
{
	struct nexthop *nh = nexthop_find_by_id(link->host->net, link->group_id);
	const struct nh_group *group;
	const struct nh_info *nhi;
	unsigned int i;

	if (!nh || !nh->is_group)
		return true;
	group = rtnl_dereference(nh->nh_grp);
	for (i = 0; i < group->num_nh; i++) {
		nhi = rtnl_dereference(group->nh_entries[i].nh->nh_info);
		if (nhi->fib_nhc.nhc_dev == dev)
			return true;
	}
	return false;
}

static unsigned int nexthop_left(const struct ln_link *link)
{
	struct ln_link *other;
	unsigned int n = 0;

	list_for_each_entry(other, &link->host->links, list)
		if (other != link && same_group(other, link) &&
		    nexthop_has(link, other->dev))
			n += link_in_service(other);
	return n;
}

unsigned int ln_group_left(const struct ln_link *link)
{
	ASSERT_RTNL();
	lockdep_assert_held(&ln_mutex);
	if (link->group == LN_GROUP_BOND)
		return bond_left(link);
	return link->group == LN_GROUP_NEXTHOP ? nexthop_left(link) : 0;
}

/* The most careful member speaks for the group. */
static u32 group_keep(const struct ln_link *link)
{
	u32 keep = max(link->cfg.keep, 1U);
	struct ln_link *other;

	list_for_each_entry(other, &link->host->links, list)
		if (same_group(other, link))
			keep = max(keep, other->cfg.keep);
	return keep;
}

bool ln_group_guard(const struct ln_link *link)
{
	return link->group != LN_GROUP_NONE &&
	       ln_group_left(link) >= group_keep(link);
}
