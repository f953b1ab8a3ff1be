// SPDX-License-Identifier: GPL-2.0-only
/* What extensions use of gate.S; assembly itself cannot export in a namespace. */
#include <linux/export.h>

#include "ctx.h"

EXPORT_SYMBOL_NS_GPL(ashlar_ext_fail, ASHLAR_EXT);
EXPORT_SYMBOL_NS_GPL(ashlar_ext_window, ASHLAR_EXT);
EXPORT_SYMBOL_NS_GPL(ashlar_ext_trap, ASHLAR_EXT);
