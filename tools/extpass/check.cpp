// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which accesses need a check, and which checks can be one. An access whose root is known and alive is proven, or
 * compared with the root's size. The others ask the shadow, by a pointer's constant offsets together: what follows for
 * certain is asked for by the first.
 */
#include "check.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"

namespace ashlar {

Checker::Checker(Ext &e_, Function &f_)
	: e(e_), f(f_), se(e_.fam.getResult<ScalarEvolutionAnalysis>(f_)), dt(e_.fam.getResult<DominatorTreeAnalysis>(f_)),
	  pdt(e_.fam.getResult<PostDominatorTreeAnalysis>(f_)), loops(e_.fam.getResult<LoopAnalysis>(f_)), kills(e_, f_)
{
}

/* Dominating blocks first, so that what may cover is planned before what it covers. */
void Checker::plan()
{
	SmallVector<DomTreeNode *, 32> work = {dt.getRootNode()};

	while (!work.empty()) {
		DomTreeNode *node = work.pop_back_val();

		for (Instruction &i : *node->getBlock()) {
			SmallVector<Access, 2> all;

			accesses(i, all, e.dl);
			for (const Access &a : all)
				plan(a);
			auto *call = dyn_cast<CallInst>(&i);
			if (call && call->getCalledFunction() && keeps_contract(call))
				e.kept.insert(call);
		}
		append_range(work, node->children());
	}
}

void Checker::plan(const Access &a)
{
	auto *known = dyn_cast<SCEVUnknown>(se.getPointerBase(se.getSCEV(a.p)));
	Value *origin = known ? known->getValue() : nullptr;
	Root r;

	e.stats.accesses++;
	if (origin)
		r = root_of(origin);
	if (r.kind != Root::UNKNOWN && !lives(origin, r, a.at))
		r = Root();
	if (a.write && (r.kind == Root::CONSTANT || r.kind == Root::SPAN)) {
		checks.push_back({Check::READ_ONLY, a.at, a.p, 0, (int64_t)a.n, nullptr, true, origin, r, {}});
		return;
	}
	/* What is sure of a pointer is not all that it may reach. */
	if (!r.is_whole() && (a.len || (a.write && r.lent) || !in_bounds(a, origin, r)))
		r = Root();
	/* Of no bytes the pointer may be null. */
	if (r.kind == Root::UNKNOWN || (a.len && r.nullable && !not_null(origin, a.at)))
		need(a, nullptr, Root());
	else
		plan_known(a, origin, r);
}

/* --- known roots ------------------------------------------------------------------------------------------------------- */

bool Checker::in_bounds(const Access &a, Value *origin, const Root &r)
{
	const SCEV *off = se.removePointerBase(se.getSCEV(a.p));

	if (auto *c = dyn_cast<SCEVConstant>(off); c && !r.len) {
		const APInt &n = c->getAPInt();

		return n.isNonNegative() && n.ule(r.size) && a.n <= r.size - n.getZExtValue();
	}
	if (r.len || a.n > r.size)
		return false;
	const SCEV *last = se.getConstant(e.i64, r.size - a.n);
	return se.getUnsignedRangeMax(off).ule(r.size - a.n) || se.isKnownPredicateAt(CmpInst::ICMP_ULE, off, last, a.at);
}

void Checker::plan_known(const Access &a, Value *origin, const Root &r)
{
	if (r.nullable && !not_null(origin, a.at)) {
		checks.push_back({Check::NULL_TEST, a.at, origin, 0, (int64_t)a.n, nullptr, a.write, origin, r, {}});
		e.stats.null++;
	}
	if (a.len)
		plan_length(a, origin, r);
	else if (in_bounds(a, origin, r))
		e.stats.proven++;
	else
		need(a, origin, r);
}

/* As many bytes as a variable says. */
void Checker::plan_length(const Access &a, Value *origin, const Root &r)
{
	auto *c = dyn_cast<SCEVConstant>(se.removePointerBase(se.getSCEV(a.p)));

	if (c && !r.len && c->getAPInt().isNonNegative() && c->getAPInt().ule(r.size) &&
	    se.isKnownPredicateAt(CmpInst::ICMP_ULE, se.getSCEV(a.len),
				  se.getConstant(a.len->getType(), r.size - c->getAPInt().getZExtValue()), a.at)) {
		e.stats.proven++;
		return;
	}
	checks.push_back({Check::EXACT, a.at, a.p, 0, 0, a.len, a.write, origin, r, {}});
	e.stats.exact++;
}

/* --- checks ---------------------------------------------------------------------------------------------------------------- */

/* Whether then runs once whenever first has, faults aside. Behind a loop it runs for the last turn alone. */
bool Checker::follows(const Instruction *first, const Instruction *then)
{
	const BasicBlock *a = first->getParent(), *b = then->getParent();

	return a == b || (loops.getLoopFor(a) == loops.getLoopFor(b) && pdt.dominates(b, a));
}

/* Makes a check ask for more. */
bool Checker::extend(Check &c, const Access &a, int64_t lo, int64_t hi)
{
	int64_t low = std::min(lo, c.lo), high = std::max(hi, c.hi);

	if (!follows(c.at, a.at) || high - low > INLINE_MAX)
		return false;
	c.lo = low;
	c.hi = high;
	c.write |= a.write;
	c.members.push_back({lo, hi, a.write, a.align >= 8, a.at->getDebugLoc()});
	return true;
}

bool Checker::covered(const Access &a, const SCEV *place, int64_t off, Value *origin)
{
	for (unsigned k : by_place[place]) {
		Check &c = checks[k];
		int64_t lo = (uint64_t)off - (uint64_t)c.off, hi;

		if (lo < -INLINE_MAX || lo > INLINE_MAX)
			continue;
		hi = lo + (int64_t)a.n;

		if (c.origin != origin || !(c.at == a.at || dt.dominates(c.at, a.at)))
			continue;
		if (!origin && kills.between(c.at, a.at, ANY_KILL))
			continue;
		if (c.lo <= lo && hi <= c.hi && (c.write || !a.write)) {
			e.stats.covered++;
			return true;
		}
		if (extend(c, a, lo, hi)) {
			e.stats.merged++;
			return true;
		}
	}
	return false;
}

int64_t constant_part(const SCEV *s)
{
	if (auto *rec = dyn_cast<SCEVAddRecExpr>(s))
		return constant_part(rec->getStart());
	if (auto *add = dyn_cast<SCEVAddExpr>(s)) {
		if (auto *n = dyn_cast<SCEVConstant>(add->getOperand(0)))
			return n->getAPInt().getSExtValue();
		for (const SCEV *part : add->operands())
			if (auto *rec = dyn_cast<SCEVAddRecExpr>(part))
				return constant_part(rec);
	}
	return 0;
}

/*
 * Whether the code generator may make a call of it: a memcpy() of the kernel's, where a trap is the kernel's. So it must
 * not touch what is not mapped or read-only, which only the shim knows. Of what is longer than 8 moves, and those are
 * of 4, 2 and 1 bytes at the end unless they may overlap.
 */
static bool becomes_call(const Access &a)
{
	auto *call = dyn_cast<MemIntrinsic>(a.at);

	return call && a.n > (isa<MemMoveInst>(call) || call->isVolatile() ? 40 : 64);
}

void Checker::need(const Access &a, Value *origin, const Root &r)
{
	if (a.len || a.n > INLINE_MAX || (!origin && becomes_call(a))) {
		Value *len = a.len ? a.len : ConstantInt::get(e.i64, a.n);

		checks.push_back({origin ? Check::EXACT : Check::RANGE, a.at, a.p, 0, 0, len, a.write, origin, r, {}});
		e.stats.ranges++;
		return;
	}
	int64_t off = constant_part(se.getSCEV(a.p));
	const SCEV *place = se.getAddExpr(se.getSCEV(a.p), se.getConstant(e.i64, -(uint64_t)off));
	if (covered(a, place, off, origin) || (origin && hoist(a, place, origin, r)))
		return;
	(origin ? e.stats.exact : e.stats.shadow)++;
	by_place[place].push_back(checks.size());
	checks.push_back({origin ? Check::EXACT : Check::SHADOW, a.at, a.p, 0, (int64_t)a.n, nullptr, a.write, origin, r,
			  {{0, (int64_t)a.n, a.write, a.align >= 8, a.at->getDebugLoc()}}, off, place,
			  a.at->getParent()});
}

} // namespace ashlar
