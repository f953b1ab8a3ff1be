// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is sure of a pointer that comes from more than one place: by a branch, or as a parameter from each caller of a
 * function that only the extension itself calls. So many bytes from it on are memory of the extension's, whichever it
 * was; whether there are more is asked of the shadow.
 */
#include "check.h"

#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"

namespace ashlar {

/* Rounds after which what still changes is taken for unknown: recursion that moves its pointer on. */
#define ROUNDS_MAX	8
/* struct ext_pkt_info of ext.h */
#define PKT_INFO_SIZE	36

/* --- null -------------------------------------------------------------------------------------------------------------- */

/* Whether cond being truth means that v is not null. */
static bool implies(Value *cond, bool truth, const Value *v, unsigned depth = 4)
{
	Value *x, *y;

	if (!depth)
		return false;
	if (auto *cmp = dyn_cast<ICmpInst>(cond))
		return cmp->getOperand(0) == v && isa<ConstantPointerNull>(cmp->getOperand(1)) &&
		       cmp->getPredicate() == (truth ? CmpInst::ICMP_NE : CmpInst::ICMP_EQ);
	auto *i = dyn_cast<Instruction>(cond);
	if (!i)
		return false;
	if (auto *s = dyn_cast<SelectInst>(i)) {
		/* a && b, a || b */
		x = s->getCondition();
		y = truth ? s->getTrueValue() : s->getFalseValue();
		Value *other = truth ? s->getFalseValue() : s->getTrueValue();
		auto *n = dyn_cast<ConstantInt>(other);

		return n && n->isOne() != truth &&
		       (implies(x, truth, v, depth - 1) || implies(y, truth, v, depth - 1));
	}
	if (i->getOpcode() == (truth ? Instruction::And : Instruction::Or) && i->getType()->isIntegerTy(1))
		return implies(i->getOperand(0), truth, v, depth - 1) || implies(i->getOperand(1), truth, v, depth - 1);
	if (i->getOpcode() == Instruction::Xor && isa<ConstantInt>(i->getOperand(1)) && i->getType()->isIntegerTy(1))
		return implies(i->getOperand(0), !truth, v, depth - 1);
	return false;
}

/* Whether the code itself has looked. */
bool Checker::not_null(Value *v, const Instruction *at)
{
	for (DomTreeNode *node = dt.getNode(at->getParent()); node; node = node->getIDom()) {
		auto *branch = dyn_cast<BranchInst>(node->getBlock()->getTerminator());

		if (!branch || !branch->isConditional() || branch->getSuccessor(0) == branch->getSuccessor(1))
			continue;
		for (unsigned k = 0; k < 2; k++)
			if (implies(branch->getCondition(), k == 0, v) &&
			    dt.dominates(BasicBlockEdge(node->getBlock(), branch->getSuccessor(k)), at->getParent()))
				return true;
	}
	return tested(v, at);
}

/* Whether a test was planned already. */
bool Checker::tested(Value *v, const Instruction *at)
{
	return any_of(checks, [&](const Check &c) {
		return c.kind == Check::NULL_TEST && c.origin == v && (c.at == at || dt.dominates(c.at, at));
	});
}

/* The same where the branch that ends a block goes to another. */
bool Checker::not_null_on(Value *v, const BasicBlock *from, const BasicBlock *to)
{
	auto *branch = dyn_cast<BranchInst>(from->getTerminator());

	if (branch && branch->isConditional() && branch->getSuccessor(0) != branch->getSuccessor(1))
		for (unsigned k = 0; k < 2; k++)
			if (branch->getSuccessor(k) == to && implies(branch->getCondition(), k == 0, v))
				return true;
	return not_null(v, from->getTerminator());
}

/* --- life -------------------------------------------------------------------------------------------------------------- */

/* Whether a local is in its scope: since it began last, at comes before its end. */
bool Checker::in_scope(const AllocaInst *a, const Instruction *at)
{
	SmallVector<const IntrinsicInst *, 4> starts, ends;

	for (const User *u : a->users())
		if (auto *i = dyn_cast<IntrinsicInst>(u); i && i->isLifetimeStartOrEnd())
			(i->getIntrinsicID() == Intrinsic::lifetime_start ? starts : ends).push_back(i);
	if (ends.empty())
		return true;
	return any_of(starts, [&](const IntrinsicInst *start) {
		return dt.dominates(start, at) && none_of(ends, [&](const IntrinsicInst *end) {
			return comes_between(start, end, at);
		});
	});
}

/* Whether a way from what leads to at without passing start, which dominates at. */
bool Checker::comes_between(const Instruction *start, const Instruction *what, const Instruction *at)
{
	const BasicBlock *home = start->getParent();
	SmallVector<const BasicBlock *, 16> work;
	DenseSet<const BasicBlock *> seen;

	if (what->getParent() == home && what->comesBefore(start))
		return false;
	if (what->getParent() == at->getParent() && what->comesBefore(at))
		return true;
	append_range(work, successors(what->getParent()));
	while (!work.empty()) {
		const BasicBlock *b = work.pop_back_val();

		if (b == home || !seen.insert(b).second)
			continue;
		if (b == at->getParent())
			return true;
		append_range(work, successors(b));
	}
	return false;
}

/* Whether nothing has ended what origin is, from where it came into being to at. */
bool Checker::lives(Value *origin, const Root &r, const Instruction *at)
{
	return !r.kills || !kills.between(dyn_cast<Instruction>(origin), at, r.kills);
}

/* --- one of several ---------------------------------------------------------------------------------------------------- */

/* Makes of r what is sure of x at an instruction, too; good: x's root is not null there. */
bool Checker::join(Root &r, Value *x, const Instruction *at, function_ref<bool(Value *)> good)
{
	auto *known = dyn_cast<SCEVUnknown>(se.getPointerBase(se.getSCEV(x)));

	if (isa<ConstantPointerNull>(x)) {
		r.nullable = true;
		return true;
	}
	if (!known)
		return false;
	Value *origin = known->getValue();
	auto *local = dyn_cast<AllocaInst>(origin);
	Root from = root_of(origin);
	const SCEV *off = se.removePointerBase(se.getSCEV(x));

	if (from.kind == Root::UNKNOWN || from.len || !lives(origin, from, at) || (local && !in_scope(local, at)))
		return false;
	APInt most = se.getUnsignedRangeMax(off);
	if (most.ugt(from.size))
		return false;
	if (from.nullable && !good(origin)) {
		if (!off->isZero())
			return false;
		r.nullable = true;
	}
	r.size = std::min(r.size, from.size - most.getZExtValue());
	r.lent |= from.lent || from.kind == Root::CONSTANT || from.kind == Root::SPAN;
	r.kills |= from.kills | (local ? CALL_SCOPE : 0);
	return true;
}

Root Checker::join_phi(PHINode *phi)
{
	Root r = Root::sure(Root::MERGED);

	for (unsigned k = 0; k < phi->getNumIncomingValues(); k++) {
		const BasicBlock *from = phi->getIncomingBlock(k);

		if (!join(r, phi->getIncomingValue(k), from->getTerminator(),
			  [&](Value *v) { return not_null_on(v, from, phi->getParent()); }))
			return Root();
	}
	return r;
}

Root Checker::join_select(SelectInst *s)
{
	Root r = Root::sure(Root::MERGED);

	for (bool truth : {true, false})
		if (!join(r, truth ? s->getTrueValue() : s->getFalseValue(), s,
			  [&](Value *v) { return implies(s->getCondition(), truth, v) || not_null(v, s); }))
			return Root();
	return r;
}

Root Checker::root_of(Value *v)
{
	auto [it, fresh] = roots.try_emplace(v);
	Root r;

	/* Of a pointer that goes round, nothing is sure. */
	if (!fresh)
		return it->second;
	if (auto *phi = dyn_cast<PHINode>(v))
		r = join_phi(phi);
	else if (auto *s = dyn_cast<SelectInst>(v))
		r = join_select(s);
	else if (auto *arg = dyn_cast<Argument>(v))
		r = e.params.lookup(arg);
	else
		r = e.root_of(v);
	/* Null wherever it comes from. */
	if (r.size == UINT64_MAX && r.kind == Root::MERGED)
		r = Root();
	return roots[v] = r;
}

/* --- parameters -------------------------------------------------------------------------------------------------------- */

/* Adds what this function hands to others. */
void Checker::join_arguments(Params &all)
{
	roots.clear();
	for (BasicBlock &block : f)
		for (Instruction &i : block) {
			auto *call = dyn_cast<CallInst>(&i);
			Function *to = call ? call->getCalledFunction() : nullptr;

			for (unsigned k = 0; to && k < to->arg_size(); k++) {
				auto it = all.find(to->getArg(k));

				if (it == all.end() || it->second.kind == Root::UNKNOWN)
					continue;
				if (!join(it->second, call->getArgOperand(k), call, [&](Value *v) { return not_null(v, call); }))
					it->second = Root();
				/* What is the caller's own lasts as long as the call. */
				it->second.kills &= ~CALL_SCOPE;
			}
		}
}

/* --- calls of the shim ------------------------------------------------------------------------------------------------- */

/* Whether a call's buffer is all the extension's. */
bool Checker::sure_buffer(CallInst *call, unsigned arg, uint64_t size, bool write)
{
	Root r = Root::sure(Root::MERGED);

	return join(r, call->getArgOperand(arg), call, [&](Value *v) { return not_null(v, call); }) && !r.nullable &&
	       r.size >= size && !(write && r.lent);
}

/* Whether a call has nothing to object to, so that nobody needs to ask. What it does say is heard at the end. */
bool Checker::keeps_contract(CallInst *call)
{
	StringRef name = call->getCalledFunction()->getName();
	auto *map = call->arg_size() > 1 ? dyn_cast<GlobalVariable>(call->getArgOperand(1)) : nullptr;
	bool counter;

	if (!name.consume_front("ashlar_ext_"))
		return false;
	if (name == "pkt_info") {
		/* The packet that the hook was called for is that all the time. */
		auto *handle = dyn_cast<Argument>(call->getArgOperand(1));

		return handle && handle->getArgNo() == 1 && e.entry_kind(&f) == ASHLAR_EXT_ENTRY_HOOK && !e.is_called(&f) &&
		       sure_buffer(call, 2, PKT_INFO_SIZE, true);
	}
	if (!map || !is_descriptor(map) || map->getSection() != ".ashlar.maps")
		return false;
	counter = number(map, 1) == ASHLAR_EXT_MAP_COUNTER;
	if (name == "map_add")
		return counter;
	return (name == "map_lookup" || name == "map_insert" || name == "map_delete") && !counter &&
	       sure_buffer(call, 2, number(map, 2), false);
}

static bool only_called(const Function &f)
{
	return all_of(f.uses(), [&](const Use &u) {
		auto *call = dyn_cast<CallInst>(u.getUser());

		return call && call->isCallee(&u) && call->getCalledFunction() == &f;
	});
}

/* The most that holds for each call if it holds for the caller's own parameters. */
void find_params(Ext &e, ArrayRef<std::unique_ptr<Checker>> checkers)
{
	Params whole;
	bool more = true;

	for (Function *f : e.functions)
		if (only_called(*f))
			for (Argument &arg : drop_begin(f->args()))
				if (arg.getType()->isPointerTy())
					whole[&arg] = Root::sure(Root::PARAM);
	e.params = whole;
	for (unsigned round = 0; more; round++) {
		Params next = whole;

		for (const auto &c : checkers)
			c->join_arguments(next);
		more = false;
		for (auto &[arg, r] : e.params) {
			if (r.kind == Root::UNKNOWN || r == next[arg])
				continue;
			r = round < ROUNDS_MAX ? next[arg] : Root();
			more = true;
		}
	}
	for (auto &[arg, r] : e.params)
		if (r.size == UINT64_MAX)
			r = Root();
	for (const auto &c : checkers)
		c->forget();
}

} // namespace ashlar
