// SPDX-License-Identifier: GPL-2.0-only
/* Extensions that are played: their coming and going, their packets. */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/net_namespace.h>

#include "ext_stage.h"

#define T_WAIT		(60 * HZ)

struct ex_inst *t_current(const char *name)
{
	struct ex_inst *inst;

	mutex_lock(&ex_mutex);
	inst = ex_inst_find(&init_net, name);
	mutex_unlock(&ex_mutex);
	return inst;
}

static void stage_release(struct kunit_resource *res)
{
	struct t_stage *s = res->data;
	struct ex_inst *inst;

	/* Nobody else destroys it. */
	inst = t_current(s->info.name);
	if (inst) {
		ex_inst_get(inst);
		ex_inst_destroy(inst);
		ex_inst_put(inst);
	}
	if (s->inst)
		ex_inst_put(s->inst);
	ex_revoke(&init_net, s->info.name, NULL);
	mutex_lock(&ex_mutex);
	list_del(&s->ext.list);
	mutex_unlock(&ex_mutex);
	kfree_skb(s->skb);
}

int t_approve(struct t_stage *s, const struct ex_quota *quota)
{
	int err;

	mutex_lock(&ex_mutex);
	err = ex_approve(&init_net, s->info.name, quota, NULL);
	mutex_unlock(&ex_mutex);
	return err;
}

struct t_stage *t_stage(struct kunit *test, const char *name, const char *build)
{
	struct t_stage *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct ashlar_ext_info *info;

	KUNIT_ASSERT_NOT_NULL(test, s);
	info = &s->info;
	strscpy(info->name, name, sizeof(info->name));
	strscpy(info->version, "1", sizeof(info->version));
	strscpy(info->build, build, sizeof(info->build));
	info->magic = ASHLAR_EXT_MAGIC;
	info->abi = ASHLAR_EXT_ABI;
	info->flags = ASHLAR_EXT_BUILD_SHADOW;
	info->stack_max = 512;
	info->entries = s->entries;
	info->locks = s->locks;
	info->nr_locks = ARRAY_SIZE(s->locks);
	s->locks[0].rank = 1;
	s->locks[1].rank = 2;
	info->text_start = t_text_start;
	info->text_end = t_text_end;
	info->pads_start = t_pads_start;
	info->pads_end = t_pads_end;
	info->pad_ips = t_pad_ips;
	info->nr_pads = t_nr_pads;
	info->pad_size = 5;
	s->ext.mod = THIS_MODULE;
	s->ext.info = info;
	s->skb = alloc_skb(256, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->skb);
	skb_put_zero(s->skb, 64);
	mutex_lock(&ex_mutex);
	list_add(&s->ext.list, &ex_exts);
	mutex_unlock(&ex_mutex);
	kunit_alloc_resource(test, NULL, stage_release, GFP_KERNEL, s);
	KUNIT_ASSERT_EQ(test, t_approve(s, &ex_quota_default), 0);
	return s;
}

const struct ashlar_ext_entry *t_entry(struct t_stage *s, const char *name, u32 kind,
				       const void *fn)
{
	struct ashlar_ext_entry *entry = &s->entries[s->info.nr_entries++];

	strscpy(entry->name, name, sizeof(entry->name));
	entry->kind = kind;
	entry->fn = fn;
	if (kind >= ASHLAR_EXT_ENTRY_INIT)
		s->ext.entries[kind] = entry;
	return entry;
}

int t_try_create(struct t_stage *s)
{
	return ex_inst_create(&init_net, s->info.name, NULL, NULL, &s->inst);
}

void t_create(struct kunit *test, struct t_stage *s)
{
	KUNIT_ASSERT_EQ(test, t_try_create(s), 0);
}

void t_attach(struct kunit *test, struct t_stage *s, const char *entry, u32 fail)
{
	const struct ex_attach at = {
		.entry = entry, .hook = EX_HOOK_INPUT, .family = 4, .fail = fail,
	};
	int err;

	mutex_lock(&ex_mutex);
	err = ex_attach(s->inst, &at, NULL, &s->hook);
	mutex_unlock(&ex_mutex);
	KUNIT_ASSERT_EQ(test, err, 0);
}

u32 t_packet(struct t_stage *s)
{
	const struct nf_hook_state state = {
		.hook = NF_INET_LOCAL_IN, .pf = NFPROTO_IPV4, .net = &init_net,
	};
	u32 verdict;

	rcu_read_lock();
	verdict = s->hook->ops.hook(s->hook->ops.priv, s->skb, &state);
	rcu_read_unlock();
	return verdict;
}

struct t_soft {
	struct tasklet_struct tasklet;
	void (*fn)(void *data);
	void *data;
	struct completion done;
};

static void soft_run(struct tasklet_struct *tasklet)
{
	struct t_soft *soft = from_tasklet(soft, tasklet, tasklet);

	soft->fn(soft->data);
	complete(&soft->done);
}

void t_softirq(void (*fn)(void *data), void *data)
{
	struct t_soft soft = { .fn = fn, .data = data };

	init_completion(&soft.done);
	tasklet_setup(&soft.tasklet, soft_run);
	/* At once, on the interrupt stack; later, it would be on a task's. */
	local_bh_disable();
	tasklet_schedule(&soft.tasklet);
	local_bh_enable();
	wait_for_completion(&soft.done);
	tasklet_kill(&soft.tasklet);
}

struct t_packet {
	struct t_stage *s;
	u32 verdict;
};

static void packet_run(void *data)
{
	struct t_packet *p = data;

	p->verdict = t_packet(p->s);
}

u32 t_packet_softirq(struct t_stage *s)
{
	struct t_packet p = { .s = s };

	t_softirq(packet_run, &p);
	return p.verdict;
}

bool t_ended(struct ex_inst *inst)
{
	return wait_for_completion_timeout(&inst->ended, T_WAIT);
}

u64 t_stat(struct ex_inst *inst, enum ex_stat stat)
{
	u64 sum[EX_STAT_MAX] = {};

	ex_stats_sum(inst, sum);
	return sum[stat];
}
