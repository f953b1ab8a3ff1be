// SPDX-License-Identifier: GPL-2.0-only
/* From netlink attributes to a JSON object, by the tables of the spec. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>

#include "ashlar.h"

const struct spec_set *family_set(const struct spec_family *family,
				  const char *name)
{
	unsigned int i;

	for (i = 0; i < family->n_sets; i++)
		if (!strcmp(family->sets[i].name, name))
			return &family->sets[i];
	return NULL;
}

static json_t *decode_addr(const struct nlattr *attr)
{
	unsigned int len = mnl_attr_get_payload_len(attr);
	char text[INET6_ADDRSTRLEN];

	if (len != 4 && len != 16)
		return NULL;
	inet_ntop(len == 4 ? AF_INET : AF_INET6, mnl_attr_get_payload(attr),
		  text, sizeof(text));
	return json_string(text);
}

static json_t *decode_number(const struct spec_attr *spec, uint64_t value)
{
	if (spec->values && value < spec->values->n)
		return json_string(spec->values->values[value].name);
	return json_integer(value);
}

/* A number that is an identifier may not fit what JSON readers can hold. */
static json_t *decode_wide_hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *decode_bytes(const struct nlattr *attr)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int i, len = mnl_attr_get_payload_len(attr);
	const unsigned char *data = mnl_attr_get_payload(attr);
	char *text = malloc(2 * len + 1);
	json_t *json;

	if (!text)
		return NULL;
	for (i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	json = json_stringn_nocheck(text, 2 * len);
	free(text);
	return json;
}

/* Older or newer kernels may send less or more than the spec says. */
static json_t *decode_attr(const struct spec_attr *spec,
			   const struct nlattr *attr)
{
	unsigned int len = mnl_attr_get_payload_len(attr);
	const char *text = mnl_attr_get_payload(attr);

	switch (spec->type) {
	case SPEC_FLAG:
		return json_true();
	case SPEC_U8:
		return len < 1 ? NULL :
		       decode_number(spec, mnl_attr_get_u8(attr));
	case SPEC_U16:
	case SPEC_U16_HEX:
		return len < 2 ? NULL :
		       decode_number(spec, mnl_attr_get_u16(attr));
	case SPEC_U32:
	case SPEC_U32_HEX:
		return len < 4 ? NULL :
		       decode_number(spec, mnl_attr_get_u32(attr));
	case SPEC_U64:
		return len < 8 ? NULL :
		       decode_number(spec, mnl_attr_get_u64(attr));
	case SPEC_U64_HEX:
		return len < 8 ? NULL : decode_wide_hex(mnl_attr_get_u64(attr));
	case SPEC_S32:
		return len < 4 ? NULL :
		       json_integer((int32_t)mnl_attr_get_u32(attr));
	case SPEC_STRING:
		return json_stringn_nocheck(text, strnlen(text, len));
	case SPEC_ADDR:
		return decode_addr(attr);
	case SPEC_BINARY_HEX:
		return decode_bytes(attr);
	case SPEC_UNKNOWN:
	case SPEC_PAD:
	case SPEC_BINARY:
		break;
	}
	return NULL;
}

json_t *decode(const struct spec_set *set, const struct nlmsghdr *nlh)
{
	json_t *object = json_object(), *value, *array;
	const struct spec_attr *spec;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) > set->max)
			continue;
		spec = &set->attrs[mnl_attr_get_type(attr)];
		if (!spec->name)
			continue;
		value = decode_attr(spec, attr);
		if (!value)
			continue;
		if (!spec->multi) {
			json_object_set_new_nocheck(object, spec->name, value);
			continue;
		}
		array = json_object_get(object, spec->name);
		if (!array) {
			array = json_array();
			json_object_set_new_nocheck(object, spec->name, array);
		}
		json_array_append_new(array, value);
	}
	return object;
}
