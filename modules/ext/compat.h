/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels, found by compiling (compat.probes). */
#ifndef ASHLAR_EXT_COMPAT_H
#define ASHLAR_EXT_COMPAT_H

#include <linux/skbuff.h>
#ifdef ASHLAR_HAVE_NET_GSO_H
#include <net/gso.h>
#endif

#endif /* ASHLAR_EXT_COMPAT_H */
