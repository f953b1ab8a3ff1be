// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuel: every edge that a depth-first walk finds to lead back takes of it, or all turns of the loop are paid for before
 * it begins, so that no cycle is without; and functions that call others of the extension, so that no tree of calls is
 * too large. memset() and its like take of it by the bytes they go over. A function that may be below itself on the
 * stack looks at the stack as well.
 */
#include "check.h"

#include "llvm/Analysis/CFG.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

#define FUEL_SHIFT	6
#define FUEL_BYTES	(1U << FUEL_SHIFT)
/* Turns of a loop that are charged at once. */
#define TURNS_MAX	65536

namespace ashlar {

Fuel::Fuel(Ext &e_, Function &f_) : e(e_), f(f_)
{
}

/* One for each 64 bytes; what is short is the turn's that it is in. */
void Fuel::plan_bulk(Instruction &i)
{
	SmallVector<Access, 2> all;

	if (!isa<CallInst>(i))
		return;
	accesses(i, all, e.dl);
	for (const Access &a : all)
		if (a.len || a.n > FUEL_BYTES * 4) {
			bulk.push_back({&i, a.len ? a.len : ConstantInt::get(e.i64, a.n)});
			return;
		}
}

static DebugLoc line_of(const BasicBlock *b)
{
	for (const Instruction &i : *b)
		if (i.getDebugLoc() && i.getDebugLoc().getLine())
			return i.getDebugLoc();
	return b->getTerminator()->getDebugLoc();
}

/*
 * Of a loop that ends in one place only, at a turn that is known before it begins, the turns are charged there: as many
 * as it makes. Not so many that whoever ends the invocation has to wait for them.
 */
bool Fuel::plan_turns(Loop *loop, ScalarEvolution &se)
{
	const SCEV *n = turns_of(loop, se, TURNS_MAX);
	Value *count = n ? expand_before(loop, se, n) : nullptr;

	if (!count)
		return false;
	Instruction *at = loop->getLoopPreheader()->getTerminator();
	DebugLoc where = loop->getLoopLatch()->getTerminator()->getDebugLoc();
	turns.push_back({at, count, where ? where : line_of(loop->getHeader())});
	e.stats.fuel_trips++;
	return true;
}

void Fuel::plan()
{
	SmallVector<std::pair<const BasicBlock *, const BasicBlock *>, 8> back;
	auto &loops = e.fam.getResult<LoopAnalysis>(f);
	auto &se = e.fam.getResult<ScalarEvolutionAnalysis>(f);

	FindFunctionBackedges(f, back);
	for (auto [from, to] : back) {
		Loop *loop = loops.getLoopFor(to);

		if (!loop || loop->getHeader() != to || loop->getLoopLatch() != from || !plan_turns(loop, se))
			edges.push_back({const_cast<Instruction *>(from->getTerminator()), const_cast<BasicBlock *>(to)});
	}
	for (Instruction &i : instructions(f)) {
		auto *call = dyn_cast<CallInst>(&i);

		plan_bulk(i);
		if (call && (!call->getCalledFunction() ||
			     (!call->getCalledFunction()->isDeclaration() && !is_trusted(call->getCalledFunction()))))
			calls = true;
	}
}

void Fuel::charge(Instruction *at, Value *n, DebugLoc where)
{
	IRBuilder<> b(at);
	Value *p, *left;

	b.SetCurrentDebugLocation(where);
	p = b.CreateConstGEP1_64(e.i8, e.ctx(f), ASHLAR_EXT_CTX_FUEL);
	left = b.CreateSub(b.CreateLoad(e.i64, p), n);
	b.CreateStore(left, p);
	Instruction *bad = cast<Instruction>(b.CreateICmpSLT(left, b.getInt64(0)));
	Instruction *end = SplitBlockAndInsertIfThen(bad, at->getIterator(), true, MDBuilder(e.c).createUnlikelyBranchWeights());
	b.SetInsertPoint(end);
	e.call_fail(b, f, b.getInt64(0), b.getInt32(ASHLAR_EXT_FAULT_FUEL), 0);
	e.stats.fuel++;
}

void Fuel::apply(bool recursive)
{
	Value *one = ConstantInt::get(e.i64, 1);

	for (auto [at, len] : bulk) {
		IRBuilder<> b(at);

		charge(at, b.CreateLShr(b.CreateZExt(len, e.i64), FUEL_SHIFT), at->getDebugLoc());
	}
	for (const Turns &t : turns) {
		IRBuilder<> b(t.at);

		charge(t.at, b.CreateZExtOrTrunc(t.n, e.i64), t.where);
	}
	for (const Edge &edge : edges) {
		BasicBlock *from = edge.end->getParent();
		DebugLoc where = edge.end->getDebugLoc() ? edge.end->getDebugLoc() : line_of(edge.to);
		Instruction *at = edge.end;

		if (edge.end->getNumSuccessors() != 1) {
			auto options = CriticalEdgeSplittingOptions().setMergeIdenticalEdges();
			BasicBlock *between = nullptr;

			for (unsigned k = 0; !between && k < edge.end->getNumSuccessors(); k++)
				if (edge.end->getSuccessor(k) == edge.to)
					between = SplitCriticalEdge(edge.end, k, options);
			if (!between)
				between = SplitEdge(from, edge.to);
			at = between->getTerminator();
		}
		charge(at, one, where);
	}

	Instruction *first = e.start(f);
	DebugLoc where;
	if (f.getSubprogram())
		where = DILocation::get(e.c, f.getSubprogram()->getLine(), 0, f.getSubprogram());
	if (recursive) {
		IRBuilder<> b(first);
		Value *name = MetadataAsValue::get(e.c, MDNode::get(e.c, {MDString::get(e.c, "rsp")}));
		Value *sp = b.CreateIntrinsic(Intrinsic::read_register, {e.i64}, {name});
		Value *low = b.CreateICmpULT(sp, e.field(b, ASHLAR_EXT_CTX_SP_LIMIT, e.i64));
		Instruction *end =
			SplitBlockAndInsertIfThen(low, first->getIterator(), true, MDBuilder(e.c).createUnlikelyBranchWeights());

		b.SetInsertPoint(end);
		b.SetCurrentDebugLocation(where);
		e.call_fail(b, f, sp, b.getInt32(ASHLAR_EXT_FAULT_STACK), 0);
	}
	if (recursive || (calls && !e.is_entry(&f)))
		charge(first, one, where);
}

} // namespace ashlar
