// SPDX-License-Identifier: GPL-2.0-only
/*
 * The twins' module. In debugfs, exttwin/:
 *
 *   set      write: 32 bytes name of a map, the key, the value
 *   get      write: 32 bytes name of a map of counters, 4 bytes index; read: its sum
 *   request  write: an entry's name; read: what it returned
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

#include "twin.h"

#define HOOKS	8

static char *ext = "noop";
module_param(ext, charp, 0444);
MODULE_PARM_DESC(ext, "which extension");
static char *attach = "";
module_param(attach, charp, 0444);
MODULE_PARM_DESC(attach, "ENTRY:HOOK:PRIORITY[,...]");

typedef u32 (*hook_fn)(struct twin_pkt *pkt);
typedef s32 (*init_fn)(void);
typedef s32 (*request_fn)(const void *in, u32 len, void *out, u32 room);

static const struct twin_ext *const all[] = { &twin_filter, &twin_balancer, &twin_policer, &twin_noop };
static const struct twin_ext *twin;
static struct nf_hook_ops ops[HOOKS * 2];
static u32 nr_ops;
static struct net *net;
static struct dentry *dir;
static s64 answer;

static const struct ashlar_ext_entry *entry_find(const char *name, u32 kind)
{
	u32 i;

	for (i = 0; twin->entries[i]; i++) {
		if (twin->entries[i]->kind == kind && (!name || !strcmp(twin->entries[i]->name, name)))
			return twin->entries[i];
	}
	return NULL;
}

static unsigned int twin_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct twin_pkt pkt = { .data = skb->data, .linear = skb_headlen(skb), .skb = skb, .state = state };

	return ((hook_fn)priv)(&pkt) ? NF_ACCEPT : NF_DROP;
}

static unsigned int empty_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

/* "empty": what the hook itself costs. */
static int attach_one(char *words)
{
	char *name = strsep(&words, ":"), *hook = strsep(&words, ":");
	const struct ashlar_ext_entry *entry;
	bool empty = !strcmp(name, "empty");
	u32 number, i;
	int prio;

	entry = entry_find(empty ? NULL : name, ASHLAR_EXT_ENTRY_HOOK);
	if (!entry || !hook || !words || kstrtou32(hook, 0, &number) || kstrtoint(words, 0, &prio) ||
	    nr_ops + 2 > ARRAY_SIZE(ops))
		return -EINVAL;
	for (i = 0; i < 2; i++, nr_ops++) {
		ops[nr_ops].hook = empty ? empty_hook : twin_hook;
		ops[nr_ops].priv = (void *)entry->fn;
		ops[nr_ops].pf = i ? NFPROTO_IPV6 : NFPROTO_IPV4;
		ops[nr_ops].hooknum = number;
		ops[nr_ops].priority = prio;
	}
	return 0;
}

static int attach_all(void)
{
	char *copy = kstrdup(attach, GFP_KERNEL), *rest = copy, *words;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	while (!err && (words = strsep(&rest, ",")))
		err = *words ? attach_one(words) : 0;
	kfree(copy);
	return err ? err : nf_register_net_hooks(net, ops, nr_ops);
}

static ssize_t set_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	const struct ashlar_ext_map_def *def;
	u8 *buf = memdup_user(from, min_t(size_t, len, 8192 + 128));
	ssize_t err = -EINVAL;
	void *value;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	def = len > 32 ? twin_map_find(buf) : NULL;
	if (def && len == 32 + def->key_size + def->value_size) {
		rcu_read_lock();
		value = twin_map_value(def, buf + 32);
		if (value)
			memcpy(value, buf + 32 + def->key_size, def->value_size);
		rcu_read_unlock();
		err = value ? len : -ENOSPC;
	}
	kfree(buf);
	return err;
}

static ssize_t get_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	const struct ashlar_ext_map_def *def;
	u8 buf[36];

	if (len != sizeof(buf) || copy_from_user(buf, from, len))
		return -EINVAL;
	def = twin_map_find(buf);
	if (!def)
		return -ENOENT;
	answer = twin_map_sum(def, *(u32 *)(buf + 32));
	return len;
}

static ssize_t request_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	const struct ashlar_ext_entry *entry;
	char name[ASHLAR_EXT_NAME] = {};
	u8 out[64];

	if (len >= sizeof(name) || copy_from_user(name, from, len))
		return -EINVAL;
	entry = entry_find(strim(name), ASHLAR_EXT_ENTRY_REQUEST);
	if (!entry)
		return -ENOENT;
	answer = ((request_fn)entry->fn)(NULL, 0, out, sizeof(out));
	return answer < 0 ? answer : len;
}

static ssize_t answer_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	char text[32];

	return simple_read_from_buffer(to, len, pos, text, scnprintf(text, sizeof(text), "%lld\n", answer));
}

static const struct file_operations set_fops = { .owner = THIS_MODULE, .write = set_write };
static const struct file_operations get_fops = { .owner = THIS_MODULE, .write = get_write, .read = answer_read };
static const struct file_operations request_fops = {
	.owner = THIS_MODULE, .write = request_write, .read = answer_read,
};

static int start(void)
{
	const struct ashlar_ext_entry *init = entry_find(NULL, ASHLAR_EXT_ENTRY_INIT);
	int err = twin_maps_init(twin);

	if (!err && init)
		err = ((init_fn)init->fn)();
	return err ? err : attach_all();
}

static void stop(void)
{
	twin_misc_exit();
	synchronize_rcu();
	twin_maps_exit();
	put_net(net);
}

static int __init exttwin_init(void)
{
	int err;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(all) && !twin; i++) {
		if (!strcmp(all[i]->about->name, ext))
			twin = all[i];
	}
	if (!twin)
		return -ENOENT;
	net = get_net(current->nsproxy->net_ns);
	err = start();
	if (err) {
		stop();
		return err;
	}
	dir = debugfs_create_dir("exttwin", NULL);
	debugfs_create_file("set", 0200, dir, NULL, &set_fops);
	debugfs_create_file("get", 0600, dir, NULL, &get_fops);
	debugfs_create_file("request", 0600, dir, NULL, &request_fops);
	return 0;
}

static void __exit exttwin_exit(void)
{
	debugfs_remove(dir);
	nf_unregister_net_hooks(net, ops, nr_ops);
	stop();
}

module_init(exttwin_init);
module_exit(exttwin_exit);
MODULE_DESCRIPTION("Extensions as ordinary code; for tests and benchmarks");
MODULE_LICENSE("GPL");
