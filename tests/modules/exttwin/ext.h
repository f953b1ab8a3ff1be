/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an extension's source needs to be ordinary code; before it. TWIN is its
 * name. The kernel's headers and ext.h do not go together: this has ext.h.
 */
#undef __packed
#undef __must_check
#undef noinline
#undef likely
#undef unlikely
#undef offsetof

#define TWIN_CAT_(a, b) a##b
#define TWIN_CAT(a, b) TWIN_CAT_(a, b)

/* Each extension has its own. */
#define __ext_state TWIN_CAT(TWIN, _ext_state)
#define __ext_span TWIN_CAT(TWIN, _ext_span)
#define __ext_span_w TWIN_CAT(TWIN, _ext_span_w)
#define __ext_pkt_linear TWIN_CAT(TWIN, _ext_pkt_linear)

#include <ashlar/ext.h>

/* As in twin.h. */
struct twin_view {
	u8 *data;
	u32 linear;
	u32 writable;
};

struct twin_ext {
	const struct ext_about *about;
	const struct ext_entry *const *entries;
	const struct ext_map *const *maps;
};

const void *__ext_span(ext_pkt pkt, u32 off, u32 len)
{
	const struct twin_view *v = (const struct twin_view *)pkt.handle;

	return (u64)off + len <= v->linear ? v->data + off : NULL;
}

void *__ext_span_w(ext_pkt pkt, u32 off, u32 len)
{
	const struct twin_view *v = (const struct twin_view *)pkt.handle;

	return v->writable && (u64)off + len <= v->linear ? v->data + off : NULL;
}

u32 __ext_pkt_linear(ext_pkt pkt)
{
	return ((const struct twin_view *)pkt.handle)->linear;
}

extern const struct twin_ext twin_filter, twin_balancer, twin_policer, twin_noop, twin_micro;
