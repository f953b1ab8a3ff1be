// SPDX-License-Identifier: GPL-2.0-only
/*
 * The context, which every function of the extension gets as its first argument and every call hands on; the calls of
 * the shim, after which it is asked whether to leave; and what ext.h calls functions but is code: the private state and
 * spans.
 */
#include "extpass.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

namespace ashlar {

StringRef plain_name(const Value *v)
{
	StringRef name = v->getName();

	name.consume_front("\01");
	return name;
}

const Call *shim_call(StringRef name)
{
	static const Call calls[] = {
#define CALL(name_, flags_) {#name_, flags_},
		ASHLAR_EXT_CALLS(CALL)
#undef CALL
	};

	if (!name.consume_front("ashlar_ext_"))
		return nullptr;
	for (const Call &call : calls)
		if (name == call.name)
			return &call;
	return nullptr;
}

bool is_intrinsic(const Value *callee)
{
	if (!callee)
		return false;
	StringRef name = plain_name(callee);
	return name == "__ext_state" || name == "__ext_span" || name == "__ext_span_w" || name == "__ext_pkt_linear" ||
	       name == "__ashlar_fault";
}

bool is_descriptor(const GlobalVariable *g)
{
	return g->hasSection() && g->getSection().starts_with(".ashlar.");
}

bool is_trusted(const Function *f)
{
	return f && f->getName() == "__ashlar_memcmp" && f->hasFnAttribute("ashlar-trusted");
}

/* --- the parameter --------------------------------------------------------------------------------------------------- */

static FunctionType *widen(FunctionType *type)
{
	SmallVector<Type *, 8> params = {PointerType::getUnqual(type->getContext())};

	append_range(params, type->params());
	return FunctionType::get(type->getReturnType(), params, false);
}

static AttributeList widen(LLVMContext &c, AttributeList old, unsigned n)
{
	SmallVector<AttributeSet, 8> args = {AttributeSet()};

	for (unsigned i = 0; i < n; i++)
		args.push_back(old.getParamAttrs(i));
	return AttributeList::get(c, old.getFnAttrs(), old.getRetAttrs(), args);
}

/* A function like f, of the same name, with the context before its arguments, and f's body if it has one. */
Function *Ext::with_context(Function &f)
{
	std::string name = plain_name(&f).str();
	Function *to;

	f.setName("");
	to = Function::Create(widen(f.getFunctionType()), f.getLinkage(), f.getAddressSpace(), name, &m);
	if (f.isDeclaration())
		return to;
	to->setCallingConv(f.getCallingConv());
	to->setAttributes(widen(c, f.getAttributes(), f.arg_size()));
	to->splice(to->begin(), &f);
	to->setSubprogram(f.getSubprogram());
	f.setSubprogram(nullptr);
	to->getArg(0)->setName("ctx");
	for (unsigned i = 0; i < f.arg_size(); i++)
		f.getArg(i)->replaceAllUsesWith(to->getArg(i + 1));
	return to;
}

/* Makes the call hand on the context of the function it is in. */
void Ext::recall(CallBase *call)
{
	SmallVector<Value *, 8> args = {ctx(*call->getFunction())};
	IRBuilder<> b(call);
	CallInst *now;

	append_range(args, call->args());
	now = b.CreateCall(widen(call->getFunctionType()), call->getCalledOperand(), args);
	now->setAttributes(widen(c, call->getAttributes(), call->arg_size()));
	now->setCallingConv(call->getCallingConv());
	now->setDebugLoc(call->getDebugLoc());
	now->takeName(call);
	call->replaceAllUsesWith(now);
	call->eraseFromParent();
}

static bool gets_context(const Function &f)
{
	return f.isDeclaration() ? shim_call(plain_name(&f)) != nullptr : !is_trusted(&f);
}

void Ext::add_context()
{
	SmallVector<Function *, 32> old;
	SmallVector<CallBase *, 64> calls;

	for (Function &f : m)
		if (!f.isIntrinsic() && gets_context(f))
			old.push_back(&f);
	for (Function *f : old) {
		Function *to = with_context(*f);

		f->replaceAllUsesWith(to);
		f->eraseFromParent();
		if (!to->isDeclaration())
			functions.push_back(to);
	}
	for (Function *f : functions)
		for (Instruction &i : instructions(*f))
			if (auto *call = dyn_cast<CallBase>(&i); call && !isa<IntrinsicInst>(call) &&
			    (!call->getCalledFunction() || gets_context(*call->getCalledFunction())))
				calls.push_back(call);
	for (CallBase *call : calls)
		recall(call);

	fail = m.getOrInsertFunction("ashlar_ext_fail", none, ptr, i64, i32, i32);
	window = m.getOrInsertFunction("ashlar_ext_window", i32, ptr, i64, i32);
	range = m.getOrInsertFunction("ashlar_ext_range", none, ptr, i64, i64, i32);
	race = m.getOrInsertFunction("ashlar_ext_race", none, ptr, i64, i64, i32);
	for (FunctionCallee callee : {fail, window, range, race})
		cast<Function>(callee.getCallee())->setDoesNotThrow();
	auto *f = cast<Function>(fail.getCallee());
	f->addFnAttr(Attribute::NoReturn);
	f->addFnAttr(Attribute::Cold);
	cast<Function>(window.getCallee())->setCallingConv(CallingConv::PreserveMost);

	for (GlobalVariable &g : m.globals())
		if (is_descriptor(&g) && g.getSection() == ".ashlar.entries")
			if (auto *entry = dyn_cast<Function>(g.getInitializer()->getAggregateElement(3u)->stripPointerCasts()))
				entries.insert(entry);
	summarize();
}

/* --- calls -------------------------------------------------------------------------------------------------------------- */

/* Functions whose address is taken where code may get at it: not only in the table of entries. */
std::vector<Function *> Ext::taken() const
{
	std::vector<Function *> all;

	for (Function *f : functions)
		for (const Use &u : f->uses()) {
			auto *call = dyn_cast<CallBase>(u.getUser());
			bool only_entry = false;

			if (call && call->isCallee(&u))
				continue;
			if (isa<Constant>(u.getUser()))
				only_entry = all_of(u.getUser()->users(), [](const User *user) {
					auto *g = dyn_cast<GlobalVariable>(user);

					return g && is_descriptor(g);
				});
			if (!only_entry) {
				all.push_back(f);
				break;
			}
		}
	return all;
}

unsigned Ext::call_flags(const CallBase *call) const
{
	const Function *f = call->getCalledFunction();
	unsigned flags = 0;

	if (!f) {
		for (Function *to : taken())
			flags |= summary.lookup(to);
		return flags;
	}
	if (const Call *known = shim_call(f->getName()))
		return known->flags;
	return summary.lookup(f);
}

/* What each function may do, through whatever it calls. */
void Ext::summarize()
{
	bool more = true;

	while (more) {
		more = false;
		for (Function *f : functions) {
			unsigned flags = 0;

			for (Instruction &i : instructions(*f))
				if (auto *call = dyn_cast<CallBase>(&i))
					flags |= call_flags(call);
			if (flags != summary.lookup(f)) {
				summary[f] = flags;
				more = true;
			}
		}
	}
}

/* Calls that have no contract to break. */
static bool never_stops(StringRef name)
{
	return name == "ashlar_ext_now" || name == "ashlar_ext_random";
}

void Ext::add_stops()
{
	SmallVector<CallInst *, 64> calls;

	for (Function *f : functions)
		for (Instruction &i : instructions(*f)) {
			auto *call = dyn_cast<CallInst>(&i);
			Function *to = call ? call->getCalledFunction() : nullptr;

			if (to && to->isDeclaration() &&
			    (to == range.getCallee() || to == race.getCallee() || shim_call(to->getName())) &&
			    !never_stops(to->getName()) && !kept.count(call))
				calls.push_back(call);
		}
	for (CallInst *call : calls) {
		IRBuilder<> b(call->getNextNode());

		b.SetCurrentDebugLocation(call->getDebugLoc());
		auto *bad = cast<Instruction>(b.CreateICmpNE(field(b, ASHLAR_EXT_CTX_STOP, i32), b.getInt32(0)));
		Instruction *end = SplitBlockAndInsertIfThen(bad, bad->getNextNode()->getIterator(), true,
							     MDBuilder(c).createUnlikelyBranchWeights());
		b.SetInsertPoint(end);
		b.SetCurrentDebugLocation(call->getDebugLoc());
		/* Once it is not 0 it stays so. Read again, it needs no register. */
		call_fail(b, *call->getFunction(), b.getInt64(0), field(b, ASHLAR_EXT_CTX_STOP, i32), 0);
		stats.stops++;
	}
}

/* --- what checks are made of -------------------------------------------------------------------------------------------- */

Value *Ext::field(IRBuilder<> &b, unsigned offset, Type *type)
{
	Function *f = b.GetInsertBlock()->getParent();

	/* Nothing but the load for the first field: see start(). */
	return b.CreateLoad(type, offset ? b.CreateConstGEP1_64(i8, ctx(*f), offset) : ctx(*f));
}

Value *Ext::base(Function &f)
{
	Instruction *&at = bases[&f];

	if (!at) {
		IRBuilder<> b(&*f.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());

		at = cast<Instruction>(field(b, ASHLAR_EXT_CTX_BASE, i64));
		at->setName("base");
	}
	return at;
}

Instruction *Ext::start(Function &f)
{
	Instruction *first = &*f.getEntryBlock().getFirstNonPHIOrDbgOrAlloca();

	return first == bases.lookup(&f) ? first->getNextNode() : first;
}

CallInst *Ext::call_fail(IRBuilder<> &b, Function &f, Value *addr, Value *code, uint32_t size)
{
	CallInst *call = b.CreateCall(fail, {ctx(f), addr, code, b.getInt32(size)});

	/* Two failures that became one would tell one's line for the other's. */
	call->addFnAttr(Attribute::NoMerge);
	call->setDoesNotReturn();
	return call;
}

void Ext::fail_if(Value *cond, Instruction *at, Value *addr, Value *code, uint32_t size)
{
	auto *i = dyn_cast<Instruction>(cond);
	DebugLoc where = i && i->getDebugLoc() ? i->getDebugLoc() : at->getDebugLoc();
	Instruction *end = SplitBlockAndInsertIfThen(cond, at->getIterator(), true, MDBuilder(c).createUnlikelyBranchWeights());
	IRBuilder<> b(end);

	b.SetCurrentDebugLocation(where);
	if (addr->getType()->isPointerTy())
		addr = b.CreatePtrToInt(addr, i64);
	call_fail(b, *at->getFunction(), addr, code, size);
}

/* --- the private state, spans ------------------------------------------------------------------------------------------- */

/* A comparison with NULL is one with the condition that made it so. */
static void replace_null_tests(CallInst *call, Value *good)
{
	for (User *u : make_early_inc_range(call->users())) {
		auto *cmp = dyn_cast<ICmpInst>(u);

		if (!cmp || !cmp->isEquality() || !isa<ConstantPointerNull>(cmp->getOperand(1)))
			continue;
		IRBuilder<> b(cmp);
		cmp->replaceAllUsesWith(cmp->getPredicate() == CmpInst::ICMP_NE ? good : b.CreateNot(good));
		cmp->eraseFromParent();
	}
}

void Ext::lower_span(CallInst *call)
{
	bool write = plain_name(call->getCalledFunction()) == "__ext_span_w";
	IRBuilder<> b(call);
	Value *room = b.CreateZExt(field(b, write ? ASHLAR_EXT_CTX_PKT_WLEN : ASHLAR_EXT_CTX_PKT_LEN, i32), i64);
	Value *off = b.CreateZExt(call->getArgOperand(1), i64), *len = b.CreateZExt(call->getArgOperand(2), i64);
	Value *good = b.CreateICmpULE(b.CreateAdd(off, len), room);
	Value *at = b.CreateAdd(field(b, ASHLAR_EXT_CTX_PKT, i64), off);

	/* Where there is no packet there are no bytes; an empty span of nothing is NULL then, whatever the test says. */
	if (auto *n = dyn_cast<ConstantInt>(len); n && !n->isZero())
		replace_null_tests(call, good);
	call->replaceAllUsesWith(b.CreateIntToPtr(b.CreateSelect(good, at, b.getInt64(0)), ptr));
	call->eraseFromParent();
}

void Ext::lower_intrinsics()
{
	SmallVector<CallInst *, 32> calls;

	for (Function *f : functions)
		for (Instruction &i : instructions(*f))
			if (auto *call = dyn_cast<CallInst>(&i); call && is_intrinsic(call->getCalledFunction()))
				calls.push_back(call);
	for (CallInst *call : calls) {
		StringRef name = plain_name(call->getCalledFunction());
		IRBuilder<> b(call);
		Function *f = call->getFunction();

		if (name == "__ext_span" || name == "__ext_span_w") {
			lower_span(call);
			continue;
		}
		if (name == "__ashlar_fault")
			call_fail(b, *f, call->getArgOperand(1), call->getArgOperand(0), 0);
		else if (name == "__ext_pkt_linear")
			call->replaceAllUsesWith(field(b, ASHLAR_EXT_CTX_PKT_LEN, i32));
		else
			call->replaceAllUsesWith(b.CreateIntToPtr(
				b.CreateAdd(base(*f), b.getInt64(alignTo(made.size, ASHLAR_EXT_CHUNK))), ptr));
		call->eraseFromParent();
	}
}

} // namespace ashlar
