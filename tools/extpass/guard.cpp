// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where control goes: an indirect call becomes comparisons with the functions that it can mean, those of the same type
 * whose address the extension takes, and direct calls of them. What cannot be reached is a failure.
 */
#include "extpass.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

namespace ashlar {

static void lower_icall(Ext &e, CallInst *call, ArrayRef<Function *> targets)
{
	Function &f = *call->getFunction();
	BasicBlock *head = call->getParent(), *tail = SplitBlock(head, call), *at = head;
	PHINode *result = nullptr;
	IRBuilder<> b(head->getTerminator());

	if (!call->getType()->isVoidTy()) {
		result = PHINode::Create(call->getType(), targets.size(), "", tail->begin());
		result->setDebugLoc(call->getDebugLoc());
	}
	head->getTerminator()->eraseFromParent();
	for (Function *to : targets) {
		BasicBlock *hit = BasicBlock::Create(e.c, "", &f, tail), *next = BasicBlock::Create(e.c, "", &f, tail);
		SmallVector<Value *, 8> args(call->args());

		b.SetInsertPoint(at);
		b.SetCurrentDebugLocation(call->getDebugLoc());
		b.CreateCondBr(b.CreateICmpEQ(call->getCalledOperand(), to), hit, next);
		b.SetInsertPoint(hit);
		CallInst *now = b.CreateCall(to, args);
		now->setAttributes(call->getAttributes());
		now->setCallingConv(to->getCallingConv());
		b.CreateBr(tail);
		if (result)
			result->addIncoming(now, hit);
		at = next;
	}
	b.SetInsertPoint(at);
	b.SetCurrentDebugLocation(call->getDebugLoc());
	e.call_fail(b, f, b.CreatePtrToInt(call->getCalledOperand(), e.i64), b.getInt32(ASHLAR_EXT_FAULT_ICALL), 0);
	b.CreateUnreachable();
	if (result)
		call->replaceAllUsesWith(result);
	call->eraseFromParent();
	e.stats.icalls++;
}

void Ext::add_icalls()
{
	std::vector<Function *> all = taken();
	SmallVector<CallInst *, 16> calls;

	for (Function *f : functions)
		for (Instruction &i : instructions(*f))
			if (auto *call = dyn_cast<CallInst>(&i); call && !call->getCalledFunction())
				calls.push_back(call);
	for (CallInst *call : calls) {
		SmallVector<Function *, 8> targets;

		for (Function *f : all)
			if (f->getFunctionType() == call->getFunctionType() &&
			    f->getCallingConv() == call->getCallingConv())
				targets.push_back(f);
		lower_icall(*this, call, targets);
	}
}

void Ext::add_unreachable()
{
	for (Function *f : functions)
		for (BasicBlock &block : *f) {
			auto *end = dyn_cast<UnreachableInst>(block.getTerminator());
			auto *call = end ? dyn_cast_or_null<CallInst>(end->getPrevNonDebugInstruction()) : nullptr;

			if (!end || (call && call->doesNotReturn() &&
				     (call->getCalledOperand() == fail.getCallee() || is_intrinsic(call->getCalledFunction()))))
				continue;
			IRBuilder<> b(end);
			call_fail(b, *f, b.getInt64(0), b.getInt32(ASHLAR_EXT_FAULT_UNREACHABLE), 0);
		}
}

} // namespace ashlar
