// SPDX-License-Identifier: GPL-2.0-only
/*
 * --race: before each access to memory that another invocation may have, too, a call that looks whether one accesses it
 * just now. Which accesses these are is found before checks are made; the calls come behind the checks, so that what
 * they are told of is the extension's. Locals and constants are nobody else's business, and of the packet the shim sees
 * that it is none of the arena.
 */
#include "check.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"

namespace ashlar {

static bool is_private(const Value *p)
{
	const Value *from = getUnderlyingObject(p, 32);
	auto *call = dyn_cast<CallInst>(from);

	return isa<AllocaInst>(from) || isa<GlobalVariable>(from) ||
	       (call && call->getCalledFunction() && plain_name(call->getCalledFunction()).starts_with("__ext_span"));
}

void Race::plan()
{
	for (Instruction &i : instructions(f)) {
		SmallVector<Access, 2> all;

		accesses(i, all, e.dl);
		for (const Access &a : all)
			if (!is_private(a.p))
				shared.push_back(a);
	}
}

void Race::apply()
{
	for (const Access &a : shared) {
		IRBuilder<> b(a.at);
		uint32_t how = (a.write ? ASHLAR_EXT_RACE_WRITE : 0) | (a.at->isAtomic() ? ASHLAR_EXT_RACE_ATOMIC : 0);
		Value *len = a.len ? b.CreateZExt(a.len, e.i64) : b.getInt64(a.n);

		b.CreateCall(e.race, {e.ctx(f), b.CreatePtrToInt(a.p, e.i64), len, b.getInt32(how)});
	}
}

} // namespace ashlar
