// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a pointer comes from, how large that is and until when it is good; and which locals and constants are reached in
 * no other way than by their name, so that they need neither shadow nor a place in the arena.
 */
#include "extpass.h"

#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"

namespace ashlar {

uint64_t number(const GlobalVariable *g, unsigned field)
{
	auto *n = dyn_cast<ConstantInt>(g->getInitializer()->getAggregateElement(field));

	return n ? n->getZExtValue() : 0;
}

static Root root_of_state(const Module &m)
{
	Root r;

	r.kind = Root::STATE;
	for (const GlobalVariable &g : m.globals())
		if (is_descriptor(&g) && g.getSection() == ".ashlar.about")
			r.size = number(&g, 3);
	return r;
}

static void set_size(Root &r, Value *size)
{
	if (auto *n = dyn_cast<ConstantInt>(size))
		r.size = n->getZExtValue();
	else
		r.len = size;
}

static Root root_of_value(const CallInst *call)
{
	auto *map = dyn_cast<GlobalVariable>(call->getArgOperand(1));
	Root r;

	/* Per-CPU counters have no value that one could point to. */
	if (!map || !is_descriptor(map) || map->getSection() != ".ashlar.maps" || number(map, 1) == ASHLAR_EXT_MAP_COUNTER)
		return r;
	r.kind = Root::VALUE;
	r.size = number(map, 3);
	r.nullable = true;
	return r;
}

static Root root_of_call(const CallInst *call)
{
	const Function *f = call->getCalledFunction();
	Root r;

	if (!f || !f->isDeclaration())
		return r;
	StringRef name = plain_name(f);
	if (name == "__ext_state")
		return root_of_state(*f->getParent());
	if (name == "__ext_span" || name == "__ext_span_w") {
		r.kind = name == "__ext_span" ? Root::SPAN : Root::SPAN_W;
		r.nullable = true;
		r.kills = ASHLAR_EXT_CALL_MOVES;
		set_size(r, call->getArgOperand(2));
		return r;
	}
	const Call *known = shim_call(name);
	if (known && known->flags & ASHLAR_EXT_CALL_VALUE)
		return root_of_value(call);
	if (known && known->flags & ASHLAR_EXT_CALL_SIZED) {
		r.kind = Root::SIZED;
		r.nullable = true;
		r.kills = ASHLAR_EXT_CALL_FREES;
		set_size(r, call->getArgOperand(1));
	}
	return r;
}

Root Ext::root_of(Value *v) const
{
	Root r;

	if (auto *a = dyn_cast<AllocaInst>(v)) {
		r.kind = Root::LOCAL;
		r.size = dl.getTypeAllocSize(a->getAllocatedType()) * cast<ConstantInt>(a->getArraySize())->getZExtValue();
	} else if (auto *g = dyn_cast<GlobalVariable>(v)) {
		r.kind = Root::CONSTANT;
		r.size = dl.getTypeAllocSize(g->getValueType());
	} else if (auto *call = dyn_cast<CallInst>(v)) {
		r = root_of_call(call);
	}
	return r;
}

/* --- escape -------------------------------------------------------------------------------------------------------------- */

/* Whether v, which is root or was made of it, may become a pointer of which it is not seen that it comes from root. */
static bool escapes(Value *v, Value *root, ScalarEvolution &se, DenseSet<Value *> &seen)
{
	for (Use &u : v->uses()) {
		auto *i = dyn_cast<Instruction>(u.getUser());

		if (!i)
			return true;
		switch (i->getOpcode()) {
		case Instruction::Load:
		case Instruction::ICmp:
			break;
		case Instruction::Store:
			if (u.getOperandNo() != StoreInst::getPointerOperandIndex())
				return true;
			break;
		case Instruction::AtomicRMW:
			if (u.getOperandNo() != AtomicRMWInst::getPointerOperandIndex())
				return true;
			break;
		case Instruction::AtomicCmpXchg:
			if (u.getOperandNo() != AtomicCmpXchgInst::getPointerOperandIndex())
				return true;
			break;
		case Instruction::PHI:
		case Instruction::Select:
		case Instruction::GetElementPtr: {
			auto *known = dyn_cast<SCEVUnknown>(se.getPointerBase(se.getSCEV(i)));

			if (!known || known->getValue() != root)
				return true;
			if (seen.insert(i).second && escapes(i, root, se, seen))
				return true;
			break;
		}
		case Instruction::Call: {
			auto *g = dyn_cast<GlobalVariable>(root);

			if (isa<MemIntrinsic>(i) || i->isLifetimeStartOrEnd())
				break;
			if (is_trusted(cast<CallInst>(i)->getCalledFunction()))
				break;
			if (!g || !is_descriptor(g))
				return true;
			break;
		}
		default:
			return true;
		}
	}
	return false;
}

static bool constant_escapes(Ext &e, GlobalVariable &g)
{
	for (Use &u : g.uses()) {
		auto *i = dyn_cast<Instruction>(u.getUser());

		if (!i)
			return true;
	}
	for (Function *f : e.functions) {
		DenseSet<Value *> seen;

		if (none_of(g.users(), [f](User *u) { return cast<Instruction>(u)->getFunction() == f; }))
			continue;
		if (escapes(&g, &g, e.fam.getResult<ScalarEvolutionAnalysis>(*f), seen))
			return true;
	}
	return false;
}

/* Whether a constant holds the address of another that lies in the arena. */
static bool points_into(const Constant *init, const DenseSet<const Value *> &image)
{
	if (image.count(init))
		return true;
	if (isa<GlobalValue>(init))
		return false;
	return any_of(init->operands(), [&](const Use &u) { return points_into(cast<Constant>(u), image); });
}

void Ext::classify()
{
	bool more = true;

	for (GlobalVariable &g : m.globals()) {
		g.removeDeadConstantUsers();
		if (!is_descriptor(&g) && constant_escapes(*this, g))
			in_image.insert(&g);
	}
	while (more) {
		more = false;
		for (GlobalVariable &g : m.globals())
			if (!is_descriptor(&g) && !in_image.count(&g) && points_into(g.getInitializer(), in_image)) {
				in_image.insert(&g);
				more = true;
			}
	}
	for (Function *f : functions) {
		auto &se = fam.getResult<ScalarEvolutionAnalysis>(*f);

		for (Instruction &i : f->getEntryBlock())
			if (auto *a = dyn_cast<AllocaInst>(&i)) {
				DenseSet<Value *> seen;

				if (ashlar::escapes(a, a, se, seen))
					on_ustack.insert(a);
			}
	}
}

} // namespace ashlar
