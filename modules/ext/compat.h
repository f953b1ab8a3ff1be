/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between kernels, found by compiling (compat.probes). */
#ifndef ASHLAR_EXT_COMPAT_H
#define ASHLAR_EXT_COMPAT_H

#include <linux/module.h>
#include <linux/skbuff.h>
#ifdef ASHLAR_HAVE_NET_GSO_H
#include <net/gso.h>
#endif

/* A module's text, as it is laid out. */
static inline const void *ex_module_text(const struct module *mod, unsigned int *size)
{
#ifdef ASHLAR_HAVE_MODULE_MEM
	*size = mod->mem[MOD_TEXT].size;
	return mod->mem[MOD_TEXT].base;
#else
	*size = mod->core_layout.text_size;
	return mod->core_layout.base;
#endif
}

#endif /* ASHLAR_EXT_COMPAT_H */
