// SPDX-License-Identifier: GPL-2.0-only
/* Requests of user space: copied into the instance's memory, answered from it. */
#include "inst.h"

static const struct ashlar_ext_entry *request_entry(struct ex_inst *inst, const char *name,
						    struct netlink_ext_ack *extack)
{
	const struct ashlar_ext_entry *entry = NULL;

	mutex_lock(&ex_mutex);
	if (!inst->ext || !ex_inst_hold(inst, false)) {
		NL_SET_ERR_MSG(extack, "the instance does not run");
		entry = ERR_PTR(-ESHUTDOWN);
	} else {
		entry = ex_ext_entry(inst->ext, name, ASHLAR_EXT_ENTRY_REQUEST);
		if (!entry) {
			NL_SET_ERR_MSG(extack, "the extension takes no request of that name");
			ex_inst_release(inst);
			entry = ERR_PTR(-ENOENT);
		}
	}
	mutex_unlock(&ex_mutex);
	return entry;
}

int ex_inst_request(struct ex_inst *inst, const char *name, const void *in, u32 in_len, void *out,
		    u32 room, s32 *result, struct netlink_ext_ack *extack)
{
	const struct ashlar_ext_entry *entry;
	void *in_buf, *out_buf;
	u64 ret;
	int err;

	if (in_len > EX_REQUEST_MAX || room > EX_REQUEST_MAX)
		return -EMSGSIZE;
	entry = request_entry(inst, name, extack);
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	in_buf = ex_heap_alloc(inst, max(in_len, 1U), false);
	out_buf = ex_heap_alloc(inst, max(room, 1U), false);
	err = -ENOMEM;
	if (!in_buf || !out_buf) {
		NL_SET_ERR_MSG(extack, "the instance's memory is used up");
		goto free;
	}
	memcpy(in_buf, in, in_len);
	err = ex_run(inst, entry, (u64)in_buf, in_len, (u64)out_buf, room, &ret);
	if (err == -EOWNERDEAD)
		NL_SET_ERR_MSG(extack, "the extension did what it must not: see ashlar ext report");
	if (err)
		goto free;
	/* check_answer() has looked, but for one that was told to stop as it returned. */
	*result = min_t(s32, ret, room);
	if (*result > 0)
		memcpy(out, out_buf, *result);
free:
	/* Freed already, if the extension has done so, which is its own affair. */
	if (in_buf)
		ex_heap_free(inst, (u64)in_buf);
	if (out_buf)
		ex_heap_free(inst, (u64)out_buf);
	ex_inst_release(inst);
	return err;
}
