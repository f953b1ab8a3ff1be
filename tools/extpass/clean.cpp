// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the code claims is so only where the program has no bug. Checks are made to find bugs, so before anything is
 * proven from the code the claims go: that arithmetic does not wrap, that a pointer is within an object, not null or
 * not another's, what a value's range is, that a loop ends. And nothing is left undefined: a value that is read twice,
 * by a check and by the access, must be the same both times.
 */
#include "extpass.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/ReplaceConstant.h"

namespace ashlar {

/*
 * Of a function's attributes, those that tell how to make code; but not that it be made elsewhere (cold) or in another
 * way (optnone, minsize): which accesses become calls is known of the one way alone.
 */
static void clean_attributes(Function &f)
{
	LLVMContext &c = f.getContext();
	AttrBuilder good(c);
	static const Attribute::AttrKind kinds[] = {Attribute::NoUnwind, Attribute::NoRedZone, Attribute::FnRetThunkExtern,
		Attribute::NullPointerIsValid, Attribute::NoInline};

	for (Attribute::AttrKind kind : kinds)
		if (f.hasFnAttribute(kind))
			good.addAttribute(kind);
	good.addAttribute(Attribute::NullPointerIsValid);
	for (Attribute a : f.getAttributes().getFnAttrs())
		if (a.isStringAttribute() && a.getKindAsString() != "no-infs-fp-math")
			good.addAttribute(a);
	if (f.getFnStackAlign())
		good.addStackAlignmentAttr(f.getFnStackAlign());

	SmallVector<AttributeSet, 8> args;
	for (Argument &arg : f.args()) {
		AttrBuilder a(c);

		/* Who widens a small argument is part of how calls are made. */
		if (arg.hasZExtAttr())
			a.addAttribute(Attribute::ZExt);
		if (arg.hasSExtAttr())
			a.addAttribute(Attribute::SExt);
		args.push_back(AttributeSet::get(c, a));
	}
	AttrBuilder ret(c);
	if (f.hasRetAttribute(Attribute::ZExt))
		ret.addAttribute(Attribute::ZExt);
	if (f.hasRetAttribute(Attribute::SExt))
		ret.addAttribute(Attribute::SExt);
	f.setAttributes(AttributeList::get(c, AttributeSet::get(c, good), AttributeSet::get(c, ret), args));
}

static void clean_call(CallInst *call)
{
	LLVMContext &c = call->getContext();
	AttrBuilder fn(c), ret(c);
	SmallVector<AttributeSet, 8> args;

	if (isa<IntrinsicInst>(call)) {
		/* Constants that must stay so are part of what an intrinsic is. */
		for (unsigned i = 0; i < call->arg_size(); i++)
			for (auto kind : {Attribute::NonNull, Attribute::NoUndef, Attribute::NoAlias, Attribute::Range,
					  Attribute::Dereferenceable, Attribute::DereferenceableOrNull, Attribute::Alignment})
				call->removeParamAttr(i, kind);
		for (auto kind : {Attribute::NonNull, Attribute::NoUndef, Attribute::NoAlias, Attribute::Range,
				  Attribute::Dereferenceable})
			call->removeRetAttr(kind);
		return;
	}
	if (call->hasFnAttr(Attribute::NoMerge))
		fn.addAttribute(Attribute::NoMerge);
	if (call->hasFnAttr(Attribute::NoReturn) && is_intrinsic(call->getCalledFunction()))
		fn.addAttribute(Attribute::NoReturn);
	fn.addAttribute(Attribute::NoUnwind);
	for (unsigned i = 0; i < call->arg_size(); i++) {
		AttrBuilder a(c);

		if (call->paramHasAttr(i, Attribute::ZExt))
			a.addAttribute(Attribute::ZExt);
		if (call->paramHasAttr(i, Attribute::SExt))
			a.addAttribute(Attribute::SExt);
		args.push_back(AttributeSet::get(c, a));
	}
	if (call->hasRetAttr(Attribute::ZExt))
		ret.addAttribute(Attribute::ZExt);
	if (call->hasRetAttr(Attribute::SExt))
		ret.addAttribute(Attribute::SExt);
	call->setAttributes(AttributeList::get(c, AttributeSet::get(c, fn), AttributeSet::get(c, ret), args));
	call->setTailCallKind(CallInst::TCK_None);
}

/* Whatever is undefined is 0. */
static void clean_operands(Instruction &i)
{
	for (Use &u : i.operands())
		if (isa<UndefValue>(u.get()) && !u->getType()->isMetadataTy() && !u->getType()->isLabelTy())
			u.set(Constant::getNullValue(u->getType()));
}

static bool is_claim(const Instruction &i)
{
	auto *call = dyn_cast<IntrinsicInst>(&i);

	if (!call)
		return false;
	switch (call->getIntrinsicID()) {
	case Intrinsic::assume:
	case Intrinsic::experimental_noalias_scope_decl:
	case Intrinsic::sideeffect:
	case Intrinsic::donothing:
	case Intrinsic::prefetch:
		return true;
	default:
		return false;
	}
}

static void clean_instruction(Instruction &i)
{
	static const unsigned kept[] = {LLVMContext::MD_dbg, LLVMContext::MD_prof};

	clean_operands(i);
	i.dropPoisonGeneratingFlags();
	i.dropUnknownNonDebugMetadata(kept);
	if (auto *call = dyn_cast<CallInst>(&i))
		clean_call(call);
	/* Undefined for 0 otherwise. */
	if (auto *call = dyn_cast<IntrinsicInst>(&i))
		switch (call->getIntrinsicID()) {
		case Intrinsic::ctlz:
		case Intrinsic::cttz:
		case Intrinsic::abs:
			call->setArgOperand(1, ConstantInt::getFalse(i.getContext()));
			break;
		default:
			break;
		}
}

static void clean_function(Function &f)
{
	SmallVector<Instruction *, 8> claims, freezes;

	clean_attributes(f);
	/* What is put at the beginning comes behind the locals. */
	for (Instruction &i : make_early_inc_range(f.getEntryBlock()))
		if (isa<AllocaInst>(&i))
			i.moveBefore(f.getEntryBlock(), f.getEntryBlock().begin());
	for (Instruction &i : instructions(f)) {
		if (is_claim(i))
			claims.push_back(&i);
		else
			clean_instruction(i);
		/* Nothing is undefined any more; and what a pointer comes from is better seen without. */
		if (isa<FreezeInst>(i))
			freezes.push_back(&i);
	}
	for (Instruction *i : claims)
		i->eraseFromParent();
	for (Instruction *i : freezes) {
		i->replaceAllUsesWith(i->getOperand(0));
		i->eraseFromParent();
	}
}

/* Constant expressions of variables' addresses become instructions, so that the variable is an operand like others. */
static void expand(Module &m)
{
	SmallVector<Constant *, 16> all;

	for (GlobalVariable &g : m.globals())
		all.push_back(&g);
	for (Function &f : m)
		all.push_back(&f);
	convertUsersOfConstantsToInstructions(all);
}

/* A constant whose bytes are partly undefined shows whatever the linker put there: let it be 0. */
static Constant *defined(Constant *init)
{
	if (isa<UndefValue>(init))
		return Constant::getNullValue(init->getType());
	auto *all = dyn_cast<ConstantAggregate>(init);
	if (!all)
		return init;

	SmallVector<Constant *, 8> parts;
	for (Use &u : all->operands())
		parts.push_back(defined(cast<Constant>(u)));
	if (auto *s = dyn_cast<ConstantStruct>(init))
		return ConstantStruct::get(s->getType(), parts);
	if (auto *a = dyn_cast<ConstantArray>(init))
		return ConstantArray::get(a->getType(), parts);
	return init;
}

void clean(Module &m)
{
	expand(m);
	for (Function &f : m)
		if (!f.isDeclaration())
			clean_function(f);
	for (GlobalVariable &g : m.globals())
		if (g.hasInitializer() && !g.getName().starts_with("llvm."))
			g.setInitializer(defined(g.getInitializer()));
}

} // namespace ashlar
