// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: the report of what ended an instance. Addresses of the kernel are told
 * to the administrator of the host alone; where in the extension's own memory
 * they lie, and where in its code, to everyone who may read the report.
 */
#include "fault.h"
#include "inst.h"
#include "load.h"
#include "nl_msg.h"

#define R(name) ASHLAR_EXT_A_REPORT_##name

/* Causes have no gaps; the shim's own follow those that the build checks for. */
#define EX_CAUSE_SHIM	(ASHLAR_EXT_CAUSE_STOPPED - ASHLAR_EXT_FAULT_STOP)
#define EX_CAUSE_SAME(fault, cause) \
	static_assert((int)ASHLAR_EXT_FAULT_##fault + \
		      (ASHLAR_EXT_FAULT_##fault < ASHLAR_EXT_FAULT_STOP ? 0 : EX_CAUSE_SHIM) == \
		      (int)ASHLAR_EXT_CAUSE_##cause)

EX_CAUSE_SAME(NONE, NONE);
EX_CAUSE_SAME(RANGE, RANGE);
EX_CAUSE_SAME(BOUNDS, BOUNDS);
EX_CAUSE_SAME(OBJECT, OBJECT);
EX_CAUSE_SAME(READONLY, READONLY);
EX_CAUSE_SAME(NULL, NULL);
EX_CAUSE_SAME(FUEL, FUEL);
EX_CAUSE_SAME(STACK, STACK);
EX_CAUSE_SAME(USTACK, USTACK);
EX_CAUSE_SAME(DIV, DIV);
EX_CAUSE_SAME(SHIFT, SHIFT);
EX_CAUSE_SAME(ICALL, ICALL);
EX_CAUSE_SAME(UNREACHABLE, UNREACHABLE);
EX_CAUSE_SAME(OVERFLOW, OVERFLOW);
EX_CAUSE_SAME(RACE, RACE);
EX_CAUSE_SAME(STOP, STOPPED);
EX_CAUSE_SAME(TRAP, TRAP);
EX_CAUSE_SAME(HANDLE, HANDLE);
EX_CAUSE_SAME(BUFFER, BUFFER);
EX_CAUSE_SAME(FREE, FREE);
EX_CAUSE_SAME(REFCOUNT, REFCOUNT);
EX_CAUSE_SAME(LOCK_ORDER, LOCK_ORDER);
EX_CAUSE_SAME(LOCK_HELD, LOCK_HELD);
EX_CAUSE_SAME(LOCK_TIME, LOCK_TIME);
EX_CAUSE_SAME(CONTEXT, CONTEXT);
EX_CAUSE_SAME(ARGUMENT, ARGUMENT);
EX_CAUSE_SAME(VERDICT, VERDICT);

u32 ex_nl_cause(u32 code)
{
	return code < ASHLAR_EXT_FAULT_STOP ? code : code + EX_CAUSE_SHIM;
}

/* A softirq has interrupted whatever task there was, of any namespace. */
static int put_where(const struct ex_nl_msg *m, const struct ex_report *r)
{
	struct sk_buff *skb = m->skb;

	return ex_nl_put_word(skb, R(ENTRY), r->entry) ?:
	       nla_put_u32(skb, R(KIND), r->kind) ?:
	       nla_put_u32(skb, R(CPU), r->cpu) ?:
	       (m->host ? ex_nl_put_word(skb, R(TASK), r->comm) : 0) ?:
	       (r->ip != ~0ULL ? ex_nl_put_u64(skb, R(OFFSET), r->ip) : 0) ?:
	       (r->other_ip != ~0ULL ? ex_nl_put_u64(skb, R(OTHER_OFFSET), r->other_ip) : 0);
}

/* Low addresses are numbers, and no secret. */
static int put_access(struct ex_nl_msg *m, const struct ex_report *r)
{
	bool told = m->host || r->addr < TASK_SIZE_MAX;
	struct sk_buff *skb = m->skb;

	if (!r->addr && !r->size)
		return 0;
	return (told ? ex_nl_put_u64(skb, R(ADDRESS), r->addr) : 0) ?:
	       (r->offset != ~0ULL ?
		ex_nl_put_u64(skb, R(ARENA_OFFSET), r->offset) : 0) ?:
	       nla_put_u32(skb, R(SIZE), r->size) ?:
	       ex_nl_put_flag(skb, R(WRITE), r->write) ?:
	       nla_put_u32(skb, R(PLACE), r->place) ?:
	       (r->object_size ?
		nla_put_u32(skb, R(OBJECT_OFFSET), r->object_offset) ?:
		nla_put_u32(skb, R(OBJECT_SIZE), r->object_size) : 0);
}

static u64 argument_of(const struct ex_nl_msg *m, const struct ex_call *call)
{
	return m->host || call->arg < TASK_SIZE_MAX ? call->arg : 0;
}

static int put_calls(const struct ex_nl_msg *m, const struct ex_report *r)
{
	int err = 0;
	u32 i;

	for (i = 0; i < r->nr_calls && !err; i++)
		err = nla_put_string(m->skb, R(CALL),
				     ex_call_name(r->calls[i].id));
	for (i = 0; i < r->nr_calls && !err; i++)
		err = ex_nl_put_u64(m->skb, R(CALL_ARG),
				    argument_of(m, &r->calls[i]));
	return err;
}

/* Those of which there was none are not told. */
static int put_reclaimed(struct sk_buff *skb, const struct ex_report *r)
{
	int err = 0;
	u32 i;

	for (i = 0; i < EX_KIND_COUNT && !err; i++)
		if (r->reclaimed[i])
			err = nla_put_string(skb, R(RECLAIMED), ex_kind_text(i));
	for (i = 0; i < EX_KIND_COUNT && !err; i++)
		if (r->reclaimed[i])
			err = ex_nl_put_u64(skb, R(RECLAIMED_COUNT),
					    r->reclaimed[i]);
	return err ?: ex_nl_put_u64(skb, R(BYTES), r->bytes);
}

static int put_log(struct sk_buff *skb, struct ex_inst *inst)
{
	u64 nr = READ_ONCE(inst->log.nr), i;
	char line[EX_LOG_LEN];
	int err = 0;
	u64 at;

	for (i = nr > EX_LOG_LINES ? nr - EX_LOG_LINES : 0; i < nr && !err; i++)
		if (ex_log_read(&inst->log, i, line, &at))
			err = nla_put_string(skb, R(LOG), line);
	return err;
}

static int put_report(struct ex_nl_msg *m, struct ex_inst *inst)
{
	const struct ex_report *r = &inst->report;
	struct sk_buff *skb = m->skb;

	return nla_put_string(skb, R(NAME), inst->name) ?:
	       nla_put_u32(skb, R(NETNS), inst->net->ns.inum) ?:
	       ex_nl_put_word(skb, R(VERSION), r->version) ?:
	       nla_put_string(skb, R(BUILD), r->build) ?:
	       nla_put_string(skb, R(MODULE), r->module) ?:
	       ex_nl_put_age(skb, R(AGE_MS), r->time) ?:
	       ex_nl_put_u64(skb, R(FAULTS), inst->faults) ?:
	       nla_put_u32(skb, R(FAULT), ex_nl_cause(r->code)) ?:
	       ex_nl_put_word(skb, R(TEXT), r->text) ?:
	       put_where(m, r) ?:
	       put_access(m, r) ?:
	       put_calls(m, r) ?:
	       put_reclaimed(skb, r) ?:
	       put_log(skb, inst) ?:
	       ex_nl_put_flag(skb, R(ROLLED_BACK), r->rolled_back) ?:
	       ex_nl_put_flag(skb, R(EXT_QUARANTINED), r->storm);
}

/* ex_mutex. Return: -ENODATA if nothing has ended it */
int ex_nl_fill_report(struct ex_nl_msg *m, struct ex_inst *inst)
{
	void *hdr;

	lockdep_assert_held(&ex_mutex);
	if (!inst->report.time)
		return -ENODATA;
	hdr = ex_nl_msg_begin(m, R(EVENT));
	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr, put_report(m, inst));
}
