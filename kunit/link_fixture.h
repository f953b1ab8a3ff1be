/* SPDX-License-Identifier: GPL-2.0-only */
/* What the unit tests of ashlar_link share. */
#ifndef ASHLAR_KUNIT_LINK_FIXTURE_H
#define ASHLAR_KUNIT_LINK_FIXTURE_H

#include <kunit/test.h>
#include <linux/prandom.h>

/* Seeds @rnd and prints the seed; see kunit/Kbuild. */
void t_random(struct kunit *test, struct rnd_state *rnd);
/* Numbers of all magnitudes, edges among them. */
u64 t_random_u64(struct rnd_state *rnd);

#endif /* ASHLAR_KUNIT_LINK_FIXTURE_H */
