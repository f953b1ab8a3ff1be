// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host's ways to its peers: the uplinks, the address, the ports that are the
 * suite's, and the keys.
 */
#include <linux/inetdevice.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/route.h>
#include <net/udp_tunnel.h>

#include "conn.h"
#include "dgram.h"
#include "hook.h"
#include "host.h"
#include "network.h"
#include "nl.h"
#include "peer.h"

struct ov_underlay *ov_underlay_find(struct ov_host *host, const char *name)
{
	struct ov_underlay *ul;

	list_for_each_entry_rcu(ul, &host->underlays, list,
				lockdep_is_held(&ov_mutex)) {
		if (!strcmp(ul->cfg.name, name))
			return ul;
	}
	return NULL;
}

static void key_derive(struct ov_key *key, const u8 *secret)
{
	static const char label[] __aligned(SIPHASH_ALIGNMENT) = "ashlar key print";

	memcpy(&key->sip, secret, sizeof(key->sip));
	key->print = siphash(label, sizeof(label) - 1, &key->sip);
	if (!key->print)
		key->print = 1;
}

static void keys_free_rcu(struct rcu_head *head)
{
	kfree_sensitive(container_of(head, struct ov_keys, rcu));
}

static void underlay_free_rcu(struct rcu_head *head)
{
	struct ov_underlay *ul = container_of(head, struct ov_underlay, rcu);

	kfree_sensitive(rcu_dereference_protected(ul->keys, true));
	kfree(ul);
}

/* After the last reference, in process context: see ov_underlay_put(). */
static void underlay_free(struct work_struct *work)
{
	struct ov_underlay *ul = container_of(work, struct ov_underlay, free);

	synchronize_rcu();	/* look-ups of peers by packets on their way */
	rhashtable_destroy(&ul->peers);
	call_rcu(&ul->rcu, underlay_free_rcu);
}

void ov_underlay_put(struct ov_underlay *ul)
{
	if (refcount_dec_and_test(&ul->ref))
		queue_work(ov_wq, &ul->free);
}

static int underlay_check(struct ov_host *host, const struct ov_underlay_cfg *cfg,
			  struct netlink_ext_ack *extack)
{
	struct ov_underlay *ul;
	unsigned int i;

	if (ov_underlay_find(host, cfg->name)) {
		NL_SET_ERR_MSG(extack, "an underlay has this name already");
		return -EEXIST;
	}
	list_for_each_entry(ul, &host->underlays, list) {
		if (ov_addr_equal(&ul->cfg.addr, &cfg->addr)) {
			NL_SET_ERR_MSG(extack, "an underlay has this address already");
			return -EEXIST;
		}
	}
	if (inet_addr_type(host->net, ov_addr_ip4(&cfg->addr)) != RTN_LOCAL) {
		NL_SET_ERR_MSG(extack, "that is not an address of this host");
		return -EADDRNOTAVAIL;
	}
	for (i = 0; i < cfg->n_dev; i++) {
		struct net_device *dev;

		rcu_read_lock();
		dev = dev_get_by_index_rcu(host->net, cfg->ifindex[i]);
		rcu_read_unlock();
		if (!dev) {
			NL_SET_ERR_MSG(extack, "no such uplink device");
			return -ENODEV;
		}
	}
	return 0;
}

/* Keeps the suite's TCP ports on the address from anybody else. */
static int underlay_hold_ports(struct ov_underlay *ul,
			       struct netlink_ext_ack *extack)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = ov_addr_ip4(&ul->cfg.addr),
	};
	unsigned int i;
	int err;

	for (i = 0; i < ul->cfg.port_n; i++) {
		err = sock_create_kern(ul->host->net, AF_INET, SOCK_STREAM,
				       IPPROTO_TCP, &ul->hold[i]);
		if (err) {
			NL_SET_ERR_MSG(extack, "no memory for the suite's ports");
			return err;
		}
		sin.sin_port = htons(ul->cfg.port_lo + i);
		err = kernel_bind(ul->hold[i], (struct sockaddr *)&sin,
				  sizeof(sin));
		if (err) {
			NL_SET_ERR_MSG(extack, "one of the suite's ports is in use on this host");
			return err;
		}
	}
	return 0;
}

static void underlay_release_ports(struct ov_underlay *ul)
{
	unsigned int i;

	for (i = 0; i < ul->cfg.port_n; i++) {
		if (ul->hold[i])
			sock_release(ul->hold[i]);
		ul->hold[i] = NULL;
	}
}

int ov_underlay_add(struct net *net, const struct ov_underlay_cfg *cfg,
		    struct netlink_ext_ack *extack)
{
	struct ov_underlay *ul;
	struct ov_host *host;
	struct ov_keys *keys;
	int err;

	lockdep_assert_held(&ov_mutex);
	host = ov_host_make(net);
	if (!host) {
		NL_SET_ERR_MSG(extack, "no memory for the host's tables");
		return -ENOMEM;
	}
	err = underlay_check(host, cfg, extack);
	if (err)
		return err;

	ul = kzalloc(sizeof(*ul), GFP_KERNEL_ACCOUNT);
	keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	if (!ul || !keys || rhashtable_init(&ul->peers, &ov_peer_params)) {
		kfree(ul);
		kfree(keys);
		NL_SET_ERR_MSG(extack, "no memory for the underlay");
		return -ENOMEM;
	}
	ul->host = host;
	ul->cfg = *cfg;
	memzero_explicit(ul->cfg.key, sizeof(ul->cfg.key));
	key_derive(&keys->cur, cfg->key);
	keys->since = ktime_get_real_seconds();
	RCU_INIT_POINTER(ul->keys, keys);
	get_random_bytes(ul->nonce, sizeof(ul->nonce));
	ul->boot = get_random_u64();
	ul->rotated = jiffies;
	INIT_WORK(&ul->free, underlay_free);
	refcount_set(&ul->ref, 1);

	err = underlay_hold_ports(ul, extack);
	if (err)
		goto release_ports;
	err = ov_dgram_open(ul, extack);
	if (err)
		goto release_ports;
	err = ov_hook_underlay(ul);
	if (err) {
		NL_SET_ERR_MSG(extack, "the host's netfilter hooks cannot be placed");
		goto close;
	}
	list_add_tail_rcu(&ul->list, &host->underlays);
	atomic_inc(&host->generation);
	mod_delayed_work(ov_wq, &host->tick, HZ);
	ov_nl_notify_underlay(ul, OV_EVENT_NEW);
	return 0;

close:
	ov_dgram_close(ul);
release_ports:
	underlay_release_ports(ul);
	ov_underlay_put(ul);
	return err;
}

static struct ov_underlay *underlay_find_cfg(struct net *net, const char *name,
					     struct netlink_ext_ack *extack)
{
	struct ov_host *host = ov_host_get(net);
	struct ov_underlay *ul = NULL;

	lockdep_assert_held(&ov_mutex);
	if (host)
		ul = ov_underlay_find(host, name);
	if (!ul)
		NL_SET_ERR_MSG(extack, "no underlay has this name");
	return ul;
}

static void underlay_new_keys(struct ov_underlay *ul, struct ov_keys *new)
{
	struct ov_keys *old;

	old = rcu_replace_pointer(ul->keys, new, lockdep_is_held(&ov_mutex));
	call_rcu(&old->rcu, keys_free_rcu);
	atomic_inc(&ul->host->generation);
	ov_hello_all(ul);
	ov_nl_notify_underlay(ul, OV_EVENT_SET);
}

int ov_underlay_set_key(struct net *net, const char *name, const u8 *key,
			struct netlink_ext_ack *extack)
{
	struct ov_underlay *ul = underlay_find_cfg(net, name, extack);
	struct ov_keys *new, *old;

	if (!ul)
		return -ENOENT;
	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new) {
		NL_SET_ERR_MSG(extack, "no memory for the key");
		return -ENOMEM;
	}
	old = rcu_dereference_protected(ul->keys, lockdep_is_held(&ov_mutex));
	key_derive(&new->cur, key);
	if (!memcmp(&new->cur.sip, &old->cur.sip, sizeof(new->cur.sip))) {
		kfree_sensitive(new);
		NL_SET_ERR_MSG(extack, "that is the current key already");
		return -EEXIST;
	}
	new->prev = old->cur;
	new->has_prev = true;
	new->since = ktime_get_real_seconds();
	underlay_new_keys(ul, new);
	return 0;
}

int ov_underlay_drop_key(struct net *net, const char *name,
			 struct netlink_ext_ack *extack)
{
	struct ov_underlay *ul = underlay_find_cfg(net, name, extack);
	struct ov_keys *new, *old;

	if (!ul)
		return -ENOENT;
	old = rcu_dereference_protected(ul->keys, lockdep_is_held(&ov_mutex));
	if (!old->has_prev) {
		NL_SET_ERR_MSG(extack, "the underlay has no previous key");
		return -ENOENT;
	}
	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new) {
		NL_SET_ERR_MSG(extack, "no memory to drop the key");
		return -ENOMEM;
	}
	new->cur = old->cur;
	new->since = old->since;
	underlay_new_keys(ul, new);
	return 0;
}

/*
 * Order: say bye while the socket and the hooks are there; then no new packets
 * come in; conns find the underlay dead.
 */
void ov_underlay_remove(struct ov_host *host, struct ov_underlay *ul)
{
	unsigned int i;

	WRITE_ONCE(ul->dead, true);
	for (i = 0; i < ul->cfg.n_dev; i++)
		WRITE_ONCE(host->n_lost, host->n_lost - !ul->cfg.ifindex[i]);
	list_del_rcu(&ul->list);
	atomic_inc(&host->generation);
	ov_unhook_underlay(ul);
	ov_dgram_close(ul);
	underlay_release_ports(ul);
	ov_nl_notify_underlay(ul, OV_EVENT_DEL);
	ov_host_review(host);
	ov_underlay_put(ul);
}

int ov_underlay_del(struct net *net, const char *name,
		    struct netlink_ext_ack *extack)
{
	struct ov_underlay *ul = underlay_find_cfg(net, name, extack);
	struct ov_network *nw;

	if (!ul)
		return -ENOENT;
	list_for_each_entry(nw, &ul->host->networks, list) {
		if (nw->underlay == ul) {
			NL_SET_ERR_MSG(extack, "a network still uses the underlay: delete it first");
			return -EBUSY;
		}
	}
	ov_underlay_remove(ul->host, ul);
	return 0;
}

void ov_underlay_lose(struct ov_host *host, const struct net_device *dev)
{
	struct ov_underlay *ul;
	unsigned int i;

	lockdep_assert_held(&ov_mutex);
	/* The core says it again while somebody holds the old device. */
	if (__dev_get_by_index(host->net, dev->ifindex))
		return;
	list_for_each_entry(ul, &host->underlays, list) {
		for (i = 0; i < ul->cfg.n_dev; i++) {
			if (ul->cfg.ifindex[i] != dev->ifindex)
				continue;
			WRITE_ONCE(host->n_lost, host->n_lost + 1);
			strscpy(ul->lost[i], dev->name, IFNAMSIZ);
			WRITE_ONCE(ul->cfg.ifindex[i], 0);
			atomic_inc(&host->generation);
			ov_nl_notify_underlay(ul, OV_EVENT_SET);
		}
	}
}

void ov_underlay_regain(struct ov_host *host, const struct net_device *dev)
{
	struct ov_underlay *ul;
	unsigned int i;

	lockdep_assert_held(&ov_mutex);
	list_for_each_entry(ul, &host->underlays, list) {
		if (ov_underlay_has_dev(ul, dev->ifindex))
			continue;
		for (i = 0; i < ul->cfg.n_dev; i++) {
			if (ul->cfg.ifindex[i] || strcmp(ul->lost[i], dev->name))
				continue;
			WRITE_ONCE(host->n_lost, host->n_lost - 1);
			WRITE_ONCE(ul->cfg.ifindex[i], dev->ifindex);
			atomic_inc(&host->generation);
			ov_nl_notify_underlay(ul, OV_EVENT_SET);
		}
	}
}
