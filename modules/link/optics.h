/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A transceiver's diagnostics (SFF-8472), from the bytes of its memory. Other
 * standards keep them elsewhere, so their modules are told apart by the first
 * byte and not read any further.
 */
#ifndef ASHLAR_LINK_OPTICS_H
#define ASHLAR_LINK_OPTICS_H

#include "core.h"

#define LN_A0_LEN	96	/* of the page at A0h, from byte 0 */
#define LN_A2_LEN	106	/* of the page at A2h, from byte 0 */

/* Why there is no figure. The same values as in the netlink spec. */
enum ln_optics_state {
	LN_OPTICS_UNKNOWN,	/* not read yet */
	LN_OPTICS_OK,
	LN_OPTICS_UNSUPPORTED,	/* no module memory, or no diagnostics in it */
	LN_OPTICS_OTHER,	/* a module of another standard (QSFP, CMIS) */
	LN_OPTICS_GARBAGE,	/* figures or thresholds that cannot be true */
	LN_OPTICS_ERROR,	/* reading failed; what was read before is kept */
};

/**
 * struct ln_optics - one module's light
 * @state: is the rest worth anything? All 0 when freshly decoded as not OK
 * @thresholds: the module's own thresholds make sense, both of them
 * @tx_power: 0.1 uW
 * @rx_power: 0.1 uW; 0 is "no light", not "no figure"
 * @tx_low: threshold for @tx_power (low warning), or the generic one
 * @rx_low: threshold for @rx_power
 * @tx_bias: 2 uA
 */
struct ln_optics {
	enum ln_optics_state state;
	bool thresholds;
	u16 tx_power;
	u16 rx_power;
	u16 tx_low;
	u16 rx_low;
	u16 tx_bias;
};

/* -7 dBm, where the module's own thresholds make no sense. */
#define LN_GENERIC_LOW	1995

/**
 * ln_optics_decode() - reads a module's memory
 * @o: filled; @o->state says whether it was any good
 * @a0: LN_A0_LEN bytes of A0h
 * @a2: LN_A2_LEN bytes of A2h; may be NULL if @a0 tells of no diagnostics
 */
void ln_optics_decode(struct ln_optics *o, const u8 *a0, const u8 *a2);

/* Does @a0 say that A2h can be read? If not, decode() tells why. */
bool ln_optics_has_a2(const u8 *a0);

#endif /* ASHLAR_LINK_OPTICS_H */
