/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink: the family "ashlar_ext", and news to its group "monitor". What is
 * about an instance goes to the instance's namespace; what is about extensions
 * and modules goes to the initial one. Each costs a look for listeners when
 * there are none.
 */
#ifndef ASHLAR_EXT_NL_H
#define ASHLAR_EXT_NL_H

#include <linux/ashlar_ext.h>

#include "host.h"

struct ex_approval;
struct ex_ext;
struct ex_hook;
struct ex_inst;
struct ex_veto;

int ex_nl_init(void);
void ex_nl_exit(void);

/* ex_mutex; @event: ASHLAR_EXT_EVENT_* */
void ex_nl_notify_ext(const struct ex_ext *ext, int event);
void ex_nl_notify_approval(const struct ex_approval *approval, int event);
void ex_nl_notify_inst(struct ex_inst *inst, int event);
void ex_nl_notify_hook(const struct ex_hook *hook, int event);
/* Process context; the report is complete. */
void ex_nl_notify_report(struct ex_inst *inst);
void ex_nl_notify_veto(const struct ex_veto *veto);
/* Any context; @nr: number of the line in inst->log */
void ex_nl_notify_log(struct ex_inst *inst, u64 nr);

#endif /* ASHLAR_EXT_NL_H */
