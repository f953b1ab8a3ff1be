// SPDX-License-Identifier: GPL-2.0-only
/*
 * The load gate. What ext-build has made is trusted to be what it says, but not
 * a module that only looks like it: a build of another version, one that was
 * edited, one that calls what it must not. A module that does not use the shim
 * is none of our business.
 *
 * At MODULE_STATE_COMING the module is in its place, its text cannot be written
 * any more, nothing of it has run, and its whole table of symbols is there.
 */
#include <linux/extable.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include <ashlar/ext_api.h>

#include "compat.h"
#include "inst.h"
#include "nl.h"

#define FLAGS_KNOWN	(ASHLAR_EXT_BUILD_SHADOW | ASHLAR_EXT_BUILD_RACE | ASHLAR_EXT_BUILD_PLAIN)
#define STACK_MAX	(THREAD_SIZE / 4)

LIST_HEAD(ex_exts);
/* Modules that passed but are not live yet; ex_mutex. */
static LIST_HEAD(coming);

static struct ex_veto vetoes[EX_VETOES];
static u64 nr_vetoes;
static DEFINE_MUTEX(veto_mutex);

/* What the gate looks at. */
struct gate {
	const struct module *mod;
	const struct ashlar_ext_info *info;
	char *why;
	size_t room;
};

static __printf(2, 3) int refuse(const struct gate *g, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(g->why, g->room, format, args);
	va_end(args);
	return -EPERM;
}

/* --- symbols --- */

static const char * const allowed[] = {
#define X(name_, flags_) "ashlar_ext_" #name_,
	ASHLAR_EXT_CALLS(X)
#undef X
	"ashlar_ext_fail", "ashlar_ext_window", "ashlar_ext_range", "ashlar_ext_race",
	"ashlar_ext_trap",
	"memcpy", "memset", "memmove", "__x86_return_thunk",
};

static bool is_allowed(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		if (!strcmp(name, allowed[i]))
			return true;
	return false;
}

/* The whole table; when the module is live it is only what is left of it. */
static const struct mod_kallsyms *symbols(const struct module *mod)
{
	return (const struct mod_kallsyms __force *)mod->kallsyms;
}

static const char *symbol_name(const struct mod_kallsyms *ks, u32 i)
{
	return ks->strtab + ks->symtab[i].st_name;
}

static bool is_ours(const char *name)
{
	return !strncmp(name, "ashlar_ext_", strlen("ashlar_ext_"));
}

/* Whether the module uses the shim's calls; where its table of contents is, NULL: nowhere. */
static bool uses_shim(const struct module *mod, const struct ashlar_ext_info **info)
{
	const struct mod_kallsyms *ks = symbols(mod);
	bool uses = false;
	u32 i;

	*info = NULL;
	for (i = 1; i < ks->num_symtab; i++) {
		const char *name = symbol_name(ks, i);

		if (!is_ours(name))
			continue;
		if (ks->symtab[i].st_shndx == SHN_UNDEF)
			uses = true;
		else if (!strcmp(name, ASHLAR_EXT_INFO_SYMBOL))
			*info = (const void *)ks->symtab[i].st_value;
	}
	return uses || *info;
}

static int check_imports(const struct gate *g)
{
	const struct mod_kallsyms *ks = symbols(g->mod);
	u32 i;

	for (i = 1; i < ks->num_symtab; i++) {
		const char *name = symbol_name(ks, i);

		if (ks->symtab[i].st_shndx != SHN_UNDEF || !*name)
			continue;
		if (!is_allowed(name))
			return refuse(g, "it calls %s, which an extension may not", name);
		if (is_ours(name) && !within_module_core(ks->symtab[i].st_value, THIS_MODULE))
			return refuse(g, "its %s is another module's", name);
	}
	return 0;
}

/* --- table of contents --- */

static bool is_within(const struct gate *g, const void *p, u64 n, u32 size)
{
	u64 len = n * size;

	if (!n)
		return true;
	return n <= U32_MAX && !((u64)p & (min(size, 8U) - 1)) && (u64)p + len >= (u64)p &&
	       within_module_core((u64)p, g->mod) && within_module_core((u64)p + len - 1, g->mod);
}

static bool is_text(const struct gate *g, const void *from, const void *to)
{
	unsigned int size;
	const void *text = ex_module_text(g->mod, &size);

	return from >= text && from <= to && to <= text + size;
}

static bool is_word(const char *word)
{
	return *word && strnlen(word, ASHLAR_EXT_NAME) < ASHLAR_EXT_NAME;
}

static int check_stamp(const struct gate *g)
{
	const struct ashlar_ext_info *info = g->info;

	if (!is_within(g, info, 1, sizeof(*info)) || info->magic != ASHLAR_EXT_MAGIC)
		return refuse(g, "it does not carry ext-build's stamp");
	if (info->abi != ASHLAR_EXT_ABI)
		return refuse(g, "it is for version %u of the shim's interface, and this is %u",
			      info->abi, ASHLAR_EXT_ABI);
	if (info->flags & ~FLAGS_KNOWN)
		return refuse(g, "it was built in a way that is not known here (flags %#x)",
			      info->flags);
	if (info->flags & ASHLAR_EXT_BUILD_PLAIN)
		return refuse(g, "it was built without checks (--plain)");
	if (!is_word(info->name) || !is_word(info->version) || !is_word(info->build))
		return refuse(g, "its name, version or build is no word");
	if (info->stack_max > STACK_MAX)
		return refuse(g, "it needs %u bytes of stack, and %lu are allowed", info->stack_max,
			      STACK_MAX);
	return 0;
}

static int check_module(const struct gate *g)
{
	const struct module *mod = g->mod;

	if (mod->init)
		return refuse(g, "it has a module_init()");
#ifdef CONFIG_MODULE_UNLOAD
	if (mod->exit)
		return refuse(g, "it has a module_exit()");
#endif
#ifdef CONFIG_CONSTRUCTORS
	if (mod->num_ctors)
		return refuse(g, "it has constructors");
#endif
	if (mod->num_kp)
		return refuse(g, "it has module parameters");
	if (mod->num_syms || mod->num_gpl_syms)
		return refuse(g, "it exports symbols");
#ifdef CONFIG_TRACEPOINTS
	if (mod->num_tracepoints)
		return refuse(g, "it has tracepoints");
#endif
	return 0;
}

static int check_image(const struct gate *g)
{
	const struct ashlar_ext_info *info = g->info;
	u32 i;

	if (info->image_size % ASHLAR_EXT_CHUNK || info->image_size > ASHLAR_EXT_ARENA_SIZE / 4 ||
	    info->state_off != info->image_size || info->state_size > ASHLAR_EXT_ARENA_SIZE / 4)
		return refuse(g, "its constants and its state do not fit the arena");
	if (!is_within(g, info->image, info->image_size, 1) ||
	    !is_within(g, info->relocs, info->nr_relocs, sizeof(*info->relocs)) ||
	    !is_within(g, info->objects, info->nr_objects, sizeof(*info->objects)))
		return refuse(g, "its constants are not in the module");
	for (i = 0; i < info->nr_relocs; i++)
		if (info->relocs[i] % 8 || info->relocs[i] + 8ULL > info->image_size)
			return refuse(g, "pointer %u of its constants is not in them", i);
	for (i = 0; i < info->nr_objects; i++)
		if (info->objects[i].offset % 8 ||
		    (u64)info->objects[i].offset + info->objects[i].size > info->image_size)
			return refuse(g, "constant %u is not in its image", i);
	return 0;
}

static bool is_double(const char *names, u32 n, size_t size)
{
	u32 i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(names + i * size, names + j * size))
				return true;
	return false;
}

static int check_names(const struct gate *g, const char *what, const void *table, u32 n, u32 most,
		       size_t size)
{
	u32 i;

	if (n > most)
		return refuse(g, "it has %u %s, and %u are allowed", n, what, most);
	if (!is_within(g, table, n, size))
		return refuse(g, "its table of %s is not in the module", what);
	for (i = 0; i < n; i++)
		if (!is_word(table + i * size))
			return refuse(g, "number %u of its %s has no name", i, what);
	if (is_double(table, n, size))
		return refuse(g, "two of its %s have the same name", what);
	return 0;
}

static int check_entries(const struct gate *g)
{
	const struct ashlar_ext_info *info = g->info;
	const struct ashlar_ext_entry *e;
	u32 singles = 0, i;

	for (i = 0; i < info->nr_entries; i++) {
		e = &info->entries[i];
		if (e->kind < ASHLAR_EXT_ENTRY_HOOK || e->kind > ASHLAR_EXT_ENTRY_RESTORE ||
		    e->flags)
			return refuse(g, "its entry %s is of a kind that is not known here",
				      e->name);
		if (e->fn < info->text_start || e->fn >= info->text_end)
			return refuse(g, "its entry %s is none of its functions", e->name);
		if (e->kind < ASHLAR_EXT_ENTRY_INIT)
			continue;
		if (singles & BIT(e->kind))
			return refuse(g, "it has two entries of a kind of which there is one (%s)",
				      e->name);
		singles |= BIT(e->kind);
	}
	return 0;
}

static int check_maps(const struct gate *g)
{
	const struct ashlar_ext_map_def *m;
	u32 i;

	for (i = 0; i < g->info->nr_maps; i++) {
		m = &g->info->maps[i];
		if (m->type < ASHLAR_EXT_MAP_HASH || m->type > ASHLAR_EXT_MAP_COUNTER || m->flags)
			return refuse(g, "its map %s is of a type that is not known here", m->name);
		if (!m->key_size || m->key_size > EX_MAP_KEY_MAX || !m->value_size ||
		    m->value_size > EX_MAP_VALUE_MAX || !m->max_entries ||
		    m->max_entries > EX_MAP_ENTRIES_MAX)
			return refuse(g, "its map %s is larger than a map can be", m->name);
	}
	return 0;
}

/* --- landing pads --- */

static const void *extable_insn(const struct exception_table_entry *x)
{
	return (const void *)&x->insn + x->insn;
}

static const void *extable_fixup(const struct exception_table_entry *x)
{
	return (const void *)&x->fixup + x->fixup;
}

static int check_pads(const struct gate *g)
{
	const struct ashlar_ext_info *info = g->info;
	const struct exception_table_entry *x;
	u32 i;

	if (!is_text(g, info->text_start, info->text_end) ||
	    !is_text(g, info->pads_start, info->pads_end))
		return refuse(g, "its functions are not in its text");
	if (!info->nr_pads || !info->pad_size || info->pad_size > 64 ||
	    info->nr_pads * info->pad_size > (u64)(info->pads_end - info->pads_start) ||
	    !is_within(g, info->pad_ips, info->nr_pads, sizeof(*info->pad_ips)))
		return refuse(g, "its landing pads are not whole");
	if (!g->mod->num_exentries)
		return refuse(g, "it has no exception table");
	for (i = 0; i < g->mod->num_exentries; i++) {
		x = &g->mod->extable[i];
		if (extable_insn(x) < info->text_start || extable_insn(x) >= info->text_end ||
		    extable_fixup(x) < info->pads_start || extable_fixup(x) >= info->pads_end ||
		    (x->data & EX_DATA_TYPE_MASK) != EX_TYPE_DEFAULT)
			return refuse(g, "entry %u of its exception table leads elsewhere", i);
	}
	return 0;
}

int ex_info_check(const struct module *mod, const struct ashlar_ext_info *info, char *why,
		  size_t room)
{
	const struct gate g = { mod, info, why, room };

	if (!info)
		return refuse(&g, "it calls the shim, but was not built by ext-build");
	return check_stamp(&g) ?: check_module(&g) ?: check_image(&g) ?:
	       check_names(&g, "entries", info->entries, info->nr_entries, EX_ENTRIES_MAX,
			   sizeof(*info->entries)) ?:
	       check_names(&g, "maps", info->maps, info->nr_maps, EX_EXT_MAPS_MAX,
			   sizeof(*info->maps)) ?:
	       check_names(&g, "locks", info->locks, info->nr_locks, EX_EXT_LOCKS_MAX,
			   sizeof(*info->locks)) ?:
	       check_entries(&g) ?: check_maps(&g) ?: check_pads(&g) ?: check_imports(&g);
}

/* --- vetoes --- */

static void veto_note(const struct module *mod, const char *why)
{
	struct ex_veto *veto;

	pr_notice_ratelimited("ashlar_ext: %s is refused: %s\n", mod->name, why);
	mutex_lock(&veto_mutex);
	veto = &vetoes[nr_vetoes++ % EX_VETOES];
	veto->seq = nr_vetoes;
	veto->time = ktime_get_boottime_ns();
	strscpy(veto->module, mod->name, sizeof(veto->module));
	strscpy(veto->why, why, sizeof(veto->why));
	ex_nl_notify_veto(veto);
	mutex_unlock(&veto_mutex);
}

bool ex_veto_get(u32 i, struct ex_veto *out)
{
	bool there;

	mutex_lock(&veto_mutex);
	there = i < min_t(u64, nr_vetoes, EX_VETOES);
	if (there)
		*out = vetoes[(nr_vetoes - 1 - i) % EX_VETOES];
	mutex_unlock(&veto_mutex);
	return there;
}

/* --- modules that come and go --- */

static struct ex_ext *ext_make(struct module *mod, const struct ashlar_ext_info *info)
{
	struct ex_ext *ext = kzalloc(sizeof(*ext), GFP_KERNEL);
	u32 i;

	if (!ext)
		return NULL;
	ext->mod = mod;
	ext->info = info;
	ext->loaded = ktime_get_boottime_ns();
	for (i = 0; i < info->nr_entries; i++)
		if (info->entries[i].kind >= ASHLAR_EXT_ENTRY_INIT)
			ext->entries[info->entries[i].kind] = &info->entries[i];
	return ext;
}

/* The unit tests play extensions. */
static bool is_test(const struct module *mod)
{
	return IS_ENABLED(CONFIG_ASHLAR_KUNIT) && !strcmp(mod->name, "ashlar_ext_kunit");
}

static int module_coming(struct module *mod)
{
	const struct ashlar_ext_info *info;
	char why[EX_VETO_LEN];
	struct ex_ext *ext;
	int err;

	if (!symbols(mod) || !uses_shim(mod, &info) || is_test(mod) || mod == THIS_MODULE)
		return 0;
	err = ex_info_check(mod, info, why, sizeof(why));
	if (err) {
		veto_note(mod, why);
		return err;
	}
	ext = ext_make(mod, info);
	if (!ext)
		return -ENOMEM;
	mutex_lock(&ex_mutex);
	list_add(&ext->list, &coming);
	mutex_unlock(&ex_mutex);
	return 0;
}

static struct ex_ext *ext_of(struct list_head *list, const struct module *mod)
{
	struct ex_ext *ext;

	list_for_each_entry(ext, list, list)
		if (ext->mod == mod)
			return ext;
	return NULL;
}

static void module_live(struct module *mod)
{
	struct ex_ext *ext;

	mutex_lock(&ex_mutex);
	ext = ext_of(&coming, mod);
	if (ext) {
		list_move(&ext->list, &ex_exts);
		ex_generation++;
		ex_nl_notify_ext(ext, ASHLAR_EXT_EVENT_NEW);
	}
	mutex_unlock(&ex_mutex);
}

/* No instance has it: each holds the module. */
static void module_going(struct module *mod)
{
	struct ex_ext *ext;

	mutex_lock(&ex_mutex);
	ext = ext_of(&ex_exts, mod);
	if (ext) {
		ex_generation++;
		ex_nl_notify_ext(ext, ASHLAR_EXT_EVENT_DEL);
	} else {
		ext = ext_of(&coming, mod);
	}
	if (ext)
		list_del(&ext->list);
	mutex_unlock(&ex_mutex);
	kfree(ext);
}

static int module_event(struct notifier_block *nb, unsigned long state, void *data)
{
	switch (state) {
	case MODULE_STATE_COMING:
		return notifier_from_errno(module_coming(data));
	case MODULE_STATE_LIVE:
		module_live(data);
		break;
	case MODULE_STATE_GOING:
		module_going(data);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_event,
};

int ex_load_init(void)
{
	return register_module_notifier(&module_notifier);
}

void ex_load_exit(void)
{
	unregister_module_notifier(&module_notifier);
}

/* --- extensions --- */

struct ex_ext *ex_ext_find(const char *name, const char *build)
{
	struct ex_ext *ext, *found = NULL;

	lockdep_assert_held(&ex_mutex);
	list_for_each_entry(ext, &ex_exts, list) {
		if (strcmp(ext->info->name, name))
			continue;
		if (!build)
			return ext;
		if (strncmp(ext->info->build, build, strlen(build)))
			continue;
		if (found)
			return NULL;
		found = ext;
	}
	return found;
}

const struct ashlar_ext_entry *ex_ext_entry(const struct ex_ext *ext, const char *name, u32 kind)
{
	u32 i;

	for (i = 0; i < ext->info->nr_entries; i++)
		if (!strcmp(ext->info->entries[i].name, name) &&
		    (!kind || ext->info->entries[i].kind == kind))
			return &ext->info->entries[i];
	return NULL;
}

bool ex_ext_storm(struct ex_ext *ext)
{
	u64 now = ktime_get_boottime_ns(), oldest;

	lockdep_assert_held(&ex_mutex);
	ext->faults++;
	ext->storm[ext->nr_storm++ % EX_STORM] = now;
	if (ext->nr_storm < EX_STORM || ext->quarantined)
		return false;
	oldest = ext->storm[ext->nr_storm % EX_STORM];
	ext->quarantined = now - oldest < EX_STORM_NS;
	return ext->quarantined;
}
