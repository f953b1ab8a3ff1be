// SPDX-License-Identifier: GPL-2.0-only
/*
 * The load gate: a module that is as ext-build makes them passes, and one that
 * differs in any one thing is refused, with the reason. The module is a copy of
 * the tests' own, with tables that are in it.
 */
#include <linux/extable.h>
#include <linux/module.h>

#include "../modules/ext/compat.h"
#include "../modules/ext/nl_msg.h"
#include "ext_stage.h"

#define T_PADS		5

/* Names of symbols; their offsets are the numbers in the table of symbols. */
struct t_names {
	char none[1];
	char now[sizeof("ashlar_ext_now")];
	char memcpy[sizeof("memcpy")];
	char info[sizeof("ashlar_ext_info")];
	char panic[sizeof("panic")];
	char other[sizeof("ashlar_ext_other")];
};

static struct t_load {
	struct module mod;
	struct mod_kallsyms ks;
	Elf_Sym syms[4];
	struct t_names names;
	struct exception_table_entry extable[T_PADS];
	struct ashlar_ext_info info;
	struct ashlar_ext_entry entries[3];
	struct ashlar_ext_map_def maps[2];
	struct ashlar_ext_lock_def locks[2];
	struct ashlar_ext_object objects[2];
	u32 relocs[2];
	u8 image[ASHLAR_EXT_CHUNK] __aligned(8);
} load;

static void extable_set(u32 i, unsigned long insn, unsigned long fixup)
{
	struct exception_table_entry *x = &load.extable[i];

	x->insn = insn - (unsigned long)&x->insn;
	x->fixup = fixup - (unsigned long)&x->fixup;
	x->data = EX_TYPE_DEFAULT;
}

static void load_module(void)
{
	static const struct t_names names = {
		"", "ashlar_ext_now", "memcpy", "ashlar_ext_info", "panic", "ashlar_ext_other",
	};
	u32 i;

	load.mod = *THIS_MODULE;
	load.mod.init = NULL;
	load.mod.exit = NULL;
	load.mod.num_kp = 0;
	load.mod.num_syms = 0;
	load.mod.num_gpl_syms = 0;
#ifdef CONFIG_CONSTRUCTORS
	load.mod.num_ctors = 0;
#endif
	load.mod.extable = load.extable;
	load.mod.num_exentries = T_PADS;
	for (i = 0; i < T_PADS; i++)
		extable_set(i, (unsigned long)t_text_start + t_pad_ips[i],
			    (unsigned long)t_pads_start + 5 * i);
	load.names = names;
	load.ks.symtab = load.syms;
	load.ks.num_symtab = ARRAY_SIZE(load.syms);
	load.ks.strtab = (char *)&load.names;
	load.syms[1].st_name = offsetof(struct t_names, now);
	load.syms[1].st_value = (u64)ashlar_ext_now;
	load.syms[2].st_name = offsetof(struct t_names, memcpy);
	load.syms[2].st_value = (u64)memcpy;
	load.syms[3].st_name = offsetof(struct t_names, info);
	load.syms[3].st_shndx = 1;
	load.syms[3].st_value = (u64)&load.info;
	RCU_INIT_POINTER(load.mod.kallsyms, &load.ks);
}

static void load_info(void)
{
	struct ashlar_ext_info *info = &load.info;

	*info = (struct ashlar_ext_info) {
		.magic = ASHLAR_EXT_MAGIC, .abi = ASHLAR_EXT_ABI, .flags = ASHLAR_EXT_BUILD_SHADOW,
		.name = "load", .version = "1", .build = "b1",
		.image_size = ASHLAR_EXT_CHUNK, .state_off = ASHLAR_EXT_CHUNK, .state_size = 100,
		.stack_max = 512, .image = load.image, .relocs = load.relocs,
		.objects = load.objects, .entries = load.entries, .maps = load.maps,
		.locks = load.locks, .nr_relocs = 2, .nr_objects = 2, .nr_entries = 3,
		.nr_maps = 2, .nr_locks = 2, .nr_pads = T_PADS, .text_start = t_text_start,
		.text_end = t_text_end, .pads_start = t_pads_start, .pads_end = t_pads_end,
		.pad_ips = t_pad_ips, .pad_size = 5,
	};
	load.entries[0] = (struct ashlar_ext_entry){ "hook", ASHLAR_EXT_ENTRY_HOOK, 0, t_ud2 };
	load.entries[1] = (struct ashlar_ext_entry){ "init", ASHLAR_EXT_ENTRY_INIT, 0, t_load };
	load.entries[2] = (struct ashlar_ext_entry){ "work", ASHLAR_EXT_ENTRY_WORK, 0, t_fail };
	load.maps[0] = (struct ashlar_ext_map_def){ "flows", ASHLAR_EXT_MAP_HASH, 8, 16, 100 };
	load.maps[1] = (struct ashlar_ext_map_def){ "counts", ASHLAR_EXT_MAP_COUNTER, 4, 8, 4 };
	load.locks[0] = (struct ashlar_ext_lock_def){ "first", 1 };
	load.locks[1] = (struct ashlar_ext_lock_def){ "second", 2 };
	load.objects[0] = (struct ashlar_ext_object){ 16, 100 };
	load.objects[1] = (struct ashlar_ext_object){ 136, ASHLAR_EXT_CHUNK - 136 };
	load.relocs[0] = 16;
	load.relocs[1] = ASHLAR_EXT_CHUNK - 8;
}

/* What differs, and a part of the sentence that says so; without: nothing. */
struct t_veto {
	const char *name;
	void *at;
	u32 size;
	u64 value;
	const char *why;
};

#define POKE(field_, value_, why_) \
	{ .name = #field_, .at = &(field_), .size = sizeof(field_), .value = (u64)(value_), \
	  .why = why_ }
#define FAR		0xffffffffff000000ULL

static const struct t_veto vetoes[] = {
	{ .name = "whole" },
	POKE(load.info.flags, 0, NULL),
	POKE(load.info.state_size, 0, NULL),
	POKE(load.info.nr_maps, 0, NULL),
	POKE(load.info.nr_locks, 0, NULL),
	POKE(load.info.stack_max, THREAD_SIZE / 4, NULL),
	POKE(load.info.magic, 0, "stamp"),
	POKE(load.info.abi, ASHLAR_EXT_ABI + 1, "for version"),
	POKE(load.info.abi, 0, "for version"),
	POKE(load.info.flags, 8, "not known here (flags"),
	POKE(load.info.flags, ASHLAR_EXT_BUILD_PLAIN, "without checks"),
	POKE(load.info.name, 0, "no word"),
	POKE(load.info.name, 'x', "no word"),
	POKE(load.info.version, 0, "no word"),
	POKE(load.info.version, 'x', "no word"),
	POKE(load.info.build, 0, "no word"),
	POKE(load.info.build, 'x', "no word"),
	POKE(load.info.stack_max, THREAD_SIZE / 4 + 1, "bytes of stack"),
	POKE(load.info.stack_max, U32_MAX, "bytes of stack"),
	POKE(load.mod.init, t_ud2, "module_init"),
	POKE(load.mod.exit, t_ud2, "module_exit"),
	POKE(load.mod.num_kp, 1, "parameters"),
	POKE(load.mod.num_syms, 1, "exports"),
	POKE(load.mod.num_gpl_syms, 1, "exports"),
#ifdef CONFIG_CONSTRUCTORS
	POKE(load.mod.num_ctors, 1, "constructors"),
#endif
#ifdef CONFIG_TRACEPOINTS
	POKE(load.mod.num_tracepoints, 1, "tracepoints"),
#endif
	POKE(load.info.image_size, ASHLAR_EXT_CHUNK - 8, "do not fit"),
	POKE(load.info.image_size, ASHLAR_EXT_ARENA_SIZE, "do not fit"),
	POKE(load.info.state_off, 0, "do not fit"),
	POKE(load.info.state_off, 2 * ASHLAR_EXT_CHUNK, "do not fit"),
	POKE(load.info.state_size, ASHLAR_EXT_ARENA_SIZE / 4 + 1, "do not fit"),
	POKE(load.info.image, 0, "not in the module"),
	POKE(load.info.image, FAR, "not in the module"),
	POKE(load.info.image, load.image + 1, NULL),
	POKE(load.info.relocs, FAR, "not in the module"),
	POKE(load.info.relocs, (u8 *)load.relocs + 1, "not in the module"),
	POKE(load.info.nr_relocs, U32_MAX, "not in the module"),
	POKE(load.info.objects, FAR, "not in the module"),
	POKE(load.info.nr_objects, U32_MAX, "not in the module"),
	POKE(load.relocs[0], 12, "pointer 0"),
	POKE(load.relocs[1], ASHLAR_EXT_CHUNK, "pointer 1"),
	POKE(load.relocs[1], U32_MAX - 7, "pointer 1"),
	POKE(load.objects[0].offset, 4, "constant 0"),
	POKE(load.objects[0].offset, U32_MAX - 7, "constant 0"),
	POKE(load.objects[1].size, ASHLAR_EXT_CHUNK - 135, "constant 1"),
	POKE(load.objects[1].size, U32_MAX, "constant 1"),
	POKE(load.info.entries, FAR, "table of entries"),
	POKE(load.info.entries, 0, "table of entries"),
	POKE(load.info.nr_entries, EX_ENTRIES_MAX + 1, "513 entries, and 512"),
	POKE(load.info.nr_entries, U32_MAX, "entries, and 512"),
	POKE(load.entries[1].name, 0, "number 1 of its entries"),
	POKE(load.entries[2].name, 'x', "number 2 of its entries"),
	POKE(load.entries[0].kind, 0, "of a kind"),
	POKE(load.entries[0].kind, ASHLAR_EXT_ENTRY_RESTORE + 1, "of a kind"),
	POKE(load.entries[0].kind, U32_MAX, "of a kind"),
	POKE(load.entries[0].flags, 1, "of a kind"),
	POKE(load.entries[2].kind, ASHLAR_EXT_ENTRY_INIT, "of which there is one"),
	POKE(load.entries[0].fn, 0, "none of its functions"),
	POKE(load.entries[0].fn, t_text_start - 1, "none of its functions"),
	POKE(load.entries[0].fn, t_text_end, "none of its functions"),
	POKE(load.entries[0].fn, FAR, "none of its functions"),
	POKE(load.info.maps, FAR, "table of maps"),
	POKE(load.info.nr_maps, EX_EXT_MAPS_MAX + 1, "129 maps, and 128"),
	POKE(load.maps[0].name, 0, "number 0 of its maps"),
	POKE(load.maps[0].type, 0, "of a type"),
	POKE(load.maps[0].type, ASHLAR_EXT_MAP_COUNTER + 1, "of a type"),
	POKE(load.maps[0].flags, 1, "of a type"),
	POKE(load.maps[0].key_size, 0, "larger than"),
	POKE(load.maps[0].key_size, EX_MAP_KEY_MAX + 1, "larger than"),
	POKE(load.maps[0].value_size, 0, "larger than"),
	POKE(load.maps[0].value_size, EX_MAP_VALUE_MAX + 1, "larger than"),
	POKE(load.maps[0].max_entries, 0, "larger than"),
	POKE(load.maps[0].max_entries, EX_MAP_ENTRIES_MAX + 1, "larger than"),
	POKE(load.info.locks, FAR, "table of locks"),
	POKE(load.info.nr_locks, EX_EXT_LOCKS_MAX + 1, "1025 locks, and 1024"),
	POKE(load.info.nr_locks, U32_MAX, "locks, and 1024"),
	POKE(load.locks[1].name, 0, "number 1 of its locks"),
	POKE(load.info.text_start, 0, "not in its text"),
	POKE(load.info.text_end, t_text_start - 1, "none of its functions"),
	POKE(load.info.text_end, FAR, "not in its text"),
	POKE(load.info.pads_start, load.image, "not in its text"),
	POKE(load.info.pads_end, t_pads_start - 1, "not in its text"),
	POKE(load.info.nr_pads, 0, "landing pads"),
	POKE(load.info.nr_pads, 1000, "landing pads"),
	POKE(load.info.pad_size, 0, "landing pads"),
	POKE(load.info.pad_size, 65, "landing pads"),
	POKE(load.info.pad_size, U64_MAX, "landing pads"),
	POKE(load.info.pad_ips, FAR, "landing pads"),
	POKE(load.mod.num_exentries, 0, "no exception table"),
	POKE(load.extable[4].insn, 0, "entry 4"),
	POKE(load.extable[1].insn, S32_MIN, "entry 1"),
	POKE(load.extable[2].fixup, 0, "entry 2"),
	POKE(load.extable[0].fixup, S32_MAX, "entry 0"),
	POKE(load.extable[3].data, EX_TYPE_BPF, "entry 3"),
	POKE(load.extable[3].data, EX_TYPE_WRMSR, "entry 3"),
	POKE(load.syms[2].st_name, offsetof(struct t_names, panic), "it calls panic"),
	POKE(load.syms[2].st_name, offsetof(struct t_names, other), "it calls ashlar_ext_other"),
	POKE(load.syms[1].st_value, t_ud2, "another module's"),
};

static void veto_desc(const struct t_veto *veto, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s_%llx", veto->name, veto->value);
}

KUNIT_ARRAY_PARAM(veto, vetoes, veto_desc);

static void poke(const struct t_veto *veto)
{
	if (veto->size > sizeof(veto->value))
		memset(veto->at, veto->value, veto->size);
	else
		memcpy(veto->at, &veto->value, veto->size);
}

static void expect_veto(struct kunit *test, const struct ashlar_ext_info *info, const char *part)
{
	char why[EX_VETO_LEN] = "";
	int err = ex_info_check(&load.mod, info, why, sizeof(why));

	KUNIT_EXPECT_EQ_MSG(test, err, part ? -EPERM : 0, "%s", why);
	if (part)
		KUNIT_EXPECT_TRUE_MSG(test, strstr(why, part), "%s", why);
}

static void load_veto(struct kunit *test)
{
	const struct t_veto *veto = test->param_value;

	load_module();
	load_info();
	poke(veto);
	expect_veto(test, &load.info, veto->why);
}

/* Behind the module's last byte. */
static const void *load_end(void)
{
	const u8 *end = (const u8 *)PAGE_ALIGN((unsigned long)(&load + 1));

	while (within_module_core((unsigned long)end, &load.mod))
		end += PAGE_SIZE;
	return end;
}

/* What no single field says. */
static void load_others(struct kunit *test)
{
	struct ashlar_ext_info outside;

	load_module();
	load_info();
	expect_veto(test, NULL, "not built by ext-build");
	outside = load.info;
	expect_veto(test, &outside, "stamp");
	strscpy(load.entries[2].name, "hook", sizeof(load.entries[2].name));
	expect_veto(test, &load.info, "two of its entries");
	load_info();
	strscpy(load.maps[1].name, "flows", sizeof(load.maps[1].name));
	expect_veto(test, &load.info, "two of its maps");
	load_info();
	strscpy(load.locks[1].name, "first", sizeof(load.locks[1].name));
	expect_veto(test, &load.info, "two of its locks");
	load_info();
	/* A table that begins in the module and ends behind it. */
	load.info.objects = load_end() - sizeof(*load.objects);
	expect_veto(test, &load.info, "not in the module");
}

/* The sentence fits whatever room there is. */
static void load_room(struct kunit *test)
{
	char why[9];

	load_module();
	load_info();
	load.info.magic = 0;
	memset(why, 'x', sizeof(why));
	KUNIT_EXPECT_EQ(test, ex_info_check(&load.mod, &load.info, why, 8), -EPERM);
	KUNIT_EXPECT_EQ(test, strlen(why), 7UL);
	KUNIT_EXPECT_EQ(test, why[8], 'x');
}

/* As many entries and maps as may be, all with the longest names. */
static void load_message(struct kunit *test)
{
	struct ashlar_ext_entry *entries;
	struct ashlar_ext_map_def *maps;
	struct ashlar_ext_info info;
	struct ex_ext ext = { .mod = THIS_MODULE, .info = &info };
	struct ex_nl_msg m = { .event = ASHLAR_EXT_EVENT_NEW };
	u32 i;

	load_info();
	info = load.info;
	entries = kunit_kcalloc(test, EX_ENTRIES_MAX, sizeof(*entries), GFP_KERNEL);
	maps = kunit_kcalloc(test, EX_EXT_MAPS_MAX, sizeof(*maps), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, entries && maps);
	for (i = 0; i < EX_ENTRIES_MAX; i++)
		memset(entries[i].name, 'e', ASHLAR_EXT_NAME - 1);
	for (i = 0; i < EX_EXT_MAPS_MAX; i++)
		memset(maps[i].name, 'm', ASHLAR_EXT_NAME - 1);
	memset(info.name, 'n', ASHLAR_EXT_NAME - 1);
	memset(info.version, 'v', ASHLAR_EXT_NAME - 1);
	memset(info.build, 'b', ASHLAR_EXT_NAME - 1);
	info.entries = entries;
	info.maps = maps;
	info.nr_entries = EX_ENTRIES_MAX;
	info.nr_maps = EX_EXT_MAPS_MAX;
	m.skb = genlmsg_new(EX_NL_EXT, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.skb);
	KUNIT_EXPECT_EQ(test, ex_nl_fill_ext(&m, &ext), 0);
	/* What an allocation has rounded up is luck. */
	KUNIT_EXPECT_LE(test, m.skb->len, (u32)EX_NL_EXT);
	KUNIT_EXPECT_GT(test, m.skb->len, (u32)EX_NL_EXT - 1000);
	nlmsg_free(m.skb);
	/* And what does not fit is no message, rather than half of one. */
	m.skb = genlmsg_new(100, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.skb);
	KUNIT_EXPECT_EQ(test, ex_nl_fill_ext(&m, &ext), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, m.skb->len, 0U);
	nlmsg_free(m.skb);
}

static struct kunit_case load_cases[] = {
	KUNIT_CASE_PARAM(load_veto, veto_gen_params),
	KUNIT_CASE(load_others),
	KUNIT_CASE(load_room),
	KUNIT_CASE(load_message),
	{}
};

static struct kunit_suite load_suite = {
	.name = "ext_load",
	.test_cases = load_cases,
};

kunit_test_suite(load_suite);
