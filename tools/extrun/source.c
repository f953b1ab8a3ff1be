// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where packets come from: a pcap file (Ethernet or raw IP), or a generator of UDP flows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"

#define LINK_ETHERNET 1
#define LINK_RAW 101
#define LINK_RAW_OLD 12

static FILE *file;
static bool swapped, nanoseconds;
static u32 link_type;
static u8 buffer[65536 + 64];

static u32 word(u32 v)
{
	return swapped ? __builtin_bswap32(v) : v;
}

bool er_pcap_open(const char *path)
{
	u32 head[6];

	file = fopen(path, "rb");
	if (!file || fread(head, sizeof(head), 1, file) != 1)
		return false;
	swapped = head[0] == 0xd4c3b2a1 || head[0] == 0x4d3cb2a1;
	if (word(head[0]) != 0xa1b2c3d4 && word(head[0]) != 0xa1b23c4d)
		return false;
	nanoseconds = word(head[0]) == 0xa1b23c4d;
	link_type = word(head[5]) & 0xffff;
	return link_type == LINK_ETHERNET || link_type == LINK_RAW || link_type == LINK_RAW_OLD;
}

static u32 ethernet_header(const u8 *p, u32 len)
{
	u32 off = 12;

	while (off + 4 <= len &&
	       ((p[off] == 0x81 && p[off + 1] == 0) || (p[off] == 0x88 && p[off + 1] == 0xa8)))
		off += 4;
	return off + 2;
}

bool er_pcap_next(struct er_source *s)
{
	u32 head[4], len, off;

	if (fread(head, sizeof(head), 1, file) != 1)
		return false;
	len = word(head[2]);
	if (len > sizeof(buffer) || fread(buffer, len, 1, file) != 1)
		return false;
	off = link_type == LINK_ETHERNET ? ethernet_header(buffer, len) : 0;
	s->bytes = buffer + (off < len ? off : len);
	s->len = off < len ? len - off : 0;
	s->time = word(head[0]) * 1000000000ULL + word(head[1]) * (nanoseconds ? 1ULL : 1000ULL);
	return true;
}

void er_generate(struct er_source *s, u64 number, u32 flows, u32 size)
{
	u32 flow = (number * 2654435761U >> 7) % (flows ? flows : 1), i;
	u8 *p = buffer;

	size = size < 28 ? 28 : size > 60000 ? 60000 : size;
	memset(p, 0, 28);
	p[0] = 0x45;
	p[2] = size >> 8;
	p[3] = size;
	p[8] = 64;
	p[9] = 17;
	p[12] = 10;
	p[13] = flow >> 16;
	p[14] = flow >> 8;
	p[15] = flow;
	p[16] = 10;
	p[17] = 255;
	p[19] = 1;
	i = ~er_fold(er_sum(0, p, 20)) & 0xffff;
	p[10] = i >> 8;
	p[11] = i;
	p[20] = 0x80 | (flow >> 8 & 0x7f);
	p[21] = flow;
	p[23] = 53;
	p[24] = (size - 20) >> 8;
	p[25] = size - 20;
	for (i = 28; i < size; i++)
		p[i] = number + i;
	s->bytes = p;
	s->len = size;
	s->time = number * 1000;
}
