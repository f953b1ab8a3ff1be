/* SPDX-License-Identifier: GPL-2.0-only */
/* What ashlar_ext_race() needs of an instance that was built with --race. */
#ifndef ASHLAR_EXT_RACE_H
#define ASHLAR_EXT_RACE_H

#include "inst.h"

/* Time under a lock says nothing of an instance that waits to be raced. */
#define EX_RACE_PATIENCE	1000
/* But who waits does so with BH off: not as long as a lockup takes to be reported. */
#define EX_RACE_PATIENCE_NS	(10 * NSEC_PER_SEC)

int ex_races_init(struct ex_inst *inst);
void ex_races_exit(struct ex_inst *inst);

#endif /* ASHLAR_EXT_RACE_H */
