// SPDX-License-Identifier: GPL-2.0-only
/*
 * Before the optimiser. What is guarded here may be dropped again where the optimiser proves it: a guard is an ordinary
 * branch to a call of FAULT, which the pass behind the optimiser makes a failure.
 */
#include "extpass.h"

#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

namespace ashlar {

static FunctionCallee fault_function(Module &m)
{
	LLVMContext &c = m.getContext();
	AttrBuilder b(c);

	b.addAttribute(Attribute::NoReturn);
	b.addAttribute(Attribute::NoUnwind);
	b.addAttribute(Attribute::Cold);
	b.addAttribute(Attribute::NoMerge);
	b.addMemoryAttr(MemoryEffects::inaccessibleMemOnly());
	return m.getOrInsertFunction("__ashlar_fault", AttributeList::get(c, AttributeList::FunctionIndex, b),
				     Type::getVoidTy(c), Type::getInt32Ty(c), Type::getInt64Ty(c));
}

static void call_fault(IRBuilder<> &b, Module &m, unsigned code, Value *value)
{
	CallInst *call = b.CreateCall(fault_function(m), {b.getInt32(code), b.CreateZExtOrTrunc(value, b.getInt64Ty())});

	call->addFnAttr(Attribute::NoMerge);
	call->setDoesNotReturn();
}

static void guard(Instruction *at, Value *bad, unsigned code, Value *value)
{
	MDNode *rare = MDBuilder(at->getContext()).createUnlikelyBranchWeights();
	Instruction *end = SplitBlockAndInsertIfThen(bad, at->getIterator(), true, rare);
	IRBuilder<> b(end);

	b.SetCurrentDebugLocation(at->getDebugLoc());
	call_fault(b, *at->getModule(), code, value);
}

/* The processor traps on division by zero and where the quotient does not fit; the optimiser makes of them what it likes. */
static void guard_division(BinaryOperator *op)
{
	IRBuilder<> b(op);
	Value *a = op->getOperand(0), *d = op->getOperand(1), *bad;

	bad = b.CreateICmpEQ(d, ConstantInt::get(d->getType(), 0));
	if (op->getOpcode() == Instruction::SDiv || op->getOpcode() == Instruction::SRem) {
		APInt least = APInt::getSignedMinValue(d->getType()->getIntegerBitWidth());
		Value *over = b.CreateAnd(b.CreateICmpEQ(a, ConstantInt::get(a->getType(), least)),
					  b.CreateICmpEQ(d, ConstantInt::getAllOnesValue(d->getType())));

		bad = b.CreateOr(bad, over);
	}
	guard(op, bad, ASHLAR_EXT_FAULT_DIV, d);
}

static void guard_shift(BinaryOperator *op)
{
	IRBuilder<> b(op);
	Value *n = op->getOperand(1);
	Value *bad = b.CreateICmpUGE(n, ConstantInt::get(n->getType(), n->getType()->getIntegerBitWidth()));

	guard(op, bad, ASHLAR_EXT_FAULT_SHIFT, n);
}

static void guard_arithmetic(Function &f)
{
	SmallVector<BinaryOperator *, 16> divisions, shifts;

	for (BasicBlock &block : f)
		for (Instruction &i : block) {
			auto *op = dyn_cast<BinaryOperator>(&i);

			/* A constant that is bad is a bug too, but one that is good needs no thought. */
			if (op && op->isIntDivRem())
				divisions.push_back(op);
			else if (op && op->isShift())
				shifts.push_back(op);
		}
	for (BinaryOperator *op : divisions)
		guard_division(op);
	for (BinaryOperator *op : shifts)
		guard_shift(op);
}

/* __builtin_unreachable() and __builtin_trap(). */
static void guard_unreachable(Function &f)
{
	SmallVector<Instruction *, 8> all;

	for (BasicBlock &block : f)
		for (Instruction &i : block) {
			auto *call = dyn_cast<IntrinsicInst>(&i);

			if (isa<UnreachableInst>(&i) || (call && (call->getIntrinsicID() == Intrinsic::trap ||
								  call->getIntrinsicID() == Intrinsic::debugtrap ||
								  call->getIntrinsicID() == Intrinsic::ubsantrap)))
				all.push_back(&i);
		}
	for (Instruction *i : all) {
		IRBuilder<> b(i);

		call_fault(b, *f.getParent(), ASHLAR_EXT_FAULT_UNREACHABLE, b.getInt64(0));
		if (!isa<UnreachableInst>(i))
			i->eraseFromParent();
	}
}

/* --- memcpy and its like ----------------------------------------------------------------------------------------- */

/* memcmp() of what is not short and constant: byte by byte, in the module; its arguments are checked by the caller. */
static Function *memcmp_function(Module &m, const Function *like)
{
	LLVMContext &c = m.getContext();
	Type *ptr = PointerType::getUnqual(c), *i64 = Type::getInt64Ty(c), *i32 = Type::getInt32Ty(c), *i8 = Type::getInt8Ty(c);
	Function *f = m.getFunction("__ashlar_memcmp");

	if (f)
		return f;
	f = Function::Create(FunctionType::get(i32, {ptr, ptr, i64}, false), GlobalValue::InternalLinkage, "__ashlar_memcmp", m);
	f->copyAttributesFrom(like);
	f->setAttributes(AttributeList::get(c, AttributeList::FunctionIndex, AttrBuilder(c, like->getAttributes().getFnAttrs())));
	f->addFnAttr("ashlar-trusted");
	f->addFnAttr(Attribute::NoInline);
	f->setMemoryEffects(MemoryEffects::argMemOnly(ModRefInfo::Ref));

	auto *entry = BasicBlock::Create(c, "", f), *head = BasicBlock::Create(c, "", f), *body = BasicBlock::Create(c, "", f),
	     *next = BasicBlock::Create(c, "", f), *same = BasicBlock::Create(c, "", f), *differ = BasicBlock::Create(c, "", f);
	IRBuilder<> b(entry);

	b.CreateBr(head);
	b.SetInsertPoint(head);
	PHINode *i = b.CreatePHI(i64, 2);
	b.CreateCondBr(b.CreateICmpEQ(i, f->getArg(2)), same, body);
	b.SetInsertPoint(body);
	Value *x = b.CreateZExt(b.CreateLoad(i8, b.CreateGEP(i8, f->getArg(0), i)), i32);
	Value *y = b.CreateZExt(b.CreateLoad(i8, b.CreateGEP(i8, f->getArg(1), i)), i32);
	b.CreateCondBr(b.CreateICmpEQ(x, y), next, differ);
	b.SetInsertPoint(next);
	i->addIncoming(b.getInt64(0), entry);
	i->addIncoming(b.CreateAdd(i, b.getInt64(1)), next);
	b.CreateBr(head);
	b.SetInsertPoint(same);
	b.CreateRet(b.getInt32(0));
	b.SetInsertPoint(differ);
	b.CreateRet(b.CreateSub(x, y));
	return f;
}

/* Whether the two are the same, for few bytes: by words. */
static Value *same_words(IRBuilder<> &b, Value *x, Value *y, uint64_t n)
{
	Value *differ = b.getInt64(0);
	uint64_t at = 0;

	for (uint64_t word = 8; at < n; word /= 2)
		for (; n - at >= word; at += word) {
			Type *type = b.getIntNTy(word * 8);
			Value *p = b.CreateAlignedLoad(type, b.CreateConstGEP1_64(b.getInt8Ty(), x, at), Align(1));
			Value *q = b.CreateAlignedLoad(type, b.CreateConstGEP1_64(b.getInt8Ty(), y, at), Align(1));

			differ = b.CreateOr(differ, b.CreateZExt(b.CreateXor(p, q), b.getInt64Ty()));
		}
	return b.CreateZExt(b.CreateICmpNE(differ, b.getInt64(0)), b.getInt32Ty());
}

static bool only_tested(const CallInst *call)
{
	return all_of(call->users(), [](const User *u) {
		auto *cmp = dyn_cast<ICmpInst>(u);

		return cmp && cmp->isEquality() && isa<ConstantInt>(cmp->getOperand(1)) &&
		       cast<ConstantInt>(cmp->getOperand(1))->isZero();
	});
}

static Value *lower_memcmp(IRBuilder<> &b, CallInst *call)
{
	auto *n = dyn_cast<ConstantInt>(call->getArgOperand(2));

	if (n && n->getZExtValue() <= 32 && only_tested(call))
		return same_words(b, call->getArgOperand(0), call->getArgOperand(1), n->getZExtValue());
	return b.CreateCall(memcmp_function(*call->getModule(), call->getFunction()),
			    {call->getArgOperand(0), call->getArgOperand(1), call->getArgOperand(2)});
}

static bool lower_memory(CallInst *call)
{
	StringRef name = plain_name(call->getCalledFunction());
	IRBuilder<> b(call);
	Value *result;

	if (call->arg_size() != 3 || !call->getArgOperand(0)->getType()->isPointerTy())
		return false;
	result = call->getArgOperand(0);
	if (name == "memcpy")
		b.CreateMemCpy(result, MaybeAlign(), call->getArgOperand(1), MaybeAlign(), call->getArgOperand(2));
	else if (name == "memmove")
		b.CreateMemMove(result, MaybeAlign(), call->getArgOperand(1), MaybeAlign(), call->getArgOperand(2));
	else if (name == "memset")
		b.CreateMemSet(result, b.CreateTrunc(call->getArgOperand(1), b.getInt8Ty()), call->getArgOperand(2), MaybeAlign());
	else if (name == "memcmp")
		result = lower_memcmp(b, call);
	else
		return false;
	call->replaceAllUsesWith(result);
	call->eraseFromParent();
	return true;
}

static void lower_memory(Function &f)
{
	SmallVector<CallInst *, 16> calls;

	for (BasicBlock &block : f)
		for (Instruction &i : block)
			if (auto *call = dyn_cast<CallInst>(&i); call && call->getCalledFunction() &&
			    call->getCalledFunction()->isDeclaration() && !call->getCalledFunction()->isIntrinsic())
				calls.push_back(call);
	for (CallInst *call : calls)
		lower_memory(call);
}

/* A parameter passed as a copy on the stack becomes a pointer to a copy that the caller made. */
static void lower_byval(CallBase *call)
{
	const DataLayout &dl = call->getModule()->getDataLayout();

	for (unsigned i = 0; i < call->arg_size(); i++) {
		Type *type = call->getParamByValType(i);

		if (!type)
			continue;
		IRBuilder<> entry(&*call->getFunction()->getEntryBlock().getFirstInsertionPt());
		IRBuilder<> b(call);
		AllocaInst *copy = entry.CreateAlloca(type);

		b.CreateMemCpy(copy, copy->getAlign(), call->getArgOperand(i), MaybeAlign(), dl.getTypeAllocSize(type));
		call->setArgOperand(i, copy);
		call->removeParamAttr(i, Attribute::ByVal);
		call->removeParamAttr(i, Attribute::Alignment);
	}
}

static void lower_byval(Function &f)
{
	SmallVector<CallBase *, 16> calls;

	for (Argument &a : f.args()) {
		a.removeAttr(Attribute::ByVal);
		a.removeAttr(Attribute::Alignment);
	}
	for (BasicBlock &block : f)
		for (Instruction &i : block)
			if (auto *call = dyn_cast<CallBase>(&i))
				calls.push_back(call);
	for (CallBase *call : calls)
		lower_byval(call);
}

/* --- the module ----------------------------------------------------------------------------------------------------- */

/*
 * What the optimiser may think of the pass's own functions. A span is the same as long as no call came between, which
 * may have moved the packet; a call of the shim is one that may do anything.
 */
static void describe_intrinsics(Module &m)
{
	for (Function &f : m) {
		StringRef name = plain_name(&f);

		if (!f.isDeclaration() || !is_intrinsic(&f))
			continue;
		if (name == "__ashlar_fault")
			continue;
		f.setDoesNotThrow();
		f.setWillReturn();
		f.setMemoryEffects(name == "__ext_state" ? MemoryEffects::none() :
							   MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref));
		for (User *u : f.users())
			cast<CallBase>(u)->setMemoryEffects(f.getMemoryEffects());
	}
}

static void internalize(Module &m)
{
	SmallVector<GlobalValue *, 16> keep;

	for (StringRef name : {"llvm.used", "llvm.compiler.used"})
		if (GlobalVariable *g = m.getGlobalVariable(name))
			g->eraseFromParent();
	for (Function &f : m)
		if (!f.isDeclaration()) {
			f.setLinkage(GlobalValue::InternalLinkage);
			f.setVisibility(GlobalValue::DefaultVisibility);
			f.setComdat(nullptr);
			if (!is_trusted(&f))
				f.removeFnAttr("ashlar-trusted");
		}
	for (GlobalVariable &g : m.globals())
		if (!g.isDeclaration()) {
			g.setLinkage(GlobalValue::InternalLinkage);
			g.setComdat(nullptr);
			if (!is_descriptor(&g))
				continue;
			keep.push_back(&g);
			/* ASan would make it larger. */
			GlobalValue::SanitizerMetadata as_it_is = {};
			as_it_is.NoAddress = true;
			g.setSanitizerMetadata(as_it_is);
		}
	appendToCompilerUsed(m, keep);
}

void prepare(Module &m)
{
	for (Function &f : m)
		if (!f.isDeclaration())
			lower_memory(f);
	refuse_source(m);
	refuse_end();
	for (Function &f : m)
		if (!f.isDeclaration() && !is_trusted(&f)) {
			lower_byval(f);
			if (options.plain)
				continue;
			guard_unreachable(f);
			guard_arithmetic(f);
		}
	describe_intrinsics(m);
	internalize(m);
}

} // namespace ashlar
