// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may have an extension and how much of it; where it is attached, and what
 * its verdicts do; how one version follows another, and comes back.
 */
#include <linux/delay.h>
#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/sched/clock.h>

#include "ext_stage.h"

/* --- approval --- */

static void host_approval(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "approval", "b1");

	KUNIT_EXPECT_EQ(test, ex_inst_create(&init_net, "nobody", NULL, NULL, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, ex_inst_create(&init_net, "approval", "b2", NULL, NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, ex_revoke(&init_net, "approval", NULL), 0);
	KUNIT_EXPECT_EQ(test, ex_revoke(&init_net, "approval", NULL), -ENOENT);
	KUNIT_EXPECT_EQ(test, t_try_create(s), -EPERM);
	KUNIT_EXPECT_EQ(test, t_approve(s, &ex_quota_default), 0);
	t_create(test, s);
	KUNIT_EXPECT_EQ(test, ex_inst_create(&init_net, "approval", NULL, NULL, NULL), -EEXIST);
	KUNIT_EXPECT_PTR_EQ(test, t_current("approval"), s->inst);
	/* What is not approved any more ends. */
	KUNIT_EXPECT_EQ(test, ex_revoke(&init_net, "approval", NULL), 0);
	KUNIT_EXPECT_NULL(test, t_current("approval"));
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_DEAD);
	KUNIT_EXPECT_EQ(test, s->ext.nr_insts, 0U);
}

/* One for any namespace covers this one, too. */
static void host_approval_any(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "any", "b1");

	mutex_lock(&ex_mutex);
	KUNIT_EXPECT_EQ(test, ex_approve(NULL, "any", &ex_quota_default, NULL), 0);
	mutex_unlock(&ex_mutex);
	KUNIT_EXPECT_EQ(test, ex_revoke(&init_net, "any", NULL), 0);
	t_create(test, s);
	KUNIT_EXPECT_EQ(test, ex_revoke(NULL, "any", NULL), 0);
	KUNIT_EXPECT_NULL(test, t_current("any"));
}

static u64 play_refuse(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	return (u32)(s32)t_play.ret;
}

static void host_init(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "init", "b1");

	t_play_begin(-ENOSPC);
	t_entry(s, "init", ASHLAR_EXT_ENTRY_INIT, play_refuse);
	KUNIT_EXPECT_EQ(test, t_try_create(s), -ENOSPC);
	t_play_begin(5);
	KUNIT_EXPECT_EQ(test, t_try_create(s), -ECANCELED);
	KUNIT_EXPECT_NULL(test, t_current("init"));
	KUNIT_EXPECT_EQ(test, s->ext.nr_insts, 0U);
	t_play_begin(0);
	t_create(test, s);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
}

/* One whose init violates something stays, for its report. */
static void host_init_bad(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "init", "b1");

	t_entry(s, "init", ASHLAR_EXT_ENTRY_INIT, t_ud2);
	KUNIT_EXPECT_EQ(test, t_try_create(s), -EOWNERDEAD);
	s->inst = t_current("init");
	KUNIT_ASSERT_NOT_NULL(test, s->inst);
	ex_inst_get(s->inst);
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_QUARANTINED);
	KUNIT_EXPECT_STREQ(test, s->inst->report.entry, "init");
}

/* --- quotas --- */

struct t_quota {
	const char *name;
	struct ex_quota quota;
	int err;
};

#define QUOTA(name_, err_, memory_, fuel_, lock_, pps_, cpu_) \
	{ .name = name_, .err = err_, .quota = { memory_, fuel_, lock_, pps_, cpu_ } }
#define MOST	ASHLAR_EXT_ARENA_SIZE

static const struct t_quota quotas[] = {
	QUOTA("least", 0, 0, 1, 1, 0, 0),
	QUOTA("most", 0, MOST, EX_FUEL_MAX, NSEC_PER_SEC, U32_MAX, 1000),
	QUOTA("memory", -ERANGE, MOST + 1, 1, 1, 0, 0),
	QUOTA("no_fuel", -ERANGE, 0, 0, 1, 0, 0),
	QUOTA("fuel", -ERANGE, 0, EX_FUEL_MAX + 1, 1, 0, 0),
	QUOTA("no_lock", -ERANGE, 0, 1, 0, 0, 0),
	QUOTA("lock", -ERANGE, 0, 1, NSEC_PER_SEC + 1, 0, 0),
	QUOTA("cpu", -ERANGE, 0, 1, 1, 0, 1001),
};

static void quota_desc(const struct t_quota *q, char *desc)
{
	strscpy(desc, q->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(quota, quotas, quota_desc);

static void host_quota_check(struct kunit *test)
{
	const struct t_quota *q = test->param_value;

	KUNIT_EXPECT_EQ(test, ex_quota_check(&q->quota, NULL), q->err);
}

static int set_quota(struct t_stage *s, const struct ex_quota *quota)
{
	int err;

	mutex_lock(&ex_mutex);
	err = ex_inst_set_quota(s->inst, quota, NULL);
	mutex_unlock(&ex_mutex);
	return err;
}

/* No more than what is approved; less at once. */
static void host_quota_set(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "quota", "b1");
	struct ex_quota most = ex_quota_default, q;

	most.pps = 1000;
	most.cpu_permille = 100;
	KUNIT_EXPECT_EQ(test, t_approve(s, &most), 0);
	t_create(test, s);
	KUNIT_EXPECT_EQ(test, set_quota(s, &most), 0);
#define REFUSED(field, value) do { \
	q = most; \
	q.field = value; \
	KUNIT_EXPECT_EQ(test, set_quota(s, &q), -EPERM); \
} while (0)
	REFUSED(memory, most.memory + 1);
	REFUSED(fuel, most.fuel + 1);
	REFUSED(lock_ns, most.lock_ns + 1);
	REFUSED(pps, most.pps + 1);
	REFUSED(pps, 0);
	REFUSED(cpu_permille, most.cpu_permille + 1);
	REFUSED(cpu_permille, 0);
#undef REFUSED
	q = most;
	q.fuel = 0;
	KUNIT_EXPECT_EQ(test, set_quota(s, &q), -ERANGE);
	KUNIT_EXPECT_EQ(test, memcmp(&s->inst->quota, &most, sizeof(most)), 0);
	q = most;
	q.fuel = 10;
	q.pps = 10;
	KUNIT_EXPECT_EQ(test, set_quota(s, &q), 0);
	KUNIT_EXPECT_EQ(test, s->inst->quota.fuel, 10ULL);
	ex_inst_destroy(s->inst);
	KUNIT_EXPECT_EQ(test, set_quota(s, &q), -ESHUTDOWN);
}

/* State that does not fit is refused at once, and the heap ends at the quota. */
static void host_quota_memory(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "memory", "b1");
	struct ex_quota q = ex_quota_default;
	u32 n = 0;

	q.memory = ASHLAR_EXT_CHUNK;
	KUNIT_EXPECT_EQ(test, t_approve(s, &q), 0);
	s->info.state_size = 2 * ASHLAR_EXT_CHUNK;
	KUNIT_EXPECT_EQ(test, t_try_create(s), -EDQUOT);
	s->info.state_size = ASHLAR_EXT_CHUNK;
	t_create(test, s);
	KUNIT_EXPECT_NULL(test, ashlar_ext_alloc(&s->inst->sleepers[0].abi, 100));
	q.memory = 3 * ASHLAR_EXT_CHUNK;
	KUNIT_EXPECT_EQ(test, t_approve(s, &q), 0);
	KUNIT_EXPECT_EQ(test, set_quota(s, &q), 0);
	while (n < 100 && ashlar_ext_alloc(&s->inst->sleepers[0].abi, 8000))
		n++;
	KUNIT_EXPECT_EQ(test, n, 4U);
}

/* Packets over the rate get the failure verdict, and the others still theirs. */
static void host_quota_pps(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "pps", "b1");
	struct ex_quota q = ex_quota_default;
	u32 i, dropped = 0;

	t_play_begin(NF_ACCEPT);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_return);
	q.pps = 1;
	KUNIT_EXPECT_EQ(test, t_approve(s, &q), 0);
	t_create(test, s);
	t_attach(test, s, "it", NF_DROP);
	local_bh_disable();
	for (i = 0; i < 50; i++)
		dropped += t_packet(s) == NF_DROP;
	local_bh_enable();
	KUNIT_EXPECT_GE(test, dropped, 1U);
	KUNIT_EXPECT_LT(test, dropped, 50U);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_OVER_PPS), (u64)dropped);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_FAIL_DROPPED), (u64)dropped);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_RUN_HOOK), 50ULL - dropped);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
	for (i = 0; i < 600 && t_packet(s) != NF_ACCEPT; i++)
		msleep(100);
	KUNIT_EXPECT_LT(test, i, 600U);
}

static u64 play_long(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	u64 end = local_clock() + 3 * NSEC_PER_MSEC;

	while (local_clock() < end)
		cpu_relax();
	return NF_ACCEPT;
}

static void host_quota_cpu(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "cpu", "b1");
	struct ex_quota q = ex_quota_default;
	u32 i, dropped = 0;

	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_long);
	q.cpu_permille = 5;
	KUNIT_EXPECT_EQ(test, t_approve(s, &q), 0);
	t_create(test, s);
	t_attach(test, s, "it", NF_DROP);
	migrate_disable();
	for (i = 0; i < 20; i++)
		dropped += t_packet(s) == NF_DROP;
	migrate_enable();
	KUNIT_EXPECT_GE(test, dropped, 1U);
	KUNIT_EXPECT_LT(test, dropped, 20U);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_OVER_CPU), (u64)dropped);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
}

/* --- hooks --- */

struct t_verdict {
	u64 said;
	u32 fail;
	u32 got;
	u32 code;
};

static const struct t_verdict verdicts[] = {
	{ NF_DROP, NF_ACCEPT, NF_DROP, 0 },
	{ NF_ACCEPT, NF_DROP, NF_ACCEPT, 0 },
	/* The function returns 32 bits. */
	{ 0xdead00000000ULL | NF_ACCEPT, NF_DROP, NF_ACCEPT, 0 },
	{ NF_STOLEN, NF_DROP, NF_DROP, ASHLAR_EXT_FAULT_VERDICT },
	{ NF_STOLEN, NF_ACCEPT, NF_ACCEPT, ASHLAR_EXT_FAULT_VERDICT },
	{ NF_QUEUE, NF_DROP, NF_DROP, ASHLAR_EXT_FAULT_VERDICT },
	{ U32_MAX, NF_DROP, NF_DROP, ASHLAR_EXT_FAULT_VERDICT },
	{ 0x10000 | NF_ACCEPT, NF_ACCEPT, NF_ACCEPT, ASHLAR_EXT_FAULT_VERDICT },
};

static void verdict_desc(const struct t_verdict *v, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%llx_%u", v->said, v->fail);
}

KUNIT_ARRAY_PARAM(verdict, verdicts, verdict_desc);

/* --- packets that were changed --- */

/* The packet is of IP from now on. */
static struct iphdr *t_ip(struct t_stage *s)
{
	struct iphdr *iph = (struct iphdr *)s->skb->data;

	s->skb->protocol = htons(ETH_P_IP);
	skb_reset_network_header(s->skb);
	skb_set_transport_header(s->skb, sizeof(*iph));
	iph->version = 4;
	iph->ihl = 5;
	iph->tot_len = htons(s->skb->len);
	return iph;
}

struct t_broken {
	const char *name;
	u32 said;
	u32 fault;
	u32 code;
};

static const struct t_broken brokens[] = {
	{ "accepted", NF_ACCEPT, 0, ASHLAR_EXT_FAULT_VERDICT },
	{ "aborted", NF_ACCEPT, ASHLAR_EXT_FAULT_FUEL, ASHLAR_EXT_FAULT_FUEL },
	{ "dropped", NF_DROP, 0, 0 },
};

static void broken_desc(const struct t_broken *b, char *desc)
{
	strscpy(desc, b->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(broken, brokens, broken_desc);

/* What is no packet any more is dropped, although the failure verdict is to accept. */
static void host_broken(struct kunit *test)
{
	const struct t_broken *b = test->param_value;
	struct t_stage *s = t_stage(test, "broken", "b1");

	t_play_begin(b->said);
	t_play.code = b->fault;
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_break);
	t_create(test, s);
	t_attach(test, s, "it", NF_ACCEPT);
	t_ip(s);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), (u32)NF_DROP);
	if (!b->code) {
		KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
		KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_HOOK_DROPPED), 1ULL);
		return;
	}
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	KUNIT_EXPECT_EQ(test, s->inst->report.code, b->code);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_FAIL_DROPPED), 1ULL);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_FAIL_ACCEPTED), 0ULL);
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
}

static u64 change(struct ashlar_ext_ctx *abi, u64 pkt, u64 a1)
{
	return ashlar_ext_pkt_make_writable(abi, pkt, 20) ? NF_ACCEPT : NF_DROP;
}

static void host_changed(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "changed", "b1");

	t_play_begin(0);
	t_play.call = change;
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_call);
	t_create(test, s);
	t_attach(test, s, "it", NF_DROP);
	/* It was none before, which is not the extension's fault. */
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_DROP);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_HOOK_DROPPED), 1ULL);
	t_ip(s);
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), (u32)NF_ACCEPT);
	KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_HOOK_ACCEPTED), 2ULL);
	KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
}

/* --- verdicts --- */

static void host_verdict(struct kunit *test)
{
	const struct t_verdict *v = test->param_value;
	struct t_stage *s = t_stage(test, "verdict", "b1");

	t_play_begin(v->said);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_return);
	t_create(test, s);
	t_attach(test, s, "it", v->fail);
	KUNIT_EXPECT_EQ(test, t_packet_softirq(s), v->got);
	if (!v->code) {
		KUNIT_EXPECT_EQ(test, s->inst->state, (u32)EX_RUNNING);
		KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_HOOK_DROPPED),
				(u64)(v->got == NF_DROP));
		KUNIT_EXPECT_EQ(test, t_stat(s->inst, EX_STAT_HOOK_ACCEPTED),
				(u64)(v->got == NF_ACCEPT));
		return;
	}
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	KUNIT_EXPECT_EQ(test, s->inst->report.code, v->code);
	KUNIT_EXPECT_EQ(test, t_packet(s), v->fail);
}

static void host_attach(struct kunit *test)
{
	static const struct {
		struct ex_attach at;
		int err;
	} places[] = {
		{ { "none", EX_HOOK_INPUT, 4, 0, 0, NF_DROP }, -ENOENT },
		{ { "work", EX_HOOK_INPUT, 4, 0, 0, NF_DROP }, -ENOENT },
		{ { "it", EX_HOOK_MAX, 4, 0, 0, NF_DROP }, -EINVAL },
		{ { "it", EX_HOOK_INPUT, 4, 0, 0, NF_STOLEN }, -EINVAL },
		{ { "it", EX_HOOK_INPUT, 4, 0, 1, NF_DROP }, -EINVAL },
		{ { "it", EX_HOOK_INGRESS, 0, 0, 0, NF_DROP }, -EINVAL },
		{ { "it", EX_HOOK_INGRESS, 0, 0, 0x7fffffff, NF_DROP }, -ENODEV },
		{ { "it", EX_HOOK_INPUT, 4, 0, 0, NF_DROP }, 0 },
		{ { "it", EX_HOOK_INPUT, 4, 0, 0, NF_DROP }, -EEXIST },
		{ { "it", EX_HOOK_FORWARD, 6, 0, 0, NF_DROP }, 0 },
		{ { "it", EX_HOOK_OUTPUT, 0, 0, 0, NF_ACCEPT }, 0 },
		{ { "it", EX_HOOK_INGRESS, 0, 0, LOOPBACK_IFINDEX, NF_ACCEPT }, 0 },
	};
	struct t_stage *s = t_stage(test, "attach", "b1");
	struct ex_hook *hook;
	int err;
	u32 i;

	t_play_begin(NF_ACCEPT);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_return);
	t_entry(s, "work", ASHLAR_EXT_ENTRY_WORK, play_return);
	t_create(test, s);
	mutex_lock(&ex_mutex);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		err = ex_attach(s->inst, &places[i].at, NULL, &hook);
		KUNIT_EXPECT_EQ_MSG(test, err, places[i].err, "%u", i);
		if (!err)
			KUNIT_EXPECT_PTR_EQ(test, hook, ex_hook_find(s->inst, "it",
								     places[i].at.hook,
								     places[i].at.ifindex));
	}
	ex_detach(ex_hook_find(s->inst, "it", EX_HOOK_FORWARD, 0));
	KUNIT_EXPECT_NULL(test, ex_hook_find(s->inst, "it", EX_HOOK_FORWARD, 0));
	mutex_unlock(&ex_mutex);
	KUNIT_EXPECT_TRUE(test, ex_inst_quarantine(s->inst, NULL));
	mutex_lock(&ex_mutex);
	KUNIT_EXPECT_EQ(test, ex_attach(s->inst, &places[9].at, NULL, NULL), -ESHUTDOWN);
	mutex_unlock(&ex_mutex);
}

/* --- requests --- */

struct t_answer {
	s32 said;
	int err;
};

#define ROOM	8

static const struct t_answer answers[] = {
	{ 0, 0 }, { 1, 0 }, { ROOM, 0 }, { -EIO, 0 }, { -MAX_ERRNO, 0 },
	{ ROOM + 1, -EOWNERDEAD }, { S32_MAX, -EOWNERDEAD },
	{ -MAX_ERRNO - 1, -EOWNERDEAD }, { S32_MIN, -EOWNERDEAD },
};

static void answer_desc(const struct t_answer *a, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d", a->said);
}

KUNIT_ARRAY_PARAM(answer, answers, answer_desc);

static u64 play_answer(struct ashlar_ext_ctx *abi, u64 in, u64 len, u64 out, u64 room)
{
	memset((void *)out, *(u8 *)in + 1, room);
	return (u32)(s32)t_play.ret;
}

/* A length that fits, or an error; and as many bytes as that. */
static void host_request(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "request", "b1");
	const struct t_answer *a = test->param_value;
	u8 in = 0x41, out[ROOM] = {};
	s32 result = 0x5a5a, n;

	t_play_begin(a->said);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_REQUEST, play_answer);
	t_entry(s, "work", ASHLAR_EXT_ENTRY_WORK, play_answer);
	t_create(test, s);
#define REQUEST(entry, len, room) \
	ex_inst_request(s->inst, entry, &in, len, out, room, &result, NULL)
	KUNIT_EXPECT_EQ(test, REQUEST("none", 1, ROOM), -ENOENT);
	KUNIT_EXPECT_EQ(test, REQUEST("work", 1, ROOM), -ENOENT);
	KUNIT_EXPECT_EQ(test, REQUEST("it", EX_REQUEST_MAX + 1, ROOM), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, REQUEST("it", 1, EX_REQUEST_MAX + 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, result, 0x5a5a);
	KUNIT_EXPECT_EQ(test, REQUEST("it", 1, ROOM), a->err);
	n = a->err ? 0 : max(a->said, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(out, 0x42, n));
	KUNIT_EXPECT_NULL(test, memchr_inv(out + n, 0, ROOM - n));
	if (!a->err) {
		KUNIT_EXPECT_EQ(test, result, a->said);
		return;
	}
	KUNIT_EXPECT_EQ(test, result, 0x5a5a);
	KUNIT_EXPECT_EQ(test, REQUEST("it", 1, ROOM), -ESHUTDOWN);
#undef REQUEST
	KUNIT_EXPECT_TRUE(test, t_ended(s->inst));
	KUNIT_EXPECT_EQ(test, s->inst->report.code, (u32)ASHLAR_EXT_FAULT_ARGUMENT);
}

/* Told to stop as it returned: its answer is as good as any, but no longer than it may be. */
static u64 play_stopped(struct ashlar_ext_ctx *abi, u64 in, u64 len, u64 out, u64 room)
{
	abi->stop = ASHLAR_EXT_FAULT_STOP;
	return S32_MAX;
}

static void host_request_stopped(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "request", "b1");
	u8 out[ROOM];
	s32 result;

	t_entry(s, "it", ASHLAR_EXT_ENTRY_REQUEST, play_stopped);
	t_create(test, s);
	KUNIT_EXPECT_EQ(test, ex_inst_request(s->inst, "it", NULL, 0, out, ROOM, &result, NULL), 0);
	KUNIT_EXPECT_EQ(test, result, ROOM);
}

/* --- quarantine of the extension --- */

static void host_storm(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "storm", "b1");
	u32 i;

	t_entry(s, "it", ASHLAR_EXT_ENTRY_WORK, t_ud2);
	t_create(test, s);
	for (i = 0; i < EX_STORM; i++) {
		KUNIT_EXPECT_FALSE(test, s->ext.quarantined);
		KUNIT_EXPECT_EQ(test, ex_run(t_current("storm"), &s->entries[0], 0, 0, 0, 0, NULL),
				-EOWNERDEAD);
		KUNIT_EXPECT_TRUE(test, t_ended(t_current("storm")));
		if (i < EX_STORM - 1)
			KUNIT_EXPECT_EQ(test, ex_inst_restart(t_current("storm"), NULL), 0);
	}
	KUNIT_EXPECT_TRUE(test, s->ext.quarantined);
	KUNIT_EXPECT_TRUE(test, t_current("storm")->report.storm);
	KUNIT_EXPECT_EQ(test, ex_inst_restart(t_current("storm"), NULL), -EOWNERDEAD);
	/* The operator's word frees it. */
	KUNIT_EXPECT_EQ(test, t_approve(s, &ex_quota_default), 0);
	KUNIT_EXPECT_FALSE(test, s->ext.quarantined);
	KUNIT_EXPECT_EQ(test, ex_inst_restart(t_current("storm"), NULL), 0);
	KUNIT_EXPECT_EQ(test, t_current("storm")->state, (u32)EX_RUNNING);
	KUNIT_EXPECT_EQ(test, t_current("storm")->faults, 3ULL);
	KUNIT_EXPECT_EQ(test, ex_inst_restart(t_current("storm"), NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, s->ext.nr_insts, 1U);
}

/* The operator's own quarantines are no failures. */
static void host_quarantine(struct kunit *test)
{
	struct t_stage *s = t_stage(test, "operator", "b1");
	u32 i;

	t_play_begin(NF_ACCEPT);
	t_entry(s, "it", ASHLAR_EXT_ENTRY_HOOK, play_return);
	t_create(test, s);
	t_attach(test, s, "it", NF_DROP);
	for (i = 0; i < EX_STORM + 1; i++) {
		KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
		KUNIT_EXPECT_TRUE(test, ex_inst_quarantine(t_current("operator"), NULL));
		KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_DROP);
		KUNIT_EXPECT_TRUE(test, t_ended(t_current("operator")));
		KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_DROP);
		KUNIT_EXPECT_EQ(test, ex_inst_restart(t_current("operator"), NULL), 0);
	}
	KUNIT_EXPECT_FALSE(test, s->ext.quarantined);
	KUNIT_EXPECT_EQ(test, t_packet(s), (u32)NF_ACCEPT);
}

static struct kunit_case host_cases[] = {
	KUNIT_CASE(host_approval),
	KUNIT_CASE(host_approval_any),
	KUNIT_CASE(host_init),
	KUNIT_CASE(host_init_bad),
	KUNIT_CASE_PARAM(host_quota_check, quota_gen_params),
	KUNIT_CASE(host_quota_set),
	KUNIT_CASE(host_quota_memory),
	KUNIT_CASE(host_quota_pps),
	KUNIT_CASE(host_quota_cpu),
	KUNIT_CASE_PARAM(host_verdict, verdict_gen_params),
	KUNIT_CASE_PARAM(host_broken, broken_gen_params),
	KUNIT_CASE(host_changed),
	KUNIT_CASE(host_attach),
	KUNIT_CASE_PARAM(host_request, answer_gen_params),
	KUNIT_CASE(host_request_stopped),
	KUNIT_CASE(host_storm),
	KUNIT_CASE(host_quarantine),
	{}
};

static struct kunit_suite host_suite = {
	.name = "ext_host",
	.test_cases = host_cases,
};

kunit_test_suite(host_suite);
