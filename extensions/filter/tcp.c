// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a TCP connection, as someone between its ends can tell them.
 * Sequence numbers are not looked at. So a RST or FIN may be forged by who knows
 * the ports, and must not be believed too much: the connection's packets still
 * pass in RESET, and bring it back.
 *
 * Rows are what the packet says, columns the state it meets.
 */
#include "filter.h"

enum kind {
	SYN,
	SYN_ACK,
	FIN,
	ACK,
	RST,
	KINDS,
};

#define NO FILTER_TCP_NONE
#define SS FILTER_TCP_SYN_SENT
#define SX FILTER_TCP_SYN_CROSSED
#define SR FILTER_TCP_SYN_RECV
#define ES FILTER_TCP_ESTABLISHED
#define FO FILTER_TCP_FIN
#define FR FILTER_TCP_FIN_REPLY
#define CL FILTER_TCP_CLOSING
#define TW FILTER_TCP_TIME_WAIT
#define RS FILTER_TCP_RESET
#define IV FILTER_TCP_INVALID
#define RO FILTER_TCP_REOPEN

/*
 * From the end that opened. A SYN into a live connection gets the receiver's challenge: it passes
 * and changes nothing.
 */
static const u8 from_opener[KINDS][FILTER_TCP_MAX] = {
	/*		NO  SS  SX  SR  ES  FO  FR  CL  TW  RS */
	[SYN] =		{SS, SS, SX, SR, ES, FO, FR, CL, RO, RO},
	[SYN_ACK] =	{IV, IV, SR, SR, ES, FO, FR, CL, IV, IV},
	[FIN] =		{IV, IV, FO, FO, FO, FO, CL, CL, TW, RS},
	[ACK] =		{IV, IV, SX, ES, ES, FO, FR, TW, TW, ES},
	[RST] =		{IV, RS, RS, RS, RS, RS, RS, RS, TW, RS},
};

/* From the other end. It may open again, in the other direction, what is over. */
static const u8 from_other[KINDS][FILTER_TCP_MAX] = {
	/*		NO  SS  SX  SR  ES  FO  FR  CL  TW  RS */
	[SYN] =		{IV, SX, SX, SR, ES, FO, FR, CL, RO, RO},
	[SYN_ACK] =	{IV, SR, SR, SR, ES, FO, FR, CL, TW, RS},
	[FIN] =		{IV, IV, FR, FR, FR, CL, FR, CL, TW, RS},
	[ACK] =		{IV, SS, SX, SR, ES, FO, FR, TW, TW, ES},
	[RST] =		{IV, RS, RS, RS, RS, RS, RS, RS, TW, RS},
};

/* KINDS: flags that no end sends together. */
static enum kind kind_of(u8 flags)
{
	switch (flags & (EXT_TCP_SYN | EXT_TCP_ACK | EXT_TCP_FIN | EXT_TCP_RST)) {
	case EXT_TCP_SYN:
		return SYN;
	case EXT_TCP_SYN | EXT_TCP_ACK:
		return SYN_ACK;
	case EXT_TCP_FIN | EXT_TCP_ACK:
		return FIN;
	case EXT_TCP_ACK:
		return ACK;
	case EXT_TCP_RST:
	case EXT_TCP_RST | EXT_TCP_ACK:
		return RST;
	default:
		return KINDS;
	}
}

/**
 * filter_tcp_next() - the state after a packet
 * @state: before it
 * @reply: it is from the end that did not open
 * @flags: of its header
 *
 * Return: the state, or one of the two answers that are none.
 */
enum filter_tcp filter_tcp_next(enum filter_tcp state, bool reply, u8 flags)
{
	enum kind kind = kind_of(flags);

	if (kind == KINDS || state >= FILTER_TCP_MAX)
		return FILTER_TCP_INVALID;
	return reply ? from_other[kind][state] : from_opener[kind][state];
}

/* How long a connection may be idle in a state, in ns. */
u64 filter_tcp_idle(enum filter_tcp state, u64 established)
{
	static const u8 seconds[FILTER_TCP_MAX] = {
		[SS] = 120, [SX] = 120, [SR] = 60,  [FO] = 120,
		[FR] = 120, [CL] = 30,	[TW] = 120, [RS] = 10,
	};

	if (state == FILTER_TCP_ESTABLISHED || state >= FILTER_TCP_MAX)
		return established;
	return seconds[state] * FILTER_S;
}
