// SPDX-License-Identifier: GPL-2.0-only
/*
 * The twins' module: /dev/exttwin takes a command and, read, tells its answer.
 *
 *   start EXT ENTRY:HOOK:PRIORITY[,...]   in the namespace of who writes; once
 *   set MAP KEY VALUE                     in hexadecimal digits
 *   get MAP INDEX                         the sum of a counter
 *   request ENTRY                         what it returned
 */
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

#include "twin.h"

#define HOOKS	8
#define COMMAND	1024

typedef u32 (*hook_fn)(struct twin_pkt *pkt);
typedef s32 (*init_fn)(void);
typedef s32 (*request_fn)(const void *in, u32 len, void *out, u32 room);

static const struct twin_ext *const all[] = {
	&twin_filter, &twin_balancer, &twin_policer, &twin_noop, &twin_micro,
};

static const struct twin_ext *twin;
static struct nf_hook_ops ops[HOOKS * 2];
static u32 nr_ops;
static struct net *net;
static s64 answer;
static DEFINE_MUTEX(lock);

static const struct ashlar_ext_entry *entry_find(const char *name, u32 kind)
{
	u32 i;

	for (i = 0; twin->entries[i]; i++) {
		if (twin->entries[i]->kind == kind &&
		    (!name || !strcmp(twin->entries[i]->name, name)))
			return twin->entries[i];
	}
	return NULL;
}

static unsigned int twin_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct twin_pkt pkt = {
		.data = skb->data, .linear = skb_headlen(skb), .skb = skb, .state = state
	};

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
	if (!entry || !hook || !words || kstrtou32(hook, 0, &number) ||
	    kstrtoint(words, 0, &prio) || nr_ops + 2 > ARRAY_SIZE(ops))
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

static int attach_all(char *attach)
{
	char *words;
	int err = 0;

	while (!err && (words = strsep(&attach, ",")))
		err = attach_one(words);
	if (!err)
		err = nf_register_net_hooks(net, ops, nr_ops);
	if (err)
		nr_ops = 0;
	return err;
}

static int start(char *name, char *attach)
{
	const struct ashlar_ext_entry *init;
	int err;
	u32 i;

	if (twin || !name || !attach)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(all) && !twin; i++) {
		if (!strcmp(all[i]->about->name, name))
			twin = all[i];
	}
	if (!twin)
		return -ENOENT;
	net = get_net(current->nsproxy->net_ns);
	err = twin_maps_init(twin);
	init = entry_find(NULL, ASHLAR_EXT_ENTRY_INIT);
	if (!err && init)
		err = ((init_fn)init->fn)();
	return err ? err : attach_all(attach);
}

static int set(const char *name, const char *key, const char *value)
{
	const struct ashlar_ext_map_def *def = name ? twin_map_find(name) : NULL;
	u8 bytes[2][128];
	void *to;

	if (!def || !key || !value || strlen(key) != def->key_size * 2 ||
	    strlen(value) != def->value_size * 2 || def->value_size > sizeof(bytes[1]) ||
	    hex2bin(bytes[0], key, def->key_size) || hex2bin(bytes[1], value, def->value_size))
		return -EINVAL;
	rcu_read_lock();
	to = twin_map_value(def, bytes[0]);
	if (to)
		memcpy(to, bytes[1], def->value_size);
	rcu_read_unlock();
	return to ? 0 : -ENOSPC;
}

static int get(const char *name, const char *index)
{
	const struct ashlar_ext_map_def *def = name ? twin_map_find(name) : NULL;
	u32 number;

	if (!def || !index || kstrtou32(index, 0, &number))
		return -EINVAL;
	answer = twin_map_sum(def, number);
	return 0;
}

static int request(const char *name)
{
	const struct ashlar_ext_entry *entry;
	u8 out[64];

	entry = name && twin ? entry_find(name, ASHLAR_EXT_ENTRY_REQUEST) : NULL;
	if (!entry)
		return -ENOENT;
	answer = ((request_fn)entry->fn)(NULL, 0, out, sizeof(out));
	return min_t(s64, answer, 0);
}

static int command(char *text)
{
	char *words[4] = {};
	u32 i;

	text = strim(text);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = strsep(&text, " ");
	if (!strcmp(words[0], "start"))
		return start(words[1], words[2]);
	if (!strcmp(words[0], "set"))
		return set(words[1], words[2], words[3]);
	if (!strcmp(words[0], "get"))
		return get(words[1], words[2]);
	return strcmp(words[0], "request") ? -EINVAL : request(words[1]);
}

static ssize_t exttwin_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	char *text = len < COMMAND ? memdup_user_nul(from, len) : ERR_PTR(-EINVAL);
	int err;

	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&lock);
	err = command(text);
	mutex_unlock(&lock);
	kfree(text);
	return err ? err : len;
}

static ssize_t exttwin_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	char text[32];

	return simple_read_from_buffer(to, len, pos, text,
				       scnprintf(text, sizeof(text), "%lld\n", answer));
}

static const struct file_operations exttwin_fops = {
	.owner = THIS_MODULE,
	.read = exttwin_read,
	.write = exttwin_write,
};

static struct miscdevice exttwin_dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "exttwin",
	.mode = 0600,
	.fops = &exttwin_fops,
};

static int __init exttwin_init(void)
{
	return misc_register(&exttwin_dev);
}

static void __exit exttwin_exit(void)
{
	misc_deregister(&exttwin_dev);
	if (!net)
		return;
	nf_unregister_net_hooks(net, ops, nr_ops);
	twin_misc_exit();
	synchronize_rcu();
	twin_maps_exit();
	put_net(net);
}

module_init(exttwin_init);
module_exit(exttwin_exit);
MODULE_DESCRIPTION("Extensions as ordinary code; for tests and benchmarks");
MODULE_LICENSE("GPL");
