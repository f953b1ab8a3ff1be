/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ends of a link, each on a device that keeps what it is to send until the
 * test hands it over, drops it, keeps a copy or changes it.
 */
#ifndef ASHLAR_KUNIT_LINK_ENDS_H
#define ASHLAR_KUNIT_LINK_ENDS_H

#include <kunit/test.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>

#include "../modules/link/link.h"
#include "shared.h"

#define T_RING		256
#define T_HOST		0x1000ULL	/* identifiers: of end 0, of end 1 one more */

static const u8 t_key[16] = "0123456789abcdef";

/**
 * struct t_frame - a frame on its way
 * @eth: its header
 * @len: of what follows
 * @bytes: the beginning of that
 */
struct t_frame {
	struct ethhdr eth;
	size_t len;
	u8 bytes[LN_BEAT_MAX_LEN];
};

/**
 * struct t_end - one end
 * @host: its host, which starts no work
 * @link: the link
 * @dev: its device
 * @ring: frames that it sent
 * @in: frames put into @ring
 * @out: frames taken from it
 */
struct t_end {
	struct ln_host host;
	struct ln_link link;
	struct net_device *dev;
	struct t_frame ring[T_RING];
	unsigned int in;
	unsigned int out;
};

struct t_ends {
	struct t_end end[2];
};

/* A test's init and exit: its priv is a struct t_ends. */
int t_ends_init(struct kunit *test);
void t_ends_exit(struct kunit *test);
/* As it is when it was just added; the other end notices nothing of it. */
void t_start(struct t_end *end);

u64 t_stat_of(const struct t_end *end, enum ln_stat stat);
#define t_stat(end, stat)	t_stat_of(end, LN_STAT_##stat)

/* Frames that an end has sent: how many, the next one, and into an end. */
unsigned int t_waiting(const struct t_end *end);
bool t_take(struct t_end *from, struct t_frame *f);
void t_give(struct t_end *to, const struct t_frame *f);
/* Hands frames over, in turns, up to @limit. Return: how many. */
unsigned int t_pump(struct t_ends *w, unsigned int limit);
/* Frames from @from to the other end, without what that answers. */
void t_one_way(struct t_ends *w, unsigned int from);

/* Sends a heartbeat with all there is. */
void t_tell(struct t_end *end);
/* The limit of answers is not what most tests are about. */
void t_relax(struct t_end *end);
/* Nothing has been heard for long. */
void t_silence(struct t_end *end);

/* Of @n heartbeats of end 0, each whose bit in @lost is set is lost. */
void t_beats(struct t_ends *w, unsigned int n, u64 lost);
/* Takes what was collected for the test of LN_PROBE. */
void t_collect(struct t_end *end, u64 *expected, u64 *missing);

bool t_fresh(struct t_end *end);
bool t_trusts(struct t_end *end);
bool t_together(struct t_ends *w);
/* Lets the ends come together, or ends the test. */
void t_join(struct kunit *test);

#endif /* ASHLAR_KUNIT_LINK_ENDS_H */
