// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which memory an instruction touches; and which calls end the life of memory.
 */
#include "check.h"

#include "llvm/IR/InstIterator.h"

namespace ashlar {

static void memory_call(CallInst *call, SmallVectorImpl<Access> &all)
{
	auto add = [&](Value *p, Value *len, bool write) {
		auto *n = dyn_cast<ConstantInt>(len);

		if (!n)
			all.push_back({call, p, 0, len, write});
		else if (!n->isZero())
			all.push_back({call, p, n->getZExtValue(), nullptr, write});
	};

	if (auto *move = dyn_cast<MemTransferInst>(call)) {
		add(move->getRawSource(), move->getLength(), false);
		add(move->getRawDest(), move->getLength(), true);
	} else if (auto *set = dyn_cast<MemIntrinsic>(call)) {
		add(set->getRawDest(), set->getLength(), true);
	} else if (is_trusted(call->getCalledFunction())) {
		add(call->getArgOperand(0), call->getArgOperand(2), false);
		add(call->getArgOperand(1), call->getArgOperand(2), false);
	}
}

void accesses(Instruction &i, SmallVectorImpl<Access> &all, const DataLayout &dl)
{
	auto size = [&](Type *type) { return dl.getTypeStoreSize(type).getFixedValue(); };

	if (auto *load = dyn_cast<LoadInst>(&i))
		all.push_back({&i, load->getPointerOperand(), size(load->getType()), nullptr, false,
			       load->getAlign().value()});
	else if (auto *store = dyn_cast<StoreInst>(&i))
		all.push_back({&i, store->getPointerOperand(), size(store->getValueOperand()->getType()), nullptr, true,
			       store->getAlign().value()});
	else if (auto *rmw = dyn_cast<AtomicRMWInst>(&i))
		all.push_back({&i, rmw->getPointerOperand(), size(rmw->getValOperand()->getType()), nullptr, true,
			       rmw->getAlign().value()});
	else if (auto *swap = dyn_cast<AtomicCmpXchgInst>(&i))
		all.push_back({&i, swap->getPointerOperand(), size(swap->getNewValOperand()->getType()), nullptr, true,
			       swap->getAlign().value()});
	else if (auto *call = dyn_cast<CallInst>(&i))
		memory_call(call, all);
	else if (i.mayReadOrWriteMemory() && !isa<FenceInst>(i))
		refuse("instruction " + Twine(i.getOpcodeName()), "the pass does not know it", &i);
}

/* --- kills --------------------------------------------------------------------------------------------------------------- */

Kills::Kills(const Ext &e, Function &f)
{
	for (Instruction &i : instructions(f)) {
		auto *call = dyn_cast<CallBase>(&i);
		unsigned flags = 0;

		if (!call)
			continue;
		if (i.isLifetimeStartOrEnd())
			flags = e.on_ustack.count(call->getArgOperand(1)->stripPointerCasts()) ? CALL_SCOPE : 0;
		else if (!isa<IntrinsicInst>(call))
			flags = e.call_flags(call);
		if (flags & ANY_KILL)
			kills.push_back({&i, flags});
	}
}

/* Blocks at whose beginning a kill may have come since from ran last. */
const DenseSet<const BasicBlock *> &Kills::dirty_blocks(const Instruction *from, unsigned flags)
{
	auto [it, fresh] = dirty.try_emplace({from, flags});
	DenseSet<const BasicBlock *> &set = it->second;
	SmallVector<const BasicBlock *, 16> work;

	if (!fresh)
		return set;
	for (const Kill &k : kills) {
		const BasicBlock *b = k.at->getParent();

		if (!(k.flags & flags) || (from && b == from->getParent() && k.at->comesBefore(from)))
			continue;
		append_range(work, successors(b));
	}
	while (!work.empty()) {
		const BasicBlock *b = work.pop_back_val();

		if (set.insert(b).second && !(from && b == from->getParent()))
			append_range(work, successors(b));
	}
	return set;
}

bool Kills::between(const Instruction *from, const Instruction *to, unsigned flags)
{
	const BasicBlock *b = to->getParent();

	for (const Kill &k : kills)
		if (k.flags & flags && k.at->getParent() == b && k.at->comesBefore(to) &&
		    (!from || from->getParent() != b || from->comesBefore(k.at)))
			return true;
	return !(from && from->getParent() == b) && dirty_blocks(from, flags).count(b);
}

} // namespace ashlar
