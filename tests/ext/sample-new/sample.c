// SPDX-License-Identifier: GPL-2.0-only
/* The same as sample, one version later, for upgrades. */
#include <ashlar/ext.h>

enum { MODE_PASS, MODE_DROP, MODE_BOUNDS, MODE_LOOP, MODE_NULL, MODE_LOG };

struct state {
	u64 packets;
	u32 *block;
};

struct flow {
	u32 addr;
	u16 port;
	u16 zero;
};

EXTENSION("sample", "2.0", 1, struct state);
EXT_MAP_ARRAY(mode, u32, 4, 1);
EXT_MAP_HASH(flows, struct flow, u64, 64, 1);
EXT_MAP_LRU(recent, u32, u32, 16, 1);
EXT_MAP_COUNTER(seen, 4);
EXT_LOCK(guard, 1);

static noinline u32 beyond(u32 *block, u32 index)
{
	block[index] = 1;
	return block[0];
}

static enum ext_verdict act(struct state *state, u32 mode)
{
	const u32 *nothing = NULL;
	u64 i;

	if (mode == MODE_DROP)
		return EXT_DROP;
	if (mode == MODE_BOUNDS)
		return beyond(state->block, 6) ? EXT_ACCEPT : EXT_DROP;
	if (mode == MODE_LOOP)
		for (i = 0; i != ~0ULL; i++)
			ext_map_add(&seen, 3, 1);
	if (mode == MODE_NULL)
		return *(const volatile u32 *)nothing ? EXT_ACCEPT : EXT_DROP;
	if (mode == MODE_LOG)
		ext_log("packet %llu", state->packets);
	return EXT_ACCEPT;
}

static enum ext_verdict look(ext_pkt pkt)
{
	struct state *state = ext_state(struct state);
	u32 zero = 0, *mode = mode_lookup(&zero), *slot;
	struct ext_pkt_info info;

	ext_pkt_info(pkt, &info);
	ext_lock(&guard);
	state->packets++;
	ext_unlock(&guard);
	ext_map_add(&seen, info.hook & 1, 1);
	slot = recent_insert(&info.len);
	if (slot)
		(*slot)++;
	return act(state, mode ? *mode : MODE_PASS);
}
EXT_HOOK(look);

static s32 start(void)
{
	struct state *state = ext_state(struct state);

	state->block = ext_alloc(20);
	return state->block ? 0 : -EXT_ENOMEM;
}
EXT_INIT(start);

static s32 echo(const void *in, u32 len, void *out, u32 room)
{
	if (len > room)
		return -EXT_EMSGSIZE;
	memcpy(out, in, len);
	return (s32)len;
}
EXT_REQUEST(echo);

static s32 refuse(const void *in, u32 len, void *out, u32 room)
{
	return -EXT_EINVAL;
}
EXT_REQUEST(refuse);

static s32 count(const void *in, u32 len, void *out, u32 room)
{
	struct state *state = ext_state(struct state);

	if (room < sizeof(state->packets))
		return -EXT_EMSGSIZE;
	memcpy(out, &state->packets, sizeof(state->packets));
	return sizeof(state->packets);
}
EXT_REQUEST(count);

static s32 save(void *buf, u32 room)
{
	struct state *state = ext_state(struct state);

	if (room < sizeof(state->packets))
		return -EXT_EMSGSIZE;
	memcpy(buf, &state->packets, sizeof(state->packets));
	return sizeof(state->packets);
}
EXT_SAVE(save);

static s32 restore(const void *buf, u32 len, u32 schema)
{
	struct state *state = ext_state(struct state);

	if (len != sizeof(state->packets))
		return -EXT_EINVAL;
	memcpy(&state->packets, buf, sizeof(state->packets));
	return 0;
}
EXT_RESTORE(restore);
