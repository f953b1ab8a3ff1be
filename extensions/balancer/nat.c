// SPDX-License-Identifier: GPL-2.0-only
/*
 * The translation of a packet's address and port.
 */
#include "balancer.h"

/* @dest: the destination is set, else the source. False: the packet is not to be sent on. */
bool balancer_nat(ext_pkt pkt, bool dest, u8 family, const u64 addr[2], be16 port)
{
	return ext_pkt_set_addr(pkt, dest, addr, family == 4 ? 4 : 16) &&
	       ext_pkt_set_port(pkt, dest, port);
}
