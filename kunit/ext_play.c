// SPDX-License-Identifier: GPL-2.0-only
/* Functions of extensions that are played. Nothing here is instrumented: kunit/Kbuild. */
#include "ext_stage.h"

/* ext_traps.S knows them. */
static_assert(offsetof(struct t_play, addr) == 8);
static_assert(offsetof(struct t_play, code) == 16);
static_assert(offsetof(struct t_play, size) == 20);

struct t_play t_play;

void t_play_begin(u64 ret)
{
	t_play = (struct t_play){ .ret = ret, .inside = ATOMIC_INIT(0) };
}

u64 play_return(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	return READ_ONCE(t_play.ret);
}

u64 play_turns(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	u32 i;

	for (i = 0; i < t_play.turns; i++)
		if (--abi->fuel < 0)
			ashlar_ext_fail(abi, 0, ASHLAR_EXT_FAULT_FUEL, 0);
	return t_play.ret;
}

u64 play_spin(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	atomic_inc(&t_play.inside);
	while (READ_ONCE(abi->fuel) >= 0)
		cpu_relax();
	atomic_dec(&t_play.inside);
	ashlar_ext_fail(abi, 0, ASHLAR_EXT_FAULT_FUEL, 0);
	return 0;
}

static noinline u64 deeper(struct ashlar_ext_ctx *abi, u32 turns)
{
	u64 room[16];

	if (current_stack_pointer < abi->sp_limit)
		ashlar_ext_fail(abi, 0, ASHLAR_EXT_FAULT_STACK, 0);
	OPTIMIZER_HIDE_VAR(turns);
	memset(room, turns, sizeof(room));
	barrier_data(room);
	return turns ? deeper(abi, turns - 1) + room[turns % 16] : 0;
}

u64 play_recurse(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	deeper(abi, t_play.turns);
	return t_play.ret;
}

u64 play_break(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	if (!ashlar_ext_pkt_trim_head(abi, a0, 24))
		return NF_DROP;
	if (t_play.code)
		ashlar_ext_fail(abi, 0, t_play.code, 0);
	return t_play.ret;
}

u64 play_call(struct ashlar_ext_ctx *abi, u64 a0, u64 a1, u64 a2, u64 a3)
{
	u64 ret = t_play.call(abi, a0, a1);

	if (READ_ONCE(abi->stop))
		ashlar_ext_fail(abi, 0, abi->stop, 0);
	return ret;
}
