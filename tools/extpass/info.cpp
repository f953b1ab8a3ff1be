// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stamp, ashlar_ext_info, and the order of it all. Descriptors become arrays, so that the shim knows a map by where
 * its descriptor lies. What only ext-build can know (where text and landing pads are, how deep the stack goes) are
 * symbols that it defines behind the code.
 */
#include "check.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/Support/raw_ostream.h"

namespace ashlar {

GlobalVariable *Ext::gather(StringRef section, unsigned &n)
{
	SmallVector<GlobalVariable *, 8> all;
	SmallVector<Constant *, 8> inits;

	for (GlobalVariable &g : m.globals())
		if (is_descriptor(&g) && g.getSection() == section) {
			all.push_back(&g);
			inits.push_back(g.getInitializer());
		}
	n = all.size();
	if (!n)
		return nullptr;
	auto *type = ArrayType::get(inits[0]->getType(), n);
	auto *array = new GlobalVariable(m, type, true, GlobalValue::InternalLinkage, ConstantArray::get(type, inits),
					 "ashlar_" + section.drop_front(8));
	array->setAlignment(Align(8));
	for (unsigned k = 0; k < n; k++) {
		Constant *at[] = {ConstantInt::get(i32, 0), ConstantInt::get(i32, k)};

		all[k]->replaceAllUsesWith(ConstantExpr::getGetElementPtr(type, array, ArrayRef<Constant *>(at)));
		all[k]->eraseFromParent();
	}
	return array;
}

static Constant *name_of(Ext &e, StringRef text)
{
	std::string padded = text.substr(0, ASHLAR_EXT_NAME - 1).str();

	padded.resize(ASHLAR_EXT_NAME, 0);
	return ConstantDataArray::getString(e.c, padded, false);
}

static StringRef text_of(const GlobalVariable *g, unsigned field)
{
	auto *s = dyn_cast<ConstantDataSequential>(g->getInitializer()->getAggregateElement(field));

	return s && s->isString() ? s->getAsString().take_until([](char ch) { return !ch; }) : "";
}

/* A number or an address that ext-build puts in. */
static Constant *symbol(Ext &e, const char *name, Type *type)
{
	Constant *g = e.m.getOrInsertGlobal(name, e.i8);

	return type->isPointerTy() ? g : ConstantExpr::getPtrToInt(g, type);
}

void Ext::make_info()
{
	GlobalVariable *about = nullptr, *entries_array, *maps, *locks;
	unsigned n = 0, nr_entries, nr_maps, nr_locks, flags;

	for (GlobalVariable &g : m.globals())
		if (is_descriptor(&g) && g.getSection() == ".ashlar.about") {
			about = &g;
			n++;
		}
	if (n != 1) {
		errs() << m.getSourceFileName() << ": error: " << (n ? "more than one" : "no")
		       << " EXTENSION() line; write exactly one\n";
		exit(1);
	}
	entries_array = gather(".ashlar.entries", nr_entries);
	maps = gather(".ashlar.maps", nr_maps);
	locks = gather(".ashlar.locks", nr_locks);
	auto number = [&](uint64_t v) -> Constant * { return ConstantInt::get(i32, v); };
	auto address = [&](GlobalVariable *g) -> Constant * { return g ? (Constant *)g : Constant::getNullValue(ptr); };
	auto field = [&](unsigned k) { return about->getInitializer()->getAggregateElement(k); };

	flags = options.plain ? ASHLAR_EXT_BUILD_PLAIN : options.shadow ? ASHLAR_EXT_BUILD_SHADOW : 0;
	flags |= options.race ? ASHLAR_EXT_BUILD_RACE : 0;
	Constant *init = ConstantStruct::getAnon(c, {
		ConstantInt::get(i64, ASHLAR_EXT_MAGIC), number(ASHLAR_EXT_ABI), number(ASHLAR_EXT_PASS), number(flags),
		field(2), name_of(*this, text_of(about, 0)), name_of(*this, text_of(about, 1)), name_of(*this, options.build),
		number(made.size), number(alignTo(made.size, ASHLAR_EXT_CHUNK)), field(3),
		symbol(*this, "ashlar_stack_max", i32), address(made.image), address(made.relocs), address(made.objects),
		address(entries_array), address(maps), address(locks), number(made.nr_relocs), number(made.nr_objects),
		number(nr_entries), number(nr_maps), number(nr_locks), symbol(*this, "ashlar_nr_pads", i32),
		symbol(*this, "ashlar_text_start", ptr), symbol(*this, "ashlar_text_end", ptr),
		symbol(*this, "ashlar_pads_start", ptr), symbol(*this, "ashlar_pads_end", ptr),
		symbol(*this, "ashlar_pad_ips", ptr), ConstantInt::get(i64, 5)});

	auto *info = new GlobalVariable(m, init->getType(), true, GlobalValue::ExternalLinkage, init,
					ASHLAR_EXT_INFO_SYMBOL);
	info->setAlignment(Align(8));
	about->eraseFromParent();
}

/* --- the order of it all ---------------------------------------------------------------------------------------------- */

/* What the shim calls it for: ASHLAR_EXT_ENTRY_*; 0 if it does not, or for several reasons. */
unsigned Ext::entry_kind(const Function *f) const
{
	unsigned kind = 0;

	for (const GlobalVariable &g : m.globals())
		if (is_descriptor(&g) && g.getSection() == ".ashlar.entries" &&
		    g.getInitializer()->getAggregateElement(3u)->stripPointerCasts() == f)
			kind = kind ? UINT_MAX : number(&g, 1);
	return kind == UINT_MAX ? 0 : kind;
}

static void find_below(Ext &e)
{
	std::vector<Function *> taken = e.taken();

	for (Function *f : e.functions)
		for (Instruction &i : instructions(*f))
			if (auto *call = dyn_cast<CallInst>(&i); call && !isa<IntrinsicInst>(call)) {
				if (!call->getCalledFunction())
					e.below[f].insert(taken.begin(), taken.end());
				else if (!call->getCalledFunction()->isDeclaration())
					e.below[f].insert(call->getCalledFunction());
			}
}

/* Functions that may be below themselves on the stack. */
static DenseSet<Function *> recursive(Ext &e)
{
	DenseSet<Function *> all;

	for (Function *f : e.functions) {
		SetVector<Function *> reach = e.below.lookup(f);

		for (size_t k = 0; k < reach.size(); k++) {
			auto next = e.below.lookup(reach[k]);

			reach.insert(next.begin(), next.end());
		}
		if (reach.count(f))
			all.insert(f);
	}
	return all;
}

static void print_stats(const Stats &s)
{
	errs() << "accesses " << s.accesses << " proven " << s.proven << " covered " << s.covered << " merged " << s.merged
	       << " exact " << s.exact << " null " << s.null << " shadow " << s.shadow << " hoisted " << s.hoisted << " ranges "
	       << s.ranges << " fuel " << s.fuel << " fuel-trips " << s.fuel_trips << " stops " << s.stops << " icalls "
	       << s.icalls << " second-stack " << s.ustack << " image " << s.image << "\n";
}

void Ext::run()
{
	if (!options.oracle)
		refuse_late(m);
	refuse_end();
	if (GlobalVariable *used = m.getGlobalVariable("llvm.compiler.used"))
		used->eraseFromParent();
	if (!options.oracle)
		clean(m);
	add_context();
	fam.clear();
	if (!options.plain) {
		find_below(*this);
		DenseSet<Function *> loops = recursive(*this);
		std::vector<std::unique_ptr<Checker>> checkers;

		classify();
		measure_stack();
		for (Function *f : functions)
			checkers.push_back(std::make_unique<Checker>(*this, *f));
		find_params(*this, checkers);
		for (size_t k = 0; k < functions.size(); k++) {
			Fuel fuel(*this, *functions[k]);
			Race race(*this, *functions[k]);

			if (options.race)
				race.plan();
			checkers[k]->plan();
			fuel.plan();
			checkers[k]->apply();
			race.apply();
			fuel.apply(loops.count(functions[k]));
			lower_locals(*functions[k]);
		}
		add_icalls();
		add_stops();
		add_unreachable();
	}
	lower_image();
	lower_intrinsics();
	make_info();
	if (options.stats)
		print_stats(stats);
}

} // namespace ashlar
