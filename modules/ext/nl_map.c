// SPDX-License-Identifier: GPL-2.0-only
/*
 * Netlink: maps and their entries. A map is held while a command works on it;
 * ex_mutex is not needed, since maps have locks of their own.
 */
#include "map.h"
#include "nl_msg.h"

#define M(name) ASHLAR_EXT_A_MAP_##name
#define E(name) ASHLAR_EXT_A_ELEMENT_##name

static_assert(ASHLAR_EXT_KEY_MAX == EX_MAP_KEY_MAX);
static_assert(ASHLAR_EXT_VALUE_MAX == EX_MAP_VALUE_MAX);
static_assert(ASHLAR_EXT_MAP_TYPE_HASH == ASHLAR_EXT_MAP_HASH);
static_assert(ASHLAR_EXT_MAP_TYPE_ARRAY == ASHLAR_EXT_MAP_ARRAY);
static_assert(ASHLAR_EXT_MAP_TYPE_LRU == ASHLAR_EXT_MAP_LRU);
static_assert(ASHLAR_EXT_MAP_TYPE_COUNTER == ASHLAR_EXT_MAP_COUNTER);

/* @ext_attr, @name_attr: the attributes that name the map */
static struct ex_map *get_map(struct genl_info *info, int ext_attr,
			      int name_attr)
{
	const char *ext, *name;
	struct ex_map *map;

	ext = ex_nl_get_name(info, ext_attr, "the extension's name is missing");
	if (!ext)
		return NULL;
	name = ex_nl_get_name(info, name_attr, "the map's name is missing");
	if (!name)
		return NULL;
	map = ex_map_find(genl_info_net(info), ext, name);
	if (!map)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[name_attr],
				    "the extension has no such map in this namespace; it has none before it is started");
	return map;
}

static int put_map(struct sk_buff *skb, const struct ex_map *map)
{
	return nla_put_string(skb, M(EXT), map->ext) ?:
	       nla_put_string(skb, M(NAME), map->def.name) ?:
	       nla_put_u32(skb, M(TYPE), map->def.type) ?:
	       nla_put_u32(skb, M(KEY_SIZE), map->def.key_size) ?:
	       nla_put_u32(skb, M(VALUE_SIZE), map->def.value_size) ?:
	       nla_put_u32(skb, M(MAX_ENTRIES), map->def.max_entries) ?:
	       nla_put_u32(skb, M(ENTRIES), ex_map_entries(map)) ?:
	       nla_put_u32(skb, M(SCHEMA), map->def.schema) ?:
	       ex_nl_put_u64(skb, M(BYTES), map->bytes) ?:
	       ex_nl_put_u64(skb, M(LOST), READ_ONCE(map->lost)) ?:
	       ex_nl_put_u64(skb, M(EVICTED), READ_ONCE(map->dropped)) ?:
	       ex_nl_put_u64(skb, M(MISSED), atomic64_read(&map->missed)) ?:
	       nla_put_u32(skb, M(USERS), READ_ONCE(map->users));
}

static int fill_map(struct ex_nl_msg *m, const struct ex_map *map)
{
	void *hdr = ex_nl_msg_begin(m, M(EVENT));

	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr, put_map(m->skb, map));
}

int ex_nl_map_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_nl_msg m;
	struct ex_map *map;
	int err;

	err = ex_nl_reply_begin(&m, info, ASHLAR_EXT_CMD_MAP_GET,
				GENLMSG_DEFAULT_SIZE);
	if (err)
		return err;
	map = get_map(info, M(EXT), M(NAME));
	err = map ? fill_map(&m, map) : -ENOENT;
	if (map)
		ex_map_put(map);
	return ex_nl_reply_end(&m, info, err);
}

/**
 * struct ex_nl_maps - a dump of maps
 * @at: how many were looked at
 * @begun: the first call is over
 * @ext: of this extension alone, if it is a name
 */
struct ex_nl_maps {
	u32 at;
	bool begun;
	char ext[ASHLAR_EXT_NAME];
};

static int maps_begin(struct netlink_callback *cb, struct ex_nl_maps *list)
{
	struct nlattr *tb[M(NAME) + 1];
	int err;

	err = ex_nl_dump_parse(cb, tb, M(NAME), ex_nl_map_get_policy,
			       BIT_ULL(M(EXT)));
	if (err)
		return err;
	if (tb[M(EXT)])
		nla_strscpy(list->ext, tb[M(EXT)], sizeof(list->ext));
	list->begun = true;
	return 0;
}

int ex_nl_map_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ex_nl_maps *list = (struct ex_nl_maps *)cb->ctx;
	struct net *net = sock_net(cb->skb->sk);
	struct ex_nl_msg m;
	struct ex_map *map;
	int err = 0;

	BUILD_BUG_ON(sizeof(*list) > sizeof(cb->ctx));
	if (!list->begun)
		err = maps_begin(cb, list);
	if (err)
		return err;
	ex_nl_dump_msg(&m, skb, cb, ASHLAR_EXT_CMD_MAP_GET);
	while (!err && (map = ex_map_at(net, list->at))) {
		if (!list->ext[0] || !strcmp(list->ext, map->ext))
			err = fill_map(&m, map);
		if (!err)
			list->at++;
		ex_map_put(map);
	}
	return skb->len ?: err;
}

static void notify_map(struct net *net, const struct ex_map *map, int event)
{
	struct ex_nl_msg m;

	if (ex_nl_ntf_begin(&m, net, ASHLAR_EXT_CMD_MAP_NTF, event,
			    GENLMSG_DEFAULT_SIZE, GFP_KERNEL))
		ex_nl_ntf_end(&m, net, fill_map(&m, map), GFP_KERNEL);
}

int ex_nl_map_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_map *map = get_map(info, M(EXT), M(NAME));

	if (!map)
		return -ENOENT;
	ex_map_user_flush(map);
	notify_map(genl_info_net(info), map, ASHLAR_EXT_EVENT_SET);
	ex_map_put(map);
	return 0;
}

/* Entries. */

/* The bytes of an attribute, which must be as many as the map wants. */
static const void *get_bytes(struct genl_info *info, int attr, u32 size,
			     const char *missing, const char *wrong)
{
	if (GENL_REQ_ATTR_CHECK(info, attr)) {
		info->extack->_msg = missing;
		return NULL;
	}
	if (nla_len(info->attrs[attr]) == size)
		return nla_data(info->attrs[attr]);
	NL_SET_BAD_ATTR(info->extack, info->attrs[attr]);
	info->extack->_msg = wrong;
	return NULL;
}

static const void *get_key(struct genl_info *info, const struct ex_map *map)
{
	return get_bytes(info, E(KEY), map->def.key_size,
			 "the key is missing",
			 "the key has not as many bytes as the map's keys have");
}

static int fill_element(struct ex_nl_msg *m, const struct ex_map *map,
			const void *key, const void *value)
{
	struct sk_buff *skb = m->skb;
	void *hdr;

	hdr = genlmsg_put(skb, m->portid, m->seq, &ex_nl_family, m->flags,
			  m->cmd);
	if (!hdr)
		return -EMSGSIZE;
	return ex_nl_msg_end(m, hdr,
			     nla_put_string(skb, E(EXT), map->ext) ?:
			     nla_put_string(skb, E(MAP), map->def.name) ?:
			     nla_put(skb, E(KEY), map->def.key_size, key) ?:
			     nla_put(skb, E(VALUE), map->def.value_size, value));
}

static int reply_element(struct ex_nl_msg *m, struct genl_info *info,
			 struct ex_map *map)
{
	const void *key = get_key(info, map);
	void *value;
	int err;

	if (!key)
		return -EINVAL;
	value = kzalloc(map->def.value_size, GFP_KERNEL);
	if (!value)
		return -ENOMEM;
	err = ex_map_user_lookup(map, key, value);
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[E(KEY)],
				    "the map has no such entry");
	else
		err = fill_element(m, map, key, value);
	kfree(value);
	return err;
}

#define EX_NL_ELEMENT	(EX_MAP_VALUE_MAX + 512)

int ex_nl_element_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_nl_msg m;
	struct ex_map *map;
	int err;

	err = ex_nl_reply_begin(&m, info, ASHLAR_EXT_CMD_ELEMENT_GET,
				EX_NL_ELEMENT);
	if (err)
		return err;
	map = get_map(info, E(EXT), E(MAP));
	err = map ? reply_element(&m, info, map) : -ENOENT;
	if (map)
		ex_map_put(map);
	return ex_nl_reply_end(&m, info, err);
}

/**
 * struct ex_nl_elements - a dump of a map
 * @map: whose; to be compared, no more
 * @cursor: where to go on
 */
struct ex_nl_elements {
	const struct ex_map *map;
	u32 cursor;
};

static struct ex_map *dump_map(struct netlink_callback *cb, int *err)
{
	char ext[ASHLAR_EXT_NAME], name[ASHLAR_EXT_NAME];
	struct nlattr *tb[E(KEY) + 1];
	struct ex_map *map;

	*err = ex_nl_dump_parse(cb, tb, E(KEY), ex_nl_element_get_policy,
				BIT_ULL(E(EXT)) | BIT_ULL(E(MAP)));
	if (*err)
		return NULL;
	*err = -EINVAL;
	if (!tb[E(EXT)] || !tb[E(MAP)]) {
		NL_SET_ERR_MSG(cb->extack, "say of which extension which map");
		return NULL;
	}
	nla_strscpy(ext, tb[E(EXT)], sizeof(ext));
	nla_strscpy(name, tb[E(MAP)], sizeof(name));
	map = ex_map_find(sock_net(cb->skb->sk), ext, name);
	if (!map)
		NL_SET_ERR_MSG_ATTR(cb->extack, tb[E(MAP)],
				    "the extension has no such map in this namespace");
	*err = map ? 0 : -ENOENT;
	return map;
}

/* What does not fit is told in the next call: the cursor goes back. */
static int dump_elements(struct ex_nl_msg *m, struct ex_map *map, u32 *cursor)
{
	u8 key[EX_MAP_KEY_MAX];
	u32 before;
	void *value;
	int err;

	value = kzalloc(map->def.value_size, GFP_KERNEL);
	if (!value)
		return -ENOMEM;
	do {
		before = *cursor;
		err = ex_map_user_next(map, cursor, key, value);
		if (err)
			break;
		err = fill_element(m, map, key, value);
		if (err)
			*cursor = before;
	} while (!err);
	kfree(value);
	return err == -ENOENT ? 0 : err;
}

int ex_nl_element_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ex_nl_elements *list = (struct ex_nl_elements *)cb->ctx;
	struct ex_nl_msg m;
	struct ex_map *map;
	int err;

	map = dump_map(cb, &err);
	if (!map)
		return err;
	/* Another map took its place: the reader is told, and begins anew. */
	cb->seq = !list->map || list->map == map ? 1 : 2;
	if (list->map != map)
		list->cursor = 0;
	list->map = map;
	ex_nl_dump_msg(&m, skb, cb, ASHLAR_EXT_CMD_ELEMENT_GET);
	err = dump_elements(&m, map, &list->cursor);
	ex_map_put(map);
	return skb->len ?: err;
}

static int update(struct genl_info *info, struct ex_map *map)
{
	bool create = info->attrs[E(CREATE)], replace = info->attrs[E(REPLACE)];
	const void *key = get_key(info, map), *value;
	int err;

	if (!key)
		return -EINVAL;
	value = get_bytes(info, E(VALUE), map->def.value_size,
			  "the value is missing",
			  "the value has not as many bytes as the map's values have");
	if (!value)
		return -EINVAL;
	if (create && replace) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[E(REPLACE)],
				    "an entry cannot be there and not be there");
		return -EINVAL;
	}
	err = ex_map_user_update(map, key, value, !replace, !create);
	if (err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[E(KEY)],
				    "the map has no such entry");
	else if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[E(KEY)],
				    "the map has such an entry");
	else if (err == -E2BIG)
		NL_SET_ERR_MSG(info->extack, "the map is full");
	else if (err == -EAGAIN)
		NL_SET_ERR_MSG(info->extack,
			       "all free entries are still in use by readers: try again");
	return err;
}

int ex_nl_element_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_map *map = get_map(info, E(EXT), E(MAP));
	int err;

	if (!map)
		return -ENOENT;
	err = update(info, map);
	ex_map_put(map);
	return err;
}

int ex_nl_element_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ex_map *map = get_map(info, E(EXT), E(MAP));
	const void *key;
	int err;

	if (!map)
		return -ENOENT;
	key = get_key(info, map);
	err = key ? ex_map_user_delete(map, key) : -EINVAL;
	if (key && err == -ENOENT)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[E(KEY)],
				    "the map has no such entry");
	else if (key && err == -EINVAL)
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[E(KEY)],
				    "entries of an array or of counters cannot go");
	ex_map_put(map);
	return err;
}
