// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops whose turns are known before they begin. What is accessed in each turn at the next place of an object whose size
 * is known needs one comparison, before the first turn, if nothing else in the loop can fail: then that the last turn's
 * access is beyond the object means that the loop would have come to it.
 */
#include "check.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

/* Parts of what tells how many turns there are, or where they begin: else it costs more than it saves. */
#define PARTS_MAX	12
/* So that nothing overflows. */
#define TURNS_MAX	UINT32_MAX
#define STEP_MAX	65536

namespace ashlar {

/* No division but by a power of two; nothing that would have to be counted in a loop around. */
static bool is_cheap(const SCEV *s)
{
	unsigned parts = 0;

	return !SCEVExprContains(s, [&](const SCEV *part) {
		auto *div = dyn_cast<SCEVUDivExpr>(part);
		auto *by = div ? dyn_cast<SCEVConstant>(div->getRHS()) : nullptr;

		return ++parts > PARTS_MAX || isa<SCEVAddRecExpr>(part) || (div && !(by && by->getAPInt().isPowerOf2()));
	});
}

const SCEV *turns_of(Loop *loop, ScalarEvolution &se, uint64_t most)
{
	if (!loop->getLoopPreheader() || !loop->getLoopLatch() || !loop->getExitingBlock())
		return nullptr;
	const SCEV *n = se.getBackedgeTakenCount(loop);

	return isa<SCEVCouldNotCompute>(n) || se.getUnsignedRangeMax(n).ugt(most) ? nullptr : n;
}

Value *expand_before(Loop *loop, ScalarEvolution &se, const SCEV *s)
{
	Instruction *at = loop->getLoopPreheader()->getTerminator();
	SCEVExpander expander(se, at->getModule()->getDataLayout(), "turns");
	Value *v;

	if (!is_cheap(s) || !expander.isSafeToExpandAt(s, at))
		return nullptr;
	v = expander.expandCodeFor(s, s->getType(), at);
	for (Instruction *i : expander.getAllInsertedInstructions())
		i->dropPoisonGeneratingFlags();
	return v;
}

/* Whether an instruction of a loop can fail; its accesses of the place become members. */
bool Checker::may_fail(Instruction &i, const SCEV *place, int64_t from, std::vector<Member> &members)
{
	SmallVector<Access, 2> all;

	if (auto *call = dyn_cast<CallBase>(&i);
	    call && (!isa<IntrinsicInst>(call) || i.isLifetimeStartOrEnd() || isa<MemIntrinsic>(call)))
		return true;
	accesses(i, all, e.dl);
	for (const Access &a : all) {
		const SCEV *p = se.getSCEV(a.p);
		int64_t off = constant_part(p), lo = (uint64_t)off - (uint64_t)from;
		auto *known = dyn_cast<SCEVUnknown>(se.getPointerBase(p));

		if (se.getAddExpr(p, se.getConstant(e.i64, -(uint64_t)off)) == place) {
			if (lo < -INLINE_MAX || lo > INLINE_MAX || a.n > INLINE_MAX)
				return true;
			members.push_back({lo, lo + (int64_t)a.n, a.write, false, i.getDebugLoc()});
			continue;
		}
		Root r = known ? root_of(known->getValue()) : Root();
		if (r.kind == Root::UNKNOWN || r.nullable || r.kills || !in_bounds(a, known->getValue(), r) ||
		    (a.write && (r.lent || r.kind == Root::CONSTANT || r.kind == Root::SPAN)))
			return true;
	}
	return false;
}

/* Whether the place is accessed in each turn, the last included, and nothing else in the loop can fail. */
bool Checker::alone(Loop *loop, const SCEV *place, int64_t from, std::vector<Member> &members)
{
	SmallVector<BasicBlock *, 8> always, sometimes;

	/* In the order in which they run. */
	for (DomTreeNode *node = dt.getNode(loop->getExitingBlock()); loop->contains(node->getBlock()); node = node->getIDom())
		always.insert(always.begin(), node->getBlock());
	for (BasicBlock *block : loop->blocks())
		if (!is_contained(always, block))
			sometimes.push_back(block);
	for (BasicBlock *block : sometimes)
		for (Instruction &i : *block)
			if (may_fail(i, place, from, members) || !members.empty())
				return false;
	for (BasicBlock *block : always)
		for (Instruction &i : *block)
			if (may_fail(i, place, from, members))
				return false;
	return true;
}

/* One check for all turns: true if it was made, now or for another access of the place. */
bool Checker::hoist(const Access &a, const SCEV *place, Value *origin, const Root &r)
{
	Loop *loop = loops.getLoopFor(a.at->getParent());
	auto *rec = dyn_cast<SCEVAddRecExpr>(se.removePointerBase(se.getSCEV(a.p)));
	std::vector<Member> members;

	if (!loop || !rec || rec->getLoop() != loop || !rec->isAffine() || !loop->isInnermost())
		return false;
	if (hoisted.count({loop, place}))
		return true;
	auto *step = dyn_cast<SCEVConstant>(rec->getStepRecurrence(se));
	const SCEV *n = turns_of(loop, se, TURNS_MAX);
	if (!step || !step->getAPInt().isStrictlyPositive() || step->getAPInt().ugt(STEP_MAX) || !n ||
	    !loop->isLoopInvariant(origin) || (r.len && !loop->isLoopInvariant(r.len)))
		return false;
	if ((r.nullable && !not_null(origin, loop->getLoopPreheader()->getTerminator())) ||
	    !alone(loop, place, constant_part(se.getSCEV(a.p)), members))
		return false;
	if ((r.kind == Root::CONSTANT || r.kind == Root::SPAN) && any_of(members, [](const Member &m) { return m.write; }))
		return false;
	Value *start = expand_before(loop, se, rec->getStart());
	Value *turns = start ? expand_before(loop, se, n) : nullptr;
	if (!turns)
		return false;
	Check c = {Check::TURNS, loop->getLoopPreheader()->getTerminator(), a.p, 0, 0, nullptr, a.write, origin, r, members};
	c.start = start;
	c.turns = turns;
	c.step = step->getAPInt().getZExtValue();
	checks.push_back(c);
	hoisted.insert({loop, place});
	e.stats.hoisted++;
	return true;
}

/* first: where the lowest member is in the first turn; size - first must be enough for all turns. */
void Checker::apply_turns(Check &c)
{
	MDNode *rare = MDBuilder(e.c).createUnlikelyBranchWeights();
	IRBuilder<> b(c.at);
	Value *size = c.root.len ? b.CreateZExt(c.root.len, e.i64) : b.getInt64(c.root.size);
	int64_t lo = INT64_MAX, hi = INT64_MIN;

	for (const Member &m : c.members) {
		lo = std::min(lo, m.lo);
		hi = std::max(hi, m.hi);
	}
	b.SetCurrentDebugLocation(c.members[0].where);
	Value *first = b.CreateAdd(c.start, b.getInt64(lo)), *width = b.getInt64(hi - lo);
	Value *n = b.CreateMul(b.CreateZExtOrTrunc(c.turns, e.i64), b.getInt64(c.step));
	Value *room = b.CreateSub(size, first);
	Value *bad = b.CreateOr(b.CreateICmpUGT(first, size), b.CreateICmpUGT(b.CreateAdd(n, width), room));
	Instruction *end = SplitBlockAndInsertIfThen(bad, c.at->getIterator(), true, rare);
	BasicBlock *fail = end->getParent();

	end->eraseFromParent();
	b.SetInsertPoint(fail);
	b.SetCurrentDebugLocation(c.members[0].where);
	/* In which turn: the first, or behind the last for which there is room. */
	Value *none = b.CreateOr(b.CreateICmpUGT(first, size), b.CreateICmpULT(room, width));
	Value *good = b.CreateAdd(b.CreateUDiv(b.CreateSub(room, width), b.getInt64(c.step)), b.getInt64(1));
	Value *turn = b.CreateSelect(none, b.getInt64(0), good);
	Value *off = b.CreateAdd(c.start, b.CreateMul(turn, b.getInt64(c.step)));
	fail_exact(c, fail, off, size);
}

} // namespace ashlar
